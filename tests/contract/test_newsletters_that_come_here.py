"""Newsletters that come to an address of this service: kept, read, told once, and pruned."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import KENT, a_provider, a_rating
from feed_cases import BEGIN, Inline, Stage, a_report, stage
from servers.publisher import say
from test_newsletters import RATED, a_letter

from digest.jobs import newsletters
from digest.jobs.newsletters import NewsletterIntake
from digest.jobs.prune import prune
from digest.jobs.receive import fingerprint_of
from digest.ports import Keeping, KeptNewsletter, Mail, NewsletterState, Reception, Rule
from digest.retention import Retention
from digest.source_specs import MailboxSpec
from digest.sources import Authority
from digest.store.newsletters import AT_ONCE
from digest.store.sql import SqlStore

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FORGED = "mx.example.org; dkim=pass header.d=evil.example"


@asynccontextmanager
async def newsroom(
    store: SqlStore, authority: Authority = Authority.OFFICIAL, **facts: object
) -> AsyncIterator[Stage]:
    """A source whose newsletters come here, looked at once while there were none."""
    await store.providers.load([a_provider()], [a_rating("requires improvement")])
    spec = MailboxSpec(
        account=None,
        senders=("inspectorate.example",),
        server="mx.example.org",
        **facts,  # type: ignore[arg-type]
    )
    async with stage("", store, path="/", spec=spec, authority=authority) as made:
        [polling] = await made.poll(BEGIN)
        assert polling.trouble is None
        yield made


async def come(store: SqlStore, made: Stage, content: bytes, source: str = "feed") -> Reception:
    mail = Mail(sent_from="", sent_to=f"news+{source}@digest.example.org", content=content)
    intake = NewsletterIntake(store=store.newsletters, workers=Inline(), clock=made.clock)
    return await intake.take(source, mail, fingerprint_of(mail))


async def states(store: SqlStore) -> list[str]:
    return [str(one.state) for one in await store.newsletters.all()]


async def test_a_newsletter_is_kept_until_the_next_poll_reads_it(store: SqlStore) -> None:
    async with newsroom(store) as made:
        assert await come(store, made, a_letter(words=RATED)) is Reception.TAKEN
        [kept] = await store.newsletters.all("feed")
        assert (kept.state, kept.subject) == (NewsletterState.WAITING, "Our reports of this week")
        assert kept.sender == "News <news@inspectorate.example>"

        await made.poll(BEGIN + HOUR)

        [candidate] = await store.editions.waiting(BEGIN + DAY)
        assert (candidate.provider, candidate.grade) == (KENT, "good")
        assert await states(store) == ["read"]


async def test_reports_that_it_links_to_are_read_as_those_of_a_mailbox(store: SqlStore) -> None:
    async with newsroom(store, links="/reports/") as made:
        made.publisher.routes["/reports/oak"] = say(200, a_report("Oak"), Content_Type="text/html")
        await come(store, made, a_letter((made.publisher.url("/reports/oak"), "Oak was visited")))
        await made.poll(BEGIN + HOUR)

        assert await made.items() == [("Oak was visited", "read")]


async def test_a_newsletter_that_comes_twice_is_told_once(store: SqlStore) -> None:
    async with newsroom(store) as made:
        first = a_letter(words=RATED)
        other_way = b"Received: from another.example\r\n" + first
        for content in (first, first, other_way):
            assert await come(store, made, content) is Reception.TAKEN
        await made.poll(BEGIN + HOUR)
        assert await come(store, made, b"X: 1\r\n" + first) is Reception.TAKEN
        await made.poll(BEGIN + 2 * HOUR)

        assert len(await made.items()) == 1
        assert await states(store) == ["read", "read"]  # the second may have been the true one


async def test_a_forged_message_is_not_read_and_keeps_no_true_one_of_its_name_away(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with newsroom(store) as made:
        await come(store, made, a_letter(words=RATED.replace("Good", "Inadequate"), results=FORGED))
        await made.poll(BEGIN + HOUR)
        await made.poll(BEGIN + 2 * HOUR)
        assert await made.items() == []
        assert [r.message for r in caplog.records if r.levelno >= logging.WARNING] == [
            "a newsletter is not believed"
        ]
        [forged] = await store.newsletters.all()
        assert forged.why == "mx.example.org does not vouch for its From field"
        assert await store.newsletters.not_read_count() == 1

        await come(store, made, a_letter(words=RATED))
        await made.poll(BEGIN + 3 * HOUR)
        [candidate] = await store.editions.waiting(BEGIN + DAY)
        assert candidate.grade == "good"
        assert await states(store) == ["not believed", "read"]


async def test_a_forged_message_to_a_blogs_address_is_not_read_either(store: SqlStore) -> None:
    async with newsroom(store, Authority.BLOG) as made:
        await come(store, made, a_letter(words=RATED, results=FORGED))
        await made.poll(BEGIN + HOUR)

        assert await made.items() == []
        assert await states(store) == ["not believed"]


async def test_a_message_that_asks_to_confirm_the_subscription_is_no_news_and_nothing_in_it_is_followed(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with newsroom(store, links="/reports/", tracking="//localhost[:/]") as made:
        link = made.publisher.url("/confirm/7", host="localhost")
        await come(store, made, a_letter((link, "Confirm your subscription"), subject="Please answer"))
        await made.poll(BEGIN + HOUR)

        assert await made.items() == []
        assert made.asked_for("/confirm/7") == []
        assert await states(store) == ["to confirm"]
        assert caplog.text.count("a newsletter asks you to confirm its subscription") == 1


async def test_a_process_that_ended_before_items_were_stored_leaves_no_newsletter_out(
    store: SqlStore,
) -> None:
    async with newsroom(store) as made:
        await come(store, made, a_letter(words=RATED))
        [kept] = await store.newsletters.all()
        await store.newsletters.settle(kept.fingerprint, NewsletterState.READ)
        await made.poll(BEGIN + HOUR)

        assert len(await made.items()) == 1


async def test_what_waits_is_read_first_and_a_look_is_bounded(store: SqlStore) -> None:
    for n in range(AT_ONCE + 5):
        await store.newsletters.keep(a_newsletter(n), 100)
        if n:
            await store.newsletters.settle(f"f{n}", NewsletterState.READ)
    look = await store.newsletters.look("feed", since=BEGIN, known=["f29"])
    given = [name for name, _ in look.new]
    assert look.names == tuple(f"f{n}" for n in range(AT_ONCE + 5))
    assert given == ["f0", *(f"f{n}" for n in range(5, 29))]
    assert (await store.newsletters.look("feed", since=BEGIN + HOUR, known=())).names == ()


async def test_only_so_many_are_kept_and_none_that_waits_gives_way(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(newsletters, "MOST", 3)
    async with newsroom(store) as made:
        letters = [a_letter(id=str(n)) for n in range(3)]
        letters[1] = a_letter(id="1", results=FORGED)
        for letter in letters:
            assert await come(store, made, letter) is Reception.TAKEN
        assert await come(store, made, a_letter(id="4")) is Reception.LATER
        assert await come(store, made, a_letter(id="4"), source="another") is Reception.TAKEN
        assert "too many newsletters of a source wait" in caplog.text

        await made.poll(BEGIN + HOUR)
        assert await come(store, made, a_letter(id="4")) is Reception.TAKEN
        assert await states(store) == ["read", "read", "waiting", "waiting"]  # the forged one gave way
        assert await come(store, made, a_letter(id="5")) is Reception.TAKEN
        assert await states(store) == ["read", "waiting", "waiting", "waiting"]


async def test_newsletters_are_pruned_dropped_and_go_along_with_their_source(store: SqlStore) -> None:
    async with newsroom(store) as made:
        for n in range(3):
            await store.newsletters.keep(a_newsletter(n, at=BEGIN + n * DAY), 100)
        assert await store.newsletters.drop("f2")
        assert not await store.newsletters.drop("f2")
        assert await store.newsletters.content("f2") == b""

        kept_for = replace(Retention(), newsletters=timedelta(days=10))
        done = await prune(kept_for, store=store.pruning, now=BEGIN + timedelta(days=10, hours=1))
        assert done[Rule.NEWSLETTERS] == 1

        await store.histories.move("feed", "elsewhere", made.clock.now())
        assert [one.fingerprint for one in await store.newsletters.all("elsewhere")] == ["f1"]
        await store.histories.forget("elsewhere", made.clock.now())
        assert await store.newsletters.all() == []


async def test_the_same_octets_are_kept_once(store: SqlStore) -> None:
    assert await store.newsletters.keep(a_newsletter(1), 100) is Keeping.KEPT
    assert await store.newsletters.keep(a_newsletter(1), 100) is Keeping.KNOWN
    assert await store.newsletters.content("f1") == b"content 1"


def a_newsletter(n: int, at: datetime = BEGIN) -> KeptNewsletter:
    return KeptNewsletter(
        source="feed",
        at=at,
        named=f"n{n}",
        fingerprint=f"f{n}",
        sender="News <news@inspectorate.example>",
        subject=f"Number {n}",
        octets=9,
        content=f"content {n}".encode(),
    )
