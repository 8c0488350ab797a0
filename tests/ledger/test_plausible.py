"""Amounts that may be in another unit, and one claim under two codes or two names."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from xlpolicy.batch.fill import fill
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import VOUCHER_SHEET, layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.money import in_words

FIRM: dict[str, Any] = {
    "ent_name": "福州示例机械有限公司", "ent_uscc": "91350100M000100Y43", "ent_county": "鼓楼区",
    "ent_legal_person": "林某", "ent_contact": "陈某", "ent_phone": "13800000000",
    "ent_account_name": "福州示例机械有限公司", "ent_account": "35001234567890123456", "ent_bank": "某行",
    "prj_name": "智能产线技改",
}  # fmt: skip


def put(inbox: Path, name: str, rule: str = "tech_upgrade", unit: str = "万元", **cells: Any) -> Path:
    document = catalog.default().document("fuzhou-2026-5")
    inbox.mkdir(exist_ok=True)
    plain = plainly(layout(document, document.rules[rule], unit))
    return write_form(
        document, document.rules[rule], inbox / f"{name}.xlsx", unit=unit, prefill={**plain, **FIRM, **cells}
    )


def run(tmp_path: Path) -> Any:
    return fill(tmp_path / "in", tmp_path / "out", on="2026-06-30", progress=False)


def test_yuan_typed_into_a_form_of_ten_thousands(tmp_path: Path) -> None:
    """省级奖励 3 万元 typed as 30000: half of 3 亿元 would be 1.5 亿元."""
    put(tmp_path / "in", "甲", "little_giant", in_superior_award=30_000)
    (record,) = run(tmp_path).records
    (hint,) = [h for h in record.hints if "省级奖励金额" in h]
    assert "30,000 万元（3 亿元）" in hint
    assert "申请表!C16" in hint


def test_far_beyond_what_the_cap_takes(tmp_path: Path) -> None:
    """技改设备 3 %, at most 500 万元: reached at 16,666.67 万元."""
    put(tmp_path / "in", "甲", in_investment=30_000)
    (record,) = run(tmp_path).records
    assert any("达到封顶只需 16,666.67 万元" in hint for hint in record.hints)


def test_a_loan_of_a_day_is_held_against_one_of_a_year(tmp_path: Path) -> None:
    """3 亿元 × 1 % ÷ 365, far below the cap of 30 万元, which a year reaches with 3,000 万元."""
    put(tmp_path / "in", "甲", "software_loan_interest", in_loan_balance=30_000, in_days=1)
    (record,) = run(tmp_path).records
    assert record.amount == Decimal("8219.18")
    assert any("30,000 万元（3 亿元），而借满一年达到封顶只需 3,000 万元" in hint for hint in record.hints)


@pytest.mark.parametrize(("unit", "value"), [("万元", 12_000), ("万元", 800), ("万元", "3亿元"), ("元", 300_000_000)])
def test_amounts_that_are_not_asked_about(tmp_path: Path, unit: str, value: Any) -> None:
    put(tmp_path / "in", "甲", unit=unit, in_investment=value)
    (record,) = run(tmp_path).records
    assert (record.place, record.hints) == ("已核定", ())


def test_amounts_in_words() -> None:
    assert [in_words(Decimal(n)) for n in (300_000_000, 35_000, 800)] == ["3 亿元", "3.5 万元", "800 元"]


@pytest.mark.parametrize("code", ["91350100M000100Y4", "91350100M000100Y44", "91350100\u200bM000100Y43"])
def test_one_claim_under_a_mistyped_code(tmp_path: Path, code: str) -> None:
    """3 % of 800 万元 = 24 万元, once."""
    put(tmp_path / "in", "甲", in_investment=800)
    put(tmp_path / "in", "乙", in_investment=800, ent_uscc=code)
    summary = run(tmp_path)
    assert summary.amount == Decimal("240000.00")
    first, second = summary.records
    assert {first.place, second.place} == {"已核定", "重复"}
    again = second if second.place == "重复" else first
    assert "与 " in again.why
    assert ".xlsx" in again.why


def test_one_claim_with_two_amounts_under_two_codes_comes_back(tmp_path: Path) -> None:
    put(tmp_path / "in", "甲", in_investment=800)
    put(tmp_path / "in", "乙", in_investment=900, ent_uscc="91350100M000100Y4")
    assert [r.place for r in run(tmp_path).records] == ["退回补正", "退回补正"]


def test_two_firms_stay_two(tmp_path: Path) -> None:
    put(tmp_path / "in", "甲", in_investment=800)
    other = "福州另一机械有限公司"
    put(tmp_path / "in", "乙", in_investment=800, ent_uscc="91350100M000100Y51", ent_name=other, ent_account_name=other)
    assert [r.place for r in run(tmp_path).records] == ["已核定", "已核定"]


def test_one_voucher_in_two_forms(tmp_path: Path) -> None:
    for name, project in (("甲", "一期"), ("乙", "二期")):
        path = put(tmp_path / "in", name, in_investment=800, prj_name=project)
        book = load_workbook(path)
        sheet = book[VOUCHER_SHEET]
        sheet["C4"], sheet["E4"] = "24352000000000000001", 8_000_000
        book.save(path)
    for record in run(tmp_path).records:
        (hint,) = [h for h in record.hints if "发票号" in h]
        assert "发票明细表!C4" in hint
        assert ("甲.xlsx" in hint) != ("乙.xlsx" in hint)


def test_one_claim_with_name_and_code_both_slightly_different(tmp_path: Path) -> None:
    """800 万 × 3 % paid once at most; neither code nor name finds the other."""
    put(tmp_path / "in", "甲", in_investment=800)
    put(
        tmp_path / "in", "乙", in_investment=800, ent_name="福州市示例机诫有限责任公司",
        ent_account_name="福州市示例机诫有限责任公司", ent_uscc="91350100M000100Y34",
    )  # fmt: skip
    summary = run(tmp_path)
    assert summary.amount == 0
    for record, other in zip(summary.records, reversed(summary.records), strict=True):
        assert record.place == "退回补正"
        (fault,) = (p for p in record.problems if p.code == "nearly_same")
        assert other.source in fault.got
        assert other.enterprise in fault.got


def test_similar_names_with_unlike_codes_are_both_named(tmp_path: Path) -> None:
    put(tmp_path / "in", "甲", in_investment=800)
    put(tmp_path / "in", "乙", in_investment=800, ent_name="福州示例机戒有限公司",
        ent_account_name="福州示例机戒有限公司", ent_uscc="91350121MA31ABCD0A", prj_name="另一个项目")  # fmt: skip
    for record in run(tmp_path).records:
        assert (record.place, record.amount) == ("已核定", Decimal("240000.00"))
        assert any("单位名称相近" in hint for hint in record.hints)


@pytest.mark.parametrize("name", ["福州样本机械有限公司", "福州示例二机械有限公司", "福州示例1机械有限公司"])
def test_other_firms_are_not_taken_for_one(tmp_path: Path, name: str) -> None:
    put(tmp_path / "in", "甲", in_investment=800)
    put(tmp_path / "in", "乙", in_investment=800, ent_name=name, ent_account_name=name, ent_uscc="91350121MA31ABCD0A")
    assert not any("相近" in hint for record in run(tmp_path).records for hint in record.hints)


@pytest.mark.parametrize(
    ("cells", "place", "said"),
    [
        ({"prj_fact_on": 2027}, "退回补正", "所属年度 2027 晚于申报日期"),
        ({"prj_name": "2028年度智能产线技改", "prj_fact_on": 2026}, "已核定", "项目名称里写着 2028 年"),
        ({"prj_start": dt.date(2031, 1, 1), "prj_fact_on": 2026}, "已核定", "开始日期 2031-01-01 晚于"),
        ({"prj_end": dt.date(2027, 1, 1), "prj_fact_on": 2026}, "已核定", "结束日期 2027-01-01 晚于"),
    ],
)  # fmt: skip
def test_what_lies_in_the_future(tmp_path: Path, cells: dict[str, Any], place: str, said: str) -> None:
    put(tmp_path / "in", "甲", in_investment=800, prj_applied_on=dt.date(2026, 6, 1), **cells)
    (record,) = run(tmp_path).records
    assert record.place == place
    assert any(said in text for text in (*record.hints, *(p.got for p in record.problems)))


def edit(path: Path, opening: str, column: int, value: Any) -> None:
    """Write over the cell `column` columns beside the one that begins so."""
    book = load_workbook(path)
    sheet = book["申请表"]
    at = next(c for row in sheet for c in row if isinstance(c.value, str) and c.value.startswith(opening))
    target = sheet.cell(at.row, at.column + column)
    target.value = value(target.value) if callable(value) else value
    book.save(path)


def test_the_estimate_somebody_wrote_over(tmp_path: Path) -> None:
    """800 万 × 3 % = 24 万, on the form stands 500."""
    edit(put(tmp_path / "in", "甲", in_investment=800), "预计补助", 2, 500)
    (record,) = run(tmp_path).records
    assert record.amount == Decimal("240000.00")
    assert any("显示 500 元，按填报数测算为 24 万元" in hint and "申请表!C" in hint for hint in record.hints)


@pytest.mark.parametrize(
    ("change", "place", "told"),
    [
        (lambda text: text.replace("真实、准确、完整", "基本真实"), "退回补正", True),
        (lambda text: text.replace("相应责任。", "相应责任。发票金额除外。"), "退回补正", True),
        (lambda _: "我单位对以上数据不承担责任。", "已核定", True),
        (
            lambda text: text.replace("\u3000年", "2026年").replace("：\u3000", "：福州示例机械有限公司"),
            "已核定",
            False,
        ),
    ],
)
def test_an_edited_declaration(tmp_path: Path, change: Any, place: str, told: bool) -> None:
    edit(put(tmp_path / "in", "甲", in_investment=800), "本单位承诺", 0, change)
    (record,) = run(tmp_path).records
    assert record.place == place
    assert any("承诺" in text for text in (*record.hints, *(p.got for p in record.problems))) is told


def test_a_count_that_pays_so_much_each(tmp_path: Path) -> None:
    put(tmp_path / "in", "甲", "innovation_product", in_count=3)
    (record,) = run(tmp_path).records
    assert record.place == "已核定", record.problems
    assert any("按 3项 各计一次" in hint for hint in record.hints)
