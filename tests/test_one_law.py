"""Whatever a bureau settles or edits reaches every surface that says an amount, or the surface says that it does not.

附件3 一, by hand: 不含税 480万元, 含税 542.4万元 of 2026. The article: 含税 is above 500万元, 3% × 480万 = 144,000. The
reading 不含税: 480万 is below, nothing. The year's rate 2%: 96,000. An edited copy with 2.5%: 120,000. Both: the lower.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import ironcalc
import pytest
from forms.formkit import honest
from javascript import nodekit
from openpyxl import load_workbook

from xlpolicy import assess
from xlpolicy.batch.fill import fill
from xlpolicy.cli import main
from xlpolicy.columns.table import assess_table
from xlpolicy.excel.functions.registry import BY_NAME
from xlpolicy.excel.server import pane
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import EARLIER, layout
from xlpolicy.formulas.calculation_sheet import formula_text
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.store import EMBEDDED
from xlpolicy.money import clean
from xlpolicy.settle.match import match
from xlpolicy.settle.profile import Profile, provisions
from xlpolicy.survey.compare.measure import compare
from xlpolicy.survey.settings_file import activate
from xlpolicy.words.fact_names import FactNames

DAY, RULE = "2026-06-30", "技改设备补助"
STATED: dict[str, Any] = {"investment": 4_800_000, "investment_with_vat": 5_424_000, "bond_supported": False}
NET = "authority = '纪要1号'\n[readings]\n'fuzhou-2026-5:vat_threshold' = 'net'\n"
RATE = "authority = '纪要1号'\n[[rates]]\nfigure = 'fuzhou-2026-5:tech_upgrade.rate'\nyear = 2026\nrate = '2%'\n"
TOLD = "2026年核定比例2%（条文不超过3%，纪要1号）"
#: settings, whether the document is an edited copy, what is paid
LAWS: dict[str, tuple[str, bool, str]] = {
    "article": ("", False, "144000"),
    "reading": (NET, False, "0"),
    "year's rate": (RATE, False, "96000"),
    "edited copy": ("", True, "120000"),
    "rate and copy": (RATE, True, "96000"),
}


@pytest.fixture(params=LAWS)
def law(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    settings, edited, _ = LAWS[request.param]
    for name in ("XLPOLICY_SETTINGS", "XLPOLICY_POLICIES", catalogs.READINGS):
        monkeypatch.setenv(name, "")
    if edited:
        text = (EMBEDDED / "fuzhou-2026-5.yaml").read_text(encoding="utf-8")
        old = "figures: {threshold: 500万元, rate: 3%, cap: 500万元}"
        assert text.count(old) == 1
        (tmp_path / "law").mkdir()
        (tmp_path / "law" / "fuzhou-2026-5.yaml").write_text(
            text.replace(old, old.replace("3%", "2.5%")), encoding="utf-8"
        )
        monkeypatch.setenv("XLPOLICY_POLICIES", str(tmp_path / "law"))
    if settings:
        path = tmp_path / "设置.toml"
        path.write_text(settings, encoding="utf-8")
        monkeypatch.setenv("XLPOLICY_SETTINGS", str(path))
        activate(path)
    return str(request.param)


def _said(told: pytest.CaptureFixture[str], *words: str) -> Any:
    told.readouterr()
    main([*words, "--json"])
    return json.loads(told.readouterr().out)


def _claims(folder: Path) -> str:
    claim = {
        "id": "1",
        "enterprise": "示例企业01",
        "city": "fuzhou",
        "rule": "tech_upgrade",
        "on": DAY,
        "project": "甲",
        "inputs": STATED,
    }
    path = folder / "清单.json"
    path.write_text(json.dumps({"on_year": 2026, "claims": [claim]}), encoding="utf-8")
    return str(path)


def _calc(_: Path, told: Any) -> Any:
    words = [f"{name}={'否' if value is False else value}" for name, value in STATED.items()]
    return _said(told, "calc", "福州", RULE, *words, "--on", DAY)["amount"]


def _simulated(folder: Path, told: Any) -> Any:
    """Another figure is changed: the amounts before and after are those that are paid now."""
    made = _said(told, "simulate", _claims(folder), "--set", f"福州:{RULE}.封顶=499万元")
    assert made["total"]["before"] == made["total"]["after"]
    return made["total"]["before"]


def _matched(*_: Any) -> Any:
    catalog, day = catalogs.default(), dt.date.fromisoformat(DAY)
    (found,) = (one for one in provisions(catalog, day) if one.rule.id == "tech_upgrade")
    names = FactNames(catalog)
    facts = {
        clean(names.of(found.document, found.rule, found.rule.input(name))): value for name, value in STATED.items()
    }
    (standing,) = match([Profile("示例企业01", None, "enterprise", facts)], [found], day, catalog=catalog)
    assert standing.payable == standing.decided
    return standing.payable


def _formula(*_: Any) -> Any:
    """The formula itself, computed by a spreadsheet."""
    cells = {name: f"{letter}1" for name, letter in zip(STATED, "ABC", strict=True)}
    made = formula_text("福州", RULE, cells, on=DAY)
    model = ironcalc.create("one", "en", "UTC", "en")
    model.update_cell_with_number(0, 1, 1, STATED["investment"])
    model.update_cell_with_number(0, 1, 2, STATED["investment_with_vat"])
    model.update_cell_with_text(0, 1, 3, "否")
    model.update_cell_with_formula(0, 1, 4, made.amount)
    model.evaluate()
    return model.get_cell_value(0, 1, 4)


def _pane(*_: Any) -> Any:
    fields = {name: {"value": "否" if value is False else value} for name, value in STATED.items()}
    return pane.calculate({"city": "福州", "rule": RULE, "on": DAY, "fields": fields})["amount"].replace(",", "")


def _compared(*_: Any) -> Any:
    (offer,) = (
        o
        for o in compare(catalogs.default(), RULE, STATED, DAY).offers
        if o.rule == "tech_upgrade" and o.city == "福州市"
    )
    return offer.amount


def _settle_function(*_: Any) -> Any:
    table = [
        ["申报编号", "申报单位", "城市", "条款", "申报日期", *STATED],
        ["1", "甲公司", "福州", RULE, DAY, *STATED.values()],
    ]
    return BY_NAME["SUBSIDY_SETTLE"].answer(table)[1][0]


SURFACES: dict[str, Callable[[Path, Any], Any]] = {
    "assess": lambda *_: assess("福州", RULE, STATED, on=DAY).amount,
    "assess_table": lambda *_: assess_table({name: [value] for name, value in STATED.items()}, "福州", RULE, on=DAY)["amount"][0],
    "assess_table by day": lambda *_: assess_table({**{name: [value] for name, value in STATED.items()}, "日期": [DAY]}, "福州", RULE, on="日期")["amount"][0],
    "calc": _calc,
    "settle": lambda folder, told: _said(told, "settle", _claims(folder))["claims"][0]["payable"],
    "simulate": _simulated,
    "match": _matched,
    "SUBSIDY": lambda *_: BY_NAME["SUBSIDY"].answer("福州", RULE, STATED["investment"], "investment_with_vat", STATED["investment_with_vat"], "日期", DAY),
    "SUBSIDY_SETTLE": _settle_function,
    "formula": _formula,
    "pane": _pane,
    "compare": _compared,
}  # fmt: skip


def test_every_surface_says_what_is_paid(law: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    want = Decimal(LAWS[law][2])
    got = {name: Decimal(str(surface(tmp_path, capsys))) for name, surface in SURFACES.items()}
    assert got == dict.fromkeys(SURFACES, want)


def test_the_script_says_it_too(law: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    node = nodekit.needed(request.config)
    file = nodekit.written_script(tmp_path, catalogs.default())
    claims = [{"city": "福州", "rule": RULE, "inputs": STATED, "on": DAY}]
    claims.append({**claims[0], "on": None, "policy": "fuzhou-2026-5"})
    got, want = nodekit.answers(node, file, claims), nodekit.assessed(claims, catalogs.default())
    assert not nodekit.differing(claims, got, want)
    assert Decimal(got[0]["amount"]) == Decimal(LAWS[law][2])


def test_where_the_article_is_recorded_the_rate_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """测算额 is the article's (3%: 144,000): the ledger, the form and a decision without a date say the year's rate too."""
    for name in ("XLPOLICY_SETTINGS", catalogs.READINGS):
        monkeypatch.setenv(name, "")
    path = tmp_path / "设置.toml"
    path.write_text(RATE, encoding="utf-8")
    activate(path)
    found = catalogs.default().find("福州", RULE, dt.date.fromisoformat(DAY))
    undated = assess("福州", RULE, STATED, policy="fuzhou-2026-5")
    assert undated.amount == 144_000 and f"没有写日期，按条文的比例测算；本单位{TOLD}" in undated.warnings
    (tmp_path / "收件").mkdir()
    cells = {
        "in_investment": 480,
        "in_investment_with_vat": 542.4,
        "in_bond_supported": "否",
        "prj_applied_on": dt.date(2026, 6, 30),
    }
    plan = layout(found.document, found.article, "万元", EARLIER[-1])
    form = write_form(
        plan.document,
        plan.rule,
        tmp_path / "收件" / "示例.xlsx",
        unit="万元",
        prefill=honest(plan, cells),
        version=plan.version,
    )
    said = [str(cell.value) for row in load_workbook(form).worksheets[0].iter_rows() for cell in row]
    assert any(f"按条文的比例算，本单位{TOLD}" in text for text in said)
    result = fill(tmp_path / "收件", tmp_path / "结果", on=DAY)
    (record,) = result.records
    assert record.judged is not None and record.judged.amount == 144_000
    assert f"{TOLD}，按它是 96,000.00 元，兑付核算时核减" in record.judged.warnings
    assert not any("预计补助" in hint for hint in record.hints)
    assert found.article.figures["rate"].text == "3%"
    capsys.readouterr()
    main(["show", "福州", RULE, "--on", DAY])
    shown = capsys.readouterr().out
    assert f"核定　　{TOLD}，各年按它算" in shown and "比例    3%" in shown
    assert "付款凭证  “年度技改设备（含软件）实际投资额（不含增值税）”" in shown
