"""The processes of the service: how each is called, and which of their roles run now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from digest.ports import AppliedConfig
from digest.roles import Role

_ON: Final = " on "


def process_name(role: Role, machine: str) -> str:
    return f"{role}{_ON}{machine}"


def running_roles(applied: Iterable[AppliedConfig], now: datetime) -> set[Role]:
    """The roles of the processes that have said lately that they run."""
    names = {one.process.partition(_ON)[0] for one in applied if now < one.until}
    return {role for role in Role if role in names}
