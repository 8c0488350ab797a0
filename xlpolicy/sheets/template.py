"""The templates that a bureau may restyle: where they are, and what the sheets of 台账.xlsx are called."""

from __future__ import annotations

from pathlib import Path

LEDGER = "台账.xlsx"
SUMMARY, CLAIMS, RETURNED, UNLISTED = "汇总", "申报台账", "退回补正", "未列入"
MOMENT = "2026-01-01T00:00:00Z"


def find(name: str = LEDGER) -> Path:
    """A template: in the installed package, or beside it in the repository. Raises FileNotFoundError."""
    package = Path(__file__).parents[1]
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"没有找到模板 {name}，请重新安装 xlpolicy")


def every() -> list[Path]:
    """All templates that a bureau may restyle. Raises FileNotFoundError."""
    kinds = (".xlsx", ".txt", ".docx")
    return sorted(p for p in find().parent.iterdir() if p.suffix in kinds and not p.name.startswith("~"))
