"""What a provision declares, inputs and figures, from their YAML shape to compiled records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from xlpolicy.faults import InvalidInput, nearest
from xlpolicy.law import nodes as n
from xlpolicy.law import records as r
from xlpolicy.law.reading.figures import LABELS, TIMES, one_unit, parse_figure, parse_share, unit_of
from xlpolicy.law.reading.formula import Symbol
from xlpolicy.law.reading.schema import (
    ConditionData,
    FigureData,
    InputData,
    LineData,
    OptionData,
    ProvisionData,
    ReadingData,
)
from xlpolicy.law.reading.yamltext import Path
from xlpolicy.law.values import coerce

#: code, place, what was found, what was expected, what to do
Report = Callable[[str, Path, str, str, str], None]
#: what an input counts as in a formula, where that is not its type
KINDS: dict[str, r.Kind] = {"integer": "count"}


def read_readings(
    data: Mapping[str, ReadingData], chosen: Mapping[str, str], report: Report
) -> Iterator[tuple[str, r.Reading]]:
    """The readings that have options; one that is told in a sentence has none."""
    for name, item in data.items():
        path: Path = ("readings", name)
        if not item.options:
            if item.text is None:
                report("policy_field", path, f"口径 {name} 没有内容", "一句话，或 question、default 和 options", "补上")
            continue
        lacking = [key for key in ("question", "at", "default", "argument") if getattr(item, key) is None]
        if lacking or item.text is not None:
            what = f"口径 {name} " + (f"缺少 {'、'.join(lacking)}" if lacking else "有选项，又写了 text")
            report("policy_field", path, what, "question、at、default、options、argument", "补上，或删去 text")
        if len(item.options) < 2:
            report(
                "policy_field", (*path, "options"), f"口径 {name} 只有一个选项", "至少两个选项", "补上，或写成一句话"
            )
        options = tuple(_option(key, x, (*path, "options", key), report) for key, x in item.options.items())
        if len({x.value is None for x in item.options.values()}) > 1:
            report(
                "policy_field",
                (*path, "options"),
                f"口径 {name} 的选项有的有 value，有的没有",
                "都写或都不写",
                "补上或删去",
            )
        default = item.default if item.default in item.options else options[0].key
        said = item.question or name, item.at or "", default, options, item.argument or ""
        yield name, r.Reading(name, *said, chosen.get(name, default))


def _option(key: str, data: OptionData, path: Path, report: Report) -> r.Option:
    value = None
    if data.value is not None:
        try:
            value = parse_figure(data.value)[1]
        except ValueError as error:
            report("policy_figure", path, f"选项 {key}：{error}", "数字连同单位，如 360天、113%", "改好这个数字")
    if isinstance(value, dt.date):
        report("policy_figure", path, f"选项 {key} 的 value 是日期", "数字连同单位，如 360天、113%", "改好这个数字")
        value = None
    return r.Option(key, data.label, data.prompt or data.label, value)


def numbers(readings: Mapping[str, r.Reading], data: Mapping[str, ReadingData]) -> Iterator[tuple[str, Symbol]]:
    """The readings that bring a number, as formulas name them: the number of the chosen option."""
    for name, item in readings.items():
        option = item.option(item.chosen)
        if option.value is not None:
            text = data[name].options[option.key].value or ""
            yield name, Symbol(n.Const(option.value), parse_figure(text)[0], unit=unit_of(text))


def on_edge(name: str | None, figures: Mapping[str, r.Figure], path: Path, report: Report) -> n.Node | None:
    """That the input of a table of tiers stands on one of its edges; None where no table is named."""
    table = figures[name].table if name is not None and name in figures else None
    if table is not None and table.mode != "levels":
        return n.Logic("or", tuple(n.Compare("==", n.Input(table.by), n.Const(row[0])) for row in table.rows))
    if name is not None:
        tiers = [x for x, figure in figures.items() if figure.table is not None and figure.table.mode != "levels"]
        got = f"edge 指的“{name}”不是分档的数字"
        report("policy_name", (*path, "edge"), got, "figures 里分档的数字", nearest(name, tiers))
    return None


def by_reading(limit: Path, hanging: Set[Path]) -> Literal["", "limit", "scope"]:
    """What of a limit is among the places that hang on a reading: all of it, or its scope."""
    return "limit" if limit in hanging else "scope" if (*limit, "per") in hanging else ""


def read_inputs(item: ProvisionData, where: Path, report: Report) -> Iterator[r.Input]:
    """The inputs of a provision; what is wrong with one is reported, and it stands in as far as it can."""
    said: set[str] = set()
    for position, (name, data) in enumerate(item.inputs.items()):
        path = (*where, "inputs", name)
        if data.label in said:
            report("policy_duplicate", path, f"两个输入项都叫“{data.label}”", "中文名各不相同", "改写 label")
        said.add(data.label)
        choices = tuple(r.Choice(value, label) for value, label in data.values.items())
        if (data.type == "enum") != (bool(choices) and data.type != "integer"):
            report(
                "policy_input",
                path,
                "选项型输入要有 values，其他类型不要",
                "enum 或 integer 配 values",
                "补上或删去 values",
            )
        countable = data.type in ("money", "integer") and not choices and not data.minimum
        default_from = None
        default: Any = True if data.assumed else None
        if isinstance(data.default, str) and data.default in item.inputs:
            default_from = data.default
            if item.inputs[default_from].type != data.type:
                report(
                    "policy_input", path, f"默认取的 {default_from} 与本项类型不同", "同一类型的输入项", "改好 default"
                )
        elif data.default is not None:
            default = data.default
        entry = r.Input(
            name, data.type, data.label, data.unit or _unit(data.type),
            data.default is None and not data.optional and not data.assumed, None, default_from, data.assumed,
            data.measure if data.measure is not None else position == 0 and countable,
            data.minimum, choices, None, _maximum(data, path, report), _period(name, data, item, path, report),
            data.evidence, data.by or "", at_most=_at_most(item, data, path, report),
            year_since=_year_since(data, item, path, report), covers=data.covers,
        )  # fmt: skip
        if default is not None:
            try:
                default = coerce(entry, default)
            except InvalidInput as error:
                report("policy_input", path, f"默认值 {default!r}：{error}", "与类型相符的默认值", "改好 default")
        yield replace(entry, default=default)


def _year_since(data: InputData, item: ProvisionData, path: Path, report: Report) -> str:
    """The date that years are counted from."""
    since = item.inputs.get(data.year_since or "")
    if data.year_since and (since is None or since.type != "date" or data.type != "integer"):
        report(
            "policy_input", path, f"year_since 指的“{data.year_since}”不是日期输入项", "日期输入项", "改好 year_since"
        )
        return ""
    return data.year_since or ""


def _at_most(item: ProvisionData, data: InputData, path: Path, report: Report) -> r.AtMost | None:
    """How large an input may be where it is left blank."""
    most = data.at_most
    if most is None:
        return None
    if data.type not in ("money", "integer") or (data.default is None and not data.optional):
        report(
            "policy_input",
            path,
            "at_most 只用于可不填的金额和整数",
            "money 或 integer，有 default 或 optional",
            "删去 at_most",
        )
    if isinstance(most, str):
        return r.AtMost("", None, "")
    if most.of not in item.inputs or item.inputs[most.of].type != data.type:
        report(
            "policy_name", path, f"at_most 指的“{most.of}”不是同类输入项", "同类输入项", nearest(most.of, item.inputs)
        )
    try:
        kind, times = parse_figure(most.times)
    except ValueError:
        kind, times = "any", Decimal(1)
    if kind != "rate" or not isinstance(times, Decimal) or times < 1:
        report("policy_input", path, f"at_most 的倍数“{most.times}”不对", "不小于 100% 的百分数，如 113%", "改好 times")
        return None
    return r.AtMost(most.of, times, most.times)


def with_conditions(item: ProvisionData) -> ProvisionData:
    """The provision with its conditions among inputs and lines."""
    if not item.conditions:
        return item
    inputs = {
        c.name: InputData(
            type="boolean", label=c.ask, evidence=c.evidence, assumed=not c.bars, default=False if c.bars else None
        )
        for c in item.conditions
    }
    lines = [
        LineData.model_validate({"if": _line(c), "at": c.at} if c.at else {"if": _line(c)}) for c in item.conditions
    ]
    return item.model_copy(update={"inputs": {**item.inputs, **inputs}, "when": (*item.when, *lines)})


def _line(condition: ConditionData) -> str:
    holds = f"not {condition.name}" if condition.bars else condition.name
    return f"{holds} if {condition.when} else True" if condition.when else holds


def _period(name: str, data: InputData, item: ProvisionData, path: Path, report: Report) -> tuple[str, ...]:
    """The dates that days are counted from."""
    dates = [x for x in data.period if x in item.inputs and item.inputs[x].type == "date" and item.inputs[x].optional]
    if data.period and (data.type != "integer" or len(data.period) not in (2, 3) or len(dates) != len(data.period)):
        report(
            "policy_input", path, f"{name} 的 period 不是两三个可不填的日期输入项",
            "period: [起日, 止日] 或 [起日, 止日, 首笔投放日]，三项都是 type: date、optional: true", "改好 period",
        )  # fmt: skip
        return ()
    return data.period


def _maximum(data: InputData, path: Path, report: Report) -> Decimal | None:
    """The greatest value an input may have, in the terms of its values (yuan, a fraction, a count)."""
    most = data.maximum
    if most is None:
        return None
    if data.type not in ("money", "rate", "integer") or data.values:
        report("policy_input", path, "只有金额、比例和整数有最大值", "money、rate 或 integer", "删去 maximum")
    elif data.type == "integer" and most != int(most):
        report("policy_input", path, f"整数的最大值是 {most}", "整数", "改好 maximum")
    elif most < (data.minimum or 0):
        report("policy_input", path, f"最大值 {most} 小于最小值 {data.minimum}", "最大值不小于最小值", "改好 maximum")
    return most / 100 if data.type == "rate" else most


def read_figures(item: ProvisionData, inputs: tuple[r.Input, ...], where: Path, report: Report) -> Iterator[r.Figure]:
    """The figures of a provision; one borrowed is filled in later, one refused stands in without a value."""
    for name, data in item.figures.items():
        path = (*where, "figures", name)
        label = data.label or LABELS.get(name, "")
        # stands for a figure that was reported, so that the formulas that name it are read all the same
        refused = r.Figure(name, "any", label, data.value or "", None, None, data.at)
        modes = [m for m in ("from_", "above", "levels") if getattr(data, m)]
        if not label and not data.same_as:
            report("policy_figure", path, f"数字 {name} 没有中文名", "label", "补上 label")
        ways = (data.value is not None) + (data.share is not None) + bool(data.same_as) + len(modes)
        if ways != 1 or bool(data.by) != bool(modes):
            report(
                "policy_figure",
                path,
                f"数字 {name} 的写法不清",
                "value、share、same_as 或 by 加 from/above/levels，取一种",
                "按编写指南改写",
            )
            yield refused
            continue
        try:
            if modes:
                yield _table(name, label, data, modes[0], inputs)
            elif data.share is not None:
                yield r.Figure(name, "rate", label, data.share, parse_share(data.share), None, data.at)
            elif data.value is not None:
                kind, value = parse_figure(data.value)
                if data.in_:
                    value = _months(data.value, value)
                yield r.Figure(name, kind, label, data.value, value, None, data.at)
            else:
                yield r.Figure(name, "any", label, "", None, None, data.at, "?")
        except ValueError as error:
            report("policy_figure", path, f"数字 {name}：{error}", "条文里的写法，如 500万元、3%、20家", "改好这个数字")
            yield refused


def _months(text: str, value: Decimal | dt.date) -> Decimal:
    if not isinstance(value, Decimal) or not text.endswith("年"):
        raise ValueError(f"“{text}”不是年数，不能按月计")
    return value * 12


def counted_in(data: FigureData) -> str | None:
    """The unit of the figure's number, or of its rows, where they are counts that say one; None for any other."""
    texts = [data.value] if data.value else list(next(filter(None, (data.from_, data.above, data.levels)), {}).values())
    unit = unit_of(texts[0]) if texts and texts[0] else None
    return data.in_ if data.in_ and data.value else unit or None


