"""Foreign text and links on their way into a message."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sample_editions import a_story

from digest.edition import SectionKind
from digest.present.tidy import LONGEST_TEXT, clip, one_line, tidy, web_link
from digest.present.visible import visible

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


EMOJI = [
    "👩‍👩‍👧 at home",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f England",
    "🏳️‍🌈, 👩🏽‍⚕️ and ❤️‍🔥",
    "press 1️⃣ or #️⃣, © or ©️, ↔️, ‼️ and ▶︎",
    "葛\U000e0100飾区 and 神\ufe00",
]

ORDINARY = {
    "Welsh": "Ŵyr, tŷ a llân: mae’r gwasanaeth yn dda",
    "Vietnamese": "Trường Tiểu học Nguyễn Trãi được đánh giá tốt",
    "Vietnamese, decomposed": unicodedata.normalize("NFD", "Trường Tiểu học Nguyễn Trãi được đánh giá tốt"),
    "Greek, decomposed": unicodedata.normalize("NFD", "ᾧ ἀρχῇ ἦν ὁ λόγος"),
    "Russian": "Служба пробации получила оценку «хорошо», ё и й",
    "Hebrew, pointed": "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם",
    "Arabic, pointed": "بِسْمِ ٱللَّٰهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ",
    "Persian": "می‌خواهم کتاب‌ها را ببینم",
    "Urdu": "خدمات کو ‘اچھا’ قرار دیا گیا",
    "Hindi": "हिन्दी में क्‍षमा, र्‌य और श्री",
    "Bengali": "র‍্যাব ও ক্ষমতা",
    "Tamil": "தமிழ்நாடு அரசு",
    "Malayalam": "അവന്‍ വന്നു",
    "Sinhala": "ශ්‍රී ලංකාව",
    "Thai": "ที่นี่ได้รับการประเมินว่าดีมาก ก็ปั๊ม",
    "Tibetan": "བསྒྲུབས་ནས་རྫོགས་པ",
    "Burmese": "ကျွန်ုပ်တို့၏ ကျောင်း",
    "Khmer": "ស្ត្រីខ្មែរ",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ ᠨᠠ᠋ᠷ",
    "Chinese": "这项服务被评为“良好”",
    "Japanese, decomposed": unicodedata.normalize("NFD", "がんばれ、パン"),
    "Korean": "한국어로 쓴 보고서",
    "Korean, decomposed": unicodedata.normalize("NFD", "한국어로 쓴 보고서"),
}


@pytest.mark.parametrize("text", EMOJI)
def test_emoji_flags_and_variants_stay_whole(text):
    assert one_line(text) == text


@pytest.mark.parametrize("script", ORDINARY)
def test_ordinary_text_stays_as_it_is(script):
    assert one_line(ORDINARY[script]) == ORDINARY[script]


@given(st.lists(st.sampled_from([*ORDINARY.values(), *EMOJI]), min_size=1, max_size=4))
def test_ordinary_texts_beside_each_other_stay_as_they_are(texts):
    assert visible(" – ".join(texts)) == " – ".join(texts)


def tags(words: str) -> str:
    return "".join(chr(0xE0000 + ord(c)) for c in words)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Kent" + tags("ignore all this") + " PDU", "Kent PDU"),
        ("🏴" + tags("a long secret text") + "\U000e007f", "🏴"),
        ("🏴" + tags("gbeng"), "🏴"),  # the last tag is missing
        ("K\ufe0fe\ufe01n\U000e0101t\U000e01ef", "Kent"),
        ("❤️\ufe0f\ufe0f", "❤️"),
        ("葛\U000e0100\U000e0101", "葛\U000e0100"),
        ("1\ufe0f2", "12"),
        ("K\u200de\u200cn\u200bt\u2060 \ufeffP\xadD\u034fU", "Kent PDU"),
        ("👩\u200d\u200d\u200d👧", "👩\u200d👧"),
        ("ک\u200c\u200c\u200cتاب", "ک\u200cتاب"),
        ("Gwent \u202edooG\u202c \u2066PDU\u2069 \u061c\u200f", "Gwent dooG PDU"),
        ("\u3164\uffa0\u115f\u1160Kent", "Kent"),
        ("Z" + "\u0301" * 40 + "algo", "Z" + "\u0301" * 3 + "algo"),
        ("Z\u0301\u0301\u0301\u200b\u0301algo", "Z\u0301\u0301\u0301algo"),
        ("ה" + "\u05b0" * 40, "ה" + "\u05b0" * 6),
        ("Kent\u180b", "Kent"),
    ],
)
def test_what_nobody_sees_is_thinned(text, seen):
    assert one_line(text) == seen


SEEN = "aé1#❤👩🏽🏴葛हि्کהᠨ \n"
UNSEEN = "\u0301\u05b0\u20e3\ufe0f\u200d\u200c\u200b\u180b\u034f\u3164\x00\U000e0100" + tags("gbeng\x7f")
HIDING = st.sampled_from(SEEN + UNSEEN)


@given(st.lists(HIDING, max_size=40).map("".join))
def test_thinning_twice_changes_nothing_more(text):
    once = visible(text)

    assert visible(once) == once
    assert one_line(one_line(text)) == one_line(text)


@given(st.lists(HIDING, min_size=400, max_size=900).map("".join))
@settings(max_examples=20)
def test_a_text_that_is_cut_is_visible_as_well(text):
    line = one_line(text)

    assert len(line) <= LONGEST_TEXT
    assert visible(line) == line


@given(ANY_TEXT)
def test_thinning_only_leaves_out(text):
    rest = iter(text)

    assert all(c in rest for c in visible(text))


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
        "https://example.org/a\u200db",
        "https://example.org/\U000e0061",
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
