"""`digest subscribers import` and `export`: subscriptions from and to CSV files."""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    By,
    ConfigDirectory,
    Exit,
    complain,
    opened,
    say,
    say_json,
    waiting,
)
from digest.cli.subscribers.common import (
    PAGE,
    Basis,
    Yes,
    everyone,
    gaps,
    names,
    operator,
    progress,
    slips,
)
from digest.errors import Refused
from digest.subscriptions import UNDO_WITHIN, Channel, Entry, Newcomer, Selection, Standing, Step
from digest.wording import counted

if TYPE_CHECKING:
    from digest.membership.enrolment import Enrolment
    from digest.parse.people import People
    from digest.ports import Joined
    from digest.settings import Settings
    from digest.store.sql import SqlStore

_MOST_SHOWN = 50  # bad rows


def import_(  # noqa: PLR0917 -- options, each given by name
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a column of addresses.")],
    basis: Basis,
    by: By,
    confirmed: Annotated[
        bool,
        typer.Option("--confirmed", help="They have already agreed, as --basis says: no letter to confirm."),
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Import the good rows, and leave out bad ones.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be done.")] = False,
    yes: Yes = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Subscribe the people in a CSV file.

    Addresses that are known already are not changed. New ones are pending and get a letter to confirm; with
    --confirmed they are active at once.

    Without --yes, nothing is written. If a row is bad, nothing is written unless you give --skip-bad. An
    import can be undone for 28 days with `undo`.

    Example: digest subscribers import people.csv --basis "signed up at the conference, 3 March"
    """  # fmt: skip
    if not basis.strip():
        raise Refused("--basis: say how they agreed")
    content = _content(file)
    step = Step.CONFIRMED if confirmed else Step.ASKED
    made = waiting(
        _import(config, file, content, step, basis=basis, by=by, skip_bad=skip_bad, write=yes and not dry_run)
    )
    people, counts, asked, bulk = made
    if as_json:
        _tell_json(people, counts, asked, bulk)
    else:
        _tell(people, counts, asked, bulk, step, skip_bad=skip_bad)
    if people.bad and not skip_bad:
        raise typer.Exit(Exit.WRONG)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from error


async def _import(
    config: Path,
    file: Path,
    content: bytes,
    step: Step,
    *,
    basis: str,
    by: str,
    skip_bad: bool,
    write: bool,
) -> tuple[People, Counter[Entry], Counter[Joined], int | None]:
    from digest.adapters.clock import SystemClock
    from digest.parse.people import read_people

    async with opened(config) as (settings, store):
        register = await store.providers.register()
        people = read_people(content, str(file), names(settings, register))
        newcomers = [row.newcomer for row in people.rows]
        for slip in slips((area for one in newcomers for area in one.wishes.areas), register):
            complain(slip)
        for gap in await gaps((one.wishes for one in newcomers), settings, store):
            complain(gap)
        counts: Counter[Entry] = Counter()
        for chunk in _chunks(newcomers):
            counts.update(await store.bulks.preview(chunk))
        if not write or (people.bad and not skip_bad):
            return people, counts, Counter(), None
        bulk = None
        if counts[Entry.NEW]:  # without a new subscription there is nothing to undo
            what = f"import {file.name}{' --confirmed' if step is Step.CONFIRMED else ''}"
            bulk = await store.bulks.open(what=what, by=by, why=basis, now=SystemClock().now())
            counts = await _take_in(store, bulk, newcomers, step, basis=basis, by=by)
        asked: Counter[Joined] = Counter()
        if step is Step.ASKED:
            asked = await _invite(store, _enrolment(config, settings, store), newcomers)
        return people, counts, asked, bulk


async def _take_in(
    store: SqlStore, bulk: int, newcomers: list[Newcomer], step: Step, *, basis: str, by: str
) -> Counter[Entry]:
    from digest.adapters.clock import SystemClock

    evidence = operator(by, basis, Channel.IMPORT)
    counts: Counter[Entry] = Counter()
    with progress(len(newcomers), "people") as bar:
        for chunk in _chunks(newcomers):
            made, _ = await store.bulks.add_newcomers(bulk, chunk, step, evidence, now=SystemClock().now())
            counts.update(made)
            bar.update(len(chunk))
    return counts


def _enrolment(config: Path, settings: Settings, store: SqlStore) -> Enrolment:
    from digest.adapters.clock import SystemClock
    from digest.app.directory import configured
    from digest.app.service import membership_for, operators_for
    from digest.jobs.operator_alerts import OperatorAlerts

    _, secrets = configured(config)
    clock = SystemClock()
    operators = operators_for(settings, secrets, store, clock)
    alerts = OperatorAlerts(counts=store.counts, call=operators.call, clock=clock)
    return membership_for(settings, secrets, store, clock=clock, alerts=alerts).enrolment


async def _invite(store: SqlStore, enrolment: Enrolment, newcomers: list[Newcomer]) -> Counter[Joined]:
    """Write to each pending person on the list who has no letter yet, also from an earlier run."""
    asked: Counter[Joined] = Counter()
    with progress(len(newcomers), "letters") as bar:
        for one in newcomers:
            known = await store.subscriptions.find(one.address)
            outcome = await enrolment.invite(known.subscriber) if known is not None else None
            if outcome is not None:
                asked[outcome] += 1
            bar.update(1)
    return asked


def _chunks(newcomers: list[Newcomer]) -> Iterator[list[Newcomer]]:
    return (newcomers[at : at + PAGE] for at in range(0, len(newcomers), PAGE))


def _tell(
    people: People,
    counts: Counter[Entry],
    asked: Counter[Joined],
    bulk: int | None,
    step: Step,
    *,
    skip_bad: bool,
) -> None:
    for problem in people.bad[:_MOST_SHOWN]:
        complain(str(problem))
    if len(people.bad) > _MOST_SHOWN:
        complain(f"... and {len(people.bad) - _MOST_SHOWN} bad rows more; --json lists them all")
    for line, first in people.again[:_MOST_SHOWN]:
        complain(f"line {line} has the same mailbox as line {first}, which counts")
    begun = "active" if step is Step.CONFIRMED else "pending until they confirm"
    said = {entry: str(entry) for entry in Entry} | {Entry.NEW: f"new: {begun}"}
    for entry in Entry:
        say(f"{counts[entry]:>7}  {said[entry]}")
    say(f"{len(people.again):>7}  repeated in the file")
    say(f"{len(people.bad):>7}  {'bad row' if len(people.bad) == 1 else 'bad rows'}")
    _tell_letters(asked)
    if bulk is not None:
        say(f"done, as bulk {bulk}; to undo it within {UNDO_WITHIN.days} days: "
            f"digest subscribers undo {bulk}")  # fmt: skip
    elif people.bad and not skip_bad:
        say("nothing was written: correct the bad rows, or run again with --skip-bad")
    elif not counts[Entry.NEW]:
        say("nobody is new, so there is nothing to undo")
    else:
        say("nothing was written yet; run again with --yes")


def _tell_letters(asked: Counter[Joined]) -> None:
    from digest.ports import Joined

    if asked[Joined.ASKED]:
        say(f"{asked[Joined.ASKED]:>7}  letters to confirm, on their way")
    if asked[Joined.LIMITED]:
        say(f"{asked[Joined.LIMITED]:>7}  without a letter yet: imports may use a fifth of a day's letters, "
            "and nobody gets more than subscribing.per_week")  # fmt: skip
        say("         run it again tomorrow, and it writes only to these")
    if asked[Joined.UNFIT]:
        say(f"{asked[Joined.UNFIT]:>7}  without a letter: this service cannot send mail to such an address")


def _tell_json(people: People, counts: Counter[Entry], asked: Counter[Joined], bulk: int | None) -> None:
    say_json(
        {
            "bulk": bulk,
            "counts": {entry.name.lower(): counts[entry] for entry in Entry},
            "letters": {str(outcome): count for outcome, count in sorted(asked.items())},
            "again": [{"line": line, "first": first} for line, first in people.again],
            "bad": [
                {"line": p.line, "column": p.key, "found": p.found, "expected": p.expected}
                for p in people.bad
            ],
        }
    )


def export(
    csv_file: Annotated[
        str, typer.Option("--csv", metavar="FILE|-", help="The file to write; - is standard output.")
    ] = "-",
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Write every active subscription with its wishes.

    It contains full addresses; only you can read the file. `import` can read it.

    Example: digest subscribers export --csv people.csv
    """
    count = waiting(_export(config, csv_file, as_json))
    if csv_file != "-":
        complain(f"{counted(count, 'subscription')} in {csv_file}; they are personal data")


async def _export(config: Path, csv_file: str, as_json: bool) -> int:
    import csv

    from digest.characters import guarded
    from digest.parse.people import COLUMNS, written

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
    """Standard output, or a file that only its owner can read and that appears when it is complete."""
    if name == "-":
        out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
        try:
            yield out
        finally:
            out.detach()
        return
    file = Path(name)
    if not file.name:
        raise Refused(f"{name!r} is not the name of a file")
    from digest.store.files import whole

    try:
        with whole(file) as raw:
            out = io.TextIOWrapper(raw, encoding="utf-8", newline="")
            yield out
            out.detach()  # what it holds is written
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from error
