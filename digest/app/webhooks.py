"""Webhooks as the settings and secrets have them, and what is posted to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from digest.adapters.config.secrets import Secrets
from digest.app.composing import sender
from digest.ports import Renderer
from digest.settings import Settings
from digest.settings.webhooks import WebhookSettings
from digest.site.api.events import EventWriter
from digest.site.api.made import AnswerMaker
from digest.site.entries import EntryWriter
from digest.webhooks import Hook


def hooks_of(settings: Iterable[WebhookSettings], secrets: Secrets) -> tuple[Hook, ...]:
    """The hooks of whose secret something is known; files without it are refused before."""
    return tuple(
        Hook(
            id=one.id,
            url=one.url,
            secrets=secrets.webhook_keys[one.secret],
            wishes=one.wishes,
            private=one.private,
            ca_file=one.ca_file,
        )
        for one in settings
        if one.secret in secrets.webhook_keys
    )


def event_writer(settings: Settings, renderer: Renderer) -> EventWriter:
    """What writes the bodies of posts, with this service's public addresses."""
    timetable, url = settings.edition.timetable, sender(settings).service_url

    def address(page: str) -> str:
        return f"{url.rstrip('/')}/{page}"

    def noon_of(day: date) -> datetime:
        return timetable.noon_of(day).astimezone(timetable.zone)

    entries = EntryWriter(
        address=address,
        noon_of=noon_of,
        names={one.key: one.name for one in settings.inspectorates},
        known=settings.inspectorates,
        renderer=renderer,
    )
    stories = AnswerMaker(address=address, known=settings.inspectorates, entries=entries)
    return EventWriter(stories=stories, noon_of=noon_of)
