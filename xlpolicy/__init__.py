"""Municipal industrial policy as data: amounts a clerk can defend, each with its article and calculation.

    >>> from xlpolicy import assess
    >>> d = assess("fuzhou", "tech_upgrade", {"investment": "800万元"}, on="2026-06-30")
    >>> d.amount, str(d.basis)
    (Decimal('240000.00'), '榕政办规〔2026〕5号 附件3 一')

What is offered here is imported when first used: `xlpolicy --help` pays for nothing it does not need.
"""

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xlpolicy.version import __version__

# openpyxl writes the same XML in other words where lxml is installed: files of the same content get the same bytes
os.environ.setdefault("OPENPYXL_LXML", "False")

if TYPE_CHECKING:
    from xlpolicy.claim.decision import Decision, assess
    from xlpolicy.columns import assess_table
    from xlpolicy.faults import PolicyError
    from xlpolicy.settle import Claim, Facts, Settlement, settle

__all__ = ["Claim", "Decision", "Facts", "PolicyError", "Settlement", "__version__", "assess", "assess_table", "settle"]

_HOME = {
    "Claim": "settle",
    "Decision": "claim.decision",
    "Facts": "settle",
    "PolicyError": "faults",
    "Settlement": "settle",
    "assess": "claim.decision",
    "assess_table": "columns.table",
    "settle": "settle",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value


class _Package(ModuleType):
    """`settle` is a function here; importing the package of that name must not hide it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
