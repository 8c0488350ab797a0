"""Everything that Excel, the bureau server and LibreOffice Calc call. `udf` and `macros` are the doors of installed workbooks.

The only package that imports xlwings.
"""
