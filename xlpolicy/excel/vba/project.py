"""A VBA project (`vbaProject.bin`) written on any machine, with the standard library alone.

Written after the public specification [MS-OVBA], Office VBA File Format Structure, cited by section.
Only source is written, no performance cache (2.3.4.1: a seven-byte `_VBA_PROJECT` stream), so
the host compiles when it loads the project. The same modules always give the same bytes.

>>> project = build_project([Module("Hello", "Public Function One()\\n    One = 1\\nEnd Function\\n")])
>>> project[:8].hex()
'd0cf11e0a1b11ae1'
>>> build_project([Module("Hello", "' 一")])  # doctest: +ELLIPSIS
Traceback (most recent call last):
xlpolicy.excel.vba.project.VbaProjectError: 模块 Hello 第 1 行第 3 列：'一' 不是 ASCII 字符，...
"""

import re
import struct
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from xlpolicy.excel.vba.compound_file import CompoundFileError, Tree, compound_file

Kind: TypeAlias = Literal["standard", "class", "document"]


@dataclass(frozen=True)
class Module:
    """One module. `source` may be an exported .bas or .cls text: its `VERSION` block is dropped, the
    `Attribute VB_…` lines at its head replace the defaults of `kind` (but `name` decides the name; so a
    document module that is neither `ThisWorkbook` nor a worksheet brings its own `VB_Base`)."""

    name: str
    source: str
    kind: Kind = "standard"


@dataclass(frozen=True)
class Reference:
    """A registered type library (2.3.4.2.2.5); `libid` has the grammar of 2.1.1.8."""

    name: str
    libid: str


@dataclass(frozen=True)
class Problem:
    """What the host would refuse: a stable code, the place (line 0: the module or project as a whole)."""

    code: str
    module: str
    line: int
    message: str


