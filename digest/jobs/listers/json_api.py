"""Lists what a JSON API states: all that there is, or what has changed, with one call for each thing.

A list of changes is asked for day by day. A change of a day that is over is asked for once. The list of a day
is asked for again for `look_back`, because publishers list changes late.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, cast
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from digest.errors import OverrunError, ParseError
from digest.jobs.listers.compared import listed_records
from digest.jobs.listers.outcomes import in_its_place, not_fetched
from digest.listing import Listing, NotListed
from digest.parse.json_records import Answer, ListAnswer, list_answer, records_of, shown_call
from digest.ports import Blocked, Clock, Fetched, Fetcher, Outcome, RecordStore, Unreached, Workers
from digest.ratings import Inspectorates
from digest.records import Place, Record, Snapshot, binding_of
from digest.source_specs import JsonSpec
from digest.sources import Source, Validators

log = logging.getLogger(__name__)

MOST_PAGES: Final = 1_000
"""A list that goes on for longer is not read: it would go on for ever."""

MOST_BYTES: Final = 100_000_000
"""A longer list is not read: all of it is held until it is understood."""

_AT_ONCE: Final = 50
"""So many answers are read by a worker at once."""

_ABSENT: Final = ("400 ", "404 ", "410 ")
"""How the outcome of a call begins that the publisher has nothing for, though it lists it."""

_FEW: Final = 10
"""If the publisher has nothing for so many things and for no other, the call is wrong or the API is down,
unless it still has..."""

_PROBES: Final = 3
"""...one of so many that it had before. Then those that are listed are gone."""

_MISSED: Final = " missed"
"""How a mark ends of a thing that the publisher had nothing for once: it is asked for once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLister:
    """See the module."""

    fetcher: Fetcher
    workers: Workers
    clock: Clock
    zone: ZoneInfo
    inspectorates: Inspectorates
    records: RecordStore
    keys: Mapping[str, str]  # secrets, by their names

    async def list_items(self, source: Source, known: Validators) -> Listing:
        spec = cast("JsonSpec", source.spec)
        absent = [name for _, name in spec.secret_headers if not self.keys.get(name)]
        if absent:
            return NotListed(reason=f"the secret {absent[0]} is not set", answered=False)
        look = _Look(lister=self, source=source, spec=spec, headers=self._headers(spec))
        try:
            return await (look.changes() if "{since}" in source.url else look.everything())
        except _Stopped as stopped:
            return stopped.listing
        except OverrunError as error:
            return NotListed(reason=str(error))

    def _headers(self, spec: JsonSpec) -> dict[str, str]:
        secret = {header: self.keys[name] for header, name in spec.secret_headers}
        return {"Accept": "application/json", **dict(spec.headers), **secret}


