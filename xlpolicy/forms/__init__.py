"""The application form: its layout and drawing, and reading a returned one in whatever state.

Comes in: records of law, or a file. Goes out: a workbook, or Returned with values, cells and problems. Computes no amount.
"""
