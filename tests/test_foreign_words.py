"""The words of a library never reach a clerk: each of its complaints is driven out and read."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import re
import socket
import zipfile
from pathlib import Path

import pytest

from xlpolicy.cli import COMMANDS, main
from xlpolicy.excel.server import assets
from xlpolicy.faults import PolicyError, PolicyFileError
from xlpolicy.forms.design import write_form
from xlpolicy.forms.intake import read_returned
from xlpolicy.law import catalog
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.reading.yamltext import load_yaml
from xlpolicy.settle.claims_book import write_blank
from xlpolicy.settle.claims_file import read_file
from xlpolicy.sheets import template as templates
from xlpolicy.sheets.refill import sheets_of
from xlpolicy.survey.rulebook.load import read_book
from xlpolicy.survey.rulebook.write import write_book

BROKEN = {
    "a value after a value": "a: b: c\n",
    "no colon": "a: 1\nb\nc: 2\n",
    "no space after the colon": "a:1\nb: 2\n",
    "uneven indents": "a:\n   b: 1\n  c: 2\n",
    "a bracket open": "a: [1, 2\nb: 3\n",
    "a brace open": "a: {b: 1\nc: 3\n",
    "no comma": "a: [1 2, {b}\n",
    "a quote open": 'a: "b\n',
    "a tab": "a:\n\tb: 1\n",
    "an at sign": "a: @b\n",
    "a backtick": "a: `b`\n",
    "an unknown alias": "a: *b\n",
    "an escape": 'a: "\\q"\n',
    "a control character": "a: \x01\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "a directive": "%FOO\na: 1\n",
    "a dash too few": "- a\nb\n- c\n",
    "a tag": "a: !!python/object:os.system x\n",
    "deep brackets": "a: " + "[" * 5000 + "\n",
    "deep brackets, closed": "a: " + "[" * 500 + "]" * 500 + "\n",
    "deep braces": "a: " + "{b: " * 3000 + "\n",
    "deep indents": "".join(" " * n + "a:\n" for n in range(3000)),
    "deep lists": "- " * 3000 + "a\n",
    "brackets hidden by quotes": 'x: "' + "]" * 5000 + '"\na: ' + "[" * 5000 + "\n",
    "surrogates": "a: \ud800\n",
    "an endless alias": "a: &a [*a]\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_english_of_the_yaml_parser(name: str) -> None:
    with pytest.raises(PolicyFileError) as caught:
        load_yaml(BROKEN[name], "样例.yaml")
    text = str(caught.value)
    assert re.search(r"YAML 读不通（[^）]*[\u4e00-\u9fff]", text), text
    assert not foreign(text), text


def foreign(text: str) -> list[str]:
    """What reads like an English sentence: two Latin words on end (names of files, options and fields are one).

    A command line to be typed is none.
    """
    return re.findall(r"[A-Za-z]{2,}[,:;]? [a-z]{2,}", re.sub(r"xlpolicy( [a-z-]+)+", "xlpolicy", text))


HEAD = "document: {key: t-1, city: t, city_label: T市, title: 办法, number: T〔2026〕1号, valid_from: 2026-01-01, valid_to: 2027-01-01}\n"
#: one wrong shape for every kind of complaint that pydantic has about a policy file
SHAPES = {
    "nothing": "{}",
    "a list": "[1]",
    "a text": "abc",
    "no head": "provisions: []",
    "an unknown field": HEAD + "provisions: []\nfoo: 1\n",
    "a head that is a text": "document: abc\nprovisions: []\n",
    "a key that is no name": HEAD.replace("t-1", "T 1") + "provisions: []\n",
    "a date that is a text": HEAD.replace("2027-01-01", "soon") + "provisions: []\n",
    "a date that is a number": HEAD.replace("2027-01-01", "1.5") + "provisions: []\n",
    "a date with an hour": HEAD.replace("2027-01-01", "2027-01-01T10:00:00") + "provisions: []\n",
    "a title that is a number": HEAD.replace("办法", "12") + "provisions: []\n",
    "a blank title": HEAD.replace("办法", '""') + "provisions: []\n",
    "a flag that is a word": HEAD.replace("}", ", draft: perhaps}") + "provisions: []\n",
    "a flag that is a list": HEAD.replace("}", ", draft: [1]}") + "provisions: []\n",
    "provisions that are a number": HEAD + "provisions: 5\n",
    "a provision that is a text": HEAD + "provisions: [abc]\n",
    "a nature that is none": HEAD + "provisions: [{id: a, at: 一, title: 甲, nature: sometimes, recipient: 乙}]\n",
    "an input that is none": HEAD
    + "provisions: [{id: a, at: 一, title: 甲, inputs: {x: {type: wish, minimum: much}}}]\n",
    "figures that are a list": HEAD + "provisions: [{id: a, at: 一, title: 甲, figures: [1]}]\n",
    "limits that are a number": HEAD + "provisions: [{id: a, at: 一, title: 甲, limits: 5, when: 6, let: 7}]\n",
    "cross rules that are words": HEAD + "provisions: []\ncross_rules: [{id: a, choose: nothing}, {id: b}, c]\n",
}


@pytest.mark.parametrize("name", SHAPES)
def test_no_english_of_pydantic(name: str) -> None:
    with pytest.raises(PolicyFileError) as caught:
        compile_text(SHAPES[name], "样例.yaml")
    assert not foreign(str(caught.value)), str(caught.value)
    assert all(re.search("[\u4e00-\u9fff]", fault.got) for fault in caught.value.problems)


def damaged(whole: bytes) -> dict[str, bytes]:
    """A workbook broken in as many ways as libraries complain about."""
    parts = {
        i.filename: zipfile.ZipFile(io.BytesIO(whole)).read(i) for i in zipfile.ZipFile(io.BytesIO(whole)).infolist()
    }

    def made(change: dict[str, bytes | None]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in (parts | change).items():
                if data is not None:
                    archive.writestr(name, data)
        return out.getvalue()

    sheet = next(name for name in parts if name.startswith("xl/worksheets/"))
    middle = len(whole) // 2
    return {
        "empty": b"",
        "a word": b"no workbook at all",
        "half": whole[:middle],
        "a hole": whole[: middle - 200] + bytes(400) + whole[middle + 200 :],
        "no end": whole[:-30],
        "nothing in it": b"PK\x05\x06" + bytes(18),
        "no content types": made({"[Content_Types].xml": None}),
        "no workbook": made({"xl/workbook.xml": None}),
        "no sheet": made({sheet: None}),
        "no styles": made({"xl/styles.xml": b"<styleSheet"}),
        "a sheet cut": made({sheet: parts[sheet][: len(parts[sheet]) // 2]}),
        "a sheet that is text": made({sheet: b"hello there"}),
        "a workbook that is text": made({"xl/workbook.xml": b"hello there"}),
        "a cell out of order": made({sheet: parts[sheet].replace(b' r="A1"', b' r="$$"')}),
        "an index of no string": made({sheet: re.sub(rb"<v>\d+</v>", b"<v>999999</v>", parts[sheet])}),
        "a value that is none": made({sheet: re.sub(rb"<v>\d+</v>", b"<v>x</v>", parts[sheet])}),
        "the old format": bytes.fromhex("d0cf11e0a1b11ae1") + b"Workbook".decode().encode("utf-16-le") + bytes(9000),
        "a password": bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le") + bytes(9000),
    }


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Of each kind of workbook that is read back, its broken ones."""
    folder = tmp_path_factory.mktemp("books")
    found = catalog.default().find("fuzhou", "tech_upgrade", dt.date(2026, 6, 30))
    form = write_form(found.document, found.rule, folder / "form.xlsx")
    write_book(folder / "rules.xlsx", found.document.key)
    write_blank(folder / "claims.xlsx")
    return {
        "form": damaged(form.read_bytes()),
        "rules": damaged((folder / "rules.xlsx").read_bytes()),
        "claims": damaged((folder / "claims.xlsx").read_bytes()),
        "template": damaged(templates.find().read_bytes()),
    }


