"""Roles: what each process of the service does, if several share the work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What one process of the service does; `ALL` is everything."""

    ALL = "all"
    POLL = "poll"  # polls the sources and reads their items
    PUBLISH = "publish"  # assembles and plans the edition at the cut-off
    DELIVER = "deliver"  # submits messages to the relay from noon; any number of processes
    WEB = "web"  # serves the subscribers' pages; any number of processes
    RECEIVE = "receive"  # receives mail as the settings' `receiving` says; any number of processes

    @property
    def polls(self) -> bool:
        return self in {Role.ALL, Role.POLL}

    @property
    def publishes(self) -> bool:
        return self in {Role.ALL, Role.PUBLISH}

    @property
    def delivers(self) -> bool:
        return self in {Role.ALL, Role.DELIVER}

    @property
    def serves(self) -> bool:
        return self in {Role.ALL, Role.WEB}

    @property
    def receives(self) -> bool:
        return self in {Role.ALL, Role.RECEIVE}


NEEDED: Final[Mapping[Role, str]] = {
    Role.POLL: "no source is read",
    Role.PUBLISH: "no edition is assembled, and the public site stays as it is",
    Role.DELIVER: "nothing is sent",
    Role.WEB: "no page is served, so nobody can join, confirm or leave by a link",
}
"""What follows if no process has a role. Mail may come in elsewhere, so `RECEIVE` is not here."""


def lacking(running: Iterable[Role]) -> tuple[Role, ...]:
    """The roles that none of the running processes has; none if no process runs at all."""
    has = set(running)
    return tuple(one for one in NEEDED if has and not has & {one, Role.ALL})
