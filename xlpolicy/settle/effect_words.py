"""What a cut is by, and what a note is about, in a few words for a column."""

from __future__ import annotations

from xlpolicy.law.effects import KINDS
from xlpolicy.settle.model import Cut, Note, Settled

#: what a note or a refusal is about
CODES = {
    "missing_input": "缺少数据",
    "invalid_input": "数据不合要求",
    "unknown_input": "没有这个填报项",
    "unknown_city": "没有这个城市",
    "unknown_rule": "没有这个条款",
    "unknown_policy": "没有这份文件",
    "ambiguous_rule": "条款不止一个",
    "not_computable": "另有规定",
    "not_in_force": "不在有效期",
    "validity": "不在有效期",
    "quota": "名额",
    "repeated": "疑似重复申报",
    "unknown_choice": "项目选择有误",
    "unknown_rank": "名次有误",
    "unknown_support": "支持类别有误",
    "review": "审定",
    "year_rate": "本年核定比例",
    "unnamed": "没有写明项目、贷款、对象等",
    "unstated_support": "没有写明其他支持",
    "support": "其他支持没有写单位",
    "ceiling": "没有贡献数",
    "identity": "单位名称和代码",
    "once": "只兑付一次",
    "overlap": "计息期间",
    "dates": "日期前后不一",
    "contrary": "几笔申报说法不一",
    "least": "全年合计",
    "order": "先后",
    "combinations": "择一的组合太多",
    "void_choice": "选择不起作用",
    "choice_waits": "所选的一项还缺资料",
    "provisional": "金额暂定",
    "waiting": "没有留出额度",
    "differing": "全年合计与以前核算不同",
    "unreviewed": "未审定",
}
#: what a provision says of several claims beside a maximum
_WITHIN = {"least": "全年合计", "once": "只兑付一次", "term": "贴息期限", "cap_shared": "封顶"}


def effect_words(settled: Settled, cut: Cut) -> str:
    """What kind of rule made a cut: one of the document, or what the provision itself says."""
    rules = settled.found.document.cross_rules if settled.found else ()
    return next(
        (KINDS[rule.kind] for rule in rules if rule.id == cut.rule),
        _WITHIN.get(cut.kind) or CODES.get(cut.rule) or KINDS.get(cut.kind, "封顶"),
    )


def note_words(note: Note) -> str:
    """What a note is about."""
    return CODES.get(note.code, "规则未执行或须核对")
