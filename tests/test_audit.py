"""The audit: the official texts give 0 gaps, and whatever is changed in a figure or in a text gives one."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from soffice import Soffice

from xlpolicy.faults import UnknownPolicy
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.records import Document, Figure, Rule
from xlpolicy.law.store import EMBEDDED, load_folder
from xlpolicy.sheets.package import Unreadable
from xlpolicy.survey.audit.articles import flat, read_body
from xlpolicy.survey.audit.audit import AuditReport, as_text, audit
from xlpolicy.survey.audit.figure_check import Audit
from xlpolicy.survey.audit.official_texts import read_lines
from xlpolicy.survey.audit.pinpoint import Place, Places, untitled
from xlpolicy.survey.audit.report import Row
from xlpolicy.survey.audit.text_numbers import one, scan

KEYS = ["fuzhou-2024-13", "fuzhou-2026-5", "jinjiang-2023-11", "putian-draft", "quanzhou-2023-6"]
CATALOG = Catalog(load_folder(EMBEDDED)[0])
FULL_WIDTH = str.maketrans("0123456789%.", "０１２３４５６７８９％．")


@pytest.fixture(scope="session")
def texts(shared_dir: Path) -> Path:
    return shared_dir / "policy-texts"


def lines_of(texts: Path, key: str) -> list[str]:
    return read_lines(texts / f"{key}.txt")


def gaps(document: Document, lines: list[str]) -> list[Row]:
    return [row for row in Audit(document, "text", lines).rows() if row.status == "gap"]


def verdicts(document: Document, lines: list[str]) -> list[tuple[str, ...]]:
    """What the audit says, without the words around a number."""
    return [(r.check, r.status, r.at, r.subject) for r in Audit(document, "text", lines).rows()]


# --- the official texts ---


def test_official_texts_have_no_gap(texts: Path) -> None:
    report = audit(CATALOG, texts)
    assert [f"{r.document} {r.at} {r.number} {r.subject}: {r.found}" for r in report.gaps] == []
    assert report.ok
    assert [s.document for s in report.summaries] == KEYS
    assert all(s.figures and s.numbers for s in report.summaries)


@pytest.mark.parametrize("key", KEYS)
def test_every_figure_and_every_quantity_is_checked(texts: Path, key: str) -> None:
    """0 gaps mean something: the counts are those of the document and of a second, plain reading of the text."""
    document = CATALOG.documents[key]
    rows = Audit(document, "text", lines_of(texts, key)).rows()
    figures = sum(
        1 if f.table is None else len(f.table.rows) * (1 if f.table.mode == "levels" else 2)
        for rule in document.rules.values()
        for f in rule.figures.values()
    )
    assert sum(r.check == "figure" for r in rows) == figures
    checked = re.findall(r"\d+", " ".join(r.number for r in rows if r.check == "number"))
    text = re.sub(r"\s", "", "".join(lines_of(texts, key)).replace("％", "%"))
    wanted = re.findall(r"(\d+)(?:—\d+)?(?:个?基点|万?亿?元|%|家|项|个|场|台|套|名|年|月|日|万)", text)
    assert len(wanted) >= 30  # the least that a document has (putian-draft)
    assert [n for n in wanted if wanted.count(n) > checked.count(n)] == []


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("width", [7, 11, 23, 36])
def test_broken_lines_and_full_width_digits_change_nothing(texts: Path, key: str, width: int) -> None:
    document = CATALOG.documents[key]
    broken = [
        line[i : i + width].translate(FULL_WIDTH)
        for line in lines_of(texts, key)
        for i in range(0, max(len(line), 1), width)
    ]
    assert gaps(document, broken) == []


# --- mutations of figures ---

UNITS = {
    "万元": "亿元", "亿元": "万元", "元": "万元", "个基点": "%", "%": "个基点", "家": "个", "个": "家", "项": "个",
    "场": "次", "年": "个月", "名": "家", "级": "档", "套": "个", "万": "万元", "1:1": "1%",
}  # fmt: skip


def ten_times(text: str) -> str:
    han = {"两": "二十", "二": "二十", "三": "三十"}
    return re.sub(r"^[两二三]|[\d.]+(?=\D*$)", lambda m: han.get(m[0]) or f"{Decimal(m[0]) * 10}", text)


def other_unit(text: str) -> str:
    unit = next(u for u in sorted(UNITS, key=len, reverse=True) if text.endswith(u))
    return text.removesuffix(unit) + UNITS[unit]


def changed(figure: Figure, change: Callable[[str], str], times: int) -> Iterator[tuple[str, Figure]]:
    """The figure with one of its numbers changed, in text and value alike."""
    if figure.table is None:
        value = figure.value * times if isinstance(figure.value, Decimal) else figure.value
        yield figure.text, replace(figure, text=change(figure.text), value=value)
        return
    table = figure.table
    for i, ((edge, value_text), (bound, amount)) in enumerate(zip(table.texts, table.rows, strict=True)):
        variants = [(value_text, (edge, change(value_text)), (bound, amount * times))]
        if table.mode != "levels":
            variants.append((edge, (change(edge), value_text), (bound * times, amount)))
        for what, text, row in variants:
            texts, rows = list(table.texts), list(table.rows)
            texts[i], rows[i] = text, row
            yield what, replace(figure, table=replace(table, texts=tuple(texts), rows=tuple(rows)))


def figures(document: Document) -> Iterator[tuple[Rule, Figure]]:
    for rule in document.rules.values():
        for figure in rule.figures.values():
            yield rule, figure


def with_figure(document: Document, rule: Rule, figure: Figure) -> Document:
    return replace(
        document, rules={**document.rules, rule.id: replace(rule, figures={**rule.figures, figure.name: figure})}
    )


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("change", "times"), [(ten_times, 10), (other_unit, 1)])
def test_a_changed_figure_is_a_gap(texts: Path, key: str, change: Callable[[str], str], times: int) -> None:
    document, lines = CATALOG.documents[key], lines_of(texts, key)
    missed = []
    for rule, figure in figures(document):
        for text, mutant in changed(figure, change, times):
            assert change(text) != text
            found = gaps(with_figure(document, rule, mutant), lines)
            if all("计算用的是" in r.found for r in found):  # nothing but that text and value differ
                missed.append(f"{rule.id}.{figure.name} {text}")
    assert missed == []


@pytest.mark.parametrize("key", KEYS)
def test_a_figure_that_computes_with_another_value_is_a_gap(texts: Path, key: str) -> None:
    """The text stays, the value is ten times as much: nothing else is wrong, and it is said in these words."""
    document, lines = CATALOG.documents[key], lines_of(texts, key)
    tried = 0
    for rule, figure in figures(document):
        for _, mutant in changed(figure, str, 10):
            if "万" not in figure.text or figure.kind == "money":
                found = gaps(with_figure(document, rule, mutant), lines)
                assert {r.check for r in found} == {"figure"}, (rule.id, figure.name)
                assert all("计算用的是" in r.found for r in found), (rule.id, figure.name)
                tried += 1
    assert tried >= len(list(figures(document))) - 1  # all but one that counts in 万 (一千五百万)


@pytest.mark.parametrize("key", KEYS)
def test_a_figure_moved_to_another_article_is_a_gap(texts: Path, key: str) -> None:
    """To the next article, and to every article that has the same number."""
    document, lines = CATALOG.documents[key], lines_of(texts, key)
    checker = Audit(document, "text", lines)
    pinpoints = list(dict.fromkeys(rule.at for rule in document.rules.values()))
    missed = []
    for rule, figure in figures(document):
        here = figure.at or rule.at
        place = checker.places.find(here)
        assert place is not None
        numbers = [one(flat(t)) for pair in (figure.table.texts if figure.table else [("", figure.text)]) for t in pair]
        after = pinpoints.index(rule.at) + 1
        others = [at for at in pinpoints[after:] + pinpoints[:after] if apart(place, checker.places.find(at))]
        alike = [m for n in numbers if n for m in checker.alike.get(n.key, ())]
        same = [at for at in others if (there := checker.places.find(at)) and any(map(there.holds, alike))]
        for at in dict.fromkeys([*others[:1], *same]):
            if not gaps(with_figure(document, rule, replace(figure, at=at)), lines):
                missed.append(f"{rule.id}.{figure.name} {here} -> {at}")
    assert missed == []


def apart(one_place: Place, other: Place | None) -> bool:
    """Whether two places share no text. Inside one article (一（一） and its 末句) a move is not a move."""
    assert other is not None
    return all(b <= c or d <= a for a, b in one_place.spans for c, d in other.spans)


@pytest.mark.parametrize("key", KEYS)
def test_rows_of_a_table_exchanged_are_a_gap(texts: Path, key: str) -> None:
    document, lines = CATALOG.documents[key], lines_of(texts, key)
    assert any(figure.table for _, figure in figures(document))
    for rule, figure in figures(document):
        if figure.table is None:
            continue
        for i, (a, b) in enumerate(pairwise(figure.table.texts)):
            if a[1] == b[1]:
                continue
            texts_, rows = list(figure.table.texts), list(figure.table.rows)
            texts_[i], texts_[i + 1] = (a[0], b[1]), (b[0], a[1])
            rows[i], rows[i + 1] = (rows[i][0], rows[i + 1][1]), (rows[i + 1][0], rows[i][1])
            mutant = replace(figure, table=replace(figure.table, texts=tuple(texts_), rows=tuple(rows)))
            assert [r.check for r in gaps(with_figure(document, rule, mutant), lines)] == ["order"], rule.id


@pytest.mark.parametrize("key", KEYS)
def test_a_figure_or_an_explanation_left_out_is_a_gap(texts: Path, key: str) -> None:
    document, lines = CATALOG.documents[key], lines_of(texts, key)
    shared = {f.borrowed for _, f in figures(document)}
    for rule, figure in figures(document):
        rest = {name: f for name, f in rule.figures.items() if name != figure.name}
        found = gaps(replace(document, rules={**document.rules, rule.id: replace(rule, figures=rest)}), lines)
        if figure.borrowed:
            assert found == []  # the number is that of the provision that is borrowed from
        else:
            assert any(r.check == "number" for r in found), (rule.id, figure.name)
        if f"{rule.id}.{figure.name}" in shared:
            assert any(r.check == "figure" for r in found)
    for i, entry in enumerate(document.unpaid_numbers):
        rest_entries = document.unpaid_numbers[:i] + document.unpaid_numbers[i + 1 :]
        found = gaps(replace(document, unpaid_numbers=rest_entries), lines)
        if not re.fullmatch(r"\d{4}年.*", entry["text"]):  # a date is accounted for as a date
            assert any(r.check == "number" for r in found), entry


# --- mutations of texts ---

AMOUNT = re.compile(
    r"(?<![\d.—-])(\d+(?:\.\d+)?)(\s*)(个基点|万元|亿元|元|%|％|家|项|个|场|名|套|年(?:内|之|和|度)?|万)"
)
#: numbers that the text says twice in one breath, by deleting one of which nothing is lost
SAID_TWICE = {
    "fuzhou-2026-5": {"5家"},
    "jinjiang-2023-11": {"100万元", "200万元", "300万元"},
    "quanzhou-2023-6": {"1500万"},
}


@pytest.mark.parametrize("key", KEYS)
def test_a_changed_number_of_the_text_is_a_gap(texts: Path, key: str) -> None:
    """Digit altered, unit altered, number removed, the same number or a new one added: for each number of the text."""
    document = CATALOG.documents[key]
    raw = "\n".join(lines_of(texts, key))
    missed, tried = [], 0
    for match in AMOUNT.finditer(raw):
        number, space, unit = match.groups()
        if unit.startswith("年") and len(number) == 4:
            continue
        tried += 1
        before, after = raw[: match.start()], raw[match.end() :]
        stop = raw.find("。", match.end()) + 1
        mutants = {
            "digit": before + f"{int(number[0]) % 9 + 1}{number[1:]}{space}{unit}" + after,
            "unit": before + f"{number}{space}户" + after,
            "removed": before + "若干" + after,
            "same added": raw[:stop] + f"另给予{match[0]}。" + raw[stop:],
        }
        if tried % 4 == 0:
            mutants["new added"] = raw[:stop] + "另给予7.7万元。" + raw[stop:]
        for name, mutant in mutants.items():
            twice = name == "removed" and number + unit in SAID_TWICE.get(key, set())
            if not gaps(document, mutant.splitlines()) and not twice:
                missed.append(f"{name}: {match[0]} …{after[:10]}")
    assert missed == []
    assert tried > 20


@pytest.mark.parametrize("key", KEYS)
def test_changed_facts_of_the_document_are_gaps(texts: Path, key: str) -> None:
    document, lines = CATALOG.documents[key], lines_of(texts, key)
    other = CATALOG.documents["fuzhou-2026-5" if key != "fuzhou-2026-5" else "fuzhou-2024-13"]
    assert document.valid_to is not None
    for mutant in (
        replace(document, number="榕政办规〔2027〕99号"),
        replace(document, title=other.title),
        replace(document, valid_to=document.valid_to.replace(day=30)),
    ):
        assert [r.check for r in gaps(mutant, lines)] == ["document"]


@pytest.mark.parametrize("key", KEYS)
def test_a_pinpoint_that_is_not_there_is_a_gap(texts: Path, key: str) -> None:
    document, lines = CATALOG.documents[key], lines_of(texts, key)
    for rule in document.rules.values():
        mutant = replace(document, rules={**document.rules, rule.id: replace(rule, at="附件9 十九")})
        assert any(r.check == "pinpoint" and r.at == "附件9 十九" for r in gaps(mutant, lines))
    stale = (*document.unpaid_numbers, {"at": document.unpaid_numbers[0]["at"], "text": "77亿元", "why": "x"})
    found = gaps(replace(document, unpaid_numbers=stale), lines)
    assert [(r.check, r.number, r.found) for r in found] == [("unpaid", "77亿元", "这里没有这个数字")]
    twice = (*document.unpaid_numbers, document.unpaid_numbers[0])
    assert [r.check for r in gaps(replace(document, unpaid_numbers=twice), lines)] == ["unpaid"]


# --- a small made-up document, in every form that a text comes in ---

POLICY = """
document:
  key: mu-2025-1
  city: mu
  city_label: 木兰市
  number: 木政规〔2025〕1号
  title: 木兰市支持企业若干措施
  issued: 2025-03-05
  valid_from: 2025-03-05
  valid_to: 2027-12-31
