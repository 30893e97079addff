"""What operators see and hear of a noon: the ping, the canary, the metrics and `digest status`."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import repeat
from pathlib import Path

import psycopg
import pytest
from journey_place import SUBSCRIBERS, Place
from pytest_httpserver import HTTPServer
from servers.postgres import name_in
from servers.smtp import At, Say, ScriptedSmtpServer, Until
from starlette.testclient import TestClient
from test_calendar import at, live, started
from test_many_machines import let_noon_be_now, running

from digest.adapters.journal import FileJournal
from digest.adapters.logs import Fields, JsonLines
from digest.app.composing import sender
from digest.app.directory import configured, open_database
from digest.app.service import service
from digest.app.website import Website
from digest.deliveries import State
from digest.subscriptions import Wishes
from digest.web.metrics import Metrics

DAY = date(2020, 3, 3)
CASE = "; 1 report waits for your decision"
"""The register does not have the provider of the day's report."""


def heard(server: HTTPServer) -> list[tuple[str, str]]:
    return [(request.path, request.get_data(as_text=True)) for request, _ in server.log]


@pytest.fixture
def listening(place: Place, httpserver: HTTPServer) -> HTTPServer:
    """The far end of the operators' ping."""
    for path in ("/abc", "/abc/fail"):
        httpserver.expect_request(path, method="POST").respond_with_data("ok")
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8")
    ping = f'operators:\n  ping: "{httpserver.url_for("/abc")}"\n  canary: ada@example.org'
    config.write_text(re.sub(r"(?m)^operators:.*$", ping, text), encoding="utf-8")
    return httpserver


async def test_a_complete_edition_is_told_once(place: Place, listening: HTTPServer) -> None:
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "15:00"))

    assert heard(listening) == [("/abc", f"the edition of 2020-03-03 is complete: 3 accepted{CASE}")]


async def test_an_edition_that_could_not_be_made_in_time_calls_a_person(
    place: Place, listening: HTTPServer
) -> None:
    await place.file(1, at(DAY, "09:00"))
    await place.server.stop()

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "18:10"))

    (early, late) = heard(listening)
    assert early[0] == "/abc/fail"
    assert early[1].startswith("the edition of 2020-03-03 stands still: "), "an afternoon is left to mend it"
    assert late == ("/abc/fail", "the edition of 2020-03-03: 3 deliveries were not made in time")


async def test_a_relay_that_answers_nobody_calls_a_person_while_the_run_waits_for_it(
    place: Place, listening: HTTPServer
) -> None:
    """It may keep a run waiting until the deadline, when nothing can be mended any more."""
    config, answer = place.config / "digest.yaml", asyncio.Event()
    await place.file(1, at(DAY, "09:00"))
    late = (Until(answer), Say("250 2.0.0 Ok"))
    async with ScriptedSmtpServer({At.DOT: repeat(late)}) as mute:
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace(f"port: {place.server.port}", f"port: {mute.port}"), encoding="utf-8")

        async with started(place, at(DAY, "11:45")) as (it, clock):
            await it.recover()
            clock.move_to(at(DAY, "12:00"))
            run = asyncio.create_task(it.recover())
            await mute.reached(At.DOT)
            clock.move_to(at(DAY, "12:30"))
            await it.run_urgent_jobs()
            assert [path for path, _ in heard(listening)] == ["/abc/fail"]
            answer.set()
            await run
            await it.recover()

    assert [what for _, what in heard(listening)] == [
        "the edition of 2020-03-03 stands still: 3 planned",
        f"the edition of 2020-03-03 is complete: 3 accepted{CASE}",
    ]


async def test_what_a_dead_worker_held_is_sent_by_a_run_that_goes_on_all_day(place: Place) -> None:
    """Its worker's next look would come too late: the batch has the same deadline."""
    await place.file(1, at(DAY, "09:00"))
    async with started(place, at(DAY, "11:45")) as (it, clock):
        await it.recover()
        clock.move_to(at(DAY, "12:00"))
        other = FileJournal(place.config / "var" / "journal")
        batch = await it.store.deliveries.claim(
            DAY, owner=other.owner, now=clock.now(), lease=timedelta(minutes=5)
        )
        assert batch is not None
        other.change_owner()  # as when its process dies

        await it.run_urgent_jobs()

        assert await it.store.deliveries.held() == []
        await it.recover()
    assert len(place.server.messages) == 3


