"""`xlpolicy excel doctor`: what keeps the workbook from working on this PC, and what to do, in Chinese.

Each check is a function of a `Pc`; the PC's own registry and files come in through it, so every check is tested
without Windows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Literal

from xlpolicy.excel.pc import own_settings
from xlpolicy.excel.pc.windows import CONF, INTERPRETER, Pc, read_conf
from xlpolicy.excel.workbook.build import law_digest, marks
from xlpolicy.excel.workbook.page_law import Law
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.register.folder import IN_USE, needed

State = Literal["正常", "注意", "不行"]
_SECURITY = r"Software\Microsoft\Office\{}\Excel\Security"
_POLICY = r"Software\Policies\Microsoft\Office\{}\Excel\Security"
_VERSIONS = ("16.0", "15.0")
#: the internet, and sites that somebody declared dangerous
_OUTSIDE = re.compile(r"ZoneId\s*=\s*[34]\b")
_UNPACK = "把压缩包重新解压到新的文件夹；若被杀毒软件隔离，先加入信任"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result: what was looked at, how it is, and the remedy where something is to be done."""

    what: str
    state: State
    got: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"[{self.state}] {self.what}：{self.got}" + (f"\n       处理：{self.remedy}" if self.remedy else "")


def _install(pc: Pc) -> str:
    """How to install, as a remedy."""
    return "双击“开始.exe”，选“装到 Excel”" if pc.portable else "运行 xlpolicy excel install"


def _pip(pc: Pc, words: str) -> str:
    """A command line of pip, as the command prompt takes it: a place with a blank in it stands in quotes."""
    program = f'"{pc.python}"' if " " in str(pc.python) else str(pc.python)
    return f"{program} -m pip install {words}"


def check_system(pc: Pc) -> Finding:
    """Windows at all."""
    if pc.windows:
        return Finding("系统", "正常", "Windows")
    return Finding(
        "系统",
        "不行",
        "不是 Windows",
        "Excel 的函数只在 Windows 上用；本机可用 LibreOffice 插件，或命令行 xlpolicy fill",
    )


def check_python(pc: Pc) -> Finding:
    """A version that is supported, and neither the one of the Microsoft Store (its sandbox keeps COM from starting) nor
    an environment made from it."""
    shown = f"{pc.python}（{pc.version[0]}.{pc.version[1]}）"
    if pc.version < (3, 11):
        return Finding("Python", "不行", shown, "安装 Python 3.11 或更高版本，再装 xlpolicy")
    places = (pc.python, pc.prefix, *([pc.base] if pc.base else []))
    if any("WindowsApps" in str(place) for place in places):
        return Finding(
            "Python",
            "不行",
            f"{shown} 是微软商店版，Excel 启动不了它",
            "卸载商店版，从 python.org 的安装包安装（可离线），再装 xlpolicy",
        )
    if any((place / "conda-meta").is_dir() for place in places):
        return Finding(
            "Python", "注意", f"{shown} 是 conda 的环境，从 Excel 启动时可能找不到它的运行库",
            "自检没有应答时，改从 python.org 的安装包安装 Python，再装 xlpolicy，运行 xlpolicy excel install",
        )  # fmt: skip
    return Finding("Python", "正常", shown)


def check_packages(pc: Pc) -> Finding:
    """xlwings and pywin32, without which COM does not start."""
    lacking = [name for name in ("xlwings", "pywin32") if pc.installed(name) is None]
    if lacking:
        remedy = _UNPACK if pc.portable else f"运行 {_pip(pc, ' '.join(lacking))}"
        return Finding("程序包", "不行", f"缺少 {'、'.join(lacking)}", remedy)
    return Finding("程序包", "正常", f"xlwings {pc.installed('xlwings')}，pywin32 {pc.installed('pywin32')}")


def check_dll(pc: Pc) -> Finding:
    """xlwings' DLL beside the interpreter, where the workbook looks for it; antivirus programs remove it."""
    bits = 32 if "(x86)" in _server(pc) else 64  # a 32-bit Office loads the small one, whatever the Python
    name = f"xlwings{bits}-{pc.installed('xlwings')}.dll"
    folders = (pc.python.parent, pc.python.parent.parent)
    if any((folder / name).exists() for folder in folders):
        return Finding("xlwings 的 DLL", "正常", name)
    again = _pip(pc, f"--force-reinstall --no-deps xlwings=={pc.installed('xlwings')}")
    return Finding(
        "xlwings 的 DLL", "不行", f"在 {folders[0]} 里没有 {name}",
        _UNPACK if pc.portable else f"运行 {again}；若被杀毒软件隔离，请加入信任后重装",
    )  # fmt: skip


