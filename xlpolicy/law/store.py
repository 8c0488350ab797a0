"""Policy files on disk -> compiled documents, through a cache keyed by content.

A compiled document is plain JSON under the user's cache folder, named by the SHA-256 of the YAML text and of the
compiler's own sources: it cannot be stale, and nothing in it is executed when read. It begins with the SHA-256 of
the rest, so that a damaged file is seen. A cache file or folder that another user could have written is not trusted
(POSIX: owner and mode), and any failure to use the cache only costs the compilation. The package's own documents may
come compiled with it (`SHIPPED`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from xlpolicy.faults import Fault, PolicyFileError, system_reason
from xlpolicy.law.encoding import decode, encode, kept
from xlpolicy.law.records import Document

EMBEDDED = Path(__file__).parents[1] / "policies"
#: compiled documents that came with the program, as the Windows folder has them: its first start has no cache
SHIPPED = EMBEDDED / "compiled"


def load(path: Path) -> Document:
    """One policy file, from the cache where it holds this very content. Raises PolicyFileError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        why = f"文件读不出来（{system_reason(error)}）"
        problem = Fault("policy_yaml", path.name, "", why, "可以读取的 YAML 文件", "检查文件和权限后再试")
        raise PolicyFileError([problem]) from None
    name, folder = _name(content), cache_folder()
    document = (_read(folder / name) if folder else None) or _read(SHIPPED / name)
    if document is None:
        document = _compiled(content, path.name)
        if folder:
            _write(folder, name, document)
    return replace(document, source=content.decode("utf-8-sig"), digest=hashlib.sha256(content).hexdigest())


def shipped(content: bytes, file: str) -> tuple[str, bytes]:
    """What `SHIPPED` holds of a policy file: a name and the compiled document. Raises PolicyFileError."""
    return _name(content), _body(_compiled(content, file))


def _name(content: bytes) -> str:
    return f"{hashlib.sha256(_compiler_digest() + content).hexdigest()}.json"


def _compiled(content: bytes, file: str) -> Document:
    from xlpolicy.law.reading.compile import compile_text
    from xlpolicy.law.reading.yamltext import as_text

    return compile_text(as_text(content, file), file)


@lru_cache(maxsize=64)
def variant(source: str, file: str, options: tuple[tuple[str, str], ...]) -> Document:
    """A policy file's text with other options than the defaults (reading, option). Raises PolicyFileError."""
    from xlpolicy.law.reading.compile import compile_text

    return compile_text(source, file, chosen=dict(options))


def policy_files(folder: Path) -> list[Path]:
    """The policy files of a folder, in name order."""
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


def load_folder(folder: Path) -> tuple[list[Document], dict[Path, PolicyFileError]]:
    """Every *.yaml of a folder, in name order: the documents, and why each of the others was refused."""
    documents: list[Document] = []
    refused: dict[Path, PolicyFileError] = {}
    for path in policy_files(folder):
        try:
            documents.append(load(path))
        except PolicyFileError as error:
            refused[path] = error
    return documents, refused


@lru_cache(maxsize=1)
def _compiler_digest() -> bytes:
    digest = hashlib.sha256()
    for path in (EMBEDDED.parent / "money.py", *sorted(Path(__file__).parent.rglob("*.py"))):
        digest.update(path.read_bytes())
    return digest.digest()


def cache_folder() -> Path | None:
    """The user's cache folder for compiled rules, made on demand; None where it is not safely the user's own."""
    named = os.environ.get("XLPOLICY_CACHE")
    if named == "off":
        return None
    try:
        if named:
            folder = Path(named)
        elif sys.platform == "win32":
            folder = Path(os.environ.get("LOCALAPPDATA") or tempfile.gettempdir()) / "xlpolicy" / "rules"
        else:
            folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xlpolicy" / "rules"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _own(folder) else None
    except (OSError, RuntimeError):
        return None


def _own(path: Path) -> bool:
    """Whether only this user can have written here. Windows profiles are private by their ACL."""
    if sys.platform == "win32":
        return True
    status = path.lstat()
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022 and not path.is_symlink()


def _read(path: Path) -> Document | None:
    try:
        if not _own(path):
            return None
        checksum, _, body = path.read_bytes().partition(b"\n")
        if checksum.decode() != hashlib.sha256(body).hexdigest():
            return None
        data = json.loads(body)
        rules = {key: decode(rule) for key, rule in data.pop("rules").items()}
        return Document(**{k: decode(v) for k, v in data.items()}, rules=rules)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _body(document: Document) -> bytes:
    data = {name: encode(getattr(document, name)) for name in kept(Document) if name != "rules"}
    data["rules"] = {name: encode(rule) for name, rule in document.rules.items()}
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _write(folder: Path, name: str, document: Document) -> None:
    with contextlib.suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(_body(document))
        os.replace(temporary, folder / name)
