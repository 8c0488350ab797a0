"""A working folder from which forms were sent out, and its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from test_personal_forms import code, listed
from workingfolder import Bureau

from xlpolicy.law import catalog
from xlpolicy.mail.outgoing import Outgoing, write_forms
from xlpolicy.survey import office
from xlpolicy.survey.settings_book import write_settings

UNIT = "样例市工业和信息化局"


def set_up(bureau: Bureau, **said: Any) -> None:
    """设置.xlsx with 邮件和公文 filled in by a clerk."""
    path = write_settings(catalog.default().documents.values(), bureau.folder.settings, force=True)
    book = load_workbook(path)
    sheet = book[office.SHEET]
    values = {"发文机关": UNIT, "联系人": "林某", "联系电话": "0591-00000000", **said}
    for row in sheet.iter_rows(min_row=2, max_col=2):
        row[1].value = values.pop(str(row[0].value), None)
    assert not values
    book.save(path)


def issued_forms(folder: Path, count: int, *, due: str = "2026-07-31", **said: Any) -> tuple[Bureau, Outgoing]:
    """A working folder in which a batch of forms was written for enterprises 1 … count."""
    bureau = Bureau(folder / "2026技改")
    if said:
        set_up(bureau, **said)
    rows = [(n, f"示例企业{n:02d}", code(n), f"{n}@example.com", None, None, None) for n in range(1, count + 1)]
    path = listed(folder / "名单.xlsx", *rows)
    found = catalog.default().find("福州", "技改设备补助", None, "fuzhou-2026-5")
    return bureau, write_forms([found], path, year="2026", due=due, folder=bureau.folder)
