"""What `excel install` was given beside the workbook: where it is noted, and how the functions come to use it.

The settings file (XLPOLICY_SETTINGS), the working folder (XLPOLICY_FOLDER) and the policy folders (XLPOLICY_POLICIES)
reach Excel by the user's environment; `excel install --settings … --folder … --policies …` notes them in the user's
xlwings.conf besides, under the same names.
"""

from __future__ import annotations

import os
from pathlib import Path

from xlpolicy.excel.pc.windows import Pc, read_conf, this_pc
from xlpolicy.register.folder import IN_USE, settings_told
from xlpolicy.survey.settings_file import VARIABLE, activate_told

POLICIES = "XLPOLICY_POLICIES"


def noted(pc: Pc, name: str = VARIABLE) -> str:
    """What is in use on a PC under a name: the environment's, else what was noted; empty without one."""
    return os.environ.get(name) or read_conf(pc.user_conf, pc.encoding).get(name, "")


def given() -> dict[str, str]:
    """What this call was given, in whole places, to be noted."""
    folders = [os.path.abspath(part) for part in os.environ.get(POLICIES, "").split(os.pathsep) if part]
    found = {name: os.environ.get(name, "") for name in (VARIABLE, IN_USE)} | {POLICIES: os.pathsep.join(folders)}
    return {name: text for name, text in found.items() if text}


def use(pc: Pc | None = None) -> None:
    """Make them those of this process; where the settings cannot be read, every function says so."""
    here = pc or this_pc()
    for name in (IN_USE, POLICIES):
        if told := noted(here, name):
            os.environ[name] = told
    activate_told(noted(here) or settings_told())


def folders(pc: Pc) -> list[Path]:
    """The policy folders in use beside the built-in documents."""
    return [Path(part) for part in noted(pc, POLICIES).split(os.pathsep) if part]
