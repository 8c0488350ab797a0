"""What a returned file is, judged by its content, and whether it is safe to parse.

Nothing is parsed before its sizes are checked. A part is unpacked to one byte past the size that it declares and no
further: one that lies about it costs nothing and is refused.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import lru_cache, wraps
from io import BytesIO
from typing import BinaryIO, ParamSpec, TypeVar

from xlpolicy.faults import Fault, PolicyError

MAX_FILE = 50 * 2**20
MAX_PART = 32 * 2**20
#: of a part of a workbook that nobody sent in: a ledger of 100,000 rows
MAX_OWN = 512 * 2**20
MAX_TOTAL = 128 * 2**20
MAX_ENTRIES = 4000
MAX_RATIO = 200
RATIO_FLOOR = 2**20
PROLOG = 2048
#: parts up to this size are known again; nearly all forms of a batch have theirs in common
_KNOWN = 2**16
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Unreadable(PolicyError):
    """A file that is not read: a stable code, what it is, what to do."""

    def __init__(self, code: str, got: str, remedy: str) -> None:
        self.code = code
        super().__init__(got, remedy=remedy)

    def told(self, code: str, file: str, expected: str) -> Fault:
        """The fault in the words of a step that asked for a workbook of the bureau's own: nobody sends that again."""
        return Fault(code, file, "", self.problem.got, expected, OPEN_AGAIN)


OPEN_AGAIN = "用 Excel 打开后另存为 .xlsx 再试"
SAVE_AS = "用 Excel 或 WPS 打开，另存为 .xlsx 后重新发来"
RESEND = "请对方重新导出并发送，先自己打开确认无误"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER: tuple[tuple[bytes, str, str, str], ...] = (
    (b"%PDF", "pdf", "是 PDF 文件，不是可填写的表格", "请对方发回填好的电子表格（.xlsx），PDF 或扫描件另作附件"),
    (b"\x89PNG", "image", "是图片", "请对方发回填好的电子表格（.xlsx），图片另作附件"),
    (b"\xff\xd8\xff", "image", "是图片", "请对方发回填好的电子表格（.xlsx），图片另作附件"),
    (b"GIF8", "image", "是图片", "请对方发回填好的电子表格（.xlsx），图片另作附件"),
    (b"BM", "image", "是图片", "请对方发回填好的电子表格（.xlsx），图片另作附件"),
    (b"II*\0", "image", "是图片", "请对方发回填好的电子表格（.xlsx），图片另作附件"),
    (b"MM\0*", "image", "是图片", "请对方发回填好的电子表格（.xlsx），图片另作附件"),
    (b"RIFF", "image", "是图片或音像文件", "请对方发回填好的电子表格（.xlsx）"),
    (b"Rar!", "archive", "是 RAR 压缩包", "请对方解压后发来，或改用 zip"),
    (b"7z\xbc\xaf", "archive", "是 7z 压缩包", "请对方解压后发来，或改用 zip"),
    (b"\x1f\x8b", "archive", "是 gzip 压缩文件", "请对方解压后发来，或改用 zip"),
    (b"BZh91AY&SY", "archive", "是 bzip2 压缩文件", "请对方解压后发来，或改用 zip"),
    (b"\xfd7zXZ", "archive", "是 xz 压缩文件", "请对方解压后发来，或改用 zip"),
    (b"MSCF", "archive", "是 cab 压缩文件", "请对方解压后发来，或改用 zip"),
    (b"{\\rtf", "word", "是 Word（RTF）文档，不是表格", "请对方在电子表格（.xlsx）里填写后发回"),
    (b"L\0\0\0\x01\x14\x02\0", "not_spreadsheet", "是快捷方式，不是文件本身", "请对方发来快捷方式所指的文件"),
    (b"[InternetShortcut]", "not_spreadsheet", "是网址快捷方式，不是文件本身", "请对方下载后发来文件本身"),
    (b"MZ\x90\0", "not_spreadsheet", "是程序，不是表格", "请勿打开，向对方核实文件来源"),
    (b"ID3\x03", "not_spreadsheet", "是录音文件，不是表格", "请对方发回填好的电子表格（.xlsx）"),
    (b"\x78\x9f\x3e\x22", "mail", "是 Outlook 打包的附件（winmail.dat）", "请对方把电子表格（.xlsx）直接作附件重发"),
)
WORD = "请对方在电子表格（.xlsx）里填写后发回"
TAKE_OUT = "用邮件软件打开，把附件另存到收件文件夹；在工作文件夹里可以运行 xlpolicy mail fetch 放邮件的文件夹，附件由它归入“收件”和“凭证”"
#: the lines that a saved mail, or a page saved as one file, begins with
_HEADER = re.compile(rb"(?:[a-z][a-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+", re.I)
_TEXT_BAD = re.compile("[\x00-\x08\x0e-\x1f]")
#: an address far out (three letters of column, five digits of row), or the attribute written as no program writes it
_FAR = re.compile(rb""" r(?:="(?:[A-Za-z]{3}|[A-Za-z]{0,2}\d{5})|=?\s|=')""")
_OTHER_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8)", re.I)
_ODD = (b"\tr", b"\nr", b"\rr")
_LOCAL = struct.Struct("<26xHH")


