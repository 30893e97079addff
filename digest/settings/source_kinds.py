"""The sections of `sources.yaml` that say where the items of a source stand, one for each kind but feeds."""

from __future__ import annotations

from typing import Final

from digest.source_specs import SourceKind

SECTIONS: Final[frozenset[SourceKind]] = frozenset()
"""The kinds that need a section, which has the kind's name. Its `spec()` is the kind's value."""
