"""Secrets, from the environment or from a file that only its owner can read; never from the settings files.

python-dotenv parses the file, without expanding `${...}`, because a password may contain it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from secrets import randbelow
from typing import Final

from dotenv.parser import parse_stream
from pydantic import BaseModel, ConfigDict, SecretStr
from pydantic_core import PydanticCustomError

from digest.adapters.small_files import content_of
from digest.errors import ConfigError, Problem
from digest.settings.types import database_url
from digest.tokens import KeyUse, Seal, address_seal, derived_key
from digest.webhooks import secrets_in

SECRETS_FILE: Final = "secrets.env"
SECRET_KEY: Final = "DIGEST_SECRET_KEY"  # noqa: S105 - a name, not a secret
RELAY_PASSWORD: Final = "DIGEST_RELAY_PASSWORD"  # noqa: S105 - likewise
FALLBACK_PASSWORD: Final = "DIGEST_FALLBACK_PASSWORD"  # noqa: S105 - likewise
IMAP_PASSWORD: Final = "DIGEST_IMAP_PASSWORD"  # noqa: S105 - likewise
DATABASE_URL: Final = "DIGEST_DATABASE_URL"
SUPPRESSION_KEY: Final = "DIGEST_SUPPRESSION_KEY"
OPERATORS_SECRET: Final = "DIGEST_OPERATORS_SECRET"  # noqa: S105 - likewise
SECRETS_ELSEWHERE: Final = "DIGEST_SECRETS_FILE"
SOURCE_KEYS: Final = "DIGEST_SOURCE_"
"""How the names of secrets begin that a source's server wants, such as the key of an API."""
WEBHOOK_KEYS: Final = "DIGEST_WEBHOOK_"
"""How the names of secrets begin that sign what is posted to webhooks."""
_FREE: Final = (SOURCE_KEYS, WEBHOOK_KEYS)
_NAMES: Final = (
    *(SECRET_KEY, RELAY_PASSWORD, FALLBACK_PASSWORD, IMAP_PASSWORD, DATABASE_URL, SUPPRESSION_KEY),
    OPERATORS_SECRET,
)
NOTHING: Final = "nothing"
"""What a problem says it found when a secret is missing."""
_SHORTEST_KEY: Final = 32
_SHORTEST_TYPED: Final = 16  # of a secret that people type, with few tries
_LONG_KEY: Final = f"at least {_SHORTEST_KEY} random characters; `digest init` makes them, in {SECRETS_FILE}"
_LENT: Final = "CREDENTIALS_DIRECTORY"  # systemd's LoadCredential=; the directory belongs to one unit
_OTHERS: Final = 0o077  # any right of the group or of everybody
# Since systemd 254 a credential for a user has an ACL. Its mask appears as mode 0440, though the group cannot
# read it.
_OTHERS_OF_LENT: Final = 0o037


class Secrets(BaseModel):
    """The secrets; shown as stars wherever they are printed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    secret_key: SecretStr
    """Signs the links in messages. A new key makes all links in earlier messages invalid."""
    relay_password: SecretStr | None = None
    fallback_password: SecretStr | None = None
    """The password of the accounts in `relay.fallbacks`."""
    imap_password: SecretStr | None = None
    """The password of the account in `receiving.imap`."""
    database_url: SecretStr | None = None
    """Overrides `store.url`, and unlike it may hold a password."""
    source_keys_by_name: Mapping[str, SecretStr] = {}
    """What publishers' servers want of us, by the names that `secret_headers` of a source give."""
    webhook_keys_by_name: Mapping[str, SecretStr] = {}
    """What signs posts to webhooks, by the names that `secret` of a webhook gives."""
    operators_secret: SecretStr | None = None
    """What operators type to sign in to their pages. None: nobody signs in by it."""
    suppression_key: SecretStr | None = None
    """The secret key that suppressed addresses are sealed with, if the secret key has changed since."""

    def derived(self, use: KeyUse) -> bytes:
        """The key for one purpose, derived from the secret key."""
        return derived_key(self.secret_key.get_secret_value(), use)

    @property
    def operators_key(self) -> bytes:
        """The key of operators' sessions: another secret to sign in with ends them all."""
        typed = self.operators_secret.get_secret_value() if self.operators_secret else ""
        return derived_key(f"{self.secret_key.get_secret_value()}:{typed}", KeyUse.OPERATORS)

    @property
    def source_keys(self) -> dict[str, str]:
        """The secrets for publishers' servers, by their names."""
        return {name: key.get_secret_value() for name, key in self.source_keys_by_name.items()}

    @property
    def webhook_keys(self) -> dict[str, tuple[bytes, ...]]:
        """The secrets that sign posts to webhooks, by their names: two while one is being replaced."""
        found = {name: secrets_in(key.get_secret_value()) for name, key in self.webhook_keys_by_name.items()}
        return {name: keys for name, keys in found.items() if keys}

    @property
    def seal(self) -> Seal:
        """Seals suppressed addresses. With another key, they would not be found again."""
        key = self.suppression_key or self.secret_key
        return address_seal(derived_key(key.get_secret_value(), KeyUse.SUPPRESSIONS))


def six_digits() -> str:
    """A random code of six digits."""
    return f"{randbelow(10**6):06d}"


