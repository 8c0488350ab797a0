"""CONTRIBUTING.md names every package, in the order that import-linter holds; every package says what it is."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from importlib import import_module
from pathlib import Path

import grimp

from xlpolicy.cli import COMMANDS

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


def test_every_command_has_a_module_of_its_name() -> None:
    names = {path.stem for path in (ROOT / "xlpolicy" / "cli").glob("*.py")}
    assert names - {"__init__", "arguments", "console"} == set(COMMANDS)
    for name in COMMANDS:
        module = import_module(f"xlpolicy.cli.{name}")
        assert callable(module.add_arguments) and callable(module.run), name


def test_no_two_modules_share_a_name() -> None:
    """But the files of cli, which bear the names of the commands."""
    paths = [path for path in (ROOT / "xlpolicy").rglob("*.py") if not path.stem.startswith("__")]
    names = Counter(path.stem for path in paths if path.parent.name != "cli")
    assert [name for name, count in names.items() if count > 1] == []


def test_no_module_holds_two_ideas() -> None:
    paths = (ROOT / "xlpolicy").rglob("*.py")
    assert [path.name for path in paths if len(path.read_text(encoding="utf-8").splitlines()) > 400] == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports inside functions count too."""
    graph = grimp.build_graph("xlpolicy", cache_dir=None)
    below = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    free = set(below)
    while leaves := {name for name in free if not below[name] & free}:
        free -= leaves
    assert free == set(), "a cycle, or what leads into one"


def test_the_trips_name_what_is_there() -> None:
    trips = PAGE[PAGE.index("## Three trips") : PAGE.index("## How to add")]
    named = set(re.findall(r"`((?:\w+\.)+\w+)`", trips))
    assert len(named) > 15
    for name in named:
        module, attributes = f"xlpolicy.{name}", []
        while True:
            try:
                found = import_module(module)
                break
            except ModuleNotFoundError:
                module, _, last = module.rpartition(".")
                attributes.insert(0, last)
        for attribute in attributes:
            found = getattr(found, attribute)


def _raised(function: ast.FunctionDef) -> list[str]:
    """What a function raises itself: not in functions inside it, not where it catches."""
    todo: list[ast.AST] = list(function.body)
    found = []
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            found.append(ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc))
        inside = list(ast.iter_child_nodes(node))
        todo += [x for x in inside if not (isinstance(node, ast.Try) and node.handlers and x in node.body)]
    return [name for name in found if name != "NotImplementedError"]


def test_every_public_function_that_raises_says_so() -> None:
    silent = []
    for path in (ROOT / "xlpolicy").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
        for owner in (tree, *classes):
            for node in owner.body:
                if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                    continue
                raised, said = _raised(node), ast.get_docstring(node) or ""
                if raised and not any(word in said for word in ("Raises", "raises", *raised)):
                    silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} raises {', '.join(raised)}")
    assert silent == []
