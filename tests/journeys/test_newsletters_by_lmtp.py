"""A newsletter comes to an address of the service over LMTP, and is told in the day's edition."""

from __future__ import annotations

import json
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from journey_place import Place
from receiving import receives, receiving
from servers.ports import free_port
from test_calendar import at, live
from test_mail_comes_in import hand_over

from digest.adapters.lmtp import LmtpServer
from digest.app.service import Service
from digest.demo.world import SimulatedClock

DAY = date(2020, 3, 3)
HERE = "news+probation-news@digest.example.org"
SOURCES = """sources:
  - id: probation-news
    name: HM Inspectorate of Probation
    url: https://hmiprobation.example/
    kind: mailbox
    mailbox: { here: true, senders: [inspectorate.example], server: mx.example.org }
    authority: official
    inspectorate: hmi-probation
  - id: off-news
    name: Another
    url: https://another.example/
    kind: mailbox
    mailbox: { here: true, senders: [another.example], server: mx.example.org }
    authority: blog
    enabled: false
"""
GOOD = "<p>HM Inspectorate of Probation has rated Kent PDU as Good. Leaders act on what they learn.</p>"


def a_newsletter(words: str, *, subject: str, domain: str = "inspectorate.example", id: str = "1") -> bytes:
    """A newsletter as the operators' mail server hands it over: it has found whose signature it bears."""
    mail = EmailMessage(policy=SMTP)
    mail["Authentication-Results"] = f"mx.example.org; dkim=pass header.d={domain}"
    mail["From"], mail["To"], mail["Subject"] = "News <news@inspectorate.example>", HERE, subject
    mail["Date"], mail["Message-ID"] = at(DAY, "09:30"), f"<{id}@inspectorate.example>"
    mail.set_content("Please read this with HTML.")
    mail.add_alternative(f"<html><body>{words}</body></html>", subtype="html", cte="base64")
    return mail.as_bytes()


@asynccontextmanager
async def newsroom(place: Place) -> AsyncIterator[tuple[Service, SimulatedClock, LmtpServer]]:
    """A service that has looked once, when there was no newsletter."""
    (place.config / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, clock, server):
        await it.poll()
        clock.move_to(at(DAY, "10:00"))
        yield it, clock, server


async def test_a_newsletter_that_comes_by_lmtp_is_a_story_of_the_days_edition_once(place: Place) -> None:
    async with newsroom(place) as (it, clock, server):
        letter = a_newsletter(GOOD, subject="Kent PDU rated Good")
        await hand_over(server.port, HERE, letter, sender="bounce-7@inspectorate.example")
        await hand_over(server.port, HERE.upper(), b"Received: by b.example\r\n" + letter, sender="")
        await it.poll()
        clock.move_to(at(DAY, "10:45"))
        await hand_over(server.port, HERE, b"Received: by c.example\r\n" + letter, sender="")
        await it.poll()
        await live(it, clock, at(DAY, "12:30"))
        await it.letter_sender.send()
        assert it.receiver is not None
        assert it.receiver.kinds == {"newsletter": 3}
        assert await it.store.mail.parked_count() == 0

    received = place.received()
    assert [day for _, day in received] == [DAY] * 3  # the three subscribers, and nobody else was written to
    for [text] in received.values():
        assert text.count("has rated Kent PDU as Good") == 1


async def test_a_forged_newsletter_is_told_to_operators_and_not_to_readers(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with newsroom(place) as (it, clock, server):
        letter = a_newsletter(GOOD, subject="Kent PDU rated Good", domain="evil.example")
        await hand_over(server.port, HERE, letter)
        await it.poll()
        await live(it, clock, at(DAY, "12:30"))
        await it.letter_sender.send()

    assert place.server.messages == []
    assert "a newsletter is not believed" in caplog.text
    listed = place.digest("received", "newsletters", "probation-news")
    assert "not believed: mx.example.org does not vouch for its From field" in listed
    status = place.digest("status")
    assert "not read, or ask you to confirm: 1 (`digest received newsletters`)" in status


async def test_an_operator_reads_the_link_that_confirms_the_subscription(place: Place) -> None:
    async with newsroom(place) as (it, clock, server):
        link = "https://lists.example/confirm?u=7&id=8"
        words = f'<p>Did you ask for our news?</p><p><a href="{link}">Yes, subscribe me</a></p>'
        await hand_over(server.port, HERE, a_newsletter(words, subject="Please confirm your subscription"))
        [waiting] = json.loads(place.digest("received", "newsletters", "--json"))
        assert (waiting["state"], waiting["source"]) == ("waiting", "probation-news")
        await it.poll()
        await live(it, clock, at(DAY, "12:30"))

    assert place.server.messages == []
    assert "asks you to confirm" in place.digest("received", "newsletters")
    shown = place.digest("received", "show", waiting["message"][:8])
    assert f"Yes, subscribe me: {link}" in shown
    assert "Did you ask for our news?" in shown
    assert "dkim=pass header.d=inspectorate.example" in shown
    source = place.digest("sources", "show", "probation-news")
    assert f"its newsletters come to {HERE}\n" in source
    assert "newsletters that came: 1 to confirm (`digest received newsletters probation-news`)" in source
    assert "is gone" in place.digest("received", "drop", waiting["message"][:8])
    assert place.digest("received", "newsletters") == "no newsletter came\n"


async def test_addresses_of_sources_that_are_unknown_or_off_are_refused(place: Place) -> None:
    async with newsroom(place) as (it, _, server):
        for name in ("news+off-news", "news+unknown", "news", "news+"):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                await hand_over(server.port, f"{name}@digest.example.org", a_newsletter(GOOD, subject="x"))
            assert [code for code, _ in refused.value.recipients.values()] == [550]
        assert await it.store.newsletters.all() == []
