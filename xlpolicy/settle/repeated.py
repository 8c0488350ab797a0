"""What may have been claimed twice where the law sets no limit that would hold it: notes, no amount is changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import combinations

from xlpolicy.claim.period import Period, period_of
from xlpolicy.law.records import Rule
from xlpolicy.money import ZERO
from xlpolicy.settle.facts import Payment
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import FIELDS, ids, note_unnamed
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same, unpadded

#: more claims of one loan than this are not compared pair by pair
_MOST = 50


def note_repeated(state: State) -> None:
    """Claims that look like one sent twice, the same object of a count, the same days of a loan without a term."""
    stated = _numbers(state)
    for firm in state.enterprises.values():
        _unpadded(state, firm, stated)
        for works in _several((w, (w.found.document.key, w.found.rule.id)) for w in firm if w.found and w.outcome):
            assert works[0].found is not None
            # what is paid once, and names no project or loan, is paid once anyway
            if not works[0].found.rule.once or any(work.project or work.loan for work in works):
                _same_data(state, works)
                _same_amount(state, works)
        for work in firm if firm[0].enterprise in state.before.to else ():
            _paid_the_same(state, work)
    for works in filter(None, list(state.of_rule.values())):
        assert works[0].found is not None
        rule = works[0].found.rule
        if any({"object", "session"} & set(scope) for scope in (rule.once, *(limit.per for limit in rule.limits))):
            _same_name(state, rule, works)
        if held := [limit.per for limit in rule.limits if "session" in limit.per]:
            _same_session(state, works, own=all("enterprise" in per for per in held))
        if any(_shares(scope) for scope in (rule.once, *(limit.per for limit in rule.limits))):
            _same_project(state, works)
        if _each_once(rule):
            _same_object(state, works)
        if rule.term is None and any(item.period for item in rule.inputs):
            _same_days(state, rule, works)


#: by kind and number without the zeros before it: whose it is (None: anybody's), as it is written, and where
Numbers = dict[tuple[str, str], list[tuple[str | None, str, str]]]


def _numbers(state: State) -> Numbers:
    """Projects and loans of the facts that are called by a number."""
    numbers: Numbers = {}
    who = state.who.of
    said: list[tuple[str | None, str | None, str | None, str]]
    said = [(who(x.enterprise, x.code), x.project, x.loan, "以前兑付") for x in state.facts.prior_payments]
    said += [(x.enterprise and who(x.enterprise), x.project, x.loan, "其他支持") for x in state.support.items]
    for whose, project, loan, where in said:
        for field, name in (("project", project), ("loan", loan)):
            if name and (written := same(name)).isdecimal():
                numbers.setdefault((field, unpadded(written)), []).append((whose, written, where))
    return numbers


def _unpadded(state: State, firm: Sequence[Work], stated: Numbers) -> None:
    """A number with zeros before it and one without: two loans, or one that passed through a cell of numbers."""
    mine: Numbers = {}
    for work in firm:
        for field, name in (("project", work.project), ("loan", work.loan)):
            if name and name.isdecimal():
                mine.setdefault((field, unpadded(name)), []).append((None, name, work.claim.id))
    for key, named in mine.items():
        written = {name: f"申报 {claim}" for _, name, claim in reversed(named)}
        for whose, name, where in stated.get(key, ()):
            if whose in (None, firm[0].enterprise):
                written.setdefault(name, where)
        for _, name, claim in named if len(written) > 1 else ():
            others = "、".join(f"{where}的 {other}" for other, where in written.items() if other != name)
            text = f"{FIELDS[key[0]]}编号 {name} 与{others} 只差前面的 0，当作两个核算；是同一个的请写成一样"
            state.note(claim, "unnamed", text)


def _same_data(state: State, works: Sequence[Work]) -> None:
    """Claims of one enterprise for the same project, loan or object, day and inputs: perhaps one claim sent twice."""
    for group in _several((w, (w.project, w.loan and unpadded(w.loan), w.thing, w.claim.on)) for w in works):
        seen: dict[str, str] = {}
        for work in group:
            earlier = seen.setdefault(repr(sorted(work.claim.inputs.items())), work.claim.id)
            if earlier != work.claim.id and (work.amount > 0 or work.sums):  # a year's sum may pay it yet
                text = f"与申报 {earlier} 的单位、条款、项目、日期和数据都相同，请核对是否重复申报"
                state.note(work.claim.id, "repeated", text)


def _same_amount(state: State, works: Sequence[Work]) -> None:
    """Claims of one enterprise for the same project or object that state the same on different days."""
    named = [work for work in works if _named(work)]
    together = _several((w, (w.project, w.thing)) for w in named)
    alike = ((w, (w.project, w.thing, repr(sorted(w.claim.inputs.items())))) for group in together for w in group)
    for group in _several(alike):
        if len({work.claim.on for work in group}) > 1:
            for work in group:
                text = f"申报 {ids(group)} 是同一项目（对象），数据都相同，日期不同，请核对是否重复申报"
                state.note(work.claim.id, "repeated", text)


def _named(work: Work) -> bool:
    """Whether a claim is for one thing that is not awarded again and again (interest of one period after the other may be
    the same), and that nothing else holds to one award."""
    if not (work.thing or work.project) or work.amount <= 0 or work.found is None:
        return False
    rule = work.found.rule
    return not any(item.period for item in rule.inputs) and bool(not rule.once or work.project or work.loan)


def _paid_the_same(state: State, work: Work) -> None:
    """The amount of a claim was paid before for its project or object."""
    if not _named(work):
        return
    assert work.found is not None
    near = state.before.of.get((work.found.document.city, work.enterprise), ())
    about = [paid for paid in near if paid.rule == work.found.rule.id and _names(paid, work)]
    same_amount = next((paid for paid in about if paid.amount == work.alone), None)
    if same_amount is not None and sum((paid.amount for paid in about), ZERO) > 0:
        text = f"同一项目（对象）{same_amount.year} 年已兑付同样的 {work.alone:,.2f}元，请核对是否重复申报"
        state.note(work.claim.id, "repeated", text)


def _names(paid: Payment, work: Work) -> bool:
    """Whether a payment names the object or project of a claim."""
    return any(name and same(name) in (work.thing, work.project) for name in (paid.object, paid.project))


def _same_name(state: State, rule: Rule, works: Sequence[Work]) -> None:
    """Of two claims one names its object and the other a project alone that may be the same thing: its project is the
    other's, or bears the object's name, or the one with the object says no project.

    Where an object is shared by all who name it, another enterprise's may bear that name too.
    """
    objects: dict[str, list[Work]] = {}
    named: dict[str, list[Work]] = {}
    shared = any(_shares(scope) for scope in (rule.once, *(limit.per for limit in rule.limits)))
    for work in works:
        if work.thing and work.amount > 0:
            objects.setdefault(work.enterprise, []).append(work)
            named.setdefault(work.thing, []).append(work)
    for work in works if objects else ():
        if work.thing or not work.project or work.amount <= 0:
            continue
        own = objects.get(work.enterprise, ())
        near = [one for one in own if work.project in (one.thing, one.project or work.project)]
        if shared:
            near += [one for one in named.get(work.project, ()) if one.enterprise != work.enterprise]
        if near:
            text = (
                f"申报 {work.claim.id} 只写了项目（{work.claim.project}），申报 {ids(near)} 写了对象，"
                "没有当作同一对象比较；是同一个的请都写在“对象”里"
            )
            for one in (work, *near):
                state.note(one.claim.id, "unnamed", text)


def _same_session(state: State, works: Sequence[Work], *, own: bool) -> None:
    """Events of one name in several years: they are taken for one event (`own`: each enterprise's), which a yearly fair
    is not."""
    named = [work for work in works if work.thing and work.amount > 0]
    for group in _several((w, (w.enterprise if own else "", w.thing)) for w in named):
        if len({work.year for work in group}) > 1:
            text = f"申报 {ids(group)} 的“{group[0].claim.object}”不在同一年度，当作同一场合并封顶；不是同一场的请在名称里写明届次"
            for work in group:
                state.note(work.claim.id, "repeated", text)
    for work in named if state.facts.prior_payments else ():
        assert work.found is not None
        before = state.before.about(work.found.document.city, work.found.rule.id, work)
        met = [paid for paid in before if paid.object and _names(paid, work) and paid.year != work.year]
        met = [paid for paid in met if not own or state.who.of(paid.enterprise, paid.code) == work.enterprise]
        if sum((paid.amount for paid in met), ZERO) > 0:
            text = f"{met[0].year} 年已兑付“{met[0].object}”，当作同一场合并封顶；不是同一场的请在名称里写明届次"
            state.note(work.claim.id, "repeated", text)


def _same_project(state: State, works: Sequence[Work]) -> None:
    """Claims of several enterprises that name no object, and each a project of one name: perhaps the same thing."""
    for group in _several((w, w.project) for w in works if w.project and not w.thing and w.amount > 0):
        if len({work.enterprise for work in group}) > 1:
            what = f"几家单位的项目同名（{group[0].claim.project}），没有当作同一对象比较"
            note_unnamed(state, group, group, "object", what)


def _shares(scope: Sequence[str]) -> bool:
    """Whether a scope is of a thing, and not of one enterprise."""
    return bool({"object", "session"} & set(scope)) and not {"enterprise", "project", "loan"} & set(scope)


def _several(keyed: Iterable[tuple[Work, Hashable]]) -> Iterator[list[Work]]:
    """The claims that share a key with others."""
    first: dict[Hashable, Work] = {}
    groups: dict[Hashable, list[Work]] = {}
    for work, key in keyed:
        other = first.setdefault(key, work)
        if other is not work:
            groups.setdefault(key, [other]).append(work)
    yield from groups.values()


def _each_once(rule: Rule) -> bool:
    """Whether an award is for each of what is counted, and nothing says that the same one is paid once."""
    things = {"object", "project", "session"}
    return rule.counting is not None and not rule.once and not any(things & set(limit.per) for limit in rule.limits)


def _same_object(state: State, works: Sequence[Work]) -> None:
    """The same object (project) claimed twice, or paid before."""
    paying = [work for work in works if work.amount > 0]
    for group in _several((w, part) for w in paying if (part := w.part("object")) is not None):
        for work in group:
            others = "、".join(other.claim.id for other in group if other is not work)
            text = f"与申报 {others} 是同一对象（项目），条文按个数给奖，请核对是否重复"
            state.note(work.claim.id, "repeated", text)
    for work in paying if state.facts.prior_payments else ():
        assert work.found is not None
        before = state.before.about(work.found.document.city, work.found.rule.id, work)
        met = [paid for paid in before if _names(paid, work)]
        if (net := sum((paid.amount for paid in met), ZERO)) > 0:
            text = f"同一对象（项目）{met[0].year} 年已兑付 {net:,.2f}元，条文按个数给奖，请核对是否重复"
            state.note(work.claim.id, "repeated", text)


def _same_days(state: State, rule: Rule, works: Sequence[Work]) -> None:
    """Several claims of one loan where the law sets no term: days that are in two of them are paid twice."""
    item = next(item for item in rule.inputs if item.period)
    for group in _several((w, (w.enterprise, w.loan)) for w in works if w.loan and w.amount > 0):
        periods: dict[Work, Period | None] = {work: period_of(item, work.env) for work in group}
        for one, other in combinations(group[:_MOST], 2):
            first, second = periods[one], periods[other]
            if first is None or second is None:
                why = "没有都写起止日期，看不出天数是否重复，请补上"
            elif first.first <= second.last and second.first <= first.last:
                why = "计息期间有重叠，重叠的天数两笔都计算了，请核对本金是否重复"
            else:
                continue
            for work, beside in ((one, other), (other, one)):
                state.note(work.claim.id, "overlap", f"同一笔贷款与申报 {beside.claim.id} {why}")
