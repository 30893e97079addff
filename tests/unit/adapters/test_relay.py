"""Submitting to real servers that keep their word, and to one that does not."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import mailbox
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers.certificates import Authority
from servers.smtp import (
    Act,
    At,
    Drop,
    Raw,
    Reset,
    Say,
    ScriptedSmtpServer,
    SmtpServer,
    Stall,
    Until,
)
from tenacity import wait_none

from digest.adapters.smtp.connect import Lifetime, RelayOptions, Timeouts
from digest.adapters.smtp.relay import SmtpRelay
from digest.compose import wire_ready
from digest.deliveries import Answer, Envelope, Event
from digest.ports import Session
from digest.settings import MailServer, Tls

ZOE = "zoe@example.org"
BEN = "ben@example.org"
BOUNCES = "b+17.20261123@digest.test"
CONTENT = b"Subject: what moved\r\n\r\nOne service moved up.\r\n"

PATIENT = timedelta(seconds=10)  # never used up by a test that passes
SOON = timedelta(milliseconds=100)  # always used up, by a server that stays silent
FAIR = timedelta(milliseconds=700)  # used up by a silent server, enough for a sound one


def timeouts(**changes: timedelta) -> Timeouts:
    return replace(Timeouts(connect=PATIENT, command=PATIENT, final=PATIENT), **changes)


def options(server: SmtpServer | ScriptedSmtpServer, **changes: Any) -> RelayOptions:
    """Options for a test's server; `changes` are of the options, or of the server's settings."""
    of_server = {name: changes.pop(name) for name in MailServer.model_fields if name in changes}
    sound = RelayOptions(
        server=MailServer(host=server.host, port=server.port).model_copy(update=of_server),
        local_hostname="digest.test",
        timeouts=timeouts(),
        rest=timedelta(0),
    )
    return replace(sound, **changes)


def session(server: SmtpServer | ScriptedSmtpServer, **changes: Any) -> AbstractAsyncContextManager[Session]:
    return SmtpRelay([options(server, **changes)], pause=wait_none()).session()


def to(recipient: str) -> Envelope:
    return Envelope(bounce_to=BOUNCES, recipient=recipient)


async def offer(session: Session, recipient: str = ZOE) -> Answer:
    return await session.offer(to(recipient), len(CONTENT))


async def submit(session: Session, recipient: str = ZOE, content: bytes = CONTENT) -> Answer:
    """Both halves, as a job does them."""
    answer = await session.offer(to(recipient), len(content))
    return await session.hand_over(wire_ready(content)) if answer.event is Event.BEGUN else answer


async def stop(task: asyncio.Task[Any]) -> None:
    """Cancel until it heeds: Python 3.11's `wait_for` swallows a cancellation that comes with its result."""
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)
    assert task.cancelled()


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


# -- when all is well -----------------------------------------------------------------------------------


async def test_a_message_taken_keeps_the_words_by_which_the_relay_knows_it(server: SmtpServer) -> None:
    async with session(server) as relay:
        assert (await offer(relay)).event is Event.BEGUN
        answer = await relay.hand_over(wire_ready(CONTENT))

    assert answer == Answer(event=Event.TAKEN, code=250, text="2.0.0 Ok: queued as 1")
    (message,) = server.messages
    assert (message.bounce_to, message.recipients) == (BOUNCES, (ZOE,))


async def test_one_connection_serves_many_messages(server: SmtpServer) -> None:
    async with session(server) as relay:
        answers = [await submit(relay, f"reader{n}@example.org") for n in range(5)]

    assert {answer.event for answer in answers} == {Event.TAKEN}
    assert (server.connections, len(server.messages)) == (1, 5)


async def test_nothing_is_dialled_before_the_first_offer(server: SmtpServer) -> None:
    async with session(server):
        pass

    assert server.connections == 0


