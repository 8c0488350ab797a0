"""A template of 台账.xlsx as a bureau draws it by itself, in another program (XlsxWriter)."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import xlsxwriter

from xlpolicy.sheets import template


def png() -> bytes:
    """The smallest picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")


def drawn_template(path: Path) -> Path:
    """A logo above the list in row 4, a seal below it, a drop-down, a condition, a chart over the list, a name, a box."""
    logo = path.with_name("标志.png")
    logo.write_bytes(png())
    with xlsxwriter.Workbook(path) as book:
        summary = book.add_worksheet(template.SUMMARY)
        summary.write("A1", "{合计元}")
        sheet = book.add_worksheet(template.CLAIMS)
        sheet.insert_image("A1", str(logo))
        sheet.write_row("A3", ["申报单位", "核定金额（元）", "意见"])
        sheet.write_row("A4", ["{台账.申报单位}", "{台账.核定金额元}", "{空}"])
        sheet.insert_image("A7", str(logo))
        sheet.data_validation("C4", {"validate": "list", "source": ["同意", "不同意"]})
        sheet.conditional_format("B4", {"type": "cell", "criteria": ">", "value": 300_000})
        sheet.print_area("A1:C8")
        sheet.write_comment("A3", "表头")
        sheet.write_comment("A8", "表下")
        sheet.insert_button("C8", {"caption": "按"})
        sheet.set_h_pagebreaks([7])
        above = '=AND($B8>SUM($B$4:$B$4),$A8<>"申报台账!$B$4",汇总!$A$1>0)'
        sheet.conditional_format("A8:B8", {"type": "formula", "criteria": above})
        sheet.conditional_format("A4", {"type": "formula", "criteria": "=$B4>1"})
        sheet.conditional_format("B4", {"type": "data_bar", "data_bar_2010": True})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"categories": "=申报台账!$A$4", "values": "=申报台账!$B$4"})
        summary.insert_chart("C3", chart)
        summary.insert_textbox("A9", "请核对：合计 {合计元} 元")
        book.define_name("金额", "=申报台账!$B$4")
        for name, listed in ((template.RETURNED, "补正"), (template.UNLISTED, "未列入")):
            sheet = book.add_worksheet(name)
            sheet.write("A1", "共 {未列入} 份")
            sheet.write("A2", f"{{{listed}.文件}}")
    return path
