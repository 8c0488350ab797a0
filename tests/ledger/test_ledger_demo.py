"""The demonstration: every returned form ends where it should, with the amount that the law gives by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from stdnum.cn import uscc

from xlpolicy.batch import demo
from xlpolicy.batch.record import Record, Summary

# 附件3 一: from 500万元 on, 3%, at most 500万元. 三: 20%, at most 200万元. 六1: 2000元 a piece, at most 10万元.
# 二: 2% a year of the loan, with the central subsidy together at most 2.5%.
AMOUNTS = {
    "示例企业01.xlsx": "240000.00",  # 800万 × 3%
    "第一批/示例企业02.xlsx": "240000.00",  # "800万元" × 3%
    "第一批/示例企业03.xlsx": "360000.00",  # １２００万 × 3%
    "示例企业04.xlsx": "0.00",  # 499.99万 < 500万
    "示例企业05.xlsx": "150000.00",  # 500万 × 3%
    "示例企业06.xlsx": "5000000.00",  # 20000万 × 3% = 600万 > 500万
    "示例企业07.xlsx": "2000000.00",  # 1000万 × 20% = 200万
    "示例企业08.xlsx": "701000.00",  # 350.5万 × 20%
    "示例企业09.xlsx": "24000.00",  # 12 × 2000
    "示例企业10.xlsx": "295890.41",  # 3000万 × 2% × 180 / 365 = 295890.4109...
    "示例企业12.xlsx": "192000.00",  # 640万 × 3%
    "示例企业14（插入行）.xlsx": "210000.00",  # 700万 × 3%
    "示例企业15（实为xls）.xlsx": "370368.00",  # 1234.56万 × 3%
    "示例企业19.xlsx": "300000.00",  # 1000万 × 3%
    "示例企业21和22.zip › 示例企业21.xlsx": "100000.00",  # 60 × 2000 = 12万 > 10万
    "示例企业21和22.zip › 示例企业22.xlsx": "459075.00",  # 1530.25万 × 3%
    "示例企业24.xlsx": "500000.00",  # 5000万 × (2.5% - 1.5%) × 365 / 365
}
ELSEWHERE = {
    "示例企业11.xlsx": "退回补正",
    "示例企业20.xlsx": "退回补正",
    "示例企业23.xlsx": "退回补正",
    "示例企业23（更正）.xlsx": "退回补正",
    "示例企业01（重发）.xlsx": "重复",
    "示例企业13（空白）.xlsx": "空白",
    "示例企业16（加密）.xlsx": "无法读取",
    "示例企业17（不完整）.xlsx": "无法读取",
    "示例企业18（请示）.docx": "非申请表",
    "~$示例企业01.xlsx": "跳过",
}


def by_source(summary: Summary) -> dict[str, Record]:
    return {record.source: record for record in summary.records}


def test_amounts_by_hand(shown: Summary) -> None:
    assert {s: f"{r.amount:.2f}" for s, r in by_source(shown).items() if r.judged} == AMOUNTS


def test_places(shown: Summary) -> None:
    assert {s: r.place for s, r in by_source(shown).items() if not r.judged} == ELSEWHERE


def test_counts_and_total(shown: Summary) -> None:
    assert dict(shown.counts) == {"已核定": 17, **Counter(ELSEWHERE.values())}
    assert sum(shown.counts.values()) == shown.forms == 27
    assert shown.files == 26
    assert shown.eligible == 16
    assert f"{shown.amount:.2f}" == "11142333.41"
    assert shown.amount_upper == "壹仟壹佰壹拾肆万贰仟叁佰叁拾叁元肆角壹分"
    assert shown.problems


def test_only_the_form_below_the_threshold_gets_nothing(shown: Summary) -> None:
    below = [r for r in shown.records if r.result == "不予补助"]
    assert [r.source for r in below] == ["示例企业04.xlsx"]
    assert below[0].judged is not None
    assert "500万元" in below[0].judged.reasons[0]


def test_reasons_say_cell_and_remedy(shown: Summary) -> None:
    found = by_source(shown)
    missing = found["示例企业11.xlsx"].problems[0]
    assert (found["示例企业11.xlsx"].label(missing), missing.cell) == ("统一社会信用代码", "F5")
    vague = found["示例企业20.xlsx"].problems[0]
    assert vague.cell == "C16"
    assert "约300" in vague.what
    assert vague.remedy
    conflict = found["示例企业23.xlsx"].problems[0]
    assert "两份申报不一致" in conflict.what
    assert "8,600,000元" in conflict.what
    assert "8,800,000元" in conflict.what
    assert conflict.cell == "C16"
    assert "密码" in found["示例企业16（加密）.xlsx"].why
    assert "校验位" in found["示例企业12.xlsx"].hints[0]


def test_the_enterprises_are_fictitious() -> None:
    for number in range(1, 25):
        code = demo.code(number)
        assert uscc.is_valid(code)
        assert code[2:8] == "350199"  # no county has that code
        assert demo.enterprise(number)["ent_name"].startswith("示例企业")


def test_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert demo.new_folder() == Path("xlpolicy-demo")
    Path("xlpolicy-demo").mkdir()
    Path("xlpolicy-demo-2").mkdir()
    assert demo.new_folder() == Path("xlpolicy-demo-3")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("mine")
    with pytest.raises(demo.DemoError, match="不是空文件夹"):
        demo.demo(tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["a.txt"]


def test_the_summary_is_json(shown: Summary) -> None:
    import json

    data = json.loads(json.dumps(shown.model_dump("json"), ensure_ascii=False))
    assert data["amount"] == "11142333.41"
    assert len(data["records"]) == 27
    for record in data["records"]:
        for output in record["outputs"]:
            assert (Path(data["out"]) / output).is_file()


def test_inserted_row_moves_what_stands_below(tmp_path: Path) -> None:
    """The demonstration's own row insertion does what LibreOffice and Excel do: see also the recalculated forms."""
    import io

    from openpyxl import Workbook, load_workbook
    from openpyxl.workbook.defined_name import DefinedName

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "申请表"
    for row in range(1, 5):
        sheet.cell(row, 1, row * 10)
    sheet.merge_cells("A3:B3")
    book.defined_names["x"] = DefinedName("x", attr_text="'申请表'!$A$4")
    raw = io.BytesIO()
    book.save(raw)
    moved = load_workbook(io.BytesIO(demo.insert_row(raw.getvalue(), 3)))
    assert [cell.value for cell in moved["申请表"]["A"]] == [10, 20, None, 30, 40]
    assert [str(m) for m in moved["申请表"].merged_cells.ranges] == ["A4:B4"]
    assert moved.defined_names["x"].attr_text == "'申请表'!$A$5"


def test_the_xls_is_a_real_one() -> None:
    data = demo._XLS.read_bytes()
    assert data.startswith(b"\xd0\xcf\x11\xe0")
    assert len(data) < 64 * 1024
