"""A crawler that follows every link of the public site changes nothing, and finds no secret."""

from __future__ import annotations

import pytest
from crawl.world import served
from journey_place import Place


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_whoever_follows_every_link_changes_nothing_and_finds_no_secret(place: Place) -> None:
    async with served(place.config, providers=12, stories=2) as site:
        before = await site.rows()
        crawl = site.crawler(most=5_000)
        await crawl.run("", "sitemap.xml")

        assert crawl.troubles == []
        assert crawl.fetched > 150
        assert await site.rows() == before
