"""Several forms together: the same form again, one claim with different values, one enterprise or voucher in two forms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from xlpolicy.batch.record import Record
from xlpolicy.batch.similar import NAMED, facts, nearly_same, projects
from xlpolicy.faults import Fault, reference
from xlpolicy.forms.bureau_facts import code_of
from xlpolicy.forms.layout import match_text
from xlpolicy.money import clean
from xlpolicy.words.names import invoice_end, invoice_key

#: a form, the number of one of its vouchers, and where it stands
_Line = tuple[Record, str, str]
CONFLICT = "两份申报不一致"
#: numbers shorter than this (01) may be those of two banks
_LEAST = 6
#: what no two enterprises have, and what is to be done where they do
_OWNED = {"账号": "对照开户许可证核对收款账户", "贷款合同编号": "对照借款合同核对是谁的贷款"}


def _about_what(record: Record) -> str:
    """What a form says that its claim is for."""
    claim = record.claim
    named = [record.project, *([claim.loan, claim.object] if claim else [])]
    return "，".join(filter(None, named)) or "项目名称未填"


def _told_apart(record: Record) -> str:
    """The fields of a form that tell its claim from the enterprise's others."""
    asked = [
        record.labels[f"prj_{name}"] for name, said in zip(("loan", "object"), record.key[4:], strict=False) if said
    ]
    return "或".join(["项目名称", *asked])


def compare(records: Iterable[Record]) -> None:
    """Across forms, in their order: the same form again -> 重复; one claim with different values -> 退回补正, all."""
    records = list(records)
    _same_content(records)
    _beside_filled(records)
    for group in _by_enterprise(records, slice(1, None)):
        _same_claim(group)
    nearly_same(records)
    _same_code(records)
    _same_vouchers(records)
    _vouchers_without_code(records)
    for group in _by_enterprise(records, slice(1, 3)):
        left = projects(group)
        for record in left:
            others = _named((f"{r.source}（{_about_what(r)}）" for r in left if r is not record), len(left) - 1)
            record.hints += (f"本单位在同一条款另有申报：{others}，封顶按企业的须合并核算",)
    for group in _by_enterprise(records, slice(2, 4)):
        _two_documents(group)


def _two_documents(group: Sequence[Record]) -> None:
    """One project of an enterprise under the same provision of two documents: each is told of the other."""
    documents = {record.key[1] for record in group}
    for record in group if len(documents) > 1 and group[0].project else ():
        others = [r for r in group if r.key[1] != record.key[1]]
        named = _named((f"{r.source}（{r.at}）" for r in others), len(others))
        record.hints += (f"同一单位、同一项目在另一份文件下也有申报：{named}，请核对按哪一份文件报",)


def _named(others: Iterable[str], count: int) -> str:
    """The first few of many: what is said of each form never grows with the number of forms."""
    return "、".join(islice(others, NAMED)) + (f"等 {count} 份" if count > NAMED else "")


def _by_enterprise(records: list[Record], rest: slice) -> list[list[Record]]:
    """Groups of two and more judged forms of one enterprise, by code or by name, and with the same rest of the key."""
    groups: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        if record.place != "已核定":
            continue
        names = [(who, *record.key[rest]) for who in record.firm]
        joined = [record]
        for group in {id(g): g for name in names if (g := groups.get(name)) is not None}.values():
            joined = [*group, *joined]
        for member in joined:
            groups.update({(who, *record.key[rest]): joined for who in member.firm})
    found = {id(group): sorted(group, key=lambda r: (r.number, r.nth)) for group in groups.values() if len(group) > 1}
    return list(found.values())


def _same_vouchers(records: Sequence[Record]) -> None:
    """One voucher in two forms: both are told, with the place in each."""
    held: dict[str, list[tuple[Record, str, str]]] = defaultdict(list)
    for record in records:
        own = {invoice_key(number): (number, where) for number, where in record.vouchers}
        for key, (number, where) in own.items() if record.place == "已核定" else ():
            held[key].append((record, number, where))
    for holders in held.values():
        for record, number, where in holders if len(holders) > 1 else ():
            told = (
                f"{r.source}（{at}{'' if no == number else f'，写成 {no}'}）"
                for r, no, at in holders
                if r is not record
            )
            others = _named(told, len(holders) - 1)
            record.hints += (f"发票号 {number}（{where}）在另一份申请表里也填了：{others}，请核对是否重复申报",)


