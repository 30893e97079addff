"""The real scheduler: asks the store what is due and absent, and does it. Every timer is only a nudge."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from digest.jobs.failures import Failures
from digest.jobs.publish import publish
from digest.ports import Clock, Store
from digest.schedule import Timetable
from digest.sending.deliver import Deliverer
from digest.sending.recovery import TakeOver
from digest.sources import Source

log = logging.getLogger(__name__)


async def recover(
    *,
    timetable: Timetable,
    sources: Iterable[Source],
    store: Store,
    deliverer: Deliverer,
    takeover: TakeOver,
    clock: Clock,
    publishing: bool = True,
    delivering: bool = True,
) -> None:
    """Bring every edition that is due as far as it can be brought now, by those who publish or deliver.

    What a dead worker left half done is settled first, so that the edition assembled next can carry it.
    A stage that fails does not keep the later ones from their turn; the first failure is raised at the end.
    """
    failures = Failures()
    with failures.contain("take over"):
        await takeover.look()
    if delivering:
        with failures.contain("lift the pause"):
            await deliverer.lift()
    for day in timetable.open_days(clock.now()):
        if publishing:
            with failures.contain("publish"):
                await publish(day, timetable=timetable, sources=sources, store=store, clock=clock)
        if delivering and clock.now() in timetable.sending_of(day):
            with failures.contain("deliver"):
                await deliverer.deliver(day)
    failures.raise_first()
