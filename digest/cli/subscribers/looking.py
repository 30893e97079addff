"""`digest subscribers list`, `show` and `bulks`, and `undo`, which takes a bulk back."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from digest.addresses import masked
from digest.cli.common import (
    DEFAULT_CONFIG,
    LARGEST,
    AsJson,
    By,
    ConfigDirectory,
    answered,
    instant,
    opened,
    say,
    say_json,
    waiting,
)
from digest.cli.subscribers.common import (
    InClear,
    Where,
    Who,
    Why,
    ending_edition,
    everyone,
    found,
    operator,
    selection,
    shown,
    wished,
)
from digest.deliveries import reported_words
from digest.errors import Refused
from digest.subscriptions import UNDO_WITHIN, Bulk, Selection, Subscription, Taken
from digest.wording import counted

_LATEST = 14


def list_(
    where: Where = None,
    in_clear: InClear = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List subscriptions, with masked addresses.

    Example: digest subscribers list --where standing=paused
    """
    waiting(_list(config, selection(where), in_clear, as_json))


async def _list(config: Path, which: Selection, in_clear: bool, as_json: bool) -> None:
    async with opened(config) as (_, store):
        rows = (_row(one, in_clear=in_clear) async for one in everyone(store, which))
        if as_json:
            say_json([row async for row in rows])
            return
        count = 0
        async for row in rows:
            count += 1
            say(f"{row['subscriber']:>6}  {row['standing']:<8} {row['address']:<32} {row['wishes']}")
        say(counted(count, "subscription"))


