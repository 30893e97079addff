"""The archive: each edition in the calendar of its month, with how many moved, in words."""

from __future__ import annotations

import html
import re
from datetime import date

import httpx2
import pytest
from builders import a_change, a_story, an_edition
from desk import BASE, Service
from worlds import publish

from digest.changes import Movement
from digest.edition import SectionKind
from digest.site.archive import month_of

Visitor = httpx2.AsyncClient

DOWN = a_change(Movement.DOWNGRADE, "inadequate", before="good")


def days(page: str) -> list[tuple[str, str]]:
    """The day that each link of the calendar leads to, and what it says."""
    links = re.findall(r'<a href="\.\.?/(?:\.\./)?edition/([\d-]+)">(.*?)</a>', page, re.DOTALL)
    spoken = [(day, re.sub(r"<span[^>]*aria-hidden.*?</span>", "", text)) for day, text in links]
    return [(day, " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())) for day, text in spoken]


@pytest.fixture
async def told(service: Service) -> Service:
    """Editions of two months; between them one without any."""
    third = an_edition(
        a_story(1), a_story(2), a_story(3, SectionKind.DOWNGRADES, change=DOWN), day=date(2026, 3, 3)
    )
    quiet = an_edition(a_story(4, SectionKind.NEWS, change=None), day=date(2026, 3, 8))
    spring = an_edition(a_story(5, SectionKind.DOWNGRADES, change=DOWN), day=date(2026, 5, 1))
    later = an_edition(a_story(6), day=date(2026, 6, 1))
    service.clock.on(days=70)
    await publish(service, third, quiet, spring, later)
    return service


async def test_each_day_with_an_edition_says_what_moved(site: Visitor, told: Service) -> None:
    march = (await site.get("/archive/2026-03")).text

    assert days(march) == [
        ("2026-03-03", "Tuesday 3 March: 1 down, 2 up"),
        ("2026-03-08", "Sunday 8 March: 1 story"),
    ]
    assert 'class="none from-7" aria-hidden="true"' in march  # the 1st, a Sunday
    assert f'<link rel="canonical" href="{BASE}/archive/2026-03">' in march


async def test_months_lead_to_each_other_and_one_without_editions_says_so(
    site: Visitor, told: Service
) -> None:
    april = (await site.get("/archive/2026-04")).text

    assert days(april) == []
    assert "There were no editions in April 2026." in april
    assert re.findall(r'rel="(\w+)" href="\.\./archive/([\d-]+)"', april) == [
        ("prev", "2026-03"),
        ("next", "2026-05"),
    ]


async def test_the_archive_shows_the_newest_public_month_and_links_to_all(
    site: Visitor, told: Service
) -> None:
    archive = (await site.get("/archive")).text

    assert days(archive) == [("2026-05-01", "Friday 1 May: 1 down")]  # that of June is to come
    months = archive[archive.index("All months") :]
    assert re.findall(r'href="\./archive/([\d-]+)"', months) == ["2026-03", "2026-05"]
    assert "April: no editions" in months
    assert "June" not in archive
    assert archive.count('<li class="none') + len(days(archive)) < 31, "days to come are not shown"


@pytest.mark.parametrize("month", ["2026-02", "2026-06", "2026-13", "26-03", "2026-3", "march", "٢٠٢٦-03"])
async def test_there_is_no_month_before_the_first_edition_or_after_the_last(
    site: Visitor, told: Service, month: str
) -> None:
    assert (await site.get(f"/archive/{month}")).status_code == 404


async def test_an_archive_without_editions_says_so(site: Visitor) -> None:
    answer = await site.get("/archive")

    assert answer.status_code == 200
    assert "There are no editions yet." in answer.text


def test_a_month_is_written_as_a_year_and_a_month() -> None:
    assert month_of("2026-11") == date(2026, 11, 1)
    assert month_of("0000-01") is None
