"""Which parts of the work nobody does, where several processes share it."""

from __future__ import annotations

import pytest

from digest.roles import NEEDED, Role, lacking


@pytest.mark.parametrize(
    ("running", "missing"),
    [
        ((), ()),  # nobody says that anything should run
        ((Role.ALL,), ()),
        ((Role.WEB, Role.ALL), ()),
        ((Role.WEB,), (Role.POLL, Role.PUBLISH, Role.DELIVER)),
        ((Role.WEB, Role.POLL, Role.DELIVER), (Role.PUBLISH,)),
        ((Role.RECEIVE,), tuple(NEEDED)),
        ((Role.POLL, Role.PUBLISH, Role.DELIVER, Role.WEB), ()),
    ],
)
def test_a_role_that_no_process_has_is_named(running: tuple[Role, ...], missing: tuple[Role, ...]) -> None:
    assert lacking(running) == missing
