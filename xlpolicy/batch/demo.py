"""`xlpolicy demo`: a folder of plainly fictitious returned forms, in the states they do come back in, then `fill`.

Every enterprise is 示例企业NN; their codes bear a region code that does not exist (350199) and a right check
character, unless the case is a wrong one.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msoffcrypto.format.ooxml import OOXMLFile
from stdnum.cn import uscc

from xlpolicy.batch.fill import fill
from xlpolicy.batch.record import Summary
from xlpolicy.faults import PolicyError
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog as catalogs
from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.insert import PACKAGE_RELS, RELATIONS, XML_HEAD

DOCUMENT = "fuzhou-2026-5"
ON = dt.date(2026, 6, 30)
INBOX, OUT = "收件", "核定结果"
DEFAULT = "xlpolicy-demo"
TECH, DIGITAL, DEVICE, LOAN = "tech_upgrade", "digital_project", "cloud_device", "tech_loan_interest"
_COUNTIES = ("鼓楼区", "仓山区", "福清市", "长乐区", "闽侯县")
#: a form saved as .xls by LibreOffice (tests/ledger/make_demo_xls.py), as no part of the base install writes one
_XLS = Path(__file__).with_name("data") / "示例.xls"


class DemoError(PolicyError):
    """The demonstration cannot be written there."""

    code = "demo"


def code(number: int) -> str:
    """The code of 示例企业NN: region 350199 does not exist, the check character is right."""
    body = f"91350199MA{number:07d}"
    return body + str(uscc.calc_check_digit(body))


def enterprise(number: int) -> dict[str, Any]:
    """The enterprise and project blocks of 示例企业NN."""
    name = f"示例企业{number:02d}有限公司"
    return {
        "ent_name": name, "ent_uscc": code(number), "ent_county": _COUNTIES[number % len(_COUNTIES)],
        "ent_legal_person": "示例法人", "ent_contact": "示例联系人", "ent_phone": f"0591-000000{number:02d}",
        "ent_account_name": name, "ent_account": f"62000000000000000{number:02d}", "ent_bank": "示例银行示例支行",
        "prj_name": f"示例项目{number:02d}", "prj_start": dt.date(2026, 1, 5), "prj_end": dt.date(2026, 5, 29),
        "prj_content": "示例建设内容（虚构）",
    }  # fmt: skip


class _Writer:
    """Writes the forms of the demonstration into the inbox."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = inbox
        self.catalog = catalogs.default()
        self.document = self.catalog.document(DOCUMENT)

    def form(self, number: int, rule: str, inputs: Mapping[str, Any], name: str = "", **changes: Any) -> Path:
        """A filled form. `changes`: field keys whose value differs from the usual one; None leaves the field empty."""
        plan = layout(self.document, self.document.rules[rule])
        own = {f"prj_{name}": f"示例{number:02d}-1" for name in ("loan", "object") if f"prj_{name}" in plan.by_key}
        values = {**plainly(plan), **enterprise(number), **own, **{f"in_{k}": v for k, v in inputs.items()}, **changes}
        path = self.inbox / (name or f"示例企业{number:02d}.xlsx")
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_form(
            self.document, self.document.rules[rule], path, prefill={k: v for k, v in values.items() if v is not None}
        )

    def change(self, path: Path, edit: Callable[[bytes], bytes]) -> None:
        path.write_bytes(edit(path.read_bytes()))


def insert_row(package: bytes, row: int) -> bytes:
    """The first sheet with an empty row inserted before `row`, as a spreadsheet program does it: everything below
    moves down, merged cells, validations and defined names with it."""

    def moved(match: re.Match[str]) -> str:
        return f"{match[1]}{int(match[2]) + (int(match[2]) >= row)}"

    def refs(match: re.Match[str]) -> str:
        return re.sub(r"(\$?[A-Z]{1,2}\$?)(\d+)", moved, match[0])

    def part(name: str, data: bytes) -> bytes:
        if name == "xl/worksheets/sheet1.xml":
            text = re.sub(r'(<row r=")(\d+)', moved, data.decode())
            return re.sub(r' (?:r|ref|sqref)="[A-Z][^"]*"|<formula>[^<]*</formula>', refs, text).encode()
        if name == "xl/workbook.xml":
            return re.sub(r"<definedName [^>]*>'?申请表'?![^<]*", refs, data.decode()).encode()
        return data

    with zipfile.ZipFile(io.BytesIO(package)) as source:
        return zipped((name, part(name, source.read(name))) for name in source.namelist())


