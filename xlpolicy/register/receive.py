"""收件: the forms of a batch enter the register, each file once; a corrected form takes the earlier one's place.

编号 are given to claims once and for good. What an enterprise states anew is a new decision of the same claim, unless
money of the earlier one is already planned or paid: then it is a claim of its own, with a doubt for the clerk.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from xlpolicy import __version__
from xlpolicy.law.catalog import Catalog
from xlpolicy.register import tables
from xlpolicy.register.answered import answers, beside
from xlpolicy.register.arrivals import AGAIN, Arrival, Received, Superseded
from xlpolicy.register.corrections import Notice, notices
from xlpolicy.register.database import Entry, Register, next_number
from xlpolicy.register.policies import document_text
from xlpolicy.register.statement import content_of, sameness, stated
from xlpolicy.register.tables import dumped, fen, parts, yuan
from xlpolicy.settle.identity import valid_code
from xlpolicy.words.names import invoice_key, same

BLANK = "空白"
#: forms that their enterprise has to mend or send again
OPEN = (AGAIN, BLANK, "无法读取")
REPEATED = "重复"


def known_digests(register: Register) -> set[str]:
    """The files that are registered already, by SHA-256. Raises RegisterError."""
    with register.reading() as connection:
        return set(connection.execute(select(tables.forms.c.digest).distinct()).scalars())


def next_batch(register: Register, year: int) -> str:
    """The number that the next batch will get. Raises RegisterError."""
    with register.reading() as connection:
        return next_number(connection, tables.batches, f"{year}-")


def receive(
    register: Register,
    arrivals: Iterable[Arrival],
    originals: Callable[[str], bytes],
    catalog: Catalog,
    *,
    who: str,
    folder: str = "",
    received_from: str = "",
    on: dt.date | None = None,
) -> Received:
    """Register a batch. `originals`: digest -> the file's bytes. Files registered meanwhile are left out.

    Raises RegisterError; then nothing of the batch is registered.
    """
    day = on or dt.date.today()
    with register.writing("receive", who, f"收件 {folder}".strip()) as entry:
        known = set(entry.connection.execute(select(tables.forms.c.digest).distinct()).scalars())
        listed = list(arrivals)
        new = [arrival for arrival in listed if arrival.digest not in known]
        work = _Batch(entry, catalog, day)
        work.out.known = len({a.digest for a in listed}) - len({a.digest for a in new})
        if new:
            work.begin(folder, received_from, new)
            for digest in dict.fromkeys(arrival.digest for arrival in new):
                content = originals(digest)
                entry.add(tables.originals, digest=digest, size=len(content), content=content)
            for arrival in new:
                work.take(arrival)
            work.end()
        return work.out


def _keys(vouchers: Iterable[Sequence[str]]) -> frozenset[str]:
    """The invoices of a claim, whatever way their numbers are written."""
    return frozenset(invoice_key(str(number)) for number, *_ in vouchers)


@dataclass(slots=True)
class _Held:
    """A claim as it stands: its newest decision's form and content, whether it is reviewed, whether money is out."""

    claim: int
    number: str
    form: int | None
    source: str
    claimed: str
    amount: int
    county: str = ""
    vouchers: frozenset[str] = frozenset()
    asked: int | None = None
    reviewed: bool = False
    committed: bool = False

    def beside(self, arrival: Arrival) -> str:
        """What a form of the same content states otherwise beside the claim itself; "" for nothing. Blank says nothing."""
        if arrival.county and same(arrival.county) != same(self.county):
            return "县区"
        if arrival.asked is not None and fen(arrival.asked) != self.asked:
            return "申请金额"
        numbers = _keys(arrival.vouchers)
        return "发票号码" if numbers and numbers != self.vouchers else ""


