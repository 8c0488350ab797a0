"""The sheets of a rule workbook: which columns they have, which a policy officer may change, which words they use.

`key` is the field in the policy file, or the name the program gives to what it derives. A column is

- `edit`: may be changed (yellow, unlocked);
- `code`: names and formulas that hold the document together (grey, locked, read back);
- `view`: derived, to help reading (white, locked, not read back).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from xlpolicy.law.effects import KINDS
from xlpolicy.law.labels import MODES, NATURES, PAYERS, SCOPES, TYPES

Words = Mapping[str, str]
YES: Words = {"True": "是", "False": "否"}
DAYS: Words = {"fact": "事实日期", "application": "申报日期"}
QUOTAS: Words = {
    "month": "每月",
    "year": "每年",
    "document": "文件有效期内",
    "industry": "每个行业",
    "industry-year": "每个行业每年",
}
TABLES: Words = {"from": "达到", "above": "超过", "levels": "逐项"}
STEPS: Words = {
    "when": "条件",
    "let": "中间结果",
    "amount": "金额",
    "limits": "封顶",
    "quotas": "名额",
    "once": "只付一次",
    "least": "合计判断",
    "term": "期限",
    "tail": "延续",
    "assumptions": "读法",
}
#: what the column 范围 may say, by step
RANGES: Mapping[str, Words] = {
    "limits": {"-".join(scope): words for scope, words in SCOPES.items()},
    "quotas": QUOTAS,
    "assumptions": {"True": "兑付核算时"},
    "least": {"True": "扣除已兑付"},
    "term": {"True": "按日历"},
}
VERSION = "1"


class Column(NamedTuple):
    key: str
    heading: str
    width: float
    kind: Literal["edit", "code", "view"] = "edit"
    form: Literal["text", "date", "list", "pairs", "yes", "whole"] = "text"
    words: Words = MappingProxyType({})
    help: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`intro` stands above the headings."""

    name: str
    intro: str
    columns: tuple[Column, ...]
    #: the last column that goes to paper; without it the last that is no code
    last_printed: str = ""

    def column(self, key: str) -> Column:
        return next(c for c in self.columns if c.key == key)

    @property
    def printed(self) -> int:
        """How many columns go to paper."""
        return 1 + max(
            i
            for i, c in enumerate(self.columns)
            if (c.key == self.last_printed if self.last_printed else c.kind != "code")
        )


_DOC = Column("doc", "文件", 15, "code")
_RULE = Column("rule", "条款编号", 20, "code")
_NAME = Column("title_of", "条款", 26, "view")
_AT = Column("at", "位置", 13, "edit", help="条文位置，如 附件3 一；空着即条款本身的位置")

