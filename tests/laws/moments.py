"""Laws of time: what was, what is, and in which order."""

from __future__ import annotations

import random

from laws.carriers import Carrier
from laws.mention import any_text
from laws.texts import Text
from laws.trials import Law, Stock, Trial, Wants
from laws.wording import (
    SILENT,
    a_body,
    a_story,
    grades_of,
    movement,
    overall,
    plain,
    previous,
    rated,
    step,
    words_of_text,
    words_of_trade,
)


def _the_grade(carrier: Carrier) -> str:
    """Which of the words of grades the carrier uses."""
    return next(word for word in ("grade", "high", "low", "best", "worst") if word in carrier.asks)


def after_being_rated(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """The lead is a reaction: "X celebrates after being rated G"."""
    trade, name = a_body(rng)
    words = words_of_trade(rng, trade, name)
    grade = words[_the_grade(carrier)]
    base = plain(rng, trade, name, grade)
    said = carrier.said(words)
    return Trial(
        text=base.id,
        carrier=said,
        base=base.page,
        page=a_story(rng, trade, name, (said,), title=base.title).page,
        base_wants=rated(name, grade),
        wants=rated(name, grade),
    )


def years_ago(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """The only rating of the page is years old."""
    trade, name = a_body(rng)
    words = words_of_trade(rng, trade, name)
    grade = words[_the_grade(carrier)]
    base = plain(rng, trade, name, grade)
    said = carrier.said(words)
    return Trial(
        text=base.id,
        carrier=said,
        base=base.page,
        page=a_story(rng, trade, name, ("Published: 12 November 2025", said), title=f"News from {name}").page,
        base_wants=rated(name, grade),
        wants=SILENT,
    )


def the_rating_then(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """The former grade, pointed at by "then" or "that visit"."""
    trade, name = a_body(rng)
    words = words_of_trade(rng, trade, name)
    now, before = rng.sample(grades_of(trade.scale), 2)
    words |= {"grade": before}
    spelt = f"At its previous inspection, in {words['year']}, it was rated ‘{before.capitalize()}’."
    wants = Wants(
        must=frozenset({overall(name, now), previous(name, before)}),
        may=frozenset({movement(name, step(trade.scale, before, now))}),
    )
    base = plain(rng, trade, name, now, spelt)
    said = carrier.said(words)
    return Trial(
        text=base.id,
        carrier=said,
        base=base.page,
        page=plain(rng, trade, name, now, said).page,
        base_wants=wants,
        wants=wants,
    )


def up_and_down_again(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """Low, better, and low again: the last step is what moved."""
    trade, name = a_body(rng)
    words = words_of_trade(rng, trade, name)
    higher, lower = words["higher"], words["lower"]
    wants = Wants(must=frozenset({overall(name, lower), previous(name, higher), movement(name, "downgrade")}))
    spelt = f"At its previous inspection, in {words['year']}, it was rated ‘{higher.capitalize()}’."
    raised = "The overall rating has therefore been lowered from "
    base = plain(
        rng, trade, name, lower, spelt, f"{raised}‘{higher.capitalize()}’ to ‘{lower.capitalize()}’."
    )
    said = carrier.said(words)
    return Trial(
        text=base.id,
        carrier=said,
        base=base.page,
        page=a_story(rng, trade, name, (said,), title=base.title).page,
        base_wants=wants,
        wants=wants,
    )


def stacked(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """Older inspections listed below: the newest may be the former grade, none is the grade now."""
    trade, name = a_body(rng)
    words = words_of_trade(rng, trade, name)
    grades = grades_of(trade.scale)
    now, first, second = rng.choice(grades), rng.choice(grades), rng.choice(grades)
    words |= {"first": first, "second": second, "firstday": f"8 June {words['year']}"}
    words |= {"secondday": f"3 May {words['earlier']}"}
    base = plain(rng, trade, name, now, official=rng.random() < 0.5)
    said = carrier.said(words)
    may = {previous(name, first), movement(name, step(trade.scale, first, now))}
    return Trial(
        text=base.id,
        carrier=said,
        base=base.page,
        page=base.with_paragraph(said, len(base.paragraphs)).page,
        base_wants=rated(name, now),
        wants=Wants(must=frozenset({overall(name, now)}), may=frozenset(may)),
    )


def other_days(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """The day of a visit, of the last report, of a letter: none is the day of publication."""
    text, own = any_text(rng, stock)
    words = words_of_text(rng, text)
    if own and rng.random() < 0.7:
        text = _dated(rng, text)
    slots = text.slots()
    if not carrier.fits(words) or not slots:
        return None
    said = carrier.said(words)
    slot = rng.choice(slots)
    return Trial(
        text=text.id,
        carrier=said,
        base=text.page,
        page=text.with_paragraph(said, slot).page,
        base_wants=own.base_wants if own else None,
        publication=True,
    )


def _dated(rng: random.Random, text: Text) -> Text:
    return text.with_paragraph(rng.choice(("Published: 12 November 2025", "12 November 2025")), 0)


LAWS = (
    Law(
        number=7,
        key="reaction",
        says="“Celebrating after being rated X” says that it has been rated X",
        draw=after_being_rated,
    ),
    Law(number=8, key="years ago", says="A rating years before the page is not announced", draw=years_ago),
    Law(number=13, key="then", says="“The rating then was X” is the former grade", draw=the_rating_then),
    Law(number=14, key="again", says="X, better, and X again is a downgrade", draw=up_and_down_again),
    Law(number=15, key="stacked", says="Old inspections below are not the grade now", draw=stacked),
    Law(number=18, key="days", says="The day of a visit is not the day of publication", draw=other_days),
)
