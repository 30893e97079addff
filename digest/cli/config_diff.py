"""`digest config diff`: what an edit of the config files would change, down to the next edition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    complain,
    instant,
    opened,
    say,
    say_json,
    waiting,
)
from digest.present.tidy import clip, one_line
from digest.wording import counted

if TYPE_CHECKING:
    from digest.edition import Edition, Story
    from digest.ports import AppliedConfig
    from digest.schedule import Timetable
    from digest.settings.record import Difference, SourceChanges
    from digest.sources import Source
    from digest.store.sql import SqlStore

_AT_ONCE: Final = 1000
_LONGEST_VALUE: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edition:
    """The next edition under one of the two configs."""

    edition: Edition
    noon: datetime
    recipients: int | None  # None: for whom a trial was is not in the record


@dataclass(frozen=True, slots=True, kw_only=True)
class _Diff:
    applied: AppliedConfig  # what the files are compared with
    waits: tuple[str, ...]  # the keys that wait for a restart of the process that took them over
    found: tuple[tuple[Difference, str | None], ...]  # each with its file and line
    at_the_start: frozenset[str]  # keys of `found` that need a restart
    sources: SourceChanges
    old: _Edition | None  # None: another version has written the record
    new: _Edition


def diff(
    config: ConfigDirectory = DEFAULT_CONFIG,
    running: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="The directory that the service runs on, if the edit is in a copy of it."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what an edit would change.

    The files are compared with what the running service has last taken over: settings and sources, and the
    stories and the number of recipients of the next edition. A service takes edits over within seconds; make
    the edit in a copy of the directory to see first what it does.
    Exit code 0: no difference. 1: there are differences. 2: the files are wrong. 3: there is no state, or no
    service has run on it.

    Example: digest config diff --config /tmp/edited --running /etc/digest
    """
    found = waiting(_compared(config, running or config))
    if found is None:
        complain("no service has run on this state, so there is nothing to compare with")
        raise typer.Exit(Exit.NO_STATE)
    if as_json:
        say_json(_json(found))
    else:
        for line in _lines(found):
            say(line)
    if found.found:
        raise typer.Exit(Exit.FAILED)


async def _compared(edited: Path, running: Path) -> _Diff | None:
    from digest.adapters.clock import SystemClock
    from digest.adapters.config.files import load_sources
    from digest.adapters.config.lines import Lines
    from digest.addresses import allowed_by
    from digest.app.directory import check_directory, configured, place_of
    from digest.errors import ConfigError
    from digest.settings.differences import needs_restart
    from digest.settings.record import differences, of_the_edition, record_of, source_changes
    from digest.tokens import KeyUse, text_seal

    wanted = check_directory(edited)
    if wanted.settings is None or not (not wanted.problems or wanted.lacks_only_secrets):
        raise ConfigError(wanted.problems)
    _, secrets = configured(running)
    seal = text_seal(secrets.derived(KeyUse.CONFIG))
    new = record_of(wanted.settings, load_sources(edited), edited, seal)
    async with opened(running) as (_, store):
        every = await store.configs.all()
        here = [one for one in every if one.place == place_of(running)]
        if not every:
            return None
        applied = (here or every)[0]
        found = differences(applied.record, new)
        lines, now = Lines(edited), SystemClock().now()
        earlier = of_the_edition(applied.record)
        trial = any(one.key == "relay.only_to" for one in found)
        allowed = allowed_by(wanted.settings.relay.only_to)
        timetable, sources = wanted.settings.edition.timetable, wanted.settings.sources
        return _Diff(
            applied=applied,
            waits=applied.restart if applied.waits(now) else (),
            found=tuple((one, lines.of(one.key)) for one in found),
            at_the_start=frozenset(one.key for one in found if needs_restart(one.key)),
            sources=source_changes(applied.record, new),
            old=earlier and await _edition(*earlier, store, now, None if trial else allowed),
            new=await _edition(timetable, sources, store, now, allowed),
        )


async def _edition(
    timetable: Timetable,
    sources: Iterable[Source],
    store: SqlStore,
    now: datetime,
    allowed: Callable[[str], bool] | None,
) -> _Edition:
    from digest.jobs.publish import upcoming

    edition = await upcoming(timetable=timetable, sources=sources, store=store, now=now)
    return _Edition(
        edition=edition,
        noon=timetable.noon_of(edition.day),
        recipients=None if allowed is None else await _recipients(edition, store, allowed),
    )


