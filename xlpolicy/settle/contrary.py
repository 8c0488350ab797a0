"""What contradicts itself, or is said of nobody here: notes that name the field, no amount is changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator

from xlpolicy.claim.period import length
from xlpolicy.forms.codes import uscc_doubt
from xlpolicy.law.abroad import meant
from xlpolicy.law.records import Input
from xlpolicy.money import ZERO
from xlpolicy.settle.facts import Payment, Support
from xlpolicy.settle.identity import compared, looks_like_code, valid_code
from xlpolicy.settle.model import KINDS
from xlpolicy.settle.outside import supports, words
from xlpolicy.settle.scopes import sum_key
from xlpolicy.settle.single import decide_again
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import ids, note_unnamed
from xlpolicy.settle.work import Work, pays
from xlpolicy.words.names import same


def note_contrary(state: State) -> None:
    """Notes on claims whose dates contradict one another, that a year's sum cannot take in, and on codes of the facts."""
    for works in filter(None, list(state.of_rule.values())):
        assert works[0].found is not None
        rule = works[0].found.rule
        if dates := [item for item in rule.inputs if item.type == "date"]:
            _later(state, works, dates)
        if rule.term is not None:
            _dates_of_loans(state, works, rule.input(rule.term.days))
            _drawn_late(state, works, rule.input(rule.term.days))
        if rule.least is not None:
            _sums(state, works)
        for item in rule.inputs:
            if item.minimum and item.maximum is not None:
                _ranks(state, works, item)
    _kinds(state)
    _years(state)
    _barred_before(state)
    _chain(state)
    _support_twice(state)
    for where, written in _codes(state):
        text = (
            f"{where}的统一社会信用代码“{written}”{uscc_doubt(compared(written))}，按单位名称核算，请对照营业执照核对"
        )
        state.note("", "identity", text)


def _later(state: State, works: list[Work], dates: list[Input]) -> None:
    """A day that a claim states as past, and that comes after the claim itself."""
    for work in works:
        on = work.claim.on
        if on is None:
            continue
        for item in dates:
            day: dt.date | None = work.env[item.name]
            if day is not None and day > on:
                text = f"“{item.label}”是 {day}，在申报日期 {on} 之后，请核对两个日期"
                state.note(work.claim.id, "dates", text)


def _dates_of_loans(state: State, works: list[Work], item: Input) -> None:
    """A first drawdown too late for its days; two first drawdowns of one loan or project."""
    if len(item.period) < 3:
        return
    first: dict[tuple[str, str], dict[dt.date, Work]] = {}
    for work in works:
        assert work.found is not None and work.found.rule.term is not None
        day: dt.date | None = work.env[item.period[2]]
        if day is None:
            continue
        label, on, days = work.found.rule.input(item.period[2]).label, work.claim.on, work.env[item.name]
        if on is not None and days is not None and day <= on and days > length(day, on):
            text = f"“{label}”是 {day}，到申报日期 {on} 只有 {length(day, on)} 天，“{item.label}”是 {days} 天，请核对"
            state.note(work.claim.id, "dates", text)
        name = work.project if work.found.rule.term.per == "project" else work.loan  # of each loan its own
        if name is not None:
            first.setdefault((work.enterprise, name), {}).setdefault(day, work)
    for (who, name), by_day in first.items():
        told = {day: f"申报 {work.claim.id}" for day, work in by_day.items()}
        for paid in _paid_on(state, works[0], who, name):
            if paid.first_drawdown_on and paid.amount > 0:
                told.setdefault(paid.first_drawdown_on, f"{paid.year} 年已兑付")
        if len(told) > 1:
            said = "、".join(f"{day}（{where}）" for day, where in sorted(told.items()))
            for work in by_day.values():
                assert work.found is not None
                label = work.found.rule.input(item.period[2]).label
                text = f"“{label}”写了几个：{said}，期限从最早的算起，请核对"
                state.note(work.claim.id, "dates", text)


