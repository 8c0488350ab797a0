"""fill: a folder of returned forms, judged."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xlpolicy.batch.fill import FillError, fill
from xlpolicy.batch.record import Summary
from xlpolicy.batch.workers import Limits
from xlpolicy.cli.arguments import add_operator_option
from xlpolicy.cli.console import fitted, height, print_json
from xlpolicy.sheets.template import CLAIMS, RETURNED, UNLISTED

if TYPE_CHECKING:
    from xlpolicy.batch.working import Taken

#: forms that are listed one by one; the lines that stand below a longer list
_MOST, _BELOW = 40, 10
#: MB in which a worker can start
_LEAST = 250
#: where a form has gone that has to be looked at, the most urgent first
_OPEN = ("退回补正", "无法读取", "非申请表", "空白", "重复")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "inbox", nargs="?", metavar="收件文件夹",
        help="收回的申请表所在的文件夹（原件不会改动）；在工作文件夹里不写，取它的“收件”",
    )  # fmt: skip
    parser.add_argument("-o", "--output", metavar="结果文件夹", help="写到哪个文件夹；在工作文件夹里不写，取它的“结果”")
    parser.add_argument(
        "--from",
        dest="received_from",
        default="",
        metavar="来源",
        help="这批申请表是谁报来的，如某县区（工作文件夹里记下来）",
    )
    parser.add_argument(
        "--folder", type=Path, metavar="工作文件夹", help="不写收件文件夹时收进哪个工作文件夹；不写则为当前文件夹"
    )
    add_operator_option(parser)
    parser.add_argument(
        "--on", metavar="日期", help="表上没有申报日期的（旧版表样）按哪一天施行的文件核定；不写为今天，并提醒核对"
    )
    parser.add_argument("--policy", metavar="文件代号", help="指定文件，不论日期")
    parser.add_argument("--template", metavar="文件", help="本单位自己的台账模板")
    parser.add_argument(
        "--bureau", metavar="名单",
        help="主管部门名单（核定金额、名次、已兑现等），空白名单用 xlpolicy form 城市 条款 --bureau -o 名单.xlsx 生成",
    )  # fmt: skip
    parser.add_argument(
        "--replace", action="store_true", help="结果文件夹里是另一批收件的结果时也换掉，原有的移到“已移出”"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="个数", help="同时用几个进程读表，默认 1；结果一样")
    parser.add_argument("--memory", type=int, default=500, metavar="MB", help="读一个文件最多用多少内存，默认 500 MB")
    parser.add_argument("--seconds", type=float, default=20, metavar="秒", help="读一个文件最多用几秒，默认 20 秒")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Judge a folder of returned forms; exit 1 where anything has to be looked at. Raises FillError for options out of
    range and for unusable folders."""
    if args.jobs < 1 or args.memory < _LEAST or not args.seconds > 0:
        raise FillError(
            f"--jobs {args.jobs} --memory {args.memory} --seconds {args.seconds:g} 超出范围",
            expected=f"至少 1 个进程，至少 {_LEAST} MB，大于 0 秒", remedy="改正后再运行",
        )  # fmt: skip
    limits = Limits(args.memory * 2**20, args.seconds)
    if not args.inbox and not args.output:
        return _in_folder(args, limits)
    if not args.inbox or not args.output:
        raise FillError(
            "只写了收件文件夹和结果文件夹中的一个", where="命令行", expected="两个都写，或者都不写",
            remedy="写成 xlpolicy fill 收件文件夹 -o 结果文件夹；在工作文件夹里写成 xlpolicy fill",
        )  # fmt: skip
    summary = fill(
        args.inbox,
        args.output,
        on=args.on,
        policy=args.policy,
        template=args.template,
        replace=args.replace,
        jobs=args.jobs,
        limits=limits,
        bureau=args.bureau,
    )
    if args.json:
        print_json(summary.model_dump("json"))
    else:
        print_summary(summary)
        print(f"\n台账：{summary.ledger}")
        print("这次的编号、更正、审定和拨付不会记住；要记住，用 xlpolicy new 新建工作文件夹，在那里收件。")
    return 1 if summary.problems else 0


def _in_folder(args: argparse.Namespace, limits: Limits) -> int:
    """Take in what is new in the working folder that the command runs in. Raises FolderError, RegisterError."""
    # what the register needs takes a third of the start, and outside a working folder there is none
    from xlpolicy.batch.working import take_in
    from xlpolicy.register.folder import needed

    taken = take_in(
        needed(args.folder), on=args.on, policy=args.policy, jobs=args.jobs, limits=limits, template=args.template,
        received_from=args.received_from, bureau=args.bureau, who=args.by,
    )  # fmt: skip
    if args.json:
        print_json(taken.model_dump("json"))
        return 1 if taken.problems else 0
    if taken.summary is not None:
        print_summary(taken.summary)
    print_received(taken)
    return 1 if taken.problems else 0


