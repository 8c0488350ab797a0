"""The worksheet functions, free of any host: values worked out by hand, what cells may hold, and true errors."""

from __future__ import annotations

import datetime as dt
import importlib
import random
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from xlpolicy.excel.functions import settlement
from xlpolicy.excel.functions.call import ERRORS, NA, VALUE, BlankOrZero, DayFrom1904, XlError, grid, serial_date
from xlpolicy.excel.functions.registry import BY_NAME, FUNCTIONS, Function, example_arguments
from xlpolicy.settle import Claim, settle
from xlpolicy.settle.headings import FACTS, FIXED, LATER
from xlpolicy.settle.model import KINDS

CASES = Path(__file__).parents[1] / "cases"
ON = ("日期", "2026-06-30")


def call(name: str, *args: Any) -> Any:
    return BY_NAME[name].answer(*args)


def tech(*args: Any) -> Any:
    return call("SUBSIDY", "福州", "技改设备补助", *args, *ON)


def code(result: Any) -> str:
    assert isinstance(result, XlError), result
    return f"{result.text} {result.code}"


# --- what may stand in a cell ---


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (8000000, 240000.0),  # 800万×3%
        (8000000.0, 240000.0),
        (Decimal("8000000.1234"), 240000.0),  # a currency cell, cut to 4 places: 240000.003702
        ("800万元", 240000.0),
        ("８００万元", 240000.0),
        ("8,000,000", 240000.0),
        (5000000, 150000.0),  # the threshold itself
        (4999999.9999999991, 150000.0),  # a sum of cents, shown and compared as 5000000
        (4424778.76, 0.0),  # with tax 4,999,999.9988 at most
        (200000000, 5000000.0),  # 3% would be 600万, the cap is 500万
        (0, 0.0),
    ],
)
def test_values_of_a_cell(value: Any, amount: float) -> None:
    result = tech(value)
    assert type(result) is float
    assert result == amount


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("x", "技改设备补助", 1), "#N/A unknown_city"),
        (("福州", "没有这条", 1), "#N/A unknown_rule"),
        (("福州", "技改设备补助", 1, "日期", "2023-01-01"), "#N/A not_in_force"),
        (("福州", "技改设备补助", 1, "文件", "没有"), "#N/A unknown_policy"),
        (("福州", "county_scaleup_incentive", "日期", "2026-06-30"), "#N/A not_computable"),
        (
            ("福州", "技改设备补助", None, *ON),
            "#VALUE! missing_input",
        ),  # an error cell of the .Value path is None as well
        (("福州", "技改设备补助", *ON), "#VALUE! missing_input"),
        (("福州", "技改设备补助", -1, *ON), "#VALUE! invalid_input"),
        (("福州", "技改设备补助", "很多", *ON), "#VALUE! invalid_input"),
        (("福州", "技改设备补助", True, *ON), "#VALUE! invalid_input"),
        (("福州", "技改设备补助", dt.datetime(2026, 1, 1), *ON), "#VALUE! invalid_input"),
        (("福州", "技改设备补助", 1, "日期", "某天"), "#VALUE! invalid_input"),
        (("福州", "技改设备补助", 1, "日期", 0), "#VALUE! invalid_input"),
        (("福州", "技改设备补助", 1, "单位", "美元"), "#VALUE! invalid_input"),
        (("福州", "技改设备补助", 1, "投资", 1, *ON), "#VALUE! unknown_input"),
        (("福州", "技改设备补助", 1, "investment", 1, *ON), "#VALUE! invalid_input"),
        (("福州", "技改设备补助", 1, "单位", "元", "unit", "元"), "#VALUE! invalid_input"),
        (("福州", "技改设备补助", 1, 5), "#VALUE! unknown_input"),
        (("福州", "技改设备补助", "#DIV/0!", *ON), "#DIV/0! error_cell"),
        (("福州", "技改设备补助", "#XLERR:2042", *ON), "#N/A error_cell"),
        (("福州", "技改设备补助", -2146826246, *ON), "#N/A error_cell"),  # as COM hands an error over
        (("福州", "技改设备补助", 8000000, "paid_before", "#REF!", *ON), "#REF! error_cell"),
        ((None, "技改设备补助", 1), "#VALUE! invalid_input"),
        (("福州",), "#VALUE! invalid_input"),
        ((["福州", "泉州"], "技改设备补助", 1), "#VALUE! invalid_input"),
    ],
)
def test_errors_are_errors_with_their_reason(args: tuple[Any, ...], expected: str) -> None:
    result = call("SUBSIDY", *args)
    assert code(result) == expected
    why = call("SUBSIDY_WHY", *args)
    if len(args) > 1 and not isinstance(args[0], list):
        assert isinstance(why, str)
        assert len(why) > 10


@pytest.mark.parametrize(
    "day", ["2026-06-30", "2026年6月30日", dt.date(2026, 6, 30), dt.datetime(2026, 6, 30, 9), 46203, 46203.5]
)
def test_dates(day: Any) -> None:
    assert call("SUBSIDY", "福州", "技改设备补助", 8000000, "日期", day) == 240000.0


def test_serial_numbers_count_as_excel_does() -> None:
    """Excel's 1900 has a 29 February: serial 59 is 28 February, 61 is 1 March."""
    assert serial_date(1) == dt.date(1900, 1, 1)
    assert serial_date(59) == dt.date(1900, 2, 28)
    assert serial_date(61) == dt.date(1900, 3, 1)
    assert serial_date(45292) == dt.date(2024, 1, 1)
    assert serial_date(0) == 0
    assert serial_date(True) is True


def test_a_date_input_may_be_a_serial_number() -> None:
    """二（十一）一是: first selected 2024-06-01 (serial 45444), its second year 2025, 300 万 in all years."""
    by_serial = call("SUBSIDY", "福州", "dual_cross_platform", 2, "first_selected_on", 45444.0, "日期", "2025-06-30")
    by_text = call("SUBSIDY", "福州", "dual_cross_platform", 2, "first_selected_on", "2024-06-01", "日期", "2025-06-30")
    assert by_serial == by_text > 0


def test_units() -> None:
    """800 万元 × 3% = 24 万元; the pairs' amounts are in the unit too: 已兑现 490 万 leaves 10 万 of the cap."""
    assert tech(800, "单位", "万元") == 24.0
    assert tech(800, "单位", "万元", "paid_before", 490) == 10.0
    assert tech("800万元", "单位", "万元", "paid_before", "490万元") == 10.0
    assert tech(0.08, "unit", "亿元") == 0.0024
    assert tech(8000000, "单位", None) == 240000.0


