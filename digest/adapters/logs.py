"""The log: one event a line, with its fields, on standard error, as text or as JSON.

Email addresses are masked wherever they come from: a library's warning or an exception may quote one. A
trouble that goes on (a database away, a full disk, a relay down) is one line a minute with the number of
lines left out, and one line when it is over.
"""

from __future__ import annotations

import copy
import errno
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from digest.addresses import masked
from digest.characters import escaped, escaped_json
from digest.errors import KeyChanged, LeaseLost, Overtaken, StoreError

_AGAIN_AFTER: Final = 60.0
"""Seconds between two lines about one trouble."""
_QUIET: Final = 90.0
"""Seconds without a trouble after which it is over. What fails is tried again within a minute."""
_MOST_TROUBLES: Final = 1_000
"""How many different troubles are remembered."""
_LONGEST_REASON: Final = 300  # characters

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LogFormat(StrEnum):
    """How events are written."""

    TEXT = "text"
    JSON = "json"


class Fields(logging.Formatter):
    """Time, level, event and the fields of `extra=`; a value of more than one word is written as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one event."""
        words = [
            self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            record.levelname.lower(),
            record.getMessage(),
        ]
        line = " ".join([*words, *(f"{key}={_value(value)}" for key, value in _fields(record).items())])
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return escaped(masked(line))


class JsonLines(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `event`, the fields of `extra=`, and `trace`."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one event; an extra field is left out if its name is one of ours."""
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": masked(record.getMessage()),
        }
        if record.exc_info:
            event["trace"] = masked(self.formatException(record.exc_info))
        fields = {key: _plain(value) for key, value in _fields(record).items()}
        return escaped_json(json.dumps({**fields, **event}, ensure_ascii=False))


def log_to_stderr(level: int = logging.INFO, form: LogFormat = LogFormat.TEXT) -> None:
    """Send all our events, and the warnings and errors of libraries, to standard error."""
    handler = _Handler()
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else Fields())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("digest").setLevel(level)


