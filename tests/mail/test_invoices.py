"""Invoices against forms: what is planted is found, nothing else; what does not count is said line by line."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from invoicekit import Made, buyer, form, ofd, write, xbrl, xml
from openpyxl import load_workbook
from workingfolder import Bureau

from xlpolicy.batch import demo
from xlpolicy.cli import main
from xlpolicy.forms.combined import Combined
from xlpolicy.forms.intake import read_bytes
from xlpolicy.forms.layout import layout
from xlpolicy.forms.list_form import ListForm
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.mail.einvoice import EInvoice, InvoiceError, read_einvoice
from xlpolicy.mail.invoice_check import COUNTS, LOOK, NOT, check
from xlpolicy.mail.invoice_folder import judge, read_folder, read_forms
from xlpolicy.sheets.template import find

D = Decimal
ONE = Made("26350000000000000001", D("1000000.00"), **buyer(1))


def number(n: int) -> str:
    return f"2635{n:016d}"


@pytest.mark.parametrize("way", [xml, ofd])
def test_an_invoice_is_read_from_xml_and_from_ofd(way: object) -> None:
    made = (xml if way is xml else ofd)(ONE)
    read = read_einvoice(made, "a/票.bin")
    assert (read.number, str(read.issued), read.net, read.tax, read.total) == (
        ONE.number, "2026-03-15", D("1000000.00"), D("130000.00"), D("1130000.00"),
    )  # fmt: skip
    assert (read.buyer, read.buyer_code) == tuple(buyer(1).values())
    assert read.seller == "示例设备制造有限公司" and read.goods == ("*专用设备*数控机床",) and read.file == "a/票.bin"


def test_what_ofd_of_real_programs_hold() -> None:
    """As public samples have it: no tax levied, the tax not said, 会计数据 instead of the invoice, code and number."""
    parts = ofd(ONE, attached=xbrl(ONE, code="033002200211", number="99934328"))
    read = read_einvoice(parts, "a.ofd")
    assert (read.number, read.called[-1], read.net, read.tax, read.total) == (
        "03300220021199934328", "99934328", D("1000000.00"), D("130000.00"), D("1130000.00"),
    )  # fmt: skip
    assert (read.buyer, read.buyer_code, read.seller) == (*buyer(1).values(), "示例设备制造有限公司")
    assert read_einvoice(ofd(ONE), "a").called == (ONE.number,)
    for tax in ("***", "免税", "不征税"):
        made = read_einvoice(xml(ONE).replace(b"<TotalTaxAm>130000.00", f"<TotalTaxAm>{tax}".encode()), "a")
        assert (made.tax, made.total) == (0, D("1130000.00")), (
            "told as it stands; the check says that it does not add up"
        )
    silent = read_einvoice(xml(ONE).replace(b"<TotalTaxAm>130000.00</TotalTaxAm>", b""), "a")
    assert silent.tax == D("130000.00"), "what net and total leave"


def _entity(data: bytes) -> bytes:
    """The same package, whose first part declares an entity."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as made:
        for name in source.namelist():
            part = source.read(name)
            if name == "OFD.xml":
                part = part.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>', 1)
            made.writestr(name, part)
    return out.getvalue()


