"""A returned file -> its sheets as rows of raw values, judged by content and never by name.

.xlsx .xlsm .xls .xlsb .ods go through python-calamine, .csv through the standard library, a zip is opened into the
files it holds. Rows start at A1, so a position is an absolute cell. Nothing is executed and no link is followed.
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipInfo

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from xlpolicy.faults import Fault, system_reason
from xlpolicy.forms import extent
from xlpolicy.forms.extent import MAX_CELLS, Special
from xlpolicy.forms.seen import Seen
from xlpolicy.forms.seen_ods import look_ods
from xlpolicy.forms.seen_xls import look_xls
from xlpolicy.forms.seen_xlsx import look
from xlpolicy.sheets.compound import Compound, compound_kind
from xlpolicy.sheets.package import (
    MAX_FILE,
    PROLOG,
    SAVE_AS,
    Package,
    Unreadable,
    decode,
    far,
    kind,
    plain_name,
    prolog,
)
from xlpolicy.sheets.structure import (
    is_utf16,
    main_part,
    package_kind,
    relations,
    relations_part,
    usual,
    well_formed,
    workbook,
)

MAX_MEMBERS = 500
MAX_SHEETS = 60
MAX_ROWS = 2000
MAX_WORKBOOK = 4 * 2**20
MAX_NESTING = 1
MAX_CHARACTERS = 20_000_000
#: what systems and programs leave beside the files: resource forks, hidden files, lock files
_SKIPPED = re.compile(r"(^|/)(__MACOSX/.*|\.[^./][^/]*|~\$[^/]*|Thumbs\.db)$")
_DEFAULT_PASSWORD = "VelvetSweatshop"
#: what a sheet with formulas or error cells shows
_SPECIAL = (re.compile(rb"<(?:\w+:)?f[\s/>]"), re.compile(rb""" t=["']e["']"""))
_REFERENCE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})(?::|$)")

Rows = list[list[Any]]
Place = tuple[int, int]
_NONE: dict[Place, str] = {}


@dataclass(slots=True)
class Book:
    """One readable workbook. `special_cells` is known beforehand but for .xlsx, which is looked at sheet by sheet.

    `looks`: what the second reader saw of them; of .xlsx it is read when it is asked for. `cut`: sheets with more rows than are read; `hidden`: sheets that a person who opens the file does not see.
    """

    sheets: tuple[str, ...]
    calamine: CalamineWorkbook | None = None
    warnings: list[Fault] = field(default_factory=list)
    date1904: bool = False
    package: Package | None = None
    parts: dict[str, ZipInfo] = field(default_factory=dict)
    read: dict[str, Rows] = field(default_factory=dict)
    special_cells: dict[str, Special] = field(default_factory=dict)
    cells: int = 0
    characters: int = 0
    cut: set[str] = field(default_factory=set)
    hidden: frozenset[str] = frozenset()
    _xml: dict[str, bytes] = field(default_factory=dict)
    places: dict[str, dict[str, Place]] = field(default_factory=dict)
    looks: dict[str, Seen] = field(default_factory=dict)

    def rows(self, sheet: str) -> Rows:
        """All rows from A1; an empty cell is "". Raises Unreadable."""
        rows = self.read.get(sheet)
        if rows is None:
            if self.package is not None and sheet in self.parts:
                self._look(sheet, self.package.whole(self.parts[sheet]))
            rows = self.read[sheet] = _calamine(lambda: self._sheet(sheet), self._xml_of(sheet))
            self.spend(rows)
        return rows

    def _xml_of(self, sheet: str) -> Callable[[], bytes] | None:
        package, part = self.package, self.parts.get(sheet)
        return None if package is None or part is None else lambda: package.whole(part)

    def spend(self, rows: Rows) -> None:
        """Count what was read against what one file may hold. Raises Unreadable."""
        self.cells += sum(map(len, rows))
        self.characters += sum(len(value) for row in rows for value in row if type(value) is str)
        if self.cells > MAX_CELLS or self.characters > MAX_CHARACTERS:
            raise Unreadable("too_large", "文件里的内容多得不合常理", "只留申请表，删去别的内容后重新保存")

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
        """What the sheet shows beside its values; None where its format is not looked at. Raises Unreadable."""
        if sheet in self.looks:
            return self.looks[sheet]
        info, package = self.parts.get(sheet), self.package
        if info is None or package is None:
            return None

        def whole(name: str) -> bytes | None:
            part = package.find(name)
            return package.whole(part) if part is not None else None

        return look(whole, plain_name(info.filename))

    def names(self, sheet: str) -> dict[str, Place]:
        """The defined names that point to cells of a sheet, of workbook and sheet scope alike."""
        return self.places.get(sheet, {})


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
    if found == "compound":
        found, compound = compound_kind(data)
        return _xls(data, compound) if compound is not None else _decrypted(data)
    assert package is not None
    if found == "ods":
        return _ods(data, package)
    return _xlsx(data, package) if found == "xlsx" else _xlsb(data, package)


