"""Items: how we know one again, whatever its source does to ids, links, titles and dates."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digest.items import Item, canonical_link, fingerprint, keys, news


def an_item(number: int = 1, **changes: str | None) -> Item:
    item = Item(
        title=f"Report {number}",
        guid=f"urn:report:{number}",
        link=f"https://example.org/reports/{number}",
        published_raw=f"2026-11-{number % 28 + 1:02}",
        summary=f"What was found at number {number}.",
    )
    return replace(item, **changes)


def seen_after(*documents: list[Item]) -> dict[str, int]:
    """The store's memory after these documents, polled one after the other."""
    seen: dict[str, int] = {}
    for document in documents:
        for number, fresh in enumerate(news(document, seen)[0], start=len(seen) + 1):
            seen |= dict.fromkeys(fresh.keys, number)
    return seen


def titles_of_news(document: list[Item], seen: dict[str, int]) -> set[str]:
    return {fresh.item.title for fresh in news(document, seen)[0]}


# -- one item, told again ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"guid": "build-7f3a"}, id="the site's build made new ids"),
        pytest.param({"published_raw": "2027-01-01"}, id="it was re-dated"),
        pytest.param({"title": "Report 1, corrected"}, id="a typo was mended"),
        pytest.param({"summary": "131 stars"}, id="its text changes all the time"),
        pytest.param({"link": "https://new.example.org/1"}, id="the site moved and kept its ids"),
        pytest.param({"link": "http://www.example.org/reports/1/?utm_source=rss"}, id="tracking"),
        pytest.param({"guid": None, "link": None}, id="title and date are all that is left"),
        pytest.param({"guid": " ", "link": ""}, id="what is blank is absent"),
    ],
)
def test_an_item_that_comes_back_changed_is_not_news(changes):
    seen = seen_after([an_item(1), an_item(2)])

    fresh, known = news([an_item(1, **changes), an_item(2)], seen)

    assert not fresh
    assert [k.id for k in known] == [1, 2]


def test_gov_uk_changes_an_id_with_each_update_and_the_item_stays_the_same():
    place = "https://www.gov.uk/government/news/a-prison"
    first = an_item(guid=f"{place}#2026-11-20T09:30:00Z", link=None, published_raw="2026-11-20")
    edited = replace(
        first, title="A prison, updated", guid=f"{place}#2026-11-23T08:00:00Z", published_raw="x"
    )

    assert not titles_of_news([edited], seen_after([first]))


def test_a_used_id_under_a_new_title_and_link_is_news():
    """A page was rewritten under its old id, and nobody ever heard."""
    seen = seen_after([an_item(1)])
    rewritten = an_item(2, guid="urn:report:1")

    fresh, _ = news([rewritten], seen)

    assert [f.item for f in fresh] == [rewritten]
    assert "id:urn:report:1" not in fresh[0].keys


def test_after_an_id_was_used_again_the_later_item_owns_what_comes_under_it():
    """And the poll after it."""
    rewritten = an_item(2, guid="urn:report:1")
    seen = seen_after([an_item(1)], [rewritten])

    fresh, known = news([replace(rewritten, published_raw="re-dated")], seen)

    assert not fresh
    assert [k.id for k in known] == [max(seen.values())]


def test_a_tombstone_keeps_a_pruned_item_from_coming_back():
    """The text is gone, the keys are not, and the feed still lists it."""
    seen = seen_after([an_item(1), an_item(2)])

    assert not news([an_item(1)], seen)[0]


# -- several items that look alike ------------------------------------------------------------------


def test_one_id_on_all_items_still_tells_them_apart():
    document = [an_item(n, guid="the-feed") for n in range(1, 11)]

    assert len(news(document, {})[0]) == 10
    assert titles_of_news([an_item(11, guid="the-feed"), *document], seen_after(document)) == {"Report 11"}


def test_one_link_on_all_items_still_tells_them_apart():
    document = [an_item(n, link="https://example.org/news") for n in range(1, 6)]

    assert len(news(document, {})[0]) == 5
    assert titles_of_news([an_item(6, link="https://example.org/news"), *document], seen_after(document)) == {
        "Report 6"
    }


