"""What a step of the work did, in a sentence or two: the commands and the workbook's 工作台 say the same."""

from __future__ import annotations

from pathlib import Path

from xlpolicy.register.arrivals import Received
from xlpolicy.register.paying import Plan
from xlpolicy.register.review import Loaded
from xlpolicy.register.settling import Settling
from xlpolicy.settle.settlement_book import totals_text


def received(found: Received) -> str:
    """收件."""
    if not found.number:
        return f"没有新的文件（{found.known} 个已登记过）。"
    numbers, known = found.numbers, ""
    span = f"，编号 {numbers[0]}" + (f" 至 {numbers[-1]}" if len(numbers) > 1 else "") if numbers else ""
    changed = f"，更正 {len(found.superseded)} 笔" if found.superseded else ""
    if found.known:
        known = f"，另有 {found.known} 个文件以前登记过，没有变动"
    return f"登记为 {found.number} 批：{found.forms} 份，新的申报 {len(numbers)} 笔{span}{changed}{known}。"


def loaded(found: Loaded) -> str:
    """载入审核."""
    text = (
        f"已载入审定 {len(found.reviews)} 笔（核减 {found.cut:,.2f} 元），公示结果 {len(found.publications)} 笔；"
        f"没有变动 {found.unchanged} 笔。"
    )
    if found.stopped:
        text += f"有异议而已列入计划的 {'、'.join(found.stopped)} 暂缓拨付；银行导入文件已写出的，用 xlpolicy pay print 批次号 重写。"
    return text


def kept(aside: Path) -> str:
    """审核台账 written anew, where the one before it held more than the program's columns."""
    return f"原来的审核台账里有自己加的内容，留在 {aside}；要接着用的，抄到新的一份上。"


def settled(found: Settling) -> str:
    """核算."""
    before = f"；以前列入拨付的 {found.earlier} 笔已作为已兑付计入" if found.earlier else ""
    text = f"{found.number}：核算 {len(found.claims)} 笔，{totals_text(found.settlement)}{before}。"
    return text + (f"其中 {found.unreviewed} 笔未审定，按测算额核算，不列入拨付计划。" if found.unreviewed else "")


def planned(plan: Plan) -> str:
    """拨付计划."""
    return f"批次号 {plan.number}：{len(plan.transfers)} 笔，合计 {plan.total:,.2f} 元。"


def to_publish(count: int) -> str:
    """待列入拨付, without a result of 公示."""
    return f"待列入拨付的有 {count} 笔还没有公示结果：xlpolicy ledger 公示表，期满后用 xlpolicy review 在审核台账里填公示结果，载回"
