"""Laws of layout: what is hidden is not read, and one set of ratings reads the same however it is set."""

from __future__ import annotations

import random

import jinja2

from laws.carriers import Carrier, filled
from laws.mention import any_text, clashes
from laws.readings import called, page
from laws.trades import TRADES
from laws.trials import Law, Stock, Trial, Wants
from laws.wording import a_story, grades_of, overall, words_of_text, words_of_trade

_JINJA = jinja2.Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
)


def hidden(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """Something about the body that nobody sees."""
    text, own = any_text(rng, stock)
    words = words_of_text(rng, text)
    slots = text.slots()
    if not slots or not carrier.fits(words) or clashes(carrier, words, text):
        return None
    said = filled(carrier.text, words)
    base = text.html()
    return Trial(
        text=text.id,
        carrier=said,
        base=base,
        page=text.html(extra=said, slot=rng.choice(slots)),
        base_wants=own.base_wants if own else None,
    )


def laid_out(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """One set of ratings as sentences, and as tables, lists, cards or labels."""
    trade = rng.choice(TRADES)
    name = rng.choice(trade.names)
    words = words_of_trade(rng, trade, name)
    grades = grades_of(trade.scale)
    judgements = {aspect: rng.choice(grades) for aspect in trade.aspects}
    whole = rng.choice(grades) if trade.overall else None
    must = {(called(name), aspect, grade) for aspect, grade in judgements.items()}
    if whole:
        must.add(overall(name, whole))
    wants = Wants(must=frozenset(must))
    sentences = (
        [f"{name} was rated ‘{whole.capitalize()}’ overall by {trade.watchdog}."]
        if whole
        else [f"{trade.watchdog[:1].upper()}{trade.watchdog[1:]} inspected {name}."]
    )
    sentences += [
        f"{name} was rated ‘{grade.capitalize()}’ for {aspect}." for aspect, grade in judgements.items()
    ]
    base = a_story(rng, trade, name, sentences, title=f"{name}: inspection report", official=True)
    body = _JINJA.from_string(carrier.text).render(
        name=name,
        watchdog=trade.watchdog,
        kind=trade.kind,
        overall=whole,
        judgements=judgements,
        grades=grades,
        filler=trade.filler,
        day=words["day"],
    )
    html = (
        f"<!doctype html><html lang=en><head><title>{name}: inspection report</title></head><body><main>"
        f"<h1>{name}: inspection report</h1>\n{body}\n<p>{trade.filler[0]}</p></main></body></html>"
    )
    return Trial(
        text=base.id,
        carrier=f"{carrier.parts['says']}: {body}",
        base=base.page,
        page=page(base.url, html, "text/html"),
        base_wants=wants,
        wants=wants,
    )


LAWS = (
    Law(number=17, key="hidden", says="What is hidden is not read", draw=hidden),
    Law(number=19, key="layouts", says="One set of ratings reads the same in every layout", draw=laid_out),
)
