"""One claim: a found provision and what was stated -> a Decision with amount, basis, trace and reasons.

Knows nothing of other claims, of files or of workbooks.
"""