provisions:
- id: upgrade
  at: 附件1 一（一）第二句
  title: 技改
  nature: entitlement
  figures: {threshold: 1000万元, rate: 2.5%, cap: 1500万元}
  inputs: {investment: {type: money, label: 投资}}
  when: [investment >= threshold]
  amount: investment * rate
  limits: [{max: cap, per: project}]
- id: levels
  at: 附件1 一（二）
  title: 分级
  nature: entitlement
  figures: {award: {by: level, from: {二级: 20万元, 三级: 30万元}}}
  inputs: {level: {type: integer, label: 等级, values: {2: 二级, 3: 三级}}}
  amount: award
- id: registrations
  at: 附件1 三（原文标题“推广标识解析”缺序号三）
  title: 标识注册
  nature: entitlement
  figures: {threshold: 1500万, places: {value: 两名, label: 名次}, award: 10万元}
  inputs:
    amount_registered: {type: integer, label: 注册量}
    rank: {type: integer, label: 名次, minimum: 1}
  when: [amount_registered >= threshold, rank <= places]
  amount: award
- id: fairs
  at: 附件2 一1
  title: 参展
  nature: entitlement
  figures: {least: {value: 5家, label: 下限}, award: 3000元}
  inputs: {count: {type: integer, label: 企业数}}
  when: [count >= least]
  amount: award
