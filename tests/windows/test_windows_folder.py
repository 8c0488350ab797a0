"""The Windows folder: what is in it, and what it does under Wine, held against the same commands here."""

from __future__ import annotations

import hashlib
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from wine import Wine

from xlpolicy.excel.portable import licences
from xlpolicy.excel.portable.whole import FOLDER, package
from xlpolicy.excel.workbook.build import marks
from xlpolicy.excel.wps.wps_addin import FOLDER as WPS_FOLDER
from xlpolicy.excel.wps.wps_addin import INSTALL, PUBLISH, write
from xlpolicy.law import catalog as catalogs
from xlpolicy.law import store

ON = "2026-06-30"
#: the check value of the register, which holds the hour
HEAD = re.compile(r"(?:[0-9a-f]{4}-){3,}[0-9a-f]{4}|[0-9a-f]{64}")


@pytest.fixture(scope="module")
def names(folder_zip: Path) -> set[str]:
    with zipfile.ZipFile(folder_zip) as packed:
        return {name.removeprefix(f"{FOLDER}/") for name in packed.namelist()}


@pytest.mark.wine
def test_at_most_45_mb_without_numpy(folder_zip: Path, names: set[str]) -> None:
    assert folder_zip.stat().st_size < 45_000_000
    assert {"开始.exe", "xlpolicy.exe", "xlpolicy.xlsm", "先看这里.txt", "第三方许可.txt", "收件/"} <= names
    assert {
        "python/python.exe",
        "python/pythonw.exe",
        "packages/win32/win32api.pyd",
        "packages/xlpolicy/law/store.py",
    } <= names
    assert {"packages/xlpolicy/templates/台账.xlsx", "packages/xlpolicy/policies/fuzhou-2026-5.yaml"} <= names
    # the first start reads no YAML
    law = [name for name in names if name.startswith("packages/xlpolicy/policies/compiled/")]
    assert len(law) == len(store.policy_files(store.EMBEDDED))
    assert not [name for name in names if name.startswith(("packages/numpy", "packages/pandas", "packages/pytest"))]
    # Excel of 32 bits loads the small one, whatever the Python
    libraries = {
        re.sub(r"[\d.]+\.dll", "", name) for name in names if re.match(r"python/(xlwings|pywintypes|pythoncom)", name)
    }
    assert len([n for n in names if re.match(r"python/xlwings(32|64)-[\d.]+\.dll", n)]) == 2 and libraries


@pytest.mark.wine
def test_the_same_bytes_again(folder_zip: Path, tmp_path: Path) -> None:
    again = package(tmp_path / "again.zip").path.read_bytes()
    assert hashlib.sha256(again).digest() == hashlib.sha256(folder_zip.read_bytes()).digest()


@pytest.mark.wine
def test_no_place_of_the_machine_that_made_it(folder_zip: Path) -> None:
    """What uv and pip note beside the packages, and where they were unpacked."""
    places = re.compile(rb"/(?:tmp|root|home|work)/\w[\w.-]*/[\w./-]*(?:site-packages|xlpolicy)|/tmp/tmp\w+")
    with zipfile.ZipFile(folder_zip) as packed:
        found = [name for name in packed.namelist() if places.search(packed.read(name))]
        noted = [
            name for name in packed.namelist() if name.endswith(("/RECORD", "direct_url.json", "/INSTALLER", ".pth"))
        ]
    assert (found, noted) == ([], [])


@pytest.mark.wine
def test_every_package_has_its_licence(folder_zip: Path, names: set[str]) -> None:
    with zipfile.ZipFile(folder_zip) as packed:
        text = packed.read(f"{FOLDER}/{licences.NAME}").decode("utf-8-sig")
    wheels = {name.split("/")[1].removesuffix(".dist-info") for name in names if name.endswith(".dist-info/METADATA")}
    assert len(wheels) > 20
    listed = {re.sub(r"[-_.]+", "-", line).lower() for line in re.findall(r"(?m)^\d+\. (\S+ [\d.]+)　", text)}
    assert {re.sub(r"[-_.]+", "-", wheel.replace("-", " ", 1)).lower() for wheel in wheels} <= {
        line.replace("-", " ") if " " not in line else line for line in listed
    }
    for told in ("GNU LESSER GENERAL PUBLIC LICENSE", "Mozilla Public Licen", "PYTHON SOFTWARE FOUNDATION LICENSE"):
        assert told in text, told


