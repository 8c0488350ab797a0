"""A refusal that rests on a blank, over cells: what `claim.blanks` asks of one claim, as truths of a row."""

from __future__ import annotations

from collections.abc import Iterator

from xlpolicy.formulas.cell_text import Cells
from xlpolicy.formulas.conditions import all_of, any_of
from xlpolicy.formulas.periods import BLANK
from xlpolicy.law import nodes as n
from xlpolicy.law.looked_at import may_be_open, named
from xlpolicy.law.records import Input


def questions(cells: Cells) -> Iterator[tuple[Input, str]]:
    """By input in the order of the rule: the truth that it is blank and that only this keeps the claim from being judged."""
    rule = cells.rule
    if not may_be_open(rule):
        return
    tests = [line.node for line in rule.conditions if not isinstance(line.node, n.Given)]
    asked = {line.node.name for line in rule.conditions if isinstance(line.node, n.Given)}
    with cells.hoping():
        hopeful = [cells.truth(node) for node in tests]
    for item in rule.inputs:
        cell = cells.cell_of[item.name]
        blank = "TRUE" if cell == BLANK else f'{cell}=""'
        if item.name in asked:
            yield item, all_of([blank, *hopeful])
        elif item.at_most is not None:
            failed = [cells.untruth(node) for node in tests if item.name in named(rule, node)]
            yield item, all_of([blank, any_of(failed), *hopeful])
