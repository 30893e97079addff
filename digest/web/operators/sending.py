"""Deliveries of today's and the last editions, the pause of sending, and the letters and mail that wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import Route

from digest.addresses import mask, masked
from digest.deliveries import State
from digest.errors import Refused
from digest.jobs import pausing
from digest.ports import Clock, Store
from digest.present.tidy import one_line
from digest.schedule import Timetable
from digest.web.forms import Form
from digest.web.operators.pages import HOME, NO_SUCH_ACT, OperatorPages, done
from digest.web.operators.session import Operator

DAYS: Final = 7
"""So many days' editions are shown."""

SHOWN: Final = 50
"""So many letters are shown, and so much mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingPages:
    timetable: Timetable
    store: Store
    clock: Clock
    pages: OperatorPages

    def routes(self) -> list[Route]:
        deliveries = self.pages.page("deliveries", self._deliveries, self._act)
        return [
            Route(f"/{HOME}/deliveries", deliveries, methods=["GET", "POST"]),
            Route(f"/{HOME}/letters", self.pages.page("letters", self._letters)),
        ]

    async def _deliveries(self, _: Request, operator: Operator) -> Mapping[str, Any]:
        now = self.clock.now()
        today = self.timetable.day_of(now)
        progress = await self.store.deliveries.progress(today, now)
        days = []
        for day in (today - timedelta(days=n) for n in range(DAYS)):
            edition = await self.store.editions.sealed(day)
            if edition is not None:
                tally = await self.store.deliveries.tally(day)
                days.append((day, len(edition.stories), [(s, tally[s]) for s in State if s in tally]))
        pause = await self.store.pauses.current()
        return {
            "days": days,
            "today": today,
            "progress": progress,
            "deadline": self.timetable.deadline_of(today),
            "noon": self.timetable.noon_of(today),
            "pause": pause,
            "pause_why": masked(one_line(pause.why)) if pause else "",
        }

    async def _act(self, _: Request, operator: Operator, form: Form) -> str:
        by, why = operator.name, form.text("why", 600)
        common: dict[str, Any] = {"timetable": self.timetable, "store": self.store, "clock": self.clock}
        match form.text("act"):
            case "pause" if why:
                await pausing.pause(by=by, why=why, unknown_since=None, **common)
                return done(f"{HOME}/deliveries", "sending-paused")
            case "pause":
                raise Refused("give the reason")
            case "resume":
                resumed = await pausing.resume(by=by, **common)
                said = "sending-resumed" if resumed.until is None else "sending-later"
                return done(f"{HOME}/deliveries", said)
        raise Refused(NO_SUCH_ACT)

    async def _letters(self, _: Request, operator: Operator) -> Mapping[str, Any]:
        count, letters = await self.store.letters.waiting(SHOWN)
        mail = await self.store.mail.parked()
        return {
            "count": count,
            "letters": [
                {
                    "kind": one.kind,
                    "to": mask(one.address) if one.address else "",
                    "at": one.at,
                    "attempts": one.attempts,
                    "ready_at": one.ready_at,
                    "answer": masked(one_line(f"{one.code or ''} {one.text or ''}")),
                }
                for one in letters
            ],
            "mail": [
                {
                    "name": one.fingerprint[:12],
                    "at": one.at,
                    "to": mask(one.sent_to),
                    "why": masked(one_line(one.why)),
                }
                for one in mail[:SHOWN]
            ],
            "more_mail": max(0, len(mail) - SHOWN),
        }
