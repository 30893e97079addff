"""What the store promises of many subscribers at once and of forgetting them; on either database."""

from __future__ import annotations

import zlib
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from builders import admitting
from sqlalchemy import LargeBinary, insert, select
from sqlalchemy.exc import IntegrityError
from store_values import DAY, MINUTE, NOON, an_assembly, everybody, plan

from digest.arrivals import Arrival, ToJoin, ToMove
from digest.deliveries import Answer, Event, Settled, State
from digest.errors import KeyChanged
from digest.identity import Fresh
from digest.items import Item
from digest.jobs.prune import kept_for, preview, prune
from digest.letter_kinds import Help, Moved
from digest.letters import Letter
from digest.membership.letters import CONFIRM_WITHIN
from digest.ports import Parked, Returned, Rule
from digest.retention import Retention
from digest.smtp_verdicts import Verdict
from digest.sources import Polled
from digest.store import pruning
from digest.store.database import Database
from digest.store.members import bulks as bulk_store
from digest.store.members import rows, subscriptions
from digest.store.members.sealed_addresses import check_seal, drop_sealed
from digest.store.sql import SqlStore
from digest.store.tables import hosts, items, letters, metadata, page_parts, shadows, subscribers
from digest.store.versions import _keep as keep_version
from digest.subscriptions import (
    UNDO_WITHIN,
    Channel,
    Entry,
    Evidence,
    Newcomer,
    Request,
    Selection,
    Standing,
    Step,
    Subscription,
    Suppression,
    Wishes,
)
from digest.tokens import address_seal, mailbox_seal

ADA = Evidence(channel=Channel.OPERATOR, by="ada", wording="they asked by telephone")
IMPORT = Evidence(channel=Channel.IMPORT, by="ada", wording="signed up at the conference, 3 March")
NEVER = Suppression(why="asked by letter", since=NOON, by="ada")
DAYS = timedelta(days=1)
ACTIVE = Selection(standing=Standing.ACTIVE)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few people are many."""
    for module in (rows, subscriptions, bulk_store, pruning):
        monkeypatch.setattr(module, "CHUNK", 2)


async def people(store: SqlStore, *names: str, domain: str = "example.org") -> list[Subscription]:
    return [await store.subscriptions.add(f"{name}@{domain}", Wishes(), NOON) for name in names]


async def standings(store: SqlStore) -> dict[str, Standing]:
    return {s.address.partition("@")[0]: s.standing for s in await everybody(store)}


async def opened(store: SqlStore, what: str = "end") -> int:
    return await store.bulks.open(what=what, by="ada", why="a wrong list", now=NOON)


async def end(store: SqlStore, selection: Selection, step: Step = Step.REMOVED) -> tuple[int, int]:
    """The action's number, and how many ended."""
    bulk, after, ended = await opened(store), 0, 0
    while (done := await store.bulks.end(bulk, selection, step, ADA, now=NOON, after=after)) is not None:
        after, ended = done[0], ended + done[1]
    return bulk, ended


async def undo(store: SqlStore, bulk: int) -> Counter[str]:
    after, made = 0, Counter[str]()
    while (done := await store.bulks.undo(bulk, ADA, now=NOON + DAYS, after=after)) is not None:
        after = done[0]
        made.update(done[1])
    return +made


# -- choosing -------------------------------------------------------------------------------------------


async def test_those_meant_are_found_by_what_they_have_in_common(store: SqlStore) -> None:
    await people(store, "a", "b")
    [c] = await people(store, "c", domain="xn--mnchen-3ya.example")
    [d] = await people(store, "d", domain="not-example.org")
    await store.subscriptions.take(d.subscriber, 1, Step.BOUNCED, ADA, NOON)
    await store.subscriptions.ask("e@example.org", Wishes(), ADA, NOON + DAYS)

    async def found(**given: Any) -> str:
        page = await store.people.page(Selection(**given), after=0, limit=10)
        counted = await store.people.count(Selection(**given))
        assert sum(counted.values()) == len(page)
        return "".join(s.address[0] for s in page)

    assert await found() == "abcde"
    assert await found(domain="Example.ORG") == "abe"
    assert await found(domain="@münchen.example") == "c"
    assert await found(standing=Standing.PENDING) == "e"
    assert await found(reason=Step.BOUNCED) == "d"
    assert await found(since=DAY + DAYS) == "e"
    assert await found(before=DAY + DAYS, domain="example.org") == "ab"
    assert [s.address[0] for s in await store.people.page(Selection(), after=c.subscriber, limit=1)] == ["d"]