async def test_a_relay_with_a_limit_hears_the_size_before_it_is_sent_anything() -> None:
    """RFC 1870: too big is too big for good, and is known before the content is carried over."""
    async with SmtpServer(size_limit=1000) as server, session(server) as relay:
        small, big = await submit(relay), await submit(relay, content=CONTENT * 100)

    assert (small.event, big.event, big.code) == (Event.TAKEN, Event.REJECTED, 552)
    assert [message.options for message in server.messages] == [(f"SIZE={len(CONTENT)}",)]


CONTENTS = st.lists(
    st.one_of(
        st.sampled_from([b"", b".", b"..", b".x", b"...", b". ", b"x" * 998, b"." * 997, b"\t.", b"x."]),
        st.binary(max_size=60).map(lambda b: b.replace(b"\r", b"").replace(b"\n", b"")),
    ),
    min_size=1,
    max_size=12,
).map(lambda lines: b"".join(line + b"\r\n" for line in lines))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(content=CONTENTS)
async def test_what_arrives_is_what_was_handed_over(content: bytes) -> None:
    """Leading dots, empty lines and the longest allowed ones included (RFC 5321 section 4.5.2)."""
    async with SmtpServer() as server, session(server) as relay:
        assert (await submit(relay, content=content)).event is Event.TAKEN
        assert server.messages[0].content == content


@pytest.mark.parametrize("content", [b"a\nb\n", b"a\rb", b"a\n.\nb", b"a\r\n.\nMAIL FROM:<x@y.test>\r\nb"])
async def test_no_line_end_but_crlf_leaves_the_house(server: SmtpServer, content: bytes) -> None:
    """A bare line feed after a dot would otherwise end the message early and smuggle in a second one."""
    async with session(server) as relay:
        answer = await submit(relay, content=content)

    expected = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n").replace(b"\n", b"\r\n")
    assert answer.event is Event.TAKEN
    assert [message.content for message in server.messages] == [expected + b"\r\n"]


async def test_an_offer_withdrawn_leaves_no_trace_and_the_next_one_stands(server: SmtpServer) -> None:
    async with session(server) as relay:
        assert (await offer(relay, ZOE)).event is Event.BEGUN
        await relay.withdraw()
        assert (await submit(relay, BEN)).event is Event.TAKEN

    assert [message.recipients for message in server.messages] == [(BEN,)]
    assert server.connections == 1


async def test_withdrawing_without_a_connection_is_nothing(server: SmtpServer) -> None:
    async with session(server) as relay:
        await relay.withdraw()


async def test_one_refusal_does_not_touch_the_others(server: SmtpServer) -> None:
    server.answers[ZOE] = "550 5.1.1 no such user"
    server.verdicts["spam@example.org"] = "554 5.6.0 not this text"

    async with session(server) as relay:
        events = [(await submit(relay, who)).event for who in (ZOE, "spam@example.org", BEN)]

    assert events == [Event.REJECTED, Event.REJECTED, Event.TAKEN]
    assert [message.recipients for message in server.messages] == [(BEN,)]
    assert server.connections == 1


async def test_a_maildir_receives_what_the_relay_takes(tmp_path: Path) -> None:
    async with SmtpServer(maildir=tmp_path / "mail") as server, session(server) as relay:
        await submit(relay)

    (message,) = mailbox.Maildir(tmp_path / "mail")
    assert message["subject"] == "what moved"


