"""What the interpreter of the folder would otherwise compile at the first start, which takes longer than a ledger.

Bytecode is of one version of Python: a Python of that version has to be on the machine that packs. Without one the
folder works all the same, and is slower once.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from xlpolicy.excel.portable import uv
from xlpolicy.excel.portable.embedded import Embedded

#: large parts that xlpolicy never imports, or for a rare command alone: the zip stays below its 45 MB
_ASIDE = re.compile(
    r"packages/(sqlalchemy/(orm|ext|testing|dialects/(oracle|mssql|mysql))/|stdnum/(?!cn/)\w+/|pypdf/|pydantic/(v1|deprecated)/)"
)
_MAGIC = "import importlib.util, sys; sys.stdout.buffer.write(importlib.util.MAGIC_NUMBER)"
#: a file that holds without a look at its source, whose time an unpacking changes: PEP 552, unchecked
_COMPILE = """
import importlib.util, io, marshal, sys, zipfile
found = io.BytesIO()
with zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())) as sources, zipfile.ZipFile(found, "w") as made:
    for name in sources.namelist():
        source = sources.read(name)
        try:
            code = compile(source, name, "exec", dont_inherit=True, optimize=0)
        except (SyntaxError, ValueError):
            continue  # templates and the like: never imported
        head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + importlib.util.source_hash(source)
        made.writestr(name, head + marshal.dumps(code))
sys.stdout.buffer.write(found.getvalue())
"""


def compiled(interpreter: Embedded, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The bytecode beside every source of `files`, by its place; nothing where no Python here makes it."""
    magic = magic_of(interpreter)
    program = next((found for found in _pythons(interpreter) if _run(found, _MAGIC) == magic), None) if magic else None
    sources = {name: data for name, data in files.items() if name.endswith(".py") and not _ASIDE.match(name)}
    if program is None or not sources:
        return {}
    given = io.BytesIO()
    with zipfile.ZipFile(given, "w") as packed:
        for name, data in sources.items():
            packed.writestr(name, data)
    done = _run(program, _COMPILE, given.getvalue())
    if not done:
        return {}
    with zipfile.ZipFile(io.BytesIO(done)) as made:
        return {_beside(name, interpreter.tag): made.read(name) for name in made.namelist()}


def magic_of(interpreter: Embedded) -> bytes:
    """The number of its bytecode, as its own library bears it; b"" where it has none compiled."""
    library = interpreter.files.get(f"python{interpreter.tag}.zip")
    if library is None:
        return b""
    with zipfile.ZipFile(io.BytesIO(library)) as packed:
        first = next((name for name in packed.namelist() if name.endswith(".pyc")), None)
        return packed.read(first)[:4] if first else b""


def _beside(name: str, tag: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/__pycache__/{file.removesuffix('.py')}.cpython-{tag}.pyc"


def _pythons(interpreter: Embedded) -> Iterator[str]:
    """This one, the one of that version that uv finds (by its name, or among those it has installed itself), and those
    of pyenv, which uv does not look at."""
    yield sys.executable
    if found := uv.python(interpreter.version):
        yield found
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(root.glob("versions/{}.{}.*/bin/python".format(*interpreter.version))))


def _run(program: str, code: str, given: bytes = b"") -> bytes:
    """What a Python writes; nothing where it fails."""
    try:
        done = subprocess.run(
            [program, "-I", "-W", "ignore", "-c", code], input=given, capture_output=True, check=False
        )
    except OSError:
        return b""
    return done.stdout if done.returncode == 0 else b""