class _Batch:
    """One batch on its way into the register."""

    def __init__(self, entry: Entry, catalog: Catalog, day: dt.date) -> None:
        self.entry, self.catalog, self.day = entry, catalog, day
        self.out = Received()
        self.batch = 0
        self.by_code: dict[str, int] = {}
        self.by_name: dict[str, list[int]] = defaultdict(list)
        self.named: set[tuple[int, str]] = set()
        self.held: dict[tuple[int, str], list[_Held]] = defaultdict(list)
        self.accounts: dict[int, tuple[str, str, str]] = {}
        self.notices: list[Notice] = []
        self.policies: set[str] = set()
        self.digests: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.judged: dict[int, Arrival] = {}
        self.sent_back: dict[int, Arrival] = {}
        self.answered: dict[tuple[str, str], str] = {}

    def begin(self, folder: str, received_from: str, arrivals: Sequence[Arrival]) -> None:
        """The batch itself, and what the register knows of the enterprises in it."""
        connection = self.entry.connection
        self.out.number = next_number(connection, tables.batches, f"{self.day.year}-")
        self.batch = self.entry.add(
            tables.batches, number=self.out.number, folder=folder, received_from=received_from,
            received_on=self.day.isoformat(),
        )  # fmt: skip
        self._load(arrivals)
        self.policies = set(connection.execute(select(tables.policies.c.digest)).scalars())
        self.notices = [notice for notice in notices(connection) if not notice.answer]
        for part in parts(sorted({a.issue for a in arrivals if a.issue and a.place == BLANK})):
            f = tables.forms
            forms = select(f.c.issue, f.c.rule, f.c.file).where(f.c.issue.in_(part), f.c.place != BLANK)
            self.answered |= {(row.issue, row.rule): row.file for row in connection.execute(forms)}

    def _load(self, arrivals: Sequence[Arrival]) -> None:
        connection, e, n = self.entry.connection, tables.enterprises, tables.names
        codes = sorted({code for a in arrivals if (code := valid_code(a.code))})
        written = sorted({same(a.enterprise) for a in arrivals if a.enterprise})
        for part in parts(codes):
            for row in connection.execute(select(e.c.id, e.c.code).where(e.c.code.in_(part))):
                self.by_code[row.code] = row.id
        for part in parts(written):
            compared = func.lower(n.c.compared)  # earlier versions kept capitals
            for enterprise, name in connection.execute(select(n.c.enterprise, compared).where(compared.in_(part))):
                self.by_name[name].append(enterprise)
        ids = sorted({*self.by_code.values(), *(i for found in self.by_name.values() for i in found)})
        for part in parts(ids):
            for row in connection.execute(select(n.c.enterprise, n.c.name).where(n.c.enterprise.in_(part))):
                self.named.add((row.enterprise, row.name))
            query = select(tables.accounts).where(tables.accounts.c.enterprise.in_(part)).order_by(tables.accounts.c.id)
            for row in connection.execute(query):
                self.accounts[row.enterprise] = (row.holder, row.account, row.bank)
            self._load_claims(part)

    def _load_claims(self, enterprises: Sequence[int]) -> None:
        connection, c, d, f = self.entry.connection, tables.claims, tables.decisions, tables.forms
        query = (
            select(c.c.id, c.c.enterprise, c.c.number, c.c.same, d.c.id.label("decision"), d.c.form, d.c.claimed, d.c.amount,
                d.c.county, d.c.vouchers, d.c.asked, f.c.file)
            .join(d, d.c.claim == c.c.id)
            .join(f, f.c.id == d.c.form, isouter=True)
            .where(c.c.enterprise.in_(enterprises))
            .order_by(d.c.id)
        )  # fmt: skip
        newest: dict[int, Any] = {row.id: row for row in connection.execute(query)}
        decisions = {row.decision: row.id for row in newest.values()}
        reviewed: set[int] = set()
        committed: set[int] = set()
        for part in parts(sorted(decisions)):
            query = select(tables.reviews.c.decision).where(tables.reviews.c.decision.in_(part))
            reviewed.update(connection.execute(query).scalars())
        for part in parts(sorted(newest)):
            committed.update(committed_claims(connection, part))
        for row in newest.values():
            held = _Held(row.id, row.number, row.form, row.file or "", row.claimed, row.amount, row.county)
            held.vouchers = _keys(json.loads(row.vouchers))
            held.reviewed, held.committed, held.asked = row.decision in reviewed, row.id in committed, row.asked
            self.held[row.enterprise, row.same.lower()].append(held)  # earlier versions kept capitals

    def take(self, arrival: Arrival) -> None:
        """One form: its row, and what follows from it."""
        self.out.forms += 1
        filled = self.answered.get((arrival.issue, arrival.rule)) if arrival.place == BLANK else None
        if filled is not None:  # the form as it was sent out, which a reply brings back
            arrival = replace(arrival, place=REPEATED, why=f"是发出的空白表，填好的一份是 {filled}", problems=())
        enterprise = self._enterprise(arrival) if arrival.enterprise or valid_code(arrival.code) else None
        held = self._earlier(arrival) if arrival.claim is not None else None
        claimed = content_of(arrival.claim) if arrival.claim is not None else ""
        bank = arrival.bank if arrival.claim is not None else None
        repeated = held is not None and stated(held.claimed) == stated(claimed)
        other = held.beside(arrival) if held is not None and repeated else ""
        if held is not None and other and held.committed:
            self.out.doubts.append(
                f"{arrival.source} 与已列入拨付的 {held.number} 申报的内容相同，{other}不同，登记的没有改动，请核对"
            )
        if held is not None and repeated and (held.committed or not other):
            arrival = replace(
                arrival, place=REPEATED, why=f"与 {held.number}（{held.source}）申报的内容相同", claim=None
            )
            self.out.repeated.append((arrival.source, held.number))
        corrects = held if arrival.claim is not None and held is not None and not held.committed else None
        form = self.entry.add(
            tables.forms, batch=self.batch, file=arrival.file, digest=arrival.digest, member=arrival.member,
            sheet=arrival.sheet, nth=arrival.nth, place=arrival.place, why=arrival.why, enterprise=enterprise,
            name=arrival.enterprise, code=arrival.code, county=arrival.county, rule=arrival.rule, title=arrival.title,
            project=arrival.project, problems=dumped([fault.as_dict() for fault in arrival.problems]),
            hints=dumped(list(arrival.hints)), supersedes=corrects.form if corrects else None,
            issue=arrival.issue or None,
        )  # fmt: skip
        if enterprise is not None and bank is not None:  # also of a form that says nothing else that is new
            self._account(arrival, enterprise, form)
        if enterprise is not None and arrival.claim is not None:
            self._decision(arrival, enterprise, form, claimed, held, corrects)
            self.judged[form] = arrival
        self._close(arrival, form)
        if arrival.place in OPEN:
            text = "；".join(dict.fromkeys(fault.sentence for fault in arrival.problems)) or arrival.why
            self.sent_back[self.entry.add(tables.notices, form=form, text=text)] = arrival

    def end(self) -> None:
        """Forms that were sent back although a good one came with them."""
        for notice, bad, form, arrival, later in beside(self.entry.connection, self.sent_back, self.judged):
            if later:
                self.entry.add(tables.closings, notice=notice, form=form)
                self.out.closed.append((bad.file, arrival.source))
            else:
                text = f"{bad.file} 要补正，同批来的 {arrival.source} 是同一单位、同一条款、同一项目，已核定，请核对以哪一份为准；不用补正的，运行 xlpolicy review end {bad.file} --note 原因"
                self.out.doubts.append(text)

    def _enterprise(self, arrival: Arrival) -> int:
        """Who it is: by code; without a good one, by name where exactly one bears it."""
        code, name = valid_code(arrival.code), same(arrival.enterprise)
        found = self.by_code.get(code) if code else None
        if found is None and not code and len(set(self.by_name[name])) == 1:
            found = self.by_name[name][0]
        if found is None:
            found = self.entry.add(tables.enterprises, code=code)
            if code:
                self.by_code[code] = found
        if arrival.enterprise and (found, arrival.enterprise) not in self.named:
            self.named.add((found, arrival.enterprise))
            self.by_name[name].append(found)
            self.entry.add(tables.names, enterprise=found, name=arrival.enterprise, compared=name)
        return found

    def _earlier(self, arrival: Arrival) -> _Held | None:
        """The same claim as it was stated before, by the enterprise's code or by its name."""
        assert arrival.claim is not None
        key = sameness(arrival.claim, arrival.document)
        code = valid_code(arrival.code)
        own = [self.by_code[code]] if code in self.by_code else []
        for enterprise in dict.fromkeys([*own, *self.by_name[same(arrival.enterprise)]]):
            if found := self.held.get((enterprise, key)):
                return found[-1]
        return None

    def _account(self, arrival: Arrival, enterprise: int, form: int) -> None:
        holder, account, bank = arrival.bank
        before = self.accounts.get(enterprise)
        if account and before != arrival.bank:
            if before is not None:
                self.out.doubts.append(
                    f"{arrival.enterprise} 的账户由“{' '.join(before)}”改为“{' '.join(arrival.bank)}”（{arrival.source}），拨付前核对"
                )
            self.accounts[enterprise] = arrival.bank
            self.entry.add(tables.accounts, enterprise=enterprise, form=form, holder=holder, account=account, bank=bank)

    def _decision(
        self, arrival: Arrival, enterprise: int, form: int, claimed: str, held: _Held | None, corrects: _Held | None
    ) -> None:
        claim = arrival.claim
        assert claim is not None
        amount = fen(Decimal(str(arrival.decided["amount"])))
        asked = None if arrival.asked is None else fen(arrival.asked)
        if corrects is None:
            number = self._claim_number()
            key = sameness(claim, arrival.document)
            own = self.entry.add(
                tables.claims, number=number, enterprise=enterprise, city=claim.city, document=arrival.document,
                rule=claim.rule, title=arrival.title, at=arrival.at, same=key,
            )  # fmt: skip
            self.out.numbers.append(number)
            vouchers = _keys(arrival.vouchers)
            self.held[enterprise, key].append(
                _Held(own, number, form, arrival.source, claimed, amount, arrival.county, vouchers, asked)
            )
            if held is not None:
                text = f"{number}（{arrival.source}）与已列入拨付的 {held.number} 是同一单位、同一条款、同一项目，请核对是更正还是另一笔"
                self.out.doubts.append(text)
        else:
            own = corrects.claim
            self.out.superseded.append(
                Superseded(
                    corrects.number, arrival.source, corrects.source, f"{yuan(corrects.amount):.2f}",
                    f"{yuan(amount):.2f}", "原来的审定随之作废，请重新审定" if corrects.reviewed else "",
                )
            )  # fmt: skip
            corrects.form, corrects.source, corrects.claimed = form, arrival.source, claimed
            corrects.amount, corrects.reviewed, corrects.county, corrects.asked = amount, False, arrival.county, asked
            corrects.vouchers = _keys(arrival.vouchers)
        detail = {name: value for name, value in arrival.decided.items() if name not in ("eligible", "amount")}
        decision = self.entry.add(
            tables.decisions, claim=own, form=form, claimed=claimed, cells=dumped(dict(arrival.cells)),
            vouchers=dumped([list(pair) for pair in arrival.vouchers]), county=arrival.county,
            eligible=int(bool(arrival.decided.get("eligible"))), amount=amount, detail=dumped(detail),
            program=__version__, policy=self._policy(arrival.document), asked=asked,
            readings="{}",  # of older versions: what was chosen stands in the first line of the policy
        )  # fmt: skip
        if arrival.county_amount is not None and fen(arrival.county_amount) <= amount:
            self.entry.add(
                tables.county_reviews, claim=own, decision=decision, county=arrival.county, number="",
                amount=fen(arrival.county_amount), reason="", reviewer="申请表", reviewed_on=self.day.isoformat(),
            )  # fmt: skip

    def _claim_number(self) -> str:
        """编号: year and a running number, never given twice."""
        prefix = f"{self.day.year}-"
        if prefix not in self.counts:
            query = select(func.count()).where(tables.claims.c.number.startswith(prefix))
            self.counts[prefix] = self.entry.connection.execute(query).scalar() or 0
        self.counts[prefix] += 1
        return f"{prefix}{self.counts[prefix]:05d}"

    def _policy(self, key: str) -> str:
        """The document as it is now, kept once."""
        if key not in self.digests:
            digest, content = document_text(self.catalog.documents[key])
            self.digests[key] = digest
            if digest not in self.policies:
                self.entry.add(tables.policies, digest=digest, document=key, content=content)
        return self.digests[key]

    def _close(self, arrival: Arrival, form: int) -> None:
        """The notices that this form answers: of the same file name, or of the same enterprise, provision and project.

        One that was ended has no file name to be known by any more, and its answer comes late.
        """
        left = []
        for notice in self.notices:
            if (notice.open and notice.file == arrival.file) or answers(arrival, notice):
                self.entry.add(tables.closings, notice=notice.id, form=form)
                self.out.closed.append((notice.file, arrival.source))
                if notice.ended_on:
                    text = f"{arrival.source} 是 {notice.file} 终止办理（{notice.end}）以后报来的，请核对是否受理"
                    self.out.doubts.append(text)
            else:
                left.append(notice)
        self.notices = left


def committed_claims(connection: Connection, claims: Sequence[int]) -> set[int]:
    """Those of the claims that have a transfer which was neither cancelled nor sent back."""
    t, e = tables.transfers, tables.events
    over = select(e.c.transfer).where(e.c.kind.in_(("cancelled", "returned")))
    query = select(t.c.claim).where(t.c.claim.in_(claims), t.c.id.not_in(over)).distinct()
    return set(connection.execute(query).scalars())
