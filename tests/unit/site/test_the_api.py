"""The API: it answers what its description says, in pages that lead to everything once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from builders import DAY, a_provider, a_rating, a_story, an_edition
from desk import BASE, KNOWN, Service
from pydantic import TypeAdapter
from worlds import publish

from digest.errors import StoreError
from digest.site.api.routes import OPERATIONS

Visitor = httpx2.AsyncClient
API = f"{BASE}/api/v1"


@pytest.fixture
async def told(service: Service) -> Service:
    units = [a_provider(area="Kent"), *(a_provider(f"unit-{n}", f"Unit {n}") for n in range(5))]
    await service.store.providers.load(units, [a_rating()])
    service.clock.on(days=30)
    one, other = an_edition(*map(a_story, range(4))), an_edition(a_story(9), day=DAY + timedelta(days=1))
    await publish(service, one, other)
    return service


async def pages(site: Visitor, address: str, key: str, name: str) -> list[Any]:
    """One field of all entries of a list, read page by page."""
    found: list[Any] = []
    following: str | None = address
    followed: set[str] = set()
    while following:
        assert following not in followed, "a page leads back"
        followed.add(following)
        answer = await site.get(following)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [one[name] for one in page[key]]
        following = page["next"]
    return found


async def test_each_answer_is_of_the_type_that_the_description_gives(site: Visitor, told: Service) -> None:
    found = (await site.get("/api/v1/openapi.json")).json()
    examples = {"id": "kent-pdu", "day": str(DAY)}

    assert set(found["paths"]) == {one.path for one in OPERATIONS}
    for one in OPERATIONS:
        answer = await site.get(API + one.path.format(**examples))
        assert answer.status_code == 200, one.path
        assert answer.headers["Content-Type"] == "application/json"
        value = TypeAdapter(one.answer).validate_json(answer.content)
        assert json.loads(TypeAdapter(one.answer).dump_json(value)) == answer.json()
        said = found["paths"][one.path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        name = said["$ref"].rpartition("/")[2]
        schema = found["components"]["schemas"][name]
        assert name == one.answer.__name__
        assert set(schema["required"]) == set(schema["properties"]) == set(answer.json())


@pytest.mark.parametrize(
    ("address", "key", "name", "all_of_them"),
    [
        ("services?limit=2", "services", "id", ["kent-pdu", *(f"unit-{n}" for n in range(5))]),
        ("services?limit=5&inspectorate=hmi-prisons", "services", "id", []),
        ("reports?limit=2", "stories", "number", [2026031100000, *(2026031000000 + n for n in (3, 2, 1, 0))]),
        ("movements?limit=3&area=Kent", "stories", "day", ["2026-03-11", *["2026-03-10"] * 4]),
        ("editions?limit=1", "editions", "day", ["2026-03-11", "2026-03-10"]),
        ("editions?before=2026-03-11", "editions", "stories", [4]),
    ],
)
async def test_the_pages_of_a_list_lead_to_everything_once(
    site: Visitor, told: Service, address: str, key: str, name: str, all_of_them: list[Any]
) -> None:
    assert await pages(site, f"{API}/{address}", key, name) == all_of_them


@pytest.mark.parametrize(
    ("address", "status"),
    [
        *((f"services?{query}", 400) for query in ("limit=0", "limit=x", "limit=201")),
        ("services?inspectorate=nobody", 404),
        ("services?after=a&after=b", 400),
        ("services?after=%00", 400),
        ("services/nobody", 404),
        ("services/%00", 404),
        ("movements?kind=castle", 404),
        ("movements?before=1e3", 400),
        ("editions?before=spring", 400),
        ("editions?before=", 400),
        ("editions?before=2026-W10-2", 400),
        ("editions/spring", 404),
        ("editions/2027-01-01", 404),
        ("nothing", 404),
    ],
)
async def test_what_cannot_be_answered_is_said_as_problem_details(
    site: Visitor, told: Service, address: str, status: int
) -> None:
    answer = await site.get(f"{API}/{address}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


async def test_the_api_only_answers_questions(site: Visitor) -> None:
    answer = await site.post("/api/v1/services")

    assert (answer.status_code, answer.json()["title"]) == (405, "Method Not Allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}


async def test_programs_read_of_trouble_in_their_own_way(
    site: Visitor, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreError("the database is away")

    monkeypatch.setattr(type(service.store.public), "mark", away)

    for path in ("/api/v1/services", "/feeds/reports.atom", "/data/services.csv"):
        answer = await site.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")


async def test_inspectorates_come_with_their_scales_and_licences(site: Visitor, told: Service) -> None:
    found = (await site.get("/api/v1/inspectorates")).json()["inspectorates"]

    assert [one["key"] for one in found] == [one.key for one in KNOWN]
    assert (found[0]["services"], found[0]["rated"], found[0]["licence"]["name"]) == (6, 1, "A licence")
    assert found[0]["scales"][0]["grades"][0] == "outstanding"
    assert found[1]["licence"] is None
