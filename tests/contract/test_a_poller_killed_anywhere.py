"""A poller killed between any two of its statements: nothing is lost, and nothing comes twice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from feed_cases import BEGIN, MINUTE, Stage, a_feed, stage
from servers.publisher import say
from sqlalchemy import event, select
from test_an_api_of_records import ELM, OAK, location, publish_list, stage_of_list

from digest.ratings import OVERALL
from digest.sources import without_baseline
from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.store.tables import item_keys, items, ratings, readings, records, reports
from digest.tokens import address_seal

ENOUGH: Final = 15
"""A poll that reads a page, or that takes data in, has more statements than this."""


class Killed(BaseException):
    """The process is gone: nothing of ours can catch this."""


def a_rating(name: str) -> bytes:
    """The page of a report that rates a unit."""
    return (
        f"<!doctype html><title>{name}</title><main><h1>{name}</h1>"
        f"<p>HM Inspectorate of Probation has rated {name} PDU ‘Good’ overall.</p>"
        "<p>The unit was rated ‘Requires improvement’ at its last inspection in 2023.</p>"
        "<p>Inspectors visited the unit for three days and spoke with staff about their work.</p></main>"
    ).encode()


@pytest.mark.slow
async def test_a_poll_killed_at_any_statement_loses_nothing_and_doubles_nothing(
    lay_out: Callable[[Path], str], tmp_path: Path
) -> None:
    whole, statements = await _polled(lay_out, tmp_path / "whole", killed_at=None)

    for number in range(1, statements + 1):
        after, _ = await _polled(lay_out, tmp_path / str(number), killed_at=number)
        assert after == whole, f"killed at statement {number} of {statements}"

    assert statements > ENOUGH


@pytest.mark.slow
async def test_a_poll_of_data_killed_at_any_statement_loses_no_past_rating_and_doubles_none(
    lay_out: Callable[[Path], str], tmp_path: Path
) -> None:
    whole, statements = await _polled(lay_out, tmp_path / "whole", killed_at=None, data=True)

    for number in range(1, statements + 1):
        after, _ = await _polled(lay_out, tmp_path / str(number), killed_at=number, data=True)
        assert after == whole, f"killed at statement {number} of {statements}"

    assert statements > ENOUGH
    assert [rating for rating in whole["ratings"] if rating[2] == OVERALL] == [
        (f"cqc:{OAK}", "inadequate", OVERALL),
        (f"cqc:{ELM}", "good", OVERALL),
    ]


async def _polled(
    lay_out: Callable[[Path], str], folder: Path, *, killed_at: int | None, data: bool = False
) -> tuple[dict[str, Any], int]:
    """What is stored when all is read, and how many statements the poll with news has.

    That poll is killed at the given statement. Polls that follow run to their end.
    """
    folder.mkdir()
    database = Database(lay_out(folder / "state.db"), directory=folder)
    store = SqlStore(database, seal=address_seal(b"a key of the tests"))
    counter = _Counter(killed_at)
    try:
        async with _stage_of_data(store) if data else stage("baseline-lost", store) as made:
            if not data:
                made.publisher.routes["/feed"] = say(200, a_feed("Known"))
            await made.poll(BEGIN)
            await _publish_changes(made) if data else _publish(made, "Beck")
            event.listen(database.engine.sync_engine, "before_cursor_execute", counter)
            try:
                await made.poll(BEGIN + 31 * MINUTE)
            except* Killed:
                pass
            event.remove(database.engine.sync_engine, "before_cursor_execute", counter)
            for minutes in (63, 95):  # a lease of the dead one is over, whatever it held
                await made.poll(BEGIN + minutes * MINUTE)
        return await _stored(database), counter.count
    finally:
        await database.dispose()


@asynccontextmanager
async def _stage_of_data(store: SqlStore) -> AsyncIterator[Stage]:
    """A list of two homes that are good, in shadow for half an hour."""
    async with stage_of_list(store, shadow=30 * MINUTE) as made:
        publish_list(made, location(OAK, "Good", "2026-11-20"), location(ELM, "Good", "2026-11-20"))
        yield made


async def _publish_changes(made: Stage) -> None:
    """The shadow is over, and of what comes next nothing is news: an operator has said so."""
    publish_list(made, location(OAK, "Inadequate", "2026-11-23"), location(ELM, "Good", "2026-11-20"))
    await made.store.sources.record("feed", partial(without_baseline, "feed", now=BEGIN))


def _publish(made: Stage, *names: str) -> None:
    made.publisher.routes["/feed"] = say(200, a_feed(*names, "Known"))
    for name in names:
        made.publisher.routes[f"/{name}"] = say(200, a_rating(name), Content_Type="text/html")


class _Counter:
    """Counts statements that write; at the one to be killed at, and at all that follow, the process is gone.

    A process that is gone at a statement that reads leaves the same as one that is gone at the next write.
    """

    def __init__(self, killed_at: int | None) -> None:
        self.count = 0
        self._killed_at = killed_at

    def __call__(self, _: Any, __: Any, statement: str, *___: Any) -> None:
        self.count += not statement.startswith("SELECT")
        if self._killed_at is not None and self.count >= self._killed_at:
            raise Killed


async def _stored(database: Database) -> dict[str, Any]:
    """The items, their keys, readings, reports, records and overall ratings, as often as each is there."""
    async with database.read() as connection:

        async def rows(*columns: Any) -> list[Any]:
            found = (await connection.execute(select(*columns))).all()
            return sorted(tuple(map(str, row)) for row in found)

        titled = {row.id: row.title for row in await connection.execute(select(items.c.id, items.c.title))}
        keys = await connection.execute(select(item_keys.c.item_id, item_keys.c.key))
        return {
            "items": await rows(items.c.title, items.c.state),
            "keys": sorted((titled[row.item_id], re.sub(r":\d+/", "/", row.key)) for row in keys),
            "readings": sorted(
                titled[row.item_id] for row in await connection.execute(select(readings.c.item_id))
            ),
            "reports": await rows(reports.c.provider_id, reports.c.place),
            "records": await rows(records.c.key, records.c.version, records.c.shadow),
            "ratings": await rows(ratings.c.provider_id, ratings.c.grade, ratings.c.aspect),
        }
