"""How the workbooks of a settlement look: widths, heights, sizes of type, number formats, panes, pages, drop-downs, charts.

tests/settle/looks.yaml was read over when it was written; of its sheets 兑付台账 was looked at as a picture, others as pages of text.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import yaml
from test_settlement_book import GOOD, LACKING

from xlpolicy import settle
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import Found
from xlpolicy.money import clean
from xlpolicy.settle.both_documents import under_both
from xlpolicy.settle.briefing_book import write_briefing
from xlpolicy.settle.claims_book import write_blank
from xlpolicy.settle.match import match
from xlpolicy.settle.match_book import write_standings
from xlpolicy.settle.model import read_claims
from xlpolicy.settle.profile import Profile
from xlpolicy.settle.profile import write_blank as write_profiles
from xlpolicy.settle.settlement_book import write_settlement, write_simulation
from xlpolicy.settle.simulate import simulate
from xlpolicy.survey.compare import diff

LOOKS: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("looks.yaml").read_text(encoding="utf-8"))
ON = dt.date(2026, 6, 30)
CLAIMS = [*GOOD, LACKING]


def books(folder: Path) -> dict[str, Path]:
    """Name -> workbook."""
    law = catalogs.default()
    listed = read_claims(CLAIMS)
    write_settlement(listed, settle(listed, None, on_year=2026), folder / "兑付台账.xlsx", cells={"A6": "申报!A6"})
    owed = read_claims(GOOD[-1:])
    write_settlement(owed, settle(owed, None, on_year=2026), folder / "兑付台账一种.xlsx")
    write_blank(folder / "申报清单.xlsx", claims=listed)
    raised = {"fuzhou-2026-5": {"tech_upgrade.rate": "4%"}}
    write_simulation(simulate(CLAIMS, raised, on_year=2026), folder / "测算对比.xlsx")
    asked = [
        law.find("fuzhou", "tech_upgrade", ON),
        Found(*next((d, r) for d, r in law.rules() if r.id == "park_infra_interest")),
    ]
    write_profiles(folder / "企业档案.xlsx", law, asked)
    label = clean("年度技改设备（含软件）实际投资额（不含增值税）")
    known = Profile("示例企业01", None, "enterprise", {label: Decimal(8_000_000)})
    write_standings(match([known], asked, ON, catalog=law), folder / "应享未享清单.xlsx", on=ON)
    compared = diff(law, "fuzhou-2024-13", "fuzhou-2026-5")
    write_briefing(compared, under_both(listed, compared, law), folder / "简报.xlsx")
    return {path.stem: path for path in sorted(folder.glob("*.xlsx"))}


def look(sheet: Any) -> dict[str, Any]:
    """What can be seen of a sheet, apart from its words; the cells of its first twelve rows."""
    widths: dict[int, float] = {}
    for dimension in sheet.column_dimensions.values():
        for column in range(dimension.min, dimension.max + 1):
            widths[column] = round(dimension.width - 0.7109375, 2)
    kinds = Counter(style(cell) for row in sheet.iter_rows(max_row=12) for cell in row if cell.has_style)
    page = sheet.page_setup
    found = {
        "widths": [widths[i] for i in sorted(widths)],
        "heights": [sheet.row_dimensions[i].height for i in range(1, 4)],
        "styles": dict(sorted(kinds.items())),
        "frozen": sheet.freeze_panes,
        "page": f"{page.paperSize} {page.orientation} {page.fitToWidth}x{page.fitToHeight} {sheet.print_title_rows}",
        "entries": sorted(f"{v.sqref} {v.type}" for v in sheet.data_validations.dataValidation),
        "merged": " ".join(sorted(str(x) for x in sheet.merged_cells.ranges if x.min_row <= 12)),
    }
    return {key: value for key, value in found.items() if value}


def style(cell: Any) -> str:
    """Size of type, weight, place, colour and number format of a cell."""
    font, place = cell.font, cell.alignment
    fill = cell.fill.fgColor.rgb[2:] if cell.fill.fill_type else "-"
    bold = " bold" if font.b else ""
    said = f"{font.sz:g}{bold} {place.horizontal or '-'}{place.indent:g} {place.vertical} {fill} {cell.number_format}"
    return said + (" grid" if cell.border.top.style else "") + (" wrap" if place.wrap_text else "")


def charts(path: Path) -> list[str]:
    """Of every chart its title, size of type, legend, distance of bars and number format."""
    with zipfile.ZipFile(path) as package:
        names = sorted(name for name in package.namelist() if name.startswith("xl/charts/"))
        texts = [package.read(name).decode() for name in names]
        places = [package.read(n).decode() for n in sorted(package.namelist()) if n.startswith("xl/drawings/drawing")]
    wanted = r'<a:t>[^<]*</a:t>|sz="\d+"|legendPos val="\w+"|gapWidth val="\d+"|formatCode="[^"]*"|orientation val="\w+"|<c:f>[^<]*</c:f>'
    corners = [re.findall(r"<xdr:(?:col|row|rowOff|colOff)>(\d+)<", place) for place in places]
    return [*(" ".join(re.findall(wanted, text)) for text in texts), *(" ".join(x) for x in corners)]


def seen(path: Path) -> dict[str, Any]:
    book = openpyxl.load_workbook(path)
    found = {sheet.title: look(sheet) for sheet in book if sheet.sheet_state == "visible"}
    return {**found, "charts": charts(path)} if charts(path) else found


def test_looks(tmp_path: Path) -> None:
    made = books(tmp_path)
    assert set(made) == set(LOOKS)
    for name, sheets in LOOKS.items():
        found = seen(made[name])
        assert set(found) == set(sheets), name
        for sheet, what in sheets.items():
            assert found[sheet] == what, (name, sheet)
    write_blank(tmp_path / "空.xlsx")
    blank = look(openpyxl.load_workbook(tmp_path / "空.xlsx")["申报"])["widths"]
    assert blank[:9] == LOOKS["申报清单"]["申报"]["widths"][:9]
    assert blank[9:] == [32.0, 18.0] * 4 + [22.0, 20.0, 13.0, 16.0], "what is claimed and its value, four times"
