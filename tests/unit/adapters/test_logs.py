"""Log lines: for people and for machines, and never with an address in clear."""

from __future__ import annotations

import json
import logging

import pytest

from digest.adapters.logs import Fields, JsonLines


def a_record(
    event: str, /, *arguments: object, error: Exception | None = None, **fields: object
) -> logging.LogRecord:
    exc_info = (type(error), error, None) if error else None
    record = logging.LogRecord("digest.jobs", logging.WARNING, __file__, 1, event, arguments, exc_info)
    vars(record).update(fields)
    return record


def test_an_event_is_one_object_with_its_fields():
    line = JsonLines().format(a_record("took %s over", "batch", batch=3, edition="2026-03-03", code=None))

    said = json.loads(line)
    assert "\n" not in line
    assert said.pop("time").endswith("+00:00")
    assert said == {
        "level": "warning",
        "logger": "digest.jobs",
        "event": "took batch over",
        "batch": 3,
        "edition": "2026-03-03",
        "code": None,
    }


def test_a_trace_is_on_the_same_line():
    line = JsonLines().format(a_record("job failed", error=ValueError("no such thing")))

    assert "\n" not in line
    assert json.loads(line)["trace"].endswith("ValueError: no such thing")


def test_a_field_cannot_pass_itself_off_as_the_event():
    said = json.loads(JsonLines().format(a_record("real", event="played", time="never")))

    assert said["event"] == "real"
    assert said["time"] != "never"


@pytest.mark.parametrize("formatter", [Fields(), JsonLines()])
@pytest.mark.parametrize(
    "address",
    ["ada.lovelace@example.org", '"ada lovelace"@example.org', "ädä@example.org", "ada+x@localhost"],
)
def test_an_address_is_masked_wherever_it_stands(formatter: logging.Formatter, address: str):
    error = ValueError(f"550 5.1.1 <{address}>: no such user")

    line = formatter.format(a_record(f"refused: {address}", error=error, to=address, said=f"({address})"))

    assert address not in line
    assert "lovelace" not in line
    assert "@example.org" in line or "@localhost" in line


def test_a_databases_password_is_no_better_than_an_address():
    line = Fields().format(a_record("no way to postgresql://digest:hunter2@db.example.org/digest"))

    assert "hunter2" not in line
