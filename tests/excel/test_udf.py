"""The xlwings adapter: callable here, and registered as xlwings on Windows registers it (its own code, pywin32 faked)."""

from __future__ import annotations

import importlib
import io
import logging
import re
import sys
import types
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest

from xlpolicy.excel.functions import udf_adapter as udf
from xlpolicy.excel.functions.call import ERRORS, SENTINEL
from xlpolicy.excel.functions.registry import BY_NAME, FUNCTIONS, Function, example_arguments

#: what the examples give, worked out from 榕政办规〔2026〕5号 附件3 一 (3 %, at most 500万) and the calendar
EXAMPLES: dict[str, Any] = {
    "SUBSIDY": 24.0,  # 800万 × 3 %, in 万元
    "SUBSIDY_ARTICLE": "没有放原文：把正文（.txt 或 PDF）放进“政策原文”文件夹，放在设置文件旁边",
    "SUBSIDY_BASIS": "榕政办规〔2026〕5号 附件3 一",
    "SUBSIDY_MAX": 500.0,
    "SUBSIDY_NEED": 1666.66665,  # 3 % of 16,666,666.50元 is 499,999.995元, rounded 50万
    "SUBSIDY_SETTLE": [["核算金额（元）"], [240000.0]],
    "POLICY_STATUS": "失效",  # valid to 2025-12-31
    "SUBSIDY_PAID": "#XLERR:2042",  # no working folder is in use here
    "SUBSIDY_LEFT": "#XLERR:2042",
    "RMB_UPPER": "贰拾肆万元整",
    "USCC_CHECK": "有效",  # GB 32100: check character 3
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_callable_here(function: Any) -> None:
    result = getattr(udf, function.name)(*example_arguments(function.example))
    if function.name == "SUBSIDY_WHY":
        assert "3% × 8,000,000元 ＝ 240,000元" in result
    elif function.name == "SUBSIDY_RULES":
        assert [line[1] for line in result[1:]] == [
            "scaleup_tech_upgrade", "innovation_center_tech_upgrade", "tech_upgrade", "tech_loan_interest", "srdi_tech_upgrade"
        ]  # fmt: skip
    elif function.name == "SUBSIDY_INPUTS":
        assert [line[3:5] for line in result[1:3]] == [["万元", "必填"], ["万元", "选填"]]
    elif function.name == "SUBSIDY_COMPARE":
        assert 24.0 in [line[3] for line in result if line[0] == "福州市"]
    else:
        assert result == EXAMPLES[function.name]


def test_errors_leave_as_sentinels_cell_by_cell() -> None:
    on = ("日期", "2026-06-30")
    assert udf.SUBSIDY("没有", "技改设备补助", 1) == "#XLERR:2042"  # type: ignore[attr-defined]
    assert udf.SUBSIDY("福州", "技改设备补助", -1, *on) == "#XLERR:2015"  # type: ignore[attr-defined]
    column = udf.SUBSIDY("福州", "技改设备补助", ((8000000.0,), (-1.0,), (None,)), *on)  # type: ignore[attr-defined]
    assert column == [[240000.0], ["#XLERR:2015"], [""]]
    assert udf.SUBSIDY() == "#XLERR:2015"  # type: ignore[attr-defined]


def test_a_defect_is_an_error_in_the_cell(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(self: Any, *args: Any) -> Any:
        raise RuntimeError("boom")

    monkeypatch.setattr(type(FUNCTIONS[0]), "answer", broken)
    with caplog.at_level(logging.ERROR):
        assert udf.SUBSIDY("福州", "技改设备补助", 1) == "#XLERR:2015"  # type: ignore[attr-defined]
        assert "boom" in udf.SUBSIDY_WHY("福州", "技改设备补助", 1)  # type: ignore[attr-defined]
    assert len(caplog.records) == 2


def test_signatures() -> None:
    shapes = {f.name: str(udf.signature(f)) for f in FUNCTIONS}
    assert shapes["SUBSIDY"] == "(city, rule, *args)"
    assert shapes["SUBSIDY_RULES"] == "(city=None, theme=None, on_date=None)"
    assert shapes["POLICY_STATUS"] == "(document, on_date=None, rule=None)"
    assert shapes["USCC_CHECK"] == "(code)"


@pytest.fixture
def windows_udfs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """xlwings' Windows registration code, with pywin32 and the COM side of xlwings faked."""
    for name in ("pythoncom", "pywintypes", "win32com", "win32com.client"):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    import xlwings

    monkeypatch.setattr(
        xlwings,
        "_xlwindows",
        types.SimpleNamespace(Range=MagicMock(), is_range_instance=lambda _: False),
        raising=False,
    )
    engine = MagicMock()
    engine.impl.prepare_xl_data_element = lambda value, options: value
    monkeypatch.setitem(xlwings.engines.engines_by_name, "excel", engine)
    monkeypatch.delitem(sys.modules, "xlwings.udfs", raising=False)
    udfs = importlib.import_module("xlwings.udfs")
    monkeypatch.setattr(xlwings, "func", udfs.xlfunc)
    monkeypatch.setattr(xlwings, "arg", udfs.xlarg)
    yield udfs
    sys.modules.pop("xlwings.udfs", None)


@pytest.fixture
def registered(windows_udfs: Any) -> Any:
    """The adapter imported anew, its functions registered through that code."""
    assert windows_udfs.xlfunc
    return importlib.reload(udf)


def test_xlwings_accepts_every_function(windows_udfs: Any, registered: Any) -> None:
    """Neither varargs with optionals, nor keyword arguments; xlwings' own wrapper generator takes them all."""
    out = io.StringIO()
    book = types.SimpleNamespace(Name="xlpolicy.xlsm")
    windows_udfs.generate_vba_wrapper(udf.MODULE, registered, out, book)
    code = out.getvalue()
    for function in FUNCTIONS:
        info = getattr(registered, function.name).__xlfunc__
        assert (info["name"], info["category"], info["volatile"], info["call_in_wizard"]) == (
            function.name, "xlpolicy", False, True,
        )  # fmt: skip
        assert [a["options"] for a in info["args"]] == [{"convert": "raw"}] * len(info["args"])
        assert re.search(rf"^Function {function.name}\(", code, re.MULTILINE)
        assert f'XLPy.CallUDF("xlpolicy.excel.udf", "{function.name}"' in code
    assert code.isascii()


def test_a_call_as_com_makes_it(windows_udfs: Any, registered: Any) -> None:
    """call_udf with Value2's tuples: no flattening, no conversion, missing arguments as their defaults."""
    missing = -2147352572
    windows_udfs.udf_modules[udf.MODULE] = {"module": registered, "filetime": None, "filename": "x"}
    com = types.ModuleType("xlwings.com_server")
    com.loop = None  # type: ignore[attr-defined]
    sys.modules["xlwings.com_server"] = com
    try:

        def call(name: str, *args: Any) -> Any:
            return windows_udfs.call_udf(udf.MODULE, name, args)

        on = ("日期", 46203.0)
        assert call("SUBSIDY", "福州", "技改设备补助", ((8000000.0, 5000000.0),), *on) == [[240000.0, 150000.0]]
        assert call("SUBSIDY", "福州", "技改设备补助", ((8000000.0,), (-2146826246,)), *on) == [
            [240000.0],
            ["#XLERR:2042"],
        ]
        assert call("SUBSIDY", "福州", "技改设备补助", 8000000.0, *on) == [[240000.0]]
        assert call("POLICY_STATUS", "fuzhou-2024-13", 46203.0, missing) == [["失效"]]
        assert call("SUBSIDY_RULES", "福州", "技术改造", 46203.0)[0][0] == "城市"
    finally:
        del sys.modules["xlwings.com_server"]


def test_every_error_has_a_sentinel() -> None:
    assert SENTINEL == "#XLERR:"
    assert {2007, 2015, 2023, 2029, 2036, 2042} < set(ERRORS)
    assert BY_NAME["SUBSIDY_WHY"].explains


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_the_door_of_installed_workbooks(function: Function) -> None:
    """Workbooks out in the bureaus name this module; whatever moves, it answers."""
    door = importlib.import_module("xlpolicy.excel.udf")
    assert getattr(door, function.name).__module__ == door.__name__
