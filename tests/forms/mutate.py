"""Forms spoiled at random, by a seed, each with what a person reads on it.

A mutation says for itself what its cell shows: the amount in yuan, or None where no one may judge by it (the reason
stands on the form). It shares no code with the readers; the amount is worked out from what was put on the sheet.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

from formkit import HONEST, plan
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.forms.design import build
from xlpolicy.forms.layout import FORM_SHEET, Layout
from xlpolicy.law import catalog
from xlpolicy.sheets.fonts import FONTS

WAN = Decimal(10_000)
#: a mutation that changes nothing that is read
SAME = "same"


@dataclass
class Spoiled:
    """A form under way: `place` is the cell of `number`, in the form's unit; `yuan` what a person reads, None: nothing."""

    sheet: Worksheet
    sent: Layout
    place: str
    number: Decimal
    yuan: Decimal | None
    named: str = ""


Mutation = Callable[[random.Random, Spoiled], None]


def _unit(form: Spoiled) -> Decimal:
    return WAN if form.sent.unit == "万元" else Decimal(1)


def _cell(form: Spoiled) -> Any:
    return form.sheet[form.place]


def _bad(form: Spoiled) -> None:
    form.yuan = None


# --- of the amount: one of these a form ---


def spelled(dice: random.Random, form: Spoiled) -> None:
    """An amount in words of its own unit."""
    other, n = dice.choice((("万元", WAN), ("元", Decimal(1)), ("亿元", WAN * WAN), ("万", WAN))), form.number
    yuan = n * _unit(form)
    number = yuan / other[1]
    if number != round(number, 6):
        return
    text = f"{number:f}"
    _cell(form).value = dice.choice(("{0}{1}", " {0}{1}", "{0} {1}", "{0}{1} "))[:].format(text, other[0])
    form.yuan = yuan


def plain_text(dice: random.Random, form: Spoiled) -> None:
    """Digits as text, wide or grouped."""
    text = f"{form.number:f}"
    if form.number == int(form.number) and dice.random() < 0.5:
        text = f"{int(form.number):,}"
    if dice.random() < 0.4:
        text = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)
    _cell(form).value = dice.choice(("{}", " {}", "{}\u3000", "{}\n")).format(text)


def unclear_text(dice: random.Random, form: Spoiled) -> None:
    n = f"{form.number:f}"
    _cell(form).value = dice.choice(
        (
            f"约{n}", f"{n}左右", f"{n}以上", f"{n}-{form.number + 5:f}", f"{n}\n30", f"{n} 30", f"{n}（含税）", f"{n}/2",
            f"{n}+20", f"{n[0]}\u200b{n[1:]}0", f"{n}①", f"{n}²", f"{n}万美元", f"${n}", "见附件", "同上", f"-{n}", f"{n}.5.1", f"{n}余",
            f"{n}W", f"{n}、30", f"{n};30", "TRUE", f"{n}%",
        )
    )  # fmt: skip
    _bad(form)


def number_format(dice: random.Random, form: Spoiled) -> None:
    wan = form.sent.unit == "万元"
    same = ["0.00", "#,##0.00", "General", "0.00_ ", "@", "#,##0.00;-#,##0.00", f'0.00"{form.sent.unit}"', "0.00E+00"]
    other = ['0.00"元"', "¥#,##0.00"] if wan else ['0.00"万元"']
    other += [
        "#,##0,",
        "0.00%",
        ";;;",
        '"约"0.00',
        '0.00"千元"',
        "[$$-409]0.00",
        "yyyy-mm-dd",
        '0.00" 美元"',
        '@"亿"',
        "0.0,,",
        '"9"0.00',
    ]
    good = dice.random() < 0.4
    _cell(form).number_format = dice.choice(same if good else other)
    if not good:
        _bad(form)


def lettering(dice: random.Random, form: Spoiled) -> None:
    unseen = (Font(strike=True), Font(vertAlign="superscript"), Font(color="FFFFFFFF"), Font(sz=1))
    seen = (Font(b=True), Font(color="FFFF0000"), Font(name="Arial", sz=14), Font(i=True, u="single"))
    good = dice.random() < 0.4
    _cell(form).font = dice.choice(seen if good else unseen)
    if not good:
        _bad(form)


def stretches(dice: random.Random, form: Spoiled) -> None:
    """A number of several stretches of text."""
    text = f"{form.number:f}"
    at = dice.randrange(1, len(text)) if len(text) > 1 else 1
    odd = dice.choice((InlineFont(strike=True), InlineFont(vertAlign="superscript"), InlineFont(sz=6)))
    _cell(form).value = CellRichText(TextBlock(InlineFont(sz=11), text[:at]), TextBlock(odd, text[at:] or "0"))
    _bad(form)


def out_of_sight(dice: random.Random, form: Spoiled) -> None:
    row, column = _cell(form).row, _cell(form).column_letter
    way = dice.randrange(4)
    if way == 0:
        form.sheet.row_dimensions[row].hidden = True
    elif way == 1:
        form.sheet.column_dimensions[column].hidden = True
    elif way == 2:
        form.sheet.row_dimensions[row].height = 0.75
    else:
        form.sheet.column_dimensions[column].width = 0.2
    _bad(form)


def formula(dice: random.Random, form: Spoiled) -> None:
    """openpyxl stores no result with a formula."""
    _cell(form).value = dice.choice(("=500+300", "=SUM(H1:H9)", "='别表'!B2", "=投资额", "=1/0"))
    _bad(form)