def load_secrets(directory: Path, environ: Mapping[str, str]) -> Secrets:
    """The secrets in the environment and the secrets file; the environment comes first.

    The file is the one that DIGEST_SECRETS_FILE names, else `secrets.env` in the directory. `ConfigError`
    names every problem, without any value.
    """
    named = environ.get(SECRETS_ELSEWHERE)
    path = Path(named) if named else directory / SECRETS_FILE
    lent = bool(environ.get(_LENT)) and path.parent == Path(environ[_LENT])
    kept, problems = _kept(path, must_exist=bool(named), others=_OTHERS_OF_LENT if lent else _OTHERS)
    given = {name: environ.get(name) or kept.get(name) for name in _NAMES}
    where = {name: "the environment" if environ.get(name) else str(path) for name in _NAMES}
    if not given[SECRET_KEY] and not problems:  # a problem with the file may be the reason
        problems.append(_problem(where[SECRET_KEY], None, SECRET_KEY, NOTHING, _LONG_KEY))
    problems += _unfit(given, where)
    webhook_keys = _named(WEBHOOK_KEYS, kept, environ)
    problems += _unfit_for_webhooks(webhook_keys, environ, path)
    key = given[SECRET_KEY]
    if problems or not key:
        raise ConfigError(problems)

    def secret(name: str) -> SecretStr | None:
        value = given[name]
        return SecretStr(value) if value else None

    return Secrets(
        secret_key=SecretStr(key),
        relay_password=secret(RELAY_PASSWORD),
        fallback_password=secret(FALLBACK_PASSWORD),
        imap_password=secret(IMAP_PASSWORD),
        database_url=secret(DATABASE_URL),
        source_keys_by_name=_named(SOURCE_KEYS, kept, environ),
        webhook_keys_by_name=webhook_keys,
        suppression_key=secret(SUPPRESSION_KEY),
        operators_secret=secret(OPERATORS_SECRET),
    )


def _named(prefix: str, kept: Mapping[str, str | None], environ: Mapping[str, str]) -> dict[str, SecretStr]:
    """The secrets whose names begin with a prefix; operators choose the rest of the name."""
    named = {name: value for name, value in {**kept, **environ}.items() if name.startswith(prefix)}
    return {name: SecretStr(value) for name, value in named.items() if value}


def _unfit_for_webhooks(
    keys: Mapping[str, SecretStr], environ: Mapping[str, str], path: Path
) -> list[Problem]:
    expected = 'one secret, or two with a space between: "whsec_" and 24 to 64 random octets in base64'
    return [
        _problem("the environment" if environ.get(name) else path, None, name, "something else", expected)
        for name, key in keys.items()
        if secrets_in(key.get_secret_value()) is None
    ]


def _unfit(given: Mapping[str, str | None], where: Mapping[str, str]) -> list[Problem]:
    problems = []
    url = given[DATABASE_URL]
    for name in (SECRET_KEY, SUPPRESSION_KEY):
        key = given[name]
        if key and len(key) < _SHORTEST_KEY:
            problems.append(_problem(where[name], None, name, f"{len(key)} characters", _LONG_KEY))
    typed = given[OPERATORS_SECRET]
    if typed and len(typed) < _SHORTEST_TYPED:
        expected = f"at least {_SHORTEST_TYPED} characters that nobody guesses"
        problems.append(
            _problem(where[OPERATORS_SECRET], None, OPERATORS_SECRET, f"{len(typed)} characters", expected)
        )
    try:
        database_url(url, secret=True) if url else None
    except PydanticCustomError as error:
        found = "something else, not shown here"
        problems.append(_problem(where[DATABASE_URL], None, DATABASE_URL, found, error.message()))
    return problems


def _kept(path: Path, *, must_exist: bool, others: int) -> tuple[Mapping[str, str | None], list[Problem]]:
    """The values in the secrets file, and its problems. A file that others can read is not used."""
    try:
        rights = path.stat().st_mode & 0o777
        text = content_of(path).decode("utf-8-sig")
    except FileNotFoundError:
        missing = [_problem(path, None, "", "no file", f"the file that {SECRETS_ELSEWHERE} names")]
        return {}, missing if must_exist else []
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "bytes that are not UTF-8"
        return {}, [_problem(path, None, "", f"an error ({reason})", "a text file that we may read")]
    if rights & others:
        found = f"a file that others may read or change (mode {rights:04o})"
        return {}, [_problem(path, None, "", found, f"mode 0600: run `chmod 600 {path}`")]
    kept: dict[str, str | None] = {}
    problems: list[Problem] = []
    for binding in parse_stream(io.StringIO(text)):
        line, key = binding.original.line, binding.key
        if binding.error:
            problems.append(_problem(path, line, "", "a line we cannot read", "NAME=value"))
        elif key is not None and key.startswith("DIGEST_") and not (key in _NAMES or key.startswith(_FREE)):
            close = get_close_matches(key, _NAMES, n=1)
            expected = f"{close[0]} (did you mean that?)" if close else f"one of {', '.join(_NAMES)}"
            problems.append(_problem(path, line, key, "an unknown name", expected))
        elif key is not None:
            kept[key] = binding.value
    return kept, problems


def _problem(file: Path | str, line: int | None, key: str, found: str, expected: str) -> Problem:
    return Problem(file=str(file), line=line, key=key, found=found, expected=expected)
