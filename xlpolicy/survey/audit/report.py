"""The audit's result: one row per check, good ones too, counts per text, and its two renderings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Check = Literal["file", "document", "pinpoint", "figure", "order", "number", "unpaid"]
Status = Literal["ok", "gap", "note"]

CHECKS: dict[str, str] = {
    "file": "文件夹",
    "document": "文件信息",
    "pinpoint": "条款位置",
    "figure": "数字→正文",
    "order": "分档次序",
    "number": "正文→数字",
    "unpaid": "不付款说明→正文",
}
STATUSES: dict[str, str] = {"ok": "符合", "gap": "缺口", "note": "提示"}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing held against the text. `subject`: the provision and figure, or what kind of number it is."""

    document: str
    file: str
    check: Check
    status: Status
    at: str = ""
    number: str = ""
    subject: str = ""
    found: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was checked in one text. A text in which nothing was checked is itself a gap."""

    document: str
    file: str
    figures: int
    numbers: int
    unpaid: int
    pinpoints: int
    gaps: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All rows in the order of documents and texts. `ok` only if there is no gap and something was checked."""

    folder: str
    rows: tuple[Row, ...]

    @property
    def gaps(self) -> tuple[Row, ...]:
        """What does not agree with the official texts."""
        return tuple(row for row in self.rows if row.status == "gap")

    @property
    def ok(self) -> bool:
        """0 gaps, and at least one text was held against its document in both directions."""
        return not self.gaps and bool(self.summaries)

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """Counts for each text that was held against a document."""
        texts = dict.fromkeys((r.document, r.file) for r in self.rows if r.document and r.file)
        return tuple(Summary(*text, *_counts(r for r in self.rows if (r.document, r.file) == text)) for text in texts)

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """Plain data, the same in both modes: everything is text, whole numbers and booleans."""
        return {
            "ok": self.ok,
            "folder": self.folder,
            "gaps": len(self.gaps),
            "documents": [asdict(summary) for summary in self.summaries],
            "rows": [asdict(row) for row in self.rows],
        }


def _counts(rows: Iterable[Row]) -> tuple[int, int, int, int, int]:
    rows = list(rows)
    checks = Counter(row.check for row in rows)
    gaps = sum(row.status == "gap" for row in rows)
    return checks["figure"], checks["number"], checks["unpaid"], checks["pinpoint"], gaps


HEADERS = ("文件", "检查", "位置", "数字", "条款与数字", "正文里看到的", "结论", "怎么办")
SUMMARY_HEADERS = ("文件", "正文", "核对数字", "核对正文数字", "不付款说明", "条款位置", "缺口")


def table_rows(report: AuditReport, *, every: bool = False) -> list[Sequence[str]]:
    """The rows for a table: gaps and notes, or all of them."""
    return [
        (r.document or r.file, CHECKS[r.check], r.at, r.number, r.subject, r.found, STATUSES[r.status], r.remedy)
        for r in report.rows
        if every or r.status != "ok"
    ]


def as_text(report: AuditReport, *, every: bool = False) -> str:
    """The report for people: the counts, then what is wrong (or all rows), then the verdict."""
    from tabulate import tabulate

    def table(rows: Sequence[Sequence[object]], headers: Sequence[str]) -> str:
        shown = [list(map(str, row)) for row in rows]
        return tabulate(shown, headers=headers, tablefmt="simple", disable_numparse=True)

    parts = [table([tuple(asdict(s).values()) for s in report.summaries], SUMMARY_HEADERS)]
    if rows := table_rows(report, every=every):
        parts.append(table(rows, HEADERS))
    figures, numbers = (sum(getattr(s, name) for s in report.summaries) for name in ("figures", "numbers"))
    if report.ok:
        parts.append(f"0 处缺口：{figures} 个数字都在所注条文里，正文 {numbers} 个数字都有着落。")
    else:
        parts.append(
            f"{len(report.gaps)} 处缺口（核对了 {figures} 个数字和正文 {numbers} 个数字）。请逐处处理后再核对。"
        )
    return "\n\n".join(parts)
