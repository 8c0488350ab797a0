"""The workbook of a settlement, to be filled in: 申报, a sheet for each kind of fact, what may be chosen, how to fill it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlpolicy.claim.binding import input_names
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.fund_names import fund_names
from xlpolicy.law.in_force import period
from xlpolicy.law.labels import TYPES
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.law.values import expected
from xlpolicy.settle import Claim
from xlpolicy.settle.headings import CLAIMS, FACTS, FIXED, GUIDE, LATER, OPTIONS, PROVISIONS, SETTINGS
from xlpolicy.settle.model import KINDS
from xlpolicy.settle.shares import QUANTA
from xlpolicy.settle.table_book import Column, Kind, Lists, Page, Table, Value, write
from xlpolicy.sheets.text import letter

#: pairs of columns for inputs; the few provisions with more inputs take a column of its own for the rest
PAIRS = 4
_LINES, _FACT_LINES = 300, 100
WIDTHS = {
    "申报编号": 11, "申报单位": 30, "单位类型": 10, "城市": 10, "条款": 34, "文件代号": 15, "申报日期": 13, "项目": 24, "贷款": 14, "对象": 20,
    "单位": 32, "年度": 10, "金额": 20, "类别": 20, "资金代号": 44, "名次": 10, "县区": 18, "企业规模": 16, "数值": 20,
    "统一社会信用代码": 22, "审定额": 16, "档次": 14, "天数": 8, "本金": 18, "事实日期": 13, "含云服务支出": 12, "月份": 8, "行业": 14, "其中县级": 16,
    "计息起日": 13, "计息止日": 13, "首笔投放日期": 13,
}  # fmt: skip
_HINTS = {
    "申报编号": "每笔一个编号，不重复，如 A001",
    "申报单位": "单位全称。同一单位各处写法要一致",
    "城市": "先选城市，再选条款",
    "条款": "从下拉清单选；清单随城市变化。各条款填什么，见“条款清单”",
    "文件代号": "一般不填，由申报日期决定适用哪份文件；征求意见稿测算才选",
    "申报日期": "如 2026-06-30",
    "项目": "同一项目的各笔申报写同一名称",
    "贷款": "贷款合同号；同一笔贷款的各笔申报写同一个",
    "对象": "园区、平台、被服务企业等的名称；几家单位报的是同一个，写同一名称",
    "统一社会信用代码": "写了代码的，一个代码是一家单位，名称不同也合并核算",
    "事实日期": "认定、投资、放款等事实发生的日期；不填按申报日期",
    "月份": "按月评选的（标识注册量前两名）写是哪个月的，1 到 12",
    "行业": "名额按行业（产业）分的写是哪个行业，与申报里的写法相同",
    "含云服务支出": "那次兑付的投入里有云服务支出的写“是”，没有的写“否”",
    "其中县级": "市、县分摊的，县级实际付了多少；不写的按条文的比例",
    "审定额": "审定的金额（元），不大于测算额；不填按测算额",
    "档次": "层级、等级等，如 国家级",
    "天数": "那次贴息计息的天数",
    "本金": "那次贴息的贷款本金（元）",
    "金额": "元，或写明单位，如 800万元",
    "年度": "如 2026",
}
_HOW: list[tuple[str, str, str]] = [
    (CLAIMS, "必填", "一行一笔申报，先后次序就是核算次序。先选城市，再选条款，再在“填报项”里选这一条要填的项目，在右边“数值”里填写。金额单位为元，或写明“800万元”；比例写“3%”；是非写“是”“否”。四对不够用的，在右边加一列，表头写填报项的名称。"),
    ("设置", "按需", f"核算年度（不填时取申报日期的年度）；重点产业链上浮的预算（元，不填为不限）；按比例兑付时的取整单位（{'、'.join(map(str, QUANTA))} 元，不填为 0.01）。"),
    ("已兑付", "按需", "以前已经兑付的，一次一行。封顶先扣这些。按项目封顶的要写项目，按园区、平台等对象封顶的要写对象；贴息的写贷款、天数和本金，知道的写计息起止日和首笔投放日期（期限从它算起）；分层级的写档次；名额按月、按行业的写月份、行业；市、县分摊、县级少付的写其中县级。收回的写负数。"),
    ("其他支持", "按需", "项目、贷款或对象（平台、活动、称号等）已获的其他财政支持，从下拉清单选类别；写了单位的，只算这家单位的。"),
    ("资金", "按需", "按比例兑付的资金总额。不填的不按比例核减。不写年度的是核算年度的；几个年度一起核算的，逐年写。"),
    ("财政贡献", "晋江", "企业当年对本级财政的贡献（元）。没有填的不执行总额上限，列入待补事项。不写年度的是核算年度的。"),
    ("重点产业链", "福州", "当年认定的重点产业链企业，一行一家。"),
    ("项目选择", "福州", "同一项目只能享受一项时，企业选定的申报编号。没有填的取合计最高的一种。"),
    ("名次", "按需", "入选数超过名额时，评选结果的名次。"),
    ("单位", "测算用", "单位所在县区、企业规模，供 xlpolicy simulate 分类汇总。"),
    (PROVISIONS, "只看", "各条款的依据、有效期和要填的项目。"),
]  # fmt: skip


def write_blank(
    path: Path, *, claims: Sequence[Claim] = (), force: bool = False, catalog: Catalog | None = None
) -> None:
    """A workbook to fill in, or filled with `claims` (`claims_file.read_file` then gives them back)."""
    known = catalog or catalogs.default()
    pages: list[Page | Lists] = [
        _guide(),
        claims_page(claims, known),
        *(fact_page(name, known) for name in FACTS),
        _provisions(known),
        Lists(OPTIONS, options(known)),
    ]
    write(pages, path, created=dt.date.today(), force=force)


def write_facts(path: Path, *, force: bool = False, catalog: Catalog | None = None) -> None:
    """The sheets of facts alone, to be filled in (`claims_file.read_facts` reads them)."""
    known = catalog or catalogs.default()
    pages: list[Page | Lists] = [fact_page(name, known) for name in FACTS if name != "单位"]
    write([*pages, Lists(OPTIONS, options(known))], path, created=dt.date.today(), force=force)


def _guide() -> Page:
    steps: list[list[Value]] = [
        ["1", "填申报", "在“申报”表逐行填写，有下拉清单的从清单里选。"],
        ["2", "填事实", "按需填写后面各表，没有的留空。"],
        [
            "3",
            "核算",
            "保存后运行：xlpolicy settle 本文件.xlsx -o 兑付台账.xlsx。填错的会逐格指出；缺数据的那一笔不付，列入待补事项。",
        ],
    ]
    sheets: list[list[Value]] = [[name, when, how] for name, when, how in _HOW]
    columns = (Column("表", 14, "center"), Column("是否要填", 12, "center"), Column("填什么", 92))
    note = "多笔申报一起核算：不重复享受、就高、合计封顶、按比例兑付、分级承担。"
    first = Table((Column("步骤", 14, "center"), Column("做什么", 12, "center"), Column("怎样做", 92)), steps)
    return Page(GUIDE, "核算用申报清单填写说明", note, (first, Table(columns, sheets)))


def claims_page(claims: Sequence[Claim], catalog: Catalog) -> Page:
    """The sheet 申报: filled with claims (a column per input), or blank with pairs of columns for inputs."""
    names, rows = claim_rows(claims, catalog)
    heads = [
        Column(head, WIDTHS[head], _kind(head), choose=_choose(head, catalog), hint=_HINTS.get(head, ""))
        for head in FIXED
    ]
    if claims:
        heads += [Column(name, WIDTHS.get(name, 18), "free") for name in names[len(FIXED) :]]
    else:
        which = letter(list(FIXED).index("城市") + 1), letter(list(FIXED).index("条款") + 1)
        for number in range(1, PAIRS + 1):
            heads.append(
                Column(f"填报项{number}", 32, choose=_inputs_of(*which, catalog), hint="选条款以后，从下拉清单选")
            )
            heads.append(
                Column(f"数值{number}", 18, "free", hint="金额填元，或写明“800万元”；比例写“3%”；是非写“是”“否”")
            )
        heads += [Column(head, WIDTHS[head], _kind(head), hint=_HINTS[head]) for head in LATER]
    note = "一行一笔申报，先后次序就是核算次序。金额单位：元，或写明“800万元”。各条款要填的项目见“条款清单”。"
    return Page(CLAIMS, "申 报 清 单", note, (Table(tuple(heads), list(rows), blank=_LINES),), paper="A3", freeze=2)


def claim_rows(
    claims: Iterable[Claim], catalog: Catalog, *, whole: bool = False
) -> tuple[list[str], Iterator[list[Value]]]:
    """Headings and rows of claims, which are gone through several times; a column per input by its label; cities, kinds and
    values as a clerk writes them.

    `whole`: also the columns of which no claim has anything.
    """
    names = list(dict.fromkeys(name for claim in claims for name in _labelled(claim, catalog)))
    told = [head for head, key in LATER.items() if whole or any(getattr(claim, key) for claim in claims)]

    def rows() -> Iterator[list[Value]]:
        for claim in claims:
            inputs = _labelled(claim, catalog)  # once more, rather than held: there may be very many
            fixed: list[Value] = [getattr(claim, key) for key in FIXED.values()]
            fixed[2:6] = KINDS[claim.enterprise_kind], *_chosen(claim, catalog)
            later: list[Value] = [getattr(claim, LATER[head]) for head in told]
            yield [*fixed, *later, *(_cell(inputs.get(name)) for name in names)]

    return [*FIXED, *told, *names], rows()


def _chosen(claim: Claim, catalog: Catalog) -> tuple[str, str, str | None]:
    """City, provision and document as the drop-downs have them; as they were stated where they are unknown."""
    city, rule, policy = claim.city, claim.rule, claim.policy
    with suppress(PolicyError):
        newest = catalog.of(city, rule)[0]
        city, rule = newest.document.city_label, _title(newest.rule)
    with suppress(PolicyError):
        policy = policy and _document(catalog.document(policy))
    return city, rule, policy


def _labelled(claim: Claim, catalog: Catalog) -> dict[str, Any]:
    """The inputs by their labels; as they were stated where the provision is unknown or the label is another heading."""
    known: Mapping[str, Input] = {}
    with suppress(PolicyError):
        # of the document that decides: another may call them otherwise
        known = input_names(catalog.find(claim.city, claim.rule, claim.on, claim.policy, claim.fact_on).rule)
    labels = {name: known[name].label for name in claim.inputs if name in known}
    return {
        name if labels.get(name, name) in {*FIXED, *LATER} else labels.get(name, name): value
        for name, value in claim.inputs.items()
    }


def _kind(head: str) -> Kind:
    if head in ("申报日期", "事实日期", "计息起日", "计息止日", "首笔投放日期"):
        return "date"
    return (
        "center"
        if head in ("申报编号", "单位类型", "城市")
        else "free"
        if head in ("金额", "数值", "年度", "月份", "名次", "天数", "本金", "审定额", "其中县级")
        else "text"
    )


def fact_page(name: str, catalog: Catalog) -> Page:
    """The sheet of one kind of fact, to be filled in."""
    how = next(text for sheet, _, text in _HOW if sheet == name)
    columns = tuple(
        Column(
            head, WIDTHS[head], _kind(head),
            choose="" if name == "设置" else _choose(head, catalog, list(FACTS[name])), hint=_HINTS.get(head, ""),
        )
        for head in FACTS[name]
    )  # fmt: skip
    if name == "设置":
        return Page(name, name, how, (Table(columns, [[setting, None] for setting in SETTINGS]),))
    return Page(name, name, how, (Table(columns, (), blank=_FACT_LINES),))


def _provisions(catalog: Catalog) -> Page:
    rows: list[list[Value]] = []
    for document, rule in _in_order(catalog):
        must = [_what(item) for item in rule.inputs if item.required]
        may = [_what(item) for item in rule.inputs if not item.required]
        what = "；\n".join(must) or "—" if rule.amount is not None else f"不在本文件计算。{rule.refer_to}"
        rows.append(
            [
                document.city_label,
                _title(rule),
                f"{document.name} {rule.at}",
                _span(document, rule),
                what,
                "；\n".join(may) or "—",
            ]
        )
    columns = (
        Column("城市", 10, "center"), Column("条款", 34), Column("依据", 30), Column("有效期", 14, "center"), Column("必填", 56),
        Column("有则填", 56),
    )  # fmt: skip
    note = "各条款要填的项目。选项写代号或括号里的中文都可以；“必填”为“—”的，入选或认定本身就是依据。"
    return Page(PROVISIONS, "条 款 清 单", note, (Table(columns, rows),), paper="A3", freeze=2)


def _what(item: Input) -> str:
    """An input and what may be stated for it."""
    return f"{item.label}：{expected(item)}" if item.choices else f"{item.label}（{TYPES[item.type]}）"


def _span(document: Document, rule: Rule) -> str:
    if document.draft:
        return f"征求意见稿\n（文件代号填\n{document.key}）"
    first, last = period(document, rule)
    return f"{first} 至\n{last}"


def _document(document: Document) -> str:
    return f"{document.key}　{document.name}"


def _title(rule: Rule) -> str:
    return f"{rule.id}　{rule.title}"


def _in_order(catalog: Catalog) -> list[tuple[Document, Rule]]:
    """By city, the newest document first, in the order of its text."""
    documents = [d for city in sorted({d.city for d in catalog.documents.values()}) for d in catalog.of_city(city)]
    return [(document, rule) for document in documents for rule in document.rules.values()]


def _by_city(catalog: Catalog) -> dict[tuple[str, str], tuple[str, list[str]]]:
    """(city, provision id) -> title in the newest document, labels of the inputs in all of them."""
    out: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for document, rule in _in_order(catalog):
        _, labels = out.setdefault((document.city_label, rule.id), (_title(rule), []))
        labels += [item.label for item in rule.inputs if item.label not in labels]
    return out


def options(catalog: Catalog) -> list[list[Value]]:
    """What the drop-downs show: cities, kinds, documents, supports, funds; then provisions with their inputs."""
    rules = _by_city(catalog)
    names = fund_names(catalog.documents.values())
    funds: list[Value] = [
        f"{names[rule.scale.pool]}　{d.city_label}：{rule.text}"
        for d in catalog.documents.values()
        for rule in d.cross_rules
        if rule.scale and rule.scale.pool
    ]
    columns: list[list[Value]] = [
        list(dict.fromkeys(city for city, _ in rules)),
        list(KINDS.values()),
        [_document(d) for d in catalog.documents.values()],
        list(dict.fromkeys(word for d in catalog.documents.values() for word in d.support.values())),
        funds,
        [city for city, _ in rules],
        [title for title, _ in rules.values()],
        [city + title for (city, _), (title, _) in rules.items()],
        [len(labels) for _, labels in rules.values()],
    ]
    for i in range(max(len(labels) for _, labels in rules.values())):
        columns.append([labels[i] if i < len(labels) else None for _, labels in rules.values()])
    return columns


def _choose(head: str, catalog: Catalog, heads: Sequence[str] = tuple(FIXED)) -> str:
    """The formula of what a column is chosen from, empty for what is typed."""
    column = {"城市": 0, "单位类型": 1, "文件代号": 2, "类别": 3, "资金代号": 4}.get(head)
    if column is not None:
        return f"={OPTIONS}!${letter(column + 1)}$1:${letter(column + 1)}${len(options(catalog)[column])}"
    if head != "条款":
        return ""
    rows = len(_by_city(catalog))
    city = f"${letter(list(heads).index('城市') + 1)}{{row}}"
    cities = f"{OPTIONS}!$F$1:$F${rows}"
    return f"=OFFSET({OPTIONS}!$G$1,MATCH({city},{cities},0)-1,0,COUNTIF({cities},{city}),1)"


def _inputs_of(city: str, rule: str, catalog: Catalog) -> str:
    """The formula of the inputs of the provision chosen in the same line."""
    rows = len(_by_city(catalog))
    at = f"MATCH(${city}{{row}}&${rule}{{row}},{OPTIONS}!$H$1:$H${rows},0)"
    return f"=OFFSET({OPTIONS}!$J$1,{at}-1,0,1,INDEX({OPTIONS}!$I$1:$I${rows},{at}))"


def _cell(value: Any) -> Value:
    """An input as a cell: a number where a cell holds it exactly."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        return number if abs(number) < 10**15 and number == Decimal(repr(float(number))) else str(value)
    return value if value is None or isinstance(value, dt.date) else str(value)