class VbaProjectError(ValueError):
    """Every problem of the modules at once; `code` is that of the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        self.code = problems[0].code
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(problem.message for problem in self.problems)


STDOLE: Final = Reference(
    "stdole",
    r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation",
)
OFFICE: Final = Reference(
    "Office",
    r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0"
    r"#C:\Program Files\Common Files\Microsoft Shared\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library",
)

CODEPAGES: Final = frozenset({874, 932, 936, 949, 950, *range(1250, 1259)})
LINE_LIMIT: Final = 1023
CONTINUATION_LIMIT: Final = 24
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
_TAKEN = frozenset({"vba", "excel", "office", "stdole"})
_CLASS_HEAD = re.compile(r"\s*VERSION [^\n]*CLASS[ \t]*\nBEGIN\b.*?\nEND[ \t]*\n", re.DOTALL | re.IGNORECASE)
_FUNCTION = re.compile(r"^[ \t]*(?:Public[ \t]+)?(?:Static[ \t]+)?Function[ \t]+(\w+)", re.MULTILINE | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"Attribute (VB_\w+) *= *([^\n]*?)[ \t]*(?:\n|\Z)")


def build_project(
    modules: Sequence[Module],
    *,
    name: str = "XLPolicy",
    codepage: int = 936,
    references: Sequence[Reference] = (STDOLE,),
) -> bytes:
    """The bytes of `vbaProject.bin` (2.2: storages and streams of a project).

    `codepage` is what the host's editor will use for text typed in later (936: simplified Chinese
    Windows); the code itself must be ASCII, which reads the same everywhere. A workbook needs one
    document module for itself (`ThisWorkbook`) and one for every sheet, named like their code names.

    Raises VbaProjectError.
    """
    problems = list(_check_names(modules, name, codepage))
    for module in modules:
        problems += _check_source(module)
    if problems:
        raise VbaProjectError(problems)
    vba: dict[str, bytes] = {
        "_VBA_PROJECT": struct.pack("<HHBH", 0x61CC, 0xFFFF, 0, 0),
        "dir": compress(_dir_stream(modules, name, codepage, references)),
    }
    for module in modules:
        source = _module_text(module).encode("ascii")
        packed = _pack(source)
        problems += _check_packed(module, source, packed)
        vba[module.name] = _container(source, packed)
    if problems:
        raise VbaProjectError(problems)
    tree: Tree = {"PROJECT": _project_stream(modules, name), "PROJECTwm": _project_wm(modules), "VBA": vba}
    try:
        return compound_file(tree)
    except CompoundFileError as error:
        problem = Problem("vba_too_large", "", 0, f"VBA 工程太大：{error}；请减少模块")
        raise VbaProjectError([problem]) from None


# What the host would refuse


def _check_names(modules: Sequence[Module], name: str, codepage: int) -> Iterator[Problem]:
    if codepage not in CODEPAGES:
        known = "、".join(map(str, sorted(CODEPAGES)))
        yield Problem("vba_bad_codepage", "", 0, f"代码页 {codepage} 不是 Windows ANSI 代码页；可用：{known}")
    seen: dict[str, str] = {name.lower(): f"工程名 {name}"}
    for title, what in ((name, "工程名"), *((module.name, "模块名") for module in modules)):
        if not _NAME.fullmatch(title):
            hint = "须以英文字母开头，只含英文字母、数字、下划线，不超过 31 个字符；请改名"
            yield Problem("vba_bad_name", title, 0, f"{what} {title!r} 不能用：{hint}")
        elif title.lower() in _TAKEN:
            yield Problem("vba_name_taken", title, 0, f"{what} {title} 与宿主的类型库同名；请改名")
    for title in (module.name for module in modules):
        if title.lower() == "dir":
            yield Problem("vba_name_taken", title, 0, f"模块名 {title} 与文件格式自用的流同名；请改名")
        if clash := seen.get(title.lower()):
            message = f"模块名 {title} 与{clash}重名（VBA 不分大小写）；请改名"
            yield Problem("vba_duplicate_name", title, 0, message)
        seen[title.lower()] = f"模块 {title} "
    for module in modules:
        text = _newlines(module.source) if module.kind == "standard" else ""
        for function in _FUNCTION.finditer(text):
            if holder := seen.get(function[1].lower()):
                line = text.count("\n", 0, function.start()) + 1
                place = f"模块 {module.name} 第 {line} 行：函数 {function[1]}"
                message = f"{place} 与{holder}同名，公式会得到 #NAME?；请改名"
                yield Problem("vba_function_shadowed", module.name, line, message)


def _check_source(module: Module) -> Iterator[Problem]:
    """ASCII and the editor's limits, by the line numbers of the text as it was given."""
    text, run = _newlines(module.source), 0
    if module.kind == "standard" and _CLASS_HEAD.match(text):
        message = f"模块 {module.name} 第 1 行：这是类模块的导出文件（VERSION … CLASS）；请用 kind='class'"
        yield Problem("vba_wrong_kind", module.name, 1, message)
    for number, line in enumerate(text.split("\n"), 1):
        place = f"模块 {module.name} 第 {number} 行"
        if bad := re.search(r"[^\t\x20-\x7e]", line):
            where = f"{place}第 {bad.start() + 1} 列：{bad[0]!r}"
            if bad[0] > "\x7f":
                remedy = "VBA 源码按本机代码页保存，换台电脑就成乱码；请用英文，中文用 ChrW(&H4E00) 之类拼出"
                yield Problem("vba_not_ascii", module.name, number, f"{where} 不是 ASCII 字符，{remedy}")
            else:
                yield Problem("vba_control_character", module.name, number, f"{where} 是控制字符；请删去")
        if len(line) > LINE_LIMIT:
            message = f"{place}：有 {len(line)} 个字符，VBA 一行最多 {LINE_LIMIT} 个；请用“ _”续行或拆成几句"
            yield Problem("vba_line_too_long", module.name, number, message)
        code = re.sub(r'"[^"]*"', "", line).partition("'")[0]
        if long := re.search(r"[A-Za-z]\w{255,}", code):
            message = f"{place}：标识符 {long[0][:20]}… 有 {len(long[0])} 个字符，VBA 最多 255 个；请缩短"
            yield Problem("vba_identifier_too_long", module.name, number, message)
        run = run + 1 if re.search(r"[ \t]_$", line) else 0
        if run == CONTINUATION_LIMIT + 1:
            message = f"{place}：一条语句续行超过 {CONTINUATION_LIMIT} 次，VBA 不接受；请拆成几句"
            yield Problem("vba_too_many_continuations", module.name, number, message)


