"""并入: what a county decided on the same forms, from the export of its register, beside the city's claims.

A county's claim is the city's where code, provision and the form's digest are the same. A form that the city has not, or
has in another version, is listed, and nothing is taken of it. 县区初审额 stands in 审核台账 from then on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from python_calamine import CalamineError, CalamineWorkbook
from sqlalchemy import Connection, select

from xlpolicy.register import tables
from xlpolicy.register.database import Entry, Register, RegisterError
from xlpolicy.register.export import JSON, Exported
from xlpolicy.register.journal import Row
from xlpolicy.register.proof import verify_export
from xlpolicy.register.standing import Standing, Standings
from xlpolicy.register.tables import fen, yuan
from xlpolicy.words.names import same


class _Rows(Protocol):
    def rows(self, table: str) -> Iterable[Row]: ...


@dataclass(frozen=True, slots=True)
class Conflict:
    """A county's claim to be looked at: its number there, who, the city's number, why. `digest`: of a form not here."""

    number: str
    enterprise: str
    own: str
    why: str
    digest: str = ""
    file: str = ""


@dataclass(slots=True)
class Merged:
    """What came of a county's export: 编号 with a new 县区初审额, how many had it already or none, conflicts."""

    county: str
    taken: list[str] = field(default_factory=list)
    unchanged: int = 0
    unreviewed: int = 0
    conflicts: list[Conflict] = field(default_factory=list)

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "county": self.county, "taken": self.taken, "unchanged": self.unchanged, "unreviewed": self.unreviewed,
            "conflicts": [{name: getattr(item, name) for name in Conflict.__slots__} for item in self.conflicts],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Theirs:
    """A county's claim as it stands there."""

    number: str
    who: str
    name: str
    document: str
    rule: str
    same: str
    digest: str
    file: str
    review: Row | None


def merge(register: Register, path: Path, *, county: str, who: str) -> Merged:
    """Take the reviews of a county's export. Raises RegisterError for a file that is none, or does not prove itself."""
    theirs = list(_theirs(_opened(path)))
    out = Merged(county)
    with register.writing("merge", who, f"并入{county}初审 {path.name}") as entry:
        own: dict[tuple[str, str, str], list[tuple[Standing, str, str]]] = defaultdict(list)
        for standing, key, digest in _own(entry.connection):
            own[standing.code or same(standing.name), standing.document, standing.rule].append((standing, key, digest))
        for claim in theirs:
            _take(entry, out, claim, own.get((claim.who, claim.document, claim.rule), ()))
    return out


def _own(connection: Connection) -> Iterator[tuple[Standing, str, str]]:
    """The city's claims, each with what makes two statements one claim, and the digest of its form."""
    c, d, f = tables.claims, tables.decisions, tables.forms
    keys = {row.id: row.same for row in connection.execute(select(c.c.id, c.c.same))}
    digests = {row.id: row.digest for row in connection.execute(select(d.c.id, f.c.digest).join(f, f.c.id == d.c.form))}
    for standing in Standings(connection).all:
        yield standing, keys[standing.id], digests.get(standing.decision, "")


def _take(entry: Entry, out: Merged, claim: _Theirs, met: Sequence[tuple[Standing, str, str]]) -> None:
    def conflict(own: str, why: str, **more: str) -> None:
        out.conflicts.append(Conflict(claim.number, claim.name, own, why, **more))

    standing = next((s for s, key, digest in met if digest == claim.digest and key == claim.same), None)
    if standing is None:
        other = next((s for s, key, _ in met if key == claim.same), None)
        if other is not None:
            conflict(other.number, f"县区初审的是 {claim.file}，市里收到的是内容不同的 {other.file}，请核对以哪份为准")
        else:
            conflict("", f"市里没有收到 {claim.file}", digest=claim.digest, file=claim.file)
        return
    if claim.review is None:
        out.unreviewed += 1
        return
    amount, reason = yuan(int(claim.review["amount"])), claim.review["reason"] or ""
    now = standing.county_review
    if now is not None and (now["amount"], now["reason"]) == (amount, reason):
        out.unchanged += 1
    elif amount > standing.amount:
        conflict(standing.number, f"县区初审 {amount:,.2f} 元，大于市里的测算额 {standing.amount:,.2f} 元，没有并入")
    elif standing.committed:
        conflict(standing.number, f"县区初审 {amount:,.2f} 元，这一笔已列入拨付，没有并入")
    else:
        entry.add(
            tables.county_reviews, claim=standing.id, decision=standing.decision, county=out.county, number=claim.number,
            amount=fen(amount), reason=reason, reviewer=claim.review["reviewer"] or "",
            reviewed_on=claim.review["reviewed_on"],
        )  # fmt: skip
        out.taken.append(standing.number)
        if standing.review is not None and standing.review.amount != amount:
            conflict(standing.number, f"已并入：县区初审 {amount:,.2f} 元，市里已审定 {standing.review.amount:,.2f} 元")


def _theirs(source: _Rows) -> Iterator[_Theirs]:
    """Every claim of the county, as its newest decision and the newest review of that."""
    codes = {row["id"]: row["code"] or "" for row in source.rows("enterprises")}
    names = {row["enterprise"]: row["name"] for row in source.rows("names")}
    forms = {row["id"]: row for row in source.rows("forms")}
    newest = {row["claim"]: row for row in source.rows("decisions")}
    reviews = {row["decision"]: row for row in source.rows("reviews")}
    for claim in source.rows("claims"):
        decision = newest[claim["id"]]
        form = forms.get(decision["form"], {})
        name = names.get(claim["enterprise"], "")
        yield _Theirs(
            str(claim["number"]), codes[claim["enterprise"]] or same(name), name, claim["document"], claim["rule"],
            claim["same"], form.get("digest", ""), form.get("file", ""), reviews.get(decision["id"]),
        )  # fmt: skip


class _Book:
    """The rows of an export's workbook. Raises RegisterError for a file that is none."""

    def __init__(self, path: Path) -> None:
        self.where = path.name
        try:
            with path.open("rb") as file:
                book = CalamineWorkbook.from_filelike(file)
                self.sheets = {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names}
        except (CalamineError, ValueError):
            raise _none(path) from None
        if not {"claims", "decisions", "forms", "reviews"} <= self.sheets.keys():
            raise _none(path)

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table, over all its sheets."""
        for name, grid in self.sheets.items():
            if name == table or name.rpartition("_")[0] == table:
                for line in grid[1:]:
                    yield {str(head): _plain(value) for head, value in zip(grid[0], line, strict=False)}


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else None if value == "" else value


def _opened(path: Path) -> _Rows:
    """An export: its folder, its JSON (which has to prove itself), or its workbook."""
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        return _Book(path)
    proof = verify_export(path)
    if proof.problems:
        raise RegisterError(
            f"县区的导出件对不上：{proof.problems[0]}", where=str(path), expected="原样的导出件",
            remedy="请县区运行 xlpolicy verify 核对后重新导出",
        )  # fmt: skip
    return Exported(path)


def _none(path: Path) -> RegisterError:
    return RegisterError(
        "不是登记库的导出件", where=path.name, expected=f"县区 xlpolicy export 写出的文件夹、{JSON} 或 登记库.xlsx",
        remedy="换一个文件",
    )  # fmt: skip