# -- what the relay says, by phase ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "said", "event"),
    [
        (At.CONNECT, "421 4.3.2 not now", Event.PUT_OFF),
        (At.CONNECT, "554 5.7.1 we do not talk to you", Event.PUT_OFF),
        (At.EHLO, "421 4.3.2 going down", Event.PUT_OFF),
        (At.EHLO, "550 5.7.1 who are you", Event.PUT_OFF),
        (At.MAIL, "451 4.3.0 try again", Event.PUT_OFF),
        (At.MAIL, "421 4.3.2 too much mail", Event.PUT_OFF),
        (At.MAIL, "550 5.7.1 sender not allowed", Event.PUT_OFF),
        (At.MAIL, "530 5.7.0 Authentication required", Event.PUT_OFF),
        (At.MAIL, "552 5.3.4 too big", Event.REJECTED),
        (At.RCPT, "250 2.1.5 fine", Event.TAKEN),
        (At.RCPT, "251 will forward", Event.TAKEN),
        (At.RCPT, "252 cannot verify, will try", Event.TAKEN),
        (At.RCPT, "450 4.2.0 greylisted", Event.PUT_OFF),
        (At.RCPT, "452 4.2.2 mailbox full", Event.PUT_OFF),
        (At.RCPT, "421 4.7.0 too many connections", Event.PUT_OFF),
        (At.RCPT, "550 5.1.1 no such user", Event.REJECTED),
        (At.RCPT, "550", Event.REJECTED),
        (At.RCPT, "552 5.2.2 mailbox full", Event.PUT_OFF),
        (At.RCPT, "554 5.7.1 relay access denied", Event.PUT_OFF),
        (At.RCPT, "550-5.1.1 no such\n550-5.1.1 user\n550 5.1.1 here", Event.REJECTED),
        (At.DATA, "451 4.3.0 queue file write error", Event.PUT_OFF),
        (At.DATA, "421 4.3.2 going down", Event.PUT_OFF),
        (At.DATA, "554 5.5.1 no valid recipients", Event.REJECTED),
        (At.DATA, "530 5.7.0 must issue STARTTLS", Event.PUT_OFF),
        (At.DOT, "250-taken\n250 for good", Event.TAKEN),
        (At.DOT, "251 taken, in an odd way", Event.TAKEN),
        (At.DOT, "451 4.3.0 disk full", Event.PUT_OFF),
        (At.DOT, "421 4.3.2 going down, not taken", Event.PUT_OFF),
        (At.DOT, "554 5.6.0 not this text", Event.REJECTED),
        (At.DOT, "550 5.7.1 looks like spam", Event.REJECTED),
        (At.DOT, "552 5.2.2 mailbox full", Event.PUT_OFF),
    ],
)
async def test_a_reply_means_one_thing_in_each_phase(at: At, said: str, event: Event) -> None:
    """The code decides, whatever exception the library wraps it in."""
    script = {at: [Say(said)]}
    async with ScriptedSmtpServer(script) as server, session(server, connect_attempts=1) as relay:
        answer = await submit(relay)

    assert answer.event is event
    if at is not At.RCPT or event is not Event.TAKEN:
        assert answer.code == int(said[:3])


async def test_how_each_relay_was_is_known_without_any_address() -> None:
    """A relay that turns us away may name the account."""
    async with ScriptedSmtpServer(
        {At.CONNECT: [Say("554 5.7.1 not from noon@digest.example.org")]}
    ) as server:
        relay = SmtpRelay([options(server, connect_attempts=1, rest=timedelta())], pause=wait_none())
        (before,) = relay.health()
        async with relay.session() as one:
            await submit(one)
            (turned_away,) = relay.health()
            await submit(one)
        (at_last,) = relay.health()

    assert (before.relay, before.ago) == (f"{server.host}:{server.port}", None)
    assert (turned_away.code, turned_away.trouble) == (554, "5.7.1 not from n…@digest.example.org")
    assert turned_away.ago is not None
    assert (at_last.code, at_last.trouble) == (None, "")


@pytest.mark.parametrize("act", [Drop(), Reset(), (Say("421 4.3.2 going down"), Drop())], ids=repr)
@pytest.mark.parametrize("at", [At.CONNECT, At.EHLO, At.MAIL, At.RCPT, At.DATA])
async def test_a_connection_lost_before_the_content_surely_left_nothing_behind(at: At, act: Act) -> None:
    async with ScriptedSmtpServer({at: [act]}) as server, session(server, connect_attempts=1) as relay:
        lost = await submit(relay)
        again = await submit(relay)

        assert lost.event is Event.PUT_OFF
        assert again.event is Event.TAKEN  # on a connection of its own
        assert (server.connections, len(server.messages)) == (2, 1)


