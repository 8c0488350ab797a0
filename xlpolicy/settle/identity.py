"""Who an enterprise is: its 统一社会信用代码, else its name in the form in which names are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from xlpolicy.forms.codes import uscc_doubt
from xlpolicy.settle.facts import Payment
from xlpolicy.settle.model import Claim
from xlpolicy.words.names import same

#: characters of a code: what is longer or shorter is a name, and is not remembered with the codes
_LONG = 18


class Identity:
    """The enterprises of a list of claims, with the codes that earlier payments say.

    One code under two names is one enterprise. A name without a code belongs to the code that bears it, if exactly one
    does. A code whose check digit fails never makes a second enterprise of a name; names that share one are joined.
    """

    def __init__(self, claims: Sequence[Claim], payments: Iterable[Payment] = ()) -> None:
        self._codes: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, dict[str, str]] = defaultdict(dict)
        #: codes that fail their check, as written, by claim id
        self.doubtful: dict[str, str] = {}
        for claim in claims:
            if claim.code:
                code = valid_code(claim.code)
                if code:
                    self._bears(claim.enterprise, code)
                else:
                    self.doubtful[claim.id] = claim.code
        for paid in payments:
            code = valid_code(paid.code)
            if code and valid_code(paid.enterprise) is None:
                self._bears(paid.enterprise, code)
        self._joined: dict[str, str] = {}
        if self.doubtful:
            self._join(claims)
        #: by name, or name and code, whose they are
        self._found: dict[str | tuple[str, str], str] = {}
        #: whether there is a claim at all of which is to be said who it is of
        self.unclear = bool(self.doubtful) or any(len(x) > 1 for x in (*self._codes.values(), *self._names.values()))

    def _bears(self, enterprise: str, code: str) -> None:
        name = same(enterprise)
        self._codes[name].add(code)
        self._names[code].setdefault(name, enterprise)

    def _join(self, claims: Sequence[Claim]) -> None:
        """Names without a good code that share a doubtful one are one enterprise: the first of them."""
        first: dict[str, str] = {}
        for claim in claims:
            name = same(claim.enterprise)
            if claim.id in self.doubtful and name not in self._codes:
                written = compared(self.doubtful[claim.id])
                one, other = self._root(first.setdefault(written, name)), self._root(name)
                if one != other:
                    self._joined[other] = one
                self._names[written].setdefault(name, claim.enterprise)

    def _root(self, name: str) -> str:
        while name in self._joined:
            name = self._joined[name]
        return name

    def of(self, name: str, code: str | None = None) -> str:
        """The enterprise that a name, or a code in the place of a name, stands for."""
        if not self._names:
            return same(name)
        called = name if code is None else (name, code)
        found = self._found.get(called)
        if found is None:
            found = self._found[called] = self._of(name, code)
        return found

    def _of(self, name: str, code: str | None) -> str:
        codes = self._codes.get(same(name), ())
        if codes or not self._joined:
            valid = valid_code(code)
            if valid:
                return valid
        for written in (compared(code) if code else "", compared(name)):
            if written in self._names:
                return written if valid_code(written) else self._root(next(iter(self._names[written])))
        return next(iter(codes)) if len(codes) == 1 else self._root(same(name))

    def names(self, code: str | None) -> list[str]:
        """The names, as written, under which a code comes."""
        return list(self._names.get(compared(code), {}).values()) if code else []

    def codes(self, name: str) -> list[str]:
        """The codes that a name bears."""
        return sorted(self._codes.get(same(name), ()))


def valid_code(code: str | None) -> str | None:
    """The code in the form in which it is compared; None where there is none, or its check fails."""
    written = compared(code) if code else ""
    return written if len(written) == _LONG and not uscc_doubt(written) else None


def known_as(name: str, code: str | None = None) -> str:
    """What an enterprise is known by, without a list of claims: its code, also in the place of its name, else its name."""
    return valid_code(code) or valid_code(name) or same(name)


def means(called: Collection[str], name: str, code: str | None = None) -> bool:
    """Whether a name with its code is the enterprise known by a code and names: by the codes, else by the names."""
    known = known_as(name, code)
    return known in called or (same(name) in called and not (valid_code(known) and any(map(valid_code, called))))


def compared(code: str) -> str:
    """A code in the form in which it is compared."""
    return code.upper() if code.isascii() and code.isalnum() else same(code).upper()


def looks_like_code(name: str) -> bool:
    """Whether what stands in the place of a name has a code's form, and fails its check."""
    written = compared(name)
    return len(written) == _LONG and written.isascii() and written.isalnum() and not valid_code(written)
