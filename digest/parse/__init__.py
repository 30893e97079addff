"""Fetched bytes to values: pure functions that raise `ParseError`, fit to run in a worker process."""

from digest.parse.dates import parse_date
from digest.parse.feed import parse_feed

__all__ = ["parse_date", "parse_feed"]