def _paid_on(state: State, work: Work, who: str, name: str) -> Iterator[Payment]:
    """Earlier payments of a claim's provision on a loan, or on a project whose loans share a term."""
    assert work.found is not None and work.found.rule.term is not None
    per_project = work.found.rule.term.per == "project"
    for paid in state.before.of.get((work.found.document.city, who), ()):
        on = paid.project if per_project else paid.loan
        if paid.rule == work.found.rule.id and on and same(on) == name:
            yield paid


def _drawn_late(state: State, works: list[Work], item: Input) -> None:
    """A first drawdown after another claim of the loan says that interest had begun."""
    if len(item.period) < 3:
        return
    begun: dict[Hashable, tuple[dt.date, str]] = {}
    for work in works:
        since: dt.date | None = work.env[item.period[0]]
        if since is not None and work.loan:
            loan = work.enterprise, work.loan
            begun[loan] = min(begun.get(loan, (since, work.claim.id)), (since, work.claim.id))
    for work in works:
        day: dt.date | None = work.env[item.period[2]]
        since, beside = begun.get((work.enterprise, work.loan), (day, ""))
        if day is not None and since is not None and since < day:
            assert work.found is not None
            label = work.found.rule.input(item.period[2]).label
            text = f"“{label}”是 {day}，同一笔贷款的申报 {beside} 从 {since} 起计息，期限从它算起，请核对"
            state.note(work.claim.id, "dates", text)


def _sums(state: State, works: list[Work]) -> None:
    """Claims that do not name what their year's sum is over, where together with the enterprise's other claims more is due."""
    of: dict[Hashable, list[Work]] = {}
    for work in works:
        if work.sums:
            of.setdefault((work.enterprise, work.year), []).append(work)
    for group in of.values():
        assert group[0].found is not None and group[0].found.rule.least is not None
        least = group[0].found.rule.least
        silent = [work for work in group if sum_key(work) is None]
        if not silent or len(group) < 2:
            continue
        whole = {name: sum((work.env[name] or ZERO for work in group), ZERO) for name in least.of}
        if decide_again(group[-1], whole).amount > sum(work.outcome.amount for work in group if work.outcome):
            note_unnamed(state, group, silent, "project", "没有合计本年度的金额看是否达到门槛、档次")


def _ranks(state: State, works: list[Work], item: Input) -> None:
    """One rank of one list and year that two enterprises have: a list of so many has each rank once."""
    of: dict[Hashable, list[Work]] = {}
    for work in works:
        assert work.found is not None
        if work.amount > 0:
            lists = tuple(work.env[x.name] for x in work.found.rule.inputs if x.type == "enum")
            of.setdefault((work.year, lists, work.env[item.name]), []).append(work)
    for group in of.values():
        if len({work.enterprise for work in group}) > 1:
            text = f"申报 {ids(group)} 是几家单位，同一年度同一份名单的“{item.label}”都填 {group[0].env[item.name]}，请核对公布的名单，改正{item.label}"
            for work in group:
                state.note(work.claim.id, "quota", text)


def _kinds(state: State) -> None:
    """One enterprise under two kinds where a limit holds for one of them only."""
    of: dict[str, list[Work]] = {}
    for document, rule in state.rules:
        for member in rule.members if rule.limit is not None and rule.limit.kinds else ():
            for work in state.of_rule.get((document.key, member), ()):
                of.setdefault(work.enterprise, []).append(work)
    for works in of.values():
        kinds = {KINDS[work.claim.enterprise_kind] for work in works}
        if len(kinds) > 1:
            text = (
                f"同一单位的申报 {ids(works)} 单位类型写了几种（{'、'.join(sorted(kinds))}），封顶只管其中一种，请核对"
            )
            for work in works:
                state.note(work.claim.id, "contrary", text)


