"""Entries as real publishers list them, poll after poll, and which of them are news.

Each case is `(name, documents, news of the last document)`. A document lists entries; of an entry, `id`,
`link`, `on` (its date as written) and `text` may be missing.
"""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from digest.items import Item
from digest.parse.entries import Entry, to_item

HERE: Final = "https://site.example"
ZONE: Final = ZoneInfo("Europe/London")

Document = list[dict[str, str]]


def entry(title: str, **facts: str) -> dict[str, str]:
    return {"title": title, **facts}


def items_of(document: Document) -> list[Item]:
    """The items that a parser makes of the entries."""
    made = (
        to_item(
            Entry(
                title=one["title"],
                guid=one.get("id", ""),
                links=(one["link"],) if "link" in one else (),
                dates=(one["on"],) if "on" in one else (),
                texts=(one["text"],) if "text" in one else (),
            ),
            base=f"{HERE}/feed",
            zone=ZONE,
        )
        for one in document
    )
    return [item for item in made if item]


_SIX: Final = "Mon, 23 Nov 2026 06:00:00 +0000"
_LATER: Final = "Tue, 24 Nov 2026 09:15:00 +0000"
_P1: Final = entry("Marsh visit", id="id-1", link=f"{HERE}/1", on=_SIX)


def _moved(**facts: str) -> Document:
    return [_P1 | {"id": "id-9", "link": f"{HERE}/moved/1"} | facts]


