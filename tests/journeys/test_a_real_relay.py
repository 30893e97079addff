"""The service beside a real Postfix: what it hands over arrives intact, and what comes back finds its way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from journey_place import SUBSCRIBERS, Place
from servers import postfix
from servers.certificates import Authority
from servers.ports import free_port
from servers.postfix import Postfix
from servers.smtp import SmtpServer
from servers.wanted import skipped
from test_calendar import at, live, started

from digest.app.composing import composer
from digest.app.directory import configured
from digest.app.service import Service
from digest.deliveries import State
from digest.subscriptions import Wishes
from digest.tokens import read_return_path

DAY = date(2020, 3, 3)
BOUNCES = "bounces@digest.example.org"
MISSING = skipped("postfix", postfix.missing())

pytestmark = [
    pytest.mark.skipif(MISSING is not None, reason=MISSING or ""),
    pytest.mark.parametrize("kind", ["sqlite"], indirect=True),
]


def through(place: Place, relay: Postfix | SmtpServer, more: str = "") -> None:
    """Let the place's messages go to another relay."""
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^  port: .*?(?= #|$)", f"  port: {relay.port}", text, count=1)
    config.write_text(text.replace("relay:", f"relay:{more}", 1), encoding="utf-8")


async def noon(place: Place) -> None:
    await place.file(1, at(DAY, "09:00"))
    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "14:00"))


async def states(place: Place, *addresses: str) -> list[State | None]:
    async with place.opened() as store:
        found = [await store.subscriptions.find(address) for address in addresses]
        return [await store.deliveries.state(DAY, one.subscriber) if one else None for one in found]


async def subscribe(place: Place, address: str) -> int:
    async with place.opened() as store:
        added = await store.subscriptions.add(address, Wishes(), at(date(2020, 1, 1), "12:00"))
        return added.subscriber


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize(
    "settings",
    [{}, {"smtpd_discard_ehlo_keywords": "pipelining"}],
    ids=["pipelining", "one by one"],
)
async def test_every_copy_arrives_once_and_intact(place: Place, settings: Mapping[str, str]) -> None:
    """What lies under Postfix's own trace is what was composed for the subscriber, to the octet."""
    async with postfix.running(people=[*SUBSCRIBERS, BOUNCES], settings=settings) as relay:
        through(place, relay)
        await place.file(1, at(DAY, "09:00"))
        async with started(place, at(DAY, "11:45")) as (it, clock):
            await live(it, clock, at(DAY, "14:00"))
            arrived = {address: await relay.until(address.partition("@")[0]) for address in SUBSCRIBERS}
            composed = {address: await own_copy(it, address) for address in SUBSCRIBERS}

    for address in SUBSCRIBERS:
        [copy] = arrived[address]
        trace, _, content = copy.partition(b"\nFrom: ")
        assert trace.startswith(b"Return-Path: <bounces+")
        assert b"\nReceived: from" in trace
        assert b"From: " + content == composed[address].replace(b"\r\n", b"\n")
    assert await states(place, *SUBSCRIBERS) == [State.ACCEPTED] * 3


async def own_copy(it: Service, address: str) -> bytes:
    """What the service composes for a subscriber."""
    hand = await it.store.editions.in_hand(DAY)
    subscription = await it.store.subscriptions.find(address)
    assert hand.edition is not None
    assert hand.closed_at is not None
    assert subscription is not None
    register = await it.store.providers.register()
    tokens = it.deliverer.tokens(subscription.subscriber, subscription.generation)
    rendition = it.deliverer.render(hand.edition, Wishes(), register, hand.closed_at)
    return rendition.copy_for(subscription.subscriber, address, tokens).content


async def test_what_a_relay_cannot_deliver_comes_back_to_the_deliverys_own_return_path(place: Place) -> None:
    """Taken by the relay, refused by the next; the report names its delivery by where it goes."""
    subscriber = await subscribe(place, "gone@example.net")
    place.server.answers["gone@example.net"] = "550 5.1.1 nobody of that name"
    elsewhere = {"example.net": f"smtp:[{place.server.host}]:{place.server.port}"}
    async with postfix.running(people=[*SUBSCRIBERS, BOUNCES], elsewhere=elsewhere) as relay:
        through(place, relay)
        await noon(place)
        [content] = await relay.until("bounces")
    report = parsed(content)
    settings, secrets = configured(place.config)
    key = composer(settings, secrets, place.config).key

    assert report["Return-Path"] == "<>"
    assert report.get_content_type() == "multipart/report"
    assert read_return_path(report["X-Original-To"].partition("@")[0], key) == (DAY, subscriber)
    assert await states(place, "gone@example.net") == [State.ACCEPTED]


async def test_one_whom_the_relay_does_not_know_is_refused_and_nobody_else_is_kept_waiting(
    place: Place,
) -> None:
    """One refusal in a batch, with the commands for the next copy already behind it."""
    await subscribe(place, "nobody@example.org")
    async with postfix.running(people=[*SUBSCRIBERS, BOUNCES]) as relay:
        through(place, relay)
        await noon(place)
        for address in SUBSCRIBERS:
            assert len(await relay.until(address.partition("@")[0])) == 1

    assert await states(place, "nobody@example.org", *SUBSCRIBERS) == [State.REFUSED, *[State.ACCEPTED] * 3]


async def test_it_is_spoken_to_under_tls_where_that_is_set(place: Place, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    tls = {
        "smtpd_tls_security_level": "encrypt",
        "smtpd_tls_chain_files": str(authority.server_file),
    }
    async with postfix.running(people=[*SUBSCRIBERS, BOUNCES], settings=tls) as relay:
        through(place, relay, f"\n  ca_file: {authority.ca_file}")
        config = place.config / "digest.yaml"
        config.write_text(config.read_text().replace("tls: none", "tls: starttls"))
        await noon(place)
        copies = await relay.until("ada")

    assert len(copies) == 1
    assert b"ESMTPS" in copies[0]


async def test_a_relay_that_restarts_costs_nobody_a_copy_and_gives_nobody_two(place: Place) -> None:
    """Noon finds no relay, and puts nobody off but the first it tried; the next look finds it again."""
    free = free_port()
    config = place.config / "digest.yaml"
    config.write_text(re.sub(r"(?m)^  port: \d+", f"  port: {free}", config.read_text(), count=1))
    await place.file(1, at(DAY, "09:00"))
    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:01"))
    assert await states(place, *SUBSCRIBERS) == [State.DEFERRED, State.PLANNED, State.PLANNED]

    async with postfix.running(people=[*SUBSCRIBERS, BOUNCES]) as relay:
        through(place, relay)
        async with started(place, at(DAY, "12:10")) as (it, clock):
            await live(it, clock, at(DAY, "14:00"))
        for address in SUBSCRIBERS:
            assert len(await relay.until(address.partition("@")[0])) == 1
    assert await states(place, *SUBSCRIBERS) == [State.ACCEPTED] * 3
