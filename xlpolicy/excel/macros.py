"""The door that installed workbooks call by RunPython: `import xlpolicy.excel.macros`. It stays here."""

from xlpolicy.excel.workbook.buttons import fill_forms, make_ledger, self_test

__all__ = ["fill_forms", "make_ledger", "self_test"]