def check_settings(pc: Pc) -> Finding:
    """The interpreter that the workbook will start."""
    remedy = _install(pc)
    for place in (pc.folder / CONF, pc.user_conf):
        settings = read_conf(place, pc.encoding)
        if INTERPRETER not in settings:
            continue
        named = Path(settings[INTERPRETER])
        if not named.exists():
            moved = "（文件夹挪了地方？）" if pc.portable else ""
            return Finding("设置", "不行", f"{place} 写的 {named} 不存在{moved}", remedy)
        if named.parent != pc.python.parent:
            return Finding(
                "设置",
                "注意",
                f"{place} 写的是另一个 Python：{named}",
                f"{remedy}，改用 {pc.interpreter}；若有意如此可不理",
            )
        return Finding("设置", "正常", f"{place} → {named}")
    return Finding("设置", "不行", f"没有 {pc.folder / CONF}", remedy)


def check_workbook(pc: Pc) -> Finding:
    """The workbook is there and made for what is installed."""
    remedy = f"关闭工作簿，{_install(pc)}（旧的会留一份）"
    if not pc.workbook.exists():
        return Finding("工作簿", "不行", f"没有 {pc.workbook}", _install(pc))
    made = marks(pc.workbook)
    if not made:
        return Finding("工作簿", "不行", f"{pc.workbook} 打不开，或不是 xlpolicy 的工作簿", remedy)
    if made.get("xlwings") != pc.installed("xlwings"):
        return Finding(
            "工作簿", "不行", f"为 xlwings {made.get('xlwings')} 制作，本机是 {pc.installed('xlwings')}", remedy
        )
    if made.get("law") != law_digest(Law(catalogs.default())):
        return Finding("工作簿", "注意", "里面的政策库与本机的政策文件不同", remedy)
    return Finding("工作簿", "正常", str(pc.workbook))


def check_policies(pc: Pc) -> Finding:
    """The policy files load; which folder of the bureau's own the functions use."""
    own = own_settings.folders(pc)
    try:
        catalog = catalogs.default()
    except PolicyError as error:
        return Finding("政策文件", "不行", str(error).partition("\n")[0], "运行 xlpolicy check 看详情，改正后再试")
    for problem in catalog.broken:
        return Finding("政策文件", "注意", f"{problem.where} {problem.got}；其余照常使用", problem.remedy)
    where = f"；另用本单位的 {'、'.join(map(str, own))}" if own else "；没有另用本单位的政策文件夹"
    return Finding("政策文件", "正常", f"{len(catalog.documents)} 份文件，{sum(1 for _ in catalog.rules())} 条{where}")


def _server(pc: Pc) -> str:
    """The program that answers as Excel; "" without one."""
    clsid = pc.registry(r"HKCR\Excel.Application\CLSID", "")
    # a 32-bit Office may be noted in the part for 32-bit programs alone
    keys = (rf"HKCR\CLSID\{clsid}\LocalServer32", rf"HKCR\WOW6432Node\CLSID\{clsid}\LocalServer32") if clsid else ()
    return next((str(found) for key in keys if (found := pc.registry(key, ""))), "")


def check_excel(pc: Pc) -> Finding:
    """Who answers as Excel: Microsoft's, WPS in its place, or none."""
    server = _server(pc)
    if not server:
        return Finding(
            "Excel", "不行", "没有找到 Excel", "安装 Excel 2016 或更高版本；只有 WPS 时用命令行 xlpolicy fill"
        )
    if "wps" in server.lower() or "kingsoft" in server.lower() or server.lower().strip('"').endswith("et.exe"):
        return Finding(
            "Excel",
            "不行",
            f"WPS 代替了 Excel（{server}）",
            "打开 WPS 的“配置工具”→“高级”→“兼容设置”，取消“与 Microsoft Office 兼容”，再修复安装 Office",
        )
    if "WindowsApps" in server:
        return Finding("Excel", "不行", "是微软商店版 Office，启动不了 Python", "卸载后改装桌面版 Office")
    return Finding("Excel", "正常", server.strip('"'))


def check_macros(pc: Pc) -> Finding:
    """Whether macros may run: the organisation's policy first, then the user's own setting."""
    for where, name in ((_POLICY, "单位的组策略"), (_SECURITY, "Excel 的设置")):
        for version in _VERSIONS:
            value = pc.registry(where.format(version), "VBAWarnings")
            if value is None:
                continue
            remedy = "请信息中心放行本工作簿所在的文件夹，或给工作簿签名；放行前用命令行 xlpolicy fill"
            if where == _SECURITY:
                remedy = "文件→选项→信任中心→宏设置，选“禁用所有宏，并发出通知”"
            if value == 4:
                return Finding("宏", "不行", f"{name}禁止了所有宏", remedy)
            if value == 3:
                return Finding("宏", "不行", f"{name}只允许有签名的宏", remedy)
            return Finding("宏", "正常", f"{name}：{'打开时提示' if value == 2 else '允许'}")
    return Finding("宏", "正常", "打开时提示（Excel 的缺省设置）")


