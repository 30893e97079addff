"""`digest webhooks`: the operators' own systems that stories are posted to."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    a_day,
    command_group,
    opened,
    say,
    say_each,
    say_json,
    waiting,
)
from digest.cli.status.words import webhook_line
from digest.errors import Refused

if TYPE_CHECKING:
    from digest.settings import Settings
    from digest.webhooks import Answer

READ = 300
"""Octets of an answer that are printed."""

app = command_group("Show, try and repeat what is posted to webhooks.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The id of a webhook in digest.yaml.")]


@app.command("list")
def list_(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the webhooks, and where each stands.

    Each line has its id, its host, what it gets, when it last took a story, or since when and why it fails,
    and how many stories wait. Exit code 1 if one is off or failing.

    Example: digest webhooks list --json
    """
    found = waiting(_found(config))
    say_each(
        found,
        nothing="there are no webhooks: `webhooks` in digest.yaml has none",
        text=_line,
        json=lambda one: one,
        as_json=as_json,
    )
    if any(one["state"] in {"off", "failing"} for one in found):
        raise typer.Exit(Exit.FAILED)


@app.command("test")
def try_(id: Id, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Post a sample event, and say what came back.

    The event has the type webhook.test and a story that is made up. It is signed as every post, also if the
    webhook is off. Exit code 1 if it was not taken (any status but 200 to 299).

    Example: digest webhooks test crm
    """
    host, answer = waiting(_tested(config, id))
    if as_json:
        say_json(
            {
                "id": id,
                "taken": answer.taken,
                "status": answer.status,
                "said": answer.said,
                "body": answer.body,
            }
        )
    else:
        say(f"{host} {'took it' if answer.taken else 'did not take it'}: {answer.said}")
        if answer.body:
            say(f"  {answer.body}")
    if not answer.taken:
        raise typer.Exit(Exit.FAILED)


@app.command("resend")
def resend(
    id: Id,
    since: Annotated[
        date | None,
        typer.Option(parser=a_day, metavar="DAY", help="Post all stories again from this day's edition on."),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Post at once what waits, and turn a webhook on again.

    The running service does it, within seconds. With --since, it also repeats what was posted, under the same
    webhook-id; that goes back for 14 days at the most.

    Examples: digest webhooks resend crm; digest webhooks resend crm --since 2026-11-23
    """
    waits = waiting(_resumed(config, id, since))
    say(f"{id} is on; {waits}")


async def _found(config: Path) -> list[dict[str, Any]]:
    from digest.adapters.clock import SystemClock
    from digest.cli.status.facts import webhook_facts
    from digest.wishes import unmatched

    async with opened(config) as (settings, store):
        register = await store.providers.register()
        keys = {one.key for one in settings.inspectorates}
        facts = await webhook_facts(settings, store, SystemClock().now())
        return [
            one | {"unknown": list(unmatched(hook.wishes, register, keys))}
            for hook, one in zip(settings.webhooks, facts, strict=True)
        ]


def _line(one: dict[str, Any]) -> str:
    unknown = f"\n    we know nothing of {', '.join(one['unknown'])}" if one["unknown"] else ""
    return webhook_line(one) + unknown


async def _tested(config: Path, id: str) -> tuple[str, Answer]:
    from digest.adapters.clock import SystemClock
    from digest.adapters.http.hook_post import HttpPost
    from digest.adapters.templates import TemplateRenderer
    from digest.app.directory import configured, template_directories
    from digest.app.webhooks import event_writer, hooks_of
    from digest.jobs.webhooks import posted

    settings, secrets = configured(config)
    _must_be_there(settings, id)
    [hook] = [one for one in hooks_of(settings.webhooks, secrets) if one.id == id]
    clock = SystemClock()
    now = clock.now()
    writer = event_writer(settings, TemplateRenderer(template_directories(config)))
    body = writer.sample(settings.edition.timetable.day_of(now))
    post = HttpPost(contact=settings.service.contact, clock=clock)
    answer = await posted(hook, f"{id}_test_{int(now.timestamp())}", body, post, clock, read=READ)
    return hook.host, answer


async def _resumed(config: Path, id: str, since: date | None) -> str:
    from digest.adapters.clock import SystemClock
    from digest.cli.status.facts import webhook_facts
    from digest.webhooks import OLDEST
    from digest.wording import counted

    async with opened(config) as (settings, store):
        _must_be_there(settings, id)
        now = SystemClock().now()
        first = settings.edition.timetable.day_of(now) - OLDEST
        if since is not None and since < first:
            raise Refused(f"--since {since}: stories are posted again for 14 days, so from {first} on")
        if not await store.webhooks.resume(id, now, since=since):
            raise Refused(f"{id}: the service has not run with this webhook yet")
        [one] = [one for one in await webhook_facts(settings, store, now) if one["id"] == id]
        return counted(one["waiting"], "story waits", "stories wait")


def _must_be_there(settings: Settings, id: str) -> None:
    known = [one.id for one in settings.webhooks]
    if id not in known:
        raise Refused(f"there is no webhook {id} in digest.yaml; there are {', '.join(known) or 'none'}")
