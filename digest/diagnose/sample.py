"""A sample edition: what a message of ours looks like when there is no news."""

from __future__ import annotations

from datetime import date, datetime

from digest.edition import Edition, Section, SectionKind, Story, StoryKey


def sample_edition(day: date, now: datetime) -> Edition:
    """One story, which says what it is."""
    story = Story(
        key=StoryKey(item=0, place=0),
        section=SectionKind.NEWS,
        title="A sample: this message was sent by `digest doctor` to see how mail arrives",
        link="https://www.rfc-editor.org/rfc/rfc8058",
        source_name="The operator",
        inspectorate=None,
        inspectorate_name=None,
        provider=None,
        provider_name=None,
        published=day,
        found_at=now,
    )
    return Edition(day=day, cutoff=now, sections=(Section(kind=SectionKind.NEWS, stories=(story,)),))
