"""An ASGI application asked in process, one message at a time: paths go in exactly as written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from bureau import Answer


def converse(app: Any, method: str, path: str, parts: Iterable[bytes] = (b"",), **headers: str) -> Answer:
    """The answer to one request whose body comes in `parts`; `path` is what the server has percent-decoded."""
    return asyncio.run(aconverse(app, method, path, parts, **headers))


async def aconverse(app: Any, method: str, path: str, parts: Iterable[bytes] = (b"",), **headers: str) -> Answer:
    named = {"host": "127.0.0.1"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http", "method": method, "path": path, "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
    }  # fmt: skip
    left = list(parts)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    shown = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], shown, b"".join(m.get("body", b"") for m in sent))
