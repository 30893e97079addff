"""Turns sending off and on again for every process of the service, as operators decide."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from digest.deliveries import WAITING, Pause
from digest.errors import Refused
from digest.ports import Clock, Store
from digest.schedule import Timetable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """What came of an operator's wish to send again."""

    was_paused: bool
    until: datetime | None = None  # sending stays off until then: today's edition may have been sent before


def unknown_endings(since: datetime) -> str:
    """What an operator is told and must do if the record of endings may lack somebody."""
    return (
        f"who left, complained, was suppressed or erased after {since:%a %d %b %Y %H:%M} UTC is not known: "
        "the record of endings beside the state is missing, damaged, old, of another state, or may have lost "
        "its end. Before `digest resume`, end them with `digest subscribers end`, `suppress` or `erase`, and "
        "then give --endings-settled"
    )


async def pause(
    *, by: str, why: str, unknown_since: datetime | None, timetable: Timetable, store: Store, clock: Clock
) -> bool:
    """Stop sending; False if it was paused before: that pause stands.

    `unknown_since`: it is not known who left after this instant, because the state was put back.
    """
    now = clock.now()
    in_doubt = timetable.begun_by(now) if unknown_since else None
    paused = Pause(since=now, by=by, why=why, in_doubt=in_doubt, unknown_since=unknown_since)
    log.info("an operator paused sending", extra={"by": by})
    return await store.pauses.pause(paused)


async def resume(
    *,
    by: str,
    today_too: bool = False,
    endings_settled: bool = False,
    timetable: Timetable,
    store: Store,
    clock: Clock,
) -> Resumed:
    """End the pause, at once or when today's edition is over, which may have been sent from a lost state.

    `today_too` sends it all the same. `Refused` if it is not known who left after the backup that was
    restored, unless `endings_settled`.
    """
    now = clock.now()
    paused = await store.pauses.current()
    if paused is not None and paused.unknown_since is not None:
        if not endings_settled:
            raise Refused(unknown_endings(paused.unknown_since))
        await store.pauses.know_endings()
    log.info("an operator resumed sending", extra={"by": by})
    day = paused.in_doubt if paused is not None else None
    if day is not None and not today_too and now < (deadline := timetable.deadline_of(day)):
        planned = await store.editions.planned(day)
        if not planned or WAITING & (await store.deliveries.tally(day)).keys():
            await store.pauses.end_at(deadline)
            return Resumed(was_paused=True, until=deadline)
    return Resumed(was_paused=await store.pauses.resume())
