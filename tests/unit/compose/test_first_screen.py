"""The first screen of an edition, and the cards below: what a busy reader learns, in both parts."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import inspectorates
from sample_editions import (
    CUTOFF,
    LEAVE,
    MANAGE,
    SENDER,
    SHARE_PAGE,
    a_change,
    a_downgrade,
    a_first_rating,
    a_full_day,
    a_heavy_day,
    a_late_story,
    a_news_item,
    a_not_comparable,
    a_record_story,
    a_stand_in,
    a_subscription,
    a_thematic,
    an_edition,
    an_opinion,
    an_unchanged,
    durham,
)
from shelf import a_report_card
from test_mail_words import folded, reading

from digest.changes import Movement
from digest.edition import Earlier, SectionKind, SourceNote, UnopenedPage
from digest.ratings import Precision
from digest.records import Cause
from digest.reports import FindingKind, Quote
from digest.subscriptions import Wishes

KENT = replace(
    a_downgrade(),
    earlier=(
        Earlier(grade="good", since=date(2016, 5, 1)),
        Earlier(grade="requires improvement", since=date(2019, 1, 1), precision=Precision.ROUND),
        Earlier(grade="good", since=date(2023, 6, 20)),
    ),
)


@pytest.fixture
def parts(text_of, html_of):
    """The text, and the words of the HTML in one line."""

    def read(*stories, **named):
        edition = stories[0] if hasattr(stories[0], "sections") else an_edition(*stories)
        given = {"known": inspectorates()} | named
        html = folded(" ".join(reading(html_of(edition, **given)).words))
        return text_of(edition, **given), html.replace(" ,", ",").partition("Inspections at Noon")[2]

    return read


def test_the_day_comes_first_in_words_then_a_row_for_each_move(parts):
    for words in parts(a_full_day()):
        said = folded(words)
        places = [
            said.index(one)
            for one in (
                "Tuesday 3 March 2026",
                "1 down, 1 up, 1 mixed",
                "Good (2023) to Inadequate",
                "One post in three stands empty",
                "Requires improvement (2018) to Good",
                "4 more inspections, 1 rating that only a blog reports, 1 other report, 2 blog posts",
            )
        ]
        assert places == sorted(places)


def test_prisons_have_one_row_with_their_tests(parts):
    text, html = parts(replace(a_late_story(), late_from=None))

    row = text.partition("- ")[2].partition("To read")[0]
    assert folded(row) == (
        "Mixed: HMP Eastmoor, 1 down, 1 up Purposeful activity: Reasonably good (2023) to Poor "
        "Safety: Poor (2023) to Reasonably good Safer, but idle"
    )
    assert "Mixed: 1 down, 1 up" in html


def test_a_day_that_is_too_full_says_how_many_more_are_on_the_web(parts, html_of):
    text, html = parts(a_heavy_day(60))

    more = re.search(r"And (\d+) more (up|down)(, (\d+) more up)?\.", html)
    assert more
    said = re.search(
        r"A busy day: of 60 stories, (\d+) are told in full below, (\d+) in short, "
        r"and (\d+) are only on the web\.",
        folded(html),
    )
    assert said
    assert sum(map(int, said.groups())) == 60
    assert more[0] in folded(text)
    assert said[0] in folded(text)
    assert f"To read it on the web: {SHARE_PAGE}" in folded(text)
    assert html.count("Northern Service") > 60 - int(more[1]) > 10


def test_leave_is_never_the_first_link_and_the_web_copy_comes_before_it(html_of):
    html = html_of(a_full_day(), known=inspectorates())

    links = [attrs["href"] for tag, attrs in reading(html).tags if tag == "a"]
    assert links[0] == SENDER.service_url
    assert links.index(LEAVE) > links.index(SHARE_PAGE)


def test_mail_programs_show_the_next_moves_after_the_subject(html_of):
    html = html_of(a_full_day(), known=inspectorates())

    ahead = folded("".join(reading(html).words)).partition("Inspections at Noon")[0]
    assert ahead.startswith("HMP Eastmoor: Mixed: 1 down, 1 up")
    assert "Durham Tees Valley CRC: Requires improvement (2018) to Good" in ahead
    assert "Kent West" not in ahead


def test_boxes_show_the_grade_before_and_the_grade_now(html_of):
    html = html_of(an_edition(a_downgrade()), known=inspectorates())

    boxes = [attrs["class"] for tag, attrs in reading(html).tags if "box" in (attrs.get("class") or "")]
    assert boxes == ["box box-down", "box", "box before", "box"]


def test_only_the_grade_before_is_outlined(html_of):
    """Else it looks like the others where a program turns the colours round: faint lines get light there."""
    html = html_of(an_edition(a_downgrade()), known=inspectorates())

    boxes = [attrs for tag, attrs in reading(html).tags if "box" in (attrs.get("class") or "")]
    assert [one["class"] for one in boxes if "border" in one["style"]] == ["box before"]


def test_a_correction_of_a_publisher_has_no_colour_of_a_move(html_of):
    story = a_record_story(cause=Cause.CORRECTION, section=SectionKind.CORRECTIONS)

    html = html_of(an_edition(story), known=inspectorates())

    boxes = [attrs["class"] for tag, attrs in reading(html).tags if "box" in (attrs.get("class") or "")]
    assert "box box-now" in boxes
    assert not {"box box-up", "box box-down"} & set(boxes)


def test_only_what_stayed_has_the_sign_of_equality(html_of):
    html = html_of(an_edition(an_unchanged(), a_first_rating(), a_not_comparable()), known=inspectorates())

    signs = re.findall(r'<span role="img" aria-label="([^"]*)">([^<]*)</span>', html)
    assert sorted(signs) == [("First rating", "○"), ("Not comparable", "○"), ("Unchanged", "=")]


def test_there_is_no_strip_of_a_grade_before_alone_but_of_a_withdrawn_rating(html_of):
    """It would look like the grade now."""
    assert 'class="strip"' not in html_of(an_edition(a_not_comparable()), known=inspectorates())
    gone = html_of(an_edition(withdrawn_from_kent()), known=inspectorates())
    assert 'class="strip"' in gone
    assert "Outlined: before." in gone
    assert "Filled: now." not in gone


def test_the_we_of_an_inspectorate_has_its_speaker(html_of, text_of):
    html, text = html_of(an_edition(withdrawn_from_kent())), text_of(an_edition(withdrawn_from_kent()))

    said = "HM Inspectorate of Probation: “We have rated Kent West ‘Inadequate’, two steps below our last"
    assert said in folded("".join(reading(html).words)).partition("Inspections at Noon")[0]
    assert folded("".join(reading(html).words)).count(said) == 2  # also in its row
    assert said in folded(text)


def withdrawn_from_kent():
    gone = a_change(Movement.WITHDRAWN, before="good", after=None)
    return replace(a_downgrade(), section=SectionKind.WITHDRAWN, change=gone)


def test_what_the_day_may_lack_is_told_before_the_first_story(parts):
    unread = SourceNote(name="Prisons", checked_at=CUTOFF - timedelta(days=3), trouble="timeout")
    held = SourceNote(name="Care", checked_at=CUTOFF, trouble=None, held=412)
    paused = SourceNote(name="Blog", checked_at=CUTOFF - timedelta(days=9), trouble=None, paused=True)
    page = UnopenedPage(item=1, title="Kent: a report", link=None)
    closed = SourceNote(name="Probation", checked_at=CUTOFF, trouble=None, unopened=(page, page))
    edition = replace(an_edition(a_downgrade()), sources=(unread, held, paused, closed))

    for words in parts(edition):
        said = folded(words)
        gaps = "Not complete: 1 source not read, 412 new items being checked, 2 pages not opened."
        assert said.index(gaps) < said.casefold().index("what moved")
    for words in parts(an_edition(a_downgrade())):
        assert "Not complete" not in words


def test_with_one_move_mail_programs_show_why(html_of):
    html = html_of(an_edition(a_downgrade()), known=inspectorates())

    ahead = folded("".join(reading(html).words)).partition("Inspections at Noon")[0]
    assert ahead.strip() == "One post in three stands empty, and caseloads have doubled in a year."


# -- the cards ----------------------------------------------------------------------------------------------


def test_a_card_shows_the_grades_before_as_the_register_had_them(parts):
    for words in parts(KENT):
        assert "2016 Good, 2019/2020 Requires improvement, 2023 Good, now Inadequate" in folded(words)


def test_under_a_fall_weaknesses_come_first_and_under_a_rise_strengths(parts):
    for words in parts(a_downgrade()):
        said = folded(words).partition("What moved")[2] or folded(words).partition("WHAT MOVED")[2]
        assert said.index("Why: what must improve") < said.index("What works well")
    for words in parts(durham()):
        said = folded(words)
        assert said.index("Why: what works well") < said.index("What must improve")


@pytest.mark.parametrize(
    "story", [durham(), KENT, a_late_story(), a_stand_in(), a_record_story(), an_unchanged(), a_thematic()]
)
def test_a_card_says_no_sentence_twice(text_of, story):
    """Even if the report's findings, quotes and sentences repeat each other."""
    said = story.evidence or ""
    repeated = replace(
        story,
        findings=(
            *story.findings,
            *story.findings,
            *(replace(durham().findings[0], kind=kind, text=said or "Said once.") for kind in FindingKind),
        ),
        quotes=(Quote(speaker="The Chief Inspector", text=said or "Said once."), *story.quotes),
    )

    text = text_of(an_edition(repeated), known=inspectorates())

    card = folded(text.partition(LEAVE)[2].partition("ABOUT THIS EMAIL")[0])
    sentences = Counter(one.strip(" “”-").casefold() for one in re.split(r"(?<=[.!?])[”]?\s", card))
    assert [one for one, count in sentences.items() if count > 1 and len(one) > 20] == []


