"""PIPELINING (RFC 2920): fewer round trips, and nothing else is different."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.smtp import Act, At, Drop, Raw, Reset, Say, ScriptedSmtpServer
from tenacity import wait_none
from test_relay import options

from digest.adapters.smtp.relay import SmtpRelay
from digest.compose import wire_ready
from digest.deliveries import Answer, Envelope, Event
from digest.ports import Session

OFFERED = ("ENHANCEDSTATUSCODES", "PIPELINING")


def relay(server: ScriptedSmtpServer, *, pipelining: bool = True) -> SmtpRelay:
    return SmtpRelay([options(server, pipelining=pipelining)], pause=wait_none())


def to(number: int) -> Envelope:
    return Envelope(bounce_to=f"b+{number}@digest.test", recipient=f"reader{number}@example.org")


async def submit_all(session: Session, contents: list[bytes]) -> list[Answer]:
    """As a worker does: each envelope goes out right behind the content before it, where that may be."""
    envelopes = [to(n) for n in range(len(contents))]
    answers = []
    for n, content in enumerate(contents):
        answer = await session.offer(envelopes[n], len(content))
        if answer.event is Event.BEGUN:
            then = (envelopes[n + 1], len(contents[n + 1])) if n + 1 < len(contents) else None
            answer = await session.hand_over(wire_ready(content), then)
        answers.append(answer)
    return answers


LINES = st.lists(
    st.sampled_from(
        [b"", b".", b"..", b".x", b"RCPT TO:<x@y>", b"DATA", b"250 ok", b"x" * 900, b"\xe2\x80\x93"]
    ),
    min_size=1,
    max_size=8,
).map(lambda lines: b"".join(line + b"\r\n" for line in lines))


@settings(max_examples=40)
@given(contents=st.lists(LINES, min_size=1, max_size=6))
async def test_what_arrives_is_the_same_with_and_without_it(contents: list[bytes]) -> None:
    arrived = []
    for extensions in (OFFERED, ("ENHANCEDSTATUSCODES",)):
        async with ScriptedSmtpServer(extensions=extensions) as server:
            async with relay(server).session() as session:
                answers = await submit_all(session, contents)
            assert {answer.event for answer in answers} == {Event.TAKEN}
            arrived.append(server.messages)

    assert arrived[0] == arrived[1]
    assert [message.content for message in arrived[0]] == contents


async def test_a_message_costs_one_round_trip_once_the_first_is_under_way() -> None:
    """The next envelope is at the server before it has answered the content."""
    async with ScriptedSmtpServer(extensions=OFFERED) as server, relay(server).session() as session:
        await submit_all(session, [b"one\r\n", b"two\r\n"])

    assert [command.split(" ")[0] for command in server.commands] == [
        *("EHLO", "MAIL", "RCPT", "DATA"),
        *("MAIL", "RCPT", "DATA", "QUIT"),
    ]


async def test_a_relay_that_does_not_offer_it_is_not_hurried() -> None:
    async with ScriptedSmtpServer() as server, relay(server).session() as session:
        answers = await submit_all(session, [b"one\r\n", b"two\r\n"])

    assert [answer.event for answer in answers] == [Event.TAKEN, Event.TAKEN]


@pytest.mark.parametrize("at", [At.MAIL, At.RCPT, At.DATA])
@pytest.mark.parametrize("said", ["450 4.2.1 later", "550 5.1.1 no such user"])
async def test_a_refusal_in_the_middle_touches_its_own_message_alone(at: At, said: str) -> None:
    """And RFC 2920 section 3.1: a relay may ask for the content of a message without a recipient."""
    script = {at: [Say("250 fine") if at is not At.DATA else Say("354 go on"), Say(said)]}
    async with ScriptedSmtpServer(script, extensions=OFFERED) as server, relay(server).session() as session:
        answers = await submit_all(session, [b"one\r\n", b"two\r\n", b"three\r\n"])

        assert [answer.event is Event.TAKEN for answer in answers] == [True, False, True]
        whole = [m.content for m in server.messages if m.recipients and m.content]
        assert whole == [b"one\r\n", b"three\r\n"]


@pytest.mark.parametrize("act", [Drop(), Reset(), Raw(b"noise\r\n"), Say("421 4.3.2 closing")], ids=repr)
async def test_what_was_behind_a_lost_connection_was_surely_not_taken_and_goes_again(act: Act) -> None:
    async with (
        ScriptedSmtpServer({At.DOT: [act]}, extensions=OFFERED) as server,
        relay(server).session() as session,
    ):
        first, second = await submit_all(session, [b"one\r\n", b"two\r\n"])

        assert first.event is (Event.PUT_OFF if act == Say("421 4.3.2 closing") else Event.LOST)
        assert second.event is Event.TAKEN
        assert [m.content for m in server.messages] == [b"one\r\n", b"two\r\n"]
        assert server.connections == 2


async def test_an_envelope_that_went_out_behind_and_is_not_followed_up_is_dropped() -> None:
    async with ScriptedSmtpServer(extensions=OFFERED) as server, relay(server).session() as session:
        await session.offer(to(1), 5)
        await session.hand_over(wire_ready(b"one\r\n"), (to(2), 5))
        assert (await session.offer(to(3), 7)).event is Event.BEGUN
        assert (await session.hand_over(wire_ready(b"three\r\n"))).event is Event.TAKEN

        assert [m.recipients for m in server.messages] == [(to(1).recipient,), (to(3).recipient,)]


async def test_a_second_relay_takes_what_the_first_is_not_there_for() -> None:
    async with ScriptedSmtpServer() as first, ScriptedSmtpServer() as second:
        both = SmtpRelay(
            [options(server, connect_attempts=1, rest=timedelta(hours=1)) for server in (first, second)],
            pause=wait_none(),
        )
        await first.stop()
        async with both.session() as session:
            answers = await submit_all(session, [b"one\r\n"])

        assert answers[0].event is Event.TAKEN
        assert len(second.messages) == 1
        there, here = both.health()
        assert (there.relay, here.relay) == (f"127.0.0.1:{first.port}", f"127.0.0.1:{second.port}")
        assert there.trouble
        assert not here.trouble


async def test_a_goodbye_behind_the_word_to_go_on_is_heard_before_anything_is_sent() -> None:
    """Surely not taken, so it is asked again: nothing of it has left us."""
    goodbye = Raw(b"354 go ahead\r\n421 4.3.2 shutting down\r\n")
    async with (
        ScriptedSmtpServer({At.DATA: [goodbye]}, extensions=OFFERED) as server,
        relay(server).session() as session,
    ):
        (answer,) = await submit_all(session, [b"Subject: x\r\n\r\nx\r\n"])

    assert answer.event is Event.PUT_OFF
    assert "shutting down" in answer.text
    assert server.messages == []
