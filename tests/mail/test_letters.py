"""Letters from the register: one an enterprise with all that concerns it, the sums of the register, the bureau's own look."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from invoicekit import form, write
from mailkit import UNIT, set_up
from openpyxl import load_workbook
from openpyxl.comments import Comment
from sqlalchemy import select
from test_personal_forms import plan_of
from workingfolder import Bureau

from xlpolicy.batch import demo
from xlpolicy.cli import main
from xlpolicy.forms.design import write_form
from xlpolicy.forms.intake import read_bytes
from xlpolicy.forms.layout import layout
from xlpolicy.forms.markings import signed
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.mail import letter_templates
from xlpolicy.mail.docx_template import fill_docx
from xlpolicy.mail.guide import write_guide
from xlpolicy.register import tables
from xlpolicy.sheets.insert import NotExtendable
from xlpolicy.sheets.notes import with_notes
from xlpolicy.sheets.template import find
from xlpolicy.sheets.template_sheet import TemplateError


def text_of(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """Three enterprises judged (one of them twice), one returned: reviewed in full, cut, refused, paid."""
    made = Bureau(tmp_path_factory.mktemp("甲") / "2026技改")
    set_up(made, 发文字号="样工信函〔2026〕", 联系地址="样例路1号")
    made.form(1)
    made.form(1, 1000, rule="digital_project", name="01数智化.xlsx", prj_name="另一个项目")
    made.form(2, 500)
    made.form(3, 600)
    made.form(4, "约300万")
    made.form(4, 200, rule="digital_project", name="04数智化.xlsx", ent_phone=None)
    made.fill()
    return made


def written(bureau: Bureau, kind: str, *options: str) -> dict[str, str]:
    assert main(["letter", kind, "--folder", str(bureau.folder.path), "--on", "2026-07-01", *options]) == 0
    folder = bureau.folder.out / "通知" / kind
    return {path.name: text_of(path) for path in folder.glob("*.docx")} if folder.is_dir() else {}


def test_what_has_to_be_mended_goes_out_in_one_letter_for_all_forms(bureau: Bureau) -> None:
    ((name, text),) = written(bureau, "补正", "--due", "2026-07-31").items()
    assert name.startswith("91350199MA0000004E_示例企业04")
    assert "有下列 2 处需要补正" in text and "请在2026年7月31日前改正" in text
    assert "约300万" in text and "联系电话" in text and "申请表 C16" in text
    assert text.startswith(f"{UNIT}\n样工信函〔2026〕　　号") and text.count(UNIT) == 2 and "2026年7月1日" in text
    assert "{" not in text


def _corrected(path: Path, cell: str, value: Any) -> bytes:
    """As LibreOffice or openpyxl would save it, the cell written anew."""
    book = load_workbook(path)
    book["申请表"][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_returned_form_goes_back_with_notes_and_comes_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An amount and a phone are wrong; the copy says so at their cells; corrected in it, the form is a form like any other."""
    bureau = Bureau(tmp_path / "甲")
    set_up(bureau)
    monkeypatch.chdir(bureau.folder.path)
    path = bureau.form(1, "约300万", ent_phone=None, name="报送/01.xlsx")
    before = path.read_bytes()
    bureau.fill()
    assert main(["letter", "补正"]) == 0
    assert "带批注的申请表副本 1 份" in capsys.readouterr().out
    (copy,) = (bureau.folder.out / "通知" / "补正").glob("*.xlsx")
    assert copy.name == "91350199MA00000015_示例企业01有限公司_01_补正.xlsx"
    sheet = load_workbook(copy)["申请表"]
    notes = {cell.coordinate: cell.comment for row in sheet.iter_rows() for cell in row if cell.comment}
    plan = plan_of()
    amount, phone = plan.by_key["in_investment"].address, plan.by_key["ent_phone"].address
    assert set(notes) == {amount, phone} and notes[amount].author == UNIT
    assert (
        "约300万" in notes[amount].text and "怎样改：" in notes[amount].text and "补填“联系电话”" in notes[phone].text
    )
    with bureau.register.reading() as connection:
        assert connection.execute(select(tables.originals.c.content)).scalar() == before
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(copy) as new:
        changed = {n for n in old.namelist() if old.read(n) != new.read(n)}
        assert changed == {"[Content_Types].xml", "xl/worksheets/sheet1.xml"}, "all else is what was received"
    # sent back as it is: the same is wrong, the old notice makes way for a new one
    write(bureau.folder.inbox, {"邮件/乙/再报.xlsx": _corrected(copy, phone, "0591-1")})
    assert bureau.fill().received.closed == [("报送/01.xlsx", "邮件/乙/再报.xlsx")]
    assert bureau.count("notices") == 2 and bureau.count("closings") == 1
    book = _corrected(copy, phone, "0591-00000001")
    (bureau.folder.inbox / "改.xlsx").write_bytes(book)
    write(bureau.folder.inbox, {"改.xlsx": _corrected(bureau.folder.inbox / "改.xlsx", amount, 800)})
    taken = bureau.fill()
    (record,) = taken.summary.records
    assert record.place == "已核定" and not [f for f in record.problems if f.code == "comment"], record.problems
    assert taken.received.closed == [("邮件/乙/再报.xlsx", "改.xlsx")]
    assert main(["letter", "补正"]) == 0 and "没有要发的补正通知" in capsys.readouterr().out


