"""YAML text -> compiled records: strict reading, schema, figures, formulas, cross rules; all faults of a file at once."""