def told(kind: str, path: Path) -> str:
    """All that is said about a file of a kind."""
    if kind == "form":
        return "\n".join(str(fault) for form in read_returned(path, catalog.default()) for fault in form.problems)
    read = {"rules": read_book, "claims": read_file, "template": sheets_of}[kind]
    try:
        read(path)
    except PolicyError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", ["form", "rules", "claims", "template"])
def test_no_english_of_zipfile_calamine_and_openpyxl(
    kind: str, books: dict[str, dict[str, bytes]], tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    refused = 0
    for name, data in books[kind].items():
        path = tmp_path / f"{name}.xlsx".replace(" ", "_")
        path.write_bytes(data)
        text = told(kind, path)
        refused += bool(text)
        assert not foreign(text), (name, text)
    assert refused > len(books[kind]) // 2
    assert not [w for w in recwarn if "openpyxl" in w.filename]


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", '{"claims": [}', "nul", '"\\x"', "[" * 100_000, '{"a": 1} x', "\x01", '{"claims": "x"}']
)
def test_no_english_of_json(text: str, tmp_path: Path) -> None:
    path = tmp_path / "申报.json"
    path.write_text(text)
    assert not foreign(told("claims", path))
    path.write_bytes(b"\xff\xfe" + text.encode())
    assert not foreign(told("claims", path))


WRONG_CALLS = (
    [], ["nonsense"], ["--nonsense"], ["calc"], ["calc", "fuzhou"], ["calc", "fuzhou", "tech_upgrade", "1", "--on"],
    ["calc", "fuzhou", "tech_upgrade", "1", "--json=yes"], ["fill"], ["fill", "a"], ["fill", "a", "-o"],
    ["rules", "--to-xlsx", "a.xlsx", "--from-xlsx", "b.xlsx"], ["settle"], ["settle", "x.json", "--on-year", "soon"],
    ["excel"], ["excel", "nonsense"], ["excel", "serve", "--port", "soon"], ["audit"], ["compare"], ["diff", "a"],
    ["check", "--cases"], ["calc", "fuzhou", "tech_upgrade", "a b c", "d e f"], ["calc", "--po", "x"], ["demo", "a", "b", "c"],
    ["fill", "/nonexistent", "-o", "x"], ["check", "/nonexistent.yaml"], ["settle", "/nonexistent.json"], ["audit", "/nonexistent"],
)  # fmt: skip


@pytest.mark.parametrize("words", WRONG_CALLS)
def test_no_english_of_argparse(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        status = main(words)
    except SystemExit as stopped:
        status = stopped.code
    said = capsys.readouterr()
    assert not foreign(said.out + said.err)
    assert status == (2 if words else 0)  # alone the name of the program prints the help


@pytest.mark.parametrize("command", ["", *COMMANDS, "excel serve", "excel install", "excel oxt", "excel build"])
def test_no_english_in_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):
        main([*command.split(), "--help"])
    said = capsys.readouterr().out
    assert command in said and "--help" in said
    assert not foreign(said)
    assert not re.search(r"--[a-z-]+ [A-Z_]{3,}", said), "what argparse calls the value of an option"


def test_no_english_of_the_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken, one that is none, an address of another machine, and certificates that are none."""
    if lacking := assets.absent():
        pytest.skip(lacking)
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (
            ["--port", port], ["--port", "99999"], ["--host", "192.0.2.1"], ["--host", "no such host"],
            ["--port", "0", "--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem")],
        ):  # fmt: skip
            assert main(["excel", "serve", *words]) == 2
            said = capsys.readouterr().err
            assert said
            assert not foreign(said.replace("no such host", "")), said
