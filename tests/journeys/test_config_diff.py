"""`digest config diff`: an operator sees what an edit would change before the service takes it over."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command import digest
from journey_place import SUBSCRIBERS, Place

from digest.app.directory import configured
from digest.app.live import live_config
from digest.app.service import Service, service

SOURCES = """sources:
  - { id: one, name: One, url: https://one.example/feed, authority: blog }
  - { id: two, name: Two, url: https://two.example/feed, authority: blog }
  - { id: three, name: Three, url: https://three.example/feed, authority: blog }
"""
PING = "https://ping.example/the-secret-part"


@asynccontextmanager
async def running(place: Place) -> AsyncIterator[Service]:
    """The service, which has taken its files over."""
    (place.config / "sources.yaml").write_text(SOURCES)
    edit(place.config, "  # ping: https://ping.example.org/abc", f"  ping: {PING}")
    edit(place.config, "  # canary: canary@example.org", f"  canary: {SUBSCRIBERS[0]}")
    settings, secrets = configured(place.config)
    async with service(settings, secrets, directory=place.config) as it:
        live = live_config(it, lambda _: nothing())
        live.still_for = 0.0
        await live.look()
        yield it


async def nothing() -> None: ...


def copied(place: Place) -> Path:
    """A copy of the files to edit, without secrets and state."""
    copy = place.config.with_name("edited")
    shutil.copytree(place.config, copy, ignore=shutil.ignore_patterns("var", "secrets.env"))
    return copy


def edit(directory: Path, old: str, new: str, file: str = "digest.yaml") -> None:
    text = (directory / file).read_text()
    assert old in text
    (directory / file).write_text(text.replace(old, new))


def compared(place: Place, edited: Path, *words: str, expect: int = 1) -> str:
    return digest("config", "diff", "--config", edited, "--running", place.config, *words, expect=expect)


async def test_each_changed_key_is_shown_with_its_values_and_its_line(place: Place) -> None:
    async with running(place):
        copy = copied(place)
        assert "no difference" in compared(place, copy, expect=0)
        edit(copy, "lateness: 6h", "lateness: 5h")
        edit(copy, "timeout: 30s", "timeout: 20s")
        edit(copy, "  host: 127.0.0.1\n  port: 8080\n", "")

        said = compared(place, copy)

    assert f"{copy}/digest.yaml:14: edition.lateness: 6h -> 5h\n" in said
    assert ": fetch.timeout: 30s -> 20s (restart to apply)\n" in said
    assert "web." not in said  # the default was written out before


async def test_secrets_and_addresses_are_neither_stored_nor_shown(place: Place) -> None:
    async with running(place) as it:
        (applied,) = await it.store.configs.all()
        copy = copied(place)
        edit(copy, PING, f"{PING}-of-another")
        edit(copy, f"canary: {SUBSCRIBERS[0]}", f"canary: {SUBSCRIBERS[1]}")

        said = compared(place, copy) + compared(place, copy, "--json")

    assert "operators.ping: changed; its values are not shown" in said
    for secret in ("the-secret-part", *SUBSCRIBERS):
        assert secret not in json.dumps(applied.record)
        assert secret not in said


async def test_sources_that_are_added_removed_moved_and_paused_are_named(place: Place) -> None:
    async with running(place):
        copy = copied(place)
        (copy / "sources.yaml").write_text(
            SOURCES.replace("one.example/feed", "one.example/new")
            .replace(
                "Two, url: https://two.example/feed,", "Two, url: https://two.example/feed, enabled: false,"
            )
            .replace("id: three", "id: four")
        )
        found = json.loads(compared(place, copy, "--json"))

    assert found["sources"] == {
        "added": ["four"],
        "removed": ["three"],
        "moved": ["one"],
        "paused": ["two"],
        "resumed": [],
    }
    lines = {one["key"]: one["at"] and one["at"].rpartition(":")[2] for one in found["settings"]}
    assert lines == {
        "sources.one.url": "2",
        "sources.two.enabled": "3",
        "sources.three": None,
        "sources.four": "4",
    }


async def test_the_next_edition_is_shown_as_it_is_and_as_it_would_be(place: Place) -> None:
    await place.file(1, datetime.now(UTC) - timedelta(hours=1))
    async with running(place):
        copy = copied(place)
        edit(copy, "lateness: 6h", "lateness: 5h")
        both = json.loads(compared(place, copy, "--json"))["edition"]
        edit(copy, "  # only_to: [", f'  only_to: ["{SUBSCRIBERS[0]}"] # [')
        trial = json.loads(compared(place, copy, "--json"))["edition"]

    assert both["old"] == both["new"]
    (story,) = both["new"]["stories"]
    assert story.endswith(": Provider 1 CRC")
    assert both["new"]["recipients"] == len(SUBSCRIBERS)
    assert (trial["old"]["recipients"], trial["new"]["recipients"]) == (None, 1)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_what_cannot_be_compared_has_an_exit_code_of_its_own(place: Place) -> None:
    said = place.digest("config", "diff", expect=3)
    assert "no service has run on this state" in said
    async with running(place):
        copy = copied(place)
        edit(copy, 'noon: "12:00"', 'noon: "12"')
        assert "digest.yaml:13: edition.noon" in compared(place, copy, expect=2)


async def test_what_waits_for_a_restart_is_shown_until_it_is_done(place: Place) -> None:
    async with running(place) as it:
        live = live_config(it, lambda _: nothing())
        live.still_for = 0.0
        edit(place.config, "timeout: 30s", "timeout: 20s")
        await live.look()

        assert "waits for a restart already: fetch.timeout\nno difference" in place.digest("config", "diff")
        await live.say_that_it_runs()
        assert "RESTART all on " in place.digest("status")
        edit(place.config, "timeout: 20s", "timeout: 30s")
        await live.look()
        assert "RESTART" not in place.digest("status")

        edit(place.config, "timeout: 30s", "timeout: 20s")
        await live.look()
        await live.leave()  # the process ends
        assert "RESTART" not in place.digest("status")


async def test_status_shows_the_state_while_the_files_are_wrong_and_names_what_is_wrong(place: Place) -> None:
    async with running(place):
        (place.config / "sources.yaml").write_text("sources: [")
        edit(place.config, 'noon: "12:00"', 'noon: "25:00"')
        edit(place.config, "alerts:", "alerts: [")

        said = place.digest("status", expect=2)

    assert said.startswith("THE CONFIG FILES HERE ARE WRONG (2 problems, named below)")
    for line in ("edition of ", "relay ", "subscriptions: ", "  One: new", "  Two: new", "  Three: new"):
        assert f"\n{line}" in said
