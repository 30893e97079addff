"""Explains to operators what is wrong with a value, in plain words and without showing secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from digest.adapters.config.plain_yaml import Place
from digest.settings.types import duration_text

_LONGEST: Final = 60
_SECRET: Final = re.compile(r"passw|secret|token|credential|api_?key|private_?key", re.IGNORECASE)
_LINE_OF_SECRETS: Final = re.compile(r"\bDIGEST_[A-Z_]+\s*[=:]")
_PASSWORD_IN_URL: Final = re.compile(r"(://[^/@\s]*?:)[^/@\s]*@|(password=)[^&\s]*", re.IGNORECASE)

_Facts = Mapping[str, Any]
_EXPECTED: Final[Mapping[str, Callable[[_Facts], str]]] = {
    "expected": lambda facts: str(facts["words"]),
    "string_type": lambda _: "text; put it into quotes if it looks like a number or a date",
    "int_type": lambda _: "a whole number, without quotes",
    "bool_type": lambda _: "true or false",
    "tuple_type": lambda _: 'a list: lines that begin with "- ", or values in [ ]',
    "model_type": lambda _: "a group of keys, each on its own line and set in",
    "enum": lambda facts: "one of these words: " + str(facts["expected"]).replace("'", ""),
    "greater_than_equal": lambda facts: f"at least {facts['ge']}",
    "less_than_equal": lambda facts: f"at most {facts['le']}",
    "too_short": lambda facts: f"at least {facts['min_length']} in this list",
    "url_type": lambda _: 'a web address in text, such as "https://digest.example.org"',
    "url_parsing": lambda _: 'a web address, such as "https://digest.example.org"',
    "url_scheme": lambda _: 'a web address that begins with "https://"',
    "url_too_long": lambda _: "a shorter web address",
    "path_type": lambda _: "the name of a file",
    "date_type": lambda _: "a day, such as 2025-11-10",
    "date_parsing": lambda _: "a day, such as 2025-11-10",
    "date_from_datetime_parsing": lambda _: "a day, such as 2025-11-10",
    "date_from_datetime_inexact": lambda _: "a day without a time, such as 2025-11-10",
}


def expected_words(error: ErrorDetails, model: type[BaseModel], place: Place) -> str:
    """What was expected at a place, for a validation error of `model`."""
    if error["type"] == "missing":
        description = _description(model, place)
        return f"this key: {description}" if description else "this key"
    words = _EXPECTED.get(error["type"])
    return words(error.get("ctx", {})) if words else "another kind of value"


def shown(given: object) -> str:
    """A value as the operator wrote it, or its kind; short, and without passwords."""
    match given:
        case None:
            return "nothing"
        case bool():
            return str(given).lower()
        case str() if _LINE_OF_SECRETS.search(given):
            return "a secret, not shown here"  # the wrong file, or a line in the wrong one
        case str():
            plain = " ".join(_PASSWORD_IN_URL.sub(_hidden, given).split())
            return f'"{plain}"' if len(plain) <= _LONGEST else f'"{plain[:_LONGEST]}..."'
        case timedelta():
            return duration_text(given)
        case time():
            return f"{given:%H:%M}"
        case int() | float() | date():
            return _as_text(given)
        case Mapping() | BaseModel():
            return "a group of keys"
        case Sequence():
            return "a list"
        case _:
            return "something else"


def _as_text(given: float | date) -> str:
    try:
        return str(given)[:_LONGEST]
    except ValueError:  # as of 0xfff..., which Python does not write out in decimal digits
        return "a very long number"


def _hidden(match: re.Match[str]) -> str:
    return f"{match[1]}***@" if match[1] else f"{match[2]}***"


def looks_secret(key: str) -> bool:
    return bool(_SECRET.search(key))


def known_keys(model: type[BaseModel], group: Sequence[str | int]) -> list[str]:
    """The keys that a group may hold, in the order of the documentation."""
    found = _model_at(model, group)
    return list(found.model_fields) if found else []


def _description(model: type[BaseModel], place: Place) -> str | None:
    *group, key = place
    found = _model_at(model, group)
    field = found.model_fields.get(str(key)) if found else None
    if field is None:
        return None
    text = field.description
    if text is None and isinstance(field.annotation, type):
        text = field.annotation.__doc__  # a section's docstring describes it
    return text.splitlines()[0].rstrip(".") if text else None


def _model_at(model: type[BaseModel], group: Sequence[str | int]) -> type[BaseModel] | None:
    found: type[BaseModel] | None = model
    for step in group:
        if found is None or isinstance(step, int):
            continue  # a position in a list: the list's field already led to its entries
        field = found.model_fields.get(step)
        found = _model_in(field.annotation) if field else None
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model_in(a))), None)
