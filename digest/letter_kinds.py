"""The kinds of letters: one type for each kind, with its key and its content as the database stores them.

Keys and contents are stored in databases in use, and templates read the contents: they must not change for an
existing kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final, Self, get_args

from digest.changes import Certainty, Movement
from digest.edition import SectionKind, StoryKey
from digest.health import Health
from digest.letter_content import OnOccasion, ToOperators, ToSubscriber, after_words, content_of, typed
from digest.ratings import Precision
from digest.records import Provenance
from digest.subscriptions import Request, Wishes


def on_day(day: date) -> str:
    """The occasion of a letter that is written once a day."""
    return f"on {day}"


def in_minute(now: datetime) -> str:
    """The occasion of a letter that a button sends: pressed twice within a minute, it sends one letter."""
    return f"{now:%Y-%m-%dT%H:%M}"


def of_request(asked_at: datetime) -> str:
    """The occasion of a letter that belongs to the request made at an instant."""
    return asked_at.isoformat()


def move_number(asked_at: datetime) -> int:
    """The number of a request to change the address, in the link that confirms it."""
    return int(asked_at.timestamp())


# -- joining and leaving ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(OnOccasion):
    """Asks to confirm a subscription: once for each request, and once a day in answer to messages."""

    kind: ClassVar[str] = "confirm"
    code: str  # to type instead of following the link
    answer: bool = False  # it answers a message, so machines must not answer it (RFC 3834)
    reminder: bool = False  # it says that one reminder will follow
    invited: bool = False  # an operator asked for it, not its reader
    weekly: str = ""  # the day of the week on which editions come; empty: every day
    brief: bool = False  # editions are brief
    uncovered: tuple[str, ...] = ()  # the names in its reader's wishes that no source covers; "": everything
    silent: bool = False  # nothing that its reader wishes for can come


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder(ToSubscriber):
    """Reminds of a missing confirmation, once."""

    kind: ClassVar[str] = "reminder"
    code: str
    until: datetime  # local: when the link and the code stop working
    weekly: str = ""  # the day of the week on which editions come; empty: every day
    brief: bool = False  # editions are brief


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome(ToSubscriber):
    """Says that the subscription is confirmed."""

    kind: ClassVar[str] = "welcome"
    weekly: str = ""  # the day of the week on which editions come; empty: every day
    uncovered: tuple[str, ...] = ()  # the names in its reader's wishes that no source covers; "": everything
    silent: bool = False  # nothing that its reader wishes for can come


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(ToSubscriber):
    """Says that the subscription is over because its reader left, and how to come back."""

    kind: ClassVar[str] = "left"
    wishes: Wishes | None = None  # what they came for, to come back to; None: an earlier version wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(ToSubscriber):
    """Says that the subscription is over because an edition was reported as spam, and how to come back.

    It is for reports that anybody can send who was shown the edition.
    """

    kind: ClassVar[str] = "reported"
    wishes: Wishes | None = None  # as in `Left`


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed(OnOccasion):
    """Tells somebody who wants to leave that they never confirmed: once a day."""

    kind: ClassVar[str] = "unconfirmed"
    answer: bool = False


# -- links and another address ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshLink(OnOccasion):
    """Sends a subscriber the links to manage the subscription and to leave: once a day, or once a minute."""

    kind: ClassVar[str] = "fresh-link"
    leaving: bool = False  # they asked to leave
    answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLink(OnOccasion):
    """Sends a short-lived link for an action that only the owner of the address may do: once a minute."""

    kind: ClassVar[str] = "own-link"
    to: str  # the link's purpose: "address", "export" or "erase"
    until: datetime  # aware, UTC: when the link stops working

    @property
    def key(self) -> str:
        return f"{self.repeats}{self.occasion}"

    @property
    def repeats(self) -> str:
        return f"own-link {self.to} {self.subscriber} {self.generation} "

    @classmethod
    def read_key(cls, key: str) -> Mapping[str, Any]:
        return {"occasion": after_words(4, key)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmMove(OnOccasion):
    """Asks the new address to confirm a change of address: once a minute for each request."""

    kind: ClassVar[str] = "confirm-move"
    in_key: ClassVar[frozenset[str]] = frozenset({"subscriber", "asked_at", "occasion"})
    asked_at: datetime  # aware, UTC: when the request was made
    old: str  # the current address, masked

    @property
    def key(self) -> str:
        return f"{self._prefix(self.subscriber, self.generation, self.asked_at)}{self.occasion}"

    @property
    def move(self) -> int:
        """The number by which the link names the request."""
        return move_number(self.asked_at)

    def as_json(self) -> dict[str, Any]:
        return {"generation": self.generation, "move": self.move, "old": self.old}

    @classmethod
    def read_key(cls, key: str) -> Mapping[str, Any]:
        asked_at, _, occasion = after_words(3, key).partition(" ")
        return {"asked_at": asked_at, "occasion": occasion}

    @classmethod
    def asked_for(cls, request: Request, key: str) -> bool:
        """Whether the letter with this key asked to confirm this request."""
        return key.startswith(cls._prefix(request.subscriber, request.generation, request.asked_at))

    @staticmethod
    def _prefix(subscriber: int, generation: int, asked_at: datetime) -> str:
        return f"confirm-move {subscriber} {generation} {of_request(asked_at)} "


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(ToSubscriber):
    """Tells the old address that editions go to a new one."""

    kind: ClassVar[str] = "moved"
    in_key: ClassVar[frozenset[str]] = frozenset({"subscriber", "asked_at"})
    asked_at: datetime  # aware, UTC: when the request was made
    new: str  # the new address, masked

    @property
    def key(self) -> str:
        return f"moved {self.subscriber} {self.generation} {of_request(self.asked_at)}"

    @classmethod
    def read_key(cls, key: str) -> Mapping[str, Any]:
        return {"asked_at": after_words(3, key)}


# -- news beside editions --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertedChange:
    """How one grade moved."""

    aspect: str
    movement: Movement
    before: str | None
    before_on: date | None
    after: str | None
    certainty: Certainty
    lowest: bool  # whether `after` is the lowest grade of its scale
    before_precision: Precision = Precision.DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertedAspects:
    """Changes of aspects that one sentence states."""

    changes: tuple[AlertedChange, ...]
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertedStory:
    """What an alert says. It is the same for all its readers."""

    provider: str
    inspectorate: str
    title: str
    link: str
    published: date | None
    inspected: str | None  # the time of the visit, in words
    section: SectionKind
    change: AlertedChange | None  # of the overall grade; None: `aspects` tell what changed
    evidence: str | None  # the sentence that states `change`
    aspects: tuple[AlertedAspects, ...]
    edition: date  # the day of the edition that tells it in full
    successor: bool  # whether some readers may watch a predecessor of the provider
    record: Provenance | None = None  # that states the grades; None: sentences of a text do


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(ToSubscriber):
    """Tells at once of a change of a provider that its reader watches."""

    kind: ClassVar[str] = "alert"
    about: StoryKey  # of the first text that told this inspection
    story: AlertedStory

    @property
    def key(self) -> str:
        return f"{self.key_prefix(self.about)}{self.subscriber}"

    @staticmethod
    def key_prefix(about: StoryKey) -> str:
        """The beginning of the keys of all alerts about a story; the subscriber's number follows."""
        return f"alert {about.item}.{about.place} "

    def as_json(self) -> dict[str, Any]:
        return {**content_of(self.story), "generation": self.generation}

    @classmethod
    def read(cls, key: str, subscriber: int, content: Mapping[str, Any]) -> Self:
        item, _, place = key.split(" ")[1].partition(".")
        return cls(
            subscriber=subscriber,
            generation=content["generation"],
            about=StoryKey(item=int(item), place=int(place)),
            story=typed(AlertedStory, content),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadSource:
    """A source that was not read within the last day."""

    name: str
    checked_at: datetime | None  # local: when it was last read; None: never yet


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietWeek:
    """What the weekly mail says about the sources. It is the same for all its readers."""

    sources: int  # how many there are
    troubled: tuple[UnreadSource, ...]
    first: date  # of the week's days
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOfLife(ToSubscriber):
    """The weekly mail: no edition had a story for its reader. It also says which sources were not read."""

    kind: ClassVar[str] = "proof-of-life"
    week: QuietWeek
    narrowed: bool  # whether its reader gets only some stories
    uncovered: tuple[str, ...] = ()  # the names in its reader's wishes that no source covers; "": everything

    @property
    def key(self) -> str:
        return f"{self.key_prefix(self.week.last)}{self.subscriber}"

    @staticmethod
    def key_prefix(last: date) -> str:
        """The beginning of the keys of a week's mails, by its last day; the subscriber's number follows."""
        year, week, _ = last.isocalendar()
        return f"proof {year}-W{week:02d} "

    def as_json(self) -> dict[str, Any]:
        own = {"narrowed": self.narrowed, "generation": self.generation}
        return {
            **content_of(self.week),
            **own,
            **({"uncovered": list(self.uncovered)} if self.uncovered else {}),
        }

    @classmethod
    def read(cls, key: str, subscriber: int, content: Mapping[str, Any]) -> Self:
        return cls(
            subscriber=subscriber,
            generation=content["generation"],
            week=typed(QuietWeek, content),
            narrowed=content["narrowed"],
            uncovered=tuple(content.get("uncovered", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageChanged(OnOccasion):
    """Says which of its reader's wishes no source covers, and which are covered now: once a day."""

    kind: ClassVar[str] = "coverage"
    uncovered: tuple[str, ...] = ()  # names; "" stands for everything
    covered: tuple[str, ...] = ()
    silent: bool = False  # nothing that its reader wishes for can come

    @property
    def repeats(self) -> None:
        """Each is sent: a later one says what has changed since."""
        return None


# -- to anybody ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Explains how to join, change and leave, to anybody: once a day, or once a minute."""

    kind: ClassVar[str] = "help"
    subscriber: ClassVar[None] = None
    generation: ClassVar[None] = None
    repeats: ClassVar[None] = None
    reference: str  # a keyed hash of the address
    occasion: str  # made by `on_day` or `in_minute`
    answer: bool = False
    unknown: bool = False  # they named something that we do not know
    uncovered: tuple[str, ...] = ()  # the names of what they asked for and no source covers
    offered: tuple[str, ...] = ()  # what they can ask for instead, as it stands in join+...@
    subscribed: bool = False  # its reader is subscribed, and has links to leave

    @property
    def key(self) -> str:
        return f"{self._begins(self.unknown, self.uncovered)} {self.reference} {self.occasion}"

    def as_json(self) -> dict[str, Any]:
        return content_of(self, frozenset({"reference", "occasion"}))

    @classmethod
    def read(cls, key: str, content: Mapping[str, Any]) -> Self:
        begins = cls._begins(content.get("unknown"), content.get("uncovered"))
        reference, _, occasion = key.removeprefix(f"{begins} ").partition(" ")
        return typed(cls, {**content, "reference": reference, "occasion": occasion})

    @staticmethod
    def _begins(unknown: object, uncovered: object) -> str:
        if uncovered:
            return "help with what is not covered"
        return "help with what is unknown" if unknown else "help"


# -- to operators ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorCall(ToOperators):
    """Says that something needs a person: once a day for the same words."""

    kind: ClassVar[str] = "operator-call"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedSource:
    """A source whose health has turned."""

    name: str  # as readers see it; empty for our own line
    source: str  # its id
    before: Health  # as operators knew it
    now: Health
    since: datetime  # local: the first look that found it so
    checked_at: datetime | None  # local: when it was last read; None: never
    why: str | None  # what the last failure was
    count: int = 0  # how many items are held


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesTurned(ToOperators):
    """Tells which sources are worse, and which are well again: once for all that turned together."""

    kind: ClassVar[str] = "sources-turned"
    turned: tuple[TurnedSource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWeek:
    """How a source is, and what it brought in a week."""

    name: str
    state: Health
    checked_at: datetime | None  # local
    new: int  # new items
    stories: int  # of editions
    parked: int  # items that cannot be read
    held: int  # items that wait for an operator
    why: str | None  # what the last failure was


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWeek(ToOperators):
    """The weekly summary for operators."""

    kind: ClassVar[str] = "operator-week"
    first: date  # of the week's days
    last: date
    sources: tuple[SourceWeek, ...]
    editions: int  # that had stories
    cases: int  # reports that wait for a decision
    mail: int  # received messages that wait for an operator


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedStory:
    """A story of an edition that has not gone yet."""

    number: str  # by which operators drop it
    name: str
    title: str
    link: str | None
    movement: Movement | None
    before: str | None
    after: str | None
    evidence: str | None
    dropped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPreview(ToOperators):
    """What stands in today's edition before it goes, once a day."""

    kind: ClassVar[str] = "operator-preview"
    day: date
    noon: datetime  # local
    hold_end: datetime  # local: when a hold would end by itself
    stories: tuple[PreviewedStory, ...]
    more: int = 0  # stories that are not in the mail
    held: bool = False
    note: str | None = None  # to readers
    pages: bool = False  # whether there are operators' pages


ForOperators = OperatorCall | SourcesTurned | OperatorWeek | OperatorPreview


# -- reading them back -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A stored letter that this version cannot read. A later version may have written it."""

    repeats: ClassVar[None] = None
    kind: str
    key: str
    subscriber: int | None
    generation: int | None
    stored: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return dict(self.stored)


Content = (
    Confirm
    | Reminder
    | Welcome
    | Left
    | Reported
    | Unconfirmed
    | FreshLink
    | OwnLink
    | ConfirmMove
    | Moved
    | Alert
    | ProofOfLife
    | CoverageChanged
    | Help
    | OperatorCall
    | SourcesTurned
    | OperatorWeek
    | OperatorPreview
    | Unreadable
)
"""The content of a letter."""

TO_OPERATORS: Final[Mapping[str, type[ToOperators]]] = {
    one.kind: one for one in get_args(Content) if issubclass(one, ToOperators)
}

_TO_SUBSCRIBERS: Final[Mapping[str, type[ToSubscriber]]] = {
    one.kind: one for one in get_args(Content) if issubclass(one, ToSubscriber)
}


def read(kind: str, key: str, subscriber: int | None, content: Mapping[str, Any]) -> Content:
    """The content of a stored letter; `Unreadable` if this version cannot read it."""
    found: Any = None
    try:
        if subscriber is not None and kind in _TO_SUBSCRIBERS:
            found = _TO_SUBSCRIBERS[kind].read(key, subscriber, content)
        elif subscriber is None and kind == Help.kind:
            found = Help.read(key, content)
        elif subscriber is None and kind in TO_OPERATORS:
            found = TO_OPERATORS[kind].read(key, content)
    except (KeyError, IndexError, ValueError):  # pydantic's errors are ValueErrors
        found = None
    # The Message-ID is made from the key: a letter that would get another key must not be sent.
    if found is not None and found.key == key:
        said: Content = found
        return said
    generation = content.get("generation")
    return Unreadable(kind=kind, key=key, subscriber=subscriber, generation=generation, stored=content)
