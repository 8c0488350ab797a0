"""SUBSIDY_SETTLE: a range of claims with a heading row -> what is payable, in the same rows.

The headings are those of `xlpolicy settle --blank`, read by the one reader of claim tables (`settle.claims_table`).
Facts come as pairs: "已兑付",range and so on, each range with its own heading row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from xlpolicy.excel.functions.call import (
    NA,
    VALUE,
    BlankOrZero,
    DayFrom1904,
    Grid,
    XlError,
    as_input,
    attempt,
    check_unit,
    error_cell,
    grid,
    may_be_blank,
    number,
    one_cell,
    one_of,
    pairs,
    serial_date,
    unstated,
    with_unit,
)
from xlpolicy.faults import InvalidInput, UnknownInput, nearest
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.labels import PAYERS
from xlpolicy.money import ZERO, clean
from xlpolicy.settle import Claim, Facts, Settled, settle
from xlpolicy.settle.claims_table import Reader
from xlpolicy.settle.fact_values import money, quantum, year
from xlpolicy.settle.facts import Payment, Support
from xlpolicy.settle.headings import CLAIMS, FACTS, FIXED, LATER, MUST
from xlpolicy.settle.settlement_book import NONE, STANDINGS, why


def _of_kind(kind: str) -> set[str]:
    """The headings of the lists of facts below which a value of a kind stands."""
    lists: tuple[tuple[type, str], ...] = ((Payment, "已兑付"), (Support, "其他支持"))
    return {head for cls, name in lists for head, key in FACTS[name].items() if kind in cls.__annotations__[key]}


#: headings of money in the unit of the call, of days, and of what is another thing blank than 0
_MONEY = frozenset({"审定额", "金额", *_of_kind("Decimal")})
_DATES = frozenset({"申报日期", "事实日期", *_of_kind("date")})
_NUMBERS = _MONEY | {"天数", "含云服务支出"}
_KNOWN = {*FIXED, *LATER, *(head for heads in FACTS.values() for head in heads)}
#: the lists of facts that go with a call
LISTS = [name for name in FACTS if name not in ("设置", "单位")]
NUMBERS = ("上浮预算", "取整单位")
#: a claim cut for one of these was never decided: its row shows the error, not the zero
_UNDECIDED_VALUE = frozenset({"missing_input", "unknown_input", "invalid_input"})
_UNDECIDED_NA = frozenset({"unknown_city", "unknown_rule", "unknown_policy", "ambiguous_rule", "not_computable"})


def subsidy_settle(claims: object, *args: object) -> list[list[Any]]:
    """Payables of a range of claims, heading row included; `"内容","全部"` adds decided, payers, the reasons and what the amount is.

    Raises PolicyError.
    """
    named = dict(pairs(args))
    unit = check_unit(str(_single(named, "单位", "unit") or "元"))
    said = _single(named, "年度", "on_year")
    on_year = None if said is None else year(said, "年度")
    wide: bool = one_of(str(_single(named, "内容", "content") or "应付"), {"应付": False, "全部": True}, "内容")
    facts = Facts(**_facts(named, unit))
    read = read_claims(grid(claims), unit)
    good = [item for item in read if isinstance(item, Claim)]
    if not good and not any(isinstance(item, XlError) for item in read):
        raise InvalidInput("标题行下面没有申报", where="申报区域", expected="每行一笔申报", remedy="连同标题行选中区域")
    done = settle(good, facts, on_year=on_year or _only_year(good)) if good else None
    settled = iter(done.claims if done else ())
    head = [f"核算金额（{unit}）"]
    if wide:
        head += [
            f"单项核定（{unit}）",
            f"核减（{unit}）",
            *(f"{name}（{unit}）" for name in PAYERS.values()),
            "提示",
            "核减原因",
            "依据",
            "金额是",
        ]
    out: list[list[Any]] = [head]
    for item in read:
        if item is None:
            out.append([""] * len(head))
        elif isinstance(item, XlError):
            out.append([item, *[""] * (len(head) - 1)])
            if wide:
                out[-1][-3] = item.message
        else:
            assert done is not None
            # what concerns the facts as a whole stands on the first claim
            notes = [n.text for n in done.notes if n.claim == item.id or (not n.claim and item is good[0])]
            out.append(_line(next(settled), "；".join(notes), unit, wide))
    return out


def read_claims(table: Grid, unit: str) -> list[Claim | XlError | None]:
    """The claims of a heading row and rows below it, by row; None for a blank one, an XlError for a bad one.

    Raises InvalidInput for a heading row that cannot be read.
    """
    _heads(table)
    reader = _reader({CLAIMS: table}, unit)
    read: list[Claim | XlError | None] = [None] * (len(table) - 1)
    told = 0
    doubts = _doubts(CLAIMS, table)
    for row, claim in reader.claims(lambda _: True):
        wrong: list[Any] = [*doubts.get(row.number, ()), *reader.problems[told:]]
        told = len(reader.problems)
        entered = attempt(_entered, claim, unit) if claim else None
        read[row.number - 2] = XlError(VALUE, "invalid_input", str(wrong[0])) if wrong else entered
    return read


def _doubts(name: str, table: Grid) -> dict[int, list[InvalidInput]]:
    """The numbers of a table that are 0 or blank, nobody knows which, and mean something else blank, by row."""
    heads = _headings(table)
    return {
        number: [
            may_be_blank(head, f"{name}区域第 {number} 行“{head}”")
            for head, value in zip(heads, line, strict=True)
            if type(value) is BlankOrZero and head in _NUMBERS
        ]
        for number, line in enumerate(table[1:], 2)
        if not all(map(unstated, line))
    }


def _reader(tables: Mapping[str, Grid], unit: str) -> Reader:
    """The reader of claim tables over ranges: errors as their texts, dates as dates, amounts with their unit."""
    sheets = {name: _cells(table, unit) for name, table in tables.items()}

    def place(sheet: str, column: int, row: int) -> str:
        heads = sheets[sheet][0]
        return f"{sheet}区域第 {row} 行" + (f"“{heads[column - 1]}”" if 0 < column <= len(heads) and row > 1 else "")

    return Reader("", sheets, catalogs.default(), cell=place, whole=False)


def _cells(table: Grid, unit: str) -> Grid:
    heads = _headings(table)
    return [
        [None if unstated(cell) else cell for cell in table[0]],
        *(_line_of(heads, line, unit) for line in table[1:]),
    ]


def _headings(table: Grid) -> list[str]:
    return ["" if unstated(cell) else clean(str(cell)) for cell in table[0]]


def _line_of(heads: Sequence[str], line: Sequence[Any], unit: str) -> list[Any]:
    """A row of cells; what may be a blank is one, but for the numbers of inputs, which their provision knows."""
    if all(map(unstated, line)):
        return [None] * len(line)
    cells = dict(zip(heads, line, strict=True))
    empty = {f"数值{head[3:]}" for head in heads if head.startswith("填报项") and unstated(cells[head])}
    return [_cell(head, value, unit, head in empty) for head, value in zip(heads, line, strict=True)]


def _cell(head: str, value: Any, unit: str, empty: bool) -> Any:
    if (error := error_cell(value)) is not None:
        return error.text
    known = head in _KNOWN or head.startswith("填报项")
    if type(value) is BlankOrZero and (known or empty or not head):
        return None
    if head in _DATES:
        return serial_date(value)
    if known and type(value) is DayFrom1904:
        value = float(value)
    return with_unit(value, unit) if head in _MONEY else value


def _line(settled: Settled, notes: str, unit: str, wide: bool) -> list[Any]:
    error = next((e for c in settled.cuts if (e := _undecided(c.rule, c.reason))), None)
    first: Any = error or number(settled.payable, unit)
    if not wide:
        return [first]
    cut = sum((c.amount for c in settled.cuts), ZERO)
    amounts = [settled.decided, cut, *(settled.payers.get(payer, ZERO) for payer in PAYERS)]
    reasons = why(settled).replace("\n", "")
    shown = ["" if error else number(Decimal(amount), unit) for amount in amounts]
    kind = "" if error else STANDINGS[settled.standing]
    return [first, *shown, notes, "" if reasons == NONE else reasons, settled.basis, kind]


def _undecided(rule: str, reason: str) -> XlError | None:
    if rule in _UNDECIDED_VALUE | _UNDECIDED_NA:
        return XlError(NA if rule in _UNDECIDED_NA else VALUE, rule, reason)
    return None


def _heads(table: Grid) -> None:
    """Raises InvalidInput where the first row lacks a heading that every list of claims has, or has one twice."""
    heads = _headings(table)
    lacking = [name for name in MUST if name not in heads]
    if lacking:
        raise InvalidInput(
            f"标题行没有 {'、'.join(lacking)}", where="申报区域第 1 行", expected="、".join([*FIXED, *LATER, "各输入项的名称"]),
            remedy="把标题行一起选中；空表可用 xlpolicy settle --blank 生成",
        )  # fmt: skip
    for i, head in enumerate(heads):
        if head and head in heads[:i]:
            raise InvalidInput(f"“{head}”有两列", where="申报区域第 1 行", expected="每项一列", remedy="删去一列")


def _entered(claim: Claim, unit: str) -> Claim:
    """A claim with its inputs as the rules take them.

    A provision or city that does not exist is this row's error; settling would stop for all.
    """
    claim = claim._replace(inputs=_typed(claim, unit))
    catalogs.default().find(claim.city, claim.rule, claim.on, claim.policy or _any_document(claim))
    return claim


def _any_document(claim: Claim) -> str:
    """A document of the city that has the provision, so that a look-up fails for names only, not for the date."""
    return catalogs.default().of(claim.city, claim.rule)[0].document.key


def _typed(claim: Claim, unit: str) -> dict[str, Any]:
    """Inputs of one claim by what the provision's documents say they are; unknown ones as they stand."""
    versions = catalogs.default().of(claim.city, claim.rule)
    items = {
        name: item
        for found in reversed(versions)  # the newest has the last word
        for item in found.rule.inputs
        for name in (item.name, clean(item.label))
    }
    firsts = {item.name for found in versions for item in found.rule.inputs[:1]}
    return {
        name: as_input(items[name], value, unit, first=items[name].name in firsts) if name in items else value
        for name, value in claim.inputs.items()
        if name in items or type(value) is not BlankOrZero  # a column for other provisions
    }


