"""The page of log events names every warning and error that the code can log, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "log-events.md").read_text("utf-8")
LEVELS = {"error": "Errors", "exception": "Errors", "critical": "Errors", "warning": "Warnings"}


@cache
def code() -> tuple[ast.AST, ...]:
    return tuple(ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "digest").rglob("*.py")))


def as_told(words: str) -> str:
    return words.replace("%s", "…")


def logged() -> Iterator[tuple[str, str]]:
    """The section of the page and the words of each call of a logger with words of its own."""
    for tree in code():
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="log"), attr=level),
                    args=[ast.Constant(value=str(words)), *_],
                ) if level in LEVELS and words != "%s":
                    yield LEVELS[level], as_told(words)


def on_the_page(section: str) -> set[str]:
    table = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \| \S", table, re.MULTILINE))


def test_every_warning_and_error_is_on_the_page_under_its_level() -> None:
    missing = {(section, words) for section, words in logged() if words not in on_the_page(section)}
    assert missing == set()


def test_the_page_names_no_event_that_is_gone() -> None:
    texts = {
        as_told(node.value)
        for tree in code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    told = on_the_page("Errors") | on_the_page("Warnings")
    assert len(told) > 60
    assert told - texts == set()
