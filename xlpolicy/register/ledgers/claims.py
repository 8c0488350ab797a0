"""The ledgers whose lines are claims: 申报, 审核, 兑付, 公示. Each may show any of the fields; its template says which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from xlpolicy.law.labels import NATURES
from xlpolicy.money import ZERO, upper
from xlpolicy.register.funds import year_of
from xlpolicy.register.ledgers.source import NONE, Source
from xlpolicy.register.paying import to_look_at, unpublished
from xlpolicy.register.review import version_of
from xlpolicy.register.standing import NOTHING, PAID, UPHELD, Standing
from xlpolicy.sheets.cells import Formula, Value
from xlpolicy.sheets.refill_sheet import Content, Listing

Sheets = dict[str, Content]
#: under which rule a settlement shows what was reviewed down
REVIEWED = "review"
_CUT = '=IF([@审定额]="",0,MAX([@测算额]-[@审定额],0))'


def _payer(name: str) -> Callable[[Standing], Value]:
    return lambda s: s.line.payers.get(name, ZERO) if s.line else None


def _reviewed(read: Callable[[Standing], Value]) -> Callable[[Standing], Value]:
    return lambda s: read(s) if s.review else None


def _published(key: str) -> Callable[[Standing], Value]:
    return lambda s: s.publication[key] if s.publication else None


def _detail(key: str) -> Callable[[Standing], Value]:
    return lambda s: str(s.detail.get(key, ""))


def _of_county(key: str) -> Callable[[Standing], Value]:
    return lambda s: s.county_review[key] if s.county_review else None


def project_of(standing: Standing) -> str:
    """What a claim is for: its project, the thing and the loan that its form names."""
    claim = standing.claim
    return _about(claim.project, claim.object, claim.loan)


def public_project_of(standing: Standing) -> str:
    """The same without the number of a loan's contract."""
    return _about(standing.claim.project, standing.claim.object)


def _about(*names: str | None) -> str:
    return "，".join(dict.fromkeys(filter(None, names))) or NONE


def due(standing: Standing) -> Decimal | None:
    """What is due: of a claim that is reviewed and settled since; None before, and by a draft."""
    line = standing.line
    settled = standing.committed or (standing.review is not None and standing.fresh)
    return line.payable if line is not None and settled and line.status in ("paid", "zero") else None


def payable(standing: Standing) -> Decimal:
    """As `due`, nothing as zero, to be added up."""
    return due(standing) or ZERO


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _said(standing: Standing) -> str:
    """Why less is due than was reviewed, and what was remarked on, in the settlement's words."""
    if standing.line is None:
        return ""
    cuts = [f"{reason}（{at}）" for rule, at, _, reason in deductions(standing) if rule != REVIEWED]
    return "；".join([*cuts, *(note["text"] for note in standing.line.notes)])


def deductions(standing: Standing) -> list[tuple[str, str, Decimal, str]]:
    """What the settlement took off: rule, place in the law, amount, reason. What was reviewed down is among them."""
    cuts = standing.line.cuts if standing.line else ()
    return [(cut["rule"], cut["at"], Decimal(cut["amount"]), cut["reason"].rstrip("。")) for cut in cuts]


def _deducted(s: Standing) -> Value:
    if s.line is None or s.line.status == "pending":
        return None
    return sum((amount for rule, _, amount, _ in deductions(s) if rule != REVIEWED), ZERO)


Fields = Mapping[str, Callable[[Standing], Value]]
#: what a line about a claim may show
FIELDS: Fields = {
    "编号": lambda s: s.number, "批次": lambda s: s.batch, "申报单位": lambda s: s.name,
    "统一社会信用代码": lambda s: s.code, "县区": lambda s: s.county or NONE, "项目": project_of,
    "条款": lambda s: s.title, "条款编号": lambda s: s.rule, "依据": _detail("basis"),
    "性质": lambda s: NATURES.get(s.detail.get("nature", ""), str(s.detail.get("nature", ""))), "年度": lambda s: year_of(s, s.claim),
    "申报数据": _detail("inputs"), "申报额": lambda s: s.asked, "测算额": lambda s: s.amount,
    "县区初审额": lambda s: s.county_amount,
    "县区意见": _of_county("reason"), "初审人": _of_county("reviewer"),
    "初审日期": lambda s: _day(s.county_review["reviewed_on"]) if s.county_review else None,
    "审定额": _reviewed(lambda s: s.review.amount if s.review else None),
    "核减额": lambda s: Formula(_CUT, max(s.amount - s.review.amount, ZERO) if s.review else ZERO),
    "原因": _reviewed(lambda s: s.review.reason if s.review else None),
    "审核人": _reviewed(lambda s: s.review.reviewer if s.review else None),
    "审定日期": _reviewed(lambda s: _day(s.review.reviewed_on) if s.review else None),
    "公示结果": _published("result"), "公示日期": lambda s: _day(s.publication["closed_on"]) if s.publication else None,
    "异议内容": _published("text"), "核算批号": lambda s: s.line.settlement if s.line else None,
    "核算扣减": _deducted, "核算额": lambda s: s.line.payable if s.line else None,
    "应付": due,
    "拟兑付额": payable, "中央": _payer("central"), "省级": _payer("province"), "市级": _payer("city"),
    "县级": _payer("county"), "已列入拨付": lambda s: s.planned + s.paid, "已拨": lambda s: s.paid,
    "收回": lambda s: s.taken_back, "未拨": lambda s: payable(s) - s.paid - s.taken_back,
    "状态": lambda s: s.state, "扣减和提示": _said,
    "计算过程": _detail("explanation"), "文件": lambda s: s.file, "版次": version_of,
}  # fmt: skip


