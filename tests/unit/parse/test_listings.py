"""Pages that list reports."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from digest.errors import ParseError
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


@pytest.mark.parametrize(
    ("selectors", "said"),
    [
        ({"item": ".report", "link": "a"}, "nothing stands at item: '.report' in the page"),
        ({"item": "li", "link": "h3 a"}, "2 stand at item: 'li', but nothing stands at link: 'h3 a' within"),
        ({"item": "ul", "link": "h3 a"}, "one stands at item: 'ul', but nothing stands at link: 'h3 a'"),
        (
            {"item": "li", "link": "i"},
            "2 stand at item: 'li', but what stands at link: 'i' within has no",
        ),
    ],
)
def test_the_selector_that_finds_nothing_is_named(selectors: dict[str, str], said: str) -> None:
    page = b'<ul><li><a href="/elm">Elm House</a><i></i></li><li><a href="/oak">Oak</a><i></i></li></ul>'

    with pytest.raises(ParseError) as error:
        parse_listing(
            page,
            content_type="text/html",
            url="https://a.example/all",
            spec=ListingSpec(**selectors),
            zone=ZoneInfo("Europe/London"),
        )

    assert said in str(error.value)
