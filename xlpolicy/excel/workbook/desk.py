"""What the buttons of 工作台 run: the steps of the working folder in use, each told in a sentence, then how it stands.

They call what the commands call (`register.steps`, `register.review`, `batch.working`); confirming a payment stays with
the command, which asks who does it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import xlwings as xw

from xlpolicy.excel.workbook.fill_window import started, told
from xlpolicy.excel.workbook.page_desk import COUNTS, FOLDER, LINES, STATES, WAITING
from xlpolicy.excel.workbook.vba_wrappers import RESULT_NAME
from xlpolicy.faults import PolicyError
from xlpolicy.register import in_sentences
from xlpolicy.register.deadlines import due, read_calendar
from xlpolicy.register.folder import Folder, in_use
from xlpolicy.register.ledgers import REVIEWS
from xlpolicy.register.review import ReviewError, load
from xlpolicy.register.status import WAITS, status
from xlpolicy.register.steps import plan_folder, settle_folder
from xlpolicy.register.written_beside import rewrite

#: problems of a ledger that are told one by one
_MOST = 5


def desk_fill(book: Any = None) -> None:
    """Button 收件: in a window of its own, for it may take long."""
    _step(book, lambda folder: started(folder.path, "做完后点“刷新”。"))


def desk_review(book: Any = None) -> None:
    """Button 载入审核."""
    _step(book, review_report)


def desk_settle(book: Any = None) -> None:
    """Button 核算."""
    _step(book, settle_report)


def desk_plan(book: Any = None) -> None:
    """Button 拨付计划."""
    _step(book, plan_report)


def desk_status(book: Any = None) -> None:
    """Button 刷新."""
    _step(book, lambda folder: f"已按 {dt.datetime.now():%H:%M} 的登记库刷新。")


def _step(book: Any, step: Callable[[Folder], str]) -> None:
    book = book or xw.Book.caller()
    _tell(book, RESULT_NAME, told(lambda: step(in_use())))
    try:
        show(book, in_use())
    except (PolicyError, OSError) as error:
        _tell(book, FOLDER, str(error))


def _tell(book: Any, name: str, value: Any) -> None:
    book.names[name].refers_to_range.value = value


def review_report(folder: Folder) -> str:
    """载入审核: the first time the ledger is written; then what was filled in is loaded and the ledger written anew."""
    register, path = folder.open(), folder.out / f"{REVIEWS}.xlsx"
    loaded = ""
    if path.exists():
        try:
            found = load(register, path, who=folder.who())
        except ReviewError as error:
            lines = "\n".join(str(p) for p in error.problems[:_MOST])
            more = f"\n另有 {len(error.problems) - _MOST} 处" if len(error.problems) > _MOST else ""
            return f"{path.name} 有 {len(error.problems)} 处问题，一行也没有载入：\n{lines}{more}"
        loaded = in_sentences.loaded(found)
    try:
        count, kept = rewrite(register, path, folder)
    except OSError:
        return f"{loaded}没有重新写出审核台账：{path} 正开着。请关闭后再点一次。"
    beside = in_sentences.kept(kept) if kept else ""
    return f"{loaded}{beside}审核台账已写出（{count} 笔）：{path}。填好浅黄色的栏目，保存、关闭后再点“载入审核”。"


def settle_report(folder: Folder) -> str:
    """核算, with its ledger."""
    done = settle_folder(folder, folder.open())
    text = in_sentences.settled(done.found)
    if done.remarks:
        text += f"有待补或说明的，见 {done.remarks}。"
    return f"{text}兑付台账：{done.ledger}"


def plan_report(folder: Folder) -> str:
    """拨付计划, with its papers."""
    made = plan_folder(folder, folder.open())
    plan = made.plan
    text = in_sentences.planned(plan)
    if plan.held:
        text += f"其中 {len(plan.held)} 笔暂缓，核对后用 xlpolicy pay release 放行。"
    if plan.left_out:
        text += f"另有 {len(plan.left_out)} 笔没有列入，原因见明细表。"
    if made.unpublished:
        text += f"还有 {len(made.unpublished)} 笔没有登记公示结果。"
    return f"{text}拨款明细表：{made.files[0]}。审签、拨付后运行 xlpolicy pay confirm {plan.number} --by 确认人。"


def show(book: Any, folder: Folder) -> None:
    """How the working folder stands, into the cells of 工作台. Raises FolderError, RegisterError, CalendarError."""
    found = status(folder.look())
    lines = [f"等企业补正　{n.file}　{n.text[:60]}" for n in found.notices]
    lines += [f"暂缓　{number}：{why}" for number, why in found.held]
    lines += [in_sentences.to_publish(found.to_publish)] if found.to_publish else []
    for item in due(found.waiting, folder.days, read_calendar(folder.calendar), dt.date.today()):
        late = f"，已超期 {item.late} 个工作日" if item.late else ""
        lines.append(f"期限　{item.claims} {item.counted}等{item.step}，最迟 {item.by}{late}")
    if len(lines) > LINES:
        lines[LINES - 1 :] = [f"另有 {len(lines) - LINES + 1} 项，见 xlpolicy status"]
    rows: list[list[Any]] = [
        [state, count, float(amount), WAITS[state]] for state, (count, amount) in found.states.items()
    ]
    _tell(book, FOLDER, str(folder.path))
    _tell(
        book, COUNTS,
        f"收件 {found.batches} 批 {found.forms} 份，申报 {found.claims} 笔：测算 {found.computed:,.2f} 元，审定 {found.reviewed:,.2f} 元，"
        f"已拨付 {found.paid:,.2f} 元。日志 {found.entries} 条，校验值 {found.head}",
    )  # fmt: skip
    _tell(book, STATES, [*rows, *([[None] * 4] * (len(WAITS) - len(rows)))])
    _tell(book, WAITING, [[line] for line in [*lines, *([""] * (LINES - len(lines)))]])
