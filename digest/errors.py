"""The tree of errors. Expected outcomes are values elsewhere; these are the surprises.

DigestError
├── ConfigError          the operator's files are wrong; every problem found is inside
├── StoreError
│   ├── StateMissing     no database here, or an empty one: never taken for a fresh install
│   ├── StateUnreadable  there is something, but not a database of ours
│   ├── KeyChanged       suppressions were sealed with another key and would protect nobody
│   ├── LeaseLost        another worker holds this delivery now; write nothing
│   └── Overtaken        what was read to decide on has changed meanwhile; read it again
├── ParseError           these bytes are not the feed or page they were said to be
├── OverrunError         a worker process was stopped: too slow, too big, or it died
├── TokenError           a link's token is forged, cut, or for another action
├── ComposeError         this message cannot be written: nothing to say, or a header no relay would take
├── LetterUnreadable     this version does not understand a stored letter; a later version may have written it
├── MailboxError         the mailbox that we read could not be read; the next look may do better
├── SigningError         this message could not be signed; it must not go out unsigned
├── Refused              an operator asked for what cannot be done so; the message says why
└── IllegalMove          a lifecycle was asked for a step that its table does not have
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class DigestError(Exception):
    """The root: whatever this project raises on purpose.

    An error's `args` are what its class is called with, so that it comes whole out of a worker process.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in one of the operator's files."""

    file: str
    line: int | None  # 1-based; None where the file as a whole is meant
    key: str  # dotted path, such as "sources.1.url"; empty for the whole file
    found: str  # what stood there, shortened; empty where nothing did
    expected: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        subject = f" {self.key}:" if self.key else ""
        found = f" found {self.found};" if self.found else ""
        return f"{place}:{subject}{found} expected {self.expected}"


class ConfigError(DigestError):
    """The operator's files do not say something we can run; `problems` names every one found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class StoreError(DigestError):
    """The database is not in a state we may write to."""


class StateMissing(StoreError):
    """There is no state where the configuration points; only `digest init` may create it."""


class StateUnreadable(StoreError):
    """There is something where the configuration points, but we cannot read it as our state."""


class KeyChanged(StoreError):
    """Addresses that are suppressed, or that left, cannot be found with this key."""

    def __init__(self, sealed: int) -> None:
        super().__init__(sealed)
        self.sealed = sealed

    def __str__(self) -> str:
        return (
            f"{self.sealed} suppressed or departed addresses were sealed with another key and would not be "
            "found: set DIGEST_SUPPRESSION_KEY to the DIGEST_SECRET_KEY of that time; if it is lost, "
            "`digest subscribers unsuppress --all` drops them"
        )


class LeaseLost(StoreError):
    """The fence moved on: another worker owns this delivery, so nothing may be written."""


class Overtaken(StoreError):
    """What was read to decide on has changed meanwhile, and nothing was written: read again, then decide."""


class ParseError(DigestError):
    """The bytes are not what they were said to be; asking again for the same bytes cannot help."""


class OverrunError(DigestError):
    """Work in a worker process was stopped; the input is suspect, the service is not."""


class TokenError(DigestError):
    """A token does not open what it was used on."""


class ComposeError(DigestError):
    """A message cannot be written; composing it again from the same values cannot help."""


class LetterUnreadable(DigestError):
    """A stored letter is of a kind, or has a content, that this version does not understand."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind

    def __str__(self) -> str:
        return f"this version does not understand letters of the kind '{self.kind}'"


class SigningError(DigestError):
    """A message could not be signed with our key; another may be."""


class MailboxError(DigestError):
    """A mailbox of ours could not be read; the words say why, and hold no password."""


class IllegalMove(DigestError):
    """A lifecycle's table has no such step."""

    def __init__(self, lifecycle: str, state: str, event: str) -> None:
        super().__init__(lifecycle, state, event)
        self.lifecycle = lifecycle
        self.state = state
        self.event = event

    def __str__(self) -> str:
        return f"{self.lifecycle}: nothing leads on from '{self.state}' by '{self.event}'"


class Refused(DigestError):
    """An operator asked for something that cannot be done as it was asked for; the message says why."""