async def test_a_canary_that_was_not_sent_its_edition_calls_a_person(
    place: Place, listening: HTTPServer
) -> None:
    place.server.answers["ada@example.org"] = "550 5.1.1 no such user"
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "13:00"))

    assert heard(listening) == [
        ("/abc/fail", f"the canary did not get the edition of 2020-03-03: refused{CASE}")
    ]


async def test_a_relay_that_refuses_us_pauses_sending_and_calls_a_person(
    place: Place, listening: HTTPServer
) -> None:
    """One refusal after another that is about us: a million of them would not help."""
    for address in SUBSCRIBERS:
        place.server.answers[address] = "554 5.7.1 your sender is on our list"
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:10"))

    assert place.server.messages == []
    assert "the relay refuses us: 554 5.7.1" in place.digest("status")
    ((path, said),) = heard(listening)
    assert path == "/abc/fail"
    assert "sending is paused" in said


async def test_a_relay_that_refuses_us_after_the_content_pauses_sending_all_the_same(
    place: Place, listening: HTTPServer
) -> None:
    """It looks at the signature only once it has the text. Seven are left to wait, not refused."""
    settings, secrets = configured(place.config)
    async with service(settings, secrets, directory=place.config) as it:
        for n in range(7):
            await it.store.subscriptions.add(f"more{n}@example.org", Wishes(), at(DAY, "01:00"))
    addresses = [*SUBSCRIBERS, *(f"more{n}@example.org" for n in range(7))]
    place.server.verdicts.update(dict.fromkeys(addresses, "550 5.7.26 unauthenticated mail is not taken"))
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:10"))
        tally = await it.store.deliveries.tally(DAY)

    assert "the relay refuses us: 550 5.7.26" in place.digest("status")
    assert tally == {State.REFUSED: 5, State.PLANNED: 5}
    assert any("sending is paused" in said for path, said in heard(listening) if path == "/abc/fail")


async def test_an_edition_that_nobody_was_given_is_no_good_news(place: Place, listening: HTTPServer) -> None:
    """Every delivery is settled, and not one of them by giving it."""
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("  canary: ada@example.org", ""), encoding="utf-8")
    place.server.answers.update(dict.fromkeys(SUBSCRIBERS, "550 5.1.1 no such user"))
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "13:00"))

    assert heard(listening) == [
        ("/abc/fail", f"the edition of 2020-03-03 was given to nobody: 3 refused{CASE}")
    ]


async def test_an_edition_is_not_called_complete_while_one_delivery_waits(
    place: Place, listening: HTTPServer
) -> None:
    """The ledger says whether an edition is complete; no process has to remember it."""
    place.server.answers["ben@example.org"] = "450 4.2.1 later"
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "13:00"))
        assert heard(listening) == []
        place.server.answers.clear()
        await live(it, clock, at(DAY, "14:00"))

    assert heard(listening) == [("/abc", f"the edition of 2020-03-03 is complete: 3 accepted{CASE}")]


async def test_metrics_tell_how_things_stand_and_name_nobody(place: Place) -> None:
    place.server.answers["ben@example.org"] = "450 4.2.1 later"
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:00"))
        timetable = it.settings.edition.timetable
        text = (await Metrics(store=it.store, timetable=timetable, clock=clock).text()).decode()

    assert 'digest_deliveries{state="accepted"} 2.0' in text
    assert 'digest_deliveries{state="deferred"} 1.0' in text
    assert "digest_edition_sealed 1.0" in text
    assert "digest_edition_complete 0.0" in text
    assert "digest_sending_paused 0.0" in text
    assert "digest_review_open 1.0" in text
    assert f'digest_relay_up{{relay="127.0.0.1:{place.server.port}"}} 1.0' in text
    assert "@" not in text


async def scraped(
    place: Place, now: datetime, canary: str | None = None, ping: str | None = None
) -> dict[str, float]:
    async with started(place, now) as (it, clock):
        timetable = it.settings.edition.timetable
        metrics = Metrics(store=it.store, timetable=timetable, clock=clock, canary=canary, ping=ping)
        lines = (await metrics.text()).decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


async def test_metrics_tell_of_an_edition_from_the_cut_off_to_its_last_copy(place: Place) -> None:
    place.server.answers["ben@example.org"] = "450 4.2.1 later"
    await place.file(1, at(DAY, "09:00"))
    assert (await scraped(place, at(DAY, "11:00")))["digest_edition_complete"] == 0

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:00"))
    behind = await scraped(place, at(DAY, "12:10"))
    assert (
        behind["digest_oldest_waiting_seconds"] == 8 * 60
    )  # asked again two minutes later, or should have been
    assert behind["digest_edition_deadline_timestamp_seconds"] == at(DAY, "18:00").timestamp()

    del place.server.answers["ben@example.org"]
    async with started(place, at(DAY, "12:15")) as (it, clock):
        await live(it, clock, at(DAY, "12:15"))
    done = await scraped(place, at(DAY, "12:30"))
    assert done["digest_edition_complete"] == 1
    assert done["digest_oldest_waiting_seconds"] == 0


