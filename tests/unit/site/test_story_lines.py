"""A story in a line: what it shows of a grade, and of a story that was corrected since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from builders import DAY, a_change, a_story, inspectorates
from sample_editions import TEMPLATES

from digest.adapters.templates import TemplateRenderer
from digest.changes import Movement
from digest.edition import SectionKind, Story
from digest.ports.public import ToldStory
from digest.reports import Judgement
from digest.site.stories import StoryLine, story_line

Words = Callable[[StoryLine], str]

NAMES = {"hmi-probation": "HM Inspectorate of Probation"}


def told(story: Story, **facts: Any) -> ToldStory:
    usual: dict[str, Any] = {
        "number": 1,
        "day": DAY,
        "service": story.provider,
        "inspectorate": story.inspectorate,
        "kind": "PDU",
        "area": "Kent",
        "movement": story.change.movement if story.change else None,
        "grade": None,
        "corrects": None,
        "corrected_on": None,
        "story": story,
    }
    return ToldStory(**(usual | facts))


def line(story: Story, **facts: Any) -> StoryLine:
    return story_line(told(story, **facts), names=NAMES, known=inspectorates())


@pytest.fixture
def words(tmp_path: Path) -> Words:
    """What a page says of a line."""
    page = '{% import "site/parts.html" as parts %}{{ parts.story_line(line, "./") }}'
    (tmp_path / "line.html").write_text(page, encoding="utf-8")
    renderer = TemplateRenderer([tmp_path, TEMPLATES])
    return lambda shown: renderer.render("line.html", {"line": shown})


def test_a_story_leads_to_its_place_in_the_edition_with_its_grades(words: Words) -> None:
    change = a_change(before_on=date(2023, 6, 1))
    shown = line(a_story(7, change=change))

    assert shown.page == f"edition/{DAY}#story-7-0"
    assert (shown.kind, shown.before, shown.after) == ("upgrade", "requires improvement", "good")
    assert shown.scale[0] == "inadequate"
    assert shown.scale[-1] == "outstanding"
    html = words(shown)
    assert "Up from Requires improvement (June 2023) to" in html
    assert 'aria-label="Now Good, before Requires improvement; 4 grades' in html


def test_of_a_story_that_was_corrected_no_grade_is_shown(words: Words) -> None:
    shown = line(a_story(), corrected_on=date(2026, 3, 9))

    assert (shown.kind, shown.after, shown.before, shown.scale) == ("", "", "", ())
    html = words(shown)
    assert "Corrected on 9 March 2026" in html
    assert "Good" not in html


def test_a_story_without_findings_shows_the_sentence_of_its_grade_until_that_is_corrected() -> None:
    bare = a_story(findings=(), lead=None, evidence="Kent is now good.")

    assert line(bare).lead == "“Kent is now good.”"
    assert line(bare, corrected_on=date(2026, 3, 9)).lead == ""


def test_a_grade_without_its_sentence_is_not_shown() -> None:
    assert line(a_story(evidence=None)).after == ""


def test_aspects_that_moved_alone_are_said_to_have_moved(words: Words) -> None:
    moves = (a_change(aspect="safety", after="good"),)
    graded = (Judgement(aspect="safety", grade="good", evidence="It says so."),)
    shown = line(
        a_story(change=None, evidence=None, aspects=moves, judgements=graded), movement=Movement.UPGRADE
    )

    assert ">Moved up</b>" in words(shown)
    assert "Safety up from requires improvement to good" in words(shown)


def test_aspects_that_moved_both_ways_are_named() -> None:
    moves = (
        a_change(aspect="safety", after="good"),
        a_change(Movement.DOWNGRADE, after="inadequate", aspect="respect", before="good"),
    )
    graded = tuple(
        Judgement(aspect=one.aspect, grade=one.after or "", evidence="It says so.") for one in moves
    )
    shown = line(a_story(change=None, evidence=None, aspects=moves, judgements=graded), movement=None)

    assert (shown.kind, shown.lead) == (
        "mixed",
        "Respect down from good to inadequate, safety up from requires improvement to good",
    )


@pytest.mark.parametrize("section", [SectionKind.NEWS, SectionKind.COMMENTARY])
def test_what_feeds_say_is_text_and_never_markup(section: SectionKind, words: Words) -> None:
    hostile = "<script>run()</script>"
    shown = line(a_story(section=section, provider_name=None, title=hostile, lead=hostile))

    assert "<script>" not in words(shown)
    assert "&lt;script&gt;" in words(shown)
