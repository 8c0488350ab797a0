"""One call of a custom function: what Excel posts, what it gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bureau import call_body

from xlpolicy.excel.functions.call import NA, VALUE, XlError
from xlpolicy.excel.functions.registry import BY_NAME, FUNCTIONS, Function, example_arguments
from xlpolicy.excel.server import calls
from xlpolicy.excel.server.calls import Call, Reply, encode, read

NOT_AVAILABLE = {"type": "Error", "errorType": "NotAvailable"}
BASE = [[["福州"]], [["技改设备补助"]]]


def posted(function: Function, values: list[Any]) -> list[Any]:
    """Arguments as Office.js gives them: matrices, the tail of a variadic function nested once more."""
    areas = [value if isinstance(value, list) else [[value]] for value in values]
    count = len(function.required)
    return [*areas[:count], areas[count:]] if function.variadic else areas


def reply(name: str, *args: Any, runtime: str = "1.4", most: int = 10**6) -> Reply:
    call = read(json.dumps(call_body(name, *args, runtime=runtime)).encode(), most)
    return call.reply() if isinstance(call, Call) else call


def result(name: str, *args: Any, runtime: str = "1.4") -> Any:
    answer = reply(name, *args, runtime=runtime)
    assert answer.status == 200, answer.body.decode()
    return json.loads(answer.body)["result"]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_the_example_of_every_function(function: Function) -> None:
    values = example_arguments(function.example)
    assert result(function.name, *posted(function, values)) == encode(function.answer(*values), 1.4)


def test_amounts_of_a_range_keep_its_shape() -> None:
    column = [[8e6], [""], [None], ["x"], [1]]
    tail = [column, [["日期"]], [["2026-06-30"]]]
    assert result("SUBSIDY", *BASE, tail) == [[240000.0], [""], [""], [{"type": "Error", "errorType": "Value"}], [0]]


def test_left_out_arguments() -> None:
    listed = result("SUBSIDY_RULES", [["福州"]], None, [["2026-06-30"]])
    assert listed == result("SUBSIDY_RULES", [["福州"]], [[""]], [["2026-06-30"]])
    assert len(listed) > 20
    assert result("SUBSIDY_BASIS", *BASE, None) == result("SUBSIDY_BASIS", *BASE, [])
    assert result("SUBSIDY_RULES", [["福州"]], None, None) == result("SUBSIDY_RULES", [["福州"]])


def test_a_zero_that_may_be_an_empty_cell() -> None:
    """=SUBSIDY("福州","技改设备补助",A1,"investment_with_vat",B1), B1 empty: 0 from older Excel, null from newer."""
    asked = reply("SUBSIDY", *BASE, [[[8e6]], [["investment_with_vat"]], [[0]]])
    assert asked.status == 400
    assert "空白单元格" in asked.body.decode()
    assert result("SUBSIDY", *BASE, [[[8e6]], [["investment_with_vat"]], [[None]]]) == [[240000.0]]
    assert result("SUBSIDY", *BASE, [[[8e6]], [["investment_with_vat"]], [["0"]]]) == [[0.0]]
    assert result("SUBSIDY", *BASE, [[[0]]]) == [[0.0]]
    assert result("SUBSIDY", *BASE, [[[8e6]], [["paid_before"]], [[0]]]) == [[240000.0]]


def test_a_zero_in_a_range_that_may_be_an_empty_cell() -> None:
    """A column of amounts with VAT, one of them 0: 0 or nothing stated? One empty cell that came as null tells."""
    net = [[8e6]] * 3
    refused, column = {"type": "Error", "errorType": "Value"}, [["investment_with_vat"]]
    assert result("SUBSIDY", *BASE, [net, column, [[9.04e6], [0], [9.04e6]]]) == [[240000.0], [refused], [240000.0]]
    assert result("SUBSIDY", *BASE, [net, column, [[9.04e6], [0], [None]]]) == [[240000.0], [0.0], [240000.0]]
    assert result("SUBSIDY", *BASE, [net, column, [[9.04e6], ["0"], [9.04e6]]]) == [[240000.0], [0.0], [240000.0]]
    assert result("SUBSIDY", *BASE, [[[8e6], [0], [8e6]], [["paid_before"]], [[0], [0], [0]]]) == [
        [240000.0],
        [0.0],
        [240000.0],
    ]
    why = result("SUBSIDY_WHY", *BASE, [net, column, [[9.04e6], [0], [9.04e6]]])
    assert "空白单元格" in json.dumps(why, ensure_ascii=False)


def test_errors_are_true_errors() -> None:
    assert result("SUBSIDY", *BASE, [[[8e6]], [["日期"]], [["1999-01-01"]]]) == [[NOT_AVAILABLE]]
    refused = reply("SUBSIDY", *BASE, [[["八"]], [["没有这项"]], [[1]]])
    assert refused.status == 400
    assert "没有这项" in refused.body.decode()


def test_runtimes_before_error_values() -> None:
    assert result("SUBSIDY", *BASE, [[[8e6]], [["日期"]], [["1999-01-01"]]], runtime="1.3") == [["#N/A"]]
    assert result("SUBSIDY", *BASE, [[[-1]]], runtime="1.1") == [["#VALUE!"]]


def test_data_types_and_error_cells_of_excel() -> None:
    formatted = {"type": "FormattedNumber", "basicValue": 8e6, "numberFormat": "#,##0"}
    assert result("SUBSIDY", *BASE, [[[formatted]], [["日期"]], [["2026-06-30"]]]) == [[240000.0]]
    for cell in ({"type": "Error", "basicValue": "#N/A", "errorType": "NotAvailable"}, {"type": "Error"}):
        column = result("SUBSIDY", *BASE, [[[cell], [8e6]], [["日期"]], [["2026-06-30"]]])
        assert column[0][0]["type"] == "Error"
        assert column[1] == [240000.0]
    assert result("RMB_UPPER", [[{"type": "Entity", "text": "股票", "properties": {}}], [1]])[0] == [""]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"1", b'{"func_name": "SUBSIDY"}', b'{"func_name": ["SUBSIDY"], "args": []}',
        b'{"func_name": "SUBSIDY", "args": "x"}', b'{"func_name": "SUBSIDY", "args": [1, 2]}',
        b'{"func_name": "SUBSIDY", "args": [[1], [2]]}', b'{"func_name": "SUBSIDY", "args": [[["x"]], [["y"]], 3]}',
        b'{"func_name": "SUBSIDY", "args": [[["x"]], [["y"]], [3]]}', b'{"func_name": "RMB_UPPER", "args": [[[]]]}',
        b'{"func_name": "RMB_UPPER", "args": [[[[1]]]]}', b'{"func_name": "RMB_UPPER", "args": [[[1]]], "runtime": "x"}',
        b'{"func_name": "RMB_UPPER", "args": [[[1]], [["x"]], [["x"]]]}', b"[" * 5000,
        b'{"func_name": "RMB_UPPER", "args": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_call_is_refused_in_words(body: bytes) -> None:
    refused = read(body, 100)
    assert isinstance(refused, Reply)
    assert refused.status == 400
    assert "自定义函数" in refused.body.decode()


@pytest.mark.parametrize("name", ["answer", "__class__", "SUBSIDY.__call__", "subsidy", "os.system", ""])
def test_only_the_functions_of_the_registry(name: str) -> None:
    assert reply(name, [["x"]]).status == 404


def test_too_many_cells() -> None:
    refused = reply("RMB_UPPER", [[1]] * 101, most=100)
    assert refused.status == 413
    assert "101" in refused.body.decode()
    assert reply("RMB_UPPER", [[1]] * 100, most=100).status == 200
    tail = [[[1]] * 60, [["investment_with_vat"]], [[1]] * 60]
    assert reply("SUBSIDY", *BASE, tail, most=100).status == 413


def test_rows_of_unequal_length_are_refused() -> None:
    """One short row first must not hide a long one from the count."""
    ragged = reply("SUBSIDY", *BASE, [[[1], [1] * 50]], most=10)
    assert ragged.status == 413
    assert reply("SUBSIDY", *BASE, [[[1], [1, 2]]]).status == 400


def test_too_many_arguments() -> None:
    many = [[[1]]] * 500
    assert reply("SUBSIDY", *BASE, many).status == 400


def test_without_the_quick_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "loads", json.loads)
    slow = result("SUBSIDY_RULES", [["福州"]])
    monkeypatch.undo()
    assert slow == result("SUBSIDY_RULES", [["福州"]])


def test_encode() -> None:
    assert encode(XlError(NA, "x", "y"), 1.4) == [[NOT_AVAILABLE]]
    assert encode(XlError(VALUE, "x", "y"), 1.1) == [["#VALUE!"]]
    assert encode(XlError(2036, "x", "y"), 1.4) == [["#NUM!"]]
    assert encode([[1.5, None, True, "字"]], 1.4) == [[1.5, "", True, "字"]]
    assert encode(0.0, 1.4) == [[0.0]]
    assert BY_NAME["SUBSIDY"].variadic
