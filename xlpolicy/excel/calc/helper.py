"""The helper process of the Calc add-in: one call per line of stdin, one answer per line of stdout, JSON both.

A call is `[function, [argument, ...]]`, an argument a value or rows of values (null: left out or empty). An answer is
rows of values; an error in them is `{"error": number, "text": reason}`. The first line says who answers. Ends with stdin.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

from xlpolicy import __version__
from xlpolicy.excel.functions.call import VALUE, BlankOrZero, XlError, counted
from xlpolicy.excel.functions.registry import BY_NAME
from xlpolicy.register.folder import settings_told
from xlpolicy.survey.settings_file import VARIABLE, activate_told


def answer(line: str) -> Any:
    """The answer to one call."""
    try:
        name, args = json.loads(line)
        # Calc hands an empty single cell over as 0; in a range it is null
        args = [BlankOrZero() if type(arg) in (int, float) and arg == 0 else counted(arg) for arg in args]
        result = BY_NAME[name].answer(*args)
    except Exception as fault:  # noqa: BLE001  (whatever it is, Calc waits for an answer)
        print(f"{type(fault).__name__}: {fault}", file=sys.stderr, flush=True)
        result = XlError(VALUE, "fault", "xlpolicy 内部出错")
    rows = result if isinstance(result, list) else [[result]]
    return [[_cell(item) for item in row] for row in rows]


def _cell(item: Any) -> Any:
    return {"error": item.number, "text": item.message} if isinstance(item, XlError) else item


def serve(lines: TextIO, out: TextIO) -> None:
    """Answer until the lines end."""

    def say(data: Any) -> None:
        out.write(json.dumps(data, separators=(",", ":")) + "\n")
        out.flush()

    say({"xlpolicy": __version__})
    for line in lines:
        say(answer(line))


if __name__ == "__main__":
    activate_told(os.environ.get(VARIABLE) or settings_told())
    serve(sys.stdin, sys.stdout)
