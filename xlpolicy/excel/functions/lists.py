"""The worksheet functions that give tables, and those about documents, amounts in words and credit codes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from xlpolicy.claim.decision import no_amount
from xlpolicy.excel.functions.call import (
    NA,
    OPTIONS,
    BlankOrZero,
    XlError,
    cell,
    check_unit,
    grid,
    is_blank,
    lift,
    may_be_blank,
    number,
    one_cell,
    one_of,
    pairs,
    serial_date,
    split,
    unstated,
    with_unit,
    words,
)
from xlpolicy.faults import InvalidInput, NotInForce, UnknownRule, nearest
from xlpolicy.forms.codes import uscc_doubt
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import as_date, in_force, status
from xlpolicy.law.labels import TYPES
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.money import clean, parse_money, upper
from xlpolicy.survey.compare.measure import Comparison, Offer, compare
from xlpolicy.words.inputs import absent, how, need, unit_of
from xlpolicy.words.shown import nature_word

RULES_HEAD = ["城市", "条款编号", "条款名称", "主题", "性质", "条款位置", "依据文件", "效力"]
INPUTS_HEAD = ["名称", "输入项", "类型", "单位", "是否必填", "不填时", "怎样填"]
COMPARE_HEAD = ["城市", "条款", "性质", "金额", "效力", "标准", "依据", "说明"]
EVERY_DAY = "全部"


def _day(value: object, what: str = "日期") -> dt.date:
    """A date argument; today when left out. Raises InvalidInput."""
    single = one_cell(grid(value), "不是一个日期", what, "日期，如 2026-06-30", "只选一个单元格")
    return dt.date.today() if unstated(single) else as_date(serial_date(single))  # type: ignore[arg-type, return-value]


def subsidy_rules(city: object = None, theme: object = None, date: object = None) -> list[list[Any]]:
    """Provisions in force on a date (default today; 全部: of every document), with a heading row. Raises PolicyError."""
    catalog = catalogs.default()
    key = None if unstated(grid(city)[0][0]) else catalog.city(words(city, "城市"))
    wanted = None if unstated(grid(theme)[0][0]) else _theme(catalog, words(theme, "主题"))
    every = isinstance(grid(date)[0][0], str) and clean(grid(date)[0][0]) == EVERY_DAY
    day = dt.date.today() if every else _day(date)
    out: list[list[Any]] = [RULES_HEAD]
    for document, rule in catalog.rules():
        if key not in (None, document.city) or wanted not in (None, *rule.themes):
            continue
        if every or in_force(document, rule, day):
            state = status(document, rule, day)
            out.append(
                [
                    document.city_label,
                    rule.id,
                    rule.title,
                    "、".join(rule.themes),
                    nature_word(rule),
                    rule.at,
                    document.name,
                    state,
                ]
            )
    if len(out) == 1:
        raise NotInForce(
            f"{day} 没有正在施行的条款", where="、".join(str(x) for x in (city, theme) if not unstated(x)) or "全部城市",
            expected="有条款施行的城市、主题和日期", remedy="核对日期；日期写“全部”可列出各文件的条款",
        )  # fmt: skip
    return out


def _theme(catalog: Catalog, name: str) -> str:
    themes = {clean(theme): theme for theme in catalog.themes()}
    if clean(name) not in themes:
        raise UnknownRule(
            f"没有“{name}”这个主题", where="主题", expected="、".join(themes.values()), remedy=nearest(name, themes)
        )
    return themes[clean(name)]


def subsidy_inputs(city: object, rule: object, *args: object) -> list[list[Any]]:
    """What a provision asks for, the primary input first, with a heading row. Pairs: 日期, 文件, 单位.

    Raises PolicyError.
    """
    options = _options(args)
    unit = check_unit(str(options.get("unit") or "元"))
    on = None if unstated(options.get("on")) else as_date(serial_date(options["on"]))  # type: ignore[arg-type]
    policy = None if unstated(options.get("policy")) else str(options["policy"])
    found = catalogs.default().find(words(city, "城市"), words(rule, "条款"), on, policy)
    if not found.rule.inputs:
        raise no_amount(found)
    return [INPUTS_HEAD, *(_input(found.rule, item, unit) for item in found.rule.inputs)]


def _input(rule: Rule, item: Input, unit: str) -> list[Any]:
    return [
        item.name, item.label, TYPES[item.type], unit_of(item, unit), need(item), absent(rule, item), how(item)
    ]  # fmt: skip


def _options(args: tuple[object, ...]) -> dict[str, object]:
    """The options of a call that takes no inputs. Raises InvalidInput for any other name."""
    known = [name for name in OPTIONS if not name.isascii()]
    return {one_of(name.lower(), OPTIONS, "、".join(known)): area[0][0] for name, area in pairs(args)}


def subsidy_compare(measure: object, *args: object) -> list[list[Any]]:
    """The same measure in every city for the same inputs, with a heading row; no amount there is #N/A.

    Raises PolicyError.
    """
    value, tail = split(args)
    options: dict[str, object] = {}
    inputs: dict[str, object] = {}
    for name, area in [*([("", grid(value))] if not is_blank(value) else []), *pairs(tail)]:
        told = one_cell(area, "不是一个数值", name or "主要输入", "一个单元格", "每次只比较一组数字")
        if name.lower() in OPTIONS:
            options[OPTIONS[name.lower()]] = told
        elif type(told) is BlankOrZero:
            raise may_be_blank(name or "主要输入", "SUBSIDY_COMPARE")
        elif not is_blank(told):
            inputs[name] = cell(told)
    if not unstated(options.get("policy")):
        raise InvalidInput("各城市各有文件，不能指定", where="文件", expected="不写“文件”", remedy="删去“文件”一项")
    unit = check_unit(str(options.get("unit") or "元"))
    catalog = catalogs.default()
    money, days = (_names(catalog, kind) for kind in ("money", "date"))
    inputs = {k: with_unit(v, unit) if k in money else serial_date(v) if k in days else v for k, v in inputs.items()}
    on = None if unstated(options.get("on")) else serial_date(options["on"])
    found = _compared(catalog, words(measure, "措施"), inputs, unit, on)
    head = [f"{name}（{unit}）" if name == "金额" else name for name in COMPARE_HEAD]
    return [head, *(_offer(offer, unit) for offer in found.offers)]


def _compared(catalog: Catalog, measure: str, inputs: Mapping[str, object], unit: str, on: Any) -> Comparison:
    """The value without a name in the unit of the call; as it is where no provision of the measure begins with money."""
    if "" in inputs and unit != "元":
        with suppress(InvalidInput):
            return compare(catalog, measure, {**inputs, "": with_unit(inputs[""], unit)}, on)
    return compare(catalog, measure, inputs, on)


def _names(catalog: Catalog, kind: str) -> set[str]:
    items = [item for _, rule in catalog.rules() for item in rule.inputs if item.type == kind]
    return {name for item in items for name in (item.name, clean(item.label))}


def _offer(offer: Offer, unit: str) -> list[Any]:
    why = offer.explanation or offer.why
    told = "。".join([*filter(None, [why]), *(f"提示：{note}" for note in offer.notes)])
    amount: Any = XlError(NA, "not_computable", why) if offer.amount is None else number(offer.amount, unit)
    state = "、".join(offer.marks) or ("施行" if offer.rule else "")
    return [
        offer.city, offer.title or "（未列入）", offer.nature, amount, state, offer.terms, f"{offer.name} {offer.at}".strip(), told
    ]  # fmt: skip


def policy_status(document: object, date: object = None, rule: object = None) -> Any:
    """施行, 未施行, 失效 or 征求意见稿 of a document, or of one provision of it, on a date (default today)."""
    catalog = catalogs.default()

    def one(name: object, day: object, provision: object) -> str:
        found = catalog.document(str(name).strip())
        on = dt.date.today() if unstated(day) else as_date(serial_date(day))  # type: ignore[arg-type]
        own = None
        if not unstated(provision):
            own = found.rules[_in_document(catalog, found, str(provision))]
        assert on is not None
        return status(found, own, on)

    return lift(one, document, date, rule)


def _in_document(catalog: Catalog, document: Document, name: str) -> str:
    return catalog.find(document.city, name, None, document.key).rule.id


def rmb_upper(amount: object, unit: object = None) -> Any:
    """大写 of an amount in 元 or the unit given."""

    def one(value: object, in_unit: object) -> str:
        named = check_unit("元" if unstated(in_unit) else clean(str(in_unit)))
        try:
            yuan = parse_money(cell(value), named)
            if abs(yuan) >= 10**16:
                raise ValueError(f"大得不合常理（{value}）")
            return upper(yuan)
        except ValueError as error:
            raise InvalidInput(
                str(error), where="金额", expected=f"金额（{named}），如 800000 或“80万元”", remedy="改正金额"
            ) from None

    return lift(one, _zeros(amount), unit)


def _zeros(value: Any) -> Any:
    """An argument whose zeros are amounts, though they may be blanks: a sum of nothing is written out too."""
    if isinstance(value, list | tuple):
        return [_zeros(one) for one in value]
    return 0.0 if type(value) is BlankOrZero else value


def uscc_check(code: object) -> Any:
    """有效, or 无效 with the reason, of a 统一社会信用代码 (GB 32100)."""

    def one(value: object) -> str:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return "无效：是数字，末几位已丢失；请把单元格设为文本，照营业执照重填"
        reason = uscc_doubt(clean(str(value)).upper())
        return f"无效：{reason}" if reason else "有效"

    return lift(one, code)
