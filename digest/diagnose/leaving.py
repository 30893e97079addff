"""The way out: the headers of a message and the addresses in them, as mail programs need them (RFC 8058)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digest.diagnose.checks import Check, unknown, warning, well, wrong

LONGEST_LINE: Final = 998  # octets without CRLF, RFC 5322 section 2.1.1
_CLOCK_FAIR: Final = timedelta(minutes=1)
_CLOCK_BAD: Final = timedelta(minutes=10)


def header_fields(content: bytes) -> list[tuple[str, list[bytes]]]:
    """The header fields in their order: the name in lower case, and the raw lines."""
    fields: list[tuple[str, list[bytes]]] = []
    for line in re.split(rb"\r?\n", content):
        if not line:
            break
        if line[:1] in {b" ", b"\t"} and fields:
            fields[-1][1].append(line)
        else:
            fields.append((line.partition(b":")[0].decode("latin-1").strip().lower(), [line]))
    return fields


def value(content: bytes, name: str) -> str | None:
    """The unfolded value of the only field of this name; None where there is none, or several."""
    found = [lines for field, lines in header_fields(content) if field == name]
    return b"".join(found[0]).partition(b":")[2].decode("latin-1").strip() if len(found) == 1 else None


def judge_headers(content: bytes) -> list[Check]:
    """The checks of a message's own headers, as composed or as it came back."""
    return [_ways(content), _post(content)]


def _ways(content: bytes) -> Check:
    name = "List-Unsubscribe"
    said = value(content, "list-unsubscribe")
    expected, advice = (
        "an https and a mailto address in angle brackets, plain",
        "set service.url to an https address",
    )
    if said is None:
        return wrong(
            name, "no such header, or several", expected, "see what took it away: a relay, or a template"
        )
    lines = next(lines for field, lines in header_fields(content) if field == "list-unsubscribe")
    if "=?" in said or not said.isascii() or any(len(line) > LONGEST_LINE for line in lines):
        found = f"encoded words, or a line of more than {LONGEST_LINE} octets"
        return wrong(name, found, expected, "a shorter service.url; mail programs do not decode this header")
    ways = re.findall(r"<([^<>\s]+)>", said)
    if not any(way.startswith("https://") for way in ways):
        return wrong(name, said, expected, advice)
    if not any(way.startswith("mailto:") for way in ways):
        found = "an https address and no mailto"
        return warning(
            name, found, expected, "set sender.reply_to: some mail programs can only write a message"
        )
    return well(name, " and ".join(way.partition(":")[0] for way in ways))


def _post(content: bytes) -> Check:
    name, exact = "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    said = value(content, "list-unsubscribe-post")
    if said == exact:
        return well(name, exact)
    found = "no such header, or several" if said is None else said
    return wrong(name, found, f"exactly {exact}", "see what changed it: a relay, or a template")


# -- the addresses --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFound:
    """What a GET of an address showed; redirects were not followed."""

    url: str
    trouble: str | None = None
    status: int | None = None
    location: str | None = None
    date: datetime | None = None  # of the server, aware


def judge_service(found: PageFound, now: datetime) -> list[Check]:
    """The public address: whether anything of ours answers there, and whether it agrees on the time."""
    name, expected = "service.url", "the service answers there over https"
    advice = "start `digest run`, and let the https server in front pass requests on to web.host and web.port"
    if found.trouble is not None:
        return [unknown(name, f"{found.url}: {found.trouble}", expected, advice)]
    assert found.status is not None
    checks = [well(name, f"{found.url}: {found.status}")]
    if not found.url.startswith("https://"):
        checks = [
            wrong(name, f"{found.url} is not https", expected, "one-click needs https (RFC 8058 section 3.1)")
        ]
    elif found.status >= 500:
        checks = [wrong(name, f"{found.url}: {found.status}", expected, advice)]
    return [*checks, _clock(found.date, now)]


def _clock(theirs: datetime | None, now: datetime) -> Check:
    name, expected = "clock", "this machine and the server at service.url agree on the time"
    if theirs is None:
        return unknown(name, "the answer had no Date", expected, "see that the time is kept: timedatectl")
    apart = abs(theirs - now)
    found = f"{apart.total_seconds():.0f} s apart"
    if apart < _CLOCK_FAIR:
        return well(name, found)
    bad = wrong if apart >= _CLOCK_BAD else warning
    return bad(
        name, found, expected, "let both keep the time by NTP: noon is when this machine's clock says so"
    )


def judge_link(found: PageFound, *, whose: str, still_active: bool | None) -> Check:
    """A GET of a one-click address: it must show a page and change nothing, for scanners open every link.

    `still_active` is None where the link is nobody's.
    """
    name, expected = "one-click link", "a page of its own (200) that changes nothing"
    if found.trouble is not None:
        advice = "start `digest run` and the https server in front"
        return unknown(name, found.trouble, expected, advice)
    if still_active is False:
        advice = "see what turned a GET into a POST: a proxy, or a cache that fetches ahead"
        return wrong(name, f"a GET ended the subscription of {whose}", expected, advice)
    if found.location is not None or 300 <= (found.status or 0) < 400:
        said = f"{found.status}, on to {found.location or 'somewhere else'}"
        advice = "let the https server pass /one-click/ on as it is: programs that post do not follow"
        return wrong(name, said, expected, advice)
    if found.status != 200:
        advice = "let the https server pass /one-click/ on to web.host and web.port"
        return wrong(name, f"{found.status}", expected, advice)
    note = " (a link of nobody's: set operators.canary to try a real one)" if still_active is None else ""
    return well(name, f"200, and nothing changed for {whose}{note}")


def one_click_address(content: bytes) -> str | None:
    """The https address in a message's List-Unsubscribe, or the first there is."""
    ways: Sequence[str] = re.findall(r"<([^<>\s]+)>", value(content, "list-unsubscribe") or "")
    web = [way for way in ways if way.startswith("http")]
    return web[0] if web else None
