"""`constraints.txt` (what was tested) and `lock.txt` (what an office installs) name all that pyproject.toml asks for."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {plain(m[1]): m[2] for m in re.finditer(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", text, re.M)}


def wanted(requirements: list[str]) -> set[str]:
    return {plain(re.split(r"[<>=!~\[; ]", requirement)[0]) for requirement in requirements}


def test_constraints_name_every_dependency() -> None:
    extras = [requirement for group in PROJECT["optional-dependencies"].values() for requirement in group]
    assert wanted([*PROJECT["dependencies"], *extras]) - pins("constraints.txt").keys() == set()


def test_the_lock_names_every_base_dependency_in_the_version_that_was_tested() -> None:
    locked, tested = pins("lock.txt"), pins("constraints.txt")
    assert wanted(PROJECT["dependencies"]) - locked.keys() == set()
    assert {name for name in locked.keys() & tested.keys() if locked[name] != tested[name]} == set()


def test_the_lock_has_a_hash_for_every_version() -> None:
    text = (ROOT / "lock.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if "==" in line]
    assert len(lines) == len(pins("lock.txt")) and all("--hash=sha256:" in line for line in lines)


def test_no_place_of_a_machine_or_registry() -> None:
    for name in ("constraints.txt", "lock.txt"):
        assert not re.search(
            r"://|^-|\s/|file:|index-url|find-links",
            (ROOT / name).read_text(encoding="utf-8").replace("    --hash", ""),
            re.M,
        )


def _imported(folder: str) -> set[str]:
    """The top names that the modules of a folder import, wherever the import stands."""
    files = [path for path in sorted((ROOT / folder).rglob("*.py")) if "benchmarks" not in path.parts]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("folder", ["xlpolicy", "tests"])
def test_what_is_imported_is_asked_for(folder: str) -> None:
    """A distribution that only the machine of the author has would break the two commands of README."""
    extras = PROJECT["optional-dependencies"]
    groups = extras.values() if folder == "xlpolicy" else [extras["test"], extras["server"]]
    asked = wanted([*PROJECT["dependencies"], *(requirement for group in groups for requirement in group)])
    there, imported = packages_distributions(), _imported(folder)
    given = {name: {plain(one) for one in there[name]} for name in imported if name in there}
    assert {name: sorted(found) for name, found in given.items() if not found & (asked | {"xlpolicy"})} == {}
