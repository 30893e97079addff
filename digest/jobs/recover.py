"""The scheduler: every few minutes it asks the store what is due and not done, and does it.

Timers only start it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from digest.edition import NO_ENDING, Ending
from digest.jobs.failures import Failures
from digest.jobs.publish import publish
from digest.ports import Clock, Store
from digest.ratings import NO_INSPECTORATES, Inspectorates
from digest.schedule import Timetable
from digest.sending.deliver import Deliverer
from digest.sending.recovery import Recovery
from digest.sources import Source

log = logging.getLogger(__name__)


async def recover(
    *,
    timetable: Timetable,
    sources: Iterable[Source],
    store: Store,
    deliverer: Deliverer,
    recovery: Recovery,
    clock: Clock,
    inspectorates: Inspectorates = NO_INSPECTORATES,
    ending: Ending = NO_ENDING,
    publishing: bool = True,
    delivering: bool = True,
) -> None:
    """Publish and deliver every edition that is due, as far as that is possible now.

    The batches of dead workers are settled first, so that the next edition can carry their deliveries. A
    stage that fails does not stop the later ones; the first failure is raised at the end. `publishing` and
    `delivering` say which of the two this process does.
    """
    failures = Failures()
    with failures.contain("take over"):
        await recovery.settle_lost_batches()
    if delivering:
        with failures.contain("lift the pause"):
            await deliverer.lift_pause()
    for day in timetable.open_days(clock.now()):
        if publishing:
            with failures.contain("publish"):
                await publish(
                    day,
                    timetable=timetable,
                    sources=sources,
                    store=store,
                    clock=clock,
                    inspectorates=inspectorates,
                    ending=ending,
                )
        if delivering and clock.now() in timetable.sending_of(day):
            with failures.contain("deliver"):
                await deliverer.deliver(day)
    failures.raise_first()
