"""What `excel install` was given beside the workbook: the settings file and the policy folders, noted for the functions.

Both reach Excel by the user's environment (XLPOLICY_SETTINGS, XLPOLICY_POLICIES), or as `excel install` noted them in
the user's xlwings.conf, under the same names; what the environment says goes before.
"""

from __future__ import annotations

import os
from pathlib import Path

from xlpolicy.excel.pc.windows import Pc, read_conf, this_pc
from xlpolicy.survey.settings_file import VARIABLE, activate_told

POLICIES = "XLPOLICY_POLICIES"


def noted(pc: Pc, name: str = VARIABLE) -> str:
    """What is in use on a PC: the environment's, else what was noted; empty without one."""
    return os.environ.get(name) or read_conf(pc.user_conf, pc.encoding).get(name, "")


def given() -> dict[str, str]:
    """What this call was given, in whole places, to be noted."""
    folders = [os.path.abspath(part) for part in os.environ.get(POLICIES, "").split(os.pathsep) if part]
    found = {VARIABLE: os.environ.get(VARIABLE, ""), POLICIES: os.pathsep.join(folders)}
    return {name: text for name, text in found.items() if text}


def use(pc: Pc | None = None) -> None:
    """Make them those of this process; where they cannot be read, every function says so."""
    here = pc or this_pc()
    if folders := noted(here, POLICIES):
        os.environ[POLICIES] = folders
    activate_told(noted(here))


def folders(pc: Pc) -> list[Path]:
    """The policy folders in use beside the built-in documents."""
    return [Path(part) for part in noted(pc, POLICIES).split(os.pathsep) if part]
