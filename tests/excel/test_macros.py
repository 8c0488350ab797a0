"""The buttons' macros, with a stand-in for xlwings' book: the names of the real workbook, values in and out."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from stand_in import Book

from xlpolicy.batch.demo import demo
from xlpolicy.excel.workbook import build as workbook
from xlpolicy.excel.workbook import buttons as macros
from xlpolicy.excel.workbook import fill_window
from xlpolicy.excel.workbook.page_law import Law
from xlpolicy.excel.workbook.pages import LAW_NAME, VERSION_NAME
from xlpolicy.excel.workbook.vba_wrappers import INBOX_NAME
from xlpolicy.law import catalog


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(workbook.build(tmp_path / "xlpolicy.xlsm"))


def test_self_test(book: Book) -> None:
    macros.self_test(book)
    assert book.result.startswith("应答正常：15 个函数")
    assert "请运行 xlpolicy excel install" not in book.result
    book.write(VERSION_NAME, "0.1.2")
    book.write(LAW_NAME, "other")
    macros.self_test(book)
    assert "为 xlwings 0.1.2 制作" in book.result
    assert "政策库与本机安装的政策文件不同" in book.result


def test_self_test_names_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(macros, "example_arguments", lambda formula: ["没有", "没有"])
    text = macros.test_report("x", macros.law_digest(Law(catalog.default())))
    assert "个函数不正常：SUBSIDY：" in text


def test_ledger_of_the_rows_of_the_sheet(book: Book, tmp_path: Path) -> None:
    """The example's five rows: 24 + 14.9997 + 500 + 0 + 19.2 万元 = 5,581,997 元, no cross rule touches them."""
    macros.make_ledger(book)
    assert book.result.startswith(
        "5 笔，测算上限合计 5,581,997.00 元（测算上限合计大写：伍佰伍拾捌万壹仟玖佰玖拾柒元整）。"
    )
    path = tmp_path / "兑付台账 福州市 tech_upgrade 2026-06-30.xlsx"
    assert str(path) in book.result
    values = [[c.value for c in row] for row in load_workbook(path)["兑付台账"].iter_rows()]
    assert sum("福州示例" in str(row) for row in values) == 5
    macros.make_ledger(book)
    assert path.with_name("兑付台账 福州市 tech_upgrade 2026-06-30 (2).xlsx").exists()


def test_ledger_refuses_rows_with_errors(book: Book) -> None:
    rows = book.names["xlp_batch_rows"].refers_to_range.cells
    rows[1][3].value = "很多"
    macros.make_ledger(book)
    assert "有 1 项核对，见台账" in book.result  # as `settle` has it: payable 0, and what is wrong in the ledger
    rows[1][3].value = "#REF!"
    macros.make_ledger(book)
    assert book.result.startswith("有 1 行填写有误，没有生成台账。第 2 行：")
    assert "“investment”是公式错误 #REF!" in book.result
    for row in rows:
        for cell in row:
            cell.value = None
    macros.make_ledger(book)
    assert "还没有企业" in book.result


def test_ledger_of_shared_caps(book: Book) -> None:
    """One enterprise twice: 3% of 1 亿 = 300 万 each, the cap of 500 万 a year holds for both."""
    rows = book.names["xlp_batch_rows"].refers_to_range.cells
    for i, row in enumerate(rows):
        for cell in row:
            cell.value = None
        if i < 2:
            row[0].value, row[3].value, row[4].value = "甲公司", 10000, 11300
    macros.make_ledger(book)
    assert book.result.startswith("2 笔，测算上限合计 5,000,000.00 元")


def test_folder_of_a_workbook_in_a_cloud() -> None:
    assert macros._folder("https://d.docs.live.net/x/xlpolicy.xlsm") == Path.home()


def test_fill_runs_in_a_process_of_its_own(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Excel gives up after 90 seconds: the button returns at once, the window works on and tells the result."""
    macros.fill_forms(book)
    assert book.result == "没有选收件文件夹；请重新点“批量填报”。"
    made = demo(tmp_path / "demo")
    inbox = next(p for p in Path(made.out).parent.iterdir() if p.is_dir() and p != Path(made.out))
    book.write(INBOX_NAME, str(inbox))
    running: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], **options: Any) -> None:
        running.append(popen(command, stdin=subprocess.DEVNULL, **options))

    popen = subprocess.Popen
    monkeypatch.setattr(fill_window.subprocess, "Popen", start)
    macros.fill_forms(book)
    out = inbox.with_name(f"{inbox.name}-核定结果")
    assert book.result.startswith("已开始核定")
    assert str(out) in book.result
    assert [process.wait() for process in running] == [0]
    said = capfd.readouterr().out
    assert "请不要关闭这个窗口" in said
    assert "核定合计" in said
    assert (out / "台账.xlsx").exists()
    book.write(INBOX_NAME, str(tmp_path / "nowhere"))
    macros.fill_forms(book)
    assert "nowhere" in book.result
    assert len(running) == 1


def test_a_window_that_cannot_be_opened(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fill_window.subprocess, "Popen", start)
    book.write(INBOX_NAME, str(tmp_path))
    macros.fill_forms(book)
    assert "没有办成" in book.result
    assert "xlpolicy fill" in book.result


def test_a_date_cell_comes_as_a_datetime(book: Book) -> None:
    told: dict[str, Any] = {"policy": None} | {
        "city": "福州市", "rule": "tech_upgrade", "day": dt.datetime(2026, 6, 30), "unit": "万元",
        "fields": [["investment", None]], "rows": [["甲", None, None, 800, None], [None] * 5],
    }  # fmt: skip
    table = macros.claims_table(told)
    assert table[1] == ["1", "甲", "福州市", "tech_upgrade", None, dt.date(2026, 6, 30), 800, None]
    assert table[2] == [None] * 8
