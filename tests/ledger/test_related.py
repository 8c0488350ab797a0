"""Forms are compared in groups of those that have something in common: what each is told is what it would be told if all
were compared with all."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from xlpolicy.batch.record import Judged, Place, Record, enterprise_key
from xlpolicy.batch.related import Marks, Related
from xlpolicy.batch.spooled import Records
from xlpolicy.batch.together import Owned, compare
from xlpolicy.money import ZERO
from xlpolicy.settle import Claim

FIRMS = ("示例机械有限公司", "示例机械有限责任公司", "示例机诫有限公司", "示例一厂有限公司", "示例二厂有限公司", "")
CODES = ("91350100MA00000017", "91350100MA00000071", "91350100MA00000018", "")
PROJECTS = ("产线", "产线项目", "产线2", "")
PLACES: tuple[Place, ...] = ("已核定", "已核定", "已核定", "退回补正", "空白", "无法读取")


@st.composite
def forms(draw: st.DrawFn) -> list[Record]:
    found = []
    for number in range(draw(st.integers(2, 7))):
        place = draw(st.sampled_from(PLACES))
        firm, code = draw(st.sampled_from(FIRMS)), draw(st.sampled_from(CODES))
        project, loan = draw(st.sampled_from(PROJECTS)), draw(st.sampled_from(("", "00123456", "123456")))
        document, rule = draw(st.sampled_from(("d1", "d2"))), draw(st.sampled_from(("r1", "r2")))
        judged = Judged(True, ZERO, "", "", b"", (), (), ())
        record = Record(
            f"{number}.xlsx", draw(st.sampled_from(("a", "b", "c", "d"))), place, number=number, enterprise=firm, code=code,
            project=project, rule=rule, title="条款", labels={"x": "投资额", "prj_loan": "贷款合同编号", "prj_object": "对象"},
            issue=draw(st.sampled_from(("", "1-1"))) if place in ("空白", "已核定") else "",
            account=draw(st.sampled_from(("", "622200001", "622200002"))),
            vouchers=tuple((n, "B9") for n in draw(st.sets(st.sampled_from(("0012345678", "12345678", "9")), max_size=2))),
            values=(("x", draw(st.sampled_from(("1", "2"))), "B5"),),
        )  # fmt: skip
        if place == "已核定":
            record.key = (enterprise_key(code, firm), document, rule, project, loan, "")
            record.judged, record.claim = judged, Claim("A001", firm, "city", rule, None, {}, loan=loan or None)
        found.append(record)
    return found


def told(record: Record) -> tuple[object, ...]:
    return record.place, record.why, record.hints, record.problems, record.beside, record.judged is None, record.claim


@settings(max_examples=300, deadline=None)
@given(forms())
def test_groups_are_told_what_all_together_are_told(listed: list[Record]) -> None:
    whole = deepcopy(listed)
    compare(whole)
    records, related = Records(), Related()
    for record in deepcopy(listed):
        records.append(record)
        related.add(record)
    seen: list[int] = []
    for group in related.groups(records):
        compare(group)
        seen += [record.row for record in group]
        for record in group:
            records.put(record)
    assert len(seen) == len(set(seen))
    assert [told(record) for record in records] == [told(record) for record in whole]


def test_what_two_firms_state_is_told_to_both_with_the_others_named() -> None:
    records, related = Records(), Related()
    for number, (firm, account) in enumerate(
        (("甲", "6222000"), ("乙", "6222000"), ("甲", "6222000"), ("丙", "62220009"))
    ):
        record = Record(f"{number}.xlsx", str(number), "已核定", number=number, enterprise=firm, account=account)
        record.key = (firm, "d", "r", str(number), "", "")
        records.append(record)
        related.add(record)
    owned = Owned()
    for record in related.owned(records):
        owned.add(record)
    ours = "账号“6222000”另一家单位也填了：{}，请对照开户许可证核对收款账户"
    assert [list(owned.told(record)) for record in records] == [
        [ours.format("1.xlsx（乙）")],
        [ours.format("0.xlsx（甲）")],
        [ours.format("1.xlsx（乙）")],
        [],
    ]


def test_marks_that_stand_once_are_left_out() -> None:
    marks = Marks()
    for number in range(5_000):
        marks.add(hash(("once", number)), number)
        if number % 100 == 0:
            marks.add(-number - 1, number)
            marks.add(-number - 1, number + 1)
    shared = list(marks.shared())
    twice = [(-n - 1, n + more) for n in range(0, 5_000, 100) for more in (0, 1)]
    assert [pair for pair in shared if pair[0] in range(-5_000, 0)] == twice
    assert len(shared) < len(twice) + 20  # few by chance
