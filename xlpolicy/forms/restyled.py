"""A form in the look of a bureau's own 申请表.xlsx: the template is filled by `sheets.refill`, and says on its hidden
sheet how it left (`placed`), so that nothing the bureau put on it is held against the sender.

`{单位名称}` is where that field is answered, the text left of it its label; rows of `{数据.…}` and `{附件.…}` repeat;
`{另填}` is a field of the bureau's own (`{申报年度}`, `{申请金额}`, `{县区初审额}` are others that mean something), `{自查}` says how much is left to fill in. The law (`{表名}`, `{依据}`, `{金额单位}`, `{单位声明}`) must be there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

from xlpolicy.faults import Fault
from xlpolicy.forms.check import Findings, check_form
from xlpolicy.forms.contents import (
    ALONE,
    CHECK,
    DATA,
    ESTIMATE,
    EXTRA,
    PAPERS,
    SAID,
    STATUS,
    VOUCHERS,
    Stand,
    contents_of,
    hidden_rows,
)
from xlpolicy.forms.layout import (
    DECLARATION,
    FORM_SHEET,
    IDENTITY_MARK,
    IDENTITY_SHEET,
    VOUCHER_COLUMNS,
    VOUCHER_SHEET,
    Field,
    Layout,
    address,
    match_text,
)
from xlpolicy.forms.locate import cell, label_places, locate
from xlpolicy.forms.normalise import shown
from xlpolicy.forms.opened import Book, Rows
from xlpolicy.forms.own_look import ASKED, COMMON_SHEET, COUNTY, KINDS, Place
from xlpolicy.forms.placed import MARK, NONE, beside, place_of, placed, without_own
from xlpolicy.forms.printed import changes, print_of
from xlpolicy.forms.read import open_bytes
from xlpolicy.forms.watched import typed
from xlpolicy.sheets.cells import Shown
from xlpolicy.sheets.multiply import leave_out
from xlpolicy.sheets.refill import entries_of, refill, texts_of
from xlpolicy.sheets.refill_sheet import Content
from xlpolicy.sheets.template_sheet import TemplateError
from xlpolicy.sheets.text import letter

NAME = "申请表.xlsx"
#: what the law says and every form must show
LAW = ("表名", "依据", "金额单位", "单位声明")
#: what should have been filled in
_MARKS = re.compile(r"\{[^{}\n]{1,40}\}")
#: what a form with no more than a name in it is told whatever it looks like
UNFILLED = ("missing",)
#: what is said of how an answer looks
LOOKS = ("strike", "white_text", "hidden_cell")


class Restyled:
    """The form of a layout in a template's look. `plan`: the layout with every cell where the template put it."""

    def __init__(self, plan: Layout, template: Path, stand: Stand = ALONE) -> None:
        """Raises TemplateError for a template that lost something the form needs, with what and where."""
        self.template, self.stand = template, stand
        self._sheet = stand.sheet
        self._pairs = any("{附件.材料二}" in text for text in texts_of(template, self._sheet))
        self._named = {field.key: field.label for field in plan.fields}
        entries, self._shifts = entries_of(template, contents_of(plan, stand, self._named, pairs=self._pairs))
        self._check = entries.get(CHECK, [""])[0]
        mark = f"{{{CHECK}}}"
        odd = next((text for text in texts_of(template, self._sheet) if mark in text and text.strip() != mark), "")
        if odd:
            self._refuse(
                "", f"{mark} 的格里还有别的字（“{odd[:40]}”）", f"只有 {mark}", "删去旁边的字（“自查：”会自动写上）"
            )
        places = {
            field.key: self._one(entries, field)
            for field in plan.fields
            if field.required or field.group in ("in", "att") or field.key in entries
        }
        self._vouchers = entries.get(VOUCHERS, [])
        self._estimate = tuple(entries[key][0] for key in ESTIMATE if key in entries)
        self.told = entries.get(STATUS, [])
        provisional = [
            (MARK, "A1"),
            *stand.rows(),
            *((f"at:{key}", f"{_left(cell)} {cell} {NONE} {NONE}") for key, cell in places.items()),
        ]
        if len(self._estimate) == len(ESTIMATE):
            provisional.append(("estimate", " ".join(self._estimate)))
        elif self._estimate:
            self._refuse(
                self._estimate[0], "预计金额和预计说明只有一个", "{预计金额} 和 {预计说明}", "两个都写，或都不写"
            )
        if self._check:
            provisional.append(("check", self._check))
        self.plan = placed(plan, (), tuple(provisional))
        book = _opened(self.made({}))
        own = [(spot, "" if kind == EXTRA else kind) for kind in (EXTRA, *KINDS) for spot in entries.get(kind, [])]
        labels, rows = self._printed(plan, book, own)
        self.plan = placed(plan, tuple(labels.items()), tuple(rows))
        self._held()

    def made(self, values: Mapping[str, Any], said: Iterable[tuple[str, str]] = ()) -> bytes:
        """The workbook, `values` (by field key) filled in; `said`: more rows for the hidden sheet. Raises TemplateError."""
        out = BytesIO()
        values = {key: typed(value) for key, value in values.items() if value is not None and value != ""}
        names = self.names(self._sheet, VOUCHER_SHEET)
        contents = contents_of(self.plan, self.stand, self._named, pairs=self._pairs, values=values, said=said)
        refill(
            self.template, out, contents, on=dt.date.today(),
            names={name: place for of in names.values() for name, place in of.items()},
        )  # fmt: skip
        rest = {COMMON_SHEET, FORM_SHEET, VOUCHER_SHEET} - set(contents)
        data = out.getvalue()
        for sheet in sorted(rest):
            data = leave_out(data, sheet)
        return data

    def names(self, form: str, vouchers: str) -> dict[str, dict[str, str]]:
        """The cells that get a name, by the sheet on which they stand."""
        named = {form: {field.key: _named(form, field.address, field.address) for field in self.plan.fields}}
        if self._vouchers and self.plan.vouchers and not self.stand.shared:
            named[vouchers] = {"inv_table": _named(vouchers, self._vouchers[0], self._vouchers[-1])}
        return named

    def contents(
        self, values: Mapping[str, Any], said: Iterable[tuple[str, str]], told: Sequence[Shown] = ()
    ) -> dict[str, Content]:
        """As a part of a combined form: what its sheets are filled with, by their names in it. `told`: how much is filled in
        of each provision."""
        names = {self._sheet: self.stand.form, VOUCHER_SHEET: self.stand.vouchers, IDENTITY_SHEET: self.stand.hidden}
        made = contents_of(
            self.plan, self.stand, self._named, pairs=self._pairs, values=values, said=said, told=told
        )  # fmt: skip
        return {names[sheet]: content for sheet, content in made.items()}

    @property
    def places(self) -> dict[str, str]:
        """The cell of every value."""
        return {field.key: field.address for field in self.plan.fields}

    @property
    def hidden_rows(self) -> int:
        """How many rows the hidden sheet has without those of `said`."""
        return len(hidden_rows(self.plan)[0])

    # --- what the template must have ---

    def _refuse(self, cell: str, got: str, expected: str, remedy: str, sheet: str = "") -> NoReturn:
        sheet = sheet or self._sheet
        where = f"{self.template.name} {sheet}"
        if cell:  # as it is in the template, whose lists have one row
            row, column = place_of(cell)
            where += f"!{address(self._shifts[sheet].model(row + 1) - 1, column)}"
        raise TemplateError(got, where=where, expected=expected, remedy=f"{remedy}，或改用软件自带的模板")

    def _one(self, entries: Mapping[str, list[str]], field: Field) -> str:
        mark = _mark(field)
        found = entries.get(field.key, [])
        if not found:
            near = next((text for text in texts_of(self.template, self._sheet) if _nearly(mark, text)), "")
            got = f"模板里没有 {mark}，“{field.label}”没有地方填" + (f"（有一格写的是“{near[:40]}”）" if near else "")
            remedy = f"在要填“{field.label}”的格里写 {mark}，花括号用半角，格里不写别的"
            self._refuse("", got, mark, remedy)
        if len(found) > 1:
            self._refuse(found[1], f"{mark} 写了两处（另见 {found[0]}）", "一处", "删去多余的一处")
        return found[0]

    def _printed(
        self, base: Layout, book: Book, extras: list[tuple[str, str]]
    ) -> tuple[dict[str, str], list[tuple[str, str]]]:
        """What the blank form shows: the labels by field, and the rows for its hidden sheet."""
        rows, seen = book.rows(self._sheet), book.seen(self._sheet)
        assert seen is not None
        ends = {(top, left): right for top, left, _, right in seen.merges}
        taken = {(field.row, field.column) for field in self.plan.fields} | {place_of(spot) for spot, _ in extras}
        free = taken | set(map(place_of, (*self._estimate, *filter(None, (self._check,)), *self.told)))
        labels: dict[str, str] = {}
        at: list[tuple[str, str]] = []
        owners: dict[Place, str] = {}
        echoed = {row for row, _, _ in base.echoes}
        for field in self.plan.fields:
            place = (field.row, field.column)
            label = self._label(rows, place, taken, _mark(field))
            owners[label], labels[field.key] = field.key, str(rows[label[0]][label[1]])
            unit = self._beside(rows, field, field.unit, "单位") if field.unit else NONE
            hint = self._beside(rows, field, field.hint, "填写说明", need=base.by_key[field.key].row in echoed)
            end = ends.get(place, field.column)
            span = field.address if end == field.column else f"{field.address}:{address(field.row, end)}"
            at.append((f"at:{field.key}", f"{address(*label)} {span} {unit} {hint}"))
            if base.by_key[field.key].row in echoed:
                at.append((f"echo:{hint}", field.hint))
                free.add(place_of(hint))
        for spot, kind in extras:
            label = self._label(rows, place_of(spot), taken, f"{{{EXTRA}}}")
            at.append((f"extra:{spot}", f"{address(*label)} {shown(rows[label[0]][label[1]]).strip('*＊：: ')}"))
            if kind:
                at.append((f"kind:{spot}", kind))
            if kind in (ASKED, COUNTY) and "元" in at[-2][1]:
                unit = f"这一格按申请表的单位（{self.plan.unit}）读"
                self._refuse(address(*label), f"“{kind}”的栏目写了单位", unit, "栏目里不写“元”“万元”")
        if self._estimate:
            at.append(("estimate", " ".join(self._estimate)))
        if self._check:
            at.append(("check", self._check))
        at += [(f"echo:{cell}", "") for cell in self.told]
        texts = [
            ((r, c), shown(v))
            for r, row in enumerate(rows)
            for c, v in enumerate(row)
            if v != "" and (r, c) not in free
        ]
        self._names(base, texts, owners)
        self._law(base, [text for _, text in texts])
        self._sheets(book)
        others = [name for name in book.sheets if name not in (self._sheet, VOUCHER_SHEET, IDENTITY_SHEET)]
        for text in beside(seen):
            if marks := _MARKS.findall(text):
                got = f"{marks[0]} 写在批注、文本框或页眉页脚里，那里不会填写"
                self._refuse("", got, "写在单元格里", "移到单元格里，或删去")
        at += [(f"text:{address(*place)}", text) for place, text in texts]
        at += [(f"sheet:{n}", name) for n, name in enumerate(others, 1)]
        at += [(f"beside:{n}", text) for n, text in enumerate(beside(seen), 1)]
        return labels, [(MARK, address(len(rows) - 1, len(rows[0]) - 1)), *self.stand.rows(), *at]

    def _label(self, rows: Rows, place: Place, taken: set[Place], mark: str) -> Place:
        """The text left of an answer."""
        row, column = place
        while column:
            column -= 1
            if (row, column) in taken:
                break
            text = cell(rows, (row, column))
            if type(text) is str and text.strip():
                return row, column
        self._refuse(address(*place), f"{mark} 的左边没有栏目名称", "左边一格写栏目名称", "在左边的格里写上栏目名称")

    def _beside(self, rows: Rows, field: Field, text: str, head: str, *, need: bool = True) -> str:
        """The cell right of an answer that says its unit or how to fill it in."""
        for column in range(field.column + 1, len(rows[0])):
            if text and cell(rows, (field.row, column)) == text:
                return address(field.row, column)
        if need and text:
            mark = f"{{{DATA}.{head}}}"
            self._refuse(field.address, f"这一行的右边没有 {mark}", f"{mark} 在填报数的右边", f"在右边的一格写 {mark}")
        return NONE

    def _names(self, base: Layout, texts: Iterable[tuple[Place, str]], owners: Mapping[Place, str]) -> None:
        """No text may read as the label of another field."""
        first: dict[str, Place] = {}
        for place, text in texts:
            plain = match_text(text)
            known = base.by_label.get(plain)
            owner = owners.get(place)
            again = first.setdefault(plain, place) if owner else place
            if again != place or (known is not None and known.key != owner and known.key in self.plan.by_key):
                other = known.label if known is not None else text
                got = f"“{shown(text)}”会被当成“{other}”一栏"
                self._refuse(address(*place), got, "不同的栏目用不同的名称", "换一个说法")

    def _law(self, base: Layout, texts: Iterable[str]) -> None:
        everything = "\n".join(map(match_text, texts))
        words = (base.title, base.subtitle, base.unit_line, DECLARATION)
        for name, text in zip(LAW, words, strict=True):
            if self.stand.shared and name in LAW[1:3]:  # said on every sheet beside it
                continue
            if match_text(text) not in everything:
                self._refuse("", f"模板里没有 {{{name}}}", f"{{{name}}}", f"写上 {{{name}}}")

    def _sheets(self, book: Book) -> None:
        said = book.rows(IDENTITY_SHEET)
        if not said or said[0][:1] != [IDENTITY_MARK]:
            self._refuse(
                "A1", f"第一行不是 {{{SAID}.名}} 和 {{{SAID}.值}}", "隐藏的工作表不改动", "恢复这张表", IDENTITY_SHEET
            )
        if not self.plan.vouchers or self.stand.shared:
            return
        heads = {match_text(v) for row in book.rows(VOUCHER_SHEET)[:10] for v in row if type(v) is str}
        for head in ("发票号", "不含税金额"):
            if head not in heads:
                self._refuse("", f"没有“{head}”这个栏目", "、".join(VOUCHER_COLUMNS), "恢复栏目名称", VOUCHER_SHEET)

    def _held(self) -> None:
        """What is said of a form that came back with no more than a name in it must not come from the template; nor what is said
        of how an answer looks, whichever it is."""
        answers = {field.key: _sample(field) for field in self.plan.fields}
        told = [fault for fault in self._told({"ent_name": "示例"}) if fault.code not in UNFILLED]
        for fault in [*told, *(fault for fault in self._told(answers) if fault.code in LOOKS)]:
            got = f"用它写的申请表收回来会被提出问题：{fault.got}"
            self._refuse(fault.cell, got, fault.expected, "改正这一格的格式或内容")

    def _told(self, values: Mapping[str, Any]) -> list[Fault]:
        """What is said of a form with these answers."""
        plan, book = self.plan, _opened(self.made(values))
        rows, seen = book.rows(self._sheet), without_own(plan, book.seen(self._sheet))
        located = locate(rows, plan, label_places(rows, plan.by_label), {}, (0, len(rows), 0, len(rows[0])))
        findings = Findings(self._sheet, plan.unit, False, seen.special() if seen else {}, [], seen)
        check_form(plan, located, findings)
        return [*findings.problems, *changes(plan, print_of(plan, plan.version), rows, located)]