def test_a_unit_may_leave_out_the_yuan() -> None:
    assert tech(800, "单位", "万") == 24.0
    assert tech([[800.0]] * 100, "单位", "万") == [[24.0]] * 100
    assert call("RMB_UPPER", 24, "万") == "贰拾肆万元整"
    assert call("SUBSIDY_INPUTS", "福州", "技改设备补助", "单位", "万", *ON)[1][3] == "万元"


def test_errors_of_newer_excels_are_errors() -> None:
    """As text, as the wrapper's sentinel, as COM's integer (2147483648 below): the reason names it."""
    for number, text in {2043: "#GETTING_DATA", 2045: "#SPILL!", 2050: "#CALC!", 2051: "#BUSY!"}.items():
        for cell in (text, f"#XLERR:{number}", number - 2146828288):
            result = tech(cell)
            assert code(result) == "#VALUE! error_cell"
            assert f"错误值 {text}；" in result.message


def test_an_error_cell_is_named_wherever_one_cell_is_asked_for() -> None:
    """Not a missing city, day or number: the cell that is referred to has to be put right."""
    claims = [["申报编号", "申报单位", "城市", "条款"], ["1", "甲", "福州", "tech_upgrade"]]
    for name, where, *args in (
        ("SUBSIDY", "城市", "#SPILL!", "tech_upgrade", 1),
        ("SUBSIDY_COMPARE", "主要输入", "技术改造", "#SPILL!"),
        ("SUBSIDY_COMPARE", "日期", "技术改造", 1, "日期", "#SPILL!"),
        ("SUBSIDY_RULES", "日期", "福州", None, "#SPILL!"),
        ("SUBSIDY_SETTLE", "单位", claims, "单位", "#SPILL!"),
    ):
        told = f"{where}：引用的单元格是错误值 #SPILL!；应为：数值或文字。请先改正被引用的单元格。"
        assert call(name, *args).message == told
    assert "主要输入：不是一个数值" in call("SUBSIDY_COMPARE", "技术改造", [[1], [2]]).message


def test_what_a_provision_without_an_amount_is_asked_for() -> None:
    """附件5 三2 sends on to 附件2: every function says so."""
    for name, *goal in (("SUBSIDY",), ("SUBSIDY_MAX",), ("SUBSIDY_NEED", 50), ("SUBSIDY_INPUTS",)):
        result = call(name, "福州", "专精特新企业产学研项目补助（援引）", *goal, *ON)
        assert code(result) == "#N/A not_computable"
        assert "按下列去处办理：产学研合作项目请按附件2 六" in result.message


def test_a_zero_that_may_be_a_blank_is_asked_about() -> None:
    """技改: with-VAT investment left out is the investment itself (800万 × 3 %), as 0 it is below the threshold."""
    zero = BlankOrZero()
    asked = tech(8000000.0, "investment_with_vat", zero)
    assert code(asked) == "#VALUE! invalid_input"
    assert "空白" in asked.message
    assert tech(8000000.0, "investment_with_vat", "0") == 0.0
    assert tech(8000000.0, "investment_with_vat", None) == 240000.0
    assert tech(8000000.0, "investment_with_vat", 0) == 0.0
    # where blank and 0 mean the same there is nothing to ask: no bonds, nothing paid before, nothing invested
    assert tech(8000000.0, "bond_supported", zero, "paid_before", zero) == 240000.0
    assert tech(zero) == tech("investment", zero) == 0.0
    assert code(tech([[8000000.0]] * 100, "investment_with_vat", zero)[99][0]) == "#VALUE! invalid_input"


def test_what_is_asked_for_a_name_or_a_day_is_never_0() -> None:
    """A host's 0 for an empty cell is blank there, with the blank's result: no city, unit, document or day is 0."""
    zero, heads = BlankOrZero(), [["申报编号", "申报单位", "城市", "条款", "申报日期", "investment"]]
    claims = [*heads, ["1", "示例企业01", "福州", "技改设备补助", "2026-06-30", 8e6]]
    asked: list[tuple[Any, ...]] = [
        ("SUBSIDY", zero, "技改设备补助", 8e6),
        ("SUBSIDY", "福州", zero, 8e6),
        ("SUBSIDY", "福州", "技改设备补助", 8e6, "日期", zero, "单位", zero, "文件", zero),
        ("SUBSIDY", "福州", "技改设备补助", [[8e6]] * 100, "日期", [[zero]] * 100, "单位", zero, "文件", zero),
        ("SUBSIDY", "福州", "技改设备补助", 8e6, zero, zero),
        ("SUBSIDY_BASIS", "福州", "技改设备补助", "日期", zero),
        ("SUBSIDY_MAX", "泉州", "智能制造场景奖励", "认定层级", zero, "文件", "quanzhou-2023-6"),
        ("SUBSIDY_NEED", "福州", "技改设备补助", zero),
        ("SUBSIDY_NEED", "福州", "技改设备补助", 500000, "按", zero),
        ("SUBSIDY_RULES", zero, zero, zero),
        ("SUBSIDY_INPUTS", "福州", "技改设备补助", "日期", zero, "单位", zero),
        ("SUBSIDY_COMPARE", zero, 8e6),
        ("SUBSIDY_COMPARE", "技术改造", 8e6, "日期", zero, "单位", zero),
        ("SUBSIDY_SETTLE", claims, "年度", zero, "单位", zero, "资金", zero),
        ("POLICY_STATUS", zero, "2026-06-30"),
        ("POLICY_STATUS", "fuzhou-2026-5", zero, zero),
        ("RMB_UPPER", 24, zero),
        ("USCC_CHECK", zero),
    ]
    for name, *args in asked:
        blank = [None if arg is zero else [[None]] * 100 if arg == [[zero]] * 100 else arg for arg in args]
        assert call(name, *args) == call(name, *blank), (name, args)
    assert call("RMB_UPPER", zero) == "零元整"  # a sum of nothing is written out


def test_a_zero_that_may_be_a_blank_is_asked_about_wherever_a_blank_pays() -> None:
    """附件4 二1: 50万 each, one where no number is stated. 附件1 一: 当年为 0, so a blank is no year (200万 × 3 %)."""
    zero = BlankOrZero()
    product = ("福州", "secure_product")
    assert [call("SUBSIDY", *product, count, *ON) for count in (None, "0", 2)] == [500_000.0, 0.0, 1_000_000.0]
    for asked in (call("SUBSIDY", *product, zero, *ON), call("SUBSIDY", *product, "count", zero, *ON)):
        assert "空白" in asked.message
    assert code(call("SUBSIDY", *product, [[2.0]] * 99 + [[zero]], *ON)[99][0]) == "#VALUE! invalid_input"
    grown = ("福州", "scaleup_tech_upgrade", 2e6, "years_since_scaleup")
    assert call("SUBSIDY", *grown, "0", *ON) == 60_000.0
    assert code(call("SUBSIDY", *grown, None, *ON)) == "#VALUE! missing_input"
    assert "空白" in call("SUBSIDY", *grown, zero, *ON).message
    for value, pairs in ((zero, ()), (8e6, ("investment_with_vat", zero))):
        assert "空白" in call("SUBSIDY_COMPARE", "技改设备补助", value, *pairs).message


