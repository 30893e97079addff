"""Commands: what subscribers ask for, by the address that they write to, by the subject or by their own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from digest.inbound.answers import Answer, answer_in, texts_of
from digest.inbound.entity import Entity
from digest.inbound.kinds import Action, AddressRole, OurAddress, Says
from digest.inbound.own_words import REPLY_PREFIXES, Quotable

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
_DETAIL: Final = re.compile(rf"[\w.=~+-]{{0,{DETAIL}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a message asks for, and what its own words say to that."""

    action: Action
    detail: str = ""  # the token or topic; may be empty
    answer: Answer


def command_in(mail: Entity, recipient: OurAddress, letters: Sequence[Quotable]) -> Asked | None:
    """What a message asks for; None if it holds no command.

    At an address for commands the address decides. At other addresses the subject decides if it holds only a
    command, then the writer's only line if the subject is empty or a reply's. Own words that object turn a
    wish to join into one to leave, and are one at the other addresses. `letters` may be quoted in an answer to
    a confirmation.
    """
    at_command = recipient.role is AddressRole.COMMAND and recipient.name != Action.HELP
    if at_command and not _DETAIL.fullmatch(recipient.detail):
        return None
    if at_command:
        action, detail = Action(recipient.name), recipient.detail
        return _asked(action, detail, answer_in(mail, letters if action is Action.CONFIRM else None))
    if found := _by_subject(mail):
        texts = texts_of(mail, letters if found[0] is Action.CONFIRM else None)
        return _asked(*found, texts)
    answer = answer_in(mail, None)
    if found := _by_only_line(mail, answer):
        return Asked(action=found[0], detail=found[1], answer=answer)
    if answer.says is Says.NO:
        return Asked(action=Action.LEAVE, answer=answer)
    if recipient.name != Action.HELP:
        return None
    detail = recipient.detail if _DETAIL.fullmatch(recipient.detail) else ""
    return Asked(action=Action.HELP, detail=detail, answer=answer)


def _asked(action: Action, detail: str, answer: Answer) -> Asked:
    if action is Action.JOIN and answer.says is Says.NO:
        return Asked(action=Action.LEAVE, answer=answer)
    return Asked(action=action, detail=detail, answer=answer)


def _by_subject(mail: Entity) -> tuple[Action, str] | None:
    subject = REPLY_PREFIXES.sub("", mail.get("Subject"), count=1)
    found = _WHOLE.fullmatch(subject) or _IN_BRACKETS.fullmatch(subject)
    return (_action(found[1]), found[2] or "") if found else None


def _by_only_line(mail: Entity, answer: Answer) -> tuple[Action, str] | None:
    subject = mail.get("Subject")
    if subject and not REPLY_PREFIXES.match(subject):
        return None
    found = _WHOLE.fullmatch(answer.rows[0]) if len(answer.rows) == 1 else None
    # HELP and CONFIRM are everyday words in a body; nobody writes UNSUBSCRIBE or SUBSCRIBE alone by accident.
    if found is None or (action := _action(found[1])) not in (Action.LEAVE, Action.JOIN):
        return None
    return action, found[2] or ""


def _action(verb: str) -> Action:
    """The action of a verb that one of the patterns above found."""
    return _VERBS[verb.translate(_ALIKE).lower()]


def has_other_words(asked: Asked) -> bool:
    """Whether the writer wrote something that a person should read."""
    if asked.action is Action.HELP:
        return any(not _WHOLE.fullmatch(row) for row in asked.answer.rows)
    if asked.action in (Action.JOIN, Action.LEAVE) and (asked.detail or asked.answer.says is not Says.NO):
        return False  # mail programs write a body of their own
    return asked.answer.rest