@pytest.mark.parametrize("at", [At.CONTENT, At.DOT])
@pytest.mark.parametrize(
    "act",
    [
        Drop(),
        Reset(),
        Raw(b"hello?\r\n"),
        Raw(b"\xff\xfe\x00\r\n"),
        Raw(b"99 not a code\r\n"),
        Say("354 go on"),
        Say("199 what"),
    ],
    ids=repr,
)
async def test_no_clear_answer_after_the_content_is_never_taken_for_one(at: At, act: Act) -> None:
    """The message may have been taken, and the next one gets a connection of its own."""
    async with ScriptedSmtpServer({at: [act]}) as server, session(server) as relay:
        lost = await submit(relay, ZOE)
        again = await submit(relay, BEN)

        assert lost.event is Event.LOST
        assert lost.code == (354 if act == Say("354 go on") else None)
        assert again.event is Event.TAKEN
        assert server.connections == 2


@pytest.mark.parametrize("at", [At.CONNECT, At.EHLO, At.MAIL, At.RCPT, At.DATA])
async def test_silence_before_the_content_puts_the_delivery_off(at: At) -> None:
    waits = {"timeouts": timeouts(connect=SOON, command=SOON), "connect_attempts": 1}
    async with ScriptedSmtpServer({at: [Stall()]}) as server:
        async with session(server, **waits) as relay:
            answer = await submit(relay)

        assert (answer.event, answer.code) == (Event.PUT_OFF, None)
        assert server.octets == 0


async def test_silence_after_the_final_dot_leaves_the_outcome_unknown() -> None:
    async with (
        ScriptedSmtpServer({At.DOT: [Stall()]}) as server,
        session(server, timeouts=timeouts(final=SOON)) as relay,
    ):
        answer = await submit(relay)

        assert (answer.event, answer.code) == (Event.LOST, None)
        assert len(await server.until(1)) == 1  # the relay did have it


async def test_the_final_reply_may_take_longer_than_any_other() -> None:
    late = asyncio.Event()
    async with (
        ScriptedSmtpServer({At.DOT: [(Until(late), Say("250 2.0.0 at last"))]}) as server,
        session(server, timeouts=timeouts(command=FAIR)) as relay,
    ):
        await offer(relay)
        handing_over = asyncio.create_task(relay.hand_over(wire_ready(CONTENT)))
        await server.reached(At.DOT)
        done, _ = await asyncio.wait({handing_over}, timeout=1.5 * FAIR.total_seconds())
        late.set()

        assert not done
        assert (await handing_over).text == "2.0.0 at last"


async def test_a_relay_that_stops_reading_does_not_hold_the_connection_for_ever() -> None:
    """The rest of a big message must not stay in our buffer, waiting for a reader that never comes."""
    big = b"".join([b"x" * 76 + b"\r\n"] * 200_000)
    relay: Any
    script = {At.CONTENT: [Stall()]}
    async with ScriptedSmtpServer(script) as server, session(server, timeouts=timeouts(final=SOON)) as relay:
        await relay.offer(to(ZOE), len(big))
        transport = relay._connection.dialogue._transport
        answer = await relay.hand_over(big)

        assert answer.event is Event.LOST
        assert transport.get_write_buffer_size() == 0


async def test_a_connection_lost_between_the_halves_surely_left_nothing_behind() -> None:
    """While the job commits, the relay may go away; DATA was never sent."""
    gone = asyncio.Event()
    script = {At.RCPT: [(Say("250 fine"), Until(gone), Drop())]}
    async with ScriptedSmtpServer(script) as server, session(server) as relay:
        assert (await offer(relay)).event is Event.BEGUN
        gone.set()
        answer = await relay.hand_over(wire_ready(CONTENT))

        assert answer.event is Event.PUT_OFF
        assert (await submit(relay)).event is Event.TAKEN
    assert server.octets > 0
    assert len(server.messages) == 1


