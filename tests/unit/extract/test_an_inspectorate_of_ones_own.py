"""An operator adds an inspectorate by one file, and its reports are read: no program changes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.adapters.config.files import load
from digest.adapters.config.packaged import copy_config
from digest.extract import as_contract, read
from digest.items import Page
from digest.providers import Register

FILE = """\
key: lighthouses
name: Lighthouse Inspectorate
aliases: [LHI]
statuses: [dark watch]
scales:
  - key: lhi-3
    grades:
      - { name: shining }
      - { name: steady, aliases: [sound] }
      - { name: dim }
    aspects:
      - { name: lamp }
      - { name: keepers, aliases: [crew] }
bodies:
  - { kind: lighthouse, names: [Light, Lighthouse], capitals: true, of_area: false }
"""


@pytest.fixture
def inspectorates(tmp_path: Path):
    copy_config(tmp_path)
    (tmp_path / "scales" / "lighthouses.yaml").write_text(FILE, encoding="utf-8")
    return load(tmp_path).inspectorates


def told(inspectorates, text: str) -> dict:
    page = Page(
        url="https://lights.example/1",
        body=text.encode(),
        content_type="text/plain; charset=utf-8",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return as_contract(read(page, inspectorates=inspectorates, register=Register()))


def test_its_reports_are_read(inspectorates):
    text = (
        "Souter Lighthouse shines again\n\nThe Lighthouse Inspectorate has rated Souter Lighthouse ‘shining’ "
        "overall, up from ‘dim’ two years ago. Its lamp was rated ‘sound’.\n"
    )

    found = told(inspectorates, text)
    (report,) = found["reports"]
    assert (found["inspectorate"], report["scale"], report["provider"]) == (
        "lighthouses",
        "lhi-3",
        "Souter Lighthouse",
    )
    assert (report["overall"], report["previous"], report["direction"]) == ("shining", "dim", "upgrade")
    assert [(j["aspect"], j["grade"]) for j in report["judgements"]] == [("lamp", "steady")]


def test_the_other_inspectorates_are_read_as_before(inspectorates):
    found = told(inspectorates, "Kent PDU\n\nHMI Probation has rated Kent PDU ‘Good’ overall.\n")

    assert (found["inspectorate"], found["reports"][0]["overall"]) == ("hmi-probation", "good")
