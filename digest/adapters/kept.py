"""What is the same for call after call: a worker process is given it once, and then told which one is meant.

A hundred thousand providers take longer to send than a page takes to read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from digest.errors import DigestError
from digest.providers import Register
from digest.ratings import Inspectorates

_LASTING: Final = (Inspectorates, Register)
_MOST: Final = 3  # the latest used of either end: what a change has replaced is let go

_numbers: Final = count(1)  # all workers of a program share their processes
_sent: Final[dict[int, tuple[int, object]]] = {}  # here: by the object's place in memory, which it keeps
_kept: Final[dict[int, object]] = {}  # in a worker: by number


class NotKeptError(DigestError):
    """The process was never given what is meant, or has let it go: it is to be sent."""


@dataclass(frozen=True, slots=True)
class _Meant:
    """Stands for an argument."""

    number: int
    value: object = None  # None: the process should have it


def shortened(
    args: Sequence[object], kwargs: Mapping[str, object], *, whole: bool
) -> tuple[tuple[object, ...], dict[str, object]]:
    """The arguments with what lasts named by its number; `whole`: and with the thing itself."""
    return (
        tuple(_named(value, whole=whole) for value in args),
        {key: _named(value, whole=whole) for key, value in kwargs.items()},
    )


def _named(value: object, *, whole: bool) -> object:
    if not isinstance(value, _LASTING):
        return value
    number = _sent.pop(id(value))[0] if id(value) in _sent else next(_numbers)
    _sent[id(value)] = number, value
    _let_go(_sent)
    return _Meant(number, value if whole else None)


def called(function: Callable[..., Any], args: Sequence[object], kwargs: Mapping[str, object]) -> Any:
    """Runs in the worker: the function's result; `NotKeptError` where an argument is to be sent whole."""
    return function(*map(_meant, args), **{key: _meant(value) for key, value in kwargs.items()})


def _meant(value: object) -> object:
    if not isinstance(value, _Meant):
        return value
    found = _kept.pop(value.number, None) if value.value is None else value.value
    if found is None:
        raise NotKeptError
    _kept[value.number] = found
    _let_go(_kept)
    return found


def _let_go(held: dict[int, Any]) -> None:
    while len(held) > _MOST:
        del held[next(iter(held))]