def check_trusted(pc: Pc) -> Finding:
    """The folder is a trusted location: macros then start without asking."""
    if path := _trusted(pc):
        return Finding("受信任位置", "正常", path)
    return Finding(
        "受信任位置",
        "注意",
        f"{pc.folder} 不是受信任位置，每次打开要点“启用内容”",
        "文件→选项→信任中心→受信任位置→" + ("勾选“允许网络上的受信任位置”→" if _on_a_server(pc) else "") + "添加新位置",
    )


def _on_a_server(pc: Pc) -> bool:
    """A folder on another computer, by its name there: Excel trusts none, unless that was allowed."""
    return PureWindowsPath(str(pc.folder)).drive.startswith("\\\\")


def _trusted(pc: Pc) -> str:
    """The trusted location that the workbook's folder is, or lies in; "" for none, or where all of them are turned off."""
    keys = [base.format(version) + r"\Trusted Locations" for base in (_SECURITY, _POLICY) for version in _VERSIONS]
    if any(pc.registry(key, "AllLocationsDisabled") == 1 for key in keys):
        return ""
    for key in keys:
        if _on_a_server(pc) and pc.registry(key, "AllowNetworkLocations") != 1:
            continue
        for name in pc.subkeys(key):
            path = str(pc.registry(rf"{key}\{name}", "Path") or "").rstrip("\\/")
            below = pc.registry(rf"{key}\{name}", "AllowSubFolders") == 1
            trusted, folder = PureWindowsPath(path.lower()), PureWindowsPath(str(pc.folder).lower())
            if path and (folder == trusted or (below and folder.is_relative_to(trusted))):
                return path
    return ""


def check_place(pc: Pc) -> Finding:
    """A folder that OneDrive keeps in step: Excel calls the workbook by a web address there, and finds nothing beside it."""
    here = PureWindowsPath(str(pc.folder).lower())
    clouds = [PureWindowsPath(cloud.lower()) for cloud in pc.clouds]
    if any(here.is_relative_to(cloud) for cloud in clouds) or any(part.startswith("onedrive") for part in here.parts):
        remedy = (
            "把整个文件夹移到本机硬盘，如 D:\\xlpolicy，再装一次"
            if pc.portable
            else "运行 xlpolicy excel install --to C:\\xlpolicy"
        )
        return Finding(
            "位置", "注意", f"{pc.folder} 由 OneDrive 同步，Excel 按网址打开它：旁边的设置找不到，受信任位置不起作用", remedy
        )  # fmt: skip
    return Finding("位置", "正常", str(pc.folder))


def check_blocked(pc: Pc) -> Finding:
    """The mark that a file came from the internet: Excel then refuses its macros, except in a trusted location."""
    try:
        with open(f"{pc.workbook}:Zone.Identifier", encoding="ascii", errors="replace") as mark:
            blocked = _OUTSIDE.search(mark.read()) is not None
    except OSError:
        blocked = False
    if blocked and _trusted(pc):
        return Finding("文件来源", "正常", "带有“来自互联网”的标记，但在受信任位置里，宏照常运行")
    if blocked:
        return Finding(
            "文件来源",
            "不行",
            "工作簿带有“来自互联网”的标记，Excel 不让它的宏运行",
            "右键工作簿→属性→勾选“解除锁定”→确定；或把所在的文件夹加为受信任位置",
        )
    return Finding("文件来源", "正常", "没有“来自互联网”的标记")


def check_folder(pc: Pc) -> Finding:
    """The working folder whose register the functions and 工作台 use, where one was named."""
    told = own_settings.noted(pc, IN_USE)
    if not told:
        return Finding(
            "登记库",
            "正常",
            "没有指定；要用 SUBSIDY_PAID、SUBSIDY_LEFT、“工作台”时，运行 xlpolicy excel install --folder 工作文件夹",
        )
    try:
        needed(Path(told)).look()
    except PolicyError as error:
        return Finding(
            "登记库", "不行", str(error), "运行 xlpolicy excel install --folder 工作文件夹，换成现在的工作文件夹"
        )
    return Finding("登记库", "正常", told)


CHECKS: tuple[Callable[[Pc], Finding], ...] = (
    check_system, check_python, check_packages, check_dll, check_excel, check_settings, check_workbook, check_place, check_blocked,
    check_macros, check_trusted, check_policies, check_folder,
)  # fmt: skip
_ANYWHERE = frozenset({check_system, check_python, check_policies, check_folder})


def examine(pc: Pc) -> Iterator[Finding]:
    """Every check that makes sense on this machine, in the order in which to mend things."""
    for check in CHECKS:
        if pc.windows or check in _ANYWHERE:
            yield check(pc)
