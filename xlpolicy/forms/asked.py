"""What a form asks of a provision: the days that decide, what its law counts over, its papers, and which answers it wants."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from xlpolicy.law.counted import counted_over
from xlpolicy.law.labels import DIMENSIONS
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.words.wording import scope_text

FieldType = Literal["text", "code", "money", "rate", "integer", "boolean", "enum", "date", "year"]
LOAN = "贷款合同编号"
_MANY = {"loan": "几笔", "object": "几个", "session": "几场"}


def fact(rule: Rule) -> tuple[str, FieldType]:
    """What the day (or year) is called on which the fact of a claim happened, and how it is written."""
    if any(item.name == "days" for item in rule.inputs):
        return "放款日期", "date"
    if (
        rule.inputs
        and rule.inputs[0].type == "money"
        and rule.inputs[0].name != "superior_award"
        and "场" not in rule.inputs[0].label
    ):
        return "投资（费用、收入）所属年度", "year"
    return "认定（入选、获评、举办）日期", "date"


def dated(rule: Rule) -> tuple[tuple[tuple[str, str, FieldType, bool], tuple[str, str, FieldType, bool]], ...]:
    """The days that decide: when it is applied for, and when the fact was."""
    label, kind = fact(rule)
    return ((("applied_on", "申报日期", "date", True), ("fact_on", label, kind, True)),)


@lru_cache(512)
def papers(rule: Rule) -> Mapping[str, tuple[Input, ...]]:
    """The papers of a provision, each with the inputs that it shows, in their order."""
    found: dict[str, tuple[Input, ...]] = {}
    for item in rule.inputs:
        for paper in item.evidence if not item.by else ():
            found[paper] = (*found.get(paper, ()), item)
    return found


def thing(rule: Rule) -> str:
    """What the form of a provision calls the thing that the law counts over."""
    if any("session" in limit.per for limit in rule.limits):
        return f"{rule.object or '活动'}名称和届（场）次"
    return f"{rule.object or DIMENSIONS['object']}名称"


def things(
    document: Document, rule: Rule, each: str = "各表", apart: str = "请分开填表"
) -> tuple[tuple[str, str, FieldType, str, str], ...]:
    """What a claim must name because the law counts over it: name, label, type, unit and how to fill it in. `each`, `apart`:
    where the claims of one provision stand."""
    found: dict[str, tuple[str, str, FieldType, str, str]] = {}
    for over, scope in counted_over(document, rule).items():
        why = f"按{scope_text(rule, scope)}计算，{_MANY[over]}{apart}"
        if over == "loan":
            found["loan"] = ("loan", LOAN, "code", "编号", f"照借款合同填；{why}")
        else:
            found["object"] = ("object", thing(rule), "text", "名称", f"填全称，{each}写法一致；{why}")
    return tuple(found.values())


def label_of(item: Input) -> str:
    """What a form calls an input: with the expenses that the law lists."""
    return f"{item.label}（{'、'.join(item.covers)}等）" if item.covers else item.label


def wanted(item: Input) -> bool:
    """Whether a form wants this input filled in, whatever the rest of it says."""
    if item.type == "boolean":
        return item.asked and item.asked_when is None and (item.required or item.default is not None)
    return item.required


def shown_by_paper(item: Input) -> bool:
    """Whether a claim rests on this input whatever the form says of it: its papers have to be enclosed. A number that
    counts as one where it is left blank is such a claim (入选产品数)."""
    if item.type == "boolean":
        return wanted(item) and item.assumed
    return wanted(item) or (isinstance(item.default, (int, Decimal)) and item.default > 0)


def reimburses(rule: Rule) -> bool:
    """Whether a provision pays for expenses that invoices show: its form has a list of them."""
    return any("发票" in paper for paper in papers(rule))
