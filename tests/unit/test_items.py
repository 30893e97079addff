"""Items: the forms in which their links and texts are compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digest.items import Item, canonical_link, fingerprint, spelled

# -- links ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org/a/b",
        "http://example.org/a/b/",
        "https://www.example.org/a/b",
        "https://EXAMPLE.org:443/a/b",
        "https://example.org./a/b#part-2",
        " https://example.org/a/b?utm_source=rss&UTM_medium=feed ",
        "https://example.org/a/b?fbclid=1&mc_cid=2",
        "https://example.org/a/%62",
    ],
)
def test_one_page_has_one_canonical_link(link):
    assert canonical_link(link) == "//example.org/a/b"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a?p=1", "https://example.org/a?p=2"),
        ("https://example.org/a?gid=1", "https://example.org/a?gid=2"),
        ("https://example.org/a?shareholder=1", "https://example.org/a"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://news.example.org/a", "https://example.org/a"),
    ],
)
def test_two_pages_have_two(one, other):
    assert canonical_link(one) != canonical_link(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/caf%c3%a9", "https://example.org/café"),
        ("https://example.org/~x", "https://example.org/%7Ex"),
        ("https://example.org/a?b=1&a=2", "https://example.org/a?a=2&b=1"),
        ("https://[2001:DB8::1]/a", "http://[2001:db8::1]:80/a/"),
    ],
)
def test_two_spellings_of_one_page_have_one(one, other):
    assert canonical_link(one) == canonical_link(other)


@pytest.mark.parametrize(
    "link", ["", "http://[bad/", "http://x:99999/", "http://x:port/", "mailto:a@b.org", "tag:gov.uk,2005:x/"]
)
def test_what_is_no_web_link_is_left_as_it_is(link):
    assert canonical_link(link) == link


urls = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "ftp"]),
    st.text(alphabet="abW.%:[]0129é ", max_size=8).map(lambda host: "www." + host) | st.text(max_size=8),
    st.text(alphabet="/aé%27 ;?#.", max_size=12),
    st.text(alphabet="?a=%&+é2 #", max_size=12),
)


@given(st.text() | urls)
def test_a_canonical_link_is_its_own(link):
    assert canonical_link(canonical_link(link)) == canonical_link(link)


@given(st.text(), st.text())
def test_a_fingerprint_is_of_the_words_not_of_the_white_space(one, other):
    assume(one.split() != other.split())

    assert fingerprint(Item(title="A", summary=one)) == fingerprint(Item(title="A", summary=f"\n {one}\t"))
    assert fingerprint(Item(title="A", summary=one)) != fingerprint(Item(title="A", summary=other))


def test_a_fingerprint_is_stable_between_runs():
    assert fingerprint(Item(title="A", summary="b\n c")) == fingerprint(Item(title="A", summary="b c"))
    assert fingerprint(Item(title="A", summary="\ud800"))


@given(st.text())
def test_a_text_as_spelled_is_its_own(text):
    assert spelled(spelled(text)) == spelled(text)


def test_a_spelling_is_of_the_words():
    assert spelled("The\u00a0\u2018Marsh\u2019 \u2013 CAFE\u0301") == "the 'marsh' - caf\u00e9"
    assert spelled(unicodedata.normalize("NFD", "Ã‰tÃ©")) == spelled("Ã‰tÃ©")


def test_markup_and_dates_make_no_other_fingerprint():
    one = Item(title="A", summary="<p class='x'>Inspectors &amp; staff</p>", published_raw="2026-11-23")
    other = Item(title="a", summary="Inspectors &#38; staff", published_raw="23 November 2026")

    assert fingerprint(one) == fingerprint(other)
