"""Settings about people: limits on requests from strangers, and how long personal data is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from digest.retention import Retention
from digest.settings.connection import Section
from digest.settings.types import Count, Duration, Switch, within


class SubscribingSettings(Section):
    """Limits on requests from strangers, so that nobody can flood other people's mailboxes by our forms."""

    per_address: Annotated[Count, Field(ge=1, le=100)] = 4
    """How many emails an hour go to one unconfirmed address; twice as many a day."""
    per_network: Annotated[Count, Field(ge=1)] = 20
    """How many requests an hour from one network (/24 of IPv4, /48 of IPv6)."""
    per_day: Annotated[Count, Field(ge=1)] = 2000
    """How many such emails go out in a day; at this number joining stops and operators are called."""
    remind: Switch = True
    """Whether people who have not confirmed after a day get one reminder."""


Kept = Annotated[Duration, within("1d", "36500d")]
_KEPT = Retention()


class RetentionSettings(Section):
    """How long personal data is kept; the service prunes it daily, and `digest prune` at once."""

    unconfirmed: Annotated[Duration, within("3d", "36500d", "the link to confirm by is good for 3 days")] = (
        _KEPT.unconfirmed
    )
    """When a subscription that was never confirmed ends, counted from its last request."""
    ended: Kept = _KEPT.ended
    """When the address is erased everywhere, counted from the end of the subscription."""
    letters: Kept = _KEPT.letters
    """When the address and content of an email to one person are erased, after it was sent or given up."""
    answers: Kept = _KEPT.answers
    """How long the words of mail servers about a delivery are kept; their codes stay."""
    parked: Kept = _KEPT.parked
    """How long received mail that could not be handled is kept."""
    counts: Kept = _KEPT.counts
    """How long the counts that limit requests are kept."""
    evidence: Kept = _KEPT.evidence
    """When the evidence of consent is erased, counted from the end of the subscription."""
    deliveries: Annotated[Duration, within("60d", "36500d")] = _KEPT.deliveries
    """How long the outcome of each delivery is kept; the editions themselves stay."""
    items: Kept = _KEPT.items
    """How long the title and summary of items that were never news are kept; their keys stay."""

    @property
    def kept(self) -> Retention:
        return Retention(**dict(self))
