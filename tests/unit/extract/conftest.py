"""Pages to read by the packaged scales."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from laws.texts import read_once_in

from digest.adapters.config.files import load
from digest.adapters.config.packaged import packaged
from digest.errors import ParseError
from digest.extract import read
from digest.items import Page
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.reports import Reading, Report


@pytest.fixture(scope="session", autouse=True)
def labelled_texts_are_read_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """By one of the processes that share this run's folder."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        read_once_in(tmp_path_factory.getbasetemp().parent)


@pytest.fixture(scope="session")
def inspectorates() -> Inspectorates:
    """The packaged files'."""
    return load(packaged("config")).inspectorates


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
def a_release(reading: Callable[..., Reading]) -> Callable[[str, str, int, str, str], Report]:
    """Reads what an inspectorate says of its one report, in a release of a year at an address of its own."""

    def of(name: str, judge: str, year: int, url: str, sentence: str) -> Report:
        text = f"{name}\n\nPublished: 3 May {year}\n\n{judge} has published a report on {name}. {sentence}\n"
        (report,) = reading(text, url=url).reports
        return report

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
