"""What a process may take at most, added up, fits what its unit and its container allow."""

from __future__ import annotations

import inspect
import re

import pytest
from deploy_files import read, unit, yaml

from digest.adapters.forked import MEMORY
from digest.adapters.lmtp import BUFFER, CONNECTIONS
from digest.adapters.workers import ProcessWorkers
from digest.inbound.entity import LOOKED_AT
from digest.jobs.rooms import ROOMS, SLOW_ROOMS
from digest.ports import MAIL_KEPT
from digest.settings.sending import DkimSettings
from digest.settings.sources import FetchSettings
from digest.site import kept
from digest.web.server import WebLimits

MIB = 1024 * 1024
BASE = 130
"""Mebibytes of a process that has started and does nothing: 124 were measured."""
NOON = 40
"""Mebibytes more in a noon run, whatever the number of subscribers: 20 were measured."""
PAGE_BUFFERS = 256 * 1024
"""Octets of one web connection: of h11, of the body that is not read yet, of what is written."""
THREADS = 40
"""Of Python's pool (32 at most), of SQLite's connections (15), seldom all; workers have two each."""
FILES = 150
"""Open files of a process beside its connections: logs, journal, database, relays, feeds."""

PROCESSES = inspect.signature(ProcessWorkers.__init__).parameters["processes"].default
SIGNING = DkimSettings.model_fields["processes"].default
LARGEST_BODY = FetchSettings.model_fields["max_bytes"].default
AT_ONCE = ROOMS + SLOW_ROOMS  # sources are polled at the same time

READING = PROCESSES * MEMORY
MAIL = CONNECTIONS * (2 * MAIL_KEPT + LOOKED_AT + 3 * BUFFER) // MIB
PAGES = (WebLimits().connections * PAGE_BUFFERS + kept.MOST) // MIB
FEEDS = AT_ONCE * 2 * LARGEST_BODY // MIB

NEEDS = {
    "all": BASE + NOON + READING + SIGNING * MEMORY + MAIL + PAGES + FEEDS,
    "poll": BASE + FEEDS + READING,
    "publish": BASE + NOON,
    "deliver": BASE + NOON + SIGNING * MEMORY,
    "web": BASE + PAGES,
    "receive": BASE + MAIL + READING,
}
UNITS = {
    "all": "digest.service",
    "poll": "digest-poll.service",
    "publish": "digest-publish.service",
    "deliver": "digest-deliver@.service",
    "web": "digest-web.service",
    "receive": "digest-receive.service",
}
COMPOSE = yaml(read("compose.yaml"))["services"]


def mebibytes(size: str) -> int:
    number, letter = int(size[:-1]), size[-1].upper()
    return number * {"M": 1, "G": 1024}[letter]


def connections(role: str) -> int:
    return (WebLimits().connections if role in {"all", "web"} else 0) + (
        CONNECTIONS if role in {"all", "receive"} else 0
    )


@pytest.mark.parametrize("role", NEEDS)
def test_a_unit_allows_what_its_process_may_take(role: str):
    said = unit(UNITS[role])

    assert mebibytes(said["MemoryMax"][0]) >= NEEDS[role]
    assert int(said["TasksMax"][0]) >= THREADS + 3 * (PROCESSES + SIGNING)
    assert int(said["LimitNOFILE"][0]) >= connections(role) + FILES


@pytest.mark.parametrize("role", NEEDS.keys() - {"all"})
def test_a_container_allows_what_its_process_may_take(role: str):
    said = COMPOSE[role]

    assert mebibytes(said["mem_limit"]) >= NEEDS[role]
    assert said["pids_limit"] >= THREADS + 3 * (PROCESSES + SIGNING)
    assert said["ulimits"]["nofile"] >= connections(role) + FILES


@pytest.mark.parametrize("role", NEEDS)
def test_the_sums_are_on_paper(role: str):
    (line,) = re.findall(rf"(?m)^\| `{role}` \|.*$", read("README.md"))

    assert f"| {NEEDS[role]} |" in line
    assert f"| {unit(UNITS[role])['MemoryMax'][0]} |" in line
