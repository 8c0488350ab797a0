"""The worksheet functions over plain values: one registry, used by xlwings, the server and Calc alike.

Comes in: cells and ranges as lists. Goes out: numbers, texts, tables or XlError; never an exception.
"""
