"""Every message reworded into gibberish: nothing is judged, refused, listed or settled otherwise, for no program reads it."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from xlpolicy.batch import demo, notices
from xlpolicy.batch.aside import Days
from xlpolicy.batch.job import Context, File, read
from xlpolicy.batch.judge import judge
from xlpolicy.batch.record import Record, Summary
from xlpolicy.batch.together import compare as compare_forms
from xlpolicy.claim.decision import assess
from xlpolicy.cli import main
from xlpolicy.excel.functions.lists import subsidy_compare
from xlpolicy.faults import Fault, PolicyError, PolicyFileError, split_reference
from xlpolicy.forms.design import write_form
from xlpolicy.forms.intake import Returned, read_returned
from xlpolicy.law import catalog
from xlpolicy.settle import settle
from xlpolicy.survey.compare.measure import compare
from xlpolicy.survey.rulebook.load import read_book
from xlpolicy.survey.rulebook.write import write_book

WriteForm = Callable[..., Path]
MARK = "㊙"


def gibberish(text: str) -> str:
    return text if not text or text.startswith(MARK) else MARK + hashlib.sha256(text.encode()).hexdigest()[:9]


@pytest.fixture
def reword(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, every fault says gibberish; its code, item, severity and cell stay."""

    def start() -> None:
        plain = Fault.__init__

        def init(
            self: Fault, code: str, where: str = "", item: str = "", got: str = "", expected: str = "",
            remedy: str = "", severity: Any = "error",
        ) -> None:  # fmt: skip
            place = where if split_reference(where)[1] else gibberish(where)
            plain(self, code, place, item, gibberish(got), gibberish(expected), gibberish(remedy), severity)

        monkeypatch.setattr(Fault, "__init__", init)
        monkeypatch.setattr("xlpolicy.law.catalog.span", lambda *_: gibberish("期间"))
        monkeypatch.setattr("xlpolicy.law.in_force.span", lambda *_: gibberish("期间"))
        monkeypatch.setattr("xlpolicy.law.in_force.DRAFT_WARNING", gibberish("草案"))

    return start


def outcome(record: Record) -> tuple[Any, ...]:
    faults = [(f.code, f.item, f.severity, f.cell) for f in record.problems]
    judged = record.judged and (record.judged.eligible, record.judged.amount)
    closing = notices._closing(record) if record.place == "退回补正" else ""
    return record.source, record.place, faults, judged, len(record.hints), record.outputs, closing, record.labels


def records(inbox: Path, spool: Path, day: str) -> list[Record]:
    """What `fill` makes of the inbox, read in this process."""
    on = dt.date.fromisoformat(day)
    context = Context(spool, on, on, Days(), None, None, {})
    files = sorted(path for path in inbox.rglob("*") if path.is_file())
    found = [r for n, path in enumerate(files) for r in read(context, File(n, path, path.name))]
    compare_forms(found)
    return found


@pytest.mark.parametrize("day", ["2026-06-30", "2025-12-31"])
def test_a_batch(
    day: str, form: WriteForm, inbox: Path, shown: Summary, tmp_path: Path, reword: Callable[[], None]
) -> None:
    shutil.copytree(shown.inbox, inbox, dirs_exist_ok=True)
    form(91, document="fuzhou-2024-13", name="旧表.xlsx")
    form(92, investment="约300", name="约数.xlsx")
    form(93, investment=2_000_000, name="过大.xlsx")
    before = records(inbox, tmp_path, day)
    reword()
    after = records(inbox, tmp_path, day)
    faults = [f for r in after for f in r.problems]
    assert len(faults) > 5
    assert all(MARK in f.got for f in faults)
    assert [outcome(r) for r in after] == [outcome(r) for r in before]


def test_what_the_form_did_not_tell(reword: Callable[[], None]) -> None:
    """Refusals of the law itself, put on the form: the cell of the input, or none."""
    known, on = catalog.default(), dt.date(2026, 6, 30)

    def judged(key: str, rule: str, inputs: dict[str, Any]) -> list[tuple[str, str, str]]:
        document = known.document(key)
        cells = {f"in_{item.name}": f"申请表!C{row}" for row, item in enumerate(document.rules[rule].inputs, 11)}
        form = Returned("表.xlsx", "", "申请表", document, document.rules[rule], "元", "ok", inputs=inputs, cells=cells)
        record = judge(form, "表.xlsx", "0", on, known, key if document.draft else None)
        return [(f.code, f.item, f.where) for f in record.problems]

    def found() -> list[list[tuple[str, str, str]]]:
        lease = next(i for i in known.document("putian-draft").rules["ai_first_product"].inputs if i.type == "enum")
        return [
            judged("fuzhou-2026-5", "tech_upgrade", {}),
            judged("putian-draft", "ai_first_product", {lease.name: "lease"}),
            judged("fuzhou-2024-13", "tech_upgrade", {"investment": 1}),
        ]

    before = found()
    assert before[0] == [("missing_input", "investment", "申请表!C11")]
    assert before[1]
    assert all(where.startswith("申请表!C") for _, _, where in before[1])
    assert before[2][0][0] == "not_in_force"
    reword()
    assert [[fault[:2] for fault in one] for one in found()] == [[fault[:2] for fault in one] for one in before]
    assert [[fault[2] for fault in one] for one in found()[:2]] == [[fault[2] for fault in one] for one in before[:2]]


