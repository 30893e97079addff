"""What each subscriber sees of an edition, and which wish it was that brought it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import (
    DAY,
    KENT,
    a_comment,
    a_provider,
    a_source_of,
    a_story,
    an_edition,
    hmi_prisons,
    hmi_probation,
)
from hypothesis import given
from hypothesis import strategies as st

from digest.changes import Movement
from digest.coverage import Coverage, coverage_of
from digest.edition import Correction, Edition, SectionKind, Story
from digest.pages.wished import feeds_of
from digest.providers import Provider, Register
from digest.ratings import Inspectorates
from digest.schedule import Weekday
from digest.sources import Authority
from digest.subscriptions import Wishes
from digest.wishes import (
    Gap,
    Reason,
    Wish,
    gap_in,
    personal_edition,
    reasons,
    unmatched,
    wanted,
    wishes_named,
)

DAYS = timedelta(days=1)
EVER = datetime(2026, 3, 3, tzinfo=UTC)
KSS, LEEDS, KENTISH, SWALE = "kss-crc", "hmp-leeds", "kentish-town-pdu", "swale-pdu"

PROVIDERS = (
    a_provider(KENT, "Kent PDU", predecessors=(KSS,)),
    a_provider(KSS, "KSS CRC", kind="CRC", aliases=("Kent, Surrey and Sussex CRC",)),
    a_provider(LEEDS, "HMP Leeds", kind="prison", inspectorate="hmi-prisons"),
    a_provider(KENTISH, "Kentish Town PDU"),
    a_provider(SWALE, "Swale PDU", kind=""),
)
REGISTER = Register(PROVIDERS)


def covering(*keys: str | None, blogs: int = 0) -> Coverage:
    """What is covered if these inspectorates have a source each, and so many blogs are read."""
    sources = [a_source_of(key) for key in keys]
    sources += [a_source_of("hmi-prisons", id=f"blog-{n}", authority=Authority.BLOG) for n in range(blogs)]
    return coverage_of(Inspectorates(all=(hmi_probation(), hmi_prisons())), sources, (), EVER)


def about(provider: Provider | None, item: int = 1, section: SectionKind = SectionKind.UPGRADES) -> Story:
    return a_story(
        item,
        section,
        provider=provider and provider.id,
        provider_name=provider and provider.name,
        inspectorate=provider and provider.inspectorate,
    )


def heard_of(wishes: Wishes, *stories: Story) -> set[str | None]:
    return {story.provider for story in stories if wanted(story, wishes, REGISTER)}


ALL = tuple(about(provider, item) for item, provider in enumerate(PROVIDERS, start=1))

# -- laws ---------------------------------------------------------------------------------------------------

STORIES = st.builds(
    about,
    st.sampled_from([*PROVIDERS, None]),
    st.integers(1, 12),
    st.sampled_from(SectionKind),
)
EDITIONS = st.lists(STORIES, max_size=8, unique_by=lambda s: s.key).map(lambda found: an_edition(*found))


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


IDS = some(KENT, KSS, LEEDS, SWALE, "gone")
ANY_WISHES = st.builds(
    Wishes,
    inspectorates=some("hmi-probation", "hmi-prisons"),
    areas=some("Kent", "Leeds", "surrey", "York"),
    kinds=some("PDU", "crc", "prison"),
    providers=IDS,
    watched=IDS,
    movements_only=st.booleans(),
    commentary=st.booleans(),
    alerts=st.booleans(),
    proof_of_life=st.booleans(),
    weekly=st.none() | st.sampled_from(Weekday),
    brief=st.booleans(),
)
NARROWER = {
    "inspectorates": ("hmi-prisons",),
    "areas": ("Kent",),
    "kinds": ("PDU",),
    "providers": (KENT,),
    "movements_only": True,
    "commentary": False,
}


def keys(edition: Edition | None) -> list[int]:
    return [story.key.item for story in edition.stories] if edition else []


@given(EDITIONS, ANY_WISHES)
def test_how_much_an_edition_tells_decides_on_none_of_its_stories(edition, wishes):
    brief, full = replace(wishes, brief=True), replace(wishes, brief=False)

    assert personal_edition(edition, [], brief, REGISTER) == personal_edition(edition, [], full, REGISTER)
    assert brief.everything == full.everything
    assert feeds_of(brief) == feeds_of(full)
    assert brief.of_editions != full.of_editions, "they read different messages"


@given(EDITIONS, ANY_WISHES, st.sampled_from(sorted(NARROWER)))
def test_more_narrowing_never_adds_a_story(edition, wishes, field):
    open_wishes = replace(wishes, **{field: type(NARROWER[field])() if field != "commentary" else True})
    narrowed = replace(open_wishes, **{field: NARROWER[field]})

    assert set(keys(personal_edition(edition, [], narrowed, REGISTER))) <= set(
        keys(personal_edition(edition, [], open_wishes, REGISTER))
    )


@given(EDITIONS, ANY_WISHES)
def test_what_is_watched_is_always_told(edition, wishes):
    told = keys(personal_edition(edition, [], wishes, REGISTER))

    watched = [s.key.item for s in edition.stories if s.provider in wishes.watched]
    assert set(watched) <= set(told)


@given(EDITIONS, st.lists(EDITIONS, max_size=3), ANY_WISHES)
def test_nobody_gets_an_empty_edition_or_a_story_twice(edition, missed, wishes):
    own = personal_edition(edition, missed, wishes, REGISTER)

    assert own is None or own.stories
    assert len(keys(own)) == len(set(keys(own)))
    latest = {s.key: s for e in (*missed, edition) for s in e.stories}
    assert set(keys(own)) == {s.key.item for s in latest.values() if wanted(s, wishes, REGISTER)}


@given(EDITIONS, ANY_WISHES)
def test_people_who_agree_in_what_editions_are_told_by_read_the_same(edition, wishes):
    assert personal_edition(edition, [], wishes, REGISTER) == personal_edition(
        edition, [], wishes.of_editions, REGISTER
    )
    for story in edition.stories:
        assert reasons(story, wishes, REGISTER) == reasons(story, wishes.of_editions, REGISTER)


@given(STORIES, ANY_WISHES)
def test_a_story_that_a_choice_by_name_brought_says_which(story, wishes):
    named = (*wishes.areas, *wishes.kinds, *wishes.providers, *wishes.inspectorates)
    why = reasons(story, wishes, REGISTER)

    if wanted(story, wishes, REGISTER) and not wishes.everything and named:
        assert why
    assert len(why) == len(set(why))


@given(STORIES, ANY_WISHES)
def test_a_reason_given_is_reason_enough(story, wishes):
    """What is said to have brought a story would have brought it alone."""
    for reason in reasons(story, wishes, REGISTER):
        alone = {
            Wish.WATCHED: Wishes(inspectorates=("nobody",), watched=wishes.watched),
            Wish.PROVIDER: Wishes(providers=wishes.providers),
            Wish.AREA: Wishes(areas=(reason.name,)),
            Wish.KIND: Wishes(kinds=(reason.name,)),
            Wish.INSPECTORATE: Wishes(inspectorates=wishes.inspectorates),
        }
        assert wanted(story, alone[reason.wish], REGISTER)


# -- each wish ----------------------------------------------------------------------------------------------


def test_an_area_is_found_in_names_and_aliases_word_for_word():
    assert heard_of(Wishes(areas=("Kent",)), *ALL) == {KENT, KSS}
    assert heard_of(Wishes(areas=("surrey & sussex",)), *ALL) == {KSS}
    assert heard_of(Wishes(areas=("ent",)), *ALL) == set()
    assert heard_of(Wishes(areas=("?",)), *ALL) == set()


def test_an_area_is_found_in_the_name_of_a_provider_that_the_register_lacks():
    story = about(a_provider("new", "Dover, Kent, PDU"))

    assert heard_of(Wishes(areas=("Kent",)), story) == {"new"}


def test_a_kind_is_the_registers_and_only_where_it_has_none_the_names():
    assert heard_of(Wishes(kinds=("prison",)), *ALL) == {LEEDS}
    assert heard_of(Wishes(kinds=("pdu",)), *ALL) == {KENT, KENTISH, SWALE}


def test_a_wish_that_nothing_answers_to_can_be_named():
    wishes = Wishes(
        inspectorates=("hmi-probation", "hmi-probatoin"),
        areas=("Kent", "Kant", "?"),
        kinds=("pdu", "PUD", ""),
        providers=(KENT, "gone"),
        watched=("lost",),
    )

    known = {"hmi-probation", "hmi-prisons"}
    assert unmatched(wishes, REGISTER, known) == (
        "hmi-probatoin",
        "Kant",
        "?",
        "PUD",
        "",
        "gone",
        "lost",
    )
    assert unmatched(Wishes(), REGISTER, known) == ()


def test_narrowings_count_together():
    assert heard_of(Wishes(areas=("Kent",), kinds=("CRC",)), *ALL) == {KSS}
    assert heard_of(Wishes(areas=("Leeds",), inspectorates=("hmi-probation",)), *ALL) == set()


def test_a_text_about_no_provider_is_not_in_any_area():
    assert heard_of(Wishes(areas=("Kent",)), about(None)) == set()
    assert wanted(about(None), Wishes(), REGISTER)


@pytest.mark.parametrize("field", ["watched", "providers"])
def test_people_who_chose_a_body_hear_of_the_one_that_followed_it(field):
    """A service that is renamed must not fall silent."""
    assert heard_of(Wishes(areas=("York",), watched=(KSS,)), *ALL) == {KENT, KSS}
    assert heard_of(Wishes(**{field: (KENT,)}, areas=()), ALL[0]) == {KENT}
    assert heard_of(Wishes(providers=(KSS,)), *ALL) == {KENT, KSS}
    assert heard_of(Wishes(providers=(KENT,)), *ALL) == {KENT}


def test_bodies_that_are_said_to_have_followed_each_other_end_the_search():
    ring = Register([a_provider("a", "A", predecessors=("b",)), a_provider("b", "B", predecessors=("a",))])

    assert ring.line_of("a") == {"a", "b"}


def test_movements_only_leaves_out_what_did_not_move_and_keeps_corrections():
    steady = about(PROVIDERS[0], 1, SectionKind.STEADY)
    taken_back = replace(steady, change=None, aspects=(replace(ALL[0].change, movement=Movement.WITHDRAWN),))

    assert not wanted(steady, Wishes(movements_only=True), REGISTER)
    assert wanted(taken_back, Wishes(movements_only=True), REGISTER)
    assert wanted(steady, Wishes(movements_only=True, watched=(KENT,)), REGISTER)


def test_without_commentary_there_is_none_beneath_a_story_either():
    story = replace(ALL[0], commentary=(a_comment(),))
    own = personal_edition(an_edition(story), [], Wishes(commentary=False), REGISTER)

    assert own is not None
    assert own.stories[0].commentary == ()


def test_what_was_not_surely_given_comes_again_once_and_late():
    yesterday = an_edition(about(PROVIDERS[0], 1))
    today = an_edition(about(PROVIDERS[0], 1), about(PROVIDERS[2], 2))

    own = personal_edition(today, [yesterday, yesterday], Wishes(), REGISTER)

    assert sorted(keys(own)) == [1, 2]


# -- why ----------------------------------------------------------------------------------------------------


def why(story: Story, wishes: Wishes) -> list[tuple[Wish, str]]:
    return [(reason.wish, reason.name) for reason in reasons(story, wishes, REGISTER)]


def test_who_gets_everything_has_no_reason_but_what_they_watch():
    assert why(ALL[0], Wishes()) == []
    assert why(ALL[0], Wishes(watched=(KENT,))) == [(Wish.WATCHED, "Kent PDU")]


def test_every_wish_that_brought_it_is_named_once():
    wishes = Wishes(
        areas=("Kent", "KENT", "Surrey"), kinds=("PDU",), watched=(KENT,), inspectorates=("hmi-probation",)
    )

    assert why(ALL[0], wishes) == [
        (Wish.WATCHED, "Kent PDU"),
        (Wish.AREA, "Kent"),
        (Wish.KIND, "PDU"),
        (Wish.INSPECTORATE, "HM Inspectorate of Probation"),
    ]


def test_a_story_that_watching_alone_brought_names_nothing_else():
    """Its kind is right, but its area is not: following did not bring it."""
    assert why(ALL[0], Wishes(areas=("Leeds",), kinds=("PDU",), watched=(KENT,))) == [
        (Wish.WATCHED, "Kent PDU")
    ]


def test_a_watched_body_that_is_no_more_is_named_by_its_own_name():
    assert why(ALL[0], Wishes(areas=("York",), watched=(KSS,))) == [(Wish.WATCHED, "KSS CRC")]


def test_a_reason_is_plain_to_compare():
    assert Reason(wish=Wish.AREA, name="Kent") in reasons(ALL[0], Wishes(areas=("Kent",)), REGISTER)


@pytest.mark.parametrize(
    ("words", "wishes"),
    [
        ("", Wishes()),
        ("hmi-prisons", Wishes(inspectorates=("hmi-prisons",))),
        ("HMI-Prisons", Wishes(inspectorates=("hmi-prisons",))),
        ("Kent", Wishes(areas=("kent",))),
        ("kentish-town", Wishes(areas=("kentish town",))),
        ("Kentish_Town", Wishes(areas=("kentish town",))),
        ("prison", Wishes(kinds=("prison",))),
        ("kent+leeds+hmi-prisons", Wishes(areas=("kent", "leeds"), inspectorates=("hmi-prisons",))),
        ("kent++kent", Wishes(areas=("kent",))),
        ("friday", Wishes(weekly=Weekday.FRIDAY)),
        ("kent+Monday", Wishes(areas=("kent",), weekly=Weekday.MONDAY)),
        ("monday+friday", None),
        ("brief", Wishes(brief=True)),
        ("Friday+kent+BRIEF", Wishes(areas=("kent",), weekly=Weekday.FRIDAY, brief=True)),
        ("kent+full", Wishes(areas=("kent",))),
        ("brief+full", None),
        ("atlantis", None),
        ("kent+atlantis", None),
        ("ken", None),
        ("...", None),
        ("+".join(f"kent-{n}" for n in range(50)), None),
    ],
)
def test_names_behind_a_plus_are_wishes_or_nothing_answers_to_them(words, wishes):
    assert wishes_named(words, REGISTER, covering("hmi-probation", "hmi-prisons")) == wishes


@given(st.text(max_size=60))
def test_whatever_stands_behind_a_plus_wishes_only_for_what_is_there(words):
    found = wishes_named(words, REGISTER, covering("hmi-probation", "hmi-prisons"))

    assert not isinstance(found, Gap)
    assert found is None or unmatched(found, REGISTER, {"hmi-prisons"}) == ()


# -- what nothing that we read can answer -------------------------------------------------------------------


@pytest.mark.parametrize("words", ["hmi-prisons", "prison", "kent+hmi-prisons", "hmi-probation+prison"])
def test_what_no_source_covers_is_known_and_cannot_be_joined_for_by_mail(words: str) -> None:
    found = wishes_named(words, REGISTER, covering("hmi-probation"))

    assert isinstance(found, Gap)
    assert found.names in {("HM Inspectorate of Prisons",), ("prison",)}


PRISONS = ("inspectorate hmi-prisons",)


@pytest.mark.parametrize(
    ("wishes", "keys", "whole"),
    [
        (Wishes(), (), False),
        (Wishes(areas=("Kent",), movements_only=True), (), False),
        (Wishes(inspectorates=("hmi-probation",)), (), False),
        (Wishes(inspectorates=("hmi-prisons",)), PRISONS, True),
        (Wishes(inspectorates=("hmi-probation", "hmi-prisons")), PRISONS, False),
        (Wishes(inspectorates=("hmi-prisons",), watched=(KENT,)), PRISONS, False),
        (Wishes(inspectorates=("hmi-prisons",), watched=(LEEDS,)), (*PRISONS, "watched hmp-leeds"), True),
        (Wishes(kinds=("PDU", "prison")), ("kind prison",), False),
        (Wishes(kinds=("Prison",)), ("kind Prison",), True),
        (Wishes(kinds=("care home",)), (), False),  # nobody is known to inspect them: they may be covered
        (Wishes(inspectorates=("hmi-prisons",), kinds=("prison",)), (*PRISONS, "kind prison"), True),
        (Wishes(providers=(LEEDS,)), ("provider hmp-leeds",), True),
        (Wishes(providers=(LEEDS, KENT)), ("provider hmp-leeds",), False),
        (Wishes(providers=("who-knows",)), (), False),
        (Wishes(inspectorates=("of-old",)), ("inspectorate of-old",), True),
    ],
)  # fmt: skip
def test_a_reader_lacks_the_wishes_that_no_live_source_can_answer(
    wishes: Wishes, keys: tuple[str, ...], whole: bool
) -> None:
    gap = gap_in(wishes, covering("hmi-probation"), REGISTER)

    assert gap.keys == frozenset(keys)
    assert gap.whole is whole


def test_a_provider_with_two_merged_entries_is_named_once() -> None:
    merged = Register(
        [*PROVIDERS, a_provider("leeds-jail", inspectorate="hmi-prisons")], {"leeds-jail": LEEDS}
    )
    gap = gap_in(Wishes(watched=(LEEDS, "leeds-jail")), covering("hmi-probation"), merged)

    assert gap.names == ("HMP Leeds",)
    assert len(gap.keys) == 2  # each wish stays a wish of its own: a split may part them


def test_a_source_of_no_inspectorate_promises_none_and_may_bring_something() -> None:
    gap = gap_in(Wishes(inspectorates=("hmi-prisons",)), covering(None), REGISTER)

    assert gap.keys == frozenset(PRISONS)
    assert not gap.whole
    assert gap_in(Wishes(), covering(None), REGISTER) == Gap()


def test_a_blog_covers_no_inspectorate_but_its_readers_get_its_comment() -> None:
    assert gap_in(Wishes(inspectorates=("hmi-prisons",)), covering("hmi-probation", blogs=1), REGISTER).whole
    assert not gap_in(Wishes(), covering(blogs=1), REGISTER).whole
    assert gap_in(Wishes(commentary=False), covering(blogs=1), REGISTER).whole
    assert gap_in(Wishes(), covering(), REGISTER).whole


@given(ANY_WISHES)
def test_who_lacks_everything_is_sent_no_story_of_what_is_covered(wishes: Wishes) -> None:
    covered = [one for one in ALL if one.inspectorate == "hmi-probation"]

    if gap_in(wishes, covering("hmi-probation"), REGISTER).whole:
        assert heard_of(wishes, *covered) == set()


# -- what a later edition has overtaken ---------------------------------------------------------------------


def test_what_waited_for_a_weekly_readers_day_is_not_late() -> None:
    refused, waited, today = (an_edition(about(PROVIDERS[0], n), day=DAY + n * DAYS) for n in range(3))

    own = personal_edition(today, [refused], Wishes(), REGISTER, [waited])

    assert own is not None
    assert {story.key.item: story.late_from for story in own.stories} == {0: DAY, 1: None, 2: None}


def test_a_correction_overtakes_the_late_story_that_it_corrects() -> None:
    """Both editions were missed; the reader never saw what was wrong, and need not."""
    wrong = about(PROVIDERS[0])
    corrected = replace(
        about(PROVIDERS[0], section=SectionKind.CORRECTIONS),
        correction=Correction(told_on=DAY, told=None, why="misread"),
    )
    missed = [an_edition(wrong), an_edition(corrected, day=DAY + DAYS)]
    own = personal_edition(an_edition(day=DAY + 2 * DAYS), missed, Wishes(), REGISTER)

    assert own is not None
    assert [(story.section, story.late_from) for story in own.stories] == [
        (SectionKind.CORRECTIONS, DAY + DAYS)
    ]


@pytest.mark.parametrize("told_later", [True, False])
def test_an_official_report_overtakes_what_a_blog_alone_had_told(told_later: bool) -> None:
    by_blog = replace(about(PROVIDERS[0], section=SectionKind.ELSEWHERE), reported_by="The Notebook")
    official = replace(about(PROVIDERS[0], 2), first_told=DAY)
    today = an_edition(*[official] if told_later else [], day=DAY + DAYS)
    own = personal_edition(today, [an_edition(by_blog)], Wishes(), REGISTER)

    assert keys(own) == ([2] if told_later else [1])
