"""Several lists of claims, and a file of facts, read as one.

Nothing is dropped: where two lists use the same number, all numbers get that of their list before them, and what names
a claim follows. The same payment in two lists is one payment, and a doubt says so; two figures for one thing are refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlpolicy.faults import Fault
from xlpolicy.law.catalog import Catalog
from xlpolicy.settle.claims_file import read_file
from xlpolicy.settle.claims_table import ClaimsFile, ClaimsFileError
from xlpolicy.settle.facts import Facts, Payment, Support
from xlpolicy.words.names import same

#: facts that are a value for each name, as the sheets are called
_BY_NAME = {"fiscal_contribution": "财政贡献", "pools": "资金", "choices": "项目选择", "ranks": "名次"}
_SINGLE = {"uplift_budget": "上浮预算", "quantum": "取整单位"}
_DEFAULTS = Facts()


def read_files(paths: Sequence[Path], facts: Path | None = None, *, catalog: Catalog | None = None) -> ClaimsFile:
    """The lists as one. `facts`: a file that holds facts alone.

    Raises ClaimsFileError with everything that is wrong, FileNotFoundError.
    """
    files: list[ClaimsFile] = []
    names = _names([*paths, *([facts] if facts else [])])
    problems: list[Fault] = []
    for path, name in zip([*paths, *([facts] if facts else [])], names, strict=True):
        own = len(files) == len(paths)
        try:
            file = read_file(path, catalog=catalog, claims=not own)
        except ClaimsFileError as error:
            problems += [_placed(problem, path.name, name) for problem in error.problems]
            file = ClaimsFile((), Facts(), None, {})
        if own and file.claims:
            got = f"写在 --facts 里，却有 {len(file.claims)} 笔申报"
            problems.append(Fault("facts_file", name, "", got, "只写事实", "清空“申报”表，或把这份文件写成申报清单"))
        files.append(file)
    if problems:
        raise ClaimsFileError(problems)
    if len(files) == 1:
        return files[0]
    return _Joined(files, names, len(paths)).run()


def _names(paths: Sequence[Path]) -> list[str]:
    """What the files are called: their names, with the folder where two bear one name."""
    count = Counter(path.name for path in paths)
    return [f"{path.parent.name}/{path.name}" if count[path.name] > 1 else path.name for path in paths]


def _placed(problem: Fault, short: str, name: str) -> Fault:
    where = problem.where
    return replace(
        problem, where=f"{name}{where.removeprefix(short)}" if where.startswith(short) else f"{name} {where}".strip()
    )


class _Joined:
    """Files being put together; what contradicts itself is collected in `problems`."""

    def __init__(self, files: Sequence[ClaimsFile], names: Sequence[str], lists: int) -> None:
        self.files, self.names, self.lists = files, names, lists
        self.problems: list[Fault] = []
        self.told: list[str] = []
        self.doubts: list[str] = []

    def run(self) -> ClaimsFile:
        files = self._numbered()
        claims = tuple(claim for file in files for claim in file.claims)
        cells = {
            name: f"{where} {cell}"
            for file, where in zip(files, self.names, strict=True)
            for name, cell in file.cells.items()
        }
        years = {name: file.on_year for file, name in zip(files, self.names, strict=True) if file.on_year is not None}
        if len(set(years.values())) > 1:
            self._wrong("设置", "年度", years)
        read = self._facts(files)
        enterprises: dict[str, Mapping[str, str]] = {}
        for file in files:
            for name, about in file.enterprises.items():
                enterprises[name] = {**enterprises.get(name, {}), **about}
        if self.problems:
            raise ClaimsFileError(self.problems)
        on_year = next(iter(years.values()), None)
        return ClaimsFile(claims, read, on_year, enterprises, cells, tuple(self.told), tuple(self.doubts))

    def _wrong(self, sheet: str, name: str, values: Mapping[str, Any]) -> None:
        shown = "，".join(f"{file} 写的是 {value}" for file, value in values.items())
        self.problems.append(Fault("conflict", f"“{sheet}”的“{name}”", "", shown, "同一个数", "改成一样，或只留一处"))

    def _numbered(self) -> list[ClaimsFile]:
        """The files with numbers that are unique over all of them."""
        count = Counter(claim.id for file in self.files for claim in file.claims)
        twice = [name for name, times in count.items() if times > 1]
        if not twice:
            return list(self.files)
        shown = "、".join(twice[:3]) + (f" 等 {len(twice)} 个" if len(twice) > 3 else "")
        which = "，".join(f"{number}- 是 {name}" for number, name in enumerate(self.names[: self.lists], 1))
        self.told.append(f"几份清单里有相同的编号（{shown}），编号前都加上清单的序号：{which}。没有漏掉哪一笔。")
        out = []
        for number, file in enumerate(self.files, 1):
            if number > self.lists:
                out.append(file)
                continue
            new = {claim.id: f"{number}-{claim.id}" for claim in file.claims}
            facts = replace(
                file.facts,
                ranks={new.get(name, f"{number}-{name}"): rank for name, rank in file.facts.ranks.items()},
                choices={project: new.get(name, f"{number}-{name}") for project, name in file.facts.choices.items()},
            )
            claims = tuple(claim._replace(id=new[claim.id]) for claim in file.claims)
            cells = {new[name]: cell for name, cell in file.cells.items()}
            out.append(replace(file, claims=claims, facts=facts, cells=cells))
        return out

    def _facts(self, files: Sequence[ClaimsFile]) -> Facts:
        values: dict[str, Any] = {}
        for field, sheet in _BY_NAME.items():
            values[field] = self._by_name(field, sheet, files)
        for field, sheet in _SINGLE.items():
            stated = {
                name: value
                for file, name in zip(files, self.names, strict=True)
                if (value := getattr(file.facts, field)) != getattr(_DEFAULTS, field)
            }
            if len(set(map(str, stated.values()))) > 1:
                self._wrong("设置", sheet, stated)
            values[field] = next(iter(stated.values()), getattr(_DEFAULTS, field))
        values["chain_enterprises"] = frozenset().union(*(file.facts.chain_enterprises for file in files))
        values["prior_payments"] = tuple(self._once([file.facts.prior_payments for file in files], _paid))
        values["external_support"] = tuple(self._once([file.facts.external_support for file in files], _supported))
        return Facts(**values)

    def _by_name(self, field: str, sheet: str, files: Sequence[ClaimsFile]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        told: dict[str, tuple[str, str, Any]] = {}
        for file, where in zip(files, self.names, strict=True):
            for name, value in getattr(file.facts, field).items():
                known = told.get(same(name))
                if known is None:
                    told[same(name)] = where, name, value
                    out[name] = value
                    continue
                before, called, first = known
                joined = _joined(first, value)
                if joined is None:
                    self._wrong(sheet, name, {before: first, where: value})
                else:
                    out[called] = joined
                    told[same(name)] = before, called, joined
        return out

    def _once(self, lists: Sequence[Sequence[Any]], shown: Any) -> list[Any]:
        """Entries of all lists; what two lists say word for word is counted as often as the list that has it most."""
        most: Counter[Any] = Counter()
        twice: dict[Any, int] = {}
        for entries in lists:
            for item, count in Counter(entries).items():
                if most[item]:
                    twice[item] = max(twice.get(item, 0), min(most[item], count))
                most[item] = max(most[item], count)
        if twice:
            some = "；".join(shown(item) for item in list(twice)[:3]) + (
                f" 等 {len(twice)} 项" if len(twice) > 3 else ""
            )
            self.doubts.append(f"几份清单里写了同样的一项，只算一次：{some}。确实是两次的，在同一份清单里写两行。")
        return list(most.elements())


def _joined(first: Any, second: Any) -> Any:
    """Two statements of one figure as one; None where they contradict each other."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        same_years = all(first.get(year, value) == value for year, value in second.items())
        return {**first, **second} if same_years else None
    return first if first == second else None


def _paid(item: Payment) -> str:
    return f"{item.enterprise} {item.year} 年 {item.amount:,.2f} 元"


def _supported(item: Support) -> str:
    return f"{item.enterprise or ''} {item.on} {item.kind}".strip()
