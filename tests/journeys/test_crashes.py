"""A worker killed between any two effects of its noon, and started again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from journey_place import SUBSCRIBERS, Place
from servers.noon import Noon, run_noon

pytestmark = pytest.mark.slow

DAY = date(2020, 3, 3)
NOON = datetime(2020, 3, 3, 12, 0, tzinfo=UTC)
AFTER_A_WHILE = timedelta(minutes=30)  # longer than any lease


async def test_a_noon_killed_at_any_point_gives_everybody_one_edition_and_nobody_two(place: Place) -> None:
    """Every point in turn, on a state that goes on from day to day."""
    day, number, unknown = 0, 0, 0
    killed_after = 1
    finished = False
    while not finished:
        noon = Noon(config=place.config, now=NOON + timedelta(days=day))
        number += 1
        await place.file(number, noon.now - timedelta(hours=2))

        finished = await run_noon(replace(noon, killed_after=killed_after))
        assert await run_noon(replace(noon, now=noon.now + AFTER_A_WHILE))

        unknown += _check_day(place, noon.now.date(), number)
        day, killed_after = day + 1, killed_after + 1

    # One more day brings the stories that somebody may not have got.
    number += 1
    await place.file(number, NOON + timedelta(days=day) - timedelta(hours=2))
    assert await run_noon(Noon(config=place.config, now=NOON + timedelta(days=day)))
    texts = _texts(place)
    for address in SUBSCRIBERS:
        missing = [n for n in range(1, number + 1) if f"Provider {n} CRC" not in texts[address]]
        assert missing == [], address
    assert killed_after > 15, "fewer effects than a noon has"
    # Killed with a message begun and not yet handed over; at no other point is anything in doubt.
    assert len(SUBSCRIBERS) - 1 <= unknown <= len(SUBSCRIBERS) + 1


def _check_day(place: Place, day: date, number: int) -> int:
    """Nobody got two; how many got none, which only an edition left in doubt explains."""
    counts = Counter(address for (address, on), found in place.received().items() if on == day for _ in found)
    assert all(count == 1 for count in counts.values()), f"{day}: {counts}"
    without = [address for address in SUBSCRIBERS if not counts[address]]
    assert len(without) <= 1, f"{day}: {without}"
    return len(without)


def _texts(place: Place) -> dict[str, str]:
    texts: dict[str, str] = dict.fromkeys(SUBSCRIBERS, "")
    for (address, _), found in place.received().items():
        texts[address] += "\n".join(found)
    return texts
