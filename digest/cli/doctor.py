"""`digest doctor`: checks whether mail of this service will arrive, before it is sent.

What is looked up and tried is done here; `digest/diagnose/` judges what was found.
"""

from __future__ import annotations

import ipaddress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, Exit, complain, say, say_json, waiting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from digest.adapters.config.secrets import Secrets
    from digest.app.composing import Composer
    from digest.deliveries import Message
    from digest.diagnose import Check
    from digest.diagnose.checks import IPAddress
    from digest.settings import Settings
    from digest.store.database import Database
    from digest.subscriptions import Subscription

DNS_PORT: Final = 53


def doctor(  # noqa: PLR0917 - typer's options
    sends_from: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="An IP address that your mail leaves from. Repeatable."),
    ] = None,
    message: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Also check this message of the service, saved (.eml) where it arrived.",
        ),
    ] = None,
    send: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Send a sample edition to this address. Save it and check it with --message.",
        ),
    ] = None,
    resolver: Annotated[
        str | None,
        typer.Option(metavar="HOST[:PORT]", help="Ask this DNS resolver instead of the machine's own."),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Check everything that decides whether mail arrives.

    It checks SPF, DKIM, DMARC, host names, the relay, one-click unsubscribe and the state. It changes
    nothing, and sends a message only with --send. A check without an answer is "not known" and not a failure.
    Exit code 1 if anything is wrong.

    Examples: digest doctor; digest doctor --sends-from 192.0.2.25;
    digest doctor --send me@example.net, then save what arrives: digest doctor --message arrived.eml
    """
    asked = Asked(
        directory=config,
        senders=tuple(_address(one) for one in sends_from or ()),
        resolver=_resolver(resolver) if resolver else None,
        message=message.read_bytes() if message else None,
        send=send,
    )
    found = waiting(_checked(asked))
    if as_json:
        say_json(_plain(found))
    else:
        say("\n".join(_table(found)))
    if _counts(found)["wrong"]:
        raise typer.Exit(Exit.FAILED)


def _address(given: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(given)
    except ValueError:
        complain(f"--sends-from {given}: expected an IP address, such as 192.0.2.25")
        raise typer.Exit(Exit.WRONG) from None


def _resolver(given: str) -> tuple[str, int]:
    """Host and port of "::1", "[::1]:53", "127.0.0.1" or "127.0.0.1:53"."""
    host, port = given, str(DNS_PORT)
    if given.startswith("[") or given.count(":") == 1:
        host, _, port = given.rpartition(":") if not given.endswith("]") else (given, "", port)
    try:
        number = int(port) if port.isascii() and port.isdigit() else 0
        numeric = str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        number, numeric = 0, ""
    if not 0 < number < 65_536:
        complain(f"--resolver {given}: expected an IP address, and a port if it is not 53")
        raise typer.Exit(Exit.WRONG)
    return numeric, number


# -- what is looked up and tried ------------------------------------------------------------------------

NOBODY: Final = 0
"""The subscriber of sample messages. Nobody has this number, so the links in a sample end nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the operator asks for."""

    directory: Path
    senders: tuple[IPAddress, ...] = ()  # the addresses that mail leaves from; empty: not given
    resolver: tuple[str, int] | None = None
    message: bytes | None = None  # a message as it arrived
    send: str | None = None  # where to send a sample


async def _checked(asked: Asked) -> Mapping[str, Sequence[Check]]:
    """Every check by its area, in the order to read them; `ConfigError` if the settings cannot be read."""
    import asyncio

    from digest.adapters.signing import verified
    from digest.app.directory import configured
    from digest.diagnose import dkim

    settings, secrets = configured(asked.directory)
    doctor = _Doctor(asked, settings, secrets)
    areas: dict[str, Awaitable[Sequence[Check]]] = {
        "state": doctor.state(),
        "SPF": doctor.spf(),
        "DKIM": doctor.dkim(),
        "DMARC": doctor.dmarc(),
        "names": doctor.names(),
        "relay": doctor.relay(),
        "one-click": doctor.one_click(),
        "sources": doctor.sources(),
    }
    if asked.message is not None:
        areas["message"] = doctor.follow(dkim.inspect_message(asked.message, verified))
    if asked.send is not None:
        areas["sample"] = doctor.send(asked.send)
    return dict(zip(areas, await asyncio.gather(*areas.values()), strict=True))


class _Doctor:
    """Looks things up and tries them, once each."""

    def __init__(self, asked: Asked, settings: Settings, secrets: Secrets) -> None:
        from digest.adapters.clock import SystemClock
        from digest.adapters.lookups import Lookups

        self._asked = asked
        self._settings = settings
        self._secrets = secrets
        self._clock = SystemClock()
        self.follow = Lookups(asked.resolver).follow
        self._sender = settings.sender.address.rpartition("@")[2].lower()
        self._bounces = settings.sender.bounces.rpartition("@")[2].lower()

    # -- the DNS -----------------------------------------------------------------------------------------

    async def spf(self) -> Sequence[Check]:
        from digest.diagnose import spf

        senders, certain = await self._senders()
        return await self.follow(spf.inspect(self._bounces, senders, certain=certain))

    async def dkim(self) -> Sequence[Check]:
        from digest.adapters.signing import load_key
        from digest.diagnose import dkim

        signs = self._settings.dkim
        if signs is None:
            return dkim.judge_signing_by_relay(message_given=self._asked.message is not None)
        key = load_key(self._asked.directory / signs.key_file)
        return await self.follow(dkim.inspect_key(signs.domain, signs.selector, key.public, key.bits))

    async def dmarc(self) -> Sequence[Check]:
        from digest.diagnose import dmarc

        signs = self._settings.dkim.domain if self._settings.dkim else None
        return await self.follow(dmarc.inspect(self._sender, self._bounces, signs))

    async def names(self) -> Sequence[Check]:
        import asyncio

        from digest.diagnose import hosts

        senders, certain = await self._senders()
        domains = hosts.exchanges(self._settings.sender)
        looks = [self.follow(hosts.inspect_exchanges(domain, why)) for domain, why in domains.items()]
        looks.append(self.follow(hosts.inspect_names(senders, certain=certain)))
        return [check for checks in await asyncio.gather(*looks) for check in checks]

    async def _senders(self) -> tuple[Sequence[IPAddress], bool]:
        """The addresses that mail leaves from, and whether the operator named them."""
        from digest.diagnose import hosts

        if self._asked.senders:
            return self._asked.senders, True
        return await self.follow(hosts.senders(self._settings.relay.host)), False

    # -- the machines ------------------------------------------------------------------------------------

    async def relay(self) -> Sequence[Check]:
        import asyncio

        from digest.adapters.probes import probe_relay
        from digest.app.edges import relay_options
        from digest.diagnose import hosts

        options = relay_options(self._settings, self._secrets)
        found = await asyncio.gather(*map(probe_relay, options))
        return [check for one in found for check in hosts.judge_relay(one, self._clock.now())]

    async def state(self) -> Sequence[Check]:
        from digest.diagnose.state import judge_state
        from digest.errors import StoreError
        from digest.jobs.processes import running_roles
        from digest.roles import Role, lacking
        from digest.store.endings import Differs
        from digest.store.sql import SqlStore

        database, trouble, differs = self._database(), None, None
        missing: tuple[Role, ...] = ()
        others = database.open_to_others()  # opening it makes its files private
        try:
            await database.check()
            differs = await database.differs_from_record()
            applied = await SqlStore(database, seal=self._secrets.seal).configs.all()
            missing = lacking(running_roles(applied, self._clock.now()))
        except StoreError as error:
            trouble = str(error)
        finally:
            await database.dispose()
        record = differs.value if differs in (Differs.CUT, Differs.AHEAD) else None
        return judge_state(self._asked.directory, trouble, others, record, missing)

    async def sources(self) -> Sequence[Check]:
        from digest.app.composing import our_addresses
        from digest.diagnose.sources import Looked, judge_newsletters, judge_sources
        from digest.errors import StoreError
        from digest.jobs.channels import dead_channels, told_of
        from digest.jobs.standings import standings
        from digest.store.sql import SqlStore

        database, settings, now = self._database(), self._settings, self._clock.now()
        ours = our_addresses(settings)
        newsletters = judge_newsletters(
            {id: ours.of_newsletters(id) for id in settings.newsletters_here},
            received=settings.receiving is not None,
        )
        try:
            await database.check()
            store = SqlStore(database, seal=self._secrets.seal)
            found = await standings(settings.sources, store, now, settings.silent_days)
            dead = [told_of(one) for one in await dead_channels(store, now)]
        except StoreError:
            return [*judge_sources(None), *newsletters]
        finally:
            await database.dispose()
        looked = [Looked(id=one.source.id, health=one.health, trouble=one.facts.trouble) for one in found]
        return [*judge_sources(looked, dead), *newsletters]

    def _database(self) -> Database:
        from digest.app.directory import open_database

        return open_database(self._settings, self._secrets, self._asked.directory)

    # -- the message -------------------------------------------------------------------------------------

    async def one_click(self) -> Sequence[Check]:
        import asyncio

        from digest.adapters.probes import probe_page
        from digest.diagnose import one_click
        from digest.diagnose.sample import judge_templates

        try:
            message = self._sample()
        except Exception as error:  # noqa: BLE001 - a template may raise anything
            return [judge_templates(self._asked.directory, error)]
        address = one_click.one_click_address(message.content)
        assert address is not None
        service, link = await asyncio.gather(
            probe_page(str(self._settings.service.url)), self._one_click_link(address)
        )
        return [
            judge_templates(self._asked.directory, None),
            *one_click.judge_headers(message.content),
            *one_click.judge_service(service, self._clock.now()),
            link,
        ]

    async def _one_click_link(self, address: str) -> Check:
        """Open `address`, or the link of the canary if there is one: it must change nothing."""
        from digest.adapters.probes import probe_page
        from digest.diagnose import one_click

        canary = await self._canary()
        if canary is None:
            return one_click.judge_link(await probe_page(address), whose="nobody", still_active=None)
        token = self._composer().tokens(canary.subscriber, canary.generation).one_click
        found = await probe_page(one_click.link_of(address, token))
        still = one_click.still_subscribed(canary, await self._canary())
        return one_click.judge_link(found, whose="the canary", still_active=still)

    async def _canary(self) -> Subscription | None:
        """The active subscription of `operators.canary`; None without one, or without a database."""
        from digest.errors import StoreError
        from digest.store.sql import SqlStore
        from digest.subscriptions import Standing

        address = self._settings.operators.canary
        if address is None:
            return None
        database = self._database()
        try:
            await database.check()
            found = await SqlStore(database, seal=self._secrets.seal).subscriptions.find(address)
        except StoreError:
            return None  # the check of the state reports it
        finally:
            await database.dispose()
        return found if found is not None and found.standing is Standing.ACTIVE else None

    async def send(self, to: str) -> Sequence[Check]:
        """Submit a sample as an edition is submitted, signed here if the settings say so."""
        from digest.app.submitting import submit_now
        from digest.diagnose.sample import judge_sample
        from digest.errors import DigestError

        try:
            answer = await submit_now(self._sample(to), self._settings, self._secrets)
            return [judge_sample(to, answer)]
        except (DigestError, OSError) as error:
            return [judge_sample(to, error)]

    def _sample(self, to: str | None = None) -> Message:
        from digest.diagnose.sample import sample_edition
        from digest.providers import Register
        from digest.subscriptions import Wishes

        composing = self._composer()
        now = self._clock.now()
        edition = sample_edition(self._settings.edition.timetable.day_of(now), now)
        tokens = composing.tokens(NOBODY, 0)
        rendition = composing.render(edition, Wishes(), Register(), now)
        return rendition.copy_for(NOBODY, to or self._settings.sender.address, tokens)

    def _composer(self) -> Composer:
        from digest.app.composing import composer

        return composer(self._settings, self._secrets, self._asked.directory)


# -- what is printed ------------------------------------------------------------------------------------


def _counts(found: Mapping[str, Sequence[Check]]) -> dict[str, int]:
    from digest.diagnose import Outcome

    outcomes = [check.outcome for checks in found.values() for check in checks]
    order = (Outcome.WRONG, Outcome.WARNING, Outcome.UNKNOWN, Outcome.WELL)
    return {outcome.value: outcomes.count(outcome) for outcome in order}


def _plain(found: Mapping[str, Sequence[Check]]) -> dict[str, object]:
    from digest.diagnose.checks import worst

    return {
        "outcome": worst(check for checks in found.values() for check in checks),
        "counts": _counts(found),
        "checks": [{"area": area, **asdict(check)} for area, checks in found.items() for check in checks],
    }


def _table(found: Mapping[str, Sequence[Check]]) -> list[str]:
    """Text lines: the name of each area, then its checks, with what is expected and advised if not well."""
    from digest.diagnose import Outcome

    width = max((len(check.name) for checks in found.values() for check in checks), default=0)
    lines = []
    for area, checks in found.items():
        lines.append(area)
        for check in checks:
            bad = check.outcome is Outcome.WRONG
            outcome = check.outcome.value.upper() if bad else check.outcome.value
            lines.append(f"  {outcome:<9}  {check.name:<{width}}  {check.found}")
            if check.outcome is not Outcome.WELL:
                lines.append(f"{'':<13}expected: {check.expected}")
                lines.append(f"{'':<13}to do: {check.advice}")
    counts = [f"{count} {outcome}" for outcome, count in _counts(found).items() if count]
    return [*lines, "", ", ".join(counts)]
