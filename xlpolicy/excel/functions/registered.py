"""SUBSIDY_PAID and SUBSIDY_LEFT: what the register of the working folder in use says of an enterprise; read, never written.

An enterprise is named by its code, or by a name that it had. A good code that the register does not know was paid
nothing; a bad one, or an unknown name, is an error. The limits of the bureau's facts are those of the last settlement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from xlpolicy.excel.functions.call import check_unit, grid, lift, number, unstated, words
from xlpolicy.faults import InvalidInput, NotInForce
from xlpolicy.forms.codes import uscc_doubt
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import Found, in_tail, period, span
from xlpolicy.money import clean, show_yuan
from xlpolicy.register.database import Register
from xlpolicy.register.folder import Folder, in_use
from xlpolicy.register.ledgers.source import Source
from xlpolicy.register.room import enterprises_called, of_enterprises, paid, rooms
from xlpolicy.register.standing import Standing
from xlpolicy.settle import Facts
from xlpolicy.settle.claims_file import read_facts
from xlpolicy.settle.fact_values import year
from xlpolicy.settle.identity import compared, means
from xlpolicy.settle.reach import law
from xlpolicy.sheets.text import cell_text
from xlpolicy.words.names import same


@dataclass(frozen=True, slots=True)
class _Asked:
    """One enterprise, provision and year, with what the register holds of the enterprise."""

    found: Found
    own: Sequence[Standing]
    called: frozenset[str]
    facts: Facts
    year: int


def subsidy_paid(city: object, rule: object, code: object, of_year: object, unit: object = None) -> Any:
    """What left for an enterprise and a provision, of a year's facts, less what came back. Raises PolicyError."""
    return _each(city, rule, code, of_year, unit, lambda asked, named: number(_paid(asked), named))


def paid_why(city: object, rule: object, code: object, of_year: object, unit: object = None) -> Any:
    """What SUBSIDY_PAID is made of."""
    return _each(city, rule, code, of_year, unit, lambda asked, _: _paid_told(asked))


def subsidy_left(city: object, rule: object, code: object, of_year: object, unit: object = None) -> Any:
    """What the narrowest limit of a provision leaves an enterprise. Raises PolicyError."""
    return _each(city, rule, code, of_year, unit, lambda asked, named: number(_rooms(asked)[0].left, named))


def left_why(city: object, rule: object, code: object, of_year: object, unit: object = None) -> Any:
    """The limits by which SUBSIDY_LEFT was found."""
    return _each(city, rule, code, of_year, unit, lambda asked, _: _left_told(asked))


def _paid(asked: _Asked) -> Decimal:
    return paid(asked.own, asked.found.document.city, asked.found.rule.id, asked.year)


def _paid_told(asked: _Asked) -> str:
    told = f"登记库里 {asked.year} 年的{asked.found.rule.title}已拨付 {show_yuan(_paid(asked))}（减去退票、收回的）"
    stated = sum(
        p.amount for p in asked.facts.prior_payments
        if means(asked.called, p.enterprise, p.code)
        and (p.city, p.rule, p.year) == (asked.found.document.city, asked.found.rule.id, asked.year)
    )  # fmt: skip
    return told + (f"；核算事实另填已兑付 {show_yuan(Decimal(stated))}，不在内" if stated else "")


def _rooms(asked: _Asked) -> Any:
    document, rule = asked.found.document, asked.found.rule
    first, last = period(document, rule)
    holds = first is not None and first.year <= asked.year and (last is None or asked.year <= last.year)
    if document.draft or not (holds or in_tail(asked.found, dt.date(asked.year, 12, 31))):
        raise NotInForce(
            f"{asked.year} 年没有施行的“{rule.title}”（{span(document, rule)}）", where=document.city_label,
            expected="文件有效期内的年度", remedy="核对年度",
        )  # fmt: skip
    return rooms(asked.own, asked.facts, law(catalogs.default()), asked.found, asked.called, asked.year)


def _left_told(asked: _Asked) -> str:
    return "；".join(
        f"{room.scope}封顶 {show_yuan(room.most)}，已占用 {show_yuan(room.used)}，还剩 {show_yuan(room.left)}（{room.at}）"
        for room in _rooms(asked)
    )


def _each(
    city: object, rule: object, code: object, of_year: object, unit: object, one: Callable[[_Asked, str], Any]
) -> Any:
    """The same question for every enterprise of a cell or range, asked of one state of the register."""
    catalog = catalogs.default()
    key = catalog.city(words(city, "城市"))
    provision = catalog.rule_id(key, words(rule, "条款"))
    named = check_unit("元" if unstated(grid(unit)[0][0]) else clean(words(unit, "单位")))
    folder = in_use()
    register: Register = folder.look()
    with register.reading() as connection:
        asked_for = [cell for line in grid(code) for cell in line if not unstated(cell)]
        known = enterprises_called(connection, sorted({name for cell in asked_for for name in _spellings(cell)}))
        held = of_enterprises(connection, sorted({number for numbers in known.values() for number in numbers}))
        facts = _facts(connection, folder)

        def asked(cell: object, when: object) -> Any:
            if unstated(when):
                raise InvalidInput("没有写", where="年度", expected="年度，如 2026", remedy="补填年度")
            of, spellings = year(when, "年度"), _spellings(cell)
            which = {number for name in spellings for number in known.get(name, ())}
            if not which and (doubt := uscc_doubt(spellings[0])):
                raise InvalidInput(
                    f"登记库里没有“{spellings[1]}”，它也不是统一社会信用代码（{doubt}）", where="统一社会信用代码",
                    expected="登记过的代码或单位名称", remedy="照营业执照或申报台账填写，单元格设为文本",
                )  # fmt: skip
            if len(which) > 1:
                raise InvalidInput(
                    f"登记库里有 {len(which)} 家“{spellings[1]}”", where="统一社会信用代码", expected="一家",
                    remedy="改写统一社会信用代码",
                )  # fmt: skip
            own = [standing for number in which for standing in held.get(number, ())]
            called = {*spellings, *(s.code for s in own if s.code), *(same(s.name) for s in own)}
            found = catalog.newest(key, provision, dt.date(of, 12, 31))
            return one(_Asked(found, own, frozenset(called), facts, of), named)

        return lift(asked, code, of_year)


def _spellings(cell: object) -> tuple[str, str]:
    """A cell as a code and as a name."""
    text = cell_text(cell)
    return compared(text), same(text)


def _facts(connection: Connection, folder: Folder) -> Facts:
    """The bureau's facts of the last settlement; before the first, those of the folder's file."""
    source = Source(connection, catalogs.default())
    if source.stored:
        return source.facts
    return read_facts(folder.facts)[0] if folder.facts.is_file() else Facts()