async def _recipients(edition: Edition, store: SqlStore, allowed: Callable[[str], bool]) -> int:
    """How many subscribers who are active now would get a story of the edition.

    `allowed` says whether an address may be written to: a trial is for a few.
    """
    from digest.subscriptions import Selection, Standing, Wishes
    from digest.wishes import personal_edition

    register = await store.providers.register()
    wanted: dict[Wishes, bool] = {}
    count = last = 0
    while page := await store.people.page(Selection(standing=Standing.ACTIVE), after=last, limit=_AT_ONCE):
        for one in page:
            if one.wishes not in wanted:
                wanted[one.wishes] = personal_edition(edition, (), one.wishes, register) is not None
            count += wanted[one.wishes] and one.since <= edition.cutoff and allowed(one.address)
        last = page[-1].subscriber
    return count


# -- in words -------------------------------------------------------------------------------------------


def _lines(found: _Diff) -> Iterator[str]:
    yield f"the service took its files over {instant(found.applied.applied_at)}: {found.applied.place}"
    if found.waits:
        yield f"waits for a restart already: {', '.join(found.waits)}"
    if not found.found:
        yield "no difference"
        return
    for one, line in found.found:
        yield f"{line or 'left out now'}: {one.key}: {_values(one)}{_restart(one, found)}"
    for what, ids in asdict(found.sources).items():
        if ids:
            yield f"sources {what}: {', '.join(ids)}"
    yield from _edition_lines(found)


def _restart(one: Difference, found: _Diff) -> str:
    return " (restart to apply)" if one.key in found.at_the_start else ""


def _values(one: Difference) -> str:
    if not one.shown:
        return "changed; its values are not shown"
    return f"{_value(one.old)} -> {_value(one.new)}"


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return clip(one_line(", ".join(map(str, value))), _LONGEST_VALUE) or "nothing"
    return clip(one_line(str(value).lower() if isinstance(value, bool) else str(value)), _LONGEST_VALUE)


def _edition_lines(found: _Diff) -> Iterator[str]:
    if found.old is not None:
        yield f"the next edition as it is:    {_edition_line(found.old)}"
    yield f"the next edition with the edit: {_edition_line(found.new)}"
    for mark, story in _moved(found):
        yield f"  {mark} {_story(story)}"


def _edition_line(one: _Edition) -> str:
    stories = counted(len(one.edition.stories), "story", "stories")
    to = "not known for how many" if one.recipients is None else counted(one.recipients, "recipient")
    return f"{one.edition.day}, sent from {instant(one.noon)}, {stories}, {to}"


def _moved(found: _Diff) -> Iterator[tuple[str, Story]]:
    """The stories that only one of the two editions has: "-" before, "+" after."""
    old = {story.key: story for story in found.old.edition.stories} if found.old else {}
    new = {story.key: story for story in found.new.edition.stories}
    if found.old is not None:
        yield from (("-", story) for key, story in old.items() if key not in new)
        yield from (("+", story) for key, story in new.items() if key not in old)


def _story(story: Story) -> str:
    return f"{story.section}: {one_line(story.provider_name or story.title)}"


# -- in JSON --------------------------------------------------------------------------------------------


def _json(found: _Diff) -> dict[str, Any]:
    return {
        "compared_with": {
            "process": found.applied.process,
            "place": found.applied.place,
            "applied_at": found.applied.applied_at,
            "restart": list(found.waits),
        },
        "settings": [
            {
                "key": one.key,
                "old": one.old if one.shown else None,
                "new": one.new if one.shown else None,
                "shown": one.shown,
                "at": line,
                "restart": one.key in found.at_the_start,
            }
            for one, line in found.found
        ],
        "sources": asdict(found.sources),
        "edition": {
            "old": found.old and _edition_json(found.old),
            "new": _edition_json(found.new),
            "stories": [
                {"only_in": "old" if mark == "-" else "new", "story": _story(s)} for mark, s in _moved(found)
            ],
        },
    }


def _edition_json(one: _Edition) -> dict[str, Any]:
    return {
        "day": one.edition.day,
        "cutoff": one.edition.cutoff,
        "noon": one.noon,
        "stories": [_story(story) for story in one.edition.stories],
        "recipients": one.recipients,
    }
