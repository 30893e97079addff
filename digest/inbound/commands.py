"""Commands: what subscribers ask for, by the address they write to, else by the subject or the first line."""

from __future__ import annotations

import re
from typing import Final

from digest.inbound.entity import Entity
from digest.inbound.kinds import Action, Place, Room
from digest.inbound.old_formats import human_text

# What mail programs put before the subject of an answer, in the languages of their makers.
_ANSWERS: Final = re.compile(
    r"\s*(?:(?:re|aw|sv|vs|antw|odp|r|rif|res|rép|ref|ynt|yt|vá|回复|回覆|返信|答复)(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_VERBS: Final = {
    "subscribe": Action.JOIN,
    "join": Action.JOIN,
    "unsubscribe": Action.LEAVE,
    "leave": Action.LEAVE,
    "remove": Action.LEAVE,
    "stop": Action.LEAVE,
    "signoff": Action.LEAVE,
    "opt-out": Action.LEAVE,
    "opt out": Action.LEAVE,
    "help": Action.HELP,
    "confirm": Action.CONFIRM,
}
_VERB: Final = "|".join(sorted(_VERBS, key=len, reverse=True))
# What a pattern without regard to case takes for an i and an s as well: SUBSCRİBE is typed on Turkish keyboards.
_ALIKE: Final = str.maketrans("İıſ", "iis")
DETAIL: Final = 200
"""Characters that a token or a topic may have."""
_WHOLE: Final = re.compile(
    rf"\s*(?:please\s+)?({_VERB})(?:\s+me)?(?:[\s:]+(?!please\b)([\w.=~+-]{{1,{DETAIL}}}))?\s*(?:please\s*)?[.!]*\s*",
    re.IGNORECASE,
)
# Our confirmation mail may carry the code in its subject; an answer to it brings it back.
_IN_BRACKETS: Final = re.compile(
    rf".*[\[(]\s*(confirm|unsubscribe|leave)[\s:]+([\w.=~+-]{{1,{DETAIL}}})\s*[\])]\s*", re.IGNORECASE
)
_QUOTE: Final = re.compile(
    r"\s*(?:>|\||-- ?$|—$|_{5,}|-{3,} ?\w+|Sent from |Von meinem |Envoyé de |Get Outlook|Inviato da |Wysłane z "
    r"|(?:On|Am|Le|El|Op|Il|Dnia|W dniu|Den)\b.{0,120}(?:wrote|schrieb|écrit|escribió|schreef|scritto|napisał\w*|skrev)\b.{0,80}:?"
    r"|(?:From|Von|De|Van|Da|Od|Från|差出人)\s?[:：])",
    re.IGNORECASE,
)
_DETAIL: Final = re.compile(rf"[\w.=~+-]{{0,{DETAIL}}}")


def command_in(mail: Entity, place: Place) -> tuple[Action, str] | None:
    """The action and what came with it; None where nothing is asked that we know.

    At an address of our own for commands the address decides. Elsewhere the subject does, if it holds nothing
    but a command; where it is empty or an answer's, the first line does, if it holds nothing else.
    """
    if place.room is Room.COMMAND and place.name != Action.HELP:
        return (Action(place.name), place.detail) if _DETAIL.fullmatch(place.detail) else None
    asked = _by_subject(mail) or _by_first_line(mail)
    if asked is None and place.name == Action.HELP:
        return Action.HELP, place.detail if _DETAIL.fullmatch(place.detail) else ""
    return asked


def _by_subject(mail: Entity) -> tuple[Action, str] | None:
    subject = _ANSWERS.sub("", mail.get("Subject"), count=1)
    found = _WHOLE.fullmatch(subject) or _IN_BRACKETS.fullmatch(subject)
    return (_action(found[1]), found[2] or "") if found else None


def _by_first_line(mail: Entity) -> tuple[Action, str] | None:
    subject = mail.get("Subject")
    if subject and not _ANSWERS.match(subject):
        return None
    rows = own_words(human_text(mail))
    found = _WHOLE.fullmatch(rows[0]) if len(rows) == 1 else None
    # HELP and CONFIRM in a body are everyday words; leaving and joining are not written by accident.
    if found is None or (action := _action(found[1])) not in (Action.LEAVE, Action.JOIN):
        return None
    return action, found[2] or ""


def _action(verb: str) -> Action:
    """What a verb asks for, as one of our patterns found it."""
    return _VERBS[verb.translate(_ALIKE).lower()]


def words_beside(mail: Entity) -> bool:
    """Whether the writer wrote more than a command."""
    return any(not _WHOLE.fullmatch(row) for row in own_words(human_text(mail)))


def own_words(text: str) -> list[str]:
    """The lines that the writer wrote, up to the signature or to what is quoted."""
    rows: list[str] = []
    for row in text[:8_000].splitlines():
        if _QUOTE.match(row):
            break
        if row.strip():
            rows.append(row[:300].strip())
    return rows
