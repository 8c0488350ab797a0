"""Documents and cities side by side: what a new document changes, and what the same measure pays elsewhere."""

from xlpolicy.compare.documents import Diff, diff
from xlpolicy.compare.measure import Comparison, compare

__all__ = ["Comparison", "Diff", "compare", "diff"]
