"""Laws of bodies: who is meant."""

from __future__ import annotations

import random

from digest.items import Page
from laws.carriers import Carrier
from laws.readings import called, page
from laws.trades import RATED
from laws.trials import Law, Stock, Trial, Wants
from laws.wording import a_body, a_story, overall, plain, rated, words_of_trade


def described_first(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """The lead says "a Wexcombe school"; the name comes later. For an area's service it would be a name."""
    trade = rng.choice([t for t in RATED if t.inspectorate != "hmi-probation"])
    name = rng.choice(trade.names)
    words = words_of_trade(rng, trade, name)
    base = plain(rng, trade, name, words["grade"])
    said = carrier.said(words)
    title = rng.choice(
        ("{place} {kind} inspected", "Inspectors visit {kind}", "Watchdog’s verdict on {place} {kind}")
    )
    return Trial(
        text=base.id,
        carrier=said,
        base=base.page,
        page=a_story(rng, trade, name, said.split("\n\n"), title=title.format_map(words)).page,
        base_wants=rated(name, words["grade"]),
        wants=rated(name, words["grade"]),
    )


def a_part(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """A part of a body is rated or moved: alone, or beside the rating of the whole, which stays the same."""
    trade, name = a_body(rng)
    words = words_of_trade(rng, trade, name)
    whole = words["grade"]
    words |= {"grade": words["lower"] if whole != words["lower"] else words["higher"]}
    base = plain(rng, trade, name, whole)
    said = carrier.said(words)
    if rng.random() < 0.5:
        one, must = a_story(rng, trade, name, (said,), title=f"News from {name}").page, frozenset()
    else:
        one, must = (
            base.with_paragraph(said, rng.choice((1, len(base.paragraphs)))).page,
            rated(name, whole).must,
        )
    return Trial(
        text=f"{base.id} ({'beside the whole' if must else 'alone'})",
        carrier=said,
        base=base.page,
        page=one,
        base_wants=rated(name, whole),
        wants=Wants(must=must, about=called(name)),
    )


def several(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """ "All three", "all but C": as if each had a sentence of its own."""
    trade = rng.choice([t for t in RATED if len(t.names) >= 3])
    a, b, c = rng.sample(trade.names, 3)
    words = words_of_trade(rng, trade, None)
    grade, other = words["higher"], words["lower"]
    words |= {"a": a, "b": b, "c": c, "grade": grade, "differs": other}
    last = other if carrier.parts.get("sort") == "but" else grade
    spelt = " ".join(
        [
            f"{trade.watchdog[:1].upper()}{trade.watchdog[1:]} has published reports on {a}, {b} and {c}.",
            *(
                f"{name} has been rated ‘{g.capitalize()}’."
                for name, g in ((a, grade), (b, grade), (c, last))
            ),
        ]
    )
    wants = Wants(must=frozenset({overall(a, grade), overall(b, grade), overall(c, last)}))
    title = f"Three {trade.kinds} inspected"
    return Trial(
        text=f"story of {a}, {b} and {c}",
        carrier=(said := carrier.said(words)),
        base=_bare(title, spelt),
        page=_bare(title, said),
        base_wants=wants,
        wants=wants,
    )


def _bare(title: str, text: str) -> Page:
    return page("https://www.ambleshiregazette.co.uk/news/90211", f"{title}\n\n{text}")


LAWS = (
    Law(number=12, key="descriptor", says="A descriptor first and the name later", draw=described_first),
    Law(number=16, key="part", says="A part of a body never moves the body", draw=a_part),
    Law(number=21, key="several", says="“All three” and “all but C” say it of each", draw=several),
)
