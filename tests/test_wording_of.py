"""政策原文: the sentence beside the amount, from a text that the bureau keeps. The text here is made up, with the
number and the headings of a document that is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlpolicy.cli import main
from xlpolicy.excel.functions.amounts import subsidy_article
from xlpolicy.law import catalog
from xlpolicy.survey.audit.audit import bodies
from xlpolicy.survey.audit.pinpoint import Places
from xlpolicy.survey.wording_of import FOLDER, sentences, wording_of

TEXT = """晋政规〔2023〕11号
晋江市支持产业数字化转型升级十二条措施
一、打造标杆
（一）示范项目由我们自己编的一句话说明（样例）。
（二）第二句也是编的。
二、推动应用
（一）平台服务一句，编的。
"""


def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None) -> Path:
    """The folder beside a settings file, as a bureau keeps it."""
    monkeypatch.delenv("XLPOLICY_TEXTS", raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / FOLDER
    if text is not None:
        folder.mkdir()
        (folder / "晋江.txt").write_text(text, encoding="gb18030")
    return folder


def test_show_and_the_function_say_the_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    beside(tmp_path, monkeypatch, TEXT)
    assert main(["show", "晋江", "demo_project", "--policy", "jinjiang-2023-11"]) == 0
    assert "原文　　示范项目由我们自己编的一句话说明（样例）。" in capsys.readouterr().out
    said = subsidy_article("晋江", "platform_sme_award", "日期", "2024-06-30")
    assert said == "平台服务一句，编的。"


def test_what_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, known = beside(tmp_path, monkeypatch, TEXT), catalog.default()
    document = known.documents["jinjiang-2023-11"]
    assert (
        wording_of(known, document, document.rules["cloud_service"]).missing
        == "正文里没有找到 二（三），请核对标题和序号"
    )
    other = known.documents["putian-draft"]
    assert "没有" in wording_of(known, other, other.rules["key_challenge"]).missing
    monkeypatch.setenv("XLPOLICY_TEXTS", str(folder))
    monkeypatch.chdir(tmp_path.parent)
    assert wording_of(known, document, document.rules["demo_project"]).text.startswith("示范项目")


def test_without_a_folder_nothing_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    beside(tmp_path, monkeypatch, None)
    assert main(["show", "晋江", "demo_project", "--policy", "jinjiang-2023-11"]) == 0
    assert "原文　　" not in capsys.readouterr().out
    assert FOLDER in subsidy_article("晋江", "demo_project", "日期", "2024-06-30")


#: as a browser saves a page: lines of 28 broken inside sentences, a blank line behind each, titles short
BROKEN = """泉政办规〔2023〕6号

泉州市推进智能制造数字化赋能若干措施

一、支持编的中小企业

（一）编的一句标题

这是编的第一句话，它长到一行里面写不下，要在半句的地方断开,

断开以后接着写完的一句。编的第二句在这里。（责任单位：市编局）

（二）在编的样例文字里面没有标题的一款由本行起头写到行末

才断开，断开以后再写完。（责任单位：市编局）

二、编的又一条

（一）再编的一句标题

又一句编的话，给予牵头单位一点样例，也是在半句的地方断开的

一句。（责任单位：市编局，各县编局）

本措施自印发之日起施行。

抄送：编的单位。
"""


def test_the_title_on_a_line_of_its_own_and_the_bureaus_are_no_part_of_the_sentence(tmp_path: Path) -> None:
    """也不把断在半句的第一行当作标题。"""
    known = catalog.default()
    document = known.documents["quanzhou-2023-6"]
    (tmp_path / "泉州.txt").write_text(BROKEN, encoding="utf-8")
    body = {d.key: b for d, b in bodies(known, tmp_path)}["quanzhou-2023-6"]
    places = Places(body)

    def said(at: str) -> str:
        place = places.find(at)
        assert place is not None
        return "……".join(body.text[a:b] for a, b in sentences(body, place.spans))

    assert document.rules["platform_build"].at == "一（一）"
    first = "这是编的第一句话，它长到一行里面写不下，要在半句的地方断开,断开以后接着写完的一句。"
    assert said("一（一）") == first + "编的第二句在这里。"
    assert said("一（一）第一句、第二句") == first + "编的第二句在这里。"
    assert said("一（二）") == "在编的样例文字里面没有标题的一款由本行起头写到行末才断开，断开以后再写完。"
    assert said("二（一）") == "又一句编的话，给予牵头单位一点样例，也是在半句的地方断开的一句。"
