"""A located form -> its typed values and every problem found in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from xlpolicy.claim.binding import bind
from xlpolicy.claim.exact import predicate
from xlpolicy.faults import Fault, MissingInput, PolicyError, Severity, reference
from xlpolicy.forms.around import beside, conditioned_print, hidden_print, unprinted
from xlpolicy.forms.asked import papers, shown_by_paper
from xlpolicy.forms.common import Common
from xlpolicy.forms.doubts import doubts, percent
from xlpolicy.forms.layout import EARLIER, Field, Layout, address
from xlpolicy.forms.locate import Located, Spot
from xlpolicy.forms.names_given import names
from xlpolicy.forms.normalise import absent, is_bare, read_value, shown
from xlpolicy.forms.opened import Place
from xlpolicy.forms.seen import Seen
from xlpolicy.law.looked_at import named
from xlpolicy.law.records import Input
from xlpolicy.money import clean, plain


@dataclass(slots=True)
class Findings:
    """Where faults are collected, and what the file says beside its values. `unit` is "" where it is not known."""

    sheet: str
    unit: str
    date1904: bool
    special: Mapping[Place, str]
    problems: list[Fault]
    seen: Seen | None = None
    #: fields that were filled in before the form was sent: they alone make no form that is filled in
    prefilled: frozenset[str] = frozenset()
    #: what a sheet of a combined form only shows
    common: Common | None = None
    #: it is no form of its own, and never blank
    shared: bool = False

    def add(self, item: Field, spot: Place, fault: Fault) -> None:
        """A fault of one field, where it stands or where a missing value belongs."""
        where = self.common.cells.get(item.key) if self.common else None
        self.problems.append(replace(fault, where=where or reference(self.sheet, address(*spot)), item=item.item_name))


@dataclass(slots=True)
class Values:
    enterprise: dict[str, str] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, bool] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    blank: bool = True

    def group(self, name: str) -> dict[str, Any]:
        return {"ent": self.enterprise, "prj": self.project, "in": self.inputs, "att": self.attachments}[name]


def _wrong(code: str, got: str, expected: str, remedy: str, severity: Severity = "error") -> Fault:
    return Fault(code, got=got, expected=expected, remedy=remedy, severity=severity)


#: years between the end of a project and the document that make one wonder
LONG_AGO = 2
#: what the codes of units begin with that the state itself registers
_STATE = "10"
_FORMULA = _wrong(
    "formula_unsaved", "公式没有保存结果", "数值", "用 Excel 或 WPS 打开、重新计算并保存，或直接填数值后发来"
)


def check_form(plan: Layout, located: Located, findings: Findings) -> Values:
    """Read every field; problems go to `findings`."""
    values = Values(blank=not findings.shared)
    prefix = f"{findings.sheet}!" if findings.sheet else ""
    missing: list[tuple[Field, Spot]] = []
    for item in plan.fields:
        spot = located.spots[item.key]
        values.cells[item.key] = prefix + address(*spot.place)
        if plan.look is not None and item.key in plan.look.common:
            _shown_only(plan.look.common[item.key], item, spot, values, findings)
            continue
        if _legible(plan, item, spot, values, findings) and not _read(item, spot, values, findings):
            missing.append((item, spot))
    lacking = [(item, spot) for item, spot in missing if item.required and not _counted(item, values)]
    if findings.prefilled and not lacking:  # sent out complete: it came back to confirm
        values.blank = False
    if not values.blank:
        for item, spot in lacking:
            findings.add(item, spot.place, _missing(item, spot))
        _together(plan, located, values, findings)
    if findings.common is not None:
        _said_once(values, findings.common)
    if findings.seen is not None:
        places = {spot.place for spot in located.spots.values()}
        last = max(place[0] for place in places)
        findings.problems += beside(findings.seen, places, findings.sheet, last)
        if findings.seen.hidden_rows or findings.seen.hidden_columns:
            findings.problems += hidden_print(findings.seen, located.area, places, findings.sheet)
        # where a form was copied below or beside another, nobody set what is printed
        first = located.area[0] == located.area[2] == 0
        if findings.seen.printed and first and not values.blank:
            filled = {s.place for s in located.spots.values() if s.state == "found" and not absent(s.value)}
            findings.problems += unprinted(findings.seen, filled, findings.sheet)
        if findings.seen.conditional and not any(p.code == "shown_differently" for p in findings.problems):
            findings.problems += conditioned_print(findings.seen, located.area, places, findings.sheet)
    return values


def _said_once(values: Values, common: Common) -> None:
    """What the sheet itself does not even show of what is common."""
    for group, said in common.groups.items():
        own = values.group(group)
        own |= {name: value for name, value in said.items() if name not in own}
    values.cells = {**common.cells, **values.cells}


def _shown_only(place: str, item: Field, spot: Spot, values: Values, findings: Findings) -> None:
    """A field that is filled in on another sheet goes to `values` from there."""
    common = findings.common
    if common is None:
        return
    values.cells[item.key] = common.cells.get(item.key, values.cells[item.key])
    told = common.told(item, place, spot, findings.seen)
    before = any(p.code == told.code and p.severity == told.severity for p in findings.problems) if told else False
    if told is not None and not (before and told.severity == "warning"):  # a sheet pasted as values is told once
        findings.problems.append(replace(told, where=reference(findings.sheet, told.where), item=item.item_name))
    value = common.groups.get(item.group, {}).get(item.name)
    if value is not None:
        values.group(item.group)[item.name] = value


def _legible(plan: Layout, item: Field, spot: Spot, values: Values, findings: Findings) -> bool:
    """Whether it is clear which cell is a field's and that something can be read in it; if not, it is told."""
    special = findings.special.get(spot.place) if findings.special else None
    if special is not None:
        values.blank = values.blank and item.group == "att"
        findings.add(item, spot.place, _FORMULA if special == "" else _error(special))
        return False
    if spot.also and findings.seen is not None:
        spot.also = findings.seen.others(spot.place, spot.also)
    if spot.state != "found" or spot.also:
        _unclear(item, spot, findings)
        if spot.state == "twice":
            values.blank = False
            return False
        if spot.state == "no_label" or (spot.state == "label_changed" and not spot.mild):
            values.blank = values.blank and absent(spot.value)
            return False
    if item.type == "money" and spot.unit and findings.unit and spot.unit != findings.unit:
        findings.add(item, spot.place, _unit_changed(plan.unit, spot.unit))
        values.blank = values.blank and absent(spot.value)
        return False
    return True


