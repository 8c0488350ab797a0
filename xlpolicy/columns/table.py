"""One provision over every row of a table, exact to the fen.

The rows go through the vector interpreter; those that it hands back, and those that cannot be assessed, go one by
one through `assess.decide`, so that every row ends as `assess` would have it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from xlpolicy.claim.binding import basis, input_names
from xlpolicy.claim.decision import decide
from xlpolicy.columns import vector
from xlpolicy.columns.exact_numbers import Ints
from xlpolicy.columns.frames import Frame, Labels, frame, present, spread
from xlpolicy.columns.masks import Mask, Rows, Truth, both, either, negate
from xlpolicy.columns.table_cells import Cells, read, source
from xlpolicy.columns.vector import Column
from xlpolicy.faults import AmbiguousRule, InvalidInput, NotComputable, NotInForce, PolicyError, UnknownInput, nearest
from xlpolicy.law import catalog as catalogs
from xlpolicy.law import nodes
from xlpolicy.law.adopted import Choices
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found, as_date, period
from xlpolicy.law.looked_at import may_be_open
from xlpolicy.law.records import Assumption, Input, Rule
from xlpolicy.money import clean
from xlpolicy.words.inputs import presumed

TEXTS = ("code", "problem", "basis", "assumptions", "warnings", "question")
_LARGEST = 2**63 - 1
_DAY = Input("on", "date", "申报日期")
_EPOCH = dt.date(1970, 1, 1)


class _Group(NamedTuple):
    """Rows (None: all) that one provision of one document decides, on one day as far as that matters."""

    found: Found
    day: dt.date | None
    rows: Ints | None


def assess_table(
    table: Any,
    city: str,
    rule: str,
    *,
    on: Any = None,
    policy: str | None = None,
    columns: Mapping[str, str] | Iterable[str] | None = None,
    catalog: Catalog | None = None,
    readings: Choices | None = None,
) -> Any:
    """核定 every row of a table under one provision; the result has the table's kind, length, order and index.

    `table`: a pandas or polars DataFrame, or a mapping of plain columns (lists, numpy arrays). Columns are named by
    input name or Chinese label; `columns` names those to use (a list of headings, or heading -> input), else every
    column must be an input. `on`: a date for all rows, or the dates by row (the heading of a column, or a column).
    A missing cell (None, null, NaN in numpy and pandas) or blank text is not stated. `city`, `rule`, `policy`, and
    what a cell may hold: as in `assess`. A float is taken by its shortest repr, text such as "800万元" is read.

    Columns of the result, by row:
    `eligible`     bool, False where the row has a problem
    `amount`       元; polars: Decimal(38, 2); lists: Decimal; pandas and numpy arrays: the float64 nearest to the exact
                   amount, for reading and sorting; missing (null, None, NaN) where the row has a problem
    `amount_fen`   the same in 分 as an integer, always exact: sum this one (pandas: Int64 with NA; a numpy
                   array holds 0 where the row has a problem)
    `code`         the error code of a row that cannot be assessed, else missing; other rows are not affected
    `problem`      its message, as `assess` raises it
    `basis`        document number and pinpoint
    `assumptions`   as the decision's, joined by "；", else missing; `warnings`   the document's likewise
    `question`     what has to be stated before a row that is not eligible is refused, else missing
    Text columns are Categorical in pandas, object arrays for numpy (a read-only view where all rows are alike).

    `readings`: a bureau's own options, as of `assess`.

    Raises what concerns the call and not a row: unknown_reading, unknown_city, unknown_rule, unknown_policy, unknown_input (a
    heading), invalid_input (no table, a column twice), and with one date for all rows also not_in_force,
    ambiguous_rule, not_computable.
    """
    source = frame(table)
    catalog = (catalog or catalogs.default()).adopting(readings)
    labels = {name: Labels(source.size) for name in TEXTS}
    run = _Run(source, labels)
    days, heading = _days(source, on)
    if isinstance(days, Cells):
        groups = list(_by_day(run, catalog, city, rule, policy, days))
    else:
        found = catalog.find(city, rule, days, policy)
        if found.rule.amount is None:
            decide(found, {}, days)
        groups = [_Group(found, days, None)]
    wanted = _wanted(source, columns, heading, [group.found.rule for group in groups] or _rules(catalog, city, rule))
    for group in groups:
        run.group(group, wanted)
    return source.build(run.fen, run.eligible, run.failed, labels)


def _rules(catalog: Catalog, city: str, rule: str) -> list[Rule]:
    """The provision in every document of the city, to judge headings by when no row finds one in force."""
    return [found.rule for found in catalog.of(city, rule)]


def _days(source: Frame, on: Any) -> tuple[dt.date | Cells | None, str | None]:
    """One day, or the cells of a column of days with its heading when it stands in the table."""
    if isinstance(on, str) and on in source.names:
        return source.cells(on), on
    cells = source.series(on)
    if cells is None:
        return as_date(on), None
    if len(cells) != source.size:
        raise InvalidInput(
            f"有 {len(cells)} 个日期，表有 {source.size} 行", where="on", expected="每行一个日期", remedy="补齐日期"
        )
    return cells, None


def _wanted(
    source: Frame, columns: Mapping[str, str] | Iterable[str] | None, heading: str | None, rules: list[Rule]
) -> dict[str, str]:
    """Heading -> the name it goes by, for the columns to read. Raises UnknownInput, InvalidInput."""
    if columns is None:
        wanted = {name: name for name in source.names if name != heading}
    elif isinstance(columns, Mapping):
        wanted = dict(columns)
    else:
        wanted = {name: name for name in ([columns] if isinstance(columns, str) else columns)}
    known = [name for rule in rules for item in rule.inputs for name in (item.name, item.label)]
    for column, name in wanted.items():
        if column not in source.names:
            raise UnknownInput(
                f"表里没有“{column}”这一列",
                where="表头",
                expected="、".join(map(str, source.names)),
                remedy=nearest(str(column), map(str, source.names)),
            )
        if all(_item(rule, name) is None for rule in rules):
            raise UnknownInput(
                f"“{name}”这一列不是输入项", where="表头", expected="、".join(dict.fromkeys(known)),
                remedy=nearest(str(name), known) + "；表里另有用不到的列时，用 columns 指明要用的列",
            )  # fmt: skip
    for rule in rules:
        taken: dict[str, str] = {}
        for column, name in wanted.items():
            item = _item(rule, name)
            if item is not None and taken.setdefault(item.name, column) != column:
                raise InvalidInput(
                    f"“{taken[item.name]}”和“{column}”两列都是“{item.label}”",
                    where="表头",
                    expected="每项只有一列",
                    remedy="删去一列，或用 columns 指明",
                )
    return wanted


def _item(rule: Rule, name: object) -> Input | None:
    names = input_names(rule)
    return names.get(name) or names.get(clean(str(name)))  # type: ignore[call-overload]


def _by_day(run: _Run, catalog: Catalog, city: str, name: str, policy: str | None, days: Cells) -> Iterable[_Group]:
    """The groups of a table whose rows have their own dates; rows without a usable one get their problem."""
    rules = _rules(catalog, city, name)
    column = read(rules[0], _DAY, days)
    value: Any = column.value
    number = np.broadcast_to(value.num, run.size)
    gone = np.broadcast_to(value.absent, run.size)
    wrong = np.broadcast_to(column.bad, run.size)
    for row in np.flatnonzero(wrong).tolist():
        try:
            as_date(days.cell(row))
        except PolicyError as error:
            run.fail(row, error)
    blank = np.flatnonzero(gone)
    if len(blank) and policy is None:
        run.fail(
            blank, InvalidInput("申报日期是空白", where="on", expected="日期，如 2026-06-30", remedy="补填申报日期")
        )
    keys: dict[Any, tuple[Found, dt.date | None, list[Any]]] = {}

    def sort(day: dt.date | None, rows: Ints) -> None:
        try:
            found = catalog.find(city, name, day, policy)
            if found.rule.amount is None:
                decide(found, {}, day)
        except (NotInForce, AmbiguousRule, NotComputable) as error:
            run.fail(rows, error)
            return
        document = found.document
        opening = bool(document.first_day) and day == document.valid_from
        key = (found.rule, found.tail and day, opening, found.warnings)
        keys.setdefault(key, (found, day, []))[2].append(rows)

    if len(blank) and policy is not None:
        sort(None, blank)
    live = np.flatnonzero(~(gone | wrong))
    order = live[np.argsort(number[live], kind="stable")]
    dates, starts = np.unique(number[order], return_index=True)
    for date, rows in zip(dates.tolist(), np.split(order, starts[1:]) if len(dates) else [], strict=True):
        sort(_EPOCH + dt.timedelta(days=date), rows)
    for found, day, parts in keys.values():
        rows = np.sort(np.concatenate(parts))
        yield _Group(found, day, None if len(rows) == run.size else rows)


class _Run:
    """The result under construction."""

    def __init__(self, source: Frame, labels: dict[str, Labels]) -> None:
        self.source, self.labels, self.size = source, labels, source.size
        self.fen, self.eligible = np.empty(self.size, np.int64), np.empty(self.size, np.bool_)
        self.failed: Mask | None = None
        self._read: dict[str, Cells] = {}

    def fail(self, rows: Ints | int, error: PolicyError) -> None:
        """These rows have a problem: no amount, not eligible."""
        if self.failed is None:
            self.failed = np.zeros(self.size, np.bool_)
        self.failed[rows], self.fen[rows], self.eligible[rows] = True, 0, False
        self.labels["code"].put(rows, error.code)
        self.labels["problem"].put(rows, str(error))
        self.labels["assumptions"].put(rows, None)

    def cells(self, heading: str) -> Cells:
        cells = self._read.get(heading)
        if cells is None:
            cells = self._read[heading] = self.source.cells(heading)
        return cells

    def group(self, group: _Group, wanted: Mapping[str, str]) -> None:
        """Assess the rows of one group."""
        found, day, rows = group
        size = self.size if rows is None else len(rows)
        items = {heading: _item(found.rule, name) for heading, name in wanted.items()}
        parts = {heading: self.cells(heading) if rows is None else self.cells(heading).take(rows) for heading in wanted}
        self.labels["basis"].put(rows, str(basis(found)))
        self.labels["warnings"].put(rows, "；".join(found.warnings + found.rule.applies) or None)
        one = _One(self, group, {(item.name if item else wanted[h]): parts[h] for h, item in items.items()})
        if found.tail:
            for row in range(size):
                place = row if rows is None else int(rows[row])
                self.eligible[place], self.fen[place] = one(row)
            one.tell()
            return
        columns = {
            (item.name if item else wanted[heading]): source(found.rule, item, parts[heading])
            if item
            else Column(Truth(False), _stated(parts[heading])).cut
            for heading, item in items.items()
        }  # fmt: skip
        result = vector.evaluate(found.rule, columns, size, one, *((self.fen, self.eligible) if rows is None else ()))
        if rows is not None:
            self.fen[rows], self.eligible[rows] = result.fen, result.eligible
        self._assumptions(found, day, rows, result)
        if may_be_open(found.rule):
            known = {item.name: parts[heading] for heading, item in items.items() if item}
            for row in np.flatnonzero(both(~result.eligible, _gap(found.rule, known))).tolist():
                one(row)
        one.tell()

    def _assumptions(self, found: Found, day: dt.date | None, rows: Ints | None, result: vector.Result) -> None:
        """The texts of what was assumed, in the order of the decision's."""
        document = found.document
        told: list[tuple[str, Rows]] = [
            (mark.text if isinstance(mark, Assumption) else presumed(mark), mask)
            for mark, mask in result.marks
            if not (isinstance(mark, Assumption) and mark.settlement)
        ]
        if document.first_day and day == document.valid_from == period(document, found.rule)[0]:
            told.append((document.first_day, True))
        told += [(text, True) for text in document.left_out]
        label = self.labels["assumptions"]
        varied = [mask for _, mask in told if not isinstance(mask, bool)]
        if not varied:
            label.put(rows, "；".join(text for text, mask in told if mask) or None)
            return
        bits: Any = varied[0].view(np.uint8)
        for place, mask in enumerate(varied[1:], 1):
            bits = bits | (mask.astype(np.min_scalar_type(1 << place)) << place)
        if len(varied) <= 8:
            kinds, places = present(bits), bits
        else:
            different, places = np.unique(bits, return_inverse=True)
            kinds = different.tolist()
        codes = np.zeros(256 if places is bits else len(kinds), np.int32)
        for index, kind in enumerate(kinds):
            held = iter([kind >> place & 1 for place in range(len(varied))])
            shown = [text for text, mask in told if (mask if isinstance(mask, bool) else next(held))]
            codes[kind if places is bits else index] = label.code("；".join(shown) or None)
        if rows is None:
            label.codes = spread(codes.astype(np.min_scalar_type(int(codes.max()))), places)
        else:
            label.spread()[rows] = codes[places]


