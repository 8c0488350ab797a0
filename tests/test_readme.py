"""The README says what really comes out: every console block is run, every YAML block is in the law."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from xlpolicy.cli import main
from xlpolicy.law.store import EMBEDDED

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n(.*?)```", README, re.S)
COMMANDS = [block for text in CONSOLE for block in re.split(r"(?m)^(?=\$ )", text) if block]


@pytest.mark.parametrize("block", COMMANDS, ids=lambda b: b.splitlines()[0])
def test_console_block(block: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    command, _, expected = block.removeprefix("$ ").partition("\n")
    words = shlex.split(command)
    assert words.pop(0) == "xlpolicy"
    main(words)
    shown = capsys.readouterr().out
    # the README may stop in the middle of a long output, at a line of dots
    head, dots, _ = expected.partition("\n……\n")
    assert shown.startswith(head) if dots else shown == expected


def test_yaml_block_is_the_law() -> None:
    blocks = [yaml.safe_load(b) for b in re.findall(r"```yaml\n(.*?)```", README, re.S)]
    provisions = {
        item["id"]: item
        for path in EMBEDDED.glob("*.yaml")
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["provisions"]
        if path.stem == "fuzhou-2026-5"
    }
    assert blocks
    for item in blocks[0]:
        law = provisions[item["id"]]
        assert {key: law[key] for key in item} == item


def test_excel_formula_of_the_readme() -> None:
    from xlpolicy.excel.functions.registry import FUNCTIONS

    names = {function.name for function in FUNCTIONS}
    used = set(re.findall(r"=([A-Z_]+)\(", README))
    assert used
    assert used <= names


def test_two_commands_set_everything_up() -> None:
    text = textwrap.dedent(README)
    assert "pip install -e . && xlpolicy demo" in text
    assert 'pip install -e ".[test]" && pytest' in text


def test_python_blocks_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})


def test_every_command_of_the_readme_exists() -> None:
    from xlpolicy.cli import COMMANDS

    named = set(re.findall(r"(?m)(?:`|^|\$ |&& )xlpolicy ([a-z]+)", README))
    assert named
    assert named <= set(COMMANDS)


def test_the_readme_misses_no_command_and_no_function() -> None:
    from xlpolicy.cli import COMMANDS
    from xlpolicy.excel.functions.registry import FUNCTIONS

    assert [
        name for name in COMMANDS if not re.search(rf"`[^`\n]*\bxlpolicy {name}\b|^xlpolicy {name}\b", README, re.M)
    ] == []
    assert [f.name for f in FUNCTIONS if not re.search(rf"\b{f.name}\b", README, re.A)] == []
