"""The store: every noun's table, and the promises that only a database can keep.

SQLite and PostgreSQL behave alike here; `tests/contract` holds both to it.
"""
