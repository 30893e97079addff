"""`digest sources check`: asks a source's address now and says what answers."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, Exit, instant, say_one, waiting
from digest.errors import Refused
from digest.present.tidy import one_line
from digest.wording import counted

if TYPE_CHECKING:
    from digest.app.workbench import Workbench
    from digest.items import Item
    from digest.ports import Fetched, Fetcher, Outcome
    from digest.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What a source's address answers now."""

    source: Source
    trouble: str | None = None  # why nothing could be listed
    asked: str = ""  # the address that was asked first: an API's has instants and a page filled in
    fetched: Fetched | None = None  # what that answered
    items: tuple[Item, ...] = ()
    rows: int | None = None  # of a publisher's data
    page: Mapping[str, str] | None = None  # the link of the first item's page, and what it answers


def check(
    source: Annotated[str, typer.Argument(metavar="ID", help="The id of the source in sources.yaml.")],
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Ask the address of a source now and say what answers.

    It says what the answer is, how many items it lists, and whether the page of the first one may be asked
    for (robots.txt). Nothing is stored. Exit code 1 if nothing can be listed.

    Example: digest sources check prisons-blog
    """
    logging.getLogger("digest").setLevel(logging.CRITICAL)  # what is printed says it all
    found = waiting(_asked(config, source))
    say_one(found, text=lambda one: "\n".join(_lines(one)), json=_json, as_json=as_json)
    if found.trouble:
        raise typer.Exit(Exit.FAILED)


async def _asked(config: Path, id: str) -> _Answer:
    from digest.adapters.config.files import load_sources
    from digest.app.workbench import workbench

    file = load_sources(config)
    named = [entry.source(file.defaults) for entry in file.sources if entry.id == id]
    if not named:
        raise Refused(f"{id}: no source in sources.yaml has that id")
    async with workbench(config) as bench:
        return await _answer(bench, named[0])


async def _answer(bench: Workbench, source: Source) -> _Answer:
    from digest.adapters.newsletters import ImapFolders
    from digest.jobs.source_kinds import NothingKept, listers
    from digest.listing import Listed, NotAsked, NotListed
    from digest.sources import Validators

    first = _First(bench.fetcher)
    again = listers(
        fetcher=first,
        workers=bench.workers,
        data_workers=bench.data_workers,
        zone=bench.settings.edition.zone,
        records=NothingKept(),
        inspectorates=bench.settings.inspectorates,
        clock=bench.clock,
        keys=bench.keys,
        folders=ImapFolders(),
        newsletters=bench.newsletters,
    )
    listing = await again[source.kind].list_items(source, Validators())
    answer = _Answer(source=source, asked=first.asked, fetched=first.fetched)
    match listing:
        case Listed(items=items, data=data):
            link = next((item.link for item in items if item.link), None)
            page = {"link": link, "answer": await _page(bench, link)} if link else None
            rows = None if data is None else data.snapshot.rows
            return replace(answer, items=items, rows=rows, page=page)
        case NotListed(reason=why) | NotAsked(reason=why):
            return replace(answer, trouble=why)
        case _:
            return replace(answer, trouble="304 Not Modified, to a request without validators")


@dataclass(slots=True)
class _First:
    """A fetcher that remembers what it was asked first, and the answer."""

    others: Fetcher
    asked: str = ""
    fetched: Fetched | None = None

    async def fetch(self, url: str, *args: Any, **more: Any) -> Outcome:
        from digest.ports import Fetched

        first, self.asked = not self.asked, self.asked or url
        outcome = await self.others.fetch(url, *args, **more)
        if first and isinstance(outcome, Fetched):
            self.fetched = outcome
        return outcome


async def _page(bench: Workbench, link: str) -> str:
    from digest.ports import Fetched, NotModified

    match await bench.fetcher.fetch(link, heed_robots=True):
        case Fetched(content_type=kind, body=body):
            return f"{kind or 'no type'}, {len(body)} bytes"
        case NotModified():
            return "304 Not Modified, to a request without validators"
        case other:
            return other.reason


def _lines(one: _Answer) -> Iterator[str]:
    yield f"{one.source.id}: {one.source.url}"
    if one.asked not in {"", one.source.url}:
        yield f"  asked for {one_line(one.asked)}"
    if got := one.fetched:
        if got.url != one.asked:
            for_good = ", for good: change its url" if got.moved_to else ""
            yield f"  leads to {one_line(got.url)}{for_good}"
        yield f"  {one_line(got.content_type or 'no type')}, {len(got.body)} bytes"
        sent = [("ETag", got.validators.etag), ("Last-Modified", got.validators.last_modified)]
        told = "; ".join(f"{name} {one_line(value)}" for name, value in sent if value)
        yield f"  {told or 'no validators: each poll gets the whole list'}"
    if one.trouble:
        yield f"  it cannot be listed: {one_line(one.trouble)}"
        return
    if one.rows is not None:
        yield f"  {counted(one.rows, 'record')}"
        return
    dates = [item.published_at for item in one.items if item.published_at]
    newest = f", the newest of {instant(max(dates))}" if dates else ", without dates"
    yield f"  {counted(len(one.items), 'item')}{newest if one.items else ''}"
    if one.page:
        yield f"  its first page {one_line(one.page['link'])}: {one_line(one.page['answer'])}"


def _json(one: _Answer) -> dict[str, Any]:
    got = one.fetched
    return {
        "source": one.source.id,
        "url": one.source.url,
        "trouble": one.trouble,
        "leads_to": got.url if got else None,
        "moved_to": got.moved_to if got else None,
        "content_type": got.content_type if got else None,
        "bytes": len(got.body) if got else None,
        "etag": got.validators.etag if got else None,
        "last_modified": got.validators.last_modified if got else None,
        "items": len(one.items),
        "records": one.rows,
        "newest": max((item.published_at for item in one.items if item.published_at), default=None),
        "page": one.page,
    }
