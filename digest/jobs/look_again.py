"""After each poll of a source: look again at pages that were read, because publishers edit them in silence.

A page is looked at a day and a week after it was read, and when its entry was edited or got a later date.
What has changed is kept as a version. `digest/edits.py` says what a page is that says something else: the
same report with another grade is corrected, another inspection's report is read as a new item, and operators
are asked about the rest.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from digest.edition import Candidate, StoryKey
from digest.edits import RECENT, Edit, Judged, Verdict, judged
from digest.errors import OverrunError, Overtaken, ParseError, StoreError
from digest.items import Page, spelled
from digest.jobs.not_read import NotRead
from digest.jobs.pages import FoundPage
from digest.jobs.read import Reader, Room, Whole, anywhere, next_look, page_host
from digest.matching import grades_of, tells_inspection
from digest.parse.govuk import Gone
from digest.ports import Blocked, HostShut, InQuestion, NotModified, Reread, Unreached
from digest.reports import Reading
from digest.review import Case, edited
from digest.sources import Authority, Source, Validators, in_shadow

log = logging.getLogger(__name__)

MOST: Final = 5
"""So many pages of one source are looked at again after one poll at most."""

_LATER: Final = timedelta(hours=1)
_GIVEN_UP: Final = timedelta(days=14)  # after it was read, or its entry changed
_IN_COMMON: Final = 0.3  # the share of the words of a page that its edited form has at least


class Looked(Enum):
    """When to look at a page again that is not stored as edited."""

    NOTHING_NEW = auto()  # at the usual time
    AGAIN_SOON = auto()  # soon: it could not be compared to the end
    NOT_AGAIN = auto()  # another item has its address now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A report as it was read of a page last, and as the page tells it now."""

    before: Candidate
    now: Candidate
    case: Case | None  # None: it is in shadow, or was read of the baseline
    judged: Judged

    @property
    def regraded(self) -> bool:
        return _regraded(self.case, self.before, self.now)


