"""Sheets of a template copied and left out, however the program that saved it spells its parts."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook

from xlpolicy.settle.table_book import Lists, streamed
from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.graft import graft
from xlpolicy.sheets.multiply import leave_out, multiplied
from xlpolicy.sheets.package import MAX_PART
from xlpolicy.sheets.template import find

MAIN = "xl/workbook.xml"


def spelt(change: Callable[[str], str]) -> bytes:
    """申请表.xlsx with its main part written otherwise."""
    with zipfile.ZipFile(find("申请表.xlsx")) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    parts[MAIN] = change(parts[MAIN].decode()).encode()
    return zipped(parts.items())


def single_quotes(xml: str) -> str:
    return (
        xml.replace("'发票明细表'", "发票明细表")
        .replace("'申请表'", "申请表")
        .replace("'单位信息'", "单位信息")
        .replace('"', "'")
    )


def not_closed_at_once(xml: str) -> str:
    return xml.replace(' r:id="rId1" />', ' r:id="rId1"></sheet>').replace(' r:id="rId3" />', ' r:id="rId3">\n</sheet>')


def with_a_prefix(xml: str) -> str:
    return xml.replace("xmlns=", "xmlns:x=").replace("<", "<x:").replace("<x:/", "</x:")


def with_a_comment(xml: str) -> str:
    return xml.replace("<sheets>", '<sheets><!-- <sheet name="旧表" sheetId="9" r:id="rId9" /> -->')


@pytest.mark.parametrize(
    "change", [str, single_quotes, not_closed_at_once, with_a_prefix, with_a_comment], ids=lambda f: f.__name__
)
def test_the_list_of_sheets_is_read_however_it_is_spelt(change: Callable[[str], str]) -> None:
    data = spelt(change)
    book = load_workbook(BytesIO(leave_out(data, "发票明细表")))
    assert book.sheetnames == ["申请表", "单位信息", "_xlpolicy"]
    assert "inv_table" not in book.defined_names  # it pointed into the sheet that is gone
    assert book["单位信息"].print_area == "'单位信息'!$A$1:$F$14"
    twice = [("单位信息", "单位信息"), ("申请表", "甲'乙"), ("申请表", "丙"), ("没有", "丁")]
    book = load_workbook(BytesIO(multiplied(data, twice, ("发票明细表",))))
    assert book.sheetnames == ["单位信息", "甲'乙", "丙", "_xlpolicy"]
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["单位信息"]
    assert [sheet.print_title_rows for sheet in book] == ["$1:$2", "$1:$2", "$1:$2", None]
    assert book["甲'乙"].print_area == "'甲''乙'!$A$1:$F$23"
    assert [[cell.value for cell in row] for row in book["丙"]] == [
        [cell.value for cell in row] for row in book["甲'乙"]
    ]


def test_a_ledger_of_very_many_rows_is_no_bomb() -> None:
    """Of 20,000 forms one sheet of 台账.xlsx is larger than any that somebody may send in."""
    with zipfile.ZipFile(find("申请表.xlsx")) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)
        package.writestr("xl/media/own.bin", bytes(MAX_PART + 1))
    out, more = BytesIO(), streamed([Lists("选项", [["甲"]])], created=dt.date(2026, 1, 1))
    graft(data, BytesIO(more), out)
    with zipfile.ZipFile(out) as made:
        assert made.getinfo("xl/media/own.bin").file_size == MAX_PART + 1
    assert "申请表" not in load_workbook(BytesIO(leave_out(data.getvalue(), "申请表"))).sheetnames
