"""Limits on what people we do not know can make us send, so that nobody can flood a mailbox through us.

Counts are kept under keyed hashes, by clock hours: they tell how often, never who.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.addresses import limit_key, networks
from digest.ports import CountStore, Quota

HOURLY_SHARES_A_DAY: Final = 2
"""A mailbox gets this many times its hourly share of letters a day; a wide network likewise of requests."""

WEEK: Final = timedelta(days=7)
"""The time in which a mailbox gets at most `Limits.per_week` letters that nobody has confirmed."""

SITE_SHARES: Final = 4
"""A /48 of IPv6 may ask this many times as often as a /56: it holds an organisation, or many households."""

_DAY: Final = timedelta(hours=23)  # together with the running hour no more than a day
_REST_OF_WEEK: Final = WEEK - timedelta(hours=1)  # likewise


class Share(StrEnum):
    """The ways in which letters are asked for. Each has a share of the day's letters that is its own."""

    WEB = "web"  # the forms that anybody can fill in
    MAIL = "mail"  # messages to us, whose sender anybody can forge
    SUBSCRIBERS = "subscribers"  # pages that only a subscriber's own links open
    INVITATIONS = "invitations"  # operators' imports, and reminders


PERCENT: Final[Mapping[Share, int]] = {
    Share.WEB: 50,
    Share.MAIL: 15,
    Share.SUBSCRIBERS: 15,
    Share.INVITATIONS: 20,
}
"""How large each share is (decision 0024)."""

