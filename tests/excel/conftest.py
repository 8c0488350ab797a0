"""What the tests of the generated VBA share: a LibreOffice profile of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from require_all import marker_text, missing
from soffice import Soffice


@pytest.fixture
def profile(pytestconfig: pytest.Config, tmp_path: Path) -> Path:
    """For a LibreOffice that `basic_host.run` starts; skips where it or its Python bridge is missing."""
    if lacking := Soffice.absent():
        missing(f"{marker_text(pytestconfig, 'soffice')}; {lacking}")
    return tmp_path / "profile"
