"""The record of a DKIM key (RFC 6376 section 3.6.1), beside the key that we sign with."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from digest.diagnose.checks import Check, unknown, warning, well, wrong
from digest.diagnose.questions import ASK_AGAIN, Inquiry, Kind, Silence, ask, short, tags

_USUAL: Final = 2048  # bits: signers should use no less, RFC 8301 section 3.2


def inspect(domain: str, selector: str, public: Collection[str], bits: int) -> Inquiry[list[Check]]:
    """The checks of our own key. `public` is its public half in base64, in each form that p= may take."""
    at, name = f"{selector}._domainkey.{domain}", "DKIM key"
    record = f'"v=DKIM1; k=rsa; p={next(iter(public))}"'
    answer = yield from ask(at, Kind.TXT)
    if isinstance(answer, Silence):
        return [unknown(name, f"{at}: {answer.why}", "the record of our key", ASK_AGAIN)]
    publish = f"publish a TXT record at {at}: {record}"
    if not answer.values:
        return [wrong(name, f"no record at {at}", "the record of our key", publish)]
    if len(answer.values) > 1:  # section 3.6.2.2: what comes of it is undefined
        found = f"{len(answer.values)} TXT records at {at}"
        return [wrong(name, found, "exactly one", f"keep the one with p={short(next(iter(public)), 24)}")]
    checks = [_record(at, answer.values[0], public, publish)]
    if bits < _USUAL:
        advice = "make a key of 2048 bits under a new selector, publish it, then change digest.yaml"
        checks.append(warning("DKIM key's length", f"{bits} bits", f"{_USUAL} bits", advice))
    return checks


def _record(at: str, text: str, public: Collection[str], publish: str) -> Check:
    name, said = "DKIM key", tags(text)
    key = re.sub(r"\s", "", said.get("p", ""))
    hashes = said.get("h", "sha256").replace(" ", "").split(":")
    services = said.get("s", "*").replace(" ", "").split(":")
    found = f"{at}: {short(text, 80)}"
    if said.get("v", "DKIM1") != "DKIM1" or said.get("k", "rsa").lower() != "rsa" or "sha256" not in hashes:
        return wrong(name, found, "v=DKIM1, k=rsa, and no h= without sha256", publish)
    if not {"*", "email"} & set(services):
        return wrong(name, found, "a key for mail: no s=, or s=email", publish)
    if not key:
        return wrong(name, f"{found}: the key is revoked", "the record of our key", publish)
    if key not in public:
        return wrong(name, f"{found}: another key than ours", "the public half of dkim.key_file", publish)
    if "y" in said.get("t", "").replace(" ", "").split(":"):
        return warning(name, found, "no t=y", "take t=y out: it tells receivers that you are only testing")
    return well(name, f"{at} has the public half of our key")
