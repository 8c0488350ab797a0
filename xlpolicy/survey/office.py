"""邮件和公文: who the bureau is in letters and mails, and by which servers it sends; one sheet of 设置.xlsx.

The password is never written down: it is taken from the environment, or asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xlpolicy.faults import Fault, PolicyError, reference
from xlpolicy.sheets.book import set_page
from xlpolicy.sheets.openpyxl_book import open_workbook
from xlpolicy.sheets.package import Unreadable

SHEET = "邮件和公文"
UNIT, CONTACT, PHONE, PLACE, NUMBER = "发文机关", "联系人", "联系电话", "联系地址", "发文字号"
MAILBOX, SENDER, SERVER, PORT, SECURITY, LOGIN = (
    "发件邮箱",
    "发件人名称",
    "发信服务器",
    "发信端口",
    "加密方式",
    "登录名",
)
RATE, IN_SERVER, IN_PORT, IN_BOX, AUTHORITY = "每分钟最多几封", "收信服务器", "收信端口", "收信文件夹", "证书文件"
SSL, STARTTLS = "SSL", "STARTTLS"
#: what is asked, in this order -> how to fill it in
LABELS: Mapping[str, str] = {
    UNIT: "落款和信头，如 样例市工业和信息化局",
    CONTACT: "通知里写的联系人",
    PHONE: "通知里写的电话",
    PLACE: "送纸质材料的地址，没有可不填",
    NUMBER: "如 样工信函〔2026〕，通知里空出号数；没有可不填",
    MAILBOX: "用哪个邮箱发、收",
    SENDER: "对方看到的名称；不填同发文机关",
    SERVER: "SMTP 服务器，如 smtp.example.gov.cn",
    PORT: "不填：SSL 465，STARTTLS 587",
    SECURITY: f"{SSL} 或 {STARTTLS}；不填 {SSL}。不加密的不发",
    LOGIN: "不填同发件邮箱。密码不写在这里，发送时再问，或放在环境变量 XLPOLICY_MAIL_PASSWORD",
    RATE: "整数，按邮箱服务商的限制填；不填 20",
    IN_SERVER: "IMAP 服务器，如 imap.example.gov.cn；只收文件夹里的邮件的不填",
    IN_PORT: "不填：SSL 993，STARTTLS 143",
    IN_BOX: "不填 INBOX",
    AUTHORITY: "服务器用本单位自签证书的，写证书文件（.pem）的路径；一般不填",
}
#: what an e-mail address looks like
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_NUMBERS = (PORT, RATE, IN_PORT)
_NEEDED = {"send": (UNIT, MAILBOX, SERVER), "fetch": (MAILBOX, IN_SERVER)}


class OfficeError(PolicyError):
    """The sheet 邮件和公文 of the settings cannot be used; told with every cell that is wrong."""

    code = "mail_settings"


def read_office(path: Path | None) -> dict[str, str]:
    """What the sheet says, by label; nothing where there is no file or no such sheet. Raises OfficeError, OSError."""
    if path is None or path.suffix.lower() == ".toml" or not path.is_file():
        return {}
    try:
        book = open_workbook(path)
    except Unreadable as error:
        raise OfficeError(
            f"读不出来：{error.problem.got}", where=path.name, remedy="用 xlpolicy settings -o 重新生成"
        ) from None
    if SHEET not in book.sheetnames:
        return {}
    said: dict[str, str] = {}
    faults = []
    for line in book[SHEET].iter_rows(max_col=2):
        label, value = (str(cell.value).strip() if cell.value is not None else "" for cell in line)
        if label in LABELS and value:
            said[label] = value
            faults += [
                Fault(OfficeError.code, reference(SHEET, line[1].coordinate), label, f"{label}写的是“{value}”", expected, "改正这一格")
                for expected in _wrong(label, value)
            ]  # fmt: skip
    if faults:
        raise OfficeError("\n".join(map(str, faults)), where=path.name)
    return said


def _wrong(label: str, value: str) -> Iterator[str]:
    """What should stand there instead, where it is wrong."""
    if label in _NUMBERS and not (value.isdecimal() and 0 < int(value) < 65536):
        yield "整数"
    elif label == SECURITY and value.upper() not in (SSL, STARTTLS):
        yield f"{SSL} 或 {STARTTLS}"
    elif label == MAILBOX and not ADDRESS.fullmatch(value):
        yield "电子邮箱"


def needed(office: Mapping[str, str], step: str, path: Path) -> None:
    """Refuse to send or fetch without what it takes. Raises OfficeError."""
    lacking = [label for label in _NEEDED[step] if not office.get(label)]
    if lacking:
        raise OfficeError(
            f"还没有填{'、'.join(lacking)}", where=f"{path.name} {SHEET}", expected="、".join(_NEEDED[step]),
            remedy=f"填在 {path} 的“{SHEET}”表；还没有这张表的，运行 xlpolicy settings {path.name if path.is_file() else ''} -o {path.name} --force 生成",
        )  # fmt: skip


def draw(book: Any, look: Any, office: Mapping[str, str]) -> None:
    """The sheet in the settings workbook, with what is known already."""
    sheet = book.add_worksheet(SHEET)
    free = book.add_format(
        {**look.body, "border": 1, "bg_color": "FFFCEB", "text_wrap": True, "locked": False, "num_format": "@"}
    )
    for column, width in enumerate((20, 40, 70)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 32)
    sheet.merge_range(0, 0, 0, 2, "邮件和公文", look.title)
    for row, (label, help_) in enumerate(LABELS.items(), 1):
        sheet.set_row(row, 24)
        sheet.write_string(row, 0, label, look.heading)
        sheet.write_string(row, 1, office.get(label, ""), free)
        sheet.write_string(row, 2, help_, look.text)
        if label == SECURITY:
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": [SSL, STARTTLS]})
    set_page(sheet, foot=(SHEET, ""))
    sheet.protect("", {"format_columns": True, "format_rows": True})
