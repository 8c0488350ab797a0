"""Which provision applies: city, id, date, pinned document; aliases; what is in force when.

The embedded documents are always there; `XLPOLICY_POLICIES` (folders, separated as in PATH) adds a bureau's own. One
of the same key as an embedded one replaces it, and its citations say so. A broken file is set aside and told once,
unless it may be meant to replace a document: then nothing is loaded, lest the law that was replaced be applied.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from xlpolicy.faults import Fault, PolicyError, PolicyFileError, RefusedSettings, near, nearest
from xlpolicy.law.adopted import Adopted, Choices, adopt, named, of_text, to_text
from xlpolicy.law.in_force import Found, day_of, in_force, in_tail, newest, newest_first, period, pinned, span
from xlpolicy.law.records import Document, Rule, YearRate
from xlpolicy.law.refusals import refused
from xlpolicy.law.store import EMBEDDED, load_folder
from xlpolicy.law.year_rates import in_year, with_rates
from xlpolicy.law.year_rates import of_text as rates_of
from xlpolicy.law.year_rates import to_text as rates_to_text
from xlpolicy.money import clean, shown

#: the environment's options of readings and, on a second line, rates of years; with this mark before it, why a settings file was refused
READINGS, REFUSED = "XLPOLICY_READINGS", "!"
#: answers of `Catalog.find` kept, and the longest name that is looked up
_REMEMBERED, _LONGEST = 10_000, 200
#: 〔2026〕, [2026] and （2026） are one number
_BRACKETS = str.maketrans("〔[【〕]】", "((()))")
_KEY = re.compile(r"\bkey[\"']?\s*:\s*[\"']?([\w.-]+)")


class Catalog:
    """All loaded documents, in order of key. `broken`: a bureau's own files that were refused and set aside."""

    def __init__(self, documents: Iterable[Document], broken: Iterable[Fault] = ()) -> None:
        self.documents = {d.key: d for d in documents}
        self.broken = tuple(broken)
        self._cities: dict[str, str] = {}
        self._spelled = {spelled(d.key): d for d in self.documents.values()}
        self._versions: dict[tuple[str, str], tuple[Found, ...]] = defaultdict(tuple)
        for document in self.documents.values():
            label = document.city_label
            for name in (document.city, label, label.removesuffix("市"), *document.city_aliases):
                self._cities[clean(name).lower()] = document.city
            for name in filter(None, (document.number, document.name)):
                self._spelled.setdefault(spelled(name), document)
        for document in sorted(self.documents.values(), key=newest_first):
            for rule in document.rules.values():
                self._versions[document.city, rule.id] += (Found(document, rule),)
        self._found: dict[tuple[str, str, dt.date | None, str | None, dt.date | None], Found] = {}
        self._names: dict[str, dict[str, set[str]]] = {}

    def adopting(self, readings: Choices | None) -> Catalog:
        """The catalog as it reads with these options (reading or document:reading -> option).

        Raises UnknownReading, PolicyFileError.
        """
        if not readings:
            return self
        try:
            return _adopting(self, tuple(sorted(readings.items())))
        except TypeError:  # no texts among them: told by whoever looks them up
            return _adopted(self, readings)

    def city(self, name: str) -> str:
        """A city's key from its key, Chinese name or alias. Raises UnknownCity."""
        name = _name(name)
        key = self._cities.get(clean(name).lower())
        if key is None:
            labels = [d.city_label for d in self.documents.values()]
            known = "、".join(dict.fromkeys(labels))
            raise refused("no_city", name=name, known=known, nearest=nearest(name, self._cities) + self.aside())
        return key

    def document(self, key: str) -> Document:
        """A document by its key or number, whatever the width, brackets and spaces. Raises UnknownPolicy."""
        key = _name(key)
        document = self._spelled.get(spelled(key))
        if document is None:
            known = "、".join(self.documents)
            raise refused("no_document", name=key, known=known, nearest=nearest(key, self.documents) + self.aside())
        return document

    def aside(self) -> str:
        """What a remedy adds where a name may stand in a file that was set aside."""
        return "".join(f"；{p.where} {p.got}，先{p.remedy}" for p in self.broken)

    def line(self, document: Document) -> str:
        """The first of the documents that a document carries the counts of on: one key for all of them."""
        return self._first(document, lambda d: d.continues or d.amends)

    def version(self, document: Document) -> str:
        """The first version of a document that was amended: one key for all of them."""
        return self._first(document, lambda d: d.amends)

    def _first(self, document: Document, before: Callable[[Document], str]) -> str:
        seen = [document.key]
        while earlier := before(document):
            if earlier in seen:  # they name each other: one of them stands for all
                return min(seen[seen.index(earlier) :])
            seen.append(earlier)
            if earlier not in self.documents:
                break
            document = self.documents[earlier]
        return seen[-1]

    def of_city(self, city: str) -> list[Document]:
        """The documents of a city (by its key), newest first, drafts last."""
        return sorted((d for d in self.documents.values() if d.city == city), key=newest_first)

    def of(self, city: str, rule: str) -> tuple[Found, ...]:
        """A provision in every document of its city that has it, newest first, drafts last.

        Raises UnknownCity, UnknownRule, AmbiguousRule.
        """
        key = self.city(city)
        return self._versions[key, self.rule_id(key, rule)]

    def newest(self, city: str, rule: str, day: dt.date | None = None) -> Found:
        """The version of a provision that speaks for a day (see `newest`), warned of as if it were pinned.

        Raises UnknownCity, UnknownRule, AmbiguousRule.
        """
        return in_year(pinned(newest(self.of(city, rule), day), day), day, None)

    def rule_id(self, city: str, name: str) -> str:
        """A provision's id in any document of the city from id, title or alias. Raises UnknownRule, AmbiguousRule."""
        name = _name(name)
        if (city, name) in self._versions:
            return name
        known = self._names.get(city)
        if known is None:
            known = {}
            for rule in (rule for d in self.of_city(city) for rule in d.rules.values()):
                for alias in (rule.id, rule.title, *rule.aliases):
                    known.setdefault(clean(alias).lower(), set()).add(rule.id)
            self._names[city] = known  # when it is complete: other threads read it
        ids = known.get(clean(name).lower(), set())
        if len(ids) > 1:
            told = "、".join(f"{self._versions[city, one][0].rule.title}（{one}）" for one in sorted(ids))
            raise refused("several_provisions", name=name, told=told)
        if not ids:
            titles = [rule.title for d in self.of_city(city) for rule in d.rules.values()]
            like = nearest(clean(name), near(clean(name), known) or titles) + self.aside()
            raise refused("no_provision", name=name, city=self.label(city), nearest=like)
        return next(iter(ids))

    def label(self, city: str) -> str:
        """The Chinese name of a city, by its key. Raises IndexError for one without documents."""
        return self.of_city(city)[0].city_label

    def find(
        self, city: str, rule: str, on: dt.date | None = None, policy: str | None = None, fact_on: dt.date | None = None
    ) -> Found:
        """The provision that applies on a date (default today), or in the pinned document whatever the date.

        `fact_on`: the day of the fact where that is not the application's; each document says which of them decides.
        Raises UnknownCity, UnknownRule, UnknownPolicy, NotInForce, AmbiguousRule.
        """
        if on is None and fact_on is None and policy is None:
            on = dt.date.today()
        try:
            found = self._found.get((city, rule, on, policy, fact_on))
        except TypeError:  # a list, say: no name
            found = None
        if found is None:
            key = _name(city), _name(rule), on, None if policy is None else _name(policy), fact_on
            if len(self._found) > _REMEMBERED:
                self._found.clear()
            found = self._found[key] = in_year(self._find(*key), on, fact_on)
        return found

    def alone(self, city: str, rule: str) -> list[tuple[dt.date, dt.date, Found]]:
        """The periods, ends included, in which one version of a provision alone is in force: what `find` gives in them.

        None where the name is no provision's, or a year's rate may change what is found.
        """
        try:
            having = [found for found in self.of(city, rule) if not found.document.draft]
        except PolicyError:
            return []
        spans = [(*period(found.document, found.rule), found) for found in having]
        known = [(first, last or dt.date.max, found) for first, last, found in spans if first is not None]
        return [
            one
            for one in known
            if not one[2].document.rates
            and not any(other is not one and other[0] <= one[1] and one[0] <= other[1] for other in known)
        ]

    def _find(
        self, city_name: str, rule_name: str, applied: dt.date | None, policy: str | None, fact_on: dt.date | None
    ) -> Found:
        city = self.city(city_name)
        if policy is not None:
            document = self.document(policy)
            return self._in_document(city, rule_name, day_of(document.decides_by, applied, fact_on), document)
        having = self.of(city, rule_name)
        days = {f.document.key: day for f in having if (day := day_of(f.document.decides_by, applied, fact_on))}
        on = days[having[0].document.key]
        live = [f for f in having if in_force(f.document, f.rule, days[f.document.key])]
        if not live:
            live = [f._replace(tail=True) for f in having if not f.document.draft and in_tail(f, days[f.document.key])]
        if len(live) > 1:
            keys = "、".join(f.document.key for f in live)
            raise refused("several_documents", on=on, title=live[0].rule.title, keys=keys, key=live[0].document.key)
        if not live:
            spans = "；".join(span(f.document, f.rule) for f in having)
            document, rule = having[0].document, having[0].rule
            before = rule.earlier if on < (rule.valid_from or on) else ""
            raise refused(
                "before" if before else "not_in_force", on=on, before=before, document=document.name, spans=spans,
                city=self.label(city), title=rule.title, key=document.key,
            )  # fmt: skip
        return live[0]

    def _in_document(self, city: str, rule_name: str, on: dt.date | None, document: Document) -> Found:
        if document.city != city:
            raise refused(
                "document_elsewhere", key=document.key, city=document.city_label, wanted=self.label(city),
                nearest=nearest(city, [d.key for d in self.of_city(city)]),
            )  # fmt: skip
        versions = self.of(city, rule_name)
        found = next((f for f in versions if f.document is document), None)
        if found is None:
            others = "、".join(f.document.name for f in versions)
            raise refused("not_in_document", document=document.name, name=rule_name, key=document.key, others=others)
        return pinned(found, on)

    def themes(self) -> list[str]:
        """Every theme, in the order of the documents."""
        return list(dict.fromkeys(theme for _, rule in self.rules() for theme in rule.themes))

    def rules(self) -> Iterator[tuple[Document, Rule]]:
        """Every provision of every document."""
        for document in self.documents.values():
            for rule in document.rules.values():
                yield document, rule


