"""Draws, patches and opens workbook packages: look, fonts, safe text, templates, atomic files.

Knows no law and no claim, but for the names of the ledger's own columns.
"""
