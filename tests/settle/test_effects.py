"""The five effects by themselves and in pairs, on small documents of a city and one of its districts.

Every award is what is asked for (`amount`), so that what is expected can be worked out in the head, in 万元.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import lists
import pytest

from xlpolicy.law.catalog import Catalog
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.settle import Facts, Settlement, engine, settle
from xlpolicy.settle.facts import Support
from xlpolicy.settle.model import read_claims

HEAD = """
document:
  key: {key}
  city: {city}
  city_label: {label}
  number: {label}〔2026〕1号
  title: {label}办法
  valid_from: 2026-01-01
  valid_to: 2028-12-31
  payer: {payer}
"""
PROVISION = """
- id: {id}
  at: 一
  title: 奖励{id}
  nature: entitlement
  figures: {{rate: 100%, cap: {cap}万元, places: {{value: 2项, label: 项数}}, ratio: {{share: '3:7', label: 分摊}}, total: {{value: 50万元, label: 合计}}}}
  inputs:
    asked: {{type: money, label: 申请金额}}
    clouded: {{type: boolean, label: 含云服务, default: false}}
    taken: {{type: money, label: 已获金额, default: 0}}
  when: [taken >= 0, clouded or not clouded]
  amount: asked * rate
  limits: [{{max: cap, per: project{more}}}]
