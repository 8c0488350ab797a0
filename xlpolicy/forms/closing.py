"""What the closing parts of a form say: the estimate as shown, the declaration that is signed, the opinions, the margins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain
from typing import Any

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.layout import COLUMNS, DECLARATION, Layout, address, match_text
from xlpolicy.forms.locate import cell
from xlpolicy.forms.opened import Place, Rows
from xlpolicy.forms.seen import Seen
from xlpolicy.formulas.estimate import BY_BUREAU
from xlpolicy.money import as_shown

_BY_BUREAU = match_text(BY_BUREAU)
_ESTIMATE = "预计补助"
_DECLARED = match_text(DECLARATION)
_OPENS = _DECLARED[: _DECLARED.index(":") + 1]
#: where the signatures begin
_SIGNED = ("单位(盖章)", "法定代表人(签字)")
_SHORT = 60
#: a person's name is no longer
_NAMED, _LONG = 4, 200
#: what signing leaves behind: the places for names and stamps, a date
_SIGNING = re.compile(r"单位\(盖章\)|法定代表人\(签字\)|\((?:盖章|签字|签章|公章)\)|\d+|[年月日:.,。;/_-]")
#: what an opinion has that does not simply agree
_RESERVED = re.compile(
    r"[不未减退暂待但缓撤废扣缺驳仅疑%]|核定|元|[\d百千拾佰仟十]万|异议|否决|部分|另[行案附有]|补[充正齐]|重新|重报|超[过出]|请[^,。;]*核"
)
#: what an authority writes where it has nothing against it
_AGREED = "无异议"
#: what takes the form back where it is signed; no name is so called
_TAKEN_BACK = re.compile("[不未废撤暂]|注销|停产|停业|草稿|样表")
_OPINIONS = ("县(市、区)主管部门意见", "市级主管部门意见")
#: the codes of a page's header and footer: fonts, sizes, colours, page numbers
_CODES, _PARTS = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|\d+|[A-Za-z])'), re.compile("&[LCR]")
_PAGES = re.compile(r"表样第\d+版|第\d*页|共\d*页|page|of|\d+|[-/,()]")


def _place(rows: Rows, area: tuple[int, int, int, int], row: int, opening: str, column: int = 0) -> Place | None:
    """The cell of a form that opens with these words; where it was drawn, or anywhere in the form's part of the sheet."""
    top, end, left, right = area
    everywhere = (
        (r, c) for r in range(top, min(end, len(rows))) for c, v in enumerate(rows[r][:right]) if v and c >= left
    )
    for place in chain(((row, column),), everywhere):
        value = cell(rows, place)
        if type(value) is str and match_text(value).startswith(opening):
            return place
    return None


def estimate(plan: Layout, rows: Rows, area: tuple[int, int, int, int]) -> tuple[Place, Decimal] | None:
    """Where the form shows what its inputs come to, and that number (元, as its label says); None where it shows none."""
    place = _place(rows, area, plan.estimate_row, _ESTIMATE)
    if place is None:
        return None
    row, column = place
    places = [(row, c) for c in range(column + 1, column + (plan.look.columns if plan.look else COLUMNS))]
    if plan.look and plan.look.table:  # its label stands above those of all rows
        places = [(plan.estimate_row, column)]
    for place in places:
        value: Any = cell(rows, place)
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = as_shown(value)
            return (place, number) if number.is_finite() else None
    return None


def beside_estimate(
    plan: Layout, rows: Rows, area: tuple[int, int, int, int], sheet: str, seen: Seen
) -> Iterator[Fault]:
    """What somebody typed into the row of the estimate, where the form itself only computes."""
    place = _place(rows, area, plan.estimate_row, _ESTIMATE)
    for column in range(place[1] + 1, place[1] + (plan.look.columns if plan.look else COLUMNS)) if place else ():
        assert place is not None
        there = place[0], column
        text, found = cell(rows, there), seen.cells.get(there)
        typed = type(text) is str and text.strip() and found is not None and found.formula is None
        if (
            typed
            and text[0] != "="
            and match_text(text) != _BY_BUREAU
            and not (plan.look and match_text(text) in plan.look.texts)
        ):
            got = f"“{_ESTIMATE}”一行写有“{' '.join(text.split())[:_SHORT]}”"
            yield Fault("outside", reference(sheet, address(*there)), "", got, "", "看是否影响申报内容", "warning")


