"""Files without ever being half written, zip packages without the time of writing."""

from __future__ import annotations

import errno
import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)


def zipped(parts: Iterable[tuple[str | zipfile.ZipInfo, bytes]], *, stored: bool = False) -> bytes:
    """A zip of `parts`; the same parts give the same bytes. A ZipInfo stands for its name and its date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for entry, data in parts:
            given = entry if isinstance(entry, zipfile.ZipInfo) else zipfile.ZipInfo(entry, _EPOCH)
            info = zipfile.ZipInfo(given.filename, max(given.date_time, _EPOCH))
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 0, 0
            target.writestr(info, data, compresslevel=6)
    return out.getvalue()


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