class _One:
    """Rows of a group one by one through `decide`; alike rows once."""

    def __init__(self, run: _Run, group: _Group, cells: Mapping[str, Cells]) -> None:
        self.run, self.group, self.cells = run, group, cells
        self.seen: dict[Any, tuple[bool, int, PolicyError | str | None]] = {}
        self.told: list[tuple[int, PolicyError | str | None]] = []
        self.questions: dict[Any, str] = {}

    def __call__(self, row: int) -> tuple[bool, int]:
        # a blank cell states nothing, not even under a heading that only another document of the table knows
        inputs = {name: value for name, cells in self.cells.items() if not _blank(value := cells.cell(row))}
        key = tuple((name, type(value), repr(value)) for name, value in inputs.items())
        known = self.seen.get(key)
        if known is None:
            known = self._decide(inputs, key)
            if len(self.seen) < 10_000:
                self.seen[key] = known
        eligible, fen, note = known
        place = row if self.group.rows is None else int(self.group.rows[row])
        self.told.append((place, note))
        if key in self.questions:
            self.run.labels["question"].put(place, self.questions[key])
        return eligible, fen

    def _decide(self, inputs: Mapping[str, object], key: Any) -> tuple[bool, int, PolicyError | str | None]:
        try:
            decision = decide(self.group.found, inputs, self.group.day)
            fen = int(decision.amount.scaleb(2))
            if abs(fen) > _LARGEST:
                raise InvalidInput(
                    f"金额大得不合常理（{decision.amount}）",
                    where=str(decision.basis),
                    expected="小于 9.2 亿亿元的金额",
                    remedy="核对输入",
                )
        except PolicyError as error:
            return False, 0, error
        if decision.open:
            self.questions[key] = "；".join(decision.reasons)
        return decision.eligible, fen, "；".join(decision.assumptions)

    def tell(self) -> None:
        """Write the problems and assumptions of these rows over those of the group."""
        for place, note in self.told:
            if isinstance(note, PolicyError):
                self.run.fail(place, note)
            else:
                self.run.labels["assumptions"].put(place, note or None)


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _gap(rule: Rule, known: Mapping[str, Cells]) -> Rows:
    """Rows that leave an input blank on which a refusal may rest."""
    asked = {line.node.name for line in rule.conditions if isinstance(line.node, nodes.Given)}
    asked |= {item.name for item in rule.inputs if item.at_most is not None}
    return either(*(negate(_stated(known[name])) if name in known else True for name in asked))


def _stated(cells: Cells) -> Rows:
    """Rows of a column that state something."""
    data = cells.data
    stated = np.ones(len(data), np.bool_) if cells.missing is None else ~cells.missing
    if cells.nan:
        stated &= data == data
    if data.dtype.kind in "OUT":
        stated &= np.array([not _blank(v) for v in data.tolist()], np.bool_)
    return stated if stated.any() else False
