"""What xlwings-server imports as `custom_functions`: the whole registry."""

from xlpolicy.excel.server.functions import register

globals().update(register())
