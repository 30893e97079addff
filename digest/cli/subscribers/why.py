"""`digest subscribers why`: the reasons in sentences, the decisive one first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
from digest.cli.subscribers.common import Who, ending_edition, looked_up, wished
from digest.deliveries import GIVEN, State
from digest.subscriptions import ENDINGS, Standing, Step, standing_at
from digest.wording import counted

if TYPE_CHECKING:
    from digest.deliveries import DeliveryRecord, Pause
    from digest.edition import Edition
    from digest.ports import LetterRecord
    from digest.schedule import Timetable
    from digest.settings import Settings
    from digest.store.sql import SqlStore
    from digest.subscriptions import Subscription, Suppression, Taken, Wishes

_LATEST = 5


def why(
    who: Who,
    day: Annotated[
        date | None,
        typer.Option(parser=a_day, metavar="DAY", help="The edition's local day. Default: today."),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Explain why an address gets an edition or does not.

    For a day that is not over, it says what will happen.

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
        # Without late stories of earlier editions: they come in addition.
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
            ended_by=ending_edition(deliveries, one) if one else None,
            owed=[d.edition for d in deliveries if d.owed_on(day)],
            pause=await store.pauses.current(),
            letters=await store.letters.latest(one.subscriber, _LATEST) if one else (),
            trial=bool(known) and not allowed_by(settings.relay.only_to)(known),
        )
        return day, reasons(facts)


def address_of(who: str, kept: str) -> str:
    return kept or (who if "@" in who else "")


async def _edition(
    settings: Settings, store: SqlStore, day: date, now: datetime
) -> tuple[Edition | None, bool]:
    """The sealed edition, or a draft of it if its day is not over; and whether it is a draft."""
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
    """All facts that decide whether a subscriber gets an edition."""

    day: date
    now: datetime
    timetable: Timetable
    subscription: Subscription | None
    history: Sequence[Taken]
    letters: Sequence[LetterRecord]  # the newest first
    suppression: Suppression | None
    departed: datetime | None  # when the owner left or had the address erased, if there is no subscription
    edition: Edition | None  # None: there is none
    draft: bool  # the edition is not sealed yet
    planned: bool  # the deliveries of the edition are planned
    own: Edition | None  # the part of the edition that the subscriber would see
    wishes: str
    delivery: DeliveryRecord | None
    ended_by: date | None = None  # the edition whose report ended the subscription
    owed: Sequence[date]  # earlier editions that may not have arrived and that no later edition has brought
    pause: Pause | None  # of all sending
    trial: bool  # relay.only_to does not name this address


def reasons(facts: Facts) -> list[str]:
    """The reasons in sentences, the decisive one first."""
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
        return [*said, f"{nothing}, so it went only to subscribers who still lacked earlier stories"]
    if not one.wishes.edition_on(facts.day):
        said.append(
            f"its editions come once a week: what is for it comes on {_next_day(one.wishes, facts.day)}"
        )
        return said + _content(facts)
    if standing is Standing.ACTIVE or (facts.draft and one.standing is Standing.ACTIVE):
        said += _content(facts) + _sending(facts)
        if not facts.draft and facts.planned and facts.timetable.cutoff_of(facts.day) <= facts.now:
            said.append("nothing was planned for it: it was not active when deliveries were planned")
    return said


def _next_day(wishes: Wishes, day: date) -> date:
    """The first day with an edition for a weekly reader after a day."""
    return next(later for n in range(1, 8) if wishes.edition_on(later := day + timedelta(days=n)))


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
    """Sentences on the standing of a subscription, if that is why it gets no edition."""
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
        return "it is paused without an end: editions come again when the subscriber resumes"
    if day < until:
        return f"it is paused until {until}: editions come again from that day on"
    return f"its pause is over on {until}"


def _asked(letters: Sequence[LetterRecord]) -> list[str]:
    """A sentence on the latest letter to confirm."""
    from digest.letter_kinds import Confirm, Reminder

    asked = next((one for one in letters if one.kind in {Confirm.kind, Reminder.kind}), None)
    if asked is None:
        return ["no letter to confirm was written"]
    answer = masked(answered(asked.code, asked.text))
    said = f"the letter to confirm, a {asked.kind} of {instant(asked.at)}, is {asked.state}"
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
        return late or [f"no story was found{so_far}"]
    stories = f"{counted(count, 'story', 'stories')}{so_far}"
    if facts.own is None:
        return [f"none of {stories} matches its wishes: {facts.wishes}", *late]
    wished = len(facts.own.stories)
    return [f"{wished} of {stories} {'is' if wished == 1 else 'are'} for it", *late]


def _late(facts: Facts) -> list[str]:
    """A sentence on late stories, if the edition is not planned yet and will bring them."""
    if not facts.owed or facts.planned:
        return []
    days = " and ".join(str(day) for day in sorted(facts.owed))
    return [f"the stories of {days} come with it, marked late: they may not have arrived"]


def _sending(facts: Facts) -> list[str]:
    """Sentences on why an edition is not sent yet, or not to this address."""
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
    """Sentences on a planned delivery."""
    said = [_became(facts, known)]
    if known.state in {State.PLANNED, State.DEFERRED, State.TRANSMITTING} and known.carried_to is None:
        said += _sending(facts)
        if facts.now >= facts.timetable.deadline_of(facts.day):
            said.append("it was not made in time; its stories come with the next edition, marked late")
    elif known.carried_to is not None:
        said.append(f"its stories came with the edition of {known.carried_to}, marked late")
    elif known.state not in GIVEN:
        said.append("its stories come with the next edition, marked late")
    if known.returned is not None:
        said += _ended_by(facts)
    if known.state is State.SKIPPED:
        said += _standing(facts, facts.subscription) if facts.subscription else []
        said += _content(facts) if facts.edition is not None else []
    return said


def _ended_by(facts: Facts) -> list[str]:
    """A sentence on the ending, if reports on editions ended the subscription."""
    one = facts.subscription
    if one is None or one.ended_reason is not Step.BOUNCED or one.ended_at is None:
        return []
    if facts.ended_by == facts.day:
        return [f"this report ended the subscription {instant(one.ended_at)}"]
    return [f"the subscription ended {instant(one.ended_at)}: {one.ended_reason}{_by(facts.history)}"]


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
            return f"the relay took it{at}{answer}; whether it arrived is not known here"
        case State.DEFERRED:
            retry, deadline = known.retry_at, facts.timetable.deadline_of(facts.day)
            in_time = retry is not None and max(retry, facts.now) < deadline
            again = f", and is tried again {instant(retry)}" if retry is not None and in_time else ""
            return f"it was deferred {counted(known.attempts, 'time')} so far{again}{answer}"
        case State.REFUSED:
            return f"it was refused{at}{answer}"
        case State.UNKNOWN:
            return (
                f"it is not known whether the relay took it{at}, so it was not tried again that day{answer}"
            )
        case State.BOUNCED:
            back = f': "{masked(known.returned.words)}"' if known.returned else answer
            return f"the relay took it, and it came back{back}"
        case State.SKIPPED:
            return f"it was left out{at}{answer}"
