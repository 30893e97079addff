"""Laws of status: what may be, what others think, and what is denied is no rating."""

from __future__ import annotations

import random

from laws.carriers import Carrier
from laws.mention import inserted
from laws.trials import Draw, Law, Stock, Trial
from laws.wording import SILENT, a_body, a_story, plain, rated, words_of_trade


def not_asserted(law: str) -> Draw:
    """The carrier alone announces nothing; inside a text that announces, it changes nothing."""
    inside = inserted(law)

    def draw(carrier: Carrier, rng: random.Random, stock: Stock) -> Trial | None:
        if rng.random() < 0.5:
            return inside(carrier, rng, stock)
        trade, name = a_body(rng)
        words = words_of_trade(rng, trade, name)
        base = plain(rng, trade, name, words["grade"])
        said = carrier.said(words)
        return Trial(
            text=f"{base.id} ({law}, alone)",
            carrier=said,
            base=base.page,
            page=a_story(rng, trade, name, (said,), title=f"News from {name}").page,
            base_wants=rated(name, words["grade"]),
            wants=SILENT,
        )

    return draw


LAWS = (
    Law(number=9, key="may", says="What may or could be is not announced", draw=not_asserted("may")),
    Law(
        number=10,
        key="other judges",
        says="Marks by oneself, by peers, by surveys and in drafts are no ratings",
        draw=not_asserted("other judges"),
    ),
    Law(number=11, key="denied", says="What is denied is not announced", draw=not_asserted("denied")),
)
