"""`digest sources add`: finds the feed behind an address and proposes the entry for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, Exit, say, say_json, waiting
from digest.cli.sources.trying import told_on_terminal
from digest.errors import Refused
from digest.present.tidy import clip, one_line
from digest.wording import counted

if TYPE_CHECKING:
    from digest.adapters.config.adding import Entry
    from digest.app.workbench import Workbench
    from digest.jobs.discovery import Discovery, FoundFeed

SHADOW: Final = "14d"
"""For how long only operators see what a new source brings."""

LONGEST_NAME: Final = 80
"""Characters of the name that readers see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    discovery: Discovery
    feed: FoundFeed | None = None  # the one that is proposed
    entry: Entry | None = None
    has: str | None = None  # the id of the source that has its address already
    written: Path | None = None


def add(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Any page of the site, or the address of a feed.")
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Write the entry to sources.yaml, not only show it.")
    ] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Find the feed behind an address.

    An entry for sources.yaml is proposed. It looks at the page itself, at the feeds that the page names, and
    where sites usually have one. With --write the entry is added to the file, which keeps its comments; a
    running service takes it over by itself.
    Exit code 1 if there is no feed, or if it is a source already.

    Example: digest sources add https://example.org/news --write
    """
    if not url.lower().startswith(("http://", "https://")):
        raise typer.BadParameter("give a web address that begins with https://", param_hint="URL")
    found = waiting(_proposed(config, url, write=write))
    if as_json:
        say_json(_json(url, found))
    else:
        for line in _lines(found, wrote=write):
            say(line)
    if found.entry is None:
        raise typer.Exit(Exit.FAILED)


async def _proposed(config: Path, url: str, *, write: bool) -> _Proposal:
    from digest.adapters.config.adding import add_source
    from digest.adapters.config.files import load_sources
    from digest.app.workbench import workbench
    from digest.jobs.discovery import Finder

    if write and not config.is_dir():
        raise Refused(f"{config}: there is no such directory to write to; `digest init` makes one")
    async with workbench(config) as bench:
        finder = Finder(
            fetcher=bench.fetcher,
            workers=bench.workers,
            zone=bench.settings.edition.zone,
            progress=told_on_terminal,
        )
        discovery = await finder.find(url)
        if not discovery.feeds:
            return _Proposal(discovery=discovery)
        feed = discovery.feeds[0]
        known = load_sources(config).sources if config.is_dir() else ()
        has = next((source.id for source in known if source.url == feed.url), None)
        if has is not None:
            return _Proposal(discovery=discovery, feed=feed, has=has)
        entry = _entry(bench, url, feed, {source.id for source in known})
    written = add_source(config, entry) if write else None
    return _Proposal(discovery=discovery, feed=feed, entry=entry, written=written)


def _entry(bench: Workbench, asked: str, feed: FoundFeed, taken: set[str]) -> Entry:
    from digest.adapters.config.adding import Entry, new_id

    source = bench.source_at(feed.url)
    id = new_id(feed.url, taken)
    keys = [
        ("id", id),
        ("name", clip(one_line(feed.title), LONGEST_NAME) or id),
        ("url", feed.url),
        ("authority", source.authority.value),
    ]
    if source.inspectorate is not None:
        keys.append(("inspectorate", source.inspectorate))
    keys.append(("shadow", SHADOW))
    now = bench.clock.now()
    newest = f", the newest of {feed.newest:%d %B %Y}" if feed.newest else ""
    comment = (
        f"Seen on {now:%d %B %Y} with {counted(len(feed.items), 'item')}{newest}. "
        "Nobody has looked for its licence yet."
    )
    return Entry(comment=comment, keys=tuple(keys))


def _lines(found: _Proposal, *, wrote: bool) -> Iterator[str]:
    if not found.discovery.feeds:
        yield "no feed was found; this is what was tried:"
        yield from (f"  {one_line(url)}: {one_line(why)}" for url, why in found.discovery.tried)
        yield "for pages that list reports, a sitemap, a table or an API, write the entry by hand:"
        yield "docs/sources.md has an example of each kind; then `digest sources test ID`"
        return
    for feed in found.discovery.feeds:
        newest = f", newest {feed.newest:%d %b %Y}" if feed.newest else ""
        mark = "*" if feed is found.feed else " "
        yield f"{mark} {feed.url}"
        items = counted(len(feed.items), "item")
        yield f"    {one_line(feed.title) or 'no title'}; {items}{newest}; {feed.how}"
    if len(found.discovery.feeds) > 1:
        yield "to take another one, give its own address"
    if found.has is not None:
        yield f"it is the source {found.has} already"
    if found.entry is None:
        return
    yield ""
    yield from found.entry.lines(2)
    yield ""
    if found.written is not None:
        yield f"written to {found.written}; what it lists at first is its baseline and not news, and for"
        yield f"{SHADOW} only operators see what comes of it (`digest sources show`)"
    elif not wrote:
        yield "nothing is written: add --write, or copy the lines above into sources.yaml"


def _json(asked: str, found: _Proposal) -> dict[str, Any]:
    return {
        "address": asked,
        "feeds": [
            {
                "url": feed.url,
                "title": feed.title,
                "how": feed.how,
                "items": len(feed.items),
                "newest": feed.newest,
                "proposed": feed is found.feed,
            }
            for feed in found.discovery.feeds
        ],
        "tried": [{"url": url, "found": why} for url, why in found.discovery.tried],
        "is_already": found.has,
        "entry": dict(found.entry.keys) if found.entry else None,
        "yaml": "\n".join(found.entry.lines(2)) if found.entry else None,
        "written": str(found.written) if found.written else None,
    }
