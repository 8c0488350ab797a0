"""企业一户一表: everything one enterprise asked for, what it got, what its limits leave."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import select

from xlpolicy.faults import NotComputable, nearest
from xlpolicy.law.in_force import Found
from xlpolicy.register import tables
from xlpolicy.register.corrections import notices
from xlpolicy.register.funds import year_of
from xlpolicy.register.ledgers.claims import Sheets, listing
from xlpolicy.register.ledgers.source import NONE, LedgerError, Source
from xlpolicy.register.paying import payer_of
from xlpolicy.register.room import rooms
from xlpolicy.register.standing import Standing
from xlpolicy.register.tables import yuan
from xlpolicy.settle.reach import Law
from xlpolicy.sheets.cells import Value
from xlpolicy.sheets.refill_sheet import Content, Listing
from xlpolicy.words.names import same

#: what moves money, in a word
_MOVES = {"paid": "拨付", "returned": "退票", "taken_back": "收回"}


def enterprises(source: Source) -> dict[int, tuple[str, str]]:
    """Every enterprise that sent a form, one that was sent back alone included: its newest name and its code."""
    e = tables.enterprises
    names = source.standings.names
    rows = source.connection.execute(select(e.c.id, e.c.code).order_by(e.c.id))
    return {row.id: (names.get(row.id, ""), row.code or "") for row in rows}


def found(source: Source, named: str) -> int:
    """An enterprise by its code, or by any name that it had. Raises LedgerError."""
    known = enterprises(source)
    t = tables.names
    by = {row.name: row.enterprise for row in source.connection.execute(select(t.c.name, t.c.enterprise))}
    by |= {code: number for number, (_, code) in known.items() if code}
    number = by.get(named.strip(), by.get(named.strip().upper(), -1))
    if number not in known:
        raise LedgerError(
            f"没有收到过“{named}”的申请表", expected="统一社会信用代码或单位名称", remedy=nearest(named, by)
        )
    return int(number)


def one(source: Source, number: int) -> Sheets:
    """The sheet of one enterprise."""
    name, code = enterprises(source)[number]
    own = [s for s in source.all if s.enterprise == number]
    t = tables.names
    rows = source.connection.execute(select(t.c.name).where(t.c.enterprise == number).order_by(t.c.id)).scalars()
    former = [n for n in dict.fromkeys(rows) if n != name]
    f = tables.forms
    stated = source.connection.execute(select(f.c.county).where(f.c.enterprise == number).order_by(f.c.id)).scalars()
    counties = [s.county for s in own if s.county] or [county for county in stated if county]
    facts = source.common(
        申报单位=name, 统一社会信用代码=code or NONE, 县区="、".join(dict.fromkeys(counties)) or NONE,
        曾用名=f"\n曾用名：{'、'.join(former)}" if former else "",
    )  # fmt: skip
    lists = {
        "申报": listing(own), "拨付": _transfers(own), "还可享受": _rooms(source, own, {code, same(name), *map(same, former)} - {""}),
        "收件": _forms(source, number),
    }  # fmt: skip
    return {"企业一户一表": Content(facts, lists)}


def _transfers(own: list[Standing]) -> Listing:
    rows: list[list[Value]] = []
    for s in own:
        for t in s.transfers:
            moved = [event for event in t.events if event["kind"] in _MOVES]
            days = [str(event["day"]) for event in moved]
            if len(moved) > 1:  # what left and came back, each with its amount
                days = [f"{e['day']} {_MOVES[e['kind']]} {abs(yuan(e['amount'])):,.2f}" for e in moved]
            rows.append([t.number, s.title, t.account, payer_of(t, s), t.amount, t.paid, "\n".join(days), t.state])
    return Listing(("拨付编号", "条款", "账号", "资金来源", "本次", "已到账", "日期", "状态"), rows)


def _rooms(source: Source, own: list[Standing], called: Collection[str]) -> Listing:
    law = Law(source.catalog)

    def rows() -> Iterator[list[Value]]:
        seen: dict[tuple[str, str, int], Standing] = {(s.document, s.rule, year_of(s, s.claim)): s for s in own}
        for (document, rule, year), s in seen.items():
            known = source.catalog.documents.get(document)
            if known is None or rule not in known.rules:
                continue
            try:
                limits = rooms(own, source.facts, law, Found(known, known.rules[rule]), called, year)
            except NotComputable as error:
                yield [s.title, str(year), str(s.detail.get("basis", "")), error.problem.got, None, None, None]
                continue
            for room in limits:
                yield [s.title, str(year), f"{known.name} {room.at}", room.scope, room.most, room.used, room.left]

    return Listing(("条款", "年度", "依据", "封顶范围", "封顶", "已占用", "还可享受"), list(rows()))


def _forms(source: Source, number: int) -> Listing:
    f, b = tables.forms, tables.batches
    told = {notice.form: notice for notice in notices(source.connection)}
    query = select(f.c.id, f.c.file, f.c.place, b.c.received_on).join(b, b.c.id == f.c.batch)
    rows: list[list[Value]] = []
    for r in source.connection.execute(query.where(f.c.enterprise == number).order_by(f.c.id)):
        notice = told.get(r.id)
        became = "，".join(filter(None, (r.place, notice.state, notice.answer, notice.end))) if notice else r.place
        rows.append([r.file, r.received_on, became, notice.text if notice else None])
    return Listing(("文件", "收到日期", "结果", "要补正的"), rows)
