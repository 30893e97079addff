"""What our mails are made of: Gmail, Outlook and Apple Mail know it, or lose nothing without it.

What these programs know is in `fixtures/caniemail.json`, from the tests of the site caniemail.com.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from mailed import as_written, letter_of, message_of, part_of
from sample_editions import NOON
from shelf import REGISTER, SHELF
from test_letter_kinds import STORED
from valid_html import faults

from digest.adapters.config.packaged_scales import packaged_scales

KNOWN: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "caniemail.json").read_text("utf-8")
)["features"]

# -- what a mail is made of ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One use of a feature: a declaration of a style, an attribute, an element, or a part of a sheet."""

    feature: str  # as caniemail.com calls it
    element: str = ""  # empty in a sheet
    name: str = ""
    value: str = ""


_ELEMENTS: Final = {
    **dict.fromkeys(("table", "tbody", "tr", "td", "th"), "html-table"),
    **dict.fromkeys(("h1", "h2", "h3", "h4"), "html-h1-h6"),
    **dict.fromkeys(("ul", "li"), "html-lists"),
    **{name: f"html-{name}" for name in ("p", "div", "span", "blockquote", "style", "body", "code")},
    "b": "html-strong",
}
_ATTRIBUTES: Final = {
    name: f"html-{name}"
    for name in ("align", "valign", "cellpadding", "cellspacing", "lang", "role", "aria-hidden", "aria-label")
}
_UNTESTED: Final = frozenset(
    {
        *("html", "head", "title", "meta", "a", "br"),
        *("href", "class", "style", "border", "colspan", "scope", "dir", "charset", "content", "name"),
        "data-css-inline",
        *("color", "font-family", "mso-hide"),
    }
)
"""What every program knows, or what is for one program alone: the site has no test of it."""

_LONGER: Final = (
    "border-collapse",
    "border-radius",
    "font-size",
    "font-weight",
    "text-align",
    "text-decoration",
)
_SHORTHANDS: Final = ("border", "margin", "padding", "background")


def _property(name: str) -> str:
    """The site's name of a property: that of its shorthand, if it has no test of its own."""
    short = next((one for one in _SHORTHANDS if name.startswith(one) and name not in _LONGER), name)
    return f"css-{short}"