def test_names_in_chinese_and_english() -> None:
    label = "项目已享受发改委牵头的超长期特别国债设备更新资金"
    assert tech(8000000, label, "是") == tech(8000000, "bond_supported", True) == 0.0
    assert tech("investment", 8000000) == tech("年度技改设备（含软件）实际投资额（不含增值税）", 8000000) == 240000.0


# --- a value without a name ---

BENCHMARK = (
    "福州",
    "national_benchmark",
)  # 榕2024 二（十一）二: 80万 each; 榕2026 附件3 四: half of the province's award


def test_a_value_is_the_first_input_of_the_document_that_decides() -> None:
    assert call("SUBSIDY", *BENCHMARK, 2, "文件", "fuzhou-2024-13") == 1_600_000.0  # 2 × 80万
    assert call("SUBSIDY", *BENCHMARK, 2, "日期", "2025-06-30") == 1_600_000.0
    assert call("SUBSIDY", *BENCHMARK, 1_000_000, "日期", "2026-06-30") == 500_000.0
    assert call("SUBSIDY", *BENCHMARK, 100, "单位", "万元", "日期", "2026-06-30") == 50.0
    assert call("SUBSIDY", *BENCHMARK, [[2], [None], [1]], "日期", "2025-06-30") == [[1_600_000.0], [""], [800_000.0]]
    assert call("SUBSIDY", *BENCHMARK, [[2.0]] * 100, "日期", "2025-06-30") == [[1_600_000.0]] * 100
    twice = call("SUBSIDY", *BENCHMARK, 2, "count", 2, "文件", "fuzhou-2024-13")
    assert code(twice) == "#VALUE! invalid_input"
    assert "填了两次" in twice.message


def test_the_reason_says_first_what_a_value_was_taken_for() -> None:
    why = call("SUBSIDY_WHY", *BENCHMARK, 2, "日期", "2026-06-30")
    assert why.startswith("数值用作省级奖励金额（榕政办规〔2026〕5号")
    why = call("SUBSIDY_WHY", *BENCHMARK, 2, "文件", "fuzhou-2024-13")
    assert why.startswith("数值用作入选的国家级示范或案例数（榕政办规〔2024〕13号")
    refused = call("SUBSIDY_WHY", *BENCHMARK, 1.5, "文件", "fuzhou-2024-13")
    assert refused.startswith("数值用作入选的国家级示范或案例数")
    assert "不是整数" in refused
    # nothing to say where a pair names it, or where all documents of the city mean the same
    assert not call("SUBSIDY_WHY", *BENCHMARK, "count", 2, "文件", "fuzhou-2024-13").startswith("数值用作")
    assert not call("SUBSIDY_WHY", "福州", "技改设备补助", 8000000, *ON).startswith("数值用作")


@pytest.mark.parametrize("rows", [2, 100])
def test_a_column_over_documents_that_mean_different_things_is_refused(rows: int) -> None:
    days = [["2025-06-30"]] * (rows - 1) + [["2026-06-30"]]
    for value in (2, [[2.0]] * rows):
        result = call("SUBSIDY", *BENCHMARK, value, "日期", days)
        assert code(result) == "#VALUE! invalid_input"
        assert "榕政办规〔2024〕13号用作“入选的国家级示范或案例数”" in result.message
        assert "榕政办规〔2026〕5号用作“省级奖励金额”" in result.message
        assert '成对书写，如 "count",数值' in result.message
        assert call("SUBSIDY_WHY", *BENCHMARK, value, "日期", days) == result.message
    named = call("SUBSIDY", *BENCHMARK, "count", [[2]] * rows, "日期", days)
    assert named[:-1] == [[1_600_000.0]] * (rows - 1)
    assert code(named[-1][0]) == "#VALUE! unknown_input"
    # a row that states no value reaches no meaning
    assert call("SUBSIDY", *BENCHMARK, [[2], [None]], "日期", [["2025-06-30"], ["2026-06-30"]])[0] == [1_600_000.0]


# --- ranges ---


def test_a_column_a_row_and_flat_lists() -> None:
    column = tech([[8000000], [None], ["错"], [5000000]])
    assert [column[0], column[1], column[3]] == [[240000.0], [""], [150000.0]]
    assert code(column[2][0]) == "#VALUE! invalid_input"
    assert tech([[8000000, 5000000]]) == [[240000.0, 150000.0]]
    assert tech([8000000, 5000000]) == [[240000.0], [150000.0]]
    assert tech(((8000000,), (5000000,))) == [[240000.0], [150000.0]]


def test_ragged_and_empty_ranges() -> None:
    assert grid([[1, 2], [3]]) == [[1, 2], [3, None]]
    assert grid([]) == [[None]]
    assert tech([[8000000, 5000000], [8000000]]) == [[240000.0, 150000.0], [240000.0, ""]]


def test_pairs_as_ranges() -> None:
    """499.99 万 without VAT is 500 万 with it: above the threshold, 149,997 元."""
    assert tech([[8000000], [4999900]], "investment_with_vat", [[9040000], [5000000]]) == [[240000.0], [149997.0]]
    assert tech([[8000000], [5000000]], "paid_before", 4900000) == [[100000.0], [100000.0]]
    assert tech(8000000, "paid_before", [[0], [4900000]]) == [[240000.0], [100000.0]]
    wrong = tech([[1], [2], [3]], "paid_before", [[1], [2]])
    assert code(wrong) == "#VALUE! invalid_input"
    assert "2 行 1 列" in wrong.message


