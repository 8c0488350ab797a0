"""`python -m xlpolicy.excel.server`: the same as `xlpolicy excel serve`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from xlpolicy.excel.server.run import add_arguments, run
from xlpolicy.faults import PolicyError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="xlpolicy excel serve")
    add_arguments(parser)
    try:
        return run(parser.parse_args(argv))
    except PolicyError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