class _Pieces(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Piece] = []
        self._in_sheet = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_sheet = tag == "style"
        if tag == "style" or tag not in _UNTESTED:
            self.found.append(Piece(feature=_ELEMENTS[tag], element=tag))
        for name, value in attrs:
            if name == "style":
                self.found += _declared(value or "", tag)
            elif name not in _UNTESTED:
                self.found.append(Piece(feature=_ATTRIBUTES[name], element=tag, name=name, value=value or ""))
            if name == "name" and value == "color-scheme":
                self.found.append(Piece(feature="html-meta-color-scheme"))
            if name == "href" and (value or "").startswith("#"):
                self.found.append(Piece(feature="html-anchor-links"))

    def handle_data(self, data: str) -> None:
        if self._in_sheet:
            self.found += _of_sheet(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_sheet = False


def _declared(style: str, element: str = "") -> Iterator[Piece]:
    for one in filter(str.strip, style.split(";")):
        name, _, value = (part.strip() for part in one.partition(":"))
        if "!important" in value:
            yield Piece(feature="css-important", element=element, name=name, value=value)
        if name not in _UNTESTED:
            yield Piece(feature=_property(name), element=element, name=name, value=value)


def _of_sheet(sheet: str) -> Iterator[Piece]:
    for condition in re.findall(r"@media ([^{]*)", sheet):
        scheme = "prefers-color-scheme" in condition
        yield Piece(
            feature="css-at-media-prefers-color-scheme" if scheme else "css-at-media", value=condition
        )
    for selector, style in re.findall(r"([^{}@]+)\{([^{}]+)\}", re.sub(r"@media [^{]*\{", "", sheet)):
        for mark, kind in (
            (r"\.", "class"),
            (r"\[", "attribute"),
            (r"\S \S", "descendant"),
            (",", "grouping"),
        ):
            if re.search(mark, selector.strip()):
                yield Piece(feature=f"css-selector-{kind}", value=selector.strip())
        yield Piece(feature="css-selector-type")
        yield from _declared(style)


@cache
def rendered() -> tuple[dict[str, str], list[str]]:
    """The HTML of each edition of the shelf and each letter, by name, and as the templates wrote it."""
    with as_written() as written:
        return _pages(), written


def pages() -> dict[str, str]:
    return rendered()[0]


def _pages() -> dict[str, str]:
    found = {}
    for name in SHELF.keys() - {"three-hundred"}:  # which takes seconds, and has the pieces of sixty
        one = SHELF[name]()
        message = message_of(one.edition, one.wishes, at=NOON, register=REGISTER, known=packaged_scales())
        found[name] = part_of(message, "html")
    letters = {f"{content.kind}-{n}": content for n, (content, _, _) in enumerate(STORED)}
    return found | {name: part_of(letter_of(content), "html") for name, content in letters.items()}


@cache
def pieces() -> frozenset[Piece]:
    found: set[Piece] = set()
    for html in pages().values():
        reader = _Pieces()
        reader.feed(html)
        found |= set(reader.found)
    return frozenset(found)


def inline(feature: str) -> list[Piece]:
    """The uses of a feature in elements: some programs go by these alone."""
    return [one for one in pieces() if one.feature == feature and one.element]


# -- what some program lacks, and what it shows instead -----------------------------------------------------

CELLS: Final = frozenset({"td", "th"})


def only_in(*elements: str) -> Callable[[Piece], bool]:
    return lambda one: one.element in elements


def in_pixels(one: Piece) -> bool:
    return re.fullmatch(r"-?\d+px", one.value) is not None


def never(_: Piece) -> bool:
    return False


def any_use(_: Piece) -> bool:
    return True


def _margin(one: Piece) -> bool:
    return "-" not in one.value and "auto" not in one.value and one.element != "span"


def _border(one: Piece) -> bool:
    width = re.search(r"(\d+)px", one.value)
    return one.element not in {"p", "div"} and (width is None or int(width[1]) <= 8)


FALLBACKS: Final[dict[str, tuple[str, Callable[[Piece], bool]]]] = {
    "css-padding": (
        "cells alone have padding",
        lambda one: one.element in CELLS or one.value in {"0", "0px"},
    ),
    "css-margin": ("no margin is negative or auto, or of a span", _margin),
    "css-border": ("borders are thin, and of no p or div", _border),
    "css-border-radius": ("corners are square", never),
    "css-background": (
        "a background is one colour",
        lambda one: re.fullmatch("#[0-9a-f]{6}", one.value) is not None,
    ),
    "css-max-width": ("Outlook has a table of 600 pixels around it", only_in("table")),
    "css-width": ("widths are of tables and cells", only_in("table", *CELLS)),
    "css-height": ("heights are of cells", only_in(*CELLS)),
    "css-max-height": ("Outlook has mso-hide", only_in("div")),
    "css-overflow": ("Outlook has mso-hide", only_in("div")),
    "css-display": ("Outlook has mso-hide", only_in("div")),
    "css-font-size": ("sizes are in pixels", in_pixels),
    "css-font-weight": ("bold or normal, by name", lambda one: one.value in {"bold", "normal"}),
    "css-line-height": ("Outlook has mso-line-height-rule", in_pixels),
    "css-letter-spacing": ("positive, in pixels", in_pixels),
    "css-text-align": ("left or right, by name", lambda one: one.value in {"left", "right"}),
    "css-text-decoration": ("one value", lambda one: one.value in {"none", "underline"}),
    "css-word-break": (
        "a long word is broken sooner than needed",
        lambda one: one.value == "break-word",
    ),
    "css-white-space": ("the spaces of a date do not break either", lambda one: one.value == "nowrap"),
    "css-overflow-wrap": ("long words of a table are broken where word-break says it", never),
    "css-table-layout": ("columns are as wide as their words", never),
    "css-important": ("in sheets alone", never),
    "css-at-media": ("looks alone: what a mail says is the same without its sheets", any_use),
    "css-at-media-prefers-color-scheme": (
        "Outlook's programs have [data-ogsc]; Gmail has its own dark",
        any_use,
    ),
    "css-selector-attribute": ("in a sheet of its own: for Outlook's programs alone", any_use),
    "css-selector-class": ("of looks alone", any_use),
    "css-selector-descendant": ("of looks alone", any_use),
    "css-selector-grouping": ("of looks alone", any_use),
    "css-selector-type": ("of looks alone", any_use),
    "html-style": ("of looks alone", any_use),
    "html-body": ("the table around everything has the same colour", any_use),
    "html-lists": ("no list counts backwards or from a number", any_use),
    "html-align": ("a table has float as well", lambda one: one.element in CELLS or one.value == "right"),
    "css-float": ("a table has align as well", only_in("table")),
    "html-role": ("the words say the same without it", any_use),
    "html-aria-hidden": ("a strip without words is then read as empty cells", any_use),
    "html-aria-label": ("an arrow is then read by its own name", any_use),
    "html-meta-color-scheme": ("looks alone", any_use),
}
"""For each feature that a program lacks or knows in part: what holds then, and which uses are allowed."""


def lacking(feature: str) -> dict[str, str]:
    """The programs that do not know all of a feature, with the site's notes."""
    fact = KNOWN[feature]
    return {program: how for program, how in fact["support"].items() if not how.startswith("y")}


def test_every_feature_is_known_to_all_programs_or_has_a_fallback() -> None:
    used = {one.feature for one in pieces()}

    assert used <= set(KNOWN), "look them up at caniemail.com, and add what it says to the fixture"
    assert {one for one in used if lacking(one)} == set(FALLBACKS)


@pytest.mark.parametrize("feature", FALLBACKS)
def test_a_feature_that_a_program_lacks_is_used_only_where_nothing_is_lost(feature: str) -> None:
    reason, allowed = FALLBACKS[feature]

    assert [one for one in inline(feature) if not allowed(one)] == [], reason


def test_the_fixture_has_no_more_than_our_mails_use() -> None:
    assert set(KNOWN) <= {one.feature for one in pieces()}


@pytest.mark.parametrize("name", ["one-down", "alert-16", "welcome-6"])
def test_outlook_for_windows_gets_its_width_its_lines_and_no_padding_of_a_link(name: str) -> None:
    html = pages()[name]

    assert html.count('<!--[if mso]><table role="presentation" width="600"') == 1
    assert html.count("<!--[if mso]>") == html.count("<![endif]-->") == 3
    assert "mso-line-height-rule: exactly" in html.partition("<body")[0]


def test_outlooks_other_programs_have_the_same_dark_colours() -> None:
    for html in pages().values():
        sheets = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
        dark = re.search(r"prefers-color-scheme: dark\) \{(.*?\})\s*\}", sheets[0], re.DOTALL)
        assert dark
        marked = next(one for one in sheets if "[data-ogsc]" in one)
        assert "@media" not in marked
        assert marked.replace("[data-ogsc] ", "").split() == dark[1].split()


FOR_OUTLOOK: Final = frozenset({"align", "border", "cellpadding", "cellspacing", "valign"})
"""Obsolete attributes; without them, Outlook puts space between cells and the mail to the left.

They stay where a program drops all styles, and keep the words of two cells apart.
"""


def test_mails_are_valid_html() -> None:
    """As templates write them, and as they are sent: what the inliner mends is wrong too."""
    mails, written = rendered()

    assert len(written) >= len(mails)
    found = {(fault, name) for name, html in mails.items() for fault in faults(html, allowed=FOR_OUTLOOK)}
    found |= {(fault, "as written") for html in written for fault in faults(html, allowed=FOR_OUTLOOK)}
    assert found == set()


def test_gmail_keeps_the_sheets_of_every_mail() -> None:
    """It drops a sheet of more than 16 KB."""
    assert all(
        len(sheet) < 8_000
        for html in pages().values()
        for sheet in re.findall(r"<style.*?</style>", html, re.DOTALL)
    )
