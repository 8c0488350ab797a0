"""登记库: what was received, decided, reviewed, settled and paid; comes in as records, goes out as ledgers and proof.

Append-only tables behind SQLAlchemy Core (SQLite, or PostgreSQL by URL), each transaction one entry of a hash-chained
journal. `tables` is the schema, `database` opens and writes, `migrations` brings an older register up to date,
`journal` proves the chain.
"""
