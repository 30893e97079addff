"""`digest status`: the state of the service; with --watch, today's edition while it is sent."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.addresses import masked
from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    answered,
    opened,
    say,
    say_json,
    waiting,
)
from digest.wording import counted

if TYPE_CHECKING:
    from digest.deliveries import Progress
    from digest.ports import Store
    from digest.schedule import Timetable
    from digest.settings import Settings
    from digest.store.sql import SqlStore

LIVE: Final = timedelta(seconds=1)
_COURTESY: Final = 4
"""Between two looks passes at least this many times the time of a look: else watching slows the sending."""

Watch = Annotated[
    bool, typer.Option("--watch", help="Follow today's edition until it is complete or you press Ctrl-C.")
]
Every = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", min=0.1, help="With --watch into a file or pipe: time between two lines."
    ),
]


def status(
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
    watch: Watch = False,
    every: Every = 10.0,
) -> None:
    """Show the state of sources, relays and today's edition.

    With --watch, it shows only the edition: a bar in a terminal, otherwise a line from time to time; with
    --json, each line is an object. Exit code 1 if the edition was not complete at its deadline.

    Examples: digest status --json; digest status --watch
    """
    if watch:
        raise typer.Exit(_follow(config, every, as_json))
    found = waiting(_status(config))
    if as_json:
        say_json(found)
        return
    edition = found["edition"]
    for line in _urgent(found):
        say(line)
    say(f"edition of {edition['day']}: {_edition(edition)}")
    for line in _sending(edition):
        say(f"  {line}")
    for relay in found["relays"]:
        say(f"relay {relay['relay']}: {_relay(relay)}")
    say(f"waiting for the next one: {counted(found['waiting'], 'report')}")
    say(f"subscriptions: {found['active']} active")
    say(f"letters that were asked for today: {_shares(found['asked_today'])}")
    if found["came_back"]:
        back = counted(found["came_back"], "delivery", "deliveries")
        say(f"refused or returned, of the last seven days' editions: {back}")
    for what, key, command in _WAITING:
        if found[key]:
            say(f"{what}: {found[key]} (`digest {command}`)")
    for line in _sources(found):
        say(line)


def _sources(found: dict[str, Any]) -> Iterator[str]:
    for source in found["sources"]:
        yield f"  {_source(source)}"
    for source in found["moved"]:
        yield f"  {source['name']} has moved permanently: change its url in sources.yaml to {source['to']}"


_WAITING: Final = (
    ("reports that wait for your decision", "cases", "review list"),
    ("items that cannot be read", "parked_items", "sources parked"),
    ("items that were edited in the last seven days", "edited", "sources item"),
    ("received mail that waits for you", "parked", "received list"),
)


async def _status(config: Path) -> dict[str, Any]:
    from digest.adapters.clock import SystemClock
    from digest.app.directory import configured
    from digest.bounces import BACK
    from digest.membership.limits import shares_used
    from digest.subscriptions import Selection, Standing
    from digest.tokens import KeyUse, text_seal

    _, secrets = configured(config)
    async with opened(config) as (settings, store):
        now = SystemClock().now()
        day = settings.edition.timetable.day_of(now)
        sealed = await store.editions.sealed(day)
        pause = await store.pauses.current()
        progress = await store.deliveries.progress(day, now)
        back = await store.mail.came_back([day - timedelta(days=n) for n in range(7)], BACK)
        held = [one for one in await store.deliveries.held() if one.batch.edition == day]
        deadline = settings.edition.timetable.deadline_of(day)
        return {
            "paused": asdict(pause) if pause else None,
            "only_to": list(settings.relay.only_to),
            "edition": {
                "day": day,
                "sealed": sealed is not None,
                "stories": len(sealed.stories) if sealed else None,
                "deliveries": {str(s): n for s, n in progress.states.items()},
                "left": progress.left,
                "a_minute": progress.settled_lately,
                "seconds_left": progress.seconds_left if pause is None and now < deadline else None,
                "over": now >= deadline,
                "next_retry": _in_time(progress.oldest_retry, now, deadline),
                "oldest_waiting_seconds": progress.waited(
                    settings.edition.timetable.noon_of(day), now
                ).total_seconds(),
                "batches": {"all": progress.batches, "open": progress.open},
                "workers": [
                    {"name": one.owner, "batch": one.batch.number, "lease_until": one.until} for one in held
                ],
                "last_trouble": progress.trouble and {"at": progress.trouble[0], "code": progress.trouble[1]},
            },
            "relays": await _relays(settings, store),
            "waiting": len(await store.editions.waiting(now)),
            "came_back": sum(back.values()),
            "brakes": await _brakes(store),
            **await _dead_channels(settings, store, now),
            "config": await _config(store, now),
            "restart": [
                {"process": one.process, "keys": list(one.restart)}
                for one in await store.configs.all()
                if one.waits(now)
            ],
            "cases": await store.review.count(),
            "parked": await store.mail.parked_count(),
            "parked_items": await store.items.parked_count(),
            "edited": await store.versions.count(now - timedelta(days=7)),
            "line": await _line(settings, store, now),
            "asked_today": [
                asdict(share)
                for share in await shares_used(
                    store.counts,
                    text_seal(secrets.derived(KeyUse.COUNTS)),
                    settings.subscribing.per_day,
                    day,
                    now,
                )
            ],
            "active": sum((await store.people.count(Selection(standing=Standing.ACTIVE))).values()),
            "sources": await _standings(settings, store, now),
            "moved": await _moved(settings, store),
        }


async def _moved(settings: Settings, store: SqlStore) -> list[dict[str, str]]:
    """The sources whose servers say that they have moved for good, and where to."""
    moved = {polled.source: polled.moved_to for polled in await store.sources.polled()}
    return [{"name": one.name, "to": to} for one in settings.sources if (to := moved.get(one.id))]


def _urgent(found: dict[str, Any]) -> list[str]:
    """Lines about what needs an operator or restricts the sending."""
    lines = [_paused(found["paused"])] if found["paused"] else []
    lines += [_brake(brake) for brake in found["brakes"]]
    if ping := found["ping"]:
        lines.append(f"THE PING IS NOT HEARD by {ping['host']} since {_moment(ping['since'])}: {ping['why']}")
    lines += [
        f"THE CONFIG FILES in {wrong['where']} ARE WRONG since {_moment(wrong['since'])}; the last good ones "
        f"are in force: {wrong['why']}"
        for wrong in found["config"]
    ]
    if mail := found["operators_mail"]:
        lines.append(f"MAIL TO OPERATORS FAILS since {_moment(mail['since'])}: {mail['why']}")
    lines += [f"RESTART {one['process']} to apply {', '.join(one['keys'])}" for one in found["restart"]]
    if line := found["line"]:
        lines.append(
            f"OUR OWN LINE SEEMS TO BE DOWN: no source has answered since {_moment(line['since'])}; "
            f"{counted(line['silent'], 'source was', 'sources were')} asked"
        )
    if found["only_to"]:
        lines.append(f"a trial: sending only to {', '.join(found['only_to'])}")
    return lines


async def _config(store: SqlStore, now: datetime) -> list[dict[str, Any]]:
    """The config files that are wrong, so that a running service goes on with the last good ones."""
    from digest.jobs.config_trouble import about_config

    troubles = await store.troubles.all()
    return [
        {"where": where, "since": one.since, "why": one.said}
        for one in troubles
        if (where := about_config(one, now))
    ]


async def _line(settings: Settings, store: SqlStore, now: datetime) -> dict[str, Any] | None:
    """Since when no source has answered, if that shows that our own line is down; None if it is up."""
    from digest.sources import silent

    memory = await store.sources.polled()
    quiet = silent(settings.sources, memory, now)
    answers = [one.answered_at for one in memory if one.answered_at]
    return {"since": max(answers, default=quiet[0].asked_at), "silent": len(quiet)} if quiet else None


async def _brakes(store: SqlStore) -> list[dict[str, Any]]:
    """The editions of which so much came back that it counts against nobody."""
    from digest.bounces import BACK
    from digest.jobs.bounces import QUOTED, braked_day

    braked = {day: one for one in await store.troubles.all() if (day := braked_day(one))}
    back = await store.mail.came_back(braked, BACK)
    return [
        {
            "edition": day,
            "since": one.since,
            "came_back": back.get(day, 0),
            "sent": await store.mail.sent(day),
            "words": [asdict(words) for words in await store.mail.words(day, BACK, QUOTED)],
        }
        for day, one in braked.items()
    ]


def _brake(brake: dict[str, Any]) -> str:
    from digest.ports import Words

    words = "; ".join(masked(str(Words(**one))) for one in brake["words"])
    return (
        f"THE BRAKE IS ON for the edition of {brake['edition']} since {_moment(brake['since'])}: "
        f"{brake['came_back']} came back, {brake['sent']} were sent, and it ends no subscription: {words}"
    )


async def _dead_channels(settings: Settings, store: SqlStore, now: datetime) -> dict[str, Any]:
    """The monitoring service and the mail that do not reach operators; None for each that does."""
    from digest.jobs.channels import PING, dead_channels
    from digest.sending.operator_mail import MAIL

    dead = {one.name: one for one in await dead_channels(store, now)}
    ping, mail = dead.get(PING), dead.get(MAIL)
    return {
        "ping": {"host": settings.operators.ping_host, "since": ping.since, "why": ping.said}
        if ping is not None and settings.operators.ping
        else None,
        "operators_mail": {"since": mail.since, "why": mail.said}
        if mail is not None and settings.operators.mail
        else None,
    }


async def _standings(settings: Settings, store: SqlStore, now: datetime) -> list[dict[str, Any]]:
    from digest.jobs.standings import standings

    return [
        {
            "id": one.source.id,
            "name": one.source.name,
            "health": one.health,
            "checked_at": one.facts.checked_at,
            "trouble": one.facts.trouble,
            "listed": one.facts.listed,
            "new_this_week": one.new,
            "last_new_on": one.rhythm.last,
            "usual_gap_days": one.rhythm.gap,
            "quiet_from": one.rhythm.quiet_from(),
            "parked": one.facts.parked,
            "held": one.facts.held,
            "shadow": one.facts.shadow,
        }
        for one in await standings(settings.sources, store, now, settings.silent_days)
    ]


def _source(source: dict[str, Any]) -> str:
    checked = _moment(source["checked_at"]) if source["checked_at"] else "never"
    parts = [f"{source['name']}: {source['health']}", f"last good check {checked}"]
    if source["health"] == "quiet":
        usual = f"usually every {source['usual_gap_days']:g} days"
        parts.append(f"nothing new since {source['last_new_on']}, {usual}")
    if source["held"]:
        held = counted(source["held"], "item is", "items are")
        parts.append(f"{held} held (`digest sources show {source['id']}`)")
    if source["shadow"] and source["health"] != "shadow":
        parts.append("in shadow")
    if source["parked"]:
        parts.append(f"{counted(source['parked'], 'page', 'pages')} could not be read")
    return ", ".join(parts) + (f" - {source['trouble']}" if source["trouble"] else "")


def _moment(at: datetime) -> str:
    return f"{at:%a %d %b %H:%M UTC}"


def _shares(shares: list[dict[str, Any]]) -> str:
    """How much of each way's share of the day's letters is used."""
    return ", ".join(_share(one) for one in shares)


def _share(one: dict[str, Any]) -> str:
    used = f"{_WAYS[one['share']]} {one['used']:,} of {one['most']:,}"
    return f"{used} (and {one['refused']:,} that were not written)" if one["refused"] else used


_WAYS: Final = {
    "web": "on the pages",
    "mail": "by mail",
    "subscribers": "by subscribers",
    "invitations": "imports and reminders",
}


def _paused(pause: dict[str, Any]) -> str:
    said = f"by {pause['by']}: {masked(pause['why'])}"
    if pause["unknown_since"]:
        said += f"; who left after {pause['unknown_since']:%a %d %b %H:%M UTC} is not known"
    if pause["until"]:
        said += f"; it starts by itself at {pause['until']:%a %d %b %H:%M UTC}"
    return f"SENDING IS PAUSED since {pause['since']:%a %d %b %H:%M UTC} {said}"


def _in_time(retry: datetime | None, now: datetime, deadline: datetime) -> datetime | None:
    """The time of the next retry, `now` if it is in the past; None if none comes before the deadline."""
    return max(retry, now) if retry is not None and retry < deadline and now < deadline else None


async def _relays(settings: Settings, store: SqlStore) -> list[dict[str, Any]]:
    """Each relay in the settings, in the order in which they are tried."""
    from digest.relays import health

    known = health(await store.relays.reports())
    servers = (settings.relay, *settings.relay.fallbacks)
    found = []
    for address in dict.fromkeys(f"{server.host}:{server.port}" for server in servers):
        standing = known.get(address)
        found.append(asdict(standing) if standing else {"relay": address, "up": None})
    return found


def _relay(relay: dict[str, Any]) -> str:
    if relay["up"] is None:
        return "not dialled lately"
    when = f"since {relay['since']:%a %d %b %H:%M UTC}, last dialled at {relay['at']:%H:%M UTC}"
    if relay["up"]:
        return f"reachable {when}"
    of = f" by {relay['without']} of {relay['workers']} workers" if relay["workers"] > 1 else ""
    return f"NOT REACHABLE{of} {when}: {answered(relay['code'], relay['trouble'])}"


def _edition(edition: dict[str, Any]) -> str:
    if not edition["sealed"]:
        return "not assembled yet"
    counts = ", ".join(f"{count} {state}" for state, count in edition["deliveries"].items())
    return f"{counted(edition['stories'], 'story', 'stories')}; {counts or 'no recipients'}"


def _sending(edition: dict[str, Any]) -> list[str]:
    """Lines about the sending while it goes on."""
    lines = []
    if edition["left"]:
        pace = f"{edition['a_minute']} in the last minute"
        if edition["seconds_left"] is not None:
            pace += f", done in about {max(1, round(edition['seconds_left'] / 60))} min"
        if edition["over"]:
            lines.append(f"{edition['left']} not made in time; they come with the next edition, marked late")
        else:
            lines.append(f"{edition['left']} not sent yet; {pace}")
    if edition["oldest_waiting_seconds"] >= 1 and not edition["over"]:
        minutes, seconds = divmod(round(edition["oldest_waiting_seconds"]), 60)
        lines.append(f"the one that waits longest has been due for {minutes} min {seconds} s")
    if edition["left"] and edition["next_retry"]:
        lines.append(f"the next retry of a deferred one is at {edition['next_retry']:%H:%M UTC}")
    for worker in edition["workers"]:
        until = f"{worker['lease_until']:%H:%M:%S UTC}"
        lines.append(f"{worker['name']} holds batch {worker['batch']} until {until}")
    if edition["last_trouble"]:
        code = edition["last_trouble"]["code"] or "no answer"
        lines.append(f"the last try that failed: {code}, at {edition['last_trouble']['at']:%H:%M UTC}")
    return lines


# -- --watch ----------------------------------------------------------------------------------------------


class Phase(Enum):
    """What today's edition is doing."""

    AHEAD = "not planned yet"
    PLANNED = "planned, to be sent from noon on"
    SENDING = "sending"
    PAUSED = "SENDING IS PAUSED"
    COMPLETE = "complete"
    OVER = "its time is over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the edition of a day."""

    day: date
    at: datetime
    standing: Phase
    done: int
    planned: int
    a_minute: int  # settled in the last minute
    seconds_left: float | None

    @property
    def last(self) -> bool:
        """Whether the edition does not change any more."""
        return self.standing in {Phase.COMPLETE, Phase.OVER}

    def pace(self) -> str:
        words = [f"{self.a_minute:,} a minute"]
        if self.seconds_left is not None:
            words.append(f"{_span(self.seconds_left)} to go")
        return ", ".join(words)

    def __str__(self) -> str:
        line = f"{self.at:%H:%M:%S} UTC, edition of {self.day}: {self.standing.value}"
        return (
            line if self.standing is Phase.AHEAD else f"{line}, {self.done:,}/{self.planned:,}, {self.pace()}"
        )

    def plain(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "at": self.at.isoformat(),
            "standing": self.standing.name.lower(),
            "done": self.done,
            "planned": self.planned,
            "a_minute": self.a_minute,
            "seconds_left": self.seconds_left,
        }


