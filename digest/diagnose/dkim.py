"""DKIM: the published record of our key, and the signatures of a message that came back."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from email.utils import parseaddr
from typing import Final, TypeAlias

from digest.diagnose import Check, Inquiry, Kind, Outcome, Silence, one_click
from digest.diagnose.checks import ASK_AGAIN, ask, each, short, tags, unknown, warning, well, wrong
from digest.diagnose.dmarc import aligned, walk
from digest.errors import DigestError

_USUAL_BITS: Final = 2048  # signers should use no less, RFC 8301 section 3.2
NEEDED: Final = ("from", "list-unsubscribe", "list-unsubscribe-post")
"""What h= must name: the first by RFC 6376 section 5.4, the others by RFC 8058 section 4."""

Verify: TypeAlias = Callable[[bytes, int, str | None], bool]
"""Whether a message's n-th signature fits it and a key record; `DigestError` if either cannot be read."""


# -- the key --------------------------------------------------------------------------------------------


def inspect_key(domain: str, selector: str, public: Collection[str], bits: int) -> Inquiry[list[Check]]:
    """The checks of the record of our key (RFC 6376 section 3.6.1).

    `public` is the key's public half in base64, in each form that p= may take; `bits` its length.
    """
    at, name = f"{selector}._domainkey.{domain}", "DKIM key"
    record = f'"v=DKIM1; k=rsa; p={next(iter(public))}"'
    answer = yield from ask(at, Kind.TXT)
    if isinstance(answer, Silence):
        return [unknown(name, f"{at}: {answer.why}", "the record of our key", ASK_AGAIN)]
    publish = f"publish a TXT record at {at}: {record}"
    if not answer.values:
        return [wrong(name, f"no record at {at}", "the record of our key", publish)]
    if len(answer.values) > 1:  # section 3.6.2.2: the result is undefined
        found = f"{len(answer.values)} TXT records at {at}"
        return [wrong(name, found, "exactly one", f"keep the one with p={short(next(iter(public)), 24)}")]
    checks = [_key_record(at, answer.values[0], public, publish)]
    if bits < _USUAL_BITS:
        advice = "make a key of 2048 bits under a new selector, publish it, then change digest.yaml"
        checks.append(warning("DKIM key's length", f"{bits} bits", f"{_USUAL_BITS} bits", advice))
    return checks


def judge_signing_by_relay(*, message_given: bool) -> list[Check]:
    """The check where the relay signs; with a message that came back, its signatures are checked instead."""
    if message_given:
        return []
    found = "signing is left to the relay, so it cannot be seen from here"
    expected = "a signature that aligns with From and covers both List-Unsubscribe headers"
    advice = "digest doctor --send ADDRESS, save what arrives, digest doctor --message FILE"
    return [unknown("DKIM", found, expected, advice)]


def _key_record(at: str, text: str, public: Collection[str], publish: str) -> Check:
    name, tag = "DKIM key", tags(text)
    key = re.sub(r"\s", "", tag.get("p", ""))
    hashes = tag.get("h", "sha256").replace(" ", "").split(":")
    services = tag.get("s", "*").replace(" ", "").split(":")
    found = f"{at}: {short(text, 80)}"
    if tag.get("v", "DKIM1") != "DKIM1" or tag.get("k", "rsa").lower() != "rsa" or "sha256" not in hashes:
        return wrong(name, found, "v=DKIM1, k=rsa, and no h= without sha256", publish)
    if not {"*", "email"} & set(services):
        return wrong(name, found, "a key for mail: no s=, or s=email", publish)
    if not key:
        return wrong(name, f"{found}: the key is revoked", "the record of our key", publish)
    if key not in public:
        return wrong(name, f"{found}: another key than ours", "the public half of dkim.key_file", publish)
    if "y" in tag.get("t", "").replace(" ", "").split(":"):
        return warning(name, found, "no t=y", "take t=y out: it tells receivers that you are only testing")
    return well(name, f"{at} has the public half of our key")


