"""编写指南.md: its snippets are one policy file with its cases, and they work as printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import yaml

import xlpolicy
from xlpolicy import assess
from xlpolicy.faults import PolicyError
from xlpolicy.law import effects, nodes
from xlpolicy.law.catalog import Catalog, default
from xlpolicy.law.labels import DIMENSIONS
from xlpolicy.law.reading import effects_schema as schema
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.reading.figures import LABELS
from xlpolicy.law.reading.formula import FormulaError, Symbol, parse
from xlpolicy.law.reading.schema import QuotaData
from xlpolicy.law.records import Document, InputType, Nature

GUIDE = (Path(xlpolicy.__file__).parent / "policies" / "编写指南.md").read_text(encoding="utf-8")
SNIPPETS = [match[1] for match in re.finditer(r"^```yaml\n(.*?)^```$", GUIDE, re.M | re.S)]
HEAD = next(text for text in SNIPPETS if text.startswith("schema:"))
PROVISIONS = [text for text in SNIPPETS if text.startswith(("provisions:", "- id:"))]
TAIL = next(text for text in SNIPPETS if "\ncross_rules:\n" in text)
CASES: dict[str, Any] = yaml.safe_load(next(text for text in SNIPPETS if "\ncases:\n" in text))


@pytest.fixture(scope="module")
def document() -> Document:
    return compile_text(HEAD + "".join(PROVISIONS) + TAIL, "编写指南.md")


def test_the_names_that_need_no_label_are_said() -> None:
    listed = re.search(r"，([a-z_、 ]+)这十个名称自带", GUIDE)
    assert listed is not None
    assert set(re.findall(r"[a-z_]+", listed[1])) == set(LABELS) and len(LABELS) == 10


def test_no_snippet_is_left_out() -> None:
    assert len(SNIPPETS) == len(PROVISIONS) + 3
    assert GUIDE.count("```") == 2 * len(SNIPPETS)


@pytest.mark.parametrize("text", PROVISIONS[:3])
def test_snippets_load_alone(text: str) -> None:
    head = yaml.safe_load(HEAD)
    head["readings"] = {name: data for name, data in head["readings"].items() if isinstance(data, str) or name in text}
    assert compile_text(
        yaml.safe_dump(head, allow_unicode=True) + "provisions:\n" + text.removeprefix("provisions:\n"), "编写指南.md"
    ).rules


def test_snippets_load_together(document: Document) -> None:
    assert document.key == CASES["document"]
    assert len(document.rules) == GUIDE.count("\n- id:") - len(document.cross_rules)
    assert [{x for x in effects.EFFECTS if getattr(rule, x)} for rule in document.cross_rules] == [
        {name} for name in effects.EFFECTS
    ]


def test_the_guide_names_every_word_of_the_effects() -> None:
    shapes = (schema.CrossRuleData, schema.LimitData, schema.ChooseData, schema.BarData, schema.DeductData,
              schema.ScaleData, schema.SplitData, schema.FactData)  # fmt: skip
    words = {word for shape in shapes for word in shape.model_fields} - {"id", "text"} | set(effects.KINDS)
    words |= {"amount", "count", "principal", "project", "loan", "either", "chosen", "topped", *effects.FACTS}
    section = GUIDE[GUIDE.index("## 跨条款的五种作用") : GUIDE.index("## 用例先行")]
    assert {word for word in words if not re.search(rf"(?<![\w-]){word}(?![\w-])", section, re.A)} == set()


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["provision"])
def test_cases_of_the_guide(case: dict[str, Any], document: Document) -> None:
    catalog = Catalog([document])
    if "error" in case:
        with pytest.raises(PolicyError) as caught:
            assess("样例市", case["provision"], case["inputs"], on=CASES["on"], catalog=catalog)
        assert caught.value.code == case["error"]
        return
    decision = assess("样例市", case["provision"], case["inputs"], on=CASES["on"], catalog=catalog)
    assert (str(decision.amount), decision.eligible) == (case["amount"], case["eligible"])
    assert case.get("assumption", "") in "".join(decision.assumptions)
    assert case.get("reason", "") in "".join(decision.reasons)


def test_the_guide_names_every_choice() -> None:
    quota = get_args(QuotaData.model_fields["per"].annotation)
    for word in (*get_args(Nature), *get_args(InputType), *DIMENSIONS, *quota):
        assert re.search(rf"(?<![\w-]){word}(?![\w-])", GUIDE, re.A), word


def test_the_guide_names_every_word_of_the_formula_language() -> None:
    """The operators are those of the nodes; the reader's own refusal lists what else it takes."""
    kinds = (nodes.Arith, nodes.Compare, nodes.Logic, nodes.Extreme)
    words = {word for kind in kinds for word in get_args(get_type_hints(kind, vars(nodes))["op"])}
    assert len(words) == 4 + 6 + 2 + 2
    symbols = {"a": Symbol(nodes.Input("a"), "money"), "b": Symbol(nodes.Input("b"), "boolean")}
    for text in ("0", "1", "365", "True", "False", "not b", "a if b else a", "given(a)"):
        parse(text, symbols)  # a word that the reader no longer takes needs no place in the guide
        words |= set(re.findall(r"\w+", text)) - {"a", "b"}
    section = GUIDE[GUIDE.index("## 公式的写法") : GUIDE.index("## 分档")]
    written = {word for code in re.findall(r"`(.*?)`", section) for word in re.findall(r"[<>=!]=?|[-+*/]|\w+", code)}
    assert words - written == set()
    with pytest.raises(FormulaError) as caught:
        parse("a ** a", symbols)
    (listed,) = re.findall(r"不在允许的写法里（(.*)）", str(caught.value))
    assert set(re.findall(r"[a-z]+", listed)) <= written


def test_the_themes_are_those_of_the_guide() -> None:
    (listed,) = re.findall(r"`theme` 各城市通用：(.*?)。", GUIDE)
    used = set(default().themes())
    assert used == set(listed.split("、"))
