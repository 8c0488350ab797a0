"""What a form left with, and what the sender made of it: title, basis, unit, labels, and whatever was added.

The hidden sheet of a form carries its own print, so that a form of an earlier version is held against what it said
then, never against what it says now. Forms of version 1 carry title, basis and unit; their labels are today's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from xlpolicy.faults import Fault
from xlpolicy.forms.echo import is_echo
from xlpolicy.forms.instructions import how_to_fill
from xlpolicy.forms.layout import (
    COLUMNS,
    DRAFT_NOTE,
    EARLIER,
    HEADINGS,
    VERSIONS,
    VOUCHER_SHEET,
    Layout,
    address,
    match_text,
)
from xlpolicy.forms.locate import Located, cell
from xlpolicy.forms.normalise import shown
from xlpolicy.forms.opened import Place, Rows
from xlpolicy.forms.placed import MARK, extras_on, is_look, placed

_LABEL = "label:"
#: a unit of money: 元, 千元, 万美元
_UNIT = "(?:千|百|十|亿|万)*(?:美|欧|港|日|英|澳|加)?(?:元|圆)"
#: as it is said anywhere
_SAID = re.compile(rf"(?<![单多公次纪\d]){_UNIT}(?![器素旦化])")
#: where a sentence says the unit of all amounts
_UNIT_OF_ALL = re.compile(rf"单位[^,。;\d]{{0,12}}?({_UNIT})")
#: where it says so the other way round: 以元为单位
_FOR_UNIT = re.compile(rf"(?:以|按)(?:人民币)?({_UNIT})(?:为|作)[^,。;]{{0,4}}?单位")
#: what the line of the unit says beside it: which money, how exactly, and that rates have another
_OF_UNIT = re.compile("单位|金额|数额|币种|货币|人民币|rmb|保留(?:两|2)位小数|[天台家个%()、,;:]")
#: what a heading above the answers says of another sum than the form asks for
_OTHER_SUM = re.compile("税|累计|计划|预计|预算|合同|上年|去年|往年|扣除|核减")
_NUMBER = re.compile(r"[〔\[(【]\d{4}[〕\])】][^,。;]{0,6}?\d+号")
#: the brackets of a document's number, as they are typed
_BRACKETS = str.maketrans("〔[【〕]】", "((()))")
_SHORT = 16
#: what stands above the answers
_ANSWERS = HEADINGS[1]
#: what a title must not have beside its own words
_VOID = re.compile("样表|样例|示例|范例|范本|作废|废止|撤回|撤销|草稿|旧表|未用")
_FORM = "申请表"
#: what stands in brackets behind a title
_SUFFIX = re.compile(r"(?:\([^()]*\)|\))+$")
#: what the signing parts and the estimate begin with; the rest of them is the sender's, or computed
_OPEN = ("本单位承诺", "预计补助", "县(市、区)主管部门意见", "市级主管部门意见", "填报说明")


class Print(NamedTuple):
    """The words of a form as it was sent; `labels` by field key, with the required mark."""

    version: str
    title: str
    basis: str
    unit_line: str
    labels: Mapping[str, str]
    #: whether the form itself says which fields it has
    listed: bool = True
    #: how it stands, where a bureau's template says so (`placed`)
    look: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=512)
def print_of(plan: Layout, version: str) -> Print:
    """What a form of this layout leaves with."""
    labels = {f.key: f.shown for f in plan.fields}
    return Print(version, plan.title, plan.subtitle, plan.unit_line, labels, look=plan.look.rows if plan.look else ())


def digest(said: Print) -> str:
    """A mark of the words themselves: it tells an edited hidden sheet, and does not pretend to be a signature."""
    words = [
        said.version,
        said.title,
        said.basis,
        said.unit_line,
        *(f"{k}={v}" for k, v in (*sorted(said.labels.items()), *sorted(said.look))),
    ]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def rows_of(said: Print) -> Iterator[tuple[str, str]]:
    """The print as rows of the hidden sheet, beside those that name the provision."""
    yield "basis", said.basis
    yield "unit_line", said.unit_line
    for key, label in said.labels.items():
        yield f"{_LABEL}{key}", label
    yield from said.look
    yield "digest", digest(said)


def read_print(said: Mapping[str, str], version: str, plan: Layout) -> tuple[Print, bool]:
    """The print of a returned form and whether its hidden sheet is as it was written."""
    labels = {key.removeprefix(_LABEL): text for key, text in said.items() if key.startswith(_LABEL)}
    now = print_of(plan, version)
    title = said.get("title", now.title)
    if not labels:
        basis = f"依据：{said['number']} {said['at']}" if "number" in said and "at" in said else now.basis
        return Print(version, title, basis, now.unit_line, now.labels, listed=False), True
    look = tuple((key, text) for key, text in said.items() if is_look(key)) if MARK in said else ()
    own = Print(version, title, said.get("basis", ""), said.get("unit_line", ""), labels, look=look)
    return own, version.removesuffix(".0") not in VERSIONS or digest(own) == said.get("digest")


def as_printed(plan: Layout, said: Print) -> Layout:
    """The layout with the labels of the print, and the places where it says any; the same one where they are today's."""
    if said.look:
        return placed(plan, tuple(said.labels.items()), said.look)
    fields = tuple(
        replace(f, label=said.labels[f.key].lstrip("*")) if said.labels.get(f.key, f.shown) != f.shown else f
        for f in plan.fields
    )
    if fields == plan.fields:
        return plan
    labels = dict(plan.by_label)
    labels |= {match_text(field.label): field for field in fields}
    return replace(plan, fields=fields, by_key={f.key: f for f in fields}, by_label=labels, marks=((-1, -1, ""),))


