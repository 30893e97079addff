"""Commands: what subscribers ask for, by the address that they write to, by the subject or by the first line."""

from __future__ import annotations

import re
from typing import Final

from digest.inbound.entity import Entity, unquoted_text
from digest.inbound.kinds import Action, AddressRole, OurAddress

# What mail programs put before the subject of a reply, in many languages.
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
# re.IGNORECASE takes these for i and s too: on a Turkish keyboard people type SUBSCRİBE.
_ALIKE: Final = str.maketrans("İıſ", "iis")
DETAIL: Final = 200
"""The most characters of a token or topic."""
_WHOLE: Final = re.compile(
    rf"\s*(?:please\s+)?({_VERB})(?:\s+me)?(?:[\s:]+(?!please\b)([\w.=~+-]{{1,{DETAIL}}}))?\s*(?:please\s*)?[.!]*\s*",
    re.IGNORECASE,
)
# The subject of our confirmation mail may hold the code; a reply repeats it.
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


def command_in(mail: Entity, recipient: OurAddress) -> tuple[Action, str] | None:
    """The action, and the token or topic with it (may be empty); None if the mail holds no command.

    At an address for commands the address decides. At other addresses the subject decides if it holds only a
    command. If the subject is empty or a reply's, the writer's only line decides.
    """
    if recipient.role is AddressRole.COMMAND and recipient.name != Action.HELP:
        return (Action(recipient.name), recipient.detail) if _DETAIL.fullmatch(recipient.detail) else None
    asked = _by_subject(mail) or _by_first_line(mail)
    if asked is None and recipient.name == Action.HELP:
        return Action.HELP, recipient.detail if _DETAIL.fullmatch(recipient.detail) else ""
    return asked


def _by_subject(mail: Entity) -> tuple[Action, str] | None:
    subject = _ANSWERS.sub("", mail.get("Subject"), count=1)
    found = _WHOLE.fullmatch(subject) or _IN_BRACKETS.fullmatch(subject)
    return (_action(found[1]), found[2] or "") if found else None


def _by_first_line(mail: Entity) -> tuple[Action, str] | None:
    subject = mail.get("Subject")
    if subject and not _ANSWERS.match(subject):
        return None
    rows = written_lines(unquoted_text(mail))
    found = _WHOLE.fullmatch(rows[0]) if len(rows) == 1 else None
    # HELP and CONFIRM are everyday words in a body; nobody writes UNSUBSCRIBE or SUBSCRIBE alone by accident.
    if found is None or (action := _action(found[1])) not in (Action.LEAVE, Action.JOIN):
        return None
    return action, found[2] or ""


def _action(verb: str) -> Action:
    """The action of a verb that one of the patterns above found."""
    return _VERBS[verb.translate(_ALIKE).lower()]


def has_other_words(mail: Entity) -> bool:
    """Whether the writer wrote lines that are no command."""
    return any(not _WHOLE.fullmatch(row) for row in written_lines(unquoted_text(mail)))


def written_lines(text: str) -> list[str]:
    """The lines before the signature or the quoted text."""
    rows: list[str] = []
    for row in text[:8_000].splitlines():
        if _QUOTE.match(row):
            break
        if row.strip():
            rows.append(row[:300].strip())
    return rows
