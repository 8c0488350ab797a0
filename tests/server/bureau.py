"""A started bureau server as a test part: its own process on a free port of 127.0.0.1."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 60.0
CALL = "/xlwings/custom-functions-call"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Bureau:
    """`log`: everything it has printed so far."""

    port: int
    log: Path
    context: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def connect(self) -> http.client.HTTPConnection:
        if self.context:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request, its path sent as it is (`content_type` stands for Content-Type)."""
        connection = self.connect()
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host="host" in headers)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            if body is not None:
                named = {"content-length": str(len(body))} | named
            for name, value in named.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, data: Any, **headers: str) -> Answer:
        return self.ask("POST", path, json.dumps(data).encode(), **{"content_type": "application/json"} | headers)

    def call(self, name: str, *args: Any, runtime: str = "1.4", **headers: str) -> Answer:
        """A custom function, its arguments as xlwings' JavaScript sends them."""
        return self.post(CALL, call_body(name, *args, runtime=runtime), **headers)


def call_body(name: str, *args: Any, runtime: str = "1.4") -> dict[str, Any]:
    """What xlwings' JavaScript posts."""
    return {
        "client": "Office.js", "func_name": name, "args": list(args), "caller_address": "[工作簿1]Sheet1!A1",
        "session_id": "test", "culture_info_name": None, "date_format": None, "version": "0", "runtime": runtime,
    }  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_bureau(
    folder: Path, *arguments: str, context: ssl.SSLContext | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Bureau]:
    """A server that ends with the block (or with these tests, whatever ends them)."""
    bureau = Bureau(free_port(), folder / "server.log", context)
    with bureau.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("serve_until_eof.py")), "--port", str(bureau.port), *arguments],
            stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, env=environment,
        )  # fmt: skip
    assert process.stdin is not None
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                bureau.get("/favicon.ico")
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(bureau.log.read_text(errors="replace")) from None
                time.sleep(0.05)
        yield bureau
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