def _vouchers_without_code(records: Sequence[Record]) -> None:
    """An older voucher that one form names without its code, another with it: both are told."""
    held: dict[str, tuple[list[_Line], list[_Line]]] = defaultdict(lambda: ([], []))
    for record in records:
        for number, where in dict.fromkeys(record.vouchers) if record.place == "已核定" else ():
            end, short = invoice_end(number)
            if end:
                held[end][short].append((record, number, where))
    for kinds in held.values():
        for lines, others in (kinds, kinds[::-1]):
            for record, number, where in lines:
                told = (f"{r.source}（{at}，写成 {no}）" for r, no, at in others if r is not record)
                if named := _named(told, len(others)):
                    got = f"发票号 {number}（{where}）后 8 位与另一份申请表的相同：{named}"
                    record.hints += (f"{got}，请核对是不是同一张发票",)


class Owned:
    """What only one enterprise can have, an account or a loan, and which of them state one: their marks, and of the first
    few the form."""

    def __init__(self) -> None:
        self._firms: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._first: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)

    def add(self, record: Record) -> None:
        """One more form, in order."""
        for owned in owned_by(record):
            self._firms[owned].add(hash(record.key[0]))
            first = self._first[owned]
            if len(first) <= NAMED and record.key[0] not in first:
                first[record.key[0]] = f"{record.source}（{record.enterprise}）"

    def told(self, record: Record) -> Iterator[str]:
        """What the bureau is told of a form: who else states what it does."""
        for kind, number in owned_by(record):
            others = len(self._firms.get((kind, number), ())) - 1
            if others > 0:
                first = self._first[kind, number]
                named = _named((form for firm, form in first.items() if firm != record.key[0]), others)
                yield f"{kind}“{number}”另一家单位也填了：{named}，请{_OWNED[kind]}"


def owned_by(record: Record) -> Iterator[tuple[str, str]]:
    """What a form states that no two enterprises have: what it is, its number."""
    for kind, number in zip(_OWNED, (record.account, *record.key[4:5]), strict=False):
        if len(number) >= _LEAST and record.place == "已核定":
            yield kind, number


def _same_code(records: Iterable[Record]) -> None:
    """One 统一社会信用代码 under different names: one of them is mistyped, or somebody else's."""
    holders: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.place in ("已核定", "退回补正") and record.code and record.enterprise:
            holders[code_of(record.code)].append(record)
    for code, group in holders.items():
        by_name: dict[str, list[Record]] = defaultdict(list)
        for record in group:
            by_name[clean(record.enterprise)].append(record)
        for mine, own in by_name.items() if len(by_name) > 1 else ():
            unlike = chain.from_iterable(found[:NAMED] for name, found in by_name.items() if name != mine)
            named = _named((f"{r.enterprise}（{r.source}）" for r in unlike), len(group) - len(own))
            for record in own:
                record.hints += (f"统一社会信用代码 {code} 与{named}相同而单位名称不同，请对照营业执照核对",)


def _same_content(records: list[Record]) -> None:
    first: dict[tuple[str, int], Record] = {}
    for record in records:
        if record.place in ("已核定", "退回补正"):
            earlier = first.setdefault((record.digest, record.nth), record)
            if earlier is not record:
                _repeat(record, f"与 {earlier.source} 文件内容完全相同")


def _beside_filled(records: Sequence[Record]) -> None:
    """The form as it was sent out, which came back beside the one that was filled in: nobody has to do anything about it."""
    filled = {(r.issue, r.rule): r for r in records if r.issue and r.place in ("已核定", "退回补正", "重复")}
    for record in records:
        other = filled.get((record.issue, record.rule)) if record.place == "空白" else None
        if other is not None:
            record.place, record.why, record.problems = "重复", f"是发出的空白表，填好的一份是 {other.source}", ()