DOCUMENTS = Sheet(
    "文件",
    "每行一份文件：文号、日期、责任单位。日期写成 2026-06-30；征求意见稿没有文号和施行日期。",
    (
        Column("key", "文件", 15, "code"),
        Column("city_label", "城市", 8),
        Column("number", "文号", 17),
        Column("title", "标题", 28),
        Column("issuer", "发文机关", 15),
        Column("issued", "印发日期", 11.5, form="date"),
        Column("valid_from", "施行日期", 11.5, form="date"),
        Column("valid_to", "失效日期", 11.5, form="date", help="有效期的最后一天"),
        Column("applies", "全文句子", 30, "code", help="由程序读取，不要改"),
        Column("draft", "征求意见稿", 7, form="yes", words=YES),
        Column("payer", "资金", 9.5, words=PAYERS),
        Column("departments", "责任单位", 20, form="list", help="各单位用顿号隔开；条款另写的除外"),
        Column("notes", "说明", 32),
        Column("city_aliases", "城市又称", 9, form="list"),
        Column("city", "城市代号", 10, "code"),
        Column("region", "行政区划", 9, "code", help="统一社会信用代码第 3 位起的数字"),
        Column("first_day", "首日读法", 12, "code"),
        Column("decides_by", "适用", 9, words=DAYS, help="按哪一天判断适用不适用本文件"),
        Column("year_by", "年度", 9, words=DAYS, help="按年计的封顶、名额算哪一年的"),
        Column("continues", "接着", 16, "code", help="接着算一次性奖励的上一份文件代号"),
        Column("amends", "修改", 16, "code", help="改的是哪一份（同一文号的原版）"),
        Column("support", "其他支持类别", 26, "code", help="每行一个：代号＝名称；代号不要改"),
    ),
)
PROVISIONS = Sheet(
    "条款",
    "每行一个条款。“怎样计算”由程序根据数字和公式写成，供核对；要改数字请到“数字”表。",
    (
        _DOC,
        Column("at", "位置", 13),
        Column("title", "名称", 26),
        Column("nature", "性质", 8.5, words=NATURES, help="定额：按条文给付；最高：条文写“最高、不超过”"),
        Column("recipient", "对象", 18),
        Column("object", "封顶所管的对象", 9, help="条文对它的叫法：平台、园区、产品……"),
        Column("theme", "主题", 14, form="list", help="可写几个，用顿号隔开"),
        Column("how", "怎样计算", 42, "view"),
        Column("refer_to", "去处", 22),
        Column("notes", "说明", 26),
        Column("departments", "责任单位", 20, form="list", help="空着即与文件相同；各单位用顿号隔开"),
        Column("payer", "资金", 10, words=PAYERS, help="空着即与文件相同"),
        Column("mode", "方式", 10, words=MODES),
        Column("aliases", "又称", 16, form="list", help="各名称用顿号隔开"),
        Column("valid_from", "起始日期", 12, form="date", help="与文件施行日期不同时才写"),
        Column("odd_fen", "零头", 9, words={"near": "四舍五入", "down": "舍去"}, help="不足一分的怎样，空着即四舍五入"),
        Column("unchanged", "改写未改意", 26, "code", "pairs", help="与上一份文件写法不同、意思相同的：代号＝理由"),
        Column("id", "条款编号", 24, "code"),
    ),
    "notes",
)
FIGURES = Sheet(
    "数字",
    "条文里的每个数字只在这里写一次，照条文写法、带单位：500万元、3%、25个基点、20家、2年；两级分摊的份数写 1:1。",
    (
        _DOC,
        _NAME,
        Column("label", "含义", 18),
        Column("edge", "档次", 13, help="分档的起点或选项；不分档的空着"),
        Column("edge_of", "档次含义", 16, "view"),
        Column("text", "数字", 14, help="照条文写，带单位"),
        Column("at", "位置", 13, help="与条款位置不同时才写"),
        Column("same_as", "沿用自", 18, "code", help="数字与该处相同，请到该处修改"),
        Column("by", "分档依据", 13, "code"),
        Column("table", "分档方式", 8, "code", words=TABLES),
        Column("in", "折算", 6, "code"),
        Column("below", "不到最低档", 8, "code", help="0：不到最低一档按 0 计；none：整条不予补助"),
        Column("name", "代号", 16, "code"),
        _RULE,
    ),
)
BY = {"bureau": "主管部门"}
CONDITIONS = {"ask": "须填", "presumed": "可不填"}
INPUTS = Sheet(
    "输入项",
    "申报时要填的每一项。名称会出现在申请表和核定结果里。",
    (
        _DOC,
        _NAME,
        Column("label", "名称", 34),
        Column("unit", "单位", 8, help="空着时：金额为元，比例为%"),
        Column("need", "要求", 22, "view"),
        Column("values", "选项", 26, help="每行一个：代号＝名称；代号不要改"),
        Column("type", "类型", 8, "code", words=TYPES),
        Column("default", "不填时按", 12, "code"),
        Column("optional", "可不填", 8, "code", "yes", YES),
        Column("assumed", "不填按“是”", 9, "code", "yes", YES),
        Column("measure", "为0即未申报", 9, "code", "yes", YES),
        Column("minimum", "最小值", 8, "code", "whole"),
        Column("maximum", "最大值", 8, "code", help="单位同这一项，超过的不能填"),
        Column("required_when", "何时必填", 22, "code"),
        Column("year_since", "年数起自", 16, "code"),
        Column("evidence", "证明材料", 26, form="list", help="各项用顿号隔开"),
        Column("covers", "其中包括", 18, form="list", help="条文列举的费用，各项用顿号隔开"),
        Column("by", "由谁填", 10, words=BY),
        Column("at_most", "不填时最多可能", 18, "code", help="不限写 open；否则如 113% investment"),
        Column("condition", "条件", 12, words=CONDITIONS, help="写了就是条件，不用再写进条件公式"),
        Column("bars", "成立则不予补助", 9, "code", "yes", YES),
        Column("when", "何时才问", 18, "code"),
        Column("at", "位置", 13, help="与条款位置不同时才写"),
        Column("period", "起止日期", 22, "code", "list", help="天数由这几个日期算：起日、止日、首笔投放日"),
        Column("name", "代号", 20, "code"),
        _RULE,
    ),
)
STEPS_SHEET = Sheet(
    "计算",
    "怎样由数字和输入项得出金额：条件逐条成立，金额按公式，封顶依次取小。公式由程序读取，要改请找录入人员。",
    (
        _DOC,
        _NAME,
        Column("step", "步骤", 10, "code", words=STEPS),
        Column("label", "含义", 18),
        Column("words", "中文算式", 46, "view"),
        Column("per", "范围", 14, help="封顶的范围，或名额的期间"),
        Column("at", "位置", 13, help="与条款位置不同时才写"),
        Column("formula", "公式", 40, "code"),
        Column("used", "先扣", 16, "code"),
        Column("when", "何时适用", 24, "code"),
        Column("shared", "合用", 14, "code", help="写同一名称的几条封顶合用一个"),
        Column("cut", "核减编号", 20, "code"),
        Column("name", "代号", 18, "code"),
        _RULE,
    ),
)
SORTS = {"limit": "条文限制", "check": "请核对"}
READINGS = Sheet(
    "读法",
    "条文留白处采用的读法，核定时显示给经办人员。",
    (
        _DOC,
        Column("text", "读法", 44),
        Column("sort", "性质", 10, words=SORTS, help="不写是读法；条文自己的限制、要查核的事另标明"),
        Column("at", "出处", 16, help="条文自己的限制在哪一条，显示在句末；不写用条款自己的"),
        Column("question", "问题", 34, "view"),
        Column("choices", "选项", 24, "view"),
        Column("where", "用在哪些条款", 44, "view"),
        Column("data", "选项数据", 20, "code"),
        Column("name", "代号", 22, "code"),
    ),
    "where",
)
OPTIONS = Sheet(
    "口径",
    "条文里随口径变化的地方：每行一处，各选项怎样写。其他工作表都按默认选项；本单位选哪一项写在设置文件里。",
    (
        _DOC,
        Column("title_of", "条款", 30, "view"),
        Column("choices", "各选项怎样写", 90, "view"),
        Column("data", "数据", 20, "code"),
        Column("name", "口径", 22, "code"),
    ),
    "choices",
)
CROSS = Sheet(
    "跨条款规则",
    "多笔申报之间的关系：叠加、排他、就高、合计封顶、分级承担。文字可改，效果由程序读取。",
    (
        _DOC,
        Column("kind", "种类", 12, "code", words=KINDS),
        Column("text", "规则", 46),
        Column("at", "位置", 18),
        Column("who", "涉及条款", 46, "view"),
        Column("members", "成员", 30, "code", "list"),
        Column("step", "核算次序", 7, "code", "whole"),
        Column("effect", "效果", 40, "code"),
        Column("id", "编号", 26, "code"),
    ),
)
UNPAID = Sheet(
    "不付钱的数字",
    "原文里出现、但不给钱的数字和原因，审计时每个数字都要有着落。",
    (
        _DOC,
        Column("at", "位置", 22),
        Column("text", "数字", 16),
        Column("why", "原因", 60),
    ),
)
SHEETS = (DOCUMENTS, PROVISIONS, FIGURES, INPUTS, STEPS_SHEET, READINGS, OPTIONS, CROSS, UNPAID)