async def test_a_percent_sign_is_no_wildcard(store: SqlStore) -> None:
    await people(store, "a")

    assert await store.people.page(Selection(domain="%.org"), after=0, limit=10) == []


# -- ending many, and taking it back --------------------------------------------------------------------


async def test_many_are_ended_with_the_reason_and_the_action_and_restored_as_they_were(
    store: SqlStore,
) -> None:
    a, b, _ = await people(store, "a", "b", "c")
    await store.subscriptions.take(b.subscriber, 1, Step.PAUSED, ADA, NOON, until=DAY + 9 * DAYS)
    await store.subscriptions.ask("d@example.org", Wishes(), ADA, NOON)
    await people(store, "z", domain="elsewhere.example")

    bulk, ended = await end(store, Selection(domain="example.org"))

    assert ended == 4
    assert await standings(store) == dict.fromkeys("abcd", Standing.ENDED) | {"z": Standing.ACTIVE}
    last = (await store.subscriptions.history(a.subscriber))[-1]
    assert (last.step, last.evidence, last.bulk, last.before) == (Step.REMOVED, ADA, bulk, Standing.ACTIVE)

    made = await undo(store, bulk)

    assert made == {bulk_store.RESTORED: 3, bulk_store.UNCONFIRMED: 1}
    assert await standings(store) == {
        "a": Standing.ACTIVE,
        "b": Standing.PAUSED,
        "c": Standing.ACTIVE,
        "d": Standing.ENDED,  # undo does not confirm for people
        "z": Standing.ACTIVE,
    }
    again = await store.subscriptions.get(b.subscriber)
    assert again is not None
    assert (again.paused_until, again.ended_reason, again.generation) == (DAY + 9 * DAYS, None, 1)
    undone = await store.bulks.get(bulk)
    assert undone is not None
    assert undone.undone_at == NOON + DAYS
    assert undone.undoable_until == NOON + UNDO_WITHIN


async def test_a_pause_without_an_end_is_one_again(store: SqlStore) -> None:
    """Otherwise, people who paused would get mail."""
    [a] = await people(store, "a")
    await store.subscriptions.take(a.subscriber, 1, Step.PAUSED, ADA, NOON)
    bulk, _ = await end(store, Selection(domain="example.org"))

    assert await undo(store, bulk) == {bulk_store.RESTORED: 1}

    one = await store.subscriptions.get(a.subscriber)
    assert one is not None
    assert (one.standing, one.paused_until) == (Standing.PAUSED, None)
    assert [t.step for t in await store.subscriptions.history(a.subscriber)][-2:] == [
        Step.RESTORED,
        Step.PAUSED,
    ]


async def test_only_those_still_as_the_action_left_them_are_restored(store: SqlStore) -> None:
    a, b, c, d = await people(store, "a", "b", "c", "d")
    bulk, _ = await end(store, ACTIVE)
    await store.subscriptions.add("a@example.org", Wishes(movements_only=True), NOON + DAYS)
    await store.subscriptions.take(b.subscriber, 1, Step.ERASED, ADA, NOON + DAYS)
    await store.subscriptions.suppress("c@example.org", NEVER)

    made = await undo(store, bulk)

    assert made == {bulk_store.CHANGED: 2, bulk_store.SUPPRESSED: 1, bulk_store.RESTORED: 1}
    assert (await store.subscriptions.get(a.subscriber) or a).wishes.movements_only
    assert (await store.subscriptions.get(c.subscriber) or a).standing is Standing.ENDED
    assert (await store.subscriptions.get(d.subscriber) or a).standing is Standing.ACTIVE


async def test_undoing_twice_changes_nothing_more(store: SqlStore) -> None:
    [a] = await people(store, "a")
    bulk, _ = await end(store, ACTIVE)
    await undo(store, bulk)
    await store.subscriptions.take(a.subscriber, 1, Step.LEFT, ADA, NOON)

    assert await undo(store, bulk) == {bulk_store.CHANGED: 1}
    assert await standings(store) == {"a": Standing.ENDED}


async def test_many_ended_have_nothing_planned(store: SqlStore) -> None:
    [a] = await people(store, "a")
    await store.editions.seal(an_assembly(), NOON)
    await plan(store, DAY)

    await end(store, ACTIVE)

    assert await store.deliveries.state(DAY, a.subscriber) is State.SKIPPED


