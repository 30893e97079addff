"""`digest subscribers why`: from what is known, in sentences, the one that decides first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.addresses import allowed_by, masked
from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    a_day,
    answered,
    instant,
    opened,
    say,
    say_json,
    waiting,
)
from digest.cli.subscribers.common import Who, looked_up, wished
from digest.deliveries import GIVEN, LATE_STORIES_MAX_AGE, State
from digest.subscriptions import ENDINGS, Standing, standing_at
from digest.wording import counted

if TYPE_CHECKING:
    from digest.deliveries import DeliveryRecord, Pause
    from digest.edition import Edition
    from digest.ports import LetterRecord
    from digest.schedule import Timetable
    from digest.settings import Settings
    from digest.store.sql import SqlStore
    from digest.subscriptions import Subscription, Suppression, Taken

_LATEST = 5


def why(
    who: Who,
    day: Annotated[
        date | None,
        typer.Option(parser=a_day, metavar="DAY", help="The edition's local day; left out, today."),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Explain why an address gets an edition or does not.

    Of a day that is not over, it says what is to be expected.

    Example: digest subscribers why ada@example.org --day 2026-11-24
    """
    chosen, said = waiting(_why(config, who, day))
    if as_json:
        say_json({"day": chosen, "reasons": said})
        return
    say(f"the edition of {chosen}:")
    for sentence in said:
        say(f"  {sentence}")


async def _why(config: Path, who: str, day: date | None) -> tuple[date, list[str]]:
    from digest.adapters.clock import SystemClock
    from digest.wishes import personal_edition

    async with opened(config) as (settings, store):
        now, timetable = SystemClock().now(), settings.edition.timetable
        day = day or timetable.day_of(now)
        one = await looked_up(store, who)
        known = address_of(who, one.address if one else "")
        edition, draft = await _edition(settings, store, day, now)
        # What it carries of earlier editions comes on top: it is no reason for not getting any.
        register = await store.providers.register()
        own = personal_edition(edition, (), one.wishes, register) if one and edition else None
        deliveries = await store.people.deliveries(one.subscriber, limit=400) if one else ()
        facts = Facts(
            day=day,
            now=now,
            timetable=timetable,
            subscription=one,
            history=await store.subscriptions.history(one.subscriber) if one else (),
            suppression=await store.subscriptions.suppressed(known) if known else None,
            departed=await store.subscriptions.departed(known) if known else None,
            edition=edition,
            draft=draft,
            planned=await store.editions.planned(day),
            own=own,
            wishes=wished(one.wishes) if one else "",
            delivery=next((d for d in deliveries if d.edition == day), None),
            owed=[d.edition for d in deliveries if _owed(d, day)],
            pause=await store.pauses.current(),
            letters=await store.letters.latest(one.subscriber, _LATEST) if one else (),
            trial=bool(known) and not allowed_by(settings.relay.only_to)(known),
        )
        return day, reasons(facts)


def _owed(delivery: DeliveryRecord, day: date) -> bool:
    lately = day - LATE_STORIES_MAX_AGE <= delivery.edition < day
    return lately and delivery.state not in GIVEN and delivery.carried_to is None


def address_of(who: str, kept: str) -> str:
    return kept or (who if "@" in who else "")


async def _edition(
    settings: Settings, store: SqlStore, day: date, now: datetime
) -> tuple[Edition | None, bool]:
    """The edition as it was sealed; of a day that is not over, as it would be now."""
    from digest.jobs.publish import draft

    sealed = await store.editions.sealed(day)
    timetable = settings.edition.timetable
    if sealed is not None or now >= timetable.deadline_of(day):
        return sealed, False
    assembly = await draft(day, timetable=timetable, sources=settings.sources, store=store, until=now)
    return assembly.edition, True


