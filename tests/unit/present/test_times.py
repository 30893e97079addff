"""When the edition comes, in a reader's words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from sample_editions import LEAVE, MANAGE, TEMPLATES

from digest.adapters.config.files import load
from digest.adapters.config.packaged import copy_config
from digest.adapters.templates import TemplateRenderer
from digest.app.composing import sender
from digest.present.times import time_words

LETTERS: Final = (
    "mail/welcome/body.txt",
    "mail/welcome/body.html",
    "mail/help/body.txt",
    "mail/help/body.html",
)
LINKS: Final = {
    "manage_url": MANAGE,
    "leave_url": LEAVE,
    "home_url": "https://digest.example.org/",
    "fresh_link_url": "https://digest.example.org/fresh-link",
}


@pytest.mark.parametrize(
    ("at", "zone", "words"),
    [
        (time(12), "Europe/London", "noon"),
        (time(0), "Europe/London", "midnight"),
        (time(8), "Europe/London", "8am"),
        (time(0, 5), "Europe/London", "12:05am"),
        (time(12, 30), "Europe/London", "12:30pm"),
        (time(17, 30), "Europe/Paris", "5:30pm, Paris time"),
        (time(12), "America/New_York", "noon, New York time"),
        (time(12), "UTC", "noon, UTC"),
        (time(12), "Etc/UTC", "noon, UTC"),
    ],
)
def test_the_time_of_the_edition_is_said_in_words(at: time, zone: str, words: str) -> None:
    assert time_words(at, ZoneInfo(zone)) == words


def test_no_template_says_by_itself_when_the_edition_comes() -> None:
    files = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    words = {file.name: re.sub(r"(?s)\{[{%].*?[}%]\}", "", file.read_text("utf-8")) for file in files}
    saying = [name for name, said in words.items() if re.search(r"\b(?:noon|midday)\b", said, re.IGNORECASE)]

    assert files
    assert saying == ["words.txt"]  # whose clock calls the time of a check "midday"


def test_letters_say_the_operators_own_time(tmp_path: Path) -> None:
    copy_config(tmp_path)
    file = tmp_path / "digest.yaml"
    text = file.read_text("utf-8").replace('noon: "12:00"', 'noon: "08:00"')
    file.write_text(text.replace('cutoff: "11:45"', 'cutoff: "07:45"'), encoding="utf-8")
    renderer = TemplateRenderer([TEMPLATES])
    own = replace(sender(load(tmp_path)), service_name="The Bulletin", contact="hello@digest.example.org")

    for template in LETTERS:
        letter = " ".join(renderer.render(template, {"sender": own, **LINKS}).split())
        assert "at 8am" in letter
        assert "noon" not in letter.casefold()
