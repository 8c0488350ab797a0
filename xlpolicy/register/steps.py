"""The steps of the work on a working folder, as the commands and the workbook's 工作台 take them alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xlpolicy.law import catalog as catalogs
from xlpolicy.law.year_rates import beside
from xlpolicy.register import ledgers
from xlpolicy.register.database import Register
from xlpolicy.register.folder import Folder
from xlpolicy.register.paying import Plan, make_plan, unpublished
from xlpolicy.register.plan_book import write_plan
from xlpolicy.register.settling import Settling, settle_register
from xlpolicy.register.standing import Standings
from xlpolicy.settle import Facts
from xlpolicy.settle.claims_file import read_facts
from xlpolicy.settle.settlement_book import write_remarks

PAYMENTS = "兑付台账"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a settlement found; its ledger, and the workbook of what is to be done and was compared (None: nothing)."""

    found: Settling
    ledger: Path
    remarks: Path | None


def settle_folder(
    folder: Folder, register: Register, *, who: str = "", facts: Path | None = None, on_year: int | None = None,
    ledger: Path | None = None,
) -> Settlement:  # fmt: skip
    """Settle what the register holds by the facts of the folder, and write 兑付台账 from its template.

    Raises RegisterError, ClaimsFileError, SettingsError, TemplateError, OSError.
    """
    own = facts or folder.facts
    stated, named = read_facts(own) if facts or own.is_file() else (Facts(), None)
    law = catalogs.default()
    # kept with the settlement's facts: the settings may say otherwise when it is replayed
    stated = replace(stated, year_rates=beside(stated.year_rates, law.documents))
    year = on_year or named or dt.date.today().year
    found = settle_register(register, stated, on_year=year, who=folder.who(who), catalog=law)
    path = ledger or folder.out / f"{PAYMENTS}-{found.number}.xlsx"
    ledgers.write(register, PAYMENTS, path, folder)
    remarks = path.with_name(f"核算说明-{found.number}.xlsx")
    told = write_remarks(found.claims, found.settlement, remarks)
    return Settlement(found, path, remarks if told else None)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, its papers, and the claims in it whose 公示 has no result yet."""

    plan: Plan
    files: tuple[Path, ...]
    unpublished: list[str]


def plan_folder(folder: Folder, register: Register, *, who: str = "", **options: Any) -> Planned:
    """Plan what is due and write its papers; options as `make_plan` has them. Raises as it does, TemplateError, OSError."""
    plan = make_plan(register, catalogs.default(), who=folder.who(who), **options)
    files = papers(folder, register, plan)
    with register.reading() as connection:
        own = {t.claim for t in plan.transfers}
        silent = unpublished(s for s in Standings(connection).all if s.id in own)
    return Planned(plan, files, silent)


def papers(folder: Folder, register: Register, plan: Plan) -> tuple[Path, ...]:
    """拨款明细表 with 审签表, and the bank's files, of a plan in the folder's 结果."""
    return write_plan(register, plan, folder.out / f"拨款明细表-{plan.number}.xlsx", folder)
