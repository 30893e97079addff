"""Tries today's edition again, for subscribers whose copy the relay surely has not taken."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from digest.deliveries import NOT_TAKEN, WAITING, State
from digest.errors import Refused
from digest.ports import Clock, Store
from digest.schedule import Timetable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resent:
    """What is tried again, and what is not."""

    day: date
    again: Mapping[State, int]  # how many deliveries were in each state of those that failed
    states: Mapping[State, int]  # of all the day's deliveries before


async def resend_failed(day: date, *, by: str, timetable: Timetable, store: Store, clock: Clock) -> Resent:
    """Let what failed of an edition be tried at once; `Refused` if the edition may not be sent now.

    What the relay took, or may have taken, is never sent again.
    """
    now = clock.now()
    states = await store.deliveries.tally(day)
    if (why := await _refusal(day, states, timetable, store, clock)) is not None:
        raise Refused(why)
    again = await store.deliveries.try_again(day, now)
    told = {"edition": day.isoformat(), "by": by, "deliveries": sum(again.values())}
    log.info("an operator wants failed deliveries tried again", extra=told)
    return Resent(day=day, again=again, states=states)


async def _refusal(
    day: date, states: Mapping[State, int], timetable: Timetable, store: Store, clock: Clock
) -> str | None:
    """Why nothing of the edition may be sent now; None if it may."""
    now, local = clock.now(), "%H:%M"
    if not states:
        return f"no deliveries of an edition of {day} are planned"
    if now < (noon := timetable.noon_of(day)):
        at = f"{noon.astimezone(timetable.zone):{local}}"
        return f"the edition of {day} goes at {at}: nothing of it has failed yet"
    if now >= (deadline := timetable.deadline_of(day)):
        failed = sum(states.get(state, 0) for state in WAITING | NOT_TAKEN)
        return (
            f"the edition of {day} could be sent until {deadline.astimezone(timetable.zone):{local}}. "
            f"{failed} of its deliveries were not taken; their subscribers get its stories with their next "
            "edition, marked late"
        )
    if (pause := await store.pauses.current()) is not None:
        return f"sending is paused: {pause.why}. `digest resume` starts it again"
    if (hold := (await store.editions.in_hand(day)).held(now)) is not None:
        return f"the edition of {day} is held by {hold.by}. `digest edition release` lets it go"
    return None
