"""Recorded messages, each with its envelope and the value that is expected of it (`expected.json`)."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from digest.inbound import Inbound, OurAddresses, read_message

FOLDER: Final = Path(__file__).parents[2] / "fixtures" / "inbound"
EXPECTED: Final[dict[str, dict[str, Any]]] = json.loads(
    (FOLDER / "expected.json").read_text(encoding="utf-8")
)
OURS: Final = OurAddresses(
    bounces="bounces@digest.example.org",
    domain="digest.example.org",
    general=frozenset({"noon@digest.example.org", "hello@digest.example.org"}),
    senders=frozenset({"noon@digest.example.org"}),
)
KEY: Final = b"the key of the shelf, 32 octets!"
"""The key of the return paths in the recorded messages: 24 November 2026, subscriber 42."""


def raw(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


def reading(name: str, octets: bytes | None = None, **envelope: str) -> Inbound:
    """What a recorded message, or other octets in its envelope, is read as."""
    known = EXPECTED[name]
    given = {"sent_to": known["to"], "sent_from": known["from"], **envelope}
    return read_message(raw(name) if octets is None else octets, ours=OURS, **given)


def as_expected(value: Inbound) -> dict[str, Any]:
    """A value in the form of `expected.json`."""
    return {"is": type(value).__name__} | {field.name: getattr(value, field.name) for field in fields(value)}
