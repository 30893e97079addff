"""A publisher's data: its first state is a baseline, and each change of a grade is one story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from builders import DAY, a_timetable
from feed_cases import Inline
from laws.readings import inspectorates

from digest.changes import Movement
from digest.edition import SectionKind, Story
from digest.edition_assembly import assemble
from digest.items import Item
from digest.jobs.not_read import TRIES
from digest.jobs.poll import Poller
from digest.jobs.read import Reader
from digest.listing import Data, Listed, Listing, packed
from digest.ports import Fetched, RecordStore, Unreached
from digest.ratings import OVERALL
from digest.records import Cause, Graded, Kept, Place, Record, Snapshot, Subject, guid, with_previous
from digest.source_specs import SourceKind
from digest.sources import Authority, Source, Validators
from digest.store.sql import SqlStore

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
OAK = "1-1000000001"
SOURCE = Source(
    id="cqc-data",
    name="Care Quality Commission",
    url="https://inspectorate.example/ratings.csv",
    authority=Authority.OFFICIAL,
    inspectorate="cqc",
    every=timedelta(hours=1),
    recent=timedelta(days=14),
    pages=20,
)


def a_record(key: str, grade: str, published: date = date(2024, 6, 5), *, name: str = "Oak House") -> Record:
    return Record(
        key=key,
        subject=Subject(id=key, name=name, kind="care home", area="Kent"),
        inspectorate="cqc",
        scale="cqc-4",
        grades=(Graded(aspect=OVERALL, grade=grade, heading="Latest Rating", words=grade.capitalize()),),
        published_on=published,
        link=f"https://inspectorate.example/location/{key}",
        place=Place(publisher="Care Quality Commission", document="ratings.csv", row="row 2"),
    )


@dataclass
class Publisher:
    """Lists the data as a lister does: it compares what stands there with what is remembered."""

    records: RecordStore
    rows: Sequence[Record] = ()
    cause: Cause = Cause.INSPECTION
    asked_with: list[Validators] = field(default_factory=list)

    async def list_items(self, source: Source, known: Validators) -> Listing:
        self.asked_with.append(known)
        before = await self.records.snapshot(source.id)
        kept = await self.records.kept(source.id)
        changed = [one for one in self.rows if kept.get(one.key, _NEVER).standing != one.standing]
        stated = await self.records.stated(source.id, [one.key for one in changed])
        numbered = [(kept.get(one.key, _NEVER).version + 1, one) for one in changed]
        items = [
            Item(
                title=one.subject.name,
                guid=guid(one, version),
                link=one.link,
                record=replace(with_previous(one, stated.get(one.key)), cause=self.cause),
            )
            for version, one in numbered
            if before is not None
        ]
        data = Data(
            snapshot=Snapshot(document="ratings.csv", fingerprint="", rows=len(self.rows)),
            records=packed(numbered),
            baseline=before is None,
        )
        return Listed(items=tuple(items), data=data, validators=Validators(etag='"1"'))


REPORT = "https://inspectorate.example/reports/oak-house"


def a_report(grade: str) -> str:
    return f"""<html><head><title>Oak House: inspection report</title></head><body><main>
