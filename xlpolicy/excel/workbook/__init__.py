"""Builds workbook/xlpolicy.xlsm without Excel: its pages, its VBA text, and what its buttons run."""
