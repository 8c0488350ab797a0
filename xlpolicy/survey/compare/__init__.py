"""Documents and cities side by side: what a new document changes, and what the same measure pays elsewhere."""

from xlpolicy.survey.compare.documents import Diff, diff
from xlpolicy.survey.compare.measure import Comparison, compare

__all__ = ["Comparison", "Diff", "compare", "diff"]