class _Stopped(Exception):
    """A call brought no document, or one that cannot be read."""

    def __init__(self, listing: Listing) -> None:
        super().__init__()
        self.listing = listing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at an API."""

    lister: JsonLister
    source: Source
    spec: JsonSpec
    headers: Mapping[str, str]

    async def everything(self) -> Listing:
        """All that there is."""
        pages, ids = await self._pages(self.source.url)
        if self.spec.detail is not None and len(ids) > self.spec.most:
            raise _Stopped(NotListed(reason=f"the list has {len(ids)} things, and most is {self.spec.most}"))
        if self.spec.detail is not None:
            pages = [one for id in ids if (one := await self._detail(id)) is not None]
        return await self._listed(pages, self._snapshot(set(), ids), whole=True)

    async def changes(self) -> Listing:
        """What has changed and was not asked for yet: at most `most` things, the rest at the next look."""
        before = await self.lister.records.snapshot(self.source.id)
        asked = set(before.asked if before else ())
        today = self.lister.clock.now().astimezone(UTC).date()
        wanted, over, listed = [], [], set[str]()
        for back in range(self.spec.look_back.days, -1, -1):
            day = today - timedelta(days=back)
            _, ids = await self._pages(_between(self.source.url, day))
            marks = {f"{day} {id}": id for id in ids}
            listed |= marks.keys()
            wanted += [(mark, id) for mark, id in marks.items() if mark not in asked]
            over += [mark for mark in marks if day < today]
        if before is None:  # what changed before we looked is known; only now it is news what changes
            snapshot = self._snapshot(set(over), listed)
            return await self._listed([], snapshot, whole=False)
        answers, done, missed = await self._details(wanted, asked)
        asked = ((asked | done) & set(over)) | missed
        return await self._listed(answers, self._snapshot(asked, listed), whole=False)

    def _snapshot(self, asked: set[str], listed: Collection[str]) -> Snapshot:
        return Snapshot(
            document=self.source.url, fingerprint="", rows=max(1, len(listed)), asked=tuple(sorted(asked))
        )

    async def _details(
        self, wanted: Sequence[tuple[str, str]], asked: Collection[str]
    ) -> tuple[list[Answer], set[str], set[str]]:
        """The answers for some of the wanted things, the marks of those that need not be asked for again, and
        the marks of those that the publisher had nothing for, for the first time.
        """
        answers: dict[str, Answer | None] = {}
        done: set[str] = set()
        missed = {f"{mark}{_MISSED}" for mark, _ in wanted} & set(asked)
        for mark, id in wanted:
            if id not in answers and len(answers) == self.spec.most:
                continue
            if id not in answers:
                answers[id] = await self._detail(id)
            if answers[id] is None and f"{mark}{_MISSED}" not in asked:
                missed.add(f"{mark}{_MISSED}")
            else:
                done.add(mark)
                missed.discard(f"{mark}{_MISSED}")
        if len(answers) >= _FEW and not any(answers.values()) and not await self._has_what_it_had(answers):
            raise _Stopped(
                NotListed(reason=f"the publisher has nothing for any of {len(answers)} listed ids")
            )
        if left := len({id for _, id in wanted} - answers.keys()):
            log.info("changes wait for the next look", extra={"source": self.source.id, "left": left})
        return [one for one in answers.values() if one is not None], done, missed

    async def _has_what_it_had(self, absent: Collection[str]) -> bool:
        """Whether the publisher answers a call that brought a record before."""
        assert self.spec.detail is not None
        records, source = self.lister.records, self.source.id
        kept = await records.kept(source)
        some = [key for key, one in kept.items() if not one.gone and key not in absent][-_PROBES:]
        for record in (await records.stated(source, some)).values():
            call = record.place.document
            if _same_origin(call, self.spec.detail) and isinstance(await self._fetch(call), Fetched):
                return True
        return False

    async def _detail(self, id: str) -> Answer | None:
        """The answer for one thing; None if the publisher has nothing for its id."""
        assert self.spec.detail is not None
        outcome = await self._fetch(self.spec.detail.replace("{id}", quote(id, safe="")))
        if isinstance(outcome, Blocked | Unreached) and outcome.reason.startswith(_ABSENT):
            fields = {"source": self.source.id, "id": id, "trouble": outcome.reason}
            log.warning("a listed id has no record", extra=fields)
            return None
        return self._answer(outcome)

    async def _pages(self, url: str) -> tuple[list[Answer], tuple[str, ...]]:
        """All pages of a list, and the ids in them."""
        answers: list[Answer] = []
        ids: dict[str, None] = {}
        number, place = self.spec.first_page, url.replace("{page}", str(self.spec.first_page))
        seen = {place}
        for _ in range(MOST_PAGES):
            answer = self._answer(await self._fetch(place))
            page = await self._read_list(answer)
            answers.append(answer)
            if sum(len(one.body) for one in answers) > MOST_BYTES:
                raise _Stopped(NotListed(reason=f"the list is larger than {MOST_BYTES:,} bytes"))
            ids |= dict.fromkeys(page.ids)
            number += 1
            last = self.spec.first_page + (page.pages or 0) - 1
            place = page.next or (url.replace("{page}", str(number)) if number <= last else "")
            if not place or place in seen:
                return answers, tuple(ids)
            if not _same_origin(place, url):  # it may not have our key, and without it the list is not whole
                raise _Stopped(NotListed(reason=f"the next page is on another site: {shown_call(place)}"))
            seen.add(place)
        raise _Stopped(NotListed(reason=f"the list has more than {MOST_PAGES} pages"))

    async def _read_list(self, answer: Answer) -> ListAnswer:
        try:
            return await self.lister.workers.run(list_answer, answer, self.spec)
        except ParseError as error:
            fetched = Fetched(url=answer.call, body=answer.body, content_type=None, validators=Validators())
            raise _Stopped(await in_its_place(self.lister.workers, fetched, str(error))) from error

    async def _fetch(self, url: str) -> Outcome:
        return await self.lister.fetcher.fetch(url, headers=self.headers)

    def _answer(self, outcome: Outcome) -> Answer:
        if not isinstance(outcome, Fetched):
            raise _Stopped(not_fetched(outcome))
        return Answer(call=shown_call(outcome.url), body=outcome.body)

    async def _listed(self, answers: Sequence[Answer], snapshot: Snapshot, *, whole: bool) -> Listing:
        records: list[Record] = []
        today = self.lister.clock.now().astimezone(self.lister.zone).date()
        place = Place(publisher=self.source.name, document="", dated=today)
        for start in range(0, len(answers), _AT_ONCE):
            try:
                stated = await self.lister.workers.run(
                    records_of,
                    answers[start : start + _AT_ONCE],
                    self.spec,
                    source=place,
                    inspectorate=self.source.inspectorate or "",
                    zone=self.lister.zone,
                    inspectorates=self.lister.inspectorates,
                )
            except ParseError as error:
                return NotListed(reason=str(error))
            records += stated.records
            for trouble in stated.troubles:
                log.warning(
                    "not all of a record was understood", extra={"source": self.source.id, "trouble": trouble}
                )
        if whole:
            snapshot = replace(snapshot, rows=max(1, len(records)))
        return await listed_records(
            self.lister.records,
            self.source,
            records,
            snapshot,
            binding=binding_of(_how_records_are_read(self.spec)),
            whole=whole,
            today=today,
        )


def _how_records_are_read(spec: JsonSpec) -> JsonSpec:
    """What of an entry says how a record is read, and not where it is found."""
    return replace(
        spec,
        list="",
        next=None,
        pages=None,
        first_page=1,
        look_back=timedelta(),
        id="@",
        upper=False,
        detail=None,
        most=0,
        headers=(),
        secret_headers=(),
    )


def _between(url: str, day: date) -> str:
    """The list of what has changed on a day."""
    begin = datetime.combine(day, time(), UTC)
    instants = {"{since}": begin, "{until}": begin + timedelta(days=1)}
    for name, instant in instants.items():
        url = url.replace(name, f"{instant:%Y-%m-%dT%H:%M:%SZ}")
    return url


def _same_origin(place: str, url: str) -> bool:
    one, other = urlsplit(place), urlsplit(url)
    return (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)
