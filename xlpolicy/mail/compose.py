"""A mail to one enterprise from a text template: 主题：… on its first line, then the body; `{name}` is replaced."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from xlpolicy.law.catalog import Catalog
from xlpolicy.register.folder import FORMS, Folder
from xlpolicy.register.issuing import Sent
from xlpolicy.sheets import template as templates
from xlpolicy.sheets.template_sheet import TemplateError
from xlpolicy.sheets.text import braced
from xlpolicy.survey.office import CONTACT, MAILBOX, PHONE, SENDER, UNIT

FIRST, REMINDER, NOTICE, RECEIPT = "邮件_发表.txt", "邮件_催报.txt", "邮件_通知.txt", "邮件_回执.txt"
#: a header of our own, so that a copy that comes back is known
ISSUE = "X-Xlpolicy-Issue"
_SUBJECT = "主题："
_MARK = re.compile(r"\{([^{}\n]+)\}")
_OFFICE = "vnd.openxmlformats-officedocument."
_KINDS = {".xlsx": f"{_OFFICE}spreadsheetml.sheet", ".docx": f"{_OFFICE}wordprocessingml.document"}
UNKNOWN = "（另行通知）"


@dataclass(frozen=True, slots=True)
class Letter:
    """A template: the text of the subject and of the body."""

    name: str
    subject: str
    body: str

    def filled(self, facts: Mapping[str, str]) -> tuple[str, str]:
        """Subject and body. Raises TemplateError for a placeholder that nobody knows."""

        def told(match: re.Match[str]) -> str:
            if match[1] not in facts:
                raise TemplateError(
                    f"模板里的 {{{match[1]}}} 没有对应的数据", where=self.name, expected="、".join(facts),
                    remedy="改正名称，或改用软件自带的模板",
                )  # fmt: skip
            return facts[match[1]]

        return " ".join(_MARK.sub(told, self.subject).split()), _MARK.sub(told, self.body)


def template_of(folder: Folder, name: str) -> Letter:
    """The bureau's own template in 模板/, else the one that came with the program. Raises TemplateError, OSError."""
    own = folder.path / FORMS / name
    path = own if own.is_file() else templates.find(name)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")  # as Notepad saves it
    first, _, body = braced(text).replace("\r\n", "\n").lstrip("\n").partition("\n")
    if not first.startswith(_SUBJECT) or not body.strip():
        raise TemplateError(
            "邮件模板的第一行不是主题",
            where=path.name,
            expected="第一行“主题：…”，空一行，再写正文",
            remedy="照样例改正",
        )
    return Letter(path.name, first.removeprefix(_SUBJECT).strip(), body.strip("\n") + "\n")


def day_of(iso: str, unknown: str = UNKNOWN) -> str:
    """2026-07-31 -> 2026年7月31日."""
    if not iso:
        return unknown
    day = dt.date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def facts_of(sent: Sent, office: Mapping[str, str], catalog: Catalog, on: dt.date) -> dict[str, str]:
    """What a template may name."""
    known = ((catalog.documents.get(key), key, rule) for key, rule in sent.provisions)
    basis = "；".join(
        dict.fromkeys(
            f"{document.name} {document.rules[rule].at}" if document and rule in document.rules else (document.name if document else key)
            for document, key, rule in known
        )
    )  # fmt: skip
    return {
        "单位名称": sent.name, "统一社会信用代码": sent.code, "县区": sent.county, "条款": sent.title, "依据": basis,
        "年度": sent.year, "批号": sent.batch, "序号": str(sent.serial), "文件名": sent.file, "交回期限": day_of(sent.due),
        "发出日期": day_of(sent.issued_on), "发文机关": office.get(UNIT, ""), "联系人": office.get(CONTACT, UNKNOWN),
        "联系电话": office.get(PHONE, UNKNOWN), "发件邮箱": office.get(MAILBOX, ""), "日期": day_of(on.isoformat()),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that goes with a mail: where it stands in the parcel's folder, and its SHA-256 as it was written."""

    file: str
    digest: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail to one enterprise, whatever it carries: a form, a letter, a receipt.

    `serial`: by which number it is told of; `kind`: what the register calls it; `mark`: what its Message-ID begins with, the
    same for the same mail; `shown`: what the header of our own says; `facts`: what its template may name; `issue`: the form
    sent out that it carries, 0 for anything else; `answers`: the Message-ID of the mail that it answers.
    """

    serial: int
    kind: str
    mark: str
    code: str
    name: str
    address: str
    shown: str
    facts: Mapping[str, str]
    files: tuple[Enclosed, ...] = ()
    issue: int = 0
    answers: str = ""

    def message_id(self, mailbox: str) -> str:
        """The same for the same mail, so that a mail server that is told twice can tell."""
        return f"<{self.mark}.{self.kind}@{mailbox.rpartition('@')[2] or 'localhost'}>".lower()


def message(
    parcel: Parcel, letter: Letter, office: Mapping[str, str], contents: Sequence[bytes], now: dt.datetime
) -> EmailMessage:
    """The mail with what it carries (`contents`: of its files, in their order). Raises TemplateError."""
    subject, body = letter.filled(parcel.facts)
    made = EmailMessage(policy=SMTP)
    mailbox = office.get(MAILBOX, "")
    name, _, domain = mailbox.rpartition("@")
    made["From"] = Address(office.get(SENDER) or office.get(UNIT, ""), name, domain) if domain else mailbox
    made["To"] = parcel.address
    made["Subject"] = subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = parcel.message_id(mailbox)
    made[ISSUE] = parcel.shown
    if parcel.answers:
        made["In-Reply-To"] = made["References"] = parcel.answers
        made["Auto-Submitted"] = "auto-replied"
    made.set_content(body, charset="utf-8", cte="base64")
    for one, data in zip(parcel.files, contents, strict=True):
        called = Path(one.file).name
        kind = _KINDS.get(Path(called).suffix.lower(), "octet-stream")
        made.add_attachment(data, "application", kind, filename=called)
    return made
