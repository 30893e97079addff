"""The files that come with the program: where they are, and how an operator gets copies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import digest
from digest.parse.register import read_register
from digest.providers import Provider
from digest.ratings import Rating

_NAMES: Final = ("config", "templates", "seeds")
# By pattern, not the whole directory: in a checkout, secrets and a database may lie beside these files.
_OPERATORS_FILES: Final = ("*.yaml", "scales/*.yaml", "schema/*.json")
_SECRETS: Final = """\
# Secrets of the digest service. Only the owner of this file may read it (mode 0600).
# Values in the environment win over this file.

# Signs the links in messages. Anybody who has this key can end any subscription.
# A new one makes every link already sent invalid.
{name}={key}

# The password of relay.username in digest.yaml, if the mail server asks for one.
# DIGEST_RELAY_PASSWORD=

# The password of the accounts of relay.fallbacks.
# DIGEST_FALLBACK_PASSWORD=

# The password of receiving.imap.username, where mail is read from a mailbox.
# DIGEST_IMAP_PASSWORD=

# The whole address of a PostgreSQL database with its password; it overrides store.url in digest.yaml.
# DIGEST_DATABASE_URL=postgresql://digest:password@localhost/digest
"""


def packaged_register() -> tuple[tuple[Provider, ...], tuple[Rating, ...]]:
    """Every packaged register: the providers and their past ratings."""
    return registers_in(packaged("seeds") / "register")


def registers_in(directory: Path) -> tuple[tuple[Provider, ...], tuple[Rating, ...]]:
    """The providers and past ratings of every register in a directory, in the order of their paths.

    A register is a file `INSPECTORATE/SCALE.csv`: its path gives the keys of both.
    """
    providers: list[Provider] = []
    ratings: list[Rating] = []
    for path in sorted(directory.glob("*/*.csv")):
        text = path.read_text(encoding="utf-8")
        found, past = read_register(text, inspectorate=path.parent.name, scale=path.stem, file=str(path))
        providers += found
        ratings += past
    return tuple(providers), tuple(ratings)


def packaged(name: str) -> Path:
    """The directory "config", "templates" or "seeds", in an installed package or a checkout."""
    if name not in _NAMES:
        raise ValueError(f"{name!r} does not come with the program, only {', '.join(_NAMES)}")
    package = Path(digest.__file__).parent
    installed = package / "packaged" / name
    return installed if installed.is_dir() else package.parent / name


def copy_config(to: Path, *, key: bool = True) -> list[Path]:
    """Copy the operator's files and, unless it is kept elsewhere, a new secret key into a directory.

    Existing files are never overwritten. Returns the files that were written, in order.
    """
    written = [path for path in _copies(to) if path is not None]
    if not key:
        return written
    import secrets

    from digest.adapters.config.secrets import SECRET_KEY, SECRETS_FILE

    text = _SECRETS.format(name=SECRET_KEY, key=secrets.token_urlsafe(48))
    # The mode is set when the file is created, so that others can never read it.
    if _create(to / SECRETS_FILE, text.encode(), mode=0o600):
        written.append(to / SECRETS_FILE)
    return written


def _copies(to: Path) -> Iterator[Path | None]:
    ours = packaged("config")
    for pattern in _OPERATORS_FILES:
        for path in sorted(ours.glob(pattern)):
            copy = to / path.relative_to(ours)
            yield copy if _create(copy, path.read_bytes(), mode=0o644) else None


def _create(path: Path, content: bytes, *, mode: int) -> bool:
    """Write a new file. False, without writing, if it exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path):
        return False
    half = path.with_name(f".{path.name}.part")  # a file that is cut would be taken for the operator's
    half.unlink(missing_ok=True)
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        half.rename(path)
    finally:
        half.unlink(missing_ok=True)
    return True
