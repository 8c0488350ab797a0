"""The error catalogue: every refusal has a stable code and says where, what was got, what was expected, what to do.

`Fault` is one thing that is wrong, the same record from the YAML reader to the ledger's last column; it is raised
inside a `PolicyError` or collected where many are reported at once. Programs read `code`, `item` and `severity`;
the other fields are Chinese for people, and no program reads them.
"""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

#: error: it stands in the way; warning: to be looked at
Severity = Literal["error", "warning"]

#: every code there is, and what it is about: stable, for programs to match and for reports to group by
CODES: Mapping[str, str] = {
    # one claim
    "policy_error": "办不成",
    "internal": "程序出错",
    "unknown_city": "城市",
    "unknown_rule": "条款名称",
    "unknown_policy": "文件代号",
    "not_in_force": "有效期",
    "ambiguous_rule": "多份文件",
    "missing_input": "缺少输入",
    "unknown_input": "输入名称",
    "invalid_input": "输入内容",
    "unknown_reading": "口径",
    "not_computable": "不算金额",
    "undecided": "还不能判断",
    # a policy file, its cases, a rule workbook
    "policy_file": "政策文件",
    "policy_folder": "政策文件夹",
    "policy_yaml": "YAML 写法",
    "policy_field": "项目",
    "policy_schema": "写法编号",
    "policy_dates": "日期",
    "policy_name": "名称",
    "policy_duplicate": "重复",
    "policy_figure": "数字",
    "policy_formula": "公式",
    "policy_input": "输入项",
    "policy_nature": "性质",
    "policy_unused": "未用到",
    "policy_cross": "跨条款规则",
    "policy_case": "用例",
    "policy_doubt": "可能有误的写法",
    "policy_overlap": "同时施行",
    "rulebook": "规则簿",
    # a returned file that cannot be read
    "empty_file": "空文件",
    "too_large": "过大",
    "truncated": "不完整",
    "corrupt": "损坏",
    "password": "有密码",
    "zip_bomb": "压缩炸弹",
    "xml_entity": "实体声明",
    "too_many": "过多",
    "too_far": "范围过大",
    "reader_limit": "读不了",
    "too_slow": "读得太久",
    "too_much": "内存不够",
    "crashed": "读表中断",
    "empty_archive": "空压缩包",
    "nested_archive": "压缩包套压缩包",
    "archive": "压缩包",
    "image": "图片",
    "pdf": "PDF",
    "word": "文字处理文档",
    "numbers": "苹果 Numbers 表格",
    "html": "网页",
    "xml2003": "XML 表格",
    "et": "WPS 旧格式",
    "not_spreadsheet": "不是表格",
    "not_a_workbook": "不是工作簿",
    "unknown_format": "不明格式",
    "io": "打不开",
    "no_text": "没有文字",
    # a returned form
    "not_a_form": "不是申请表",
    "unknown_form": "认不出条款",
    "unknown_provision": "条款未载入",
    "unit_unknown": "单位不明",
    "form_version": "表样版本",
    "not_stated": "没有写明",
    "county_summary": "汇总表",
    "sheet_aside": "其他工作表",
    "identity_changed": "表样记录被改",
    "issue_changed": "发给谁的记录被改",
    "issued_to_other": "发给别家的表",
    "blank": "没有填写",
    "cut": "行数过多",
    "outside": "表外有字",
    "macro": "带有宏",
    "external_link": "外部链接",
    "label_missing": "栏目缺失",
    "twice": "填了两处",
    "several_values": "一行多值",
    "label_changed": "栏目被改",
    "unit_line_changed": "单位行被改",
    "title_changed": "表名被改",
    "basis_changed": "依据被改",
    "unit_changed": "单位被改",
    "missing": "没有填",
    "dates_reversed": "日期颠倒",
    "account_name": "户名不符",
    "formula_unsaved": "公式无结果",
    "error_cell": "错误值",
    "too_long": "过长",
    "not_a_number": "不是数字",
    "date_format": "日期格式",
    "not_an_amount": "不是金额",
    "negative": "负数",
    "unit_mixed_up": "单位弄混",
    "large_amount": "金额偏大",
    "small_amount": "金额偏小",
    "approximate": "约数",
    "remark_in_number": "数字带说明",
    "range": "填了范围",
    "rate_unclear": "比率不明",
    "not_a_choice": "不在选项",
    "not_a_date": "不是日期",
    "date_as_number": "日期成了数",
    "month_only": "只写到月",
    "digits_lost": "位数丢失",
    "other_region": "外地单位",
    "uscc": "信用代码",
    "formula": "公式",
    "formula_zero": "公式结果为 0",
    "formula_outside": "公式引用表外",
    "shown_differently": "显示与存储不同",
    "read_twice": "两种读法",
    "cell_twice": "一格写了两次",
    "foreign_content": "夹有别的内容",
    "hidden_cell": "隐藏",
    "covered_cell": "被盖住",
    "comment": "批注",
    "text_box": "文本框",
    "picture": "图片盖住",
    "strike": "删除线",
    "raised": "上标或下标",
    "white_text": "看不见的字",
    "print_struck": "栏目被划掉",
    "hidden_print": "表样被隐藏",
    "not_seen": "看不到格式",
    "sheet_extra": "另加的工作表",
    "two_runs": "几段拼成",
    "invisible_characters": "看不见的字符",
    "two_numbers": "一格两个数",
    "rate_too_high": "比率过高",
    "account": "账号",
    "unit_doubt": "单位可疑",
    "project_long_ago": "项目过早",
    "not_yet": "日期未到",
    "declaration_changed": "承诺被改",
    "estimate_differs": "预计与测算不同",
    "counted_several": "按几项计",
    "nearly_same": "疑似同一份",
    "no_attachments": "附件全否",
    "attachment_missing": "缺附件",
    "bureau_fact": "主管部门未填",
    "bureau_list": "主管部门名单",
    "vat_below_net": "含税小于不含税",
    "voucher_sum": "发票合计",
    "voucher_twice": "发票重复",
    "voucher_date": "开票日期",
    "voucher_line": "发票明细",
    "voucher_amount": "发票金额",
    "invalid_value": "内容不合",
    "conflict": "两份不一致",
    # a claims list
    "claims_file": "申报清单",
    "facts_file": "事实清单",
    "profile": "企业档案",
    "sheet": "工作表",
    "heading": "表头",
    "cell": "单元格",
    "pair": "名称和数值",
    "setting": "设置",
    "settings_file": "设置文件",
    "duplicate": "重复",
    "unknown_field": "不认识的项",
    # files, folders, this computer
    "file": "文件读写",
    "fill": "收件或结果文件夹",
    "in_use": "正被占用",
    "template": "模板",
    "demo": "示例",
    "excel_install": "安装",
    "package": "打包",
    "working_folder": "工作文件夹",
    "calendar": "节假日",
    "register": "登记库",
    "review_file": "审核台账",
    "payment": "拨付",
    "ledger": "台账",
    # mail
    "enterprise_list": "企业名单",
    "mail": "邮件",
    "mail_settings": "邮件设置",
    "winmail": "winmail.dat",
    "bounce": "退信",
    "invoice": "发票",
}

