"""What comes to us by mail, kind by kind, and what becomes of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from receiving_setup import (
    FIRST,
    KEY,
    PRISONS,
    TAKEN,
    ReceivingSetup,
    a_complaint,
    a_letter,
    a_report,
    noon,
    path,
)

from digest.deliveries import Answer, Event, Settled, State
from digest.errors import OverrunError, StoreUnavailable
from digest.inbound.entity import LOOKED_AT
from digest.jobs.bounces import score_refusals
from digest.jobs.operator_alerts import AGAIN_AFTER
from digest.jobs.receive import BRIEF, TRIES, understand
from digest.ports import MAIL_KEPT, Joined, Mail, Reception
from digest.smtp_verdicts import Verdict
from digest.store.sql import SqlStore
from digest.subscriptions import Channel, Evidence, Standing, Step, Wishes

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
A_DAY = timedelta(days=1)


@pytest.fixture
def setup(store: SqlStore) -> ReceivingSetup:
    return ReceivingSetup(store)


# -- bounces --------------------------------------------------------------------------------------------


async def test_a_report_that_names_a_delivery_makes_it_bounced(setup: ReceivingSetup) -> None:
    one, other = await setup.subscribe(2)
    await setup.edition(FIRST)

    assert await setup.receiver.receive(a_report(FIRST, one)) is Reception.TAKEN

    assert await setup.store.deliveries.state(FIRST, one) is State.BOUNCED
    assert await setup.store.deliveries.state(FIRST, other) is State.ACCEPTED
    assert await setup.store.mail.verdicts(one) == [(FIRST, Verdict.HARD)]
    assert setup.receiver.kinds == {"bounce: hard": 1}
    assert setup.enrolment.asked == []


async def test_the_same_report_twice_says_nothing_new(setup: ReceivingSetup) -> None:
    (one,) = await setup.subscribe(1)
    await setup.edition(FIRST)

    for _ in range(2):
        await setup.receiver.receive(a_report(FIRST, one))

    assert await setup.store.mail.verdicts(one) == [(FIRST, Verdict.HARD)]


async def test_a_forged_report_does_nothing(setup: ReceivingSetup) -> None:
    """Only a token of ours makes a bounce."""
    (one,) = await setup.subscribe(1)
    await setup.edition(FIRST)

    assert await setup.receiver.receive(a_report(FIRST, one, key=b"another key")) is Reception.TAKEN

    assert await setup.store.deliveries.state(FIRST, one) is State.ACCEPTED
    assert await setup.store.mail.verdicts(one) == []


async def test_a_delay_counts_nothing(setup: ReceivingSetup) -> None:
    (one,) = await setup.subscribe(1)
    for n in range(12):
        await setup.edition(FIRST + n * A_DAY)
        await setup.receiver.receive(a_report(FIRST + n * A_DAY, one, action="delayed", status="4.4.1"))

    assert await setup.store.deliveries.state(FIRST, one) is State.ACCEPTED
    assert await standing(setup, one) is Standing.ACTIVE


async def test_what_is_about_us_scores_nobody_and_calls_the_operator_once_a_day(
    setup: ReceivingSetup,
) -> None:
    (one,) = await setup.subscribe(1)
    for n in range(30):
        day = FIRST + n * A_DAY
        setup.clock.move_to(noon(day))
        await setup.edition(day)
        for copy in "ab":
            await setup.receiver.receive(
                a_report(day, one, status="5.7.1", said="554 5.7.1 <p@example.net> spam", note=copy)
            )

    assert await standing(setup, one) is Standing.ACTIVE
    assert len(setup.operators.said) == 30
    assert "554 5.7.1" in setup.operators.said[0]
    assert "p@example.net" not in "".join(setup.operators.said)


async def test_hard_bounces_over_a_week_end_the_subscription_with_the_servers_words(
    setup: ReceivingSetup,
) -> None:
    (one,) = await setup.subscribe(1)
    for n in range(8):
        assert await standing(setup, one) is Standing.ACTIVE
        await setup.edition(FIRST + n * A_DAY)
        await setup.receiver.receive(a_report(FIRST + n * A_DAY, one))

    found = await setup.store.subscriptions.get(one)
    assert found is not None
    assert found.ended_reason is Step.BOUNCED
    last = (await setup.store.subscriptions.history(one))[-1]
    assert "550 5.1.1" in last.evidence.wording
    assert "p@example.net" not in last.evidence.wording


async def test_who_comes_back_begins_with_nothing_against_them(setup: ReceivingSetup) -> None:
    (one,) = await setup.subscribe(1)
    for n in range(8):
        await setup.edition(FIRST + n * A_DAY)
        await setup.receiver.receive(a_report(FIRST + n * A_DAY, one))
    again = FIRST + 8 * A_DAY
    await setup.store.subscriptions.add("p0@example.net", Wishes(), noon(again))
    await setup.edition(again + A_DAY)

    await setup.receiver.receive(a_report(again + A_DAY, one))
    await setup.receiver.receive(a_report(FIRST, one, note="a straggler"))

    assert await standing(setup, one) is Standing.ACTIVE


async def test_what_came_back_of_an_earlier_address_says_nothing_of_the_new_one(
    setup: ReceivingSetup,
) -> None:
    (one,) = await setup.subscribe(1)
    for n in range(7):
        await setup.edition(FIRST + n * A_DAY)
        await setup.receiver.receive(a_report(FIRST + n * A_DAY, one))
    moved = noon(FIRST + 7 * A_DAY) - timedelta(hours=1)
    evidence = Evidence(channel=Channel.WEB)
    assert await setup.store.subscriptions.take(
        one, 1, Step.MOVED, evidence, moved, address="new@example.net"
    )
    await setup.edition(FIRST + 7 * A_DAY)

    await setup.receiver.receive(a_report(FIRST + 7 * A_DAY, one))

    assert await standing(setup, one) is Standing.ACTIVE


async def test_when_too_much_of_an_edition_comes_back_nobody_ends_and_the_operator_hears_once(
    setup: ReceivingSetup,
) -> None:
    """A provider's bad day is no word about single subscribers."""
    everybody = await setup.subscribe(40)
    for n in range(8):
        await setup.edition(FIRST + n * A_DAY)
        for one in everybody[:12]:
            await setup.receiver.receive(a_report(FIRST + n * A_DAY, one))

    assert {await standing(setup, one) for one in everybody} == {Standing.ACTIVE}
    assert len(setup.operators.said) == 8
    assert str(FIRST) in setup.operators.said[0]


