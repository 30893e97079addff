"""The service as an operator meets it: commands, files, a running process, pages over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx2
import pytest
from command import PROGRAM, digest, in_a_process
from servers.ports import PATIENCE, free_port

from digest.cli.demo import MARK

SEED = next(Path(__file__).parents[3].glob("*/seed/durham-tees-valley-crc.txt"), None)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    directory = tmp_path / "service"
    digest("init", directory)
    return directory


def test_without_init_the_service_refuses_to_start_and_says_so(tmp_path: Path, config: Path) -> None:
    (config / "var" / "digest.db").unlink()

    ended = in_a_process("run", "--config", config)

    assert ended.code == 3
    assert "digest init" in ended.err
    assert not (config / "var" / "digest.db").exists()
    assert "digest init" in digest("run", "--config", tmp_path / "nowhere", expect=2)


def test_init_twice_keeps_what_the_operator_wrote(config: Path) -> None:
    (config / "sources.yaml").write_text("# mine\n" + (config / "sources.yaml").read_text())
    secret = (config / "secrets.env").read_text()

    digest("init", config)

    assert (config / "sources.yaml").read_text().startswith("# mine\n")
    assert (config / "secrets.env").read_text() == secret


def test_a_config_error_names_file_line_and_key(config: Path) -> None:
    path = config / "digest.yaml"
    path.write_text(path.read_text().replace("Europe/London", "Europe/Londn").replace("noon:", "nooon:"))

    said = digest("config", "check", "--config", config, expect=2)

    assert re.search(r"digest\.yaml:\d+: .*zone.*Europe/Londn", said)
    assert re.search(r"digest\.yaml:\d+: .*nooon", said)


def test_who_polls_twice_is_told_when_the_next_turn_is(config: Path) -> None:
    (config / "sources.yaml").write_text(
        "sources:\n  - {id: a, name: A Blog, url: 'http://127.0.0.1:9/feed', authority: blog}\n",
        encoding="utf-8",
    )
    digest("poll", "--config", config, expect=1)

    said = digest("poll", "--config", config)

    assert re.search(r"the next is at \w+ \d\d \w+ \d{4} \d\d:\d\d UTC: a \(`digest sources resume a`", said)


def test_subscribers_are_added_listed_masked_and_ended(config: Path) -> None:
    basis = ("--basis", "by telephone")
    digest("subscribers", "add", "ada@example.org", *basis, "--movements-only", "--config", config)
    assert "ada@" not in digest("subscribers", "list", "--config", config)
    (row,) = json.loads(digest("subscribers", "list", "--json", "--in-clear", "--config", config))
    assert row["address"] == "ada@example.org"
    assert row["wishes"] == "movements only"

    digest("subscribers", "end", "ada@example.org", "--why", "left us", "--config", config)
    digest("subscribers", "end", "ada@example.org", "--why", "left us", "--config", config, expect=1)
    digest("subscribers", "add", "not-an-address", *basis, "--config", config, expect=2)


def test_before_anything_was_found_there_is_nothing_to_preview(config: Path) -> None:
    assert "nothing new" in digest("edition", "preview", "--config", config)
    assert json.loads(digest("status", "--json", "--config", config))["waiting"] == 0


@pytest.mark.skipif(SEED is None, reason="the original article is not beside this checkout")
def test_the_story_it_grew_from_reads_right() -> None:
    assert SEED is not None
    reading = json.loads(digest("read", SEED, "--json"))

    (report,) = reading["reports"]
    assert reading["kind"] == "inspection"
    assert "Durham Tees Valley" in report["provider"]
    assert (report["overall"], report["previous"]) == ("good", "requires improvement")
    assert report["direction"] == "upgrade"
    grades = {j["aspect"]: j["grade"] for j in report["judgements"]}
    assert grades.pop("leadership") == "outstanding"
    assert len(grades) == 4
    assert set(grades.values()) == {"requires improvement"}
    kinds = [finding["kind"] for finding in report["findings"]]
    assert (kinds.count("strength"), kinds.count("improvement")) == (17, 8)
    headings = {
        h: sum(f["heading"] == h for f in report["findings"])
        for h in dict.fromkeys(f["heading"] for f in report["findings"])
    }
    assert list(headings.values()) == [7, 7, 6, 5]
    text = json.dumps(reading).casefold()
    assert all(word not in text for word in ("unilink", "share on", "leave a reply"))


def test_the_demo_shows_the_main_job_and_finds_it_as_expected(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    out.mkdir()
    for left in (MARK, "edition.of.an.earlier.demo"):
        (out / left).touch()

    said = digest("demo", "--out", out)

    assert "again sent nothing" in said
    assert "digest demo --serve keeps them working" in said
    assert 'href="https://digest.example.org/manage/' in (out / "edition.html").read_text()
    assert "one message to Ottoline Marsh\n" in said  # "each" is for several
    assert ": 1 new item\n" in said
    for kind in ("feeds with pages (", "an API (", "a file of data ("):
        [line] = [one for one in said.splitlines() if one.startswith(f"  {kind}")]
        assert line.endswith(" stories, 1 moved up, 1 moved down")
    assert {"edition.html", "edition.txt", "mailboxes"} <= {path.name for path in out.iterdir()}
    _the_site_opens_from_disk(out / "site")
    for name in re.findall(rf"(?m)^  {re.escape(str(out))}/(site/\S+):", said):
        assert (out / name).is_file(), name
    assert not (out / "edition.of.an.earlier.demo").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    digest("demo", "--out", tmp_path / "mine", expect=2)


def _the_site_opens_from_disk(site: Path) -> None:
    """Links between its files lead to files, and no link to the server that is gone."""
    pages = [*site.rglob("*.html")]
    for page in pages:
        for link in re.findall(r' (?:href|action)="([^"]+)"', page.read_text()):
            target, _, anchor = unescape(link).partition("#")
            if not target or ":" in target:
                assert "127.0.0.1" not in target, (page, link)
                continue
            file = page.parent / target
            assert file.is_file(), (page, link)
            assert not anchor or f'id="{anchor}"' in file.read_text(), (page, link)
    timeline = (site / "services" / "cqc" / "cqc-1-9000000001-pebble-court.html").read_text()
    assert timeline.count('class="hit"') >= 10
    assert "Pebble Court" in (site / "tables" / "cqc.html").read_text()
    assert {"index.html", "archive.html", "coverage.html"} <= {page.name for page in pages}


async def test_the_links_of_the_demos_edition_open_until_it_is_told_to_stop(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "demo", "--serve", "--out", str(out), stdout=asyncio.subprocess.PIPE, env={**os.environ}
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(300):
            while b"until you press Ctrl-C" not in (line := await process.stdout.readline()):
                assert line, "it ended"
        assert b"the site is at http://127.0.0.1:" in line
        links = set(re.findall(r'href="([^"]+)"', (out / "edition.html").read_text()))
        async with httpx2.AsyncClient(trust_env=False) as client:
            answers = {link: (await client.get(link, follow_redirects=True)).status_code for link in links}
            assert set(answers.values()) == {200}, answers
            (manage,) = (link for link in links if "/manage/" in link and "/watch?" not in link)
            assert (
                "Durham Tees Valley CRC"
                in (await client.get(f"{manage.partition('/manage')[0]}/edition/2020-03-03")).text
            )

            process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(process.wait(), 60) == 0
            with pytest.raises(httpx2.ConnectError):
                await client.get(manage)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    paths = {httpx2.URL(link).path.split("/")[1] for link in links}
    assert {"manage", "leave", "edition", "inspectorate", "blog"} <= paths


@dataclass(frozen=True)
class Running:
    process: asyncio.subprocess.Process
    url: str


@contextlib.asynccontextmanager
async def running(config: Path) -> AsyncIterator[Running]:
    """`digest run` as a process; sources are local ports where nobody listens."""
    port = free_port()
    path = config / "digest.yaml"
    path.write_text(re.sub(r"(?m)^  port: 8080", f"  port: {port}", path.read_text()))
    (config / "sources.yaml").write_text(
        "sources:\n  - {id: nobody, name: Nobody, url: 'http://127.0.0.1:9/feed', authority: blog}\n"
    )
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "run", "--config", str(config),
        stderr=asyncio.subprocess.PIPE, env={**os.environ},
    )  # fmt: skip
    try:
        yield Running(process=process, url=f"http://127.0.0.1:{port}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until_ready(it: Running) -> None:
    assert it.process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        while b"service started" not in await it.process.stderr.readline():
            pass
        async with httpx2.AsyncClient(trust_env=False) as client:
            while True:
                with contextlib.suppress(httpx2.TransportError):
                    if (await client.get(f"{it.url}/health/ready")).status_code == 200:
                        return


async def test_the_running_service_lets_people_leave_and_stops_when_told(config: Path) -> None:
    await asyncio.to_thread(
        digest, "subscribers", "add", "ada@example.org", "--basis", "asked us", "--config", config
    )
    from digest.app.directory import configured, open_database
    from digest.present.links import SignedLinks
    from digest.store.sql import SqlStore
    from digest.tokens import KeyUse, LinkTokens, Purpose

    settings, secrets = configured(config)
    database = open_database(settings, secrets, config)
    subscription = await SqlStore(database, seal=secrets.seal).subscriptions.find("ada@example.org")
    await database.dispose()
    assert subscription is not None

    async with running(config) as it:
        await until_ready(it)
        links = SignedLinks(it.url, LinkTokens([secrets.derived(KeyUse.LINKS)]))
        async with httpx2.AsyncClient(trust_env=False) as client:
            own = (subscription.subscriber, subscription.generation)
            leave, one_click = (links.link(p, *own) for p in (Purpose.LEAVE, Purpose.ONE_CLICK))
            for address in (leave, one_click):
                page = await client.get(address)
                assert page.status_code == 200
                assert "ada@" not in page.text
                await client.head(address)
            assert "active" in await asyncio.to_thread(digest, "subscribers", "list", "--config", config)

            pressed = await client.post(
                one_click, content="List-Unsubscribe=One-Click",
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )  # fmt: skip
            assert pressed.status_code == 200
        assert "ended" in await asyncio.to_thread(digest, "subscribers", "list", "--config", config)

        it.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(it.process.wait(), 30) == 0
