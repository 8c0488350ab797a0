"""A returned file -> its sheets as rows of raw values, judged by content and never by name.

.xlsx .xlsm .xls .xlsb .ods go through python-calamine, .csv through the standard library, a zip is opened into the
files it holds. Rows start at A1, so a position is an absolute cell. Nothing is executed and no link is followed.
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path, PurePosixPath
from zipfile import ZipInfo

from xlpolicy.faults import Fault, system_reason
from xlpolicy.forms import extent
from xlpolicy.forms.opened import MAX_ROWS, Book, Rows, open_calamine
from xlpolicy.forms.seen_ods import look_ods
from xlpolicy.forms.seen_xls import look_xls
from xlpolicy.sheets.compound import Compound, compound_kind
from xlpolicy.sheets.package import (
    MAX_FILE,
    MAX_PART,
    PROLOG,
    SAVE_AS,
    Package,
    Unreadable,
    decode,
    kind,
    prolog,
)
from xlpolicy.sheets.structure import (
    is_utf16,
    main_part,
    package_kind,
    relations,
    relations_part,
    usual,
    workbook,
)
from xlpolicy.sheets.text import guessed

MAX_MEMBERS = 500
MAX_WORKBOOK = 4 * 2**20
MAX_NESTING = 1
#: what systems and programs leave beside the files: resource forks, hidden files, lock files
_SKIPPED = re.compile(r"(^|/)(__MACOSX/.*|\.[^./][^/]*|~\$[^/]*|Thumbs\.db|desktop\.ini)$", re.I)
#: parts and storages that hold macros, and those that hold another document
_MACROS = re.compile(r"vbaproject\.bin$|xlmacrosheet$|/macrosheets/|^basic/|^_vba_project_cur$")
_EMBEDDED = re.compile(r"^(?:xl/(?:embeddings|activex)/|object \d+(?:/|$)|mbd[\da-f]{8}$)")
_LINKS = re.compile("^xl/externallinks/")
#: a first line with which Excel is told what parts the columns
_SEPARATED = re.compile(r"\Asep=.(?:\r\n?|\n)", re.I)
_IN_QUOTES = re.compile('"[^"]*"')
_DEFAULT_PASSWORD = "VelvetSweatshop"


@dataclass(frozen=True, slots=True)
class Source:
    """A returned file, or a member of a zip: a book, or why there is none.

    `index`: the member's place in the zip, None where it cannot be taken out; `size`: its bytes.
    """

    file: str
    member: str
    book: Book | None
    failure: Unreadable | None = None
    index: int | None = None
    size: int = 0

    @property
    def shown(self) -> str:
        """How a problem names it."""
        return f"{self.file}/{self.member}" if self.member else self.file


def open_file(path: Path, largest: int = MAX_PART) -> Iterator[Source]:
    """The file, or the members of a zip, each for itself. Never raises for what the file is.

    `largest`: bytes of one part of a workbook.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise too_large()
        data = path.read_bytes()
    except Unreadable as failure:
        yield Source(path.name, "", None, failure)
        return
    except OSError as error:
        busy = Unreadable("io", f"文件打不开（{system_reason(error)}）", "关闭占用它的程序或检查权限后再试")
        yield Source(path.name, "", None, busy)
        return
    yield from open_bytes(data, path.name, largest=largest)


def too_large() -> Unreadable:
    """What is said of a file that is not even opened."""
    return Unreadable("too_large", f"文件超过 {MAX_FILE // 2**20} MB", "去掉图片和附件后重新保存")


def open_bytes(
    data: bytes, file: str, member: str = "", depth: int = 0, index: int | None = None, largest: int = MAX_PART
) -> Iterator[Source]:
    """As `open_file`, for content at hand."""
    try:
        found = kind(data)
        package = Package(data, largest) if found == "package" else None
        if package is not None:
            found = package_kind(package)
            if found == "zip":
                yield from _members(package, file, member, depth)
                return
        book = _book(found, data, package)
    except Unreadable as failure:
        yield Source(file, member, None, failure, index, len(data))
        return
    yield Source(file, member, book, None, index, len(data))


def _members(package: Package, file: str, outer: str, depth: int) -> Iterator[Source]:
    members = list(zip_members(package))
    if not members:
        raise Unreadable("empty_archive", "压缩包里没有文件", "请对方重新打包发送")
    if depth >= MAX_NESTING:
        raise Unreadable("nested_archive", "压缩包里还有压缩包", "逐层解压后放入收件文件夹")
    if len(members) > MAX_MEMBERS:
        raise Unreadable("too_many", f"压缩包里有 {len(members)} 个文件，超过 {MAX_MEMBERS} 个", "分批打包")
    for index, info, name in members:
        shown = member_name(f"{outer}/{name}" if outer else name)
        try:
            data = package.whole(info)
        except Unreadable as failure:
            yield Source(file, shown, None, failure)
            continue
        yield from open_bytes(data, file, shown, depth + 1, index)