unpaid_numbers:
- {at: 附件2 一2, text: 3—5个, why: 目标}
- {at: 附件1 四, text: 二级, why: 已明确的等级名称}
"""

TEXT = """木政规〔2025〕1号

木兰市支持企业若干措施

一、总则
本通知自印发之日起施行，有效期至2027年12月31日。
附件：1.关于技术改造的若干措施
2.关于开拓市场的若干措施
附件 1
关于技术改造的若干措施
一、支持技改
（一）鼓励企业在生产、5G等环节改造。对投资１，０００
万元以上的项目，按投资额的
2.5％给予补助，每个项目最高不超过 1 5
00 万元。（责任单位：市工信局）
（二）支持企业提升等级，对经评定达到
二、三级的企业，不重复。对其中二级、三级企业分别给予
20万元、 ３０ 万元奖励。
二、加强服务
不涉及资金。
推广标识解析
对平台标识注册量当月新增 1500 万以上（含1500万）且是前两
名的，给予一次性奖励10万
元。
四、已有等级的企业
二级企业另按规定给予奖励。
关于开拓市场的若干措施
一、支持参展
1．对组织5家以上（含5家）企业参展的，给予3000
元奖励。
2. 每年培育3—5个品牌。
木兰市人民政府 2025年3月5日印发
"""


@pytest.fixture(scope="module")
def made_up() -> Document:
    return compile_text(POLICY, "mu.yaml")


def made_up_text() -> str:
    return TEXT.replace("１，０００\n", "1,0\n00")


def test_made_up_text_has_no_gap(made_up: Document) -> None:
    rows = Audit(made_up, "text", made_up_text().splitlines()).rows()
    assert [r for r in rows if r.status == "gap"] == []
    numbers = {r.number: (r.at, r.subject) for r in rows if r.check == "number"}
    assert numbers["1,000万元"] == ("附件1 一(一)", "upgrade.threshold")
    assert numbers["1500万"] == ("附件1 三", "同一个数字接着重写一次")
    assert numbers["5家"] == ("附件2 一1", "同一个数字接着重写一次")
    assert numbers["3"] == ("附件2 一2", "不付款：目标")
    assert numbers["两名"] == ("附件1 三", "registrations.places")


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("不涉及资金，占比达到百分之三十。", []),
        ("按百分之三十给予补助。", ["百分之三十"]),
        ("不涉及资金，达到三十家。", []),
        ("给予三十万元。", ["三十万元"]),
    ],
)
def test_a_number_in_chinese_numerals_is_asked_for_where_something_is_given(
    made_up: Document, sentence: str, wanted: list[str]
) -> None:
    text = made_up_text().replace("不涉及资金。", sentence)
    assert [(r.check, r.number, r.at) for r in gaps(made_up, text.splitlines())] == [
        ("number", number, "附件1 二") for number in wanted
    ]


def pages(text: str) -> str:
    """A page break in the middle of a number, with page numbers and a running head on every page."""
    head = "木兰市人民政府文件"
    first, _, rest = text.partition("00 万元。（责任")
    second, _, third = rest.partition("1500 万以上")
    parts = [first, "00 万元。（责任" + second, "1500 万以上" + third]
    return "\f".join(f"{head}\n{part.rstrip()}\n— {i} —\n{i}\n" for i, part in enumerate(parts, 1))


def printed_by_a_browser(text: str) -> str:
    """The address and page number of a web page at the foot of each printed page."""
    return "\f".join(
        f"{page}\nhttps://mu.gov.cn/8.html{' ' * (9 - i)}{i}/3\n"
        for i, page in enumerate(re.split(r"(?<=1 5\n)|(?<=两\n)", text), 1)
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("form", [str, pages, printed_by_a_browser, lambda t: t.replace("\n", "\r\n")])
def test_every_form_of_txt_gives_the_same(
    tmp_path: Path, made_up: Document, encoding: str, form: Callable[[str], str]
) -> None:
    plain = made_up_text()
    (tmp_path / "正文.txt").write_bytes(form(plain).encode(encoding))
    assert verdicts(made_up, read_lines(tmp_path / "正文.txt")) == verdicts(made_up, plain.splitlines())


def test_radicals_are_the_characters_they_look_like(made_up: Document) -> None:
    """The text layer of a browser's PDF has ⼯ and ⻓ for 工 and 长."""
    odd = str.maketrans("工一二木方长见风", "⼯⼀⼆⽊⽅⻓⻅⻛")
    lines = made_up_text().splitlines()
    assert verdicts(made_up, [line.translate(odd) for line in lines]) == verdicts(made_up, lines)
    assert flat("⼯⻓⻅ ５００．５ 万 元％") == "工长见500.5万元%"


