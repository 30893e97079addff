"""Unreached: a confirmation that cannot arrive settles what was asked for, and one overtaken is not sent.

Whichever way it is heard of: the relay's refusal as the letter is handed over, or a report that comes later.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from digest.addresses import without_addresses
from digest.jobs.moving import number_of
from digest.letters import CONFIRM, CONFIRM_MOVE, REMINDER, Letter
from digest.ports import Store
from digest.subscriptions import Channel, Evidence, Standing, Step
from digest.verdicts import Notice, Verdict

log = logging.getLogger(__name__)

_LONGEST: Final = 200  # characters of another server's words


async def settle_unreached(letter: Letter, notice: Notice, *, store: Store, now: datetime) -> bool:
    """What a final refusal of a letter means for what it was about; whether anything was settled by it.

    Only a refusal that says "no such address" does: what is turned back because of us says nothing of them.
    """
    if letter.subscriber is None or notice.verdict is not Verdict.HARD:
        return False
    if letter.kind == CONFIRM_MOVE:
        return await _drop_move(letter, letter.subscriber, store)
    if letter.kind not in {CONFIRM, REMINDER}:
        return False
    said = " ".join(str(part) for part in (notice.code, notice.status, notice.text) if part)
    # Lapsed, which only what is pending can: whoever has confirmed meanwhile, by another letter, stays.
    lapsed = await store.subscriptions.take(
        letter.subscriber,
        letter.content.get("generation", 0),
        Step.LAPSED,
        Evidence(
            channel=Channel.SERVICE,
            wording=f"the letter to confirm by did not reach it: {without_addresses(said)[:_LONGEST]}",
        ),
        now,
    )
    if lapsed:
        log.info("a confirmation did not reach its address", extra={"subscriber": letter.subscriber})
    return lapsed


async def still_of_use(letter: Letter, *, store: Store) -> bool:
    """Whether there is still something to confirm: a letter that was put off may have been overtaken."""
    if letter.kind not in {CONFIRM, REMINDER} or letter.subscriber is None:
        return True
    found = await store.subscriptions.get(letter.subscriber)
    pending = found is not None and found.standing is Standing.PENDING
    return pending and found is not None and found.generation == letter.content.get("generation")


async def _drop_move(letter: Letter, subscriber: int, store: Store) -> bool:
    request = await store.requests.get(subscriber)
    if request is None or number_of(request) != letter.content.get("move"):
        return False
    await store.requests.drop(subscriber)
    log.info("a new address could not be reached", extra={"subscriber": subscriber})
    return True