def print_received(taken: Taken) -> None:
    """What the register took in, and what to do next."""
    from xlpolicy.register import in_sentences

    received = taken.received
    if not received.number:
        print(f"{in_sentences.received(received)}新收到的申请表放进“收件”后再运行。")
        return
    print(f"\n{in_sentences.received(received)}")
    for item in received.superseded:
        review = f"；{item.review}" if item.review else ""
        print(
            f"更正　{item.number}：{item.file} 代替 {item.earlier}，测算额 {item.before} 元改为 {item.after} 元{review}"
        )
    for file, number in received.repeated:
        print(f"重复　{file} 与 {number} 内容相同，没有另外登记")
    for file, by in received.closed:
        print(f"补正　{file} 的补正已由 {by} 回复")
    for doubt in received.doubts:
        print(f"核对　{doubt}")
    for file in taken.unread:
        print(f"注意　{file} 在读取时被改动或移走，没有登记；请放好后再运行一次")
    print(f"\n申报台账：{taken.ledger}")
    back = (
        "退回补正的发回企业（xlpolicy letter 补正），补好再放进“收件”；"
        if taken.summary and taken.summary.counts.get("退回补正")
        else ""
    )
    print(f"下一步：{back}xlpolicy review 写出审核台账")


def print_summary(summary: Summary) -> None:
    """Every form of a small batch; of a large one what has to be looked at, as much as the terminal holds."""
    open_ = sorted((r for r in summary.records if r.place in _OPEN), key=lambda r: _OPEN.index(r.place))
    listed = list(summary.records) if len(summary.records) <= _MOST else open_[: max(height() - _BELOW, _BELOW)]
    rows = []
    for record in listed:
        amount = f"{record.amount:,.2f}" if record.judged else ""
        said = (
            record.why
            or "；".join(
                f"{record.label(fault)}：{fault.what}" if record.label(fault) else fault.what
                for fault in record.problems
            )
            or (record.judged.explanation if record.judged else "")
        )
        rows.append((record.source, record.enterprise or "", record.place, amount, said))
    if not summary.records:
        print(f"收件文件夹里没有文件：{summary.inbox}")
        return
    if rows:
        print(fitted(rows, ["文件", "申报单位", "去向", "核定金额（元）", "说明"], loose=(0, 1, 4), ends=(0,)))
    if len(summary.records) > _MOST and open_:
        more = f"，另有 {len(open_) - len(listed)} 份" if len(open_) > len(listed) else ""
        print(f"\n以上是要处理的{more}；全部要处理的在台账的“{RETURNED}”“{UNLISTED}”表，已核定的在“{CLAIMS}”表。")
    counts = "，".join(f"{place} {n}" for place, n in summary.counts.items() if n)
    print(f"\n{summary.files} 个文件，{summary.forms} 份：{counts}。")
    print(f"符合条件 {summary.eligible} 份，核定合计 {summary.amount:,.2f} 元（{summary.amount_upper}）。")
    if odd := sum(bool(r.judged and (r.hints or r.beside)) for r in summary.records):
        print(
            f"其中 {odd} 份有要核对的疑点，写在这一批台账的“提醒”栏（审核台账的模板有这一栏的，也写在那里），审定以前请逐条看。"
        )
    late = sum(any(fault.code == "not_in_force" for fault in record.problems) for record in summary.records)
    if late:
        print(
            f"其中 {late} 份所依据的文件在核定日期没有施行：补办以前日期的申报，加 --on 日期；"
            "征求意见稿或已失效的文件只作测算，加 --policy 文件代号。"
        )
    _print_kept(summary)
    _print_carried(summary)
    if summary.unmet:
        unmet = _few(summary.unmet, f" 等 {len(summary.unmet)} 行")
        print(
            f"\n注意　主管部门名单里对不上这次申请表的，没有用上：{unmet}。请核对代码、条款和项目名称，改正后再核定。"
        )
    if summary.gone:
        print(
            f"\n注意　{len(summary.gone)} 个结果的申请表已不在收件文件夹里，移到了：{_few(summary.gone)}（在 {summary.out} 里）。"
        )


def _few(names: Sequence[str], more: str = " 等") -> str:
    """The first of some names, and what says that there are more."""
    return "、".join(names[:_BELOW]) + (more if len(names) > _BELOW else "")


def _print_kept(summary: Summary) -> None:
    """What somebody had changed in the output since the last run: set aside, and the new files lack it."""
    if summary.kept:
        print(
            f"\n注意　上次核定以后有人改过 {len(summary.kept)} 个文件，原样移到了：{_few(summary.kept)}（在 {summary.out} 里）。"
            "这次写的新文件里没有那些改动（台账“申报”和后面各表里填的除外），请对照着补上。"
        )


def _print_carried(summary: Summary) -> None:
    """What was typed into the last ledger and stands in this one, and what does not."""
    if summary.carried:
        rows = "，".join(f"{name} {count} 行" for name, count in summary.carried.items())
        print(f"\n上次台账里填的已带到新台账：{rows}。")
    for text in summary.not_carried[:_BELOW]:
        print(f"注意　{text}。")
    if len(summary.not_carried) > _BELOW:
        print(f"注意　另有 {len(summary.not_carried) - _BELOW} 处没有带过来，见 --json 的 not_carried。")
