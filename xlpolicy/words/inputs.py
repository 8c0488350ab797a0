"""What is asked for: unit, whether it must be stated, what it counts as where it is not, how to write it."""

from __future__ import annotations

from xlpolicy.law.records import Input, Rule
from xlpolicy.law.values import expected
from xlpolicy.words.shown import kind_of, show
from xlpolicy.words.wording import Words, choice_label


def unit_of(item: Input, unit: str) -> str:
    """The unit that stands beside the field of an input."""
    return {"money": unit, "rate": "%"}.get(item.type, item.unit)


def need(item: Input) -> str:
    """必填, 选填, or 视情况 where another input decides."""
    if item.required_when is not None or (item.period and item.required):
        return "视情况"
    return "必填" if item.required and item.default is None and not item.default_from else "选填"


def absent(rule: Rule, item: Input) -> str:
    """What an input counts as when it is left out."""
    if item.default_from:
        return f"同“{rule.input(item.default_from).label}”"
    if item.default is None:
        return "" if item.required else "不考虑"
    if isinstance(item.default, bool):
        return ("暂按“是”，请核对" if item.assumed else "是") if item.default else "否"
    return default_text(item)


def presumed(item: Input) -> str:
    """What an input was taken for that nobody stated."""
    return f"未填“{item.label}”，暂按“{default_text(item)}”测算，请核对"


def default_text(item: Input) -> str:
    """The value that an input has where nobody states it."""
    if item.type == "boolean":
        return "是" if item.default else "否"
    return choice_label(item, item.default) or show(item.default, kind_of(item), item.unit)


def how(item: Input) -> str:
    """How to fill an input, in words; the choices by their labels."""
    if item.choices:
        return "、".join(choice.label for choice in item.choices)
    return {"boolean": "是、否", "date": "日期，如 2026-06-30", "text": "文字", "rate": "如 3% 或 0.03"}.get(
        item.type
    ) or (expected(item) if item.type == "integer" else "金额，不小于 0")


def asked(rule: Rule, item: Input) -> str:
    """Whether an input must be stated and what happens where it is not, with its options."""
    options = "：" + "、".join(f"{c.label}（{c.value}）" for c in item.choices) if item.choices else ""
    if item.period:
        dates = f"填了“{rule.input(item.period[0]).label}”和“{rule.input(item.period[1]).label}”的"
        return f"{dates}可不填，否则必填" if item.required else f"可不填；{dates}按日期算"
    if item.required:
        return "必填" + options
    if item.required_when is not None:
        return f"{Words(rule).text(item.required_when)}时必填" + options
    if item.default is None and not item.default_from:
        return "可不填" + options
    if item.assumed:
        return "不填按“是”，并在结果中提示"
    return f"不填则{absent(rule, item)}" if item.default_from else f"不填按“{absent(rule, item)}”{options}"
