"""Readings with options: a policy file for one choice of them.

Where something hangs on a reading, the file writes `{reading: NAME, option: what then stands here, …}` in its place:
a formula, a scope, a condition, an input, a whole cross rule. `resolve` puts what the chosen option says there (and
leaves the place out where it says nothing), before the file is validated: everything after it knows one document and
no options.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from xlpolicy.faults import nearest
from xlpolicy.law.reading.yamltext import Path

Report = Callable[[str, Path, str, str, str], None]
#: keys of an entry of `assumptions` that tells a reading and chooses nothing
TELLING = frozenset({"reading", "when", "edge", "settlement"})


class _Absent:
    """Nothing stands here in this option."""


ABSENT = _Absent()


class Site(NamedTuple):
    """A place that hangs on a reading: where it stands in the resolved data and in the file, and what each option says."""

    path: Path
    source: Path
    reading: str
    options: Mapping[str, Any]
    #: how many entries the list has, when the place is one of a list
    among: int | None = None


@dataclass(slots=True)
class Resolved:
    """The data of one choice, and what was found on the way. `moved`: resolved path -> path in the file."""

    data: Any
    sites: list[Site] = field(default_factory=list)
    moved: dict[Path, Path] = field(default_factory=dict)
    faults: list[tuple[str, Path, str, str, str]] = field(default_factory=list)

    def source(self, path: Path) -> Path:
        """Where in the file a path of the resolved data stands."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.moved:
                return (*self.moved[path[:end]], *path[end:])
        return path


def offered(raw: Any) -> dict[str, tuple[str, list[str]]]:
    """The readings of a file that have options: name -> default, options; as far as they are well formed."""
    found: dict[str, tuple[str, list[str]]] = {}
    readings = raw.get("readings") if isinstance(raw, Mapping) else None
    for name, data in readings.items() if isinstance(readings, Mapping) else ():
        options = data.get("options") if isinstance(data, Mapping) else None
        if isinstance(name, str) and isinstance(options, Mapping) and options:
            found[name] = str(data.get("default", "")), [str(x) for x in options]
    return found


def resolve(raw: Any, chosen: Mapping[str, str] | None = None) -> Resolved:
    """The data of a policy file as it stands with the `chosen` options, the defaults for all other readings."""
    result = Resolved(raw)
    if not isinstance(raw, Mapping):
        return result
    known = offered(raw)
    chosen = chosen or {}
    picked = {}
    for name, (default, options) in known.items():
        if default not in options:
            path: Path = ("readings", name, "default")
            result.faults.append(
                (
                    "policy_name",
                    path,
                    f"default 是“{default}”，不在选项里",
                    "、".join(options),
                    nearest(default, options),
                )
            )
        picked[name] = chosen.get(name, default if default in options else options[0])
    walker = _Walker(known, picked, result, _text_readings(raw))
    result.data = {
        key: value if key == "readings" else walker.walk(value, (key,), (key,)) for key, value in raw.items()
    }
    _unused(raw, known, result)
    return result


def _text_readings(raw: Mapping[str, Any]) -> frozenset[str]:
    readings = raw.get("readings")
    return frozenset(x for x in readings if isinstance(x, str)) if isinstance(readings, Mapping) else frozenset()


class _Walker:
    def __init__(
        self, known: Mapping[str, tuple[str, list[str]]], picked: Mapping[str, str], result: Resolved, all_: frozenset[str]
    ) -> None:  # fmt: skip
        self.known, self.picked, self.result, self.all = known, picked, result, all_

    def walk(self, value: Any, path: Path, source: Path) -> Any:
        """A value with its choices made; ABSENT where the chosen option says nothing."""
        if path != source:
            self.result.moved[path] = source
        if isinstance(value, Mapping):
            if "reading" in value and not _tells(value, path):
                return self.choice(value, path, source)
            out = {}
            for key, inner in value.items():
                made = self.walk(inner, (*path, key), (*source, key))
                if made is not ABSENT:
                    out[key] = made
            return out
        if isinstance(value, list):
            first = len(self.result.sites)
            entries: list[Any] = []
            for i, inner in enumerate(value):
                made = self.walk(inner, (*path, len(entries)), (*source, i))
                if made is not ABSENT:
                    entries.append(made)
            sites = self.result.sites
            for k in range(first, len(sites)):
                if sites[k].path[:-1] == path and sites[k].among is None:
                    sites[k] = sites[k]._replace(among=len(entries))
            return entries
        return value

    def choice(self, value: Mapping[Any, Any], path: Path, source: Path) -> Any:
        name = value["reading"]
        options = {str(key): inner for key, inner in value.items() if key != "reading"}
        if not isinstance(name, str) or name not in self.known:
            what = "没有选项" if isinstance(name, str) and name in self.all else "不在 readings 里"
            self.fault(
                "policy_name",
                source,
                f"reading“{name}”{what}",
                "readings 里有选项的口径",
                nearest(str(name), self.known),
            )
            return next(iter(options.values()), ABSENT)
        offered_ = self.known[name][1]
        for option in options:
            if option not in offered_:
                self.fault(
                    "policy_name", (*source, option), f"口径 {name} 没有选项 {option}", "、".join(offered_),
                    nearest(option, offered_),
                )  # fmt: skip
        self.result.sites.append(Site(path, source, name, options))
        option = self.picked[name]
        if option not in options:
            return ABSENT
        made = self.walk(options[option], path, (*source, option))
        self.result.moved.setdefault(path, (*source, option))
        return made

    def fault(self, code: str, path: Path, got: str, expected: str, remedy: str) -> None:
        self.result.faults.append((code, path, got, expected, remedy))