_NOT_TOLD: Final = Judged(
    verdict=Verdict.QUESTION, why=("the page tells of several providers, and not of it",)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Looks again at pages that were read, with the ports of a `Reader`."""

    reader: Reader

    async def look_again(self, source: Source, room: Room = anywhere) -> int:
        """Look at the pages of an inspectorate's source that are due. One that fails affects no other.

        `room` gives leave to ask a host. Returns how many of them tell of another inspection: they wait to be
        read as new items.
        """
        if source.authority is not Authority.OFFICIAL:
            return 0
        versions, now = self.reader.store.versions, self.reader.clock.now()
        try:
            waiting = await versions.to_look_at(source.id, limit=MOST, now=now)
        except StoreError:
            raise
        except Exception:
            log.exception("no page was looked at again", extra={"source": source.id})
            return 0
        new = 0
        for one in waiting:
            try:
                async with room(page_host(one.item) or source.host):
                    new += await self._look(source, one, now)
            except (ParseError, OverrunError):
                await versions.looked(one.id, next_look=next_look(one.since, now))
            except Exception:
                log.exception("a page was not looked at again", extra={"source": source.id, "item": one.id})
                await versions.looked(one.id, next_look=next_look(one.since, now))
        return new

    async def _look(self, source: Source, one: Reread, now: datetime) -> bool:
        """Look at a page; whether it tells of another inspection."""
        looked: Looked | None = Looked.NOTHING_NEW
        later: datetime | None = None
        if one.by_words:
            looked = await self._compare(source, one, self.reader.words(one.item, one.page.url))
        else:
            sent = Validators(etag=one.page.etag, last_modified=one.page.last_modified)
            match await self.reader.pages.page_of(source, one.item.link or "", sent):
                case FoundPage() as found:
                    looked = await self._compare(source, one, found)
                case Gone(why=why):
                    fields = {"source": source.id, "item": one.id, "trouble": why}
                    log.warning("a page that was read was taken away", extra=fields)
                case HostShut(wait=wait) | Unreached(wait=wait) if now < one.since + _GIVEN_UP:
                    later = now + max(wait or _LATER, _LATER)
                case NotModified() | Blocked() | HostShut() | Unreached():
                    pass
        if looked is Looked.AGAIN_SOON:
            later = now + _LATER
        if looked in {Looked.NOTHING_NEW, Looked.AGAIN_SOON}:
            upcoming = later or next_look(one.since, now)
            await self.reader.store.versions.looked(one.id, next_look=upcoming)
        return looked is Looked.NOT_AGAIN

    async def _compare(self, source: Source, one: Reread, given: FoundPage) -> Looked | None:
        """Store a page that was edited, and what follows from it; otherwise say when to look again."""
        if given.content is not None and given.content.withdrawn is not None:
            return await self._withdrawn(source, one, given.page, given.content.withdrawn)
        found = await self._found(source, one, given)
        if isinstance(found, Looked):
            return found
        fields = {"source": source.id, "item": one.id}
        now = await self.reader.candidates(source, one.id, one.item, found)
        if _is_rewritten(one.reading, found.reading) and not any(map(tells_inspection, now)):
            log.warning("another page stands in the place of one that was read", extra=fields)
            return Looked.NOTHING_NEW
        pairs = await self._pairs(source, one, found, now)
        verdict = _of_the_page(pairs)
        if verdict is Verdict.NEW_REPORT:
            return await self._succeeded(source, one, pairs, found.page.fetched_at)
        try:
            notes = [note for pair in pairs if (note := await self._settle(one, pair, verdict, found))]
        except Overtaken:
            return Looked.AGAIN_SOON
        if verdict is Verdict.QUESTION and notes:
            log.warning("operators are asked about an edited page", extra=fields | {"why": "; ".join(notes)})
            return Looked.NOTHING_NEW
        await self._keep(one, found, notes, fields)
        return None

    async def _withdrawn(self, source: Source, one: Reread, page: Page, why: str) -> Looked:
        """Ask operators about the reports of a page that its publisher has withdrawn."""
        if one.asked is not None:
            return Looked.NOTHING_NEW
        fields = {"source": source.id, "item": one.id, "why": why}
        log.warning("a page that was read was withdrawn", extra=fields)
        earlier = Whole(page=one.page, reading=one.reading)
        for before in await self.reader.candidates(source, one.id, one.item, earlier):
            case = await self._case(before.key)
            if case is not None and grades_of(case.read):
                asked = InQuestion(
                    candidate=self._of_case(case, before),
                    page=page,
                    reading=one.reading,
                    reason=f"its publisher has withdrawn the page {why}",
                )
                await self.reader.store.versions.question(one.id, asked)
        return Looked.NOTHING_NEW

    async def _found(self, source: Source, one: Reread, given: FoundPage) -> Whole | Looked:
        """What a page says now, if it is another than before; otherwise when to look again."""
        last = given.page.fetched_at >= one.since + _GIVEN_UP
        try:
            found = await self.reader.whole_of(source, one.item, given, last=last, words=one.by_words)
        except (ParseError, OverrunError):
            return Looked.NOTHING_NEW
        if isinstance(found, NotRead):
            if not found.wall:
                return Looked.AGAIN_SOON  # a part of the report does not answer
            fields = {"source": source.id, "item": one.id, "trouble": found.trouble}
            log.warning("a page that was read is no report now", extra=fields)
            return Looked.NOTHING_NEW
        if one.asked is not None and _says_the_same(one.asked, found.reading):
            return Looked.NOTHING_NEW  # operators are asked about it
        if _says_the_same(one.reading, found.reading):
            if one.asked is not None:
                await self.reader.store.versions.no_question(one.id)
            return Looked.NOTHING_NEW
        return replace(found, reading=replace(found.reading, from_feed=one.reading.from_feed))

    async def _keep(self, one: Reread, found: Whole, notes: Sequence[str], fields: dict[str, object]) -> None:
        note = "; ".join(notes) or "no grade has changed"
        if found.publishers_note:
            note = f"{note}; its publisher says: {found.publishers_note}"
        await self.reader.store.versions.page_edited(
            one.id,
            found.page,
            found.reading,
            parts=found.parts,
            note=note,
            next_look=next_look(one.since, found.page.fetched_at),
        )
        log.warning("a page was edited after it was read", extra=fields | {"changed": note})

    async def _pairs(
        self, source: Source, one: Reread, found: Whole, now: Sequence[Candidate]
    ) -> list[_Pair]:
        """Each report that was read of the page, beside what the page tells of its provider now."""
        earlier = Whole(page=one.page, reading=one.reading)
        first = replace(one.item, published_at=one.dated)
        made = await self.reader.candidates(source, one.id, first, earlier)
        alone = len(made) == len(now) == 1
        pairs = []
        for before in made:
            same = list(now) if alone else [c for c in now if c.provider == before.provider]
            case = await self._case(before.key)
            if len(same) == 1:
                verdict = judged(_edit(one, found, before, same[0], case))
                pairs.append(_Pair(before=before, now=same[0], case=case, judged=verdict))
            elif grades_of(before):
                pairs.append(_Pair(before=before, now=now[0], case=case, judged=_NOT_TOLD))
        return pairs

    async def _case(self, key: StoryKey) -> Case | None:
        """The case of a report. One that was filed before under another address has the case of that."""
        case = await self.reader.store.review.case(key)
        repeats = case.candidate.repeats if case else None
        return await self.reader.store.review.case(repeats.key) if repeats else case

    async def _succeeded(
        self, source: Source, one: Reread, pairs: Sequence[_Pair], now: datetime
    ) -> Looked | None:
        """Let the page be read as that of a new item, unless its report was filed already."""
        fields = {
            "source": source.id,
            "item": one.id,
            "why": "; ".join(w for p in pairs for w in p.judged.why),
        }
        store = self.reader.store
        if all([await self.reader.is_filed(pair.now) for pair in pairs]):
            log.info("another inspection stands under the address of an item, and was filed", extra=fields)
            return Looked.NOTHING_NEW
        polled = {memory.source: memory for memory in await store.sources.polled()}.get(source.id)
        shadow = in_shadow(source, polled, now)
        new = await store.versions.succeeded(one.id, now=now, shadow=shadow)
        log.warning("another inspection stands under the address of an item", extra=fields | {"new": new})
        return Looked.NOT_AGAIN if new is not None else Looked.NOTHING_NEW

    async def _settle(self, one: Reread, pair: _Pair, verdict: Verdict, found: Whole) -> str | None:
        """Do what follows from an edit of one report; in words what was done, None if nothing follows.

        `Overtaken` if an edition or an operator came first.
        """
        case, versions = pair.case, self.reader.store.versions
        if case is None:
            if pair.regraded:
                await versions.shadowed([pair.now])
            return None
        if verdict is Verdict.QUESTION:
            if pair.judged.verdict is Verdict.WORDING and not _asks(pair):
                return None
            return await self._ask(one, pair, case, found)
        if pair.judged.verdict is not Verdict.CORRECTION:
            return None
        changed = f"{_words(case.read)}, now {_words(pair.now)}"
        told = case.candidate.told_on
        if not await versions.amend(case, edited(case, self._of_case(case, pair.now))):
            raise Overtaken(f"item {case.key.item} was told or decided on while its page was compared")
        return f"{changed}: {'the next edition corrects it' if told else 'it is told as it is now'}"

    async def _ask(self, one: Reread, pair: _Pair, case: Case, found: Whole) -> str:
        changed = f"{_words(case.read)}, now {_words(pair.now)}"
        asked = InQuestion(
            candidate=self._of_case(case, pair.now),
            page=found.page,
            reading=found.reading,
            reason=f"{_question(case, pair)}: {'; '.join((changed, *pair.judged.why))}",
        )
        await self.reader.store.versions.question(one.id, asked)
        return asked.reason

    def _of_case(self, case: Case, now: Candidate) -> Candidate:
        """A candidate in the place of the one that was read before."""
        before = case.candidate
        # What waits is new: an edition that is made of it meanwhile is made again.
        at = before.found_at if before.told_on else self.reader.clock.now()
        return replace(now, key=case.key, found_at=at, published=before.published)


def _edit(one: Reread, found: Whole, before: Candidate, now: Candidate, case: Case | None) -> Edit:
    return Edit(
        before=before,
        now=now,
        known=case.read.dated if case else before.published or one.read_at.date(),
        regraded=_regraded(case, before, now),
        rewritten=_is_rewritten(one.reading, found.reading),
        pages_dated=(one.reading.published, found.reading.published),
        listed=(one.dated, one.item.last_dated),
        recent=found.page.fetched_at - one.read_at <= RECENT,
        on=found.page.fetched_at.date(),
    )


def _regraded(case: Case | None, before: Candidate, now: Candidate) -> bool:
    read = case.read if case else before
    return grades_of(read) != grades_of(now) or read.withdraws is not now.withdraws


def _of_the_page(pairs: Sequence[_Pair]) -> Verdict:
    """What a page is, of whose reports each was judged: in doubt about one, operators are asked."""
    verdicts = {pair.judged.verdict for pair in pairs}
    if verdicts == {Verdict.NEW_REPORT}:
        return Verdict.NEW_REPORT
    if verdicts & {Verdict.NEW_REPORT, Verdict.QUESTION} or any(map(_asks, pairs)):
        return Verdict.QUESTION
    return Verdict.CORRECTION if Verdict.CORRECTION in verdicts else Verdict.WORDING


def _asks(pair: _Pair) -> bool:
    """Whether operators are asked about an edit because one of them had decided about the report."""
    return pair.case is not None and bool(pair.case.decided) and pair.regraded


def _question(case: Case, pair: _Pair) -> str:
    if case.decided:
        return "the page was edited after your decision"
    if pair.regraded and not grades_of(pair.now) and not pair.now.withdraws:
        return "the page no longer gives the rating"
    return "the page was edited, or tells of another inspection"


def _words(candidate: Candidate) -> str:
    if candidate.withdraws:
        return "withdrawn"
    return ", ".join(f"{aspect} {grade}" for aspect, grade in grades_of(candidate).items()) or "no rating"


def _says_the_same(before: Reading, now: Reading) -> bool:
    return spelled(before.text) == spelled(now.text) and spelled(before.title) == spelled(now.title)


def _is_rewritten(before: Reading, now: Reading) -> bool:
    """Whether a page has hardly a word in common with the earlier one, as an apology or a list of news."""
    words, others = ({*re.findall(r"\w{3,}", spelled(f"{r.title} {r.text}"))} for r in (before, now))
    return len(words & others) < _IN_COMMON * len(words)
