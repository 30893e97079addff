"""`digest edition preview` and `replay`: the message that a reader gets next, and one that they were sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    a_day,
    answered,
    complain,
    instant,
    say,
    say_json,
    waiting,
)
from digest.errors import Refused

if TYPE_CHECKING:
    from digest.adapters.config.secrets import Secrets
    from digest.app.previewing import Look
    from digest.deliveries import Answer
    from digest.jobs.next_message import Reader, ReadersEdition, ReadersEditions
    from digest.settings import Settings
    from digest.store.sql import SqlStore

For = Annotated[
    str | None,
    typer.Option("--for", metavar="ADDRESS", help="A subscriber. Left out: a reader who wants everything."),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Where to write it as .html, .txt, .eml and .json."),
]
InBrowser = Annotated[bool, typer.Option("--open", help="Show the HTML in your browser.")]

PREVIEWS = "previews"
"""The folder beside the journal with previews for a reader who wants everything: no personal data."""


def preview(  # noqa: PLR0917 - typer's options
    reader: For = None,
    at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M"], metavar="TIME", help="As it will be at this time (UTC)."),
    ] = None,
    out: Out = None,
    in_browser: InBrowser = False,
    send_to: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Send it now to this address, as a sample."),
    ] = None,
    working_links: Annotated[
        bool,
        typer.Option("--working-links", help="With --for: with the links by which this reader can leave."),
    ] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show a reader's next message, as it would go out now.

    It says what has changed since the last preview in the same folder. Without --for, that folder is
    `previews` beside the state; a subscriber's message is written only where --out says. Its links do not
    work, so you may pass it on, unless you ask for --working-links.

    A sample says so in its subject. It has no working links, and is noted in no ledger.

    Examples: digest edition preview --open;
    digest edition preview --for ada@example.org --out ada --send-to me@example.org
    """
    if working_links and (reader is None or send_to is not None):
        raise typer.BadParameter(
            "goes with --for alone, and never with --send-to", param_hint="--working-links"
        )
    when = at.replace(tzinfo=UTC) if at else None
    asked = _Asked(config=config, out=out, name="preview", working=working_links)

    async def find(editions: ReadersEditions, whose: Reader, now: datetime) -> ReadersEdition:
        if when is not None and when < now.replace(second=0, microsecond=0):
            raise Refused("--at is in the past; `digest edition replay` shows what was sent")
        return await editions.next(whose, when or now)

    shown = waiting(_shown(asked, reader, find, send_to))
    _tell(shown, as_json)
    if in_browser:
        _open(shown)
    if shown.answer is not None:
        _tell_of_sample(shown.answer, send_to or "")


def replay(  # noqa: PLR0917 - typer's options
    day: Annotated[date, typer.Argument(parser=a_day, metavar="DAY", help="The edition's local day.")],
    reader: For = None,
    out: Out = None,
    in_browser: InBrowser = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show a message as it was sent, to the octet.

    With --for, it has the subscriber's own links, so do not pass it on. What was set since then differs: see
    docs/operators.md. Nothing is sent.

    Example: digest edition replay 2026-11-23 --for ada@example.org --out ada
    """
    asked = _Asked(config=config, out=out, name=day.isoformat(), working=reader is not None, compare=False)

    async def find(editions: ReadersEditions, whose: Reader, _: datetime) -> ReadersEdition:
        return await editions.sent(whose, day)

    shown = waiting(_shown(asked, reader, find))
    _tell(shown, as_json)
    if in_browser:
        _open(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    config: Path
    out: Path | None
    name: str  # of the files
    working: bool  # whether links are to work
    compare: bool = True  # with the last one in the same folder, which this one replaces


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    look: Look
    files: tuple[Path, ...] = ()
    changes: tuple[str, ...] = ()
    answer: Answer | None = None  # of the relay, to the sample


_Find = Callable[["ReadersEditions", "Reader", datetime], Awaitable["ReadersEdition"]]


async def _shown(asked: _Asked, reader: str | None, find: _Find, send_to: str | None = None) -> _Shown:
    from digest.adapters.clock import SystemClock
    from digest.app.previewing import changes_since, look_at, sample_for
    from digest.app.submitting import submit_now
    from digest.jobs.next_message import Reader, ReadersEditions

    async with _opened(asked.config) as (settings, secrets, store):
        editions = ReadersEditions(
            timetable=settings.edition.timetable,
            sources=settings.sources,
            inspectorates=settings.inspectorates,
            store=store,
            ending=settings.edition.ending,
        )
        now = SystemClock().now()
        whose = await editions.reader(reader) if reader else Reader(address=settings.sender.address)
        found = await find(editions, whose, now)
        look = look_at(found, settings, secrets, asked.config, working=asked.working)
        look = replace(look, values={**look.values, "looked_at": instant(now)})
        answer = None
        if send_to is not None:
            sample = await sample_for(send_to, found, settings, asked.config, store)
            answer = await submit_now(sample, settings, secrets)
    folder = asked.out
    if folder is None and reader is None and asked.compare:
        folder = settings.store.journal.parent / PREVIEWS
    if folder is None:
        return _Shown(look=look, answer=answer)
    changes = tuple(changes_since(folder / f"{asked.name}.json", look)) if asked.compare else ()
    return _Shown(look=look, files=look.write(folder, asked.name), changes=changes, answer=answer)


@asynccontextmanager
async def _opened(directory: Path) -> AsyncIterator[tuple[Settings, Secrets, SqlStore]]:
    from digest.app.directory import checked_database, configured
    from digest.store.sql import SqlStore

    settings, secrets = configured(directory)
    async with checked_database(settings, secrets, directory) as database:
        yield settings, secrets, SqlStore(database, seal=secrets.seal)


def _tell(shown: _Shown, as_json: bool) -> None:
    if as_json:
        files: dict[str, Any] = {"files": [str(file) for file in shown.files], "changes": list(shown.changes)}
        say_json({**shown.look.values, **files})
        return
    found = shown.look.found
    if shown.look.message is not None:
        say(shown.look.text)
    elif found.whole.empty:
        say(f"{found.day}: nothing new; it goes only to subscribers who still lack stories of earlier ones")
    else:
        say(f"{found.day}: nothing in it is for this reader, so they get no message")
    if found.held:
        say("the edition is held: it goes when it is released, or when the hold ends")
    if found.state is not None:
        say(f"the edition of {found.day} for this reader: {found.state}")
    for line in (*shown.changes, *(f"written: {file}" for file in shown.files)):
        say(line)


def _open(shown: _Shown) -> None:
    import webbrowser

    page = next((file for file in shown.files if file.suffix == ".html"), None)
    if page is None:
        complain("there is no HTML to open; a subscriber's message is written only where --out says")
        raise typer.Exit(Exit.FAILED)
    if not webbrowser.open(page.absolute().as_uri()):
        complain(f"no browser could be opened; the page is {page}")
        raise typer.Exit(Exit.FAILED)


def _tell_of_sample(answer: Answer, to: str) -> None:
    from digest.deliveries import Event

    said = answered(answer.code, answer.text)
    if answer.event is not Event.TAKEN:
        complain(f"the sample for {to} was not taken: {said or answer.event}")
        raise typer.Exit(Exit.FAILED)
    complain(f"the relay took the sample for {to}: {said}")
