"""A returned file -> its sheets as rows of raw values, judged by content and never by name.

.xlsx .xlsm .xls .xlsb .ods go through python-calamine, .csv through the standard library, a zip is opened into the
files it holds. Rows start at A1, so a position is an absolute cell. Nothing is executed and no link is followed.
"""

from __future__ import annotations

import contextlib
import csv
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipInfo

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from xlpolicy.faults import Fault, system_reason
from xlpolicy.forms import extent
from xlpolicy.forms.extent import Special
from xlpolicy.forms.seen import Seen, look
from xlpolicy.sheets.package import (
    MAX_FILE,
    PROLOG,
    SAVE_AS,
    Package,
    Unreadable,
    decode,
    far,
    kind,
    package_kind,
    prolog,
)

MAX_MEMBERS = 500
MAX_SHEETS = 60
MAX_ROWS = 2000
MAX_WORKBOOK = 4 * 2**20
MAX_NESTING = 1
#: what systems and programs leave beside the files: resource forks, hidden files, lock files
_SKIPPED = re.compile(r"(^|/)(__MACOSX/.*|\.[^./][^/]*|~\$[^/]*|Thumbs\.db)$")
_DEFAULT_PASSWORD = "VelvetSweatshop"
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^<>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^<>]*)>")
#: what a sheet with formulas or error cells shows
_SPECIAL = (re.compile(rb"<(?:\w+:)?f[\s/>]"), re.compile(rb""" t=["']e["']"""))
_NAME = re.compile(rb"<(?:\w+:)?definedName\s([^<>]*)>([^<]*)<")
_REFERENCE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})(?::|$)")
_DATE1904 = re.compile(rb"""\bdate1904\s*=\s*["'](?:1|true)["']""")
_ATTRIBUTE = re.compile(rb"""(?<![\w:])([\w:]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)')""")

Rows = list[list[Any]]
Place = tuple[int, int]
_NONE: dict[Place, str] = {}


@dataclass(slots=True)
class Book:
    """One readable workbook. `special_cells` is known beforehand but for .xlsx, which is looked at sheet by sheet.

    `cut`: sheets with more rows than are read; `hidden`: sheets that a person who opens the file does not see.
    """

    sheets: tuple[str, ...]
    calamine: CalamineWorkbook | None = None
    warnings: list[Fault] = field(default_factory=list)
    date1904: bool = False
    package: Package | None = None
    workbook: bytes = b""
    parts: dict[str, ZipInfo] = field(default_factory=dict)
    read: dict[str, Rows] = field(default_factory=dict)
    special_cells: dict[str, Special] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    hidden: frozenset[str] = frozenset()
    _xml: dict[str, bytes] = field(default_factory=dict)
    _names: dict[str, dict[str, Place]] | None = None

    def rows(self, sheet: str) -> Rows:
        """All rows from A1; an empty cell is "". Raises Unreadable."""
        rows = self.read.get(sheet)
        if rows is None:
            if self.package is not None and sheet in self.parts:
                self._look(sheet, self.package.whole(self.parts[sheet]))
            rows = self.read[sheet] = _calamine(lambda: self._sheet(sheet))
        return rows

    def _sheet(self, sheet: str) -> Rows:
        assert self.calamine is not None
        found = self.calamine.get_sheet_by_name(sheet)
        if found.end is not None and found.end[0] >= MAX_ROWS:
            self.cut.add(sheet)
        rows: Rows = found.to_python(skip_empty_area=False, nrows=MAX_ROWS)
        return rows

    def _look(self, sheet: str, xml: bytes) -> None:
        """What has to be known of a sheet before it is parsed; exact only where a glance gives reason."""
        prolog(xml[:PROLOG])
        if far(xml):
            extent.xlsx_sheet(xml).check(sheet)
        if any(sign.search(xml) for sign in _SPECIAL):
            self._xml[sheet] = xml

    def special(self, sheet: str) -> dict[Place, str]:
        """Cells in error (their error text) and formulas without a saved result ("")."""
        xml = self._xml.pop(sheet, None)
        if xml is not None:
            self.special_cells[sheet] = extent.xlsx_sheet(xml)
        special = self.special_cells.get(sheet)
        return special.cells if special else _NONE

    def seen(self, sheet: str) -> Seen | None:
        """What the sheet shows beside its values; None for other formats than .xlsx. Raises Unreadable."""
        info, package = self.parts.get(sheet), self.package
        if info is None or package is None:
            return None
        parts = {name.lower().lstrip("/"): part for name, part in package.parts.items()}

        def whole(name: str) -> bytes | None:
            part = parts.get(name)
            return package.whole(part) if part is not None else None

        return look(whole, info.filename.lower().lstrip("/"))

    def names(self, sheet: str) -> dict[str, Place]:
        """The defined names that point to cells of a sheet, of workbook and sheet scope alike."""
        if self._names is None:
            self._names = {}
            for text, reference in _NAME.findall(self.workbook):
                match = _REFERENCE.match(html.unescape(reference.decode("utf-8", "replace")))
                if match:
                    of = match[1].replace("''", "'") if match[1] else match[2]
                    place = int(match[4]) - 1, extent.column_index(match[3])
                    self._names.setdefault(of, {})[_attributes(text).get("name", "")] = place
        return self._names.get(sheet, {})


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


