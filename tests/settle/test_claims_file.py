"""Claims and facts from files: round trip, every problem with its cell, other spreadsheet programs, the blank workbook."""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from soffice import Soffice

from xlpolicy import settle
from xlpolicy.claim.binding import bind
from xlpolicy.law import catalog
from xlpolicy.settle import Claim, Facts
from xlpolicy.settle.claims_book import PAIRS, PROVISIONS, write_blank
from xlpolicy.settle.claims_file import ClaimsFileError, read_facts, read_file
from xlpolicy.settle.claims_files import read_files
from xlpolicy.settle.facts import Payment, Support
from xlpolicy.settle.headings import FACTS, FIXED

CLAIMS = (
    Claim("A1", "示例（福州）有限公司", "fuzhou", "tech_upgrade", dt.date(2026, 6, 30), {"investment": "1,000万元", "bond_supported": False}, project="一期"),
    Claim("A2", "示例（福州）有限公司", "fuzhou", "tech_loan_interest", dt.date(2026, 7, 1), {"loan_balance": Decimal("10000000.10"), "days": 365, "loan_rate": "3.1%"}, project="一期", loan="007"),
    Claim("A3", "示例协会", "jinjiang", "craftsman_training", dt.date(2023, 6, 30), {"sessions": 2}, "association"),
    Claim("A4", "示例平台", "putian", "platform_new_enterprise", None, {"enterprises": 9}, policy="putian-draft", project="平台甲"),
    Claim("A5", "示例双跨", "fuzhou", "dual_cross_platform", dt.date(2026, 6, 30), {"consecutive_year": 2, "first_selected_on": dt.date(2025, 12, 31)}),
    Claim("A6", "=1+1", "fuzhou", "digital_project", dt.date(2026, 6, 30), {"investment": Decimal(10) ** 14 + Decimal("0.01")}),
)  # fmt: skip
PAIRED = [f"{part}{number}" for number in range(1, PAIRS + 1) for part in ("填报项", "数值")]
ROW = ["A1", "示例企业01", "企业", "福州市", "tech_upgrade", None, dt.date(2026, 6, 30), "一期", None]
Grid = list[list[Any]]


def write(path: Path, **sheets: Grid) -> Path:
    """A workbook of plain sheets; dates as date cells."""
    book = xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, dt.date):
                    sheet.write_datetime(r, c, value, day)
                elif value is not None:
                    sheet.write(r, c, value)
    book.close()
    return path


def claims_sheet(*rows: list[Any], heads: list[str] | None = None) -> Grid:
    return [["申 报 清 单"], [], [*FIXED, *(heads or ["investment"])], *rows]


def problems(path: Path) -> list[tuple[str, str]]:
    """Code and cell of everything that is wrong with a file."""
    with pytest.raises(ClaimsFileError) as caught:
        read_file(path)
    assert f"有 {len(caught.value.problems)} 处问题" in str(caught.value)
    for problem in caught.value.problems:
        assert problem.got and problem.expected and problem.remedy, problem
    return [(p.code, p.where.removeprefix(path.name).strip()) for p in caught.value.problems]


def bound(claim: Claim) -> Any:
    """What a claim says, whatever the type it says it in."""
    found = catalog.default().find(claim.city, claim.rule, claim.on, claim.policy)
    return claim._replace(inputs=bind(found.rule, claim.inputs)[0])


# --- round trip ---


