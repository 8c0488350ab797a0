"""Putting a finished set of files in place of the last one, without losing what somebody changed in between.

`STATE` in the output folder remembers what was written (by content) and when a form was first judged. A file that
still has the content we gave it is ours to replace or remove; any other is moved to `KEPT` first, and results of forms
that left the inbox to `GONE`.
"""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import groupby
from pathlib import Path
from sqlite3 import Connection
from typing import IO, Any

from xlpolicy.batch.long_json import Reader, pieces
from xlpolicy.batch.named import Named
from xlpolicy.faults import PolicyError, system_reason

STATE = ".xlpolicy-fill.json"
STAGING = ".xlpolicy-tmp-"
KEPT = "手改留存"
GONE = "已移出"
#: stands in the output folder while files are put in place: what has to be done, for the next run to finish
MARKER = ".xlpolicy-replacing.json"
_LOCK = "lock"


class InUse(PolicyError):
    """An output file that cannot be replaced now."""

    code = "in_use"


@contextlib.contextmanager
def staging(target: Path) -> Iterator[Path]:
    """An empty folder beside `target`, gone after the block (unless it became `target`)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    holder = Path(tempfile.mkdtemp(prefix=STAGING, dir=target.parent))
    try:
        with (holder / _LOCK).open("wb") as file:
            _lock(file)
            folder = holder / "out"
            folder.mkdir()
            yield folder
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


#: what is written and the file of the inbox that it belongs to, by its name in the output folder ("" where it belongs to none)
Files = Named[tuple[bytes, str]]


class Published:
    """The output folder as the last run left it; `inbox`: the folder whose results it holds ("" if it does not say);
    `sources`: written file -> the file of the inbox it belongs to; `dates`: on which day content was judged, by its digest;
    `ledger`: what the last run remembered of the ledger."""

    def __init__(self, target: Path, disk: Connection) -> None:
        self.target, self._disk = target, disk
        self.files, self.sources, self.dates = (Named[str](disk) for _ in range(3))
        self.inbox, self.ledger = "", dict[str, Any]()
        try:
            with (target / STATE).open(encoding="utf-8", errors="surrogateescape") as file:
                self._load(Reader(file))
        except (OSError, ValueError):
            self.files, self.sources, self.dates = (Named[str](disk) for _ in range(3))
            self.inbox, self.ledger = "", {}

    def holds(self, inbox: Path) -> bool:
        """Whether these are the results of that folder, as far as is known."""
        return self.inbox in ("", str(inbox))

    def _load(self, state: Reader) -> None:
        known = {"files": self.files, "sources": self.sources, "dates": self.dates}
        for name in state.members():
            whole = state.sign() == "{"
            if whole and name in known:
                for key in state.members():
                    known[name].put(key, str(state.value()))
            elif whole and name == "ledger":
                for key in state.members():
                    self.ledger[key] = self._table(state) if state.sign() == "{" else state.value()
            else:
                value = state.value()
                if name == "inbox":
                    self.inbox = str(value)
                elif name in ("files", "dates"):
                    raise ValueError(name)

    def _table(self, state: Reader) -> Named[Any]:
        table = Named[Any](self._disk)
        for key in state.members():
            table.put(key, state.value())
        return table

    def replace(
        self,
        folder: Path,
        dates: Named[str],
        inbox: Path,
        present: Iterable[str],
        ledger: Mapping[str, Any] | None,
        files: Files,
    ) -> tuple[list[str], list[str]]:
        """Make the target hold what `folder` holds. Returns the files kept aside because somebody changed them, and
        those moved to `GONE` because their form left the inbox. Raises InUse before any change.

        `dates`: on which day content was judged, by its digest; `present`: all files of the inbox; `ledger`: what the next
        run is told of the ledger's own content; `files`: those in the places of `folder`; of those that stand in itself the
        SHA-256 is made. A run that is killed meanwhile is completed by the next one (`recover`).
        """
        for entry in os.scandir(folder):
            if entry.is_file():
                files.put(entry.name, (_hash(folder / entry.name), ""))
        content = {
            "version": 2, "inbox": str(inbox), "files": ((name, mark.hex()) for name, (mark, _) in files.in_order()),
            "sources": ((name, source) for name, (_, source) in files.in_order() if source),
            "dates": dates.in_order(), "ledger": ledger,
        }  # fmt: skip
        state = folder / STATE
        with state.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.writelines(pieces(content))
        if not self.target.exists():
            os.rename(folder, self.target)
            return [], []
        stale, edited, fresh = self._compared(files)
        self._check_free(stale)
        taken: set[str] = set()
        kept = {n: self._aside(n, KEPT, taken) for n in stale if n in edited}
        missing = [n for n in stale if n not in edited and files.get(n) is None]
        sources = {name: self.sources.get(name) for name in missing}
        there = {"", None, *set(sources.values()).intersection(present)}
        gone = {name: self._aside(name, GONE, taken) for name in missing if sources[name] not in there}
        plan = {
            "folder": str(folder), "aside": {**kept, **gone}, "remove": [n for n in stale if files.get(n) is None],
            "new": fresh,
        }  # fmt: skip
        same = self.target / STATE
        if plan["aside"] or plan["remove"] or plan["new"] or not same.is_file() or not filecmp.cmp(same, state, False):
            _write_whole(self.target / MARKER, json.dumps(plan))
            _carry_out(self.target, plan)
        return list(kept.values()), list(gone.values())

    def _compared(self, files: Files) -> tuple[list[str], set[str], list[str]]:
        """What stands in the target and is to be other or gone, in order; such of it as has not the content that we gave
        it; what is new."""
        stale, edited, fresh = list[str](), set[str](), list[str]()
        for name, _ in groupby(merge(files.names(), self.files.names())):
            new, path = files.get(name), self.target / name
            if new is None and not _inside(name):
                continue
            mark = _hash(path) if path.is_file() else None
            if new is not None and mark != new[0]:
                fresh.append(name)
            if mark is not None and (new is None or mark != new[0]):
                stale.append(name)
                if mark.hex() != self.files.get(name):
                    edited.add(name)
        return stale, edited, fresh

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

    def _aside(self, name: str, place: str, taken: set[str]) -> str:
        """Where a file goes that is not thrown away: below `place`, under its own name or a numbered one."""
        wanted = Path(place) / name
        free, number = wanted, 1
        while free.as_posix() in taken or (self.target / free).exists():
            number += 1
            free = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        taken.add(free.as_posix())
        return free.as_posix()


def recover(target: Path) -> None:
    """Complete what a killed run had begun to put in place, and remove what such runs left beside `target`."""
    marker = target / MARKER
    with contextlib.suppress(FileNotFoundError):
        try:
            plan = json.loads(marker.read_text(encoding="utf-8", errors="surrogateescape"))
            folder = Path(plan["folder"])
            names = [*plan["aside"], *plan["aside"].values(), *plan["remove"], *plan["new"]]
            sound = folder.is_dir() and folder.parent.parent == target.parent and all(map(_inside, names))
        except (ValueError, KeyError, TypeError, AttributeError):
            sound = False
        if sound:
            _carry_out(target, plan)
        marker.unlink(missing_ok=True)
    for holder in target.parent.glob(f"{STAGING}*"):
        try:
            with (holder / _LOCK).open("r+b") as file:
                _lock(file)
        except FileNotFoundError:
            pass  # killed before it had one
        except OSError:
            continue  # its run is alive
        shutil.rmtree(holder, ignore_errors=True)


def _carry_out(target: Path, plan: Mapping[str, Any]) -> None:
    """The steps of a plan, in an order in which each may be done again after it was done."""
    folder = Path(plan["folder"])
    for name, to in plan["aside"].items():
        if (target / name).is_file() and not (target / to).exists():
            (target / to).parent.mkdir(parents=True, exist_ok=True)
            os.replace(target / name, target / to)
    for name in plan["remove"]:
        (target / name).unlink(missing_ok=True)
        _prune(target, Path(name).parent)
    for name in [*plan["new"], STATE]:
        if (folder / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(folder / name, target / name)
    (target / MARKER).unlink(missing_ok=True)


def _prune(target: Path, folder: Path) -> None:
    """Remove folders that became empty."""
    while folder != Path("."):
        try:
            (target / folder).rmdir()
        except OSError:
            return
        folder = folder.parent


def _write_whole(path: Path, text: str) -> None:
    """A file that is there with all its text or not at all."""
    beside = path.with_name(f"{path.name}.new")
    with beside.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def _lock(file: IO[bytes]) -> None:
    """Hold a file for as long as it is open. Raises OSError where another process holds it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _inside(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts and bool(path.parts)
