"""What `digest status` shows, as plain values."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from digest.app.wrong_files import Found
    from digest.settings import Settings
    from digest.store.sql import SqlStore
    from digest.webhooks import HookState


_KEPT_WITHIN: Final = timedelta(minutes=15)
"""After noon, until the site should show what has become public."""


async def look(config: Path) -> dict[str, Any]:
    from digest.adapters.clock import SystemClock
    from digest.app.wrong_files import looked_into
    from digest.bounces import BACK
    from digest.subscriptions import Selection, Standing

    async with looked_into(config) as found:
        settings, store = found.settings, found.store
        now = SystemClock().now()
        day = settings.edition.timetable.day_of(now)
        hand = await store.editions.in_hand(day)
        sealed, held_edition = hand.edition, hand.held(now)
        pause = await store.pauses.current()
        progress = await store.deliveries.progress(day, now)
        back = await store.mail.came_back([day - timedelta(days=n) for n in range(7)], BACK)
        held = [one for one in await store.deliveries.held() if one.batch.edition == day]
        deadline = settings.edition.timetable.deadline_of(day)
        return {
            "files": [str(problem) for problem in found.problems],
            "paused": asdict(pause) if pause else None,
            "only_to": list(settings.relay.only_to),
            "edition": {
                "day": day,
                "sealed": sealed is not None,
                "stories": len(sealed.stories) if sealed else None,
                "held": asdict(held_edition) if held_edition else None,
                "dropped": len(hand.alteration.dropped),
                "note": hand.alteration.note,
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
            **await _processes(settings, store, now),
            "cases": await store.review.count(),
            "parked": await store.mail.parked_count(),
            "newsletters": await store.newsletters.not_read_count(),
            "parked_items": await store.items.parked_count(),
            "edited": await store.versions.count(now - timedelta(days=7)),
            "line": await _line(settings, store, now),
            "asked_today": await _asked_today(found, day, now),
            "active": sum((await store.people.count(Selection(standing=Standing.ACTIVE))).values()),
            "sources": await _standings(settings, store, now),
            "moved": await _moved(settings, store),
            "not_covered": await _not_covered(settings, store, now),
            "webhooks": await webhook_facts(settings, store, now),
        }


async def webhook_facts(settings: Settings, store: SqlStore, now: datetime) -> list[dict[str, Any]]:
    """Where each webhook of the settings stands."""
    from digest.jobs.webhooks import public_until, waiting

    if not settings.webhooks:
        return []
    until = await public_until(store.public, settings.edition.timetable, now)
    known = await store.webhooks.look(until=until, now=now)
    register = await store.providers.register()
    found = []
    for one in settings.webhooks:
        state = known[one.id].state if one.id in known else None
        waits = await waiting(one.wishes, state, store.public, register, until) if state else 0
        facts = {"id": one.id, "host": one.host, "what": one.what.value, "waiting": waits}
        found.append(facts | _standing(state))
    return found


def _standing(state: HookState | None) -> dict[str, Any]:
    if state is None:
        return {"state": "not begun"}
    standing = "off" if state.off else "failing" if state.failing_since else "on"
    return {
        "state": standing,
        "since": state.off_at or state.failing_since,
        "why": state.said or None,
        "next_try_at": state.next_at if standing == "failing" else None,
        "last_taken_at": state.taken_at,
        "left_out": state.left_out,
    }


async def _not_covered(settings: Settings, store: SqlStore, now: datetime) -> list[str]:
    """The keys of the inspectorates that no live source covers, so that readers are not offered them."""
    from digest.coverage import coverage_of

    polled = await store.sources.polled()
    coverage = coverage_of(settings.inspectorates, settings.sources, polled, now)
    return [one.key for one in coverage.not_covered]


async def _asked_today(found: Found, day: date, now: datetime) -> list[dict[str, Any]]:
    """How much of each way's share of the day's letters is used."""
    from digest.membership.limits import shares_used
    from digest.tokens import KeyUse, text_seal

    seal, most = text_seal(found.secrets.derived(KeyUse.COUNTS)), found.settings.subscribing.per_day
    return [asdict(share) for share in await shares_used(found.store.counts, seal, most, day, now)]


async def _moved(settings: Settings, store: SqlStore) -> list[dict[str, str]]:
    """The sources whose servers say that they have moved for good, and where to."""
    moved = {polled.source: polled.moved_to for polled in await store.sources.polled()}
    return [{"name": one.name, "to": to} for one in settings.sources if (to := moved.get(one.id))]


async def _processes(settings: Settings, store: SqlStore, now: datetime) -> dict[str, Any]:
    """The roles that no running process has; and the last public day, if the site shows no later one."""
    from digest.jobs.processes import running_roles
    from digest.roles import NEEDED, lacking

    running = running_roles(await store.configs.all(), now)
    missing = lacking(running)
    kept = await store.public.kept_until()
    due = settings.edition.timetable.told_until(now - _KEPT_WITHIN)
    behind = bool(running) and (kept is None or kept < due)
    behind = behind and await store.editions.hold(due, now) is None
    return {
        "lacking": [{"role": one.value, "follows": NEEDED[one]} for one in missing],
        "site": {"kept_until": kept, "behind": behind},
    }


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
