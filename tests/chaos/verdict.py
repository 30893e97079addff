"""What the relay took and what the ledger says, side by side: which promises were broken."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from chaos.faults import Kind
from chaos.noons import Run

_SAYS_NOT_TAKEN = {"planned", "deferred", "refused", "skipped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Counts at the receiving end; the broken ones must be empty."""

    noons: int
    taken: int
    states: dict[str, int]
    troubles: dict[str, int]
    lies: dict[str, int]
    denied: int  # taken, and the relay said that it was not
    two_after_denial: int  # subscribers with two on one day, by the relay's own doing
    most_unknown_by_a_kill: float  # in noons where killing was all that happened: unknowns for each kill
    broken: list[str] = field(default_factory=list)


def judge(run: Run) -> Verdict:
    broken: list[str] = []
    by_day: dict[tuple[str, str], list[bool]] = defaultdict(list)
    told: dict[str, set[int]] = defaultdict(set)
    numbers = range(1, len(run.days) + 1)
    for taking in run.server.takings:
        by_day[taking.recipient, taking.day].append(taking.denied)
        told[taking.recipient] |= {n for n in numbers if f"Provider {n} CRC" in taking.text}
    two_after_denial = 0
    for (recipient, day), denials in by_day.items():
        if len(denials) > 1:
            if sum(not denied for denied in denials) <= 1:
                two_after_denial += 1
            else:
                broken.append(f"{day}: {recipient} got {len(denials)} editions")
    for day in run.days:
        for recipient, state in day.states.items():
            denials = by_day.get((recipient, day.day.isoformat()), [])
            if any(not denied for denied in denials) and state in _SAYS_NOT_TAKEN:
                broken.append(f"{day.day}: {recipient} got an edition that the ledger calls {state}")
            if state == "accepted" and not denials:
                broken.append(f"{day.day}: {recipient} is said to have an edition that nobody took")
            if state in {"planned", "transmitting"} and day is run.days[-1]:
                broken.append(f"{day.day}: {recipient} is still {state}")
    for recipient in run.people:
        missing = [n for n in numbers if n not in told[recipient]]
        if missing:
            broken.append(f"{recipient} was never told of {missing}")
    kills = [day for day in run.days if day.plan and day.plan.kind is Kind.KILLS and day.kills]
    unknown = [
        Counter(day.states.values())["unknown"] / (day.kills * day.plan.connections)
        for day in kills
        if day.plan
    ]
    if any(share > 1 for share in unknown):
        broken.append("a kill left more than one delivery in doubt for each connection")
    return Verdict(
        noons=len(run.days),
        taken=len(run.server.takings),
        states=dict(Counter(state for day in run.days for state in day.states.values())),
        troubles={trouble.value: count for trouble, count in run.troubles.items()},
        lies={lie.value: count for lie, count in run.server.lies.items()},
        denied=sum(taking.denied for taking in run.server.takings),
        two_after_denial=two_after_denial,
        most_unknown_by_a_kill=max(unknown, default=0.0),
        broken=broken,
    )
