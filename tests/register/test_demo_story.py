"""The demonstration's second half, its totals by hand from the forms of `demo.write_forms`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from xlpolicy.batch.demo import write_forms
from xlpolicy.batch.story import play
from xlpolicy.register.folder import find
from xlpolicy.register.proof import verify


def test_the_story(tmp_path: Path) -> None:
    """23 is corrected from 860 to 880 万元: 258,000 and 264,000; 06 is reduced from its cap of 5,000,000 to 4,500,000."""
    (tmp_path / "收件").mkdir()
    write_forms(tmp_path / "收件")
    story = play(tmp_path / "收件", tmp_path, progress=False)
    said = "\n".join(story.steps)
    assert "示例企业23（更正）.xlsx 代替 示例企业23.xlsx，测算额 258000.00 元改为 264000.00 元" in said
    assert "核减 500,000.00 元" in said
    found = story.status
    assert found.computed - found.reviewed == Decimal("500000.00")
    # 12 (a wrong code, 192,000) and 19 (a name like a formula, 300,000) wait
    assert found.states["待拨付"] == (2, Decimal("492000.00"))
    assert found.reviewed - found.paid == Decimal("492000.00")
    folder = find(tmp_path / "2026技改")
    assert folder is not None and verify(folder.open()).problems == ()
