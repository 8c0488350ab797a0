"""A spoiled form is judged exactly as it shows, or it comes back with its cell: 100 forms, and 5,000 with --long."""

from __future__ import annotations

import pytest
from mutate import spoiled

from xlpolicy.forms.intake import read_bytes
from xlpolicy.law import catalog


def wrong(seed: int) -> str:
    """What is wrong with what the form of a seed is read as; "" for nothing."""
    data, form, done = spoiled(seed)
    (returned,) = read_bytes(data, "表.xlsx", catalog.default())
    errors = [p for p in returned.problems if p.severity == "error"]
    told = (
        f"seed {seed} {form.sent.document.key} {form.sent.rule.id} {done}: {[(p.code, p.where, p.got) for p in errors]}"
    )
    if form.yuan is None:
        return (
            ""
            if errors and returned.status != "ok" and all(p.where or p.code == "blank" for p in errors)
            else f"judged! {told}"
        )
    read = returned.inputs.get(form.named.removeprefix("in_"))
    return (
        "" if returned.status == "ok" and read == form.yuan else f"{read} is not {form.yuan}, {returned.status}; {told}"
    )


def test_spoiled_forms() -> None:
    assert [said for seed in range(100) if (said := wrong(seed))] == []


@pytest.mark.long
@pytest.mark.parametrize("block", range(50))
def test_many_spoiled_forms(block: int) -> None:
    assert [said for seed in range(100 + 100 * block, 200 + 100 * block) if (said := wrong(seed))] == []