def test_aspects_are_a_table_with_the_grades_before_and_now(html_of):
    html = html_of(an_edition(a_late_story()), known=inspectorates())

    table = re.search(r'<table class="aspects[^>]*>.*?</table>', html, re.DOTALL)
    assert table
    cells = [folded("".join(reading(c).words)) for c in re.findall(r"<t[hd].*?</t[hd]>", table[0], re.DOTALL)]
    assert cells == [
        *("Area", "Jan 2023", "Now"),
        *("Purposeful activity", "Reasonably good", "↘ Poor"),
        *("Safety", "Poor", "↗ Reasonably good"),
    ]


def test_ratings_without_an_earlier_one_have_no_column_for_it(html_of):
    html = html_of(an_edition(a_report_card()), known=inspectorates())

    table = re.search(r'<table class="aspects[^>]*>.*?</table>', html, re.DOTALL)
    assert table
    cells = [folded("".join(reading(c).words)) for c in re.findall(r"<t[hd].*?</t[hd]>", table[0], re.DOTALL)]
    assert cells[:4] == ["Area", "First rating", "Achievement", "Urgent improvement"]
    assert cells.count("First rating") == 1


def test_a_card_leads_to_the_report_to_all_ratings_and_to_watching(html_of, text_of):
    html = html_of(an_edition(a_downgrade()), known=inspectorates())
    page = "https://digest.example.org/services/hmi-probation/kent-west-pdu"

    assert f'href="{page}"' in html
    watch = f'href="{MANAGE}/watch?service=kent-west-pdu"'
    assert watch in html
    words = folded("".join(reading(html).words))
    assert "Watch Kent West PDU" in words
    for told in (words, folded(text_of(an_edition(a_downgrade())))):
        assert "All ratings of Kent West PDU" in told
    watching = a_subscription(wishes=Wishes(watched=("kent-west-pdu",)))
    theirs = html_of(an_edition(a_downgrade()), subscription=watching)
    assert watch in theirs
    assert "Stop watching Kent West PDU" in folded("".join(reading(theirs).words))


