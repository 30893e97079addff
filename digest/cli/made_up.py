"""Made-up names of providers, for benches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, product
from typing import Final

STARTS: Final = (
    "Ash", "Birch", "Brook", "Clay", "Elm", "Fern", "Hazel", "Heather", "Holly", "Kings",
    "Lang", "Mill", "North", "Oak", "Queens", "Raven", "South", "Stone", "Thorn", "Wood",
)  # fmt: skip
ENDS: Final = (
    "bourne", "bury", "combe", "dale", "field", "ford", "ham", "ley",
    "mere", "mouth", "port", "ridge", "stead", "ton", "wick", "worth",
)  # fmt: skip
_SAINTS: Final = ("", "Holy Trinity ", "St Anne's ", "St John's ", "St Mary's ", "The ", "New ", "Old ")
_SORTS: Final = (
    ("ofsted", "school", "Primary School"),
    ("ofsted", "academy", "Academy"),
    ("ofsted", "college", "Sixth Form College"),
    ("ofsted", "school", "Church of England Junior School"),
    ("cqc", "care home", "Care Home"),
    ("cqc", "care home", "Nursing Home"),
    ("cqc", "practice", "Medical Centre"),
    ("cqc", "hospital", "Hospital"),
)


def made_up_names() -> Iterator[tuple[str, str, str]]:
    """Endless names like those of schools and homes, all different, each with inspectorate and kind."""
    for round_ in count():
        place = f" {chr(65 + round_ % 26)}{'abcdefghij'[round_ // 26 % 10]}rough" if round_ else ""
        for saint, start, end, (inspectorate, kind, sort) in product(_SAINTS, STARTS, ENDS, _SORTS):
            yield f"{saint}{start}{end}{place} {sort}", inspectorate, kind
