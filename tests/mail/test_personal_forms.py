"""Forms for a list of enterprises: what is known stands in them, who they are for is read back, bad rows are told."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from workingfolder import Bureau

from xlpolicy.batch import demo
from xlpolicy.cli import main
from xlpolicy.forms.combined import Combined
from xlpolicy.forms.design import build
from xlpolicy.forms.intake import read_bytes
from xlpolicy.forms.issue import KEYS, Issue
from xlpolicy.forms.layout import Layout, layout
from xlpolicy.forms.personal import Author, CombinedAuthor
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.forms.watched import typed
from xlpolicy.law import catalog
from xlpolicy.mail.compose import facts_of
from xlpolicy.mail.recipients import ListError, read_recipients
from xlpolicy.register.issuing import issued
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.openpyxl_book import finished
from xlpolicy.sheets.template import find

CODES = ("91350100M000100Y43", "91350100M00010011A")
HEADINGS = ("序号", "单位名称", "统一社会信用代码", "电子邮箱", "法定代表人", "联系人", "联系电话")


def plan_of(rule: str = "tech_upgrade") -> Layout:
    document = catalog.default().document("fuzhou-2026-5")
    return layout(document, document.rules[rule])


def listed(path: Path, *rows: tuple[Any, ...], headings: tuple[str, ...] = HEADINGS) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["2026年技改企业名单"])
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def code(number: int) -> str:
    return str(demo.enterprise(number)["ent_uscc"])


def cells(data: bytes, *, results: bool = False) -> dict[str, Any]:
    book = load_workbook(io.BytesIO(data), data_only=results)
    return {
        f"{sheet.title}!{cell.coordinate}": cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


@pytest.mark.parametrize("rule", ["tech_upgrade", "digital_project", "park_infra_interest", "tech_upgrade_interest"])
def test_what_is_put_in_is_what_would_have_been_drawn(rule: str) -> None:
    document = catalog.default().document("fuzhou-2026-5")
    if rule not in document.rules:
        rule = next(r for r in document.rules if any(i.type == "rate" for i in document.rules[r].inputs))
    plan = plan_of(rule)
    values: dict[str, Any] = {
        "ent_name": " 示例<企业>&“一”\n有限公司",
        "ent_uscc": CODES[0],
        "prj_start": dt.date(2026, 1, 2),
    }
    values |= {f.key: 800.5 for f in plan.fields if f.type == "money"}
    values |= {f.key: "3%" for f in plan.fields if f.type == "rate"}
    own = Author(plan).made(values, Issue("FB2026-001", 7, CODES[0]))
    drawn = finished(*build(plan, FONTS, {k: typed(v) for k, v in values.items()}))
    for results in (False, True):
        made, expected = cells(own, results=results), cells(drawn, results=results)
        said = {k: made.pop(k) for k in list(made) if k not in expected}
        assert made == expected
        assert [v for v in said.values() if not str(v).startswith("issue_")][:3] == ["FB2026-001", "7", CODES[0]]
    assert zipfile.ZipFile(io.BytesIO(own)).testzip() is None


def test_a_name_that_begins_like_a_formula_stays_a_text() -> None:
    made = Author(plan_of()).made({"ent_name": '=HYPERLINK("http://192.0.2.1")'}, Issue("FB2026-001", 1, CODES[0]))
    cell = load_workbook(io.BytesIO(made))["申请表"]["B5"]
    assert cell.data_type == "s" and cell.quotePrefix
    assert read_bytes(made, "甲.xlsx", catalog.default())[0].issue == "FB2026-001/1"


def test_a_form_that_came_back_untouched_is_blank_and_one_of_another_enterprise_is_told() -> None:
    plan = plan_of()
    author, issue = Author(plan), Issue("FB2026-001", 1, CODES[0])
    known = {"ent_name": "示例企业", "ent_uscc": CODES[0], "ent_county": "鼓楼区"}
    (untouched,) = read_bytes(author.made(known, issue), "甲.xlsx", catalog.default())
    assert (untouched.status, untouched.issue, untouched.enterprise["name"]) == ("blank", "FB2026-001/1", "示例企业")
    drawn = author.made({**plainly(plan), **demo.enterprise(2), "in_investment": 800}, issue)
    (complete,) = read_bytes(drawn, "丙.xlsx", catalog.default())
    assert complete.status == "ok", "sent out complete and come back to confirm: that is no blank form"
    book = load_workbook(io.BytesIO(drawn))
    book["_xlpolicy"]["B34"] = code(2)
    other = io.BytesIO()
    book.save(other)
    first, second = (read_bytes(data, "乙.xlsx", catalog.default())[0] for data in (drawn, other.getvalue()))
    assert [p.code for p in first.problems if p.code.startswith("issue")] == ["issued_to_other"]
    assert [(p.code, p.severity) for p in second.problems if p.code.startswith("issue")] == [
        ("issue_changed", "warning")
    ]


def test_the_list_fills_in_what_the_form_asks(tmp_path: Path) -> None:
    path = listed(
        tmp_path / "名单.xlsx",
        ("示例甲", CODES[0], "a@example.com", 8000000, dt.datetime(2026, 3, 1), 2025, "无关"),
        ("示例乙", code(2), None, "八百万元", "2026年3月1日", None, None),
        headings=("单位名称", "统一社会信用代码", "邮箱", "年度技改设备（含软件）实际投资额（不含增值税）（元）", "项目开始日期", "申报年度", "去年情况"),
    )  # fmt: skip
    found = read_recipients(path, plan_of())
    assert [r.values.get("in_investment") for r in found.rows] == [800, 800]
    assert {r.values["prj_start"] for r in found.rows} == {dt.date(2026, 3, 1)}
    assert [(r.address, r.year) for r in found.rows] == [("a@example.com", "2025"), ("", "")]
    assert list(found.unused) == ["去年情况"] and not found.doubts


def test_every_bad_cell_of_a_list_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    path = listed(
        tmp_path / "名单.xlsx",
        (1, "示例甲", CODES[0], "不是邮箱", None, None, None),
        (2, None, code(2), "b@example.com", None, None, None),
        (3, "示例丙", "9135", None, None, None, None),
        (4, "示例甲", CODES[0], None, None, None, None),
        (5, "示例丁", 9.13501e17, None, None, None, None),
        (None, None, None, None, None, None, None),
        (6, "示例戊", code(6), None, None, None, None),
    )
    with pytest.raises(ListError) as caught:
        read_recipients(path, plan_of())
    told = {fault.cell: fault for fault in caught.value.problems}
    assert set(told) == {"D3", "B4", "C5", "C7"}
    assert "一份也没有发" in str(caught.value)
    with pytest.raises(ListError, match="没有找到表头"):
        read_recipients(listed(tmp_path / "无.xlsx", headings=("企业", "邮箱")), plan_of())
    twice = listed(tmp_path / "重.xlsx", (1, "甲", CODES[0]), (2, "甲", CODES[0]), (3, "乙", code(2)))
    with pytest.raises(ListError, match=r"A?C4|两行"):
        read_recipients(twice, plan_of())


def test_one_batch_in_a_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the list to the reply: named by code, filled in from the register, answered, told who did not."""
    bureau = Bureau(tmp_path / "2026技改")
    bureau.form(1)
    bureau.fill()
    path = listed(
        tmp_path / "名单.xlsx",
        (1, "示例企业01", code(1), "1@example.com", None, None, None),
        (2, "示例企业02", code(2), None, "林某", None, None),
    )
    monkeypatch.chdir(bureau.folder.path)
    again = [*SINGLE, "--list", str(path), "--year", "2026"]
    assert main([*again, "--due", "2026-07-31"]) == 0
    said = capsys.readouterr().out
    assert "2 份申请表，批号 FB2026-001" in said and "1 份按登记库补填" in said and "1 家没有写电子邮箱" in said
    folder = bureau.folder.out / "发表" / "FB2026-001"
    names = [f"{code(n)}_技改设备补助_2026.xlsx" for n in (1, 2)]
    assert sorted(p.name for p in folder.iterdir()) == sorted(names)
    sheet = load_workbook(folder / names[0])["申请表"]
    own = demo.enterprise(1)
    assert sheet[plan_of().by_key["ent_account"].address].value == own["ent_account"]
    book = load_workbook(folder / names[1])
    filled = {**plainly(plan_of()), **demo.enterprise(2), "in_investment": 500}
    for field in plan_of().fields:
        if field.key in filled:
            book["申请表"][field.address] = typed(filled[field.key])
    book.save(bureau.folder.inbox / "改了名字.xlsx")
    taken = bureau.fill()
    assert taken.summary is not None and [r.place for r in taken.summary.records] == ["已核定"]
    with bureau.register.reading() as connection:
        sent = issued(connection, "FB2026-001")
    today = dt.date.today().isoformat()
    assert [(s.serial, s.replied, s.late) for s in sent] == [(1, "", False), (2, today, today > "2026-07-31")]
    assert bureau.proved()
    capsys.readouterr()
    assert main([*again, "--due", "2026-07-31"]) == 2 and bureau.count("issues") == 2, "given twice, written once"
    assert "已经写过一批：FB2026-001" in capsys.readouterr().err
    again.append("--json")
    assert main(again) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["batch"] == "FB2026-002" and data["again"] == [{"code": code(1), "issue": "FB2026-001/1"}]
    left = bureau.folder.out / "发表" / "FB2026-003"  # what a run leaves that is killed before it records the batch
    left.mkdir()
    (left / names[0]).write_bytes(b"x")
    assert main([*again, "--force"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["batch"] == "FB2026-003" and (left / names[0]).stat().st_size > 1000
    assert Path(data["aside"]).name == "FB2026-003_中断的1" and (Path(data["aside"]) / names[0]).read_bytes() == b"x"
    assert bureau.proved()


def test_two_projects_of_one_enterprise_get_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = listed(
        tmp_path / "名单.xlsx", ("示例甲", CODES[0], "一期"), ("示例甲", CODES[0], "二期"),
        headings=("单位名称", "统一社会信用代码", "项目名称"),
    )  # fmt: skip
    out = tmp_path / "发出"
    words = [*SINGLE, "--list", str(path), "--year", "2026", "-o", str(out)]
    assert main(words) == 0
    assert "没有登记这一批" in capsys.readouterr().out
    assert sorted(p.stem.rpartition("补助_")[2] for p in out.iterdir()) == ["2026", "2026_2"]
    assert main(words) == 2 and "已经" in capsys.readouterr().err


SINGLE = ["form", "福州", "技改设备补助", "--on", "2026-06-30"]
COMBINED = ["form", "福州", "tech_upgrade", "design_center", "--on", "2026-06-30"]
HEADS = (*HEADINGS, "技改设备补助　项目名称", "年度技改设备（含软件）实际投资额（不含增值税）", "项目名称")


def test_a_combined_form_for_a_list_patched_or_written_is_the_same(tmp_path: Path) -> None:
    plans = [plan_of("tech_upgrade"), plan_of("design_center")]
    author = CombinedAuthor(Combined(plans, find("申请表.xlsx")))
    values: dict[str, Any] = {
        "ent_name": "示例企业01",
        "ent_uscc": CODES[0],
        "prj_name@1": "示例",
        "in_investment@1": 800,
    }
    issue = Issue("FB2026-001", 7, CODES[0])
    data = author.made(values, issue)
    said = [tuple(zip(KEYS, rows, strict=True)) for rows in (
        issue._replace(filled=frozenset({"prj_name", "in_investment"})).rows(plans[0]), issue.rows(plans[1]),
    )]  # fmt: skip
    whole = Combined(plans, find("申请表.xlsx")).made(values, said)
    for results in (False, True):
        assert {k: v for k, v in cells(data, results=results).items() if v != ""} == cells(whole, results=results)
    assert cells(data, results=True)["工业设计中心认定奖励!B5"] == "示例企业01"


def test_a_combined_form_goes_out_by_list_and_mail_and_answers_for_its_enterprise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two enterprises; the second sends its form back, with one provision filled in: 800万 × 3%."""
    bureau = Bureau(tmp_path)
    monkeypatch.chdir(bureau.folder.path)
    rows = [
        (
            n,
            f"示例企业{n:02d}有限公司",
            code(n),
            f"a{n}@example.com",
            "甲",
            "乙",
            "0591-00000000",
            "示例项目",
            800,
            "没有用",
        )
        for n in (1, 2)
    ]
    path = listed(tmp_path / "名单.xlsx", *rows, headings=HEADS)
    assert main([*COMBINED, "--list", str(path), "--year", "2026"]) == 0
    said = capsys.readouterr().out
    assert "已生成 2 份申请表，批号 FB2026-001" in said and "项目名称" in said.split("没有用：")[1]
    sent = sorted(bureau.folder.out.glob("发表/FB2026-001/*.xlsx"))
    assert [p.name for p in sent] == [f"{code(n)}_技改设备补助等2条_2026.xlsx" for n in (1, 2)]
    (untouched,) = read_bytes(sent[1].read_bytes(), "表.xlsx", catalog.default())
    assert (untouched.status, untouched.issue) == ("blank", "FB2026-001/2")
    book = load_workbook(sent[1])
    design = layout(plan_of().document, plan_of().document.rules["design_center"])
    own = {**plainly(design), "prj_name": "设计中心", "in_level": "市级", "in_newly_recognised": "是"}
    for key, value in own.items():
        if key != "prj_applied_on":
            book["工业设计中心认定奖励"][design.by_key[key].address].value = value
    common = {"鼓楼区": "B6", "福州示例": "B8", "3500123456789": "F8", "示例银行": "B9", dt.date(2026, 6, 1): "F9"}
    for shown, cell in common.items():
        book["单位信息"][cell].value = shown
    book.save(tmp_path / "回.xlsx")
    (answer,) = read_bytes((tmp_path / "回.xlsx").read_bytes(), "回.xlsx", catalog.default())
    assert answer.rule is not None and (answer.rule.id, answer.status, answer.issue) == (
        "design_center", "ok", "FB2026-001/2",
    ), answer.problems  # fmt: skip
    with bureau.register.reading() as connection:
        (_, second) = issued(connection)
    assert second.provisions == [("fuzhou-2026-5", "tech_upgrade"), ("fuzhou-2026-5", "design_center")]
    assert facts_of(second, {}, catalog.default(), dt.date(2026, 6, 30))["依据"] == (
        "榕政办规〔2026〕5号 附件3 一；榕政办规〔2026〕5号 附件2 二"
    )
    assert main([*COMBINED[:2], "design_center", *COMBINED[4:], "--list", str(path), "--year", "2026"]) == 0
    assert f"{code(1)}（FB2026-001/1）" in capsys.readouterr().out, "sent already, not answered"


def test_a_list_is_read_as_it_is_shown(tmp_path: Path) -> None:
    """20 that shows 20万元, a struck address, a name nobody computed, a contact in error, a row of such cells alone."""
    rows = [(n, f"示例企业{n:02d}有限公司", code(n), f"a{n}@example.com", "", "示例", "", 20) for n in (1, 2, 3, 4)]
    path = listed(tmp_path / "名单.xlsx", *rows, headings=(*HEADINGS, plan_of().by_key["in_investment"].label))
    assert len(read_recipients(path, plan_of()).rows) == 4
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet["H3"].number_format = '0"万元"'
    sheet["D4"].font = Font(strike=True)
    sheet["B5"], sheet["F6"] = '="示例企业"&A5', "#N/A"
    sheet["C7"] = "#REF!"
    book.save(path)
    with pytest.raises(ListError) as caught:
        read_recipients(path, plan_of())
    assert [(fault.where, fault.code) for fault in caught.value.problems] == [
        ("Sheet!H3", "shown_differently"), ("Sheet!D4", "strike"), ("Sheet!B5", "formula_unsaved"),
        ("Sheet!F6", "error_cell"), ("Sheet!C7", "error_cell"),
    ]  # fmt: skip


def test_a_list_of_more_than_two_thousand_is_read_whole_and_hidden_sheets_are_none(tmp_path: Path) -> None:
    rows = [(n, f"示例企业{n}有限公司", code(n), None, None, None, None) for n in range(1, 2_102)]
    path = listed(tmp_path / "名单.xlsx", *rows)
    book = load_workbook(path)
    old = book.copy_worksheet(book.worksheets[0])
    old.sheet_state, old["B3"] = "hidden", "去年的企业"
    book.move_sheet(old, -1)
    book.active = 1
    book.save(path)
    read = read_recipients(path, plan_of())
    assert len(read.rows) == 2_101 and read.rows[0].name == "示例企业1有限公司"
    lines = ["单位名称,统一社会信用代码", *(f"{row[1]},{row[2]}" for row in rows)]
    (tmp_path / "名单.csv").write_text("\n".join(lines[:2_000]), encoding="utf-8")
    assert len(read_recipients(tmp_path / "名单.csv", plan_of()).rows) == 1_999
    (tmp_path / "名单.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ListError, match="2000 行"):
        read_recipients(tmp_path / "名单.csv", plan_of())
