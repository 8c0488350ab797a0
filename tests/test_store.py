"""The cache of compiled documents: never stale, never trusted when another could have written it, never in the way."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from xlpolicy.faults import PolicyFileError
from xlpolicy.law import store
from xlpolicy.law.encoding import encode
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.records import Document

SAMPLE = Path(__file__).parents[1] / "xlpolicy" / "policies" / "fuzhou-2026-5.yaml"
posix = pytest.mark.posix  # file modes and owners


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("XLPOLICY_CACHE", str(folder))
    return folder


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return Path(shutil.copy(SAMPLE, tmp_path / "sample.yaml"))


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The file names compiled from here on (the cache was not used for them)."""
    seen: list[str] = []

    def watch(text: str, file: str) -> Document:
        seen.append(file)
        return compile_text(text, file)

    monkeypatch.setattr("xlpolicy.law.reading.compile.compile_text", watch)
    return seen


def same(first: Document, second: Document) -> bool:
    return (
        all(getattr(first, name) == getattr(second, name) for name in first.__slots__ if name != "rules")
        and list(first.rules) == list(second.rules)
        and all(encode(first.rules[key]) == encode(second.rules[key]) for key in first.rules)
    )


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_the_second_reading_comes_from_the_cache_and_is_the_same(
    cache: Path, policy: Path, compiled: list[str]
) -> None:
    first = store.load(policy)
    second = store.load(policy)
    assert compiled == ["sample.yaml"]
    assert same(first, second)
    assert "tech_upgrade" in second.rules
    assert "no_such_rule" not in second.rules
    assert len(second.rules) == len(first.rules)


