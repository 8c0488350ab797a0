"""The rows of a rule workbook -> policy files, and where in the workbook each part of a file stands.

What a cell says is taken as a person writes it (是, 每个企业每年, 3% typed as a number with a percent format); what
cannot be taken is a Fault with sheet and cell. The result is the data of a policy file, short forms used where
nothing more is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from xlpolicy.faults import Fault, nearest
from xlpolicy.law.reading.figures import LABELS, is_share
from xlpolicy.law.reading.older import SCHEMA
from xlpolicy.survey.rulebook.cell_values import Cell, CellReader, Record, plain_text, problem
from xlpolicy.survey.rulebook.put_back import put_back
from xlpolicy.survey.rulebook.sheets import RANGES, SHEETS, Column, Sheet

Path = tuple[str | int, ...]
#: sheet name -> records
Grid = Mapping[str, list[Record]]


class Rebuilt(NamedTuple):
    """One policy file, where its parts stand (a path of keys -> a place), and what could not be taken."""

    key: str
    data: dict[str, Any]
    places: dict[Path, str]
    problems: list[Fault]
    #: whether its row of the sheet 文件 could not be read whole
    head_wrong: bool = False

    def place(self, path: Path) -> str:
        """The place of a path, or of the nearest thing above it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return f"文件 {self.key}"


def rebuild(grid: Grid) -> tuple[list[Rebuilt], list[Fault]]:
    """Every document of the grid; problems that belong to none of them (rows of an unknown document) apart."""
    documents = {}
    stray: list[Fault] = []
    for record in grid["文件"]:
        builder = _Builder(record)
        if builder.key in documents:
            stray.append(problem(record["key"], f"文件 {builder.key} 写了两行", "一份文件一行", "删去一行"))
            continue
        documents[builder.key] = builder
    for sheet in SHEETS[1:]:
        for record in grid[sheet.name]:
            key = plain_text(record["doc"])
            if key not in documents:
                cell = record["doc"]
                stray.append(
                    Fault(
                        "rulebook",
                        cell.place,
                        "",
                        f"没有文件“{key}”",
                        "“文件”表里的文件",
                        nearest(key or "", documents),
                    )
                )
                continue
            documents[key].add(sheet, record)
    return [builder.finish() for builder in documents.values()], stray


