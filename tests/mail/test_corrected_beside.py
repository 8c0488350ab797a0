"""A form that has to be mended and the mended one, in one batch: the mails say which came later, else a person is asked; and
whose it is that cannot be opened."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from mailkit import issued_forms
from test_personal_forms import code
from workingfolder import Bureau

from xlpolicy.law import catalog
from xlpolicy.mail.filing import file_mails
from xlpolicy.mail.letters import returned
from xlpolicy.register.corrections import notices
from xlpolicy.register.ledgers.source import Source


def waiting(bureau: Bureau) -> list[str]:
    with bureau.register.reading() as connection:
        return [notice.file for notice in notices(connection, only_open=True)]


def mail(data: bytes, name: str, hour: int) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"], made["Message-ID"] = "1@example.com", "报送", f"<{hour}@example.com>"
    made["Date"] = dt.datetime(2026, 7, 20, hour, tzinfo=dt.UTC)
    made.set_content("见附件")
    made.add_attachment(data, "application", "octet-stream", filename=name)
    return made.as_bytes()


@pytest.mark.parametrize(("first", "second", "answered"), [(1, 3, True), (3, 1, False)])
def test_the_later_mail_answers(tmp_path: Path, first: int, second: int, answered: bool) -> None:
    bureau = Bureau(tmp_path / "2026技改")
    bad, good = _taken(bureau, "约800万元"), _taken(bureau, 800)
    mails = [("a", mail(bad, "申请表.xlsx", first)), ("b", mail(good, "申请表改.xlsx", second))]
    file_mails(bureau.folder, bureau.register, mails, who="甲")
    taken = bureau.fill()
    (claim,) = bureau.standings()
    assert claim.amount == 240_000
    assert (waiting(bureau) == []) is answered
    assert (len(taken.received.closed), len(taken.received.doubts)) == ((1, 0) if answered else (0, 1))
    assert bureau.proved()


def _taken(bureau: Bureau, amount: float | str) -> bytes:
    path = bureau.form(1, amount, name="临时.xlsx")
    data = path.read_bytes()
    path.unlink()
    return data


def test_without_mails_a_person_is_asked_and_another_project_is_no_answer(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "2026技改")
    bureau.form(1, "约800万元", name="甲.xlsx", prj_name="示例项目甲")
    bureau.form(1, 800, name="甲改.xlsx", prj_name="示例项目甲")
    bureau.form(2, "约800万元", name="乙.xlsx", prj_name="示例项目乙")
    bureau.form(2, 800, name="丙.xlsx", prj_name="示例项目丙")
    taken = bureau.fill()
    assert waiting(bureau) == ["乙.xlsx", "甲.xlsx"]
    (doubt,) = taken.received.doubts
    assert doubt.startswith("甲.xlsx 要补正，同批来的 甲改.xlsx") and "review end 甲.xlsx" in doubt


def test_what_cannot_be_opened_is_of_whom_its_sender_is(tmp_path: Path) -> None:
    """A .rar of 1@example.com, to whom a form went out, is 示例企业01's; one of a stranger is nobody's."""
    bureau, _ = issued_forms(tmp_path, 2)
    rar = b"Rar!\x1a\x07\x01\x00"
    stranger = mail(rar + b"2", "材料.rar", 2).replace(b"1@example.com", b"9@example.com")
    file_mails(bureau.folder, bureau.register, [("a", mail(rar, "材料.rar", 1)), ("b", stranger)], who="甲")
    bureau.fill()
    with bureau.register.reading() as connection:
        letters = returned(Source(connection, catalog.default()), catalog.default())
    assert sorted((one.name, len(one.items)) for one in letters) == [("申报单位", 1), ("示例企业01", 1)]
    (own,) = (one for one in letters if one.name == "示例企业01")
    assert own.code == code(1) and own.items[0]["申请表"] == "申请表（材料.rar）"
