"""The questions of the task pane: each takes plain data and gives plain data; a refusal raises PolicyError."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlpolicy.claim.decision import decide
from xlpolicy.excel.functions.amounts import first_inputs
from xlpolicy.excel.functions.call import as_input, check_unit
from xlpolicy.excel.server import catalogue
from xlpolicy.faults import InvalidInput, PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found, as_date
from xlpolicy.law.records import Input
from xlpolicy.money import UNITS, upper
from xlpolicy.survey.wording_of import told, wording_of
from xlpolicy.words.shown import nature_word

#: the functions whose formula the pane offers, with what the clerk calls them
OFFERED = {"SUBSIDY": "金额", "SUBSIDY_WHY": "计算过程", "SUBSIDY_BASIS": "依据", "SUBSIDY_MAX": "封顶"}
MOST_FIELDS = 60
MOST_TEXT = 200
_REFERENCE = re.compile(
    r"(?:(?:'(?:[^'\[\]:*?/\\]|''){1,62}'|[^\W\d][\w.]{0,30})!)?\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?"
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Field:
    """What the clerk stated for an input: a value, and the cell that it was taken from (empty: typed)."""

    value: object
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A provision with a day, a unit and what was filled in.

    `policy`: the document that the clerk pinned. `dated`: how a formula writes the day ("" for none): the cell that holds
    it, TODAY() for today, else the day itself.
    """

    city: str
    rule: str
    day: dt.date
    unit: str
    policy: str | None
    fields: Mapping[str, Field]
    dated: str

    @classmethod
    def read(cls, data: Any) -> Question:
        """From the pane's JSON. Raises InvalidInput."""
        data = data if isinstance(data, Mapping) else {}
        stated = data.get("fields") or {}
        if not isinstance(stated, Mapping) or len(stated) > MOST_FIELDS:
            raise _unreadable("fields")
        on, cell = text(data, "on"), _reference(text(data, "on_reference"), "申报日期")
        day = _day(on)
        today = day == dt.date.today()
        return cls(
            text(data, "city"), text(data, "rule"), day, check_unit(text(data, "unit") or "元"),
            text(data, "policy") or None, {str(name): _field(name, entry) for name, entry in stated.items()},
            cell or ("" if not on else "TODAY()" if today else _quoted(day.isoformat())),
        )  # fmt: skip

    def found(self, catalog: Catalog) -> Found:
        if self.policy:
            return catalog.find(self.city, self.rule, self.day, self.policy)
        return catalog.newest(self.city, self.rule, self.day)


def text(data: Mapping[str, Any], name: str) -> str:
    """A short text of the pane's data. Raises InvalidInput."""
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise _unreadable(name)
    return value.strip()


def _unreadable(name: str) -> InvalidInput:
    return InvalidInput(f"“{name}”读不懂", where="任务窗格", expected="一段文字", remedy="重新打开任务窗格")


def _day(on: str) -> dt.date:
    return as_date(on or None) or dt.date.today()


def _field(name: object, entry: object) -> Field:
    if not isinstance(entry, Mapping):
        raise _unreadable(str(name))
    value, reference = entry.get("value"), text(entry, "reference")
    if not isinstance(value, str | int | float | None) or (isinstance(value, str) and len(value) > MOST_TEXT):
        raise _unreadable(str(name))
    return Field(value, _reference(reference, str(name)))


def _reference(written: str, where: str) -> str:
    if written and not _REFERENCE.fullmatch(written):
        raise InvalidInput(f"“{written}”不是单元格", where=where, expected="单元格地址，如 B2", remedy="重新选取单元格")
    return written


def start(_: Mapping[str, Any]) -> dict[str, Any]:
    return catalogue.start(catalogs.default()) | {"units": list(UNITS), "offered": OFFERED}


def search(data: Mapping[str, Any]) -> dict[str, Any]:
    catalog = catalogs.default()
    city = text(data, "city")
    found = catalogue.search(
        catalog, catalog.city(city) if city else "", text(data, "text"), text(data, "theme"), _day(text(data, "on"))
    )
    return {"found": found}


def provision(data: Mapping[str, Any]) -> dict[str, Any]:
    catalog = catalogs.default()
    asked = Question.read(data)
    return catalogue.provision(catalog, asked.found(catalog), asked.day, asked.unit)


