"""The records of a run, in a file: a batch has very many, and what is said of each is needed only when its turn comes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import overload

from xlpolicy.batch.aside import Aside, Kept
from xlpolicy.batch.record import ASIDE, PLACES, Judged, Record

_HEAD = tuple(slot.name for slot in fields(Record) if slot.name not in (*ASIDE, "judged", "rest", "row"))
_JUDGED = tuple(slot.name for slot in fields(Judged) if slot.name != "told")


class Records(Sequence[Record]):
    """In the order of the files. Each record is read when it is asked for, a new object every time: what is changed in one
    is kept by `put`. Where it went, and the number of its file, are known without reading it."""

    def __init__(self) -> None:
        self._heads, self._bulk = Aside(), Aside()
        self._starts, self._sizes, self._numbers = array("Q"), array("I"), array("I")
        self._places, self._waiting = bytearray(), bytearray()

    def append(self, record: Record) -> None:
        """Keep one more; its `row` is where it stands from now on."""
        record.row = len(self)
        for column in (self._starts, self._sizes, self._numbers, self._places, self._waiting):
            column.append(0)
        self._numbers[record.row] = record.number
        if not isinstance(record.rest, Kept):
            record.rest = self._bulk.put(record.__getstate__()[1]["rest"])
        judged = record.judged
        if judged is not None and isinstance(judged.told, bytes):
            record.judged = Judged(
                **{name: getattr(judged, name) for name in _JUDGED}, told=self._bulk.put(judged.told)
            )
        self.put(record)

    def put(self, record: Record) -> None:
        """Keep what a record of this list says now."""
        rest, judged = record.rest, record.judged
        assert isinstance(rest, Kept)
        decided = None
        if judged is not None:
            assert isinstance(judged.told, Kept)
            decided = (tuple(getattr(judged, name) for name in _JUDGED), judged.told.place)
        head = tuple(getattr(record, name) for name in _HEAD), record.at_hand(ASIDE), decided, rest.place
        kept = self._heads.pack(head)
        self._starts[record.row], self._sizes[record.row] = kept.place
        self._places[record.row] = PLACES.index(record.place)
        self._waiting[record.row] = record.written is None

    def _read(self, row: int) -> Record:
        head, changed, decided, rest = self._heads.unpack(self._starts[row], self._sizes[row])
        record: Record = Record.__new__(Record)
        for name, value in zip(_HEAD, head, strict=True):
            setattr(record, name, value)
        for name, value in changed.items():
            setattr(record, name, value)
        record.row, record.judged, record.rest = row, None, Kept(self._bulk, *rest)
        if decided is not None:
            record.judged = Judged(**dict(zip(_JUDGED, decided[0], strict=True)), told=Kept(self._bulk, *decided[1]))
        return record

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Record]: ...
    def __getitem__(self, at: int | slice) -> Record | Sequence[Record]:
        rows = range(len(self))[at]
        return self._read(rows) if isinstance(rows, int) else [self._read(row) for row in rows]

    def __iter__(self) -> Iterator[Record]:
        return map(self._read, range(len(self)))

    def of(self, *places: str) -> Some:
        """Those in these places."""
        wanted = {PLACES.index(place) for place in PLACES if place in places}
        return Some(self, lambda: (row for row, place in enumerate(self._places) if place in wanted))

    def waiting(self) -> Some:
        """Those of files for which something is not written yet."""
        numbers = {number for number, waits in zip(self._numbers, self._waiting, strict=True) if waits}
        return Some(self, lambda: (row for row, number in enumerate(self._numbers) if number in numbers))


class Some:
    """Some records of many, as often as one likes."""

    def __init__(self, records: Records, rows: Callable[[], Iterator[int]]) -> None:
        self._records, self._rows = records, rows

    def __len__(self) -> int:
        return sum(1 for _ in self._rows())

    def __iter__(self) -> Iterator[Record]:
        return map(self._records.__getitem__, self._rows())
