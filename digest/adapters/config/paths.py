"""Paths in the operator's files: counted from the config directory, and checked before anything is built."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from digest.adapters.config.plain_yaml import Place, YamlFile
from digest.adapters.small_files import content_of
from digest.errors import Problem
from digest.settings.connection import Section
from digest.settings.types import Created

AnySection = TypeVar("AnySection", bound=Section)


def with_whole_paths(section: AnySection, directory: Path) -> AnySection:
    """A section, and those within it, with each path absolute; a relative one is counted from `directory`."""
    return section.model_copy(update={name: _whole(value, directory) for name, value in section})


def _whole(value: Any, directory: Path) -> Any:
    if isinstance(value, Path):
        return directory.absolute() / value
    if isinstance(value, Section):
        return with_whole_paths(value, directory)
    if isinstance(value, tuple):
        return tuple(_whole(one, directory) for one in value)
    return value


def path_problems(file: YamlFile, section: Section) -> Iterator[Problem]:
    """Files that `section` names, with whole paths, and that cannot be read or hold no certificate."""
    for place, within in _sections(section, ()):
        unreadable = [key for key in _files_read(within) if not _is_readable(getattr(within, key))]
        for key in unreadable:
            found = _quoted(getattr(within, key))
            yield file.problem((*place, key), found, "the name of a file that we can read")
        for key, value in within:
            if isinstance(value, Path) and key not in unreadable and "\0" in str(value):
                yield file.problem((*place, key), _quoted(value), "the name of a file, without NUL")
        if not unreadable:
            yield from _bad_certificates(file, place, within)


def _sections(section: Section, place: Place) -> Iterator[tuple[Place, Section]]:
    yield place, section
    for name, value in section:
        for at, one in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
            if isinstance(one, Section):
                yield from _sections(one, (*place, name) if at is None else (*place, name, at))


def _files_read(section: Section) -> Iterator[str]:
    """The keys of a section that name a file which must be there."""
    for name, field in type(section).model_fields.items():
        if isinstance(getattr(section, name), Path) and Created not in field.metadata:
            yield name


def _is_readable(path: Path) -> bool:
    try:
        content_of(path)
    except (OSError, ValueError):  # of a name with NUL
        return False
    return True


def _bad_certificates(file: YamlFile, place: Place, section: Section) -> Iterator[Problem]:
    authorities = getattr(section, "ca_file", None)
    own, key = getattr(section, "client_cert", None), getattr(section, "client_key", None)
    if authorities is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(authorities)
        except ssl.SSLError:
            expected = "a file of certificates in PEM form"
            yield file.problem((*place, "ca_file"), _quoted(authorities), expected)
    if own is not None:
        yield from _bad_client_certificate(file, place, own, key)


def _bad_client_certificate(file: YamlFile, place: Place, own: Path, key: Path | None) -> Iterator[Problem]:
    encrypted = False

    def no_password() -> str:
        # Without it, OpenSSL would ask the terminal for the password of an encrypted key.
        nonlocal encrypted
        encrypted = True
        return ""

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(own, key, password=no_password)
    except (ssl.SSLError, ValueError):
        if encrypted:
            named = "client_cert" if key is None else "client_key"
            found = f"{_quoted(key or own)}, a key under a password"
            yield file.problem((*place, named), found, "a key without a password, in a file with mode 0600")
        else:
            expected = "a certificate in PEM form, with its key in the same file or in client_key"
            yield file.problem((*place, "client_cert"), _quoted(own), expected)


def _quoted(path: Path) -> str:
    return f'"{path}"'