def test_claims_come_back(tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    write_blank(path, claims=CLAIMS)
    file = read_file(path)
    assert list(map(bound, file.claims)) == list(map(bound, CLAIMS))
    assert list(file.cells.values()) == [f"申报!A{row}" for row in range(4, 10)]
    assert (file.facts, file.on_year, file.enterprises) == (Facts(), None, {})
    assert settle(file.claims, on_year=2026) == settle(CLAIMS, on_year=2026)


def test_the_headings_are_chinese(tmp_path: Path) -> None:
    write_blank(tmp_path / "清单.xlsx", claims=CLAIMS)
    sheet = openpyxl.load_workbook(tmp_path / "清单.xlsx")["申报"]
    heads = [str(cell.value) for row in sheet.iter_rows(3, 3) for cell in row if cell.value]
    assert "年度技改设备（含软件）实际投资额（不含增值税）" in [head.replace("\n", "") for head in heads]
    assert [head for head in heads if head.isascii()] == []
    first = [cell.value for cell in sheet[4]][2:6]
    assert first == ["企业", "福州市", "tech_upgrade　技改设备补助", None]


@pytest.mark.soffice
@pytest.mark.parametrize("fmt", ["xlsx", "xls", "ods"])
def test_claims_come_back_from_libreoffice(tmp_path: Path, soffice: Soffice, fmt: Any) -> None:
    path = tmp_path / "清单.xlsx"
    write_blank(path, claims=CLAIMS)
    saved = soffice.open_set_save(
        path, {"设置": {"B4": 2026}, "资金": {"A4": "fz26_software_fund", "B4": "50万元"}}, tmp_path / f"b.{fmt}", fmt
    )
    file = read_file(saved)
    assert list(map(bound, file.claims)) == list(map(bound, CLAIMS))
    assert file.on_year == 2026 and file.facts.pools == {"fz26_software_fund": Decimal(500_000)}


def test_the_blank_workbook_is_empty_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "空表.xlsx"
    write_blank(path)
    assert read_file(path).claims == ()
    with pytest.raises(FileExistsError):
        write_blank(path)
    write_blank(path, force=True)
    rows = list(openpyxl.load_workbook(path)[PROVISIONS].values)
    (row,) = [row for row in rows if str(row[1]).startswith("tech_upgrade　") and "2026" in str(row[2])]
    assert "年度技改设备（含软件）实际投资额（不含增值税）" in str(row[4]) and "已兑现金额" in str(row[5])


def test_facts_of_every_sheet(tmp_path: Path) -> None:
    sheets: dict[str, Grid] = {
        "设置": [["年度", "2026年"], ["上浮预算", "100万元"], ["取整单位", 1]],
        "已兑付": [
            ["甲", "福州", "tech_upgrade　技改设备补助", 2026, "20万元", None],
            ["乙", "晋江市", None, 2025.0, 1234.5, 12],
        ],
        "其他支持": [
            ["一期", None, "超长期特别国债", None],
            [None, "007", "central_loan_interest", "甲"],
            [None, None, "bond", None, None, "平台一"],
        ],
        "资金": [["fz26_software_fund　福州市：…", "40万元"]],
        "财政贡献": [["甲", 450000]],
        "重点产业链": [["甲"], ["乙"]],
        "项目选择": [["一期", "A1"]],
        "名次": [["A1", 1]],
        "单位": [["甲", "鼓楼区", "小型"], ["乙", None, None]],
    }
    grids = {name: [["标题"], list(FACTS[name]), *rows] for name, rows in sheets.items()}
    file = read_file(write(tmp_path / "a.xlsx", 申报=claims_sheet([*ROW, 1]), **grids))
    assert file.on_year == 2026
    assert file.enterprises == {"甲": {"county": "鼓楼区", "size": "小型"}, "乙": {}}
    assert file.facts == Facts(
        fiscal_contribution={"甲": Decimal(450_000)},
        pools={"fz26_software_fund": Decimal(400_000)},
        chain_enterprises=frozenset({"甲", "乙"}),
        uplift_budget=Decimal(1_000_000),
        prior_payments=(
            Payment("甲", "福州", "tech_upgrade", 2026, Decimal(200_000)),
            Payment("乙", "晋江市", "", 2025, Decimal("1234.5"), "12"),
        ),
        external_support=(
            Support("超长期特别国债", "一期"),
            Support("central_loan_interest", None, "007", "甲"),
            Support("bond", object="平台一"),
        ),
        choices={"一期": "A1"},
        quantum=Decimal(1),
        ranks={"A1": 1},
    )


def test_inputs_as_pairs_by_label_and_as_columns(tmp_path: Path) -> None:
    heads = [*PAIRED, "days", "贷款 年利率"]
    row = [
        *ROW[:4],
        "tech_loan_interest　技改项目贷款贴息",
        *ROW[5:],
        "实际投放贷款余额",
        "1000万元",
        *[None] * (2 * PAIRS - 2),
        365.00000000000006,  # a sum, shown as 365
        "2%",
    ]
    label = catalog.default().document("fuzhou-2026-5").rules["tech_loan_interest"].inputs[0].label
    row[9] = label
    (claim,) = read_file(write(tmp_path / "a.xlsx", 申报=claims_sheet(row, heads=heads))).claims
    assert (claim.rule, claim.inputs) == ("tech_loan_interest", {label: "1000万元", "days": 365, "贷款年利率": "2%"})
    assert settle([claim], on_year=2026).claims[0].payable == 200_000


# --- what is wrong, all at once, with its cell ---


def test_every_problem_of_the_claims(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx",
        申报=claims_sheet(
            [*ROW, 1],
            ["A1", *ROW[1:], 1],
            [None, " ", "公司", None, None, None, "六月三十日", None, None, 1],
            ["A3", *ROW[1:6], "2026-02-30", None, None, 1, None, "#N/A"],
            ["合计", None, None, None, None, None, None, None, None, 4],
            heads=["investment", "investments", "days", "investment"],
        ),
    )
    assert problems(path) == [
        ("heading", "申报!K3"), ("heading", "申报!M3"), ("duplicate", "申报!A5"),
        ("missing", "申报!A6"), ("missing", "申报!B6"), ("missing", "申报!D6"), ("missing", "申报!E6"),
        ("invalid_input", "申报!C6"), ("invalid_input", "申报!G6"), ("cell", "申报!L7"), ("invalid_input", "申报!G7"),
    ]  # fmt: skip


def test_one_name_by_year_and_another_without(tmp_path: Path) -> None:
    rows: Grid = [["甲", 1, 2025], ["甲", 2, 2026], ["乙", 3, None]]
    path = write(tmp_path / "a.xlsx", 申报=claims_sheet([*ROW, 1]), 财政贡献=[list(FACTS["财政贡献"]), *rows])
    assert read_file(path).facts.fiscal_contribution == {"甲": {2025: 1, 2026: 2}, "乙": 3}


def test_every_problem_of_the_facts(tmp_path: Path) -> None:
    rows: dict[str, Grid] = {
        "设置": [["年度", "明年"], ["上浮预算", -1], ["取整单位", 3], ["利率", 1], ["年度", 2026]],
        "已兑付": [["甲", "福州", "a", 2026, "很多", None], [None, "福州", "a", 2026, 1, None], ["甲", "厦门", "a", 26, 1, None], ["甲", "厦门", "a", 2026, 1, None]],
        "其他支持": [[None, None, "bond", None], ["P", None, None, None]],
        "资金": [["fz26_software_fund", None], [None, 1]],
        "财政贡献": [["甲（福州）", 1], ["甲(福州)", 2], ["乙", "x"]],
        "项目选择": [["P", None]],
        "名次": [["A1", "第一"]],
        "单位": [[None, "鼓楼区", None]],
    }  # fmt: skip
    grids = {name: [list(FACTS[name]), *more] for name, more in rows.items()}
    path = write(
        tmp_path / "a.xlsx",
        申报=claims_sheet([*ROW, 1]),
        **grids,
        重点产业链=[["企业名称"], ["甲"]],
        其它=[["x"]],
        Sheet9=[],
    )
    assert [where for _, where in problems(path)] == [
        "其它",
        "资金!B2", "资金!A3", "财政贡献!A3", "财政贡献!B4", "项目选择!B2", "名次!B2",
        "已兑付!E2", "已兑付!A3", "已兑付!D4", "已兑付!B5", "其他支持!A2", "其他支持!C3", "重点产业链",
        "设置!B2", "设置!B3", "设置!B4", "设置!A5", "设置!A6", "单位!A2",
    ]  # fmt: skip


def test_pairs_that_do_not_match(tmp_path: Path) -> None:
    rows: Grid = [
        [*ROW, "investment", None],
        ["A2", *ROW[1:], None, 5],
        ["A3", *ROW[1:], "investment", 1, "investment", 2],
    ]
    path = write(tmp_path / "a.xlsx", 申报=claims_sheet(*rows, heads=PAIRED))
    assert problems(path) == [("pair", "申报!K4"), ("pair", "申报!J5"), ("duplicate", "申报!L6")]


def test_sheets_that_are_not_there(tmp_path: Path) -> None:
    assert problems(write(tmp_path / "a.xlsx", 台账=[["x"]])) == [("sheet", "")]
    assert problems(write(tmp_path / "b.xlsx", 申报=[["编号", "单位"], ["A1", "甲"]])) == [("heading", "申报")]


def test_the_other_sheets_of_a_ledger_are_left_alone(tmp_path: Path) -> None:
    others: dict[str, Grid] = {name: [["什么都有"], [1, 2]] for name in ("汇总", "申报台账", "退回补正", "未列入")}
    assert len(read_file(write(tmp_path / "a.xlsx", **others, 申报=claims_sheet([*ROW, 1]))).claims) == 1


def test_a_file_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"not a workbook")
    assert problems(path) == [("file", "")]
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "none.xlsx")


