"""Roles: what a process of the service does, where one does not do it all."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a process does."""

    ALL = "all"
    POLL = "poll"  # looks at the sources and reads what they show
    PUBLISH = "publish"  # assembles and plans the edition at the cut-off
    DELIVER = "deliver"  # hands copies to the relay from noon; any number of processes
    WEB = "web"  # serves the subscribers' pages; any number of processes
    RECEIVE = "receive"  # takes mail in, where `receiving` says how; any number of processes

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
