"""`digest received newsletters`: the newsletters that came to addresses of this service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, instant, opened, say_each, waiting
from digest.present.tidy import one_line

if TYPE_CHECKING:
    from digest.inbound.newsletters import Legible
    from digest.ports import KeptNewsletter
    from digest.store.sql import SqlStore

WORDS: Final = 80
"""Characters of the words of a link that are printed."""


def newsletters(
    source: Annotated[
        str | None, typer.Argument(metavar="ID", help="The id of a source in sources.yaml; left out, all.")
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List the newsletters that came in, the oldest first.

    Each line has its name for `digest received show`, the time, the source, what has become of it, the sender
    that it gives, and its subject.

    Example: digest received newsletters care-news
    """
    found = waiting(_kept(config, source))
    say_each(found, nothing="no newsletter came", text=_line, json=as_values, as_json=as_json)


async def _kept(config: Path, source: str | None) -> list[KeptNewsletter]:
    async with opened(config) as (_, store):
        return await store.newsletters.all(source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A newsletter with its content, as it came and as a person reads it."""

    newsletter: KeptNewsletter
    content: bytes
    legible: Legible


async def opened_newsletter(store: SqlStore, one: KeptNewsletter) -> Opened:
    """A newsletter with its content. It is read in a process of its own: anybody may have written it."""
    from digest.adapters.workers import ProcessWorkers
    from digest.inbound.newsletters import legible

    content = await store.newsletters.content(one.fingerprint)
    async with ProcessWorkers(processes=1) as workers:
        return Opened(newsletter=one, content=content, legible=await workers.run(legible, content))


def about(opened: Opened) -> str:
    """What operators are told of a newsletter, with its links."""
    one = opened.newsletter
    lines = [
        f"{_state(one)}; came {instant(one.at)} for {one.source}",
        f"From: {one_line(one.sender)}",
        f"Subject: {one_line(one.subject)}",
        *_links(opened.legible),
    ]
    return "\n".join(lines)


def _links(legible: Legible) -> Iterator[str]:
    if legible.links:
        yield "Links:"
    for link in legible.links:
        yield f"  {one_line(link.words)[:WORDS] or 'no words'}: {one_line(link.url)}"


def _state(one: KeptNewsletter) -> str:
    said = "asks you to confirm its subscription" if one.state == "to confirm" else one.state
    return f"{said}: {one_line(one.why)}" if one.why else said


def _line(one: KeptNewsletter) -> str:
    said = f"{one.at:%a %d %b %H:%M UTC}  {one.source}  {_state(one)}"
    return f"{one.fingerprint[:12]}  {said}\n    {one_line(one.sender)}: {one_line(one.subject)}"


def as_values(one: KeptNewsletter) -> dict[str, Any]:
    """A newsletter in JSON, without its content."""
    return {
        "message": one.fingerprint,
        "at": one.at,
        "source": one.source,
        "state": one.state,
        "why": one.why,
        "from": one.sender,
        "subject": one.subject,
        "octets": one.octets,
    }
