"""What is written for one form: the 核定意见 sheet for the clerk, the 补正通知 for the enterprise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from xlpolicy.batch.record import Record
from xlpolicy.faults import Fault
from xlpolicy.money import plain, upper
from xlpolicy.sheets.sheetxml import Sheet
from xlpolicy.sheets.text import tidy

OPINION = "核定意见"
NOTICE = "补正通知"
_WAN = Decimal(10) ** 4
NATURE_NOTES = {
    "测算上限": "测算上限（条文为上限，实际补助不超过本数）",
    "定额": "定额（条文规定的数额）",
    "按标准": "按标准（条文规定的比例）",
    "按核定": "按核定（以主管部门审定为准）",
}


def wan(amount: Decimal) -> str:
    """240000 -> "24.00万元"; digits beyond the second only where they carry something."""
    value = amount / _WAN
    return f"{value:,.2f}万元" if value == round(value, 2) else f"{plain(value)}万元"


def _numbered(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else "\n".join(f"{i}. {text}" for i, text in enumerate(items, 1))


def opinion(record: Record) -> Sheet:
    """核定意见: amount, 大写, basis, calculation, assumptions, warnings; one A4 page as a rule."""
    judged = record.judged
    assert judged is not None
    sheet = Sheet(OPINION, (20, 44, 20, 16))
    sheet.add((OPINION, "title", 4), least=40)
    sheet.add((f"核定日期：{record.on}", "note", 2), ("金额单位：元", "note", 2))
    for label, value in (
        ("申报单位", record.enterprise or "（未填）"),
        ("统一社会信用代码", record.code or "（未填）"),
        ("项目名称", record.project or "（未填）"),
        ("条款", f"{record.title}（{record.at}）"),
        ("依据", judged.basis),
        ("申报数据", record.inputs or "（无）"),
    ):
        sheet.add((label, "label"), (value, "text", 3))
    sheet.add(("结果", "label"), (record.result, "strong", 3))
    sheet.add(("核定金额（元）", "label"), (judged.amount, "money"), (f"合 {wan(judged.amount)}", "center", 2))
    sheet.add(("核定金额（大写）", "label"), (f"人民币{upper(judged.amount)}", "strong", 3))
    sheet.add(("性质", "label"), (NATURE_NOTES.get(judged.nature, judged.nature), "text", 3))
    if judged.reasons:
        sheet.add(("不予补助原因", "label"), (_numbered(judged.reasons), "text", 3))
    sheet.add(("计算过程", "head"), ("算式", "head"), ("结果", "head"), ("条款", "head"))
    for step in judged.steps:
        sheet.add((step.what, "text"), (step.formula, "text"), (step.value, "center"), (step.pinpoint, "center"))
    sheet.add(("说明", "label"), (_numbered(judged.assumptions) if judged.assumptions else "无", "text", 3))
    hints = [*judged.warnings, *record.hints]
    sheet.add(("提醒", "label"), (_numbered(hints) if hints else "无", "text", 3))
    sheet.add(("经办人", "label"), ("", "text"), ("复核人", "label"), ("", "text"), least=32)
    sheet.add((f"原件：{record.source}（SHA-256 {record.digest[:16]}）。原表各栏未作改动。", "note", 4))
    return sheet


def _opening(record: Record) -> str:
    form = f"《{record.title}申请表》" if record.title else "申请表"
    sent = f"贵单位报送的{form}（文件：{record.source}）"
    count = f"{record.enterprise or '申报单位'}：\n    {sent}有下列 {len(record.problems)} 处"
    if _closing(record) is CLOSING_BUREAU:
        return f"{count}问题。"
    return f"{count}需要{'处理' if record.place == '无法读取' else '补正'}，请{'处理' if record.place == '无法读取' else '改正'}后重新报送。"


#: what no change of the form removes -> what the enterprise is told (nothing of commands)
BUREAU = {
    "not_in_force": "与受理部门核对申报日期和适用的文件",
    "unknown_policy": "与受理部门核对适用的文件",
    "unknown_rule": "与受理部门核对适用的文件",
    "ambiguous_rule": "与受理部门核对适用的文件",
    "bureau_fact": "由受理部门在主管部门名单里补填后重新核定，企业不必改动",
}
#: `Fault.item` where the form is of another document than applies; that the right form removes
OLD_FORM = "form"


def for_bureau(fault: Fault) -> bool:
    """Whether nothing the enterprise could write would remove the fault."""
    return fault.code in BUREAU and fault.item != OLD_FORM


_ASK = "如有疑问，请与受理部门联系。"
CLOSING = "请在原表上改正，不要增删行列或改动栏目名称；以统一社会信用代码为文件名发回。" + _ASK
CLOSING_FILE = "请处理后重新报送；以统一社会信用代码为文件名发回。" + _ASK
CLOSING_BUREAU = "填报内容不必改动，请与受理部门联系。"


def _closing(record: Record) -> str:
    if record.place == "无法读取":
        return CLOSING_FILE
    if record.problems and all(for_bureau(fault) for fault in record.problems):
        return CLOSING_BUREAU
    return CLOSING


def asked_of(remedy: str) -> str:
    """A remedy told to the clerk (请对方…) as it is told to the enterprise."""
    return remedy.replace("请对方", "请")


def notice(record: Record) -> Sheet:
    """补正通知 as a sheet, addressed to the enterprise."""
    sheet = Sheet(NOTICE, (6, 14, 10, 24, 44, 36), landscape=True)
    sheet.add((NOTICE, "title", 6), least=40)
    sheet.add((_opening(record), "note", 6))
    sheet.add(*((name, "head") for name in ("序号", "工作表", "单元格", "栏目", "问题", "怎样改")))
    for number, fault in enumerate(record.problems, 1):
        sheet.add(
            (number, "center"), (fault.sheet or "—", "center"), (fault.cell or "—", "center"),
            (record.label(fault) or "—", "text"), (fault.what, "text"), (asked_of(fault.remedy), "text"),
        )  # fmt: skip
    sheet.add((_closing(record), "note", 6))
    sheet.add(("受理部门（盖章）：", "note", 4), (f"日期：{_day(record.on)}", "note", 2), least=32)
    return sheet


def notice_text(record: Record) -> str:
    """The same for a mail or a chat window."""
    lines = [NOTICE, "", _opening(record), ""]
    for number, fault in enumerate(record.problems, 1):
        place = "，".join(part for part in (fault.sheet, fault.cell and f"单元格 {fault.cell}") if part)
        label = f"“{record.label(fault)}”" if record.label(fault) else ""
        where = f"{label}（{place}）" if place else label
        lines.append(f"{number}. {where}{'：' if where else ''}{fault.what}".replace("\n", " "))
        lines.append(f"   怎样改：{asked_of(fault.remedy)}".replace("\n", " "))
    lines += ["", _closing(record), _day(record.on), ""]
    return tidy("\n".join(lines)).replace("\n", "\r\n")


def _day(day: dt.date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
