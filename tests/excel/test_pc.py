"""install and doctor: a Windows PC made up of plain values, everything that can be wrong with it, and the remedies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from xlpolicy import cli
from xlpolicy.excel.pc import doctor, install, own_settings
from xlpolicy.excel.pc import windows as pc
from xlpolicy.excel.pc.windows import CONF, INTERPRETER, Pc, conf_bytes, read_conf
from xlpolicy.excel.workbook import build as workbook

CLSID = "{00024500-0000-0000-C000-000000000046}"
EXCEL = {
    (r"HKCR\Excel.Application\CLSID", ""): CLSID,
    (
        rf"HKCR\CLSID\{CLSID}\LocalServer32",
        "",
    ): r'"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE" /automation',
}
SECURITY = r"Software\Microsoft\Office\16.0\Excel\Security"
POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
XLWINGS = version("xlwings")


def registry_of(entries: dict[tuple[str, str], str | int]) -> Callable[[str, str], str | int | None]:
    return lambda key, name: entries.get((key, name))


@pytest.fixture
def good(tmp_path: Path) -> Pc:
    """A PC on which everything is in order."""
    python = tmp_path / "Python311" / "python.exe"
    python.parent.mkdir()
    for name in ("python.exe", "pythonw.exe", f"xlwings64-{XLWINGS}.dll"):
        (python.parent / name).touch()
    entries: dict[tuple[str, str], str | int] = dict(EXCEL)
    documents = tmp_path / "张三" / "Documents"
    entries[SECURITY + r"\Trusted Locations\Location3", "Path"] = str(documents / "xlpolicy")
    machine = Pc(
        windows=True, python=python, prefix=python.parent, version=(3, 11), home=tmp_path / "张三", documents=documents,
        encoding="gbk", installed=lambda name: {"xlwings": XLWINGS, "pywin32": "308"}.get(name),
        registry=registry_of(entries),
        subkeys=lambda key: ("Location3",) if key == SECURITY + r"\Trusted Locations" else (),
    )  # fmt: skip
    list(install.install(machine))
    return machine


def test_after_installing_everything_is_in_order(good: Pc) -> None:
    found = list(doctor.examine(good))
    assert [str(f) for f in found if f.state != "正常"] == []
    assert len(found) == len(doctor.CHECKS) == 13


@pytest.mark.posix  # a workbook made on Windows has other bytes than the one that comes along
def test_what_install_writes(good: Pc) -> None:
    assert good.workbook.read_bytes() == workbook.content()
    settings = (good.folder / CONF).read_bytes()
    # VBA's Input # reads the code page of the PC: the Chinese user name must be in it
    assert settings == f'"INTERPRETER_WIN","{good.python.with_name("pythonw.exe")}"\r\n'.encode("gbk")
    assert good.user_conf.read_bytes() == settings
    assert read_conf(good.user_conf, "gbk") == {INTERPRETER: str(good.interpreter)}


def test_installing_again_changes_nothing(good: Pc) -> None:
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in good.folder.iterdir()}
    lines = list(install.install(good))
    assert [line.partition("\u3000")[0] for line in lines[:2]] == ["不变", "不变"]
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in good.folder.iterdir()} == before


@pytest.mark.posix
def test_an_old_workbook_is_kept(good: Pc) -> None:
    good.workbook.write_bytes(b"what the clerk has")
    first = "\n".join(install.install(good))
    assert "已保留旧的" in first
    good.workbook.write_bytes(b"and again")
    list(install.install(good))
    kept = sorted(p.read_bytes() for p in good.folder.glob("xlpolicy-*.xlsm"))
    assert kept == [b"and again", b"what the clerk has"]
    assert good.workbook.read_bytes() == workbook.content()


def test_other_settings_of_other_tools_stay(good: Pc) -> None:
    """The user's own xlwings.conf names another interpreter: left alone, the one beside the workbook rules."""
    good.user_conf.write_bytes(
        conf_bytes({"INTERPRETER_WIN": "C:\\other\\python.exe", "CONDA PATH": "C:\\conda"}, "gbk")
    )
    (good.folder / CONF).write_bytes(conf_bytes({"INTERPRETER_WIN": "old", "SHOW CONSOLE": "True"}, "gbk"))
    list(install.install(good))
    assert read_conf(good.user_conf, "gbk")["INTERPRETER_WIN"] == "C:\\other\\python.exe"
    assert read_conf(good.folder / CONF, "gbk") == {INTERPRETER: str(good.interpreter), "SHOW CONSOLE": "True"}


