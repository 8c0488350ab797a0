"""Every sentence of the official texts has a place in the data, or a reason why it has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlpolicy import assess
from xlpolicy.cli import main
from xlpolicy.faults import NotInForce
from xlpolicy.law import catalog
from xlpolicy.law.catalog import Catalog
from xlpolicy.survey.audit.audit import bodies
from xlpolicy.survey.audit.sentences import Target, read_table, sentences, unaccounted, unknown

TABLES = Path(__file__).parent / "sentences"
DOCUMENTS = catalog.default().documents


def test_every_document_has_a_table() -> None:
    assert {path.stem for path in TABLES.glob("*.tsv")} == set(DOCUMENTS)


@pytest.mark.parametrize("key", DOCUMENTS)
def test_a_table_names_only_what_there_is(key: str) -> None:
    table = read_table(TABLES / f"{key}.tsv")
    assert table
    assert {digest: target for digest, target in table.items() if unknown(DOCUMENTS[key], target)} == {}
    assert all(len(digest) == 12 for digest in table)


@pytest.mark.parametrize("key", DOCUMENTS)
def test_every_condition_and_figure_is_named_by_a_sentence(key: str) -> None:
    """What is asked because of the text has its sentence: conditions one by one, provisions each at least once."""
    named = {word for target in read_table(TABLES / f"{key}.tsv").values() for word in target.where.split(" ")}
    provisions = {word.partition(".")[0] for word in named}
    assert set(DOCUMENTS[key].rules) - provisions == set()
    conditions = {f"{r.id}.{i.name}" for r in DOCUMENTS[key].rules.values() for i in r.inputs if i.asked_when}
    assert conditions - named == set()


def test_no_sentence_of_the_texts_is_unaccounted_for(shared_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = shared_dir / "policy-texts"
    found = {
        d.key: unaccounted(d, body, read_table(TABLES / f"{d.key}.tsv")) for d, body in bodies(catalog.default(), texts)
    }
    assert found == {key: [] for key in DOCUMENTS}
    assert main(["audit", str(texts), "--sentences", str(TABLES)]) == 0
    assert "0 句没有着落" in capsys.readouterr().out


def test_a_sentence_that_is_not_placed_is_listed(
    shared_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = shared_dir / "policy-texts"
    document, body = next(iter(bodies(Catalog([DOCUMENTS["fuzhou-2024-13"]]), texts)))
    first = next(s for s in sentences(body) if s.at == "六(十五)")
    table = read_table(TABLES / "fuzhou-2024-13.tsv")
    del table[first.digest]
    assert [(s.digest, why) for s, why in unaccounted(document, body, table)] == [(first.digest, "没有着落")]
    table[first.digest] = Target("六(十五)", "tech_upgrade.no_such_figure")
    assert [why for _, why in unaccounted(document, body, table)] == ["对照表写的“tech_upgrade.no_such_figure”不存在"]
    assert main(["audit", str(texts), "--sentences", str(tmp_path), "--policy", "fuzhou-2024-13"]) == 1
    assert "句没有着落" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("document", "rule", "inputs", "on", "words"),
    [
        ("fuzhou-2024-13", "tech_upgrade", {"investment": "800万"}, "2025-06-30", "榕政办〔2020〕114号"),  # 九、3
        ("fuzhou-2026-5", "tech_upgrade", {"investment": "800万"}, "2026-06-30", "实施细则"),  # 正文 四
        ("fuzhou-2026-5", "software_product", {"count": 1}, "2026-06-30", "按比例"),  # 附件4 五
        ("jinjiang-2023-11", "erp_software", {"spend": "60万"}, "2024-06-30", "贡献"),  # 文末
    ],
)
def test_a_sentence_of_the_whole_document_stands_on_the_decision(
    document: str, rule: str, inputs: dict[str, object], on: str, words: str
) -> None:
    decision = assess(DOCUMENTS[document].city, rule, inputs, on=on)
    assert any(words in warning for warning in decision.warnings)


def test_what_other_documents_govern_is_not_called_fixed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calc", "福州", "技改补助", "800万元", "--on", "2025-06-30", "--policy", "fuzhou-2024-13"]) == 0
    assert "以所引文件为准" in (out := capsys.readouterr().out) and "定额" not in out


def test_before_the_fifth_annex_another_document_applied() -> None:
    """附件5 末: from 2026-02-13; before, 榕政办规〔2024〕21号, which is not loaded: nobody is told to pin this one."""
    with pytest.raises(NotInForce) as caught:
        assess("fuzhou", "srdi_tech_upgrade", "400万", on="2026-02-12")
    assert "榕政办规〔2024〕21号" in str(caught.value) and "没有载入" in str(caught.value)
    assert "--policy" not in str(caught.value)
    assert assess("fuzhou", "srdi_tech_upgrade", "400万", on="2026-02-13").amount == 120_000
