"""封顶: the maxima that an article states in money, for the levels and facts given; nothing is awarded here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from xlpolicy.claim import exact
from xlpolicy.claim.binding import basis, input_names
from xlpolicy.claim.decision import no_amount
from xlpolicy.faults import InvalidInput, MissingInput, NotComputable, UnknownInput, nearest
from xlpolicy.law import nodes as n
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Input, Limit, Rule
from xlpolicy.law.values import coerce, expected
from xlpolicy.money import EXACT, clean, show_yuan
from xlpolicy.words.wording import scope_text


class Maximum(NamedTuple):
    """One maximum in yuan, with its words: 封顶金额 5,000,000元（每个企业每年，附件3 一）."""

    amount: Decimal
    text: str


def maximum(found: Found, inputs: Mapping[str, object]) -> list[Maximum]:
    """The stated maxima that hold for these inputs, the smallest (which binds) first.

    A limit counts when money stands in it (封顶500万元), not when it only follows from the claim (实付利息).
    Raises NotComputable where the article states none, MissingInput where it depends on an input not given.
    """
    rule, place = found.rule, str(basis(found))
    if rule.amount is None:
        raise no_amount(found)
    env = _bind(rule, inputs)
    found_limits = [limit for limit in rule.limits if _states_money(rule, limit.node)]
    _require(rule, env, found_limits)
    with localcontext(EXACT):
        for term in rule.terms:
            if all(env[name] is not None for name in _needs(rule, [term.node])):
                env[term.name] = exact.predicate(rule, term.node)(env)
        maxima = [
            Maximum(amount, _text(rule, limit, amount))
            for limit in found_limits
            if limit.when is None or exact.predicate(rule, limit.when)(env)
            for amount in [exact.predicate(rule, limit.node)(env)]
        ]
    if not maxima:
        raise NotComputable(
            "本条没有写明封顶金额", where=place, expected="写明封顶的条款", remedy="用 SUBSIDY 按申报数据核定"
        )
    return sorted(maxima, key=lambda m: m.amount)


def _bind(rule: Rule, inputs: Mapping[str, object]) -> exact.Env:
    place = f"{rule.title}（{rule.at}）"
    names = input_names(rule)
    env: exact.Env = {item.name: None for item in rule.inputs}
    for key, value in inputs.items():
        item = names.get(key) or names.get(clean(str(key)))
        if item is None:
            raise UnknownInput(
                f"没有“{key}”这个输入项", where=place, expected="、".join(f"{i.name}（{i.label}）" for i in rule.inputs),
                remedy=nearest(str(key), [name for i in rule.inputs for name in (i.name, i.label)]),
            )  # fmt: skip
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if env[item.name] is not None:
            raise InvalidInput(f"“{item.label}”填了两次", where=place, expected="每项只填一次", remedy="删去一个")
        env[item.name] = coerce(item, value, place)
    for item in rule.inputs:
        if env[item.name] is None:
            env[item.name] = env.get(item.default_from) if item.default_from else item.default
    return env


def _states_money(rule: Rule, node: n.Node) -> bool:
    return any(isinstance(x, n.Figure | n.Lookup) and rule.figures[x.name].kind == "money" for x in n.leaves(node))


def _needs(rule: Rule, nodes: Iterable[n.Node]) -> Iterator[str]:
    """Names of the inputs that formulas read (what they only ask to be given does not count)."""
    for leaf in (leaf for node in nodes for leaf in n.leaves(node)):
        match leaf:
            case n.Input(name):
                yield name
            case n.Lookup(name) | n.Covered(name):
                table = rule.figures[name].table
                assert table is not None
                yield table.by
            case n.Term(name):
                yield from _needs(rule, [next(t.node for t in rule.terms if t.name == name)])


def _require(rule: Rule, env: exact.Env, limits: Iterable[Limit]) -> None:
    nodes = [node for limit in limits for node in (limit.node, limit.when) if node is not None]
    missing: list[Input] = [rule.input(name) for name in dict.fromkeys(_needs(rule, nodes)) if env[name] is None]
    if missing:
        raise MissingInput(
            f"封顶因“{'、'.join(item.label for item in missing)}”而不同，还没有填", where=f"{rule.title}（{rule.at}）",
            expected="；".join(f"{item.name}：{expected(item)}" for item in missing), remedy="补填后重算",
        )  # fmt: skip


def _text(rule: Rule, limit: Limit, amount: Any) -> str:
    scope = "，".join(filter(None, [scope_text(rule, limit.per), limit.at or rule.at]))
    return f"{limit.label or '封顶'} {show_yuan(amount)}（{scope}）"
