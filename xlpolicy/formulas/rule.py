"""The Excel interpreter: a provision as plain formula text over given cells, equal to `exact` to the cent.

Two formulas: the reason (what to fill in or correct; why nothing is paid; what was assumed) and the amount in 元,
which is empty while something has to be filled in and 0 where a condition fails. Only functions that Excel 2010,
WPS and LibreOffice share, nothing volatile, within Excel's limits on length and nesting; what would exceed them is
spread over helper cells. How exactness is kept is said in `integers`; inputs beyond its bounds are refused in the
reason cell, never computed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from xlpolicy.faults import InvalidInput, NotComputable, nearest
from xlpolicy.formulas.arithmetic import Quantity, one
from xlpolicy.formulas.blank_cells import questions
from xlpolicy.formulas.cell_text import TODO, Cells
from xlpolicy.formulas.conditions import all_of, any_of, date_text, negated, quoted
from xlpolicy.formulas.integer_form import FIRST_DAY, LAST_DAY, RATE_DIGITS, FigureOf, serial
from xlpolicy.formulas.parts import TOP, Inexpressible, Part, TooLarge, whole
from xlpolicy.formulas.periods import BLANK
from xlpolicy.law import nodes as n
from xlpolicy.law.records import Input, Rule
from xlpolicy.law.values import most
from xlpolicy.money import plain
from xlpolicy.words.wording import Words

MAX_LENGTH = 8192
MAX_DEPTH = 64
FUNCTIONS = frozenset(
    {
        "AND",
        "COUNTA",
        "DATE",
        "DAY",
        "IF",
        "IFERROR",
        "INT",
        "ISNUMBER",
        "LEFT",
        "MAX",
        "MIN",
        "MOD",
        "MONTH",
        "N",
        "NOT",
        "OR",
    }
    | {"ROUND", "YEAR"}
)
#: what a reason begins with when nothing is paid, or something was assumed (`TODO`: something is to be done)
REFUSED = "不"
_ASSUMING = "未填的按“是”测算，请核对："
#: bounds tried in turn: amounts in fen, counts that are multiplied
_BOUNDS = tuple((10**m, 10**c) for m, c in ((13, 6), (13, 5), (13, 4), (12, 4), (11, 4), (10, 4)))


class Messages(NamedTuple):
    """What the reason cell says: by input to be filled in, by input needed in this case, by condition of the rule,
    by input without which nothing can be said."""

    fill: Mapping[str, str]
    needed: Mapping[str, str]
    refused: tuple[str, ...]
    asked: Mapping[str, str]

    @staticmethod
    def assumed(items: Iterable[Input]) -> str:
        """What was assumed because these inputs were left blank; empty for none."""
        listed = "".join(f"“{item.label}”" for item in items)
        return f"{_ASSUMING}{listed}" if listed else ""


class NativeFormula(NamedTuple):
    """Formula texts beginning with "=". `helpers` pairs the reference of a helper cell with its formula.

    `ranges`: by input that holds a number, the least and greatest accepted (money in 元) and its decimals.
    `messages` is what the reason may say.
    """

    amount: str
    reason: str
    helpers: tuple[tuple[str, str], ...]
    ranges: Mapping[str, tuple[int, int | Decimal, int]]
    messages: Messages


def native(
    rule: Rule,
    cell_of: Mapping[str, str],
    figure_of: FigureOf | None = None,
    unit: Literal["元", "万元"] = "元",
    *,
    amount_cell: str | None = None,
    used: str | None = None,
    helper_of: Callable[[int], str] | None = None,
    tail: tuple[dt.date, dt.date] | None = None,
    on: dt.date | None = None,
) -> NativeFormula:
    """The formulas of a computable provision.

    `cell_of`: a reference (or defined name) for every input, `BLANK` for one that is never stated; amounts there are in `unit`, rates are fractions
    (3% is 0.03), yes-no cells hold 是 or 否, options their label. `figure_of(figure, row, side)` -> the reference of
    a cell holding the figure's `integer_form`, None for the number itself. `amount_cell`: where the amount
    formula will stand, so that the reason need not look further where something is paid. `used`: a truth without
    which both stay empty (a blank row). `helper_of(i)`: where helper cells may stand; without it everything is one
    formula. `tail`: (last day in force, day of the claim) of an award that runs on after expiry. `on`: the day of the claim,
    where years are counted to it.

    Raises NotComputable for a provision without an amount, or one that no exact formula can express.
    """
    if rule.amount is None:
        raise NotComputable(
            f"“{rule.title}”不在本文件计算金额", where=rule.at,
            remedy=f"按下列去处办理：{rule.refer_to}",
        )  # fmt: skip
    missing = [item for item in rule.inputs if item.name not in cell_of]
    unknown = [name for name in cell_of if name not in {item.name for item in rule.inputs}]
    if missing or unknown:
        raise InvalidInput(
            f"没有“{unknown[0]}”这个输入项"
            if unknown
            else f"没有给出“{missing[0].label}”（{missing[0].name}）的单元格",
            where=f"{rule.title}（{rule.at}）", expected="、".join(item.name for item in rule.inputs),
            remedy=nearest(unknown[0], [i.name for i in rule.inputs]) if unknown else "写明每个输入项的单元格",
        )  # fmt: skip
    for helpers in (None, helper_of) if helper_of else (None,):
        for money, count in _BOUNDS:
            writer = _Writer(rule, cell_of, figure_of, unit, money, count, helpers)
            try:
                made = writer.formulas(amount_cell, used, tail, on)
            except TooLarge:
                continue
            except Inexpressible:
                raise NotComputable(
                    f"“{rule.title}”写不成精确的表格公式", where=rule.at, expected="加减乘、取大取小、分档，除法在最后",
                    remedy="用 xlpolicy calc 或批量核算",
                ) from None  # fmt: skip
            texts = [made.amount, made.reason, *(text for _, text in made.helpers)]
            if all(len(text) <= MAX_LENGTH and depth(text) <= MAX_DEPTH for text in texts):
                return made
            break
    raise NotComputable(
        f"“{rule.title}”的公式超出表格公式的长度或精度限制", where=rule.at, expected="8192 个字符、64 层以内",
        remedy="把公式拆到辅助单元格（helper_of），或用 xlpolicy calc",
    )  # fmt: skip


def too_long(end: Input) -> str:
    """What the reason says of a period longer than the formulas can count."""
    return f"{TODO}核对“{end.label}”：期间太长"


def partly(rule: Rule) -> str:
    """What the reason says where interest is stated for more days than the term has."""
    paid = f"“{rule.input(rule.term.paid).label}”" if rule.term and rule.term.paid else ""
    return f"{TODO}由受理部门核算：计息天数超过贴息期限，{paid}要按天数折算"


def together(rule: Rule, item: Input) -> str:
    """What the reason says where one end of a period is missing."""
    return f"{TODO}{'和'.join(f'“{rule.input(name).label}”' for name in item.period[:2])}一起填写"


def disagreement(rule: Rule, name: str) -> str:
    """What the reason says where an input contradicts the dates it belongs to; empty where it belongs to none."""
    item = rule.input(name)
    if item.year_since:
        return f"{TODO}核对“{item.label}”：与“{rule.input(item.year_since).label}”算出的不一致"
    for days in rule.inputs:
        labels = [f"“{rule.input(other).label}”" for other in days.period]
        if name == days.name and labels:
            return f"{TODO}核对“{item.label}”：与起止日期（首尾两天都算）不一致"
        if name in days.period:
            place = days.period.index(name)
            return (
                f"{TODO}核对{labels[1]}：早于{labels[0]}" if place == 1 else f"{TODO}核对{labels[0]}：早于{labels[2]}"
            )
    return ""


def depth(formula: str) -> int:
    """How deep the parentheses of a formula are nested (texts left out)."""
    level = most = 0
    for char in re.sub(r'"(?:[^"]|"")*"', "", formula):
        level += (char == "(") - (char == ")")
        most = max(most, level)
    return most


def _helper(text: str, used: str | None) -> str:
    """A helper cell's formula; like the others it stays empty in a blank row."""
    return f"=IFERROR({text},0)" if used is None else f'=IF({used},IFERROR({text},0),"")'


