"""Receiving: how mail comes in, and what it is held against."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from digest.adapters.config.secrets import Secrets
from digest.adapters.imap import ImapMailbox, ImapOptions
from digest.adapters.lmtp import LmtpServer
from digest.adapters.workers import ProcessWorkers
from digest.app.composing import Composer
from digest.app.directory import below
from digest.app.identity import our_addresses
from digest.errors import TokenError
from digest.inbound import Action
from digest.jobs.bounces import DeliveryBounces
from digest.jobs.receive import Receiver
from digest.membership.enrolment import Enrolment
from digest.ports import Clock
from digest.providers import Register
from digest.settings import Settings
from digest.store.sql import SqlStore
from digest.subscriptions import Wishes
from digest.tokens import KeyUse, LinkTokens, Purpose
from digest.wishes import wishes_named


def receiver(
    settings: Settings,
    secrets: Secrets,
    composing: Composer,
    enrolment: Enrolment,
    bounces: DeliveryBounces,
    *,
    store: SqlStore,
    workers: ProcessWorkers,
    clock: Clock,
) -> Receiver | None:
    """Who deals with what comes in; None where no mail comes here."""
    if settings.receiving is None:
        return None
    return Receiver(
        addresses=our_addresses(settings),
        key=composing.key,
        letter_key=secrets.derived(KeyUse.LETTERS),
        read_token=partial(_read_mail_token, composing.links.tokens),
        wishes=partial(_wishes_of, settings),
        store=store,
        workers=workers,
        enrolment=enrolment,
        bounces=bounces,
        clock=clock,
    )


def lmtp_server(settings: Settings, receiver: Receiver) -> LmtpServer | None:
    """What a mail server hands messages to, to be entered; None where none does."""
    said = settings.receiving.lmtp if settings.receiving else None
    return LmtpServer(receiver, host=said.host, port=said.port, max_bytes=said.max_bytes) if said else None


def imap_mailbox(
    settings: Settings, secrets: Secrets, directory: Path, receiver: Receiver
) -> ImapMailbox | None:
    """The mailbox to read; None where there is none."""
    said = settings.receiving.imap if settings.receiving else None
    if said is None or secrets.imap_password is None:
        return None
    options = ImapOptions(
        host=said.host,
        port=said.port,
        tls=said.tls,
        username=said.username,
        password=secrets.imap_password.get_secret_value(),
        folder=said.folder,
        handled=said.handled,
        ca_file=below(directory, said.ca_file),
    )
    return ImapMailbox(options, receiver)


_PURPOSES: Final = {Action.LEAVE: Purpose.LEAVE, Action.CONFIRM: Purpose.CONFIRM}


def _read_mail_token(tokens: LinkTokens, action: Action, token: str) -> tuple[int, int] | None:
    """The subscriber and generation that a token for an action names; None if it is none of ours."""
    try:
        return tokens.read_from_mail(token, _PURPOSES[action]) if action in _PURPOSES else None
    except TokenError:
        return None


def _wishes_of(settings: Settings, detail: str, register: Register) -> Wishes | None:
    """What somebody asks for who writes to `join+...`; None where nothing answers to it."""
    return wishes_named(detail, register, {one.key for one in settings.inspectorates})
