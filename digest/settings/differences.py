"""What differs between two settings, and what of it a running service can take over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from digest.settings.whole import Settings

AT_THE_START: Final = ("store", "fetch", "dkim", "web.host", "web.port", "web.proxies", "receiving")
"""Keys that are only read when a service starts: what they name is opened once."""


def needs_restart(key: str) -> bool:
    """Whether a new value of a key only counts after a restart."""
    return key != "receiving.domain" and any(key == one or key.startswith(f"{one}.") for one in AT_THE_START)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """What a running service makes of new settings."""

    settings: Settings  # the new ones, with the old values of what needs a restart
    changed: tuple[str, ...]  # the keys that have other values from now on
    restart: tuple[str, ...]  # the keys whose new values count after a restart


def taken_over(running: Settings, wanted: Settings, *, held: tuple[str, ...] = ()) -> TakenOver:
    """The new settings as far as a service that runs on `running` can take them over.

    `held` are further keys of which it keeps the old values.
    """
    merged = wanted
    for key in (*AT_THE_START, *held):
        merged = _with(merged, running, key.split("."))
    if running.receiving and wanted.receiving and merged.receiving:
        domain = {"domain": wanted.receiving.domain}
        merged = merged.model_copy(update={"receiving": merged.receiving.model_copy(update=domain)})
    return TakenOver(
        settings=merged, changed=changed_keys(running, merged), restart=changed_keys(merged, wanted)
    )


def _with(settings: Settings, other: Settings, place: list[str]) -> Settings:
    section, *rest = place
    value = getattr(other, section)
    if rest:
        value = getattr(settings, section).model_copy(update={rest[0]: getattr(value, rest[0])})
    return settings.model_copy(update={section: value})


def changed_keys(old: Settings, new: Settings) -> tuple[str, ...]:
    """The keys with different values, in the order of the files; a source's key is `sources.ID`."""
    keys = list(_changed("", _groups(old), _groups(new)))
    before, after = ({source.id: source for source in one.sources} for one in (old, new))
    keys += [f"sources.{id}" for id in {**before, **after} if before.get(id) != after.get(id)]
    ours, theirs = ({one.key: one for one in settings.inspectorates} for settings in (old, new))
    keys += [f"scales.{key}" for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
    return tuple(keys)


def _groups(settings: Settings) -> Mapping[str, Any]:
    return settings.model_dump(exclude={"sources", "inspectorates"})


def _changed(within: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in {**old, **new}:
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _changed(f"{within}{key}.", before, after)
        elif before != after:
            yield f"{within}{key}"
