"""Single sections of `digest.yaml`, also if the file is wrong elsewhere or no YAML as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from digest.adapters.config.files import SERVICE_FILE
from digest.adapters.config.paths import with_whole_paths
from digest.adapters.small_files import content_of
from digest.settings.connection import Section

AnySection = TypeVar("AnySection", bound=Section)

_KEY: Final = re.compile(r"([A-Za-z_]+)\s*:")


def section(directory: Path, key: str, model: type[AnySection]) -> AnySection | None:
    """A section as the file has it, or with its defaults if the file leaves it out; None if it is wrong."""
    try:
        text = content_of(directory / SERVICE_FILE).decode("utf-8-sig")
        blocks = [block for name, block in _blocks(text) if name == key]
        if len(blocks) > 1:
            return None
        value = YAML(typ="safe", pure=True).load(blocks[0])[key] if blocks else None
        return with_whole_paths(model.model_validate(value or {}), directory)
    except (OSError, UnicodeDecodeError, YAMLError, ValidationError):
        return None


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Each key at the beginning of a line, with the lines until the next one."""
    key, lines = "", list[str]()
    for line in text.splitlines(keepends=True):
        if begins := _KEY.match(line):
            yield key, "".join(lines)
            key, lines = begins[1], []
        lines.append(line)
    yield key, "".join(lines)
