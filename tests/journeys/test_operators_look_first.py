"""Operators look before sending: a reader's next message, a sample of it, and a message as it was sent."""

from __future__ import annotations

import asyncio
import json
import re
import webbrowser
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from journey_place import SUBSCRIBERS, Place
from test_calendar import at, live, started
from test_holding_back import look
from test_many_machines import let_noon_be_now

from digest.app.directory import configured
from digest.deliveries import State
from digest.errors import TokenError
from digest.schedule import Weekday
from digest.subscriptions import Wishes
from digest.tokens import KeyUse, LinkTokens, Purpose

DAY = date(2020, 3, 3)
ADA = SUBSCRIBERS[0]
ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


async def found_lately(place: Place, number: int = 1) -> None:
    await place.file(number, datetime.now(UTC) - timedelta(minutes=5))


def tokens_in(eml: bytes, place: Place) -> list[str]:
    """The tokens to leave in a message that this service takes for its own."""
    _, secrets = configured(place.config)
    ours = LinkTokens([secrets.derived(KeyUse.LINKS)])
    text = eml.decode("ascii").replace("=\r\n", "")
    found = re.findall(r"/one-click/([\w-]+)", text)
    assert found
    return [token for token in found if _is_ours(ours, token)]


def _is_ours(ours: LinkTokens, token: str) -> bool:
    try:
        return bool(ours.read(token, Purpose.ONE_CLICK))
    except TokenError:
        return False


@ON_SQLITE
async def test_what_is_previewed_is_what_goes_out(place: Place, tmp_path: Path) -> None:
    """The same to the octet but for the time; and without being asked for, nobody can use its links."""
    let_noon_be_now(place)
    await found_lately(place)
    place.digest("pause", "--why", "to look first")
    await look(place)
    of_ada = ("edition", "preview", "--for", ADA, "--out", str(tmp_path))
    place.digest(*of_ada)
    shown = (tmp_path / "preview.eml").read_bytes()
    assert tokens_in(shown, place) == []
    assert (tmp_path / "preview.eml").stat().st_mode & 0o077 == 0
    place.digest(*of_ada, "--working-links")
    exact = (tmp_path / "preview.eml").read_bytes()
    assert tokens_in(exact, place)

    place.digest("resume")
    await look(place)

    [sent] = [one.content for one in place.server.messages if one.recipients == (ADA,)]
    assert _undated(sent) == _undated(exact)
    assert "nothing new" in place.digest("edition", "preview")


def _undated(content: bytes) -> bytes:
    return re.sub(rb"(?m)^Date: .*\r\n", b"", content)


@ON_SQLITE
async def test_a_preview_says_what_has_changed_since_the_last(place: Place) -> None:
    await found_lately(place)
    said = place.digest("edition", "preview")
    assert "since the preview" not in said
    folder = place.config / "var" / "previews"
    assert f"written: {folder / 'preview.html'}" in said
    assert "Provider 1 CRC" in (folder / "preview.html").read_text()
    assert "Provider 1 CRC" in (folder / "preview.txt").read_text()

    await found_lately(place, 2)
    place.digest("review", "reject", "1", "--why", "a test of the publisher's")

    said = place.digest("edition", "preview", "--json")
    assert json.loads(said)["changes"][0].endswith(": 1 new, 1 gone, 0 changed")
    assert "new      Provider 2 CRC: " in json.loads(said)["changes"][1]


@ON_SQLITE
async def test_a_preview_opens_in_the_browser(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda page: not opened.append(page))
    await found_lately(place)

    place.digest("edition", "preview", "--open")

    assert opened == [(place.config / "var" / "previews" / "preview.html").as_uri()]
    assert "--out" in place.digest("edition", "preview", "--for", ADA, "--open", expect=1)


@ON_SQLITE
async def test_who_gets_nothing_has_no_preview(place: Place) -> None:
    assert "gets no editions: unknown" in place.digest(
        "edition", "preview", "--for", "x@example.net", expect=2
    )
    past = place.digest("edition", "preview", "--at", "2020-03-03T12:00", expect=2)
    assert "digest edition replay" in past


async def sample(place: Place, *arguments: str, expect: int = 0) -> str:
    """What the command prints that sends a sample; in a thread, as the server is in this one."""
    return await asyncio.to_thread(place.digest, "edition", "preview", *arguments, expect=expect)


