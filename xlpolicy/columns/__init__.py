"""Whole tables: one provision over every row of a pandas or polars frame or of plain columns.

The only package that needs numpy; without it everything else works, row by row.
"""

try:
    from xlpolicy.columns.table import assess_table
except ModuleNotFoundError as error:
    if error.name != "numpy":
        raise
    raise ModuleNotFoundError(
        "整列测算（assess_table）要用 numpy，本机没有：运行 pip install numpy，或逐笔用 assess", name="numpy"
    ) from None

__all__ = ["assess_table"]
