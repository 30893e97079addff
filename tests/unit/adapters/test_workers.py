"""Worker processes: what hostile input may do there, and what is left of it."""

from __future__ import annotations

import asyncio
import os
import pickle
import re
import signal
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hostile_work as work
import pytest
from anyio import to_process
from builders import KENT, a_provider

from digest.adapters.forked import MEMORY
from digest.adapters.workers import LARGE, ProcessWorkers
from digest.errors import OverrunError, ParseError
from digest.extract.pdf import pdf_blocks
from digest.parse import parse_feed
from digest.providers import Register

pytestmark = pytest.mark.slow

LONDON = ZoneInfo("Europe/London")
A_SECOND = timedelta(seconds=1)


@pytest.fixture
async def workers() -> AsyncIterator[ProcessWorkers]:
    async with ProcessWorkers(processes=1) as it:
        yield it


@asynccontextmanager
async def hurried() -> AsyncIterator[ProcessWorkers]:
    """Workers with a second for each call, their one process up and its modules loaded.

    No fixture: the processes are the task's that first calls for one, and a fixture is a task of its own.
    """
    async with ProcessWorkers(processes=1, limit=A_SECOND) as it:
        with suppress(ParseError):
            await patient(parse_feed, b"", content_type=None, url="", zone=LONDON)
        yield it


async def patient(function: Any, *args: Any, **kwargs: Any) -> Any:
    """A call with time enough to start a process first; all workers of a loop share their processes."""
    return await ProcessWorkers(processes=1).run(function, *args, **kwargs)


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> list[Register]:
    """The registers that were sent to processes, in order."""
    sent: list[Register] = []
    as_it_is = Register.__reduce__
    monkeypatch.setattr(Register, "__reduce__", lambda it: (sent.append(it), as_it_is(it))[1])
    return sent


@contextmanager
def a_terminal() -> Iterator[None]:
    """As if started from one: what runs in the background ignores Ctrl-C, and so do its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_function_is_run_elsewhere_and_its_result_comes_back(workers):
    assert await workers.run(work.add, 1, b=2) == 3
    assert await workers.run(work.pid) != os.getpid()


async def test_a_large_file_is_packed_on_its_way(workers, monkeypatch):
    file, sent, run_sync = bytes(LARGE), [], to_process.run_sync

    async def noted(call: Any, **how: Any) -> Any:
        sent.append(len(pickle.dumps(call)))
        return await run_sync(call, **how)

    monkeypatch.setattr(to_process, "run_sync", noted)

    assert await workers.run(zlib.crc32, file) == zlib.crc32(file)
    assert sent[0] < LARGE / 10


async def test_a_process_serves_many_calls(workers):
    assert await workers.run(work.pid) == await workers.run(work.pid)


async def test_what_the_function_raises_comes_through(workers):
    with pytest.raises(ParseError, match="an HTML page"):
        await workers.run(work.refuse, "an HTML page")


async def test_what_is_too_slow_is_stopped_and_the_next_call_is_served():
    async with hurried() as workers:
        before = await workers.run(work.pid)

        with pytest.raises(OverrunError, match="spin did not end within 1 s"):
            await workers.run(work.spin)

        assert not is_alive(before)
        assert await patient(work.add, 1, b=2) == 3


async def test_what_takes_its_process_down_does_no_more_harm(workers):
    with pytest.raises(OverrunError, match="die took its process down"):
        await workers.run(work.die)

    assert await workers.run(work.add, 1, b=2) == 3


async def test_a_process_that_died_while_idle_is_not_blamed_on_the_next_input(workers):
    os.kill(await workers.run(work.pid), signal.SIGKILL)

    assert await workers.run(work.add, 1, b=2) == 3


async def test_what_wants_too_much_memory_does_not_get_it(workers):
    with pytest.raises(OverrunError, match="too much memory"):
        await workers.run(work.devour)

    assert await workers.run(work.add, 1, b=2) == 3


async def test_each_call_has_the_limit_of_memory_that_is_written_down(workers):
    assert await workers.run(work.memory_limit) == MEMORY * 1024 * 1024


def a_pdf(*objects: bytes) -> bytes:
    """A PDF of one page (object 3); the objects follow it."""
    found = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", *objects]
    body, places = b"%PDF-1.5\n", []
    for number, one in enumerate(found, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(found) + 1, table, len(found) + 1, len(body))
    )


def packed_twice(megabytes: int) -> bytes:
    """So many megabytes of zeros, as a stream of about a kilobyte."""
    packing = zlib.compressobj(9)
    once = b"".join(packing.compress(bytes(1_000_000)) for _ in range(megabytes)) + packing.flush()
    twice = zlib.compress(once, 9)
    return b"/Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream" % (len(twice), twice)


async def test_a_pdf_of_a_kilobyte_that_asks_for_much_memory_fails_alone() -> None:
    """The box of its page is huge too, and an image that only drawing the page would need."""
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9e30 9e30]/Contents 4 0 R"
        b"/Resources<</XObject<</I 5 0 R>>>>>>"
    )
    drawn = b"<</Length 5>>stream\n/I Do\nendstream"
    image = (
        b"<</Type/XObject/Subtype/Image/Width 2000000000/Height 2000000000/ColorSpace/DeviceRGB"
        b"/BitsPerComponent 8/Length 1>>stream\n0\nendstream"
    )
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]" + packed_twice(80)
    async with ProcessWorkers(processes=1, memory=96) as workers:
        with pytest.raises(ParseError, match="pictures"):
            await workers.run(pdf_blocks, a_pdf(page, drawn, image))
        with pytest.raises(OverrunError):
            await workers.run(pdf_blocks, a_pdf(page, drawn, form))

        assert await workers.run(work.add, 1, b=2) == 3


async def test_a_register_is_sent_to_a_process_once(workers, packed):
    register = Register([a_provider()])
    places = {(await workers.run(work.known, register))[1] for _ in range(3)}

    assert len(places) == 1
    assert packed == [register]


async def test_a_register_that_changed_is_sent_again(workers, packed):
    before, after = Register([a_provider()]), Register([a_provider(), a_provider("essex-pdu", "Essex PDU")])

    assert (await workers.run(work.known, register=before))[0] == [KENT]
    assert (await workers.run(work.known, register=after))[0] == [KENT, "essex-pdu"]
    assert (await workers.run(work.known, register=before))[0] == [KENT]
    assert packed == [before, after]


async def test_a_process_in_the_place_of_another_is_given_the_register_too(workers, packed):
    register = Register([a_provider()])
    await workers.run(work.known, register)
    os.kill(await workers.run(work.pid), signal.SIGKILL)

    assert (await workers.run(work.known, register))[0] == [KENT]
    assert packed == [register, register]


async def test_waiting_in_line_is_not_counted():
    """Five calls behind one another take longer than any of them may; none is to blame for it."""
    async with hurried() as workers:
        calls = (workers.run(work.rest, 0.3) for _ in range(5))

        assert await asyncio.gather(*calls) == [0.3] * 5


async def test_a_call_that_nobody_waits_for_any_more_is_stopped(workers):
    before = await workers.run(work.pid)
    call = asyncio.create_task(workers.run(work.spin))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert await workers.run(work.add, 1, b=2) == 3
    assert await workers.run(work.pid) != before or is_alive(before)


@pytest.mark.parametrize("meant_for_us", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_meant_for_us_does_not_put_answers_out_of_step(workers, meant_for_us):
    """A terminal's Ctrl-C reaches every process; a worker that answers it answers a call never made."""
    with a_terminal():
        assert await workers.run(work.ignores, meant_for_us)
        os.kill(await workers.run(work.pid), meant_for_us)

        assert await workers.run(work.add, 1, b=2) == 3
        assert await workers.run(work.add, 3, b=4) == 7


