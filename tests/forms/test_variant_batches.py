"""Whole files and batches that nobody meant to send so, judged in one run: the places, the money and the words.

Each case has a folder of its own in the inbox and firms of its own; what is right was written down first.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from formkit import filled
from openpyxl import Workbook, load_workbook
from soffice import Soffice
from stdnum.cn import uscc
from variants import LOAN, LOAN_PAYS, Form, Variant, firm, pays, vouchers, write
from xlsb import book as xlsb_of

from xlpolicy.batch.fill import fill
from xlpolicy.batch.record import Record
from xlpolicy.forms.layout import FORM_SHEET

pytestmark = pytest.mark.soffice
Case = tuple[Callable[["Desk"], object], list[str], str, tuple[str, ...]]


class Desk:
    """Where a case makes its files; every form is of cloud_infra, 15万 of fees, 7.5万 to be paid."""

    def __init__(self, folder: Path, number: int, soffice: Soffice) -> None:
        self.folder, self.number, self.soffice = folder, number, soffice
        self.made = 0

    def form(self, name: str = "", change: Callable[[Form], object] | None = None, who: int = 0, **cells: Any) -> Path:
        """A form; `who` tells the firms of a case apart."""
        self.made += 1
        variant = Variant("", "cloud_infra", {"in_fee": 15, **cells}, pays("75000.00"), change)
        path = write(variant, self.number * 10 + who, self.folder)
        return path.rename(self.folder / (name or f"{self.made}.xlsx"))

    def saved(self, path: Path, form: Any, name: str = "") -> Path:
        """As LibreOffice saves it; the first file is gone."""
        with self.soffice.open(path) as book:
            out: Path = book.save(self.folder / (name or f"另存.{form}"), form)
        path.unlink()
        return out

    def values(self, path: Path) -> dict[tuple[int, int], Any]:
        sheet = load_workbook(path)[FORM_SHEET]
        found = {(c.row - 1, c.column - 1): c.value for row in sheet.iter_rows() for c in row if c.value is not None}
        return {place: v for place, v in found.items() if not str(v).startswith("=")}


def rows(path: Path, lines: list[list[Any]], title: str = "汇总") -> Path:
    book = Workbook()
    book.active.title = title
    for line in lines:
        book.active.append(line)
    book.save(path)
    return path


def stacked(desk: Desk, below: Callable[[Form], object] | None = None) -> Path:
    """Two forms of two firms, one below the other on one sheet."""
    first, second = desk.form(who=1), desk.form(change=below, who=2)
    book = load_workbook(first)
    sheet, other = book[FORM_SHEET], load_workbook(second)[FORM_SHEET]
    for row in other.iter_rows():
        for cell in row:
            if cell.value is not None and not str(cell.value).startswith("="):
                sheet.cell(cell.row + 40, cell.column).value = cell.value
    book.save(first)
    second.unlink()
    return first


def second_sheet(desk: Desk, who: int) -> None:
    """The form once more on a second sheet, of the same firm (0) or another."""
    path = desk.form()
    book = load_workbook(path)
    copy = book.copy_worksheet(book[FORM_SHEET])
    copy.title = "申请表 (2)"
    if who:
        other = firm(desk.number * 10 + who, "3501")
        for row in copy.iter_rows():
            for cell in row:
                for key, old in firm(desk.number * 10, "3501").items():
                    if cell.value == old:
                        cell.value = other[key]
    book.save(path)


FIRMS = [[n, f"示例企业{n}有限公司", f"91350100M00010{n:03d}X", f"项目{n}", 100 + n] for n in range(1, 4)]


def summary_csv(desk: Desk) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(
        [["鼓楼区申报汇总表"], ["序号", "企业名称", "统一社会信用代码", "项目名称", "申报金额（万元）"], *FIRMS]
    )
    (desk.folder / "汇总.csv").write_bytes(out.getvalue().encode("gbk"))


def summary_xls(desk: Desk) -> None:
    lines = [["鼓楼区技改补助汇总表"], ["单位：万元"], ["单位名称", "信用代码", "所在县区", "投资额", "补助金额"]]
    lines += [[f[1], f[2], "鼓楼区", f[4], 3] for f in FIRMS] + [["合计", None, None, 306, 9]]
    desk.saved(rows(desk.folder / "汇总.xlsx", lines), "xls")


def summary_two_heads(desk: Desk) -> None:
    lines = [
        ["云计算服务补助申报汇总表"],
        ["序号", "申报单位", "", "项目", ""],
        ["", "企业名称", "社会信用代码", "项目名称", "金额"],
    ]
    desk.saved(rows(desk.folder / "汇总.xlsx", lines + FIRMS), "ods")


def suppliers_beside(desk: Desk) -> None:
    """A table of firms that apply for nothing: nothing says that it is a list of applicants."""
    path = desk.form()
    book = load_workbook(path)
    sheet = book.create_sheet("设备")
    for line in [["序号", "单位名称", "合同金额"], *([f[0], f[1], f[4]] for f in FIRMS)]:
        sheet.append(line)
    book.save(path)


def hidden_choices(desk: Desk) -> None:
    path = rows(desk.folder / "表.xlsx", [["某清单"], ["甲", "乙"]], "清单")
    book = load_workbook(path)
    book.create_sheet("选项").append(["是", "否"])
    book["选项"].sheet_state = "hidden"
    book.save(path)


def summary_beside(desk: Desk) -> None:
    path = desk.form()
    book = load_workbook(path)
    sheet = book.create_sheet("汇总")
    for line in [["序号", "企业名称", "统一社会信用代码", "项目名称", "申报金额"], *FIRMS]:
        sheet.append(line)
    book.save(path)


def list_below(desk: Desk) -> None:
    path = desk.form()
    book = load_workbook(path)
    for line, values in enumerate([["序号", "单位名称", "统一社会信用代码", "项目名称", "申报金额"], *FIRMS]):
        for column, what in enumerate(values, 1):
            book[FORM_SHEET].cell(40 + line, column).value = what
    book.save(path)


def packed(desk: Desk, nested: bool = False) -> None:
    path = desk.form()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("鼓楼区/甲.xlsx", path.read_bytes())
        package.writestr("__MACOSX/._甲.xlsx", b"x")
        package.writestr("鼓楼区/Thumbs.db", b"x")
    data = out.getvalue()
    if nested:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            package.writestr("内.zip", data)
        data = out.getvalue()
    (desk.folder / "来件.zip").write_bytes(data)
    path.unlink()


def web_page(desk: Desk) -> None:
    (desk.folder / "表.xls").write_text("<html><table><tr><td>单位名称</td></tr></table></html>", encoding="utf-8")


def xml_of_2003(desk: Desk) -> None:
    text = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
    (desk.folder / "表.xls").write_text(text, encoding="utf-8")


def unicode_text(desk: Desk) -> None:
    path = desk.form()
    cells = desk.values(path)
    width = max(c for _, c in cells) + 1
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t")
    for r in range(max(r for r, _ in cells) + 1):
        line = [cells.get((r, c), "") for c in range(width)]
        writer.writerow([v.strftime("%Y/%m/%d") if isinstance(v, dt.date) else v for v in line])
    (desk.folder / "表.txt").write_bytes(out.getvalue().encode("utf-16"))
    path.unlink()


def csv_of_an_old_mac(desk: Desk) -> None:
    """Its lines end with a carriage return alone."""
    variant = Variant("", "cloud_infra", {"in_fee": 15}, pays("75000.00"), format="csv")
    path = write(variant, desk.number * 10, desk.folder)
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\r"))


def macros(desk: Desk) -> None:
    path = desk.form("表.xlsm")
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")


def strict(desk: Desk) -> None:
    path = desk.form()
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    old, new = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            for part in (b"spreadsheetml/2006/main", b"officeDocument/2006/relationships"):
                data = data.replace(old + part, new + part.replace(b"2006/", b""))
            package.writestr(name, data)


def binary(desk: Desk) -> None:
    path = desk.form()
    days = dt.date(1899, 12, 30)
    cells = {p: (v.date() - days).days if isinstance(v, dt.datetime) else v for p, v in desk.values(path).items()}
    cells = {p: (v - days).days if isinstance(v, dt.date) else v for p, v in cells.items()}
    (desk.folder / "表.xlsb").write_bytes(xlsb_of(FORM_SHEET, cells))
    path.unlink()


def twice(desk: Desk, change: Callable[[Form], object] | None, **cells: Any) -> None:
    desk.form("甲.xlsx", **({"prj_name": "技改"} if "prj_name" in cells else {}))
    desk.form("乙.xlsx", change, **cells)


def code(how: Callable[[str], str]) -> Callable[[Form], object]:
    def change(form: Form) -> None:
        form.cell("ent_uscc").value = how(form.cell("ent_uscc").value)

    return change


def renamed(name: Callable[[str], str], how: Callable[[str], str]) -> Callable[[Form], object]:
    """The enterprise written otherwise, name and code alike."""

    def change(form: Form) -> None:
        code(how)(form)
        for key in ("ent_name", "ent_account_name"):
            form.cell(key).value = name(form.cell(key).value)

    return change


def branch(desk: Desk, project: str = "") -> None:
    """A firm and its branch, each with a code of its own, for one project (or two)."""
    desk.form("甲.xlsx")
    own = firm(desk.number * 10, "3501")

    def change(form: Form) -> None:
        for key in ("ent_name", "ent_account_name"):
            form.cell(key).value = f"{own['ent_name']}福州分公司"
        body = f"91350100M{desk.number:06d}Y4"
        form.cell("ent_uscc").value = body + uscc.calc_check_digit(body)

    desk.form("乙.xlsx", change, who=1, prj_name=project or own["prj_name"])


def two_documents(desk: Desk) -> None:
    """The same project under last year's document and under this year's."""
    desk.form("今年.xlsx")
    day = {"prj_applied_on": dt.date(2025, 6, 1), "prj_fact_on": 2025}
    earlier = Variant("", "cloud_infra", {"in_fee": 15, **day}, pays("75000.00"), policy="fuzhou-2024-13")
    write(earlier, desk.number * 10, desk.folder).rename(desk.folder / "去年.xlsx")


def other_format(desk: Desk) -> None:
    desk.form("甲.xlsx")
    desk.saved(desk.form("乙.xlsx"), "ods", "乙.ods")


def one_invoice(desk: Desk) -> None:
    line = (("甲", "13000000000000000001", dt.date(2026, 3, 1), 150000, 9000, dt.date(2026, 3, 9)),)
    desk.form("甲.xlsx", vouchers(*line), who=1)
    desk.form("乙.xlsx", vouchers(*line), who=2)


def one_invoice_without_its_code(desk: Desk) -> None:
    """And another that only looks like the end of a new one."""
    for who, number, other in ((1, "011002600111 12345678", "26350000000023456789"), (2, "12345678", "23456789")):
        lines = [("甲", no, dt.date(2026, 3, 1), 75000, 4500, dt.date(2026, 3, 9)) for no in (number, other)]
        desk.form(f"{who}.xlsx", vouchers(*lines), who=who)


def loan(desk: Desk, name: str, number: str, who: int = 0) -> None:
    """A loan that is paid 44,383.56: 9,000,000 x 1% x 180 ÷ 365."""
    variant = Variant("", "scaleup_loan_interest", {**LOAN, "prj_loan": number}, pays(LOAN_PAYS))
    write(variant, desk.number * 10 + who, desk.folder).rename(desk.folder / f"{name}.xlsx")


def pasted(desk: Desk, change: Callable[[dict[tuple[int, int], Any]], object] = lambda cells: None) -> None:
    """The visible cells in a fresh workbook: no hidden sheet, no names, no merged cells."""
    path = desk.form()
    cells = desk.values(path)
    change(cells)
    book = Workbook()
    for (row, column), value in cells.items():
        book.active.cell(row + 1, column + 1).value = value
    book.save(path)


def column_put_in(desk: Desk) -> None:
    path = desk.form()
    book = load_workbook(path)
    for area in list(book[FORM_SHEET].merged_cells.ranges):
        book[FORM_SHEET].unmerge_cells(area.coord)
    book[FORM_SHEET].insert_cols(2)
    book.save(path)


def earlier_version(desk: Desk) -> None:
    own = firm(desk.number * 10, "3501")
    filled(desk.folder / "旧表.xlsx", rule="cloud_infra", in_fee=15, in_bond_supported="否", **own)


def far_note(desk: Desk) -> None:
    path = desk.form()
    book = load_workbook(path)
    book[FORM_SHEET]["A2500"] = "金额以补充材料为准"
    book.save(path)


CASES: Mapping[str, Case] = {
    "two_on_a_sheet": (stacked, ["已核定", "已核定"], "150000.00", ()),
    "two_on_a_sheet_ods": (lambda d: d.saved(stacked(d), "ods"), ["已核定", "已核定"], "150000.00", ()),
    "second_in_another_unit": (lambda d: stacked(d, lambda f: f.sheet.__setitem__("F2", "单位：元")), ["已核定", "退回补正"], "75000.00", ("单位：元",)),
    "two_sheets": (lambda d: second_sheet(d, 3), ["已核定", "已核定"], "150000.00", ()),
    "sheet_copied": (lambda d: second_sheet(d, 0), ["已核定", "重复"], "75000.00", ()),
    "summary_csv": (summary_csv, ["非申请表"], "0", ("汇总表", "3", "settle --blank")),
    "summary_xls": (summary_xls, ["非申请表"], "0", ("汇总表", "3", "settle --blank")),
    "list_of_names_and_amounts": (lambda d: rows(d.folder / "名单.xlsx", [["鼓楼区技改补助汇总表"], ["序号", "单位名称", "申报金额（万元）"], *([f[0], f[1], f[4]] for f in FIRMS)]), ["非申请表"], "0", ("汇总表", "共 3 家", "settle --blank")),
    "suppliers_beside_a_form": (suppliers_beside, ["已核定"], "75000.00", ("另有工作表“设备”",)),
    "summary_of_more_rows_than_are_read": (lambda d: rows(d.folder / "汇总.xlsx", [["序号", "企业名称", "统一社会信用代码", "项目名称", "申报金额"], *FIRMS * 800]), ["非申请表"], "0", ("前 2000 行 1999 家",)),
    "hidden_choices_beside_another_table": (hidden_choices, ["非申请表"], "0", ("没有找到申请表",)),
    "project_in_quotation_marks": (lambda d: twice(d, None, prj_name="“技改”"), ["已核定", "重复"], "75000.00", ()),
    "branch_beside_its_firm": (branch, ["已核定", "已核定"], "150000.00", ("单位名称相近", "甲.xlsx", "乙.xlsx")),
    "branch_with_another_project": (lambda d: branch(d, "另一项目"), ["已核定", "已核定"], "150000.00", ()),
    "another_name_under_one_code": (lambda d: twice(d, renamed(lambda n: "示例丙丁有限公司", lambda c: c)), ["已核定", "重复"], "75000.00", ("单位名称一份写 示例丙丁有限公司，一份写 变体企业", "营业执照")),
    "summary_two_heads": (summary_two_heads, ["非申请表"], "0", ("汇总表", "3", "settle --blank")),
    "summary_beside_a_form": (summary_beside, ["已核定", "非申请表"], "75000.00", ("汇总",)),
    "list_below_a_form": (list_below, ["已核定"], "75000.00", ("表下另列了 3 家单位",)),
    "list_below_a_form_ods": (lambda d: (list_below(d), d.saved(d.folder / "1.xlsx", "ods")), ["已核定"], "75000.00", ("表下另列了 3 家单位",)),
    "zip": (packed, ["已核定"], "75000.00", ()),
    "zip_in_a_zip": (lambda d: packed(d, nested=True), ["无法读取"], "0", ("解压",)),
    "web_page": (web_page, ["无法读取"], "0", ("网页", "另存为 .xlsx")),
    "xml_of_2003": (xml_of_2003, ["无法读取"], "0", ("2003", "另存为 .xlsx")),
    "unicode_text": (unicode_text, ["已核定"], "75000.00", ()),
    "csv_of_an_old_mac": (csv_of_an_old_mac, ["已核定"], "75000.00", ()),
    "macros": (macros, ["已核定"], "75000.00", ("宏",)),
    "strict": (strict, ["已核定"], "75000.00", ()),
    "binary": (binary, ["已核定"], "75000.00", ("看不到", ".xlsb", "另存为 .xlsx")),
    "xlsx_called_xls": (lambda d: d.form("表.xls"), ["已核定"], "75000.00", ()),
    "xls_called_xlsx": (lambda d: d.saved(d.form("原.xlsx"), "xls").rename(d.folder / "表.xlsx"), ["已核定"], "75000.00", ()),
    "same_in_another_format": (other_format, ["已核定", "重复"], "75000.00", ()),
    "code_with_a_letter_o": (lambda d: twice(d, code(lambda c: c.replace("0", "O", 1))), ["已核定", "重复"], "75000.00", ("代码一份写", "乙.xlsx")),
    "code_short": (lambda d: twice(d, code(lambda c: c[:-1])), ["已核定", "重复"], "75000.00", ("代码一份写", "乙.xlsx")),
    "code_zero_width": (lambda d: twice(d, code(lambda c: c[:5] + "\ufeff" + c[5:])), ["已核定", "重复"], "75000.00", ()),
    "another_account_in_the_copy": (lambda d: (d.form("甲.xlsx"), d.form("乙.xlsx", ent_account="6222000000000000999")), ["已核定", "重复"], "75000.00", ("账号一份写", "一份写 6222000000000000999", "核对收款账户")),
    "another_bank_in_the_copy": (lambda d: (d.form("甲.xlsx"), d.form("乙.xlsx", ent_bank="示例第二银行")), ["已核定", "重复"], "75000.00", ("开户银行一份写", "核对收款账户")),
    "the_account_in_groups_in_the_copy": (lambda d: (d.form("甲.xlsx", ent_account="6222000000000000998"), d.form("乙.xlsx", ent_account="6222 0000 0000 0000 998")), ["已核定", "重复"], "75000.00", ()),
    "place_in_the_name_and_code_short": (lambda d: twice(d, renamed(lambda n: n.replace("变体", "变体（福州）"), lambda c: c[:-1])), ["退回补正", "退回补正"], "0", ("甲.xlsx", "乙.xlsx")),
    "seal_behind_the_name_and_code_short": (lambda d: twice(d, renamed(lambda n: f"{n}（盖章）", lambda c: c[:-1])), ["退回补正", "退回补正"], "0", ("甲.xlsx", "乙.xlsx")),
    "another_name_and_code_short": (lambda d: twice(d, renamed(lambda n: "變體企業有限公司", lambda c: c[:-1])), ["已核定", "已核定"], "150000.00", ("代码只差一个字", "甲.xlsx", "乙.xlsx")),
    "two_documents": (two_documents, ["已核定", "已核定"], "150000.00", ("另一份文件", "今年.xlsx", "去年.xlsx")),
    "amounts_differ": (lambda d: twice(d, None, in_fee=15.5), ["退回补正", "退回补正"], "0", ("甲.xlsx", "乙.xlsx")),
    "two_projects_over_the_cap": (lambda d: (d.form("甲.xlsx", in_fee=30), d.form("乙.xlsx", in_fee=30, prj_name="另一项目")), ["已核定", "已核定"], "300000.00", ("封顶",)),
    "project_called_a_project": (lambda d: twice(d, None, prj_name="技改项目"), ["退回补正", "退回补正"], "0", ("只差一两个字", "甲.xlsx", "乙.xlsx")),
    "another_project_of_the_same_sum": (lambda d: twice(d, None, prj_name="另一条产线"), ["已核定", "已核定"], "150000.00", ("填报数据完全相同", "同一项目报了两次")),
    "one_invoice_two_firms": (one_invoice, ["已核定", "已核定"], "150000.00", ("甲.xlsx", "乙.xlsx", "13000000000000000001")),
    "one_invoice_without_its_code": (one_invoice_without_its_code, ["已核定", "已核定"], "150000.00", ("发票号 12345678", "后 8 位与另一份申请表的相同", "写成 011002600111")),
    "one_account_two_firms": (lambda d: (d.form("甲.xlsx", who=1, ent_account="6200000000000000123"), d.form("乙.xlsx", who=2, ent_account="6200 0000 0000 0000 123")), ["已核定", "已核定"], "150000.00", ("账号“6200000000000000123”另一家单位也填了", "甲.xlsx", "乙.xlsx")),
    "one_loan_two_firms": (lambda d: (loan(d, "甲", "SL2026-014", 1), loan(d, "乙", "sl2026—014", 2)), ["已核定", "已核定"], "88767.12", ("贷款合同编号“sl2026-014”另一家单位也填了", "甲.xlsx", "乙.xlsx")),
    "one_loan_other_marks": (lambda d: (loan(d, "甲", "2026年-示例-001"), loan(d, "乙", "2026年示例001")), ["退回补正", "退回补正"], "0", ("形近的字", "甲.xlsx", "乙.xlsx")),
    "one_loan_without_its_zeros": (lambda d: (loan(d, "甲", "00123456"), loan(d, "乙", "123456")), ["退回补正", "退回补正"], "0", ("前面的 0",)),
    "one_loan_letters_for_digits": (lambda d: (loan(d, "甲", "SL2026001"), loan(d, "乙", "SL2O26OOl")), ["退回补正", "退回补正"], "0", ("形近的字",)),
    "two_loans_one_digit_apart": (lambda d: (loan(d, "甲", "SL2026001"), loan(d, "乙", "SL2026002")), ["已核定", "已核定"], "88767.12", ("封顶按企业的须合并核算",)),
    "pasted": (pasted, ["已核定"], "75000.00", ()),
    "pasted_without_units": (lambda d: pasted(d, lambda c: [c.pop(p) for p, v in list(c.items()) if v in ("万元", "单位：万元")]), ["退回补正"], "0", ("金额单位",)),
    "pasted_other_title": (lambda d: pasted(d, lambda c: c.update({(0, 0): "云服务补助申请表（区版）"})), ["退回补正"], "0", ("云服务补助",)),
    "name_says_void": (lambda d: d.form("作废 甲.xlsx"), ["已核定"], "75000.00", ("文件名写着“作废”",)),
    "column_put_in": (column_put_in, ["已核定"], "75000.00", ("打印区域没有包括 G5",)),
    "earlier_version": (earlier_version, ["已核定"], "75000.00", ()),
    "note_beyond_what_is_read": (far_note, ["已核定"], "75000.00", ("2000 行",)),
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, soffice: Soffice) -> Mapping[str, list[Record]]:
    root = tmp_path_factory.mktemp("整件")
    for number, (name, case) in enumerate(CASES.items(), 50):
        (root / "收件" / name).mkdir(parents=True)
        case[0](Desk(root / "收件" / name, number, soffice))
    found: dict[str, list[Record]] = {}
    for record in fill(root / "收件", root / "结果", on="2026-06-30", progress=False).records:
        found.setdefault(record.file.partition("/")[0], []).append(record)
    return found


@pytest.mark.parametrize("name", CASES)
def test_batch(name: str, judged: Mapping[str, list[Record]]) -> None:
    _, places, total, words = CASES[name]
    records = judged[name]
    told = [f"{p.where} {p.got} {p.expected} {p.remedy}" for r in records for p in r.problems]
    text = "\n".join([*told, *(h for r in records for h in (*r.hints, *r.beside)), *(r.why for r in records)])
    assert sorted(r.place for r in records) == sorted(places), text
    assert sum((r.amount for r in records if r.place == "已核定"), Decimal(0)) == Decimal(total), text
    for word in words:
        assert word in text, text
    if places == ["已核定"] * len(places) and not words:
        assert not re.search(r"\S", "".join(h for r in records for h in (*r.hints, *r.beside))), text
