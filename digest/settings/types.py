"""The types of settings: how operators write durations, times, sizes, addresses and names.

Each type reads its notation, says in plain words what it expected, and gives editors its pattern. The
messages complete the sentence "expected ...".
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from ipaddress import ip_address
from typing import Annotated, Any, Final
from urllib.parse import SplitResult, parse_qs, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

_DURATION: Final = re.compile(r"([0-9]{1,6})([smhd])")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_SIZE: Final = re.compile(r"([0-9]{1,6}) ?(B|kB|KB|MB|GB|KiB|MiB|GiB)")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_DOMAIN: Final = re.compile(
    r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*"
)
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")
_KEY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEADER: Final = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_UNITS: Final = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_SIZES: Final = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9} | {
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}


def expected(words: str) -> PydanticCustomError:
    """The error to raise for a value that is not `words`."""
    return PydanticCustomError("expected", "{words}", {"words": words})


class Created:
    """Marks a path that the service creates, so it may be missing when the settings are read."""


def _duration(given: object) -> timedelta:
    if isinstance(given, timedelta):
        return given
    match = _DURATION.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise expected(
            'a stretch of time: a whole number and s, m, h or d, such as "90s", "30m", "6h" or "14d"'
        )
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def duration_text(duration: timedelta) -> str:
    """A duration as an operator would write it: "90s", "6h"."""
    seconds = int(duration.total_seconds())
    unit, length = next((u, n) for u, n in _UNITS.items() if seconds % n == 0)
    return f"{seconds // length}{unit}" if seconds else "0s"


def within(low: str, high: str, why: str = "") -> AfterValidator:
    """Limits a duration to the range between these two, both included; `why` explains the limits."""

    def check(duration: timedelta) -> timedelta:
        if not _duration(low) <= duration <= _duration(high):
            raise expected(f"a stretch of time from {low} to {high}{why and f', for {why}'}")
        return duration

    return AfterValidator(check)


def _time(given: object) -> time:
    if isinstance(given, time):
        return given
    match = _TIME.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise expected('a time of day on the 24-hour clock, such as "11:45"')
    return time(int(match[1]), int(match[2]))


def _zone(given: object) -> ZoneInfo:
    if isinstance(given, ZoneInfo):
        return given
    try:
        return ZoneInfo(str(given))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as "Europe"
        raise expected('the name of a time zone, such as "Europe/London"') from None


def _size(given: object) -> int:
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    match = _SIZE.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise expected('a size: a whole number and kB, MB or GB, such as "10MB"')
    return int(match[1]) * _SIZES[match[2]]


def _size_text(size: int) -> str:
    unit, factor = next((u, n) for u, n in sorted(_SIZES.items(), key=lambda s: -s[1]) if size % n == 0)
    return f"{size // factor}{unit}"


def _line(given: str) -> str:
    """One line of text. It may become part of a mail header, where a line break would begin a new header."""
    if not given.strip() or not given.isprintable():
        raise expected("one line of text")
    return given.strip()


def _paragraph(given: str) -> str:
    if not given.strip() or not given.replace("\n", "").isprintable():
        raise expected("text")
    return given.strip()


def _address(given: str) -> str:
    if not _ADDRESS.fullmatch(given) or len(given) > 254:  # RFC 5321 section 4.5.3.1.3, less its brackets
        raise expected('a mail address, such as "digest@example.org"')
    return given


def _parts(address: str) -> SplitResult | None:
    """The parts of a web or database address; None if it is not a usable address."""
    try:
        parts = urlsplit(address)
        return parts if parts.port != 0 and address.isprintable() and " " not in address else None
    except ValueError:
        return None


def _web_address(given: str) -> str:
    parts = _parts(given)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise expected('a web address that begins with "https://" or "http://", without a user or password')
    return given


def _contact(given: str) -> str:
    # It becomes part of the User-Agent header of every request.
    try:
        return _address(given) if "@" in given else _web_address(given)
    except PydanticCustomError:
        raise expected("a mail address, or a web address that begins with https://") from None


def _host(given: str) -> str:
    if not _HOST.fullmatch(given):
        raise expected('the name or number of a machine, such as "localhost" or "mail.example.org"')
    return given


def _domain(given: str) -> str:
    if not _DOMAIN.fullmatch(given) or any(len(label) > 63 for label in given.split(".")):
        raise expected('a name of the DNS without a dot at its end, such as "digest.example.org"')
    return given.lower()


def _key(given: str) -> str:
    if not _KEY.fullmatch(given):
        raise expected('small letters, digits and single hyphens, such as "hmi-prisons"')
    return given


def _header(given: str) -> str:
    if not _HEADER.fullmatch(given):
        raise expected('the name of a header, such as "X-Forwarded-User"')
    return given


def database_url(given: str, *, secret: bool = False) -> str:
    """Check the address of a database. Only an address from the secrets may hold a password."""
    if not given.isprintable():
        raise expected("an address without control characters")
    if given.startswith("sqlite:///") and not {"?", "#"} & set(given) and given[10:] not in {"", ":memory:"}:
        return given
    parts = _parts(given)
    if parts is None or parts.scheme != "postgresql":
        raise expected('"sqlite:///" and a file name, or an address that begins with "postgresql://"')
    if not secret and (parts.password is not None or "password" in parse_qs(parts.query)):
        raise expected(
            "an address without a password; the whole address with it is a secret, DIGEST_DATABASE_URL"
        )
    return given


def plain(words: str) -> str:
    """Lower case with single spaces, so that two spellings of a grade or aspect are equal."""
    return " ".join(words.split()).casefold()


def loopback(host: str | None) -> bool:
    """Whether a host is this machine itself."""
    name = (host or "").strip("[]").casefold()
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def matching(pattern: str, words: str) -> AfterValidator:
    """Takes texts that match a pattern whole; `words` say what is expected."""

    def check(given: str) -> str:
        if re.fullmatch(pattern, given) is None:
            raise expected(words)
        return given

    return AfterValidator(check)


def _pattern(pattern: re.Pattern[str], **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern.pattern}$", **more})


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(duration_text, when_used="json"),
    _pattern(_DURATION, examples=["90s", "30m", "6h", "14d"]),
]
ClockTime = Annotated[
    time,
    BeforeValidator(_time),
    PlainSerializer(lambda t: t.strftime("%H:%M"), when_used="json"),
    _pattern(_TIME, examples=["11:45"]),
]
Zone = Annotated[
    ZoneInfo,
    BeforeValidator(_zone),
    PlainSerializer(lambda z: z.key, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["Europe/London"]}),
]
Size = Annotated[
    int,
    BeforeValidator(_size),
    PlainSerializer(_size_text, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": f"^{_SIZE.pattern}$"}, {"type": "integer"}],
            "examples": ["10MB"],
        }
    ),
]
Line = Annotated[str, AfterValidator(_line)]
Paragraph = Annotated[str, AfterValidator(_paragraph)]
Word = Annotated[str, AfterValidator(_line), AfterValidator(plain)]
Address = Annotated[str, AfterValidator(_address), _pattern(_ADDRESS)]
WebAddress = Annotated[str, AfterValidator(_web_address), WithJsonSchema({"type": "string", "format": "uri"})]
Contact = Annotated[str, AfterValidator(_contact)]
Host = Annotated[str, AfterValidator(_host), _pattern(_HOST)]
Domain = Annotated[str, AfterValidator(_domain), _pattern(_DOMAIN)]
DatabaseUrl = Annotated[str, AfterValidator(database_url)]
HeaderName = Annotated[str, AfterValidator(_header), _pattern(_HEADER)]
Key = Annotated[str, AfterValidator(_key), _pattern(_KEY)]
Count = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
Port = Annotated[int, Strict(), Field(ge=1, le=65_535)]
