"""A package written many times over with a few parts changed: what stays the same is compressed once."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from io import BytesIO

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _UTF8, _DEFLATED = 20, 0x800, 8
#: 1 January 1980, as `sheets.files.zipped` writes it
_TIME, _DATE = 0, 0x21


class Restamp:
    """A package whose parts `changing` are given anew each time; the others are copied as they were packed."""

    def __init__(self, data: bytes, changing: Collection[str]) -> None:
        self._order: list[str] = []
        self._kept: dict[str, tuple[int, int, bytes]] = {}
        with zipfile.ZipFile(BytesIO(data)) as source:
            for info in source.infolist():
                self._order.append(info.filename)
                if info.filename not in changing:
                    self._kept[info.filename] = _packed(source.read(info), 6)

    def made(self, parts: Mapping[str, bytes]) -> bytes:
        """The package with these parts; the same ones give the same bytes."""
        out, central = bytearray(), bytearray()
        for name in self._order:
            checksum, size, packed = self._kept[name] if name in self._kept else _packed(parts[name], 1)
            raw = name.encode()
            common = (_UTF8, _DEFLATED, _TIME, _DATE, checksum, len(packed), size, len(raw), 0)
            central += _CENTRAL.pack(b"PK\1\2", _VERSION, _VERSION, *common, 0, 0, 0, 0, len(out)) + raw
            out += _LOCAL.pack(b"PK\3\4", _VERSION, *common) + raw + packed
        end = _END.pack(b"PK\5\6", 0, 0, len(self._order), len(self._order), len(central), len(out), 0)
        return bytes(out + central + end)


def _packed(data: bytes, level: int) -> tuple[int, int, bytes]:
    """Checksum, size and the bytes as deflate packs them."""
    engine = zlib.compressobj(level, zlib.DEFLATED, -15)
    return zlib.crc32(data), len(data), engine.compress(data) + engine.flush()