class Package:
    """A zip of parts whose sizes have been checked; of one in a file no more is held than is asked for."""

    def __init__(self, data: bytes | BinaryIO, largest: int = MAX_PART) -> None:
        self._file = BytesIO(data) if isinstance(data, bytes) else data
        try:
            with zipfile.ZipFile(self._file) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError):
            raise Unreadable("truncated", "文件不完整或已损坏", RESEND) from None
        self.infos = infos
        self.parts = {info.filename: info for info in infos}
        self._found = {plain_name(info.filename): info for info in infos}
        _check_sizes(infos, self._file.seek(0, os.SEEK_END), largest)

    @property
    def data(self) -> bytes:
        """All of it."""
        self._file.seek(0)
        return self._file.read()

    def find(self, name: str) -> zipfile.ZipInfo | None:
        """A part by its name, as programs look for it: whatever the case and the slashes."""
        return self._found.get(plain_name(name))

    @property
    def names(self) -> list[str]:
        """All parts by such names."""
        return list(self._found)

    def inflate(self, info: zipfile.ZipInfo, limit: int = MAX_PART) -> bytes:
        """The first `limit` bytes of a part. Raises Unreadable on damage."""
        return _inflated(self.packed(info), info.compress_type, limit)

    def packed(self, info: zipfile.ZipInfo) -> bytes:
        """A part as it is packed. Raises Unreadable on damage."""
        self._file.seek(info.header_offset)
        try:
            name, extra = _LOCAL.unpack(self._file.read(_LOCAL.size))
        except struct.error:
            raise _damaged() from None
        self._file.seek(name + extra, os.SEEK_CUR)
        return self._file.read(info.compress_size)

    def whole(self, info: zipfile.ZipInfo) -> bytes:
        """A part, checked against its declared size and its checksum. Raises Unreadable."""
        read = _known if info.file_size <= _KNOWN else _whole
        return read(self.packed(info), info.compress_type, info.file_size, info.CRC)


def _damaged() -> Unreadable:
    return Unreadable("corrupt", "文件已损坏，内容解不开", RESEND)


def _inflated(packed: bytes, method: int, limit: int) -> bytes:
    if method == zipfile.ZIP_STORED:
        return packed[:limit]
    if method != zipfile.ZIP_DEFLATED:
        raise Unreadable("corrupt", "用了不支持的压缩方式", SAVE_AS)
    try:
        return zlib.decompressobj(-15).decompress(packed, limit)
    except zlib.error:
        raise _damaged() from None


def _whole(packed: bytes, method: int, size: int, checksum: int) -> bytes:
    data = _inflated(packed, method, size + 1)
    if len(data) > size:
        raise Unreadable("zip_bomb", "解开后的大小与压缩包里写的不符", "请勿打开，向对方核实文件来源")
    if len(data) < size or zlib.crc32(data) != checksum:
        raise Unreadable("corrupt", "文件已损坏，内容校验不符", RESEND)
    return data


#: what nearly all forms of a batch have in common is unpacked once
_known = lru_cache(maxsize=32)(_whole)


def plain_name(name: str) -> str:
    """A part's name without what programs overlook: case, backslashes, a leading slash or ./"""
    return name.replace("\\", "/").removeprefix("./").lstrip("/").lower()


def prolog(head: bytes) -> None:
    """Refuse a document type or entity declaration before the root element. Raises Unreadable."""
    root = re.search(rb"<[A-Za-z_]", head)
    before = head[: root.start()] if root else head
    if b"<!DOCTYPE" in before or b"<!ENTITY" in before or (not root and head):
        raise entity()


def entity() -> Unreadable:
    """What is said of a part that declares a document type or entities."""
    return Unreadable(
        "xml_entity", "文件里夹着表格不会有的代码（XML 实体声明），可能是恶意文件", "请勿打开，向对方核实文件来源"
    )


def not_utf8(xml: bytes) -> bool:
    """Whether a part is in another encoding, or says so; its mark has been taken off."""
    return b"\0" in xml[:4] or _OTHER_ENCODING.match(xml) is not None