# --- JSON ---

ONE = {
    "id": "A1",
    "enterprise": "甲",
    "city": "fuzhou",
    "rule": "tech_upgrade",
    "on": "2026-06-30",
    "inputs": {"investment": 5000000.10},
}


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    data = {
        "on_year": 2026,
        "facts": {"pools": {"pt_digital_fund": 1.5}},
        "claims": [ONE],
        "enterprises": {"甲": {"county": "鼓楼区"}},
    }
    path.write_text("\ufeff" + json.dumps(data), encoding="utf-8")
    file = read_file(path)
    assert file.claims[0].inputs == {"investment": "5000000.1"}, "never a binary fraction"
    assert (file.on_year, file.facts.pools, file.enterprises) == (
        2026,
        {"pt_digital_fund": Decimal("1.5")},
        data["enterprises"],
    )


def test_every_problem_of_a_json_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    bad = {**ONE, "id": "A2", "colour": 1}
    data = {
        "year": 1,
        "on_year": "x",
        "claims": [ONE, ONE, 5, bad],
        "facts": {"pools": {"a": -1}, "ranks": 1},
        "enterprises": [],
    }
    path.write_text(json.dumps(data), encoding="utf-8")
    assert [code for code, _ in problems(path)] == [
        "unknown_field", "duplicate", "invalid_input", "invalid_input", "invalid_input", "invalid_input", "invalid_input", "invalid_input",
    ]  # fmt: skip
    path.write_text('{"claims": [], "facts": {"pools": {"a": 1, "a": 2}}}', encoding="utf-8")
    assert problems(path) == [("duplicate", "")]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"claims": {}}', b"\xff\xfe\x00", b"[" * 100_000])
