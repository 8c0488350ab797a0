"""One HTML page that works from a mail attachment: the script of the law, the page's own script and style, nothing else.

Its Content-Security-Policy allows the one script and the one style by their digests, and no request at all.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path

from xlpolicy.javascript.script import embedded, script
from xlpolicy.law.catalog import Catalog

FOLDER = Path(__file__).parent / "page"
#: in the order in which they stand in the page's own script
PARTS = ("fields", "one", "all", "start")


def page(catalog: Catalog, *, articles: Mapping[str, str], made: dt.date) -> str:
    """The page for the documents of a catalog. `articles`: the official words by `document/provision`, where kept."""
    data = embedded(
        {
            "articles": dict(articles),
            "made": made.isoformat(),
            "adopted": any(document.adopted for document in catalog.documents.values()),
        }
    )
    parts = "\n".join(_file(f"{name}.js") for name in PARTS)
    code = f"{script(catalog)}const PAGE = {data};\n(() => {{\n{parts}}})();\n"
    style = _file("page.css")
    filled = {"script_hash": _digest(code), "style_hash": _digest(style), "style": style, "script": code}
    text = _file("page.html")
    for name, value in filled.items():
        text = text.replace(f"{{{name}}}", value, 1)
    return text


def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