@pytest.mark.wine
def test_the_workbook_fits_the_packages(folder_zip: Path, names: set[str], tmp_path: Path) -> None:
    with zipfile.ZipFile(folder_zip) as packed:
        packed.extract(f"{FOLDER}/xlpolicy.xlsm", tmp_path)
    assert f"packages/xlwings-{marks(tmp_path / FOLDER / 'xlpolicy.xlsm')['xlwings']}.dist-info/METADATA" in names


# --- under Wine ---


def rows(path: Path) -> list[tuple[str, object]]:
    """Every cell, without the check value of the register."""
    book = openpyxl.load_workbook(path)
    cells = [
        (f"{sheet.title}!{cell.coordinate}", cell.value) for sheet in book for row in sheet.iter_rows() for cell in row
    ]
    return [(place, HEAD.sub("", value) if isinstance(value, str) else value) for place, value in cells]


def parts(path: Path) -> dict[str, bytes]:
    """The parts of a workbook without the hour of writing; XlsxWriter writes Windows' line ends on Windows."""
    with zipfile.ZipFile(path) as packed:
        return {
            name: re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", b"", packed.read(name).replace(b"\r\n", b"\n"))
            for name in packed.namelist()
        }


def told(text: str) -> str:
    """What a command said, without the register's check value and the way places are written."""
    return HEAD.sub("", text).replace("\\", "/")


