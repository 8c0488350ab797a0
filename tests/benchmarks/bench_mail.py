"""Forms out and replies in: a personalised form against openpyxl's load, fill and save; mails filed; invoices checked.

Must show: at least 30 times openpyxl; 1,000 replies with attachments filed in under 20 s; 500 forms and 3,000 invoices
with 20 duplicates, 15 wrong sums and 10 wrong buyers in under 120 s, all found and none else.
"""

# ruff: noqa: E402
from __future__ import annotations

import io
import sys
import tempfile
import time
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from openpyxl import load_workbook

for beside in ("", "mail", "register"):
    sys.path.insert(0, str(Path(__file__).parents[1] / beside))

from invoicekit import Made, buyer, form, ofd, write, xml
from test_personal_forms import plan_of
from workingfolder import Bureau

from xlpolicy.batch import demo
from xlpolicy.forms.issue import Issue
from xlpolicy.forms.personal import Author
from xlpolicy.law import catalog
from xlpolicy.mail.filing import file_mails
from xlpolicy.mail.invoice_check import COUNTS, LOOK, NOT, check
from xlpolicy.mail.invoice_folder import read_folder, read_forms


def personal(count: int = 500) -> None:
    author = Author(plan_of())
    values = {key: value for key, value in demo.enterprise(1).items() if key in plan_of().by_key}
    one = author.made(values, Issue("FB2026-001", 1, str(values["ent_uscc"])))
    began = time.perf_counter()
    for n in range(count):
        author.made({**values, "ent_name": f"示例企业{n}"}, Issue("FB2026-001", n + 1, str(values["ent_uscc"])))
    own = (time.perf_counter() - began) / count
    began = time.perf_counter()
    for _ in range(10):
        book = load_workbook(io.BytesIO(one))
        for key, value in values.items():
            book["申请表"][plan_of().by_key[key].address] = value
        book.save(io.BytesIO())
    peer = (time.perf_counter() - began) / 10
    print(f"personalised form {own * 1000:.2f} ms, openpyxl {peer * 1000:.1f} ms: {peer / own:.0f} times (30 asked)")


def filed(count: int = 1000) -> None:
    data = form(1, [], in_investment=800)
    with tempfile.TemporaryDirectory() as folder:
        bureau = Bureau(Path(folder) / "甲")
        mails = []
        for n in range(count):
            mail = EmailMessage(policy=SMTP)
            mail["From"], mail["Subject"], mail["Date"] = f"{n}@example.com", "报送", "Mon, 20 Jul 2026 09:00:00 +0800"
            mail.set_content("见附件")
            mail.add_attachment(data, "application", "octet-stream", filename=f"申请表{n}.xlsx")
            mail.add_attachment(b"%PDF" + bytes(50_000), "application", "pdf", filename="合同.pdf")
            mails.append((f"{n}.eml", mail.as_bytes()))
        began, spent = time.perf_counter(), time.process_time()
        done = file_mails(bureau.folder, bureau.register, mails, who="甲")
        print(
            f"{done.mails} replies, {len(done.forms) + len(done.papers)} files: {time.perf_counter() - began:.1f} s, "
            f"{time.process_time() - spent:.1f} s of this program (20 asked)"
        )


def invoices(count: int = 500) -> None:
    planted: dict[str, str] = {}
    files: dict[str, bytes] = {}
    forms: dict[str, bytes] = {}
    for n in range(1, count + 1):
        lines = []
        for k in range(6):
            made, said = Made(f"2635{n * 10 + k:016d}", Decimal(1000 * n + k), **buyer(n)), {}
            if k == 1 and n % 25 == 0:
                planted[made.number] = NOT
                files[f"{n}/再{k}.ofd"] = ofd(made)
            elif k == 2 and n % 33 == 0:
                planted[made.number] = LOOK
                said = {"E": made.net * 10}
            elif k == 3 and n % 50 == 0:
                made = Made(made.number, made.net, **buyer(n + count))
                planted[made.number] = NOT
            files[f"{n}/{k}.{'ofd' if k == 5 else 'xml'}"] = ofd(made) if k == 5 else xml(made)
            lines.append((made, said))
        forms[f"{n:03d}.xlsx"] = form(n, lines, in_investment=sum(m.net for m, _ in lines) / 10000)
    with tempfile.TemporaryDirectory() as folder:
        papers, inbox = write(Path(folder) / "票", files), write(Path(folder) / "表", forms)
        began = time.perf_counter()
        found = check(read_folder(papers).read, read_forms(inbox, catalog.default()))
        took = time.perf_counter() - began
    wrong = {line.invoice.number: line.verdict for line in found.lines if line.verdict != COUNTS}
    print(
        f"{len(forms)} forms, {len(found.lines)} invoices, {len(planted)} planted, {len(wrong)} found, "
        f"{'the same' if wrong == planted else 'NOT THE SAME'}: {took:.1f} s (120 asked)"
    )


if __name__ == "__main__":
    personal()
    filed()
    invoices()
