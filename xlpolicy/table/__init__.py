"""Whole tables: one provision over every row of a pandas or polars frame or of plain columns."""

from xlpolicy.table.run import assess_table

__all__ = ["assess_table"]
