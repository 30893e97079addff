"""Everything held about one person, in plain values, for the person to read.

A change of address is left out until it is confirmed, with its letters: it is about somebody else's mailbox,
and what becomes of it tells whether that one is subscribed, or was bounced, or wants no mail.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from digest.addresses import same_key
from digest.letter_kinds import ConfirmMove
from digest.ports import Store
from digest.subscriptions import Subscription


async def held(found: Subscription, store: Store) -> dict[str, Any]:
    """Everything, as JSON holds it; without signed links and codes, which would let others act.

    Nor our numbers: those of two subscribers tell how many came between (`digest.tokens`).
    """
    subscriber = found.subscriber
    request = await store.requests.get(subscriber)
    suppressed = await store.subscriptions.suppressed(found.address) if found.address else None
    return {
        "address": found.address,
        "subscription": {
            "standing": found.standing.value,
            "since": found.since.isoformat(),
            "paused_until": found.paused_until.isoformat() if found.paused_until else None,
            "ended_at": found.ended_at.isoformat() if found.ended_at else None,
            "ended_reason": found.ended_reason.value if found.ended_reason else None,
            "wishes": {
                name: list(v) if isinstance(v, tuple) else v for name, v in asdict(found.wishes).items()
            },
        },
        "what_happened": [
            {
                "step": taken.step.value,
                "at": taken.at.isoformat(),
                "by_way_of": taken.evidence.channel.value,
                "wording": taken.evidence.wording,
                "network": taken.evidence.origin,
            }
            for taken in await store.subscriptions.history(subscriber)
        ],
        "waiting_for_confirmation": None
        if request is None or not request.waits(found) or same_key(request.address) != same_key(found.address)
        else {"address": request.address, "asked_at": request.asked_at.isoformat()},
        "not_done_yet": [
            {"kind": one.asked.kind, "asked_at": one.asked_at.isoformat()}
            for one in await store.arrivals.of(subscriber, found.address)
        ],
        "editions": [
            {
                "day": one.edition.isoformat(),
                "state": one.state.value,
                "at": one.at.isoformat() if one.at else None,
            }
            for one in await store.deliveries.receipts(subscriber, date.min)
        ],
        "other_letters": [
            {"kind": one.kind, "at": one.at.isoformat(), "state": one.state.value}
            for one in await store.letters.of(subscriber)
            if one.kind != ConfirmMove.kind
        ],
        "mail_that_came_back": [
            {"day": day.isoformat(), "verdict": verdict.value}
            for day, verdict in await store.mail.verdicts(subscriber)
        ],
        "never_to_be_written_to": suppressed.why if suppressed else None,
    }
