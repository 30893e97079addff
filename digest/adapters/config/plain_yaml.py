"""Reads a simple part of YAML, twenty times as fast as a full parser.

It knows words, dates, true and false; lists and groups, indented or in brackets; text in double quotes; and
comments. For anything else, errors included, it returns None, and the full parser must read the file. What
it does read, it must read just as the full parser would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from digest.errors import Problem

Place = tuple[str | int, ...]
"""The path to a value in a file: keys, and positions in lists counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlFile:
    """One file: its value, and the line of each key and list entry, counted from 1."""

    name: str
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()  # if there are problems, `value` holds what could still be read

    def line(self, place: Place) -> int | None:
        """The line of a place, or of the nearest group around it that is in the file."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return None

    def problem(self, place: Place, found: str, expected: str) -> Problem:
        return Problem(
            file=self.name, line=self.line(place), key=dotted(place), found=found, expected=expected
        )


def dotted(place: Place) -> str:
    """A place as text, such as "relay.fallbacks.1.host"; positions in lists are counted from 1."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in place)


_COMMENT: Final = re.compile(r"""((?:"[^"\\]*"|[^"#\\]|(?<=\S)#)*?)[ ]*(?:(?:(?<=[ ])|^)#.*)?""")
_ENTRY: Final = re.compile(r"([a-z_]+):(?: +(\S.*))?")
_TOKEN: Final = re.compile(r"""[ ]*("[^"\\]*"|[\[\]{},]|[a-z_]+:(?=[ ])|[^\[\]{},"]+)""")
# Words begin with a letter or are like "16 to 19 study programmes"; a number alone is not a word.
_WORDS: Final = re.compile(r"(?:[^\W\d_]|\d+(?: to \d+)* [^\W\d_])[\w .,;'’()/&+?-]*")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NOT_WORDS: Final = frozenset({"null", "true", "false"})


class _BeyondError(Exception):
    """The file uses more of YAML than this reader knows."""


def read_plain(text: str) -> Any:
    """The value of a simple file; None if this reader does not know all of it."""
    try:
        lines = _lines(text)
        value, end = _block(lines, 0, 0)
        return value if end == len(lines) else None
    except (_BeyondError, IndexError, ValueError, RecursionError):
        return None


def _lines(text: str) -> list[tuple[int, str]]:
    """Each line's indentation and text; lines inside an open bracket are joined to it."""
    lines: list[tuple[int, str]] = []
    open_brackets = 0
    for raw in text.split("\n"):
        match = _COMMENT.fullmatch(raw)
        if match is None:
            raise _BeyondError
        said = match[1].strip(" ")
        if not said:
            continue
        if open_brackets:
            indent, before = lines.pop()
            lines.append((indent, f"{before} {said}"))
        else:
            lines.append((len(raw) - len(raw.lstrip(" ")), said))
        bare = re.sub(r'"[^"]*"', "", said)
        open_brackets += sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))
    return lines


def _block(lines: list[tuple[int, str]], at: int, indent: int) -> tuple[Any, int]:
    """The list or group that begins at a line, and the number of the line after it."""
    if lines[at][0] != indent:
        raise _BeyondError
    return (_list if lines[at][1].startswith("- ") else _group)(lines, at, indent)


def _list(lines: list[tuple[int, str]], at: int, indent: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while at < len(lines) and lines[at][0] == indent and lines[at][1].startswith("- "):
        said = lines[at][1][2:]
        if said.startswith(" "):
            raise _BeyondError
        if _ENTRY.fullmatch(said):
            lines[at] = (indent + 2, said)
            value, at = _block(lines, at, indent + 2)
        else:
            value, at = _flow(said), at + 1
        found.append(value)
    return found, at


def _group(lines: list[tuple[int, str]], at: int, indent: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while at < len(lines) and lines[at][0] == indent:
        match = _ENTRY.fullmatch(lines[at][1])
        if match is None or match[1] in found or match[1] in _NOT_WORDS:
            raise _BeyondError
        at += 1
        if match[2] is not None:
            found[match[1]] = _flow(match[2])
        elif at < len(lines) and lines[at][0] > indent:
            found[match[1]], at = _block(lines, at, lines[at][0])
        elif at < len(lines) and lines[at] == (indent, "-"):
            raise _BeyondError
        else:
            found[match[1]] = None
    return found, at


def _flow(said: str) -> Any:
    """A value written on one line, with its brackets."""
    if said[0] not in "[{":
        return _scalar(said)
    tokens: list[str] = []
    end = 0
    while end < len(said):
        match = _TOKEN.match(said, end)
        if match is None:
            raise _BeyondError
        tokens.append(match[1].rstrip(" "))
        end = match.end()
    tokens.reverse()
    value = _taken(tokens)
    if tokens:
        raise _BeyondError
    return value


def _taken(tokens: list[str]) -> Any:
    """The next value; `tokens` are in reverse order."""
    said = tokens.pop()
    if said == "[":
        items: list[Any] = []
        while tokens[-1] != "]":
            items.append(_taken(tokens))
            _comma_or(tokens, "]")
        tokens.pop()
        return items
    if said == "{":
        group: dict[str, Any] = {}
        while tokens[-1] != "}":
            key = tokens.pop()
            if not key.endswith(":") or key[:-1] in group or key[:-1] in _NOT_WORDS:
                raise _BeyondError
            group[key[:-1]] = _taken(tokens)
            _comma_or(tokens, "}")
        tokens.pop()
        return group
    return _scalar(said)


def _comma_or(tokens: list[str], end: str) -> None:
    if tokens[-1] == ",":
        tokens.pop()
        if tokens[-1] != end:
            return
    if tokens[-1] != end:
        raise _BeyondError


def _scalar(said: str) -> Any:
    if said.startswith('"'):
        if len(said) < 2 or said.find('"', 1) != len(said) - 1:
            raise _BeyondError
        return said[1:-1]
    if said in {"true", "false"}:
        return said == "true"
    if _DAY.fullmatch(said):
        return date.fromisoformat(said)
    if said.casefold() in _NOT_WORDS or not _WORDS.fullmatch(said):
        raise _BeyondError
    return said
