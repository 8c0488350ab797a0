"""One folder for a Windows PC without Python, built on Linux: the official embeddable CPython, the wheels, the workbook.

In: an installed xlpolicy, `lock.txt` with the versions and digests that were tested. Out: a zip that is unpacked and
used; the same versions give the same bytes.
"""