def _tells(value: Mapping[Any, Any], path: Path) -> bool:
    """Whether an entry of `assumptions` tells a reading and chooses nothing."""
    return len(path) > 1 and path[-2] == "assumptions" and set(value) <= TELLING


def _unused(raw: Mapping[str, Any], known: Mapping[str, tuple[str, list[str]]], result: Resolved) -> None:
    """A reading on which nothing hangs, and options that do the same: at most one may be written nowhere."""
    formulas = set(re.findall(r"\w+", " ".join(strings({k: v for k, v in raw.items() if k != "readings"}))))
    nested: dict[str, set[str]] = {}
    _nested(raw, nested)
    for name, (_, options) in known.items():
        said = {option for site in result.sites if site.reading == name for option in site.options}
        valued = {o for o in options if _value(raw, name, o) is not None}
        said |= nested.get(name, set()) | (valued if name in formulas else set())
        idle = [option for option in options if option not in said]
        if not said:
            result.faults.append(
                ("policy_unused", ("readings", name), f"口径 {name} 的选项没有用在任何地方",
                 "正文里用 {reading: 口径, 选项: 内容} 写明各选项怎样算", "写明各选项的内容；只有一种读法的，写成一句话")
            )  # fmt: skip
        elif len(idle) > 1:
            result.faults.append(
                ("policy_unused", ("readings", name, "options", idle[1]), f"口径 {name} 的选项 {'、'.join(idle)} 没有用在任何地方，作用相同",
                 "每个选项各有所指", "写明选项的内容，或删去一个")
            )  # fmt: skip


def _nested(value: Any, found: dict[str, set[str]]) -> None:
    """Reading -> its options that are written anywhere, those inside another reading's options included."""
    if isinstance(value, Mapping):
        name = value.get("reading")
        if isinstance(name, str):
            found.setdefault(name, set()).update(str(k) for k in value if k != "reading")
        for inner in value.values():
            _nested(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _nested(inner, found)


def _value(raw: Mapping[str, Any], name: str, option: str) -> Any:
    data = raw["readings"][name]["options"].get(option)
    return data.get("value") if isinstance(data, Mapping) else None


def strings(value: Any) -> list[str]:
    """All strings anywhere inside YAML data."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [x for inner in value.values() for x in strings(inner)]
    if isinstance(value, list | tuple):
        return [x for inner in value for x in strings(inner)]
    return []


def reached(raw: Any, resolved: Resolved) -> dict[str, set[str]]:
    """Reading -> the provisions that hang on it: by their own text or that of a limit they share, by a cross rule of
    theirs, or by the whole document."""
    provisions = raw.get("provisions") if isinstance(raw, Mapping) else None
    ids = [p.get("id") if isinstance(p, Mapping) else None for p in provisions or ()]
    every = {str(x) for x in ids if isinstance(x, str)}
    shared = [_shared(item) for item in provisions or ()]
    found: dict[str, set[str]] = {}
    for site in resolved.sites:
        top, where = site.source[0], site.source[1] if len(site.source) > 1 else None
        if top == "provisions" and isinstance(where, int):
            limit = _shared(_limit(raw, site.source))
            sharing = [k for k, names in enumerate(shared) if names & limit]
            mine = {str(ids[k]) for k in (where, *sharing) if isinstance(ids[k], str)}
        elif top == "cross_rules" and isinstance(where, int):
            said = set(strings(raw["cross_rules"][where]))
            mine = every if "*" in said else {x.partition(".")[0] for x in said} & every
        else:
            mine = every
        found.setdefault(site.reading, set()).update(mine)
    return found


def _limit(raw: Any, source: Path) -> Any:
    """The limit of a provision in which a place stands; None for any other place."""
    return raw["provisions"][source[1]]["limits"][source[3]] if source[2:3] == ("limits",) and len(source) > 3 else None


def _shared(value: Any) -> set[str]:
    """The names under which limits anywhere inside YAML data are shared, with whatever option."""
    if isinstance(value, Mapping):
        here = value.get("shared") if "max" in value else None
        named = {k: v for k, v in here.items() if k != "reading"} if isinstance(here, Mapping) else here
        return set(strings(named)).union(*map(_shared, value.values()))
    return set().union(*map(_shared, value)) if isinstance(value, list) else set()