"""


def document(
    key: str,
    rules: str = "",
    *,
    payer: str = "city",
    shared: str = "",
    caps: dict[str, int] | None = None,
    ratios: dict[str, str] | None = None,
) -> Any:
    """A document with the awards a, b and c; `rules`: its cross rules; `ratios`: who pays how much, 3:7 unless said."""
    text = HEAD.format(key=f"{key}-2026-1", city=key, label={"shi": "示例市", "qu": "示例区"}[key], payer=payer)
    text += "support: {other: 其他奖补}\nprovisions:"
    for name in "abc":
        cap = (caps or {}).get(name, 1000)
        item = PROVISION.format(id=name, cap=cap, more=f", shared: {shared}" if shared else "")
        text += item.replace("3:7", (ratios or {}).get(name, "3:7"))
    text = _drop_unused(text, rules)
    return compile_text(text + ("\ncross_rules:\n" + rules if rules else ""), f"{key}-2026-1.yaml")


def _drop_unused(text: str, rules: str) -> str:
    """A figure that no rule speaks of is refused: `check` would say so."""
    out = []
    current = ""
    for line in text.splitlines():
        if line.startswith("- id: "):
            current = line[6:]
        for figure in (
            "places: {value: 2项, label: 项数}",
            "ratio: {share: '3:7', label: 分摊}",
            "total: {value: 50万元, label: 合计}",
        ):
            if f"{current}.{figure.partition(':')[0]}" not in rules:
                line = line.replace(f", {figure}", "")
        out.append(line)
    return "\n".join(out) + "\n"


def run(documents: list[Any], claims: list[dict[str, Any]], **facts: Any) -> Settlement:
    """Claims c0, c1, … of 示例企业01, for project P, on 2026-06-30 unless they say otherwise.

    Where every sum is of whole 万元, the same once more with a 角 for each: a cent is money too.
    """
    result = _run(documents, claims, 10_000, facts)
    if _whole(documents, claims, facts):
        less = _run([_in_jiao(one) for one in documents], claims, Decimal("0.1"), _less(facts))
        assert [c.payable * 100_000 for c in less.claims] == [c.payable for c in result.claims]
        assert [c.status for c in less.claims] == [c.status for c in result.claims]
        assert [(n.claim, n.code) for n in less.notes] == [(n.claim, n.code) for n in result.notes]
    return result


def _run(documents: list[Any], claims: list[dict[str, Any]], unit: Any, facts: dict[str, Any]) -> Settlement:
    base = {"enterprise": "示例企业01", "city": "qu", "rule": "a", "on": "2026-06-30", "project": "P"}
    full = []
    for i, item in enumerate(claims):
        asked = item.get("asked")
        inputs = {"asked": asked * unit} if asked is not None else {}
        inputs |= {k: item[k] for k in ("clouded",) if k in item}
        rest = {k: v for k, v in item.items() if k not in ("asked", "clouded")}
        full.append({**base, "id": f"c{i}", "inputs": inputs, **rest})
    return engine.run(read_claims(full), Facts.of(facts or None), 2026, Catalog(documents))


def _whole(documents: list[Any], claims: list[dict[str, Any]], facts: dict[str, Any]) -> bool:
    """Whether every sum of a list is of whole 万元."""
    tables = any(figure.table for one in documents for rule in one.rules.values() for figure in rule.figures.values())
    entries = [*facts.get("prior_payments", ()), *facts.get("external_support", ())]
    if tables or not all(isinstance(one, dict) for one in entries):
        return False
    said = [one["amount"] for one in entries if one.get("amount") is not None]
    asked = [one["asked"] for one in claims if "asked" in one]
    plain = not any({"inputs", "reviewed"} & one.keys() for one in claims)
    return plain and all(isinstance(x, int) for x in [*asked, *said]) and not any(x % 10_000 for x in said)


def _less(facts: Any) -> Any:
    """Facts with a 角 for every 万元; years, days and places stay."""
    if isinstance(facts, dict):
        return {k: v if k in ("year", "days", "month", "ranks") else _less(v) for k, v in facts.items()}
    if isinstance(facts, list):
        return [_less(one) for one in facts]
    return Decimal(facts) / 100_000 if isinstance(facts, int) and not isinstance(facts, bool) else facts


def _in_jiao(document: Any) -> Any:
    """A document with a 角 for every 万元."""
    rules = {
        name: replace(
            rule,
            figures={
                k: replace(f, value=f.value / 100_000) if f.kind == "money" else f for k, f in rule.figures.items()
            },
        )
        for name, rule in document.rules.items()
    }
    return replace(document, rules=rules)


def paid(result: Settlement) -> list[float]:
    for claim in result.claims:
        assert claim.decided - sum((c.amount for c in claim.cuts), Decimal(0)) == claim.payable
        assert sum(claim.payers.values(), Decimal(0)) == claim.payable
    return [float(c.payable / 10_000) for c in result.claims]


def cross(effect: str, members: str = "[a, b, c]", kind: str = "exclusive", id: str = "rule") -> str:
    return f"- {{id: {id}, at: 二, kind: {kind}, members: {members}, text: 样例规则, {effect}}}\n"


def before(rule: str, amount: int, city: str = "qu", **more: Any) -> dict[str, Any]:
    base = {
        "enterprise": "示例企业01",
        "city": city,
        "rule": rule,
        "year": 2026,
        "amount": amount * 10_000,
        "project": "P",
    }
    return base | more


# --- choose ---


def test_the_yearly_highest_of_one_firm() -> None:
    """一家企业一年只取最高一项：10、25、15 取 25；次年另算。"""
    law = document("qu", cross("choose: {per: [enterprise, year], kinds: ['*'], earlier: topped}", kind="highest_only"))
    claims = [
        {"rule": "a", "asked": 10, "project": "P"},
        {"rule": "b", "asked": 25, "project": "Q"},
        {"rule": "c", "asked": 15, "project": None},
        {"rule": "a", "asked": 7, "on": "2027-06-30"},
    ]
    assert paid(run([law], claims)) == [0, 25, 0, 7]
    # 当年已付另一项 10：25 只付超过的 15
    assert paid(run([law], claims[:3], prior_payments=[before("a", 10, project=None)])) == [0, 15, 0]


def test_choices_that_share_what_is_paid_once() -> None:
    """甲 20 每家一次，乙 18；两个项目各选一项：都选甲只有 20，一甲一乙 38，相同取前面大的。"""
    law = document("qu", cross("choose: {per: [project], kinds: [a, b]}", "[a, b]"))
    law = replace(law, rules={**law.rules, "a": replace(law.rules["a"], once=("enterprise",))})
    claims = [{"rule": rule, "asked": asked, "project": p} for p in "PQ" for rule, asked in (("a", 20), ("b", 18))]
    assert paid(run([law], claims)) == [20, 0, 0, 18]


def test_only_an_election_that_came_to_nothing_is_told() -> None:
    """选了付不到钱的甲：不起作用，只在甲上说明；同一项目另一笔 0 的没有选过，不说。选了的只得五角，也是有钱。"""
    law = document("qu", cross("choose: {per: [project], kinds: [a, b], elective: true}", "[a, b]"))
    claims = [{"rule": "a", "asked": 0}, {"rule": "b", "asked": 5}, {"rule": "c", "asked": 0}]
    result = run([law], claims, choices={"P": "c0"})
    assert paid(result) == [0, 5, 0] and [(n.claim, n.kind) for n in result.notes] == [("c0", "told")]
    half = run([law], [{"rule": "a", "asked": 0.00005}, *claims[1:]], choices={"P": "c0"})
    assert paid(half) == [0.00005, 0, 0] and not half.notes
    assert half.claims[1].cuts[0].reason.endswith("保留申报 c0（0.50元，企业选择）")


def test_why_a_kind_was_not_taken() -> None:
    """甲封顶 4：5 与 3 付 4、0，乙 2 不付，写明只保留付了钱的那一笔；两类相同的写明取先申报的。"""
    law = document("qu", cross("choose: {per: [project], kinds: [a, b]}", "[a, b]"), caps={"a": 4})
    more = run([law], [{"rule": "a", "asked": 5}, {"rule": "a", "asked": 3}, {"rule": "b", "asked": 2}])
    assert paid(more) == [4, 0, 0]
    assert more.claims[2].cuts[0].reason.endswith("保留申报 c0（40,000.00元，合计最高）")
    same = run([law], [{"rule": "b", "asked": 4}, {"rule": "a", "asked": 4}])
    assert paid(same) == [4, 0] and same.claims[1].cuts[0].reason.endswith("（40,000.00元，合计相同，取先申报的）")


def test_no_kind_has_anything_to_be_paid() -> None:
    """合用的封顶 4 以前付满了：两类都是 0，不写“保留”。"""
    law = document(
        "qu", cross("choose: {per: [project], kinds: [a, b]}", "[a, b]"), shared="all", caps=dict.fromkeys("abc", 4)
    )
    result = run([law], [{"rule": "a", "asked": 3}, {"rule": "b", "asked": 2}], prior_payments=[before("c", 4)])
    assert paid(result) == [0, 0] and result.claims[1].cuts[0].reason.endswith("各种选法都没有可付金额")


def test_support_that_was_not_stated_is_asked_of_what_is_paid() -> None:
    """就高连同其他奖补：五角与三角，付五角；没有写有没有其他奖补的，只问付钱的那一笔。"""
    effect = "choose: {per: [project], kinds: [a, b], support: [other], earlier: topped}"
    law = document("qu", cross(effect, "[a, b]", "highest_only"))
    result = run([law], [{"rule": "a", "asked": 0.00005}, {"rule": "b", "asked": 0.00003}])
    assert paid(result) == [0.00005, 0] and [(n.claim, n.code) for n in result.notes] == [("c0", "unstated_support")]


def test_a_doubtful_code_joins_no_name_that_does_not_bear_it() -> None:
    """代码末位校验不通过的按名称核算；没有代码的另一家不相干：封顶 4 各管各的。"""
    law = document("qu", shared="all", caps=dict.fromkeys("abc", 4))
    claims = [
        {"asked": 5, "code": "91350199MA00000016"},
        {"asked": 5, "enterprise": "示例企业02"},
        {"rule": "b", "asked": 5},
    ]
    result = run([law], claims)
    assert paid(result) == [4, 4, 0] and [(n.claim, n.code) for n in result.notes] == [("c0", "identity")]


def test_the_higher_of_city_and_district_is_kept() -> None:
    """市 20、区 30，就高只取一项：区 30；市 30、区 20：市 30。"""
    city = document("shi")
    law = document("qu", cross("choose: {per: [project, year], kinds: [a, 'shi:a']}", "[a, 'shi:a']"), payer="county")
    for first, second, expected in ((20, 30, [0, 30]), (30, 20, [30, 0]), (20, 20, [20, 0])):
        claims = [{"city": "shi", "asked": first}, {"asked": second}]
        assert paid(run([city, law], claims)) == expected
    # 不同项目、没有区里申报的，互不影响
    assert paid(run([city, law], [{"city": "shi", "asked": 20}, {"asked": 30, "project": "Q"}])) == [20, 30]
    assert paid(run([city, law], [{"city": "shi", "asked": 20}])) == [20]


def test_a_choice_of_one_payers_part() -> None:
    """市 100 按 3:7，区承担 70；区自己 60：就高 70，区自己的不付；区自己 80：市只付 30，区付 80。"""
    city = document("shi", cross("split: {between: [city, county], ratios: [a.ratio]}", "[a]", "share"))
    law = document(
        "qu",
        cross("choose: {per: [project, year], kinds: ['*', 'shi:a'], part: county}", kind="highest_only"),
        payer="county",
    )
    low = run([city, law], [{"city": "shi", "asked": 100}, {"asked": 60}])
    assert paid(low) == [100, 0]
    high = run([city, law], [{"city": "shi", "asked": 100}, {"asked": 80}])
    assert paid(high) == [30, 80] and high.claims[0].payers == {"city": Decimal(300_000)}
    # 审定 90：市 27，区 63 低于 80；审定的原因不变
    reviewed = run([city, law], [{"city": "shi", "asked": 100, "reviewed": "90万元"}, {"asked": 80}])
    assert paid(reviewed) == [27, 80]
    assert [c.reason for c in reviewed.claims[0].cuts] == [
        "审定额 900,000.00元", "样例规则；保留申报 c1（800,000.00元，合计最高）",
    ]  # fmt: skip
    equal = run([city, law], [{"city": "shi", "asked": 100}, {"asked": 70}])
    assert paid(equal) == [30, 70], "the document's own claim goes before a part of another's"
    assert equal.claims[0].cuts[0].reason.endswith("保留申报 c1（700,000.00元，合计相同，取本级的）")


def test_an_election_of_one_payers_part() -> None:
    """市 100（区承担 70），区 60：选区的，市只付 30；区的封顶 10 已用完，选它不起作用，市县仍付 100。"""
    city = document("shi", cross("split: {between: [city, county], ratios: [a.ratio]}", "[a]", "share"))
    effect = "choose: {per: [project, year], kinds: ['*', 'shi:a'], part: county, elective: true}"
    claims = [{"city": "shi", "asked": 100}, {"asked": 60}]
    law = document("qu", cross(effect, kind="highest_only"), payer="county")
    assert paid(run([city, law], claims)) == [100, 0]
    assert paid(run([city, law], claims, choices={"P": "c1"})) == [30, 60]
    more = [{"city": "shi", "asked": 100}, {"asked": 80}]  # 30 and 80 are more than 100: the other half is elected
    assert paid(run([city, law], more)) == [30, 80]
    assert paid(run([city, law], more, choices={"P": "c0"})) == [100, 0]
    law = document("qu", cross(effect, kind="highest_only"), payer="county", caps={"a": 10})
    assert paid(run([city, law], claims, choices={"P": "c1"}, prior_payments=[before("a", 10)])) == [100, 0]


# --- deduct ---


def test_city_and_district_each_pay_their_part_of_the_higher() -> None:
    """市 20、区 30：合计付较高的 30，市 20、区补 10；区先报也一样；区 15 低于市 20：区 0。"""
    city = document("shi")
    law = document(
        "qu", cross("deduct: {claims: ['shi:a'], per: [project, year]}", "[a]", "highest_only"), payer="county"
    )
    assert paid(run([city, law], [{"city": "shi", "asked": 20}, {"asked": 30}])) == [20, 10]
    assert paid(run([city, law], [{"asked": 30}, {"city": "shi", "asked": 20}])) == [10, 20]
    assert paid(run([city, law], [{"asked": 15}, {"city": "shi", "asked": 20}])) == [0, 20]
    # 市里两笔各 10，封顶 15，付 10 和 5：先报的区里 30 扣 15
    capped = document("shi", caps={"a": 15})
    shi = {"city": "shi", "asked": 10}
    assert paid(run([capped, law], [{"asked": 30}, shi, shi])) == [15, 10, 5]
    # 两笔区里的申报：市里的 20 只扣一次
    assert paid(run([city, law], [{"city": "shi", "asked": 20}, {"asked": 12}, {"asked": 30}])) == [20, 0, 22]
    # 市里以前付过 20，写全了的不用核对
    known = run([city, law], [{"asked": 30}], prior_payments=[before("a", 20, "shi")])
    assert paid(known) == [10] and not known.notes
    assert paid(run([city, law], [{"asked": 30}], prior_payments=[before("a", 20, "shi") | {"amount": 1}])) == [29.9999]
    assert paid(run([city, law], [{"asked": 30}], prior_payments=[before("a", 20, "shi", year=2025)])) == [30]
    # 一方没有写项目：没有扣除，都提示
    nameless = {"project": None}
    for one, other in (({}, nameless), (nameless, {}), (nameless, nameless)):
        apart = run([city, law], [{"city": "shi", "asked": 20, **one}, {"asked": 30, **other}])
        assert paid(apart) == [20, 30] and {n.claim for n in apart.notes if "没有互相扣除" in n.text} == {"c0", "c1"}
    for one, other in ((0, 30), (20, 0)):  # nothing is to be taken off, or off nothing
        nothing = run([city, law], [{"city": "shi", "asked": one, **nameless}, {"asked": other}])
        assert paid(nothing) == [one, other] and not nothing.notes
    told = run([city, law], [{"city": "shi", "asked": 20, "project": "Q"}, {"asked": 30}])
    assert paid(told) == [20, 30] and not told.notes
    vague = run([city, law], [{"asked": 30}], prior_payments=[before("a", 20, "shi", project=None)])
    assert paid(vague) == [30] and "以前兑现的 200,000.00元 与本笔有一方没有写明" in vague.notes[0].text
    least = run(
        [city, law], [{"asked": 30}], prior_payments=[before("a", 20, "shi", project=None) | {"amount": "0.01元"}]
    )
    assert "以前兑现的 0.01元 与本笔有一方没有写明" in least.notes[0].text
    other_year = before("a", 20, "shi", project=None, year=2025)
    assert not run([city, law], [{"asked": 30}], prior_payments=[other_year]).notes
    # 市里的还缺资料：区里的等它
    waiting = run([city, law], [{"city": "shi"}, {"asked": 30}])
    assert paid(waiting) == [0, 0] and [c.status for c in waiting.claims] == ["pending", "pending"]


def test_outside_support_is_deducted_once() -> None:
    """其他奖补 40：两笔 30，第一笔全扣，第二笔付 20；没有写金额的等。"""
    law = document("qu", cross("deduct: {support: [other], of: project}", kind="highest_only"))
    support = [{"project": "P", "kind": "其他奖补", "amount": 400_000}]
    claims = [{"asked": 30}, {"rule": "b", "asked": 30}, {"asked": 30, "project": "Q"}]
    more = run([law], [*claims, {"rule": "c", "asked": 10}], external_support=support)
    assert paid(more) == [0, 20, 30, 10] and not more.claims[3].cuts, "nothing is left to be taken off"
    read = [Support("other", "P", amount=Decimal(400_000))]
    assert paid(run([law], claims, external_support=read)) == [0, 20, 30]
    unknown = run([law], [{"asked": 30}], external_support=[{"project": "P", "kind": "other"}])
    assert paid(unknown) == [0] and unknown.claims[0].status == "pending"
    assert "没有写金额" in unknown.claims[0].cuts[0].reason


# --- limit ---


def test_a_limit_over_provisions_and_documents() -> None:
    """一个项目市、区合计不超过 50：市 40，区 30 只余 10；别的项目另算。"""
    city = document("shi")
    law = document("qu", cross("limit: {per: [project], max: a.total}", "[a, 'shi:a']", "cap_shared"), payer="county")
    claims = [{"city": "shi", "asked": 40}, {"asked": 30}, {"asked": 30, "project": "Q"}]
    result = run([city, law], claims)
    assert paid(result) == [40, 10, 30] and [c.rule for c in result.claims[1].cuts] == ["rule"]
    assert paid(run([city, law], claims, prior_payments=[before("a", 25, "shi")])) == [25, 0, 30]


def test_a_limit_of_the_count() -> None:
    """一家企业一年至多两项：第三项不付；付不到的不占；次年另算；以前付过一项的只余一项。"""
    law = document("qu", cross("limit: {of: count, per: [enterprise, year], max: a.places}", kind="cap_shared"))
    claims = [{"asked": 1}, {"rule": "b", "asked": 0}, {"rule": "b", "asked": 2}, {"rule": "c", "asked": 3},
              {"asked": 4, "on": "2027-06-30"}]  # fmt: skip
    result = run([law], claims)
    assert paid(result) == [1, 0, 2, 0, 4]
    assert "最多 2 笔，此前已有 2 笔" in result.claims[3].cuts[0].reason
    assert paid(run([law], claims, prior_payments=[before("c", 9)])) == [1, 0, 0, 0, 4]
    assert paid(run([law], [{"asked": 0.00005}, {"asked": 1}, {"asked": 2}])) == [0.00005, 1, 0]
    assert paid(run([law], [{"asked": 1}, {"asked": 2}, {"asked": 0.00005}])) == [1, 2, 0]
    back = [before("c", 9), before("b", 9), before("b", -9)]
    assert paid(run([law], claims, prior_payments=back)) == [1, 0, 0, 0, 4], "one of two was taken back"
    parts = [before("c", 9), before("c", -4), before("c", -5)]
    assert paid(run([law], claims, prior_payments=parts)) == [1, 0, 2, 0, 4], "all of it was taken back, in two parts"
    assert paid(run([law], claims, prior_payments=[before("c", 0)])) == [1, 0, 2, 0, 4]
    nothing = [before("c", 9), before("b", 0)]
    assert paid(run([law], claims, prior_payments=nothing)) == [1, 0, 0, 0, 4], "nothing gives no place back"
    half = before("c", 0) | {"amount": "0.5"}
    assert paid(run([law], claims, prior_payments=[half])) == [1, 0, 0, 0, 4]


def test_a_payment_taken_back_in_part_still_counts() -> None:
    """至多 2 项，以前付过 1 项（10）：收回 3 的仍是 1 项，收回 10 的不算；付过 2 项（10、8）收回 8 的算 1 项。"""
    law = document("qu", cross("limit: {of: count, per: [enterprise, year], max: a.places}", kind="cap_shared"))
    two = [{"asked": 10}, {"asked": 10, "project": "Q"}]
    for amounts, expected in (([10], [10, 0]), ([10, -3], [10, 0]), ([10, -10], [10, 10]), ([10, 8, -8], [10, 0])):
        assert paid(run([law], two, prior_payments=[before("a", amount) for amount in amounts])) == expected


def test_what_a_cap_takes_all_of_counts_nothing() -> None:
    """一年至多两项，甲每个项目封顶 10：10、5、乙 5：第二笔封顶后为零，不占一项。"""
    effect = cross("limit: {of: count, per: [enterprise, year], max: a.places}", kind="cap_shared")
    law = document("qu", effect, caps={"a": 10})
    assert paid(run([law], [{"asked": 10}, {"asked": 5}, {"rule": "b", "asked": 5}])) == [10, 0, 5]


TIERED = """
provisions:
- id: a
  at: 一
  title: 奖励a
  nature: entitlement
  figures: {rate: 100%, places: {by: size, levels: {small: 1项, large: 2项}, label: 项数}}
  inputs:
    asked: {type: money, label: 申请金额}
    size: {type: enum, label: 规模, values: {small: 小, large: 大}}
  amount: asked * rate
