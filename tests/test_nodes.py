"""Every kind of node of the formula language against every duty that CONTRIBUTING.md lists.

A new kind fails here wherever a duty is missing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

import numpy as np
import pytest
import yaml
from nodekit import answers, assessed, needed, written_script

from xlpolicy.claim import exact, trace
from xlpolicy.claim.binding import bind
from xlpolicy.claim.target import need
from xlpolicy.columns import vector
from xlpolicy.columns.table_cells import Cells, read
from xlpolicy.formulas.rule import native
from xlpolicy.law import nodes as n
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.encoding import decode, encode
from xlpolicy.law.in_force import Found
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.records import Document, Rule
from xlpolicy.survey.compare.pairing import Pairs
from xlpolicy.words.wording import Words, condition

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
#: 100万元 at the city's level, built, nothing extra
CLAIM = {"investment": 1_000_000, "level": "city", "built": True}
HEAD: dict[str, Any] = {
    "document": {
        "key": "sample-2026-1", "city": "sample", "city_label": "样例市", "number": "样政办〔2026〕1号", "title": "样例",
        "issuer": "样例市人民政府", "issued": "2026-01-01", "valid_from": "2026-01-01", "valid_to": "2026-12-31",
    }
}  # fmt: skip
FIGURES: dict[str, Any] = {
    "threshold": "80万元", "rate": "3%", "award": {"by": "investment", "label": "奖励", "from": {"50万元": "1万元", "100万元": "2万元"}},
}  # fmt: skip
INPUTS: dict[str, Any] = {
    "investment": {"type": "money", "label": "投资额"},
    "level": {"type": "enum", "label": "层级", "values": {"national": "国家级", "city": "市级"}},
    "built": {"type": "boolean", "label": "已建成", "default": False},
    "extra": {"type": "money", "label": "增加额", "optional": True},
}


class Sample(NamedTuple):
    """What is written, as conditions and amount, and what the claim above then gets, worked out by hand."""

    amount: str
    gets: str
    when: str = ""
    let: str = ""


SAMPLES: dict[type, Sample] = {
    n.Const: Sample("investment * 1", "1000000"),
    n.Figure: Sample("rate * investment", "30000"),
    n.Lookup: Sample("award + rate * investment", "50000"),
    n.Covered: Sample("award + rate * investment", "50000"),  # added by the compiler: the lowest row is reached
    n.Input: Sample("investment", "1000000"),
    n.Term: Sample("part", "30000", let="rate * investment"),
    n.Given: Sample("extra if given(extra) else investment", "1000000"),
    n.Arith: Sample("(investment + threshold) * rate - threshold / 365", "51808.22"),  # 54000 - 2191.780…
    n.Whole: Sample("threshold * whole(investment, threshold)", "800000"),  # 80 goes once into 100
    n.Compare: Sample("investment", "0", when="investment < threshold"),
    n.Logic: Sample("investment", "1000000", when="investment >= threshold and built or not built"),
    n.Not: Sample("investment", "0", when="not built"),
    n.Extreme: Sample("max(min(investment, threshold), rate * investment)", "800000"),
    n.Choose: Sample("threshold if level == 'city' else investment", "800000"),
}


def compiled(sample: Sample) -> Rule:
    return document(sample).rules["one"]


def document(sample: Sample) -> Document:
    provision: dict[str, Any] = {
        "id": "one", "at": "一", "title": "样例", "nature": "entitlement", "theme": "技术改造",
        "amount": sample.amount,
    }  # fmt: skip
    text = " ".join(sample[0:1] + sample[2:])
    figures = {name: figure for name, figure in FIGURES.items() if re.search(rf"\b{name}\b", text)}
    inputs = {name: item for name, item in INPUTS.items() if re.search(rf"\b{name}\b", text)}
    provision |= {"figures": figures, "inputs": inputs}
    if sample.when:
        provision["when"] = [sample.when]
    if sample.let:
        provision["let"] = {"part": {"is": sample.let, "label": "部分"}}
    return compile_text(
        yaml.safe_dump(HEAD | {"provisions": [provision]}, allow_unicode=True, sort_keys=False), "sample"
    )


def roots(rule: Rule) -> list[n.Node]:
    assert rule.amount is not None
    return [*(line.node for line in rule.terms), *(line.node for line in rule.conditions), rule.amount.node]


def walk(node: n.Node) -> Iterator[n.Node]:
    yield node
    for child in n.children(node):
        yield from walk(child)


def claim(rule: Rule) -> exact.Env:
    return bind(rule, {name: CLAIM[name] for name in CLAIM if name in {i.name for i in rule.inputs}})[0]


# --- the duties: each does what the module does, on one sample, and says whether it was right ---


def reached(rule: Rule, sample: Sample) -> bool:
    """Every operand is a child."""
    del sample
    for node in (node for root in roots(rule) for node in walk(root)):
        values = [getattr(node, field.name) for field in fields(node)]
        flat = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
        if [part for part in flat if isinstance(part, n.Node)] != list(n.children(node)):
            return False
    return True


def kept(rule: Rule, sample: Sample) -> bool:
    del sample
    again = decode(encode(rule))
    return roots(again) == roots(rule)


def computed(rule: Rule, sample: Sample) -> bool:
    return exact.evaluate(rule, claim(rule)).amount == Decimal(sample.gets)


def told(rule: Rule, sample: Sample) -> bool:
    del sample
    env = claim(rule)
    outcome = exact.evaluate(rule, env)
    words, names = trace.Told(rule, env), trace.Told(rule, env, names=True)
    texts = [render.text(node) for node in roots(rule) for render in (words, names)]
    texts += [part for step in trace.steps(outcome) for part in step] + [trace.one_line(outcome)]
    return bool(texts) and all(isinstance(text, str) and "None" not in text for text in texts)


def over_columns(rule: Rule, sample: Sample) -> bool:
    """Whole fen, by the columns themselves; a division is theirs to hand back."""
    env = claim(rule)
    columns = {
        item.name: read(rule, item, Cells(np.array([env[item.name]], object))).cut for item in rule.inputs
    }  # fmt: skip
    handed: list[int] = []

    def exactly(place: int) -> tuple[bool, int]:
        handed.append(place)
        return True, int(Decimal(sample.gets).scaleb(2))

    result = vector.evaluate(rule, columns, 1, exactly)
    return int(result.fen[0]) == Decimal(sample.gets).scaleb(2) and handed == []


def as_formula(rule: Rule, sample: Sample) -> bool:
    del sample
    cells = {item.name: f"{'BCDE'[place]}2" for place, item in enumerate(rule.inputs)}
    formula = native(rule, cells)
    return formula.amount.startswith("=") and all(cells[name] in formula.amount + "".join(
        text for _, text in formula.helpers) for name in cells if rule.input(name).required)  # fmt: skip


def worded(rule: Rule, sample: Sample) -> bool:
    """With the law's numbers and without, as a formula, as a condition, and as the reason it was not met."""
    del sample
    texts = [condition(rule, line) for line in rule.conditions]
    for words in (Words(rule), Words(rule, numbers=False)):
        texts += [words.text(node) for node in roots(rule)]
        texts += [words.refusal(line.node, line.label) for line in rule.conditions]
    return all(isinstance(text, str) and text and "None" not in text for text in texts)


