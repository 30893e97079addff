"""An inspectorate's JSON API, in the shape of CQC's: grades come from its records."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from feed_cases import BEGIN, Stage, stage
from laws.readings import inspectorates
from mailed import mail_of
from servers.publisher import Publisher, say

from digest.adapters.config.files import load_sources
from digest.adapters.config.packaged import packaged
from digest.changes import Movement
from digest.jobs.listers import json_api
from digest.source_specs import JsonSpec
from digest.store.sql import SqlStore

HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
OAK, ELM = "1-1000000001", "1-1000000002"
CHANGES = "/changes/location?since={since}&until={until}&page={page}"


@cache
def shipped_spec() -> JsonSpec:
    """What the entry that comes with the service says of CQC's API."""
    [entry] = [one for one in load_sources(packaged("config")).sources if one.id == "cqc-api"]
    spec = entry.spec()
    assert isinstance(spec, JsonSpec)
    return spec


def location(id: str, rating: str | None, published: str, **more: Any) -> dict[str, Any]:
    """A location rated before 2024, as the API gives it."""
    overall = {
        "rating": rating,
        "reportDate": published,
        "reportLinkId": f"report-{published}",
        "keyQuestionRatings": [{"name": "Safe", "rating": rating}],
    }
    names = {OAK: "Oak House", ELM: "Elm House"}
    base = {"locationId": id, "name": names.get(id, "A house"), "localAuthority": "Kent"}
    return base | {"currentRatings": {"overall": overall}} | more


def service(name: str, rating: str, plan: str, status: str = "Current") -> dict[str, Any]:
    return {
        "name": name,
        "rating": rating,
        "assessmentPlanId": plan,
        "status": status,
        "assessmentDate": "2026-11-02",
    }


def assessed(*services: dict[str, Any]) -> dict[str, Any]:
    published = {"assessmentPlanPublishedDateTime": "2026-11-24 00:01:00"}
    return {"assessment": [published | {"ratings": {"overall": [], "asgRatings": list(services)}}]}


@asynccontextmanager
async def stage_of_list(store: SqlStore, **facts: Any) -> AsyncIterator[Stage]:
    """A source whose list has all things whole."""
    spec = replace(shipped_spec(), list="things", pages=None, detail=None, secret_headers=())
    usual = {"spec": spec, "inspectorate": "cqc", "known": inspectorates(), "path": "/all"}
    async with stage("", store, **(usual | facts)) as made:
        yield made


def publish_list(made: Stage, *things: dict[str, Any]) -> None:
    """Let the list have these things from now on."""
    made.publisher.routes["/all"] = say(200, json.dumps({"things": things}).encode())


@dataclass
class Api:
    """What the publisher's API has."""

    made: Stage
    changes: dict[date, list[str]] = field(default_factory=dict)
    locations: dict[str, dict[str, Any]] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    broken: int | None = None  # it answers every call for a location with this status

    async def answer(self, reader: Any, writer: Any) -> None:
        head = self.made.publisher.requests[-1]
        self.heads.append(head)
        url = urlsplit(head.split(" ")[1])
        if url.path == "/changes/location":
            asked = parse_qs(url.query)
            day, page = date.fromisoformat(asked["since"][0][:10]), int(asked["page"][0])
            ids = self.changes.get(day, [])
            listed = {"changes": ids[page - 1 : page], "totalPages": len(ids)}  # one on a page
            await say(200, json.dumps(listed).encode())(reader, writer)
        elif self.broken:
            await say(self.broken, b"{}")(reader, writer)
        else:
            id = url.path.removeprefix("/locations/")
            found = self.locations.get(id)
            await say(200 if found else 404, json.dumps(found).encode())(reader, writer)

    async def poll(self, days: float) -> None:
        [polling] = await self.made.poll(BEGIN + days * A_DAY)
        assert polling.trouble is None

    async def told(self) -> list[tuple[str | None, Movement | None, str | None]]:
        stories = await self.made.stories()
        return sorted(
            (one.provider_name, one.change and one.change.movement, one.change and one.change.before)
            for one in stories
        )  # type: ignore[return-value]


def day(days: int) -> date:
    return (BEGIN + days * A_DAY).date()


