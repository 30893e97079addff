"""The operator's files and the database of the service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from digest.diagnose.checks import Check, well, wrong
from digest.roles import NEEDED, Role


def judge_state(
    directory: Path,
    database_trouble: str | None,
    open_to_others: Sequence[str] = (),
    record_trouble: str | None = None,
    missing: Sequence[Role] = (),
) -> Sequence[Check]:
    """The checks of a directory whose settings were read, and of the database that they name.

    `database_trouble` says why the database cannot be used; None if it can. `open_to_others` names those
    of its files and directory that other users can open, `record_trouble` says how the database and its
    record of endings do not fit together. `missing` are the roles that no running process has.
    """
    files = [well("files", f"{directory} is sound")]
    if open_to_others:
        found = f"other users can open {', '.join(open_to_others)}"
        advice = "chmod go= for each; a directory that is for other things too is no place for a state"
        files.append(wrong("private files", found, "files and a directory for their owner alone", advice))
    if database_trouble is None:
        database = well("database", "it is there, and of this version")
        return [*files, database, *_record(record_trouble), *map(_role, missing)]
    advice = "digest init for a new service; digest restore for one that was; or correct store.url"
    return [*files, wrong("database", database_trouble, "a state of ours", advice)]


def _role(role: Role) -> Check:
    found = f"some processes run, and none has --role {role}: {NEEDED[role]}"
    return wrong("processes", found, "each role in one process at least", f"digest run --role {role}, or all")


def _record(trouble: str | None) -> list[Check]:
    if trouble is None:
        return []
    advice = "any other command ends again who left, or turns sending off and says what to do: digest status"
    return [wrong("record of endings", trouble, "a record that is as old as the database", advice)]
