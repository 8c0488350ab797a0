"""invoice: a folder of e-invoices read, and held against the forms and the register."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from xlpolicy.cli.arguments import add_folder_option, workbook
from xlpolicy.cli.console import print_json
from xlpolicy.faults import InvalidInput
from xlpolicy.forms.layout import OF_ROW
from xlpolicy.law import catalog as catalogs
from xlpolicy.mail.filing import PAPERS
from xlpolicy.mail.invoice_book import write_invoices
from xlpolicy.mail.invoice_check import COUNTS, LOOK, NOT, Checked
from xlpolicy.mail.invoice_folder import judge, read_folder, read_forms, unfit_goods
from xlpolicy.mail.voucher_fill import fill_forms
from xlpolicy.register.folder import Folder, find, needed

#: the bureau's own list, in the working folder
UNFIT = "不计入货物.txt"
#: below 结果, where forms with a filled voucher sheet go
FILLED = "补填发票明细"
_MOST = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "invoices",
        nargs="?",
        metavar="发票文件夹",
        help="放着 XML、OFD（可在 zip 里）的文件夹；在工作文件夹里不写，取它的“凭证”",
    )
    parser.add_argument("-o", "--output", metavar="文件", help="写到哪里，如 明细.xlsx；在工作文件夹里不写，写进“结果”")
    parser.add_argument(
        "--forms",
        metavar="收件文件夹",
        help="收回的申请表：核对购买方、日期、金额、是否重复；在工作文件夹里不写，取它的“收件”",
    )
    parser.add_argument(
        "--unfit", metavar="文件", help=f"不计入的货物或服务，一行一个词；在工作文件夹里不写，取“{UNFIT}”"
    )
    parser.add_argument(
        "--into",
        metavar="申请表或文件夹",
        help="发票明细表空着的申请表，用它自己的发票填出一份副本（原件不动）；写到 -o，在工作文件夹里不写，写进 结果/补填发票明细",
    )
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Read and check invoices; exit 1 where something has to be looked at. Raises InvalidInput without a folder,
    FolderError, RegisterError, OSError."""
    folder = needed(args.folder) if args.folder else find()
    if folder is None and not (args.invoices and args.output):
        raise InvalidInput(
            "没有写明发票文件夹和写到哪里", where="命令行", expected="发票文件夹 -o 明细.xlsx", remedy="写成 xlpolicy invoice 发票文件夹 -o 明细.xlsx"
        )  # fmt: skip
    source = Path(args.invoices) if args.invoices else folder.path / PAPERS if folder else Path()
    if folder and not args.invoices and not source.exists():
        raise InvalidInput(
            f"“{PAPERS}”里还没有发票", where=str(source), expected="数电票的 XML、OFD",
            remedy=f"把发票放进“{PAPERS}”（xlpolicy mail fetch 收的自己会放），或写明文件夹：xlpolicy invoice 发票文件夹",
        )  # fmt: skip
    forms = (
        Path(args.into or args.forms)
        if args.into or args.forms
        else folder.inbox
        if folder and not args.invoices
        else None
    )
    unfit = Path(args.unfit) if args.unfit else folder.path / UNFIT if folder else None
    invoices = read_folder(source)
    applicants = read_forms(forms, catalogs.default()) if forms else []
    checked = judge(invoices, applicants, folder.open() if folder else None, unfit_goods(unfit) if unfit else [])
    if args.into:
        return _fill(args, Path(args.into), checked, folder)
    path = workbook(args.output) if args.output else folder.out / "发票明细.xlsx" if folder else Path()
    write_invoices(path, checked, invoices.unread, force=args.force or (folder is not None and not args.output))
    counts = Counter(line.verdict for line in checked.lines)
    notes = [(total.applicant, note) for total in checked.totals for note in total.notes]
    status = 1 if checked.problems or invoices.unread else 0
    if args.json:
        print_json({
            "path": str(path), "counts": dict(counts), "unread": [fault.as_dict() for fault in invoices.unread],
            "lines": [
                {"number": x.number, "file": x.invoice.file if x.invoice else "", "form": x.applicant.file if x.applicant else "",
                 "row": x.voucher.row if x.voucher else None, "verdict": x.verdict, "counted": f"{x.counted:.2f}",
                 "net": f"{x.invoice.net:.2f}" if x.invoice else None, "total": f"{x.invoice.total:.2f}" if x.invoice else None,
                 "reasons": x.reasons}
                for x in checked.lines
            ],
            "forms": [
                {"form": t.applicant.file, "base": None if t.applicant.base is None else f"{t.applicant.base:.2f}",
                 "counted": f"{t.counted:.2f}", "short": f"{t.short:.2f}", "notes": t.notes}
                for t in checked.totals
            ],
        })  # fmt: skip
        return status
    read = len({id(line.invoice) for line in checked.lines if line.invoice})
    only = (
        f"，申请表列了没有收到文件的 {sum(1 for line in checked.lines if line.invoice is None)} 张"
        if any(line.invoice is None for line in checked.lines)
        else ""
    )
    print(f"读了 {read} 张发票{only}：" + "，".join(f"{word} {counts[word]}" for word in (COUNTS, LOOK, NOT)))
    if not applicants:
        print("没有申请表可以核对，只看了重复、红字、货物和合计；加 --forms 收件文件夹")
    if invoices.unread:
        print(f"未读 {len(invoices.unread)} 个文件（PDF、图片请对方附 XML 或 OFD；逐个见“未读”表）")
    bad = [line for line in checked.lines if line.verdict != COUNTS]
    for line in bad[:_MOST]:
        where = line.invoice.file if line.invoice else line.applicant.file if line.applicant else ""
        print(f"{line.verdict}　{line.number or '（无号码）'}（{where}）：{'；'.join(line.reasons)}")
    for applicant, note in notes[:_MOST]:
        print(f"核对　{applicant.name}（{applicant.file}）：{note}")
    if len(bad) > _MOST or len(notes) > _MOST:
        print("其余见工作簿")
    print(f"已写出：{path}（不判断发票真伪，请在税务机关的查验平台查验）")
    return status


