"""`fill`: nothing lost, nothing changed that is not ours, the same again on a second run."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.batch import demo
from xlpolicy.batch.fill import FillError, Miscounted, _account, fill
from xlpolicy.batch.publish import KEPT, STATE, InUse
from xlpolicy.batch.record import Record, Summary
from xlpolicy.faults import InvalidInput, UnknownPolicy

ON = dt.date(2026, 6, 30)
WriteForm = Callable[..., Path]


def run(inbox: Path, on: dt.date | str | None = ON, policy: str | None = None) -> Summary:
    return fill(inbox, inbox.parent / "结果", on=on, policy=policy, progress=False)


def places(summary: Summary) -> dict[str, str]:
    return {record.source: record.place for record in summary.records}


def contents(folder: Path) -> dict[str, tuple[str, int]]:
    """Hash and time of every file below."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {
        p.relative_to(folder).as_posix(): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
        for p in files
    }


def rows(book: Path, sheet: str) -> Iterator[tuple[object, ...]]:
    loaded = load_workbook(book, data_only=True)[sheet]
    assert isinstance(loaded, Worksheet)
    yield from loaded.iter_rows(values_only=True)


# --- the copies ---


def test_originals_stay_as_they_are_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    demo.demo(tmp_path / "d", progress=False)
    before = contents(tmp_path / "d")
    again = fill(tmp_path / "d" / demo.INBOX, tmp_path / "d" / demo.OUT, on=demo.ON, progress=False)
    assert contents(tmp_path / "d") == before
    assert again.kept == ()


def test_a_second_run_on_another_day_keeps_the_day_of_the_first(form: WriteForm, inbox: Path) -> None:
    form(1)
    run(inbox)
    before = contents(inbox.parent)
    assert run(inbox, on=None).on == "2026-06-30"
    assert contents(inbox.parent) == before
    assert run(inbox, on="2026-07-01").on == "2026-07-01"
    assert contents(inbox.parent) != before


def test_every_file_is_in_exactly_one_place(shown: Summary) -> None:
    inbox, out = Path(shown.inbox), Path(shown.out)
    files = {p.relative_to(inbox).as_posix() for p in inbox.rglob("*") if p.is_file()}
    assert {record.file for record in shown.records} == files
    outputs = [name for record in shown.records for name in record.outputs]
    assert len(outputs) == len(set(outputs))
    written = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert written == {*outputs, "台账.xlsx", STATE}
    for record in shown.records:
        assert len({name.partition("/")[0] for name in record.outputs}) <= 1
        assert bool(record.outputs) == (record.place != "跳过")


def test_copies_that_are_not_judged_are_the_originals(shown: Summary) -> None:
    for record in shown.records:
        if record.outputs and not record.judged and not record.member:
            copied = Path(shown.out) / record.outputs[0]
            assert copied.read_bytes() == (Path(shown.inbox) / record.file).read_bytes()


def test_the_judged_copy_has_every_part_of_the_original(shown: Summary) -> None:
    """The sheet is added; cells, pictures, validations and cached results of the form are not written anew."""
    touched = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml"}
    with (
        zipfile.ZipFile(Path(shown.inbox) / "示例企业14（插入行）.xlsx") as original,
        zipfile.ZipFile(Path(shown.out) / "已核定" / "示例企业14（插入行）.xlsx") as copied,
    ):
        names = set(original.namelist())
        assert set(copied.namelist()) - names == {"xl/worksheets/sheet4.xml"}
        for name in names - touched:
            assert copied.read(name) == original.read(name), name


def test_the_opinion_states_amount_basis_calculation_and_assumptions(shown: Summary) -> None:
    book = load_workbook(Path(shown.out) / "已核定" / "示例企业06.xlsx")
    assert book.sheetnames[0] == "申请表"
    sheet = book["核定意见"]
    said = {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}
    assert said["申报单位"] == "示例企业06有限公司"
    assert said["依据"] == "榕政办规〔2026〕5号 附件3 一"
    assert said["核定金额（元）"] == 5_000_000
    assert said["核定金额（大写）"] == "人民币伍佰万元整"
    assert said["结果"] == "符合条件"
    assert said["封顶"] == "封顶5,000,000元（每个企业每年，范围按读法）"
    assert "封顶期间未写明，按自然年度计" in str(said["说明"])
    text = "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    assert "合 500.00万元" in text
    assert "核定日期：2026-06-30" in text


