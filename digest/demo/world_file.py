"""Reads the file of the demo's world, `seeds/world/world.yaml`, into a `World`.

The file has local days and times, and items below their days. A mistake in it is reported with its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from digest.demo.data import DataPublisher
from digest.demo.world import (
    Day,
    Expected,
    Publication,
    Publisher,
    Subscriber,
    World,
    instant_of,
)
from digest.demo.world_model import SLUG, WorldModel
from digest.errors import ConfigError, Problem
from digest.parse.register import dated
from digest.providers import Provider, provider_id
from digest.ratings import OVERALL, Precision, Rating
from digest.subscriptions import Wishes


class _WrittenRating(WorldModel):
    grade: str
    scale: str
    published: date | Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}|/[0-9]{4})?$")] | None
    basis: str
    source: str


class _WrittenProvider(WorldModel):
    name: str
    kind: str
    inspectorate: str
    aliases: tuple[str, ...] = ()
    rated: tuple[_WrittenRating, ...] = ()


class _WrittenWishes(WorldModel):
    inspectorates: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    movements_only: bool = False
    commentary: bool = True


class _WrittenSubscriber(WorldModel):
    key: str = Field(pattern=SLUG)
    name: str
    address: str
    wants: str
    wishes: _WrittenWishes = _WrittenWishes()


class _WrittenItem(WorldModel):
    publisher: str
    at: time
    id: int
    slug: str = Field(pattern=SLUG)
    title: str
    summary: str
    expect: Expected | None = None


class _WrittenDay(WorldModel):
    date: date
    items: tuple[_WrittenItem, ...]
    readers: tuple[str, ...] = ()


class _WrittenWorld(WorldModel):
    zone: ZoneInfo
    opens: time
    publishers: tuple[Publisher, ...]
    data: tuple[DataPublisher, ...] = ()
    providers: tuple[_WrittenProvider, ...] = ()
    subscribers: tuple[_WrittenSubscriber, ...]
    before: tuple[_WrittenDay, ...]
    days: tuple[_WrittenDay, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if troubles := list(_troubles(self)):
            raise ValueError("; ".join(troubles))
        return self


def _troubles(world: _WrittenWorld) -> Iterator[str]:
    """Mistakes that concern more than one key: unknown names, and days out of order."""
    dates = [day.date for day in (*world.before, *world.days)]
    if any(later <= earlier for earlier, later in pairwise(dates)):
        yield "days in order, each once"
    items = [item for day in (*world.before, *world.days) for item in day.items]
    slugs = [item.slug for item in items]
    yield from (f"one item with slug {slug!r}" for slug in sorted({s for s in slugs if slugs.count(s) > 1}))
    publishers = {publisher.key for publisher in world.publishers}
    yield from (f"a publisher {item.publisher!r}" for item in items if item.publisher not in publishers)
    readers = {subscriber.key for subscriber in world.subscribers}
    named = [reader for day in world.days for reader in day.readers]
    yield from (f"a subscriber {reader!r}" for reader in named if reader not in readers)
    targets = [t for i in items if i.expect for t in (i.expect.joins, i.expect.follows) if t]
    yield from (f"an item {slug!r}" for slug in targets if slug not in slugs)
    new = [item for day in world.days for item in day.items]
    yield from (f"expectations of {item.slug!r}" for item in new if item.expect is None)


def load_world(path: Path) -> World:
    """The world in a file, with its pages in the folder `pages/` beside it.

    `ConfigError` for bad YAML, wrong or unknown keys and missing pages; it holds all of them.
    """
    tree = _read(path)
    try:
        written = _WrittenWorld.model_validate(tree)
        world = _world(written, path.parent / "pages")
    except ValidationError as error:
        raise ConfigError([_problem(path, tree, dict(found)) for found in error.errors()]) from error
    missing = [p for p in map(world.page_file, world.publications) if not p.is_file()]
    if missing:
        raise ConfigError([_missing(page) for page in missing])
    return world


def _read(path: Path) -> Any:
    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([_about(path, None, "", str(error), "a readable UTF-8 file")]) from error
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = mark.line + 1 if mark else None
        found = str(getattr(error, "problem", error))
        raise ConfigError([_about(path, line, "", found, "YAML")]) from error


def _problem(path: Path, tree: Any, found: dict[str, Any]) -> Problem:
    location: tuple[int | str, ...] = found["loc"]
    value = "" if found["type"] == "missing" or isinstance(found["input"], dict) else repr(found["input"])
    key = ".".join(map(str, location))
    return _about(path, _line(tree, location), key, value[:80], found["msg"])


def _line(tree: Any, location: tuple[int | str, ...]) -> int | None:
    """The line of the deepest node on the path `location` that has a line; None if none has."""
    line = None
    for step in location:
        try:
            line = (tree.lc.key(step) if isinstance(step, str) else tree.lc.item(step))[0] + 1
            tree = tree[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


def _missing(page: Path) -> Problem:
    return _about(page, None, "", "", "the page of an item that the world lists")


def _about(path: Path, line: int | None, key: str, found: str, expected: str) -> Problem:
    return Problem(file=str(path), line=line, key=key, found=found, expected=expected)


def _world(written: _WrittenWorld, pages: Path) -> World:
    zone = written.zone
    return World(
        zone=zone,
        opens=written.opens,
        publishers=written.publishers,
        data=written.data,
        providers=tuple(_provider(p) for p in written.providers),
        history=tuple(_rating(p, r) for p in written.providers for r in p.rated),
        subscribers=tuple(_subscriber(s) for s in written.subscribers),
        before=tuple(p for day in written.before for p in _publications(day, zone)),
        days=tuple(
            Day(date=day.date, publications=tuple(_publications(day, zone)), readers=day.readers)
            for day in written.days
        ),
        pages=pages,
    )


def _publications(day: _WrittenDay, zone: ZoneInfo) -> Iterator[Publication]:
    for item in day.items:
        yield Publication(
            publisher=item.publisher,
            id=item.id,
            slug=item.slug,
            title=item.title,
            summary=item.summary,
            day=day.date,
            published_at=instant_of(day.date, item.at, zone),
            expect=item.expect,
        )


def _provider(written: _WrittenProvider) -> Provider:
    return Provider(
        id=provider_id(written.name),
        name=written.name,
        kind=written.kind,
        inspectorate=written.inspectorate,
        aliases=written.aliases,
    )


def _rating(provider: _WrittenProvider, written: _WrittenRating) -> Rating:
    published = dated(str(written.published)) if written.published else None
    return Rating(
        provider=provider_id(provider.name),
        aspect=OVERALL,
        scale=written.scale,
        grade=written.grade,
        inspected_on=None,
        published_on=published[0] if published else None,
        published_precision=published[1] if published else Precision.DAY,
        evidence=written.basis,
        link=written.source,
    )


def _subscriber(written: _WrittenSubscriber) -> Subscriber:
    return Subscriber(
        key=written.key,
        name=written.name,
        address=written.address,
        wants=written.wants,
        wishes=Wishes(**written.wishes.model_dump()),
    )
