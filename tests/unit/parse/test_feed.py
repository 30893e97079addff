"""Feeds as they come: each file in `fixtures/feeds` beside the items expected of it, and what is no feed."""

from __future__ import annotations

import json
import pickle
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import feedparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.identity import Seen, Stored, news, sightings
from digest.items import Item
from digest.parse import entries, feed, parse_feed
from digest.parse.entries import to_item

FEEDS = Path(__file__).parents[2] / "fixtures" / "feeds"
EXPECTED = ".expected.json"
LONDON = ZoneInfo("Europe/London")


def parse(body: bytes | str, content_type: str | None = "application/rss+xml") -> tuple[Item, ...]:
    body = body if isinstance(body, bytes) else body.encode()
    return parse_feed(body, content_type=content_type, url="https://example.org/dir/feed", zone=LONDON)


def rss(*entries: str) -> str:
    listed = "".join(f"<item>{entry}</item>" for entry in entries)
    return f"<rss version='2.0'><channel><title>Feed</title>{listed}</channel></rss>"


def told(item: Item) -> dict[str, Any]:
    """An item as the expectations are written: what is absent is left out."""
    fields = {
        "title": item.title,
        "guid": item.guid,
        "link": item.link,
        "published_at": item.published_at and item.published_at.isoformat(),
        "published_raw": item.published_raw,
        "summary": item.summary,
    }
    return {name: value for name, value in fields.items() if value}


@pytest.mark.parametrize(
    "name", sorted(path.name for path in FEEDS.iterdir() if path.is_file() and EXPECTED not in path.name)
)
def test_the_feed_gives_what_is_expected_of_it(name):
    """Among them feeds that are not well-formed, garbled, cut off, or begin with a program's warning."""
    expected = json.loads((FEEDS / (name + EXPECTED)).read_text("utf-8"))

    items = parse_feed(
        (FEEDS / name).read_bytes(),
        content_type=expected["content_type"],
        url=expected["url"],
        zone=LONDON,
    )

    assert [told(item) for item in items] == expected["items"]


# -- what is no feed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "look"),
    [
        ("", "nothing at all"),
        (" \n ", "nothing at all"),
        (
            "<!DOCTYPE html><html><head><title>Just a\nmoment...</title></head></html>",
            "titled “Just a moment...”",
        ),
        ("<html><body><item><title>x</title></item></body></html>", "an HTML page"),
        ('<?xml version="1.0"?><urlset><url/></urlset>', "XML that begins with <urlset>"),
        ('{"items": []}', "JSON that is no JSON Feed"),
        ("{" * 100_000, "JSON that is no JSON Feed"),
        ('{"a":' * 100_000, "JSON that is no JSON Feed"),
        ("Service unavailable, try again later", "text that begins “Service unavailable, try again"),
        (b"%PDF-1.7\n\xe2\xe3", "a file of another kind"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a file of another kind"),
        ("/etc/passwd", "text that begins"),
        ("https://example.org/feed", "text that begins"),
    ],
)
def test_what_is_no_feed_is_named(body, look):
    """A body that happens to be a file's name or an address is opened by nobody."""
    with pytest.raises(ParseError, match=look.replace(".", r"\.")):
        parse(body)


def test_a_feed_of_which_nothing_can_be_read_is_an_error_not_a_quiet_week():
    with pytest.raises(ParseError, match="none of the feed's 2 entries"):
        parse(rss("<guid isPermaLink='false'>1</guid>", "<guid isPermaLink='false'>2</guid>"))
    with pytest.raises(ParseError, match="none of the feed's 1 entries"):
        parse('{"version": "https://jsonfeed.org/version/1", "items": [7]}')


def test_an_empty_json_feed_is_a_quiet_week():
    assert parse('\ufeff {"version": "https://jsonfeed.org/version/1", "items": []}') == ()


def test_what_is_raised_can_leave_the_worker_process():
    with pytest.raises(ParseError) as raised:
        parse("")

    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


# -- what one entry can do to the rest --------------------------------------------------------------