def test_names_over_a_block_of_values() -> None:
    """A heading row over the whole table; names beside values; a blank heading leaves its column out."""
    heads = [["investment", "investment_with_vat", None, "bond_supported"]]
    rows = [[800, 904, "随便", "否"], [499.99, 500, None, None], [None, None, None, None], [800, None, None, "是"]]
    assert call("SUBSIDY", "福州", "技改设备补助", heads, rows, "单位", "万元", *ON) == [[24.0], [14.9997], [""], [0.0]]
    names, values = [["investment"], ["paid_before"], [""]], [[8000000], [4900000], [7]]
    assert call("SUBSIDY", "福州", "技改设备补助", names, values, *ON) == [[100000.0]]
    assert call("SUBSIDY", "福州", "技改设备补助", ["investment", "paid_before"], [[8000000, 4900000]], *ON) == [
        [100000.0]
    ]
    wrong = call("SUBSIDY", "福州", "技改设备补助", heads, [[1], [2]], *ON)
    assert "名称有 4 个" in wrong.message


def test_an_error_in_one_row_stays_there() -> None:
    column = tech([[8000000], ["#N/A"], [5000000]])
    assert [column[0], column[2]] == [[240000.0], [150000.0]]
    assert code(column[1][0]) == "#N/A error_cell"


def test_ten_thousand_rows() -> None:
    """1元, 1001元 … : the amount of each is 3% where 500 万 is reached, at most 500 万; a question where 113% of it is."""
    values = [[1 + 1000.0 * i * i] for i in range(10_000)]
    result = tech(values)
    for (value,), (amount,) in zip(values, result, strict=True):
        exact = Decimal(str(value)) * 3 / 100
        if Decimal(str(value)) * 113 / 100 >= 5_000_000 > value:
            assert code(amount) == "#N/A undecided"
            continue
        wanted = Decimal(0) if value < 5_000_000 else min(exact, Decimal(5_000_000))
        assert amount == float(wanted.quantize(Decimal("0.01")))


