"""`digest subscribers export`: everybody who gets editions, as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Annotated

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, complain, opened, waiting
from digest.cli.subscribers.common import everyone
from digest.errors import Refused
from digest.parse.people import COLUMNS, guarded, written
from digest.settings.types import counted
from digest.subscriptions import Selection, Standing


def export(
    csv_file: Annotated[
        str, typer.Option("--csv", metavar="FILE|-", help="Where to; - is standard output.")
    ] = "-",
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Write every active subscription with its wishes.

    Addresses are in clear, in a file that only you may read; `import` reads it again.

    Example: digest subscribers export --csv people.csv
    """
    count = waiting(_export(config, csv_file, as_json))
    if csv_file != "-":
        complain(f"{counted(count, 'subscription')} in {csv_file}; they are personal data")


async def _export(config: Path, csv_file: str, as_json: bool) -> int:
    count = 0
    async with opened(config) as (_, store):
        register = await store.providers.register()

        def provider(id: str) -> str:
            known = register.get(id)
            return known.name if known else id

        which = Selection(standing=Standing.ACTIVE)
        with _out(csv_file) as out:
            if as_json:
                rows = [written(one, provider) async for one in everyone(store, which)]
                json.dump(rows, out, indent=2, ensure_ascii=False)
                out.write("\n")
                return len(rows)
            writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")  # RFC 4180 section 2
            writer.writeheader()
            async for one in everyone(store, which):
                writer.writerow({name: guarded(cell) for name, cell in written(one, provider).items()})
                count += 1
    return count


@contextmanager
def _out(name: str) -> Iterator[IO[str]]:
    """Standard output, or a file for its owner alone, which appears when it is whole."""
    if name == "-":
        out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
        try:
            yield out
        finally:
            out.detach()
        return
    file = Path(name)
    if not file.name:
        raise Refused(f"{name!r} names no file")
    half = file.with_name(f".{file.name}.part")
    try:
        handle = os.open(half, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            yield out
        half.replace(file)
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from error
    finally:
        with suppress(OSError):  # whatever was in the way of writing it
            half.unlink()