def _follow(config: Path, every: float, as_json: bool) -> Exit:
    """Show each look until the edition is complete, its time is over, or Ctrl-C."""
    live = sys.stdout.isatty() and not as_json
    show = _bar() if live else _lines(as_json)
    with contextlib.suppress(KeyboardInterrupt), show as told:
        return waiting(_watch(config, LIVE.total_seconds() if live else every, told))
    return Exit.DONE


async def _watch(config: Path, every: float, told: Callable[[Look], None]) -> Exit:
    standing = Phase.AHEAD
    async for look in _looks(config, every):
        told(look)
        standing = look.standing
    return Exit.FAILED if standing is Phase.OVER else Exit.DONE


async def _looks(config: Path, every: float) -> AsyncIterator[Look]:
    import asyncio

    from digest.adapters.clock import SystemClock

    clock = SystemClock()
    async with opened(config) as (settings, store):
        timetable = settings.edition.timetable
        day = timetable.day_of(clock.now())
        while True:
            began = time.monotonic()
            look = await _look(store, timetable, day, clock.now())
            yield look
            if look.last:
                return
            await asyncio.sleep(max(every, (time.monotonic() - began) * _COURTESY))


async def _look(store: Store, timetable: Timetable, day: date, now: datetime) -> Look:
    progress = await store.deliveries.progress(day, now)
    planned = await store.editions.planned(day)
    paused = await store.pauses.current() is not None
    standing = _standing(progress, timetable, day, now, planned=planned, paused=paused)
    everything = sum(progress.states.values())
    return Look(
        day=day,
        at=now,
        standing=standing,
        done=everything - progress.left,
        planned=everything,
        a_minute=progress.settled_lately,
        seconds_left=progress.seconds_left if standing is Phase.SENDING else None,
    )


