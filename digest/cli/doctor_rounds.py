"""The doctor's rounds: everything that is looked up, dialled and composed, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from digest.adapters.clock import SystemClock
from digest.adapters.config.secrets import Secrets
from digest.adapters.lookups import Lookups
from digest.adapters.probes import probe_page, probe_relay
from digest.adapters.signing import load_key, verified
from digest.adapters.smtp.connect import RelayOptions
from digest.adapters.smtp.relay import SmtpRelay
from digest.app.composing import Composer, composer
from digest.app.directory import configured, open_database
from digest.app.edges import relay_options, signer
from digest.compose import wire_ready
from digest.deliveries import Event, Message
from digest.diagnose import Check, Found, Kind, Question, dkim, dmarc, hosts, one_click, spf
from digest.diagnose.checks import IPAddress, unknown, well, wrong
from digest.errors import DigestError, StoreError
from digest.providers import Register
from digest.settings import Settings
from digest.settings.types import loopback
from digest.store.sql import SqlStore
from digest.subscriptions import Standing, Subscription, Wishes

NOBODY: Final = 0
"""The subscriber of sample messages: there is none of this number, so that their links end nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the operator asked for."""

    directory: Path
    senders: tuple[IPAddress, ...] = ()  # where mail leaves from, as the operator says
    resolver: tuple[str, int] | None = None
    message: bytes | None = None  # as it arrived somewhere
    send: str | None = None  # where to send a sample


async def rounds(visit: Visit) -> Mapping[str, Sequence[Check]]:
    """Every check by its area, in the order to read them; `ConfigError` for files that are no config."""
    settings, secrets = configured(visit.directory)
    doctor = _Doctor(visit, settings, secrets)
    areas: dict[str, Awaitable[Sequence[Check]]] = {
        "state": doctor.state(),
        "SPF": doctor.spf(),
        "DKIM": doctor.dkim(),
        "DMARC": doctor.dmarc(),
        "names": doctor.names(),
        "relay": doctor.relay(),
        "one-click": doctor.one_click(),
    }
    if visit.message is not None:
        areas["message"] = doctor.follow(dkim.inspect_message(visit.message, verified))
    if visit.send is not None:
        areas["sample"] = doctor.send(visit.send)
    return dict(zip(areas, await asyncio.gather(*areas.values()), strict=True))


class _Doctor:
    """One visit."""

    def __init__(self, visit: Visit, settings: Settings, secrets: Secrets) -> None:
        self._visit = visit
        self._settings = settings
        self._secrets = secrets
        self._clock = SystemClock()
        self._lookups = Lookups(visit.resolver)
        self.follow = self._lookups.follow
        self._sender = settings.sender.address.rpartition("@")[2].lower()
        self._bounces = settings.sender.bounces.rpartition("@")[2].lower()

    # -- the DNS -----------------------------------------------------------------------------------------

    async def spf(self) -> Sequence[Check]:
        senders, certain = await self._senders()
        return await self.follow(spf.inspect(self._bounces, senders, certain=certain))

    async def dkim(self) -> Sequence[Check]:
        said = self._settings.dkim
        if said is None:
            found = "signing is left to the relay, so it cannot be seen from here"
            expected = "a signature that aligns with From and covers both List-Unsubscribe headers"
            advice = "digest doctor --send ADDRESS, save what arrives, digest doctor --message FILE"
            return [] if self._visit.message is not None else [unknown("DKIM", found, expected, advice)]
        key = load_key(self._visit.directory / said.key_file)
        return await self.follow(dkim.inspect_key(said.domain, said.selector, key.public, key.bits))

    async def dmarc(self) -> Sequence[Check]:
        signs = self._settings.dkim.domain if self._settings.dkim else None
        return await self.follow(dmarc.inspect(self._sender, self._bounces, signs))

    async def names(self) -> Sequence[Check]:
        sender = self._settings.sender
        purposes = {self._bounces: "mail that comes back", self._sender: "answers"}
        if sender.reply_to is not None:
            purposes[sender.reply_to.rpartition("@")[2].lower()] = "answers, and leaving by mail"
        senders, certain = await self._senders()
        asked = [self.follow(hosts.inspect_exchanges(domain, why)) for domain, why in purposes.items()]
        asked.append(self.follow(hosts.inspect_names(senders, certain=certain)))
        return [check for checks in await asyncio.gather(*asked) for check in checks]

    async def _senders(self) -> tuple[Sequence[IPAddress], bool]:
        """Where mail leaves from, and whether somebody said so; else the relay's own addresses."""
        host = self._settings.relay.host
        if self._visit.senders:
            return self._visit.senders, True
        if loopback(host):
            return (), False
        try:
            return (ip_address(host),), False
        except ValueError:
            kinds = (Kind.A, Kind.AAAA)
            answers = [await self._lookups.ask(Question(name=host.lower(), kind=kind)) for kind in kinds]
            values = [value for answer in answers if isinstance(answer, Found) for value in answer.values]
            return tuple(ip_address(value) for value in values), False

    # -- the machines ------------------------------------------------------------------------------------

    async def relay(self) -> Sequence[Check]:
        found = await asyncio.gather(*(probe_relay(options) for options in self._relays()))
        return [check for one in found for check in hosts.judge_relay(one, self._clock.now())]

    def _relays(self) -> list[RelayOptions]:
        return relay_options(self._settings, self._secrets)

    async def state(self) -> Sequence[Check]:
        files = well("files", f"{self._visit.directory} is sound")
        database = open_database(self._settings, self._secrets, self._visit.directory)
        try:
            await database.check()
        except StoreError as error:
            advice = "digest init for a new service; digest restore for one that was; or correct store.url"
            return [files, wrong("database", str(error), "a state of ours", advice)]
        finally:
            await database.dispose()
        return [files, well("database", "it is there, and of this version")]

    # -- the message -------------------------------------------------------------------------------------

    async def one_click(self) -> Sequence[Check]:
        try:
            message = self._sample()
        except Exception as error:  # noqa: BLE001 - whatever a template does is told, not raised
            advice = f"correct what is in {self._visit.directory / 'templates'}, or take it away"
            return [
                wrong("templates", f"{type(error).__name__}: {error}", "an edition can be composed", advice)
            ]
        checks = [
            well("templates", "a sample edition was composed"),
            *one_click.judge_headers(message.content),
        ]
        service, link = await asyncio.gather(
            probe_page(str(self._settings.service.url)),
            self._link(one_click.one_click_address(message.content)),
        )
        return [*checks, *one_click.judge_service(service, self._clock.now()), link]

    def _sample(self, to: str | None = None) -> Message:
        composing = self._composer()
        now = self._clock.now()
        edition = one_click.sample_edition(self._settings.edition.timetable.day_of(now), now)
        rendition = composing.render(edition, Wishes(), Register())
        tokens = composing.tokens(NOBODY, 0)
        return rendition.copy_for(NOBODY, to or self._settings.sender.address, tokens)

    def _composer(self) -> Composer:
        return composer(self._settings, self._secrets, self._visit.directory, self._clock)

    async def _link(self, nobodys: str | None) -> Check:
        """GET the canary's own link, if there is a canary, and see whether it is still subscribed."""
        assert nobodys is not None
        canary = await self._canary()
        if canary is None:
            return one_click.judge_link(await probe_page(nobodys), whose="nobody", still_active=None)
        tokens = self._composer().tokens(canary.subscriber, canary.generation)
        own = nobodys.rpartition("/")[0] + "/" + tokens.one_click
        found = await probe_page(own)
        after = await self._canary()
        still = after is not None and after.generation == canary.generation
        return one_click.judge_link(found, whose="the canary", still_active=still)

    async def _canary(self) -> Subscription | None:
        """The active subscription of `operators.canary`."""
        address = self._settings.operators.canary
        if address is None:
            return None
        database = open_database(self._settings, self._secrets, self._visit.directory)
        try:
            await database.check()
            found = await SqlStore(database, seal=self._secrets.seal).subscriptions.find(address)
        except StoreError:
            return None  # told where the state is looked at
        finally:
            await database.dispose()
        return found if found is not None and found.standing is Standing.ACTIVE else None

    async def send(self, to: str) -> Sequence[Check]:
        """Submit a sample as an edition is submitted, signed here if that is how it is done."""
        name, expected = "sample", "the relay takes it"
        try:
            message = self._sample(to)
            wire = message.wire
            if (signing := signer(self._settings)) is not None:
                async with signing:
                    wire = wire_ready(await signing.sign(message.content))
            async with SmtpRelay(self._relays()).session() as session:
                answer = await session.offer(message.envelope, len(wire))
                if answer.event is Event.BEGUN:
                    answer = await session.hand_over(wire)
        except (DigestError, OSError) as error:
            return [wrong(name, str(error), expected, "see the checks above")]
        said = f"{answer.code or ''} {answer.text}".strip()
        if answer.event is not Event.TAKEN:
            return [wrong(name, said, expected, "see the checks of the relay")]
        next_step = "save what arrives as a file, and: digest doctor --message FILE"
        return [well(name, f"taken for {to} ({said}); {next_step}")]
