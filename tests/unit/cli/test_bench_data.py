"""`digest bench data` measures both ways in which a large file comes in."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from digest.cli.main import app


@pytest.mark.slow
def test_a_file_is_measured_as_it_is_loaded_and_as_it_is_polled() -> None:
    result = CliRunner().invoke(app, ["bench", "data", "--rows", "200", "--json"])

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert list(found["loaded"]) == ["first", "month"]
    assert list(found["polled"]) == ["first", "unchanged", "month"]
    for cost in (*found["loaded"].values(), *found["polled"].values()):
        assert min(cost["all_mb"], cost["main_mb"]) > 0