_ASKED_BY: Final[Mapping[Share, str]] = {
    Share.WEB: "by the forms on our pages",
    Share.MAIL: "by messages to us",
    Share.SUBSCRIBERS: "by subscribers with their own links",
}
"""The shares of which operators are told that they are used up. Imports say it themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one letter, or one request for a letter, counts against, from one instant on."""

    share: Share | None  # None: the request for the letter counted against a share
    day: date
    now: datetime
    quotas: tuple[Quota, ...]  # the first is that of the share, if there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """How much of one share of a day's letters is used."""

    share: Share
    used: int
    most: int
    refused: int  # letters that were asked for when all was used: nobody got them


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits, and the counts that they are compared with."""

    counts: CountStore
    seal: Callable[[str], str]  # the keyed hash of what is counted
    alert_operators: Callable[[str, datetime, str], Awaitable[None]]  # once for a scope since an instant
    per_address: int  # letters an hour to one mailbox
    per_week: int  # letters in seven days to one mailbox that has not agreed to any; at least 2
    per_network: int  # requests an hour from one network
    per_wide_network: int  # requests an hour from a provider's whole network
    per_day: int  # letters in all

    # -- requests --------------------------------------------------------------------------------------

    async def count_request(self, network: str, now: datetime) -> bool:
        """Count one more request from a network; False at its limit. An unknown (empty) network has none."""
        if not network:
            return True
        hour = _hour(now)
        quotas = [
            Quota(scope=self.seal(f"network {one}"), since=hour, most=self._most(one, hour))
            for one in networks(network) or (network,)
        ]
        return await self.counts.count_within(quotas) is None

    def _most(self, network: str, hour: datetime) -> tuple[tuple[datetime, int], ...]:
        """The limits on requests from a network: the wider it is, the more people share it."""
        if network.endswith(("/16", "/32")):
            wide = self.per_wide_network
            return ((hour, wide), (hour - _DAY, HOURLY_SHARES_A_DAY * wide))
        return ((hour, self.per_network * (SITE_SHARES if network.endswith("/48") else 1)),)

    async def count_asked(self, share: Share, day: date, now: datetime) -> bool:
        """Count a request for a letter against a share of the day's letters; False if that is used up.

        It counts whether or not it brings a letter: strangers see when a share is used up, and would else see
        which addresses bring letters.
        """
        return await self.count(self._charge(share, day, now))

    # -- letters ---------------------------------------------------------------------------------------

    def charge(self, address: str, share: Share | None, day: date, now: datetime, *, agreed: bool) -> Charge:
        """What a letter without a link to confirm counts against, whose reader need not have asked for it.

        `share` is that of a letter that nobody asked for by a request of their own. `agreed`: whether the
        reader has confirmed a subscription at this address, which has not ended.
        """
        mailbox = self._often(f"address {limit_key(address)}", now)
        if agreed:
            return self._charge(share, day, now, mailbox)
        # One of the week's letters is left to confirm by: help for two strangers must not keep anybody out.
        others = self._weekly(f"without a confirmation {limit_key(address)}", self.per_week - 1, now)
        return self._charge(share, day, now, mailbox, self._unconfirmed(address, now), others)

    def charge_to_confirm(self, address: str, share: Share | None, day: date, now: datetime) -> Charge:
        """What a letter with a link to confirm a subscription counts against; `share` as in `charge`."""
        mailbox = self._often(f"address {limit_key(address)}", now)
        return self._charge(share, day, now, mailbox, self._unconfirmed(address, now))

    def charge_to_move(self, address: str, day: date, now: datetime) -> Charge:
        """What a letter with a link to confirm a change to this address counts against."""
        mailbox = self._often(f"address {limit_key(address)}", now)
        # Help does not stand in its way, as it may have told the reader how to change. It stops help after it
        # and other changes, so that alone it leaves one letter to join by.
        others = self._weekly(f"without a confirmation {limit_key(address)}", self.per_week, now)
        moves = self._weekly(f"moves to {limit_key(address)}", self.per_week - 1, now)
        quotas = (mailbox, self._unconfirmed(address, now), others, moves)
        return self._charge(None, day, now, *quotas)

    def own_charge(self, subscriber: int, day: date, now: datetime) -> Charge:
        """What a letter to a subscriber counts against that was asked for with their own link.

        Nobody who only knows the address can use this up.
        """
        return self._charge(Share.SUBSCRIBERS, day, now, self._often(f"subscriber {subscriber}", now))

    async def count(self, charge: Charge) -> bool:
        """Count one more letter; False at one of its limits."""
        # All counts or none: what is refused does not count, so impatience locks nobody out for a day.
        refused = await self.counts.count_within(charge.quotas)
        if refused == 0 and charge.share is not None and charge.share in _ASKED_BY:
            await self.counts.add(self.seal(_refused_of(charge.share, charge.day)), _midnight(charge.now))
            await self._tell(charge, charge.share)
        return refused is None

    async def uncount(self, charge: Charge) -> None:
        """Take back what was counted: no letter was written."""
        await self.counts.uncount(charge.quotas)

    async def confirmed(self, address: str, now: datetime) -> None:
        """Forget the count of unconfirmed letters to a mailbox: its owner has confirmed one."""
        await self.counts.forget(self._unconfirmed(address, now).scope)

    async def count_failed_attempt(self, now: datetime) -> None:
        """Write as much as for an attempt at a known address, so that time does not tell which are known."""
        await self.counts.add(self.seal("wasted"), _hour(now))

    async def left(self, share: Share, day: date, now: datetime) -> int:
        """How many letters a share has left on this day."""
        found = {one.share: one for one in await self.shares(day, now)}
        return max(0, found[share].most - found[share].used)

    async def shares(self, day: date, now: datetime) -> list[Used]:
        """How much of each share is used on this day."""
        return await shares_used(self.counts, self.seal, self.per_day, day, now)

    async def used_up(self, share: Share, day: date, now: datetime) -> bool:
        """Whether a share has no letter left on this day. The answer is the same for every address."""
        since = _midnight(now) - timedelta(days=1)
        return await self.counts.total(self.seal(_day_of(share, day)), since) >= _size(share, self.per_day)

    def _charge(self, share: Share | None, day: date, now: datetime, *others: Quota) -> Charge:
        if share is None:
            return Charge(share=None, day=day, now=now, quotas=others)
        midnight = _midnight(now)
        ceiling = ((midnight - timedelta(days=1), _size(share, self.per_day)),)
        own = Quota(scope=self.seal(_day_of(share, day)), since=midnight, most=ceiling)
        return Charge(share=share, day=day, now=now, quotas=(own, *others))

    def _often(self, what: str, now: datetime) -> Quota:
        hour = _hour(now)
        most = ((hour, self.per_address), (hour - _DAY, HOURLY_SHARES_A_DAY * self.per_address))
        return Quota(scope=self.seal(what), since=hour, most=most)

    def _unconfirmed(self, address: str, now: datetime) -> Quota:
        return self._weekly(f"unconfirmed {limit_key(address)}", self.per_week, now)

    def _weekly(self, what: str, most: int, now: datetime) -> Quota:
        hour = _hour(now)
        return Quota(scope=self.seal(what), since=hour, most=((hour - _REST_OF_WEEK, most),))

    async def _tell(self, charge: Charge, share: Share) -> None:
        """Tell operators once a day that a share is used up, with how the letters were asked for."""
        text = (
            f"{_size(share, self.per_day)} letters were asked for today {_ASKED_BY[share]}: "
            f"that is their share of subscribing.per_day ({PERCENT[share]}%). No more are written for "
            "them until midnight; the other ways in work as before. Somebody may be flooding us."
        )
        await self.alert_operators(self.seal(f"told of {charge.day} {share}"), _midnight(charge.now), text)


async def shares_used(
    counts: CountStore, seal: Callable[[str], str], per_day: int, day: date, now: datetime
) -> list[Used]:
    """How much of each share of a day's letters is used; `seal` and `per_day` as in `Limits`."""
    since = _midnight(now) - timedelta(days=1)
    return [
        Used(
            share=one,
            used=await counts.total(seal(_day_of(one, day)), since),
            most=_size(one, per_day),
            refused=await counts.total(seal(_refused_of(one, day)), since),
        )
        for one in Share
    ]


def _size(share: Share, per_day: int) -> int:
    return max(1, per_day * PERCENT[share] // 100)


def _day_of(share: Share, day: date) -> str:
    """What the letters of a share and day are counted under."""
    return f"letters of {day} by {share}"


def _refused_of(share: Share, day: date) -> str:
    """What the letters are counted under that a share had no room for."""
    return f"letters of {day} by {share} that were refused"


def _midnight(now: datetime) -> datetime:
    return _hour(now) - timedelta(hours=now.hour)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
