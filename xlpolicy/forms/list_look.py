"""The table of a list form as a sheet of a template: drawn with the template's own formats of cells, so that it has the
bureau's fonts, fills and borders without the bureau having drawn it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xlpolicy.forms.layout import FORM_SHEET
from xlpolicy.sheets.insert import NotExtendable, add_part
from xlpolicy.sheets.package import Package, Unreadable
from xlpolicy.sheets.sheetxml import MAIN
from xlpolicy.sheets.structure import main_part, relations, workbook
from xlpolicy.sheets.template_sheet import CellStyles, TemplateError, read_sheet, shared_strings
from xlpolicy.sheets.text import inline, letter, row_height

#: what a part of the table looks like: as the cell of the application form that holds this, else as the next
_LIKE: Mapping[str, tuple[str, ...]] = {
    "title": ("{表名}",),
    "line": ("{依据}",),
    "check": ("{自查}", "{依据}"),
    "unit_line": ("{金额单位}",),
    "label": ("{数据.栏目}",),
    "entry": ("{数据.填报数}",),
    "unit": ("{数据.单位}", "{数据.栏目}"),
    "hint": ("{数据.填写说明}", "{数据.栏目}"),
    "amount": ("{预计金额}", "{数据.填写说明}", "{数据.栏目}"),
    "paper": ("{附件.材料}", "{数据.栏目}"),
    "enclosed": ("{附件.已附}", "{数据.填报数}"),
    "declaration": ("{单位声明}",),
}


class Part(NamedTuple):
    """A text or placeholder over some columns of a row (from 1), as one of `_LIKE`."""

    first: int
    last: int
    text: str
    like: str


@dataclass(slots=True)
class Drawn:
    """The sheet to be: its columns' widths, and its rows (from 1) with their heights, 0 for what its texts need; `titles`:
    the row below which the sheet scrolls and before which every page begins again."""

    widths: Sequence[float]
    titles: int
    rows: dict[int, tuple[list[Part], float]] = field(default_factory=dict)

    def put(self, row: int, parts: Iterable[Part], height: float = 0) -> None:
        """Lay a row."""
        self.rows[row] = list(parts), height


def with_table(template: bytes, file: str, name: str, drawn: Drawn) -> bytes:
    """The template with the sheet. `file`: what the template is called. Raises TemplateError."""
    try:
        package = Package(template)
        main = main_part(package)
        related = relations(package, main)
        parts = {kind.rpartition("/")[2]: part for kind, part in related.values()}
        texts = shared_strings(_whole(package, parts["sharedStrings"])) if "sharedStrings" in parts else []
        listed = dict(workbook(_whole(package, main)).sheets)
        form = read_sheet(FORM_SHEET, _whole(package, related[listed[FORM_SHEET]][1]), texts)
        sizes = CellStyles.of(_whole(package, parts["styles"])).sizes
        shown = [(cell.text, cell.style) for line in form.lines for cell in line.cells if "{" in cell.text]
        styles = {
            like: next((style for mark in marks for text, style in shown if mark in text), "0")
            for like, marks in _LIKE.items()
        }
        return add_part(package, name, _sheet(drawn, styles, sizes).encode())
    except (Unreadable, NotExtendable, ValueError, KeyError, IndexError) as error:
        got = error.problem.got if isinstance(error, Unreadable) else "不是完整的 .xlsx 工作簿"
        raise TemplateError(
            f"模板读不出来：{got}", where=file, expected=".xlsx 工作簿",
            remedy="用 Excel 打开后另存为 .xlsx，或改用软件自带的模板",
        ) from None  # fmt: skip


def _whole(package: Package, part: str) -> bytes:
    info = package.find(part)
    if info is None:
        raise KeyError(part)
    return package.whole(info).removeprefix(b"\xef\xbb\xbf")


def _sheet(drawn: Drawn, styles: Mapping[str, str], sizes: Sequence[float]) -> str:
    merges: list[str] = []
    rows = []
    for number, (parts, height) in sorted(drawn.rows.items()):
        cells = []
        for part in parts:
            style = styles[part.like]
            size = sizes[int(style)] if int(style) < len(sizes) else 11.0
            width = sum(drawn.widths[part.first - 1 : part.last])
            needed = row_height(part.text, width, size) if "{" not in part.text else 0
            height = max(height, needed)
            cells.append(f'<c r="{letter(part.first)}{number}" s="{style}" t="inlineStr">{inline(part.text)[0]}</c>')
            cells += [f'<c r="{letter(c)}{number}" s="{style}"/>' for c in range(part.first + 1, part.last + 1)]
            if part.last > part.first:
                merges.append(f'<mergeCell ref="{letter(part.first)}{number}:{letter(part.last)}{number}"/>')
        rows.append(f'<row r="{number}" ht="{min(height, 409):g}" customHeight="1">{"".join(cells)}</row>')
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width:g}" customWidth="1"/>' for n, width in enumerate(drawn.widths, 1)
    )
    pane = f'<pane xSplit="2" ySplit="{drawn.titles}" topLeftCell="C{drawn.titles + 1}" activePane="bottomRight" state="frozen"/>'
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
        f'<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView showGridLines="0" workbookViewId="0">{pane}'
        f'<selection pane="bottomRight"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="18"/><cols>{columns}</cols>'
        f'<sheetData>{"".join(rows)}</sheetData><mergeCells count="{len(merges)}">{"".join(merges)}</mergeCells>'
        '<printOptions horizontalCentered="1"/><pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;L{文件名称}&amp;R第 &amp;P 页　共 &amp;N 页</oddFooter></headerFooter></worksheet>"
    )
