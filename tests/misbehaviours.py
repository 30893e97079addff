"""A shelf of publishers that misbehave: what each answers, look by look, and what must come of it.

Names follow the failures they are made after. `{site}` in a body stands for the publisher's address.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from feed_cases import a_report
from reused_addresses import oakshire
from servers.publisher import Act, drop, raw, say

Body: TypeAlias = str | bytes
HTML: Final = {"Content_Type": "text/html; charset=utf-8"}
RSS: Final = {"Content_Type": "application/rss+xml; charset=utf-8"}
MONDAY: Final = "Mon, 23 Nov 2026 07:00:00 GMT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a path answers; `{site}` in the body stands for the publisher's address."""

    body: Body = b""
    status: int = 200
    headers: Mapping[str, str] | None = None
    act: Act | None = None  # instead of all that

    def by(self, site: str) -> Act:
        if self.act is not None:
            return self.act
        octets = self.body.encode() if isinstance(self.body, str) else self.body
        return say(self.status, octets.replace(b"{site}", site.encode()), **(self.headers or {}))


Look: TypeAlias = tuple[int, Mapping[str, Answer]]
"""Minutes after the first look, and the answers from then on."""

State: TypeAlias = Literal["baseline", "listed", "read", "parked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """`items` are the titles and states at the end. Without `trouble`, the last listing went well."""

    looks: Sequence[Look]
    items: Sequence[tuple[str, State]]
    trouble: str | None = None  # a part of what the source's last poll says went wrong
    heard: str | None = None  # the state that operators get mail about if it goes on so; None: no mail


def entry(
    title: str, path: str | None = None, *, id: str | None = None, date: str = MONDAY, text: str = ""
) -> str:
    """An item of an RSS feed; without a path it has no link, and with an empty id no more than the tag."""
    link = "" if path is None else f"<link>{{site}}{path}</link>"
    guid = "" if id is None else f"<guid isPermaLink='false'>{id}</guid>"
    dated = f"<pubDate>{date}</pubDate>" if date else ""
    return f"<item><title>{title}</title>{link}{guid}{dated}<description>{text or title}</description></item>"


def rss(*entries: str) -> str:
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>V</title>{''.join(entries)}</channel></rss>"
    )


def feed(*entries: str, **headers: str) -> Mapping[str, Answer]:
    return {"/feed": Answer(body=rss(*entries), headers=RSS | headers)}


def page(path: str, title: str) -> Mapping[str, Answer]:
    return {path: Answer(body=a_report(title), headers=HTML)}


OLD: Final = tuple(entry(f"Old {n}", f"/old-{n}", id=f"old-{n}") for n in range(3))
KNOWN: Final[list[tuple[str, State]]] = [(f"Old {n}", "baseline") for n in range(3)]
NEW: Final = entry("Marsh visit", "/marsh", id="marsh")
MARSH: Final = page("/marsh", "Marsh visit")
READ: Final[list[tuple[str, State]]] = [("Marsh visit", "read"), *KNOWN]
PUT_OFF: Final[list[tuple[str, State]]] = [("Marsh visit", "listed"), *KNOWN]
FIRST: Final[Look] = (0, feed(*OLD))
NEWS: Final[Look] = (31, feed(NEW, *OLD) | MARSH)


def told(*looks: Look) -> Misbehaviour:
    """Whatever happens, the one new report is read, and nothing else."""
    return Misbehaviour(looks=(FIRST, *looks), items=READ)


def nothing_new(*looks: Look) -> Misbehaviour:
    return Misbehaviour(looks=looks, items=KNOWN)


def feed_of(answer: Answer, trouble: str | None, heard: str = "failing") -> Misbehaviour:
    """At the second look the feed is something else: what was known stays, and operators hear of it."""
    return Misbehaviour(looks=(FIRST, (31, {"/feed": answer})), items=KNOWN, trouble=trouble, heard=heard)


def marsh(answer: Answer, state: Sequence[tuple[str, State]] = PUT_OFF) -> Misbehaviour:
    """The page of the new report answers so."""
    return Misbehaviour(looks=(FIRST, (31, feed(NEW, *OLD) | {"/marsh": answer})), items=state)


def _olds(**facts: Any) -> tuple[str, ...]:
    return tuple(
        entry(f"Old {n}", f"/old-{n}", **({"id": f"old-{n}"} | {k: v(n) for k, v in facts.items()}))
        for n in range(3)
    )


def _atom(*entries: str) -> str:
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>V</title>{''.join(entries)}</feed>"


_ATOM_OLD: Final = tuple(
    f"<entry><title>Old {n}</title><id>urn:old:{n}</id><link href='/old-{n}'/>"
    "<updated>2026-11-23T07:00:00Z</updated></entry>"
    for n in range(3)
)
_ATOM_NEW: Final = (
    "<entry><title>Marsh visit</title><id>urn:marsh</id><link rel='alternate' href='/marsh'/>"
    "<link rel='enclosure' href='/marsh.mp3'/><updated>2026-11-23T07:00:00Z</updated></entry>"
)
_XML: Final = {"Content_Type": "application/xml"}
_APOLOGY: Final = "<!doctype html><title>Sorry</title><h1>Sorry, there is a problem with the service</h1>"


def _redirect(to: str, status: int = 302) -> Answer:
    return Answer(act=raw(f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()))


def _chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Act:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    return raw(head, *(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks), end)


def _pieces(octets: bytes) -> Iterator[bytes]:
    return (octets[n : n + 99] for n in range(0, len(octets), 99))


def _octets(*entries: str) -> bytes:
    return rss(*entries).replace("{site}", "").encode()


def _json_feed(*names: str) -> str:
    items = [{"id": n, "url": f"/{n.split()[0].lower()}", "title": n} for n in names]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "V", "items": items})


IDENTITY: Final[Mapping[str, Misbehaviour]] = {
    "F01-every-id-is-new": told(NEWS, (62, feed(NEW, *_olds(id=lambda n: f"v2-{n}")))),
    "F01-ids-are-gone": nothing_new(FIRST, (31, feed(*(entry(f"Old {n}", f"/old-{n}") for n in range(3))))),
    "F02-every-address-is-new": nothing_new(
        FIRST, (31, feed(*(entry(f"Old {n}", f"/blog/old-{n}", id=f"old-{n}") for n in range(3))))
    ),
    "F05-one-link-for-all": Misbehaviour(
        looks=(
            (0, feed(*(entry(f"Old {n}", "/latest", id=f"old-{n}") for n in range(3)))),
            (
                31,
                feed(
                    entry("Marsh visit", "/latest", id="marsh"),
                    *(entry(f"Old {n}", "/latest", id=f"old-{n}") for n in range(3)),
                )
                | page("/latest", "Marsh visit"),
            ),
        ),
        items=READ,
    ),
    "F06-a-typo-is-mended-in-title-and-id": Misbehaviour(
        looks=(
            FIRST,
            (31, feed(entry("Marsh vist", "/marsh", id="marsh-vist"), *OLD) | page("/marsh", "Marsh vist")),
            (62, feed(NEW, *OLD)),
        ),
        items=[("Marsh vist", "read"), *KNOWN],
    ),
    "F07-all-ids-are-empty": told(
        (31, feed(*_olds(id=lambda _: ""))),
        (62, feed(entry("Marsh visit", "/marsh", id=""), *_olds(id=lambda _: "")) | MARSH),
    ),
    "F07-all-ids-say-not-available": Misbehaviour(
        looks=(
            (0, feed(*_olds(id=lambda _: "n/a"))),
            (31, feed(entry("Marsh visit", "/marsh", id="n/a"), *_olds(id=lambda _: "n/a")) | MARSH),
        ),
        items=READ,
    ),
    "F08-dates-are-edited": told(
        NEWS, (62, feed(NEW, *_olds(date=lambda n: f"Mon, 23 Nov 2026 0{n}:00:00 GMT")))
    ),
    "F09-counts-in-the-text": told(
        NEWS,
        (62, feed(NEW, *_olds(text=lambda n: f"{n + 9} shares"))),
        (93, feed(NEW, *_olds(text=lambda n: f"{n + 30} shares"))),
    ),
    "F11-two-doubles-take-turns": told(
        NEWS,
        (62, feed(entry("Marsh visit", "/marsh?a=1", id="marsh"), NEW, *OLD)),
        (93, feed(NEW, entry("Marsh visit", "/marsh?a=1", id="marsh"), *OLD)),
    ),
    "F14-ids-are-equal-for-one-look": told(
        NEWS, (62, feed(NEW, *_olds(id=lambda _: "same"))), (93, feed(NEW, *OLD))
    ),
    "N05-everything-is-dated-today": nothing_new(
        FIRST,
        (31, feed(*_olds(date=lambda _: "Mon, 23 Nov 2026 08:31:00 GMT"))),
        (62, feed(*_olds(date=lambda _: "Mon, 23 Nov 2026 09:02:00 GMT"))),
    ),
    "N09-an-item-slips-out-and-returns": told(NEWS, (62, feed(*OLD)), (93, feed(NEW, *OLD))),
    "N09-another-order-each-time": told(
        NEWS, (62, feed(*reversed(OLD), NEW)), (93, feed(OLD[1], NEW, OLD[0], OLD[2]))
    ),
    "N10-a-time-without-seconds": told(
        NEWS, (62, feed(entry("Marsh visit", "/marsh", id="marsh", date="Mon, 23 Nov 2026 07:00 GMT"), *OLD))
    ),
    "N11-the-same-again": told(NEWS, (62, {}), (93, {})),
    "N14-a-dash-for-a-number": Misbehaviour(
        looks=(
            (0, feed(*_olds(id=lambda _: "-"))),
            (
                31,
                feed(
                    entry("Marsh visit", "/marsh", id="-"),
                    entry("Beck visit", "/beck", id="-"),
                    *_olds(id=lambda _: "-"),
                )
                | MARSH
                | page("/beck", "Beck visit"),
            ),
        ),
        items=[("Beck visit", "read"), *READ],
    ),
    "N17-no-dates": Misbehaviour(
        looks=(
            (0, feed(*_olds(date=lambda _: ""))),
            (
                31,
                feed(entry("Marsh visit", "/marsh", id="marsh", date=""), *_olds(date=lambda _: "")) | MARSH,
            ),
        ),
        items=READ,
    ),
    "N17-dates-that-are-none": told(
        (31, feed(entry("Marsh visit", "/marsh", id="marsh", date="soon"), *OLD) | MARSH),
        (62, feed(entry("Marsh visit", "/marsh", id="marsh", date="32 Nov 2026"), *OLD)),
    ),
    "F27-a-date-far-ahead": told(
        (
            31,
            feed(entry("Marsh visit", "/marsh", id="marsh", date="Fri, 01 Jan 2094 00:00:00 GMT"), *OLD)
            | MARSH,
        )
    ),
    "F26-a-date-without-a-zone": told(
        (31, feed(entry("Marsh visit", "/marsh", id="marsh", date="2026-11-23 07:30:00"), *OLD) | MARSH)
    ),
    "links-with-tracking": told(
        NEWS, (62, feed(entry("Marsh visit", "/marsh?utm_source=rss&amp;fbclid=1"), *OLD))
    ),
}

FEEDS: Final[Mapping[str, Misbehaviour]] = {
    "F18-modified-in-2041": told(
        (31, feed(*OLD, Last_Modified="Mon, 01 Apr 2041 00:00:00 GMT")), (62, feed(NEW, *OLD) | MARSH)
    ),
    "F20-a-wall-for-all-readers": feed_of(Answer(status=403, body="<h1>Forbidden</h1>"), "403", "blocked"),
    "F21-429-and-then-200": told((31, {"/feed": Answer(status=429)}), (1500, feed(NEW, *OLD) | MARSH)),
    "F22-an-empty-body": feed_of(Answer(body=b""), "empty"),
    "F22-an-apology": feed_of(Answer(body=_APOLOGY, headers=HTML), "HTML page"),
    "F22-white-space": feed_of(Answer(body=b" \n\t "), "empty"),
    "F28-an-entity-that-is-not-defined": told(
        (31, feed(entry("Marsh visit", "/marsh", id="marsh", text="a&nbsp;b &bogus; c"), *OLD) | MARSH)
    ),
    "F28-a-bare-ampersand": told(
        (
            31,
            feed(entry("Marsh visit", "/marsh?a=1&b=2", id="marsh"), *OLD)
            | page("/marsh?a=1&b=2", "Marsh visit"),
        )
    ),
    "F28-an-octet-that-is-no-utf-8": told(
        (
            31,
            {
                "/feed": Answer(
                    body=rss(entry("Marsh visit", "/marsh", id="marsh", text="caf@"), *OLD)
                    .encode()
                    .replace(b"caf@", b"caf\xe9"),
                    headers=RSS,
                )
            }
            | MARSH,
        )
    ),
    "F28-a-control-character": told(
        (31, feed(entry("Marsh visit", "/marsh", id="marsh", text="a\x0bb\x00c"), *OLD) | MARSH)
    ),
    "F29-line-ends-in-a-title": told(
        (31, feed(entry("Marsh\r\n visit", "/marsh", id="marsh"), *OLD) | MARSH)
    ),
    "white-space-before-the-declaration": told(
        (31, {"/feed": Answer(body="\n\n " + rss(NEW, *OLD), headers=RSS)} | MARSH)
    ),
    "a-byte-order-mark": told((31, {"/feed": Answer(body="\ufeff" + rss(NEW, *OLD), headers=RSS)} | MARSH)),
    "utf-16-with-a-mark": Misbehaviour(
        looks=(FIRST, (31, {"/feed": Answer(body=_atom(_ATOM_NEW).encode("utf-16"), headers=_XML)} | MARSH)),
        items=READ,
    ),
    "html-for-a-type": told((31, {"/feed": Answer(body=rss(NEW, *OLD), headers=HTML)} | MARSH)),
    "no-type-at-all": told((31, {"/feed": Answer(body=rss(NEW, *OLD))} | MARSH)),
    "octets-for-a-type": told(
        (
            31,
            {"/feed": Answer(body=rss(NEW, *OLD), headers={"Content_Type": "application/octet-stream"})}
            | MARSH,
        )
    ),
    "gzip": told(
        (
            31,
            {
                "/feed": Answer(
                    body=gzip.compress(_octets(NEW, *OLD)), headers=RSS | {"Content_Encoding": "gzip"}
                )
            }
            | MARSH,
        )
    ),
    "deflate-without-its-frame": told(
        (
            31,
            {
                "/feed": Answer(
                    body=zlib.compress(_octets(NEW, *OLD))[2:-4],
                    headers=RSS | {"Content_Encoding": "deflate"},
                )
            }
            | MARSH,
        )
    ),
    "gzip-that-is-none": feed_of(
        Answer(body=_octets(NEW, *OLD), headers=RSS | {"Content_Encoding": "gzip"}), ""
    ),
    "gzip-cut-off": Misbehaviour(  # what came whole is news; the rest comes with the next look
        looks=(
            FIRST,
            (
                31,
                {
                    "/feed": Answer(
                        body=gzip.compress(_octets(NEW, *OLD))[:-20],
                        headers=RSS | {"Content_Encoding": "gzip"},
                    )
                }
                | MARSH,
            ),
        ),
        items=READ,
    ),
    "a-body-shorter-than-promised": feed_of(
        Answer(act=raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", _octets(NEW))), ""
    ),
    "chunks-without-an-end": feed_of(Answer(act=_chunked(_octets(NEW), end=b"")), ""),
    "chunks-that-are-none": feed_of(Answer(act=_chunked(end=b"zz\r\nno\r\n")), ""),
    "chunks": told((31, {"/feed": Answer(act=_chunked(*_pieces(_octets(NEW, *OLD))))} | MARSH)),
    "the-connection-is-reset": feed_of(Answer(act=drop()), ""),
    "no-http": feed_of(Answer(act=raw(b"SSH-2.0-OpenSSH_9.2\r\n")), ""),
    "204": feed_of(Answer(act=raw(b"HTTP/1.1 204 No Content\r\n\r\n")), "204"),
    "304-that-nobody-asked-for": Misbehaviour(
        looks=((0, {"/feed": Answer(act=raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"))}),),
        items=[],
        trouble="304",
        heard="failing",
    ),
    "410": feed_of(Answer(status=410), "410"),
    "500": feed_of(Answer(status=500, body=_APOLOGY, headers=HTML), "500"),
    "999": feed_of(Answer(status=999), "999"),
    "a-circle-of-redirects": feed_of(_redirect("/feed"), "redirects"),
    "F19-a-redirect-for-good": told(
        (31, {"/feed": _redirect("/moved", 301), "/moved": Answer(body=rss(NEW, *OLD), headers=RSS)} | MARSH),
        (62, feed(NEW, *OLD)),
    ),
    "a-redirect-to-a-file": feed_of(_redirect("file:///etc/passwd"), ""),
    "a-redirect-to-nowhere": feed_of(
        Answer(act=raw(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")), "302"
    ),
    "atom-with-relative-links": Misbehaviour(
        looks=(
            (0, {"/feed": Answer(body=_atom(*_ATOM_OLD), headers=_XML)}),
            (31, {"/feed": Answer(body=_atom(_ATOM_NEW, *_ATOM_OLD), headers=_XML)} | MARSH),
        ),
        items=READ,
    ),
    "rss-becomes-atom": told(
        (31, {"/feed": Answer(body=_atom(_ATOM_NEW, *_ATOM_OLD), headers=_XML)} | MARSH)
    ),
    "json-feed": Misbehaviour(
        looks=(
            (0, {"/feed": Answer(body=_json_feed("Old 0", "Old 1"))}),
            (31, {"/feed": Answer(body=_json_feed("Marsh visit", "Old 0", "Old 1"))} | MARSH),
        ),
        items=[("Marsh visit", "read"), *KNOWN[:2]],
    ),
    "json-cut-off": feed_of(Answer(body=_json_feed("Marsh visit")[:-5]), ""),
    "N02-a-page-instead-of-the-feed": feed_of(
        Answer(body=a_report("Our latest reports"), headers=HTML), "HTML page"
    ),
    "a-pdf-instead-of-the-feed": feed_of(
        Answer(body=b"%PDF-1.7\n" + b"\0" * 99, headers={"Content_Type": "application/pdf"}), "another kind"
    ),
    "an-entity-bomb": feed_of(
        Answer(
            body="<!DOCTYPE r [<!ENTITY a '"
            + "x" * 50
            + "'>"
            + "".join(f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 20}'>" for n in range(9))
            + "]><rss><channel>&j;</channel></rss>",
            headers=RSS,
        ),
        None,
        "empty",
    ),
    "N01-nothing-listed-for-one-look": Misbehaviour(
        looks=(FIRST, (31, feed()), (62, feed(NEW, *OLD) | MARSH)), items=READ
    ),
    "N01-nothing-listed-any-more": Misbehaviour(looks=(FIRST, NEWS, (62, feed())), items=READ, heard="empty"),
}

PAGES: Final[Mapping[str, Misbehaviour]] = {
    "page-404": marsh(Answer(status=404)),
    "page-404-and-then-there": told((31, feed(NEW, *OLD) | {"/marsh": Answer(status=404)}), (62, MARSH)),
    "page-410": marsh(Answer(status=410)),
    "page-503-and-then-there": told((31, feed(NEW, *OLD) | {"/marsh": Answer(status=503)}), (62, MARSH)),
    "page-empty": marsh(Answer(body=b"", headers=HTML)),
    "page-without-text": marsh(
        Answer(body="<!doctype html><title>x</title><script>go()</script>", headers=HTML)
    ),
    "page-cut-off": marsh(
        Answer(
            act=raw(
                b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nContent-Type: text/html\r\n\r\n",
                a_report("Marsh visit"),
            )
        )
    ),
    "page-reset": marsh(Answer(act=drop())),
    "page-in-a-circle": marsh(_redirect("/marsh")),
    "page-elsewhere": marsh(_redirect("/marsh-2026"), PUT_OFF),
    "page-moved": Misbehaviour(
        looks=(FIRST, (31, feed(NEW, *OLD) | {"/marsh": _redirect("/m")} | page("/m", "Marsh visit"))),
        items=READ,
    ),
    "page-is-a-broken-pdf": marsh(
        Answer(body=b"%PDF-1.7\nbroken", headers={"Content_Type": "application/pdf"})
    ),
    "page-is-a-picture": marsh(
        Answer(body=b"\x89PNG\r\n\x1a\n" + b"\0" * 50, headers={"Content_Type": "image/png"})
    ),
    "page-of-another-type": marsh(
        Answer(body=a_report("Marsh visit"), headers={"Content_Type": "text/plain"}), READ
    ),
    "page-in-windows-1252": marsh(
        Answer(
            body=a_report("Marsh visit").replace(b"Leaders", b"Leaders\x92 work \x96"),
            headers={"Content_Type": "text/html"},
        ),
        READ,
    ),
    "page-link-is-a-script": Misbehaviour(
        looks=(
            FIRST,
            (
                31,
                {
                    "/feed": Answer(
                        body=rss(
                            entry("Marsh visit", id="marsh").replace(
                                "<guid", "<link>javascript:alert(1)</link><guid"
                            ),
                            *OLD,
                        ),
                        headers=RSS,
                    )
                },
            ),
        ),
        items=READ,
    ),
    "F17-more-pages-than-one-look-may-ask-for": Misbehaviour(
        looks=(
            (0, feed(OLD[0])),
            (
                31,
                feed(*(entry(f"Visit {n}", f"/v{n}", id=f"v{n}") for n in range(8)), OLD[0])
                | {k: v for n in range(8) for k, v in page(f"/v{n}", f"Visit {n}").items()},
            ),
        ),
        items=[("Old 0", "baseline"), *((f"Visit {n}", "read") for n in range(8))],
    ),
}

SEPTEMBER: Final = Answer(
    body=oakshire("Good", "between 8 and 12 June 2026", "1 September 2026"), headers=HTML
)
NOVEMBER: Final = Answer(
    body=oakshire("Inadequate", "between 5 and 9 October 2026", "23 November 2026"), headers=HTML
)
_UNIT: Final = "Oakshire PDU"
_LATER: Final = "Tue, 24 Nov 2026 07:00:00 GMT"


def _unit(*, path: str = "/oakshire", date: str = MONDAY, text: str = "") -> Mapping[str, Answer]:
    return feed(entry(_UNIT, path, id="unit-17", date=date, text=text), *OLD)


def used_again(*looks: Look, reports: int = 2) -> Misbehaviour:
    """A report is listed and read; after the other looks there are so many items of its entry."""
    first = (31, _unit() | {"/oakshire": SEPTEMBER})
    return Misbehaviour(looks=(FIRST, first, *looks), items=[*KNOWN, *[(_UNIT, "read")] * reports])


USED_AGAIN: Final[Mapping[str, Misbehaviour]] = {
    "R01-a-fixed-address-gets-the-next-report": used_again(
        (1400, _unit(date=_LATER) | {"/oakshire": NOVEMBER})
    ),
    "R02-the-feed-moves-a-day-before-the-page": used_again(
        (200, _unit(date=_LATER)), (1700, {"/oakshire": NOVEMBER})
    ),
    "R03-the-page-moves-and-the-feed-keeps-its-date": used_again((1500, {"/oakshire": NOVEMBER})),
    "R04-the-id-is-the-providers": used_again(
        (1400, _unit(date=_LATER, path="/2026/11") | {"/2026/11": NOVEMBER})
    ),
    "R05-the-same-report-is-dated-anew": used_again((1400, _unit(date=_LATER)), reports=1),
    "R06-the-same-report-in-other-words": used_again(
        (
            1400,
            _unit(text="Mended.")
            | {
                "/oakshire": Answer(
                    body=oakshire(
                        "Good", "between 8 and 12 June 2026", "1 September 2026", more="A name was mended."
                    ),
                    headers=HTML,
                )
            },
        ),
        reports=1,
    ),
    "R07-the-next-report-is-taken-back": used_again(
        (1400, _unit(date=_LATER) | {"/oakshire": NOVEMBER}),
        (1440, _unit(date="Tue, 24 Nov 2026 07:30:00 GMT", text="Back.") | {"/oakshire": SEPTEMBER}),
    ),
    "R08-an-old-entry-is-dated-anew-and-its-page-is-old": Misbehaviour(
        looks=(
            FIRST,
            (1400, feed(entry("Old 0", "/old-0", id="old-0", date=_LATER), *OLD[1:]) | {"/old-0": SEPTEMBER}),
        ),
        items=[("Old 0", "read"), *KNOWN[1:]],
    ),
    "R09-an-old-entry-gets-its-next-report": Misbehaviour(
        looks=(
            FIRST,
            (
                1400,
                feed(entry(_UNIT, "/old-0", id="old-0", date=_LATER), *OLD[1:])
                | {
                    "/old-0": Answer(
                        body=oakshire("Inadequate", "between 5 and 9 October 2026", "24 November 2026"),
                        headers=HTML,
                    )
                },
            ),
        ),
        items=[*KNOWN[1:], (_UNIT, "read")],
    ),
}
"""Addresses and ids under which the next inspection is published, or seems to be."""

ALL: Final[Mapping[str, Misbehaviour]] = IDENTITY | FEEDS | PAGES | USED_AGAIN
