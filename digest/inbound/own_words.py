"""Own words: what somebody wrote in an answer, without the letter that they quote, signature and footers.

What is taken away must be known for what it is: lines that a mail program marked as quoted, the words of a
letter that we sent, or the usual forms of attributions, signatures, footers and banners. A line that might
speak is never taken away; anything else that a mail program adds in an unknown form is left among the words.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser

from digest.inbound.added_phrases import (
    AND,
    ATTRIBUTIONS,
    BANNERS,
    DOUBTS,
    FACT_WORDS,
    FACTS,
    FIRST_PERSON,
    FOOTERS,
    HEADER_LABELS,
    HEADS,
    LEGAL,
    MISTAKES,
    NEWS,
    POSTS,
    PROTESTS,
    REMARKS,
    SENT_FROM,
    SIGN_OFFS,
    THANKS,
    TITLES,
    UNLIKE_TITLES,
    WORKING_HOURS,
)
from digest.inbound.entity import DEPTH, LOOKED_AT, PARTS, TEXT, Entity, parse_message, without_markup
from digest.inbound.phrases import fold

ROWS: Final = 400
LONGEST: Final = 20_000
"""Rows and characters of an answer that are read; a longer one says nothing for sure."""
_QUOTED_WORDS: Final = 3_000
"""Words after a quoted header that are compared with our letters."""

Speaks = Callable[[str], bool]
"""Whether a line says something to us, for lines that look like part of a signature or footer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotable:
    """A letter of ours as an answer may quote it."""

    subject: str
    texts: tuple[str, ...]  # of its plain and its HTML part


@dataclass(slots=True, kw_only=True)
class OwnWords:
    """What is left of one text of an answer."""

    text: str = ""  # all of it, quotes and footers too
    called: frozenset[str] = frozenset()  # the words of the writer's name
    rows: list[str] = field(default_factory=list)
    sure: bool = True  # False: not all of it could be read
    doubtful: bool = False  # something was taken for a part of the signature that may not be one
    signed: bool = False  # a signature or sign-off follows the last of the rows


def quotable(message: bytes) -> Quotable:
    """A letter as we mailed it."""
    mail = parse_message(message)
    texts = [_markup_text(leaf) if leaf.kind == "text/html" else leaf.text() for leaf in mail.leaves()]
    return Quotable(subject=mail.get("Subject"), texts=tuple(texts))


def own_words(mail: Entity, letters: Sequence[Quotable] | None, names: str, speaks: Speaks) -> list[OwnWords]:
    """What the writer wrote, for the plain and for the HTML text if there are both; never an empty list.

    `letters` are those that may be quoted; None: all below a quoted header or attribution is a quote. `names` is
    how the writer is called: the name and address in From.
    """
    plain: list[str] = []
    html: list[str] = []
    leaves = list(mail.leaves())
    sure = not mail.cut and len(mail.body) < LOOKED_AT - TEXT and len(leaves) < PARTS // DEPTH
    for leaf in leaves:
        attached = leaf.raw("Content-Disposition").strip().lower().startswith("attachment")
        if leaf.kind in ("text/plain", "text/html") and not attached:
            if leaf.kind == "text/plain":
                plain.append(leaf.text())
            else:
                html.append(_markup_text(leaf, speaks))
            sure &= len(leaf.body) <= 2 * TEXT and len(leaf.content()) < TEXT
        elif not (_says_nothing(leaf) or _is_shown_within(leaf, leaves)):
            sure = False  # a picture that no text shows may be one of a word
    sure &= bool(plain or html)  # a picture alone may be one of a word
    texts = ["\n".join(parts) for parts in (plain, html)]
    called = frozenset(fold(names.replace("_", " ")).split())
    found = [_own(text, letters, called, speaks) for text in texts if text.strip()] or [OwnWords()]
    for one in found:
        one.sure &= sure
    return found


def _says_nothing(leaf: Entity) -> bool:
    """Whether a part is one that mail programs add: a proof of who signed."""
    return leaf.kind in ("application/pkcs7-signature", "application/x-pkcs7-signature") or (
        leaf.kind in ("application/pgp-signature", "application/pgp-keys")
    )