POISON = [
    "<title>&#xD800;&#x110000;&#0;&nosuch;</title>",
    "<title>a\x00b\x0b</title><link>javascript:x</link>",
    "<link>http://[::1/</link><guid>http://[</guid>",
    "<pubDate>99/99/9999 99:99 ZZZ</pubDate><title/>",
    "<title><title><item></title>",
    "<title type='base64'>!!!</title>",
    "<title><![CDATA[unclosed</title>",
    "<link href='http://x:99999999/'/><title>port</title>",
    "<title xml:base='http://['>x</title><link>y</link>",
    "<content:encoded>" + "<b>" * 500 + "</content:encoded>",
    "<enclosure url='http://[' length='x'/>",
    "<category><![CDATA[]]></category><source url='http://['/>",
    "<itunes:image href='http://['/><media:content url='http://['/>",
    "<georss:point>a b c</georss:point><cc:license>http://[</cc:license>",
]


@pytest.mark.parametrize("poison", POISON)
def test_one_poisonous_entry_does_not_lose_its_neighbours(poison):
    items = parse(rss("<title>Before</title><link>/1</link>", poison, "<title>After</title><link>/2</link>"))

    assert {"https://example.org/1"} <= {item.link for item in items}
    assert "Before" in {item.title for item in items}


def test_an_entry_that_the_feed_library_fails_on_is_the_only_one_lost():
    """A second end of an item makes feedparser raise for the whole document."""
    twice_ended = "<title>B</title><link>https:/></item>\n/example.org/b</link>"
    items = parse(rss("<title>A</title>", twice_ended, "<title>C</title><link>/c</link>"))

    assert [item.title for item in items] == ["A", "C"]


def test_an_entry_of_a_shape_nobody_thought_of_is_the_only_one_lost():
    odd = [{"content": [None]}, {"title": "A"}]

    assert [item.title for item in feed._items(odd, "https://example.org/", LONDON)] == ["A"]


def test_where_the_only_entry_makes_the_feed_library_fail_it_is_said():
    with pytest.raises(ParseError, match="feedparser failed"):
        parse(rss("<title>B</title><link>https:/></item>\n/example.org/b</link>"))


@pytest.mark.parametrize(
    "rest", ["<title>Of this ti", "<title>Whole</title><link>https://example.org/rep", ""]
)
def test_of_a_feed_that_was_cut_off_the_last_entry_waits_for_the_next_poll(rest):
    """It would be news twice: once under half a link, once under the whole."""
    body = rss("<title>A</title>", rest).partition(f"{rest}</item></channel>")[0] + rest

    assert [item.title for item in parse(body)] == ["A"]


def test_a_feed_cut_off_in_its_first_entry_is_no_quiet_week():
    [item] = parse("<rss version='2.0'><channel><item><title>A</title><link>https://example.org/a</li")

    assert item.title == "A"


@given(
    st.lists(
        st.sampled_from([*POISON, "<title>A</title><link>/a</link>", "<title>B &amp; C</title>"]), max_size=6
    )
)
@example([])
def test_every_item_is_fit_to_be_kept_and_shown(entries):
    """Whatever comes, an item has a title on one line, and its link leads to the web or is absent."""
    try:
        items = parse(rss(*entries))
    except ParseError:
        return
    for item in items:
        assert item.title
        assert item.title.isprintable()
        assert item.link is None or urlsplit(item.link).scheme in ("http", "https")
        for text in (item.title, item.guid or "", item.link or "", item.summary, item.published_raw or ""):
            assert "\0" not in text
            text.encode()


@given(st.binary(max_size=200) | st.text().map(lambda text: rss(f"<title>{text}</title>").encode()))
def test_bytes_are_a_feed_or_a_parse_error_and_nothing_else(body):
    """The feed library raises what it likes."""
    with suppress(ParseError):
        parse(body)


# -- fields -----------------------------------------------------------------------------------------


def test_a_headline_stays_within_bounds():
    [item] = parse(rss(f"<title>{'word ' * 1000}</title>"))

    assert len(item.title) <= 300
    assert item.title.endswith("word…")


