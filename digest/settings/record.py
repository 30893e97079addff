"""A record of settings: as plain values that can be stored and compared, without secrets and addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from digest.schedule import Timetable
from digest.settings.connection import Section
from digest.settings.sources import SourcesFile
from digest.settings.times import EditionSettings
from digest.settings.whole import Settings
from digest.sources import Source

NOT_SHOWN: Final = ("operators.ping", "operators.canary", "operators.mail", "relay.only_to", "store.url")
"""Keys whose values are secrets or people's addresses. A record holds a seal of each: it shows a change."""

AnySection = TypeVar("AnySection", bound=Section)

_SEALED: Final = "sealed:"

Record = Mapping[str, Any]
"""`settings` has the sections of `digest.yaml`; `defaults` and `sources`, by id, are those of `sources.yaml`;
`scales` has what the files in `scales/` say, by inspectorate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A key whose value differs. A value that is absent on one side is None."""

    key: str  # such as "edition.noon", "sources.ofsted.url" or "scales.ofsted.scales.1.key"
    old: Any
    new: Any

    @property
    def shown(self) -> bool:
        """Whether its values may be shown."""
        return not any(isinstance(one, str) and one.startswith(_SEALED) for one in (self.old, self.new))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChanges:
    """What differs in the list of sources, by their ids."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]  # they have another address
    paused: tuple[str, ...]  # they are not enabled any more
    resumed: tuple[str, ...]


def record_of(
    settings: Settings, sources: SourcesFile, directory: Path, seal: Callable[[str], str]
) -> Record:
    """The record of a directory's settings. Paths within the directory are counted from it."""
    sections = settings.model_dump(mode="json", exclude={"sources", "inspectorates"})
    for hook in sections["webhooks"]:
        hook["url"] = _SEALED + seal(hook["url"])
    for key in NOT_SHOWN:
        section, _, name = key.partition(".")
        value = sections.get(section, {}).get(name)
        if value:
            sections[section][name] = _SEALED + seal(str(value))
    within = f"{directory.absolute()}/"
    return {
        "settings": _plain(sections, within),
        "defaults": sources.defaults.model_dump(mode="json"),
        "sources": {entry.id: entry.model_dump(mode="json") for entry in sources.sources},
        "scales": {one.key: _plain(asdict(one), within) for one in settings.inspectorates},
    }


def _plain(value: Any, within: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one, within) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, within) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.removeprefix(within) if isinstance(value, str) else value


def differences(old: Record, new: Record) -> tuple[Difference, ...]:
    """Every key with different values. A source or inspectorate that only one side has is one difference."""
    found = [
        *_differing("", old["settings"], new["settings"]),
        *_differing("defaults.", old["defaults"], new["defaults"]),
    ]
    for group in ("sources", "scales"):
        before, after = old[group], new[group]
        for key in {**before, **after}:
            if key in before and key in after:
                found += _differing(f"{group}.{key}.", before[key], after[key])
            else:
                found.append(
                    Difference(key=f"{group}.{key}", old=_name(before.get(key)), new=_name(after.get(key)))
                )
    return tuple(found)


def _name(entry: Mapping[str, Any] | None) -> Any:
    return entry and entry.get("name")


def _differing(within: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in {**old, **new}:
            yield from _differing(f"{within}{key}.", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and _grouped(old + new):
        for number, (before, after) in enumerate(zip(old, new, strict=True), start=1):
            yield from _differing(f"{within}{number}.", before, after)
    elif old != new:
        yield Difference(key=within.rstrip("."), old=old, new=new)


def _grouped(values: list[Any]) -> bool:
    return all(isinstance(one, Mapping) for one in values)


def source_changes(old: Record, new: Record) -> SourceChanges:
    before, after = old["sources"], new["sources"]
    both = [id for id in before if id in after]
    return SourceChanges(
        added=tuple(id for id in after if id not in before),
        removed=tuple(id for id in before if id not in after),
        moved=tuple(id for id in both if before[id]["url"] != after[id]["url"]),
        paused=tuple(id for id in both if before[id]["enabled"] and not after[id]["enabled"]),
        resumed=tuple(id for id in both if after[id]["enabled"] and not before[id]["enabled"]),
    )


def of_the_edition(record: Record) -> tuple[Timetable, tuple[Source, ...]] | None:
    """The timetable and the sources in a record; None if another version has written it."""
    try:
        edition = EditionSettings.model_validate(record["settings"]["edition"])
        listed = SourcesFile.model_validate(
            {"defaults": record["defaults"], "sources": list(record["sources"].values())}
        )
    except (ValidationError, KeyError):
        return None
    return edition.timetable, listed.polled()


def section_of(record: Record, key: str, model: type[AnySection]) -> AnySection | None:
    """A section of `digest.yaml` in a record, without what records do not show; None if it is not there."""
    values = {
        name: value
        for name, value in record.get("settings", {}).get(key, {}).items()
        if f"{key}.{name}" not in NOT_SHOWN
    }
    try:
        return model.model_validate(values) if values else None
    except ValidationError:  # another version has written it
        return None