@pytest.fixture
async def api(store: SqlStore) -> AsyncIterator[Api]:
    """An API that was polled: what changed before is known, and the register has Oak House from a file."""
    spec = shipped_spec()
    keys = {"DIGEST_SOURCE_CQC": "0123456789abcdef"}
    async with stage(
        "",
        store,
        spec=spec,
        inspectorate="cqc",
        name="Care Quality Commission",
        known=inspectorates(),
        keys=keys,
        path=CHANGES,
    ) as made:
        here = replace(spec, detail=made.publisher.url("/locations/{id}"))
        made.poller = replace(made.poller, sources=tuple(replace(s, spec=here) for s in made.poller.sources))
        api = Api(made)
        made.publisher.everything = api.answer
        api.changes[day(-2)] = [OAK]
        await api.poll(0)
        yield api


async def test_what_changed_before_the_first_look_is_not_asked_for(api: Api) -> None:
    assert await api.told() == []
    assert not any("/locations/" in head for head in api.heads)


async def test_readers_get_each_new_rating_once_and_the_next_one_compared_with_it(api: Api) -> None:
    unknown, inherited, unrated, late = (f"1-900000000{n}" for n in range(4))
    api.changes |= {day(1): [OAK.lower(), unknown, ELM, inherited, unrated], day(-19): [late]}
    heir = location(inherited, "Good", "2026-11-24")
    heir["currentRatings"]["overall"]["organisationId"] = "1-0900000001"
    homes = service("Care Homes", "Good", "AP1"), service("Homecare", "Inadequate", "AP2")
    api.locations = {
        OAK: location(OAK, "Good", "2026-11-24"),
        ELM: location(ELM, "Good", "2019-11-24", **assessed(*homes)),
        inherited: heir,
        unrated: location(unrated, "No published rating", "2026-11-24"),
        late: location(late, "Good", "2026-11-20", name="Ash House"),
    }
    await api.poll(1)
    assert await api.made.mail() == mail_of("cqc-api-1")
    for days in (1.5, 20, 40, 60):
        await api.poll(days)
    assert await api.made.mail() is None

    api.changes[day(61)] = [OAK.lower()]
    api.locations[OAK] = location(OAK, "Inadequate", f"{day(61)}")
    await api.poll(61)
    assert await api.made.mail() == mail_of("cqc-api-2")


async def test_the_key_is_sent_and_each_page_of_each_day_is_read(api: Api) -> None:
    api.changes[day(1)] = [OAK, ELM]
    api.locations = {id: location(id, "Good", "2026-11-24") for id in (OAK, ELM)}
    await api.poll(1)

    assert [name for name, _, _ in await api.told()] == ["Elm House", "Oak House"]
    assert all("ocp-apim-subscription-key: 0123456789abcdef" in head.lower() for head in api.heads)


async def test_an_id_that_has_no_location_stops_no_other(api: Api) -> None:
    api.changes[day(1)] = ["1-9999999999", OAK]
    api.locations[OAK] = location(OAK, "Good", "2026-11-24")
    await api.poll(1)
    await api.poll(2)  # the day was not over when it was asked for
    before = len(api.heads)
    await api.poll(3)

    assert [name for name, _, _ in await api.told()] == ["Oak House"]
    assert not any("/locations/" in head for head in api.heads[before:])


async def test_a_change_that_is_listed_twenty_days_late_is_told_if_it_was_published_lately(api: Api) -> None:
    await api.poll(1)
    api.changes[day(-19)] = [OAK, ELM]
    api.locations[OAK] = location(OAK, "Good", "2026-11-20")
    api.locations[ELM] = location(ELM, "Good", "2024-11-20")  # only its telephone number has changed
    await api.poll(2)

    assert [name for name, _, _ in await api.told()] == ["Oak House"]


async def test_what_is_no_rating_is_none(api: Api) -> None:
    api.changes[day(1)] = [OAK, ELM]
    api.locations[OAK] = location(OAK, "No published rating", "2026-11-24")
    api.locations[ELM] = location(ELM, None, "2026-11-24")
    await api.poll(1)

    assert await api.told() == []


async def test_two_services_of_one_location_are_two_providers_and_one_is_the_location(api: Api) -> None:
    api.changes[day(1)] = [OAK, ELM]
    homes = service("Care Homes", "Good", "AP1"), service("Homecare", "Inadequate", "AP2")
    api.locations[OAK] = location(OAK, "Good", "2019-11-24", **assessed(*homes))
    old = service("Care Homes", "Good", "AP3", status="Historic")
    api.locations[ELM] = location(
        ELM, "Good", "2019-11-24", **assessed(service("Care Homes", "Good", "AP4"), old)
    )
    await api.poll(1)

    names = [name for name, _, _ in await api.told()]
    assert names == ["Elm House", "Oak House (Care Homes)", "Oak House (Homecare)"]