def _years(state: State) -> None:
    """A payment that was made before, and is of a year later than all that is settled."""
    latest = max([state.on_year, *(work.year for work in state.works)]) if state.facts.prior_payments else 0
    late = [
        f"第 {n} 项（{paid.year} 年）" for n, paid in enumerate(state.facts.prior_payments, 1) if paid.year > latest
    ]
    if late:
        more = f"等 {len(late)} 项" if len(late) > 1 else ""
        text = f"已兑付{late[0]}{more}的年度在核算年度和各笔申报的年度以后，没有计入按年的封顶，请核对年度"
        state.note("", "dates", text)


def _barred_before(state: State) -> None:
    """A claim that bars others, beside an earlier payment of one of them in its scope: both were enjoyed."""
    for document, rule in state.law.barring if state.facts.prior_payments else ():
        bar = rule.bar
        assert bar is not None
        for name in meant(state.catalog, document, bar.claim):
            for work in state.of_rule.get(name, ()):
                if work.amount <= 0 or (bar.where and not work.env[bar.where]):
                    continue
                near = state.before.of.get((document.city, work.enterprise), ())
                paid = [x for x in near if x.rule in rule.members and pays(x, work, bar.per)]
                if (net := sum((x.amount for x in paid), ZERO)) > 0:
                    text = f"同一范围已兑付 {net:,.2f}元，与本笔不能同享（{rule.text}），本笔没有扣减，请核对"
                    state.note(work.claim.id, "repeated", text)


def _chain(state: State) -> None:
    """A list of key-chain enterprises may say one by its code alone, which a claim by name does not tell."""
    coded = {state.who.of(name) for name in state.facts.chain_enterprises if valid_code(name)}
    if not coded or coded <= {work.enterprise for work in state.works}:
        return
    for work in state.works:
        if (
            work.effects
            and work.effects.uplifts
            and work.alone > 0
            and not valid_code(work.enterprise)
            and work.enterprise not in state.chain
        ):
            text = (
                "重点产业链企业有的只写了统一社会信用代码，本笔没有写代码，没有比较是不是本单位，没有上浮；请补上代码"
            )
            state.note(work.claim.id, "unnamed", text)


def _support_twice(state: State) -> None:
    """Support that is stated twice in the same words, and taken off twice: two grants, or one entered again."""
    effects = [effect for _, rule in state.rules for effect in (rule.deduct, rule.choose) if effect is not None]
    taken = tuple({kind for effect in effects for kind in effect.support})
    of: dict[Hashable, list[Support]] = {}
    for item in state.support.items:
        if item.amount and (item.kind in taken or "*" in taken):
            who = item.enterprise and state.who.of(item.enterprise)
            names = (name and same(name) for name in (item.project, item.loan, item.object))
            of.setdefault((item.kind, who, *names, item.amount), []).append(item)
    twice = {id(items[0]): len(items) for items in of.values() if len(items) > 1}
    for work in state.works if twice else ():
        for _, item in supports(state, work, taken, "either"):
            if times := twice.get(id(item)):
                text = f"其他支持（{words(state, item)}，{item.on}，{item.amount:,.2f}元）写了 {times} 次，每次都扣了，请核对是不是同一笔"
                state.note(work.claim.id, "support", text)


def _codes(state: State) -> Iterator[tuple[str, str]]:
    """Codes of the facts that fail their check, with where they stand; a name that is long enough may be one."""
    facts = state.facts
    for n, paid in enumerate(facts.prior_payments, 1):
        if paid.code and not valid_code(paid.code):
            yield f"已兑付第 {n} 项", paid.code
        elif looks_like_code(paid.enterprise):
            yield f"已兑付第 {n} 项", paid.enterprise
    for n, item in enumerate(facts.external_support, 1):
        if item.enterprise and looks_like_code(item.enterprise):
            yield f"其他支持第 {n} 项", item.enterprise
    for what, names in (("地方贡献", facts.fiscal_contribution), ("重点产业链企业", sorted(facts.chain_enterprises))):
        yield from ((what, name) for name in names if looks_like_code(name))
