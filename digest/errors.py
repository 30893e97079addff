"""The tree of errors: failures that a caller does not expect. Expected outcomes are values.

DigestError
├── ConfigError          the operator's files are wrong; every problem found is inside
├── StoreError
│   ├── StateMissing     no database here, or an empty one: only `digest init` creates a state
│   ├── StateUnreadable  there is something, but not a database of ours
│   ├── StoreUnavailable the database is locked, full, read-only or away; later it may work again
│   │   └── StateReplaced  its file was removed or replaced while we run; what we write would be lost
│   ├── StateInUse       other processes use the state that this command must have alone
│   ├── TooManyWait      so many requests wait to be done that no further one is taken in
│   ├── KeyChanged       suppressions were sealed with another key and would protect nobody
│   ├── LeaseLost        another worker holds this delivery now; write nothing
│   └── Overtaken        the data behind a decision has changed meanwhile; read it again
├── DayUsedUp            so many letters were asked for today in one way that no more are written for it
├── ParseError           these bytes are not the feed or page they were said to be
│   └── TableError       a table is not as it was said to be; it names file, sheet, row and column
├── OverrunError         a worker process was stopped: too slow, too big, or it died
├── TokenError           a link's token is forged, incomplete, or for another action
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
    """The root of all errors that this project raises on purpose.

    An error's `args` are the arguments of its class, so that it can be pickled and leave a worker process.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in one of the operator's files."""

    file: str
    line: int | None  # 1-based; None for the file as a whole
    key: str  # dotted path, such as "sources.1.url"; empty for the file as a whole
    found: str  # the value there, shortened; empty if there is none
    expected: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        subject = f" {self.key}:" if self.key else ""
        found = f" found {self.found};" if self.found else ""
        return f"{place}:{subject}{found} expected {self.expected}"


class ConfigError(DigestError):
    """The operator's files have mistakes; `problems` holds all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class StoreError(DigestError):
    """The database is not in a state we may write to."""


class StateMissing(StoreError):
    """There is no state at the configured place. Only `digest init` creates one."""


class StateUnreadable(StoreError):
    """There is something at the configured place, but it is not a state that we can read."""


class StoreUnavailable(StoreError):
    """The database cannot be used now: locked, full, read-only or away. Later it may work again."""


class StateReplaced(StoreUnavailable):
    """The file of the state was removed or replaced while it is open. What is written now would be lost.

    Once the same file is back, all goes on. Another file in its place needs a restart.
    """


class StateInUse(StoreError):
    """A command must have the state alone, and other processes use it; or such a command runs now."""


class TooManyWait(StoreError):
    """So many requests wait to be done that no further one is taken in. Later there may be room again."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def __str__(self) -> str:
        return f"{self.most} requests wait to be done, and no more are taken in"


class DayUsedUp(DigestError):
    """So many letters were asked for today in the same way that no more are written for it until midnight."""

    def __str__(self) -> str:
        return "no more letters are written today for those who ask in this way"


class KeyChanged(StoreError):
    """The hashes of suppressed and departed addresses are of another key, so no address matches them."""

    def __init__(self, sealed: int, drop_with: str = "digest subscribers unsuppress --all") -> None:
        """`drop_with` is the command that drops them if their key is lost."""
        super().__init__(sealed, drop_with)
        self.sealed = sealed
        self.drop_with = drop_with

    def __str__(self) -> str:
        return (
            f"{self.sealed} suppressed or departed addresses were sealed with another key and would not be "
            "found: set DIGEST_SUPPRESSION_KEY to the DIGEST_SECRET_KEY of that time; if it is lost, "
            f"`{self.drop_with}` drops them"
        )


class LeaseLost(StoreError):
    """Another worker holds this delivery now: the fence is higher than ours, and nothing may be written."""


class Overtaken(StoreError):
    """The data behind a decision has changed meanwhile, and nothing is written: read and decide again."""


class ParseError(DigestError):
    """The bytes are not the format that they claim to be. The same bytes will fail again."""


class TableError(ParseError):
    """A publisher's table is not what it is expected to be, as a whole or at one place of it."""

    def __init__(  # noqa: PLR0917 -- an error's arguments are its args
        self,
        file: str,
        expected: str,
        found: str = "",
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        """`row` is counted from 1 as spreadsheets do, or is a line of a text file; `column` is a heading."""
        super().__init__(file, expected, found, sheet, row, column)
        self.file = file
        self.expected = expected
        self.found = found
        self.sheet = sheet
        self.row = row
        self.column = column

    def __str__(self) -> str:
        place = [self.file]
        if self.sheet is not None:
            place.append(f'sheet "{self.sheet}"')
        if self.row is not None:
            place.append(f"{'line' if self.sheet is None else 'row'} {self.row}")
        if self.column is not None:
            place.append(f'column "{self.column}"')
        found = f" found {self.found};" if self.found else ""
        return f"{', '.join(place)}:{found} expected {self.expected}"


class OverrunError(DigestError):
    """A worker process was stopped: too slow, too large, or it died. The input is the likely cause."""


class TokenError(DigestError):
    """A token does not prove what it is used for."""


class ComposeError(DigestError):
    """A message cannot be written. The same values will fail again."""


class LetterUnreadable(DigestError):
    """A stored letter is of a kind, or has a content, that this version does not understand."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind

    def __str__(self) -> str:
        return f"this version does not understand letters of the kind '{self.kind}'"


class SigningError(DigestError):
    """A message cannot be signed with our key. Another message may be."""


class MailboxError(DigestError):
    """One of our mailboxes cannot be read. The text says why; no password is in it."""


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
    """An operator asked for something that cannot be done; the text says why."""
