"""An aspect that stands in for another must name aspects of its own list."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from digest.settings.scales import ScaleEntry


def a_scale(**care: object) -> ScaleEntry:
    return ScaleEntry.model_validate(
        {
            "key": "tests-of-custody",
            "grades": [{"name": "good"}, {"name": "poor"}],
            "aspects": [{"name": "respect"}, {"name": "care"} | care],
        }
    )


def test_an_aspect_stands_in_for_one_of_its_list() -> None:
    aspect = a_scale(instead_of="respect", where=["children held"]).scale().aspects[1]

    assert (aspect.instead_of, aspect.where) == ("respect", ("children held",))


@pytest.mark.parametrize(
    "care", [{"instead_of": "respekt"}, {"instead_of": "respect", "beside": ["safty"]}, {"where": ["boys"]}]
)
def test_an_aspect_that_stands_in_for_none_of_its_list_is_refused(care: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        a_scale(**care)