async def test_a_grade_that_a_new_location_inherits_is_no_news(api: Api) -> None:
    api.changes[day(1)] = [OAK]
    inherited = location(OAK, "Good", "2026-11-24")
    inherited["currentRatings"]["overall"]["organisationId"] = "1-0900000001"
    api.locations[OAK] = inherited
    await api.poll(1)

    assert await api.told() == []


async def test_while_details_fail_nothing_counts_as_asked_for(api: Api) -> None:
    api.changes[day(1)] = [OAK]
    api.locations[OAK] = location(OAK, "Good", "2026-11-24")
    api.broken = 503
    [polling] = await api.made.poll(BEGIN + A_DAY)
    assert polling.trouble is not None
    api.broken = None
    await api.poll(2)

    assert [name for name, _, _ in await api.told()] == ["Oak House"]


@pytest.mark.parametrize("status", [400, 404])
async def test_an_api_that_has_nothing_for_anything_is_in_trouble_and_loses_nothing(
    api: Api, status: int
) -> None:
    ids = [f"1-10000000{n:02}" for n in range(1, 11)]
    api.changes[day(1)] = ids
    api.locations = {id: location(id, "Good", "2026-11-24") for id in ids}
    api.broken = status
    for days in (2, 3, 4):
        [polling] = await api.made.poll(BEGIN + days * A_DAY)
        assert polling.trouble is not None
    api.broken = None
    await api.poll(5)

    assert len(await api.told()) == len(ids)


@pytest.mark.parametrize("had", [True, False], ids=["is up", "is down"])
async def test_ten_ids_that_are_gone_are_no_trouble_while_the_publisher_has_what_it_had(
    api: Api, had: bool
) -> None:
    api.changes[day(1)] = [OAK]
    api.locations[OAK] = location(OAK, "Good", "2026-11-24")
    await api.poll(2)
    api.changes[day(2)] = [f"1-10000001{n:02}" for n in range(1, 12)]
    api.broken = None if had else 404
    for days in (3, 4, 5):
        [polling] = await api.made.poll(BEGIN + days * A_DAY)
        assert (polling.trouble is None) is had
    before = len(api.heads)
    await api.made.poll(BEGIN + 6 * A_DAY)

    asked = any("/locations/1-10000001" in head for head in api.heads[before:])
    assert asked is not had


async def test_a_thing_that_is_back_in_a_list_is_not_gone_and_tells_nothing(store: SqlStore) -> None:
    oak, elm = (location(id, "Good", "2026-11-20") for id in (OAK, ELM))
    async with stage_of_list(store) as made:
        for days, things in enumerate([(oak, elm), (oak,), (oak, elm)]):
            publish_list(made, *things)
            [polling] = await made.poll(BEGIN + days * A_DAY)
            assert (polling.trouble, polling.listed) == (None, 0)
            kept = await store.records.kept("feed")
            assert kept[ELM].gone is (len(things) == 1)


async def test_a_thing_without_grades_is_the_same_at_each_look(store: SqlStore) -> None:
    async with stage_of_list(store) as made:
        for days, rating in enumerate(["Good", None, None, None]):
            publish_list(made, location(OAK, rating, "2026-11-20"), location(ELM, rating, "2026-11-20"))
            await made.poll(BEGIN + days * A_DAY)
        kept = await store.records.kept("feed")

    assert {one.version for one in kept.values()} == {1}


async def test_a_record_that_is_asked_for_after_its_paths_were_changed_is_no_correction(api: Api) -> None:
    for days in (1, 2):
        api.changes[day(days)] = [OAK]
        api.locations[OAK] = location(OAK, "Good", f"{day(1)}")
        await api.poll(days)
        [source] = api.made.poller.sources
        assert isinstance(source.spec, JsonSpec)
        others = [replace(one, words=(("Good", "outstanding"),)) for one in source.spec.ratings]
        other = replace(source, spec=replace(source.spec, ratings=tuple(others)))
        api.made.poller = replace(api.made.poller, sources=(other,))

    assert await api.told() == [("Oak House", Movement.FIRST_RATING, None)]
    stated = await api.made.store.records.stated("feed", [OAK])
    assert stated[OAK].grades[0].grade == "outstanding"