async def test_a_call_that_is_not_heard_is_made_again(setup: ReceivingSetup) -> None:
    """The far end of the ping is down just then; and each report that comes meanwhile would wait for it."""
    (one,) = await setup.subscribe(1)
    about_us = {"status": "5.7.1", "said": "550 5.7.1 not from you"}
    await setup.edition(FIRST)
    setup.operators.deaf = True
    for n in range(3):
        await setup.receiver.receive(a_report(FIRST, one, note=f"deaf {n}", **about_us))
    setup.operators.deaf = False
    await setup.receiver.receive(a_report(FIRST, one, note="soon", **about_us))
    assert setup.operators.asked == 1, "nobody waits for it at each report"

    for n in range(3):
        setup.clock.move_to(setup.clock.now() + AGAIN_AFTER)
        await setup.receiver.receive(a_report(FIRST, one, note=f"later {n}", **about_us))

    assert len(setup.operators.said) == 1


# -- refusals -------------------------------------------------------------------------------------------


async def test_refusals_while_we_submit_are_scored_like_reports(setup: ReceivingSetup) -> None:
    """Dead addresses are not written to for ever."""
    one, other = await setup.subscribe(2)
    gone = Answer(event=Event.REJECTED, code=550, text="5.1.1 <p0@example.net> no such user")
    for n in range(7):
        await setup.edition(FIRST + n * A_DAY, {one: gone})
        assert await setup.bounces.score_refusals(FIRST + n * A_DAY) == 1
        assert await setup.bounces.score_refusals(FIRST + n * A_DAY) == 0
    assert await standing(setup, one) is Standing.ACTIVE

    await setup.edition(FIRST + 7 * A_DAY)
    await setup.receiver.receive(a_report(FIRST + 7 * A_DAY, one))

    assert await standing(setup, one) is Standing.ENDED
    assert await standing(setup, other) is Standing.ACTIVE


