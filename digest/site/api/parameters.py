"""The parameters of the API: what its description says of each is what each is held to. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from digest.present.tidy import one_line

_LONGEST_NAME: Final = 40  # characters of an unknown name in an answer
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a query or, with `in_path`, a part of the path.

    Of JSON Schema (2020-12) it knows the keywords that `_BOUNDS` names, for one value or an array of values.
    """

    name: str
    about: str
    schema: Mapping[str, Any]
    expects: str  # what stands behind "area is", for who gave something else
    example: Any = None  # None: its schema has a default
    in_path: bool = False

    def described(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "name": self.name,
            "in": "path" if self.in_path else "query",
            "description": self.about,
        }
        found |= {"required": self.in_path, "schema": dict(self.schema)}
        return found if self.example is None else found | {"example": self.example}

    def takes(self, given: Sequence[str]) -> bool:
        """Whether these values, in the order of the query, are what the schema describes."""
        if self.schema["type"] != "array":
            return len(given) == 1 and _fits(given[0], self.schema)
        return len(given) <= self.schema["maxItems"] and all(
            _fits(one, self.schema["items"]) for one in given
        )


def objection(parameters: Iterable[Parameter], given: Sequence[tuple[str, str]]) -> str | None:
    """What is wrong with a query, in sentences that name the parameter; None if nothing is."""
    known = {one.name: one for one in parameters if not one.in_path}
    for name in dict(given):
        if name not in known:
            named = one_line(name[:_LONGEST_NAME])
            return f"There is no parameter “{named}” here. {_those_of(known)}"
    for name, parameter in known.items():
        values = [value for key, value in given if key == name]
        if values and not parameter.takes(values):
            return f"{name} is {parameter.expects}."
    return None


def _those_of(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"Those that this address takes are: {names}." if names else "This address takes none."


def _fits(value: str, schema: Mapping[str, Any]) -> bool:
    return all(_BOUNDS[keyword](value, bound) for keyword, bound in schema.items())


def _is_of_type(value: str, type: str) -> bool:
    return type == "string" or _NUMBER.fullmatch(value) is not None


def _is_of_format(value: str, _: str) -> bool:
    """Whether it is a day as RFC 3339 writes one."""
    try:
        return str(date.fromisoformat(value)) == value  # ISO 8601 also writes days by their week
    except ValueError:
        return False


_BOUNDS: Final[Mapping[str, Callable[[str, Any], bool]]] = {
    "type": _is_of_type,  # comes first in each schema: the bounds of numbers are asked of numbers alone
    "minimum": lambda value, least: int(value) >= least,
    "maximum": lambda value, most: int(value) <= most,
    "minLength": lambda value, least: len(value) >= least,
    "maxLength": lambda value, most: len(value) <= most,
    "pattern": lambda value, pattern: re.search(pattern, value) is not None,
    "enum": lambda value, names: value in names,
    "format": _is_of_format,
    "default": lambda value, usual: True,
}
