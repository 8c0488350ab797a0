"""What the claims gone through have taken: room under limits, principal, sums of a year."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import Decimal

from xlpolicy.money import ZERO


class Principal:
    """Loans of one scope that have borne subsidy: by loan and period the sum of its tranches; a loan counts its highest.
    `earlier`: what each bore before this settlement."""

    __slots__ = ("loans", "total")

    def __init__(self, earlier: Mapping[str, Mapping[Hashable, Decimal]]) -> None:
        self.loans: dict[str, dict[Hashable, Decimal]] = {loan: dict(of) for loan, of in earlier.items()}
        self.total = sum(map(self.highest, earlier), ZERO)

    def before(self, loan: str, period: Hashable) -> Decimal:
        """What is taken before a claim of this loan and period: all other loans, and the period's other tranches."""
        return self.total - self.highest(loan) + self.loans.get(loan, {}).get(period, ZERO)

    def add(self, loan: str, period: Hashable, borne: Decimal) -> None:
        """A claim of this loan and period that is paid interest on so much."""
        highest = self.highest(loan)
        own = self.loans.setdefault(loan, {})
        own[period] = own.get(period, ZERO) + borne
        self.total += max(own[period], highest) - highest

    def highest(self, loan: str) -> Decimal:
        """What a loan counts."""
        return max(self.loans.get(loan, {}).values(), default=ZERO)


class Books:
    """What the claims gone through have taken: room under limits, principal, sums. A trial keeps books of its own."""

    __slots__ = ("paid", "principals", "room", "sums", "under")

    def __init__(self, paid: Mapping[Hashable, Decimal], under: Books | None = None) -> None:
        self.paid, self.under = paid, under
        self.clear()

    def trial(self) -> Books:
        """Books of its own for a trial, on top of what is taken here."""
        return Books(self.paid, self)

    def clear(self) -> None:
        """Nothing taken."""
        self.room: dict[Hashable, Decimal] = {}
        self.principals: dict[Hashable, Principal] = {}
        #: by scope: the inputs summed, and what the claims of it were due or paid before
        self.sums: dict[Hashable, tuple[dict[str, Decimal], Decimal]] = {}

    def used(self, key: Hashable) -> Decimal:
        """What is taken in a scope, earlier payments included."""
        found = self.room.get(key)
        if found is not None:
            return found
        return self.under.used(key) if self.under is not None else self.paid.get(key, ZERO)

    def add(self, key: Hashable, amount: Decimal) -> None:
        """Take room in a scope."""
        self.room[key] = self.used(key) + amount
