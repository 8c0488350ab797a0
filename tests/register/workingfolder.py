"""A working folder with forms of 示例企业NN, and what a clerk does in it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import Connection, text

from xlpolicy.batch import demo
from xlpolicy.batch.working import Taken, take_in
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.register.database import Register
from xlpolicy.register.folder import Folder, make
from xlpolicy.register.ledgers import write_reviews
from xlpolicy.register.paying import Plan, confirm, make_plan
from xlpolicy.register.proof import verify
from xlpolicy.register.review import Loaded, load
from xlpolicy.register.settling import Settling, settle_register
from xlpolicy.register.standing import Standing, Standings
from xlpolicy.settle import Facts

ON = "2026-06-30"


class Bureau:
    """One working folder."""

    def __init__(self, path: Path, url: str = "") -> None:
        self.folder: Folder = make(path, url)[0]
        self.register: Register = self.folder.open()

    def form(
        self, number: int, investment: float | str = 800, *, name: str = "", rule: str = demo.TECH,
        template: Path | None = None, **values: Any,
    ) -> Path:  # fmt: skip
        """A filled form of 示例企业NN in 收件; amounts in 万元."""
        source = catalog.default().document(demo.DOCUMENT)
        plain = plainly(layout(source, source.rules[rule]))
        if "prj_object" in plain:  # each enterprise has its own
            plain["prj_object"] = f"示例对象{number:02d}"
        fields = {**plain, **demo.enterprise(number), "in_investment": investment}
        fields |= {key if "_" in key[:4] else f"in_{key}": value for key, value in values.items()}
        if rule == demo.DIGITAL:
            fields.setdefault("in_effect_confirmed", "是")
        path = self.folder.inbox / (name or f"{number:02d}.xlsx")
        path.parent.mkdir(parents=True, exist_ok=True)
        fields = {key: value for key, value in fields.items() if value is not None}
        return write_form(source, source.rules[rule], path, prefill=fields, template=template)

    def fill(self, **options: Any) -> Taken:
        return take_in(self.folder, **{"on": ON, "progress": False, **options})

    def standings(self) -> list[Standing]:
        with self.register.reading() as connection:
            return Standings(connection).all

    def count(self, table: str) -> int:
        with self.register.reading() as connection:
            return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0)

    def edit(self, path: Path, cells: dict[str, Any]) -> None:
        """Write into cells of the ledger's first sheet, as a clerk does."""
        book = load_workbook(path)
        for address, value in cells.items():
            book.worksheets[0][address] = value
        book.save(path)

    def review(self, amounts: dict[str, float | None], by: str = "示例审核01") -> Loaded:
        """审定: 编号 -> amount in 元 (None: as computed); a reduction says why."""
        path = self.folder.out / "审核台账.xlsx"
        write_reviews(self.register, path)
        book = load_workbook(path)
        sheet = book.worksheets[0]
        for row in range(4, sheet.max_row + 1):
            number = sheet[f"A{row}"].value
            if number in amounts:
                amount = amounts[number]
                sheet[f"K{row}"] = sheet[f"I{row}"].value if amount is None else amount
                sheet[f"M{row}"] = "按凭证核减" if amount is not None else None
                sheet[f"N{row}"] = by
        book.save(path)
        return load(self.register, path, who=by)

    def settle(self, year: int = 2026, **facts: Any) -> Settling:
        return settle_register(
            self.register, Facts.of(facts), on_year=year, who="示例核算01", catalog=catalog.default()
        )

    def plan(self, **options: Any) -> Plan:
        return make_plan(self.register, catalog.default(), who="示例经办01", **options)

    def confirm(self, plan: Plan, by: str = "示例拨付01", **options: Any) -> tuple[int, Decimal]:
        return confirm(self.register, plan.number, who=by, on=dt.date(2026, 7, 20), **options)

    def proved(self) -> bool:
        return verify(self.register).problems == ()


#: version -> what the step to it made
_MADE = {
    2: ("DROP TABLE states", "DROP TABLE county_reviews", "DROP INDEX ix_transfers_hold"),
    3: (
        *(f"DROP TABLE {table}" for table in ("mailings", "issues", "mails")),
        "DROP INDEX ix_forms_issue", "ALTER TABLE forms DROP COLUMN issue",
    ),
    5: ("DROP TABLE endings", "ALTER TABLE decisions DROP COLUMN asked"),
}  # fmt: skip


def downgrade(connection: Connection, version: int) -> None:
    """Make a register what a program of an older version had made."""
    for made in sorted(_MADE, reverse=True):
        for statement in _MADE[made] if made > version else ():
            connection.execute(text(statement))
    connection.execute(text(f"UPDATE meta SET value = '{version}' WHERE name = 'version'"))


def two_received(folder: Path) -> Bureau:
    """A working folder that has taken in two forms: 800 万元 (240,000) and 500 万元 (150,000)."""
    made = Bureau(folder / "2026技改")
    made.form(1)
    made.form(2, 500)
    made.fill()
    return made
