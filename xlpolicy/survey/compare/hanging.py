"""Which changes between two provisions hang on a reading: the text of one document left it open, and another option
would show no change there, or another one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from xlpolicy.law.adopted import Adopted, adopt
from xlpolicy.law.in_force import period
from xlpolicy.law.reading.choices import resolve
from xlpolicy.law.reading.yamltext import load_yaml
from xlpolicy.law.records import Document, Reading
from xlpolicy.survey.compare.pairing import Pairs
from xlpolicy.survey.compare.provisions import Change, changes
from xlpolicy.words.effects_told import funding
from xlpolicy.words.wording import span

#: kinds of change that a reading may make or take away
_OPEN = frozenset(
    {"scope", "limit_added", "limit_dropped", "condition_added", "condition_dropped", "formula", "basis", "validity",
     "input_added", "input_dropped", "figure_added", "figure_dropped", "raised", "lowered", "rewritten"}
)  # fmt: skip


def marked(old: Document, new: Document, rule: str, found: list[Change]) -> list[Change]:
    """The changes of a provision, those that hang on a reading with its question and the option that holds."""
    if not any(change.kind in _OPEN for change in found):
        return found
    notes: dict[Change, list[str]] = {}
    for side, document in (("旧", old), ("新", new)):
        for reading in _own(document, rule):
            others = [set(_otherwise(old, new, rule, document, reading, x.key)) for x in reading.options]
            for change in found:
                if change.kind in _OPEN and not all(change in other for other in others):
                    notes.setdefault(change, []).append(
                        f"{side}文件没有写明：{reading.question}，按“{reading.option(reading.chosen).label}”"
                    )
    return [c._replace(note="；".join(notes[c])) if c in notes else c for c in found]


def _otherwise(
    old: Document, new: Document, rule: str, document: Document, reading: Reading, option: str
) -> Iterator[Change]:
    """The changes with another option of one document."""
    other = document if option == reading.chosen else adopt(document, {reading.name: Adopted(option)})
    before, after = (other if document is d else d for d in (old, new))
    yield from changed(before, after, rule)


def changed(old: Document, new: Document, rule: str) -> Iterator[Change]:
    """The changes between two provisions of one id, who pays and their days included."""
    before, after = old.rules[rule], new.rules[rule]
    unchanged = after.unchanged if new.continues == old.key else before.unchanged if old.continues == new.key else {}
    yield from changes(Pairs.of(before, after, unchanged))
    was, now = funding(old, before), funding(new, after)
    if was != now:
        yield Change("payer", "资金", was, now, f"资金 {was} → {now}")
    if (before.valid_from or after.valid_from) and before.valid_from != after.valid_from:
        was, now = (span(*period(d, r)) for d, r in ((old, before), (new, after)))
        yield Change("validity", "起止日期", was, now, f"本条有效期 {was} → {now}")


def _own(document: Document, rule: str) -> Iterator[Reading]:
    """The readings that a provision's own text hangs on."""
    names = _sites(document.source).get(list(document.rules).index(rule), set()) if document.source else set()
    return (document.readings[name] for name in document.rules[rule].readings if name in names)


@lru_cache(maxsize=16)
def _sites(source: str) -> dict[int, set[str]]:
    """Position of a provision in a policy file -> the readings whose options are written in it.

    How an odd fen is rounded changes nothing that a document says.
    """
    found: dict[int, set[str]] = {}
    for site in resolve(load_yaml(source, "")).sites:
        if site.path[0] == "provisions" and site.path[2] != "odd_fen":
            found.setdefault(int(site.path[1]), set()).add(site.reading)
    return found
