"""Dialling real relays and pages to see how they are; nothing is sent and nothing followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from servers.certificates import Authority
from servers.smtp import At, Drop, Say, ScriptedSmtpServer, SmtpServer

from digest.adapters.probes import probe_page, probe_relay
from digest.adapters.smtp.connect import RelayOptions
from digest.settings import MailServer, Tls


def options(
    server: SmtpServer | ScriptedSmtpServer, tls: Tls = Tls.NONE, ca: Path | None = None, **account: Any
) -> RelayOptions:
    at = MailServer(host=server.host, port=server.port, tls=tls, ca_file=ca, **account)
    return RelayOptions(server=at, local_hostname="digest.test")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_a_relay_with_tls_and_login_is_found_as_it_is(authority: Authority, tls: Tls) -> None:
    server = SmtpServer(
        tls=authority,
        implicit=tls is Tls.IMPLICIT,
        login=("digest", "open"),
        utf8=True,
        size_limit=10_000_000,
    )
    async with server:
        account = replace(options(server, tls, authority.ca_file, username="digest"), password="open")
        found = await probe_relay(account)
        refused = await probe_relay(replace(account, password="wrong"))

        assert server.logins == ["digest"]
        assert server.messages == []
    assert (found.trouble, found.certificate_trouble, found.login_trouble) == (None, None, None)
    assert found.expires is not None
    assert timedelta(0) < found.expires - datetime.now(UTC) < timedelta(days=2)
    assert {"SIZE", "SMTPUTF8"} <= found.extensions
    assert found.login == "digest"
    assert refused.login_trouble is not None
    assert "535" in refused.login_trouble


async def test_a_certificate_of_an_unknown_authority_is_not_believed(authority: Authority) -> None:
    async with SmtpServer(tls=authority) as server:
        found = await probe_relay(options(server, Tls.STARTTLS))

    assert found.certificate_trouble is not None
    assert "unable to get local issuer certificate" in found.certificate_trouble


async def test_a_certificate_for_another_name_is_not_believed(authority: Authority) -> None:
    """127.0.0.2 is this machine as well, and no name in the certificate."""
    async with SmtpServer(tls=authority) as server:
        server.host = "127.0.0.2"  # type: ignore[misc]
        await server.stop()
        server.port = 0
        await server.start()
        found = await probe_relay(options(server, Tls.STARTTLS, authority.ca_file))

    assert found.certificate_trouble is not None
    assert "127.0.0.2" in found.certificate_trouble


async def test_a_relay_that_offers_no_starttls_or_hangs_up_is_told() -> None:
    async with ScriptedSmtpServer() as server:
        plain = await probe_relay(options(server, Tls.STARTTLS))
    async with ScriptedSmtpServer({At.CONNECT: [Drop()]}) as server:
        dropped = await probe_relay(options(server))
    async with ScriptedSmtpServer({At.CONNECT: [Say("554 5.7.1 you are not welcome")]}) as server:
        unwelcome = await probe_relay(options(server))
        gone = options(server)

    assert "STARTTLS" in (plain.trouble or "")
    assert dropped.trouble
    assert "not welcome" in (unwelcome.trouble or "")
    assert (await probe_relay(gone)).trouble


async def test_a_token_is_tried_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token")
    async with ScriptedSmtpServer(extensions=("AUTH XOAUTH2", "PIPELINING")) as server:
        found = await probe_relay(options(server, username="digest", token_file=tmp_path / "token"))

    assert found.login_trouble is None
    assert "PIPELINING" in found.extensions
    assert any(command.startswith("AUTH XOAUTH2") for command in server.commands)


async def test_a_certificate_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with SmtpServer() as server:
        found = await probe_relay(options(server, Tls.STARTTLS, tmp_path / "nowhere.pem"))

    assert "No such file" in (found.trouble or "")


# -- pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def pages(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """Over https, by an authority that this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    with HTTPServer(host="localhost", ssl_context=authority.server_context()) as server:
        yield server


async def test_a_page_is_looked_at_and_redirects_are_not_followed(pages: HTTPServer) -> None:
    pages.expect_request("/here").respond_with_data("here")
    pages.expect_request("/away").respond_with_data("", 302, headers={"Location": "/here"})

    here, away = await probe_page(pages.url_for("/here")), await probe_page(pages.url_for("/away"))

    assert here.trouble is None
    assert (here.status, here.location) == (200, None)
    assert here.date is not None
    assert here.date.tzinfo is not None
    assert (away.status, away.location) == (302, "/here")
    assert {request.method for request, _ in pages.log} == {"GET"}


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("Sun, 22 Nov 2026 12:00:00 GMT", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 12:00:00 -0000", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 -9999", None),
        ("yesterday", None),
    ],
)
async def test_the_clock_of_a_web_server_is_read_in_utc(
    pages: HTTPServer, monkeypatch: pytest.MonkeyPatch, written: str, instant: datetime | None
) -> None:
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda _: written)
    pages.expect_request("/").respond_with_data()

    assert (await probe_page(pages.url_for("/"))).date == instant


async def test_a_page_that_is_not_there_is_told(authority: Authority, pages: HTTPServer) -> None:
    url = pages.url_for("/")
    pages.stop()

    trouble = (await probe_page(url)).trouble or ""

    assert trouble.endswith("Connection refused")
    assert " object at " not in trouble


async def test_a_page_whose_certificate_is_not_to_be_believed_is_told(authority: Authority) -> None:
    with HTTPServer(host="localhost", ssl_context=authority.server_context()) as server:
        found = await probe_page(server.url_for("/"))

    assert "certificate" in (found.trouble or "")