def changes(plan: Layout, said: Print, rows: Rows, located: Located) -> Iterator[Fault]:
    """Everything on a form's part of a sheet that is not as it was sent: changed words first, then what was added.

    `where` is the cell alone; whose sheet it is, the caller knows.
    """
    first, before = _head(rows, located)
    _, _, left, right = located.area
    told: set[Place] = set()
    changed: set[str] = set()
    heading = list(_texts(rows, (before, max(first, before), left, right)))
    for place, fault in _heading(plan, said, heading):
        told.add(place)
        if fault is not None:
            yield fault
            changed.add(fault.code)
    yield from _gone(plan, said, rows, located, [match_text(text) for _, text in heading], changed)
    for item in plan.fields:
        spot = located.spots[item.key]
        if spot.state == "label_changed":
            if said.labels and item.key not in said.labels:  # the next thing on a form that never had the field
                got, expected = f"找不到“{item.label}”这一栏", f"栏目“{item.label}”"
                remedy = "使用原表填写，不要改动栏目名称"
                yield Fault("label_missing", address(*spot.label), item.item_name, got, expected, remedy)
                continue
            told.add(spot.label)
            was, now = said.labels.get(item.key, item.shown), shown(cell(rows, spot.label))
            yield Fault(
                "label_changed", address(*spot.label), item.item_name, f"栏目“{was}”被改成了“{now}”", f"原来的栏目“{was}”",
                "改回原栏目名称，并按原栏目的要求填写", "warning" if spot.mild else "error",
            )  # fmt: skip
    yield from _added(plan, said, rows, located, told, before)


def _head(rows: Rows, located: Located) -> tuple[int, int]:
    """The row of a form's first field and the row that its heading begins with."""
    top = located.area[0]
    first = min((s.place[0] for s in located.spots.values() if s.state == "found"), default=top)
    titled = top < len(rows) and any(type(v) is str and match_text(v).endswith(_FORM) for v in rows[top])
    return first, top if titled else max(0, top - 6)


