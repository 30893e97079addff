"""What a service has taken over of its files is known for the processes that run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.errors import Problem
from digest.jobs.config_trouble import GONE_AFTER, ConfigTrouble, about_config
from digest.ports import AppliedConfig, Trouble
from digest.store.sql import SqlStore

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WRONG = Problem(file="digest.yaml", line=3, key="edition.noon", found="25:00", expected="a time of day")


def taken_over(process: str, at: datetime = NOON, until: datetime = NOON + GONE_AFTER) -> AppliedConfig:
    return AppliedConfig(
        process=process,
        place=f"/etc/digest, {process}",
        applied_at=at,
        record={},
        restart=("store",),
        until=until,
    )


class Operators:
    """Hears what operators are told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def well(self, what: str) -> bool:
        self.heard.append(what)
        return True

    call = well


class Watch:
    """The time as the test sets it."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


async def test_on_sqlite_a_container_that_was_replaced_waits_for_no_restart(store: SqlStore) -> None:
    for name in ("all on 4f1a", "all on 9c2b"):
        await store.configs.note(taken_over(name))

    found = {one.process for one in await store.configs.all()}
    alone = store.database.engine.dialect.name == "sqlite"
    assert found == ({"all on 9c2b"} if alone else {"all on 4f1a", "all on 9c2b"})


async def test_a_process_that_is_gone_waits_for_no_restart_and_one_that_runs_does(store: SqlStore) -> None:
    await store.configs.note(taken_over("all on 4f1a"))
    assert await store.configs.runs("all on 4f1a", NOON + MINUTE + GONE_AFTER)
    assert not await store.configs.runs("all on 9c2b", NOON + GONE_AFTER)

    (found,) = await store.configs.all()
    assert found.waits(NOON + GONE_AFTER)
    assert not found.waits(NOON + MINUTE + GONE_AFTER)


async def test_of_processes_that_are_gone_only_what_the_last_one_ran_on_is_kept(store: SqlStore) -> None:
    await store.configs.note(taken_over("poll on 1"))
    await store.configs.note(taken_over("poll on 2", at=NOON + MINUTE))
    await store.configs.forget(NOON + GONE_AFTER)

    assert [one.process for one in await store.configs.all()] == ["poll on 2"]


async def test_wrong_files_are_shown_while_a_process_sees_them_and_not_after_it_is_gone(
    store: SqlStore,
) -> None:
    operators, clock = Operators(), Watch()
    seen, other = (
        ConfigTrouble(where=where, troubles=store.troubles, operators=lambda: operators, clock=clock)
        for where in ("/etc/digest on 4f1a", "/etc/digest on 9c2b")
    )
    await seen.wrong([WRONG])
    clock.at += GONE_AFTER - MINUTE
    await seen.still()
    clock.at += GONE_AFTER - MINUTE
    await other.still()
    (trouble,) = await store.troubles.all()
    assert (trouble.since, about_config(trouble, clock.at)) == (NOON, "/etc/digest on 4f1a")

    clock.at += MINUTE  # nothing was heard of it for as long as a process may be silent
    assert about_config(trouble, clock.at) is None
    await other.still()
    assert await store.troubles.all() == ()
    assert len(operators.heard) == 1


async def test_a_process_that_was_cut_off_from_the_database_is_shown_again_and_calls_nobody_twice(
    store: SqlStore,
) -> None:
    operators, clock = Operators(), Watch()
    seen = ConfigTrouble(
        where="/etc/digest on 4f1a", troubles=store.troubles, operators=lambda: operators, clock=clock
    )
    await seen.wrong([WRONG])
    await store.troubles.lapse(NOON + GONE_AFTER)
    clock.at += 2 * GONE_AFTER
    await seen.still()

    (trouble,) = await store.troubles.all()
    assert trouble.lasts(clock.at)
    assert len(operators.heard) == 1
    await seen.right()
    assert operators.heard[1:] == ["the config files are right again, and in force"]


async def test_a_trouble_without_an_end_stays_until_it_is_ended(store: SqlStore) -> None:
    trouble = Trouble(name="ping", since=NOON, said="HTTP 404")
    await store.troubles.begin(trouble)
    assert await store.troubles.lapse(NOON + timedelta(days=900)) == ()
    assert not await store.troubles.begin(replace(trouble, said="HTTP 500"))
    assert await store.troubles.all() == (trouble,)
