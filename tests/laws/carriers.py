"""Carriers: the sentences, paragraphs and layouts that laws put around ratings, from a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEEN = Path(__file__).parents[1] / "labelled" / "carriers.json"
_AN = re.compile(
    r"\b([Aa]) (?=['\"‘“]?(?:outstanding|inadequate|excellent|adequate|unsatisf|insuff|exceptional"
    r"|Ardenb|Ouseb))",
    re.IGNORECASE,
)
_START = re.compile(r"(?:^|(?<=[.!?]\s)|(?<=[.!?]['\"’”]\s)|(?<=\n))(['\"‘“]?)([a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """One carrier; `parts` holds what is more than a sentence: title, before, after, sort."""

    text: str
    parts: Mapping[str, Any]

    def fits(self, words: Mapping[str, str]) -> bool:
        return self.asks <= words.keys()

    @property
    def asks(self) -> frozenset[str]:
        """The words it has places for, in the text or in any of its parts."""
        return _places("\n".join((self.text, *_strings(self.parts))))

    @property
    def label(self) -> str:
        """What a list of carriers calls it."""
        return str(self.parts.get("says") or self.parts.get("title") or self.text)

    def said(self, words: Mapping[str, str]) -> str:
        return filled(self.text, words)


def filled(text: str, words: Mapping[str, str]) -> str:
    """The text with its places filled: "{Grade}" with a capital letter, "a" before a vowel as "an"."""
    for key in _places(text):
        text = text.replace(f"{{{key}}}", words[key])
        text = text.replace(f"{{{key.capitalize()}}}", words[key][:1].upper() + words[key][1:])
    text = _AN.sub(lambda m: m[1] + "n ", text)
    return _START.sub(lambda m: m[1] + m[2].upper(), text)


def _places(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in re.findall(r"(?<!\{)\{([A-Za-z_]+)\}(?!\})", text))


def _strings(parts: Mapping[str, Any]) -> Iterator[str]:
    for part in parts.values():
        yield from [part] if isinstance(part, str) else [p for p in part if isinstance(p, str)]


def carriers(path: Path = SEEN) -> dict[str, tuple[Carrier, ...]]:
    """A file's carriers by law."""
    given = json.loads(path.read_text(encoding="utf-8"))
    return {law: tuple(map(_carrier, each)) for law, each in given.items()}


def _carrier(given: str | dict[str, Any]) -> Carrier:
    if isinstance(given, str):
        return Carrier(text=given, parts={})
    return Carrier(text=given.get("text", ""), parts=given)
