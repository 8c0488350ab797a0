"""Looking at the law: documents and cities side by side, figures against the official text, the rule workbook, cases.

Comes in: a catalog. Goes out: records and reports. Decides no claim.
"""
