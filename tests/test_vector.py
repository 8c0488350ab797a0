"""The vector interpreter and `assess_table`: equal to the exact interpreter, to the cent, on every provision."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlpolicy.claim import exact
from xlpolicy.claim.binding import bind
from xlpolicy.claim.decision import assess
from xlpolicy.columns import assess_table, vector
from xlpolicy.columns.table_cells import Cells, read, source
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.records import Document, Input, Rule

ON = "2026-06-30"
CENT = Decimal("0.01")
#: int64 holds no more fen
LARGEST = Decimal(2**63 - 1).scaleb(-2)


class Provision(NamedTuple):
    """A provision with its document; told by its name."""

    document: Document
    rule: Rule

    def __repr__(self) -> str:
        return f"{self.document.key}-{self.rule.id}"


PROVISIONS = [Provision(d, r) for d, r in catalogs.default().rules() if r.amount is not None]
every_provision = pytest.mark.parametrize("provision", PROVISIONS, ids=repr)


def figures(rule: Rule, kind: str) -> list[Any]:
    """The numbers of the law of one kind in a rule, those of its tables included."""
    found: list[Any] = []
    for figure in rule.figures.values():
        if figure.kind == kind and figure.value is not None:
            found.append(figure.value)
        if figure.table is not None:
            if figure.kind == kind:
                found += [value for _, value in figure.table.rows]
            by = rule.input(figure.table.by)
            if {"integer": "count"}.get(by.type, by.type) == kind:
                found += [key for key, _ in figure.table.rows]
    return sorted(set(found))


def cent(value: Fraction) -> Decimal:
    return Decimal(int(value * 100)).scaleb(-2)


def edges(rule: Rule, item: Input) -> list[Any]:
    """Clean values of an input on and around everything that decides."""
    match item.type:
        case "money":
            sums = figures(rule, "money")
            rates = [r for r in figures(rule, "rate") if r]
            spots = [Fraction(s) for s in sums] + [Fraction(s) / Fraction(r) for s in sums for r in rates]
            near = [cent(spot) + step * CENT for spot in spots for step in (-1, 0, 1)]
            # one fen steps around a product of half a cent
            ties = [
                cent(Fraction(5_000_000) + Fraction(1, 200) / Fraction(r)) + step * CENT
                for r in rates
                for step in range(-2, 3)
            ]
            odd = [Decimal(text) for text in ("0", "0.01", "0.17", "16.67", "1234567.89", "8000000", "99999999.99")]
            return sorted({value for value in near + ties + odd if value >= 0})
        case "rate":
            near = [r + step for r in figures(rule, "rate") for step in (Decimal("-0.0001"), 0, Decimal("0.0001"))]
            return sorted({r for r in [*near, Decimal(0), Decimal("0.0345"), Decimal(1)] if 0 <= r <= 1})
        case "integer" if item.choices:
            return [int(c.value) for c in item.choices]
        case "integer":
            near = [int(c) + step for c in figures(rule, "count") for step in (-1, 0, 1)]
            return sorted({n for n in [*near, 0, 1, 2, 3, 7, 90, 365, 366, 730, 1096] if n >= (item.minimum or 0)})
        case "boolean":
            return [False, True]
        case "enum":
            return [c.value for c in item.choices]
        case "text":
            return ["纺织", "鞋 服", "12"]
        case _:
            days = [*figures(rule, "date"), dt.date(2023, 1, 1), dt.date(2025, 12, 31), dt.date(2026, 2, 13)]
            return [day + dt.timedelta(step) for day in days for step in (-1, 0, 1)]


#: what a cell may hold that is no value of its type, or states nothing
ODD: list[Any] = [
    None,
    "",
    " ",
    "x",
    -1,
    "-0.01",
    Decimal("1E15"),
    1.5,
    True,
    float("nan"),
    "8百万",
    [1],
    dt.date(2026, 1, 1),
]


def spellings(item: Input, value: Any) -> list[Any]:
    """Ways to write the same value into a cell."""
    if isinstance(value, bool):
        return [value, "是" if value else "否", int(value)]
    if isinstance(value, Decimal):
        plain = [value, str(value), float(value)]
        return [*plain, f"{value / 10_000}万元"] if item.type == "money" else plain
    if isinstance(value, dt.date):
        return [value, value.isoformat(), dt.datetime(value.year, value.month, value.day, 12)]
    if item.choices:
        return [value, *(c.label for c in item.choices if c.value == value)]
    if item.type == "text":
        return [value, f" {value} "]
    return [value, str(value), float(value), Decimal(value)]


def one_by_one(
    document: Document,
    rule: Rule,
    rows: list[dict[str, Any]],
    on: dt.date | None,
    catalog: Catalog | None = None,
    pin: bool = True,
) -> list[tuple[Any, ...]]:
    """What `assess` says of each row."""
    out: list[tuple[Any, ...]] = []
    policy = document.key if pin else None
    for row in rows:
        try:
            decision = assess(document.city, rule.id, row, on=on, policy=policy, catalog=catalog)
        except PolicyError as error:
            out.append((False, None, error.code, str(error), None))
            continue
        if decision.amount > LARGEST:
            out.append((False, None, "invalid_input", None, None))
        else:
            out.append((decision.eligible, decision.amount, None, None, "；".join(decision.assumptions) or None))
    return out


def by_row(result: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    names = ("eligible", "amount", "code", "problem", "assumptions")
    return list(zip(*(result[name] for name in names), strict=True))


def same(document: Document, rule: Rule, rows: list[dict[str, Any]], catalog: Catalog | None = None) -> None:
    """`assess_table` over plain columns gives what `assess` gives, row by row."""
    on = document.valid_from
    columns = {item.name: [row.get(item.name) for row in rows] for item in rule.inputs}
    table = assess_table(columns, document.city, rule.id, on=on, policy=document.key, catalog=catalog)
    for row, got, want in zip(rows, by_row(table), one_by_one(document, rule, rows, on, catalog), strict=True):
        assert got[:3] == want[:3], row
        assert got[3:] == want[3:] or (got[1] is None and want[3] is None and "不合常理" in got[3]), row
    fen = [None if amount is None else int(amount * 100) for amount in table["amount"]]
    assert table["amount_fen"] == fen


def sweep(rule: Rule) -> list[dict[str, Any]]:
    """Every edge of every input, against a few settings of the others."""
    edge = {item.name: edges(rule, item) for item in rule.inputs}
    rows: list[dict[str, Any]] = []
    for share in (0.3, 0.62, 0.97):
        base = {item.name: edge[item.name][int(len(edge[item.name]) * share)] for item in rule.inputs}
        base |= {item.name: item.default for item in rule.inputs if item.type == "boolean" and item.default is not None}
        dates = {name for item in rule.inputs for name in item.period}
        base = {name: value for name, value in base.items() if name not in dates}  # the days speak for themselves
        for item in rule.inputs:
            rows += [base | {item.name: value} for value in edge[item.name]]
            if item.period:
                spans = [(1, 30), (1, 365), (1, 366), (200, 900), (30, 1)]
                first = dt.date(2026, 1, 1).toordinal()
                for start, end in spans:
                    days = dict(zip(item.period, (first + start, first + end, first), strict=True))
                    dated = base | {name: dt.date.fromordinal(day) for name, day in days.items()}
                    rows += [dated, {k: v for k, v in dated.items() if k != item.name}]
            if not item.required:
                rows += [{k: v for k, v in (base | {item.name: None}).items() if v is not None}]
    return rows


@every_provision
def test_every_edge(provision: Provision) -> None:
    document, rule = provision
    same(document, rule, sweep(rule))


@every_provision
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_cells(provision: Provision, data: st.DataObject) -> None:
    """Edges, odd cells, missing cells and any spelling, mixed."""
    document, rule = provision
    columns = {}
    for item in rule.inputs:
        clean = st.sampled_from(edges(rule, item)).flatmap(lambda v, item=item: st.sampled_from(spellings(item, v)))  # type: ignore[misc]
        more = {
            "money": st.decimals(0, 10**15, places=2) | st.integers(0, 10**12) | st.floats(0, 1e12),
            "integer": st.integers(0, 4000),
            "rate": st.decimals(0, 1, places=5),
        }.get(item.type, clean)
        cell = st.one_of(clean, clean, clean, more, st.sampled_from(ODD))
        columns[item.name] = data.draw(st.lists(cell, min_size=8, max_size=8), label=item.name)
    names = list(columns)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    same(document, rule, rows)


@every_provision
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_typed_columns(provision: Provision, data: st.DataObject) -> None:
    """numpy, pandas and polars columns of their own types, with missing cells."""
    document, rule = provision
    size, on = 8, document.valid_from
    columns: dict[str, list[Any]] = {}
    for item in rule.inputs:
        cell = st.sampled_from(edges(rule, item))
        if data.draw(st.booleans(), label=f"{item.name} may be missing"):
            cell = st.none() | cell
        columns[item.name] = data.draw(st.lists(cell, min_size=size, max_size=size), label=item.name)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    want = [row[:4] for row in one_by_one(document, rule, rows, on)]
    floats = {n: [float(v) if type(v) is Decimal else v for v in c] for n, c in columns.items()}
    call: dict[str, Any] = {"on": on, "policy": document.key}

    frame = assess_table(pd.DataFrame(floats), document.city, rule.id, **call)
    got = [
        (e, None if f is pd.NA else Decimal(int(f)).scaleb(-2), None if pd.isna(c) else c, None if pd.isna(p) else p)
        for e, f, c, p in zip(frame["eligible"], frame["amount_fen"], frame["code"], frame["problem"], strict=True)
    ]
    assert [row[:3] for row in got] == [row[:3] for row in want]

    decimals = {
        n: pl.Series(c, dtype=pl.Decimal(20, 4)) if any(type(v) is Decimal for v in c) else pl.Series(c)
        for n, c in columns.items()
    }
    frame = assess_table(pl.DataFrame(decimals), document.city, rule.id, **call)
    assert frame.select("eligible", "amount", "code").rows() == [row[:3] for row in want]
    assert frame["amount"].dtype == pl.Decimal(38, 2)

    arrays = {n: np.array(c) for n, c in floats.items() if all(v is not None for v in c)}
    if len(arrays) == len(columns):
        out = assess_table(arrays, document.city, rule.id, **call)
        assert [
            None if c else Decimal(f).scaleb(-2) for f, c in zip(out["amount_fen"].tolist(), out["code"], strict=True)
        ] == [row[1] for row in want]
        assert out["eligible"].tolist() == [row[0] for row in want]


@every_provision
def test_integers_decide(provision: Provision) -> None:
    """Ordinary rows are decided by the vector interpreter itself, not handed back; equal to `exact.evaluate`."""
    rule = provision.rule
    rows = []
    dates = {name for item in rule.inputs for name in item.period}  # a period is counted by the exact interpreter
    for row in sweep(rule):
        try:
            rows.append(bind(rule, {name: value for name, value in row.items() if name not in dates})[0])
        except PolicyError:
            continue
    # 10^9 fen by 10^9 fen is what a product of two amounts holds
    most = 10**7 if "interest *" in (rule.amount.source if rule.amount else "") else 10**10
    rows = [row for row in rows if all(type(v) is not Decimal or v < most for v in row.values())]
    if rule.term and rule.term.paid:  # so is interest paid for more days than the term has
        rows = [row for row in rows if row[rule.term.paid] is None or (row[rule.term.days] or 0) <= 365]
    columns = {}
    for item in rule.inputs:
        cells = Cells(np.fromiter((row[item.name] for row in rows), object, len(rows)))
        columns[item.name] = read(rule, item, cells).cut
    handed: list[int] = []
    refused: list[int] = []

    def exactly(place: int) -> tuple[bool, int]:
        handed.append(place)
        outcome = exact.evaluate(rule, dict(rows[place]))
        return outcome.eligible, int(outcome.amount.scaleb(2))

    def counted(place: int) -> tuple[bool, int]:
        try:
            return exactly(place)
        except PolicyError:
            refused.append(place)
            return False, 0

    result = vector.evaluate(rule, columns, len(rows), counted)
    for place, row in enumerate(rows):
        if place in handed:
            continue
        outcome = exact.evaluate(rule, dict(row))
        assert (outcome.eligible, outcome.amount) == (
            result.eligible[place],
            Decimal(int(result.fen[place])).scaleb(-2),
        ), row
    assert len(rows) > 5
    # a division by a column, years held against their first day
    if rule.id == "park_infra_interest" or any(item.year_since for item in rule.inputs):
        assert len(handed) > len(rows) // 10
    else:
        assert len(handed) - len(refused) <= len(rows) // 10


# ---- worked out by hand -------------------------------------------------------------------------------------


def tech(**columns: Any) -> dict[str, Any]:
    return assess_table(columns, "fuzhou", "tech_upgrade", on=ON)  # type: ignore[no-any-return]


def test_by_hand() -> None:
    """3% from 5,000,000元 on, at most 5,000,000元; 5,000,000.50 × 3% = 150,000.015, half up."""
    out = tech(
        investment=["4999999.99", 5_000_000, "500.00005万元", 5_000_000.49, 166_666_666.66, 166_666_666.67, "2亿", 0]
    )
    assert [str(amount) for amount in out["amount"]] == [
        "0.00", "150000.00", "150000.02", "150000.01", "5000000.00", "5000000.00", "5000000.00", "0.00",
    ]  # fmt: skip
    assert out["eligible"] == [False, True, True, True, True, True, True, False]
    assert out["basis"] == ["榕政办规〔2026〕5号 附件3 一"] * 8


def test_used_limit_and_exclusion() -> None:
    """5,000,000 less 4,999,999.99 paid leaves 0.01; more than all of it leaves nothing, and stays eligible."""
    out = tech(
        investment=np.full(4, 8_000_000),
        paid_before=np.array([4_999_999.99, 6_000_000, 4_900_000, np.nan]),
        bond_supported=np.array([False, False, True, False]),
    )
    assert out["amount_fen"].tolist() == [1, 0, 0, 24_000_000]
    assert out["eligible"].tolist() == [True, True, False, True]
    assert out["amount"].tolist() == [0.01, 0.0, 0.0, 240_000.0]


def test_bad_rows_keep_their_place() -> None:
    out = tech(
        investment=[8_000_000, -1, None, "八百万", "abc", 1e15, 8_000_000],
        bond_supported=[None, 0, 0, 0, 0, 0, "maybe"],
    )
    assert out["code"] == [
        None, "invalid_input", "missing_input", None, "invalid_input", "invalid_input", "invalid_input",
    ]  # fmt: skip
    assert out["amount"] == [Decimal("240000.00"), None, None, Decimal("240000.00"), None, None, None]
    with pytest.raises(PolicyError) as error:
        assess("fuzhou", "tech_upgrade", {"investment": -1, "bond_supported": 0}, on=ON)
    assert out["problem"][1] == str(error.value)


def test_labels_choice_of_columns_and_index() -> None:
    label = "年度技改设备（含软件）实际投资额（不含增值税）"
    frame = pd.DataFrame({"企业": ["甲", "乙"], label: [8_000_000.0, np.nan], "老": [1, 2]}, index=[7, 3])
    out = assess_table(frame, "福州市", "技改设备补助", on=ON, columns=[label])
    assert out.index.tolist() == [7, 3]
    assert out["amount_fen"].tolist() == [24_000_000, pd.NA]
    assert out["amount"].isna().tolist() == [False, True]
    assert out["code"].tolist()[1] == "missing_input"
    out = assess_table(
        frame.rename(columns={label: "投资"}), "fuzhou", "tech_upgrade", on=ON, columns={"投资": "investment"}
    )
    assert out["amount_fen"].tolist() == [24_000_000, pd.NA]
    with pytest.raises(PolicyError, match="企业") as error:
        assess_table(frame, "fuzhou", "tech_upgrade", on=ON)
    assert error.value.code == "unknown_input"
    with pytest.raises(PolicyError, match="investmnt"):
        assess_table({"x": [1]}, "fuzhou", "tech_upgrade", on=ON, columns={"investmnt": "investment"})
    with pytest.raises(PolicyError, match="两列都是"):
        tech(**{"investment": [1], label: [1]})


@pytest.mark.parametrize("kind", ["pandas", "pandas nullable", "polars", "lists", "arrays"])
def test_kinds_of_tables(kind: str) -> None:
    columns = {"investment": [8_000_000.25, None, 166_666_667.0], "bond_supported": [False, True, False]}
    table: Any = {
        "pandas": lambda: pd.DataFrame(columns),
        "pandas nullable": lambda: pd.DataFrame(columns).convert_dtypes(),
        "polars": lambda: pl.DataFrame(columns),
        "lists": lambda: columns,
        "arrays": lambda: {n: np.array(c, float if n == "investment" else bool) for n, c in columns.items()},
    }[kind]()
    out = assess_table(table, "fuzhou", "tech_upgrade", on=ON)
    assert type(out) is type(table)
    assert list(out["eligible"]) == [True, False, True]
    assert list(out["code"])[1] == "missing_input"
    first = next(iter(out["amount"]))
    assert first == (Decimal("240000.01") if kind in ("polars", "lists") else 240000.01)
    assert [list(out["amount_fen"])[i] for i in (0, 2)] == [24_000_001, 500_000_000]


def test_text_columns_of_frames() -> None:
    texts = ["800万元", None, "８００万元", "  "]
    for frame in (
        pd.DataFrame({"investment": texts}),
        pl.DataFrame({"investment": texts}),
        pd.DataFrame({"investment": pd.Categorical(texts)}),
    ):
        out = assess_table(frame, "fuzhou", "tech_upgrade", on=ON)
        assert [c if isinstance(c, str) else None for c in out["code"].to_list()] == [
            None,
            "missing_input",
            None,
            "missing_input",
        ]
        assert out["amount_fen"].to_list()[::2] == [24_000_000, 24_000_000]


def test_dates_by_row() -> None:
    """Each row under the document of its day; a day without one, a blank and a wrong one are that row's problem."""
    days = ["2026-06-30", dt.date(2022, 6, 30), None, "2026-02-30", dt.datetime(2030, 12, 31, 9), dt.date(2031, 1, 1)]
    table = {"申报日": days, "investment": [8_000_000] * 6}
    out = assess_table(table, "fuzhou", "tech_upgrade", on="申报日")
    assert out["code"] == [None, "not_in_force", "invalid_input", "invalid_input", None, "not_in_force"]
    assert out["amount"][0] == out["amount"][4] == Decimal("240000.00")
    apart = assess_table({"investment": [8_000_000] * 6}, "fuzhou", "tech_upgrade", on=days)
    assert apart == out
    pinned = assess_table(table, "fuzhou", "tech_upgrade", on="申报日", policy="fuzhou-2026-5")
    assert pinned["code"] == [None, None, None, "invalid_input", None, None]
    assert "2031-01-01" in pinned["warnings"][5]
    assert "2026-06-30" not in pinned["warnings"][0]
    frame = pl.DataFrame({"on": pl.Series([dt.date(2026, 6, 30), dt.date(2020, 1, 1)]), "investment": [8_000_000, 1]})
    assert assess_table(frame, "fuzhou", "tech_upgrade", on=frame["on"], columns=["investment"])["code"].to_list() == [
        None,
        "not_in_force",
    ]


