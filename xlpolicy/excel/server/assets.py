"""Every document and file that the server gives out, gathered once at start: a path is a key here or it is nothing.

xlwings-server's own application renders the pages and makes the functions' metadata and JavaScript; its static files
are taken file by file from a fixed list of folders. No request ever reaches the file system or that application
(the static files of its release 1.20 follow ".." to any file of the machine).
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlpolicy.excel.server.options import Options

PROJECT = Path(__file__).with_name("project")
#: what is taken of xlwings-server's static files (Office.js and what the functions' JavaScript stands on)
_VENDORED = ("vendor/office-js", "js/config.js", "js/utils.js", "js/officejs")
_PAGES = {
    "/taskpane.html": "text/html; charset=utf-8",
    "/manifest.xml": "application/xml; charset=utf-8",
    "/xlwings/custom-functions-code.js": "text/javascript; charset=utf-8",
    "/xlwings/custom-functions-meta.json": "application/json",
}
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file or a page: its bytes now, or where they lie; `tag` changes with them."""

    type: str
    tag: bytes
    body: bytes | None = None
    path: Path | None = None

    def read(self) -> bytes:
        return self.body if self.body is not None else self.path.read_bytes()  # type: ignore[union-attr]


def settings(options: Options) -> dict[str, str]:
    """xlwings-server's settings, as it takes them: environment variables."""
    return {
        "XLWINGS_PROJECT_DIR": str(PROJECT),
        "DOTENV_PATH": os.devnull,
        "XLWINGS_LICENSE_KEY": os.environ.get("XLWINGS_LICENSE_KEY") or "noncommercial",
        "XLWINGS_ENVIRONMENT": "prod",
        "XLWINGS_PROJECT_NAME": "惠企政策测算",
        "XLWINGS_HOSTNAME": options.address if options.url.startswith("https") else "",
        "XLWINGS_FUNCTIONS_NAMESPACE": "",
        "XLWINGS_ENABLE_SOCKETIO": "false",
        "XLWINGS_ENABLE_EXAMPLES": "false",
        "XLWINGS_ENABLE_TESTS": "false",
        "XLWINGS_ENABLE_WASM": "false",
        "XLWINGS_CDN_OFFICEJS": "false",
        "XLWINGS_PYODIDE_BASE_URL": "",
        "XLWINGS_APP_PATH": "",
        "XLWINGS_STATIC_URL_PATH": "/static",
        "XLWINGS_AUTH_PROVIDERS": "[]",
        "XLWINGS_LOG_LEVEL": "WARNING",
    }


def gather(options: Options) -> dict[str, Asset]:
    """Path -> asset. Imports xlwings-server, for the life of the process."""
    os.environ.update(settings(options))
    import xlwings_server.main as server

    found: dict[str, Asset] = {}
    vendored = Path(server.PACKAGE_DIR) / "static"
    for part in _VENDORED:
        root = vendored / part
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found[f"/static/{path.relative_to(vendored).as_posix()}"] = _file(path)
    own = PROJECT / "static"
    for path in sorted(own.rglob("*")):
        if path.is_file():
            found[f"/static/{path.relative_to(own).as_posix()}"] = _file(path)
    pages = asyncio.run(_render(server.app, options))
    for page, body in pages.items():
        found[page] = Asset(_PAGES[page], _tag(body), body)
    found["/favicon.ico"] = found["/static/pane/icon-32.png"]
    found["/help.html"] = found["/static/pane/help.html"]
    return found


def _file(path: Path) -> Asset:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    stat = path.stat()
    return Asset(kind, _tag(f"{stat.st_size} {stat.st_mtime_ns}".encode()), path=path)


def _tag(what: bytes) -> bytes:
    return b'"' + hashlib.sha256(what).hexdigest()[:16].encode() + b'"'


async def _render(app: Any, options: Options) -> dict[str, bytes]:
    """What xlwings-server's application answers for the pages, asked without a network."""
    out = {}
    for path in _PAGES:
        status, body = await _ask(app, path, options)
        if status != 200:
            raise RuntimeError(f"xlwings-server answers {status} for {path}: {body[:200]!r}")
        out[path] = body
    return out


async def _ask(app: Any, path: str, options: Options) -> tuple[int, bytes]:
    scheme, _, address = options.url.partition("://")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": scheme,
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": None,
        "server": (options.host, options.port), "headers": [(b"host", address.encode())],
    }  # fmt: skip
    status, parts = 0, []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)
        parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, b"".join(parts)


def absent() -> str | None:
    """Why xlwings-server cannot be used here, None if it can."""
    from importlib.util import find_spec

    if find_spec("xlwings_server") is None or find_spec("uvicorn") is None:
        line = f'{Path(sys.executable).name} -m pip install "xlpolicy[server]"'
        return f"没有安装服务器组件 xlwings-server。请运行：{line}"
    return None
