"""简报 as a Word page: the same lines as the sheet, for whoever puts it into a report."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlpolicy.settle.both_documents import Shifts
from xlpolicy.settle.briefing_page import FOOT, WIDTHS, Line, lines
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.survey.compare import Diff

#: the size of the letters by style, in points: what fits on a page that a director is handed
_SIZES = {"title": 18, "head": 10.5, "text": 8.5, "column": 8, "cells": 7.5}
_FONTS = {"title": "title", "head": "heading", "column": "heading"}
#: A4 and its margins, in centimetres
_PAGE, _MARGIN = (21.0, 29.7), 1.3


def write_briefing_docx(
    found: Diff, shifts: Shifts | None, path: Path, *, created: dt.date | None = None, force: bool = False
) -> None:
    """The briefing as a .docx (FileExistsError unless `force`)."""
    from docx import Document
    from docx.shared import Cm, Pt

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(_PAGE[0]), Cm(_PAGE[1])
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(_MARGIN)
    section.footer_distance = Cm(_MARGIN / 2)
    normal = document.styles["Normal"]
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.0
    table: Any = None
    for line in lines(found, shifts):
        if len(line.cells) > 1:
            table = _table(document) if line.style == "column" else table
            _row(table, line)
        else:
            _text(document.add_paragraph(), str(line.cells[0]), line.style)
    _text(section.footer.paragraphs[0], FOOT, "cells")
    when = dt.datetime.combine(created or dt.date.today(), dt.time())
    properties = document.core_properties
    properties.author, properties.title = "xlpolicy", f"{found.new.name}变化简报"
    properties.created = properties.modified = when
    properties.comments = properties.last_modified_by = ""
    packed = io.BytesIO()
    document.save(packed)
    write_atomically(path, packed.getvalue(), force=force)


def _table(document: Any) -> Any:
    """A table of the page's columns, whose widths are fixed: a cell's own width alone is not heeded everywhere."""
    from docx.shared import Cm

    table = document.add_table(0, len(WIDTHS), "Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = Cm((_PAGE[0] - 2 * _MARGIN) * width / sum(WIDTHS))
    return table


def _row(table: Any, line: Line) -> None:
    cells = table.add_row().cells
    for cell, value in zip(cells, line.cells, strict=True):
        shown = "—" if value is None else f"{value:,.2f}" if isinstance(value, Decimal) else value
        _text(cell.paragraphs[0], shown, line.style, right=not isinstance(value, str))


def _text(paragraph: Any, text: str, style: str, *, right: bool = False) -> None:
    """A text in the font and size of its style; Chinese letters have a font of their own."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(text)
    run.font.size = Pt(_SIZES[style])
    run.font.name = FONTS[_FONTS.get(style, "body")]
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), run.font.name)
    if style in ("title", "column"):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if style == "head":
        paragraph.paragraph_format.space_before = Pt(4)