def test_two_documents_in_one_table() -> None:
    """A provision of two documents: each row by the document of its own day."""
    shared = [
        (a, b, name)
        for a in catalogs.default().documents.values()
        for b in catalogs.default().documents.values()
        if a.key < b.key and a.city == b.city and a.valid_from and b.valid_from
        for name in a.rules
        if name in b.rules and a.rules[name].amount and b.rules[name].amount and not a.rules[name].tail
    ]
    assert shared
    for first, second, name in shared:
        rows = [(d, row) for d in (second, first, second) for row in sweep(d.rules[name])[:40]]
        inputs = dict.fromkeys(n for _, row in rows for n in row)
        table: dict[str, list[Any]] = {n: [row.get(n) for _, row in rows] for n in inputs}
        table["on"] = [max(d.rules[name].valid_from or d.valid_from, d.valid_from) for d, _ in rows]  # type: ignore[type-var]
        out = assess_table(table, first.city, name, on="on")
        for place, (document, row) in enumerate(rows):
            want = one_by_one(document, document.rules[name], [row], table["on"][place])[0]
            assert by_row(out)[place] == want
            if want[2] is None:
                assert document.name in out["basis"][place]


def test_awards_that_run_on_after_expiry() -> None:
    """A row in the tail is judged by its own date of selection."""
    found = [(d, r) for d, r in catalogs.default().rules() if r.tail and r.amount]
    assert found
    for document, rule in found:
        assert document.valid_to and rule.tail
        base = {item.name: edges(rule, item)[-1] for item in rule.inputs if item.required}
        on = document.valid_to + dt.timedelta(200)
        since = [document.valid_to, document.valid_to + dt.timedelta(1), None, dt.date(2000, 1, 1)]
        rows = [base | {rule.tail.since: day} for day in since]
        table = {n: [row.get(n) for row in rows] for n in rows[0]}
        out = by_row(assess_table(table, document.city, rule.id, on=on))
        assert [row[:3] for row in out] == [row[:3] for row in one_by_one(document, rule, rows, on, pin=False)]
        assert len({row[2] for row in out}) > 1


