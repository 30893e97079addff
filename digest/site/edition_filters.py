"""Which stories of an edition a visitor has chosen: by inspectorate, area, kind and movement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from digest.changes import Movement
from digest.edition import Story, StoryKey
from digest.ports.public import ToldStory
from digest.present.tidy import one_line

PARAMETERS: Final = ("inspectorate", "area", "kind", "movement")

MOVEMENTS: Final[Mapping[str, str]] = {
    Movement.UPGRADE: "Moved up",
    Movement.DOWNGRADE: "Moved down",
    Movement.UNCHANGED: "No change",
    Movement.FIRST_RATING: "First rating",
    Movement.NOT_COMPARABLE: "Not comparable",
    Movement.WITHDRAWN: "Rating withdrawn",
}

_LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "inspectorate": ("Inspectorate", "All inspectorates"),
    "area": ("Place", "All places"),
    "kind": ("Kind of service", "All kinds"),
    "movement": ("Rating", "All"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A field of the form: its name, its label, its options as value and text, and what is chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices among the stories of one edition."""

    told: Mapping[StoryKey, ToldStory]
    chosen: Mapping[str, str]  # by parameter; empty: all
    names: Mapping[str, str]  # of inspectorates, by key

    @property
    def said(self) -> tuple[str, ...]:
        """What is chosen, in words."""
        return tuple(self._text(name, self.chosen[name]) for name in PARAMETERS if self.chosen[name])

    @property
    def offered(self) -> tuple[Choice, ...]:
        """The fields in which stories differ, or something is chosen."""
        return tuple(
            self._choice(name, options)
            for name in PARAMETERS
            if len(options := self._options(name)) > 1 or self.chosen[name]
        )

    def kept(self, stories: Iterable[Story]) -> tuple[Story, ...]:
        """The stories that have all that is chosen, in their order."""
        wanted = [(name, value) for name, value in self.chosen.items() if value]
        if not wanted:
            return tuple(stories)
        known = ((story, self.told.get(story.key)) for story in stories)
        return tuple(
            story
            for story, facts in known
            if facts and all(_of(facts, name) == value for name, value in wanted)
        )

    def _options(self, name: str) -> Counter[str]:
        return Counter(value for facts in self.told.values() if (value := _of(facts, name)))

    def _choice(self, name: str, counts: Counter[str]) -> Choice:
        label, everything = _LABELS[name]
        chosen = self.chosen[name]
        texts = {value: self._text(name, value) for value in counts}
        options = [(value, f"{text} ({counts[value]})") for value, text in texts.items()]
        order = list(MOVEMENTS)
        options.sort(key=lambda one: (order.index(one[0]) if one[0] in order else 0, texts[one[0]]))
        if chosen and chosen not in counts:
            options.append((chosen, f"{self._text(name, chosen)} (0)"))
        return Choice(name=name, label=label, options=(("", everything), *options), chosen=chosen)

    def _text(self, name: str, value: str) -> str:
        words = {"inspectorate": self.names, "movement": MOVEMENTS}.get(name, {})
        text = one_line(words.get(value, value))
        return text[:1].upper() + text[1:] if name == "kind" else text


def _of(facts: ToldStory, name: str) -> str:
    """What a story has in a field; empty if that is not known."""
    return str(getattr(facts, name) or "")