def test_notes_beside_notes_that_were_there() -> None:
    """An enterprise wrote a note of its own at one of the cells: it stays, and is still told."""
    keys = ("ent_name", "in_investment", "ent_phone", "ent_county", "ent_bank")
    name, amount, phone, county, bank = (plan_of().by_key[key].address for key in keys)
    book = load_workbook(io.BytesIO(form(1, [], in_investment=800)))
    book["申请表"][amount].comment = Comment("按合同价", "财务")
    book["申请表"][name].comment = Comment("已改名", "财务")
    out = io.BytesIO()
    book.save(out)
    once = with_notes(out.getvalue(), {"申请表": {amount: signed("改成数字"), phone: signed("补填")}}, UNIT)
    twice = with_notes(once, {"申请表": {county: signed("补填")}, "发票明细表": {"C4": signed("补填")}}, UNIT)
    sheet = load_workbook(io.BytesIO(twice))
    said = {c.coordinate: c.comment.text for row in sheet["申请表"].iter_rows() for c in row if c.comment}
    assert set(said) == {name, amount, phone, county} and said[amount].startswith("按合同价\n【补正】改成数字")
    (read,) = read_bytes(twice, "表.xlsx", catalog.default())
    told = [(f.cell, f.got) for f in read.problems if f.code in ("comment", "voucher_line")]
    assert told == [(name, "批注写着“已改名”"), (amount, "批注写着“按合同价”")]
    odd = with_notes(once, {"申请表": {bank: signed("甲").replace("甲", "乙")}}, UNIT)
    (read,) = read_bytes(odd, "表.xlsx", catalog.default())
    assert bank in [f.cell for f in read.problems if f.code == "comment"], "a note that was changed is not ours"
    with pytest.raises(NotExtendable):
        with_notes(b"PK", {"申请表": {}}, UNIT)


