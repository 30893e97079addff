"""Settings for scales: an inspectorate, the bodies it inspects and the grades it gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Self, TypeVar

from pydantic import Field, ValidationInfo, field_validator, model_validator

from digest.ratings import Aspect, Body, Grade, Inspectorate, Inspectorates, Licence, Scale, Size
from digest.settings.connection import Section
from digest.settings.types import Key, Line, Switch, WebAddress, Word, expected, plain

Entries = TypeVar("Entries", bound="tuple[GradeEntry | AspectEntry, ...]")


class GradeEntry(Section):
    """One step of a scale."""

    name: Word
    """The grade, in the inspectorate's words."""
    aliases: tuple[Word, ...] = ()
    """Other words for the grade in reports, blogs and newspapers."""


class AspectEntry(Section):
    """One aspect that gets a grade of its own, besides the service as a whole."""

    name: Line
    """The aspect, in the inspectorate's words."""
    aliases: tuple[Line, ...] = ()
    """Other words for the aspect."""
    domain: Line | None = None
    """The heading under which the inspectorate groups it."""
    instead_of: Line | None = None
    """The aspect that it replaces for some bodies."""
    where: tuple[Line, ...] = ()
    """Phrases in texts about such bodies."""
    beside: tuple[Line, ...] = ()
    """If one of these aspects is named too, the replaced aspect's name means this aspect."""


class ScaleEntry(Section):
    """An ordered list of grades, in one version."""

    key: Key
    """A short name that never changes; a new version of a scale gets a new key."""
    grades: Annotated[tuple[GradeEntry, ...], Field(min_length=2)]
    """The grades, best first, even if the inspectorate's own numbers count the other way."""
    aspects: tuple[AspectEntry, ...] = ()
    """The aspects that get grades besides the service as a whole."""
    overall: Switch = True
    """Whether the service as a whole gets a grade."""
    valid_from: date | None = None
    """The first day on which reports use the scale."""
    valid_until: date | None = None
    """The first day on which reports no longer use it."""
    compares_with: tuple[Key, ...] = ()
    """Other scales on which grades of the same name mean the same; no others are comparable."""
    ungraded_from: date | None = None
    """From this day on, published reports need not give a grade: nobody is asked for one that is missing."""
    prose: Switch = True
    """false: only a publisher's data gives these grades; they are not looked for in texts."""

    @field_validator("grades", "aspects")
    @classmethod
    def _say_each_word_once(cls, entries: Entries) -> Entries:
        twice = repeated(plain(word) for entry in entries for word in (entry.name, *entry.aliases))
        if twice:
            raise expected(f'each name and alias once in the list; "{twice[0]}" stands there twice')
        return entries

    @field_validator("aspects")
    @classmethod
    def _stand_in_for_others_of_the_list(cls, entries: tuple[AspectEntry, ...]) -> tuple[AspectEntry, ...]:
        names = {entry.name for entry in entries}
        for entry in entries:
            if (entry.where or entry.beside) and entry.instead_of is None:
                raise expected(f'instead_of beside where or beside, at "{entry.name}"')
            unknown = {entry.instead_of or entry.name, *entry.beside} - names
            if unknown:
                raise expected(
                    f'names of aspects of this list in instead_of and beside, not "{min(unknown)}"'
                )
        return entries

    @field_validator("valid_until")
    @classmethod
    def _ends_after_it_began(cls, until: date | None, others: ValidationInfo) -> date | None:
        began = others.data.get("valid_from")
        if until is not None and began is not None and until <= began:
            raise expected(f"a day after valid_from, which is {began}")
        return until

    def scale(self) -> Scale:
        return Scale(
            key=self.key,
            grades=tuple(
                Grade(name=grade.name, rank=rank, aliases=grade.aliases)
                for rank, grade in enumerate(self.grades, start=1)
            ),
            aspects=tuple(
                Aspect(
                    name=a.name,
                    aliases=a.aliases,
                    domain=a.domain,
                    instead_of=a.instead_of,
                    where=a.where,
                    beside=a.beside,
                )
                for a in self.aspects
            ),
            has_overall=self.overall,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            compares_with=self.compares_with,
            ungraded_from=self.ungraded_from,
            prose=self.prose,
        )


