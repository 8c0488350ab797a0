"""Policy documents as a rule workbook that a policy officer reads and changes in Excel, and back."""

from xlpolicy.survey.rulebook.load import Change, Loaded, read_book
from xlpolicy.survey.rulebook.write import write_book

__all__ = ["Change", "Loaded", "read_book", "write_book"]
