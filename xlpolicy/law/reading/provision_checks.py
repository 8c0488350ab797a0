"""What the shape of a provision alone cannot say: what its nature needs, and that nothing is named in vain."""

from __future__ import annotations

from collections.abc import Mapping

from xlpolicy.faults import nearest
from xlpolicy.law import records as r
from xlpolicy.law.labels import DIMENSIONS
from xlpolicy.law.reading.declare import Report
from xlpolicy.law.reading.schema import ProvisionData
from xlpolicy.law.reading.yamltext import Path


def judge_nature(where: Path, item: ProvisionData, inputs: tuple[r.Input, ...], report: Report) -> None:
    if item.nature in ("external", "pointer"):
        if item.amount or not item.refer_to:
            report(
                "policy_nature",
                where,
                "指引性条款不计算金额，只写去处",
                "无 amount，有 refer_to",
                "删去 amount，写明 refer_to",
            )
    elif item.amount is None:
        report("policy_nature", where, "缺少 amount", "一个得出金额的公式", "写上金额公式")
    if item.nature == "discretionary" and not any(e.name == "approved_amount" for e in inputs):
        report("policy_nature", where, "按核定的条款缺少输入项 approved_amount", "核定金额作为输入", "补上输入项")
    if item.nature == "discretionary" and not item.limits:
        report("policy_nature", where, "按核定的条款没有上限", "limits 里写明最高金额", "补上封顶")


def judge_names(where: Path, item: ProvisionData, figures: Mapping[str, r.Figure], report: Report) -> None:
    """What the provision points to by name is there, and of the kind that is wanted."""
    _periods(where, item, figures, report)
    _scopes(where, item, report)
    _quotas(where, item, figures, report)


def _periods(where: Path, item: ProvisionData, figures: Mapping[str, r.Figure], report: Report) -> None:
    if item.tail:
        years, since = figures.get(item.tail.years), item.inputs.get(item.tail.since)
        if years is None or years.kind != "count" or since is None or since.type != "date":
            report(
                "policy_name",
                (*where, "tail"),
                "tail 指向的不是一个年数和一个日期输入项",
                "figures 和 inputs 里的名称",
                "核对名称",
            )
    if item.term and (item.term.years not in figures or item.term.days not in item.inputs):
        report(
            "policy_name",
            (*where, "term"),
            "term 指向的不是一个年数和一个天数输入项",
            "figures 和 inputs 里的名称",
            "核对名称",
        )
    paid = item.inputs.get(item.term.paid) if item.term and item.term.paid else None
    if item.term and item.term.paid and (paid is None or paid.type != "money"):
        report(
            "policy_name", (*where, "term"), f"paid 指的“{item.term.paid}”不是金额输入项", "实付利息的输入项", "核对名称",
        )  # fmt: skip


def _scopes(where: Path, item: ProvisionData, report: Report) -> None:
    dims = set(DIMENSIONS)
    scopes = [("limits", limit.per, dims) for limit in item.limits]
    scopes += [("once", item.once, dims - {"session", "document"})]
    scopes += [("least", item.least.per, dims - {"session", "document"})] if item.least else []
    for key, scope, known in scopes:
        for name in scope:
            if name not in known and name not in item.inputs:
                report(
                    "policy_name",
                    (*where, key),
                    f"范围里的“{name}”不认识",
                    "、".join(sorted(known)) + "，或输入项名称",
                    nearest(name, sorted(known | set(item.inputs))),
                )
    for name in item.least.of if item.least else ():
        if name not in item.inputs:
            report("policy_name", (*where, "least"), f"没有输入项 {name}", "输入项名称", nearest(name, item.inputs))


def _quotas(where: Path, item: ProvisionData, figures: Mapping[str, r.Figure], report: Report) -> None:
    for k, quota in enumerate(item.quotas):
        if quota.per.startswith("industry") and "industry" not in item.inputs:
            report(
                "policy_name",
                (*where, "quotas", k),
                "按行业的名额缺少输入项 industry",
                "industry: {type: text, label: 所属行业, optional: true}",
                "补上输入项",
            )
        if quota.max not in figures:
            report(
                "policy_name",
                (*where, "quotas", k),
                f"没有数字 {quota.max}",
                "figures 里的名称",
                nearest(quota.max, figures),
            )
