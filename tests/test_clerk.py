"""What a clerk reads when a command line or a returned form is not as it should be."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from wcwidth import wcswidth

from xlpolicy.batch.fill import fill
from xlpolicy.batch.record import Summary
from xlpolicy.cli import main
from xlpolicy.cli.arguments import Parser, told
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import as_date

FORM = ["form", "福州", "技改设备补助", "--on", "2026-06-30"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["form"], "还缺：城市、条款"),
        ([*FORM, "-o", "a.xlsx", "--unit", "美元"], "没有“美元”"),
        (["calc", "福州", "技改设备补助", "-800万元"], "看不懂“-800万元”"),
        (["calc", "福州", "技改设备补助", "1", "--on"], "--on 后面还缺内容"),
        (["sheet", "福州", "技改设备补助", "-o", "a.xlsx", "--rows", "三"], "“三”不是整数"),
    ],
)
def test_a_wrong_call_is_told_in_chinese(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    text = capsys.readouterr().err
    assert said in text
    assert "error" not in text and "usage" not in text


@pytest.mark.parametrize("at", range(4))
def test_options_stand_anywhere(at: int, capsys: pytest.CaptureFixture[str]) -> None:
    """晋江 一（一）: 600万元 × 25% = 150万元, 封顶100万元; without park_project 15%, 90万元."""
    words = ["晋江", "demo_project", "600万元", "park_project=是"]
    assert main(["calc", *words[:at], "--policy", "jinjiang-2023-11", "--json", *words[at:]]) == 0
    assert json.loads(capsys.readouterr().out)["amount"] == "1000000.00"


@pytest.mark.posix
def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run([sys.executable, "-m", "xlpolicy"], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_every_message_of_argparse_that_we_know_is_still_its_message() -> None:
    parser = Parser(prog="x", exit_on_error=True)
    parser.add_argument("--number", type=int)
    parser.add_argument("--one", action="store_true")
    parser.add_argument("--other")
    for words in (["--number", "a"], ["--other"], ["--one=1"], ["--o"], ["stray"]):
        with pytest.raises(_Told) as caught:
            _Stop.of(parser).parse_args(words)
        assert told(str(caught.value)) != str(caught.value), sys.version


class _Told(Exception):
    pass


class _Stop(argparse.ArgumentParser):
    """The same arguments, complaining with argparse's own words."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise _Told(message)

    @classmethod
    def of(cls, parser: argparse.ArgumentParser) -> _Stop:
        return cls(parents=[parser], add_help=False, conflict_handler="resolve")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "技改 表.xlsx"
    assert main([*FORM, "-o", str(there)]) == 0
    for output, said in (
        (there, f"{there}：已经存在，未覆盖"),
        (tmp_path, f"{tmp_path}：是文件夹"),
        (tmp_path / "没有" / "a.xlsx", f"{tmp_path / '没有'}：没有这个文件或文件夹"),
        (tmp_path / "a.doc", "改写成 a.xlsx"),
    ):
        capsys.readouterr()
        assert main([*FORM, "-o", str(output)]) == 2
        assert said in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == [there.name]


@pytest.mark.parametrize(
    ("cell", "status"), [("B2", 0), ("$B$2", 0), ("表1!B2", 0), ("'表 1'!B2", 0), ("投资额", 0), ("[@投资额]", 0), ("2B", 2), ("B2,", 2)]
)  # fmt: skip
def test_a_formula_refers_to_a_cell(cell: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["formula", "福州", "技改设备补助", "--on", "2026-06-30", "--cells", f"investment={cell}"]) == status


def test_an_inbox_that_is_not_there_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fill", str(tmp_path / "没有"), "-o", str(tmp_path / "结果")]) == 2
    (tmp_path / "空").mkdir()
    capsys.readouterr()
    assert main(["fill", str(tmp_path / "空"), "-o", str(tmp_path / "结果")]) == 0
    assert "收件文件夹里没有文件" in capsys.readouterr().out


def _returned(path: Path, city: str, rule: str, policy: str | None = None, **values: str | int) -> None:
    found = catalogs.default().find(city, rule, None if policy else as_date("2026-06-30"), policy)
    write_form(found.document, found.rule, path)
    book = openpyxl.load_workbook(path)
    given = {
        "ent_name": "示例企业01有限公司", "ent_uscc": "91350199MA00000015", "ent_county": "鼓楼区",
        "ent_legal_person": "示例", "ent_contact": "示例", "ent_phone": "0591-00000001",
        "ent_account_name": "示例企业01有限公司", "ent_account": "6200000000000000001", "ent_bank": "示例银行",
        "prj_name": path.stem, **values,
    }  # fmt: skip
    given = {**plainly(layout(found.document, found.rule)), **given}
    for name, value in given.items():
        sheet, _, cell = book.defined_names[name].attr_text.rpartition("!")
        book[sheet.strip("'")][cell.replace("$", "").partition(":")[0]] = value
    book.save(path)


