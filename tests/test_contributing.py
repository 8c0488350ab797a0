"""CONTRIBUTING.md names every package, in the order that import-linter holds; every package says what it is."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGES = sorted(path.parent for path in (ROOT / "xlpolicy").rglob("__init__.py") if "project" not in path.parts)


def test_every_package_has_a_docstring() -> None:
    assert len(PACKAGES) > 20
    silent = [str(p) for p in PACKAGES if not ast.get_docstring(ast.parse((p / "__init__.py").read_text("utf-8")))]
    assert silent == []


def test_every_package_is_on_the_map() -> None:
    lacking = [p.name for p in PACKAGES if p.name != "xlpolicy" and f"`{p.name}/`" not in PAGE]
    assert lacking == []


def test_the_map_stands_in_the_order_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = [part.strip().removeprefix("xlpolicy.") for line in contracts[0]["layers"] for part in line.split("|")]
    rows = [name for line in re.findall(r"^\| (`.*?) \|", PAGE, re.M) for name in re.findall(r"`(\w+)/?`", line)]
    assert [name for name in rows if name in layers] == layers