def show(
    who: Who,
    in_clear: InClear = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show everything about one subscription.

    It shows its history, with the evidence for each step, and its latest deliveries and letters.

    Example: digest subscribers show ada@example.org
    """
    known = waiting(_known(config, who, in_clear))
    if as_json:
        say_json(known)
    else:
        say("\n".join(_lines(known)))


async def _known(config: Path, who: str, in_clear: bool) -> dict[str, Any]:
    async with opened(config) as (_, store):
        one = await found(store, who)
        history = await store.subscriptions.history(one.subscriber)
        suppression = await store.subscriptions.suppressed(one.address) if one.address else None
        asked = await store.requests.get(one.subscriber)
        request = asked if asked and asked.waits(one) else None
        deliveries = await store.people.deliveries(one.subscriber, limit=_LATEST)
        letters = await store.letters.latest(one.subscriber, _LATEST)
    words = (lambda text: text) if in_clear else masked
    ended_by = ending_edition(deliveries, one)
    return {
        **_row(one, in_clear=in_clear),
        "generation": one.generation,
        "paused_until": one.paused_until,
        "ended_at": one.ended_at,
        "ended_reason": one.ended_reason,
        "suppressed": suppression and asdict(suppression) | {"why": words(suppression.why)},
        "request": request
        and {
            "address": shown(request.address, in_clear=in_clear),
            "asked_at": request.asked_at,
            "expires_at": request.expires_at,
        },
        "history": [_taken(taken, words) for taken in history],
        "deliveries": [
            {
                **asdict(known),
                "text": known.text and words(known.text),
                "returned": known.returned
                and asdict(known.returned) | {"text": words(known.returned.text)},
                "ended": known.edition == ended_by,
            }
            for known in deliveries
        ],
        "letters": [
            {
                "kind": one.kind,
                "at": one.at,
                "state": one.state,
                "code": one.code,
                "text": one.text and words(one.text),
            }
            for one in letters
        ],
    }  # fmt: skip


def _row(one: Subscription, *, in_clear: bool) -> dict[str, Any]:
    return {
        "subscriber": one.subscriber,
        "address": shown(one.address, in_clear=in_clear),
        "standing": one.standing,
        "since": one.since,
        "wishes": wished(one.wishes),
    }


def _taken(taken: Taken, words: Any) -> dict[str, Any]:
    evidence = taken.evidence
    return {
        "at": taken.at,
        "step": taken.step,
        "generation": taken.generation,
        "until": taken.until,
        "channel": evidence.channel,
        "wording": words(evidence.wording),
        "origin": evidence.origin,
        "by": evidence.by,
        "bulk": taken.bulk,
    }


def _lines(known: dict[str, Any]) -> list[str]:
    lines = [
        f"subscriber {known['subscriber']}: {known['address']}",
        f"  {_standing(known)}",
        f"  wishes: {known['wishes']}",
    ]
    if known["suppressed"]:
        never = known["suppressed"]
        lines.append(f"  must not be written to, since {instant(never['since'])}: {never['why']}")
    if known["request"]:
        request = known["request"]
        until = instant(request["expires_at"])
        lines.append(f"  waits for {request['address']} to confirm, until {until}")
    lines += ["history:", *(f"  {_step(taken)}" for taken in known["history"])]
    if known["deliveries"]:
        lines += ["latest editions:", *(f"  {_delivery(one)}" for one in known["deliveries"])]
    if known["letters"]:
        lines += ["latest letters:", *(f"  {_letter(one)}" for one in known["letters"])]
    return lines


def _standing(known: dict[str, Any]) -> str:
    said = f"{known['standing']}, generation {known['generation']}, since {instant(known['since'])}"
    if known["paused_until"]:
        said += f"; paused until {known['paused_until']}"
    if known["ended_at"]:
        said += f"; {known['ended_reason']} {instant(known['ended_at'])}"
    return said


def _step(taken: dict[str, Any]) -> str:
    said = f"{instant(taken['at'])}  {taken['step']} by {taken['channel']}"
    said += f" ({taken['by']})" if taken["by"] else ""
    said += f" until {taken['until']}" if taken["until"] else ""
    said += f" from {taken['origin']}" if taken["origin"] else ""
    said += f', "{taken["wording"]}"' if taken["wording"] else ""
    return said + (f" [bulk {taken['bulk']}]" if taken["bulk"] else "")


def _delivery(one: dict[str, Any]) -> str:
    back = one["returned"]
    answer = f": {reported_words(back['code'], back['status'], back['text'])}" if back else _answer(one)
    said = f"{one['edition']}  {one['state']}{answer}"
    said += "; this ended the subscription" if one["ended"] else ""
    return said + (f"; its stories came with the edition of {one['carried_to']}" if one["carried_to"] else "")


def _letter(one: dict[str, Any]) -> str:
    return f"{instant(one['at'])}  {one['kind']} {one['state']}{_answer(one)}"


def _answer(one: dict[str, Any]) -> str:
    answer = answered(one["code"], one["text"])
    return f": {answer}" if answer else ""


def bulks(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List actions on many subscriptions.

    Each line says what was done, by whom, why, and until when it can be undone.

    Example: digest subscribers bulks
    """
    found = waiting(_bulks(config))
    if as_json:
        say_json([asdict(bulk) | {"what": masked(bulk.what), "why": masked(bulk.why)} for bulk in found])
        return
    for bulk in found:
        done = masked(f"{bulk.what} ({bulk.by}: {bulk.why})")
        say(f"{bulk.id:>4}  {instant(bulk.at)}  {done}; {_can_be_undone(bulk)}")
    if not found:
        say("no actions on many subscriptions")


def undo(
    bulk: Annotated[int, typer.Argument(metavar="BULK", help="The number of an action that `bulks` lists.")],
    by: By,
    why: Why = "taken back",
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Undo an ending or an import of many.

    Subscriptions that were changed since then stay as they are.

    Example: digest subscribers undo 3
    """
    made = waiting(_undo(config, bulk, by, why))
    for words, count in made.items():
        say(f"{count} {words}")
    say(f"bulk {bulk} is undone")


async def _bulks(config: Path) -> list[Bulk]:
    async with opened(config) as (_, store):
        return await store.bulks.all()


async def _undo(config: Path, number: int, by: str, why: str) -> Counter[str]:
    from digest.adapters.clock import SystemClock

    made: Counter[str] = Counter()
    async with opened(config) as (_, store):
        now, after = SystemClock().now(), 0
        bulk = await store.bulks.get(number) if number <= LARGEST else None
        if bulk is None:
            raise Refused(f"there is no bulk {number}")
        if bulk.what.startswith("erase"):
            raise Refused(f"bulk {number} erased addresses: nothing is left to restore them from")
        if bulk.undone_at is not None:
            raise Refused(f"bulk {number} was undone {instant(bulk.undone_at)}")
        if now >= bulk.undoable_until:
            raise Refused(
                f"bulk {number} could be undone until {instant(bulk.undoable_until)}, {UNDO_WITHIN.days} days"
            )
        evidence = operator(by, why)
        while (done := await store.bulks.undo(number, evidence, now=now, after=after)) is not None:
            after = done[0]
            made.update(done[1])
    return +made


def _can_be_undone(bulk: Bulk) -> str:
    if bulk.undone_at is not None:
        return f"undone {instant(bulk.undone_at)}"
    if bulk.what.startswith("erase"):
        return "cannot be undone"
    return f"can be undone until {instant(bulk.undoable_until)}"
