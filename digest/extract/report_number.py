"""The number of a report: what its publisher calls it, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_NUMBER: Final = re.compile(
    r"""\b(?: (?:inspection|report)\ (?:number|no\.?|reference|ref\.?|id)
          | (?:reference|ref\.?)\ (?:number|no\.?)
          | isbn(?:-1[03])? )
        \s*(?:is|:|\#|-|–)?\s*
        (?P<number>[A-Z0-9][A-Z0-9/._-]{2,30}(?:\ \d+){0,4})""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST: Final = 400  # characters of a line with a number; more is running text about numbers


def report_number(lines: Iterable[str]) -> str | None:
    """The report's number, in capitals and without spaces; None if the lines give none, or several."""
    given = {
        match["number"].rstrip("./-_").replace(" ", "").upper()
        for line in lines
        if len(line) <= _LONGEST
        for match in _NUMBER.finditer(line)
    }
    numbers = {one for one in given if any(c.isdigit() for c in one)}
    return numbers.pop() if len(numbers) == 1 else None