def calculate(data: Mapping[str, Any]) -> dict[str, Any]:
    """The decision, or why there is none; and the formulas, which may wait for cells that are still empty."""
    catalog = catalogs.default()
    asked = Question.read(data)
    found = asked.found(catalog)
    shown: dict[str, Any] = {"formulas": formulas(catalog, asked, found)}
    try:
        decision = decide(found, _inputs(asked, found), asked.day)
    except PolicyError as error:
        return shown | {"error": {"code": error.code, "message": str(error)}}
    in_unit = (decision.amount / UNITS[asked.unit]).normalize()
    return shown | {
        "eligible": decision.eligible, "open": bool(decision.open),
        "article": told(wording_of(catalog, found.document, found.rule)), "amount": f"{decision.amount:,.2f}", "in_unit": f"{in_unit:,f}",
        "unit": asked.unit, "upper": upper(decision.amount), "nature": nature_word(decision.rule),
        "basis": str(decision.basis), "explanation": decision.explanation,
        "steps": [
            {"what": s.what, "formula": s.formula, "value": s.value, "at": s.pinpoint} for s in decision.steps
        ],
        "reasons": list(decision.reasons), "assumptions": [f"{label}：{text}" for label, text in decision.remarks],
        "warnings": list(decision.warnings),
    }  # fmt: skip


def _inputs(asked: Question, found: Found) -> dict[str, object]:
    """The fields as the rules take them: bare amounts in the unit of the pane, bare rates in percent."""
    out: dict[str, object] = {}
    for item in found.rule.inputs:
        field = asked.fields.get(item.name)
        if field is None or field.value is None or field.value == "":
            continue
        out[item.name] = as_input(item, _percent(item, field), asked.unit)
    return out


def _percent(item: Input, field: Field) -> object:
    """A bare number typed into a field of percent says percent."""
    written = str(field.value).strip()
    typed = item.type == "rate" and not field.reference and _NUMBER.fullmatch(written)
    return f"{written}%" if typed else field.value


def formulas(catalog: Catalog, asked: Question, found: Found) -> dict[str, str]:
    """The formulas for the selected cell, by function."""
    city = found.document.city_label.removesuffix("市")
    head = [_quoted(city), _quoted(_short_name(catalog, found))]
    firsts, tail = first_inputs(asked.city, asked.rule), []
    for item in found.rule.inputs:
        field = asked.fields.get(item.name)
        if field is None or (field.value in (None, "") and not field.reference):
            continue
        literal = field.reference or _literal(item, _percent(item, field))
        if firsts == {item.name}:
            head.append(literal)
        else:
            tail += [_quoted(_stable_name(catalog, found, item)), literal]
    if asked.unit != "元":
        tail += [_quoted("单位"), _quoted(asked.unit)]
    if asked.dated:
        tail += [_quoted("日期"), asked.dated]
    if asked.policy:
        tail += [_quoted("文件"), _quoted(found.document.key)]
    return {name: f"={name}({','.join([*head, *tail])})" for name in OFFERED}


def _short_name(catalog: Catalog, found: Found) -> str:
    """The provision's title where that names it alone in its city, else its id."""
    try:
        same = catalog.rule_id(found.document.city, found.rule.title) == found.rule.id
    except PolicyError:
        same = False
    return found.rule.title if same else found.rule.id


def _stable_name(catalog: Catalog, found: Found, item: Input) -> str:
    """The input's label where every document of the city calls it so, else its name."""
    versions = catalog.of(found.document.city, found.rule.id)
    labels = {i.label for version in versions for i in version.rule.inputs if i.name == item.name}
    return item.label if len(labels) == 1 else item.name


def _literal(item: Input, value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    written = f"{Decimal(repr(value)):f}" if isinstance(value, int | float) else str(value).strip()
    if item.type in ("money", "integer") or isinstance(value, int | float):
        bare = written.replace(",", "") if _GROUPED.fullmatch(written) else written
        if _NUMBER.fullmatch(bare):
            return bare if Decimal(bare) else _quoted("0")  # a host may take a 0 for an empty cell
    return _quoted(written)


def _quoted(written: str) -> str:
    return '"' + written.replace('"', '""') + '"'


def form(data: Mapping[str, Any]) -> tuple[str, bytes]:
    """The application form, filled with what the pane holds: file name and workbook. A server that runs in a working folder
    gives it the look of 模板/申请表.xlsx, as the command line does there."""
    from xlpolicy.forms.design import write_form
    from xlpolicy.register.folder import find

    asked = Question.read(data)
    found = asked.found(catalogs.default())
    filled = {
        item.name: _percent(item, asked.fields[item.name])
        for item in found.rule.inputs
        if item.name in asked.fields and asked.fields[item.name].value not in (None, "")
    }
    own = find()
    with tempfile.TemporaryDirectory(prefix="xlpolicy-form-") as folder:
        path = write_form(
            found.document, found.article, Path(folder, "form.xlsx"), unit=_form_unit(asked), prefill=filled,
            template=own.form_template if own else None,
        )  # fmt: skip
        return f"申请表_{found.rule.title}.xlsx", path.read_bytes()


def _form_unit(asked: Question) -> str:
    if asked.unit not in ("元", "万元"):
        raise InvalidInput(
            f"申请表不用“{asked.unit}”", where="单位", expected="元 或 万元", remedy="把单位改为 万元 再生成申请表"
        )
    return asked.unit