def test_dry_run_writes_nothing(good: Pc, tmp_path: Path) -> None:
    lines = list(install.install(good, tmp_path / "new", dry_run=True))
    assert lines[0].startswith("将写入")
    assert not (tmp_path / "new").exists()
    assert any("受信任位置" in line for line in lines)


def test_a_path_that_vba_cannot_read(good: Pc) -> None:
    odd = replace(good, python=Path("C:/用户/𠮷野/python.exe"))
    with pytest.raises(install.InstallError, match="代码页（gbk）没有的字“𠮷”"):
        install.plan(odd)


def test_built_anew_for_another_xlwings(good: Pc, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(good, installed=lambda name: "9.9.9")
    monkeypatch.setattr(install, "content", lambda: b"built here")
    action = install.plan(other)[0]
    assert action.content == b"built here"
    assert "按本机的 xlwings" in action.what


def with_registry(machine: Pc, entries: dict[tuple[str, str], str | int]) -> Pc:
    return replace(machine, registry=registry_of(dict(EXCEL) | entries))


SICK: dict[str, tuple[Callable[[Pc], Pc], Callable[[Pc], doctor.Finding], str, str, str]] = {
    "not windows": (lambda m: replace(m, windows=False), doctor.check_system, "不行", "不是 Windows", "LibreOffice"),
    "old python": (lambda m: replace(m, version=(3, 9)), doctor.check_python, "不行", "3.9", "3.11"),
    "store python": (
        lambda m: replace(m, python=Path(r"C:\Users\a\AppData\Local\Microsoft\WindowsApps\python.exe")),
        doctor.check_python, "不行", "微软商店版", "python.org",
    ),
    "no pywin32": (
        lambda m: replace(m, installed=lambda n: XLWINGS if n == "xlwings" else None),
        doctor.check_packages, "不行", "缺少 pywin32", "pip install pywin32",
    ),
    "dll gone": (
        lambda m: replace(m, python=m.home / "elsewhere" / "python.exe"), doctor.check_dll, "不行", "没有 xlwings64-", "杀毒软件",
    ),
    "no settings": (lambda m: replace(m, documents=m.home / "x", home=m.home / "y"), doctor.check_settings, "不行", "没有", "install"),
    "no workbook": (lambda m: replace(m, documents=m.home / "x"), doctor.check_workbook, "不行", "没有", "xlpolicy excel install"),
    "other xlwings": (lambda m: replace(m, installed=lambda n: "9.9.9"), doctor.check_workbook, "不行", "本机是 9.9.9", "install"),
    "no excel": (lambda m: replace(m, registry=registry_of({})), doctor.check_excel, "不行", "没有找到 Excel", "xlpolicy fill"),
    "wps": (
        lambda m: with_registry(m, {(rf"HKCR\CLSID\{CLSID}\LocalServer32", ""): r"C:\Kingsoft\WPS Office\office6\et.exe"}),
        doctor.check_excel, "不行", "WPS 代替了 Excel", "兼容设置",
    ),
    "store office": (
        lambda m: with_registry(m, {(rf"HKCR\CLSID\{CLSID}\LocalServer32", ""): r"C:\Program Files\WindowsApps\Excel.exe"}),
        doctor.check_excel, "不行", "商店版 Office", "桌面版",
    ),
    "macros forbidden by policy": (
        lambda m: with_registry(m, {(POLICY, "VBAWarnings"): 4, (SECURITY, "VBAWarnings"): 2}),
        doctor.check_macros, "不行", "单位的组策略禁止了所有宏", "信息中心",
    ),
    "macros forbidden by the user": (
        lambda m: with_registry(m, {(SECURITY, "VBAWarnings"): 4}), doctor.check_macros, "不行", "Excel 的设置禁止", "宏设置",
    ),
    "signed macros only": (lambda m: with_registry(m, {(POLICY, "VBAWarnings"): 3}), doctor.check_macros, "不行", "只允许有签名的宏", "签名"),
    "not trusted": (lambda m: replace(m, subkeys=lambda key: ()), doctor.check_trusted, "注意", "不是受信任位置", "受信任位置"),
}  # fmt: skip


@pytest.mark.parametrize("name", SICK)
def test_each_ailment_is_found_with_its_remedy(good: Pc, name: str) -> None:
    spoil, check, state, got, remedy = SICK[name]
    found = check(spoil(good))
    assert found.state == state
    assert got in found.got
    assert remedy in found.remedy
    assert f"[{state}]" in str(found)


def test_settings_that_lead_nowhere(good: Pc) -> None:
    (good.folder / CONF).write_bytes(conf_bytes({INTERPRETER: "C:\\gone\\pythonw.exe"}, "gbk"))
    assert "不存在" in doctor.check_settings(good).got
    other = good.home / "other.exe"
    other.touch()
    (good.folder / CONF).write_bytes(conf_bytes({INTERPRETER: str(other)}, "gbk"))
    assert doctor.check_settings(good).state == "注意"
    (good.folder / CONF).unlink()
    assert doctor.check_settings(good).state == "正常"  # the user's own settings lead there as well


def test_another_folder(good: Pc, tmp_path: Path) -> None:
    """`install --to` and `doctor --to`: the workbook lies elsewhere."""
    folder = tmp_path / "共享"
    list(install.install(good, folder))
    elsewhere = replace(good, target=folder)
    assert doctor.check_workbook(elsewhere).got == str(folder / workbook.NAME)
    assert doctor.check_trusted(elsewhere).state == "注意"


def test_a_workbook_that_is_none(good: Pc) -> None:
    good.workbook.write_bytes(b"x")
    assert "不是 xlpolicy 的工作簿" in doctor.check_workbook(good).got


def test_a_workbook_of_other_policies(good: Pc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "law_digest", lambda law: "0")
    assert doctor.check_workbook(good).state == "注意"


@pytest.mark.parametrize("zone", [3, 4])
def test_the_mark_of_the_web(good: Pc, zone: int) -> None:
    """On this machine a file of that name stands for the stream that NTFS keeps beside the file."""
    mark = Path(f"{good.workbook}:Zone.Identifier")
    mark.write_text(f"[ZoneTransfer]\nZoneId={zone}\n")
    found = doctor.check_blocked(replace(good, subkeys=lambda key: ()))
    assert (found.state, "解除锁定" in found.remedy) == ("不行", True)


def test_policies_that_do_not_load(good: Pc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLPOLICY_POLICIES", "/nowhere")
    found = doctor.check_policies(good)
    assert (found.state, "xlpolicy check" in found.remedy) == ("不行", True)


def test_a_neighbour_whose_name_begins_alike_is_not_trusted(good: Pc) -> None:
    """Trusted with its subfolders is …\\Doc, the workbook lies in …\\Documents."""
    key = SECURITY + r"\Trusted Locations"
    near = {(key + r"\L", "Path"): str(good.documents)[:-3], (key + r"\L", "AllowSubFolders"): 1}
    machine = replace(with_registry(good, near), subkeys=lambda k: ("L",) if k == key else ())
    assert doctor.check_trusted(machine).state == "注意"


def test_a_32_bit_office_wants_the_small_dll(good: Pc) -> None:
    office = r'"C:\Program Files (x86)\Microsoft Office\root\Office16\EXCEL.EXE" /automation'
    machine = with_registry(good, {**EXCEL, (rf"HKCR\CLSID\{CLSID}\LocalServer32", ""): office})
    found = doctor.check_dll(machine)
    assert (found.state, f"没有 xlwings32-{XLWINGS}.dll" in found.got) == ("不行", True)
    (good.python.parent / f"xlwings32-{XLWINGS}.dll").touch()
    assert doctor.check_dll(machine).state == "正常"


def test_conda(good: Pc) -> None:
    (good.prefix / "conda-meta").mkdir()
    found = doctor.check_python(good)
    assert (found.state, "conda" in found.got, "python.org" in found.remedy) == ("注意", True, True)


def test_an_environment_made_from_conda_or_the_store(good: Pc, tmp_path: Path) -> None:
    """The Python of a virtual environment only leads to the one that it was made from."""
    (tmp_path / "miniconda3" / "conda-meta").mkdir(parents=True)
    conda = doctor.check_python(replace(good, base=tmp_path / "miniconda3"))
    assert (conda.state, "conda" in conda.got) == ("注意", True)
    store = doctor.check_python(
        replace(good, base=Path("C:/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.12"))
    )
    assert (store.state, "微软商店版" in store.got) == ("不行", True)
    assert doctor.check_python(replace(good, base=tmp_path)).state == "正常"


def test_a_user_whose_name_has_a_blank(good: Pc) -> None:
    """The command that is to be run is one that the command prompt takes."""
    python = Path("C:/Users/Zhang San/Python311/python.exe")
    machine = replace(good, python=python, installed=lambda name: XLWINGS if name == "xlwings" else None)
    assert doctor.check_packages(machine).remedy == f'运行 "{python}" -m pip install pywin32'
    assert f'运行 "{python}" -m pip install --force-reinstall' in doctor.check_dll(machine).remedy


def test_a_folder_on_a_server(good: Pc) -> None:
    """Excel trusts no place on another computer unless that is allowed as well."""
    key = SECURITY + r"\Trusted Locations"
    here = {(key + r"\L", "Path"): r"\\server\共享\xlpolicy"}
    shared = replace(good, target=Path(r"\\server\共享\xlpolicy"), subkeys=lambda k: ("L",) if k == key else ())
    refused = doctor.check_trusted(with_registry(shared, here))  # type: ignore[arg-type]
    assert (refused.state, "允许网络上的受信任位置" in refused.remedy) == ("注意", True)
    allowed = here | {(key, "AllowNetworkLocations"): 1}
    assert doctor.check_trusted(with_registry(shared, allowed)).state == "正常"  # type: ignore[arg-type]
    assert "网络" not in doctor.check_trusted(replace(good, subkeys=lambda k: ())).remedy


def test_trusted_with_subfolders(good: Pc) -> None:
    key = SECURITY + r"\Trusted Locations"
    above = {(key + r"\L", "Path"): str(good.documents) + "\\"}
    machine = replace(good, subkeys=lambda k: ("L",) if k == key else ())
    assert doctor.check_trusted(replace(machine, registry=registry_of(above))).state == "注意"  # type: ignore[arg-type]
    below = above | {(key + r"\L", "AllowSubFolders"): 1}
    assert doctor.check_trusted(replace(machine, registry=registry_of(below))).state == "正常"  # type: ignore[arg-type]


def test_a_32_bit_office_that_is_noted_for_32_bit_programs_alone(good: Pc) -> None:
    office = r"C:\Program Files (x86)\Microsoft Office\Office16\EXCEL.EXE"
    keys = {
        (r"HKCR\Excel.Application\CLSID", ""): CLSID,
        (rf"HKCR\WOW6432Node\CLSID\{CLSID}\LocalServer32", ""): office,
    }
    machine = replace(good, registry=registry_of(keys))  # type: ignore[arg-type]
    assert (doctor.check_excel(machine).got, doctor.check_dll(machine).state) == (office, "不行")


def test_a_folder_that_onedrive_keeps_in_step(good: Pc) -> None:
    assert doctor.check_place(good).state == "正常"
    by_variable = doctor.check_place(replace(good, clouds=(str(good.home),)))
    by_name = doctor.check_place(replace(good, target=Path("/Users/张三/OneDrive - 某局/文档/xlpolicy")))
    assert {by_variable.state, by_name.state} == {"注意"} and "--to" in by_variable.remedy
    assert doctor.check_place(replace(good, clouds=(str(good.home)[:-1],))).state == "正常"


def test_the_mark_of_the_web_in_a_trusted_location(good: Pc) -> None:
    """Excel lets macros of a trusted location run, marked or not; elsewhere it refuses them."""
    Path(f"{good.workbook}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n")
    found = doctor.check_blocked(good)
    assert (found.state, "受信任位置" in found.got) == ("正常", True)


def test_trusted_locations_that_are_turned_off(good: Pc) -> None:
    """An administrator may turn all of them off: then the mark keeps macros from running there too."""
    Path(f"{good.workbook}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n")
    turned = (SECURITY + r"\Trusted Locations", "AllLocationsDisabled")
    off = replace(good, registry=lambda key, name: 1 if (key, name) == turned else good.registry(key, name))
    assert (doctor.check_trusted(off).state, doctor.check_blocked(off).state) == ("注意", "不行")


def test_the_policy_folder_that_was_given(good: Pc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noted by install, used by the functions, named by doctor."""
    assert "没有另用" in doctor.check_policies(good).got
    own = tmp_path / "本局政策"
    own.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(own_settings.POLICIES, "本局政策")
    assert any(f"本单位政策文件夹：{own}" in line for line in install.install(good))
    monkeypatch.delenv(own_settings.POLICIES)
    assert str(own) in doctor.check_policies(good).got
    monkeypatch.setenv(own_settings.POLICIES, "")  # restored at the end, also after `use`
    own_settings.use(good)
    assert os.environ[own_settings.POLICIES] == str(own)


# --- the folder that was unpacked ---


@pytest.fixture
def unpacked(good: Pc, tmp_path: Path) -> Pc:
    """The same PC, with the folder of `xlpolicy package windows` in a user's folder with a Chinese name."""
    top = tmp_path / "张三" / "下载" / "xlpolicy"
    (top / "packages" / "xlpolicy").mkdir(parents=True)
    (top / "python").mkdir()
    for name in ("python.exe", "pythonw.exe", f"xlwings64-{XLWINGS}.dll", f"xlwings32-{XLWINGS}.dll"):
        (top / "python" / name).touch()
    good.user_conf.unlink()
    return replace(good, python=top / "python" / "python.exe", prefix=top / "python", version=(3, 13))


def test_installing_from_the_unpacked_folder_stays_in_it(unpacked: Pc) -> None:
    top = unpacked.portable
    assert top is not None and unpacked.folder == top
    lines = list(install.install(unpacked))
    assert read_conf(top / CONF, "gbk")[INTERPRETER] == str(top / "python" / "pythonw.exe")
    assert (top / workbook.NAME).is_file() and "开始.exe" in lines[-1]
    states = {found.what: found.state for found in doctor.examine(unpacked)}
    assert [what for what, state in states.items() if state != "正常"] == ["受信任位置"]


def test_the_unpacked_folder_was_moved(unpacked: Pc) -> None:
    list(install.install(unpacked))
    top = unpacked.folder
    moved = top.rename(top.with_name("别处"))
    there = replace(unpacked, python=moved / "python" / "python.exe")
    found = doctor.check_settings(there)
    assert (found.state, "挪了地方" in found.got, "装到 Excel" in found.remedy) == ("不行", True, True)
    list(install.install(there))
    assert doctor.check_settings(there).state == "正常"
    assert read_conf(there.user_conf, "gbk")[INTERPRETER] == str(moved / "python" / "pythonw.exe")


def test_remedies_of_the_unpacked_folder_need_no_pip(unpacked: Pc) -> None:
    (unpacked.python.parent / f"xlwings64-{XLWINGS}.dll").unlink()
    sick = replace(unpacked, installed=lambda name: None, documents=unpacked.documents / "x")
    for found in doctor.examine(sick):
        assert "pip" not in found.remedy and "xlpolicy excel install" not in found.remedy, str(found)
    assert "重新解压" in doctor.check_packages(sick).remedy and "重新解压" in doctor.check_dll(unpacked).remedy


def test_a_chinese_user_on_a_windows_of_another_language(unpacked: Pc) -> None:
    with pytest.raises(install.InstallError) as refused:
        list(install.install(replace(unpacked, encoding="cp1252")))
    assert "张三" in refused.value.problem.got and "D:\\xlpolicy" in refused.value.problem.remedy


# --- the command line, on the machine this runs on ---


def test_this_pc() -> None:
    machine = pc.this_pc()
    assert machine.windows is (sys.platform == "win32")
    assert machine.installed("xlwings") == XLWINGS
    assert machine.installed("no such package") is None
    assert machine.registry("Software", "x") is None
    assert machine.subkeys("no such key") == ()


@pytest.mark.posix  # the folder's Chinese name is refused where the code page is another one, as in Wine
def test_what_would_be_installed_here(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["excel", "install", "--dry-run", "--to", str(tmp_path / "x")]) == 0
    assert "将写入" in capsys.readouterr().out


def test_commands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["excel", "functions"]) == 0
    assert "## SUBSIDY_SETTLE（表格）" in capsys.readouterr().out
    assert cli.main(["excel", "functions", "--json"]) == 0
    assert '"name": "RMB_UPPER"' in capsys.readouterr().out
    target = tmp_path / "new" / "a.xlsm"
    target.parent.mkdir()
    assert cli.main(["excel", "build", "-o", str(target)]) == 0
    assert target.read_bytes() == workbook.content()
    assert cli.main(["excel", "build", "-o", str(target)]) == 2
    assert "已经存在" in capsys.readouterr().err


@pytest.mark.posix
def test_commands_without_windows(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["excel", "doctor"]) == 1
    assert "[不行] 系统：不是 Windows" in capsys.readouterr().out
    assert cli.main(["excel", "doctor", "--json"]) == 1
    assert '"state": "不行"' in capsys.readouterr().out
    assert cli.main(["excel", "install"]) == 1
    assert "--dry-run" in capsys.readouterr().err


def test_help_does_not_load_xlwings() -> None:
    code = "import sys; from xlpolicy import cli; cli.main(['excel', '--help'])"
    probe = f"try:\n    {code}\nexcept SystemExit:\n    print([m for m in ('xlwings', 'pandas', 'xlsxwriter') if m in sys.modules])"
    out = subprocess.run(
        [sys.executable, "-c", f"import sys\n{probe}"], capture_output=True, text=True, check=True
    ).stdout
    assert out.rstrip().endswith("[]")