def _heading(plan: Layout, said: Print, texts: list[tuple[Place, str]]) -> Iterator[tuple[Place, Fault | None]]:
    """The changed words above the first field: title, basis, unit; None for words that say the same."""
    title, basis, unit_line = match_text(said.title), match_text(said.basis), match_text(said.unit_line)
    plains = [(place, text, match_text(text)) for place, text in texts]
    own = plan.look.texts if plan.look else ()
    shown_basis = any(_same(plain, basis) for _, _, plain in plains)
    titled = any(title in plain for _, _, plain in plains)
    for place, text, plain in plains:
        if plain in (title, basis, unit_line) or plain in _own_words(plan) or plain in own:
            continue
        if _same(plain, basis):
            yield place, None
            continue
        left = _without_own(plan, plain)
        units = _SAID.findall(left.replace(title, ""))
        if set(units) == {plan.unit} and len(plain) < _SHORT and "单位" in plain:
            more = _OF_UNIT.sub("", _SAID.sub("", plain))
            if not more:
                yield place, None
            elif _OTHER_SUM.search(more) and "不含" not in more:
                yield place, _changed("unit_line_changed", place, "单位一行", text, said.unit_line)
        elif set(units) - {plan.unit}:
            yield (
                place,
                _changed(
                    "unit_line_changed", place, "单位一行" if len(plain) < _SHORT else "表头", text, said.unit_line
                ),
            )
        elif title in plain:
            if _VOID.search(plain):
                yield place, _changed("title_changed", place, "表名", text, said.title)
        elif any(number not in basis for number in _NUMBER.findall(plain)) or (
            not shown_basis and ("依据" in plain[:6] or plain.startswith("根据") or _NUMBER.search(plain))
        ):
            yield place, _changed("basis_changed", place, "依据一行", text, said.basis)
        elif not titled and plain.removesuffix(match_text(DRAFT_NOTE)) not in title and _is_title(plain):
            yield place, _changed("title_changed", place, "表名", text, said.title)


def _gone(
    plan: Layout, said: Print, rows: Rows, located: Located, plains: list[str], changed: set[str]
) -> Iterator[Fault]:  # fmt: skip
    """What a form was sent with above its fields and does not show any more."""
    for code, what, words in (("title_changed", "表名", said.title), ("basis_changed", "依据一行", said.basis)):
        own = match_text(words)
        shows = not own or code in changed or any(own in plain or _same(plain, own) for plain in plains)
        if not shows and not any(type(v) is str and own in match_text(v) for row in rows for v in row):
            yield _missing(code, what, words)
    money = [located.spots[f.key].unit for f in plan.fields if f.type == "money"]
    above = "".join(_without_own(plan, plain) for plain in plains)
    if money and not any(money) and said.unit_line and "unit_line_changed" not in changed and plan.unit not in above:
        yield _missing("unit_line_changed", "金额单位", said.unit_line)


def _missing(code: str, what: str, was: str) -> Fault:
    return Fault(
        code, "", "", f"{what}不见了", f"发出时写的是“{was}”", "核对是不是这一条款的申请表、金额是什么单位", "warning"
    )


def _same(one: str, other: str) -> bool:
    """Whether two lines differ in nothing but the brackets around the year of a document's number."""
    return one.translate(_BRACKETS) == other.translate(_BRACKETS)


def _is_title(plain: str) -> bool:
    name = _SUFFIX.sub("", plain)
    return 4 < len(name) < 60 and name[-1] in "表书单细册" and name != _FORM


def _changed(code: str, place: Place, what: str, now: str, was: str) -> Fault:
    remedy = {
        "basis_changed": "用所申报文件的申请表填写，不要改动依据",
        "unit_line_changed": f"按“{was}”填写金额，单位不要改动",
        "label_changed": "改回原栏目名称，并按原栏目的要求填写",
        "title_changed": "用所申报条款的申请表填写，不要改动表名",
    }[code]
    return Fault(code, address(*place), "", f"{what}写的是“{_short(now)}”", f"发出时写的是“{was}”", remedy)


def _short(text: str) -> str:
    text = shown(text)
    return text if len(text) <= 80 else f"{text[:80]}…"


@lru_cache(maxsize=512)
def _own_words(plan: Layout) -> frozenset[str]:
    """The lines of our own above the first field."""
    both = [how_to_fill(plan.unit, vouchers) for vouchers in (VOUCHER_SHEET, "")]  # forms left with either
    lines = ["填报说明", *both[0], *both[1], *(section.title for section in plan.sections)]
    return frozenset(map(match_text, (*lines, *("".join(("填报说明", *one)) for one in both))))


def _without_own(plan: Layout, plain: str) -> str:
    """What somebody wrote beside our own lines."""
    for line in _own_words(plan):
        plain = plain.replace(line, "")
    return plain


def _texts(rows: Rows, area: tuple[int, int, int, int]) -> Iterator[tuple[Place, str]]:
    top, end, left, right = area
    for r in range(top, min(end, len(rows))):
        for c in range(left, min(right, len(rows[r]))):
            value = rows[r][c]
            if type(value) is str and value.strip():
                yield (r, c), value


