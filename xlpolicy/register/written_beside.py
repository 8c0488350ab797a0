"""What a clerk wrote into 审核台账 beside its own columns. It is no part of the register; the file is kept when a new one comes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from xlpolicy.forms.grids import read_grids
from xlpolicy.register.review import MUST, ReviewError, headed, headings
from xlpolicy.sheets.package import Unreadable


def keep(path: Path, template: Path) -> Path | None:
    """Move a ledger aside that holds more than the template's columns; where it is now, None where there is nothing to keep.

    Raises OSError where the file cannot be moved.
    """
    if not path.is_file() or not _own(path, template):
        return None
    aside = path.with_name(f"{path.stem}-{dt.datetime.now():%Y%m%d-%H%M%S}{path.suffix}")
    return path.rename(aside)


def _own(path: Path, template: Path) -> bool:
    try:
        sheets, known = read_grids(path).sheets, headings(template, MUST) - {""}
    except (Unreadable, ReviewError):
        return True  # whatever it is, it is not the program's to throw away
    _, name, start, heads = headed(sheets, MUST)
    lines = sheets[name][start:] if name else ()
    return any(
        str(cell).strip() and (i >= len(heads) or heads[i] not in known)
        for line in lines
        for i, cell in enumerate(line)
    )
