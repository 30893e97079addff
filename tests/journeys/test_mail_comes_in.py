"""Mail that comes in, and what becomes of it: over LMTP, in the whole service, on both databases."""

from __future__ import annotations

import asyncio
import json
import re
import smtplib
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from builders import a_provider
from journey_place import Place
from receiving import receives, receiving
from servers.ports import free_port
from test_calendar import at, live
from written_answers import MINA, MailedLetter, WrittenAnswer, mailed, written_answers

from digest.app.service import Service
from digest.deliveries import Answer, Event, Settled, State
from digest.edition import Edition
from digest.edition_assembly import Assembly
from digest.errors import ConfigError
from digest.subscriptions import Standing, Step
from digest.tokens import delivery_tokens
from digest.web.metrics import Metrics

DAY = date(2020, 3, 3)
INBOUND = Path(__file__).parents[1] / "fixtures" / "inbound"


def a_message(text: str, *, subject: str = "", sender: str = "mina@council.example") -> bytes:
    return f"From: {sender}\r\nSubject: {subject}\r\nMessage-ID: <1@x.example>\r\n\r\n{text}\r\n".encode()


async def hand_over(port: int, to: str, content: bytes, sender: str = "mina@council.example") -> None:
    def send() -> None:
        with smtplib.LMTP("127.0.0.1", port) as client:
            client.sendmail(sender, [to], content)

    await asyncio.to_thread(send)


async def post(place: Place, it: Service, to: str) -> bytes:
    """The letters that wait, sent; the newest to an address."""
    await it.letter_sender.send()
    return [m.content for m in place.server.messages if m.recipients == (to,)][-1]


async def test_a_bounce_is_noted_before_it_is_acknowledged(place: Place) -> None:
    receives(place, port=free_port())
    await place.file(1, at(DAY, "09:00"))
    async with receiving(place, at(DAY, "11:45")) as (it, clock, server):
        await live(it, clock, at(DAY, "13:00"))
        ada = await it.store.subscriptions.find("ada@example.org")
        assert ada is not None
        assert it.receiver is not None
        token = delivery_tokens(DAY, ada.subscriber, it.receiver.key)[1]
        report = (INBOUND / "dsn-gmail-no-such-user.eml").read_bytes()

        await hand_over(server.port, f"bounces+{token}@digest.example.org", report, sender="")

        assert await it.store.deliveries.state(DAY, ada.subscriber) is State.BOUNCED
        text = (
            await Metrics(
                store=it.store,
                timetable=it.settings.edition.timetable,
                clock=clock,
                received=it.receiver.kinds,
            ).text()
        ).decode()
    assert 'digest_mail_received_total{kind="bounce: hard"} 1.0' in text
    assert "@" not in text
    why = place.digest("subscribers", "why", "ada@example.org", "--day", DAY.isoformat())
    shown = place.digest("subscribers", "show", "ada@example.org")
    assert 'the relay took it, and it came back: "550 5.1.1 The account' in why
    assert f"{DAY}  bounced: 550 5.1.1 The account" in shown
    assert "2.0.0" not in why + shown
    assert "ended" not in why + shown


async def test_the_report_that_ends_a_subscription_is_told_as_such(place: Place) -> None:
    receives(place, port=free_port())
    report = (INBOUND / "dsn-postfix-unknown-user.eml").read_bytes()
    days = [DAY + timedelta(days=n) for n in range(8)]
    async with receiving(place, at(DAY, "11:45")) as (it, clock, server):
        ada = await it.store.subscriptions.find("ada@example.org")
        assert ada is not None
        assert it.receiver is not None
        for n, day in enumerate(days):
            clock.move_to(at(day, "13:00"))
            await an_edition_was_accepted(it, day, clock.now())
            token = delivery_tokens(day, ada.subscriber, it.receiver.key)[1]
            copy = report + b"\r\n" * n
            await hand_over(server.port, f"bounces+{token}@digest.example.org", copy, sender="")

    last = days[-1]
    why = place.digest("subscribers", "why", "ada@example.org", "--day", last.isoformat())
    before = place.digest("subscribers", "why", "ada@example.org", "--day", DAY.isoformat())
    shown = place.digest("subscribers", "show", "ada@example.org")
    assert 'it came back: "550 5.1.1 <' in why
    assert f"this report ended the subscription {last:%a %d %b %Y} 13:00 UTC" in why
    assert f"the subscription ended {last:%a %d %b %Y} 13:00 UTC: bounced by service (550 5.1.1" in before
    [ended] = [line for line in shown.splitlines() if line.endswith("; this ended the subscription")]
    assert ended.strip().startswith(f"{last}  bounced: 550 5.1.1")


