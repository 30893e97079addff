"""Joining: how people join, change and leave, and how much strangers may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from digest.adapters.config.secrets import Secrets, six_digits
from digest.jobs.operator_alerts import OperatorAlerts
from digest.membership.enrolment import Enrolment
from digest.membership.letters import Writing
from digest.membership.limits import Quotas
from digest.membership.reminders import Reminder
from digest.ports import Clock
from digest.settings import Settings
from digest.store.sql import SqlStore
from digest.tokens import KeyUse, address_seal, text_seal


def enrolment(
    settings: Settings,
    secrets: Secrets,
    store: SqlStore,
    *,
    clock: Clock,
    calls: OperatorAlerts,
    wrote: Callable[[], None] = lambda: None,
) -> Enrolment:
    """How people join, change and leave; `wrote` wakes whoever sends letters, if that is this process."""
    said = settings.subscribing
    return Enrolment(
        store=store,
        clock=clock,
        timetable=settings.edition.timetable,
        quotas=Quotas(
            counts=store.counts,
            seal=text_seal(secrets.derived(KeyUse.COUNTS)),
            alert_operators=calls.once,
            per_address=said.per_address,
            per_network=said.per_network,
            per_day=said.per_day,
        ),
        code=six_digits,
        reference=address_seal(secrets.derived(KeyUse.REFERENCES)),
        wrote=wrote,
        reminds=said.remind,
    )


def reminder(of: Enrolment) -> Reminder:
    """Who reminds those that asked: by the same means and limits."""
    return Reminder(**{field.name: getattr(of, field.name) for field in fields(Writing)})
