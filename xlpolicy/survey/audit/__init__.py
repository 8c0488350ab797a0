"""Every figure of a document against its article, every number of the text against a figure (`audit.audit`).

Comes in: a catalog and a folder of official texts. Knows no claim; the texts are not part of the project.
"""
