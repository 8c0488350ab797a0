"""The law as frozen records, the values its inputs take, and the catalog that finds a provision for a city and a date.

Comes in: policy files (through `reading`). Goes out: Document, Rule, Found. Knows no claim and no workbook.
"""
