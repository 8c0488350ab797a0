"""SUBSIDY_SETTLE: a range of claims with a heading row -> what is payable, in the same rows.

The headings are those of `xlpolicy settle --blank` (ledger.claims): 申报编号, 申报单位 … and one column per input.
Facts come as pairs: "已兑付",range and so on, each range with its own heading row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from xlpolicy.excel.functions.call import (
    NA,
    VALUE,
    Grid,
    XlError,
    as_error,
    as_input,
    check_unit,
    error_cell,
    grid,
    is_blank,
    number,
    one_of,
    pairs,
    serial_date,
    size,
    with_unit,
)
from xlpolicy.faults import InvalidInput, PolicyError, UnknownInput, nearest
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.records import PAYERS
from xlpolicy.money import ZERO, clean
from xlpolicy.settle import Claim, Facts, Settled, settle
from xlpolicy.settle.model import KINDS

FIXED = {
    "申报编号": "id", "申报单位": "enterprise", "单位类型": "enterprise_kind", "城市": "city", "条款": "rule",
    "文件代号": "policy", "申报日期": "on", "项目": "project", "贷款": "loan", "对象": "object",
}  # fmt: skip
FACTS: dict[str, dict[str, str]] = {
    "已兑付": {
        "单位": "enterprise", "城市": "city", "条款": "rule", "年度": "year", "金额": "amount", "项目": "project", "对象": "object",
    },
    "其他支持": {"项目": "project", "贷款": "loan", "类别": "kind", "单位": "enterprise"},
    "资金": {"资金代号": "name", "金额": "amount"},
    "财政贡献": {"单位": "name", "金额": "amount"},
    "项目选择": {"项目": "name", "申报编号": "value"},
    "名次": {"申报编号": "name", "名次": "value"},
    "重点产业链": {"单位": "name"},
}  # fmt: skip
NUMBERS = {"上浮预算": "uplift_budget", "取整单位": "quantum"}
#: a claim cut for one of these was never decided: its row shows the error, not the zero
_UNDECIDED_VALUE = frozenset({"missing_input", "unknown_input", "invalid_input"})
_UNDECIDED_NA = frozenset({"unknown_city", "unknown_rule", "unknown_policy", "ambiguous_rule", "not_computable"})


def subsidy_settle(claims: object, *args: object) -> list[list[Any]]:
    """Payables of a range of claims, heading row included; `"内容","全部"` adds decided, payers and the reasons.

    Raises PolicyError.
    """
    named = dict(pairs(args))
    unit = check_unit(str(_single(named, "单位", "unit") or "元"))
    year = _year(_single(named, "年度", "on_year"))
    wide: bool = one_of(str(_single(named, "内容", "content") or "应付"), {"应付": False, "全部": True}, "内容")
    facts = Facts.of(_facts(named, unit))
    read = read_claims(grid(claims), unit)
    good = [item for item in read if isinstance(item, Claim)]
    if not good and not any(isinstance(item, XlError) for item in read):
        raise InvalidInput("标题行下面没有申报", where="申报区域", expected="每行一笔申报", remedy="连同标题行选中区域")
    settled = iter(settle(good, facts, on_year=year or _only_year(good)).claims if good else ())
    head = [f"应付（{unit}）"]
    if wide:
        head += [
            f"单项核定（{unit}）",
            f"核减（{unit}）",
            *(f"{name}（{unit}）" for name in PAYERS.values()),
            "核减原因",
            "依据",
        ]
    out: list[list[Any]] = [head]
    for item in read:
        if item is None:
            out.append([""] * len(head))
        elif isinstance(item, XlError):
            out.append([item, *[""] * (len(head) - 1)])
            if wide:
                out[-1][-2] = item.message
        else:
            out.append(_line(next(settled), unit, wide))
    return out


def read_claims(table: Grid, unit: str) -> list[Claim | XlError | None]:
    """The claims of a heading row and rows below it, by row; None for a blank one, an XlError for a bad one."""
    heads = _heads(table)
    read: list[Claim | XlError | None] = [_attempt(_claim, heads, line, unit, i) for i, line in enumerate(table[1:], 2)]
    _refuse_twins(read)
    return read


def _line(settled: Settled, unit: str, wide: bool) -> list[Any]:
    error = next((e for c in settled.cuts if (e := _undecided(c.rule, c.reason))), None)
    first: Any = error or number(settled.payable, unit)
    if not wide:
        return [first]
    cut = sum((c.amount for c in settled.cuts), ZERO)
    amounts = [settled.decided, cut, *(settled.payers.get(payer, ZERO) for payer in PAYERS)]
    why = "；".join(f"{c.reason}（{c.at}，{c.amount:,.2f}元）" if c.amount else c.reason for c in settled.cuts)
    return [first, *("" if error else number(Decimal(amount), unit) for amount in amounts), why, settled.basis]


def _undecided(rule: str, reason: str) -> XlError | None:
    if rule in _UNDECIDED_VALUE | _UNDECIDED_NA:
        return XlError(NA if rule in _UNDECIDED_NA else VALUE, rule, reason)
    return None


def _attempt(read: Callable[..., Claim | None], *args: Any) -> Claim | XlError | None:
    try:
        return read(*args)
    except PolicyError as error:
        return as_error(error)


def _heads(table: Grid) -> list[str]:
    """The headings, cleaned; a column without one is left out. Raises InvalidInput."""
    heads = [clean(str(cell)) if not is_blank(cell) else "" for cell in table[0]]
    lacking = [name for name in ("申报编号", "申报单位", "城市", "条款") if name not in heads]
    if lacking:
        raise InvalidInput(
            f"标题行没有 {'、'.join(lacking)}", where="申报区域第 1 行", expected="、".join([*FIXED, "各输入项的名称"]),
            remedy="把标题行一起选中；空表可用 xlpolicy settle --blank 生成",
        )  # fmt: skip
    for i, head in enumerate(heads):
        if head and head in heads[:i]:
            raise InvalidInput(f"“{head}”有两列", where="申报区域第 1 行", expected="每项一列", remedy="删去一列")
    return heads


def _claim(heads: Sequence[str], line: Sequence[Any], unit: str, position: int) -> Claim | None:
    cells = {head: value for head, value in zip(heads, line, strict=True) if head and not is_blank(value)}
    if not cells:
        return None
    error = next(filter(None, map(error_cell, cells.values())), None)
    if error is not None:
        raise InvalidInput(
            error.message, where=f"申报区域第 {position} 行", expected="数值或文字", remedy="改正错误的单元格"
        )
    raw: dict[str, Any] = {key: _text(cells[head]) for head, key in FIXED.items() if head in cells}
    if "申报日期" in cells:
        raw["on"] = serial_date(cells["申报日期"])
    kinds = {label: key for key, label in KINDS.items()}
    if "enterprise_kind" in raw:
        raw["enterprise_kind"] = kinds.get(raw["enterprise_kind"], raw["enterprise_kind"])
    inputs = {head: value for head, value in cells.items() if head not in FIXED}
    claim = Claim.of(raw | {"inputs": _typed(raw, inputs, unit)}, position - 1)
    # a provision or city that does not exist is this row's error; settling would stop for all
    catalogs.default().find(claim.city, claim.rule, claim.on, claim.policy or _any_document(claim))
    return claim


def _any_document(claim: Claim) -> str:
    """A document of the city that has the provision, so that a look-up fails for names only, not for the date."""
    return catalogs.default().of(claim.city, claim.rule)[0].document.key


def _typed(raw: Mapping[str, Any], inputs: Mapping[str, Any], unit: str) -> dict[str, Any]:
    """Inputs of one row by what the provision's documents say they are; unknown ones as they stand."""
    versions = catalogs.default().of(str(raw.get("city", "")), str(raw.get("rule", "")))
    items = {
        name: item
        for found in reversed(versions)  # the newest has the last word
        for item in found.rule.inputs
        for name in (item.name, clean(item.label))
    }
    return {name: as_input(items[name], value, unit) if name in items else value for name, value in inputs.items()}


