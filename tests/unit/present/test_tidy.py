"""Foreign text and links on their way into a message."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sample_editions import a_story

from digest.edition import SectionKind
from digest.present.tidy import LONGEST_TEXT, clip, one_line, tidy, web_link

ANY_TEXT = st.text(st.characters(), max_size=200)


@given(ANY_TEXT)
def test_any_text_becomes_one_printable_line(text):
    """A newline in a title must reach no header."""
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Cn", "Zl", "Zp"} for c in line)
    line.encode()


@given(ANY_TEXT)
@example("a \x00 b")
def test_tidying_twice_changes_nothing_more(text):
    assert one_line(one_line(text)) == one_line(text)


def test_a_name_cannot_be_shown_backwards():
    assert one_line("Gwent \u202edooG\u202c") == "Gwent dooG"


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧 at home",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f England",
        "Ōtautahi – Zoë’s",
    ],
)
def test_emoji_flags_and_accents_stay_whole(text):
    assert one_line(text) == text


def test_a_page_in_a_title_is_cut_at_a_word():
    cut = one_line("word " * 1000)

    assert len(cut) <= LONGEST_TEXT
    assert cut.endswith("word…")


@given(st.text(max_size=80), st.integers(5, 60))
def test_clipped_text_fits_and_says_that_it_was_clipped(text, longest):
    clipped = clip(text, longest)

    assert len(clipped) <= longest
    assert clipped == text or clipped.endswith("…")


def test_every_text_of_a_story_is_tidied_and_nothing_else_is_touched():
    story = a_story(title="Two\r\nlines", provider_name="A\x00B")

    tidied = tidy(story)

    assert (tidied.title, tidied.provider_name) == ("Two lines", "AB")
    assert tidied.section is SectionKind.UPGRADES
    assert (tidied.key, tidied.found_at, tidied.change) == (story.key, story.found_at, story.change)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "//no-scheme.example.org/",
        "mailto:someone@example.org",
        "https://",
        "https://gov.uk@evil.example.org/",
        "https://example.org/a b",
        "https://example.org/\r\nBcc: x@example.org",
        "https://example.org/\u202egro",
        "http://[::1",
        "https://example.org/" + "a" * 1000,
        "",
    ],
)
def test_a_reader_is_led_nowhere_but_to_the_plain_web(link):
    assert web_link(link) is None


def test_a_sound_link_stays_as_it_is():
    link = "https://example.org/reports/2026/03/?id=7&page=2#findings"

    assert web_link(f" {link}\n") == link


@given(ANY_TEXT)
def test_no_link_can_break_out_of_its_brackets_or_quotes(text):
    link = web_link("https://example.org/" + text)

    assert link is None or not set(link) & set("<>\"' \r\n")
