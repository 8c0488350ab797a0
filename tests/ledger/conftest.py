"""The demonstration, written once for the tests that only read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ledgerkit import WriteForm

from xlpolicy.batch import demo
from xlpolicy.batch.record import Summary
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """What `demo` returns; its folders must not be written to."""
    return demo.demo(tmp_path_factory.mktemp("demo") / "示例", progress=False)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "收件"
    folder.mkdir()
    return folder


@pytest.fixture
def form(inbox: Path) -> WriteForm:
    """form(number, rule="tech_upgrade", name=..., investment=800, ent_name=...) -> a filled form in the inbox."""

    def write(
        number: int = 1, rule: str = demo.TECH, *, name: str = "", document: str = demo.DOCUMENT, **values: Any
    ) -> Path:
        if rule == demo.TECH:
            values.setdefault("investment", 800)
        source = catalog.default().document(document)
        fields = {
            **plainly(layout(source, source.rules[rule])),
            **demo.enterprise(number),
            **{k if "_" in k[:4] else f"in_{k}": v for k, v in values.items()},
        }
        path = inbox / (name or f"{number:02d}.xlsx")
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_form(source, source.rules[rule], path, prefill=fields)

    return write
