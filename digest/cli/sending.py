"""`digest pause`, `digest resume` and `digest limits`: control sending while the service runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    LARGEST,
    AsJson,
    By,
    ConfigDirectory,
    command_group,
    login_name,
    opened,
    say,
    say_json,
    waiting,
)
from digest.deliveries import Limits


def pause(
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason; `digest status` shows it.")],
    by: By,
    unknown_since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M"],
            help="The state was put back by other means than `digest restore`, as it was at this time (UTC).",
        ),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Stop sending until `digest resume`.

    Polling goes on, and editions are still assembled. Stories that are not sent within edition.lateness come
    with the next edition, marked late. Workers stop within two seconds, and finish messages under way.

    With --unknown-since, `digest resume` asks first whether everybody has ended again who left since.

    Examples: digest pause --why "the relay is being moved";
    digest pause --why "restored by pg_restore" --unknown-since 2026-03-03T03:30
    """
    since = unknown_since.replace(tzinfo=UTC) if unknown_since else None
    say(
        "sending is paused"
        if waiting(_pause(config, by, why, since))
        else "sending was paused before; that pause stands"
    )
    if since is not None:
        from digest.jobs.pausing import unknown_endings

        say(unknown_endings(since))


def resume(
    today_too: Annotated[
        bool,
        typer.Option("--today-too", help="After a restore: send today's edition, though some may have it."),
    ] = False,
    endings_settled: Annotated[
        bool,
        typer.Option(
            "--endings-settled",
            help="After a restore without the record of endings: who left since the backup is ended again.",
        ),
    ] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Start sending again, within five minutes.

    After a restore in the afternoon, today's edition may already have been sent. Sending then stays off until
    the time for that edition is over, and starts by itself. The next edition brings the stories that are
    missing, marked late.

    Example: digest resume
    """
    was_paused, kept_until = waiting(_resume(config, today_too, endings_settled))
    if kept_until is not None:
        say(
            f"sending starts by itself at {kept_until}, when the time for today's edition is over: it may "
            "have been sent after this backup was taken. The next edition brings today's stories, marked "
            "late. To send today's edition now, again to those who already have it: digest resume --today-too"
        )
        return
    say("sending is on" if was_paused else "sending was not paused")


async def _pause(config: Path, by: str, why: str, unknown_since: datetime | None) -> bool:
    from digest.adapters.clock import SystemClock
    from digest.jobs import pausing

    async with opened(config) as (settings, store):
        return await pausing.pause(
            by=by,
            why=why,
            unknown_since=unknown_since,
            timetable=settings.edition.timetable,
            store=store,
            clock=SystemClock(),
        )


async def _resume(config: Path, today_too: bool, endings_settled: bool) -> tuple[bool, str | None]:
    """End the pause. Whether sending was paused, and the time until which it must stay so, if it must.

    `Refused` if it is not known who left after the backup that was restored.
    """
    from digest.adapters.clock import SystemClock
    from digest.jobs import pausing

    async with opened(config) as (settings, store):
        timetable = settings.edition.timetable
        done = await pausing.resume(
            by=login_name(),
            today_too=today_too,
            endings_settled=endings_settled,
            timetable=timetable,
            store=store,
            clock=SystemClock(),
        )
    return done.was_paused, f"{done.until.astimezone(timetable.zone):%H:%M}" if done.until else None


app = command_group("Show or change how fast mail is sent.")

_Most = int | None


def _most(what: str) -> Any:
    return typer.Option(metavar="N", min=1, max=LARGEST, show_default=False, help=what)


@app.command("show")
def show(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show the limits that `digest limits set` changed.

    For the others, digest.yaml decides.

    Example: digest limits show
    """
    _tell(waiting(_limits(config, lambda limits: limits)), as_json)


@app.command("set")
def set_(  # noqa: PLR0917 - typer's options
    per_minute: Annotated[_Most, _most("Messages a minute, by all workers together.")] = None,
    per_minute_and_domain: Annotated[_Most, _most("Messages a minute to each domain.")] = None,
    per_connection: Annotated[_Most, _most("Messages on each connection before it is closed.")] = None,
    connections: Annotated[_Most, _most("Open connections of each worker.")] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Change limits while the service runs.

    All workers follow within two seconds. Limits that are not given stay as they are. `digest limits clear`
    goes back to digest.yaml.

    Example: digest limits set --per-minute 600 --connections 2
    """
    named = {
        "per_minute": per_minute,
        "per_minute_and_domain": per_minute_and_domain,
        "per_connection": per_connection,
        "connections": connections,
    }
    given = {name: most for name, most in named.items() if most is not None}
    _tell(waiting(_limits(config, lambda limits: replace(limits, **given))), as_json)


@app.command("clear")
def clear(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Go back to the limits in digest.yaml.

    Example: digest limits clear
    """
    _tell(waiting(_limits(config, lambda _: Limits())), as_json)


async def _limits(config: Path, change: Callable[[Limits], Limits]) -> Limits:
    async with opened(config) as (_, store):
        before = await store.limits.current()
        after = change(before)
        if after != before:
            await store.limits.set(after)
        return after


def _tell(limits: Limits, as_json: bool) -> None:
    if as_json:
        say_json(asdict(limits))
        return
    for name, most in asdict(limits).items():
        say(f"{name.replace('_', ' ')}: {'as digest.yaml says' if most is None else most}")
