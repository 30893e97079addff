"""An operator's list of people, as CSV, to newcomers; and people to such a list.

The separator is decided by the first line, never guessed from the rows; nothing of a bad row is taken, and
every bad row is named.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from digest.addresses import mask, problem_with, same_key
from digest.characters import unguarded
from digest.errors import Problem
from digest.schedule import Weekday
from digest.subscriptions import Newcomer, Standing, Subscription, Wishes

_LISTS: Final = ("inspectorates", "areas", "kinds", "providers", "watched")
_SWITCHES: Final = ("movements_only", "commentary", "alerts", "proof_of_life", "brief")
_SAID: Final = ("standing", "since")  # what our own export says besides
_DAY: Final = "weekly"  # the day of a weekly edition; empty: every day
COLUMNS: Final = ("address", *_SAID, *_LISTS, *_SWITCHES, _DAY)

_ADDRESS: Final = frozenset({"address", "email", "e_mail", "mail", "email_address", "e_mail_address"})
_YES: Final = frozenset({"yes", "true", "1", "on", "y", "x"})
_NO: Final = frozenset({"no", "false", "0", "off", "n"})
_BETWEEN: Final = "|"  # several things in one cell
_PART: Final = re.compile(r"(?:\\[\\|]|[^|])+")  # one of them; a backslash comes before its own "|" and "\\"
_ESCAPED: Final = re.compile(r"\\([\\|])")
_SEPARATORS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What wishes may name."""

    inspectorates: Collection[str]  # keys
    kinds: Collection[str]
    provider: Callable[[str], str | None]  # the id of a provider, by its name or its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    line: int  # of the file, the first one is 1
    newcomer: Newcomer


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What a file says."""

    rows: tuple[Row, ...]  # each mailbox once
    bad: tuple[Problem, ...]
    again: tuple[tuple[int, int], ...]  # lines that name a mailbox again, and the line that named it first


class _Unfit(Exception):
    """One row, or the whole file, cannot be taken."""

    def __init__(self, key: str, found: str, expected: str) -> None:
        super().__init__(key)
        self.key, self.found, self.expected = key, found, expected


def read_people(content: bytes, file: str, names: Names) -> People:
    """The people of a CSV file with a column `address`, or of one address a line."""
    rows: dict[str, Row] = {}
    bad: list[Problem] = []
    again: list[tuple[int, int]] = []

    def complain(line: int | None, unfit: _Unfit) -> None:
        problem = Problem(file=file, line=line, key=unfit.key, found=unfit.found, expected=unfit.expected)
        bad.append(problem)

    try:
        columns, cells = _table(_text(content))
    except _Unfit as unfit:
        complain(1, unfit)
        return People(rows=(), bad=tuple(bad), again=())
    for line, row in cells:
        try:
            if isinstance(row, _Unfit):
                raise row
            newcomer = _newcomer(columns, row, names)
        except _Unfit as unfit:
            complain(line, unfit)
            continue
        first = rows.setdefault(same_key(newcomer.address), Row(line=line, newcomer=newcomer))
        if first.line != line:
            again.append((line, first.line))
    return People(rows=tuple(rows.values()), bad=tuple(bad), again=tuple(again))


# -- the table ------------------------------------------------------------------------------------------


def _text(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"bytes that are not text, the first after {error.start} others"
        raise _Unfit("", found, "a CSV file in UTF-8") from None


def _table(text: str) -> tuple[Sequence[str], Iterator[tuple[int, list[str] | _Unfit]]]:
    """The columns by their names, and the rows with their lines, blank ones left out."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    rows = _rows(text, separator)
    _, header = next(rows, (1, []))
    if isinstance(header, _Unfit):
        raise header
    if len(header) == 1 and "@" in header[0]:  # no header: one address a line
        return ("address",), _rows(text, separator)
    columns = [_column(cell) for cell in header]
    for name in columns:
        if name not in COLUMNS:
            close = get_close_matches(name, COLUMNS, n=1)
            expected = f"{close[0]} (did you mean that?)" if close else f"one of {', '.join(COLUMNS)}"
            raise _Unfit(name, "an unknown column", expected)
        if columns.count(name) > 1:
            raise _Unfit(name, "two columns of that name", "each column once")
    if "address" not in columns:
        raise _Unfit(
            "", "no column of addresses", 'a first line that names the columns, "address" among them'
        )
    return columns, rows


