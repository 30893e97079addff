"""The operator's settings: `digest.yaml`, `sources.yaml` and `scales/*.yaml` as typed values.

Each model describes a part of a file; the program works with its instances. The JSON Schemas for editors are
made from the same models: the text under a field is its description there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from digest.settings.connection import Tls
    from digest.settings.people import RetentionSettings
    from digest.settings.scales import ScalesFile
    from digest.settings.sending import DkimSettings, MailServer
    from digest.settings.sources import SourcesFile
    from digest.settings.whole import ServiceFile, Settings

__all__ = [
    "DkimSettings",
    "MailServer",
    "RetentionSettings",
    "ScalesFile",
    "ServiceFile",
    "Settings",
    "SourcesFile",
    "Tls",
]

# Making a model takes longer than reading a page, and a command that reads pages needs only the scales.
_HOMES: Final = {
    "Tls": "connection",
    "RetentionSettings": "people",
    "ScalesFile": "scales",
    "DkimSettings": "sending",
    "MailServer": "sending",
    "SourcesFile": "sources",
    "ServiceFile": "whole",
    "Settings": "whole",
}


def __getattr__(name: str) -> Any:
    """Import a model's module when the model is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
