"""The log: one event a line, with its fields, on standard error, as text or as JSON.

Email addresses are masked wherever they come from: a library's warning or an exception may quote one.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from digest.addresses import masked

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
        return masked(line)


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
        return json.dumps({**fields, **event}, ensure_ascii=False)


def log_to_stderr(level: int = logging.INFO, form: LogFormat = LogFormat.TEXT) -> None:
    """Send all our events, and the warnings and errors of libraries, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else Fields())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("digest").setLevel(level)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _value(value: Any) -> str:
    text = str(value)
    return text if text and not any(c.isspace() or c in "\"'=" for c in text) else json.dumps(text)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else masked(str(value))
