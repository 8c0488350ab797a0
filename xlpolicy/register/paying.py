"""拨付: from settled claims to a plan, from a plan to history; what goes wrong on the way.

A claim is planned where it is reviewed, settled since, and nobody objects. Nothing is paid twice, above what was settled,
or past a fund. An account that is new, or that two enterprises have, and what may be one thing asked for twice (`duplicates`),
hold their transfers until somebody has confirmed them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from sqlalchemy import Connection, select

from xlpolicy.faults import Fault, ManyFaults, nearest
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.fund_names import fund_names
from xlpolicy.law.labels import COUNTY, LEVELS
from xlpolicy.money import CENT, ZERO
from xlpolicy.register import tables
from xlpolicy.register.database import Entry, Register, next_number
from xlpolicy.register.duplicates import doubts
from xlpolicy.register.funds import Of, pool_of, stated, taken, year_of
from xlpolicy.register.standing import CLEAR, OBJECTED, REJECTED, Standing, Standings, Transfer
from xlpolicy.register.tables import fen
from xlpolicy.sheets.text import risky


def payer_of(transfer: Transfer, standing: Standing) -> str:
    """Who pays: 市级, or of a county which one, 县级（晋江市）."""
    which = f"（{standing.county}）" if transfer.payer == COUNTY and standing.county else ""
    return f"{LEVELS.get(transfer.payer, transfer.payer)}{which}"


class PaymentError(ManyFaults):
    """A plan or a step of payment that is refused."""

    code = "payment"


def _refused(where: str, got: str, expected: str, remedy: str) -> PaymentError:
    return PaymentError([Fault("payment", where, "", got, expected, remedy)])


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: its transfers, and the claims it left out with the reason."""

    number: str
    transfers: tuple[Transfer, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def total(self) -> Decimal:
        """Yuan of all transfers, those on hold included."""
        return sum((transfer.amount for transfer in self.transfers), ZERO)

    @property
    def held(self) -> tuple[Transfer, ...]:
        """The transfers that wait until somebody releases them."""
        return tuple(transfer for transfer in self.transfers if transfer.held)


def make_plan(
    register: Register, catalog: Catalog, *, who: str, payers: Collection[str] = tuple(LEVELS), share: Decimal = Decimal(1),
    most: Decimal | None = None, only: Collection[str] = (), note: str = "", today: dt.date | None = None,
) -> Plan:  # fmt: skip
    """Plan what is due and not yet planned. `share`: the part of it that is paid this time; `most`: the money there is.

    Raises PaymentError where nothing can be planned, or the plan is past the money or a fund.
    """
    day = today or dt.date.today()
    with register.writing("plan", who, note) as entry:
        standings = Standings(entry.connection)
        _check_fresh(standings.all)
        unknown = [number for number in only if number not in standings.by_number]
        if unknown:
            raise _refused(
                "", f"没有编号 {'、'.join(unknown)}", "已登记的编号", nearest(unknown[0], standings.by_number)
            )
        wanted = [s for s in standings.all if not only or s.number in only]
        left_out = [(s.number, why) for s in wanted if (why := why_not(s))]
        out = {number for number, _ in left_out}
        due = [
            (s, payer, amount)
            for s in wanted
            if s.number not in out
            for payer in payers
            if (amount := (s.left(payer) * share).quantize(CENT, ROUND_DOWN)) > 0
        ]
        total = sum((amount for *_, amount in due), ZERO)
        if not due:
            why = "；".join(f"{number} {reason}" for number, reason in left_out[:5]) or "都已列入拨付"
            raise _refused(
                "", f"没有可列入拨付的申报：{why}", "已审定、已核算、没有异议的申报", "先运行 xlpolicy status 看在等什么"
            )  # fmt: skip
        if most is not None and total > most:
            raise _refused(
                "", f"本次应拨 {total:,.2f} 元，超过本次资金 {most:,.2f} 元", "不超过资金",
                f"用 --share 按比例分次拨付（如 --share {_part(most, total)}%），或用 --only 只拨一部分",
            )  # fmt: skip
        _check_pools(entry.connection, standings.all, due, catalog)
        accounts = _Accounts(entry.connection, standings)
        twice = doubts(entry.connection, standings.all, {standing.id for standing, *_ in due})
        number = next_number(entry.connection, tables.plans, f"BF{day.year}-")
        settlement = max(entry.connection.execute(select(tables.settlements.c.id)).scalars())
        plan = entry.add(tables.plans, number=number, settlement=settlement, planned_on=day.isoformat(), note=note)
        for position, (standing, payer, amount) in enumerate(due, 1):
            assert standing.line is not None
            holder, account, bank = accounts.of(standing)
            part = standing.line.payers[payer]
            entry.add(
                tables.transfers, plan=plan, number=f"{number}-{position:04d}", claim=standing.id, settled=standing.line.id,
                payer=payer, due=fen(part), before=fen(part - standing.left(payer)), amount=fen(amount), holder=holder,
                account=account, bank=bank,
                hold="；".join(filter(None, (accounts.doubt(standing), twice.get(standing.id)))),
            )  # fmt: skip
    transfers, _ = read_plan(register, number)
    return Plan(number, tuple(transfers), tuple(left_out))


def _part(most: Decimal, total: Decimal) -> str:
    """How many per cent of a total the money is enough for, to a tenth and never above."""
    return f"{(most / total * 100).quantize(Decimal('0.1'), ROUND_DOWN).normalize():f}"


def _check_fresh(standings: Iterable[Standing]) -> None:
    """Raises PaymentError where something that was settled has changed since: others may be due other amounts."""
    changed = [s.number for s in standings if s.line is not None and not s.committed and not s.fresh]
    if changed:
        names = "、".join(changed[:5]) + (f" 等 {len(changed)} 笔" if len(changed) > 5 else "")
        raise _refused(
            "", f"核算以后 {names} 又有更正、审定或异议", "核算之后没有变动", "重新运行 xlpolicy settle，再做拨付计划"
        )


def why_not(standing: Standing) -> str:
    """Why a claim is not planned; "" where it may be."""
    published = standing.publication["result"] if standing.publication else ""
    if published == OBJECTED:
        return "公示有异议，还没有处理"
    if standing.review is None:
        return "未审定"
    if standing.line is None:
        return "审定后还没有核算"
    if standing.line.status == "draft":
        return "依据征求意见稿，只作测算"
    if standing.line.status == "pending":
        return "核算时缺资料，暂缓"
    if standing.line.payable <= 0:
        return "应付为 0"
    return ""


def unpublished(standings: Iterable[Standing]) -> list[str]:
    """Claims whose 公示 has no result yet, or was of another amount."""
    return [s.number for s in standings if s.result not in (CLEAR, REJECTED)]


def _check_pools(
    connection: Connection,
    standings: Iterable[Standing],
    due: Iterable[tuple[Standing, str, Decimal]],
    catalog: Catalog,
) -> None:
    """Raises PaymentError where what is planned and paid of a fund would exceed it with what is due now."""
    if not (known := stated(connection)):
        return
    used, now = taken(standings, catalog), dict[Of, Decimal]()
    for standing, _, amount in due:
        if pool := pool_of(standing, catalog):
            of = pool, year_of(standing, standing.claim)
            now[of] = now.get(of, ZERO) + amount
    for of, more in now.items():
        amount = used.get(of, ZERO) + more
        if of in known and amount > known[of]:
            key, year = of
            name = fund_names(catalog.documents.values()).get(key, key)
            raise _refused(
                "", f"资金“{name}”{year} 年度共 {known[of]:,.2f} 元，连同本次要拨 {amount:,.2f} 元", "不超过资金",
                "核对资金数；追加了资金的，在 核算事实.xlsx 的“资金”表改好后重新核算；先拨别的，用 --only 写明编号",
            )  # fmt: skip


class _Accounts:
    """Where money goes: the account an enterprise stated last, and what is odd about it."""

    def __init__(self, connection: Connection, standings: Standings) -> None:
        self.latest: dict[int, tuple[str, str, str]] = {}
        self.stated: dict[int, list[str]] = defaultdict(list)
        for row in connection.execute(select(tables.accounts).order_by(tables.accounts.c.id)):
            self.latest[row.enterprise] = (row.holder, row.account, row.bank)
            self.stated[row.enterprise].append(row.account)
        self.owners: dict[str, set[int]] = defaultdict(set)
        for enterprise, (_, account, _) in self.latest.items():
            self.owners[_digits(account)].add(enterprise)
        self.names = standings.names
        self.before: dict[int, str] = {}
        paid = sorted((t.id, s.enterprise, t.account) for s in standings.all for t in s.transfers if t.paid > 0)
        for _, enterprise, account in paid:
            self.before[enterprise] = account
        self.confirmed = {
            (s.enterprise, _digits(t.account)) for s in standings.all for t in s.transfers if t.paid > 0 or t.confirmed
        }
        self.refused = {
            (s.enterprise, _digits(t.account)) for s in standings.all for t in s.transfers if t.state == "退票"
        }

    def of(self, standing: Standing) -> tuple[str, str, str]:
        return self.latest.get(standing.enterprise, ("", "", ""))

    def doubt(self, standing: Standing) -> str:
        """Why the transfer has to wait until somebody confirms it; "" for nothing."""
        said = []
        _, account, _ = self.of(standing)
        if not account:
            said.append("没有账号")
        before = self.before.get(standing.enterprise)
        if account and before is not None and _digits(before) != _digits(account):
            said.append(f"账号与上次拨付的不同（上次 {before}）")
        elif account and (standing.enterprise, _digits(account)) not in self.confirmed:
            others = [x for x in self.stated[standing.enterprise] if _digits(x) != _digits(account)]
            said += [f"账号与以前申报的不同（以前 {others[-1]}）"] if others else []
        if account and (standing.enterprise, _digits(account)) in self.refused:
            said.append("这个账号退过票，还没有更正")
        sharing = (
            sorted(self.names.get(e, "") for e in self.owners[_digits(account)] - {standing.enterprise})
            if account
            else []
        )
        if any(map(risky, self.of(standing))):
            said.append("户名、账号或开户行像公式")
        if sharing:
            said.append(f"账号与 {'、'.join(sharing)} 相同")
        return "；".join(dict.fromkeys([*said, *to_look_at(standing)]))


def to_look_at(standing: Standing) -> list[str]:
    """What the settlement found that somebody has to look at before money goes."""
    notes = standing.line.notes if standing.line is not None else ()
    return [note["text"] for note in notes if note.get("holds", True)]


def _digits(account: str) -> str:
    return "".join(c for c in account if c.isalnum())


def read_plan(register: Register, number: str) -> tuple[list[Transfer], dict[int, Standing]]:
    """The transfers of a plan, and their claims. Raises PaymentError where there is no such plan, RegisterError."""
    with register.reading() as connection:
        return _plan(connection, number)


def _plan(connection: Connection, number: str) -> tuple[list[Transfer], dict[int, Standing]]:
    standings = Standings(connection)
    transfers = [t for s in standings.all for t in s.transfers if t.plan == number]
    if not transfers:
        known = connection.execute(select(tables.plans.c.number)).scalars().all()
        raise _refused("", f"没有批次号 {number}", "拨付计划的批次号，如 BF2026-001", nearest(number, known))
    own = {t.claim for t in transfers}
    return sorted(transfers, key=lambda t: t.id), {s.id: s for s in standings.all if s.id in own}


def _transfer(connection: Connection, number: str) -> tuple[Transfer, Standing]:
    for standing in Standings(connection).all:
        for transfer in standing.transfers:
            if transfer.number == number:
                return transfer, standing
    known = connection.execute(select(tables.transfers.c.number)).scalars().all()
    raise _refused("", f"没有拨付编号 {number}", "拨付明细表里的拨付编号，如 BF2026-001-0001", nearest(number, known))


def confirm(
    register: Register, plan: str, *, who: str, on: dt.date, note: str = "", same_person: bool = False,
    skip: Collection[str] = (), payers: Collection[str] = tuple(LEVELS),
) -> tuple[int, Decimal]:  # fmt: skip
    """The plan's open transfers of these payers have left. Returns how many and how much. `skip`: those that have not.

    Raises PaymentError where it was confirmed already, a transfer is held, or `who` reviewed one of the claims.
    """
    with register.writing("pay", who, f"确认拨付 {plan} {note}".strip()) as entry:
        transfers, standings = _plan(entry.connection, plan)
        left = [t for t in transfers if t.open and t.payer in payers and t.number not in skip]
        if not left:
            raise _refused(
                plan,
                "这一批已经全部拨付或取消，不能再拨一次",
                "还没有拨付的批次",
                "核对批次号；要继续拨付余额的，先用 xlpolicy pay plan 做新的计划",
            )
        problems = [
            Fault("payment", t.number, "", f"暂缓：{t.why_held}", *_remedy(t)) for t in left if t.held
        ]  # fmt: skip
        own = sorted({s.number for s in standings.values() if s.review and who in (s.review.reviewer, s.review.who)})
        if own and not same_person:
            problems.append(
                Fault(
                    "payment", plan, "", f"{who} 审定过其中的 {'、'.join(own[:5])}{' 等' if len(own) > 5 else ''}，不能自己确认拨付",
                    "另一个人确认", "换一个人用 --by 姓名 确认；确实只有一人的，在 登记库.toml 里写 same_person = true",
                )
            )  # fmt: skip
        if problems:
            raise PaymentError(problems)
        for transfer in left:
            _event(entry, transfer, "paid", transfer.amount, on, note)
        return len(left), sum((t.amount for t in left), ZERO)


def _remedy(transfer: Transfer) -> tuple[str, str]:
    """What was expected of a transfer that is held, and what to do."""
    number = transfer.number
    if transfer.stopped:
        return (
            "没有异议",
            f"异议不成立的，在审核台账里登记后再拨付；成立的先取消：xlpolicy pay cancel {number}，再审定、核算；暂时不拨的加 --skip {number}",
        )
    return (
        "核对无误",
        f"核对后运行 xlpolicy pay release {number} --note 核对情况；不该拨的先取消：xlpolicy pay cancel {number}；暂时不拨的加 --skip {number}",
    )


def release(register: Register, number: str, *, who: str, on: dt.date, note: str) -> list[Transfer]:
    """Somebody has checked what held a transfer, or all that are held in a plan. Raises PaymentError."""
    with register.writing("release", who, f"{number} {note}".strip()) as entry:
        plans = set(entry.connection.execute(select(tables.plans.c.number)).scalars())
        found = _plan(entry.connection, number)[0] if number in plans else [_transfer(entry.connection, number)[0]]
        held = [t for t in found if t.held and not t.stopped]
        if stopped := next((t for t in found if t.held and t.stopped), None) if not held else None:
            raise _refused(stopped.number, f"暂缓：{stopped.stopped}", *_remedy(stopped))
        if not held:
            got = "这一批没有暂缓的" if number in plans else f"这一笔{found[0].state}，没有要核对的"
            raise _refused(number, got, "暂缓的一笔，或有暂缓的一批", "不必处理")
        if not note:
            raise _refused(number, "没有写怎样核对的", "核对情况", "用 --note 写明，如 --note 已电话核实新账号")
        lacking = [t.number for t in held if not t.account]
        if lacking:
            raise _refused(
                "、".join(lacking),
                "没有账号，不能拨付",
                "账号",
                f"请申报单位报更正件；这一笔先取消：xlpolicy pay cancel {lacking[0]}",
            )
        for transfer in held:
            _event(entry, transfer, "released", ZERO, on, note)
        return held


def cancel(register: Register, number: str, *, who: str, on: dt.date, note: str = "") -> list[Transfer]:
    """Transfers that will not leave: a plan's open ones, or one. Raises PaymentError where there is none."""
    with register.writing("cancel", who, f"取消 {number} {note}".strip()) as entry:
        plans = set(entry.connection.execute(select(tables.plans.c.number)).scalars())
        found = _plan(entry.connection, number)[0] if number in plans else [_transfer(entry.connection, number)[0]]
        left = [t for t in found if t.open]
        if not left:
            raise _refused(
                number,
                f"没有可取消的（{found[0].state}）",
                "还没有拨付的",
                "已拨付的，退票用 xlpolicy pay return，收回用 xlpolicy pay back",
            )
        for transfer in left:
            _event(entry, transfer, "cancelled", ZERO, on, note)
        return left


def returned(register: Register, number: str, *, who: str, on: dt.date, note: str) -> Transfer:
    """退票: the bank sent it back; it is payable again. Raises PaymentError where it has not left, or came back."""
    with register.writing("return", who, f"退票 {number} {note}".strip()) as entry:
        transfer, _ = _transfer(entry.connection, number)
        if not transfer.live or transfer.open or transfer.taken_back:
            raise _refused(number, f"这一笔{transfer.state}，不能登记退票", "已拨付、没有收回过的一笔", "核对拨付编号")
        _must_say_why(number, note, "退票的原因", "--note 账号有误")
        _event(entry, transfer, "returned", -transfer.paid, on, note)
        return transfer


def take_back(register: Register, number: str, amount: Decimal, *, who: str, on: dt.date, note: str) -> Transfer:
    """收回: the enterprise gave some of it back; it is not payable again. Raises PaymentError for more than was paid."""
    with register.writing("take_back", who, f"收回 {number} {amount:,.2f} 元 {note}".strip()) as entry:
        transfer, _ = _transfer(entry.connection, number)
        if not ZERO < amount <= transfer.paid or amount != amount.quantize(CENT):
            got = f"这一笔{transfer.state}，净拨付 {transfer.paid:,.2f} 元，不能收回 {amount:,.2f} 元"
            raise _refused(number, got, "大于 0、不超过净拨付的金额（元）", "核对拨付编号和金额")
        _must_say_why(number, note, "为什么收回", "--note 项目核减")
        _event(entry, transfer, "taken_back", -amount, on, note)
        return transfer


def _must_say_why(number: str, note: str, what: str, example: str) -> None:
    if not note.strip():
        raise _refused(number, f"没有写{what}", "记在日志里的原因", f"加上原因，如 {example}")


def _event(entry: Entry, transfer: Transfer, kind: str, amount: Decimal, on: dt.date, note: str) -> None:
    entry.add(tables.events, transfer=transfer.id, kind=kind, amount=fen(amount), day=on.isoformat(), note=note)
