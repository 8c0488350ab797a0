"""Forms out by mail through a real SMTP server with TLS: looked at first, each once, whatever happens on the way."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import Any

import pytest
from invoicekit import write
from mailkit import UNIT, issued_forms, set_up
from smtpserver import LOGIN, PASSWORD, Server, certificate, serving
from test_personal_forms import code

from xlpolicy.cli import main
from xlpolicy.forms.intake import read_bytes
from xlpolicy.law import catalog
from xlpolicy.mail.compose import REMINDER, template_of
from xlpolicy.mail.posting import PASSWORD as VARIABLE
from xlpolicy.register import tables
from xlpolicy.register.mailing_log import SENDING, note, states_of
from xlpolicy.sheets.template_sheet import TemplateError


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("pem"))


@pytest.fixture
def server(pem: Path) -> Iterator[Server]:
    with serving(pem) as made:
        yield made


def settings(server: Server, pem: Path, **more: Any) -> dict[str, Any]:
    return {
        "发件邮箱": LOGIN, "发信服务器": "127.0.0.1", "发信端口": server.port, "每分钟最多几封": 60000, "证书文件": str(pem), **more,
    }  # fmt: skip


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    return tmp_path


def test_a_dry_run_writes_the_mails_to_be_looked_at(
    at: Path, server: Server, pem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bureau, made = issued_forms(at, 2, **settings(server, pem))
    monkeypatch.chdir(bureau.folder.path)
    assert main(["mail", "send", "FB2026-001"]) == 0
    assert "写出 2 封供查看，没有发出" in capsys.readouterr().out
    files = sorted((bureau.folder.out / "发件" / "FB2026-001").glob("*.eml"))
    assert len(files) == 2 and not server.mailbox.received and bureau.count("mailings") == 0
    mail = message_from_bytes(files[0].read_bytes(), policy=default)
    assert mail["Subject"] == "关于报送《技改设备补助申请表》的通知（示例企业01）"
    assert mail["From"].addresses[0].display_name == UNIT and mail["To"] == "1@example.com"
    text = mail.get_body().get_content()
    assert "榕政办规〔2026〕5号 附件3 一" in text and "交回期限：2026年7月31日" in text and "{" not in text
    (form,) = mail.iter_attachments()
    assert form.get_filename() == f"{code(1)}_技改设备补助_2026.xlsx"
    assert form.get_content() == (made.folder / made.files[0]).read_bytes()


@pytest.mark.parametrize("starttls", [False, True])
def test_each_gets_its_own_form_once(
    at: Path, pem: Path, starttls: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(pem, starttls=starttls) as server:
        said = settings(server, pem, 加密方式="STARTTLS" if starttls else "SSL")
        bureau, made = issued_forms(at, 3, **said)
        monkeypatch.chdir(bureau.folder.path)
        server.mailbox.refuses = lambda address: "550 没有这个人" if address.startswith("2@") else ""
        assert main(["mail", "send", "FB2026-001", "--send"]) == 1
        assert "第 2 份 示例企业02：服务器不收" in capsys.readouterr().out
        assert server.mailbox.addresses == ["1@example.com", "3@example.com"]
        server.mailbox.refuses = lambda address: ""
        assert main(["mail", "send", "FB2026-001", "--send"]) == 0
        assert "2 封以前发过" in capsys.readouterr().out
        assert sorted(server.mailbox.addresses) == ["1@example.com", "2@example.com", "3@example.com"]
        for mail in server.mailbox.mails():
            number = int(mail["X-Xlpolicy-Issue"].rpartition("/")[2])
            (form,) = mail.iter_attachments()
            assert mail["To"] == f"{number}@example.com"
            assert form.get_content() == (made.folder / made.files[number - 1]).read_bytes()
    assert bureau.proved()


def test_a_wrong_password_a_strange_certificate_and_a_changed_form_send_nothing(
    at: Path, server: Server, pem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bureau, made = issued_forms(at, 1, **settings(server, pem))
    monkeypatch.chdir(bureau.folder.path)
    for password, said in (("wrong", "不认登录名或密码"), ("不对", "中文或全角")):
        monkeypatch.setenv(VARIABLE, password)
        assert main(["mail", "send", "FB2026-001", "--send"]) == 1
        assert said in capsys.readouterr().err
    monkeypatch.setenv(VARIABLE, PASSWORD)
    set_up(bureau, **settings(server, pem, 证书文件=None))
    assert main(["mail", "send", "FB2026-001", "--send"]) == 1
    assert "证书" in capsys.readouterr().err
    set_up(bureau, **settings(server, pem))
    (made.folder / made.files[0]).write_bytes(b"x")
    assert main(["mail", "send", "FB2026-001", "--send"]) == 1
    assert "与发表时写出的不一样" in capsys.readouterr().err
    set_up(bureau, 发信端口="很多", 加密方式="无")
    assert main(["mail", "send", "FB2026-001"]) == 2
    said = capsys.readouterr().err
    assert "发信端口写的是“很多”" in said and "加密方式写的是“无”" in said
    bureau.folder.settings.unlink()
    assert main(["mail", "send", "FB2026-001", "--send"]) == 2
    assert not server.mailbox.received and bureau.count("mailings") == 0


#: runs the command line as the clerk does
RUN = [sys.executable, "-m", "xlpolicy", "mail", "send", "FB2026-001", "--send", "--json"]


def test_a_run_that_is_killed_sends_nobody_twice(at: Path, server: Server, pem: Path) -> None:
    """Killed twice, once while the server holds the mail: who got one is known, the one in between is told."""
    bureau, _ = issued_forms(at, 12, **settings(server, pem))
    victim: list[subprocess.Popen[bytes]] = []

    def kill_at(number: int) -> Any:
        def before(count: int) -> None:
            if count == number:
                os.kill(victim[-1].pid, signal.SIGKILL)

        return before

    environment = {**os.environ, VARIABLE: PASSWORD}
    for number in (4, 8):
        server.mailbox.before = kill_at(number)
        victim.append(subprocess.Popen(RUN, cwd=bureau.folder.path, env=environment, stdout=subprocess.PIPE))
        victim[-1].communicate(timeout=120)
        assert victim[-1].returncode == -signal.SIGKILL
    server.mailbox.before = lambda count: None
    last = subprocess.run(RUN, cwd=bureau.folder.path, env=environment, capture_output=True, check=False, timeout=120)
    data = json.loads(last.stdout)
    assert last.returncode == 1 and len(data["unsure"]) == 2
    got = server.mailbox.addresses
    assert len(got) == len(set(got)), "nobody twice"
    # the clerk looks for the two in the outbox: what the server has was sent, what it has not is sent again
    for serial in data["unsure"]:
        option = "--was-sent" if f"{serial}@example.com" in got else "--resend"
        last = subprocess.run(
            [*RUN, option, str(serial)], cwd=bureau.folder.path, env=environment, check=False, timeout=120
        )
    assert last.returncode == 0
    assert sorted(server.mailbox.addresses) == sorted(f"{n}@example.com" for n in range(1, 13))
    with bureau.register.reading() as connection:
        assert {m.state for m in states_of(connection).values()} == {"sent"}
    assert bureau.proved()


def test_a_reminder_goes_to_those_who_have_not_answered(
    at: Path, server: Server, pem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bureau, _ = issued_forms(at, 3, **settings(server, pem))
    monkeypatch.chdir(bureau.folder.path)
    bureau.form(2)  # on other paper: known by code and provision
    bureau.fill()
    assert main(["mail", "status"]) == 0
    said = capsys.readouterr().out
    assert "交回 1（逾期 1），没有交回 2" in said
    assert main(["status"]) == 0
    assert "还有 2 份没有交回（2 份已过期限）" in capsys.readouterr().out
    assert main(["mail", "remind", "FB2026-001", "--send"]) == 0
    assert server.mailbox.addresses == ["1@example.com", "3@example.com"]
    assert server.mailbox.mails()[0]["Subject"].startswith("【催报】")
    assert main(["mail", "remind", "FB2026-001", "--send"]) == 0  # not twice on one day
    assert len(server.mailbox.received) == 2
    assert main(["mail", "status", "FB2026-001"]) == 0
    assert "已发出" in capsys.readouterr().out
    assert main(["mail", "send", "FB2026-009"]) == 2
    assert "没有“FB2026-009”这一批" in capsys.readouterr().err


def test_each_reply_gets_one_receipt(
    at: Path, server: Server, pem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On time, late, of somebody who is absent, of a machine: the first two get one, the second is told that it is late."""
    bureau, made = issued_forms(at, 2, **settings(server, pem))
    monkeypatch.chdir(bureau.folder.path)

    def reply(number: int, day: str, **headers: str) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["Message-ID"] = f"{number}@example.com", f"<{number}{day[:2]}@example.com>"
        mail["Subject"], mail["Date"] = headers.pop("Subject", "报送材料"), f"{day} 2026 09:05:00 +0800"
        for name, value in headers.items():
            mail[name] = value
        mail.set_content("见附件")
        if not headers:
            form = (made.folder / made.files[number - 1]).read_bytes()
            mail.add_attachment(form, "application", "octet-stream", filename="申请表.xlsx")
            mail.add_attachment(b"%PDF", "application", "pdf", filename="合同.pdf")
        return mail.as_bytes()

    write(at / "来信", {
        "1.eml": reply(1, "Mon, 20 Jul"), "2.eml": reply(2, "Mon, 03 Aug"),
        "3.eml": reply(3, "Mon, 20 Jul", **{"Auto-Submitted": "auto-replied", "Subject": "自动回复: 通知"}),
    })  # fmt: skip
    assert main(["mail", "fetch", str(at / "来信"), "--receipt"]) == 0
    said = capsys.readouterr().out
    assert "收到 3 封" in said and "自动回复 1 封" in said and "回执写出 2 封供查看，没有发出" in said
    assert not server.mailbox.received and len(list((bureau.folder.out / "发件" / "回执").glob("*.eml"))) == 2
    assert main(["mail", "fetch", str(at / "来信"), "--receipt", "--send"]) == 0
    assert "回执发出 2 封" in capsys.readouterr().out
    assert main(["mail", "fetch", str(at / "来信"), "--receipt", "--send"]) == 0
    assert "回执发出 0 封，2 封以前发过" in capsys.readouterr().out
    with bureau.register.writing("mail", "甲") as entry:  # both cut off: one had left, the other had not
        for held in list(states_of(entry.connection).values()):
            note(entry, replace(held, state=SENDING))
    assert main(["mail", "fetch", str(at / "来信"), "--receipt", "--send"]) == 1
    assert "--was-sent 1，没有发出的 --resend 1 --send" in capsys.readouterr().out
    assert len(server.mailbox.received) == 2
    assert main(["mail", "fetch", "--resend", "3", "--send"]) == 2, "the answer of a machine got none"
    assert main(["mail", "fetch", "--was-sent", "1", "--resend", "2", "--send"]) == 0
    assert server.mailbox.addresses[-1] == "2@example.com" and len(server.mailbox.received) == 3
    assert main(["mail", "fetch", "--resend", "7", "--send"]) == 2
    assert "第 7 份没有要查实的" in capsys.readouterr().err
    del server.mailbox.received[2:]
    first, second = server.mailbox.mails()
    assert (first["To"], first["In-Reply-To"]) == ("1@example.com", "<1Mo@example.com>")
    year = dt.date.today().year
    assert first["Subject"] == f"回执 HZ{year}-00001：已收到示例企业01报送的材料"
    text = first.get_body().get_content().replace("\r\n", "\n")
    assert "2026年7月20日09:05发来的邮件“报送材料”" in text and "1. 申请表.xlsx\n    2. 合同.pdf" in text
    assert "逾期" not in text and "不表示材料齐全" in text and "{" not in text
    assert "交回期限是2026年7月31日，收到时已经逾期" in second.get_body().get_content()
    again = at / "副本"
    write(again, {"a.eml": server.mailbox.received[0][1]})
    assert main(["mail", "fetch", str(again), "--receipt", "--send"]) == 0
    assert len(server.mailbox.received) == 2, "our own is no reply"
    assert bureau.proved()


