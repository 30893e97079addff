"""From when to when a provider has a grade, and who gave it."""

from __future__ import annotations

from dataclasses import replace

from builders import PRISONS, a_rating, hmi_prisons

from digest.grade_periods import KnownRating, Periods
from digest.ratings import Inspectorates


def test_a_grade_on_a_scale_that_two_use_is_of_the_providers_own_inspectorate() -> None:
    borrower = replace(hmi_prisons(), key="cjini", name="Criminal Justice Inspection Northern Ireland")
    periods = Periods(Inspectorates(all=(borrower, hmi_prisons())))

    def inspectorate(provider: str, own: str) -> str:
        rating = a_rating(provider=provider, aspect="safety", scale=PRISONS)
        (period,) = periods.of([KnownRating(rating=rating)], own)
        return period.inspectorate

    assert inspectorate("hmp-leeds", "hmi-prisons") == "hmi-prisons"
    assert inspectorate("cjini:4", "hmi-prisons") == "cjini"
    assert inspectorate("hmp-leeds", "") == inspectorate("hmp-leeds", "ofsted") == "cjini"
