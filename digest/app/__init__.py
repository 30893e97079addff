"""Wiring: builds everything from the operator's files; the only room that knows all edges.

`directory` reads the files and finds the database, `edges` opens what lives as long as the process,
`composing` makes messages in the service's name, and `service` builds the jobs, also from new settings.
"""