def turned_round(rule: Rule, sample: Sample) -> bool:
    """What is paid is reached by no less than the least value that reaches it."""
    found = Found(document(sample), rule)
    inputs = {name: CLAIM[name] for name in CLAIM if name in {item.name for item in rule.inputs}}
    if sample.gets == "0":
        return need(found, inputs, None, "1元", "investment").value != CLAIM["investment"]
    made = need(found, inputs, None, sample.gets, "investment")
    return made.value is not None and made.value <= CLAIM["investment"]


def in_javascript(sample: Sample) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the generated script says of the claim, and what `assess` says."""
    catalog = Catalog([document(sample)])
    names = {item.name for item in compiled(sample).inputs}
    claim = {"city": "sample", "rule": "one", "inputs": {n: CLAIM[n] for n in CLAIM if n in names}, "on": "2026-06-30"}
    with tempfile.TemporaryDirectory() as folder:
        return answers("node", written_script(Path(folder), catalog), [claim])[0], assessed([claim], catalog)[0]


def scripted(rule: Rule, sample: Sample) -> bool:
    del rule
    return Decimal(in_javascript(sample)[0]["amount"]) == Decimal(sample.gets)


def told_by_script(rule: Rule, sample: Sample) -> bool:
    del rule
    got, want = in_javascript(sample)
    return all(got[name] == want[name] for name in ("explanation", "steps", "reasons"))


def altered(node: n.Node, kind: type) -> n.Node:
    """The tree with its first node of the kind made to say something else."""
    if isinstance(node, kind):
        match node:
            case n.Const():
                return n.Const(Decimal(365))
            case n.Choose(test, then, other):
                return n.Choose(test, other, then)
            case n.Arith(op) | n.Compare(op) | n.Logic(op) | n.Extreme(op):
                ops = get_args(get_type_hints(type(node), vars(n))["op"])
                return replace(node, op=next(x for x in ops if x != op))
        return n.Const(Decimal(1))
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, n.Node) and any(isinstance(x, kind) for x in walk(value)):
            return replace(node, **{field.name: altered(value, kind)})
        for i, item in enumerate(value if isinstance(value, tuple) else ()):
            if any(isinstance(x, kind) for x in walk(item)):
                return replace(node, **{field.name: (*value[:i], altered(item, kind), *value[i + 1 :])})
    raise AssertionError(f"no {kind} in {node}")


def paired(rule: Rule, sample: Sample) -> bool:
    """A formula is its own, and not one that says something else."""
    kind = next(kind for kind, known in SAMPLES.items() if known is sample)
    root = next(root for root in roots(rule) if any(isinstance(node, kind) for node in walk(root)))
    pairs = Pairs.of(rule, rule)
    return pairs.same(root, root) and not pairs.same(root, altered(root, kind))


DUTIES: dict[str, Callable[[Rule, Sample], bool]] = {
    "law/nodes.py": reached,
    "law/encoding.py": kept,
    "claim/exact.py": computed,
    "claim/trace.py": told,
    "claim/need.py": turned_round,
    "columns/vector.py": over_columns,
    "formulas/cell_text.py": as_formula,
    "javascript/engine/interpreter.js": scripted,
    "javascript/told.py": told_by_script,
    "words/wording.py": worded,
    "survey/compare/pairing.py": paired,
}
SECTION = PAGE[PAGE.index("### A formula node") : PAGE.index("## Never")]


def test_every_kind_has_a_sample_and_a_line() -> None:
    assert set(SAMPLES) == set(get_args(n.Node))
    listed = re.findall(r"^\| `([A-Z]\w+)` \| .*\S", SECTION, re.M)
    assert sorted(listed) == sorted(kind.__name__ for kind in get_args(n.Node))


def test_every_duty_has_a_line() -> None:
    listed = re.findall(r"^\| `([a-z/_]+\.(?:py|js))`", SECTION, re.M)
    assert listed == ["law/nodes.py", "law/reading/formula.py", *list(DUTIES)[1:]]
    assert all((ROOT / "xlpolicy" / name).is_file() for name in listed)


@pytest.mark.parametrize("kind", SAMPLES, ids=lambda kind: kind.__name__)
def test_the_text_is_read_into_the_kind(kind: type) -> None:
    """law/reading/formula.py"""
    assert any(isinstance(node, kind) for root in roots(compiled(SAMPLES[kind])) for node in walk(root))


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize("kind", SAMPLES, ids=lambda kind: kind.__name__)
def test_the_duty_is_done(kind: type, duty: str, pytestconfig: pytest.Config) -> None:
    if duty.startswith("javascript/"):
        needed(pytestconfig)
    assert DUTIES[duty](compiled(SAMPLES[kind]), SAMPLES[kind])
