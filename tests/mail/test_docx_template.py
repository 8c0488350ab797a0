"""A placeholder is replaced wherever a bureau puts it in its own letter: a red head is a text box or a header."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from xlpolicy.mail.docx_template import fill_docx
from xlpolicy.sheets.template_sheet import TemplateError

W = nsdecls("w")
NOTE = f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:t>脚注{{单位}}</w:t></w:r></w:p></w:footnote></w:footnotes>'


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    document = Document()
    body = document.element.body
    for name, before, after in (
        ("链接", '<w:hyperlink {} w:anchor="x">', "</w:hyperlink>"),
        ("修订", '<w:ins {} w:id="1" w:author="a">', "</w:ins>"),
        ("控件", "<w:sdt {}><w:sdtContent>", "</w:sdtContent></w:sdt>"),
        ("文本框", '<w:r {}><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textbox><w:txbxContent><w:p>',
         "</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"),
    ):  # fmt: skip
        document.add_paragraph()._p.append(parse_xml(f"{before.format(W)}{run(f'{name}{{单位}}')}{after}"))
    body.insert(0, parse_xml(f"<w:sdt {W}><w:sdtContent><w:p>{run('块{单位}')}</w:p></w:sdtContent></w:sdt>"))
    table = document.add_table(2, 1)
    table.cell(0, 0).add_table(1, 1).cell(0, 0).text = "内表{单位}"
    table.cell(1, 0).add_table(1, 1).cell(0, 0).text = "内表{事项.条款}"
    cut = document.add_paragraph()
    for text, bold in (("甲方", False), ("{单", True), ("位", False), ("}和", False), ("乙方｛单位｝", False)):
        cut.add_run(text).bold = bold
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = "页眉{单位}"
    section.first_page_header.paragraphs[0].text = "首页眉{单位}"
    section.even_page_footer.paragraphs[0].text = "偶页脚{单位}"
    part = Part(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        NOTE.encode(), document.part.package,
    )  # fmt: skip
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    path = tmp_path / "通知_受理.docx"
    document.save(str(path))
    return path


def said(data: bytes) -> list[str]:
    """The texts of the parts that are read, each paragraph's own."""
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        parts = [whole.read(n).decode() for n in whole.namelist() if re.match(r"word/(document|header|foot)", n)]
    return [re.sub(r"<[^>]+>", "", xml) for part in parts for xml in re.findall(r"<w:p[ >].*?</w:p>", part, re.S)]


def test_wherever_it_stands(template: Path) -> None:
    items = [{"条款": "技改设备补助"}, {"条款": "数字化项目{单位}"}]
    texts = said(fill_docx(template, {"单位": "示例企业01"}, {"事项": items}))
    where = ("链接", "修订", "控件", "文本框", "块", "内表", "页眉", "首页眉", "偶页脚", "脚注")
    assert {f"{name}示例企业01" for name in where} <= set(texts)
    assert [text for text in texts if "条款" in text or text.startswith("内表")] == [
        "内表示例企业01", "内表技改设备补助", "内表数字化项目{单位}",
    ], "a name that an enterprise bears is no placeholder"  # fmt: skip
    assert "甲方示例企业01和乙方示例企业01" in texts


def test_it_takes_the_look_of_its_first_piece(template: Path) -> None:
    made = Document(io.BytesIO(fill_docx(template, {"单位": "示例企业01\n（第二行）"}, {"事项": []})))
    cut = next(p for p in made.paragraphs if p.text.startswith("甲方"))
    assert [(run.text, run.bold) for run in cut.runs] == [
        ("甲方", False), ("示例企业01\n（第二行）", True), ("", False), ("和", False), ("乙方示例企业01\n（第二行）", False),
    ]  # fmt: skip


def test_one_that_nobody_knows_is_named_there_too(template: Path) -> None:
    with pytest.raises(TemplateError, match=r"\{单位\} 没有对应的数据"):
        fill_docx(template, {"单位名称": "示例企业01"}, {"事项": []})
