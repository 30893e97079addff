"""The operator's files for the demo: the packaged ones, with the demo's own servers in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from digest.adapters.config.packaged import copy_config
from digest.demo.world import World

ELSEWHERE: Final = "https://digest.example.org"
"""Where the pages for readers would be, were they served."""


def write_files(
    directory: Path, world: World, *, site_url: str, pages_url: str, smtp_host: str, smtp_port: int
) -> None:
    """Write a config directory that polls the demo's site and submits to the demo's mailboxes.

    `pages_url` is where the links for readers lead to.
    """
    copy_config(directory)
    _change(
        directory / "digest.yaml",
        {
            "service": {
                "name": "The Noon Digest",
                "url": pages_url,
                "contact": "https://digest.example.org/about",
            },
            "edition": {"zone": world.zone.key, "cutoff": "11:45", "noon": "12:00", "lateness": "6h"},
            "sender": {
                "name": "The Noon Digest",
                "address": "noon@digest.example.org",
                "reply_to": "help@digest.example.org",
                "bounces": "bounces@digest.example.org",
            },
            "relay": {"host": smtp_host, "port": smtp_port, "tls": "none", "local_hostname": "localhost"},
            "fetch": {"allow_private": True, "per_host": "0s"},
        },
    )
    sources = [
        {
            "id": publisher.key,
            "name": publisher.name,
            "url": f"{site_url}{publisher.feed_path}",
            "authority": str(publisher.authority),
            "every": "30m",
        }
        | ({"inspectorate": publisher.inspectorate} if publisher.inspectorate else {})
        for publisher in world.publishers
    ]
    _write(directory / "sources.yaml", {"sources": sources})


def _change(path: Path, changes: dict[str, dict[str, Any]]) -> None:
    yaml = YAML()
    content = yaml.load(path)
    for section, values in changes.items():
        content.setdefault(section, {}).update(values)
    yaml.dump(content, path)


def _write(path: Path, content: dict[str, Any]) -> None:
    YAML().dump(content, path)