def _read(item: Field, spot: Spot, values: Values, findings: Findings) -> bool:
    """What a field's cell says goes to `values`, what speaks against it to `findings`. False where nothing is stated."""
    if findings.seen is not None:
        for complaint in doubts(item, spot.place, spot.value, findings.unit, findings.seen):
            findings.add(item, spot.place, complaint)
    if item.group == "in" and item.type in ("integer", "boolean") and not item.required and _dashed(spot.value):
        findings.add(item, spot.place, _not_stated(item, spot.value))
        return True
    if absent(spot.value) and not (item.group == "att" and clean(str(spot.value)) == "无"):
        return False
    values.blank = values.blank and (item.group == "att" or item.key in findings.prefilled)
    if item.type == "money" and not findings.unit:
        return True
    if spot.by_name:
        got, remedy = f"“{shown(spot.value)[:30]}”前面没有栏目名，按“{item.label}”读", "核对是不是这一栏的内容"
        findings.add(item, spot.place, _wrong("read_as", got, f"栏目“{item.label}”", remedy, "warning"))
    if spot.in_unit:
        got = f"“{shown(spot.value)}”填在单位一栏，按“{item.label}”读"
        findings.add(item, spot.place, _wrong("read_as", got, "填在填报格里", "核对是不是要申报的数", "warning"))
    as_percent = percent(spot.place, spot.value, findings.seen) if item.type == "rate" else None
    value, faults = read_value(item, spot.value, findings.unit, date1904=findings.date1904, percent=as_percent)
    for fault in faults:
        findings.add(item, spot.place, fault)
    if value is not None:
        values.group(item.group)[item.name] = value
        if item.type == "money" and is_bare(spot.value):
            values.bare.add(item.name)
    return True


