"""LibreOffice Calc: the registry's functions as an add-in (.oxt), computed by a helper process of xlpolicy's own Python.

LibreOffice brings a Python of its own, into which nobody can install xlpolicy. So the add-in (`addin/`) holds no law and
imports nothing of it: at the first formula it starts the interpreter that it was built with (`interpreter.txt` inside)
with `helper`, sends each call as one line of JSON to its stdin and reads the answer from its stdout. The helper ends with
its stdin, so it never outlives LibreOffice. A new version of xlpolicy needs no new add-in unless functions were added.

Two things are Calc's own: a single empty cell reaches an add-in as 0, and a range that holds an error cell makes the
whole formula an error (the add-in is not asked). A workbook saved as .xlsx loses the functions' names on opening there;
.ods keeps them, and so do formulas with the full name (`oxt.full_name`).

WPS does not load such add-ins (nor xlwings' ones). What works there: workbooks with native formulas (`xlpolicy sheet`,
`xlpolicy formula`) and the batch commands, which write plain values (`xlpolicy fill`, `xlpolicy settle`).
"""
