"""Which document speaks: the order of versions, a bureau's own files beside and in place of the built-in ones."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from pathlib import Path

import pytest

from xlpolicy import assess
from xlpolicy.excel.pc import doctor
from xlpolicy.faults import PolicyFileError, UnknownPolicy, UnknownRule
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import DRAFT_WARNING
from xlpolicy.law.store import EMBEDDED, load

SIXTH = Path(__file__).parent / "sixth" / "policies" / "shili-2026-9.yaml"
BUILT_IN = EMBEDDED / "fuzhou-2026-5.yaml"
BROKEN = SIXTH.read_text(encoding="utf-8").replace("rate: 6%", "rate: 6斤")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bureau's folder with one sound document."""
    (tmp_path / "a.yaml").write_text(SIXTH.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("XLPOLICY_POLICIES", str(tmp_path))
    return tmp_path


def with_draft() -> Catalog:
    """The built-in documents and a draft that names a later end than all of them."""
    documents = [load(path) for path in sorted(EMBEDDED.glob("*.yaml"))]
    draft = replace(load(BUILT_IN), key="fuzhou-aaa", number=None, draft=True, valid_from=None, valid_to=None)
    return Catalog([draft, *documents])


def test_versions_come_newest_first_and_drafts_last() -> None:
    catalog = with_draft()
    assert [f.document.key for f in catalog.of("福州", "tech_upgrade")] == [
        "fuzhou-2026-5", "fuzhou-2024-13", "fuzhou-aaa",
    ]  # fmt: skip
    assert [d.key for d in catalog.of_city("fuzhou")] == ["fuzhou-2026-5", "fuzhou-2024-13", "fuzhou-aaa"]


@pytest.mark.parametrize(
    ("day", "key", "warned"),
    [
        ("2024-04-14", "fuzhou-2024-13", True),  # before the first began
        ("2024-04-15", "fuzhou-2024-13", False),
        ("2025-12-31", "fuzhou-2024-13", False),
        ("2026-01-01", "fuzhou-2026-5", False),
        ("2031-01-01", "fuzhou-2026-5", True),  # after the last ended
    ],
)
def test_the_version_that_speaks_for_a_day(day: str, key: str, warned: bool) -> None:
    found = with_draft().newest("福州市", "tech_upgrade", dt.date.fromisoformat(day))
    assert (found.document.key, bool(found.warnings)) == (key, warned)


def test_the_periods_in_which_a_version_speaks_alone() -> None:
    """榕政规〔2024〕13号 ended when 〔2026〕5号 began; one more document over its last years leaves this no period alone."""
    found = with_draft().alone("福州", "tech_upgrade")
    assert [(str(first), str(last), x.document.key) for first, last, x in found] == [
        ("2026-01-01", "2030-12-31", "fuzhou-2026-5"),
        ("2024-04-15", "2025-12-31", "fuzhou-2024-13"),
    ]
    rest = replace(load(BUILT_IN), key="fuzhou-bbb", number=None, valid_from=dt.date(2027, 12, 31))
    two = Catalog([*catalogs.default().documents.values(), rest])
    assert [x.document.key for _, _, x in two.alone("fuzhou", "tech_upgrade")] == ["fuzhou-2024-13"]
    assert catalogs.default().alone("fuzhou", "没有这一条") == []


def test_alone_is_what_find_gives_on_the_ends_of_every_period() -> None:
    catalog = catalogs.default()
    for document, rule in catalog.rules():
        for first, last, found in catalog.alone(document.city, rule.id):
            for day in (first, last):
                assert catalog.find(document.city, rule.id, day) is found


def test_a_draft_speaks_where_nothing_else_does() -> None:
    found = catalogs.default().newest("莆田", "chain_leader", dt.date(2026, 6, 30))
    assert (found.document.key, found.warnings) == ("putian-draft", (DRAFT_WARNING,))


@pytest.mark.parametrize(
    "written",
    ["fuzhou-2026-5", "FUZHOU-2026-5", "榕政办规〔2026〕5号", "榕政办规[2026]5号", "榕政办规（2026）5号",
     "榕政办规(2026) 5 号", "榕政办规【２０２６】５号"],
)  # fmt: skip
def test_a_number_however_it_is_written(written: str) -> None:
    assert catalogs.default().document(written).key == "fuzhou-2026-5"


@pytest.mark.parametrize("written", ["榕政办规20265号", "榕政办规〔2025〕5号", "5号", ""])
def test_another_number_is_refused(written: str) -> None:
    with pytest.raises(UnknownPolicy):
        catalogs.default().document(written)


def test_an_own_document_that_is_broken_stops_only_itself_and_is_told_once(
    own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (own / "b.yaml").write_text(BROKEN.replace("shili-2026-9", "shili-2027-1"), encoding="utf-8")
    for _ in range(2):
        assert assess("示例", "节能改造补助", "2500万元", on="2026-07-01").amount == 1_500_000
        assert assess("fuzhou", "tech_upgrade", "1000万元", on="2026-06-30").amount == 300_000
    (told,) = [record.getMessage() for record in caplog.records if record.name == "xlpolicy"]
    assert told == (
        f"提醒　政策文件 b.yaml：有 1 处问题，未载入。请用 xlpolicy check {own / 'b.yaml'} 核对改正。其余文件照常使用。"
    )
    with pytest.raises(UnknownPolicy, match=r"政策文件 b\.yaml 有 1 处问题，未载入"):
        catalogs.default().document("shili-2027-1")
    with pytest.raises(UnknownRule, match=r"政策文件 b\.yaml 有 1 处问题，未载入"):
        catalogs.default().find("示例", "没有这一条", dt.date(2026, 7, 1))
    found = doctor.check_policies(None)  # type: ignore[arg-type]
    assert (found.state, "b.yaml" in found.got) == ("注意", True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("甲.yaml", BUILT_IN.read_text(encoding="utf-8").replace("rate: 3%", "rate: 3斤", 1).encode()),
        ("乙.yaml", b'document: {"key": "fuzhou-2026-5", city: [}'),
        ("丙.yaml", "document:\n  key: fuzhou-2026-5 # 本局改\n  title: 乙\n".encode("gbk")),
        ("丁.yaml", "document:\n  key: fuzhou-2026-5\n".encode("utf-16")),
        ("fuzhou-2026-5.yaml", b"document: ["),
        ("戊.yaml", b"document:\n  kye: fuzhou-2026-5\n"),
    ],
    ids=["figure", "yaml", "gbk", "utf-16", "name", "no-key"],
)
def test_a_broken_file_in_the_place_of_a_built_in_document_is_never_passed_over(
    own: Path, name: str, content: bytes
) -> None:
    (own / name).write_bytes(content)
    with pytest.raises(PolicyFileError, match=name.replace(".", r"\.")):
        assess("fuzhou", "tech_upgrade", "1000万元", on="2026-06-30")


def test_a_broken_file_in_the_place_of_an_own_document_is_never_passed_over(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = tmp_path / "later"
    later.mkdir()
    (later / "b.yaml").write_text(BROKEN, encoding="utf-8")
    monkeypatch.setenv("XLPOLICY_POLICIES", os.pathsep.join([str(own), str(later)]))
    with pytest.raises(PolicyFileError, match=r"b\.yaml"):
        catalogs.default()


def test_an_own_file_with_a_built_in_key_is_marked_wherever_it_is_cited(own: Path) -> None:
    text = BUILT_IN.read_text(encoding="utf-8")
    (own / "b.yaml").write_text(text.replace("rate: 3%", "rate: 4%", 1), encoding="utf-8")
    decision = assess("fuzhou", "tech_upgrade", "1000万元", on="2026-06-30", policy="榕政办规〔2026〕5号")
    assert str(decision.basis) == "榕政办规〔2026〕5号（本单位版本） 附件3 一"
    catalog = catalogs.default()
    assert catalog.document("榕政办规〔2026〕5号（本单位版本）") is catalog.documents["fuzhou-2026-5"]
    assert {d.key for d in catalog.documents.values() if "本单位版本" in d.name} == {"fuzhou-2026-5"}