def test_a_long_column_without_numpy_and_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slower, never an error. 800 万 and 500 万 at 3 %; above 500 万 / 3 % the cap of 500 万."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("numpy", "pandas")]:
        monkeypatch.setitem(sys.modules, name, None)
    for name in [name for name in sys.modules if name.startswith("xlpolicy.columns")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("xlpolicy.columns")
    result = tech([[8000000.0], [5000000.0], [None], [200000000.0]] * 25)
    assert result == [[240000.0], [150000.0], [""], [5000000.0]] * 25


def test_too_many_rows() -> None:
    result = call("SUBSIDY", "福州", "技改设备补助", [[1]] * 200_001, *ON)
    assert code(result) == "#VALUE! invalid_input"
    assert "200001 行" in result.message


# --- every case worked out by hand ---


def _cases() -> list[Any]:
    out = []
    for path in sorted(CASES.glob("*.yaml")):
        head = {("on" if k is True else k): v for k, v in yaml.safe_load(path.read_text(encoding="utf-8")).items()}
        for number, raw in enumerate(head["cases"]):
            case = {("on" if k is True else k): v for k, v in raw.items()}
            out.append(pytest.param(head, case, id=f"{path.stem}-{number:03}"))
    return out


@pytest.mark.parametrize(("head", "case"), _cases())
def test_case_through_the_worksheet_function(head: dict[str, Any], case: dict[str, Any]) -> None:
    city = head["document"].partition("-")[0]
    pairs = [part for item in case["inputs"].items() for part in item]
    on, policy = case.get("on", head.get("on")), case.get("policy", head.get("policy"))
    args = (city, case["provision"], *pairs, "日期", on, "文件", policy)
    result = call("SUBSIDY", *args)
    if "error" in case:
        assert code(result).partition(" ")[2] == case["error"]
        assert result.text == (
            "#VALUE!" if case["error"] in {"missing_input", "invalid_input", "unknown_input"} else "#N/A"
        )
        assert call("SUBSIDY_WHY", *args) == result.message
    elif "question" in case:
        assert code(result) == "#N/A undecided"
        assert "未填" in call("SUBSIDY_WHY", *args)
    else:
        assert result == float(case["amount"])
        assert isinstance(call("SUBSIDY_BASIS", *args), str)


@pytest.mark.parametrize(("head", "case"), _cases())
def test_case_down_a_long_column(head: dict[str, Any], case: dict[str, Any]) -> None:
    """The same amount in every one of 64 rows, which are computed at once; the error where it is one."""
    city = head["document"].partition("-")[0]
    pairs = [part for name, value in case["inputs"].items() for part in (name, [[value]] * 64)]
    on, policy = case.get("on", head.get("on")), case.get("policy", head.get("policy"))
    result = call("SUBSIDY", city, case["provision"], *pairs, "日期", [[on]] * 64, "文件", policy)
    if isinstance(result, XlError):  # no such city or provision: the call as a whole
        assert code(result) == f"#N/A {case['error']}"
        return
    for row in (result[0][0], result[63][0]):
        if row == "":  # a case that states nothing is a blank row
            assert not on and all(value is None for value in case["inputs"].values())
        elif "error" in case:
            assert code(row).partition(" ")[2] == case["error"]
        elif "question" in case:
            assert code(row) == "#N/A undecided"
        else:
            assert row == float(case["amount"])


UNITS = [("元", 1), ("千元", 10**3), ("万元", 10**4), ("百万元", 10**6), ("亿元", 10**8)]


@pytest.mark.parametrize(("unit", "yuan"), UNITS)
def test_units_of_a_long_column_are_exact(unit: str, yuan: int) -> None:
    """3 % from 500万 on, at most 500万, each rounded once to the cent, and the float nearest to it in the unit."""
    chance = random.Random(unit)
    most = 2 * 10**8 // yuan
    values = [round(chance.uniform(0, most), digits) for digits in (0, 1, 2, 3, 4, 6) for _ in range(100)]
    result = tech([[value] for value in values], "单位", unit)
    for value, (amount,) in zip(values, result, strict=True):
        stated = Decimal(repr(value)) * yuan
        if stated * 113 / 100 >= 5_000_000 > stated:
            assert code(amount) == "#N/A undecided"
            continue
        due = min(stated * 3 / 100, Decimal(5_000_000)) if stated >= 5_000_000 else Decimal(0)
        assert amount == float(due.quantize(Decimal("0.01"), ROUND_HALF_UP) / yuan), value


def test_what_else_stands_in_a_long_column() -> None:
    """Texts, blanks, errors, negatives, more digits than a float keeps: each row on its own, as in a single cell."""
    cells: list[Any] = ["800万元", None, "#N/A", "abc", True, -5, 0, float("nan"), 8_000_000, 5e6, 2**60, "５００万元"]
    expected = [240000.0, "", 2042, 2015, 2015, 2015, 0.0, 2015, 240000.0, 150000.0, 2015, 150000.0]
    result = tech([[cell] for cell in cells] * 6)
    assert [r.number if isinstance(r, XlError) else r for (r,) in result] == expected * 6
    assert tech([[4999999.9999999991], [8e6]] * 40) == [[150000.0], [240000.0]] * 40
    assert tech([8e6, None] * 50) == [[240000.0], [""]] * 50
    assert tech([[8e6, 5e6]] * 40) == [[240000.0, 150000.0]] * 40


def _range(case: dict[str, Any]) -> list[list[Any]]:
    """The claims of a settlement case as a range with a heading row."""
    inputs = list(dict.fromkeys(name for claim in case["claims"] for name in claim.get("inputs") or {}))
    keys = {key: head for head, key in {**FIXED, **LATER}.items()}
    table: list[list[Any]] = [[*keys.values(), *inputs]]
    for claim in case["claims"]:
        fixed = [claim.get(key) for key in keys]
        fixed[2] = KINDS[claim.get("enterprise_kind") or "enterprise"]
        table.append([*fixed, *((claim.get("inputs") or {}).get(name) for name in inputs)])
    return table


def _with_ranks(case: dict[str, Any]) -> dict[str, Any]:
    """The facts of a case; a rank that stands on the claim goes with them, as a worksheet has it."""
    facts = dict(case.get("facts") or {})
    if ranks := {claim["id"]: claim["rank"] for claim in case["claims"] if claim.get("rank") is not None}:
        facts["ranks"] = {**facts.get("ranks", {}), **ranks}
    return facts


def _by_year(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a figure, with its year where it has one."""
    return [
        {"name": name, "value": value, "year": year}
        for name, item in figures.items()
        for year, value in (item.items() if isinstance(item, dict) else [(None, item)])
    ]


def _fact_pairs(facts: dict[str, Any]) -> list[Any]:
    out: list[Any] = []
    lists: dict[str, list[dict[str, Any]]] = {
        "已兑付": facts.get("prior_payments", []),
        "其他支持": facts.get("external_support", []),
        "资金": _by_year(facts.get("pools", {})),
        "财政贡献": _by_year(facts.get("fiscal_contribution", {})),
        "项目选择": [{"name": k, "value": v} for k, v in facts.get("choices", {}).items()],
        "名次": [{"name": k, "value": v} for k, v in facts.get("ranks", {}).items()],
        "重点产业链": [{"name": name} for name in facts.get("chain_enterprises", [])],
    }
    for name, rows in lists.items():
        if rows:
            out += [name, [list(FACTS[name]), *([row.get(key) for key in FACTS[name].values()] for row in rows)]]
    for name, key in (("上浮预算", "uplift_budget"), ("取整单位", "quantum")):
        if facts.get(key) is not None:
            out += [name, facts[key]]
    return out


SETTLEMENTS = [
    pytest.param(case, id=f"{path.stem}-{number:02}")
    for path in sorted((CASES / "settle").glob("*.yaml"))
    if path.stem != "largest-remainder"
    for number, case in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize("case", SETTLEMENTS)
def test_settlement_case_through_the_worksheet_function(case: dict[str, Any]) -> None:
    result = call("SUBSIDY_SETTLE", _range(case), "年度", case["on_year"], *_fact_pairs(_with_ranks(case)))
    assert isinstance(result, list), result
    assert result[0] == ["核算金额（元）"]
    for claim, (payable,) in zip(case["claims"], result[1:], strict=True):
        want = float(case["expect"][claim["id"]]["payable"])
        if isinstance(payable, XlError):
            assert want == 0
            assert payable.code in {"missing_input", "invalid_input", "unknown_input"}
        else:
            assert payable == want


# --- the other functions ---


def test_settle_rows_errors_and_columns() -> None:
    heads = ["申报编号", "申报单位", "城市", "条款", "申报日期", "investment"]
    rows: list[list[Any]] = [
        ["1", "甲", "福州", "tech_upgrade", 46203.0, 800],
        [None] * 6,
        ["2", "乙", "福州", "tech_upgrade", "2026-06-30", "很多"],
        ["3", "丙", "福州", "没有这条", "2026-06-30", 800],
        ["1", "丁", "福州", "tech_upgrade", "2026-06-30", 800],
        [5.0, "戊", "福州", "tech_upgrade", "2026-06-30", "#N/A"],
        ["6", "己", "福州", "tech_upgrade", "2023-06-30", 800],
    ]
    result = call("SUBSIDY_SETTLE", [heads, *rows], "单位", "万元", "年度", 2026.0, "内容", "全部")
    assert len(result) == len(rows) + 1
    assert result[0][:3] == ["核算金额（万元）", "单项核定（万元）", "核减（万元）"]
    assert result[1][:3] == [24.0, 24.0, 0.0]
    assert result[2] == [""] * len(result[0])
    assert [code(line[0]) for line in result[3:7]] == [
        "#VALUE! invalid_input", "#N/A unknown_rule", "#VALUE! invalid_input", "#VALUE! invalid_input",
    ]  # fmt: skip
    assert "申报区域第 6 行“申报编号”：编号 1 与 申报区域第 2 行“申报编号” 重复" in result[5][-3]
    assert result[7][0] == 0.0  # outside the document's validity: payable 0 with a cut, as `settle` has it
    assert "2023-06-30" in result[7][-3]
    why = call("SUBSIDY_WHY", "SUBSIDY_SETTLE", [heads, rows[2]])
    assert "“很多”读不成一个金额" in why[1][0]


def test_settle_shows_the_notes_of_a_claim() -> None:
    """晋江: without the year's fiscal contribution the ceiling is not applied, and the claim says so (as the command)."""
    heads = ["申报编号", "申报单位", "城市", "条款", "申报日期", "served", "started"]
    rows = [["1", "甲", "jinjiang", "public_consulting", "2024-06-30", 60, 30]]
    done = settle([Claim("1", "甲", "jinjiang", "public_consulting", dt.date(2024, 6, 30), {"served": 60, "started": 30})],
                  on_year=2024)  # fmt: skip
    notes = [note.text for note in done.notes]
    result = call("SUBSIDY_SETTLE", [heads, *rows], "内容", "全部")
    assert result[0][-4:] == ["提示", "核减原因", "依据", "金额是"]
    assert result[1][-4] == "；".join(notes)


def test_settle_reads_the_pairs_of_columns_and_totals_of_a_list() -> None:
    """As `settle --blank` makes them: 填报项1, 数值1; a row 合计 is no claim. 800万 × 3 %."""
    heads = ["申报编号", "申报单位", "城市", "条款", "申报日期", "填报项1", "数值1"]
    rows = [
        ["1", "甲", "福州", "tech_upgrade　技改设备补助", 46203.0, "investment", 800],
        ["合计", None, None, None, None, None, 800],
    ]
    assert call("SUBSIDY_SETTLE", [heads, *rows], "单位", "万元") == [["核算金额（万元）"], [24.0], [""]]


def test_settle_where_a_blank_may_arrive_as_0() -> None:
    """Two firms, no project, no code, nothing reviewed: 500万 each, the cap of each. As code 0 they would be one firm."""
    zero, heads = BlankOrZero(), ["申报编号", "申报单位", "城市", "条款", "申报日期", "investment"]
    blank = [
        "单位类型",
        "文件代号",
        "项目",
        "贷款",
        "统一社会信用代码",
        "对象",
        "事实日期",
        "served",
        "填报项1",
        "数值1",
    ]

    def table(gap: Any, *more: str) -> list[list[Any]]:
        rows = [[n, f"示例企业0{n}", "福州", "技改设备补助", 46203.0, 2e8] for n in ("1", "2")]
        return [
            [*heads, *blank, *more],
            *([*row, *[gap] * len([*blank, *more])] for row in rows),
            [gap] * len([*heads, *blank, *more]),
        ]

    for wide in ("应付", "全部"):
        assert call("SUBSIDY_SETTLE", table(zero), "内容", wide) == call("SUBSIDY_SETTLE", table(None), "内容", wide)
    assert [line[0] for line in call("SUBSIDY_SETTLE", table(zero))[1:]] == [5_000_000.0, 5_000_000.0, ""]
    for number in ("审定额", "investment_with_vat"):
        asked = call("SUBSIDY_SETTLE", table(zero, number))
        assert [code(line[0]) for line in asked[1:3]] == ["#VALUE! invalid_input"] * 2
        assert "也可能是空白单元格" in asked[1][0].message
    paid = {"单位": "示例企业01", "城市": "福州", "条款": "技改设备补助", "年度": 2026.0, "金额": 1e6}
    for gap in ("金额", "本金", "天数", "其中县级", "含云服务支出"):
        told = paid | {gap: zero}
        asked = call("SUBSIDY_SETTLE", table(None), "已兑付", [[*told], [*told.values()]])
        assert asked.message.startswith(f"已兑付区域第 2 行“{gap}”")
    assert "空白" in call("SUBSIDY_SETTLE", table(None), "上浮预算", zero).message


def test_settle_takes_the_lists_of_earlier_versions() -> None:
    """已兑付 of the five columns that every entry has: 100万 of the 500万 are used."""
    claims = [
        ["申报编号", "申报单位", "城市", "条款", "申报日期", "investment"],
        ["1", "甲", "福州", "tech_upgrade", 46203.0, 2e8],
    ]
    paid = [["单位", "城市", "条款", "年度", "金额"], ["甲", "福州", "tech_upgrade", 2026.0, 1e6]]
    assert call("SUBSIDY_SETTLE", claims, "已兑付", paid) == [["核算金额（元）"], [4_000_000.0]]


def test_settle_reads_the_days_and_amounts_of_its_lists() -> None:
    """Days are serial numbers to Excel (45658 is 2025-01-01), amounts in the unit of the call; every such column."""
    claims = [
        ["申报编号", "申报单位", "城市", "条款", "申报日期", "investment"],
        ["1", "甲", "福州", "tech_upgrade", 46203.0, 800.0],
    ]
    paid = {"单位": "甲", "城市": "福州", "条款": "tech_upgrade", "年度": 2026.0, "金额": 490.0}

    def asked(**more: Any) -> Any:
        told = paid | more
        return call("SUBSIDY_SETTLE", claims, "已兑付", [[*told], [*told.values()]], "单位", "万元")

    # 800万 × 3 % = 24万, of which 500万 less 490万 leave 10万
    assert asked(计息起日=45658.0, 计息止日=45838.0) == [["核算金额（万元）"], [10.0]]
    assert asked(计息起日=DayFrom1904(45658 - 1462), 计息止日=DayFrom1904(45838 - 1462))[1] == [10.0]
    assert "计息 2025-06-30 至 2025-01-01" in asked(计息起日=45838.0, 计息止日=45658.0).message
    assert asked(其中县级=490.0)[1] == [10.0]
    assert "其中县级 5,000,000.00元，金额是 4,900,000.00元" in asked(其中县级=500.0).message
    assert (
        "首笔投放日期 2025-06-30，计息从 2025-01-01 起"
        in asked(计息起日=45658.0, 计息止日=45838.0, 首笔投放日期=45838.0).message
    )
    assert sorted(settlement._MONEY) == ["其中县级", "审定额", "本金", "金额"]


def test_settle_counts_the_days_of_inputs_from_1904_too() -> None:
    """二（十一）一是: first selected 2024-06-01, so 2025 is the second year: 300万."""
    heads = ["申报编号", "申报单位", "城市", "条款", "申报日期", "first_selected_on", "consecutive_year"]
    late = [DayFrom1904(45838 - 1462), DayFrom1904(45444 - 1462), DayFrom1904(2)]
    for row in ([45838.0, 45444.0, 2.0], late):
        result = call("SUBSIDY_SETTLE", [heads, [DayFrom1904(1), "甲", "福州", "dual_cross_platform", *row]])
        assert result == [["核算金额（元）"], [3_000_000.0]]


@pytest.mark.parametrize(
    "twenty", [20, "20", "￥20", "¥20", "RMB20", "人民币20", "二十", "贰拾", "20万元", "200,000元"]
)
def test_a_bare_number_has_the_unit_of_the_call_however_written(twenty: Any) -> None:
    """20万 was approved of 24万; 20万 ÷ 3 % is 666.6666万 (the least cent that reaches it); 20 of what is compared."""
    unit = ("单位", "万元")
    heads = ["申报编号", "申报单位", "城市", "条款", "申报日期", "investment", "审定额"]
    claim = ["1", "甲", "福州", "tech_upgrade", 46203.0, 800.0, twenty]
    assert call("SUBSIDY_SETTLE", [heads, claim], *unit) == [["核算金额（万元）"], [20.0]]
    need = call("SUBSIDY_NEED", "福州", "技改设备补助", twenty, *unit, *ON)
    assert need == call("SUBSIDY_NEED", "福州", "技改设备补助", 200000, *ON) / 10000
    assert 666.66 < need < 666.67
    (found,) = [
        line for line in call("SUBSIDY_COMPARE", "企业基础设施上云奖补", twenty, *unit, *ON)[1:] if line[0] == "福州市"
    ]
    assert found[3] == 10.0  # half of it is paid


def test_compare_takes_cells_as_the_other_functions_do() -> None:
    """附件5 三1: a sum of cents shown as 300万 reaches the threshold, 9万; 二（十一）一是: 45444 is 2024-06-01, a number
    of platforms has no unit."""
    assert call("SUBSIDY_COMPARE", "专精特新企业技改设备补助", 2999999.9999999995, *ON)[1][3] == 90_000.0
    for day in (45444.0, DayFrom1904(45444 - 1462), "2024-06-01"):
        table = call("SUBSIDY_COMPARE", "dual_cross_platform", 2, "first_selected_on", day, "日期", 45838.0)
        assert table[1][3] == 3_000_000.0
    assert call("SUBSIDY_COMPARE", "secure_product", 2, "单位", "万元", *ON)[1][3] == 100.0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (([["甲"]],), "标题行没有 申报编号、申报单位、城市、条款"),
        (([["申报编号", "申报单位", "城市", "条款"]],), "标题行下面没有申报"),
        (([["申报编号", "申报单位", "城市", "条款", "城市"]],), "“城市”有两列"),
        (([["申报编号", "申报单位", "城市", "条款"], ["1", "甲", "福州", "x"]], "财政", 1), "没有“财政”这一项"),
        (
            ([["申报编号", "申报单位", "城市", "条款"], ["1", "甲", "福州", "x"]], "年度", "今年"),
            "“今年”不是整数；应为：年度，如 2026",
        ),
        (
            ([["申报编号", "申报单位", "城市", "条款"], ["1", "甲", "福州", "x"]], "年度", 26),
            "年度是 26；应为：年度，如 2026",
        ),
        (
            ([["申报编号", "申报单位", "城市", "条款"], ["1", "甲", "福州", "x"]], "资金", [["资金代号", "钱"]]),
            "资金：找不到表头；应为：资金代号、金额",
        ),
        (
            (
                [["申报编号", "申报单位", "城市", "条款"], ["1", "甲", "福州", "x"]],
                "资金",
                [["资金代号", "金额"], ["a", None]],
            ),
            "资金区域第 2 行“金额”：没有填“金额”",
        ),
    ],
)
def test_settle_refusals(args: tuple[Any, ...], words: str) -> None:
    result = call("SUBSIDY_SETTLE", *args)
    assert code(result) == "#VALUE! " + result.code
    assert words in result.message


