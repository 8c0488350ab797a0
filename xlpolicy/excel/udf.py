"""The door that installed workbooks call: XLPy.CallUDF "xlpolicy.excel.udf", FUNCTION, arguments. It stays here."""

from xlpolicy.excel.functions.udf_adapter import *  # noqa: F403
