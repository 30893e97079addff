"""How counts are said to operators. Free of imports, so that every command can use it at no cost."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """A count and its noun: "1 source", "2 sources". `many` is for nouns that do not take an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"
