"""Sending letters: what the relay gets, that it gets it once, and what the letters say."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from desk import START, WEB, Service, link_to, text_of
from servers.smtp import SmtpServer
from sqlalchemy import select

from digest.deliveries import Pause, State
from digest.letter_kinds import Unreadable
from digest.letters import Letter, unasked
from digest.ports import Joined
from digest.relays import LastDial
from digest.sending.letters import LEASE, LetterSender
from digest.store.tables import letters
from digest.subscriptions import Channel, Evidence, Suppression, Wishes
from digest.tokens import EXPIRING, Purpose, read_letter_return_path, read_return_path

MINA = "mina@example.org"
MAIL = Evidence(channel=Channel.MAIL, wording="help")


async def joined(service: Service, address: str = MINA) -> None:
    await service.enrolment.join(address, Wishes(), WEB)


async def states(service: Service) -> list[State]:
    async with service.store.database.read() as connection:
        return list((await connection.execute(select(letters.c.state).order_by(letters.c.id))).scalars())


async def said(service: Service) -> list[tuple[State, str | None]]:
    async with service.store.database.read() as connection:
        rows = await connection.execute(select(letters.c.state, letters.c.text).order_by(letters.c.id))
        return [(row.state, row.text) for row in rows]


async def test_a_letter_goes_out_once(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    await joined(service)

    assert await letter_sender.send() == 1
    assert await letter_sender.send() == 0

    (received,) = relay.messages
    assert received.recipients == (MINA,)
    assert re.fullmatch(r"bounces\+l[0-9a-f]{29}@digest\.example\.org", received.bounce_to)
    assert await states(service) == [State.ACCEPTED]


async def test_a_letter_that_this_version_does_not_understand_waits_and_the_others_are_sent(
    service: Service, letter_sender: LetterSender, relay: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A process of a later version may have written it, and can send it."""
    later = Unreadable(kind="horoscope", key="horoscope 7", subscriber=None, generation=None, stored={})
    now = service.clock.now()
    await service.store.letters.write(
        Letter(content=later, address=MINA, expires_at=now + timedelta(days=1)), now
    )
    await joined(service)

    with caplog.at_level("ERROR", logger="digest"):
        assert await letter_sender.send() == 2

    assert await states(service) == [State.DEFERRED, State.ACCEPTED]
    assert [vars(record)["kind"] for record in caplog.records] == ["horoscope"]
    (_, text), _ = await said(service)
    assert text == "not composed: this version does not understand letters of the kind 'horoscope'"