def _counted(item: Field, values: Values) -> bool:
    """Whether the days asked for follow from a period that is stated."""
    dates = item.item.period[:2] if item.item else ()
    return bool(dates) and all(values.group("in").get(name) is not None for name in dates)


def _dashed(value: Any) -> bool:
    """A word or dash for nothing where a count or a yes or no is asked: neither 0 nor what counts when left empty."""
    return isinstance(value, str) and bool(value.strip()) and absent(value)


def _not_stated(item: Field, value: Any) -> Fault:
    nothing = "否" if item.type == "boolean" else "0"
    got = f"填的是“{shown(value)}”，看不出是“{nothing}”还是没有填"
    remedy = f"没有的填“{nothing}”，不清楚的清空这一格"
    return _wrong("not_stated", got, "、".join(item.choices) or "整数", remedy)


def _error(text: str) -> Fault:
    return _wrong("error_cell", f"单元格是错误值 {text}", "数值", "改正公式或直接填数值")


def _missing(item: Field, spot: Spot) -> Fault:
    got = f"填的是“{shown(spot.value)}”" if spot.value != "" and str(spot.value).strip() else "没有填"
    wanted = "、".join(item.choices) or {"money": f"数字，单位{item.unit}"}.get(item.type, "")
    return _wrong("missing", got, wanted, f"补填“{item.label}”")


def _as_one(item: Input, values: Values) -> bool:
    """Whether what is left blank counts all the same (one product) and is to be shown."""
    return (
        item.default is not None and item.name not in values.inputs and item.type != "boolean" and shown_by_paper(item)
    )


def _papers(plan: Layout, located: Located, values: Values, findings: Findings) -> None:
    """Every paper that what is stated needs must be enclosed."""
    for one in (f for f in plan.fields if f.group == "att"):
        of = papers(plan.rule).get(one.label, ())
        stated = [i.label for i in of if values.inputs.get(i.name) not in (None, False, 0) or _as_one(i, values)]
        enclosed = values.attachments.get(one.name)
        if enclosed or not stated or (enclosed is None and one.required):  # the last is told already
            continue
        got = "没有附" if enclosed is False else "没有写是否已附"
        fault = _wrong(
            "attachment_missing",
            f"{got}“{one.label}”",
            "是",
            f"附上“{one.label}”（证明“{'”“'.join(stated)}”），并选“是”",
        )
        findings.add(one, located.spots[one.key].place, fault)


def _asked(plan: Layout, located: Located, values: Values, findings: Findings) -> None:
    """What has to be answered because of what else is stated."""
    env = {i.name: values.inputs.get(i.name, i.default) for i in plan.rule.inputs}
    for item in plan.rule.inputs:
        one = plan.by_key.get(f"in_{item.name}")
        if item.asked_when is None or one is None or item.name in values.inputs:
            continue
        if any(env[name] is None for name in named(plan.rule, item.asked_when)):
            continue
        if predicate(plan.rule, item.asked_when)(env):
            findings.add(one, located.spots[one.key].place, _missing(one, located.spots[one.key]))


def _unit_changed(asked: str, found: str) -> Fault:
    return _wrong("unit_changed", f"单位一栏是“{found}”", asked, f"按{asked}填写，单位栏不要改动")


def _unclear(item: Field, spot: Spot, findings: Findings) -> None:
    others = "、".join(address(*place) for place in spot.also)
    label = item.label
    if spot.state == "label_changed":
        return
    if spot.state == "no_label":
        fault = _wrong("label_missing", f"找不到“{label}”这一栏", f"栏目“{label}”", "使用原表填写，不要改动栏目名称")
    elif spot.state == "twice":
        got = f"“{label}”出现两处且内容不同（另见 {others}）"
        fault = _wrong("twice", got, "只填一处", "删去多余的一处")
    else:
        got = f"这一行有多处内容（另见 {others}）"
        fault = _wrong("several_values", got, "只在填报格内填写", f"把“{label}”填在一个格内，删去其余")
    findings.add(item, spot.place, fault)


