"""期限: by when what waits has to be done, in working days of the bureau's own calendar of holidays.

How many days there are is the bureau's: `[days]` of 登记库.toml; which days are worked, 节假日.csv of the working folder.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from xlpolicy.faults import PolicyError
from xlpolicy.law.catalog import Catalog
from xlpolicy.register.corrections import CORRECT, Notice
from xlpolicy.register.standing import PAY, PUBLISH, REVIEW

#: what waits for which step -> the key in 登记库.toml
KEYS = {CORRECT: "correct", REVIEW: "review", PUBLISH: "publish", PAY: "pay"}
HEAD = "日期,安排,名称"
OFF, WORKED = "休", "班"
#: how long before its last day a document is told of
SOON = dt.timedelta(days=90)


class CalendarError(PolicyError):
    """The calendar of holidays cannot be read."""

    code = "calendar"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off and days worked beside the five of every week; `years`: those that the bureau has entered."""

    off: Collection[dt.date] = frozenset()
    worked: Collection[dt.date] = frozenset()

    @property
    def years(self) -> set[int]:
        """The years of which the calendar says anything."""
        return {day.year for day in (*self.off, *self.worked)}

    def works(self, day: dt.date) -> bool:
        """Whether it is a working day."""
        return day in self.worked or (day.weekday() < 5 and day not in self.off)

    def after(self, day: dt.date, count: int) -> dt.date:
        """The last day of a term of so many working days that begins on the day after."""
        while count > 0:
            day += dt.timedelta(days=1)
            count -= self.works(day)
        return day


@dataclass(frozen=True, slots=True)
class Due:
    """So many claims (forms, for 补正) wait for a step until a day. `late`: working days since, 0 for none."""

    step: str
    by: dt.date
    claims: int
    late: int

    @property
    def counted(self) -> str:
        """What is counted: 份 forms, 笔 claims."""
        return "份" if self.step == CORRECT else "笔"


def read_calendar(path: Path) -> Calendar:
    """节假日.csv; none there is only weekends. Raises CalendarError with the line."""
    if not path.is_file():
        return Calendar()
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")  # as Excel saves it
    days: dict[str, set[dt.date]] = {OFF: set(), WORKED: set()}
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        cells = [cell.strip() for cell in row] + [""]
        if not cells[0] or cells[0] == "日期" or cells[0].startswith("#"):
            continue
        try:
            day = dt.date.fromisoformat("-".join(f"{int(part):02d}" for part in cells[0].replace("/", "-").split("-")))
        except ValueError:
            raise _wrong(path, number, f"“{cells[0]}”不是日期", "日期，如 2026-10-01") from None
        if cells[1] not in days:
            raise _wrong(path, number, f"安排写的是“{cells[1]}”", f"{OFF} 或 {WORKED}")
        days[cells[1]].add(day)
    if both := days[OFF] & days[WORKED]:
        raise _wrong(path, 0, f"{min(both)} 既写了{OFF}又写了{WORKED}", "一天一种安排")
    return Calendar(frozenset(days[OFF]), frozenset(days[WORKED]))


def _wrong(path: Path, line: int, got: str, expected: str) -> CalendarError:
    where = f"{path.name} 第 {line} 行" if line else path.name
    return CalendarError(got, where=where, expected=expected, remedy="改正这个文件")


def due(
    waiting: Iterable[tuple[str, str, int]], days: Mapping[str, int], calendar: Calendar, today: dt.date
) -> list[Due]:
    """What waits (step, since when, how many claims) with its last day, the earliest first. Steps without days: none."""
    found: dict[tuple[str, dt.date], int] = {}
    for step, since, claims in waiting:
        if since and step in KEYS and KEYS[step] in days:
            key = step, calendar.after(dt.date.fromisoformat(since), days[KEYS[step]])
            found[key] = found.get(key, 0) + claims
    return [
        Due(step, by, claims, _late(calendar, by, today))
        for (step, by), claims in sorted(found.items(), key=lambda item: (item[0][1], item[0][0]))
    ]


def late_by(notice: Notice, days: Mapping[str, int], calendar: Calendar, today: dt.date) -> int:
    """Working days since the last day on which a notice was to be answered; 0 for none, or where no term is set."""
    if KEYS[CORRECT] not in days:
        return 0
    return _late(calendar, calendar.after(dt.date.fromisoformat(notice.received_on), days[KEYS[CORRECT]]), today)


def _late(calendar: Calendar, by: dt.date, today: dt.date) -> int:
    return sum(calendar.works(by + dt.timedelta(days=n)) for n in range(1, (today - by).days + 1))


def expiring(catalog: Catalog, documents: Collection[str], today: dt.date) -> Iterator[tuple[str, dt.date]]:
    """The documents of the register's claims whose last day is near: name and day."""
    for key in sorted(documents):
        document = catalog.documents.get(key)
        last = document.valid_to if document else None
        if document and last and today <= last <= today + SOON:
            yield document.name, last
