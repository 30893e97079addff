"""A brief edition names what the full one names, keeps what readers must know, and is never longer."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date

import pytest
from mailed import as_sent, message_of, part_of
from sample_editions import (
    LONDON,
    SHARE_PAGE,
    a_downgrade,
    a_late_story,
    a_story,
    an_edition,
    an_opinion,
    durham,
)
from shelf import REGISTER, SHELF
from test_mail_words import folded, reading

from digest.adapters.config.packaged_scales import packaged_scales
from digest.compose.message import BUDGET
from digest.edition import Correction, Edition, StoryKey, in_sections
from digest.pages.wished import copy_page
from digest.present.layout import whole_view
from digest.present.tidy import tidy
from digest.providers import Register
from digest.subscriptions import Wishes

BRIEF = Wishes(brief=True)
OWN_WORDS = len(", in brief") + len(" it in full")
"""What a brief edition says of itself."""

_LINK = re.compile(r"https://reports\.example\.org/\d+")


def message(edition: Edition, wishes: Wishes):
    return message_of(edition, wishes, register=REGISTER, known=packaged_scales())


def parts(edition: Edition, wishes: Wishes) -> tuple[str, str]:
    sent = message(edition, wishes)
    return part_of(sent, "html"), part_of(sent, "plain")


def each_with_its_link(edition: Edition) -> Edition:
    """The edition with a link of its own for each story, by which it is found in a mail."""
    named = (
        replace(story, key=StoryKey(item=n, place=0), link=f"https://reports.example.org/{n:04}")
        for n, story in enumerate(edition.stories)
    )
    return replace(edition, sections=in_sections(tuple(named)))


def drawn(seed: int) -> tuple[Edition, Wishes]:
    """A day of stories of the shelf, and somebody's wishes."""
    chance = random.Random(seed)
    stories = [story for make in SHELF.values() for story in make().edition.stories[:12]]
    day = an_edition(*chance.choices(stories, k=chance.choice([1, 2, 5, 15, 40, 120, 300])))
    watched = chance.choice([(), ("oldham-yjs",)])
    return day, Wishes(watched=watched, commentary=chance.random() < 0.8)


DAYS = {name: (make().edition, make().wishes) for name, make in SHELF.items()} | {
    f"drawn {seed}": drawn(seed) for seed in range(8)
}


@pytest.mark.parametrize(("edition", "wishes"), DAYS.values(), ids=DAYS.keys())
def test_a_brief_edition_names_the_same_stories_and_is_never_larger(edition: Edition, wishes: Wishes) -> None:
    edition = each_with_its_link(edition)
    full = parts(edition, replace(wishes, brief=False))
    brief = parts(edition, replace(wishes, brief=True))

    for whole, short in zip(full, brief, strict=True):
        assert set(_LINK.findall(short)) == set(_LINK.findall(whole))
        assert len(short.encode()) <= len(whole.encode()) + OWN_WORDS
    assert 'class="grades"' not in brief[0]
    assert 'class="aspects"' not in brief[0]


def test_a_row_of_a_brief_edition_leads_to_the_report_to_all_ratings_and_to_watching() -> None:
    html, text = parts(an_edition(a_downgrade()), BRIEF)

    row = html.partition('class="glance"')[2].partition("</table>")[0]
    said = folded("".join(reading(html).words))
    assert "Kent West PDU Good (2023) to Inadequate" in said
    assert "Read the report · All ratings · Watch" in said
    assert 'aria-label="All ratings of Kent West PDU"' in html
    assert 'aria-label="Watch Kent West PDU"' in html
    assert row
    assert a_downgrade().evidence not in said, "the sentence is on the web, one link away"
    assert f'href="{SHARE_PAGE}"' in html
    assert "Read it in full on the web" in said
    assert f"To read it in full on the web: {SHARE_PAGE}" in folded(text)
    assert "you asked for everything we find, in brief." in said


def test_the_subject_and_the_header_to_file_by_are_those_of_the_full_edition() -> None:
    full, brief = (message(SHELF["full-day"]().edition, Wishes(brief=brief)) for brief in (False, True))

    for header in ("Subject", "List-Id", "X-Digest-Sections"):
        assert brief[header] == full[header]


def test_a_correction_a_check_and_a_note_are_whole_in_a_brief_edition() -> None:
    why = f"A table was misread. {'It was in the wrong order. ' * 8}Kent West was rated Good."
    wrong = Correction(told_on=date(2026, 3, 2), told=None, why=why)
    stories = (replace(a_downgrade(), correction=wrong), replace(durham(), checked="We rang them up."))
    day = replace(an_edition(*stories, a_late_story()), note="The relay was down on Monday.")

    for part in parts(day, BRIEF):
        said = folded("".join(reading(part).words)) if "<" in part else folded(part)
        assert f"our edition of Monday 2 March was wrong about this. {why}" in said
        assert "Checked by us: We rang them up." in said
        assert "Late: this was missing from our edition of Monday 2 March." in said
        assert "A note from the editors: The relay was down on Monday." in said
        assert said.count(why) == 1


def test_a_day_of_opinions_alone_is_as_long_in_brief_as_in_full() -> None:
    opinions = [an_opinion() for _ in range(3)]
    html, text = parts(each_with_its_link(an_edition(*opinions)), BRIEF)

    assert html.count("<li") == 3
    assert len(_LINK.findall(text)) == 3
    assert "No rating moved" in text


def test_three_hundred_stories_in_brief_are_two_thirds_of_what_is_allowed() -> None:
    day = SHELF["three-hundred"]().edition
    sent = message(day, BRIEF)

    assert as_sent(sent) < BUDGET * 0.75
    assert re.search(r"A busy day: \d+ stories are only on the web\.", folded(part_of(sent, "html")))


def test_a_long_name_is_whole_in_a_row_of_a_brief_edition() -> None:
    name = f"The {'Very ' * 20}Long Academy"
    html, _ = parts(an_edition(a_story(provider_name=name)), BRIEF)

    assert f">{name}</a>" in html


def test_the_copy_on_the_web_is_the_whole_one() -> None:
    day = tidy(SHELF["ten"]().edition)
    named = {"known": packaged_scales(), "register": Register(), "zone": LONDON}

    assert copy_page("edition/x", BRIEF) == copy_page("edition/x", Wishes())
    assert whole_view(day, wishes=BRIEF, **named) == whole_view(day, **named)
