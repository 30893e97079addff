"""The DKIM signatures of a message that came back: what each covers, for whom it speaks, whether it fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import parseaddr
from typing import Final, TypeAlias

from digest.diagnose.checks import Check, Outcome, unknown, well, wrong
from digest.diagnose.dmarc import aligned, walk
from digest.diagnose.leaving import header_fields, judge_headers, value
from digest.diagnose.questions import Inquiry, Kind, Silence, ask, each, short, tags
from digest.errors import DigestError

NEEDED: Final = ("from", "list-unsubscribe", "list-unsubscribe-post")
"""What h= must name: the first by RFC 6376 section 5.4, the others by RFC 8058 section 4."""

Verify: TypeAlias = Callable[[bytes, int, str | None], bool]
"""Whether a message's n-th signature fits it and a key record; `DigestError` if either cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What one DKIM-Signature says of itself (RFC 6376 section 3.5)."""

    place: int  # from the top
    domain: str
    selector: str
    algorithm: str
    covers: tuple[str, ...]
    counted: bool  # l=: the text is covered up to there only

    @property
    def lacks(self) -> tuple[str, ...]:
        return tuple(name for name in NEEDED if name not in self.covers)


def signatures(content: bytes) -> list[Signature]:
    fields = [b"".join(lines) for name, lines in header_fields(content) if name == "dkim-signature"]
    return [
        _signature(place, field.partition(b":")[2].decode("latin-1")) for place, field in enumerate(fields)
    ]


def _signature(place: int, text: str) -> Signature:
    said = {name: re.sub(r"\s", "", given) for name, given in tags(text).items()}
    return Signature(
        place=place,
        domain=said.get("d", "").lower(),
        selector=said.get("s", ""),
        algorithm=said.get("a", ""),
        covers=tuple(said.get("h", "").lower().split(":")),
        counted="l" in said,
    )


def inspect(content: bytes, verify: Verify) -> Inquiry[list[Check]]:
    """The checks of a message as it arrived."""
    headers = [replace(check, name=f"message: {check.name}") for check in judge_headers(content)]
    given = signatures(content)
    if not given:
        expected = "a DKIM signature: receivers show no button without (RFC 8058 section 4)"
        advice = "let the relay sign, or set dkim in digest.yaml; docs/deliverability.md says how"
        return [*headers, wrong("message: DKIM", "no signature", expected, advice)]
    sender = parseaddr(value(content, "from") or "")[1].rpartition("@")[2].lower()
    checks = yield from each(_check(content, sender, one, verify) for one in given)
    if any(check.outcome is Outcome.WELL for check in checks):
        # One is enough; what is amiss with others, such as a mail service's own, does no harm.
        checks = [c if c.outcome is Outcome.WELL else replace(c, outcome=Outcome.WARNING) for c in checks]
    return [*headers, *checks]


def _check(content: bytes, sender: str, one: Signature, verify: Verify) -> Inquiry[Check]:
    name = f"message: DKIM of {one.domain or 'nobody'}"
    expected = f"a signature that fits, of a domain that aligns with {sender}, over {' and '.join(NEEDED)}"
    if one.lacks:
        advice = f"let the signer cover {' and '.join(one.lacks)}; see docs/deliverability.md"
        return wrong(name, f"h= lacks {' and '.join(one.lacks)}", expected, advice)
    if one.counted:
        return wrong(name, "l=: anybody may add to the text", expected, "let the signer leave l= out")
    if not one.algorithm.endswith("-sha256"):  # RFC 8301 section 3.1
        return wrong(name, f"a={one.algorithm}", expected, "let the signer use rsa-sha256")
    key = yield from ask(f"{one.selector}._domainkey.{one.domain}", Kind.TXT)
    if isinstance(key, Silence):
        return unknown(name, key.why, expected, "ask again later, or name another resolver with --resolver")
    if (misfit := _misfit(content, one, key.values, verify)) is not None:
        return wrong(
            name, misfit, expected, "publish the signer's key, and see what changes messages on the way"
        )
    spoken_for = yield from _speaks(one.domain, sender)
    if isinstance(spoken_for, Silence):
        return unknown(name, spoken_for.why, expected, "ask again later")
    if not spoken_for:
        found = f"it fits, but {one.domain} does not align with {sender}"
        return wrong(name, found, expected, f"let the relay sign with d={sender}")
    return well(name, f"fits, aligns with {sender}, covers both List-Unsubscribe headers")


def _misfit(content: bytes, one: Signature, keys: tuple[str, ...], verify: Verify) -> str | None:
    at = f"{one.selector}._domainkey.{one.domain}"
    if not keys:
        return f"no key at {at}"
    try:
        return (
            None
            if verify(content, one.place, keys[0])
            else f"it does not fit the message, or not the key at {at}"
        )
    except DigestError as error:
        return f"it does not hold ({short(str(error))})"


def _speaks(domain: str, sender: str) -> Inquiry[bool | Silence]:
    walked = yield from walk(sender)
    if isinstance(walked, Silence):
        return walked
    strict = walked.policy is not None and walked.policy.tags.get("adkim", "r").lower() == "s"
    return (yield from aligned(sender, domain, strict=strict))
