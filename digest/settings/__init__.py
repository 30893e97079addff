"""The operator's settings: what `digest.yaml`, `sources.yaml` and `scales/*.yaml` may say, as typed values.

Each model is the shape of a piece of a file and, once read, the value the program works with; the JSON
Schemas for editors are made from the same models, and the text under a field is its description there.
"""

from digest.settings.connection import Tls
from digest.settings.people import RetentionSettings
from digest.settings.scales import ScalesFile
from digest.settings.sending import DkimSettings, MailServer
from digest.settings.sources import SourcesFile
from digest.settings.times import Weekday
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
    "Weekday",
]