"""


def test_a_limit_of_the_count_by_a_table() -> None:
    """小企业一年一项，大企业两项：小 5、6 付 5、0；大 7、8、9 付 7、8、0；以前按“大”付过一项的，大只余一项。"""
    text = HEAD.format(key="qu-2026-1", city="qu", label="示例区", payer="city") + TIERED
    effect = cross("limit: {of: count, per: [enterprise, year], max: a.places}", "[a]", "cap_shared")
    law = compile_text(f"{text}cross_rules:\n{effect}", "qu-2026-1.yaml")
    sizes = [("small", 5), ("small", 6), ("large", 7), ("large", 8), ("large", 9)]
    claims = [{"inputs": {"asked": 10_000 * asked, "size": size}} for size, asked in sizes]
    assert paid(run([law], claims)) == [5, 0, 7, 8, 0]
    assert paid(run([law], claims, prior_payments=[before("a", 4, level="大")])) == [5, 0, 7, 0, 0]
    waiting = run([law], [{"inputs": {"size": "large"}}, *claims[2:]])  # keeps its place, whatever it is of
    assert paid(waiting) == [0, 7, 8, 0] and waiting.claims[0].status == "pending"


def test_a_limit_shared_by_name() -> None:
    """三条合用 100：60、30、30 付 60、30、10；以前付过 50 的只余 50。"""
    law = document("qu", shared="all", caps=dict.fromkeys("abc", 100))
    claims = [{"rule": x, "asked": y} for x, y in (("a", 60), ("b", 30), ("c", 30))]
    assert paid(run([law], claims)) == [60, 30, 10]
    assert paid(run([law], claims, prior_payments=[before("b", 50)])) == [50, 0, 0]
    assert run([law], claims).claims[2].cuts[0].rule == "c.cap"


def test_provisions_that_share_a_limit_may_each_have_its_own() -> None:
    """合用的限额，a 至多 50，b 至多 30：一项目共至多 50，先报哪一笔都是 50。"""
    law = document("qu", shared="both", caps={"a": 50, "b": 30})
    assert paid(run([law], [{"asked": 40}, {"rule": "b", "asked": 30}])) == [40, 10]
    assert paid(run([law], [{"rule": "b", "asked": 30}, {"asked": 40}])) == [30, 20]


def test_a_limit_by_a_number_of_the_bureau() -> None:
    """贡献 50：40 + 30 付 40、10；没有贡献数的不限，有提示；协会不限。"""
    effect = "limit: {per: [enterprise, year], max: {fact: fiscal_contribution}, kinds: [enterprise]}"
    law = document("qu", cross(effect, kind="cap_total"))
    claims = [{"asked": 40}, {"rule": "b", "asked": 30}]
    assert paid(run([law], claims, fiscal_contribution={"示例企业01": 500_000})) == [40, 10]
    free = run([law], claims)
    assert paid(free) == [40, 30] and {n.claim for n in free.notes if n.code == "ceiling"} == {"c0", "c1"}
    association = [{**x, "enterprise_kind": "association"} for x in claims]
    assert paid(run([law], association, fiscal_contribution={"示例企业01": 0})) == [40, 30]


def test_a_waiting_claim_keeps_its_place_under_such_a_limit() -> None:
    """贡献 50，第一笔缺资料，至多可得 50：第二笔暂付 0。"""
    law = document("qu", cross("limit: {per: [enterprise, year], max: {fact: fiscal_contribution}}", kind="cap_total"))
    result = run([law], [{}, {"rule": "b", "asked": 30}], fiscal_contribution={"示例企业01": 500_000})
    assert paid(result) == [0, 0] and "provisional" in {n.code for n in result.notes if n.claim == "c1"}


# --- bar ---


@pytest.mark.parametrize(("clouded", "expected"), [(True, [20, 0]), (False, [20, 30])])
def test_a_claim_of_another_document_bars(clouded: bool, expected: list[int]) -> None:
    city = document("shi")
    law = document("qu", cross("bar: {claim: 'shi:a', where: clouded, per: [enterprise, year]}", "[a]"))
    claims = [{"city": "shi", "asked": 20, "clouded": clouded}, {"asked": 30, "project": "Q"}]
    assert paid(run([city, law], claims)) == expected


def test_a_claim_that_is_paid_nothing_bars_nothing() -> None:
    city = document("shi")
    law = document("qu", cross("bar: {claim: 'shi:a', per: [project]}", "[a]"))
    assert paid(run([city, law], [{"city": "shi", "asked": 0}, {"asked": 30}])) == [0, 30]
    assert paid(run([city, law], [{"city": "shi", "asked": 1}, {"asked": 30}, {"asked": 5, "project": "Q"}])) == [
        1,
        0,
        5,
    ]
    assert paid(run([city, law], [{"asked": 30}], prior_payments=[before("a", 1, "shi")])) == [0]


def test_any_support_bars() -> None:
    law = document("qu", cross("bar: {support: ['*'], of: project}", "[a]"))
    support = [{"project": "P", "kind": "other"}]
    assert paid(run([law], [{"asked": 30}, {"asked": 5, "project": "Q"}], external_support=support)) == [0, 5]


# --- scale, split ---


def test_up_inside_the_limit_and_down_to_the_fund() -> None:
    """上浮 100%：30 变 60，封顶 50 付 50；资金 60：50 与 50 各付 30；由别的资金补足的不减，有提示。"""
    rules = cross("scale: {by: c.rate}", "[a]", "uplift", "up") + cross(
        "scale: {pool: fund}", "[a, b]", "pro_rata", "down"
    )
    claims = [{"asked": 30}, {"rule": "b", "asked": 50}]
    law = document("qu", rules, caps={"a": 50})
    assert paid(run([law], claims)) == [30, 50]
    assert paid(run([law], claims, chain_enterprises=["示例企业01"])) == [50, 50]
    assert paid(run([law], claims, chain_enterprises=["示例企业01"], pools={"fund": 600_000})) == [30, 30]
    backed = document("qu", cross("scale: {pool: fund, backed: true}", "[a, b]", "cap_total"))
    result = run([backed], claims, pools={"fund": 100_000})
    assert paid(result) == [30, 50] and [n.code for n in result.notes if not n.claim] == ["rule"]


def test_a_fund_without_a_figure_of_the_year_is_noted() -> None:
    """资金只写了 2026 年 30：2026 年的 40 付 30；2027 年的没有按资金减，提示。没有写资金的不提示。"""
    law = document("qu", cross("scale: {pool: fund, called: 样例专项}", "[a]", "pro_rata"))
    claims = [{"asked": 40}, {"asked": 20, "on": "2027-06-30"}]
    for fund in (300_000, {2026: 300_000}):
        result = run([law], claims, pools={"fund": fund})
        assert paid(result) == [30, 20]
        assert [(n.claim, n.text) for n in result.notes] == [
            ("c1", "没有 2027 年“样例专项”的数，本笔没有按它核减，请补充后再核")
        ]
    assert not run([law], claims).notes


BARE = """
- id: {id}
  at: 一
  title: 奖励{id}
  nature: entitlement
  figures: {{rate: {rate}}}
  inputs: {{asked: {{type: money, label: 申请金额}}}}
  amount: asked * rate
