"""What a sheet shows beside its fields, or holds without showing it: what the form itself says and what was put around it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.doubts import faint, short
from xlpolicy.forms.formats import rewords, text_section
from xlpolicy.forms.layout import address
from xlpolicy.forms.markings import added
from xlpolicy.forms.seen import Cell, Place, Seen, within
from xlpolicy.sheets.text import letter

_LOOK = "看有没有要处理的说明"
#: what the second readers call a cell of letters
_TEXTS = frozenset(("s", "str", "inlineStr"))


def beside(seen: Seen, fields: Collection[Place], sheet: str, last: int) -> Iterator[Fault]:
    """What a sheet shows beside its fields, or holds without showing it. `last`: the form's last row of fields."""
    for place, text in sorted(seen.comments.items()):
        if said := short(added(text)):
            where = reference(sheet, address(*place))
            yield Fault("comment", where, "", f"批注写着“{said}”", "", "看批注里有没有要处理的说明", "warning")
    for text in seen.boxes:
        yield Fault("text_box", reference(sheet), "", f"文本框写着“{short(text)}”", "", _LOOK, "warning")
    for told in seen.controls:
        got, remedy = f"表上有{told}", "看选的与填报格里填的是否一致"
        yield Fault("control", reference(sheet), "", got, "", remedy, "warning")
    for area in seen.pictures:
        under = next((place for place in sorted(fields) if within(place, area)), None)
        if under is not None:
            got = "有图片或图形盖在填报格上，下面的内容看不全"
            yield Fault("picture", reference(sheet, address(*under)), "", got, "", "移开图片，核对下面的数", "warning")
    odd = {n for n, style in enumerate(seen.styles) if style.white or style.strike or rewords(style.format)}
    for place, cell in seen.cells.items():
        if not (cell.runs or cell.style in odd) or place in fields or not cell.text.strip():
            continue
        style, where = seen.style(place), reference(sheet, address(*place))
        if rewords(style.format) and cell.kind in _TEXTS:
            yield _reworded(cell, style.format, where, place[0] <= last)
        struck = "".join(run.text for run in cell.runs if run.strike).strip() or (cell.text if style.strike else "")
        if struck:
            got = f"表上的字“{short(cell.text)}”里划掉了“{short(struck)}”"
            remedy = "恢复原样，并按原来的栏目填写"
            yield Fault(
                "print_struck", where, "", got, "原样的申请表", remedy, "error" if place[0] <= last else "warning"
            )
        pale = faint(cell, style)
        if pale and pale != cell.text.strip() and place[0] <= last:
            got = f"表上的字“{short(cell.text)}”里的“{short(pale)}”看不见（白色或极小）"
            yield Fault("white_text", where, "", got, "原样的申请表", "恢复原样，并按原来的栏目填写", "error")
        elif style.white or pale:
            got = f"有一处看不见的字“{short(cell.text)}”（白色、与底色相同或极小）"
            yield Fault("white_text", where, "", got, "", _LOOK, "warning")


def unprinted(seen: Seen, filled: Collection[Place], sheet: str) -> Iterator[Fault]:
    """Answers outside of what is printed. `filled`: the cells of a form that hold one."""
    left = sorted(place for place in filled if not any(within(place, area) for area in seen.printed))
    if left:
        more = f" 等 {len(left)} 格" if len(left) > 1 else ""
        got = f"打印区域没有包括 {address(*left[0])}{more}，打印出来看不到"
        where = reference(sheet, address(*left[0]))
        yield Fault("hidden_print", where, "", got, "", "对照电子表核对纸质件，重新设置打印区域", "warning")


def hidden_print(
    seen: Seen, area: tuple[int, int, int, int], fields: Collection[Place], sheet: str
) -> Iterator[Fault]:  # fmt: skip
    """Hidden rows and columns of a form that hold its words; those of fields are told at the field."""
    rows, columns = {row for row, _ in fields}, {column for _, column in fields}
    top, end, left, right = area
    told: set[str] = set()
    for place in sorted(place for place, cell in seen.cells.items() if cell.text.strip() and seen.hidden(place)):
        row, column = place
        by_row = row in seen.hidden_rows
        line = f"第 {row + 1} 行" if by_row else f"{letter(column + 1)} 列"
        told_there = row in rows if by_row else column in columns
        if told_there or line in told or not (top <= row < end and left <= column < right):
            continue
        told.add(line)
        got = f"{line}被隐藏，里面有“{short(seen.cells[place].text)}”"
        yield Fault(
            "hidden_print", reference(sheet, address(*place)), "", got, "", "取消隐藏，核对里面的内容", "warning"
        )


def _reworded(cell: Cell, code: str, where: str, of_print: bool) -> Fault:
    """A word of the form whose number format makes another of it."""
    section = text_section(code)
    assert section is not None
    text = "" if section.unseen else short(section.text.replace("@", cell.text))
    got = (
        f"表上的字“{short(cell.text)}”显示为“{text}”"
        if text
        else f"数字格式（{code}）使表上的字“{short(cell.text)}”不显示"
    )
    remedy = "把单元格格式改为“常规”，并按原来的栏目填写"
    return Fault("shown_differently", where, "", got, "原样的申请表", remedy, "error" if of_print else "warning")


def conditioned_print(
    seen: Seen, area: tuple[int, int, int, int], fields: Collection[Place], sheet: str
) -> Iterator[Fault]:  # fmt: skip
    """Words of the form that a conditional format may change; those of fields are told at the field."""
    top, end, left, right = area
    met = sorted(
        place
        for place, cell in seen.cells.items()
        if cell.kind in _TEXTS and cell.formula is None and cell.text.strip() and place not in fields
        and top <= place[0] < end and left <= place[1] < right and seen.conditioned(place)
    )  # fmt: skip
    if met:
        more = f"等 {len(met)} 处" if len(met) > 1 else ""
        got = f"条件格式会改变表上的字“{short(seen.cells[met[0]].text)}”{more}显示的样子"
        where = reference(sheet, address(*met[0]))
        yield Fault("shown_differently", where, "", got, "", "看打开后栏目还是不是原来的字", "warning")
