"""What an operator says of a source of each kind: where its items stand in what it publishes.

Each kind has one value here, one section in `sources.yaml` (`settings/source_kinds.py`) and one lister
(`jobs/source_kinds.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final


class SourceKind(StrEnum):
    """How a source lists its items."""

    FEED = "feed"  # RSS, Atom or JSON Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """An RSS, Atom or JSON feed: it says by itself where everything stands."""

    kind: ClassVar[SourceKind] = SourceKind.FEED
    states: ClassVar[bool] = False


Spec = FeedSpec
"""`kind` is the kind of source. `states`: its items are records, which need no page to be read."""

FEED: Final = FeedSpec()
