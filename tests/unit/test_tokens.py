"""Keyed tokens: what is in messages that were mailed, and in states that are kept, must stay valid.

Each example was written by the service before its tokens stood in one module.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr

from digest.adapters.config.secrets import Secrets
from digest.adapters.links import Purpose, SignedLinks
from digest.addresses import sealed, sealing
from digest.compose.letters import letter_token, read_letter_path
from digest.compose.message import _stand_ins, read_message_id, read_return_path, seals

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 - an example
KEY = b"a key for tests"
LONG_KEY = KEY * 6  # longer than BLAKE2b takes: the rest is cut off
DAY = date(2026, 3, 3)
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LINKS = SignedLinks("https://d.example", SECRET)


@pytest.mark.parametrize(
    ("use", "key"),
    [
        ("links", "6bdc2c3ef0bb61deb1e96de962e6dd3102735c00d869b60bad818c21c3eda1f9"),
        ("deliveries", "25d23c399ec0fabef6dee43b0322528da6002c8f4c390c046c47c0eaf692d370"),
        ("letters", "8aa999b3b987e84460a6fbbcff55e08d2dd8a5b4b1f2c7d75fd380bece50add9"),
        ("counts", "1da78affc5955a5baccfd19c34c1a4ca2afe43b74ae18dbe0b28604536bd6617"),
        ("references", "93399b8ca70ab3b811468a2273c0dc16520e25aa810b711bcb7e3b68ba5595ad"),
        ("suppressions", "37034db1042a7d36d9aff778f281c7261de2f42b2b3a0011ab32987e37cffbb6"),
    ],
)
def test_the_key_of_a_use_is_what_it_was(use: str, key: str) -> None:
    assert Secrets(secret_key=SecretStr(SECRET)).derived(use).hex() == key


@pytest.mark.parametrize(
    ("purpose", "token"),
    [
        ("leave", "AAAAAAAAAAcAAAADtpt4GPVYrEIHM7zzZenIE8KR"),
        ("one-click", "AAAAAAAAAAcAAAADsiMbhGQaUla4r5V3oTAhqlJx"),
        ("manage", "AAAAAAAAAAcAAAADY_IfCApC6CMEgXpsX9D2p9fW"),
        ("confirm", "AAAAAAAAAAcAAAAD3bBAJZT3rVWdNSCGC26oOUMO"),
        ("come-back", "AAAAAAAAAAcAAAADuBWaDbdTYe1k8Lso6pN2UTTE"),
        ("move", "AAAAAAAAAAcAAAADEngjXriZCwLQGWwhZyTV1Gi2"),
    ],
)
def test_the_token_in_a_link_is_what_it_was(purpose: str, token: str) -> None:
    assert LINKS.token(Purpose(purpose), 7, 3) == token
    assert LINKS.read(token, Purpose(purpose)) == (7, 3)


@pytest.mark.parametrize(
    ("purpose", "token"),
    [
        ("address", "AAAAAAAAAAcAAAADaabNQIB68fHjPlWqsHwN-DbGCeWNUNxs"),
        ("export", "AAAAAAAAAAcAAAADaabNQOwF7dy6_Vgfg6c2HREECVz42gv0"),
        ("erase", "AAAAAAAAAAcAAAADaabNQJ52Ayzhr1r0Hxk2cA1D2aDuHCkY"),
    ],
)
def test_the_token_that_expires_is_what_it_was(purpose: str, token: str) -> None:
    assert LINKS.brief_link(Purpose(purpose), 7, 3, NOON) == f"https://d.example/{purpose}/{token}"
    assert LINKS.read_brief(token, Purpose(purpose)) == (7, 3, NOON)


@pytest.mark.parametrize(
    ("purpose", "token"),
    [
        ("leave", "000000000700000003ef84e9202a9af9a22fb8d88b84"),
        ("confirm", "0000000007000000032c0e84110e90a22bd7aa0b674f"),
    ],
)
def test_the_token_in_a_mail_address_is_what_it_was(purpose: str, token: str) -> None:
    assert LINKS.mail_token(Purpose(purpose), 7, 3) == token
    assert LINKS.read_mail_token(token, Purpose(purpose)) == (7, 3)


def test_the_tokens_of_one_edition_to_one_subscriber_are_what_they_were() -> None:
    in_message_id, in_return_path = "82bfef5d0f1f989816ea52dbdcbd79", "0b495e000000000734a3b67d1e6066"

    assert seals(DAY, 7, KEY) == (in_message_id, in_return_path)
    assert read_message_id(f"<2026-03-03.{in_message_id}@d.example>", KEY) == (DAY, 7)
    assert read_return_path(f"bounces+{in_return_path}", KEY) == (DAY, 7)


def test_the_token_in_the_return_path_of_a_letter_is_what_it_was() -> None:
    token = "l00000000076fec7e05f256c7227ae"  # noqa: S105 - an example

    assert letter_token(7, KEY) == token
    assert read_letter_path(f"bounces+{token}", KEY) == 7


def test_the_stand_ins_of_an_edition_are_what_they_were() -> None:
    assert _stand_ins(DAY, KEY, 40, 44) == {
        "recipient": "fof6vwogvllh527qr3lzgutgyzakjc@example.org",
        "seal": "77bsvdj2rolqiwguvpqefsv4qemz5m",
        "leave": "ft4mgl6a6u37e64klxchw3ye4t6yoykathpiedrv",
        "one_click": "fh3t7bpoebcuavxeh7b2v6dtf77hfvyfhuelzcmu",
        "manage": "xw4dw6qlpmnbmmdhn5o3jrwwp7vq57axnca5nndl",
        "leave_mail": "cqosvbowqqnjkbgagdrv2e4gy4r6tbj2qvqatha5eb75",
        "boundary": "mcatu5vm72elo2svuzbgfkvm",
    }


@pytest.mark.parametrize(
    ("key", "sealed_address", "sealed_text"),
    [
        (
            KEY,
            "084f56d092ca21d7453c143a6d68d56aa5b55064b8695151",
            "134f133d0149dcc4f0ee26c60f0a1958ed66481190a8406b",
        ),
        (
            LONG_KEY,
            "c97f6b777052fac7cd4221e6d1c406606df117f4fca5831c",
            "6f9eb5f9b795aa336f412d34117807b3d89ac2803086098f",
        ),
    ],
)
def test_seals_are_what_they_were(key: bytes, sealed_address: str, sealed_text: str) -> None:
    assert sealing(key)("Ada@Example.org") == sealed_address
    assert sealed(key)("192.0.2.0/24") == sealed_text
