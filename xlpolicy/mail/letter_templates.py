"""The .docx templates of letters, in the form of an official letter (版心、红头、文号、标题、主送、落款 as GB/T 9704 has them).

`xlpolicy excel build --all .` rebuilds them, byte for byte. A bureau restyles its own copies in 模板/.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlpolicy.mail.docx_template import packed
from xlpolicy.sheets.fonts import FONTS

MOMENT = "2026-01-01T00:00:00Z"
_RED = "C00000"
#: what a table of a letter holds: heading, placeholder, share of the width
Columns = Sequence[tuple[str, str, float]]

_RETURNED: Columns = (
    ("序号", "{问题.序号}", 1.2), ("申请表", "{问题.申请表}", 3.4), ("位置", "{问题.位置}", 2.3), ("问题", "{问题.问题}", 4.9), ("怎样改", "{问题.怎样改}", 3.8),
)  # fmt: skip
_ACCEPTED: Columns = (
    ("序号", "{事项.序号}", 1.3), ("申报编号", "{事项.申报编号}", 2.7), ("条款", "{事项.条款}", 3.9), ("项目名称", "{事项.项目}", 4.1), ("收到日期", "{事项.收到日期}", 3.6),
)  # fmt: skip
_ENDED: Columns = (
    ("序号", "{事项.序号}", 1.2), ("申请表", "{事项.申请表}", 3.6), ("收到日期", "{事项.收到日期}", 2.9), ("没有补正的问题", "{事项.问题}", 4.5),
    ("终止的原因", "{事项.原因}", 3.4),
)  # fmt: skip
_REFUSED: Columns = (
    ("申报编号", "{事项.申报编号}", 2.6), ("申报事项", "{事项.事项}", 4.2), ("依据", "{事项.依据}", 3.6), ("不予补助的原因", "{事项.原因}", 5.2),
)  # fmt: skip
_DECIDED: Columns = (
    ("申报编号", "{事项.申报编号}", 2.5), ("申报事项和依据", "{事项.事项}，{事项.依据}", 4.0), ("测算额（元）", "{事项.测算额}", 2.7),
    ("核定额（元）", "{事项.核定额}", 2.7), ("核减及原因", "{事项.原因}", 3.7),
)  # fmt: skip
_PUBLISHED: Columns = (
    ("序号", "{事项.序号}", 1.4), ("申报单位", "{事项.单位}", 4.4), ("县区", "{事项.县区}", 2.0), ("事项", "{事项.事项}", 4.9), ("补助金额（元）", "{事项.核定额}", 2.9),
)  # fmt: skip
_PAID: Columns = (
    ("拨付编号", "{事项.拨付编号}", 3.0), ("申报事项", "{事项.事项}", 3.5), ("资金来源", "{事项.资金来源}", 1.8), ("拨付日期", "{事项.拨付日期}", 2.9),
    ("金额（元）", "{事项.金额}", 2.5), ("收款账号", "{事项.账号}", 1.9),
)  # fmt: skip

_ASK = "联系人：{联系人}　　联系电话：{联系电话}"
_TOTAL = "合计人民币{合计大写}（{合计}元）。"
#: file -> title, paragraphs before the table, its columns, paragraphs after it; “主送” says whether it goes to one
LETTERS: dict[str, tuple[str, Sequence[str], Columns, Sequence[str], bool]] = {
    "通知_补正.docx": (
        "关于补正申报材料的通知",
        ("贵单位报送的申请表收悉。经核对，有下列 {处数} 处需要补正：",), _RETURNED,
        ("请在{补正期限}前改正后重新报送。请在{改正用表}上改正，不要增删行列、改动栏目名称；以统一社会信用代码为文件名发回。", _ASK, "{附件}"), True,
    ),
    "通知_受理.docx": (
        "受理通知书", ("贵单位报送的下列申报材料收悉，予以受理：",), _ACCEPTED,
        ("受理不代表符合补助条件，审核结果另行通知。请留意联系电话，需要补充材料时将与贵单位联系。", _ASK), True,
    ),
    "通知_终止.docx": (
        "关于终止办理申报事项的通知", ("贵单位报送的下列申请表，经通知补正，现终止办理：",), _ENDED,
        ("仍要申报的，请改正后重新报送，是否受理以申报期限为准。如有异议，请向我单位书面提出。", _ASK), True,
    ),
    "通知_不予补助.docx": (
        "不予补助通知书", ("贵单位下列申报事项，经审核不予补助：",), _REFUSED,
        ("如对审核结果有异议，请向我单位书面提出并附相关材料。", _ASK), True,
    ),
    "通知_核定.docx": (
        "关于核定补助金额的通知", ("贵单位下列申报事项，经审核核定如下：",), _DECIDED,
        (_TOTAL, "以上为审核核定的金额，实际拨付以公示无异议和资金安排为准。如有异议，请向我单位书面提出。", _ASK), True,
    ),
    "公示.docx": (
        "关于拟补助企业的公示",
        ("根据{依据}，经审核，现将拟补助的企业予以公示。公示期：{公示期}。",), _PUBLISHED,
        (_TOTAL, "公示期内如有异议，请以书面形式实名反映，并附相关证明材料。", _ASK, "地址：{联系地址}"), False,
    ),
    "通知_拨付.docx": (
        "关于拨付补助资金的通知", ("贵单位下列补助资金已经拨付，请查收：",), _PAID,
        (_TOTAL, "请按规定使用和核算资金，妥善保管凭证，接受监督检查。款项未到账的，请与我单位联系。", _ASK), True,
    ),
    "申报通知.docx": (
        "关于组织申报{条款}的通知",
        (
            "根据《{文件标题}》（{文号依据}）{位置}，现组织{年度}年度{条款}申报工作，有关事项通知如下：",
            "一、申报对象", "{对象}", "二、申报条件", "{条件.文字}", "三、补助标准", "{标准.文字}", "四、申报材料",
            "（一）{条款}申请表（电子表格，随本通知发出）；", "{材料.文字}", "五、申报时间和方式",
            "请于{交回期限}前把填好的申请表（.xlsx）和材料发至 {发件邮箱}，文件以统一社会信用代码命名。",
        ), (), (_ASK,), False,
    ),
    "申报指南.docx": (
        "{条款}申报指南",
        (
            "一、政策依据", "《{文件标题}》（{文号依据}）{位置}，有效期{有效期}。{另见}", "二、补助对象", "{对象}", "三、条件", "{条件.文字}",
            "四、怎样计算", "{标准.文字}", "{口径.文字}", "五、申请表怎样填", "{填报.文字}", "六、需要的材料", "{材料.文字}",
            "七、办理", "资金来源：{资金}。责任单位：{责任单位}。交回期限：{交回期限}，发至 {发件邮箱}。",
        ), (), (_ASK,), False,
    ),
}  # fmt: skip
_HEADING = ("一、", "二、", "三、", "四、", "五、", "六、", "七、")


def build(name: str) -> bytes:
    """One template; the same call always gives the same bytes."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
    from docx.shared import Mm

    title, before, columns, after, addressed = LETTERS[name]
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )
    _style(document)
    head = _text(document, "{发文机关}", "title", 34, ALIGN.CENTER, after=10)
    _colour(head, _RED)
    if name != "申报指南.docx":
        number = _text(document, "{发文字号}", "body", 16, ALIGN.CENTER, after=4)
        _rule(number)
    _text(document, title, "title", 22, ALIGN.CENTER, before=18, after=12)
    if addressed:
        _text(document, "{单位名称}：", "body", 16, kept=True)
    for text in before:
        if text.startswith(_HEADING) and len(text) < 12:
            _text(document, text, "heading", 16, first=True, kept=True)
        else:
            _text(document, text, "body", 16, first=True, kept=bool(columns))
    if columns:
        _table(document, columns)
    for index, text in enumerate(after):
        last = index >= len(after) - 2  # the signature never stands alone on a page
        _text(document, text, "body", 16, first=True, before=10 if columns and not index else 0, kept=last)
    _text(document, "{发文机关}", "body", 16, ALIGN.RIGHT, before=24, right=2, kept=True)
    _text(document, "{日期}", "body", 16, ALIGN.RIGHT, right=2)
    _numbered(section.footer.paragraphs[0])
    document.core_properties.author = "xlpolicy"
    document.core_properties.title = title
    return packed(document, MOMENT)


