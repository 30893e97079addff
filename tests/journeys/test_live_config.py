"""The operator edits the files while the service runs: right ones are taken over once, wrong ones never."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import aiohttp
import pytest
from command import digest
from journey_place import Place
from test_calendar import at, started
from test_many_machines import running
from webhook_signatures import KNOWN

from digest.adapters.config.watching import Notices, stamp_of
from digest.app import live
from digest.app.directory import DirectoryCheck
from digest.app.live import live_config
from digest.app.service import Service
from digest.errors import StoreUnavailable
from digest.subscriptions import Channel, Evidence, Wishes

DAY = date(2026, 3, 2)
ONE = """sources:
  - id: one
    name: One
    url: https://one.example/feed
    authority: blog
"""
TWO = "  - { id: two, name: Two, url: https://two.example/feed, authority: blog }\n"


class Operators:
    """Hears what operators are told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def well(self, what: str) -> bool:
        self.heard.append(f"well: {what}")
        return True

    async def call(self, what: str) -> bool:
        self.heard.append(f"call: {what}")
        return True


class Desk:
    """A service and what keeps it on its files. Each `look` is one that a notice or the clock causes."""

    def __init__(self, place: Place, service: Service, caplog: pytest.LogCaptureFixture) -> None:
        self.config = place.config
        self.service = service
        self.operators = Operators()
        self.applied: list[Service] = []
        self._caplog = caplog
        self.live = live_config(service, self._note)
        self.live.still_for = 0.0
        self.live.trouble.operators = lambda: self.operators

    async def _note(self, now: Service) -> None:
        self.applied.append(now)

    async def look(self) -> list[str]:
        """What the log says of a look, below debug left out."""
        self._caplog.clear()
        await self.live.look()
        told = [r for r in self._caplog.records if r.levelno > logging.DEBUG]
        return [
            " ".join([r.message, *(str(getattr(r, key)) for key in ("changed", "keys") if hasattr(r, key))])
            for r in told
        ]

    @property
    def sources(self) -> list[str]:
        return [source.name for source in self.service.now.poller.sources]


@asynccontextmanager
async def at_the_desk(place: Place, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Desk]:
    caplog.set_level(logging.DEBUG, logger="digest")
    (place.config / "sources.yaml").write_text(ONE)
    async with started(place, at(DAY, "09:00")) as (it, _):
        desk = Desk(place, it, caplog)
        assert await desk.look() == []
        yield desk


def replaced(path: Path, old: str, new: str) -> None:
    """An edit as most editors save it: the whole file is written beside, and renamed."""
    aside = path.with_name(f".{path.name}.tmp")
    text = path.read_text()
    assert old in text
    aside.write_text(text.replace(old, new))
    aside.rename(path)


