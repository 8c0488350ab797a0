"""The headings of claims and facts as tables, once for all: files, empty workbooks, ledgers, SUBSIDY_SETTLE."""

from __future__ import annotations

from collections.abc import Mapping

CLAIMS, GUIDE, PROVISIONS, OPTIONS = "申报", "填写说明", "条款清单", "选项"
FIXED = {
    "申报编号": "id", "申报单位": "enterprise", "单位类型": "enterprise_kind", "城市": "city", "条款": "rule",
    "文件代号": "policy", "申报日期": "on", "项目": "project", "贷款": "loan",
}  # fmt: skip
#: fields whose column a list may lack
LATER = {"统一社会信用代码": "code", "对象": "object", "事实日期": "fact_on", "审定额": "reviewed"}
MUST = ("申报编号", "申报单位", "城市", "条款")
#: sheet -> heading -> field
FACTS: dict[str, dict[str, str]] = {
    "设置": {"项目": "name", "数值": "value"},
    "已兑付": {
        "单位": "enterprise", "城市": "city", "条款": "rule", "年度": "year", "金额": "amount", "项目": "project", "对象": "object",
        "统一社会信用代码": "code", "贷款": "loan", "档次": "level", "天数": "days", "本金": "principal",
        "含云服务支出": "includes_cloud_spend", "月份": "month", "行业": "industry", "其中县级": "county_part",
        "计息起日": "period_from", "计息止日": "period_to", "首笔投放日期": "first_drawdown_on",
    },
    "其他支持": {"项目": "project", "贷款": "loan", "类别": "kind", "单位": "enterprise", "金额": "amount", "对象": "object"},
    "资金": {"资金代号": "name", "金额": "value", "年度": "year"},
    "财政贡献": {"单位": "name", "金额": "value", "年度": "year"},
    "重点产业链": {"单位": "name"},
    "项目选择": {"项目": "name", "申报编号": "value"},
    "名次": {"申报编号": "name", "名次": "value"},
    "单位": {"单位": "name", "县区": "county", "企业规模": "size"},
}  # fmt: skip
SETTINGS = {"年度": "on_year", "上浮预算": "uplift_budget", "取整单位": "quantum"}
#: every column of 已兑付 but those of its first lists: one that is added later may be lacking
_PAID = frozenset(FACTS["已兑付"].values()) - {"enterprise", "city", "rule", "year", "amount", "project", "object"}
#: fields whose columns the lists of older versions do not have
_NEWER: Mapping[str, frozenset[str]] = {
    "已兑付": _PAID, "其他支持": frozenset({"loan", "amount", "object"}), "资金": frozenset({"year"}), "财政贡献": frozenset({"year"}),
}  # fmt: skip
#: fields that an entry of a list of facts may leave out
OPTIONAL: Mapping[str, frozenset[str]] = {
    **_NEWER,
    "已兑付": _PAID | {"project", "object", "rule"},
    "其他支持": frozenset({"project", "loan", "enterprise", "amount", "object"}),
}


def needed(sheet: str, *, whole: bool = True) -> tuple[str, ...]:
    """The headings that a list of facts must have (`whole`: all but those that older versions lack)."""
    left_out = (_NEWER if whole else OPTIONAL).get(sheet, frozenset())
    return tuple(head for head, key in FACTS[sheet].items() if key not in left_out)
