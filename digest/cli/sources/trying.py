"""`digest sources test`: what would be read of a source and told."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    day_or_instant,
    say,
    say_json,
    waiting,
)
from digest.errors import Refused
from digest.present.record import origin_in_words
from digest.present.tidy import one_line
from digest.wording import counted

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from digest.admission import Admission
    from digest.app.workbench import Workbench
    from digest.changes import Change
    from digest.edition import Story
    from digest.items import Item
    from digest.jobs.trial import Trial, TriedItem
    from digest.sources import Source


def try_(
    source: Annotated[
        str, typer.Argument(metavar="ID|URL", help="A source in sources.yaml, or the address of a feed.")
    ],
    items: Annotated[
        int, typer.Option(metavar="N", min=1, max=100, help="How many items to read at most.")
    ] = 5,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show what would be read of a source and told.

    It goes item by item. The feed and its pages are fetched and read as the service does it, and nothing is
    stored. It needs no state; with one, it knows which items are known already, and the ratings before.
    Exit code 1 if the feed cannot be read.

    Example: digest sources test https://example.org/feed/ --items 3
    """
    logging.getLogger("digest").setLevel(logging.CRITICAL)  # what is printed says it all
    which, no_state, zone, trial = waiting(_tried(config, source, items))
    if as_json:
        say_json(_json(which, trial, no_state))
    else:
        for line in _lines(which, trial, no_state, zone):
            say(line)
    if trial.trouble:
        raise typer.Exit(Exit.FAILED)


async def _tried(config: Path, named: str, most: int) -> tuple[Source, str | None, ZoneInfo, Trial]:
    """The source, why no state could be used, the time zone, and the trial."""
    from digest.app.workbench import workbench

    async with workbench(config) as bench:
        source = _named(bench, config, named)
        trial = await bench.tried(source, most=most, progress=told_on_terminal)
        return source, None if bench.store else bench.no_store, bench.settings.edition.zone, trial


def told_on_terminal(what: str) -> None:
    """Say on a terminal what is being done; a file or pipe gets only the result."""
    if sys.stderr.isatty():
        typer.echo(f"  {one_line(what)} ...", err=True)


def _named(bench: Workbench, config: Path, named: str) -> Source:
    """The source of this id or address. One that is switched off is found too."""
    from digest.adapters.config.files import load_sources

    entries = load_sources(config) if config.exists() else None
    for entry in entries.sources if entries else ():
        if named in {entry.id, entry.url}:
            assert entries is not None
            return entry.source(entries.defaults)
    if not named.lower().startswith(("http://", "https://")):
        raise Refused(f"{named}: no source in sources.yaml has that id; give one of them, or an address")
    return bench.source_at(named)


# -- in words -------------------------------------------------------------------------------------------


def _lines(source: Source, trial: Trial, no_state: str | None, zone: ZoneInfo) -> Iterator[str]:
    yield f"{source.id}: {source.url}"
    if trial.trouble:
        yield f"  it cannot be read: {one_line(trial.trouble)}"
        return
    known = "" if no_state else f", {trial.new} of them not listed before"
    yield f"  {counted(trial.listed, 'item')}{known}; nothing is stored"
    yield from _admitted(trial.admission)
    if no_state:
        yield f"  which items are known already is not known: {no_state}"
    for number, one in enumerate(trial.items, start=1):
        yield ""
        yield from _item_lines(number, one, zone)


def _admitted(admission: Admission | None) -> Iterator[str]:
    """What a poll would make of the new items, if it is anything else than news."""
    from digest.admission import Fate

    if admission is None:
        return
    if admission.baseline:
        yield "  a poll would make this list the baseline: nothing of it is told"
        return
    if held := admission.of(Fate.HELD):
        yield f"  a poll would hold {counted(len(held), 'new item')} for you: {held[0].why}"
    if known := admission.of(Fate.KNOWN):
        yield f"  of the new items, {len(known)} would be no news: {known[0].why}"


def _admission_json(admission: Admission | None) -> dict[str, Any] | None:
    from digest.admission import Fate

    if admission is None:
        return None
    held, known = admission.of(Fate.HELD), admission.of(Fate.KNOWN)
    return {
        "baseline": admission.baseline,
        "held": len(held),
        "held_why": held[0].why if held else None,
        "no_news": len(known),
        "no_news_why": known[0].why if known else None,
    }


