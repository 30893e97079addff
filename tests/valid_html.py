"""What is wrong with a page of HTML, as the standard has it.

Syntax is judged by a parser of the standard, which names each error that a browser would pass over in
silence. What may stand where, and which names must be unique or known, is judged here, as far as we use it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Final
from xml.etree.ElementTree import Element

from tinyhtml5.parser import HTMLParser


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_PHRASES_ONLY: Final = _set(
    """abbr b button caption cite code dt em h1 h2 h3 h4 h5 h6 i label legend p q small span strong sub
    summary sup time"""
)
"""What holds words and elements of words alone. Headings may stand in a legend and a summary."""

_BLOCKS: Final = _set(
    """address article aside blockquote details dialog div dl fieldset figure footer form header hgroup hr
    li main nav ol p pre section table tbody td th tr ul dd dt caption h1 h2 h3 h4 h5 h6"""
)
_HEADINGS: Final = _set("h1 h2 h3 h4 h5 h6")
_ACTIVE: Final = _set("a button input label select textarea summary details")
_PARENTS: Final = {
    "li": {"ul", "ol"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "tr": {"tbody", "thead", "tfoot"},
    "legend": {"fieldset"},
    "summary": {"details"},
    "option": {"select", "datalist", "optgroup"},
}
_CHILDREN: Final = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd", "div"}, "tr": {"td", "th"}}
_REFERENCES: Final = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list")
_GONE: Final = _set("center font big strike tt marquee acronym")
_OBSOLETE: Final = _set("align bgcolor border cellpadding cellspacing valign")


def faults(html: str, *, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Each fault in words, in no order. `allowed` are obsolete attributes that somebody still needs."""
    parser = HTMLParser(namespace_html_elements=False)
    tree = parser.parse(StringIO(html))
    found = [f"line {line}: {code} {facts or ''}".rstrip() for (line, _), code, facts in parser.errors]
    parents = {child: one for one in tree.iter() for child in one}
    elements = [one for one in tree.iter() if isinstance(one.tag, str)]
    for one in elements:
        found += _misplaced(one, parents)
        found += [f"{one.tag} has {name}" for name in (_OBSOLETE & set(one.keys())) - allowed]
    found += [fault for one in elements if one.tag == "table" for fault in _table(one)]
    return found + list(_names(elements)) + list(_head(html, elements))


def _misplaced(one: Element, parents: dict[Element, Element]) -> Iterator[str]:
    tag = str(one.tag)
    parent = str(parents[one].tag) if one in parents else ""
    if tag in _GONE:
        yield f"{tag} is obsolete"
    heading = parent in {"legend", "summary"} and tag in _HEADINGS
    if parent in _PHRASES_ONLY and tag in _BLOCKS and not heading:
        yield f"{tag} in {parent}"
    if tag in _PARENTS and parent not in _PARENTS[tag]:
        yield f"{tag} in {parent}"
    if parent in _CHILDREN and tag not in _CHILDREN[parent]:
        yield f"{tag} in {parent}"
    above = parents.get(one)
    while tag in _ACTIVE and above is not None:
        if above.tag in {"a", "button"}:
            yield f"{tag} within {above.tag}"
        above = parents.get(above)


def _table(table: Element) -> Iterator[str]:
    """Columns of a table in which no cell begins; none of our tables has cells of several rows."""
    widths = [[int(cell.get("colspan", "1")) for cell in row] for row in table.findall("*/tr")]
    begun = {sum(row[:number]) for row in widths for number in range(len(row))}
    empty = set(range(max(map(sum, widths), default=0))) - begun
    yield from (f"no cell begins in column {number + 1} of a table" for number in sorted(empty))


def _names(elements: list[Element]) -> Iterator[str]:
    ids = Counter(one.get("id") for one in elements if one.get("id") is not None)
    yield from (f"the id {name!r} stands {times} times" for name, times in ids.items() if times > 1)
    yield from ("an id is empty" for name in ids if not name or name.split() != [name])
    for one in elements:
        for attribute in _REFERENCES:
            for name in one.get(attribute, "").split():
                if name not in ids:
                    yield f"{attribute} of {one.tag} names {name!r}, which nothing is called"
        link = one.get("href", "")
        if link.startswith("#") and link[1:] not in ids:
            yield f"a link leads to {link!r}, which is nowhere"


def _head(html: str, elements: list[Element]) -> Iterator[str]:
    if "<meta charset" not in html.encode()[:1024].decode("utf-8", "ignore"):
        yield "no charset within the first 1024 octets"
    if sum(one.tag == "title" and bool((one.text or "").strip()) for one in elements) != 1:
        yield "no title, or several"
    if not next((one.get("lang") for one in elements if one.tag == "html"), None):
        yield "html has no lang"
    if sum(one.tag == "main" for one in elements) > 1:
        yield "several main"