def test_a_feed_that_moves_keeps_its_ids():
    """An id of RSS is a word, not a link, though it says nothing of it."""
    body = rss("<title>A</title><guid>4711</guid><link>/a</link>").encode()
    before, after = (
        parse_feed(body, content_type=None, url=url, zone=LONDON)
        for url in ("https://old.example.org/feed", "https://new.example.org/rss")
    )

    assert [item.guid for item in before + after] == ["4711", "4711"]
    [fresh], _ = news(sightings(before), Seen())
    seen = Seen(keys=dict.fromkeys(fresh.keys, 1), items={1: Stored(id=1, title="A", guid="4711")})
    assert not news(sightings(after), seen)[0]


def test_an_id_is_no_link_unless_it_is_an_address():
    a, b = parse(
        rss("<title>A</title><guid>4711</guid>", "<title>B</title><guid>https://example.org/b</guid>")
    )

    assert (a.link, b.link) == (None, "https://example.org/b")


def test_the_first_date_that_can_be_read_counts():
    [item] = parse(
        rss("<title>A</title><pubDate>soon</pubDate><dc:date>2026-11-23T12:00:00Z</dc:date>").replace(
            "<rss ", "<rss xmlns:dc='http://purl.org/dc/elements/1.1/' "
        )
    )

    assert item.published_raw == "2026-11-23T12:00:00Z"
    assert item.published_at is not None


def test_a_date_that_cannot_be_read_is_kept_as_it_stood():
    [item] = parse(rss("<title>A</title><pubDate>some time\n last week</pubDate>"))

    assert (item.published_at, item.published_raw) == (None, "some time last week")


def test_a_link_that_no_letter_could_hold_is_absent():
    [item] = parse(rss(f"<title>A</title><link>https://example.org/{'a' * 5000}</link>"))

    assert item.link is None


@pytest.mark.parametrize(
    "charset",
    [None, "application/xml", "text/xml", "text/html; charset=utf8", "application/rss+xml; charset=bogus"],
)
def test_utf_8_is_read_whatever_the_server_calls_it(charset):
    [item] = parse(rss("<title>Café – it’s good</title>"), charset)

    assert item.title == "Café – it’s good"