def test_a_json_file_of_another_shape(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert problems(path) == [("file", "")]


def test_a_json_file_without_facts(tmp_path: Path) -> None:
    """A list where facts are asked for: said as such, not as a list of claims that is missing."""
    path = tmp_path / "a.json"
    path.write_bytes(b"[1]")
    with pytest.raises(ClaimsFileError, match="不是事实"):
        read_facts(path)


# --- the drop-downs of the blank workbook ---


def validations(path: Path, sheet: str) -> dict[str, str]:
    """First cell of each validated range -> its formula."""
    with zipfile.ZipFile(path) as package:
        book = package.read("xl/workbook.xml").decode()
        names = re.findall(r'<sheet name="([^"]+)"', book)
        xml = package.read(f"xl/worksheets/sheet{names.index(sheet) + 1}.xml").decode()
    found = re.findall(r'<dataValidation type="list"[^>]*sqref="([A-Z]+\d+)[^"]*"[^>]*><formula1>(.*?)</formula1>', xml)
    return {cell: formula.replace("&amp;", "&") for cell, formula in found}


@pytest.mark.soffice
def test_drop_downs_follow_the_city_and_the_provision(tmp_path: Path, soffice: Soffice) -> None:
    path = tmp_path / "空表.xlsx"
    write_blank(path)
    rules = validations(path, "申报")
    assert list(rules) == ["C4", "D4", "E4", "F4", "J4", "L4", "N4", "P4"]
    title = "smart_factory　智能制造示范工厂奖励"
    with soffice.open(path) as book:
        book.set("申报", {"D4": "泉州市", "E4": title})
        wanted = {"C": "C4", "D": "D4", "E": "E4", "J": "J4"}
        book.set("申报", {f"A{10 + i}": f"=COUNTA({rules[at]})" for i, at in enumerate(wanted.values())})
        book.set(
            "申报",
            {
                "B10": f"=INDEX({rules['J4']},1,1)",
                "B11": f"=COUNTIF({rules['E4']},E4)",
                "B12": f"=INDEX({rules['D4']},1,1)",
            },
        )
        book.recalculate()
        cells = book.read_range("申报", "A10:B13")
    quanzhou = catalog.default().document("quanzhou-2023-6").rules
    rule = quanzhou["smart_factory"]
    assert rule.title in title
    assert [cells[f"A{row}"] for row in range(10, 14)] == [4, 4, len(quanzhou), len(rule.inputs)]
    assert (cells["B10"], cells["B11"], cells["B12"]) == (rule.inputs[0].label, 1, "福州市")
    assert list(validations(path, "已兑付")) == ["B4", "C4"]
    assert list(validations(path, "其他支持")) == ["C4"]
    assert list(validations(path, "资金")) == ["A4"]


def test_every_choice_of_the_drop_downs_is_understood(tmp_path: Path) -> None:
    """Every provision as the list has it, with every input by its label: no claim is refused for a name."""
    path = tmp_path / "空表.xlsx"
    write_blank(path)
    from python_calamine import CalamineWorkbook

    options = CalamineWorkbook.from_path(path).get_sheet_by_name("选项").to_python(skip_empty_area=False)
    heads = [f"{part}{n}" for n in range(1, 12) for part in ("填报项", "数值")]
    rows = []
    for number, line in enumerate(options):
        labels = [cell for cell in line[9:] if cell]
        assert len(labels) == line[8]
        pairs = [cell for label in labels for cell in (label, "（待填）")]
        rows.append([f"A{number}", "甲", "企业", line[5], line[6], None, dt.date(2026, 6, 30), None, None, *pairs])
    file = read_file(write(tmp_path / "a.xlsx", 申报=claims_sheet(*rows, heads=heads)))
    assert len(file.claims) == len(options) > 100
    known = catalog.default()
    for claim in file.claims:
        assert known.rule_id(known.city(claim.city), claim.rule) == claim.rule
        allowed = {
            i.label
            for d in known.of_city(known.city(claim.city))
            if claim.rule in d.rules
            for i in d.rules[claim.rule].inputs
        }
        assert set(claim.inputs) <= allowed


def test_the_object_of_a_claim_comes_back(tmp_path: Path) -> None:
    """附件1 五: two borrowers of one park share its 400万元, in a list as in data: 300 and 100."""
    claim = Claim("A1", "示例园区公司01", "fuzhou", "park_infra_interest", dt.date(2026, 6, 30), {"interest": Decimal(6_000_000)}, object="示例园区")  # fmt: skip
    second = claim._replace(id="A2", enterprise="示例园区公司02")
    write_blank(tmp_path / "a.xlsx", claims=[claim, second])
    listed = read_file(tmp_path / "a.xlsx")
    assert [c.object for c in listed.claims] == ["示例园区", "示例园区"]
    assert [str(c.payable) for c in settle(listed.claims, on_year=2026).claims] == ["3000000.00", "1000000.00"]


def test_what_a_list_shows_is_what_is_settled(tmp_path: Path) -> None:
    """800 that shows 800万元, 20 paid before that shows in millions, a struck row: told by cell, nothing is settled."""
    paid = {"申报单位": "示例企业01", "城市": "福州市", "条款": "tech_upgrade", "年度": 2026, "金额": 20}
    heads = list(FACTS["已兑付"])
    rows = [[{**paid, heads[0]: name}.get(head) for head in heads] for name in ("示例企业01", "示例企业02")]
    filled = [*ROW, *[None] * (len(FIXED) - len(ROW)), 800]
    path = write(tmp_path / "清单.xlsx", 申报=claims_sheet(filled), 已兑付=[heads, *rows])
    book = openpyxl.load_workbook(path)
    column, amount = (openpyxl.utils.get_column_letter(n + 1) for n in (len(FIXED), heads.index("金额")))
    book["申报"][f"{column}4"].number_format = '0"万元"'
    book["已兑付"][f"{amount}2"].number_format = "0.0,,"
    book["已兑付"]["A3"].font = openpyxl.styles.Font(strike=True)
    book.save(path)
    assert problems(path) == [
        ("shown_differently", f"申报!{column}4"), ("shown_differently", f"已兑付!{amount}2"), ("strike", "已兑付!A3"),
    ]  # fmt: skip


def test_a_setting_of_one_of_several_files_counts(tmp_path: Path) -> None:
    """One says the budget, the other does not: no contradiction; two that say it alike are one, two unlike are refused."""
    claim = {
        "enterprise": "示例企业01",
        "city": "fuzhou",
        "rule": "tech_center",
        "on": "2026-06-30",
        "inputs": {"level": "national"},
    }
    said = [{"uplift_budget": 5}, {}, {"uplift_budget": "5"}, {"uplift_budget": 6}]
    paths = [tmp_path / f"{number}.json" for number in range(len(said))]
    for number, (path, facts) in enumerate(zip(paths, said, strict=True)):
        data = {"on_year": 2026, "facts": facts, "claims": [{**claim, "id": str(number)}]}
        path.write_text(json.dumps(data), encoding="utf-8")
    assert read_files(paths[:2]).facts.uplift_budget == 5
    assert read_files(paths[:3]).facts.uplift_budget == 5
    with pytest.raises(ClaimsFileError, match="上浮预算"):
        read_files(paths)


def test_what_is_chosen_from_is_what_the_column_is_of(tmp_path: Path) -> None:
    path = tmp_path / "空表.xlsx"
    write_blank(path)
    options = openpyxl.load_workbook(path)["选项"]
    first = {}
    for sheet, cells in {"申报": "CDF", "其他支持": "C", "资金": "A"}.items():
        for column in cells:
            formula = validations(path, sheet)[f"{column}4"]
            first[sheet, column] = str(options[formula.partition("!")[2].partition(":")[0].replace("$", "")].value)
    assert first == {
        ("申报", "C"): "企业", ("申报", "D"): "福州市", ("申报", "F"): "fuzhou-2024-13　榕政办规〔2024〕13号",
        ("其他支持", "C"): "超长期特别国债",
        ("资金", "A"): "软件产业发展专项　福州市：以当年“软件产业发展专项”为限，不足时按比例兑现",
    }  # fmt: skip