def test_accepted_then_decided_refused_published_and_paid(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(name.partition("_")[2] for name in written(bureau, "受理")) == [
        f"示例企业0{n}有限公司_受理通知.docx" for n in (1, 2, 3)
    ]
    numbers = {(s.name, s.rule): s.number for s in bureau.standings()}
    tech = {n: numbers[f"示例企业0{n}有限公司", "tech_upgrade"] for n in (1, 2, 3)}
    other = numbers["示例企业01有限公司", "digital_project"]
    # 800万 × 3% = 240,000; 1000万 × 20% = 2,000,000 cut to 140,000; 500万: nothing; 600万 × 3% = 180,000
    bureau.review({tech[1]: None, other: 140000.0, tech[2]: 0.0, tech[3]: None})
    (refused,) = written(bureau, "不予补助").values()
    assert tech[2] in refused and "按凭证核减" in refused and "示例企业02有限公司：" in refused
    decided = written(bureau, "核定")
    (first,) = [text for name, text in decided.items() if "企业01" in name]
    assert len(decided) == 2 and "合计人民币叁拾捌万元整（380,000.00元）" in first
    assert "核减 1,860,000.00 元：按凭证核减" in first and other in first and tech[3] not in first
    assert written(bureau, "公示") == {}, "nothing is settled"
    assert written(bureau, "拨付") == {}
    assert "没有要发的拨付通知" in capsys.readouterr().out
    bureau.settle()
    (public,) = written(bureau, "公示", "--period", "2026年7月1日至7月7日").values()
    assert "合计人民币伍拾陆万元整（560,000.00元）" in public and "公示期：2026年7月1日至7月7日" in public
    assert "根据榕政办规〔2026〕5号" in public and "示例企业02" not in public
    bureau.confirm(bureau.plan())
    paid = written(bureau, "拨付")
    (one,) = [text for name, text in paid.items() if "企业03" in name]
    assert "合计人民币壹拾捌万元整" in one and "*0003" in one.replace("**", "*")
    assert "2026年7月20日" in one and "技改设备补助（示例项目03）" in one, "when, and which of its projects"
    assert written(bureau, "拨付", "--only", "没有这一家") == paid, "others are left alone"
    # letters of a later year leave this year's out, and say so; a batch is that batch whatever the year
    capsys.readouterr()
    assert main(["letter", "拨付", "--folder", str(bureau.folder.path), "--on", "2027-01-05"]) == 0
    assert "没有要发的拨付通知\n另有 2026 年的，没有写；要写加 --year 2026" in capsys.readouterr().out
    said = ["letter", "拨付", "--folder", str(bureau.folder.path), "--on", "2027-01-05"]
    assert main([*said, "--batch", "BF2026-001"]) == 0 and "已写出拨付通知 2 份" in capsys.readouterr().out
    assert main([*said, "--batch", "BF2026-002"]) == 2 and "BF2026-001" in capsys.readouterr().err
    assert main(["letter", "补正", "--folder", str(bureau.folder.path), "--batch", "2026-001"]) == 2


def test_a_letter_says_which_county_pays(tmp_path: Path) -> None:
    """泉州 一（一）: 30 % of 1,000,000 is 300,000; 市、县 1:1, half each. 晋江市 is the county."""
    bureau = Bureau(tmp_path / "2023平台")
    document = catalog.default().document("quanzhou-2023-6")
    plan = layout(document, document.rules["platform_build"])
    day = dt.date(2023, 8, 1)
    fields = {**plainly(plan), **demo.enterprise(1), "in_investment": 100, "in_smes": 25, "ent_county": "晋江市"}
    fields |= {"prj_start": dt.date(2023, 5, 1), "prj_end": day, "prj_fact_on": day, "prj_applied_on": day}
    known = {key: value for key, value in fields.items() if key in plan.by_key}
    write_form(document, plan.rule, bureau.folder.inbox / "1.xlsx", prefill=known)
    bureau.fill(on="2023-09-01")
    bureau.review({"2026-00001": None})
    bureau.settle(2023)
    bureau.confirm(bureau.plan())
    (text,) = written(bureau, "拨付", "--batch", "BF2026-001").values()
    assert text.count("150,000.00") == 2 and "市级" in text and "县级（晋江市）" in text and "叁拾万元整" in text


def test_the_committed_templates_are_the_built_ones() -> None:
    for name in letter_templates.LETTERS:
        assert find(name).read_bytes() == letter_templates.build(name), name


def test_a_bureau_restyles_a_template_and_a_wrong_placeholder_is_named(tmp_path: Path) -> None:
    document = Document(str(find("通知_受理.docx")))
    split = document.add_paragraph()
    for part in ("{单位", "名称}", "，特此通知"):
        split.add_run(part).bold = True
    path = tmp_path / "通知_受理.docx"
    document.save(str(path))
    facts = dict.fromkeys(("发文机关", "发文字号", "单位名称", "联系人", "联系电话", "日期"), "甲")
    item = dict.fromkeys(("序号", "申报编号", "条款", "项目", "收到日期"), "=1+1")
    made = fill_docx(path, facts, {"事项": [item, item]})
    again = Document(io.BytesIO(made))
    assert again.paragraphs[-1].text == "甲，特此通知" and len(again.tables[0].rows) == 3
    assert made == fill_docx(path, facts, {"事项": [item, item]})
    odd = fill_docx(path, facts | {"单位名称": "{发文机关}"}, {"事项": []})
    assert Document(io.BytesIO(odd)).paragraphs[-1].text == "{发文机关}，特此通知", "a name is no placeholder"
    with pytest.raises(TemplateError, match=r"单位名称"):
        fill_docx(path, {k: v for k, v in facts.items() if k != "单位名称"}, {"事项": []})
    (tmp_path / "坏.docx").write_bytes(b"PK")
    with pytest.raises(TemplateError, match="读不出来"):
        fill_docx(tmp_path / "坏.docx", {}, {})


def test_every_provision_has_an_announcement_and_a_guide(tmp_path: Path) -> None:
    """Of one document: each with an amount; its numbers stand in it."""
    own = catalog.default()
    document = own.document("fuzhou-2026-5")
    rules = [rule for rule in document.rules.values() if rule.amount is not None]
    for rule in rules[::6]:
        found = own.find("福州", rule.id, None, document.key)
        for kind in ("申报通知", "申报指南"):
            text = text_of(write_guide(found, kind, tmp_path / f"{rule.id}{kind}.docx", {}, due="2026-07-31"))
            assert rule.title in text and rule.at in text and "2026年7月31日" in text and "{" not in text
            assert all(figure.text in text for figure in rule.figures.values() if figure.table is None), rule.id
    tech = text_of(
        write_guide(own.find("福州", "技改设备补助", None, document.key), "申报指南", tmp_path / "a.docx", {})
    )
    for said in (
        "工业企业。",
        "门槛500万元",
        "比例3%",
        "封顶500万元",
        "（一）合同；",
        "市工信局、市财政局",
        "实际补助不超过本数",
    ):
        assert said in tech


def test_the_command_says_what_is_lacking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["letter", "申报指南"]) == 2
    assert "xlpolicy letter 申报指南 福州" in capsys.readouterr().err
    assert main(["letter", "申报指南", "福州", "技改设备补助", "--on", "2026-06-30"]) == 0
    said = capsys.readouterr().out
    assert "没有填发文机关" in said and (tmp_path / "技改设备补助申报指南.docx").is_file()
    assert main(["letter", "申报指南", "福州", "技改设备补助", "--on", "2026-06-30", "-o", "a.pdf"]) == 2
    assert main(["letter", "补正"]) == 2
