"""What a bureau drew into a template that openpyxl fills: pictures, which it drops, are kept; what cannot be is named.

openpyxl reads pictures with Pillow alone, for their size; here they keep the place and the size that their anchor says.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Mapping
from typing import Any

from openpyxl.chart._chart import ChartBase
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import fromstring

from xlpolicy.sheets.package import Package
from xlpolicy.sheets.shift import Shifts, qualified
from xlpolicy.sheets.structure import main_part, relations, workbook

#: kinds of picture that every spreadsheet program shows, as the ending says
_KINDS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif"}
_SHAPES = re.compile(rb"<(?:\w+:)?(?:sp|cxnSp|grpSp)[ >]")


class _Picture(Image):
    """A picture as it stands in the file."""

    def __init__(self, data: bytes, kind: str, anchor: Any) -> None:
        self.format, self.anchor, self._bytes = kind, anchor, data
        self.ref = io.BytesIO(data)

    def _data(self) -> bytes:
        return self._bytes


def keep(book: Workbook, package: Package) -> list[str]:
    """Put the pictures of the file back into its workbook; what of it openpyxl does not keep, by sheet."""
    lost = []
    main = main_part(package)
    parts = {rid: part for rid, (_, part) in relations(package, main).items()}
    for name, rid in workbook(_part(package, main)).sheets:
        if name not in book.sheetnames:  # of a damaged file openpyxl leaves a sheet out; who asks for it is told
            continue
        sheet, other = book[name], set[str]()
        if not isinstance(sheet, Worksheet):
            continue
        if b"<legacyDrawingHF" in _part(package, parts[rid]):
            other.add("页眉页脚里的图片")
        for kind, drawn in relations(package, parts[rid]).values():
            if kind.endswith("/drawing"):
                if _SHAPES.search(_part(package, drawn)):
                    other.add("文本框和图形")
                if not _pictures(sheet, package, drawn):
                    other.add("图片（不是 PNG、JPG、GIF）")
            elif kind.endswith(("/ctrlProp", "/control", "/oleObject")):
                other.add("控件和嵌入的对象")
        lost += [f"模板“{name}”表里的{what}没有带过来；请改用 PNG 图片或写在格子里" for what in sorted(other)]
    return lost


def _part(package: Package, name: str) -> bytes:
    info = package.find(name)
    return b"" if info is None else package.whole(info)


def _pictures(sheet: Worksheet, package: Package, drawn: str) -> bool:
    """Whether all pictures of a drawing could be put into the sheet."""
    try:
        tree: Any = fromstring(_part(package, drawn))
        drawing: Any = SpreadsheetDrawing.from_tree(tree)
        blips = drawing._blip_rels
    except (TypeError, ValueError, AttributeError):  # more than openpyxl knows of
        return False
    related, whole = relations(package, drawn), True
    for blip in blips:
        part = related.get(blip.embed, ("", ""))[1]
        kind = _KINDS.get(posixpath.splitext(part)[1].lower())
        if kind is None:
            whole = False
        else:
            frame = blip.anchor.pic
            if frame is not None and frame.spPr.prstGeom is not None:
                frame.spPr.prstGeom.avLst = None  # written back it would stand in a wrong namespace
            sheet.add_image(_Picture(_part(package, part), kind, blip.anchor))
    return whole


def follow(sheet: Any, shifts: Shifts) -> None:
    """Pictures, charts, drop-downs, conditional formats and the print area go where the rows went."""
    for drawn in (*sheet._images, *sheet._charts):
        for corner in (getattr(drawn.anchor, "_from", None), getattr(drawn.anchor, "to", None)):
            if corner is not None:
                corner.row = shifts.first(corner.row + 1) - 1
    for rule in sheet.data_validations.dataValidation:
        rule.sqref = MultiCellRange(shifts.ranges(str(rule.sqref)))
    formats, sheet.conditional_formatting = sheet.conditional_formatting, ConditionalFormattingList()
    for area in formats:
        for condition in area.rules:
            sheet.conditional_formatting.add(shifts.ranges(str(area.sqref)), condition)
    if sheet.print_area:
        sheet.print_area = shifts.ranges(sheet.print_area.rpartition("!")[2])


def refer(book: Any, shifts: Mapping[str, Shifts]) -> None:
    """Names and the charts of a template refer to what their rows became."""
    for name in book.defined_names.values():
        name.attr_text = qualified(name.attr_text, shifts)
    for sheet in book.worksheets:
        for chart in sheet._charts:
            _series(chart, shifts)


def _series(chart: ChartBase, shifts: Mapping[str, Shifts]) -> None:
    for series in chart.ser:
        sources = (getattr(series, name, None) for name in ("val", "cat", "xVal", "yVal", "tx"))
        for source in sources:
            for reference in (getattr(source, "numRef", None), getattr(source, "strRef", None)):
                if reference is not None:
                    reference.f = qualified(reference.f, shifts)
                    for cache in ("numCache", "strCache"):  # what the template showed
                        if hasattr(reference, cache):
                            setattr(reference, cache, None)
