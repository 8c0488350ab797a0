"""Notes beside the notes that a returned form already has, however the program that saved it writes its XML."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from test_plain import every_part, prefixed, single_quoted

from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.notes import with_notes

OURS = {"申请表": {"B2": "改成 50", "C3": "补上日期", "E9": "写全称"}}


def returned() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "申请表"
    for cell, said in (("B2", "财务问过"), ("C3", ""), ("D4", "第三条")):
        sheet[cell].comment = Comment(said, "示例企业01")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def no_text(data: bytes) -> bytes:
    """An empty note as some programs write it: <text/>."""
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    name = "xl/comments/comment1.xml"
    parts[name], changed = re.subn(rb'(ref="C3"[^>]*>)<text>.*?</text>', rb"\1<text/>", parts[name], flags=re.S)
    assert changed == 1
    return zipped(parts.items())


@pytest.mark.parametrize("spelt", [None, prefixed, single_quoted], ids=["plain", "prefixed", "single_quoted"])
def test_ours_stand_below_theirs_each_at_its_cell(spelt: Callable[[object], bytes] | None, tmp_path: Path) -> None:
    data = no_text(returned())
    if spelt is not None:
        path = tmp_path / "交回.xlsx"
        path.write_bytes(data)
        data = every_part(path, spelt)
    out = with_notes(data, OURS, "示例局")
    sheet = load_workbook(io.BytesIO(out))["申请表"]
    assert {cell: sheet[cell].comment.text for cell in ("B2", "C3", "D4", "E9")} == {
        "B2": "财务问过\n改成 50", "C3": "补上日期", "D4": "第三条", "E9": "写全称",
    }  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(out)) as whole:
        names = whole.namelist()
        refs = re.findall(rb"""\sref=["'](\w+)""", whole.read("xl/comments/comment1.xml"))
        types = whole.read("[Content_Types].xml")
    assert len(set(names)) == len(names) and sorted(refs) == [b"B2", b"C3", b"D4", b"E9"]
    assert types.count(b"/xl/comments/comment1.xml") == 1


def test_a_conversation_at_a_cell_gives_way_to_its_note() -> None:
    """Newer programs show the conversation alone where there is one."""
    space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    said = "".join(
        f'<threadedComment ref="{cell}" id="{{{cell}}}"><text>问</text></threadedComment>' for cell in ("B2", "D4")
    )
    with zipfile.ZipFile(io.BytesIO(returned())) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    parts["xl/threadedComments/threadedComment1.xml"] = (
        f'<ThreadedComments xmlns="{space}">{said}</ThreadedComments>'.encode()
    )
    links = "xl/worksheets/_rels/sheet1.xml.rels"
    more = (
        '<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"'
        ' Target="../threadedComments/threadedComment1.xml"/></Relationships>'
    )
    parts[links] = parts[links].replace(b"</Relationships>", more.encode())
    out = with_notes(zipped(parts.items()), OURS, "示例局")
    with zipfile.ZipFile(io.BytesIO(out)) as whole:
        left = whole.read("xl/threadedComments/threadedComment1.xml").decode()
    assert re.findall(r'ref="(\w+)"', left) == ["D4"]
    assert load_workbook(io.BytesIO(out))["申请表"]["B2"].comment.text == "财务问过\n改成 50"
