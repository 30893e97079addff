"""The operator's files and the database of the service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from digest.diagnose.checks import Check, well, wrong


def judge_state(
    directory: Path, database_trouble: str | None, open_to_others: Sequence[str] = ()
) -> Sequence[Check]:
    """The checks of a directory whose settings were read, and of the database that they name.

    `database_trouble` says why the database cannot be used; None if it can. `open_to_others` names those
    of its files and directory that other users can open.
    """
    files = [well("files", f"{directory} is sound")]
    if open_to_others:
        found = f"other users can open {', '.join(open_to_others)}"
        advice = "chmod go= for each; a directory that is for other things too is no place for a state"
        files.append(wrong("private files", found, "files and a directory for their owner alone", advice))
    if database_trouble is None:
        return [*files, well("database", "it is there, and of this version")]
    advice = "digest init for a new service; digest restore for one that was; or correct store.url"
    return [*files, wrong("database", database_trouble, "a state of ours", advice)]