def _adopted(catalog: Catalog, readings: Choices) -> Catalog:
    chosen = named(catalog.documents.values(), readings)
    documents = (adopt(d, chosen[d.key]) if d.key in chosen else d for d in catalog.documents.values())
    return Catalog(documents, catalog.broken)


@lru_cache(maxsize=8)
def _adopting(catalog: Catalog, readings: tuple[tuple[str, str | Adopted], ...]) -> Catalog:
    return _adopted(catalog, dict(readings))


def _name(said: object) -> str:
    """What somebody wrote for a name: whatever is no text, or too long for one, is no known name either."""
    return said if type(said) is str and len(said) <= _LONGEST else shown(said)


def spelled(name: str) -> str:
    """The number or key of a document, however wide it is written and in whichever brackets."""
    return clean(name).casefold().translate(_BRACKETS)


def folders(named: str | None = None) -> tuple[Path, ...]:
    """Where policy files are read from (`named`: as in `XLPOLICY_POLICIES`); a later folder goes before an earlier."""
    named = os.environ.get("XLPOLICY_POLICIES", "") if named is None else named
    return EMBEDDED, *(Path(part) for part in named.split(os.pathsep) if part)


@lru_cache(maxsize=8)
def _load(named: str) -> Catalog:
    documents: dict[str, Document] = {}
    broken: list[Fault] = []
    for folder in folders(named):
        if not folder.is_dir():
            raise PolicyFileError(
                [
                    Fault(
                        "policy_folder",
                        str(folder),
                        "",
                        "没有这个政策文件夹",
                        "存放 *.yaml 的文件夹",
                        "核对 XLPOLICY_POLICIES 或 --policies",
                    )
                ]
            )
        loaded, refused = load_folder(folder)
        grave = {path: error for path, error in refused.items() if folder == EMBEDDED or _replaces(path, documents)}
        if grave:
            raise PolicyFileError(problem for error in grave.values() for problem in error.problems)
        for path, error in refused.items():
            got = f"有 {len(error.problems)} 处问题，未载入"
            broken.append(
                Fault("policy_file", f"政策文件 {path.name}", "", got, "", f"用 xlpolicy check {path} 核对改正")
            )
        official = {d.number: d.digest for d in documents.values() if d.number and not d.own}
        documents.update((d.key, replace(d, own=True) if _edited(d, documents, official) else d) for d in loaded)
    for problem in broken:
        logging.getLogger("xlpolicy").warning("提醒　%s其余文件照常使用。", problem)
    return Catalog(documents.values(), broken)