def _check_packed(module: Module, source: bytes, packed: list[bytes]) -> Iterator[Problem]:
    """Raw chunks are within the specification, but Excel is reported to drop a module that has one (found
    by the authors of visi-core); source meets one only where it holds random data."""
    given = _newlines(module.source)
    moved = source.count(b"\n") - given.count("\n") - (bool(given) and not given.endswith("\n"))
    for index, tokens in enumerate(packed):
        if len(tokens) > _CHUNK:
            line = max(source.count(b"\n", 0, index * _CHUNK) + 1 - moved, 1)
            remedy = "Excel 会丢掉这样的模块；请把编码数据移出源码，或每行写短些"
            message = f"模块 {module.name} 第 {line} 行起约 4000 个字符近乎随机，无法压缩，{remedy}"
            yield Problem("vba_incompressible", module.name, line, message)


# The streams, 2.3


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _default_attributes(module: Module) -> dict[str, str]:
    """The module's head as the host itself writes it (3.1.3 and 3.1.4 for documents)."""
    attributes = {"VB_Name": f'"{module.name}"'}
    if module.kind == "standard":
        return attributes
    document = module.kind == "document"
    if not document:
        base = "FCFB3D2A-A0FA-1068-A738-08002B3371B5"
    elif module.name.lower() == "thisworkbook":
        base = "00020819-0000-0000-C000-000000000046"
    else:
        base = "00020820-0000-0000-C000-000000000046"
    return attributes | {
        "VB_Base": f'"0{{{base}}}"',
        "VB_GlobalNameSpace": "False",
        "VB_Creatable": "False",
        "VB_PredeclaredId": str(document),
        "VB_Exposed": str(document),
        "VB_TemplateDerived": "False",
        "VB_Customizable": str(document),
    }


def _module_text(module: Module) -> str:
    """Attributes, then code, lines ended by CR LF (2.3.4.3: the compressed source code)."""
    body, attributes = _newlines(module.source), _default_attributes(module)
    if head := _CLASS_HEAD.match(body):
        body = body[head.end() :]
    while line := _ATTRIBUTE.match(body):
        if line[1] != "VB_Name":
            attributes[line[1]] = line[2]
        body = body[line.end() :]
    if body and not body.endswith("\n"):
        body += "\n"
    lines = [f"Attribute {key} = {value}\n" for key, value in attributes.items()]
    return ("".join(lines) + body).replace("\n", "\r\n")


def _record(ident: int, payload: bytes) -> bytes:
    return struct.pack("<HI", ident, len(payload)) + payload


def _text_record(ident: int, unicode_ident: int, text: str) -> bytes:
    """The same text twice: in the code page, then in UTF-16."""
    return _record(ident, text.encode("ascii")) + _record(unicode_ident, text.encode("utf-16-le"))


def _dir_stream(modules: Sequence[Module], name: str, codepage: int, references: Sequence[Reference]) -> bytes:
    """2.3.4.2, in its order: information, references, modules, terminator."""
    lcid, zero = struct.pack("<I", 0x0409), struct.pack("<I", 0)
    out = [
        _record(0x0001, struct.pack("<I", 1)),  # PROJECTSYSKIND: 32-bit Windows; 64-bit reads it as well
        _record(0x0002, lcid),
        _record(0x0014, lcid),
        _record(0x0003, struct.pack("<H", codepage)),
        _record(0x0004, name.encode("ascii")),
        _text_record(0x0005, 0x0040, ""),  # PROJECTDOCSTRING
        _text_record(0x0006, 0x003D, ""),  # PROJECTHELPFILEPATH
        _record(0x0007, zero),  # PROJECTHELPCONTEXT
        _record(0x0008, zero),  # PROJECTLIBFLAGS
        struct.pack("<HIIH", 0x0009, 4, 1, 0),  # PROJECTVERSION: 4 is its reserved word, not a size
        _text_record(0x000C, 0x003C, ""),  # PROJECTCONSTANTS
    ]
    for reference in references:
        libid = reference.libid.encode("ascii")
        out.append(_text_record(0x0016, 0x003E, reference.name))
        out.append(_record(0x000D, struct.pack("<I", len(libid)) + libid + bytes(6)))
    out.append(_record(0x000F, struct.pack("<H", len(modules))) + _record(0x0013, b"\xff\xff"))
    for module in modules:
        out += [
            _text_record(0x0019, 0x0047, module.name),
            _text_record(0x001A, 0x0032, module.name),  # MODULESTREAMNAME
            _text_record(0x001C, 0x0048, ""),  # MODULEDOCSTRING
            _record(0x0031, zero),  # MODULEOFFSET: no performance cache before the source
            _record(0x001E, zero),  # MODULEHELPCONTEXT
            _record(0x002C, b"\xff\xff"),  # MODULECOOKIE
            _record(0x0021 if module.kind == "standard" else 0x0022, b""),  # MODULETYPE
            _record(0x002B, b""),
        ]
    return b"".join([*out, _record(0x0010, b"")])


