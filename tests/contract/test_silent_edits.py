"""Publishers edit entries and pages in silence: versions are kept, and a changed grade is corrected."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest
from builders import KENT, a_provider, a_rating, a_timetable
from feed_cases import BEGIN, Stage, a_report, stage
from servers.publisher import Act, say
from sqlalchemy import select
from test_one_report_is_told_once import a_list, a_rated_report

from digest.edition import Edition, SectionKind
from digest.jobs.look_again import MOST
from digest.jobs.publish import publish
from digest.jobs.review import accept
from digest.review import PAGE_EDITED
from digest.store.sql import SqlStore
from digest.store.tables import pages, versions

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SAME_LIST = a_list(("Kent PDU rated", "/kent"))


def html(body: bytes, **headers: str) -> Act:
    return say(200, body, Content_Type="text/html", **headers)


async def begin(made: Stage, page: Act) -> None:
    """Kent's report is listed and read an hour after the first poll."""
    await made.store.providers.load([a_provider()], [a_rating("requires improvement")])
    made.publisher.routes["/feed"] = say(200, a_list(("Known", "/0")))
    await made.poll(BEGIN)
    made.publisher.routes |= {"/feed": say(200, SAME_LIST), "/kent": page}
    await made.poll(BEGIN + HOUR)


async def edition(made: Stage, day: date) -> Edition:
    return await publish(day, timetable=a_timetable(), sources=(), store=made.store, clock=made.clock)


async def kent(made: Stage) -> tuple[int, list[str]]:
    """The item's number, and the notes of its versions."""
    [one] = await made.store.items.filed(KENT)
    return one.key.item, [version.note for version in await made.store.versions.of(one.key.item)]


