"""What every ledger is drawn from: one state of the register, the facts that any sheet may show, how it was computed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from xlpolicy import __version__
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.register import tables
from xlpolicy.register.database import Register
from xlpolicy.register.folder import FORMS, Folder
from xlpolicy.register.journal import shown
from xlpolicy.register.ledgers.facts_told import facts_told
from xlpolicy.register.policies import options_of
from xlpolicy.register.settling import facts_from, facts_of
from xlpolicy.register.standing import Standing, Standings
from xlpolicy.settle import Facts
from xlpolicy.sheets import template as templates
from xlpolicy.sheets.cells import Value
from xlpolicy.sheets.ledger_templates import RECORD
from xlpolicy.sheets.refill import replaced
from xlpolicy.sheets.refill_sheet import Content, Listing

NONE = "—"


def head_of(connection: Connection) -> tuple[int, str]:
    """Number and hash of the journal's last entry, as this connection sees it."""
    j = tables.journal
    row = connection.execute(select(j.c.seq, j.c.head).order_by(j.c.seq.desc()).limit(1)).one()
    return int(row.seq), str(row.head)


@dataclass
class Source:
    """One state of the register, read through a connection that stays the same until the ledger is written."""

    connection: Connection
    catalog: Catalog

    @cached_property
    def standings(self) -> Standings:
        """How every claim stands now."""
        return Standings(self.connection)

    @property
    def all(self) -> Sequence[Standing]:
        """Every claim, by number."""
        return self.standings.all

    @cached_property
    def hints(self) -> Mapping[int, Sequence[str]]:
        """What was odd about the form that a decision was made of, by the decision; none of those without a remark."""
        d, f = tables.decisions, tables.forms
        odd = select(d.c.id, f.c.hints).join(f, f.c.id == d.c.form).where(f.c.hints != "[]")
        return {row.id: json.loads(row.hints or "[]") for row in self.connection.execute(odd)}

    @cached_property
    def head(self) -> tuple[int, str]:
        """The last entry of the journal: its number and check value."""
        return head_of(self.connection)

    @cached_property
    def settlement(self) -> Any:
        """The newest settlement's row, None before the first."""
        t = tables.settlements
        return self.connection.execute(select(t).order_by(t.c.id.desc()).limit(1)).first()

    @cached_property
    def stored(self) -> Mapping[str, Any]:
        """All that the newest settlement was made of."""
        return facts_of(self.settlement.facts) if self.settlement is not None else {}

    @cached_property
    def facts(self) -> Facts:
        """The bureau's facts of the newest settlement."""
        return facts_from(self.stored["given"]) if self.stored else Facts()

    def common(self, **more: Value) -> dict[str, Value]:
        """Facts that any sheet of any ledger may show."""
        seq, head = self.head
        return {
            "日志": f"登记库第 {seq} 条日志　校验值 {shown(head)}", "日志编号": seq, "校验值": shown(head),
            "制表日期": dt.date.today(), "程序版本": __version__,
            "核算批号": self.settlement.number if self.settlement is not None else NONE, **more,
        }  # fmt: skip

    def record(self, only: Collection[str] = ()) -> Content:
        """核算记录: program, law, readings, facts and the chain's head.

        `only`: names and codes of one enterprise (or a county), where nothing may be said of the others.
        """
        seq, head = self.head
        lines: list[tuple[str, Value]] = [
            ("登记库", f"第 {seq} 条日志"), ("日志校验值", head), ("程序版本", f"xlpolicy {__version__}"),
            ("写出日期", dt.date.today().isoformat()), *([] if only else [("申报笔数", str(len(self.all)))]),
        ]  # fmt: skip
        versions = sorted({s.program for s in self.all})
        if versions:
            lines.append(("测算时的程序版本", "、".join(versions)))
        if self.settlement is not None:
            lines += [
                ("最近一次核算", self.settlement.number), ("核算年度", str(self.settlement.year)),
                ("核算时的程序版本", self.settlement.program), ("核算中已列入拨付、合并计算的", f"{len(self.stored['joined'])} 笔"),
            ]  # fmt: skip
        return Content(
            self.common(),
            {
                "记录": Listing(("项目", "内容"), lines),
                "文件": Listing(("政策文件", "校验值"), self._documents()),
                "口径": Listing(("口径", "本单位选用"), self._readings()),
                "事实": Listing(("事实", "内容"), list(facts_told(self.facts, self.catalog, only))),
            },
        )

    def _documents(self) -> list[tuple[str, str]]:
        """The documents by which the newest decisions were made, with their digests."""
        p, used = tables.policies, {s.policy for s in self.all}
        rows = self.connection.execute(select(p.c.document, p.c.digest).order_by(p.c.document))
        return [(self.title(row.document), row.digest) for row in rows if row.digest in used]

    def title(self, document: str) -> str:
        """A document's number with its key, as far as the program still knows it."""
        known = self.catalog.documents.get(document)
        return f"{known.name}（{document}）" if known else document

    def _readings(self) -> list[tuple[str, str]]:
        """What the bureau chose in the documents by which the newest decisions were made."""
        p, used = tables.policies, {s.policy for s in self.all}
        rows = self.connection.execute(select(p.c.document, p.c.content).where(p.c.digest.in_(used))).all()
        return sorted(
            {
                self._reading(row.document, name, option)
                for row in rows for name, option in options_of(row.content).items()
            }
        )  # fmt: skip

    def _reading(self, document: str, name: str, option: str) -> tuple[str, str]:
        known = self.catalog.documents.get(document)
        reading = known.readings.get(name) if known else None
        if reading is None or option not in {item.key for item in reading.options}:
            return f"{document} {name}", option
        assert known is not None
        return f"{known.name} {reading.question}", reading.option(option).prompt


def template_of(name: str, folder: Folder | None) -> Path:
    """The bureau's own template of a ledger, else the program's. Raises FileNotFoundError."""
    own = folder.path / FORMS / f"{name}.xlsx" if folder else None
    return own if own is not None and own.is_file() else templates.find(f"{name}.xlsx")


def written(
    register: Register, name: str, path: Path, made: Any, folder: Folder | None, *, only: Collection[str] = ()
) -> Any:
    """Write a ledger: `made` says, of one state of the register, what its sheets hold and what to return.

    `only`: as in `Source.record`.

    Raises RegisterError, TemplateError with the cell, OSError.
    """
    with register.reading() as connection:
        source = Source(connection, catalogs.default())
        sheets, result = made(source)
        replaced(template_of(name, folder), path, {**sheets, RECORD: source.record(only)}, on=dt.date.today())
    return result


class LedgerError(PolicyError):
    """A ledger that cannot be drawn."""

    code = "ledger"
