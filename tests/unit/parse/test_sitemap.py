"""Sitemaps that are none, or that are meant to do harm."""

from __future__ import annotations

import gzip

import pytest

from digest.errors import ParseError
from digest.parse.sitemap import parse_sitemap
from digest.source_specs import SitemapSpec

SPEC = SitemapSpec(pages="/report/")
HERE = "https://inspectorate.example/sitemap.xml"
LOC = "<url><loc>https://inspectorate.example/report/kent-pdu_2026.pdf</loc></url>"


def titles(body: bytes) -> list[str]:
    return [item.title for item in parse_sitemap(body, url=HERE, spec=SPEC).items]


@pytest.mark.parametrize("packed", [False, True])
def test_a_page_is_called_by_the_last_part_of_its_address(packed: bool) -> None:
    body = f"<urlset>{LOC}<url><loc> /report/a%20b/ </loc></url></urlset>".encode()
    assert titles(gzip.compress(body) if packed else body) == ["Kent pdu 2026", "A b"]


def test_the_place_of_a_picture_is_no_page() -> None:
    picture = "<url><image:image xmlns:image='i'><image:loc>/report/x.png</image:loc></image:image></url>"
    assert titles(f"<urlset>{picture}{LOC}</urlset>".encode()) == ["Kent pdu 2026"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html><body>Not found</body></html>", "its root element is 'html'"),
        (b"", "this is not a sitemap"),
        (b"<urlset><url><loc>/report/1", "this is not a sitemap"),
        (b'<!DOCTYPE u [<!ENTITY a "b">]><urlset/>', "declares entities"),
        (gzip.compress(b"<urlset>", mtime=0)[:-9], "the package is broken"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + b"\xff" * 40, "the package is broken"),
        (b'<?xml version="1.0" encoding="shift_jis"?><urlset/>', "this is not a sitemap"),
        (b'<?xml version="1.0" encoding="unheard-of"?><urlset/>', "this is not a sitemap"),
        (gzip.compress(b" " * 60_000_000, 9, mtime=0), "larger than"),
        (b"<urlset>" + b"<url><loc>/</loc></url>" * 50_001 + b"</urlset>", "more than 50000 addresses"),
    ],
    ids=[
        "a page",
        "nothing",
        "cut off",
        "entities",
        "a broken package",
        "no package",
        "two octets",
        "no encoding",
        "a bomb",
        "too many addresses",
    ],
)
def test_what_is_no_sitemap_is_said_so(body: bytes, why: str) -> None:
    with pytest.raises(ParseError, match=why):
        titles(body)
