"""Cases for a policy file: what its author worked out by hand, held against what the file says.

A cases file is YAML as in tests/cases: `document`, optional `on`, `policy`, and `cases`, each with provision, name,
inputs, why, and either amount and eligible or error; `question` names the input that has to be asked. A key "on" that YAML reads as true is meant as on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from xlpolicy.claim.decision import assess
from xlpolicy.faults import Fault, PolicyError, PolicyFileError, nearest
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.reading.yamltext import Lines, as_text, load_yaml
from xlpolicy.law.reading.yamltext import Path as Keys
from xlpolicy.law.records import Document
from xlpolicy.money import parse_money, plain

_HEAD = ("document", "on", "policy", "cases")
_REQUIRED = ("provision", "name", "inputs", "why")
_OUTCOME = ("amount", "eligible", "error")
_OPTIONAL = ("on", "policy", "assumption", "reason", "question")


class Trial(NamedTuple):
    """How many cases ran, how many came out otherwise than worked out, which provisions have none, and why."""

    cases: int
    failed: int
    untried: tuple[str, ...]
    problems: tuple[Fault, ...]


def run_cases(path: Path, documents: Iterable[Document], catalog: Catalog) -> Trial:
    """Run a cases file on the documents (they take the place of those of the same key in the catalogue).

    Raises PolicyFileError where the file is not YAML, OSError where it cannot be read.
    """
    own = {d.key: d for d in documents}
    catalog = Catalog({**catalog.documents, **own}.values())
    text = as_text(path.read_bytes(), path.name)
    raw = load_yaml(text, path.name)
    place = _Place(path.name, text)
    head = _keyed(raw)
    if not isinstance(head, dict) or not isinstance(head.get("cases"), list):
        raise PolicyFileError(
            [place.problem(("cases",), "没有 cases", "document、cases，用例写成列表", "按编写指南末节改写")]
        )
    problems = [
        place.problem((str(k),), f"多出不认识的项 {k}", "、".join(_HEAD), nearest(str(k), _HEAD))
        for k in head
        if k not in _HEAD
    ]
    key = str(head.get("document"))
    if key not in catalog.documents:
        unknown = place.problem(
            ("document",), f"没有代号为“{key}”的文件", "、".join(own or catalog.documents), nearest(key, own)
        )
        return Trial(0, 0, (), (*problems, unknown))
    document = catalog.documents[key]
    tried, failed = set(), 0
    for i, item in enumerate(head["cases"]):
        case = _keyed(item)
        where = ("cases", i)
        if not isinstance(case, dict):
            problems.append(
                place.problem(where, "不是一个用例", "provision、name、inputs、why 等各项", "按编写指南末节改写")
            )
            continue
        shape = list(_shape(case, document, place, where))
        wrong = shape or list(_try(case, head, document, catalog, place, where))
        failed += bool(wrong)
        problems += wrong
        tried.add(case.get("provision"))
    untried = tuple(rule.id for rule in document.rules.values() if rule.id not in tried)
    return Trial(len(head["cases"]), failed, untried, tuple(problems))


class _Place:
    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self._lines: Lines | None = None

    def problem(self, where: Keys, got: str, expected: str, remedy: str) -> Fault:
        self._lines = self._lines or Lines(self.text)
        return Fault("policy_case", f"{self.file} 第 {self._lines.find(where)} 行", "", got, expected, remedy)


def _keyed(mapping: Any) -> Any:
    """YAML 1.1 reads a bare `on:` as true; both spellings are meant."""
    return {"on" if k is True else k: v for k, v in mapping.items()} if isinstance(mapping, dict) else mapping


def _shape(case: dict[str, Any], document: Document, place: _Place, where: Keys) -> Iterator[Fault]:
    lacking = [name for name in _REQUIRED if name not in case]
    if lacking:
        yield place.problem(where, f"用例缺少 {'、'.join(lacking)}", "、".join(_REQUIRED), "补上")
    known = (*_REQUIRED, *_OUTCOME, *_OPTIONAL)
    for name in case:
        if name not in known:
            yield place.problem((*where, name), f"多出不认识的项 {name}", "、".join(known), nearest(str(name), known))
    if ("error" in case) == ("amount" in case and "eligible" in case):
        yield place.problem(where, "看不出应得的结果", "要么 amount 和 eligible，要么 error", "补上或删去")
    if "inputs" in case and not isinstance(case["inputs"], Mapping):
        yield place.problem(
            (*where, "inputs"), "inputs 不是 名称: 数值", "如 {investment: 500万元}；没有输入写 {}", "改写"
        )
    if "error" not in case and "provision" in case and case["provision"] not in document.rules:
        yield place.problem(
            (*where, "provision"),
            f"{document.key} 没有条款 {case['provision']}",
            "条款编号",
            nearest(str(case["provision"]), document.rules),
        )


def _try(
    case: dict[str, Any], head: dict[str, Any], document: Document, catalog: Catalog, place: _Place, where: Keys
) -> Iterator[Fault]:
    name = f"{case['provision']}“{case['name']}”"
    when = {"on": case.get("on", head.get("on")), "policy": case.get("policy", head.get("policy"))}
    why = f"核对手算（{case['why']}）与政策文件，以原文为准"
    try:
        decision = assess(document.city, case["provision"], case["inputs"], **when, catalog=catalog)
    except PolicyError as error:
        if error.code != case.get("error"):
            wanted = f"报错 {case['error']}" if "error" in case else f"{case['amount']}元"
            yield place.problem(where, f"{name}：[{error.code}] {error}", wanted, why)
        elif case.get("reason", "") not in str(error):
            yield place.problem(where, f"{name}：报错中没有“{case['reason']}”，而是：{error}", "用例里写的话", why)
        return
    if decision.basis.document != document.key:
        yield place.problem(
            where, f"{name}：适用的是 {decision.basis.document}", document.key, "核对日期，或用 policy 指定文件"
        )
        return
    if "error" in case:
        yield place.problem(where, f"{name}：算出 {decision.amount}元", f"报错 {case['error']}", why)
        return
    wanted, eligible = str(case["amount"]), case["eligible"]
    try:
        same = parse_money(case["amount"]) == decision.amount
    except ValueError as error:
        yield place.problem((*where, "amount"), f"{name}：金额{error}", '两位小数的元，如 "150000.00"', "改好 amount")
        return
    if not same or eligible is not decision.eligible:
        got = f"{plain(decision.amount)}元（{'符合' if decision.eligible else '不符合'}），{decision.explanation}"
        yield place.problem(where, f"{name}：算出 {got}", f"{wanted}元（{'符合' if eligible else '不符合'}）", why)
    asked = [item.name for item in decision.open]
    if "question" in case and asked != [case["question"]]:
        told = f"要问的是 {'、'.join(asked)}" if asked else "没有要问的"
        yield place.problem((*where, "question"), f"{name}：{told}", str(case["question"]), why)
    for field, texts in (("assumption", decision.assumptions), ("reason", decision.reasons)):
        if field in case and not any(case[field] in text for text in texts):
            told = "；".join(texts) or "（无）"
            yield place.problem((*where, field), f"{name}：没有显示“{case[field]}”，而是：{told}", "用例里写的话", why)
