"""The whole register as plain files that outlive the program: 登记库.json, 登记库.xlsx and the received files.

The JSON holds every row as it was written, so that it proves itself without a database.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select

from xlpolicy.faults import system_reason
from xlpolicy.register import tables
from xlpolicy.register.database import VERSION, Register, RegisterError
from xlpolicy.register.journal import Row
from xlpolicy.sheets.book import new_book, write_cell
from xlpolicy.sheets.files import write_atomically

JSON, BOOK, ORIGINALS = "登记库.json", "登记库.xlsx", "原件"
_FORMAT = "xlpolicy-register"
#: what a sheet, and a cell, holds at most
_ROWS, _CHARACTERS = 1_048_576, 32_767
_CUT = f"……（太长，全文见 {JSON}）"


class Stored:
    """The rows of an open register, one state of it throughout; of an older version what there was."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self._there = connection, inspect(connection)

    def journal(self) -> Iterator[Row]:
        """The entries, in order."""
        yield from map(dict, self.connection.execute(select(tables.journal).order_by(tables.journal.c.seq)).mappings())

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table by entry, then by id; without columns that are not hashed."""
        known = tables.metadata.tables[table]
        if not self._there.has_table(table):
            return
        names = {column["name"] for column in self._there.get_columns(table)} - set(tables.UNHASHED.get(table, ()))
        wanted = [column for column in known.c if column.name in names]
        key = known.c.id if "id" in known.c else known.c.digest
        yield from map(dict, self.connection.execute(select(*wanted).order_by(known.c.entry, key)).mappings())


class Exported:
    """The rows of an export. Raises RegisterError for a file that is none."""

    def __init__(self, path: Path) -> None:
        file = path / JSON if path.is_dir() else path
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            if data["format"] != _FORMAT:
                raise KeyError
            self._journal: list[Row] = data["journal"]
            self._tables: dict[str, list[Row]] = data["tables"]
        except OSError as error:
            raise RegisterError(f"读不出来（{system_reason(error)}）", where=str(file), remedy="核对路径") from None
        except (ValueError, KeyError, TypeError):
            raise RegisterError(
                "不是登记库的导出文件", where=str(file), expected=f"xlpolicy export 写出的 {JSON}", remedy="换一个文件"
            ) from None
        self.originals = file.parent / ORIGINALS

    def journal(self) -> Iterable[Row]:
        """The entries, in order."""
        return self._journal

    def rows(self, table: str) -> Iterable[Row]:
        """The rows of a table by entry, then by id."""
        return self._tables.get(table, [])


def export(register: Register, folder: Path) -> Path:
    """Write everything into a new folder. Returns it. Raises RegisterError where it exists, or for what is damaged."""
    if folder.exists():
        raise RegisterError("已经存在，没有写入", where=str(folder), expected="新的文件夹", remedy="换一个名称")
    partial = folder.with_name(f".~{folder.name}")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / ORIGINALS).mkdir(parents=True)
    try:
        version = register.version() or VERSION
        with register.reading() as connection:
            stored = Stored(connection)
            data = {
                "format": _FORMAT, "version": version, "journal": [dict(row) for row in stored.journal()],
                "tables": {t.name: [dict(row) for row in stored.rows(t.name)] for t in tables.RECORDS},
            }  # fmt: skip
            query = select(tables.originals.c.digest, tables.originals.c.content)
            for digest, content in connection.execution_options(stream_results=True).execute(query):
                (partial / ORIGINALS / digest).write_bytes(content)
        write_atomically(partial / JSON, _text(data).encode())
        write_atomically(partial / BOOK, lambda path: _write_book(path, data))
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _text(data: dict[str, Any]) -> str:
    """JSON with a row on a line, for people who look into it."""
    parts = [f'"format": {json.dumps(data["format"])}', f'"version": {data["version"]}']
    parts.append(f'"journal": [\n{_lines(data["journal"])}\n]')
    inner = ",\n".join(f"{json.dumps(name)}: [\n{_lines(rows)}\n]" for name, rows in data["tables"].items())
    parts.append(f'"tables": {{\n{inner}\n}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(rows: Iterable[Row]) -> str:
    return ",\n".join(json.dumps(dict(row), ensure_ascii=False) for row in rows)


def _write_book(path: Path, data: dict[str, Any]) -> None:
    """Every table as a sheet: what stands in the JSON, for people without a program that reads it."""
    book = new_book(str(path), constant_memory=True)
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
    for name, rows in {"journal": data["journal"], **data["tables"]}.items():
        columns = [column.name for column in tables.metadata.tables[name].c]
        columns = [column for column in columns if column not in tables.UNHASHED.get(name, ())]
        for start in range(0, max(len(rows), 1), _ROWS - 1):
            sheet = book.add_worksheet(name if not start else f"{name}_{start // (_ROWS - 1) + 1}")
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(columns) - 1, 18)
            for i, column in enumerate(columns):
                sheet.write_string(0, i, column, head)
            for r, row in enumerate(rows[start : start + _ROWS - 1], 1):
                for i, column in enumerate(columns):
                    value = row.get(column)
                    if isinstance(value, str) and len(value) > _CHARACTERS:
                        value = value[: _CHARACTERS - len(_CUT)] + _CUT
                    write_cell(sheet, r, i, value)
    book.close()
