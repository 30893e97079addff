"""The main text of a page: its title and blocks, without share buttons, sponsors, comments and the like."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from digest.characters import encoding
from digest.errors import ParseError
from digest.extract.blocks import Block, BlockKind, plain_blocks, with_stems
from digest.extract.markup import read_markup
from digest.extract.pdf import is_pdf, pdf_blocks
from digest.extract.wall_words import TRADE
from digest.items import Page

BLOCK_JOIN: Final = "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class MainText:
    """A page's own words."""

    title: str
    blocks: tuple[Block, ...]  # the title first, where the page shows it
    links: tuple[str, ...]
    dates: tuple[str, ...]  # publication dates that the markup gives, unread

    @property
    def text(self) -> str:
        return BLOCK_JOIN.join(block.text for block in self.blocks)


def main_text(page: Page) -> MainText:
    """The main text of any HTML, PDF or plain-text page; `ParseError` where there are no words in it."""
    if is_pdf(page.body, page.content_type):
        title, found = pdf_blocks(page.body)
        blocks = with_stems(found)
        return MainText(title=_spoken_title(title) or blocks[0].text, blocks=blocks, links=(), dates=())
    text = decode(page.body, page.content_type)
    if is_html(text, page.content_type):
        marked = read_markup(text, page.url)
        title, found, links, dates = marked.title, marked.blocks, marked.links, marked.dates
    else:
        found = tuple(b for b in plain_blocks(text) if not _ADDRESS.fullmatch(b.text))
        title, links, dates = "", _written_links(text), ()
    blocks = with_stems(_without_furniture(found))
    if not blocks:
        raise ParseError("a page without words")
    return MainText(title=title or blocks[0].text, blocks=blocks, links=links, dates=dates)


def _spoken_title(title: str) -> str:
    """A PDF's own title, unless it is the name of a file."""
    return "" if " " not in title or title.lower().endswith((".doc", ".docx", ".pdf")) else title


_ADDRESS: Final = re.compile(r"https?://\S+")


def _written_links(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link.rstrip(".,;:!?)'\"’”") for link in _ADDRESS.findall(text)))[:100]


_BUTTON: Final = re.compile(
    r"(?:please )?(?:share|tweet|pin|print|email|e-mail|post|send|copy|save|follow)(?: this| it| on| by| via| to|"
    r" us| link| page| post| article| story| a friend| twitter| facebook| linkedin| whatsapp| email| x){0,5}"
    r"|twitter|facebook|linkedin|whatsapp|instagram|youtube|back to top|top of page|skip to (?:main )?content|"
    r"menu|search|home|contact us|read more|log ?in|sign (?:in|up)|subscribe(?: now| here)?|advertisement|"
    r"your e-?mail address will not be published\b.*|required fields are marked\b.*|keep informed|"
    r"one email (?:every|a) day\b.*|you(?:'|’)re reading\b.*|loading\b.*|cookie (?:policy|settings)|"
    r"accept (?:all )?cookies|reject (?:all )?cookies",
    re.IGNORECASE,
)
_COOKIES: Final = re.compile(r"\bcookies?\b", re.IGNORECASE)
_COOKIE_TALK: Final = re.compile(
    r"\b(?:this (?:web)?site|we use|use of|uses?|used|accept|consent|browser|small files|ok with|settings|choose)\b",
    re.IGNORECASE,
)
_SPONSOR: Final = re.compile(
    r"\b(?:(?:is|are|kindly) sponsored by|sponsored (?:post|content)|our sponsors?)\b", re.IGNORECASE
)
_END: Final = re.compile(
    r"(?:related|recommended|recent|more|other|further|latest|popular|similar) "
    r"(?:posts?|articles?|stories|news|content|reading|from\b.*)|leave a (?:reply|comment)\b.*|"
    r"(?:\d+ )?comments?(?: \(\d+\))?|post a comment|join the (?:conversation|discussion)|about the author|"
    r"you may also (?:like|be interested in)\b.*|most (?:read|popular)|share this(?: post| article| page| story)?",
    re.IGNORECASE,
)
_LONGEST_BUTTON: Final = 80
# A line that leads to another story: "Read more: Home rated inadequate".
_TEASER: Final = re.compile(
    r"(?:read (?:more|also|next|this)|related(?: (?:story|stories|articles?|content|news|links?|reading))?|see also|"
    r"more on this(?: story| topic)?|also (?:read|in the news)|don['’]t miss|(?:more|in other|latest|other) news|"
    r"you (?:might|may) (?:also )?(?:like|be interested in|want to read)|recommended(?: reading| for you)?|trending|"
    r"most (?:read|popular)|more from [\w' ]{1,30}|more stories)(?P<story>\s*[:>»|–-]\s*\S.*)?",
    re.IGNORECASE,
)
# As one that names its story in any words: "> Home rated inadequate", "Sign up to hear which homes are good".
_POINTER: Final = re.compile(
    r"[>»›] ?\S|(?:watch|listen|elsewhere(?: on this site)?|click here to read(?: about)?|continue reading|next|popular (?:today|now)|top stories|(?:previous|next) (?:article|story|post)|"
    r"(?:story|article) continues below|find out more|get in touch|click here|follow us)\s*[:–—|»>-] ?\S|"
    r"sign up (?:to|for) (?:our|the|a)\b",
    re.IGNORECASE,
)
_LONGEST_TEASER: Final = 250