def _repeat(record: Record, why: str) -> None:
    record.place, record.why, record.judged, record.problems = "重复", why + "，只按先列的一份核定", None, ()
    record.claim = None


def _same_claim(group: list[Record]) -> None:
    first: dict[tuple[tuple[str, str], ...], Record] = {}
    asked: set[int] = set()
    for record in group:
        same = first.setdefault(facts(record), record)
        if same is not record:
            said = (("单位名称", same.enterprise, record.enterprise), ("统一社会信用代码", same.code, record.code))
            unlike = "；".join(
                f"{what}一份写 {one}，一份写 {two}" for what, one, two in said if clean(one) != clean(two)
            )
            unlike = f"（{unlike}，请对照营业执照核对）" if unlike else ""
            if paid := _paid_elsewhere(same, record):
                if id(same) not in asked:  # once, however many copies there are
                    same.hints += (f"另一份（{record.source}）数据相同，而{paid}，请对照开户许可证核对收款账户",)
                    asked.add(id(same))
                unlike += f"（{paid}）"
            _repeat(record, f"与 {same.source} 是同一单位、同一条款、同一项目，填报数据相同{unlike}")
    left = [record for record in group if record.place != "重复"]
    if len(left) < 2:
        return
    for record in left:
        others, count = _meeting(record, left)
        if not count:
            continue
        record.place, record.judged, record.claim = "退回补正", None, None
        found = [_conflict(record, other) for other in others]
        if count > NAMED:
            found[-1] = replace(found[-1], got=f"{found[-1].got}，另有 {count - NAMED} 份也不一致")
        record.problems = tuple(found)


def _paid_elsewhere(one: Record, other: Record) -> str:
    """What two copies of a claim say differently of where it is to be paid."""
    said = zip(("户名", "账号", "开户银行"), one.bank, other.bank, strict=True)
    return "；".join(
        f"{what}一份写 {mine or '（空）'}，一份写 {theirs or '（空）'}" for what, mine, theirs in said
        if match_text(mine).replace("-", "") != match_text(theirs).replace("-", "")
    )  # fmt: skip


def _meeting(record: Record, left: Sequence[Record]) -> tuple[list[Record], int]:
    """The first few of the other forms that say the same claim otherwise, and how many: not those for another time."""
    others = (other for other in left if other is not record)
    if record.period is None:
        return list(islice(others, NAMED)), len(left) - 1
    met = [other for other in others if not _apart(record, other)]
    return met[:NAMED], len(met)


def _apart(one: Record, other: Record) -> bool:
    """Whether two forms are for two times: interest of the first half of a year and of the second is no contradiction."""
    if one.period is None or other.period is None:
        return False
    return one.period[1] < other.period[0] or other.period[1] < one.period[0]


def _conflict(record: Record, other: Record) -> Fault:
    """What differs between two forms of one claim; a value that only follows from another is left out."""
    nothing = ("未填", "")
    mine = {name: (shown, cell) for name, shown, cell in record.values}
    theirs = {name: (shown, cell) for name, shown, cell in other.values}
    pairs = {name: (mine.get(name, nothing), theirs.get(name, nothing)) for name in (*mine, *theirs)}
    unlike = {name: pair for name, pair in pairs.items() if pair[0][0] != pair[1][0]}
    differing = {name: pair for name, pair in unlike.items() if pair[0][1] or pair[1][1]} or unlike
    cell = next((here[1] for here, _ in differing.values() if here[1]), "")
    detail = "；".join(
        f"“{record.labels[name]}”本表为 {here[0]}，另一份为 {there[0]}" for name, (here, there) in differing.items()
    )
    return Fault(
        "conflict", cell or reference(record.sheet), ",".join(differing),
        got=f"{CONFLICT}：{detail}（另一份：{other.source}）",
        remedy=f"确认以哪一份为准，只报送一份；确有两笔的，写明不同的{_told_apart(record)}",
    )  # fmt: skip
