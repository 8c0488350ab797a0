"""What a voucher sheet says and shows beside its lines: sums, notes, other headings, lines that look otherwise than they read.

In: the rows of the sheet, the second reader's look at it. Out: remarks, each at its cell.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.doubts import LAST_DAY, cramped, faint, reaches_out
from xlpolicy.forms.formats import rewords, section_for
from xlpolicy.forms.layout import VOUCHER_COLUMNS, address, match_text
from xlpolicy.forms.markings import added
from xlpolicy.forms.normalise import shown
from xlpolicy.forms.opened import Rows
from xlpolicy.forms.printed import unit_of_all
from xlpolicy.forms.seen import Cell, Place, Seen
from xlpolicy.money import CENT, as_shown, clean, plain

_TOTAL = ("合计", "小计", "总计")
#: of all lines
_WHOLE = ("合计", "总计")
_TOTAL_OF = re.compile(r".{1,12}(?:合计|小计|总计)(?:\(.*\))?:?")
_HEADS = frozenset(map(match_text, VOUCHER_COLUMNS))
#: what takes a line back, or says that it is none (yet), in brackets or at the end; 退货系统采购 is a contract
_BACK = "作废|红冲|冲红|冲销|红字|退货|退款|退票|撤销|取消|未付款?|未开票?|不计入?|不申报|不报|暂估|预估|已报|部分"
_TAKEN_BACK = re.compile(
    rf"[(\[【〔][^()\[\]【】〔〕]*(?:{_BACK})[^()\[\]【】〔〕]*[)\]】〕]|(?:{_BACK})$|^(?:[×✕✗x]|删除?)$"
)
#: what is said above the lines of all of them
_OF_ALL = re.compile(rf"(?<!不)含税|价税|估算|其中|含.{{0,6}}发票|样表|示例|样本|{_BACK}")
#: what the number of an invoice is called
_CALLED = re.compile("发票|号码|代码|数电|电子|增值税|专用|普通|专票|普票|票|号")
_HAN = re.compile("[\u4e00-\u9fff]")
#: words that stand on a sheet for somebody to sign or to fill in
_BLANK = re.compile(r"[:：_\s]$")
#: characters from which a text below the lines says something
_SAYS = 4


def remark(row: int, column: int, sheet: str, got: str, remedy: str) -> Fault:
    return Fault("voucher_line", reference(sheet, address(row, column)), "", got, "", remedy, "warning")


def no_line(row: Sequence[Any], number: Any) -> bool:
    """Whether a row of amounts is no invoice: a sum, wherever it stands, or the headings again."""
    texts = [match_text(value) for value in row if type(value) is str]
    summed = any(text in _TOTAL for text in texts) or (number == "" and any(map(_TOTAL_OF.fullmatch, texts)))
    return summed or {"发票号", "不含税金额"} <= set(texts)


def unlisted(rows: Rows, start: int, sheet: str) -> Iterator[Fault]:
    """Words or a sum on a sheet that lists no invoice: the first of them."""
    for r, row in enumerate(rows[start:], start):
        for c, value in enumerate(row):
            if not value or not c:
                continue
            said = shown(value)
            if type(value) is not str or (
                match_text(value) not in _TOTAL and len(clean(said)) >= _SAYS and not _BLANK.search(said)
            ):
                yield remark(r, c, sheet, f"没有逐张填发票，只写了“{said[:60]}”", "请逐张填写，或对照发票核对申报金额")
                return
        if any(type(value) is str and value for value in row) and no_line(
            row, ""
        ):  # what is printed below the sums is the bureau's own
            return


def words_of(number: str) -> bool:
    """Whether something is written with the number of an invoice that is no part of it.

    >>> words_of("数电票号码26350000000000000010"), words_of("26350000000000000010(作废)")
    (False, True)
    """
    return _HAN.search(_CALLED.sub("", number)) is not None


def taken_back(row: Sequence[Any], number: int, r: int, sheet: str) -> Iterator[Fault]:
    """Words of a line that take it back. `number`: the column that is told of itself."""
    for c, value in enumerate(row):
        if type(value) is str and c != number and _TAKEN_BACK.search(match_text(value)):
            yield remark(r, c, sheet, f"这一行写有“{shown(value)[:60]}”", "核对这一张发票是否计入")


def notes(rows: Rows, start: int, amounts: Sequence[int], known: Collection[int], sheet: str) -> Iterator[Fault]:
    """What somebody wrote beside the columns (`known`: ours), and below the lines."""
    head = rows[start - 1]
    for c in range(len(head)):
        if c not in known and head[c] != "" and any(c < len(r) and isinstance(r[c], int | float) for r in rows[start:]):
            yield remark(start - 1, c, sheet, f"另有一栏“{shown(head[c])[:30]}”，填了数", "看是否要从发票金额里扣除")
    for r, row in enumerate(rows[start:], start):
        line = any(column < len(row) and row[column] != "" for column in amounts)
        total = no_line(row, "")
        for c, value in enumerate(row):
            said = value.strip() if type(value) is str else ""
            beside = c not in known
            below = (total or not line) and len(clean(said)) >= _SAYS and not _is_total(match_text(said))
            if said and not _BLANK.search(said) and (beside or below):
                yield remark(r, c, sheet, f"表里另写有“{said[:60]}”", "看是否有需要处理的说明")


def _is_total(plain: str) -> bool:
    return plain in _TOTAL or plain in _HEADS or _TOTAL_OF.fullmatch(plain) is not None


def heading(rows: Rows, known: Mapping[str, int], sheet: str) -> Iterator[Fault]:
    """Changed words above the lines: another unit, other columns, something said of all lines. `known`: our columns."""
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            plain = match_text(value) if type(value) is str else ""
            unit = unit_of_all(plain)
            if unit not in ("", "元"):
                yield remark(r, c, sheet, f"{sheet}的单位写的是“{value.strip()[:30]}”，发出时是元", "核对金额的单位")
            elif plain and _OF_ALL.search(plain) and (r < len(rows) - 1 or not known):
                yield remark(r, c, sheet, f"表头写有“{shown(value)[:60]}”", "看是否影响各张发票的金额")
    others = [c for c, value in enumerate(rows[-1]) if value != "" and c not in known.values()] if known else []
    gone = [label for label in VOUCHER_COLUMNS[1:-1] if known and label not in known]  # the last came with version 4
    if others and gone:
        got = f"表头写的是“{shown(rows[-1][others[0]])[:30]}”，没有“{'、'.join(gone)}”"
        yield remark(len(rows) - 1, others[0], sheet, got, "按发出时的表头核对这一栏")
    if not known and any(value != "" for row in rows for value in row):
        got = f"{sheet}的栏目被改动，没有核对"
        yield Fault(
            "voucher_line", reference(sheet), "", got, "、".join(VOUCHER_COLUMNS), "对照发票核对申报金额", "warning"
        )


def typed_sum(rows: Rows, start: int, column: int, total: Decimal, seen: Seen, sheet: str) -> Iterator[Fault]:
    """A sum that somebody typed below the lines, and that is another than theirs."""
    for r, row in enumerate(rows[start:], start):
        value = row[column] if column < len(row) else ""
        found = seen.cells.get((r, column))
        if not any(type(text) is str and match_text(text) in _WHOLE for text in row) or found is None:
            continue
        number = as_shown(value) if isinstance(value, int | float) else None
        # by less than a cent two sums of one column differ by rounding
        if found.formula is None and number and number.is_finite() and abs(number - total) >= CENT:
            got = f"合计写的是 {plain(number)}，各行加起来是 {plain(total)}"
            yield remark(r, column, sheet, got, "看是不是少列了发票，或合计写错了")


def looks(seen: Seen, sheet: str, rows: Rows, start: int, amounts: Sequence[int]) -> Iterator[Fault]:
    """What a filled line shows otherwise than it reads. `amounts`: the columns that only one line may have to itself."""
    for (row, column), text in sorted(seen.comments.items()):
        if said := " ".join(added(text).split()):
            yield remark(row, column, sheet, f"批注写着“{said[:60]}”", "看批注里有没有要处理的说明")
    for top, column, bottom, _ in seen.merges:
        if start <= top < min(bottom, len(rows)) and column in amounts and (top, column) in seen.cells:
            got = f"“{shown(rows[top][column])}”这一格与下面的行合并"
            yield remark(top, column, sheet, got, "看是一张发票的数，还是几张合起来的；一张一行")
    for place, cell in sorted(seen.cells.items()):
        row, column = place
        if row < start:
            yield from _head_looks(seen, sheet, place, cell)
        if row < start or row >= len(rows) or column == 0:
            continue
        if no_line(rows[row], ""):
            continue
        if cell.formula is not None and (not cell.text.strip() or reaches_out(cell.formula)):
            got = f"填的是公式“={cell.formula[:60]}”，{'引用别处的内容' if cell.text.strip() else '没有保存结果'}"
            yield remark(row, column, sheet, got, "改填数值")
        if not cell.text.strip() or cell.formula is not None:
            continue
        style, number = seen.style(place), rows[row][column] if column < len(rows[row]) else ""
        otherwise = _otherwise(style.format, cell.shown, number)
        for odd, got in (
            (style.strike or any(run.strike for run in cell.runs), "划了删除线"),
            (style.crossed, "这一格画了斜线"),
            (style.white or faint(cell, style), "的字看不见"),
            (style.raised or any(run.raised for run in cell.runs), "里有上标或下标"),
            (seen.conditioned(place), "显示的样子由条件格式改变"),
            (cramped(place, number, seen), "列太窄，显示为“####”"),
            (seen.hidden(place), "所在的行或列被隐藏"),
            (otherwise is not None, f"显示为“{otherwise}”"),
        ):
            if odd:
                yield remark(row, column, sheet, f"“{shown(number)}”{got}", "核对这一张发票是否计入")


def _head_looks(seen: Seen, sheet: str, place: Place, cell: Cell) -> Iterator[Fault]:
    """Words above the lines that are struck out, or of which the format makes others."""
    style = seen.style(place)
    struck = style.strike or any(run.strike for run in cell.runs)
    if cell.text.strip() and cell.formula is None and (struck or faint(cell, style) or rewords(style.format)):
        got = f"表头“{shown(cell.text)[:30]}”{'划了删除线' if struck else '的格式使它显示成别的字'}"
        yield remark(*place, sheet, got, "按发出时的表头核对这一栏")


def _otherwise(code: str, shown_text: str | None, value: Any) -> str | None:
    """What a number of a line shows, where its format makes another of it; None where it is shown as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = as_shown(value)
    section = section_for(code, number) if number.is_finite() else None
    if section is None or (section.dated and 0 <= number < LAST_DAY):
        return None
    if section.dated:
        return "####"
    words = set(section.words(number)) - {"¥", "￥", "元"}
    if words or section.thousands or section.percent or section.empty:
        return (shown_text if shown_text is not None else section.show(number)).strip()
    return None
