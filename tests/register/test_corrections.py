"""补正 that nobody answers: overdue first, then ended by somebody with a reason, shown everywhere; what comes later all the same.

示例企业04 writes 约300 for its investment, which is sent back; mended it is 550 万元, 3% of which are 165,000.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from workingfolder import Bureau, downgrade

from xlpolicy.cli import main
from xlpolicy.law import catalog
from xlpolicy.mail.letters import ended, returned
from xlpolicy.register import ledgers
from xlpolicy.register.corrections import called, end, notices
from xlpolicy.register.database import Register, RegisterError
from xlpolicy.register.deadlines import Calendar, late_by
from xlpolicy.register.export import export
from xlpolicy.register.ledgers.source import Source
from xlpolicy.register.proof import verify_export
from xlpolicy.register.reconcile import overdue
from xlpolicy.register.replay import replay
from xlpolicy.register.status import status

TODAY = dt.date.today()
WHY = "电话催告两次，逾期未补正"


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """One claim, and one form to be mended."""
    made = Bureau(tmp_path / "2026技改")
    made.form(1)
    made.form(4, "约300", prj_name="阀门")
    made.fill()
    return made


def ending(bureau: Bureau, name: str = "04.xlsx", reason: str = WHY) -> list[str]:
    which = called(bureau.register, name)
    return [n.file for n in end(bureau.register, which, who="示例经办01", on=TODAY, reason=reason)]


def sheet(bureau: Bureau, name: str) -> list[list[str]]:
    path = bureau.folder.out / f"{name}.xlsx"
    ledgers.write(bureau.register, name, path, bureau.folder)
    return [[str(cell) for cell in row] for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()]


def letters(register: Register) -> tuple[list[str], list[str]]:
    """Who is asked to mend, and to whom the end is told."""
    with register.reading() as connection:
        source = Source(connection, catalog.default())
        told, others = ended(source, str(TODAY.year))
        assert others == []
        return [one.name for one in returned(source, source.catalog)], [one.name for one in told]


def test_what_nobody_answers_is_overdue_on_the_day_after_its_last(bureau: Bureau) -> None:
    """Received on Friday 2026-09-25 with 5 working days: Friday 10-02 is the last, Monday 10-05 is one late, Wednesday three."""
    with bureau.register.reading() as connection:
        (notice,) = notices(connection)
    friday = type(notice)(**{name: getattr(notice, name) for name in notice.__slots__} | {"received_on": "2026-09-25"})
    days = [dt.date(2026, 10, day) for day in (2, 3, 5, 7)]
    assert [late_by(friday, {"correct": 5}, Calendar(), day) for day in days] == [0, 0, 1, 3]
    assert late_by(friday, {"review": 5}, Calendar(), days[3]) == 0
    assert set(status(bureau.register).waiting) == {("审定", TODAY.isoformat(), 1), ("补正", TODAY.isoformat(), 1)}


def test_an_auditor_is_told_what_is_late(bureau: Bureau) -> None:
    """Three weeks later 15 working days are over: 10 more than the 5 for mending, 5 more than the 10 for the review."""
    days, later = {"correct": 5, "review": 10}, TODAY + dt.timedelta(days=21)
    found = [(x.kind, x.where, x.what.rpartition("，")[2]) for x in overdue(bureau.register, days, Calendar(), later)]
    assert found == [("超期", "2026-00001", "已超期 5 个工作日"), ("超期", "04.xlsx", "已超期 10 个工作日")]
    assert overdue(bureau.register, days, Calendar(), TODAY) == [] == overdue(bureau.register, {}, Calendar(), later)


def test_ending_says_who_when_and_why_everywhere(bureau: Bureau, tmp_path: Path) -> None:
    assert letters(bureau.register) == (["示例企业04有限公司"], [])
    assert ending(bureau) == ["04.xlsx"]
    found = status(bureau.register)
    assert found.notices == () and "补正" not in {step for step, *_ in found.waiting}
    assert letters(bureau.register) == ([], ["示例企业04有限公司"])
    (row,) = [row for row in sheet(bureau, "补正台账") if "04.xlsx" in row]
    assert row[9:] == ["已终止", "", WHY, "示例经办01", TODAY.isoformat()]
    with bureau.register.reading() as connection:
        entry = connection.execute(text("SELECT who, what, note FROM journal ORDER BY seq DESC LIMIT 1")).one()
    assert tuple(entry) == ("示例经办01", "end", WHY)
    with pytest.raises(RegisterError, match="只能增加"), bureau.register.transaction() as connection:
        connection.execute(text("DELETE FROM endings"))
    assert bureau.proved() and verify_export(export(bureau.register, tmp_path / "导出")).problems == ()


def test_an_ending_without_a_reason_or_of_nothing_is_refused(bureau: Bureau) -> None:
    for name, reason, said in (
        ("04.xlsx", " ", "没有写终止的原因"),
        ("05.xlsx", WHY, "没有“05.xlsx”"),
        ("01.xlsx", WHY, "没有“01"),
    ):
        with pytest.raises(RegisterError, match=said):
            ending(bureau, name, reason)
    assert ending(bureau, "示例企业04有限公司") == ["04.xlsx"]
    with pytest.raises(RegisterError, match="没有等着补正的"):
        ending(bureau)
    assert bureau.count("endings") == 1


def test_what_comes_after_the_end_is_taken_and_told_of(bureau: Bureau) -> None:
    ending(bureau)
    bureau.form(4, 550, prj_name="阀门", name="04补正.xlsx")
    taken = bureau.fill().received
    assert taken.numbers == ["2026-00002"] and taken.closed == [("04.xlsx", "04补正.xlsx")]
    (doubt,) = taken.doubts
    assert doubt == f"04补正.xlsx 是 04.xlsx 终止办理（{TODAY} 示例经办01：{WHY}）以后报来的，请核对是否受理"
    assert letters(bureau.register) == ([], [])
    (row,) = [row for row in sheet(bureau, "补正台账") if "04.xlsx" in row]
    assert row[9:12] == ["终止后报来", "04补正.xlsx", WHY]
    bureau.review({"2026-00002": None})
    bureau.settle()
    plan = bureau.plan()
    bureau.confirm(plan)
    sent_back = dict(replay(bureau.register, plan.transfers[0].number).trail)["退回"]
    assert sent_back.startswith(f"04.xlsx，{TODAY} 收到，要补正：") and f"曾终止办理，{TODAY} 示例经办01" in sent_back
    assert bureau.proved()


def test_another_file_of_the_same_name_is_no_answer_to_what_was_ended(bureau: Bureau) -> None:
    ending(bureau)
    (bureau.folder.inbox / "04.xlsx").unlink()
    bureau.form(5, 500, name="04.xlsx")
    taken = bureau.fill().received
    assert taken.numbers == ["2026-00002"] and taken.closed == [] and taken.doubts == []


def test_the_commands(bureau: Bureau, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(bureau.folder.path)
    assert main(["review", "end"]) == 2
    assert main(["review", "end", "--overdue", "--note", WHY]) == 2 and "correct" in capsys.readouterr().err
    file = bureau.folder.path / "登记库.toml"
    file.write_text(file.read_text(encoding="utf-8") + "[days]\ncorrect = 5\n", encoding="utf-8")
    assert main(["review", "end", "--overdue", "--note", WHY]) == 0 and "没有过了补正期限的" in capsys.readouterr().out
    assert main(["status"]) == 0 and "补正" in capsys.readouterr().out
    assert main(["review", "end", "04.xlsx", "--note", "企业来函撤回"]) == 0
    out = capsys.readouterr().out
    assert "补正期限还没有过" in out and "xlpolicy letter 终止" in out
    assert main(["letter", "终止", "--json"]) == 0
    (letter,) = json.loads(capsys.readouterr().out)["files"]
    assert letter.endswith("_终止通知.docx") and Path(letter).is_file()
    assert main(["ledger", "企业一户一表", "--enterprise", "示例企业04有限公司"]) == 0
    (path,) = (bureau.folder.out / "企业一户一表").iterdir()
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert "县区：闽侯县" in str(rows[1][0])
    (row,) = [row for row in rows if row[0] == "04.xlsx"]
    assert row[2].startswith("退回补正，已终止，") and row[2].endswith("企业来函撤回")


def test_a_register_of_the_fourth_version_is_opened_and_goes_on(bureau: Bureau) -> None:
    with bureau.register.connecting() as connection:
        downgrade(connection, 4)
    again = bureau.folder.open()
    assert len(list(bureau.folder.backups.glob("*.sqlite"))) == 1
    bureau.register = again
    assert bureau.proved() and ending(bureau) == ["04.xlsx"]
    bureau.form(5, 500)
    bureau.fill()
    assert bureau.proved() and [s.asked for s in bureau.standings()] == [None, None]