class _Writer(Cells):
    """The two formulas of one rule."""

    def formulas(
        self,
        amount_cell: str | None,
        used: str | None,
        tail: tuple[dt.date, dt.date] | None,
        on: dt.date | None,
    ) -> NativeFormula:
        rule = self.rule
        assert rule.amount is not None
        phrases = Words(rule, numbers=self.figure_of is None)
        todo = [self.check(item) for item in rule.inputs]
        needed = {
            item.name: f"{TODO}补填“{item.label}”：本情形必填" for item in rule.inputs if item.required_when is not None
        }
        later = []
        for name, text in needed.items():
            when = rule.input(name).required_when
            assert when is not None
            later.append((all_of([negated(self.stated(name)), self.truth(when)]), text))
        for term in rule.terms:
            self.terms[term.name] = self.value(term.node)
        messages = Messages(
            {item.name: text for item, (_, text) in zip(rule.inputs, todo, strict=True)},
            needed,
            tuple(f"{REFUSED}予补助：{phrases.refusal(c.node, c.label)}（{c.at or rule.at}）" for c in rule.conditions),
            {i.name: f"{TODO}补填“{i.label}”：不填不能判断能否补助" for i in rule.inputs},
        )
        # a blank is no reason where there is another
        lines = sorted(
            zip(rule.conditions, messages.refused, strict=True), key=lambda x: isinstance(x[0].node, n.Given)
        )
        refused = [(self.untruth(line.node), text) for line, text in lines]
        refused = [(test, text) for test, text in refused if test != "FALSE"]
        for item in rule.inputs:
            later += self.period_checks(item)
            later.append((self.beyond(item), partly(rule)))
            if item.year_since and on is not None:
                cell, since = self.cell_of[item.name], self.cell_of[item.year_since]
                years = f"{on.year + 1}-YEAR({since})"
                told = disagreement(self.rule, item.name)
                if BLANK not in (cell, since):
                    later.append((f'AND({cell}<>"",{since}<>"",{cell}<>{years})', told))
        later += dict.fromkeys(self.guards)
        doubtful = [(test, messages.asked[item.name]) for item, test in questions(self)]
        if tail is not None:
            later += self.tail_checks(*tail)
        later += doubtful
        self.guards = []
        amount = self.payable()
        last = list(dict.fromkeys(self.guards))
        notes = reason = self.notes()
        for test, text in reversed([*todo, *later, *refused, *last]):
            if test == "FALSE":
                continue
            reason = f"IF({test},{quoted(text)},{reason})"
        reason = f"IFERROR({reason},{quoted(TODO + '改正错误值：有一格是 #N/A 之类')})"
        amount = f'IF({any_of([t for t, _ in last])},"",{amount})' if last else amount
        amount = f"IF({any_of([t for t, _ in refused])},0,{amount})" if refused else amount
        amount = f'IF({any_of([t for t, _ in later])},"",{amount})' if later else amount
        amount = f'IFERROR(IF({any_of([t for t, _ in todo])},"",{amount}),"")' if todo else amount
        if used is not None:
            reason = f'IF({used},{reason},"")'
            if not any(item.required for item in rule.inputs):
                amount = f'IF({used},{amount},"")'
        if amount_cell is not None:
            reason = f"IF(N({amount_cell})>0,{notes},{reason})"
        helpers = tuple((cell, _helper(text, used)) for cell, text in self.helpers)
        return NativeFormula(f"={amount}", f"={reason}", helpers, self.ranges(), messages)

    def payable(self) -> str:
        """The amount after all limits, in 元: rounding commutes with taking the smaller."""
        rule = self.rule
        assert rule.amount is not None
        lows = [self.rounded(rule.amount.node)]
        for limit in rule.limits:
            test = None if limit.when is None else self.truth(limit.when)
            if test == "FALSE":
                continue
            with self.under(*([test] if test else [])):
                room = self.rounded(limit.node)
                if limit.used is not None:
                    spent = self.number(n.Input(limit.used))
                    room = self.whole_number(
                        self.math.extreme("max", [self.math.add(one(room, 1), spent, "-"), one(whole(0), None)])
                    )
                if test is not None:
                    room = self.whole_number(self.math.choose(test, one(room, 1), one(whole(TOP), 1)))
                lows.append(room)
        best = lows[0] if len(lows) == 1 else self.whole_number(self.math.extreme("min", [one(x, 1) for x in lows]))
        if best.lo < 0:
            raise Inexpressible  # the law's amounts are written with max(..., 0)
        return f"{best.within(2)}/100"

    def whole_number(self, value: Quantity) -> Part:
        return self.math.rounded(value)

    def notes(self) -> str:
        """What was assumed because it was left blank."""
        assumed = [(self.cell_of[item.name], item.label) for item in self.rule.inputs if item.assumed]
        if not assumed:
            return '""'
        if all(cell == BLANK for cell, _ in assumed):
            return quoted(Messages.assumed(item for item in self.rule.inputs if item.assumed))
        listed = "&".join(f'IF({cell}="",{quoted(f"“{label}”")},"")' for cell, label in assumed)
        all_given = all_of([f'{cell}<>""' for cell, _ in assumed])
        return f'IF({all_given},"",{quoted(_ASSUMING)}&{listed})'

    def tail_checks(self, last: dt.date, on: dt.date) -> list[tuple[str, str]]:
        """A claim after expiry lives only in the tail."""
        tail = self.rule.tail
        assert tail is not None
        cell, item = self.cell_of[tail.since], self.rule.input(tail.since)
        day = f"INT({cell})"
        years = self.number(n.Figure(tail.years))
        until = self.math.add(one(Part(f"YEAR({cell})", 0, 9999)), years, "+")
        over = self.math.compare(">=", one(whole(on.year)), until)
        outside = any_of([f"{day}>{date_text(last)}", f"YEAR({cell})>{on.year}", over])
        return [
            (f'{cell}=""', f"{TODO}补填“{item.label}”：文件已于 {last} 到期，延续年度须凭此判断"),
            (outside, f"{TODO}核对“{item.label}”：{on.year} 年不在延续年度内"),
        ]

    def period_checks(self, item: Input) -> list[tuple[str, str]]:
        """Dates of a period that contradict each other, or the days beside them."""
        if not self.dated(item):
            return []
        (first, last, since), cell = self.dates(item), self.cell_of[item.name]
        given = f'{first}<>""'  # the last day as well: the first of these checks is told before the others
        full = f"INT({last})-INT({first})+1"
        checks = [
            # no comparison of comparisons: IronCalc drops the brackets where rows share a formula
            (f'IF({first}="",{last}<>"",{last}="")', together(self.rule, item)),
            (f"AND({given},INT({last})<INT({first}))", disagreement(self.rule, item.period[1])),
        ]
        if item.period[2:] and since != BLANK:
            told = disagreement(self.rule, item.period[0])
            checks.append((f'AND({given},{since}<>"",INT({first})<INT({since}))', told))
        if cell != BLANK:
            told = disagreement(self.rule, item.name)
            checks.append((f'AND({given},{cell}<>"",{cell}<>{full},{cell}<>{self.inside(item)})', told))
        told = too_long(self.rule.input(item.period[1]))
        checks.append((f"AND({given},{full}>{self.most_count(item)})", told))
        return checks

    def check(self, item: Input) -> tuple[str, str]:
        """(truth of the cell being unusable, what to do)."""
        cell = self.cell_of[item.name]
        if cell == BLANK or item.type == "text":
            return "FALSE", ""
        label = f"“{item.label}”"
        blank = "TRUE" if item.required else f'{cell}<>""'
        if self.dated(item) and item.required:
            first, last, _ = self.dates(item)
            blank = f'OR({cell}<>"",{first}="",{last}="")'
        if item.type == "boolean" or item.choices:
            options = ["是", "否"] if item.type == "boolean" else [c.label for c in item.choices]
            tests = [f"{cell}={quoted(text)}" for text in options]
            if item.type == "integer":
                tests += [f"{cell}={choice.value}" for choice in item.choices]
            if not item.required:
                tests.insert(0, f'{cell}=""')
            return negated(any_of(tests)), f"{TODO}选择{label}：{'、'.join(options)}"
        low, high, digits = self.range(item)
        if item.type == "money":
            shown = f"{high // 10**8} 亿元" if high >= 10**8 else f"{high // 10**4} 万元"
            if high == item.maximum:
                shown = most(item)
            words = f"0 至 {shown}的数字，单位{self.unit}，最多到分，不写文字"
            high, digits = Decimal(high) * 100 / self.scale, self.digits
        elif item.type == "rate":
            words = f"0 至 {most(item) if item.maximum is not None else '100%'} 的百分数，最多 {digits - 2} 位小数"
        elif item.type == "date":
            words = "日期，如 2026-06-30"
        else:
            words = f"{low} 至 {high} 的整数"
        tests = [f"{cell}<{low}", f"{cell}>{high if isinstance(high, int) else plain(high).replace(',', '')}"]
        if item.type != "date":
            tests.append(f"{cell}<>ROUND({cell},{digits})")
        return f"IF(ISNUMBER({cell}),{any_of(tests)},{blank})", f"{TODO}填写{label}：{words}"

    def range(self, item: Input) -> tuple[int, int | Decimal, int]:
        """The least and greatest number (money in 元), and its decimals."""
        if item.type == "date":
            return serial(FIRST_DAY), serial(LAST_DAY), 0
        high, digits = {"money": (self.money // 100, 2), "rate": (1, RATE_DIGITS)}.get(
            item.type, (self.most_count(item), 0)
        )
        if item.maximum is not None and item.maximum < high:
            return item.minimum or 0, int(item.maximum) if item.maximum == int(item.maximum) else item.maximum, digits
        return item.minimum or 0, high, digits

    def ranges(self) -> dict[str, tuple[int, int | Decimal, int]]:
        kinds = ("money", "rate", "date", "integer")
        return {item.name: self.range(item) for item in self.rule.inputs if item.type in kinds}
