"""`digest sources list` and `show`: how the sources are, and what is remembered of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    instant,
    opened,
    say_each,
    say_one,
    waiting,
)
from digest.errors import Refused
from digest.present.tidy import one_line
from digest.wording import counted

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from digest.edition import Candidate
    from digest.jobs.standings import Standing
    from digest.ports import HeldBatch, ListedItem
    from digest.rhythm import Rhythm
    from digest.settings import Settings
    from digest.store.sql import SqlStore

NEWEST: Final = 10
"""So many items are shown of a source."""

ASIDE_FOR: Final = timedelta(days=30)
"""New items that were no news are shown for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """How a source is, and what is held of it."""

    standing: Standing
    held: HeldBatch | None
    off: bool = False  # it is switched off in sources.yaml

    @property
    def state(self) -> str:
        return "off" if self.off else self.standing.health

    @property
    def shadow_until(self) -> datetime | None:
        """When its shadow ends; None: it is not in shadow, or has listed nothing yet."""
        polled, length = self.standing.polled, self.standing.source.shadow
        begun = polled is not None and polled.began_at
        return begun + length if begun and length and self.standing.facts.shadow else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """All that is shown of one source."""

    seen: _Seen
    aside: list[ListedItem]
    newest: list[ListedItem]
    in_shadow: list[Candidate]
    address: str | None  # to which its newsletters come, if they come here
    newsletters: Mapping[str, int]  # how many there are of each state
    doubts: list[tuple[str, ...]]  # what operators would be asked about each of them
    zone: ZoneInfo


