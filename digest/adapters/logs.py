"""Operators' words: one event a line, with its fields, on standard error."""

from __future__ import annotations

import json
import logging
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Fields(logging.Formatter):
    """Time, level, event and the fields of `extra=`, values as JSON where they hold more than a word."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one event."""
        fields = {k: v for k, v in vars(record).items() if k not in _STANDARD}
        words = [
            self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            record.levelname.lower(),
            record.getMessage(),
        ]
        line = " ".join([*words, *(f"{key}={_value(value)}" for key, value in fields.items())])
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def _value(value: Any) -> str:
    text = str(value)
    return text if text and not any(c.isspace() or c in "\"'=" for c in text) else json.dumps(text)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send every event of ours to standard error; of the libraries', warnings and worse."""
    handler = logging.StreamHandler()
    handler.setFormatter(Fields())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("digest").setLevel(level)