def _single(named: dict[str, Grid], *names: str) -> Any:
    for name in names:
        if name in named:
            single = one_cell(named[name], "不是一个单元格", name, "一个数值", "只选一个单元格")
            return None if unstated(single) else single
    return None


def _facts(named: Mapping[str, Grid], unit: str) -> dict[str, Any]:
    known = [*LISTS, *NUMBERS, "单位", "年度", "内容"]
    for name in named:
        if name not in {*known, "unit", "on_year", "content"}:
            raise UnknownInput(
                f"没有“{name}”这一项", where="函数参数", expected="、".join(known), remedy=nearest(name, known)
            )
    for name, table in named.items():
        doubts = [*_doubts(name, table).values()] if name in LISTS else []
        if name == "上浮预算" and type(table[0][0]) is BlankOrZero:
            doubts = [[may_be_blank(name, name)]]
        if wrong := next(filter(None, doubts), None):
            raise wrong[0]
    reader = _reader({name: table for name, table in named.items() if name in LISTS}, unit)
    facts = reader.facts()
    if reader.problems:
        first = reader.problems[0]
        raise InvalidInput(first.got, where=first.where, expected=first.expected, remedy=first.remedy)
    budget, step = (_single(dict(named), name) for name in NUMBERS)
    if budget is not None:
        facts["uplift_budget"] = money(with_unit(budget, unit), "上浮预算")
    if step is not None:
        facts["quantum"] = quantum(step, "取整单位")
    return facts


def _only_year(claims: Sequence[Claim]) -> int:
    years = {claim.on.year for claim in claims if claim.on}
    if len(years) != 1:
        raise InvalidInput(
            "申报日期不在同一年度" if years else "没有申报日期",
            where="年度",
            expected="一个年度",
            remedy='写明 "年度",2026',
        )
    return years.pop()