def test_a_form_that_is_no_xlsx_gets_its_opinion_beside_it(shown: Summary) -> None:
    folder = Path(shown.out) / "已核定"
    assert (folder / "示例企业15（实为xls）.xlsx").read_bytes() == demo._XLS.read_bytes()
    said = {row[0]: row[1] for row in rows(folder / "示例企业15（实为xls）.核定.xlsx", "核定意见")}
    assert said["核定金额（元）"] == 370_368


def test_the_notice_tells_the_enterprise_what_to_do(shown: Summary) -> None:
    folder = Path(shown.out) / "退回补正"
    table = list(rows(folder / "示例企业20.补正通知.xlsx", "补正通知"))
    assert str(table[1][0]).startswith("示例企业20有限公司：")
    assert table[3][:3] == (1, "申请表", "C16")
    text = (folder / "示例企业20.补正通知.txt").read_bytes().decode("utf-8-sig")
    assert "单元格 C16" in text
    assert "怎样改：" in text
    assert "请对方" not in text


# --- several forms together ---


def test_the_same_claim_in_another_file_counts_once(form: WriteForm, inbox: Path) -> None:
    form(1, name="a.xlsx")
    form(1, name="b.xlsx", ent_phone="0591-99999999")
    summary = run(inbox)
    assert places(summary) == {"a.xlsx": "已核定", "b.xlsx": "重复"}
    assert "a.xlsx" in summary.records[1].why


def test_two_sets_of_values_go_back_both(form: WriteForm, inbox: Path) -> None:
    form(1, name="a.xlsx", investment=800)
    form(1, name="b.xlsx", investment=900)
    form(1, name="c.xlsx", investment=800)
    summary = run(inbox)
    assert places(summary) == {"a.xlsx": "退回补正", "b.xlsx": "退回补正", "c.xlsx": "重复"}
    assert all("两份申报不一致" in r.problems[0].what for r in summary.records[:2])
    assert summary.amount == 0


def test_two_projects_of_one_enterprise_are_two_claims_with_a_hint(form: WriteForm, inbox: Path) -> None:
    form(1, name="a.xlsx", prj_name="甲项目")
    form(1, name="b.xlsx", prj_name="乙项目", investment=900)
    summary = run(inbox)
    assert summary.counts["已核定"] == 2
    assert "b.xlsx（乙项目）" in summary.records[0].hints[-1]


def test_two_blank_forms_of_the_same_content_are_blank_not_repeated(inbox: Path, form: WriteForm) -> None:
    from xlpolicy.forms.design import write_form
    from xlpolicy.law import catalog

    document = catalog.default().document(demo.DOCUMENT)
    write_form(document, document.rules[demo.TECH], inbox / "a.xlsx")
    shutil.copyfile(inbox / "a.xlsx", inbox / "b.xlsx")
    assert set(places(run(inbox)).values()) == {"空白"}


def test_counts_that_do_not_add_up_are_an_error() -> None:
    one = Record("a.xlsx", "x", "空白")
    _account([one], iter(["a.xlsx"]))
    for records, names in (
        ([one], ["a.xlsx", "b.xlsx"]),
        ([one, one], ["a.xlsx"]),
        ([Record("a.xlsx", "x", "已核定")], ["a.xlsx"]),
        ([Record("a.xlsx", "x", "退回补正")], ["a.xlsx"]),
        ([Record("a.xlsx", "x", "别处")], ["a.xlsx"]),  # type: ignore[arg-type]
    ):
        with pytest.raises(Miscounted):
            _account(records, iter(names))


# --- dates and documents ---


def test_a_form_of_an_expired_document_goes_back(form: WriteForm, inbox: Path) -> None:
    form(1, document="fuzhou-2024-13", prj_applied_on=dt.date(2026, 6, 30), prj_fact_on=2026)
    fault = run(inbox).records[0].problems[0]
    assert fault.code == "not_in_force"
    assert "榕政办规〔2026〕5号" in fault.what
    pinned = run(inbox, policy="fuzhou-2024-13").records[0]
    assert pinned.judged is not None
    assert "有效期" in pinned.judged.warnings[0]


