"""CSV files of the public site: whole, written in parts, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import pytest
from builders import DAY, a_change, a_provider, a_rating, a_story, an_edition
from desk import BASE, Service
from worlds import publish

from digest.changes import Movement
from digest.edition import SectionKind
from digest.pages.wished import Wished
from digest.ports.public import StoryPart, ToldStory
from digest.providers import Register
from digest.reports import Judgement
from digest.site.told import pages_of
from digest.subscriptions import Wishes

Visitor = httpx2.AsyncClient


@pytest.fixture
async def told(service: Service) -> Service:
    ratings = [a_rating("good", date(2024, 3, 5)), a_rating("poor", aspect="staff", provider="ash")]
    units = [a_provider(name="=HYPERLINK(1)", area="Kent"), a_provider("ash", "Ash, “Elm”\n& Co")]
    await service.store.providers.load(units, ratings)
    service.clock.on(days=30)
    staff = a_change(Movement.DOWNGRADE, "inadequate", aspect="staff", before="good")
    judged = Judgement(aspect="staff", grade="inadequate", evidence="Poor.")
    both = a_story(1, provider_name="+1 Kent", aspects=(staff,), judgements=(judged,))
    await publish(service, an_edition(both, a_story(2, SectionKind.NEWS, provider=None, provider_name=None)))
    return service


def rows(content: bytes) -> list[dict[str, str]]:
    text = content.decode()
    assert text.count("\n") == text.count("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_the_file_of_services_has_a_line_for_each(site: Visitor, told: Service) -> None:
    answer = await site.get("/data/services.csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    [ash, kent] = rows(answer.content)
    assert (ash["id"], ash["name"], ash["aspects"]) == ("ash", "Ash, “Elm” & Co", "staff: inadequate")
    assert (kent["name"], kent["grade"], kent["since"]) == ("'=HYPERLINK(1)", "good", "2024-03-05")
    assert kent["page"] == f"{BASE}/services/hmi-probation/kent-pdu-hyperlink-1"
    assert (kent["licence"], kent["attribution"]) == ("A licence", "Contains what A licence covers.")


async def test_the_file_of_movements_has_a_line_for_each_grade(site: Visitor, told: Service) -> None:
    found = rows((await site.get("/data/movements.csv")).content)

    assert [(one["aspect"], one["movement"], one["before"], one["after"]) for one in found] == [
        ("overall", "upgrade", "requires improvement", "good"),
        ("staff", "downgrade", "good", "inadequate"),
    ]
    assert {one["name"] for one in found} == {"'+1 Kent"}
    assert {one["day"] for one in found} == {str(DAY)}
    assert rows((await site.get("/data/movements.csv?inspectorate=hmi-prisons")).content) == []
    assert (await site.get("/data/movements.csv?kind=castle")).status_code == 404


async def test_who_has_a_file_is_told_so_before_anything_is_read(site: Visitor, told: Service) -> None:
    tag = (await site.get("/data/movements.csv")).headers["ETag"]
    same = {"If-None-Match": tag}
    assert (await site.get("/data/movements.csv", headers=same)).status_code == 304
    assert (await site.get("/data/movements.csv?area=Kent", headers=same)).status_code == 200

    await publish(told, an_edition(day=DAY + timedelta(days=1)))
    assert (await site.get("/data/movements.csv", headers=same)).status_code == 200


async def test_a_file_reads_each_story_about_once() -> None:
    """However many parts it is read in, the store is asked for little more than the file holds."""
    story = a_story(1)
    numbers = range(1000, 0, -1)
    given = 0

    async def wished(among: object, *, until: date, before: int, limit: int) -> StoryPart:
        nonlocal given
        part = [number for number in numbers if number < before][:limit]
        given += len(part)
        stories = tuple(cast("ToldStory", SimpleNamespace(number=number, story=story)) for number in part)
        return StoryPart(stories=stories, before=part[-1] if len(part) == limit else None)

    async def register() -> Register:
        return Register(())

    site: Any = SimpleNamespace(public=SimpleNamespace(wished=wished), register=register, until=DAY)
    found = [one.number async for part in pages_of(site, Wished(wishes=Wishes())) for one in part]

    assert found == list(numbers)
    assert given < 1.05 * len(found)
