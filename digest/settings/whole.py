"""The file `digest.yaml` with all its sections, and the settings of all files together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final, Self

from pydantic import InstanceOf

from digest.ratings import Inspectorates
from digest.settings.connection import Section
from digest.settings.people import RetentionSettings, SubscribingSettings
from digest.settings.receiving import ReceivingSettings
from digest.settings.scales import ScalesFile, inspectorates
from digest.settings.sending import DkimSettings, RelaySettings, SenderSettings
from digest.settings.service import OperatorsSettings, ServiceSettings, StoreSettings, WebSettings
from digest.settings.sources import FetchSettings, Silence, SourcesFile
from digest.settings.times import AlertSettings, EditionSettings, ProofSettings
from digest.settings.webhooks import WebhookSettings
from digest.source_specs import MailboxSpec
from digest.sources import Source

_EXAMPLE: Final = re.compile(r"\bexample\.(?:com|net|org)(?![\w.-])", re.IGNORECASE)


class ServiceFile(Section):
    """The file `digest.yaml`: the service as a whole."""

    service: ServiceSettings
    edition: EditionSettings = EditionSettings()
    alerts: AlertSettings = AlertSettings()
    proof_of_life: ProofSettings = ProofSettings()
    sender: SenderSettings
    relay: RelaySettings = RelaySettings()
    dkim: DkimSettings | None = None
    """Left out, the relay signs."""
    store: StoreSettings = StoreSettings()
    fetch: FetchSettings = FetchSettings()
    web: WebSettings = WebSettings()
    subscribing: SubscribingSettings = SubscribingSettings()
    receiving: ReceivingSettings | None = None
    """Left out, no mail is received: bounces and commands by mail must be handled elsewhere."""
    operators: OperatorsSettings = OperatorsSettings()
    webhooks: tuple[WebhookSettings, ...] = ()
    """Systems of your own that stories are posted to; left out, there are none."""
    retention: RetentionSettings = RetentionSettings()


class Settings(ServiceFile):
    """All the operator's settings; secrets are separate."""

    sources: tuple[InstanceOf[Source], ...]
    silences: tuple[InstanceOf[Silence], ...] = ()
    inspectorates: InstanceOf[Inspectorates]

    @classmethod
    def of(cls, service: ServiceFile, sources: SourcesFile, scales: Iterable[ScalesFile]) -> Self:
        """The settings from the three kinds of files."""
        return cls(
            **dict(service),
            sources=sources.polled(),
            silences=sources.silences,
            inspectorates=inspectorates(scales),
        )

    @property
    def silent_days(self) -> frozenset[date]:
        """Days on which nobody is expected to publish, besides weekends and bank holidays."""
        return frozenset(day for silence in self.silences for day in silence.days)

    @property
    def newsletters_here(self) -> tuple[str, ...]:
        """The ids of the sources whose newsletters come to an address of this service."""
        return tuple(
            source.id
            for source in self.sources
            if isinstance(source.spec, MailboxSpec) and source.spec.account is None
        )

    @property
    def examples(self) -> tuple[tuple[str, str], ...]:
        """Keys that still hold an example domain (RFC 2606 section 3), with their values."""
        held = {
            "service.url": str(self.service.url),
            "service.contact": str(self.service.contact),
            "sender.address": self.sender.address,
            "sender.reply_to": self.sender.reply_to or "",
            "sender.bounces": self.sender.bounces,
        }
        return tuple((key, value) for key, value in held.items() if _EXAMPLE.search(value))
