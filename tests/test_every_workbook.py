"""Every workbook that the product writes: held against the schema, no text evaluated, every formula with its result.

The law and the enterprises are hostile: names begin like formulas, so that each place where a text meets a cell is
tried.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from openpyxl import load_workbook
from own_template import drawn_template
from require_all import marker_text, missing
from soffice import Soffice

from xlpolicy.batch import demo
from xlpolicy.batch.fill import fill
from xlpolicy.batch.working import take_in
from xlpolicy.excel.workbook import build as workbook
from xlpolicy.faults import Fault
from xlpolicy.forms.combined import Combined
from xlpolicy.forms.design import write_form
from xlpolicy.forms.issue import Issue
from xlpolicy.forms.layout import FORM_SHEET, Layout, layout
from xlpolicy.forms.list_form import ListForm
from xlpolicy.forms.personal import Author
from xlpolicy.formulas.calculation_sheet import write_sheet
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import Found
from xlpolicy.mail.einvoice import EInvoice
from xlpolicy.mail.invoice_book import write_invoices
from xlpolicy.mail.invoice_check import check
from xlpolicy.money import clean
from xlpolicy.register import ledgers
from xlpolicy.register.export import BOOK, export
from xlpolicy.register.folder import make
from xlpolicy.register.ledgers import write_reviews
from xlpolicy.register.paying import make_plan
from xlpolicy.register.plan_book import write_plan
from xlpolicy.register.review import load
from xlpolicy.register.settling import settle_register
from xlpolicy.settle import Facts, settle
from xlpolicy.settle.both_documents import under_both
from xlpolicy.settle.briefing_book import write_briefing
from xlpolicy.settle.claims_book import write_blank
from xlpolicy.settle.match import match
from xlpolicy.settle.match_book import write_standings
from xlpolicy.settle.model import read_claims
from xlpolicy.settle.profile import Profile
from xlpolicy.settle.profile import write_blank as write_profiles
from xlpolicy.settle.settlement_book import write_remarks, write_settlement, write_simulation
from xlpolicy.settle.simulate import simulate
from xlpolicy.sheets import intake_template, template
from xlpolicy.sheets.insert import add_sheet
from xlpolicy.sheets.sheetxml import Sheet
from xlpolicy.survey.compare import diff
from xlpolicy.survey.rulebook.write import write_book
from xlpolicy.survey.settings_book import write_settings

ROOT = Path(__file__).parents[1]
SIXTH = ROOT / "tests/sixth/policies/shili-2026-9.yaml"
HOSTILE = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "<r>=1</r>", '=HYPERLINK("http://192.0.2.1/","点")')
ON = dt.date(2026, 6, 30)


def hostile_law(folder: Path) -> None:
    """The sixth document with words of its own that begin like formulas."""
    data = yaml.safe_load(SIXTH.read_text(encoding="utf-8"))

    def spoil(value: Any) -> None:
        for key in ("city_label", "title", "label", "theme", "recipient", "notes"):
            if isinstance(value, dict) and isinstance(value.get(key), str):
                value[key] = f"={value[key]}"
        for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            spoil(child)

    spoil(data)
    (folder / SIXTH.name).write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def claims() -> list[dict[str, Any]]:
    common = {"city": "fuzhou", "on": "2026-06-30", "inputs": {"investment": "1000万元"}}
    made = [
        {
            **common,
            "id": f"A{i}",
            "enterprise": name,
            "project": name,
            "rule": ("tech_upgrade", "digital_project")[i % 2],
        }
        for i, name in enumerate(HOSTILE)
    ]
    return [*made, {**common, "id": "A9", "enterprise": "@缺", "rule": "tech_upgrade", "inputs": {}}]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Name -> workbook."""
    folder = tmp_path_factory.mktemp("books")
    with pytest.MonkeyPatch.context() as patch:
        (folder / "law").mkdir()
        hostile_law(folder / "law")
        patch.setenv("XLPOLICY_POLICIES", str(folder / "law"))
        yield {path.relative_to(folder).as_posix(): path for path in written(folder)}


