"""A few noons of chaos, always the same ones, and that its judge would see; `make chaos` runs hundreds."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from chaos.faults import Fault, Kind, Lie, Trouble, draw
from chaos.noons import FIRST, Day, Run, run
from chaos.server import Taking
from chaos.verdict import judge

pytestmark = pytest.mark.slow

ADA = "ada@example.org"
NEXT = FIRST + timedelta(days=1)


async def test_what_is_promised_holds_while_everything_goes_wrong(database_url: str, tmp_path: Path) -> None:
    """Nothing lost, nobody twice, and a record of everything that was taken."""
    sqlite = database_url.startswith("sqlite")
    url = "sqlite:///var/digest.db" if sqlite else database_url

    def tell(_: Day) -> None: ...

    it = await run(
        tmp_path / "config", url, noons=3, people=20, seed=13448, crew=1 if sqlite else 3, tell=tell
    )

    verdict = judge(it)
    assert verdict.broken == []
    assert verdict.taken >= 20 * 3
    assert set(verdict.troubles) == {trouble.value for trouble in Trouble}


async def test_a_noon_of_lies_alone_is_lied_in(tmp_path: Path) -> None:
    """Nothing else goes wrong in it, and so nothing else keeps the relay from turning honest at once."""
    url = "sqlite:///var/digest.db"
    it = await run(tmp_path / "config", url, noons=1, people=10, seed=16, crew=1, tell=lambda _: None)

    assert it.days[0].plan is not None
    assert it.days[0].plan.kind is Kind.LIES
    verdict = judge(it)
    assert sum(verdict.lies.values()) >= 1
    assert verdict.broken == []


async def test_a_kill_leaves_in_doubt_no_more_than_one_for_each_connection(tmp_path: Path) -> None:
    """Four kills of a worker with four connections; all else that it had in hand is known."""
    url = "sqlite:///var/digest.db"
    it = await run(tmp_path / "config", url, noons=1, people=20, seed=840, crew=1, tell=lambda _: None)

    plan = it.days[0].plan
    assert plan is not None
    assert (plan.kind, plan.connections, it.days[0].kills) == (Kind.KILLS, 4, 4)
    verdict = judge(it)
    assert verdict.broken == []
    assert verdict.most_unknown_by_a_kill <= 1


async def test_a_worker_that_ends_while_it_starts_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one ends between the look at it and the signal."""
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    rounds = {0: 0, 1: 0}
    board = SimpleNamespace(get=lambda row, _: rounds[row], move=lambda _: None)
    it = Run(
        place=Path(),
        url="",
        people=[],
        server=cast("Any", None),
        board=cast("Any", board),
        dice=random.Random(1),
        crew=1,
        _workers={0: cast("Any", SimpleNamespace(pid=gone.pid, is_alive=lambda: False))},
    )
    ending = SimpleNamespace(pid=gone.pid, is_alive=lambda: True)
    monkeypatch.setattr(Run, "_hire", lambda self: self._workers.setdefault(len(rounds) - 1, ending))

    await it._strike(Fault(trouble=Trouble.FREEZE, after=0, pause=0.0, amount=6.0, choice=0.0))

    assert list(it._workers.values()) == [ending]
    ending.is_alive = lambda: False
    rounds[1] = 7
    with pytest.raises(AssertionError, match="after 7 rounds"):
        it._replace_ended()


def test_hundreds_of_noons_hold_every_trouble_and_every_lie() -> None:
    dice = random.Random(1)
    plans = [draw(dice, subscribers=40, workers=3) for _ in range(200)]

    assert {lie for plan in plans for lie, _ in plan.lies} == set(Lie)
    assert {fault.trouble for plan in plans for fault in plan.faults} == set(Trouble)


def two_days(first: str, second: str, *takings: Taking) -> Run:
    """Two noons of one subscriber, whose ledger ends in these states, and what arrived."""
    days = [
        Day(day=day, number=number, plan=None, states={ADA: state} if state else {}, kills=0)
        for number, (day, state) in enumerate(((FIRST, first), (NEXT, second)), start=1)
    ]
    server = SimpleNamespace(takings=list(takings), lies=Counter[Lie]())
    run = SimpleNamespace(days=days, people=[ADA], server=server, troubles=Counter[Trouble](), ended={})
    return cast("Run", run)


def taking(day: Any, *stories: int, on: Any = None, late: bool = False, denied: bool = False) -> Taking:
    text = "\n".join(f"Provider {n} CRC" for n in stories) + ("\nLate: this was missing" if late else "")
    return Taking(recipient=ADA, day=day.isoformat(), on=on or day, text=text, denied=denied)


@pytest.mark.parametrize(
    "sound",
    [
        two_days("accepted", "accepted", taking(FIRST, 1), taking(NEXT, 2)),
        two_days("refused", "accepted", taking(NEXT, 1, 2, late=True)),
        two_days("unknown", "accepted", taking(FIRST, 1), taking(NEXT, 1, 2, late=True)),
        two_days("deferred", "accepted", taking(FIRST, 1, denied=True), taking(NEXT, 1, 2, late=True)),
    ],
    ids=["given", "refused and late", "in doubt and again", "denied and again"],
)
def test_a_sound_run_breaks_no_promise(sound: Run) -> None:
    assert judge(sound).broken == []


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (two_days("accepted", "", taking(FIRST, 1), taking(NEXT, 2)), "of which there is no record"),
        (two_days("refused", "accepted", taking(FIRST, 1), taking(NEXT, 2)), "that the ledger calls refused"),
        (two_days("accepted", "accepted", taking(NEXT, 1, 2, late=True)), "that nobody took"),
        (two_days("accepted", "accepted", taking(FIRST, 1), taking(FIRST, 1)), "got 2 editions"),
        (
            two_days("accepted", "accepted", taking(FIRST, 1, on=NEXT), taking(NEXT, 2)),
            "got 2 editions on one local day",
        ),
        (two_days("refused", "accepted", taking(NEXT, 2)), "an edition without [1]"),
        (
            two_days("accepted", "accepted", taking(FIRST, 1), taking(NEXT, 1, 2, late=True)),
            "surely given [1]",
        ),
        (two_days("refused", "accepted", taking(NEXT, 1, 2)), "not called late"),
        (two_days("accepted", "planned", taking(FIRST, 1)), "is still planned"),
        (two_days("accepted", "refused", taking(FIRST, 1)), "was never told of [2]"),
    ],
)
def test_each_promise_that_is_broken_is_counted(broken: Run, what: str) -> None:
    assert any(what in found for found in judge(broken).broken)


def test_who_was_ended_by_the_rule_is_owed_nothing_more_and_nobody_is_without_it() -> None:
    ended = two_days("accepted", "", taking(FIRST, 1))
    ended.ended[ADA] = NEXT
    (found,) = judge(ended).broken
    assert "without having been refused so often" in found

    days = [
        Day(day=FIRST + n * (NEXT - FIRST), number=n + 1, plan=None, states={ADA: state}, kills=0)
        for n, state in enumerate(("accepted", "refused", "refused", "refused"))
    ]
    by_rule = two_days("", "", taking(FIRST, 1))
    by_rule.days[:] = days
    by_rule.ended[ADA] = days[-1].day
    assert judge(by_rule).broken == []
    by_rule.ended.clear()
    assert any("was never told of [2, 3, 4]" in found for found in judge(by_rule).broken)
