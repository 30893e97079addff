"""Once a week: a mail to subscribers who asked for it and got no edition, and a summary for operators.

The first says that there was nothing for its reader, and which sources could not be read. A subscriber gets
it only if none of the week's editions had a story for them and no delivery was planned for them. The summary
says how each source is, what it brought, and what waits for an operator.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Final

from digest.edition import Edition, SourceNote
from digest.jobs.publish import notes
from digest.jobs.standings import standings
from digest.letter_kinds import OperatorWeek, ProofOfLife, QuietWeek, SourceWeek, UnreadSource
from digest.letters import Letter
from digest.membership.coverage import Covering
from digest.ports import Clock, Store, WithoutEdition
from digest.providers import Register
from digest.schedule import Timetable
from digest.sending.operator_mail import OperatorMail
from digest.sources import Source
from digest.subscriptions import Wishes
from digest.wishes import Gap, gap_in, personal_edition

log = logging.getLogger(__name__)

AT_ONCE: Final = 1000
"""The most subscribers that are looked up, and letters that are written, in one transaction."""

WITHIN: Final = timedelta(hours=24)
"""For how long after its time the mail is still written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven local days, the last of which is the day of the weekly mail."""

    last: date

    @property
    def first(self) -> date:
        return self.last - timedelta(days=6)

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=n) for n in range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyMail:
    """Writes the weekly mail, with the ports and settings that it needs."""

    timetable: Timetable
    weekday: int  # 0 is Monday
    at: time  # local
    sources: tuple[Source, ...]
    store: Store
    clock: Clock
    operators: OperatorMail
    covering: Covering
    silences: frozenset[date] = frozenset()

    async def write_due(self) -> int:
        """Write this week's mails if they are due; returns how many subscribers get one."""
        now = self.clock.now()
        week = self._due(now)
        if week is not None:
            await self._summarize(week, now)
        # Until the day's own edition is planned, we do not know who gets it.
        if week is None or not await self.store.editions.planned(week.last):
            return 0
        editions = [e for day in week.days if (e := await self.store.editions.sealed(day)) and not e.empty]
        register = await self.store.providers.register()
        told = self._told(week, await notes(self.sources, self.store, now), now)
        coverage = await self.covering.now()
        known: dict[Wishes, bool] = {}
        written = after = 0
        while found := await self._without_edition(week, after):
            quiet = [one for one in found if _nothing_for(one.wishes, editions, register, known)]
            letters = [
                _letter(one, told, gap_in(one.wishes, coverage, register), now + WITHIN) for one in quiet
            ]
            await self.store.letters.write_all(letters, now)
            written, after = written + len(letters), found[-1].subscriber
        if written:
            log.info("proof of life", extra={"week": week.last.isoformat(), "letters": written})
        return written

    async def _summarize(self, week: Week, now: datetime) -> None:
        """Write the summary for operators, if it is not written yet."""
        year, number, _ = week.last.isocalendar()
        occasion = f"{year}-W{number:02d}"
        written = [
            await self.store.letters.state(letter.key)
            for letter in self.operators.letters(partial(_summary, occasion, week, (), 0, 0, 0), now)
        ]
        if None not in written:  # also if there is nobody to write to
            return
        editions = [e for day in week.days if (e := await self.store.editions.sealed(day)) and not e.empty]
        stories = Counter(story.source_name for edition in editions for story in edition.stories)
        sources = tuple(
            SourceWeek(
                name=one.source.name,
                state=one.health,
                checked_at=self._local(one.facts.checked_at),
                new=one.new,
                stories=stories[one.source.name],
                parked=one.facts.parked,
                held=one.facts.held,
                why=one.facts.trouble,
            )
            for one in await standings(self.sources, self.store, now, self.silences)
        )
        cases, mail = await self.store.review.count(), await self.store.mail.parked_count()
        about = partial(_summary, occasion, week, sources, len(editions), cases, mail)
        await self.store.letters.write_all(self.operators.letters(about, now), now)
        self.operators.written()

    def _due(self, now: datetime) -> Week | None:
        """The week whose mail is due now; None if none is."""
        today = self.timetable.day_of(now)
        last = today - timedelta(days=(today.weekday() - self.weekday) % 7)
        due = datetime.combine(last, self.at, self.timetable.zone).astimezone(UTC)
        return Week(last=last) if due <= now < due + WITHIN else None

    async def _without_edition(self, week: Week, after: int) -> list[WithoutEdition]:
        began = self.timetable.cutoff_of(week.first)
        return await self.store.watches.without_edition(
            week.first,
            week.last,
            since=began,
            prefix=ProofOfLife.key_prefix(week.last),
            after=after,
            limit=AT_ONCE,
        )

    def _told(self, week: Week, known: tuple[SourceNote, ...], now: datetime) -> QuietWeek:
        troubled = tuple(
            UnreadSource(name=note.name, checked_at=self._local(note.checked_at))
            for note in known
            if not note.health(now).read
        )
        return QuietWeek(sources=len(known), troubled=troubled, first=week.first, last=week.last)

    def _local(self, instant: datetime | None) -> datetime | None:
        return instant.astimezone(self.timetable.zone) if instant else None


def _summary(  # noqa: PLR0917 - bound from the left
    occasion: str,
    week: Week,
    sources: tuple[SourceWeek, ...],
    editions: int,
    cases: int,
    mail: int,
    *,
    reference: str,
) -> OperatorWeek:
    return OperatorWeek(
        reference=reference,
        occasion=occasion,
        first=week.first,
        last=week.last,
        sources=sources,
        editions=editions,
        cases=cases,
        mail=mail,
    )


def _nothing_for(
    wishes: Wishes, editions: list[Edition], register: Register, known: dict[Wishes, bool]
) -> bool:
    """Whether none of the editions has a story for these wishes. `known` caches the results."""
    own = wishes.of_editions
    if own not in known:
        known[own] = all(personal_edition(edition, (), own, register) is None for edition in editions)
    return known[own]


def _letter(one: WithoutEdition, week: QuietWeek, gap: Gap, expires_at: datetime) -> Letter:
    content = ProofOfLife(
        subscriber=one.subscriber,
        generation=one.generation,
        week=week,
        narrowed=not one.wishes.everything,
        uncovered=gap.names,
    )
    return Letter(content=content, address=one.address, expires_at=expires_at)
