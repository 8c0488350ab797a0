"""Every way a policy file is refused: one file each, whose head says what must be reported.

`# expect: code; 第 N 行; 词; 词`, one line for each problem; no other problem may be reported.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xlpolicy.faults import PolicyFileError
from xlpolicy.law import catalog, store
from xlpolicy.law.reading.compile import compile_text

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "bad_policies").glob("*.yaml"))}
RULES = Path(store.__file__).parent / "reading"


def expected(text: str) -> list[list[str]]:
    """Of each problem: code, line, words."""
    return [line[1].split("; ") for line in re.finditer(r"^# expect: (.+)$", text, re.M)]


@pytest.mark.parametrize("name", FILES)
def test_refused_with_place_and_remedy(name: str) -> None:
    text = FILES[name].read_text(encoding="utf-8")
    with pytest.raises(PolicyFileError) as caught:
        compile_text(text, f"{name}.yaml")
    problems = list(caught.value.problems)
    for code, line, *words in expected(text):
        place = f"{name}.yaml {line}"
        met = [p for p in problems if p.code == code and re.match(rf"{re.escape(place)}(?!\d)", p.where)]
        assert met, f"没有 {code} 在 {line}：\n{caught.value}"
        problems.remove(met[0])
        assert [word for word in words if word not in str(met[0])] == [], str(met[0])
        assert met[0].remedy
    assert problems == []


def test_every_problem_of_a_file_is_reported_at_once() -> None:
    text = FILES["many_at_once"].read_text(encoding="utf-8")
    with pytest.raises(PolicyFileError, match=r"有 5 处问题") as caught:
        compile_text(text, "many_at_once.yaml")
    assert len(caught.value.problems) == len(expected(text)) == 5


def test_every_problem_of_a_folder_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLPOLICY_CACHE", "off")
    wanted = sum(len(expected(path.read_text(encoding="utf-8"))) for path in FILES.values())
    documents, refused = store.load_folder(Path(__file__).parent / "bad_policies")
    problems = [problem for error in refused.values() for problem in error.problems]
    assert (len(problems), documents) == (wanted, [])
    for name in FILES:
        assert any(p.where.startswith(f"{name}.yaml") for p in problems)


def test_every_code_of_the_compiler_has_a_file() -> None:
    written = set()
    for module in RULES.glob("*.py"):
        if module.stem != "second_look":  # its doubts refuse no file
            written |= set(re.findall(r'"(policy_\w+)"', module.read_text(encoding="utf-8")))
    shown = {code for path in FILES.values() for code, *_ in expected(path.read_text(encoding="utf-8"))}
    assert shown == written


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "gbk.yaml"
    path.write_bytes("document: 样例".encode("gbk"))
    with pytest.raises(PolicyFileError) as caught:
        store.load(path)
    assert [p.code for p in caught.value.problems] == ["policy_yaml"]
    assert "UTF-8" in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLPOLICY_POLICIES", str(tmp_path / "absent"))
    with pytest.raises(PolicyFileError) as caught:
        catalog.default()
    assert [p.code for p in caught.value.problems] == ["policy_folder"]
    assert "absent" in str(caught.value)
