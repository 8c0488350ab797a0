"""What `assess` promises beyond the amounts of the cases: shape, naming, pinning, tails, laziness, doctest."""

from __future__ import annotations

import dataclasses
import datetime as dt
import doctest
import importlib
import json
import pickle
import subprocess
import sys
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

import xlpolicy
from xlpolicy import PolicyError, assess
from xlpolicy.claim import exact
from xlpolicy.claim.decision import decide
from xlpolicy.faults import UnknownInput
from xlpolicy.law import catalog
from xlpolicy.law.catalog import Catalog

ON = "2026-06-30"


def code_of(*args: object, **kwargs: object) -> str:
    with pytest.raises(PolicyError) as caught:
        assess(*args, **kwargs)  # type: ignore[arg-type]
    return caught.value.code


def test_decision_dumps_to_json_with_money_as_text() -> None:
    data = json.loads(
        json.dumps(assess("福州", "技改设备补助", "800万元", on=ON).model_dump("json"), ensure_ascii=False)
    )
    assert data["amount"] == "240000.00"
    assert data["basis"] == {
        "document": "fuzhou-2026-5",
        "number": "榕政办规〔2026〕5号",
        "pinpoint": "附件3 一",
        "title": "技改设备补助",
    }
    assert data["inputs"]["investment_with_vat"] == "8000000"
    assert data["inputs"]["bond_supported"] is False
    assert [step["value"] for step in data["steps"]] == [
        "满足", "未填，暂按“否”", "240,000元", "未超过", "240,000.00元",
    ]  # fmt: skip
    assert data["presumed"] == ["bond_supported"]


def test_two_payers_share_what_is_paid() -> None:
    """泉州 一（一）: 600万元 × 30% is above the ceiling of 50万元, borne 1:1 by city and county."""
    shared = assess("quanzhou", "platform_build", {"investment": "600万元", "smes": 30}, on="2023-06-30")
    assert shared.payers == {"city": Decimal("250000.00"), "county": Decimal("250000.00")}
    assert assess("fuzhou", "tech_upgrade", "800万元", on=ON).payers == {}


def test_one_amount_however_it_is_stated() -> None:
    stated = [
        8_000_000, Decimal("8000000"), 8e6, "8000000", "800万元", "８００万元", "8,000,000", "捌佰万元整",
        {"investment": "800万"}, {"年度技改设备（含软件）实际投资额（不含增值税）": 8_000_000},
        {"年度技改设备（含软件） 实际投资额（不含增值税）": 8_000_000},
    ]  # fmt: skip
    assert {assess("fuzhou", "tech_upgrade", value, on=ON).amount for value in stated} == {Decimal("240000.00")}


def test_a_float_is_taken_by_its_shortest_repr() -> None:
    # 5000000.1 is 5000000.099999999627… in binary; 3 % of the written number is exactly 150000.003
    assert assess("fuzhou", "tech_upgrade", 5000000.1, on=ON).inputs["investment"] == Decimal("5000000.1")


@pytest.mark.parametrize(
    ("args", "kwargs", "code"),
    [
        (("厦门", "tech_upgrade", 1), {"on": ON}, "unknown_city"),
        (("fuzhou", "tech_upgrad", 1), {"on": ON}, "unknown_rule"),
        (("fuzhou", "tech_upgrade", 1), {"on": ON, "policy": "fuzhou-2025"}, "unknown_policy"),
        (("fuzhou", "tech_upgrade", 1), {"on": ON, "policy": "quanzhou-2023-6"}, "unknown_policy"),
        (("putian", "chain_leader", 1), {"on": ON}, "not_in_force"),
        (("fuzhou", "tech_upgrade", {}), {"on": ON}, "missing_input"),
        (("fuzhou", "tech_upgrade", {"investments": 1}), {"on": ON}, "unknown_input"),
        (("fuzhou", "tech_upgrade", True), {"on": ON}, "invalid_input"),
        (("fuzhou", "tech_upgrade", float("nan")), {"on": ON}, "invalid_input"),
        (("fuzhou", "tech_upgrade", 1), {"on": "2026-02-30"}, "invalid_input"),
        (("fuzhou", "srdi_ip", {}), {"on": ON}, "not_computable"),
    ],
)
def test_refusals_carry_their_code(args: tuple[object, ...], kwargs: dict[str, object], code: str) -> None:
    assert code_of(*args, **kwargs) == code


