"""`digest backup`, `restore` and `upgrade`: the whole state, in one file or of another version."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    complain,
    instant,
    opened,
    say,
    say_json,
    waiting,
)
from digest.errors import Refused
from digest.wording import counted

if TYPE_CHECKING:
    from digest.store.backup import Backup
    from digest.store.dropped_since import Dropped
    from digest.store.restoring import Restored

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what exists.")]


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write. It contains addresses.")],
    overwrite: Overwrite = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Write the whole state to a file, as it is now.

    The service can keep running. The file can be restored to SQLite and to PostgreSQL. It does not contain
    the config files or the secrets.

    Example: digest backup /var/backups/digest-2026-03-03.gz
    """
    if file.exists() and not overwrite:
        complain(f"{file} exists already; name another file, or give --overwrite")
        raise typer.Exit(Exit.WRONG)
    if not file.name or (file.is_file() and not _may_go(file)):
        complain(f"{str(file)!r} is not the name of a backup: nothing else is replaced; name another file")
        raise typer.Exit(Exit.WRONG)
    if not file.absolute().parent.is_dir():
        complain(f"{file.absolute().parent} is no directory")
        raise typer.Exit(Exit.WRONG)
    rows = waiting(_backup(config, file))
    if as_json:
        say_json({"file": str(file), "octets": file.stat().st_size, "rows": rows})
    else:
        size = counted(file.stat().st_size, "octet")
        say(f"wrote {file}: {counted(sum(rows.values()), 'row')}, {size}")


_GZIP: Final = b"\x1f\x8b"


def _may_go(file: Path) -> bool:
    """Whether a file may be an earlier backup: no database, no config file and no secrets are replaced."""
    with file.open("rb") as there:
        return there.read(len(_GZIP)) in {b"", _GZIP}


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `digest backup` wrote.")],
    overwrite: Overwrite = False,
    nothing_sent_since: Annotated[
        bool,
        typer.Option(
            "--nothing-sent-since",
            help="Nothing was sent after the backup was taken: the service did not run.",
        ),
    ] = False,
    unsuppress_all: Annotated[
        bool,
        typer.Option(
            "--unsuppress-all", help="The key of its suppressions and departures is lost: drop them all."
        ),
    ] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Replace the state with a backup. Stop the service first.

    Sending stays off until `digest resume`. The backup does not know what was sent after it was taken, so
    those stories are sent again. After noon, today's edition may already have been sent: `digest resume` then
    turns sending on when the time for that edition is over, and the next edition brings its stories, marked
    late. Either everything is restored or nothing is changed.

    Who left, was suppressed, complained or was erased after the backup is so again, from the record of
    endings beside the state. Without that record, or without the state that it belongs to, `digest resume`
    asks first.

    Stories that operators dropped after the backup are dropped again, as far as the state that is replaced
    knows of them; for each that no open edition has, there is a case in `digest review list`.

    Example: digest restore /var/backups/digest-2026-03-03.gz --overwrite
    """
    backup, lost, restored, days = waiting(
        _restore(config, file, overwrite, nothing_sent_since, unsuppress_all)
    )
    if restored is None:
        held = ", ".join(f"{count} {name}" for name, count in lost.items())
        complain(
            f"there is a state already ({held}); --overwrite replaces it: "
            "first write it to a file with `digest backup`"
        )
        raise typer.Exit(Exit.WRONG)
    _tell(backup, restored, days, nothing_sent=nothing_sent_since)


def upgrade(
    backup_to: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where the backup goes. Default: beside the database; with PostgreSQL, beside the journal.",
        ),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Bring the state of an older version up to this one. Stop the service everywhere first.

    It writes a backup, changes the schema, checks the result and loads the register that comes with this
    version. If anything fails, the state is as it was before. It does nothing to a state of this version.
    Of the backups that it wrote before, the latest two stay beside the new one. If an upgrade was killed, run
    it again.

    Example: digest upgrade --backup-to /var/backups/digest
    """
    revision, file = waiting(_upgrade(config, backup_to))
    if revision is None:
        say("the state is of this version already")
        return
    say(f"the state is upgraded from revision {revision}; {file} is the backup of it as it was")
    if gone := _drop_older(file):
        say(f"deleted {counted(gone, 'older backup')} of this kind; the latest {_KEPT} stay")


_KEPT: Final = 3
"""Backups that upgrades wrote. They contain addresses, and are for going back only."""


def _drop_older(latest: Path) -> int:
    """Delete what upgrades wrote beside the latest backup, but for the latest ones; how many they were."""
    written = sorted(latest.parent.glob("before-upgrade-*.gz"))  # by name is by date
    older = [file for file in written[:-_KEPT] if file != latest]
    for file in older:
        file.unlink(missing_ok=True)
    return len(older)


def _drop_cut(directory: Path) -> None:
    """Delete what an upgrade that was killed had written of its backup."""
    from digest.store.files import HALF

    for file in directory.glob(f".before-upgrade-*.gz{HALF}"):
        file.unlink(missing_ok=True)


