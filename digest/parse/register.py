"""The register: a CSV of providers and their past ratings, one rating a row.

A date is a day, a month ("2020-06"), a year ("2018") or a round of inspections ("2018/2019"). A rating
has its earliest day and what is known of it. An undated row below a dated one of the same provider came
after it; with no dated one above, it has no date. `evidence` keeps the date as written.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from digest.errors import ConfigError, Problem
from digest.providers import Provider, normal_name, provider_id
from digest.ratings import OVERALL, Inspectorates, Precision, Rating

_POINTS: Final = frozenset({"north", "south", "east", "west"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How providers of one type are called: `{}` is the bare name, without the type around it."""

    kind: str
    leading: str = ""
    ending: str
    names: tuple[str, ...]  # the name, then its aliases


FORMS: Final[Mapping[str, Form]] = {
    "CRC": Form(
        kind="CRC",
        ending=" CRC",
        names=("{} CRC", "{} Community Rehabilitation Company", "{} Community Rehabilitation Company (CRC)"),
    ),
    "NPS division": Form(
        kind="NPS division",
        leading="NPS ",
        ending=" division",
        names=(
            "NPS {} division",
            "NPS {}",
            "{} NPS",
            "{} division of the NPS",
            "{} division of the National Probation Service",
            "National Probation Service {}",
            "National Probation Service {} division",
        ),
    ),
    "PDU": Form(
        kind="PDU",
        ending=" PDU",
        names=(
            "{} PDU",
            "{} Probation Delivery Unit",
            "{} Probation Delivery Unit (PDU)",
            "{} Probation Service",
            "{} probation",
        ),
    ),
    "YOT/YJS": Form(
        kind="YJS",
        ending=" YJS",
        names=(
            "{} Youth Justice Service",
            "{} Youth Justice Service (YJS)",
            "{} YJS",
            "{} Youth Justice Team",
            "{} Youth Offending Service",
            "{} Youth Offending Service (YOS)",
            "{} YOS",
            "{} Youth Offending Team",
            "{} Youth Offending Team (YOT)",
            "{} YOT",
        ),
    ),
    "region": Form(
        kind="region",
        ending=" region",
        names=(
            "{} region",
            "{} region (Probation Service)",
            "{} probation region",
            "{} Probation Service",
            "Probation Service {} region",
        ),
    ),
}
"""By the register's `provider_type`."""


def names_of(form: Form, bare: str) -> list[str]:
    """The name, then the others that reports and papers use; a pair of places goes by either order."""
    spellings = [bare]
    first, _, second = bare.partition(" and ")
    # "North and North East Lincolnshire" has no other order: "North" is no place by itself.
    if second and "," not in bare and " and " not in second and first.casefold() not in _POINTS:
        spellings.append(f"{second} and {first}")
    return [shape.format(spelling) for spelling in spellings for shape in form.names]


