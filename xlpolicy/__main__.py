"""`python -m xlpolicy`: the same as `xlpolicy`."""

import sys

from xlpolicy.cli import main

if __name__ == "__main__":
    sys.exit(main())
