"""Identity: how an item is known again, whatever its source does to ids, links, titles and dates."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from entries_as_listed import CASES, Document, items_of
from hypothesis import given
from hypothesis import strategies as st

from digest.identity import Fresh, Known, Seen, Stored, is_filler, news, part_of, sightings, similar
from digest.items import Item, fingerprint, spelled


def an_item(number: int = 1, **changes: str | None) -> Item:
    item = Item(
        title=f"Report {number}",
        guid=f"urn:report:{number}",
        link=f"https://example.org/reports/{number}",
        published_raw=f"2026-11-{number % 28 + 1:02}",
        summary=f"What was found at number {number}.",
    )
    return replace(item, **changes)


def look(document: Iterable[Item], seen: Seen) -> tuple[list[Fresh], list[Known]]:
    return news(sightings(document), seen)


def seen_after(*documents: list[Item]) -> Seen:
    """The store's memory after these documents, polled one after the other."""
    keys: dict[str, int] = {}
    items: dict[int, Stored] = {}
    for document in documents:
        fresh, known = look(document, Seen(keys=keys, items=items))
        for one in known:
            keys |= dict.fromkeys(one.keys, one.id)
        for number, new in enumerate(fresh, start=len(items) + 1):
            assert not set(new.keys) & set(keys)
            keys |= dict.fromkeys(new.keys, number)
            items[number] = kept(number, new.item)
    return Seen(keys=keys, items=items)


def kept(number: int, item: Item) -> Stored:
    return Stored(
        id=number,
        title=item.title,
        guid=item.guid,
        link=item.link,
        published_at=item.published_at,
        published_raw=item.published_raw,
        fingerprint=fingerprint(item),
    )


def erased(seen: Seen) -> Seen:
    """The same memory after the items' texts were erased: only the keys are left."""
    return Seen(keys=seen.keys, items={id: Stored(id=id, title=None) for id in seen.items})


def own_keys(document: Iterable[Item]) -> list[tuple[str, ...]]:
    return [one.keys for one in sightings(document)]


def titles_of_news(document: list[Item], seen: Seen) -> set[str]:
    return {fresh.item.title for fresh in look(document, seen)[0]}


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

    fresh, known = look([an_item(1, **changes), an_item(2)], seen)

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

    fresh, _ = look([rewritten], seen)

    assert [f.item for f in fresh] == [rewritten]
    assert "guid:urn:report:1" not in fresh[0].keys


def test_after_an_id_was_used_again_the_later_item_owns_what_comes_under_it():
    """And the poll after it."""
    rewritten = an_item(2, guid="urn:report:1")
    seen = seen_after([an_item(1)], [rewritten])

    fresh, known = look([replace(rewritten, published_raw="re-dated")], seen)

    assert not fresh
    assert [k.id for k in known] == [max(seen.items)]


def test_a_tombstone_keeps_a_pruned_item_from_coming_back():
    """The text is gone, the keys are not, and the feed still lists it."""
    seen = seen_after([an_item(1), an_item(2)])

    assert not look([an_item(1)], seen)[0]


# -- several items that look alike ------------------------------------------------------------------


def test_one_id_on_all_items_still_tells_them_apart():
    document = [an_item(n, guid="the-feed") for n in range(1, 11)]

    assert len(look(document, Seen())[0]) == 10
    assert titles_of_news([an_item(11, guid="the-feed"), *document], seen_after(document)) == {"Report 11"}


def test_one_link_on_all_items_still_tells_them_apart():
    document = [an_item(n, link="https://example.org/news") for n in range(1, 6)]

    assert len(look(document, Seen())[0]) == 5
    assert titles_of_news([an_item(6, link="https://example.org/news"), *document], seen_after(document)) == {
        "Report 6"
    }


def test_items_that_differ_by_their_text_alone_are_told_apart():
    """One id and one link on all items, and no dates."""
    document = [an_item(n, guid="x", link="https://example.org/a", published_raw=None) for n in range(1, 4)]

    assert len(look(document, Seen())[0]) == 3
    assert not look(document, seen_after(document))[0]


def test_a_blank_id_is_absent():
    document = [an_item(n, guid=blank) for n, blank in enumerate(["", " ", "\t", None], start=1)]

    assert len(look(document, Seen())[0]) == 4
    assert not any(key.startswith("guid:") for own in own_keys(document) for key in own)


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

    assert [f.item.summary for f in look(twice, Seen())[0]] == ["rather longer"]
    assert not look(twice, seen_after([an_item(1)]))[0]


def test_a_key_fits_a_database_index_however_long_the_id():
    [own] = own_keys([an_item(guid="x" * 100_000, link="https://example.org/" + "y" * 100_000)])

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
    assert not look(document, seen_after([*document]))[0]


@given(documents, documents)
def test_after_any_history_a_second_poll_brings_no_news(before, document):
    assert not look(document, seen_after(before, document))[0]


