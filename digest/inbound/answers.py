"""Answers: what somebody says to a letter of ours in their own words, and to what only a person can reply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Final

from digest.inbound.answer_phrases import (
    ABSENCE,
    AMBIGUOUS,
    ASKS,
    CONDITION,
    COURTESY,
    GREETING,
    GREETING_ALONE,
    IMPERATIVES,
    LEAVE,
    MISSPELT,
    NEGATED,
    NO,
    OBJECT,
    OBJECTION,
    OBJECTION_WITHIN,
    OUR_BUSINESS,
    REQUEST,
    YES,
)
from digest.inbound.entity import Entity
from digest.inbound.kinds import Says
from digest.inbound.own_words import (
    QUESTION,
    REPLY_PREFIXES,
    OwnWords,
    Quotable,
    is_link,
    is_subject_of,
    is_wrapped,
    own_words,
)
from digest.inbound.phrases import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the own words of a message say."""

    says: Says
    rest: bool = False  # they say more than that, which a person should read
    rows: tuple[str, ...] = ()  # the words themselves, of the plain text if there is one


def answer_in(mail: Entity, letters: Sequence[Quotable] | None) -> Answer:
    """What the writer says, in the subject and in the text.

    `letters` are those that the message may answer. Only by them is it known what is quoted where a mail
    program does not mark it; None: all that stands below a quoted header is left out.
    """
    texts, subject = texts_of(mail, letters), _of_subject(mail, letters)
    if texts.says is Says.NO:
        return texts
    if subject is Says.NO:
        return Answer(says=Says.NO, rest=texts.says is Says.OTHER, rows=texts.rows)
    asks = subject is Says.OTHER and "?" in mail.get("Subject")
    if texts.says is Says.OTHER or (texts.says is Says.YES and not asks):
        return texts
    return Answer(says=subject, rest=subject is Says.OTHER, rows=texts.rows)


def texts_of(mail: Entity, letters: Sequence[Quotable] | None) -> Answer:
    """What the writer says in the text. The plain and the HTML text must agree on a yes."""
    names = re.sub(r"@[^\s<>]*", " ", mail.get("From"))  # in From: a name, and an address without its domain
    own = own_words(mail, letters, names, _speaks)
    found = [_of_text(one) for one in own]
    says = {one.says for one in found}
    word = next((one for one in (Says.NO, Says.OTHER, Says.YES) if one in says), Says.NOTHING)
    return Answer(says=word, rest=any(one.rest for one in found), rows=tuple(own[0].rows))


def is_notice_alone(mail: Entity, letters: Sequence[Quotable]) -> bool:
    """Whether the text under the subject of an absence notice is only that: its writer says nothing to us."""
    names = re.sub(r"@[^\s<>]*", " ", mail.get("From"))
    said = [one for own in own_words(mail, letters, names, _speaks) for one in _sentences(own.rows)]
    answers = any(objects(one) or _begins_an_answer(one) or QUESTION.search(one) for one in said)
    about_us = any(OUR_BUSINESS.search(fold(one)) for one in said)
    away = any(ABSENCE.search(fold(one)) for one in said)
    return not said or (away and not answers and not about_us)


def _begins_an_answer(sentence: str) -> bool:
    """Whether a sentence begins with a yes or a no: "Yes, please add Kent"."""
    clause = fold(re.split(r"[,،、;:–]", sentence, maxsplit=1)[0])
    return clause in YES or clause in NO


def _of_subject(mail: Entity, letters: Sequence[Quotable] | None) -> Says:
    """What a subject says: nothing, if it is that of a reply to a letter of ours."""
    subject = mail.get("Subject")
    bare = REPLY_PREFIXES.sub("", subject, count=1).strip()
    if not bare or is_subject_of(letters or (), subject):
        return Says.NOTHING
    if objects(bare):
        return Says.NO
    if REPLY_PREFIXES.match(subject) and letters is None:
        return Says.NOTHING
    return Says.YES if _agrees(bare) else Says.OTHER


def _of_text(own: OwnWords) -> Answer:
    rows = _without_greeting(own.rows)
    if not rows or (own.signed and len(own.rows) == 1 and _only_greets(rows[0])):
        silent = own.sure and not own.doubtful
        return Answer(says=Says.NOTHING if silent else Says.OTHER, rest=not silent)
    sentences = list(_sentences(rows))
    objections = [one for one in sentences if objects(one)]
    if objections:
        rest = [one for one in sentences if one not in objections and not _is_courteous(fold(one))]
        return Answer(says=Says.NO, rest=bool(rest) or not own.sure)
    agrees = own.sure and _agrees(_unsigned(rows, own.called), evidence=own.text)
    return Answer(says=Says.YES if agrees else Says.OTHER, rest=not agrees)


def _unsigned(rows: Sequence[str], called: frozenset[str]) -> str:
    """The rows as one text without the writer's name at its end: "Yes. Thanks, Mina"."""
    words = " ".join(rows).split()
    while words and fold(words[-1]) in called and not objects(words[-1]):
        words.pop()
    return " ".join(words)