async def an_edition_was_accepted(it: Service, day: date, now: datetime) -> None:
    """Seal an empty edition of the day and note each delivery as taken by the relay."""
    edition = Edition(day=day, cutoff=now)
    ledger = it.store.deliveries
    await it.store.editions.seal(Assembly(edition=edition, settled=(), doubts=()), now)
    await ledger.plan(day, since=now, everybody=True, now=now, noon=now)
    taken = Answer(event=Event.TAKEN, code=250, text="2.0.0 ok")
    while batch := await ledger.claim(day, owner="t", now=now, lease=timedelta(minutes=5)):
        settled = [
            Settled(delivery=due.delivery, answer=taken, at=now, begun=True)
            for due in await ledger.due_in(batch)
        ]
        await ledger.record(batch, settled, now=now, lease=None)


async def test_a_token_in_digits_of_another_script_names_no_delivery(place: Place) -> None:
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):
        for path in (
            "bounces+" + "\N{ARABIC-INDIC DIGIT ONE}" * 30,
            "bounces+l" + "\N{ARABIC-INDIC DIGIT ONE}" * 29,
        ):
            report = (INBOUND / "complaint-abuse.eml").read_bytes()
            spelled = re.sub(rb"bounces\+[0-9a-f]+", path.encode(), report)
            await hand_over(server.port, "noon@digest.example.org", spelled, sender="fbl@provider.example")

        assert it.receiver is not None
        assert it.receiver.kinds == {"parked": 2}


async def test_somebody_joins_and_leaves_by_mail_alone(place: Place) -> None:
    """Every step by its token; what From says moves nothing."""
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, clock, server):
        await hand_over(server.port, "join@digest.example.org", a_message("hello"))
        asked = await post(place, it, "mina@council.example")
        found = await it.store.subscriptions.find("mina@council.example")
        assert found is not None
        assert found.standing is Standing.PENDING

        [confirm] = [
            line.split(b": ", 1)[1].strip() for line in asked.split(b"\r\n") if line.startswith(b"Reply-To: ")
        ]
        assert confirm.startswith(b"confirm+")
        forged = confirm.replace(b"confirm+", b"confirm+0", 1)
        await hand_over(server.port, forged.decode(), a_message("yes"))
        found = await it.store.subscriptions.find("mina@council.example")
        assert found is not None
        assert found.standing is Standing.PENDING

        await hand_over(server.port, confirm.decode().upper(), a_message("yes", sender="m.other@x.example"))
        found = await it.store.subscriptions.find("mina@council.example")
        assert found is not None
        assert found.standing is Standing.ACTIVE

        await hand_over(server.port, "leave@digest.example.org", a_message(""))
        found = await it.store.subscriptions.find("mina@council.example")
        assert found is not None
        assert found.standing is Standing.ACTIVE  # a letter with the way out went there instead

        await place.file(1, at(DAY, "09:30"))
        await live(it, clock, at(DAY, "13:00"))
        [edition] = [
            m.content
            for m in place.server.messages
            if m.recipients == ("mina@council.example",) and b"List-Id" in m.content
        ]
        unfolded = edition.replace(b"\r\n ", b"").replace(b"%2B", b"+")
        token = unfolded.split(b"mailto:leave+", 1)[1].split(b"@", 1)[0].decode()
        automatic = b"Auto-Submitted: auto-generated\r\n" + a_message("")
        await hand_over(server.port, f"leave+{token}@digest.example.org", automatic)
        found = await it.store.subscriptions.find("mina@council.example")
        assert found is not None
        assert found.ended_reason is Step.LEFT