@given(documents, documents, st.randoms(use_true_random=False))
def test_the_order_of_a_document_does_not_matter(before, document, random):
    seen = seen_after(before)
    shuffled = random.sample(document, len(document))

    assert {f.item: f.keys for f in look(document, seen)[0]} == {
        f.item: f.keys for f in look(shuffled, seen)[0]
    }
    assert set(look(document, seen)[1]) == set(look(shuffled, seen)[1])


@given(documents)
def test_no_key_names_two_items_of_one_document(document):
    own = [key for found in own_keys(document) for key in found]

    assert len(own) == len(set(own))


@given(documents)
def test_every_item_has_a_key(document):
    assert all(own_keys(document))


@given(st.integers(1, 28), st.text(), st.text())
def test_a_new_date_alone_never_makes_news(number, date, later):
    seen = seen_after([an_item(number, published_raw=date)])

    assert not look([an_item(number, published_raw=later)], seen)[0]


# -- entries as publishers list them --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("documents", "told"), [pytest.param(documents, told, id=name) for name, documents, told in CASES]
)
def test_of_a_list_only_what_is_new_is_news(documents: list[Document], told: list[str]):
    *before, last = map(items_of, documents)

    assert titles_of_news(last, seen_after(*before)) == set(told)


@pytest.mark.parametrize(
    "documents", [pytest.param(documents, id=name) for name, documents, told in CASES if not told]
)
def test_a_listed_item_is_known_by_a_key_and_what_is_new_of_it_is_learnt(documents: list[Document]):
    *before, last = map(items_of, documents)
    _, known = look(last, seen_after(*before))
    _, again = look(last, seen_after(*before, last))

    assert {one.by.partition(":")[0] for one in known} <= {"guid", "page", "moment", "day", "text"}
    assert not any(one.keys for one in again)


def test_a_key_that_belongs_to_another_item_is_named_as_a_clash():
    first = an_item(1)
    [second], _ = look([an_item(2, guid=first.guid)], seen_after([first]))

    assert second.clashes == ("guid:urn:report:1",)
    assert second.clashes[0] not in second.keys


def test_only_an_item_that_says_something_else_is_edited():
    seen = seen_after([an_item(1), an_item(2), an_item(3)])
    respelt = an_item(1, published_raw="later", summary="<b>What</b> was&nbsp;found at NUMBER 1.")
    _, known = look([respelt, an_item(2, title="Report 2, mended"), an_item(3, summary="No.")], seen)

    assert {one.item.title: one.edited for one in known} == {
        "Report 1": False,
        "Report 2, mended": True,
        "Report 3": True,
    }


def test_a_fingerprint_of_an_earlier_version_shows_no_edit():
    seen = seen_after([an_item(1)])
    old = Seen(keys=seen.keys, items={1: replace(seen.items[1], fingerprint="5f" * 16)})

    assert not look([an_item(1, summary="Something else.")], old)[1][0].edited


@pytest.mark.parametrize(
    ("text", "filler"),
    [
        *((one, True) for one in ("", " ", "-", "--", "n/a", "N.A.", "TBC", "0", "000", "none", "NULL", "#")),
        *(
            (one, True)
            for one in ("undefined", "(none)", "[object Object]", "{{ guid }}", "\u00a0", "\u2014")
        ),
        ("00000000-0000-0000-0000-000000000000", True),
        *((one, False) for one in ("1", "00-1", "a", "na-1", "nullarbor", "é", "urn:uuid:0a", "٣")),
    ],
)
def test_an_id_needs_a_letter_or_digit_and_is_no_filler(text: str, filler: bool):
    assert is_filler(text) is filler


@pytest.mark.parametrize(
    ("link", "part"),
    [
        ("/n#one", "#one"),
        ("/n#41", "#41"),
        ("/n", ""),
        ("/n#", ""),
        ("/n#top", ""),
        ("/n#:~:text=good", ""),
        ("/n#2026-11-23T09:30:00Z", ""),
        ("/n#xtor=RSS-1", ""),
        ("/n#topics", "#topics"),
    ],
)
def test_a_fragment_counts_if_it_names_a_part(link: str, part: str):
    assert part_of(link) == part


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("inspection of marsh", "inspection of marsh (updated)", True),
        ("inspectin of marsh", "inspection of marsh", True),
        ("inspection of northfield", "inspection of southfield", False),
        ("inspection of beck", "inspection of peck", False),
        ("report 1", "report 2", False),
        ("report 10000001", "report 10000002", False),
        ("inspection of marsh", "follow-up inspection of marsh", False),
        ("updated", "corrected", False),
    ],
)
def test_a_title_is_the_other_one_mended_or_it_is_not(one: str, other: str, same: bool):
    assert similar(one, other) is similar(other, one) is same


# -- what an earlier version has stored -------------------------------------------------------------------


def before_the_upgrade(*keys: str, item: Item | None) -> Seen:
    stored = kept(1, item) if item else Stored(id=1, title=None)
    return Seen(keys=dict.fromkeys(keys, 1), items={1: stored})


OLD_KEYS = ("id:URN:X", "link:example.org/a", "title:ab46d2f0a1b9a4e0f2b9ed6c0ee2d3d8")


