"""Replies as clients really write them: what is attached comes into 收件, named as it was, each mail once."""

from __future__ import annotations

import datetime as dt
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from imapserver import Imap, program, running
from mailkit import issued_forms, set_up
from openpyxl import load_workbook
from require_all import marker_text, missing
from smtpserver import LOGIN, PASSWORD, certificate
from test_personal_forms import code, plan_of
from workingfolder import Bureau

from xlpolicy.batch import demo
from xlpolicy.cli import main
from xlpolicy.excel.vba.compound_file import compound_file
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.forms.watched import typed
from xlpolicy.law import catalog
from xlpolicy.mail.filing import file_mails
from xlpolicy.mail.incoming import read_mail
from xlpolicy.mail.outbox import settle_unsure
from xlpolicy.mail.posting import PASSWORD as VARIABLE
from xlpolicy.mail.posting import form_parcels
from xlpolicy.register.issuing import issued
from xlpolicy.register.mailing_log import FIRST, NOT_SENT, SENDING, SENT, Mailing, note, now, states_of

NAME = "福州示例 技改申请表（终稿）.xlsx"
HEAD = b"From: =?gb2312?B?ssbO8Q==?= <cw@example.com>\r\nDate: Mon, 20 Jul 2026 09:00:00 +0800\r\n"
BODY = b'Content-Type: text/plain; charset="gbk"\r\n\r\n' + "申请表见附件".encode("gbk") + b"\r\n"


def mail(
    *parts: bytes, head: bytes = HEAD, subject: bytes = b"Subject: reply\r\n", kind: bytes = b"multipart/mixed"
) -> bytes:
    """A mail written by hand, byte for byte, as a client writes it."""
    lines = head + subject + b"Content-Type: " + kind + b'; boundary="=b="\r\nMIME-Version: 1.0\r\n\r\n'
    return lines + b"".join(b"--=b=\r\n" + part + b"\r\n" for part in parts) + b"--=b=--\r\n"


def attached(header: bytes, data: bytes, kind: bytes = b"application/octet-stream") -> bytes:
    import base64

    return (
        header + b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data)
    )


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def gbk_zip(name: str, data: bytes) -> bytes:
    """As a Chinese Windows writes it: the name in GBK, no flag that says so."""
    stand_in = "q" * len(name.encode("gbk"))
    return zipped(**{stand_in: data}).replace(stand_in.encode(), name.encode("gbk"))


NAMES = {
    "rfc2231 utf-8": b"Content-Disposition: attachment; filename*=utf-8''" + b"".join(b"%%%02X" % b for b in NAME.encode()) + b"\r\n",
    "rfc2231 gbk": b"Content-Disposition: attachment; filename*=GBK''" + b"".join(b"%%%02X" % b for b in NAME.encode("gbk")) + b"\r\n",
    "encoded word in quotes": b'Content-Disposition: attachment; filename="=?gb18030?B?%s?="\r\n'
    % __import__("base64").b64encode(NAME.encode("gb18030")),
    "gb2312 said, gbk meant": b'Content-Disposition: attachment; filename="=?GB2312?B?%s?="\r\n'
    % __import__("base64").b64encode(NAME.encode("gbk")),
    "bare gbk": b'Content-Disposition: attachment; filename="' + NAME.encode("gbk") + b'"\r\n',
    "bare utf-8": b'Content-Disposition: attachment; filename="' + NAME.encode() + b'"\r\n',
}  # fmt: skip


@pytest.mark.parametrize("way", NAMES)
def test_a_name_is_read_however_a_client_writes_it(way: str) -> None:
    read = read_mail(mail(BODY, attached(NAMES[way], b"x")))
    assert [name for name, _ in read.files] == [NAME]
    assert (read.sender, read.name, read.day) == ("cw@example.com", "财务", "2026-07-20")


