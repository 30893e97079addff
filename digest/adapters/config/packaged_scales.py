"""The packaged scales, read without the models that check an operator's files.

Checking the files with the models would take longer than reading a page. Tests check the packaged files, and
that both ways give the same result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from digest.adapters.config.packaged import packaged
from digest.adapters.config.plain_yaml import read_plain
from digest.adapters.small_files import content_of
from digest.ratings import Aspect, Body, Grade, Inspectorate, Inspectorates, Licence, Scale

_RENAMED: Final = {"overall": "has_overall"}


def packaged_scales() -> Inspectorates:
    """The packaged scales, equal to what `load_scales` returns."""
    paths = sorted((packaged("config") / "scales").glob("*.yaml"))
    files = [read_plain(path.read_text(encoding="utf-8-sig")) for path in paths]
    try:
        scales = {entry["key"]: _scale(entry) for file in files for entry in file.get("scales") or ()}
        return Inspectorates(all=tuple(_inspectorate(file, scales) for file in files))
    except (AttributeError, KeyError, TypeError):  # the fast reader does not know this
        from digest.adapters.config.files import load_scales

        return load_scales(packaged("config"))


def are_packaged(directory: Path) -> bool:
    """Whether a directory's scales equal the packaged ones word for word, and so need no check."""
    try:
        return _contents(directory) == _contents(packaged("config"))
    except OSError:
        return False


def _contents(directory: Path) -> dict[str, bytes]:
    return {path.name: content_of(path) for path in (directory / "scales").glob("*.y*ml")}


def _inspectorate(file: Mapping[str, Any], scales: Mapping[str, Scale]) -> Inspectorate:
    facts = _facts(file)
    keys = (*(entry["key"] for entry in facts.pop("scales", ())), *facts.pop("borrows", ()))
    bodies = tuple(Body(**{"names": ()} | _facts(entry)) for entry in facts.pop("bodies", ()))
    licence = Licence(**given) if (given := facts.pop("licence", None)) else None
    return Inspectorate(scales=tuple(scales[key] for key in keys), bodies=bodies, licence=licence, **facts)


def _scale(entry: Mapping[str, Any]) -> Scale:
    facts = {_RENAMED.get(key, key): value for key, value in _facts(entry).items()}
    grades: Sequence[Mapping[str, Any]] = facts.pop("grades")
    return Scale(
        grades=tuple(Grade(rank=rank, **_facts(grade)) for rank, grade in enumerate(grades, start=1)),
        aspects=tuple(Aspect(**_facts(aspect)) for aspect in facts.pop("aspects", ())),
        **facts,
    )


def _facts(group: Mapping[str, Any]) -> dict[str, Any]:
    """The given values, with lists as tuples; empty values are left out."""
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in group.items()
        if value is not None
    }