def listing(standings: Iterable[Standing], fields: Fields = FIELDS) -> Listing:
    """Claims as a list of every field, made line by line."""
    return Listing(
        ("序号", *fields), ([number, *(read(s) for read in fields.values())] for number, s in enumerate(standings, 1))
    )


def _one(name: str, source: Source, shown: Sequence[Standing], fields: Fields = FIELDS, **facts: Value) -> Sheets:
    computed, total = (sum(map(read, shown), ZERO) for read in (lambda s: s.amount, payable))
    own: dict[str, Value] = {
        "笔数": len(shown), "单位数": len({s.enterprise for s in shown}), "测算合计": computed, "测算大写": upper(computed),
        "应付合计": total, "应付大写": upper(total), **facts,
    }  # fmt: skip
    return {name: Content(source.common(**own), {name.removesuffix("台账").removesuffix("表"): listing(shown, fields)})}


def claims(source: Source) -> Sheets:
    """申报台账: every claim of the register, as it stands."""
    return _one("申报台账", source, source.all)


def reviews(source: Source, *, year: int | None = None) -> Sheets:
    """审核台账: what is open, and all that came in or was reviewed in a year (None: this one), with what was odd about the form."""
    of = str(year or dt.date.today().year)
    hints = source.hints

    def remarks(s: Standing) -> Value:
        return "；\n".join([*hints.get(s.decision, ()), *s.detail.get("warnings", ())])

    shown = [s for s in source.all if _open(s) or of in _years(s)]
    return _one("审核台账", source, shown, {**FIELDS, "提醒": remarks})


def _open(standing: Standing) -> bool:
    """Whether a claim still waits for something: its review, 公示, its money."""
    silent = standing.paid > 0 and bool(unpublished([standing]))
    return standing.state not in (PAID, NOTHING) or silent


def _years(standing: Standing) -> tuple[str, str]:
    """In which year a claim came in, and in which it was reviewed."""
    return standing.received_on[:4], standing.review.reviewed_on[:4] if standing.review else ""


def county(source: Source, *, of: str = "", title: str = "") -> Sheets:
    """县区汇总表: what was received from a county (`of`), for it to be reviewed there; `title`: of one provision alone."""
    shown = [s for s in source.all if (s.county or NONE) == of and not s.committed and title in ("", s.title)]
    shown.sort(key=lambda s: (s.title, s.number))
    return _one("县区汇总表", source, shown, 县区=of, 范围=title)


def payments(source: Source) -> Sheets:
    """兑付台账: every claim that was settled, with its payers and what was paid of it."""
    return _one("兑付台账", source, [s for s in source.all if s.line is not None])


def notice(source: Source, *, period: str = "", office: str = "", telephone: str = "") -> Sheets:
    """公示表: what is reviewed and settled and has no result of 公示 yet, planned or not. No account, no code, no loan: it is for everybody."""
    shown = [s for s in source.all if to_publish(s)]
    blank = "　　　　年　　月　　日至　　　　年　　月　　日"
    return _one(
        "公示表", source, shown, {**FIELDS, "项目": public_project_of},
        公示期=period or blank, 受理单位=office or "　" * 10, 联系电话=telephone or "　" * 8,
    )  # fmt: skip


def held(standing: Standing) -> str:
    """What the settlement found (`to_look_at`), as long as nobody has looked; "" for nothing."""
    seen = any(transfer.confirmed for transfer in standing.transfers if transfer.live)
    return "" if seen else "；".join(to_look_at(standing))


def to_publish(standing: Standing) -> bool:
    """Whether a claim is ready for 公示 and has not been through it."""
    return (
        standing.review is not None and standing.fresh and standing.line is not None and standing.line.status == "paid"
        and standing.line.payable > 0 and standing.result in ("", UPHELD)
    )  # fmt: skip
