"""A provision as plain Excel text, and the calculation tables made of it. An interpreter of the law's nodes.

Comes in: records of law. Goes out: formula text and workbooks. Never asks another interpreter.
"""