async def test_an_objection_to_a_confirmation_withdraws_the_request(place: Place) -> None:
    """In Outlook, below the whole letter and with nothing that marks it as quoted; then no reminder comes."""
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, clock, server):
        letter, to = await asked_to_confirm(place, it, server.port)
        objection = answer_called("outlook-objection-below-the-letter")

        await hand_over(server.port, to, objection.to_letter(letter, to))

        clock.move_to(at(DAY + timedelta(days=1), "10:00"))
        assert await it.membership.reminders.write_due() == 0
        await it.letter_sender.send()
        sent = [m for m in place.server.messages if m.recipients == (MINA,)]
        found = await it.store.subscriptions.find(MINA)
        assert found is not None
        assert await it.store.requests.get(found.subscriber) is None

    assert len(sent) == 1, "the confirmation alone"
    shown = place.digest("subscribers", "show", MINA)
    assert "ended" in shown
    assert 'left by mail, "an objection by mail: RE: Confirm that you want' in shown
    assert "waits for" not in shown
    assert json.loads(place.digest("received", "list", "--json")) == []


async def test_only_an_empty_answer_or_a_yes_confirms_and_a_question_waits(place: Place) -> None:
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):
        letter, to = await asked_to_confirm(place, it, server.port)
        for name in ("jira-request-created", "out-of-office-in-words", "read-receipt-in-words"):
            await hand_over(server.port, to, answer_called(name).to_letter(letter, to))
        found = await it.store.subscriptions.find(MINA)
        assert found is not None
        assert found.standing is Standing.PENDING
        await it.letter_sender.send()
        sent = [m for m in place.server.messages if m.recipients == (MINA,)]
        assert len(sent) == 2, "the confirmation, and help once"
        listed = json.loads(place.digest("received", "list", "--json"))
        assert [one["why"] for one in listed] == ["a person's words"] * 3

        await hand_over(server.port, to, answer_called("dutch-outlook-ios-empty").to_letter(letter, to))

        found = await it.store.subscriptions.find(MINA)
        assert found is not None
        assert found.standing is Standing.ACTIVE
        await hand_over(server.port, to, answer_called("stop-in-the-subject").to_letter(letter, to))
        found = await it.store.subscriptions.find(MINA)
        assert found is not None
        assert found.ended_reason is Step.LEFT


async def test_an_answer_goes_only_where_return_path_and_author_agree(place: Place) -> None:
    """Anybody can write a stranger's address into From: they would be sent our answers."""
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):
        for to in ("join", "leave", "help", "noon"):
            await hand_over(server.port, f"{to}@digest.example.org", a_message("Hello"), "stranger@x.example")
            group = a_message("Hello", sender="Friends: mina@council.example;")
            await hand_over(server.port, f"{to}@digest.example.org", group)
        await it.letter_sender.send()

        assert [m.recipients for m in place.server.messages] == []
        assert await it.store.subscriptions.find(MINA) is None
        assert await it.store.subscriptions.find("stranger@x.example") is None
        assert await it.store.mail.parked_count() == 2, "a person's words at help@ and noon@"


def answer_called(name: str) -> WrittenAnswer:
    [found] = [one for one in written_answers() if one.name == name]
    return found


async def asked_to_confirm(place: Place, it: Service, port: int) -> tuple[MailedLetter, str]:
    """Mina joins by mail; her confirmation as she got it, and the address that answers to it go to."""
    await hand_over(port, "join@digest.example.org", a_message("hello"))
    content = await post(place, it, MINA)
    [to] = re.findall(rb"^Reply-To: (\S+)\r$", content, re.MULTILINE)
    return mailed(content), to.decode()


