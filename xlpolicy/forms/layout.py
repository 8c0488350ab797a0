"""The one description of an application form: the writer draws it, the reader looks things up in it.

A form is a sheet of six columns: enterprise block, project block, the provision's inputs, attachment checklist.
Every field knows its key (also its defined name: `ent_`, `prj_`, `in_`, `att_`), its label, whether it is required
and where label and value stand. Rows and columns are counted from 0 here; `address` gives "B7".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

from xlpolicy.faults import InvalidInput, NotComputable
from xlpolicy.forms.asked import (
    LOAN,
    FieldType,
    dated,
    label_of,
    papers,
    reimburses,
    shown_by_paper,
    thing,
    things,
    wanted,
)
from xlpolicy.forms.instructions import how_to_fill
from xlpolicy.forms.own_look import Look
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.money import clean, visible
from xlpolicy.sheets.text import letter
from xlpolicy.words.wording import Words

FORM_VERSION = "4"
#: versions whose forms are still out and ask neither for the days that decide nor for every condition and paper
EARLIER = ("1", "2")
#: versions whose forms do not ask which loan or which thing the claim is for
UNNAMED = (*EARLIER, "3")
VERSIONS = (*UNNAMED, FORM_VERSION)
UNITS = ("万元", "元")
FORM_SHEET = "申请表"
VOUCHER_SHEET = "发票明细表"
IDENTITY_SHEET = "_xlpolicy"
IDENTITY_MARK = "xlpolicy-form"
COLUMNS = 6
VOUCHER_COLUMNS = ("序号", "合同", "发票号", "开票日期", "不含税金额", "税额", "付款日期", "销售方")
VOUCHER_ROWS = 30
#: of the invoices of a list form: the row that one is for
OF_ROW = "申报明细序号"

Group = Literal["ent", "prj", "in", "att"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `label` as shown without the required mark; `shown` with it; `unit` as its own cell shows it.

    `columns` is how many columns the (merged) value cell spans, `label_columns` the same for the label.
    """

    group: Group
    name: str
    label: str
    type: FieldType
    required: bool
    row: int
    label_column: int
    label_columns: int
    column: int
    columns: int
    unit: str = ""
    unit_column: int = -1
    hint: str = ""
    item: Input | None = None

    @property
    def key(self) -> str:
        """Unique in the form; also the defined name of the value cell."""
        return f"{self.group}_{self.name}"

    @property
    def item_name(self) -> str:
        """As `Fault.item`: an input by its own name, any other field by its key."""
        return self.name if self.group == "in" else self.key

    @property
    def shown(self) -> str:
        return f"*{self.label}" if self.required else self.label

    @property
    def address(self) -> str:
        return address(self.row, self.column)

    @property
    def choices(self) -> tuple[str, ...]:
        """What the drop-down offers; empty for a free field."""
        if self.type == "boolean":
            return ("是", "否")
        return tuple(choice.label for choice in self.item.choices) if self.item else ()


