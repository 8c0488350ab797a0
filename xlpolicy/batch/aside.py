"""What a run has to keep and does not need at hand: in a file without a name that goes with the process, or in the spool.

A batch has very many forms; what only the ledger and the notices show of each would fill the memory.
"""

from __future__ import annotations

import pickle
import tempfile
import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

#: bytes of a run's that stay in memory all the same
_SMALL = 2**20
#: bytes of a SHA-256
_MARK = 32


class Aside:
    """The file; it is gone when nobody holds anything of it any more."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_SMALL)  # noqa: SIM115  as long as what was put there
        self._one = threading.Lock()  # what is sent to workers is read by threads of the pool
        self._end = 0
        self._last: tuple[int, Any] = (-1, None)

    def put(self, data: bytes) -> Kept:
        """Keep some bytes."""
        with self._one:
            start = self._end
            self._file.seek(start)
            self._file.write(data)
            self._end += len(data)
        return Kept(self, start, len(data))

    def get(self, start: int, size: int) -> bytes:
        """What was put there."""
        with self._one:
            self._file.seek(start)
            return self._file.read(size)

    def pack(self, value: Any) -> Kept:
        """Keep anything."""
        return self.put(pickle.dumps(value))

    def unpack(self, start: int, size: int) -> Any:
        """What was packed there."""
        return pickle.loads(self.get(start, size))

    def load(self, start: int, size: int) -> Any:
        """The same; the last is at hand, for one asks for several things of a form."""
        last = self._last
        if last[0] != start:
            last = self._last = start, self.unpack(start, size)
        return last[1]

    def __del__(self) -> None:
        self._file.close()


class Kept:
    """Bytes that were put aside. Pickled, they are bytes again."""

    __slots__ = ("_aside", "_size", "_start")

    def __init__(self, aside: Aside, start: int, size: int) -> None:
        self._aside, self._start, self._size = aside, start, size

    def __bytes__(self) -> bytes:
        return self._aside.get(self._start, self._size)

    @property
    def place(self) -> tuple[int, int]:
        """Where they are: start and size."""
        return self._start, self._size

    def load(self) -> Any:
        """What was pickled."""
        return self._aside.load(self._start, self._size)

    def __reduce__(self) -> tuple[type[bytes], tuple[bytes]]:
        return bytes, (bytes(self),)


class Rows:
    """Rows of a sheet in a file, gone through in order as often as one likes, here or in a worker."""

    def __init__(self, path: Path, rows: Iterable[Sequence[Any]]) -> None:
        self._path, self._starts = path, array("Q")
        with path.open("wb") as file:
            for row in rows:
                self._starts.append(file.tell())
                pickle.dump(row, file)

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, number: int) -> Any:
        with self._path.open("rb") as file:
            file.seek(self._starts[number])
            return pickle.load(file)

    def __iter__(self) -> Iterator[list[Any]]:
        with self._path.open("rb") as file:
            for _ in self._starts:
                yield pickle.load(file)


class Days:
    """On which day content was judged before, by its SHA-256: in few bytes, for every worker has all of them."""

    def __init__(self, found: Iterable[tuple[str, str]] = ()) -> None:
        """`found`: digest in hex and ISO day, in the order of the digests."""
        self._marks, self._numbers, days = bytearray(), array("I"), dict[str, int]()
        for text, day in found:
            with suppress(ValueError):  # what somebody wrote into the state file
                if len(mark := bytes.fromhex(text)) == _MARK:
                    self._marks += mark
                    self._numbers.append(days.setdefault(day, len(days)))
        self._days = list(days)

    def get(self, digest: str) -> str:
        """ "" for content that was not judged before."""
        if not self._numbers or not digest:
            return ""
        mark = bytes.fromhex(digest)
        at = bisect_left(range(len(self._numbers)), mark, key=self._at)
        return self._days[self._numbers[at]] if at < len(self._numbers) and self._at(at) == mark else ""

    def _at(self, number: int) -> bytes:
        return bytes(self._marks[number * _MARK : (number + 1) * _MARK])