# -- the sentences --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that decides whether one subscriber gets one edition."""

    day: date
    now: datetime
    timetable: Timetable
    subscription: Subscription | None
    history: Sequence[Taken]
    letters: Sequence[LetterRecord]  # to it, the newest first
    suppression: Suppression | None
    departed: datetime | None  # since when an address without a subscription is gone, by its owner's will
    edition: Edition | None  # sealed, or as it would be now where `draft`; None: there is none
    draft: bool
    planned: bool  # the edition's deliveries are
    own: Edition | None  # what of it the subscriber would see
    wishes: str
    delivery: DeliveryRecord | None
    owed: Sequence[date]  # earlier editions that it was not surely given, and that no later one has brought
    pause: Pause | None  # of sending, now
    trial: bool  # relay.only_to leaves this address out


def reasons(facts: Facts) -> list[str]:
    """Sentences, the one that decides first."""
    said = _never(facts.suppression)
    one = facts.subscription
    if one is None:
        return [*said, _nobody(facts.departed)]
    if facts.delivery is not None:
        return [*said, *_delivery(facts, facts.delivery)]
    said += _standing(facts, one)
    standing = standing_at(facts.history, facts.timetable.cutoff_of(facts.day))
    if facts.edition is None:
        return [*said, f"there is no edition of {facts.day}"]
    if not facts.draft and facts.edition.empty and facts.planned:
        nothing = f"nothing new was found for {facts.day}"
        return [*said, f"{nothing}, so it was sent to those alone who were owed something"]
    if standing is Standing.ACTIVE or (facts.draft and one.standing is Standing.ACTIVE):
        said += _content(facts) + _sending(facts)
        if not facts.draft and facts.planned and facts.timetable.cutoff_of(facts.day) <= facts.now:
            said.append("nothing was planned for it: it was not active when deliveries were planned")
    return said


def _nobody(departed: datetime | None) -> str:
    if departed is None:
        return "it is not subscribed: no subscription has this address, or it was erased"
    gone = f"its owner left, complained or had it erased {instant(departed)}"
    return f"it is not subscribed: {gone}; no import brings it back"


def _never(suppression: Suppression | None) -> list[str]:
    if suppression is None:
        return []
    by = f" by {suppression.by}" if suppression.by else ""
    return [f"it must not be written to, since {instant(suppression.since)}{by}: {masked(suppression.why)}"]


def _standing(facts: Facts, one: Subscription) -> list[str]:
    """How it stands, where that keeps the edition from it."""
    cutoff = facts.timetable.cutoff_of(facts.day)
    then = standing_at(facts.history, cutoff)
    match one.standing:
        case Standing.PENDING:
            said = f"it is pending since {instant(one.since)}: nothing is sent until its owner confirms"
            return [said, *_asked(facts.letters)]
        case Standing.ENDED:
            ended = one.ended_at or facts.now
            said = f"it ended {instant(ended)}: {one.ended_reason}{_by(facts.history)}"
            return [said if ended <= cutoff else f"{said}, after this edition's cut-off"]
        case Standing.PAUSED:
            return [_paused(one.paused_until, facts.day)]
        case _:
            pass
    if one.since > cutoff:
        return [
            f"it is active since {instant(one.since)}, after the cut-off of {facts.day} ({instant(cutoff)}): "
            "its first edition is the one after it"
        ]
    if then is not None and then is not Standing.ACTIVE:
        return [f"it was {then} at the cut-off of {facts.day}"]
    return []


def _paused(until: date | None, day: date) -> str:
    if until is None:
        return "it is paused without an end: editions come again once its subscriber says so"
    if day < until:
        return f"it is paused until {until}: editions come again from that day on"
    return f"its pause is over on {until}"


def _asked(letters: Sequence[LetterRecord]) -> list[str]:
    """What became of the letter to confirm by."""
    from digest.letter_kinds import Confirm, Reminder

    asked = next((one for one in letters if one.kind in {Confirm.kind, Reminder.kind}), None)
    if asked is None:
        return ["no letter to confirm by was written"]
    answer = masked(answered(asked.code, asked.text))
    said = f"the letter to confirm by, a {asked.kind} of {instant(asked.at)}, is {asked.state}"
    return [said + (f': "{answer}"' if answer else "")]


