"""The words of the YAML parser never reach a clerk: each of its complaints is driven out and read."""

from __future__ import annotations

import re

import pytest

from xlpolicy.faults import PolicyFileError
from xlpolicy.law.reading.yamltext import load_yaml

BROKEN = {
    "a value after a value": "a: b: c\n",
    "no colon": "a: 1\nb\nc: 2\n",
    "no space after the colon": "a:1\nb: 2\n",
    "uneven indents": "a:\n   b: 1\n  c: 2\n",
    "a bracket open": "a: [1, 2\nb: 3\n",
    "a brace open": "a: {b: 1\nc: 3\n",
    "no comma": "a: [1 2, {b}\n",
    "a quote open": 'a: "b\n',
    "a tab": "a:\n\tb: 1\n",
    "an at sign": "a: @b\n",
    "a backtick": "a: `b`\n",
    "an unknown alias": "a: *b\n",
    "an escape": 'a: "\\q"\n',
    "a control character": "a: \x01\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "a directive": "%FOO\na: 1\n",
    "a dash too few": "- a\nb\n- c\n",
    "a tag": "a: !!python/object:os.system x\n",
    "deep brackets": "a: " + "[" * 5000 + "\n",
    "deep brackets, closed": "a: " + "[" * 500 + "]" * 500 + "\n",
    "deep braces": "a: " + "{b: " * 3000 + "\n",
    "deep indents": "".join(" " * n + "a:\n" for n in range(3000)),
    "deep lists": "- " * 3000 + "a\n",
    "brackets hidden by quotes": 'x: "' + "]" * 5000 + '"\na: ' + "[" * 5000 + "\n",
    "surrogates": "a: \ud800\n",
    "an endless alias": "a: &a [*a]\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_english_of_the_yaml_parser(name: str) -> None:
    with pytest.raises(PolicyFileError) as caught:
        load_yaml(BROKEN[name], "样例.yaml")
    text = str(caught.value)
    assert re.search(r"YAML 读不通（[^）]*[\u4e00-\u9fff]", text), text
    assert not re.search(r"[A-Za-z]{2,} [a-z]{2,}", text), text