def test_json_holds_the_faults_and_the_decision_of_each_form(form: WriteForm, inbox: Path) -> None:
    form(1)
    form(2, investment="约300")
    judged, returned = run(inbox).model_dump("json")["records"]
    assert (judged["place"], judged["problems"], judged["judged"]["eligible"]) == ("已核定", [], True)
    assert judged["judged"]["amount"] == "240000.00"  # 800 万 × 3 %
    assert (returned["place"], returned["judged"]) == ("退回补正", None)
    (fault,) = returned["problems"]
    assert set(fault) == {"code", "where", "item", "got", "expected", "remedy", "severity"}
    assert (fault["code"], fault["item"], fault["severity"]) == ("approximate", "investment", "error")
    assert fault["where"] == "申请表!C16"


def test_a_date_before_the_document_is_refused_for_the_form_not_for_the_run(form: WriteForm, inbox: Path) -> None:
    form(1, prj_fact_on=2025)  # whatever the day of the run
    record = run(inbox).records[0]
    assert record.place == "退回补正"
    assert "2025-12-31" in record.problems[0].what


@pytest.mark.parametrize("on", ["昨天", "2026-02-30"])
def test_a_wrong_date_is_the_callers_error(inbox: Path, on: str) -> None:
    with pytest.raises(InvalidInput):
        run(inbox, on=on)


def test_an_unknown_policy_is_the_callers_error(inbox: Path) -> None:
    with pytest.raises(UnknownPolicy):
        run(inbox, policy="nowhere-2026")


# --- folders ---


@pytest.mark.posix
def test_hidden_and_lock_files_are_listed_with_the_reason(form: WriteForm, inbox: Path) -> None:
    form(1)
    (inbox / ".hidden.xlsx").write_bytes(b"x")
    (inbox / ".~lock.01.xlsx#").write_bytes(b"x")
    (inbox / "Thumbs.db").write_bytes(b"x")
    os.mkfifo(inbox / "pipe.xlsx")
    summary = run(inbox)
    skipped = {r.file: r.why for r in summary.records if r.place == "跳过"}
    assert set(skipped) == {".hidden.xlsx", ".~lock.01.xlsx#", "Thumbs.db", "pipe.xlsx"}
    listed = {row[2]: row[4] for row in rows(Path(summary.ledger), "未列入")}
    assert {name: listed[name] for name in skipped} == skipped


def test_sub_folders_keep_their_names_and_the_output_may_stand_inside(form: WriteForm, inbox: Path) -> None:
    form(1, name="甲/申请表.xlsx")
    form(2, name="乙/申请表.xlsx")
    for _ in range(2):
        summary = fill(inbox, inbox / "结果", on=ON, progress=False)
        assert [r.outputs for r in summary.records] == [["已核定/乙/申请表.xlsx"], ["已核定/甲/申请表.xlsx"]]


def test_names_that_would_collide_or_lead_elsewhere_are_kept_apart(form: WriteForm, inbox: Path) -> None:
    first, second = form(1), form(2)
    with zipfile.ZipFile(inbox / "a.zip", "w") as package:
        package.write(first, "甲/申请表.xlsx")
        package.write(second, "/etc\\..\\申请表.xlsx")
    first.unlink()
    second.unlink()
    summary = run(inbox)
    assert [r.outputs for r in summary.records] == [["已核定/a_申请表.xlsx"], ["已核定/a_申请表 (2).xlsx"]]


def test_an_empty_inbox_gives_an_empty_ledger(inbox: Path) -> None:
    summary = run(inbox)
    assert summary.forms == 0
    assert not summary.problems
    assert next(r for r in rows(Path(summary.ledger), "申报台账") if r[0] == "（无）")[:1] == ("（无）",)


def test_folders_that_cannot_be_used(inbox: Path) -> None:
    with pytest.raises(FillError, match="没有这个收件文件夹"):
        fill(inbox / "x", inbox.parent / "o")
    with pytest.raises(FillError, match="不能写进收件文件夹本身"):
        fill(inbox, inbox)
    (inbox.parent / "file").write_text("x")
    with pytest.raises(FillError, match="同名文件"):
        fill(inbox, inbox.parent / "file")
    (inbox.parent / "o" / "已核定").mkdir(parents=True)
    with pytest.raises(FillError, match="分类文件夹"):
        fill(inbox.parent / "o" / "已核定", inbox.parent / "o")


