"""Mutants of a package: small changes to its functions, each held against the tests that should notice.

    python tests/mutants.py xlpolicy.claim.decision xlpolicy.money … [--tests FILE …] [--count 300] [--seed 1]

Everything is imported once; every mutant is a fork in which one function's code is exchanged, so that all who imported
the function meet the mutant. Prints the mutants that no test noticed, by file and line, and the counts. No part of the
suite: it takes some seconds a mutant.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import io
import os
import random
import signal
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SECONDS = 120
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

    def __init__(self, module: types.ModuleType, path: Path, tree: ast.Module, name: str, index: int, nth: int) -> None:
        self.module, self.path, self.tree, self.name, self.index, self.nth = module, path, tree, name, index, nth
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
        return True


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Functions of the module and of its classes, with their names."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    yield f"{node.name}.{item.name}", item


def all_of(names: list[str]) -> list[Mutant]:
    """Every mutant of the modules."""
    out = []
    for name in names:
        module = importlib.import_module(name)
        path = Path(str(module.__file__))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        position = {id(node): index for index, node in enumerate(ast.walk(tree))}
        for function, root in functions(tree):
            for node in ast.walk(root):
                for nth, _ in enumerate(mutations(node)):
                    out.append(Mutant(module, path, tree, function, position[id(node)], nth))
    return out


def noticed(mutant: Mutant | None, tests: list[str]) -> bool | None:
    """Whether the tests fail with the mutant in place (None: it could not be put there)."""
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.alarm(SECONDS)
        if mutant is not None and not mutant.install():
            os._exit(77)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests])
        os._exit(int(status))
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 77:
        return None
    return status != 0


def main() -> int:
    """Runs the mutants; exit status 1 where one is alive."""
    parser = argparse.ArgumentParser(description="mutants of a package, held against tests")
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    found = all_of(args.modules)
    chosen = random.Random(args.seed).sample(found, min(args.count, len(found)))
    for path in args.tests:  # loaded once, before the forks
        with contextlib.redirect_stdout(io.StringIO()):
            pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", "-p", "no:xdist", path])
    if noticed(None, args.tests):
        print("the tests fail without a mutant")
        return 2
    alive = unreached = 0
    for mutant in chosen:
        result = noticed(mutant, args.tests)
        if result is None:
            unreached += 1
        elif not result:
            alive += 1
            print("alive", mutant, flush=True)
    print(
        f"{len(chosen) - unreached} of {len(found)} mutants run (seed {args.seed}), {alive} alive, {unreached} not installed"
    )
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
