"""`digest status`: what the service knows, and how today's edition stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, opened, say, say_json, waiting


def status(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show each source's health, what waits for the next edition, and how today's deliveries stand.

    Example: digest status --json
    """
    found = waiting(_status(config))
    if as_json:
        say_json(found)
        return
    edition = found["edition"]
    if found["paused"]:
        pause = found["paused"]
        say(f"SENDING IS PAUSED since {pause['since']:%a %d %b %H:%M UTC} by {pause['by']}: {pause['why']}")
    if found["only_to"]:
        say(f"a trial: sending only to {', '.join(found['only_to'])}")
    say(f"edition of {edition['day']}: {_edition(edition)}")
    for line in _sending(edition):
        say(f"  {line}")
    say(f"waiting for the next one: {found['waiting']} reports")
    say(f"subscriptions: {found['active']} active")
    for source in found["sources"]:
        checked = source["checked_at"].strftime("%a %d %b %H:%M UTC") if source["checked_at"] else "never"
        trouble = f" - {source['trouble']}" if source["trouble"] else ""
        say(f"  {source['name']}: last good check {checked}{trouble}")


async def _status(config: Path) -> dict[str, Any]:
    from digest.adapters.clock import SystemClock
    from digest.jobs.publish import notes

    async with opened(config) as (settings, store):
        now = SystemClock().now()
        day = settings.edition.timetable.day_of(now)
        sealed = await store.editions.sealed(day)
        pause = await store.pauses.current()
        progress = await store.deliveries.progress(day, now)
        held = [one for one in await store.deliveries.held() if one.batch.edition == day]
        return {
            "paused": {"since": pause.since, "by": pause.by, "why": pause.why} if pause else None,
            "only_to": list(settings.relay.only_to),
            "edition": {
                "day": day,
                "sealed": sealed is not None,
                "stories": len(sealed.stories) if sealed else None,
                "deliveries": {str(s): n for s, n in progress.states.items()},
                "left": progress.left,
                "a_minute": progress.settled_lately,
                "seconds_left": progress.seconds_left,
                "next_retry": progress.oldest_retry,
                "batches": {"all": progress.batches, "open": progress.open},
                "workers": [
                    {"name": one.owner, "batch": one.batch.number, "lease_until": one.until} for one in held
                ],
                "last_trouble": progress.trouble and {"at": progress.trouble[0], "code": progress.trouble[1]},
            },
            "waiting": len(await store.editions.waiting(now)),
            "active": len(await store.subscriptions.active(now)),
            "sources": [
                {"name": note.name, "checked_at": note.checked_at, "trouble": note.trouble}
                for note in await notes(settings.sources, store)
            ],
        }


def _edition(edition: dict[str, Any]) -> str:
    if not edition["sealed"]:
        return "not assembled yet"
    counts = ", ".join(f"{count} {state}" for state, count in edition["deliveries"].items())
    return f"{edition['stories']} stories; {counts or 'nobody to send it to'}"


def _sending(edition: dict[str, Any]) -> list[str]:
    """How the sending goes, while it goes."""
    lines = []
    if edition["left"]:
        pace = f"{edition['a_minute']} in the last minute"
        if edition["seconds_left"] is not None:
            pace += f", done in about {max(1, round(edition['seconds_left'] / 60))} min"
        lines.append(f"{edition['left']} still to be made; {pace}")
    if edition["left"] and edition["next_retry"]:
        lines.append(f"the first of those put off is asked again at {edition['next_retry']:%H:%M UTC}")
    for worker in edition["workers"]:
        until = f"{worker['lease_until']:%H:%M:%S UTC}"
        lines.append(f"{worker['name']} holds batch {worker['batch']} until {until}")
    if edition["last_trouble"]:
        code = edition["last_trouble"]["code"] or "no answer"
        lines.append(f"the last try that failed: {code}, at {edition['last_trouble']['at']:%H:%M UTC}")
    return lines