def _edited(document: Document, known: Mapping[str, Document], official: Mapping[str, str]) -> bool:
    """Whether a later folder's file stands for one that is known, by its key or by the number it cites, and says otherwise."""
    before = known[document.key].digest if document.key in known else official.get(document.number or "")
    return before not in (None, document.digest)


def _replaces(path: Path, known: Mapping[str, Document]) -> bool:
    """Whether a refused file may be meant to stand for a known document: by its name, or the key it states.

    Where no key can be read, any mention of one counts.
    """
    try:
        text = path.read_bytes().replace(b"\0", b"").decode("latin-1")
    except OSError:
        return not path.is_dir()
    stated = set(_KEY.findall(text)) or {key for key in known if key in text}
    return any(key in known for key in (*stated, path.stem))


def plain() -> Catalog:
    """The embedded documents and those of `XLPOLICY_POLICIES`, loaded once, as they read by default."""
    return _load(os.environ.get("XLPOLICY_POLICIES", ""))


def default() -> Catalog:
    """The documents in use, as they read with the options and rates of a settings file (`adopted`, `year_rates`).

    Raises UnknownReading, PolicyFileError, RefusedSettings where that file was refused, InvalidInput.
    """
    told = os.environ.get(READINGS, "")
    if not told:
        return plain()
    if told.startswith(REFUSED):
        raise RefusedSettings(told.removeprefix(REFUSED), remedy="改正设置文件，再重新启动")
    return _chosen(os.environ.get("XLPOLICY_POLICIES", ""), told)


def use(choices: Choices, rates: Iterable[YearRate]) -> None:
    """Make these what `default` reads by, here and in processes started from here."""
    os.environ[READINGS] = f"{to_text(choices)}\n{rates_to_text(rates)}"


@lru_cache(maxsize=8)
def _chosen(policies: str, told: str) -> Catalog:
    readings, _, rates = told.partition("\n")
    catalog, listed = _load(policies).adopting(of_text(readings)), rates_of(rates)
    return Catalog(with_rates(catalog.documents, listed), catalog.broken) if listed else catalog
