"""Whole tables: one provision over every row of a pandas or polars frame or of plain columns."""

from xlpolicy.columns.table import assess_table

__all__ = ["assess_table"]
