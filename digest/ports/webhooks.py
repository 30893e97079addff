"""What the posting of stories to webhooks needs: where each hook stands, and the way to post."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from digest.webhooks import Answer, HookState

HOOK_LEASE: Final = timedelta(minutes=2)
"""How long a worker has a hook to itself; each story that it posts renews that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookLook:
    """Where a hook stands, and whether it is somebody's turn to post to it."""

    state: HookState
    due: bool  # stories wait, it is on, its time has come, and no worker has it


@dataclass(frozen=True, slots=True, kw_only=True)
class HookClaim:
    """A worker's claim on a hook. A later claim has a higher fence, and ends this one."""

    hook: str
    fence: int
    state: HookState


class HookStore(Protocol):
    """Where each hook stands."""

    async def begin(self, hooks: Collection[str], *, after: date, now: datetime) -> None:
        """Let hooks that are not known begin with the first edition after a day."""
        ...

    async def look(self, *, until: date, now: datetime) -> Mapping[str, HookLook]:
        """All hooks that have begun, by id. `until` is the last day whose stories may be posted."""
        ...

    async def claim(self, hook: str, now: datetime) -> HookClaim | None:
        """Claim a hook for `HOOK_LEASE`; None if it is off, its time has not come, or a worker has it."""
        ...

    async def record(self, claim: HookClaim, state: HookState, now: datetime) -> bool:
        """Write where a hook stands, and renew the claim; False, and nothing is written, if it has ended."""
        ...

    async def release(self, claim: HookClaim, now: datetime) -> None:
        """End a claim. One that has ended already is left alone."""
        ...

    async def resume(self, hook: str, now: datetime, *, since: date | None = None) -> bool:
        """Turn a hook on, to be posted to at once, also if a worker has it; False if it has not begun.

        With `since`, all stories from that day on are posted again.
        """
        ...

    async def note_told(self, hook: str) -> None:
        """Note that operators were told that a hook is off."""
        ...


class Post(Protocol):
    """Posts to a hook. It raises nothing, and ends in time."""

    async def __call__(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        private: bool,
        ca_file: Path | None = None,
        read: int = 0,
    ) -> Answer:
        """Post a body of JSON. `read` is how many octets of the answer are wanted.

        `ca_file` holds certificates of authorities to believe instead of the system's.
        """
        ...