def test_metadata_is_last_and_small(parts):
    for words in parts(durham()):
        said = folded(words)
        assert said.index("Read the report") < said.index("published 3 March 2026. Inspected: November")


def test_a_stand_in_is_never_said_to_be_published(parts):
    for words in parts(a_stand_in()):
        assert "ublished" not in words
        assert "Probation Notebook, posted 3 March 2026." in folded(words)
        assert "Read the post" in words


def test_what_the_reader_watches_has_a_heading_of_its_own_and_comes_first(parts):
    watching = a_subscription(wishes=Wishes(watched=("oldham-yjs",)))
    for words in parts(a_downgrade(), an_unchanged(), a_first_rating(), subscription=watching):
        said = folded(words).casefold()
        assert said.index("services you watch") < said.index("what moved") < said.index("also inspected")
        assert "you watch oldham yjs." in said
        first_rows = said.partition("services you watch")[0]
        assert first_rows.count("you watch this.") == 1
        assert (
            first_rows.index("still good")
            < first_rows.index("you watch this.")
            < first_rows.index("kent west")
        )


def test_a_late_row_says_so_after_what_it_tells(parts):
    text, _ = parts(replace(a_downgrade(), late_from=date(2026, 3, 2)))

    assert "- Down: Kent West PDU, Good (2023) to Inadequate (late, from Mon 2 March)" in folded(text)


def test_no_line_of_the_text_is_longer_than_a_line_but_for_an_address(parts):
    text, _ = parts(*a_full_day().stories, a_record_story(), KENT)

    for line in text.splitlines():
        assert len(line) <= 72 or re.fullmatch(r"\s*https?://\S+", line)


def test_a_day_without_a_move_says_so(parts):
    for words in parts(an_unchanged(), a_thematic()):
        assert "1 inspected, none up or down" in words
    for words in parts(an_opinion(), a_news_item()):
        assert "No rating moved" in words
        assert "1 blog post, 1 news item" in words


def test_a_blogs_report_alone_is_no_move(parts):
    for words in parts(a_downgrade(), a_stand_in()):
        assert "1 down" in words
        assert "1 rating that only a blog reports" in folded(words)