def _table(name: str, label: str, data: FigureData, mode: str, inputs: tuple[r.Input, ...]) -> r.Figure:
    by = next((entry for entry in inputs if entry.name == data.by), None)
    if by is None:
        raise ValueError(f"by 指的“{data.by}”不是输入项，{nearest(data.by or '', [e.name for e in inputs])}")
    if data.below and mode == "levels":
        raise ValueError("below 只用于 from 和 above，逐个对应的没有最低一档")
    rows: list[tuple[Any, Any]] = []
    kinds: set[tuple[r.Kind, str | None]] = set()
    for key, text in getattr(data, mode).items():
        kind, value = parse_figure(text)
        kinds.add((kind, unit_of(text)))
        edge: Any = _level(key, by) if mode == "levels" else _edge(key, by, data)
        if mode != "levels" and rows and edge <= rows[-1][0]:
            raise ValueError("各档起点应由小到大")
        rows.append((edge, value))
    if len(kinds) > 1:
        raise ValueError("各档的单位不一")
    if by.type == "enum" and len(rows) < len(by.choices):
        raise ValueError(f"缺少 {by.name} 的部分选项")
    texts = tuple(getattr(data, mode).items())
    table = r.Table(by.name, mode.rstrip("_"), tuple(rows), texts, data.below or "")  # type: ignore[arg-type]
    return r.Figure(name, kinds.pop()[0], label, "；".join(f"{k}：{v}" for k, v in texts), None, table, data.at)


