"""本单位口径: which options a bureau chose, and the documents as they read with them.

A choice is written `reading` (where only one document has it) or `document:reading`, with the option's key or label;
`Adopted` carries the bureau's authority beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from xlpolicy.faults import UnknownReading, nearest
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Assumption, Document, Reading, Rule
from xlpolicy.law.store import variant
from xlpolicy.money import clean, shown


class Adopted(NamedTuple):
    """An option, and the 文号 or 会议纪要 by which the bureau chose it (empty where the caller names none)."""

    option: str
    authority: str = ""


#: reading (or document:reading) -> option, with or without an authority
Choices = Mapping[str, "str | Adopted"]
#: what a decision that hangs on a chosen option says first
MARK = "本单位口径："


def named(documents: Iterable[Document], choices: Choices) -> dict[str, dict[str, Adopted]]:
    """The choices by document and reading, each with the key of its option. Raises UnknownReading."""
    known = {f"{d.key}:{name}": (d, item) for d in documents for name, item in d.readings.items()}
    found: dict[str, dict[str, Adopted]] = {}
    for said, value in choices.items():
        name = clean(said) if isinstance(said, str) else shown(said)
        full = name if name in known else _only(name, known)
        document, reading = known[full]
        chosen = value if isinstance(value, Adopted) else Adopted(value)
        found.setdefault(document.key, {})[reading.name] = Adopted(option_of(reading, chosen.option), chosen.authority)
    return found


def _only(name: str, known: Mapping[str, tuple[Document, Reading]]) -> str:
    """The one reading of that bare name. Raises UnknownReading."""
    fits = [full for full in known if full.partition(":")[2] == name]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise UnknownReading(
            f"“{name}”这个口径有 {len(fits)} 份文件都有", where="口径", item=name, expected="文件代号:口径",
            remedy=f"写明是哪一份：{'、'.join(fits)}",
        )  # fmt: skip
    names = [*known, *(full.partition(":")[2] for full in known)]
    raise UnknownReading(
        f"没有“{name}”这个口径", where="口径", item=name, expected="有选项的口径（xlpolicy settings 列出全部）",
        remedy=nearest(name, names),
    )  # fmt: skip


def option_of(reading: Reading, said: object) -> str:
    """An option's key from its key or label. Raises UnknownReading."""
    text = clean(said) if isinstance(said, str) else shown(said)
    for item in reading.options:
        if text in (item.key, clean(item.label)):
            return item.key
    labels = [item.label for item in reading.options]
    raise UnknownReading(
        f"口径“{reading.question}”没有“{shown(said)}”这个选项", where="口径", item=reading.name,
        expected="、".join(f"{x.key}（{x.label}）" for x in reading.options),
        remedy=nearest(text, [*labels, *(x.key for x in reading.options)]),
    )  # fmt: skip


def adopt(document: Document, chosen: Mapping[str, Adopted]) -> Document:
    """The document as it reads with these options beside those it has already. Raises PolicyFileError."""
    options = {name: item.chosen for name, item in document.readings.items()}
    options |= {name: item.option for name, item in chosen.items()}
    authority = {**document.adopted, **{name: item.authority for name, item in chosen.items()}}
    differing = {name: key for name, key in options.items() if key != document.readings[name].default}
    made = variant(document.source, f"{document.key}.yaml", tuple(sorted(differing.items())))
    rules = {key: replace(rule, assumptions=_told(made, rule, authority)) for key, rule in made.rules.items()}
    return replace(
        made, rules=rules, own=document.own, adopted=authority, rates=document.rates, source=document.source,
        digest=document.digest,
    )  # fmt: skip


def _told(document: Document, rule: Rule, authority: Mapping[str, str]) -> tuple[Assumption, ...]:
    """What a provision tells: the options that the bureau chose first, then the readings that were left alone."""
    told = {item.reading: item for item in rule.assumptions}
    chosen = [
        name
        for name, item in document.readings.items()
        if name in authority and differs(item) and (name in rule.readings or name in told)
    ]
    own = tuple(Assumption(name, sentence(document.readings[name], authority[name]), own=True) for name in chosen)
    return own + tuple(item for item in rule.assumptions if item.reading not in chosen)


def differs(reading: Reading) -> bool:
    """Whether another option than the default holds."""
    return reading.chosen != reading.default


def sentence(reading: Reading, authority: str) -> str:
    """What a decision says of an option that the bureau chose."""
    return f"{MARK}{reading.option(reading.chosen).prompt}" + (f"（{authority}）" if authority else "（未注明依据）")


def told(founds: Iterable[Found]) -> tuple[str, ...]:
    """The sentences of the options that the bureau chose and on which any of these provisions hangs."""
    own = [found for found in founds if found.document.adopted]
    return tuple(
        sentence(item, document.adopted[name])
        for document in dict.fromkeys(found.document for found in own)
        for name, item in document.readings.items()
        if name in document.adopted
        and differs(item)
        and any(found.document is document and name in found.rule.readings for found in own)
    )


def to_text(choices: Choices) -> str:
    """Choices as one line of text, for the environment; the inverse of `of_text`."""
    return json.dumps(
        {name: list(Adopted(value) if isinstance(value, str) else value) for name, value in choices.items()}
    )


def of_text(text: str) -> dict[str, Adopted]:
    """Choices from the text that `to_text` made. Raises ValueError on any other."""
    return {name: Adopted(*value) for name, value in json.loads(text).items()} if text.strip() else {}


__all__ = [
    "MARK",
    "Adopted",
    "Choices",
    "adopt",
    "differs",
    "named",
    "of_text",
    "option_of",
    "sentence",
    "to_text",
    "told",
]
