"""A rule workbook read back: its cells, the documents they make, what was changed, and every problem with its cell."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from xlpolicy.faults import Fault, PolicyFileError
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.records import Document
from xlpolicy.money import clean
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.openpyxl_book import open_workbook
from xlpolicy.sheets.package import Unreadable
from xlpolicy.survey.rulebook.cell_values import Cell, Record, plain_text
from xlpolicy.survey.rulebook.flatten import Row
from xlpolicy.survey.rulebook.formulas_text import sources, write
from xlpolicy.survey.rulebook.rebuild import Rebuilt, rebuild
from xlpolicy.survey.rulebook.sheets import SHEETS, Sheet
from xlpolicy.survey.rulebook.write import shown, tables

#: the headings stand in one of the first rows
_SEARCHED = 10


class Change(NamedTuple):
    """A cell that says other than the document in use: `what` names provision and field."""

    place: str
    what: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.place}　{self.what}：{self.old or '（空）'} → {self.new or '（空）'}"


class Loaded(NamedTuple):
    """What a rule workbook says: documents by key, their policy files, and the changes against those in use."""

    documents: dict[str, Document]
    texts: dict[str, str]
    changes: tuple[Change, ...]

    def save(self, folder: Path, *, force: bool = False) -> list[Path]:
        """Write `<key>.yaml` for every document. Raises FileExistsError unless `force`, before anything is written; OSError."""
        paths = {key: folder / f"{key}.yaml" for key in self.texts}
        for path in paths.values():
            if path.exists() and not force:
                raise FileExistsError(17, "已经存在", str(path))
        folder.mkdir(parents=True, exist_ok=True)
        for key, path in paths.items():
            write_atomically(path, self.texts[key].encode(), force=force)
        return list(paths.values())


def read_book(path: Path) -> Loaded:
    """The documents of a rule workbook. Raises PolicyFileError with every problem, each with sheet and cell."""
    grid, problems = _grid(path)
    rebuilt, stray = rebuild(grid)
    problems += stray
    documents: dict[str, Document] = {}
    texts: dict[str, str] = {}
    for item in rebuilt:
        text = write(item.data)
        try:
            documents[item.key] = compile_text(text, path.name, item.place)
        except PolicyFileError as error:
            found = error.problems
        else:
            found = ()
        texts[item.key] = text
        problems += _once(item, found)
    if not rebuilt and not problems:
        problems.append(Fault("rulebook", f"{path.name} 工作表“文件”", "", "没有一份文件", "至少一行", "恢复文件行"))
    if problems:
        raise PolicyFileError(replace(p, where=f"{path.name} {p.where}") for p in problems)
    return Loaded(documents, texts, tuple(_changes(grid)))


def _once(item: Rebuilt, found: tuple[Fault, ...]) -> Iterator[Fault]:
    """The problems of the cells, and those of the compiler that do not come from the same cell."""
    yield from item.problems
    told = {p.where for p in item.problems}
    for problem in found:
        # a date that could not be read is not also one that is lacking
        if problem.where not in told and not (item.head_wrong and problem.code == "policy_dates"):
            yield problem


def _grid(path: Path) -> tuple[dict[str, list[Record]], list[Fault]]:
    try:
        book = open_workbook(path)
    except Unreadable as error:
        got, remedy = f"读不出来：{error.problem.got}", "用 rules --to-xlsx 重新写出，或用 Excel 打开后另存为 .xlsx"
        raise PolicyFileError([Fault("rulebook", path.name, "", got, "规则簿（.xlsx）", remedy)]) from None
    problems: list[Fault] = []
    grid: dict[str, list[Record]] = {}
    for sheet in SHEETS:
        grid[sheet.name] = []
        if sheet.name not in book.sheetnames:
            problems.append(
                Fault(
                    "rulebook",
                    f"工作表“{sheet.name}”",
                    "",
                    "没有这张工作表",
                    "、".join(s.name for s in SHEETS),
                    "恢复这张工作表，不要改名",
                )
            )
            continue
        lines = [list(row) for row in book[sheet.name].iter_rows()]
        start, where = _headings(sheet, lines)
        lacking = [c.heading for c in sheet.columns if c.kind != "view" and c.key not in where]
        if lacking:
            place = f"工作表“{sheet.name}”第 {start + 1} 行"
            problems.append(
                Fault("rulebook", place, "", f"缺少列 {'、'.join(lacking)}", "原有的列名", "恢复列名，不要删列")
            )
            continue
        for line in lines[start + 1 :]:
            record = {
                key: _cell(sheet, line[i]) if i is not None else Cell(None, sheet.name, "")
                for key, i in ((c.key, where.get(c.key)) for c in sheet.columns)
            }
            if any(plain_text(record[c.key]) for c in sheet.columns if c.kind != "view"):
                grid[sheet.name].append(record)
    return grid, problems


def _headings(sheet: Sheet, lines: list[list[Any]]) -> tuple[int, dict[str, int]]:
    """The row of the headings and the column of each; the row with the most of them."""
    names = {clean(c.heading): c.key for c in sheet.columns}
    best: tuple[int, dict[str, int]] = (0, {})
    for n, line in enumerate(lines[:_SEARCHED]):
        found: dict[str, int] = {}
        for i, cell in enumerate(line):
            key = names.get(clean(cell.value)) if isinstance(cell.value, str) else None
            if key is not None:
                found.setdefault(key, i)
        if len(found) > len(best[1]):
            best = (n, found)
    return best


def _cell(sheet: Sheet, cell: Any) -> Cell:
    value = cell.value
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").replace("_x000D_", "")
    form = "formula" if cell.data_type == "f" else "strike" if cell.font.strike else str(cell.number_format or "")
    return Cell(value, sheet.name, cell.coordinate, form)


_IDENTITY: Mapping[str, tuple[str, ...]] = {
    "文件": ("key",),
    "条款": ("doc", "id"),
    "数字": ("doc", "rule", "name"),
    "输入项": ("doc", "rule", "name"),
    "计算": ("doc", "rule", "step"),
    "读法": ("doc", "name"),
    "口径": ("doc", "name"),
    "跨条款规则": ("doc", "id"),
    "不付钱的数字": ("doc",),
}


def _changes(grid: Mapping[str, list[Record]]) -> Iterator[Change]:
    """Cell by cell against the documents in use; a document that is not in use has nothing to compare with."""
    content = tables(sources())
    known = {row["key"] for row in content["文件"]}
    for sheet in SHEETS:
        old = dict(_keyed(sheet, ({k: _said(sheet, row, k) for k in row | {"per": 0}} for row in content[sheet.name])))
        for key, cells, record in _records(sheet, grid[sheet.name]):
            if key[0] not in known:
                continue
            before = old.pop(key, None)
            first = next(cell for cell in record.values() if cell.ref)
            what = "　".join(filter(None, (cells.get("title_of") or cells.get("title", ""), cells.get("label", ""))))
            if before is None:
                yield Change(first.place, what or str(key[-2]), "", "新增一行")
                continue
            for column in sheet.columns:
                was, now = before.get(column.key, ""), cells.get(column.key, "")
                if column.kind != "view" and was != now and not (column.key == "text" and cells.get("same_as")):
                    yield Change(record[column.key].place, f"{what}　{column.heading}".strip(), was, now)
        for key in old:
            if key[0] in {plain_text(r["key"]) for r in grid["文件"]}:
                yield Change(f"工作表“{sheet.name}”", "　".join(map(str, key[:-1])), "原有一行", "删去")


def _records(sheet: Sheet, records: list[Record]) -> Iterator[tuple[tuple[Any, ...], dict[str, str], Record]]:
    said = [{key: plain_text(cell) or "" for key, cell in record.items()} for record in records]
    for (key, cells), record in zip(_keyed(sheet, iter(said)), records, strict=True):
        yield key, cells, record


def _keyed(sheet: Sheet, rows: Iterator[dict[str, str]]) -> Iterator[tuple[tuple[Any, ...], dict[str, str]]]:
    """Rows with what identifies them, the n-th of those alike."""
    count: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        key = tuple(row.get(name, "") for name in _IDENTITY[sheet.name])
        count[key] += 1
        yield (*key, count[key]), row


def _said(sheet: Sheet, row: Row, key: str) -> str:
    column = next((c for c in sheet.columns if c.key == key), None)
    if column is None:
        return ""
    value = shown(column, row)
    if isinstance(value, dt.date):
        return value.isoformat()
    return plain_text(Cell(value, "", "")) or ""
