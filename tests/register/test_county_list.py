"""县区汇总表: the city writes what it received from each county, the county fills in 初审额 and 意见, it comes back. Sums by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from workingfolder import Bureau

from xlpolicy.cli import main
from xlpolicy.forms.intake import read_bytes
from xlpolicy.law import catalog

ONE, TWO, THREE = (f"2026-0000{n}" for n in (1, 2, 3))
GULOU, CANGSHAN = "鼓楼区", "仓山区"


@pytest.fixture
def city(tmp_path: Path) -> Bureau:
    """Of 鼓楼区 two forms (240,000 and 150,000), of 仓山区 one (210,000)."""
    made = Bureau(tmp_path / "市")
    for number, investment, county in ((1, 800, GULOU), (2, 500, GULOU), (3, 700, CANGSHAN)):
        made.form(number, investment, ent_county=county)
    made.fill()
    return made


def county(city: Bureau, *words: str) -> int:
    return main(["review", *words, "--folder", str(city.folder.path)])


def fill_in(path: Path, **rows: dict[str, Any]) -> Path:
    """What a county writes, by 编号 without its year and by heading."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if row[0].value == "序号")
    columns = {str(cell.value).split("\n")[0]: cell.column for cell in head}
    numbers = {str(sheet.cell(r, columns["编号"]).value): r for r in range(head[0].row + 1, sheet.max_row + 1)}
    for number, values in rows.items():
        for name, value in values.items():
            sheet.cell(numbers[f"2026-0000{number[1:]}"], columns[name]).value = value
    book.save(path)
    return path


def test_it_goes_out_county_by_county_and_comes_back(city: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    assert county(city, "county") == 0
    folder = city.folder.out / "县区汇总表"
    assert sorted(path.name for path in folder.iterdir()) == [f"{CANGSHAN}.xlsx", f"{GULOU}.xlsx"]
    path = folder / f"{GULOU}.xlsx"
    sheet = load_workbook(path).worksheets[0]
    said = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert said[0] == "鼓楼区申报汇总表" and ONE in said and TWO in said and THREE not in said
    assert not any("xlpolicy" in text for text in said), "a county has no such command"
    capsys.readouterr()
    fill_in(
        path,
        n1={"县区初审额": 220_000, "县区意见": "两张发票不在期内", "初审人": "示例县审01"},
        n2={"县区初审额": 150_000},
    )
    assert county(city, "load", str(path)) == 0
    assert "鼓楼区：并入县区初审额 2 笔" in capsys.readouterr().out
    first, second, third = city.standings()
    assert [s.county_amount for s in (first, second, third)] == [Decimal(220_000), Decimal(150_000), None]
    assert first.county_review is not None and first.county_review["reviewer"] == "示例县审01"
    assert first.review is None and city.proved()
    assert main(["register", "merge", str(path), "--folder", str(city.folder.path)]) == 0
    assert "没有变动 2 笔" in capsys.readouterr().out, "the same file again, by the other command"
    assert county(city, "county") == 2 and "已经存在" in capsys.readouterr().err
    assert county(city, "county", "--force") == 0
    again = load_workbook(path).worksheets[0]
    assert "两张发票不在期内" in [cell.value for row in again.iter_rows() for cell in row]


def test_what_is_wrong_is_told_by_cell_and_nothing_is_taken(city: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    county(city, "county", "--county", GULOU)
    path = city.folder.out / "县区汇总表" / f"{GULOU}.xlsx"
    capsys.readouterr()
    fill_in(path, n1={"县区初审额": 250_000}, n2={"县区初审额": 100_000})
    assert county(city, "load", str(path)) == 1
    said = capsys.readouterr().err
    assert "县区汇总表有 2 处问题，一行也没有载入" in said
    assert "县区汇总表!I5：县区初审额 250,000.00 元大于测算额 240,000.00 元" in said
    assert "县区汇总表!J6：初审核减了 50,000.00 元，没有写意见" in said
    fill_in(
        path,
        n1={"县区初审额": None, "县区意见": "材料不全"},
        n2={"县区初审额": "约10万", "县区意见": "x", "版次": "D2"},
    )
    assert county(city, "load", str(path)) == 1
    said = capsys.readouterr().err
    assert "I5：写了县区意见，没有填初审额" in said and "I6：" in said
    assert city.count("county_reviews") == 0
    other = city.folder.out / "县区汇总表" / f"{CANGSHAN}.xlsx"
    county(city, "county", "--county", CANGSHAN)
    fill_in(other, n3={"县区初审额": 210_000})
    assert county(city, "load", str(other), "--county", GULOU) == 1
    assert f"{THREE} 是{CANGSHAN}的申报，不是{GULOU}的" in capsys.readouterr().err


def test_a_corrected_form_in_between_is_a_conflict_at_its_cell(
    city: Bureau, capsys: pytest.CaptureFixture[str]
) -> None:
    county(city, "county")
    path = city.folder.out / "县区汇总表" / f"{GULOU}.xlsx"
    city.form(1, 900, name="01更正.xlsx", ent_county=GULOU)
    (city.folder.inbox / "01.xlsx").unlink()
    city.fill()
    capsys.readouterr()
    fill_in(path, n1={"县区初审额": 240_000})
    assert county(city, "load", str(path)) == 1
    said = capsys.readouterr().err
    assert "I5：写出汇总表以后收到了更正件（01更正.xlsx），测算额现为 270,000.00 元" in said


def test_one_provision_a_county_without_claims_and_a_list_among_the_forms(
    city: Bureau, capsys: pytest.CaptureFixture[str]
) -> None:
    assert county(city, "county", "--rule", "技改设备补助", "--county", GULOU) == 0
    path = city.folder.out / "县区汇总表" / f"{GULOU}_技改设备补助.xlsx"
    assert load_workbook(path).worksheets[0]["A1"].value == "鼓楼区技改设备补助申报汇总表"
    (found,) = read_bytes(path.read_bytes(), path.name, catalog.default())[:1]
    told = next(p for p in found.problems if p.code == "county_summary")
    assert told.got == "是县区填回的汇总表（2 笔），不在这里载入" and "xlpolicy review load" in told.remedy
    capsys.readouterr()
    assert county(city, "county", "--county", "马尾区") == 1
    assert "没有马尾区的申报" in capsys.readouterr().err