def _refuse_twins(read: list[Claim | XlError | None]) -> None:
    """The same number twice: the later row is in error."""
    seen: set[str] = set()
    for i, item in enumerate(read):
        if isinstance(item, Claim):
            if item.id in seen:
                read[i] = XlError(
                    VALUE,
                    "invalid_input",
                    f"申报区域第 {i + 2} 行：编号 {item.id} 与前面的重复；应为：每笔一个编号。请改正编号。",
                )
            seen.add(item.id)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _single(named: dict[str, Grid], *names: str) -> Any:
    for name in names:
        if name in named:
            area = named[name]
            if size(area) != (1, 1) or error_cell(area[0][0]):
                raise InvalidInput("不是一个单元格", where=name, expected="一个数值", remedy="只选一个单元格")
            return None if is_blank(area[0][0]) else area[0][0]
    return None


def _facts(named: Mapping[str, Grid], unit: str) -> dict[str, Any]:
    known = [*FACTS, *NUMBERS, "单位", "年度", "内容"]
    for name in named:
        if name not in {*known, "unit", "on_year", "content"}:
            raise UnknownInput(
                f"没有“{name}”这一项", where="函数参数", expected="、".join(known), remedy=nearest(name, known)
            )
    lists = {name: _list(name, named[name], unit) if name in named else [] for name in FACTS}
    facts: dict[str, Any] = {
        "prior_payments": lists["已兑付"],
        "external_support": lists["其他支持"],
        "pools": {row["name"]: row["amount"] for row in lists["资金"]},
        "fiscal_contribution": {row["name"]: row["amount"] for row in lists["财政贡献"]},
        "choices": {row["name"]: _text(row["value"]) for row in lists["项目选择"]},
        "ranks": {row["name"]: row["value"] for row in lists["名次"]},
        "chain_enterprises": [row["name"] for row in lists["重点产业链"]],
    }
    for name, key in NUMBERS.items():
        value = _single(dict(named), name)
        if value is not None:
            facts[key] = _yuan(value, unit if key == "uplift_budget" else "元")
    return facts