async def test_refusals_of_an_edition_count_once_it_is_through(setup: ReceivingSetup) -> None:
    """Of the first few that went out, ten refused would be too many, though of all they are not."""
    everybody = await setup.subscribe(300)
    gone = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")
    later = Answer(event=Event.PUT_OFF, code=451, text="4.3.2 busy")
    first = dict.fromkeys(everybody[:10], gone)
    await setup.edition(FIRST, first | dict.fromkeys(everybody[50:], later))

    await score_refusals(setup.bounces)
    assert setup.operators.said == []

    batch = await setup.store.deliveries.claim(
        FIRST, owner="t", now=noon(FIRST) + timedelta(minutes=5), lease=timedelta(minutes=5)
    )
    assert batch is not None
    due = await setup.store.deliveries.due_in(batch)
    taken = [Settled(delivery=one.delivery, answer=TAKEN, at=noon(FIRST), begun=True) for one in due]
    await setup.store.deliveries.record(batch, taken, now=noon(FIRST), lease=None)
    await score_refusals(setup.bounces)

    assert setup.operators.said == []
    assert await setup.store.mail.verdicts(everybody[0]) == [(FIRST, Verdict.HARD)]


async def test_refusals_of_an_edition_that_is_never_through_count_when_its_time_is_over(
    setup: ReceivingSetup,
) -> None:
    one, other = await setup.subscribe(2)
    gone = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")
    later = Answer(event=Event.PUT_OFF, code=451, text="4.3.2 busy")
    await setup.edition(FIRST, {one: gone, other: later})

    await score_refusals(setup.bounces)
    assert await setup.store.mail.verdicts(one) == []

    setup.clock.move_to(noon(FIRST) + timedelta(hours=6))
    await score_refusals(setup.bounces)
    assert await setup.store.mail.verdicts(one) == [(FIRST, Verdict.HARD)]


# -- complaints -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("named", "told"), [("path", []), ("message id", ["reported"])])
async def test_a_complaint_ends_the_subscription_at_once(
    setup: ReceivingSetup, named: str, told: list[str]
) -> None:
    one, other = await setup.subscribe(2)
    await setup.edition(FIRST)

    for n in range(2):
        await setup.receiver.receive(a_complaint(FIRST, one, named=named, note=str(n)))

    found = await setup.store.subscriptions.get(one)
    assert found is not None
    assert found.ended_reason is Step.COMPLAINED
    assert await setup.letters() == told
    assert await standing(setup, other) is Standing.ACTIVE


async def test_a_reader_who_did_not_complain_comes_back_by_the_letter(setup: ReceivingSetup) -> None:
    """Somebody they forwarded an edition to knows its Message-ID, and can write such a report."""
    enrolment = setup.with_people()
    (one,) = await setup.subscribe(1)
    await setup.edition(FIRST)
    setup.clock.move_to(noon(FIRST) + timedelta(hours=1))
    await setup.receiver.receive(a_complaint(FIRST, one, named="message id"))
    web = Evidence(channel=Channel.WEB, wording="Come back")

    assert await enrolment.undo_leave(one, 1, web) is Joined.ASKED
    assert await enrolment.confirm(one, 2, web)

    assert await standing(setup, one) is Standing.ACTIVE
    assert await setup.letters() == ["reported", "confirm", "welcome"]
    await setup.receiver.receive(a_complaint(FIRST, one, named="message id", note="again"))
    assert await standing(setup, one) is Standing.ACTIVE  # it is about mail of the earlier subscription


async def test_a_complaint_about_mail_from_before_they_came_back_is_not_about_this_subscription(
    setup: ReceivingSetup,
) -> None:
    (one,) = await setup.subscribe(1)
    await setup.edition(FIRST)
    await setup.store.subscriptions.take(
        one, 1, Step.LEFT, Evidence(channel=Channel.WEB), noon(FIRST) + timedelta(hours=1)
    )
    await setup.store.subscriptions.add("p0@example.net", Wishes(), noon(FIRST + A_DAY))

    await setup.receiver.receive(a_complaint(FIRST, one, named="path"))

    assert await standing(setup, one) is Standing.ACTIVE


