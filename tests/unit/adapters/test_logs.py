"""Log lines: for people and for machines, and never with an address in clear."""

from __future__ import annotations

import errno
import json
import logging
import sqlite3
from dataclasses import dataclass, field

import pytest

from digest.adapters.logs import Fields, JsonLines, Throttle
from digest.errors import LeaseLost, StoreUnavailable


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


@dataclass
class Night:
    """A log of which somebody counts the lines, and a clock that the test moves."""

    seconds: float = 0.0
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.throttle = Throttle(lambda: self.seconds)

    def log(self, *records: logging.LogRecord) -> None:
        for record in records:
            self.lines += [Fields().format(one).partition(" ")[2] for one in self.throttle.passed(record)]

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.lines += [Fields().format(one).partition(" ")[2] for one in self.throttle.settled()]


@pytest.fixture
def night() -> Night:
    return Night()


def away(event: str = "a stage failed") -> logging.LogRecord:
    """What any of our stages logs while the database is away."""
    error = StoreUnavailable("postgresql://digest:***@db/digest cannot be read")
    error.__cause__ = sqlite3.OperationalError("connection refused\nIs the server running?")
    return a_record(event, error=error, stage=event)


def library(text: str = "error connecting in 'pool-1': refused\n\tIs it running?") -> logging.LogRecord:
    return logging.LogRecord("psycopg.pool", logging.WARNING, __file__, 1, text, (), None)


def test_a_database_that_is_away_is_one_line_a_minute_for_all_loggers(night: Night):
    for n in range(1_700):
        night.log(away(f"stage {n % 7} failed"), library(), a_record("not ready", why="refused"))
        night.seconds += 0.1

    assert len(night.lines) == 3
    assert night.lines[0] == (
        'warning stage 0 failed stage="stage 0 failed" trouble=database why="connection refused"'
    )
    assert "more=1799" in night.lines[1]
    assert "Traceback" not in "".join(night.lines)


def test_a_trouble_that_is_over_is_one_line_with_the_count(night: Night):
    night.log(away(), away(), away())
    night.wait(89)
    assert len(night.lines) == 1
    night.wait(1)
    night.wait(600)

    assert night.lines[1:] == ["info trouble is over trouble=database more=2 seconds=0"]


def test_what_says_that_the_database_is_back_says_how_much_was_left_out(night: Night):
    night.log(away(), library(), away(), a_record("the database takes writes again", since="noon"))
    night.wait(600)

    assert night.lines[1:] == ["warning the database takes writes again since=noon more=2"]


def test_each_relay_is_a_trouble_of_its_own_until_it_is_back(night: Night):
    for _ in range(10):
        for relay in ("a.example", "b.example"):
            night.log(a_record("relay cannot be reached", relay=relay, port=25, code=None))
    night.log(a_record("the relay is back", relay="a.example", port=25))

    assert [line.split(" relay=")[1] for line in night.lines] == [
        'a.example port=25 code=None trouble="relay a.example:25"',
        'b.example port=25 code=None trouble="relay b.example:25"',
        "a.example port=25 more=9",
    ]


def test_messages_that_wait_for_a_relay_are_one_trouble_and_others_are_all_told(night: Night):
    for n in range(50):
        night.log(a_letter(n, "deferred", None), a_record("delivery %s", "deferred", subscriber=n, code=None))
    night.log(a_letter(50, "deferred", 450), a_letter(51, "skipped", None), a_letter(52, "accepted", 250))
    night.log(a_record("the relay is back", relay="a.example", port=25))

    assert len(night.lines) == 5
    assert "letter=0" in night.lines[0]
    assert "more=99" in night.lines[-1]


def a_letter(number: int, state: str, code: int | None) -> logging.LogRecord:
    record = a_record("letter", letter=number, state=state, code=code)
    record.levelno, record.levelname = logging.INFO, "INFO"
    return record


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), sqlite3.OperationalError("database or disk is full")],
)
def test_a_full_disk_is_one_trouble_for_journal_and_database(night: Night, error: Exception):
    night.log(a_record("the ledger cannot be written", error=error), a_record("job failed", error=error))

    (line,) = night.lines
    assert "trouble=disk" in line


def test_different_troubles_are_all_told_with_their_trace(night: Night):
    for n in range(3):
        night.log(a_record("source failed", error=ValueError("no such thing"), source=n))
    night.log(a_record("lease lost", error=LeaseLost("7"), batch=7))
    night.log(a_record("received mail waits for you", why="a person's words", fingerprint="a"))
    night.log(a_record("received mail waits for you", why="a person's words", fingerprint="b"))

    assert len(night.lines) == 6
    assert "ValueError: no such thing" in night.lines[0]


def test_a_line_that_repeats_itself_is_told_once_a_minute(night: Night):
    for _ in range(200):
        night.log(a_record("source failed", error=ValueError("no such thing"), source="a"))
        night.seconds += 1

    assert len(night.lines) == 4
    assert "more=59" in night.lines[-1]


def test_what_is_left_out_at_the_end_is_counted(night: Night):
    night.log(away(), away())

    (last,) = night.throttle.settled(closing=True)
    assert Fields().format(last).endswith("trouble goes on at the end trouble=database more=1 seconds=0")


def test_the_throttle_remembers_little(night: Night):
    for n in range(5_000):
        night.log(a_record("source failed", source=n))

    assert len(night.lines) == 5_000
    assert len(night.throttle._ongoing) == 1_000