async def test_metrics_tell_of_a_canary_that_was_missed(place: Place) -> None:
    place.server.answers["ada@example.org"] = "550 5.1.1 no such user"
    await place.file(1, at(DAY, "09:00"))
    assert (await scraped(place, at(DAY, "11:00"), "ada@example.org"))["digest_canary_missed"] == 0

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:00"))

    assert (await scraped(place, at(DAY, "12:30"), "ada@example.org"))["digest_canary_missed"] == 1
    assert (await scraped(place, at(DAY, "12:30"), "ben@example.org"))["digest_canary_missed"] == 0


async def test_a_relay_that_cannot_be_had_is_seen_from_another_process(place: Place) -> None:
    relay = f"127.0.0.1:{place.server.port}"
    await place.file(1, at(DAY, "09:00"))
    assert f"relay {relay}: not dialled lately" in place.digest("status")
    await place.server.stop()

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:00"))

    assert f"relay {relay}: NOT REACHABLE since Tue 03 Mar" in place.digest("status")
    (told,) = json.loads(place.digest("status", "--json"))["relays"]
    assert (told["relay"], told["up"]) == (relay, False)
    assert abs(datetime.fromisoformat(told["since"]) - at(DAY, "12:00")) < timedelta(minutes=1)
    assert (await scraped(place, at(DAY, "12:30")))[f'digest_relay_up{{relay="{relay}"}}'] == 0

    await place.server.start()
    async with started(place, at(DAY, "12:30")) as (it, clock):
        await live(it, clock, at(DAY, "12:30"))

    assert f"relay {relay}: reachable since Tue 03 Mar" in place.digest("status")