class BodyEntry(Section):
    """One kind of body that is inspected, and how such bodies are named in English."""

    kind: Line
    """A short name of the kind."""
    names: tuple[Line, ...] = ()
    """Words after a body's own name, such as "Primary School"."""
    short: tuple[Line, ...] = ()
    """Abbreviations in capitals, such as "PDU"."""
    leads: tuple[Line, ...] = ()
    """Words right before a body's own name, such as "HMP"."""
    leads_to_parts: Switch = False
    """Whether `leads` count only before a part of the country: "NPS Wales"."""
    of_area: Switch = True
    """Whether the kind may come first, followed by "in" or "for": "probation unit for Kent"."""
    capitals: Switch = False
    """Whether the words count only with a capital letter: "Radcliffe House"."""
    loose: Switch = False
    """Whether the words count as a name only if the text has no better one."""
    form: Line | None = None
    """A uniform name made from "{area}"; left out, the name stays as in the text."""

    size: Size = Size.USUAL
    """How many people such a body serves; among equals, editions begin with the larger one."""

    @field_validator("form")
    @classmethod
    def _has_a_place_for_the_area(cls, form: str | None) -> str | None:
        if form is not None and form.replace("{area}", "", 1).count("{") + form.count("{area}") != 1:
            raise expected('a form with "{area}" in it once, such as "{area} PDU"')
        return form

    @model_validator(mode="after")
    def _is_called_something(self) -> Self:
        if not (self.names or self.short or self.leads):
            raise expected("names, short or leads: how a body of this kind is called")
        return self

    def body(self) -> Body:
        return Body(**dict(self))


class LicenceEntry(Section):
    """The terms on which what an inspectorate publishes may be used."""

    name: Line
    """What it is called, such as "Open Government Licence v3.0"."""
    link: WebAddress
    """Where its text is."""
    attribution: Line
    """The words that everybody who uses the reports and ratings must give; the publisher says which."""


class ScalesFile(Section):
    """A file of `scales/`: one inspectorate, the bodies it inspects and the grades it gives."""

    key: Key
    """A short name that never changes; sources.yaml uses it."""
    name: Line
    """The inspectorate's name."""
    aliases: tuple[Line, ...] = ()
    """Other names for the inspectorate."""
    scales: tuple[ScaleEntry, ...] = ()
    """Its own scales, newest first; none if it gives no grades."""
    borrows: tuple[Key, ...] = ()
    """Keys of other inspectorates' scales that it also uses."""
    bodies: tuple[BodyEntry, ...] = ()
    """The kinds of bodies it inspects."""
    statuses: tuple[Word, ...] = ()
    """Words for a status that is not a grade, such as "special measures"."""
    marks: tuple[Line, ...] = ()
    """Fixed words that only its own reports contain, such as the questions of a form."""
    sites: tuple[Line, ...] = ()
    """Its own web addresses, without "https://": a host, with a path if only that part is its own."""
    prose: Switch = True
    """false: its grades come from data alone; no text is read for them, and it is not looked for in texts."""
    visits: Switch = True
    """false: it grades by figures, without a visit; readers are not told of an inspection then."""
    licence: LicenceEntry | None = None
    """The licence of its reports and ratings; left out, feeds and files say that it is not known."""

    @field_validator("sites")
    @classmethod
    def _are_addresses(cls, sites: tuple[str, ...]) -> tuple[str, ...]:
        for site in sites:
            if "://" in site or " " in site or "." not in site.partition("/")[0]:
                raise expected(f'an address such as "example.org" or "example.org/reports", not "{site}"')
        return sites

    def inspectorate(self, scales: Mapping[str, Scale]) -> Inspectorate:
        """The inspectorate; `scales` must hold every scale it owns or borrows."""
        keys = (*(entry.key for entry in self.scales), *self.borrows)
        return Inspectorate(
            key=self.key,
            name=self.name,
            aliases=self.aliases,
            scales=tuple(scales[key] for key in keys),
            bodies=tuple(entry.body() for entry in self.bodies),
            statuses=self.statuses,
            marks=self.marks,
            sites=tuple(site.casefold().rstrip("/") for site in self.sites),
            prose=self.prose,
            visits=self.visits,
            licence=Licence(**dict(self.licence)) if self.licence else None,
        )


def repeated(words: Iterable[str]) -> list[str]:
    """The words that occur more than once, in the order of their second occurrence."""
    seen: set[str] = set()
    return [word for word in words if word in seen or seen.add(word)]  # type: ignore[func-returns-value]


def inspectorates(files: Iterable[ScalesFile]) -> Inspectorates:
    """All inspectorates of the operator's scale files."""
    files = tuple(files)
    scales = {entry.key: entry.scale() for file in files for entry in file.scales}
    return Inspectorates(all=tuple(file.inspectorate(scales) for file in files))
