"""What lies on a worksheet of .xlsx beside its cells: drawings, text boxes, controls, embedded objects."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from xlpolicy.forms.sheet_tree import READING

Area = tuple[int, int, int, int]
#: what a picture is fastened by, and about how large a row and a column are (in EMU)
_ANCHORS = frozenset(("twoCellAnchor", "oneCellAnchor", "absoluteAnchor"))
_ROW, _COLUMN = 250_000, 600_000
#: what a legacy drawing calls its objects ([MS-OI29500], ObjectType) that somebody fills in
CONTROLS = {
    "Checkbox": "复选框", "Radio": "单选按钮", "Drop": "下拉列表", "List": "列表框", "Edit": "输入框", "Spin": "数值调节钮",
    "Scroll": "滚动条", "Button": "按钮", "Label": "标签", "GBox": "分组框",
}  # fmt: skip
#: what Excel says of an object in such a drawing
_OFFICE = "{urn:schemas-microsoft-com:office:"
#: programs write this part by hand, with <br> left open: what can be read of it is
_LENIENT = etree.XMLParser(**READING, recover=True)


class Drawing:
    """A drawing: one text per shape, and where shapes without one lie."""

    __slots__ = ("_at", "_corner", "_place", "_size", "_text", "boxes", "pictures")

    def __init__(self) -> None:
        self.boxes: list[str] = []
        self.pictures: list[tuple[int, int, int, int]] = []
        self._text, self._place, self._corner = False, "", ""
        self._at: dict[str, int] = {}
        self._size = (0, 0)

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "txBody":
            self.boxes.append("")
        elif tag in _ANCHORS:
            self._at, self._size, self.boxes = {}, (0, 0), [*self.boxes, ""]
        elif tag in ("from", "to"):
            self._corner = tag
        elif tag == "pos":
            self._at |= {
                "from row": _whole(given.get("y", "")) // _ROW,
                "from col": _whole(given.get("x", "")) // _COLUMN,
            }
        elif tag == "ext" and not self._at.get("sized"):
            self._at["sized"] = 1
            self._size = _whole(given.get("cy", "")) // _ROW, _whole(given.get("cx", "")) // _COLUMN
        self._text = tag == "t"
        self._place = f"{self._corner} {tag}" if self._corner and tag in ("row", "col") else ""

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag in ("from", "to"):
            self._corner = ""
        elif tag in _ANCHORS and not self.boxes[-1].strip():
            top, left = self._at.get("from row", 0), self._at.get("from col", 0)
            down, across = self._size
            bottom, right = self._at.get("to row", top + down), self._at.get("to col", left + across)
            self.pictures.append((top, left, bottom, right))
        self._text, self._place = False, ""

    def data(self, text: str) -> None:
        if self._text and self.boxes:
            self.boxes[-1] += text
        elif self._place:
            self._at[self._place] = _whole(text)


def _whole(text: str) -> int:
    return int(text) if text.strip().isdecimal() and len(text) < 12 else 0


def diagram(xml: bytes) -> str:
    """The words of a SmartArt, in the order of its points."""
    texts = (element.text or "" for element in _lenient(xml).iter() if _local(element) == "t")
    return " ".join(" ".join(texts).split())


def legacy(xml: bytes) -> tuple[list[str], list[Area], list[str]]:
    """A legacy drawing: the texts of its boxes, where its pictures lie, its controls in words; notes are read elsewhere."""
    boxes: list[str] = []
    pictures: list[Area] = []
    controls: list[str] = []
    words: list[str] = []
    for element in _lenient(xml).iter():  # in the order of the text: what is left open may hold what comes after it
        name = _local(element)
        if name == "textbox":
            words = []
        if name != "ClientData":
            words += [] if element.tag.startswith(_OFFICE) else [element.text or "", element.tail or ""]
            continue
        kind, text, words = element.get("ObjectType", ""), " ".join("".join(words).split()), []
        said = {_local(part): (part.text or "").strip() for part in element}
        if kind in CONTROLS:
            controls.append(control(CONTROLS[kind], text, said.get("Checked", "0") == "1", said.get("FmlaLink", "")))
        elif kind != "Note" and text:
            boxes.append(text)
        elif kind != "Note" and (area := _anchored(said.get("Anchor", ""))):
            pictures.append(area)
    return boxes, pictures, controls


def control(kind: str, text: str, on: bool, link: str) -> str:
    """A control in words.

    >>> control("复选框", "是", True, "$H$5")
    '复选框“是”（已选中，结果写入 H5）'
    """
    told = "，".join(
        word for word in ("已选中" if on else "", f"结果写入 {link.replace('$', '')}" if link else "") if word
    )
    return kind + (f"“{text}”" if text else "") + (f"（{told}）" if told else "")


def _lenient(xml: bytes) -> Any:
    try:
        root = etree.fromstring(xml, _LENIENT)
    except (etree.LxmlError, ValueError):
        root = None
    return etree.Element("none") if root is None else root


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _anchored(text: str) -> Area | None:
    """left, its offset, top, its offset, right, its offset, bottom, its offset."""
    numbers = re.findall(r"-?\d+", text)
    if len(numbers) != 8 or any(len(number) > 6 for number in numbers):
        return None
    left, _, top, _, right, _, bottom, _ = map(int, numbers)
    return top, left, bottom, right