def test_a_divisor_of_nothing_is_named() -> None:
    """附件1 五：按扣除省级贴息本金以后的比例；没有本金就没有比例，要改的是那一格。"""
    with pytest.raises(PolicyError) as refused:
        assess(
            "福州",
            "park_infra_interest",
            {"interest": 100, "loan_balance": 0, "provincial_principal": 10},
            on="2026-06-30",
        )
    problem = refused.value.problem
    assert (problem.code, problem.item) == ("invalid_input", "loan_balance")
    assert problem.got.startswith("“新增贷款本金”是除数")


def test_a_refusal_says_where_what_and_what_to_do() -> None:
    with pytest.raises(PolicyError) as caught:
        assess("fuzhou", "tech_upgrade", {"investmnt": 1}, on=ON)
    problem = caught.value.problem
    assert problem.where == "技改设备补助（附件3 一）"
    assert "investmnt" in problem.got
    assert "是否想写“investment”" in problem.remedy
    assert pickle.loads(pickle.dumps(caught.value)).problem == problem


def test_nothing_and_white_space_are_not_stated() -> None:
    claim = {"investment": "800万元"}
    blank = assess("fuzhou", "tech_upgrade", claim | {"paid_before": None, "bond_supported": " \u3000", "investment_with_vat": ""}, on=ON)  # fmt: skip
    assert (blank.amount, blank.presumed, blank.inputs) == (240_000, *((d := assess("fuzhou", "tech_upgrade", claim, on=ON)).presumed, d.inputs))  # fmt: skip


def test_same_input_twice_is_refused() -> None:
    twice = {"investment": 1, "年度技改设备（含软件）实际投资额（不含增值税）": 2}
    assert code_of("fuzhou", "tech_upgrade", twice, on=ON) == "invalid_input"


def test_date_decides_the_document() -> None:
    old, new = (assess("fuzhou", "tech_upgrade", "800万元", on=day) for day in ("2025-12-31", dt.date(2026, 1, 1)))
    assert (old.basis.document, new.basis.document) == ("fuzhou-2024-13", "fuzhou-2026-5")
    assert (old.nature, new.nature) == ("entitlement", "upper_bound")


def test_pinning_warns_and_computes() -> None:
    decision = assess("fuzhou", "tech_upgrade", "800万元", on=ON, policy="fuzhou-2024-13")
    assert decision.amount == Decimal("240000.00")
    assert "2025-12-31" in decision.warnings[0]


def test_tail_after_expiry() -> None:
    # 九、4: selected by 2025-12-31, three years from the year of selection, that year included
    stated = {"consecutive_year": 3, "first_selected_on": "2024-06-01"}
    assert assess("fuzhou", "dual_cross_platform", stated, on="2026-12-31").amount == Decimal("3000000.00")
    assert code_of("fuzhou", "dual_cross_platform", stated, on="2027-01-01") == "not_in_force"
    late = stated | {"first_selected_on": "2026-01-01"}
    assert code_of("fuzhou", "dual_cross_platform", late, on=ON) == "not_in_force"
    pinned = assess("fuzhou", "dual_cross_platform", late, on=ON, policy="fuzhou-2024-13")
    assert (pinned.eligible, pinned.amount) == (False, Decimal("0.00"))
    assert "2026-01-01" in pinned.reasons[0]
    assert "2026-01-01" in pinned.steps[-2].formula


