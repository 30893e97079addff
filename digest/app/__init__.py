"""Wiring: builds everything from the operator's files; the only room that knows all edges.

`directory` reads the files, `identity` says whose name stands on what goes out, the others build one
capability each, and `service` puts them together.
"""