async def test_an_id_whose_location_was_missing_for_one_look_is_told_at_the_next(api: Api) -> None:
    api.changes[day(1)] = [OAK, ELM]
    api.locations[OAK] = location(OAK, "Good", "2026-11-24")
    await api.poll(2)
    api.locations[ELM] = location(ELM, "Good", "2026-11-24")
    await api.poll(3)

    assert [name for name, _, _ in await api.told()] == ["Elm House", "Oak House"]


async def test_a_grade_of_the_location_itself_is_not_inherited(api: Api) -> None:
    api.changes[day(1)] = [OAK]
    own = location(OAK, "Good", "2026-11-24")
    own["currentRatings"]["overall"]["organisationId"] = OAK
    api.locations[OAK] = own
    await api.poll(1)

    assert await api.told() == [("Oak House", Movement.FIRST_RATING, None)]


async def test_a_rating_that_was_out_for_two_months_when_its_location_was_first_seen_is_no_news(
    api: Api,
) -> None:
    api.changes[day(1)] = [OAK]
    api.locations[OAK] = location(OAK, "Good", f"{day(-60)}")  # only its telephone number has changed
    await api.poll(1)
    assert await api.told() == []

    api.changes[day(2)] = [OAK]
    api.locations[OAK] = location(OAK, "Inadequate", f"{day(2)}")
    await api.poll(2)
    assert await api.told() == [("Oak House", Movement.DOWNGRADE, "good")]


async def test_a_next_page_on_another_site_gets_no_key_and_is_told_of(store: SqlStore) -> None:
    spec = replace(shipped_spec(), list="things", pages=None, next="next", detail=None)
    keys = {"DIGEST_SOURCE_CQC": "0123456789abcdef"}
    async with (
        Publisher() as other,
        stage(
            "", store, spec=spec, inspectorate="cqc", known=inspectorates(), keys=keys, path="/all"
        ) as made,
    ):
        page = {"things": [location(OAK, "Good", "2026-11-20")], "next": other.url("/all?page=2")}
        made.publisher.routes["/all"] = say(200, json.dumps(page).encode())
        [polling] = await made.poll(BEGIN)

        assert polling.trouble == f"the next page is on another site: {page['next']}"
        assert not other.requests


async def test_a_list_that_has_all_things_whole_is_as_long_as_they_are(store: SqlStore) -> None:
    async with stage_of_list(store) as made:
        publish_list(made, *(location(f"1-{n}", "Good", "2026-11-20") for n in range(30)))
        [polling] = await made.poll(BEGIN)
        snapshot = await store.records.snapshot("feed")

    assert polling.trouble is None
    assert snapshot is not None
    assert snapshot.rows == 30


@pytest.mark.parametrize(("most", "trouble"), [(2, "the list has 3 things, and most is 2"), (3, None)])
async def test_a_list_with_more_things_than_may_be_asked_for_is_told_of(
    store: SqlStore, most: int, trouble: str | None
) -> None:
    spec = replace(shipped_spec(), list="things", id="locationId", pages=None, secret_headers=(), most=most)
    async with stage("", store, inspectorate="cqc", known=inspectorates(), spec=spec, path="/all") as made:
        here = replace(spec, detail=made.publisher.url("/{id}"))
        made.poller = replace(made.poller, sources=tuple(replace(s, spec=here) for s in made.poller.sources))
        things = [location(f"1-{n}", "Good", "2026-11-20") for n in range(3)]
        made.publisher.routes["/all"] = say(200, json.dumps({"things": things}).encode())
        for one in things:
            made.publisher.routes[f"/{one['locationId']}"] = say(200, json.dumps(one).encode())
        [polling] = await made.poll(BEGIN)

    assert polling.trouble == trouble


async def test_a_list_that_would_fill_the_memory_is_not_read(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_api, "MOST_BYTES", 1_000)
    async with stage_of_list(store) as made:
        publish_list(made, *(location(f"1-{n}", "Good", "2026-11-20") for n in range(10)))
        [polling] = await made.poll(BEGIN)

    assert polling.trouble == "the list is larger than 1,000 bytes"
