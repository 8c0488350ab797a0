"""批量核定: a folder of returned forms -> a 核定 in a copy of each, the 补正通知, and 台账.xlsx.

Originals are only read. Every file ends in exactly one place, and the counts must add up. Output is prepared beside
OUT and moved in when it is complete; what a clerk has edited in OUT since the last run is kept, never overwritten.
"""

from __future__ import annotations

import datetime as dt
import os
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from xlpolicy.batch.aside import Days, Rows
from xlpolicy.batch.copies import Copies
from xlpolicy.batch.job import Context, File, ahead, begin, call, draw, last, read, write
from xlpolicy.batch.job import spool as spooled_file
from xlpolicy.batch.judge import judge
from xlpolicy.batch.last_ledger import UNREADABLE, Before, Written
from xlpolicy.batch.named import Named, disk
from xlpolicy.batch.publish import GONE, STAGING, Published, recover, staging
from xlpolicy.batch.record import PLACES, Record, Summary, readable
from xlpolicy.batch.related import Related
from xlpolicy.batch.spooled import Records
from xlpolicy.batch.summary import Ledger, ledger
from xlpolicy.batch.together import Owned, compare
from xlpolicy.batch.workers import LIMITS, Died, Limits, Pool
from xlpolicy.faults import PolicyError, system_reason
from xlpolicy.forms.bureau_facts import BureauList
from xlpolicy.forms.intake import refused
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import as_date
from xlpolicy.money import upper
from xlpolicy.settle.claims_sheet import Sheets
from xlpolicy.sheets import template as templates
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.package import SAVE_AS, Unreadable

_ELSEWHERE = "用 -o 另指定一个文件夹"
_LINK = "链接到别处的文件夹，没有进入"
_LINKED = "链接到别处的文件，没有读取；需要的话把文件本身放进收件文件夹"
#: where the traces of what went wrong inside go, beside the ledger
LOG = "出错记录.txt"
#: files that a worker reads before it writes for them: to change from one to the other after each costs a tenth
_FEW = 4
#: claims of which a worker draws the sheets behind the ledger; with fewer it would be done later, having to load what draws
_LONG = 500
_SYSTEM = {"thumbs.db", "desktop.ini", ".ds_store"}


class FillError(PolicyError):
    """The folders given cannot be worked on."""

    code = "fill"


class Miscounted(AssertionError):
    """A file of the inbox is not accounted for: a defect of this program."""


def walk(inbox: Path, out: Path) -> Iterator[tuple[Path, str, str]]:
    """Every file of the inbox in name order: path, name relative to the inbox, and why it is skipped (or "").

    The output folder, if it stands inside, is not part of the inbox. Links to folders are not followed.
    """
    for folder, folders, names in os.walk(inbox):
        here = Path(folder)
        links = [f for f in folders if (here / f).is_symlink()]
        folders[:] = sorted(
            f for f in folders if f not in links and not f.startswith(STAGING) and (here / f).resolve() != out
        )
        for name in sorted([*names, *links]):
            path = here / name
            yield path, path.relative_to(inbox).as_posix(), _skip(path, inbox) if name not in links else _LINK


def _taken(files: Iterable[tuple[Path, str, str]], only: Collection[str] | None) -> Iterator[tuple[Path, str, str]]:
    return (file for file in files if only is None or file[1] in only)


def _skip(path: Path, inbox: Path) -> str:
    name = path.name
    if name.startswith("~$") or name.startswith(".~lock"):
        return "办公软件的锁定文件（对应文件可能正在打开，请先关闭）"
    if name.lower() in _SYSTEM:
        return "操作系统文件"
    if any(part.startswith(".") for part in path.relative_to(inbox).parts):
        return "隐藏文件"
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return _LINKED
        if not stat.S_ISREG(mode):
            return "不是普通文件"
    except OSError as error:
        return f"打不开（{system_reason(error)}）"
    return ""


