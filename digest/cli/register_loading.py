"""`digest register load`: a publisher's file, a file of links or one of the operator's own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    complain,
    opened,
    say_one,
    waiting,
)
from digest.errors import Refused
from digest.wording import counted

if TYPE_CHECKING:
    from digest.settings import Settings
    from digest.sources import Source
    from digest.store.sql import SqlStore


def load(
    what: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A source of kind dataset, or a file of past ratings.")
    ],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Its file, if it is not to be fetched; or its file of links."),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Load providers and what they were rated, as a baseline.

    Nobody is told anything of it. SOURCE is a source of kind dataset in sources.yaml: its columns are bound
    as it says there. FILE may also be the file of links of Get Information about Schools (URN, LinkURN,
    LinkType). SOURCE may instead be a file INSPECTORATE/SCALE.csv in the format of seeds/register. What is
    loaded twice is there once. The service may run meanwhile.

    Example: digest register load ofsted-mi latest-inspections.csv
    """
    done = waiting(_load(config, what, file))
    say_one(done, text=lambda one: str(one["text"]), json=_without_text, as_json=as_json)


def _without_text(done: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in done.items() if name != "text"}


async def _load(config: Path, what: str, file: Path | None) -> dict[str, Any]:
    from digest.parse.provider_links import is_of_links

    body = file.read_bytes() if file is not None else None
    async with opened(config) as (settings, store):
        source = next((one for one in settings.sources if one.id == what), None)
        if source is None:
            return await _of_our_own(settings, store, what, file)
        if body is not None and file is not None and is_of_links(body):
            return await _links(store, source, file, body)
        return await _dataset(settings, store, source, file, body)


async def _of_our_own(settings: Settings, store: SqlStore, what: str, more: Path | None) -> dict[str, Any]:
    """Load a file in the format of seeds/register; its path gives the keys."""
    from digest.parse.register import read_register

    path = Path(what)
    if more is not None or not path.is_file():
        raise Refused(f"{what}: no source in sources.yaml has that id, and no file is there")
    inspectorate, scale = path.absolute().parent.name, path.stem
    owner = settings.inspectorates.named(inspectorate)
    if owner is None or scale not in {one.key for one in owner.scales}:
        raise Refused(f"{what}: the path must end with INSPECTORATE/SCALE.csv, both keys of config/scales/")
    text = path.read_text(encoding="utf-8")
    found, past = read_register(
        text, inspectorate=inspectorate, scale=scale, known=settings.inspectorates, file=what
    )
    await store.providers.load(found, past, whole=False)
    said = f"{what}: {counted(len(found), 'provider')} with {counted(len(past), 'past rating')}"
    return {"file": what, "providers": len(found), "ratings": len(past), "text": said}


async def _links(store: SqlStore, source: Source, file: Path, body: bytes) -> dict[str, Any]:
    from digest.parse.provider_links import read_links

    read = read_links(body, inspectorate=source.inspectorate or "", file=str(file))
    with _bar(file.name) as tell:
        done = 0

        def progress(count: int) -> None:
            nonlocal done
            done += count
            tell(len(read.links), done)

        loaded = await store.register.load_links(read.links, progress=progress)
    said = (
        f"{file}: {counted(loaded.links, 'link')}, {loaded.changed} new or changed, {loaded.gone} gone; "
        f"left out: {loaded.strangers} whose later provider is in no register, {read.other} of another type"
    )
    return {
        "file": str(file),
        "links": loaded.links,
        "changed": loaded.changed,
        "gone": loaded.gone,
        "not_in_the_register": loaded.strangers,
        "of_another_type": read.other,
        "text": said,
    }


async def _dataset(
    settings: Settings, store: SqlStore, source: Source, file: Path | None, body: bytes | None
) -> dict[str, Any]:
    from digest.adapters.clock import SystemClock
    from digest.adapters.workers import DATA_LIMIT, ProcessWorkers
    from digest.app.edges import fetcher
    from digest.jobs.load_register import OnDisk, RegisterLoader
    from digest.source_specs import SourceKind

    if source.kind is not SourceKind.DATASET:
        raise Refused(f"{source.id} is of kind {source.kind}; only a dataset can be loaded")
    clock = SystemClock()
    on_disk = None if file is None or body is None else OnDisk(file.absolute().as_uri(), body)
    async with ProcessWorkers(processes=1, limit=DATA_LIMIT) as workers, fetcher(settings, clock) as web:
        loader = RegisterLoader(
            store=store, fetcher=web, workers=workers, inspectorates=settings.inspectorates, clock=clock
        )
        with _bar(file.name if file else source.id) as tell:
            loaded = await loader.load(source, file=on_disk, progress=tell)
    if isinstance(loaded, str):
        complain(f"digest: {file or source.id}: {loaded}")
        raise typer.Exit(Exit.FAILED)
    said = (
        f"{source.id}: {counted(loaded.rows, 'provider')}, {loaded.changed} new or changed, "
        f"{loaded.gone} gone; nobody is told"
    )
    return {
        "source": source.id,
        "rows": loaded.rows,
        "changed": loaded.changed,
        "gone": loaded.gone,
        "text": said,
    }


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal; it is told how many parts there are, and how many are done."""
    if not sys.stderr.isatty():
        yield lambda _, __: None
        return
    with typer.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def tell(parts: int, done: int) -> None:
            bar.length = max(parts, 1)
            bar.update(done - bar.pos)

        yield tell