def written(folder: Path) -> list[Path]:
    catalog = catalogs.default()
    hostile = [Found(d, r) for d, r in catalog.rules() if d.key == "shili-2026-9" and r.amount is not None]
    assert hostile[0].document.city_label.startswith("="), "the law is not hostile"
    found = catalog.find("fuzhou", "tech_upgrade", ON)
    loan = Found(*next((d, r) for d, r in catalog.rules() if r.id == "park_infra_interest"))
    (folder / "模板.xlsx").write_bytes(intake_template.build())
    workbook.build(folder / "工作簿.xlsm")
    write_book(folder / "规则簿.xlsx")
    for number, each in enumerate((*hostile, loan)):
        write_form(each.document, each.rule, folder / f"申请表{number}.xlsx", unit=("元", "万元")[number % 2])
        write_form(each.document, each.rule, folder / f"申请表本局{number}.xlsx", template=template.find("申请表.xlsx"))
    filled = {**demo.enterprise(1), "in_investment": 800, "ent_name": HOSTILE[0], "prj_name": HOSTILE[1]}
    write_form(found.document, found.rule, folder / "申请表填好.xlsx", prefill=filled)
    own = template.find("申请表.xlsx")
    write_form(found.document, found.rule, folder / "申请表本局填好.xlsx", prefill=filled, template=own)
    several = Combined([layout(each.document, each.rule) for each in (found, *hostile, loan)], own)
    values = {"ent_name": HOSTILE[0], "prj_name@1": HOSTILE[1], "in_investment@1": 800, "prj_name@2": HOSTILE[2]}
    (folder / "申请表合表.xlsx").write_bytes(several.made(values))
    for number, each in enumerate((loan, *hostile[:1])):
        table = ListForm(layout(each.document, each.rule, ("万元", "元")[number]), 5, own)
        rows = {"ent_name": HOSTILE[0], "prj_name@1": HOSTILE[1], "prj_name@5": HOSTILE[2], "prj_object@1": HOSTILE[3]}
        (folder / f"申请表明细{number}.xlsx").write_bytes(table.made(rows))
    one = {"申报单位": HOSTILE[0], "investment": 8_000_000}
    write_sheet(
        [found, *hostile, loan], folder / "测算表.xlsx", 20, examples=[[one], [{"申报单位": HOSTILE[2]}]], on=ON
    )
    write_sheet([found, loan], folder / "测算表千行.xlsx", 1200, "万元", examples=[[one]], on=ON)
    listed = read_claims(claims())
    settlement = settle(listed, None, on_year=2026)
    write_settlement(listed, settlement, folder / "兑付台账.xlsx", cells={"A9": "申报!A9"})
    write_remarks(listed, settlement, folder / "核算说明.xlsx")
    write_blank(folder / "空申报清单.xlsx")
    asked = [found, loan, *hostile]
    write_profiles(folder / "企业档案.xlsx", catalog, asked)
    known = [
        Profile(name, None, "enterprise", {clean("年度技改设备（含软件）实际投资额（不含增值税）"): Decimal(8_000_000)})
        for name in HOSTILE
    ]
    standings = [standing for profile in known for standing in match([profile], asked, ON, catalog=catalog)]
    write_standings(standings, folder / "应享未享清单.xlsx", on=ON)
    write_blank(folder / "申报清单.xlsx", claims=listed)
    changed = simulate(claims(), {"fuzhou-2026-5": {"tech_upgrade.rate": "4%"}}, on_year=2026)
    write_simulation(changed, folder / "测算对比.xlsx")
    compared = diff(catalog, "fuzhou-2024-13", "fuzhou-2026-5")
    write_briefing(compared, under_both(listed, compared, catalog), folder / "简报.xlsx")
    write_briefing(diff(catalog, hostile[0].document, hostile[0].document), None, folder / "简报同一份.xlsx")
    demo.demo(folder / "演示", progress=False)
    inbox = folder / "收件"
    inbox.mkdir()
    for number, name in enumerate(HOSTILE, 1):
        values = {
            **demo.plainly(layout(found.document, found.rule)),
            **demo.enterprise(number),
            "ent_name": name,
            "ent_county": name,
            "prj_name": name,
            "in_investment": 800,
        }
        write_form(found.document, found.rule, inbox / f"{number}.xlsx", prefill=values)
    fill(inbox, folder / "核定", on=ON, progress=False)
    fill(inbox, folder / "核定本局", on=ON, progress=False, template=drawn_template(folder / "台账本局.xlsx"))
    remembered(folder)
    posted(folder, layout(found.document, found.rule))
    made = [*folder.glob("*.xls?"), *inbox.glob("*.xlsx"), *(folder / "核定").rglob("*.xlsx")]
    made += [path for path in (folder / "演示" / demo.OUT).rglob("*.xlsx") if zipfile.is_zipfile(path)]
    assert len(made) > 60, "something was not written"
    return sorted(path for path in made if "无法读取" not in path.parts or path.name.endswith("补正通知.xlsx"))


