"""The section `dataset` of a source: which columns of a publisher's table say what."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from digest.settings.connection import Section
from digest.settings.source_kinds import Expression
from digest.settings.types import Count, Key, Line, Switch, expected
from digest.source_specs import NOTHING, AspectColumns, DatasetSpec, FileFinder, RatingColumns


def _one_or_more(given: object) -> object:
    return [given] if isinstance(given, str) else given


def _as_words(given: object) -> object:
    """YAML takes 9 for a number; in a table it is a word."""
    if isinstance(given, list):
        return [_as_words(one) for one in given]
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


_SCHEMA: Final = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

Columns = Annotated[
    tuple[Line, ...], BeforeValidator(_one_or_more), Field(min_length=1), WithJsonSchema(_SCHEMA)
]
"""The heading of a column; or several, such as former ones: the first with something in it counts."""
NoColumns = Annotated[tuple[Line, ...], BeforeValidator(_one_or_more), WithJsonSchema(_SCHEMA)]
Words = Annotated[
    tuple[Line, ...],
    BeforeValidator(lambda given: _as_words(_one_or_more(_as_words(given)))),
    WithJsonSchema({"type": "array", "items": {"type": ["string", "integer"]}}),
]


class AspectSection(Section):
    """The columns of one aspect."""

    grade: Columns
    """The column of its grade."""
    dated: NoColumns = ()
    """The column of the day of this grade, if it is dated apart from the inspection."""
    previous: NoColumns = ()
    """The column of the grade before."""

    @model_validator(mode="before")
    @classmethod
    def _a_heading_alone_is_of_the_grade(cls, given: object) -> object:
        return {"grade": given} if isinstance(given, str | list) else given


class RatingSection(Section):
    """The columns of a rating on one scale."""

    scale: Key
    """The key of the scale."""
    aspects: dict[Line, AspectSection] = Field(default_factory=dict)
    """For each aspect, "overall" or by the scale's name of it, the column of its grade."""
    aspect: NoColumns = ()
    """Instead of `aspects`, where each row is of one aspect: the column that names it."""
    grade: NoColumns = ()
    """The column of the grade, where each row is of one aspect, or of the overall grade alone."""
    number: NoColumns = ()
    """The column of the inspection's or report's number."""
    inspected: NoColumns = ()
    """The column of the last day of the inspection."""
    published: NoColumns = ()
    """The column of the day of publication."""
    inspected_as: NoColumns = ()
    """The column of the number of the provider that was inspected: another's rating is inherited."""
    inherited: NoColumns = ()
    """The column that says yes if the rating is a predecessor's."""
    grades: dict[Line, Line] = Field(default_factory=dict)
    """Words of the table and the grades that they mean, besides the scale's own words."""
    no_grade: Words = ()
    """Words of the table that stand for no grade, such as "Not judged" or 9."""
    optional: Switch = False
    """Whether a file may lack these columns."""

    @model_validator(mode="after")
    def _has_grades(self) -> Self:
        if bool(self.aspects) == bool(self.grade):
            raise expected('either "aspects", with a column for each, or "grade", the column of all grades')
        if self.aspect and self.aspects:
            raise expected('no "aspect" beside "aspects"')
        return self

    def columns(self) -> RatingColumns:
        aspects = tuple(
            AspectColumns(aspect=name, grade=one.grade, dated=one.dated, previous=one.previous)
            for name, one in self.aspects.items()
        )
        return RatingColumns(
            scale=self.scale,
            aspects=aspects,
            aspect=self.aspect,
            grade=self.grade,
            number=self.number,
            inspected=self.inspected,
            published=self.published,
            inspected_as=self.inspected_as,
            inherited=self.inherited,
            grades=tuple(self.grades.items()),
            no_grade=self.no_grade,
            optional=self.optional,
        )


class FindSection(Section):
    """How the file is found, if the source's address is not its own."""

    link: Expression | None = None
    """A pattern that the address or the words of a link on the page have; the newest counts."""
    attachment: Expression | None = None
    """A pattern that an attachment's title has, where the address is of GOV.UK's content API."""
    ending: Line | None = None
    """How the file's address ends, such as ".csv"."""

    @model_validator(mode="after")
    def _finds_in_one_way(self) -> Self:
        if (self.link is None) == (self.attachment is None):
            raise expected('either "link", on a page, or "attachment", in an answer of GOV.UK')
        return self

    def finder(self) -> FileFinder:
        return FileFinder(link=self.link, attachment=self.attachment, ending=self.ending or "")


class DatasetSection(Section):
    """A file with a table, CSV, XLSX, XLS or ODS: which columns say what, by their headings."""

    find: FindSection | None = None
    """How the file is found; left out, the source's address is the file's."""
    key: Columns
    """The column of the publisher's own number of the provider."""
    else_by: Annotated[tuple[Columns, ...], Field(max_length=4)] = ()
    """Columns that together tell providers apart in a file that lacks the numbers: [name, postcode]."""
    name: Columns
    """The column of the provider's name."""
    provider_kind: NoColumns = ()
    """The column of its kind."""
    area: NoColumns = ()
    """The column of its area, such as a council."""
    former_names: NoColumns = ()
    """The column of its other names, with ";" or "|" between them."""
    predecessors: NoColumns = ()
    """The column of the publisher's numbers of its predecessors."""
    link: NoColumns = ()
    """The column of its page."""
    text_link: NoColumns = ()
    """The column of the link to the report's text."""
    link_form: Line | None = None
    """Its page, where no column has it: an address with {key} in place of its number."""
    ratings: tuple[RatingSection, ...] = ()
    """The ratings; of several, the first with a grade in a row counts. None: a register without grades."""
    only: dict[Line, Words] = Field(default_factory=dict)
    """Only the rows that have one of these words in the column of this heading."""
    optional: tuple[
        Literal["provider_kind", "area", "former_names", "predecessors", "link", "text_link"], ...
    ] = ()
    """Which of the columns a file may lack; a file that lacks any other is not read."""
    nothing: Words = NOTHING
    """Words that stand for an empty cell."""
    sheet: Line | None = None
    """The sheet; left out, the first that has the columns."""
    skip: Annotated[Count, Field(ge=0, le=1000)] | None = None
    """How many rows are above the headings; left out, they are found."""
    encoding: Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-14"] | None = None
    """The encoding of a text; left out, it is UTF-8, UTF-16 or Windows-1252."""
    month_first: Switch = False
    """Whether dates are written as 12/31/2026."""

    def spec(self) -> DatasetSpec:
        return DatasetSpec(
            key=self.key,
            else_by=self.else_by,
            name=self.name,
            provider_kind=self.provider_kind,
            area=self.area,
            former_names=self.former_names,
            predecessors=self.predecessors,
            link=self.link,
            text_link=self.text_link,
            link_form=self.link_form,
            ratings=tuple(one.columns() for one in self.ratings),
            only=tuple(self.only.items()),
            optional=self.optional,
            nothing=("", *self.nothing),
            find=self.find.finder() if self.find else None,
            sheet=self.sheet,
            skip=self.skip,
            encoding=self.encoding,
            month_first=self.month_first,
        )
