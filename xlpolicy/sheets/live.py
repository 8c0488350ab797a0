"""What watches over the cells of a filled template: drop-downs and checks, fills by condition, protection, names.

Each piece goes to the place that the schema gives it among what the template has of its own. The XML is in the one form
of `plain`; why it is changed as text says `refill`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

#: what may follow the rows of a sheet, in the order of the schema
_ORDER = (
    "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate",
    "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks",
    "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties",
    "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "picture",
    "oleObjects", "controls", "webPublishItems", "tableParts",
)  # fmt: skip
#: of conditions: a smaller number goes first
_PRIORITY = re.compile(r'\spriority="(\d+)"')


@dataclass(frozen=True, slots=True)
class Live:
    """`checks`: dataValidation elements; `paints`: (area, formula, colour); `protection`: attributes of a sheet that
    the template leaves open, "" for none."""

    checks: Sequence[str] = ()
    paints: Sequence[tuple[str, str, str]] = ()
    protection: str = ""

    def put(self, tail: str, paint: Callable[[str], int]) -> str:
        """What follows the rows of a sheet, with all of it; `paint`: the number of a fill."""
        if self.protection and "<sheetProtection" not in tail:
            tail = _placed(tail, "sheetProtection", f"<sheetProtection {self.protection}/>")
        last = max((int(n) for n in _PRIORITY.findall(tail)), default=0)
        painted = "".join(
            f'<conditionalFormatting sqref="{area}"><cfRule type="expression" priority="{last + number}"'
            f' dxfId="{paint(color)}"><formula>{escape(formula)}</formula></cfRule></conditionalFormatting>'
            for number, (area, formula, color) in enumerate(self.paints, 1)
        )
        tail = _placed(tail, "conditionalFormatting", painted)
        if not self.checks:
            return tail
        if "</dataValidations>" in tail:
            tail = tail.replace("</dataValidations>", "".join(self.checks) + "</dataValidations>", 1)
            count = tail[: tail.index("</dataValidations>")].count("<dataValidation ")
            return re.sub(r'(<dataValidations\b[^>]*?count=")\d+', rf"\g<1>{count}", tail, count=1)
        listed = f'<dataValidations count="{len(self.checks)}">{"".join(self.checks)}</dataValidations>'
        return _placed(tail, "dataValidations", listed)


def _placed(tail: str, name: str, fragment: str) -> str:
    """The fragment before whatever the schema puts after it."""
    later = _ORDER[_ORDER.index(name) + 1 :]
    found = re.search(rf"<(?:{'|'.join(later)})\b", tail)
    at = found.start() if found else tail.rindex("<extLst" if "<extLst" in tail else "</worksheet>")
    return tail[:at] + fragment + tail[at:]


def named(workbook: str, names: Mapping[str, str], sheet: int | None = None) -> str:
    """The workbook part with names for cells (of a `sheet` alone, by its place); those of the template that are called the
    same give way."""
    if not names:
        return workbook
    of = "" if sheet is None else f' localSheetId="{sheet}"'
    if not of:
        workbook = re.sub(
            r"<definedName\b([^>]*)>[^<]*</definedName>",
            lambda m: "" if (own := re.search(r'\sname="([^"]*)"', m[1])) and own[1] in names else m[0], workbook,
        )  # fmt: skip
    made = "".join(
        f"<definedName name={quoteattr(name)}{of}>{escape(place)}</definedName>" for name, place in names.items()
    )
    if "</definedNames>" in workbook:
        return workbook.replace("</definedNames>", f"{made}</definedNames>", 1)
    listed = f"<definedNames>{made}</definedNames>"
    workbook = re.sub(r"<definedNames\s*/>", "", workbook)
    for before in ("</externalReferences>", "</functionGroups>", "</sheets>"):
        if before in workbook:
            return workbook.replace(before, before + listed, 1)
    return workbook