def zip_members(package: Package) -> Iterator[tuple[int, ZipInfo, str]]:
    """The files of a zip: place, entry, and what it is called; without what systems leave beside them."""
    for index, info in enumerate(package.infos):
        name = info.filename
        if info.is_dir() or _SKIPPED.search(name):
            continue
        if not info.flag_bits & 0x800:
            # made by a Chinese Windows (GBK) or a Mac (UTF-8), without the flag
            with contextlib.suppress(UnicodeError):
                name = guessed(name.encode("cp437"))
        yield index, info, name


def member_name(name: str) -> str:
    """A member's name without anything that leads out of a folder; only shown, never written to."""
    parts = [p for p in PurePosixPath(name.replace("\\", "/")).parts if p not in ("/", "..", ".")]
    return "/".join(re.sub(r'[:*?"<>|\x00-\x1f]', "_", part) for part in parts) or "未命名"


def _book(found: str, data: bytes, package: Package | None) -> Book:
    if found == "csv":
        return _csv(data)
    if found == "compound":
        found, compound = compound_kind(data)
        return _xls(data, compound) if compound is not None else _decrypted(data)
    assert package is not None
    if found == "ods":
        return _ods(data, package)
    return _xlsx(data, package) if found == "xlsx" else _xlsb(data, package)


def _xlsx(data: bytes, package: Package) -> Book:
    main = main_part(package)
    info = package.find(main)
    assert info is not None  # by which the kind was told
    if info.file_size > MAX_WORKBOOK:
        raise Unreadable("too_large", "工作簿的目录大得不合常理", SAVE_AS)
    said, related = workbook(package.whole(info)), relations(package, main)
    listed = package.find(relations_part(main))
    # a slash before a name, a backslash in a target: calamine looks for them as they stand
    odd = main != "xl/workbook.xml" or package.infos[0].filename[:1] in ("/", "\\", ".")
    odd = odd or (listed is not None and b"\\" in package.whole(listed))
    for target in (main, relations_part(main), *(target for _, target in related.values())):
        part = package.find(target) if target.lower().endswith((".xml", ".rels")) else None
        if part is not None:
            head = package.inflate(part, PROLOG)
            if is_utf16(head):
                odd = True
            else:
                prolog(head)
    if odd:
        data = usual(package, main, related)
        return _xlsx(data, Package(data))
    calamine, sheets, hidden = open_calamine(data, package, main)
    book = Book(sheets, calamine, date1904=said.date1904, package=package, hidden=hidden, places=said.places)
    book.named, book.printed = frozenset(name for name, _ in said.names), said.printed()
    if said.hidden:
        got, remedy = "工作簿的窗口被隐藏，打开后什么也看不到", "取消隐藏窗口（视图－取消隐藏），核对里面的内容"
        book.warnings.append(Fault("hidden_print", got=got, remedy=remedy, severity="warning"))
    for name, rid in said.sheets:
        part = package.find(related.get(rid, ("", ""))[1])
        if part is not None:
            book.parts[name] = part
    _contents(book, package.names)
    return book


def _contents(book: Book, parts: Collection[str]) -> None:
    """What a package (or the storages of a compound file) holds that is not read, by the names of its parts."""
    told = {
        _MACROS: Fault("macro", got="文件带有宏（未运行）", remedy="核对来源；入账用的副本不含宏", severity="warning"),
        _LINKS: Fault(
            "external_link",
            got="文件链接了别的工作簿（没有打开）",
            remedy="核对数值是否为本单位填写",
            severity="warning",
        ),
        _EMBEDDED: Fault(
            "embedded", got="表里嵌有别的文件或对象（没有打开）", remedy="看里面有没有要处理的内容", severity="warning"
        ),
    }
    book.warnings += [fault for marks, fault in told.items() if any(map(marks.search, parts))]


def _xlsb(data: bytes, package: Package) -> Book:
    main = main_part(package)
    info = package.find(main)
    assert info is not None  # by which the kind was told
    said, related = extent.xlsb_workbook(package.whole(info)), relations(package, main)
    special = {}
    for name, rid in said.sheets:
        kind, target = related.get(rid, ("", ""))
        part = package.find(target)
        if part is not None and kind.endswith("/worksheet"):
            special[name] = extent.xlsb_sheet(package.whole(part))
            special[name].check(name)
    calamine, sheets, hidden = open_calamine(data)
    book = Book(sheets, calamine, date1904=said.date1904, special_cells=special, hidden=hidden)
    _contents(book, package.names)
    book.warnings.append(_unseen("xlsb"))
    return book


