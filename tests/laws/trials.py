"""Trials: a page before and after a law's change, and what must then be read."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from digest.items import Page
from laws.carriers import Carrier
from laws.readings import Fact, ReadFacts, words_of
from laws.texts import Text

NOTHING: frozenset[Fact] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """The facts that must be read, those that may, and about whom (about all, where it is None)."""

    must: frozenset[Fact]
    may: frozenset[Fact] = NOTHING
    about: str | None = None

    def of(self, reading: ReadFacts) -> tuple[frozenset[Fact], frozenset[Fact]]:
        """What is missing, and what is told that may not be."""
        facts = reading.facts if self.about is None else reading.about(self.about)
        return self.must - facts, facts - self.must - self.may


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A law tried once. Without `base_wants` the page before is known to be read right; without `wants` the
    page after must be read as the one before."""

    text: str
    carrier: str  # as it was said
    base: Page
    page: Page
    base_wants: Wants | None = None
    wants: Wants | None = None
    publication: bool = False  # it is the publication's day that must stay
    template: str = ""  # the carrier with its places empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a trial ended: not counted where the page before is not read right."""

    trial: Trial
    counted: bool
    broken: bool = False
    lies: bool = False  # something is told that is not so
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return (
            f"{self.trial.text} | {self.trial.carrier!r}\n    wanted: {self.before}\n    read:   {self.after}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What trials are drawn from."""

    announcing: tuple[Text, ...]
    quiet: tuple[Text, ...]
    carriers: dict[str, tuple[Carrier, ...]] = field(default_factory=dict)


Draw = Callable[[Carrier, random.Random, Stock], "Trial | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A law of reading: what it says, the carriers it uses, and how a trial of it is drawn."""

    number: int
    key: str  # of its carriers
    says: str
    draw: Draw


def drawn(law: Law, stock: Stock, count: int, seed: int = 0) -> list[Trial]:
    """So many trials, the same ones for the same seed; every carrier has its turn."""
    rng = random.Random(f"{law.number} {seed}")
    own = list(stock.carriers[law.key])
    rng.shuffle(own)
    trials: list[Trial] = []
    for turn in range(count * 4):
        if len(trials) == count:
            break
        carrier = own[turn % len(own)]
        if trial := law.draw(carrier, rng, stock):
            trials.append(replace(trial, template=carrier.label))
    return trials


def judged(trial: Trial, reader: Callable[[Page], ReadFacts]) -> Outcome:
    before = reader(trial.base)
    if trial.base_wants and any(trial.base_wants.of(before)):
        return Outcome(trial=trial, counted=False)
    after = reader(trial.page)
    if trial.publication:
        changed = after.published != before.published
        return Outcome(
            trial=trial,
            counted=True,
            broken=changed,
            lies=changed and after.published is not None,
            before=str(before.published),
            after=str(after.published),
        )
    wants = trial.wants or Wants(must=before.facts)
    missing, lies = wants.of(after)
    return Outcome(
        trial=trial,
        counted=True,
        broken=bool(missing or lies),
        lies=bool(lies),
        before=words_of(wants.must),
        after=words_of(after.facts if wants.about is None else after.about(wants.about)),
    )
