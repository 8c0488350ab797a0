"""Mutants of a package: small changes to its functions, each held against the tests that should notice.

    python tests/mutants.py xlpolicy.claim.decision xlpolicy.money … [--tests FILE …] [--count 300] [--seed 1]

Everything is imported and collected once; every mutant is a fork in which one function's code is exchanged, so that all
who imported the function meet the mutant. The tests that run through the function come first, the quick ones before the
slow, then all others (what a cache holds is asked by more tests than those that filled it), unless --near is asked for.
Prints the mutants that no test noticed, by file and line, and the counts. No part of the suite: it takes some seconds a mutant.
"""

from __future__ import annotations

import argparse
import ast
import copy
import functools
import gc
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

#: a mutant that runs so many times as long as its tests without it is caught in a loop
TIMES = 3
COMPARE: dict[type[ast.cmpop], list[type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.GtE], ast.LtE: [ast.Lt, ast.Gt], ast.Gt: [ast.GtE, ast.LtE], ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.Is: [ast.IsNot], ast.IsNot: [ast.Is], ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


def mutations(node: ast.AST) -> Iterator[Callable[[ast.AST], None]]:
    """Changes that can be made to this node, in place."""
    match node:
        case ast.Compare(ops=[op]):
            for other in COMPARE.get(type(op), ()):
                yield lambda n, o=other: setattr(n, "ops", [o()])
        case ast.BinOp(op=op) if type(op) in ARITHMETIC:
            other_operator = ARITHMETIC[type(op)]
            yield lambda n, o=other_operator: setattr(n, "op", o())
        case ast.BoolOp(op=op):
            junction = ast.Or if isinstance(op, ast.And) else ast.And
            yield lambda n, o=junction: setattr(n, "op", o())
        case ast.UnaryOp(op=ast.Not()):
            yield lambda n: setattr(n, "op", ast.UAdd()) or setattr(n, "operand", _boolean(n.operand))
        case ast.IfExp() | ast.If():
            yield lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        case ast.Constant(value=bool() as value):
            yield lambda n, v=value: setattr(n, "value", not v)
        case ast.Constant(value=int() as value):
            yield lambda n, v=value: setattr(n, "value", v + 1)
        case ast.Return(value=value) if value is not None and not _none(value):
            yield lambda n: setattr(n, "value", ast.Constant(None))


def _boolean(node: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("bool", ast.Load()), [node], [])


def _none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


class Mutant:
    """One change: where it is, and the code that carries it."""

    def __init__(
        self,
        module: types.ModuleType,
        path: Path,
        tree: ast.Module,
        function: tuple[str, ast.FunctionDef],
        index: int,
        nth: int,
    ) -> None:
        self.module, self.path, self.tree, self.index, self.nth = module, path, tree, index, nth
        self.name, root = function
        self.first = min([root.lineno, *(d.lineno for d in root.decorator_list)])
        self.last = root.end_lineno or root.lineno
        self.line = getattr(list(ast.walk(tree))[index], "lineno", 0)

    def __str__(self) -> str:
        text = self.path.read_text(encoding="utf-8").splitlines()[self.line - 1].strip()
        node = list(ast.walk(self.tree))[self.index]
        return f"{self.module.__name__}:{self.line} {self.name} [{type(node).__name__} {self.nth}] {text}"

    def install(self) -> bool:
        """Exchange the code of the function concerned; False where it is not to be reached from the module."""
        tree = copy.deepcopy(self.tree)
        node = list(ast.walk(tree))[self.index]
        list(mutations(node))[self.nth](node)
        code = compile(ast.fix_missing_locations(tree), str(self.path), "exec", dont_inherit=True)
        owner: object = self.module
        for part in self.name.split("."):
            found = [c for c in code.co_consts if isinstance(c, types.CodeType) and c.co_name == part]
            owner = getattr(owner, "__dict__", {}).get(part)
            if not found or owner is None:
                return False
            code = found[-1]
        while not isinstance(owner, types.FunctionType):
            inner = (
                getattr(owner, "__wrapped__", None) or getattr(owner, "__func__", None) or getattr(owner, "fget", None)
            )
            if inner is None:
                return False
            owner = inner
        if len(owner.__code__.co_freevars) != len(code.co_freevars):
            return False
        owner.__code__ = code
        for kept in gc.get_objects():  # what the function, or one that calls it, was asked while tests were collected
            if isinstance(kept, functools._lru_cache_wrapper) and kept.__module__ == self.module.__name__:
                kept.cache_clear()
        return True


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions of the module and of its classes, with their names."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    yield f"{node.name}.{item.name}", item


def run(node: ast.AST) -> Iterator[ast.AST]:
    """The node and those in it that are run: no annotation."""
    yield node
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in ("annotation", "returns"):
                yield from run(child)


def all_of(names: list[str]) -> list[Mutant]:
    """Every mutant of the modules."""
    out = []
    for name in names:
        module = importlib.import_module(name)
        path = Path(str(module.__file__))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        position = {id(node): index for index, node in enumerate(ast.walk(tree))}
        for function in functions(tree):
            for node in (node for statement in function[1].body for node in run(statement)):
                for nth, _ in enumerate(mutations(node)):
                    out.append(Mutant(module, path, tree, function, position[id(node)], nth))
    return out


@dataclass(frozen=True, slots=True)
class Seen:
    """What one test ran through, and how long it took."""

    functions: frozenset[tuple[str, int]]
    seconds: float


def fails(items: list[pytest.Item]) -> bool:
    """Whether one of the tests fails; stops there."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, nextitem=following, log=False)):
            return True
    return False


def forked(work: Callable[[], int]) -> int:
    """The exit status of the work done in a fork; a signal counts as failing."""
    child = os.fork()
    if child == 0:
        os.setsid()
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        status = 1
        try:
            status = work()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1


def traced(items: list[pytest.Item], paths: set[str]) -> list[Seen] | None:
    """What every test runs through, found in a fork so that nothing is cached here; None where a test fails."""

    def work() -> int:
        out = []
        for item, following in zip(items, [*items[1:], None], strict=True):
            met: set[tuple[str, int]] = set()

            def note(frame: types.FrameType, event: str, _: object, met: set[tuple[str, int]] = met) -> None:
                if event == "call" and frame.f_code.co_filename in paths:
                    met.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

            begin = time.process_time()
            sys.setprofile(note)
            failed = any(report.failed for report in runtestprotocol(item, nextitem=following, log=False))
            sys.setprofile(None)
            if failed:
                return 3
            out.append((sorted(met), time.process_time() - begin))
        Path(found).write_text(json.dumps(out), encoding="utf-8")
        return 0

    with tempfile.TemporaryDirectory() as folder:
        found = os.path.join(folder, "seen.json")
        if forked(work):
            return None
        rows = json.loads(Path(found).read_text(encoding="utf-8"))
    return [Seen(frozenset((path, line) for path, line in met), seconds) for met, seconds in rows]


class Run:
    """The plugin that takes the place of pytest's loop over the tests."""

    def __init__(self, mutants: list[tuple[int, Mutant]], of: int, seed: int, *, near: bool) -> None:
        self.mutants, self.of, self.seed, self.near, self.status = mutants, of, seed, near, 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Every mutant in a fork of its own."""
        items = list(session.items)
        seen = traced(items, {str(mutant.path) for _, mutant in self.mutants})
        if seen is None:
            print("\nthe tests fail without a mutant")
            self.status = 2
            return True
        alive = unreached = 0
        print(f"\n{len(items)} tests, {sum(one.seconds for one in seen):.0f} s", flush=True)
        for number, mutant in self.mutants:
            span = range(mutant.first, mutant.last + 1)
            far = [not any(p == str(mutant.path) and line in span for p, line in s.functions) for s in seen]
            order = sorted(range(len(items)), key=lambda i: (far[i], seen[i].seconds))
            order = [i for i in order if not (self.near and far[i])]

            def work(mutant: Mutant = mutant, order: list[int] = order) -> int:
                signal.setitimer(signal.ITIMER_PROF, TIMES * sum(seen[i].seconds for i in order) + 5)
                return (1 if fails([items[i] for i in order]) else 0) if mutant.install() else 77

            status = forked(work)
            unreached += status == 77
            if status == 0:
                alive += 1
                print(f"alive {mutant} (number {number})", flush=True)
        run = len(self.mutants) - unreached
        print(f"{run} of {self.of} mutants run (seed {self.seed}), {alive} alive, {unreached} not installed")
        self.status = 1 if alive else 0
        return True


def main() -> int:
    """Runs the mutants; exit status 1 where one is alive."""
    parser = argparse.ArgumentParser(description="mutants of a package, held against tests")
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--after", type=int, default=0, help="go on behind this number of an earlier run")
    parser.add_argument("--only", type=int, nargs="+", default=[], help="only these numbers of an earlier run")
    parser.add_argument("--near", action="store_true", help="only tests that run through the function")
    args = parser.parse_args()
    found = all_of(args.modules)
    chosen = random.Random(args.seed).sample(found, min(args.count, len(found)))
    numbers = args.only or range(args.after + 1, len(chosen) + 1)
    loop = Run([(n, chosen[n - 1]) for n in numbers], len(found), args.seed, near=args.near)
    options = ["-s", *(o for name in ("cacheprovider", "xdist", "terminal") for o in ("-p", f"no:{name}"))]
    pytest.main(["-o", "addopts=", *options, *args.tests], plugins=[loop])
    return loop.status


if __name__ == "__main__":
    sys.exit(main())
