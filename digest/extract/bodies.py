"""The kinds of bodies that are inspected, and how English names one of them.

A table: another inspectorate's bodies are further rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One kind of inspected body."""

    kind: str
    inspectorate: str  # the key of the one that inspects it
    names: tuple[str, ...]  # written out, singular
    short: tuple[str, ...] = ()  # initials, written in capitals
    form: str  # a tidy name, from the area it serves
    loose: bool = False  # the words are everyday English too: a name only where nothing better stands


_PROBATION: Final = "hmi-probation"

BODIES: Final = (
    Body(
        kind="CRC",
        inspectorate=_PROBATION,
        names=("Community Rehabilitation Company",),
        short=("CRC",),
        form="{area} CRC",
    ),
    Body(
        kind="PDU",
        inspectorate=_PROBATION,
        names=("Probation Delivery Unit", "Probation Unit"),
        short=("PDU",),
        form="{area} PDU",
    ),
    Body(
        kind="YJS",
        inspectorate=_PROBATION,
        names=(
            "Youth Justice Service",
            "Youth Justice and Early Intervention Service",
            "Youth Justice and Early Help Service",
            "Youth Justice and Prevention Service",
            "Youth Justice and Support Service",
            "Youth Support Service",
        ),
        short=("YJS",),
        form="{area} Youth Justice Service",
    ),
    Body(
        kind="YOS",
        inspectorate=_PROBATION,
        names=("Youth Offending Service",),
        short=("YOS",),
        form="{area} Youth Offending Service",
    ),
    Body(
        kind="YOT",
        inspectorate=_PROBATION,
        names=("Youth Offending Team", "Youth Justice Team"),
        short=("YOT", "YJT"),
        form="{area} Youth Offending Team",
    ),
    Body(
        kind="YJP",
        inspectorate=_PROBATION,
        names=("Youth Justice Partnership", "Youth Offending Partnership"),
        form="{area} Youth Justice Partnership",
    ),
    Body(kind="trust", inspectorate=_PROBATION, names=("Probation Trust",), form="{area} Probation Trust"),
    Body(
        kind="division",
        inspectorate=_PROBATION,
        names=(
            "division of the National Probation Service",
            "division of the NPS",
            "NPS division",
            "division",
        ),
        form="NPS {area} division",
    ),
    Body(
        kind="NPS",
        inspectorate=_PROBATION,
        names=("National Probation Service", "NPS"),
        short=("NPS",),
        form="NPS {area}",
    ),
    Body(
        kind="region",
        inspectorate=_PROBATION,
        names=(
            "region of the Probation Service",
            "region of Probation Service",
            "region of the service",
            "Probation Service region",
            "probation region",
            "region",
        ),
        form="{area} region",
        loose=True,
    ),
    Body(
        kind="area",
        inspectorate=_PROBATION,
        names=(
            "Probation Service",
            "probation services",
            "probation provider",
            "probation work",
            "probation",
        ),
        form="{area} Probation Service",
        loose=True,
    ),
)