def _without_furniture(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks that are the page's own words, up to what pages put under their texts."""
    total = sum(_weight(block) for block in blocks)
    read = 0
    kept: list[Block] = []
    for block in _without_teasers(blocks):
        words = block.text.strip(" :.–-•|")
        # Share buttons stand above a text as well as under it: an end comes after most of the words.
        if _END.fullmatch(words) and 2 * read > total:
            break
        read += _weight(block)
        if not _is_furniture(words):
            kept.append(block)
    return tuple(
        block
        for place, (block, after) in enumerate(pairwise((*kept, None)))
        if block and not _repeats(block, after, place)
    )


def _without_teasers(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The blocks without lines and lists that lead to other stories; their headings stay, an end is known by one."""
    above: Block | None = None  # what was left out right before
    teasing = False
    for block in blocks:
        words = block.text.strip(" :.–-•|")
        teaser = (
            _TEASER.fullmatch(words)
            if len(words) <= _LONGEST_TEASER and block.kind is not BlockKind.ROW
            else None
        )
        if (teaser and teaser["story"]) or (
            len(block.text) <= _LONGEST_TEASER
            and block.kind is not BlockKind.ROW
            and _POINTER.match(block.text)
        ):
            continue
        of_a_card = (
            above is not None
            and above.kind is BlockKind.HEADING
            and block.kind is BlockKind.PARAGRAPH
            and len(block.text) <= _LONGEST_TEASER
        )
        if teasing and (block.linked or of_a_card):
            above = block
            continue
        teasing = bool(teaser) or (len(words) <= _LONGEST_BUTTON and bool(_END.fullmatch(words)))
        above = None
        yield block


def _weight(block: Block) -> int:
    return len(block.text) if len(block.text) > _LONGEST_BUTTON else 0


def _is_furniture(words: str) -> bool:
    if _TEASER.fullmatch(words[:_LONGEST_BUTTON]):
        return True
    if _COOKIES.search(words) and _COOKIE_TALK.search(words) and not TRADE.search(words):
        return True
    if len(words) > _LONGEST_BUTTON:
        return False
    return bool(_BUTTON.fullmatch(words) or _END.fullmatch(words) or _SPONSOR.search(words))


_TOP: Final = 6  # blocks
_LONGEST_CELL: Final = 40  # characters


def _repeats(block: Block, after: Block | None, place: int) -> bool:
    """A line printed twice running, as feeds and page headers do, is read once; two cells of a table may be alike."""
    alike = after is not None and block.text == after.text
    return alike and (place < _TOP or len(block.text) > _LONGEST_CELL)


_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_WITHIN: Final = 1024  # where the HTML standard looks for it (section 13.2.3.2)
_MARKUP: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|main|article|div|p|h[1-6]|ul|ol|table)\b", re.IGNORECASE
)
_SNIFFED: Final = 2048


def decode(body: bytes, content_type: str | None) -> str:
    """The page's text; a byte that fits no declared charset is never a reason to give up.

    A byte order mark wins over the header, the header over the page's own `meta`. A label that names no
    encoding of the Web counts as none. What is then not valid is read as UTF-8 and at last as Windows-1252,
    which old sites send under any name. A NUL is no character of a text, and is left out.
    """
    charsets = _candidates(body, content_type)
    if not charsets[0].startswith("utf-16") and _is_binary(body[:_SNIFFED]):
        raise ParseError("binary content where a page was expected")
    return _decoded(body, charsets).replace("\0", "")


_CONTROLS: Final = bytes({*range(0x20)} - {*b"\t\n\r\f\x1b"})


def _is_binary(sample: bytes) -> bool:
    """Whether octets are no text: with a NUL, and with more control characters than a slip leaves in a text."""
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return b"\0" in sample and 20 * controls > len(sample)


def _decoded(body: bytes, charsets: list[str]) -> str:
    for charset in charsets:
        try:
            return body.decode(charset)
        except UnicodeError:
            continue
    return body.decode("cp1252", errors="replace")


def _candidates(body: bytes, content_type: str | None) -> list[str]:
    found = [name for mark, name in _BOMS if body.startswith(mark)]
    header = _CHARSET.search(content_type or "")
    meta = _META.search(body[:_META_WITHIN])
    labels = [header[1] if header else None, meta[1].decode("ascii", errors="replace") if meta else None]
    meant = [name for label in labels if label and (name := encoding(label))]
    # Without a NUL among them, the octets are no UTF-16, whatever the label says.
    found += [name for name in meant if b"\0" in body or not name.startswith("utf-16")]
    return [*found, "utf-8"]


def is_html(text: str, content_type: str | None) -> bool:
    """Whether a page is HTML, by its header and else by its first tags.

    Plain text is believed only without tags: servers send HTML under `text/plain` too.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind in {"text/html", "application/xhtml+xml"}:
        return bool(_MARKUP.search(text)) or "<" in text[:_SNIFFED]
    if kind in {"application/pdf", "application/zip"} or kind.startswith(("image/", "audio/", "video/")):
        raise ParseError(f"no page to read: {kind}")
    return bool(_MARKUP.search(text[:_SNIFFED]))