async def test_a_relay_that_asks_for_the_content_and_goes_away_may_have_it() -> None:
    """The earliest loss that is no longer told apart: on the safe side."""
    script = {At.DATA: [(Say("354 go ahead"), Drop())]}
    async with ScriptedSmtpServer(script) as server, session(server) as relay:
        answer = await submit(relay)

        assert answer.event is Event.LOST
        assert (await submit(relay)).event is Event.TAKEN


async def test_nothing_is_handed_over_on_an_offer_that_was_withdrawn_the_hard_way() -> None:
    async with ScriptedSmtpServer({At.RSET: [Drop()]}) as server, session(server) as relay:
        await offer(relay)
        await relay.withdraw()
        answer = await relay.hand_over(wire_ready(CONTENT))

        assert answer.event is Event.PUT_OFF
        assert server.octets == 0


async def test_nothing_is_handed_over_on_an_offer_that_was_withdrawn(server: SmtpServer) -> None:
    async with session(server) as relay:
        await offer(relay)
        await relay.withdraw()
        answer = await relay.hand_over(wire_ready(CONTENT))

    assert (answer.event, answer.code) == (Event.PUT_OFF, 503)


async def test_a_relay_that_will_not_reset_gets_a_new_connection() -> None:
    script = {At.RCPT: [Say("550 5.1.1 no such user")], At.RSET: [Say("500 what?")]}
    async with ScriptedSmtpServer(script) as server, session(server) as relay:
        assert (await submit(relay, ZOE)).event is Event.REJECTED
        assert (await submit(relay, BEN)).event is Event.TAKEN
        assert server.connections == 2


# -- late replies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [At.MAIL, At.RCPT, At.DATA, At.DOT])
async def test_a_late_refusal_of_one_message_is_no_answer_to_the_next(at: At) -> None:
    """Measured with the bare library, where the late 550 answered the next message."""
    late = asyncio.Event()
    async with ScriptedSmtpServer({at: [(Until(late), Say("550 5.1.1 late"))]}) as server:
        async with session(server, timeouts=timeouts(command=FAIR, final=FAIR)) as relay:
            first = await submit(relay, ZOE)
            late.set()
            second = await submit(relay, BEN)

        assert first.event is (Event.LOST if at is At.DOT else Event.PUT_OFF)
        assert second.event is Event.TAKEN


@pytest.mark.parametrize("at", [At.CONNECT, At.EHLO, At.MAIL, At.RCPT, At.DATA, At.CONTENT, At.DOT])
async def test_cancelling_cuts_the_connection(at: At) -> None:
    late = asyncio.Event()
    async with ScriptedSmtpServer({at: [(Until(late), Say("550 5.1.1 late"))]}) as server:
        async with session(server) as relay:
            working = asyncio.create_task(submit(relay, ZOE))
            await server.reached(at)
            await stop(working)
            late.set()
            second = await submit(relay, BEN)

        assert second.event is Event.TAKEN
        assert server.connections == 2


async def test_a_cancellation_swallowed_on_the_way_is_heeded_before_the_next_message(
    server: SmtpServer,
) -> None:
    async def work() -> None:
        async with session(server) as relay:
            asyncio.current_task().cancel()  # type: ignore[union-attr]
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0)
            await submit(relay)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(work())
    assert server.connections == 0


async def test_a_session_left_by_an_error_says_no_farewell() -> None:
    async with ScriptedSmtpServer({}) as server:
        with pytest.raises(ZeroDivisionError):
            async with session(server) as relay:
                await offer(relay)
                raise ZeroDivisionError

    assert "QUIT" not in server.commands


@pytest.mark.parametrize("act", [Drop(), Say("500 no farewell"), Raw(b"\x00\r\n")], ids=repr)
async def test_a_bad_farewell_harms_nobody(act: Act) -> None:
    async with ScriptedSmtpServer({At.QUIT: [act]}) as server, session(server) as relay:
        answer = await submit(relay)

    assert answer.event is Event.TAKEN


