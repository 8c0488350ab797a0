"""What a clerk types into 台账.xlsx stands in the next one: 申报 completed, claims typed by hand, the sheets of facts."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ledgerkit import ON
from openpyxl.styles import Font
from soffice import Soffice

from xlpolicy import settle
from xlpolicy.batch.demo import code
from xlpolicy.batch.fill import fill
from xlpolicy.batch.last_ledger import Written
from xlpolicy.batch.record import Summary
from xlpolicy.cli import main
from xlpolicy.settle.claims_file import read_file
from xlpolicy.settle.headings import FACTS
from xlpolicy.sheets import template as templates

WriteForm = Callable[..., Path]
TECH = "tech_upgrade　技改设备补助"
INVESTED = "年度技改设备（含软件）实际投资额（不含增值税）"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "核定"


def again(inbox: Path, out: Path, **options: Any) -> Summary:
    return fill(inbox, out, on=ON, progress=False, **options)


def heads_of(sheet: Any) -> tuple[int, dict[str, int]]:
    """The heading row of a sheet, and the column of each heading."""
    wanted = {"申报编号", "申报单位"} if sheet.title == "申报" else set(FACTS[sheet.title])
    for row in sheet.iter_rows():
        heads = {"".join(str(c.value).split()): c.column for c in row if c.value is not None}
        if wanted <= set(heads):
            return row[0].row, heads
    raise AssertionError(sheet.title)


def type_in(ledger: Path, sheet: str, *rows: Mapping[str, Any], line: int = 1) -> None:
    """Type rows below the headings of a sheet, from the given line on."""
    book = openpyxl.load_workbook(ledger)
    heading, columns = heads_of(book[sheet])
    for number, row in enumerate(rows, line):
        for head, value in row.items():
            book[sheet].cell(heading + number, columns[head], value)
    book.save(ledger)


def listed(ledger: Path, sheet: str) -> list[dict[str, Any]]:
    """The filled rows of a list, blank cells left out."""
    ws = openpyxl.load_workbook(ledger)[sheet]
    heading, _ = heads_of(ws)
    heads = [c.value for c in ws[heading]]
    rows = ({h: v for h, v in zip(heads, row, strict=True) if v is not None} for row in ws.iter_rows(min_row=heading + 1, values_only=True))  # fmt: skip
    return [row for row in rows if row]


def test_the_ledger_is_ready_for_the_facts(inbox: Path, form: WriteForm, out: Path) -> None:
    form(1)
    summary = again(inbox, out)
    (claim,) = read_file(Path(summary.ledger)).claims
    assert (claim.code, claim.object, claim.loan, claim.fact_on) == (code(1), None, None, dt.date(2026, 12, 31))
    book = openpyxl.load_workbook(summary.ledger)
    assert book.sheetnames[4:] == ["申报", *FACTS, "选项"] and book["选项"].sheet_state == "hidden"
    heads = [cell.value for cell in book["申报"][2]]
    assert heads[8:13] == ["贷款", "统一社会信用代码", "对象", "事实日期", "审定额"]
    for name, fields in FACTS.items():
        assert [cell.value for cell in book[name][3] if cell.value] == list(fields), name
    assert listed(Path(summary.ledger), "单位") == [{"单位": "示例企业01有限公司", "县区": "仓山区"}]


def test_a_prior_payment_typed_into_the_ledger(
    inbox: Path, form: WriteForm, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """附件3 一：2亿×3%＝600万封顶500万；当年已付 180万，还可付 320万。再核定一次，那一行还在。"""
    form(1, name="a.xlsx", investment=20000)
    assert main(["fill", str(inbox), "-o", str(out), "--on", ON.isoformat()]) == 0
    paid = {
        "单位": "示例企业01有限公司",
        "城市": "福州市",
        "条款": TECH,
        "年度": 2026,
        "金额": "180万元",
        "项目": "旧项目",
    }
    type_in(out / "台账.xlsx", "已兑付", paid)
    form(2, name="b.xlsx")
    capsys.readouterr()
    assert main(["fill", str(inbox), "-o", str(out), "--on", ON.isoformat()]) == 0
    shown = capsys.readouterr().out
    assert "上次台账里填的已带到新台账：已兑付 1 行。" in shown
    assert listed(out / "台账.xlsx", "已兑付") == [paid]
    assert (out / "手改留存" / "台账.xlsx").is_file()
    assert main(["settle", str(out / "台账.xlsx")]) == 0
    assert "3,200,000.00" in capsys.readouterr().out


def test_every_sheet_by_key(inbox: Path, form: WriteForm, out: Path) -> None:
    form(1)
    again(inbox, out)
    ledger = out / "台账.xlsx"
    rows: dict[str, list[dict[str, Any]]] = {
        "设置": [{"项目": "年度", "数值": 2026}, {"项目": "上浮预算", "数值": "100万元"}],
        "已兑付": [{"单位": "甲", "城市": "福州市", "条款": TECH, "年度": 2025, "金额": n, "含云服务支出": "否"} for n in (1, 1, 1234.56)],
        "其他支持": [{"项目": "示例项目01", "类别": "超长期特别国债", "单位": "甲", "金额": 5, "对象": "示例平台01"}],
        "资金": [{"资金代号": "fz26_software_fund", "金额": 400000, "年度": 2026}],
        "财政贡献": [{"单位": "甲", "金额": 450000, "年度": 2025}, {"单位": "甲", "金额": 1, "年度": 2026}],
        "重点产业链": [{"单位": "甲"}],
        "项目选择": [{"项目": "示例项目01", "申报编号": "A001"}],
        "名次": [{"申报编号": "A001", "名次": 1}],
        "单位": [{"单位": "示例企业01有限公司", "县区": "仓山区", "企业规模": "小型"}, {"单位": "甲", "县区": "鼓楼区"}],
    }  # fmt: skip
    for sheet, typed in rows.items():
        type_in(ledger, sheet, *typed)
    counts = {sheet: len(typed) for sheet, typed in rows.items()}
    facts = read_file(ledger).facts
    for _ in range(2):
        summary = again(inbox, out)
        assert summary.carried == counts and summary.not_carried == ()
        for sheet, typed in rows.items():
            found = listed(ledger, sheet)
            assert found == (typed if sheet != "设置" else [*typed, {"项目": "取整单位"}]), sheet
        assert read_file(ledger).facts == facts
    assert facts.fiscal_contribution == {"甲": {2025: 450000, 2026: 1}} and facts.pools == {
        "fz26_software_fund": {2026: 400000}
    }


def test_nothing_changes_without_a_change(inbox: Path, form: WriteForm, out: Path) -> None:
    form(1)
    again(inbox, out)
    type_in(out / "台账.xlsx", "重点产业链", {"单位": "甲"})
    again(inbox, out)
    content = (out / "台账.xlsx").read_bytes()
    summary = again(inbox, out)
    assert summary.kept == () and summary.carried == {"重点产业链": 1}
    assert (out / "台账.xlsx").read_bytes() == content


def test_numbers_move_and_what_names_them_follows(inbox: Path, form: WriteForm, out: Path) -> None:
    form(1, name="b.xlsx")
    form(2, name="c.xlsx")
    again(inbox, out)
    ledger = out / "台账.xlsx"
    type_in(ledger, "申报", {"贷款": "HT-1", "单位类型": "协会"}, {"审定额": "20万元", "事实日期": "2026-03-01"})
    type_in(ledger, "名次", {"申报编号": "A002", "名次": 1})
    type_in(ledger, "项目选择", {"项目": "示例项目02", "申报编号": "A002"})
    form(3, name="a.xlsx")
    summary = again(inbox, out)
    assert summary.carried == {"申报": 2, "项目选择": 1, "名次": 1} and summary.not_carried == ()
    claims = {c.id: c for c in read_file(ledger).claims}
    assert [c.enterprise[4:6] for c in claims.values()] == ["03", "01", "02"]
    assert (claims["A002"].loan, claims["A002"].enterprise_kind, claims["A001"].loan) == ("HT-1", "association", None)
    assert (claims["A003"].reviewed, str(claims["A003"].fact_on)) == (200_000, "2026-03-01")
    facts = read_file(ledger).facts
    assert (facts.ranks, facts.choices) == ({"A003": 1}, {"示例项目02": "A003"})


def test_a_claim_typed_by_hand(inbox: Path, form: WriteForm, out: Path) -> None:
    """A paper claim: 600万×3%＝18万; its number is that of a form later, so it gets another, with its rank."""
    form(1, name="b.xlsx")
    again(inbox, out)
    ledger = out / "台账.xlsx"
    hand = {
        "申报编号": "A002",
        "申报单位": "示例企业09有限公司",
        "城市": "福州市",
        "条款": TECH,
        "申报日期": "2026-06-30",
        INVESTED: "600万元",
    }
    type_in(ledger, "申报", hand, line=2)
    type_in(ledger, "名次", {"申报编号": "A002", "名次": 7})
    assert again(inbox, out).carried == {"申报": 1, "名次": 1}
    form(2, name="c.xlsx")
    summary = again(inbox, out)
    assert summary.not_carried == ("手工填的 A002 改编号为 补A002：A002 现在是一份申请表的编号",)
    file = read_file(ledger)
    assert [c.id for c in file.claims] == ["A001", "A002", "补A002"] and file.facts.ranks == {"补A002": 7}
    assert settle(file.claims, file.facts, on_year=2026).claims[2].payable == 180_000


def test_a_claim_typed_by_hand_whose_form_comes(inbox: Path, form: WriteForm, out: Path) -> None:
    form(1, name="a.xlsx")
    again(inbox, out)
    hand = {"申报编号": "手1", "申报单位": "示例企业02有限公司", "城市": "福州市", "条款": TECH, "申报日期": "2026-06-30", "项目": "示例项目02", INVESTED: "800万元"}  # fmt: skip
    type_in(out / "台账.xlsx", "申报", hand, line=2)
    form(2, name="b.xlsx")
    summary = again(inbox, out)
    assert [c.id for c in read_file(out / "台账.xlsx").claims] == ["A001", "A002"], "not paid twice"
    assert summary.not_carried == ("手工填的 手1 与申请表 A002 是同一单位、同一条款、同一项目，没有带过来",)


def test_what_cannot_be_carried_is_said(inbox: Path, form: WriteForm, out: Path) -> None:
    for number, name in ((1, "a.xlsx"), (2, "b.xlsx"), (3, "c.xlsx")):
        form(number, name=name)
    again(inbox, out)
    ledger = out / "台账.xlsx"
    type_in(ledger, "申报", {"贷款": "HT-1", INVESTED: 9_000_000}, {"对象": "园区甲"})
    type_in(ledger, "名次", {"申报编号": "A002", "名次": 1})
    book = openpyxl.load_workbook(ledger)
    book["申报"].delete_rows(5)
    book.create_sheet("备忘")["A1"] = "我的"
    book.save(ledger)
    (inbox / "a.xlsx").unlink()
    form(1, name="a.xlsx", investment=1000)
    (inbox / "b.xlsx").unlink()
    summary = again(inbox, out)
    assert summary.not_carried == (
        f"A001 的“{INVESTED}”：上次改成“9000000”，这次申请表是“10000000”，按申请表",
        "A002（示例企业02有限公司）的申请表已不在收件里，补填的“对象”没有带过来",
        "上次从“申报”表删去的 A003 又列入了；不核算的请再删去，或把申请表移出收件文件夹",
        "“名次”表里的 A002 申请表已不在收件里，请核对",
        "上次台账的“备忘”表不是模板里的，没有带过来",
    )
    first = read_file(ledger).claims[0]
    assert (first.loan, first.inputs[INVESTED]) == ("HT-1", 10_000_000)
    assert listed(ledger, "名次") == [{"申报编号": "A002（申请表已不在收件里）", "名次": 1}], (
        "no other claim gets its rank"
    )


def test_a_restyled_ledger(inbox: Path, form: WriteForm, out: Path) -> None:
    """Columns moved, rows put above the headings, another look: the headings say what is where."""
    form(1)
    again(inbox, out)
    ledger = out / "台账.xlsx"
    type_in(ledger, "已兑付", {"单位": "甲", "城市": "福州市", "年度": 2025, "金额": 7})
    book = openpyxl.load_workbook(ledger)
    sheet = book["已兑付"]
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(merged.coord)
    sheet.insert_cols(1)
    sheet.insert_rows(1, 2)
    sheet["A1"], sheet["A6"] = "科室自用", "备注"
    for row in sheet.iter_rows():
        for cell in row:
            cell.font = Font(name="楷体", size=14)
    book["申报"].insert_rows(1)
    book["申报"]["A1"] = "二〇二六年"
    book.save(ledger)
    assert again(inbox, out).carried == {"已兑付": 1}
    assert listed(ledger, "已兑付")[0]["金额"] == 7


def test_a_bureaus_own_sheets_of_facts(inbox: Path, form: WriteForm, out: Path, tmp_path: Path) -> None:
    """A template with a sheet of its own is filled under its headings, in its look; its rows stay, each once."""
    own = tmp_path / "own.xlsx"
    shutil.copyfile(templates.find(), own)
    book = openpyxl.load_workbook(own)
    sheet = book.create_sheet("已兑付", 1)
    sheet.append(["某局历年兑付"])
    sheet.append(["备查", *reversed(FACTS["已兑付"])])
    sheet.append([None] * (len(FACTS["已兑付"]) - 4) + [3, 2024, None, "福州市", "乙"])
    for cell in sheet[3]:
        cell.font = Font(name="楷体", size=14)
    book.save(own)
    form(1)
    again(inbox, out, template=own)
    ledger = out / "台账.xlsx"
    type_in(ledger, "已兑付", {"单位": "甲", "城市": "福州市", "年度": 2025, "金额": 7}, line=2)
    for _ in range(2):
        again(inbox, out, template=own)
        made = openpyxl.load_workbook(ledger)["已兑付"]
        assert made["A1"].value == "某局历年兑付" and made["A4"].font.name == made["N4"].font.name == "楷体"
        assert [(p.enterprise, p.amount) for p in read_facts(ledger)] == [("乙", 3), ("甲", 7)]


def read_facts(ledger: Path) -> Any:
    """The prior payments of a ledger; the column of its own is taken out, since `settle` would refuse it."""
    book = openpyxl.load_workbook(ledger)
    book["已兑付"]["A2"] = None
    book.save(ledger.with_name("x.xlsx"))
    return read_file(ledger.with_name("x.xlsx")).facts.prior_payments


def test_a_ledger_that_cannot_be_read(inbox: Path, form: WriteForm, out: Path) -> None:
    form(1)
    again(inbox, out)
    (out / "台账.xlsx").write_bytes(b"PK\x03\x04 broken")
    summary = again(inbox, out)
    assert summary.not_carried == ("上次的台账读不出来，里面填的没有带过来",)
    assert summary.kept == ("手改留存/台账.xlsx",)


def test_without_the_state_file(inbox: Path, form: WriteForm, out: Path) -> None:
    """What nobody remembers writing only completes what the forms leave blank."""
    form(1, name="a.xlsx")
    again(inbox, out)
    type_in(out / "台账.xlsx", "申报", {"贷款": "HT-1", INVESTED: 1})
    type_in(out / "台账.xlsx", "重点产业链", {"单位": "甲"})
    (out / ".xlpolicy-fill.json").unlink()
    assert again(inbox, out).carried == {"申报": 1, "重点产业链": 1}
    (claim,) = read_file(out / "台账.xlsx").claims
    assert (claim.loan, claim.inputs[INVESTED]) == ("HT-1", 8_000_000)


def test_another_inbox_brings_its_own_facts(inbox: Path, form: WriteForm, out: Path, tmp_path: Path) -> None:
    form(1, name="a.xlsx")
    again(inbox, out)
    type_in(out / "台账.xlsx", "重点产业链", {"单位": "甲"})
    other = tmp_path / "另一批"
    inbox.rename(other)
    summary = again(other, out, replace=True)
    assert summary.carried == {} and summary.kept == ("手改留存/台账.xlsx",)


@pytest.mark.soffice
def test_saved_by_libreoffice(inbox: Path, form: WriteForm, out: Path, tmp_path: Path, soffice: Soffice) -> None:
    form(1, name="a.xlsx", investment=20000)
    again(inbox, out)
    ledger = out / "台账.xlsx"
    typed = {"A4": "示例企业01有限公司", "B4": "福州市", "C4": TECH, "D4": 2026, "E4": 1234567.89, "F4": "旧项目"}
    saved = soffice.open_set_save(ledger, {"已兑付": typed, "申报": {"I3": "HT-1"}}, tmp_path / "s.xlsx", "xlsx")
    shutil.copyfile(saved, ledger)
    summary = again(inbox, out)
    assert summary.carried == {"申报": 1, "已兑付": 1} and summary.not_carried == ()
    file = read_file(ledger)
    assert str(file.facts.prior_payments[0].amount) == "1234567.89" and file.claims[0].loan == "HT-1"
    # 500万 − 1,234,567.89
    assert str(settle(file.claims, file.facts, on_year=2026).claims[0].payable) == "3765432.11"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        3,
        {},
        {"rows": {"A": []}, "keys": {}, "counties": {}, "heads": []},
        {"rows": {}, "keys": {"A": [1]}, "counties": {}, "heads": []},
    ],
)
def test_a_state_that_is_something_else(raw: Any) -> None:
    assert Written.load(raw) is None