def test_a_bureau_writes_its_own_mail(at: Path) -> None:
    bureau, _ = issued_forms(at, 1)
    own = bureau.folder.path / "模板" / REMINDER
    assert own.is_file(), "a new working folder has the templates"
    own.write_bytes("主题：请{单位名称}尽快\r\n\r\n{不认识}".encode("gb18030"))
    letter = template_of(bureau.folder, REMINDER)
    assert letter.subject == "请{单位名称}尽快"
    with pytest.raises(TemplateError, match="不认识"):
        letter.filled({"单位名称": "甲"})
    own.write_text("没有主题", encoding="utf-8")
    with pytest.raises(TemplateError, match="第一行"):
        template_of(bureau.folder, REMINDER)


def test_a_letter_goes_to_where_the_form_came_from_and_once(
    at: Path, server: Server, pem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bureau, _ = issued_forms(at, 1, **settings(server, pem))
    monkeypatch.chdir(bureau.folder.path)
    bureau.form(1)
    by_mail = bureau.form(2, name="来件.xlsx")
    bureau.form(3)
    digest = hashlib.sha256(by_mail.read_bytes()).hexdigest()
    with bureau.register.writing("fetch", "甲") as entry:
        files = json.dumps([["来件.xlsx", digest, "来件.xlsx"]])
        entry.add(
            tables.mails, digest="1", message="<1>", sender="cw2@example.com", subject="", sent_at="", taken_on="",
            kind="reply", files=files, notes="[]",
        )  # fmt: skip
    bureau.fill()
    assert main(["letter", "受理"]) == 0
    assert "加 --send 用邮件送达" in capsys.readouterr().out and not server.mailbox.received
    assert main(["letter", "受理", "--send"]) == 1
    said = capsys.readouterr().out
    assert "发出 2 封" in said and "示例企业03有限公司：没有这一家的电子邮箱" in said
    assert sorted(server.mailbox.addresses) == ["1@example.com", "cw2@example.com"]
    (mail,) = [m for m in server.mailbox.mails() if m["To"] == "cw2@example.com"]
    assert mail["Subject"] == "受理通知（示例企业02有限公司）"
    (letter,) = mail.iter_attachments()
    assert letter.get_filename().endswith("示例企业02有限公司_受理通知.docx")
    assert main(["letter", "受理", "--send", "--on", "2026-12-31"]) == 1, "the same letter of another day"
    assert "2 封同样的以前发过" in capsys.readouterr().out and len(server.mailbox.received) == 2
    bureau.form(2, 900, name="又一份.xlsx", prj_name="又一个项目")
    bureau.fill()
    assert main(["letter", "受理", "--send"]) == 1
    assert len(server.mailbox.received) == 3, "what the letter holds has changed"
    bureau.form(1, "约300万", name="待补.xlsx", prj_name="第三个项目")
    bureau.fill()
    for _ in range(2):
        assert main(["letter", "补正", "--send"]) == 0
    assert len(server.mailbox.received) == 4, "the copy too is sent once"
    letter, copy = server.mailbox.mails()[-1].iter_attachments()
    assert letter.get_filename().endswith("_补正通知.docx") and copy.get_filename().endswith("_待补_补正.xlsx")
    (read,) = read_bytes(copy.get_content(), "表.xlsx", catalog.default())
    assert read.enterprise["name"] == "示例企业01有限公司" and read.status == "needs_correction"
    assert bureau.proved()


def test_letters_cut_off_on_the_way_are_settled_by_name(
    at: Path, server: Server, pem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two letters of three were being handed over when the run died: one had left, the other had not."""
    bureau, _ = issued_forms(at, 3, **settings(server, pem))
    monkeypatch.chdir(bureau.folder.path)
    for number in (1, 2, 3):
        bureau.form(number)
    bureau.fill()
    assert main(["letter", "受理", "--send"]) == 0
    assert len(server.mailbox.received) == 3
    with bureau.register.writing("mail", "甲") as entry:
        for held in list(states_of(entry.connection).values())[:2]:
            note(entry, replace(held, state=SENDING))
    capsys.readouterr()
    assert main(["letter", "受理", "--send"]) == 1
    said = capsys.readouterr().out
    assert "--was-sent 示例企业01有限公司，没有发出的 --resend 示例企业01有限公司 --send" in said
    assert len(server.mailbox.received) == 3, "nobody knows, so nobody is written to"
    words = ["--was-sent", "示例企业01有限公司", "--resend", code(2)]
    assert main(["letter", "受理", *words, "--send"]) == 0
    assert len(server.mailbox.received) == 4 and server.mailbox.addresses[-1] == "2@example.com"
    with bureau.register.reading() as connection:
        assert {held.state for held in states_of(connection).values()} == {"sent"}
    capsys.readouterr()
    assert main(["letter", "受理", "--was-sent", "没有这一家"]) == 2
    assert "没有这一家的受理通知没有要查实的" in capsys.readouterr().err