def open_file(path: Path) -> Iterator[Source]:
    """The file, or the members of a zip, each for itself. Never raises for what the file is."""
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
    yield from open_bytes(data, path.name)


def too_large() -> Unreadable:
    """What is said of a file that is not even opened."""
    return Unreadable("too_large", f"文件超过 {MAX_FILE // 2**20} MB", "去掉图片和附件后重新保存")


def open_bytes(data: bytes, file: str, member: str = "", depth: int = 0, index: int | None = None) -> Iterator[Source]:
    """As `open_file`, for content at hand."""
    try:
        found = kind(data)
        package = Package(data) if found == "package" else None
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
    members = [
        (n, i) for n, i in enumerate(package.infos) if not i.is_dir() and not _SKIPPED.search(i.filename)
    ]  # fmt: skip
    if not members:
        raise Unreadable("empty_archive", "压缩包里没有文件", "请对方重新打包发送")
    if depth >= MAX_NESTING:
        raise Unreadable("nested_archive", "压缩包里还有压缩包", "逐层解压后放入收件文件夹")
    if len(members) > MAX_MEMBERS:
        raise Unreadable("too_many", f"压缩包里有 {len(members)} 个文件，超过 {MAX_MEMBERS} 个", "分批打包")
    for index, info in members:
        name = info.filename
        if not info.flag_bits & 0x800:
            with contextlib.suppress(UnicodeError):  # made by a Chinese Windows: GBK without the UTF-8 flag
                name = name.encode("cp437").decode("gb18030")
        shown = member_name(f"{outer}/{name}" if outer else name)
        try:
            data = package.whole(info)
        except Unreadable as failure:
            yield Source(file, shown, None, failure)
            continue
        yield from open_bytes(data, file, shown, depth + 1, index)


def member_name(name: str) -> str:
    """A member's name without anything that leads out of a folder; only shown, never written to."""
    parts = [p for p in PurePosixPath(name.replace("\\", "/")).parts if p not in ("/", "..", ".")]
    return "/".join(re.sub(r'[:*?"<>|\x00-\x1f]', "_", part) for part in parts) or "未命名"


def _book(found: str, data: bytes, package: Package | None) -> Book:
    if found == "csv":
        return _csv(data)
    if found == "encrypted":
        return _decrypted(data)
    if package is None:
        return _xls(data)
    if found == "ods":
        return _ods(data, package)
    return _xlsx(data, package) if found == "xlsx" else _xlsb(data, package)


def _calamine(call: Any) -> Any:
    try:
        return call()
    except CalamineError:
        raise Unreadable("corrupt", "文件已损坏，读不出来", SAVE_AS) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a failed assertion in Rust arrives
            raise
        raise Unreadable("corrupt", "文件已损坏，读不出来", SAVE_AS) from None


def _open(data: bytes) -> tuple[CalamineWorkbook, tuple[str, ...], frozenset[str]]:
    book = _calamine(lambda: CalamineWorkbook.from_filelike(BytesIO(data)))
    sheets = tuple(m.name for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet)
    if len(sheets) > MAX_SHEETS:
        raise Unreadable("too_many", f"有 {len(sheets)} 张工作表，超过 {MAX_SHEETS} 张", "拆成几个文件发送")
    hidden = frozenset(m.name for m in book.sheets_metadata if m.visible != SheetVisibleEnum.Visible)
    return book, sheets, hidden


def _attributes(text: bytes) -> dict[str, str]:
    return {
        key.decode().rpartition(":")[2]: html.unescape((one or two).decode("utf-8", "replace"))
        for key, one, two in _ATTRIBUTE.findall(text)
    }