@dataclass(frozen=True, slots=True)
class Section:
    row: int
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The form of one provision in one unit. `rows` is how many rows the sheet has in all."""

    document: Document
    rule: Rule
    unit: str
    title: str
    subtitle: str
    fields: tuple[Field, ...]
    sections: tuple[Section, ...]
    instructions: tuple[str, ...]
    header_row: int
    estimate_row: int
    declaration_row: int
    review_row: int
    rows: int
    by_key: Mapping[str, Field]
    by_label: Mapping[str, Field]
    version: str
    #: what an untouched form shows as (row, column, text): labels, units, hints, and nothing beside the values
    marks: tuple[tuple[int, int, str], ...]
    #: the hints that give way to what was filled in (`echo`)
    echoes: tuple[tuple[int, int, str], ...] = ()
    look: Look | None = None  # where a bureau's own template put it all

    @property
    def unit_line(self) -> str:
        return f"单位：{self.unit}"

    @property
    def vouchers(self) -> bool:
        """Whether the form has a list of invoices; those of earlier versions always have."""
        return self.version in EARLIER or reimburses(self.rule)


#: (name, label, type, required), in pairs of one row; a None beside it gives the field the whole width
_ENTERPRISE: tuple[tuple[tuple[str, str, FieldType, bool], tuple[str, str, FieldType, bool] | None], ...] = (
    (("name", "单位名称", "text", True), ("uscc", "统一社会信用代码", "code", True)),
    (("county", "注册地（县区）", "text", True), ("legal_person", "法定代表人", "text", True)),
    (("contact", "联系人", "text", True), ("phone", "联系电话", "code", True)),
    (("account_name", "户名", "text", True), ("account", "账号", "code", True)),
    (("bank", "开户银行", "text", True), None),
)
_PROJECT: tuple[tuple[tuple[str, str, FieldType, bool], tuple[str, str, FieldType, bool] | None], ...] = (
    (("name", "项目名称", "text", True), None),
    (("start", "项目开始日期", "date", False), ("end", "项目结束日期", "date", False)),
    (("content", "建设内容", "text", False), None),
)
#: the six of the first two versions, whatever the provision asked for
_ATTACHMENTS: tuple[tuple[tuple[str, str, FieldType, bool], tuple[str, str, FieldType, bool] | None], ...] = (
    (("contract", "合同", "boolean", False), ("invoice", "发票", "boolean", False)),
    (("payment", "付款凭证", "boolean", False), ("audit", "审计报告", "boolean", False)),
    (("credit", "无失信承诺", "boolean", False), ("other", "其他佐证材料", "boolean", False)),
)


@lru_cache(512)
def labels(rule: Rule | None) -> Mapping[str, str]:
    """What the items of a form's faults are called on it (`Field.item_name` -> label)."""
    groups = {"ent": _ENTERPRISE, "prj": (*_PROJECT, *(dated(rule) if rule else ())), "att": _ATTACHMENTS}
    fields = ((group, field) for group, pairs in groups.items() for pair in pairs for field in pair if field)
    common = {f"{group}_{field[0]}": field[1] for group, field in fields}
    if rule:
        common |= {"prj_loan": LOAN, "prj_object": thing(rule)}
    common |= {f"att_p{n}": paper for n, paper in enumerate(papers(rule) if rule else (), 1)}
    return common | {item.name: item.label for item in (rule.inputs if rule else ())}


#: other words the same field goes by in converted or retyped forms
SYNONYMS: Mapping[str, str] = {
    "ent_name": "申报单位 企业名称",
    "ent_uscc": "社会信用代码 信用代码",
    "ent_county": "注册地 县区 所在县区 注册地/县区",
    "ent_phone": "电话 联系方式",
    "ent_account": "银行账号",
    "ent_bank": "开户行",
    "att_credit": "无失信记录承诺",
    "prj_loan": "借款合同编号 借款合同号 贷款合同号",
}
DECLARATION = (
    "本单位承诺：所填内容和所附材料真实、准确、完整；同一项目未重复申报同类财政资金；无严重失信记录。"
    "如有不实，自愿退回已得资金并承担相应责任。"
)
#: longer texts are no labels and not kept in mind
_LABEL = 200
DRAFT_NOTE = "\n（征求意见稿，仅供测算）"
HEADINGS = ("填报项目", "填报数", "单位", "填写说明")


def address(row: int, column: int) -> str:
    """(6, 1) -> "B7"."""
    return f"{letter(column + 1)}{row + 1}"


def match_text(text: str) -> str:
    """What a label is compared by: width, white space, required marks and colons do not count.

    >>> match_text(" 单位\\n名称 ＊：")
    '单位名称'
    """
    return _matched(text) if len(text) < _LABEL else _matched.__wrapped__(text)


@lru_cache(maxsize=4096)
def _matched(text: str) -> str:
    return clean(visible(text)).strip("*:★").lower()


