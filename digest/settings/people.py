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
    """How many such emails an hour go to one address; twice as many a day."""
    per_week: Annotated[Count, Field(ge=2, le=10)] = 2
    """How many go in a week to an address that nobody has confirmed; one is kept for a link to confirm."""
    per_network: Annotated[Count, Field(ge=1)] = 20
    """Requests an hour from one network (/24 of IPv4, /56 of IPv6); from a /48 four times as many."""
    per_wide_network: Annotated[Count, Field(ge=1)] = 200
    """Requests an hour from a provider's network (/16 of IPv4, /32 of IPv6); twice as many a day."""
    per_day: Annotated[Count, Field(ge=1)] = 2000
    """How many such emails go out in a day: half for the web forms, the rest for the other ways in."""
    remind: Switch = True
    """Whether people who have not confirmed after a day get one reminder."""


Kept = Annotated[Duration, within("1d", "36500d")]
_KEPT = Retention()


class RetentionSettings(Section):
    """How long data is kept; the service prunes it daily, and `digest prune` at once."""

    unconfirmed: Annotated[Duration, within("7d", "36500d", "the link to confirm by is good for 7 days")] = (
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
    newsletters: Annotated[Duration, within("2d", "36500d", "a poll looks back for some days")] = (
        _KEPT.newsletters
    )
    """How long newsletters that came to this service are kept."""
    counts: Annotated[Duration, within("8d", "36500d", "one limit counts over 7 days")] = _KEPT.counts
    """How long the counts that limit requests are kept."""
    evidence: Kept = _KEPT.evidence
    """When the evidence of consent is erased, counted from the end of the subscription."""
    deliveries: Annotated[Duration, within("60d", "36500d")] = _KEPT.deliveries
    """How long the outcome of each delivery is kept; the editions themselves stay."""
    items: Kept = _KEPT.items
    """How long the title and summary of items that were never news are kept; their keys stay."""
    versions: Kept = _KEPT.versions
    """How long what entries and pages said before an edit is kept."""
    parts: Annotated[Duration, within("30d", "36500d", "pages are looked at again for that long")] = (
        _KEPT.parts
    )
    """How long the other pages of a report in parts are kept; the first one stays."""
    shadows: Kept = _KEPT.shadows
    """How long what editions would have told of a source in shadow is kept."""

    @property
    def kept(self) -> Retention:
        return Retention(**dict(self))