# -- the signatures -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The fields of one DKIM-Signature (RFC 6376 section 3.5)."""

    place: int  # from the top
    domain: str
    selector: str
    algorithm: str
    covers: tuple[str, ...]  # header names, in lower case
    has_length: bool  # l=: only the first octets of the text are covered

    @property
    def lacks(self) -> tuple[str, ...]:
        return tuple(name for name in NEEDED if name not in self.covers)


def signatures(content: bytes) -> list[Signature]:
    fields = one_click.fields(content, "DKIM-Signature")
    return [_signature(place, field) for place, field in enumerate(fields)]


def _signature(place: int, text: str) -> Signature:
    tag = {name: re.sub(r"\s", "", value) for name, value in tags(text).items()}
    return Signature(
        place=place,
        domain=tag.get("d", "").lower(),
        selector=tag.get("s", ""),
        algorithm=tag.get("a", ""),
        covers=tuple(tag.get("h", "").lower().split(":")),
        has_length="l" in tag,
    )


def inspect_message(content: bytes, verify: Verify) -> Inquiry[list[Check]]:
    """The checks of a message as it arrived: its List-Unsubscribe headers and its signatures."""
    headers = [replace(check, name=f"message: {check.name}") for check in one_click.judge_headers(content)]
    found = signatures(content)
    if not found:
        expected = "a DKIM signature: receivers show no button without (RFC 8058 section 4)"
        advice = "let the relay sign, or set dkim in digest.yaml; docs/deliverability.md says how"
        return [*headers, wrong("message: DKIM", "no signature", expected, advice)]
    sender = parseaddr(one_click.value(content, "From") or "")[1].rpartition("@")[2].lower()
    checks = yield from each(_check(content, sender, signature, verify) for signature in found)
    if any(check.outcome is Outcome.WELL for check in checks):
        # One good signature is enough; a bad one beside it, such as a mail service's own, does no harm.
        checks = [c if c.outcome is Outcome.WELL else replace(c, outcome=Outcome.WARNING) for c in checks]
    return [*headers, *checks]


def _check(content: bytes, sender: str, signature: Signature, verify: Verify) -> Inquiry[Check]:
    domain = signature.domain
    name = f"message: DKIM of {domain or 'nobody'}"
    expected = f"a signature that fits, of a domain that aligns with {sender}, over {' and '.join(NEEDED)}"
    if signature.lacks:
        lacking = " and ".join(signature.lacks)
        advice = f"let the signer cover {lacking}; see docs/deliverability.md"
        return wrong(name, f"h= lacks {lacking}", expected, advice)
    if signature.has_length:
        return wrong(name, "l=: anybody may add to the text", expected, "let the signer leave l= out")
    if not signature.algorithm.endswith("-sha256"):  # RFC 8301 section 3.1
        return wrong(name, f"a={signature.algorithm}", expected, "let the signer use rsa-sha256")
    key = yield from ask(f"{signature.selector}._domainkey.{domain}", Kind.TXT)
    if isinstance(key, Silence):
        return unknown(name, key.why, expected, ASK_AGAIN)
    if (trouble := _trouble(content, signature, key.values, verify)) is not None:
        advice = "publish the signer's key, and see what changes messages on the way"
        return wrong(name, trouble, expected, advice)
    walked = yield from walk(sender)
    if isinstance(walked, Silence):
        return unknown(name, walked.why, expected, "ask again later")
    aligns = yield from aligned(walked, domain, "adkim")
    if isinstance(aligns, Silence):
        return unknown(name, aligns.why, expected, "ask again later")
    if not aligns:
        found = f"it fits, but {domain} does not align with {sender}"
        return wrong(name, found, expected, f"let the relay sign with d={sender}")
    return well(name, f"fits, aligns with {sender}, covers both List-Unsubscribe headers")


def _trouble(content: bytes, signature: Signature, keys: tuple[str, ...], verify: Verify) -> str | None:
    """Why the signature does not hold; None if it does."""
    at = f"{signature.selector}._domainkey.{signature.domain}"
    if not keys:
        return f"no key at {at}"
    try:
        fits = verify(content, signature.place, keys[0])
    except DigestError as error:
        return f"it does not hold ({short(str(error))})"
    return None if fits else f"it does not fit the message, or not the key at {at}"