def declared(
    plan: Layout, rows: Rows, area: tuple[int, int, int, int], sheet: str, sent: bool, signers: Iterable[str] = ()
) -> Iterator[Fault]:
    """What was made of the declaration: other words in it, something added, or gone. `sent`: the file itself is ours;
    `signers`: names that may stand below it.
    """
    place = _place(rows, area, plan.declaration_row, _OPENS)
    remedy = "恢复原样的承诺，重新签章后报送"
    if place is None:
        if sent:
            got = "单位声明一栏没有原来的承诺"
            yield Fault("declaration_changed", reference(sheet), "", got, DECLARATION, remedy, "warning")
        return
    where = reference(sheet, address(*place))
    text = " ".join(str(cell(rows, place)).split())
    plain = match_text(text)
    signed = _signing(plain)
    said = plain[:signed]
    own = match_text(plan.look.declaration) if plan.look else ""
    head = own[: _signing(own)]
    if plain == own:
        return
    if head and plain.startswith(head):  # with the words that the bureau's template added
        said, signed = _DECLARED, len(head)
    if said == _DECLARED:
        added = plain[signed:]
        for name in signers:
            added = added.replace(match_text(name), "")
        if len(_SIGNING.sub("", added)) > _NAMED or _TAKEN_BACK.search(added):
            got = f"签章处另写有“{text[text.find('单位') :][:_LONG]}”"
            yield Fault("declaration_changed", where, "", got, "", "看是否影响申报内容", "warning")
        return
    if said.startswith(_DECLARED):
        got = f"承诺后面加写了“{said.removeprefix(_DECLARED)[:_SHORT]}”"
    else:
        got = f"承诺被改成了“{text[: text.find('单位（盖章）') if '单位（盖章）' in text else None].strip()}”"
    yield Fault("declaration_changed", where, "", got, f"发出时写的是“{DECLARATION}”", remedy)


def _signing(plain: str) -> int:
    """Where the signatures of a declaration begin."""
    return min((at for sign in _SIGNED if (at := plain.find(sign)) >= 0), default=len(plain))


def opinions(plan: Layout, rows: Rows, area: tuple[int, int, int, int], sheet: str) -> Iterator[Fault]:
    """What an authority already wrote into the form's last row, where that is more than its consent."""
    for column, opening in zip((0, 3), _OPINIONS, strict=True):
        place = _place(rows, area, plan.review_row, opening, column)
        text = str(cell(rows, place)) if place else ""
        if plan.look and match_text(text) in plan.look.texts:
            continue
        if place and _RESERVED.search(match_text(text).removeprefix(opening).replace(_AGREED, "")):
            got = f"审核意见一栏写有“{' '.join(text.split())[:_SHORT]}”"
            yield Fault("outside", reference(sheet, address(*place)), "", got, "", "按审核意见核对", "warning")


def _parts(text: str) -> list[str]:
    """The three parts of a header or footer, without the codes for fonts and numbers."""
    return [_CODES.sub("", part) for part in _PARTS.split(text)]


def margins(plan: Layout, texts: Iterable[str], sheet: str) -> Iterator[Fault]:
    """What a page's header or footer says that is neither ours nor a page number."""
    own = {match_text(part) for text in plan.look.beside for part in _parts(text)} if plan.look else set()
    for text in texts:
        for part in _parts(text):
            plain = match_text(part).replace(match_text(plan.document.name), "")
            if match_text(part) not in own and _PAGES.sub("", plain):  # an .ods says it without the codes
                got = f"页眉或页脚写着“{part.strip()[:_SHORT]}”"
                yield Fault("outside", reference(sheet), "", got, "", "看有没有要处理的说明", "warning")
