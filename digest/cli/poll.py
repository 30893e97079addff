"""`digest poll`: one round of polling, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, Exit, say, say_json, waiting

if TYPE_CHECKING:
    from digest.jobs.poll import Polling


def poll(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Poll every source that is due, once.

    What came is shown. It sends nothing itself; what should not wait is written down as alerts, which a
    running service sends. It may run beside the service. The exit code is 1 when a source failed.

    Example: digest poll --config /etc/digest
    """
    polled, later = waiting(_poll(config))
    if as_json:
        say_json([_plain(polling) for polling in polled])
    else:
        say("\n".join(_line(polling) for polling in polled) or f"no source's turn has come{later}")
    if any(polling.trouble for polling in polled):
        raise typer.Exit(Exit.FAILED)


async def _poll(config: Any) -> tuple[tuple[Polling, ...], str]:
    """What came, and whose turn is next, in words."""
    from digest.app.directory import configured
    from digest.app.service import service

    settings, secrets = configured(config)
    async with service(settings, secrets, directory=config) as it:
        polled = await it.poll()
        names = {source.id: source.name for source in settings.sources}
        turns = [
            (p.next_poll_at, names[p.source]) for p in await it.store.sources.polled() if p.source in names
        ]
    return polled, "; the next is at {:%a %d %b %Y %H:%M} UTC: {}".format(*min(turns)) if turns else ""


def _line(polling: Polling) -> str:
    if polling.trouble:
        return f"{polling.source.name}: {polling.trouble}"
    text = f"{polling.source.name}: {polling.listed} new, {len(polling.candidates)} read"
    if polling.baseline:
        text += f", {polling.baseline} known from now on and not news"
    return text


def _plain(polling: Polling) -> dict[str, Any]:
    return {
        "source": polling.source.id,
        "trouble": polling.trouble,
        "new": polling.listed,
        "baseline": polling.baseline,
        "read": [{"title": f.title, "link": f.link, "provider": f.provider_name} for f in polling.candidates],
        "parked": list(polling.parked),
    }
