"""Ledgers drawn from the register, each from a template that the bureau restyles; totals are formulas with their results.

In: one state of the register (`source`) and a template of 模板/ or templates/. Out: a workbook whose amounts are the
register's, with 核算记录. `claims`, `sums`, `enterprise`, `plan` say what the sheets hold; `sheets.refill` writes them.
"""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from xlpolicy.law import catalog as catalogs
from xlpolicy.register import county_list, review
from xlpolicy.register.database import Register
from xlpolicy.register.folder import Folder
from xlpolicy.register.ledgers import claims, sums
from xlpolicy.register.ledgers.claims import Sheets
from xlpolicy.register.ledgers.enterprise import enterprises, found, one
from xlpolicy.register.ledgers.returned_forms import returned_forms
from xlpolicy.register.ledgers.source import NONE, LedgerError, Source, template_of, written

ENTERPRISE, REVIEWS, NOTICE, COUNTY = "企业一户一表", "审核台账", "公示表", "县区汇总表"
#: the ledgers that need nothing but the register
LEDGERS: Mapping[str, Callable[[Source], Sheets]] = {
    "申报台账": claims.claims, REVIEWS: claims.reviews, "兑付台账": claims.payments, NOTICE: claims.notice,
    "汇总": sums.sums, "核减明细": sums.cuts, "补正台账": returned_forms,
}  # fmt: skip


def write(register: Register, name: str, path: Path, folder: Folder | None = None, **facts: str) -> None:
    """One ledger. `facts`: of 公示表, what it says besides. Raises RegisterError, TemplateError, OSError."""
    made = partial(LEDGERS[name], **facts)
    written(register, name, path, lambda source: (made(source), None), folder)


def write_reviews(register: Register, path: Path, folder: Folder | None = None, *, year: int | None = None) -> int:
    """审核台账, to be edited in Excel and loaded again: what is open and what is of a year (None: this one).

    Returns the number of claims. Raises as `write`.
    """

    def made(source: Source) -> tuple[Sheets, int]:
        sheets = claims.reviews(source, year=year)
        number = sheets[REVIEWS].facts["笔数"]
        assert isinstance(number, int)
        return sheets, number

    _loads(REVIEWS, folder, review.MUST)
    return int(written(register, REVIEWS, path, made, folder))


def to_publish(register: Register) -> tuple[int, list[tuple[str, str]]]:
    """How many claims 公示表 would list; of those that somebody has to look at first, 编号 and why. Raises RegisterError."""
    with register.reading() as connection:
        shown = [s for s in Source(connection, catalogs.default()).all if claims.to_publish(s)]
    return len(shown), [(s.number, why) for s in shown if (why := claims.held(s))]


def _loads(name: str, folder: Folder | None, must: Sequence[str]) -> None:
    """Raises LedgerError where a ledger of this template could be filled in and not be loaded again; as `headings`."""
    template = template_of(name, folder)
    if lacking := [head for head in must if head not in review.headings(template, must)]:
        raise LedgerError(
            f"没有表头{'、'.join(f'“{head}”' for head in lacking)}，填好以后载不回来", where=template.name, expected="、".join(must),
            remedy="恢复这些表头的名称（后面的单位、换行和次序随意）",
        )  # fmt: skip


def write_counties(
    register: Register, out: Path, folder: Folder | None = None, *, only: str = "", title: str = "", force: bool = False
) -> list[tuple[Path, int]]:
    """县区汇总表 of each county of which something waits (or of one, `only`; of one provision, `title`), with how many claims
    stand in it. Raises LedgerError for a county of which there is nothing, FileExistsError unless `force`, and as `write`."""
    with register.reading() as connection:
        source = Source(connection, catalogs.default())
        waiting = [s for s in source.all if not s.committed and title in ("", s.title)]
        counts = Counter(s.county or NONE for s in waiting)
    if (only and only not in counts) or not counts:
        raise LedgerError(
            f"没有{only or '要初审'}的申报", where=title or "县区汇总表", expected="、".join(sorted(counts)) or "已登记、没有列入拨付的申报",
            remedy="核对县区和条款的名称，或先收件：xlpolicy fill",
        )  # fmt: skip
    suffix = f"_{_plain(title)}" if title else ""
    paths = {
        county: out / f"{_plain(county if county != NONE else '未写县区')}{suffix}.xlsx"
        for county in ([only] if only else sorted(counts))
    }
    if there := [path for path in paths.values() if path.exists() and not force]:
        raise FileExistsError(errno.EEXIST, "已有这份县区汇总表，没有覆盖", str(there[0]))
    _loads(COUNTY, folder, county_list.MUST)
    out.mkdir(parents=True, exist_ok=True)
    for county, path in paths.items():
        wanted = partial(claims.county, of=county, title=title)
        written(register, COUNTY, path, lambda source, w=wanted: (w(source), None), folder, only=(county,))
    return [(path, counts[county]) for county, path in paths.items()]


def write_enterprises(register: Register, out: Path, named: str = "", folder: Folder | None = None) -> list[Path]:
    """企业一户一表 of one enterprise (by code or name), or of each: one workbook each in `out`.

    Raises LedgerError for an enterprise that nobody knows, and as `write`.
    """
    with register.reading() as connection:
        source = Source(connection, catalogs.default())
        known = enterprises(source)
        wanted = [found(source, named)] if named else list(known)
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in wanted:
        name, code = known[number]
        path = out / f"{_plain(name)}{f'-{code}' if code else ''}.xlsx"
        written(register, ENTERPRISE, path, lambda source, n=number: (one(source, n), None), folder, only=(name, code))
        paths.append(path)
    return paths


def _plain(name: str) -> str:
    """A name that a file may bear."""
    return "".join("_" if c in '\\/:*?"<>|' or ord(c) < 32 else c for c in name).strip(" .")[:60] or "_"
