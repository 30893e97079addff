"""`digest doctor` names each source that needs an operator."""

from __future__ import annotations

import pytest

from digest.diagnose import Outcome
from digest.diagnose.sources import Looked, judge_newsletters, judge_sources
from digest.health import Health


def test_sources_that_are_well_are_one_line() -> None:
    (check,) = judge_sources([Looked(id=str(n), health=Health.OK, trouble=None) for n in range(7)])

    assert (check.outcome, check.found) == (Outcome.WELL, "7 sources are well")


@pytest.mark.parametrize("health", [health for health in Health if not health.well], ids=str)
def test_one_that_needs_an_operator_is_a_line_of_its_own(health: Health) -> None:
    (check,) = judge_sources([Looked(id="schools", health=health, trouble="503")])

    assert (check.outcome, check.name, check.found) == (Outcome.WARNING, "schools", f"{health}: 503")
    assert "digest sources show schools" in check.advice


def test_a_way_to_operators_that_does_not_work_is_named() -> None:
    checks = judge_sources([], ["mail to operators fails since Tue 03 Mar 12:00 UTC: 550"])

    assert [check.outcome for check in checks] == [Outcome.WARNING]


def test_without_a_database_nothing_is_known() -> None:
    assert [check.outcome for check in judge_sources(None)] == [Outcome.UNKNOWN]


def test_a_newsletter_that_cannot_come_in_is_wrong_and_else_its_address_is_named() -> None:
    addresses = {"care-news": "news+care-news@digest.example.org"}

    (missing,) = judge_newsletters(addresses, received=False)
    (well,) = judge_newsletters(addresses, received=True)

    assert (missing.outcome, missing.name) == (Outcome.WRONG, "care-news")
    assert "receiving" in missing.advice
    assert (well.outcome, well.found) == (
        Outcome.WELL,
        "its newsletters come to news+care-news@digest.example.org",
    )
