"""A UNO type library with one interface, in the binary UNOIDL format.

Structure (LibreOffice, unoidl/README.md, "Specification of the new UNOIDL types.rdb format"): the bytes `UNOIDL` FF 00,
offset and size of the root map; a map is pairs of offsets (NUL-terminated name, entity) in order of name; a module is
the byte 0, its size and its map; an interface is the byte 5, then counted lists of mandatory bases, optional bases,
attributes and methods; a method is name, return type, counted parameters (direction, name, type), counted exceptions.
Names inside entities are length and ASCII bytes. All numbers are 32 bit, least significant byte first.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

MAGIC = b"UNOIDL\xff\0"


class Method(NamedTuple):
    """A method; parameters are pairs of name and type, types as UNOIDL writes them (`any`, `[]any`, `[][]any`)."""

    name: str
    returns: str
    parameters: tuple[tuple[str, str], ...]


def library(interface: str, methods: Sequence[Method]) -> bytes:
    """The bytes of a type library with the interface of that full name (`org.example.XThing`)."""
    *modules, name = interface.split(".")
    out = bytearray(MAGIC + bytes(8))
    entity = _put(out, _interface(methods))
    for module in (name, *reversed(modules)):
        label = _put(out, module.encode("ascii") + b"\0")
        if module == modules[0]:
            break
        # each module holds one thing: the next module, or at last the interface
        entity = _put(out, b"\0" + struct.pack("<III", 1, label, entity))
    root = _put(out, struct.pack("<II", label, entity))
    out[8:16] = struct.pack("<II", root, 1)
    return bytes(out)


def _put(out: bytearray, data: bytes) -> int:
    offset = len(out)
    out += data
    return offset


def _name(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("ascii")


def _interface(methods: Sequence[Method]) -> bytes:
    count = struct.Struct("<I").pack
    parts = [b"\x05", count(1), _name("com.sun.star.uno.XInterface"), count(0), count(0), count(len(methods))]
    for method in methods:
        parts += [_name(method.name), _name(method.returns), count(len(method.parameters))]
        parts += [b"\0" + _name(name) + _name(kind) for name, kind in method.parameters]
        parts.append(count(0))
    return b"".join(parts)