async def test_sessions_side_by_side_do_not_mix_their_answers(server: SmtpServer) -> None:
    server.answers |= {f"odd{n}@example.org": "550 5.1.1 no such user" for n in range(10)}
    relay = SmtpRelay([options(server)])

    async def work(prefix: str) -> list[Event]:
        async with relay.session() as one:
            return [(await submit(one, f"{prefix}{n}@example.org")).event for n in range(10)]

    even, odd, more = await asyncio.gather(work("even"), work("odd"), work("more"))

    assert set(even) == set(more) == {Event.TAKEN}
    assert set(odd) == {Event.REJECTED}


# -- having a connection --------------------------------------------------------------------------------


async def test_a_relay_that_is_down_puts_off_and_is_found_again_when_it_is_back() -> None:
    server = SmtpServer()
    await server.start()
    await server.stop()

    async with session(server) as relay:
        down = await submit(relay)
        await server.start()
        back = await submit(relay)
        await server.stop()

    assert (down.event, down.code) == (Event.PUT_OFF, None)
    assert back.event is Event.TAKEN


async def test_dialling_is_tried_again_a_few_times() -> None:
    async with ScriptedSmtpServer({At.CONNECT: [Drop(), Say("421 4.3.2 busy")]}) as server:
        async with session(server) as relay:
            answer = await submit(relay)

        assert answer.event is Event.TAKEN
        assert server.connections == 3


async def test_dialling_is_given_up_with_the_relays_own_words() -> None:
    """The last error as it was, not a wrapper's."""
    async with ScriptedSmtpServer({At.CONNECT: repeat(Say("421 4.3.2 busy"))}) as server:
        async with session(server, connect_attempts=3) as relay:
            answer = await offer(relay)

        assert answer == Answer(event=Event.PUT_OFF, code=421, text="4.3.2 busy", reached=False)
        assert server.connections == 3


async def test_a_relay_that_could_not_be_had_is_let_rest() -> None:
    async with ScriptedSmtpServer({At.CONNECT: repeat(Drop())}) as server:
        async with session(server, connect_attempts=1, rest=PATIENT) as relay:
            answers = [await offer(relay) for _ in range(50)]

        assert {answer.event for answer in answers} == {Event.PUT_OFF}
        assert server.connections == 1


async def test_a_connection_is_left_politely_after_its_share_of_messages() -> None:
    async with ScriptedSmtpServer({}) as server:
        async with session(server, lifetime=Lifetime(messages=2)) as relay:
            for _ in range(5):
                assert (await submit(relay)).event is Event.TAKEN

        assert server.connections == 3
        assert server.commands.count("QUIT") == 3


async def test_a_connection_long_unused_is_not_trusted(server: SmtpServer) -> None:
    async with session(server, lifetime=Lifetime(idle=timedelta(seconds=-1))) as relay:
        for _ in range(3):
            assert (await submit(relay)).event is Event.TAKEN

    assert server.connections == 3


@pytest.mark.parametrize("act", [Drop(), Reset(), Say("421 4.7.0 that was your last one here")], ids=repr)
@pytest.mark.parametrize("at", [At.MAIL, At.RCPT])
async def test_an_old_connection_that_breaks_is_replaced_within_the_offer(at: At, act: Act) -> None:
    """Relays close connections they find old enough; the envelope at hand is not to blame."""
    sound = Say("250 fine")
    async with ScriptedSmtpServer({at: [sound, act]}) as server, session(server) as relay:
        answers = [await submit(relay, who) for who in (ZOE, BEN)]

        assert {answer.event for answer in answers} == {Event.TAKEN}
        assert [message.recipients for message in server.messages] == [(ZOE,), (BEN,)]
        assert server.connections == 2


