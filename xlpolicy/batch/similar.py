"""One claim sent twice under a name and a code that are both a little different: neither finds the other by itself.

Names are compared without legal forms and places, one slip apart; numbers in them must be the same (一厂 and 二厂, 01
and 02 are two firms). Nothing here grows with the square of the forms.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from xlpolicy.batch.record import Record
from xlpolicy.faults import Fault, reference
from xlpolicy.forms.bureau_facts import code_of
from xlpolicy.forms.codes import uscc_doubt
from xlpolicy.money import clean, visible
from xlpolicy.words.names import unpadded

#: what a project is called or not
_WORK = re.compile("(?:项目|工程)+$")
#: what tells no two firms apart, and is what a sender writes differently
_FORMS = re.compile(
    r"有限责任公司|股份有限公司|有限公司|股份公司|集团公司|集团|总公司|分公司|公司|普通合伙|有限合伙|[()（）·.,、\s-]|"
    r"(?<=..)[省市县区]"
)
#: a branch, behind the name of its firm
_BRANCH = re.compile(r"(.+(?:公司|厂|社|院|所))\S{1,15}分(?:公司|厂|社|院|所|部)")
_NUMBERS = re.compile(r"[0-9０-９a-zA-Z一二三四五六七八九十甲乙丙丁东南西北上下新老]")
#: in what two forms that state the same differ, where that may be a slip, and what is to be done
_ONE_PROJECT = "项目名称只差一两个字", "确是同一项目的只报送一份；确有两个项目的，写明不同的项目名称"
_ONE_THING = (
    "贷款合同编号、对象名称只差符号、形近的字或前面的 0",
    "确是同一笔的只报送一份；确有两笔的，对照合同写明编号",
)
#: letters that stand for digits in numbers of contracts
_TAKEN_FOR = str.maketrans("oil", "011")
#: names shorter than this without their legal forms are too short to tell a slip from another name
_LEAST = 3
#: characters in which two codes of one firm may differ: a slip, and the check digit that follows from it
_SLIPS = 2
#: how many other forms are named
NAMED = 3


def name_key(name: str) -> str:
    """A firm's name without what senders write now one way and now another.

    >>> name_key("福建省福州市示例机械（集团）有限公司") == name_key("福建福州示例机械集团有限责任公司")
    True
    """
    return _FORMS.sub("", clean(visible(name)))


def near(one: str, other: str) -> bool:
    """Whether two texts are one slip apart: a character more, less, other, or two in the wrong order.

    >>> near("示例机械", "示例机诫"), near("示例机械", "示机械"), near("示例一厂", "示例二厂"), near("示例", "例示")
    (True, True, True, True)
    >>> near("示例机械", "样本机械")
    False
    """
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    first, second = one[start:], other[start:]
    return (
        first[1:] == second[1:]
        or first[1:] == second
        or first == second[1:]
        or (first[:2] == second[:2][::-1] and first[2:] == second[2:])
    )


def same_code(one: str, other: str) -> bool:
    """Whether two codes may be one, mistyped."""
    one, other = code_of(one), code_of(other)
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) <= _SLIPS
    return near(one, other)


def parent(name: str) -> str:
    """The firm that a branch belongs to, as names are compared; "" where a name is no branch's.

    >>> parent("示例机械有限公司福州分公司"), parent("示例机械福州分公司")
    ('示例机械', '')
    """
    branch = _BRANCH.fullmatch(clean(visible(name)))
    return name_key(branch[1]) if branch is not None else ""


def _slips(name: str) -> Iterator[str]:
    """Two names that are one slip apart have one of these in common (two characters changed in order apart)."""
    yield name
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]


def doubtful(record: Record) -> bool:
    """Whether the code of a claim is none; nearly all codes are another one: none is worth remembering."""
    return bool(uscc_doubt.__wrapped__(code_of(record.code)))


def coded(record: Record) -> bool:
    """Whether it is a judged claim for a project under a code."""
    return record.place == "已核定" and record.project != "" and record.code != ""


def facts(record: Record) -> tuple[tuple[str, str], ...]:
    """What a form states."""
    return tuple((name, shown) for name, shown, _ in record.values)


def slips(record: Record) -> Iterator[tuple[str, ...]]:
    """What a claim has in common with those of the same provision whose enterprise's name is one slip apart, numbers aside,
    or is that of its branch.
    """
    name, firm = name_key(record.enterprise), parent(record.enterprise)
    found = dict.fromkeys((*(_slips(name) if len(name) >= _LEAST else ()), *([firm] if firm else ())))
    for slip in found:
        yield *record.key[1:3], "".join(_NUMBERS.findall(firm if slip == firm else name)), slip


def _mistyped(records: Iterable[Record]) -> Iterator[tuple[Record, Record]]:
    """Pairs of judged claims that say the same of one project under a code and one slip of it that is no code at all."""
    alike: dict[object, list[Record]] = defaultdict(list)
    for record in filter(coded, records):
        alike[record.key[1:], facts(record)].append(record)
    for group in alike.values():
        for nth, record in enumerate(group):
            for other in islice(group, nth + 1, nth + 1 + NAMED):
                one, two = code_of(record.code), code_of(other.code)
                if one != two and near(one, two) and bool(uscc_doubt(one)) != bool(uscc_doubt(two)):
                    yield record, other


def _within(one: str, other: str) -> bool:
    """Whether a name is another one with something put in or behind it.

    >>> _within("示例机械", "示例福州机械"), _within("示例机械", "示例机床")
    (True, False)
    """
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    return all(char in rest for char in short)


def nearly_same(records: Sequence[Record]) -> None:
    """Tell both of two judged claims that look like one; where nothing but the slips differs, ask for one of them."""
    held: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in records:
        for key in slips(record) if record.place == "已核定" else ():
            held[key].append(record)
    pairs: dict[int, dict[int, Record]] = defaultdict(dict)
    for found in held.values():
        holders = [(record, name_key(record.enterprise)) for record in found] if len(found) > 1 else []
        for nth, (record, name) in enumerate(holders):
            for other, theirs in islice(holders, nth + 1, nth + 1 + NAMED):
                if _likely(record, other, name, theirs):
                    pairs[id(record)][id(other)] = other
                    pairs[id(other)][id(record)] = record
    for record, other in _mistyped(records):
        pairs[id(record)][id(other)] = other
        pairs[id(other)][id(record)] = record
    for record in records if pairs else ():
        for other in islice(pairs[id(record)].values(), NAMED) if id(record) in pairs else ():
            _tell(record, other)


def _likely(record: Record, other: Record, name: str, theirs: str) -> bool:
    if record.key[0] == other.key[0]:
        return False
    if not near(name, theirs):
        of = name == parent(other.enterprise) != "" or theirs == parent(record.enterprise) != ""
        return of and bool(record.project) and facts(record) == facts(other) and record.key[3:] == other.key[3:]
    return facts(record) == facts(other) or (
        bool(record.project) and record.key[3:] == other.key[3:] and same_code(record.code, other.code)
    )


def same_project(one: str, other: str) -> bool:
    """Whether two project names may be one: 项目 and 工程 left out at the end, and a character more, less, or in the wrong
    order; another character may be another project (春季展, 秋季展), and so may another number.

    >>> same_project("智能产线技改工程", "智能产线技改项目"), same_project("春季展", "秋季展"), same_project("产线", "产线2")
    (True, False, False)
    """
    one, other = (_WORK.sub("", clean(visible(name)).lower()) for name in (one, other))
    slip = len(one) != len(other) or sorted(one) == sorted(other)
    return slip and near(one, other) and _NUMBERS.findall(one) == _NUMBERS.findall(other)


def _bare(number: str) -> str:
    """The number of a contract, or what a thing is called, without marks; letters that are taken for digits as those.

    Excel keeps 00123456 as 123456.

    >>> _bare("2026年-示例-OO1") == _bare("2026年示例001"), _bare("0012-3456") == _bare("123456")
    (True, True)
    """
    bare = re.sub(r"[\W_]", "", number).lower().translate(_TAKEN_FOR)
    return unpadded(bare)


def projects(group: Sequence[Record]) -> list[Record]:
    """Tell claims of one enterprise under one provision that state the same; where the projects may be one, ask for one.

    What is still judged, where that is more than one.
    """
    alike: dict[object, list[Record]] = defaultdict(list)
    for record in group:
        alike[facts(record), record.key[4:]].append(record)  # with the loan and the object that a claim names
    for records in alike.values():
        for nth, record in enumerate(records):
            for other in islice(records, nth + 1, nth + 1 + NAMED):
                one = bool(record.project and other.project) and same_project(record.project, other.project)
                for mine, theirs in ((record, other), (other, record)):
                    _tell_project(mine, theirs, _ONE_PROJECT if one else None)
    for records in _things(group):
        for nth, record in enumerate(records):
            for other in islice(records, nth + 1, nth + 1 + NAMED):
                for mine, theirs in ((record, other), (other, record)) if record.key != other.key else ():
                    _tell_project(mine, theirs, _ONE_THING)
    left = [record for record in group if record.place == "已核定"]
    return left if len(left) > 1 else []


def _things(group: Sequence[Record]) -> Iterable[list[Record]]:
    """Claims of one project that state the same of loans or things which may be one, written in two ways."""
    written: dict[object, list[Record]] = defaultdict(list)
    for record in group if any(any(record.key[4:]) for record in group) else ():
        written[record.key[3], tuple(map(_bare, record.key[4:]))].append(record)
    alike: dict[object, list[Record]] = defaultdict(list)
    for records in written.values():
        for record in records if len({record.key for record in records}) > 1 else ():
            alike[id(records), facts(record)].append(record)
    return alike.values()


def _tell_project(record: Record, other: Record, alike: tuple[str, str] | None) -> None:
    got = f"与另一份（{other.source}：{other.project or '项目名称未填'}）同一单位、同一条款，填报数据完全相同"
    if alike is not None:
        differs, remedy = alike
        fault = Fault("nearly_same", reference(record.sheet), "", f"{got}，{differs}", "", remedy)
        record.place, record.judged, record.claim = "退回补正", None, None
        record.problems = (*record.problems, fault)
    elif record.place == "已核定":
        record.hints += (f"{got}，请核对是不是同一项目报了两次",)


def _tell(record: Record, other: Record) -> None:
    got = (
        f"与另一份（{other.source}：{other.enterprise}，{other.code or '没有代码'}）单位名称、代码只差一两个字，"
        "像是同一笔申报报了两次"
    )
    alike = facts(record) == facts(other) and record.key[3:] == other.key[3:]
    name, theirs = name_key(record.enterprise), name_key(other.enterprise)
    if alike and same_code(record.code, other.code) and not (near(name, theirs) or _within(name, theirs)):
        got = f"与另一份（{other.source}：{other.enterprise}，{other.code}）代码只差一个字，项目和填报数据完全相同"
        record.hints += (f"{got}，请对照营业执照核对是否同一单位重复申报",)
    elif alike and same_code(record.code, other.code):
        remedy = "对照营业执照核对，确是同一单位的只报送一份"
        fault = Fault("nearly_same", reference(record.sheet), "ent_uscc", got, "", remedy)
        record.place, record.judged, record.claim = "退回补正", None, None
        record.problems = (*record.problems, fault)
    else:
        got = f"与另一份（{other.source}：{other.enterprise}，{other.code or '没有代码'}）单位名称相近，填报的项目或数字相同"
        record.hints += (f"{got}，请对照营业执照核对是否同一单位重复申报",)
