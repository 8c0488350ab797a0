"""The number formats of an .ods, by name: what they say beside the text that a cell keeps of itself."""

from __future__ import annotations

from collections.abc import Mapping

#: formats of numbers, dates and texts
_FORMATS = frozenset(
    ("number-style", "currency-style", "percentage-style", "date-style", "time-style", "boolean-style", "text-style")
)
#: signs that fill up a cell and say nothing
_PLAIN = ".-_"


class Formats:
    """Takes the elements of the formats one by one."""

    def __init__(self) -> None:
        self._name = ""
        self._text = self._filling = False
        self._codes: dict[str, str] = {}
        self._inks: dict[str, str] = {}
        self._fills: dict[str, str] = {}
        self._of_positive: dict[str, str] = {}

    def start(self, tag: str, said: Mapping[str, str]) -> bool:
        """Whether an element is one of a format."""
        if tag in _FORMATS:
            self._name, self._text = said.get("name", ""), tag == "text-style"
        elif not self._name:
            return False
        elif tag == "map":
            if said.get("condition", "").replace(" ", "").startswith("value()>"):
                self._of_positive.setdefault(self._name, said.get("apply-style-name", ""))
        elif tag == "text-properties" and "color" in said:
            self._inks[self._name] = said["color"].lower()
        elif tag == "text-content" and self._text:
            self._codes[self._name] = self._codes.get(self._name, "") + "@"
        self._filling = tag == "fill-character"
        return True

    def end(self, tag: str) -> None:
        self._filling = False
        if tag in _FORMATS:
            self._name = ""

    def text(self, text: str) -> bool:
        """Whether a text is one of a format."""
        said = text.strip()
        if self._name and said and self._text:
            self._codes[self._name] = self._codes.get(self._name, "") + f'"{text}"'
        elif self._name and said and self._filling and said not in _PLAIN:
            self._fills[self._name] = said
        return bool(self._name)

    def of_text(self, name: str | None) -> str:
        """The format as Excel would write it, of which only what it adds to texts counts."""
        code = self._codes.get(name or "", "")
        return "General" if code in ("", "@") else f"General;General;General;{code}"

    def ink(self, name: str | None) -> str | None:
        """The colour of a number above 0, where the format has one."""
        return self._inks.get(self._positive(name))

    def fill(self, name: str | None) -> str:
        """The sign that a cell is filled up with; the text that it keeps is without."""
        return self._fills.get(self._positive(name), "")

    def _positive(self, name: str | None) -> str:
        return self._of_positive.get(name or "", name or "")
