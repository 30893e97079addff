"""One-click unsubscribe: a message's headers and the pages behind its links (RFC 8058)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from typing import Final

from digest.diagnose.checks import Check, unknown, warning, well, wrong
from digest.subscriptions import Subscription

LONGEST_LINE: Final = 998  # octets without CRLF, RFC 5322 section 2.1.1
_CLOCK_FAIR: Final = timedelta(minutes=1)
_CLOCK_BAD: Final = timedelta(minutes=10)


# -- the message ----------------------------------------------------------------------------------------


def fields(content: bytes, name: str) -> list[str]:
    """The values of all header fields of this name, still folded; lines end in LF."""
    found = BytesHeaderParser().parsebytes(content).get_all(name, [])
    return [str(value).replace("\r\n", "\n") for value in found]


def value(content: bytes, name: str) -> str | None:
    """The unfolded value of the only field of this name; None where there is none, or several."""
    found = fields(content, name)
    return found[0].replace("\n", "").strip() if len(found) == 1 else None


def judge_headers(content: bytes) -> list[Check]:
    """The checks of a message's own headers, as composed or as it came back."""
    return [_ways(content), _post(content)]


def _ways(content: bytes) -> Check:
    """List-Unsubscribe: an https and a mailto address that mail programs can read."""
    name = "List-Unsubscribe"
    expected = "an https and a mailto address in angle brackets, plain"
    text = value(content, name)
    if text is None:
        advice = "see what took it away: a relay, or a template"
        return wrong(name, "no such header, or several", expected, advice)
    lines = f"{name}: {fields(content, name)[0]}".split("\n")
    if "=?" in text or not text.isascii() or any(len(line) > LONGEST_LINE for line in lines):
        advice = "a shorter service.url; mail programs do not decode this header"
        return wrong(name, f"encoded words, or a line of more than {LONGEST_LINE} octets", expected, advice)
    found = _addresses(text)
    if not any(address.startswith("https://") for address in found):
        return wrong(name, text, expected, "set service.url to an https address")
    if not any(address.startswith("mailto:") for address in found):
        advice = "set sender.reply_to: some mail programs can only write a message"
        return warning(name, "an https address and no mailto", expected, advice)
    return well(name, " and ".join(address.partition(":")[0] for address in found))


def _post(content: bytes) -> Check:
    name, exact = "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    text = value(content, name)
    if text == exact:
        return well(name, exact)
    found = "no such header, or several" if text is None else text
    return wrong(name, found, f"exactly {exact}", "see what changed it: a relay, or a template")


def one_click_address(content: bytes) -> str | None:
    """The first web address in a message's List-Unsubscribe."""
    found = _addresses(value(content, "List-Unsubscribe") or "")
    return next((address for address in found if address.startswith("http")), None)


def link_of(address: str, token: str) -> str:
    """A one-click address with another subscriber's token in place of its own."""
    return address.rpartition("/")[0] + "/" + token


def still_subscribed(before: Subscription, after: Subscription | None) -> bool:
    """Whether nothing ended a subscription between two looks; None: it is not active any more.

    A person who left and subscribed again has another generation.
    """
    return after is not None and after.generation == before.generation


def _addresses(text: str) -> list[str]:
    return re.findall(r"<([^<>\s]+)>", text)


# -- the pages ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFound:
    """What a GET of an address showed; redirects were not followed."""

    url: str
    trouble: str | None = None
    status: int | None = None
    location: str | None = None
    date: datetime | None = None  # of the server, aware


def judge_service(found: PageFound, now: datetime) -> list[Check]:
    """The public address: whether the service answers there, and whether its clock agrees with ours."""
    name, expected = "service.url", "the service answers there over https"
    advice = "start `digest run`, and let the https server in front pass requests on to web.host and web.port"
    if found.trouble is not None:
        return [unknown(name, f"{found.url}: {found.trouble}", expected, advice)]
    assert found.status is not None
    text = f"{found.url}: {found.status}"
    check = wrong(name, text, expected, advice) if found.status >= 500 else well(name, text)
    if not found.url.startswith("https://"):
        advice = "one-click needs https (RFC 8058 section 3.1)"
        check = wrong(name, f"{found.url} is not https", expected, advice)
    return [check, _clock(found.date, now)]


def _clock(theirs: datetime | None, now: datetime) -> Check:
    name, expected = "clock", "this machine and the server at service.url agree on the time"
    if theirs is None:
        return unknown(name, "the answer had no Date", expected, "see that the time is kept: timedatectl")
    apart = abs(theirs - now)
    found = f"{apart.total_seconds():.0f} s apart"
    if apart < _CLOCK_FAIR:
        return well(name, found)
    advice = "let both keep the time by NTP: noon is when this machine's clock says so"
    return (wrong if apart >= _CLOCK_BAD else warning)(name, found, expected, advice)


def judge_link(found: PageFound, *, whose: str, still_active: bool | None) -> Check:
    """A GET of a one-click address: it must show a page and change nothing, because scanners open every link.

    `whose` names the subscriber of the link; `still_active` is None where the link has no subscriber.
    """
    name, expected = "one-click link", "a page of its own (200) that changes nothing"
    if found.trouble is not None:
        advice = "start `digest run` and the https server in front"
        return unknown(name, found.trouble, expected, advice)
    if still_active is False:
        advice = "see what turned a GET into a POST: a proxy, or a cache that fetches ahead"
        return wrong(name, f"a GET ended the subscription of {whose}", expected, advice)
    if found.location is not None or 300 <= (found.status or 0) < 400:
        text = f"{found.status}, on to {found.location or 'somewhere else'}"
        advice = "let the https server pass /one-click/ on as it is: programs that post do not follow"
        return wrong(name, text, expected, advice)
    if found.status != 200:
        advice = "let the https server pass /one-click/ on to web.host and web.port"
        return wrong(name, f"{found.status}", expected, advice)
    note = " (a link of nobody's: set operators.canary to try a real one)" if still_active is None else ""
    return well(name, f"200, and nothing changed for {whose}{note}")
