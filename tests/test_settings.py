"""A bureau's settings file: written, filled in, read back with every fault at its cell, used by the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font

from xlpolicy import assess
from xlpolicy.cli import main
from xlpolicy.faults import PolicyError, RefusedSettings, UnknownReading
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import Adopted, of_text, to_text
from xlpolicy.law.store import EMBEDDED
from xlpolicy.survey.settings_file import (
    AUTHORITY,
    CHOSEN,
    CODE,
    SHEET,
    UNIT,
    WHY,
    SettingsError,
    activate_told,
    read_settings,
)

CLAIM = ("calc", "福州", "技改设备补助", "480万元", "investment_with_vat=542.4万元", "--on", "2026-06-30")
VAT = "fuzhou-2026-5:vat_threshold"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "设置.xlsx"
    assert main(["settings", "-o", str(path)]) == 0
    return path


def fill(path: Path, rows: dict[str, tuple[str, str]], unit: str = "样例市工信局", general: str = "") -> dict[str, int]:
    """Choose in the workbook, reading -> (what is chosen, authority); the row of each reading."""
    book = load_workbook(path)
    sheet = book[SHEET]
    heads = {cell.value: cell.column for cell in sheet[5]}
    at = {sheet.cell(row, heads[CODE]).value: row for row in range(6, sheet.max_row + 1)}
    for line in range(1, 5):
        if sheet.cell(line, 1).value == UNIT:
            sheet.cell(line, 2).value = unit
        if sheet.cell(line, 1).value == AUTHORITY:
            sheet.cell(line, 2).value = general
    for name, (chosen, why) in rows.items():
        sheet.cell(at[name], heads[CHOSEN]).value = chosen
        sheet.cell(at[name], heads[WHY]).value = why
    book.save(path)
    return at


def test_every_reading_has_a_row_and_its_default_is_marked(book: Path) -> None:
    sheet = load_workbook(book)[SHEET]
    rows = {row[7].value: row for row in sheet.iter_rows(min_row=6)}
    known = {f"{d.key}:{n}": r for d in catalogs.default().documents.values() for n, r in d.readings.items()}
    assert rows.keys() == known.keys() and known
    for name, reading in known.items():
        offered = rows[name][3].value.split("\n")
        assert [x for x in offered if x.endswith("（默认）")] == [f"{reading.option(reading.default).label}（默认）"]
        assert len(offered) == len(reading.options)
    assert sheet.protection.sheet
    open_cells = {c.column for row in rows.values() for c in row if not c.protection.locked}
    assert open_cells == {5, 6}
    assert len(sheet.data_validations.dataValidation) == len(known)


def test_an_empty_workbook_chooses_nothing(book: Path) -> None:
    assert read_settings(book).choices == {}


def test_a_choice_with_its_authority(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(book, {VAT: ("按不含税投资", "样工信〔2026〕8号")})
    settings = read_settings(book)
    assert settings.unit == "样例市工信局"
    assert settings.choices == {VAT: Adopted("net", "样工信〔2026〕8号")}
    assert main([*CLAIM, "--settings", str(book)]) == 0
    text = capsys.readouterr().out
    # 480万元 < 500万元 不含税；含税 542.4万元 本来达到
    assert "核定金额　0.00 元" in text
    assert "本单位口径：门槛按不含税投资判断（样工信〔2026〕8号）" in text
    assert main([*CLAIM]) == 0
    text = capsys.readouterr().out
    assert "核定金额　144,000.00 元" in text and "本单位口径" not in text


def test_the_authority_of_the_whole_file(book: Path) -> None:
    fill(book, {VAT: ("按不含税投资", "")}, general="2026年第3次局务会纪要")
    assert read_settings(book).choices[VAT].authority == "2026年第3次局务会纪要"


def test_faults_stand_at_their_cells(book: Path) -> None:
    days = "fuzhou-2026-5:actual_days"
    at = fill(book, {VAT: ("按不含税投资额", ""), days: ("一年360天", "")})
    with pytest.raises(SettingsError) as caught:
        read_settings(book)
    told = {p.where: p for p in caught.value.problems}
    assert set(told) == {f"{SHEET}!E{at[VAT]}", f"{SHEET}!F{at[days]}"}
    assert "按不含税投资" in told[f"{SHEET}!E{at[VAT]}"].remedy
    assert "依据" in told[f"{SHEET}!F{at[days]}"].got


def test_the_default_needs_no_authority(book: Path) -> None:
    fill(book, {VAT: ("按含税投资（默认）", "")})
    assert read_settings(book).choices == {VAT: Adopted("with_vat", "")}


def test_an_authority_without_a_choice(book: Path) -> None:
    fill(book, {VAT: ("", "样工信〔2026〕8号")})
    with pytest.raises(SettingsError, match="写了依据，没有选"):
        read_settings(book)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[readings]\n'fuzhou-2026-5:vat_threshold' = 'nett'", "没有“nett”这个选项"),
        ("[readings]\n'fuzhou-2026-5:vat_threshold' = 'net'", "没有写依据"),
        ("[readings]\n'vat' = 'net'", "没有“vat”这个口径"),
        ("[readings]\n'fuzhou-2026-5:vat_threshold' = {option = 'with_vat', autority = '甲'}", "autority"),
        ("autority = '甲'", "autority"),
        ("[readings", "TOML 读不通"),
        ("readings = 3", "不是一组"),
        ("unit = 3", "unit 不是文字"),
    ],
)
def test_faults_of_a_toml_file(text: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "设置.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert fault in str(caught.value) and len(caught.value.problems) == 1


def test_a_toml_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "设置.toml"
    path.write_text("authority = '甲'\n[readings]\n'fuzhou-2026-5:vat_threshold' = 'net'\n", encoding="utf-8")
    assert read_settings(path).choices == {VAT: Adopted("net", "甲")}


def test_what_was_chosen_is_kept_in_a_new_workbook(book: Path, tmp_path: Path) -> None:
    fill(book, {VAT: ("按不含税投资", "甲")})
    again = tmp_path / "新.xlsx"
    assert main(["settings", str(book), "-o", str(again)]) == 0
    assert read_settings(again) == read_settings(book)


def test_a_struck_choice_is_none(book: Path) -> None:
    row = fill(book, {VAT: ("按不含税投资", "甲")})[VAT]
    opened = load_workbook(book)
    for cell in opened[SHEET][row]:
        cell.font = Font(strike=True)
    opened.save(book)
    with pytest.raises(SettingsError, match="划了删除线"):
        read_settings(book)


def test_a_wrong_file_is_refused_by_every_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "设置.toml"
    path.write_text("[readings]\n'vat' = 'net'", encoding="utf-8")
    for words in (CLAIM, ("show", "福州", "技改设备补助"), ("rules",)):
        assert main([*words, "--settings", str(path)]) == 2
        assert "没有“vat”这个口径" in capsys.readouterr().err
    assert main([*CLAIM, "--settings", str(tmp_path / "没有.xlsx"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "file"


def test_a_wrong_file_is_told_by_the_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "设置.toml"
    path.write_text("[readings]\n'vat' = 'net'", encoding="utf-8")
    monkeypatch.setenv(catalogs.READINGS, "")
    activate_told(path)
    with pytest.raises(RefusedSettings, match="没有“vat”这个口径"):
        catalogs.default()


def test_choices_go_through_the_environment() -> None:
    choices = {VAT: Adopted("net", "甲"), "a:b": Adopted("c")}
    assert of_text(to_text(choices)) == choices


@pytest.mark.parametrize(
    ("readings", "word"),
    [
        ({"fuzhou-2026-5:vat_treshold": "net"}, "fuzhou-2026-5:vat_threshold"),
        ({VAT: "nett"}, "net"),
        ({VAT: 3}, "按不含税投资"),
        ({3: "net"}, "xlpolicy settings"),
    ],
)
def test_unknown_readings_and_options(readings: dict[str, str], word: str) -> None:
    with pytest.raises(UnknownReading) as caught:
        assess("fuzhou", "tech_upgrade", 1, on="2026-06-30", readings=readings)
    assert caught.value.code == "unknown_reading" and word in str(caught.value)


def test_a_decision_says_what_made_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dump = assess(
        "fuzhou", "tech_upgrade", "600万元", on="2026-06-30", readings={VAT: Adopted("net", "甲")}
    ).model_dump()
    assert dump["readings"] == {"vat_threshold": {"option": "net", "label": "按不含税投资", "authority": "甲"}}
    import hashlib

    official = EMBEDDED / "fuzhou-2026-5.yaml"
    assert dump["versions"]["policy_sha256"] == hashlib.sha256(official.read_bytes()).hexdigest()
    # another provision does not hang on it
    assert assess("fuzhou", "tech_center", "national", on="2026-06-30", readings={VAT: "net"}).readings == {}


@pytest.mark.parametrize("key", ["fuzhou-2026-5", "fuzhou-own"])
def test_an_edited_official_document_is_marked(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the official key, or under another with the official number."""
    text = (EMBEDDED / "fuzhou-2026-5.yaml").read_text(encoding="utf-8")
    official = "figures: {threshold: 500万元, rate: 3%, cap: 500万元}"
    assert official in text
    text = text.replace(official, official.replace("3%", "4%")).replace("key: fuzhou-2026-5", f"key: {key}")
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("XLPOLICY_POLICIES", str(tmp_path))
    decision = assess("fuzhou", "tech_upgrade", "600万元", on="2026-06-30", policy=key)
    assert decision.amount == 240_000 and "本单位版本" in str(decision.basis)


def test_an_unchanged_copy_is_the_official_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_bytes((EMBEDDED / "fuzhou-2026-5.yaml").read_bytes())
    monkeypatch.setenv("XLPOLICY_POLICIES", str(tmp_path))
    assert "本单位版本" not in str(assess("fuzhou", "tech_upgrade", "600万元", on="2026-06-30").basis)


def test_refusals_are_policy_errors() -> None:
    assert issubclass(SettingsError, PolicyError)