@pytest.fixture(scope="module")
def both(wine: Wine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two empty folders, here and there."""
    work = tmp_path_factory.mktemp("both")
    for name in ("linux", "windows"):
        (work / name).mkdir()
    return work / "linux", work / "windows"


CALCULATIONS = [
    ("calc", "福州", "技改设备补助", "800万元", "--on", ON),
    ("calc", "晋江", "综合性管理信息系统采购分档补助", "100万元", "--policy", "jinjiang-2023-11", "--json"),
    ("calc", "福州", "没有这条", "1"),
    ("compare", "工业互联网平台", "600万元", "--on", ON),
    ("show", "福州", "技改设备补助", "--on", ON),
]


@pytest.mark.wine
@pytest.mark.parametrize("words", CALCULATIONS, ids=lambda words: " ".join(words[:3]))
def test_the_same_words(wine: Wine, both: tuple[Path, Path], words: tuple[str, ...]) -> None:
    here, there = both
    assert wine.run(*words, folder=there) == wine.linux(*words, folder=here)


@pytest.mark.wine
@pytest.mark.parametrize("command", ["form", "sheet"])
def test_the_same_workbooks(wine: Wine, both: tuple[Path, Path], command: str) -> None:
    here, there = both
    words = (command, "福州", "技改设备补助", "-o", f"{command}.xlsx")
    assert wine.run(*words, folder=there) == wine.linux(*words, folder=here)
    assert parts(there / f"{command}.xlsx") == parts(here / f"{command}.xlsx")


@pytest.mark.wine
def test_the_demo_filled_and_settled(wine: Wine, both: tuple[Path, Path]) -> None:
    """From 26 files to the payment, the ledgers cell by cell, then the same inbox again and its settlement."""
    here, there = both
    for words in (
        ("demo", "演示"),
        ("fill", "演示/收件", "-o", "再核定", "--on", ON, "--jobs", "2"),
        ("settle", "再核定/台账.xlsx", "-o", "兑付台账.xlsx"),
        ("simulate", "再核定/台账.xlsx", "--set", "福州:技改设备补助.封顶=400万元"),
        ("status", "--folder", "演示/2026技改"),
        ("verify", "--folder", "演示/2026技改"),
    ):
        status, said = wine.run(*words, folder=there)
        wanted, shown = wine.linux(*words, folder=here)
        assert (status, told(said)) == (wanted, told(shown)), words
    assert (
        "符合条件 16 份，核定合计 11,142,333.41 元"
        in (wine.run("fill", "演示/收件", "-o", "再核定", "--on", ON, folder=there)[1])
    )
    files = {path.relative_to(here) for path in here.rglob("*.xlsx") if not path.name.startswith("~$")}
    assert {path.relative_to(there) for path in there.rglob("*.xlsx") if not path.name.startswith("~$")} == files
    assert len(files) > 60
    for name in ("演示/核定结果/台账.xlsx", "再核定/台账.xlsx", "兑付台账.xlsx", "演示/2026技改/结果/申报台账.xlsx"):
        assert rows(there / name) == rows(here / name), name
    assert parts(there / "兑付台账.xlsx") == parts(here / "兑付台账.xlsx")


@pytest.mark.wine
def test_the_menu_by_double_click(wine: Wine, tmp_path: Path) -> None:
    status, said = wine.run(
        folder=tmp_path, program="开始.exe", typed="1\n福州\n技改设备补助\n800万元\n\n2\n\n\n4\n\n0\n"
    )
    assert status == 0
    assert "核定金额　240,000.00 元（测算上限）" in said and "收件”里还没有文件" in said
    assert "[正常] 程序包" in said and "[正常] xlwings 的 DLL" in said
    assert (tmp_path / "收件").is_dir()


@pytest.mark.wine
def test_what_excel_asks_of_the_folder(wine: Wine, tmp_path: Path) -> None:
    """The COM side imports, and a function answers as the workbook asks for it."""
    code = (
        "import win32api, pythoncom, win32com.client, win32com.server.policy, xlwings.com_server, xlwings;"
        "from xlpolicy.excel import udf; print(udf.SUBSIDY('福州', '技改设备补助', 8000000.0, '日期', '2026-06-30'))"
    )
    assert wine.python("-c", code, folder=tmp_path) == (0, "240000.0\n")


@pytest.mark.wine
def test_the_wps_add_in_is_put_in_its_place(wine: Wine, tmp_path: Path) -> None:
    """A publish.xml with somebody else's add-in stays as it is, and the line to be added is asked for."""
    with zipfile.ZipFile(files_of_wps(tmp_path)) as packed:
        packed.extractall(tmp_path)
    place = wine.roaming / "kingsoft" / "wps" / "jsaddons"
    for _ in range(2):
        assert "=XLPOLICY.RMB_UPPER(240000)" in wine.batch(INSTALL, tmp_path)
        assert (place / PUBLISH).read_bytes() == (tmp_path / PUBLISH).read_bytes()
        assert (place / WPS_FOLDER / "main.js").read_bytes() == (tmp_path / WPS_FOLDER / "main.js").read_bytes()
    (place / PUBLISH).write_text("<jsplugins></jsplugins>", encoding="utf-8")
    said = wine.batch(INSTALL, tmp_path)
    assert "RMB_UPPER" not in said and "jsaddons\\publish.xml" in said
    assert (place / PUBLISH).read_text(encoding="utf-8") == "<jsplugins></jsplugins>"


def files_of_wps(folder: Path) -> Path:
    write(folder / "wps.zip", catalogs.default())
    return folder / "wps.zip"


#: a file that takes 1 GB and holds it for a while, where 300 MB is what one may have; then one that takes nothing
_GREEDY = """
from xlpolicy.batch.workers import Limits, Pool
if __name__ == "__main__":
    work = "(lambda data: __import__('time').sleep(pause) or len(data))(b'x' * size)"
    with Pool(work, len, 1, Limits(300 * 2**20, 60.0)) as pool:
        files = [{"size": 10**9, "pause": 20}, {"size": 2, "pause": 0}]
        print([getattr(done, "reason", done) for done in pool.map(eval, files, len(files))])
"""


@pytest.mark.wine
def test_the_memory_of_one_file_is_held(wine: Wine, tmp_path: Path) -> None:
    """By the job object on Windows; Wine takes that and does not hold to it, and the watch ends the worker."""
    script = tmp_path / "greedy.py"
    script.write_text(_GREEDY, encoding="utf-8")
    assert wine.python(wine.windows(script), folder=tmp_path) == (0, "['memory', 2]\n")