_COLUMNS: Final = (
    "provider",
    "provider_type",
    "inspectorate",
    "date_published",
    "overall_rating",
    "source_url",
    "basis",
)
_DATE: Final = re.compile(r"([0-8][0-9]{3})(?:-([0-9]{2})(?:-([0-9]{2}))?|/([0-9]{4}))?")
_GRADE: Final = re.compile(r"[A-Za-z][A-Za-z ]*")
_PARTS: Final = re.compile(r",\s*| and | & ")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One line of the register, its values trimmed."""

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def words(self, column: str) -> tuple[str, ...]:
        """The values of a column that holds several, with ";" between them."""
        return tuple(word for part in self[column].split(";") if (word := part.strip()))


def read_register(
    text: str,
    *,
    inspectorate: str,
    scale: str,
    known: Inspectorates | None = None,
    file: str = "register.csv",
) -> tuple[tuple[Provider, ...], tuple[Rating, ...]]:
    """The providers of a register and the overall ratings they were given, in the register's order.

    `inspectorate` and `scale` are keys. With `known`, every grade must be on the scale, every row must name
    that inspectorate, and a rating older than the scale is left out. A row without a grade counts for its
    provider only. `ConfigError` names every row that does not fit, in `file`.
    """
    problems: list[Problem] = []
    rows = list(_rows(text, file, problems))
    reader = _Reader(inspectorate=inspectorate, scale=scale, known=known, file=file)
    for row in rows:
        problems.extend(reader.misfits(row))
    if problems:
        raise ConfigError(problems)
    for row in rows:
        reader.take(row)
    providers = reader.linked(problems)
    if problems:
        raise ConfigError(problems)
    return providers, tuple(reader.ratings)


def _rows(text: str, file: str, problems: list[Problem]) -> Iterator[_Row]:
    lines = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    missing = [column for column in _COLUMNS if column not in (lines.fieldnames or ())]
    if missing:
        problems.append(_problem(file, 1, "", "other columns", f"the column {', '.join(missing)}"))
        return
    for row in lines:
        if None in row or None in row.values():
            problems.append(_problem(file, lines.line_num, "", "more or fewer values", "one for each column"))
        else:
            values = {column: " ".join(value.split()) for column, value in row.items()}
            yield _Row(line=lines.line_num, values=values)


def _problem(file: str, line: int, key: str, found: str, expected: str) -> Problem:
    return Problem(file=file, line=line, key=key, found=found, expected=expected)


class _Reader:
    """Takes rows one by one; knows what the rows above said of the same provider."""

    def __init__(self, *, inspectorate: str, scale: str, known: Inspectorates | None, file: str) -> None:
        self._inspectorate = inspectorate
        self._scale_key = scale
        self._scale = known.scale(scale) if known else None
        body = known.named(inspectorate) if known else None
        self._bodies = {normal_name(name) for name in (body.key, body.name, *body.aliases)} if body else None
        self._file = file
        self._providers: dict[tuple[str, frozenset[str]], Provider] = {}
        self._predecessors: list[tuple[_Row, Provider]] = []
        self._latest: dict[str, date] = {}
        self.ratings: list[Rating] = []

    # -- what does not fit ------------------------------------------------------------------------------

    def misfits(self, row: _Row) -> Iterator[Problem]:
        if not normal_name(row["provider"]):
            yield self._misfit(row, "provider", "the name of a provider")
        if row["provider_type"] not in FORMS:
            yield self._misfit(row, "provider_type", f"one of {', '.join(FORMS)}")
        if self._bodies is not None and normal_name(row["inspectorate"]) not in self._bodies:
            yield self._misfit(row, "inspectorate", f"a name of {self._inspectorate}")
        if row["overall_rating"] and self._grade(row) is None:
            yield self._misfit(row, "overall_rating", f"a grade of {self._scale_key}")
        if row["date_published"] and dated(row["date_published"]) is None:
            yield self._misfit(
                row, "date_published", "a day, month, year or round, such as 2020-06 or 2019/2020"
            )

    def _misfit(self, row: _Row, column: str, expected: str) -> Problem:
        found = f'"{row[column][:60]}"' if row[column] else "nothing"
        return _problem(self._file, row.line, column, found, expected)

    def _grade(self, row: _Row) -> str | None:
        words = row["overall_rating"]
        if self._scale is not None:
            grade = self._scale.grade(words)
            return grade.name if grade else None
        return words.casefold() if _GRADE.fullmatch(words) else None

    # -- what does --------------------------------------------------------------------------------------

    def take(self, row: _Row) -> None:
        provider = self._provider(row)
        grade = self._grade(row) if row["overall_rating"] else None
        published_on, precision = self._dated(row, provider)
        if grade is None or self._too_old(published_on):
            return
        given = row["date_published"] or "not stated"
        self.ratings.append(
            Rating(
                provider=provider.id,
                aspect=OVERALL,
                scale=self._scale_key,
                grade=grade,
                inspected_on=None,
                published_on=published_on,
                published_precision=precision,
                evidence=f"{row['basis']} (register; date: {given})",
                link=row["source_url"],
            )
        )

    def linked(self, problems: list[Problem]) -> tuple[Provider, ...]:
        """Every provider, with its predecessors' ids and without names that another provider has too."""
        ids = {normal_name(name): p.id for p in self._providers.values() for name in p.names}
        before: dict[str, dict[str, None]] = {}
        for row, provider in self._predecessors:
            for name in row.words("predecessors"):
                if normal_name(name) in ids:
                    before.setdefault(provider.id, {})[ids[normal_name(name)]] = None
                else:
                    problems.append(self._misfit(row, "predecessors", "names of providers in this register"))
        owners = Counter(n for p in self._providers.values() for n in {normal_name(name) for name in p.names})
        return tuple(
            replace(
                provider,
                aliases=tuple(alias for alias in provider.aliases if owners[normal_name(alias)] == 1),
                predecessors=tuple(before.get(provider.id, ())),
            )
            for provider in self._providers.values()
        )

    def _provider(self, row: _Row) -> Provider:
        """The row's provider; one whose parts stand in another order is the same."""
        form, name = FORMS[row["provider_type"]], row["provider"]
        bare = name.removeprefix(form.leading).removesuffix(form.ending)
        names = names_of(form, bare) if form.kind != "region" or bare != name else [name]
        key = (form.kind, frozenset(normal_name(part) for part in _PARTS.split(bare)))
        first = self._providers.get(key)
        provider = first or Provider(
            id=provider_id(names[0]), name=names[0], kind=form.kind, inspectorate=self._inspectorate
        )
        aliases = dict.fromkeys((*provider.aliases, *names, *row.words("aliases")))
        aliases.pop(provider.name, None)
        self._providers[key] = replace(provider, aliases=tuple(aliases))
        if row["predecessors"]:
            self._predecessors.append((row, provider))
        return provider

    def _dated(self, row: _Row, provider: Provider) -> tuple[date | None, Precision]:
        before = self._latest.get(provider.id)
        found = dated(row["date_published"])
        if found is None and before is not None:
            found = before + timedelta(days=1), Precision.NOT_BEFORE
        if found is None:
            return None, Precision.DAY
        if before is None or found[0] > before:
            self._latest[provider.id] = found[0]
        return found

    def _too_old(self, dated: date | None) -> bool:
        began = self._scale.valid_from if self._scale else None
        return dated is not None and began is not None and dated < began


def dated(given: str) -> tuple[date, Precision] | None:
    """The earliest day that a written date can mean, and how much of it is known; None if it is no date."""
    match = _DATE.fullmatch(given)
    if match is None:
        return None
    year, month, day, until = match.groups()
    if day:
        precision = Precision.DAY
    elif month:
        precision = Precision.MONTH
    elif until:
        precision = Precision.ROUND if int(until) == int(year) + 1 else Precision.NOT_BEFORE
    else:
        precision = Precision.YEAR
    try:
        return date(int(year), int(month or 1), int(day or 1)), precision
    except ValueError:
        return None