#: what the operating system says -> what a clerk reads
_SYSTEM = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EEXIST: "已经存在",
    errno.ENOTDIR: "不是文件夹",
    errno.EISDIR: "是文件夹",
    errno.EACCES: "没有权限，或正被别的程序打开",
    errno.EPERM: "没有权限",
    errno.EBUSY: "正被别的程序占用",
    errno.ENOSPC: "磁盘已满",
    errno.EFBIG: "磁盘不让再写（满了，或文件太大）",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "路径太长",
    errno.EIO: "磁盘读写出错",
    errno.ELOOP: "链接绕成了圈",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.EADDRINUSE: "端口正被别的程序占用",
}


def system_reason(error: OSError) -> str:
    """Why the operating system refused, in Chinese; the error's number where it is none of the usual ones."""
    return _SYSTEM.get(error.errno or 0, f"系统错误 {error.errno}" if error.errno else "系统没有说明原因")


_CELL = re.compile(r"[A-Z]{1,3}[1-9]\d*")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, in words a clerk can act on.

    `where`: a file with its line, a worksheet, a cell ("申请表!B7", see `reference`), a provision; "" where whoever holds
    the fault says it. `item`: the name of the input, figure, field or column concerned, several parted by ","; "" for
    none. `remedy` begins with a verb.
    """

    code: str
    where: str = ""
    item: str = ""
    got: str = ""
    expected: str = ""
    remedy: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        return (f"{self.where}：" if self.where else "") + self.sentence

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, without the place."""
        remedy = self.remedy.removeprefix("请")
        return (self.what + (f"。请{remedy}" if remedy else "")).rstrip("。") + "。"

    @property
    def what(self) -> str:
        """What is wrong and what was expected; the latter is left out where the remedy says it."""
        told = self.expected and self.expected in self.remedy
        return self.got + (f"；应为：{self.expected}" if self.expected and not told else "")

    @property
    def sheet(self) -> str:
        """The worksheet of `where`, "" for none."""
        return split_reference(self.where)[0]

    @property
    def cell(self) -> str:
        """The cell of `where`, "" for none."""
        return split_reference(self.where)[1]

    def as_dict(self) -> dict[str, str]:
        """The record as plain strings, keys as the fields."""
        return {name: getattr(self, name) for name in self.__slots__}


