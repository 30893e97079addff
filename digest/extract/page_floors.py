"""Floors for a page: what stands behind an item's link is read as its report only if it looks like one.

A publisher answers with 200 and a bot check, an apology, a log-in or consent wall, a parked domain, an empty shell,
a "page not found", a list of files or another page altogether. Such a page is known by the words that are its own,
by the words that walls speak in, by the item's subject in it, and by the marks of known products. A page of few
words that speaks of the item is a report. No network, and the time is bounded by the page's size.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from digest.errors import ParseError
from digest.extract.blocks import BlockKind, sentences
from digest.extract.maintext import MainText, decode, main_text
from digest.extract.pdf import is_pdf
from digest.extract.wall_words import (
    FRONT_PAGES,
    GENERAL,
    KINDS,
    MARKS,
    OF_WALLS,
    PATHS_OF_WALLS,
    SERVERS_OF_WALLS,
    TALK,
    TITLES,
    TRADE,
    WELSH,
    Wall,
    compiled,
)
from digest.items import Item, Page, canonical_link

_SHORT: Final = 250  # words: no wall says more of itself
_FEW: Final = 40  # words: with none of the item's and none of inspections, such a page is none of the trade
_HARDLY_ANY: Final = 8  # words
_OWN_WEIGHT: Final = 1.5  # how many words of a wall it takes against one of a text under the item's heading
_TRADES_WEIGHT: Final = 3  # and if that text is of the trade
_BLOCKS_READ: Final = 400  # the rest of a longer page changes nothing
_FURNITURE_READ: Final = 5_000  # characters
_MARKUP_READ: Final = 200_000  # characters
_SUBJECT_READ: Final = 200_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class NoReport:
    """A page that is not the item's report."""

    why: str  # in an operator's words


def looked_at(page: Page, item: Item) -> MainText | NoReport:
    """The page's main text if the page looks like the item's report; else why it does not."""
    markup = "" if is_pdf(page.body, page.content_type) else _markup(page.body, page.content_type)
    if _DATA.match(markup) or "json" in (page.content_type or "").partition(";")[0].lower():
        return NoReport(why="data for programs, not a page")
    try:
        main = main_text(page)
    except ParseError as error:
        return NoReport(why=_marked(markup) or str(error))
    why = _objection(_Look(page=page, item=item, markup=markup, main=main))
    return NoReport(why=why) if why else main


def _markup(body: bytes, content_type: str | None) -> str:
    try:
        return decode(body, content_type)[:_MARKUP_READ]
    except ParseError:
        return ""