def _numbered(paragraph: Any) -> None:
    """— 1 — at the foot of every page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.alignment = ALIGN.CENTER
    _font(paragraph.add_run("— "), "body", 14)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number = paragraph.add_run("1")
    _font(number, "body", 14)
    field.append(number._r)
    paragraph._p.append(field)
    _font(paragraph.add_run(" —"), "body", 14)


def _style(document: Any) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(16)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONTS["body"])


def _font(run: Any, kind: str, size: float) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run.font.name, run.font.size = "Times New Roman", Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONTS[kind])


def _text(
    document: Any, text: str, kind: str, size: float, align: Any = None, *, before: float = 0, after: float = 0,
    first: bool = False, right: float = 0, kept: bool = False,
) -> Any:  # fmt: skip
    """A paragraph; `kept`: on one page with what follows."""
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    _font(paragraph.add_run(text), kind, size)
    layout = paragraph.paragraph_format
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    layout.line_spacing = Pt(28) if size < 30 else Pt(46)
    if align is not None:
        paragraph.alignment = align
    if kept:
        layout.keep_with_next = True
    if first:
        layout.first_line_indent = Pt(size * 2)
    if right:
        layout.right_indent = Pt(size * right)
    return paragraph


def _colour(paragraph: Any, colour: str) -> None:
    from docx.shared import RGBColor

    paragraph.runs[0].font.color.rgb = RGBColor.from_string(colour)


def _rule(paragraph: Any) -> None:
    """The red line below the number."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", _RED)):
        line.set(qn(f"w:{key}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _table(document: Any, columns: Columns) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    table = document.add_table(rows=2, cols=len(columns))
    table.style = "Table Grid"
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for index, (heading, mark, width) in enumerate(columns):
        table.columns[index].width = Cm(width)
        for row, text, kind in ((0, heading, "heading"), (1, mark, "body")):
            cell = table.cell(row, index)
            cell.width = Cm(width)
            paragraph = cell.paragraphs[0]
            _font(paragraph.add_run(text), kind, 10.5)
            paragraph.paragraph_format.line_spacing = Pt(17)
            money = "额" in heading and row
            paragraph.alignment = ALIGN.RIGHT if money else ALIGN.CENTER if not row or width < 2.7 else ALIGN.LEFT
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "57")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription")
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for row in table.rows:
        whole = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().insert(0, whole)


def write(folder: Path) -> list[Path]:
    """Write the templates into `folder`."""
    paths = []
    for name in LETTERS:
        path = folder / name
        path.write_bytes(build(name))
        paths.append(path)
    return paths
