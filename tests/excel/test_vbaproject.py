"""The VBA project writer, read back by others: olefile, oletools, and LibreOffice, which runs the code."""

from __future__ import annotations

import doctest
import hashlib
import importlib.util
import io
import os
import pickle
import random
import struct
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import olefile  # type: ignore[import-untyped]
import pytest
import xlsxwriter
from basic_host import run
from hypothesis import given, settings
from hypothesis import strategies as st

from xlpolicy.excel.vba import compound_file as compoundfile
from xlpolicy.excel.vba import project as vbaproject
from xlpolicy.excel.vba.compound_file import CompoundFileError, Tree, compound_file
from xlpolicy.excel.vba.project import OFFICE, STDOLE, Module, VbaProjectError, build_project, compress, encrypt

with warnings.catch_warnings():  # its use of pyparsing
    warnings.simplefilter("ignore", DeprecationWarning)
    from oletools.olevba import VBA_Parser, decompress_stream  # type: ignore[import-untyped]

XLWINGS = Path(str(importlib.util.find_spec("xlwings").origin)).parent  # type: ignore[union-attr]
CLASS_HEAD = (
    'Attribute VB_Name = "{}"\r\n'
    'Attribute VB_Base = "0{{{}}}"\r\n'
    "Attribute VB_GlobalNameSpace = False\r\n"
    "Attribute VB_Creatable = False\r\n"
    "Attribute VB_PredeclaredId = {}\r\n"
    "Attribute VB_Exposed = {}\r\n"
    "Attribute VB_TemplateDerived = False\r\n"
    "Attribute VB_Customizable = {}\r\n"
)
MODULES = (
    Module("ThisWorkbook", "", "document"),
    Module("Sheet1", "Option Explicit\n", "document"),
    Module("Counter", "Private mTotal As Double\r\n", "class"),
    Module("Functions", "Public Function One() As Long\n    One = 1\nEnd Function"),
)


def opened(project: bytes) -> olefile.OleFileIO:
    """By olefile at its strictest: it raises on anything that it merely doubts."""
    return olefile.OleFileIO(io.BytesIO(project), raise_defects=olefile.DEFECT_UNSURE)


def decompressed(container: bytes) -> bytes:
    return bytes(decompress_stream(bytearray(container)))


def sources(project: bytes, filename: str = "vbaProject.bin") -> dict[str, str]:
    """Module file name -> code, by olevba."""
    parser = VBA_Parser(filename, data=project)
    try:
        return {name: code for _, _, name, code in parser.extract_macros()}
    finally:
        parser.close()


def stored_raw(container: bytes) -> list[bool]:
    """For each chunk of a compressed container whether it is raw ([MS-OVBA] 2.4.1.1.5)."""
    flags, at = [], 1
    while at < len(container):
        (header,) = struct.unpack_from("<H", container, at)
        assert header >> 12 & 0b111 == 0b011
        flags.append(not header & 0x8000)
        at += (header & 0x0FFF) + 3
    assert at == len(container)
    return flags


def problem_of(*modules: Module, name: str = "XLPolicy", codepage: int = 936) -> vbaproject.Problem:
    with pytest.raises(VbaProjectError) as caught:
        build_project(modules, name=name, codepage=codepage)
    assert len(caught.value.problems) == 1
    assert caught.value.code == caught.value.problems[0].code
    return caught.value.problems[0]


# --- the project, read by olefile and olevba ---


def test_doctests() -> None:
    for module in (vbaproject, compoundfile):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0


def test_streams_of_a_project() -> None:
    with opened(build_project(MODULES)) as ole:
        assert sorted("/".join(path) for path in ole.listdir()) == [
            "PROJECT",
            "PROJECTwm",
            "VBA/Counter",
            "VBA/Functions",
            "VBA/Sheet1",
            "VBA/ThisWorkbook",
            "VBA/_VBA_PROJECT",
            "VBA/dir",
        ]
        assert ole.openstream("VBA/_VBA_PROJECT").read() == bytes.fromhex("cc61ffff000000")
        assert ole.openstream("PROJECT").read().decode("ascii").splitlines()[1:5] == [
            "Document=ThisWorkbook/&H00000000",
            "Document=Sheet1/&H00000000",
            "Class=Counter",
            "Module=Functions",
        ]
        wide = "Functions".encode("utf-16-le")
        assert ole.openstream("PROJECTwm").read().endswith(b"\0Functions\0" + wide + b"\0\0\0\0")


