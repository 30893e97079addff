"""Signing here: what is covered, with which keys, and where the work is done."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from servers.keys import key_record, pem, rsa_key, write_key

from digest.adapters.signing import Signer, load_key, verified
from digest.errors import ConfigError, DigestError, SigningError

HEADERS = {
    "From": '"The Noon Digest" <noon@digest.test>',
    "To": "ada@example.org",
    "Reply-To": "help@digest.test",
    "Subject": "what moved",
    "Date": "Tue, 03 Mar 2020 12:00:00 +0000",
    "Message-ID": "<1@digest.test>",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain",
    "List-Id": "<edition.digest.test>",
    "List-Unsubscribe": "<https://digest.test/one-click/abc>, <mailto:help@digest.test?subject=unsubscribe>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
BODY = "One service moved up.\r\n.a line that begins with a dot\r\n\r\n"
NEEDED = [name.lower() for name in HEADERS]


def a_message(**instead: str | None) -> bytes:
    headers = HEADERS | {name.replace("_", "-"): value for name, value in instead.items()}
    lines = [f"{name}: {value}\r\n" for name, value in headers.items() if value is not None]
    return ("".join(lines) + "\r\n" + BODY).encode()


def a_signer(path: Path, processes: int = 1) -> Signer:
    return Signer(load_key(write_key(path)), domain="digest.test", selector="noon", processes=processes)


def tags(signed: bytes) -> dict[str, str]:
    field = signed.split(b"\r\nFrom:")[0].decode().partition(":")[2]
    pairs = (tag.partition("=") for tag in re.sub(r"\s+", "", field).split(";"))
    return {name: value for name, _, value in pairs}


def fits(message: bytes) -> bool:
    """As a receiver would see it, the key looked up under its name."""
    zone = {b"noon._domainkey.digest.test.": key_record(rsa_key()).encode()}
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: zone.get(name))


@pytest.fixture
async def signed(tmp_path: Path) -> bytes:
    async with a_signer(tmp_path / "key.pem") as signer:
        return await signer.sign(a_message())


def test_a_receiver_finds_the_signature_good(signed: bytes) -> None:
    assert fits(signed)
    assert signed.endswith(a_message())
    assert verified(signed, 0, key_record(rsa_key()))


@pytest.mark.parametrize("name", NEEDED)
def test_every_header_that_receivers_go_by_is_covered(signed: bytes, name: str) -> None:
    assert tags(signed)["h"].split(":").count(name) == 2  # one that is there, and none that may be added
    changed = re.sub(rb"(?im)^(%s:) " % name.encode(), rb"\1 x", signed)

    assert changed != signed
    assert not fits(changed)


@pytest.mark.parametrize("name", [*NEEDED, "cc"])
def test_no_second_header_can_be_slipped_in(signed: bytes, name: str) -> None:
    assert not fits(f"{name}: another\r\n".encode() + signed)


def test_without_reply_to_none_can_be_added(signed: bytes, tmp_path: Path) -> None:
    async def sign() -> bytes:
        async with a_signer(tmp_path / "another.pem") as signer:
            return await signer.sign(a_message(Reply_To=None))

    plain = asyncio.run(sign())

    assert fits(plain)
    assert not fits(b"Reply-To: eve@example.org\r\n" + plain)


def test_nothing_can_be_added_to_the_text(signed: bytes) -> None:
    assert "l" not in tags(signed)
    assert not fits(signed + b"and more\r\n")


def test_spaces_and_folds_may_change_on_the_way(signed: bytes) -> None:
    assert tags(signed)["c"] == "relaxed/relaxed"
    assert fits(signed.replace(b"Subject: what moved", b"Subject:   what\r\n  moved "))


async def test_the_work_is_done_elsewhere_and_the_processes_end(tmp_path: Path) -> None:
    """It costs milliseconds of pure Python: in the event loop, no other connection would move."""
    loop_turns = 0

    async def turn() -> None:
        nonlocal loop_turns
        while True:
            loop_turns += 1
            await asyncio.sleep(0)

    children_before = children()
    async with a_signer(tmp_path / "key.pem", processes=2) as signer:
        turning = asyncio.create_task(turn())
        found = await asyncio.gather(*(signer.sign(a_message(Subject=f"number {n}")) for n in range(6)))
        turning.cancel()
        assert len(children() - children_before) == 2

    assert all(map(fits, found))
    assert loop_turns > 100
    assert children() == children_before


def children() -> set[int]:
    """Processes of ours that live."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.add(int(stat.parent.name))
    return found


