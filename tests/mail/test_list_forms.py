"""List forms out to enterprises and back: a table each, every row a claim in the register, settled as claims of one enterprise."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from test_personal_forms import HEADINGS, cells, code, listed
from workingfolder import Bureau

from xlpolicy.cli import main
from xlpolicy.forms.intake import read_bytes
from xlpolicy.forms.issue import KEYS, Issue
from xlpolicy.forms.layout import layout
from xlpolicy.forms.list_form import LIST_SHEET, ListForm
from xlpolicy.forms.personal import CombinedAuthor
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.mail.marked import Marking, marked_copy
from xlpolicy.register.issuing import issued
from xlpolicy.sheets.template import find

RULE = "scaleup_loan_interest"
FIRST = 7


def made(rows: int = 6) -> ListForm:
    document = catalog.default().documents["fuzhou-2026-5"]
    return ListForm(layout(document, document.rules[RULE]), rows, find("申请表.xlsx"))


def test_patched_or_written_it_is_the_same() -> None:
    form = made()
    author = CombinedAuthor(form)
    issue = Issue("FB2026-001", 7, code(1))
    for name in ("示例企业01", "=示例企业01"):
        values = {"ent_name": name, "ent_uscc": code(1), "prj_applied_on": dt.date(2026, 6, 1)}
        row = {"prj_loan": "示例借字01号", "in_loan_balance": 600, "in_days": 365, "prj_fact_on": dt.date(2026, 3, 1)}
        values |= {f"{key}@2": value for key, value in row.items()}
        filled = issue._replace(filled=frozenset(key for key in values if "@" in key))
        said = [tuple(zip(KEYS, filled.rows(form.table.plan), strict=True))]
        data, whole = author.made(values, issue), form.made(values, said)
        for results in (False, True):
            assert {k: v for k, v in cells(data, results=results).items() if v != ""} == cells(whole, results=results)
        assert cells(data, results=True)[f"{LIST_SHEET}!C3"] == name


def answered(path: Path, loans: dict[int, dict[str, Any]]) -> bytes:
    """As an accountant fills it in; `loans` by row of the table, from 1."""
    form = made()
    book = load_workbook(path)
    plain = plainly(form.table.plan)
    for key, value in {"ent_county": "鼓楼区", "ent_legal_person": "示例", "ent_contact": "示例", "ent_phone": "0591-00000000",
                       "ent_account_name": book["单位信息"]["B5"].value, "ent_account": "6200000000000000001",
                       "ent_bank": "示例银行", "prj_applied_on": plain["prj_applied_on"]}.items():  # fmt: skip
        book["单位信息"][form.common.plan.by_key[key].address].value = value
    sheet, plan = book[LIST_SHEET], form.table.plan
    table = plan.look.table if plan.look else None
    assert table is not None
    for key in plan.by_key:
        if key.startswith("att_"):
            sheet[plan.by_key[key].address].value = "是"
    for number, loan in loans.items():
        for key, value in {"prj_name": "示例项目", **plain, "in_years_since_scaleup": 1, **loan}.items():
            if key in table.keys:
                sheet.cell(FIRST + number - 1, plan.by_key[key].column + 1).value = value
    out = path.with_name("回.xlsx")
    book.save(out)
    return out.read_bytes()


def test_out_by_list_and_back_into_the_register_and_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """600万 and 700万 for a year, 1% each: 60,000 and 70,000; of one enterprise no more than 1000万 a year: 100,000."""
    bureau = Bureau(tmp_path / "2026贴息")
    monkeypatch.chdir(bureau.folder.path)
    rows = [(n, f"示例企业{n:02d}有限公司", code(n), f"a{n}@example.com", None, None, None, 600) for n in (1, 2)]
    path = listed(tmp_path / "名单.xlsx", *rows, headings=(*HEADINGS, "实际投放贷款余额"))
    words = ["form", "福州", RULE, "--on", "2026-06-30", "--rows", "6", "--list", str(path), "--year", "2026"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "已生成 2 份申请表，批号 FB2026-001" in said and "没有用" not in said
    sent = sorted(bureau.folder.out.glob("发表/FB2026-001/*.xlsx"))
    (blank,) = read_bytes(sent[1].read_bytes(), "表.xlsx", catalog.default())
    assert (blank.status, blank.issue) == ("blank", "FB2026-001/2")

    year = {"in_days": 365}
    loans: dict[int, dict[str, Any]] = {
        1: {"prj_loan": "示例借字01号", "in_loan_balance": 600, **year},
        2: {"prj_loan": "示例借字02号", "in_loan_balance": 700, **year},
        4: {"prj_loan": "示例借字03号", "in_loan_balance": "约300万", **year},
    }
    bureau.folder.inbox.mkdir(exist_ok=True)
    back = answered(sent[1], loans)
    (bureau.folder.inbox / "回.xlsx").write_bytes(back)
    taken = bureau.fill()
    assert [(r.line, r.place, r.amount) for r in taken.summary.records] == [
        (FIRST, "已核定", 60_000), (FIRST + 1, "已核定", 70_000), (FIRST + 3, "退回补正", 0),
    ]  # fmt: skip
    standings = bureau.standings()
    assert len({s.number for s in standings}) == len(standings) == 2
    assert [s.amount for s in standings] == [60_000, 70_000]
    with bureau.register.reading() as connection:
        assert issued(connection)[1].replied
        marking = Marking(next(r.digest for r in taken.summary.records), "回.xlsx", "")
        (fault,) = taken.summary.records[2].problems
        marking.points.append((fault.sheet, fault.cell, fault.what))
        notes = marked_copy(connection, marking, "示例局")
    (tmp_path / "补正.xlsx").write_bytes(notes)
    cell = load_workbook(tmp_path / "补正.xlsx")[LIST_SHEET][fault.cell]
    assert cell.row == FIRST + 3 and cell.value == "约300万" and "约数" in cell.comment.text

    assert main(["letter", "补正", "--folder", str(bureau.folder.path), "--on", "2026-07-01"]) == 0
    assert len([*bureau.folder.out.glob("通知/补正/*_补正.xlsx")]) == 1

    loans[4]["in_loan_balance"] = 300
    (bureau.folder.inbox / "回.xlsx").unlink()
    (bureau.folder.inbox / "再回.xlsx").write_bytes(answered(sent[1], loans))
    bureau.fill()
    assert [s.amount for s in bureau.standings()] == [60_000, 70_000, 30_000]
    bureau.review({s.number: None for s in bureau.standings()})
    settled = bureau.settle()
    assert sum((s.line.payable for s in bureau.standings() if s.line), Decimal(0)) == 100_000, settled


def test_lines_of_a_list_are_rows_of_one_form(tmp_path: Path) -> None:
    """Three loans of one firm and one of another: two forms; a loan that is left as it was sent is told, not judged."""
    heads = (*HEADINGS, "贷款合同编号", "实际投放贷款余额（万元）", "贷款银行")
    rows = [
        (1, "示例企业01有限公司", code(1), "a1@example.com", None, None, None, "示例借字01号", 600, "示例银行甲"),
        (2, "示例企业02有限公司", code(2), "a2@example.com", None, None, None, "示例借字09号", 50),
        (3, "示例企业01有限公司", code(1), "a1@example.com", None, None, None, "示例借字02号", 700),
        (4, "示例企业01有限公司", code(1), "a1@example.com", None, None, None, "示例借字03号", 80),
    ]
    words = ["form", "福州", RULE, "--on", "2026-06-30", "--unit", "万元", "--year", "2026", "--list"]
    path = listed(tmp_path / "名单.xlsx", *rows, headings=heads)
    assert main([*words, str(path), "--rows", "2", "-o", str(tmp_path / "少")]) == 2, "three do not go into two rows"
    assert not (tmp_path / "少").exists()
    assert main([*words, str(path), "--rows", "6", "-o", str(tmp_path / "表")]) == 0
    sent = sorted((tmp_path / "表").glob("*.xlsx"))
    assert len(sent) == 2
    (first,) = (one for one in sent if one.name.startswith(code(1)))
    plan = made().table.plan
    loan, balance = (plan.by_key[key].column + 1 for key in ("prj_loan", "in_loan_balance"))
    for results in (False, True):
        sheet = load_workbook(first, data_only=results)[LIST_SHEET]
        assert [(sheet.cell(r, loan).value, sheet.cell(r, balance).value) for r in range(FIRST, FIRST + 4)] == [
            ("示例借字01号", 600), ("示例借字02号", 700), ("示例借字03号", 80), (None, None),
        ]  # fmt: skip
    (blank,) = read_bytes(first.read_bytes(), "表.xlsx", catalog.default())
    assert blank.status == "blank"
    again = answered(first, {1: {"prj_loan": "示例借字01号", "in_loan_balance": 600, "in_days": 365}})
    (back,) = read_bytes(again, "表.xlsx", catalog.default())
    assert back.project["content"] == "示例银行甲" and back.line == FIRST
    assert back.status == "ok" and back.inputs["loan_balance"] == 6_000_000
    left = [fault.got for fault in back.problems if fault.code == "not_declared"]
    assert left == [f"第 {FIRST + n} 行只有发表时填好的，没有再填，按不申报这一笔处理" for n in (1, 2)]

    rows[2] = (3, "示例企业01有限公司", code(1), "other@example.com", None, None, None, "示例借字02号", 700)
    path = listed(tmp_path / "名单2.xlsx", *rows, headings=heads)
    assert main([*words, str(path), "--rows", "6", "-o", str(tmp_path / "表2")]) == 2, "one form has one address"
