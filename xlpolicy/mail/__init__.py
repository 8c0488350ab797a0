"""Forms out to enterprises, replies in, letters: what goes between the bureau and those who apply.

In: a list of enterprises, a mailbox or a folder of mails, the register. Out: one form each, mails, files in 收件, letters.
`recipients` reads the list, `outgoing` writes the forms.
"""
