"""Outside support (其他支持): what it is on, who was given it, and what nobody here bears the name of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from xlpolicy.faults import nearest
from xlpolicy.settle.facts import Support
from xlpolicy.settle.identity import Identity, looks_like_code, valid_code
from xlpolicy.settle.reach import Law
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same

#: kinds of support that a rule asks for, and whether the claim says a valid code
_Asked = tuple[tuple[str, ...], bool]


class Supports:
    """The outside support of a settlement, its kind by its name where the facts say it in words.

    `items` in the order of the facts. `on`: by project, loan or object, with the place in the facts; `helped`: all that
    support is on, and projects with a loan of theirs that it is on. `of`: by the enterprise that it names;
    `of_anybody`: what names none, or a code that nobody here bears; `of_unknown`: the latter, by what it is on.
    `loans_of`: by enterprise and project, its loans on which there is support.
    """

    def __init__(self, support: Sequence[Support], law: Law, who: Identity, works: Sequence[Work]) -> None:
        self._law = law
        words = {label: kind for kind, label in law.supports.items()}
        self.items = [replace(x, kind=words.get(x.kind, x.kind)) for x in support]
        self.unknown_kinds = {item.kind for item in self.items} - law.supports.keys()
        self.on: dict[tuple[str, str], list[tuple[int, Support]]] = defaultdict(list)
        self.helped: set[str | None] = set()
        self.of: dict[str, list[Support]] = defaultdict(list)
        self.of_anybody = [item for item in self.items if item.enterprise is None]
        self.of_unknown: dict[tuple[str, str | None], Support] = {}
        self.loans_of: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._asked: dict[_Asked, list[Support]] = {}
        self._by_object: dict[_Asked, tuple[list[Support], list[Support]]] = {}
        self._on_loans: dict[_Asked, dict[str, Support]] = {}
        for position, item in enumerate(self.items):
            if item.enterprise is not None:
                self.of[who.of(item.enterprise)].append(item)
            for place in _places(item):
                self.on[place].append((position, item))
                self.helped.add(place[1])
        for work in works if self.items else ():
            if work.project and work.loan and ("loan", work.loan) in self.on:
                self.loans_of[work.enterprise, work.project].add(work.loan)
                self.helped.add(work.project)
        named = [(item, item.enterprise) for item in self.items if item.enterprise is not None]
        coded = [(item, name) for item, name in named if valid_code(name) or looks_like_code(name)]
        here = {work.enterprise for work in works} if coded else set()
        for item, name in coded:
            if who.of(name) not in here:
                self.of_anybody.append(item)
                self.of_unknown.update(dict.fromkeys(_places(item), item))

    def unknown_kind(self, kind: str) -> str:
        """What is said of support of no known kind."""
        return f"其他支持的类别“{kind}”不认识，只按“其他财政支持”排除；{nearest(kind, self._law.supports.values())}"

    def of_anybody_of(self, kinds: tuple[str, ...], *, coded: bool) -> list[Support]:
        """Support of these kinds that may be anybody's; a claim with a code (`coded`) is not of another code that holds."""
        found = self._asked.get((kinds, coded))
        if found is None:
            some = [item for item in self.of_anybody if "*" in kinds or item.kind in kinds]
            found = self._asked[kinds, coded] = [x for x in some if not (coded and valid_code(x.enterprise))]
        return found

    def by_object(self, kinds: tuple[str, ...], *, coded: bool) -> tuple[list[Support], list[Support]]:
        """As `of_anybody_of`: what is on an object alone, and the rest; there is much of it, and many claims."""
        found = self._by_object.get((kinds, coded))
        if found is None:
            some = self.of_anybody_of(kinds, coded=coded)
            found = [x for x in some if x.object_alone], [x for x in some if not x.object_alone]
            self._by_object[kinds, coded] = found
        return found

    def on_loans(self, kinds: tuple[str, ...], *, coded: bool) -> dict[str, Support]:
        """As `of_anybody_of`, what is on a loan whose project it does not say: by loan the first, in order."""
        found = self._on_loans.get((kinds, coded))
        if found is None:
            found = self._on_loans[kinds, coded] = {}
            for item in self.of_anybody_of(kinds, coded=coded):
                if item.loan and item.project is None:
                    found.setdefault(same(item.loan), item)
        return found


def _places(item: Support) -> list[tuple[str, str]]:
    """What support is on, each in the form in which names are compared."""
    named = (("project", item.project), ("loan", item.loan), ("object", item.object))
    return [(kind, same(name)) for kind, name in named if name]
