"""The check of HTML knows what is wrong, and has nothing against what is right."""

from __future__ import annotations

import pytest
from valid_html import faults

PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title></head>'
    "<body>{}</body></html>"
)


@pytest.mark.parametrize(
    "body",
    [
        "<p>Some words &amp; <b>more</b></p>",
        '<h2 id="a">A</h2><p><a href="#a">up</a></p>',
        '<label for="x">Name</label><input id="x" aria-describedby="y"><p id="y">As printed</p>',
        "<table><tr><td colspan=2>a</td></tr><tr><td>b</td><td>c</td></tr></table>",
        "<fieldset><legend><h2>What?</h2></legend></fieldset><ul><li>one</li></ul><dl><dt>a</dt><dd>b</dd></dl>",
    ],
)
def test_what_is_right_passes(body: str) -> None:
    assert faults(PAGE.format(body)) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<p><div>a</div></p>", "unexpected-end-tag"),
        ("<b><i>crossed</b></i>", "adoption-agency"),
        ("<table><p>outside</p><tr><td>in</td></tr></table>", "table-voodoo"),
        ('<p class="a" class="b">twice</p>', "duplicate-attribute"),
        ("&nosuch;", "named-entity"),
        ("<span><p>a block</p></span>", "p in span"),
        ("<ul><p>no item</p></ul>", "p in ul"),
        ("<div><li>no list</li></div>", "li in div"),
        ('<button><a href="/x">one</a></button>', "a within button"),
        ('<p id="a"></p><p id="a"></p>', "stands 2 times"),
        ('<label for="x">Name</label>', "nothing is called"),
        ('<a href="#gone">there</a>', "which is nowhere"),
        ("<table border=0><tr><td>a</td></tr></table>", "table has border"),
        ("<table><tr><td>a</td><td colspan=2>b</td></tr></table>", "no cell begins in column 3"),
        ("<center>old</center>", "center is obsolete"),
    ],
)
def test_what_is_wrong_is_named(body: str, said: str) -> None:
    assert said in " ".join(faults(PAGE.format(body)))


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        ('<meta charset="utf-8">', "no charset"),
        ("<title>A page</title>", "no title"),
        (' lang="en"', "no lang"),
        ("<!doctype html>", "doctype"),
    ],
)
def test_a_page_says_what_it_is(piece: str, said: str) -> None:
    assert said in " ".join(faults(PAGE.replace(piece, "").format("<p>words</p>")))