def _check_sizes(infos: list[zipfile.ZipInfo], size: int, largest: int) -> None:
    bomb = Unreadable("zip_bomb", "解开后大得不合常理，可能是压缩炸弹", "请勿打开，向对方核实文件来源")
    if len(infos) > MAX_ENTRIES or sum(i.file_size for i in infos) > max(MAX_TOTAL, largest):
        raise bomb
    if sum(i.compress_size for i in infos) > size:
        raise Unreadable("corrupt", "文件结构不合规，压缩内容互相重叠", "请勿打开，向对方核实文件来源")
    for info in infos:
        big = info.file_size > RATIO_FLOOR and info.file_size > MAX_RATIO * max(1, info.compress_size)
        if info.file_size > largest or big:
            raise bomb
        if info.flag_bits & 1:
            raise Unreadable("password", "压缩包加了密码", "请对方去掉密码后重新发送，或解密后放入收件文件夹")


def kind(data: bytes) -> str:
    """package, compound or csv. Raises Unreadable with the precise reason for anything else."""
    if not data:
        raise Unreadable("empty_file", "文件是空的（0 字节）", RESEND)
    if len(data) > MAX_FILE:
        raise Unreadable("too_large", f"文件超过 {MAX_FILE // 2**20} MB", "去掉图片和附件后重新保存")
    if data[:2] == b"PK":
        return "package"
    if data[:8] == _OLE:
        return "compound"
    for magic, code, got, remedy in _OTHER:
        if data.startswith(magic):
            raise Unreadable(code, got, remedy)
    if data[4:12] in (b"ftypheic", b"ftypmif1", b"ftypheix"):
        raise Unreadable("image", "是图片", "请对方发回填好的电子表格（.xlsx），图片另作附件")
    if data[4:8] == b"ftyp":
        raise Unreadable("not_spreadsheet", "是录像或录音文件，不是表格", "请对方发回填好的电子表格（.xlsx）")
    if data[257:262] == b"ustar":
        raise Unreadable("archive", "是 tar 压缩包", "请对方解压后发来，或改用 zip")
    return _text(data)


#: tables that are written down as text
_LINES_OF_TEXT = {
    b"id;p": " SYLK（.slk）", b"table\n0,1": " DIF（.dif）", b"table\r\n0,1": " DIF（.dif）", b"<office:document ": "平面 XML（.fods）",
}  # fmt: skip


def _text(data: bytes) -> str:
    head = data[:4096].lstrip(b"\xef\xbb\xbf").lstrip().lower()
    if header := _HEADER.match(head):
        said = {line.partition(b":")[0] for line in header[0].splitlines()}
        if b"from" in said and said & {b"to", b"received", b"delivered-to", b"message-id"}:
            raise Unreadable("mail", "是另存的邮件，申请表可能在它的附件里", TAKE_OUT)
        if b"mime-version" in said:
            raise Unreadable("html", "是存成一个文件的网页（.mht）", SAVE_AS)
    if head.startswith((b"<html", b"<!doctype html", b"<table")) or b"<html" in head:
        raise Unreadable("html", "是网页，不是表格文件", SAVE_AS)
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        raise Unreadable("xml2003", "是 XML 表格（2003）格式", SAVE_AS)
    for mark, name in _LINES_OF_TEXT.items():
        if head.startswith(mark) or (mark[:1] == b"<" and mark in head):
            raise Unreadable("reader_limit", f"是{name}格式的表格，本程序读不了", SAVE_AS)
    if head.startswith(b"<?xml"):
        raise Unreadable("not_spreadsheet", "是 XML 文件，不是表格", SAVE_AS)
    decode(data)
    return "csv"


def decode(data: bytes) -> str:
    """The text of a CSV: UTF-8, UTF-16 with its mark, else GB18030. Raises Unreadable for binary content."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _TEXT_BAD.search(text):
            return text
    raise Unreadable("unknown_format", "认不出是什么文件", "请对方发回 .xlsx 格式的申请表")


def far(xml: bytes) -> bool:
    """Whether a sheet may name a row or column so far out that its extent must be measured before it is parsed."""
    return _FAR.search(xml) is not None or any(odd[:1] in xml and odd in xml for odd in _ODD)


def remembered(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """`read`, with what it made of the last small parts kept: what it returns is never changed."""
    kept = lru_cache(maxsize=32)(read)

    @wraps(read)
    def again(*args: _P.args, **named: _P.kwargs) -> _T:
        size = sum(len(part) for part in args if isinstance(part, bytes))
        return kept(*args, **named) if size <= _KNOWN else read(*args, **named)  # type: ignore[arg-type]

    return again
