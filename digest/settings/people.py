"""People: how much strangers may ask of us, and for how long we keep what we know of anybody."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from digest.retention import Retention
from digest.settings.connection import Section
from digest.settings.types import Count, Duration, Switch, within


class SubscribingSettings(Section):
    """How much strangers may ask of us: nobody is to fill others' mailboxes through our forms."""

    per_address: Annotated[Count, Field(ge=1, le=100)] = 4
    """How many letters an hour to one address that nobody has confirmed; twice as many a day."""
    per_network: Annotated[Count, Field(ge=1)] = 20
    """How many requests an hour from one network (/24 of IPv4, /48 of IPv6)."""
    per_day: Annotated[Count, Field(ge=1)] = 2000
    """How many such letters a day in all; at the last of them operators are called, and joining stops."""
    remind: Switch = True
    """Whether who has not confirmed after a day is reminded, once."""


Kept = Annotated[Duration, within("1d", "36500d")]
_KEPT = Retention()


class RetentionSettings(Section):
    """For how long what we keep of people is kept; `digest prune` and the service itself see to it daily."""

    unconfirmed: Annotated[Duration, within("3d", "36500d", "the link to confirm by is good for 3 days")] = (
        _KEPT.unconfirmed
    )
    """After it was last asked for: a subscription that was never confirmed ends. Not before its link does."""
    ended: Kept = _KEPT.ended
    """After a subscription ended: its address is erased, wherever it stands."""
    letters: Kept = _KEPT.letters
    """After a letter to one person was sent or given up: its address and content are erased."""
    answers: Kept = _KEPT.answers
    """What relays and returned reports said of a delivery, in words; the codes stay."""
    parked: Kept = _KEPT.parked
    """Received mail that could not be dealt with."""
    counts: Kept = _KEPT.counts
    """Counts by which requests are limited."""
    evidence: Kept = _KEPT.evidence
    """After a subscription ended: the words and the network that show that it was wanted."""
    deliveries: Annotated[Duration, within("60d", "36500d")] = _KEPT.deliveries
    """What became of each delivery; the editions themselves stay."""
    items: Kept = _KEPT.items
    """Title and summary of what was old news when a source was first seen; its keys stay."""

    @property
    def kept(self) -> Retention:
        return Retention(**dict(self))