async def test_many_are_erased_for_good(store: SqlStore) -> None:
    a, b, c = await people(store, "a", "b", "c")
    await store.subscriptions.take(c.subscriber, 1, Step.LEFT, ADA, NOON)

    bulk, erased = await end(store, Selection(domain="example.org"), Step.ERASED)

    assert erased == 3
    assert [s.address for s in await everybody(store)] == ["", "", ""]
    assert await undo(store, bulk) == {}
    assert not (await store.subscriptions.get(a.subscriber) or b).live


# -- importing ------------------------------------------------------------------------------------------


def named(*names: str) -> list[Newcomer]:
    return [Newcomer(address=f"{name}@example.org", wishes=Wishes()) for name in names]


@pytest.mark.parametrize("step", [Step.ASKED, Step.CONFIRMED])
async def test_an_import_raises_no_standing_and_writes_to_nobody_suppressed(
    store: SqlStore, step: Step
) -> None:
    _, b, c = await people(store, "active", "paused", "left")
    await store.subscriptions.ask("pending@example.org", Wishes(), ADA, NOON)
    await store.subscriptions.take(b.subscriber, 1, Step.PAUSED, ADA, NOON, until=DAY + 9 * DAYS)
    await store.subscriptions.take(c.subscriber, 1, Step.LEFT, ADA, NOON)
    await store.subscriptions.suppress("never@example.org", NEVER)
    before = await everybody(store)
    file = named("Active", "paused", "LEFT", "pending", "never", "new", "New")

    foreseen = await store.bulks.preview(file)
    made, ids = await store.bulks.add_newcomers(await opened(store, "import"), file, step, IMPORT, now=NOON)

    assert foreseen == made
    assert made == {Entry.KNOWN: 3, Entry.ENDED: 1, Entry.SUPPRESSED: 1, Entry.NEW: 2}
    assert (await everybody(store))[:-1] == before
    [new] = ids
    one = await store.subscriptions.get(new)
    assert one is not None
    assert one.standing is (Standing.ACTIVE if step is Step.CONFIRMED else Standing.PENDING)
    assert [t.evidence for t in await store.subscriptions.history(new)] == [IMPORT]


async def test_an_import_taken_back_leaves_nothing_of_those_it_brought(store: SqlStore) -> None:
    bulk = await opened(store, "import")
    _, ids = await store.bulks.add_newcomers(bulk, named("a", "b", "c"), Step.CONFIRMED, IMPORT, now=NOON)
    await store.subscriptions.take(ids[0], 1, Step.WISHED, ADA, NOON, wishes=Wishes(movements_only=True))

    made = await undo(store, bulk)

    assert made == {bulk_store.CHANGED: 1, bulk_store.REMOVED: 2}
    assert [(s.address, s.standing) for s in await everybody(store)] == [
        ("a@example.org", Standing.ACTIVE),
        ("", Standing.ENDED),
        ("", Standing.ENDED),
    ]


async def test_people_asked_by_letter_as_well_are_still_as_the_import_left_them(
    store: SqlStore,
) -> None:
    bulk = await opened(store, "import")
    await store.bulks.add_newcomers(bulk, named("a", "b"), Step.ASKED, IMPORT, now=NOON)
    await store.subscriptions.ask("a@example.org", Wishes(), IMPORT, NOON)
    await store.subscriptions.ask("b@example.org", Wishes(), ADA, NOON)  # by themselves

    assert await undo(store, bulk) == {bulk_store.REMOVED: 1, bulk_store.CHANGED: 1}


# -- forgetting -----------------------------------------------------------------------------------------

SPELLED = "Zoë.Quirk@Example.org"
WORDS = f"550 5.1.1 <{SPELLED}> unknown here; zoë.quirk@example.org?"


