"""Fetched bytes to values: pure functions that raise `ParseError`, fit to run in a worker process."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from digest.parse.dates import parse_date
    from digest.parse.feed import parse_feed

__all__ = ["parse_date", "parse_feed"]

# The parsers of dates and feeds take long to load, and who reads the register needs neither.
_HOMES: Final = {"parse_date": "dates", "parse_feed": "feed"}


def __getattr__(name: str) -> Any:
    """Import a function's module when somebody asks for the function."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
