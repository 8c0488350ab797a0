"""The one list of worksheet functions, from which adapters, function reference and help texts are generated.

Names and argument names are ASCII (VBA code pages); the Chinese descriptions are at most 255 characters
(Application.MacroOptions cuts there).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xlpolicy.excel import functions as f


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: ASCII name, Chinese help. The last one may be `variadic` (name/value pairs)."""

    name: str
    help: str
    optional: bool = False
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One worksheet function. `example` is a formula that a clerk can copy."""

    name: str
    call: Callable[..., Any]
    help: str
    arguments: tuple[Argument, ...]
    example: str


_CITY = Argument("city", "城市：福州、泉州、莆田、晋江，或 fuzhou 等代号")
_RULE = Argument("rule", "条款：条款编号（如 tech_upgrade）或条款名称（如 技改设备补助）")
_VALUE = Argument("value", "主要输入项（如投资额，单位元）：一个单元格，或一列单元格", optional=True)
_PAIRS = Argument(
    "pairs",
    '成对的 名称,数值：其他输入项，或 "单位","万元"、"日期",日期、"文件",文件代号；数值可以是同样大小的区域',
    variadic=True,
)

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "SUBSIDY", f.subsidy,
        "按条款核定补助金额（元）。条件不符得 0；文件不在有效期或条款不存在得 #N/A；填写有误得 #VALUE!，原因用 SUBSIDY_WHY 查看。",
        (_CITY, _RULE, _VALUE, _PAIRS), '=SUBSIDY("fuzhou","tech_upgrade",B2)',
    ),
    Function(
        "SUBSIDY_WHY", f.subsidy_why,
        "写出同一算式的计算过程和依据；算不出时写明哪里不对、应怎样填。",
        (_CITY, _RULE, _VALUE, _PAIRS), '=SUBSIDY_WHY("fuzhou","tech_upgrade",B2)',
    ),
    Function(
        "SUBSIDY_BASIS", f.subsidy_basis,
        "写出依据的文号和条款位置。",
        (_CITY, _RULE, _VALUE, _PAIRS), '=SUBSIDY_BASIS("福州","技改设备补助")',
    ),
)  # fmt: skip
