"""One thing of which claims say differently: a project under treasury bonds in one claim and not in another.

Each claim is settled as it is stated; a note stands on all of them that name the thing, or fail to name it, and no
payment plan takes them until somebody has looked. Which input states the fact of a bar, the bar says (`said`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache

from xlpolicy.claim.exact import REMEMBERED
from xlpolicy.law import nodes as n
from xlpolicy.law.effects import Bar, CrossRule
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.money import clean
from xlpolicy.settle.single import known
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import ids, note_unnamed
from xlpolicy.settle.work import Work
from xlpolicy.words.fact_names import same_facts

_AS_STATED = "各按所填核算，请核对后改成一样的"
_OF_OTHERS = "合计以较高的一个为限，请核对：是同一份的改成一样的，是几份的每笔都填几份的合计"
#: by document and input: the rules whose fact it states, each with its claims and those of them that say yes
Said = dict[tuple[str, str], list[tuple[CrossRule, list[Work], list[Work]]]]


def note_statements(state: State) -> None:
    """Notes on claims of one thing that say differently what a bar, a limit or the interest hangs on."""
    said: Said = {}
    for document, rule in state.law.stating:
        assert rule.bar is not None
        works = list(_members(state, document, rule))
        sayers = [work for work in works if _says(work, rule.bar.said)]
        if works:
            said.setdefault((document.key, rule.bar.said), []).append((rule, works, sayers))
    for rules in said.values():
        saying = {work.position: work for _, _, own in rules for work in own}
        for rule, works, _ in rules if saying else ():
            assert rule.bar is not None
            _bar(state, rule, rule.bar, list(saying.values()), works)
    _figures(state, {name for _, name in said})
    _facts(state)


def _members(state: State, document: Document, rule: CrossRule) -> Iterator[Work]:
    """The claims of a rule's own members, those that wait too."""
    for member in rule.members:
        yield from state.of_rule.get((document.key, member), ())
    for work in state.unread:
        found = work.found
        if found is not None and found.document is document and found.rule.id in rule.members:
            yield work


def _says(work: Work, name: str) -> bool:
    return bool((known(work) if work.outcome is None else work.outcome.env).get(name))


def _bar(state: State, rule: CrossRule, bar: Bar, sayers: Sequence[Work], works: Sequence[Work]) -> None:
    """What some claims say bars the others of the same thing, if it is so."""
    first = {key: work for work in reversed(sayers) for key in _keys(work, bar)}
    nameless: dict[str, list[Work]] = {}
    for work in sayers:
        nameless.setdefault(work.enterprise, []).extend(() if _keys(work, bar) else (work,))
    against: dict[int, tuple[Work, list[Work]]] = {}
    for work in works:
        if _says(work, bar.said) or not (work.amount > 0 or work.sums):
            continue
        keys = _keys(work, bar)
        sayer = next((first[key] for key in keys if key in first), None)
        if sayer is not None:
            against.setdefault(sayer.position, (sayer, []))[1].append(work)
        elif work.enterprise in nameless and (nameless[work.enterprise] or not keys):
            group = [*(nameless[work.enterprise] or [x for x in sayers if x.enterprise == work.enterprise]), work]
            field = "loan" if bar.of == "loan" else "project"
            what = f"没有按“{_label(work, rule, bar)}”互相比较（{rule.text}）"
            note_unnamed(state, group, [one for one in group if not _keys(one, bar)], field, what)
    for sayer, others in against.values():
        text = (
            f"“{_label(others[0], rule, bar)}”申报 {sayer.claim.id} 填“是”，申报 {ids(others)} 没有填“是”，"
            f"各按所填核算（{rule.text}），请核对后改成一样的"
        )
        for one in (sayer, *others):
            state.note(one.claim.id, "contrary", text)


def _label(work: Work, rule: CrossRule, bar: Bar) -> str:
    assert work.found is not None
    return next((item.label for item in work.found.rule.inputs if item.name == bar.said), rule.text)


def _keys(work: Work, bar: Bar) -> list[Hashable]:
    """What a statement of the claim is about: its loan; its year; its project, or the thing that all who name it share."""
    if bar.per:
        return [tuple(work.part(name) for name in bar.per)]
    if bar.of == "loan":
        return [(work.enterprise, "loan", work.loan)] if work.loan else []
    own: list[Hashable] = [(work.enterprise, work.project)] if work.project else []
    return [*own, ("object", work.thing)] if work.thing else own