async def test_an_edit_is_taken_over_once(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    async with at_the_desk(place, caplog) as desk:
        (desk.config / "sources.yaml").write_text(ONE + TWO)

        assert await desk.look() == ["config applied sources.two"]
        assert await desk.look() == []
        assert desk.sources == ["One", "Two"]
        replaced(desk.config / "sources.yaml", "name: One", "name: First")
        assert await desk.look() == ["config applied sources.one"]
        assert desk.sources == ["First", "Two"]
        assert len(desk.applied) == 2
        assert desk.operators.heard == []


async def test_touching_a_file_changes_nothing_and_a_comment_no_setting(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_the_desk(place, caplog) as desk:
        before = stamp_of(desk.config)
        os.utime(desk.config / "sources.yaml", (1, 1))
        assert stamp_of(desk.config) != before
        assert await desk.look() == []

        (desk.config / "sources.yaml").write_text(f"# a comment\n{ONE}")
        assert await desk.look() == [
            "config files have changed, but no setting that is read while the service runs"
        ]
        assert desk.applied == []


async def test_what_cannot_be_noted_on_a_full_disk_is_logged_once(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again at each look."""

    async def full(self: object, noted: object) -> None:
        raise StoreUnavailable("disk is full")

    async with at_the_desk(place, caplog) as desk:
        said: list[str] = []
        for text in (f"# a comment\n{ONE}", ONE + TWO):
            (desk.config / "sources.yaml").write_text(text)
            with monkeypatch.context() as on_a_full_disk:
                on_a_full_disk.setattr(type(desk.service.store.configs), "note", full)
                for _ in range(3):
                    caplog.clear()
                    with pytest.raises(StoreUnavailable):
                        await desk.live.look()
                    said += [r.message for r in caplog.records if r.levelno > logging.DEBUG]
        said += await desk.look()

    assert said == [
        "config files have changed, but no setting that is read while the service runs",
        "config applied",
    ]


async def test_a_half_written_file_leaves_the_last_good_one_in_force_and_is_told_once(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_the_desk(place, caplog) as desk:
        file = desk.config / "sources.yaml"
        file.write_text(ONE + TWO[:40])
        said = await desk.look()
        assert said == ["the config files are wrong; the last good ones stay in force"]
        (call,) = desk.operators.heard
        assert f"{file}:6: found something that is not YAML" in call
        (trouble,) = await desk.service.store.troubles.all()
        assert f"{file}:6" in trouble.said

        os.utime(file, (1, 1))
        assert await desk.look() == []
        file.write_text(ONE + TWO[:50])  # still wrong, in the same way
        assert await desk.look() == []
        assert desk.sources == ["One"]
        assert len(desk.operators.heard) == 1

        file.write_text(ONE + TWO)
        assert await desk.look() == ["config applied sources.two", "the config files are right again"]
        assert desk.operators.heard[1:] == ["well: the config files are right again, and in force"]
        assert await desk.service.store.troubles.all() == ()
        assert len(desk.applied) == 1


async def test_what_is_applied_is_what_was_checked(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that changes between the check and the taking over is checked again."""
    check = live.check_directory

    def edited_meanwhile(directory: Path) -> DirectoryCheck:
        found = check(directory)
        monkeypatch.setattr(live, "check_directory", check)
        (directory / "sources.yaml").write_text(ONE + TWO.replace("name: Two", "name: Second"))
        return found

    async with at_the_desk(place, caplog) as desk:
        (desk.config / "sources.yaml").write_text(ONE + TWO)
        monkeypatch.setattr(live, "check_directory", edited_meanwhile)

        assert await desk.look() == ["config applied sources.two"]
        assert desk.sources == ["One", "Second"]
        assert len(desk.applied) == 1


async def test_processes_that_read_the_same_files_call_operators_once_together(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_the_desk(place, caplog) as one, at_the_desk(place, caplog) as other:
        for text in ("sources:\n", ONE):
            (place.config / "sources.yaml").write_text(text)
            await one.look()
            await other.look()

        told = [what.partition(":")[0] for what in one.operators.heard + other.operators.heard]
        assert told == ["call", "well"]


async def test_one_file_that_is_wrong_keeps_the_others_out_too(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_the_desk(place, caplog) as desk:
        (desk.config / "sources.yaml").write_text(ONE + TWO)
        replaced(desk.config / "digest.yaml", 'noon: "12:00"', 'noon: "25:00"')
        await desk.look()

        assert desk.sources == ["One"]
        assert "edition.noon" in desk.operators.heard[0]
        replaced(desk.config / "digest.yaml", 'noon: "25:00"', 'noon: "13:00"')
        assert (await desk.look())[0] == "config applied edition.noon, sources.two"
        assert f"{desk.service.now.settings.edition.noon:%H:%M}" == "13:00"


async def test_what_a_service_reads_only_at_its_start_is_named_and_the_rest_taken_over(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_the_desk(place, caplog) as desk:
        edited = desk.config / "digest.yaml"
        replaced(edited, "port: 8080", "port: 8081")
        replaced(edited, "timeout: 30s", "timeout: 20s")
        replaced(edited, "per_day: 3 ", "per_day: 5 ")
        secrets = desk.config / "secrets.env"
        secrets.write_text(f"{secrets.read_text()}DIGEST_RELAY_PASSWORD=hush\n")

        assert await desk.look() == [
            "config applied alerts.per_day",
            "restart to apply fetch.timeout, web.port, the secrets",
        ]
        assert "hush" not in caplog.text
        now = desk.service.now.settings
        assert (now.alerts.per_day, now.web.port, now.fetch.timeout.seconds) == (5, 8080, 30)
        replaced(edited, "per_day: 5 ", "per_day: 6 ")
        assert await desk.look() == ["config applied alerts.per_day"]  # the rest is told already


async def test_an_account_whose_password_is_new_waits_for_a_restart(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_the_desk(place, caplog) as desk:
        replaced(desk.config / "digest.yaml", "  # username: the account", "  username: me # the account")
        with (desk.config / "secrets.env").open("a") as secrets:
            secrets.write("DIGEST_RELAY_PASSWORD=hush\n")

        assert (await desk.look())[-1] == "restart to apply relay.username, the secrets"
        assert desk.service.now.settings.relay.username is None


async def test_a_webhook_waits_for_a_restart_if_its_secret_is_new(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """One whose secret was there at the start is posted to from now on."""
    hook = "webhooks:\n  - { id: crm, url: https://crm.example.org/, secret: DIGEST_WEBHOOK_CRM }\n"
    with (place.config / "secrets.env").open("a") as secrets:
        secrets.write(f"DIGEST_WEBHOOK_CRM={KNOWN}\n")
    async with at_the_desk(place, caplog) as desk:
        replaced(desk.config / "digest.yaml", "webhooks: [] #", f"{hook}#")
        assert await desk.look() == ["config applied webhooks"]
        assert [one.id for one in desk.service.now.webhooks.hooks] == ["crm"]

        replaced(desk.config / "digest.yaml", "DIGEST_WEBHOOK_CRM }", "DIGEST_WEBHOOK_NEW }")
        with (desk.config / "secrets.env").open("a") as secrets:
            secrets.write(f"DIGEST_WEBHOOK_NEW={KNOWN}\n")
        assert (await desk.look())[-1] == "restart to apply webhooks, the secrets"
        assert [one.id for one in desk.service.now.webhooks.hooks] == ["crm"]


async def test_templates_are_taken_over_when_an_edition_can_be_composed_from_them(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_the_desk(place, caplog) as desk:
        own = desk.config / "templates" / "web"
        own.mkdir(parents=True)
        words = own / "style.css"
        words.write_text("{% if %}")
        await desk.look()
        assert f"{words}:1: found an error" in desk.operators.heard[0]

        words.write_text("body { color: red }")
        assert (await desk.look())[0] == "config applied templates"
        assert desk.service.now.composer.renderer.render("web/style.css", {}) == "body { color: red }"
        words.write_text("body { color: blue }")  # nobody has looked at this yet
        assert desk.service.now.composer.renderer.render("web/style.css", {}) == "body { color: red }"

        mail = desk.config / "templates" / "mail" / "edition"
        mail.mkdir(parents=True)
        (mail / "subject.txt").write_text("{{ nobody_knows_this }}")
        await desk.look()
        assert "nobody_knows_this" in desk.operators.heard[2]


async def test_a_swap_of_a_whole_directory_by_its_link_is_one_change(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """As Kubernetes swaps a ConfigMap: the files are links through `..data`, which is renamed over."""
    first, second = place.config / "..1", place.config / "..2"
    first.mkdir()
    second.mkdir()
    (first / "sources.yaml").write_text(ONE)
    (second / "sources.yaml").write_text(ONE + TWO)
    async with at_the_desk(place, caplog) as desk:
        (desk.config / "..data").symlink_to("..1")
        (desk.config / "sources.yaml").unlink()
        (desk.config / "sources.yaml").symlink_to("..data/sources.yaml")
        assert await desk.look() == []

        (desk.config / "..data_tmp").symlink_to("..2")
        (desk.config / "..data_tmp").rename(desk.config / "..data")
        assert await desk.look() == ["config applied sources.two"]
        assert await desk.look() == []


async def test_a_poll_has_the_settings_in_force_when_it_begins(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_the_desk(place, caplog) as desk:
        (desk.config / "sources.yaml").write_text(ONE.replace("id: one", "id: other"))
        await desk.look()

        assert [polling.source.id for polling in await desk.service.poll()] == ["other"]
        assert desk.service.poller.sources[0].id == "one"


async def test_a_letter_is_sent_by_the_jobs_in_force(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    async with at_the_desk(place, caplog) as desk:
        it = desk.service
        replaced(desk.config / "digest.yaml", "name: The Noon Digest #", "name: The Late Digest #")
        await desk.look()
        evidence = Evidence(channel=Channel.WEB)
        await it.now.membership.enrolment.join("dora@example.org", Wishes(), evidence)
        await it.now.letter_sender.send()

        assert any(b"The Late Digest" in m.content for m in place.server.messages)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_changes_are_noticed_at_once_also_in_a_folder_that_is_new(place: Place) -> None:
    notices = Notices(place.config, every=3600)
    async with asyncio.timeout(60), notices.watching():
        await _until_noticed(notices, place.config / "sources.yaml", ONE)
        await _until_noticed(notices, place.config / "scales" / "new.yaml", "key: new")
        (place.config / "templates").mkdir()
        await _until_noticed(notices, place.config / "templates" / "new.txt", "new")


async def _until_noticed(notices: Notices, file: Path, text: str) -> None:
    """Write until it is noticed: watching begins a moment after it is asked for."""
    noticed = asyncio.create_task(notices.next())
    number = 0
    while not noticed.done():
        number += 1
        file.write_text(f"{text}\n# {number}\n")
        await asyncio.wait({noticed}, timeout=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_running_service_shows_its_new_name_on_its_pages_and_polls_its_new_source(
    place: Place,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = place.config / "digest.yaml"
    file.write_text(re.sub(r"(?m)^  port: 8080", f"  port: {port}", file.read_text()))
    (place.config / "sources.yaml").write_text(ONE)
    said: list[str] = []
    async with running(place, said=said), aiohttp.ClientSession() as client, asyncio.timeout(60):
        home = f"http://127.0.0.1:{port}/"
        assert "The Noon Digest" in await page(client, home)
        replaced(file, "name: The Noon Digest #", "name: The Late Digest #")
        (place.config / "sources.yaml").write_text(ONE + TWO)
        await until(lambda: page(client, home), "The Late Digest")
        (place.config / "sources.yaml").write_text("sources:\n")
        told = await until(lambda: asyncio.to_thread(status, place), "THE CONFIG FILES")
        assert "sources.yaml:1: sources: found" in told
    assert sum("config applied" in line for line in said) == 1
    called = [line for line in said if "an operator is needed" in line]
    assert sum("config" in line for line in called) == 1, called  # late in the evening, of an edition too
    assert any("source polled" in line and "source=two" in line for line in said)


async def until(look: Callable[[], Awaitable[str]], said: str) -> str:
    """What is found once it says something."""
    while said not in (found := await look()):  # noqa: ASYNC110 - a process cannot set an event
        await asyncio.sleep(0.1)
    return found


async def page(client: aiohttp.ClientSession, address: str) -> str:
    """A page of a service that may still be starting."""
    while True:
        try:
            return await (await client.get(address)).text()
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.1)


def status(place: Place) -> str:
    """`digest status` of an operator whose own copy of the files is right."""
    good = place.config.with_name("good")
    if not good.exists():
        shutil.copytree(place.config, good, ignore=shutil.ignore_patterns("var"))
        (good / "var").symlink_to(place.config / "var")
        (good / "sources.yaml").write_text(ONE)
    return digest("status", "--config", good)