async def test_a_confirmation_that_bounces_settles_the_request_and_says_so(place: Place) -> None:
    """The relay took it: what comes back to the return path of this one letter says what became of it."""
    receives(place, port=free_port())
    report = (INBOUND / "dsn-gmail-no-such-user.eml").read_bytes()
    full = (INBOUND / "dsn-mailbox-full.eml").read_bytes()
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):
        await hand_over(server.port, "join@digest.example.org", a_message("hello"))
        await post(place, it, "mina@council.example")
        [path] = [m.bounce_to for m in place.server.messages if m.recipients == ("mina@council.example",)]

        await hand_over(server.port, path, full, sender="")
        waiting = place.digest("subscribers", "why", "mina@council.example", "--day", "2020-03-03")
        await hand_over(server.port, path, report, sender="")

    assert 'is bounced: "552' in waiting
    shown = place.digest("subscribers", "show", "mina@council.example")
    assert "lapsed by service" in shown
    assert "confirm bounced: 550" in shown
    ended = place.digest("subscribers", "why", "mina@council.example", "--day", "2020-03-03")
    assert "lapsed by service (the letter to confirm by did not reach it: 550 5.1.1" in ended


async def test_somebody_joins_for_an_area_and_a_slip_of_the_pen_is_told(place: Place) -> None:
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):
        await hand_over(server.port, "join+atlantis@digest.example.org", a_message("hello"))
        answer = await post(place, it, "mina@council.example")
        assert await it.store.subscriptions.find("mina@council.example") is None
        await it.store.providers.load([a_provider("ny", "North Yorkshire PDU")], [])

        await hand_over(
            server.port, "join+North-Yorkshire+HMI-Probation@digest.example.org", a_message("hello")
        )
        found = await it.store.subscriptions.find("mina@council.example")

    assert b"atlantis" not in answer.lower()
    assert found is not None
    assert found.wishes.areas == ("north yorkshire",)
    assert found.wishes.inspectorates == ("hmi-probation",)


async def test_a_persons_words_wait_for_the_operator(place: Place) -> None:
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):
        words = a_message(
            "Who are you?\x1b[2J", subject="A question", sender='"\x1b[1m" <mina@council.example>'
        )
        await hand_over(server.port, "help@digest.example.org", words)
        answer = await post(place, it, "mina@council.example")

    assert b"Who are you" not in answer
    assert "received mail that waits for you: 1" in place.digest("status")
    (listed,) = json.loads(place.digest("received", "list", "--json"))
    assert listed["why"] == "a person's words"
    name = listed["message"][:8]
    shown = place.digest("received", "show", name)
    assert "Who are you?" in shown
    assert "\x1b" not in shown
    assert "is gone" in place.digest("received", "drop", name)


async def test_twenty_megabytes_come_in_and_harm_nobody(place: Place) -> None:
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):
        film = a_message("look\r\n" + ("A" * 998 + "\r\n") * 20_000, subject="a film")
        await hand_over(server.port, "help@digest.example.org", film)

        assert await it.store.mail.parked_count() == 1
        with pytest.raises(smtplib.SMTPException):
            await hand_over(server.port, "help@digest.example.org", film + film)


async def test_while_the_database_is_away_the_mail_server_is_to_come_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):

        async def away(*_: object) -> None:
            raise OSError("no database")

        with monkeypatch.context() as trouble:
            trouble.setattr(it.store.mail, "park", away)
            trouble.setattr(it.store.counts, "add", away)
            with pytest.raises(smtplib.SMTPDataError) as refused:
                await hand_over(server.port, "help@digest.example.org", a_message("Who are you?"))
        await hand_over(server.port, "help@digest.example.org", a_message("Who are you?"))

        assert refused.value.smtp_code == 451
        assert await it.store.mail.parked_count() == 1


async def test_every_message_of_the_shelf_is_acknowledged(place: Place) -> None:
    """Broken ones too: whatever a message is, it is dealt with once, and the next one comes."""
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):
        assert it.receiver is not None
        names = sorted(INBOUND.glob("broken-*.eml"))
        for path in names:
            for to in ("help", "bounces+1"):
                await hand_over(server.port, f"{to}@digest.example.org", path.read_bytes() or b"\r\n")

        assert it.receiver.kinds.total() == 2 * len(names)
        assert it.receiver.kinds["poisonous"] == 0


async def test_a_password_that_is_missing_is_named(place: Place) -> None:
    receives(place, "  imap: { host: imap.example.org, username: digest }")

    with pytest.raises(ConfigError, match="DIGEST_IMAP_PASSWORD"):
        async with receiving(place, at(DAY, "09:00")):
            pass
