"""The buttons of 工作台 on a working folder: what they say, what they show, and that they are the commands' own steps."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from stand_in import Book
from workingfolder import Bureau, two_received

from xlpolicy.excel import macros
from xlpolicy.excel.workbook import build, fill_window
from xlpolicy.excel.workbook.page_desk import COUNTS, FOLDER, STATES, WAITING
from xlpolicy.register.folder import IN_USE


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(build.build(tmp_path / "xlpolicy.xlsm"))


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    made = two_received(tmp_path)
    monkeypatch.setenv(IN_USE, str(made.folder.path))
    return made


def shown(book: Book, name: str) -> list[list[Any]]:
    rows: list[list[Any]] = book.names[name].refers_to_range.options(ndim=2).value
    return [row for row in rows if row[0]]


def states(book: Book) -> dict[str, tuple[Any, Any]]:
    return {row[0]: (row[1], row[2]) for row in shown(book, STATES)}


def test_a_batch_from_review_to_plan(book: Book, bureau: Bureau) -> None:
    """240,000 and 150,000 computed, the second reduced to 100,000: 340,000 to be paid."""
    macros.desk_status(book)
    assert states(book) == {"待审定": (2, 390_000.0)}
    assert shown(book, FOLDER) == [[str(bureau.folder.path)]]
    assert shown(book, COUNTS)[0][0].startswith("收件 1 批 2 份，申报 2 笔：测算 390,000.00 元")
    macros.desk_review(book)
    path = bureau.folder.out / "审核台账.xlsx"
    assert book.result.startswith("审核台账已写出（2 笔）") and str(path) in book.result
    ledger = load_workbook(path)
    sheet = ledger.worksheets[0]
    sheet["K4"], sheet["N4"] = 240_000, "示例审核01"
    sheet["K5"], sheet["N5"] = 100_000, "示例审核01"
    ledger.save(path)
    macros.desk_review(book)
    assert "1 处问题，一行也没有载入" in book.result and "没有写原因" in book.result
    assert states(book) == {"待审定": (2, 390_000.0)}
    sheet["M5"] = "按凭证核减"
    ledger.save(path)
    macros.desk_review(book)
    assert book.result.startswith("已载入审定 2 笔（核减 50,000.00 元）")
    macros.desk_settle(book)
    assert book.result.startswith("2026-H001：核算 2 笔，应付合计 340,000.00 元。")
    assert (bureau.folder.out / "兑付台账-2026-H001.xlsx").exists()
    macros.desk_plan(book)
    assert "2 笔，合计 340,000.00 元。还有 2 笔没有登记公示结果。" in book.result
    assert states(book) == {"待拨付": (2, 340_000.0)}
    macros.desk_plan(book)
    assert book.result.startswith("没有可列入拨付的申报")
    assert bureau.proved()


def test_a_ledger_with_columns_of_its_own_is_moved_aside_and_named(book: Book, bureau: Bureau) -> None:
    macros.desk_review(book)
    bureau.edit(bureau.folder.out / "审核台账.xlsx", {"Y5": "电话问过，发票下周补"})
    macros.desk_review(book)
    (aside,) = bureau.folder.out.glob("审核台账-*.xlsx")
    assert f"原来的审核台账里有自己加的内容，留在 {aside}；要接着用的，抄到新的一份上。" in book.result
    assert load_workbook(aside).worksheets[0]["Y5"].value == "电话问过，发票下周补"


def test_what_waits_beside_the_claims(book: Book, bureau: Bureau) -> None:
    bureau.form(3, "约300")
    bureau.fill()
    macros.desk_status(book)
    (line,) = shown(book, WAITING)
    assert line[0].startswith("等企业补正　03.xlsx")


def test_forms_are_taken_in_a_window_of_its_own(
    book: Book, bureau: Bureau, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    bureau.form(3)
    running: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(command: list[str], **options: Any) -> None:
        running.append(popen(command, stdin=subprocess.DEVNULL, **options))

    monkeypatch.setattr(fill_window.subprocess, "Popen", start)
    macros.desk_fill(book)
    assert book.result.startswith("已开始核定") and "刷新" in book.result
    assert [process.wait() for process in running] == [0]
    assert "登记为 " in capfd.readouterr().out
    assert bureau.count("claims") == 3


def test_without_a_working_folder_it_says_what_to_do(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(IN_USE, raising=False)
    macros.desk_settle(book)
    assert "xlpolicy excel install --folder" in book.result
    assert "xlpolicy excel install --folder" in str(shown(book, FOLDER)[0][0])
