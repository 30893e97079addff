"""Reads YAML files as plain values with their line numbers; anything ambiguous is an error.

This is YAML 1.2: `no`, `on` and `12:30` are words. Repeated keys, anchors, aliases and tags are refused,
because each can make a file mean something other than what its reader sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from digest.adapters.config.plain_yaml import Place, YamlFile, dotted
from digest.adapters.small_files import content_of
from digest.errors import Problem

_DEEPEST: Final = 20
_IN_PLAIN_WORDS: Final = {
    "mapping values are not allowed": "one key on a line; put text that contains ': ' into quotes",
    "found character '\\t'": "spaces at the start of the line, no tabs",
    "found character '@'": 'text that begins with "@" in quotes',
    "found character '`'": 'text that begins with "`" in quotes',
    "found character '%'": 'text that begins with "%" in quotes',
    "while scanning a quoted scalar": "a closing quote for the text that begins here",
    "could not find expected ':'": 'a colon and a space after each key ("key: value")',
    "expected <block end>": "lines of a group in the same column, and quotes around the whole of a text",
    "expected ',' or": 'a comma or a closing bracket for the list that begins with "[" or "{"',
    "expected a single document": 'one document: no line of "---" within the file',
    "did not find expected": "lines of one group to begin in the same column",
}


def read_yaml(path: Path) -> YamlFile:
    """The file's value and lines. An unreadable file is returned with a problem; nothing is raised."""
    name = str(path)
    try:
        text = content_of(path).decode("utf-8-sig")
    except OSError as error:
        found = "no file" if isinstance(error, FileNotFoundError) else f"an error ({error.strerror})"
        return _broken(name, None, found, "a file that we may read")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return _broken(name, line, "bytes that are not UTF-8", "text saved as UTF-8")
    return _parsed(name, text)


def _parsed(name: str, text: str) -> YamlFile:
    try:
        problems = tuple(_unclear(name, text))
        if problems:
            return YamlFile(name=name, problems=problems)
        return _Reader(name).read(YAML(typ="safe", pure=True).compose(text))
    except YAMLError as error:
        return _broken(name, _line_of(error, text), "something that is not YAML", _advice(error))


def _broken(name: str, line: int | None, found: str, expected: str) -> YamlFile:
    return YamlFile(
        name=name, problems=(Problem(file=name, line=line, key="", found=found, expected=expected),)
    )


def _line_of(error: YAMLError, text: str) -> int | None:
    if isinstance(position := getattr(error, "position", None), int):  # a character that YAML forbids
        return text.count("\n", 0, position) + 1
    # An open quote is reported where the file ends; it is the place where it began that helps.
    opened = "quoted scalar" in str(getattr(error, "context", None))
    mark = getattr(error, "context_mark" if opened else "problem_mark", None)
    return mark.line + 1 if mark is not None else None


def _advice(error: YAMLError) -> str:
    said = " ".join(str(getattr(error, part, None) or "") for part in ("context", "problem"))
    said = said.strip() or "it holds a character that YAML does not allow"
    plain = next((words for sign, words in _IN_PLAIN_WORDS.items() if sign in said), None)
    return plain or f"YAML here ({said})"


def _unclear(name: str, text: str) -> Iterator[Problem]:
    """Parts that are valid YAML, but can make the file mean something other than what a reader sees."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        line = event.start_mark.line + 1
        depth += type(event).__name__.endswith("StartEvent") - type(event).__name__.endswith("EndEvent")
        if depth > _DEEPEST:
            yield Problem(
                file=name, line=line, key="", found="a very deep nest", expected="the groups of the manual"
            )
            return
        if isinstance(event, DocumentStartEvent):
            if event.version or event.tags:
                yield _refused(name, line, "a line that begins with %", "no %YAML or %TAG line")
        elif isinstance(event, AliasEvent):
            yield _refused(name, line, f'"*{event.anchor}"', "the value itself, written out here")
        elif isinstance(event, NodeEvent):
            if event.anchor:
                yield _refused(name, line, f'"&{event.anchor}"', "a value without a name for reuse")
            if tag := getattr(event, "tag", None):
                yield _refused(name, line, f'"{tag}"', 'a plain value, without "!"')


def _refused(name: str, line: int, found: str, expected: str) -> Problem:
    return Problem(file=name, line=line, key="", found=found, expected=expected)


class _Reader:
    """Turns the nodes of a file into values, and notes lines and repeated keys."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lines: dict[Place, int] = {}
        self._problems: list[Problem] = []
        self._constructor = YAML(typ="safe", pure=True).constructor

    def read(self, root: Node | None) -> YamlFile:
        value = self._value(root, ()) if root is not None else None
        value = {} if value is None else value  # "~" says as little as an empty file
        return YamlFile(name=self._name, value=value, lines=self._lines, problems=tuple(self._problems))

    def _value(self, node: Node, place: Place) -> Any:
        match node:
            case MappingNode():
                return self._group(node, place)
            case SequenceNode():
                for position, entry in enumerate(node.value):
                    self._lines[*place, position] = entry.start_mark.line + 1
                return [self._value(entry, (*place, i)) for i, entry in enumerate(node.value)]
            case _:
                return self._scalar(node, place)

    def _scalar(self, node: Node, place: Place) -> Any:
        try:
            return self._constructor.construct_object(node)
        except (YAMLError, ValueError, OverflowError):  # such as the date 2025-02-30
            return str(node.value)

    def _group(self, node: MappingNode, place: Place) -> dict[str, Any]:
        group: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._scalar(key_node, place) if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str):
                self._problem(line, place, "a key that is no word", "keys that are words")
            elif key in group:
                first = self._lines[*place, key]
                self._problem(
                    line, (*place, key), "this key a second time", f"it once; it stands on line {first} too"
                )
            else:
                self._lines[*place, key] = line
                group[key] = self._value(value_node, (*place, key))
        return group

    def _problem(self, line: int, place: Place, found: str, expected: str) -> None:
        self._problems.append(
            Problem(file=self._name, line=line, key=dotted(place), found=found, expected=expected)
        )
