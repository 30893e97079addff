"""Chaos: noons of the real service while its workers, its database, its clock and its relay go wrong.

`make chaos`, or `PYTHONPATH=tests:tests/journeys python -m chaos --help`. What is promised is counted where
the messages arrive::

    faults     what goes wrong in one noon, drawn from a seed
    server     a relay that lies, and keeps what it took
    board      the clock and the switches that all processes share
    worker     the service in a process of its own, to be killed, frozen and doubled
    noons      the harness: one simulated day after another
    verdict    takings and ledger beside each other: which promises were broken
"""
