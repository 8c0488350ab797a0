"""Which forms of a run have something in common: only those are looked at again, a group at a time.

Of each form nothing is held but marks (hashes) of what it states; two that share one by chance are compared in vain.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

from xlpolicy.batch.record import Record
from xlpolicy.batch.similar import coded, doubtful, facts, slips
from xlpolicy.batch.spooled import Records
from xlpolicy.batch.together import owned_by
from xlpolicy.forms.bureau_facts import code_of
from xlpolicy.words.names import invoice_end, invoice_key

#: bits of a mark that tell one from another at a time, and how often that is done
_BITS, _ROUNDS = 21, 3
#: bytes for each mark, so that few share one
_ROOM = 4


def _marks(record: Record) -> Iterator[Hashable]:
    """What `together.compare` looks for in other forms; nothing of what it brought packed."""
    if record.issue:
        yield "issue", record.issue, record.rule
    if record.place not in ("已核定", "退回补正"):
        return
    yield "content", record.digest, record.nth
    if record.code and record.enterprise:
        yield "code", code_of(record.code)
    if record.place == "已核定":
        for who in record.firm:
            yield "firm", who, record.key[2]
        for number, _ in record.vouchers:
            yield "invoice", invoice_key(number)
            if end := invoice_end(number)[0]:
                yield "end", end
        yield from slips(record)


class Marks:
    """Marks, each with a number that it belongs to."""

    def __init__(self) -> None:
        self.marks, self.numbers = array("q"), array("I")

    def add(self, mark: int, number: int) -> None:
        self.marks.append(mark)
        self.numbers.append(number)

    def shared(self) -> Iterator[tuple[int, int]]:
        """Those that occur more than once (of a few only it looks as if they did), in order."""
        found: Marks = self
        for nth in range(_ROUNDS):
            found = found._met(nth * _BITS)
        return zip(found.marks, found.numbers, strict=True)

    def _met(self, shift: int) -> Marks:
        mask = (1 << max(10, (len(self.marks) * _ROOM).bit_length())) - 1
        met, kept = bytearray(mask + 1), Marks()
        for mark in self.marks:
            at = mark >> shift & mask
            met[at] = 2 if met[at] else 1
        for mark, number in zip(self.marks, self.numbers, strict=True):
            if met[mark >> shift & mask] > 1:
                kept.add(mark, number)
        return kept


class Related:
    """What the forms of a run state, as marks."""

    def __init__(self) -> None:
        self._all, self._said, self._owned = Marks(), Marks(), Marks()
        self._doubted: set[int] = set()

    def add(self, record: Record) -> None:
        """One more record of the run, by its row."""
        for mark in set(map(hash, _marks(record))):
            self._all.add(mark, record.row)
        for owned in owned_by(record):
            self._owned.add(hash(owned), record.row)
        if coded(record):
            said = hash(record.key[1:])
            self._said.add(said, record.row)
            if doubtful(record):
                self._doubted.add(said)

    def groups(self, records: Records) -> Iterator[list[Record]]:
        """The records that may concern each other, in order; a record is in one group at most."""
        above: dict[int, int] = {}
        _join(above, self._all.shared())
        _join(above, self._mistyped(records))
        groups: dict[int, list[int]] = defaultdict(list)
        for row in sorted(above):
            groups[_top(above, row)].append(row)
        for rows in groups.values():
            if len(rows) > 1:
                yield [records[row] for row in rows]

    def owned(self, records: Records) -> Iterator[Record]:
        """The records that state what another one states too and no two enterprises have, in order."""
        return map(records.__getitem__, sorted({row for _, row in self._owned.shared()}))

    def _mistyped(self, records: Records) -> Iterator[tuple[int, int]]:
        """Claims for what somebody claims under a code that is none, by what they state."""
        if self._doubted:
            for said, row in self._said.shared():
                if said in self._doubted:
                    yield hash((said, facts(records[row]))), row


def _top(above: dict[int, int], row: int) -> int:
    while (over := above.setdefault(row, row)) != row:
        above[row] = above.setdefault(over, over)
        row = over
    return row


def _join(above: dict[int, int], shared: Iterable[tuple[int, int]]) -> None:
    first: dict[int, int] = {}
    for mark, row in shared:
        other = first.setdefault(mark, row)
        if other != row:
            one, two = _top(above, row), _top(above, other)
            above[max(one, two)] = min(one, two)
