"""An operator asks the doctor, before noon does: real names, a real relay with TLS, real pages over https."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import command
import dkim
import pytest
from journey_place import opened
from pytest_httpserver import HTTPServer
from servers.certificates import Authority
from servers.keys import key_record, rsa_key, write_key
from servers.names import DnsServer, Zone
from servers.smtp import SmtpServer
from werkzeug import Request, Response

from digest.adapters.config.packaged import copy_config
from digest.app.directory import configured, open_database
from digest.subscriptions import Channel, Evidence, Standing, Step, Wishes

HOME = "8.8.4.4"  # a public address, looked up in our own zone alone; those kept for examples are not public
WELL: Zone = {
    ("digest.example.org", "TXT"): [f"v=spf1 ip4:{HOME} -all"],
    ("digest.example.org", "MX"): ["10 mx.example.org."],
    ("mx.example.org", "A"): ["192.0.2.1"],
    ("_dmarc.example.org", "TXT"): ["v=DMARC1; p=reject; rua=mailto:dmarc@example.org"],
    ("noon._domainkey.digest.example.org", "TXT"): [key_record(rsa_key())],
    ("4.4.8.8.in-addr.arpa", "PTR"): ["out.example.org."],
    ("out.example.org", "A"): [HOME],
}


@dataclass(slots=True)
class Surgery:
    """A service's directory and the world around it."""

    config: Path
    names: DnsServer
    relay: SmtpServer
    pages: HTTPServer
    authority: Authority
    said: str = field(default="")

    async def doctor(self, *arguments: str | Path, expect: int) -> dict[str, dict[str, Any]]:
        """The checks by name. In a thread: the servers live in this loop."""
        return await asyncio.to_thread(self._doctor, *map(str, arguments), expect=expect)

    def _doctor(self, *arguments: str, expect: int) -> dict[str, dict[str, Any]]:
        resolver = f"{self.names.host}:{self.names.port}"
        ended = command.run(
            *("doctor", *arguments, "--config", str(self.config)),
            *(["--resolver", resolver] * ("--resolver" not in arguments)),
            environ={"SSL_CERT_FILE": str(self.authority.ca_file)},
        )
        self.said = ended.out + ended.err
        assert ended.code == expect, self.said
        if "--json" not in arguments:
            return {}
        return {check["name"]: check for check in json.loads(ended.out)["checks"]}

    def edit(self, old: str, new: str) -> None:
        file = self.config / "digest.yaml"
        text = file.read_text(encoding="utf-8")
        assert re.search(old, text, re.MULTILINE)
        file.write_text(re.sub(old, new, text, count=1, flags=re.MULTILINE), encoding="utf-8")


@pytest.fixture
async def surgery(tmp_path: Path) -> AsyncIterator[Surgery]:
    """All is well here: whatever a test changes is the only thing wrong."""
    authority = Authority(tmp_path)
    config = tmp_path / "config"
    copy_config(config)
    write_key(config / "dkim.pem")
    relay = SmtpServer(tls=authority, login=("digest", "open"), size_limit=10_000_000, utf8=True)
    pages = HTTPServer(host="localhost", ssl_context=authority.server_context())
    async with DnsServer(WELL) as names, relay:
        pages.start()
        it = Surgery(config=config, names=names, relay=relay, pages=pages, authority=authority)
        it.edit(r"^  url: https://.*$", f"  url: {pages.url_for('').rstrip('/')}")
        it.edit(r"^  host: localhost$", f"  host: {relay.host}")
        it.edit(r"^  port: 25\b.*$", f"  port: {relay.port}")
        it.edit(r"^  tls: none\b.*$", f"  tls: starttls\n  username: digest\n  ca_file: {authority.ca_file}")
        it.edit(
            r"^store:$", "dkim: { domain: digest.example.org, selector: noon, key_file: dkim.pem }\nstore:"
        )
        with (config / "secrets.env").open("a") as secrets:
            secrets.write("DIGEST_RELAY_PASSWORD=open\n")
        pages.expect_request("/").respond_with_data("here")
        pages.expect_request(re.compile("/one-click/.+"), method="GET").respond_with_data("leave?")
        database = open_database(*configured(config), config)
        await database.create()
        await database.dispose()
        yield it
        pages.stop()


