"""Whole refusals of a claim, each once, with gaps: whoever refuses names one and fills it; JavaScript is sent the table.

Why a value cannot be read stands in `money.UNREAD`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from xlpolicy.faults import (
    AmbiguousRule,
    InvalidInput,
    MissingInput,
    NotComputable,
    NotInForce,
    PolicyError,
    UnknownCity,
    UnknownInput,
    UnknownPolicy,
    UnknownRule,
)


class Refusal(NamedTuple):
    """A kind of error and the fields of its fault, `{gap}` where something of the claim or the law goes."""

    error: type[PolicyError]
    got: str
    where: str = ""
    item: str = ""
    expected: str = ""
    remedy: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """The code and the fields by name."""
        return {"code": self.error.code} | dict(zip(self._fields[1:], self[1:], strict=True))


_AGAIN = "补填后重算"
_PERIOD = "前后一致的日期和天数", "核对合同和利息清单后改正"
_BY_HAND = '（表格函数里加 "文件","{key}"，命令行 --policy {key}，Python 里 policy=）'
REFUSALS: Mapping[str, Refusal] = {
    # which provision
    "no_city": Refusal(UnknownCity, "没有“{name}”的政策", "城市", "city", "{known}", "{nearest}"),
    "no_document": Refusal(UnknownPolicy, "没有代号为“{name}”的文件", "文件", "policy", "{known}", "{nearest}"),
    "document_elsewhere": Refusal(
        UnknownPolicy, "{key} 是{city}的文件", "文件", "policy", "{wanted}的文件", "{nearest}"
    ),
    "no_provision": Refusal(
        UnknownRule, "没有“{name}”这个条款", "{city}的政策", "rule", "条款编号或名称", "{nearest}"
    ),
    "several_provisions": Refusal(
        AmbiguousRule, "“{name}”对应多个条款：{told}", "条款", "rule", "唯一的条款编号", "写明其中一个编号"
    ),
    "not_in_document": Refusal(
        UnknownRule, "{document}里没有“{name}”这个条款", "{key}", "rule", "{document}里的条款",
        "改写文件（这一条在{others}里），或不写文件、按日期选用",
    ),
    "several_documents": Refusal(
        AmbiguousRule, "{on} 有多份文件都规定了“{title}”（{keys}）", "条款", "rule", "一份文件", "指定其中一份" + _BY_HAND
    ),
    "before": Refusal(
        NotInForce, "{on} 适用的是{before}，不是{document}（{spans}）", "{city}{title}", "on", "申报日期在文件有效期内",
        "按{before}办理（没有载入，这一日期的申报不能测算），或载入该文件",
    ),
    "not_in_force": Refusal(
        NotInForce, "{on} 没有正在施行的“{title}”（{spans}）", "{city}{title}", "on", "申报日期在文件有效期内",
        "核对申报日期；只作测算时指定文件" + _BY_HAND,
    ),
    "no_day": Refusal(InvalidInput, "申报日期{why}", "", "on", "日期，如 2026-06-30", "改正申报日期"),
    # what is stated
    "no_input": Refusal(UnknownInput, "没有“{name}”这个输入项", "{place}", "{name}", "{known}", "{nearest}"),
    "twice": Refusal(InvalidInput, "“{label}”填了两次", "{place}", "{name}", "每项只填一次", "删去一个"),
    "unread": Refusal(InvalidInput, "“{label}”{why}", "{place}", "{name}", "{expected}", "改正“{label}”（{name}）后重算"),
    "missing": Refusal(MissingInput, "缺少{inputs}", "{place}", "{names}", "{expected}", _AGAIN),
    "one_end": Refusal(
        MissingInput, "填了“{stated}”，没有填“{label}”（{name}）", "{place}", "{name}", "{label}", _AGAIN
    ),
    "too_early": Refusal(InvalidInput, "“{label}” {day} 早于“{other}” {first}", "{place}", "{name}", *_PERIOD),
    "days_differ": Refusal(
        InvalidInput, "“{label}”填的是 {said}，{first} 至 {last} 是 {days} 天（首尾两天都算）", "{place}", "{name}", *_PERIOD
    ),
    "year_differs": Refusal(
        InvalidInput, "“{label}”填的是 {said}，“{first}”是 {since}，{on} 是第 {year} 年", "{place}", "{name}",
        "前后一致的日期和年数", "核对后改正其中一项",
    ),
    # what cannot be computed
    "expired": Refusal(
        MissingInput, "缺少“{label}”（{name}）", "{place}", "{name}", "日期；{document}已于 {last} 到期，延续年度须凭此判断", _AGAIN
    ),
    "out_of_tail": Refusal(
        NotInForce, "{on} 不在延续年度内（{label} {since}，文件 {last} 到期）", "{place}", "{name}",
        "到期前取得，且自{start}起 {years} 内", "核对日期",
    ),
    "no_amount": Refusal(
        NotComputable, "“{title}”不在本文件计算金额", "{basis}", "", "", "按下列去处办理：{refer_to}"
    ),
    "zero_divisor": Refusal(
        InvalidInput, "“{label}”是除数，为 0 时算不出比例", "{place}", "{name}", "大于 0 的数", "核对“{label}”"
    ),
}  # fmt: skip


def refused(kind: str, /, **gaps: object) -> PolicyError:
    """The error of that name among `REFUSALS`, its gaps filled."""
    error, *texts = REFUSALS[kind]
    got, where, item, expected, remedy = (text.format(**gaps) for text in texts)
    return error(got, where=where, item=item, expected=expected, remedy=remedy)