async def test_a_report_that_is_no_complaint_is_the_operators(setup: ReceivingSetup) -> None:
    (one,) = await setup.subscribe(1)
    await setup.edition(FIRST)

    await setup.receiver.receive(a_complaint(FIRST, one, named="path", kind="auth-failure"))

    assert await standing(setup, one) is Standing.ACTIVE
    assert [parked.why for parked in await setup.store.mail.parked()] == ["a report for you: auth-failure"]


# -- commands and letters -------------------------------------------------------------------------------

HERE = "@digest.example.org"
MINA = "mina@council.example"


def from_(author: str, **more: str) -> Callable[[str], Mail]:
    def mail(to: str) -> Mail:
        letter = a_letter(to, **more)
        return replace(
            letter, content=letter.content.replace(b"Mina <mina@council.example>", author.encode())
        )

    return mail


UNSURE = {
    "another return path": from_(MINA, sent_from="other@council.example"),
    "a return path of another domain": from_(MINA, sent_from="mina@elsewhere.example"),
    "a forwarder's return path": from_(MINA, sent_from="SRS0=x=y=council.example=mina@forwarder.example"),
    "a list's return path": from_(MINA, sent_from="list+mina=council.example@lists.example"),
    "another Sender": from_(MINA, more="Sender: other@council.example\n"),
    "another Reply-To": from_(MINA, more="Reply-To: other@council.example\n"),
    "two addresses in Reply-To": from_(MINA, more="Reply-To: mina@council.example, o@council.example\n"),
    "two Reply-To": from_(MINA, more="Reply-To: mina@council.example\nReply-To: mina@council.example\n"),
    "a group": from_("Friends: mina@council.example;"),
    "several authors": from_("mina@council.example, other@council.example"),
}
"""Mail of which it is not sure who would get an answer (RFC 3834 section 4)."""


@pytest.mark.parametrize(
    ("mail", "asked", "parked"),
    [
        (a_letter(f"join{HERE}"), ("join", "mina@council.example", Wishes()), 0),
        (a_letter(f"join+kent{HERE}"), ("join", "mina@council.example", Wishes(areas=("kent",))), 0),
        (
            a_letter(
                f"join{HERE}", more="Reply-To: Mina <MINA@council.example>\nSender: mina@council.example\n"
            ),
            ("join", "mina@council.example", Wishes()),
            0,
        ),
        (
            a_letter(f"join{HERE}", sent_from="prvs=1234ab567c=mina@council.example"),
            ("join", MINA, Wishes()),
            0,
        ),
        (a_letter(f"join{HERE}", text="Stop! I never asked."), ("leave by address", MINA), 0),
        (a_letter(f"confirm+confirmtoken{HERE}"), ("confirm", 7, 1), 0),
        (a_letter(f"confirm+confirmtoken{HERE}", subject="STOP"), ("leave", 7, 1), 0),
        (a_letter(f"confirm+confirmtoken{HERE}", text="Who is this?"), ("help", MINA), 1),
        (a_letter(f"confirm+confirmtoken{HERE}", text="Remove me. And who are you?"), ("leave", 7, 1), 1),
        (a_letter(f"join+atlantis{HERE}"), ("help", "mina@council.example", "unknown"), 0),
        (a_letter(f"join+hmi-prisons{HERE}"), ("help", "mina@council.example", PRISONS), 0),
        (
            a_letter(f"hello{HERE}", subject="subscribe kent"),
            ("join", "mina@council.example", Wishes(areas=("kent",))),
            0,
        ),
        (a_letter(f"leave+LEAVETOKEN{HERE}"), ("leave", 7, 1), 0),
        (a_letter(f"leave+forged{HERE}"), ("leave by address", "mina@council.example"), 0),
        (a_letter(f"leave{HERE}"), ("leave by address", "mina@council.example"), 0),
        (a_letter(f"confirm+confirmtoken{HERE}", text="yes"), ("confirm", 7, 1), 0),
        (a_letter(f"confirm+leavetoken{HERE}"), ("help", "mina@council.example"), 0),
        (a_letter(f"help{HERE}", subject="help"), ("help", "mina@council.example"), 0),
        (a_letter(f"help{HERE}", subject="A question", text="Who?"), ("help", "mina@council.example"), 1),
        (a_letter(f"help{HERE}", subject="unsubscribe"), ("leave by address", "mina@council.example"), 0),
        (a_letter(f"hello{HERE}", subject="A question", text="Who?"), ("help", "mina@council.example"), 1),
    ],
)
async def test_what_people_ask_for_is_passed_on(
    setup: ReceivingSetup, mail: Mail, asked: tuple[object, ...], parked: int
) -> None:
    assert await setup.receiver.receive(mail) is Reception.TAKEN

    assert setup.enrolment.asked == [asked]
    assert setup.enrolment.evidence[0].channel is Channel.MAIL
    assert await setup.store.mail.parked_count() == parked


