"""The door that installed workbooks call by RunPython: `import xlpolicy.excel.macros`. It stays here."""

from xlpolicy.excel.workbook.buttons import fill_forms, make_ledger, self_test
from xlpolicy.excel.workbook.desk import desk_fill, desk_plan, desk_review, desk_settle, desk_status
from xlpolicy.excel.workbook.matching import match_enterprise, match_facts

__all__ = [
    "desk_fill", "desk_plan", "desk_review", "desk_settle", "desk_status", "fill_forms", "make_ledger", "match_enterprise",
    "match_facts", "self_test",
]  # fmt: skip