def form_title(document: Document, rule: Rule) -> str:
    """What the form is called; a draft's says that it binds nobody."""
    return f"{document.city_label}{rule.title}申请表{DRAFT_NOTE if document.draft else ''}"


def _basis(document: Document, rule: Rule) -> str:
    return f"依据：{document.name} {rule.at}"


def _unit(item: Input, unit: str) -> str:
    if item.type == "money":
        return unit
    if item.type == "rate":
        return "%"
    if item.choices:
        return "选一项"
    return {"boolean": "是／否", "date": "日期", "text": "文字"}.get(item.type) or item.unit or "个"


def _hint(item: Input, rule: Rule, version: str) -> str:
    how = {
        "money": "填数字，保留两位小数",
        "rate": "填百分数，如 3%",
        "integer": "填整数",
        "boolean": "从下拉框选",
        "enum": "从下拉框选",
        "date": "如 2026-06-30",
        "text": "填名称",
    }[item.type]
    if item.choices:
        how = "从下拉框选"
    if item.period:
        if not item.required:
            return f"{how}；没有可不填；填了起止日期的按日期算，首尾两天都算"
        free = "，首尾两天都算" if version in EARLIER else "可不填，首尾两天都算"
        return f"{how}；填了起止日期的{free}"
    if item.required or (version not in EARLIER and wanted(item)):
        return how
    if version not in EARLIER and item.asked_when is not None:
        return f"{how}；{Words(rule).text(item.asked_when)}时必填"
    if item.default_from is not None:
        names = [i.name for i in rule.inputs]
        above = names.index(item.name) - names.index(item.default_from) == 1
        return f"不填按{'上一栏' if above else f'“{rule.input(item.default_from).label}”'}计"
    if item.assumed:
        return f"{how}；不填按“是”"
    if item.type == "boolean":
        return f"{how}；不填按“{'是' if item.default else '否'}”"
    if item.default is not None:
        label = next((c.label for c in item.choices if c.value == item.default), None)
        return f"{how}；不填按{f'“{label}”' if label else f' {item.default} '}计"
    if item.required_when is not None:
        when = "符合情形" if version in EARLIER else Words(rule).text(item.required_when)
        return f"{how}；{when}时必填"
    return f"{how}；没有可不填"


def _enclosed(rule: Rule) -> list[tuple[tuple[str, str, FieldType, bool], tuple[str, str, FieldType, bool] | None]]:
    """The papers of a provision in pairs, those marked without which nothing is judged."""
    kind: FieldType = "boolean"
    listed = [
        (f"p{n}", paper, kind, any(map(shown_by_paper, of))) for n, (paper, of) in enumerate(papers(rule).items(), 1)
    ]
    return [(left, right) for left, right in zip_longest(listed[::2], listed[1::2])]


