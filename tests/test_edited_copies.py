"""An official document and a bureau's edited copy of it, under one key: nothing of the edit passes for unchanged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xlpolicy.cli import main
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.store import EMBEDDED
from xlpolicy.survey.compare import Diff, diff
from xlpolicy.survey.compare.sources import pair

KEY = "putian-draft"


def copy(folder: Path, *edits: tuple[str, str], name: str = f"{KEY}.yaml") -> Path:
    text = (EMBEDDED / f"{KEY}.yaml").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def against(path: Path) -> Diff:
    return diff(catalogs.default(), *pair(catalogs.default(), KEY, str(path)))


def test_a_copy_word_for_word_is_no_edit(tmp_path: Path) -> None:
    found = against(copy(tmp_path))
    assert not found.new.own
    assert {row.status for row in found.rows} == {"same"} and not found.remarks
    assert {row.status for row in found.cross} == {"same"}


@pytest.mark.parametrize(
    ("edit", "rule", "text"),
    [
        (("unit_award: 1万元, year_cap: 15万元", "unit_award: 1万元, year_cap: 12万元"), "platform_new_enterprise", "年度封顶 15万元 → 12万元，降低"),
        (("  once: [enterprise]\n", ""), "national_platform", "另有改动：只付一次 同一企业只付一次，以前兑付过的也算 → （没有）"),
        (("title: 国家级工业互联网平台叠加奖励", "title: 国家级平台奖励"), "national_platform", "另有改动：名称 国家级工业互联网平台叠加奖励 → 国家级平台奖励"),
        (("  recipient: 获评单位\n  theme: 工业互联网平台", "  recipient: 获评企业\n  theme: 工业互联网平台"), "national_platform", "对象 获评单位 → 获评企业"),
        (("evidence: [服务企业名单和合同]}", "evidence: [合同]}"), "platform_new_enterprise", "另有改动：“年度新增有效服务企业数”的证明材料 服务企业名单和合同 → 合同"),
    ],
)  # fmt: skip
def test_every_edit_is_told(edit: tuple[str, str], rule: str, text: str, tmp_path: Path) -> None:
    found = against(copy(tmp_path, edit))
    changed = [row for row in found.rows if row.status != "same"]
    assert [row.rule for row in changed] == [rule]
    assert text in changed[0].text
    assert found.new.name.endswith("（本单位版本）") and not found.old.own


def test_what_changed_beside_a_figure_is_told_too(tmp_path: Path) -> None:
    """A paper, who fills it in and when it counts as left out stand beside a cap that was lowered."""
    edits = (
        ("unit_award: 1万元, year_cap: 15万元", "unit_award: 1万元, year_cap: 12万元"),
        ("evidence: [服务企业名单和合同]}", "evidence: [合同]}"),
        ("该平台本年度已兑现金额, default: 0, by: bureau}", "该平台本年度已兑现金额, default: 0}"),
    )
    row = next(x for x in against(copy(tmp_path, *edits)).rows if x.rule == "platform_new_enterprise")
    assert row.kinds == ("lowered", "other")
    assert row.text.endswith(
        "另有改动：“年度新增有效服务企业数”的证明材料 服务企业名单和合同 → 合同；“该平台本年度已兑现金额”的由谁填 主管部门 → 申报单位"
    )


def test_a_condition_that_now_shuts_out_the_line_itself(tmp_path: Path) -> None:
    official = (EMBEDDED / "fuzhou-2026-5.yaml").read_text(encoding="utf-8")
    path = tmp_path / "fuzhou-2026-5.yaml"
    path.write_text(official.replace("- group_size >= least_group", "- group_size > least_group", 1), encoding="utf-8")
    found = diff(catalogs.default(), *pair(catalogs.default(), "fuzhou-2026-5", str(path)))
    row = next(x for x in found.rows if x.status == "changed")
    assert (row.rule, row.kinds) == ("exhibition_booth", ("tightened",))
    assert "条件 抱团参展制造业企业数 ≥ 抱团企业数下限 → 抱团参展制造业企业数 ＞ 抱团企业数下限，更难达到" in row.text


def test_the_head_and_the_readings_are_compared(tmp_path: Path) -> None:
    path = copy(tmp_path, ("valid_to: 2029-12-31", "valid_to: 2028-12-31"), ("default: difference", "default: whole"))
    assert against(path).remarks[:2] == (
        "失效日期 2029-12-31 → 2028-12-31",
        "口径“市、省标杆就高时市级付差额还是全额”的默认 付差额 → 市级较高的付全额",
    )


def test_a_rule_whose_effect_was_edited_is_told(tmp_path: Path) -> None:
    source = (EMBEDDED / f"{KEY}.yaml").read_text(encoding="utf-8")
    line = next(
        x for x in source[source.index("cross_rules:") :].splitlines() if x.startswith("  text: ") and "{" not in x
    )
    found = against(copy(tmp_path, (line, f"{line}（试行）")))
    assert [row.status for row in found.cross if row.status != "same"] == ["changed"]


def test_the_key_beside_a_file_is_the_official_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--policies puts the copy in its place; diff still compares it with what came with the program."""
    path = copy(tmp_path, ("year_cap: 15万元", "year_cap: 12万元"))
    assert main(["diff", KEY, str(path), "--policies", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "15万元 → 12万元" in text and "（本单位版本）" in text
    assert main(["diff", str(path), str(EMBEDDED / f"{KEY}.yaml")]) == 0
    assert "12万元 → 15万元，提高" in capsys.readouterr().out
    assert main(["diff", KEY, str(tmp_path / "没有.yaml")]) == 1
    assert "没有.yaml" in capsys.readouterr().err


def test_check_marks_an_edited_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copy(tmp_path, ("year_cap: 15万元", "year_cap: 12万元"))
    assert main(["check", str(path)]) == 0
    text = capsys.readouterr().out
    assert "（本单位版本）" in text and f"变化 1 条；逐项看 xlpolicy diff {KEY} {path}" in text
    assert main(["check", str(path), "--json"]) == 0
    assert "变化 1 条" in json.loads(capsys.readouterr().out)["documents"][0]["edited"]
    assert main(["check", str(path), str(EMBEDDED / f"{KEY}.yaml")]) == 1
    assert "用 xlpolicy diff 加两个文件路径" in capsys.readouterr().out
    plain = copy(tmp_path, name="原样.yaml")
    assert main(["check", str(plain), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["documents"][0]["edited"] is None