@pytest.mark.parametrize(
    ("mail", "asked"),
    [
        pytest.param(a_letter(f"join{HERE}", sent_from=""), [], id="an empty return path"),
        pytest.param(a_letter(f"help{HERE}", more="Auto-Submitted: auto-replied\n"), [], id="an answer"),
        pytest.param(a_letter(f"join{HERE}", more="List-Id: <l.example>\n"), [], id="a mailing list"),
        pytest.param(
            a_letter(f"leave+leavetoken{HERE}", more="Auto-Submitted: auto-generated\n"),
            [("leave", 7, 1)],
            id="a mail program that unsubscribes for its owner",
        ),
        pytest.param(a_letter(f"leave{HERE}", more="Precedence: bulk\n"), [], id="bulk mail"),
        *(
            pytest.param(mail(f"{name}{HERE}"), [], id=f"{name}, {why}")
            for name in ("join", "leave", "help")
            for why, mail in UNSURE.items()
        ),
        *(
            pytest.param(mail(f"leave+leavetoken{HERE}"), [("leave", 7, 1)], id=f"leaving by a token, {why}")
            for why, mail in UNSURE.items()
        ),
        pytest.param(
            a_letter(f"confirm+confirmtoken{HERE}", text="yes", sent_from="other@council.example"),
            [("confirm", 7, 1)],
            id="a yes by a token",
        ),
        pytest.param(
            a_letter(f"confirm+confirmtoken{HERE}", text="no", sent_from="other@council.example"),
            [("leave", 7, 1)],
            id="a no by a token",
        ),
        pytest.param(
            a_letter(f"confirm+confirmtoken{HERE}", text="What?", sent_from="other@council.example"),
            [],
            id="a question by a token",
        ),
        pytest.param(
            a_letter(f"bounces+1{HERE}", more="List-Id: <l.example>\n"), [], id="a list at the return path"
        ),
        pytest.param(
            replace(a_letter(f"help{HERE}"), content=b"From: noon@digest.example.org\r\n\r\nhelp\r\n"),
            [],
            id="our own mail",
        ),
    ],
)
async def test_nobody_is_answered_who_is_no_person(
    setup: ReceivingSetup, mail: Mail, asked: list[tuple[object, ...]]
) -> None:
    assert await setup.receiver.receive(mail) is Reception.TAKEN

    assert setup.enrolment.asked == asked


async def test_nothing_at_the_return_path_is_answered(setup: ReceivingSetup) -> None:
    """RFC 3834 section 3.3: a responder without any sign of one would keep us busy."""
    (one,) = await setup.subscribe(1)
    await setup.edition(FIRST)

    await setup.receiver.receive(a_letter(path(FIRST, one), subject="We have moved", text="write elsewhere"))

    assert setup.enrolment.asked == []
    assert [parked.why for parked in await setup.store.mail.parked()] == ["a person's words"]


@pytest.mark.parametrize(("key", "parked"), [(KEY, 1), (b"forged, with another key, 32 oct.", 0)])
async def test_a_servers_words_on_one_of_ours_that_nobody_understands_wait_for_the_operator(
    setup: ReceivingSetup, key: bytes, parked: int
) -> None:
    (one,) = await setup.subscribe(1)
    await setup.edition(FIRST)
    mail = a_letter(path(FIRST, one, key[:32]), subject="Hm", text="Well, you know.", sent_from="")
    words = replace(mail, content=mail.content.replace(b"mina@council", b"MAILER-DAEMON@council"))

    await setup.receiver.receive(words)

    assert await setup.store.mail.parked_count() == parked
    assert await standing(setup, one) is Standing.ACTIVE


