"""Municipal industrial policy as data: amounts a bureau clerk can defend, each with its article and calculation.

    >>> from xlpolicy import assess
    >>> d = assess("fuzhou", "tech_upgrade", {"investment": "800万元"}, on="2026-06-30")
    >>> d.amount, str(d.basis)
    (Decimal('240000.00'), '榕政办规〔2026〕5号 附件3 一')
"""

from xlpolicy.assess import Decision, assess
from xlpolicy.errors import PolicyError
from xlpolicy.settle import Settlement, settle

__all__ = ["Decision", "PolicyError", "Settlement", "assess", "settle"]
__version__ = "0.1.0"
