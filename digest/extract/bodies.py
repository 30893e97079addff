"""Bodies: the words by which texts name each kind of body that is inspected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from digest.extract.phrases import made_once
from digest.providers import OWN, Words, sought
from digest.ratings import Body

# A division is also called by its part of the country alone: "NPS Wales".
_PARTS: Final = frozenset(
    {"north", "south", "east", "west", "eastern", "midlands", "central", "london", "wales"}
)
# The sorts of service that Scottish reports print right behind a name, with capitals.
SORTS_OF_SERVICE: Final = (
    "Day Care of Children",
    "Care Home Service",
    "Child Minding",
    "School Care Accommodation",
)
_SMALL: Final = frozenset({"of", "and", "&", "for", "the", "y", "yr"})
_INITIALS: Final = re.compile(r"[A-Z]{2,6}s?")
_LONG: Final = 100  # words
_MOST_BRACKETED: Final = 4  # words: "(DIOC CRC)"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindMention:
    """Where a text's words speak of a kind of body."""

    body: Body
    first: int
    last: int  # the word behind it, and behind the initials in brackets after it
    bare: int  # the word behind it, without those
    plural: bool
    leads: bool  # the name follows: "HMP"
    capital: bool  # written as the part of a name
    bracketed: str = ""  # the initials in brackets, where there are any
    plain: str = ""  # its words in plain form


@dataclass(frozen=True, slots=True)
class _Form:
    words: tuple[str, ...]
    body: Body
    plural: bool = False
    leads: bool = False
    short: bool = False


class BodyWords:
    """The words by which texts name certain kinds of bodies."""

    __slots__ = ("_forms", "_initials", "bodies")

    def __init__(self, bodies: tuple[Body, ...]) -> None:
        self.bodies = bodies
        self._forms: dict[str, list[_Form]] = {}
        self._initials = {short: body for body in reversed(bodies) for short in body.short}
        for body in bodies:
            for name in body.names:
                self._add(_Form(_words(name), body), plural=True)
            for short in body.short:
                self._add(_Form(_words(short), body, short=True), plural=True)
            for lead in body.leads:
                self._add(_Form(_words(lead), body, leads=True), plural=lead.isupper())
        for forms in self._forms.values():
            forms.sort(key=lambda form: (-len(form.words), not form.leads))

    def _add(self, form: _Form, *, plural: bool) -> None:
        several = _Form(_plural(form.words), form.body, plural=True, leads=form.leads, short=form.short)
        for one in (form, several) if plural else (form,):
            self._forms.setdefault(one.words[0], []).append(one)

    def found(self, words: Words) -> list[KindMention]:
        """Every kind of body spoken of, from left to right; of those that begin at one word the longest.

        A lead counts only before a name; of two kinds with one form, the one that the operator lists first.
        """
        found: list[KindMention] = []
        low = 0
        for i in self._begun(words):
            if i < low:
                continue
            forms: Sequence[_Form] = self._forms.get(words.plain[i], ())
            if words.written[i][-2:-1] in OWN:
                forms = (*forms, *self._forms.get(sought(words.written[i][:-2]), ()))
            kind = next((k for form in forms if (k := self._kind(words, i, form)) is not None), None)
            if kind is not None:
                found.append(kind)
                low = kind.bare
        return found

    def _begun(self, words: Words) -> list[int]:
        """The words with which a kind of body may begin: all that is looked at, of a long text."""
        if len(words) < _LONG:
            begun = [i for i, word in enumerate(words.plain) if word in self._forms]
        else:
            there = words.places  # a whole text, in which one inspectorate after the other looks for its own
            begun = [i for word in self._forms.keys() & there.keys() for i in there[word]]
        if words.owners:
            begun = list({*begun, *words.owners})
        return sorted(begun)

    def _kind(self, words: Words, i: int, form: _Form) -> KindMention | None:
        end = i + len(form.words)
        owned = end <= len(words) and words.written[end - 1][-2:-1] in {"'", "’"}
        stands = (tuple(words.plain[i:end]) == form.words and not (owned and form.plural)) or (
            # "the PDU's rating"
            tuple(words.plain[i : end - 1]) == form.words[:-1]
            and owned
            and sought(words.written[end - 1][:-2]) == form.words[-1]
        )
        if not stands or any(not _parts_words(words.gap(n), leads=form.leads) for n in range(i + 1, end)):
            return None
        capital = all(word[0].isupper() or word in _SMALL for word in words.written[i:end])
        if form.short and not words.written[i].rstrip("s’'").isupper():
            return None
        if form.leads and not (capital and self._leads_on(words, end, form.body)):
            return None
        if form.body.loose and form.body.capitals and not capital:
            return None  # "the house"
        bracketed, last = _bracketed(words, end)
        body = (
            self._initials.get(bracketed.rsplit(" ", 1)[-1].rstrip("s"), form.body)
            if form.body.loose
            else form.body
        )
        return KindMention(
            body=body, first=i, last=last, bare=end, plural=form.plural, leads=form.leads,
            capital=capital, bracketed=bracketed, plain=" ".join(words.plain[i:end]),
        )  # fmt: skip

    def _leads_on(self, words: Words, end: int, body: Body) -> bool:
        if end >= len(words) or words.gap(end).strip():
            return False
        return words.plain[end] in _PARTS if body.leads_to_parts else words.written[end][0].isupper()


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(Words(phrase).plain)


def _plural(words: tuple[str, ...]) -> tuple[str, ...]:
    last = words[-1]
    if last.endswith("y") and last[-2:-1] not in set("aeiou"):
        return (*words[:-1], f"{last[:-1]}ies")
    if "of" in words[1:]:  # "divisions of the service"
        at = words.index("of") - 1
        return (*words[:at], f"{words[at]}s", *words[at + 1 :])
    return (*words[:-1], f"{last}s")


def _parts_words(gap: str, *, leads: bool) -> bool:
    return not gap.strip() or gap == "-" or (leads and gap.strip() == "/")


def _bracketed(words: Words, end: int) -> tuple[str, int]:
    """The initials in brackets after a kind of body, "(PDU)" or "(PDU*)", and the word behind them."""
    if end >= len(words) or words.gap(end).strip() != "(":
        return "", end
    for last in range(end + 1, min(end + _MOST_BRACKETED, len(words)) + 1):
        if words.gap(last).lstrip("*").startswith(")"):
            initials = words.written[end:last]
            return (" ".join(initials), last) if all(map(_INITIALS.fullmatch, initials)) else ("", end)
    return "", end


@made_once
def words_of(bodies: tuple[Body, ...]) -> BodyWords:
    """The words for these kinds of bodies, made ready once."""
    return BodyWords(bodies)
