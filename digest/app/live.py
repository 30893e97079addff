"""Live config: a running service takes over the operator's files when they change and are right.

The directory is read and checked whole. If anything in it is wrong, the last good settings stay in force, and
operators are told once, with file, line and reason, and once more when the files are right again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from digest.adapters.config.files import load_sources
from digest.adapters.config.secrets import WEBHOOK_KEYS, Secrets
from digest.adapters.config.watching import Contents, Notices, Stamp, contents_of, stamp_of
from digest.app.directory import check_directory, missing_passwords, place_of
from digest.app.service import Service
from digest.diagnose.sample import sample_edition
from digest.errors import Problem, StoreError
from digest.jobs.config_trouble import GONE_AFTER, ConfigTrouble
from digest.jobs.processes import process_name
from digest.ports import AppliedConfig
from digest.providers import Register
from digest.roles import Role
from digest.settings import Settings
from digest.settings.differences import taken_over
from digest.settings.record import record_of
from digest.subscriptions import Wishes
from digest.tokens import KeyUse, text_seal

log = logging.getLogger(__name__)

STILL_FOR: Final = 1.0
"""Seconds without a change after which the files count as written to the end."""

UNSTILL: Final = 30
"""Files that never stay still are read after so many looks all the same."""

SAID_EVERY: Final = timedelta(minutes=1)
"""How often a process says that it still runs."""

SECRETS: Final = "the secrets"
"""What a changed secret is called among the keys that need a restart."""


def live_config(
    service: Service, applied: Callable[[Service], Awaitable[None]], *, role: Role = Role.ALL
) -> LiveConfig:
    """What keeps a service on the files of its directory. `applied` is called when new jobs are in force."""
    edges = service.edges
    trouble = ConfigTrouble(
        where=place_of(edges.directory),
        troubles=edges.store.troubles,
        operators=lambda: service.now.operators,
        clock=edges.clock,
    )
    process = process_name(role, socket.gethostname())
    return LiveConfig(
        service=service, process=process, secrets=edges.secrets, trouble=trouble, applied=applied
    )


@dataclass(slots=True, kw_only=True)
class LiveConfig:
    """Keeps one service on the files of its directory."""

    service: Service  # any one of it: what is in force is looked up
    process: str  # its role and machine
    secrets: Secrets  # those that the service has started with
    trouble: ConfigTrouble
    applied: Callable[[Service], Awaitable[None]]  # called when new jobs are in force
    still_for: float = STILL_FOR
    _stamp: Stamp | None = field(default=None, init=False)
    _contents: Contents | None = field(default=None, init=False)  # that were last dealt with, good or bad
    _logged: Contents | None = field(default=None, init=False)  # of which the log has told
    _templates: Mapping[str, str] | None = field(default=None, init=False)  # of the jobs in force
    _restart: tuple[str, ...] = field(default=(), init=False)
    _noted: AppliedConfig | None = field(default=None, init=False)
    _said_at: datetime | None = field(default=None, init=False)  # that this process runs

    @property
    def directory(self) -> Path:
        return self.service.edges.directory

    async def run(self, notices: Notices) -> None:
        """Take over each change, until cancelled."""
        async with notices.watching():
            while True:
                try:
                    await self.look()
                except Exception:
                    log.exception("the config files were not looked at; tried again at the next look")
                with contextlib.suppress(StoreError):  # the watch on the database tells of it
                    await self.say_that_it_runs()
                await notices.next()

    async def say_that_it_runs(self) -> None:
        """Keep what is known of this process from lapsing; delete what is known of those that are gone."""
        now = self.service.clock.now()
        if self._said_at is not None and now - self._said_at < SAID_EVERY:
            return
        configs = self.service.edges.store.configs
        if self._noted is not None and not await configs.runs(self.process, now + GONE_AFTER):
            await configs.note(replace(self._noted, until=now + GONE_AFTER))
        await configs.forget(now)
        await self.trouble.still()
        self._said_at = now

    async def leave(self) -> None:
        """This process ends: nothing waits for a restart of it any more."""
        with contextlib.suppress(StoreError):  # it counts as gone after a while
            await self.service.edges.store.configs.runs(self.process, self.service.clock.now())

    async def look(self) -> None:
        """Deal with the files if their content has changed since the last look, once they stay still."""
        stamp = await asyncio.to_thread(stamp_of, self.directory)
        while stamp != self._stamp:
            stamp = await self._still(stamp)
            contents = await asyncio.to_thread(contents_of, self.directory)
            if self._contents is not None and contents == self._contents:
                log.debug("config files were touched; nothing in them has changed")
            elif not await self._deal_with(contents):
                continue  # they have changed meanwhile
            self._stamp = stamp

    async def _still(self, stamp: Stamp) -> Stamp:
        """The stamp once it has not changed for a while: editors and copies write in several steps."""
        if self._contents is None:
            return stamp  # the first look, at the start
        for _ in range(UNSTILL):
            await asyncio.sleep(self.still_for)
            before, stamp = stamp, await asyncio.to_thread(stamp_of, self.directory)
            if stamp == before:
                break
        return stamp

    async def _deal_with(self, contents: Contents) -> bool:
        """Take the files over, or tell what is wrong; False if they were not the same to the end."""
        found = await asyncio.to_thread(check_directory, self.directory)
        if await asyncio.to_thread(contents_of, self.directory) != contents:
            return False
        problems = found.problems
        if not problems and found.settings is not None and found.secrets is not None:
            problems = await self._take_over(found.settings, found.secrets, contents)
        if not problems and found.settings is not None:
            await self._note(found.settings)
        if problems:
            await self.trouble.wrong(problems)
        else:
            await self.trouble.right()
        self._contents = contents
        return True

    async def _take_over(
        self, settings: Settings, secrets: Secrets, contents: Contents
    ) -> tuple[Problem, ...]:
        """Put jobs in force that are built from the settings; the problems if none can be built."""
        running = self.service.now.settings
        new, now = taken_over(running, settings), self.service.clock.now()
        if held := _held(new.settings, self.secrets):
            new = taken_over(running, settings, held=held)
        first = self._templates is None
        redrawn = not first and self._templates != contents.templates
        if new.settings != running or redrawn:
            try:
                built = self.service.now.with_settings(new.settings)
                built.composer.render(
                    sample_edition(new.settings.edition.timetable.day_of(now), now), Wishes(), Register(), now
                )
            except Exception as error:
                log.exception("jobs could not be built from the config files")
                found = f"{type(error).__name__}: {error}"
                expected = "settings and templates from which an edition can be composed"
                return (Problem(file=str(self.directory), line=None, key="", found=found, expected=expected),)
            built.put_in_force()
            await self.applied(built)
            changed = [*new.changed, *(["templates"] if redrawn else [])]
            log.info("config applied", extra={"changed": ", ".join(changed)})
        elif not first and contents != self._logged:  # else it could not be noted, and is dealt with again
            log.info("config files have changed, but no setting that is read while the service runs")
        self._templates, self._logged = contents.templates, contents
        self._tell_restart((*new.restart, *((SECRETS,) if secrets != self.secrets else ())))
        return ()

    async def _note(self, settings: Settings) -> None:
        """Note what is taken over, for `digest config diff` to compare edits with."""
        sources = await asyncio.to_thread(load_sources, self.directory)
        seal = text_seal(self.secrets.derived(KeyUse.CONFIG))
        now = self.service.clock.now()
        noted = AppliedConfig(
            process=self.process,
            place=place_of(self.directory),
            applied_at=now,
            record=record_of(settings, sources, self.directory, seal),
            restart=self._restart,
            until=now + GONE_AFTER,
        )
        await self.service.edges.store.configs.note(noted)
        self._noted = noted

    def _tell_restart(self, keys: tuple[str, ...]) -> None:
        if keys and keys != self._restart:
            log.warning("restart to apply", extra={"keys": ", ".join(keys)})
        self._restart = keys


def _held(settings: Settings, secrets: Secrets) -> tuple[str, ...]:
    """The sections that wait for a restart, as their passwords or secrets are not read before."""
    missing = [problem.key for problem in missing_passwords(settings, secrets)]
    of_webhooks = [key for key in missing if key.startswith(WEBHOOK_KEYS)]
    held = ("webhooks",) if of_webhooks else ()
    return held if len(of_webhooks) == len(missing) else ("relay", *held)
