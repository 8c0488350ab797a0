"""Runs `xlpolicy excel serve` with the given arguments until stdin ends: it never outlives the tests.

`CONNECTIONS` of the environment: so many connections at once instead of the usual number.
"""

import os
import sys
import threading

from xlpolicy.cli import main
from xlpolicy.excel.server import run


def watch() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


run.CONNECTIONS = int(os.environ.get("CONNECTIONS", run.CONNECTIONS))
threading.Thread(target=watch, daemon=True).start()
sys.exit(main(["excel", "serve", *sys.argv[1:]]))