_DATA: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:rss|feed|rdf:RDF|Error|urlset|sitemapindex)[\s>]|\s*[{\[]\s*[\"{\[\]}]",
    re.DOTALL,
)
_MARKS: Final = {
    wall: [(product, re.compile(mark, re.IGNORECASE)) for product, mark in products.items()]
    for wall, products in MARKS.items()
}
_TITLES: Final = compiled(TITLES)
_TALK: Final = compiled(TALK)
_ANY_TALK: Final = re.compile(
    "|".join(f"(?:{p.pattern})" for p in _TALK.values()), re.IGNORECASE | re.VERBOSE
)


def bot_check(body: bytes, content_type: str | None) -> str | None:
    """The bot check that a page is, with its product, if it has a product's mark; None: it has none.

    It is for what stands in a feed's place, where no item says what to expect.
    """
    markup = _markup(body, content_type)
    found = [product for product, mark in _MARKS[Wall.BOT] if mark.search(markup)]
    return f"{Wall.BOT} ({found[0]})" if found else None


def _marked(markup: str) -> str | None:
    """The wall whose mark the markup has, with its product."""
    for wall, products in _MARKS.items():
        for product, mark in products:
            if mark.search(markup):
                return f"{wall} ({product})"
    return None


def _objection(look: _Look) -> str | None:
    """Why the page is no report, by the first floor that it does not reach; None: it looks like one."""
    return _by_mark(look) or _by_title(look) or _by_talk(look) or _by_address(look) or _by_subject(look)


def _by_mark(look: _Look) -> str | None:
    if look.words > _SHORT or (look.headed and look.own_words > look.talk_words + _HARDLY_ANY):
        return None
    return _marked(look.markup)


def _by_title(look: _Look) -> str | None:
    # A banner above a text ("Oops") may count as its heading, but the page is not named so.
    named, headings = look.titles
    for wall, pattern in _TITLES.items():
        if wall is not Wall.LISTING and look.headed:
            continue
        if any(map(pattern.fullmatch, named)) or (
            any(map(pattern.fullmatch, headings)) and not (look.spoken_of and look.own_words > _FEW)
        ):
            return str(wall)
    return None


def _by_talk(look: _Look) -> str | None:
    if look.words > _SHORT:
        return None
    if not (look.talk_words or look.own_words):
        return _in_furniture(look.markup)
    own: float = look.own_words
    if look.headed:
        own *= _TRADES_WEIGHT if look.own_trade else _OWN_WEIGHT
    if look.talk_words and look.talk_words >= own:
        return str(look.talk.most_common(1)[0][0])
    return None


def _in_furniture(markup: str) -> str | None:
    """The wall that a page with nothing but its title speaks of, in what is else left out of a text."""
    said = " ".join(_TAG.sub(" ", _UNSEEN.sub(" ", markup)).split())[:_FURNITURE_READ]
    for wall in (Wall.CONSENT, Wall.LOGIN, Wall.BOT):
        if any(_TALK[wall].search(_titular(sentence)) for sentence in sentences(said)):
            return str(wall)
    return None


def _by_address(look: _Look) -> str | None:
    """The item's link was redirected to where walls and front pages are, and the page is not headed as the item."""
    asked, came = urlsplit(look.item.link or look.page.url), urlsplit(look.page.url)
    if look.headed or canonical_link(look.item.link or "") == canonical_link(look.page.url):
        return None
    path = [part for part in came.path.lower().split("/") if part]
    for wall, names in PATHS_OF_WALLS.items():
        if path and path[-1] in names:
            return str(wall)
    if SERVERS_OF_WALLS.search(came.hostname or "") and came.hostname != asked.hostname:
        return f"another site: {came.hostname}"
    before = [part for part in asked.path.lower().split("/") if part]
    if before and (not path or (len(path) == 1 and path[0] in FRONT_PAGES)):
        return "the site's front page"
    if len(path) < len(before) and before[: len(path)] == path and look.subject:
        return "a page above the report's own"
    return None


def _by_subject(look: _Look) -> str | None:
    if not look.subject or look.spoken_of:
        return None
    in_part = _found(look.subject - OF_WALLS, look.text)
    if look.words <= (_HARDLY_ANY if in_part else _FEW) and not look.of_the_trade:
        return "none of the item's own words is in it"
    if in_part or WELSH.search(look.text):
        return None  # a name may be translated
    if look.elsewhere or len(look.names) > 1 or (len(look.subject) > 1 and not look.of_the_trade):
        return "another page: none of the words of the item's title is in it"
    return None


_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_HOST: Final = re.compile(
    r"\b(?:https?://)?(?:[\w-]{1,63}\.){1,6}[a-z]{2,12}\b(?:/\S{0,300})?", re.IGNORECASE
)
_TITLE_PARTS: Final = re.compile(r"\s+[|–—»›·:-]+\s+|\s*[|»›]\s*")
_RAW_TITLE: Final = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_HEAD: Final = 3  # blocks from the top among which a page's heading stands
_LONGEST_TITLE: Final = 120


@dataclass(frozen=True, kw_only=True)
class _Look:
    """A page beside its item, and what is counted of the two."""

    page: Page
    item: Item
    markup: str
    main: MainText

    @cached_property
    def text(self) -> str:
        return self.main.text[:_SUBJECT_READ]

    @cached_property
    def words(self) -> int:
        return sum(len(_WORD.findall(block.text)) for block in self.main.blocks[:_BLOCKS_READ])

    @cached_property
    def of_the_trade(self) -> bool:
        return TRADE.search(self.text) is not None

    @cached_property
    def elsewhere(self) -> bool:
        """Whether the link was redirected to another address."""
        return canonical_link(self.item.link or self.page.url) != canonical_link(self.page.url)

    @cached_property
    def subject(self) -> frozenset[str]:
        """The words of the item's title that say what it is about."""
        return frozenset(
            w for w in _plain_words(self.item.title) if len(w) > 3 and w not in GENERAL and not w.isdigit()
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """The words of the subject that are written as names are."""
        return (
            frozenset(
                w for word in _WORD.findall(self.item.title) if word[:1].isupper() for w in _plain_words(word)
            )
            & self.subject
        )

    @cached_property
    def spoken_of(self) -> bool:
        """Whether the page speaks of what the item is about, by the item's title or else its summary."""
        if self._says(self.subject, self.text):
            return True
        told = (
            {w for w in _plain_words(_TAG.sub(" ", self.item.summary[:2_000])) if len(w) > 5}
            - GENERAL
            - KINDS
        )
        return len(told) > 2 and 3 * len(_found(told, self.text)) >= len(told)

    @cached_property
    def headed(self) -> bool:
        """Whether the page's heading names what the item is about."""
        blocks = [b for b in self.main.blocks[:_HEAD] if b.kind is not BlockKind.ITEM and not b.linked]
        top = [self.main.title, *(b.text for b in blocks)]
        heading = " ".join(line for line in top if len(line) <= 2 * _LONGEST_TITLE)
        return self._says(self.subject, heading)

    def _says(self, words: frozenset[str], text: str) -> bool:
        """Whether a text names the words: one that is a name, or half of them."""
        found = _found(words, text)
        return bool(found - KINDS - OF_WALLS) or (bool(found) and 2 * len(found) >= len(words))

    @cached_property
    def titles(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The page's name, and its first headings; each whole and without the site's name."""
        raw = _RAW_TITLE.search(self.markup)
        return _forms(raw[1] if raw else ""), _forms(self.main.title, *(b.text for b in self.main.blocks[:1]))

    @cached_property
    def _counted(self) -> _Counted:
        by_wall: Counter[Wall] = Counter()
        talk = own = 0
        trade = False
        own_title = " ".join(_plain_words(self.item.title))
        for sentence in self._sentences():
            count = len(_WORD.findall(sentence))
            spoken = _titular(sentence)
            if _ANY_TALK.search(spoken) and not self._is_of_the_item(sentence):
                talk += count
                by_wall.update({wall: count for wall, pattern in _TALK.items() if pattern.search(spoken)})
            elif (said := " ".join(_plain_words(sentence))) not in own_title and own_title not in said:
                own += count
                trade = trade or TRADE.search(sentence) is not None
        return _Counted(by_wall=by_wall, talk=talk, own=own, trade=trade)

    def _sentences(self) -> Iterator[str]:
        if self.words <= _SHORT:
            for block in self.main.blocks:
                yield from sentences(block.text[:5_000])

    def _is_of_the_item(self, sentence: str) -> bool:
        return TRADE.search(sentence) is not None or bool(_found(self.subject - OF_WALLS - KINDS, sentence))

    @property
    def talk(self) -> Counter[Wall]:
        """How many words each wall speaks on the page."""
        return self._counted.by_wall

    @property
    def talk_words(self) -> int:
        return self._counted.talk

    @property
    def own_words(self) -> int:
        """How many words are neither a wall's nor the item's title."""
        return self._counted.own

    @property
    def own_trade(self) -> bool:
        """Whether those words are of the trade."""
        return self._counted.trade


@dataclass(frozen=True, kw_only=True)
class _Counted:
    """The words of a short page: a wall's, and its own."""

    by_wall: Counter[Wall]
    talk: int
    own: int
    trade: bool


_TAG: Final = re.compile(r"<[^<>]{0,500}>")
_UNSEEN: Final = re.compile(r"<(script|style|noscript)\b.{0,50000}?</\1>", re.IGNORECASE | re.DOTALL)


def _forms(*lines: str) -> tuple[str, ...]:
    short = [" ".join(line.split()) for line in lines if line and len(line) <= 3 * _LONGEST_TITLE]
    return tuple(
        dict.fromkeys(_titular(part) for line in short for part in (line, _TITLE_PARTS.split(line)[0]))
    )


def _titular(text: str) -> str:
    """A title in a form for comparing: without what stands around the words."""
    return (
        text.replace("’", "'")
        .replace("&#39;", "'")
        .replace("&rsquo;", "'")
        .casefold()
        .strip(" .!…,;:–—|›»-\n\t")
    )


def _plain_words(text: str) -> Sequence[str]:
    """The words of a text without case and accents; an ending 's is left out."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    return [word.removesuffix("'s") for word in _WORD.findall(text)]


def _found(words: frozenset[str] | set[str], text: str) -> frozenset[str]:
    """The words that a text has, in this form or with another ending; names of hosts are no words of it."""
    own = _plain_words(_HOST.sub(" ", text))
    stems = {word[:5] for word in own}
    joined = "".join(own)  # PDFs put spaces inside words
    return frozenset(
        w
        for w in words
        if (len(w) > 5 and w in joined) or (w[:5] in stems and (len(w) < 6 or w[:-2] in joined))
    )