@pytest.mark.parametrize(
    ("args", "amount"),
    [
        (("福州", "技改设备补助", *ON), 5000000.0),
        (("福州", "技改设备补助", "单位", "万元", *ON), 500.0),
        (("福州", "中小企业特色产业集群创建激励", "level", "国家级", *ON), 300000.0),
        (("福州", "中小企业特色产业集群创建激励", "level", "省级", *ON), 150000.0),
        (("福州", "中小企业特色产业集群创建激励", "level", [["国家级"], ["省级"]], *ON), [[300000.0], [150000.0]]),
    ],
)
def test_maximum(args: tuple[Any, ...], amount: Any) -> None:
    assert call("SUBSIDY_MAX", *args) == amount


def test_maximum_refusals() -> None:
    level = call("SUBSIDY_MAX", "福州", "中小企业特色产业集群创建激励", *ON)
    assert code(level) == "#VALUE! missing_input"
    assert "集群层级" in level.message
    none = call("SUBSIDY_MAX", "福州", "企业技术中心认定奖励", *ON)
    assert code(none) == "#N/A not_computable"
    assert call("SUBSIDY_WHY", "SUBSIDY_MAX", "福州", "企业技术中心认定奖励", *ON) == none.message
    assert (
        call("SUBSIDY_WHY", "SUBSIDY_MAX", "福州", "技改设备补助", *ON) == "封顶 5,000,000元（每个企业每年，附件3 一）"
    )
    assert code(call("SUBSIDY_MAX", "福州", "county_scaleup_incentive", *ON)) == "#N/A not_computable"
    assert code(call("SUBSIDY_MAX", "福州", "技改设备补助", "甲", 1, *ON)) == "#VALUE! unknown_input"


