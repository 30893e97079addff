"""A page that promises an email is shown once the request is kept; whatever happens then, it is done once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from desk import BASE, START, WEB, Service, link_to
from desk_fixtures import app, clock, doors, health, links, service
from sqlalchemy import event, update

from digest.arrivals import LEASE, TELL_AFTER, Arrival, ToGetLinks, ToJoin
from digest.jobs.prune import prune
from digest.membership.intake import Intake
from digest.membership.limits import PERCENT, Share
from digest.ports import Rule
from digest.retention import Retention
from digest.store.sql import SqlStore
from digest.store.tables import arrivals
from digest.subscriptions import Suppression, Wishes
from digest.tokens import Purpose

__all__ = ["app", "clock", "doors", "health", "links", "service"]

MINA = "mina@example.org"
NEW = "new@example.org"


@pytest.fixture
async def site(app: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A visitor whose requests nobody works off."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False, client=("192.0.2.77", 4711))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
def intake(service: Service) -> Intake:
    return service.membership.intake


class Killed(BaseException):
    """A worker is killed: nothing of ours can catch this."""


# -- kept before the answer, done afterwards ------------------------------------------------------------


async def _press(site: httpx2.AsyncClient, service: Service, what: str) -> str:
    """Press a button that promises an email; the address that it goes to."""
    mina = await service.subscribed(MINA)
    own = (mina.subscriber, mina.generation)
    fields: dict[str, str] = {}
    match what:
        case "join":
            url, fields, to = "/join", {"address": NEW, "inspectorate": "hmi-prisons"}, NEW
        case "fresh-link":
            url, fields, to = "/fresh-link", {"address": MINA}, MINA
        case "come-back":
            await service.enrolment.leave(*own, WEB)
            url, to = link_to("come-back", await service.read(MINA, "left")), MINA
        case "move":
            await service.owner_links.send(*own, "address")
            letter = await service.read(MINA, "own-link")
            url, fields, to = link_to("address", letter), {"address": NEW}, NEW
        case _:
            url, to = service.links.link(Purpose.MANAGE, *own) + f"/{what}", MINA
    service.clock.on(minutes=2)
    answer = await site.post(url, data=fields)
    assert answer.status_code == 200, answer.text
    return to


@pytest.mark.parametrize(
    ("what", "letter"),
    [
        ("join", "confirm"),
        ("fresh-link", "fresh-link"),
        ("come-back", "confirm"),
        ("move", "confirm-move"),
        ("address", "own-link"),
        ("export", "own-link"),
        ("erase", "own-link"),
    ],
)
async def test_each_page_keeps_the_request_first_and_the_letter_follows(
    site: httpx2.AsyncClient, service: Service, intake: Intake, what: str, letter: str
) -> None:
    to = await _press(site, service, what)
    before = await service.kinds(to)

    assert await service.store.arrivals.waiting() == 1
    assert await intake.work_off() == 1

    assert await service.kinds(to) == [*before, letter]
    assert await service.store.arrivals.waiting() == 0


@contextmanager
def statements(store: SqlStore) -> Iterator[list[str]]:
    """Everything that the database is asked."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    engine = store.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("page", ["/join", "/fresh-link"])
async def test_the_database_is_asked_the_same_for_every_address(
    site: httpx2.AsyncClient, service: Service, intake: Intake, page: str
) -> None:
    """Time and load then tell nobody who is subscribed."""
    gone = await service.subscribed("gone@example.org")
    await service.enrolment.leave(gone.subscriber, gone.generation, WEB)
    await service.subscribed("known@example.org")
    await service.store.subscriptions.suppress("barred@example.org", Suppression(why="law", since=START))
    await site.post(page, data={"address": "first@example.org"})
    work = {}
    for who in ("fresh", "gone", "known", "barred", "first"):
        with statements(service.store) as asked:
            assert (await site.post(page, data={"address": f"{who}@example.org"})).status_code == 200
        work[who] = tuple(asked)

    assert len(set(work.values())) == 1
    writes = [one for one in work["known"] if not one.lstrip().startswith(("SELECT", "BEGIN"))]
    assert [one.split("(")[0].strip() for one in writes if "INTO counts" not in one] == [
        "INSERT INTO arrivals"
    ]


