"""The closed list of paths, the limits, the host names, the token: asked in process."""

from __future__ import annotations

import asyncio
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from bureau import CALL, Answer, call_body
from conversation import aconverse, converse

from xlpolicy.excel.server import front as front_module
from xlpolicy.excel.server.assets import Asset
from xlpolicy.excel.server.front import Front
from xlpolicy.excel.server.options import Options, host_name

ASSETS = {"/taskpane.html": Asset("text/html", b'"1"', b"<p>"), "/static/x.js": Asset("text/javascript", b'"2"', b"x")}
JSON = "application/json"
ONE = json.dumps(call_body("RMB_UPPER", [[1]])).encode()


def ask(method: str, path: str, body: bytes = b"", options: Options | None = None, **headers: str) -> Answer:
    front = Front(options or Options(), ASSETS)
    return converse(front, method, path, [body], **{"content_type": JSON, "content_length": str(len(body))} | headers)


def test_files_and_their_tags() -> None:
    page = ask("GET", "/taskpane.html")
    assert (page.status, page.body, page.headers["content-type"]) == (200, b"<p>", "text/html")
    assert ask("GET", "/taskpane.html", if_none_match='"1"').status == 304
    head = ask("HEAD", "/taskpane.html")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "3")
    assert ask("GET", "/").headers["location"] == "/taskpane.html"
    assert ask("POST", "/taskpane.html").status == 405
    assert "default-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "//etc/passwd", "/static/../../etc/passwd", "/static/..\\..\\windows\\win.ini", "/static/%2e%2e/x",
        "/static/", "/static", "/static/x.js/", "/static/x.js\0", "/STATIC/x.js", "/./taskpane.html", "/static/./x.js",
        "/static/custom_functions/__init__.py", "/xlwings/alert", "/xlwings/custom-scripts-call/x", "/docs", "/openapi.json",
        "/taskpane", "/manifest/download", "/socket.io/", "/.env", "/api", "/api/", "/api/../taskpane.html", "", "*", "C:/",
        "/static/" + "../" * 40 + "proc/self/environ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_no_other_path(path: str, method: str) -> None:
    assert ask(method, path).status == 404


@pytest.mark.parametrize("path", [CALL, "/api/start", "/api/form"])
def test_methods_of_the_questions(path: str) -> None:
    for method in ("GET", "PUT", "HEAD", "OPTIONS"):
        refused = ask(method, path)
        assert (refused.status, refused.headers["allow"]) == (405, "POST")


def test_only_json_is_read() -> None:
    assert ask("POST", CALL, ONE, content_type="text/plain").status == 415
    assert ask("POST", CALL, ONE, content_type="application/json; charset=utf-8").status == 200
    assert ask("POST", "/api/start", b"[]").status == 400
    assert ask("POST", "/api/start", b"{").status == 400
    assert ask("POST", "/api/search", b"[" * 20000).status == 400


def test_size_told_and_size_sent() -> None:
    options = Options(most_bytes=300)
    assert ask("POST", CALL, ONE, options).status == 200
    told = ask("POST", CALL, b"", options, content_length="301")
    assert told.status == 413
    assert "上限" in told.text
    parts = [b"x" * 100] * 4
    sent = converse(Front(options, ASSETS), "POST", CALL, parts, content_type=JSON)
    assert sent.status == 413
    assert ask("POST", CALL, ONE, content_length="-1").status == 413
    assert ask("POST", "/api/search", b'{"text": "' + b"x" * 70000 + b'"}').status == 413


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("", 401), ("geheim", 401), ("Geheim-12", 401), ("geheim-123", 401), ("geheim-1", 401), ("geheim-12 ", 401),
        ("geheim-12", 200), ("Bearer geheim-12", 200), ("口令".encode().decode("latin-1"), 401),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [CALL, "/api/start"])
def test_token(given: str, status: int, path: str) -> None:
    options = Options(token="geheim-12")
    body = ONE if path == CALL else b"{}"
    assert ask("POST", path, body, options, authorization=given).status == status
    assert ask("GET", "/taskpane.html", options=options).status == 200


def test_token_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(front_module.hmac, "compare_digest", lambda a, b: seen.append((a, b)) or True)
    assert ask("POST", "/api/start", b"{}", Options(token="t"), authorization="x").status == 200
    assert seen == [(b"x", b"t")]
    assert front_module.hmac is hmac


@pytest.mark.parametrize(
    ("options", "host", "status"),
    [
        (Options(), "127.0.0.1:8765", 200), (Options(), "localhost", 200), (Options(), "[::1]:8765", 200),
        (Options(), "evil.example", 421), (Options(), "", 421), (Options(), "127.0.0.1.evil.example", 421),
        (Options(host="0.0.0.0"), "10.1.2.3:8765", 200), (Options(host="10.1.2.3"), "10.1.2.3:8765", 200),
        (Options(host="0.0.0.0", public="zc.gxj.local"), "zc.gxj.local", 200),
        (Options(host="0.0.0.0", public="zc.gxj.local"), "10.1.2.3", 421),
    ],
)  # fmt: skip
def test_host_names(options: Options, host: str, status: int) -> None:
    assert ask("GET", "/taskpane.html", options=options, host=host).status == status


def test_host_name_of_a_header() -> None:
    assert host_name("Zc.Local:80") == "zc.local"
    assert host_name("[::1]:80") == "::1"
    assert host_name("a:b") == "a:b"


def test_a_fault_of_ours_is_told_and_not_repeated(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def fault(_: Any) -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setitem(front_module.QUESTIONS, "/api/start", fault)
    refused = ask("POST", "/api/start", b"{}")
    assert refused.status == 422
    assert "secret" not in refused.text
    assert "secret" in caplog.text


def test_large_calls_do_not_hold_up_small_ones() -> None:
    slow = json.dumps(
        call_body("SUBSIDY_WHY", [["福州"]], [["技改设备补助"]], [[[8e6 + i] for i in range(20000)]])
    ).encode()
    front = Front(Options(), ASSETS)
    done: list[str] = []

    async def call(name: str, body: bytes) -> None:
        answer = await aconverse(front, "POST", CALL, [body], content_type=JSON)
        assert answer.status == 200
        done.append(name)

    async def both() -> None:
        first = asyncio.create_task(call("large", slow))
        await asyncio.sleep(0.05)
        await asyncio.gather(first, *(call("small", ONE) for _ in range(20)))

    asyncio.run(both())
    assert done == ["small"] * 20 + ["large"]


def test_websockets_are_closed() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Front(Options(), ASSETS)({"type": "websocket"}, None, send))
    assert sent == [{"type": "websocket.close", "code": 1000}]


def test_assets_may_lie_in_files(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"abc")
    assert converse(Front(Options(), {"/x": Asset("t", b'"t"', path=file)}), "GET", "/x").body == b"abc"