def test_a_name_in_the_content_type_and_one_in_two_encoded_words() -> None:
    import base64

    halves = [base64.b64encode(part.encode("gbk")) for part in (NAME[:9], NAME[9:])]
    words = b'"=?gbk?B?%s?=\r\n =?gbk?B?%s?="' % (halves[0], halves[1])
    part = b"Content-Transfer-Encoding: 7bit\r\nContent-Type: application/octet-stream; name=" + words + b"\r\n\r\nx"
    assert [name for name, _ in read_mail(mail(BODY, part)).files] == [NAME]


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return issued_forms(tmp_path, 3)[0]


def take(bureau: Bureau, *mails: bytes) -> Any:
    return file_mails(bureau.folder, bureau.register, [(f"{n}.eml", data) for n, data in enumerate(mails)], who="甲")


def test_zips_in_zips_forwarded_mails_and_pictures(bureau: Bureau) -> None:
    inner = zipped(**{"乙.xlsx": b"no zip", "发票/票.xml": b"<x/>", "__MACOSX/._乙.xlsx": b"x"})
    outer = zipped(**{"材料.zip": inner, "丙.et": b"et"})
    forwarded = b"Content-Type: message/rfc822\r\n\r\n" + mail(BODY, attached(NAMES["bare gbk"], b"form"))
    picture = attached(
        b"Content-Disposition: inline; filename=logo.png\r\nContent-ID: <a>\r\n", b"\x89PNG", b"image/png"
    )
    filed = take(
        bureau,
        mail(BODY, attached(b'Content-Disposition: attachment; filename="a.zip"\r\n', outer), picture),
        mail(BODY, forwarded, subject=b"Subject: Fwd\r\n"),
        mail(
            BODY,
            attached(b'Content-Disposition: attachment; filename="b.zip"\r\n', gbk_zip("丁.xlsx", b"d")),
            subject=b"Subject: c\r\n",
        ),
    )
    below = "收件/邮件/2026-07-20_cw@example.com/"
    assert sorted(filed.forms) == sorted(below + name for name in ("乙.xlsx", "丙.et", NAME, "丁.xlsx"))
    assert filed.papers == ["凭证/邮件/2026-07-20_cw@example.com/a/材料/发票/票.xml"]
    assert filed.pictures == 1 and filed.faults == []
    kept = {path.rpartition("/")[2]: (bureau.folder.path / path).read_bytes() for path in filed.forms}
    assert kept == {"乙.xlsx": b"no zip", "丙.et": b"et", NAME: b"form", "丁.xlsx": b"d"}
    assert bureau.proved()


def test_names_lead_nowhere_else_and_overwrite_nothing(bureau: Bureau) -> None:
    bad = b'Content-Disposition: attachment; filename="../../..\\\\con.xlsx"\r\n'
    one = b'Content-Disposition: attachment; filename="a.xlsx"\r\n'
    filed = take(
        bureau,
        mail(BODY, attached(bad, b"1"), attached(one, b"2"), attached(one, b"3"), attached(one, b"2")),
        mail(BODY, attached(b'Content-Disposition: attachment; filename="z.zip"\r\n', zipped(**{"../../b.xlsx": b"4", "../../c.pdf": b"5"})),
             head=HEAD.replace(b"cw@example.com", b"../x/../@evil")),
    )  # fmt: skip
    inside = bureau.folder.inbox.resolve()
    written = [bureau.folder.path / place for place in filed.forms]
    assert all(path.resolve().is_relative_to(inside) and path.is_file() for path in written)
    assert sorted({path.name for path in written}) == ["_con.xlsx", "a (2).xlsx", "a.xlsx", "b.xlsx"]
    assert {path.read_bytes() for path in written} == {b"1", b"2", b"3", b"4"}
    (paper,) = filed.papers
    assert (bureau.folder.path / paper).resolve().is_relative_to((bureau.folder.path / "凭证" / "邮件").resolve())
    # a folder of a zip where a file stands: beside it
    odd = [zipped(**{"票.pdf": b"6"}), zipped(**{"票.pdf/票.pdf": b"7"})]
    parts = [attached(b'Content-Disposition: attachment; filename="y.zip"\r\n', data) for data in odd]
    again = take(bureau, mail(BODY, *parts, subject=b"Subject: odd\r\n"))
    assert [(bureau.folder.path / place).read_bytes() for place in again.papers] == [b"6", b"7"]


