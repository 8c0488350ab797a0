"""The settings file that `excel install` was given: where it is noted, and how the functions come to use it.

A policies folder reaches Excel by the user's environment (XLPOLICY_POLICIES), and so may the settings file
(XLPOLICY_SETTINGS); `excel install --settings` notes it in the user's xlwings.conf besides, under the same name.
"""

from __future__ import annotations

import os

from xlpolicy.excel.pc.windows import Pc, read_conf, this_pc
from xlpolicy.survey.settings_file import VARIABLE, activate_told


def noted(pc: Pc) -> str:
    """The settings file in use on a PC: the environment's, else the one that was noted; empty without one."""
    return os.environ.get(VARIABLE) or read_conf(pc.user_conf, pc.encoding).get(VARIABLE, "")


def use(pc: Pc | None = None) -> None:
    """Make it the settings of this process; where it cannot be read, every function says so."""
    activate_told(noted(pc or this_pc()))
