"""The started server as clerks reach it: pages, raw paths, HTTPS, the token, many at once."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import json
import os
import re
import socket
import ssl
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bureau import CALL, Bureau, call_body, free_port, running_bureau

from xlpolicy.cli import main
from xlpolicy.excel.functions.registry import FUNCTIONS
from xlpolicy.excel.server import assets, run
from xlpolicy.excel.server.options import Options
from xlpolicy.faults import InvalidInput

BASE = [[["福州"]], [["技改设备补助"]]]
PARALLEL = 1000


def test_pages(bureau: Bureau) -> None:
    for path, kind in {
        "/taskpane.html": "text/html", "/help.html": "text/html", "/manifest.xml": "application/xml", "/favicon.ico": "image/png",
        "/static/pane/pane.js": "text/javascript", "/static/pane/icon-80.png": "image/png",
    }.items():  # fmt: skip
        page = bureau.get(path)
        assert (page.status, page.headers["content-type"].partition(";")[0]) == (200, kind)
    assert "server" not in bureau.get("/").headers


def test_no_page_names_another_host(bureau: Bureau) -> None:
    for path in (
        "/taskpane.html",
        "/help.html",
        "/static/pane/pane.js",
        "/static/pane/bridge.js",
        "/static/pane/pane.css",
    ):
        assert "//" not in re.sub(r"(?m)^\s*//.*| // .*", "", bureau.get(path).text), path


def test_manifest_points_here_and_nowhere_else(bureau: Bureau) -> None:
    root = ET.fromstring(bureau.get("/manifest.xml").body)
    links = [v for e in root.iter() for v in e.attrib.values() if v.startswith("http")]
    links += [e.text for e in root.iter() if e.text and e.text.strip().startswith("http")]
    assert len(links) > 8
    assert {urlsplit(link).netloc for link in links} == {f"localhost:{bureau.port}"}
    for link in links:
        path = urlsplit(link).path
        assert not path or bureau.get(path).status == 200, link


def test_metadata_is_the_registry(bureau: Bureau) -> None:
    listed = {f["id"]: f for f in bureau.get("/xlwings/custom-functions-meta.json").json["functions"]}
    assert set(listed) == {f.name for f in FUNCTIONS}
    for function in FUNCTIONS:
        told = listed[function.name]
        assert (told["name"], told["description"]) == (function.name, function.help)
        assert [p["name"] for p in told["parameters"]][: len(function.required)] == [a.name for a in function.required]
        assert bool(told["parameters"][-1].get("repeating")) == function.variadic
        assert all(re.search(r"[\u4e00-\u9fff]", p["description"]) for p in told["parameters"])
    code = bureau.get("/xlwings/custom-functions-code.js").text
    assert all(f'CustomFunctions.associate("{f.name}", {f.name});' in code for f in FUNCTIONS)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../custom_functions/__init__.py", "/static/..%2fcustom_functions/__init__.py", "/static/%2e%2e/%2e%2e/run.py",
        "/static/pane/../../templates/manifest.xml", "/static/..%5c..%5crun.py", "//etc/passwd", "/static//etc/passwd",
        "/static/%2fetc%2fpasswd", "/static/pane/pane.js%00.png", "/..;/", "/static/....//....//etc/passwd", "/file:///etc/passwd",
        "/static/pane/", "/xlwings/alert", "/xlwings/custom-scripts-meta.json", "/xlwings/custom-scripts-call/x", "/docs",
    ],
)  # fmt: skip
def test_nothing_else_of_the_machine(bureau: Bureau, path: str) -> None:
    assert bureau.get(path).status == 404


def test_a_call_over_the_wire(bureau: Bureau) -> None:
    column = [[8e6 + i] for i in range(10_000)]
    tail = [column, [["日期"]], [["2026-06-30"]]]
    assert bureau.call("SUBSIDY", *BASE, tail).json["result"][:2] == [[240000.0], [240000.03]]
    refused = bureau.call("SUBSIDY", *BASE, [[[-1]]])
    assert (refused.status, refused.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert "负数" in refused.text


def test_limits_over_the_wire(xlwings_server: None, tmp_path: Path) -> None:
    with running_bureau(tmp_path, "--max-mb", "1", "--max-cells", "5000") as small:
        many = small.call("RMB_UPPER", [[1]] * 5001)
        assert (many.status, "5001" in many.text) == (413, True)
        big = small.call("RMB_UPPER", [["x" * 1000]] * 1200)
        assert (big.status, "上限" in big.text) == (413, True)
        assert small.call("RMB_UPPER", [[1]] * 5000).status == 200


def test_connections_beyond_the_limit_are_turned_away_and_later_ones_are_not(
    xlwings_server: None, tmp_path: Path
) -> None:
    with running_bureau(tmp_path, environment={**os.environ, "CONNECTIONS": "4"}) as small:
        held = [socket.create_connection(("127.0.0.1", small.port), timeout=60) for _ in range(4)]
        for one in held[:1]:  # a slow sender: its headers never end
            one.sendall(b"POST /xlwings/custom-functions-call HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert small.get("/favicon.ico").status == 503
        for one in held:
            one.close()
        while (answer := small.call("SUBSIDY", *BASE, [[[8000000]]])).status == 503:
            time.sleep(0.02)  # until the server has seen that they are gone
        assert answer.json["result"] == [[240000.0]]


def test_token_over_the_wire(xlwings_server: None, tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text("\ufeffk9-Token\n", encoding="utf-8")
    with running_bureau(tmp_path, "--token-file", str(tmp_path / "token.txt")) as closed:
        assert closed.call("RMB_UPPER", [[1]]).status == 401
        assert closed.call("RMB_UPPER", [[1]], authorization="k9-Token").status == 200
        assert closed.post("/api/start", {}).status == 401
        assert "k9-Token" not in closed.log.read_text()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and zc.local, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "zc.local")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("zc.local")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - dt.timedelta(1), now + dt.timedelta(36_500)
    )
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(signed.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return folder / "cert.pem", folder / "key.pem"


def test_https_with_given_certificates(xlwings_server: None, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    context = ssl.create_default_context(cafile=str(cert))
    arguments = ("--cert", str(cert), "--key", str(key), "--public", "zc.local:8443")
    with running_bureau(tmp_path, *arguments, context=context) as secure:
        assert secure.call("RMB_UPPER", [[1]]).status == 200
        manifest = secure.get("/manifest.xml").text
        assert 'DefaultValue="https://zc.local:8443/taskpane.html"' in manifest
        assert "127.0.0.1" not in manifest
        assert secure.get("/help.html", host="zc.local:8443").status == 200
        assert secure.get("/help.html", host="other.local").status == 421


async def one_call(port: int, number: int, gate: asyncio.Event) -> tuple[float, int, float]:
    """One connection of its own: seconds, status and amount."""
    body = json.dumps(call_body("SUBSIDY", *BASE, [[[5e6 + number]], [["日期"]], [["2026-06-30"]]])).encode()
    head = f"POST {CALL} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    await gate.wait()
    start = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + body)
    answer = await reader.read()
    writer.close()
    told, _, content = answer.partition(b"\r\n\r\n")
    return time.perf_counter() - start, int(told.split()[1]), json.loads(content)["result"][0][0]


def test_a_thousand_at_once_and_none_lost(bureau: Bureau) -> None:
    async def all_of_them() -> list[tuple[float, int, float]]:
        gate = asyncio.Event()
        calls = [asyncio.create_task(one_call(bureau.port, n, gate)) for n in range(PARALLEL)]
        await asyncio.sleep(0.1)
        gate.set()
        return await asyncio.gather(*calls)

    answers = asyncio.run(all_of_them())
    assert [status for _, status, _ in answers] == [200] * PARALLEL
    assert [amount for *_, amount in answers] == [round((5e6 + n) * 0.03, 2) for n in range(PARALLEL)]


def test_columns_in_threads_do_not_mix(bureau: Bureau) -> None:
    """Large calls run side by side; each gets its own amounts."""

    async def ask(number: int) -> list[list[float]]:
        column = [[5e6 + number * 1000 + i] for i in range(300)]
        answer = await asyncio.to_thread(bureau.call, "SUBSIDY", *BASE, [column, [["日期"]], [["2026-06-30"]]])
        result: list[list[float]] = answer.json["result"]
        return result

    async def all_of_them() -> list[list[list[float]]]:
        return await asyncio.gather(*(ask(n) for n in range(40)))

    for number, amounts in enumerate(asyncio.run(all_of_them())):
        assert amounts == [[round((5e6 + number * 1000 + i) * 0.03, 2)] for i in range(300)]


def test_greeting_tells_licence_address_and_what_is_missing() -> None:
    told = run.greeting(Options())
    assert "PolyForm Noncommercial" in told
    assert "政府机构" in told
    assert "http://localhost:8765/manifest.xml" in told
    assert "--cert" in told
    assert "口令" not in told
    assert "没有设口令" in run.greeting(Options(host="0.0.0.0"))
    assert Options().host == "127.0.0.1"
    shown = run.greeting(Options(token="k9-Token", public="zc.local"))
    assert "已设口令" in shown
    assert "k9-Token" not in shown


def test_absent_component_is_told_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install" in str(assets.absent())
    assert main(["excel", "serve"]) == 2
    assert 'pip install "xlpolicy[server]"' in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["--cert", "x.pem"], ["--token-file", "none.txt"], ["--max-mb", "0"], ["--cert", "a", "--key", "b"]]
)
def test_wrong_options(words: list[str], xlwings_server: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["excel", "serve", *words]) == 2
    assert "请" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--public", "https://zc.example.cn"], "--public：“https://zc.example.cn”不是名称"),
        (["--public", "政策 测算"], "不是名称"),
        (["--public", "zc.example.cn/"], "不是名称"),
        (["--host", "999.1.1.1"], "没有这个地址"),
        (["--port", "99999"], "端口是 0 到 65535"),
        (["--token-file", "口令.bin"], "口令文件读不出来（不是文本文件，或编码不是 UTF-8）"),
    ],
)
def test_wrong_options_are_told_in_words(
    words: list[str], told: str, xlwings_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "口令.bin").write_bytes(b"\xff\xfe\x00\x81")
    monkeypatch.chdir(tmp_path)
    assert main(["excel", "serve", *words]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("name", ["zc.example.cn", "zc.example.cn:8443", "10.0.0.5", "[::1]:8765", "PC-01"])
def test_names_under_which_a_server_is_reached(name: str) -> None:
    assert run._NAMED.fullmatch(name)


def test_a_port_that_is_taken(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["excel", "serve", "--port", str(bureau.port)]) == 2
    assert f"端口 {bureau.port}" in capsys.readouterr().err
    assert main(["excel", "serve", "--port", "99999"]) == 2


def test_certificates_that_do_not_match(
    xlwings_server: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    cert, _ = certificate(tmp_path)
    _, key = certificate(tmp_path / "other")
    assert main(["excel", "serve", "--port", str(free_port()), "--cert", str(cert), "--key", str(key)]) == 2
    assert "私钥不能用" in capsys.readouterr().err


def test_a_token_that_no_header_can_carry(
    monkeypatch: pytest.MonkeyPatch, xlwings_server: None, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(run.TOKEN, "有汉字")
    monkeypatch.setattr(run, "serve", lambda options: pytest.fail("serves with it"))
    assert main(["excel", "serve", "--port", str(free_port())]) == 2
    assert "口令里有空格或汉字" in capsys.readouterr().err


def test_the_licence_key_of_the_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert assets.settings(Options())["XLWINGS_LICENSE_KEY"] == "noncommercial"
    monkeypatch.setenv("XLWINGS_LICENSE_KEY", "bought")
    assert assets.settings(Options())["XLWINGS_LICENSE_KEY"] == "bought"
    assert InvalidInput.code == "invalid_input"