async def test_a_grade_that_was_changed_after_an_edition_told_it_is_corrected(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        told = await edition(made, BEGIN.date())
        assert [(s.section, s.change and s.change.after) for s in told.stories] == [
            (SectionKind.UPGRADES, "good")
        ]

        made.publisher.routes["/kent"] = html(a_rated_report("Inadequate"))
        await made.poll(BEGIN + DAY + 2 * HOUR)

        [story] = (await edition(made, (BEGIN + DAY).date())).stories
        assert story.section is SectionKind.CORRECTIONS
        assert story.correction is not None
        assert (story.correction.told_on, story.correction.why) == (BEGIN.date(), PAGE_EDITED)
        assert story.correction.told is not None
        assert story.correction.told.after == "good"
        assert story.change is not None
        assert (story.change.before, story.change.after) == ("requires improvement", "inadequate")
        assert {r.grade for r in await store.providers.history(KENT)} == {
            "requires improvement",
            "inadequate",
        }
        _, notes = await kent(made)
        assert notes == ["overall good, now overall inadequate: the next edition corrects it"]
        assert "a page was edited after it was read" in caplog.messages
        assert (await edition(made, (BEGIN + 2 * DAY).date())).stories == ()


async def test_a_grade_that_was_changed_before_the_edition_is_told_as_it_is_now(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        made.publisher.routes |= {
            "/feed": say(200, a_list(("Kent PDU rated inadequate", "/kent"))),
            "/kent": html(a_rated_report("Inadequate")),
        }
        await made.poll(BEGIN + 2 * HOUR)  # the entry was edited, so the page is looked at at once

        [story] = (await edition(made, BEGIN.date())).stories
        assert (story.section, story.correction) == (SectionKind.DOWNGRADES, None)
        item, _ = await kent(made)
        assert [version.what for version in await store.versions.of(item)] == ["entry", "page"]


async def test_words_that_were_changed_are_a_version_and_correct_nothing(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        await edition(made, BEGIN.date())
        made.publisher.routes["/kent"] = html(a_rated_report("Good", more="<p>A name was mended.</p>"))
        await made.poll(BEGIN + DAY + 2 * HOUR)

        assert (await kent(made))[1] == ["no grade has changed"]
        assert (await edition(made, (BEGIN + DAY).date())).stories == ()
        assert await store.versions.count(BEGIN) == 1
        assert await store.versions.count(BEGIN + 2 * DAY) == 0


async def test_a_page_is_looked_at_after_a_day_and_a_week_with_its_validators(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good"), ETag='"v1"'))
        made.publisher.routes["/kent"] = say(304)
        for hours in range(2, 24 * 12, 7):
            await made.poll(BEGIN + hours * HOUR)

        first, day, week = made.asked_for("/kent")
        assert first == HOUR
        assert timedelta(hours=25) <= day < timedelta(hours=33)
        assert timedelta(days=7) <= week < timedelta(days=7, hours=8)
        asked = [head for head in made.publisher.requests if " /kent " in head]
        assert ['If-None-Match: "v1"' in head for head in asked] == [False, True, True]
        assert (await kent(made))[1] == []


async def test_an_apology_in_the_place_of_a_report_changes_nothing(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        made.publisher.routes["/kent"] = html(b"<title>Sorry</title><main><p>Come back later.</p></main>")
        await made.poll(BEGIN + DAY + 2 * HOUR)

        assert (await kent(made))[1] == []
        assert await store.review.open() == []
        async with store.database.read() as connection:
            [kept] = (await connection.execute(select(pages.c.look_at))).scalars()
        assert kept == BEGIN + HOUR + 7 * DAY


async def test_a_server_that_is_down_is_asked_an_hour_later(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        made.publisher.routes["/kent"] = say(503)
        await made.poll(BEGIN + DAY + 2 * HOUR)
        made.publisher.routes["/kent"] = html(a_rated_report("Inadequate"))
        await made.poll(BEGIN + DAY + 3 * HOUR)

        assert len((await kent(made))[1]) == 1


async def test_a_page_that_no_longer_gives_its_rating_is_a_question_to_operators(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        without = a_rated_report("Good").replace(b"has rated Kent PDU as Good", b"has visited Kent PDU")
        made.publisher.routes["/kent"] = html(without.replace(b"rated Good", b"visited"))
        await made.poll(BEGIN + DAY + 2 * HOUR)

        [case] = await store.review.open()
        assert case.doubts == ("the page no longer gives the rating: overall good, now no rating",)
        assert case.candidate.grade == "good"


async def test_what_an_operator_has_decided_is_not_overruled_by_a_page(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        [one] = await store.items.filed(KENT)
        await accept(one.key, by="ada", why="I checked it.", store=store, clock=made.clock)
        made.publisher.routes["/kent"] = html(a_rated_report("Inadequate"))
        await made.poll(BEGIN + DAY + 2 * HOUR)

        [case] = await store.review.open()
        assert case.candidate.grade == "good"
        assert case.doubts == (
            "the page was edited after your decision: overall good, now overall inadequate",
        )


async def test_few_pages_of_a_source_are_looked_at_after_one_poll(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        names = [f"Visit {n}" for n in range(MOST + 3)]
        made.publisher.routes["/feed"] = say(200, a_list(("Known", "/0")))
        await made.poll(BEGIN)
        entries = [(name, f"/p{n}") for n, name in enumerate(names)]
        made.publisher.routes["/feed"] = say(200, a_list(*entries))
        made.publisher.routes |= {path: html(a_report(name)) for name, path in entries}
        await made.poll(BEGIN + HOUR)
        before = len(made.asked)
        await made.poll(BEGIN + DAY + 2 * HOUR)
        assert len([path for _, path in made.asked[before:] if path.startswith("/p")]) == MOST
        await made.poll(BEGIN + DAY + 3 * HOUR)
        assert len([path for _, path in made.asked[before:] if path.startswith("/p")]) == len(names)


async def test_a_page_that_changes_with_each_look_has_few_versions(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        for n in range(24):
            entry = f"Kent PDU rated, seen by {n} people"
            made.publisher.routes["/feed"] = say(200, a_list((entry, "/kent")))
            await made.poll(BEGIN + (2 + n) * HOUR)

        assert len((await kent(made))[1]) == 20
        async with store.database.read() as connection:
            first = (await connection.execute(select(versions.c.title).order_by(versions.c.number))).scalars()
            assert list(first)[:2] == [f"Kent PDU rated, seen by {n} people" for n in (0, 1)]


async def test_an_edit_that_cannot_be_stored_keeps_no_new_item_from_being_read(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(store.versions, "entries_edited", refuses)
    monkeypatch.setattr(store.versions, "to_look_at", refuses)
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        listed = a_list(("Kent PDU rated (updated)", "/kent"), ("Marsh visit", "/marsh"))
        made.publisher.routes |= {"/feed": say(200, listed), "/marsh": html(a_report("Marsh visit"))}
        await made.poll(BEGIN + 2 * HOUR)

        assert ("Marsh visit", "read") in await made.items()
        assert (await made.polled()).trouble is None


async def test_another_text_under_the_title_of_a_report_changes_nothing(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    title = "Kent PDU rated Good"
    words = (
        "Our archive moved house last summer. Every older publication can now be found through a search box, "
        "sorted by year, region, theme. Printed copies cost nothing within Britain; please write to us "
        "beforehand, saying which volumes you need, how many, whether large type would help, plus where "
        "parcels should go. Opening hours vary around bank holidays, so ring first."
    )
    other = f"<title>{title}</title><main><h1>{title}</h1><p>{words}</p></main>".encode()
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        made.publisher.routes["/kent"] = html(other)
        await made.poll(BEGIN + DAY + 2 * HOUR)

        assert (await kent(made))[1] == []
        assert await store.review.open() == []
        assert "another page stands in the place of one that was read" in caplog.messages


async def test_a_grade_that_changes_while_its_report_is_told_is_corrected(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        made.publisher.routes |= {
            "/feed": say(200, a_list(("Kent PDU rated again", "/kent"))),
            "/kent": html(a_rated_report("Inadequate")),
        }
        amend = store.versions.amend

        async def after_the_edition(*case: object) -> bool:
            await edition(made, BEGIN.date())
            return await amend(*case)

        monkeypatch.setattr(store.versions, "amend", after_the_edition)
        await made.poll(BEGIN + 2 * HOUR)
        monkeypatch.undo()
        await made.poll(BEGIN + 4 * HOUR)

        [story] = (await edition(made, (BEGIN + DAY).date())).stories
        assert (story.section, story.change and story.change.after) == (SectionKind.CORRECTIONS, "inadequate")


async def test_a_grade_that_was_changed_at_the_new_address_of_a_report_is_corrected(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        made.publisher.routes |= {
            "/feed": say(200, a_list(("Kent PDU, rated", "/reports/77"))),
            "/kent": say(404),
            "/reports/77": html(a_rated_report("Good")),
        }
        await made.poll(BEGIN + 2 * HOUR)
        [told] = (await edition(made, BEGIN.date())).stories
        assert told.change is not None
        made.publisher.routes["/reports/77"] = html(a_rated_report("Inadequate"))
        await made.poll(BEGIN + DAY + 3 * HOUR)

        [story] = (await edition(made, (BEGIN + DAY).date())).stories
        assert (story.section, story.change and story.change.after) == (SectionKind.CORRECTIONS, "inadequate")
        assert {r.grade for r in await store.providers.history(KENT)} == {
            "requires improvement",
            "inadequate",
        }


async def test_an_edition_never_tells_a_grade_that_changed_while_it_was_made(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage("baseline-lost", store) as made:
        await begin(made, html(a_rated_report("Good")))
        made.publisher.routes |= {
            "/feed": say(200, a_list(("Kent PDU rated again", "/kent"))),
            "/kent": html(a_rated_report("Inadequate")),
        }
        told = store.editions.told
        cutoff = a_timetable().cutoff_of(BEGIN.date())

        async def after_a_poll(since: date) -> object:
            if made.clock.at < cutoff:
                await made.poll(cutoff + timedelta(seconds=1))
            return await told(since)

        monkeypatch.setattr(store.editions, "told", after_a_poll)
        first = await edition(made, BEGIN.date())
        made.clock.at = BEGIN + DAY + 5 * HOUR
        second = await edition(made, (BEGIN + DAY).date())

        stories = [(s.section, s.change and s.change.after) for s in (*first.stories, *second.stories)]
        assert stories == [(SectionKind.DOWNGRADES, "inadequate")]