CASES: Final[list[tuple[str, list[Document], list[str]]]] = [
    # -- the same instant, another spelling: the site has moved ------------------------------------------
    ("a date in another zone", [[_P1], _moved(on="Mon, 23 Nov 2026 07:00:00 +0100")], []),
    ("GMT for +0000", [[_P1], _moved(on="Mon, 23 Nov 2026 06:00:00 GMT")], []),
    ("an RFC 822 date that became ISO 8601", [[_P1], _moved(on="2026-11-23T06:00:00Z")], []),
    ("a date with fractions of a second", [[_P1], _moved(on="2026-11-23T06:00:00.000+00:00")], []),
    ("another instant, id and link: another visit", [[_P1], _moved(on=_LATER)], ["Marsh visit"]),
    # -- the same title, another spelling ----------------------------------------------------------------
    ("a no-break space", [[_P1], _moved(title="Marsh\u00a0visit")], []),
    ("capitals", [[_P1], _moved(title="MARSH VISIT")], []),
    (
        "typographic quotes and dashes",
        [
            [_P1 | {"title": "The 'Marsh' - Governor's visit"}],
            _moved(title="The \u2018Marsh\u2019 \u2013 Governor\u2019s visit"),
        ],
        [],
    ),
    (
        "letters with combining accents (NFD)",
        [[_P1 | {"title": "Café"}], _moved(title="Cafe\u0301")],
        [],
    ),
    ("escaped twice", [[_P1 | {"title": "Marsh & Beck"}], _moved(title="Marsh &amp;amp; Beck")], []),
    # -- links and ids, spelt in another way --------------------------------------------------------------
    (
        "a site that went to https in ids and links (wordpress.org)",
        [
            [entry("A", id="http://site.example/?p=98", link="http://site.example/a/")],
            [entry("A, renamed", id="https://site.example/?p=98", link="https://site.example/a/")],
        ],
        [],
    ),
    (
        "a slash at the end that came or went, in id and link",
        [
            [entry("A", id=f"{HERE}/a/", link=f"{HERE}/a/")],
            [entry("A new headline", id=f"{HERE}/a", link=f"{HERE}/a")],
        ],
        [],
    ),
    (
        "an id in capitals at another address",
        [
            [entry("A", id="URN:Report:7F", link=f"{HERE}/a")],
            [entry("A", id="urn:report:7f", link=f"{HERE}/b")],
        ],
        [],
    ),
    (
        "a campaign in the fragment",
        [
            [entry("A", link=f"{HERE}/a#xtor=RSS-8")],
            [entry("A!", link=f"{HERE}/a#xtor=RSS-9")],
        ],
        [],
    ),
    (
        "a feed's name in the fragment of ids and links that later goes",
        [
            [entry("A", id=f"{HERE}/a#atom-everything", link=f"{HERE}/a#atom-everything", on=_SIX)],
            [entry("A", id=f"{HERE}/a", link=f"{HERE}/a", on=_SIX)],
        ],
        [],
    ),
    (
        "a version counter in the fragment of ids (a broadcaster's feeds)",
        [
            [entry("A", id=f"{HERE}/news/c1#0", link=f"{HERE}/news/c1?at_medium=RSS", on=_SIX)],
            [entry("A, live", id=f"{HERE}/news/c1#3", link=f"{HERE}/news/c1?at_medium=RSS", on=_LATER)],
        ],
        [],
    ),
    (
        "a link to the comments of a post",
        [[entry("A", link=f"{HERE}/a")], [entry("A", link=f"{HERE}/a#comments")]],
        [],
    ),
    # -- ids that are none ---------------------------------------------------------------------------------
    *(
        (
            f"an id of {id!r} on every entry, one entry at a time",
            [
                [entry("Beck visit", id=id, link=f"{HERE}/1", on="2026-11-23")],
                [entry("Marsh visit", id=id, link=f"{HERE}/2", on="2026-11-23")],
            ],
            ["Marsh visit"],
        )
        for id in ("-", "n/a", "N/A", "tbc", "0", "none", "null", "undefined", "#", "TBC.", "(none)", "—")
    ),
    (
        "an id that is no id, and no link: the title alone changes",
        [
            [entry("Beck visit", id="n/a", on="2026-11-23")],
            [entry("Marsh visit", id="n/a", on="2026-11-23"), entry("Beck visit", id="n/a", on="2026-11-23")],
        ],
        ["Marsh visit"],
    ),
    (
        "ids and links of N/A in a whole feed (release notes of an office suite)",
        [
            [entry(f"Version {n}", id="N/A", link="N/A", on="2026-11-20") for n in (1, 2)],
            [entry(f"Version {n}", id="N/A", link="N/A", on="2026-11-20") for n in (1, 2, 3)],
        ],
        ["Version 3"],
    ),
    (
        "a feed that gives its entries ids at last",
        [
            [entry("A", id="", link=f"{HERE}/a", on=_SIX)],
            [entry("A", id="tag:site.example,2026:1", link=f"{HERE}/a", on=_SIX)],
        ],
        [],
    ),
    (
        "an id that is none, under one title",
        [
            [entry("Report published", id="n/a", link=f"{HERE}/1")],
            [entry("Report published", id="n/a", link=f"{HERE}/2")],
        ],
        ["Report published"],
    ),
    (
        "one list page for all and no dates, ids of their own",
        [
            [entry("Outage at Beck", id="inc-1", link=f"{HERE}/history")],
            [entry("Outage at Marsh", id="inc-2", link=f"{HERE}/history")],
        ],
        ["Outage at Marsh"],
    ),
    # -- a title and a bare day ------------------------------------------------------------------------------
    (
        "one title and one day, new id and link",
        [
            [entry("Report published", id="id-1", link=f"{HERE}/1", on="2026-11-23")],
            [entry("Report published", id="id-2", link=f"{HERE}/2", on="2026-11-23")],
        ],
        ["Report published"],
    ),
    (
        "one title and midnight, which is a bare day as well",
        [
            [entry("Report published", id="id-1", link=f"{HERE}/1", on="Mon, 23 Nov 2026 00:00:00 GMT")],
            [entry("Report published", id="id-2", link=f"{HERE}/2", on="Mon, 23 Nov 2026 00:00:00 GMT")],
        ],
        ["Report published"],
    ),
    (
        "one title and a day in words",
        [
            [entry("Report published", link=f"{HERE}/1", on="23 November 2026")],
            [entry("Report published", link=f"{HERE}/2", on="23 November 2026")],
        ],
        ["Report published"],
    ),
    (
        "two of one title and one instant, both in the list",
        [
            [entry("Report published", id="id-1", link=f"{HERE}/1", on=_SIX)],
            [
                entry("Report published", id="id-2", link=f"{HERE}/2", on=_SIX),
                entry("Report published", id="id-1", link=f"{HERE}/1", on=_SIX),
            ],
        ],
        ["Report published"],
    ),
    (
        "a title and a day are all that there is",
        [[entry("Marsh visit", on="2026-11-23")], [entry("Marsh visit", on="23 November 2026")]],
        [],
    ),
    (
        "an undated title under a new id and link",
        [
            [entry("Report published", id="id-1", link=f"{HERE}/1")],
            [entry("Report published", id="id-2", link=f"{HERE}/2")],
        ],
        ["Report published"],
    ),
    # -- a clash of ids ----------------------------------------------------------------------------
    (
        "an id used again, undated",
        [[entry("First", id="latest", link=f"{HERE}/1")], [entry("Second", id="latest", link=f"{HERE}/2")]],
        ["Second"],
    ),
    (
        "an id used again, and the poll after",
        [
            [entry("First", id="latest", link=f"{HERE}/1")],
            [entry("Second", id="latest", link=f"{HERE}/2")],
            [entry("Second", id="latest", link=f"{HERE}/2")],
        ],
        [],
    ),
    (
        "an id used again without links",
        [[entry("Beck visit", id="latest")], [entry("Marsh visit", id="latest")]],
        ["Marsh visit"],
    ),
    (
        "an id used again without links, and the poll after",
        [[entry("Beck visit", id="latest")], [entry("Marsh visit", id="latest")]] * 2,
        [],
    ),
    (
        "a wrong number typed on a second report (inspectors general)",
        [
            [entry("Audit of Alpha", id="OIG-26-01", link=f"{HERE}/alpha.pdf", on="2026-11-20")],
            [
                entry("Audit of Beta", id="OIG-26-01", link=f"{HERE}/beta.pdf", on="2026-11-23"),
                entry("Audit of Alpha", id="OIG-26-01", link=f"{HERE}/alpha.pdf", on="2026-11-20"),
            ],
        ],
        ["Audit of Beta"],
    ),
    (
        "a title and its address edited, the id kept (a blog engine)",
        [
            [entry("Inspectin of Marsh", id="77", link=f"{HERE}/inspectin-of-marsh", on=_SIX)],
            [entry("Inspection of Marsh", id="77", link=f"{HERE}/inspection-of-marsh", on=_LATER)],
        ],
        [],
    ),
    (
        "a headline and its address rewritten, id and instant kept",
        [
            [entry("Inspectors visit Marsh", id="77", link=f"{HERE}/visit", on=_SIX)],
            [entry("Marsh is told to do better", id="77", link=f"{HERE}/better", on=_SIX)],
        ],
        [],
    ),
    (
        "a site that moved and kept its ids",
        [
            [entry("A", id="id-1", link="https://old.example/a", on=_SIX)],
            [entry("A", id="id-1", link="https://new.example/a", on=_LATER)],
        ],
        [],
    ),
    (
        "one id for all, and a title that was mended",
        [
            [entry(f"Report {n}", id="feed", link=f"{HERE}/{n}", on=_SIX) for n in ("a", "b")],
            [
                entry("Report c", id="feed", link=f"{HERE}/a", on=_SIX),
                entry("Report b", id="feed", link=f"{HERE}/b"),
            ],
        ],
        [],
    ),
    # -- one page, many entries ------------------------------------------------------------------------------
    (
        "fragments of one page",
        [
            [entry("Note one", id=f"{HERE}/n#one", link=f"{HERE}/n#one", on=_SIX)],
            [entry("Note two", id=f"{HERE}/n#two", link=f"{HERE}/n#two", on=_LATER)],
        ],
        ["Note two"],
    ),
    (
        "fragments of one page under one title",
        [
            [entry("Update", id=f"{HERE}/n#one", link=f"{HERE}/n#one", on=_SIX)],
            [entry("Update", id=f"{HERE}/n#two", link=f"{HERE}/n#two", on=_LATER)],
        ],
        ["Update"],
    ),
    (
        "fragments without ids",
        [[entry("One", link=f"{HERE}/n#one")], [entry("Two", link=f"{HERE}/n#two")]],
        ["Two"],
    ),
    (
        "numbered fragments in ids and links",
        [
            [entry("One", id=f"{HERE}/log#41", link=f"{HERE}/log#41", on=_SIX)],
            [entry("Two", id=f"{HERE}/log#42", link=f"{HERE}/log#42", on=_LATER)],
        ],
        ["Two"],
    ),
    (
        "a fragment retitled",
        [
            [entry("Note one", id=f"{HERE}/n#one", link=f"{HERE}/n#one", on=_SIX)],
            [entry("Note one, longer", id=f"{HERE}/n#one", link=f"{HERE}/n#one", on=_LATER)],
        ],
        [],
    ),
    (
        "one list page for all, ids of their own, one at a time (a status page)",
        [
            [entry("Outage at Beck", id="inc-1", link=f"{HERE}/history", on=_SIX)],
            [entry("Outage at Marsh", id="inc-2", link=f"{HERE}/history", on=_LATER)],
        ],
        ["Outage at Marsh"],
    ),
    (
        "one page for all, without ids (a package's feed)",
        [
            [entry("lib 1.0.0", link=f"{HERE}/lib", on=_SIX)],
            [
                entry("lib 1.0.1", link=f"{HERE}/lib", on=_LATER),
                entry("lib 1.0.0", link=f"{HERE}/lib", on=_SIX),
            ],
        ],
        ["lib 1.0.1"],
    ),
    (
        "one link and one instant for all, no ids (a shop of the day)",
        [
            [entry(t, link=f"{HERE}/", on="Fri, 20 Nov 2026 22:00:00 +0000") for t in ("Owl", "Fox")],
            [entry(t, link=f"{HERE}/", on="Fri, 20 Nov 2026 22:00:00 +0000") for t in ("Owl", "Fox", "Elk")],
        ],
        ["Elk"],
    ),
    # -- listed twice ----------------------------------------------------------------------------------------
    ("listed twice, once retitled", [[_P1], [_P1 | {"title": "Marsh visit, corrected"}, _P1]], []),
    (
        "listed twice, once under a new headline",
        [[_P1], [_P1 | {"title": "What we saw by the river"}, _P1]],
        [],
    ),
    (
        "listed twice with two ids",
        [[], [_P1, _P1 | {"id": "id-2"}]],
        ["Marsh visit"],
    ),
    (
        "listed twice with two ids, and later with the second",
        [[_P1, _P1 | {"id": "id-2"}], [_P1 | {"id": "id-2"}]],
        [],
    ),
    (
        "new ids with each build",
        [[_P1], [_P1 | {"id": "build-2"}], [_P1 | {"id": "build-3", "on": _LATER}]],
        [],
    ),
    (
        "first a new address, then a new id",
        [
            [_P1],
            [_P1 | {"link": f"{HERE}/new/1", "on": _LATER}],
            [_P1 | {"id": "x", "link": f"{HERE}/new/1", "on": ""}],
        ],
        [],
    ),
    (
        "touched every hour",
        [[_P1], [_P1 | {"on": _LATER}], [_P1 | {"on": "Wed, 25 Nov 2026 10:15:00 +0000"}]],
        [],
    ),
    (
        "a title with a counter of comments",
        [
            [entry("The Marsh comic (3 comments)", id="comic-9", link=f"{HERE}/9", on=_SIX)],
            [entry("The Marsh comic (14 comments)", id="comic-9", link=f"{HERE}/9", on=_SIX)],
        ],
        [],
    ),
    (
        "an edit of a government page: the id has the time of the update",
        [
            [
                entry(
                    "A prison",
                    id=f"{HERE}/news/a#2026-11-20T09:30:00Z",
                    link=f"{HERE}/news/a",
                    on="2026-11-20T09:30:00Z",
                )
            ],
            [
                entry(
                    "A prison: what we found",
                    id=f"{HERE}/news/a#2026-11-23T08:00:00+00:00",
                    link=f"{HERE}/news/a",
                    on="2026-11-23T08:00:00Z",
                )
            ],
        ],
        [],
    ),
    (
        "two prisons on one day on a government site",
        [
            [
                entry(
                    "Report published",
                    id=f"{HERE}/news/a#2026-11-23T09:30:00Z",
                    link=f"{HERE}/news/a",
                    on="2026-11-23T09:30:00Z",
                )
            ],
            [
                entry(
                    "Report on B",
                    id=f"{HERE}/news/b#2026-11-23T09:30:00Z",
                    link=f"{HERE}/news/b",
                    on="2026-11-23T09:30:00Z",
                )
            ],
        ],
        ["Report on B"],
    ),
]


def case_names() -> list[Any]:
    return [name for name, _, _ in CASES]
