"""The table of a list form: one provision, one claim a row, with what watches over every row and what it comes to.

Where everything stands is fixed here; `look` makes rows of it for the hidden sheet, by which `list_intake` finds it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.xml.functions import tostring

from xlpolicy.forms import echo
from xlpolicy.forms.asked import things
from xlpolicy.forms.common import shows
from xlpolicy.forms.contents import SAID, SHOWN_ONLY, SIGNED_ONCE, Stand, hidden_rows, shown_there
from xlpolicy.forms.layout import DECLARATION, Field, Layout, address, match_text
from xlpolicy.forms.list_line import CHECK, NUMBER, REASON, SUMMED, TOTAL, line_plan
from xlpolicy.forms.list_look import Drawn, Part
from xlpolicy.forms.list_vouchers import ListVouchers
from xlpolicy.forms.normalise import shown
from xlpolicy.forms.placed import MARK, NONE, TABLE, beside, placed
from xlpolicy.forms.read import open_bytes
from xlpolicy.forms.said_back import estimate_cells, estimate_note, estimate_of, results_of
from xlpolicy.forms.watched import FORMATS, gaps, paints, validation
from xlpolicy.sheets.cells import Entry, Formula, Shown
from xlpolicy.sheets.live import Live
from xlpolicy.sheets.openpyxl_book import Result
from xlpolicy.sheets.refill_sheet import Content, Listing
from xlpolicy.sheets.text import letter, text_width

_T = TypeVar("_T")
#: between a field and the number of its row
AT = "@"
#: what the table says of the enterprise, and when it applies
SHOWN = ("ent_name", "ent_uscc", "prj_applied_on")
_PAPERS = "附件清单（各行都附了的选“是”）"
_LIST, _CHECK = "明细", "自查"
_SUM = "合计是各行预计补助相加。按企业、按年度、按项目的封顶，以及同一笔贷款、同一项目在几个条款之间的关系，由主管部门合并核算，核定的可能少于合计"
#: the rows above the table, from 1
_TITLE, _BASIS, _WHO, _HEAD, _UNITS, _HINTS, _FIRST = range(1, 8)
_WIDTHS = {
    "money": 13.0,
    "rate": 9.0,
    "integer": 9.0,
    "boolean": 9.0,
    "date": 12.5,
    "year": 8.0,
    "text": 18.0,
    "code": 19.0,
}
_INVOICED, _OURS = 14.0, (14.0, 36.0, 11.0)
_PROTECTED = 'sheet="1" formatColumns="0" formatRows="0" insertRows="0" sort="0" autoFilter="0"'
#: what is left in a row, as it is shown
_LEFT = '"还差 "0" 处";;"已填齐"'
_APART = ("各行", "请分行填写")


#: the columns in their order, the inputs between the name and the day
_ORDER = {"prj_content": 0, "prj_loan": 1, "prj_object": 2, "prj_name": 3, "prj_fact_on": 5}
#: what is said of a claim in words is, of a loan, who lent it
LENDER = "贷款银行"


def of_loans(plan: Layout) -> Layout:
    """The layout as a list of loans has it, where the provision pays for interest of so many days; else without such words."""
    lent = "in_days" in plan.by_key
    old = plan.by_key["prj_content"]
    new = replace(old, label=LENDER, type="text", hint="填全称", unit="名称")
    fields = tuple(new if f is old else f for f in plan.fields if f is not old or lent)
    named = {text: new if f is old else f for text, f in plan.by_label.items() if f is not old or lent}
    return replace(
        plan, fields=fields, by_key={f.key: f for f in fields}, by_label=named | ({match_text(LENDER): new} if lent else {})
    )  # fmt: skip


def is_column(field: Field) -> bool:
    """Whether a field is asked row by row."""
    return field.key in _ORDER or field.group == "in"


class ListSheet:
    """The table of `count` rows. `plan`: the layout with every cell in its place, the columns in that of the first row."""

    def __init__(self, plan: Layout, count: int, stand: Stand) -> None:
        plan = of_loans(plan)
        self.count, self.stand, self._base = count, stand, plan
        names = {f"prj_{name}": how for name, _, _, _, how in things(plan.document, plan.rule, *_APART)}
        hints = {"prj_name": "填全称", **names}
        units = {"prj_name": "名称"}
        columns = [f for f in plan.fields if is_column(f)]
        kept = sorted(columns, key=lambda f: _ORDER.get(f.key, len(_ORDER) - 1))
        self._columns = [replace(f, hint=hints.get(f.key, f.hint), unit=units.get(f.key, f.unit)) for f in kept]
        self._papers = [f for f in plan.fields if f.group == "att"]
        self.last = _FIRST + count - 1
        numbers = f"$A${_FIRST}:$A${self.last}"
        self.vouchers = ListVouchers(plan, count, stand.form, numbers) if stand.vouchers else None
        self._summed = len(self._columns) + 2 if self.vouchers else 0
        self.width = len(self._columns) + (5 if self.vouchers else 4)
        self.sum = self.last + 1
        self._place(placed(plan, (), tuple(self._look())))

    def _place(self, plan: Layout) -> None:
        """Everything in its place, row by row."""
        self.plan = plan
        self._lines = [line_plan(plan, _FIRST + number - 1) for number in range(self.count)]
        self._blank = results_of(self._lines[0], {})

    @property
    def places(self) -> dict[str, str]:
        """The cell of every value, those of a row with `@` and its number."""
        own = {
            f"{f.key}{AT}{n}": line.by_key[f.key].address
            for n, line in enumerate(self._lines, 1)
            for f in self._columns
        }
        return {f.key: f.address for f in self.plan.fields} | own

    # --- where it stands ---

    def _thirds(self) -> list[tuple[int, int]]:
        """Three parts of the columns, side by side (from 1)."""
        cuts = [0, *(round(self.width * n / 3) for n in (1, 2, 3))]
        return [(a + 1, b) for a, b in pairwise(cuts)]

    def _pairs(self) -> Iterator[tuple[Field, int, tuple[int, int], tuple[int, int]]]:
        """The papers, two in a row: row, columns of the label, of the answer."""
        half = self.width // 2
        for number, field in enumerate(self._papers):
            first, last = (1, half) if number % 2 == 0 else (half + 1, self.width)
            answer = last - (1 if last - first > 4 else 0)
            yield field, self.sum + 3 + number // 2, (first, answer - 1), (answer, last)

    @property
    def _signed(self) -> int:
        return self.sum + 3 + (len(self._papers) + 1) // 2

    def _at(self, column: int, row: int) -> str:
        return address(row - 1, column - 1)

    @property
    def _ours(self) -> tuple[str, str, str]:
        """The columns of the estimate, its reason, and what is left to fill in."""
        return letter(self.width - 2), letter(self.width - 1), letter(self.width)

    def _look(self) -> Iterator[tuple[str, str]]:
        """Its rows of the hidden sheet, without what is printed."""
        yield MARK, self._at(self.width, self._signed)
        yield from self.stand.rows()
        yield TABLE, f"{_HEAD} {_UNITS} {_HINTS} {_FIRST} {self.last}"
        for key, (first, last) in zip(SHOWN, self._thirds(), strict=True):
            start = self._at(first + _label_of(first, last), _WHO)
            span = start if start == self._at(last, _WHO) else f"{start}:{self._at(last, _WHO)}"
            yield f"at:{key}", f"{self._at(first, _WHO)} {span} {NONE} {NONE}"
        for column, field in enumerate(self._columns, 2):
            yield f"at:{field.key}", " ".join(self._at(column, row) for row in (_HEAD, _FIRST, _UNITS, _HINTS))
        for field, row, (first, _), (answer, last) in self._pairs():
            span = self._at(answer, row) + (f":{self._at(last, row)}" if last > answer else "")
            yield f"at:{field.key}", f"{self._at(first, row)} {span} {NONE} {NONE}"
        amount, reason, _ = self._ours
        yield "estimate", f"{amount}{_FIRST} {reason}{_FIRST}"
        yield "check", self._at(self._thirds()[1][0], _BASIS)

    def printed(self, data: bytes) -> None:
        """Takes down what the blank form shows, as `data` is read."""
        (source,) = open_bytes(data, "表.xlsx")
        assert source.book is not None
        rows, seen = source.book.rows(self.stand.form), source.book.seen(self.stand.form)
        assert seen is not None
        look = self.plan.look
        assert look is not None
        free = {(row, column) for row, column, _ in self.plan.echoes} | {(f.row, f.column) for f in self.plan.fields}
        texts = [
            (f"text:{address(r, c)}", shown(value))
            for r, row in enumerate(rows)
            for c, value in enumerate(row)
            if isinstance(value, str) and value and (r, c) not in free and not _FIRST - 1 <= r < self.last
        ]
        more = [(f"beside:{n}", text) for n, text in enumerate(beside(seen), 1)]
        labels = {field.key: field.shown for field in self.plan.fields}
        self._place(placed(self._base, tuple(labels.items()), (*look.rows, *texts, *more)))

    # --- what it shows ---

    def drawn(self) -> Drawn:
        """The sheet as a template, with one row for all claims."""
        plan, width = self.plan, self.width
        widths = [6.0, *(_wide(f) for f in self._columns), *self._with(_INVOICED), *_OURS]
        sheet = Drawn(widths, _HINTS)
        (a, b), (c, d), (e, f) = self._thirds()
        sheet.put(_TITLE, [Part(1, width, "{表名}", "title")], 34 * (1 + plan.title.count("\n")))
        sheet.put(
            _BASIS,
            [Part(a, b, "{依据}", "line"), Part(c, d, f"{{{_CHECK}}}", "check"), Part(e, f, "{金额单位}", "unit_line")],
            33,
        )
        who = []
        for key, (first, last) in zip(SHOWN, self._thirds(), strict=True):
            start = first + _label_of(first, last)
            who += [Part(first, start - 1, plan.by_key[key].label, "paper"), Part(start, last, f"{{{key}}}", "entry")]
        sheet.put(_WHO, who, 24)
        made = estimate_of(plan)
        labels = [NUMBER, *(field.shown for field in self._columns), *self._with(SUMMED), made.label, REASON, CHECK]
        sheet.put(_HEAD, [Part(n, n, text, "paper") for n, text in enumerate(labels, 1)], 22)
        units = ["", *(f.unit for f in self._columns), *self._with(self._unit), "元", "", ""]
        sheet.put(_UNITS, [Part(n, n, text, "unit") for n, text in enumerate(units, 1)], 18)
        hints = ["", *(f.hint for f in self._columns), *self._with("自动计算"), "自动计算", "自动给出", "自动给出"]
        sheet.put(_HINTS, [Part(n, n, text, "hint") for n, text in enumerate(hints, 1)], 18)
        like = ["unit", *(["entry"] * len(self._columns)), *self._with("amount"), "amount", "hint", "hint"]
        sheet.put(_FIRST, [Part(n, n, f"{{{_LIST}.{n}}}", one) for n, one in enumerate(like, 1)], 30)
        below = _FIRST + 1  # the rows of the claims are one row yet
        sheet.put(
            below,
            [Part(1, len(self._columns) + 1, TOTAL, "label"), *(Part(n, n, "{发票总计}", "amount") for n in self._with(self._summed)),
             Part(width - 2, width - 2, "{总计}", "amount"), Part(width - 1, width, "", "hint")],
            26,
        )  # fmt: skip
        sheet.put(below + 1, [Part(1, width, f"{estimate_note(plan)}。{_SUM}。", "hint")])
        sheet.put(below + 2, [Part(1, width, _PAPERS, "label")], 22)
        papers: dict[int, list[Part]] = {}
        for field, row, (first, last), (answer, end) in self._pairs():
            papers.setdefault(row - self.count + 1, []).extend(
                (Part(first, last, field.shown, "paper"), Part(answer, end, f"{{{field.key}}}", "enclosed"))
            )
        for row, parts in papers.items():
            rest = [Part(parts[-1].last + 1, width, "", "hint")] if parts[-1].last < width else []
            sheet.put(row, [*parts, *rest], 22)
        sheet.put(self._signed - self.count + 1, [Part(1, width, "{单位声明}", "declaration")], 40)
        return sheet

    def contents(
        self, values: Mapping[str, Any], said: Iterable[tuple[str, str]], told: Sequence[Shown] = ()
    ) -> dict[str, Content]:
        """What its sheets are filled with; `values` by field key, those of a row with `@` and its number."""
        plan, (amount, _, left) = self.plan, self._ours
        results = self.results(values)

        def live(cell: str, text: str) -> str | Formula:
            return Formula(text, results[cell]) if text.startswith("=") else text

        facts: dict[str, Shown] = {
            "表名": plan.title, "依据": plan.subtitle, "金额单位": plan.unit_line, "文件名称": plan.document.name,
            "单位声明": DECLARATION + SIGNED_ONCE, "总计": live(self._total, f"=SUM({amount}{_FIRST}:{amount}{self.last})"),
        }  # fmt: skip
        if summed := self._sums:
            facts["发票总计"] = live(f"{summed}{self.sum}", f"=SUM({summed}{_FIRST}:{summed}{self.last})")
        look = plan.look
        assert look is not None
        for key in SHOWN:
            field = plan.by_key[key]
            facts[key] = Entry("General", live(field.address, shows(look.common[key], field)), key, locked=True)
        for field in self._papers:
            facts[field.key] = Entry("General", values.get(field.key), field.key)
        rows: list[tuple[Shown, ...]] = []
        conditions: list[str] = []
        for number, line in enumerate(self._lines, 1):
            made = estimate_of(line)
            first, second = estimate_cells(line)
            mine = (line.by_key[f.key] for f in self._columns)
            rows.append((
                number,
                *(Entry(FORMATS.get(f.type, "General"), values.get(f"{f.key}{AT}{number}"), f.key) for f in mine),
                *(Entry("#,##0.00", live(f"{summed}{row}", self._invoiced(row)), locked=True) for row in self._with(_FIRST + number - 1)),
                Entry("#,##0.00", live(first, made.amount), locked=True), live(second, made.reason),
                Entry(_LEFT, live(f"{left}{_FIRST + number - 1}", self._left(line)), locked=True),
            ))  # fmt: skip
        conditions = [formula for f in self._papers for _, formula, _ in paints(plan, plan.by_key[f.key])]
        if self.vouchers:
            conditions.append(self.vouchers.astray)
        counts = f"{left}{_FIRST}:{left}{self.last}"
        facts[_CHECK] = live(look.check, echo.table_formula(counts, conditions))
        hidden, lists = hidden_rows(plan)
        checked = Live([*self._checks(lists)], [*self._paints()], _PROTECTED)
        fields = tuple(str(n) for n in range(1, self.width + 1))
        more = {self.stand.vouchers: self.vouchers.content()} if self.vouchers else {}
        return {
            **more,
            self.stand.form: Content(facts, {_LIST: Listing(fields, rows)}, checked),
            self.stand.hidden: Content(facts, {SAID: Listing(("名", "值"), [*hidden, *said])}),
        }

    def names(self, form: str, _: str) -> dict[str, dict[str, str]]:
        """The cells that get a name: the columns' of the first row; what is printed, and on every page."""

        def at(cells: str) -> str:
            return f"'{form}'!{cells}"

        named = {f.key: at(f"${letter(f.column + 1)}${f.row + 1}") for f in self.plan.fields}
        named["_xlnm.Print_Area"] = at(f"$A$1:${letter(self.width)}${self._signed}")
        named["_xlnm.Print_Titles"] = at(f"${_HEAD}:${_HINTS}")
        more = {self.stand.vouchers: self.vouchers.names()} if self.vouchers else {}
        return {form: named, **more}

    @property
    def hidden_rows(self) -> int:
        """How many rows the hidden sheet has without those of `said`."""
        return len(hidden_rows(self.plan)[0])

    def results(self, values: Mapping[str, Any]) -> dict[str, Result]:
        """What its formulas give, by cell."""
        plan, found = self.plan, dict[str, Result]()
        look = plan.look
        assert look is not None
        total, begun, lacking = Decimal(0), 0, 0
        for number, line in enumerate(self._lines, 1):
            own = _own(values, number)
            shown_as = results_of(line, own) if own else self._blank
            amount, reason = (shown_as.get(cell, "") for cell in estimate_cells(line if own else self._lines[0]))
            found |= dict(zip(estimate_cells(line), (amount, reason), strict=True))
            left = gaps(line, [line.by_key[f.key] for f in self._columns], own) if own else 0
            total += amount if isinstance(amount, Decimal | int) else 0
            begun, lacking = begun + bool(own), lacking + left
            found[f"{self._ours[2]}{_FIRST + number - 1}"] = left if own else ""
            if self._sums:  # nobody has listed an invoice yet
                found[f"{self._sums}{_FIRST + number - 1}"] = 0 if own else ""
        papers = gaps(plan, [plan.by_key[f.key] for f in self._papers], values)
        found[self._total] = total
        if self._sums:
            found[f"{self._sums}{self.sum}"] = 0
        found[look.check] = echo.table_checked(begun, lacking + papers)
        found |= {plan.by_key[key].address: shown_there(values.get(key)) for key in SHOWN}
        return found

    @property
    def _total(self) -> str:
        return f"{self._ours[0]}{self.sum}"

    def _filled(self, row: int) -> str:
        return f"COUNTA($B{row}:${letter(len(self._columns) + 1)}{row})"

    def _with(self, value: _T) -> list[_T]:
        """Something of the column in which the invoices of a row are summed up, where there is one."""
        return [value] if self.vouchers else []

    @property
    def _unit(self) -> str:
        return self.vouchers.unit if self.vouchers else ""

    @property
    def _sums(self) -> str:
        """That column."""
        return letter(self._summed) if self._summed else ""

    def _invoiced(self, row: int) -> str:
        """What the invoices of a row come to."""
        assert self.vouchers is not None
        return f'=IF({self._filled(row)}=0,"",{self.vouchers.sum_of(f"$A{row}")})'

    def _left(self, line: Layout) -> str:
        """How much is left to fill in of a row."""
        columns = (line.by_key[f.key] for f in self._columns)
        counted = "+".join(f"({formula})" for f in columns for _, formula, _ in paints(line, f)) or "0"
        row = line.by_key[self._columns[0].key].row + 1
        return f'=IF({self._filled(row)}=0,"",IFERROR({counted},1))'

    def _paints(self) -> Iterator[tuple[str, str, str]]:
        for key, (_, last) in zip(SHOWN, self._thirds(), strict=True):
            field = self.plan.by_key[key]
            yield f"{field.address}:{self._at(last, _WHO)}", "TRUE", SHOWN_ONLY
        for field in self._columns:
            own = self.plan.by_key[field.key]
            for _, formula, colour in paints(self.plan, own):
                yield self._column(own), f"AND({self._filled(_FIRST)}>0,{formula})", colour
        for field in self._papers:
            yield from paints(self.plan, self.plan.by_key[field.key])

    def _checks(self, lists: Mapping[str, str]) -> Iterator[str]:
        for field in (*self._columns, *self._papers):
            own = self.plan.by_key[field.key]
            check: DataValidation | None = validation(
                replace(own, hint=field.hint), self.plan.unit, lists, self.stand.hidden
            )
            if check is not None:
                check.add(self._column(own) if field in self._columns else own.address)
                yield tostring(check.to_tree()).decode()  # type: ignore[attr-defined]  # bytes

    def _column(self, field: Field) -> str:
        column = letter(field.column + 1)
        return f"{column}{_FIRST}:{column}{self.last}"


def _own(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The values of a row, by field key."""
    end = f"{AT}{number}"
    return {k.removesuffix(end): v for k, v in values.items() if k.endswith(end) and v is not None and v != ""}


def _label_of(first: int, last: int) -> int:
    """How many of some columns a label takes."""
    return 2 if last - first > 2 else 1


def _wide(field: Field) -> float:
    """A column's width: what is filled in, and a label of at most four lines."""
    return max(_WIDTHS.get(field.type, 12.0), min(text_width(field.shown) / 4 + 3, 20.0))
