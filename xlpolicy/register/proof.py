"""`verify`: the chain holds, the files are what came in, the totals add up; of a database and of an export alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import ne
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from xlpolicy.register import states, tables
from xlpolicy.register.database import Register, RegisterError
from xlpolicy.register.export import Exported, Stored
from xlpolicy.register.journal import SHOWN, Source, check_chain, shown
from xlpolicy.register.tables import fen, yuan
from xlpolicy.register.year_sums import more_due

#: so many characters off, a head on paper was copied wrongly
_SLIPS = 3
#: events that move money: what they do to what was paid
MOVES = frozenset({"paid", "returned", "taken_back"})


@dataclass(frozen=True, slots=True)
class Proof:
    """What `verify` found. `problems` empty: everything holds. `counts`: rows by table; `papers`: of every paper whose head
    was found, after which entry it was printed."""

    where: str
    entries: int
    head: str
    problems: tuple[str, ...]
    counts: Mapping[str, int]
    papers: tuple[str, ...] = ()

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "where": self.where, "entries": self.entries, "head": self.head, "shown": shown(self.head),
            "problems": list(self.problems), "papers": list(self.papers), "counts": dict(self.counts), "holds": not self.problems,
        }  # fmt: skip


def verify(register: Register, *heads: str) -> Proof:
    """Prove a register. `heads`: what stands on papers, to be found in the chain. Raises RegisterError."""
    with register.reading() as connection:

        def contents() -> Iterator[tuple[str, bytes]]:
            query = select(tables.originals.c.digest, tables.originals.c.content)
            yield from ((row.digest, row.content) for row in connection.execute(query))

        proof = _prove(Stored(connection), register.where, contents, heads)
        return replace(proof, problems=(*proof.problems, *_states(connection)))


def _states(connection: Connection) -> Iterator[str]:
    """Whether what `status` counts is what the record says."""
    wrong = states.differing(connection)
    if wrong:
        yield f"{'、'.join(wrong[:5])}{' 等' if len(wrong) > 5 else ''} 的状态与登记的数据不符，status 的数不能用"


def verify_export(path: Path, *heads: str) -> Proof:
    """Prove an export, without any database. Raises RegisterError for a file that is none."""
    exported = Exported(path)

    def contents() -> Iterator[tuple[str, bytes]]:
        for row in exported.rows("originals"):
            file = exported.originals / row["digest"]
            yield row["digest"], file.read_bytes() if file.is_file() else b""

    return _prove(exported, str(path), contents, heads)


def _prove(
    source: Source, where: str, contents: Callable[[], Iterator[tuple[str, bytes]]], heads: Sequence[str]
) -> Proof:
    try:
        broken, entries, last = check_chain(source)
        problems = [f"日志第 {found.seq} 条：{found.what}" for found in broken]
        problems += [
            f"收到的文件 {digest[:12]}… 与收到时不同，或已缺失"
            for digest, content in contents()
            if hashlib.sha256(content).hexdigest() != digest
        ]
        problems += _totals(source)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RegisterError(
            "有的行缺少栏目或类型不对，无法核对", where=where, expected="原样的登记库", remedy="用备份或导出件核对"
        ) from None
    papers, missing = _on_paper(source, heads)
    problems += missing
    counts = {table.name: sum(1 for _ in source.rows(table.name)) for table in tables.RECORDS}
    return Proof(where, entries, last, tuple(problems), counts, tuple(papers))


def _on_paper(source: Source, heads: Iterable[str]) -> tuple[list[str], list[str]]:
    """After which entry each paper was printed that bears the head of one, and what is wrong with every other.

    A head covers all entries before it: the latest that is found says how far nothing was changed since.
    """
    entries, found = list(source.journal()), dict[str, int]()
    lost: list[str] = []
    none: list[str] = []
    for head in heads:
        wanted = "".join(c for c in head.lower() if c not in "- 　")
        if len(wanted) < SHOWN or any(c not in "0123456789abcdef" for c in wanted):
            none.append(f"“{head}”不是校验值：应为 {SHOWN} 位以上的 0—9、a—f，抄自审签表或拨款明细表的页脚")
            continue
        off, nth = min(
            ((sum(map(ne, wanted, str(row["head"]))), nth) for nth, row in enumerate(entries)), default=(SHOWN, 0)
        )
        if not off:
            found[head] = nth
        elif off <= _SLIPS:
            near = f"与{_entry(entries[nth])}的 {shown(str(entries[nth]['head']))} 只差 {off} 位，先核对是不是抄错"
            lost.append(f"纸上的校验值 {head} 在日志里找不到：{near}")
        else:
            lost.append(f"纸上的校验值 {head} 在日志里找不到：打印之后登记库被改过，或纸不是这个登记库打印的")
    if found and lost:
        from_on = f"改动在{_entry(entries[max(found.values())])}以后"
    else:
        from_on = "再用 --head 核对更早打印的几张，找得到的那一张以前的没有改过"
    told = [
        f"纸上的校验值 {head} 是{_entry(entries[nth])}的，到这一条与纸一致，此后又登记 {len(entries) - nth - 1} 条"
        for head, nth in found.items()
    ]
    return told, [*none, *(f"{text}。{from_on}" for text in lost)]


def _entry(row: Mapping[str, Any]) -> str:
    """An entry of the journal in words."""
    return f"第 {row['seq']} 条（{str(row['at'])[:16].replace('T', ' ')} {row['who']} {row['note'] or row['what']}）"


def _totals(source: Source) -> Iterator[str]:
    """Sums that must agree whatever was entered."""
    settled = {row["id"]: row for row in source.rows("settled")}
    for row in settled.values():
        cuts = sum(_cents(cut["amount"]) for cut in json.loads(row["cuts"]))
        payers = sum(map(_cents, json.loads(row["payers"]).values()))
        if row["decided"] - cuts != row["payable"]:
            yield f"核算第 {row['id']} 行：单项核定减核减不等于应付"
        if payers != row["payable"]:
            yield f"核算第 {row['id']} 行：各级出资之和 {yuan(payers)} 不等于应付 {yuan(row['payable'])}"
    decisions = {row["id"]: row for row in source.rows("decisions")}
    rules = {row["id"]: row["rule"] for row in source.rows("claims")}
    more: dict[int, int] = {}  # of a year's sum more may be due than of the claim alone
    for row in settled.values():
        gain = fen(more_due(json.loads(row["cuts"]), rules[row["claim"]]))
        more[row["decision"]] = max(more.get(row["decision"], 0), gain)
    for row in source.rows("reviews"):
        if not 0 <= row["amount"] <= decisions[row["decision"]]["amount"] + more.get(row["decision"], 0):
            yield f"审定第 {row['id']} 行：审定额不在 0 与测算额之间"
    events: dict[int, list[Any]] = {}
    for row in source.rows("events"):
        events.setdefault(row["transfer"], []).append(row)
    committed: dict[tuple[int, str], int] = {}
    for row in source.rows("transfers"):
        kinds = [event["kind"] for event in events.get(row["id"], ())]
        moved = sum(event["amount"] for event in events.get(row["id"], ()) if event["kind"] in MOVES)
        if kinds.count("paid") > 1 or not 0 <= moved <= row["amount"]:
            yield f"拨付 {row['number']}：拨付、退票、收回之和 {yuan(moved)} 不在 0 与计划 {yuan(row['amount'])} 之间"
        if "cancelled" in kinds or "returned" in kinds:
            continue
        key = (row["claim"], row["payer"])
        committed[key] = committed.get(key, 0) + row["amount"]
        due = _cents(json.loads(settled[row["settled"]]["payers"]).get(row["payer"], "0"))
        if committed[key] > due:
            yield f"拨付 {row['number']}：本笔与以前的合计 {yuan(committed[key])} 大于核算应付 {yuan(due)}"


def _cents(amount: str) -> int:
    return fen(Decimal(amount))
