"""Letters: what goes to one person, beside the edition, and what occasions it."""

from __future__ import annotations

from digest.adapters.config.secrets import Secrets
from digest.adapters.signing import Signer
from digest.adapters.smtp.relay import SmtpRelay
from digest.alerts import Hours
from digest.app.composing import Composer
from digest.compose import Correspondence
from digest.jobs.alert import Alerter
from digest.jobs.weekly import WeeklyMail
from digest.ports import Clock
from digest.present.links import LetterLinks
from digest.sending.letters import LetterSender, NoteRelays
from digest.settings import Settings, Weekday
from digest.store.sql import SqlStore
from digest.tokens import KeyUse


def letter_sender(
    settings: Settings,
    secrets: Secrets,
    relay: SmtpRelay,
    signing: Signer | None,
    *,
    store: SqlStore,
    composing: Composer,
    note_relays: NoteRelays,
    clock: Clock,
) -> LetterSender:
    """Who sends letters; `signing` must be entered."""
    of = composing.sender
    correspondence = Correspondence(
        sender=of,
        renderer=composing.renderer,
        links=LetterLinks(links=composing.links, mail_domain=of.commands),
        zone=composing.zone,
        key=secrets.derived(KeyUse.LETTERS),
    )
    return LetterSender(
        store=store,
        relay=relay,
        compose=correspondence.compose,
        clock=clock,
        note_relays=note_relays,
        only_to=settings.relay.only_to,
        sign=signing.sign if signing is not None else None,
    )


def alerter(settings: Settings, store: SqlStore, clock: Clock) -> Alerter:
    said = settings.alerts
    return Alerter(
        timetable=settings.edition.timetable,
        hours=Hours(zone=settings.edition.zone, earliest=said.earliest, latest=said.latest),
        per_day=said.per_day,
        inspectorates=settings.inspectorates,
        store=store,
        clock=clock,
    )


def weekly(settings: Settings, store: SqlStore, clock: Clock) -> WeeklyMail:
    return WeeklyMail(
        timetable=settings.edition.timetable,
        weekday=list(Weekday).index(settings.proof_of_life.day),
        at=settings.proof_of_life.at,
        sources=settings.sources,
        store=store,
        clock=clock,
    )
