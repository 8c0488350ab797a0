"""excel serve."""

from __future__ import annotations

import argparse

from xlpolicy.excel.server.run import add_arguments as add_serve
from xlpolicy.excel.server.run import run

__all__ = ["add_serve", "run_serve"]


def run_serve(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    return run(args)
