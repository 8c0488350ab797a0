"""What the tests of ledgers share beside their fixtures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

ON = dt.date(2026, 6, 30)
WriteForm = Callable[..., Path]
