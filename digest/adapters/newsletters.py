"""Reads newsletters in a mailbox over IMAP (RFC 9051). Nothing in the mailbox is changed."""

from __future__ import annotations

import asyncio
import imaplib
import logging
from collections.abc import Collection
from datetime import date
from typing import Final

from imap_tools import BaseMailBox, ImapToolsError

from digest.adapters.imap import ImapOptions, fetched, leave, opened, told, validity_of
from digest.ports import FolderLook
from digest.settings.connection import Tls
from digest.source_specs import MailAccount

log = logging.getLogger(__name__)

MOST: Final = 100
"""So many new messages are read at one look, the newest first; the rest at the next."""

_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class ImapFolders:
    """`ports.MailFolders` over IMAP."""

    def __init__(self) -> None:
        self._broke: set[str] = (
            set()
        )  # messages at which the line broke or the server refused: they come last

    async def look(
        self, account: MailAccount, password: str, *, since: date, known: Collection[str]
    ) -> FolderLook:
        options = ImapOptions(
            host=account.host,
            port=account.port,
            tls=Tls(account.tls),
            username=account.username,
            password=password,
            folder=account.folder,
        )
        with told():
            box = await asyncio.to_thread(opened, options, readonly=True)
            try:
                names = await asyncio.to_thread(_names, box, since)
                new = await self._new(box, [one for one in names if one not in known])
            finally:
                await asyncio.to_thread(leave, box)
        return FolderLook(names=tuple(names), new=tuple(new))

    async def _new(self, box: BaseMailBox, wanted: list[str]) -> list[tuple[str, bytes]]:
        """The messages that the server gives. One that it refuses, or at which the line breaks, waits."""
        new: list[tuple[str, bytes]] = []
        newest_first = wanted[::-1]
        for name in sorted(newest_first, key=self._broke.__contains__)[:MOST]:
            try:
                found = await asyncio.to_thread(fetched, box, name.rpartition("/")[2])
            except (ImapToolsError, imaplib.IMAP4.error, OSError, EOFError) as error:
                self._broke.add(name)
                fields = {"uid": name, "why": type(error).__name__}
                log.warning("the server refuses a newsletter", extra=fields)
                if not isinstance(error, imaplib.IMAP4.error) or isinstance(error, imaplib.IMAP4.abort):
                    break
                continue
            self._broke.discard(name)
            if found is not None:
                new.append((name, found[0]))
        return new


def _names(box: BaseMailBox, since: date) -> list[str]:
    """The messages that came since a day, each as the folder's UIDVALIDITY and its UID."""
    day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
    return [f"{validity_of(box)}/{uid}" for uid in box.uids(f"UNDELETED SINCE {day}", charset=None)]
