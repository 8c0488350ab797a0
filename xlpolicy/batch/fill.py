"""批量核定: a folder of returned forms -> a 核定 in a copy of each, the 补正通知, and 台账.xlsx.

Originals are only read. Every file ends in exactly one place, and the counts must add up. Output is prepared beside
OUT and moved in when it is complete; what a clerk has edited in OUT since the last run is kept, never overwritten.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from xlpolicy.batch.copies import Copies
from xlpolicy.batch.judge import compare, judge
from xlpolicy.batch.publish import Published, staging
from xlpolicy.batch.record import PLACES, Record, Summary
from xlpolicy.batch.summary import ledger
from xlpolicy.faults import PolicyError, system_reason
from xlpolicy.forms.intake import read_returned
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.money import ZERO, upper
from xlpolicy.sheets import template as templates
from xlpolicy.sheets.style import FONTS

_ELSEWHERE = "用 -o 另指定一个文件夹"
_LINK = "链接到别处的文件夹，没有进入"
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
        folders[:] = sorted(f for f in folders if f not in links and (here / f).resolve() != out)
        for name in sorted([*names, *links]):
            path = here / name
            yield path, path.relative_to(inbox).as_posix(), _skip(path, inbox) if name not in links else _LINK


def _skip(path: Path, inbox: Path) -> str:
    name = path.name
    if name.startswith("~$") or name.startswith(".~lock"):
        return "办公软件的锁定文件（对应文件可能正在打开，请先关闭）"
    if name.lower() in _SYSTEM:
        return "操作系统文件"
    if any(part.startswith(".") for part in path.relative_to(inbox).parts):
        return "隐藏文件"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "不是普通文件"
    except OSError as error:
        return f"打不开（{system_reason(error)}）"
    return ""


def digest(path: Path) -> str:
    """SHA-256 of the content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fill(
    inbox: str | Path,
    out: str | Path,
    *,
    on: dt.date | str | None = None,
    policy: str | None = None,
    template: str | Path | None = None,
    fonts: Mapping[str, str] = FONTS,
    progress: bool | None = None,
    catalog: Catalog | None = None,
) -> Summary:
    """核定 every form in `inbox`, write `out`.

    `on`: the date that decides which document applies; without it, the day a form was first judged into `out`,
    else today. `policy` pins a document whatever the date. `template`: a bureau's own 台账.xlsx.
    `progress`: True or False; None shows a bar on a terminal only.

    Raises FillError for unusable folders, InvalidInput for a bad date, TemplateError, UnknownPolicy.
    """
    source, target = Path(inbox).resolve(), Path(out).resolve()
    _check(source, target)
    day = catalogs.as_date(on)
    known = catalog or catalogs.default()
    if policy is not None:
        known.document(policy)
    form = Path(template) if template else templates.find()
    published = Published(target)
    show = sys.stderr.isatty() if progress is None else progress
    records: list[Record] = []
    files = list(walk(source, target))
    bar = tqdm(total=2 * len(files), desc="核定", unit="步", disable=not show, leave=False)
    with bar, staging(target) as folder:
        for path, name, skipped in files:
            bar.update()
            records += _read(path, name, skipped, day, published, known, policy)
        compare(records)
        _account(records, [name for _, name, _ in files])
        copies = Copies(source, folder, fonts)
        for record in records:
            if record.place != "跳过":
                copies.write(record)
            bar.update()
        today = day or dt.date.today()
        (folder / templates.LEDGER).write_bytes(ledger(records, form, on=today, files=len(files)))
        dates = {r.digest: r.on.isoformat() for r in records if r.on is not None}
        kept = published.replace(folder, dates)
    last = max((r.on for r in records if r.on is not None), default=today)
    return _summary(source, target, records, len(files), kept, last)


def _check(source: Path, target: Path) -> None:
    if not source.is_dir():
        raise FillError(f"没有这个收件文件夹：{source}", expected="存放申请表的文件夹", remedy="核对路径")
    if target == source:
        raise FillError("结果不能写进收件文件夹本身", where=str(target), expected="另一个文件夹", remedy=_ELSEWHERE)
    if target.is_file():
        raise FillError("结果位置已有同名文件", where=str(target), expected="文件夹", remedy=_ELSEWHERE)
    if any(source.is_relative_to(target / place) for place in PLACES):
        raise FillError("收件文件夹在结果的分类文件夹之内", where=str(source), expected="两者分开", remedy=_ELSEWHERE)


def _read(
    path: Path, name: str, skipped: str, day: dt.date | None, published: Published, known: Catalog, policy: str | None
) -> list[Record]:
    """The records of one file: one per form in it, at least one."""
    if skipped:
        return [Record(name, "", "跳过", why=skipped)]
    try:
        mark = digest(path)
    except OSError as error:
        return [Record(name, "", "跳过", why=f"打不开（{system_reason(error)}），请检查文件权限后重新核算")]
    on = day or published.date_of(mark) or dt.date.today()
    found = read_returned(path, known)
    if len(found) == 1:
        return [judge(found[0], name, mark, on, known, policy)]
    return [judge(form, name, mark, on, known, policy, nth=n) for n, form in enumerate(found, 1)]


def _account(records: Sequence[Record], names: Sequence[str]) -> None:
    """Every file has a record, every record a file and one place, no form two records. Raises Miscounted."""
    if list(dict.fromkeys(r.file for r in records)) != list(names):
        raise Miscounted("收件与台账的文件不一致")
    if len({(r.file, r.nth) for r in records}) != len(records):
        raise Miscounted("同一份申请表列了两次")
    counts = Counter(r.place for r in records)
    if sum(counts[place] for place in PLACES) != len(records):
        raise Miscounted("各处份数之和不等于总份数")
    for record in records:
        if (record.judged is not None) != (record.place == "已核定"):
            raise Miscounted(f"{record.source} 的核定与去处不一致")
        if record.place == "退回补正" and not record.problems:
            raise Miscounted(f"{record.source} 退回补正而没有理由")


def _summary(
    source: Path, target: Path, records: Sequence[Record], files: int, kept: Sequence[str], last: dt.date
) -> Summary:
    total = sum((r.amount for r in records), ZERO)
    counts = Counter(r.place for r in records)
    return Summary(
        str(source), str(target), str(target / templates.LEDGER), last.isoformat(), files, len(records),
        {place: counts[place] for place in PLACES}, sum(r.result == "符合条件" for r in records), total, upper(total),
        tuple(kept), tuple(records),
    )  # fmt: skip
