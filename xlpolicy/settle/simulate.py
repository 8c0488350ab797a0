"""What a bureau needs while it drafts: change figures of documents and settle the same claims before and after.

A change names a figure of a document, `tech_upgrade.cap`, or one row of a table figure, `tech_center.award[national]`,
and gives the new text as the law would write it ("400万元"). Figures that other provisions borrow follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xlpolicy.faults import InvalidInput
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.labels import PAYERS
from xlpolicy.law.reading.figures import is_share, parse_figure, parse_share, unit_of
from xlpolicy.law.records import Document, Figure, Rule
from xlpolicy.law.values import coerce
from xlpolicy.money import ZERO, clean
from xlpolicy.settle import Claim, Facts, Settled, Settlement, settle
from xlpolicy.settle.model import Note, read_claims
from xlpolicy.settle.plan import document_of, figure_of
from xlpolicy.settle.single import YEAR_RATE
from xlpolicy.words.wording import choice_label

UNKNOWN = "未写明"


@dataclass(frozen=True, slots=True)
class Change:
    """One changed figure, with its text before and after."""

    document: str
    path: str
    title: str
    label: str
    at: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the budget by a view (provision, county, size …): claims paid and yuan, before and after."""

    name: str
    paid_before: int
    before: Decimal
    paid_after: int
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """Yuan more (or, below zero, less) than before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Simulation:
    """`views`: view name (条款, 县区, 企业规模, 出资) -> lines, each adding up to the same total.

    `baseline`: the changes of the plan that this one is held against; none for the law as it stands.
    """

    changes: tuple[Change, ...]
    claims: tuple[Claim, ...]
    before: Settlement
    after: Settlement
    views: Mapping[str, tuple[Line, ...]]
    baseline: tuple[Change, ...] = ()

    @property
    def was(self) -> str:
        """What the amounts before are called."""
        return "基线" if self.baseline else "现行"

    @property
    def moved(self) -> tuple[tuple[Claim, Settled, Settled], ...]:
        """The claims whose amount changed, with both ends, those that lose most first."""
        every = zip(self.claims, self.before.claims, self.after.claims, strict=True)
        found = [(claim, old, new) for claim, old, new in every if old.payable != new.payable]
        return tuple(sorted(found, key=lambda x: x[2].payable - x[1].payable))

    @property
    def total(self) -> Line:
        """All provisions together."""
        lines = self.views["条款"]
        return Line(
            "合计", sum(x.paid_before for x in lines), sum((x.before for x in lines), ZERO),
            sum(x.paid_after for x in lines), sum((x.after for x in lines), ZERO),
        )  # fmt: skip

    @property
    def rates(self) -> tuple[str, ...]:
        """By which rates of a year below the law's the claims are paid, before or after."""
        every = [*self.before.claims, *self.after.claims]
        told = (f"{s.title}：{cut.reason}" for s in every for cut in s.cuts if cut.rule == YEAR_RATE)
        return tuple(dict.fromkeys(told))

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the settlements could not do: such claims are not in the budget; of one side alone, it says of which."""
        old, new = dict.fromkeys(self.before.notes), dict.fromkeys(self.after.notes)
        told = [n if n in new else n._replace(text=f"{self.was}：{n.text}") for n in old]
        return (*told, *(n._replace(text=f"改后：{n.text}") for n in new if n not in old))

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """Plain data; mode "json" gives money as strings."""
        money = (lambda x: f"{x:.2f}") if mode == "json" else (lambda x: x)

        def line(x: Line) -> dict[str, Any]:
            return {
                "name": x.name, "paid_before": x.paid_before, "before": money(x.before), "paid_after": x.paid_after,
                "after": money(x.after), "difference": money(x.difference),
            }  # fmt: skip

        data: dict[str, Any] = {
            "changes": [{name: getattr(c, name) for name in Change.__slots__} for c in self.changes],
            "total": line(self.total),
            "views": {name: [line(x) for x in lines] for name, lines in self.views.items()},
            "baseline": [{name: getattr(c, name) for name in Change.__slots__} for c in self.baseline],
            "claims": [
                {
                    "id": claim.id,
                    "enterprise": claim.enterprise,
                    "rule": claim.rule,
                    "before": money(old.payable),
                    "after": money(new.payable),
                    "difference": money(new.payable - old.payable),
                }
                for claim, old, new in self.moved
            ],
        }
        if self.rates:
            data["rates"] = list(self.rates)
        if self.after.readings:
            data["readings"] = list(self.after.readings)
        if self.notes:
            data["notes"] = [note._asdict() for note in self.notes]
        return data


def simulate(
    claims: Iterable[Claim | Mapping[str, Any]],
    changes: Mapping[str, Mapping[str, str]],
    facts: Facts | Mapping[str, Any] | None = None,
    *,
    on_year: int,
    enterprises: Mapping[str, Mapping[str, str]] | None = None,
    catalog: Catalog | None = None,
    baseline: Mapping[str, Mapping[str, str]] | None = None,
) -> Simulation:
    """Settle the claims under the law as it stands and with `changes` (document -> figure path -> new text).

    Documents by key, number or city; paths by code or in Chinese (`plan`). `baseline`: changes that hold before, in
    the place of the law as it stands; `changes` then hold on top of the law, not of them.

    `enterprises`: name -> {"county": …, "size": …} for the views by county and enterprise size.
    Raises UnknownPolicy, InvalidInput (a figure that does not exist, a text of another unit).
    """
    law = catalog or catalogs.default()
    old, earlier = with_changes(law, baseline or {})
    new, made = with_changes(law, changes)
    read, known = read_claims(claims), Facts.of(facts)
    before = settle(read, known, on_year=on_year, catalog=old)
    after = settle(read, known, on_year=on_year, catalog=new)
    return Simulation(made, tuple(read), before, after, _views(read, before, after, enterprises or {}), earlier)


def with_changes(catalog: Catalog, changes: Mapping[str, Mapping[str, str]]) -> tuple[Catalog, tuple[Change, ...]]:
    """A catalog whose documents have the changed figures, and what changed. Raises UnknownPolicy, InvalidInput."""
    documents = dict(catalog.documents)
    made: list[Change] = []
    for key, figures in changes.items():
        document = document_of(catalog, key)
        for path, text in figures.items():
            documents[document.key], change = _change(documents[document.key], path, str(text))
            if (change.document, change.path) in {(x.document, x.path) for x in made}:
                raise InvalidInput(
                    f"{document.key}:{change.path} 写了两次", where="改动", expected="每个数字一次", remedy="删去一个"
                )
            made.append(change)
    return Catalog(documents.values()), tuple(made)


def _change(document: Document, path: str, text: str) -> tuple[Document, Change]:
    rule, figure, row = figure_of(document, path)
    path = f"{rule.id}.{figure.name}" + (f"[{row}]" if row else "")
    if figure.borrowed:
        raise InvalidInput(
            f"“{path}”援引自 {figure.borrowed}",
            where=document.key,
            expected="原条款的数字",
            remedy=f"改 {figure.borrowed}",
        )
    where = f"{document.key} {path}"
    if figure.table is not None:
        before, changed = _change_row(rule, figure, row, text, where)
    elif row is not None:
        raise InvalidInput(f"“{figure.label}”不分档", where=where, expected="条款编号.数字代号", remedy=f"去掉 [{row}]")
    else:
        before, changed = figure.text, replace(figure, text=text, value=_like(text, figure.text, figure.value, where))
    rules = {key: _with_figure(old, rule.id, changed) for key, old in document.rules.items()}
    return replace(document, rules=rules), Change(
        document.key, path, rule.title, figure.label + (f"（{row}）" if row else ""), figure.at or rule.at, before, text
    )


def _like(text: str, old: str, counted: Any, where: str) -> Any:
    """The value of a figure's new text, in the unit of the old one. Raises InvalidInput for another unit or sign."""
    try:
        if is_share(old):
            return parse_share(text)
        (kind, value), (old_kind, before) = parse_figure(text), parse_figure(old)
        if kind != old_kind or unit_of(text) != unit_of(old):
            raise ValueError(f"“{text}”与原来的“{old}”单位不同")
        if isinstance(value, Decimal) and value < 0:
            raise ValueError(f"“{text}”是负数")
    except ValueError as error:
        raise InvalidInput(str(error), where=where, expected=f"如 {old}", remedy="改正新的数字") from None
    if counted != before and isinstance(value, Decimal) and isinstance(before, Decimal):
        return value * counted / before  # years of the text that count in months
    return value


