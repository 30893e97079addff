"""Naming: how probation and youth justice services are called, by the types that the register tells apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_POINTS: Final = frozenset({"north", "south", "east", "west"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How providers of one type are called: `{}` is the bare name, without the type around it."""

    kind: str
    leading: str = ""
    ending: str
    names: tuple[str, ...]  # the name, then its aliases


FORMS: Final[Mapping[str, Form]] = {
    "CRC": Form(
        kind="CRC",
        ending=" CRC",
        names=("{} CRC", "{} Community Rehabilitation Company", "{} Community Rehabilitation Company (CRC)"),
    ),
    "NPS division": Form(
        kind="NPS division",
        leading="NPS ",
        ending=" division",
        names=(
            "NPS {} division",
            "NPS {}",
            "{} NPS",
            "{} division of the NPS",
            "{} division of the National Probation Service",
            "National Probation Service {}",
            "National Probation Service {} division",
        ),
    ),
    "PDU": Form(
        kind="PDU",
        ending=" PDU",
        names=(
            "{} PDU",
            "{} Probation Delivery Unit",
            "{} Probation Delivery Unit (PDU)",
            "{} Probation Service",
            "{} probation",
        ),
    ),
    "YOT/YJS": Form(
        kind="YJS",
        ending=" YJS",
        names=(
            "{} Youth Justice Service",
            "{} Youth Justice Service (YJS)",
            "{} YJS",
            "{} Youth Justice Team",
            "{} Youth Offending Service",
            "{} Youth Offending Service (YOS)",
            "{} YOS",
            "{} Youth Offending Team",
            "{} Youth Offending Team (YOT)",
            "{} YOT",
        ),
    ),
    "region": Form(
        kind="region",
        ending=" region",
        names=(
            "{} region",
            "{} region (Probation Service)",
            "{} probation region",
            "{} Probation Service",
            "Probation Service {} region",
        ),
    ),
}
"""By the register's `provider_type`."""


def names_of(form: Form, bare: str) -> list[str]:
    """The name, then the others that reports and papers use; a pair of places goes by either order."""
    spellings = [bare]
    first, _, second = bare.partition(" and ")
    # "North and North East Lincolnshire" has no other order: "North" is no place by itself.
    if second and "," not in bare and " and " not in second and first.casefold() not in _POINTS:
        spellings.append(f"{second} and {first}")
    return [shape.format(spelling) for spelling in spellings for shape in form.names]