@pytest.mark.parametrize("pruned", [False, True])
def test_an_item_stored_by_an_earlier_version_is_known_and_gets_its_new_keys(pruned: bool):
    item = Item(title="A", guid="URN:X", link="https://example.org/a", published_raw="2026-11-20")

    fresh, [known] = look([item], before_the_upgrade(*OLD_KEYS, item=None if pruned else item))

    assert not fresh
    assert {key.partition(":")[0] for key in known.keys} == {"guid", "page", "day"}


@pytest.mark.parametrize("pruned", [False, True])
def test_a_fragment_that_is_new_after_the_upgrade_is_news(pruned: bool):
    one, two = (
        Item(title=f"Note {n}", guid=f"https://x.example/n#{n}", link=f"https://x.example/n#{n}")
        for n in ("one", "two")
    )
    seen = before_the_upgrade("id://x.example/n", "link:x.example/n", item=None if pruned else one)

    assert (titles_of_news([one], seen), titles_of_news([two], seen)) == (
        ({"Note one"} if pruned else set()),
        {"Note two"},
    )


def test_an_item_that_an_earlier_version_knew_by_a_filler_alone_makes_no_other_known():
    assert titles_of_news([an_item(2, guid="-")], before_the_upgrade("id:-", item=None)) == {"Report 2"}


# -- laws of spelling -------------------------------------------------------------------------------------

words = st.text(alphabet="abcdefgh é'-", min_size=1, max_size=12).filter(lambda t: t.strip(" '-"))
instants = st.integers(0, 8_000).map(
    lambda hours: datetime(2026, 1, 1, 1, 15, tzinfo=UTC) + timedelta(hours=hours)
)
reports = st.builds(
    lambda title, number, at: Item(
        title=f"Visit to {title}",
        guid=f"https://site.example/?p={number}",
        link=f"https://site.example/visits/{number}",
        published_at=at,
        published_raw=at.isoformat(),
    ),
    words,
    st.integers(1, 99),
    instants,
)
_RESPELT = {
    "title in capitals": lambda i: {"title": i.title.upper()},
    "no-break spaces": lambda i: {"title": i.title.replace(" ", "\u00a0\u00a0")},
    "decomposed": lambda i: {"title": unicodedata.normalize("NFD", i.title)},
    "typographic": lambda i: {"title": i.title.replace("'", "\u2019").replace("-", "\u2011")},
    "http": lambda i: {"guid": i.guid.replace("https", "http"), "link": i.link.replace("https", "HTTP")},
    "www": lambda i: {"link": i.link.replace("//", "//WWW.")},
    "slash": lambda i: {"link": f"{i.link}/"},
    "tracking": lambda i: {"link": f"{i.link}?utm_source=rss&fbclid=1#xtor=RSS-1"},
    "date": lambda i: {"published_raw": i.published_at.strftime("%a, %d %b %Y %H:%M:%S GMT")},
}


@given(reports, st.sets(st.sampled_from(sorted(_RESPELT))), st.sampled_from(["", "id", "link", "both"]))
def test_an_item_in_another_spelling_is_the_same_item_also_where_id_or_link_are_new(item, ways, new):
    again = item
    for way in sorted(ways):
        again = replace(again, **_RESPELT[way](again))
    if new in ("id", "both"):
        again = replace(again, guid="build-2")
    if new in ("link", "both"):
        again = replace(again, link="https://moved.example/1")

    fresh, known = look([again], seen_after([item]))

    assert not fresh
    assert [one.id for one in known] == [1]


@given(
    st.lists(reports, max_size=6, unique_by=lambda i: i.link),
    st.lists(reports, max_size=6, unique_by=lambda i: i.link),
    st.booleans(),
)
def test_two_reports_with_ids_links_and_titles_or_instants_of_their_own_are_never_one(before, after, gone):
    seen = seen_after(before)
    fresh, known = look(after, erased(seen) if gone else seen)

    links = {item.link for item in before}
    instants = {(spelled(item.title), item.published_at) for item in before}
    for one in fresh:
        assert one.item.link not in links
    for one in known:
        assert one.item.link in links or (spelled(one.item.title), one.item.published_at) in instants
    assert {one.item for one in (*fresh, *known)} == set(after)


@given(st.lists(likely_items, max_size=6), st.lists(likely_items, max_size=6))
def test_no_item_of_a_list_is_lost_or_counted_twice(before, after):
    fresh, known = look(after, seen_after(before))

    found = [one for sighting in sightings(after) for one, _ in sighting.alike]
    assert set(found) == set(after)
    assert len(found) == len(set(found))
    assert len(fresh) + len(known) == len(sightings(after))


@given(documents)
def test_what_is_erased_is_still_known(document):
    """Only for items whose keys no other item has taken: the rest of them is gone."""
    marked = [replace(i, guid=f"id-{n}", link=f"https://x.example/{n}") for n, i in enumerate(document)]

    assert not look(marked, erased(seen_after(marked)))[0]
