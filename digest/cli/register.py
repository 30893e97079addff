"""`digest register`: load, look at and mend the register of providers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    By,
    ConfigDirectory,
    Exit,
    command_group,
    opened,
    say_each,
    say_one,
    waiting,
)
from digest.cli.register_loading import load
from digest.errors import Refused
from digest.wording import counted

if TYPE_CHECKING:
    from digest.ports.register import Entry, Relative
    from digest.providers import Linked, Provider, Ruled
    from digest.ratings import Rating
    from digest.store.sql import SqlStore

app = command_group("Load, look at and mend the register of providers.")
app.command("load")(load)

Id = Annotated[str, typer.Argument(metavar="ID", help="An id, as `digest register find` shows it.")]
One = Annotated[str, typer.Argument(metavar="A", help="The id of a provider.")]
Other = Annotated[str, typer.Argument(metavar="B", help="The id of another.")]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason, for those who look at it later.")]


class As(StrEnum):
    """What the second provider of a command is to the first."""

    SUCCESSOR = "successor"
    PREDECESSOR = "predecessor"
    MERGED = "merged"


@app.command("show")
def show(id: Id, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show what the register has of a provider.

    Its names, the publishers' numbers, what came before and after it, its ratings, and what was decided. An
    entry that is merged into another shows that one.

    Example: digest register show ofsted:100001
    """
    entry = waiting(_entry(config, id))
    say_one(entry, text=lambda one: "\n".join(_lines(one)), json=_json, as_json=as_json)