@lru_cache(maxsize=512)
def _known(plan: Layout) -> frozenset[str]:
    """Every text that a form shows before it is filled in."""
    texts = [plan.title, plan.subtitle, plan.unit_line, *HEADINGS, *(s.title for s in plan.sections)]
    texts += [plan.unit, *(text for f in plan.fields for text in (f.label, f.unit, f.hint))]
    return frozenset(match_text(text) for text in texts) | frozenset(plan.by_label)


def _added(plan: Layout, said: Print, rows: Rows, located: Located, told: set[Place], before: int) -> Iterator[Fault]:
    """What stands on the sheet and belongs neither to the form nor into its fields, one line a row."""
    top, end, left, right = located.area
    known = _known(plan) | {
        match_text(text) for text in (said.title, said.basis, said.unit_line, *said.labels.values())
    }
    if plan.look is not None:
        known |= plan.look.texts
        told = told | {place for _, place in extras_on(plan, rows)} | plan.look.computed
    # LibreOffice writes the text of a formula that it did not compute anew as 0 into .xls
    told = told | {(r, c) for r, c, _ in plan.echoes if cell(rows, (r, c)) == 0}
    used = told | {place for spot in located.spots.values() for place in (spot.place, spot.unit_place, *spot.also)}
    values = {(spot.place[0], spot.value) for spot in located.spots.values()}
    opened: dict[str, list[tuple[int, int, str]]] = {}
    for r in range(top if top else before, min(end, len(rows))):
        found, computed = [], 0  # what follows the estimate in the form's own columns is computed
        for c in range(left, min(right, len(rows[r]))):
            value: Any = rows[r][c]
            if c < computed or value == "" or (r, c) in used or (r, value) in values or is_echo(value):
                continue
            text = shown(value)
            plain = match_text(text)
            if plain.startswith(_OPEN) and not (plain in known and plain.startswith("填报说明")):
                if plain.startswith("填报说明") and said.version not in EARLIER and _without_own(plan, plain):
                    found.append((c, text))
                if plain.startswith("预计补助"):
                    computed = c + (plan.look.columns if plan.look else COLUMNS)
                if plain not in known:
                    opened.setdefault(next(filter(plain.startswith, _OPEN)), []).append((r, c, text))
                continue
            if plain and plain not in known:
                found.append((c, text))
        heads = len({match_text(v) for v in rows[r] if type(v) is str}.intersection(HEADINGS)) > 1
        for c, text in found:
            plain = match_text(text)
            units = set(_SAID.findall(plain)) if heads else set()
            if units - {plan.unit}:
                yield _changed("unit_line_changed", (r, c), "栏目", text, said.unit_line)
            elif unit_of_all(plain) not in ("", plan.unit):
                yield _changed("unit_line_changed", (r, c), "表外", text, said.unit_line)
            elif len(plain) < _SHORT and (_more_answers(plain) or (heads and _OTHER_SUM.search(plain))):
                yield _changed("label_changed", (r, c), "栏目", text, _ANSWERS)
            elif not plain.startswith(_ANSWERS) or _more_answers(plain):  # with its unit it says no more than the form
                continue
            found = [other for other in found if other[0] != c]
        if found:
            yield _outside(r, found[0][0], " ".join(text for _, text in found))
    drawn = (plan.estimate_row, plan.declaration_row, plan.review_row)
    for opening, places in opened.items():  # the form opens once so; what else does is the sender's
        if opening != "填报说明":
            ours = next((place for place in places if place[0] in drawn), places[0])
            yield from (_outside(*place) for place in places if place is not ours)


def _outside(row: int, column: int, text: str) -> Fault:
    got = f"表外写有“{text[:60]}”"
    return Fault("outside", address(row, column), "", got, "", "看是否有需要处理的说明", "warning")


def _more_answers(plain: str) -> bool:
    """Whether a text is the heading above the answers and says more than it and a unit."""
    return plain.startswith(_ANSWERS) and re.sub(r"[():/、]|单位", "", _SAID.sub("", plain)) != _ANSWERS


def unit_of_all(plain: str) -> str:
    """The unit in which a note or a heading says that all amounts are; "" where it says none."""
    stated = _UNIT_OF_ALL.search(plain) or ("发票" not in plain and _FOR_UNIT.search(plain))
    if stated:
        return stated[1]
    units = _SAID.findall(plain) if plain.startswith(HEADINGS) and len(plain) < _SHORT else ()
    return units[0] if units else ""
