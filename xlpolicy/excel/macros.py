"""The door that installed workbooks call by RunPython: `import xlpolicy.excel.macros`. It stays here."""

from xlpolicy.excel.workbook.buttons import fill_forms, make_ledger, self_test
from xlpolicy.excel.workbook.desk import desk_fill, desk_plan, desk_review, desk_settle, desk_status

__all__ = [
    "desk_fill", "desk_plan", "desk_review", "desk_settle", "desk_status", "fill_forms", "make_ledger", "self_test",
]  # fmt: skip