def list_(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the sources, and how each is. One that is switched off in sources.yaml is `off`.

    Example: digest sources list
    """
    found = waiting(_list(config))
    say_each(found, nothing="there is no source", text=_line, json=_json, as_json=as_json)


def show(
    source: Annotated[str, typer.Argument(metavar="ID", help="The id of the source in sources.yaml.")],
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show a source: its polls, its rhythm, and what is held.

    It names the new items that were no news, and why, and what a source in shadow would have told.

    Example: digest sources show prisons-blog
    """
    found = waiting(_show(config, source))
    say_one(found, text=lambda one: "\n".join(_lines(one)), json=_show_json, as_json=as_json)


async def _list(config: Path) -> list[_Seen]:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (settings, store):
        return await _seen(settings, store, SystemClock().now(), config)


async def _show(config: Path, id: str) -> _Shown:
    from digest.adapters.clock import SystemClock
    from digest.app.composing import our_addresses
    from digest.source_specs import MailboxSpec

    now = SystemClock().now()
    async with opened(config) as (settings, store):
        found = [one for one in await _seen(settings, store, now, config) if one.standing.source.id == id]
        if not found:
            raise Refused(f"{id}: no source has that id; `digest sources list` has all")
        [seen] = found
        here = isinstance(spec := seen.standing.source.spec, MailboxSpec) and spec.account is None
        in_shadow = await store.admissions.in_shadow(id)
        return _Shown(
            seen=seen,
            aside=await store.admissions.set_aside(id, since=now - ASIDE_FOR, limit=NEWEST),
            newest=await store.admissions.newest(id, limit=NEWEST),
            address=our_addresses(settings).of_newsletters(id) if here and settings.receiving else None,
            newsletters=Counter(str(one.state) for one in await store.newsletters.all(id)),
            in_shadow=in_shadow,
            doubts=await _doubts(store, in_shadow),
            zone=settings.edition.zone,
        )


async def _doubts(store: SqlStore, candidates: Sequence[Candidate]) -> list[tuple[str, ...]]:
    from digest.review import doubts_of

    if not candidates:
        return []
    register = await store.providers.register()

    def known(one: Candidate) -> bool:
        return one.origin is not None or one.provider is None or register.get(one.provider) is not None

    return [tuple(doubts_of(one, known=known(one))) for one in candidates]


async def _seen(settings: Settings, store: SqlStore, now: datetime, config: Path) -> list[_Seen]:
    """Every source in the order of the file, also those that are switched off."""
    from digest.adapters.config.files import load_sources
    from digest.jobs.standings import standings

    listed = load_sources(config)
    off = {entry.id for entry in listed.sources if not entry.enabled}
    held = await store.admissions.held()
    every = [entry.source(listed.defaults) for entry in listed.sources]
    found = await standings(every, store, now, settings.silent_days)
    return [_Seen(standing=one, held=held.get(one.source.id), off=one.source.id in off) for one in found]


def _line(one: _Seen) -> str:
    source = one.standing.source
    return f"{source.id}  {one.state}  {source.name}\n    {'; '.join(_state(one))}"


def _state(one: _Seen) -> Iterator[str]:
    polled, facts = one.standing.polled, one.standing.facts
    if one.off:
        yield "switched off in sources.yaml"
    yield f"last good check {instant(facts.checked_at)}" if facts.checked_at else "no good check yet"
    if facts.trouble:
        yield one_line(facts.trouble)
    if facts.paused and polled:
        yield f"paused until {instant(polled.paused_until) if polled.paused_until else 'you resume it'}"
    if facts.held:
        yield f"{counted(facts.held, 'item is', 'items are')} held"
    if polled and polled.held_at:
        yield f"all that is new is held since {instant(polled.held_at)}"
    if facts.shadow:
        end = f"until {instant(one.shadow_until)}" if one.shadow_until else "from its first list on"
        yield f"in shadow {end}: only operators see what it lists"


def _lines(shown: _Shown) -> Iterator[str]:
    one, source, polled = shown.seen, shown.seen.standing.source, shown.seen.standing.polled
    yield f"{source.id}: {source.name}"
    yield f"  {source.url}"
    yield f"  {one.state}; {'; '.join(_state(one))}"
    yield from _newsletters(shown)
    if polled and polled.baselined_at:
        yield f"  baseline of {instant(polled.baselined_at)}; {_rhythm(one.standing.rhythm)}"
    if polled and polled.url and polled.url != source.url:
        yield f"  its last list came from {one_line(polled.url)}: the next one is compared with it"
    if polled and polled.moved_to:
        yield f"  its server says that it has moved for good to {one_line(polled.moved_to)}: change its url"
    if one.held:
        yield ""
        yield f"held since {instant(one.held.since)}: {counted(one.held.count, 'item')}, {one.held.why}"
        yield from (f"  {_item(item, shown.zone)}" for item in one.held.sample)
        if one.held.count > len(one.held.sample):
            yield f"  and {one.held.count - len(one.held.sample)} more"
        yield f"  `digest sources release {source.id}` has them read and told;"
        yield f"  `digest sources baseline {source.id}` has them known only"
    if shown.in_shadow:
        yield ""
        yield "what editions would have told:"
        yield from (f"  {_told(*one)}" for one in zip(shown.in_shadow, shown.doubts, strict=True))
    if shown.aside:
        yield ""
        yield "new in the last 30 days, and no news:"
        yield from (f"  {_item(item, shown.zone)}: {item.why}" for item in shown.aside)
    if shown.newest:
        yield ""
        yield "listed last:"
        yield from (f"  {_item(item, shown.zone)}, {item.state}" for item in shown.newest)


def _newsletters(shown: _Shown) -> Iterator[str]:
    if shown.address:
        yield f"  its newsletters come to {shown.address}"
    if shown.newsletters:
        came = ", ".join(f"{count} {state}" for state, count in sorted(shown.newsletters.items()))
        id = shown.seen.standing.source.id
        yield f"  newsletters that came: {came} (`digest received newsletters {id}`)"


def _rhythm(rhythm: Rhythm) -> str:
    if rhythm.gap is None:
        return f"{counted(rhythm.items, 'new item')} since, too few to know its rhythm"
    day = "day of work" if rhythm.weekdays else "day"
    often = f"something new every {day}" if rhythm.gap <= 1 else f"something new every {rhythm.gap:g} {day}s"
    return f"{often}, at most {rhythm.largest_batch()} at once are likely"


def _item(item: ListedItem, zone: ZoneInfo) -> str:
    dated = f"{item.published_at.astimezone(zone):%d %b %Y}" if item.published_at else "undated"
    return f"{one_line(item.title)} ({dated}) {item.link or 'no link'}"


def _told(candidate: Candidate, doubts: Sequence[str]) -> str:
    changes = "; ".join(
        f"{change.movement} {change.before or 'nothing'} to {change.after or 'nothing'}"
        for change in candidate.changes
    )
    who = candidate.provider_name or candidate.title
    asked = f"; as a movement only once you accept it: {one_line(doubts[0])}" if doubts else ""
    return f"{one_line(who)}{f': {changes}' if changes else ''} {candidate.link}{asked}"


def _json(one: _Seen) -> dict[str, Any]:
    source, polled, facts = one.standing.source, one.standing.polled, one.standing.facts
    return {
        "source": source.id,
        "name": source.name,
        "url": source.url,
        "health": one.state,
        "checked_at": facts.checked_at,
        "trouble": facts.trouble,
        "new_this_week": one.standing.new,
        "held": facts.held,
        "holding_since": polled.held_at if polled else None,
        "paused": facts.paused,
        "paused_until": polled.paused_until if polled and facts.paused else None,
        "shadow": facts.shadow,
        "shadow_until": one.shadow_until,
    }


def _show_json(shown: _Shown) -> dict[str, Any]:
    one, polled, rhythm = shown.seen, shown.seen.standing.polled, shown.seen.standing.rhythm
    return _json(one) | {
        "began_at": polled.began_at if polled else None,
        "baselined_at": polled.baselined_at if polled else None,
        "next_poll_at": polled.next_poll_at if polled else None,
        "failures": polled.failures if polled else 0,
        "last_list_from": polled.url if polled else None,
        "moved_to": polled.moved_to if polled else None,
        "newsletters_come_to": shown.address,
        "newsletters": dict(shown.newsletters),
        "rhythm": {
            "days": rhythm.on_days,
            "items": rhythm.items,
            "last": rhythm.last,
            "usual_gap_days": rhythm.gap,
            "longest_gap_days": rhythm.longest_gap,
            "weekdays_only": rhythm.weekdays,
            "quiet_from": rhythm.quiet_from(),
            "largest_batch": rhythm.largest_batch(),
        },
        "held_items": [_item_json(item) for item in one.held.sample] if one.held else [],
        "held_why": one.held.why if one.held else None,
        "no_news": [_item_json(item) for item in shown.aside],
        "newest": [_item_json(item) for item in shown.newest],
        "would_have_told": [
            {
                "provider": candidate.provider,
                "title": candidate.title,
                "link": candidate.link,
                "found_at": candidate.found_at,
                "movements": [
                    {
                        "aspect": change.aspect,
                        "movement": change.movement,
                        "before": change.before,
                        "after": change.after,
                    }
                    for change in candidate.changes
                ],
                "doubts": doubts,
            }
            for candidate, doubts in zip(shown.in_shadow, shown.doubts, strict=True)
        ],
    }


def _item_json(item: ListedItem) -> dict[str, Any]:
    return {
        "item": item.id,
        "title": item.title,
        "link": item.link,
        "published_at": item.published_at,
        "first_seen_at": item.first_seen_at,
        "state": item.state,
        "why": item.why,
    }