def test_no_maximum_is_below_an_amount() -> None:
    """Every case with an amount: where the article states a maximum, the amount does not exceed it."""
    compared = 0
    for parameter in _cases():
        head, case = parameter.values
        if "amount" not in case:
            continue
        city = head["document"].partition("-")[0]
        pairs = [part for item in case["inputs"].items() for part in item]
        on, policy = case.get("on", head.get("on")), case.get("policy", head.get("policy"))
        most = call("SUBSIDY_MAX", city, case["provision"], *pairs, "日期", on, "文件", policy)
        if isinstance(most, XlError):
            assert most.code == "not_computable", (case["name"], most)
        else:
            assert float(case["amount"]) <= most, case["name"]
            compared += 1
    assert compared > 150


def test_rules() -> None:
    table = call("SUBSIDY_RULES", "福州", "技术改造", "2026-06-30")
    assert [line[1] for line in table] == [
        "条款编号", "scaleup_tech_upgrade", "innovation_center_tech_upgrade", "tech_upgrade", "tech_loan_interest", "srdi_tech_upgrade",
    ]  # fmt: skip
    # 附件5 is in force from 2026-02-13 only
    assert [line[1] for line in call("SUBSIDY_RULES", "福州", "技术改造", "2026-01-31")][-1] == "tech_loan_interest"
    every = call("SUBSIDY_RULES", None, None, "全部")
    assert len({line[6] for line in every[1:]}) == 5
    assert {line[7] for line in every[1:]} <= {"施行", "未施行", "失效", "征求意见稿"}
    assert code(call("SUBSIDY_RULES", "莆田", None, "2026-06-30")) == "#N/A not_in_force"
    assert code(call("SUBSIDY_RULES", "福州", "种粮", "2026-06-30")) == "#N/A unknown_rule"
    assert code(call("SUBSIDY_RULES", "厦门")) == "#N/A unknown_city"


def test_inputs() -> None:
    table = call("SUBSIDY_INPUTS", "福州", "技改设备补助", "单位", "万元", *ON)
    assert [line[0] for line in table[1:]] == ["investment", "investment_with_vat", "bond_supported", "paid_before"]
    assert table[1][2:6] == ["金额", "万元", "必填", ""]
    assert table[3][4:] == ["选填", "否", "是、否"]
    assert code(call("SUBSIDY_INPUTS", "福州", "county_scaleup_incentive", *ON)) == "#N/A not_computable"
    assert code(call("SUBSIDY_INPUTS", "福州", "技改设备补助", "数量", 1)) == "#VALUE! invalid_input"


