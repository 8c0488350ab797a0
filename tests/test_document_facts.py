"""What a document says once for all its provisions (first day, departments, payer), and how its numbers are read."""

from __future__ import annotations

from datetime import date
from decimal import Context, Decimal, localcontext

import pytest

from xlpolicy import assess
from xlpolicy.columns import assess_table
from xlpolicy.faults import NotInForce, PolicyFileError
from xlpolicy.law import catalog
from xlpolicy.law.catalog import EMBEDDED, Catalog
from xlpolicy.law.in_force import status
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.reading.figures import parse_figure, parse_share, unit_of
from xlpolicy.money import round_half_up
from xlpolicy.survey.compare.documents import diff

DOCUMENTS = catalog.default().documents
FIRST_DAY = "施行首日按版记印发日"


@pytest.mark.parametrize(("on", "shown"), [("2023-04-28", True), ("2023-04-29", False), ("2023-12-31", False)])
def test_the_reading_of_the_first_day_is_shown_on_that_day(on: str, shown: bool) -> None:
    decision = assess("泉州", "smart_factory", {"level": "省级"}, on=on)
    assert (FIRST_DAY in decision.assumptions) == shown


@pytest.mark.parametrize("on", ["2023-01-01", "2023-04-28"])
def test_a_provision_with_its_own_first_day_does_not_show_it(on: str) -> None:
    claim = {"new_registrations": "15000000", "rank": 1}
    assert FIRST_DAY not in assess("泉州", "resolution_registration", claim, on=on).assumptions


def test_a_refusal_the_day_before_names_the_reading() -> None:
    with pytest.raises(NotInForce, match=f"自 2023-04-28（{FIRST_DAY}）"):
        assess("泉州", "smart_factory", {"level": "省级"}, on="2023-04-27")


def test_departments_and_payer_of_the_document_hold_where_a_provision_names_none() -> None:
    quanzhou, fuzhou = DOCUMENTS["quanzhou-2023-6"].rules, DOCUMENTS["fuzhou-2024-13"].rules
    assert quanzhou["smart_scene"].departments == ("市工信局",)
    assert quanzhou["design_voucher"].departments == ("市科技局",)
    assert {rule.payer for rule in DOCUMENTS["jinjiang-2023-11"].rules.values()} == {"county"}
    assert {rule.id for rule in fuzhou.values() if rule.payer == "central"} == {
        "pilot_transformation", "pilot_service_provider", "pilot_light_solution", "pilot_chain_case",
        "pilot_supervision_fee",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"), [("两名", 2), ("二级", 2), ("1500万", 15_000_000), ("1500万个", 15_000_000), ("20家", 20)]
)
def test_counts_are_read_as_the_law_writes_them(text: str, number: int) -> None:
    assert parse_figure(text) == ("count", number)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-5%", "负数"), ("－500万元", "负数"), ("1:1", "配套的写 100%"), ("2026-02-30", "不是存在的日期"), ("5000000", "没有单位"),
        ("3斗", "单位不认识"), ("5%②", "带圈"), ("1e5元", "读不成一个金额"), ("", "没有单位"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_a_law_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_figure(text)


def test_a_share_is_exact_whatever_the_callers_context() -> None:
    with localcontext(Context(prec=3)):
        value = parse_share("1:2")
    assert round_half_up(Decimal(10**15) * value) == Decimal("333333333333333.33")


@pytest.mark.parametrize(("text", "words"), [("0:0", "分不出两份"), ("一半", "写成 1:1"), ("1:1:1", "写成 1:1")])
def test_what_is_no_share_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_share(text)


def test_city_and_county_bear_half_each() -> None:
    """泉政办规〔2023〕6号 一（一）、五（一）: 由市、县两级财政按1:1比例分摊."""
    rules = DOCUMENTS["quanzhou-2023-6"].rules
    for rule in ("platform_build", "park_enterprise_digital"):
        figure = rules[rule].figures["city_share"]
        assert (figure.text, figure.kind, figure.value) == ("1:1", "rate", Decimal("0.5"))


@pytest.mark.parametrize(
    ("text", "unit"), [("20家", "家"), ("两名", "名"), ("3个月", "月"), ("10日", "天"), ("1500万", ""), ("4500万美元", "美元"), ("5万元", None), ("3%", None)]
)  # fmt: skip
def test_a_count_has_a_unit(text: str, unit: str | None) -> None:
    assert unit_of(text) == unit


def test_years_counted_in_months_keep_their_text() -> None:
    figure = DOCUMENTS["putian-draft"].rules["ai_first_product"].figures["lease_term"]
    assert (figure.text, figure.value) == ("1年", 12)


@pytest.mark.parametrize("text", ["12月", "1家", "10万元"])
def test_only_years_are_counted_in_months(text: str) -> None:
    source = (EMBEDDED / "putian-draft.yaml").read_text(encoding="utf-8")
    with pytest.raises(PolicyFileError, match="不是年数"):
        compile_text(source.replace("{value: 1年, in: 月,", f"{{value: {text}, in: 月,"), "putian-draft.yaml")


def test_the_uplift_is_limited_per_project_and_year() -> None:
    """附件1 四: 单个项目当年度扶持金额不超过该政策规定的封顶金额."""
    (limit,) = DOCUMENTS["fuzhou-2026-5"].rules["chain_uplift"].limits
    assert limit.per == ("project", "year")


OPEN = """
document: {key: open-1, city: open, city_label: 无期市, title: 无期措施, valid_from: 2026-01-01}
readings: {no_end: 文件未写有效期止，仍在施行由主管部门确认, no_number: 文件没有文号}
provisions:
- id: one
  at: 一
  title: 补助
  nature: entitlement
  figures: {rate: 3%}
  inputs: {fee: {type: money, label: 费用}}
  amount: rate * fee
"""


def test_a_document_without_an_end_or_a_number_says_so_with_every_amount() -> None:
    catalog = Catalog([compile_text(OPEN, "open-1.yaml")])
    decision = assess("无期市", "one", {"fee": 100}, on="2099-06-30", catalog=catalog)
    assert decision.amount == 3
    assert decision.assumptions == ("文件未写有效期止，仍在施行由主管部门确认", "文件没有文号")
    assert str(decision.basis) == "《无期措施》 一"
    table = assess_table({"fee": [100, 200]}, "无期市", "one", on="2099-06-30", catalog=catalog)
    assert list(table["amount"]) == [3, 6]
    assert all("文件未写有效期止" in text for text in table["assumptions"])
    with pytest.raises(NotInForce, match="自 2026-01-01 起有效，文件未写有效期止"):
        assess("无期市", "one", {"fee": 100}, on="2025-12-31", catalog=catalog)
    document = catalog.document("open-1")
    assert [status(document, None, day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2099, 1, 1))] == [
        "未施行", "施行", "施行",
    ]  # fmt: skip


def test_a_later_document_beside_one_without_an_end() -> None:
    later = OPEN.replace("open-1", "open-2").replace("无期措施", "新措施").replace("2026-01-01", "2027-01-01")
    documents = [compile_text(OPEN, "open-1.yaml"), compile_text(later, "open-2.yaml")]
    found = diff(Catalog(documents), "open-1", "open-2")
    assert any("2027-01-01 起两份文件都在有效期内" in remark for remark in found.remarks)
