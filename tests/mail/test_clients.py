"""What clients and people really send: each case with its outcome, written down before it was run. Nothing vanishes."""

from __future__ import annotations

import base64
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from test_fetch import BODY, HEAD, NAME, attached, gbk_zip, mail, outlook, zipped
from workingfolder import Bureau

from xlpolicy.mail.filing import Filed, file_mails
from xlpolicy.mail.incoming import read_mail

OCTETS = b"application/octet-stream"


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
    assert got == ["6.xlsx"] and said == ["正文里有超大附件（云附件）的链接，没有取"]


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
