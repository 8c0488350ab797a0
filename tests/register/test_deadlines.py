"""期限: working days counted by hand over a holiday, what is late, what a calendar may not hold; a document's last days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from workingfolder import two_received

from xlpolicy.cli import main
from xlpolicy.law import catalog
from xlpolicy.register.deadlines import CalendarError, Due, due, expiring, read_calendar
from xlpolicy.register.folder import find
from xlpolicy.register.status import status

#: a holiday of a week from Thursday 2026-10-01, the Saturday 10-10 worked for it
LIST = "日期,安排,名称\n" + "".join(f"2026-10-0{n},休,示例假日\n" for n in range(1, 8)) + "2026/10/10,班,调休\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_working_days_over_a_holiday(tmp_path: Path, encoding: str) -> None:
    """From Friday 09-25: 28, 29, 30 September, 8, 9 October, then the worked Saturday 10, then Monday 12."""
    file = tmp_path / "节假日.csv"
    file.write_text(LIST, encoding=encoding)
    calendar = read_calendar(file)
    assert calendar.years == {2026}
    friday = dt.date(2026, 9, 25)
    assert [calendar.after(friday, n).isoformat() for n in (3, 5, 6, 7)] == [
        "2026-09-30", "2026-10-09", "2026-10-10", "2026-10-12",
    ]  # fmt: skip
    waiting = [("审定", "2026-09-25", 2), ("公示", "2026-09-25", 1), ("拨付", "2026-10-09", 1)]
    assert due(waiting, {"review": 5, "pay": 1}, calendar, dt.date(2026, 10, 13)) == [
        Due("审定", dt.date(2026, 10, 9), 2, 3), Due("拨付", dt.date(2026, 10, 10), 1, 2),
    ]  # fmt: skip
    assert read_calendar(tmp_path / "没有.csv").after(friday, 5) == dt.date(2026, 10, 2)


@pytest.mark.parametrize(
    ("line", "said"),
    [("2026-13-01,休", "不是日期"), ("国庆,休", "不是日期"), ("2026-10-01,放假", "安排写的是"), ("2026-10-10,休", "既写了")],
)  # fmt: skip
def test_a_wrong_line_is_told(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "节假日.csv"
    file.write_text(LIST + line + "\n", encoding="utf-8")
    with pytest.raises(CalendarError, match=said):
        read_calendar(file)


def test_a_documents_last_days_are_told() -> None:
    documents = catalog.default()
    last = documents.documents["fuzhou-2026-5"].valid_to
    assert last is not None
    keys = ["fuzhou-2026-5", "fuzhou-2024-13", "没有"]
    assert [day for _, day in expiring(documents, keys, last - dt.timedelta(days=30))] == [last]
    assert list(expiring(documents, keys, last + dt.timedelta(days=1))) == []
    assert list(expiring(documents, keys, last - dt.timedelta(days=400))) == []


def test_status_tells_each_step_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bureau = two_received(tmp_path)
    today = dt.date.today().isoformat()
    assert status(bureau.register).waiting == (("审定", today, 2),)
    bureau.review({"2026-00001": None})
    assert set(status(bureau.register).waiting) == {("公示", today, 1), ("审定", today, 1)}
    monkeypatch.chdir(bureau.folder.path)
    assert main(["status"]) == 0 and "没有写期限" in capsys.readouterr().out
    file = bureau.folder.path / "登记库.toml"
    file.write_text(file.read_text(encoding="utf-8") + "[days]\nreview = 1\npublish = 3\n", encoding="utf-8")
    assert find(bureau.folder.path).days == {"review": 1, "publish": 3}  # type: ignore[union-attr]
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "最迟" in out and "只按周末算" in out and "没有写期限" not in out
    file.write_text("[days]\nreview = 0\n", encoding="utf-8")
    assert main(["status"]) == 2