def test_winmail_dat_an_encrypted_zip_and_a_mail_without_attachment_are_told(bureau: Bureau) -> None:
    locked = bytearray(zipped(**{"a.xlsx": b"x"}))
    locked[6] |= 1
    at = locked.index(b"PK\1\2")
    locked[at + 8] |= 1
    filed = take(
        bureau,
        mail(BODY, attached(b'Content-Disposition: attachment; filename="winmail.dat"\r\n', b"\x78\x9f\x3e\x22", b"application/ms-tnef")),
        mail(BODY, attached(b'Content-Disposition: attachment; filename="m.zip"\r\n', bytes(locked)), subject=b"Subject: 2\r\n"),
        mail(BODY, subject=b"Subject: =?gbk?B?x+u85w==?=\r\n"),
    )  # fmt: skip
    assert [(f.code, f.severity) for f in filed.faults] == [
        ("winmail", "error"),
        ("password", "error"),
        ("mail", "warning"),
    ]
    assert "没有解开" in str(filed.faults[0]) and "RTF" in str(filed.faults[0])
    assert [Path(place).name for place in filed.forms] == ["m.zip"], "left for fill to say"
    assert [Path(place).name for place in filed.papers] == ["winmail.dat"], "nothing that came is lost"


def test_a_mail_is_taken_once_and_a_reply_is_known_by_its_number(bureau: Bureau, tmp_path: Path) -> None:
    sent = bureau.folder.out / "发表" / "FB2026-001"
    book = load_workbook(next(sent.glob(f"{code(2)}_*")))
    filled = {**plainly(plan_of()), **demo.enterprise(2), "in_investment": 500}
    for field in plan_of().fields:
        if field.key in filled:
            book["申请表"][field.address] = typed(filled[field.key])
    out = io.BytesIO()
    book.save(out)
    late = HEAD.replace(b"20 Jul", b" 3 Aug")
    data = mail(BODY, attached(NAMES["bare gbk"], out.getvalue()), head=late)
    assert take(bureau, data).mails == 1
    again = take(bureau, data)
    assert (again.mails, again.known, again.forms) == (0, 1, [])
    bureau.fill()
    with bureau.register.reading() as connection:
        replied = [(s.serial, s.replied, s.late) for s in issued(connection)]
    assert replied == [(1, "", False), (2, "2026-08-03", True), (3, "", False)], "by the day of the mail"


def test_a_mail_that_came_back_is_noted_and_its_form_is_no_reply(bureau: Bureau) -> None:
    with bureau.register.reading() as connection:
        forms = issued(connection)
    ids = {n: f"<fb2026-001.{n}.form@example.com>" for n in (1, 2, 3)}
    with bureau.register.writing("mail", "甲") as entry:
        for sent in forms:
            note(entry, Mailing(sent.id, FIRST, sent.address, ids[sent.serial], "主题", SENT, now(), ""))
    original = mail(BODY, attached(NAMES["bare gbk"], b"form"), head=HEAD + f"Message-ID: {ids[1]}\r\n".encode())
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; 1@example.com\r\nAction: %s\r\nStatus: 5.1.1\r\n"
    report = b"multipart/report; report-type=delivery-status"
    whole = b"Content-Type: message/rfc822\r\n\r\n" + original
    filed = take(
        bureau,
        mail(BODY, status % b"failed", whole, head=b"From: MAILER-DAEMON@example.com\r\n", kind=report),
        mail(BODY, status % b"delayed", b"Content-Type: text/plain\r\n\r\n" + ids[2].encode(),
             head=b"From: MAILER-DAEMON@example.com\r\n", kind=report),
        mail(b"Content-Type: text/plain; charset=gbk\r\n\r\n" + "退信：用户不存在 ".encode("gbk") + ids[3].encode(),
             head=b"From: Postmaster@163.com\r\n"),
    )  # fmt: skip
    assert filed.bounced == ["1@example.com", "3@example.com"] and filed.forms == []
    with bureau.register.reading() as connection:
        states = {issue: m.state for (issue, _), m in states_of(connection).items()}
    assert [states[s.id] for s in forms] == ["bounced", "sent", "bounced"]
    assert bureau.proved()


