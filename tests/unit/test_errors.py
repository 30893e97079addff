"""The tree of errors: one root, facts as attributes, and whole on both sides of a process."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator

import pytest

from digest import errors
from digest.deliveries import Event, State
from digest.errors import (
    ConfigError,
    DigestError,
    IllegalMove,
    Problem,
    StateMissing,
    StoreError,
    TableError,
)

PROBLEM = Problem(
    file="sources.yaml", line=3, key="sources.1.url", found="ftp://x", expected="an https address"
)


def tree(kind: type[DigestError] = DigestError) -> Iterator[type[DigestError]]:
    yield kind
    for branch in kind.__subclasses__():
        yield from tree(branch)


OURS = [kind for kind in tree() if kind.__module__ == errors.__name__]


def an_error(kind: type[DigestError]) -> DigestError:
    if kind is ConfigError:
        return ConfigError([PROBLEM, PROBLEM])
    if kind is IllegalMove:
        return IllegalMove("delivery", State.ACCEPTED, Event.PUT_OFF)
    if kind is TableError:
        return TableError("schools.csv", "a grade", '"Goood"', row=7, column="Overall")
    return kind("what happened")


def test_the_docstring_draws_the_tree_as_it_is():
    drawn = re.findall(r"^([│ ]*)[├└]── (\w+)|^(\w+Error)$", errors.__doc__ or "", re.MULTILINE)
    depths = {name or root: len(bars) // 4 + bool(name) for bars, name, root in drawn}

    assert depths == {kind.__name__: len(kind.__mro__) - 4 for kind in OURS}


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "carried", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy], ids=["pickle", "copy"]
)
def test_an_error_comes_whole_out_of_a_worker_process(kind, carried):
    error = an_error(kind)
    twin = carried(error)

    assert type(twin) is kind
    assert str(twin) == str(error) != ""
    assert vars(twin) == vars(error)


def test_a_problem_names_its_place_what_stood_there_and_what_was_expected():
    assert str(PROBLEM) == "sources.yaml:3: sources.1.url: found ftp://x; expected an https address"


def test_a_problem_of_the_whole_file_has_no_line_and_no_key():
    missing = Problem(file="sources.yaml", line=None, key="", found="", expected="a file")

    assert str(missing) == "sources.yaml: expected a file"


def test_a_config_error_names_every_problem_on_a_line_of_its_own():
    other = Problem(file="digest.yaml", line=1, key="zone", found="Mars", expected="a time zone")
    error = ConfigError([PROBLEM, other])

    assert error.problems == (PROBLEM, other)
    assert str(error).splitlines() == [str(PROBLEM), str(other)]


def test_an_illegal_move_carries_its_facts():
    error = IllegalMove("delivery", State.ACCEPTED, Event.PUT_OFF)

    assert (error.lifecycle, error.state, error.event) == ("delivery", State.ACCEPTED, Event.PUT_OFF)
    assert str(error) == "delivery: nothing leads on from 'accepted' by 'put off'"


def test_one_branch_catches_all_that_is_wrong_with_the_store():
    """Missing state is its own fact, never taken for a fresh install."""
    with pytest.raises(StoreError):
        raise StateMissing("no database")


def test_the_error_of_a_table_names_file_place_what_stood_there_and_what_was_expected():
    in_a_text = TableError("schools.csv", "a grade", '"Goood"', row=7, column="Overall")
    in_a_sheet = TableError("schools.ods", "a grade", '"Goood"', sheet="Data", row=7, column="Overall")

    assert str(in_a_text) == 'schools.csv, line 7, column "Overall": found "Goood"; expected a grade'
    assert str(in_a_sheet) == (
        'schools.ods, sheet "Data", row 7, column "Overall": found "Goood"; expected a grade'
    )
