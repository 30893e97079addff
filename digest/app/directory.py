"""The operator's directory: what is read from it before anything is built."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from digest.adapters.packaged import packaged
from digest.adapters.secrets import IMAP_PASSWORD, Secrets, load_secrets
from digest.adapters.settings_files import load
from digest.adapters.signing import load_key
from digest.errors import ConfigError, Problem
from digest.settings import Settings


def configured(directory: Path, environ: Mapping[str, str] = os.environ) -> tuple[Settings, Secrets]:
    """The operator's files and secrets; `ConfigError` names everything wrong in either."""
    settings, secrets = load(directory), load_secrets(directory, environ)
    if settings.dkim is not None:
        load_key(directory / settings.dkim.key_file)  # a bad key is told now, not at noon
    if settings.receiving and settings.receiving.imap and secrets.imap_password is None:
        wanted = "the password of receiving.imap.username, there or in secrets.env"
        where = "the environment"
        raise ConfigError(
            [Problem(file=where, line=None, key=IMAP_PASSWORD, found="nothing", expected=wanted)]
        )
    return settings, secrets


def template_directories(directory: Path) -> list[Path]:
    """The operator's own templates first, then ours."""
    return [directory / "templates", packaged("templates")]


def below(directory: Path, file: Path | None) -> Path | None:
    """A file that the settings name, counted from the directory."""
    return directory / file if file else None
