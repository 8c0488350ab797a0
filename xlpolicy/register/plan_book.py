"""The papers of a payment plan: 拨款明细表, 汇总, the 审签表 on one page, and the bank's import file."""

from __future__ import annotations

import csv
import glob
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from xlpolicy.money import upper
from xlpolicy.register.database import Register
from xlpolicy.register.folder import FORMS, Folder
from xlpolicy.register.ledgers.claims import project_of
from xlpolicy.register.ledgers.plan_sheets import plan as papers
from xlpolicy.register.ledgers.source import NONE, written
from xlpolicy.register.paying import Plan, payer_of, read_plan, why_not
from xlpolicy.register.standing import Standing, Standings, Transfer
from xlpolicy.sheets.files import file_name, write_atomically

BANK_TEMPLATE = "银行导入.csv"
#: headings and fields of the bank's file, as a bureau may change them in 模板
DEFAULT = "收款人户名,收款人账号,开户行,金额,用途,拨付编号\n{户名},{账号},{开户行},{金额},{用途},{拨付编号}\n"


def planned(register: Register, number: str) -> Plan:
    """A plan as it stands, with what is not in it now and why. Raises as `read_plan`."""
    transfers, own = read_plan(register, number)
    with register.reading() as connection:
        others = [s for s in Standings(connection).all if s.id not in own]
    return Plan(number, tuple(transfers), tuple((s.number, why) for s in others if (why := why_not(s))))


def write_plan(register: Register, plan: Plan, path: Path, folder: Folder | None = None) -> tuple[Path, ...]:
    """The workbook of a plan and its bank files beside it, one set for each payer (UTF-8, and GBK where every character is in GBK).

    Returns the files written, the workbook first.
    """
    transfers, standings = read_plan(register, plan.number)
    open_ = [t for t in transfers if t.state != "已取消"]
    written(
        register, "拨款明细表", path,
        lambda source: (papers(source, plan.number, open_, standings, plan.left_out), None), folder,
    )  # fmt: skip
    own = folder.path / FORMS / BANK_TEMPLATE if folder else None
    made = [path]
    payers = dict.fromkeys(payer_of(t, standings[t.claim]) for t in open_)
    for payer in payers:  # each pays from its own account
        text = bank_text([t for t in open_ if payer_of(t, standings[t.claim]) == payer], standings, own)
        for encoding, name in (("utf-8-sig", "UTF8"), ("gbk", "GBK")):
            try:
                data = text.encode(encoding)
            except UnicodeEncodeError:  # a rare character in a name; the UTF-8 file has it
                continue
            whose = f"{file_name(payer)}-" if len(payers) > 1 else ""
            target = path.with_name(f"{path.stem}-银行导入-{whose}{name}.csv")
            write_atomically(target, data, force=True)
            made.append(target)
    for old in path.parent.glob(f"{glob.escape(path.stem)}-银行导入-*.csv"):
        if old not in made:  # of a payer that has nothing to pay any more
            old.unlink()
    return tuple(made)


def bank_text(transfers: Sequence[Transfer], standings: Mapping[int, Standing], template: Path | None) -> str:
    """The bank's or the finance system's import file: the template's first line, then its second once a transfer.

    Held transfers are left out.
    """
    source = template.read_text(encoding="utf-8-sig") if template and template.is_file() else DEFAULT
    rows = list(csv.reader(io.StringIO(source)))
    head, fields = [*rows, [], []][:2]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for t in transfers:
        if t.held or not t.open:
            continue
        s = standings[t.claim]
        known = {
            "户名": t.holder, "账号": t.account, "开户行": t.bank, "金额": f"{t.amount:.2f}", "大写": upper(t.amount),
            "用途": s.title, "拨付编号": t.number, "申报编号": s.number, "单位": s.name, "代码": s.code,
            "项目": "" if project_of(s) == NONE else project_of(s), "资金来源": payer_of(t, s), "批次号": t.plan,
        }  # fmt: skip
        writer.writerow([_filled(field, known) for field in fields])
    return out.getvalue()


def _filled(field: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        field = field.replace(f"{{{name}}}", value)
    return field
