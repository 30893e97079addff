"""Stories are posted to operators' own systems, on either database: each at least once, and in order."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from builders import DAY, KENT, a_candidate, a_change, a_provider, a_story, a_timetable, an_edition
from clocks import Clock
from servers.receiver import Receiver, hang, slow_body, status
from sqlalchemy import delete, insert
from test_sources_and_items import PAGE, READING, list_items
from test_the_public_model import at, keep
from webhook_signatures import KNOWN

from digest.adapters.http.hook_post import HttpPost
from digest.deliveries import Pause
from digest.edition import Correction, SectionKind, Story
from digest.interventions import Act, Intervention
from digest.jobs.operator_alerts import OperatorAlerts
from digest.jobs.webhooks import Webhooks
from digest.ports.public import ToldStory
from digest.store.codec import EDITION
from digest.store.sql import SqlStore
from digest.store.tables import counts, editions
from digest.subscriptions import Wishes
from digest.web.metrics import Metrics
from digest.webhooks import Hook, Off, secrets_in

SECRETS = secrets_in(KNOWN) or ()
YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)
FIRST = int(f"{DAY:%Y%m%d}00000")
"""The number of today's first story."""

LAST_NIGHT = at(18, YESTERDAY)


class Desk:
    """The posting of one process, its clock, and what operators were told."""

    def __init__(self, store: SqlStore, *hooks: Hook, seconds: float = 60.0) -> None:
        self.store = store
        self.clock = Clock(LAST_NIGHT)
        self.calls: list[str] = []
        self.stop = asyncio.Event()
        self.job = Webhooks(
            hooks=hooks,
            store=store.webhooks,
            public=store.public,
            pauses=store.pauses,
            register=store.providers.register,
            write=lambda told: b'{"story": %d}' % told.number,
            post=HttpPost(contact="ops@example.org", clock=self.clock, seconds=seconds),
            alerts=OperatorAlerts(counts=store.counts, call=self._call, clock=self.clock),
            timetable=a_timetable(),
            clock=self.clock,
        )

    async def _call(self, what: str) -> bool:
        self.calls.append(what)
        return True

    async def look(self, now: datetime | None = None) -> None:
        """One look, and the end of what it begins."""
        self.clock.at = now or self.clock.at
        await self.job.look(self.stop)
        await self.job.finish()


def a_hook(receiver: Receiver, id: str = "crm", **facts: Any) -> Hook:
    usual = {"id": id, "url": receiver.url, "secrets": SECRETS, "wishes": Wishes(), "private": True}
    return Hook(**usual | facts)


async def publish(store: SqlStore, *stories: Story, day: date = DAY, kept: bool = True) -> None:
    """Seal a day's edition, and let the site know all of it at its noon."""
    content = EDITION.dump(an_edition(*stories, day=day))
    async with store.database.write() as connection:
        values = {"cutoff": at(11, day), "sealed_at": at(11, day), "content": content}
        await connection.execute(insert(editions).values(day=day, **values))
    if kept:
        await keep(store, at(12, day))


def ids(*numbers: int, hook: str = "crm") -> list[str]:
    return [f"{hook}_{FIRST + number}" for number in numbers]


async def test_a_new_hook_begins_with_the_next_edition_and_never_before_its_noon(store: SqlStore) -> None:
    await publish(store, a_story(1), day=YESTERDAY)
    async with Receiver() as receiver:
        desk = Desk(store, a_hook(receiver))
        await desk.look()
        await publish(store, a_story(2), a_story(3), kept=False)
        await keep(store, at(11))  # the edition is sealed
        await desk.look(at(11) + timedelta(minutes=59))
        await keep(store, at(12))
        await store.public_model.note_kept(YESTERDAY)  # as while the site's services are still written
        await desk.look(at(12))
        assert receiver.posts == []

        await keep(store, at(12))
        await desk.look()
        await desk.look()

    assert receiver.ids == ids(0, 1)
    assert [one.event for one in receiver.posts] == [{"story": FIRST}, {"story": FIRST + 1}]
    assert receiver.posts[0].headers["content-type"] == "application/json"


