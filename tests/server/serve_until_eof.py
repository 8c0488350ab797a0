"""Runs `xlpolicy excel serve` with the given arguments until stdin ends: it never outlives the tests."""

import os
import sys
import threading

from xlpolicy.cli import main


def watch() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=watch, daemon=True).start()
sys.exit(main(["excel", "serve", *sys.argv[1:]]))