async def _known_everywhere(store: SqlStore) -> Subscription:
    """Somebody whose address stands wherever one can stand."""
    one = await store.subscriptions.add(SPELLED, Wishes(), NOON - MINUTE, Evidence(
        channel=Channel.MAIL, wording=f"From: {SPELLED}. Yes!", by="ada"
    ))  # fmt: skip
    await store.editions.seal(an_assembly(), NOON)
    await plan(store, DAY)
    batch = await store.deliveries.claim(DAY, owner="w", now=NOON, lease=5 * MINUTE)
    assert batch is not None
    refused = Answer(event=Event.REJECTED, code=550, text=WORDS)
    settled = [
        Settled(delivery=due.delivery, answer=refused, at=NOON, begun=False)
        for due in await store.deliveries.due_in(batch)
    ]
    await store.deliveries.record(batch, settled, now=NOON, lease=None)
    await store.mail.returned(Returned(
        edition=DAY, subscriber=one.subscriber, verdict=Verdict.HARD, at=NOON, status="5.1.1", code=550,
        text=WORDS, fingerprint="f",
    ))  # fmt: skip
    await store.mail.park(Parked(
        at=NOON, sent_to="help@digest.example", why="no command", fingerprint="f",
        content=f"From: Zoë <{SPELLED}>\r\n\r\nHelp!".encode(),
    ))  # fmt: skip
    for content in (
        Moved(subscriber=one.subscriber, generation=1, asked_at=NOON, new=SPELLED),
        Help(reference=SPELLED, occasion="1"),
    ):
        letter = Letter(content=content, address=SPELLED, expires_at=NOON + 60 * MINUTE)
        assert await store.letters.content(letter.key) is None
        assert await store.letters.write(letter, NOON)
        assert await store.letters.content(letter.key) == content
    request = Request(
        subscriber=one.subscriber, generation=1, address=SPELLED, code="123456", asked_at=NOON,
        expires_at=NOON + DAYS,
    )  # fmt: skip
    await store.requests.put(request)
    for asked in (
        ToJoin(address=SPELLED, wishes=Wishes()),
        ToMove(subscriber=one.subscriber, generation=1, address=SPELLED),
    ):
        assert await store.arrivals.add(Arrival(asked=asked, evidence=ADA, asked_at=NOON), 9)
    why = f"{SPELLED} asked by letter"
    await store.bulks.open(what="end", by="ada", why=why, now=NOON)
    await store.subscriptions.suppress("somebody@else.example", Suppression(why=why, since=NOON, by="ada"))
    return one


async def _found(store: SqlStore, *words: str) -> list[str]:
    """Where in the whole state any of the words stands."""
    found = []
    async with store.database.read() as connection:
        for table in metadata.sorted_tables:
            for row in (await connection.execute(select(table))).mappings():
                for column in table.columns:
                    value = row[column.name]
                    if isinstance(column.type, LargeBinary) and value is not None:
                        value = zlib.decompress(value).decode()
                    if any(word.casefold() in str(value).casefold() for word in words):
                        found.append(f"{table.name}.{column.name}")
    return found


HIDDEN = ("quirk", "zo\u00eb", "xn--")


async def test_an_erased_person_is_found_nowhere(store: SqlStore) -> None:
    one = await _known_everywhere(store)
    assert set(await _found(store, *HIDDEN)) == {
        "arrivals.address", "attempts.text", "bulks.why", "deliveries.text", "letters.address",
        "letters.content", "letters.key", "parked_mail.content", "requests.address", "returns.text",
        "subscribers.address",
        "subscribers.address_key", "subscription_steps.wording", "suppressions.why",
    }  # fmt: skip

    assert await store.subscriptions.take(one.subscriber, 1, Step.ERASED, ADA, NOON)

    assert await _found(store, *HIDDEN) == []
    assert [t.step for t in await store.subscriptions.history(one.subscriber)] == [
        Step.CONFIRMED,
        Step.ERASED,
    ]
    assert await store.deliveries.state(DAY, one.subscriber) is State.REFUSED
    assert await store.letters.claim(NOON, MINUTE) is None  # nothing goes out to nobody


@pytest.mark.parametrize("way", ["many", "retention"])
async def test_however_somebody_is_erased_they_are_found_nowhere(store: SqlStore, way: str) -> None:
    one = await _known_everywhere(store)
    if way == "many":
        await end(store, Selection(domain="example.org"), Step.ERASED)
    else:
        await store.subscriptions.take(one.subscriber, 1, Step.LEFT, ADA, NOON)
        await prune(Retention(), store=store.pruning, now=NOON + 29 * DAYS)

    assert await _found(store, *HIDDEN) == []