class _Builder:
    """One document as its rows come in."""

    def __init__(self, record: Record) -> None:
        self.key = plain_text(record["key"]) or ""
        self.cells = CellReader()
        self.places: dict[Path, str] = {("document",): record["key"].place, (): record["key"].place}
        self.head: dict[str, Any] = {}
        for column in SHEETS[0].columns:
            if column.key != "support":
                self.put(self.head, ("document", column.key), column, record[column.key])
        support = plain_text(record["support"])
        self.places["support",] = record["support"].place
        self.support = self.cells.options(record["support"], support) if support else {}
        self.head_wrong = bool(self.cells.problems)
        self.provisions: dict[str, dict[str, Any]] = {}
        self.order: dict[str, int] = {}
        self.rest: dict[str, Any] = {"readings": {}, "cross_rules": [], "unpaid_numbers": []}
        self.sites: list[tuple[Cell, str, Any]] = []

    def put(self, into: dict[str, Any], path: Path, column: Column, cell: Cell) -> None:
        """One field from one cell; nothing where the cell is empty."""
        self.places[path] = cell.place
        value = self.cells.value(column, cell)
        if value is not None:
            into[str(path[-1])] = value

    def add(self, sheet: Sheet, record: Record) -> None:
        getattr(self, f"_{_READERS[sheet.name]}")(sheet, record)

    def fields(self, sheet: Sheet, record: Record, base: Path, keys: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in keys:
            self.put(found, (*base, key), sheet.column(key), record[key])
        return found

    def owner(self, record: Record) -> tuple[Path, dict[str, Any]]:
        """The provision a row belongs to; one that has no row of its own is reported once."""
        name = plain_text(record["rule"]) or ""
        if name not in self.provisions:
            self.cells.report(
                record["rule"], f"“条款”表里没有 {name}", "已有的条款编号", nearest(name, self.provisions)
            )
            self.order[name], self.provisions[name] = -1, {}
        return ("provisions", self.order[name]), self.provisions[name]

    def _provision(self, sheet: Sheet, record: Record) -> None:
        name = plain_text(record["id"]) or ""
        if name in self.provisions:
            self.cells.report(record["id"], f"条款 {name} 写了两行", "一个条款一行", "删去一行，或改编号")
            return
        path: Path = ("provisions", len(self.provisions))
        self.order[name] = len(self.provisions)
        self.places[path] = record["id"].place
        keys = [c.key for c in sheet.columns if c.kind != "view" and c.key != "doc"]
        self.provisions[name] = self.fields(sheet, record, path, keys)

    def _figure(self, sheet: Sheet, record: Record) -> None:
        base, item = self.owner(record)
        name = plain_text(record["name"]) or ""
        path: Path = (*base, "figures", name)
        figures = item.setdefault("figures", {})
        row = self.fields(
            sheet, record, (*path, "row"), ("label", "at", "same_as", "by", "table", "in", "below", "edge", "text")
        )
        text, edge, table = row.pop("text", None), row.pop("edge", None), row.pop("table", None)
        if name in figures and (table is None or table not in figures[name]):
            self.cells.report(record["name"], f"数字 {name} 写了两行", "不分档的数字一行", "删去一行")
            return
        self.places.setdefault(path, record["text"].place)
        if text is None:
            self.cells.report(record["text"], "没有写数字", "条文里的写法，如 500万元、3%、20家", "补上")
            text = ""
        elif "same_as" not in row:
            self.cells.check(record["text"], text)
        if row.get("label") == LABELS.get(name):
            row.pop("label", None)
        figure = figures.setdefault(name, row)
        if table is not None:
            if edge is None or edge in figure.get(table, {}):
                self.cells.report(
                    record["edge"], f"档次“{edge or ''}”空着或重复", "每档一行，档次各不相同", "改好这一行"
                )
            figure.setdefault(table, {})[edge or ""] = text
        elif "same_as" not in row:
            figure["share" if is_share(text) else "value"] = text

    def _input(self, sheet: Sheet, record: Record) -> None:
        base, item = self.owner(record)
        name = plain_text(record["name"]) or ""
        if plain_text(record["condition"]) is not None:
            self._condition(sheet, record, base, item, name)
            return
        path: Path = (*base, "inputs", name)
        self.places[path] = record["label"].place
        inputs = item.setdefault("inputs", {})
        if name in inputs:
            self.cells.report(record["name"], f"输入项 {name} 写了两行", "一项一行", "删去一行")
            return
        keys = (
            "type",
            "label",
            "unit",
            "optional",
            "assumed",
            "measure",
            "minimum",
            "maximum",
            "required_when",
            "period",
            "year_since",
            "evidence",
            "covers",
            "by",
        )
        data = self.fields(sheet, record, path, keys)
        if (default := self.cells.default(record["default"], data.get("type"))) is not None:
            data["default"] = default
        if (values := plain_text(record["values"])) is not None:
            data["values"] = self.cells.options(record["values"], values)
        if (most := plain_text(record["at_most"])) is not None:
            times, _, of = most.partition(" ")
            data["at_most"] = {"of": of.strip(), "times": times} if of else most
        inputs[name] = data

    def _condition(self, sheet: Sheet, record: Record, base: Path, item: dict[str, Any], name: str) -> None:
        """A row of an input that is a condition."""
        entries: list[Any] = item.setdefault("conditions", [])
        path: Path = (*base, "conditions", len(entries))
        self.places[path] = record["label"].place
        data = self.fields(sheet, record, path, ("label", "at", "evidence", "condition", "when", "bars"))
        data = {"name": name, "ask": data.pop("label", ""), **data}
        if data.pop("condition", "ask") == "presumed":
            data["default"] = "presumed"
        entries.append(data)

    def _step(self, sheet: Sheet, record: Record) -> None:
        base, item = self.owner(record)
        step = self.cells.value(sheet.column("step"), record["step"])
        if step is None:
            if plain_text(record["step"]) is None:
                self.cells.report(record["step"], "没有写步骤", "、".join(sheet.column("step").words.values()), "补上")
            return
        cell = {c.key: record[c.key] for c in sheet.columns}
        text = {key: plain_text(c) for key, c in cell.items()}
        said = (text["per"] or "").replace("，", ",")
        if step == "limits" and "," in said:
            per: Any = [x.strip() for x in said.split(",") if x.strip()]
        else:
            per = self.cells.token(RANGES[step], cell["per"], said, "范围") if said and step in RANGES else None
        extra = {key: text[key] for key in ("label", "at") if text[key]}
        if step == "amount":
            self.places[(*base, "amount")] = cell["formula"].place
            item["amount"] = text["formula"]
        elif step == "let":
            self.places[(*base, "let", text["name"] or "")] = cell["formula"].place
            item.setdefault("let", {})[text["name"] or ""] = {"is": text["formula"], **extra}
        elif step in ("once", "least"):
            self.places[(*base, step)] = cell["formula"].place
            scope = (text["formula"] or "").replace("，", ",").split(",")
            names = [x.strip() for x in scope if x.strip()]
            if step == "once":
                item["once"] = names
            else:
                of = [x.strip() for x in (text["name"] or "").replace("，", ",").split(",") if x.strip()]
                item["least"] = {"of": of, "per": names} | ({"less_paid": True} if per else {})
        elif step == "term":
            self.places[(*base, "term")] = cell["formula"].place
            item["term"] = {"days": text["when"], "years": text["formula"]}
            if text["used"]:
                item["term"]["per"] = text["used"]
            if text["name"]:
                item["term"]["paid"] = text["name"]
            if per:
                item["term"]["calendar"] = True
        elif step == "tail":
            self.places[(*base, "tail")] = cell["formula"].place
            item["tail"] = {"since": text["when"], "years": text["formula"]} | (
                {"by": text["used"]} if text["used"] else {}
            )
        else:
            self.listed(base, item, step, cell, text, per, extra)

    def listed(
        self, base: Path, item: dict[str, Any], step: str, cell: Record,
        text: Mapping[str, str | None], per: Any, extra: dict[str, Any],
    ) -> None:  # fmt: skip
        """Conditions, limits, quotas and readings: short where nothing more is said."""
        entries: list[Any] = item.setdefault(step, [])
        path = (*base, step, len(entries))
        self.places[path] = cell["name" if step == "assumptions" else "formula"].place
        for key, column in (("per", "per"), ("used", "used"), ("when", "when"), ("label", "label"), ("at", "at")):
            self.places[(*path, key)] = cell[column].place
        when = {"when": text["when"]} if text["when"] else {}
        if step == "when":
            entries.append(_short("if", {"if": text["formula"], **extra}))
        elif step == "limits":
            more = {"per": per} if per else {}
            more |= {key: text[key] for key in ("used", "shared") if text[key]}
            more |= {"rule": text["cut"]} if text["cut"] else {}
            entries.append(_short("max", {"max": text["formula"], **more, **when, **extra}))
        elif step == "quotas":
            entries.append(
                {"max": text["formula"], "per": per} | ({"each": text["used"]} if text["used"] else {}) | when
            )
        else:
            more = ({"edge": text["used"]} if text["used"] else {}) | ({"settlement": True} if per else {})
            entries.append(_short("reading", {"reading": text["name"], **when, **more}))

    def _reading(self, sheet: Sheet, record: Record) -> None:
        name = plain_text(record["name"]) or ""
        self.places[("readings", name)] = record["text"].place
        told = plain_text(record["text"]) or ""
        sort = self.cells.value(sheet.column("sort"), record["sort"]) if "sort" in record else None
        at = plain_text(record["at"]) if "at" in record else None
        more = {key: value for key, value in (("sort", sort), ("at", at)) if value}
        plain = {"text": told, **more} if more else told
        self.rest["readings"][name] = (
            self.cells.options_of(record["data"], told) if plain_text(record["data"]) else plain
        )

    def _site(self, sheet: Sheet, record: Record) -> None:
        try:
            site = json.loads(plain_text(record["data"]) or "")
            self.sites.append((record["data"], plain_text(record["name"]) or "", site))
        except ValueError:
            self.cells.report(record["data"], "口径数据读不通", "程序写出的原样", "恢复原来的内容")

    def _cross(self, sheet: Sheet, record: Record) -> None:
        path: Path = ("cross_rules", len(self.rest["cross_rules"]))
        self.places[path] = record["id"].place
        data = self.fields(sheet, record, path, ("id", "at", "kind", "members", "step", "text"))
        if data.get("members") == ["*"]:
            data["members"] = "*"
        if (effect := plain_text(record["effect"])) is not None:
            try:
                data |= json.loads(effect)
            except (ValueError, TypeError):
                self.cells.report(record["effect"], "效果读不通", "程序写出的原样", "恢复原来的内容")
        self.rest["cross_rules"].append(data)

    def _unpaid(self, sheet: Sheet, record: Record) -> None:
        path: Path = ("unpaid_numbers", len(self.rest["unpaid_numbers"]))
        self.places[path] = record["text"].place
        self.rest["unpaid_numbers"].append(self.fields(sheet, record, path, ("at", "text", "why")))

    def whole(self, text: str) -> Any:
        """The sentences of the whole document, as the program wrote them."""
        try:
            return json.loads(text)
        except ValueError:
            where = self.places[("document", "applies")]
            self.cells.problems.append(
                Fault("rulebook", where, "", "全文句子读不通", "程序写出的原样", "恢复原来的内容")
            )
            return []

    def finish(self) -> Rebuilt:
        if self.head.get("draft") is False:
            del self.head["draft"]
        applies = self.head.pop("applies", None)
        data: dict[str, Any] = {"schema": SCHEMA, "document": self.head}
        data["readings"] = self.rest["readings"]
        data["provisions"] = [_ordered(p) for name, p in self.provisions.items() if self.order[name] >= 0]
        data["support"] = self.support
        data |= {key: self.rest[key] for key in ("cross_rules", "unpaid_numbers")}
        if applies is not None:
            data["applies"] = self.whole(applies)
        data |= {"document": self.head}
        for cell, name, site in reversed(self.sites):
            why = put_back(data, self.places, name, site)
            if why:
                self.cells.report(
                    cell, why, "与口径写出时相同的行数", "恢复原来的行；要增删行，请在政策文件（.yaml）里改"
                )
        kept = {k: v for k, v in data.items() if v or k == "provisions"}
        return Rebuilt(self.key, kept, self.places, self.cells.problems, self.head_wrong)


_READERS = {
    "条款": "provision",
    "数字": "figure",
    "输入项": "input",
    "计算": "step",
    "读法": "reading",
    "口径": "site",
    "跨条款规则": "cross",
    "不付钱的数字": "unpaid",
}


#: the order in which a provision is written
_ORDER = (
    "id", "at", "title", "nature", "recipient", "object", "theme", "payer", "mode", "departments", "aliases", "valid_from", "unchanged",
    "figures", "inputs", "conditions", "let", "when", "amount", "odd_fen", "limits", "once", "least", "term", "tail", "assumptions", "quotas", "refer_to", "notes",
)  # fmt: skip


def _ordered(item: dict[str, Any]) -> dict[str, Any]:
    if item.get("mode") == "application":
        del item["mode"]
    if len(item.get("theme", ())) == 1:
        (item["theme"],) = item["theme"]
    for name, data in item.get("figures", {}).items():
        if set(data) == {"value"}:
            item["figures"][name] = data["value"]
    return {key: item[key] for key in _ORDER if key in item}


def _short(key: str, data: dict[str, Any]) -> Any:
    return data[key] if len(data) == 1 else data
