"""Where pages say that feeds are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.parse.offered import feed_title, page_offer, sitemap_offer

HERE = "https://example.org/news/page"


def offered(page: str) -> list[tuple[str, bool]]:
    found = page_offer(page.encode(), content_type="text/html; charset=utf-8", url=HERE)
    return [(one.url, one.declared) for one in found.feeds]


def test_declared_feeds_come_before_links_that_look_like_feeds_each_once() -> None:
    page = """<a href="/rss">RSS</a> <a href="/feeding-time">no</a> <a href="mailto:feed@example.org">no</a>
    <link rel="alternate stylesheet" type="text/css" href="x.css">
    <link rel="Alternate" type="application/atom+xml" href="all.atom#top">
    <link rel="alternate" type="application/rss+xml" href="/rss">"""

    assert offered(page) == [
        ("https://example.org/news/all.atom", True),
        ("https://example.org/rss", True),
    ]


def test_relative_addresses_begin_at_the_base_of_the_page() -> None:
    page = '<base href="https://cdn.example/x/"><link rel="alternate" type="application/rss+xml" href="f">'

    assert offered(page) == [("https://cdn.example/x/f", True)]


def test_addresses_that_are_none_are_left_out() -> None:
    page = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}">'
        for href in (
            "javascript:feed()",
            "https://[bad/feed",
            "ftp://example.org/feed",
            "https://a b/feed",
            "",
        )
    )

    assert offered(page) == [(HERE, True)]


def test_a_feeds_own_title_is_not_that_of_an_entry() -> None:
    rss = b"<rss><channel><title><![CDATA[Prisons &amp; more]]></title><item><title>One</title></item>"
    assert feed_title(rss, content_type=None) == "Prisons & more"
    assert feed_title(b"<feed><entry><title>One</title></entry></feed>", content_type=None) == ""
    assert feed_title(b'{"version": "1", "title": "A list"}', content_type=None) == "A list"


def test_a_sitemap_offers_what_looks_like_a_feed() -> None:
    text = (
        b"<urlset><loc> https://a.example/feed?a=1&amp;b=2 </loc><loc>https://a.example/about</loc></urlset>"
    )

    assert sitemap_offer(text) == ("https://a.example/feed?a=1&b=2",)


@given(
    st.binary(max_size=300),
    st.sampled_from([None, "text/html; charset=undefined", "text/html; charset=utf-16"]),
)
def test_no_page_is_too_strange(body: bytes, content_type: str | None) -> None:
    page_offer(body, content_type=content_type, url=HERE)
    feed_title(body, content_type=content_type)
    sitemap_offer(body)
