"""Policy documents as a rule workbook that a policy officer reads and changes in Excel, and back."""

from xlpolicy.rulebook.read import Change, Loaded, read_book
from xlpolicy.rulebook.write import write_book

__all__ = ["Change", "Loaded", "read_book", "write_book"]