def _list(name: str, area: Grid, unit: str) -> list[dict[str, Any]]:
    """The rows of one list of facts by field. Raises InvalidInput, UnknownInput."""
    columns = FACTS[name]
    heads = [clean(str(cell)) if not is_blank(cell) else "" for cell in area[0]]
    for head in filter(None, heads):
        one_of(head, columns, f"“{name}”区域的标题行")
    first = next(iter(columns))
    if first not in heads:
        raise InvalidInput(
            f"标题行没有“{first}”", where=f"“{name}”区域", expected="、".join(columns), remedy="连同标题行选中"
        )
    out = []
    for line in area[1:]:
        cells = {columns[h]: value for h, value in zip(heads, line, strict=True) if h and not is_blank(value)}
        if cells:
            error = next(filter(None, map(error_cell, cells.values())), None)
            if error or set(columns.values()) - {"project", "loan", "object", "enterprise", "rule"} - set(cells):
                raise InvalidInput(
                    error.message if error else "有一行没有填全",
                    where=f"“{name}”区域",
                    expected="、".join(columns),
                    remedy="补齐",
                )
            typed = {k: v if k in ("amount", "value", "year") else _text(v) for k, v in cells.items()}
            out.append(typed | ({"amount": _yuan(typed["amount"], unit)} if "amount" in typed else {}))
    return out


def _yuan(value: Any, unit: str) -> Any:
    return with_unit(value, unit)


def _year(value: Any) -> int | None:
    """The year of the call, None where it is left out."""
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).strip().removesuffix("年").removesuffix(".0").isdigit():
        raise InvalidInput(f"“{value}”不是年度", where="年度", expected="年度，如 2026", remedy="改正年度")
    return int(float(str(value).strip().removesuffix("年")))


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