async def test_a_worker_whose_parent_is_gone_does_not_run_for_ever():
    """The kernel stops it: its processor time is bounded anew with each call."""
    async with hurried() as workers:
        for _ in range(2):
            assert 1 <= await workers.run(work.seconds_of_cpu_left) <= 3


async def test_closing_leaves_no_process_behind():
    async with ProcessWorkers(processes=2) as workers:
        pids = await asyncio.gather(workers.run(work.pid), workers.run(work.pid))

    assert not any(is_alive(pid) for pid in pids)


async def test_workers_that_were_never_used_are_closed_as_well():
    async with ProcessWorkers():
        pass


PROGRAM = """
import asyncio
from digest.adapters.workers import ProcessWorkers
from hostile_work import pid

def main():
    print(asyncio.run(ProcessWorkers().run(pid)))

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("way", ["python -m digest", "console script"])
def test_workers_serve_a_program_however_it_is_started_and_end_with_its_loop(way, tmp_path: Path):
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "__main__.py").write_text(PROGRAM)
    (tmp_path / "program-script").write_text(PROGRAM)
    start = ["-m", "program"] if way == "python -m digest" else [str(tmp_path / "program-script")]
    found = os.pathsep.join([str(tmp_path), str(Path(__file__).parent)])

    ended = subprocess.run(
        [sys.executable, "-W", "error", *start],
        env=os.environ | {"PYTHONPATH": found},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    # CPython 3.11 may say this of a process that was ended and reaped before its watcher looked.
    watcher = re.compile(r"Unknown child process pid \d+, will report returncode 255\n")
    assert watcher.sub("", ended.stderr) == ""
    assert not is_alive(int(ended.stdout))


# -- feeds that are weapons -------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = (
    f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]><rss version="2.0"><channel>'
    "<item><title>&l9;</title></item></channel></rss>"
)


async def test_an_author_that_takes_feedparser_quadratic_time_stops_no_worker():
    """Uncut, these 64 KiB take 24 seconds, and a call has ten."""
    author = b"a@" + b"a." * 32_000 + b"!"
    body = b"<rss version='2.0'><channel><item><author>" + author + b"</author></item></channel></rss>"

    with suppress(ParseError):  # the item has no link
        await patient(parse_feed, body, content_type=None, url="", zone=LONDON)


WEAPONS = {
    "billion laughs": BILLION_LAUGHS.encode(),
    "deep": b"<a>" * 100_000,
    "deep JSON": b'{"a":' * 100_000,
    "comments": b"<!--" * 80_000,
    "many": b"<rss><channel>" + b"<item>" * 50_000,
    "references": b"&#" * 150_000,
    "sections": b"<![CDATA[" * 40_000,
    "outside entity": b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel>'
    b"<item><title>A &x;</title></item></channel></rss>",
}


async def test_a_weapon_is_a_feed_an_error_or_an_overrun_and_nothing_else(workers):
    for name, body in WEAPONS.items():
        with suppress(ParseError, OverrunError):
            items = await workers.run(parse_feed, body, content_type="text/xml", url="", zone=LONDON)
            assert all("root:" not in item.title for item in items), name

    assert await workers.run(work.add, 1, b=2) == 3
