"""The functions compute by the settings file that was noted when the add-in was installed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from xlpolicy.cli import main
from xlpolicy.excel.functions.registry import BY_NAME
from xlpolicy.excel.pc import own_settings
from xlpolicy.excel.pc.install import plan
from xlpolicy.excel.pc.windows import conf_bytes, this_pc
from xlpolicy.law import catalog as catalogs
from xlpolicy.survey.settings_file import READ, VARIABLE

CALL = ("福州", "技改设备补助", 4_800_000, "investment_with_vat", 5_424_000, "日期", "2026-06-30")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "设置.toml"
    path.write_text(
        "authority = '示例纪要第1号'\n[readings]\n'fuzhou-2026-5:vat_threshold' = 'net'\n", encoding="utf-8"
    )
    monkeypatch.setenv(catalogs.READINGS, "")
    monkeypatch.setenv(READ, "")
    monkeypatch.delenv(VARIABLE, raising=False)
    return path


def test_the_noted_file_rules_the_functions(settings: Path, tmp_path: Path) -> None:
    # 480万元不含税、542.4万元含税：默认按含税 480×3%＝14.4万元，本单位按不含税未达500万元
    assert BY_NAME["SUBSIDY"].answer(*CALL) == 144_000
    pc = replace(this_pc(), home=tmp_path, encoding="utf-8")
    pc.user_conf.parent.mkdir()
    pc.user_conf.write_bytes(conf_bytes({VARIABLE: str(settings)}, "utf-8"))
    own_settings.use(pc)
    assert BY_NAME["SUBSIDY"].answer(*CALL) == 0
    assert "本单位口径：门槛按不含税投资判断（示例纪要第1号）" in str(BY_NAME["SUBSIDY_WHY"].answer(*CALL))


def test_the_official_texts_beside_the_noted_file_are_found(settings: Path, tmp_path: Path) -> None:
    """`excel install --settings` notes the file in xlwings.conf; the environment of Excel does not name it."""
    (tmp_path / "政策原文").mkdir()
    (tmp_path / "政策原文" / "一.txt").write_text(
        "榕政办规〔2026〕5号\n附件1 关于编的措施\n一、编的一条。\n附件2 关于编的措施\n一、编的一条。\n"
        "附件3 关于编的措施\n一、样例一句。\n二、另一句。\n",
        encoding="utf-8",
    )
    pc = replace(this_pc(), home=tmp_path, encoding="utf-8")
    pc.user_conf.parent.mkdir()
    pc.user_conf.write_bytes(conf_bytes({VARIABLE: str(settings)}, "utf-8"))
    own_settings.use(pc)
    assert BY_NAME["SUBSIDY_ARTICLE"].answer("fuzhou", "tech_upgrade", "日期", "2026-06-30") == "样例一句。"


def test_a_noted_file_that_is_gone_is_told(settings: Path, tmp_path: Path) -> None:
    pc = replace(this_pc(), home=tmp_path, encoding="utf-8")
    pc.user_conf.parent.mkdir()
    pc.user_conf.write_bytes(conf_bytes({VARIABLE: str(tmp_path / "没有.xlsx")}, "utf-8"))
    own_settings.use(pc)
    assert "没有.xlsx" in str(BY_NAME["SUBSIDY_WHY"].answer(*CALL))


def test_install_notes_the_file(settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(settings))
    pc = replace(this_pc(), home=tmp_path, encoding="utf-8")
    (noted,) = [action for action in plan(pc, tmp_path / "x") if action.path == pc.user_conf]
    assert str(settings) in noted.content.decode("utf-8") and VARIABLE in noted.content.decode("utf-8")


def test_the_libreoffice_add_in_carries_the_path(settings: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.oxt"
    assert main(["excel", "oxt", "-o", str(path), "--settings", str(settings)]) == 0
    assert ZipFile(path).read("settings.txt").decode().strip() == str(settings)


def test_the_libreoffice_add_in_carries_the_policy_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, path = tmp_path / "本局政策", tmp_path / "a.oxt"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["excel", "oxt", "-o", str(path), "--policies", "本局政策"]) == 0
    assert ZipFile(path).read("policies.txt").decode().strip() == str(folder)
    assert str(folder) in capsys.readouterr().out