async def test_letters_sent_together_share_a_connection(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    for n in range(5):
        await joined(service, f"reader{n}@example.org")

    assert await letter_sender.send() == 5
    assert relay.connections == 1


async def test_a_letter_has_the_headers_of_a_letter_and_none_of_a_list(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    """There is nothing to unsubscribe from; the button of a mail program stops all letters to the address."""
    await joined(service)
    await letter_sender.send()

    message = message_from_bytes(relay.messages[0].content, policy=policy.default)
    assert not message.defects
    assert message["To"] == MINA
    assert message["From"] == "Inspections at Noon <noon@digest.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<confirm\.[0-9a-f]{30}@digest\.example\.org>", message["Message-ID"])
    assert message["Date"] == "Tue, 03 Mar 2026 14:00:00 +0000"
    assert "List-Id" not in message
    assert message["List-Unsubscribe"].startswith("<https://digest.example.org/never-again/")
    assert re.fullmatch(r"confirm\+[0-9a-f]{44}@mail\.digest\.example\.org", message["Reply-To"])
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


async def test_an_answer_to_a_stranger_has_no_return_path(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    """RFC 3834 section 3.3: we hold nobody whom its bounce would be about."""
    await service.enrolment.help(MINA, MAIL)
    await letter_sender.send()

    (received,) = relay.messages
    assert received.bounce_to == "<>"
    message = message_from_bytes(received.content, policy=policy.default)
    assert message["Auto-Submitted"] == "auto-replied"


async def test_a_name_that_we_do_not_know_is_answered_and_never_repeated(service: Service) -> None:
    await service.enrolment.help(MINA, Evidence(channel=Channel.MAIL, wording="atlantis"), unknown=True)
    service.clock.on(days=7)
    await service.enrolment.help(MINA, MAIL)

    unknown, plain = [text_of(await service.composed(letter)) for letter in await service.letters()]
    assert "a name that we could not find" in " ".join(unknown.split())
    assert "could not find" not in " ".join(plain.split())
    assert "atlantis" not in unknown


async def test_the_return_path_holds_the_number_of_the_letter_and_no_address(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    await service.enrolment.join(MINA, Wishes(), MAIL)
    await joined(service, "ada@example.org")
    await letter_sender.send()

    paths = [message.bounce_to.partition("@")[0] for message in relay.messages]
    assert [read_letter_return_path(path.upper(), b"letters") for path in paths] == [1, 2]
    assert [read_letter_return_path(path, b"another key") for path in paths] == [None, None]
    assert [read_return_path(path, b"letters") for path in paths] == [None, None]
    assert "mina" not in paths[0]


@pytest.mark.parametrize(
    "path", ["bounces", "bounces+", "bounces+l", f"bounces+l{'0' * 29}", "l-1", "+l\u0660" * 9]
)
def test_a_forged_return_path_names_no_letter(path: str) -> None:
    assert read_letter_return_path(path, b"letters") is None


async def test_every_kind_of_letter_can_be_read(service: Service, letter_sender: LetterSender) -> None:
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)
    await service.enrolment.help("stranger@example.org", MAIL)
    await service.enrolment.leave_by_address(MINA, MAIL)
    await joined(service, "waiting@example.org")
    await service.enrolment.leave_by_address("waiting@example.org", MAIL)
    await service.address_changes.ask(*own, "new@example.org")
    number = service.links.tokens.read(
        link_to("move", await service.read("new@example.org", "confirm-move")).rpartition("/")[2],
        Purpose.MOVE,
    )[1]
    await service.address_changes.confirm(mina.subscriber, number, WEB)
    for what in EXPIRING:
        assert await service.owner_links.send(*own, what) is Joined.ASKED
    await service.enrolment.leave(*own, WEB)
    written = await service.letters()

    assert {one.kind for one in written} == {
        "confirm",
        "welcome",
        "help",
        "fresh-link",
        "unconfirmed",
        "confirm-move",
        "moved",
        "own-link",
        "left",
    }
    for letter in written:
        message = await service.composed(letter)
        assert message["Subject"]
        listed = {name for name in message if name.lower().startswith("list-")}
        button = {"List-Unsubscribe", "List-Unsubscribe-Post"}  # of people who may not have agreed
        assert listed == (button if unasked(letter.content) else set())
        for kind in ("plain", "html"):
            text = text_of(message, kind)
            assert "Inspections at Noon" in text
            assert "{{" not in text
            assert "mina@" not in text
        assert all(len(line) <= 72 or "https://" in line for line in text_of(message).splitlines())


async def test_a_waiting_letter_holds_no_link(service: Service) -> None:
    """A link lets its holder act, so it is made when the letter is sent and is stored nowhere."""
    await service.subscribed()

    assert "https://" not in str((await service.everything())["letters"])


async def test_a_letter_that_the_relay_put_off_is_tried_again(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    relay.answers[MINA] = "450 4.2.1 later"
    await joined(service)
    await letter_sender.send()
    relay.answers.clear()

    assert await letter_sender.send() == 0
    service.clock.on(minutes=2)
    assert await letter_sender.send() == 1
    assert await states(service) == [State.ACCEPTED]


async def test_the_health_of_the_relays_is_noted_after_sending(
    service: Service, letter_sender: LetterSender
) -> None:
    """On most days only letters connect before noon, and at noon it is late to learn of trouble."""
    noted: list[Sequence[LastDial]] = []

    async def note(found: Sequence[LastDial]) -> None:
        noted.append(found)

    sender = replace(letter_sender, note_relays=note)
    assert await sender.send() == 0
    assert noted == []

    await joined(service)
    await sender.send()
    [[found]] = noted
    assert found.ago is not None
    assert found.trouble == ""


async def test_an_expired_letter_is_not_sent(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    await joined(service)
    service.clock.on(days=3)

    assert await letter_sender.send() == 0
    assert relay.messages == []


async def test_letters_wait_too_while_sending_is_paused(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    """An operator who pauses sending wants nothing sent; a confirmation waits for up to three days."""
    await joined(service)
    await service.store.pauses.pause(Pause(since=START, by="ada", why="a trial"))

    assert await letter_sender.send() == 0
    await service.store.pauses.resume()
    assert await letter_sender.send() == 1


async def test_a_trial_sends_letters_only_to_the_addresses_of_the_trial(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    trial = replace(letter_sender, only_to=("@trial.example.org", "Ada@example.org"))
    for address in (MINA, "ada@example.org", "ben@trial.example.org"):
        await joined(service, address)

    await trial.send()

    assert [message.recipients[0] for message in relay.messages] == [
        "ada@example.org",
        "ben@trial.example.org",
    ]


async def test_a_waiting_letter_is_not_sent_to_an_address_suppressed_meanwhile(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    """Suppression is checked last, just before a letter is sent."""
    await service.enrolment.join(MINA, Wishes(), WEB)
    await service.store.subscriptions.suppress(MINA, Suppression(why="asked for it", since=START))

    await letter_sender.send()

    assert relay.messages == []
    assert await states(service) == [State.SKIPPED]


async def test_a_letter_that_cannot_be_signed_is_put_off_and_never_sent_unsigned(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    async def broken(_: bytes) -> bytes:
        raise RuntimeError("the key is gone")

    await joined(service)
    await replace(letter_sender, sign=broken).send()

    assert relay.messages == []
    assert await states(service) == [State.DEFERRED]


async def test_letters_are_signed_like_editions(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    async def sign(content: bytes) -> bytes:
        return b"DKIM-Signature: of ours\r\n" + content

    await joined(service)
    await replace(letter_sender, sign=sign).send()

    assert relay.messages[0].content.startswith(b"DKIM-Signature: of ours\r\n")


async def test_a_letter_half_handed_over_by_a_process_that_died_is_never_sent_again(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    await joined(service)
    claimed = await service.store.letters.claim(service.clock.now(), LEASE)
    assert claimed is not None
    await service.store.letters.begin(claimed, service.clock.now(), LEASE)
    service.clock.on(minutes=6)

    assert await letter_sender.send() == 0
    assert relay.messages == []
    assert await states(service) == [State.UNKNOWN]


async def test_somebody_erased_while_their_letter_is_claimed_does_not_get_it(
    service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    mina = await service.subscribed()
    compose = service.correspondence.compose
    loop = asyncio.get_running_loop()

    def slowly(letter: Letter, at: Any, number: int) -> Any:
        erasing = service.enrolment.erase(mina.subscriber, WEB)
        asyncio.run_coroutine_threadsafe(erasing, loop).result()
        return compose(letter, at, number)

    await replace(letter_sender, compose=slowly).send()

    assert relay.messages == []


async def test_no_address_is_logged(
    service: Service, letter_sender: LetterSender, relay: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    relay.answers["ben@example.org"] = "550 5.1.1 ben@example.org unknown"
    with caplog.at_level("DEBUG", logger="digest"):
        await service.subscribed()
        await joined(service, "ben@example.org")
        await letter_sender.send()

    assert caplog.records
    assert not [record for record in caplog.records if "example.org" in str(record.__dict__)]
