"""The section of `sources.yaml` for what GOV.UK's search finds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from digest.settings.connection import Section
from digest.settings.source_kinds import Expression
from digest.settings.types import Count, Line, expected
from digest.source_specs import Attachments, GovukSpec


def _slug(given: str) -> str:
    if re.fullmatch(r"[a-z0-9_-]{1,100}", given) is None:
        raise expected('a word as addresses have it, such as "ofsted"')
    return given


Slug = Annotated[str, AfterValidator(_slug)]


class GovukSection(Section):
    """What to search for on GOV.UK."""

    organisations: Annotated[tuple[Slug, ...], Field(min_length=1)]
    """Its publishers, each as the last part of its address on GOV.UK."""
    document_types: Annotated[tuple[Slug, ...], Field(min_length=1)]
    """Types of pages, such as decision or official_statistics ("document_type" of a page's content item)."""
    title: Expression | None = None
    """A regular expression: only pages in whose title it is found."""
    words: Line | None = None
    """Words that a page must have."""
    attachments: Attachments = Attachments.HTML
    """Which documents of a page are read if the page itself gives no rating: html, pdf, all or none."""
    pages: Annotated[Count, Field(ge=1, le=20)] = 1
    """How many pages of 50 results to read at each look."""

    def spec(self) -> GovukSpec:
        return GovukSpec(**self.model_dump())
