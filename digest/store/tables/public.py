"""What the public site reads, made of the other tables and made again at any time: in no backup.

Only `store/public/model.py` writes them. Their rows refer to no others, so that nothing waits for them.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Table, text

from digest.store.tables.columns import Json, SortKey, Text, metadata

_MADE: Final = {"passing": True}

told_days = Table(
    "told_days",  # sealed editions whose stories are below
    metadata,
    Column("day", Date, primary_key=True),
    Column("stories", Integer, nullable=False),
    Column("up", Integer, nullable=False),
    Column("down", Integer, nullable=False),
    Column("mark", Text, nullable=False),  # of how the rows are made
    info=_MADE,
)

told_stories = Table(
    "told_stories",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # of day and place in the edition
    Column("day", Date, nullable=False, index=True),
    Column("item_id", Integer, nullable=False),
    Column("place", Integer, nullable=False),  # of the report in its item
    Column("entry_id", Text),  # the provider as the edition has it
    Column("service_id", Text),  # the one that counts
    Column("inspectorate", Text),
    Column("kind", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("movement", Text),
    Column("grade", Text),
    Column("correction", Boolean, nullable=False),
    Column("title", Text, nullable=False),
    Column("content", Json, nullable=False),
    Index("ix_told_stories_item_id_place", "item_id", "place"),
    Index("ix_told_stories_entry_id", "entry_id"),
    Index("ix_told_stories_service_id_number", "service_id", "number"),
    Index(
        "ix_told_stories_moves",
        *("inspectorate", "movement", "day", "kind", "area", "item_id", "place", "number"),
    ),
    Index(
        "ix_told_stories_corrections",
        *("item_id", "place", "number", "day"),
        sqlite_where=text("correction = 1"),
        postgresql_where=text("correction"),
    ),
    info=_MADE,
)

told_words = Table(
    "told_words",  # which stories are about a place or a provider with a word in its names or area
    metadata,
    Column("word", SortKey, primary_key=True),  # empty: a row of each story
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # of the story
    Column("kind", Text, nullable=False),  # of its service, in the form for comparing; empty: not known
    Column("inspectorate", Text),
    Column("moves", Boolean, nullable=False),  # whether it is for those who want movements only
    Index("ix_told_words_number", "number"),
    Index("ix_told_words_kind", "word", "kind", "number"),
    Index("ix_told_words_inspectorate", "word", "inspectorate", "number"),
    info=_MADE,
    sqlite_with_rowid=False,
)

services = Table(
    "services",  # a row a provider that is public
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("former_names", Json, nullable=False),
    Column("merged", Json, nullable=False),  # ids of entries that are the same provider
    Column("predecessors", Json, nullable=False),  # pairs of id and `providers.Link`, as is the next
    Column("successors", Json, nullable=False),
    Column("inspectorate", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("scale", Text),
    Column("grade", Text),
    Column("rank", Integer),
    Column("since", Date),
    Column("precision", Text, nullable=False),
    Column("movement", Text),
    Column("before", Text),
    Column("moved_on", Date),
    Column("told_on", Date),
    Column("rated", Boolean, nullable=False),
    Column("aspects", Json, nullable=False),
    Column("by_name", SortKey, nullable=False, server_default=""),  # these end with the id
    Column("by_grade", SortKey, nullable=False, server_default=""),
    Column("by_date", SortKey, nullable=False, server_default=""),
    Column("by_move", SortKey, nullable=False, server_default=""),
    Index("ix_services_inspectorate_by_name", "inspectorate", "by_name"),
    Index("ix_services_by_grade", "inspectorate", "scale", "by_grade"),
    Index("ix_services_by_date", "inspectorate", "scale", "by_date"),
    Index("ix_services_by_move", "inspectorate", "scale", "by_move"),
    Index("ix_services_by_name", "by_name"),
    Index("ix_services_area", "inspectorate", "area"),
    info=_MADE,
)

service_grades = Table(
    "service_grades",  # grade periods
    metadata,
    Column("service_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # in the order of the record
    Column("inspectorate", Text, nullable=False),
    Column("aspect", Text, nullable=False),
    Column("scale", Text, nullable=False),
    Column("given", Text, nullable=False),
    Column("grade", Text),
    Column("rank", Integer),
    Column("since", Date),
    Column("precision", Text, nullable=False),
    Column("until", Date),
    Column("published_on", Date),
    Column("movement", Text),
    Column("before", Text),
    Column("evidence", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("told_on", Date),
    Column("story", BigInteger),
    Column("kind", Text, nullable=False, server_default=""),  # of the service, as is the next
    Column("area", Text, nullable=False, server_default=""),
    Column("by_grade", SortKey),  # None: no table of a past day has it
    Column("by_name", SortKey),  # the same; of aspects, the first of those of a table by name has it
    Column("by_aspect", SortKey),  # None: it is no present grade of an aspect
    Column("by_date", SortKey),  # for tables of a past day, as `by_grade`, and so is the next
    Column("by_move", SortKey),
    Column("by_rank", SortKey),  # None: it is no grade of an aspect, present or past
    Column("by_first", SortKey),  # the name; None: another grade of an aspect on the scale comes before it
    Index(
        "ix_service_grades_by_grade",
        *("inspectorate", "by_grade", "since", "until", "kind", "area", "scale", "grade", "rank"),
        *("service_id", "number", "movement"),
        sqlite_where=text("by_grade IS NOT NULL"),
        postgresql_where=text("by_grade IS NOT NULL"),
    ),
    Index(
        "ix_service_grades_by_name",
        *("inspectorate", "by_name", "since", "until", "kind", "area", "scale", "service_id", "number"),
        sqlite_where=text("by_grade IS NOT NULL"),
        postgresql_where=text("by_grade IS NOT NULL"),
    ),
    Index(
        "ix_service_grades_aspects_by_name",
        *("inspectorate", "scale", "by_name", "kind", "area", "service_id"),
        sqlite_where=text("by_grade IS NULL AND by_name IS NOT NULL"),
        postgresql_where=text("by_grade IS NULL AND by_name IS NOT NULL"),
    ),
    Index(
        "ix_service_grades_by_aspect",
        *("inspectorate", "scale", "aspect", "by_aspect", "kind", "area", "service_id"),
        sqlite_where=text("by_aspect IS NOT NULL"),
        postgresql_where=text("by_aspect IS NOT NULL"),
    ),
    *(
        Index(
            f"ix_service_grades_{name}",
            *(*first, name, "since", "until", "kind", "area", "scale", "service_id", "number"),
            sqlite_where=text("by_grade IS NOT NULL"),
            postgresql_where=text("by_grade IS NOT NULL"),
        )
        for name, first in (("by_date", ("inspectorate",)), ("by_move", ("inspectorate",)))
    ),
    Index(
        "ix_service_grades_area",
        *("inspectorate", "area", "by_grade", "since", "until", "kind", "scale", "grade", "rank"),
        *("service_id", "number"),
        sqlite_where=text("by_grade IS NOT NULL"),
        postgresql_where=text("by_grade IS NOT NULL"),
    ),
    Index(
        "ix_service_grades_by_rank",
        *("inspectorate", "scale", "aspect", "by_rank", "since", "until", "kind", "area", "service_id"),
        sqlite_where=text("by_rank IS NOT NULL"),
        postgresql_where=text("by_rank IS NOT NULL"),
    ),
    Index(
        "ix_service_grades_by_first",
        *("inspectorate", "scale", "by_first", "kind", "area", "service_id"),
        sqlite_where=text("by_first IS NOT NULL"),
        postgresql_where=text("by_first IS NOT NULL"),
    ),
    Index(
        "ix_service_grades_area_aspects",
        *("inspectorate", "area", "scale", "aspect", "by_rank", "since", "until", "kind", "service_id"),
        *("rank", "grade"),
        sqlite_where=text("by_rank IS NOT NULL"),
        postgresql_where=text("by_rank IS NOT NULL"),
    ),
    info=_MADE,
)

service_counts = Table(
    "service_counts",  # how many services there are of each sort: overall, and by each aspect
    metadata,
    Column("inspectorate", Text, primary_key=True),
    Column("aspect", Text, primary_key=True),
    Column("scale", Text, primary_key=True),  # empty: without a grade now, as is the grade
    Column("kind", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("rated", Boolean, primary_key=True),
    Column("grade", Text, primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),  # -1: not known
    Column("services", Integer, nullable=False),
    Index("ix_service_counts_aspect", "aspect", "inspectorate", "rated", "services"),
    info=_MADE,
    sqlite_with_rowid=False,
)

past_counts = Table(
    "past_counts",  # how many services more, or fewer, had each grade from a day on: by year, month and day
    metadata,
    Column("inspectorate", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # empty: all kinds together
    Column("size", Text, primary_key=True),  # "year", "month" or "day"
    Column("day", Date, primary_key=True),  # the first one of it
    Column("scale", Text, primary_key=True),
    Column("aspect", Text, primary_key=True),  # empty: any aspect, each service once
    Column("grade", Text, primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),  # -1: not known
    Column("services", Integer, nullable=False),
    info=_MADE,
    sqlite_with_rowid=False,
)

service_entries = Table(
    "service_entries",  # the register's entries, and what was known of each when its service was written
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("service_id", Text, index=True),  # None: it is not public
    Column("mark", Text, nullable=False),
    info=_MADE,
)

search_names = Table(
    "search_names",  # what the search finds
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("service_id", Text, index=True),
    Column("story", BigInteger, index=True),
    Column("former", Boolean, nullable=False),  # a former name
    Column("written", Text, nullable=False),  # the name or title
    Column("words", SortKey, nullable=False, index=True),  # in the form for comparing, the area after it
    info=_MADE,
)

search_words = Table(
    "search_words",  # which names have a word, in the order in which they are looked through
    metadata,
    Column("word", SortKey, primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("name_id", Integer, primary_key=True, autoincrement=False),
    info=_MADE,
    sqlite_with_rowid=False,
)

search_vocabulary = Table(
    "search_vocabulary",  # the words of all names
    metadata,
    Column("word", SortKey, primary_key=True),
    Column("names", Integer, nullable=False),  # how many names have it
    info=_MADE,
    sqlite_with_rowid=False,
)

search_spellings = Table(
    "search_spellings",  # the same words by what those spelled nearly alike have in common
    metadata,
    Column("part", SortKey, primary_key=True),
    Column("size", Integer, primary_key=True, autoincrement=False),  # letters of the word
    Column("word", SortKey, primary_key=True),
    info=_MADE,
    sqlite_with_rowid=False,
)

public_version = Table(
    "public_version",  # one row
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("writes", BigInteger, nullable=False),  # how often anything above was written
    Column("kept_until", Date),  # the last public day for which all of it was written
    info=_MADE,
)


def is_former_index(name: str) -> bool:
    """Whether a table of a state is of the search's index as it was until revision 0048; no backup has it."""
    return name.startswith("search_trigrams")
