"""Invoices of list forms: each to the row that lists it, one for several rows in parts, blank sheets filled in by row."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from invoicekit import SELLER, Made, buyer, write, xml
from openpyxl import load_workbook

from xlpolicy.batch import demo
from xlpolicy.cli import main
from xlpolicy.forms.issue import Issue
from xlpolicy.forms.layout import VOUCHER_SHEET, layout
from xlpolicy.forms.list_form import LIST_SHEET, ListForm
from xlpolicy.forms.personal import CombinedAuthor
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.sheets.template import find

FEES = {"第1届示例展": 5, "第2届示例展": 8, "第3届示例展": 3}


def booths(listed: list[tuple[int, str, int, int]]) -> bytes:
    """A form of 示例企业01 for three exhibitions whose sheet lists (row, end of the number, net, tax)."""
    document = catalog.default().documents["fuzhou-2026-5"]
    made = ListForm(layout(document, document.rules["exhibition_booth"]), 6, find("申请表.xlsx"))
    plan = made.table.plan
    assert plan.look is not None and plan.look.table is not None
    plain = {**plainly(plan), **demo.enterprise(1)}
    values = {k: v for k, v in plain.items() if k in plan.by_key and k not in plan.look.table.keys}
    values |= {k: v for k, v in plain.items() if k in made.common.plan.by_key}
    for number, (name, fee) in enumerate(FEES.items(), 1):
        own = {k: v for k, v in plain.items() if k in plan.look.table.keys}
        own |= {"prj_object": name, "in_fee": fee, "in_group_size": 6}
        values |= {f"{key}@{number}": value for key, value in own.items()}
    data = CombinedAuthor(made).made(values, Issue("FB2026-001", 1, str(plain["ent_uscc"])))
    if not listed:
        return data
    book = load_workbook(BytesIO(data))
    for row, line in enumerate(listed, 5):
        for column, value in zip("BDFG", (line[0], f"263120000000000000{line[1]}", *line[2:]), strict=True):
            book[VOUCHER_SHEET][f"{column}{row}"].value = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def invoice(end: str, net: int, tax: int) -> bytes:
    made = Made(f"263120000000000000{end}", Decimal(net), goods="*会展服务*展位费", tax=Decimal(tax), **buyer(1))
    return xml(made)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    main([*words, "--json"])
    return dict(json.loads(capsys.readouterr().out))


def test_each_row_has_the_invoices_that_name_it_and_its_part_of_one_for_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of 106,000 with tax for two rows, 53,000 each; the first states 50,000, the second 80,000: 27,000 less.
    One of 42,400 of which the third lists 31,800: to be looked at."""
    listed = [(1, "01", 50_000, 3_000), (2, "01", 50_000, 3_000), (3, "02", 30_000, 1_800)]
    root = write(tmp_path, {"收件/表.xlsx": booths(listed), "票/1.xml": invoice("01", 100_000, 6_000), "票/2.xml": invoice("02", 40_000, 2_400)})  # fmt: skip
    found = run(capsys, "invoice", str(root / "票"), "--forms", str(root / "收件"), "-o", str(root / "明细.xlsx"))
    lines = [(one["form"][-2:], one["row"], one["verdict"], one["counted"]) for one in found["lines"]]
    assert lines == [
        ("7行", 5, "计入", "53000.00"), ("8行", 6, "计入", "53000.00"), ("9行", 7, "核对", "0.00"),
    ]  # fmt: skip
    assert found["forms"][0]["form"] == f"表.xlsx › {LIST_SHEET} 第7行"
    assert [(one["counted"], one["short"]) for one in found["forms"]] == [
        ("53000.00", "0.00"), ("53000.00", "27000.00"), ("0.00", "30000.00"),
    ]  # fmt: skip
    main(["invoice", str(root / "票"), "--forms", str(root / "收件"), "-o", str(root / "再.xlsx")])
    assert capsys.readouterr().out.startswith("读了 2 张发票：计入 2，核对 1，不计入 0")


def test_parts_that_do_not_come_to_the_whole_are_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = [(1, "01", 50_000, 3_000), (2, "01", 70_000, 4_200)]
    root = write(tmp_path, {"收件/表.xlsx": booths(listed), "票/1.xml": invoice("01", 100_000, 6_000)})
    found = run(capsys, "invoice", str(root / "票"), "--forms", str(root / "收件"), "-o", str(root / "明细.xlsx"))
    assert [(one["verdict"], one["counted"]) for one in found["lines"]] == [("核对", "0.00")] * 2
    assert all("2 份申请表都列了这张发票" in "；".join(one["reasons"]) for one in found["lines"])
    assert not any("没有收到发票文件" in reason for one in found["lines"] for reason in one["reasons"])


def test_a_blank_sheet_is_filled_in_by_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the folders that name the exhibitions; what no folder tells stands there without a row."""
    files = {
        "票/第1届示例展/1.xml": invoice("01", 30_000, 1_800), "票/第2届示例展/2.xml": invoice("02", 70_000, 4_200),
        "票/第1届示例展/3.xml": invoice("03", 20_000, 1_200), "票/4.xml": invoice("04", 9_000, 540),
    }  # fmt: skip
    root = write(tmp_path, {"收件/表.xlsx": booths([]), **files})
    told = run(capsys, "invoice", str(root / "票"), "--into", str(root / "收件"), "-o", str(root / "填"))
    (one,) = told["forms"]
    assert (one["invoices"], one["row_unknown"], told["astray"], told["problems"]) == (4, ["26312000000000000004"], [], [])  # fmt: skip
    values = load_workbook(root / "填/表.xlsx", data_only=True)
    sheet, table = values[VOUCHER_SHEET], values[LIST_SHEET]
    lines = [[sheet[f"{column}{row}"].value for column in "BDFGI"] for row in range(5, 10)]
    assert lines == [
        [1, "26312000000000000001", 30_000, 1_800, SELLER], [1, "26312000000000000003", 20_000, 1_200, SELLER],
        [2, "26312000000000000002", 70_000, 4_200, SELLER], [None, "26312000000000000004", 9_000, 540, SELLER], [None] * 5,
    ]  # fmt: skip
    head = next(cell.column for cell in table[4] if cell.value == "发票合计")
    assert [table.cell(row, head).value for row in (7, 8, 9, 13)] == [53_000, 74_200, 0, 127_200]
    written = load_workbook(root / "填/表.xlsx")[VOUCHER_SHEET]
    assert written["B8"].value is None and written["F35"].value == "=SUM(F5:F34)"
    write(root, {"票/第3笔/5.xml": invoice("05", 20_000, 1_200)})
    again = run(capsys, "invoice", str(root / "票"), "--into", str(root / "填"), "-o", str(root / "又"))
    assert [fault["got"] for fault in again["problems"]] == [f"“{VOUCHER_SHEET}”第 5 行已经填了，没有改动"]
