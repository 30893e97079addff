"""Where a key of a record of settings stands in the files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from digest.adapters.config.files import SCALES_FOLDER, SERVICE_FILE, SOURCES_FILE
from digest.adapters.config.plain_yaml import Place, YamlFile
from digest.adapters.config.yaml import read_yaml


class Lines:
    """The files of a directory that is right."""

    def __init__(self, directory: Path) -> None:
        self._service = read_yaml(directory / SERVICE_FILE)
        self._sources = read_yaml(directory / SOURCES_FILE)
        self._scales = [read_yaml(path) for path in sorted((directory / SCALES_FOLDER).glob("*.yaml"))]

    def of(self, key: str) -> str | None:
        """The file and line of a key, or of the group around it; None if it is in no file."""
        first, *rest = key.split(".")
        if first == "sources":
            return self._of_source(rest[0], tuple(rest[1:]))
        if first == "scales":
            return next((_at(one, ("key",)) for one in self._scales if _is(one, rest[0])), None)
        if first == "defaults":
            return _at(self._sources, (first, *rest))
        return _at(self._service, (first, *rest))

    def _of_source(self, id: str, field: Place) -> str | None:
        entries = self._sources.value.get("sources") or ()
        places = (
            n for n, entry in enumerate(entries) if isinstance(entry, Mapping) and entry.get("id") == id
        )
        number = next(places, None)
        return None if number is None else _at(self._sources, ("sources", number, *field))


def _is(file: YamlFile, inspectorate: str) -> bool:
    return isinstance(file.value, Mapping) and file.value.get("key") == inspectorate


def _at(file: YamlFile, place: Place) -> str | None:
    line = file.line(place)
    return None if line is None else f"{file.name}:{line}"