async def test_where_all_is_well_the_doctor_says_so(surgery: Surgery) -> None:
    found = await surgery.doctor("--sends-from", HOME, "--json", expect=0)

    assert {name for name, check in found.items() if check["outcome"] != "well"} == {
        f"relay {surgery.relay.host}:{surgery.relay.port}: TLS",  # its certificate is for two days
        f"relay {surgery.relay.host}:{surgery.relay.port}: offers",  # aiosmtpd does not pipeline
    }
    assert {"database", "SPF lookups", f"SPF of {HOME}", "DKIM key", "DMARC by DKIM", "clock"} <= set(found)
    assert surgery.relay.logins == ["digest"]
    assert surgery.relay.messages == []
    assert {request.method for request, _ in surgery.pages.log} == {"GET"}


async def test_people_read_what_was_found_expected_and_is_to_be_done(surgery: Surgery) -> None:
    surgery.names.zone[("digest.example.org", "TXT")] = ["v=spf1 +all"]

    await surgery.doctor("--sends-from", HOME, expect=1)

    assert re.search(r"WRONG +SPF ends +the record passes every address", surgery.said)
    assert "expected: a record that ends with -all" in surgery.said
    assert "to do: take +all" in surgery.said
    assert re.search(r"1 wrong, 2 warning, \d+ well", surgery.said)


async def test_what_nobody_can_tell_is_no_failure(surgery: Surgery) -> None:
    """No resolver, no pages: the doctor says so, soon, and blames nobody."""
    surgery.names.silent.add("*")
    surgery.pages.stop()

    found = await surgery.doctor("--sends-from", HOME, "--json", expect=0)
    surgery.pages.start()

    for name in ("SPF record", "DKIM key", "DMARC record", "MX of digest.example.org", "service.url"):
        assert found[name]["outcome"] == "not known", name
    assert "resolver" in found["SPF record"]["found"]


async def test_each_thing_that_is_wrong_is_named(surgery: Surgery) -> None:
    zone = surgery.names.zone
    zone[("digest.example.org", "TXT")] = ["v=spf1 -all", f"v=spf1 ip4:{HOME} -all"]
    zone[("noon._domainkey.digest.example.org", "TXT")] = [key_record(rsa_key(place=1))]
    del zone[("_dmarc.example.org", "TXT")]
    zone[("digest.example.org", "MX")] = ["0 ."]
    zone[("out.example.org", "A")] = ["8.8.8.8"]
    surgery.edit(r"^  username: digest$", "  username: nobody")

    found = await surgery.doctor("--sends-from", HOME, "--json", expect=1)

    relay = f"relay {surgery.relay.host}:{surgery.relay.port}"
    wrong = {name for name, check in found.items() if check["outcome"] == "wrong"}
    assert wrong == {
        "SPF record",
        "DKIM key",
        "DMARC record",
        "MX of digest.example.org",
        f"reverse name of {HOME}",
        f"{relay}: login",
    }


async def test_a_message_is_sent_and_what_arrives_is_checked(surgery: Surgery, tmp_path: Path) -> None:
    sent = await surgery.doctor("--send", "me@example.net", "--json", expect=0)
    [arrived] = surgery.relay.to("me@example.net")
    file = tmp_path / "arrived.eml"
    file.write_bytes(b"Received: from relay.test\r\n" + arrived.content)
    found = await surgery.doctor("--message", file, "--json", expect=0)

    assert sent["sample"]["outcome"] == "well"
    assert found["message: DKIM of digest.example.org"]["outcome"] == "well"
    assert dkim.verify(arrived.content, dnsfunc=lambda *_, **__: key_record(rsa_key()).encode())

    file.write_bytes(arrived.content.replace(b"sample", b"simple"))
    found = await surgery.doctor("--message", file, "--json", expect=1)
    assert "body hash mismatch" in found["message: DKIM of digest.example.org"]["found"]


