"""What the commands and the buttons share: facts and settings of the folder, the ledger and the remarks that are written."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from workingfolder import two_received

from xlpolicy.batch import demo
from xlpolicy.law import catalog
from xlpolicy.register.ledgers import write_reviews
from xlpolicy.register.ledgers.claims import to_publish
from xlpolicy.register.replay import otherwise, replay
from xlpolicy.register.review import load
from xlpolicy.register.standing import CLEAR
from xlpolicy.register.steps import plan_folder, settle_folder
from xlpolicy.survey.settings_book import write_settings


def test_the_rate_of_the_year_is_kept_with_the_facts_and_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """800 and 500 万元 at 2%: 160,000 and 100,000, although 240,000 and 150,000 were reviewed."""
    for name in ("XLPOLICY_SETTINGS", catalog.READINGS):
        monkeypatch.setenv(name, "")
    bureau = two_received(tmp_path)
    bureau.review(dict.fromkeys(("2026-00001", "2026-00002")))
    settings = write_settings(catalog.plain().documents.values(), bureau.folder.settings)
    book = load_workbook(settings)
    row = next(r for r in book["本年核定比例"].iter_rows(min_row=4) if r[7].value == "fuzhou-2026-5:tech_upgrade.rate")
    row[4].value, row[5].value, row[6].value = 2026, "2%", "样工信〔2026〕8号"
    book.save(settings)
    done = settle_folder(bureau.folder, bureau.folder.open(), on_year=2026)
    assert [f"{one.payable:.2f}" for one in done.found.settlement.claims] == ["160000.00", "100000.00"]
    settings.unlink()  # what a payment was made of is in the register
    made = plan_folder(bureau.folder, bureau.register)
    assert made.plan.total == Decimal(260000)
    assert all(replay(bureau.register, t.number).agrees for t in made.plan.transfers)
    assert otherwise(bureau.register, catalog.default(), 2026) == (2, [])
    sheet = load_workbook(done.ledger)["核算记录"]
    cells = [cell.value for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)]
    assert any("榕政办规〔2026〕5号 技改设备补助 比例　2026 年　2%　样工信〔2026〕8号" in text for text in cells)
    ledger = load_workbook(done.ledger)["兑付台账"]
    said = [str(cell.value) for line in ledger.iter_rows() for cell in line]
    assert any("2026年核定比例2%（条文不超过3%，样工信〔2026〕8号）（附件3 一）" in text for text in said)
    assert bureau.proved()


def test_remarks_are_written_where_there_are_any(tmp_path: Path) -> None:
    """One project asked for as 技改 and as 数智化: compared, so there is a 合并说明; alone, there is nothing to remark."""
    bureau = two_received(tmp_path)
    bureau.review(dict.fromkeys(("2026-00001", "2026-00002")))
    assert settle_folder(bureau.folder, bureau.register, on_year=2026).remarks is None
    bureau.form(1, 1000, rule=demo.DIGITAL, name="01数智化.xlsx")
    bureau.fill()
    done = settle_folder(bureau.folder, bureau.register, on_year=2026)
    assert done.remarks is not None and "合并说明" in load_workbook(done.remarks).sheetnames
    assert done.ledger.name == "兑付台账-2026-H002.xlsx"


def test_what_is_planned_may_still_be_published(tmp_path: Path) -> None:
    """Planned before 公示: the notice lists both, their result can be registered, then nothing is left to publish; both are of this year and stay in the ledger."""
    bureau = two_received(tmp_path)
    bureau.review(dict.fromkeys(("2026-00001", "2026-00002")))
    settle_folder(bureau.folder, bureau.register, on_year=2026)
    assert plan_folder(bureau.folder, bureau.register).unpublished == ["2026-00001", "2026-00002"]
    assert [to_publish(s) for s in bureau.standings()] == [True, True]
    path = tmp_path / "审核台账.xlsx"
    assert write_reviews(bureau.register, path) == 2
    book = load_workbook(path)
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[3] if str(cell.value or "").startswith("公示结果"))
    for row in (4, 5):
        sheet.cell(row, column, CLEAR)
    book.save(path)
    assert len(load(bureau.register, path, who="示例审核01").publications) == 2
    assert [to_publish(s) for s in bureau.standings()] == [False, False]
    assert write_reviews(bureau.register, path) == 2
    assert bureau.proved()