async def test_a_hook_gets_what_it_wishes_for(store: SqlStore) -> None:
    await store.providers.load([a_provider(area="Kent"), a_provider("leeds", "HMP Leeds", area="Leeds")], [])
    async with Receiver() as one, Receiver() as other, Receiver() as third:
        leeds = {"provider": "leeds", "provider_name": "HMP Leeds"}
        desk = Desk(
            store,
            a_hook(one, "all"),
            a_hook(other, "kent", wishes=Wishes(areas=("kent",))),
            a_hook(third, "moved", wishes=Wishes(movements_only=True)),
        )
        await desk.look()
        news = a_story(3, SectionKind.NEWS, provider=None, provider_name=None, change=None)
        await publish(store, a_story(1, **leeds), a_story(2), news)
        await desk.look(at(12))

        assert one.ids == ids(0, 1, 2, hook="all")
        assert other.ids == ids(1, hook="kent")
        assert third.ids == ids(0, 1, hook="moved")
        assert not any(look.due for look in (await store.webhooks.look(until=DAY, now=at(12))).values())


async def test_a_story_that_was_not_taken_comes_again_before_the_next(store: SqlStore) -> None:
    async with Receiver(status(500), status(503, Retry_After="600"), status(200)) as receiver:
        desk = Desk(store, a_hook(receiver))
        await desk.look()
        await publish(store, a_story(1), a_story(2))
        await desk.look(at(12))
        await desk.look()
        assert receiver.ids == ids(0)
        desk.clock.on(minutes=1)
        await desk.look()
        desk.clock.on(minutes=9)
        await desk.look()
        assert receiver.ids == ids(0, 0)
        desk.clock.on(minutes=1)
        await desk.look()

    assert receiver.ids == ids(0, 0, 0, 1)
    assert [int(one.headers["webhook-timestamp"]) - at(12).timestamp() for one in receiver.posts] == [
        *(0, 60, 660, 660)
    ]
    assert desk.calls == []


@pytest.mark.parametrize("act", [hang, slow_body])
async def test_a_hook_that_hangs_holds_up_no_other(store: SqlStore, act: Callable[[], Any]) -> None:
    async with Receiver(act()) as slow, Receiver() as quick:
        desk = Desk(store, a_hook(slow, "slow"), a_hook(quick, "quick"), seconds=0.2 if act is hang else 60)
        await desk.look()
        await publish(store, a_story(1))
        desk.clock.at = at(12)
        await desk.job.look(desk.stop)
        assert set(desk.job.under_way) == {"slow", "quick"}
        await desk.job.under_way["quick"]
        await desk.job.look(desk.stop)  # returns, and begins nothing twice
        await desk.job.finish()

        assert quick.ids == ids(0, hook="quick")
        assert slow.ids == ids(0, hook="slow")
        state = (await store.webhooks.look(until=DAY, now=at(12)))["slow"].state
    # The end of an answer's body is not waited for.
    assert state.said == ("no answer within 0.2 s" if act is hang else "")


async def test_a_redirect_is_not_followed(store: SqlStore) -> None:
    async with Receiver() as other, Receiver(status(307, Location=other.url)) as receiver:
        desk = Desk(store, a_hook(receiver))
        await desk.look()
        await publish(store, a_story(1))
        await desk.look(at(12))

    assert (receiver.ids, other.posts) == (ids(0), [])
    assert (await store.webhooks.look(until=DAY, now=at(12)))["crm"].state.said == "307 Temporary Redirect"


async def test_a_machine_in_a_private_network_is_not_reached_unless_it_is_meant(store: SqlStore) -> None:
    async with Receiver() as receiver:
        desk = Desk(store, a_hook(receiver, private=False))
        await desk.look()
        await publish(store, a_story(1))
        await desk.look(at(12))

    assert receiver.posts == []
    said = (await store.webhooks.look(until=DAY, now=at(12)))["crm"].state.said
    assert "private network" in said
    assert "a-secret-path" not in said


async def test_a_hook_that_is_gone_is_off_and_operators_hear_of_it_once(store: SqlStore) -> None:
    async with Receiver(status(410), status(200)) as receiver:
        desk, other = Desk(store, a_hook(receiver)), Desk(store, a_hook(receiver))
        await desk.look()
        await publish(store, a_story(1))
        for _ in range(3):
            await asyncio.gather(desk.look(at(12)), other.look(at(12)))
        [said] = [*desk.calls, *other.calls]
        assert said == (
            "the webhook crm (127.0.0.1) is turned off, as its server says that it is gone: 410 Gone. "
            "`digest webhooks resend crm` turns it on again"
        )
        async with store.database.write() as connection:
            await connection.execute(delete(counts))  # as they are after eight days
        await desk.look(at(12, DAY + timedelta(days=12)))
        assert (receiver.ids, desk.calls + other.calls) == (ids(0), [said])

        moved = Desk(store, a_hook(receiver, url=receiver.url + "/new"))
        await moved.look(at(13))
        await moved.look()

    assert receiver.ids == ids(0, 0)
    assert moved.calls == []