async def test_a_relay_that_signs_without_the_list_headers_is_found_out(
    surgery: Surgery, tmp_path: Path
) -> None:
    """Receivers then show no button."""
    surgery.edit(r"^dkim: .*$", "")
    await surgery.doctor("--send", "me@example.net", "--json", expect=0)
    [arrived] = surgery.relay.to("me@example.net")
    assert b"DKIM-Signature" not in arrived.content
    signing = dkim.DKIM(arrived.content)
    pem = (surgery.config / "dkim.pem").read_bytes()
    header = signing.sign(b"noon", b"digest.example.org", pem, include_headers=[b"from", b"list-unsubscribe"])
    file = tmp_path / "arrived.eml"
    file.write_bytes(header + arrived.content)

    found = await surgery.doctor("--message", file, "--json", expect=1)

    check = found["message: DKIM of digest.example.org"]
    assert (check["outcome"], check["found"]) == ("wrong", "h= lacks list-unsubscribe-post")


async def test_a_proxy_that_sends_the_one_click_link_elsewhere_is_found_out(surgery: Surgery) -> None:
    surgery.pages.clear()
    surgery.pages.expect_request("/").respond_with_data("here")
    surgery.pages.expect_request(re.compile("/one-click/.+")).respond_with_data(
        "", 301, headers={"Location": "/login"}
    )

    found = await surgery.doctor("--json", expect=1)

    assert found["one-click link"]["outcome"] == "wrong"
    assert "/login" in found["one-click link"]["found"]


@pytest.mark.parametrize(
    ("harmful", "outcome"), [(False, "well"), (True, "wrong")], ids=["a page", "a proxy that posts"]
)
async def test_the_canarys_own_link_is_tried(surgery: Surgery, harmful: bool, outcome: str) -> None:
    surgery.edit(r"^  # canary: .*$", "  canary: canary@example.org")

    async def canary(change: bool) -> Standing:
        async with opened(surgery.config) as store:
            subscriptions = store.subscriptions
            found = await subscriptions.find("canary@example.org")
            found = found or await subscriptions.add("canary@example.org", Wishes(), datetime.now(UTC))
            if change:
                left = Evidence(channel=Channel.WEB)
                await subscriptions.take(
                    found.subscriber, found.generation, Step.LEFT, left, datetime.now(UTC)
                )
            return found.standing

    def page(_request: Request) -> Response:
        asyncio.run(canary(harmful))
        return Response("leave?")

    await canary(change=False)
    surgery.pages.clear()
    surgery.pages.expect_request("/").respond_with_data("here")
    surgery.pages.expect_request(re.compile("/one-click/.+")).respond_with_handler(page)

    found = await surgery.doctor("--json", expect=1 if harmful else 0)

    assert found["one-click link"]["outcome"] == outcome
    assert "the canary" in found["one-click link"]["found"]
    assert await canary(change=False) is (Standing.ENDED if harmful else Standing.ACTIVE)


async def test_a_state_that_is_missing_and_a_template_that_fails_are_told_with_the_rest(
    surgery: Surgery,
) -> None:
    (surgery.config / "var" / "digest.db").unlink()
    template = surgery.config / "templates" / "mail" / "edition" / "body.txt"
    template.parent.mkdir(parents=True)
    template.write_text("{{ letter.no_such_thing.at_all }}")

    found = await surgery.doctor("--json", expect=1)

    assert (found["database"]["outcome"], found["templates"]["outcome"]) == ("wrong", "wrong")
    assert found["SPF record"]["outcome"] == "well"
    assert not (surgery.config / "var" / "digest.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sends-from", "relay.example.org"], "expected an IP address, such as 192.0.2.25"),
        (["--resolver", "localhost"], "expected an IP address, and a port"),
        (["--resolver", "127.0.0.1:0"], "expected an IP address, and a port"),
        (["--message", "nowhere.eml"], "nowhere.eml"),
    ],
)
async def test_a_wrong_command_line_is_told(surgery: Surgery, arguments: list[str], said: str) -> None:
    await surgery.doctor(*arguments, expect=2)

    assert said in surgery.said


async def test_a_wrong_config_is_told_as_everywhere(surgery: Surgery) -> None:
    surgery.edit(r"^  address: .*$", "  address: nobody")

    await surgery.doctor(expect=2)

    assert "sender.address" in surgery.said