def settle_logs(*, closing: bool = False) -> None:
    """Write a line for each trouble that is over; if `closing`, also for each that goes on."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Handler):
            handler.settle(closing=closing)


class _Handler(logging.StreamHandler[Any]):
    def __init__(self) -> None:
        super().__init__()
        self._throttle = Throttle()

    def emit(self, record: logging.LogRecord) -> None:
        for one in self._throttle.passed(record):
            super().emit(one)

    def settle(self, *, closing: bool) -> None:
        self.acquire()
        try:
            for one in self._throttle.settled(closing=closing):
                super().emit(one)
        finally:
            self.release()


@dataclass(slots=True, kw_only=True)
class _Ongoing:
    name: str  # what kind of trouble, or the event that repeats
    began: float
    last: float
    written: float  # when the last line was
    lines: int = 1  # all that came
    left_out: int = 0  # of them, since the last line


class Throttle:
    """Lets warnings and errors about one trouble pass once a minute, and says when the trouble is over.

    Lines about the database, the disk or one relay are one trouble each, for all loggers. Any other line
    is a trouble of its own, known by its event, fields and error.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` gives seconds by a clock that nobody sets."""
        self._now = now
        self._ongoing: dict[object, _Ongoing] = {}

    def passed(self, record: logging.LogRecord) -> list[logging.LogRecord]:
        """The records to write in place of this one."""
        over = self.settled()
        if record.msg in _HEALED:
            return [*over, self._healed(record)]
        if record.levelno < logging.WARNING and not _is_unanswered(record):
            return [*over, record]
        now = self._now()
        kind = _kind_of(record)
        key = kind or _identity(record)
        found = self._ongoing.get(key)
        if found is None:
            self._begin(key, _Ongoing(name=kind or str(record.msg), began=now, last=now, written=now))
            return [*over, _shown(record, kind, 0)]
        found.last, found.lines = now, found.lines + 1
        if now < found.written + _AGAIN_AFTER:
            found.left_out += 1
            return over
        shown = _shown(record, kind, found.left_out)
        found.written, found.left_out = now, 0
        return [*over, shown]

    def settled(self, *, closing: bool = False) -> list[logging.LogRecord]:
        """A record for each trouble that is over and had several lines; `closing` ends all of them."""
        now = self._now()
        ended = [key for key, one in self._ongoing.items() if closing or now >= one.last + _QUIET]
        found = [self._ongoing.pop(key) for key in ended]
        return [_last_line(one, going_on=now < one.last + _QUIET) for one in found if one.lines > 1]

    def _begin(self, key: object, trouble: _Ongoing) -> None:
        self._ongoing[key] = trouble
        if len(self._ongoing) > _MOST_TROUBLES:
            del self._ongoing[next(iter(self._ongoing))]

    def _healed(self, record: logging.LogRecord) -> logging.LogRecord:
        """A record that says itself that a trouble is over, with how many lines were left out."""
        kinds = [_relay(record), _RELAY] if _HEALED[record.msg] == _RELAY else [_DATABASE, _DISK]
        ended = [one for kind in kinds if (one := self._ongoing.pop(kind, None)) is not None]
        return _with(record, more=sum(one.left_out for one in ended)) if ended else record


_DATABASE: Final = "database"
_DISK: Final = "disk"
_RELAY: Final = "relay"
_EVENTS: Final = {  # events about a trouble that name no exception
    "not ready": _DATABASE,
    "a page could not use the database": _DATABASE,
    "relay cannot be reached": _RELAY,
}
_HEALED: Final = {"the database takes writes again": _DATABASE, "the relay is back": _RELAY}
_LIBRARIES: Final = frozenset({"psycopg", "sqlalchemy", "procrastinate", "aiosqlite", "sqlite3"})
_OUTAGES: Final = frozenset({"OperationalError", "InterfaceError", "ConnectorException", "PoolTimeout"})
_ANSWERS: Final = (LeaseLost, Overtaken, KeyChanged)  # of a database that is well
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
_FULL_WORDS: Final = ("disk is full", "disk I/O error", "No space left on device", "readonly database")


def _kind_of(record: logging.LogRecord) -> str | None:
    """The kind of trouble that a record is about; None for one that is known only by its words."""
    error = record.exc_info[1] if record.exc_info else None
    kinds = {_kind_of_error(one) for one in _causes(error)}
    text = f"{record.getMessage()} {getattr(record, 'why', '')}"
    if _DISK in kinds or any(words in text for words in _FULL_WORDS):
        return _DISK
    if _DATABASE in kinds or record.name.partition(".")[0] in _LIBRARIES:
        return _DATABASE
    if getattr(record, "error", None) in _STORE_ERRORS:
        return _DATABASE
    if _is_unanswered(record):
        return _RELAY
    kind = _EVENTS.get(str(record.msg))
    return _relay(record) if kind == _RELAY else kind


def _kind_of_error(error: BaseException) -> str | None:
    if isinstance(error, OSError) and error.errno in _FULL:
        return _DISK
    store = isinstance(error, StoreError) and not isinstance(error, _ANSWERS)
    library = type(error).__module__.partition(".")[0] in _LIBRARIES and _OUTAGES & {
        base.__name__ for base in type(error).__mro__
    }
    if not store and not library:
        return None
    return _DISK if any(words in str(error) for words in _FULL_WORDS) else _DATABASE


def _names(error: type[StoreError]) -> Iterator[str]:
    if error not in _ANSWERS:
        yield error.__name__
    for one in error.__subclasses__():
        yield from _names(one)


_STORE_ERRORS: Final = frozenset({*_names(StoreError), *_OUTAGES})


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _relay(record: logging.LogRecord) -> str:
    return f"{_RELAY} {getattr(record, 'relay', '')}:{getattr(record, 'port', '')}"


def _is_unanswered(record: logging.LogRecord) -> bool:
    """Whether a record says that a message waits because no relay could be asked."""
    if record.msg not in {"letter", "delivery %s"} or getattr(record, "code", 0) is not None:
        return False
    return str(getattr(record, "state", record.args[0] if record.args else "")) == "deferred"  # type: ignore[index]


def _identity(record: logging.LogRecord) -> object:
    error = record.exc_info[1] if record.exc_info else None
    fields = tuple(sorted((key, str(value)) for key, value in _fields(record).items()))
    return record.name, record.getMessage(), fields, type(error), str(error)


def _shown(record: logging.LogRecord, kind: str | None, left_out: int) -> logging.LogRecord:
    """A record as it is written. A known kind of trouble has its reason in one line and no traceback."""
    fields: dict[str, Any] = {"more": left_out} if left_out else {}
    if kind is None:
        return _with(record, **fields) if fields else record
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        fields["why"] = _first_line(str(list(_causes(error))[-1]) or type(error).__name__)
    shown = _with(record, trouble=kind, **fields)
    shown.msg, shown.args = _first_line(record.getMessage()), ()
    shown.exc_info = shown.exc_text = shown.stack_info = None
    return shown


def _last_line(one: _Ongoing, *, going_on: bool) -> logging.LogRecord:
    event = "trouble goes on at the end" if going_on else "trouble is over"
    fields: dict[str, Any] = {
        "trouble": one.name,
        "more": one.left_out,
        "seconds": round(one.last - one.began),
    }
    record = logging.LogRecord(__name__, logging.INFO, __file__, 0, event, (), None)
    return _with(record, **fields)


def _with(record: logging.LogRecord, **fields: Any) -> logging.LogRecord:
    """A copy of a record with more fields."""
    changed = copy.copy(record)
    vars(changed).update(fields)
    return changed


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")[:_LONGEST_REASON]


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _value(value: Any) -> str:
    text = str(value)
    return text if text and not any(c.isspace() or c in "\"'=" for c in text) else json.dumps(text)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else masked(str(value))