def fill(
    inbox: str | Path,
    out: str | Path,
    *,
    on: dt.date | str | None = None,
    policy: str | None = None,
    replace: bool = False,
    jobs: int = 1,
    limits: Limits = LIMITS,
    template: str | Path | None = None,
    fonts: Mapping[str, str] = FONTS,
    bureau: str | Path | None = None,
    progress: bool | None = None,
    catalog: Catalog | None = None,
    only: Collection[str] | None = None,
) -> Summary:
    """核定 every form in `inbox`, write `out`. `only`: the files to take, by name relative to the inbox (None: all).

    `on`: the date that decides which document applies; without it, the day a form was first judged into `out`,
    else today. `policy` pins a document whatever the date. `template`: a bureau's own 台账.xlsx.
    `bureau`: the list of facts that only the bureau knows (`forms.bureau_list`).
    `replace`: also where `out` holds the results of another inbox. `jobs`: processes that read and write at once; what is written is the same whatever their number. `limits`: what
    one file may cost; one that costs more is a row 无法读取 with the reason, and the others go on.
    `progress`: True or False; None shows a bar on a terminal only.

    Raises FillError for unusable folders, CannotStart without a worker process, InvalidInput for a bad date, TemplateError, UnknownPolicy.
    """
    source, target = Path(inbox).resolve(), Path(out).resolve()
    _check(source, target)
    day = as_date(on)
    law = catalog or catalogs.default()
    listed = _listed(Path(bureau), law) if bureau else BureauList({}, {})
    if policy is not None:
        law.document(policy)
    form = Path(template) if template else templates.find()
    recover(target)
    show = sys.stderr.isatty() if progress is None else progress
    today, log = dt.date.today(), Log()
    with closing(disk()) as named:
        published = Published(target, named)
        if not replace:
            _same_inbox(published, source)
        with staging(target) as folder:
            spool = folder.parent / "spool"
            spool.mkdir()
            inbox_files = Rows(spool / "inbox", ((name, why) for _, name, why in _taken(walk(source, target), only)))
            files = len(inbox_files)
            known = Days(published.dates.in_order() if day is None else ())
            context = Context(spool, day, today, known, policy, catalog, fonts, listed.facts)
            copies, dates = Copies(context, folder, named), Named[str](named)
            bar = tqdm(total=2 * files, desc="核定", unit="步", disable=not show, leave=False)
            with bar, Pool(context, begin, jobs, limits) as pool:
                before = _before(pool, context, published, source, log)
                records, related = _read(pool, source, inbox_files, context, limits, log, bar)
                owned = _compared(records, related)
                _account(records, (name for name, _ in inbox_files))
                _copy(pool, records, copies, owned, dates, log, bar)
                del related, owned  # each grows with the forms, as what the ledger takes does
                drawn = ledger(
                    records, form, folder / templates.LEDGER, partial(_meanwhile, pool, context), spool=spool,
                    on=day or today, files=files, before=before(), disk=named,
                )  # fmt: skip
            log.save(folder)
            names = (name for name, _ in inbox_files)
            kept, gone = published.replace(folder, dates, source, names, drawn.written, copies.files)
        last_day = max((dt.date.fromisoformat(judged) for _, judged in dates.items()), default=day or today)
    unmet = listed.unmet((record.code, record.rule, record.project) for record in records) if listed.rows else ()
    return _summary(source, target, records, files, kept, gone, last_day, drawn, unmet)


def _listed(bureau: Path, known: Catalog) -> BureauList:
    from xlpolicy.forms.bureau_list import read_facts  # beside it stands what draws the list, which takes long to load

    return read_facts(bureau, known)


def _same_inbox(published: Published, source: Path) -> None:
    if published.holds(source) or not published.sources:
        return
    names = list(dict.fromkeys(readable(name) for _, name in published.sources.items()))
    lost = "、".join(names[:5]) + (f" 等 {len(names)} 个文件" if len(names) > 5 else "")
    raise FillError(
        f"结果文件夹里是另一个收件文件夹（{published.inbox}）的核定结果，会被换掉的有：{lost}",
        where=str(published.target), expected="每个收件文件夹一个结果文件夹",
        remedy=f"{_ELSEWHERE}；确实要换掉的，加 --replace，原有结果移到“{GONE}”",
    )  # fmt: skip


