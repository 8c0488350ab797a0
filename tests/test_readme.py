"""The README says what really comes out: every console block is run, every YAML block is in the law."""

from __future__ import annotations

import datetime as dt
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
#: numbers that bear the year in which they were given
YEAR = re.compile(r"(?<!\d)2026-(?=\d{3}(?:\d\d)?(?!\d))|(?<=BF)2026")


@pytest.mark.parametrize("block", CONSOLE, ids=lambda b: b.splitlines()[0])
def test_console_block(block: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: Any) -> None:
    """The commands of a block one after another in one folder; …… stands for what is left out, or differs by day."""
    monkeypatch.chdir(tmp_path)
    block = YEAR.sub(lambda found: found[0].replace("2026", str(dt.date.today().year)), block)
    for one in filter(None, re.split(r"(?m)^(?=\$ )", block)):
        command, _, expected = one.removeprefix("$ ").partition("\n")
        words = shlex.split(command)
        if words[0] == "cd":
            monkeypatch.chdir(words[1])
            continue
        assert words.pop(0) == "xlpolicy"
        main(words)
        shown = capsys.readouterr().out
        pattern = ".*?".join(map(re.escape, expected.split("……")))
        assert re.fullmatch(pattern, shown, re.S), f"{command}\n{shown}"


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


def test_the_law_is_counted() -> None:
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in EMBEDDED.glob("*.yaml")]
    provisions, cross = (sum(len(d[what]) for d in documents) for what in ("provisions", "cross_rules"))
    assert f"共 {provisions} 条、{cross} 条跨条款规则" in README
    assert f"five documents, {provisions} provisions, {cross} cross\nrules" in README and len(documents) == 5


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
