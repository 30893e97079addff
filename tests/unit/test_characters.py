"""Characters: which labels name an encoding, and what can be stored."""

from __future__ import annotations

import encodings.aliases
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.characters import encoding, escaped, escaped_json, storable
from digest.errors import ParseError
from digest.extract.maintext import decode

LABELS = sorted(
    {*encodings.aliases.aliases, *encodings.aliases.aliases.values(), "undefined", "idna", "unicode_escape"}
    | {"raw_unicode_escape", "nonsense", "", "utf-8\0", "utf-16", "x-x-big5"}
)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UTF8", "utf-8"),
        (" iso-8859-1 ", "cp1252"),
        ("us-ascii", "cp1252"),
        ("iso88592", "iso8859-2"),
        ("x-sjis", "cp932"),
        ("x-x-big5", "big5hkscs"),
        ("GB2312", "gb18030"),
        ("windows-874", "cp874"),
        ("ks_c_5601-1987", "cp949"),
        ("utf-16", "utf-16-le"),
        *((label, None) for label in ("undefined", "punycode", "utf-7", "idna", "rot13", "base64", "hex")),
        *(
            (label, None)
            for label in ("unicode_escape", "raw_unicode_escape", "utf-32", "cp037", "utf-8\0", "")
        ),
    ],
)
def test_only_the_encodings_of_the_web_count(label, name):
    assert encoding(label) == name


@given(st.binary(max_size=60), st.sampled_from(LABELS) | st.text(max_size=12))
def test_whatever_a_page_says_it_is_its_text_can_be_stored(body, label):
    """Whichever codec Python knows by that name."""
    for page in (body, b"<meta charset='" + label.encode(errors="replace") + b"'>" + body):
        try:
            text = decode(page, f"text/html; charset={label}")
        except ParseError:
            continue
        assert storable(text) == text


@given(st.text(st.characters(categories=None), max_size=40))
def test_what_is_storable_has_the_same_length_and_stays_as_it_is(text):
    kept = storable(text)

    assert len(kept) == len(text)
    assert storable(kept) == kept
    assert kept.encode().decode() == kept
    assert "\0" not in kept


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0" + bytes(range(256)) * 8


@pytest.mark.parametrize("kind", ["text/html", "text/plain", None])
def test_a_picture_is_no_page(kind):
    with pytest.raises(ParseError, match="binary"):
        decode(PNG, kind)


@pytest.mark.parametrize("label", ["utf-16", "utf-16le", "UTF-16LE"])
def test_a_page_that_says_utf_16_and_is_is_read_as_such(label):
    page = "<p>Café</p>" * 9

    assert decode(page.encode("utf-16-le"), f"text/html; charset={label}") == page
    assert decode(page.encode(), f"text/html; charset={label}") == page


ANY_TEXT = st.text(st.characters(categories=None), max_size=40)


@given(ANY_TEXT)
def test_what_is_printed_holds_nothing_that_nobody_sees(text):
    printed = escaped(text)

    assert not {unicodedata.category(c) for c in printed.translate({9: None, 10: None})} & {"Cc", "Cf", "Cs"}
    assert escaped(printed) == printed


@given(ANY_TEXT)
def test_json_is_printed_without_what_nobody_sees_and_means_the_same(text):
    printed = escaped_json(json.dumps({"title": text}, ensure_ascii=False))

    assert json.loads(printed)["title"] == text
    assert escaped(printed) == printed


def test_words_that_hide_others_are_printed_as_escapes():
    assert escaped("a\u202etxt.exe\x1b[2J\rb\n\tü – \xa0") == "a\\u202etxt.exe\\x1b[2J\\rb\n\tü – \xa0"