def posted(folder: Path, plan: Layout) -> None:
    """Personalised forms, of an honest name and of hostile ones; the invoices that were checked; the settings."""
    author = Author(plan)
    for number, name in enumerate(("示例企业01", HOSTILE[0]), 1):
        values = {**demo.enterprise(number), "ent_name": name, "in_investment": 800, "prj_start": ON}
        (folder / f"发表{number}.xlsx").write_bytes(author.made(values, Issue("FB2026-001", number, name)))
    invoice = EInvoice(
        "1", ON, HOSTILE[0], "A", HOSTILE[1], "B", Decimal(1), Decimal(0), Decimal(1), HOSTILE[2:4], "", HOSTILE[4]
    )
    unread = [Fault("invoice", HOSTILE[0], "", HOSTILE[1], "", HOSTILE[2])]
    write_invoices(folder / "发票明细.xlsx", check([invoice, invoice], []), unread)
    write_settings(catalogs.plain().documents.values(), folder / "设置.xlsx", None, {"发文机关": HOSTILE[0]})


def remembered(folder: Path) -> None:
    """What a working folder writes: the forms of the inbox received, reviewed as computed, settled, planned, exported."""
    kept = make(folder / "工作")[0]
    register, law = kept.open(), catalogs.default()
    for path in (folder / "收件").glob("*.xlsx"):
        shutil.copy(path, kept.inbox)
    ledger = take_in(kept, on=ON, progress=False).ledger
    write_reviews(register, folder / "审核台账.xlsx")
    shutil.copy(ledgers.write_counties(register, folder / "县区")[0][0], folder / "县区汇总表.xlsx")
    book = load_workbook(folder / "审核台账.xlsx")
    sheet = book.worksheets[0]
    for row in range(4, 4 + len(HOSTILE)):
        sheet[f"K{row}"] = sheet[f"I{row}"].value
    book.save(folder / "填好.xlsx")
    load(register, folder / "填好.xlsx", who="甲")
    (folder / "填好.xlsx").unlink()
    settle_register(register, Facts(), on_year=2026, who="甲", catalog=law)
    plan = make_plan(register, law, who="甲")
    for name in ledgers.LEDGERS:
        ledgers.write(register, name, folder / f"登记{name}.xlsx")
    shutil.copy(ledgers.write_enterprises(register, folder / "一户一表", HOSTILE[0])[0], folder / "一户一表.xlsx")
    write_plan(register, plan, folder / "拨款明细表.xlsx")
    shutil.copy(ledger, folder / "申报台账.xlsx")
    shutil.copy(kept.facts, folder / "核算事实.xlsx")
    shutil.copy(export(register, folder / "导出") / BOOK, folder / "登记库.xlsx")


CELL = re.compile(r"<c ([^>]*?)(?:/>|>(.*?)</c>)", re.S)


