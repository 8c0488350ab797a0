"""What clients and people really send: each case with its outcome, written down before it was run. Nothing vanishes."""

from __future__ import annotations

import base64
import io
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from invoicekit import Made, form, ofd, write
from mailkit import issued_forms
from openpyxl import Workbook
from test_fetch import BODY, HEAD, NAME, attached, gbk_zip, mail, outlook, zipped
from workingfolder import Bureau

from xlpolicy.mail.filing import Filed, file_mails
from xlpolicy.mail.incoming import read_mail
from xlpolicy.register.mailing_log import FIRST, SENT, Mailing, note


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    return Bureau(tmp_path_factory.mktemp("甲") / "乙")


def take(bureau: Bureau, *mails: bytes) -> Filed:
    return file_mails(bureau.folder, bureau.register, [(f"{n}.eml", data) for n, data in enumerate(mails)], who="甲")


def taken(filed: Filed) -> list[str]:
    return sorted(Path(place).name for place in [*filed.forms, *filed.papers])


def called(header: bytes) -> bytes:
    """A part whose name stands in `header`."""
    return attached(b"Content-Disposition: attachment;\r\n " + header + b"\r\n", b"form")


def pieces(coded: str, *cuts: int) -> list[str]:
    edges = [0, *cuts, len(coded)]
    return [coded[a:b] for a, b in pairwise(edges)]


QUOTED = "".join(f"%{b:02X}" for b in NAME.encode("gbk"))
WORD = f"=?GB2312?B?{base64.b64encode(NAME.encode('gbk')).decode()}?="
HALF = NAME.encode("gbk")[:7], NAME.encode("gbk")[7:]  # in the middle of a character


@pytest.mark.parametrize(
    "header",
    [
        # RFC 2231 in three pieces, cut inside a character
        "filename*0*=GBK''{}; filename*1*={};\r\n filename*2*={}".format(*pieces(QUOTED, 9, 30)),
        # an encoded word in pieces, as QQ writes it
        'filename*0="{}";\r\n filename*1="{}"'.format(*pieces(WORD, 20)),
        # two encoded words, cut inside a character
        'filename="=?gbk?B?{}?=\r\n =?gbk?B?{}?="'.format(*(base64.b64encode(half).decode() for half in HALF)),
        f"filename={WORD}",  # without quotes
        "filename=" + "".join(f"%{b:02X}" for b in NAME.encode()),  # as in an address of the web
        f"filename*=UTF-8''{''.join(f'%{b:02X}' for b in NAME.encode())}; filename=\"?????.xlsx\"",
    ],
)
def test_names_in_pieces(bureau: Bureau, header: str) -> None:
    filed = take(bureau, mail(BODY, called(header.encode())))
    assert taken(filed) == [NAME] and not filed.faults


def test_a_mail_that_is_attached_as_a_file_is_opened(bureau: Bureau) -> None:
    """163 forwards as an .eml of octets; Outlook as a .msg; both hold a form."""
    inner = mail(BODY, called(b'filename="a.xlsx"'), subject=b"Subject: inner\r\n")
    eml = attached(b'Content-Disposition: attachment; filename="fwd.eml"\r\n', inner)
    msg = attached(b'Content-Disposition: attachment; filename="fwd.msg"\r\n', outlook("b.xlsx", b"form" * 2000))
    packed = attached(
        b'Content-Disposition: attachment; filename="c.zip"\r\n',
        zipped(**{"d.eml": inner.replace(b"a.xlsx", b"e.xlsx")}),
    )
    filed = take(bureau, mail(BODY, eml, msg, packed, subject=b"Subject: fwd\r\n"))
    assert taken(filed) == ["a.xlsx", "b.xlsx", "e.xlsx"] and not filed.faults


def told(bureau: Bureau, *parts: bytes, **more: Any) -> tuple[list[str], list[str]]:
    filed = take(bureau, mail(*parts, **more))
    return taken(filed), [fault.got for fault in filed.faults]