"""


def test_an_uplift_by_a_table() -> None:
    """申请满 10 才上浮 50%：5 付 5，20 付 30。"""
    text = HEAD.format(key="qu-2026-1", city="qu", label="示例区", payer="city") + "provisions:"
    text += BARE.format(id="a", rate="100%")
    text += BARE.format(id="c", rate="{by: asked, from: {10万元: 50%}, label: 上浮比例, below: 0}")
    law = compile_text(f"{text}cross_rules:\n{cross('scale: {by: c.rate}', '[a]', 'uplift')}", "qu-2026-1.yaml")
    assert paid(run([law], [{"asked": 5}, {"asked": 20}], chain_enterprises=["示例企业01"])) == [5, 30]


def test_increments_take_room_under_a_limit_of_several_provisions() -> None:
    """上浮 100%，一家合计不超过 50：标准 20 与 20，余 10 归先上浮的；预算够。"""
    rules = cross("scale: {by: c.rate}", "[a]", "uplift", "up") + cross(
        "limit: {per: [enterprise], max: a.total}", "[a, b]", "cap_shared", "together"
    )
    claims = [{"asked": 20}, {"asked": 20, "project": "Q"}]
    facts: dict[str, Any] = {"chain_enterprises": ["示例企业01"], "uplift_budget": 1_000_000}
    assert paid(run([document("qu", rules)], claims, **facts)) == [30, 20]


def test_who_pays() -> None:
    """3:7，0.01 元归前一个：10000.01 为 3000.01 与 7000.00。一个付款方：全归它。"""
    law = document("qu", cross("split: {between: [city, county], ratios: [a.ratio]}", "[a]", "share")
                   + cross("split: {between: [province]}", "[b]", "share", "one"))  # fmt: skip
    result = run([law], [{"inputs": {"asked": "10000.01"}}, {"rule": "b", "asked": 2}, {"rule": "c", "asked": 2}])
    assert [c.payers for c in result.claims] == [
        {"city": Decimal("3000.01"), "county": Decimal("7000.00")},
        {"province": Decimal(20_000)},
        {"city": Decimal(20_000)},
    ]


def test_each_provision_is_shared_by_its_own_ratio() -> None:
    """a 按 3:7，b 按 1:1：各 10 为 3 与 7、5 与 5。"""
    rules = cross("split: {between: [city, county], ratios: [a.ratio, b.ratio]}", "[a, b]", "share")
    result = run([document("qu", rules, ratios={"b": "1:1"})], [{"asked": 10}, {"rule": "b", "asked": 10}])
    assert [c.payers for c in result.claims] == [
        {"city": Decimal(30_000), "county": Decimal(70_000)},
        {"city": Decimal(50_000), "county": Decimal(50_000)},
    ]


# --- in pairs ---


def test_a_number_of_claims_is_no_amount_that_a_waiting_claim_keeps_in_a_fund() -> None:
    """一家一年最多 2 笔，一笔缺金额：资金里留它的封顶 60，资金 60 与应付 60 各半。"""
    rules = cross("limit: {of: count, per: [enterprise, year], max: a.places}", kind="cap_shared", id="two")
    rules += cross("scale: {pool: fund}", "[a, b]", "pro_rata", "down")
    law = document("qu", rules, caps={"b": 60})
    assert paid(run([law], [{"asked": 60}, {"rule": "b", "project": "Q"}], pools={"fund": 600_000})) == [30, 0]


def test_a_choice_counts_what_a_limit_leaves() -> None:
    """择一：a 80 但封顶 30，b 40：取 b。区贡献只余 20：都付 20，取先报的。"""
    rules = cross("choose: {per: [project], kinds: [a, b]}", "[a, b]")
    rules += cross("limit: {per: [enterprise, year], max: {fact: fiscal_contribution}}", kind="cap_total", id="most")
    law = document("qu", rules, caps={"a": 30})
    claims = [{"asked": 80}, {"rule": "b", "asked": 40}]
    assert paid(run([law], claims, fiscal_contribution={"示例企业01": 10_000_000})) == [0, 40]
    assert paid(run([law], claims, fiscal_contribution={"示例企业01": 200_000})) == [20, 0]


def test_what_is_deducted_takes_no_room() -> None:
    """其他奖补 10 先扣：30 − 10 = 20；贡献 30：第二笔 30 只余 10。"""
    rules = cross("deduct: {support: [other], of: project}", "[a]", "highest_only", "less")
    rules += cross("limit: {per: [enterprise, year], max: {fact: fiscal_contribution}}", kind="cap_total", id="most")
    law = document("qu", rules)
    claims = [{"asked": 30}, {"rule": "b", "asked": 30}]
    facts = {
        "external_support": [{"project": "P", "kind": "other", "amount": 100_000}],
        "fiscal_contribution": {"示例企业01": 300_000},
    }
    assert paid(run([law], claims, **facts)) == [20, 10]


def test_a_barred_claim_is_not_chosen_and_counts_nothing() -> None:
    """a 有其他奖补，不付；择一时取 b；至多两项时不占名额。"""
    rules = cross("bar: {support: [other], of: project}", "[a]", id="bar")
    rules += cross("choose: {per: [project], kinds: [a, b]}", "[a, b]", id="one")
    rules += cross("limit: {of: count, per: [enterprise], max: a.places}", kind="cap_shared", id="two")
    law = document("qu", rules)
    claims = [{"asked": 80}, {"rule": "b", "asked": 40}, {"rule": "c", "asked": 1}]
    assert paid(run([law], claims, external_support=[{"project": "P", "kind": "other"}])) == [0, 40, 1]
    assert paid(run([law], claims)) == [80, 0, 1]


def test_a_bar_says_that_cloud_spending_was_in_it_and_other_provisions_do_not_bar() -> None:
    """榕2024 附则：同年已享受含云服务的试点补助的，不再享受上云奖补；别的条款兑付过的不排除。"""
    claim = {"id": "1", "enterprise": "甲", "city": "fuzhou", "rule": "cloud_infra", "on": "2025-06-30"}
    claim["inputs"] = {"fee": "10万元"}
    paid = {"enterprise": "甲", "city": "fuzhou", "year": 2025, "amount": 100000, "includes_cloud_spend": True}
    barred = settle([claim], {"prior_payments": [{**paid, "rule": "pilot_transformation"}]}, on_year=2025)
    assert str(barred.claims[0].payable) == "0.00" and "含云服务支出" in barred.claims[0].cuts[0].reason
    free = settle([claim], {"prior_payments": [{**paid, "rule": "digital_project"}]}, on_year=2025)
    assert str(free.claims[0].payable) == "50000.00"


def test_the_second_of_two_equal_claims_is_noted() -> None:
    claim = {"enterprise": "甲", "city": "fuzhou", "rule": "tech_upgrade", "inputs": {"investment": "600万元"}}
    claims = [{**claim, "id": i, "on": "2026-06-30", "project": "P"} for i in "12"]
    (note,) = settle(claims, on_year=2026).notes
    assert (note.claim, note.code) == ("2", "repeated") and "申报 1" in note.text


def test_a_claim_that_does_not_name_the_loan_of_a_deduction_is_asked_for_it() -> None:
    """同一笔贷款 a 要扣 b：a 没有写贷款，都照付并提示写贷款（不是项目）。"""
    law = document("qu", cross("deduct: {claims: [b], per: [project, loan]}", "[a]", "highest_only"))
    result = run([law], [{"asked": 30}, {"rule": "b", "asked": 20, "loan": "甲行"}])
    assert paid(result) == [30, 20]
    assert "未写贷款" in next(n.text for n in result.notes if n.claim == "c0" and n.code == "unnamed")


def test_a_choice_counts_what_its_kinds_bar_and_what_is_taken_off_for_them() -> None:
    """择一 b 40、c 30；b 得了排除 a 25：b 共 40，c 共 55，取 c。b 从 a 里扣：b 共 40，c 共 55，取 c。"""
    one = cross("choose: {per: [project], kinds: [b, c]}", "[b, c]", id="one")
    claims = [{"asked": 25, "project": "Q"}, {"rule": "b", "asked": 40}, {"rule": "c", "asked": 30}]
    bar = cross("bar: {claim: b, per: [enterprise, year]}", "[a]", id="bar")
    assert paid(run([document("qu", one + bar)], claims)) == [25, 0, 30]
    less = cross("deduct: {claims: [b], per: [year]}", "[a]", "highest_only", "less")
    assert paid(run([document("qu", one + less)], claims)) == [25, 0, 30]


def test_a_waiting_claim_keeps_in_a_fund_what_its_limits_leave() -> None:
    """a、b 一个项目合计 50：b 得 40，待补的 a 至多 10；资金 30：a 留 10，c 30 按 10:30 分得 22.5。"""
    rules = cross("limit: {of: amount, per: [project], max: a.total}", "[a, b]", "cap_shared", "most")
    rules += cross("scale: {pool: fund, called: 专项}", "[a, c]", "pro_rata", "down")
    law = document("qu", rules)
    claims = [{"rule": "b", "asked": 40}, {}, {"rule": "c", "asked": 30, "project": "Q"}]
    assert paid(run([law], claims, pools={"fund": 300_000})) == [40, 0, 22.5]


def test_choices_that_share_nothing_are_told_apart() -> None:
    law = document("qu", cross("choose: {per: [project], kinds: [a, b]}", "[a, b]"))
    claims = [
        {"asked": 2},
        {"rule": "b", "asked": 1},
        {"asked": 3, "project": "Q"},
        {"rule": "b", "project": "Q", "asked": 4},
    ]
    assert [one.claims for one in run([law], claims).compared] == [("c0", "c1"), ("c2", "c3")]


def test_a_limit_on_the_base_of_a_provision_without_a_term() -> None:
    """本金限额也可以在没有贴息期限的条文上：算法不看已用的数，两笔各 30 照付。"""
    limit = "limit: {of: principal, per: [enterprise], max: a.total, used: taken, base: asked}"
    law = document("qu", cross(limit, "[a]", "cap_shared"))
    assert paid(run([law], [{"asked": 30, "loan": "甲行"}, {"asked": 30, "loan": "乙行", "project": "Q"}])) == [30, 30]


@pytest.mark.parametrize(("earlier", "told"), [("chosen", True), ("topped", False)])
def test_only_what_has_chosen_is_to_be_settled_first(earlier: str, told: bool) -> None:
    """旧文件的一笔付了就不再享受的，提示先核定那一笔；就高只扣已付的，不提示。"""
    law = document("qu", cross(f"choose: {{per: [project], kinds: [a, b], earlier: {earlier}}}", "[a, b]"))
    first, last = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
    older = replace(document("qu"), key="qu-2025-1", valid_from=first, valid_to=last)
    result = run([law, older], [{"asked": 30, "on": "2025-06-30"}, {"rule": "b", "asked": 20}])
    assert paid(result) == [30, 20]
    assert any("请先核定那一笔" in n.text for n in result.notes if n.claim == "c1") is told


def test_what_is_in_one_fund_is_chosen_together() -> None:
    """资金 10 只管 a：两个项目各 a 10 或 b 8；都选 a 只有 10，一 a 一 b 18。没有写资金的、没有上浮预算的，各比各的。"""
    rules = cross("choose: {per: [project], kinds: [a, b]}", "[a, b]", id="one")
    rules += cross("scale: {pool: fund, called: 专项}", "[a]", "pro_rata", "down")
    rules += cross("scale: {by: c.rate}", "[a]", "uplift", "up")
    claims = [{"rule": rule, "asked": asked, "project": p} for p in "PQ" for rule, asked in (("a", 10), ("b", 8))]
    assert paid(run([document("qu", rules)], claims, pools={"fund": 100_000})) == [10, 0, 0, 8]
    apart = run([document("qu", rules)], claims, chain_enterprises=["示例企业01"])
    assert paid(apart) == [20, 0, 20, 0] and [c.claims for c in apart.compared] == [("c0", "c1"), ("c2", "c3")]


LOAN = """
- id: {id}
  at: 一
  title: 贴息{id}
  nature: entitlement
  figures: {{rate: 10%, years: {{value: 1年, label: 贴息期限}}}}
  inputs:
    balance: {{type: money, label: 贷款余额}}
    days: {{type: integer, label: 计息天数, unit: 天}}
  amount: balance * rate * min(days, years * 365) / 365
  term: {{days: days, years: years}}
