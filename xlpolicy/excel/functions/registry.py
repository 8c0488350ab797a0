"""The one list of worksheet functions, from which adapters, function reference and help texts are generated.

Names and argument names are ASCII (VBA code pages); the Chinese descriptions are at most 255 characters
(Application.MacroOptions cuts there). Examples hold literals only: `example_arguments` reads them, so that the
reference shows results and the self-test and the tests run them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from xlpolicy.excel.functions import amounts as f
from xlpolicy.excel.functions import lists, needed, registered, settlement
from xlpolicy.excel.functions.call import XlError, as_error
from xlpolicy.faults import InvalidInput, PolicyError

#: what a cell shows: an amount, a text, or a table with a heading row (an amount or text of a range is an array)
Result = Literal["number", "text", "table"]
#: how many arguments a variadic function takes at most (Excel: 255 altogether)
MOST_ARGUMENTS = 60


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: ASCII name, Chinese help. The last one may be `variadic` (name/value pairs)."""

    name: str
    help: str
    optional: bool = False
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One worksheet function. `example` is a formula that a clerk can copy.

    `explains`: its text says why something went wrong, so it may also say that nothing answers. `remembers`: it reads
    the register of the working folder in use, so that what its example gives differs from PC to PC (#N/A without one).
    """

    name: str
    call: Callable[..., Any]
    help: str
    arguments: tuple[Argument, ...]
    result: Result
    example: str
    explains: bool = False
    remembers: bool = False

    @property
    def required(self) -> tuple[Argument, ...]:
        """The arguments that must be given. In a variadic function the optional ones go with the tail."""
        return tuple(a for a in self.arguments if not a.optional and not a.variadic)

    @property
    def variadic(self) -> bool:
        return any(a.variadic for a in self.arguments)

    def answer(self, *args: Any) -> Any:
        """The result of a call with the cells or ranges of its arguments (None: left out); a refusal as an XlError."""
        least, most = len(self.required), MOST_ARGUMENTS if self.variadic else len(self.arguments)
        try:
            if not least <= len(args) <= most:
                names = "、".join(a.name for a in self.arguments)
                raise InvalidInput(
                    f"写了 {len(args)} 个参数",
                    where=self.name,
                    expected=f"{names}（至少 {least} 个）",
                    remedy="按函数说明书写",
                )
            return self.call(*args)
        except PolicyError as error:
            return as_error(error)


_CITY = Argument("city", "城市：福州、泉州、莆田、晋江，或 fuzhou 等代号")
_RULE = Argument("rule", "条款：条款编号（如 tech_upgrade）或条款名称（如 技改设备补助）")
_VALUE = Argument("value", "主要输入项（如投资额，单位元）：一个单元格，或一列单元格；没有可以不写", optional=True)
_PAIRS = Argument(
    "pairs",
    '成对的 名称,数值：其他输入项，或 "单位","万元"、"日期",日期、"文件",文件代号。数值可以是同样大小的区域；名称也可以是一行标题，数值是标题下的整个区域',
    variadic=True,
)
_OPTIONS = Argument("pairs", '成对的 名称,数值："日期",日期、"文件",文件代号、"单位","万元"', variadic=True)
_CODE = Argument("code", "统一社会信用代码（或登记过的单位名称）：一个单元格，或一列单元格（文本格式）")
_OF_YEAR = Argument("of_year", "年度，如 2026：一个单元格，或同样大小的一列")
_IN_UNIT = Argument("unit", "金额的单位：元（不写时）、千元、万元、百万元、亿元", optional=True)
_DATE = Argument("on_date", "日期：单元格、文字（2026-06-30）或日期序号；不写为最近一次计算那天", optional=True)


def _why(city: object, rule: object, *args: object) -> Any:
    """SUBSIDY_WHY; with the name of another function first, the reason of that function's error for what follows."""
    other = BY_NAME.get(city.strip().upper()) if isinstance(city, str) else None
    if other is not None and other.call is not f.subsidy:
        return _reasons(other, (rule, *args))
    if other is not None:
        city, rule, args = rule, args[0] if args else None, args[1:]
    try:
        return f.subsidy_why(city, rule, *args)
    except PolicyError as error:
        return str(error)


def _reasons(function: Function, args: Sequence[object]) -> Any:
    """The reasons of a result that has errors (in its shape), else what is to be said of a fine one."""
    result = function.answer(*args)
    if isinstance(result, XlError):
        return result.message
    if isinstance(result, list) and any(isinstance(item, XlError) for line in result for item in line):
        return [[item.message if isinstance(item, XlError) else "" for item in line] for line in result]
    told = _TOLD.get(function.name)
    return told(*args) if told else "没有错误"


#: functions whose fine result has something to be told of
_TOLD: dict[str, Callable[..., Any]] = {
    "SUBSIDY_MAX": f.maximum_why, "SUBSIDY_PAID": registered.paid_why, "SUBSIDY_LEFT": registered.left_why,
    "SUBSIDY_NEED": needed.need_why,
}  # fmt: skip


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "SUBSIDY", f.subsidy,
        "按条款核定补助金额（元，或所写的单位）。条件不符得 0；文件不在有效期、条款不存在或不计算金额得 #N/A；填写有误得 #VALUE!。原因用 SUBSIDY_WHY 查看。没有写日期的，按最近一次计算那天，不会自己更新。",
        (_CITY, _RULE, _VALUE, _PAIRS), "number",
        '=SUBSIDY("福州","技改设备补助",800,"单位","万元","日期","2026-06-30")',
    ),
    Function(
        "SUBSIDY_WHY", _why,
        "写出同一算式的计算过程和读法；算不出时写明哪里不对、应怎样填。第一个参数写其他函数的名称，可查那个函数出错的原因。",
        (_CITY, _RULE, _VALUE, _PAIRS), "text",
        '=SUBSIDY_WHY("福州","技改设备补助",800,"单位","万元","日期","2026-06-30")', explains=True,
    ),
    Function(
        "SUBSIDY_BASIS", f.subsidy_basis,
        "写出依据的文号和条款位置。",
        (_CITY, _RULE, _VALUE, _PAIRS), "text",
        '=SUBSIDY_BASIS("福州","技改设备补助","日期","2026-06-30")',
    ),
    Function(
        "SUBSIDY_ARTICLE", f.subsidy_article,
        "写出条款的原文：取自本单位放在“政策原文”文件夹里的正文；没有放、找不到的，写明怎样办。",
        (_CITY, _RULE, _VALUE, _PAIRS), "text",
        '=SUBSIDY_ARTICLE("福州","技改设备补助","日期","2026-06-30")', explains=True,
    ),
    Function(
        "SUBSIDY_MAX", f.subsidy_max,
        "条款写明的封顶金额（元，或所写的单位）；封顶分级别的，把级别作为输入项写上。有几项封顶时取最小的。条款没有写明封顶得 #N/A。",
        (_CITY, _RULE, _VALUE, _PAIRS), "number",
        '=SUBSIDY_MAX("福州","技改设备补助","单位","万元","日期","2026-06-30")',
    ),
    Function(
        "SUBSIDY_NEED", needed.subsidy_need,
        "反推：一项至少要填多少（元，或所写的单位）才得到目标金额，或达到 门槛、下一档、封顶。默认按第一个还没有写的数，写 \"按\",\"计息天数\" 换一项；其他输入项成对写。够不着得 #N/A，原因用 SUBSIDY_WHY(\"SUBSIDY_NEED\",…) 查看。",
        (
            _CITY, _RULE, Argument("target", "目标：金额（如 50，按所写的单位），或 门槛、下一档、封顶；一个单元格，或一列"),
            Argument("pairs", '成对的 名称,数值：其他输入项，或 "按",输入项、"单位","万元"、"日期",日期、"文件",文件代号', variadic=True),
        ), "number",
        '=SUBSIDY_NEED("福州","技改设备补助",50,"单位","万元","日期","2026-06-30")',
    ),
    Function(
        "SUBSIDY_RULES", lists.subsidy_rules,
        "列出某一天正在施行的条款（带标题行）：城市、编号、名称、主题、性质、位置、文件、效力。日期写“全部”，列出各文件的全部条款。",
        (
            Argument("city", "城市；不写为全部城市", optional=True),
            Argument("theme", "主题，如 技术改造；不写为全部主题", optional=True),
            Argument("on_date", "日期；不写为最近一次计算那天；写“全部”不论日期", optional=True),
        ), "table",
        '=SUBSIDY_RULES("福州","技术改造","2026-06-30")',
    ),
    Function(
        "SUBSIDY_INPUTS", lists.subsidy_inputs,
        "列出一个条款要填的各输入项（带标题行）：名称、含义、类型、单位、是否必填、不填时怎样、怎样填。第一项是主要输入项。",
        (_CITY, _RULE, _OPTIONS), "table",
        '=SUBSIDY_INPUTS("福州","技改设备补助","日期","2026-06-30","单位","万元")',
    ),
    Function(
        "SUBSIDY_COMPARE", lists.subsidy_compare,
        "同一措施、同样的数字，各城市给多少（带标题行）。措施写主题、条款编号或名称。各市取最新文件；写了日期的，取当日施行的文件。算不出的城市金额为 #N/A。",
        (
            Argument("measure", "措施：主题（如 技术改造）、条款编号或名称"), _VALUE,
            Argument("pairs", '成对的 名称,数值：其他输入项，或 "单位","万元"、"日期",日期', variadic=True),
        ), "table",
        '=SUBSIDY_COMPARE("技术改造",800,"单位","万元","日期","2026-06-30")',
    ),
    Function(
        "SUBSIDY_SETTLE", settlement.subsidy_settle,
        "多笔申报一起核算（排他、就高、共用封顶、按比例、出资），逐行给出核算金额（应付、测算上限或征求意见稿测算），第一行为标题。某行填写有误的，该行为错误值。写 \"内容\",\"全部\" 另列单项核定、核减、出资、提示、原因、依据和金额是什么。",
        (
            Argument("claims", "申报区域，连同标题行：申报编号、申报单位、城市、条款、申报日期……以及各输入项的名称"),
            Argument("pairs", '成对的 名称,数值："年度",2026、"单位","万元"、"内容","全部"，或 "已兑付"、"其他支持"、"资金"等与带标题行的区域', variadic=True),
        ), "table",
        '=SUBSIDY_SETTLE({"申报编号","申报单位","城市","条款","申报日期","investment";"1","甲公司","福州","技改设备补助","2026-06-30",8000000})',
    ),
    Function(
        "SUBSIDY_PAID", registered.subsidy_paid,
        "登记库里一家企业某年某条款已经拨付多少（元，或所写的单位），减去退票和收回的。年度是事项的年度。没有指定工作文件夹得 #N/A，原因用 SUBSIDY_WHY(\"SUBSIDY_PAID\",…) 查看。是最近一次计算时的数。",
        (_CITY, _RULE, _CODE, _OF_YEAR, _IN_UNIT), "number",
        '=SUBSIDY_PAID("福州","技改设备补助","91350100M000100Y43",2026)', remembers=True,
    ),
    Function(
        "SUBSIDY_LEFT", registered.subsidy_left,
        "登记库里一家企业某年某条款的封顶还剩多少（元，或所写的单位）：已列入拨付计划的也算占用，有几项封顶取最小的。不是可得金额。没有按企业的封顶、没有指定工作文件夹得 #N/A。是最近一次计算时的数。",
        (_CITY, _RULE, _CODE, _OF_YEAR, _IN_UNIT), "number",
        '=SUBSIDY_LEFT("福州","技改设备补助","91350100M000100Y43",2026)', remembers=True,
    ),
    Function(
        "POLICY_STATUS", lists.policy_status,
        "文件（或其中一条）在某一天的效力：施行、未施行、失效、征求意见稿。",
        (
            Argument("document", "文件：文号（如 榕政办规〔2026〕5号）或代号（如 fuzhou-2026-5），可以是一列"), _DATE,
            Argument("rule", "条款编号或名称；不写为整个文件（个别条款另有起始日期）", optional=True),
        ), "text",
        '=POLICY_STATUS("榕政办规〔2024〕13号","2026-06-30")',
    ),
    Function(
        "RMB_UPPER", lists.rmb_upper,
        "人民币大写，四舍五入到分。空白单元格得空白。",
        (
            Argument("amount", "金额：一个单元格，或一列单元格"),
            _IN_UNIT,
        ), "text",
        '=RMB_UPPER(240000)',
    ),
    Function(
        "USCC_CHECK", lists.uscc_check,
        "校验统一社会信用代码：有效，或无效及其原因（位数、字符、行政区划、校验位）。空白单元格得空白。",
        (Argument("code", "统一社会信用代码：一个单元格，或一列单元格（文本格式）"),), "text",
        '=USCC_CHECK("91350100M000100Y43")',
    ),
)  # fmt: skip
BY_NAME = {function.name: function for function in FUNCTIONS}

_TOKEN = re.compile(r'\s*(?:"((?:[^"]|"")*)"|(-?\d+(?:\.\d+)?)|(TRUE|FALSE)|([{};,]))')


def example_arguments(formula: str) -> list[Any]:
    """The arguments of a formula that holds literals only: texts, numbers, TRUE/FALSE, array constants.

    Raises ValueError at anything else.
    """
    body = formula[formula.index("(") + 1 : formula.rindex(")")]
    out: list[Any] = []
    rows: list[list[Any]] | None = None
    at = 0
    while at < len(body):
        token = _TOKEN.match(body, at)
        if token is None:
            raise ValueError(f"no literal at {body[at:]!r}")
        at = token.end()
        text, digits, truth, sign = token.groups()
        if sign == "{":
            rows = [[]]
        elif sign == "}":
            assert rows is not None
            out.append(rows)
            rows = None
        elif sign == ";":
            assert rows is not None
            rows.append([])
        elif sign is None:
            value = text.replace('""', '"') if text is not None else float(digits) if digits else truth == "TRUE"
            (out if rows is None else rows[-1]).append(value)
    return out
