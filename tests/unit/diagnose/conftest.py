"""Inquiries answered from a zone in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from digest.diagnose import Check, Found, Inquiry, Question, Silence

Answers = Mapping[tuple[str, str], Sequence[str] | None]


def told(inquiry: Inquiry[Any], zone: Answers) -> Any:
    """An inquiry's result; what the zone does not have does not exist, and None stands for silence."""

    def answer(question: Question) -> Found | Silence:
        values = zone.get((question.name, question.kind.value), ())
        return Silence(why="no answer") if values is None else Found(values=tuple(values))

    try:
        question = next(inquiry)
        while True:
            question = inquiry.send(answer(question))
    except StopIteration as end:
        return end.value


@pytest.fixture
def ask() -> Callable[[Inquiry[Any], Answers], Any]:
    return told


@pytest.fixture
def outcomes() -> Callable[[Sequence[Check]], dict[str, str]]:
    return lambda checks: {check.name: check.outcome.value for check in checks}
