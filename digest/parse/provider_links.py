"""Files of links between providers, such as the one of Get Information about Schools (GIAS)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from digest.parse.tables import Column, Layout, read_table
from digest.providers import Link, Linked
from digest.records import register_id

_LAYOUT: Final = Layout(
    columns=(
        Column(name="one", headings=("URN",)),
        Column(name="other", headings=("LinkURN", "Link URN")),
        Column(name="type", headings=("LinkType", "Link type")),
    )
)
_LOOK: Final = 2_000  # bytes in which the headings stand
_SEVERAL: Final = ("merge", "amalgamat")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksFile:
    """What a file of links says."""

    links: tuple[Linked, ...]
    other: int  # rows on something else, such as a shared sixth form


def is_of_links(body: bytes) -> bool:
    """Whether a file begins like one of links."""
    return b"LinkURN" in body[:_LOOK].replace(b" ", b"")


def read_links(body: bytes, *, inspectorate: str, file: str) -> LinksFile:
    """The links of a file, each once. `TableError` if a column is missing.

    A provider with several predecessors was merged from them, whatever its rows say.
    """
    table = read_table(body, _LAYOUT, file=file)
    found: dict[tuple[str, str], Link] = {}
    other = 0
    for row in table.rows:
        values = {name: row.cells[at[0]].strip() for name, at in table.places.items()}
        pair = _pair(values, inspectorate)
        if pair is None:
            other += 1
        elif found.get(pair) is not Link.MERGED:
            several = any(word in values["type"].lower() for word in _SEVERAL)
            found[pair] = Link.MERGED if several else Link.SUCCESSOR
    return LinksFile(links=tuple(_linked(found)), other=other)


def _pair(values: dict[str, str], inspectorate: str) -> tuple[str, str] | None:
    """The ids of the later and the earlier provider; None if the row says nothing of that."""
    one, other, kind = values["one"], values["other"], values["type"].lower()
    if not (one and other) or one == other:
        return None
    ids = register_id(inspectorate, one), register_id(inspectorate, other)
    if kind.startswith("predecessor"):
        return ids
    return (ids[1], ids[0]) if kind.startswith("successor") else None


def _linked(found: dict[tuple[str, str], Link]) -> Iterator[Linked]:
    several = Counter(later for later, _ in found)
    for (later, earlier), link in found.items():
        merged = link is Link.MERGED or several[later] > 1
        yield Linked(provider=later, predecessor=earlier, link=Link.MERGED if merged else Link.SUCCESSOR)
