"""Why somebody did or did not get an edition, in sentences an operator can pass on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from builders import a_story, a_timetable

from digest.cli.subscribers.why import Facts, reasons
from digest.deliveries import DeliveryRecord, Pause, State
from digest.edition import Edition, Section, SectionKind
from digest.ports import LetterRecord
from digest.subscriptions import (
    Channel,
    Evidence,
    Standing,
    Step,
    Subscription,
    Suppression,
    Taken,
    Wishes,
)

DAY = date(2020, 3, 3)
TIMETABLE = a_timetable()


def at(clock: str, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), UTC)


CONFIRM = LetterRecord(
    number=3,
    key="confirm 1 1",
    kind="confirm",
    subscriber=1,
    generation=1,
    at=at("09:00"),
    state=State.REFUSED,
    code=550,
    text="5.7.1 <a@b.org> spam",
)


LONG_AGO = at("10:00", date(2020, 1, 1))
STORIES = (a_story(),)
EDITION = Edition(
    day=DAY,
    cutoff=at("11:45"),
    sections=(Section(kind=SectionKind.UPGRADES, stories=STORIES),),
    sources=(),
)
EMPTY = Edition(day=DAY, cutoff=at("11:45"), sections=(), sources=())


def taken(step: Step, when: datetime = LONG_AGO, **more: Any) -> Taken:
    evidence = Evidence(channel=Channel.OPERATOR, by="ada", wording=more.pop("wording", ""))
    return Taken(generation=1, step=step, at=when, evidence=evidence, **more)


def somebody(standing: Standing = Standing.ACTIVE, **more: Any) -> Subscription:
    values: dict[str, Any] = {
        "subscriber": 1,
        "address": "ana@example.org",
        "standing": standing,
        "generation": 1,
        "wishes": Wishes(),
        "since": LONG_AGO,
    }
    return Subscription(**{**values, **more})


def known(state: State, **more: Any) -> DeliveryRecord:
    values: dict[str, Any] = {
        "edition": DAY,
        "state": state,
        "attempts": 1,
        "code": None,
        "text": None,
        "retry_at": None,
        "carried_to": None,
        "settled_at": None,
    }
    return DeliveryRecord(**{**values, **more})


def why(**changes: Any) -> str:
    """Of somebody active, on a day with one story, in the evening, with nothing planned for them."""
    facts: dict[str, Any] = {
        "day": DAY,
        "now": at("20:00"),
        "timetable": TIMETABLE,
        "subscription": somebody(),
        "history": [taken(Step.CONFIRMED)],
        "letters": (),
        "suppression": None,
        "departed": None,
        "edition": EDITION,
        "draft": False,
        "planned": True,
        "own": EDITION,
        "wishes": "everything",
        "delivery": None,
        "owed": (),
        "pause": None,
        "trial": False,
    }
    return "\n".join(reasons(Facts(**{**facts, **changes})))


def test_an_unknown_address_is_said_to_be_unknown() -> None:
    assert "not subscribed" in why(subscription=None, history=[])


def test_an_address_that_left_for_good_is_said_to_be_brought_back_by_no_import() -> None:
    said = why(subscription=None, history=[], departed=LONG_AGO)

    assert "had it erased Wed 01 Jan 2020 10:00 UTC; no import brings it back" in said


def test_a_suppression_is_said_first() -> None:
    never = Suppression(why="asked by letter", since=LONG_AGO, by="ada")

    said = why(suppression=never, subscription=None, history=[]).splitlines()

    assert said[0] == "it must not be written to, since Wed 01 Jan 2020 10:00 UTC by ada: asked by letter"


def test_people_who_have_not_confirmed_are_told_from_those_who_left() -> None:
    pending = why(subscription=somebody(Standing.PENDING), history=[taken(Step.ASKED)])
    left = why(
        subscription=somebody(
            Standing.ENDED, ended_at=at("10:00"), ended_reason=Step.REMOVED
        ),
        history=[taken(Step.CONFIRMED), taken(Step.REMOVED, at("10:00"), wording="the office closed")],
    )  # fmt: skip

    assert "pending since Wed 01 Jan 2020 10:00 UTC" in pending
    assert "no letter to confirm was written" in pending
    assert left == "it ended Tue 03 Mar 2020 10:00 UTC: removed by ada (the office closed)"


def test_the_operator_reads_what_became_of_a_letter_that_somebody_waits_for() -> None:
    said = why(subscription=somebody(Standing.PENDING), history=[taken(Step.ASKED)], letters=(CONFIRM,))

    words = 'a confirm of Tue 03 Mar 2020 09:00 UTC, is refused: "550 5.7.1 <a…@b.org> spam"'
    assert f"the letter to confirm, {words}" in said


def test_who_left_after_the_cut_off_is_told_so() -> None:
    said = why(
        subscription=somebody(Standing.ENDED, ended_at=at("13:00"), ended_reason=Step.LEFT),
        history=[taken(Step.CONFIRMED), taken(Step.LEFT, at("13:00"))],
        delivery=known(State.ACCEPTED, code=250, text="2.0.0 ok", settled_at=at("12:00")),
    )

    assert said.startswith('the relay took it Tue 03 Mar 2020 12:00 UTC: "250 2.0.0 ok"')


def test_a_pause_says_until_when() -> None:
    paused = somebody(Standing.PAUSED, paused_until=DAY + timedelta(days=4))

    assert "paused until 2020-03-07" in why(subscription=paused, history=[
        taken(Step.CONFIRMED), taken(Step.PAUSED, at("09:00"), until=paused.paused_until),
    ])  # fmt: skip


def test_a_pause_without_an_end_is_called_one() -> None:
    history = [taken(Step.CONFIRMED), taken(Step.PAUSED, at("09:00"))]

    said = why(subscription=somebody(Standing.PAUSED), history=history)

    assert "paused without an end" in said
    assert "None" not in said


def test_what_comes_late_is_said_though_nothing_new_is_found() -> None:
    yesterday = DAY - timedelta(days=1)
    said = why(edition=EMPTY, own=None, draft=True, planned=False, now=at("10:00"), owed=[yesterday])

    assert "the stories of 2020-03-02 come with it, marked late" in said
    assert "nothing is found" not in said


def test_an_edition_that_was_planned_without_somebody_brings_them_nothing_late() -> None:
    assert "marked late" not in why(owed=[DAY - timedelta(days=1)])


def test_an_edition_without_news_may_still_have_been_sent_to_some() -> None:
    assert "it went only to subscribers who still lacked earlier stories" in why(edition=EMPTY)


def test_what_is_not_asked_again_in_time_is_not_promised_to_be() -> None:
    late = known(State.DEFERRED, retry_at=at("18:10"))
    soon = known(State.DEFERRED, retry_at=at("17:10"))

    assert "tried again" not in why(delivery=late, now=at("17:50"))
    assert "is tried again Tue 03 Mar 2020 17:10 UTC" in why(delivery=soon, now=at("17:05"))
    assert "tried again" not in why(delivery=soon, now=at("18:05"))


def test_what_was_put_off_once_was_not_put_off_times() -> None:
    assert "deferred 1 time so far" in why(delivery=known(State.DEFERRED, attempts=1))
    assert "deferred 2 times so far" in why(delivery=known(State.DEFERRED, attempts=2))


def test_operators_words_name_nobody() -> None:
    never = Suppression(why="ana@example.org wrote to us", since=LONG_AGO, by="eve")
    pause = Pause(since=LONG_AGO, by="eve", why="ana@example.org complained")

    said = why(suppression=never, pause=pause, now=at("11:50"))

    assert "a…@example.org wrote to us" in said
    assert "a…@example.org complained" in said
    assert "ana@" not in said


def test_who_was_paused_then_and_is_active_now_is_told_how_it_was() -> None:
    history = [
        taken(Step.CONFIRMED),
        taken(Step.PAUSED, at("09:00")),
        taken(Step.RESUMED, at("09:00", DAY + timedelta(days=1))),
    ]

    assert why(history=history, now=at("20:00", DAY + timedelta(days=2))) == (
        "it was paused at the cut-off of 2020-03-03"
    )


def test_who_joined_after_the_cut_off_gets_the_next_one() -> None:
    said = why(subscription=somebody(since=at("11:50")), history=[taken(Step.CONFIRMED, at("11:50"))])

    assert "after the cut-off of 2020-03-03" in said
    assert "the one after it" in said


def test_a_day_without_news_is_nobodys_fault() -> None:
    assert "nothing new was found" in why(edition=EMPTY, own=None)
    assert why(edition=None, own=None) == "there is no edition of 2020-03-03"


def test_wishes_that_leave_nothing_are_named() -> None:
    skipped = known(State.SKIPPED, text="nothing in it was wished for", settled_at=at("12:00"))

    said = why(own=None, wishes="ofsted", delivery=skipped)

    assert "it was left out Tue 03 Mar 2020 12:00 UTC" in said
    assert "none of 1 story matches its wishes: ofsted" in said


def test_before_noon_it_is_said_what_will_come_and_what_keeps_it() -> None:
    pause = Pause(since=at("08:00"), by="ben", why="the relay is being moved")

    said = why(now=at("10:00"), draft=True, planned=False, pause=pause, trial=True)

    assert said.splitlines() == [
        "1 of 1 story so far is for it",
        "this is a trial: relay.only_to does not name it, so it is left out",
        "sending is paused since Tue 03 Mar 2020 08:00 UTC by ben: the relay is being moved",
        "sending begins at noon, Tue 03 Mar 2020 12:00 UTC",
    ]


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        (known(State.PLANNED), "it is planned for Tue 03 Mar 2020 12:00 UTC"),
        (known(State.DEFERRED, attempts=3, code=451, text="4.3.0 later", retry_at=at("12:30")),
         'deferred 3 times so far, and is tried again Tue 03 Mar 2020 12:30 UTC: "451 4.3.0 later"'),
        (known(State.REFUSED, code=550, text="5.1.1 <ana@example.org> unknown"),
         'refused: "550 5.1.1 <a…@example.org> unknown"\nits stories come with the next edition'),
        (known(State.UNKNOWN, carried_to=DAY + timedelta(days=1)), "came with the edition of 2020-03-04"),
        (known(State.BOUNCED, code=550), "it came back"),
    ],
)  # fmt: skip
def test_what_became_of_a_delivery_is_said_with_the_relays_words_and_no_address(
    delivery: DeliveryRecord, words: str
) -> None:
    said = why(delivery=delivery, now=at("12:10"))

    assert words in said
    assert "ana@" not in said


def test_what_was_not_made_in_time_comes_late() -> None:
    assert "not made in time" in why(delivery=known(State.DEFERRED), now=at("18:00"))


def test_whom_nothing_was_planned_for_though_active_is_told_so() -> None:
    """Restored between the cut-off and now, say."""
    assert "not active when deliveries were planned" in why()
