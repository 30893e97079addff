"""The operator's directory: what is read from it before anything is built."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from digest.adapters.config.files import load
from digest.adapters.config.packaged import packaged
from digest.adapters.config.secrets import (
    FALLBACK_PASSWORD,
    IMAP_PASSWORD,
    NOTHING,
    RELAY_PASSWORD,
    SECRET_KEY,
    Secrets,
    load_secrets,
)
from digest.errors import ConfigError, Problem
from digest.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a directory holds, and everything that keeps the service from running on it."""

    settings: Settings | None  # None where the files are wrong
    secrets: Secrets | None  # None where they are wrong or not here
    problems: tuple[Problem, ...]

    @property
    def absent(self) -> bool:
        """Whether all that is wrong is that the secrets are not here: then the files can still be judged."""
        return bool(self.problems) and all(
            problem.key == SECRET_KEY and problem.found == NOTHING for problem in self.problems
        )


def look(directory: Path, environ: Mapping[str, str] = os.environ) -> Looked:
    """Read the operator's files and secrets, and name everything that is wrong in any."""
    problems: list[Problem] = []

    def read(reading: Callable[[], T]) -> T | None:
        try:
            return reading()
        except ConfigError as error:
            problems.extend(error.problems)
            return None

    settings = read(lambda: load(directory))
    signing = settings.dkim if settings else None
    if signing:
        from digest.adapters.signing import load_key

        read(lambda: load_key(directory / signing.key_file))  # a bad key is told now, not at noon
    secrets = read(lambda: load_secrets(directory, environ))
    if settings and secrets:
        problems.extend(_missing_passwords(settings, secrets))
    return Looked(settings=settings, secrets=secrets, problems=tuple(problems))


def _missing_passwords(settings: Settings, secrets: Secrets) -> Iterator[Problem]:
    """Accounts whose password is not given: told now, not at noon."""
    relay, imap = settings.relay, settings.receiving.imap if settings.receiving else None
    fallbacks = any(one.username and not one.token_file for one in relay.fallbacks)
    accounts = (
        (RELAY_PASSWORD, relay.username and not relay.token_file, secrets.relay_password, "relay.username"),
        (FALLBACK_PASSWORD, fallbacks, secrets.fallback_password, "the accounts of relay.fallbacks"),
        (IMAP_PASSWORD, imap, secrets.imap_password, "receiving.imap.username"),
    )
    for key, wanted, given, account in accounts:
        if wanted and given is None:
            expected = f"the password of {account}, there or in secrets.env"
            yield Problem(file="the environment", line=None, key=key, found=NOTHING, expected=expected)


def configured(directory: Path, environ: Mapping[str, str] = os.environ) -> tuple[Settings, Secrets]:
    """The operator's files and secrets; `ConfigError` names everything wrong in either."""
    found = look(directory, environ)
    if found.problems or found.settings is None or found.secrets is None:
        raise ConfigError(found.problems)
    return found.settings, found.secrets


def template_directories(directory: Path) -> list[Path]:
    """The operator's own templates first, then ours."""
    return [directory / "templates", packaged("templates")]


def below(directory: Path, file: Path | None) -> Path | None:
    """A file that the settings name, counted from the directory."""
    return directory / file if file else None