def _calamine(call: Callable[[], Any], xml: Callable[[], bytes] | None = None) -> Any:
    """What calamine returns. Where it cannot read `xml` although that is sound, it says so: nothing is damaged."""
    try:
        return call()
    except CalamineError:
        pass
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a failed assertion in Rust arrives
            raise
    if xml is not None and well_formed(xml()):
        raise Unreadable("reader_limit", "里面有本程序读不了的写法（文件本身没有坏）", SAVE_AS)
    raise Unreadable("corrupt", "文件已损坏，读不出来", SAVE_AS)


def _open(
    data: bytes, package: Package | None = None, main: str = ""
) -> tuple[CalamineWorkbook, tuple[str, ...], frozenset[str]]:
    part = package.find(main) if package is not None else None
    xml = None if package is None or part is None else lambda: package.whole(part)
    book = _calamine(lambda: CalamineWorkbook.from_filelike(BytesIO(data)), xml)
    sheets = tuple(m.name for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet)
    if len(sheets) > MAX_SHEETS:
        raise Unreadable("too_many", f"有 {len(sheets)} 张工作表，超过 {MAX_SHEETS} 张", "拆成几个文件发送")
    hidden = frozenset(m.name for m in book.sheets_metadata if m.visible != SheetVisibleEnum.Visible)
    return book, sheets, hidden


def _xlsx(data: bytes, package: Package) -> Book:
    main = main_part(package)
    info = package.find(main)
    assert info is not None  # by which the kind was told
    if info.file_size > MAX_WORKBOOK:
        raise Unreadable("too_large", "工作簿的目录大得不合常理", SAVE_AS)
    said, related = workbook(package.whole(info)), relations(package, main)
    odd = main != "xl/workbook.xml"
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
    calamine, sheets, hidden = _open(data, package, main)
    book = Book(sheets, calamine, date1904=said.date1904, package=package, hidden=hidden)
    for name, rid in said.sheets:
        part = package.find(related.get(rid, ("", ""))[1])
        if part is not None:
            book.parts[name] = part
    for name, reference in said.names:
        match = _REFERENCE.match(reference)
        if match:
            of = match[1].replace("''", "'") if match[1] else match[2]
            book.places.setdefault(of, {})[name] = int(match[4]) - 1, extent.column_index(match[3])
    _contents(book, package.names)
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
    calamine, sheets, hidden = _open(data)
    book = Book(sheets, calamine, date1904=said.date1904, special_cells=special, hidden=hidden)
    _contents(book, package.names)
    book.warnings.append(_unseen("xlsb"))
    return book


def _unseen(ending: str) -> Fault:
    """What is said of a file whose format the second reader does not know."""
    got = f"本程序看不到这种格式（.{ending}）里的删除线、批注、数字格式和隐藏的行列"
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
    calamine, sheets, hidden = _open(data, package, "content.xml")
    book = Book(sheets, calamine, hidden=hidden)
    styles = package.parts.get("styles.xml")
    seen = look_ods(xml, package.whole(styles) if styles is not None else b"")
    if len(sheets) == len(tables) == len(seen):
        book.special_cells = dict(zip(sheets, tables, strict=True))
        book.looks = dict(zip(sheets, seen, strict=True))
    else:
        book.warnings.append(_unseen("ods"))
    if any(name.startswith("Basic/") for name in package.parts):
        book.warnings.append(
            Fault("macro", got="文件带有宏（未运行）", remedy="核对来源；入账用的副本不含宏", severity="warning")
        )
    return book


def _xls(data: bytes, compound: Compound) -> Book:
    entry = compound.workbook
    assert entry is not None  # by which the kind was told
    said = extent.xls_sheets(compound.stream(entry))
    if said is None:
        return _decrypted(data)
    for special in said.sheets:
        special.check("（.xls）")
    calamine, sheets, hidden = _open(compound.for_calamine())
    book = Book(sheets, calamine, date1904=said.date1904, hidden=hidden)
    if len(sheets) == len(said.sheets):
        book.special_cells = dict(zip(sheets, said.sheets, strict=True))
    seen = look_xls(compound.stream(entry))
    if seen is not None and len(sheets) == len(seen):
        book.looks = dict(zip(sheets, seen, strict=True))
    else:
        book.warnings.append(_unseen("xls"))
    if "_vba_project_cur" in compound.root or said.macros:
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
    if found == "compound":
        _, compound = compound_kind(body)
        entry = compound.workbook if compound else None
        if compound is None or entry is None or extent.xls_sheets(compound.stream(entry)) is None:
            raise needs
    return _book(package_kind(package) if package else found, body, package)


def _csv(data: bytes) -> Book:
    text = decode(data)
    head = text[:4096]
    delimiter = max(",\t;", key=head.count)
    csv.field_size_limit(MAX_FILE)
    try:
        reader = csv.reader(StringIO(text), delimiter=delimiter)
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