def _standing(
    progress: Progress, timetable: Timetable, day: date, now: datetime, *, planned: bool, paused: bool
) -> Phase:
    if planned and not progress.left:
        return Phase.COMPLETE
    if now >= timetable.deadline_of(day):
        return Phase.OVER
    if paused:
        return Phase.PAUSED
    if not planned:
        return Phase.AHEAD
    return Phase.SENDING if now >= timetable.noon_of(day) else Phase.PLANNED


@contextmanager
def _lines(as_json: bool) -> Iterator[Callable[[Look], None]]:
    import json

    def told(look: Look) -> None:
        say(json.dumps(look.plain()) if as_json else str(look))
        sys.stdout.flush()  # so that a program that reads a pipe gets each line at once

    yield told


@contextmanager
def _bar() -> Iterator[Callable[[Look], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("edition of {task.fields[day]}: {task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}", markup=False),
    )
    with Bar(*columns, auto_refresh=False) as bar:
        task = bar.add_task("", total=None, day="", pace="", visible=False)

        def told(look: Look) -> None:
            bar.update(
                task,
                description=look.standing.value,
                completed=look.done,
                # None, unknown, before the plan. An edition without recipients is complete, not unknown.
                total=None if look.standing is Phase.AHEAD else look.planned,
                day=look.day,
                pace=look.pace(),
                visible=True,
                refresh=True,
            )

        yield told


def _span(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