"""


def test_claims_of_one_loan_are_chosen_together() -> None:
    """一笔贷款贴一年，两年各 365 天 10，只付一个 10；另一类两年各 8，共 16：取另一类。"""
    text = HEAD.format(key="qu-2026-1", city="qu", label="示例区", payer="city") + "provisions:"
    text += LOAN.format(id="a") + BARE.format(id="b", rate="100%")
    rule = cross("choose: {per: [project], kinds: [a, b]}", "[a, b]")
    law = compile_text(f"{text}cross_rules:\n{rule}", "qu-2026-1.yaml")
    interest = [
        {"loan": "甲行", "on": f"{year}-06-30", "inputs": {"balance": "100万元", "days": 365}} for year in (2026, 2027)
    ]
    assert paid(run([law], interest)) == [10, 0]
    other = [{"rule": "b", "asked": 8, "on": f"{year}-06-30"} for year in (2026, 2027)]
    assert paid(run([law], [*interest, *other])) == [0, 0, 8, 8]


def test_of_equal_combinations_the_one_taken_is_told_first() -> None:
    """a 封顶 4 以前在 P 付满：a 共 0＋7，b 7，取先得钱的 b，先列 b。"""
    law = document("qu", cross("choose: {per: [enterprise, year], kinds: [a, b]}", "[a, b]"), caps={"a": 7})
    claims = [{"asked": 5}, {"rule": "b", "asked": 7, "project": "Q"}, {"asked": 7, "project": "R"}]
    result = run([law], claims, prior_payments=[before("a", 7)])
    assert paid(result) == [0, 7, 0]
    assert [(o.stand, o.taken) for o in result.compared[0].options] == [((("c1",),), True), ((("c0", "c2"),), False)]


def test_a_claim_of_no_provision_whose_name_is_doubtful_beside_a_choice() -> None:
    """一个名称两个代码的等，没有这一条的那一笔没有什么可等；同一代码另一名称的照样择一。"""
    law = document("qu", cross("choose: {per: [project], kinds: [a, b]}", "[a, b]"))
    one, other = lists.code(1), lists.code(2)
    claims = [
        {"rule": "none", "asked": 1, "code": one}, {"asked": 1, "code": other},
        {"enterprise": "示例企业02", "code": one, "asked": 4}, {"enterprise": "示例企业02", "code": one, "rule": "b", "asked": 5},
    ]  # fmt: skip
    result = run([law], claims)
    assert paid(result) == [0, 0, 0, 5]
    assert [c.status for c in result.claims] == ["zero", "pending", "zero", "paid"]


def test_what_is_taken_off_an_object_needs_no_project() -> None:
    city = document("shi")
    law = document("qu", cross("deduct: {claims: ['shi:a'], per: [object]}", "[a]", "highest_only"))
    earlier = before("a", 20, "shi", object="X", project=None)
    result = run([city, law], [{"asked": 30, "object": "X", "project": None}], prior_payments=[earlier])
    assert paid(result) == [10] and not result.notes


def test_a_project_is_the_enterprises_own_whatever_the_object() -> None:
    """别的单位同名项目、同一对象上付过 4：本单位这个项目的封顶 4 没有用过。"""
    law = document("qu", caps={"a": 4})
    others = [before("a", 4, enterprise="示例企业02", object="X"), before("b", 1, project="Q")]
    assert paid(run([law], [{"asked": 5, "object": "X"}], prior_payments=others)) == [4]


def test_another_order_where_an_earlier_payment_is_taken_off_one_of_two() -> None:
    """合计 50：c 40 在前，a 30 只余 10，扣以前的 20 后为 0；a 在前，30 扣 20 付 10，c 40，可多付 10。"""
    rules = cross("choose: {per: [project], kinds: [a, b], earlier: topped}", "[a, b]", "highest_only", "one")
    rules += cross("limit: {per: [enterprise], max: a.total}", "[a, c]", "cap_shared", "most")
    claims = [{"rule": "c", "asked": 40, "project": "Q"}, {"asked": 30}]
    result = run([document("qu", rules)], claims, prior_payments=[before("b", 20)])
    assert paid(result) == [40, 0] and {n.claim for n in result.notes if "可多付 100,000.00元" in n.text} == {
        "c0",
        "c1",
    }


def test_only_what_is_not_named_is_told_as_not_compared() -> None:
    """P 的 a、Q 的 b 都写了项目；没有写项目的 a 与 b 没有比较。以前付过的不排除别的，不说没有与它比较。"""
    law = document("qu", cross("choose: {per: [project], kinds: [a, b]}", "[a, b]"))
    claims = [{"asked": 5}, {"rule": "b", "asked": 4, "project": "Q"}, {"asked": 3, "project": None}]
    result = run([law], claims, prior_payments=[before("b", 2)])
    assert paid(result) == [5, 4, 3]
    assert [(n.claim, n.text.partition("比较")[0]) for n in result.notes if "没有与" in n.text] == [
        ("c1", "对方未写项目，没有与申报 c2 "), ("c2", "未写项目，没有与申报 c1 "),
    ]  # fmt: skip


def test_each_fund_pays_its_own_provisions() -> None:
    """甲资金 20 付 a，乙资金 60 付 b：a 30 得 20，b 30 照付；补足的资金刚好够的，不提示。"""
    rules = cross("scale: {pool: one, called: 甲资金}", "[a]", "pro_rata", "first")
    rules += cross("scale: {pool: other, called: 乙资金}", "[b]", "pro_rata", "second")
    claims = [{"asked": 30}, {"rule": "b", "asked": 30}]
    assert paid(run([document("qu", rules)], claims, pools={"one": 200_000, "other": 600_000})) == [20, 30]
    backed = document("qu", cross("scale: {pool: fund, backed: true}", "[a, b]", "cap_total"))
    enough = run([backed], claims, pools={"fund": 600_000})
    assert paid(enough) == [30, 30] and not enough.notes


def test_what_was_taken_off_before_is_called_by_its_name() -> None:
    """就高：其他奖补 10、以前付过另一项 3 和本项 5，40 付 27；那时扣过没有，各说各的。"""
    effect = "choose: {per: [project], kinds: [a, b], support: [other], earlier: topped}"
    law = document("qu", cross(effect, "[a, b]", "highest_only"))
    support = [{"project": "P", "kind": "other", "amount": 100_000}]
    result = run([law], [{"asked": 40}], prior_payments=[before("b", 3), before("a", 5)], external_support=support)
    assert paid(result) == [27]
    told = [n.text for n in result.notes if n.code == "repeated"]
    assert ["那时扣过另一项 30,000.00元" in text for text in told] == [True, False]
    assert ["那时扣过其他支持 100,000.00元" in text for text in told] == [False, True]


def test_a_waiting_claim_that_keeps_no_room_of_a_choice_leaves_it_alone() -> None:
    law = document("qu", cross("choose: {per: [project], kinds: [a, b]}", "[a, b]"))
    result = run([law], [{"asked": 5}, {"rule": "b", "asked": 4}, {"rule": "c"}])
    assert paid(result) == [5, 0, 0] and {n.claim for n in result.notes} == {"c2"}


def test_what_has_nothing_to_lose_shows_no_cut_of_nothing() -> None:
    """b 排除 a：申请 0 的 a 没有扣减；二选一没有选上的 a，只写没有选上。"""
    rules = cross("choose: {per: [project], kinds: [a, c]}", "[a, c]", id="one")
    rules += cross("bar: {claim: b, per: [enterprise, year]}", "[a]", id="bar")
    law = document("qu", rules)
    assert not run([law], [{"asked": 0}, {"rule": "b", "asked": 5}]).claims[0].cuts
    result = run([law], [{"asked": 3}, {"rule": "c", "asked": 4}, {"rule": "b", "asked": 5}])
    assert paid(result) == [0, 4, 5] and [c.rule for c in result.claims[0].cuts] == ["one"]


def test_two_figures_of_the_bureau_hold_only_what_they_limit() -> None:
    """贡献写了两个数：按贡献封顶的等，别的封顶的照付。"""
    law = document("qu", cross("limit: {per: [enterprise], max: a.total}", "[a]", "cap_shared"))
    code = lists.code(1)
    facts = {"fiscal_contribution": {"示例企业01": 10_000, code: 20_000}}
    result = run([law], [{"asked": 5, "code": code}], **facts)
    assert paid(result) == [5]
    fact = cross("limit: {per: [enterprise, year], max: {fact: fiscal_contribution}}", "[a]", "cap_total")
    held = run([document("qu", fact)], [{"asked": 5, "code": code}], **facts)
    assert paid(held) == [0] and held.claims[0].status == "pending"


def test_what_a_limit_of_two_provisions_says_and_where() -> None:
    law = document("qu", shared="all", caps=dict.fromkeys("abc", 4))
    rules = {k: v for k, v in law.rules.items() if k != "c"}
    law = replace(law, rules=rules)
    (cut,) = run([law], [{"asked": 4}, {"rule": "b", "asked": 1}]).claims[1].cuts
    assert (cut.at, cut.text) == ("一", "每个项目合计不超过几条合用的封顶")
    limits = tuple(replace(one, at="三") for one in rules["b"].limits)
    law = replace(law, rules={**rules, "b": replace(rules["b"], limits=limits)})
    assert run([law], [{"asked": 4}, {"rule": "b", "asked": 1}]).claims[1].cuts[0].at == "三"


def test_a_document_is_reached_by_what_it_paid_itself() -> None:
    """区里的封顶（贡献）也管市里的 a：以前在区里得过钱的算，只在市里得过的不算。"""
    rule = cross("limit: {per: [enterprise, year], max: {fact: fiscal_contribution}}", "[a, 'shi:a']", "cap_total")
    laws = [document("shi"), document("qu", rule, payer="county")]
    for city, told in (("qu", 1), ("shi", 0)):
        result = run(laws, [{"city": "shi", "asked": 5}], prior_payments=[before("b", 1, city)])
        assert paid(result) == [5] and sum(n.code == "ceiling" for n in result.notes) == told


def test_what_an_earlier_payment_of_another_kind_covers_is_part_of_the_limit_once() -> None:
    """封顶 50，以前另一项付过 20：30 付 10；40 连同已付的 10 和扣掉的 20 只余 20，付 20。"""
    law = document("qu", cross("choose: {per: [project], kinds: [a, b], earlier: topped}", "[a, b]"), caps={"a": 50})
    assert paid(run([law], [{"asked": 30}, {"asked": 40}], prior_payments=[before("b", 20)])) == [10, 20]


def test_what_one_limit_took_whole_another_neither_cuts_nor_asks_for() -> None:
    rule = cross("limit: {of: count, per: [enterprise, year], max: a.places}", kind="cap_shared")
    law = document("qu", rule, caps={"a": 4})
    result = run([law], [{"asked": 4}, {"rule": "b", "asked": 1}, {"asked": 4}])
    assert paid(result) == [4, 1, 0] and [c.rule for c in result.claims[2].cuts] == ["a.cap"]
    fact = cross("limit: {per: [enterprise, year], max: {fact: fiscal_contribution}}", "[a]", "cap_total")
    asked = run([document("qu", fact, caps={"a": 4})], [{"asked": 4}, {"asked": 4}])
    assert paid(asked) == [4, 0] and {n.claim for n in asked.notes if n.code == "ceiling"} == {"c0"}


def test_the_place_that_another_enterprise_gave_up_by_its_choice_is_free() -> None:
    """对象 X 的 a 只付一次：甲早报 a 5，另选 b 9；乙的 a 7 高于 b 6，取 a 7。"""
    law = document("qu", cross("choose: {per: [project], kinds: [a, b]}", "[a, b]"))
    law = replace(law, rules={**law.rules, "a": replace(law.rules["a"], once=("object",))})
    claims = [
        {"asked": 5, "object": "X", "on": "2026-05-01"}, {"rule": "b", "asked": 9},
        {"enterprise": "示例企业02", "asked": 7, "object": "X"}, {"enterprise": "示例企业02", "rule": "b", "asked": 6},
    ]  # fmt: skip
    assert paid(run([law], claims)) == [0, 9, 7, 0]
    same = run([law], [{"asked": 5, "object": "X"}, {"asked": 5, "object": "X"}])
    assert paid(same) == [5, 0] and not any("只能兑付一次，" in n.text for n in same.notes)


def test_one_place_for_each_level() -> None:
    """每家每档一次：缺金额的小档留着小档；以前没有写档次的一笔付过，另一项目收回的不是它。"""
    text = HEAD.format(key="qu-2026-1", city="qu", label="示例区", payer="city") + TIERED
    effect = cross("limit: {of: count, per: [enterprise, year], max: a.places}", "[a]", "cap_shared")
    law = compile_text(f"{text}cross_rules:\n{effect}", "qu-2026-1.yaml")
    law = replace(law, rules={"a": replace(law.rules["a"], once=("enterprise", "size"))}, cross_rules=())
    small, large = ({"inputs": {"asked": 50_000, "size": size}} for size in ("small", "large"))
    waiting = run([law], [{"inputs": {"size": "small"}, "on": "2026-05-01"}, small, large])
    assert paid(waiting) == [0, 0, 5] and waiting.claims[1].cuts[0].reason.endswith("保留申报 c0")
    vague = [before("a", 5), before("a", -5, project="Q")]
    assert paid(run([law], [small], prior_payments=vague)) == [0]
    assert paid(run([law], [small], prior_payments=[before("a", 5), before("a", -5)])) == [5]


def test_the_payment_that_paid_something_fills_a_place() -> None:
    law = document("qu")
    law = replace(law, rules={**law.rules, "a": replace(law.rules["a"], once=("enterprise", "object"))})
    earlier = [before("a", 0, year=2025, project=None), before("a", 5, project=None)]
    result = run([law], [{"asked": 5, "object": "X"}], prior_payments=earlier)
    assert paid(result) == [0] and "2026 年已兑付 50,000.00元" in result.claims[0].cuts[0].reason
    half = run(
        [law], [{"asked": 5, "object": "X"}], prior_payments=[before("a", 1, project=None) | {"amount": "0.5元"}]
    )
    assert paid(half) == [0]
    assert any("以前兑付的 0.50元 没有写明" in n.text and "按已经兑付过处理" in n.text for n in half.notes)


SELECTED = """
- id: {id}
  at: 一
  title: 评选{id}
  nature: entitlement
  figures: {{rate: 100%, places: {{value: 1项, label: 项数}}}}
  inputs: {{asked: {{type: money, label: 申请金额}}}}
  amount: asked * rate
  quotas: [{{max: places, per: year}}]
