"""The world in `seeds/`: whole, true to its pages, and movable."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from digest.changes import Movement
from digest.demo.world_file import load_world
from digest.edition import SectionKind
from digest.errors import ConfigError
from digest.providers import Register

WORLD_FILE = Path(__file__).parents[3] / "seeds" / "world" / "world.yaml"
PAGES = WORLD_FILE.parent / "pages"
SEED = Path(__file__).parents[4] / "shared" / "seed" / "durham-tees-valley-crc.txt"
DURHAM = "durham-tees-valley-crc-raised-to-good"
WORLD = load_world(WORLD_FILE)


def publication(slug):
    return next(p for p in WORLD.publications if p.slug == slug)


def page(slug):
    return LexborHTMLParser(WORLD.page(publication(slug)).decode())


def bullets(html, opening):
    """The points of every list whose line of introduction starts so."""
    return [
        li.text(strip=True)
        for ul in html.css("article ul")
        if (before := ul.prev) is not None and introduction(before).startswith(opening)
        for li in ul.css("li")
    ]


def introduction(node):
    while node is not None and node.tag == "-text":
        node = node.prev
    return node.text() if node is not None else ""


def test_every_page_is_listed_and_every_listed_page_is_there():
    assert {WORLD.page_file(p) for p in WORLD.publications} == set(PAGES.rglob("*.html"))


@pytest.mark.parametrize("known", WORLD.publications, ids=lambda p: p.slug)
def test_a_page_says_what_its_feed_says(known):
    html = LexborHTMLParser(WORLD.page(known).decode())

    assert html.css_first("h1").text() == known.title
    assert html.css_first("meta[name=description]").attributes["content"] == known.summary
    assert html.css_first("link[rel=canonical]").attributes["href"] == known.path


@pytest.mark.parametrize("known", WORLD.publications, ids=lambda p: p.slug)
@given(first=st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_a_page_names_its_day_in_two_places_and_both_move_with_the_story(known, first):
    moved = next(p for p in WORLD.starting(first).publications if p.slug == known.slug)
    html = LexborHTMLParser(WORLD.starting(first).page(moved).decode())

    stamp = html.css_first("time")
    assert html.css_first("meta[property='article:published_time']").attributes["content"] == str(moved.day)
    assert stamp.attributes["datetime"] == str(moved.day)
    assert stamp.text() == f"{moved.day.day} {moved.day:%B %Y}"
    stamp.decompose()
    months = "January|February|March|April|May|June|July|August|September|October|November|December"
    assert not re.search(rf"\d ({months})", html.body.text())


@given(first=st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_the_story_keeps_its_times_of_day_wherever_it_is_moved(first):
    moved = WORLD.starting(first)

    assert moved.days[0].date == first
    for old, new in zip(WORLD.publications, moved.publications, strict=True):
        assert old.slug == new.slug
        assert new.day - first == old.day - WORLD.days[0].date
        clocks = [p.published_at.astimezone(WORLD.zone).time() for p in (old, new)]
        assert clocks[0] == clocks[1]


@given(first=st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_a_story_moved_back_is_the_story(first):
    assert WORLD.starting(first).starting(WORLD.days[0].date) == WORLD


def test_the_first_poll_comes_before_the_first_day_and_after_the_baseline():
    first = min(p.published_at for day in WORLD.days for p in day.publications)

    assert max(p.published_at for p in WORLD.before) < WORLD.opens_at < first


def test_the_story_has_everything_that_a_reader_should_see_once():
    told = [p for day in WORLD.days for p in day.publications]
    movements = {s.movement for p in told for s in p.expect.stories}

    assert movements == set(Movement) - {Movement.WITHDRAWN}
    assert {p.expect.section for p in told} == {None, *SectionKind} - {
        SectionKind.CORRECTIONS,
        SectionKind.WITHDRAWN,
    }
    assert any(p.expect.joins for p in told)
    assert any(p.expect.follows for p in told)
    assert any(p.expect.stands_in and p.publisher == "blog" for p in told)
    assert any(len(p.expect.stories) > 1 for p in told)
    assert any(not day.publications and not day.readers for day in WORLD.days)
    assert all(p.expect is None for p in WORLD.before)


def test_an_upgrade_and_a_downgrade_fit_the_grades_they_name():
    best_first = ["outstanding", "good", "requires improvement", "inadequate"]
    for story in (s for p in WORLD.publications if p.expect for s in p.expect.stories):
        if story.before is not None:
            step = best_first.index(story.after) - best_first.index(story.before)
            assert (
                story.movement is {-1: Movement.UPGRADE, 0: Movement.UNCHANGED, 1: Movement.DOWNGRADE}[step]
            )


def test_what_each_subscriber_gets_follows_from_their_wishes():
    sections = {
        day.date: [p.expect.section for p in WORLD.publications if p.edition == day.date]
        for day in WORLD.days
    }
    movements = {SectionKind.UPGRADES, SectionKind.DOWNGRADES}
    for day in WORLD.days:
        assert ("everything" in day.readers) == bool(sections[day.date])
        assert ("movements" in day.readers) == bool(movements & set(sections[day.date]))
        followed = WORLD.subscribers[2].wishes.providers
        told = {
            Register(WORLD.providers).named(story.provider).id
            for p in WORLD.publications
            if p.edition == day.date
            for story in p.expect.stories
        }
        assert ("one-provider" in day.readers) == bool(told & set(followed))


def test_no_subscriber_has_an_address_that_could_be_anybodys():
    domains = {s.address.rpartition("@")[2] for s in WORLD.subscribers}

    assert all(re.search(r"(^|\.)example\.(org|net)$", domain) for domain in domains)


def test_the_history_knows_nothing_of_what_the_story_tells():
    assert all(r.published_on is None or r.published_on < WORLD.days[0].date for r in WORLD.history)
    names = Register(WORLD.providers)
    for story in (s for p in WORLD.publications if p.expect for s in p.expect.stories):
        held = [r.grade for r in WORLD.history if r.provider == names.named(story.provider).id]
        assert held in ([], [story.before]) or story.movement is Movement.NOT_COMPARABLE


def test_the_durham_report_lists_its_findings_under_their_headings():
    html = page(DURHAM)

    assert len(bullets(html, "Key strengths")) == 17
    assert len(bullets(html, "Areas for improvement")) == 8
    assert [h.text() for h in html.css("article h3")] == [
        "Organisational delivery",
        "Case supervision",
        "Unpaid work and through-the-gate",
    ]
    expected = publication(DURHAM).expect.stories[0]
    assert (expected.strengths, expected.improvements) == (17, 8)


@pytest.mark.parametrize(
    "sentence",
    [
        "Durham Tees Valley CRC has been rated ‘Good’ overall.",
        "At its last inspection, in 2018, it was rated ‘Requires improvement’.",
        "raised from ‘Requires improvement’ to ‘Good’",
        "Leadership was rated ‘Outstanding’",
        "All four aspects of case supervision",
        "more than 3,600 low and medium-risk offenders",
        "In November and December",
    ],
)
def test_the_durham_report_states_the_facts_of_the_real_one(sentence):
    assert sentence in page(DURHAM).css_first("article").text()


@pytest.mark.skipif(not SEED.exists(), reason="the article is not part of the project")
@pytest.mark.parametrize("known", WORLD.publications, ids=lambda p: p.slug)
def test_no_page_repeats_a_sentence_of_the_article(known):
    html = LexborHTMLParser(WORLD.page(known).decode())
    own = html.css_first("article").text(separator=" ")

    # Twelve words in a row are a sentence's worth; names and stock phrases are shorter.
    assert not runs_of_words(own, 12) & runs_of_words(SEED.read_text(encoding="utf-8"), 12)


def runs_of_words(text, length):
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_what_is_out_grows_by_the_clock_and_includes_the_very_instant():
    durham = publication(DURHAM)

    assert durham.published_at == datetime(2020, 3, 3, 0, 1, tzinfo=UTC)
    assert durham in WORLD.out(durham.published_at)
    assert durham not in WORLD.out(durham.published_at - timedelta(seconds=1))
    assert WORLD.out(WORLD.opens_at) == WORLD.before


# -- a file that is wrong -------------------------------------------------------------------------------


def broken(tmp_path, old, new):
    text = WORLD_FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "world.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "pages").symlink_to(PAGES)
    with pytest.raises(ConfigError) as caught:
        load_world(path)
    return caught.value.problems


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ("format: rss", "format: rrs", "publishers.0.format", "rrs"),
        ("holds: 10", "holds: 0", "publishers.0.holds", "holds: 0"),
        ("movement: upgrade", "movement: upgraded", "days.1.items.0.expect.stories.0.movement", "upgraded"),
        (
            "{ movements_only: true }",
            "{ movement_only: true }",
            "subscribers.1.wishes.movement_only",
            "nt_only",
        ),
        ("zone: Europe/London", "zone: Europe/Londinium", "zone", "Londinium"),
        ('at: "14:00"', 'at: "24:10"', "days.4.items.2.at", "24:10"),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_line(tmp_path, old, new, key, line):
    (problem,) = broken(tmp_path, old, new)

    assert problem.key == key
    assert line in (tmp_path / "world.yaml").read_text(encoding="utf-8").splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("joins: durham-tees-valley-crc-raised-to-good", "joins: nothing-of-the-kind", "nothing-of-the-kind"),
        ("readers: [everything, movements]", "readers: [everything, nobody]", "nobody"),
        ("slug: asking-one-more-question", "slug: the-week-in-the-table", "the-week-in-the-table"),
        ("- date: 2020-03-05", "- date: 2020-03-03", "days in order"),
        ("- publisher: blog", "- publisher: blogger", "blogger"),
        ("        expect: { section: reports }\n", "", "domestic-abuse"),
    ],
)
def test_what_does_not_hang_together_is_named(tmp_path, old, new, words):
    (problem,) = broken(tmp_path, old, new)

    assert words in str(problem)


def test_a_publication_has_one_place_in_an_edition(tmp_path):
    (problem,) = broken(
        tmp_path, "expect: { section: news }", "expect: { section: news, joins: asking-one-more-question }"
    )

    assert problem.key == "days.3.items.2.expect"


def test_a_missing_page_is_named(tmp_path):
    problems = broken(tmp_path, "slug: the-week-in-the-table", "slug: the-week-after")

    assert [Path(p.file).name for p in problems] == ["the-week-after.html"]


def test_bad_yaml_is_named_with_its_line(tmp_path):
    (problem,) = broken(tmp_path, "opens: 06:00", "zone: UTC")

    assert problem.line is not None
    assert "zone" in problem.found


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"", b"- a list\n"])
def test_a_file_that_is_no_world_is_named(tmp_path, content):
    path = tmp_path / "world.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=re.escape("world.yaml")):
        load_world(path)


def test_each_publisher_of_data_has_an_upgrade_and_a_downgrade_from_what_it_stated_before():
    for publisher in WORLD.data:
        moved = [state for state in publisher.states if state.expect]
        assert {state.expect.movement for state in moved} == {Movement.UPGRADE, Movement.DOWNGRADE}
        for state in moved:
            [before] = [one for one in publisher.states if one.id == state.id and one.since is None]
            words = [
                next(word for name, word in one.grades.items() if name.casefold() == state.expect.aspect)
                for one in (before, state)
            ]
            assert [word.casefold() for word in words] == [state.expect.before, state.expect.after]


def test_the_data_moves_with_the_story():
    moved = WORLD.starting(date(2031, 5, 6))
    old, new = WORLD.data[0].states[2], moved.data[0].states[2]

    assert new.since - old.since == new.published - old.published == moved.moved_by
    assert moved.changed_on(new.since) != ()