def _xlsx(data: bytes, package: Package) -> Book:
    parts = {name.lower().lstrip("/"): info for name, info in package.parts.items()}
    for name in ("xl/sharedstrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"):
        if name in parts:
            package.check_prolog(parts[name])
    for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        if name in parts and parts[name].file_size > MAX_WORKBOOK:
            raise Unreadable("too_large", "工作簿的目录大得不合常理", SAVE_AS)
    whole = package.whole(parts["xl/workbook.xml"])
    prolog(whole[:PROLOG])
    relations = parts.get("xl/_rels/workbook.xml.rels")
    targets = {}
    for text in _RELATION.findall(package.whole(relations)) if relations else ():
        attributes = _attributes(text)
        targets[attributes.get("Id", "")] = attributes.get("Target", "").lower()
    calamine, sheets, hidden = _open(data)
    book = Book(
        sheets,
        calamine,
        date1904=_DATE1904.search(whole) is not None,
        package=package,
        workbook=whole,
        hidden=hidden,
    )
    for text in _SHEET.findall(whole):
        attributes = _attributes(text)
        target = targets.get(attributes.get("id", ""), "")
        info = parts.get(target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}")
        if info is not None:
            book.parts[attributes.get("name", "")] = info
    _contents(book, parts)
    return book


def _contents(book: Book, parts: Any) -> None:
    if any(name.endswith(("vbaproject.bin", "xlmacrosheet")) or "/macrosheets/" in name for name in parts):
        book.warnings.append(
            Fault("macro", got="文件带有宏（未运行）", remedy="核对来源；入账用的副本不含宏", severity="warning")
        )
    if any(name.startswith("xl/externallinks/") for name in parts):
        book.warnings.append(
            Fault(
                "external_link",
                got="文件链接了别的工作簿（未跟随）",
                remedy="核对数值是否为本单位填写",
                severity="warning",
            )
        )


def _xlsb(data: bytes, package: Package) -> Book:
    parts = {name.lower().lstrip("/"): info for name, info in package.parts.items()}
    inside = [info for name, info in parts.items() if re.fullmatch(r"xl/worksheets/[^/]+\.bin", name)]
    worst = [extent.xlsb_sheet(package.whole(info)) for info in inside]
    for special in worst:
        special.check("（.xlsb）")
    calamine, sheets, hidden = _open(data)
    book = Book(sheets, calamine, hidden=hidden)
    if len(sheets) == len(worst):
        book.special_cells = dict(zip(sheets, worst, strict=True))
    _contents(book, parts)
    return book


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
    calamine, sheets, hidden = _open(data)
    book = Book(sheets, calamine, hidden=hidden)
    if len(sheets) == len(tables):
        book.special_cells = dict(zip(sheets, tables, strict=True))
    if any(name.startswith("Basic/") for name in package.parts):
        book.warnings.append(
            Fault("macro", got="文件带有宏（未运行）", remedy="核对来源；入账用的副本不含宏", severity="warning")
        )
    return book


def _xls(data: bytes) -> Book:
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            stream = next((s for s in ("Workbook", "Book") if ole.exists(s)), None)
            body = ole.openstream(stream).read() if stream else b""
            macros = ole.exists("_VBA_PROJECT_CUR")
    except (OSError, ValueError, IndexError, TypeError, AttributeError):
        raise Unreadable("truncated", "文件不完整或已损坏", "请对方重新导出并发送，先自己打开确认无误") from None
    sheets_special = extent.xls_sheets(body)
    if sheets_special is None:
        return _decrypted(data)
    for special in sheets_special:
        special.check("（.xls）")
    calamine, sheets, hidden = _open(data)
    book = Book(sheets, calamine, hidden=hidden)
    if len(sheets) == len(sheets_special):
        book.special_cells = dict(zip(sheets, sheets_special, strict=True))
    if macros:
        book.warnings.append(
            Fault("macro", got="文件带有宏（未运行）", remedy="核对来源；入账用的副本不含宏", severity="warning")
        )
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
    if found == "encrypted" or (package is None and extent.xls_sheets(body) is None):
        raise needs
    return _book(package_kind(package) if package else found, body, package)


def _csv(data: bytes) -> Book:
    text = decode(data)
    head = text[:4096]
    delimiter = max(",\t;", key=head.count)
    csv.field_size_limit(MAX_FILE)
    try:
        reader = csv.reader(StringIO(text), delimiter=delimiter)
        rows: Rows = list(islice(reader, MAX_ROWS))
        more = next(reader, None) is not None
    except csv.Error:
        raise Unreadable("corrupt", "文件已损坏，读不出来", SAVE_AS) from None
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise Unreadable("empty_file", "文件里没有内容", "请对方重新导出并发送，先自己打开确认无误")
    return Book(("",), read={"": rows}, cut={""} if more else set())