def reference(sheet: str, cell: str = "") -> str:
    """A worksheet and a cell as `Fault.where`, the name in quotes where it needs them.

    >>> reference("申请表", "B7"), reference("申请表"), reference("甲!B7"), reference("")
    ('申请表!B7', '申请表', "'甲!B7'", '')
    """
    name = f"'{sheet}'" if "!" in sheet or sheet.startswith("'") else sheet
    return f"{name}!{cell}" if cell else name


def split_reference(where: str) -> tuple[str, str]:
    """The worksheet and the cell that `reference` put together.

    >>> split_reference("申请表!B7"), split_reference("申请表"), split_reference("'甲!B7'")
    (('申请表', 'B7'), ('申请表', ''), ('甲!B7', ''))
    """
    sheet, mark, cell = where.rpartition("!")
    if not mark or not _CELL.fullmatch(cell):
        sheet, cell = where, ""
    quoted = len(sheet) > 1 and sheet.startswith("'") and sheet.endswith("'")
    return (sheet[1:-1] if quoted else sheet), cell


class PolicyError(Exception):
    """Root of all refusals. `code` is stable and may be matched by programs; `str()` is Chinese."""

    code: str = "policy_error"

    def __init__(
        self, got: str, *, where: str = "", item: str = "", expected: str = "", remedy: str = "",
        severity: Severity = "error",
    ) -> None:  # fmt: skip
        super().__init__(got)
        self.problem = Fault(self.code, where, item, got, expected, remedy, severity)

    def __str__(self) -> str:
        return str(self.problem)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args), self.__dict__


def _rebuild(cls: type[PolicyError], args: tuple[Any, ...]) -> PolicyError:
    return cls.__new__(cls, *args)


class UnknownCity(PolicyError):
    code = "unknown_city"


class UnknownRule(PolicyError):
    code = "unknown_rule"


class UnknownPolicy(PolicyError):
    """A pinned document key that no loaded document has."""

    code = "unknown_policy"


class NotInForce(PolicyError):
    code = "not_in_force"


class AmbiguousRule(PolicyError):
    code = "ambiguous_rule"


class MissingInput(PolicyError):
    code = "missing_input"


class UnknownInput(PolicyError):
    code = "unknown_input"


class InvalidInput(PolicyError):
    code = "invalid_input"


class UnknownReading(PolicyError):
    """A reading or an option of it that no loaded document has."""

    code = "unknown_reading"


class RefusedSettings(PolicyError):
    """A bureau's settings that cannot be read: nothing is computed by other readings than those it chose."""

    code = "settings_file"


class NotComputable(PolicyError):
    code = "not_computable"


class Undecided(PolicyError):
    """A refusal would rest on an input that nobody stated; `item` names what has to be asked."""

    code = "undecided"


class PolicyFileError(PolicyError):
    """A policy file that was refused; `problems` holds every reason found, each with file and line."""

    code = "policy_file"

    def __init__(self, problems: Iterable[Fault]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))

    def __str__(self) -> str:
        return f"政策文件有 {len(self.problems)} 处问题，未载入：\n{self.problem.got}"


def near(word: str, candidates: Iterable[str]) -> list[str]:
    """The candidates (at most six) that hold the word, else the one most like it, else none."""
    names = list(dict.fromkeys(candidates))
    wanted = word.lower()
    # one or two Latin letters are in every name
    inside = [n for n in names if wanted in n.lower()] if len(wanted) > 2 or not wanted.isascii() else []
    if inside:
        return inside[:6]
    close = difflib.get_close_matches(wanted, [n.lower() for n in names], n=1, cutoff=0.5)
    return [next(n for n in names if n.lower() == close[0])] if close else []


def nearest(word: str, candidates: Iterable[str]) -> str:
    """A remedy: the candidates that hold the word, else the nearest one, else the first few."""
    names = list(dict.fromkeys(candidates))
    found = near(word, names)
    if len(found) > 1:
        return f"从相近的名称中选用：{'、'.join(found)}"
    if found:
        return f"核对名称，是否想写“{found[0]}”"
    listed = "、".join(names[:8]) + ("等" if len(names) > 8 else "")
    return f"从下列名称中选用：{listed}" if names else "核对名称"
