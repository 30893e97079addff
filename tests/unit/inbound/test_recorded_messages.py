"""Every recorded message is read as `expected.json` says."""

from __future__ import annotations

from datetime import date

import pytest
from recorded_messages import EXPECTED, FOLDER, KEY, as_expected, reading

from digest.inbound import Bounce, Complaint
from digest.tokens import read_return_path


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_message_is_read_as_expected(name: str) -> None:
    found, expected = as_expected(reading(name)), EXPECTED[name]["reading"]

    assert {key: found.get(key) for key in expected} == expected


def test_every_message_has_an_expectation() -> None:
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(EXPECTED)
    assert len(EXPECTED) >= 70


@pytest.mark.parametrize("name", ["dsn-postfix-unknown-user", "dsn-case-folded-token", "complaint-abuse"])
def test_the_path_proves_whose_message_it_was(name: str) -> None:
    found = reading(name)

    assert isinstance(found, Bounce | Complaint)
    assert read_return_path(found.path, KEY) == (date(2026, 11, 24), 42)
