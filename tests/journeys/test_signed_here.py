"""Messages signed here arrive with a signature that a receiver finds good, or do not leave at all."""

from __future__ import annotations

from datetime import date, timedelta

import dkim
import pytest
from journey_place import SUBSCRIBERS, Place
from servers.keys import key_record, rsa_key, write_key
from test_calendar import at, live, started

from digest.adapters.signing import Signer
from digest.errors import OverrunError

DAY = date(2020, 3, 3)
ZONE = {b"noon._domainkey.digest.example.org.": key_record(rsa_key()).encode()}


@pytest.fixture
def signing(place: Place) -> Place:
    config = place.config / "digest.yaml"
    said = "dkim: { domain: digest.example.org, selector: noon, key_file: dkim.pem }\n"
    config.write_text(config.read_text(encoding="utf-8") + said, encoding="utf-8")
    write_key(place.config / "dkim.pem")
    return place


def good(message: bytes) -> bool:
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: ZONE.get(name))


async def test_what_arrives_is_signed_to_the_octet(signing: Place) -> None:
    """Dots doubled for the wire and undone again, a line that begins with one, quoted-printable."""
    template = signing.config / "templates" / "mail" / "edition" / "body.txt"
    template.parent.mkdir(parents=True)
    template.write_text(".A line that begins with a dot\n..and one with two: – “quoted”\n", encoding="utf-8")
    await signing.file(1, at(DAY, "09:00"))

    async with started(signing, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:30"))

    assert set(signing.received()) == {(address, DAY) for address in SUBSCRIBERS}
    for message in signing.server.messages:
        assert b"\r\n.A line" in message.content
        assert good(message.content)
        assert not good(message.content.replace(b".A line", b"A line"))


async def test_what_cannot_be_signed_is_put_off_and_leaves_later(
    signing: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign, refusals = Signer.sign, [OverrunError("signed did not end within 10 s"), OSError("no processes")]

    async def sometimes(self: Signer, content: bytes) -> bytes:
        if b"\r\nTo: ben@" in content and refusals:
            raise refusals.pop()
        return await sign(self, content)

    monkeypatch.setattr(Signer, "sign", sometimes)
    await signing.file(1, at(DAY, "09:00"))

    async with started(signing, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:00"))
        assert {m.recipients[0] for m in signing.server.messages} == set(SUBSCRIBERS) - {"ben@example.org"}
        await live(it, clock, at(DAY, "16:00"))

    assert not refusals
    assert sorted(m.recipients[0] for m in signing.server.messages) == sorted(SUBSCRIBERS)
    assert all(good(m.content) for m in signing.server.messages)


async def test_a_day_without_a_working_signer_costs_nobody_a_story_and_sends_nothing_unsigned(
    signing: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign, working = Signer.sign, False

    async def at_times(self: Signer, content: bytes) -> bytes:
        if not working:
            raise OverrunError("signed took its process down")
        return await sign(self, content)

    monkeypatch.setattr(Signer, "sign", at_times)
    await signing.file(1, at(DAY, "09:00"))
    tomorrow = DAY + timedelta(days=1)
    async with started(signing, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(tomorrow, "10:00"))
        assert signing.server.messages == []
        working = True
        await live(it, clock, at(tomorrow, "13:00"))

    assert set(signing.received()) == {(address, tomorrow) for address in SUBSCRIBERS}
    assert all(good(m.content) for m in signing.server.messages)


def test_a_bad_key_is_told_at_the_start_not_at_noon(signing: Place) -> None:
    key = signing.config / "dkim.pem"
    key.chmod(0o644)
    assert "chmod 600" in signing.digest("config", "check", expect=2)
    assert "chmod 600" in signing.digest("run", expect=2)

    key.unlink()
    assert "expected the name of a file that we can read" in signing.digest("run", expect=2)


def test_a_selector_that_is_no_name_is_refused(signing: Place) -> None:
    config = signing.config / "digest.yaml"
    config.write_text(config.read_text().replace("selector: noon", "selector: noon."))

    assert "dkim.selector" in signing.digest("config", "check", expect=2)
