"""Reading and checking a returned form against `openpyxl.load_workbook` plus the same cell reads.

Run: python tests/benchmarks/bench_intake.py [number of forms, default 2000]

Writes that many different forms, then goes through them in blocks that alternate between both readers, so that a
slower moment of the machine falls on both. Exit code 1 when the ratio is below the required one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from openpyxl import load_workbook

from xlpolicy.forms.design import write_form
from xlpolicy.forms.intake import read_returned
from xlpolicy.forms.layout import FORM_SHEET, layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog

#: with the second reader, which looks at fonts, formats, formulas, hidden and merged cells
REQUIRED = 15.0
BLOCK = 25


def write_forms(folder: Path, count: int) -> list[Path]:
    """Filled-in forms of one provision, each with its own name and amount."""
    document = catalog.default().document("fuzhou-2026-5")
    rule = document.rules["tech_upgrade"]
    paths = []
    for number in range(count):
        values = {
            **plainly(layout(document, rule)),
            "ent_name": f"福州示例机械第{number}有限公司",
            "ent_uscc": "91350100M000100Y43",
            "ent_county": "鼓楼区",
            "ent_legal_person": "林某",
            "ent_contact": "陈某",
            "ent_phone": "13800000000",
            "ent_account_name": f"福州示例机械第{number}有限公司",
            "ent_account": "35001234567890123456",
            "ent_bank": "中国某某银行福州鼓楼支行",
            "prj_name": f"智能产线技改项目{number}",
            "in_investment": 500 + number if number % 3 else f"{500 + number}万元",
            "in_bond_supported": "否",
        }
        paths.append(write_form(document, rule, folder / f"{number:05d}.xlsx", prefill=values))
    return paths


def by_openpyxl(path: Path, places: list[str]) -> list[object]:
    sheet = load_workbook(path)[FORM_SHEET]
    return [sheet[place].value for place in places]


def main(count: int) -> int:
    known = catalog.default()
    document = known.document("fuzhou-2026-5")
    places = [field.address for field in layout(document, document.rules["tech_upgrade"]).fields]
    with tempfile.TemporaryDirectory() as folder:
        paths = write_forms(Path(folder), count)
        by_openpyxl(paths[0], places)
        assert read_returned(paths[0], known)[0].status == "ok"
        ours = theirs = 0.0
        for start in range(0, count, BLOCK):
            block = paths[start : start + BLOCK]
            before = time.process_time()
            for path in block:
                (returned,) = read_returned(path, known)
                assert returned.inputs["investment"] >= 5_000_000
            between = time.process_time()
            for path in block:
                by_openpyxl(path, places)
            after = time.process_time()
            ours, theirs = ours + between - before, theirs + after - between
    ratio = theirs / ours
    print(f"{count} forms: intake {1e3 * ours / count:.3f} ms, openpyxl {1e3 * theirs / count:.3f} ms per form")
    print(f"ratio {ratio:.1f} (required {REQUIRED:.0f})")
    return 0 if ratio >= REQUIRED else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