<h1>Oak House: inspection report</h1>
<p>The Care Quality Commission has rated Oak House, a care home in Kent, as ‘{grade}’ after an inspection
in February 2026.</p>
<h2>Is the service safe?</h2>
<h3>Strengths</h3><ul><li>Staff knew how to keep people safe from falls, and wrote down what they did.</li>
<li>Managers made sure that there were enough trained staff on every shift.</li></ul>
<h3>Areas for improvement</h3><ul><li>Medicines were not always stored at the right temperature.</li></ul>
<p>“People told us that they felt at home here,” said Jane Fell, deputy director of adult social care.</p>
</main></body></html>"""


_NEVER = Kept(version=0, standing="")


@dataclass
class Stage:
    store: SqlStore
    publisher: Publisher
    time: datetime = START
    report: str | None = None  # the text behind a record
    asked: int = 0
    every: timedelta = SOURCE.every

    def now(self) -> datetime:
        return self.time

    async def claim(self, hosts: Any) -> frozenset[str]:
        return frozenset(hosts)

    async def fetch(self, url: str, *_: Any, **__: Any) -> Any:
        assert url == REPORT, "no other page is fetched for a record"
        self.asked += 1
        if self.report is None:
            return Unreached(reason="no answer in time", answered=False)
        body = self.report.encode()
        return Fetched(url=url, body=body, content_type="text/html", validators=Validators())

    async def poll(self) -> None:
        self.time += max(timedelta(hours=2), self.every)
        reader = Reader(
            inspectorates=inspectorates(), store=self.store, fetcher=self, workers=Inline(), clock=self
        )
        poller = Poller(
            sources=(replace(SOURCE, every=self.every),),
            listers={SourceKind.FEED: self.publisher},
            reader=replace(reader),
            store=self.store,
            clock=self,
            hosts=self,
        )
        [polling] = await poller.poll()
        assert polling.trouble is None

    async def stories(self) -> list[Story]:
        waiting = await self.store.editions.waiting(self.time + timedelta(hours=1))
        edition = assemble(DAY, a_timetable(), waiting=waiting, told=(), sources=()).edition
        return list(edition.stories)


@pytest.fixture
async def stage(store: SqlStore) -> Stage:
    """A publisher whose data is known since yesterday: Oak House requires improvement."""
    made = Stage(store, Publisher(store.records, [a_record(OAK, "requires improvement")]))
    await made.poll()
    return made


async def test_the_first_data_tells_nobody_anything_and_the_register_knows_it(
    stage: Stage, store: SqlStore
) -> None:
    assert await stage.stories() == []
    known = (await store.providers.register()).get(f"cqc:{OAK}")
    assert known is not None
    assert (known.name, known.kind) == ("Oak House", "care home")
    assert [one.grade for one in await store.providers.history(f"cqc:{OAK}")] == ["requires improvement"]


async def test_a_changed_grade_is_one_story_that_quotes_the_record(stage: Stage) -> None:
    stage.publisher.rows = [a_record(OAK, "good", date(2026, 3, 9))]

    await stage.poll()
    await stage.poll()

    [story] = await stage.stories()
    assert story.change is not None
    assert (story.change.movement, story.change.before) == (Movement.UPGRADE, "requires improvement")
    assert story.evidence == "Latest Rating: Good"
    assert story.origin is not None
    assert (story.origin.place.row, story.origin.cause) == ("row 2", Cause.INSPECTION)


async def test_the_text_behind_a_record_adds_what_inspectors_found_and_the_grade_stays_the_records(
    stage: Stage,
) -> None:
    stage.publisher.rows = [replace(a_record(OAK, "good", date(2026, 3, 9)), text_link=REPORT)]
    stage.report = a_report("Good")

    await stage.poll()

    [story] = await stage.stories()
    assert story.change is not None
    assert story.change.movement is Movement.UPGRADE
    assert story.evidence == "Latest Rating: Good"
    told = {finding.text for finding in story.findings}
    assert "Medicines were not always stored at the right temperature." in told
    assert story.inspected is not None
    assert "February" in story.inspected
    assert await stage.store.review.open() == []


async def test_a_text_that_states_another_grade_is_a_case_with_both_words_and_moves_nothing(
    stage: Stage,
) -> None:
    stage.publisher.rows = [replace(a_record(OAK, "good", date(2026, 3, 9)), text_link=REPORT)]
    stage.report = a_report("Inadequate")

    await stage.poll()

    [case] = await stage.store.review.open()
    [doubt] = case.doubts
    assert "the data says good (Latest Rating: Good)" in doubt
    assert "the report says inadequate (“" in doubt
    [story] = await stage.stories()
    assert story.change is not None
    assert (story.change.movement, story.change.after) == (Movement.NOT_COMPARABLE, "good")


async def test_a_text_that_does_not_come_delays_its_record_once(stage: Stage) -> None:
    stage.publisher.rows = [replace(a_record(OAK, "good", date(2026, 3, 9)), text_link=REPORT)]

    await stage.poll()
    assert await stage.stories() == []
    await stage.poll()

    [story] = await stage.stories()
    assert story.evidence == "Latest Rating: Good"
    assert stage.asked == 2


async def test_a_text_that_comes_after_its_record_was_filed_is_added_while_the_story_waits(
    stage: Stage,
) -> None:
    stage.every = timedelta(hours=24)
    stage.publisher.rows = [replace(a_record(OAK, "good", date(2026, 3, 9)), text_link=REPORT)]
    await stage.poll()
    [story] = await stage.stories()
    assert (story.evidence, story.findings, stage.asked) == ("Latest Rating: Good", (), 1)

    stage.report = a_report("Good")
    await stage.poll()
    await stage.poll()

    [story] = await stage.stories()
    assert story.change is not None
    assert (story.change.movement, story.evidence) == (Movement.UPGRADE, "Latest Rating: Good")
    assert len(story.findings) == 3
    assert stage.asked == 2


async def test_a_text_that_comes_after_its_record_was_told_is_not_told(stage: Stage) -> None:
    stage.every = timedelta(hours=24)
    stage.publisher.rows = [replace(a_record(OAK, "good", date(2026, 3, 9)), text_link=REPORT)]
    await stage.poll()
    waiting = await stage.store.editions.waiting(stage.time + timedelta(hours=1))
    tomorrow = (stage.time + timedelta(days=1)).date()
    assembly = assemble(tomorrow, a_timetable(), waiting=waiting, told=(), sources=())
    await stage.store.editions.seal(assembly, stage.time)

    stage.report = a_report("Good")
    await stage.poll()

    assert (await stage.stories(), stage.asked) == ([], 1)


async def test_a_text_has_the_tries_of_a_page_and_then_its_record_is_read(stage: Stage) -> None:
    stage.publisher.rows = [replace(a_record(OAK, "good", date(2026, 3, 9)), text_link=REPORT)]

    for _ in range(3 * TRIES):
        await stage.poll()

    assert stage.asked == TRIES
    assert await stage.store.items.waiting([SOURCE.id]) == frozenset()
    assert await stage.store.items.parked() == []
    assert len(await stage.stories()) == 1


async def test_the_text_of_an_earlier_inspection_is_not_read_for_a_correction(stage: Stage) -> None:
    stage.publisher.rows = [replace(a_record(OAK, "good", date(2024, 6, 5)), text_link=REPORT)]
    stage.publisher.cause = Cause.CORRECTION

    await stage.poll()

    assert stage.asked == 0
    assert len(await stage.stories()) == 1


async def test_the_first_inspection_of_its_own_is_a_first_rating_after_an_inherited_grade(
    store: SqlStore,
) -> None:
    inherited = replace(a_record(OAK, "requires improvement"), inherited_from="1-0900000001")
    stage = Stage(store, Publisher(store.records, [inherited]))
    await stage.poll()
    stage.publisher.rows = [a_record(OAK, "good", date(2026, 3, 9))]

    await stage.poll()

    [story] = await stage.stories()
    assert story.change is not None
    assert (story.change.movement, story.change.before) == (Movement.FIRST_RATING, None)


async def test_two_providers_of_one_name_are_told_apart_by_their_numbers(stage: Stage) -> None:
    twin = "1-2000000002"
    stage.publisher.rows = [a_record(OAK, "requires improvement"), a_record(twin, "good")]

    await stage.poll()

    [story] = await stage.stories()
    assert story.provider == f"cqc:{twin}"
    assert story.change is not None
    assert story.change.movement is Movement.FIRST_RATING


async def test_what_the_publisher_corrects_stands_under_corrections(stage: Stage) -> None:
    stage.publisher.rows = [a_record(OAK, "good", date(2024, 6, 5))]
    stage.publisher.cause = Cause.CORRECTION

    await stage.poll()

    [story] = await stage.stories()
    assert story.section is SectionKind.CORRECTIONS
    assert story.change is not None
    assert (story.change.before, story.change.after) == ("requires improvement", "good")


async def test_a_grade_on_another_scale_without_a_new_inspection_moves_nothing(stage: Stage) -> None:
    stage.publisher.rows = [replace(a_record(OAK, "good", date(2026, 3, 9)), scale="ofsted-4")]
    stage.publisher.cause = Cause.RESCALED

    await stage.poll()

    [story] = await stage.stories()
    assert story.section is SectionKind.STEADY
    assert story.change is not None
    assert (story.change.movement, story.change.before) == (Movement.NOT_COMPARABLE, None)


async def test_an_inherited_grade_says_whose_it_was(stage: Stage) -> None:
    heir = a_record("1-3000000003", "good", date(2026, 3, 9), name="New Oak House")
    stage.publisher.rows = [*stage.publisher.rows, replace(heir, inherited_from=OAK)]
    stage.publisher.cause = Cause.INHERITED

    await stage.poll()

    [story] = await stage.stories()
    assert story.predecessors == ("Oak House",)
    assert story.section is SectionKind.STEADY


async def test_what_was_not_remembered_is_listed_again_and_told_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.publisher.rows = [a_record(OAK, "good", date(2026, 3, 9))]

    async def dies(*_: Any, **__: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(stage.store.records, "remember", dies)
        with pytest.raises(AssertionError):
            await stage.poll()
    await stage.poll()
    await stage.poll()

    assert len(await stage.stories()) == 1
    assert stage.publisher.asked_with[-2:] == [Validators(), Validators(etag='"1"')]
