"""The files of the WPS add-in: one script, what it says of its functions, and how it is put on a PC without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlpolicy.excel.functions.call import MOST_ROWS
from xlpolicy.excel.functions.registry import FUNCTIONS, Argument, Function
from xlpolicy.javascript.script import embedded, script
from xlpolicy.law.catalog import Catalog
from xlpolicy.sheets.files import write_atomically, zipped
from xlpolicy.version import __version__
from xlpolicy.words.wording import scope_text

#: before the name of every function in a cell: =XLPOLICY.SUBSIDY(…)
NAMESPACE = "XLPOLICY"
FOLDER = f"xlpolicy_{__version__}"
README, INSTALL, PUBLISH = "先看这里.txt", "安装.bat", "publish.xml"
#: WPS knows no repeated arguments: so many pairs are declared
PAIRS = 12
OFFERED = ("SUBSIDY", "SUBSIDY_WHY", "SUBSIDY_BASIS", "SUBSIDY_MAX", "SUBSIDY_NEED", "POLICY_STATUS", "RMB_UPPER")
_REGISTER = "登记库要在装有 xlpolicy 的电脑上查：用 xlpolicy status、xlpolicy ledger"
_CALCULATOR = "用政策计算器（xlpolicy page）查"
#: what to do instead, where a function is not offered
ELSEWHERE = {
    "SUBSIDY_ARTICLE": _CALCULATOR, "SUBSIDY_RULES": _CALCULATOR, "SUBSIDY_INPUTS": _CALCULATOR, "SUBSIDY_COMPARE": "用 xlpolicy compare",
    "SUBSIDY_SETTLE": "多笔一起核算用 xlpolicy settle", "SUBSIDY_PAID": _REGISTER, "SUBSIDY_LEFT": _REGISTER,
    "USCC_CHECK": "用申请表里的校验，或装有 xlpolicy 的 Excel",
}  # fmt: skip

_INSTALL = """@echo off
rem 把 xlpolicy 放进 WPS 的加载项文件夹（只影响当前用户，不需要管理员权限）
set "to=%APPDATA%\\kingsoft\\wps\\jsaddons"
if not exist "%to%" mkdir "%to%"
xcopy /E /I /Y "%~dp0{folder}" "%to%\\{folder}" >nul
if errorlevel 1 goto failed
if not exist "%to%\\publish.xml" goto publish
"%SystemRoot%\\System32\\find.exe" "{folder}" "%to%\\publish.xml" >nul
if not errorlevel 1 goto done
echo 这台电脑的 WPS 已有别的加载项。请用记事本打开下面这个文件，把本文件夹 publish.xml 中间的一行抄进去：
echo %to%\\publish.xml
goto end
:publish
copy /Y "%~dp0publish.xml" "%to%\\publish.xml" >nul
if errorlevel 1 goto failed
:done
echo 已装好。退出 WPS 再打开，在单元格里写 =XLPOLICY.RMB_UPPER(240000)
goto end
:failed
echo 没有装成：不能写 %to%
:end
pause
"""
_TOLD = """xlpolicy 的 WPS 加载项：在 WPS 表格里用 XLPOLICY.SUBSIDY 等函数，不需要 Python、管理员权限、服务器和网络。

要 WPS 12.1.0.20540 或更高版本（个人版、专业版；在 WPS 里看“关于 WPS”）。
没有在 WPS 里试过：按 WPS 的开发文档制作，用代替 WPS 的程序逐个函数核对过金额。装好先试下面三格，不符的不要用，改用政策计算器网页。
  =XLPOLICY.RMB_UPPER(240000)　　　　　　　　　　　　　　　　　　　　　应为 贰拾肆万元整
  =XLPOLICY.SUBSIDY("福州","技改设备补助",800,"单位","万元","日期","2026-06-30")　应为 24（万元）
  =XLPOLICY.SUBSIDY_WHY("福州","没有这条",1)　　　　　　　　　　　　　　应为 一句中文，说没有这一条

怎样装：双击“安装.bat”，退出 WPS 再打开。它把 {folder} 文件夹和 publish.xml 拷到 %AppData%\\kingsoft\\wps\\jsaddons；已有 publish.xml 的不动它，按提示抄一行。
统一部署的：把 {folder} 放在共享或本机文件夹，在单位的 jsplugins.xml 里加 publish.xml 中间的一行（url 写成 file:/// 开头的文件夹地址），jsplugins.xml 的地址写在 WPS 安装目录 office6\\cfgs\\oem.ini 的 JSPluginsServer。
怎样卸：从 publish.xml 删去那一行，删掉 {folder}。

与 Excel 里的同名函数不同的：
  名称前要写 XLPOLICY.；名称、数值最多写 {pairs} 对。
  算不出的是错误值，不分 #N/A 和 #VALUE!。原因用 XLPOLICY.SUBSIDY_WHY 写同样的参数查看，逐行写明。
  一行写一个公式往下填，各行各是金额或错误值。一个公式算一块区域的，WPS 不能只让其中一格是错误值：有一行算不出，整块都是错误值，免得求和时少了一行看不出来；
  参数末尾写 "出错行","写明" 的，算不出的行写“不能计算：原因”，其余各行照算（求和不含写着字的行）。结果本来是文字的（BASIS、STATUS、RMB_UPPER）都这样逐行写明。
  金额、日期按 1900 日期系统；采用 1904 日期系统的工作簿，日期请写成文字 "2026-06-30"。
  0 与空白单元格分不清、结果又不同的，不计算，写明怎样办。
  没有的函数：{elsewhere}。写了会得错误值，SUBSIDY_WHY("函数名") 写明用什么代替。