async def test_a_message_that_cannot_be_signed_says_so(tmp_path: Path) -> None:
    async with a_signer(tmp_path / "key.pem") as signer:
        with pytest.raises(SigningError, match="MessageFormatError") as refused:
            await signer.sign(b"To ada@example.org\r\n\r\ntext\r\n")

        assert "ada" not in str(refused.value)
        assert fits(await signer.sign(a_message()))


# -- keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PKCS#1", "PKCS#8"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
async def test_rsa_keys_are_taken_as_openssl_writes_them(tmp_path: Path, form: str, end: bytes) -> None:
    file = write_key(tmp_path / "key.pem", pem(rsa_key(), form).replace(b"\n", end))
    async with Signer(load_key(file), domain="digest.test", selector="noon", processes=1) as signer:
        assert fits(await signer.sign(a_message()))


BAD_KEYS = {
    "another kind": (pem(Ed25519PrivateKey.generate(), "PKCS#8"), "Ed25519 is not supported"),
    "under a password": (pem(rsa_key(), "PKCS#8", b"secret"), "a key under a password"),
    "under an old kind of password": (pem(rsa_key(), "PKCS#1", b"secret"), "a key under a password"),
    "no key": (b"v=DKIM1; p=abc\n", "no PEM"),
    "cut short": (pem(rsa_key())[:400] + b"\n-----END RSA PRIVATE KEY-----\n", "not an RSA private key"),
    "nothing": (b"", "no PEM"),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_key_of_no_use_is_named_before_it_is_used(tmp_path: Path, name: str) -> None:
    octets, found = BAD_KEYS[name]
    file = write_key(tmp_path / "key.pem", octets)

    with pytest.raises(ConfigError, match=re.escape(found)) as refused:
        load_key(file)

    assert "key.pem: dkim.key_file" in str(refused.value)
    assert "expected an RSA private key in PEM form" in str(refused.value)


WEAK = b"""\
-----BEGIN RSA PRIVATE KEY-----
MIIBOwIBAAJBANn/mQFBiSklAB7U51x+qkj+LmWl14NUFuOfvIqAgWRq3Ddd0VPT
BZNPl9EWRCiIMmldXgrZmEN+Fnep7wr998MCAwEAAQJBALsgbHZnixWGbVQJ7Y+4
KvP9PFaExTo2NG+v7mf1ZxyKCGY1b6nKK4crjepWhWuzTSJFitDIuPPWvtfLESSV
ZgECIQDu4PdwQTDOtjdOWViweMl3l5vojuhKY6h5D386T5eqrwIhAOmfgtI5Gvtf
LJPs8chkDkVZ+JbgCk549IwDD7nB7DktAiEAk5sPSp39ur19jzxGQUVhuDRGcn1b
rBvIjoW06CMmZKECIGcBzcyjISJ0dFNExdZ1R1WMte7QGbs/2ZNiRizBNEaBAiAg
6w4DLfj+05i1ymSxtiNdzSGbyrMVy8oC6BmL6pzMOA==
-----END RSA PRIVATE KEY-----
"""


def test_a_key_that_receivers_do_not_believe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="an RSA key of 512 bits"):
        load_key(write_key(tmp_path / "key.pem", WEAK))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_in_others_reach_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigError, match="chmod 600"):
        load_key(write_key(tmp_path / "key.pem", mode=mode))


def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_key(tmp_path / "key.pem")


def test_a_key_is_not_shown_where_it_is_printed(tmp_path: Path) -> None:
    key = load_key(write_key(tmp_path / "key.pem"))

    assert key.bits == 2048
    assert "PRIVATE" not in repr(key)


# -- reading signatures ---------------------------------------------------------------------------------


def test_a_signature_does_not_fit_another_key_or_none(signed: bytes) -> None:
    assert not verified(signed, 0, key_record(rsa_key(place=1)))
    assert not verified(signed, 0, None)
    assert not verified(signed, 0, "p=")


def test_a_signature_that_cannot_be_read_says_so(signed: bytes) -> None:
    with pytest.raises(DigestError, match="ValidationError"):
        verified(signed.replace(b"v=1;", b"v=2;"), 0, key_record(rsa_key()))