async def _upgrade(config: Path, directory: Path | None) -> tuple[str | None, Path]:
    """The revision before, None if it was this version's; and the backup."""
    from digest.adapters.clock import SystemClock
    from digest.adapters.config.packaged import packaged_register
    from digest.app.directory import configured, open_database
    from digest.store.upgrading import finish
    from digest.store.upgrading import upgrade as upgrade_state

    settings, secrets = configured(config)
    database = open_database(settings, secrets, config)
    now = SystemClock().now()
    beside = database.file.parent if database.file else settings.store.journal.parent
    file = (directory or beside) / f"before-upgrade-{now:%Y-%m-%dT%H%M%SZ}.gz"
    try:
        revision = await database.revision()
        if revision is not None:
            if not file.parent.is_dir():
                raise Refused(f"{file.parent} is no directory for the backup; give another with --backup-to")
            async with database.alone():
                revision = await upgrade_state(database, file, now, _progress, packaged_register())
        else:
            await finish(database)
        _drop_cut(file.parent)
    finally:
        await database.dispose()
    return revision, file


async def _backup(config: Path, file: Path) -> dict[str, int]:
    from digest.adapters.clock import SystemClock
    from digest.store.backup import back_up

    async with opened(config) as (_, store):
        return await back_up(store.database, file, SystemClock().now(), _progress)


async def _restore(
    config: Path, file: Path, overwrite: bool, nothing_sent: bool, drop_sealed: bool
) -> tuple[Backup, dict[str, int], Restored | None, list[date]]:
    """Restore the backup; or the rows by table that would be lost, if nothing was done because of them.

    With the days of the editions that may have been sent since.
    """
    from digest.adapters.clock import SystemClock
    from digest.app.directory import configured, open_database
    from digest.deliveries import Pause
    from digest.store.backup import check_backup, row_counts
    from digest.store.restoring import restore

    backup = check_backup(file)
    settings, secrets = configured(config)
    database = open_database(settings, secrets, config)
    try:
        async with database.alone():
            await database.create()
            if not overwrite and (there := await row_counts(database)):
                return backup, there, None, []
            why = f"restored from {file.name}, taken {instant(backup.taken_at)}"
            now, timetable = SystemClock().now(), settings.edition.timetable
            in_doubt = None if nothing_sent else timetable.begun_by(now)
            pause = Pause(since=now, by="restore", why=why, in_doubt=in_doubt)
            restored = await restore(
                database,
                backup,
                pause,
                _progress,
                seal=secrets.seal,
                nothing_since=nothing_sent,
                drop_sealed=drop_sealed,
            )
    finally:
        await database.dispose()
    return backup, {}, restored, timetable.days_sent(backup.taken_at, now)


def _tell(backup: Backup, restored: Restored, days: list[date], *, nothing_sent: bool) -> None:
    again, since = restored.again, instant(backup.taken_at)
    ended = ", ".join(f"{count} {how}" for how, count in sorted(again.ended.items()))
    say(f"restored {backup.file}, taken {since}; sending is off until `digest resume`")
    say(
        f"ended since then, and again now: {counted(again.ended.total(), 'subscription')}"
        f"{f' ({ended})' if ended else ''}, {counted(again.suppressed, 'suppression')}, "
        f"{counted(again.departed, 'departure')}"
    )
    if restored.dropped:
        sealed = counted(
            restored.dropped, "suppressed or departed address", "suppressed or departed addresses"
        )
        say(f"dropped: {sealed}")
    if nothing_sent:
        return
    if again.lost:
        say(
            f"lost: {counted(again.lost, 'subscription')} of people who joined, came back or moved since; "
            "they have to ask again"
        )
    _tell_of_drops(restored)
    say("not known: what was sent since, and changes of wishes and pauses since")
    say(f"not sent again: {counted(restored.letters, 'letter')} that waited")
    if days:
        span = f"of {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}"
        say(f"may come a second time: the stories of {counted(len(days), 'edition')} ({span})")
    if restored.unknown_since is not None:
        if restored.end_in_doubt:
            complain(_END_NOT_ATTESTED)
        from digest.jobs.pausing import unknown_endings

        complain(unknown_endings(restored.unknown_since))


def _tell_of_drops(restored: Restored) -> None:
    """Stories that operators had dropped since the backup, as far as the replaced state knew of them."""
    for one in restored.withheld:
        say(f"dropped since then, and again now: {one.key} {_about(one)}")
    for one in restored.found_since:
        say(f"dropped since then, and not in the backup: {_about(one)}; drop it again if it comes")
    if not restored.withheld and not restored.found_since:
        say("dropped since then: no story that this database knew of; if you know of one, drop it again")


def _about(one: Dropped) -> str:
    from digest.present.tidy import one_line

    return f"“{one_line(one.title)}” ({one.act.by}: {one_line(one.act.words)})"


_END_NOT_ATTESTED: Final = (
    "the record of endings is whole as far as it shows, but there was no state that could tell whether it "
    "is an old copy or has lost its last lines. If it is the file that the service used last, and no copy, "
    "nobody is missing: `digest resume --endings-settled`"
)


def _progress(table: str, rows: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{table}: {counted(rows, 'row')}".ljust(40), nl=False, err=True)
