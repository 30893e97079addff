"""Operators decide what the service is not sure of, by the command line alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from journey_place import Place


def digest(place: Place, *arguments: str, expect: int = 0) -> str:
    """What a command of an operator named Ada printed, errors included."""
    run = subprocess.run(
        [sys.executable, "-m", "digest", *arguments, "--config", str(place.config)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"LOGNAME": "ada"},
    )
    assert run.returncode == expect, run.stdout + run.stderr
    return run.stdout + run.stderr


async def test_a_doubt_is_listed_looked_at_and_corrected(place: Place) -> None:
    await place.file(1, datetime.now(UTC) - timedelta(minutes=5))

    [case] = json.loads(digest(place, "review", "list", "--json"))
    assert (case["case"], case["provider_name"], case["overall"]) == ("1", "Provider 1 CRC", "good")
    assert case["doubts"] == ["Provider 1 CRC is not in the register"]
    assert "“Provider 1 CRC has been raised" in digest(place, "review", "show", "1")

    said = digest(place, "review", "correct", "1", "--overall", "splendid", "--why", "x", expect=2)
    assert "outstanding, good, requires improvement, inadequate" in said
    said = digest(place, "review", "correct", "1", "--overall", "outstanding", "--why", "misread the table")

    assert "1 corrected by ada" in said
    assert "nothing to review" in digest(place, "review", "list")
    shown = json.loads(digest(place, "review", "show", "1", "--json"))
    assert shown["overall"] == "outstanding"
    assert [(d["decision"], d["by"], d["why"]) for d in shown["decided"]] == [
        ("corrected", "ada", "misread the table")
    ]


async def test_what_is_rejected_is_in_no_edition(place: Place) -> None:
    await place.file(1, datetime.now(UTC) - timedelta(minutes=5))
    assert "Provider 1 CRC" in digest(place, "edition", "preview")

    digest(place, "review", "reject", "1", "--why", "a test of the publisher's")

    assert "Provider 1 CRC" not in digest(place, "edition", "preview", expect=0)
    assert "told        not to be" in digest(place, "review", "show", "1")

    digest(place, "review", "accept", "1", "--why", "it was no test")
    assert "Provider 1 CRC" in digest(place, "edition", "preview")


async def test_a_case_that_is_none_is_named(place: Place) -> None:
    assert "no report 7.0" in digest(place, "review", "show", "7", expect=2)
    assert "such as 12" in digest(place, "review", "accept", "seven", "--why", "x", expect=2)
    assert "nothing to correct" in digest(place, "review", "correct", "7", "--why", "x", expect=2)