@app.command("find")
def find(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Words of the name, an id or a number.")],
    most: Annotated[int, typer.Option(metavar="N", min=1, help="So many at most.")] = 20,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Find providers by words of their names.

    The beginning of a word is enough, and a word may be spelled nearly so. Former names count. Exit code 1 if
    there are none.

    Example: digest register find "oak lane prim"
    """
    found = waiting(_found(config, name, most))
    say_each(found, nothing="no provider is like that", text=_line, json=_provider_json, as_json=as_json)
    if not found:
        raise typer.Exit(Exit.FAILED)


@app.command("merge")
def merge(  # noqa: PLR0917 -- options, each given by name
    one: One,
    other: Other,
    by: By,
    why: Why = "",
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Let B be A from now on.

    B's ratings, reports, names and numbers count as A's, and those who watch B are told of A. What is stored
    stays as it is: `digest register split B` ends it.

    Example: digest register merge ofsted:100001 oak-lane-primary-school --why "the same school"
    """

    async def decide(store: SqlStore, now: Any) -> None:
        await store.register.merge(one, other, by=by, why=why, now=now)

    waiting(_decided(config, decide))
    text = f"{other} leads to {one} from now on; `digest register split {other}` ends it"
    say_one(text, text=str, json=lambda _: {"into": one, "merged": other, "by": by}, as_json=as_json)


@app.command("split")
def split(
    id: Annotated[str, typer.Argument(metavar="B", help="An entry that was merged into another.")],
    by: By,
    why: Why = "",
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Undo a merge: B is a provider of its own again.

    All that was B's is B's again. Reports that came since the merge go to B if they are on a record of B, or
    call it by a name that A does not have. Data never joins the two again.

    Example: digest register split oak-lane-primary-school --why "two schools of one name"
    """

    async def decide(store: SqlStore, now: Any) -> int:
        return await store.register.split(id, by=by, why=why, now=now)

    returned = waiting(_decided(config, decide))
    say_one(
        returned,
        text=lambda n: (
            f"{id} is a provider of its own again"
            + (f"; {counted(n, 'report')} that came since went to it" if n else "")
        ),
        json=lambda n: {"split": id, "reports": n, "by": by},
        as_json=as_json,
    )


@app.command("link")
def link(  # noqa: PLR0917 -- options, each given by name
    one: One,
    other: Other,
    by: By,
    is_a: Annotated[As, typer.Option("--as", help="What B is to A; merged: B was made of A and others.")],
    why: Why = "",
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say that B came after A, or before it.

    Who watches the earlier one is told of the later one as well. Grades are not handed on. This goes before
    what data states.

    Example: digest register link ofsted:100001 ofsted:140001 --as successor
    """
    linked = _linked(one, other, is_a)

    async def decide(store: SqlStore, now: Any) -> None:
        await store.register.link(linked, by=by, why=why, now=now)

    waiting(_decided(config, decide))
    facts = {"provider": linked.provider, "predecessor": linked.predecessor, "link": linked.link, "by": by}
    text = f"{linked.provider} came after {linked.predecessor} ({linked.link})"
    say_one(text, text=str, json=lambda _: facts, as_json=as_json)


@app.command("unlink")
def unlink(  # noqa: PLR0917 -- options, each given by name
    one: One,
    other: Other,
    by: By,
    why: Why = "",
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say that neither of two providers came after the other.

    This goes before what data states, now and later.

    Example: digest register unlink ofsted:100001 ofsted:140001
    """

    async def decide(store: SqlStore, now: Any) -> None:
        await store.register.unlink(one, other, by=by, why=why, now=now)

    waiting(_decided(config, decide))
    text = f"{one} and {other} are not linked any more"
    say_one(text, text=str, json=lambda _: {"unlinked": [one, other], "by": by}, as_json=as_json)


def _linked(one: str, other: str, is_a: As) -> Linked:
    from digest.providers import Link, Linked

    if is_a is As.PREDECESSOR:
        return Linked(provider=one, predecessor=other)
    return Linked(provider=other, predecessor=one, link=Link.MERGED if is_a is As.MERGED else Link.SUCCESSOR)


async def _decided(config: Path, decide: Callable[[SqlStore, Any], Awaitable[Any]]) -> Any:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (_, store):
        return await decide(store, SystemClock().now())


async def _entry(config: Path, id: str) -> Entry:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (_, store):
        found = await store.register.entry(id, now=SystemClock().now())
    if found is None:
        raise Refused(f"{id} is no id of the register; `digest register find NAME` has them")
    return found


async def _found(config: Path, name: str, most: int) -> list[Provider]:
    async with opened(config) as (_, store):
        return (await store.providers.register()).find(name, most=most)


# -- as text --------------------------------------------------------------------------------------------


def _line(one: Provider) -> str:
    facts = ", ".join(filter(None, (one.kind, one.area, one.inspectorate)))
    return f"{one.id}  {one.name}{f' ({facts})' if facts else ''}"


def _lines(entry: Entry) -> Iterator[str]:
    one = entry.provider
    yield _line(one)
    if entry.proposed:
        yield "  proposed     only a text has named it"
    for inspectorate, number in entry.numbers:
        yield f"  number       {number}, of {inspectorate}"
    for name in one.aliases:
        yield f"  also called  {name}"
    for id in one.merged:
        yield f"  merged       {id}"
    yield from (f"  before       {_relative(each)}" for each in entry.predecessors)
    yield from (f"  after        {_relative(each)}" for each in entry.successors)
    yield from (f"  rated        {_rating(each)}" for each in entry.ratings)
    yield from (f"  decided      {_ruling(each)}" for each in entry.rulings)


def _relative(one: Relative) -> str:
    return f"{one.id}  {one.name or 'not in the register'} ({one.link})"


def _rating(one: Rating) -> str:
    withdrawn = ", withdrawn" if one.withdrawn else ""
    return f"{one.dated or 'undated'}  {one.aspect}: {one.grade}, on {one.scale}{withdrawn}"


def _ruling(one: Ruled) -> str:
    link = f" ({one.link})" if one.link else ""
    why = f": {one.why}" if one.why else ""
    return f"{one.at:%Y-%m-%d %H:%M} {one.ruling} {one.provider} and {one.other}{link} by {one.by}{why}"


# -- as JSON --------------------------------------------------------------------------------------------


def _provider_json(one: Provider) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "other_names": list(one.aliases),
        "kind": one.kind,
        "area": one.area,
        "inspectorate": one.inspectorate,
        "merged": list(one.merged),
    }


def _json(entry: Entry) -> dict[str, Any]:
    return _provider_json(entry.provider) | {
        "proposed": entry.proposed,
        "numbers": [{"inspectorate": of, "number": number} for of, number in entry.numbers],
        "predecessors": [_relative_json(one) for one in entry.predecessors],
        "successors": [_relative_json(one) for one in entry.successors],
        "ratings": [
            {
                "aspect": one.aspect,
                "scale": one.scale,
                "grade": one.grade,
                "dated": one.dated,
                "evidence": one.evidence,
                "link": one.link,
                "withdrawn": one.withdrawn,
            }
            for one in entry.ratings
        ],
        "decided": [
            {
                "ruling": one.ruling,
                "provider": one.provider,
                "other": one.other,
                "link": one.link,
                "by": one.by,
                "at": one.at,
                "why": one.why,
            }
            for one in entry.rulings
        ],
    }


def _relative_json(one: Relative) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "link": one.link}