def _figures(state: State, barring: set[str]) -> None:
    """What says which maximum a project or thing comes under, or is taken off the interest of a loan."""
    for works in list(state.of_rule.values()):
        if len(works) > 1:
            assert works[0].found is not None
            rule = works[0].found.rule
            scopes = {name for limit in rule.limits for name in limit.per} & {"project", "object", "session"}
            asked = [x for x in rule.inputs if x.type == "boolean" and not x.assumed and x.name not in barring]
            items = [x for x in asked if scopes and any(work.env[x.name] for work in works)]
            things = sorted({"project" if scope == "project" else "object" for scope in scopes})
            for thing in things if items else ():
                _compare(state, works, thing, items)
            for scope, item in _decided_elsewhere(rule):
                for called, group in _by_thing(works, scope):
                    if len({work.env[item.name] for work in group}) > 1:
                        _note_unlike(state, group, f"同一{called}的", item.label, _OF_OTHERS)
    for document, cross in state.rules:
        if cross.deduct is not None and cross.deduct.by and cross.deduct.support:
            members = [work for work in _members(state, document, cross) if work.outcome is not None]
            if len(members) > 1:
                assert members[0].found is not None
                _compare(state, members, "loan", [members[0].found.rule.input(cross.deduct.by)])


@lru_cache(REMEMBERED)
def _of_all(rule: Rule) -> tuple[tuple[Input, tuple[str, ...]], ...]:
    """Inputs whose answer is the same for all provisions of a scope, with that scope."""
    found = ((item, same_facts().get(clean(item.label), ())) for item in rule.inputs)
    return tuple((item, scope) for item, scope in found if scope)


def _facts(state: State) -> None:
    """A fact of an enterprise, loan or event that claims of one or several provisions of a document state differently."""
    asking: dict[tuple[str, str], list[tuple[Input, tuple[str, ...], list[Work]]]] = {}
    for (document, _), works in state.of_rule.items():
        for item, scope in _of_all(works[0].found.rule) if works and works[0].found else ():
            asking.setdefault((document, item.label), []).append((item, scope, works))
    for (_, label), asked in asking.items():
        if len({work.env[item.name] for item, _, works in asked for work in works} - {None}) < 2:
            continue
        groups: dict[Hashable, list[tuple[Work, object]]] = {}
        for item, scope, works in asked:
            for work in works:
                key, said = tuple(work.part(name) for name in scope), work.env[item.name]
                if said is not None and None not in key:
                    groups.setdefault(key, []).append((work, said))
        for group in groups.values():
            if len({said for _, said in group}) > 1 and any(work.amount > 0 for work, _ in group):
                _note_unlike(state, [work for work, _ in group], "", label)


@lru_cache(REMEMBERED)
def _decided_elsewhere(rule: Rule) -> tuple[tuple[tuple[str, ...], Input], ...]:
    """Inputs that are the maximum of a thing where they are given, with what it is for: what another authority has
    granted the same project."""
    found = []
    for limit in rule.limits:
        if limit.when is not None and {"project", "object", "session"} & set(limit.per):
            names = dict.fromkeys(leaf.name for leaf in n.leaves(limit.when) if isinstance(leaf, n.Given))
            found += [(limit.per, rule.input(name)) for name in names]
    return tuple(found)


def _by_thing(works: Sequence[Work], scope: Sequence[str]) -> Iterator[tuple[str, list[Work]]]:
    """What a thing is called, and the claims of one of them (in a year, where the scope is one's): several, of which one
    is paid something."""
    of: dict[Hashable, list[Work]] = {}
    for work in works:
        key = tuple(work.part(name) for name in scope)
        if None not in key:
            of.setdefault(key, []).append(work)
    called = {"project": "项目", "loan": "贷款"}.get(scope[0], "对象")
    for group in of.values():
        if len(group) > 1 and any(work.amount > 0 for work in group):
            yield called, group


def _compare(state: State, works: Sequence[Work], thing: str, items: Sequence[Input]) -> None:
    """The claims of one thing that say one of the inputs differently."""
    for called, group in _by_thing(works, (thing,)):
        for item in items:
            if len({work.env[item.name] for work in group}) > 1:
                _note_unlike(state, group, f"同一{called}的", item.label)


def _note_unlike(state: State, group: Sequence[Work], of: str, label: str, how: str = _AS_STATED) -> None:
    """On all claims of a group: they state an input differently; `how` it was settled, and what is to be done."""
    text = f"{of}申报 {ids(group)} 对“{label}”填得不一样（有的没有填也算），{how}"
    for work in group:
        state.note(work.claim.id, "contrary", text)