async def test_erasing_one_keeps_what_is_of_others(store: SqlStore) -> None:
    one = await _known_everywhere(store)
    [other] = await people(store, "other")
    bulk = await store.bulks.open(what="end", by="ada", why="other@example.org asked", now=NOON)
    await store.subscriptions.take(other.subscriber, 1, Step.ERASED, ADA, NOON)

    assert {"attempts.text", "letters.address", "bulks.why"} <= set(await _found(store, "quirk"))
    kept = await store.bulks.get(bulk)
    assert kept is not None
    assert kept.why == "… asked"
    assert await store.requests.get(one.subscriber) is not None


async def test_what_comes_in_for_somebody_erased_is_erased_again(store: SqlStore) -> None:
    """A worker had it in hand meanwhile."""
    one = await _known_everywhere(store)
    await store.subscriptions.take(one.subscriber, 1, Step.ERASED, ADA, NOON)
    await store.mail.returned(Returned(
        edition=DAY, subscriber=one.subscriber, verdict=Verdict.SOFT, at=NOON, status="4.2.2", code=452,
        text=WORDS, fingerprint="another",
    ))  # fmt: skip
    assert await _found(store, *HIDDEN) == ["returns.text"]

    assert (await prune(Retention(), store=store.pruning, now=NOON))[Rule.LEFTOVERS] == 1

    assert await _found(store, *HIDDEN) == []


async def test_an_error_of_the_database_names_nobody(store: SqlStore) -> None:
    row = {"address": SPELLED, "address_key": SPELLED, "created_at": NOON}
    with pytest.raises(IntegrityError) as caught:
        async with store.database.write() as connection:
            await connection.execute(insert(subscribers).values(id=1, **row))
            await connection.execute(insert(subscribers).values(id=1, **row))

    assert "INSERT" in str(caught.value)
    assert "parameters hidden" in str(caught.value)


# -- letting go -----------------------------------------------------------------------------------------


async def test_a_person_asked_late_can_still_follow_the_link(store: SqlStore) -> None:
    """An import takes a fifth of a day's letters: the last of a list are written to days after it."""
    late = await store.subscriptions.ask("late@example.org", Wishes(), ADA, NOON)
    await store.subscriptions.ask("never-asked@example.org", Wishes(), ADA, NOON)
    asked_at = NOON + 6 * DAYS
    await store.requests.put(Request(
        subscriber=late.subscriber, generation=1, address=late.address, code="123456", asked_at=asked_at,
        expires_at=asked_at + CONFIRM_WITHIN,
    ))  # fmt: skip

    for days in (7, 8):
        await prune(Retention(), store=store.pruning, now=NOON + days * DAYS + MINUTE)

    assert await standings(store) == {"late": Standing.PENDING, "never-asked": Standing.ENDED}
    assert await store.subscriptions.take(late.subscriber, 1, Step.CONFIRMED, ADA, asked_at + 2 * DAYS)


async def test_a_person_asked_late_who_says_nothing_lapses_after_all(store: SqlStore) -> None:
    late = await store.subscriptions.ask("late@example.org", Wishes(), ADA, NOON)
    asked_at = NOON + 6 * DAYS
    await store.requests.put(Request(
        subscriber=late.subscriber, generation=1, address=late.address, code="123456", asked_at=asked_at,
        expires_at=asked_at + CONFIRM_WITHIN,
    ))  # fmt: skip

    await prune(Retention(), store=store.pruning, now=asked_at + 7 * DAYS + MINUTE)

    assert await standings(store) == {"late": Standing.ENDED}


async def test_what_was_never_confirmed_lapses_and_what_ended_is_forgotten(store: SqlStore) -> None:
    for name in "abc":
        await store.subscriptions.ask(f"{name}@example.org", Wishes(), ADA, NOON)
    await people(store, "d")
    week = NOON + 7 * DAYS

    assert (await prune(Retention(), store=store.pruning, now=week))[Rule.UNCONFIRMED] == 0
    assert (await prune(Retention(), store=store.pruning, now=week + MINUTE))[Rule.UNCONFIRMED] == 3
    done = await prune(Retention(), store=store.pruning, now=week + 28 * DAYS + 2 * MINUTE)

    assert done[Rule.ENDED] == 3
    assert [s.address for s in await everybody(store)] == ["", "", "", "d@example.org"]
    assert not any((await prune(Retention(), store=store.pruning, now=week + 29 * DAYS)).values())