def test_what_is_no_invoice_is_said(tmp_path: Path) -> None:
    for data, said in (
        (b"%PDF-1.7", "未读，请附 XML 或 OFD"), (b"<x/>", "不是数电票的 XML"), (b"<EInvoice", "不是完整的 XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><EInvoice>&b;</EInvoice>', "不是完整的 XML"), (b"<EInvoice/>", "没有金额"),
        (xml(ONE).replace(b"1000000.00</TotalAm", "一百万多</TotalAm".encode()), "读不出来"),
        (xml(ONE).replace(b"</BasicInformation>", b"<TotalTaxAm>1</TotalTaxAm></BasicInformation>"), "写了两个"),
        (b"PK\x05\x06" + bytes(18), "OFD 读不出来"),
        (_entity(ofd(ONE)), "OFD"),
    ):  # fmt: skip
        with pytest.raises(InvoiceError, match=said):
            read_einvoice(data, "a")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("一.xml", xml(ONE))
        packed.writestr("一.pdf", b"%PDF")
        packed.writestr("二.pdf", b"%PDF")
        packed.writestr(f"dzfp_{ONE.number}_甲.pdf", b"%PDF")
    read = read_folder(write(tmp_path, {"包.zip": out.getvalue(), "说明.txt": b"x", "子/二.ofd": ofd(ONE)}))
    assert [i.file for i in read.read] == ["包.zip/一.xml", "子/二.ofd"] and [f.where for f in read.unread] == [
        "包.zip/二.pdf"
    ], "a picture of an invoice that was read is not asked for"


def checked(tmp_path: Path, invoices: list[Made], forms: dict[str, bytes], **options: object) -> list[tuple[str, str]]:
    write(tmp_path / "表", forms)
    read = [read_einvoice(xml(made), f"{n}.xml") for n, made in enumerate(invoices)]
    found = check(read, read_forms(tmp_path / "表", catalog.default()), **options)  # type: ignore[arg-type]
    return [(line.verdict, "；".join(line.reasons)) for line in found.lines]


def test_each_reason_by_itself(tmp_path: Path) -> None:
    """One form of 示例企业01 (2026-01-01 to 2026-06-30) and what may be wrong with an invoice of it."""
    import datetime as dt

    cases: list[tuple[Made, dict[str, object], str, str]] = [
        (Made(number(1), D(100), **buyer(1)), {}, COUNTS, ""),
        (Made(number(2), D(100), **buyer(2)), {}, NOT, "购买方是 示例企业02"),
        (Made(number(3), D(100), **buyer(1), issued="2025-12-31"), {}, NOT, "不在项目起止日期"),
        (Made(number(4), D(100), **buyer(1)), {"E": D(1000)}, LOOK, "申请表填的不含税金额是 1,000，发票是 100"),
        (Made(number(5), D(100), **buyer(1)), {"G": "2026-03-01"}, LOOK, "付款日期 2026-03-01 早于开票日期"),
        (Made(number(6), D(-100), **buyer(1)), {}, COUNTS, "红字发票，冲减"),
        (Made(number(7), D(100), **buyer(1), total=D(120)), {}, LOOK, "不等于价税合计 120"),
        (Made(number(8), D(100), **buyer(1), goods="*酒*白酒"), {}, NOT, "在不计入的名单里（酒）"),
        (Made(number(9), D(100), **buyer(1)), {}, NOT, "以前申报用过：2025-00001（甲）"),
        (Made(number(10), D(100), **{**buyer(1), "buyer": "示例企业01（新）"}), {}, LOOK, "名称"),
    ]
    period = {"prj_start": dt.date(2026, 1, 1), "prj_end": dt.date(2026, 6, 30), "in_investment": 0.01}
    forms = {"甲.xlsx": form(1, [(made, said) for made, said, *_ in cases], **period)}
    told = checked(
        tmp_path, [made for made, *_ in cases], forms, unfit=["酒"], earlier={number(9): ["2025-00001（甲）"]}
    )
    for (made, _, verdict, text), (got, why) in zip(cases, told, strict=True):
        assert got == verdict and text in why, (made.number, got, why)
        assert bool(why) == bool(text), (made.number, why)


def test_without_days_of_the_project_the_year_of_the_claim_is_its_period(tmp_path: Path) -> None:
    """投资所属年度 2026: an invoice of 2025 is looked at before it counts, in the command as in the form's own remarks."""
    made = [Made(number(n), D(100), **buyer(1), issued=day) for n, day in ((1, "2025-12-31"), (2, "2026-01-01"))]
    sent = form(1, [(one, {}) for one in made], in_investment=0.01, prj_fact_on=dt.date(2026, 12, 31))
    (first, why), (second, _) = checked(tmp_path, made, {"甲.xlsx": sent})
    assert (first, second) == (
        LOOK,
        COUNTS,
    ) and "开票日期 2025-12-31 不在所属年度（2026-01-01 至 2026-12-31）之内" in why
    (read,) = read_bytes(sent, "甲.xlsx", catalog.default())
    assert [fault.code for fault in read.problems if fault.code == "voucher_date"] == ["voucher_date"]


def test_a_line_of_the_sheet_and_a_file_are_both_needed(tmp_path: Path) -> None:
    """Four lines on the sheet: one with its file, one without, one twice, an older invoice by its bare number."""
    one, lacking, old, red = (Made(number(n), D(100), **buyer(1)) for n in (1, 2, 3, 4))
    form_ = form(
        1, [(one, {}), (lacking, {}), (lacking, {}), (Made("99934328", D(100), **buyer(1)), {})], in_investment=0.04
    )
    applicants = read_forms(write(tmp_path, {"甲.xlsx": form_}), catalog.default())
    back = Made(red.number, D(-100), **buyer(1), issued="2027-01-01")
    found = check(
        [read_einvoice(xml(one), "1.xml"), read_einvoice(ofd(one), "1.ofd"), read_einvoice(xml(back), "4.xml"),
         read_einvoice(ofd(old, attached=xbrl(old, code="033002200211", number="99934328")), "3.ofd")],
        applicants,
    )  # fmt: skip
    told = [
        (line.voucher.row if line.voucher else 0, line.number[-8:], line.verdict, "；".join(line.reasons))
        for line in found.lines
    ]
    assert told == [
        (4, one.number[-8:], COUNTS, ""),
        (5, lacking.number[-8:], LOOK, "申请表列了，没有收到发票文件（XML 或 OFD）"),
        (6, lacking.number[-8:], NOT, "发票明细表第 5 行已经列了这张发票"),
        (7, "99934328", COUNTS, ""),
        (0, back.number[-8:], COUNTS, "红字发票，冲减"),
    ]
    (total,) = found.totals
    assert (total.counted, total.found) == (D(100), 3), "100 + 100 − 100"
    assert total.notes[0] == f"申请表列了、没有收到发票文件：{lacking.number}"


def test_two_files_that_contradict_each_other_do_not_count(tmp_path: Path) -> None:
    one, other = (read_einvoice(xml(Made(number(1), D(n), **buyer(1))), f"{n}.xml") for n in (100, 200))
    found = check([one, other], [])
    assert [line.verdict for line in found.lines] == [LOOK, NOT] and "号码相同" in found.lines[0].reasons[0]


def test_what_came_with_a_mail_belongs_to_its_form(tmp_path: Path) -> None:
    """Two forms of one enterprise, neither lists; and an invoice made out to somebody who has no form."""
    forms = {"甲.xlsx": form(1, [], in_investment=0.01), "乙.xlsx": form(1, [], in_investment=0.01, prj_name="二")}
    applicants = read_forms(write(tmp_path, forms), catalog.default())
    second = next(one for one in applicants if one.file == "乙.xlsx")
    own = replace(read_einvoice(xml(Made(number(1), D(100), **buyer(1))), "1.xml"), digest="a")
    strange = replace(read_einvoice(xml(Made(number(2), D(100), **buyer(9))), "2.xml"), digest="b")
    alone = check([own, strange], applicants)
    assert [line.applicant for line in alone.lines] == [None, None]
    found = check([own, strange], applicants, together={second.digest: {7}, "a": {7}, "b": {7}})
    assert [(line.applicant, line.verdict) for line in found.lines] == [(second, COUNTS), (second, NOT)]
    assert "购买方是 示例企业09" in found.lines[1].reasons[0]


def test_a_blank_sheet_is_filled_from_what_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two invoices of the applicant, one of somebody else: the copy reads as if the enterprise had filled it in."""
    bureau = Bureau(tmp_path / "甲")
    blank, done = form(1, [], in_investment=800), form(2, [(Made(number(9), D(5), **buyer(2)), {})], in_investment=500)
    write(bureau.folder.inbox, {"邮件/甲/01.xlsx": blank, "02.xlsx": done})
    one, two = Made(number(1), D("7000000.50"), **buyer(1)), Made(number(2), D(999_999), **buyer(1), tax=D(0))
    strange = Made(number(3), D(1), **buyer(1), issued="2020-01-01")
    write(bureau.folder.path / "凭证", {"1.xml": xml(one), "2.ofd": ofd(two), "3.xml": xml(strange)})
    monkeypatch.chdir(bureau.folder.path)
    assert main(["invoice", "--into", "收件"]) == 0
    said = capsys.readouterr().out
    assert "01.xlsx：填了 3 张发票" in said and "02.xlsx" not in said and "没有改动" in said
    copy = bureau.folder.out / "补填发票明细" / "邮件" / "甲" / "01.xlsx"
    (read,) = read_bytes(copy.read_bytes(), copy.name, catalog.default())
    assert [(v.number, v.net, v.tax, str(v.issued)) for v in read.vouchers] == [
        (one.number, D("7000000.50"), one.own_tax, "2026-03-15"), (two.number, D(999_999), D(0), "2026-03-15"),
        (strange.number, D(1), D("0.13"), "2020-01-01"),
    ]  # fmt: skip
    assert (bureau.folder.inbox / "邮件" / "甲" / "01.xlsx").read_bytes() == blank
    (before,) = read_bytes(blank, "01.xlsx", catalog.default())
    assert (read.status, read.inputs, read.enterprise) == (before.status, before.inputs, before.enterprise)
    sheet = load_workbook(copy, data_only=True)["发票明细表"]
    assert sheet["E34"].value == 8_000_000.50 and sheet["H3"].value == "销售方"
    assert [sheet[f"H{row}"].value for row in (4, 5, 6)] == ["示例设备制造有限公司"] * 3
    assert main(["invoice", "--into", "收件/02.xlsx", "-o", "x.xlsx"]) == 1
    assert "发票明细表都已经填了" in capsys.readouterr().out


def test_an_invoice_finds_its_form(tmp_path: Path) -> None:
    listed, other, stray = (Made(number(n), D(100), **buyer(1)) for n in (1, 2, 3))
    forms = {
        "甲.xlsx": form(1, [(listed, {})], in_investment=0.01),
        "乙.xlsx": form(1, [(other, {})], in_investment=0.01, prj_name="二"),
    }
    told = checked(tmp_path, [listed, other, stray, Made(number(4), D(1), "外单位", "91350100MA0000000X")], forms)
    assert [v for v, _ in told] == [COUNTS, COUNTS, LOOK, LOOK]
    assert "2 份申请表" in told[2][1] and "没有申请表" in told[3][1]


def test_planted_faults_are_all_found_and_none_else(tmp_path: Path) -> None:
    """60 forms of 6 invoices; 6 twice, 5 with another sum on the form, 4 of another buyer."""
    planted: dict[str, str] = {}
    files: dict[str, bytes] = {}
    forms: dict[str, bytes] = {}
    for n in range(1, 61):
        lines = []
        for k in range(6):
            made = Made(number(n * 10 + k), D(1000 * n + k), **buyer(n))
            said: dict[str, object] = {}
            if k == 1 and n % 10 == 0:
                planted[made.number] = NOT
                files[f"{n}/再{k}.ofd"] = ofd(made)
            elif k == 2 and n % 12 == 0:
                planted[made.number] = LOOK
                said = {"E": made.net * 10}
            elif k == 3 and n % 15 == 0:
                made = Made(made.number, made.net, **buyer(n + 100))
                planted[made.number] = NOT
            files[f"{n}/{k}.xml"] = xml(made)
            lines.append((made, said))
        forms[f"{n:03d}.xlsx"] = form(n, lines, in_investment=sum(m.net for m, _ in lines) / 10000)
    read = read_folder(write(tmp_path / "票", files))
    assert len(read.read) == 366 and not read.unread
    found = check(read.read, read_forms(write(tmp_path / "表", forms), catalog.default()))
    wrong = {line.invoice.number: line.verdict for line in found.lines if line.verdict != COUNTS}
    assert wrong == planted and len(planted) == 15
    short = {t.applicant.file for t in found.totals if t.notes}
    assert short == {f"{n:03d}.xlsx" for n in range(1, 61) if n % 12 == 0 or n % 15 == 0}
    assert all(not t.notes[0].startswith("申请表列了") for t in found.totals if t.notes)


def test_the_command_in_a_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What came by mail lies in 凭证; an invoice that another claim of the register used does not count."""
    bureau = Bureau(tmp_path / "甲")
    first, again = Made(number(1), D(8_000_000), **buyer(1)), Made(number(2), D(5_000_000), **buyer(2))
    write(bureau.folder.inbox, {"01.xlsx": form(1, [(first, {})], in_investment=800)})
    bureau.fill()
    (bureau.folder.inbox / "01.xlsx").unlink()
    write(bureau.folder.inbox, {"02.xlsx": form(2, [(again, {}), (first, {})], in_investment=1300)})
    write(
        bureau.folder.path / "凭证",
        {"邮件/甲/1.xml": xml(first), "邮件/甲/2.ofd": ofd(again), "邮件/甲/3.pdf": b"%PDF"},
    )
    monkeypatch.chdir(bureau.folder.path)
    assert main(["invoice"]) == 1
    said = capsys.readouterr().out
    assert "读了 2 张发票：计入 1，核对 0，不计入 1" in said and "未读 1 个文件" in said
    assert "以前申报用过：2026-00001（示例企业01有限公司）" in said and "购买方是 示例企业01" in said
    assert "计入的发票合计 5,000,000 元，比申报的 13,000,000 元少 8,000,000 元" in said
    book = load_workbook(bureau.folder.out / "发票明细.xlsx", data_only=True)
    assert book.sheetnames == ["核票", "合计", "未读"]
    assert [book["合计"][f"{c}4"].value for c in "FGHJ"] == [13_000_000, 2, 5_000_000, 8_000_000]
    lines = [[book["核票"][f"{c}{r}"].value for c in "DEFG"] for r in (4, 5, 6)]
    assert lines == [[4, number(2), "计入", 5_000_000], [5, number(1), "不计入", 0], [None, None, "合计", 5_000_000]]
    (bureau.folder.path / "不计入货物.txt").write_bytes("# 名单\r\n机床\r\n".encode("gb18030"))
    assert main(["invoice", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["counts"] == {"不计入": 2} and data["forms"][0]["counted"] == "0.00"


def test_without_forms_the_folder_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "票", {"1.xml": xml(ONE), "2.ofd": ofd(ONE), "3.xml": xml(Made(number(9), D(5), **buyer(1)))})
    out = tmp_path / "明细.xlsx"
    assert main(["invoice", str(tmp_path / "票"), "-o", str(out)]) == 1
    said = capsys.readouterr().out
    assert "计入 2，核对 0，不计入 1" in said and "与 1.xml 是同一张发票" in said and "没有申请表可以核对" in said
    assert "不判断发票真伪" in said
    assert main(["invoice", str(tmp_path / "票"), "-o", str(out)]) == 2
    assert main(["invoice", str(tmp_path / "没有"), "-o", str(out), "--force"]) == 2
    assert isinstance(read_einvoice(xml(ONE), "a"), EInvoice)


def test_invoices_of_a_combined_form_go_to_the_provision_that_pays_expenses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """技改设备补助 pays for equipment, 工业设计中心认定奖励 is an award: the invoice belongs to the first, on its own sheet."""
    bureau = Bureau(tmp_path / "甲")
    document = catalog.default().document("fuzhou-2026-5")
    plans = [layout(document, document.rules[rule]) for rule in ("tech_upgrade", "design_center")]
    values: dict[str, Any] = {**demo.enterprise(1), "prj_applied_on": plainly(plans[0])["prj_applied_on"]}
    values = {key: value for key, value in values.items() if key.startswith("ent_") or key == "prj_applied_on"}
    for nth, own in enumerate(({"in_investment": 800}, {"in_level": "市级", "in_newly_recognised": "是"}), 1):
        answers = {**plainly(plans[nth - 1]), "prj_name": "示例", **own}
        values |= {f"{key}@{nth}": value for key, value in answers.items() if key not in values}
    write(bureau.folder.inbox, {"01.xlsx": Combined(plans, find("申请表.xlsx")).made(values)})
    write(bureau.folder.path / "凭证", {"1.xml": xml(Made(number(1), D(8_000_000), **buyer(1)))})
    monkeypatch.chdir(bureau.folder.path)
    assert main(["invoice", "--into", "收件"]) == 0
    assert "01.xlsx：填了 1 张发票" in capsys.readouterr().out
    copy = bureau.folder.out / "补填发票明细" / "01.xlsx"
    tech, design = read_bytes(copy.read_bytes(), copy.name, catalog.default())
    assert [(v.number, v.net) for v in tech.vouchers] == [(number(1), D(8_000_000))] and design.vouchers == ()
    assert (tech.status, design.status) == ("ok", "ok")


def test_two_provisions_of_a_combined_form_that_pay_expenses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both lists are blank: an invoice goes to the provision that its folder names; one that lies beside is told and filled in nowhere."""
    document = catalog.default().document("fuzhou-2026-5")
    plans = [layout(document, document.rules[rule]) for rule in ("tech_upgrade", "exhibition_booth")]
    values: dict[str, Any] = {**demo.enterprise(1), "prj_applied_on": plainly(plans[0])["prj_applied_on"]}
    values = {key: value for key, value in values.items() if key.startswith("ent_") or key == "prj_applied_on"}
    for nth, own in enumerate(({"in_investment": 800}, {"in_fee": 4, "prj_object": "甲展会", "in_group_size": 12}), 1):
        answers = {**plainly(plans[nth - 1]), "prj_name": "示例", **own}
        values |= {f"{key}@{nth}": value for key, value in answers.items() if key not in values}
    write(tmp_path / "表", {"01.xlsx": Combined(plans, find("申请表.xlsx")).made(values)})
    one, two, three = (Made(number(n), D(net), **buyer(1)) for n, net in ((1, 8_000_000), (2, 40_000), (3, 7)))
    write(tmp_path / "票", {"一、技改设备补助/1.xml": xml(one), "抱团参展企业展位费补助.zip": b"", "3.xml": xml(three)})
    with zipfile.ZipFile(tmp_path / "票" / "抱团参展企业展位费补助.zip", "w") as packed:
        packed.writestr("2.xml", xml(two))
    monkeypatch.chdir(tmp_path)
    assert main(["invoice", "票", "--into", "表/01.xlsx", "-o", "填.xlsx"]) == 1
    said = capsys.readouterr().out
    assert (
        "01.xlsx：填了 2 张发票" in said and f"没有填　{three.number}（3.xml）：示例企业01有限公司有 2 份申请表" in said
    )
    tech, booth = read_bytes((tmp_path / "填.xlsx").read_bytes(), "填.xlsx", catalog.default())
    assert [(v.number, v.net) for v in tech.vouchers] == [(one.number, D(8_000_000))]
    assert [(v.number, v.net) for v in booth.vouchers] == [(two.number, D(40_000))]
    assert [f.item for f in booth.problems if f.severity == "error"] == []


def test_rows_of_a_list_form_have_their_invoices_by_folder(tmp_path: Path) -> None:
    """Two exhibitions at 40,000 and 30,000: 40,000 and 20,000 with their tax are on invoices in folders that name them."""
    document = catalog.default().document("fuzhou-2026-5")
    made = ListForm(layout(document, document.rules["exhibition_booth"]), 3, find("申请表.xlsx"))
    values: dict[str, Any] = {**demo.enterprise(1), **plainly(made.table.plan)}
    values = {key: value for key, value in values.items() if key[:4] in ("ent_", "att_") or key == "prj_applied_on"}
    for row, (name, fee) in enumerate((("甲展会", 4), ("乙展会", 3)), 1):
        own = {**plainly(made.table.plan), "prj_name": name, "in_fee": fee}
        if "prj_object" in made.table.plan.by_key:
            own["prj_object"] = name
        values |= {f"{key}@{row}": value for key, value in own.items() if key not in values}
    write(tmp_path / "表", {"01.xlsx": made.made(values)})
    ones = {"01/甲展会/1.xml": (1, 40_000), "01/乙展会/2.xml": (2, 20_000), "01/3.xml": (3, 1_000)}
    write(
        tmp_path / "票",
        {file: xml(Made(number(n), D(total), **buyer(1), tax=D(0))) for file, (n, total) in ones.items()},
    )
    applicants = read_forms(tmp_path / "表", catalog.default())
    found = check(read_folder(tmp_path / "票").read, applicants)
    assert [(line.number[-1], line.applicant and line.applicant.base, line.verdict) for line in found.lines] == [
        ("1", 40_000, COUNTS), ("2", 30_000, COUNTS), ("3", None, LOOK),
    ]  # fmt: skip
    assert [(total.counted, total.short) for total in found.totals] == [(40_000, 0), (20_000, 10_000)]


def test_a_list_of_invoices_beside_two_forms_of_one_file_is_told() -> None:
    """The form copied for a second project: nobody can say whose the list is; a copy that is blank leaves it to the first."""
    book = load_workbook(io.BytesIO(form(1, [(Made(number(1), D(1), **buyer(1)), {})], in_investment=800)))
    copy = book.copy_worksheet(book["申请表"])
    for blank, statuses, codes in (
        (False, ["ok", "ok"], ["voucher_line"] * 2),
        (True, ["ok", "blank"], ["voucher_sum"]),
    ):
        for cell in (cell for row in copy.iter_rows() for cell in row if not cell.protection.locked):
            cell.value = None if blank and cell.coordinate not in copy.merged_cells else cell.value
        for merged in copy.merged_cells.ranges:
            first = copy.cell(merged.min_row, merged.min_col)
            first.value = None if blank and not first.protection.locked else first.value
        out = io.BytesIO()
        book.save(out)
        found = read_bytes(out.getvalue(), "表.xlsx", catalog.default())
        assert [one.status for one in found] == statuses
        assert [fault.code for one in found for fault in one.problems if fault.code.startswith("voucher")] == codes


def test_one_invoice_on_two_forms_of_one_file_name(tmp_path: Path) -> None:
    """Two firms send 申请表.xlsx, and both list the invoice of the first: it counts for neither until somebody has looked."""
    made = Made("26350000000000000077", Decimal(1_000_000), **buyer(1))
    forms = {f"{n}/申请表.xlsx": form(n, [(made, {})], in_investment=100) for n in (1, 2)}
    write(tmp_path / "发票", {"a.xml": xml(made)})
    applicants = read_forms(write(tmp_path / "收件", forms), catalog.default())
    checked = judge(read_folder(tmp_path / "发票"), applicants, None, [])
    assert [(line.verdict, line.counted) for line in checked.lines] == [("核对", 0), ("核对", 0)]
    assert all("2 份申请表都列了这张发票" in "；".join(line.reasons) for line in checked.lines)
    assert all(f"（{name}）" in checked.lines[0].reasons[0] for name in forms)


def test_without_a_day_or_with_a_lost_number_it_is_looked_at(tmp_path: Path) -> None:
    """An XML that does not say when it was issued is in no period; 20 digits kept as a number are no name of an invoice."""
    made = Made("26350000000000000078", Decimal(1_000_000), **buyer(1))
    dateless = xml(made).replace(made.issued.encode(), b"")
    write(tmp_path / "发票", {"a.xml": dateless})
    period = {"prj_start": dt.date(2026, 1, 1), "prj_end": dt.date(2026, 6, 30), "in_investment": 100}
    lost = Made("26350000000000000079", Decimal(1), **buyer(1))
    data = form(1, [(made, {}), (lost, {"C": 26350000000000000079.0})], **period)
    applicants = read_forms(write(tmp_path / "收件", {"a.xlsx": data}), catalog.default())
    checked = judge(read_folder(tmp_path / "发票"), applicants, None, [])
    assert [(line.verdict, line.reasons[0][:9]) for line in checked.lines] == [
        ("核对", "读不到开票日期"),
        ("核对", "发票号被存成数字 "),
    ]