"""


def test_the_choice_beside_a_better_rank_of_another_enterprise() -> None:
    """一个名额，甲第一；乙第二，a 9 排在名额外，取 b 5；丙第三只有 a，0；丙没有名次的，名次不全，不取舍。"""
    text = HEAD.format(key="qu-2026-1", city="qu", label="示例区", payer="city") + "provisions:"
    text += SELECTED.format(id="a") + BARE.format(id="b", rate="100%")
    law = compile_text(
        f"{text}cross_rules:\n{cross('choose: {per: [project], kinds: [a, b]}', '[a, b]')}", "qu-2026-1.yaml"
    )
    other, third = {"enterprise": "示例企业02"}, {"enterprise": "示例企业03"}
    claims = [{"asked": 10}, {"asked": 9, **other}, {"rule": "b", "asked": 5, **other}]
    assert paid(run([law], claims, ranks={"c0": 1, "c1": 2})) == [10, 0, 5]
    result = run([law], [*claims, {"asked": 4, **third}], ranks={"c0": 1, "c1": 2, "c3": 3})
    assert paid(result) == [10, 0, 5, 0] and result.claims[3].cuts[0].text == "超过名额（项数 1）"
    unranked = run([law], [*claims, {"asked": 4, **third}], ranks={"c0": 1, "c1": 2})
    assert paid(unranked) == [10, 9, 0, 4]
    assert {n.claim for n in unranked.notes if n.code == "quota"} == {"c0", "c1", "c3"}


def test_limits_over_several_provisions_are_held_in_the_order_of_the_law() -> None:
    """先是一个对象合计 50，再是一家至多两项：30、10，第三笔 30 先减到 10，再因笔数不付。"""
    rules = cross("limit: {per: [object], max: a.total}", kind="cap_shared", id="first")
    rules += cross("limit: {of: count, per: [enterprise, year], max: a.places}", kind="cap_shared", id="second")
    result = run(
        [document("qu", rules)],
        [{"rule": rule, "asked": asked, "object": "X"} for rule, asked in (("a", 30), ("b", 10), ("c", 30))],
    )
    assert paid(result) == [30, 10, 0]
    assert [(c.rule, c.amount) for c in result.claims[2].cuts] == [("first", 200_000), ("second", 100_000)]
