"""Claims and facts of a settlement from a file: JSON of the contract's shape, or a workbook (`write_blank` makes one).

Workbook: sheet 申报, one claim per row, the fixed columns first and any input as a column headed by its name or
Chinese label; sheets for the facts, each a list. Every problem of the file is reported at once, with its cell.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from xlpolicy.errors import InvalidInput, PolicyError, Problem, nearest
from xlpolicy.ledger.sheetxml import letter
from xlpolicy.ledger.tablebook import Column, Page, Table, write
from xlpolicy.settle.model import KINDS, Claim

_FIXED = {
    "申报编号": "id", "申报单位": "enterprise", "单位类型": "enterprise_kind", "城市": "city", "条款": "rule",
    "文件代号": "policy", "申报日期": "on", "项目": "project", "贷款": "loan",
}  # fmt: skip
_FACTS: dict[str, dict[str, str]] = {
    "已兑付": {
        "单位": "enterprise",
        "城市": "city",
        "条款": "rule",
        "年度": "year",
        "金额": "amount",
        "项目": "project",
    },
    "其他支持": {"项目": "project", "贷款": "loan", "类别": "kind", "单位": "enterprise"},
    "资金": {"资金代号": "name", "金额": "amount"},
    "财政贡献": {"单位": "name", "金额": "amount"},
    "项目选择": {"项目": "name", "申报编号": "value"},
    "名次": {"申报编号": "name", "名次": "value"},
    "重点产业链": {"单位": "name"},
    "单位": {"单位": "name", "县区": "county", "企业规模": "size"},
    "设置": {"项目": "name", "数值": "value"},
}
_SETTINGS = {"年度": "on_year", "上浮预算": "uplift_budget", "取整单位": "quantum"}


class ClaimsFileError(PolicyError):
    """A claims file that was refused; `problems` holds every reason found, each with sheet and cell."""

    code = "claims_file"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"[{p.code}] {p}" for p in self.problems))

    def __str__(self) -> str:
        return f"申报清单有 {len(self.problems)} 处问题，没有核算：\n{self.problem.got}"


@dataclass(frozen=True, slots=True)
class ClaimsFile:
    """What a file asks to be settled. `enterprises`: county and size by name, for a simulation's views."""

    claims: tuple[Claim, ...]
    facts: Mapping[str, Any]
    on_year: int | None
    enterprises: Mapping[str, Mapping[str, str]]


def read_file(path: Path) -> ClaimsFile:
    """Claims and facts of a .json file or a workbook (.xlsx, .xls, .ods). Raises ClaimsFileError, FileNotFoundError."""
    if path.suffix.lower() == ".json":
        return _json(path)
    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, ValueError) as error:
        raise ClaimsFileError(
            [
                Problem(
                    "file",
                    path.name,
                    f"读不出来（{error}）",
                    ".json、.xlsx、.xls 或 .ods 文件",
                    "用 Excel 打开后另存为 .xlsx 再试",
                )
            ]
        ) from None
    return _Reader(path.name, sheets).run()


def _json(path: Path) -> ClaimsFile:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=str)
    except (ValueError, UnicodeDecodeError) as error:
        raise ClaimsFileError(
            [Problem("file", path.name, f"不是 JSON（{error}）", "UTF-8 的 JSON", "改正后再试")]
        ) from None
    if not isinstance(data, dict) or not isinstance(data.get("claims"), list):
        raise ClaimsFileError(
            [Problem("file", path.name, "没有 claims 清单", '{"on_year", "facts", "claims"}', "改正后再试")]
        )
    known = {"on_year", "facts", "claims", "enterprises"}
    problems = [
        Problem("unknown_field", path.name, f"有不认识的项“{name}”", "、".join(sorted(known)), nearest(name, known))
        for name in data
        if name not in known
    ]
    claims = []
    for position, raw in enumerate(data["claims"], 1):
        try:
            if not isinstance(raw, dict):
                raise InvalidInput("不是一笔申报", where=f"第 {position} 笔", expected="名称和数值", remedy="改正")
            claims.append(Claim.of(raw, position))
        except PolicyError as error:
            problems.append(error.problem)
    if problems:
        raise ClaimsFileError(problems)
    return ClaimsFile(tuple(claims), data.get("facts") or {}, data.get("on_year"), data.get("enterprises") or {})