def _fill(inbox: Path) -> Summary:
    return fill(inbox, inbox.parent / "结果", on="2026-06-30", progress=False)


def test_what_only_the_bureau_can_settle_is_not_asked_of_the_enterprise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox = tmp_path / "收件"
    inbox.mkdir()
    _returned(inbox / "链主.xlsx", "莆田", "chain_leader", "putian-draft", in_smes=15)
    _fill(inbox)
    text = (tmp_path / "结果" / "退回补正" / "链主.补正通知.txt").read_text(encoding="utf-8-sig")
    assert "为征求意见稿" in text
    assert "填报内容不必改动，请与受理部门联系" in text
    assert not any(word in text for word in ("policy", "putian", "请在原表上改正"))
    assert main(["fill", str(inbox), "-o", str(tmp_path / "结果"), "--on", "2026-06-30"]) == 1
    assert "加 --policy 文件代号" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["800"], "写的 800 按元算；如果是 800 万元，请写 800万元"),
        (["８００"], "请写 800万元"),
        (["investment=9999.99"], "请写 9999.99万元"),
        (["20000"], "请写 20000万元"),  # 2万元够不到门槛500万元，2亿元够得到
        (["8000000"], ""),
        (["800万元"], ""),
        (["0"], ""),
    ],
)
def test_a_bare_amount_too_small_to_be_meant_is_asked_about(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["calc", "福州市", "技改补助", *words, "--on", "2026-06-30"]
    assert main(call) == 0
    told = capsys.readouterr().out
    assert (said in told) if said else "请核对　" not in told
    assert main([*call, "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["rule"] == "tech_upgrade"
    assert (said in captured.err) if said else captured.err == ""


def test_rules_say_what_is_no_longer_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    """51 条在 2026 年的文件里，22 条在 2024 年的文件里（不论哪一天运行，总数都是 73）"""
    assert main(["rules", "--city", "福州"]) == 0
    text = capsys.readouterr().out
    states = Counter(line.split("号")[1].split()[0] for line in text.splitlines() if line.startswith("福州市"))
    day, expected = dt.date.today(), Counter[str]()
    for document in catalogs.default().of_city("fuzhou"):
        for rule in document.rules.values():
            first, last = rule.valid_from or document.valid_from, document.valid_to
            assert first and last
            expected["未施行" if day < first else "失效" if day > last else "施行"] += 1
    assert states == expected and states.total() == 73 and states["失效"] >= 22
    assert main(["rules", "--city", "福州", "--on", "2026-06-30"]) == 0
    assert "共 51 条（2026-06-30：施行 51 条）" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["calc", "福州", "没有", "1"], ["calc", "没有", "技改补助", "1"], ["calc", "福州", "技改补助"],
        ["calc", "福州", "技改补助", "甲=3"],
        ["calc", "福州", "技改补助", "1", "--policy", "x-9"], ["show", "福州", "云"],
        ["calc", "福州", "pilot_contest", "1", "--policy", "fuzhou-2026-5"],
    ],
)  # fmt: skip
def test_no_code_of_an_error_stands_in_a_message(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    text = capsys.readouterr().err
    assert text.strip() and not re.search(r"[a-z]+_(city|rule|policy|input|force|computable)\b", text)


def test_what_a_clerk_changed_is_set_aside_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inbox, out = tmp_path / "收件", tmp_path / "结果"
    inbox.mkdir()
    _returned(inbox / "甲.xlsx", "福州", "tech_upgrade", in_investment=800)
    words = ["fill", str(inbox), "-o", str(out), "--on", "2026-06-30"]
    assert main(words) == 0
    assert "改过" not in capsys.readouterr().out
    book = openpyxl.load_workbook(out / "台账.xlsx")
    book["申报"]["K9"] = "已电话核实"
    book.save(out / "台账.xlsx")
    assert main(words) == 0
    assert f"改过 1 个文件，原样移到了：手改留存/台账.xlsx（在 {out} 里）" in capsys.readouterr().out


def test_of_many_forms_the_screen_shows_what_has_to_be_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("LINES", "30")
    inbox = tmp_path / "收件"
    inbox.mkdir()
    for number in range(60):
        (inbox / f"很长很长很长很长很长很长很长很长的文件名{number:02}.rar").write_bytes(
            b"Rar!\x1a\x07\x00" + bytes(60)
        )
    (inbox / "说明.txt").write_text("不是申请表", encoding="utf-8")
    _returned(inbox / "甲.xlsx", "福州", "tech_upgrade", in_investment="不清楚")
    _returned(inbox / "乙.xlsx", "福州", "tech_upgrade", in_investment=800)
    assert main(["fill", str(inbox), "-o", str(tmp_path / "结果"), "--on", "2026-06-30"]) == 1
    lines = capsys.readouterr().out.splitlines()
    rows = lines[2 : lines.index("")]
    assert rows[0].startswith("甲.xlsx") and not any(row.startswith("乙") for row in rows)
    assert len(rows) == 20 and max(map(wcswidth, lines[: 2 + len(rows)])) <= 90
    assert "名00.rar" in rows[1]
    assert "另有 42 份" in "\n".join(lines) and "63 个文件，63 份" in "\n".join(lines)


def test_a_file_nobody_can_read_has_no_cells_to_mend(tmp_path: Path) -> None:
    inbox = tmp_path / "收件"
    inbox.mkdir()
    (inbox / "资料.rar").write_bytes(b"Rar!\x1a\x07\x00" + bytes(60))
    _fill(inbox)
    text = (tmp_path / "结果" / "无法读取" / "资料.补正通知.txt").read_text(encoding="utf-8-sig")
    assert "1. 是 RAR 压缩包" in text
    assert "原表" not in text and "收件文件夹" not in text


def test_one_code_under_two_names_is_pointed_out(tmp_path: Path) -> None:
    inbox = tmp_path / "收件"
    inbox.mkdir()
    _returned(inbox / "甲.xlsx", "福州", "tech_upgrade", in_investment=800)
    _returned(inbox / "乙.xlsx", "福州", "tech_upgrade", in_investment=900, ent_name="示例企业02有限公司")
    _returned(inbox / "丙.xlsx", "福州", "tech_upgrade", in_investment=700, ent_uscc="91350199MA00000028")
    records = {record.file: record for record in _fill(inbox).records}
    told = {file: [h for h in record.hints if "单位名称不同" in h] for file, record in records.items()}
    assert told["甲.xlsx"] == [
        "统一社会信用代码 91350199MA00000015 与示例企业02有限公司（乙.xlsx）相同而单位名称不同，请对照营业执照核对"
    ]
    assert len(told["乙.xlsx"]) == 1
    assert told["丙.xlsx"] == []


def test_a_fault_of_the_program_is_told_in_words_and_its_trace_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(args: object) -> int:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("xlpolicy.cli.rules.run", broken)
    assert main(["rules"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"程序：出错停下了，没有办完（不是您的文件写错）。请把 {tmp_path}/xlpolicy-错误.txt 发给软件维护人员。\n"
    )
    assert "ZeroDivisionError" in (tmp_path / "xlpolicy-错误.txt").read_text(encoding="utf-8")


def test_a_document_that_has_not_the_provision_says_which_has(capsys: pytest.CaptureFixture[str]) -> None:
    """The contest (一（六）) stands in the document of 2024 alone."""
    assert main(["calc", "福州", "pilot_contest", "1", "--policy", "fuzhou-2026-5"]) == 2
    assert capsys.readouterr().err == (
        "fuzhou-2026-5：榕政办规〔2026〕5号里没有“pilot_contest”这个条款；应为：榕政办规〔2026〕5号里的条款。"
        "请改写文件（这一条在榕政办规〔2024〕13号里），或不写文件、按日期选用。\n"
    )


def test_help_lines_up_as_it_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("simulate", "mail", "form", "pay"):
        with pytest.raises(SystemExit):
            main([name, "--help"])
        text = capsys.readouterr().out.partition("依次写:")[2]
        assert all(wcswidth(line) <= 80 for line in text.splitlines())
        assert {26, 0, 2} >= {wcswidth(line) - wcswidth(line.lstrip()) for line in text.splitlines()}
        beside = [line.rpartition("  ") for line in text.splitlines() if "  " in line.strip()]
        assert beside and {wcswidth(name + gap) for name, gap, _ in beside} == {26}