async def test_a_hook_that_takes_nothing_for_days_is_off(store: SqlStore) -> None:
    async with Receiver(status(500)) as receiver:
        desk = Desk(store, a_hook(receiver))
        await desk.look()
        await publish(store, a_story(1))
        desk.clock.at = at(12)
        for _ in range(13):
            await desk.look()
            desk.clock.on(hours=10)
        await desk.look()
        posts = len(receiver.posts)
        await publish(store, a_story(2), day=TOMORROW)
        await desk.look(desk.clock.at + timedelta(days=1))

        assert len(receiver.posts) == posts == 13
        assert [call.partition(": ")[2][:25] for call in desk.calls] == ["500 Internal Server Error"]
        assert (await store.webhooks.look(until=DAY, now=at(12)))["crm"].state.off is Off.FAILING


async def test_many_workers_post_each_story_once(store: SqlStore) -> None:
    async with Receiver() as receiver:
        desks = [Desk(store, a_hook(receiver)) for _ in range(5)]
        for desk in desks:
            await desk.look()
        await publish(store, *map(a_story, range(6)))
        for _ in range(3):
            await asyncio.gather(*(desk.look(at(12)) for desk in desks))

    assert receiver.ids == ids(*range(6))


async def test_a_worker_that_is_killed_leaves_its_story_to_the_next_one(store: SqlStore) -> None:
    async with Receiver(hang(), status(200)) as receiver:
        killed, next_one = Desk(store, a_hook(receiver)), Desk(store, a_hook(receiver))
        await killed.look()
        await publish(store, a_story(1), a_story(2))
        killed.clock.at = at(12)
        await killed.job.look(killed.stop)
        await receiver.came.wait()
        claim = await store.webhooks.claim("crm", at(12))
        assert claim is None  # another worker has it

        await next_one.look(at(12) + timedelta(minutes=1))
        assert receiver.ids == ids(0)
        await next_one.look(at(12) + timedelta(minutes=2))
        assert receiver.ids == ids(0, 0, 1)
        for task in killed.job.under_way.values():
            task.cancel()
        await asyncio.wait(killed.job.under_way.values())

        look = (await store.webhooks.look(until=DAY, now=at(13)))["crm"]
        assert (look.state.place, look.due) == (FIRST + 1, False)


async def test_a_worker_that_lost_its_claim_writes_nothing(store: SqlStore) -> None:
    await store.webhooks.begin(["crm"], after=YESTERDAY, now=at(9))
    slow = await store.webhooks.claim("crm", at(12))
    assert slow is not None
    now = at(12) + timedelta(minutes=2)
    quick = await store.webhooks.claim("crm", now)
    assert quick is not None

    assert not await store.webhooks.record(slow, replace(slow.state, place=FIRST + 9), now)
    await store.webhooks.release(slow, now)
    assert await store.webhooks.claim("crm", now) is None
    assert await store.webhooks.record(quick, replace(quick.state, place=FIRST), now)
    await store.webhooks.release(quick, now)
    again = await store.webhooks.claim("crm", now)
    assert again is not None
    assert again.state.place == FIRST


async def test_an_operator_lets_it_all_be_posted_again(store: SqlStore) -> None:
    async with Receiver() as receiver:
        desk = Desk(store, a_hook(receiver))
        assert not await store.webhooks.resume("crm", LAST_NIGHT)
        await desk.look()
        await publish(store, a_story(1), a_story(2))
        await desk.look(at(12))
        assert await store.webhooks.resume("crm", at(12), since=DAY)
        await desk.look(at(13))

    assert receiver.ids == ids(0, 1, 0, 1)


async def test_a_hook_that_was_off_for_long_is_not_flooded(store: SqlStore) -> None:
    async with Receiver() as receiver:
        desk = Desk(store, a_hook(receiver))
        await desk.look()
        await publish(store, a_story(1))
        await publish(store, a_story(2), day=DAY + timedelta(days=10))
        await desk.look(at(12, DAY + timedelta(days=15)))

        assert receiver.ids == [f"crm_{DAY + timedelta(days=10):%Y%m%d}00000"]


async def test_nothing_is_posted_while_sending_is_paused(store: SqlStore) -> None:
    async with Receiver() as receiver:
        desk = Desk(store, a_hook(receiver))
        await desk.look()
        await publish(store, a_story(1))
        await store.pauses.pause(Pause(since=at(11), by="ada", why="restored"))
        await desk.look(at(12))
        assert receiver.posts == []
        await store.pauses.resume()
        await desk.look()

    assert receiver.ids == ids(0)