def _without_greeting(rows: Sequence[str]) -> list[str]:
    """Rows without a "Dear Noon team," above them."""
    greets = len(rows) > 1 and len(rows[0]) < 60 and GREETING.fullmatch(fold(rows[0]))
    return list(rows[1:]) if greets and not re.search(r"[.!?].*\w|,.*\w", rows[0]) else list(rows)


def _only_greets(row: str) -> bool:
    """Whether a row is a greeting and nothing else: "Hello team,"."""
    return GREETING_ALONE.fullmatch(fold(row)) is not None and not QUESTION.search(row)


_SENTENCE: Final = re.compile(r"[^.!?؟।…。۔]+[.!?؟।…。۔]*|[.!?؟।…。۔]+")


def _sentences(rows: Sequence[str]) -> Iterator[str]:
    text = ""
    for row in rows:
        text += " ".join(word for word in row.split() if not is_link(word)) + (
            " " if is_wrapped(row) else "\n"
        )
    for line in text.splitlines():
        yield from (found[0].strip() for found in _SENTENCE.finditer(line) if found[0].strip())


# -- yes and no -----------------------------------------------------------------------------------------

_LONGEST: Final = 400
"""Characters of a text that can be nothing but a yes or a no."""
_PHRASE: Final = max(len(phrase.split()) for words in (YES, NO, LEAVE, OBJECT, COURTESY) for phrase in words)


_Chain = tuple[()] | tuple[int, "_Chain"]
"""A list that shares its end with others: kinds of phrases."""


def _phrases(folded: str, *known: frozenset[str]) -> list[int] | None:
    """To which of these lists each phrase of a text belongs, the longest first; None if they are not all known."""
    words = folded.split()
    found: list[_Chain | None] = [*([None] * len(words)), ()]  # of the text from each word on
    for at in reversed(range(len(words))):
        for length in range(min(_PHRASE, len(words) - at), 0, -1):
            rest, phrase = found[at + length], " ".join(words[at : at + length])
            kind = next((n for n, phrases in enumerate(known, 1) if phrase in phrases), 0)
            if kind and rest is not None:
                found[at] = (kind, rest)
            if found[at] or phrase in ASKS:  # "please confirm" is no courtesy with a yes
                break
    kinds, chain = [], found[0]
    while chain:
        kinds.append(chain[0])
        chain = chain[1]
    return kinds if found[0] is not None else None


def _is_courteous(folded: str) -> bool:
    """Whether a text is nothing but a greeting or thanks."""
    return bool(_phrases(folded, COURTESY))


def _refuses(folded: str) -> bool:
    return 1 in (_phrases(folded, NO, COURTESY) or ())


def _orders(folded: str) -> bool:
    """Whether a text is an order to stop, such as "please unsubscribe me" or "OK, stop"."""
    kinds = [kind for kind in _phrases(folded, LEAVE, OBJECT, COURTESY, NO, YES) or () if kind != 3]
    order = list(dropwhile(lambda kind: kind == 5, kinds))
    return order[:1] == [1] and 5 not in order


_OBJECTION: Final = re.compile(rf"(?<!\S)(?:{OBJECTION})(?!\S)")


def _agrees(text: str, evidence: str = "") -> bool:
    """Whether a text says yes and nothing else."""
    folded = fold(text)
    if not folded or QUESTION.search(text) or len(folded) > _LONGEST:
        return False
    if found := AMBIGUOUS.get(folded):
        return found.search(fold(evidence)) is not None
    return 1 in (_phrases(folded, YES, COURTESY) or ())


def _speaks(row: str) -> bool:
    """Whether a row that looks like a part of a signature or footer says something all the same."""
    return objects(row) or _agrees(row) or _is_courteous(fold(row))


def objects(text: str) -> bool:
    """Whether one of the sentences of a text says no, or asks us to write no more."""
    return any(_objects(sentence) for sentence in _sentences(text.splitlines()))


def _objects(sentence: str) -> bool:
    folded = MISSPELT.sub("unsubscribe", fold(sentence))
    asks = QUESTION.search(sentence) is not None
    if not folded or (asks and not _asks_to_leave(folded)) or CONDITION.match(folded):
        return False
    if len(folded) < _LONGEST and (_refuses(folded) or _orders(folded)):
        return True
    if OBJECTION_WITHIN.search(folded):
        return True
    return any(_is_meant(folded, found) for found in _OBJECTION.finditer(folded))


def _asks_to_leave(folded: str) -> bool:
    words = folded.split()
    while words and words[0] in COURTESY:
        words.pop(0)
    return REQUEST.match(" ".join(words)) is not None


def _is_meant(folded: str, found: re.Match[str]) -> bool:
    """Whether an objection stands as it is, and not as "please do not remove me"."""
    if not IMPERATIVES.match(found[0]):
        return True
    return NEGATED.search(folded[: found.start()].rstrip()) is None
