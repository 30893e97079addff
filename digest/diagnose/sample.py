"""The sample message: what it says, whether it can be composed, and what the relay answers to it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from digest.deliveries import Answer, Event
from digest.diagnose.checks import Check, well, wrong
from digest.edition import Edition, Section, SectionKind, Story, StoryKey


def sample_edition(day: date, now: datetime) -> Edition:
    """An edition with one story, which says that it is a sample."""
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


def judge_templates(directory: Path, error: Exception | None) -> Check:
    """Whether a sample can be composed from the templates; `error` is what composing it raised."""
    if error is None:
        return well("templates", "a sample edition was composed")
    found = f"{type(error).__name__}: {error}"
    advice = f"correct what is in {directory / 'templates'}, or take it away"
    return wrong("templates", found, "an edition can be composed", advice)


def judge_sample(to: str, answer: Answer | Exception) -> Check:
    """Whether the relay took the sample for `to`; an exception means that it could not be submitted."""
    name, expected = "sample", "the relay takes it"
    if isinstance(answer, Exception):
        return wrong(name, str(answer), expected, "see the checks above")
    reply = f"{answer.code or ''} {answer.text}".strip()
    if answer.event is not Event.TAKEN:
        return wrong(name, reply, expected, "see the checks of the relay")
    return well(
        name, f"taken for {to} ({reply}); save what arrives as a file, and: digest doctor --message FILE"
    )