def outlook(name: str, data: bytes, *, forwarded: bool = False) -> bytes:
    """A .msg after [MS-OXMSG], as small as one can be; `forwarded`: the attachment in a mail that is attached to it."""
    text = "Subject".encode("utf-16-le")
    moment = int(
        (dt.datetime(2026, 7, 20, 1, tzinfo=dt.UTC) - dt.datetime(1601, 1, 1, tzinfo=dt.UTC)).total_seconds() * 10**7
    )
    mask = struct.pack("<HHIQ", 0x0003, 0x340D, 6, 0x40000)
    sent = struct.pack("<HHIQ", 0x0040, 0x0039, 6, moment)
    sender = "cw@example.com".encode("utf-16-le")
    method = struct.pack("<HHIQ", 0x0003, 0x3705, 6, 1)

    def var(pid: int, kind: int, size: int) -> bytes:
        return struct.pack("<HHIII", kind, pid, 6, size, 0)

    root = (
        struct.pack("<8xIIII8x", 0, 1, 0, 1)
        + mask
        + sent
        + var(0x0037, 0x1F, len(text))
        + var(0x0C1F, 0x1F, len(sender))
    )
    own = name.encode("utf-16-le")
    attachment = {
        "__properties_version1.0": bytes(8) + method + var(0x3701, 0x0102, len(data)) + var(0x3707, 0x1F, len(own)),
        "__substg1.0_37010102": data,
        "__substg1.0_3707001F": own,
    }
    if forwarded:
        inner = {"__properties_version1.0": bytes(24) + mask, "__attach_version1.0_#00000000": attachment}
        as_mail = struct.pack("<HHIQ", 0x0003, 0x3705, 6, 5)
        attachment = {"__properties_version1.0": bytes(8) + as_mail, "__substg1.0_3701000D": inner}
    return compound_file({
        "__properties_version1.0": root, "__substg1.0_0037001F": text, "__substg1.0_0C1F001F": sender,
        "__attach_version1.0_#00000000": attachment,
    })  # fmt: skip


