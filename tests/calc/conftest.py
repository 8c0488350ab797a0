"""A LibreOffice with the add-in installed, its helper started by the Python it was built with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import soffice as soffice_module
from require_all import marker_text, missing
from soffice import Soffice

from xlpolicy.excel.calc import oxt

WORKER = Path(__file__).with_name("addin_worker.py")


@pytest.fixture(scope="session")
def calc(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soffice]:
    """One process of its own, restarted once after the installation, as a user would."""
    if lacking := Soffice.absent():
        missing(f"{marker_text(pytestconfig, 'soffice')}; {lacking}")
    package = oxt.build(tmp_path_factory.mktemp("oxt") / "xlpolicy.oxt", python=sys.executable)
    office = Soffice()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(soffice_module, "WORKER", WORKER)
        try:
            office.start()
            assert oxt.IDENTIFIER in office.call("install", path=str(package))
            office.start()
            yield office
        finally:
            office.close()
