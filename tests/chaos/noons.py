"""The harness: one simulated noon after another, each with the faults of its plan, and what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

import psycopg
from journey_place import file_report, opened
from servers.certificates import Authority
from sqlalchemy import select

from chaos.board import Board, Cell
from chaos.faults import Fault, Plan, Trouble, draw
from chaos.server import LyingServer
from chaos.worker import Post, live
from digest.adapters.config.packaged import copy_config
from digest.store.tables import deliveries, subscribers, subscriptions
from digest.subscriptions import Step, Wishes

FIRST: Final = date(2020, 3, 2)
_PATIENCE: Final = 60.0  # real seconds that a noon may take before it is given up
_CONTEXT: Final = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["chaos.worker"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One noon that was run: its plan, and the ledger at its end."""

    day: date
    number: int  # of the provider whose story it brought
    plan: Plan | None  # None: an honest noon
    states: dict[str, str]  # by address
    kills: int


@dataclass(slots=True)
class Run:
    """A run under way, and what it has seen."""

    place: Path
    url: str
    people: list[str]
    server: LyingServer
    board: Board
    dice: random.Random
    crew: int
    days: list[Day] = field(default_factory=list)
    troubles: Counter[Trouble] = field(default_factory=Counter)
    ended: dict[str, date] = field(default_factory=dict)  # by the rule for mailboxes said not to exist
    _workers: dict[int, BaseProcess] = field(default_factory=dict)
    _row: int = 0
    _kills: int = 0

    async def noon(self, number: int, plan: Plan | None) -> Day:
        day = FIRST + timedelta(days=number - 1)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        await self._file(number, noon - timedelta(hours=2))
        self._configure(plan)
        self._kills = 0
        chances = dict(plan.lies) if plan else {}
        seed, pipelining = (plan.seed, plan.pipelining) if plan else (0, 1.0)
        tls = bool(plan and plan.starttls)
        self.server.plan(chances, seed=seed, starttls=tls, pipelining=pipelining)
        self.board.set(noon - timedelta(seconds=5))
        self.board.running = True
        for _ in range(plan.workers if plan else self.crew):
            self._hire()
        if plan is not None:
            await self._trouble(plan)
            if plan.lies:
                await self._quiet()
        await self._finish(day, noon)
        await self._dismiss()
        done = Day(day=day, number=number, plan=plan, states=await self._ledger(day), kills=self._kills)
        self.days.append(done)
        return done

    # -- workers -------------------------------------------------------------------------------------

    def _hire(self) -> None:
        row, self._row = self._row, (self._row + 1) % 400
        for cell in Cell:
            self.board.put(row, cell, 0)
        post = Post(config=self.place, board=self.place / "board", row=row, log=self.place / "workers.log")
        process = _CONTEXT.Process(target=live, args=(post,), daemon=True)
        process.start()
        self._workers[row] = process

    async def _dismiss(self) -> None:
        self.board.running = False
        for row in self._workers:
            self.board.put(row, Cell.STOP, 1)
        for process in self._workers.values():
            await asyncio.to_thread(process.join, 20)
            if process.is_alive():
                process.kill()
                await asyncio.to_thread(process.join)
        self._workers.clear()

    async def _trouble(self, plan: Plan) -> None:
        """The plan's faults, each when so much has happened at the relay, or nothing happens any more."""
        for fault in plan.faults:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2.0):
                    while self.server.moments < fault.after:
                        self.server.moved.clear()
                        await self.server.moved.wait()
            await asyncio.sleep(fault.pause)
            self.troubles[fault.trouble] += 1
            await self._strike(fault)

    async def _quiet(self) -> None:
        """Let the relay lie until nobody has asked it anything for a while, having asked at all."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20.0):
                while True:
                    self.server.moved.clear()
                    async with asyncio.timeout(2.0 if self.server.moments else 20.0):
                        await self.server.moved.wait()

    def _replace_ended(self) -> None:
        """Start another worker for each that ended while it started, because it found the database cut."""
        for row in [row for row, process in self._workers.items() if not process.is_alive()]:
            if rounds := self.board.get(row, Cell.ROUNDS):
                raise AssertionError(f"a worker ended by itself after {rounds} rounds")
            del self._workers[row]
            self._hire()

    async def _strike(self, fault: Fault) -> None:
        self._replace_ended()
        row = list(self._workers)[int(fault.choice * len(self._workers))]
        process = self._workers[row]
        match fault.trouble:
            case Trouble.KILL:
                self._kills += 1
                process.kill()
                await asyncio.to_thread(process.join)
                del self._workers[row]
                self._hire()
            case Trouble.FREEZE:
                assert process.pid is not None
                with contextlib.suppress(ProcessLookupError):  # it may have ended just now
                    os.kill(process.pid, signal.SIGSTOP)
                self.board.move(timedelta(minutes=fault.amount))
                self._hire()
                await asyncio.sleep(0.5)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGCONT)
            case Trouble.TWIN:
                self._hire()
            case Trouble.CUT:
                await asyncio.to_thread(self._cut, fault.amount)
            case Trouble.FORWARD:
                self.board.move(timedelta(minutes=fault.amount))
            case Trouble.PAST_DEADLINE:
                self.board.move(timedelta(hours=6, minutes=10))
            case Trouble.BACKWARD:
                self.board.move(-timedelta(minutes=fault.amount))
            case Trouble.SKEW:
                self.board.put(row, Cell.SKEW, fault.amount)
            case Trouble.AWAY:
                await self.server.stop()
                await asyncio.sleep(fault.amount)
                await self.server.start()

    def _cut(self, seconds: float) -> None:
        if self.url.startswith("postgresql"):
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            return
        with contextlib.closing(sqlite3.connect(self.place / "var" / "digest.db", timeout=30)) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")

    async def _finish(self, day: date, noon: datetime) -> None:
        """An honest relay and sound workers until the day is settled or over, leaping over the waits."""
        self.server.be_honest()
        if not self._workers:
            self._hire()
        deadline = noon + timedelta(hours=6, minutes=1)
        began = asyncio.get_running_loop().time()
        async with opened(self.place) as store:
            while self.board.now() < deadline:
                if asyncio.get_running_loop().time() - began > _PATIENCE:
                    raise AssertionError(f"the noon of {day} does not come to its end")
                self._replace_ended()
                rounds = {row: self.board.get(row, Cell.ROUNDS) for row in self._workers}
                await self._until(
                    lambda r=rounds: all(self.board.get(w, Cell.ROUNDS) >= n + 2 for w, n in r.items())
                )
                if not await store.editions.planned(day):
                    self.board.move(timedelta(minutes=1))
                    continue
                tally = await store.deliveries.tally(day)
                held = await store.deliveries.held()
                if not held and not {"planned", "deferred"} & {s.value for s in tally}:
                    return
                self.board.move(timedelta(minutes=4))

    async def _until(self, holds: Callable[[], bool]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3.0):
                while not holds():
                    await asyncio.sleep(0.01)

    # -- the place -----------------------------------------------------------------------------------

    def _configure(self, plan: Plan | None) -> None:
        file = self.place / "digest.yaml"
        text = file.read_text()
        connections = plan.connections if plan else 2
        tls = "starttls" if plan and plan.starttls else "none"
        text = re.sub(r"(?m)^  connections: .*$", f"  connections: {connections}", text)
        text = re.sub(r"(?m)^  tls: .*$", f"  tls: {tls}", text)
        file.write_text(text)

    async def _file(self, number: int, found_at: datetime) -> None:
        async with opened(self.place) as store:
            await file_report(store, number, found_at)

    async def look_who_ended(self) -> None:
        query = select(subscribers.c.address, subscriptions.c.ended_at, subscriptions.c.ended_reason)
        query = query.join_from(subscriptions, subscribers).where(subscriptions.c.ended_at.is_not(None))
        async with opened(self.place) as store, store.database.read() as connection:
            for row in await connection.execute(query):
                assert row.ended_reason is Step.BOUNCED
                self.ended[row.address] = row.ended_at.date()

    async def _ledger(self, day: date) -> dict[str, str]:
        query = select(subscribers.c.address, deliveries.c.state).join_from(deliveries, subscribers)
        async with opened(self.place) as store, store.database.read() as connection:
            rows = await connection.execute(query.where(deliveries.c.edition_day == day))
            return {row.address: row.state.value for row in rows}


async def run(
    place: Path, url: str, *, noons: int, people: int, seed: int, crew: int, tell: Callable[[Day], None]
) -> Run:
    """So many noons of chaos, and two honest ones after them."""
    authority = Authority(place.parent)
    copy_config(place)
    board = Board.new(place / "board")
    server = LyingServer(authority.server_context(), board.now)
    await server.start()
    file = place / "digest.yaml"
    text = file.read_text().replace("host: localhost", f"host: {server.host}")
    text = re.sub(r"(?m)^  port: 25\b.*$", f"  port: {server.port}\n  ca_file: {authority.ca_file}", text)
    file.write_text(re.sub(r"(?m)^  timeout: 60s.*$", "  timeout: 1s", text))
    if url.startswith("postgresql"):
        with (place / "secrets.env").open("a") as secrets_file:
            secrets_file.write(f"DIGEST_DATABASE_URL='{url}'\n")
    addresses = [f"reader{n}@example.org" for n in range(people)]
    it = Run(
        place=place,
        url=url,
        people=addresses,
        server=server,
        board=board,
        dice=random.Random(seed),
        crew=crew,
    )
    async with opened(it.place) as store:
        await store.database.create()
        for address in addresses:
            await store.subscriptions.add(address, Wishes(), datetime(2020, 1, 1, tzinfo=UTC))
    try:
        for number in range(1, noons + 3):
            plan = draw(it.dice, subscribers=people, workers=crew) if number <= noons else None
            tell(await it.noon(number, plan))
        await it.look_who_ended()
    finally:
        await it._dismiss()
        await server.stop()
        it.board.close()
    return it