def test_an_outlook_file_and_one_that_is_none(bureau: Bureau) -> None:
    filed = take(bureau, outlook(NAME, b"form" * 2000), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert filed.forms == [f"收件/邮件/2026-07-20_cw@example.com/{NAME}"]
    assert [f.got for f in filed.faults] == [".msg 文件读不出来"]
    again = take(bureau, outlook("转发的申请表.xlsx", b"form" * 2000, forwarded=True))
    assert again.forms == ["收件/邮件/2026-07-20_cw@example.com/转发的申请表.xlsx"] and not again.faults


@pytest.fixture(scope="module")
def imap(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[tuple[Imap, Path]]:
    found = program()
    if found is None:
        missing(marker_text(pytestconfig, "dovecot"))
    pem = certificate(tmp_path_factory.mktemp("pem"))
    with running(found, pem) as server:
        yield server, pem


def test_the_mailbox_is_read_and_left_as_it_is(
    imap: tuple[Imap, Path], bureau: Bureau, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server, pem = imap
    said = {"发件邮箱": LOGIN, "收信服务器": "127.0.0.1", "收信端口": server.port, "证书文件": str(pem)}
    set_up(bureau, **said)
    monkeypatch.chdir(bureau.folder.path)
    monkeypatch.setenv(VARIABLE, PASSWORD)
    for n in range(3):
        made = EmailMessage(policy=SMTP)
        made["From"], made["Subject"], made["Message-ID"] = f"{n}@example.com", "报送", f"<{n}@example.com>"
        made["Date"] = dt.datetime(2026, 7, 20, 9, tzinfo=dt.UTC)
        made.set_content("见附件")
        made.add_attachment(b"form %d" % n, "application", "octet-stream", filename=NAME)
        server.put(made.as_bytes(), f"{n}.host")
    assert main(["mail", "fetch", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["mails"] == 3 and len(data["forms"]) == 3
    assert main(["mail", "fetch"]) == 0
    assert "收到 0 封" in capsys.readouterr().out and server.seen() == 0
    monkeypatch.setenv(VARIABLE, "wrong")
    assert main(["mail", "fetch"]) == 1
    assert "不认登录名或密码" in capsys.readouterr().err
    set_up(bureau, **said, 收信文件夹="没有这个")
    monkeypatch.setenv(VARIABLE, PASSWORD)
    assert main(["mail", "fetch"]) == 1
    assert "没有“没有这个”" in capsys.readouterr().err


def test_a_folder_of_mails(
    bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "来信").mkdir()
    (tmp_path / "来信" / "a.eml").write_bytes(mail(BODY, attached(NAMES["bare gbk"], b"x")))
    (tmp_path / "来信" / "b.msg").write_bytes(outlook("票.ofd", b"x"))
    monkeypatch.chdir(bureau.folder.path)
    assert main(["mail", "fetch", str(tmp_path / "来信")]) == 0
    assert "收到 2 封：申请表等 1 个放进收件，其他材料 1 个放进凭证" in capsys.readouterr().out
    assert main(["mail", "fetch", str(tmp_path / "没有")]) == 2


def test_a_mail_that_was_cut_off_settles_by_itself(imap: tuple[Imap, Path], bureau: Bureau) -> None:
    """Three of which nobody knows: one lies among the sent ones, one does not, the third was answered."""
    server, pem = imap
    office = {"发件邮箱": LOGIN, "收信服务器": "127.0.0.1", "收信端口": str(server.port), "证书文件": str(pem)}
    with bureau.register.reading() as connection:
        forms = issued(connection)
    parcels = form_parcels(forms, FIRST, office, catalog.default(), dt.date(2026, 7, 1))
    ids = [parcel.message_id(LOGIN) for parcel in parcels]
    with bureau.register.writing("mail", "甲") as entry:
        for sent, message in zip(forms, ids, strict=True):
            note(entry, Mailing(sent.id, FIRST, sent.address, message, "主题", SENDING, now(), ""))

    def told() -> list[str]:
        with bureau.register.reading() as connection:
            return [states_of(connection)[sent.id, FIRST].state for sent in forms]

    assert settle_unsure(bureau.register, parcels, {}, PASSWORD, "甲") == 0, "no mailbox is known"
    assert settle_unsure(bureau.register, parcels, office, PASSWORD, "甲") == 0 and told() == [SENDING] * 3
    take(bureau, mail(BODY, head=HEAD + f"In-Reply-To: {ids[2].upper()}\r\n".encode()))
    assert told() == [SENDING, SENDING, SENT]
    server.put(f"From: a\r\nMessage-ID: {ids[0]}\r\n\r\nx".encode(), "s.1", ".Sent Messages")
    assert settle_unsure(bureau.register, parcels, office, PASSWORD, "甲") == 1 and told() == [SENT, SENDING, SENT]
    assert settle_unsure(bureau.register, parcels, office, PASSWORD, "甲") == 1
    assert told() == [SENT, NOT_SENT, SENT], "the folder holds another of ours, and not this one"
    assert settle_unsure(bureau.register, parcels, office, PASSWORD, "甲") == 0 and bureau.proved()
