"""The closing line: what our ratings say about a story of the day, and nothing that they do not show."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from builders import DAY, KENT, a_change, a_provider, a_rating, a_story, an_edition, inspectorates
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from digest.changes import SAME_INSPECTION_WITHIN, Certainty, Claimed, Movement, compare
from digest.edition import (
    ClosingLine,
    Correction,
    Edition,
    Ending,
    Rarity,
    SectionKind,
    Story,
    StoryKey,
    TakenBack,
)
from digest.edition_history import HeldRating
from digest.interventions import Alteration, altered
from digest.present.circles import bodies_of, circles
from digest.present.closing import RULES, closing_lines, period_starts, takes_back
from digest.providers import Provider, Register
from digest.ratings import Precision, Rating

KNOWN = inspectorates()
GRADES = ("outstanding", "good", "requires improvement", "inadequate")
FIVE = (KENT, "essex-pdu", "leeds-pdu", "durham-pdu", "york-pdu")
KEY = StoryKey(item=1, place=0)
(QUARTER,) = period_starts(DAY)  # and of the year


def bodies(ids: Iterable[str] = FIVE, **facts: Any) -> tuple[Provider, ...]:
    return tuple(a_provider(id, id.replace("-", " ").title(), **facts) for id in ids)


def held(grade: str, day: date | None, provider: str = KENT, **facts: Any) -> HeldRating:
    """A rating that the register states, or if it has an item one that an edition told."""
    item, told_on = facts.pop("item", None), facts.pop("told_on", None)
    link = f"https://inspectorate.example/{provider}/{day}/{item}"
    rating = a_rating(grade, day, provider=provider, link=link, **facts)
    return HeldRating(rating=rating, key=item and StoryKey(item=item, place=0), told_on=told_on)


def today(grade: str, provider: str = KENT, item: int = 1) -> HeldRating:
    """What the edition tells."""
    return held(grade, DAY, provider, item=item)


SECTIONS = {Movement.UPGRADE: SectionKind.UPGRADES, Movement.DOWNGRADE: SectionKind.DOWNGRADES}


def story_of(own: HeldRating, history: Sequence[HeldRating], **facts: Any) -> Story:
    """The story of a rating of today, compared with what we hold."""
    past = [one.rating for one in history if one.rating.provider == own.rating.provider and one is not own]
    change = compare(past, own.rating, Claimed(), KNOWN)
    if change.certainty is Certainty.ALONE:
        change = replace(change, certainty=Certainty.STATED)
    assert own.key is not None
    usual = {"provider": own.rating.provider, "provider_name": own.rating.provider, "change": change}
    section = facts.pop("section", SECTIONS.get(change.movement, SectionKind.STEADY))
    return a_story(own.key.item, section, **usual | {"evidence": own.rating.evidence} | facts)


def lines_of(
    *ratings: HeldRating,
    known: Sequence[Provider] | None = None,
    day: date = DAY,
    whole: Sequence[date] | None = None,
    **facts: Any,
) -> tuple[ClosingLine, ...]:
    """The lines of an edition with a story for each rating of today."""
    edition, register = edition_of(ratings, day, **facts), Register(bodies() if known is None else known)
    found = circles(edition, register)
    mine: dict[str, list[HeldRating]] = {}
    for one in ratings:
        mine.setdefault(one.rating.provider, []).append(one)
    asked = {one.id: tuple(mine[one.id]) for one in bodies_of(found) if one.id in mine}
    settled = [story.key for story in edition.stories]
    whole = period_starts(day) if whole is None else whole
    return closing_lines(edition, found, asked, KNOWN, settled=settled, whole=whole)


def edition_of(ratings: Sequence[HeldRating], day: date = DAY, **facts: Any) -> Edition:
    new = [
        one for one in ratings if one.key is not None and one.rating.published_on == day and not one.told_on
    ]
    return an_edition(*(story_of(one, ratings, **facts) for one in new), day=day)


def claims(*ratings: HeldRating, **facts: Any) -> list[Rarity]:
    return [line.rarity for line in lines_of(*ratings, **facts)]


def years_ago(years: int, day: int = 10) -> date:
    return date(DAY.year - years, 3, day)


# -- a claim of each kind ---------------------------------------------------------------------------------

OTHERS = tuple(held("good", years_ago(8), id) for id in FIVE[1:])
"""Everybody but Kent has been good for long."""

FIRST = (*OTHERS[1:], held("good", years_ago(8)), held("good", years_ago(9), FIVE[1]))
ONLY = (*OTHERS, held("good", years_ago(2)))
LEFT = (*OTHERS, held("inadequate", years_ago(1)))
ROW = (held("inadequate", years_ago(1)), held("inadequate", years_ago(3)), held("good", years_ago(5)))
OWN = tuple(held("good", years_ago(n)) for n in (1, 4, 7))
BACK = (held("good", years_ago(6)), held("inadequate", years_ago(2)))
QUARTERS = tuple(
    held("inadequate", DAY - timedelta(days=n), id, item=20 + n, told_on=DAY - timedelta(days=n))
    for n, id in ((20, FIVE[1]), (40, FIVE[2]))
)


def first_in_years() -> tuple[HeldRating, ...]:
    return (*FIRST, held("inadequate", years_ago(4), FIVE[1]), today("inadequate"))


EACH: Mapping[Rarity, tuple[HeldRating, ...]] = {
    Rarity.FIRST_SINCE: first_in_years(),
    Rarity.ONLY: (*ONLY, today("outstanding")),
    Rarity.NONE_LEFT: (*LEFT, today("good")),
    Rarity.LAST_RATED: (*OTHERS, today("good")),
    Rarity.IN_QUARTER: (*QUARTERS, today("inadequate")),
    Rarity.FIRST_OF_ITS_OWN: (*OWN, today("inadequate")),
    Rarity.AGAIN: (*BACK, today("good")),
    Rarity.IN_A_ROW: (*ROW, today("inadequate")),
}


@pytest.mark.parametrize("claim", EACH, ids=str)
def test_each_claim_is_made_where_all_that_it_needs_is_known(claim: Rarity) -> None:
    (line,) = lines_of(*EACH[claim])

    assert line.rarity is claim
    assert line.story == KEY == line.proof[0].key
    assert_true(line, EACH[claim], bodies())


def test_the_fifth_and_tenth_of_a_year_are_told_and_those_between_are_not() -> None:
    ids = [f"unit-{n}" for n in range(12)]
    june = date(DAY.year, 6, 10)

    def claimed(count: int) -> list[Rarity]:
        days = [QUARTER + timedelta(days=n) for n in range(count - 1)]
        earlier = [
            held("inadequate", day, id, item=30 + day.day, told_on=day)
            for day, id in zip(days, ids[1:], strict=False)
        ]
        now = held("inadequate", june, ids[0], item=1)
        return claims(*earlier, now, known=bodies(ids), day=june)

    told = {count: claimed(count) for count in range(3, 12)}

    assert {count: found for count, found in told.items() if found} == {
        5: [Rarity.IN_YEAR],
        10: [Rarity.IN_YEAR],
    }


def test_every_claim_has_a_rule_and_the_rules_stand_in_the_order_of_the_claims() -> None:
    assert [rule.__name__.replace("_", " ") for rule in RULES] == [
        *("first since", "only one", "none left", "last rated", "in quarter", "in year"),
        *("first of its own", "again", "in a row"),
    ]
    assert len(RULES) == len(Rarity)


# -- what takes a claim away ------------------------------------------------------------------------------

OF_A_GROUP = (Rarity.FIRST_SINCE, Rarity.ONLY, Rarity.NONE_LEFT, Rarity.LAST_RATED)
OF_ITS_OWN = (Rarity.FIRST_OF_ITS_OWN, Rarity.AGAIN, Rarity.IN_A_ROW)
ODD: tuple[dict[str, Any], ...] = (
    {"doubted": True},
    {"withdrawn": True},
    {"published_on": None},
    {"published_precision": Precision.NOT_BEFORE},
    {"scale": "ofsted-4"},
    {"scale": "a scale that nobody knows"},
)


def odd(one: HeldRating, facts: Mapping[str, Any]) -> HeldRating:
    return replace(one, rating=replace(one.rating, **facts))


@pytest.mark.parametrize("facts", [f for f in ODD if f.get("scale") != "ofsted-4"], ids=str)
@pytest.mark.parametrize("claim", OF_A_GROUP, ids=str)
def test_a_rating_of_anybody_that_is_not_sure_silences_what_is_said_of_all(claim: Rarity, facts: Any) -> None:
    extra = odd(held("good", years_ago(3, 12), FIVE[3]), facts)

    assert claim not in claims(*EACH[claim], extra)


@pytest.mark.parametrize("facts", [f for f in ODD if f.get("scale") != "ofsted-4"], ids=str)
@pytest.mark.parametrize("claim", OF_ITS_OWN, ids=str)
def test_a_rating_of_its_own_that_is_not_sure_silences_what_is_said_of_it(claim: Rarity, facts: Any) -> None:
    assert claims(*EACH[claim], odd(held("good", years_ago(8, 12)), facts)) == []


@pytest.mark.parametrize("claim", OF_A_GROUP, ids=str)
def test_a_report_that_no_edition_has_told_yet_silences_what_is_said_of_all(claim: Rarity) -> None:
    assert claim not in claims(*EACH[claim], held("good", years_ago(1, 12), FIVE[3], item=77))


@pytest.mark.parametrize("claim", OF_A_GROUP, ids=str)
def test_a_body_without_a_rating_silences_what_is_said_of_all(claim: Rarity) -> None:
    assert claim not in claims(*EACH[claim], known=bodies((*FIVE, "new-pdu")))


@pytest.mark.parametrize("claim", [*OF_A_GROUP, Rarity.IN_QUARTER], ids=str)
def test_a_rated_body_whose_kind_is_not_known_silences_what_is_said_of_its_kind(claim: Rarity) -> None:
    stranger = a_provider("stranger", "Stranger", kind="")
    rated = held("inadequate", DAY - timedelta(days=9), "stranger")

    assert claim in claims(*EACH[claim], known=(*bodies(), stranger))
    assert claim not in claims(*EACH[claim], rated, known=(*bodies(), stranger))


@pytest.mark.parametrize("claim", [Rarity.ONLY, Rarity.NONE_LEFT, Rarity.LAST_RATED], ids=str)
def test_a_body_that_another_came_after_is_not_counted_among_those_of_today(claim: Rarity) -> None:
    later = a_provider("later", "Later", kind="other", predecessors=(FIVE[2],))

    assert claim not in claims(*EACH[claim], known=(*bodies(), later))


@pytest.mark.parametrize(
    ("claim", "other"),
    [
        (Rarity.FIRST_SINCE, held("inadequate", years_ago(1), FIVE[3])),
        (Rarity.ONLY, held("outstanding", years_ago(1), FIVE[3])),
        (Rarity.NONE_LEFT, held("inadequate", years_ago(2), FIVE[3])),
        (Rarity.LAST_RATED, held("good", years_ago(2))),
        (Rarity.IN_QUARTER, held("inadequate", DAY - timedelta(days=9), FIVE[3])),
        (Rarity.FIRST_OF_ITS_OWN, held("inadequate", years_ago(6))),
        (Rarity.AGAIN, held("good", years_ago(1))),
        (Rarity.IN_A_ROW, held("good", years_ago(2))),
    ],
    ids=lambda one: str(one) if isinstance(one, Rarity) else "",
)
def test_an_older_rating_that_contradicts_takes_the_claim_away(claim: Rarity, other: HeldRating) -> None:
    assert claim not in claims(*EACH[claim], other)


def test_a_later_contradiction_moves_the_year_that_is_named() -> None:
    (line,) = lines_of(*EACH[Rarity.FIRST_SINCE], held("inadequate", years_ago(6), FIVE[3]))
    (later,) = lines_of(*EACH[Rarity.FIRST_SINCE], held("inadequate", date(2022, 9, 1), FIVE[3]))

    assert line.since == years_ago(4)
    assert later.since == date(2022, 9, 1)


def test_a_history_that_does_not_reach_back_to_the_year_that_is_named_is_none() -> None:
    young = [one for one in EACH[Rarity.FIRST_SINCE] if one.rating.provider != FIVE[3]]

    assert claims(*young, held("good", years_ago(2), FIVE[3])) == []


def test_of_areas_only_those_count_whose_bodies_are_all_known_to_lie_there() -> None:
    kent = [replace(one, area="Kent") for one in bodies(FIVE[:4])]
    elsewhere = replace(bodies(FIVE[4:])[0], area="York")
    rated = [one for one in EACH[Rarity.ONLY] if one.rating.provider != FIVE[4]]
    outstanding = held("outstanding", years_ago(4), FIVE[4])

    (line,) = lines_of(*rated, outstanding, known=[*kent, elsewhere])
    assert (line.rarity, line.area, line.number) == (Rarity.ONLY, "Kent", 4)
    assert claims(*rated, outstanding, known=[*kent, replace(elsewhere, area="")]) == []


def test_nobody_was_the_last_with_a_grade_if_two_lost_it_together() -> None:
    essex = (held("inadequate", years_ago(1), FIVE[1]), today("good", FIVE[1], item=2))

    assert Rarity.NONE_LEFT not in claims(*OTHERS, held("inadequate", years_ago(1)), today("good"), *essex)


def test_nobody_was_the_last_with_a_grade_that_another_lost_at_a_later_inspection() -> None:
    """An edition told the later one first."""
    later = today("good", FIVE[1], item=90)
    told = replace(later, told_on=DAY - timedelta(days=1))
    essex = (held("inadequate", years_ago(1), FIVE[1]), told)

    assert Rarity.NONE_LEFT not in claims(*OTHERS, held("inadequate", years_ago(1)), today("good"), *essex)


def test_a_quarter_without_editions_from_its_beginning_is_not_counted() -> None:
    assert claims(*EACH[Rarity.IN_QUARTER], whole=[]) == []


def test_three_of_one_day_are_at_a_glance_and_no_line() -> None:
    three = [today("inadequate", id, item=n) for n, id in enumerate(FIVE[:3], 1)]

    assert claims(*three) == []


def test_a_rating_published_before_the_quarter_and_told_in_it_leaves_the_count_in_doubt() -> None:
    late = held("inadequate", QUARTER - timedelta(days=1), FIVE[1], item=50, told_on=QUARTER)

    assert claims(late, QUARTERS[1], today("inadequate")) == []


def test_a_history_without_the_grade_that_the_story_tells_as_the_one_before_is_not_whole() -> None:
    change = a_change(Movement.DOWNGRADE, "inadequate", before="outstanding", before_on=years_ago(1))

    assert claims(*EACH[Rarity.FIRST_OF_ITS_OWN], change=change) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"reported_by": "A blog"},
        {"from_feed": True},
        {"checked": "An operator looked."},
        {"late_from": DAY - timedelta(days=1)},
        {"first_told": DAY - timedelta(days=1)},
        {"evidence": None},
        {"section": SectionKind.ELSEWHERE},
        {"correction": Correction(told_on=DAY - timedelta(days=1), told=None, why="A table.")},
        {"inspectorate": "ofsted"},
    ],
    ids=str,
)
@pytest.mark.parametrize("claim", EACH, ids=str)
def test_a_story_that_is_in_any_way_second_hand_has_no_line(claim: Rarity, facts: Any) -> None:
    assert claims(*EACH[claim], **facts) == []


@pytest.mark.parametrize("facts", [{"review": "They differ."}, {"certainty": Certainty.DISPUTED}], ids=str)
def test_a_change_that_operators_are_asked_about_has_no_line(facts: Any) -> None:
    (story,) = edition_of(EACH[Rarity.AGAIN]).stories
    assert story.change is not None

    assert claims(*EACH[Rarity.AGAIN], change=replace(story.change, **facts)) == []


# -- laws ---------------------------------------------------------------------------------------------------


def assert_true(line: ClosingLine, ratings: Sequence[HeldRating], known: Sequence[Provider]) -> None:
    """The claim holds in the whole history, and its evidence shows as much of it as ratings can show."""
    own = sorted((one.rating for one in ratings if one.rating.provider == line.proof[0].provider), key=_day)
    now, before = own[-1], own[:-1]
    everybody: dict[str, list[Rating]] = {one.id: [] for one in known}
    for one in ratings:
        everybody[one.rating.provider].append(one.rating)
    latest = {id: max(each, key=_day).grade for id, each in everybody.items() if each}
    shown = {(one.provider, one.grade, one.since) for one in line.proof}
    assert shown <= {(one.rating.provider, one.rating.grade, one.rating.dated) for one in ratings}
    assert (now.provider, now.grade, DAY) in shown
    match line.rarity:
        case Rarity.FIRST_SINCE:
            others = [
                r for each in everybody.values() for r in each if r.grade == line.grade and r is not now
            ]
            assert max(map(_day, others)) == line.since
            assert all(min(map(_day, each)) <= line.since for each in everybody.values())
        case Rarity.ONLY:
            assert [id for id in latest if latest[id] == line.grade] == [now.provider]
            assert len(shown) == line.number == len(known) == len(latest)
        case Rarity.NONE_LEFT:
            assert line.grade not in latest.values()
            assert before[-1].grade == line.grade
            assert all(_day(one) < _day(now) for one in _losses(everybody, line.grade) if one is not now)
            assert len(shown) == line.number == len(known) == len(latest)
        case Rarity.LAST_RATED:
            assert not before
            assert len(shown) == line.number == len(known) == len(latest)
        case Rarity.IN_QUARTER | Rarity.IN_YEAR:
            told = {
                one.rating.provider
                for one in ratings
                if one.rating.grade == line.grade and line.since and _day(one.rating) >= line.since
            }
            assert len(told) == line.number == len(shown)
        case Rarity.FIRST_OF_ITS_OWN:
            assert all(one.grade != line.grade for one in before)
            assert (len(own), _day(own[0])) == (line.number, line.since)
        case Rarity.AGAIN:
            same = [one for one in before if one.grade == line.grade]
            assert _day(same[-1]) == line.since
            assert before[-1].grade != line.grade
        case Rarity.IN_A_ROW:
            assert all(one.grade == line.grade for one in own[-line.number :])
            assert len(own) == line.number or own[-line.number - 1].grade != line.grade
            assert _day(own[-line.number]) == line.since


def _losses(everybody: Mapping[str, Sequence[Rating]], grade: str) -> Iterator[Rating]:
    """The ratings by which bodies lost a grade."""
    for each in everybody.values():
        for one, later in pairwise(sorted(each, key=_day)):
            if one.grade == grade != later.grade:
                yield later


def _day(rating: Rating) -> date:
    assert rating.dated is not None
    return rating.dated


def past_ratings() -> st.SearchStrategy[list[HeldRating]]:
    """What is held of some of five bodies: of the register, or told; far enough apart to be inspections."""

    def one(which: tuple[str, str, int, bool]) -> HeldRating:
        provider, grade, months, told = which
        day = DAY - timedelta(days=61 * months)
        item = 100 + months * len(FIVE) + FIVE.index(provider)
        return held(grade, day, provider, item=item if told else None, told_on=day if told else None)

    what = st.tuples(
        st.sampled_from(FIVE), st.sampled_from(GRADES), st.integers(1, 60), st.sampled_from([True, False])
    )
    return st.lists(what.map(one), max_size=14, unique_by=lambda r: (r.rating.provider, r.rating.dated))


SLOW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(past_ratings(), st.sampled_from(GRADES), st.booleans())
def test_every_claim_is_true_in_the_whole_history(past: list[HeldRating], grade: str, small: bool) -> None:
    known = bodies()
    for line in lines_of(*past, today(grade), known=known):
        assert_true(line, [*past, today(grade)], known)


@SLOW
@given(
    st.sampled_from(list(EACH)),
    st.sampled_from(FIVE),
    st.sampled_from(GRADES),
    st.integers(50, 4000),
)
def test_whatever_else_we_may_hold_what_is_still_claimed_is_still_true(
    claim: Rarity, provider: str, grade: str, days: int
) -> None:
    day = DAY - timedelta(days=days)
    own = [_day(one.rating) for one in EACH[claim] if one.rating.provider == provider]
    assume(all(abs(one - day) > SAME_INSPECTION_WITHIN for one in own))  # else it is no other inspection
    added = held(grade, day, provider)
    for line in lines_of(*EACH[claim], added):
        assert_true(line, [*EACH[claim], added], bodies())


@SLOW
@given(past_ratings(), st.randoms(use_true_random=False), st.sampled_from(ODD))
def test_nothing_odd_is_ever_evidence(past: list[HeldRating], chance: random.Random, facts: Any) -> None:
    strange = {id(one) for one in past if chance.random() < 0.3}
    mixed = [odd(one, facts) if id(one) in strange else one for one in past]
    bad = {one.rating.link for one in mixed if one not in past}

    for line in lines_of(*mixed, today(chance.choice(GRADES))):
        assert not bad & {one.link for one in line.proof}


@SLOW
@given(past_ratings(), st.permutations(range(3)), st.randoms(use_true_random=False))
def test_the_order_of_what_is_stored_changes_nothing(
    past: list[HeldRating], order: list[int], chance: random.Random
) -> None:
    new = [today(GRADES[-1 - n], FIVE[n], item=n + 1) for n in range(3)]
    shuffled = [*past, *(new[n] for n in order)]
    chance.shuffle(shuffled)

    assert lines_of(*past, *new) == lines_of(*shuffled, known=bodies(reversed(FIVE)))


def test_a_story_has_one_line_and_the_rarer_one_comes_first() -> None:
    many = lines_of(*EACH[Rarity.ONLY], *QUARTERS, today("inadequate", FIVE[3], item=2))

    assert len({line.story for line in many}) == len(many)
    assert [line.rarity for line in many] == sorted((line.rarity for line in many), key=list(Rarity).index)


# -- when it is not said any more ----------------------------------------------------------------------------


def test_a_line_goes_with_the_story_that_it_is_about_and_with_each_that_it_counts() -> None:
    ratings = (QUARTERS[0], today("inadequate", FIVE[2], item=2), today("inadequate"))
    edition = replace(edition_of(ratings), closing=lines_of(*ratings))

    assert {line.counts for line in edition.closing} == {(KEY, StoryKey(item=2, place=0))}
    assert altered(edition, Alteration(dropped=(StoryKey(item=2, place=0),))).closing == ()
    assert altered(edition, Alteration(note="Hello")).closing == edition.closing


def correction(grade: str, item: int = 1, provider: str = KENT, told_on: date = DAY) -> Story:
    return a_story(
        item,
        SectionKind.CORRECTIONS,
        provider=provider,
        change=a_change(Movement.UNCHANGED, grade),
        correction=Correction(told_on=told_on, told=None, why="A table."),
    )


def test_a_correction_takes_back_each_line_that_counts_the_wrong_grade() -> None:
    (line,) = lines_of(*EACH[Rarity.IN_QUARTER])
    kent, essex, york = bodies((KENT, FIVE[1], FIVE[4]))

    assert takes_back(correction("good"), kent, line)
    assert takes_back(correction("good", 40, FIVE[1], DAY - timedelta(days=20)), essex, line)
    assert not takes_back(correction("inadequate"), kent, line)  # only the words were wrong
    assert takes_back(correction("inadequate", 90, FIVE[4]), york, line)  # there was one more
    assert not takes_back(correction("good", 90, FIVE[4]), york, line)
    assert not takes_back(correction("inadequate", 90, FIVE[4]), replace(york, kind="YJS"), line)


def test_what_a_dropped_correction_takes_back_is_not_taken_back() -> None:
    (line,) = lines_of(*EACH[Rarity.IN_QUARTER])
    fixed = correction("good")
    back = TakenBack(story=fixed.key, day=DAY, line=line)
    edition = replace(an_edition(fixed, a_story(9)), lines_taken_back=(back,))

    assert altered(edition, Alteration(note="Hello")).lines_taken_back == (back,)
    assert altered(edition, Alteration(dropped=(fixed.key,))).lines_taken_back == ()


def test_both_are_on_if_nothing_is_set() -> None:
    assert Ending() == Ending(closing_line=True, scoreboard=True)
