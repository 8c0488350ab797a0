"""The ledgers of a settlement, and `settle` and `simulate` on the command line from end to end."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import lists
import openpyxl
import pytest
from soffice import CellError, Soffice

from xlpolicy import settle
from xlpolicy.cli import main
from xlpolicy.settle import Claim
from xlpolicy.settle.claims_file import read_file
from xlpolicy.settle.model import read_claims
from xlpolicy.settle.settlement_book import STANDINGS, payers_text, write_settlement
from xlpolicy.settle.table_book import Column, Page, Table, write

TECH = {
    "enterprise": "示例企业01",
    "city": "fuzhou",
    "rule": "tech_upgrade",
    "on": "2026-06-30",
    "project": "一期",
    "inputs": {"investment": "1000万元"},
}
PUTIAN = {
    "enterprise": "示例企业02",
    "city": "putian",
    "policy": "putian-draft",
    "rule": "chain_leader",
    "on": None,
    "inputs": {"smes": 12},
}
GOOD: list[dict[str, Any]] = [
    {**TECH, "id": "A1"},
    {**TECH, "id": "A2", "rule": "digital_project", "inputs": {"investment": "200万元"}},
    {**TECH, "id": "A3", "project": "二期", "inputs": {"investment": "499万元", "investment_with_vat": "499万元"}},
    {**PUTIAN, "id": "A4"},
    {**TECH, "id": "A5", "city": "quanzhou", "rule": "platform_build", "on": "2023-06-30", "inputs": {"investment": "1000000.10", "smes": 20}},
]  # fmt: skip
LACKING = {**TECH, "id": "A6", "enterprise": "=cmd", "inputs": {}}
SHEETS = ["兑付台账", "核减明细", "合并说明", "企业自选", "出资汇总", "公示表", "待补事项"]


def rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    """The rows of a list by heading, the total included; cached results."""
    grid = list(openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True))
    start = next(i for i, row in enumerate(grid) if row[0] == "序号" or row[0] == "条款")
    heads = [str(h).replace("\n", "") for h in grid[start] if h is not None]
    return [dict(zip(heads, row, strict=False)) for row in grid[start + 1 :] if row[0] is not None]


def book(path: Path, *claims: dict[str, Any], facts: dict[str, Any] | None = None) -> Path:
    read = read_claims(claims)
    write_settlement(read, settle(read, facts, on_year=2026), path, cells={"A6": "申报!A9"})
    return path


def test_what_a_cut_is_by_and_what_a_note_asks(tmp_path: Path) -> None:
    """附件4 四：期限一年，第一次 365 天 2000万×1%＝20万，第二次没有天数；附件3 一：两笔 300万合计 600万×3%＝18万，算在第二笔；
    莆田一：一个企业只奖一次，30万。"""
    firm = {"enterprise": "示例企业01", "city": "fuzhou", "on": "2026-06-30", "project": "一期"}
    loan = {
        **firm,
        "rule": "software_loan_interest",
        "project": None,
        "loan": "甲",
        "inputs": {"loan_balance": "2000万元", "days": 365},
    }
    tech = {**firm, "rule": "tech_upgrade", "inputs": {"investment": "300万元"}}
    once = {"enterprise": "示例企业02", "city": "putian", "policy": "putian-draft", "rule": "national_platform", "on": None, "inputs": {"count": 1}}  # fmt: skip
    claims = [
        {**loan, "id": "B1"}, {**loan, "id": "B2", "on": "2027-06-30"}, {**tech, "id": "B3"}, {**tech, "id": "B4"},
        {**once, "id": "B5"}, {**once, "id": "B6"}, {**LACKING, "id": "A6"},
    ]  # fmt: skip
    path = book(tmp_path / "台账.xlsx", *claims)
    assert [r["序号"] for r in rows(path, "核减明细")[:-1]] == [1, 2, 3, 4]
    assert [(r["申报编号"], r["规则"], r["核减额（元）"]) for r in rows(path, "核减明细")[:-1]] == [
        ("B2", "贴息期限", 200000), ("B4", "全年合计", -180000), ("B6", "只兑付一次", 300000), ("A6", "缺少数据", 0),
    ]  # fmt: skip
    assert [(r["申报编号"], r["要做什么"], r["事项"]) for r in rows(path, "待补事项")] == [
        ("A6", "待补", "缺少数据"), ("B4", "核对", "疑似重复申报"),
    ]  # fmt: skip


def test_who_bears_what_in_words() -> None:
    assert payers_text({"city": Decimal(100), "county": Decimal(50)}) == "市级 100.00、县级 50.00"
    assert payers_text({}) == "无"


def test_what_was_reviewed_is_owed(tmp_path: Path) -> None:
    """附件3 三：200万×20%＝40万是上限，审定30万，应付30万；没有这样的条款的写“未核定”。"""
    nowhere = {**TECH, "id": "A7", "rule": "tech_upgrad"}
    path = book(tmp_path / "台账.xlsx", {**GOOD[1], "reviewed": 300000}, nowhere)
    shown = [(r["性质"], r["应付（元）"]) for r in rows(path, "兑付台账")[:2]]
    assert shown == [("经审定", 300000), ("—", 0)]
    assert [(r["条款"], r["依据"]) for r in rows(path, "出资汇总")][1:2] == [("未核定", "—")]


def test_the_ledgers(tmp_path: Path) -> None:
    path = book(tmp_path / "台账.xlsx", *GOOD, LACKING)
    payments = rows(path, "兑付台账")
    kinds = ("单项核定（元）", "核减（元）", "应付（元）", "测算上限（元）", "征求意见稿测算（元）")
    assert [(r["申报编号"], *(r[kind] for kind in kinds)) for r in payments[:-2]] == [
        ("A1", 300000, 300000, 0, 0, 0), ("A2", 400000, 0, 0, 400000, 0), ("A3", 0, 0, 0, 0, 0),
        ("A4", 500000, 0, 0, 0, 500000), ("A5", 300000.03, 0, 300000.03, 0, 0), ("A6", 0, 0, 0, 0, 0),
    ]  # fmt: skip
    assert (payments[-2]["序号"], payments[-2]["应付（元）"], payments[-2]["其中县级（元）"]) == (
        "合计",
        300000.03,
        150000.01,
    )
    assert payments[-1]["序号"].startswith("制表："), "a line to sign"
    reasons = {r["申报编号"]: r["核减原因"] for r in payments if r["申报编号"]}
    assert "保留申报 A2" in reasons["A1"] and "核减 300,000.00元" in reasons["A1"]
    assert (
        reasons["A2"] == "条文写的是最高，这是测算上限，审定以后才是应付"
        and reasons["A3"].startswith("不符合条件：")
        and "门槛" in reasons["A3"]
    )
    assert reasons["A4"] == "征求意见稿，金额仅供参考，不作兑现依据"
    assert "缺少“年度技改设备" in reasons["A6"]
    words = [r["性质"] for r in payments[:-2]]
    assert words == ["测算上限", "测算上限", "测算上限", "定额\n（征求意见稿测算）", "按标准", "测算上限"]
    assert [(r["条款"], r["依据"]) for r in rows(path, "出资汇总")] == [
        ("技改设备补助", "榕政办规〔2026〕5号 附件3 一"), ("数智化项目软硬件投资补助", "榕政办规〔2026〕5号 附件3 三"),
        ("链主企业带动中小企业改造奖励", "《莆田市全面推进工业数智化转型九条措施（征求意见稿）》 五（原文标题“推广链式转型”缺序号五）"),
        ("中小企业公共服务平台软硬件投资补助", "泉政办规〔2023〕6号 一（一）"), ("合计", None),
    ]  # fmt: skip
    counted = [(r["申报（笔）"], r["兑付（笔）"]) for r in rows(path, "出资汇总")]
    assert counted == [(3, 0), (1, 1), (1, 1), (1, 1), (6, 3)]
    notice = rows(path, "公示表")
    assert [r["补助金额（元）"] for r in notice] == [300000.03, 300000.03], "owed: neither a draft nor an upper bound"
    (cut, lacking, total) = rows(path, "核减明细")
    assert (cut["规则"], cut["条文位置"], cut["核减额（元）"]) == (
        "不重复享受",
        "附件3 七2 前段",
        300000,
    )
    assert (lacking["规则"], lacking["申报单位"], total["核减额（元）"]) == ("缺少数据", "=cmd", 300000)
    (todo,) = rows(path, "待补事项")
    assert (todo["申报编号"], todo["清单位置"], todo["事项"]) == ("A6", "申报!A9", "缺少数据")
    note = openpyxl.load_workbook(path)["兑付台账"]["A2"].value
    assert "应付合计大写：叁拾万元零叁分" in note and "测算上限合计大写：肆拾万元整" in note
    assert "其中 1 笔、500,000.00 元依据征求意见稿测算" in note


def test_what_is_to_be_checked_is_not_published(tmp_path: Path) -> None:
    """附件4 三2, three projects a year and four claims without ranks: all in 兑付台账, none in 公示表 before somebody says which."""
    base = {"city": "fuzhou", "rule": "open_source_project", "on": "2026-06-30", "inputs": {}}
    four = [{**base, "id": f"B{i}", "enterprise": f"示例企业0{i}", "object": f"项目{i}"} for i in range(1, 5)]
    other = {
        **base,
        "id": "B5",
        "enterprise": "示例企业05",
        "rule": "pilot_test_income",
        "inputs": {"income": "100万元"},
    }
    path = book(tmp_path / "台账.xlsx", *four, other)
    assert [r["应付（元）"] for r in rows(path, "兑付台账")[:5]] == [300000] * 5
    assert [r["申报单位"] for r in rows(path, "公示表")] == ["示例企业05", None]
    assert "有须核对事项的 4 笔" in openpyxl.load_workbook(path)["公示表"]["A2"].value


def test_a_sum_over_the_year_is_told_in_its_unit(tmp_path: Path) -> None:
    """晋江 二（一）: 20 and 35 served make 55, the tier of 50: 20 and 10; 附件3 一: 600 and 200万 make 800, 18 and 6."""
    base = {**TECH, "city": "jinjiang", "rule": "platform_sme_award", "on": "2023-06-30"}
    claims = [{**base, "id": "C1", "inputs": {"smes": 20}}, {**base, "id": "C2", "inputs": {"smes": 35}}]
    claims += [{**TECH, "id": f"C{i}", "inputs": {"investment": f"{much}万元"}} for i, much in ((3, 600), (4, 200))]
    reasons = {r["申报编号"]: r["原因"] for r in rows(book(tmp_path / "台账.xlsx", *claims), "核减明细")}
    assert "合计 55家，全年应付 300,000.00元，前几笔已计 200,000.00元" in reasons["C2"]
    assert "合计 8,000,000.00元，全年应付 240,000.00元，前几笔已计 180,000.00元" in reasons["C4"]


def test_nothing_to_settle(tmp_path: Path) -> None:
    path = book(tmp_path / "台账.xlsx")
    assert openpyxl.load_workbook(path).sheetnames == [name for name in SHEETS if name not in ("合并说明", "企业自选")]
    assert [r["序号"] for r in rows(path, "公示表")] == ["（无）"]


def test_no_page_repeats_the_heading_of_another_list(tmp_path: Path) -> None:
    """打印时每页重复的是本表的表头；一张工作表有两张表的不重复，放不下时第二张从新的一页开始。"""
    listed = read_claims(GOOD)
    write_settlement(listed, settle(listed, None, on_year=2026), tmp_path / "a.xlsx")
    made = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [made[name].print_title_rows for name in ("合并说明", "企业自选")] == ["$1:$3", "$1:$3"]
    summed = [str(c.value) for c in made["兑付台账"][9] if str(c.value).startswith("=SUM")]
    assert summed[:2] == ["=SUM(J4:J8)", "=SUM(K4:K8)"], "what was computed, and what was cut"
    assert ([c.value for c in made["企业自选"][3]][2:4]) == ["项目（贷款）", "企业选这一项"]
    for count, breaks in ((3, []), (60, [65])):  # 题目、说明、小标题、表头，60 行，空一行
        table = Table((Column("编号", 20),), [[str(n)] for n in range(count)], "一")
        page = Page("两张", "两 张 表", "说明", (table, Table((Column("别的", 20),), [["甲"]], "二")))
        write([page], tmp_path / "b.xlsx", created=dt.date(2026, 6, 30), force=True)
        sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["两张"]
        assert (sheet.print_title_rows, [found.id for found in sheet.row_breaks.brk]) == (None, breaks)


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (book(tmp_path / f"{n}.xlsx", *GOOD) for n in (1, 2))
    with zipfile.ZipFile(first) as a, zipfile.ZipFile(second) as b:
        assert {n: a.read(n) for n in a.namelist()} == {n: b.read(n) for n in b.namelist()}


def forty() -> tuple[list[Claim], Any]:
    rng = Random(7)
    claims = read_claims(lists.claims(rng, 40, 12))
    return claims, settle(claims, lists.facts(rng, [c._asdict() for c in claims]), on_year=2026)


@pytest.mark.soffice
def test_totals_recalculated_by_libreoffice(tmp_path: Path, soffice: Soffice) -> None:
    claims, settlement = forty()
    path = tmp_path / "台账.xlsx"
    write_settlement(claims, settlement, path)
    formulas = openpyxl.load_workbook(path)
    cached = openpyxl.load_workbook(path, data_only=True)
    with soffice.open(path) as opened:
        opened.recalculate()
        counted = 0
        for sheet in formulas.sheetnames:
            cells = opened.read_range(sheet, formulas[sheet].dimensions)
            assert not [c for c in cells.values() if isinstance(c, CellError)]
            for row in formulas[sheet].iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        counted += 1
                        assert cells[cell.coordinate] == pytest.approx(cached[sheet][cell.coordinate].value, abs=0.001)
    assert counted >= 12
    total = rows(path, "兑付台账")[-2]
    assert total["序号"] == "合计"
    parts = [Decimal(str(total.get(f"{name}（元）", 0))) for name in STANDINGS.values()]
    assert sum(parts) == settlement.total() and parts[0] == settlement.total("due")


@pytest.mark.soffice
def test_pages(tmp_path: Path, soffice: Soffice) -> None:
    """A list of forty goes on few pages: A3 for the ledger, the chart on a page of its own."""
    claims, settlement = forty()
    path = tmp_path / "台账.xlsx"
    write_settlement(claims, settlement, path)
    pictures = soffice.to_png(soffice.to_pdf(path, tmp_path / "x.pdf"), tmp_path, dpi=20)
    assert len(pictures) <= 14


# --- the command line ---


@pytest.fixture
def claims_file(tmp_path: Path) -> Path:
    path = tmp_path / "claims.json"
    path.write_text(json.dumps({"on_year": 2026, "claims": GOOD}, ensure_ascii=False), encoding="utf-8")
    return path


def test_settle(tmp_path: Path, claims_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "兑付台账.xlsx"
    assert main(["settle", str(claims_file), "-o", str(output)]) == 0
    out = capsys.readouterr().out
    assert (
        "共 5 笔，应付合计 300,000.03 元，测算上限合计 400,000.00 元，征求意见稿测算合计 500,000.00 元。" in out
        and "保留申报 A2" in out
        and "征求意见稿" in out
        and "不符合条件" in out
    )
    assert openpyxl.load_workbook(output).sheetnames == SHEETS
    assert main(["settle", str(claims_file), "-o", str(output)]) == 2, "not overwritten"
    assert "--force" in capsys.readouterr().err
    assert main(["settle", str(claims_file), "-o", str(output), "--force"]) == 0


def test_settle_json(claims_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settle", str(claims_file), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data == settle(GOOD, on_year=2026).model_dump(mode="json") and data["notes"] == []
    content = json.loads(claims_file.read_text(encoding="utf-8"))
    content["claims"].append(LACKING)
    claims_file.write_text(json.dumps(content), encoding="utf-8")
    assert main(["settle", str(claims_file), "--json"]) == 1, "a claim could not be settled"
    data = json.loads(capsys.readouterr().out)
    assert data["claims"][-1]["payable"] == "0.00" and [n["code"] for n in data["notes"]] == ["missing_input"]
    assert main(["settle", str(claims_file)]) == 1
    assert "待补　A6" in capsys.readouterr().out


def test_settle_a_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "清单.xlsx"
    assert main(["settle", "--blank", str(path)]) == 0
    filled = openpyxl.load_workbook(path)
    for column, value in enumerate(
        ["A1", "甲", "企业", "福州市", "tech_upgrade　技改设备补助", None, "2026-06-30", None, None], 1
    ):
        filled["申报"].cell(4, column, value)
    filled["申报"]["J4"], filled["申报"]["K4"] = "investment", "1000万元"
    filled["申报"]["A5"], filled["申报"]["B5"], filled["申报"]["D5"], filled["申报"]["E5"] = (
        "A2",
        "乙",
        "福州",
        "技改设备补助",
    )
    filled.save(path)
    assert read_file(path).claims[0].inputs == {"investment": "1000万元"}
    capsys.readouterr()
    assert main(["settle", str(path)]) == 1
    out = capsys.readouterr().out
    assert "300,000.00" in out and "待补　A2（申报!A5）" in out and "没有申报日期" in out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["settle"], 2, "没有写申报清单"),
        (["settle", "none.json"], 2, "没有这个文件"),
        (["settle", "bad.json"], 1, "2 处问题"),
        (["settle", "years.json"], 2, "--on-year"),
        (["settle", "facts.json"], 1, "负数"),
        (["simulate", "claims.json"], 2, "--set"),
        (["simulate", "claims.json", "--set", "tech_upgrade.cap=1元"], 2, "文件:条款.数字=新数字"),
        (["simulate", "claims.json", "--set", "fuzhou-2026:tech_upgrade.cap=1元"], 2, "fuzhou-2026-5"),
        (["simulate", "claims.json", "--set", "fuzhou-2026-5:tech_upgrade.cap=1"], 2, "单位"),
        (["simulate", "claims.json", *["--set", "fuzhou-2026-5:tech_upgrade.cap=1元"] * 2], 2, "写了两次"),
    ],
)  # fmt: skip
def test_wrong_calls(
    words: list[str],
    status: int,
    said: str,
    claims_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(claims_file.parent)
    years = [{**TECH, "id": "A1"}, {**TECH, "id": "A2", "on": "2027-06-30"}]
    for name, data in (
        ("bad", {"claims": [{"id": 1}], "on_year": "x"}),
        ("years", {"claims": years}),
        ("facts", {"claims": [], "facts": {"pools": {"a": -1}}}),
    ):
        Path(f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    assert main(words) == status
    assert said in capsys.readouterr().err
    assert main([*words, "--json"]) == status
    assert said in json.loads(capsys.readouterr().out)["error"]["message"]


def test_simulate(tmp_path: Path, claims_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """链主封顶50万改40万；技改门槛500万改400万，499万×3%＝149,700元。"""
    words = [
        "simulate",
        str(claims_file),
        "--set",
        "putian-draft:chain_leader.year_cap=40万元",
        "--set",
        "fuzhou-2026-5:tech_upgrade.threshold=400万元",
    ]
    output = tmp_path / "测算.xlsx"
    assert main([*words, "-o", str(output)]) == 0
    out = capsys.readouterr().out
    assert "50万元 → 40万元" in out and "合计由 1,200,000.03 元变为 1,249,700.03 元（+49,700.00）" in out
    assert openpyxl.load_workbook(output).sheetnames == ["改动", "条款", "县区", "企业规模", "出资", "逐笔"]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["difference"] == "49700.00"


def test_as_a_process(claims_file: Path) -> None:
    """Once as users run it: exit status and UTF-8."""
    code = "import sys; from xlpolicy.cli import main; sys.exit(main())"
    # as the programs of the Windows folder start it
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code, "settle", str(claims_file)], capture_output=True)
    assert done.returncode == 0 and "应付合计" in done.stdout.decode()
