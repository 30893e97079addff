"""What is new in a publisher's data, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from digest.ratings import OVERALL
from digest.record_changes import FIRST_WITHIN, compared, has_other_words, reread
from digest.records import Cause, Graded, Place, Record, Subject

TODAY = date(2026, 4, 10)
INSPECTED, PUBLISHED = date(2025, 11, 18), date(2025, 12, 15)


def graded(aspect: str, grade: str, on: date | None = None) -> Graded:
    return Graded(aspect=aspect, grade=grade, heading=aspect.capitalize(), words=grade, graded_on=on)


OAK = Record(
    key="100001",
    subject=Subject(id="100001", name="Oak Primary School"),
    inspectorate="ofsted",
    scale="ofsted-reportcard-5",
    grades=(
        graded("inclusion", "expected standard", INSPECTED),
        graded("achievement", "needs attention", INSPECTED),
    ),
    number="10012345",
    inspected_on=INSPECTED,
    published_on=PUBLISHED,
    place=Place(publisher="Ofsted", document="schools.csv"),
)
NEXT = {
    "number": "10099999",
    "inspected_on": date(2026, 3, 3),
    "published_on": date(2026, 4, 2),
}


def with_grade(record: Record, grade: str, on: date | None = INSPECTED) -> Record:
    return replace(record, grades=(record.grades[0], graded("achievement", grade, on)))


def cause(now: Record, before: Record | None = OAK) -> Cause | None:
    news = compared(now, before, today=TODAY).news
    return None if news is None else news.cause


def test_another_number_and_a_later_day_are_a_new_inspection() -> None:
    assert cause(replace(with_grade(OAK, "strong standard"), **NEXT)) is Cause.INSPECTION


def test_a_new_inspection_with_the_same_grades_is_news() -> None:
    assert cause(replace(OAK, **NEXT)) is Cause.INSPECTION


def test_without_numbers_a_later_day_and_another_grade_are_a_new_inspection() -> None:
    before = replace(OAK, number=None)
    now = replace(with_grade(before, "strong standard"), published_on=date(2026, 4, 2))

    assert cause(now, before) is Cause.INSPECTION


def test_a_date_that_moves_alone_is_no_news() -> None:
    assert cause(replace(OAK, inspected_on=date(2026, 3, 3), published_on=date(2026, 4, 2))) is None
    before = replace(OAK, number=None)
    assert cause(replace(before, published_on=date(2026, 4, 2)), before) is None
    assert cause(replace(OAK, grades=tuple(replace(one, graded_on=TODAY) for one in OAK.grades))) is None


def test_new_numbers_for_the_same_inspections_are_no_news() -> None:
    assert cause(replace(OAK, number="1-10012345")) is None


def test_one_area_graded_after_the_inspection_is_a_re_grade() -> None:
    now = with_grade(OAK, "expected standard", date(2026, 3, 4))

    news = compared(now, OAK, today=TODAY).news
    assert news is not None
    assert news.cause is Cause.REGRADED
    assert [(one.aspect, one.previous) for one in news.grades] == [("achievement", "needs attention")]
    assert (news.inspected_on, news.published_on) == (date(2026, 3, 4), date(2026, 3, 4))


def test_another_grade_for_the_same_inspection_is_a_correction() -> None:
    assert cause(with_grade(OAK, "expected standard")) is Cause.CORRECTION


def test_an_earlier_inspection_than_before_is_a_correction() -> None:
    now = replace(with_grade(OAK, "strong standard"), number="9", inspected_on=date(2022, 5, 5))

    assert cause(now) is Cause.CORRECTION


def test_the_grade_of_a_predecessor_is_inherited() -> None:
    now = replace(with_grade(OAK, "strong standard"), inherited_from="100000", **NEXT)

    assert cause(now) is Cause.INHERITED
    assert cause(now, None) is None
    assert cause(replace(OAK, inherited_from="100000")) is None


def test_the_first_inspection_of_its_own_is_not_compared_with_the_grade_that_it_inherited() -> None:
    inherited = replace(OAK, inherited_from="100000")
    news = compared(replace(with_grade(OAK, "strong standard"), **NEXT), inherited, today=TODAY).news

    assert news is not None
    assert {one.previous for one in news.grades} == {None}
    assert list(inherited.ratings()) == []


def test_what_the_data_said_before_counts_more_than_its_own_column_of_earlier_grades() -> None:
    older = tuple(replace(one, previous="urgent improvement") for one in OAK.grades)
    now = replace(OAK, grades=(older[0], replace(older[1], grade="strong standard")))

    news = compared(now, OAK, today=TODAY).news
    assert news is not None
    assert [(one.aspect, one.previous) for one in news.grades] == [("achievement", "needs attention")]
    inspected_again = compared(replace(now, **NEXT), OAK, today=TODAY).news
    assert inspected_again is not None
    assert inspected_again.grades[1].previous == "urgent improvement"


def test_names_are_learnt_and_are_no_news() -> None:
    now = replace(OAK, subject=replace(OAK.subject, name="Oak Academy"))

    both = compared(now, OAK, today=TODAY)
    assert both.news is None
    assert both.remember.subject.name == "Oak Academy"
    assert now.standing != OAK.standing
    assert now.standing[:24] == OAK.standing[:24]


@pytest.mark.parametrize("left", [0, 1], ids=["all", "one"])
def test_a_grade_that_is_not_stated_any_more_is_no_news_and_none_when_it_is_back(left: int) -> None:
    without = replace(OAK, grades=OAK.grades[:left], subject=replace(OAK.subject, name="Oak"))

    gone = compared(without, OAK, today=TODAY)
    assert gone.news is None
    assert gone.remember.subject.name == "Oak"
    assert cause(OAK, gone.remember) is None


def test_a_provider_that_is_new_in_the_data_is_news_if_it_was_rated_lately() -> None:
    assert cause(OAK, None) is None
    assert cause(replace(OAK, published_on=TODAY - FIRST_WITHIN), None) is Cause.INSPECTION
    ungraded = replace(OAK, grades=())
    assert cause(ungraded, None) is None
    assert cause(OAK, ungraded) is None
    assert cause(replace(OAK, **NEXT), ungraded) is Cause.INSPECTION


def test_a_grade_on_a_new_scale_is_compared_with_none() -> None:
    before = replace(
        OAK,
        scale="ofsted-4",
        number="1",
        grades=(graded(OVERALL, "good"),),
        inspected_on=TODAY - timedelta(2000),
    )

    news = compared(OAK, before, today=TODAY).news
    assert news is not None
    assert news.cause is Cause.INSPECTION
    assert [one.previous for one in news.grades] == [None, None]


@pytest.mark.parametrize("number", ["10012345", "9"], ids=["same number", "renumbered"])
def test_the_same_inspection_on_another_scale_is_no_news_and_enters_the_history(number: str) -> None:
    now = replace(OAK, scale="ofsted-4", number=number, grades=(graded(OVERALL, "inadequate", INSPECTED),))

    both = compared(now, OAK, today=TODAY)
    assert (both.news, both.past) == (None, True)
    assert both.remember == now


def test_a_later_grade_on_another_scale_without_a_new_inspection_is_told_as_such() -> None:
    later = date(2026, 3, 4)
    now = replace(OAK, scale="ofsted-4", grades=(graded(OVERALL, "inadequate", later),))

    news = compared(now, OAK, today=TODAY).news
    assert news is not None
    assert (news.cause, news.published_on) == (Cause.RESCALED, later)
    assert [one.previous for one in news.grades] == [None]


def test_what_another_binding_reads_is_no_correction_and_takes_the_place_of_what_was_read() -> None:
    now = with_grade(OAK, "strong standard")

    both = reread(now, OAK, today=TODAY, changed=True)
    assert (both.remember, both.news, both.past) == (now, None, True)
    assert reread(replace(OAK, **NEXT), None, today=TODAY, changed=False).news is None


@pytest.mark.parametrize("changed", [True, False])
def test_a_new_inspection_in_a_row_that_has_changed_is_told_whatever_the_binding(changed: bool) -> None:
    now = replace(with_grade(OAK, "strong standard"), **NEXT)

    news = reread(now, OAK, today=TODAY, changed=changed).news
    assert (news is not None and news.cause is Cause.INSPECTION) is changed


def test_other_words_are_those_of_a_column_that_both_bindings_have() -> None:
    before = replace(OAK, lines=(("URN", "100001"), ("Phase", "Primary")))

    assert not has_other_words(replace(before, lines=(("URN", "100001"), ("Type", "Nursery"))), before)
    assert has_other_words(replace(before, lines=(("Phase", "Nursery"),)), before)


def test_an_inspection_that_was_missed_for_half_a_year_is_no_news() -> None:
    now = replace(with_grade(OAK, "strong standard"), **NEXT)

    assert compared(now, OAK, today=TODAY + timedelta(days=100)).news is not None
    assert compared(now, OAK, today=TODAY + timedelta(days=200)).news is None