def _is_shown_within(leaf: Entity, leaves: Sequence[Entity]) -> bool:
    """Whether a part is a picture that an HTML text shows, such as a signature's (RFC 2392)."""
    named = leaf.raw("Content-ID").strip("<> ")
    if not named or not leaf.kind.startswith("image/"):
        return False
    texts = (one.characters() for one in leaves if one.kind == "text/html")
    return any(f"cid:{named}" in text or f"cid:{quote(named)}" in text for text in texts)


def _own(text: str, letters: Sequence[Quotable] | None, called: frozenset[str], speaks: Speaks) -> OwnWords:
    cleaned = _cleaned(text[:LONGEST])
    rows = cleaned.splitlines()
    sure = len(text) <= LONGEST and len(cleaned) < LONGEST and len(rows) <= ROWS
    own = OwnWords(text=cleaned, called=called, sure=sure)
    everything, rows = rows[:ROWS], _without_footers(rows[:ROWS], speaks)
    # A message that is nothing but a footer is no empty answer: a machine may say so that it takes no mail.
    own.doubtful = any(row.strip() for row in everything) and not any(row.strip() for row in rows)
    own.doubtful &= any(row.strip() and not _is_sent_from(row, speaks) for row in everything)
    # A filter's banner may also be somebody's only words: "Report suspicious".
    own.doubtful |= any(fold(row) in BANNERS for row in everything)
    above, below = _split_at_unmarked_quote(rows, letters, speaks)
    pasted = 0
    for part in _between_marked_quotes(above, speaks):
        words = _unquoted(part, letters or (), run=_LONG_RUN)
        pasted += _length(part) - _length(words)
        _take_signature(words, speaks, own)
    if letters is None:
        own.rows = own.rows[:_SPOKEN]
        return own
    # One sentence of our letter is not a quote of it: somebody may mean what it says.
    own.doubtful |= 0 < pasted < max(map(_shortest, letters), default=0) // 3
    quoted = [_MARKS.sub("", row) for row in rows if _MARKED.match(row)]
    own.doubtful |= any(map(speaks, _unquoted(quoted, letters, run=_RUN)))
    left = [row for part in _between_marked_quotes(below, speaks) for row in part]
    rest = _unquoted(left, letters, run=_RUN)
    if sum(map(len, rest)) > max(sum(map(len, left)) // 2, _SHORT):
        own.sure = False  # another letter than ours: its words are not the writer's
    else:
        _take_signature(rest, speaks, own)
    return own


def _length(rows: Sequence[str]) -> int:
    return sum(len(_words(row)) for row in rows)


def _shortest(letter: Quotable) -> int:
    """The words of the shorter text of a letter."""
    return min((len(_letter_words(text)) for text in letter.texts), default=0)


_SPOKEN: Final = 15
"""So many rows are the writer's where it is not known what they may quote."""
_SHORT: Final = 400
"""Characters that may stand below a quoted header without a letter of ours."""


def _cleaned(text: str) -> str:
    """The text with one form for each character, without invisible ones."""
    whole = unicodedata.normalize("NFKC", text)
    kept = (c for c in whole if unicodedata.category(c) != "Cf" and not 0xFE00 <= ord(c) <= 0xFE0F)
    return "".join(kept)[:LONGEST]  # some letters have a form of eighteen


# -- quotes ---------------------------------------------------------------------------------------------

_MARKED: Final = re.compile(r"\s*(?:>|\|\s)")
_MARKS: Final = re.compile(r"(?:\s*(?:>|\|\s))+")
_FIELD: Final = re.compile(r"[\s*_]*([^\W\d_][^:<>@]{0,24}?)[\s*_]*[:：][\s*_]*(.*?)[\s*_]*")
_RULE: Final = re.compile(r"\s*(?:[-_]{2,}(?:.{0,60}[-_]{2,})?|[=*]{2,})\s*")
_TIME: Final = re.compile(r"\d{1,2}[:.]\d{2}")


def _between_marked_quotes(rows: Sequence[str], speaks: Speaks) -> Iterator[list[str]]:
    """The runs of rows that are not marked as quoted, without the attributions of quotes."""
    part: list[str] = []
    for row in rows:
        if not _MARKED.match(row):
            part.append(row)
        elif part:
            yield _without_attribution(part, speaks)
            part = []
    yield part


def _without_attribution(rows: list[str], speaks: Speaks) -> list[str]:
    """Rows without the "On 24 November, somebody wrote:" at their end."""
    end = len(rows)
    while end and not rows[end - 1].strip():
        end -= 1
    length = _attribution(rows[:end], speaks)
    return rows[: end - length] if length else rows


def _attribution(rows: Sequence[str], speaks: Speaks) -> int:
    """How many rows at the end are an attribution; 0 if they are none. Mail programs wrap long ones."""
    for length in range(1, min(4, len(rows)) + 1):
        lines = [row.strip() for row in rows[-length:]]
        text = " ".join(lines)
        if not all(lines) or len(text) > 400 or not text.endswith((":", "：")):
            return 0
        timed, addressed = _TIME.search(text) is not None, "@" in text
        named = ATTRIBUTIONS.search(fold(text)) is not None and (timed or addressed)
        if (named or (timed and addressed)) and any(c.isdigit() for c in text):
            return 0 if speaks(text) or _asks(text) else length
    return 0


def _split_at_unmarked_quote(
    rows: Sequence[str], letters: Sequence[Quotable] | None, speaks: Speaks
) -> tuple[list[str], list[str]]:
    """The rows above the first quote that is not marked, and those below its header or attribution."""
    for at in range(len(rows)):
        if length := _quoted_header(rows[at:], letters):
            above = list(rows[:at])
            while above and (not above[-1].strip() or _is_rule(above[-1], speaks)):
                above.pop()
            return above, list(rows[at + length :])
        if length := _attribution(rows[: at + 1], speaks):
            follows = next((row for row in rows[at + 1 :] if row.strip()), "")
            if not _MARKED.match(follows):
                return list(rows[: at + 1 - length]), list(rows[at + 1 :])
    return list(rows), []


def _is_rule(row: str, speaks: Speaks) -> bool:
    """Whether a row is the line above a quote, such as "-----Original Message-----"."""
    return _RULE.fullmatch(row) is not None and not speaks(row)


def _quoted_header(rows: Sequence[str], letters: Sequence[Quotable] | None) -> int:
    """How many rows are the header of a letter that may be quoted, as Outlook writes it; 0 if they are none."""
    length, fields, ours = 0, 0, letters is None
    for row in rows[:24]:
        found = _FIELD.fullmatch(row)
        label = found[1] if found else ""
        if row.strip() and fold(label) not in HEADER_LABELS:
            break
        length += 1
        fields += bool(label)
        ours |= found is not None and is_subject_of(letters or (), found[2])
        if ours and not row.strip():
            break
    return length if fields >= 3 and ours and rows[0].strip() else 0


_REPLY: Final = r"re|aw|sv|vs|antw|odp|r|rif|res|rép|rep|réf|ref|ynt|yt|vá|betr|ateb|atb|ang|на|отв|відп|ответ|відповідь|رد|回复|回覆|返信|答复"
_EXTERNAL: Final = (
    r"[\[(]\s*(?:ext|external|externe?|externo|esterno|extern|zewnętrzny|allanol)"
    r"(?:[ -](?:e-?mail|sender|mail))?\s*[\])]|external\s?:"
)
REPLY_PREFIXES: Final = re.compile(
    rf"\s*(?:(?:(?:{_REPLY})(?:\[\d+\])?\s*\.?\s*[:：]|{_EXTERNAL})\s*)+", re.IGNORECASE
)
"""What mail programs put before the subject of a reply, in many languages, and warnings of external mail."""


def is_subject_of(letters: Sequence[Quotable], subject: str) -> bool:
    """Whether this is the subject of one of these letters, perhaps as that of a reply.

    With a question or exclamation mark that is not ours, it is the writer's.
    """
    bare = REPLY_PREFIXES.sub("", subject, count=1)
    return any(
        fold(bare) == fold(letter.subject) and _EMPHASIS.findall(bare) == _EMPHASIS.findall(letter.subject)
        for letter in letters
    )


_EMPHASIS: Final = re.compile(r"[?!？！؟]")


def is_link(word: str) -> bool:
    """Whether a word is an address on the web."""
    return "//" in word or "www." in word


def _spoken(row: str) -> str:
    """A row without links, addresses and numbers."""
    kept = (w for w in row.split() if not is_link(w) and "@" not in w and not any(c.isdigit() for c in w))
    return " ".join(kept)


_DATES: Final = frozenset(
    fold(name)
    for names in (calendar.day_name, calendar.day_abbr, calendar.month_name, calendar.month_abbr)
    for name in names
    if name
)


def _words(row: str) -> list[str]:
    """The words of a row, without links, addresses, numbers, and days and months."""
    return [word for word in fold(_spoken(row)).split() if word not in _DATES]


@lru_cache(maxsize=64)
def _letter_words(text: str) -> tuple[str, ...]:
    return tuple(word for row in _cleaned(text).splitlines() for word in _words(row))


def _unquoted(rows: Sequence[str], letters: Sequence[Quotable], *, run: int) -> list[str]:
    """The rows without the words of a letter of ours: of each row what is left of it.

    Outlook does not mark what it quotes. People write above it, below it and in the middle. `run` is how many
    words in a row must be the letter's.
    """
    words = [(at, word) for at, row in enumerate(rows) for word in _words(row)]
    if not words or len(words) > _QUOTED_WORDS:
        return list(rows)
    left = min(
        (
            _left([word for _, word in words], _letter_words(text), run)
            for one in letters
            for text in one.texts
        ),
        key=len,
        default=range(len(words)),
    )
    kept: dict[int, list[str]] = {}
    for index in left:
        at, word = words[index]
        kept.setdefault(at, []).append(word)
    end = max((words[index][0] for index in range(len(words)) if index not in set(left)), default=-1)
    found = []
    for at, row in enumerate(rows):
        bare = _spoken(row)
        sign = not _words(row) and bool(bare and not bare.isalnum())
        number = at > end and row.strip().isdigit()
        if not row.strip() or sign or number or (at in kept and len(kept[at]) == len(_words(row))):
            found.append(row)
        elif at in kept:
            found.append(" ".join(kept[at]) + ("?" if "?" in row else ""))
    return found


_RUN: Final = 3
_LONG_RUN: Final = 8
"""So many words in a row must be those of our letter to count as quoted, below a quoted header and elsewhere."""


def _left(words: Sequence[str], letter: Sequence[str], run: int) -> Sequence[int]:
    """The places of the words that are not the letter's, in its order."""
    quoted: set[int] = set()
    for block in SequenceMatcher(None, words, letter, autojunk=False).get_matching_blocks():
        if block.size >= run:
            quoted.update(range(block.a, block.a + block.size))
    return [at for at in range(len(words)) if at not in quoted]


# -- HTML -----------------------------------------------------------------------------------------------

_CITED: Final = (
    "blockquote[type=cite], blockquote[cite], blockquote.gmail_quote, blockquote.protonmail_quote, "
    "div.gmail_attr, div.moz-cite-prefix"
)
_SIGNED: Final = "div.gmail_signature, .moz-signature, .protonmail_signature_block, #Signature, #ms-outlook-mobile-signature"
_LONGEST_CITED: Final = 5_000
"""Characters of a quote in HTML that are searched for words of the writer's."""
_NEW_ROW: Final = "\ue000"  # of the private use area; white space would be folded
_UNSURE: Final = "?"  # for words that are struck through, and for a picture without words


def _markup_text(leaf: Entity, speaks: Speaks | None = None) -> str:
    """The text of HTML as a mail program would write it plainly: quotes marked, signatures behind dashes.

    `speaks` finds pictures that say something. Words that are struck through become a sign that says nothing sure.
    """
    tree = LexborHTMLParser(leaf.characters().replace(_NEW_ROW, " "))
    for node in tree.css(_CITED):
        cited = node.text(separator=f"{_NEW_ROW}> ")[:_LONGEST_CITED]
        node.insert_before(f"{_NEW_ROW}> {cited}{_NEW_ROW}")
        node.decompose()
    for node in tree.css("img"):
        alt = (node.attributes.get("alt") or "").strip()
        if speaks and speaks(alt):  # a picture of words; others are mostly logos
            node.insert_before(f"{_NEW_ROW}{alt}{_NEW_ROW}")
    for node in tree.css("s, strike, del, [style*='line-through' i]"):
        node.insert_before(f"{_NEW_ROW}{_UNSURE}{_NEW_ROW}")
    if tree.css_first("img") is not None and not (tree.body and tree.body.text().strip()):
        return _UNSURE  # nothing but a picture, which may be one of a word
    for node in tree.css(_SIGNED):
        node.insert_before(f"{_NEW_ROW}-- {_NEW_ROW}")
    return without_markup(re.sub(r"[ \t\r\n]+", " ", tree.html or "")).replace(_NEW_ROW, "\n")


# -- signatures and footers -----------------------------------------------------------------------------

_DASHES: Final = re.compile(r"\s*(?:--|—|–|__|==)\s*")
QUESTION: Final = re.compile(r"[?؟]|[\u0370-\u03ff]\s*;")
"""A question mark; in Greek it is a semicolon."""
_SPEAKING: Final = re.compile(rf"{QUESTION.pattern}|^\s*p\.?\s?s\b", re.IGNORECASE)
_CONTACT: Final = re.compile(r"\d(?:[\s().+/-]*\d){4}|@|www\.|//|[|•·]")
_LONGEST_SIGNATURE: Final = 16


def _without_footers(rows: Sequence[str], speaks: Speaks) -> list[str]:
    """Rows without legal footers, warnings of external mail, and lines such as "Sent from my iPhone"."""
    kept: list[str] = []
    below_footer = False
    for group in _wrapped(rows):
        text = " ".join(group)
        folded = fold(text)
        remark = len(text) < _LONG and not REMARKS.isdisjoint(folded.split())
        footer = (FOOTERS.search(folded) and not remark) or folded in BANNERS or _is_fact(text)
        footer = footer or (len(text) >= _LONG and (below_footer or _is_legal(folded)))
        below_footer = bool(footer and not _is_personal(text) and not _asks(text))
        below_footer &= not (speaks(text) or NEWS.search(folded))
        if not below_footer and not _is_sent_from(text, speaks):
            kept += group
    return kept


def _is_sent_from(text: str, speaks: Speaks) -> bool:
    """Whether a line is one that a mail program adds: "Sent from my iPhone"."""
    folded = fold(text)
    says = MISTAKES.search(folded) or NEWS.search(folded) or speaks(text)
    says = says or not PROTESTS.isdisjoint(folded.split())
    return bool(SENT_FROM.fullmatch(folded)) and not says


def _is_personal(text: str) -> bool:
    """Whether somebody speaks of themselves. In a long text a word counts only if it is no other one elsewhere."""
    words = fold(text).split()
    if len(text) >= _LONG and _ENGLISH.isdisjoint(words):
        words = [word for word in words if word not in AND]
    return FIRST_PERSON.search(" ".join(words)) is not None


_ENGLISH: Final = frozenset({"the", "this", "you", "your"})


def _is_legal(folded: str) -> bool:
    return len({found["said"] for found in LEGAL.finditer(folded)}) >= 2


def _asks(text: str) -> bool:
    """Whether a text may say something by a question or a postscript; the marks within links are none."""
    return _SPEAKING.search(" ".join(word for word in text.split() if not is_link(word))) is not None


def is_wrapped(row: str) -> bool:
    """Whether the next row probably goes on with the sentence: mail programs wrap at 65 to 80 characters."""
    return 55 <= len(row) <= 100 and not row.rstrip().endswith((".", "!", "?", ":", "।", "؟"))


_LONG: Final = 80
"""A line below a footer that is as long belongs to it."""


def _wrapped(rows: Sequence[str]) -> Iterator[list[str]]:
    """Rows in groups, each a line that a mail program has wrapped."""
    group: list[str] = []
    for row in rows:
        label = _FIELD.fullmatch(row)
        header = label is not None and fold(label[1]) in HEADER_LABELS
        alone = header or not row.strip() or _MARKED.match(row) is not None
        if alone and group:
            yield group
            group = []
        group.append(row)
        if alone or not is_wrapped(row):
            yield group
            group = []
    if group:
        yield group


def _take_signature(rows: Sequence[str], speaks: Speaks, own: OwnWords) -> None:
    """Add the rows that are no signature to the writer's own words.

    An unknown row below a name belongs to the signature only if a number, an address or the like follows.
    """
    signing = known = False  # in a signature; which surely is one, by a name, an address or dashes
    length, unknown = 0, list[str]()
    for row in rows:
        if not any(c.isalnum() or unicodedata.category(c) in ("So", "Co") or c in "?!‽¿؟;" for c in row):
            if _DASHES.fullmatch(row) and row.strip():
                signing = known = True
            continue
        kind = "" if signing else _begins_signature(row, own.called)
        if kind != "thanks" and (speaks(row) or _asks(row) or length >= _LONGEST_SIGNATURE):
            own.rows += [*unknown, row]
            signing = known = own.signed = False
            unknown = []
        elif kind:
            signing, known, own.signed = True, kind == "name", kind != "thanks"
            if kind == "thanks":
                own.rows.append(row)
        elif signing and (sure := _is_sure(row, own.called)) is not None:
            known |= sure
            unknown = [] if sure else unknown
            length += 1
        elif signing and known and not FIRST_PERSON.search(fold(row)) and not _doubts(row):
            own.doubtful = True
            unknown.append(row)
            length += 1
        else:
            own.rows += [*unknown, row]
            signing = known = own.signed = False
            unknown = []
    own.rows += unknown


def _is_sure(row: str, called: frozenset[str]) -> bool | None:
    """Whether a row of a signature holds what only a signature does; False: it looks like a title; None: neither."""
    if _is_name(row, called) or _is_contact(row) or _is_fact(row):
        return None if _doubts(row) else True
    words = fold(row).split()
    hours = WORKING_HOURS.fullmatch(" ".join(words)) and not _DATES.isdisjoint(words)
    return False if (_is_title(row) or hours) and not _doubts(row) else None


def _begins_signature(row: str, called: frozenset[str]) -> str:
    """Whether a signature begins here: by a "name", a "sign-off", or "thanks", which also say something."""
    if _is_name(row, called):
        return "name"
    words = fold(row).split()
    while words and words[-1] in called:
        words.pop()
    text = " ".join(words)
    return "thanks" if text in THANKS else "sign-off" if text in SIGN_OFFS else ""


def _is_name(row: str, called: frozenset[str]) -> bool:
    words = [word for word in fold(row).split() if word not in TITLES]
    if not words or len(row) > 120:
        return False
    if all(word in called for word in words):
        return True
    return len(words) > 2 and called.issuperset(words[:2]) and _is_title(_spoken(row))


def _is_title(row: str) -> bool:
    """Whether a row looks like a post or an organization: few words, written with capitals, no sentence."""
    words = re.findall(r"[^\W\d_]+", row)
    numbered = any(c.isdigit() for c in row)  # a line of an address
    if not HEADS.isdisjoint(said := fold(row).split()) and POSTS.issuperset(said):
        return True
    if not (1 if numbered else 2) <= len(words) <= 10 or row.strip().endswith((".", "!", ",")):
        return False
    if UNLIKE_TITLES.intersection(fold(row).split()):
        return False
    if all(len(word) <= 3 for word in words) and not numbered:
        return False  # as in many a short question
    return all(word[:1].isupper() or len(word) <= 3 for word in words) and words[0][:1].isupper()


def _is_contact(row: str) -> bool:
    """Whether a row holds numbers or addresses, and few words besides."""
    if not _CONTACT.search(row) or not UNLIKE_TITLES.isdisjoint(fold(_spoken(row)).split()):
        return False
    words: list[str] = re.findall(r"[^\W\d_]+", _spoken(row))
    return sum(word.islower() and len(word) > 3 for word in words) <= 3


def _is_fact(row: str) -> bool:
    """Whether a row holds a company's register, number or managers, and else only names and figures."""
    folded = fold(row)
    if (
        not FACTS.search(folded)
        or not re.search(r"[\d:/]", row)
        or not (UNLIKE_TITLES - {"no"}).isdisjoint(folded.split())
    ):
        return False
    words = re.findall(r"[^\W\d_]+", row)
    return all(not word[:1].islower() or len(word) <= 3 or fold(word) in FACT_WORDS for word in words)


def _doubts(row: str) -> bool:
    """Whether a row that stands below a name says something, such as a condition."""
    return DOUBTS.search(fold(row)) is not None and not (_is_fact(row) or _is_contact(row))
