"""Adds a source to `sources.yaml`: its entry as text, so that comments and order of the file stay."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final
from urllib.parse import urlsplit

from digest.adapters.config.files import SOURCES_FILE, load
from digest.errors import ConfigError, Refused

_BLOCK_LIST: Final = re.compile(r"(?m)^sources:[ \t]*(?:#.*)?$")
_NEXT_KEY: Final = re.compile(r"(?m)^[^\s#-]")
_DASH: Final = re.compile(r"(?m)^( *)- ")
_PLAIN: Final = re.compile(r"[A-Za-z][\w .,;'’()/&+?-]*")
_NOT_PLAIN: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off"})
_OF_COUNTRIES: Final = frozenset({"co", "org", "gov", "ac", "nhs", "police", "sch", "com", "net", "gob"})
"""Second parts of names such as `example.org.uk`, which name nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A source to be added: its keys with their values, and what is known of it."""

    comment: str  # one line
    keys: tuple[tuple[str, str], ...]  # in the order in which they are written

    def lines(self, indent: int) -> Iterator[str]:
        """Its lines in the file."""
        margin = " " * indent
        yield f"{margin}# {self.comment}"
        for number, (key, value) in enumerate(self.keys):
            yield f"{margin}{'- ' if number == 0 else '  '}{key}: {_written(value)}"


def _written(value: str) -> str:
    """A value as YAML that means just this text."""
    plain = _PLAIN.fullmatch(value) and value.casefold() not in _NOT_PLAIN and value == value.strip()
    address = re.fullmatch(r"https?://[^\s#\"'\[\]{},]+", value) and not value.endswith(":")
    duration = re.fullmatch(r"\d+[smhd]", value)
    return value if plain or address or duration else json.dumps(value, ensure_ascii=False)


def new_id(url: str, taken: Collection[str]) -> str:
    """A short name for the source at an address that no other source has."""
    parts = urlsplit(url)
    host = (parts.hostname or "source").removeprefix("www.")
    labels = host.split(".")
    if host == "gov.uk":
        name = parts.path.rstrip("/").rpartition("/")[2].removesuffix(".atom")
    elif ":" in host or labels[-1].isdigit():
        name = host
    else:
        own = labels[:-1] if len(labels) > 1 else labels
        while len(own) > 1 and own[-1] in _OF_COUNTRIES:
            own = own[:-1]
        name = own[-1]
    short = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40].strip("-") or "source"
    numbers = (f"{short}-{number}" for number in range(2, len(taken) + 3))
    return short if short not in taken else next(one for one in numbers if one not in taken)


def with_entry(text: str, entry: Entry) -> str:
    """The text of a sources file with one more entry, at the end of its list.

    `Refused` if the list is written in brackets or is not found: then a person must add the entry.
    """
    begin = _BLOCK_LIST.search(text)
    if begin is None:
        raise Refused('"sources:" is not followed by a list with a line for each key; add the entry by hand')
    following = _NEXT_KEY.search(text, begin.end() + 1)
    end = following.start() if following else len(text)
    dashes = _DASH.search(text, begin.end(), end)
    head = text[:end].rstrip("\n")
    # Comments above the next key belong to that key.
    lines = head.split("\n")
    cut = len(lines)
    while following and lines[cut - 1].startswith("#"):
        cut -= 1
    above, below = "\n".join(lines[:cut]).rstrip(), "\n".join(lines[cut:])
    block = "\n".join(entry.lines(len(dashes[1]) if dashes else 2))
    rest = f"\n{below}\n{text[end:]}" if below else f"\n{text[end:]}" if following else ""
    return f"{above}\n\n{block}\n{rest}"


def add_source(directory: Path, entry: Entry) -> Path:
    """Write an entry to a directory's sources file, whole or not at all; returns the file.

    The new file is checked with all others before it takes the old one's place. `ConfigError` if they would
    be wrong together, `Refused` if somebody has changed the file meanwhile.
    """
    file = (directory / SOURCES_FILE).resolve()  # the file may be a link: what it leads to is replaced
    before = file.read_bytes()
    bom = "\ufeff" if before.startswith(b"\xef\xbb\xbf") else ""
    after = bom + with_entry(before.decode("utf-8-sig").replace("\r\n", "\n"), entry)
    if b"\r\n" in before:
        after = after.replace("\n", "\r\n")
    with NamedTemporaryFile("wb", dir=file.parent, prefix=f".{file.name}.", delete=False) as made:
        temporary = Path(made.name)
        try:
            made.write(after.encode())
            made.flush()
            os.fsync(made.fileno())
            temporary.chmod(file.stat().st_mode & 0o7777)
            _check(directory, file, temporary)
            _must_be(file, before)
            temporary.replace(file)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return file


def _check(directory: Path, file: Path, in_its_place: Path) -> None:
    try:
        load(directory, sources=in_its_place)
    except ConfigError as error:
        own = str(in_its_place)
        raise ConfigError(
            [replace(one, file=str(file)) if one.file == own else one for one in error.problems]
        ) from None


def _must_be(file: Path, content: bytes) -> None:
    if file.read_bytes() != content:
        raise Refused(f"{file} was changed at the same moment; nothing is written, try again")