def _project_stream(modules: Sequence[Module], name: str) -> bytes:
    """2.3.1. The class identifier is derived from the name, so that it is stable; the project
    is neither protected (2.3.1.15), nor locked by a password (2.3.1.16), nor hidden (2.3.1.17)."""
    clsid = f"{{{uuid.uuid5(uuid.NAMESPACE_OID, 'xlpolicy.vbaproject.' + name)}}}".upper()
    declared: dict[Kind, str] = {
        "standard": "Module={}",
        "class": "Class={}",
        "document": "Document={}/&H00000000",
    }
    lines = [
        f'ID="{clsid}"',
        *(declared[module.kind].format(module.name) for module in modules),
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{encrypt(bytes(4), clsid, 0x28)}"',
        f'DPB="{encrypt(bytes(1), clsid, 0x61)}"',
        f'GC="{encrypt(bytes([0xFF]), clsid, 0xA9)}"',
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in modules),
    ]
    return "".join(line + "\r\n" for line in lines).encode("ascii")


def _project_wm(modules: Sequence[Module]) -> bytes:
    """2.3.3: every module name in the code page and in UTF-16, each ended by a null."""
    names = (m.name.encode("ascii") + b"\0" + m.name.encode("utf-16-le") + b"\0\0" for m in modules)
    return b"".join(names) + b"\0\0"


def encrypt(data: bytes, clsid: str, seed: int) -> str:
    """2.4.3.2 (an obfuscation, not a secret), in hexadecimal. The ignored bytes, whose number
    the seed decides, are zero."""
    key = sum(clsid.encode("ascii")) & 0xFF
    out, last = [seed, seed ^ 2, seed ^ key], key
    for byte in bytes((seed & 6) // 2) + struct.pack("<I", len(data)) + data:
        out.append(byte ^ ((out[-2] + last) & 0xFF))
        last = byte
    return bytes(out).hex().upper()


# Compression, 2.4.1

_CHUNK: Final = 4096


def _tokens(chunk: bytes) -> bytes:
    """The token sequences of one chunk (2.4.1.3.7 to 2.4.1.3.9), the nearest of the longest matches."""
    out, position = bytearray(), 0
    while position < len(chunk):
        flags, flag_at = 0, len(out)
        out.append(0)
        for bit in range(8):
            if position == len(chunk):
                break
            bits = max((position - 1).bit_length(), 4)  # 2.4.1.3.19.1: as many as the offset needs
            longest = min((0xFFFF >> bits) + 3, len(chunk) - position)
            length, source, want = 0, 0, 3
            while want <= longest:
                found = chunk.rfind(chunk[position : position + want], 0, position + want - 1)
                if found < 0:
                    break
                source, length = found, want
                while length < longest and chunk[source + length] == chunk[position + length]:
                    length += 1
                want = length + 1
            if length:
                out += struct.pack("<H", (position - source - 1) << (16 - bits) | (length - 3))
                flags |= 1 << bit
            else:
                out.append(chunk[position])
            position += length or 1
        out[flag_at] = flags
    return bytes(out)


def _pack(data: bytes) -> list[bytes]:
    return [_tokens(data[start : start + _CHUNK]) for start in range(0, len(data), _CHUNK)]


def compress(data: bytes) -> bytes:
    """A compressed container (2.4.1.3.6). A chunk that does not shrink is stored raw, and the format then
    fills a short one with nulls up to 4096 bytes (2.4.1.3.10), which the reader gets as well."""
    return _container(data, _pack(data))


def _container(data: bytes, packed: list[bytes]) -> bytes:
    out = bytearray(b"\x01")
    for index, tokens in enumerate(packed):
        if len(tokens) <= _CHUNK:
            out += struct.pack("<H", 0xB000 | (len(tokens) - 1)) + tokens
        else:
            chunk = data[index * _CHUNK : (index + 1) * _CHUNK]
            out += struct.pack("<H", 0x3FFF) + chunk.ljust(_CHUNK, b"\0")
    return bytes(out)
