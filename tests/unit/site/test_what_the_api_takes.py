"""The API takes what its description says and nothing else: each bound is tried from both sides."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from builders import DAY, a_provider, a_rating, a_story, an_edition
from desk import BASE, Service
from worlds import publish

from digest.site.api.routes import OPERATIONS

Visitor = httpx2.AsyncClient
API = f"{BASE}/api/v1"
IN_PATHS = {"{id}": "kent-pdu", "{day}": str(DAY)}
SPACES = [one for one in map(chr, range(sys.maxunicode + 1)) if one.isspace()]
KNOWN = {"inspectorate": "hmi-probation", "area": "Kent", "provider": "kent-pdu", "watched": "kent-pdu"}


@pytest.fixture
async def told(service: Service) -> Service:
    await service.store.providers.load([a_provider(area="Kent")], [a_rating()])
    service.clock.on(days=30)
    await publish(service, an_edition(a_story(1)))
    return service


def within(schema: dict[str, Any]) -> Iterator[list[str]]:
    """Values of a parameter at the bounds of its schema."""
    match schema:
        case {"type": "integer", "minimum": least, "maximum": most}:
            yield from ([str(least)], [str(least + 1)], [str(most)])
        case {"type": "array", "items": {"maxLength": longest}, "maxItems": most}:
            yield from (["x"], ["x"] * most, ["x" * longest], [f"n{n}" for n in range(most)])
        case {"enum": names}:
            yield from ([one] for one in names)
        case {"format": "date"}:
            yield from (["0001-01-01"], [str(DAY)], ["9999-12-31"])
        case {"type": "string", "minLength": least, "maxLength": longest}:
            yield from (["x" * least], ["ł" * longest])
        case _:
            raise AssertionError(f"a schema that this test does not know: {schema}")


def outside(schema: dict[str, Any]) -> Iterator[list[str]]:
    """Values that are just not what a schema describes."""
    yield from ([""], [" "], ["\t\n"], ["\0"], ["", ""], ["".join(SPACES)])
    match schema:
        case {"type": "integer", "minimum": least, "maximum": most}:
            yield from ([str(least - 1)], [str(most + 1)], [str(least)] * 2, ["1" * 400], [f"0{most}"])
            yield from ([one] for one in ("x", "1.0", "1e1", "+1", "-1", " 1", "1 ", "٣", "1_0", "²", "null"))
        case {"type": "array", "items": {"maxLength": longest}, "maxItems": most}:
            yield from (["x"] * (most + 1), ["x" * (longest + 1)], ["", "x"], ["x", ""], ["x", "\0x"])
        case {"enum": [one, *_]}:
            yield from ([one, one], [one.upper()], ["true"], [f"{one} "])
        case {"format": "date"}:
            yield from ([one] for one in ("spring", "20260310", "2026-W10-2", "2026-02-30", "٢٠٢٦-٠٣-١٠"))
            yield from (["2026-03-10"] * 2, ["2026-03-10T00:00:00"], ["0000-01-01"], ["10000-01-01"])
        case {"maxLength": longest}:
            yield from (["x"] * 2, ["x" * (longest + 1)])


async def described(site: Visitor) -> Iterator[tuple[str, dict[str, Any]]]:
    """The address of each operation, and what the description that is served says of it."""
    found = (await site.get(f"{API}/openapi.json")).json()
    return iter([(_address(path), on["get"]) for path, on in found["paths"].items()])


def _address(path: str) -> str:
    for name, value in IN_PATHS.items():
        path = path.replace(name, value)
    return API + path


async def test_each_bound_that_the_description_states_is_the_one_that_is_kept(
    site: Visitor, told: Service
) -> None:
    tried = set()
    for address, operation in await described(site):
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                continue
            name, schema = parameter["name"], parameter["schema"]
            for values in within(schema):
                answer = await site.get(f"{address}?{urlencode({name: values}, doseq=True)}")
                assert answer.status_code in {200, 404}, (address, name, values, answer.text)
            for values in outside(schema):
                answer = await site.get(f"{address}?{urlencode({name: values}, doseq=True)}")
                assert answer.status_code == 400, (address, name, values)
                assert answer.json()["detail"].startswith(f"{name} is "), answer.text
            tried.add((operation["operationId"], name))
    assert tried == {
        (one.name, each.name) for one in OPERATIONS for each in one.parameters if not each.in_path
    }


LONGEST_HEAD = 60_000  # octets of a request that the web server surely reads: it stops at 65,536


async def test_the_longest_question_that_the_description_allows_is_still_read(
    site: Visitor, told: Service
) -> None:
    """A letter outside the first plane has twelve octets in an address."""
    for address, operation in await described(site):
        asked = {
            one["name"]: _longest(one["schema"]) for one in operation["parameters"] if one["in"] == "query"
        }
        question = urlencode(asked, doseq=True)
        assert len(f"{address}?{question}") < LONGEST_HEAD - 1000  # for the headers
        answer = await site.get(f"{address}?{question}")
        assert answer.status_code in {200, 404}, (address, answer.text)


def _longest(schema: dict[str, Any]) -> list[str]:
    match schema:
        case {"type": "array", "items": {"maxLength": longest}, "maxItems": most}:
            return ["\U00020000" * longest] * most
        case {"type": "string", "maxLength": longest}:
            return ["\U00020000" * longest]
        case _:
            return max(within(schema), key=lambda one: len(one[0]))


async def test_a_parameter_that_is_not_described_is_named_with_those_that_are(
    site: Visitor, told: Service
) -> None:
    for address, operation in await described(site):
        names = [one["name"] for one in operation["parameters"] if one["in"] == "query"]
        for query in ("colour=red", "limits=1", "Limit=1", "limit%5B%5D=1", "id=x", "day=x"):
            answer = await site.get(f"{address}?{query}")
            assert answer.status_code == 400, (address, query)
            said = answer.json()["detail"]
            assert all(name in said for name in names) or "This address takes none." in said
        assert "400" in operation["responses"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "limit is one whole number from 1 to 200."),
        ("limit=1&limit=2", "limit is one whole number from 1 to 200."),
        ("area=&area=Kent", "area is a name of at most 80 characters and never empty, up to 10 times."),
        ("commentary=maybe", "commentary is yes or no, once."),
        (
            "colour=red",
            "There is no parameter “colour” here. Those that this address takes are: inspectorate,",
        ),
        ("%1B%5B31m%0Ax=1", "There is no parameter “[31m x” here."),
        (f"{'x' * 1000}=1", f"There is no parameter “{'x' * 40}” here."),
    ],
)
async def test_what_is_wrong_is_said_of_the_parameter_that_is_wrong(
    site: Visitor, told: Service, query: str, said: str
) -> None:
    answer = await site.get(f"{API}/reports?{query}")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(said)


async def test_each_kind_of_space_alone_is_no_name(site: Visitor, told: Service) -> None:
    """What counts as a space differs between programs; an empty name would be left out of the question."""
    for space in SPACES:
        answer = await site.get(f"{API}/reports?{urlencode({'area': space})}")
        assert answer.status_code == 400, repr(space)
    answer = await site.get(f"{API}/reports?{urlencode({'area': chr(0x202E) + 'tnek'})}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "We know nothing of this name: tnek")


async def test_all_parameters_together_are_still_taken(site: Visitor, told: Service) -> None:
    wished = [*KNOWN.items(), ("area", " Kent "), ("commentary", "no")]
    every = urlencode([*wished, ("limit", "1"), ("before", "10")])

    answer = await site.get(f"{API}/reports?{every}")

    assert answer.status_code == 200, answer.text
