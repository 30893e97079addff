"""Manners: a command that says please, or is typed on another keyboard, is the same command."""

from __future__ import annotations

import pytest
from recorded_messages import OURS

from digest.inbound import Command, read_message
from digest.inbound.kinds import Action


def asked(subject: str) -> tuple[Action, str]:
    octets = f"From: mina@council.example\r\nSubject: {subject}\r\n\r\n".encode()
    found = read_message(
        octets, sent_to="help@digest.example.org", sent_from="mina@council.example", ours=OURS
    )
    assert isinstance(found, Command)
    return found.action, found.detail


@pytest.mark.parametrize(
    "subject", ["subscribe", "subscribe please", "Please subscribe me", "subscribe me please"]
)
def test_please_is_no_name_of_an_area(subject: str) -> None:
    assert asked(subject) == (Action.JOIN, "")


def test_a_name_before_please_is_one() -> None:
    assert asked("subscribe kent please") == (Action.JOIN, "kent")
    assert asked("subscribe pleaseley") == (Action.JOIN, "pleaseley")


def test_who_asks_politely_to_leave_is_not_taken_for_a_forged_token() -> None:
    assert asked("Unsubscribe please") == (Action.LEAVE, "")


@pytest.mark.parametrize("subject", ["SUBSCRİBE", "subscrıbe", "ſubſcribe"])
def test_a_command_typed_on_a_turkish_keyboard_is_the_same_command(subject: str) -> None:
    assert asked(subject) == (Action.JOIN, "")


def test_so_it_is_on_the_first_line() -> None:
    octets = "From: mina@council.example\r\nSubject: Re: today\r\n\r\nUNSUBSCRİBE\r\n".encode()
    found = read_message(
        octets, sent_to="help@digest.example.org", sent_from="mina@council.example", ours=OURS
    )

    assert isinstance(found, Command)
    assert found.action is Action.LEAVE