async def test_a_ping_that_nobody_hears_is_named_without_its_secret_until_it_is_heard(
    place: Place, listening: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.adapters.ping._TRIES", 1)
    listening.clear()
    listening.expect_request("/abc", method="POST").respond_with_data("gone", status=410)
    await place.file(1, at(DAY, "09:00"))
    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:20"))

    (line,) = [line for line in place.digest("status").splitlines() if "PING" in line]
    assert re.fullmatch(r"THE PING IS NOT HEARD by localhost since Tue 03 Mar 1[12]:\d\d UTC: HTTP 410", line)
    told = json.loads(place.digest("status", "--json"))["ping"]
    assert (told["host"], told["why"]) == ("localhost", "HTTP 410")
    since = datetime.fromisoformat(told["since"])
    assert (await scraped(place, at(DAY, "12:30"), ping="localhost")) | {
        'digest_ping_up{ping="localhost"}': 0.0,
        'digest_ping_unheard_since_timestamp_seconds{ping="localhost"}': since.timestamp(),
    } == await scraped(place, at(DAY, "12:30"), ping="localhost")

    listening.clear()
    listening.expect_request("/abc", method="POST").respond_with_data("ok")
    async with started(place, at(DAY, "12:30")) as (it, clock):
        await live(it, clock, at(DAY, "12:40"))

    assert json.loads(place.digest("status", "--json"))["ping"] is None
    assert (await scraped(place, at(DAY, "12:50"), ping="localhost"))['digest_ping_up{ping="localhost"}'] == 1


async def test_status_shows_the_brake_with_the_words_of_the_reports(place: Place) -> None:
    await place.file(1, at(DAY, "09:00"))
    async with started(place, at(DAY, "11:45")) as (it, clock):
        for n in range(10):
            await it.store.subscriptions.add(f"p{n}@example.net", Wishes(), at(DAY, "09:00"))
            place.server.answers[f"p{n}@example.net"] = f"550 5.1.1 <p{n}@example.net> our directory is away"
        await live(it, clock, at(DAY, "12:10"))
        (trouble,) = await it.store.troubles.all()

    (line,) = [line for line in place.digest("status").splitlines() if "BRAKE" in line]
    assert f"the edition of {DAY} since {trouble.since:%a %d %b %H:%M} UTC: 10 came back, 3 were sent" in line
    assert "10 × 550 5.1.1" in line
    assert "our directory is away" in line
    (brake,) = json.loads(place.digest("status", "--json"))["brakes"]
    assert (brake["edition"], brake["came_back"], brake["sent"]) == (DAY.isoformat(), 10, 3)
    assert (brake["words"][0]["count"], brake["words"][0]["status"]) == (10, "5.1.1")
    assert "@example.net" not in line + json.dumps(brake)


async def test_metrics_are_not_there_unless_asked_for(place: Place) -> None:
    async def ready() -> bool:
        return True

    async with started(place, at(DAY, "11:45")) as (it, clock):
        pages = Website(
            store=it.store,
            membership=it.membership,
            inspectorates={},
            timetable=it.settings.edition.timetable,
            links=it.composer.links,
            renderer=it.composer.renderer,
            clock=clock,
            sender=sender(it.settings),
            ready=ready,
        ).application()
    with TestClient(pages) as client:
        assert client.get("/metrics").status_code == 404


async def test_limits_are_changed_while_the_service_runs(place: Place) -> None:
    said = json.loads(place.digest("limits", "set", "--per-minute", "600", "--connections", "2", "--json"))
    assert said == {
        "per_minute": 600,
        "per_minute_and_domain": None,
        "per_connection": None,
        "connections": 2,
    }
    assert "per minute: 600" in place.digest("limits", "show")
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:00"))
    assert len(place.received()) == 3

    assert "as digest.yaml says" in place.digest("limits", "clear")


async def made_today(place: Place) -> None:
    """An edition at about now, by the real clock."""
    let_noon_be_now(place)
    await place.file(1, datetime.now(UTC) - timedelta(hours=1))
    settings, secrets = configured(place.config)
    async with service(settings, secrets, directory=place.config) as it:
        await it.recover()


async def test_a_noon_under_way_can_be_read_by_programs(place: Place) -> None:
    place.server.answers["ben@example.org"] = "450 4.2.1 later"
    await made_today(place)
    settings, secrets = configured(place.config)
    until = datetime.now(UTC) + timedelta(minutes=8)
    async with service(settings, secrets, directory=place.config) as it:
        day = it.settings.edition.timetable.day_of(datetime.now(UTC))
        assert await it.store.deliveries.claim(
            day, owner="another", now=until - timedelta(minutes=5), lease=timedelta(minutes=5)
        )

    told = json.loads(place.digest("status", "--json"))

    edition = told["edition"]
    assert edition["deliveries"] == {"accepted": 2, "deferred": 1}
    assert (edition["left"], edition["batches"]) == (1, {"all": 1, "open": 1})
    assert edition["a_minute"] == 2
    assert edition["seconds_left"] is None, "the one that is left goes when it is asked again"
    assert edition["last_trouble"]["code"] == 450
    (worker,) = edition["workers"]
    assert (worker["name"], worker["batch"]) == ("another", 0)
    assert datetime.fromisoformat(worker["lease_until"]) == until
    assert [relay["up"] for relay in told["relays"]] == [True]


async def test_a_complete_edition_ends_the_watching(place: Place) -> None:
    await made_today(place)

    assert "complete, 3/3, 3 a minute" in place.digest("status", "--watch")
    (look,) = place.digest("status", "--watch", "--json").splitlines()
    assert json.loads(look)["standing"] == "complete"
    assert json.loads(place.digest("status", "--json"))["edition"]["oldest_waiting_seconds"] == 0


async def test_a_terminal_is_shown_a_bar(place: Place) -> None:
    await made_today(place)

    said = await asyncio.to_thread(in_a_terminal, place.config, "status", "--watch")

    assert "\x1b[" in said
    assert re.search(r"complete.*100%.*3/3.*3 a minute", re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", said))


def in_a_terminal(config: Path, *arguments: str) -> str:
    """What a command writes to a terminal of its own, once it has ended well."""
    ours, its = os.openpty()
    command = [sys.executable, "-m", "digest", *arguments, "--config", str(config)]
    with subprocess.Popen(
        command, stdout=its, stderr=its, env={**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    ) as process:
        os.close(its)
        said = b""
        while part := read_or_end(ours):
            said += part
        assert process.wait(60) == 0, said
    os.close(ours)
    return said.decode()


def read_or_end(terminal: int) -> bytes:
    try:
        return os.read(terminal, 10_000)
    except OSError:  # how Linux says that nobody is at the other end any more
        return b""


async def test_watching_waits_for_the_plan_and_ends_at_ctrl_c(place: Place) -> None:
    let_noon_be_now(place)
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "digest",
            "status",
            "--watch",
            "--every",
            "0.1",
            "--config",
            str(place.config),
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        for _ in range(2):
            assert b"not planned yet" in await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, trouble = await process.communicate()

    assert process.returncode == 0
    assert trouble == b""


async def test_watching_says_that_sending_is_paused_and_that_the_time_is_over(place: Place) -> None:
    await place.server.stop()
    await made_today(place)
    place.digest("pause", "--why", "a test")
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8")
    noon = re.search(r'noon: "(\d\d):(\d\d)"', text)
    assert noon is not None
    earlier = f"{int(noon[1]) - 3:02}:{noon[2]}"
    text = re.sub(r"(?m)^  (noon|cutoff):.*$", rf'  \1: "{earlier}"', text)
    config.write_text(re.sub(r"(?m)^  lateness:.*$", "  lateness: 1h", text), encoding="utf-8")

    said = place.digest("status", "--watch", expect=1).splitlines()
    assert len(said) == 1
    assert "its time is over, 0/3" in said[0]
    assert "3 not made in time; they come with the next edition, marked late" in place.digest("status")

    config.write_text(text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "digest", "status", "--watch", "--config", str(place.config)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert b"SENDING IS PAUSED, 0/3" in await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_watching_says_before_noon_that_the_edition_is_planned(place: Place) -> None:
    let_noon_be_now(place)
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8")
    now = re.search(r'noon: "(\d\d:\d\d)"', text)
    assert now is not None
    soon = datetime.strptime(now[1], "%H:%M").replace(tzinfo=UTC) + timedelta(minutes=2)
    await place.file(1, datetime.now(UTC) - timedelta(hours=1))
    text = re.sub(r"(?m)^  noon:.*$", f'  noon: "{soon:%H:%M}"', text)
    config.write_text(text, encoding="utf-8")
    settings, secrets = configured(place.config)
    async with service(settings, secrets, directory=place.config) as it:
        await it.recover()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "digest", "status", "--watch", "--json", "--config", str(place.config)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        found = json.loads(await process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0

    assert (found["standing"], found["planned"], found["seconds_left"]) == ("planned", 3, None)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_watching_a_database_that_goes_away_ends_with_a_sentence(place: Place) -> None:
    """Exit code 1 would say that the edition's time is over."""
    let_noon_be_now(place)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "digest", "status", "--watch", "--every", "0.1"),
        *("--config", str(place.config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        await process.stdout.readline()
        await asyncio.to_thread(close_the_database, place)
        _, trouble = await process.communicate()

    assert process.returncode == 3
    (line,) = trouble.decode().splitlines()
    assert "cannot be read or written" in line


def close_the_database(place: Place) -> None:
    """To everybody, as where its server is stopped."""
    settings, secrets = configured(place.config)
    url = open_database(settings, secrets, place.config).postgres_url
    assert url is not None
    name = name_in(url)
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false".encode())
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(others, (name,))


QUOTING = {
    "ada@example.org": "550 5.1.1 <ada@example.org>: no such user",
    "ben@example.org": "450 4.2.1 <ben@example.org>: mailbox busy",
    "cleo@example.org": "554 5.7.1 cleo@example.org is not for you",
}


async def test_no_address_is_in_any_log_of_a_noon(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """The relay quotes them all, and composing fails besides."""
    caplog.set_level(logging.DEBUG)
    place.server.answers.update(QUOTING)
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "13:00"))

    lines = [form.format(record) for record in caplog.records for form in (Fields(), JsonLines())]
    assert any("delivery refused" in line for line in lines)
    assert any("delivery deferred" in line for line in lines)
    assert not [line for line in lines for address in SUBSCRIBERS if address in line]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_process_logs_json_and_no_address(place: Place) -> None:
    place.server.answers.update({a: QUOTING[a] for a in SUBSCRIBERS[:2]})
    let_noon_be_now(place)
    await place.file(1, datetime.now(UTC) - timedelta(hours=1))
    said: list[str] = []

    async with (
        running(place, "--role", "deliver", "--log", "json", said=said),
        running(place, "--role", "publish", "--log", "json", said=said),
        asyncio.timeout(60),
    ):
        await place.server.until(1)  # to the last one: the others have had their answers

    events = [json.loads(line) for line in said if line.strip()]
    assert {"service started", "service stopped", "delivery refused"} <= {event["event"] for event in events}
    assert all({"time", "level", "logger", "event"} <= set(event) for event in events)
    assert not [line for line in said for address in SUBSCRIBERS if address in line]
