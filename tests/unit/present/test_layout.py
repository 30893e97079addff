"""How an edition is laid out, and what a heavy day does to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import a_provider, inspectorates
from hypothesis import given
from hypothesis import strategies as st
from sample_editions import (
    CUTOFF,
    LONDON,
    a_downgrade,
    a_full_day,
    a_news_item,
    a_story,
    a_thematic,
    an_edition,
    an_opinion,
    an_unchanged,
)

from digest.edition import Edition, SourceNote
from digest.errors import ComposeError
from digest.present.layout import PLANS, EditionView, PartKind, Plan, edition_view
from digest.providers import Register
from digest.ratings import NO_INSPECTORATES, Inspectorates
from digest.subscriptions import Wishes

MAKERS = (a_story, a_downgrade, an_unchanged, a_thematic, an_opinion, a_news_item)
EDITIONS = st.lists(st.sampled_from(MAKERS), min_size=1, max_size=40).map(
    lambda makers: an_edition(*(make(i) for i, make in enumerate(makers)))
)
ANY_PLAN = st.builds(Plan, told=st.integers(0, 20), listed=st.integers(0, 40))


def laid_out(
    edition: Edition,
    plan: Plan = PLANS[0],
    wishes: Wishes | None = None,
    register: Register | None = None,
    known: Inspectorates | None = None,
) -> EditionView:
    return edition_view(
        edition,
        wishes or Wishes(),
        plan,
        known=known or NO_INSPECTORATES,
        register=register or Register(),
        zone=LONDON,
    )


def test_an_empty_edition_is_never_laid_out():
    with pytest.raises(ComposeError):
        laid_out(an_edition())


@given(EDITIONS, ANY_PLAN)
def test_every_story_is_told_listed_or_counted_as_left_out(edition, plan):
    layout = laid_out(edition, plan)

    shown = [t.story.key for part in layout.parts for t in (*part.told, *part.listed)]
    assert len(shown) == len(set(shown))
    assert len(shown) + layout.left_out == len(edition.stories) == layout.others + 1
    assert all(part.count >= len(part.told) + len(part.listed) for part in layout.parts)


@given(EDITIONS, ANY_PLAN)
def test_a_plan_is_kept_to(edition, plan):
    layout = laid_out(edition, plan)

    assert sum(len(part.told) for part in layout.parts) <= plan.told
    assert sum(len(part.listed) for part in layout.parts) <= plan.listed
    assert all(part.told or part.listed for part in layout.parts)


@given(EDITIONS)
def test_parts_keep_their_order(edition):
    kinds = [part.kind for part in laid_out(edition).parts]

    assert kinds == [kind for kind in PartKind if kind in kinds]


def test_on_a_heavy_day_the_room_goes_to_what_comes_first():
    edition = an_edition(*(a_story(i) for i in range(30)), *(a_downgrade(i) for i in range(50, 58)))

    (moved,) = laid_out(edition, Plan(told=10, listed=100), known=inspectorates()).parts

    assert [told.story.key.item for told in moved.told] == [*range(50, 58), 0, 1]
    assert len(moved.listed) == 28


def test_commentary_and_news_are_listed_and_not_called_shortened():
    layout = laid_out(an_edition(an_opinion(), a_news_item()))

    assert layout.shortened == 0
    assert all(part.listed and not part.told for part in layout.parts)


def test_a_source_that_was_not_read_is_told_from_those_that_were():
    notes = (
        SourceNote(name="Read", checked_at=CUTOFF - timedelta(hours=1), trouble=None),
        SourceNote(name="Troubled", checked_at=CUTOFF - timedelta(hours=2), trouble="503"),
        SourceNote(name="Stale", checked_at=CUTOFF - timedelta(hours=25), trouble=None),
        SourceNote(name="Never", checked_at=None, trouble=None),
    )

    layout = laid_out(an_edition(a_story(), sources=notes))

    assert layout.read == ("Read",)
    assert [note.name for note in layout.missed] == ["Troubled", "Stale", "Never"]


def test_the_time_of_a_check_is_local():
    summer = CUTOFF.replace(month=7)
    notes = (SourceNote(name="Late", checked_at=summer, trouble="timed out"),)

    (note,) = laid_out(an_edition(a_story(), cutoff=summer, sources=notes)).missed

    assert note.checked_at is not None
    assert (note.checked_at.hour, note.checked_at.minute) == (12, 45)


def test_wishes_are_named_only_when_every_name_is_known():
    wishes = Wishes(inspectorates=("ofsted",), providers=("kent-west-pdu",))

    register = Register([a_provider("kent-west-pdu", "Kent West PDU")])

    known = laid_out(a_full_day(), wishes=wishes, register=register, known=inspectorates())

    assert [reason.name for reason in known.follows] == ["Ofsted", "Kent West PDU"]
    assert laid_out(a_full_day(), wishes=wishes, known=inspectorates()).follows == ()
    assert laid_out(a_full_day(), wishes=wishes, register=register).follows == ()


def test_a_provider_watched_under_both_of_its_merged_entries_is_named_once():
    providers = [a_provider("kent-pdu", "Kent PDU"), a_provider("kent-unit", "Kent Unit")]
    both = ("kent-pdu", "kent-unit")

    told = laid_out(
        a_full_day(),
        wishes=Wishes(watched=both, providers=both),
        register=Register(providers, {"kent-unit": "kent-pdu"}),
    )

    assert told.watches == ("Kent PDU",)
    assert [reason.name for reason in told.follows] == ["Kent PDU"]


def test_each_telling_knows_which_wish_brought_it():
    layout = laid_out(an_edition(a_story(1), a_downgrade(2)), wishes=Wishes(areas=("Kent", "Durham")))

    told = [view for part in layout.parts for view in part.told]
    assert [[reason.name for reason in view.reasons] for view in told] == [["Kent"], ["Durham"]]
    assert layout.lead.told == told[0]
