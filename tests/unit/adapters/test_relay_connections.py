"""Which relay is dialled, how it is logged in to, and when a connection has served long enough."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import repeat
from pathlib import Path

import pytest
from servers.certificates import Authority
from servers.smtp import At, Mute, Say, ScriptedSmtpServer, SmtpServer
from tenacity import wait_fixed, wait_none
from test_relay import options, session, submit, timeouts

from digest.adapters.smtp.connect import Lifetime
from digest.adapters.smtp.relay import SmtpRelay
from digest.deliveries import Event
from digest.settings import Tls


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("token-1\n")
    return file


async def test_a_token_is_shown_by_xoauth2_and_read_anew_for_each_connection(token_file: Path) -> None:
    """Tokens live for an hour; a connection made in the second hour needs another."""
    account = {"username": "noon", "token_file": token_file, "password": "not used"}
    async with ScriptedSmtpServer(extensions=("AUTH XOAUTH2",)) as server:
        async with session(server, **account, lifetime=Lifetime(messages=1)) as relay:
            assert (await submit(relay)).event is Event.TAKEN
            token_file.write_text("token-2\n")
            assert (await submit(relay)).event is Event.TAKEN

        shown = [command.split()[2] for command in server.commands if command.startswith("AUTH XOAUTH2")]
        assert [base64.b64decode(one) for one in shown] == [
            b"user=noon\x01auth=Bearer token-1\x01\x01",
            b"user=noon\x01auth=Bearer token-2\x01\x01",
        ]
        assert server.commands.count("EHLO digest.test") == 2, "once for each connection"


async def test_a_token_that_is_not_believed_puts_off_and_is_not_shown_again(token_file: Path) -> None:
    script = {At.AUTH: repeat(Say("535 5.7.8 the token has run out"))}
    async with ScriptedSmtpServer(script, extensions=("AUTH XOAUTH2",)) as server:
        async with session(server, username="noon", token_file=token_file) as relay:
            answer = await submit(relay)

        assert (answer.event, answer.code, answer.about_us) == (Event.PUT_OFF, 535, True)
        assert server.connections == 1


@pytest.fixture
async def exacting(tmp_path: Path) -> AsyncIterator[tuple[SmtpServer, Authority]]:
    """A relay that takes mail from those alone who show a certificate of its own authority."""
    authority = Authority(tmp_path)

    class Exacting(Authority):
        def server_context(self) -> ssl.SSLContext:
            context = authority.server_context()
            context.load_verify_locations(authority.ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
            return context

    (tmp_path / "its").mkdir()
    async with SmtpServer(tls=Exacting(tmp_path / "its"), implicit=True) as server:
        yield server, authority


async def test_a_relay_that_wants_a_certificate_is_shown_ours(exacting: tuple[SmtpServer, Authority]) -> None:
    server, authority = exacting
    ours = {"tls": Tls.IMPLICIT, "ca_file": authority.ca_file, "client_cert": authority.server_file}
    async with session(server, **ours) as relay:
        assert (await submit(relay)).event is Event.TAKEN


async def test_without_a_certificate_that_relay_is_not_to_be_had(
    exacting: tuple[SmtpServer, Authority],
) -> None:
    server, authority = exacting
    async with session(server, tls=Tls.IMPLICIT, ca_file=authority.ca_file) as relay:
        assert (await submit(relay)).event is Event.PUT_OFF
    assert server.messages == []


async def test_a_connection_that_is_old_enough_is_left_politely() -> None:
    async with ScriptedSmtpServer() as server:
        async with session(server, lifetime=Lifetime(age=timedelta(seconds=-1))) as relay:
            for _ in range(3):
                assert (await submit(relay)).event is Event.TAKEN

        assert server.connections == 3
        assert server.commands.count("QUIT") == 3


async def test_how_many_messages_a_connection_serves_can_be_changed_while_it_is_open() -> None:
    async with ScriptedSmtpServer() as server:
        relay = SmtpRelay([options(server)], pause=wait_none())
        async with relay.session() as one:
            for _ in range(3):
                assert (await submit(one)).event is Event.TAKEN
            assert server.connections == 1
            relay.per_connection = 2
            for _ in range(3):
                assert (await submit(one)).event is Event.TAKEN

        assert server.connections == 3


async def test_relays_are_tried_in_their_order_and_the_first_again_once_it_has_rested() -> None:
    async with ScriptedSmtpServer() as first, ScriptedSmtpServer() as second, ScriptedSmtpServer() as third:
        patient = {"lifetime": Lifetime(messages=1), "connect_attempts": 1}
        relay = SmtpRelay(
            [options(first, **patient, rest=timedelta(hours=1)), options(second, **patient), options(third)],
            pause=wait_none(),
        )
        await first.stop()
        async with relay.session() as one:
            assert (await submit(one)).event is Event.TAKEN
            await first.start()
            assert (await submit(one)).event is Event.TAKEN
            assert (len(first.messages), len(second.messages)) == (0, 2), "the first rests for an hour"
            relay._servers[0].rests_until = 0.0
            assert (await submit(one)).event is Event.TAKEN

        assert (len(first.messages), len(second.messages), third.connections) == (1, 2, 0)


async def test_when_none_is_to_be_had_all_of_them_rest() -> None:
    """Giving up on one takes longer than another rests: some would always seem to be there."""
    deaf = {At.CONNECT: repeat(Mute())}
    async with ScriptedSmtpServer(deaf) as first, ScriptedSmtpServer(deaf) as second:
        slow = {
            "timeouts": timeouts(connect=timedelta(seconds=1)),
            "connect_attempts": 1,
            "rest": timedelta(seconds=0.8),
        }
        relay = SmtpRelay([options(first, **slow), options(second, **slow)], pause=wait_none())
        async with relay.session() as one:
            assert (await submit(one)).event is Event.PUT_OFF
            assert relay.away


async def test_a_relay_that_refuses_our_login_does_not_keep_the_next_from_being_tried() -> None:
    script = {At.AUTH: repeat(Say("535 5.7.8 who are you"))}
    login = {"username": "noon", "password": "s3cret"}
    async with (
        ScriptedSmtpServer(script, extensions=("AUTH PLAIN",)) as first,
        ScriptedSmtpServer() as second,
    ):
        relay = SmtpRelay([options(first, **login), options(second)], pause=wait_none())
        async with relay.session() as one:
            assert (await submit(one)).event is Event.TAKEN

        assert (first.connections, len(second.messages)) == (1, 1)


async def test_a_relay_that_takes_no_more_connections_is_not_away() -> None:
    """Those that it has go on, nobody else is asked, and a place that comes free is taken at once."""
    async with SmtpServer(most=1) as server, ScriptedSmtpServer() as other:
        patient = options(server, rest=timedelta(hours=1), connect_attempts=20)
        relay = SmtpRelay([patient, options(other)], pause=wait_fixed(0.02))
        async with relay.session() as second:
            async with relay.session() as first:
                assert (await submit(first)).event is Event.TAKEN
                refused = await submit(second)
                assert (refused.event, refused.reached, refused.code) == (Event.PUT_OFF, False, 421)
                assert not relay.away
                assert [reach.trouble for reach in relay.health()] == ["", ""]
                assert (await submit(first)).event is Event.TAKEN
            assert (await submit(second)).event is Event.TAKEN

        assert (len(server.messages), other.connections) == (3, 0)