def _by(history: Sequence[Taken]) -> str:
    ending = next((t for t in reversed(history) if t.step in ENDINGS), None)
    if ending is None:
        return ""
    who = f" by {ending.evidence.by}" if ending.evidence.by else f" by {ending.evidence.channel}"
    return who + (f" ({masked(ending.evidence.wording)})" if ending.evidence.wording else "")


def _content(facts: Facts) -> list[str]:
    assert facts.edition is not None
    count = len(facts.edition.stories)
    so_far = " so far" if facts.draft else ""
    late = _late(facts)
    if not count:
        return late or [f"nothing is found for it{so_far}"]
    stories = f"{counted(count, 'story', 'stories')}{so_far}"
    if facts.own is None:
        return [f"nothing that it wishes for is among the {stories}; it wishes: {facts.wishes}", *late]
    wished = len(facts.own.stories)
    return [f"{wished} of {stories} {'is' if wished == 1 else 'are'} for it", *late]


def _late(facts: Facts) -> list[str]:
    """What it is owed of earlier editions, and an edition that is not planned yet will bring."""
    if not facts.owed or facts.planned:
        return []
    days = " and ".join(str(day) for day in sorted(facts.owed))
    return [f"the stories of {days} come with it, marked late: it was not surely given them"]


def _sending(facts: Facts) -> list[str]:
    """What comes between an edition that is to leave and its leaving."""
    noon, deadline = facts.timetable.noon_of(facts.day), facts.timetable.deadline_of(facts.day)
    said = []
    if facts.trial:
        said.append("this is a trial: relay.only_to does not name it, so it is left out")
    if facts.pause is not None and facts.now < deadline:
        pause = facts.pause
        said.append(f"sending is paused since {instant(pause.since)} by {pause.by}: {masked(pause.why)}")
    if facts.now < noon:
        said.append(f"sending begins at noon, {instant(noon)}")
    return said


def _delivery(facts: Facts, known: DeliveryRecord) -> list[str]:
    """What became of a delivery that was planned."""
    said = [_became(facts, known)]
    if known.state in {State.PLANNED, State.DEFERRED, State.TRANSMITTING} and known.carried_to is None:
        said += _sending(facts)
        if facts.now >= facts.timetable.deadline_of(facts.day):
            said.append("it was not made in time; its stories come with the next edition, marked late")
    elif known.carried_to is not None:
        said.append(f"its stories came with the edition of {known.carried_to}, marked late")
    elif known.state not in GIVEN:
        said.append("its stories come with the next edition, marked late")
    if known.state is State.SKIPPED:
        said += _standing(facts, facts.subscription) if facts.subscription else []
        said += _content(facts) if facts.edition is not None else []
    return said


def _became(facts: Facts, known: DeliveryRecord) -> str:
    words = masked(answered(known.code, known.text))
    answer = f': "{words}"' if words else ""
    at = f" {instant(known.settled_at)}" if known.settled_at else ""
    match known.state:
        case State.PLANNED:
            return f"it is planned for {instant(facts.timetable.noon_of(facts.day))}"
        case State.TRANSMITTING:
            return "it is being handed to the relay"
        case State.ACCEPTED:
            return f"the relay took it{at}{answer}; whether it arrived is known to the servers behind that"
        case State.DEFERRED:
            retry, deadline = known.retry_at, facts.timetable.deadline_of(facts.day)
            in_time = retry is not None and max(retry, facts.now) < deadline
            again = f", and it is asked again {instant(retry)}" if retry is not None and in_time else ""
            return f"it was put off, {counted(known.attempts, 'time')} by now{again}{answer}"
        case State.REFUSED:
            return f"it was refused{at}{answer}"
        case State.UNKNOWN:
            return f"nobody can say whether the relay took it{at}, so it was not tried again that day{answer}"
        case State.BOUNCED:
            return f"the relay took it, and it came back{answer}"
        case State.SKIPPED:
            return f"it was left out{at}{answer}"
