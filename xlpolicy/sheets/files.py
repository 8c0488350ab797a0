"""Text into cells without ever becoming a formula, files without ever being half written."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell

#: a cell text beginning with one of these is taken for a formula (or a DDE command) by some program
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


def new_book(target: Any, **options: Any) -> Any:
    """An XlsxWriter workbook at a path or stream in which a text never becomes a formula, a link or a number.

    A label of a bureau's own policy file may begin with “=”; where a formula is meant, `write_formula` says so.
    """
    import xlsxwriter

    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(target, {**safe, **options})


def put(cell: Cell | MergedCell, value: Any) -> Cell:
    """Write a value; a text stays a text whatever it begins with, also when the cell is edited again."""
    assert isinstance(cell, Cell), "write to the first cell of a merged area"
    if isinstance(value, str):
        cell.value = _CONTROL.sub("", value)[:32767]
        cell.data_type = "s"
        if value.startswith(FORMULA_STARTS):
            cell.quotePrefix = True
    else:
        cell.value = value
    return cell


def csv_text(value: str) -> str:
    """A text for a CSV cell: an apostrophe in front of what a spreadsheet would take for a formula."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def write_atomically(path: Path, save: Callable[[Path], None], *, force: bool = False) -> None:
    """`save` writes a temporary file beside `path`, which then takes the name.

    Raises FileExistsError unless `force`, FileNotFoundError without the folder, IsADirectoryError for a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "是文件夹", str(path))
    if path.exists() and not force:
        raise _taken(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "没有这个文件夹", str(path.parent))
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".~", suffix=path.suffix)
    except OSError as error:  # told of the file that was asked for, not of the temporary one
        raise type(error)(error.errno, error.strerror, str(path)) from None
    os.close(handle)
    temporary = Path(name)
    try:
        save(temporary)
        os.chmod(temporary, 0o644)
        if force:
            os.replace(temporary, path)
        else:
            _claim(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _taken(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, "文件已存在，未覆盖；换一个文件名，或加 --force 覆盖", str(path))


def _claim(temporary: Path, path: Path) -> None:
    """Give the file its name unless somebody took it meanwhile."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError:  # a file system without hard links
        os.replace(temporary, path)