class _Reader:
    def __init__(self, file: str, sheets: Mapping[str, list[list[Any]]]) -> None:
        self.file, self.sheets = file, sheets
        self.problems: list[Problem] = []

    def run(self) -> ClaimsFile:
        if "申报" not in self.sheets:
            raise ClaimsFileError(
                [
                    Problem(
                        "sheet",
                        self.file,
                        f"没有“申报”这张表（有：{'、'.join(self.sheets)}）",
                        "名为“申报”的表",
                        "用 xlpolicy settle --blank 生成的空表填写",
                    )
                ]
            )
        for name in self.sheets:
            if name not in {"申报", "填写说明", *_FACTS}:
                self.problems.append(
                    Problem(
                        "sheet",
                        f"{self.file} {name}",
                        "不认识的表",
                        "、".join(["申报", *_FACTS]),
                        "改正表名，或删去这张表",
                    )
                )
        claims = self.claims()
        lists = {name: self.listed(name) for name in _FACTS}
        facts: dict[str, Any] = {
            "prior_payments": [{k: v for k, v in row.items() if v is not None} for row in lists["已兑付"]],
            "external_support": [{k: v for k, v in row.items() if v is not None} for row in lists["其他支持"]],
            "pools": {row["name"]: row["amount"] for row in lists["资金"]},
            "fiscal_contribution": {row["name"]: row["amount"] for row in lists["财政贡献"]},
            "choices": {row["name"]: row["value"] for row in lists["项目选择"]},
            "ranks": {row["name"]: row["value"] for row in lists["名次"]},
            "chain_enterprises": [row["name"] for row in lists["重点产业链"]],
        }
        year = None
        for row in lists["设置"]:
            setting = _SETTINGS.get(str(row["name"]))
            if setting == "on_year":
                year = int(row["value"])
            elif setting:
                facts[setting] = row["value"]
            else:
                self.problems.append(
                    Problem(
                        "setting", f"{self.file} 设置", f"不认识的设置“{row['name']}”", "、".join(_SETTINGS), "改正"
                    )
                )
        if self.problems:
            raise ClaimsFileError(self.problems)
        enterprises = {row["name"]: {k: row[k] for k in ("county", "size") if row[k]} for row in lists["单位"]}
        return ClaimsFile(tuple(claims), facts, year, enterprises)

    def rows(
        self, sheet: str, wanted: Callable[[str], bool], must: Sequence[str]
    ) -> list[tuple[int, dict[str, tuple[str, Any]]]]:
        """Rows below the heading row (the first that has the `must` headings): heading -> (cell, value)."""
        grid = self.sheets.get(sheet, [])
        start = next((i for i, row in enumerate(grid) if set(must) <= {_text(c) for c in row}), None)
        if start is None:
            if any(_text(c) for row in grid for c in row):
                self.problems.append(
                    Problem("heading", f"{self.file} {sheet}", "找不到表头", "、".join(must), "恢复表头一行")
                )
            return []
        heads = [_text(c) for c in grid[start]]
        for i, head in enumerate(heads):
            if head and not wanted(head):
                self.problems.append(
                    Problem(
                        "heading",
                        f"{self.file} {sheet}!{letter(i + 1)}{start + 1}",
                        f"不认识的列“{head}”",
                        "、".join(must),
                        "改正表头，或删去这一列",
                    )
                )
            if head and head in heads[:i]:
                self.problems.append(
                    Problem(
                        "heading",
                        f"{self.file} {sheet}!{letter(i + 1)}{start + 1}",
                        f"“{head}”有两列",
                        "每项一列",
                        "删去一列",
                    )
                )
        out = []
        for r, row in enumerate(grid[start + 1 :], start + 2):
            cells = {
                head: (f"{letter(i + 1)}{r}", _value(row[i])) for i, head in enumerate(heads) if head and i < len(row)
            }
            if any(value is not None for _, value in cells.values()) and "合计" not in {v for _, v in cells.values()}:
                out.append((r, cells))
        return out

    def claims(self) -> list[Claim]:
        out: list[Claim] = []
        kinds = {label: key for key, label in KINDS.items()}
        seen: dict[str, str] = {}
        for position, (_, cells) in enumerate(self.rows("申报", lambda _: True, ("申报编号", "申报单位", "条款")), 1):
            raw: dict[str, Any] = {key: cells[head][1] for head, key in _FIXED.items() if head in cells}
            raw = {key: str(v) if key != "on" and v is not None else v for key, v in raw.items()}
            raw["enterprise_kind"] = kinds.get(raw.get("enterprise_kind") or "企业", raw.get("enterprise_kind"))
            raw["inputs"] = {head: v for head, (_, v) in cells.items() if head not in _FIXED and v is not None}
            where = f"{self.file} 申报!{cells['申报编号'][0]}"
            try:
                claim = Claim.of(raw, position)
            except PolicyError as error:
                p = error.problem
                self.problems.append(Problem(p.code, f"{where} {p.where}", p.got, p.expected, p.remedy))
                continue
            if claim.id in seen:
                self.problems.append(
                    Problem("duplicate", where, f"编号 {claim.id} 与 {seen[claim.id]} 重复", "每笔一个编号", "改正编号")
                )
            seen[claim.id] = cells["申报编号"][0]
            out.append(claim)
        return out

    def listed(self, sheet: str) -> list[dict[str, Any]]:
        columns = _FACTS[sheet]
        out = []
        for _, cells in self.rows(sheet, columns.__contains__, list(columns)[:1]):
            out.append({key: cells[head][1] if head in cells else None for head, key in columns.items()})
        return out


