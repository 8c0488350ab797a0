"""Claims and facts of a settlement from a file: JSON of the contract's shape, or a workbook (`claims_book` makes one).

The other sheets of a 台账 are left alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xlpolicy.faults import Fault, InvalidInput, nearest
from xlpolicy.forms.grids import Grids, read_grids
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.settle import Claim, Facts
from xlpolicy.settle.claims_table import ClaimsFile, ClaimsFileError, Reader
from xlpolicy.settle.fact_values import year
from xlpolicy.sheets.package import Unreadable

__all__ = ["ClaimsFile", "ClaimsFileError", "read_facts", "read_file"]


def read_file(path: Path, *, catalog: Catalog | None = None, claims: bool = True) -> ClaimsFile:
    """Claims and facts of a .json file or a workbook (.xlsx, .xls, .ods). `claims`: it must have a list of claims.

    Raises ClaimsFileError, FileNotFoundError.
    """
    if path.suffix.lower() == ".json":
        return _json(path, claims=claims)
    sheets, differing, *_ = _opened(path)
    return Reader(path.name, sheets, catalog or catalogs.default(), differing=differing).run(claims=claims)


def read_facts(path: Path, *, catalog: Catalog | None = None) -> tuple[Facts, int | None]:
    """The facts of a workbook without claims, and the year to settle. Raises ClaimsFileError, FileNotFoundError."""
    file = read_file(path, catalog=catalog, claims=False)
    return file.facts, file.on_year


def _opened(path: Path) -> Grids:
    try:
        return read_grids(path)
    except Unreadable as failure:
        raise ClaimsFileError([failure.told("file", path.name, ".json、.xlsx、.xls 或 .ods 文件")]) from None


def _line(error: Exception) -> str:
    return f"（第 {error.lineno} 行第 {error.colno} 个字起读不通）" if isinstance(error, json.JSONDecodeError) else ""


def _json(path: Path, *, claims: bool = True) -> ClaimsFile:
    twice: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        twice.extend(name for i, (name, _) in enumerate(items) if any(name == other for other, _ in items[:i]))
        return dict(items)

    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=str, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        problem = Fault("file", path.name, "", f"不是 JSON{_line(error)}", "UTF-8 的 JSON", "改正后再试")
        raise ClaimsFileError([problem]) from None
    if isinstance(data, dict) and not claims:
        data.setdefault("claims", [])
    if not isinstance(data, dict) or not isinstance(data.get("claims"), list):
        lacks, shape = (
            ("没有 claims 清单", '{"on_year", "facts", "claims"}') if claims else ("不是事实", '{"facts": {…}}')
        )
        raise ClaimsFileError([Fault("file", path.name, "", lacks, shape, "改正后再试")])
    known = ("on_year", "facts", "claims", "enterprises")
    problems = [Fault("duplicate", path.name, "", f"“{name}”写了两次", "每项一次", "删去一个") for name in twice]
    for name in data:
        if name not in known:
            problem = Fault(
                "unknown_field", path.name, "", f"有不认识的项“{name}”", "、".join(known), nearest(name, known)
            )
            problems.append(problem)
    read: dict[str, Claim] = {}
    for position, raw in enumerate(data["claims"], 1):
        try:
            claim = Claim.of(raw, position)
            if claim.id in read:
                where = f"第 {position} 笔申报"
                problems.append(
                    Fault("duplicate", where, "", f"编号 {claim.id} 出现了两次", "每笔一个编号", "改正编号")
                )
            read[claim.id] = claim
        except InvalidInput as error:
            problems.append(error.problem)
    facts, wrong = Facts.read(data.get("facts"))
    problems += [error.problem for error in wrong]
    named, on_year = data.get("on_year"), None
    if named is not None:
        try:
            on_year = year(named, "on_year")
        except InvalidInput as error:
            problems.append(error.problem)
    enterprises = data.get("enterprises", {})
    if not isinstance(enterprises, dict) or not all(isinstance(x, dict) for x in enterprises.values()):
        problem = Fault(
            "invalid_input", "enterprises", "", "不是“单位: 县区、规模”", '{"单位": {"county", "size"}}', "改正"
        )
        problems.append(problem)
    if problems:
        raise ClaimsFileError(problems)
    return ClaimsFile(tuple(read.values()), facts, on_year, enterprises)