def _item_lines(number: int, one: TriedItem, zone: ZoneInfo) -> Iterator[str]:
    item = one.item
    yield f"{number}. {one_line(item.title)}"
    yield f"   {_dated(item, zone)}; {_standing(one)}"
    nothing = (
        "no link: the text in the feed is read" if item.record is None else "no link to a page of its own"
    )
    yield f"   {item.link or nothing}"
    if one.trouble:
        yield f"   not read: {one_line(one.trouble)}"
        return
    if one.page is not None and one.page.url != item.link and item.link:
        yield f"   led to {one_line(one.page.url)}"
    for candidate in one.candidates:
        who = candidate.provider_name or "no provider"
        yield f"   read: {candidate.kind}, {one_line(who)}{_by(candidate.inspectorate_name)}"
        if candidate.report is not None and (overall := candidate.report.overall) is not None:
            said = one_line(overall.evidence)
            yield f"     overall {overall.value}: {said if candidate.origin else f'“{said}”'}"
        for judgement in candidate.report.judgements if candidate.report else ():
            yield f"     {one_line(judgement.aspect)}: {judgement.grade}"
        for change in candidate.changes:
            yield f"     {_moved(change)}"
        if candidate.origin is not None:
            yield f"     record: {one_line(origin_in_words(candidate.origin))}"
    yield from (f"   told: {_story(story)}" for story in one.stories)
    if not one.stories:
        yield "   told: nothing; it says the same as another item"
    if one.doubts:
        yield f"   waits for you: {one_line('; '.join(one.doubts))}"
        yield "     until you decide, no movement is told: digest review accept N --why ..."


def _dated(item: Item, zone: ZoneInfo) -> str:
    if item.record is not None and item.record.published_on is not None:
        return f"{item.record.published_on:%a %d %b %Y}"
    return day_or_instant(item.published_at, zone) if item.published_at else "no date that can be read"


def _by(inspectorate: str | None) -> str:
    return f", {inspectorate}" if inspectorate else ""


def _standing(one: TriedItem) -> str:
    if one.known:
        return "known already"
    return "too old to be news" if one.old else "new"


def _moved(change: Change) -> str:
    aspect = "" if change.aspect == "overall" else f"{one_line(change.aspect)}: "
    before = f" from {change.before}" if change.before else ""
    after = f" to {change.after}" if change.after else ""
    return f"{aspect}{change.movement}{before}{after} ({_WITNESSES[change.certainty.value]})"


_WITNESSES: Final = {
    "agreed": "the text and earlier reports agree",
    "stated": "as the text says",
    "held": "by an earlier report",
    "disputed": "earlier reports say otherwise",
    "alone": "no earlier report is known",
}


def _story(story: Story) -> str:
    subject = one_line(story.provider_name or story.title)
    changes = "; ".join(_moved(change) for change in story.summary)
    by = f", as reported by {one_line(story.reported_by)}" if story.reported_by else ""
    section = "inspected" if story.section == "steady" else story.section
    return f"{section}: {subject}{f' - {changes}' if changes else ''}{by}"


# -- in JSON --------------------------------------------------------------------------------------------


def _json(source: Source, trial: Trial, no_state: str | None) -> dict[str, Any]:
    return {
        "source": source.id,
        "url": source.url,
        "authority": source.authority,
        "no_state": no_state,
        "trouble": trial.trouble,
        "listed": trial.listed,
        "new": None if no_state else trial.new,
        "admission": _admission_json(trial.admission),
        "items": [_item_json(one, state=no_state is None) for one in trial.items],
    }


def _item_json(one: TriedItem, *, state: bool) -> dict[str, Any]:
    return {
        "title": one.item.title,
        "link": one.item.link,
        "published_at": one.item.published_at,
        "known": one.known if state else None,
        "too_old": one.old,
        "trouble": one.trouble,
        "page": one.page.url if one.page else None,
        "reports": [
            {
                "kind": candidate.kind,
                "inspectorate": candidate.inspectorate,
                "provider": candidate.provider_name,
                "overall": _claim(candidate.report and candidate.report.overall),
                "aspects": {
                    j.aspect: j.grade for j in (candidate.report.judgements if candidate.report else ())
                },
                "record": origin_in_words(candidate.origin) if candidate.origin else None,
                "changes": [
                    {
                        "aspect": change.aspect,
                        "movement": change.movement,
                        "before": change.before,
                        "after": change.after,
                        "certainty": change.certainty,
                    }
                    for change in candidate.changes
                ],
            }
            for candidate in one.candidates
        ],
        "doubts": list(one.doubts),
        "stories": [{"section": story.section, "line": _story(story)} for story in one.stories],
    }


def _claim(claim: Any) -> dict[str, str] | None:
    return {"grade": claim.value, "evidence": claim.evidence} if claim else None
