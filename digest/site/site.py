"""What the public site is made of: the same for every family of pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from digest.coverage import Coverage
from digest.ports import Clock, EditionStore, PublicStore, SourceStore
from digest.ports.public import Counted
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.retention import Retention
from digest.schedule import Timetable
from digest.site.pages import PublicPages


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What public pages read. None of it knows a subscriber."""

    pages: PublicPages
    clock: Clock
    timetable: Timetable
    inspectorates: Mapping[str, str]  # names by key
    known: Inspectorates  # with their scales
    sources: SourceStore
    public: PublicStore  # stories told, and services with their grades
    editions: EditionStore
    register: Callable[[], Awaitable[Register]]  # by which wishes are understood
    coverage: Callable[[], Awaitable[Coverage]]  # what we cover now
    join_form: Callable[[], Awaitable[Mapping[str, Any]]]  # the values of the empty form, for its macro
    retention: Retention = field(default_factory=Retention)

    @property
    def until(self) -> date:
        """The last public day, for each question to `public`."""
        return self.timetable.told_until(self.clock.now())

    def by_name(self, counted: Iterable[Counted]) -> tuple[Counted, ...]:
        """Inspectorates in the order of the names that visitors see."""
        return tuple(sorted(counted, key=lambda one: self.inspectorates.get(one.name, one.name).casefold()))
