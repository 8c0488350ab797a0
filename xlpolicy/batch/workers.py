"""Work on one file after another in processes of their own, each with a limit of memory and of time.

A file that makes its worker fail, grow or hang costs that file only: the worker's end comes back as `Died`, another
worker takes its place, and the order of the results is the order of the items. Workers live for the whole run.
Memory is held by rlimit on POSIX and by a job object on Windows (pywin32); where the kernel of a host does not hold it
(Wine takes the job object and no notice of it), and on Windows in any case, the process is watched. Time is watched from outside; on POSIX the kernel also ends a worker that outlived its parent.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import IO, Any, NamedTuple

#: how long a worker may take to start; a slow disk is no fault of a file
_START = 120.0
_WATCH = 0.2
#: how many times its limit an item may take by the clock, where its process has not worked for half of the limit: a busy
#: machine, or one that slept, is no fault of a file
_PATIENCE = 5
#: items, or turns of them, that a worker is given at once, so that it need not wait for the next
_TOGETHER = 4
_LOG = 8000
_LAUNCH = "import sys; sys.path[:] = {path!r}; from xlpolicy.batch.workers import serve; serve()"
#: what the system writes where a program asks for more than it may have
_NO_MEMORY = ("memory allocation of", "MemoryError", "Cannot allocate memory", "out of memory")


class Limits(NamedTuple):
    """What one file may cost: bytes of memory, seconds."""

    memory: int = 500 * 2**20
    seconds: float = 20.0


LIMITS = Limits()


class Died(NamedTuple):
    """An item that was not finished. `reason`: slow, memory, crash (the process ended), error (an exception)."""

    reason: str
    trace: str


class CannotStart(RuntimeError):
    """The worker process does not start: an installation that is not whole."""


class Pool:
    """`jobs` workers that call functions as `function(context, item)`; function, context and items are pickled.

    `start(context)` is called once in each worker before the first item, and costs no item its time.
    """

    def __init__(self, context: Any, start: Callable[[Any], object], jobs: int = 1, limits: Limits = LIMITS) -> None:
        self._context, self._limits, self._jobs = pickle.dumps((context, start)), limits, max(1, jobs)
        self._threads = ThreadPoolExecutor(self._jobs)
        self._idle: deque[_Worker] = deque()
        self._busy: set[_Worker] = set()
        self._over = threading.Event()

    def __enter__(self) -> Pool:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._over.set()
        while self._idle:
            self._idle.pop().end()

    def _watch(self) -> None:
        """One thread looks at all workers: one a file would cost more than many a file does."""
        while not self._over.wait(_WATCH):
            for worker in self._busy.copy():
                worker.look()

    def map(
        self, function: Callable[[Any, Any], Any], items: Iterable[Any], count: int, turn: int = 1
    ) -> Iterator[Any]:  # fmt: skip
        """The results, or `Died`, in the order of the `count` items; few more are begun than are asked for. Every `turn`
        items go to one worker, one after the other, unless it dies."""
        waiting: deque[Future[list[Any]]] = deque()
        size = turn * max(1, min(_TOGETHER, count // (4 * self._jobs * turn)))
        left = iter(items)
        while some := list(islice(left, size)):
            waiting.append(self._threads.submit(self._some, function, some))
            if len(waiting) > 2 * self._jobs:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()

    def begin(self, function: Callable[[Any, Any], Any], item: Any) -> Callable[[], Any]:
        """Have one thing done meanwhile; what gives its result, or `Died`, when it is asked for."""
        done = self._threads.submit(self._some, function, [item])
        return lambda: done.result()[0]

    def _some(self, function: Callable[[Any, Any], Any], items: Sequence[Any]) -> list[Any]:
        results: list[Any] = []
        while len(results) < len(items):  # once, and once more after each that its worker did not survive
            worker, alive = self._worker(), True
            for result, alive in worker.ask(function, items[len(results) :]):  # noqa: B007
                results.append(result)
            self._busy.discard(worker)
            if alive:
                self._idle.append(worker)
            else:
                worker.end()
        return results

    def _worker(self) -> _Worker:
        try:
            worker = self._idle.pop()
            self._busy.add(worker)
        except IndexError:
            worker = _Worker(self._limits)
            self._busy.add(worker)
            worker.begin(self._context)
        return worker


class _Worker:
    """The parent's end of one process."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.watched = False
        self._until = math.inf
        self._before: float | None = None
        self._asked = threading.Lock()
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  as long as the process
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH.format(path=sys.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
        self._job = _windows_job(self.process, limits.memory)
        self._why = ""

    def begin(self, context: bytes) -> None:
        """Give it what holds for all items. Raises CannotStart."""
        try:
            self._send((context, self.limits))
            ready, _ = self._answer(_START)
        except (OSError, EOFError):
            self.end()
            raise CannotStart("读表的进程启动不了，请重新安装 xlpolicy") from None
        self.watched = not ready

    def ask(self, function: Callable[[Any, Any], Any], items: Sequence[Any]) -> Iterator[tuple[Any, bool]]:
        """Each result and whether the process may be used again; after one that it may not, no more."""
        try:
            self._send((function, items))
            for _ in items:
                result, alive = self._answer(self.limits.seconds)
                yield result, alive
                if not alive:
                    return
        except (OSError, EOFError, pickle.UnpicklingError):
            code = self.process.wait()
            told = self._told()
            no_memory = any(sign in told for sign in _NO_MEMORY) or code == -9
            yield Died(self._why or ("memory" if no_memory else "crash"), f"exit {code}\n{told}".strip()), False

    def _send(self, request: object) -> None:
        assert self.process.stdin is not None
        _send(self.process.stdin, pickle.dumps(request))

    def _answer(self, seconds: float) -> tuple[Any, bool]:
        self._before, self._until = None, time.monotonic() + seconds
        try:
            assert self.process.stdout is not None
            result, alive = pickle.loads(_receive(self.process.stdout))
        finally:
            with self._asked:
                self._until = math.inf
        return result, alive and not self._why  # ended a moment after it had answered

    def look(self) -> None:
        """End it where it takes too long or, where nothing else holds it, too much memory."""
        if self._before is None:  # of an item that takes long enough to be looked at
            self._before = _worked(self.process)
        slow = self._slow()
        if not slow and not (self.watched and _held(self.process) > self.limits.memory):
            return
        with self._asked:
            if self._until < math.inf:
                self._why = self._why or ("slow" if slow else "memory")
                self.process.kill()

    def _slow(self) -> bool:
        late, most = time.monotonic() - self._until, self.limits.seconds
        if late <= 0:
            return False
        if late > (_PATIENCE - 1) * most:
            return True
        return self._before is not None and _worked(self.process) - self._before > most / 2

    def _told(self) -> str:
        self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, self.log.tell() - _LOG))
        return self.log.read().decode("utf-8", "replace").strip()

    def end(self) -> None:
        """The process is gone after this."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.log):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


def serve() -> None:
    """The worker: one context, then one request after another until the parent is gone."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    try:
        packed, limits = pickle.loads(_receive(source))
        context, start = pickle.loads(packed)
        start(context)
        _send(target, pickle.dumps((_limit_memory(limits.memory), True)))
        while True:
            function, items = pickle.loads(_receive(source))
            for item in items:
                _limit_time(limits.seconds)
                alive = True
                try:
                    result = function(context, item)
                except MemoryError:
                    result, alive = Died("memory", traceback.format_exc()), False
                except Exception:  # noqa: BLE001  one file never costs the others
                    result = Died("error", traceback.format_exc())
                _send(target, pickle.dumps((result, alive)))
                if not alive:
                    break
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(8, "little"))
    stream.write(data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    size = int.from_bytes(_exactly(stream, 8), "little")
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if data is None or len(data) < size:
        raise EOFError
    return data


def _limit_memory(most: int) -> bool:
    """Whether the kernel holds this process to so many bytes from now on."""
    try:
        import resource
    except ImportError:
        return False
    if sys.platform == "darwin":  # it takes the limit and does not hold to it
        return False
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ValueError, OSError):
        return False
    return True


def _limit_time(seconds: float) -> None:
    """A worker whose parent was killed does not run on for ever."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 2, most))


def _windows_job(process: subprocess.Popen[bytes], memory: int) -> Any:
    """A job object that holds the process to so many bytes and ends it with this one; None elsewhere."""
    if sys.platform != "win32":
        return None
    try:
        import win32job  # type: ignore[import-untyped]
    except ImportError:
        return None
    job = win32job.CreateJobObject(None, "")
    kind = win32job.JobObjectExtendedLimitInformation
    told = win32job.QueryInformationJobObject(job, kind)
    told["BasicLimitInformation"]["LimitFlags"] = (
        win32job.JOB_OBJECT_LIMIT_PROCESS_MEMORY | win32job.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
    )
    told["ProcessMemoryLimit"] = memory
    win32job.SetInformationJobObject(job, kind, told)
    win32job.AssignProcessToJobObject(job, int(process._handle))
    return job


def _worked(process: subprocess.Popen[bytes]) -> float:
    """Seconds that a process has had of the processor; the clock's where the system does not say."""
    with contextlib.suppress(Exception):  # a process that has just ended, or no pywin32
        if sys.platform == "win32":
            import win32process  # type: ignore[import-untyped]

            times = win32process.GetProcessTimes(int(process._handle))
            return float(times["KernelTime"] + times["UserTime"]) / 1e7
        with open(f"/proc/{process.pid}/stat", encoding="ascii", errors="replace") as told:
            user, system = told.read().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return time.monotonic()


def _held(process: subprocess.Popen[bytes]) -> int:
    """Bytes a process holds, 0 where the system does not say."""
    if sys.platform == "win32":
        with contextlib.suppress(Exception):  # pywin32's own error, of a process that has just ended
            import win32process  # type: ignore[import-untyped]

            return int(win32process.GetProcessMemoryInfo(int(process._handle))["PagefileUsage"])
        return 0
    pid = process.pid
    try:
        said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, timeout=5)
        return int(said.stdout or 0) * 1024
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0