async def test_a_report_that_is_replayed_fills_no_disk_and_scores_once(setup: ReceivingSetup) -> None:
    (one,) = await setup.subscribe(1)
    await setup.edition(FIRST)

    for n in range(50):
        await setup.receiver.receive(a_report(FIRST, one, action="delayed", status="4.4.1", note=str(n)))
        await setup.receiver.receive(a_report(FIRST, one, note=str(n)))

    heard = await setup.store.mail.verdicts(one)
    assert {verdict for _, verdict in heard} == {Verdict.HARD, Verdict.DELAYED}
    assert len(heard) <= 10
    assert await standing(setup, one) is Standing.ACTIVE


async def test_a_flood_of_letters_fills_no_disk_and_the_operator_hears_of_it_once(
    setup: ReceivingSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.jobs.receive.CROWD", 3)
    monkeypatch.setattr("digest.jobs.receive.MOST", 5)

    for n in range(8):
        await setup.receiver.receive(a_letter(f"help{HERE}", subject=f"and {n}?", text="look\n" * 10_000))

    kept = [len(parked.content) for parked in await setup.store.mail.parked()]
    assert len(kept) == 5
    assert [size > BRIEF for size in kept] == [True] * 3 + [False] * 2
    assert [said[:30] for said in setup.operators.said] == ["3 received messages wait for y"]


# -- trouble --------------------------------------------------------------------------------------------


async def test_a_poisonous_message_is_parked_and_named_and_the_next_one_is_dealt_with(
    setup: ReceivingSetup, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    poison = a_letter(f"join{HERE}", subject="poison")

    def choking(content: bytes, **envelope: object) -> object:
        if b"poison" in content:
            raise OverrunError("understand did not end within 10 s")
        return understand(content, **envelope)  # type: ignore[arg-type]

    monkeypatch.setattr("digest.jobs.receive.understand", choking)
    with caplog.at_level(logging.INFO):
        said = [await setup.receiver.receive(poison) for _ in range(TRIES)]
        assert said == [*[Reception.LATER] * (TRIES - 1), Reception.TAKEN]
        assert await setup.receiver.receive(a_letter(f"join{HERE}")) is Reception.TAKEN

    (parked,) = await setup.store.mail.parked()
    assert parked.content == poison.content
    assert parked.why == "it could not be dealt with: OverrunError"
    assert len(setup.enrolment.asked) == 1
    assert parked.fingerprint[:12] in str([vars(record) for record in caplog.records])
    assert "mina@" not in str([vars(record) for record in caplog.records])


async def test_to_leave_waits_for_no_operator_because_the_machine_was_busy(
    setup: ReceivingSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = a_letter(f"leave+LEAVETOKEN{HERE}")
    slow = [OverrunError("understand did not end within 10 s")]

    def busy(content: bytes, **envelope: object) -> object:
        if slow:
            raise slow.pop()
        return understand(content, **envelope)  # type: ignore[arg-type]

    monkeypatch.setattr("digest.jobs.receive.understand", busy)

    assert [await setup.receiver.receive(left) for _ in range(2)] == [Reception.LATER, Reception.TAKEN]
    assert len(setup.enrolment.asked) == 1
    assert await setup.store.mail.parked_count() == 0


async def test_what_we_fail_to_act_on_is_to_be_brought_again_and_at_last_parked(
    setup: ReceivingSetup,
) -> None:
    setup.enrolment.trouble = OSError("a database that is not there")
    mail = a_letter(f"join{HERE}")

    said = [await setup.receiver.receive(mail) for _ in range(TRIES)]

    assert said == [*[Reception.LATER] * (TRIES - 1), Reception.TAKEN]
    assert await setup.store.mail.parked_count() == 1


async def test_a_database_in_trouble_does_not_count_against_a_message(setup: ReceivingSetup) -> None:
    setup.enrolment.trouble = StoreUnavailable("locked")
    mail = a_letter(f"join{HERE}")

    said = [await setup.receiver.receive(mail) for _ in range(TRIES + 2)]
    setup.enrolment.trouble = None

    assert said == [Reception.LATER] * (TRIES + 2)
    assert await setup.receiver.receive(mail) is Reception.TAKEN
    assert await setup.store.mail.parked_count() == 0


async def test_while_the_store_is_away_nothing_is_taken(
    setup: ReceivingSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = await setup.subscribe(1)
    await setup.edition(FIRST)

    async def away(*_: object) -> bool:
        raise OSError("no database")

    with monkeypatch.context() as trouble:
        trouble.setattr(setup.store.mail, "returned", away)
        trouble.setattr(setup.store.mail, "park", away)
        for _ in range(TRIES + 2):
            assert await setup.receiver.receive(a_report(FIRST, one)) is Reception.LATER

    assert await setup.receiver.receive(a_report(FIRST, one)) is Reception.TAKEN
    assert await setup.store.deliveries.state(FIRST, one) is State.BOUNCED


async def test_of_a_huge_letter_the_beginning_is_kept(setup: ReceivingSetup) -> None:
    mail = a_letter(f"help{HERE}", subject="a film", text="look\n" * 400_000)

    await setup.receiver.receive(mail)

    (parked,) = await setup.store.mail.parked()
    assert parked.content == mail.content[:MAIL_KEPT]
    assert "only its beginning" in parked.why


async def test_a_letter_whose_rest_was_not_even_taken_in_says_so(setup: ReceivingSetup) -> None:
    mail = replace(a_letter(f"help{HERE}", subject="a film", text="look\n"), left_out=20_000_000)

    await setup.receiver.receive(mail)

    (parked,) = await setup.store.mail.parked()
    assert "only its beginning" in parked.why


async def standing(setup: ReceivingSetup, subscriber: int) -> Standing:
    found = await setup.store.subscriptions.get(subscriber)
    assert found is not None
    return found.standing


def test_the_key_of_return_paths_is_not_shown(setup: ReceivingSetup) -> None:
    assert repr(KEY) not in repr(setup.receiver)


# -- newsletters ----------------------------------------------------------------------------------------

NEWS = "news+care-news@digest.example.org"


@pytest.mark.parametrize(
    "content",
    [
        a_letter(NEWS, subject="unsubscribe", text="stop").content,
        a_letter(NEWS, subject="Please confirm", text="Are you there?").content,
        a_report(FIRST, 1).content,
        a_complaint(FIRST, 1, named="path").content,
        b"",
        b"\xff\x00: no message",
    ],
    ids=["a command", "a question", "a report", "a complaint", "nothing", "no message"],
)
async def test_whatever_comes_to_a_newsletters_address_is_kept_and_nothing_else(
    setup: ReceivingSetup, content: bytes
) -> None:
    mail = Mail(sent_from="news@care.example", sent_to=NEWS, content=content)

    for _ in range(2):
        assert await setup.receiver.receive(mail) is Reception.TAKEN

    [kept] = await setup.store.newsletters.all()
    assert (kept.source, await setup.store.newsletters.content(kept.fingerprint)) == ("care-news", content)
    assert setup.receiver.kinds == {"newsletter": 2}
    assert setup.enrolment.asked == []
    assert await setup.store.mail.parked_count() == 0
    assert setup.operators.said == []


async def test_a_newsletter_that_cannot_be_kept_is_not_acknowledged(
    setup: ReceivingSetup, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(setup.store.newsletters, "keep", away)

    assert await setup.receiver.receive(a_letter(NEWS)) is Reception.LATER
    assert "a newsletter could not be kept" in caplog.text
    assert setup.receiver.kinds["newsletter"] == 0


async def test_of_a_huge_newsletter_the_part_that_is_read_is_kept_even_if_no_worker_reads_it(
    setup: ReceivingSetup,
) -> None:
    class Busy:
        async def run(self, *_: object, **__: object) -> None:
            raise OverrunError("too slow")

    busy = replace(setup.receiver.newsletters, workers=Busy())  # type: ignore[arg-type]
    huge = Mail(sent_from="", sent_to=NEWS, content=b"x" * MAIL_KEPT, left_out=5)

    assert await replace(setup.receiver, newsletters=busy).receive(huge) is Reception.TAKEN

    [kept] = await setup.store.newsletters.all()
    assert len(await setup.store.newsletters.content(kept.fingerprint)) == LOOKED_AT
    assert kept.octets == MAIL_KEPT + 5
