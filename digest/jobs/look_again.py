"""After each poll of a source: look again at pages that were read, because publishers edit them in silence.

A page is looked at a day and a week after it was read, and when its entry was edited meanwhile. What has
changed is kept as a version; a grade that has changed becomes a correction.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from digest.edition import Candidate
from digest.errors import OverrunError, Overtaken, ParseError, StoreError
from digest.items import Page, spelled
from digest.jobs.read import NotRead, Reader, Whole, next_look
from digest.matching import grades_of
from digest.ports import Blocked, Fetched, HostShut, NotModified, Reread, Unreached
from digest.reports import Reading
from digest.review import Case, edited
from digest.sources import Authority, Source, Validators

log = logging.getLogger(__name__)

RECENT: Final = timedelta(days=30)
"""A page that was read longer ago than this is not looked at again when its entry is edited."""

MOST: Final = 5
"""So many pages of one source are looked at again after one poll at most."""

_LATER: Final = timedelta(hours=1)
_GIVEN_UP: Final = timedelta(days=14)  # after it was read
_IN_COMMON: Final = 0.3  # the share of the words of a page that its edited form has at least


class Looked(Enum):
    """When to look at a page again that is not stored as edited."""

    NOTHING_NEW = auto()  # at the usual time
    AGAIN_SOON = auto()  # soon: it could not be compared to the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Looks again at pages that were read, with the ports of a `Reader`."""

    reader: Reader

    async def look_again(self, source: Source) -> None:
        """Look at the pages of an inspectorate's source that are due. One that fails affects no other."""
        if source.authority is not Authority.OFFICIAL:
            return
        versions, now = self.reader.store.versions, self.reader.clock.now()
        try:
            waiting = await versions.to_look_at(source.id, limit=MOST, now=now)
        except StoreError:
            raise
        except Exception:
            log.exception("no page was looked at again", extra={"source": source.id})
            return
        for one in waiting:
            try:
                await self._look(source, one, now)
            except Exception:
                log.exception("a page was not looked at again", extra={"source": source.id, "item": one.id})
                await versions.looked(one.id, next_look=next_look(one.read_at, now))

    async def _look(self, source: Source, one: Reread, now: datetime) -> None:
        sent = Validators(etag=one.etag, last_modified=one.last_modified)
        upcoming = next_look(one.read_at, now)
        match await self.reader.fetcher.fetch(one.item.link or "", sent, heed_robots=True):
            case Fetched(url=url, body=body, content_type=kind, validators=given):
                page = Page(
                    url=url,
                    body=body,
                    content_type=kind,
                    fetched_at=now,
                    etag=given.etag,
                    last_modified=given.last_modified,
                )
                if (after := await self._compare(source, one, page)) is not None:
                    later = upcoming if after is Looked.NOTHING_NEW else now + _LATER
                    await self.reader.store.versions.looked(one.id, next_look=later)
            case HostShut(wait=wait) | Unreached(wait=wait) if now < one.read_at + _GIVEN_UP:
                later = now + max(wait or _LATER, _LATER)
                await self.reader.store.versions.looked(one.id, next_look=later)
            case NotModified() | Blocked() | HostShut() | Unreached():
                await self.reader.store.versions.looked(one.id, next_look=upcoming)

    async def _compare(self, source: Source, one: Reread, page: Page) -> Looked | None:
        """Store a page that was edited, and what follows from it; otherwise say when to look again."""
        fields = {"source": source.id, "item": one.id}
        last = page.fetched_at >= one.read_at + _GIVEN_UP
        try:
            found = await self.reader.whole_of(source, one.item, page, last=last)
        except (ParseError, OverrunError):
            return Looked.NOTHING_NEW
        if isinstance(found, NotRead):
            if not found.wall:
                return Looked.AGAIN_SOON  # a part of the report does not answer
            log.warning("a page that was read is no report now", extra=fields | {"trouble": found.trouble})
            return Looked.NOTHING_NEW
        if _says_the_same(one.reading, found.reading):
            return Looked.NOTHING_NEW
        if not _is_the_same_page(one.reading, found.reading):
            log.warning("another page stands in the place of one that was read", extra=fields)
            return Looked.NOTHING_NEW
        try:
            notes = [
                note
                for case, now in await self._cases(source, one, found)
                if (note := await self._amend(case, now, page.fetched_at))
            ]
        except Overtaken:
            return Looked.AGAIN_SOON
        note = "; ".join(notes) or "no grade has changed"
        await self.reader.store.versions.page_edited(
            one.id,
            page,
            found.reading,
            parts=found.parts,
            note=note,
            next_look=next_look(one.read_at, page.fetched_at),
        )
        log.warning("a page was edited after it was read", extra=fields | {"changed": note})
        return None

    async def _cases(self, source: Source, one: Reread, found: Whole) -> list[tuple[Case, Candidate]]:
        """The cases of an item, each with its candidate as the page says it now.

        A report that was filed before under another address has the case that it had there.
        """
        store = self.reader.store
        cases = []
        for filed in await store.versions.candidates(one.id):
            case = await store.review.case(filed.repeats.key if filed.repeats else filed.key)
            if case is None:
                continue
            before = case.candidate
            made = await self.reader.candidates(source, case.key.item, one.item, found)
            same = [now for now in made if now.provider == before.provider]
            if len(same) == 1:
                # What waits is new: an edition that is made of it meanwhile is made again.
                at = before.found_at if before.told_on else self.reader.clock.now()
                now = replace(same[0], key=case.key, found_at=at, published=before.published)
                cases.append((case, now))
        return cases

    async def _amend(self, case: Case, now: Candidate, at: datetime) -> str | None:
        """Change the candidate if its grades have changed; in words what was done, None if they have not.

        `Overtaken` if an edition or an operator came first.
        """
        before, versions = case.candidate, self.reader.store.versions
        if grades_of(case.read) == grades_of(now) and case.read.withdraws is now.withdraws:
            return None
        changed = f"{_words(case.read)}, now {_words(now)}"
        if case.decided:
            await versions.ask(case.key, f"the page was edited after your decision: {changed}", at=at)
            return f"{changed}: an operator is asked, who had decided"
        if not (grades_of(now) or now.withdraws):
            await versions.ask(case.key, f"the page no longer gives the rating: {changed}", at=at)
            return f"{changed}: an operator is asked"
        if not await versions.amend(case, edited(case, now)):
            raise Overtaken(f"item {case.key.item} was told or decided on while its page was compared")
        return f"{changed}: {'the next edition corrects it' if before.told_on else 'it is told as it is now'}"


def _words(candidate: Candidate) -> str:
    if candidate.withdraws:
        return "withdrawn"
    return ", ".join(f"{aspect} {grade}" for aspect, grade in grades_of(candidate).items()) or "no rating"


def _says_the_same(before: Reading, now: Reading) -> bool:
    return spelled(before.text) == spelled(now.text) and spelled(before.title) == spelled(now.title)


def _is_the_same_page(before: Reading, now: Reading) -> bool:
    """Whether a page can be the earlier one, edited: an apology or a list of news has other words."""
    words, others = ({*re.findall(r"\w{3,}", spelled(f"{r.title} {r.text}"))} for r in (before, now))
    return len(words & others) >= _IN_COMMON * len(words)
