"""Pages that list reports."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from digest.parse.listing import parse_listing
from digest.source_specs import ListingSpec


def test_a_base_that_is_no_address_is_not_heeded() -> None:
    page = b'<base href="http://["><ul><li><a href="/elm">Elm House</a></li></ul>'
    listed = parse_listing(
        page,
        content_type="text/html",
        url="https://a.example/all",
        spec=ListingSpec(item="li"),
        zone=ZoneInfo("Europe/London"),
    )
    assert [one.link for one in listed.items] == ["https://a.example/elm"]
