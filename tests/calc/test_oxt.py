"""The package and the helper, without LibreOffice."""

from __future__ import annotations

import ast
import io
import json
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

from xlpolicy.cli import main
from xlpolicy.excel.calc import helper, oxt, typelib
from xlpolicy.excel.functions.registry import FUNCTIONS

OOR = "{http://openoffice.org/2001/registry}"


def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(oxt.package())) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    built = oxt.build(tmp_path / "a.oxt").read_bytes()
    code = (
        f"from pathlib import Path; from xlpolicy.excel.calc import oxt; oxt.build(Path({str(tmp_path / 'b.oxt')!r}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONHASHSEED": "7", "PATH": ""})
    assert (tmp_path / "b.oxt").read_bytes() == built
    with pytest.raises(FileExistsError):
        oxt.build(tmp_path / "a.oxt")
    with zipfile.ZipFile(tmp_path / "a.oxt") as package:
        assert {(i.date_time, i.compress_type) for i in package.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
        }


def test_every_part_is_named_and_readable() -> None:
    found = parts()
    manifest = ET.fromstring(found["META-INF/manifest.xml"])
    names = {value for element in manifest for key, value in element.attrib.items() if key.endswith("full-path")}
    assert names == {"types.rdb", "CalcAddIns.xcu", "addin.py"}
    assert names <= set(found)
    ET.fromstring(found["description.xml"])
    assert {f["name"] for f in json.loads(found["functions.json"])} == {f.name for f in FUNCTIONS}
    # LibreOffice 7.4 of Windows brings Python 3.8
    ast.parse(found["addin.py"], feature_version=(3, 8))


def test_configuration_has_every_function_in_chinese() -> None:
    listed = ET.fromstring(parts()["CalcAddIns.xcu"]).find(f".//node[@{OOR}name='AddInFunctions']")
    assert listed is not None
    assert [node.get(f"{OOR}name") for node in listed] == [oxt.method_name(f) for f in FUNCTIONS]
    for node, function in zip(listed, FUNCTIONS, strict=True):
        texts = [value.text for value in node.iter("value")]
        assert function.name in texts
        (told,) = {text for text in texts if text and text.startswith(function.help)}
        assert ("错误值，公式就是错误值" in told) == bool(function.arguments)
        named = node.find(f"node[@{OOR}name='Parameters']")
        assert named is not None
        assert [n.get(f"{OOR}name") for n in named] == [a.name for a in oxt.arguments(function)]


def test_method_names_suit_idl() -> None:
    names = [oxt.method_name(f) for f in FUNCTIONS]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.isalnum() and name[0].islower() for name in names)
    assert all(a.name.isascii() and a.name.isidentifier() for f in FUNCTIONS for a in oxt.arguments(f))


def test_type_library_by_hand() -> None:
    """A library of one method, read back along the offsets of the format."""
    data = typelib.library("a.XB", [typelib.Method("go", "any", (("x", "[]any"),))])
    assert data.startswith(b"UNOIDL\xff\0")
    root, count = struct.unpack_from("<II", data, 8)
    assert count == 1
    label, module = struct.unpack_from("<II", data, root)
    assert data[label : label + 2] == b"a\0"
    kind, size, name, entity = struct.unpack_from("<BIII", data, module)
    assert (kind, size, data[name : name + 3]) == (0, 1, b"XB\0")
    name = b"com.sun.star.uno.XInterface"
    body = struct.pack("<BII", 5, 1, len(name)) + name + struct.pack("<III", 0, 0, 1)
    body += b"\2\0\0\0go" + b"\3\0\0\0any" + b"\1\0\0\0" + b"\0" + b"\1\0\0\0x" + b"\5\0\0\0[]any" + b"\0\0\0\0"
    assert data[entity : entity + len(body)] == body


def test_an_empty_cell_of_calc_is_never_taken_for_a_zero() -> None:
    """Calc sends 0 for it: 800万 without the blank with-VAT figure would be 240,000, with a 0 there it is nothing."""
    line = ["SUBSIDY", ["福州", "技改设备补助", 8000000, "investment_with_vat", 0.0, "日期", "2026-06-30"]]
    ((refused,),) = helper.answer(json.dumps(line))
    assert refused["error"] == 2015
    assert "空白" in refused["text"]
    line[1][4] = "0"  # type: ignore[index]
    assert helper.answer(json.dumps(line)) == [[0.0]]
    assert helper.answer(json.dumps(["RMB_UPPER", [0.0]])) == [["零元整"]]


def test_helper_answers_line_by_line() -> None:
    calls = [["RMB_UPPER", [1]], ["SUBSIDY", ["福州", "没有", 1]], ["NOPE", []], "x", ["RMB_UPPER", [[[1], [None]]]]]
    out = io.StringIO()
    helper.serve(io.StringIO("".join(json.dumps(call) + "\n" for call in calls)), out)
    hello, amount, gone, nope, odd, column = map(json.loads, out.getvalue().splitlines())
    assert "xlpolicy" in hello
    assert amount == [["壹元整"]]
    assert gone[0][0]["error"] == 2042
    assert "没有" in gone[0][0]["text"]
    assert nope[0][0]["error"] == odd[0][0]["error"] == 2015
    assert column == [["壹元整"], [""]]


def test_helper_ends_with_its_stdin() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xlpolicy.excel.calc.helper"], input=b"", capture_output=True, timeout=60
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)


def test_command_names_the_interpreter_in_the_addin_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "设置"))
    assert main(["excel", "oxt", "-o", str(tmp_path / "x.oxt")]) == 0
    with zipfile.ZipFile(tmp_path / "x.oxt") as package:
        assert package.read(oxt.INTERPRETER).decode().strip() == sys.executable
    assert not (tmp_path / "设置").exists()
    assert "扩展管理器" in capsys.readouterr().out
    assert main(["excel", "oxt", "-o", str(tmp_path / "x.oxt")]) == 2


@pytest.mark.parametrize(("built", "told", "first"), [
    ("/opt/甲/python", "", ["/opt/甲/python"]), ("/opt/甲/python", "/opt/乙/python", ["/opt/乙/python"]),
    ("", "", ["python3"]),
])  # fmt: skip
def test_the_addin_starts_the_python_it_was_built_with(
    built: str, told: str, first: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / oxt.INTERPRETER).write_text(f"{built}\n", encoding="utf-8")
    monkeypatch.setenv("XLPOLICY_PYTHON", told)
    monkeypatch.setattr(sys, "platform", "linux")
    source = parts()["addin.py"].decode()
    begin = source.index("def interpreters()")
    names: dict[str, object] = {"os": __import__("os"), "sys": sys, "Iterator": None}
    names["__file__"] = str(tmp_path / "addin.py")
    exec(source[begin : source.index("def environment()")], names)
    assert next(names["interpreters"]()) == first  # type: ignore[operator]