def test_what_cannot_be_opened_is_said_at_once_and_kept(bureau: Bureau) -> None:
    rar = attached(b'Content-Disposition: attachment; filename="1.rar"\r\n', b"Rar!\x1a\x07\x00" + bytes(20))
    assert told(bureau, BODY, rar) == (["1.rar"], ["附件“1.rar”是 RAR 压缩包"])
    seven = attached(b'Content-Disposition: attachment; filename="2.7z"\r\n', b"7z\xbc\xaf\x27\x1c" + bytes(20))
    assert told(bureau, BODY, seven) == (["2.7z"], ["附件“2.7z”是 7z 压缩包"])
    empty = attached(b'Content-Disposition: attachment; filename="3.xlsx"\r\n', b"")
    assert told(bureau, BODY, empty) == (["3.xlsx"], ["附件“3.xlsx”是空的（0 字节）"])
    opaque = attached(b'Content-Disposition: attachment; filename="smime.p7m"\r\n', b"x", b"application/pkcs7-mime")
    assert told(bureau, BODY, opaque) == (["smime.p7m"], ["邮件经过加密或签名封装（smime.p7m），没有解开"])
    deep = zipped(**{"4.xlsx": b"x"})
    for level in range(6):
        deep = zipped(**{f"{level}.zip": deep})
    got, _ = told(bureau, BODY, attached(b'Content-Disposition: attachment; filename="5.zip"\r\n', deep))
    assert len(got) == 1 and got[0].endswith(".zip"), "left whole, for fill to say"


def test_a_link_to_a_large_attachment_is_said(bureau: Bureau) -> None:
    """QQ and 163 send what is large as a link: a mail with a form and a link is not all that was sent."""
    body = b'Content-Type: text/html; charset="gbk"\r\n\r\n' + "从QQ邮箱发来的超大附件".encode("gbk") + b"\r\n"
    got, said = told(bureau, body, called(b'filename="6.xlsx"'))
    assert got == ["6.xlsx"] and said == ["正文里有超大附件（云附件、在线文档、网盘）的链接，没有取"]


def test_pictures_in_the_text_and_photographs(bureau: Bureau) -> None:
    """A logo is left; a photograph that a phone put into the text is a paper; a form sent inline is a form."""
    inline = b"Content-Disposition: inline; filename=%s\r\nContent-ID: <a>\r\n"
    filed = take(bureau, mail(
        BODY, attached(inline % b"logo.png", b"\x89PNG" + bytes(2000), b"image/png"),
        attached(inline % b"IMG_1.jpeg", b"\xff\xd8\xff" + bytes(90_000), b"image/jpeg"),
        attached(b"Content-Disposition: inline; filename=7.xlsx\r\n", b"form"), subject=b"Subject: phone\r\n",
    ))  # fmt: skip
    assert taken(filed) == ["7.xlsx", "IMG_1.jpeg"] and filed.pictures == 1


def test_somebody_absent_a_machine_and_a_returned_mail(bureau: Bureau) -> None:
    absent = HEAD.replace(b"cw@", b"a@") + b"Auto-Submitted: auto-replied\r\n"
    returned = b"From: PostMaster <postmaster@qq.com>\r\n"
    text = b'Content-Type: text/plain; charset="gbk"\r\n\r\n' + "您的邮件无法送达".encode("gbk")
    filed = take(
        bureau,
        mail(BODY, head=absent),
        mail(BODY, subject="Subject: 自动回复：出差\r\n".encode("gbk")),
        mail(text, head=returned, subject="Subject: 系统退信\r\n".encode("gbk")),
        mail(BODY, called(b'filename="8.xlsx"'), head=absent, subject=b"Subject: auto but with a form\r\n"),
    )
    assert (filed.mails, filed.automatic, taken(filed)) == (4, 2, ["8.xlsx"])
    assert [(f.code, f.got) for f in filed.faults] == [("bounce", "退信“系统退信”，看不出是哪一封")]


REPORT = b"Content-Type: multipart/report; report-type=%s; boundary=B\r\n\r\n--B\r\n" + BODY
OURS = b"<fb2026-001.1.first@example.com>"