def test_call_errors() -> None:
    one = {"investment": [1]}
    for call, code in (
        (lambda: assess_table(one, "杭州", "tech_upgrade", on=ON), "unknown_city"),
        (lambda: assess_table(one, "fuzhou", "nothing", on=ON), "unknown_rule"),
        (lambda: assess_table(one, "fuzhou", "nothing", on=[ON]), "unknown_rule"),
        (lambda: assess_table(one, "fuzhou", "tech_upgrade", on="2020-01-01"), "not_in_force"),
        (lambda: assess_table(one, "fuzhou", "tech_upgrade", on=[ON, ON]), "invalid_input"),
        (
            lambda: assess_table({"investment": [1], "paid_before": [1, 2]}, "fuzhou", "tech_upgrade", on=ON),
            "invalid_input",
        ),
        (lambda: assess_table({"investment": 1}, "fuzhou", "tech_upgrade", on=ON), "invalid_input"),
        (lambda: assess_table([1, 2], "fuzhou", "tech_upgrade", on=ON), "invalid_input"),
        (lambda: assess_table(pl.LazyFrame(one), "fuzhou", "tech_upgrade", on=ON), "invalid_input"),
    ):
        with pytest.raises(PolicyError) as error:
            call()
        assert error.value.code == code


def test_what_is_not_computed_says_so() -> None:
    document, rule = next((d, r) for d, r in catalogs.default().rules() if r.amount is None and not d.draft)
    with pytest.raises(PolicyError) as error:
        assess_table({}, document.city, rule.id, policy=document.key)
    assert error.value.code == "not_computable"
    day = rule.valid_from or document.valid_from
    out = assess_table({"on": [day, dt.date(1999, 1, 1)]}, document.city, rule.id, on="on", policy=document.key)
    assert out["code"] == ["not_computable"] * 2