async def test_a_page_promises_no_email_once_the_days_share_is_used_up(
    site: httpx2.AsyncClient, service: Service, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PERCENT, Share.WEB, 0)  # one letter: no share is smaller
    assert (await site.post("/join", data={"address": MINA})).status_code == 200
    await intake.work_off()
    mina = await service.subscribed(MINA)

    for page in ("/join", "/fresh-link"):
        for who in (MINA, NEW):
            refused = await site.post(page, data={"address": who})
            assert refused.status_code == 429
            assert "Try again tomorrow" in refused.text
    assert await service.store.arrivals.waiting() == 0

    manage = service.links.tokens.sign(Purpose.MANAGE, mina.subscriber, mina.generation)
    own = await site.post(f"/manage/{manage}/export")
    assert own.status_code == 200
    assert await service.store.arrivals.waiting() == 1


async def test_a_flood_fills_no_disk_and_the_page_promises_nothing(
    site: httpx2.AsyncClient, service: Service, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.membership.intake.MOST_WAITING", 2)

    said = [(await site.post("/join", data={"address": f"r{n}@example.org"})).status_code for n in range(4)]
    assert said == [200, 200, 503, 503]
    assert await service.store.arrivals.waiting() == 2

    await intake.work_off()
    assert service.calls == [
        "2 requests wait to be done, and no more are taken in. Somebody may be flooding us."
    ]
    assert (await site.post("/join", data={"address": NEW})).status_code == 200


# -- whatever happens then ------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["join", "fresh-link", "move", "export"])
async def test_a_worker_killed_after_any_of_its_writes_leaves_one_letter(
    site: httpx2.AsyncClient, service: Service, intake: Intake, what: str
) -> None:
    """The others come later than the minute in which the letter counts as the same."""
    to = await _press(site, service, what)
    before = len(await service.kinds(to))
    engine = service.store.database.engine.sync_engine
    kills = 0
    while True:
        commits = 0

        def count(_: Any, last: int = kills) -> None:
            nonlocal commits
            commits += 1
            if commits > last:
                raise Killed

        event.listen(engine, "commit", count)
        try:
            await intake.work_off()
            break
        except Killed:
            kills += 1
        finally:
            event.remove(engine, "commit", count)
        service.clock.on(minutes=2)

    assert kills > 5
    assert len(await service.kinds(to)) - before == 1
    assert await service.store.arrivals.waiting() == 0


async def test_who_is_slow_takes_nothing_away_from_the_next(
    site: httpx2.AsyncClient, service: Service
) -> None:
    await site.post("/join", data={"address": NEW})
    held = service.store.arrivals
    slow = await held.claim(service.clock.now(), LEASE)
    assert slow is not None
    assert await held.claim(service.clock.now(), LEASE) is None
    service.clock.on(seconds=LEASE.total_seconds())
    second = await held.claim(service.clock.now(), LEASE)

    await held.done(slow)
    await held.put_off(slow, START + timedelta(days=9))
    assert await held.waiting() == 1

    assert second is not None
    assert (second.tries, second.begun_at) == (2, slow.begun_at)
    await held.done(second)
    assert await held.waiting() == 0


async def test_two_workers_never_hold_the_same(service: Service) -> None:
    for n in range(6):
        asked = ToGetLinks(address=f"r{n}@example.org")
        await service.store.arrivals.add(Arrival(asked=asked, evidence=WEB, asked_at=START), 99)

    async def worker() -> list[int]:
        found = []
        while (claimed := await service.store.arrivals.claim(START, LEASE)) is not None:
            found.append(claimed.id)
        return found

    done = await asyncio.gather(worker(), worker(), worker())

    assert sorted(one for found in done for one in found) == list(range(1, 7))


async def test_what_fails_is_tried_again_told_once_and_holds_nobody_up(
    site: httpx2.AsyncClient, service: Service, intake: Intake
) -> None:
    broken = replace(intake, as_of=_failing_for(intake, NEW))
    await site.post("/join", data={"address": NEW})
    await site.post("/join", data={"address": "other@example.org"})

    for _ in range(TELL_AFTER + 3):
        await broken.work_off()
        service.clock.on(hours=1)

    assert await service.kinds("other@example.org") == ["confirm"]
    assert len(service.calls) == 1
    assert "a page has promised" in service.calls[0]
    assert await service.kinds(NEW) == []

    await intake.work_off()
    assert await service.kinds(NEW) == ["confirm"]
    assert await service.store.arrivals.waiting() == 0


def _failing_for(intake: Intake, address: str) -> Any:
    def as_of(instant: Any, wider: int) -> Any:
        members = intake.as_of(instant, wider)

        class Failing:
            async def join(self, typed: str, *rest: Any, **named: Any) -> Any:
                if typed == address:
                    raise ValueError(typed)
                return await members.enrolment.join(typed, *rest, **named)

        return replace(members, enrolment=Failing())

    return as_of


async def test_after_a_long_outage_the_letter_has_all_its_time(
    site: httpx2.AsyncClient, service: Service, intake: Intake
) -> None:
    await site.post("/join", data={"address": NEW})
    claimed = await service.store.arrivals.claim(service.clock.now(), LEASE)
    assert claimed is not None  # by a worker that dies
    service.clock.on(days=4)

    await intake.work_off()

    (letter,) = await service.letters(NEW)
    assert letter.expires_at > service.clock.now() + timedelta(days=1)


@pytest.mark.parametrize("put_off", [False, True], ids=["held", "put off"])
async def test_a_clock_that_is_set_back_holds_nothing(
    site: httpx2.AsyncClient, service: Service, intake: Intake, *, put_off: bool
) -> None:
    await site.post("/join", data={"address": NEW})
    claimed = await service.store.arrivals.claim(service.clock.now(), LEASE)
    assert claimed is not None
    if put_off:
        await service.store.arrivals.put_off(claimed, service.clock.now() + timedelta(minutes=20))
    service.clock.on(hours=-3)

    assert await intake.work_off() == 1
    assert await service.kinds(NEW) == ["confirm"]


async def test_what_a_later_version_asks_waits_for_it(
    site: httpx2.AsyncClient, service: Service, intake: Intake
) -> None:
    await site.post("/join", data={"address": NEW})
    async with service.store.database.write() as connection:
        await connection.execute(update(arrivals).values(kind="to-sing"))
    await site.post("/join", data={"address": "other@example.org"})

    assert await intake.work_off() == 1
    assert await service.store.arrivals.waiting() == 1


# -- an address stands in it ----------------------------------------------------------------------------


async def test_what_cannot_be_done_is_deleted_in_its_time_and_is_in_the_export_until_then(
    site: httpx2.AsyncClient, service: Service
) -> None:
    mina = await service.subscribed(MINA)
    own = (mina.subscriber, mina.generation)
    stranger = ToJoin(address="Mina@EXAMPLE.org", wishes=Wishes())
    for asked in (stranger, ToJoin(address=NEW, wishes=Wishes())):
        arrival = Arrival(asked=asked, evidence=WEB, asked_at=service.clock.now())
        await service.store.arrivals.add(arrival, 99)
    await site.post(service.links.link(Purpose.MANAGE, *own) + "/export")

    held = await service.enrolment.export(*own)
    assert held is not None
    assert [one["kind"] for one in held["not_done_yet"]] == ["join", "own-link"]
    assert NEW not in json.dumps(held)

    later = service.clock.now() + Retention().unconfirmed
    assert (await prune(Retention(), store=service.store.pruning, now=later))[Rule.ARRIVALS] == 0
    later += timedelta(seconds=1)
    assert (await prune(Retention(), store=service.store.pruning, now=later))[Rule.ARRIVALS] == 3
    assert await service.store.arrivals.waiting() == 0
