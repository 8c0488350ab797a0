"""The add-in's package (.oxt), made from the registry; the same bytes from the same registry on every machine.

An .oxt is a ZIP (OpenDocument packages, part 3): META-INF/manifest.xml names the parts and their kinds. The parts are
stored, not deflated, so that no version of zlib shows in the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from xlpolicy import __version__
from xlpolicy.excel.calc.typelib import Method, library
from xlpolicy.excel.functions.registry import FUNCTIONS, Argument, Function
from xlpolicy.sheets.files import write_atomically, zipped

INTERFACE = "org.xlpolicy.calc.XFunctions"
IMPLEMENTATION = "org.xlpolicy.calc.Functions"
IDENTIFIER = "org.xlpolicy.calc"
#: where the package names the Python to start; `addin/addin.py` reads it
INTERPRETER = "interpreter.txt"
#: where it names the bureau's settings file, as XLPOLICY_SETTINGS does
SETTINGS = "settings.txt"
#: where it names the working folder, as XLPOLICY_FOLDER does
FOLDER = "folder.txt"
#: where it names the bureau's own policy folders, as XLPOLICY_POLICIES does
POLICIES = "policies.txt"
#: the languages that Calc asks for: that of its own default, and the users'
_LANGUAGES = ("en-US", "zh-CN")


def method_name(function: Function) -> str:
    """Name of the UNO method (IDL allows no underscore there): SUBSIDY_WHY -> subsidyWhy."""
    first, *rest = function.name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


def arguments(function: Function) -> list[Argument]:
    """The arguments as Calc has them: those before the tail one by one, the optional ones of a variadic in its tail."""
    if not function.variadic:
        return list(function.arguments)
    tail = function.arguments[-1]
    before = [a for a in function.arguments if a.optional and not a.variadic]
    told = "；再写".join([a.help for a in (*before, tail)])
    return [*function.required, Argument(tail.name, ("先写" if before else "") + told, variadic=True)]


def full_name(function: Function) -> str:
    """The name by which a workbook of another format finds the function: ORG.XLPOLICY.CALC.FUNCTIONS.SUBSIDYWHY."""
    return f"{IMPLEMENTATION}.{method_name(function)}".upper()


def build(
    path: Path, *, python: str = "", settings: str = "", folder: str = "", policies: str = "", force: bool = False
) -> Path:
    """Write the package, whole or not at all; the rest as in `package`. Raises FileExistsError unless `force`."""
    write_atomically(path, package(python, settings, folder, policies), force=force)
    return path


def package(python: str = "", settings: str = "", folder: str = "", policies: str = "") -> bytes:
    """The package's bytes. `python`: the program that the add-in shall start; without it, one on the path.
    `settings`, `policies`: the bureau's settings file and policy folders, by which the functions compute; `folder`:
    its working folder."""
    notes = ((INTERPRETER, python), (SETTINGS, settings), (FOLDER, folder), (POLICIES, policies))
    return zipped([*_parts(), *((name, f"{text}\n".encode()) for name, text in notes)], stored=True)


def _parts() -> Iterator[tuple[str, bytes]]:
    yield "META-INF/manifest.xml", _MANIFEST.encode()
    yield "description.xml", _DESCRIPTION.format(version=__version__, identifier=IDENTIFIER).encode()
    yield "CalcAddIns.xcu", configuration().encode()
    yield "types.rdb", library(INTERFACE, [_method(function) for function in FUNCTIONS])
    yield "functions.json", json.dumps([_listed(f) for f in FUNCTIONS], indent=1, sort_keys=True).encode()
    source = Path(__file__).with_name("addin") / "addin.py"
    yield "addin.py", source.read_text(encoding="utf-8").encode()


def _method(function: Function) -> Method:
    # Calc puts the document in by itself where a parameter is of this kind, and asks the user for the rest
    kinds = [("caller", "com.sun.star.beans.XPropertySet")]
    kinds += [(a.name, "[]any" if a.variadic else "any") for a in arguments(function)]
    return Method(method_name(function), "[][]any", tuple(kinds))


def _listed(function: Function) -> dict[str, Any]:
    return {
        "name": function.name, "method": method_name(function), "parameters": [a.name for a in arguments(function)],
        "required": len(function.required), "variadic": function.variadic, "explains": function.explains,
    }  # fmt: skip


def configuration() -> str:
    """Calc's list of the functions: names as in Excel, Chinese help."""
    functions = "\n".join(map(_function, FUNCTIONS))
    return _CONFIGURATION.format(implementation=IMPLEMENTATION, functions=functions)


def _function(function: Function) -> str:
    parameters = "\n".join(
        f"""       <node oor:name={quoteattr(argument.name)} oor:op="replace">
{_value("DisplayName", argument.name, 8)}
{_value("Description", argument.help, 8)}
       </node>"""
        for argument in arguments(function)
    )
    return f"""    <node oor:name={quoteattr(method_name(function))} oor:op="replace">
{_value("DisplayName", function.name, 5)}
{_value("Description", function.help + (ERRORS if function.arguments else ""), 5)}
     <prop oor:name="Category"><value>Add-In</value></prop>
{_value("CompatibilityName", function.name, 5)}
     <node oor:name="Parameters">
{parameters}
     </node>
    </node>"""


def _value(name: str, text: str, indent: int) -> str:
    values = "".join(f'<value xml:lang="{language}">{escape(text)}</value>' for language in _LANGUAGES)
    return f'{" " * indent}<prop oor:name="{name}">{values}</prop>'


#: Calc makes the formula an error and asks nobody, whatever an argument is declared as that takes values as well (tried:
#: any, [][]any, []any; an XCellRange is handed over with its errors, and then takes neither a number nor a text)
ERRORS = (
    "Calc 不把错误值交给加载项：引用的单元格或区域里有错误值，公式就是错误值，先改正那些单元格；"
    '要看是哪几行、其余各行照算的，区域写成 IFERROR(B2:B9;"错误值")，按 Ctrl+Shift+Enter 输入。'
    "单个空白单元格 Calc 当作 0 交来：空白与 0 结果不同的不计算，SUBSIDY_WHY 写明怎样办；RMB_UPPER 写作零元整。"
)
_MANIFEST = """\
<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">
 <manifest:file-entry manifest:full-path="types.rdb" manifest:media-type="application/vnd.sun.star.uno-typelibrary;type=RDB"/>
 <manifest:file-entry manifest:full-path="CalcAddIns.xcu" manifest:media-type="application/vnd.sun.star.configuration-data"/>
 <manifest:file-entry manifest:full-path="addin.py" manifest:media-type="application/vnd.sun.star.uno-component;type=Python"/>
</manifest:manifest>
"""
_DESCRIPTION = """\
<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006" xmlns:d="http://openoffice.org/extensions/description/2006" xmlns:l="http://libreoffice.org/extensions/description/2011">
 <version value="{version}"/>
 <identifier value="{identifier}"/>
 <dependencies><l:LibreOffice-minimal-version d:name="LibreOffice 6.4" value="6.4"/></dependencies>
 <display-name><name lang="zh-CN">惠企政策测算函数</name><name lang="en">xlpolicy functions</name></display-name>
 <publisher><name lang="en">xlpolicy</name></publisher>
</description>
"""
_CONFIGURATION = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="CalcAddIns" oor:package="org.openoffice.Office">
 <node oor:name="AddInInfo">
  <node oor:name="{implementation}" oor:op="replace">
   <node oor:name="AddInFunctions">
{functions}
   </node>
  </node>
 </node>
</oor:component-data>
"""