def _fill(args: argparse.Namespace, forms: Path, checked: Checked, folder: Folder | None) -> int:
    """Copies of forms with their voucher sheets filled in."""
    base = Path(args.output) if args.output else folder.out / FILLED if folder else Path()
    target = base / forms.name if forms.is_file() and not args.output else base
    done, failed = fill_forms(forms, checked, target, force=args.force or (folder is not None and not args.output))
    codes = {total.applicant.code for total in checked.totals}
    placed = {number for one in done for number in one.unsaid}
    astray = [
        x
        for x in checked.lines
        if x.invoice and x.applicant is None and x.invoice.buyer_code in codes and x.number not in placed
    ]
    blank = any(not total.applicant.vouchers for total in checked.totals)
    if args.json:
        print_json({
            "forms": [
                {"form": str(one.source), "path": str(one.target), "invoices": one.count, "left_out": [{"number": n, "why": why} for n, why in one.left], "row_unknown": list(one.unsaid)}
                for one in done
            ],
            "problems": [fault.as_dict() for fault in failed],
            "astray": [{"number": x.number, "file": x.invoice.file if x.invoice else "", "why": "；".join(x.reasons)} for x in astray],
        })  # fmt: skip
        return 1 if failed or astray or not done else 0
    for one in done:
        print(f"{one.source.name}：填了 {one.count} 张发票，写到 {one.target}")
        for number, why in one.left:
            print(f"　没有填　{number}：{why}")
        if one.unsaid:
            print(f"　“{OF_ROW}”空着，看不出属于哪一笔，请对方补填：{'、'.join(one.unsaid)}")
    for fault in failed:
        print(f"核对　{fault}")
    for line in astray:
        print(f"没有填　{line.number}（{line.invoice.file if line.invoice else ''}）：{'；'.join(line.reasons)}")
    if done:
        print("合同、付款日期发票上没有，请对方补填；收到的原件没有改动")
    elif not failed and not astray:
        print("没有可填的：" + ("没有读到这些单位的发票（XML、OFD）" if blank else "发票明细表都已经填了"))
    return 1 if failed or astray or not done else 0