def test_an_input_that_the_case_requires(inbox: Path, reword: Callable[[], None]) -> None:
    document = catalog.default().document("putian-draft")
    rule = document.rules["ai_first_product"]
    choice = next(i for i in rule.inputs if i.type == "enum")
    path = write_form(
        document, rule, inbox / "租赁.xlsx",
        prefill={**demo.enterprise(1), f"in_{rule.inputs[0].name}": 100, f"in_{choice.name}": choice.choices[1].label},
    )  # fmt: skip
    said = [[(f.code, f.item, f.cell) for f in one.problems] for one in read_returned(path, catalog.default())]
    reword()
    again = [[(f.code, f.item, f.cell) for f in one.problems] for one in read_returned(path, catalog.default())]
    assert again == said
    assert any(code == "missing" for found in said for code, _, _ in found)


def test_lists(reword: Callable[[], None]) -> None:
    known, on = catalog.default(), dt.date(2026, 6, 30)
    offers = [
        (o.rule, o.amount, o.eligible, o.bare_as, len(o.notes)) for o in compare(known, "tech_upgrade", 800, on).offers
    ]
    table = subsidy_compare("tech_upgrade", 800)
    reword()
    again = [
        (o.rule, o.amount, o.eligible, o.bare_as, len(o.notes)) for o in compare(known, "tech_upgrade", 800, on).offers
    ]
    assert again == offers
    assert [row[:3] for row in subsidy_compare("tech_upgrade", 800)] == [row[:3] for row in table]


def test_a_rule_workbook(tmp_path: Path, reword: Callable[[], None]) -> None:
    path = tmp_path / "规则簿.xlsx"
    write_book(path, "fuzhou-2026-5")
    book = load_workbook(path)
    line = next(r for r in book["文件"].iter_rows() if any(c.value == "失效日期" for c in r))
    ends = next(c.column for c in line if c.value == "失效日期")
    row = next(r for r in book["文件"].iter_rows() if any(c.value == "fuzhou-2026-5" for c in r))[0].row
    book["文件"].cell(row, ends).value = "某日"
    figures = book["数字"]
    head = next(r for r in figures.iter_rows() if any(c.value == "数字" for c in r))
    column = next(c.column for c in head if c.value == "数字")
    figures.cell(head[0].row + 1, column).value = "许多"
    book.save(path)

    def found() -> list[tuple[str, str, str]]:
        with pytest.raises(PolicyFileError) as caught:
            read_book(path)
        return [(f.code, f.item, f.severity) for f in caught.value.problems]

    before = found()
    assert before
    reword()
    assert found() == before


def test_a_settlement_and_a_refusal(reword: Callable[[], None]) -> None:
    claim = {"enterprise": "甲", "city": "fuzhou", "rule": "tech_upgrade", "inputs": {"investment": 8_000_000}}
    claims = [
        claim | {"id": "c1", "on": "2026-06-30"},
        claim | {"id": "c2", "on": "2020-01-01"},
        claim | {"id": "c3", "on": "2020-01-01", "policy": "fuzhou-2026-5"},
        claim | {"id": "c4", "on": "2026-06-30", "inputs": {"investment": -1}},
        claim | {"id": "c5", "on": "2026-06-30", "rule": "tech_upgrad"},
    ]

    def paid() -> list[Any]:
        result = settle(claims, {}, on_year=2026)
        return [(c.id, c.payable, [(cut.rule, cut.amount) for cut in c.cuts]) for c in result.claims]

    def refused() -> list[tuple[str, str]]:
        out = []
        for inputs, on in (({}, "2026-06-30"), ({"investment": -1}, "2026-06-30"), ({"investment": 1}, "2020-01-01")):
            with pytest.raises(PolicyError) as caught:
                assess("fuzhou", "tech_upgrade", inputs, on=on)
            out.append((caught.value.code, caught.value.problem.item))
        return out

    before = paid(), refused(), main(["calc", "fuzhou", "tech_upgrade", "-1"])
    assert before[1] == [("missing_input", "investment"), ("invalid_input", "investment"), ("not_in_force", "on")]
    reword()
    assert (paid(), refused(), main(["calc", "fuzhou", "tech_upgrade", "-1"])) == before
