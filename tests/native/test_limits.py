"""What every formula must keep to, whatever the provision: Excel's limits, and functions that every program has."""

from __future__ import annotations

import re
from typing import Any, Literal

import pytest
from native import oracle

from xlpolicy.formulas.rule import FUNCTIONS, MAX_DEPTH, MAX_LENGTH, NativeFormula, depth, native
from xlpolicy.law.in_force import Found

_FOUND = oracle.computable()
#: functions of Excel 2007 that do not recalculate by themselves
ALLOWED = {
    "IF", "AND", "OR", "NOT", "MIN", "MAX", "ROUND", "SUM", "SUMPRODUCT", "INDEX", "MATCH", "IFERROR", "ISNUMBER",
    "ISBLANK", "LEN", "INT", "MOD", "N", "LEFT", "COUNTA", "DATE", "YEAR", "MONTH", "DAY",
}  # fmt: skip
_TEXT = re.compile(r'"(?:[^"]|"")*"')


def all_formulas(found: Found, unit: Literal["元", "万元"], figures: bool) -> list[str]:
    """As in a sheet (`figures`: numbers in cells, reason in a cell, helpers), or all in one."""
    items = found.rule.inputs
    options: dict[str, Any] = {}
    if figures:
        options = {
            "figure_of": lambda figure, row, side: "参数!$F$1234",
            "amount_cell": "AB123456",
            "used": "COUNTA(B123456:AA123456)>0",
            "helper_of": lambda index: f"{'ACDEFGHIJKLMNOP'[index]}{index}123456",
        }
    # all in one, a provision whose days may be counted from dates has room for the references of a form only
    row = 123456 if figures or not any(x.period for x in items) else 12
    made: NativeFormula = native(
        found.rule, {x.name: f"A{chr(66 + i)}{row}" for i, x in enumerate(items)}, unit=unit, **options
    )
    return [made.amount, made.reason, *(text for _, text in made.helpers)]


@pytest.mark.parametrize("figures", [False, True])
@pytest.mark.parametrize("unit", ["元", "万元"])
@pytest.mark.parametrize("found", _FOUND, ids=oracle.names())
def test_every_formula_is_within_excels_limits(found: Found, unit: Literal["元", "万元"], figures: bool) -> None:
    for formula in all_formulas(found, unit, figures):
        assert formula.startswith("=")
        assert len(formula) <= MAX_LENGTH == 8192
        assert depth(formula) <= MAX_DEPTH == 64
        # Excel refuses a text constant of more than 255 characters in a formula
        assert max((len(text) - 2 for text in _TEXT.findall(formula)), default=0) <= 255
        bare = _TEXT.sub('""', formula)
        assert set(re.findall(r"([A-Za-z_.]+[A-Za-z0-9_.]*)\(", bare)) <= FUNCTIONS & ALLOWED
        assert bare.count("(") == bare.count(")")
        # no number of more than 15 digits: Excel would cut it
        assert max(map(len, re.findall(r"\d+", bare))) <= 16
        assert all(int(number) <= 10**15 for number in re.findall(r"(?<![A-Z$\d])\d+", bare))


def test_the_whitelist_holds_nothing_new_or_volatile() -> None:
    assert FUNCTIONS <= ALLOWED
    assert not FUNCTIONS & {
        "LET",
        "LAMBDA",
        "XLOOKUP",
        "IFS",
        "SWITCH",
        "NOW",
        "TODAY",
        "OFFSET",
        "INDIRECT",
        "RAND",
        "ROW",
    }


#: those that are asked for an amount or a number of something
_COUNTED = [
    f for f in _FOUND if any(i.type == "money" or (i.type == "integer" and not i.choices) for i in f.rule.inputs)
]


@pytest.mark.parametrize("found", _COUNTED, ids=lambda f: f"{f.document.key}-{f.rule.id}")
def test_amounts_up_to_a_hundred_billion_yuan(found: Found) -> None:
    """The documented range; the exceptions multiply an amount by a count and are named here."""
    made = native(found.rule, {item.name: f"{chr(66 + i)}2" for i, item in enumerate(found.rule.inputs)})
    least = {"skills_training": 10**9}.get(found.rule.id, 10**11)
    for item in found.rule.inputs:
        if item.type == "money":
            assert made.ranges[item.name] == (0, least, 2)
        elif item.type == "integer" and not item.choices:
            assert made.ranges[item.name][1] == item.maximum or made.ranges[item.name][1] >= 10**4


def test_depth_leaves_texts_out() -> None:
    assert depth('=IF(A1="((",MAX(1,(2)),")")') == 3
