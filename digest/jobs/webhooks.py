"""Posts stories to operators' own systems, once the public site shows them: each hook by itself, in order.

A story is posted at least once: its hook's place is written after the post. A worker that is killed between
the two leaves it to be posted again, under the same `webhook-id`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from digest.jobs.failures import Failures
from digest.jobs.operator_alerts import OperatorAlerts
from digest.ports import Clock, HookClaim, HookStore, PauseStore, Post, PublicStore
from digest.ports.public import ToldStory
from digest.providers import Register
from digest.schedule import Timetable
from digest.subscriptions import Wishes
from digest.webhooks import (
    OLDEST,
    Answer,
    Hook,
    HookState,
    Off,
    answered,
    message_id,
    passed,
    signed_headers,
)
from digest.wishes import wanted

log = logging.getLogger(__name__)

AT_ONCE: Final = 100
"""Stories that are read at once."""

MOST_COUNTED: Final = 2000
"""Stories that are looked at to count those that wait."""

_WHY: Final = {Off.GONE: "its server says that it is gone", Off.FAILING: "it took nothing for days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Posts to the hooks of the settings. Any number of processes may do so at the same time."""

    hooks: tuple[Hook, ...]
    store: HookStore
    public: PublicStore
    pauses: PauseStore
    register: Callable[[], Awaitable[Register]]
    write: Callable[[ToldStory], bytes]  # the body of a post
    post: Post
    alerts: OperatorAlerts
    timetable: Timetable
    clock: Clock
    under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)  # by hook

    async def look(self, stop: asyncio.Event) -> None:
        """Begin to post to each hook for which stories wait, and return at once.

        A hook that is posted to already is left alone, so one that hangs holds up no other. Once `stop` is
        set, the post under way is the last one.
        """
        if not self.hooks:
            return
        now = self.clock.now()
        until = await public_until(self.public, self.timetable, now)
        found = await self.store.look(until=until, now=now)
        if new := [hook.id for hook in self.hooks if hook.id not in found]:
            await self.store.begin(new, after=self.timetable.told_until(now), now=now)
        held = any(one.due for one in found.values()) and await self.pauses.current() is not None
        for hook in self.hooks:
            one = found.get(hook.id)
            if one is not None and one.state.off is not None:
                await self._look_at_off(hook, one.state, now)
            elif one is not None and one.due and not held and hook.id not in self.under_way:
                self._begin(hook, until, stop)

    async def finish(self) -> None:
        """Wait for the posts that are under way."""
        await asyncio.gather(*self.under_way.values())

    def _begin(self, hook: Hook, until: date, stop: asyncio.Event) -> None:
        task = asyncio.create_task(self._post_to(hook, until, stop), name=f"webhook {hook.id}")
        self.under_way[hook.id] = task
        task.add_done_callback(lambda _: self.under_way.pop(hook.id, None))

    async def _look_at_off(self, hook: Hook, state: HookState, now: datetime) -> None:
        """Turn a hook on if its address or secret has changed; else tell operators once that it is off."""
        if hook.mark != state.off_mark:
            await self.store.resume(hook.id, now)
            log.info("a webhook is on again", extra={"hook": hook.id})
        elif not state.told and state.off is not None and state.off_at is not None:
            said = (
                f"the webhook {hook.id} ({hook.host}) is turned off, as {_WHY[state.off]}: {state.said}. "
                f"`digest webhooks resend {hook.id}` turns it on again"
            )
            await self.alerts.send_once(f"webhook {hook.id} {state.off_at:%FT%T}", state.off_at, said)
            await self.store.note_told(hook.id)

    async def _post_to(self, hook: Hook, until: date, stop: asyncio.Event) -> None:
        """Post to one hook until nothing waits, a post fails, or `stop` is set."""
        with Failures().contain(f"webhook {hook.id}"):
            claim = await self.store.claim(hook.id, self.clock.now())
            if claim is None:
                return
            try:
                await _Run(all=self, hook=hook, claim=claim, state=claim.state).post(until, stop)
            finally:
                await self.store.release(claim, self.clock.now())


@dataclass(slots=True, kw_only=True)
class _Run:
    """One worker's turn at one hook."""

    all: Webhooks
    hook: Hook
    claim: HookClaim
    state: HookState
    posted: int = 0

    async def post(self, until: date, stop: asyncio.Event) -> None:
        all = self.all
        register = await all.register()
        oldest = all.timetable.day_of(all.clock.now()) - OLDEST
        while part := await all.public.stories_after(self.state.place, until=until, limit=AT_ONCE):
            for told in part:
                if told.day < oldest or not wanted(told.story, self.hook.wishes, register):
                    self.state = passed(self.state, told.number)
                elif stop.is_set() or not await self._post(told):
                    self._say()
                    return
            # After the stories that it does not wish for.
            if not await all.store.record(self.claim, self.state, all.clock.now()):
                return
        self._say()

    async def _post(self, told: ToldStory) -> bool:
        """Post a story and write what came of it; whether the next one may be posted now."""
        all, hook, before = self.all, self.hook, self.state
        try:
            body = all.write(told)
        except Exception:
            log.exception("a story could not be written for a webhook", extra={"story": told.number})
            self.state = passed(before, told.number)
            return True
        answer = await posted(hook, message_id(hook.id, told.number), body, all.post, all.clock)
        now = all.clock.now()
        self.state = answered(before, answer, story=told.number, mark=hook.mark, now=now)
        kept = await all.store.record(self.claim, self.state, now)
        if answer.taken:
            self.posted += 1
        elif kept:
            _tell_failure(hook, before, self.state, told.number)
        return kept and self.state.off is None and self.state.next_at <= now

    def _say(self) -> None:
        if self.posted:
            log.info("stories posted", extra={"hook": self.hook.id, "stories": self.posted})


def _tell_failure(hook: Hook, before: HookState, after: HookState, story: int) -> None:
    facts = {"hook": hook.id, "story": story, "reason": after.said, "failures": after.failures}
    if after.left_out > before.left_out:
        log.warning("a story was left out of a webhook", extra=facts)
    elif before.failing_since is None:
        log.warning("a webhook did not take a story", extra=facts)
    else:
        log.info("a webhook did not take a story again", extra=facts)


async def posted(hook: Hook, id: str, body: bytes, post: Post, clock: Clock, *, read: int = 0) -> Answer:
    """Sign a body and post it once."""
    headers = signed_headers(hook.secrets, id, clock.now(), body)
    return await post(hook.url, headers, body, private=hook.private, ca_file=hook.ca_file, read=read)


async def public_until(public: PublicStore, timetable: Timetable, now: datetime) -> date:
    """The last day whose stories may be posted: public, and with all that the site says of it written."""
    return min(timetable.told_until(now), await public.kept_until() or date.min)


async def waiting(
    wishes: Wishes, state: HookState, public: PublicStore, register: Register, until: date
) -> int:
    """How many stories a hook with these wishes has still to get; at most 2,000 are looked at."""
    stories = await public.stories_after(state.place, until=until, limit=MOST_COUNTED)
    return sum(wanted(told.story, wishes, register) for told in stories)
