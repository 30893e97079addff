"""Who left gets nothing after a restore, whichever way they went, with the record of endings or without."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx2
import pytest
from journey_place import SUBSCRIBERS, Place
from receiving import receives, receiving
from servers.ports import free_port, until_open
from sqlalchemy import select
from test_calendar import at, live
from test_mail_comes_in import INBOUND, MINA, a_message, hand_over, post
from test_restoring import lose_the_record, standings, take

from digest.app.directory import configured
from digest.app.service import Service
from digest.membership.enrolment import NEVER_AGAIN
from digest.serving import serve_readers
from digest.store.tables import endings
from digest.subscriptions import Channel, Evidence, Standing, Step, Suppression
from digest.tokens import mailbox_seal
from digest.web.server import listen

TODAY = (datetime.now(UTC) + timedelta(days=1)).date()
TOMORROW = TODAY + timedelta(days=1)
OTHERS = tuple(f"{who}@example.org" for who in ("dan", "eve", "fay", "gus", "hal", "ivy", "kim"))
DOTTED = "jo.smith@gmail.com"  # whose departure is stored under another spelling
STAYS = "kim@example.org"


def newest(place: Place, to: str) -> tuple[EmailMessage, str]:
    """The newest message to an address, and its return path."""
    found = [one for one in place.server.messages if one.recipients == (to,)][-1]
    message = message_from_bytes(found.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message, found.bounce_to


async def presses_unsubscribe(place: Place, it: Service, who: str) -> None:
    [link] = re.findall(r"<https?://[^/]*(/[^>]+)>", newest(place, who)[0]["List-Unsubscribe"])
    listener, stop = listen("127.0.0.1", 0), asyncio.Event()
    port = listener.getsockname()[1]
    serving = asyncio.create_task(serve_readers(it, listener, stop))
    await until_open(port)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as visitor:
        answer = await visitor.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    stop.set()
    await serving


async def writes_unsubscribe(place: Place, port: int, who: str) -> None:
    [mailbox] = re.findall(r"<mailto:([^?>]+)", newest(place, who)[0]["List-Unsubscribe"])
    await hand_over(port, mailbox, a_message("", subject="unsubscribe", sender=who), sender=who)


async def complains(place: Place, port: int, who: str) -> None:
    path = newest(place, who)[1].partition("@")[0]
    report = (INBOUND / "complaint-abuse.eml").read_bytes()
    report = re.sub(rb"bounces\+[0-9a-f]+", path.encode(), report)
    await hand_over(port, "noon@digest.example.org", report, sender="fbl@provider.example")


async def everybody_but_one_leaves(place: Place) -> None:
    """Each by another way, after an edition."""
    await place.file(1, at(TODAY, "09:00"))
    async with receiving(place, at(TODAY, "11:45")) as (it, clock, server):
        await live(it, clock, at(TODAY, "13:00"))
        assert {to for to, _ in place.received()} == {*SUBSCRIBERS, *OTHERS, DOTTED}
        await presses_unsubscribe(place, it, "ada@example.org")
        await writes_unsubscribe(place, server.port, "ben@example.org")
        await complains(place, server.port, "cleo@example.org")
        pressed = Evidence(channel=Channel.WEB, wording="Never write to me again")
        never = Suppression(why=NEVER_AGAIN, since=clock.now())
        seal = mailbox_seal(configured(place.config)[1].seal)("hal@example.org")
        assert await it.store.subscriptions.suppress_mailbox(seal, never, pressed)
    place.digest("subscribers", "erase", "dan@example.org", "--why", "asked by letter", "--yes")
    place.digest("subscribers", "erase", DOTTED, "--why", "asked by letter", "--yes")
    place.digest("subscribers", "suppress", "eve@example.org", "--why", "asked by letter")
    place.digest("subscribers", "end", "fay@example.org", "--why", "asked by letter")
    await take(place, "gus", Step.BOUNCED)
    # Who left, asked again and has not confirmed, is as far away as before.
    await take(place, "ivy", Step.LEFT)
    async with place.opened() as store:
        now = datetime.now(UTC)
        ivy = await store.subscriptions.find("ivy@example.org")
        asked = await store.subscriptions.ask("ivy@example.org", ivy.wishes, pressed, now)
        assert asked.standing is Standing.PENDING
        await store.subscriptions.take(
            asked.subscriber, asked.generation, Step.LAPSED, Evidence(channel=Channel.SERVICE), now
        )
    assert [who for who, standing in standings(place).items() if standing == "active"] == ["kim"]


async def nothing(_: Place) -> None: ...


async def lost_and_found_lost(place: Place) -> None:
    await lose_the_record(place)
    place.digest("status")  # finds it, and begins a new one


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(nothing, id="the record is kept"),
        pytest.param(lost_and_found_lost, id="it began anew meanwhile"),
        pytest.param(lose_the_record, id="it is lost"),
    ],
)
async def test_after_a_restore_only_who_stayed_gets_the_next_edition(place: Place, record) -> None:
    receives(place, port=free_port())
    for who in (*OTHERS, DOTTED):
        place.digest("subscribers", "add", who, "--basis", "joined")
    place.digest("backup", backup := place.config / "b.gz")
    await everybody_but_one_leaves(place)
    await record(place)

    said = place.digest("restore", backup, "--overwrite")

    kept = record is nothing
    assert ("is not known" in said) is not kept
    place.digest("resume", "--today-too", *(() if kept else ("--endings-settled",)))
    place.server.messages.clear()
    await place.file(2, at(TOMORROW, "09:00"))
    async with receiving(place, at(TOMORROW, "11:45")) as (it, clock, _):
        await live(it, clock, at(TOMORROW, "13:00"))
    assert {to for to, _ in place.received()} == {STAYS}
    for who in ("eve@example.org", "hal@example.org"):
        said = place.digest("subscribers", "add", who, "--again", "--basis", "x", expect=2)
        assert "must not be written to" in said
    people = place.config / "people.csv"
    people.write_text(f"ada@example.org\ncleo@example.org\ndan@example.org\n{DOTTED}\n")
    assert "4  ended before" in place.digest("subscribers", "import", people, "--basis", "a list")


async def test_no_restore_empties_the_record(place: Place, kind: str) -> None:
    place.digest("backup", backup := place.config / "b.gz")
    await take(place, "ada", Step.LEFT)
    before = await noted(place, kind)

    place.digest("restore", backup, "--overwrite")

    now = await noted(place, kind)
    assert now[: len(before)] == before
    assert len(now) > len(before)


async def noted(place: Place, kind: str) -> Sequence[object]:
    """The record, line by line or row by row."""
    if kind == "sqlite":
        return (place.config / "var" / "digest.db.endings").read_text().splitlines()
    async with place.opened() as store, store.database.read() as connection:
        return (await connection.execute(select(endings).order_by(endings.c.id))).all()


async def test_a_late_bounce_of_a_letter_that_the_backup_lacks_harms_nobody_elses_request(
    place: Place,
) -> None:
    receives(place, port=free_port())
    place.digest("backup", backup := place.config / "b.gz")
    async with receiving(place, at(TODAY, "09:00")) as (it, _, server):
        await hand_over(server.port, "join@digest.example.org", a_message("hello"))
        await post(place, it, MINA)
    path = newest(place, MINA)[1]
    place.digest("restore", backup, "--overwrite")
    place.digest("resume", "--today-too")

    async with receiving(place, at(TODAY, "10:00")) as (it, _, server):
        await hand_over(server.port, "join@digest.example.org", a_message("hello", sender="nina@x.example"),
                        sender="nina@x.example")  # fmt: skip
        await post(place, it, "nina@x.example")
        report = (INBOUND / "dsn-gmail-no-such-user.eml").read_bytes()
        await hand_over(server.port, path, report, sender="")

        nina = await it.store.subscriptions.find("nina@x.example")
    assert path != newest(place, "nina@x.example")[1]
    assert nina.standing is Standing.PENDING
