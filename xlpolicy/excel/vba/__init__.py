"""Writes a VBA project (MS-OVBA in MS-CFB) from module texts; knows nothing else of xlpolicy."""
