"""What a YAML file says, and on which line each thing stands; apart from the parser, slow to load."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from digest.errors import Problem

Place = tuple[str | int, ...]
"""The way to a value: keys, and positions in lists counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlFile:
    """One file, read: its value, and on which line each key and each list entry stands (from 1)."""

    name: str
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()  # where there are any, `value` holds what could still be read

    def line(self, place: Place) -> int | None:
        """The line of a place, or of the nearest group around it that stands in the file."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return None

    def problem(self, place: Place, found: str, expected: str) -> Problem:
        return Problem(
            file=self.name, line=self.line(place), key=dotted(place), found=found, expected=expected
        )


def dotted(place: Place) -> str:
    """A place in words; positions in lists are counted from 1, as people do."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in place)
