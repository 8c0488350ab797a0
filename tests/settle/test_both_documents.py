"""The same claims under the 2024 and the 2026 document of 福州, each amount worked out by hand from the two texts."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from openpyxl.cell import MergedCell

from xlpolicy import settle
from xlpolicy.cli import main
from xlpolicy.law import catalog as catalogs
from xlpolicy.settle.both_documents import Shift, Shifts, under_both
from xlpolicy.settle.briefing_book import counts, write_briefing
from xlpolicy.settle.briefing_docx import write_briefing_docx
from xlpolicy.survey.compare import Diff, diff

CATALOG = catalogs.default()
#: id, provision, inputs, old amount, new amount (None: not listed, or cannot be told), words of the reason
CASES = [
    # 四（十三）20%，最高200万元：160万元；附件3 五 单个平台100万元
    ("1", "platform_build", {"investment": "800万元"}, "1600000", "1000000", "单个平台封顶 200万元 → 100万元，降低"),
    # 三（十二）每个项目200万元：180万元和120万元；附件3 三 单个企业200万元：第二个项目只剩20万元
    ("2", "digital_project", {"investment": "900万元"}, "1800000", "1800000", "金额相同；由固定标准变为上限"),
    ("3", "digital_project", {"investment": "600万元"}, "1200000", "200000", "此前已占用 1,800,000.00元；封顶的范围 每个项目 → 每个企业每年※"),
    # 八（十七）省级奖励40万元的50%；附件5 一 一次性10万元
    ("4", "provincial_srdi", {"superior_award": "40万元"}, "200000", "100000", "新增奖励标准 10万元"),
    # 六（十五）、附件3 一 都是3%；新文件不问纳统
    ("5", "tech_upgrade", {"investment": "1000万元", "in_fixed_asset_stats": True}, "300000", "300000", "金额相同"),
    # 没有纳统的旧文件不补
    ("6", "tech_upgrade", {"investment": "1000万元", "in_fixed_asset_stats": False}, "0", "300000", "旧文件不符合条件"),
    # 附件3 七3 国债项目不再享受
    ("7", "tech_upgrade", {"investment": "2000万元", "bond_supported": True}, "600000", "0", "新文件不符合条件：项目已享受"),
    # 九、4 双跨照付到2027年度，新文件未列入
    ("8", "dual_cross_platform", {"consecutive_year": 1}, "4000000", None, "2025-12-31前入选的照付"),
    # 二（十一）三是 50万元；附件3 四 省级奖励的50%，清单里没有省级奖励
    ("9", "provincial_benchmark", {"count": 1}, "500000", None, "按新文件算不出：省级引领新智造数智化标杆企业市级配套（附件3 四 第一类）：缺少“省级奖励金额”"),
    # 七（十六）200万元的15%
    ("10", "first_industrial_software", {"price": "200万元"}, "300000", "0", "新文件未列入"),
    # 附件2 二 省级70万元
    ("11", "design_center", {"level": "省级"}, None, "700000", "旧文件未列入"),
]  # fmt: skip


def claims() -> list[dict[str, object]]:
    made: list[dict[str, object]] = [
        {
            "id": number, "enterprise": "乙厂" if rule == "digital_project" else f"企业{number}", "city": "福州",
            "rule": rule, "on": "2026-05-31", "project": f"项目{number}", "inputs": inputs,
        }
        for number, rule, inputs, *_ in CASES
    ]  # fmt: skip
    made.append({"id": "莆田", "enterprise": "别处", "city": "莆田", "rule": "chain_leader", "on": None, "policy": "putian-draft", "inputs": {}})  # fmt: skip
    return made


@pytest.fixture(scope="module")
def found() -> Diff:
    return diff(CATALOG, "fuzhou-2024-13", "fuzhou-2026-5")


@pytest.fixture(scope="module")
def shifts(found: Diff) -> Shifts:
    return under_both(claims(), found, CATALOG)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_each_claim_under_both(
    case: tuple[str, str, dict[str, object], str | None, str | None, str], shifts: Shifts
) -> None:
    number, _, _, before, after, why = case
    line: Shift = next(x for x in shifts.lines if x.claim.id == number)
    assert (line.before, line.after) == tuple(None if x is None else Decimal(x) for x in (before, after))
    assert why in line.why


def test_those_who_lose_most_stand_first(shifts: Shifts) -> None:
    """3：−100万元，1 和 7：−60万元，10：−30万元，4：−10万元；6：＋30万元；8、9、11 不能比；莆田不属于这两份文件"""
    assert [x.claim.id for x in shifts.less] == ["3", "1", "7", "10", "4"]
    assert [x.claim.id for x in shifts.more] == ["6"]
    assert [x.claim.id for x in shifts.unknown] == ["8", "9", "11"]
    assert shifts.elsewhere == 1


def test_an_old_claim_is_known_by_the_names_of_the_old_document(found: Diff) -> None:
    """五（十四）“属工业企业”新文件没有这一项：照样算得出"""
    claim = {"id": "1", "enterprise": "甲", "city": "福州", "rule": "cloud_core", "on": "2025-03-01", "inputs": {"云化工业软件费用": "10万元", "属工业企业": True}}  # fmt: skip
    (line,) = under_both([claim], found, CATALOG).lines
    assert (line.before, line.after) == (50000, 50000)


def test_a_value_under_the_old_name_is_the_new_one_and_what_neither_knows_is_left_out(found: Diff) -> None:
    """三（十二）项目实际投资额 500万元×20%＝100万元；附件3 三 叫数智化软硬件实际投资额，也是 20%；“备注”哪份都没有，不妨碍比较"""
    claim = {"id": "1", "enterprise": "甲", "city": "福州", "rule": "digital_project", "on": "2025-03-01", "project": "一期", "inputs": {"项目实际投资额": "500万元"}}  # fmt: skip
    other = {**claim, "id": "2", "enterprise": "乙", "inputs": {"项目实际投资额": "500万元", "备注": "无"}}
    one, two = under_both([claim, other], found, CATALOG).lines
    assert (one.before, one.after) == (1_000_000, 1_000_000)
    assert (two.before, two.after) == (1_000_000, 1_000_000)


def test_the_briefing_is_one_page_and_names_who_gets_less(found: Diff, shifts: Shifts, tmp_path: Path) -> None:
    path = tmp_path / "简报.xlsx"
    write_briefing(found, shifts, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["简报", "逐条", "逐笔"]
    sheet = book["简报"]
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 1) == (1, 1)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)
    for told in (
        "乙厂　数智化项目软硬件投资补助", "榕政办规〔2024〕21号", "最迟到 2027年度", "实施细则", "8 条同时新增条件",
        "少得 5 笔、共少 2,600,000.00 元；多得 1 笔、共多 300,000.00 元", "榕政办〔2020〕114号", "新文件未列入 12 条",
        "不等于新设或取消", "（新认定国家专精特新“小巨人”市级配套、新认定省专精特新中小企业市级配套 → 省级专精特新中小企业（工信类）奖励除外）。",
        "几笔申报之间的规则有 4 处变化（九、2括号；附件3 七3；附件3 七2 前段；附件1 四）。",
        "新文件新列入 41 条　附件1（6 条）：新升规企业产业链协作经营贷款贴息、", "新文件未列入 12 条　试点企业数字化改造投入补助、",
        "3 条同时取消条件：当年已就云服务支出享受试点改造补助的，不予补助（九、2）。",
    ):  # fmt: skip
        assert told in text
    assert "取消，原为" not in text and "笔少得的" not in text
    assert text.splitlines()[:3] == [
        "榕政办规〔2026〕5号 变 化 简 报",
        "旧文件　榕政办规〔2024〕13号《福州市关于推进工业数字化转型八条措施》　2024-04-15 至 2025-12-31",
        "新文件　榕政办规〔2026〕5号《福州市关于扎实推进新型工业化促进制造业高质量发展总体方案》　2026-01-01 至 2030-12-31",
    ]
    listed = list(book["逐条"].iter_rows(min_row=4, values_only=True))
    assert len(listed) == len(found.rows) + len(found.cross)
    assert [row[2:4] for row in listed[-len(found.cross) :]] == [
        (rule.old_at or "—", rule.new_at or "—") for rule in found.cross
    ]
    for status, told in (("dropped", "新文件未列入 12 条"), ("added", "新文件新列入")):
        (line,) = (x for x in text.splitlines() if x.startswith(told))
        assert {row.title in line for row in found.rows if row.status == status} == {True}


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = tmp_path / "申报.json"
    listed.write_text(json.dumps({"on_year": 2026, "claims": claims()}, ensure_ascii=False), encoding="utf-8")
    words = ["diff", "fuzhou-2024-13", "fuzhou-2026-5", "--claims", str(listed), "-o", str(tmp_path / "简报.xlsx")]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "【按申报清单】" in text and "※ 原文没有写明" in text and (tmp_path / "简报.xlsx").exists()
    assert main(words) == 2  # it is there already
    capsys.readouterr()
    assert main([*words, "--json", "--force"]) == 0
    data = json.loads(capsys.readouterr().out)["claims"]
    assert (data["less"], data["more"], data["unknown"]) == (5, 1, 3)
    assert main(["diff", "fuzhou-2024-13", "fuzhou-2026-5", "-o", str(tmp_path / "简报.doc")]) == 2
    assert "简报.docx" in capsys.readouterr().err


def test_the_briefing_as_a_word_page_says_what_the_sheet_says(found: Diff, shifts: Shifts, tmp_path: Path) -> None:
    """The same lines, whose amounts are written out; the columns as wide as those of the sheet."""
    write_briefing(found, shifts, tmp_path / "简报.xlsx")
    write_briefing_docx(found, shifts, tmp_path / "简报.docx")
    sheet = openpyxl.load_workbook(tmp_path / "简报.xlsx")["简报"]
    drawn = [
        "—" if cell.value is None else cell.value if isinstance(cell.value, str) else f"{cell.value:,.2f}"
        for row in sheet.iter_rows()
        for cell in row
        if not isinstance(cell, MergedCell)
    ]
    document = Document(str(tmp_path / "简报.docx"))
    texts = [p.text for p in document.element.body.iter(qn("w:p")) for p in [Paragraph(p, document)]]
    assert sorted(texts) == sorted(drawn)
    widths = {tuple(column.width for column in table.columns) for table in document.tables}
    assert len(document.tables) == 2 and len(widths) == 1
    (widths,) = widths
    assert widths[3] > widths[1] > widths[0] > widths[2]
    cells = [cell.paragraphs[0] for table in document.tables for row in table.rows for cell in row.cells]
    looks = {(p.runs[0].font.size.pt, p.alignment) for p in cells if p.text.endswith(".00")}
    assert looks == {(7.5, WD_ALIGN_PARAGRAPH.RIGHT)}, "amounts stand below one another"
    assert {(p.runs[0].font.size.pt, p.alignment) for p in cells if p.text == "措施"} == {
        (8.0, WD_ALIGN_PARAGRAPH.CENTER)
    }
    assert {p.alignment for p in cells if "（附件" in p.text} == {None}
    title = document.paragraphs[0]
    assert (title.alignment, title.runs[0].font.size.pt) == (WD_ALIGN_PARAGRAPH.CENTER, 18.0)
    page = document.sections[0]
    assert [round(x.cm, 1) for x in (page.page_width, page.page_height, page.left_margin)] == [21.0, 29.7, 1.3]


def test_numbers_of_what_is_less_more_and_the_same() -> None:
    """100 → 60、100 → 130、两笔不变、一笔不能比。"""
    claim = settle(
        [{"id": "1", "enterprise": "甲", "city": "fuzhou", "rule": "tech_center", "on": "2026-06-30"}], on_year=2026
    )
    of = claim.claims[0].claim
    assert of is not None
    pairs = ((100, 60), (100, 130), (5, 5), (0, 0), (1, None))
    lines = tuple(Shift(of, "", Decimal(a), None if b is None else Decimal(b), "") for a, b in pairs)
    told = counts(Shifts(lines, 0))
    assert "的 5 笔" in told and "少得 1 笔、共少 40.00 元；多得 1 笔、共多 30.00 元；不变 2 笔；不能比的 1 笔" in told


def test_a_claim_without_a_day_is_of_the_middle_of_the_year(found: Diff) -> None:
    """附件3 一 3%：没有日期的按当年6月30日，在文件期内照算"""
    claim = {
        "id": "1", "enterprise": "甲", "city": "福州", "rule": "tech_upgrade", "on": None, "policy": "fuzhou-2026-5",
        "project": "一期", "inputs": {"investment": "1000万元", "in_fixed_asset_stats": True},
    }  # fmt: skip
    (line,) = under_both([claim], found, CATALOG).lines
    assert (line.before, line.after) == (300_000, 300_000)
