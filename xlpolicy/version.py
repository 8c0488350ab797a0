"""The program's version, as packages, decisions and the LibreOffice add-in state it."""

__version__ = "0.1.0"
