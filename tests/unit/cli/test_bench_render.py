"""`digest bench render`, with few readers: what it measures, not how fast this machine is."""

from __future__ import annotations

from digest.cli.bench_render import measured


def test_each_set_of_wishes_is_rendered_and_each_reader_gets_a_copy() -> None:
    found = measured(people=10, sets=2)

    assert (found["people"], found["sets"]) == (10, 2)
    assert 10_000 < found["octets_a_message"] < 200_000
    assert found["milliseconds_a_set"] > 0