def test_compare() -> None:
    table = call("SUBSIDY_COMPARE", "platform_build", 1000, "单位", "万元", "smes", 100)
    assert table[0][3] == "金额（万元）"
    assert {line[0] for line in table[1:]} == {"福州市", "泉州市", "莆田市", "晋江市"}
    # of 1000 万: 榕 附件3 五 20%, at most 100; 泉 一（一） 30%, at most 50; 晋 三（一） at most 25; 莆田 lists none
    paid = {line[0]: line[3] for line in table[1:]}
    assert paid.pop("莆田市").text == "#N/A"
    assert paid == {"福州市": 100.0, "泉州市": 50.0, "晋江市": 25.0}
    assert code(call("SUBSIDY_COMPARE", "没有这个主题")) == "#N/A unknown_rule"
    assert code(call("SUBSIDY_COMPARE", "platform_build", 1, "甲乙", 2)) == "#VALUE! unknown_input"
    assert code(call("SUBSIDY_COMPARE", "platform_build", [[1], [2]])) == "#VALUE! invalid_input"


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (("fuzhou-2024-13", "2024-04-14"), "未施行"),
        (("fuzhou-2024-13", "2024-04-15"), "施行"),
        (("榕政办规〔2024〕13号", "2025-12-31"), "施行"),
        (("榕政办规〔2024〕13号", "2026-01-01"), "失效"),
        (("putian-draft", "2026-01-01"), "征求意见稿"),
        (("fuzhou-2026-5", "2026-02-01"), "施行"),
        (("fuzhou-2026-5", "2026-02-01", "srdi_tech_upgrade"), "未施行"),
        (("fuzhou-2026-5", dt.datetime(2026, 2, 13), "专精特新企业技改设备补助"), "施行"),
        (([["fuzhou-2024-13"], [None], ["putian-draft"]], "2026-01-01"), [["失效"], [""], ["征求意见稿"]]),
    ],
)
def test_policy_status(args: tuple[Any, ...], status: Any) -> None:
    assert call("POLICY_STATUS", *args) == status


def test_policy_status_refusals() -> None:
    assert code(call("POLICY_STATUS", "没有")) == "#N/A unknown_policy"
    assert code(call("POLICY_STATUS", "fuzhou-2026-5", "某天")) == "#VALUE! invalid_input"
    assert code(call("POLICY_STATUS", "fuzhou-2026-5", "2026-06-30", "没有这条")) == "#N/A unknown_rule"


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((240000,), "贰拾肆万元整"),
        ((24, "万元"), "贰拾肆万元整"),
        ((150000.05,), "壹拾伍万元零伍分"),
        (("80万元",), "捌拾万元整"),
        ((0,), "零元整"),
        ((None,), ""),
        (([[1], [None], [1.5]],), [["壹元整"], [""], ["壹元伍角整"]]),
    ],
)
def test_rmb_upper(args: tuple[Any, ...], text: Any) -> None:
    assert call("RMB_UPPER", *args) == text


def test_rmb_upper_refusals() -> None:
    for args in (("一堆钱",), (True,), (1, "美元"), (10**17,)):
        assert code(call("RMB_UPPER", *args)).startswith("#VALUE!")
    assert code(call("RMB_UPPER", "#N/A")) == "#N/A error_cell"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("91350100M000100Y43", "有效"),
        (" 91350100m000100y43 ", "有效"),
        ("91350100M000100Y44", "无效：校验位是“4”，按规则应为“3”"),
        ("91350100M000100Y4", "无效：是 17 位，不是 18 位"),
        ("91350100I000100Y43", "无效：含有不使用的字符“I”"),
        (9.1350100e17, "无效：是数字，末几位已丢失；请把单元格设为文本，照营业执照重填"),
        (None, ""),
    ],
)
def test_uscc_check(value: Any, text: str) -> None:
    assert call("USCC_CHECK", value) == text
    assert call("USCC_CHECK", [[value], [value]]) == [[text], [text]]


# --- the registry ---


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_registry_entry(function: Function) -> None:
    assert function.name.isascii() and function.name.isupper()
    assert len(function.help) <= 255
    for argument in function.arguments:
        assert argument.name.isidentifier() and argument.name.isascii()
        assert 0 < len(argument.help) <= 255
    assert [a.variadic for a in function.arguments[:-1]] == [False] * (len(function.arguments) - 1)
    kinds = {"number": float, "text": str, "table": list}
    answer = function.answer(*example_arguments(function.example))
    if function.remembers:  # no working folder here: #N/A, and why
        assert code(answer) == "#N/A working_folder" and "xlpolicy excel install --folder" in answer.message
    else:
        assert isinstance(answer, kinds[function.result])


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
@pytest.mark.parametrize(
    "junk", [None, "", "#N/A", -1, 1e308, True, "甲", dt.date(1, 1, 1), [[]], [[None, 1], [2]], float("nan")]
)
def test_junk_gives_no_number_and_no_exception(function: Function, junk: Any) -> None:
    """In every place: an error, a text of a text function, or what the reference says; never a crash."""
    arguments = example_arguments(function.example)
    for place in range(len(arguments)):
        tried = [*arguments[:place], junk, *arguments[place + 1 :]]
        result = function.answer(*tried)
        cells = [cell for row in result for cell in row] if isinstance(result, list) else [result]
        assert all(isinstance(cell, float | str | XlError) or cell is None for cell in cells)
        assert all(cell.number in ERRORS for cell in cells if isinstance(cell, XlError))
        if function.result == "number":
            assert not any(isinstance(cell, str) and cell for cell in cells)


def test_why_names_the_error_of_any_function() -> None:
    assert call("SUBSIDY_WHY", "RMB_UPPER", "一堆钱") == call("RMB_UPPER", "一堆钱").message
    assert call("SUBSIDY_WHY", "RMB_UPPER", 1) == "没有错误"
    assert call("SUBSIDY_WHY", "SUBSIDY", "福州", "技改设备补助", 8000000, *ON) == call(
        "SUBSIDY_WHY", "福州", "技改设备补助", 8000000, *ON
    )
    assert {NA, VALUE} <= set(ERRORS)


def test_a_whole_number_is_written_as_one() -> None:
    """Excel hands over 50 as 50.0, and nobody writes 50.0万元."""
    assert call("SUBSIDY_WHY", "SUBSIDY_NEED", "福州", "技改设备补助", 50.0, "单位", "万元", *ON).startswith(
        "要达到 50万元，"
    )
    assert "再多也达不到 900.5万元" in call("SUBSIDY_NEED", "福州", "技改设备补助", 900.5, "单位", "万元", *ON).message
