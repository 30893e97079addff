"""Listers: one for each kind of source. They ask publishers, and parse what these answer in workers."""
