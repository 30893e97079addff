"""The health of the sources, and the ways to operators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from digest.diagnose.checks import Check, unknown, warning, well, wrong
from digest.health import Health
from digest.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How one source is."""

    id: str
    health: Health
    trouble: str | None  # why the last poll failed


def judge_sources(found: Iterable[Looked] | None, dead: Sequence[str] = ()) -> Sequence[Check]:
    """A check for each source that needs an operator, and one for the others.

    `found` is None if the database cannot say. `dead` says which ways to operators do not work, and why.
    """
    if found is None:
        return [unknown("sources", "the database does not say", "sources that are read", "see the state")]
    checks, healthy = [], 0
    for one in found:
        if one.health.well:
            healthy += 1
            continue
        why = f": {one.trouble}" if one.trouble else ""
        advice = f"digest sources show {one.id}; docs/sources.md says what each state means"
        checks.append(warning(one.id, f"{one.health}{why}", "ok", advice))
    if healthy:
        checks.insert(0, well("sources", f"{counted(healthy, 'source is', 'sources are')} well"))
    advice = "correct operators in digest.yaml, or mend what is named"
    return [*checks, *(warning("operators", one, "a call that is received", advice) for one in dead)]


def judge_newsletters(addresses: Mapping[str, str], *, received: bool) -> Sequence[Check]:
    """A check for each source whose newsletters come to this service: by its id, and to which address.

    `received` says whether the service receives mail.
    """
    if received:
        return [well(id, f"its newsletters come to {address}") for id, address in addresses.items()]
    advice = "add receiving to digest.yaml (docs/receiving.md), or name a mailbox in sources.yaml"
    return [
        wrong(id, "its newsletters come to this service, which receives no mail", "receiving", advice)
        for id in addresses
    ]
