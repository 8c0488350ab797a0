"""What watches over the fields of a form while they are filled in, and what its hidden sheet says: the same whether
the form is drawn or written from a bureau's template.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from xlpolicy.forms.layout import IDENTITY_MARK, IDENTITY_SHEET, Field, Layout, address
from xlpolicy.forms.printed import print_of, rows_of
from xlpolicy.sheets.text import letter

MISSING, _WRONG = "FFF0C2", "F8CBAD"
FORMATS = {
    "money": "#,##0.00",
    "rate": "0.00%",
    "integer": "#,##0",
    "date": "yyyy-mm-dd",
    "year": "0",
    "text": "@",
    "code": "@",
}
_MAGNITUDE = 1_000_000


def paints(plan: Layout, field: Field) -> Iterator[tuple[str, str, str]]:
    """Conditional fills (area, formula, colour): what cannot be right, what is still missing."""
    if not _painted(field):
        return
    at = f"${letter(field.column + 1)}{field.row + 1}"  # the row is free, for a column of such cells
    area = f"{field.address}:{address(field.row, field.column + field.columns - 1)}"
    wrong = ""
    if field.type in ("money", "rate", "integer") and not field.choices:
        limit = {"money": str(_MAGNITUDE) if plan.unit == "万元" else "10000000000", "rate": "100"}
        wrong = f"OR(ISTEXT({at}),{at}<0" + (f",{at}>={limit[field.type]})" if field.type in limit else ")")
        wrong = f'AND({at}<>"",{wrong})'
    elif field.key == "ent_uscc":
        wrong = f'AND({at}<>"",LEN({at})<>18)'
    elif field.type == "date":
        wrong = f"ISTEXT({at})"
    if wrong:
        yield area, wrong, _WRONG
    if field.required:
        instead = [plan.by_key.get(f"in_{name}") for name in (field.item.period[:2] if field.item else ())]
        unless = "".join(f',{one.address}=""' for one in instead if one is not None)
        yield area, f'AND({at}="",OR({unless[1:]}))' if unless else f'{at}=""', MISSING


def own_fields(plan: Layout) -> list[Field]:
    """The fields that are filled in on the form itself: of a combined form's sheet those that are not common."""
    return [field for field in plan.fields if plan.look is None or field.key not in plan.look.common]


def left_to_fill(plan: Layout, values: Mapping[str, Any]) -> int | None:
    """How many of the conditions of `paints` hold for values by field key, as a spreadsheet judges them; None for a sheet of
    a combined form that is not used."""
    own = own_fields(plan)
    if len(own) < len(plan.fields) and all(values.get(field.key) in (None, "") for field in own):
        return None
    return gaps(plan, own, values)


def gaps(plan: Layout, fields: Iterable[Field], values: Mapping[str, Any]) -> int:
    """How many of the conditions of these fields hold."""
    return sum(_wrong(plan, field, values) + _lacking(plan, field, values) for field in fields if _painted(field))


def _painted(field: Field) -> bool:
    return field.group != "att" or field.required


def _wrong(plan: Layout, field: Field, values: Mapping[str, Any]) -> bool:
    value = values.get(field.key)
    if value is None or value == "":
        return False
    if field.type in ("money", "rate", "integer") and not field.choices:
        limit = {"money": _MAGNITUDE if plan.unit == "万元" else 10_000_000_000, "rate": 100}.get(field.type)
        return isinstance(value, str) or value < 0 or (limit is not None and value >= limit)
    if field.key == "ent_uscc":
        return len(str(value)) != 18
    return field.type == "date" and isinstance(value, str)


def _lacking(plan: Layout, field: Field, values: Mapping[str, Any]) -> bool:
    def empty(key: str) -> bool:
        return values.get(key) in (None, "")

    instead = [f"in_{name}" for name in (field.item.period[:2] if field.item else ()) if f"in_{name}" in plan.by_key]
    return field.required and empty(field.key) and (not instead or any(map(empty, instead)))


def typed(value: Any) -> Any:
    """What stands in the cell: yes and no in the words of the drop-down."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, str | int | float | Decimal | dt.date) else str(value)


def validation(
    field: Field, unit: str, lists: Mapping[str, str], hidden: str = IDENTITY_SHEET
) -> DataValidation | None:
    """The check Excel makes while typing, with Chinese prompt and error. Warnings only: intake judges.

    `lists`: fields whose choices stand on the `hidden` sheet, and where.
    """
    check: DataValidation
    if field.choices:
        listed = f'"{",".join(field.choices)}"'
        if field.key in lists:
            listed = f"{quote_sheetname(hidden)}!{lists[field.key]}"
        check = DataValidation("list", formula1=listed)
        wrong = f"请从下拉框选：{'、'.join(field.choices)}"
    elif field.type == "money":
        check = DataValidation("decimal", operator="between", formula1="0", formula2="99999999999.99")
        wrong = f"请填不小于 0 的数字，单位{unit}，不写单位和文字"
    elif field.type == "rate":
        check = DataValidation("decimal", operator="between", formula1="0", formula2="100")
        wrong = "请填百分数，如 3%"
    elif field.type == "integer":
        low, high = (field.item.minimum or 0, field.item.maximum) if field.item else (0, None)
        check = DataValidation("whole", operator="greaterThanOrEqual", formula1=str(low))
        if high is not None:
            check.operator, check.formula2 = "between", f"{high:f}"
        wrong = f"请填不小于 {low} 的整数" if high is None else f"请填 {low} 到 {high:f} 的整数"
    elif field.type == "year":
        check = DataValidation("whole", operator="between", formula1="2000", formula2="2099")
        wrong = "请填四位年度，如 2026"
    elif field.type == "date":
        check = DataValidation("date", operator="between", formula1="29221", formula2="73050")
        wrong = "请填日期，如 2026-06-30"
    elif field.key == "ent_uscc":
        check = DataValidation("textLength", operator="equal", formula1="18")
        wrong = "统一社会信用代码应为 18 位，由数字和大写字母组成"
    else:
        return None
    check.allow_blank = True
    check.errorStyle = "warning" if field.key == "ent_uscc" else "stop"
    check.errorTitle, check.error = "填写有误", wrong[:225]
    check.promptTitle, check.prompt = field.label[:32], (field.hint if field.item else wrong)[:255]
    check.showErrorMessage = check.showInputMessage = True
    return check


def long_lists(plan: Layout) -> list[Field]:
    """Fields whose choices do not fit into the validation itself (255 characters, no commas)."""
    return [f for f in plan.fields if len(",".join(f.choices)) > 250 or any(set(',"') & set(c) for c in f.choices)]


def identity_rows(plan: Layout) -> tuple[tuple[str, str], ...]:
    """What the hidden sheet says: what this form is, and how it left."""
    return (
        (IDENTITY_MARK, plan.version),
        ("document", plan.document.key),
        ("number", plan.document.name),
        ("provision", plan.rule.id),
        ("at", plan.rule.at),
        ("unit", plan.unit),
        ("title", plan.title),
        *rows_of(print_of(plan, plan.version)),
    )
