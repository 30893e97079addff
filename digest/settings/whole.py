"""The whole: `digest.yaml` with all its sections, and what it makes together with the other files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import InstanceOf

from digest.ratings import Inspectorates
from digest.settings.people import RetentionSettings, SubscribingSettings
from digest.settings.receiving import ReceivingSettings
from digest.settings.scales import ScalesFile, inspectorates
from digest.settings.section import Section
from digest.settings.sending import DkimSettings, RelaySettings, SenderSettings
from digest.settings.service import OperatorsSettings, ServiceSettings, StoreSettings, WebSettings
from digest.settings.sources import FetchSettings, SourcesFile
from digest.settings.times import AlertSettings, EditionSettings, ProofSettings
from digest.sources import Source


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
    """Left out, no mail is received: bounces and commands by mail are for somebody else to deal with."""
    operators: OperatorsSettings = OperatorsSettings()
    retention: RetentionSettings = RetentionSettings()


class Settings(ServiceFile):
    """Everything the operator has set; secrets are kept apart."""

    sources: tuple[InstanceOf[Source], ...]
    inspectorates: InstanceOf[Inspectorates]

    @classmethod
    def of(cls, service: ServiceFile, sources: SourcesFile, scales: Iterable[ScalesFile]) -> Self:
        """The settings that three kinds of file make together."""
        return cls(**dict(service), sources=sources.polled(), inspectorates=inspectorates(scales))