def report(kind: bytes, said: bytes, sender: bytes = b"MAILER-DAEMON@example.com") -> bytes:
    """A report of a mail of ours, which comes with it."""
    head = b"From: %s\r\nSubject: report\r\nMIME-Version: 1.0\r\n" % sender
    own = mail(BODY, called(b'filename="own.xlsx"'), head=HEAD + b"Message-ID: " + OURS + b"\r\n")
    parts = b"--B\r\nContent-Type: message/%s\r\n\r\n%s\r\n--B\r\nContent-Type: message/rfc822\r\n\r\n%s--B--\r\n"
    return head + REPORT % kind + parts % (kind, said, own)


def test_what_is_late_or_read_did_not_come_back(tmp_path: Path) -> None:
    """A receipt that it was read and a notice of delay bring nothing and say nothing; a failure is one; forwarded by a
    person, with a form beside it, it is a reply."""
    bureau, _ = issued_forms(tmp_path, 1)
    ours = Mailing(1, FIRST, "1@example.com", OURS.decode(), "表", SENT, "2026-07-01T09:00:00", "")
    with bureau.register.writing("mail", "甲", "发") as entry:
        note(entry, ours)
    read = report(b"disposition-notification", b"Original-Message-ID: " + OURS, b"cw@example.com")
    late = report(b"delivery-status", b"Reporting-MTA: dns; a\r\n\r\nAction: delayed\r\nStatus: 4.4.1")
    failed = late.replace(b"delayed", b"failed")
    filed = take(bureau, read, late)
    assert (filed.automatic, filed.bounced, filed.faults, taken(filed)) == (2, [], [], [])
    forwarded = b"Content-Type: message/rfc822\r\n\r\n" + failed
    filed = take(bureau, mail(BODY, called(b'filename="again.xlsx"'), forwarded, subject=b"Subject: Fw\r\n"))
    assert "again.xlsx" in taken(filed) and not filed.bounced
    assert take(bureau, failed).bounced == ["1@example.com"]


def test_a_file_is_what_it_holds(bureau: Bureau) -> None:
    """Gateways rename and forget names; an OFD is one invoice, also in a zip; what is packed otherwise is said."""
    book = io.BytesIO()
    Workbook().save(book)
    parts = [called(b'filename="%s"' % name) for name in (b"e.xlsx.bin", b"e.pdf", b"e.bin")]
    parts = [part[: part.index(b"\r\n\r\n")] + b"\r\n\r\n" + base64.encodebytes(book.getvalue()) for part in parts]
    filed = take(bureau, mail(BODY, *parts, attached(b"Content-Disposition: attachment\r\n", book.getvalue())))
    assert taken(filed) == ["e.bin", "e.pdf", "e.xlsx.bin", "未命名.bin"] and len(filed.forms) == 4
    invoice = ofd(Made("26350000000000000001", Decimal(100), "示例企业01有限公司", "91350199MA00000015"))
    packed = attached(b'Content-Disposition: attachment; filename="o.zip"\r\n', zipped(**{"p.ofd": invoice}))
    whole = attached(b'Content-Disposition: attachment; filename="o.ofd"\r\n', invoice)
    filed = take(bureau, mail(BODY, whole, packed, subject=b"Subject: ofd\r\n"))
    assert [Path(place).name for place in filed.papers] == ["o.ofd", "p.ofd"] and not filed.forms
    tar = attached(b'Content-Disposition: attachment; filename="q.tar.gz"\r\n', b"\x1f\x8b\x08" + bytes(20))
    assert told(bureau, BODY, tar) == (["q.tar.gz"], ["附件“q.tar.gz”是 gzip 压缩包"])
    body = b"Content-Type: text/html\r\n\r\n<a href='https://www.kdocs.cn/l/a'>form</a>\r\n"
    _, said = told(bureau, body, called(b'filename="r.xlsx"'), subject=b"Subject: wps\r\n")
    assert said == ["正文里有超大附件（云附件、在线文档、网盘）的链接，没有取"]