def _level(key: str, by: r.Input) -> str | Decimal:
    """An option or whole number that a row is for."""
    if by.type not in ("enum", "integer"):
        raise ValueError(f"levels 只能按选项或整数分，{by.name} 不是")
    if by.type == "integer" and not key.isdecimal():
        raise ValueError(f"“{key}”不是整数")
    if by.choices and key not in {str(c.value) for c in by.choices}:
        raise ValueError(f"“{key}”不是 {by.name} 的选项")
    return key if by.type == "enum" else Decimal(key)


def _edge(key: str, by: r.Input, data: FigureData) -> Decimal | dt.date:
    """Where a tier begins, in the unit of its input; `0` needs none."""
    if key == "0" and by.type in ("money", "rate", "integer"):
        return Decimal(0)
    kind, edge = parse_figure(key)
    unit = unit_of(key)
    if data.in_:
        edge, unit = _months(key, edge), data.in_
    unlike = unit and unit != one_unit(by.unit) and (by.unit or unit in TIMES)
    if kind != KINDS.get(by.type, by.type) or unlike:
        said = f"（{by.unit or '没有写 unit'}）" if kind == KINDS.get(by.type) else ""
        raise ValueError(f"档次起点“{key}”与 {by.name} 的单位不同{said}")
    return edge


def _unit(kind: str) -> str:
    return {"money": "元", "rate": "%"}.get(kind, "")