async def test_a_relay_that_breaks_every_connection_is_not_dialled_without_end() -> None:
    steps: list[Iterable[Act]] = [[Say("250 fine")], repeat(Drop())]
    script = {At.MAIL: chain.from_iterable(steps)}
    async with ScriptedSmtpServer(script) as server, session(server) as relay:
        first, second = await submit(relay), await submit(relay)

        assert (first.event, second.event) == (Event.TAKEN, Event.PUT_OFF)
        assert server.connections == 2


async def test_a_connection_closed_between_two_messages_is_replaced() -> None:
    async with ScriptedSmtpServer({At.DOT: [(Say("250 fine"), Drop())]}) as server:
        relay: Any
        async with session(server) as relay, asyncio.timeout(PATIENT.total_seconds()):
            assert (await submit(relay)).event is Event.TAKEN
            while relay._connection.client.is_connected:  # noqa: ASYNC110 - the library tells nobody
                await asyncio.sleep(0)
            assert (await submit(relay)).event is Event.TAKEN


async def test_a_host_name_that_cannot_be_looked_up_puts_off(server: SmtpServer) -> None:
    async with session(server, host="no..such..host") as relay:
        assert (await offer(relay)).event is Event.PUT_OFF


# -- TLS and login --------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_mail_goes_through_tls_after_logging_in(authority: Authority, tls: Tls) -> None:
    secured = {"tls": tls, "ca_file": authority.ca_file, "username": "digest", "password": "s3cret"}
    async with SmtpServer(tls=authority, implicit=tls is Tls.IMPLICIT, login=("digest", "s3cret")) as server:
        async with session(server, **secured) as relay:
            assert (await submit(relay, ZOE)).event is Event.TAKEN
            assert (await submit(relay, BEN)).event is Event.TAKEN

        assert (server.connections, server.logins) == (1, ["digest"])


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(authority: Authority, tls: Tls) -> None:
    async with SmtpServer(tls=authority, implicit=tls is Tls.IMPLICIT) as server:
        async with session(server, tls=tls) as relay:
            answer = await submit(relay)

        assert answer.event is Event.PUT_OFF
        assert "certificate verify failed" in answer.text.lower()
        assert server.messages == []


async def test_a_relay_stripped_of_starttls_gets_no_mail_in_clear(server: SmtpServer) -> None:
    async with session(server, tls=Tls.STARTTLS) as relay:
        answer = await submit(relay)

    assert answer.event is Event.PUT_OFF
    assert server.messages == []


@pytest.mark.parametrize(
    "act",
    [Say("454 4.7.0 TLS not available"), (Say("220 go ahead"), Raw(b"250 no TLS here\r\n")), Drop(), Stall()],
    ids=["refused", "no handshake", "dropped", "silent"],
)
async def test_a_broken_starttls_puts_off_and_sends_nothing_in_clear(act: Act) -> None:
    server = ScriptedSmtpServer({At.STARTTLS: repeat(act)}, extensions=("STARTTLS",))
    async with server, session(server, tls=Tls.STARTTLS, timeouts=timeouts(command=SOON)) as relay:
        answer = await submit(relay)

        assert answer.event is Event.PUT_OFF
        assert [line for line in server.commands if line.startswith("MAIL")] == []


async def test_a_relay_that_wants_a_login_puts_off_those_who_have_none(authority: Authority) -> None:
    """A misconfigured login must not settle every subscriber as refused."""
    secured = {"tls": Tls.STARTTLS, "ca_file": authority.ca_file}
    async with (
        SmtpServer(tls=authority, login=("digest", "s3cret")) as server,
        session(server, **secured) as relay,
    ):
        answer = await submit(relay)

    assert answer == Answer(
        event=Event.PUT_OFF, code=530, text="5.7.0 Authentication required", about_us=True
    )


async def test_a_wrong_password_puts_off_and_is_not_tried_again(authority: Authority) -> None:
    wrong = {"tls": Tls.STARTTLS, "ca_file": authority.ca_file, "username": "digest", "password": "guess"}
    async with SmtpServer(tls=authority, login=("digest", "s3cret")) as server:
        async with session(server, **wrong) as relay:
            answer = await submit(relay)

        assert (answer.event, answer.code) == (Event.PUT_OFF, 535)
        assert server.connections == 1