def test_short_names_and_names_of_a_mac(bureau: Bureau) -> None:
    """The two bytes of 图 in GBK are ͼ in UTF-8; a Mac writes UTF-8 into a zip and does not say so."""
    bare = attached('Content-Disposition: attachment; filename="图.xlsx"\r\n'.encode("gbk"), b"form")
    stand_in = "q" * len("汇总表.xlsx".encode())
    mac = zipped(**{stand_in: b"form"}).replace(stand_in.encode(), "汇总表.xlsx".encode())
    packed = attached(b'Content-Disposition: attachment; filename="s.zip"\r\n', mac)
    assert told(bureau, BODY, bare, packed, subject=b"Subject: names\r\n")[0] == ["图.xlsx", "汇总表.xlsx"]


def test_the_blank_form_that_comes_back_beside_the_filled_one(tmp_path: Path) -> None:
    """A reply that carries our own mail: the form is judged (500万 × 3%), and nobody is asked to fill in the other."""
    bureau, out = issued_forms(tmp_path, 2)
    blank = [(out.folder / file).read_bytes() for file in out.files]
    own = form(1, [], in_investment=500)
    write(bureau.folder.inbox, {"甲/a.xlsx": blank[0], "甲/b.xlsx": own, "乙/c.xlsx": blank[1]})
    places = {record.file: record.place for record in bureau.fill().summary.records}
    assert places == {"甲/a.xlsx": "重复", "甲/b.xlsx": "已核定", "乙/c.xlsx": "空白"}
    write(bureau.folder.inbox, {"丙/d.xlsx": blank[0] + b"\0"})
    assert bureau.fill().received.forms == 1 and bureau.count("notices") == 1, "also when it comes later"


def test_one_firm_from_two_addresses_and_twice(bureau: Bureau) -> None:
    """The same form from another address lies in another folder; the same mail again is known."""
    first = mail(BODY, called(b'filename="9.xlsx"'), subject=b"Subject: one\r\n")
    other = first.replace(b"cw@example.com", b"boss@example.org")
    filed = take(bureau, first, other, first)
    assert (filed.mails, filed.known) == (2, 1)
    assert sorted(filed.forms) == [
        f"收件/邮件/2026-07-20_{who}/9.xlsx" for who in ("boss@example.org", "cw@example.com")
    ]


@pytest.mark.parametrize("ends", [b"\r\n", b"\n"])
def test_every_byte_of_an_encoded_body_is_there(ends: bytes) -> None:
    """Bodies that fill their last line and those that do not; one in another; one that the mail breaks off in."""
    sizes = (0, 1, 57, 58, 1140, 1141, 5000, 70_001)
    data = {size: bytes(n * 7919 % 251 for n in range(size)) for size in sizes}
    parts = [attached(b'Content-Disposition: attachment; filename="%d"\r\n' % size, data[size]) for size in sizes]
    whole = mail(BODY, *parts)
    outer = mail(BODY, attached(b'Content-Disposition: attachment; filename="in.eml"\r\n', whole), *parts)
    read = read_mail(outer.replace(b"\r\n", ends))
    assert read.files == [("in.eml", whole), *((str(size), data[size]) for size in sizes)]
    (*_, (_, last)) = read_mail(outer[:-4000].replace(b"\r\n", ends)).files
    assert len(last) > 60_000 and data[70_001].startswith(last[:60_000])


def test_a_huge_mail_and_one_that_is_broken(bureau: Bureau) -> None:
    big = attached(b'Content-Disposition: attachment; filename="10.xlsx"\r\n', bytes(20_000_000))
    assert told(bureau, BODY, big) == (["10.xlsx"], [])
    whole = mail(BODY, called(b'filename="11.xlsx"'), subject=b"Subject: cut\r\n")
    assert taken(take(bureau, whole[:-60])) == ["11.xlsx"], "for fill to say what it is"
    assert take(bureau, b"", b"\xff\xfe no mail at all").mails == 2
    named = attached(
        b'Content-Disposition: attachment; filename="g.zip"\r\n', gbk_zip("外层.zip", gbk_zip("申请表.xlsx", b"f"))
    )
    assert told(bureau, BODY, named, subject=b"Subject: gbk\r\n") == (["申请表.xlsx"], [])
    assert bureau.proved()
