"""calc: one claim decided on the command line."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import suppress

from xlpolicy.claim.binding import input_names
from xlpolicy.claim.blanks import defaulted
from xlpolicy.claim.decision import REMARKS, Decision, assess
from xlpolicy.claim.target import need, now, reached
from xlpolicy.cli.arguments import add_law_options, read_inputs, unclear
from xlpolicy.cli.console import print_json
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import as_date
from xlpolicy.law.labels import PAYERS
from xlpolicy.money import UNITS, ZERO, clean, parse_money
from xlpolicy.words import inputs as inputs_words
from xlpolicy.words.shown import nature_word

#: a number without its unit
_BARE = re.compile(r"[\d,]*\.?\d+")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="城市", help="城市")
    parser.add_argument("rule", metavar="条款", help="条款编号或名称")
    parser.add_argument(
        "inputs",
        nargs="*",
        default=[],
        metavar="输入",
        help="主要输入的数值，或 名称=数值，如 investment=800万元 bond_supported=否；名称见 xlpolicy show",
    )
    parser.add_argument(
        "--to", metavar="目标", help="反推：至少要多少才得到这个金额（如 50万元），或达到 门槛、下一档、封顶"
    )
    parser.add_argument("--by", metavar="输入项", help="按哪一项反推；不写为第一个还没有填的数")
    add_law_options(parser)


def run(args: argparse.Namespace) -> int:
    """核定 one claim from the command line. Raises PolicyError."""
    inputs, bare = read_inputs(args.inputs)
    if bare is not None:
        primary = _primary(args)
        if primary in inputs:
            raise unclear([bare])
        inputs[primary] = bare
    if args.to:
        return _needed(args, inputs)
    decision = assess(args.city, args.rule, inputs, on=args.on, policy=args.policy)
    for doubt in _doubts(args, decision, inputs):
        print(f"请核对　{doubt}", file=sys.stderr if args.json else sys.stdout)
    if args.json:
        print_json(decision.model_dump("json"))
        return 0
    _show(decision)
    return 0


def _needed(args: argparse.Namespace, inputs: dict[str, object]) -> int:
    """The least value of an input that reaches what is asked; exit 1 where none does."""
    found = catalogs.default().find(args.city, args.rule, as_date(args.on), args.policy)
    made = need(found, inputs, as_date(args.on), args.to, args.by)
    item, stated = made.item, now(found, inputs, made.item.name)
    if args.json:
        print_json(
            {
                "input": item.name, "value": None if made.value is None else f"{made.value:f}",
                "now": None if stated is None else f"{stated:f}", "best": None if made.best is None else f"{made.best:f}",
                "decision": made.decision.model_dump("json") if made.decision else None,
            }
        )  # fmt: skip
        return 0 if made.value is not None else 1
    print(reached(made, args.to, stated))
    if made.decision is not None:
        _show(made.decision)
    return 0 if made.value is not None else 1


def _show(decision: Decision) -> None:
    print(f"{decision.basis.title}　{decision.basis}")
    nature = f"（{nature_word(decision.rule)}）" if decision.eligible else ""
    amount = "暂不核定" if decision.open else f"{decision.amount:,.2f} 元"
    print(f"核定金额　{amount}{nature}{_verdict(decision)}")
    print(f"计算过程　{decision.explanation}")
    if decision.amount and decision.payers:
        parts = "、".join(f"{PAYERS[payer]} {part:,.2f} 元" for payer, part in decision.payers.items())
        print(f"资金来源　{parts}")
    for number, step in enumerate(decision.steps, 1):
        print(f"  {number}. {step.what}：{step.formula} → {step.value}（{step.pinpoint}）")
    for label, texts in (
        ("待补" if decision.open else "不符", decision.reasons),
        ("提醒", decision.warnings),
    ):
        for text in texts:
            print(f"{label}　{text}")
    for label, text in decision.remarks:
        print(f"{label}　{text}")
    # what was paid or used before lowers the amount
    for item in defaulted(decision.outcome) if decision.amount else ():
        text = inputs_words.presumed(item) if item.default is not None and not item.measure else ""
        if text and text not in decision.presumptions:
            print(f"{REMARKS['check']}　{text}")


def _verdict(decision: Decision) -> str:
    if decision.open:
        return "　尚不能判断"
    return "" if decision.eligible else "　不符合条件"


def _doubts(args: argparse.Namespace, decision: Decision, inputs: dict[str, object]) -> Iterator[str]:
    """Asks whether 万元 was meant.

    Where an amount without a unit is below 1万元, or gives nothing in 元 but something in 万元.
    """
    known = input_names(decision.rule)
    for name, value in inputs.items():
        item = known.get(name) or known[clean(name)]
        written = clean(str(value))
        if item.type != "money" or not _BARE.fullmatch(written) or not (number := parse_money(written)):
            continue
        if number >= UNITS["万元"]:
            with suppress(PolicyError):
                other = {**inputs, name: f"{written}万元"}
                if not decision.amount and assess(args.city, args.rule, other, on=args.on, policy=args.policy).amount:
                    number = ZERO
        if number < UNITS["万元"]:
            yield f"“{item.label}”写的 {written} 按元算；如果是 {written} 万元，请写 {written}万元"


def _primary(args: argparse.Namespace) -> str:
    found = catalogs.default().find(args.city, args.rule, as_date(args.on), args.policy)
    return found.rule.inputs[0].name if found.rule.inputs else "value"
