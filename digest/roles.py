"""Roles: what each process of the service does, if several share the work."""

from __future__ import annotations

from enum import StrEnum


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