def _elsewhere(plan: Layout, code: str) -> tuple[Fault, ...]:
    """Whether an enterprise is registered in another city; one registered at the province or the state may be here."""
    region, own, city = plan.document.region, code[2:8], plan.document.city_label
    if not region or len(code) != 18 or not own.isdigit() or own.startswith(region[: len(own)]):
        return ()
    if own[2:4] == "00" and own[:2] in (_STATE, region[:2]):
        return ()
    got = f"统一社会信用代码第 3 至 8 位是 {own}，登记机关不在{city}（{region} 开头）"
    return (_wrong("other_region", got, f"在{city}登记的单位", "核对登记地：文件要求在本市的，不予受理", "warning"),)


def _together(plan: Layout, located: Located, values: Values, findings: Findings) -> None:
    """What only several fields together can tell."""
    project, ent = values.project, values.enterprise
    start, end = project.get("start"), project.get("end")
    if isinstance(start, dt.date) and isinstance(end, dt.date) and end < start:
        findings.add(
            plan.by_key["prj_end"], located.spots["prj_end"].place,
            _wrong("dates_reversed", f"结束日期 {end} 早于开始日期 {start}", "不早于开始日期", "改正日期"),
        )  # fmt: skip
    strange = _elsewhere(plan, str(ent.get("uscc") or ""))
    if strange:
        findings.add(plan.by_key["ent_uscc"], located.spots["ent_uscc"].place, strange[0])
    first_day = plan.document.valid_from
    last, key = (end, "prj_end") if isinstance(end, dt.date) else (start, "prj_start")
    if isinstance(last, dt.date) and first_day is not None and first_day.year - last.year >= LONG_AGO:
        got = f"{plan.by_key[key].label} {last} 比文件生效（{first_day}）早两年以上"
        findings.add(
            plan.by_key[key], located.spots[key].place,
            _wrong("project_long_ago", got, "本文件适用期内的项目", "核对日期，或改用当时文件的申请表", "warning"),
        )  # fmt: skip
    for item in plan.fields:
        base = item.item.default_from if item.item else None
        if base is None or "含" not in item.label or "不含" in item.label or "税" not in item.label:
            continue
        with_vat, net = values.inputs.get(item.name), values.inputs.get(base)
        if with_vat is not None and net is not None and with_vat < net:
            got = f"含税金额 {plain(with_vat)} 元小于不含税金额 {plain(net)} 元（{located.cell(base)}）"
            findings.add(
                item, located.spots[item.key].place,
                _wrong("vat_below_net", got, "不小于不含税金额", f"对照发票改正“{item.label}”或“{plan.by_key[f'in_{base}'].label}”"),
            )  # fmt: skip
    if plan.version not in EARLIER:
        _papers(plan, located, values, findings)
        _asked(plan, located, values, findings)
    elif values.attachments and not any(values.attachments.values()):
        key = next(f"att_{name}" for name in values.attachments)
        findings.add(
            plan.by_key[key], located.spots[key].place,
            _wrong("no_attachments", "附件清单全部填“否”", "已附的选“是”", "核对附件是否随表报送", "warning"),
        )  # fmt: skip
    for group, said in (("ent", ent), ("prj", project)):
        for told, complaint in names(plan, group, said):
            findings.add(plan.by_key[told], located.spots[told].place, complaint)
    if any(i.required_when is not None for i in plan.rule.inputs) and not any(
        p.severity == "error" and p.item in {i.name for i in plan.rule.inputs} for p in findings.problems
    ):
        try:
            bind(plan.rule, values.inputs)
        except PolicyError as error:
            lacking = error.problem.item.split(",") if error.code == MissingInput.code else ()
            for key in (f"in_{name}" for name in lacking if f"in_{name}" in plan.by_key):
                findings.add(plan.by_key[key], located.spots[key].place, _missing(plan.by_key[key], located.spots[key]))
