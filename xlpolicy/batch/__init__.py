"""A folder of returned forms -> each judged, copied to one place and listed in a ledger, with notices.

Comes in: files. Goes out: a result folder and its Summary. Remembers nothing between folders.
"""
