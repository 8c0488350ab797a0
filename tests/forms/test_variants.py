"""Every variant of `variants`, judged by `fill` in one batch, against the outcome written down beside it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from soffice import Soffice
from variants import VARIANTS, Variant, sent, write

from xlpolicy.batch.fill import fill
from xlpolicy.batch.record import Record

pytestmark = pytest.mark.soffice


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, soffice: Soffice) -> Mapping[str, list[Record]]:
    folder = tmp_path_factory.mktemp("变体")
    inbox, aside = folder / "收件", folder / "另存"
    inbox.mkdir()
    aside.mkdir()
    names = {}
    for number, variant in enumerate(VARIANTS, 1):
        converted = variant.format in ("xls", "ods")
        path = write(variant, number, aside if converted else inbox)
        if converted:
            with soffice.open(path) as book:
                path = book.save(inbox / f"{number:03d}.{variant.format}", variant.format)
        names[path.name] = variant.name
    found: dict[str, list[Record]] = {}
    for record in fill(inbox, folder / "结果", on="2026-06-30", progress=False).records:
        found.setdefault(names[record.file], []).append(record)
    return found


def said(record: Record) -> str:
    told = [f"{p.where} {p.got} {p.expected} {p.remedy}" for p in record.problems]
    told += [*record.hints, record.why, *(record.judged.warnings if record.judged else ())]
    return "\n".join(told)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
def test_variant(variant: Variant, judged: Mapping[str, list[Record]]) -> None:
    (record,) = judged[variant.name]
    right, text = variant.right, said(record)
    if right.place == "不核定":
        assert record.place != "已核定", text
    elif right.place == "存疑":
        assert record.place != "已核定" or record.hints, "judged without a remark"
    else:
        assert record.place == right.place, text
    if right.place == "已核定" and not right.words:
        assert record.hints == (), "a remark nobody needs"
    if right.amount:
        assert record.amount == Decimal(right.amount), text
    if right.key:
        spot = sent(variant.rule, variant.unit, variant.policy, variant.version).by_key[right.key]
        assert any(p.severity == "error" and p.cell == spot.address for p in record.problems), text
    for word in right.words:
        assert word in text, text
