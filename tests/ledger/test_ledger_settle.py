"""From returned forms to what is payable: `fill` writes the claims, `settle` reads them from the ledger."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from ledgerkit import ON
from soffice import Soffice
from stdnum.cn import uscc

from xlpolicy import settle
from xlpolicy.batch.fill import fill
from xlpolicy.batch.record import Summary
from xlpolicy.cli import main
from xlpolicy.settle.claims_file import read_file
from xlpolicy.settle.headings import FIXED
from xlpolicy.sheets import template as templates

WriteForm = Callable[..., Path]


def ledger_of(summary: Summary) -> Path:
    return Path(summary.ledger)


def test_every_judged_form_is_a_claim(shown: Summary) -> None:
    file = read_file(ledger_of(shown))
    judged = [r for r in shown.records if r.judged is not None]
    assert len(file.claims) == len(judged) == shown.counts["已核定"] > 5
    assert [c.id for c in file.claims] == [f"A{n:03d}" for n in range(1, len(judged) + 1)]
    numbers = [row[0].value for row in openpyxl.load_workbook(ledger_of(shown))["申报台账"].iter_rows(min_row=4)]
    assert [n for n in numbers if isinstance(n, int)] == list(range(1, len(judged) + 1)), "as the ledger numbers them"
    settlement = settle(file.claims, file.facts, on_year=2026)
    for record, settled in zip(judged, settlement.claims, strict=True):
        assert settled.decided == record.amount, "the settlement starts from the amount judged"
        assert settled.title == record.title
    # a code whose last character is wrong (示例企业12) makes no second enterprise, and is told
    assert [(n.claim, n.code) for n in settlement.notes] == [("A009", "identity")]


def test_fill_then_settle(inbox: Path, form: WriteForm, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """同一企业两个项目：2亿×3%＝600万封顶500万，第二笔30万再无余额；另一企业800万×3%＝24万。"""
    form(1, name="a.xlsx", investment=20000, prj_name="一期")
    form(1, name="b.xlsx", investment=1000, prj_name="二期")
    form(2, name="c.xlsx", investment=800)
    form(3, name="d.xlsx", investment="不清楚")
    out, paid = tmp_path / "核定", tmp_path / "兑付台账.xlsx"
    assert main(["fill", str(inbox), "-o", str(out), "--on", ON.isoformat()]) == 1, "one form goes back"
    capsys.readouterr()
    assert main(["settle", str(out / "台账.xlsx"), "-o", str(paid)]) == 0
    shown = capsys.readouterr().out
    assert "共 3 笔，测算上限合计 5,240,000.00 元。" in shown
    assert "核减 300,000.00 元" in shown
    assert openpyxl.load_workbook(paid).sheetnames[0] == "兑付台账"


def test_the_ceiling_of_enterprises_is_none_of_associations(inbox: Path, form: WriteForm, tmp_path: Path) -> None:
    """晋江 五（一）: 2 场 × 5万元 to a 社会团体 (its code begins with 51), 二（三）: 3万元 to an enterprise; 文末 with 贡献 20,000
    of each: 100,000 and 20,000."""
    code = "51350582MA0000001" + uscc.calc_check_digit("51350582MA0000001")
    law = {"document": "jinjiang-2023-11", "ent_county": "晋江市"}
    form(
        1, "craftsman_training", name="a.xlsx", ent_uscc=code, sessions=2, association="是", prj_object="第一期", **law
    )
    form(2, "cloud_service", name="b.xlsx", fee=6, above_scale="是", **law)
    summary = fill(inbox, tmp_path / "核定", progress=False)
    file = read_file(ledger_of(summary))
    assert [claim.enterprise_kind for claim in file.claims] == ["association", "enterprise"]
    given = {"fiscal_contribution": {claim.enterprise: 20000 for claim in file.claims}}
    assert [claim.payable for claim in settle(file.claims, given, on_year=2023).claims] == [100000, 20000]


@pytest.mark.soffice
def test_edited_by_a_clerk_and_saved_by_libreoffice(shown: Summary, tmp_path: Path, soffice: Soffice) -> None:
    claims = read_file(ledger_of(shown)).claims
    heads = [*FIXED]
    cell = f"{'ABCDEFGHI'[heads.index('贷款')]}3"
    saved = soffice.open_set_save(ledger_of(shown), {"申报": {cell: "HT-007"}}, tmp_path / "台账.xlsx", "xlsx")
    again = read_file(saved).claims
    assert again[0].loan == "HT-007"
    assert settle(again, on_year=2026).claims[1:] == settle(claims, on_year=2026).claims[1:]


def test_nothing_judged(inbox: Path, form: WriteForm, tmp_path: Path) -> None:
    form(1, investment="不清楚")
    assert read_file(ledger_of(fill(inbox, tmp_path / "核定", on=ON, progress=False))).claims == ()


def test_a_template_that_has_such_a_sheet(inbox: Path, form: WriteForm, tmp_path: Path) -> None:
    form(1)
    own = tmp_path / "own.xlsx"
    shutil.copyfile(templates.find(), own)
    book = openpyxl.load_workbook(own)
    book.create_sheet("申报")["A1"] = "旧的"
    book.save(own)
    summary = fill(inbox, tmp_path / "核定", on=ON, template=own, progress=False)
    assert len(read_file(ledger_of(summary)).claims) == 1


def test_claims_of_a_pinned_document(inbox: Path, form: WriteForm, tmp_path: Path) -> None:
    form(1)
    summary = fill(inbox, tmp_path / "核定", on="2026-06-30", policy="fuzhou-2026-5", progress=False)
    (claim,) = read_file(ledger_of(summary)).claims
    assert (claim.policy, claim.city, str(claim.on)) == ("fuzhou-2026-5", "fuzhou", "2026-06-01")
