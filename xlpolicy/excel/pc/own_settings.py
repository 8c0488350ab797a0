"""The settings file and working folder that `excel install` was given: where they are noted, and how they come into use.

A policies folder reaches Excel by the user's environment (XLPOLICY_POLICIES), and so may the settings file
(XLPOLICY_SETTINGS) and the working folder (XLPOLICY_FOLDER); `excel install --settings … --folder …` notes them in the
user's xlwings.conf besides, under the same names.
"""

from __future__ import annotations

import os

from xlpolicy.excel.pc.windows import Pc, read_conf, this_pc
from xlpolicy.register.folder import IN_USE, settings_told
from xlpolicy.survey.settings_file import VARIABLE, activate_told


def noted(pc: Pc, name: str = VARIABLE) -> str:
    """What is in use on a PC under a name: the environment's, else what was noted; empty without one."""
    return os.environ.get(name) or read_conf(pc.user_conf, pc.encoding).get(name, "")


def use(pc: Pc | None = None) -> None:
    """Make them those of this process; where the settings cannot be read, every function says so."""
    here = pc or this_pc()
    if folder := noted(here, IN_USE):
        os.environ[IN_USE] = folder
    activate_told(noted(here) or settings_told())
