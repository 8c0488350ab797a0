"""Which Python the Calc add-in shall start: a note in the user's settings folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "interpreter.txt"


def note() -> Path:
    """Where the note lies; `addin/addin.py` looks in the same places."""
    if sys.platform == "win32":
        folder = os.environ.get("APPDATA") or str(Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        folder = str(Path.home() / "Library" / "Application Support")
    else:
        folder = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(folder) / "xlpolicy" / NAME


def write() -> Path:
    """Note the interpreter that runs now."""
    path = note()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sys.executable + "\n", encoding="utf-8")
    return path