def test_a_change_of_the_text_is_seen_at_once(cache: Path, policy: Path, compiled: list[str]) -> None:
    before = store.load(policy)
    stamp = policy.stat()
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("rate: 3%, cap: 500万元", "rate: 4%, cap: 500万元"), encoding="utf-8")
    os.utime(policy, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    after = store.load(policy)
    assert len(compiled) == 2
    assert before.rules["tech_upgrade"].figures["rate"].text == "3%"
    assert after.rules["tech_upgrade"].figures["rate"].text == "4%"


def test_a_change_of_the_compiler_is_seen_at_once(
    cache: Path, policy: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.load(policy)
    monkeypatch.setattr(store, "_compiler_digest", lambda: b"another compiler")
    store.load(policy)
    assert len(compiled) == 2


def test_the_digest_covers_every_module_that_makes_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `compile` imports, directly or not, is what can change a compiled document."""
    folder = Path(store.__file__).parent
    package = folder.parent
    covered = {*folder.rglob("*.py"), package / "money.py"}
    used, queue = set(), [folder / "reading" / "compile.py"]
    while queue:
        path = queue.pop()
        if path in used:
            continue
        used.add(path)
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if line.startswith("from xlpolicy") and "import" in words:
                base = package.joinpath(*words[1].split(".")[1:])
                named = [name.strip(",()") for name in words[3:]]
                queue += [p for p in (base.with_suffix(".py"), *(base / f"{n}.py" for n in named)) if p.is_file()]
    assert used - covered == {package / "faults.py"}


def test_a_refused_file_is_refused_every_time(cache: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("- 不是政策文件\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(PolicyFileError):
            store.load(bad)
    assert list(cache.iterdir()) == []


def rewritten(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


DAMAGE = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "one bit": lambda data: data[:-10] + bytes([data[-10] ^ 1]) + data[-9:],
    "another amount": lambda data: data.replace(b'"5000000"', b'"9000000"'),
    "not JSON": lambda data: rewritten(b"{"),
    "not UTF-8": lambda data: b"\xff\xfe" + data,
    "another shape": lambda data: rewritten(b"[]"),
    "no rules": lambda data: rewritten(b"{}"),
    "unknown record": lambda data: rewritten(json.dumps({"key": ["NoSuchClass"], "rules": {}}).encode()),
    "pickle": lambda data: b"\x80\x04cposix\nsystem\n(S'true'\ntR.",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_ignored_and_made_again(damage: str, cache: Path, policy: Path, compiled: list[str]) -> None:
    sound = store.load(policy)
    path = only_file(cache)
    data = path.read_bytes()
    path.write_bytes(DAMAGE[damage](data))
    assert path.read_bytes() != data
    assert same(store.load(policy), sound)
    assert len(compiled) == 2
    assert path.read_bytes() == data


@posix
@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_file_that_another_can_write_is_not_trusted(
    mode: int, cache: Path, policy: Path, compiled: list[str]
) -> None:
    store.load(policy)
    only_file(cache).chmod(mode)
    store.load(policy)
    assert len(compiled) == 2
    assert only_file(cache).stat().st_mode & 0o777 == 0o600


@posix
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o707])
def test_a_folder_that_another_can_write_is_not_used(mode: int, cache: Path, policy: Path, compiled: list[str]) -> None:
    store.load(policy)
    cache.chmod(mode)
    assert store.cache_folder() is None
    store.load(policy)
    assert len(compiled) == 2


@posix
def test_a_file_or_folder_of_another_user_is_not_trusted(
    cache: Path, policy: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.load(policy)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert store.cache_folder() is None
    assert store._read(only_file(cache)) is None
    store.load(policy)
    assert len(compiled) == 2


@posix
def test_a_link_is_not_followed(cache: Path, policy: Path, tmp_path: Path, compiled: list[str]) -> None:
    store.load(policy)
    path = only_file(cache)
    elsewhere = path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(elsewhere)
    store.load(policy)
    assert len(compiled) == 2
    assert not path.is_symlink()


@posix
def test_a_new_folder_is_private(cache: Path, policy: Path) -> None:
    store.load(policy)
    assert cache.stat().st_mode & 0o777 == 0o700


def test_off(monkeypatch: pytest.MonkeyPatch, policy: Path, compiled: list[str]) -> None:
    monkeypatch.setenv("XLPOLICY_CACHE", "off")
    store.load(policy)
    store.load(policy)
    assert len(compiled) == 2


def test_a_cache_that_cannot_be_made_costs_only_the_compilation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: Path
) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("a file, not a folder")
    monkeypatch.setenv("XLPOLICY_CACHE", str(occupied / "cache"))
    assert store.cache_folder() is None
    assert "tech_upgrade" in store.load(policy).rules


def test_what_is_kept_is_json_and_nothing_in_the_package_reads_pickle(cache: Path, policy: Path) -> None:
    store.load(policy)
    _, _, body = only_file(cache).read_bytes().partition(b"\n")
    assert json.loads(body)["rules"]
    for module in Path(store.__file__).parents[1].rglob("*.py"):
        if module.parent.name == "batch" and module.name in ("workers.py", "aside.py", "record.py", "named.py"):
            continue  # talks to its own child over a pipe, puts aside what is gone with the process; nothing is kept
        text = module.read_text(encoding="utf-8")
        for name in ("import pickle", "import marshal", "import shelve", "from pickle", "from marshal"):
            assert name not in text, module


def test_no_temporary_file_is_left(cache: Path, policy: Path) -> None:
    store.load(policy)
    assert [path.suffix for path in cache.iterdir()] == [".json"]


def test_a_document_that_came_compiled_is_not_compiled_again(
    cache: Path, policy: Path, compiled: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the Windows folder, whose first start has no cache; a damaged or an edited one is read from its YAML."""
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "compiled")
    name, content = store.shipped(policy.read_bytes(), policy.name)
    store.SHIPPED.mkdir(mode=0o700)
    (store.SHIPPED / name).write_bytes(content)
    compiled.clear()
    kept = store.load(policy)
    assert (compiled, list(cache.iterdir())) == ([], [])
    (store.SHIPPED / name).write_bytes(content[:-1])
    assert same(store.load(policy), kept) and compiled == [policy.name]
    policy.write_bytes(policy.read_bytes() + b"# edited\n")
    store.load(policy)
    assert len(compiled) == 2