def _unseen(ending: str) -> Fault:
    """What is said of a file whose format the second reader does not know."""
    got = f"本程序看不到这种格式（.{ending}）里的删除线、字的颜色、批注、公式、数字格式、合并和隐藏的行列"
    return Fault("not_seen", got=got, remedy="请对方另存为 .xlsx 后再报，或对照原件核对", severity="warning")


def _ods(data: bytes, package: Package) -> Book:
    content = package.parts.get("content.xml")
    if content is None:
        raise Unreadable("corrupt", "不是完整的工作簿，缺少主要部件", SAVE_AS)
    manifest = package.parts.get("META-INF/manifest.xml")
    if manifest is not None and b"encryption-data" in package.whole(manifest):
        raise Unreadable("password", "文件加了打开密码", "请对方去掉密码后重新发送")
    xml = package.whole(content)
    prolog(xml[:PROLOG])
    tables = extent.ods_sheets(xml)
    for special in tables:
        special.check("（.ods）")
    calamine, sheets, hidden = open_calamine(data, package, "content.xml")
    book = Book(sheets, calamine, hidden=hidden)
    beside = (package.parts.get(name) for name in ("styles.xml", "settings.xml"))
    seen = look_ods(xml, *(package.whole(part) if part is not None else b"" for part in beside))
    if len(sheets) == len(tables) == len(seen):
        book.special_cells = dict(zip(sheets, tables, strict=True))
        book.looks = dict(zip(sheets, seen, strict=True))
    else:
        book.warnings.append(_unseen("ods"))
    _contents(book, package.names)
    return book


def _xls(data: bytes, compound: Compound) -> Book:
    entry = compound.workbook
    assert entry is not None  # by which the kind was told
    said = extent.xls_sheets(compound.stream(entry))
    if said is None:
        return _decrypted(data)
    for special in said.sheets:
        special.check("（.xls）")
    calamine, sheets, hidden = open_calamine(compound.for_calamine())
    book = Book(sheets, calamine, date1904=said.date1904, hidden=hidden)
    if len(sheets) == len(said.sheets):
        book.special_cells = dict(zip(sheets, said.sheets, strict=True))
    seen = look_xls(compound.stream(entry))
    if seen is not None and len(sheets) == len(seen):
        book.looks = dict(zip(sheets, seen, strict=True))
    else:
        book.warnings.append(_unseen("xls"))
    _contents(book, [*compound.root, *(["xlmacrosheet"] if said.macros else [])])
    return book


def _decrypted(data: bytes) -> Book:
    """A file Excel opens without asking (protected with its own default password) is read; any other is not."""
    import msoffcrypto

    needs = Unreadable("password", "文件加了打开密码", "请对方去掉密码（文件－信息－保护工作簿）后重新发送")
    plain = BytesIO()
    try:
        office = msoffcrypto.OfficeFile(BytesIO(data))
        office.load_key(password=_DEFAULT_PASSWORD)
        office.decrypt(plain)
    except Exception:  # noqa: BLE001  whatever the library meets, the file stays closed
        raise needs from None
    body = plain.getvalue()
    found = kind(body)
    package = Package(body) if found == "package" else None
    if found == "compound":
        _, compound = compound_kind(body)
        entry = compound.workbook if compound else None
        if compound is None or entry is None or extent.xls_sheets(compound.stream(entry)) is None:
            raise needs
    return _book(package_kind(package) if package else found, body, package)


def _csv(data: bytes) -> Book:
    text = _SEPARATED.sub("", decode(data))
    head = _IN_QUOTES.sub("", text[:4096])
    delimiter = max(",\t;", key=head.count)
    csv.field_size_limit(MAX_FILE)
    try:
        reader = csv.reader(StringIO(text, newline=None), delimiter=delimiter)  # any of the three ends of a line
        book = Book(("",))
        rows: Rows = []
        for row in islice(reader, MAX_ROWS):
            book.spend([row])
            rows.append(row)
        more = next(reader, None) is not None
    except csv.Error:
        raise Unreadable("corrupt", "文件已损坏，读不出来", SAVE_AS) from None
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise Unreadable("empty_file", "文件里没有内容", "请对方重新导出并发送，先自己打开确认无误")
    book.read[""], book.cut = rows, {""} if more else set()
    return book
