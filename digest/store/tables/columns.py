"""The metadata that all tables share, and the types of their columns."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy
from sqlalchemy import JSON, ColumnElement, Date, DateTime, Dialect, Enum, MetaData, TypeDecorator, or_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from digest.characters import storable, storable_json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC on both databases. A naive one is an error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants are aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def come(column: ColumnElement[datetime], now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Whether a wait or lease until an instant is over; nobody waits for longer than `longest`.

    An instant further ahead was noted before the clock was set back, and holds nothing.
    """
    return outside(column, now, now + longest)


def outside(column: ColumnElement[datetime], now: Any, far: Any) -> ColumnElement[bool]:
    """As `come`, with the furthest instant that is waited for. Either may be a `bindparam`."""
    return or_(column <= now, column > far)


class utc_day(FunctionElement[date]):  # noqa: N801 - SQLAlchemy's functions have names in small letters
    """The day of an instant in UTC."""

    type = Date()
    inherit_cache = True


@compiles(utc_day, "sqlite")
def _day_in_sqlite(element: utc_day, compiler: Any, **facts: Any) -> str:
    return f"date({compiler.process(element.clauses, **facts)})"


@compiles(utc_day, "postgresql")
def _day_in_postgresql(element: utc_day, compiler: Any, **facts: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **facts)} AT TIME ZONE 'UTC' AS date)"


class Text(TypeDecorator[str]):
    """Text of any origin: characters that a database does not take are replaced (`characters.storable`)."""

    impl = sqlalchemy.Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return _storable  # asked for each value of large files, so without a method in between


def _storable(value: str | None) -> str | None:
    return None if value is None else storable(value)


class Encoded(str):
    """JSON as a text that can be stored: a column of JSON takes it as it is."""


def encoded(value: Any) -> str:
    """A value as JSON, for the driver."""
    return value if isinstance(value, Encoded) else json.dumps(value)


class SortKey(TypeDecorator[str]):
    """ASCII text that is compared by its octets, so that both databases have the same order."""

    impl = sqlalchemy.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(sqlalchemy.Text(collation=collation))


class Json(TypeDecorator[Any]):
    """JSON, with the characters of its texts replaced as in `Text`. See `Encoded`."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = JSONB if dialect.name == "postgresql" else JSON
        return dialect.type_descriptor(kind(none_as_null=True))

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self.impl_instance.coerce_compared_value(op, value)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if isinstance(value, Encoded) else storable_json(value)


def enum(kind: type[StrEnum], name: str) -> Enum:
    """A text column that holds one of an enum's values; the constraint `name` checks it."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )
