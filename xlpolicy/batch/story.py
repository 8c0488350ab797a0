"""The demonstration's second half: the same forms in a working folder — received, corrected, reviewed, settled, paid.

What a bureau does in a year, played in a minute on a register of its own; the people are called by their office.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlpolicy.batch.demo import ON
from xlpolicy.batch.working import take_in
from xlpolicy.register import ledgers
from xlpolicy.register.folder import make
from xlpolicy.register.ledgers import write_reviews
from xlpolicy.register.ledgers.claims import to_publish
from xlpolicy.register.paying import confirm
from xlpolicy.register.review import load
from xlpolicy.register.standing import CLEAR, Standings
from xlpolicy.register.status import Status, status
from xlpolicy.register.steps import plan_folder, settle_folder
from xlpolicy.sheets.openpyxl_book import open_workbook, put

FOLDER = "2026技改"
#: the form that comes later than the one that it corrects
LATER = "示例企业23（更正）.xlsx"
#: whose amount is reduced in the review, to what, why
REDUCED = ("示例企业06", Decimal(4_500_000), "两张发票不在期间内")


@dataclass(frozen=True, slots=True)
class Story:
    """What was done, step by step in a sentence; how the register stands in the end."""

    folder: str
    steps: Sequence[str]
    status: Status

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {"folder": self.folder, "steps": list(self.steps), "status": self.status.model_dump()}


def play(inbox: Path, parent: Path, *, progress: bool | None = None) -> Story:
    """Play it with the forms of `inbox` in a new working folder below `parent`. Raises FolderError, RegisterError."""
    folder, _ = make(parent / FOLDER)
    ignored = shutil.ignore_patterns(LATER)
    # plain copies: shutil's default asks Windows for a call that Wine 8 does not have
    shutil.copytree(inbox, folder.inbox, dirs_exist_ok=True, ignore=ignored, copy_function=shutil.copy)
    register, steps = folder.open(), []
    first = take_in(folder, on=ON, who="示例收件", progress=progress).received
    steps.append(
        f"收件　{first.number} 批 {first.forms} 份，登记申报 {len(first.numbers)} 笔，编号 {first.numbers[0]} 至 {first.numbers[-1]}"
    )
    shutil.copy(inbox / LATER, folder.inbox)
    second = take_in(folder, on=ON, who="示例收件", progress=progress).received
    for item in second.superseded:
        steps.append(
            f"更正　{item.number}：{item.file} 代替 {item.earlier}，测算额 {item.before} 元改为 {item.after} 元"
        )
    ledger = folder.out / "审核台账.xlsx"
    write_reviews(register, ledger, folder)
    _fill_in(ledger)
    loaded = load(register, ledger, who="示例审核")
    steps.append(
        f"审定　在审核台账里填好载回 {len(loaded.reviews)} 笔，核减 {loaded.cut:,.2f} 元（{REDUCED[0]}：{REDUCED[2]}）"
    )
    found = settle_folder(folder, register, on_year=ON.year, who="示例经办").found
    payable = sum((claim.payable for claim in found.settlement.claims), Decimal(0))
    steps.append(f"核算　{found.number}：{len(found.claims)} 笔，应付 {payable:,.2f} 元")
    ledgers.write(register, ledgers.NOTICE, folder.out / f"{ledgers.NOTICE}.xlsx", folder)
    write_reviews(register, ledger, folder)
    with register.reading() as connection:
        shown = {s.number for s in Standings(connection).all if to_publish(s)}
    _publish(ledger, shown)
    cleared = load(register, ledger, who="示例审核").publications
    steps.append(f"公示　公示表 {len(cleared)} 笔，期满无异议，在审核台账里登记载回")
    plan = plan_folder(folder, register, who="示例经办").plan
    steps.append(
        f"计划　{plan.number}：{len(plan.transfers)} 笔 {plan.total:,.2f} 元，其中 {len(plan.held)} 笔有疑问，暂缓"
    )
    held = {transfer.number for transfer in plan.held}
    count, total = confirm(register, plan.number, who="示例拨付", on=dt.date.today(), skip=held)
    steps.append(f"拨付　确认 {count} 笔，{total:,.2f} 元")
    return Story(str(folder.path), steps, status(register))


def _rows(sheet: Any) -> Iterator[tuple[dict[str, str], int]]:
    """The columns of the ledger by heading, and each row that is a claim."""
    heads = {"".join(str(cell.value).split()).partition("（")[0]: cell.column_letter for cell in sheet[3] if cell.value}
    for row in range(4, sheet.max_row + 1):
        if str(sheet[f"{heads['编号']}{row}"].value or "").count("-") == 1:
            yield heads, row


def _publish(ledger: Path, shown: Collection[str]) -> None:
    """What the reviewer writes when the time of 公示 is over: nobody objected."""
    book = open_workbook(ledger)
    for heads, row in _rows(book.worksheets[0]):
        if book.worksheets[0][f"{heads['编号']}{row}"].value in shown:
            put(book.worksheets[0][f"{heads['公示结果']}{row}"], CLEAR)
    book.save(ledger)


def _fill_in(ledger: Path) -> None:
    """What the reviewer writes: every claim as computed but one."""
    book = open_workbook(ledger)
    sheet = book.worksheets[0]
    for heads, row in _rows(sheet):
        reduced = str(sheet[f"{heads['申报单位']}{row}"].value).startswith(REDUCED[0])
        amount = REDUCED[1] if reduced else sheet[f"{heads['测算额']}{row}"].value
        put(sheet[f"{heads['审定额']}{row}"], amount)
        put(sheet[f"{heads['审核人']}{row}"], "示例审核")
        if reduced:
            put(sheet[f"{heads['原因']}{row}"], REDUCED[2])
    book.save(ledger)
