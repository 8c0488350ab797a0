"""Read by every Python process of the tests in another year than theirs (`tests/conftest.py`): its clock is theirs too."""

import datetime as dt
import os

import time_machine

time_machine.travel(dt.datetime.fromisoformat(os.environ["XLPOLICY_TESTS_DAY"]), tick=True).start()
