"""Made once: what is worked out from a scale, an inspectorate or its bodies, and found again for the next page.

To hash an inspectorate is to go through all its words; to see that it is the one from before costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Final, TypeVar

K = TypeVar("K", bound=Hashable)
Asked = TypeVar("Asked")
V = TypeVar("V")

_MOST: Final = 64


def made_once(make: Callable[[K], V]) -> Callable[[K], V]:
    """A function that remembers its results by the object given, and by its value where it is another object."""
    by_value = lru_cache(maxsize=_MOST)(make)
    by_object: dict[int, tuple[K, V]] = {}  # an object that is kept here keeps its number

    @wraps(make)
    def of(key: K) -> V:
        found = by_object.get(id(key))
        if found is not None:
            return found[1]
        if len(by_object) >= _MOST:
            by_object.clear()
        result = by_value(key)
        by_object[id(key)] = key, result
        return result

    return of


def remembered(ask: Callable[[Asked], V]) -> Callable[[Asked], V]:
    """A method without arguments whose answer its object keeps: what is asked of it does not change."""
    name = f"_{ask.__name__}_"

    @wraps(ask)
    def of(self: Asked) -> V:
        known: dict[str, V] = self.__dict__
        if name not in known:
            known[name] = ask(self)
        return known[name]

    return of
