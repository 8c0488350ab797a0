"""workbook/xlpolicy.xlsm, written on any machine: XlsxWriter, the VBA of `wrappers`, no Excel.

The results that the file stores beside its formulas come from the same functions, so the workbook shows sensible
figures before macros are enabled; Excel is told not to compute anew on opening. The same law and the same versions
give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from xlpolicy import __version__
from xlpolicy.excel.vba.project import OFFICE, STDOLE, Module, build_project
from xlpolicy.excel.workbook import (
    page_batch as workbook_batch,
)
from xlpolicy.excel.workbook import (
    page_desk,
    page_match,
)
from xlpolicy.excel.workbook import (
    page_single as workbook_single,
)
from xlpolicy.excel.workbook import (
    pages as workbook_pages,
)
from xlpolicy.excel.workbook.look import Styles
from xlpolicy.excel.workbook.page_law import DATA, LIBRARY, Law, write_data, write_library
from xlpolicy.excel.workbook.vba_wrappers import modules
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.sheets.book import new_book
from xlpolicy.sheets.files import write_atomically

NAME = "xlpolicy.xlsm"
SHEETS = (
    workbook_pages.HOME, workbook_single.SHEET, workbook_batch.SHEET, page_desk.SHEET, page_match.SHEET, page_match.STANDINGS, LIBRARY, workbook_pages.REFERENCE, DATA,
    workbook_pages.SETTINGS,
)  # fmt: skip
#: Excel 2019 and later: a file of this age or younger is not computed anew when it is opened
_CALC_ID = 191029
_TABS = {
    workbook_pages.HOME: "#1F4E79",
    workbook_single.SHEET: "#C9A227",
    workbook_batch.SHEET: "#C9A227",
    page_desk.SHEET: "#2E7D32",
    page_match.SHEET: "#C9A227",
    page_match.STANDINGS: "#C9A227",
}


def build(path: Path, *, force: bool = False, catalog: Catalog | None = None) -> Path:
    """Write the workbook (FileExistsError unless `force`)."""
    write_atomically(path, content(catalog), force=force)
    return path


def content(catalog: Catalog | None = None, *, vba: list[Module] | None = None) -> bytes:
    """The workbook's bytes. `vba`: other modules than the workbook's own (for a host that is not Excel)."""
    law = Law(catalog or catalogs.default())
    raw = io.BytesIO()
    book = new_book(raw, in_memory=True)
    book.set_properties({"title": "产业政策补助测算", "author": "xlpolicy", "created": dt.datetime(2026, 1, 1)})
    # what `xlpolicy excel doctor` compares with what is installed
    for key, value in {"xlpolicy": __version__, "xlwings": version("xlwings"), "law": law_digest(law)}.items():
        book.set_custom_property(key, value, "text")
    book.set_calc_mode("auto", _CALC_ID)
    book.calc_on_load = False
    code_names = [f"Sheet{i}" for i in range(1, len(SHEETS) + 1)]
    for name, code in zip(SHEETS, code_names, strict=True):
        sheet = book.add_worksheet(name)
        sheet.set_vba_name(code)
        if name in _TABS:
            sheet.set_tab_color(_TABS[name])
    styles = Styles(book)
    write_data(book, law)
    write_library(book, law, styles)
    workbook_single.write_single(book, law, styles)
    workbook_batch.write_batch(book, law, styles)
    page_desk.write_desk(book, styles)
    page_match.write_match(book, law, catalog or catalogs.default(), styles)
    workbook_pages.write_reference(book, styles)
    workbook_pages.write_settings(book)
    workbook_pages.write_home(book, law, styles, law_digest(law))
    project = build_project(vba if vba is not None else modules(code_names), references=(STDOLE, OFFICE))
    book.add_vba_project(io.BytesIO(project), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    book.close()
    return raw.getvalue()


def law_digest(law: Law) -> str:
    """A short mark of the law inside, to tell a workbook that is older than the installed policies."""
    told: list[Any] = [
        (e.document.key, e.label, e.rule.id, [(f.name, f.text) for f in e.rule.figures.values()]) for e in law.entries
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def committed() -> Path | None:
    """The workbook that comes with the package (in an installed package, or beside it in the repository)."""
    package = Path(__file__).resolve().parents[2]
    places = (package / "workbook" / NAME, package.parent / "workbook" / NAME)
    return next((place for place in places if place.is_file()), None)


def marks(path: Path) -> dict[str, str]:
    """What a workbook was built from (xlpolicy, xlwings, law); empty where the file is none of ours."""
    try:
        with zipfile.ZipFile(path) as package:
            text = package.read("docProps/custom.xml").decode("utf-8")
    except (OSError, KeyError, zipfile.BadZipFile):
        return {}
    return dict(re.findall(r'name="(\w+)"><vt:lpwstr>([^<]*)<', text))
