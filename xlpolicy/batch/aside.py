"""What a run has to keep and does not need at hand: in a file without a name that goes with the process, or in the spool.

A batch has very many forms; what only the ledger and the notices show of each would fill the memory.
"""

from __future__ import annotations

import pickle
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

#: bytes of a run's that stay in memory all the same
_SMALL = 2**20


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
        self._path, self._count = path, 0
        with path.open("wb") as file:
            for row in rows:
                pickle.dump(row, file)
                self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[list[Any]]:
        with self._path.open("rb") as file:
            for _ in range(self._count):
                yield pickle.load(file)
