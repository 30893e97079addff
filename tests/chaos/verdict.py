"""What the relay took and what the ledger says, side by side: which promises were broken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from chaos.faults import Kind
from chaos.noons import Run
from digest.bounces import HARD_DAYS

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
    ended: int  # subscriptions that it ended, saying on three days that there is no such mailbox
    most_unknown_by_a_kill: float  # in noons where killing was all that happened: unknowns for each kill
    broken: list[str] = field(default_factory=list)


def judge(run: Run) -> Verdict:
    """What is promised, held against what arrived."""
    broken = [*_without_a_record(run), *_two_on_a_local_day(run), *_stories(run)]
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
        until = run.ended.get(recipient)
        own = [day for day in run.days if until is None or day.day < until]
        missing = [day.number for day in own if day.number not in told[recipient]]
        # What its last editions did not bring would have come with one that it was not to have any more.
        if missing and (
            until is None or any(day.states.get(recipient) == "accepted" for day in own[missing[0] :])
        ):
            broken.append(f"{recipient} was never told of {missing}")
        if until is not None and sum(day.states.get(recipient) == "refused" for day in run.days) < HARD_DAYS:
            broken.append(f"{recipient} was ended on {until} without having been refused so often")
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
        ended=len(run.ended),
        most_unknown_by_a_kill=max(unknown, default=0.0),
        broken=broken,
    )


def _without_a_record(run: Run) -> Iterator[str]:
    """Messages that the ledger does not know of at all."""
    known = {(address, day.day.isoformat()) for day in run.days for address in day.states}
    for taking in run.server.takings:
        if (taking.recipient, taking.day) not in known:
            yield f"{taking.day}: {taking.recipient} got an edition of which there is no record"


def _two_on_a_local_day(run: Run) -> Iterator[str]:
    """By the clock, whichever editions they are; what the relay denied to have is its own doing."""
    counts = Counter((taking.recipient, taking.on) for taking in run.server.takings if not taking.denied)
    for (recipient, on), count in counts.items():
        if count > 1:
            yield f"{on}: {recipient} got {count} editions on one local day"


def _stories(run: Run) -> Iterator[str]:
    """Each edition that arrives brings all that was missing, marked late, and nothing that was given."""
    arrived: dict[tuple[str, str], list[str]] = defaultdict(list)
    for taking in run.server.takings:
        arrived[taking.recipient, taking.day].append(taking.text)
    for recipient in run.people:
        told: set[int] = set()
        given: set[int] = set()
        for day in run.days:
            texts = arrived[recipient, day.day.isoformat()]
            own = {n for n in range(1, day.number + 1) for text in texts if f"Provider {n} CRC" in text}
            told |= own
            if texts and (missing := set(range(1, day.number + 1)) - told):
                yield f"{day.day}: {recipient} got an edition without {sorted(missing)}, not told before"
            if repeated := own & given:
                yield f"{day.day}: {recipient} was surely given {sorted(repeated)} before"
            if own - {day.number} and not all("Late: this was missing" in text for text in texts):
                yield f"{day.day}: {recipient} got earlier stories that are not called late"
            if day.states.get(recipient) == "accepted":
                given |= own