"""


def files(catalog: Catalog) -> dict[str, bytes]:
    """Every file of the add-in by its place."""
    functions = [function for function in FUNCTIONS if function.name in OFFERED]
    missing = "、".join(ELSEWHERE)
    told = _TOLD.format(folder=FOLDER, pairs=PAIRS, elsewhere=missing)
    return {
        README: "\ufeff".encode() + told.replace("\n", "\r\n").encode(),
        # the command prompt of a Chinese Windows reads GBK
        INSTALL: _INSTALL.format(folder=FOLDER).replace("\n", "\r\n").encode("gbk"),
        PUBLISH: _publish().encode(),
        f"{FOLDER}/main.js": _main(catalog, functions).encode(),
        f"{FOLDER}/index.html": b'<!DOCTYPE html>\n<html>\n<meta charset="utf-8">\n<script src="./main.js"></script>\n</html>\n',
        f"{FOLDER}/ribbon.xml": _RIBBON.encode(),
        f"{FOLDER}/manifest.xml": _MANIFEST.encode(),
        f"{FOLDER}/functions.json": json.dumps(
            {"functions": [_told(function) for function in [*functions, *_elsewhere()]]}, ensure_ascii=False, indent=1
        ).encode(),
    }


def write(path: Path, catalog: Catalog, *, force: bool = False) -> None:
    """The add-in as a zip. Raises FileExistsError unless `force`."""
    made = files(catalog)
    write_atomically(path, zipped((name, made[name]) for name in sorted(made)), force=force)


def _publish() -> str:
    line = f'<jsplugin name="xlpolicy" type="et" url="{FOLDER}" version="{__version__}" enable="enable_dev" install="null" customDomain=""/>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<jsplugins>\n{line}\n</jsplugins>\n'


_MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<JsPlugin>
  <ApiVersion>1.0.0</ApiVersion>
  <Name>xlpolicy</Name>
  <Description>产业政策补助测算函数</Description>
  <Functions>
    <Uri>/functions.json</Uri>
    <Namespace>{NAMESPACE}</Namespace>
  </Functions>
</JsPlugin>
"""
_RIBBON = """<customUI xmlns="http://schemas.microsoft.com/office/2006/01/customui" onLoad="OnAddinLoad">
</customUI>
"""


def _elsewhere() -> list[Function]:
    return [function for function in FUNCTIONS if function.name in ELSEWHERE]


def parameters(function: Function) -> Iterator[tuple[str, str, bool]]:
    """Name, help and whether it may be left out of every argument, the pairs written out."""
    for argument in function.arguments:
        if not argument.variadic:
            yield argument.name, argument.help, argument.optional
            continue
        for number in range(1, PAIRS + 1):
            yield f"name{number}", _pair(argument, number), True
            yield f"value{number}", "上一个名称的数值：一个单元格，或同样大小的区域", True


def _pair(argument: Argument, number: int) -> str:
    return argument.help if number == 1 else f"第 {number} 对的名称，如前"


def _told(function: Function) -> dict[str, Any]:
    """A function as functions.json has it: the words that the dialog of functions shows."""
    # whatever may be a range is declared as one: rows of cells
    one_cell = {"city", "rule"} if function.name in OFFERED[:5] else set()
    listed = [
        {"name": name, "description": text, "type": ("any" if name in one_cell else "any[][]") + ("?" if optional else "")}
        for name, text, optional in parameters(function)
    ]  # fmt: skip
    why = f"WPS 加载项里没有：{ELSEWHERE[function.name]}。" if function.name in ELSEWHERE else ""
    return {
        "name": function.name,
        "description": why + function.help,
        "parameters": listed,
        "result": {"type": "any[][]"},
    }


def _main(catalog: Catalog, functions: list[Function]) -> str:
    """The law, the functions, and their registration."""
    every = [*functions, *_elsewhere()]
    about = {
        "mostRows": MOST_ROWS,
        "functions": {f.name: {"least": len(f.required), "pairs": f.variadic} for f in every},
        "elsewhere": ELSEWHERE,
        # what a limit is for, in words
        "scopes": {f"{d.key}/{r.id}": [scope_text(r, limit.per) for limit in r.limits] for d, r in catalog.rules()},
    }
    # the last one ends with what it gives back
    body = "".join(
        (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8")
        for name in ("maximum", "needed", "functions")
    )
    named = "\n".join(
        f"  wps.AddCustomFunction({json.dumps(NAMESPACE)}, {json.dumps(f.name)}, function {f.name}("
        f"{', '.join(name for name, _, _ in parameters(f))}) {{ return xlpolicyFunctions.{f.name}(...arguments); }});"
        for f in every
    )
    return (
        f"{script(catalog)}const xlpolicyFunctions = (() => {{\nconst ADDIN = {embedded(about)};\n{body}}})();\n"
        "/** The host calls it when it has read ribbon.xml. */\nfunction OnAddinLoad() { return true; }\n"
        'if (typeof wps !== "undefined" && wps.AddCustomFunction) {\n' + named + "\n}\n"
    )