def print_pdf(soffice: Soffice, lines: list[str], folder: Path) -> Path:
    """The lines as one column of a sheet, printed with page numbers."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.column_dimensions["A"].width = 88
    for row, line in enumerate(lines, 1):
        sheet.cell(row, 1, line).data_type = "s"
    sheet.oddFooter.center.text = "&P"
    book.save(folder / "text.xlsx")
    pdf = soffice.to_pdf(folder / "text.xlsx", folder / "text.pdf")
    (folder / "text.xlsx").unlink()
    return pdf


@pytest.mark.soffice
def test_pdf_gives_the_same_as_txt(tmp_path: Path, soffice: Soffice, made_up: Document) -> None:
    pdf = print_pdf(soffice, made_up_text().splitlines(), tmp_path)
    assert verdicts(made_up, read_lines(pdf)) == verdicts(made_up, made_up_text().splitlines())
    broken = made_up_text().replace("1 5\n00", "1 6\n00")
    assert broken != made_up_text()
    found = gaps(made_up, read_lines(print_pdf(soffice, broken.splitlines(), tmp_path)))
    assert [(r.check, r.number) for r in found] == [("figure", "1500万元"), ("number", "1600万元")]


@pytest.mark.soffice
@pytest.mark.parametrize("key", KEYS)
def test_official_texts_as_pdf(tmp_path: Path, soffice: Soffice, texts: Path, key: str) -> None:
    """The official texts, broken into lines of a page and printed, as many pages as it takes: still 0 gaps."""
    lines = [line[i : i + 40] for line in lines_of(texts, key) for i in range(0, len(line), 40)]
    pdf = print_pdf(soffice, lines, tmp_path)
    report = audit(CATALOG, tmp_path, [key])
    assert report.gaps == ()
    assert [(s.file, s.document) for s in report.summaries] == [(pdf.name, key)]


# --- folders ---


def test_a_document_without_text_is_a_gap_only_if_it_was_asked_for(tmp_path: Path, texts: Path) -> None:
    (tmp_path / "下载.TXT").write_bytes((texts / "quanzhou-2023-6.txt").read_bytes())
    (tmp_path / "别的.txt").write_text("关于召开会议的通知，经费 500 万元。", "utf-8")
    (tmp_path / "扫描.pdf").write_bytes(b"not a pdf")
    (tmp_path / "乱码.txt").write_bytes(b"\xff\xff\xff")
    report = audit(CATALOG, tmp_path)
    missing = [r for r in report.gaps if r.check == "file"]
    assert len(missing) == len(report.gaps) == len(CATALOG.documents) - 1
    assert all(r.found.startswith("没有找到正文") for r in missing)
    assert {r.file for r in report.rows if r.status == "note"} == {"别的.txt", "扫描.pdf", "乱码.txt"}
    assert not report.ok
    named = audit(CATALOG, tmp_path, ["泉政办规〔2023〕6号"])
    assert named.ok
    assert [s.file for s in named.summaries] == ["下载.TXT"]
    assert not audit(CATALOG, tmp_path, ["fuzhou-2026-5"]).ok
    with pytest.raises(UnknownPolicy):
        audit(CATALOG, tmp_path, ["xiamen"])
    with pytest.raises(FileNotFoundError):
        audit(CATALOG, tmp_path / "没有")


def test_nothing_checked_is_not_good(tmp_path: Path, made_up: Document) -> None:
    assert not audit(CATALOG, tmp_path, []).ok
    empty = "木政规〔2025〕1号\n木兰市支持企业若干措施\n"
    (tmp_path / "a.txt").write_text(empty, "utf-8")
    report = audit(Catalog([made_up]), tmp_path)
    assert Counter(r.check for r in report.gaps) == {"document": 2, "pinpoint": 4, "figure": 12, "unpaid": 2}
    blank = gaps(made_up, ["木兰市支持企业若干措施"])
    assert [r.subject for r in blank if r.found == "无法核对"] == ["正文里没有任何数字"]
    none = replace(made_up, rules={rule.id: replace(rule, figures={}) for rule in made_up.rules.values()})
    assert [r.subject for r in gaps(none, made_up_text().splitlines()) if r.found == "无法核对"] == [
        "条款里没有任何数字"
    ]


def test_a_text_is_known_by_its_own_number_not_by_one_it_cites(tmp_path: Path, made_up: Document) -> None:
    (tmp_path / "a.txt").write_text(
        "木政规〔2026〕8号\n关于废止《木兰市支持企业若干措施》（木政规〔2025〕1号）的通知", "utf-8"
    )
    assert [r.status for r in audit(Catalog([made_up]), tmp_path).rows] == ["note", "gap"]
    (tmp_path / "b.txt").write_text(made_up_text().replace("〔2025〕1号", "〔2025〕7号"), "utf-8")
    wrong = audit(Catalog([made_up]), tmp_path).gaps  # known by its title: the number differs
    assert [(r.check, r.subject, r.number) for r in wrong] == [("document", "文号", "木政规〔2025〕1号")]


def test_a_scanned_pdf_says_so(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(tmp_path / "scan.pdf")
    with pytest.raises(Unreadable, match="没有文字层"):
        read_lines(tmp_path / "scan.pdf")
    writer.encrypt("secret")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(Unreadable, match="密码"):
        read_lines(tmp_path / "locked.pdf")


def test_report_renders(tmp_path: Path, made_up: Document) -> None:
    text = made_up_text().replace("2.5％", "3.5％")
    (tmp_path / "a.txt").write_text(text, "utf-8")
    report: AuditReport = audit(Catalog([made_up]), tmp_path)
    assert [(r.check, r.at, r.number) for r in report.gaps] == [
        ("figure", "附件1 一（一）第二句", "2.5%"), ("number", "附件1 一(一)", "3.5%"),
    ]  # fmt: skip
    shown = as_text(report)
    assert "2 处缺口" in shown and "【3.5%】给予补助" in shown and "3000元" not in shown
    assert "3000元" in as_text(report, every=True)
    data = json.loads(json.dumps(report.model_dump(mode="json"), ensure_ascii=False))
    assert data["ok"] is False and data["gaps"] == 2 and len(data["rows"]) == len(report.rows)
    assert data["documents"][0] | {"pinpoints": 0} == {
        "document": "mu-2025-1", "file": "a.txt", "figures": 12, "numbers": 20, "unpaid": 2, "pinpoints": 0, "gaps": 2,
    }  # fmt: skip


# --- the parts ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("给予500万元补助", [("5000000", "元")]),
        ("2000元、1.5亿元", [("2000", "元"), ("150000000", "元")]),
        ("20%和3‰，加25个基点，提高5个百分点", [("20", "%"), ("3", "‰"), ("25", "基点"), ("5", "百分点")]),
        ("3-5个、10、20家", [("3", "个"), ("5", "个"), ("10", "家"), ("20", "家")]),
        ("50(含)-100万元", [("500000", "元"), ("1000000", "元")]),
        ("50万元(含)-100万元", [("500000", "元"), ("1000000", "元")]),
        ("按1:1比例", [("0.5", ":")]),
        ("按0:0比例", []),
        ("新增1500万以上", [("15000000", "")]),
        ("1500万个", [("15000000", "个")]),
        ("前两名、达到二级，五百万元，百分之三十", [("2", "名"), ("2", "级"), ("5000000", "元"), ("30", "%")]),
        ("2025年12月31日前，6月底，〔2024〕13号，第2点", [("0", "2025-12-31"), ("0", "06"), ("0", "〔2024〕13号"), ("2", "第")]),
        ("5G、“135”响应、“100强”、358X、市县两级、同一年度、第二年度", []),
        ("建5大基地", [("5", "?")]),
        ("3个月内", [("3", "个月")]),
    ],
)  # fmt: skip
def test_scan(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(f"{n.value.normalize():f}", n.unit) for n in scan(text)] == expected


def test_every_figure_of_the_law_is_one_number() -> None:
    figures = [(rule.id, figure) for _, rule in CATALOG.rules() for figure in rule.figures.values()]
    assert len(figures) >= len(list(CATALOG.rules()))  # more than one a provision
    for rule, figure in figures:
        pairs = figure.table.texts if figure.table else [("1家", figure.text)]
        levels = figure.table is not None and figure.table.mode == "levels"
        texts = [text for pair in pairs for text in pair[levels:]]
        assert texts and all(one(flat(text)) for text in texts), (rule, texts)


@pytest.mark.parametrize(
    ("key", "at", "begins", "ends"),
    [
        ("fuzhou-2026-5", "附件2 七 第一句", "协同共建", "一次性200万元奖励。"),
        ("fuzhou-2026-5", "附件3 六1", "支持工业设备", "10万元。"),
        ("fuzhou-2026-5", "附件6 三1", "鼓励符合我市", "5%。"),
        ("fuzhou-2026-5", "附件4 二1 前段", "对通过国家安全", "一次性奖励。"),
        ("fuzhou-2026-5", "附件4 三2 后段", "支持企业孵化", "30万元奖励。"),
        ("fuzhou-2026-5", "附件3 四 第二类", "对新获评国家级", "50%配套奖励;"),
        ("fuzhou-2026-5", "正文 二（八）", "深化园区标准化建设", "市住建局"),
        ("fuzhou-2026-5", "附件5 末", "本措施自颁布之日", "同时废止。"),
        ("fuzhou-2024-13", "五（十四）第一句中段", "支持企业基础设施", "20万元;"),
        ("fuzhou-2024-13", "一（九）三是", "三是以政府购买", "3万元。"),
        ("fuzhou-2024-13", "九、4", "第(十一)条", "(含当年)。"),
        ("quanzhou-2023-6", "一（一）末句", "对列入工信部", "50万元奖励。"),
        ("quanzhou-2023-6", "四（三）第二句", "支持面向多个行业", "700万元。"),
        ("putian-draft", "强化数字技能培训", "强化数字技能培训", "职业技术学院"),
        ("putian-draft", "二 第二段", "鼓励制造业企业对标", "20万元。"),
        ("putian-draft", "五（原文标题“推广链式转型”缺序号五）", "推广链式转型", "50万元。"),
        ("jinjiang-2023-11", "二（二）", "制造业企业采购", "30万元补助。"),
    ],
)  # fmt: skip
def test_pinpoints(texts: Path, key: str, at: str, begins: str, ends: str) -> None:
    document = CATALOG.documents[key]
    body = read_body(lines_of(texts, key), untitled([r.at for r in document.rules.values()]))
    place = Places(body).find(at)
    assert place is not None
    ((start, end),) = place.spans
    assert body.text[start:end].startswith(begins)
    assert body.text[start:end].endswith(ends)


@pytest.mark.parametrize(
    "at", ["附件7 一", "五十", "一（九）五是", "一（一）第九句", "附件3 六9", "六（十五）乱写", ""]
)
def test_pinpoints_that_are_nowhere(texts: Path, at: str) -> None:
    assert Places(read_body(lines_of(texts, "fuzhou-2024-13"))).find(at) is None


def test_articles_numbered_with_tiao() -> None:
    body = read_body(
        ["第一章 总则", "第一条 为了发展，制定本办法。", "第二条 奖励如下：", "（一）给予5万元；", "（二）给予8万元。",
         "第二章 附则", "第三条 按照第二条规定", "第二条的数额执行。"]
    )  # fmt: skip
    places = Places(body)
    found = places.find("第二条（二）")
    assert found is not None
    assert [body.text[a:b] for a, b in found.spans] == ["给予8万元。"]
    third = places.find("第三条")
    assert third is not None
    assert [body.text[a:b] for a, b in third.spans] == ["按照第二条规定第二条的数额执行。"]


@pytest.mark.parametrize("first", ["一、奖励", "第一条 奖励"])
def test_a_title_whose_bracket_has_a_semicolon_is_a_title(first: str) -> None:
    body = read_body(
        ["若干措施（2025年3月28日印发；节录，数字照原文）", first, "（一）给予5万元。", "（二）给予8万元。"]
    )
    found = Places(body).find(first.split("、")[0].split(" ")[0] + "（二）")
    assert found is not None
    assert [body.text[a:b] for a, b in found.spans] == ["给予8万元。"]