def encrypt(package: bytes, password: str) -> bytes:
    """The workbook with a password to open it."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(package)).encrypt(password, out)
    return out.getvalue()


_WORD = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE_RELS}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument"'
    ' Target="word/document.xml"/></Relationships>',
    "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    "<w:p><w:r><w:t>示例企业18有限公司关于申请补助的请示（虚构）</w:t></w:r></w:p></w:body></w:document>",
}


def _word() -> bytes:
    return zipped((name, (XML_HEAD + xml).encode()) for name, xml in _WORD.items())


def write_forms(inbox: Path) -> None:
    """The fictitious forms. The number of each says what it shows; see the comments."""
    w = _Writer(inbox)
    plan = layout(w.document, w.document.rules[TECH])
    w.form(1, TECH, {"investment": 800})  # an ordinary one
    w.form(2, TECH, {"investment": "800万元"}, name="第一批/示例企业02.xlsx")  # a number as text, with its unit
    w.form(3, TECH, {"investment": "１２００"}, name="第一批/示例企业03.xlsx")  # full-width digits
    w.form(4, TECH, {"investment": 449, "investment_with_vat": 499.99})  # just below the threshold
    w.form(5, TECH, {"investment": 500})  # exactly at the threshold
    w.form(6, TECH, {"investment": 20000})  # far above the cap
    w.form(7, DIGITAL, {"investment": 1000, "effect_confirmed": "是"})  # exactly at the cap
    w.form(8, DIGITAL, {"investment": 350.5, "effect_confirmed": "是"})
    w.form(9, DEVICE, {"count": 12})
    w.form(10, LOAN, {"loan_balance": 3000, "days": 180, "loan_rate": "3.2%"})
    w.form(11, TECH, {"investment": 900}, ent_uscc=None)  # no code
    wrong = code(12)[:-1] + ("0" if code(12)[-1] != "0" else "1")
    w.form(12, TECH, {"investment": 640}, ent_uscc=wrong)  # a code whose check character is wrong
    write_form(w.document, w.document.rules[TECH], inbox / "示例企业13（空白）.xlsx")
    path = w.form(14, TECH, {"investment": 700, "investment_with_vat": 791}, name="示例企业14（插入行）.xlsx")
    w.change(path, lambda data: insert_row(data, plan.by_key["in_investment"].row + 1))
    (inbox / "示例企业15（实为xls）.xlsx").write_bytes(_XLS.read_bytes())
    path = w.form(16, TECH, {"investment": 600}, name="示例企业16（加密）.xlsx")
    w.change(path, lambda data: encrypt(data, "示例"))
    path = w.form(17, TECH, {"investment": 600}, name="示例企业17（不完整）.xlsx")
    w.change(path, lambda data: data[: len(data) // 2])
    (inbox / "示例企业18（请示）.docx").write_bytes(_word())
    evil = '=HYPERLINK("http://example.invalid/","示例企业19")'
    w.form(19, TECH, {"investment": 1000}, ent_name=evil, ent_account_name=evil)  # a name that is a formula
    w.form(20, TECH, {"investment": "约300"})  # not a number
    again = (inbox / "示例企业01.xlsx").read_bytes()
    (inbox / "示例企业01（重发）.xlsx").write_bytes(again)
    parts = [w.form(21, DEVICE, {"count": 60}), w.form(22, TECH, {"investment": 1530.25})]  # above its cap; ordinary
    (inbox / "示例企业21和22.zip").write_bytes(zipped((part.name, part.read_bytes()) for part in parts))
    for part in parts:
        part.unlink()
    w.form(23, TECH, {"investment": 860})  # the same claim twice, with different values
    w.form(23, TECH, {"investment": 880}, name="示例企业23（更正）.xlsx")
    w.form(
        24, LOAN, {"loan_balance": 5000, "days": 365, "central_rate": "1.5%", "loan_rate": "3%", "key_project": "是"}
    )
    (inbox / "~$示例企业01.xlsx").write_bytes(b"\x06demo")  # what Excel leaves beside an open file


def new_folder(directory: str | Path | None = None) -> Path:
    """The folder of the demonstration: a new one by default, a given one only if it is empty or absent.

    Raises DemoError.
    """
    if directory is None:
        folder, number = Path(DEFAULT), 1
        while folder.exists():
            number += 1
            folder = Path(f"{DEFAULT}-{number}")
        return folder
    folder = Path(directory)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DemoError(f"“{folder}”已存在且不是空文件夹，未写入", expected="新的或空的文件夹", remedy="换一个文件夹名")
    return folder


def demo(directory: str | Path | None = None, *, progress: bool | None = None) -> Summary:
    """Write the fictitious forms below a new folder and run `fill` on them.

    Raises DemoError where the folder holds something already: nothing is ever overwritten.
    """
    folder = new_folder(directory)
    inbox = folder / INBOX
    inbox.mkdir(parents=True)
    write_forms(inbox)
    return fill(inbox, folder / OUT, on=ON, progress=progress)