def test_a_password_is_not_in_the_options_written_out() -> None:
    written = repr(RelayOptions(server=MailServer(username="u"), local_hostname="l", password="s3cret"))

    assert "s3cret" not in written


def test_a_missing_file_of_authorities_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SmtpRelay(
            [
                RelayOptions(
                    server=MailServer(tls=Tls.STARTTLS, ca_file=tmp_path / "none.pem"), local_hostname="l"
                )
            ]
        )


# -- addresses and words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "zoe@example.org> SIZE=1",
        "zoe@example.org\r\nRCPT TO:<all@example.org",
        "zoe@example.org,all@example.org",
        "Zoe <zoe@example.org>",
        "zoe@example.org (the one)",
        "zoe\x00@example.org",
        "zoe @example.org",
        "",
    ],
)
async def test_an_address_that_would_say_something_else_is_not_sent(server: SmtpServer, address: str) -> None:
    async with session(server) as relay:
        answer = await offer(relay, address)

    assert answer == Answer(event=Event.REJECTED, code=None, text="the address cannot stand in RCPT")
    assert server.connections == 0


async def test_a_bad_bounce_address_is_our_own_fault(server: SmtpServer) -> None:
    async with session(server) as relay:
        answer = await relay.offer(Envelope(bounce_to="a b@digest.test", recipient=ZOE), 1)

    assert answer.event is Event.PUT_OFF


async def test_an_answer_of_ours_may_have_no_bounce_address() -> None:
    """RFC 5321 section 4.5.5."""
    async with ScriptedSmtpServer({}) as server, session(server) as relay:
        answer = await relay.offer(Envelope(bounce_to="", recipient=ZOE), 1)

        assert answer.event is Event.BEGUN
        assert "MAIL FROM:<>" in server.commands


@pytest.mark.parametrize(("utf8", "event"), [(True, Event.TAKEN), (False, Event.REJECTED)])
async def test_an_address_outside_ascii_goes_to_a_relay_that_can_carry_it(utf8: bool, event: Event) -> None:
    """RFC 6531."""
    async with SmtpServer(utf8=utf8) as server, session(server) as relay:
        assert (await submit(relay, "zoë@example.org")).event is event
        assert (await submit(relay, ZOE)).event is Event.TAKEN
        assert len(server.to("zoë@example.org")) == utf8


async def test_the_relays_words_can_be_stored_whatever_they_are() -> None:
    """Octets that are no UTF-8, control characters and essays reach no database."""
    words = b"550 5.1.1 kein Empf\xe4nger\x00\x1b[31m \xe2\x80\xa8" + b"x" * 5000 + b"\r\n"
    async with ScriptedSmtpServer({At.RCPT: [Raw(words)]}) as server, session(server) as relay:
        answer = await offer(relay)

    assert answer.event is Event.REJECTED
    assert answer.text.startswith("5.1.1 kein Empf\ufffdnger [31m")
    assert answer.text.isprintable()
    assert len(answer.text) == 500
    answer.text.encode()


async def test_no_address_and_no_password_stands_in_a_log(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the test server's own
    script: dict[At, Iterable[Act]] = {
        At.RCPT: [Say(f"550 5.1.1 <{ZOE}> unknown"), Say(f"421 4.7.0 <{ZOE}> busy"), Drop()],
        At.DOT: [Drop()],
    }
    login = {"username": "digest", "password": "s3cret"}
    async with ScriptedSmtpServer(script, extensions=("AUTH PLAIN",)) as server:
        async with session(server, **login) as relay:
            for _ in range(4):
                await submit(relay)
        await server.stop()
        async with session(server, **login) as relay:
            await submit(relay)

    written = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert len(caplog.records) > 3
    assert "example.org" not in written
    assert "s3cret" not in written
