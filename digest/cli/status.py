"""`digest status`: what the service knows, and how today's edition stands."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.addresses import masked
from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    answered,
    opened,
    say,
    say_json,
    waiting,
)
from digest.settings.types import counted

if TYPE_CHECKING:
    from digest.settings import Settings
    from digest.store.sql import SqlStore


Watch = Annotated[
    bool, typer.Option("--watch", help="Follow today's edition until it is complete, or Ctrl-C.")
]
Every = Annotated[
    float,
    typer.Option(metavar="SECONDS", min=0.1, help="With --watch into a file or pipe: between two lines."),
]


def status(
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
    watch: Watch = False,
    every: Every = 10.0,
) -> None:
    """Show how sources, relays and today's edition stand.

    With --watch only the edition: in a terminal as a bar, else a line now and then, with --json an
    object a line. Exit code 1 if the edition's time was over before it was complete.

    Examples: digest status --json; digest status --watch
    """
    if watch:
        from digest.cli.status_watch import watch as follow

        raise typer.Exit(follow(config, every, as_json))
    found = waiting(_status(config))
    if as_json:
        say_json(found)
        return
    edition = found["edition"]
    if found["paused"]:
        say(_paused(found["paused"]))
    if found["only_to"]:
        say(f"a trial: sending only to {', '.join(found['only_to'])}")
    say(f"edition of {edition['day']}: {_edition(edition)}")
    for line in _sending(edition):
        say(f"  {line}")
    for relay in found["relays"]:
        say(f"relay {relay['relay']}: {_relay(relay)}")
    say(f"waiting for the next one: {counted(found['waiting'], 'report')}")
    say(f"subscriptions: {found['active']} active")
    if found["came_back"]:
        back = counted(found["came_back"], "delivery", "deliveries")
        say(f"refused or returned, of the last seven days' editions: {back}")
    if found["parked"]:
        say(f"received mail that waits for you: {found['parked']} (`digest received list`)")
    for source in found["sources"]:
        checked = source["checked_at"].strftime("%a %d %b %H:%M UTC") if source["checked_at"] else "never"
        trouble = f" - {source['trouble']}" if source["trouble"] else ""
        say(f"  {source['name']}: last good check {checked}{trouble}")


async def _status(config: Path) -> dict[str, Any]:
    from digest.adapters.clock import SystemClock
    from digest.bounces import BACK
    from digest.jobs.publish import notes
    from digest.subscriptions import Selection, Standing

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
            "parked": await store.mail.parked_count(),
            "active": sum((await store.people.count(Selection(standing=Standing.ACTIVE))).values()),
            "sources": [
                {"name": note.name, "checked_at": note.checked_at, "trouble": note.trouble}
                for note in await notes(settings.sources, store)
            ],
        }


def _paused(pause: dict[str, Any]) -> str:
    said = f"by {pause['by']}: {masked(pause['why'])}"
    if pause["until"]:
        said += f"; it comes on by itself at {pause['until']:%a %d %b %H:%M UTC}"
    return f"SENDING IS PAUSED since {pause['since']:%a %d %b %H:%M UTC} {said}"


def _in_time(retry: datetime | None, now: datetime, deadline: datetime) -> datetime | None:
    """When those put off are asked again: by the next look, where that time has come, or not at all."""
    return max(retry, now) if retry is not None and retry < deadline and now < deadline else None


async def _relays(settings: Settings, store: SqlStore) -> list[dict[str, Any]]:
    """Each relay of the settings, in the order in which they are tried."""
    from digest.relays import standings

    known = standings(await store.relays.words())
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
        return f"could be had {when}"
    of = f" by {relay['without']} of {relay['workers']} workers" if relay["workers"] > 1 else ""
    return f"NOT TO BE HAD{of} {when}: {answered(relay['code'], relay['trouble'])}"


def _edition(edition: dict[str, Any]) -> str:
    if not edition["sealed"]:
        return "not assembled yet"
    counts = ", ".join(f"{count} {state}" for state, count in edition["deliveries"].items())
    return f"{counted(edition['stories'], 'story', 'stories')}; {counts or 'nobody to send it to'}"


def _sending(edition: dict[str, Any]) -> list[str]:
    """How the sending goes, while it goes."""
    lines = []
    if edition["left"]:
        pace = f"{edition['a_minute']} in the last minute"
        if edition["seconds_left"] is not None:
            pace += f", done in about {max(1, round(edition['seconds_left'] / 60))} min"
        if edition["over"]:
            lines.append(f"{edition['left']} not made in time; they come with the next edition, marked late")
        else:
            lines.append(f"{edition['left']} still to be made; {pace}")
    if edition["oldest_waiting_seconds"] >= 1 and not edition["over"]:
        minutes, seconds = divmod(round(edition["oldest_waiting_seconds"]), 60)
        lines.append(f"the one that waits longest has been due for {minutes} min {seconds} s")
    if edition["left"] and edition["next_retry"]:
        lines.append(f"the first of those put off is asked again at {edition['next_retry']:%H:%M UTC}")
    for worker in edition["workers"]:
        until = f"{worker['lease_until']:%H:%M:%S UTC}"
        lines.append(f"{worker['name']} holds batch {worker['batch']} until {until}")
    if edition["last_trouble"]:
        code = edition["last_trouble"]["code"] or "no answer"
        lines.append(f"the last try that failed: {code}, at {edition['last_trouble']['at']:%H:%M UTC}")
    return lines
