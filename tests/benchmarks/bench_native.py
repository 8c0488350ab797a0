"""`python tests/benchmarks/bench_native.py`: the 测算表 of 10,000 rows, written and recalculated; peers interleaved.

Writing: against openpyxl's normal mode writing the same cells, formulas and formats (one style per cell by name, its
quickest way). Recalculating: LibreOffice computes every formula of the table anew, against a workbook with the same
inputs and one formula per row as a careful clerk writes it. Ratios are of medians in this one run.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

sys.path.insert(0, str(Path(__file__).parents[1]))

from soffice import Soffice, running_soffice

from xlpolicy.formulas.calculation_sheet import write_sheet
from xlpolicy.law import catalog

ROWS, FIRST, TIMES = 10_000, 6, 7
DAY = dt.date(2026, 6, 30)
#: as a clerk writes it, and as one writes it who wants what the 测算表 does: nothing for blanks, texts, negative numbers
BY_HAND = {
    "tech_upgrade": {
        "plain": '=IF(OR(IF(D{0}="",C{0},D{0})<5000000,E{0}="是"),0,ROUND(MIN(C{0}*3%,MAX(5000000-F{0},0)),2))',
        "checked": (
            '=IF(OR(NOT(ISNUMBER(C{0})),ISTEXT(D{0}),ISTEXT(F{0}),N(C{0})<0,N(D{0})<0,N(F{0})<0,AND(E{0}<>"",E{0}<>"否",'
            'E{0}<>"是")),"",IF(OR(IF(D{0}="",C{0},D{0})<5000000,E{0}="是"),0,ROUND(MIN(C{0}*3%,MAX(5000000-F{0},0)),2)))'
        ),
    },
    "tech_loan_interest": {
        "plain": (
            '=IF(G{0}="是",0,ROUND(MIN(MIN(C{0},MAX(200000000-F{0},0))*MIN(2%,MAX(2.5%-E{0},0))*MIN(D{0},730)/365,'
            'IF(H{0}="",1E+99,MIN(C{0},MAX(200000000-F{0},0))*MAX(H{0}-E{0},0)*MIN(D{0},730)/365)),2))'
        ),
    },
}


def claims(rule: str) -> list[dict[str, Any]]:
    chance = random.Random(5)
    lines: list[dict[str, Any]] = []
    for index in range(ROWS):
        money = Decimal(chance.randrange(10**6, 10**10)).scaleb(-2)
        if rule == "tech_upgrade":
            lines.append(
                {"申报单位": f"企业{index}", "investment": money, "paid_before": Decimal(chance.randrange(10**6))}
            )
        else:
            lines.append({"申报单位": f"企业{index}", "loan_balance": money, "days": chance.randrange(1, 800)})
            lines[-1]["loan_rate"] = Decimal(chance.randrange(20000, 60000)).scaleb(-6)
    return lines


def seconds(call: Any) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def contents(path: Path) -> list[list[tuple[Any, str]]]:
    """What stands in the cells of the table, each with a name for its format."""
    table = openpyxl.load_workbook(path).worksheets[0]
    return [[(cell.value, f"c{cell.column}") for cell in row] for row in table.iter_rows(FIRST, FIRST + ROWS - 1)]


def by_openpyxl(rows: list[list[tuple[Any, str]]], path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    hair = Side(style="thin", color="808080")
    for name in {style for row in rows for _, style in row}:
        book.add_named_style(
            NamedStyle(
                name,
                Font(name="仿宋_GB2312", size=11),
                PatternFill("solid", fgColor="FFFCEB"),
                Border(hair, hair, hair, hair),
                Alignment(vertical="center", wrap_text=True),
                "#,##0.00",
            )
        )
    for number, row in enumerate(rows, FIRST):
        for column, (value, style) in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            cell.style = style
    book.save(path)


def writing(folder: Path) -> None:
    found = [catalog.default().find("fuzhou", "tech_upgrade", DAY)]
    for what, examples in (("blank", []), ("filled", [claims("tech_upgrade")])):
        path = folder / f"{what}.xlsx"
        write_sheet(found, path, ROWS, examples=examples)
        rows = contents(path)
        ours, peer = [], []
        for _ in range(TIMES):
            ours.append(seconds(lambda: write_sheet(found, path, ROWS, examples=examples, force=True)))  # noqa: B023
            peer.append(seconds(lambda: by_openpyxl(rows, folder / "peer.xlsx")))  # noqa: B023
        o, p = statistics.median(ours), statistics.median(peer)
        print(f"writing {ROWS} {what} rows: {o:.3f} s; openpyxl normal mode {p:.3f} s = {p / o:.1f} times as long")


def hand_written(rule: str, formula: str, ours: Path, path: Path) -> None:
    """The same inputs, one formula per row."""
    table = openpyxl.load_workbook(ours).worksheets[0]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    last = 2 + len(catalog.default().find("fuzhou", rule, DAY).rule.inputs)
    for row in table.iter_rows(FIRST, FIRST + ROWS - 1, 1, last):
        for cell in row:
            sheet.cell(cell.row, cell.column, cell.value)
        sheet.cell(row[0].row, last + 1, formula.format(row[0].row))
    book.save(path)


def recalculating(folder: Path, office: Soffice) -> None:
    for rule, formulas in BY_HAND.items():
        found = catalog.default().find("fuzhou", rule, DAY)
        ours = folder / f"{rule}.xlsx"
        write_sheet([found], ours, ROWS, examples=[claims(rule)])
        column = openpyxl.utils.get_column_letter(3 + len(found.rule.inputs))
        area = f"{column}{FIRST}:{column}{FIRST + ROWS - 1}"
        for name, formula in formulas.items():
            hand = folder / f"{rule}-{name}.xlsx"
            hand_written(rule, formula, ours, hand)
            times: dict[Path, list[tuple[float, float]]] = {ours: [], hand: []}
            amounts = {}
            for _ in range(TIMES):
                for path, spent in times.items():
                    start = time.perf_counter()
                    with office.open(path) as book:
                        opened = time.perf_counter() - start
                        spent.append((opened, seconds(book.recalculate)))
                        amounts[path] = book.read_range(book.sheets[0], area)
            apart = sum(1 for place, value in amounts[ours].items() if value != amounts[hand][place])
            (a, x), (b, y) = (
                [statistics.median(part) for part in zip(*times[path], strict=True)] for path in (ours, hand)
            )
            print(
                f"LibreOffice, {ROWS} rows of {rule} against a {name} formula by hand ({apart} amounts differ): recalculating "
                f"{x * 1000:.0f} ms to {y * 1000:.0f} ms = {x / y:.2f} times; opening and recalculating "
                f"{(a + x) * 1000:.0f} ms to {(b + y) * 1000:.0f} ms = {(a + x) / (b + y):.2f} times"
            )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        writing(Path(name))
        if lacking := Soffice.absent():
            print(f"LibreOffice not measured: {lacking}")
            return
        with running_soffice() as office:
            recalculating(Path(name), office)


if __name__ == "__main__":
    main()
