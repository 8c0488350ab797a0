"""Compiled records as JSON data and back, exactly: what is stored of a document, and what tells two of them apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from xlpolicy.law import effects as cross
from xlpolicy.law import nodes
from xlpolicy.law import records as r

_CLASSES: dict[str, type] = {
    cls.__name__: cls
    for cls in (
        r.Table, r.Figure, r.Choice, r.AtMost, r.Input, r.Line, r.Limit, r.Assumption, r.Quota, r.Least, r.Term, r.Tail, r.Option, r.Reading, r.Rule, r.Document,
    )
} | {
    f"x.{cls.__name__}": cls for cls in cross.CLASSES
} | {
    f"n.{cls.__name__}": cls
    for cls in (
        nodes.Const, nodes.Figure, nodes.Lookup, nodes.Covered, nodes.Input, nodes.Term, nodes.Given,
        nodes.Arith, nodes.Whole, nodes.Compare, nodes.Logic, nodes.Not, nodes.Extreme, nodes.Choose,
    )
}  # fmt: skip

_TAGS = {cls: tag for tag, cls in _CLASSES.items()}

_NAMES = {cls: tuple(f.name for f in fields(cls) if f.compare) for cls in _TAGS}


def encode(item: Any) -> Any:
    """A compiled record -> JSON data: `[tag, field, ...]`; exact for Decimal and date."""
    match item:
        case None | bool() | int() | str():
            return item
        case Decimal():
            return ["D", str(item)]
        case dt.date():
            return ["d", item.isoformat()]
        case tuple() | list():
            return ["t", *map(encode, item)]
        case Mapping():
            return ["m", {str(k): encode(v) for k, v in item.items()}]
    return [_TAGS[type(item)], *(encode(getattr(item, name)) for name in _NAMES[type(item)])]


def kept(cls: type) -> tuple[str, ...]:
    """The fields of a record that are part of the file."""
    return _NAMES[cls]


def decode(data: Any) -> Any:
    """The inverse of `encode`. Raises KeyError or TypeError on anything else."""
    if not isinstance(data, list):
        return data
    tag, *rest = data
    if tag == "D":
        return Decimal(rest[0])
    if tag == "t":
        return tuple(map(decode, rest))
    if tag == "m":
        return {key: decode(value) for key, value in rest[0].items()}
    if tag == "d":
        return dt.date.fromisoformat(rest[0])
    return _CLASSES[tag](*map(decode, rest))