def parts(path: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet"):
                yield name, package.read(name).decode()


def test_every_text_that_begins_like_a_formula_is_marked_as_text(books: Mapping[str, Path]) -> None:
    marked: Counter[str] = Counter()
    for name, path in books.items():
        for sheet in load_workbook(path):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                text = cell.value if isinstance(cell.value, str) and cell.data_type == "s" else ""
                if text.startswith(("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")):
                    assert cell.quotePrefix, (name, sheet.title, cell.coordinate, text)  # type: ignore[union-attr]
                    marked[name] += 1
    for name in (
        "工作簿.xlsm",
        "规则簿.xlsx",
        "测算表.xlsx",
        "测算表千行.xlsx",
        "兑付台账.xlsx",
        "申报清单.xlsx",
        "空申报清单.xlsx",
    ):
        assert marked[name], name
    assert marked["核定/台账.xlsx"] and marked["申请表填好.xlsx"] and marked["申请表本局填好.xlsx"]


def test_every_formula_has_its_result(books: Mapping[str, Path]) -> None:
    counted: Counter[str] = Counter()
    for name, path in books.items():
        for part, xml in parts(path):
            for attributes, inner in CELL.findall(xml):
                if "<f" not in inner:
                    continue
                counted[name] += 1
                value = re.search(r"<v>([^<]*)</v>|<v */>", inner)
                assert value, (name, part, attributes)
                assert value[1] or 't="str"' in attributes, (name, part, attributes, inner)
    assert (
        counted["申请表填好.xlsx"] == 6
        and counted["申请表本局填好.xlsx"] == 7  # the template's 自查 besides
        and counted["测算表.xlsx"] > 200
        and counted["工作簿.xlsm"] > 100
    )
    assert counted["核定/台账.xlsx"] and counted["兑付台账.xlsx"] and counted["测算对比.xlsx"]


#: lists whose element says how many it holds
COUNTED = {
    "dataValidations", "mergeCells", "tableParts", "rowBreaks", "colBreaks", "numFmts", "fonts", "fills", "borders",
    "cellStyleXfs", "cellXfs", "cellStyles", "dxfs",
}  # fmt: skip


def test_every_list_holds_as_many_as_it_says(books: Mapping[str, Path]) -> None:
    seen: Counter[str] = Counter()
    for name, path in books.items():
        with zipfile.ZipFile(path) as package:
            for part in package.namelist():
                if not part.startswith(("xl/worksheets/sheet", "xl/styles")):
                    continue
                for element in ElementTree.fromstring(package.read(part)).iter():
                    kind = element.tag.rpartition("}")[2]
                    if kind in COUNTED and "count" in element.attrib:
                        assert int(element.attrib["count"]) == len(element), (name, part, kind)
                        seen[kind] += 1
    assert {"dataValidations", "mergeCells", "cellXfs", "dxfs", "numFmts"} <= set(seen)


@pytest.mark.soffice
def test_the_results_beside_the_formulas_are_those_of_libreoffice(
    soffice: Soffice, books: Mapping[str, Path], tmp_path: Path
) -> None:
    """Forms as they are sent out and filled in, and a line of a calculation table whose formula has helper cells."""
    found = catalogs.default().find("fuzhou", "tech_upgrade", ON)
    row = layout(found.document, found.rule).estimate_row + 1
    typed: list[tuple[str, dict[str, Any]]] = [
        ("万元", {"in_investment": 800}), ("元", {"in_investment": 8_000_000, "in_bond_supported": True}),
        ("万元", {"in_investment": "八百万"}), ("万元", {"in_investment": 12345.6789, "in_bond_supported": False}),
        ("万元", {"ent_name": "甲"}), ("万元", {}), ("万元", {"in_investment": 0.1}),
    ]  # fmt: skip
    paths = []
    for number, (unit, values) in enumerate(typed):
        paths.append(tmp_path / f"{number}.xlsx")
        write_form(found.document, found.rule, paths[-1], unit=unit, prefill=values)
    amounts = []
    for path in paths:
        stored = load_workbook(path, data_only=True)[FORM_SHEET]
        fresh = soffice.recalculate(path, {FORM_SHEET: f"C{row}:D{row}"})[FORM_SHEET]
        amounts.append(stored[f"C{row}"].value)
        for cell, value in fresh.items():
            assert (stored[cell].value or "") == (value or ""), (path.name, cell)
    assert amounts[:2] == [240_000, 0] and amounts[2] is None
    sheets = load_workbook(books["测算表.xlsx"], data_only=True)
    last = sheets.worksheets[-2]  # 参数 is the last
    fresh = soffice.recalculate(books["测算表.xlsx"], {last.title: "A5:Z25"})[last.title]
    compared = 0
    for cell in (cell for line in last["A5:Z25"] for cell in line):
        assert (cell.value or "") == (fresh[cell.coordinate] or ""), cell.coordinate
        compared += cell.value is not None
    assert compared > 20


# --- the schema ---


@pytest.fixture(scope="module")
def validator(pytestconfig: pytest.Config) -> str:
    binary = os.environ.get("XLPOLICY_OOXML_VALIDATOR", "")
    if not binary:
        missing(marker_text(pytestconfig, "ooxml"))
    return binary


def findings(validator: str, path: Path) -> Counter[tuple[str, ...]]:
    """What the Open XML SDK finds wrong: exit 0 nothing, 1 something; anything else is a failure of the test."""
    run = subprocess.run([validator, str(path)], capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert run.returncode in (0, 1), f"the validator could not run: {run.stderr or run.stdout}"
    errors = json.loads(run.stdout)["errors"]
    assert bool(errors) == bool(run.returncode), run.stdout
    assert not any(error["errorType"] == "Exception" for error in errors), run.stdout
    return Counter((e["path"], e["xPath"], e["id"], e["description"]) for e in errors)


@pytest.mark.ooxml
def test_every_workbook_is_valid(validator: str, books: Mapping[str, Path]) -> None:
    found = {name: findings(validator, path) for name, path in books.items()}
    committed = (ROOT / "templates/台账.xlsx", ROOT / "templates/申请表.xlsx", ROOT / "workbook/xlpolicy.xlsm")
    found |= {path.name: findings(validator, path) for path in committed}
    assert {name: list(errors)[:3] for name, errors in found.items() if errors} == {}


@pytest.mark.ooxml
def test_the_validator_finds_what_is_wrong(validator: str, tmp_path: Path) -> None:
    bad = misordered(tmp_path / "bad.xlsx")
    assert findings(validator, bad)
    with pytest.raises(AssertionError):
        findings(validator, tmp_path / "none.xlsx")


@pytest.mark.ooxml
@pytest.mark.soffice
@pytest.mark.parametrize("by", ["another program", "LibreOffice"])
def test_a_copy_of_somebodys_file_has_no_error_that_the_original_had_not(
    validator: str, soffice: Soffice, tmp_path: Path, by: str
) -> None:
    original = misordered(tmp_path / "来件.xlsx")
    if by == "LibreOffice":
        original = soffice.open_set_save(original, {FORM_SHEET: {"C16": 800}}, tmp_path / "另存.xlsx", "xlsx")
    copy = tmp_path / "核定.xlsx"
    sheet = Sheet("核定意见", (20, 40))
    sheet.add(("标题", "title", 2))
    sheet.add(("申报单位", "label"), ("=1+1", "text"))
    with original.open("rb") as source:
        copy.write_bytes(add_sheet(source, sheet))
    before = findings(validator, original)
    assert bool(before) == (by == "another program"), "the one original is wrong, the other is not"
    assert findings(validator, copy) - before == Counter()


def misordered(path: Path) -> Path:
    """A form whose fonts are in the order of a program that does not keep to the schema."""
    found = catalogs.default().find("fuzhou", "tech_upgrade", ON)
    write_form(found.document, found.rule, path, force=True)
    with zipfile.ZipFile(path) as package:
        kept = {name: package.read(name) for name in package.namelist()}
    swapped = re.sub(rb'(<sz val="[^"]*" */>)(.*?)(<name [^>]*/>)', rb"\3\2\1", kept["xl/styles.xml"])
    assert swapped != kept["xl/styles.xml"]
    with zipfile.ZipFile(path, "w") as package:
        for name, data in {**kept, "xl/styles.xml": swapped}.items():
            package.writestr(name, data)
    return path