async def test_what_is_foreseen_is_what_is_done(store: SqlStore) -> None:
    await _known_everywhere(store)
    await store.subscriptions.ask("a@example.org", Wishes(), ADA, NOON)
    later = NOON + 8 * DAYS

    foreseen = await preview(Retention(), store=store.pruning, now=later)
    again = await preview(Retention(), store=store.pruning, now=later)
    done = await prune(Retention(), store=store.pruning, now=later)

    assert again == foreseen == done
    assert {rule for rule, count in done.items() if count} == {
        Rule.UNCONFIRMED,
        Rule.REQUESTS,
        Rule.ARRIVALS,
    }


async def test_old_deliveries_go_and_their_edition_stays(store: SqlStore) -> None:
    one = await _known_everywhere(store)
    kept = kept_for(Retention())
    assert kept[Rule.DELIVERIES] == 400 * DAYS

    await prune(Retention(), store=store.pruning, now=NOON + 400 * DAYS)
    assert await store.deliveries.state(DAY, one.subscriber) is not None
    assert "deliveries.text" not in await _found(store, "quirk")
    await prune(Retention(), store=store.pruning, now=NOON + 401 * DAYS)

    assert await store.deliveries.state(DAY, one.subscriber) is None
    assert await store.editions.sealed(DAY) == an_assembly().edition
    assert await store.editions.planned(DAY)


async def test_words_of_relays_go_and_codes_stay(store: SqlStore) -> None:
    one = await _known_everywhere(store)

    done = await prune(Retention(), store=store.pruning, now=NOON + 91 * DAYS)

    assert done[Rule.ANSWERS] == 3  # of the delivery, its attempt and the report
    [known] = await store.people.deliveries(one.subscriber, limit=5)
    assert (known.edition, known.code, known.text) == (DAY, 550, None)
    assert (await prune(Retention(), store=store.pruning, now=NOON + 92 * DAYS))[Rule.ANSWERS] == 0


async def test_evidence_stands_as_long_as_the_subscription(store: SqlStore) -> None:
    a = await store.subscriptions.add("a@example.org", Wishes(), NOON, ADA)
    b = await store.subscriptions.add("b@example.org", Wishes(), NOON, ADA)
    await store.subscriptions.take(b.subscriber, 1, Step.LEFT, ADA, NOON)

    async def wordings(one: Subscription) -> list[str]:
        return [t.evidence.wording for t in await store.subscriptions.history(one.subscriber)]

    await prune(Retention(), store=store.pruning, now=NOON + 730 * DAYS)
    assert await wordings(b) == [ADA.wording, ADA.wording]
    await prune(Retention(), store=store.pruning, now=NOON + 731 * DAYS)
    assert (await wordings(a), await wordings(b)) == ([ADA.wording], ["", ""])


async def test_old_items_lose_their_text_and_never_their_keys(store: SqlStore) -> None:
    """A purged item that the feed still lists must not come back as new."""
    fresh = [
        Fresh(item=Item(title=f"item {n}", link=f"https://x.example/{n}"), keys=(f"k{n}",)) for n in "123"
    ]
    polled = Polled(source="s", next_poll_at=NOON, baselined_at=NOON)
    await store.sources.take_in(polled.source, fresh, admitting(polled, fresh, known=fresh[:2]), now=NOON)
    seen = (await store.sources.seen("s")).keys

    done = await prune(Retention(), store=store.pruning, now=NOON + 401 * DAYS)

    assert done[Rule.ITEMS] == 2
    assert (await store.sources.seen("s")).keys == seen
    async with store.database.read() as connection:
        titles = (await connection.execute(select(items.c.title).order_by(items.c.id))).scalars().all()
    assert titles == [None, None, "item 3"]
    assert len(await store.items.unread("s", limit=5, now=NOON)) == 1