def _column(cell: str) -> str:
    name = "_".join(cell.strip().casefold().replace("-", " ").replace("_", " ").split())
    return "address" if name in _ADDRESS else name


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str] | _Unfit]]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            expected = "quotes only around a whole cell; what follows was not read"
            yield line, _Unfit("", f"a row that cannot be read ({error})", expected)
            return
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield line, row


# -- one row --------------------------------------------------------------------------------------------


def _newcomer(columns: Sequence[str], row: Sequence[str], names: Names) -> Newcomer:
    if len(row) != len(columns):
        raise _Unfit("", f"{len(row)} cells", f"{len(columns)}, as many as the first line names")
    cells = {column: unguarded(cell.strip()) for column, cell in zip(columns, row, strict=True)}
    address = cells["address"]
    wrong = problem_with(address)
    if wrong:
        raise _Unfit("address", _shown(address), f"an email address: {wrong}")
    standing = cells.get("standing", "").casefold()
    if standing not in {"", Standing.ACTIVE}:
        expected = "active, or nothing: people with any other standing have not agreed"
        raise _Unfit("standing", f'"{standing[:40]}"', expected)
    return Newcomer(address=address, wishes=_wishes(cells, names))


def _shown(address: str) -> str:
    """A bad address, masked as a good one would be."""
    if not address:
        return "nothing"
    return mask(address) if "@" in address else f'"{address[:1]}…"'


def _wishes(cells: Mapping[str, str], names: Names) -> Wishes:
    given: dict[str, Any] = {}
    for column in _LISTS:
        listed = _parts(cells.get(column, ""))
        if listed:
            given[column] = tuple(_named(column, name, names) for name in listed)
    for column in _SWITCHES:
        word = cells.get(column, "").casefold()
        if word in _YES or word in _NO:
            given[column] = word in _YES
        elif word:
            raise _Unfit(column, f'"{word[:40]}"', "yes or no, or nothing for what is usual")
    if day := cells.get(_DAY, "").casefold():
        if day not in list(Weekday):
            raise _Unfit(_DAY, f'"{day[:40]}"', f"one of {', '.join(Weekday)}, or nothing for every day")
        given[_DAY] = Weekday(day)
    return Wishes(**given)


def _parts(cell: str) -> list[str]:
    """The things in a cell that `_joined` wrote, or a person."""
    return [_ESCAPED.sub(r"\1", part.strip()) for part in _PART.findall(cell) if part.strip()]


def _joined(listed: Iterable[str]) -> str:
    return _BETWEEN.join(re.sub(r"[\\|]", r"\\\g<0>", one) for one in listed)


def _named(column: str, name: str, names: Names) -> str:
    """What a wish names, as wishes hold it."""
    known: str | None = name
    expected = ""
    match column:
        case "inspectorates":
            known = name if name in names.inspectorates else None
            expected = f"one of {', '.join(sorted(names.inspectorates))}"
        case "kinds":
            folded = {kind.casefold(): kind for kind in names.kinds}
            known = folded.get(name.casefold())
            expected = f"one of {', '.join(sorted(names.kinds))}"
        case "providers" | "watched":
            known = names.provider(name)
            expected = "a provider that the register knows, by its name"
    if known is None:
        raise _Unfit(column, f'"{name[:80]}"', expected)
    return known


# -- writing --------------------------------------------------------------------------------------------


def written(subscription: Subscription, provider: Callable[[str], str]) -> dict[str, str]:
    """A subscription as a row of such a list; `provider` gives a provider's name by its id."""
    wishes = subscription.wishes
    row = {
        "address": subscription.address,
        "standing": str(subscription.standing),
        "since": subscription.since.isoformat(),
    }
    for column in _LISTS:
        listed = getattr(wishes, column)
        named = [provider(id) for id in listed] if column in {"providers", "watched"} else listed
        row[column] = _joined(named)
    for column in _SWITCHES:
        row[column] = "yes" if getattr(wishes, column) else "no"
    row[_DAY] = wishes.weekly or ""
    return row
