"""The options of the readings, put back into a policy file that was rebuilt in its default options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlpolicy.law.reading.choices import TELLING

Path = tuple[str | int, ...]
#: a text that stands for a mapping with one key, by the key under which it stands
_SHORT = {"figures": "value", "when": "if", "limits": "max", "assumptions": "reading", "readings": "text"}


def put_back(data: Any, places: dict[Path, Any], reading: str, site: Mapping[str, Any]) -> str:
    """Write the options of a place (`path`, `options`, `among` of how many) around what stands there; why not, else "".

    What stands there now is what the default option says: a change made in the workbook is a change of it.
    """
    path, among = tuple(site["path"]), site["among"]
    parent = _open(data, path[:-1])
    if parent is None and among == 0:  # a list of which every entry hangs on a reading
        parent = _open(data, path[:-2]).setdefault(path[-2], [])
    last, options = path[-1], dict(site["options"])
    default = _default(data, reading)
    if isinstance(parent, list) and isinstance(last, int) and _written(data, parent) == among:
        if default in options:
            options[default] = parent[last]
            parent[last] = {"reading": reading, **options}
        else:
            parent.insert(last, {"reading": reading, **options})
            _shift(places, path)
        return ""
    if isinstance(parent, dict) and (default in options) == (last in parent):
        if default in options:
            options[default] = parent[last]
        parent[last] = {"reading": reading, **options}
        return ""
    return "这里随口径变化，却增删了行"


def _default(data: Any, reading: object) -> str:
    """The default option of a reading, "" where it has none: one that is only told has no options."""
    found = data["readings"].get(reading)
    return str(found.get("default", "")) if isinstance(found, Mapping) else ""


def _written(data: Any, entries: list[Any]) -> int:
    """How many entries of a list the workbook wrote: those that another option alone brings were put back before."""
    brought = (x for x in entries if isinstance(x, Mapping) and (d := _default(data, x.get("reading"))) and d not in x)
    return len(entries) - sum(1 for x in brought if len(x) > 1 and not {*x} <= TELLING)


def _open(data: Any, path: Path) -> Any:
    """What stands at a path, a short form written out on the way; None where nothing does."""
    here = data
    for i, step in enumerate(path):
        there = here[step] if _has(here, step) else None
        if isinstance(there, str):
            key = _SHORT.get(str(path[i - 1])) if i else None
            if key is None:
                return None
            there = here[step] = {key: there}
        if there is None:
            return None
        here = there
    return here


def _has(here: Any, step: str | int) -> bool:
    if isinstance(here, list):
        return isinstance(step, int) and step < len(here)
    return isinstance(here, dict) and step in here


def _shift(places: dict[Path, Any], path: Path) -> None:
    """What stood at the path or after it in its list stands one further."""
    depth, first = len(path) - 1, path[-1]
    moved = {
        key: value
        for key, value in places.items()
        if len(key) > depth and key[:depth] == path[:-1] and isinstance(key[depth], int) and key[depth] >= first  # type: ignore[operator]
    }
    for key in moved:
        del places[key]
    for key, value in moved.items():
        places[(*key[:depth], int(key[depth]) + 1, *key[depth + 1 :])] = value