@ON_SQLITE
async def test_a_sample_goes_out_now_and_is_noted_nowhere(place: Place) -> None:
    await found_lately(place)

    said = await sample(place, "--for", ADA, "--send-to", "me@example.net")

    assert "the relay took the sample for me@example.net" in said
    [got] = place.server.messages
    assert (got.bounce_to, got.recipients) == ("<>", ("me@example.net",))
    message = message_from_bytes(got.content, policy=policy.default)
    assert message["Subject"].startswith("Sample: ")
    assert message["To"] == "me@example.net"
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"} & set(message.keys())
    assert ADA not in got.content.decode()
    async with place.opened() as store:
        found = await store.subscriptions.find(ADA)
        assert found is not None
        assert await store.deliveries.receipts(found.subscriber, date(2020, 1, 1)) == []
        assert (await store.editions.sealed(datetime.now(UTC).date())) is None


@ON_SQLITE
async def test_a_sample_that_the_relay_refuses_is_a_failure(place: Place) -> None:
    await found_lately(place)
    place.server.answers["me@example.net"] = "550 5.1.1 no such user"
    said = await sample(place, "--send-to", "me@example.net", expect=1)
    assert "was not taken: 550" in said


@pytest.mark.slow
async def test_a_replay_is_what_the_relay_got_to_the_octet(place: Place, tmp_path: Path) -> None:
    """Of a day, and of the next one, which carries what a full mailbox did not take, or what waited."""
    place.server.answers[ADA] = "452 4.2.2 mailbox full"
    await place.file(1, at(DAY, "09:00"))
    tomorrow = DAY + timedelta(days=1)
    async with started(place, at(DAY, "11:45")) as (it, clock):
        await it.store.subscriptions.add(
            "wes@example.org", Wishes(weekly=Weekday.of(tomorrow)), at(DAY, "08:00")
        )
        await live(it, clock, at(tomorrow, "10:00"))
        del place.server.answers[ADA]
        await place.file(2, at(tomorrow, "09:00"))
        await live(it, clock, at(tomorrow, "13:00"))

    sent = {(one.recipients[0], _day(one.content)): one.content for one in place.server.messages}
    assert {day for address, day in sent if address == "cleo@example.org"} == {DAY, tomorrow}
    assert {(a, d) for a, d in sent if a in {ADA, "wes@example.org"}} == {
        (ADA, tomorrow),
        ("wes@example.org", tomorrow),
    }
    for address, day in (("cleo@example.org", DAY), (ADA, tomorrow), ("wes@example.org", tomorrow)):
        place.digest("edition", "replay", str(day), "--for", address, "--out", str(tmp_path))
        assert (tmp_path / f"{day}.eml").read_bytes() == sent[address, day]
    copies = {address: _text(sent[address, tomorrow]) for address in (ADA, "wes@example.org")}
    assert f"/edition/{tomorrow}/reports?late={DAY}" in copies[ADA]
    assert f"/edition/{tomorrow}/reports?with={DAY}" in copies["wes@example.org"]
    said = place.digest("edition", "replay", str(DAY), "--for", ADA)
    assert State.DEFERRED in said
    assert tokens_in(sent[ADA, tomorrow], place)
    place.digest("edition", "replay", str(DAY), "--out", str(tmp_path))
    assert tokens_in((tmp_path / f"{DAY}.eml").read_bytes(), place) == []
    assert "no edition of 2020-03-09 has gone" in place.digest("edition", "replay", "2020-03-09", expect=2)


def _text(content: bytes) -> str:
    part = message_from_bytes(content, policy=policy.default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _day(content: bytes) -> date:
    parsed = message_from_bytes(content, policy=policy.default)
    day: date = parsed["Date"].datetime.date()
    return day


@ON_SQLITE
async def test_operators_get_the_edition_by_mail_before_it_goes(place: Place) -> None:
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8").replace("# preview_at:", "preview_at:")
    config.write_text(text.replace("# mail: [ops@example.org]", "mail: [ops@example.org]"), encoding="utf-8")
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:30")) as (it, clock):
        await live(it, clock, at(DAY, "11:45"))
        await it.letter_sender.send()
        assert place.received() == {}
        clock.move_to(at(DAY, "11:52"))
        for _ in range(2):
            await it.recover()
            await it.letter_sender.send()
        [preview] = [" ".join(one.split()) for one in place.received()["ops@example.org", DAY]]
        await live(it, clock, at(DAY, "12:30"))
        await it.letter_sender.send()

    assert "preview of Tuesday 3 March, 1 story" in preview
    assert "[1] Provider 1 CRC" in preview
    assert "It goes at midday. You need not answer." in preview
    received = place.received()
    assert set(received) == {(one, DAY) for one in (*SUBSCRIBERS, "ops@example.org")}
    assert len(received["ops@example.org", DAY]) == 1


@ON_SQLITE
async def test_a_preview_comes_before_the_edition(place: Place) -> None:
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8").replace('# preview_at: "11:50"', 'preview_at: "12:00"')
    config.write_text(text, encoding="utf-8")

    assert "a time before edition.noon, which is 12:00" in place.digest("config", "check", expect=2)