def _text(value: Any) -> str:
    return "".join(str(value).split()) if value is not None else ""


def _value(value: Any) -> Any:
    """A calamine cell: blank as None, whole floats as int, the rest as it is."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.strip() if isinstance(value, str) else value


def write_blank(path: Path, *, claims: Sequence[Claim] = (), force: bool = False) -> None:
    """A workbook to fill in (or filled with `claims`): 申报, the facts, and how to fill them."""
    names = list(dict.fromkeys(name for claim in claims for name in claim.inputs))
    rows: list[list[Any]] = []
    for claim in claims:
        fixed = [getattr(claim, key) for key in _FIXED.values()]
        fixed[2] = KINDS[claim.enterprise_kind]
        rows.append([None if v is None else str(v) for v in fixed] + [_cell(claim.inputs.get(name)) for name in names])
    heads = tuple(Column(head, 16) for head in (*_FIXED, *(names or ["（输入项名称或编号，如 investment）"])))
    pages = [
        Page(
            "填写说明",
            "核算用申报清单填写说明",
            "一行一笔申报；先后次序就是核算次序。",
            (Table((Column("表", 14), Column("怎样填", 100)), _HOW),),
        ),
        Page(
            "申报",
            "申 报 清 单",
            "固定列在前；其后每个输入项一列，表头写输入项名称或编号。金额单位：元，或写明“800万元”。",
            (Table(heads, rows),),
        ),
        *(Page(name, name, how, (Table(tuple(Column(h, 24) for h in _FACTS[name]), ()),)) for name, how in _HOW[1:]),
    ]
    write(pages, path, created=dt.date.today(), force=force)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "是" if value else "否"
    return None if value is None else str(value)


_HOW: list[tuple[str, str]] = [
    ("申报", "申报编号、申报单位、单位类型（企业、协会、园区、政府）、城市、条款、文件代号（一般不填）、申报日期、项目、贷款，以及各条款的输入项"),
    ("已兑付", "以前已经兑付的：单位、城市、条款、年度、金额、项目（按项目封顶的才填）"),
    ("其他支持", "项目或贷款已获的其他支持。类别：bond 超长期国债、provincial_loan_interest 省级贴息、central_loan_interest 中央贴息、other_interest_subsidy 其他贴息、provincial_event_award 省级活动奖励"),
    ("资金", "按比例兑付的资金总额。资金代号：fz26_software_fund 福州软件产业发展专项、pt_digital_fund 莆田智改数转专项"),
    ("财政贡献", "晋江：企业当年对本级财政的贡献（元）"),
    ("项目选择", "福州：同一项目只能享受一项时，企业选定的申报编号"),
    ("名次", "超过名额时，评选结果的名次"),
    ("重点产业链", "福州：当年认定的重点产业链企业名称，一行一家"),
    ("单位", "测算用：单位所在县区、企业规模"),
    ("设置", "年度（如 2026）、上浮预算（元）、取整单位（0.01、0.1、1、10、100，元）"),
]  # fmt: skip
