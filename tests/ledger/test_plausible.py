"""Amounts that may be in another unit, and one claim under two codes or two names."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from xlpolicy.batch.fill import fill
from xlpolicy.batch.plausible import in_words
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import VOUCHER_SHEET, layout, plainly
from xlpolicy.law import catalog

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