def test_empty_tables() -> None:
    assert tech(investment=[])["amount"] == []
    assert tech(investment=np.empty(0))["amount_fen"].tolist() == []
    assert len(assess_table(pd.DataFrame({"investment": []}), "fuzhou", "tech_upgrade", on=ON)) == 0
    assert assess_table(pl.DataFrame({"investment": []}), "fuzhou", "tech_upgrade", on=ON).height == 0
    out = assess_table({"on": [], "investment": []}, "fuzhou", "tech_upgrade", on="on")
    assert out["code"] == []


# ---- what no provision has yet: every node, quotients, overflow ---------------------------------------------

WILD = """
document: {key: wild-1, city: wild, city_label: 野市, number: 野1号, title: 测试, valid_from: 2020-01-01, valid_to: 2030-12-31}
readings: {r: 假定}
provisions:
"""


def wild(text: str) -> tuple[Document, Rule, Catalog]:
    """A document of one provision `p` made up for a test."""
    document = compile_text(WILD + "- {id: p, at: 一, title: 测, nature: entitlement, " + text + "}", "wild.yaml")
    return document, document.rules["p"], Catalog([document])


RULES = {
    "quotient": "inputs: {a: {type: money, label: 甲}, b: {type: money, label: 乙, measure: false}, c: {type: money, label: 丙, default: 0}},"
    " when: [a / b >= floor or c > 0], amount: a * c / b, figures: {floor: {value: 30%, label: 底线}}",
    "sum of quotients": "inputs: {a: {type: money, label: 甲}, d: {type: integer, label: 天, default: 1}},"
    " figures: {r: {value: 7%, label: 率}}, amount: a * r * d / 365 + a / 365 - a * r / d",
    "square": "inputs: {a: {type: money, label: 甲}, b: {type: money, label: 乙}, c: {type: money, label: 丙, default: 1}},"
    " amount: a * b / c",
    "negative": "inputs: {a: {type: money, label: 甲}, b: {type: money, label: 乙, default: 0}},"
    " figures: {r: {value: 3%, label: 率}}, amount: r * (a - b), limits: [{max: a - b, used: b}]",
    "short circuit": "inputs: {a: {type: money, label: 甲}, b: {type: money, label: 乙, optional: true}, e: {type: enum, label: 型,"
    " optional: true, values: {x: 甲型, y: 乙型}}, s: {type: boolean, label: 是, optional: true}, t: {type: date, label: 日, optional: true}},"
    ' figures: {d: {value: \"2026-01-01\", label: 起}, r: {value: \"50%\", label: 率}}, when: ["not given(b) or b > a",'
    ' "not given(e) or e == \\"x\\" or e != \\"y\\"", "not (given(s) and s) or given(e)", "given(t) and t >= d or not given(t)"],'
    " amount: \"min(a, b) if given(b) else max(a * r, a - r * a)\"",
    "tables": "inputs: {a: {type: money, label: 甲}, n: {type: integer, label: 级}, e: {type: enum, label: 型, values: {x: 甲型, y: 乙型}}},"
    " figures: {f: {label: 档, by: a, from: {100元: 1%, 1000.05元: 2%}}, g: {label: 档, by: a, above: {10元: 5元, 1000.05元: 7元}},"
    " h: {label: 级, by: n, levels: {1: 30%, 3: 50%}}, k: {label: 型, by: e, levels: {x: 12.5%, y: 0%}}}, amount: a * f + g + a * h + a * k",
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_node(name: str, data: st.DataObject) -> None:
    document, rule, catalog = wild(RULES[name])
    money = st.one_of(
        st.decimals(0, 2000, places=2), st.sampled_from([Decimal(0), Decimal(365), Decimal("1000.05"), Decimal("1.825"), Decimal(10), Decimal(100)]),
        st.decimals(0, 10**15 - 1, places=2), st.decimals(0, 100, places=9), st.integers(0, 10**14),
    )  # fmt: skip
    cells = {
        "money": money, "integer": st.integers(0, 5), "boolean": st.booleans(), "enum": st.sampled_from(["x", "y"]),
        "date": st.dates(dt.date(2025, 12, 30), dt.date(2026, 1, 2)),
    }  # fmt: skip
    columns = {
        item.name: data.draw(st.lists(st.none() | cells[item.type] | cells[item.type], min_size=12, max_size=12))
        for item in rule.inputs
    }
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    same(document, rule, rows, catalog)


def test_ties_of_quotients_are_left_to_the_exact_interpreter() -> None:
    """Thirds of a cent that make half a cent, each rounded at the 60th digit: the sum may fall short of it."""
    text = (
        "inputs: {a: {type: money, label: 甲}, b: {type: money, label: 乙}, c: {type: money, label: 丙},"
        " n: {type: integer, label: 数}}, amount: a / n + b / n + c / n"
    )
    document, rule, catalog = wild(text)
    rows = [
        {"a": a * CENT, "b": b * CENT, "c": (n // 2 * odd - a - b) * CENT, "n": n}
        for n in (6, 14, 22, 730)
        for odd in (1, 3, 77)
        for a in range(1, n // 2, 1 + n // 100)
        for b in range(1, n // 2 - a)
    ]
    same(document, rule, rows, catalog)
    amounts = [row[1] for row in one_by_one(document, rule, rows, document.valid_from, catalog)]
    whole = [((row["a"] + row["b"] + row["c"]) / row["n"]).quantize(CENT, "ROUND_HALF_UP") for row in rows]
    assert amounts != whole  # or there is nothing here to be left to it


def test_rows_beyond_int64_are_done_exactly() -> None:
    """One row of 9.9e14元 times a count of 10^5 does not fit; its neighbours do."""
    text = "inputs: {a: {type: money, label: 甲}, n: {type: integer, label: 数}}, figures: {r: {value: 0.0001%, label: 率}}, amount: a * n * r"
    _, rule, catalog = wild(text)
    a = np.array([100.0, 999_999_999_999_990.0, 0.0, 123.45])
    n = np.array([3, 100_000_000, 10**14, 0])
    out = assess_table({"a": a, "n": n}, "wild", "p", on="2024-01-01", catalog=catalog)
    assert out["amount_fen"].tolist() == [0, 9_999_999_999_999_900_000, 0, 0][:1] + out["amount_fen"].tolist()[1:]
    one = assess("wild", "p", {"a": "999999999999990", "n": 100_000_000}, on="2024-01-01", catalog=catalog)
    assert one.amount == Decimal("99999999999999000.00")
    # 10^17元 is more fen than int64 holds: said so, never wrapped around
    assert out["code"].tolist() == [None, "invalid_input", None, None]
    handed: list[int] = []
    columns = {"a": source(rule, rule.inputs[0], Cells(a)), "n": source(rule, rule.inputs[1], Cells(n))}
    vector.evaluate(rule, columns, 4, lambda row: (handed.append(row), (True, 7))[1])  # type: ignore[func-returns-value]
    assert handed == [1]


def test_floats_are_taken_by_their_shortest_repr() -> None:
    """0.1 + 0.2 is 0.30000000000000004, and that is what is computed with, as in `assess`."""
    _, _, catalog = wild("inputs: {a: {type: money, label: 甲}}, figures: {r: {value: 50%, label: 率}}, amount: a * r")
    cells = [0.1 + 0.2, 0.01, 0.03, 1e-7, 123456789012.345, 99_999_999_999_999.99, 0.29, 4.35, 1.005]
    out = assess_table({"a": np.array(cells)}, "wild", "p", on="2024-01-01", catalog=catalog)
    want = [assess("wild", "p", {"a": cell}, on="2024-01-01", catalog=catalog).amount for cell in cells]
    assert [Decimal(fen).scaleb(-2) for fen in out["amount_fen"].tolist()] == want
    narrow = assess_table(
        {"a": np.array([0.03, 4.35, 16777.21], np.float32)}, "wild", "p", on="2024-01-01", catalog=catalog
    )
    assert narrow["amount_fen"].tolist() == [2, 218, 838861]


def test_large_tables_are_cut_into_blocks() -> None:
    """More than one block, an odd row in each."""
    size = 3 * vector.BLOCK + 17
    fen = np.arange(size, dtype=np.int64) * 7919 + 499_990_000
    paid = np.where(np.arange(size) % 1000 == 0, np.nan, 1.0)
    out = assess_table({"investment": fen / 100, "paid_before": paid}, "fuzhou", "tech_upgrade", on=ON)
    room = 500_000_000 - np.where(np.isnan(paid), 0, 100)
    want = np.where(fen >= 500_000_000, np.minimum((fen * 3 + 50) // 100, room), 0)
    assert (out["amount_fen"] == want).all()
    assert (out["eligible"] == (fen >= 500_000_000)).all()


def test_frames_are_not_imported_for_plain_columns() -> None:
    code = (
        "import sys; from xlpolicy.columns import assess_table;"
        "print(assess_table({'investment': [8000000]}, 'fuzhou', 'tech_upgrade', on='2026-06-30')['amount'][0]);"
        "assert not {'pandas', 'polars'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "240000.00"
