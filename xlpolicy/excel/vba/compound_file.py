"""A compound file: storages and streams in one file, as Office's older formats and its macros use it.

Written after the public specification [MS-CFB], Compound File Binary File Format, cited by section:
version 3, 512-byte sectors, short streams in the mini stream, neither times nor class identifiers, so
that the same content always gives the same bytes.

>>> compound_file({"PROJECT": b"text", "VBA": {"dir": b"more"}})[:8].hex()
'd0cf11e0a1b11ae1'
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Tree: TypeAlias = "Mapping[str, bytes | Tree]"


class CompoundFileError(ValueError):
    """More content than the sector table in the header can point to (about 7 MB)."""


_FREE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF, _DIFAT = 512, 64, 4096, 109


@dataclass(frozen=True)
class _Entry:
    """A directory entry (2.6.1) before its place in the file is known. `kind`: 1 storage, 2 stream, 5
    root."""

    name: str
    kind: int
    data: bytes = b""
    black: bool = True
    left: int = _FREE
    right: int = _FREE
    child: int = _FREE


def _directory(tree: Tree) -> list[_Entry]:
    """Entries in file order, the root first. The children of a storage form a red-black tree (2.6.4),
    ordered by length, then by upper-case name; halving keeps it balanced, so that painting only its last
    level red gives every path the same number of black nodes."""
    entries: list[_Entry] = []

    def siblings(items: list[tuple[str, "bytes | Tree"]], levels: int, top: bool = True) -> int:
        if not items:
            return _FREE
        middle = len(items) // 2
        name, content = items[middle]
        at = len(entries)
        entries.append(_Entry(name, 0))
        stream = isinstance(content, bytes)
        entries[at] = _Entry(
            name,
            kind=2 if stream else 1,
            data=content if isinstance(content, bytes) else b"",
            black=top or levels > 1,
            left=siblings(items[:middle], levels - 1, top=False),
            right=siblings(items[middle + 1 :], levels - 1, top=False),
            child=_FREE if isinstance(content, bytes) else children(content),
        )
        return at

    def children(storage: Tree) -> int:
        items = sorted(storage.items(), key=lambda item: (len(item[0]), item[0].upper()))
        return siblings(items, len(items).bit_length())

    entries.append(_Entry("Root Entry", 5))
    entries[0] = _Entry("Root Entry", 5, child=children(tree))
    return entries


def _pad(data: bytes, unit: int) -> bytes:
    return data + bytes(-len(data) % unit)


def _chain(table: list[int], count: int) -> int:
    """Append a chain of `count` (mini) sectors to the allocation table (2.3); its first sector."""
    first = len(table)
    table.extend(range(first + 1, first + count))
    table.extend([_END] * min(count, 1))
    return first if count else _END


def compound_file(tree: Tree) -> bytes:
    """Storages (mappings) and streams (bytes) as a compound file without times or class identifiers.

    Raises CompoundFileError.
    """
    entries, fat, minifat = _directory(tree), list[int](), list[int]()
    sectors, mini, starts = bytearray(), bytearray(), list[int]()

    def store(data: bytes) -> int:
        data = _pad(data, _SECTOR)
        sectors.extend(data)
        return _chain(fat, len(data) // _SECTOR)

    for entry in entries:
        if entry.kind != 2:
            starts.append(0)
        elif len(entry.data) >= _CUTOFF:
            starts.append(store(entry.data))
        else:
            data = _pad(entry.data, _MINI)
            mini += data
            starts.append(_chain(minifat, len(data) // _MINI))
    starts[0] = store(bytes(mini))  # 2.6.2: the root entry holds the mini stream
    minifat += [_FREE] * (-len(minifat) % 128)
    minifat_start = store(struct.pack(f"<{len(minifat)}I", *minifat))
    directory = b"".join(
        _directory_entry(entry, start, len(mini) if entry.kind == 5 else len(entry.data))
        for entry, start in zip(entries, starts, strict=True)
    )
    free = bytes(68) + struct.pack("<3I", _FREE, _FREE, _FREE) + bytes(48)  # 2.6.3: an unused entry
    directory_start = store(directory + free * (-len(entries) % 4))
    fat_count = (len(fat) + 126) // 127  # a sector of the table has 128 places, one is taken by itself
    if fat_count > _DIFAT:
        raise CompoundFileError(f"{len(sectors):,} 字节，一个文件最多写 {_DIFAT * 127 * _SECTOR:,} 字节")
    fat_start = len(fat)
    fat += [_FAT_SECTOR] * fat_count
    fat += [_FREE] * (-len(fat) % 128)
    difat = [fat_start + index if index < fat_count else _FREE for index in range(_DIFAT)]
    header = struct.pack(  # 2.2
        "<8s16s5H6s9I109I",
        bytes.fromhex("d0cf11e0a1b11ae1"),
        *(bytes(16), 0x003E, 3, 0xFFFE, 9, 6, bytes(6)),
        *(0, fat_count, directory_start, 0, _CUTOFF),
        *(minifat_start, len(minifat) // 128, _END, 0),
        *difat,
    )
    return header + bytes(sectors) + struct.pack(f"<{len(fat)}I", *fat)


def _directory_entry(entry: _Entry, start: int, size: int) -> bytes:
    """The 128 bytes of 2.6.1."""
    name = entry.name.encode("utf-16-le") + b"\0\0"
    links = (entry.left, entry.right, entry.child)
    return struct.pack(
        "<64sHBB3I16sIQQIQ", name, len(name), entry.kind, entry.black, *links, bytes(16), 0, 0, 0, start, size
    )