def test_items_that_differ_by_their_text_alone_are_told_apart():
    """One id and one link on all items, and no dates."""
    document = [an_item(n, guid="x", link="https://example.org/a", published_raw=None) for n in range(1, 4)]

    assert len(news(document, {})[0]) == 3
    assert not news(document, seen_after(document))[0]


def test_a_blank_id_is_absent():
    document = [an_item(n, guid=blank) for n, blank in enumerate(["", " ", "\t", None], start=1)]

    assert len(news(document, {})[0]) == 4
    assert not any(key.startswith("id:") for own in keys(document).values() for key in own)


def test_the_front_page_is_no_items_own_link():
    """One link on all items, where each document lists one item only."""
    first, second = (an_item(n, link="https://example.org/") for n in (1, 2))

    assert titles_of_news([second], seen_after([first])) == {"Report 2"}


def test_a_page_named_by_its_query_alone_is_an_items_own_link():
    first, second = (an_item(n, guid=None, link=f"https://example.org/?p={n}") for n in (1, 2))

    assert titles_of_news([first, second], seen_after([first])) == {"Report 2"}


def test_an_item_listed_twice_is_one():
    """A category feed joined from two lists it twice, with two summaries; neither hides the known one."""
    twice = [an_item(1, summary="short"), an_item(1, summary="rather longer")]

    assert [f.item.summary for f in news(twice, {})[0]] == ["rather longer"]
    assert not news(twice, seen_after([an_item(1)]))[0]


def test_a_key_fits_a_database_index_however_long_the_id():
    [own] = keys([an_item(guid="x" * 100_000, link="https://example.org/" + "y" * 100_000)]).values()

    assert all(len(key) < 500 for key in own)


# -- laws -------------------------------------------------------------------------------------------

few = st.sampled_from(["a", "b", "https://example.org/a", "https://example.org/b#x", " "])
likely_items = st.builds(
    Item,
    title=st.sampled_from(["A report", "Another", "a  report"]),
    guid=st.none() | few,
    link=st.none() | few,
    published_raw=st.none() | st.sampled_from(["2026-11-23", "yesterday"]),
    summary=st.sampled_from(["", "one", "two"]),
)
documents = st.lists(likely_items, max_size=8)


@given(documents)
def test_a_second_poll_of_the_same_document_brings_no_news(document):
    """Over items as alike as can be."""
    assert not news(document, seen_after([*document]))[0]


@given(documents, documents)
def test_after_any_history_a_second_poll_brings_no_news(before, document):
    assert not news(document, seen_after(before, document))[0]


@given(documents, documents, st.randoms(use_true_random=False))
def test_the_order_of_a_document_does_not_matter(before, document, random):
    seen = seen_after(before)
    shuffled = random.sample(document, len(document))

    assert {f.item: f.keys for f in news(document, seen)[0]} == {
        f.item: f.keys for f in news(shuffled, seen)[0]
    }
    assert set(news(document, seen)[1]) == set(news(shuffled, seen)[1])


@given(documents)
def test_no_key_names_two_items_of_one_document(document):
    own = [key for found in keys(document).values() for key in found]

    assert len(own) == len(set(own))


@given(documents)
def test_every_item_has_a_key(document):
    assert all(keys(document).values())


@given(st.integers(1, 28), st.text(), st.text())
def test_a_new_date_alone_never_makes_news(number, date, later):
    seen = seen_after([an_item(number, published_raw=date)])

    assert not news([an_item(number, published_raw=later)], seen)[0]


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

    assert fingerprint(an_item(summary=one)) == fingerprint(an_item(summary=f"\n {one}\t"))
    assert fingerprint(an_item(summary=one)) != fingerprint(an_item(summary=other))


def test_a_fingerprint_is_stable_between_runs():
    assert fingerprint(Item(title="A", summary="b\n c")) == fingerprint(Item(title="A", summary="b c"))
    assert fingerprint(Item(title="A", summary="\ud800"))
