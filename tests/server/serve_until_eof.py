"""Runs `xlpolicy excel serve` with the given arguments until stdin ends: it never outlives the tests."""

import os
import sys
import threading

from xlpolicy.excel.server.__main__ import main


def watch() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=watch, daemon=True).start()
sys.exit(main(sys.argv[1:]))
