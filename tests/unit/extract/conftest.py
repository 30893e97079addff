"""HM Inspectorate of Probation's scale as a value, and pages to read by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from digest.errors import ParseError
from digest.extract import read
from digest.items import Page
from digest.providers import Register
from digest.ratings import Aspect, Grade, Inspectorate, Inspectorates, Scale
from digest.reports import Reading

_ORGANISATION = "organisational delivery"
_CASES = "case supervision"
_COURT = "court disposals"
_OUT_OF_COURT = "out-of-court disposals"

SCALE = Scale(
    key="hmi-probation-4",
    grades=(
        Grade(name="outstanding", rank=1, aliases=("excellent",)),
        Grade(name="good", rank=2),
        Grade(name="requires improvement", rank=3),
        Grade(name="inadequate", rank=4, aliases=("poor",)),
    ),
    aspects=(
        Aspect(name="organisational delivery", domain=_ORGANISATION),
        Aspect(
            name="leadership",
            aliases=("governance and leadership", "leadership and governance"),
            domain=_ORGANISATION,
        ),
        Aspect(name="leadership and staffing", domain=_ORGANISATION),
        Aspect(name="staffing", aliases=("staff",), domain=_ORGANISATION),
        Aspect(
            name="services",
            aliases=("partnerships and services", "services to children", "provision of services"),
            domain=_ORGANISATION,
        ),
        Aspect(name="partners", aliases=("partnerships",), domain=_ORGANISATION),
        Aspect(name="information and facilities", domain=_ORGANISATION),
        Aspect(name="case supervision", aliases=("casework",), domain=_CASES),
        Aspect(name="sentence management"),
        Aspect(name="assessment", aliases=("assessing",), domain=_CASES),
        Aspect(name="planning", domain=_CASES),
        Aspect(
            name="implementation and delivery",
            aliases=("implementation", "delivery and implementation"),
            domain=_CASES,
        ),
        Aspect(name="reviewing", aliases=("review", "reviews"), domain=_CASES),
        Aspect(name="court disposals", aliases=("post-court work", "post-court supervision"), domain=_COURT),
        *(
            Aspect(name=f"court disposals: {part}", domain=_COURT)
            for part in ("assessment", "planning", "implementation and delivery", "reviewing")
        ),
        Aspect(
            name="out-of-court disposals",
            aliases=("out-of-court work", "out-of-court disposal work", "out-of-court"),
            domain=_OUT_OF_COURT,
        ),
        *(
            Aspect(name=f"out-of-court disposals: {part}", domain=_OUT_OF_COURT)
            for part in ("assessment", "planning", "implementation and delivery")
        ),
        Aspect(name="out-of-court disposal policy and provision", domain=_OUT_OF_COURT),
        Aspect(name="unpaid work"),
        Aspect(
            name="through the gate",
            aliases=("resettlement", "resettlement policy and provision", "help for people leaving prison"),
        ),
        Aspect(name="statutory victim work", aliases=("victim work", "work with victims")),
        Aspect(name="court work", aliases=("court reports", "court reports and case allocation")),
    ),
    valid_from=date(2018, 4, 1),
)

PROBATION = Inspectorate(
    key="hmi-probation",
    name="HM Inspectorate of Probation",
    aliases=(
        "HMI Probation",
        "HMIP Probation",
        "Her Majesty's Inspectorate of Probation",
        "His Majesty's Inspectorate of Probation",
        "Probation Inspectorate",
        "probation inspectors",
        "Chief Inspector of Probation",
        "probation watchdog",
        "hmiprobation",
    ),
    scales=(SCALE,),
)


@pytest.fixture(scope="session")
def inspectorates() -> Inspectorates:
    return Inspectorates(all=(PROBATION,))


@pytest.fixture(scope="session")
def reading(inspectorates: Inspectorates) -> Callable[..., Reading]:
    """Reads a text or HTML as if it had been fetched."""

    def of(
        text: str, *, url: str = "https://example.org/report", content_type: str = "text/plain"
    ) -> Reading:
        page = Page(
            url=url,
            body=text.encode(),
            content_type=f"{content_type}; charset=utf-8",
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        return read(page, inspectorates=inspectorates, register=Register())

    return of


@pytest.fixture(scope="session")
def reading_of_bytes(inspectorates: Inspectorates) -> Callable[[bytes, str], Reading | None]:
    """Reads any bytes; None where they are refused as no page."""

    def of(body: bytes, content_type: str) -> Reading | None:
        page = Page(
            url="https://example.org/",
            body=body,
            content_type=content_type or None,
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        try:
            return read(page, inspectorates=inspectorates, register=Register())
        except ParseError:
            return None

    return of