def test_olevba_extracts_exactly_the_sources() -> None:
    workbook, worksheet = (f"000208{number}-0000-0000-C000-000000000046" for number in (19, 20))
    plain_class = "FCFB3D2A-A0FA-1068-A738-08002B3371B5"
    assert sources(build_project(MODULES)) == {
        "ThisWorkbook.cls": CLASS_HEAD.format("ThisWorkbook", workbook, *[True] * 3),
        "Sheet1.cls": CLASS_HEAD.format("Sheet1", worksheet, *[True] * 3) + "Option Explicit\r\n",
        "Counter.cls": CLASS_HEAD.format("Counter", plain_class, *[False] * 3) + "Private mTotal As Double\r\n",
        "Functions.bas": 'Attribute VB_Name = "Functions"\r\n'
        "Public Function One() As Long\r\n    One = 1\r\nEnd Function\r\n",
    }


def test_document_heads_are_those_of_an_excel_workbook() -> None:
    """xlwings ships workbooks that Excel saved: the same modules, the same heads."""
    theirs = sources((XLWINGS / "quickstart.xlsm").read_bytes(), "quickstart.xlsm")
    ours = sources(build_project(MODULES))
    for name in ("ThisWorkbook.cls", "Sheet1.cls"):
        assert ours[name].removesuffix("Option Explicit\r\n") == theirs[name]


def test_exported_files_are_taken_as_they_are() -> None:
    """xlwings' runtime module and its Dictionary class, as a workbook of ours holds them."""
    runtime = (XLWINGS / "xlwings.bas").read_text("ascii")
    dictionary = (XLWINGS / "addin" / "Dictionary.cls").read_text("ascii")
    project = build_project([Module("xlwings", runtime), Module("Dictionary", dictionary, "class")], name="A")
    read = sources(project)
    assert read["xlwings.bas"].replace("\r\n", "\n") == runtime
    # as Excel itself keeps the imported class, but for the release of xlwings that the workbook is of
    kept = sources((XLWINGS / "quickstart_standalone.xlsm").read_bytes(), "quickstart_standalone.xlsm")
    assert read["Dictionary.cls"].splitlines()[:60] == kept["Dictionary.cls"].splitlines()[:60]
    assert read["Dictionary.cls"].endswith(dictionary[-2000:].replace("\n", "\r\n"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ends_as_vba_wants_it(end: str) -> None:
    read = sources(build_project([Module("M", end.join(["Dim a", "", "Dim b"]))]))
    assert read == {"M.bas": 'Attribute VB_Name = "M"\r\nDim a\r\n\r\nDim b\r\n'}
    assert problem_of(Module("M", f"Dim a{end}{end}' 一")).line == 3


def test_the_name_of_the_module_wins_over_its_attribute() -> None:
    read = sources(build_project([Module("Renamed", 'Attribute VB_Name = "Old"\nOption Explicit\n')]))
    assert read == {"Renamed.bas": 'Attribute VB_Name = "Renamed"\r\nOption Explicit\r\n'}


def dir_records(project: bytes) -> list[tuple[int, bytes]]:
    """The records of the dir stream ([MS-OVBA] 2.3.4.2); PROJECTVERSION has six bytes more than it says."""
    with opened(project) as ole:
        data = decompressed(ole.openstream("VBA/dir").read())
    records, at = [], 0
    while at < len(data):
        ident, size = struct.unpack_from("<HI", data, at)
        size += 2 if ident == 0x0009 else 0
        records.append((ident, data[at + 6 : at + 6 + size]))
        at += 6 + size
    assert at == len(data)
    return records


def test_dir_stream_record_by_record() -> None:
    records = dir_records(build_project(MODULES, codepage=1252, references=(STDOLE, OFFICE)))
    by_id: dict[int, list[bytes]] = {}
    for ident, payload in records:
        by_id.setdefault(ident, []).append(payload)
    module = [0x19, 0x47, 0x1A, 0x32, 0x1C, 0x48, 0x31, 0x1E, 0x2C]
    kinds = [0x22, 0x22, 0x22, 0x21]
    information = [0x01, 0x02, 0x14, 0x03, 0x04, 0x05, 0x40, 0x06, 0x3D, 0x07, 0x08, 0x09, 0x0C, 0x3C]
    assert [ident for ident, _ in records] == [
        *information,
        *[0x16, 0x3E, 0x0D] * 2,
        *[0x0F, 0x13],
        *(ident for kind in kinds for ident in (*module, kind, 0x2B)),
        0x10,
    ]
    assert by_id[0x03] == [struct.pack("<H", 1252)]
    assert by_id[0x04] == [b"XLPolicy"]
    assert by_id[0x16] == [b"stdole", b"Office"]
    assert [payload[4:-6] for payload in by_id[0x0D]] == [STDOLE.libid.encode(), OFFICE.libid.encode()]
    assert by_id[0x0F] == [struct.pack("<H", len(MODULES))]
    assert by_id[0x1A] == [m.name.encode() for m in MODULES]
    assert by_id[0x31] == [bytes(4)] * len(MODULES)


def decrypt(text: str) -> tuple[int, bytes]:
    """(project key, data) of CMG, DPB or GC ([MS-OVBA] 2.4.3.3)."""
    seed, version, key, *rest = bytes.fromhex(text)
    assert seed ^ version == 2
    plain, before, last, one_before = bytearray(), seed ^ key, key, version
    for byte in rest:
        before = byte ^ ((one_before + before) & 0xFF)
        one_before, last = last, byte
        plain.append(before)
    start = (seed & 6) // 2
    (length,) = struct.unpack_from("<I", plain, start)
    assert len(plain) == start + 4 + length
    return seed ^ key, bytes(plain[start + 4 :])


def properties(project: bytes) -> dict[str, str]:
    with opened(project) as ole:
        lines = ole.openstream("PROJECT").read().decode("ascii").splitlines()
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines if line)}


