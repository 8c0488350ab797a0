"""收件 in a working folder: every file once, 编号 for good, a corrected form in the earlier one's place."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import multiprocessing
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from pgserver import Database
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from workingfolder import ON, Bureau

from xlpolicy.batch import working
from xlpolicy.batch.working import take_in
from xlpolicy.cli import main
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import Adopted
from xlpolicy.register import ledgers, tables
from xlpolicy.register.folder import find
from xlpolicy.register.paying import confirm, release, returned
from xlpolicy.register.proof import verify
from xlpolicy.survey.settings_book import write_settings
from xlpolicy.survey.settings_file import VARIABLE, Settings


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "2026技改")


def test_new_files_are_a_batch_and_known_ones_change_nothing(bureau: Bureau) -> None:
    """附件3 一: 3% of 800 万元 is 240,000; of 500 万元, the threshold, 150,000."""
    bureau.form(1)
    bureau.form(2, 500)
    first = bureau.fill()
    assert first.received.numbers == ["2026-00001", "2026-00002"] and first.received.forms == 2
    assert [s.amount for s in bureau.standings()] == [Decimal("240000.00"), Decimal("150000.00")]
    entries = verify(bureau.register).entries
    again = bureau.fill()
    assert again.summary is None and again.received.known == 2 and not again.problems
    assert verify(bureau.register).entries == entries
    shutil.copy(bureau.folder.inbox / "01.xlsx", bureau.folder.inbox / "换了名字.xlsx")
    (bureau.folder.inbox / "01.xlsx").unlink()
    assert bureau.fill().summary is None


def test_files_moved_away_lose_nothing_and_numbers_go_on(bureau: Bureau) -> None:
    data = bureau.form(1).read_bytes()
    bureau.fill()
    (bureau.folder.inbox / "01.xlsx").unlink()
    bureau.form(2)
    assert bureau.fill().received.numbers == ["2026-00002"]
    assert [(s.number, s.name, s.batch) for s in bureau.standings()] == [
        ("2026-00001", "示例企业01有限公司", "2026-001"),
        ("2026-00002", "示例企业02有限公司", "2026-002"),
    ]
    assert (bureau.folder.out / "2026-001批" / "台账.xlsx").is_file()
    with bureau.register.reading() as connection:
        query = select(tables.originals.c.content).where(tables.originals.c.digest == hashlib.sha256(data).hexdigest())
        assert connection.execute(query).scalar() == data
    sheet = CalamineWorkbook.from_path(bureau.folder.out / "申报台账.xlsx").get_sheet_by_index(0).to_python()
    numbers = [row[0] for row in sheet if str(row[0]).startswith("2026-")]
    assert numbers == ["2026-00001", "2026-00002"]


def test_a_corrected_form_takes_the_earlier_ones_place(bureau: Bureau) -> None:
    """860 万元: 258,000; corrected to 880 万元: 264,000. The 编号 stays, and both forms are kept."""
    bureau.form(23, 860)
    bureau.fill()
    bureau.form(23, 880, name="23（更正）.xlsx")
    taken = bureau.fill()
    (superseded,) = taken.received.superseded
    assert (superseded.number, superseded.file, superseded.earlier) == ("2026-00001", "23（更正）.xlsx", "23.xlsx")
    assert (superseded.before, superseded.after) == ("258000.00", "264000.00")
    (standing,) = bureau.standings()
    assert standing.amount == Decimal("264000.00") and standing.file == "23（更正）.xlsx"
    assert bureau.count("forms") == 2 and bureau.count("decisions") == 2 and bureau.count("claims") == 1
    with bureau.register.reading() as connection:
        assert connection.execute(select(tables.forms.c.supersedes).order_by(tables.forms.c.id)).scalars().all() == [
            None,
            1,
        ]


def test_the_same_statement_in_other_bytes_is_no_new_claim(bureau: Bureau) -> None:
    bureau.form(1)
    bureau.fill()
    bureau.form(1, ent_contact="示例联系人乙", name="又发一次.xlsx")
    taken = bureau.fill()
    assert taken.received.repeated == [("又发一次.xlsx", "2026-00001")]
    assert bureau.count("decisions") == 1 and bureau.count("forms") == 2


def test_another_project_is_another_claim(bureau: Bureau) -> None:
    bureau.form(1, prj_name="一期")
    bureau.fill()
    bureau.form(1, 900, prj_name="二期", name="二期.xlsx")
    assert bureau.fill().received.numbers == ["2026-00002"]


def test_a_later_form_closes_the_notice_of_an_earlier_one(bureau: Bureau) -> None:
    bureau.form(1, "约300")
    bureau.form(2, "约300")
    assert bureau.fill().problems and bureau.count("notices") == 2
    bureau.form(1, 900, name="01补正.xlsx")
    taken = bureau.fill()
    assert taken.received.closed == [("01.xlsx", "01补正.xlsx")] and taken.received.numbers == ["2026-00001"]
    assert bureau.count("closings") == 1


def test_an_enterprise_is_known_by_its_code_under_a_new_name(bureau: Bureau) -> None:
    bureau.form(1)
    bureau.fill()
    bureau.form(
        1, 900, ent_name="示例企业01（改名）有限公司", ent_account_name="示例企业01（改名）有限公司", name="改名.xlsx"
    )
    assert len(bureau.fill().received.superseded) == 1
    (standing,) = bureau.standings()
    assert (
        standing.name == "示例企业01（改名）有限公司"
        and bureau.count("enterprises") == 1
        and bureau.count("names") == 2
    )


def test_where_each_value_stood_and_what_decided_is_kept(bureau: Bureau) -> None:
    bureau.form(1)
    bureau.fill()
    with bureau.register.reading() as connection:
        row = connection.execute(select(tables.decisions)).one()
        policy = connection.execute(select(tables.policies)).one()
    assert json.loads(row.cells)["investment"].startswith("申请表!")
    assert policy.document == "fuzhou-2026-5" and row.policy == policy.digest
    assert policy.digest == hashlib.sha256(policy.content.encode()).hexdigest()
    assert bureau.count("accounts") == 1


def test_a_run_that_ends_before_it_is_registered_is_done_again(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau.form(1)
    with monkeypatch.context() as patch:

        def fails(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(working, "receive", fails)
        with pytest.raises(KeyboardInterrupt):
            bureau.fill()
    assert bureau.count("forms") == 0 and (bureau.folder.out / "2026-001批").is_dir()
    bureau.form(2)
    assert bureau.fill().received.numbers == ["2026-00001", "2026-00002"]
    assert verify(bureau.register).problems == ()
    assert sorted(path.name for path in bureau.folder.out.iterdir()) == ["2026-001批", "申报台账.xlsx"]


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_run(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bureau.form(1)
    really = working.fill

    def changing(*args: object, **options: object) -> object:
        summary = really(*args, **options)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes() + b"\0")
        return summary

    monkeypatch.setattr(working, "fill", changing)
    taken = bureau.fill()
    assert list(taken.unread) == ["01.xlsx"] and taken.problems and bureau.count("forms") == 0


def _fill(path: str) -> None:
    folder = find(Path(path))
    assert folder is not None
    take_in(folder, on=ON, progress=False)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_two_clerks_at_once_lose_nothing_and_take_nothing_twice(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """On PostgreSQL from two folders; on SQLite in one."""
    if kind == "postgres":
        server: Database = request.getfixturevalue("postgres")
        url = server.fresh()
        bureaus = [Bureau(tmp_path / "甲", url), Bureau(tmp_path / "乙", url)]
    else:
        bureaus = [Bureau(tmp_path / "甲")] * 2
    for number in range(1, 5):
        bureaus[number % 2].form(number, name=f"{number}.xlsx")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(str(bureau.folder.path),)) for bureau in bureaus]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(900)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert sorted(s.name for s in bureaus[0].standings()) == [f"示例企业0{n}有限公司" for n in range(1, 5)]
    assert len({s.number for s in bureaus[0].standings()}) == 4
    assert verify(bureaus[0].register).problems == ()


def test_the_command(bureau: Bureau, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    bureau.form(1)
    monkeypatch.chdir(bureau.folder.path)
    assert main(["fill", "--on", ON, "--from", "鼓楼区"]) == 0
    assert "登记为 2026-001 批：1 份，新的申报 1 笔，编号 2026-00001。" in capsys.readouterr().out
    assert main(["fill"]) == 0
    assert "没有新的文件（1 个已登记过）" in capsys.readouterr().out
    assert main(["fill", "收件"]) == 2
    assert "都写，或者都不写" in capsys.readouterr().err
    bureau.form(1, 900, name="更正.xlsx")
    assert main(["fill", "--on", ON]) == 0
    assert "更正　2026-00001：更正.xlsx 代替 01.xlsx" in capsys.readouterr().out
    assert main(["fill", "--json", "--on", ON]) == 0
    assert json.loads(capsys.readouterr().out)["register"]["known"] == 2


def test_the_folders_own_readings_decide(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """附件3 一, 480 万元 without VAT, 542.4 with: 3% of 480 is 144,000 by the default reading; judged without VAT it is
    below 500 and nothing."""
    monkeypatch.setenv(catalogs.READINGS, "")
    monkeypatch.delenv(VARIABLE, raising=False)
    bureau.form(1, 480, investment_with_vat=542.4)
    bureau.fill()
    chosen = Settings("某局", "某文", {"fuzhou-2026-5:vat_threshold": Adopted("net", "某文")})
    write_settings(catalogs.plain().documents.values(), bureau.folder.settings, chosen)
    bureau.form(2, 480, investment_with_vat=542.4)
    bureau.fill()
    assert [s.amount for s in bureau.standings()] == [Decimal("144000.00"), Decimal("0.00")]
    with bureau.register.reading() as connection:
        digests = connection.execute(select(tables.decisions.c.policy).order_by(tables.decisions.c.id)).scalars().all()
    assert len(set(digests)) == 2
    path = bureau.folder.out / "申报台账.xlsx"
    ledgers.write(bureau.register, "申报台账", path, bureau.folder)
    record = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("核算记录").to_python()
    own = next(i for i, row in enumerate(record) if row[:2] == ["口径", "本单位选用"])
    asked, said = record[own + 1][:2]
    assert asked == "榕政办规〔2026〕5号 技改门槛按含税还是不含税投资判断" and said == "门槛按不含税投资判断"


def test_a_form_that_differs_in_the_account_alone_is_not_lost(tmp_path: Path) -> None:
    """After 退票 the enterprise sends the same form with another account: 240,000 go there, once somebody has looked."""
    bureau = Bureau(tmp_path / "2026技改")
    bureau.form(1)
    bureau.fill()
    bureau.review({"2026-00001": None})
    bureau.settle()
    first = bureau.plan()
    bureau.confirm(first)
    returned(bureau.register, first.transfers[0].number, who="甲", on=dt.date(2026, 7, 21), note="账号有误")
    bureau.form(1, name="01账号.xlsx", ent_account="6200000000000099901")
    received = bureau.fill().received
    assert received.repeated == [("01账号.xlsx", "2026-00001")] and received.numbers == []
    assert len(received.doubts) == 1 and "6200000000000099901" in received.doubts[0]
    again = bureau.plan().transfers[0]
    assert (again.account, again.amount) == ("6200000000000099901", Decimal("240000.00"))
    assert again.hold == "账号与以前申报的不同（以前 6200000000000000001）"
    release(bureau.register, again.number, who="甲", on=dt.date(2026, 7, 22), note="已电话核实")
    assert confirm(bureau.register, again.plan, who="乙", on=dt.date(2026, 7, 23)) == (1, Decimal("240000.00"))
    assert bureau.proved()


def test_a_form_that_differs_in_the_county_alone_corrects(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "2026技改")
    bureau.form(1)
    bureau.fill()
    bureau.form(1, name="01县区.xlsx", ent_county="晋安区")
    received = bureau.fill().received
    assert [item.number for item in received.superseded] == ["2026-00001"] and received.numbers == []
    assert [s.county for s in bureau.standings()] == ["晋安区"]
    bureau.review({"2026-00001": None})
    bureau.settle()
    bureau.plan()
    bureau.form(1, name="01又改.xlsx", ent_county="长乐区")  # its money is planned: not a second claim
    received = bureau.fill().received
    assert received.repeated == [("01又改.xlsx", "2026-00001")] and "县区不同" in received.doubts[0]
    assert [(s.number, s.county) for s in bureau.standings()] == [("2026-00001", "晋安区")]
