"""Newsletters: a received message to what it says, and whether our own server vouches for who sent it.

What a sender writes proves nothing. Only the results that our own mail server has added say that a message is
really of the domain in its From field (RFC 8601, RFC 7489).
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from digest.inbound.entity import LOOKED_AT, Entity, line, parse_message, without_markup

MOST_LINKS: Final = 200
"""So many links of one message are looked at."""

FEW_LINKS: Final = 6
"""With more links than this, the words of a link do not make a message one that asks to confirm."""

_ASKS: Final = re.compile(
    r"\b(?:confirm|verify|activate|validate|complete)\s+(?:(?:your|my|the|this)\s+)?(?:\w+\s+){0,2}"
    r"(?:subscription|e-?mail|sign-?up)|\bsubscription\s+(?:confirmation|request)|\bsubscribe me\b",
    re.IGNORECASE,
)
_WEB_LINK: Final = re.compile(r"https?://[^\s<>\"]{4,2000}", re.IGNORECASE)
_NO_REPORT: Final = re.compile(
    r"unsubscribe|opt[ _-]?out|preferences|manage[ _-](?:your[ _-])?(?:subscription|profile)|view (?:this|it) (?:email )?in"
    r"|in (?:your|a) browser|forward to|privacy|update your details",
    re.IGNORECASE,
)
_SAYS_NOTHING: Final = re.compile(
    r"\W*(?:(?:click |see |read |find out |view )*(?:here|more|on|this|the report|report|full report|details)?"
    r"|https?://\S*)\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkInLetter:
    """A link in a message."""

    url: str
    words: str  # its own, or the heading above it if these say nothing; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """What a message of a publisher says."""

    id: str  # a hash of its Message-ID, or of the whole message if it has none
    subject: str
    sent_at: datetime | None  # aware, UTC
    text: str  # HTML
    links: tuple[LinkInLetter, ...]  # in order, each address once; none that changes a subscription
    asks_to_confirm: bool = False  # it wants to know whether its newsletters are wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a message says above its text."""

    named: str  # a hash of its Message-ID, or of the whole message if it has none
    sender: str  # one line, as its From field says it
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Legible:
    """A message as an operator reads it. Its sender was not checked."""

    text: str
    links: tuple[LinkInLetter, ...]  # in order, each address once


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBelieved:
    """A message that may be of anybody."""

    why: str  # without addresses


def read_newsletter(
    content: bytes, *, senders: Collection[str], server: str | None
) -> Newsletter | NotBelieved:
    """What a message says, if it is of one of the senders: an address, or a domain.

    `server` is the name by which our own mail server marks its results (authserv-id); with None, the From
    field is taken as it is.
    """
    mail = parse_message(content)
    why = _doubt(mail, senders, server)
    if why is not None:
        return NotBelieved(why=why)
    markup = _markup(mail)
    subject, links = line(mail.get("Subject"), 300), tuple(_links(markup))
    return Newsletter(
        id=_named(mail, content),
        subject=subject,
        sent_at=_sent_at(mail.raw("Date")),
        text=markup,
        links=links,
        asks_to_confirm=_asks_to_confirm(subject, links),
    )


def head_of(content: bytes) -> Head:
    """The head of a message. Takes any octets."""
    mail = parse_message(content)
    return Head(
        named=_named(mail, content),
        sender=line(mail.get("From"), 300),
        subject=line(mail.get("Subject"), 300),
    )


def legible(content: bytes) -> Legible:
    """A message as text with all its links, also those that change a subscription. Takes any octets."""
    markup = _markup(parse_message(content))
    return Legible(text=without_markup(markup), links=tuple(_links(markup, every=True)))


def _named(mail: Entity, content: bytes) -> str:
    named = mail.raw("Message-ID").strip().encode(errors="replace")
    return hashlib.sha256(named or content).hexdigest()[:32]


def _asks_to_confirm(subject: str, links: Collection[LinkInLetter]) -> bool:
    """Whether a message is about its subscription alone: an ordinary one has more links."""
    said = [subject, *(link.words for link in links)] if len(links) <= FEW_LINKS else [subject]
    return any(map(_ASKS.search, said))