def protection(values: Mapping[str, str]) -> list[tuple[int, bytes]]:
    return [decrypt(values[key]) for key in ("CMG", "DPB", "GC")]


def test_protection_reads_as_in_an_excel_workbook() -> None:
    """Neither protected, nor locked, nor hidden: the three properties hold what Excel writes for that."""
    with zipfile.ZipFile(XLWINGS / "quickstart.xlsm") as book:
        theirs = properties(book.read("xl/vbaProject.bin"))
    ours = properties(build_project(MODULES))
    for values in (theirs, ours):
        key = sum(values["ID"].encode()) & 0xFF
        assert protection(values) == [(key, bytes(4)), (key, b"\0"), (key, b"\xff")]


@given(st.binary(max_size=40), st.integers(0, 255), st.uuids())
def test_encryption_reads_back(data: bytes, seed: int, uuid: object) -> None:
    clsid = f"{{{uuid}}}".upper()
    assert decrypt(encrypt(data, clsid, seed)) == (sum(clsid.encode()) & 0xFF, data)


def test_same_bytes_in_another_process() -> None:
    program = """
import hashlib
from xlpolicy.excel.vba.project import Module, build_project
modules = [Module(f"M{n}", f"Const C{n} = {n}") for n in range(40)]
print(hashlib.sha256(build_project(modules)).hexdigest())
"""
    modules = [Module(f"M{n}", f"Const C{n} = {n}") for n in range(40)]
    expected = hashlib.sha256(build_project(modules)).hexdigest()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        ran = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == expected
    assert properties(build_project(modules, name="Other"))["ID"] != properties(build_project(modules))["ID"]


# --- compression ---


@pytest.mark.parametrize(
    ("plain", "container"),
    [
        (b"abcdefghijklmnopqrstuv.", "0119b000616263646566676800696a6b6c6d6e6f70007172737475762e"),
        (
            b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa",
            "012fb000236161616263646582660070616768696a013808616b6c00206d6e6f700671027004007273747576107778797a002c",
        ),
        (b"a" * 73, "0103b002614500"),
    ],
    ids=["none", "normal", "maximum"],
)
def test_examples_of_the_specification(plain: bytes, container: str) -> None:
    """[MS-OVBA] 3.2.1 to 3.2.3."""
    assert compress(plain).hex() == container
    assert decompressed(bytes.fromhex(container)) == plain


SIZES = st.one_of(
    st.integers(0, 200),
    st.builds(lambda chunks, off: max(0, 4096 * chunks + off), st.integers(0, 3), st.integers(-3, 3)),
    st.sampled_from([3640, 3641, 3642]),  # from here on a chunk of literals alone is longer than a raw one
)