def _change_row(rule: Rule, figure: Figure, row: str | None, text: str, where: str) -> tuple[str, Figure]:
    """One row of a table figure, named by its edge or level (or the level's Chinese label)."""
    assert figure.table is not None
    keys = [key for key, _ in figure.table.texts]
    key, item = row, rule.input(figure.table.by)
    if row and item.choices:
        with suppress(InvalidInput):
            key = str(coerce(item, row))
    if key not in keys:
        raise InvalidInput(
            f"没有档次“{row or ''}”" if row else "分档的数字没有写是哪一档",
            where=where,
            expected="、".join(choice_label(item, k) or k for k in keys),
            remedy="写成 数字[档次]",
        )
    at = keys.index(key)
    old = figure.table.texts[at][1]
    value = _like(text, old, figure.table.rows[at][1], where)
    texts = tuple((k, text if i == at else t) for i, (k, t) in enumerate(figure.table.texts))
    rows = tuple((k, value if i == at else v) for i, (k, v) in enumerate(figure.table.rows))
    table = replace(figure.table, rows=rows, texts=texts)
    return old, replace(figure, table=table, text="；".join(f"{k}：{t}" for k, t in texts))


def _with_figure(rule: Rule, owner: str, figure: Figure) -> Rule:
    """The rule with the changed figure, where it is its own or borrowed."""
    changed = {
        name: replace(own, text=figure.text, value=figure.value, table=figure.table)
        for name, own in rule.figures.items()
        if (rule.id == owner and name == figure.name) or own.borrowed == f"{owner}.{figure.name}"
    }
    return replace(rule, figures={**rule.figures, **changed}) if changed else rule


def _views(
    claims: list[Claim], before: Settlement, after: Settlement, enterprises: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[Line, ...]]:
    about = {clean(name): facts for name, facts in enterprises.items()}
    views: dict[str, dict[str, list[Any]]] = {"条款": {}, "县区": {}, "企业规模": {}, "出资": {}}
    for claim, old, new in zip(claims, before.claims, after.claims, strict=True):
        facts = about.get(clean(claim.enterprise), {})
        names = {
            "条款": f"{old.title or claim.rule}（{old.basis or claim.city}）",
            "县区": facts.get("county") or UNKNOWN,
            "企业规模": facts.get("size") or UNKNOWN,
        }
        for view, name in names.items():
            _add(views[view], name, (old.payable, new.payable))
        for payer in {*old.payers, *new.payers}:
            _add(views["出资"], PAYERS[payer], (old.payers.get(payer, ZERO), new.payers.get(payer, ZERO)))
    return {view: tuple(Line(name, *line) for name, line in lines.items()) for view, lines in views.items()}


def _add(lines: dict[str, list[Any]], name: str, amounts: tuple[Decimal, Decimal]) -> None:
    line = lines.setdefault(name, [0, ZERO, 0, ZERO])
    for i, amount in enumerate(amounts):
        line[2 * i] += amount > 0
        line[2 * i + 1] += amount
