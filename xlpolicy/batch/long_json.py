"""JSON that may be very long: written entry by entry, read the same way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_CHUNK = 2**16


def pieces(value: Any) -> Iterator[str]:
    """Plain data as JSON, entry by entry. A mapping may be given as an iterator of its entries."""
    if not isinstance(value, dict | Iterator):
        yield json.dumps(value)
        return
    start = "{"
    for key, one in value.items() if isinstance(value, dict) else value:
        yield f"{start}{json.dumps(key)}: "
        yield from pieces(one)
        start = ", "
    yield "{}" if start == "{" else "}"


class Reader:
    """A JSON text from its start: whoever reads it asks for one thing after another, and no more of it is held.

    Everything raises OSError where the file cannot be read.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file, self._text, self._at = file, "", 0

    def sign(self) -> str:
        """The sign that what follows begins with; it stays. Raises ValueError at the end."""
        while True:
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            self._more()

    def value(self) -> Any:
        """What follows, whole. Raises ValueError where it is no JSON."""
        self.sign()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                end = len(self._text)
            if end < len(self._text):
                self._at = end
                return found
            self._more()  # it was cut, or a number may go on

    def members(self) -> Iterator[str]:
        """The names of the object that follows; the value of each is asked for before the next name.

        Raises ValueError where no object follows.
        """
        self._take("{")
        if self.sign() == "}":
            self._take("}")
            return
        while True:
            name = self.value()
            if not isinstance(name, str):
                raise ValueError(name)
            self._take(":")
            yield name
            if self._take(",}") == "}":
                return

    def _take(self, signs: str) -> str:
        sign = self.sign()
        if sign not in signs:
            raise ValueError(sign)
        self._at += 1
        return sign

    def _more(self) -> None:
        more = self._file.read(_CHUNK)
        if not more:
            raise ValueError("it ends too early")
        self._text, self._at = self._text[self._at :] + more, 0