async def test_what_was_edited_parts_of_reports_and_what_stood_in_shadow_go_in_their_time(
    store: SqlStore,
) -> None:
    fresh = [Fresh(item=Item(title="Kent"), keys=("k",))]
    polled = Polled(source="s", next_poll_at=NOON, baselined_at=NOON)
    await store.sources.take_in(polled.source, fresh, admitting(polled, fresh), now=NOON)
    [item] = [one.id for one in await store.items.unread("s", limit=5, now=NOON)]
    edit = {"what": "page", "title": "Kent", "note": ""}
    late = NOON + 700 * DAYS
    async with store.database.write() as connection:
        for at in (NOON, NOON, late):
            await keep_version(connection, item, edit | {"noticed_at": at})
        part = {"item_id": item, "url": "https://x.example/2", "body": b""}
        rows = [part | {"number": n, "fetched_at": at} for n, at in enumerate((NOON, late))]
        await connection.execute(insert(page_parts), rows)
        drafts = [{"item_id": item, "place": n, "content": {}} for n in range(2)]
        found = [row | {"found_at": at} for row, at in zip(drafts, (NOON, late), strict=True)]
        await connection.execute(insert(shadows), found)
        lately = late + 2 * DAYS  # 29 days before the run
        asked = [
            {"host": f"{n}.example", "leased_by": "p", "leased_until": at}
            for n, at in enumerate((late, lately))
        ]
        waiting = {"host": "shut.example", "leased_by": "p", "leased_until": NOON, "shut_until": lately}
        rows = [{"shut_until": None} | row for row in asked]
        await connection.execute(insert(hosts), [*rows, waiting])

    done = await prune(Retention(), store=store.pruning, now=NOON + 731 * DAYS)

    assert [done[rule] for rule in (Rule.VERSIONS, Rule.PARTS, Rule.SHADOWS, Rule.HOSTS)] == [2, 1, 1, 1]
    async with store.database.write() as connection:
        await keep_version(connection, item, edit | {"noticed_at": NOON + 731 * DAYS})
    assert len(await store.versions.of(item)) == 2


async def test_letters_parked_mail_and_counts_go_in_their_time(store: SqlStore) -> None:
    await _known_everywhere(store)
    await store.counts.add("network", NOON)
    assert await store.letters.claim(NOON + 2 * DAYS, MINUTE) is None  # both are past their use: settled

    assert (await prune(Retention(), store=store.pruning, now=NOON + 9 * DAYS))[Rule.COUNTS] == 1
    assert (await prune(Retention(), store=store.pruning, now=NOON + 10 * DAYS))[Rule.LETTERS] == 2
    assert (await prune(Retention(), store=store.pruning, now=NOON + 91 * DAYS))[Rule.PARKED] == 1
    async with store.database.read() as connection:
        assert len((await connection.execute(select(letters.c.key))).all()) == 2  # written once for all time


async def test_a_chore_is_remembered_by_its_day(store: SqlStore) -> None:
    assert await store.pruning.done("prune") is None
    for day in (DAY, DAY + DAYS):
        await store.pruning.mark("prune", day, NOON)
        assert await store.pruning.done("prune") == day


# -- the key of suppressions ----------------------------------------------------------------------------


async def test_a_mailbox_is_suppressed_by_its_seal_with_all_that_it_has(store: SqlStore) -> None:
    """Whoever stopped all letters is known by a seal alone: the letter may have been to nobody we know."""
    seal = mailbox_seal(address_seal(b"a key of the tests"))
    mover, *_ = await people(store, "mover", "other")
    for address in ("ada+news@example.org", "Ada@EXAMPLE.org", "ada@example.net"):
        await store.subscriptions.ask(address, Wishes(), ADA, NOON)
    await store.requests.put(Request(
        subscriber=mover.subscriber, generation=1, address="ada+new@example.org", code="123456",
        asked_at=NOON, expires_at=NOON + CONFIRM_WITHIN,
    ))  # fmt: skip
    pressed = Evidence(channel=Channel.WEB, wording="Never write to me again")

    done = [
        await store.subscriptions.suppress_mailbox(seal("ada@example.org"), NEVER, pressed) for _ in range(2)
    ]

    assert done == [True, False]
    assert await store.requests.get(mover.subscriber) is None
    standings = {one.address: one.standing for one in await everybody(store)}
    assert [one for one, standing in standings.items() if standing is Standing.ENDED] == [
        "ada+news@example.org",
        "Ada@EXAMPLE.org",
    ]
    assert await store.subscriptions.departed("ada@example.org") == NOON
    assert await store.subscriptions.suppressed("ada+any@example.org") == NEVER
    assert await store.subscriptions.suppressed("ada@example.net") is None


async def test_another_key_is_noticed_where_it_would_lose_suppressions(database: Database) -> None:
    ours, other = address_seal(b"ours"), address_seal(b"another")
    await check_seal(database, ours)
    await check_seal(database, other)  # nothing is lost yet
    await SqlStore(database, seal=other).subscriptions.suppress("a@example.org", NEVER)

    with pytest.raises(KeyChanged, match="1 suppressed"):
        await check_seal(database, ours)
    await check_seal(database, other)

    assert await drop_sealed(database) == 1
    await check_seal(database, ours)
