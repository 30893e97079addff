"""How people join, change and leave, as the operator's settings have it."""

from __future__ import annotations

from collections.abc import Callable

from digest.adapters.config.secrets import Secrets, six_digits
from digest.jobs.operator_alerts import OperatorAlerts
from digest.membership import Membership, membership
from digest.membership.limits import Limits
from digest.ports import Clock
from digest.settings import Settings
from digest.store.sql import SqlStore
from digest.tokens import KeyUse, address_seal, text_seal


def membership_for(
    settings: Settings,
    secrets: Secrets,
    store: SqlStore,
    *,
    clock: Clock,
    calls: OperatorAlerts,
    letter_written: Callable[[], None] = lambda: None,
) -> Membership:
    """`letter_written` is called after each letter, so that this process sends it at once."""
    subscribing = settings.subscribing
    return membership(
        store=store,
        clock=clock,
        timetable=settings.edition.timetable,
        limits=Limits(
            counts=store.counts,
            seal=text_seal(secrets.derived(KeyUse.COUNTS)),
            alert_operators=calls.send_once,
            per_address=subscribing.per_address,
            per_network=subscribing.per_network,
            per_day=subscribing.per_day,
        ),
        new_code=six_digits,
        reference=address_seal(secrets.derived(KeyUse.REFERENCES)),
        letter_written=letter_written,
        reminds=subscribing.remind,
    )