def unit_beside(dice: random.Random, form: Spoiled) -> None:
    place = form.sent.by_key[form.named]
    other = dice.choice([u for u in ("元", "万元", "千元", "亿元", "万美元") if u != form.sent.unit])
    form.sheet.cell(place.row + 1, place.unit_column + 1).value = other
    _bad(form)


def wrong_kind(dice: random.Random, form: Spoiled) -> None:
    import datetime as dt

    _cell(form).value = dice.choice((dt.date(2026, 3, 1), True, "#N/A", "无数据", dt.time(8, 0)))
    _bad(form)


def beyond(dice: random.Random, form: Spoiled) -> None:
    _cell(form).value = dice.choice((1e15, 9.9e30, -5, -0.01))
    _bad(form)


# --- of the form: any number of these ---


def heading(dice: random.Random, form: Spoiled) -> None:
    other = "元" if form.sent.unit == "万元" else "万元"
    place, text = dice.choice(
        (
            ("F2", f"单位：{other}"), ("F2", f"金额单位：人民币{other}"), ("F2", f"（{other}）"), ("A1", "福州市厂房装修补助申请表"),
            ("A1", f"{form.sheet['A1'].value}（作废）"), ("A2", "依据：榕政办规〔2031〕7号"), ("H9", f"注：金额单位均为{other}"),
            ("A60", f"以上单位：{other}"),
        )
    )  # fmt: skip
    form.sheet[place] = text
    _bad(form)


def label(dice: random.Random, form: Spoiled) -> None:
    field = form.sent.by_key[form.named]
    cell = form.sheet.cell(field.row + 1, field.label_column + 1)
    way = dice.randrange(3)
    if way == 0:
        cell.font = Font(strike=True)
    elif way == 1:
        cell.value = f"{field.label}（累计）"
    else:
        cell.value = f"上年度{field.label}"
    _bad(form)


def remark(dice: random.Random, form: Spoiled) -> None:
    """Told, and nothing else."""
    way = dice.randrange(3)
    if way == 0:
        _cell(form).comment = Comment("请核对", "会计")
    elif way == 1:
        form.sheet["H20"] = "减：已获补助"
    else:
        form.sheet["A55"] = "联合申报单位：示例企业02"


def decoration(dice: random.Random, form: Spoiled) -> None:
    way = dice.randrange(6)
    if way == 0:
        form.sheet.column_dimensions["B"].width = 40
    elif way == 1:
        form.sheet.freeze_panes = "A4"
    elif way == 2:
        _cell(form).fill = PatternFill("solid", fgColor="FFFFF2CC")
    elif way == 3:
        _cell(form).border = Border(left=Side("thick"))
    elif way == 4:
        _cell(form).alignment = Alignment(horizontal="center")
    else:
        form.sheet.title = f"表{dice.randrange(99)}"


AMOUNT: tuple[Mutation, ...] = (
    spelled, plain_text, unclear_text, number_format, lettering, stretches, out_of_sight, formula, unit_beside, wrong_kind, beyond,
)  # fmt: skip
WHOLE: tuple[Mutation, ...] = (heading, label, remark, decoration, decoration, decoration)


@cache
def provisions() -> tuple[tuple[str, str, str], ...]:
    """Document, provision and the key of its first required amount, of every provision that asks for one."""
    found = []
    for document, rule in catalog.default().rules():
        money = next((item for item in rule.inputs if item.type == "money" and item.required), None)
        if rule.amount is not None and not document.draft and money is not None:
            found.append((document.key, rule.id, f"in_{money.name}"))
    return tuple(found)


def _answers(sent: Layout) -> dict[str, Any]:
    """Something harmless for every input that must be stated."""
    given: dict[str, Any] = {}
    for item in sent.rule.inputs:
        if item.choices:
            given[f"in_{item.name}"] = item.choices[0].label
        elif item.required or item.required_when is not None:
            given[f"in_{item.name}"] = {
                "integer": max(int(item.minimum or 0), 1), "rate": "3%", "boolean": "否", "date": "2026-03-01", "money": 100,
            }[item.type]  # fmt: skip
    return given


def spoiled(seed: int) -> tuple[bytes, Spoiled, list[str]]:
    """A form of this seed: its bytes, what a person reads on it, and what was done to it."""
    dice = random.Random(seed)
    policy, rule, key = dice.choice(provisions())
    unit = dice.choice(("万元", "万元", "元"))
    sent = plan(rule, unit, policy)
    number = Decimal(dice.randrange(100, 90_000)) / 100 * (1 if unit == "万元" else 10_000)
    number = number if dice.random() < 0.5 else Decimal(int(number))
    item = sent.by_key[key].item
    if item is not None and item.maximum is not None:
        number = min(number, Decimal(item.maximum) / (WAN if unit == "万元" else 1))
    values = {k: v for k, v in {**HONEST, **_answers(sent), key: number}.items() if k in sent.by_key}
    book, _ = build(sent, FONTS, values)
    form = Spoiled(
        book[FORM_SHEET], sent, sent.by_key[key].address, number, number * (WAN if unit == "万元" else 1), key
    )
    done = [dice.choice(AMOUNT)] if dice.random() < 0.8 else []
    done += [dice.choice(WHOLE) for _ in range(dice.randrange(3))]
    for mutation in done:
        judged = form.yuan is not None
        mutation(dice, form)
        form.yuan = form.yuan if judged else None
    out = BytesIO()
    assert isinstance(book, Workbook)
    book.save(out)
    return out.getvalue(), form, [mutation.__name__ for mutation in done]
