"""Newsletters as a source: the reports that they link to, or each message, if our server vouches for it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from builders import KENT, a_provider, a_rating
from feed_cases import BEGIN, Inline, Stage, a_report, stage
from mailed import mail_of
from servers import imap
from servers.publisher import say

from digest.errors import OverrunError
from digest.source_specs import MailAccount, MailboxSpec
from digest.store.sql import SqlStore

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECRET = "DIGEST_SOURCE_NEWS"
PASSED = "mx.example.org; dkim=pass header.d=inspectorate.example; spf=none"


def a_letter(
    *links: tuple[str, str],
    id: str = "1",
    words: str = "<p>What we published this week.</p>",
    sender: str = "News <news@inspectorate.example>",
    results: str | None = PASSED,
    subject: str = "Our reports of this week",
) -> bytes:
    """A newsletter, as the mail server of the operators has put it into the mailbox."""
    mail = EmailMessage(policy=SMTP)
    if results is not None:
        mail["Authentication-Results"] = results
    mail["From"], mail["To"], mail["Subject"] = sender, "digest@example.org", subject
    mail["Date"], mail["Message-ID"] = BEGIN, f"<{id}@inspectorate.example>"
    shown = "".join(f'<p><a href="{url}">{said}</a></p>' for url, said in links)
    mail.set_content("Please read this with HTML.")
    mail.add_alternative(f"<html><body>{words}{shown}</body></html>", subtype="html")
    return mail.as_bytes()


@asynccontextmanager
async def newsletters(store: SqlStore, **facts: object) -> AsyncIterator[tuple[Stage, imap.Mailbox]]:
    """A mailbox that was empty when its source was first looked at, and a publisher with one report."""
    await store.providers.load([a_provider()], [a_rating("requires improvement")])
    usual = {"links": "/reports/", "tracking": "//localhost[:/]"} | facts
    async with imap.running() as mailbox:
        spec = MailboxSpec(
            account=MailAccount(
                host="127.0.0.1", port=mailbox.port, tls="none", username="digest", password=SECRET
            ),
            senders=("inspectorate.example",),
            server="mx.example.org",
            **usual,  # type: ignore[arg-type]
        )
        name = "HM Inspectorate of Probation"
        async with stage("", store, path="/", spec=spec, name=name, keys={SECRET: "secret"}) as made:
            made.publisher.routes["/reports/oak"] = say(200, a_report("Oak"), Content_Type="text/html")
            made.publisher.routes["/reports/ash"] = say(200, a_report("Ash"), Content_Type="text/html")
            [polling] = await made.poll(BEGIN)
            assert polling.trouble is None
            yield made, mailbox


async def test_reports_that_a_newsletter_links_to_are_read_with_the_words_of_their_links(
    store: SqlStore,
) -> None:
    async with newsletters(store) as (made, mailbox):
        url = made.publisher.url
        mailbox.messages[7] = a_letter(
            (url("/reports/oak"), "Oak was visited"),
            (url("/about"), "About us"),
            ("https://elsewhere.example/reports/elm", "Elm"),
        )
        await made.poll(BEGIN + HOUR)
        await made.poll(BEGIN + 2 * HOUR)

        assert await made.items() == [("Oak was visited", "read")]
        assert made.asked_for("/about") == []
        assert mailbox.moved == []


async def test_a_tracking_link_is_followed_to_the_report_and_one_that_unsubscribes_is_not(
    store: SqlStore,
) -> None:
    async with newsletters(store) as (made, mailbox):
        away, home = "localhost", made.publisher.url
        made.publisher.routes |= {
            "/c/1": say(302, Location=home("/reports/oak")),
            "/c/2": say(302, Location="http://elsewhere.example/reports/elm"),
        }
        mailbox.messages[7] = a_letter(
            (home("/c/1", host=away), "Oak was visited"),
            (home("/c/3", host=away), "Unsubscribe"),
            (home("/unsubscribe/9", host=away), "Elm"),
        )
        await made.poll(BEGIN + HOUR)

        assert await made.items() == [("Oak was visited", "read")]
        assert made.asked_for("/c/3") == made.asked_for("/unsubscribe/9") == []


async def test_a_tracking_link_that_does_not_answer_is_followed_at_the_next_look(store: SqlStore) -> None:
    async with newsletters(store) as (made, mailbox):
        mailbox.messages[7] = a_letter((made.publisher.url("/c/1", host="localhost"), "Oak was visited"))
        made.publisher.routes["/c/1"] = say(503)
        await made.poll(BEGIN + HOUR)
        assert await made.items() == []

        made.publisher.routes["/c/1"] = say(302, Location=made.publisher.url("/reports/oak"))
        await made.poll(BEGIN + 2 * HOUR)
        assert await made.items() == [("Oak was visited", "read")]


RATED = "<p>HM Inspectorate of Probation has rated Kent PDU as Good. Leaders act on what they learn.</p>"


async def test_a_newsletter_may_be_a_report_itself(store: SqlStore) -> None:
    async with newsletters(store, links=None) as (made, mailbox):
        mailbox.messages[7] = a_letter(words=RATED, subject="Kent PDU rated Good")
        await made.poll(BEGIN + HOUR)

        [candidate] = await store.editions.waiting(BEGIN + DAY)
        assert (candidate.provider, candidate.grade) == (KENT, "good")
        assert candidate.link == made.publisher.url("/")


async def test_a_forged_message_moves_no_rating_and_is_named_once(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with newsletters(store, links=None) as (made, mailbox):
        mailbox.messages[7] = a_letter(words=RATED, results="mx.example.org; dkim=pass header.d=evil.example")
        await made.poll(BEGIN + HOUR)
        await made.poll(BEGIN + 2 * HOUR)

        assert await made.items() == []
        assert [r.message for r in caplog.records if r.levelno >= logging.WARNING] == [
            "a newsletter is not believed"
        ]
        assert "evil" not in caplog.text


async def test_renumbered_doubled_and_moved_messages_bring_nothing_twice(store: SqlStore) -> None:
    async with newsletters(store, links=None) as (made, mailbox):
        mailbox.messages |= {7: a_letter(words=RATED), 9: a_letter(words="<p>Other news.</p>", id="2")}
        await made.poll(BEGIN + HOUR)
        before = await made.items()
        assert await made.mail() == mail_of("newsletter")
        mailbox.messages[12] = mailbox.messages.pop(7)
        mailbox.messages[13] = mailbox.messages[9]
        await made.poll(BEGIN + 2 * HOUR)
        mailbox.renumber()
        await made.poll(BEGIN + DAY)

        assert len(before) == 2
        assert await made.items() == before
        assert await made.mail() is None


async def test_a_message_that_takes_its_worker_down_is_that_messages_trouble(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    class Frail(Inline):
        async def run(self, function, *args, **kwargs):  # type: ignore[no-untyped-def]
            if args and isinstance(args[0], bytes) and b"poison" in args[0]:
                raise OverrunError("it took its process down")
            return function(*args, **kwargs)

    async with newsletters(store, links=None) as (made, mailbox):
        listers = dict(made.poller.listers)
        kind = MailboxSpec.kind
        listers[kind] = replace(listers[kind], workers=Frail())  # type: ignore[type-var]
        made.poller = replace(made.poller, listers=listers)
        mailbox.messages |= {7: a_letter(words="<p>poison</p>", id="2"), 8: a_letter(words=RATED)}
        [polling] = await made.poll(BEGIN + HOUR)
        await made.poll(BEGIN + 2 * HOUR)

        assert polling.trouble is None
        assert len(await made.items()) == 1
        assert caplog.text.count("a newsletter cannot be read") == 1


async def test_a_message_that_the_server_does_not_give_stops_no_other(store: SqlStore) -> None:
    async with newsletters(store, links=None) as (made, mailbox):
        mailbox.messages |= {7: a_letter(words=RATED), 8: a_letter(id="2"), 9: a_letter(id="3")}
        mailbox.refuses_fetch.add(9)
        mailbox.drops_in_fetch.add(8)
        await made.poll(BEGIN + HOUR)
        await made.poll(BEGIN + 2 * HOUR)
        assert len(await made.items()) == 2

        mailbox.refuses_fetch.clear()
        await made.poll(BEGIN + 3 * HOUR)
        assert len(await made.items()) == 3
