"""Truths and text constants as Excel formula text; TRUE and FALSE are folded away."""

from __future__ import annotations

import datetime as dt


def quoted(text: str) -> str:
    """A text constant of a formula (Excel: at most 255 characters)."""
    if len(text) > 250:
        text = text[:249] + "…"
    return '"' + text.replace('"', '""') + '"'


def all_of(tests: list[str]) -> str:
    tests = [test for test in tests if test != "TRUE"]
    if "FALSE" in tests:
        return "FALSE"
    return "TRUE" if not tests else tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"


def any_of(tests: list[str]) -> str:
    tests = [test for test in tests if test != "FALSE"]
    if "TRUE" in tests:
        return "TRUE"
    return "FALSE" if not tests else tests[0] if len(tests) == 1 else f"OR({','.join(tests)})"


def negated(test: str) -> str:
    if test in ("TRUE", "FALSE"):
        return "FALSE" if test == "TRUE" else "TRUE"
    return test[4:-1] if test.startswith("NOT(") and _closes(test) else f"NOT({test})"


def _closes(text: str) -> bool:
    """Whether the first parenthesis of the text is closed by its last character."""
    level = 0
    for index, char in enumerate(text):
        level += (char == "(") - (char == ")")
        if level == 0 and char == ")":
            return index == len(text) - 1
    return False


def date_text(day: dt.date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"
