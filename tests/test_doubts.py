"""Values that no amount should be taken without: by hand, what is said and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from xlpolicy import assess
from xlpolicy.faults import InvalidInput

VAT = "“同一投资的含增值税金额”"
NET = "“年度技改设备（含软件）实际投资额（不含增值税）”"
DOUBTS: list[tuple[str, str, dict[str, Any], str, str, str]] = [
    ("福州", "innovation_product", {"count": 11}, "2026-06-30", "5500000.00", "名额只有 10项，“入选产品数”填了 11项，请核对"),
    ("福州", "pilot_contest", {"category": "comprehensive", "count": 2}, "2025-06-30", "4000000.00", "名额只有 1套，“入选数量”填了 2个，请核对"),
    ("福州", "tech_upgrade", {"investment": "600万元", "investment_with_vat": "500万元"}, "2026-06-30", "180000.00", f"{VAT}5,000,000元，小于{NET}6,000,000元，请核对"),
    ("福州", "tech_upgrade", {"investment": "400万元", "investment_with_vat": "600万元"}, "2026-06-30", "120000.00", f"{VAT}6,000,000元，超过{NET}4,000,000元的 113%，请核对"),
    ("福州", "national_benchmark", {"count": 10_000}, "2025-06-30", "8000000000.00", "“入选的国家级示范或案例数”填了 10,000项，像是金额，请核对"),
]  # fmt: skip
PLAIN: list[tuple[str, str, dict[str, Any], str]] = [
    ("福州", "innovation_product", {"count": 10}, "2026-06-30"),
    ("福州", "pilot_contest", {"category": "single_scene", "count": 5}, "2025-06-30"),
    ("福州", "software_product", {"count": 99, "local_operation": "否"}, "2026-06-30"),  # refused: no place is taken
    ("福州", "tech_upgrade", {"investment": "600万元", "investment_with_vat": "678万元"}, "2026-06-30"),
    ("福州", "tech_upgrade", {"investment": "600万元"}, "2026-06-30"),
    ("晋江", "public_consulting", {"served": 20, "started": 20}, "2024-06-30"),
    ("福州", "national_benchmark", {"count": 9_999}, "2025-06-30"),
    ("福州", "cloud_device", {"count": 10_000, "unit_cost": 1_000}, "2025-06-30"),  # 每台至多数百元：台数可以多
]


@pytest.mark.parametrize(("city", "rule", "inputs", "on", "amount", "said"), DOUBTS)
def test_told_with_the_amount(city: str, rule: str, inputs: dict[str, Any], on: str, amount: str, said: str) -> None:
    decision = assess(city, rule, inputs, on=on)
    assert f"{decision.amount}" == amount and said in decision.warnings


@pytest.mark.parametrize(("city", "rule", "inputs", "on"), PLAIN)
def test_nothing_told_where_all_is_plain(city: str, rule: str, inputs: dict[str, Any], on: str) -> None:
    assert not any("请核对" in text and ("名额" in text or VAT in text or "启动" in text or "像是" in text) for text in assess(city, rule, inputs, on=on).warnings)  # fmt: skip


def test_more_years_than_the_document_has() -> None:
    """榕2026 有效期 2026 至 2030，五个年度。"""
    assert f"{assess('福州', 'open_source_community', {'years': 5}, on='2030-06-30').amount}" == "1500000.00"
    with pytest.raises(InvalidInput):
        assess("福州", "open_source_community", {"years": 6}, on="2030-06-30")


def test_no_part_is_above_the_whole() -> None:
    """晋江 四（一）：20 家里有 21 家启动，是填错了。"""
    decision = assess("晋江", "public_consulting", {"served": 20, "started": 21}, on="2024-06-30")
    assert not decision.eligible and decision.reasons == (
        "其中实质启动转型企业数21家，超过了年度提供公益服务企业数20家",
    )
