"""Files without ever being half written, zip packages without the time of writing."""

from __future__ import annotations

import errno
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

_EPOCH = (1980, 1, 1, 0, 0, 0)
#: the records of a zip (APPNOTE 4.3.7, 4.3.12, 4.3.16); what every entry of ours says of itself
_LOCAL, _LISTED = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I")
_END, _LENGTHS = struct.Struct("<4s4H2IH"), struct.Struct("<HH")
_VERSION, _ATTRIBUTES = 20, 0o600 << 16

#: what no file may be named on some system
_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)
_LONGEST = 80


def file_name(text: str) -> str:
    """A text as one file name on every system: no separators, no reserved names, not too long."""
    text = _ILLEGAL.sub("_", text).strip(" .") or "未命名"
    if _RESERVED.match(text):
        text = f"_{text}"
    path = PurePosixPath(text)
    return f"{path.stem[: _LONGEST - len(path.suffix)]}{path.suffix}"


class Packed(NamedTuple):
    """A part of another zip as it stands there: taken over without being unpacked."""

    info: zipfile.ZipInfo
    data: bytes


def packed(archive: bytes, info: zipfile.ZipInfo) -> Packed | None:
    """A part of an archive as it is packed; None where that is not plainly so."""
    start = info.header_offset
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
        return None
    if archive[start : start + 4] != b"PK\3\4" or len(archive) < start + 30:
        return None
    start += 30 + sum(_LENGTHS.unpack_from(archive, start + 26))
    data = archive[start : start + info.compress_size]
    return Packed(info, data) if len(data) == info.compress_size else None


@dataclass(frozen=True, slots=True)
class Deflated:
    """A part that many zips have in common, packed once."""

    data: bytes
    crc: int
    size: int


def deflated(pieces: Iterable[bytes]) -> Deflated:
    """A part packed beforehand, from its pieces."""
    press, out, crc, size = zlib.compressobj(6, zlib.DEFLATED, -15), BytesIO(), 0, 0
    for piece in pieces:
        out.write(press.compress(piece))
        crc, size = zlib.crc32(piece, crc), size + len(piece)
    out.write(press.flush())
    return Deflated(out.getvalue(), crc, size)


Part = tuple[str | zipfile.ZipInfo, bytes | Deflated] | Packed


def zipped(parts: Iterable[Part], *, stored: bool = False) -> bytes:
    """A zip of `parts`; the same parts give the same bytes. A ZipInfo stands for its name and its date."""
    out = BytesIO()
    zip_into(out, parts, stored=stored)
    return out.getvalue()


def zip_into(out: BinaryIO, parts: Iterable[Part], *, stored: bool = False) -> None:
    """The same into an empty file, part by part."""
    listed, count, start = bytearray(), 0, 0
    for part in parts:
        entry, body = part
        info = entry if isinstance(entry, zipfile.ZipInfo) else zipfile.ZipInfo(entry, _EPOCH)
        if isinstance(part, Packed):
            method, data, crc, size = info.compress_type, part.data, info.CRC, info.file_size
        elif stored and isinstance(body, bytes):
            method, data, crc, size = 0, body, zlib.crc32(body), len(body)
        else:
            whole = deflated((body,)) if isinstance(body, bytes) else body
            method, data, crc, size = zipfile.ZIP_DEFLATED, whole.data, whole.crc, whole.size
        name, flags = info.filename.encode(), 0 if info.filename.isascii() else 0x800
        year, month, day, hour, minute, second = max(info.date_time, _EPOCH)
        when = hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day
        about = (flags, method, *when, crc, len(data), size, len(name))
        listed += _LISTED.pack(b"PK\1\2", _VERSION, _VERSION, *about, 0, 0, 0, 0, _ATTRIBUTES, start) + name
        out.write(_LOCAL.pack(b"PK\3\4", _VERSION, *about, 0) + name)
        out.write(data)
        count, start = count + 1, start + _LOCAL.size + len(name) + len(data)
    out.write(listed + _END.pack(b"PK\5\6", 0, 0, count, count, len(listed), start, 0))


def write_atomically(path: Path, content: bytes | Callable[[Path], None], *, force: bool = False) -> None:
    """`content` goes to (or is written by its call to) a temporary file beside `path`, which then takes the name.

    Raises FileExistsError unless `force`, IsADirectoryError, FileNotFoundError for a folder that is not there.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "是文件夹", str(path))
    if path.exists() and not force:
        raise _taken(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "没有这个文件夹", str(path.parent))
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".~", suffix=path.suffix)
    except OSError as error:  # told of the file that was asked for, not of the temporary one
        raise type(error)(error.errno, error.strerror, str(path)) from None
    os.close(handle)
    temporary = Path(name)
    try:
        if isinstance(content, bytes):
            temporary.write_bytes(content)
        else:
            content(temporary)
        os.chmod(temporary, 0o644)
        if force:
            os.replace(temporary, path)
        else:
            _claim(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _taken(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, "文件已存在，未覆盖；换一个文件名，或加 --force 覆盖", str(path))


def _claim(temporary: Path, path: Path) -> None:
    """Give the file its name unless somebody took it meanwhile."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError:  # a file system without hard links
        os.replace(temporary, path)
