"""Putting a finished set of files in place of the last one, without losing what somebody changed in between.

`STATE` in the output folder remembers what was written (by content) and when a form was first judged. A file that
still has the content we gave it is ours to replace or remove; any other is moved to `KEPT` first.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xlpolicy.faults import PolicyError, system_reason

STATE = ".xlpolicy-fill.json"
STAGING = ".xlpolicy-tmp-"
KEPT = "手改留存"


class InUse(PolicyError):
    """An output file that cannot be replaced now."""

    code = "in_use"


@contextlib.contextmanager
def staging(target: Path) -> Iterator[Path]:
    """An empty folder beside `target`, gone after the block (unless it became `target`)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    holder = Path(tempfile.mkdtemp(prefix=STAGING, dir=target.parent))
    try:
        folder = holder / "out"
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tree(folder: Path) -> dict[str, Path]:
    """Files below the folder by name relative to it, sorted."""
    found = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p for p in sorted(found)}


class Published:
    """The output folder as the last run left it."""

    def __init__(self, target: Path) -> None:
        self.target = target
        state = self._load()
        self.files: dict[str, str] = {str(k): str(v) for k, v in state.get("files", {}).items() if _inside(str(k))}
        self.dates: dict[str, str] = {str(k): str(v) for k, v in state.get("dates", {}).items()}

    def _load(self) -> dict[str, Any]:
        try:
            state = json.loads((self.target / STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        wanted = isinstance(state, dict) and all(isinstance(state.get(k, {}), dict) for k in ("files", "dates"))
        return state if wanted else {}

    def date_of(self, digest: str) -> dt.date | None:
        """The day on which a form of this content was judged before."""
        try:
            return dt.date.fromisoformat(self.dates[digest])
        except (KeyError, ValueError):
            return None

    def replace(self, folder: Path, dates: Mapping[str, str]) -> list[str]:
        """Make the target hold what `folder` holds. Returns the files kept aside. Raises InUse before any change."""
        new = {name: _hash(path) for name, path in _tree(folder).items()}
        content = {"version": 1, "files": new, "dates": dict(sorted(dates.items()))}
        state = json.dumps(content, indent=1)
        (folder / STATE).write_text(state, encoding="utf-8", newline="\n")
        if not self.target.exists():
            os.rename(folder, self.target)
            return []
        old = {name: _hash(path) for name in {*new, *self.files} if (path := self.target / name).is_file()}
        stale = [name for name in sorted(old) if old[name] != new.get(name)]
        self._check_free(stale)
        kept = [self._keep(name) for name in stale if old[name] != self.files.get(name)]
        for name in new:
            if old.get(name) != new[name]:
                (self.target / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(folder / name, self.target / name)
        for name in stale:
            if name not in new:
                (self.target / name).unlink(missing_ok=True)
                self._prune(Path(name).parent)
        if not (self.target / STATE).is_file() or (self.target / STATE).read_bytes() != state.encode():
            os.replace(folder / STATE, self.target / STATE)
        return kept

    def _check_free(self, names: list[str]) -> None:
        """On Windows a workbook that is open cannot be replaced: say so before anything is changed."""
        for name in names:
            try:
                with (self.target / name).open("r+b"):
                    pass
            except OSError as error:
                raise InUse(
                    f"不能改写（{system_reason(error)}）",
                    where=str(self.target / name),
                    expected="没有被打开、可以写入的文件",
                    remedy="在 Excel 或 WPS 里关闭它，再核算一次",
                ) from None

    def _keep(self, name: str) -> str:
        """Move a file that somebody changed to KEPT, under its own name or a numbered one."""
        source, wanted = self.target / name, self.target / KEPT / name
        wanted.parent.mkdir(parents=True, exist_ok=True)
        free, number = wanted, 1
        while free.exists():
            number += 1
            free = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        os.replace(source, free)
        return free.relative_to(self.target).as_posix()

    def _prune(self, folder: Path) -> None:
        """Remove folders that became empty."""
        while folder != Path("."):
            try:
                (self.target / folder).rmdir()
            except OSError:
                return
            folder = folder.parent


def _inside(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts and bool(path.parts)