def _doubt(mail: Entity, senders: Collection[str], server: str | None) -> str | None:
    """Why a message may be of somebody else; None: it is of one of the senders."""
    fields = mail.all("From")
    addresses = [address for _, address in getaddresses(fields) if address]
    if len(fields) != 1 or len(addresses) != 1 or "@" not in addresses[0]:
        return "it has not one From field with one address"
    address = addresses[0].lower()
    domain = address.rpartition("@")[2]
    if not any(one.lower().lstrip("@") in (address, domain) for one in senders):
        return "it is of nobody in `senders`"
    if server is None:
        return None
    for value in mail.all("Authentication-Results"):
        name, results = _results(value)
        if name == server.lower():  # the topmost is our server's own; one below may be forged
            return None if _vouches(results, domain) else f"{server} does not vouch for its From field"
    return f"it has no results of {server}"


def _vouches(results: list[dict[str, str]], domain: str) -> bool:
    """Whether DMARC has passed for the domain, or DKIM or SPF for a domain that it belongs to."""
    for one in results:
        if one.get("dmarc") == "pass" and one.get("header.from") == domain:
            return True
        signed = one.get("header.d") or one.get("header.i", "").rpartition("@")[2]
        if one.get("dkim") == "pass" and _covers(signed, domain):
            return True
        if one.get("spf") == "pass" and _covers(one.get("smtp.mailfrom", "").rpartition("@")[2], domain):
            return True
    return False


def _covers(owner: str, domain: str) -> bool:
    return "." in owner and (domain == owner or domain.endswith(f".{owner}"))


_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|;|[^\s;"]+')


def _results(value: str) -> tuple[str, list[dict[str, str]]]:
    """The name in an Authentication-Results field, and each result with its properties (RFC 8601 section 2.2).

    A quoted string is one value, whatever stands in it: a sender may have written it.
    """
    parts: list[list[str]] = [[]]
    for word in _TOKEN.findall(_without_comments(value)):
        if word[0] == ";":
            parts.append([])
        elif word[0] != '"':
            parts[-1].append(word.lower())
        elif parts[-1]:  # no domain is quoted, so nothing is made of it
            parts[-1][-1] += "quoted"
    name = parts[0][0] if parts[0] else ""
    return name, [_properties(part) for part in parts[1:] if part]


def _properties(part: list[str]) -> dict[str, str]:
    """A method with its result, which come first, and properties, such as "header.d"; the first of each."""
    (method, _, result), *others = (word.partition("=") for word in part)
    found = {name: said for name, _, said in reversed(others) if "." in name}
    return found | {method: result}


def _without_comments(value: str) -> str:
    kept, depth, quoted, escaped = [], 0, False, False
    for letter in value:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter == "(" and not quoted:
            depth += 1
        if not depth:
            kept.append(letter)
        if letter == ")" and depth and not escaped:
            depth -= 1
    return "".join(kept)


def _markup(mail: Entity) -> str:
    """The message's HTML, or its text as HTML."""
    leaves = [leaf for leaf in mail.leaves() if leaf.kind in ("text/html", "text/plain")]
    chosen = next((leaf for leaf in leaves if leaf.kind == "text/html"), next(iter(leaves), None))
    if chosen is None:
        return ""
    words = chosen.characters(LOOKED_AT)
    if chosen.kind == "text/html":
        return words
    return "".join(f"<p>{_linked(part)}</p>" for part in re.split(r"\n\s*\n", words.replace("\r", "")))


def _linked(text: str) -> str:
    """Plain text as HTML, its addresses as links whose words are the line above them."""
    rows, above = [], ""
    for row in text.split("\n"):
        found = _WEB_LINK.search(row)
        rows.append(html.escape(row))
        if found:
            words = row[: found.start()].strip(" :-*\t") or above
            href = html.escape(found[0].rstrip(".,)"), quote=True)
            rows[-1] = f'<a href="{href}">{html.escape(words)}</a>'
        above = row.strip(" :-*\t") or above
    return " ".join(rows)


def _links(markup: str, *, every: bool = False) -> Iterator[LinkInLetter]:
    seen: dict[str, str] = {}
    heading = ""
    for node in LexborHTMLParser(markup).css("h1, h2, h3, h4, strong, b, a[href]"):
        words = line(node.text(separator=" "), 300)
        if node.tag != "a":
            heading = words or heading
            continue
        url = (node.attributes.get("href") or "").strip()
        if not _WEB_LINK.fullmatch(url):
            continue
        if not every and (_NO_REPORT.search(words) or _NO_REPORT.search(url)):
            continue
        says = "" if _SAYS_NOTHING.fullmatch(words) else words
        seen[url] = seen.get(url) or says or heading
        if len(seen) > MOST_LINKS:
            break
    for url, words in seen.items():
        yield LinkInLetter(url=url, words=words)


def _sent_at(value: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, IndexError, OverflowError, TypeError):
        return None