def _sample(field: Field) -> Any:
    """Anything that may stand in a field's cell."""
    if field.choices:
        return field.choices[0]
    return dt.date(2026, 6, 1) if field.type == "date" else 1 if field.unit else "1"


def _nearly(mark: str, text: str) -> bool:
    """Whether a text was meant for the mark: a brace forgotten, other words in the cell."""
    return mark.strip("{}") in text and any(brace in text for brace in "{}")


def _mark(field: Field) -> str:
    """What a template writes where the field is answered."""
    if field.group == "att":
        return f"{{{PAPERS}.已附}}"
    return f"{{{DATA}.填报数}}" if field.unit else f"{{{field.label}}}"


def _left(cell: str) -> str:
    """The cell left of another; for column A the one that is wrong about it is told later."""
    row, column = place_of(cell)
    return address(row, max(column - 1, 0))


def _named(sheet: str, first: str, last: str) -> str:
    (top, left), (bottom, right) = place_of(first), place_of(last)
    start = f"'{sheet}'!${letter(left + 1)}${top + 1}"
    return start if first == last else f"{start}:${letter(right + 1)}${bottom + 1}"


def _opened(data: bytes) -> Book:
    """The workbook as a returned form is read."""
    (source,) = open_bytes(data, NAME)
    assert source.book is not None
    return source.book