def test_what_a_clerk_edited_is_kept_and_what_is_no_longer_true_goes(form: WriteForm, inbox: Path) -> None:
    out = inbox.parent / "结果"
    form(1)
    form(2)
    run(inbox)
    (out / "备忘.txt").write_text("经办人的")
    book = load_workbook(out / "台账.xlsx")
    book["申报台账"]["B4"] = "手改"
    book.save(out / "台账.xlsx")
    (inbox / "02.xlsx").unlink()
    summary = run(inbox)
    assert summary.kept == (f"{KEPT}/台账.xlsx",)
    assert load_workbook(out / KEPT / "台账.xlsx")["申报台账"]["B4"].value == "手改"
    assert not (out / "已核定" / "02.xlsx").exists()
    assert (out / "备忘.txt").read_text() == "经办人的"
    form(3)
    (out / "台账.xlsx").write_bytes(b"again")
    assert run(inbox).kept == (f"{KEPT}/台账 (2).xlsx",)


def test_a_failure_leaves_the_last_output_as_it_was(
    form: WriteForm, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form(1)
    run(inbox)
    before = contents(inbox.parent / "结果")
    form(2)
    monkeypatch.setattr("xlpolicy.batch.fill.ledger", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(inbox)
    assert contents(inbox.parent / "结果") == before
    assert sorted(p.name for p in inbox.parent.iterdir()) == ["收件", "结果"]


def test_an_output_that_is_open_elsewhere_stops_the_run_before_any_change(
    form: WriteForm, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form(1)
    run(inbox)
    before = contents(inbox.parent / "结果")
    form(2)
    opened = Path.open

    def refuse(path: Path, mode: str = "r", *rest: object, **named: object) -> io.IOBase:
        if mode == "r+b":
            raise PermissionError(13, "被占用")
        return opened(path, mode, *rest, **named)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InUse, match="关闭它"):
        run(inbox)
    monkeypatch.undo()
    assert contents(inbox.parent / "结果") == before


def test_a_forged_state_reaches_nothing_outside(form: WriteForm, inbox: Path) -> None:
    form(1)
    run(inbox)
    victim = inbox.parent / "victim.txt"
    victim.write_text("mine")
    digest = hashlib.sha256(b"mine").hexdigest()
    state = inbox.parent / "结果" / STATE
    state.write_text(f'{{"version": 1, "files": {{"../victim.txt": "{digest}"}}, "dates": []}}')
    run(inbox)
    state.write_text(f'{{"version": 1, "files": {{"../victim.txt": "{digest}"}}, "dates": {{}}}}')
    run(inbox)
    assert victim.read_text() == "mine"


@pytest.mark.posix
def test_file_names_of_an_old_chinese_system(form: WriteForm, inbox: Path) -> None:
    """Unpacked on Linux from a zip of GBK names: readable in the ledger and as the copy's name."""
    path = form(1)
    os.rename(path, os.path.join(os.fsencode(inbox), "申请表".encode("gbk") + b".xlsx"))
    (inbox / "链接").symlink_to(inbox.parent, target_is_directory=True)
    for _ in range(2):
        summary = run(inbox)
        judged = next(r for r in summary.records if r.judged)
        assert (judged.source, judged.outputs) == ("申请表.xlsx", ["已核定/申请表.xlsx"])
        assert places(summary)["链接"] == "跳过"
        assert "申请表.xlsx" in {r["file"] for r in summary.model_dump("json")["records"]}
    assert summary.kept == ()


def test_a_judged_copy_that_comes_back_is_read_as_the_form_it_is(form: WriteForm, inbox: Path, tmp_path: Path) -> None:
    form(1)
    first = run(inbox)
    again = fill(Path(first.out) / "已核定", tmp_path / "again", on=ON, progress=False)
    assert [f"{r.amount:.2f}" for r in again.records if r.judged] == ["240000.00"]
    book = load_workbook(tmp_path / "again" / next(r for r in again.records if r.judged).outputs[0])
    assert [name for name in book.sheetnames if name.startswith("核定意见")] == ["核定意见", "核定意见2"]