@lru_cache(maxsize=512)
def layout(
    document: Document,
    rule: Rule,
    unit: str = "万元",
    version: str = FORM_VERSION,
    keys: frozenset[str] | None = None,
) -> Layout:
    """The form of a provision as it left in a version. `keys`: the fields that a form of an earlier version had.

    Raises NotComputable for one that pays by another document, InvalidInput for a unit.
    """
    if rule.amount is None:
        raise NotComputable(
            f"“{rule.title}”不在本文件计算金额，没有申请表", where=f"{document.name} {rule.at}",
            remedy=f"按下列去处办理：{rule.refer_to}",
        )  # fmt: skip
    if unit not in UNITS:
        got = f"申请表没有“{unit}”这个单位"
        raise InvalidInput(got, where="unit", expected="、".join(UNITS), remedy="改用其中一个")
    fields: list[Field] = []
    sections: list[Section] = []
    row = 3

    def block(title: str, group: Group, pairs: object) -> None:
        nonlocal row
        sections.append(Section(row, title))
        row += 1
        for left, right in pairs:  # type: ignore[attr-defined]
            name, label, kind, required = left
            fields.append(Field(group, name, label, kind, required, row, 0, 1, 1, 2 if right else 5))
            if right:
                name, label, kind, required = right
                fields.append(Field(group, name, label, kind, required, row, 3, 2, 5, 1))
            row += 1

    early = version in EARLIER
    block("一、申报单位", "ent", _ENTERPRISE)
    block("二、申报项目", "prj", _PROJECT)
    sections.append(Section(row, "三、申报数据"))
    header_row = row + 1
    row += 2
    for item in rule.inputs:
        if (item.by and not early) or (keys is not None and f"in_{item.name}" not in keys):
            continue
        unit_shown, hint = _unit(item, unit), _hint(item, rule, version)
        common = (
            item.name,
            item.label if early else label_of(item),
            item.type,
            item.required if early else wanted(item),
            row,
        )
        fields.append(Field("in", *common, 0, 2, 2, 1, unit_shown, 3, hint, item))
        row += 1
    for name, label, kind, shown, how in () if version in UNNAMED else things(document, rule):
        fields.append(Field("prj", name, label, kind, True, row, 0, 2, 2, 1, shown, 3, how))
        row += 1
    for name, label, kind, required in () if early else dated(rule)[0]:
        shown, how = ("年度", "四位年度，如 2026") if kind == "year" else ("日期", "如 2026-06-30")
        fields.append(Field("prj", name, label, kind, required, row, 0, 2, 2, 1, shown, 3, how))
        row += 1
    estimate_row = row
    row += 1
    block("四、附件清单（已附的选“是”）", "att", _ATTACHMENTS if early else _enclosed(rule))
    sections.append(Section(row, "五、单位声明"))
    declaration_row = row + 1
    sections.append(Section(row + 2, "六、审核意见"))
    review_row = row + 3
    instructions = how_to_fill(unit, VOUCHER_SHEET if early or reimburses(rule) else "")
    labels: dict[str, Field] = {}
    for field in fields:
        for text in (field.label, *SYNONYMS.get(field.key, "").split(), *((field.item.label,) if field.item else ())):
            labels.setdefault(match_text(text), field)
    marks = [(f.row, f.label_column, f.shown) for f in fields]
    marks += [(f.row, f.unit_column, f.unit) for f in fields if f.unit]
    hints = [(f.row, f.unit_column + 1, f.hint, not early and f.type == "money") for f in fields if f.hint]
    marks += [(r, c, text) for r, c, text, echoed in hints if not echoed]
    marks += [(f.row, c, "") for f in fields for c in range(f.column + 1, f.column + f.columns)]
    marks += [(s.row, 0, s.title) for s in sections]
    marks += [(0, 0, form_title(document, rule)), (1, 0, _basis(document, rule)), (1, COLUMNS - 1, f"单位：{unit}")]
    marks += [(2, 0, "\n".join(("填报说明", *instructions)))]
    marks += [(header_row, column, text) for column, text in zip((0, 2, 3, 4), HEADINGS, strict=True)]
    bare: list[tuple[int, Iterable[int]]] = [
        (r, range(1, COLUMNS)) for r in (0, 2, declaration_row, *(s.row for s in sections))
    ]
    bare += [(1, range(1, COLUMNS - 1)), (header_row, (1, COLUMNS - 1)), (estimate_row, (1, COLUMNS - 2, COLUMNS - 1))]
    marks += [(r, c, "") for r, columns in [*bare, (review_row, (1, 2, COLUMNS - 2, COLUMNS - 1))] for c in columns]
    return Layout(
        document, rule, unit, form_title(document, rule), _basis(document, rule),
        tuple(fields), tuple(sections), instructions, header_row, estimate_row, declaration_row, review_row,
        review_row + 1, {f.key: f for f in fields}, labels, version, tuple(marks),
        tuple((r, c, text) for r, c, text, echoed in hints if echoed),
    )  # fmt: skip