def test_import_loads_neither_pandas_openpyxl_nor_xlwings() -> None:
    code = (
        "import sys, xlpolicy; xlpolicy.assess('fuzhou', 'tech_upgrade', 1, on='2026-06-30'); xlpolicy.settle([], on_year=2026);"
        "print([m for m in ('pandas', 'numpy', 'openpyxl', 'xlwings') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_ledger_outside_a_working_folder_starts_without_the_register() -> None:
    """What the register needs takes a third of the start of `fill` and `settle`."""
    code = "import sys, xlpolicy.cli.fill, xlpolicy.cli.settle; print('sqlalchemy' in sys.modules, 'xlpolicy.batch.fill' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_functions_stay_functions_after_their_modules_are_imported() -> None:
    code = "import xlpolicy.claim.decision, xlpolicy.settle, xlpolicy; print(xlpolicy.claim.decision.__name__, callable(xlpolicy.assess), callable(xlpolicy.settle))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "xlpolicy.claim.decision True True\n"


PACKAGE = Path(xlpolicy.__file__).parent


@pytest.mark.parametrize(
    "path", [path for path in sorted(PACKAGE.rglob("*.py")) if "    >>> " in (t := path.read_text(encoding="utf-8")) or "\n>>> " in t],
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)  # fmt: skip
def test_doctests(path: Path) -> None:
    name = ".".join(["xlpolicy", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def test_numpy_scalars_are_the_numbers_they_are() -> None:
    import numpy as np

    # numpy's float is a Python float whose repr reads "np.float64(8000000.0)"
    assert assess("fuzhou", "tech_upgrade", np.float64(8e6), on=ON).amount == Decimal("240000.00")
    stated = {"spend": 200_000, "level": np.int64(2)}
    assert assess("fuzhou", "pilot_transformation", stated, on="2024-06-30").amount == Decimal("140000.00")


@pytest.mark.parametrize(
    "odd",
    [7, True, None, b"fuzhou", ["fuzhou"], {}, Decimal("sNaN"), 10**5000, "x" * 10**6, "\ud800"],
    ids=lambda odd: type(odd).__name__,
)
def test_names_of_any_kind_are_found_or_refused(odd: Any) -> None:
    assert code_of(odd, "tech_upgrade", 1, on=ON) == "unknown_city"
    assert code_of("fuzhou", odd, 1, on=ON) == "unknown_rule"
    if odd is not None:
        assert code_of("fuzhou", "tech_upgrade", 1, on=ON, policy=odd) == "unknown_policy"
    if isinstance(odd, Hashable) and not isinstance(odd, Decimal):
        assert code_of("fuzhou", "tech_upgrade", {odd: 1}, on=ON) == "unknown_input"


def test_a_refusal_does_not_repeat_a_book() -> None:
    with pytest.raises(PolicyError) as caught:
        assess("fuzhou", "条" * 10**6, 1, on=ON)
    assert len(str(caught.value)) < 1000


def test_many_threads_find_what_one_finds() -> None:
    for _ in range(20):
        fresh = Catalog(catalog.default().documents.values())
        start = Barrier(8)

        def look(fresh: Catalog = fresh, start: Barrier = start) -> list[str]:
            start.wait()
            return [fresh.rule_id("fuzhou", name) for name in ("技改设备补助", "数智化项目补助", "tech_upgrade")]

        with ThreadPoolExecutor(8) as pool:
            found = [task.result() for task in [pool.submit(look) for _ in range(8)]]
        assert found == [["tech_upgrade", "digital_project", "tech_upgrade"]] * 8


def test_the_callers_decimal_context_is_not_asked() -> None:
    stated = {"loan_balance": "1234.5678万元", "days": 100, "loan_rate": "3.45%"}
    wanted = assess("fuzhou", "tech_loan_interest", stated, on=ON).model_dump()
    with localcontext(Context(prec=3, traps=[Inexact, InvalidOperation])):
        assert assess("fuzhou", "tech_loan_interest", stated, on=ON).model_dump() == wanted
    # 12,345,678 x 2% x 100 / 365 = 67,647.55068...
    assert wanted["amount"] == Decimal("67647.55")


def test_inputs_are_written_out_in_json() -> None:
    data = assess("fuzhou", "tech_upgrade", Decimal("1E+7"), on=ON).model_dump("json")
    assert data["inputs"]["investment"] == "10000000"


def test_changed_law_does_not_stay_in_memory_for_ever() -> None:
    assert exact.program.cache_info().maxsize == exact.REMEMBERED
    assert exact.predicate.cache_info().maxsize == exact.REMEMBERED


def test_a_bare_value_where_nothing_is_asked() -> None:
    found = catalog.default().find("fuzhou", "tech_upgrade", dt.date(2026, 6, 30))
    silent = found._replace(rule=dataclasses.replace(found.rule, inputs=()))
    with pytest.raises(UnknownInput, match="不需要填数值"):
        decide(silent, 8_000_000, dt.date(2026, 6, 30))


@pytest.mark.parametrize("policy", ["fuzhou-2024-13", "fuzhou-2026-5"])
def test_tools_alone_are_paid(policy: str) -> None:
    """附件3 六2, 榕2024 五（十四）: 50% of fee and tools together; only tools bought this year, 1万 × 50%."""
    assert assess("fuzhou", "cloud_core", {"fee": 0, "tool_fee": "1万元"}, policy=policy).amount == 5_000
    assert not assess("fuzhou", "cloud_core", {"fee": 0}, policy=policy).eligible
