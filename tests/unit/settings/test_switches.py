"""What is on or off is true or false in the files, and nothing that only looks like it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from pydantic import Strict

import digest.settings
from digest.settings.connection import Section


def sections(of: type[Section] = Section) -> Iterator[type[Section]]:
    for one in of.__subclasses__():
        yield one
        yield from sections(one)


def test_every_switch_takes_true_and_false_alone() -> None:
    """A word in quotes, such as "off", or a number is named as wrong."""
    for module in iter_modules(digest.settings.__path__, "digest.settings."):
        import_module(module.name)

    switches = {
        f"{section.__name__}.{name}": any(isinstance(one, Strict) for one in field.metadata)
        for section in sections()
        for name, field in section.model_fields.items()
        if field.annotation is bool
    }

    assert len(switches) > 5
    assert [name for name, strict in switches.items() if not strict] == []