def _check(source: Path, target: Path) -> None:
    if not source.is_dir():
        raise FillError(f"没有这个收件文件夹：{source}", expected="存放申请表的文件夹", remedy="核对路径")
    if target == source:
        raise FillError("结果不能写进收件文件夹本身", where=str(target), expected="另一个文件夹", remedy=_ELSEWHERE)
    if target.is_file():
        raise FillError("结果位置已有同名文件", where=str(target), expected="文件夹", remedy=_ELSEWHERE)
    if any(source.is_relative_to(target / place) for place in PLACES):
        raise FillError("收件文件夹在结果的分类文件夹之内", where=str(source), expected="两者分开", remedy=_ELSEWHERE)


class Log:
    """What went wrong inside, file by file, for whoever looks after the program."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def add(self, name: str, died: Died) -> None:
        """Keep the trace of one file."""
        self.parts.append(f"== {readable(name)} [{died.reason}]\n{died.trace}\n")

    def save(self, folder: Path) -> None:
        """Write the log where there is anything to tell. Raises OSError."""
        if self.parts:
            (folder / LOG).write_text("\n".join(self.parts), encoding="utf-8", newline="\n", errors="replace")


def _read(
    pool: Pool, inbox: Path, names: Rows, context: Context, limits: Limits, log: Log, bar: tqdm[Any]
) -> tuple[Records, Related]:
    """The records of all files, in order: one per form, at least one per file; with what tells which of them have
    something in common. `names`: each with why it is skipped, or ""."""
    records, related = Records(), Related()
    files = (File(number, inbox / name, name) for number, (name, why) in enumerate(names) if not why)
    found = _read_and_written(pool, files, sum(not why for _, why in names))
    for number, (name, why) in enumerate(names):
        done: list[Record] | Died = [Record(name, "", "跳过", why=why, number=number)] if why else []
        written = None
        if not why:
            done, written = next(found)
        if isinstance(done, Died):
            log.add(name, done)
            done, written = [_fallen(File(number, inbox / name, name), done, context, limits)], None
        for record in done:
            record.file, record.written = name, written
            records.append(record)
            related.add(record)
        bar.update()
    return records, related


def _compared(records: Records, related: Related) -> Owned:
    """Tell forms of the others that concern them; what is written for them already says nothing of those. What of several
    enterprises states what only one can have."""
    for group in related.groups(records):
        before = [_known(record) for record in group]
        compare(group)
        for record, known in zip(group, before, strict=True):
            if known != _known(record):
                record.written = None
                records.put(record)
    owned = Owned()
    for record in related.owned(records):
        owned.add(record)
    return owned


def _known(record: Record) -> tuple[object, ...]:
    """What other forms may change of what is written for one."""
    return record.place, record.why, record.here("hints"), record.problems


def _read_and_written(pool: Pool, files: Iterator[File], count: int) -> Iterator[tuple[Any, Any]]:
    """What became of reading each file, and of writing for it at once: of a few read and then of writing for them."""

    def steps() -> Iterator[tuple[Any, Any]]:
        while block := list(islice(files, _FEW)):
            yield from ((read, file) for file in block)
            yield from ((ahead, (write, file.number)) for file in block)

    found = pool.map(call, steps(), 2 * count, turn=2 * _FEW)
    for start in range(0, count, _FEW):
        done = list(islice(found, min(_FEW, count - start)))
        yield from zip(done, found, strict=False)


def _copy(
    pool: Pool, records: Records, copies: Copies, owned: Owned, dates: Named[str], log: Log, bar: tqdm[Any]
) -> None:
    """The copies of the forms. What was written early stands where the other forms have changed nothing. `dates`: on which
    day content was judged, by its digest."""
    waiting = records.waiting()
    late = (writing for writing in copies.plan(waiting) if writing.record.written is None)
    found = pool.map(write, late, len(waiting))
    for writing in copies.plan(records):
        record = writing.record
        done = next(found) if record.written is None else record.written
        record.written = None
        copies.place(writing, done)
        if isinstance(done, Died):
            log.add(record.source, done)
        record.beside += tuple(owned.told(record))
        records.put(record)
        if record.on is not None:
            dates.put(record.digest, record.on.isoformat())
        bar.update()


def _before(pool: Pool, context: Context, published: Published, source: Path, log: Log) -> Callable[[], Before]:
    """The last ledger of this inbox, read by a worker meanwhile: somebody has worked in it. One that is only too much for a
    worker is read here."""
    path = published.target / templates.LEDGER
    if not published.holds(source) or not path.is_file():
        return Before
    done = pool.begin(last, path)

    def read() -> Before:
        found = done()
        if isinstance(found, Died) and found.reason not in ("slow", "memory"):
            log.add(templates.LEDGER, found)
            return Before(left=[UNREADABLE])
        before: Before = last(context, path) if isinstance(found, Died) else found
        before.written = Written.load(published.ledger)
        return before

    return read


def _meanwhile(pool: Pool, context: Context, sheets: Sheets) -> Callable[[], Path]:
    """A worker draws these sheets while others are laid; where it does not survive that, they are drawn here."""
    done = pool.begin(draw, sheets) if len(sheets.claims) >= _LONG else partial(draw, context, sheets)

    def drawn() -> Path:
        found = done()
        return context.spool / (draw(context, sheets) if isinstance(found, Died) else found)

    return drawn


def _fallen(file: File, died: Died, context: Context, limits: Limits) -> Record:
    """The record of a file that its worker did not survive."""
    failure = {
        "slow": Unreadable("too_slow", f"读这个文件用了 {limits.seconds:g} 秒还没有读完，已停止", SAVE_AS),
        "memory": Unreadable("too_much", f"读这个文件要的内存超过 {limits.memory // 2**20} MB，已停止", SAVE_AS),
        "crash": Unreadable("crashed", f"读这个文件时读表程序中断，文件可能已损坏（经过见“{LOG}”）", SAVE_AS),
        "error": Unreadable("crashed", f"读这个文件时程序出错（经过见“{LOG}”）", SAVE_AS),
    }[died.reason]
    try:
        spooled, mark, _ = spooled_file(context, file.path)
    except OSError:  # gone with its worker: there is nothing to copy
        spooled, mark = None, ""
    returned = refused(file.path.name, failure)
    record = judge(returned, file.name, mark, context.on(mark), context.known, context.policy)
    record.number, record.spooled, record.size = file.number, spooled, spooled.size if spooled else 0
    return record


def _account(records: Iterable[Record], names: Iterator[str]) -> None:
    """Every file has a record, every record a file and one place, no form two records. Raises Miscounted."""
    for name, forms in groupby(records, lambda record: record.file):
        if next(names, None) != name:
            raise Miscounted("收件与台账的文件不一致")
        seen: set[int] = set()
        for record in forms:
            if record.nth in seen:
                raise Miscounted("同一份申请表列了两次")
            seen.add(record.nth)
            if record.place not in PLACES:
                raise Miscounted(f"{record.source} 没有去处")
            if (record.judged is not None) != (record.place == "已核定"):
                raise Miscounted(f"{record.source} 的核定与去处不一致")
            if record.place == "退回补正" and not record.problems:
                raise Miscounted(f"{record.source} 退回补正而没有理由")
    if next(names, None) is not None:
        raise Miscounted("收件与台账的文件不一致")


def _summary(
    source: Path, target: Path, records: Records, files: int, kept: Sequence[str], gone: Sequence[str], last: dt.date,
    drawn: Ledger, unmet: tuple[str, ...],
) -> Summary:  # fmt: skip
    counts: dict[str, int] = {place: len(records.of(place)) for place in PLACES}
    return Summary(
        str(source), str(target), str(target / templates.LEDGER), last.isoformat(), files, len(records), counts,
        drawn.eligible, drawn.amount, upper(drawn.amount), tuple(kept), tuple(gone), drawn.carried.rows,
        tuple(drawn.carried.left), unmet, records,
    )  # fmt: skip