@settings(deadline=None)
@given(SIZES, st.integers(1, 256), st.integers(0, 2**32))
def test_compression_reads_back(size: int, letters: int, seed: int) -> None:
    """Sizes around the chunk boundaries, from one letter to random bytes that do not shrink."""
    data = bytes(random.Random(seed).choices(range(letters), k=size))
    container = compress(data)
    raw = stored_raw(container)
    assert len(raw) == -(-size // 4096)
    filled = bytes(-size % 4096) if raw and raw[-1] else b""
    assert decompressed(container) == data + filled


@pytest.mark.parametrize("book", sorted(path.name for path in XLWINGS.glob("quickstart*.xl[as]m")))
def test_not_longer_than_what_excel_writes(book: str) -> None:
    """Every stream of xlwings' workbooks, compressed again."""
    with zipfile.ZipFile(XLWINGS / book) as package:
        project = package.read("xl/vbaProject.bin")
    records = dir_records(project)
    names = [payload.decode("ascii") for ident, payload in records if ident == 0x1A]
    offsets = [struct.unpack("<I", payload)[0] for ident, payload in records if ident == 0x31]
    with opened(project) as ole:
        for name, offset in [("dir", 0), *zip(names, offsets, strict=True)]:
            theirs = ole.openstream(["VBA", name]).read()[offset:]
            plain = decompressed(theirs)
            ours = compress(plain)
            assert decompressed(ours) == plain
            assert len(ours) <= len(theirs)


def lines(size: int, alphabet: str, seed: int) -> str:
    """Comment lines of about 80 characters, `size` characters in all."""
    text = "".join(random.Random(seed).choices(alphabet, k=size))
    return "".join(f"'{text[at : at + 80]}\n" for at in range(0, size, 80))


@settings(deadline=None)
@given(SIZES, st.integers(1, 95), st.integers(0, 2**32))
def test_random_source_is_extracted_or_refused(size: int, letters: int, seed: int) -> None:
    """No source is changed in silence: Excel is reported to drop modules with raw chunks, so those raise."""
    body = lines(size, "".join(map(chr, range(32, 32 + letters))), seed)
    expected = 'Attribute VB_Name = "M"\r\n' + body.replace("\n", "\r\n")
    if any(stored_raw(compress(expected.encode("ascii")))):
        with pytest.raises(VbaProjectError) as caught:
            build_project([Module("M", body)])
        assert {problem.code for problem in caught.value.problems} == {"vba_incompressible"}
    else:
        assert sources(build_project([Module("M", body)])) == {"M.bas": expected}


def test_incompressible_source_names_its_first_line() -> None:
    noise = lines(9000, "".join(map(chr, range(33, 127))), 1)
    given = "VERSION 1.0 CLASS\nBEGIN\n  MultiUse = -1  'True\nEND\n" + "Option Explicit\n" * 300 + noise
    with pytest.raises(VbaProjectError) as caught:
        build_project([Module("M", given, "class")])
    head = CLASS_HEAD.format("M", "FCFB3D2A-A0FA-1068-A738-08002B3371B5", *[False] * 3)
    written = head + "Option Explicit\r\n" * 300 + noise.replace("\n", "\r\n")
    raw = [index for index, flag in enumerate(stored_raw(compress(written.encode("ascii")))) if flag]
    assert raw[:1] == [2]
    at_chunk = [written[: index * 4096].rpartition("\n")[2] for index in raw]
    assert [problem.code for problem in caught.value.problems] == ["vba_incompressible"] * len(raw)
    for problem, beginning in zip(caught.value.problems, at_chunk, strict=True):
        assert given.splitlines()[problem.line - 1].startswith(beginning)
        assert "近乎随机" in problem.message


def test_a_chunk_of_4096_bytes_of_tokens_is_not_raw() -> None:
    """One literal more and it would be; [MS-OVBA] 2.4.1.3.7."""
    pairs = b"".join(bytes([128 + n // 128, n % 128]) for n in range(1820))  # no three bytes occur twice
    container = compress(pairs[:3639] + pairs[100:103])
    assert len(container) == 1 + 2 + 4096
    assert stored_raw(container) == [False]
    assert decompressed(container) == pairs[:3639] + pairs[100:103]
    assert stored_raw(compress(pairs[:3640] + pairs[100:103])) == [True]


# --- the compound file ---


def tree_of(ole: olefile.OleFileIO) -> dict[str, list[str]]:
    """Storage -> its children in order; checks the trees ([MS-CFB] 2.6.4) and that no sector is shared."""
    used: dict[tuple[bool, int], str] = {}
    order: dict[str, list[str]] = {}

    def key(sid: int) -> tuple[int, str]:
        return len(ole.direntries[sid].name), ole.direntries[sid].name.upper()

    def walk(sid: int, red_parent: bool) -> tuple[list[int], int]:
        if sid == olefile.NOSTREAM:
            return [], 1
        entry = ole.direntries[sid]
        red = entry.color == 0
        assert not (red and red_parent)
        left, black_left = walk(entry.sid_left, red)
        right, black_right = walk(entry.sid_right, red)
        assert black_left == black_right
        return [*left, sid, *right], black_left + (not red)

    def storage(sid: int, path: str) -> None:
        top = ole.direntries[sid].sid_child
        assert top == olefile.NOSTREAM or ole.direntries[top].color == 1
        children, _ = walk(top, False)
        assert children == sorted(children, key=key)
        order[path] = [ole.direntries[child].name for child in children]
        for child in children:
            name = f"{path}/{ole.direntries[child].name}"
            if ole.direntries[child].entry_type == olefile.STGTY_STORAGE:
                storage(child, name)
            else:
                chain(child, name)

    def chain(sid: int, name: str) -> None:
        entry = ole.direntries[sid]
        mini = entry.size < 4096 and sid != 0
        if mini:
            ole.loadminifat()
        table, sector, length = (ole.minifat if mini else ole.fat), entry.isectStart, 0
        while sector != olefile.ENDOFCHAIN:
            assert used.setdefault((mini, sector), name) == name
            sector, length = table[sector], length + 1
        assert length == -(-entry.size // (64 if mini else 512))

    chain(0, "the mini stream")
    storage(0, "")
    return order


NAMES = st.text("abcXYZ019_", min_size=1, max_size=31)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(NAMES, st.sampled_from([0, 1, 63, 64, 65, 4095, 4096, 4097, 70_000]), max_size=70))
def test_any_tree_of_streams_reads_back(sizes: dict[str, int]) -> None:
    """Empty, short (in the mini stream) and long streams, in one storage of up to 70."""
    unique = {name.upper(): (name, size) for name, size in sizes.items()}
    streams = {name: random.Random(size).randbytes(size) for name, size in unique.values()}
    written = compound_file({"A storage": streams, "short": b"x"})
    assert len(written) % 512 == 0
    with opened(written) as ole:
        order = tree_of(ole)
        assert order[""] == ["short", "A storage"]
        assert sorted(order["/A storage"]) == sorted(streams)
        assert {name: ole.openstream(["A storage", name]).read() for name in streams} == streams


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 100, 1000])
def test_many_modules(count: int) -> None:
    """A directory of many sectors, ordered and balanced whatever the number of modules."""
    modules = [Module(f"M{n:04}", f"Const C{n} = {n}\n" * 3) for n in range(count)]
    project = build_project(modules)
    with opened(project) as ole:
        assert len(tree_of(ole)["/VBA"]) == count + 2
        assert ole.num_mini_fat_sectors >= count // 128
    assert len(sources(project)) == count


def test_long_modules_lie_outside_the_mini_stream() -> None:
    long = lines(60_000, "abcdefgh ", 3)
    project = build_project([Module("Longest", long), Module("Short", "")])
    with opened(project) as ole:
        assert ole.get_size("VBA/Longest") >= 4096 > ole.get_size("VBA/Short")
        tree_of(ole)
    assert sources(project)["Longest.bas"].endswith(long.replace("\n", "\r\n"))


def test_the_largest_file_and_one_byte_more() -> None:
    free = 109 * 127 * 512  # the header points to 109 sectors of the table, one for 127 others
    tree: Tree = {"S": bytes(free - 2 * 512)}  # one sector each for the directory and the other table
    with opened(compound_file({"S": bytes(free - 512)})) as ole:
        assert ole.get_size("S") == free - 512
    with pytest.raises(CompoundFileError, match="7,087,616"):
        compound_file({**tree, "T": bytes(4096)})


# --- what is refused ---


@pytest.mark.parametrize(
    ("module", "code", "line", "words"),
    [
        (Module("M", 'Dim a\nConst B = "福州"\n'), "vba_not_ascii", 2, "模块 M 第 2 行第 12 列：'福'"),
        (Module("M", "' caf\u00e9"), "vba_not_ascii", 1, "ChrW"),
        (Module("M", "Dim a\x0b"), "vba_control_character", 1, "控制字符"),
        (Module("M", "Dim a\x00"), "vba_control_character", 1, "'\\x00'"),
        (Module("M", "\n\n'" + "x" * 1023), "vba_line_too_long", 3, "有 1024 个字符，VBA 一行最多 1023 个"),
        (Module("M", "Dim " + "a" * 256), "vba_identifier_too_long", 1, "最多 255 个"),
        (Module("M", "a = 1 + _\n" * 25 + "1"), "vba_too_many_continuations", 25, "续行超过 24 次"),
        (Module("M", "VERSION 1.0 CLASS\nBEGIN\nEND\nDim a\n"), "vba_wrong_kind", 1, "kind='class'"),
        (Module("Grant", "'\nPublic Function grant()\n"), "vba_function_shadowed", 2, "#NAME?"),
        (Module("M", "Function XLPolicy(a)\n"), "vba_function_shadowed", 1, "工程名 XLPolicy"),
        (Module("1st", ""), "vba_bad_name", 0, "以英文字母开头"),
        (Module("_x", ""), "vba_bad_name", 0, "以英文字母开头"),
        (Module("a" * 32, ""), "vba_bad_name", 0, "不超过 31 个字符"),
        (Module("模块", ""), "vba_bad_name", 0, "'模块'"),
        (Module("Dir", ""), "vba_name_taken", 0, "流同名"),
        (Module("stdole", ""), "vba_name_taken", 0, "类型库同名"),
        (Module("xlpolicy", ""), "vba_duplicate_name", 0, "与工程名 XLPolicy重名"),
    ],
)
def test_refused_with_place_and_remedy(module: Module, code: str, line: int, words: str) -> None:
    problem = problem_of(module)
    assert (problem.code, problem.line) == (code, line)
    assert problem.module == module.name
    assert words in problem.message


def test_refusals_of_the_project() -> None:
    assert problem_of(Module("M", ""), name="My Project").code == "vba_bad_name"
    assert problem_of(Module("M", ""), codepage=65001).code == "vba_bad_codepage"
    assert problem_of(Module("Tax", ""), Module("TAX", "")).message == (
        "模块名 TAX 与模块 Tax 重名（VBA 不分大小写）；请改名"
    )


def test_a_project_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compoundfile, "_DIFAT", 1)  # as if the header pointed to one sector of the table
    problem = problem_of(Module("Huge", lines(200_000, "abcdefgh ", 0)))
    assert problem.code == "vba_too_large"
    assert "请减少模块" in problem.message


def test_accepted_at_the_limits() -> None:
    modules = [
        Module("a" * 31, "'" + "x" * 1022),
        Module("B", "a = 1 + _\n" * 24 + "1\n" + "a = 1 + _\n" * 24 + "1"),
        Module("C", "Dim " + "a" * 255 + f'\ns = "{"y" * 300}" \' ' + "z" * 300),
        Module("D", "\tPrivate Function D2()\nFunction DD()"),
        Module("E", "Public Function E()\n", "class"),  # a method, not a worksheet function
    ]
    found = sources(build_project(modules))
    assert set(found) == {"a" * 31 + ".bas", "B.bas", "C.bas", "D.bas", "E.cls"}
    for module in modules:
        code = found[f"{module.name}.{'cls' if module.name == 'E' else 'bas'}"]
        assert code.replace("\r\n", "\n").rstrip().endswith(module.source.rstrip()), module.name


def test_every_problem_at_once() -> None:
    with pytest.raises(VbaProjectError) as caught:
        build_project([Module("A B", "' 一\n' 二\n"), Module("C", "' 三\n")])
    error = caught.value
    assert [(p.code, p.module, p.line) for p in error.problems] == [
        ("vba_bad_name", "A B", 0),
        ("vba_not_ascii", "A B", 1),
        ("vba_not_ascii", "A B", 2),
        ("vba_not_ascii", "C", 1),
    ]
    assert str(error).splitlines() == [problem.message for problem in error.problems]
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


# --- LibreOffice compiles and runs it ---

FUNCTIONS = """Option Explicit

#If VBA7 Then
    Private Const HOST_IS_NEW As Boolean = True
#Else
    Private Const HOST_IS_NEW As Boolean = False
#End If

Public Function SumAll(ParamArray values() As Variant) As Variant
    Dim total As Counter, i As Long
    Set total = New Counter
    For i = LBound(values) To UBound(values)
        total.Add CDbl(values(i))
    Next i
    SumAll = total.Total
End Function

Public Function CountArguments(ParamArray values() As Variant) As Long
    CountArguments = UBound(values) - LBound(values) + 1
End Function

Public Function SumOfRange(ByVal cells As Range) As Double
    Dim values As Variant, row As Long
    values = cells.Value
    For row = LBound(values, 1) To UBound(values, 1)
        SumOfRange = SumOfRange + values(row, 1)
    Next row
End Function

Public Function NotThere(ByVal key As String) As Variant
    If key = "there" Then
        NotThere = "found"
    Else
        NotThere = CVErr(2042)
    End If
End Function

Public Function FromSheet() As Long
    FromSheet = Sheet1.Seven()
End Function

Public Function City() As String
    City = ChrW(&H798F) & _
        ChrW(&H5DDE)
End Function
"""
COUNTER = """VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "Counter"
Attribute VB_Exposed = True
Option Explicit
Private mTotal As Double

Public Sub Add(ByVal amount As Double)
    mTotal = mTotal + amount
End Sub

Public Property Get Total() As Double
    Total = mTotal
End Property
"""


@pytest.mark.soffice
def test_libreoffice_runs_the_code(profile: Path, tmp_path: Path) -> None:
    """Open an .xlsm that XlsxWriter made around the project; the cells' formulas call the VBA functions."""
    many = "".join(f"Public Function Number{n}() As Long\n    Number{n} = {n}\nEnd Function\n" for n in range(1500))
    seven = "Public Function Seven() As Long\n    Seven = 7\nEnd Function\n"
    modules = [
        Module("ThisWorkbook", "", "document"),
        Module("Sheet1", seven, "document"),
        Module("Functions", FUNCTIONS),
        Module("Counter", COUNTER, "class"),
        Module("Many", many),
        *(Module(f"Extra{n}", f"Public Function Extra{n}F()\n    Extra{n}F = {n}\nEnd Function") for n in range(30)),
    ]
    formulas: dict[str, tuple[str, list[object]]] = {
        "A1": ("=SumAll(1,2,3.5)", ["6.5", 6.5, 0]),
        "A2": ("=CountArguments()+10*CountArguments(1,2)", ["20", 20.0, 0]),
        "A3": ("=SumOfRange(C1:C3)", ["60", 60.0, 0]),
        "A4": ('=NotThere("there")', ["found", 0.0, 0]),
        # so LibreOffice shows what is #N/A in Excel
        "A5": ('=NotThere("elsewhere")', ["Error 2042", 0.0, 0]),
        "A6": ("=FromSheet()", ["7", 7.0, 0]),
        "A7": ("=City()", ["福州", 0.0, 0]),
        # in the first and in the last chunk of a long stream
        "A8": ("=Number0()+Number299()+Number1499()", ["1798", 1798.0, 0]),
        "A9": ("=" + "+".join(f"Extra{n}F()" for n in range(30)), ["435", 435.0, 0]),  # 0 + 1 + … + 29
        "A10": ("=NoSuchFunction()", ["#NAME?", 0.0, 525]),
    }
    project = build_project(modules)
    with opened(project) as ole:
        assert ole.get_size("VBA/Many") > 2 * 4096
    path = tmp_path / "book.xlsm"
    book = xlsxwriter.Workbook(path)
    book.add_vba_project(io.BytesIO(project), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    sheet = book.add_worksheet()
    sheet.set_vba_name("Sheet1")
    sheet.write_column("C1", [10, 20, 30])
    for address, (formula, _) in formulas.items():
        sheet.write_formula(address, formula)
    book.close()
    answer = run(path, profile, [f"Sheet1!{address}" for address in formulas])
    assert answer == {f"Sheet1!{address}": [[expected]] for address, (_, expected) in formulas.items()}
