"""Laws of mention: what is told in passing, of others or of grades as such rates nobody."""

from __future__ import annotations

import random
from collections.abc import Mapping

from laws.carriers import Carrier, filled
from laws.readings import page
from laws.texts import Text
from laws.trials import Draw, Law, Stock, Trial
from laws.wording import GRADE_WORDS, SILENT, a_body, grades_of, plain, rated, words_of_text


def any_text(rng: random.Random, stock: Stock) -> tuple[Text, Trial | None]:
    """A labelled text, mostly one that announces; now and then a short story, with the trial of its own."""
    dice = rng.random()
    if dice < 0.6:
        return rng.choice(stock.announcing), None
    if dice < 0.8:
        return rng.choice(stock.quiet), None
    trade, name = a_body(rng)
    grade = rng.choice(grades_of(trade.scale))
    return plain(rng, trade, name, grade), Trial(
        text="",
        carrier="",
        base=page("", ""),
        page=page("", ""),
        base_wants=rated(name, grade),
    )


def inserted(law: str, *, ends_only: bool = False) -> Draw:
    """A carrier as a paragraph at a text's start, in its middle or at its end: the reading stays the same."""

    def draw(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
        text, own = any_text(rng, stock)
        words = words_of_text(rng, text)
        slots = [s for s in text.slots() if not ends_only or s in {0, len(text.paragraphs)}]
        if "other" in carrier.asks and not text.announces:
            slots = [s for s in slots if s]  # a neighbour may not lead a page that announces nothing
        if not slots or not carrier.fits(words) or not words["grade"]:
            return None
        if clashes(carrier, words, text):
            return None
        slot = rng.choice(slots)
        said = carrier.said(words)
        place = "start" if slot == 0 else "end" if slot == len(text.paragraphs) else "middle"
        return Trial(
            text=f"{text.id} ({law}, at the {place})",
            carrier=said,
            base=text.page,
            page=text.with_paragraph(said, slot).page,
            base_wants=own.base_wants if own else None,
        )

    return draw


def clashes(carrier: Carrier, words: Mapping[str, str], text: Text) -> bool:
    """Whether the carrier would say of the text's body, or of "the home", a grade that the text gives it."""
    of_it = "name" in carrier.asks or "The {kind}" in carrier.text or "the {kind}" in carrier.text
    return of_it and any(words[word] in text.grades for word in carrier.asks & GRADE_WORDS)


def wrapped(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """A text's opening inside a story about something else."""
    text, own = any_text(rng, stock)
    if not text.announces:
        return None
    words = words_of_text(rng, text)
    before, after = (tuple(filled(p, words) for p in carrier.parts[side]) for side in ("before", "after"))
    title = filled(carrier.parts["title"], words)
    paragraphs = (*before, *text.opening(), *after)
    return Trial(
        text=text.id,
        carrier=title,
        base=text.page,
        page=page("https://www.ambleshiregazette.co.uk/news/88231", f"{title}\n\n" + "\n\n".join(paragraphs)),
        base_wants=own.base_wants if own else None,
        wants=SILENT,
    )


def below(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
    """Another story below: the carrier's, or a labelled text that announces nothing."""
    text, own = any_text(rng, stock)
    words = words_of_text(rng, text)
    if not carrier.fits(words):
        return None
    said = carrier.said(words)
    if rng.random() < 0.4:
        other = rng.choice([t for t in stock.quiet if not (t.name or t.rates_others or t == text)])
        said = "\n\n".join((other.title, *other.paragraphs))
    return Trial(
        text=text.id,
        carrier=said,
        base=text.page,
        page=text.with_paragraph(said, len(text.paragraphs)).page,
        base_wants=own.base_wants if own else None,
    )


LAWS = (
    Law(
        number=1,
        key="wrapped",
        says="Told in passing inside an unrelated story: nothing is announced",
        draw=wrapped,
    ),
    Law(
        number=2, key="neighbour", says="A neighbour's rating is the neighbour's", draw=inserted("neighbour")
    ),
    Law(number=3, key="generic", says="What holds of all such services rates none", draw=inserted("generic")),
    Law(number=4, key="defined", says="A grade explained is no rating", draw=inserted("defined")),
    Law(
        number=5,
        key="correction",
        says="A note of correction changes nothing",
        draw=inserted("correction", ends_only=True),
    ),
    Law(number=6, key="teaser", says="A link to another story rates nobody", draw=inserted("teaser")),
    Law(number=20, key="below", says="A story below that rates nobody changes nothing", draw=below),
)
