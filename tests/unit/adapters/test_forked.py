"""A forked worker: what one input does to it is not felt by the next."""

from __future__ import annotations

import mmap
import os
import signal
import time

import pytest

from digest.adapters.forked import each
from digest.errors import OverrunError, ParseError


def answered(word: str) -> str:
    if word == "poison":
        raise ParseError("it is poison")
    if word == "endless":
        time.sleep(60)
    if word == "greedy":
        return "x" * (4 << 30)
    if word == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return word.upper()


def whoami(word: str) -> int:
    if word == "endless":
        time.sleep(60)
    return os.getpid()


def test_answers_come_in_order() -> None:
    assert list(each(answered, ["one", "two", "three"])) == ["ONE", "TWO", "THREE"]


def test_nothing_is_asked_of_nobody() -> None:
    assert list(each(answered, [])) == []


def test_what_was_raised_comes_through_as_it_is() -> None:
    (error,) = each(answered, ["poison"])

    assert isinstance(error, ParseError)
    assert str(error) == "it is poison"


@pytest.mark.parametrize("bad", ["poison", "endless", "greedy", "deadly"])
def test_the_others_go_on(bad: str) -> None:
    first, failed, last = each(answered, ["one", bad, "two"], seconds=0.5)

    assert (first, last) == ("ONE", "TWO")
    assert isinstance(failed, ParseError | OverrunError)


def test_a_large_answer_comes_whole() -> None:
    (found,) = each(lambda n: "x" * n, [3_000_000])

    assert len(str(found)) == 3_000_000


def test_no_process_is_left_behind() -> None:
    for worker in each(whoami, ["one", "endless"], seconds=30):
        assert isinstance(worker, int)
        break

    with pytest.raises(ChildProcessError):
        os.waitpid(worker, os.WNOHANG)


def test_what_the_worker_does_is_not_seen_here() -> None:
    seen: list[int] = []

    assert list(each(seen.append, [1, 2])) == [None, None]
    assert seen == []


def taken(many: int) -> int:
    return len(bytes(many))


def test_what_the_parent_holds_counts_for_no_page() -> None:
    with mmap.mmap(-1, 512 << 20):
        assert list(each(taken, [64 << 20], memory=256 << 20)) == [64 << 20]
