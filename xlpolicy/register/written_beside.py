"""What a clerk wrote into 审核台账 beside its own columns. It is no part of the register; the file is kept when a new one comes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from xlpolicy.forms.grids import read_grids
from xlpolicy.register.database import Register
from xlpolicy.register.folder import Folder
from xlpolicy.register.ledgers import REVIEWS, write_reviews
from xlpolicy.register.ledgers.source import template_of
from xlpolicy.register.review import MUST, ReviewError, headed, headings
from xlpolicy.sheets.package import Unreadable


def rewrite(register: Register, path: Path, folder: Folder, *, year: int | None = None) -> tuple[int, Path | None]:
    """审核台账 anew, as `write_reviews` does and raises; the one that stood there is moved aside where it holds more than
    the template's columns. The number of claims, and where the old one is now.

    Raises OSError where the file cannot be moved.
    """
    kept = _keep(path, template_of(REVIEWS, folder))
    return write_reviews(register, path, folder, year=year), kept


def _keep(path: Path, template: Path) -> Path | None:
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