async def test_a_post_under_way_is_the_last_one_when_the_service_ends(store: SqlStore) -> None:
    async with Receiver() as receiver:
        desk = Desk(store, a_hook(receiver))
        await desk.look()
        await publish(store, a_story(1), a_story(2))

        def written(told: ToldStory) -> bytes:
            desk.stop.set()
            return b"{}"

        desk.job = replace(desk.job, write=written)
        await desk.look(at(12))
        assert receiver.ids == ids(0)
        desk.stop.clear()
        await desk.look()

    assert receiver.ids == ids(0, 1)


async def test_a_story_that_cannot_be_written_holds_up_no_other(store: SqlStore) -> None:
    async with Receiver() as receiver:
        desk = Desk(store, a_hook(receiver))
        await desk.look()
        await publish(store, a_story(1), a_story(2))

        def written(told: ToldStory) -> bytes:
            if told.number == FIRST:
                raise ValueError("a poisonous story")
            return b"{}"

        desk.job = replace(desk.job, write=written)
        await desk.look(at(12))

    assert receiver.ids == ids(1)


async def test_a_correction_names_the_story_that_it_corrects(store: SqlStore) -> None:
    wrong = Correction(told_on=DAY, told=a_change(), why="We misread a table.")
    await publish(store, a_story(1, provider=KENT), a_story(2))
    await publish(store, a_story(1, SectionKind.CORRECTIONS, correction=wrong), day=TOMORROW)

    first, second, third = await store.public.stories_after(0, until=TOMORROW, limit=9)
    assert (first.corrects, first.corrected_on) == (None, TOMORROW)
    assert (second.corrects, second.corrected_on) == (None, None)
    assert (third.corrects, third.corrected_on) == (FIRST, None)
    assert await store.public.stories_after(FIRST, until=DAY, limit=9) == (second,)


async def test_what_operators_dropped_or_hold_is_posted_to_nobody(store: SqlStore) -> None:
    """A hook waits for what the site shows, and the site shows an edition as it went."""
    item = (await list_items(store, "a"))[-1].id
    await store.items.file(item, PAGE, READING, [a_candidate(item)])
    dropped = a_story(item)
    async with Receiver() as receiver:
        desk = Desk(store, a_hook(receiver))
        desk.job = replace(desk.job, write=lambda told: b'{"item": %d}' % told.story.key.item)
        await desk.look()
        await publish(store, a_story(11), dropped, a_story(12), kept=False)
        for act, facts in (
            (Act.DROP, {"story": dropped.key}),
            (Act.HOLD, {"until": at(15)}),
        ):
            done = Intervention(day=DAY, act=act, by="ada", at=at(11), words="taken down", **facts)
            assert await store.editions.intervene(done, lambda *_: None) is None
        await keep(store, at(12))
        await desk.look(at(12))
        assert receiver.posts == [], "its edition is held"

        await keep(store, at(15))
        await desk.look(at(15))

    assert [one.event for one in receiver.posts] == [{"item": 11}, {"item": 12}]


async def test_metrics_say_of_each_hook_whether_it_took_the_last_post(store: SqlStore) -> None:
    async with (
        Receiver() as well,
        Receiver(status(500), status(204)) as failing,
        Receiver(status(410)) as gone,
    ):
        desk = Desk(store, a_hook(well), a_hook(failing, "failing"), a_hook(gone, "gone"))

        async def shown(*ids: str) -> str:
            metrics = Metrics(store=store, timetable=a_timetable(), clock=desk.clock, webhooks=ids)
            return (await metrics.text()).decode()

        await desk.look()
        named = ("crm", "failing", "gone", "of-tomorrow")
        assert hooks_up(await shown(*named)) == {"crm": 1, "failing": 1, "gone": 1}, "nothing was posted yet"
        await publish(store, a_story(1))
        await desk.look(at(12))
        text = await shown(*named)
        assert hooks_up(text) == {"crm": 1, "failing": 0, "gone": 0}
        assert "a-secret-path" not in text
        assert "127.0.0.1" not in text
        await desk.look(at(13))
        assert hooks_up(await shown(*named)) == {"crm": 1, "failing": 1, "gone": 0}
        assert hooks_up(await shown()) == {}, "the settings have no hook any more"


def hooks_up(metrics: str) -> dict[str, float]:
    found = re.findall(r'^digest_webhook_up\{webhook="([^"]+)"\} (\S+)$', metrics, re.MULTILINE)
    return {hook: float(value) for hook, value in found}