@pytest.mark.parametrize(
    "label",
    [*["undefined", "punycode", "utf-7", "idna", "rot13", "base64", "unicode_escape", "utf-16"], "n/a"],
)
def test_a_label_that_names_no_encoding_of_these_octets_counts_as_none(label):
    """Said by the header, by the feed itself, or by both."""
    body = rss("<title>Café</title>")
    labelled = body.replace("<rss ", f"<?xml version='1.0' encoding='{label}'?>\n<rss ", 1)

    for text, header in [(body, label), (labelled, None), (labelled, label)]:
        kind = f'application/xml; charset="{label}"; x=y' if header else "application/xml"
        assert [item.title for item in parse(text, kind)] == ["Café"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_read_whether_or_not_a_declaration_names_them(encoding):
    body = rss("<title>Café</title>")
    declared = f"<?xml version='1.0' encoding='UTF-16'?>{body}"

    for text in (body, declared):
        for kind in (None, "application/xml", "application/xml; charset=utf-8"):
            assert [item.title for item in parse(text.encode(encoding), kind)] == ["Café"]


@pytest.mark.parametrize(
    "trouble", [OverflowError, AssertionError, UnicodeError, RuntimeError, RecursionError]
)
def test_whatever_one_entry_raises_the_others_are_read(trouble, monkeypatch):
    def stumbles(entry, **facts):
        if entry.title == "B":
            raise trouble("nobody thought of this")
        return to_item(entry, **facts)

    for module in ("feed", "json_feed"):
        monkeypatch.setattr(f"digest.parse.{module}.to_item", stumbles)
    said = {"version": "https://jsonfeed.org/version/1.1", "items": [{"title": t} for t in "ABC"]}

    for body in (rss(*(f"<title>{t}</title>" for t in "ABC")), json.dumps(said)):
        assert [item.title for item in parse(body)] == ["A", "C"]


def test_a_feed_read_twice_gives_the_same_items():
    body = (FEEDS / "wordpress.xml").read_bytes()

    assert parse(body) == parse(body)
    assert {replace(item) for item in parse(body)} == set(parse(body))


# -- elements without end -----------------------------------------------------------------------------------

LONG = 100_000
SHORT = {
    "author": "<author>{}</author>",
    "author with a dot": "<author>a@{}</author>",
    "author in pieces": "<author>{}<b/>{}</author>",
    "author in CDATA": "<author><![CDATA[{}]]></author>",
    "author of a feed that is not well-formed": "<author>{}</author><br>",
    "creator": "<dc:creator>{}</dc:creator>",
    "publisher": "<dc:publisher>{}</dc:publisher>",
    "title": "<title>{}</title>",
    "link": "<link>https://example.org/{}</link>",
    "id": "<guid>{}</guid>",
    "date": "<pubDate>{}</pubDate>",
    "category": "<category>{}</category>",
    "what nobody knows": "<whatever>{}</whatever>",
}


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The longest text that feedparser made something of, by its own name of the element."""
    longest: dict[str, int] = {}
    whole = feedparser.mixin._FeedParserMixin.pop

    def pop(self, element, *more):
        if self.elementstack and self.elementstack[-1][0] == element:
            length = sum(map(len, self.elementstack[-1][2]))
            longest[element] = max(longest.get(element, 0), length)
        return whole(self, element, *more)

    def _search(self, key="author"):
        raise AssertionError("a pattern that takes quadratic time looks for an author's address")

    monkeypatch.setattr(feedparser.mixin._FeedParserMixin, "pop", pop)
    monkeypatch.setattr(feedparser.mixin._FeedParserMixin, "_sync_author_detail", _search)
    return longest


@pytest.mark.parametrize("name", SHORT)
def test_an_element_is_cut_before_anything_is_made_of_it(handed_over: dict[str, int], name: str) -> None:
    element = SHORT[name].replace("{}", "a" * LONG)
    head = "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Feed</title>"
    own = "" if name == "title" else "<title>Kent</title>"

    [item] = parse(f"{head}<item>{element}{own}</item></channel></rss>")

    assert handed_over
    assert max(handed_over.values()) <= entries.LONGEST
    assert name == "title" or item.title == "Kent"


@pytest.mark.parametrize("where", ["managingEditor", "webMaster", "copyright"])
def test_an_element_of_the_feed_itself_is_cut_too(handed_over: dict[str, int], where: str) -> None:
    feed_of = rss("<title>Kent</title>").replace("<item>", f"<{where}>{'a' * LONG}</{where}><item>", 1)

    assert [item.title for item in parse(feed_of)] == ["Kent"]
    assert max(handed_over.values()) <= entries.LONGEST


@pytest.mark.parametrize("element", ["description", "content:encoded"])
def test_a_text_to_read_is_not_cut(element: str) -> None:
    spaces = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    body = rss(f"<title>Kent</title><{element}>{'a' * LONG}</{element}>").replace("<rss", f"<rss {spaces}")

    assert [len(item.summary) for item in parse(body)] == [LONG]


def test_of_many_categories_only_some_are_kept_and_the_entry_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    whole = feedparser.mixin._FeedParserMixin._add_tag

    def add(self, *tag):
        whole(self, *tag)
        kept.append(len(self._get_context()["tags"]))

    monkeypatch.setattr(feedparser.mixin._FeedParserMixin, "_add_tag", add)
    categories = "".join(f"<category>{n}</category>" for n in range(500))

    assert [item.title for item in parse(rss(f"<title>Kent</title>{categories}"))] == ["Kent"]
    assert max(kept) == 100
    assert len(kept) == 200  # each is added without and then with its name


def test_what_a_json_feed_says_without_end_is_cut_as_well() -> None:
    entry = dict.fromkeys(("id", "title", "url", "date_published"), "a" * LONG)
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [entry]})

    [item] = parse(body, "application/feed+json")
    assert item.guid == "a" * entries.LONGEST
    assert len(item.published_raw or "") == entries.LONGEST
    assert item.link is None
