"""One file never costs the others: processes that end, grow or hang, files that vanish, zips that multiply."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import misbehave
import pytest
from openpyxl import load_workbook

from xlpolicy.batch.aside import Aside
from xlpolicy.batch.fill import LOG, fill
from xlpolicy.batch.job import MAX_KEPT
from xlpolicy.batch.publish import STATE
from xlpolicy.batch.record import Record, Summary
from xlpolicy.batch.spooled import Records
from xlpolicy.batch.workers import Died, Limits, Pool
from xlpolicy.faults import Fault
from xlpolicy.sheets.package import MAX_FILE

ON = dt.date(2026, 6, 30)
LIMITS = Limits(400 * 2**20, 3)
WriteForm = Callable[..., Path]


def run(inbox: Path, jobs: int = 1, out: str = "结果") -> Summary:
    return fill(inbox, inbox.parent / out, on=ON, progress=False, jobs=jobs, limits=LIMITS)


def digests(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_pool_goes_on_in_order_whatever_becomes_of_a_worker(jobs: int) -> None:
    items = ["1", "abort", "2", "hang", "3", "grow", "4", "fail", "5"]
    with Pool(None, misbehave.begin, jobs, Limits(300 * 2**20, 2)) as pool:
        done = list(pool.map(misbehave.echo, items, len(items)))
    said = [d.reason if isinstance(d, Died) else d for d in done]
    assert said == ["1", "crash", "2", "slow", "3", "memory", "4", "error", "5"]
    assert "an exception nobody thought of" in done[7].trace


def test_what_a_worker_was_given_together_falls_one_by_one() -> None:
    items = ["1", "abort", "2", "3", "abort", "abort", "fail", "4", *map(str, range(5, 13))]
    with Pool(None, misbehave.begin, 1, Limits(300 * 2**20, 2)) as pool:
        done = list(pool.map(misbehave.echo, items, len(items)))
    said = [d.reason if isinstance(d, Died) else d for d in done]
    assert said == ["1", "crash", "2", "3", "crash", "crash", "error", "4", *map(str, range(5, 13))]


def test_a_worker_loads_nothing_that_only_draws_workbooks() -> None:
    code = "import sys, xlpolicy.batch.job; print([m for m in ('openpyxl', 'xlsxwriter', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_machine_that_is_busy_is_no_fault_of_a_file() -> None:
    """Waiting is not working: an item that sleeps for longer than its limit is heard out, one that works is ended."""
    with Pool(None, misbehave.begin, 1, Limits(300 * 2**20, 1)) as pool:
        done = list(pool.map(misbehave.echo, ["1 pause", "2 work", "3"], 3))
    assert [d.reason if isinstance(d, Died) else d for d in done] == ["1 pause", "slow", "3"]


def test_a_file_that_ends_its_worker_is_one_row(form: WriteForm, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["1.xlsx", "2 abort.xlsx", "3 hang.xlsx", "4 grow.xlsx", "5 fail.xlsx", "6.xlsx"]
    for number, name in enumerate(names, 1):
        form(number, name=name)
    monkeypatch.setattr("xlpolicy.batch.fill.read", misbehave.read)
    summary = run(inbox)
    assert [r.place for r in summary.records] == ["已核定", *["无法读取"] * 4, "已核定"]
    assert [p.code for r in summary.records[1:5] for p in r.problems] == [
        "crashed", "too_slow", "too_much", "crashed",
    ]  # fmt: skip
    for record, word in zip(summary.records[1:5], ("中断", "3 秒", "400 MB", "出错"), strict=True):
        assert word in record.why
        assert (Path(summary.out) / record.outputs[0]).read_bytes() == (inbox / record.file).read_bytes()
    log = (Path(summary.out) / LOG).read_text(encoding="utf-8")
    assert all(name in log for name in names[1:5])
    assert "an exception nobody thought of" in log


def test_a_form_that_ends_the_writer_is_copied_as_it_is(
    form: WriteForm, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form(1, name="1 abort.xlsx")
    form(2, name="2.xlsx")
    monkeypatch.setattr("xlpolicy.batch.fill.write", misbehave.write)
    summary = run(inbox)
    assert [r.outputs for r in summary.records] == [
        ["已核定/1 abort.核定.xlsx", "已核定/1 abort.xlsx"], ["已核定/2.xlsx"],
    ]  # fmt: skip
    assert (Path(summary.out) / "已核定/1 abort.xlsx").read_bytes() == (inbox / "1 abort.xlsx").read_bytes()


def test_the_ledger_is_the_same_wherever_its_sheets_are_drawn(
    form: WriteForm, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form(1)
    form(2)
    monkeypatch.setenv("TEST_PROCESS", str(os.getpid()))
    ledgers, here = [], []
    # few claims: here; many: by a worker; many, and the worker does not survive it: here again
    for long, draw in ((500, misbehave.draw), (1, misbehave.draw), (1, misbehave.draw_nowhere_else)):
        monkeypatch.setattr("xlpolicy.batch.fill._LONG", long)
        monkeypatch.setattr("xlpolicy.batch.fill.draw", draw)
        misbehave.DRAWN.clear()
        ledgers.append(Path(run(inbox, out=f"结果{len(ledgers)}").ledger).read_bytes())
        here.append(list(misbehave.DRAWN))
    assert here == [[2], [], [2]]
    assert ledgers[1] == ledgers[2] == ledgers[0]


def test_what_was_judged_is_what_is_copied_though_the_file_is_gone(
    form: WriteForm, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form(1)
    form(2, investment="约5")
    monkeypatch.setattr("xlpolicy.batch.fill.read", misbehave.read_and_lose)
    summary = run(inbox)
    assert [(r.place, len(r.outputs)) for r in summary.records] == [("已核定", 1), ("退回补正", 3)]
    assert "核定意见" in load_workbook(Path(summary.out) / summary.records[0].outputs[0]).sheetnames


def test_what_was_written_at_once_is_written_again_where_another_form_changes_it(form: WriteForm, inbox: Path) -> None:
    """Each alone would be judged, with a 核定意见 in its copy; together they contradict each other."""
    for name, investment in (("a.xlsx", 600), ("b.xlsx", 700)):
        form(1, name=name, investment=investment)
    summary = run(inbox)
    assert [r.place for r in summary.records] == ["退回补正", "退回补正"]
    for record in summary.records:
        copy, notice, _ = (Path(summary.out) / output for output in record.outputs)
        assert copy.read_bytes() == (inbox / record.file).read_bytes()
        assert load_workbook(notice).sheetnames == ["补正通知"]


def test_a_file_that_is_gone_before_it_is_read_is_told(
    form: WriteForm, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xlpolicy.batch import fill as module

    form(1, name="a.xlsx")
    form(2, name="b.xlsx")
    walk = module.walk

    def gone(*args: Path) -> object:
        found = list(walk(*args))
        (inbox / "a.xlsx").unlink()
        return iter(found)

    monkeypatch.setattr(module, "walk", gone)
    first, second = run(inbox).records
    assert (first.place, second.place) == ("跳过", "已核定")
    assert "打不开" in first.why


def test_the_same_bytes_whatever_the_number_of_workers(shown: Summary, tmp_path: Path) -> None:
    out = [tmp_path / str(jobs) for jobs in (1, 2, 3)]
    for folder, jobs in zip(out, (1, 2, 3), strict=True):
        fill(shown.inbox, folder, on=ON, progress=False, jobs=jobs)
    first, second, third = (digests(folder) for folder in out)
    assert first == second == third


@pytest.mark.posix
def test_links_to_files_are_not_followed(form: WriteForm, inbox: Path) -> None:
    secret = inbox.parent / "别处.xlsx"
    os.replace(form(1), secret)
    (inbox / "链接.xlsx").symlink_to(secret)
    (record,) = run(inbox).records
    assert (record.place, record.outputs) == ("跳过", [])
    assert "链接" in record.why


def test_two_members_shown_by_one_name_keep_their_own_opinion(form: WriteForm, inbox: Path) -> None:
    first, second = form(1), form(2)
    with zipfile.ZipFile(inbox / "a.zip", "w") as package:
        package.write(first, "甲:.xlsx")
        package.write(second, "甲?.xlsx")
    first.unlink()
    second.unlink()
    summary = run(inbox)
    assert len({r.member for r in summary.records}) == 1
    for record in summary.records:
        book = load_workbook(Path(summary.out) / record.outputs[0])
        said = {row[0]: row[1] for row in book["核定意见"].iter_rows(values_only=True)}
        assert said["申报单位"] == book["申请表"]["B5"].value == record.enterprise


def test_two_members_of_one_name_are_two_forms(form: WriteForm, inbox: Path) -> None:
    first, second = form(1), form(2)
    with zipfile.ZipFile(inbox / "a.zip", "w") as package:
        package.write(first, "甲.xlsx")
        with pytest.warns(UserWarning, match="Duplicate"):
            package.write(second, "甲.xlsx")
    first.unlink()
    second.unlink()
    assert [r.enterprise for r in run(inbox).records] == ["示例企业01有限公司", "示例企业02有限公司"]


def test_a_zip_whose_members_cannot_be_taken_out_is_copied_once(inbox: Path) -> None:
    """300 damaged members of a 20 MB zip were 300 copies of the zip: 6 GB."""
    path = inbox / "a.zip"
    with zipfile.ZipFile(path, "w") as package:
        for number in range(300):
            package.writestr(f"{number:03d}.xlsx", os.urandom(2000))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        for info in package.infolist():
            data[info.header_offset + 60] ^= 1
    path.write_bytes(bytes(data))
    summary = run(inbox)
    assert summary.counts["无法读取"] == 300
    written = sum(p.stat().st_size for p in Path(summary.out).rglob("*.zip"))
    assert written == len(data)
    assert all("无法读取/a.zip" in r.outputs for r in summary.records)


def test_a_file_beyond_all_measure_is_told_at_once_and_never_copied(form: WriteForm, inbox: Path) -> None:
    """6 GB were read until the time was over, and copied twice. Both files are holes: they take no room."""
    form(1)
    for name, size in (("大.xlsx", MAX_FILE + 1), ("更大.csv", MAX_KEPT + 1)):
        with (inbox / name).open("wb") as file:
            file.truncate(size)
    summary = run(inbox)
    told = {
        r.file: (r.place, r.why, len([o for o in r.outputs if o.endswith((".csv", ".xlsx")) and "通知" not in o]))
        for r in summary.records
    }
    large, larger = told["大.xlsx"], told["更大.csv"]
    assert (large[0], larger[0]) == ("无法读取", "无法读取")
    assert "超过 50 MB" in large[1] and "没有复制" not in large[1]
    assert "超过 500 MB，没有读取，也没有复制" in larger[1]
    assert (large[2], larger[2]) == (1, 0)
    assert not (Path(summary.out) / LOG).exists()
    assert (Path(summary.out) / "无法读取" / "大.xlsx").stat().st_size == MAX_FILE + 1


def test_nothing_of_a_run_stays_behind(form: WriteForm, inbox: Path) -> None:
    form(1)
    run(inbox)
    assert sorted(p.name for p in inbox.parent.iterdir()) == ["收件", "结果"]
    assert sorted(p.name for p in (inbox.parent / "结果").iterdir()) == sorted([STATE, "台账.xlsx", "已核定"])


def test_what_is_said_of_a_form_does_not_grow_with_the_forms() -> None:
    from xlpolicy.batch.together import compare

    def said(count: int) -> int:
        records = [
            Record(
                f"{n}.xlsx", str(n), "已核定", number=n, enterprise=f"企业{n % 7}", code="X" * 18,
                key=("X" * 18, "d", "r", f"项目{n % 2}", "", ""), values=(("a", str(n), ""),), labels={"a": "甲"},
            )
            for n in range(count)
        ]  # fmt: skip
        compare(records)
        assert all(len(r.problems) <= 3 for r in records)
        return max(sum(map(len, r.hints)) + sum(len(p.got) for p in r.problems) for r in records)

    assert said(400) < said(40) + 100


def test_what_a_record_brings_packed_is_read_again_and_changed_like_any() -> None:
    """As it goes from a worker to the parent, out of memory, and to a worker once more."""
    record = Record(
        "a.xlsx", "x", "已核定", inputs="投资额：800万元", hints=("一",), labels={"a": "甲"}, bank=("示例企业01", "6200", "示例银行"),
        values=(("a", "8,000,000元", "申请表!B5"),),
    )  # fmt: skip
    came: Record = pickle.loads(pickle.dumps(record))
    records = Records()
    records.append(came)
    records.append(Record("b.xlsx", "y", "空白", inputs="投资额：900万元"))
    came, other = records
    assert (came.inputs, other.inputs, came.labels, came.claim) == (
        "投资额：800万元",
        "投资额：900万元",
        {"a": "甲"},
        None,
    )
    assert came == record
    came.hints += ("二",)
    again: Record = pickle.loads(pickle.dumps(came))
    assert (again.hints, again.values, again.bank) == (("一", "二"), record.values, record.bank)
    assert records[0].hints == ("一",)
    came.place, came.problems = "退回补正", (Fault("conflict", got="两份不一致"),)
    records.put(came)
    assert (records[0].hints, records[-1].file, len(records.of("退回补正"))) == (("一", "二"), "b.xlsx", 1)
    assert [record.problems[0].got for record in records.of("退回补正")] == ["两份不一致"]
    with pytest.raises(AttributeError):
        _ = came.nothing_of_the_kind  # type: ignore[attr-defined]


def test_what_was_put_aside_is_read_whole_by_several_threads() -> None:
    aside = Aside()
    kept = [aside.put(bytes([number]) * 20_000) for number in range(100)]  # more than stays in memory
    with ThreadPoolExecutor(4) as threads:
        read = list(threads.map(lambda at: (at, bytes(kept[at])), [at % 100 for at in range(2_000)]))
    assert [at for at, data in read if data != bytes([at]) * 20_000] == []
