"""Text made fit to keep: what a reader would see, on one line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.parse.text import fit, fold, shortened, text_of_html


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Oak Lodge", "Oak Lodge"),
        ("from 2 < 3 to 3 > 2 & on", "from 2 < 3 to 3 > 2 & on"),
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T&amp;#8217;s", "AT&T’s"),
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("Oak<b>field</b>", "Oakfield"),
        ("a<br/>b\r\n\tc\xa0d", "a b c d"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("a<!-- hidden -->b", "ab"),
        ("so\xadft \u202eliah\u202c \ufeff", "soft liah"),
        ("it\x92s", "it’s"),
    ],
)
def test_markup_is_taken_off(markup, text):
    assert text_of_html(markup) == text


@pytest.mark.parametrize("unit", ["<!--", "<a", "<", "&", "<p ", "&amp;", "</p", "<b>"])
def test_no_markup_takes_quadratic_time(unit):
    """312 KiB of "<!--" took a careless pattern nearly two minutes."""

    def seconds(times: int) -> float:  # of work, whatever else the machine does
        best = float("inf")
        for _ in range(2):
            began = time.process_time()
            text_of_html(unit * times)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(100_000) < 30 * seconds(12_500) + 0.5


@given(st.text())
def test_folded_text_is_one_printable_line(text):
    folded = fold(text)

    assert folded == fold(folded)
    assert "\n" not in folded
    assert "\0" not in folded


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_fit_text_can_be_encoded(text):
    """Lone surrogates come out of JSON and of character references; no database takes them."""
    fit(text).encode()


@given(st.text(), st.integers(2, 50))
def test_shortened_text_is_within_its_bound_and_never_lost(text, length):
    short = shortened(fold(text), length)

    assert len(short) <= length
    assert bool(short) == bool(fold(text))


def test_text_is_cut_between_words():
    assert shortened("The quick brown fox", 12) == "The quick…"
    assert shortened("Antidisestablishmentarianism", 10) == "Antidises…"
