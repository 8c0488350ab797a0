"""The server's face: an ASGI application with a closed list of paths, limits, host names and the token.

Calls of functions and questions of the pane are the only things that cost work; a large one goes to a thread so that
the single cells of other clerks do not wait for it.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from xlpolicy.excel.server import calls, pane
from xlpolicy.excel.server.assets import Asset
from xlpolicy.excel.server.calls import Reply, dumps, loads, refusal
from xlpolicy.excel.server.options import Options, host_name
from xlpolicy.faults import PolicyError

CALL = "/xlwings/custom-functions-call"
#: more cells than this are computed in a thread (a search for a target takes some milliseconds a cell)
INLINE_CELLS = 32
#: a longer body is already read in a thread
INLINE_BYTES = 64 << 10
#: the pane's questions are small
MOST_QUESTION = 64 << 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
QUESTIONS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "/api/start": pane.start,
    "/api/search": pane.search,
    "/api/provision": pane.provision,
    "/api/calculate": pane.calculate,
}
FORM = "/api/form"
#: nothing is loaded from elsewhere, whatever a script asks for (Office.js outside Excel would call home);
#: Excel on the web shows the pane in a frame of its own, so being framed stays allowed
_POLICY = (
    b"default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    b"style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'"
)
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"content-security-policy", _POLICY),
]
logger = logging.getLogger("xlpolicy.server")


class Front:
    """The application. `assets`: everything that is given out as it is."""

    def __init__(self, options: Options, assets: Mapping[str, Asset]) -> None:
        self.options, self.assets = options, assets
        self.token = options.token.encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            headers = dict(scope["headers"])
            reply, extra = await self.answer(scope, headers, receive)
            start = [
                (b"content-type", reply.type.encode()), (b"content-length", str(len(reply.body)).encode()),
                *extra, *_HEADERS,
            ]  # fmt: skip
            await send({"type": "http.response.start", "status": reply.status, "headers": start})
            shown = b"" if scope["method"] == "HEAD" else reply.body
            await send({"type": "http.response.body", "body": shown})
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def answer(self, scope: Any, headers: Mapping[bytes, bytes], receive: Any) -> tuple[Reply, list[Any]]:
        """The reply and its own headers."""
        path, method = scope["path"], scope["method"]
        names = self.options.names
        if names is not None and host_name(headers.get(b"host", b"").decode("latin-1")) not in names:
            return refusal(421, "请用服务器的正式名称访问。"), []
        if path == "/" and method in ("GET", "HEAD"):
            return refusal(302, ""), [(b"location", b"/taskpane.html")]
        asset = self.assets.get(path)
        if asset is not None:
            return self._file(asset, method, headers)
        if path != CALL and path != FORM and path not in QUESTIONS:
            return refusal(404, "没有这个页面。"), []
        if method != "POST":
            return refusal(405, "请用 POST。"), [(b"allow", b"POST")]
        if not self._admitted(headers):
            return refusal(401, "口令不对或没有填写。请在任务窗格右上角“口令”处填写管理员给的口令。"), []
        if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
            return refusal(415, "请求应为 JSON。"), []
        most = self.options.most_bytes if path == CALL else MOST_QUESTION
        body = await _body(receive, headers, most)
        if body is None:
            return refusal(413, f"请求超过 {most >> 10} KB 的上限。请只选有数据的行，分批计算。"), []
        try:
            if path == CALL:
                return await self._call(body), _NO_STORE
            return await self._question(path, body)
        except Exception:  # whatever failed, the workbook that asked gets an answer
            # status 500 is tried again by the functions' JavaScript; a fault of ours would only repeat
            logger.exception("%s", path)
            return refusal(422, "服务器内部出错，已记入日志，请联系管理员。"), []

    def _file(self, asset: Asset, method: str, headers: Mapping[bytes, bytes]) -> tuple[Reply, list[Any]]:
        if method not in ("GET", "HEAD"):
            return refusal(405, "请用 GET。"), [(b"allow", b"GET, HEAD")]
        extra = [(b"etag", asset.tag), (b"cache-control", b"no-cache")]
        if headers.get(b"if-none-match") == asset.tag:
            return Reply(304, b"", asset.type), extra
        return Reply(200, asset.read(), asset.type), extra

    def _admitted(self, headers: Mapping[bytes, bytes]) -> bool:
        """Compared in constant time, so that its length of agreement cannot be measured."""
        if not self.token:
            return True
        given = headers.get(b"authorization", b"")
        return hmac.compare_digest(given.removeprefix(b"Bearer "), self.token)

    async def _call(self, body: bytes) -> Reply:
        if len(body) > INLINE_BYTES:
            return await asyncio.to_thread(self._answered, body)
        call = calls.read(body, self.options.most_cells)
        if isinstance(call, Reply):
            return call
        if call.cells > INLINE_CELLS:
            return await asyncio.to_thread(call.reply)
        return call.reply()

    def _answered(self, body: bytes) -> Reply:
        call = calls.read(body, self.options.most_cells)
        return call if isinstance(call, Reply) else call.reply()

    async def _question(self, path: str, body: bytes) -> tuple[Reply, list[Any]]:
        try:
            data = loads(body or b"{}")
            if not isinstance(data, dict):
                return refusal(400, "请求应为 JSON 对象。"), []
            if path == FORM:
                name, workbook = await asyncio.to_thread(pane.form, data)
                named = f"attachment; filename*=UTF-8''{quote(name)}".encode()
                return Reply(200, workbook, XLSX), [(b"content-disposition", named), *_NO_STORE]
            return Reply(200, dumps(QUESTIONS[path](data))), _NO_STORE
        except PolicyError as error:
            shown = {"error": {"code": error.code, "message": str(error)}}
            return Reply(422, dumps(shown)), _NO_STORE
        except (ValueError, RecursionError):
            return refusal(400, "请求不是 JSON。"), []


_NO_STORE = [(b"cache-control", b"no-store")]


async def _body(receive: Any, headers: Mapping[bytes, bytes], most: int) -> bytes | None:
    """The whole body, None where it is or says to be larger than allowed."""
    told = headers.get(b"content-length", b"0")
    if not told.isdigit() or int(told) > most:
        return None
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
