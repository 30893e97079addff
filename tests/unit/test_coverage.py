"""What is covered: only what a live source of an inspectorate can bring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from builders import a_provider, a_source_of, hmi_prisons, hmi_probation

from digest.coverage import Coverage, coverage_of
from digest.providers import Register
from digest.ratings import Body, Inspectorate, Inspectorates
from digest.sources import Authority, Polled, Source

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CARE = Inspectorate(key="care", name="Care", bodies=(Body(kind="care home", names=("Care Home",)),))
ALL = Inspectorates(all=(hmi_probation(), hmi_prisons(), CARE))


def covered_by(*sources: Source, polled: tuple[Polled, ...] = ()) -> Coverage:
    return coverage_of(ALL, sources, polled, NOW)


def test_an_inspectorate_is_covered_by_a_source_of_its_own() -> None:
    coverage = covered_by(a_source_of("hmi-prisons"))

    assert coverage.offered == {"hmi-prisons": "HM Inspectorate of Prisons"}
    assert [one.key for one in coverage.not_covered] == ["hmi-probation", "care"]


def test_a_blog_covers_nothing_as_it_cannot_move_a_rating() -> None:
    assert covered_by(a_source_of("hmi-prisons", authority=Authority.BLOG)).offered == {}


def test_a_source_that_may_list_any_reports_covers_no_inspectorate_in_particular() -> None:
    coverage = covered_by(a_source_of(None), a_source_of("hmi-prisons"))

    assert list(coverage.offered) == ["hmi-prisons"]
    assert [one.inspectorate for one in coverage.of_several] == [None]


def test_a_source_in_shadow_covers_nothing_until_its_time_is_over() -> None:
    source = a_source_of("hmi-prisons", shadow=14 * DAY)
    began = Polled(source=source.id, next_poll_at=NOW, began_at=NOW - 13 * DAY)

    assert covered_by(source).offered == {}
    assert covered_by(source, polled=(began,)).offered == {}
    assert list(coverage_of(ALL, (source,), (began,), NOW + DAY).offered) == ["hmi-prisons"]


def test_a_paused_or_failing_source_still_covers() -> None:
    source = a_source_of("hmi-prisons")
    for ill in (
        Polled(source=source.id, next_poll_at=NOW, paused_at=NOW),
        Polled(source=source.id, next_poll_at=NOW, failures=99, trouble="503", refused=True),
    ):
        assert list(covered_by(source, polled=(ill,)).offered) == ["hmi-prisons"]


def test_the_mark_changes_with_what_is_covered_and_with_nothing_else() -> None:
    one, other = a_source_of("hmi-prisons"), a_source_of("hmi-prisons", id="another")

    assert covered_by(one).mark == covered_by(other, one).mark
    assert covered_by(one).mark != covered_by(one, a_source_of("care")).mark


def test_a_kind_is_covered_if_any_of_its_inspectorates_is() -> None:
    register = Register(
        [
            a_provider("hmp-leeds", "HMP Leeds", kind="prison", inspectorate="hmi-prisons"),
            a_provider("oak", "Oak House", kind="Care Home", inspectorate="abroad"),
            a_provider("elm", "Elm House", kind="hostel", inspectorate=""),
        ]
    )
    care = covered_by(a_source_of("care"))

    assert care.covers_kind("care home", register)  # the scales say so
    assert care.covers_kind("hostel", register)  # nobody knows who inspects them
    assert not care.covers_kind("PRISON", register)
    assert not covered_by(a_source_of("hmi-prisons")).covers_kind("care home", register)
