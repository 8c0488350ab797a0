"""Claims through the generated script in one node process, and what `assess` says of the same, in the same shape."""

from __future__ import annotations

import datetime as dt
import json
import math
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from require_all import marker_text, missing

from xlpolicy import assess
from xlpolicy.faults import PolicyError
from xlpolicy.javascript.script import script
from xlpolicy.law.catalog import Catalog

RUN = Path(__file__).parent / "run.js"
Claim = dict[str, Any]


def needed(config: pytest.Config) -> str:
    """The program; the test that asks is skipped without it."""
    program = shutil.which("node")
    if program is None:
        missing(marker_text(config, "node"))
    return program


def written(value: Any) -> Any:
    """A stated value for `run.js`."""
    if isinstance(value, bool | str | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": "NaN" if math.isnan(value) else "Infinity"}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, int):
        return {"integer": str(value)}
    if isinstance(value, dt.datetime):
        return {"day": value.date().isoformat()}
    return {"day": value.isoformat()} if isinstance(value, dt.date) else value


def answers(program: str, file: Path, claims: Iterable[Claim]) -> list[dict[str, Any]]:
    def stated(inputs: dict[str, Any]) -> dict[str, Any]:
        return {name: written(value) for name, value in inputs.items()}

    lines = [
        json.dumps(
            {**claim, "inputs": stated(claim["inputs"]), "whole": "whole" in claim and [*map(stated, claim["whole"])]},
            default=str,
        )
        for claim in claims
    ]
    done = subprocess.run(
        [program, RUN, file], input="\n".join(lines), capture_output=True, encoding="utf-8", timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.split("\n")]


def assessed(claims: Iterable[Claim], catalog: Catalog | None = None) -> list[dict[str, Any]]:
    """What `assess` says, in the words of `xlpolicy.dump` of the script."""
    found: list[dict[str, Any]] = []
    for claim in claims:
        try:
            decision = assess(**claim, catalog=catalog)
        except PolicyError as error:
            found.append({"error": error.code, "item": error.problem.item, "message": str(error)})
            continue
        found.append(
            {
                "eligible": decision.eligible,
                "amount": f"{decision.amount:.2f}",
                "basis": str(decision.basis),
                "explanation": decision.explanation,
                "steps": [dict(zip(("what", "formula", "value", "at"), step, strict=True)) for step in decision.steps],
                "reasons": list(decision.reasons),
                "presumed": list(decision.presumed),
                "remarks": [list(remark) for remark in decision.remarks],
                "warnings": list(decision.warnings),
            }
        )
    return found


def differing(claims: Sequence[Claim], got: Sequence[dict[str, Any]], want: Sequence[dict[str, Any]]) -> list[Any]:
    """The claims of which the two do not say the same, with what they say."""
    assert len(claims) == len(got) == len(want)
    return [
        (
            {k: v for k, v in claim.items() if k != "on"},
            {key: (one.get(key), two[key]) for key in two if one.get(key) != two[key]},
        )
        for claim, one, two in zip(claims, got, want, strict=True)
        if any(one.get(key) != two[key] for key in two)
    ]


def written_script(folder: Path, catalog: Catalog) -> Path:
    path = folder / "xlpolicy.js"
    path.write_text(script(catalog), encoding="utf-8")
    return path
