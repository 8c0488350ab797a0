"""Filled-in forms to return: one honest enterprise, whose form each test spoils in its own way.

They are of version 2, many of which are out; what version 3 added has its own tests (`test_version3`).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from stdnum.cn import uscc

from xlpolicy.forms.design import build, write_form
from xlpolicy.forms.intake import Returned, read_returned
from xlpolicy.forms.layout import EARLIER, FORM_SHEET, Layout, layout
from xlpolicy.law import catalog
from xlpolicy.sheets.fonts import FONTS

HONEST: dict[str, Any] = {
    "ent_name": "福州示例机械有限公司",
    "ent_uscc": "91350100M000100Y43",
    "ent_county": "鼓楼区",
    "ent_legal_person": "林某",
    "ent_contact": "陈某",
    "ent_phone": "13800000000",
    "ent_account_name": "福州示例机械有限公司",
    "ent_account": "35001234567890123456",
    "ent_bank": "中国某某银行福州鼓楼支行",
    "prj_name": "智能产线技改",
    "in_investment": 800,
}


@cache
def plan(rule: str = "tech_upgrade", unit: str = "万元", policy: str = "fuzhou-2026-5") -> Layout:
    document = catalog.default().document(policy)
    return layout(document, document.rules[rule], unit, EARLIER[-1])


def filled(
    path: Path, *, rule: str = "tech_upgrade", unit: str = "万元", policy: str = "fuzhou-2026-5", **cells: Any
) -> Path:
    """A form as an honest enterprise fills it in; `cells` by field key replace or (None) empty a field."""
    sent = plan(rule, unit, policy)
    return write_form(
        sent.document, sent.rule, path, unit=unit, prefill=honest(sent, cells), force=True, version=sent.version
    )


def honest(sent: Layout, cells: Mapping[str, Any]) -> dict[str, Any]:
    """An enterprise of the document's own city."""
    region = sent.document.region.ljust(6, "0")
    own = {"ent_uscc": HONEST["ent_uscc"]}
    if region not in ("000000", own["ent_uscc"][2:8]):
        body = f"91{region}M000100Y4"
        own = {"ent_uscc": body + uscc.calc_check_digit(body), "ent_county": "某县"}
    return {k: v for k, v in {**HONEST, **own, **cells}.items() if v is not None and k in sent.by_key}


def edited(path: Path, change: Callable[[Workbook, Worksheet], None], **cells: Any) -> Path:
    """An honest form after somebody changed the workbook."""
    which = {key: cells.pop(key) for key in ("rule", "unit", "policy") if key in cells}
    sent = plan(**which)
    book, _ = build(sent, FONTS, honest(sent, cells))  # as `filled` writes it, without the way through a file
    change(book, book[FORM_SHEET])
    book.save(path)
    return path


def read(path: Path) -> list[Returned]:
    return read_returned(path, catalog.default())


def one(path: Path) -> Returned:
    (returned,) = read(path)
    return returned


def told(returned: Returned) -> list[tuple[str, str, str]]:
    """What was said about it: severity, code, cell."""
    return [(p.severity, p.code, p.cell) for p in returned.problems]


def at(key: str, **which: str) -> str:
    """Where a field stands on the form as sent."""
    return plan(**which).by_key[key].address


def repack(path: Path, changes: Mapping[str, Callable[[bytes], bytes] | bytes | None]) -> Path:
    """The zip with parts changed, added (bytes) or removed (None)."""
    out = BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = changes.get(name, b"" if name in changes else old.read(name))
            if name in changes and change is None:
                continue
            new.writestr(name, change(old.read(name)) if callable(change) else change or b"")
        for name, added in changes.items():
            if name not in old.namelist() and isinstance(added, bytes):
                new.writestr(name, added)
    path.write_bytes(out.getvalue())
    return path
