"""What the workbook's buttons run through RunPython. Each writes one sentence into the cell “结果” of 首页.

The work is in plain functions over values; only `book` arguments are xlwings' (or a test's stand-in).
"""

from __future__ import annotations

import datetime as dt
import platform
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xlwings as xw

from xlpolicy import __version__
from xlpolicy.excel.functions.call import NA, XlError, is_blank, serial_date
from xlpolicy.excel.functions.registry import FUNCTIONS, example_arguments
from xlpolicy.excel.functions.settlement import read_claims
from xlpolicy.excel.workbook.build import law_digest
from xlpolicy.excel.workbook.fill_window import results, started
from xlpolicy.excel.workbook.page_batch import INPUTS, NAME, NAMES
from xlpolicy.excel.workbook.page_law import Law
from xlpolicy.excel.workbook.pages import LAW_NAME, VERSION_NAME
from xlpolicy.excel.workbook.vba_wrappers import INBOX_NAME, RESULT_NAME
from xlpolicy.faults import PolicyError, system_reason
from xlpolicy.law import catalog as catalogs
from xlpolicy.settle import Claim, settle
from xlpolicy.settle.model import NOTE_KINDS
from xlpolicy.settle.settlement_book import capitals, totals_text, write_settlement

_HEADS = ["申报编号", "申报单位", "城市", "条款", "文件代号", "申报日期"]


def self_test(book: Any = None) -> None:
    """Button 自检."""
    book = book or xw.Book.caller()
    _tell(book, test_report(str(_value(book, VERSION_NAME)), str(_value(book, LAW_NAME))))


def fill_forms(book: Any = None) -> None:
    """Button 批量填报: judge the folder that was picked, in a process of its own; Excel waits for nothing."""
    book = book or xw.Book.caller()
    folder = _value(book, INBOX_NAME)
    _tell(book, "没有选收件文件夹；请重新点“批量填报”。" if is_blank(folder) else _started(Path(str(folder).strip())))


def _started(folder: Path) -> str:
    """Start judging a folder in a window that shows how far it is, and say so."""
    if not folder.is_dir():
        return f"没有这个收件文件夹：{folder}。请重新点“批量填报”，选存放申请表的文件夹。"
    return started(folder, f"完成后结果在“{results(folder)}”。")


def make_ledger(book: Any = None) -> None:
    """Button 生成台账: settle the rows of 批量 together."""
    book = book or xw.Book.caller()
    told = {key: _value(book, name, 2 if key in ("fields", "rows") else None) for key, name in NAMES.items()}
    _tell(book, ledger_report(told, _folder(str(book.fullname))))


def _value(book: Any, name: str, dimensions: int | None = None) -> Any:
    area = book.names[name].refers_to_range
    return area.options(ndim=dimensions).value if dimensions else area.value


def _tell(book: Any, text: str) -> None:
    book.names[RESULT_NAME].refers_to_range.value = text


def _folder(fullname: str) -> Path:
    """Beside the workbook; in the home folder where the workbook lies in a cloud."""
    return Path.home() if "://" in fullname else Path(fullname).parent


def test_report(built_for: str, law: str) -> str:
    """Runs every example of the registry; says what is installed and whether the workbook matches it."""
    started = time.perf_counter()
    wrong = []
    for function in FUNCTIONS:
        result = function.answer(*example_arguments(function.example))
        if isinstance(result, XlError) and not (function.remembers and result.number == NA):
            wrong.append(f"{function.name}：{result.message}")
    took = (time.perf_counter() - started) * 1000
    installed = version("xlwings")
    head = f"应答正常：{len(FUNCTIONS)} 个函数，用时 {took:.0f} 毫秒。xlpolicy {__version__}，Python {platform.python_version()}，xlwings {installed}。"
    if wrong:
        head = f"有应答，但 {len(wrong)} 个函数不正常：{'；'.join(wrong)}。"
    if built_for != installed:
        head += f"工作簿是为 xlwings {built_for} 制作的，请运行 xlpolicy excel install 更新工作簿。"
    if law != law_digest(Law(catalogs.default())):
        head += "工作簿里的政策库与本机安装的政策文件不同，请运行 xlpolicy excel install 更新工作簿。"
    return head


def ledger_report(told: dict[str, Any], folder: Path) -> str:
    """Settle the rows of 批量 (values by the keys of its NAMES) and write 兑付台账 into a folder."""
    try:
        read = read_claims(claims_table(told), str(told["unit"] or "元"))
        bad = [f"第 {n} 行：{item.message}" for n, item in enumerate(read, 1) if isinstance(item, XlError)]
        if bad:
            return f"有 {len(bad)} 行填写有误，没有生成台账。" + "".join(bad[:5])
        claims = [item for item in read if isinstance(item, Claim)]
        if not claims:
            return "“批量”表里还没有企业，没有生成台账。"
        day = claims[0].on or dt.date.today()
        settled = settle(claims, on_year=day.year)
        path = _free(folder, f"兑付台账 {told['city']} {told['rule']} {day}")
        write_settlement(claims, settled, path)
    except PolicyError as error:
        return f"没有生成台账：{error}"
    except OSError as error:
        return f"没有生成台账：{system_reason(error)}（{error.filename or folder}）。请关闭打开着的同名文件，或把工作簿放到能写入的文件夹。"
    count = Counter(note.kind for note in settled.notes)
    asked = "、".join(f"{count[kind]} 项{word}" for kind, word in NOTE_KINDS.items() if count[kind])
    notes = f"有 {asked}，见台账。" if asked else ""
    return f"{len(claims)} 笔，{totals_text(settled)}（{capitals(settled)}）。{notes}台账：{path}"


def claims_table(told: dict[str, Any]) -> list[list[Any]]:
    """The rows of 批量 as a range of claims with a heading row."""
    fields = [str(name or "") for name in told["fields"][0]]
    table: list[list[Any]] = [[*_HEADS, *fields]]
    for number, row in enumerate(told["rows"], 1):
        name, values = row[0], row[INPUTS - NAME :]
        if is_blank(name) and all(map(is_blank, values)):
            table.append([None] * len(table[0]))
            continue
        table.append([str(number), name, told["city"], told["rule"], told["policy"], serial_date(told["day"]), *values])
    return table


def _free(folder: Path, stem: str) -> Path:
    """A name that is not taken: a ledger is never written over."""
    number = 1
    while (path := folder / (f"{stem}.xlsx" if number == 1 else f"{stem} ({number}).xlsx")).exists():
        number += 1
    return path
