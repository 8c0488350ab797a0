"""本年核定比例, worked out by hand: 附件3 一 says 不超过3%, at most 5,000,000 an enterprise and year; the bureau pays 2% of 2026.

附件3 二 says 2% a year, two years at most.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from xlpolicy.cli import main
from xlpolicy.excel.functions.registry import BY_NAME
from xlpolicy.faults import InvalidInput
from xlpolicy.law import catalog
from xlpolicy.law.records import YearRate
from xlpolicy.settle import settle
from xlpolicy.survey.settings_book import write_settings
from xlpolicy.survey.settings_file import SettingsError, activate, read_settings

TWO = {
    "document": "fuzhou-2026-5",
    "rule": "tech_upgrade",
    "figure": "rate",
    "year": 2026,
    "rate": "2%",
    "authority": "样工信〔2026〕8号",
}


def claim(n: int, investment: str, reviewed: str | None = None, on: str = "2026-06-30", **more: Any) -> dict[str, Any]:
    return {
        "id": str(n), "enterprise": f"示例企业0{n}", "city": "fuzhou", "rule": "tech_upgrade", "on": on, "project": "甲",
        "inputs": {"investment": investment}, "reviewed": reviewed, **more,
    }  # fmt: skip


def paid(claims: list[dict[str, Any]], *rates: dict[str, Any]) -> list[str]:
    found = settle(claims, {"year_rates": list(rates)}, on_year=2026)
    return [f"{one.payable:.2f}" for one in found.claims]


def test_the_lower_of_review_and_rate_is_paid() -> None:
    """800万: 3% 240,000, 2% 160,000. Reviewed at 240,000 → 160,000; at 100,000 → 100,000; 2亿5000万: the cap at either rate."""
    claims = [claim(1, "800万元"), claim(2, "800万元", "240000"), claim(3, "800万元", "100000"), claim(4, "30000万元")]
    assert paid(claims) == ["240000.00", "240000.00", "100000.00", "5000000.00"]
    assert paid(claims, TWO) == ["160000.00", "160000.00", "100000.00", "5000000.00"]
    assert paid([claim(1, "20000万元")], TWO) == ["4000000.00"]  # 2亿 × 2%; at 3% the cap of 5,000,000


def test_it_is_shown_as_such() -> None:
    one, two = settle([claim(1, "800万元"), claim(2, "800万元", "100000")], {"year_rates": [TWO]}, on_year=2026).claims
    assert (one.decided, one.payable) == (Decimal("240000.00"), Decimal("160000.00"))
    assert [(c.rule, c.at, c.amount, c.reason) for c in one.cuts] == [
        ("year_rate", "附件3 一", Decimal("80000.00"), "2026年核定比例2%（条文不超过3%，样工信〔2026〕8号）")
    ]
    assert [(c.rule, c.amount) for c in two.cuts] == [
        ("year_rate", Decimal("80000.00")),
        ("review", Decimal("60000.00")),
    ]


def test_of_the_year_of_the_fact_and_of_its_provision_only() -> None:
    """A 2027 fact is paid by the article; the provision that borrows the rate has a row of its own."""
    assert paid([claim(1, "800万元", on="2027-03-31")], TWO) == ["240000.00"]
    assert paid([claim(1, "800万元", on="2027-03-31", fact_on="2026-12-31")], TWO) == ["160000.00"]
    other = claim(2, "800万元") | {"rule": "srdi_tech_upgrade"}
    assert paid([other], TWO) == ["240000.00"]
    assert paid([other], TWO | {"rule": "srdi_tech_upgrade"}) == ["160000.00"]


def test_limits_and_days_act_on_it() -> None:
    """Two claims of a year, 15,000万 each: 2% 3,000,000 each, the cap leaves 2,000,000 of the second (3%: 4.5m, 0.5m).

    Interest 附件3 二: 1000万 × 365 days × 2% = 200,000; at 1% 100,000; of 1,000 days two years count, at 1% 200,000.
    """
    two = [claim(1, "15000万元"), claim(1, "15000万元") | {"id": "2", "project": "乙"}]
    assert paid(two) == ["4500000.00", "500000.00"]
    assert paid(two, TWO) == ["3000000.00", "2000000.00"]
    loan = {"loan_balance": "1000万元", "days": 365, "loan_rate": "4%"}
    interest = {
        "id": "1", "enterprise": "甲", "city": "fuzhou", "rule": "tech_loan_interest", "on": "2026-12-31", "project": "甲",
        "loan": "一", "inputs": loan,
    }  # fmt: skip
    one = {"document": "fuzhou-2026-5", "rule": "tech_loan_interest", "figure": "rate", "year": 2026, "rate": "1%"}
    assert paid([interest]) == ["200000.00"]
    assert paid([interest], one) == ["100000.00"]
    longer = interest | {"inputs": {**loan, "days": 1000}}  # two years count: 730 days
    assert paid([longer], one) == ["200000.00"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rate": "4%"}, "不超过条文的 3%"),
        ({"rate": "很低"}, "不是比例"),
        ({"rule": "chain_project"}, "没有本年核定比例可定"),
        ({"figure": "cap"}, "没有本年核定比例可定"),
        ({"document": "fuzhou-2024-13"}, "没有本年核定比例可定"),  # 2024: 3% 给予补助, not a maximum
    ],
)
def test_what_no_rate_can_be_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        paid([claim(1, "800万元")], TWO | changed)
    with pytest.raises(InvalidInput, match="写了两次"):
        paid([claim(1, "800万元")], TWO, TWO)


def test_the_settings_workbook_there_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "设置.xlsx"
    documents = list(catalog.plain().documents.values())
    write_settings(documents, path)
    book = load_workbook(path)
    sheet = book["本年核定比例"]
    rows = {row[7].value: row for row in sheet.iter_rows(min_row=4)}
    row = rows["fuzhou-2026-5:tech_upgrade.rate"]
    assert [cell.value for cell in row[1:4]] == ["技改设备补助（附件3 一）", "比例", "3%"]
    assert not [name for name in rows if name.startswith("fuzhou-2024-13")]
    row[4].value, row[5].value, row[6].value = 2026, 0.02, "样工信〔2026〕8号"
    book.save(path)
    (one,) = read_settings(path).rates
    assert one == YearRate("fuzhou-2026-5", "tech_upgrade", "rate", 2026, Decimal("0.02"), "样工信〔2026〕8号")
    again = tmp_path / "再写.xlsx"
    write_settings(documents, again, read_settings(path))
    assert read_settings(again).rates == (one,)
    assert main(["settings", str(path)]) == 0
    assert "2026 年核定比例：技改设备补助 2%（条文最高 3%；样工信〔2026〕8号）" in capsys.readouterr().out

    row[5].value, row[6].value = 0.04, None
    rows["fuzhou-2026-5:digital_project.rate"][5].value = "一成"
    book.save(path)
    with pytest.raises(SettingsError) as told:
        read_settings(path)
    assert [(p.where, p.got) for p in told.value.problems] == [
        (f"本年核定比例!F{row[5].row}", "定了本年核定比例，没有写依据"),
        (f"本年核定比例!F{rows['fuzhou-2026-5:digital_project.rate'][5].row}", "年度是“”"),
    ]


def test_the_same_in_toml_and_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XLPOLICY_SETTINGS", raising=False)
    path = tmp_path / "设置.toml"
    text = "authority = '纪要1号'\n[[rates]]\nfigure = 'fuzhou-2026-5:tech_upgrade.rate'\nyear = 2026\nrate = '2%'\n"
    path.write_text(text, encoding="utf-8")
    assert read_settings(path).rates[0].authority == "纪要1号"
    claims = tmp_path / "清单.json"
    claims.write_text(
        '{"on_year": 2026, "claims": [{"id": "1", "enterprise": "甲", "city": "fuzhou", "rule": "tech_upgrade", '
        '"on": "2026-06-30", "project": "一", "inputs": {"investment": "800万元"}}]}',
        encoding="utf-8",
    )
    main(["settle", str(claims), "--settings", str(path)])
    assert "160,000.00" in capsys.readouterr().out
    path.write_text(text.replace("2%", "5%"), encoding="utf-8")
    with pytest.raises(SettingsError, match="5%"):
        read_settings(path)


def test_the_worksheet_function_settles_by_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(catalog.READINGS, "")
    monkeypatch.delenv(catalog.READINGS)
    path = tmp_path / "设置.toml"
    path.write_text(
        "authority = '纪要1号'\n[[rates]]\nfigure = 'fuzhou-2026-5:tech_upgrade.rate'\nyear = 2026\nrate = '2%'\n",
        encoding="utf-8",
    )
    table = [
        ["申报编号", "申报单位", "城市", "条款", "申报日期", "investment"],
        ["1", "甲公司", "福州", "技改设备补助", "2026-06-30", 8_000_000],
    ]
    assert BY_NAME["SUBSIDY_SETTLE"].answer(table)[1] == [240_000.0]
    activate(path)
    assert BY_NAME["SUBSIDY_SETTLE"].answer(table)[1] == [160_000.0]
    activate(None)
    assert BY_NAME["SUBSIDY_SETTLE"].answer(table)[1] == [240_000.0]
