"""The limits on letters and requests: how many, by which way, and what no flood can use up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta

import httpx2
import pytest
from desk import NETWORK, START, TIMETABLE, WEB, Service, link_to
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from digest.arrivals import ToJoin
from digest.cli.status.words import _shares
from digest.letter_kinds import Confirm
from digest.membership.enrolment import Enrolment
from digest.membership.limits import PERCENT, Share, shares_used
from digest.ports import Joined
from digest.sending.letters import LetterSender
from digest.subscriptions import Channel, Evidence, Standing, Suppression, Wishes
from digest.web.metrics import Metrics

MINA = "mina@example.org"
MAIL = Evidence(channel=Channel.MAIL, wording="subscribe")
IMPORT = Evidence(channel=Channel.IMPORT, wording="a list of ours", by="ada")


# -- a mailbox ------------------------------------------------------------------------------------------


async def imported(service: Service, address: str) -> None:
    one = await service.store.subscriptions.ask(address, Wishes(), IMPORT, service.clock.now())
    await service.enrolment.invite(one.subscriber)


async def moving_to(service: Service, address: str) -> None:
    mover = await service.store.subscriptions.add("mover@example.net", Wishes(), START)
    await service.address_changes.ask(mover.subscriber, mover.generation, address)


async def leaving(service: Service, address: str) -> None:
    await service.enrolment.leave_by_address(address, MAIL)


WAYS: dict[str, Callable[[Service, str], Awaitable[object]]] = {
    "join on the page": lambda on, to: on.enrolment.join(to, Wishes(), WEB),
    "join by mail": lambda on, to: on.enrolment.join(to, Wishes(), MAIL),
    "fresh link": lambda on, to: on.enrolment.fresh_link(to, WEB),
    "help": lambda on, to: on.enrolment.help(to, MAIL),
    "leave": leaving,
    "import": imported,
    "move": moving_to,
    "remind": lambda on, _: on.membership.reminders.write_due(),
}


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    asked=st.lists(
        st.tuples(
            st.sampled_from(sorted(WAYS)),
            st.sampled_from(["mina+{n}@gmail.com", "MINA@gmail.com", "m.i.na@GoogleMail.com"]),
            st.integers(0, 1500),  # minutes later
        ),
        max_size=25,
    ),
)
async def test_nobody_who_has_not_agreed_gets_more_than_two_letters_a_week(
    service: Service, asked: list[tuple[str, str, int]]
) -> None:
    """In whichever way they are asked for, by however many people, and however the address is spelt."""
    service.clock.at += timedelta(days=30)  # after those of the last example
    before = len(await service.letters())
    times = []
    for n, (how, address, minutes) in enumerate(asked):
        service.clock.on(minutes=minutes, seconds=1)
        await WAYS[how](service, address.format(n=n))
        times += [service.clock.now()] * (len(await service.letters()) - before - len(times))

    hours = [int(time.timestamp() // 3600) for time in times]
    assert all(sum(hour <= other < hour + 7 * 24 for other in hours) <= 2 for hour in hours)


async def test_all_ways_of_asking_count_together(service: Service) -> None:
    await service.enrolment.join(MINA, Wishes(), WEB)
    service.clock.on(hours=1)
    await service.enrolment.help("mina+x@example.org", MAIL)

    for days in range(6):
        for way in WAYS.values():
            service.clock.on(hours=1)
            await way(service, MINA)
            await way(service, f"mina+{days}@example.org")
    assert await service.kinds() == ["confirm", "help"]

    service.clock.on(days=7)
    assert await service.enrolment.join(MINA, Wishes(), WEB) is Joined.ASKED


async def test_at_the_limit_the_earlier_letter_still_works_and_gives_what_it_was_written_for(
    service: Service, letter_sender: LetterSender
) -> None:
    """Somebody who really wants in presses again and again; their first letter is somewhere in the spam."""
    await service.enrolment.join(MINA, Wishes(), WEB)
    await letter_sender.send()
    service.clock.on(hours=24)
    assert await service.membership.reminders.write_due() == 1
    steps = await service.steps(1)
    for n in range(5):
        service.clock.on(hours=27, minutes=1)
        wishes = Wishes(areas=(f"Nowhere {n}",))
        assert await service.enrolment.join(MINA, wishes, WEB) is Joined.LIMITED
    letter, _ = await service.letters(MINA)
    assert isinstance(letter.content, Confirm)
    assert await service.steps(1) == steps  # who knows an address writes no more rows than letters
    reference = service.enrolment.reference(MINA)

    assert await service.enrolment.confirm_code(reference, letter.content.code, WEB) is not None
    assert (await service.now(1)).wishes == Wishes()


async def test_a_letter_confirms_what_it_was_written_for_whoever_asks_for_something_else(
    service: Service, site: httpx2.AsyncClient
) -> None:
    """The earlier letter says that a newer one has taken its place, and its code confirms nothing."""
    await service.enrolment.join(MINA, Wishes(commentary=False), WEB)
    service.clock.on(seconds=5)
    strangers = Wishes(areas=("Nowhere",))
    await service.enrolment.join(MINA, strangers, MAIL)
    earlier, later = await service.letters(MINA)
    assert isinstance(earlier.content, Confirm)
    assert isinstance(later.content, Confirm)
    reference = service.enrolment.reference(MINA)

    assert (await site.post(link_to("confirm", await service.composed(earlier)))).status_code == 410
    assert await service.enrolment.confirm_code(reference, earlier.content.code, WEB) is None
    assert (await service.now(1)).standing is Standing.PENDING
    assert (await site.post(link_to("confirm", await service.composed(later)))).status_code == 200
    assert (await service.now(1)).wishes == strangers


async def test_there_is_no_hour_in_which_no_letter_works_and_none_comes(service: Service) -> None:
    service.clock.on(minutes=59)
    await service.enrolment.join(MINA, Wishes(), WEB)
    await service.enrolment.help(MINA, MAIL)
    for minutes in (*[12 * 60] * 13, *[10] * 90):  # towards the end of the week, and closely past it
        service.clock.on(minutes=minutes)
        request = await service.store.requests.get(1)
        assert request is not None
        works = request.open(service.clock.now())
        comes = await service.enrolment.join(MINA, Wishes(), WEB) is Joined.ASKED
        assert works or comes
        if comes:
            return
    raise AssertionError("no letter came at all")


async def test_letters_that_were_confirmed_no_longer_count(service: Service) -> None:
    """Somebody may come, leave and come back as often as they like."""
    for _ in range(4):
        mina = await service.subscribed()
        service.clock.on(hours=3)
        await service.enrolment.leave(mina.subscriber, mina.generation, WEB)

    assert (await service.kinds(MINA)).count("confirm") == 4


async def joining(service: Service, times: int = 1) -> list[Joined]:
    """Mina, who is subscribed, fills in the form to join, a minute later each time."""
    said = []
    for _ in range(times):
        service.clock.on(minutes=1)
        said.append(await service.enrolment.join(MINA, Wishes(), WEB))
    return said


async def test_a_subscriber_gets_four_letters_an_hour_and_eight_a_day(service: Service) -> None:
    await service.store.subscriptions.add(MINA, Wishes(), START)

    assert await joining(service, 6) == [Joined.KNOWN] * 4 + [Joined.LIMITED] * 2
    service.clock.on(hours=1)
    assert await joining(service, 6) == [Joined.KNOWN] * 4 + [Joined.LIMITED] * 2
    service.clock.on(hours=1)
    assert await joining(service) == [Joined.LIMITED]  # the day's eight are used up
    service.clock.on(hours=23)
    assert await joining(service) == [Joined.KNOWN]


async def test_a_refused_request_does_not_count(service: Service) -> None:
    """Somebody who presses too often is written to an hour later, not a day later."""
    await service.store.subscriptions.add(MINA, Wishes(), START)
    await joining(service, 50)
    service.clock.on(hours=1)

    assert await joining(service) == [Joined.KNOWN]


async def pressing(service: Service, what: str) -> Callable[[], Awaitable[object]]:
    """A button that brings a letter to Mina, and who may press it."""
    if what == "join":
        return lambda: service.enrolment.join(MINA, Wishes(), WEB)
    if what == "fresh link, not confirmed yet":
        await service.store.subscriptions.ask(MINA, Wishes(), WEB, service.clock.now())
        return lambda: service.enrolment.fresh_link(MINA, WEB)
    mina = await service.store.subscriptions.add(
        "old@example.org" if what == "move" else MINA, Wishes(), START
    )
    own = (mina.subscriber, mina.generation)
    match what:
        case "fresh link":
            return lambda: service.enrolment.fresh_link(MINA, WEB)
        case "own link":
            return lambda: service.owner_links.send(*own, "export")
        case "move":
            return lambda: service.address_changes.ask(*own, MINA)
    return lambda: service.enrolment.help(MINA, WEB)


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    ("what", "left"),
    [
        ("join", 1),
        ("fresh link", 3),
        ("fresh link, not confirmed yet", 1),
        ("own link", 4),  # those have a limit of their own
        ("move", 0),
        ("help", 3),
    ],
)
async def test_pressing_a_button_again_and_again_counts_as_one_letter(
    service: Service, what: str, left: int, at_once: bool
) -> None:
    press = await pressing(service, what)
    if at_once:
        await asyncio.gather(*(press() for _ in range(9)))
    else:
        for _ in range(9):
            await press()
    assert len(await service.letters(MINA)) == 1

    for _ in range(9):
        service.clock.on(minutes=1)
        await service.enrolment.help(MINA, WEB)

    assert len(await service.letters()) == 1 + left


# -- a subscriber's own requests ------------------------------------------------------------------------


async def test_strangers_who_know_the_address_use_up_nothing_of_its_owners_requests(
    service: Service,
) -> None:
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)
    enrolment = service.membership_with(per_day=20).enrolment
    for n in range(40):
        service.clock.on(minutes=1)
        await enrolment.join(MINA, Wishes(), WEB)
        await enrolment.fresh_link(MINA, MAIL)
        await enrolment.help(f"other{n}@example.org", MAIL)

    for what in ("address", "export", "erase"):
        assert await service.membership_with(per_day=20).owner_links.count(mina.subscriber)
        assert await service.owner_links.send(*own, what) is Joined.ASKED


async def test_a_subscribers_own_requests_have_a_limit_as_well(service: Service) -> None:
    """Editions get passed on, and the link to ask with them."""
    mina = await service.subscribed()

    assert [await service.owner_links.count(mina.subscriber) for _ in range(6)] == [True] * 4 + [False] * 2
    assert await service.enrolment.join(MINA, Wishes(), WEB) is Joined.KNOWN


# -- networks -------------------------------------------------------------------------------------------


async def test_of_a_network_that_asks_too_often_nothing_is_kept_whatever_the_addresses(
    service: Service,
) -> None:
    async def kept(n: int) -> bool:
        asked = ToJoin(address=f"reader{n}@example.org", wishes=Wishes())
        return await service.membership.intake.keep(asked, WEB, network=NETWORK)

    assert [await kept(n) for n in range(25)] == [True] * 20 + [False] * 5
    assert await service.store.arrivals.waiting() == 20
    service.clock.on(hours=1)
    assert await kept(25)


@pytest.mark.parametrize(
    ("hosts", "passed"),
    [
        (["2001:db8:1:200::1", "2001:db8:1:2ff::9", "2001:db8:1:200::/56"], 2),  # one household's
        ([f"2001:db8:1:{n:x}00::1" for n in range(12)], 8),  # one organisation's
        ([f"2001:db8:{n:x}::1" for n in range(12)], 10),  # one provider's
        (["192.0.2.1", "192.0.2.255", "::ffff:192.0.2.7", "64:ff9b::192.0.2.9", "2002:c000:203::1"], 2),
        ([f"192.0.{n}.1" for n in range(12)], 10),
        (["nowhere"] * 3, 2),
        ([""] * 12, 12),  # a message: its sender's network is not known, and others count it
    ],
)
async def test_a_network_counts_whatever_its_hosts_are_called_and_its_provider_too(
    service: Service, hosts: list[str], passed: int
) -> None:
    limits = service.membership_with(per_network=2, per_wide_network=10).enrolment.limits

    assert sum([await limits.count_request(host, service.clock.now()) for host in hosts]) == passed


async def test_a_hosting_range_can_ask_twice_its_hours_share_a_day_and_others_ask_on(
    service: Service,
) -> None:
    limits = service.membership_with(per_network=2, per_wide_network=10).enrolment.limits
    asked = []
    for _ in range(4):
        asked += [await limits.count_request(f"10.1.{n}.1", service.clock.now()) for n in range(15)]
        service.clock.on(hours=1)

    assert sum(asked) == 20
    assert await limits.count_request("10.2.1.1", service.clock.now())
    service.clock.on(hours=23)
    assert await limits.count_request("10.1.1.1", service.clock.now())


# -- the day --------------------------------------------------------------------------------------------


async def flood(service: Service, by: Share, enrolment: Enrolment) -> list[Joined | None]:
    """Twelve letters to twelve people, asked for in one way."""
    said: list[Joined | None] = []
    for n in range(12):
        address = f"{by}{n}@example.org"
        match by:
            case Share.WEB | Share.MAIL:
                evidence = WEB if by is Share.WEB else MAIL
                said.append(await enrolment.join(address, Wishes(), evidence))
            case Share.SUBSCRIBERS:
                counted = await service.membership_with(per_day=20).owner_links.count(n)
                said.append(Joined.ASKED if counted else Joined.LIMITED)
            case Share.INVITATIONS:
                one = await service.store.subscriptions.ask(address, Wishes(), IMPORT, START)
                said.append(await enrolment.invite(one.subscriber))
    return said


async def used_today(service: Service) -> dict[Share, int]:
    now = service.clock.now()
    found = await service.enrolment.limits.shares(TIMETABLE.day_of(now), now)
    return {one.share: one.used for one in found}


@pytest.mark.parametrize("way", ["join on the page", "join by mail", "fresh link", "help", "leave", "move"])
async def test_what_is_left_of_a_share_does_not_tell_who_is_subscribed(service: Service, way: str) -> None:
    """Somebody who has used up all but one sees whether one more request has taken that, at any address."""
    await service.subscribed("known@example.org")
    await service.enrolment.join("waiting@example.org", Wishes(), WEB)
    gone = await service.subscribed("gone@example.org")
    await service.enrolment.leave(gone.subscriber, gone.generation, WEB)
    await service.store.subscriptions.suppress("barred@example.org", Suppression(why="law", since=START))
    taken = {}
    for who in ("known", "waiting", "gone", "barred", "nobody"):
        mover = await service.store.subscriptions.add(f"mover-to-{who}@example.net", Wishes(), START)
        before = await used_today(service)
        for _ in range(3):
            if way == "move":  # as the page does, before it keeps the request
                await service.owner_links.count(mover.subscriber)
                await service.address_changes.ask(mover.subscriber, mover.generation, f"{who}@example.org")
            else:
                await WAYS[way](service, f"{who}@example.org")
            service.clock.on(minutes=20)
        after = await used_today(service)
        taken[who] = sum(after.values()) - sum(before.values())

    assert set(taken.values()) == {3}


@pytest.mark.parametrize("first", list(Share))
async def test_no_way_in_uses_up_the_letters_of_another(service: Service, first: Share) -> None:
    enrolment = service.membership_with(per_day=20).enrolment
    order = [first, *(share for share in Share if share is not first)]
    for share in order:
        said = await flood(service, share, enrolment)
        most = 20 * PERCENT[share] // 100
        assert said == [Joined.ASKED] * most + [Joined.LIMITED] * (12 - most)

    assert sum(PERCENT.values()) == 100
    service.clock.on(days=1)
    assert await enrolment.join("next@example.org", Wishes(), WEB) is Joined.ASKED


async def test_operators_are_told_once_a_day_which_way_is_used_up(service: Service) -> None:
    enrolment = service.membership_with(per_day=20).enrolment
    for _ in range(2):
        for share in Share:
            await flood(service, share, enrolment)

    assert len(service.calls) == 3  # of an import the command itself says so
    for said in ("by the forms on our pages", "by messages to us", "by subscribers with their own links"):
        assert sum(said in call for call in service.calls) == 1
    service.clock.on(days=1)
    await flood(service, Share.MAIL, service.membership_with(per_day=1).enrolment)
    assert "by messages to us" in service.calls[3]


async def test_how_much_of_each_share_is_used_can_be_looked_up(service: Service) -> None:
    limits = service.membership_with(per_day=20).enrolment.limits
    await flood(service, Share.MAIL, service.membership_with(per_day=20).enrolment)
    await service.enrolment.join(MINA, Wishes(), WEB)
    now = service.clock.now()

    used = await shares_used(limits.counts, limits.seal, limits.per_day, TIMETABLE.day_of(now), now)

    assert [(one.share, one.used, one.most, one.refused) for one in used] == [
        (Share.WEB, 1, 10, 0),
        (Share.MAIL, 3, 3, 9),
        (Share.SUBSCRIBERS, 0, 3, 0),
        (Share.INVITATIONS, 0, 4, 0),
    ]
    metrics = Metrics(store=service.store, timetable=TIMETABLE, clock=service.clock, limits=limits)
    text = (await metrics.text()).decode()
    assert 'digest_letters_refused{way="mail"} 9.0' in text
    assert 'digest_letters_asked{way="mail"} 3.0' in text
    assert _shares([asdict(one) for one in used]).startswith(
        "on the pages 1 of 10, by mail 3 of 3 (and 9 that were not written), "
    )


async def test_an_import_uses_at_most_a_fifth_of_a_days_letters_and_alerts_no_operator(
    service: Service,
) -> None:
    enrolment = service.membership_with(per_day=10).enrolment
    outcomes = []
    for n in range(4):
        one = await service.store.subscriptions.ask(
            f"p{n}@example.org", Wishes(), IMPORT, service.clock.now()
        )
        outcomes.append(await enrolment.invite(one.subscriber))

    assert outcomes == [Joined.ASKED, Joined.ASKED, Joined.LIMITED, Joined.LIMITED]
    assert await enrolment.join("own@example.org", Wishes(), WEB) is Joined.ASKED
    assert service.calls == []

    service.clock.on(days=1)
    assert await enrolment.invite(one.subscriber) is Joined.ASKED


async def test_a_letter_refused_at_the_limit_of_the_day_does_not_count_for_the_mailbox(
    service: Service,
) -> None:
    enrolment = service.membership_with(per_day=1).enrolment
    await enrolment.join("first@example.org", Wishes(), WEB)
    for _ in range(9):
        assert await enrolment.join(MINA, Wishes(), WEB) is Joined.LIMITED
    service.clock.on(hours=10, minutes=30)  # past midnight

    assert await enrolment.join(MINA, Wishes(), WEB) is Joined.ASKED


async def test_counts_hold_no_address_and_no_network(service: Service) -> None:
    asked = ToJoin(address=MINA, wishes=Wishes())
    await service.membership.intake.keep(asked, WEB, network="192.0.2.1")
    await service.membership.intake.work_off()

    scopes = [scope for scope, _, _ in (await service.everything())["counts"]]
    # The network and its provider's, the share of the day, the mailbox, and that it has not agreed.
    assert len(scopes) == 5
    assert all(re.fullmatch("[0-9a-f]{48}", scope) for scope in scopes)
