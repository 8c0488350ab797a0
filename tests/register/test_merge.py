"""A county's reviews taken into the city's register: what is the same form, what is not, what is listed. Sums by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from workingfolder import Bureau

from xlpolicy.cli import main
from xlpolicy.register.database import RegisterError
from xlpolicy.register.export import BOOK, JSON, export
from xlpolicy.register.ledgers import write_reviews
from xlpolicy.register.merge import merge
from xlpolicy.register.review import load

ONE, TWO, THREE = (f"2026-0000{n}" for n in (1, 2, 3))


@pytest.fixture
def county(tmp_path: Path) -> tuple[Bureau, Bureau, Path]:
    """The city has 01 (240,000), 02 (150,000) and its own version of 03; the county the same 01 and 02, another 03, and
    04 (180,000). The county reviewed 01 to 220,000, 02 as computed, 03 and 04 as computed."""
    city, county = Bureau(tmp_path / "市"), Bureau(tmp_path / "鼓楼区")
    for number, investment in ((1, 800), (2, 500)):
        path = city.form(number, investment)
        (county.folder.inbox / path.name).write_bytes(path.read_bytes())
    city.form(3, 700)
    county.form(3, 900)
    county.form(4, 600)
    city.fill()
    county.fill()
    county.review({ONE: 220000, TWO: None, THREE: None, "2026-00004": None}, by="示例县审01")
    return city, county, export(county.register, tmp_path / "鼓楼区导出")


@pytest.mark.parametrize("file", ["", JSON, BOOK])
def test_a_countys_reviews_stand_beside_the_citys_claims(county: tuple[Bureau, Bureau, Path], file: str) -> None:
    city, _, exported = county
    found = merge(city.register, exported / file, county="鼓楼区", who="示例收件")
    assert found.taken == [ONE, TWO] and found.unchanged == found.unreviewed == 0
    assert [(x.own, x.file) for x in found.conflicts] == [(THREE, ""), ("", "04.xlsx")]
    assert "内容不同的" in found.conflicts[0].why and "没有收到" in found.conflicts[1].why
    assert [s.county_amount for s in city.standings()] == [Decimal("220000.00"), Decimal("150000.00"), None]
    again = merge(city.register, exported / file, county="鼓楼区", who="示例收件")
    assert again.taken == [] and again.unchanged == 2
    assert city.proved()

    ledger = city.folder.out / "审核台账.xlsx"
    write_reviews(city.register, ledger)
    assert load(city.register, ledger, who="乙").unchanged == 3  # a county's figure alone is no review
    city.review({ONE: None, TWO: None})
    assert [s.review.county_amount for s in city.standings() if s.review] == [
        Decimal("220000.00"),
        Decimal("150000.00"),
    ]


def test_what_the_city_has_reviewed_otherwise_is_told_and_what_it_has_planned_stays(tmp_path: Path) -> None:
    """800 万元 is 240,000, reviewed by the city to 200,000."""
    city, county = Bureau(tmp_path / "市"), Bureau(tmp_path / "县")
    path = city.form(1, 800)
    (county.folder.inbox / path.name).write_bytes(path.read_bytes())
    city.fill()
    county.fill()
    county.review({ONE: None})
    city.review({ONE: 200000})
    found = merge(city.register, export(county.register, tmp_path / "甲"), county="县", who="乙")
    assert found.taken == [ONE] and "市里已审定 200,000.00" in found.conflicts[0].why
    city.settle()
    city.plan()
    county.review({ONE: 100000})
    found = merge(city.register, export(county.register, tmp_path / "丙"), county="县", who="乙")
    assert found.taken == [] and "已列入拨付" in found.conflicts[0].why


def test_a_changed_export_and_another_file_are_refused(county: tuple[Bureau, Bureau, Path], tmp_path: Path) -> None:
    city, _, exported = county
    text = (exported / JSON).read_text(encoding="utf-8")
    (exported / JSON).write_text(text.replace('"amount": 22000000', '"amount": 24000000'), encoding="utf-8")
    with pytest.raises(RegisterError, match="对不上"):
        merge(city.register, exported, county="鼓楼区", who="乙")
    with pytest.raises(RegisterError, match="不是登记库的导出件"):
        merge(city.register, city.folder.inbox / "01.xlsx", county="鼓楼区", who="乙")


def test_the_command_brings_what_the_city_has_not(
    county: tuple[Bureau, Bureau, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    city, _, exported = county
    monkeypatch.chdir(city.folder.path)
    assert main(["register", "merge", str(exported), "--county", "鼓楼区"]) == 1
    assert "市里没有的 1 份申请表已放进" in capsys.readouterr().out
    assert main(["fill", "--on", "2026-06-30"]) == 0
    assert main(["register", "merge", str(exported), "--county", "鼓楼区"]) == 1  # 03 is another form still
    assert "并入县区初审额 1 笔，没有变动 2 笔" in capsys.readouterr().out
    assert main(["review"]) == 0
    sheet = load_workbook(city.folder.out / "审核台账.xlsx").worksheets[0]
    assert {sheet[f"J{row}"].value for row in range(4, 8)} == {220000, 150000, 180000, None}
