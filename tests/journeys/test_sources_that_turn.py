"""A publisher goes down and heals: operators get one mail each time, and one a week about all sources."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from journey_place import Place
from servers.publisher import Publisher, say
from test_calendar import at, started

from digest.app.service import Service
from digest.demo.world import SimulatedClock

OPS = "ops@example.org"
TUESDAY = date(2020, 3, 3)
NAMES = ("prisons", "police")
HALF_HOUR = timedelta(minutes=30)
LIST = b"""<rss version="2.0"><channel><title>News</title><link>https://n.example/</link><description>n</description>
<item><title>An inspection of Kent</title><link>http://127.0.0.1/1</link><guid>1</guid></item></channel></rss>"""


@pytest.fixture
async def publisher(place: Place):
    """One host with two sources, which operators hear of by mail."""
    async with Publisher() as publisher:
        config = place.config / "digest.yaml"
        text = config.read_text(encoding="utf-8")
        for old, new in (
            ("allow_private: false", "allow_private: true"),
            ("per_host: 2s", "per_host: 0s"),
            ("  # mail: [ops@example.org]", f"  mail: [{OPS}]"),
        ):
            assert old in text
            text = text.replace(old, new)
        config.write_text(text, encoding="utf-8")
        entries = (
            f"  - {{ id: {name}, name: The {name}, url: '{publisher.url(f'/{name}')}', authority: official }}"
            for name in NAMES
        )
        sources = "\n".join(["sources:", *entries])
        (place.config / "sources.yaml").write_text(sources, encoding="utf-8")
        answer(publisher, 200, LIST)
        yield publisher


def answer(publisher: Publisher, status: int, body: bytes = b"") -> None:
    for name in NAMES:
        publisher.routes[f"/{name}"] = say(status, body, Content_Type="application/rss+xml")


async def live(it: Service, clock: SimulatedClock, until: datetime, step: timedelta = HALF_HOUR) -> None:
    while clock.now() < until:
        await it.poll()
        await it.recover()
        await it.letter_sender.send()
        clock.move_to(min(clock.now() + step, until))


def mails(place: Place) -> list[EmailMessage]:
    found = []
    for one in place.server.messages:
        message = message_from_bytes(one.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        if one.recipients == (OPS,):
            assert one.bounce_to == "<>"
            assert message["Auto-Submitted"] == "auto-generated"
            found.append(message)
    return found


def text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


async def test_one_mail_when_it_goes_down_one_when_it_heals_and_one_a_week(
    place: Place, publisher: Publisher
) -> None:
    async with started(place, at(TUESDAY, "01:00")) as (it, clock):
        await live(it, clock, at(TUESDAY, "02:00"))
        assert mails(place) == []

        answer(publisher, 500)
        await live(it, clock, at(TUESDAY, "10:00"))
        (down,) = mails(place)
        assert down["Subject"].endswith(": 2 sources need you")
        assert "The prisons cannot be read since Tuesday 3 March at 2:00am." in text(down)
        assert "Reason: 500 Internal Server Error" in text(down)
        status = json.loads(place.digest("status", "--json"))
        assert [one["trouble"] for one in status["sources"]] == ["500 Internal Server Error"] * 2

    async with started(place, at(TUESDAY, "10:00")) as (it, clock):  # a new process tells nothing again
        await live(it, clock, at(TUESDAY, "13:00"))
        assert len(mails(place)) == 1

        answer(publisher, 200, LIST)
        await live(it, clock, at(TUESDAY + timedelta(days=1), "13:00"))
        (_, healed) = mails(place)
        assert healed["Subject"].endswith(": 2 sources are well again")

        friday = TUESDAY + timedelta(days=3)
        await live(it, clock, at(friday, "11:00"), timedelta(hours=6))
        await live(it, clock, at(friday, "20:00"), timedelta(hours=1))
        (_, _, week) = mails(place)
        assert "all sources are well" in week["Subject"]
        assert "The police: well" in text(week)
