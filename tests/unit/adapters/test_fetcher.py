"""The fetcher against real servers on loopback: sound ones, clumsy ones and hostile ones."""

from __future__ import annotations

import asyncio
import gzip
import re
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd
from clocks import Clock
from pytest_httpserver import HTTPServer
from servers.certificates import Authority
from servers.publisher import Act, Publisher, drip, drop, endless, raw, say, when
from werkzeug import Request, Response

from digest.adapters.http.fetcher import PACE, HttpFetcher
from digest.ports import NO_VALIDATORS, Blocked, Fetched, HostShut, Large, NotModified, Outcome, Unreached
from digest.sources import Validators

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONTACT = "https://digest.example.org/about"
METADATA = "http://169.254.169.254/latest/meta-data/"
LIMIT = timedelta(seconds=0.3)  # where a test waits for the fetcher to give up


class Sleeps(list[float]):
    """Every rest that was wanted, none of them taken."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def slept() -> Sleeps:
    return Sleeps()


@pytest.fixture
def fetcher(slept: Sleeps) -> Callable[..., HttpFetcher]:
    def build(**changes: Any) -> HttpFetcher:
        usual = {"contact": CONTACT, "clock": Clock(NOW), "pause": timedelta(0), "allow_private": True}
        return HttpFetcher(**(usual | {"sleep": slept} | changes))

    return build


@pytest.fixture
def fetch(fetcher: Callable[..., HttpFetcher]) -> Callable[..., Any]:
    """One fetch by a fetcher of its own."""

    async def once(url: str, validators: Validators = NO_VALIDATORS, **changes: Any) -> Outcome:
        async with fetcher(**changes) as it:
            return await it.fetch(url, validators)

    return once


# -- what is asked ----------------------------------------------------------------------------------


async def test_a_whole_body_comes_with_its_type_and_validators(httpserver: HTTPServer, fetch):
    headers = {"ETag": '"7"', "Last-Modified": "Mon, 23 Nov 2026 11:00:00 GMT"}
    httpserver.expect_request("/feed").respond_with_data(
        "<rss/>", content_type="application/rss+xml; charset=utf-8", headers=headers
    )

    assert await fetch(httpserver.url_for("/feed")) == Fetched(
        url=httpserver.url_for("/feed"),
        body=b"<rss/>",
        content_type="application/rss+xml; charset=utf-8",
        validators=Validators(etag='"7"', last_modified="Mon, 23 Nov 2026 11:00:00 GMT"),
    )


async def test_we_say_who_we_are_and_what_we_read(httpserver: HTTPServer, fetch):
    """An honest, fixed name with a page to find us at, and an Accept header like a feed reader's."""
    asked: list[Request] = []
    httpserver.expect_request("/feed").respond_with_handler(
        lambda request: asked.append(request) or Response("<rss/>", headers={"Set-Cookie": "who=you"})
    )

    await fetch(httpserver.url_for("/feed"))
    await fetch(httpserver.url_for("/feed"))

    for request in asked:
        assert request.method == "GET"
        assert request.headers["User-Agent"].startswith("noon-digest/")
        assert f"(+{CONTACT})" in request.headers["User-Agent"]
        assert "application/atom+xml" in request.headers["Accept"]
        assert not {"Cookie", "If-None-Match", "If-Modified-Since", "Referer"} & set(request.headers.keys())


async def test_validators_are_sent_as_they_were_given(httpserver: HTTPServer, fetch):
    given = Validators(etag='W/"odd"', last_modified="Mon, 23 Nov 2026 11:00:00 GMT")
    httpserver.expect_request(
        "/feed", headers={"If-None-Match": 'W/"odd"', "If-Modified-Since": "Mon, 23 Nov 2026 11:00:00 GMT"}
    ).respond_with_data(status=304)

    assert await fetch(httpserver.url_for("/feed"), given) == NotModified()


async def test_not_modified_is_no_answer_to_an_unconditional_request(fetch):
    async with Publisher(say(304)) as publisher:
        assert isinstance(await fetch(publisher.url()), Unreached)


async def test_cookies_are_not_kept(fetcher):
    async with Publisher(say(200, b"x", Set_Cookie="who=you; Path=/")) as publisher, fetcher() as it:
        await it.fetch(publisher.url())
        await it.fetch(publisher.url())

    assert "cookie" not in publisher.requests[1].lower()


async def test_no_proxy_is_taken_from_the_environment(fetch, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    async with Publisher(say(200, b"x")) as publisher:
        assert isinstance(await fetch(publisher.url()), Fetched)


# -- what the server answers ------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 451])
async def test_a_refusal_is_blocked_and_not_asked_again(fetch, status, slept):
    async with Publisher(say(status, b"<html>go away</html>")) as publisher:
        answer = await fetch(publisher.url())

    assert isinstance(answer, Blocked)
    assert answer.reason.startswith(str(status))
    assert (publisher.connections, slept) == (1, [])


async def test_a_source_that_is_gone_says_so(fetch):
    async with Publisher(say(410)) as publisher:
        assert await fetch(publisher.url()) == Blocked(reason="410 Gone")


@pytest.mark.parametrize("body", [b"", b" \r\n\t "])
async def test_an_empty_page_is_no_state_of_a_source(fetch, body):
    async with Publisher(say(200, body)) as publisher:
        assert await fetch(publisher.url()) == Unreached(reason="200 with an empty body", answered=True)


async def test_a_last_modified_in_2041_is_not_kept(fetch):
    async with Publisher(
        say(200, b"x", Last_Modified="Fri, 01 Mar 2041 00:00:00 GMT", ETag='"1"')
    ) as publisher:
        answer = await fetch(publisher.url())

    assert isinstance(answer, Fetched)
    assert answer.validators == Validators(etag='"1"')


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": partial(brotli.compress, quality=3),
    "zstd": zstd.compress,
}


@pytest.mark.parametrize("coding", PACKED)
async def test_a_compressed_body_is_asked_for_and_unpacked(fetch, coding):
    async with Publisher(say(200, PACKED[coding](b"<rss/>"), Content_Encoding=coding)) as publisher:
        answer = await fetch(publisher.url())

    assert isinstance(answer, Fetched)
    assert answer.body == b"<rss/>"
    [wanted] = re.findall(r"(?i)^accept-encoding: (.*)", publisher.requests[0], re.MULTILINE)
    assert coding in wanted.strip().split(", ")


# -- once more, and no more than that ---------------------------------------------------------------


@pytest.mark.parametrize("trouble", [say(502), say(503), say(504), drop(), raw(b"HTTP/1.1 200 OK\r\n")])
async def test_trouble_that_passes_is_tried_once_more(fetch, slept, trouble):
    async with Publisher(trouble, say(200, b"x")) as publisher:
        assert isinstance(await fetch(publisher.url()), Fetched)

    assert publisher.connections == 2
    assert len(slept) == 1


@pytest.mark.parametrize(
    "trouble", [say(503), drop(), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")]
)
async def test_trouble_that_stays_is_told_after_two_tries(fetch, trouble):
    async with Publisher(trouble) as publisher:
        answer = await fetch(publisher.url())

    assert isinstance(answer, Unreached)
    assert answer.reason
    assert publisher.connections == 2


@pytest.mark.parametrize("status", [500, 501, 520])
async def test_a_servers_own_fault_is_not_tried_again_at_once(fetch, status):
    async with Publisher(say(status)) as publisher:
        assert isinstance(await fetch(publisher.url()), Unreached)

    assert publisher.connections == 1


async def test_nobody_there_is_unreached(fetch):
    async with Publisher(say(200)) as publisher:
        url = publisher.url()

    said = f"no connection to 127.0.0.1:{publisher.port}: Connection refused"
    assert await fetch(url) == Unreached(reason=said)  # and no object of this process


async def test_a_name_that_does_not_exist_is_unreached(fetch):
    assert isinstance(await fetch("http://nobody.invalid/feed"), Unreached)


async def test_a_certificate_nobody_vouches_for_is_not_tried_again(fetch, tmp_path: Path):
    tls = Authority(tmp_path).server_context()
    async with Publisher(say(200, b"x"), tls=tls) as publisher:
        answer = await fetch(publisher.url(host="localhost"))

    assert isinstance(answer, Unreached)
    assert "certificate" in answer.reason
    assert publisher.requests == []


# -- manners ----------------------------------------------------------------------------------------


async def test_a_host_that_asks_us_to_wait_is_left_alone(fetcher):
    """Its other pages too, without being asked."""
    async with Publisher(say(429, Retry_After="600")) as publisher, fetcher() as it:
        first = await it.fetch(publisher.url("/a"))
        second = await it.fetch(publisher.url("/b"))

    assert isinstance(first, Blocked)
    assert (first.reason, first.wait) == ("429 Too Many Requests", timedelta(minutes=10))
    assert second == HostShut(reason="127.0.0.1 asked to be left alone", wait=timedelta(minutes=10))
    assert publisher.connections == 1


async def test_a_server_that_names_a_time_is_not_tried_again_before_it(fetch):
    async with Publisher(say(503, Retry_After="Mon, 23 Nov 2026 12:10:00 GMT")) as publisher:
        answer = await fetch(publisher.url())

    assert answer == Unreached(reason="503 Service Unavailable", wait=timedelta(minutes=10), answered=True)
    assert publisher.connections == 1


async def test_a_host_is_asked_one_thing_at_a_time(fetcher):
    """44 pages in half a second are an attack."""
    async with Publisher(say(200, b"x")) as publisher, fetcher() as it:
        answers = await asyncio.gather(*(it.fetch(publisher.url(f"/{n}")) for n in range(10)))

    assert all(isinstance(answer, Fetched) for answer in answers)
    assert publisher.most_at_once == 1


async def test_two_hosts_are_asked_together(fetcher):
    """Each answers only once both were asked."""
    asked = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if publisher.most_at_once == 2:
            asked.set()
        await when(asked, say(200, b"x"))(reader, writer)

    async with Publisher(answer) as publisher, fetcher() as it:
        answers = await asyncio.gather(
            *(it.fetch(publisher.url(host=host)) for host in ("127.0.0.1", "localhost"))
        )

    assert all(isinstance(answer, Fetched) for answer in answers)


async def test_a_host_gets_its_rest_between_two_requests(fetcher, slept):
    async with Publisher(say(200, b"x")) as publisher, fetcher(pause=timedelta(minutes=1)) as it:
        await it.fetch(publisher.url("/a"))
        assert slept == []
        await it.fetch(publisher.url("/b"))

    assert len(slept) == 1
    assert 0 < slept[0] <= 60


async def test_a_fetch_that_is_cancelled_gives_its_turn_back(fetcher):
    asked = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await drip()(reader, writer)

    async with Publisher(hold, say(200, b"x")) as publisher, fetcher() as it:
        first = asyncio.create_task(it.fetch(publisher.url("/a")))
        await asked.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first

        assert isinstance(await it.fetch(publisher.url("/b")), Fetched)


# -- redirects --------------------------------------------------------------------------------------


async def test_a_redirect_is_followed_and_its_end_is_told(fetch):
    """The caller keeps the address it has; where the body came from is said beside it."""
    async with Publisher(say(301, Location="/new?a=b"), say(200, b"x")) as publisher:
        answer = await fetch(publisher.url("/old"), Validators(etag='"7"'))

    assert isinstance(answer, Fetched)
    assert answer.url == publisher.url("/new?a=b")
    assert 'If-None-Match: "7"' in publisher.requests[1]


async def test_a_header_with_a_key_goes_to_the_first_server_alone(fetcher):
    async with Publisher(say(200, b"{}")) as other, Publisher() as first:
        first.routes = {
            "/here": say(302, Location="/there"),
            "/there": say(302, Location=other.url("/elsewhere")),
        }
        async with fetcher() as it:
            await it.fetch(first.url("/here"), headers={"X-Key": "secret"})

    assert ["X-Key: secret" in head for head in (*first.requests, *other.requests)] == [True, True, False]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_loop_of_redirects_ends(fetch, status):
    async with Publisher(say(status, Location="/feed")) as publisher:
        answer = await fetch(publisher.url(), max_redirects=3)

    assert answer == Blocked(reason="more than 3 redirects")
    assert publisher.connections == 4


@pytest.mark.parametrize(
    "location",
    [
        METADATA,
        "//169.254.169.254/",
        "http://[::ffff:169.254.169.254]/",
        "http://0.0.0.0/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:25/_MAIL",
        "javascript:alert(1)",
        "http://user:secret@127.0.0.1/",
        "http://[::1/",
    ],
)
async def test_a_redirect_does_not_lead_us_astray(fetch, location):
    """Each hop is checked, the address as well as the link."""
    async with Publisher(say(302, Location=location)) as publisher:
        answer = await fetch(publisher.url())

    assert isinstance(answer, Blocked)
    assert publisher.connections == 1


async def test_a_redirect_to_nowhere_is_unreached(fetch):
    async with Publisher(say(302)) as publisher:
        assert isinstance(await fetch(publisher.url()), Unreached)


async def test_a_redirect_we_cannot_write_down_is_unreached(fetch):
    async with Publisher(
        raw(b"HTTP/1.1 302 Found\r\nLocation: http://\xe9\xff" + b"a" * 70 + b"/\r\n\r\n")
    ) as publisher:
        assert isinstance(await fetch(publisher.url()), Blocked | Unreached)


# -- addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://[::ffff:127.0.0.1]/",
        METADATA,
        "http://10.0.0.1/",
        "http://100.64.0.1/",
    ],
)
async def test_our_own_network_is_out_of_reach(fetch, url, slept):
    """By name, by number, and in every spelling; and refused is refused, there is no second try."""
    answer = await fetch(url, allow_private=False)

    assert isinstance(answer, Blocked)
    assert slept == []


async def test_a_server_here_is_out_of_reach_where_private_addresses_are_shut(fetch):
    async with Publisher(say(200, b"x")) as publisher:
        assert isinstance(await fetch(publisher.url(), allow_private=False), Blocked)

    assert publisher.connections == 0


@pytest.mark.parametrize(
    "url", ["", "feed", "http://", f"http://{'a' * 70}.org/", "http://a..b/", "http://\udce9/"]
)
async def test_a_link_that_cannot_be_used_is_told_and_nothing_is_raised(fetch, url):
    outcome = await fetch(url)

    assert isinstance(outcome, Blocked)
    assert outcome.reason.isprintable()


async def test_octets_that_are_no_utf_8_are_sent_back_as_they_came(fetch):
    found = say(302, Location="/caf\udce9?a=b%20c d")
    async with Publisher(found, say(200, b"x")) as publisher:
        assert isinstance(await fetch(publisher.url()), Fetched)

    assert publisher.requests[1].startswith("GET /caf%E9?a=b%20c%20d ")


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ([301], "/1"),
        ([308, 301], "/2"),
        ([301, 302], "/1"),  # where it leads today is not where it has moved
        ([302, 301], None),
        ([307], None),
        ([], None),
    ],
)
async def test_where_a_link_has_moved_for_good_is_told(fetch, statuses, moved_to):
    hops = [say(status, Location=f"/{n}") for n, status in enumerate(statuses, start=1)]
    given = Validators(etag='"1"')
    for last in (say(200, b"x"), say(304)):
        async with Publisher(*hops, last) as publisher:
            answer = await fetch(publisher.url(), given)

        assert isinstance(answer, Fetched | NotModified)
        assert answer.moved_to == (moved_to and publisher.url(moved_to))


# -- heads as servers send them ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 6\r\nContent-Length: 6\r\n",
        "content-length:6\r\nX: y\r\nCONTENT-LENGTH: 06\r\n",
        "Content-Length: 6, 6\r\n",
        f"Content-Security-Policy: {'x' * 9000}\r\nContent-Length: 6\r\n",
        f"X-Long: {'x' * 64_000}\r\nContent-Length: 6\r\n",
        "".join(f"X-{n}: y\r\n" for n in range(300)) + "Content-Length: 6\r\n",
        "X-Latin: caf\xe9\r\nContent-Length: 6\r\n",
    ],
)
async def test_an_odd_head_costs_no_answer(fetch, head):
    octets = f"HTTP/1.1 200 OK\r\n{head}\r\n<rss/>".encode("latin-1")
    apart = (*(octets[n : n + 1] for n in range(60)), octets[60:])
    for pieces in ((octets,), apart, (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", octets)):
        async with Publisher(raw(*pieces)) as publisher:
            answer = await fetch(publisher.url())

        assert isinstance(answer, Fetched), answer
        assert answer.body == b"<rss/>"


@pytest.mark.parametrize("lengths", ["6\r\nContent-Length: 7", "6, 7", "6\r\nContent-Length: six", "6,"])
async def test_lengths_that_differ_are_no_answer(fetch, lengths):
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {lengths}\r\n\r\n<rss/>".encode()
    async with Publisher(raw(answer)) as publisher:
        assert isinstance(await fetch(publisher.url()), Unreached)


async def test_the_next_answer_on_a_connection_is_mended_as_well(fetcher):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"

    async def both(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    async with Publisher(both) as publisher, fetcher() as it:
        for _ in range(2):
            assert isinstance(await it.fetch(publisher.url()), Fetched)

    assert publisher.connections == 1


async def test_chunks_with_extensions_are_taken(fetch):
    body = b'3;a=b;c="d"\r\n<rs\r\n3 ;x\r\ns/>\r\n0\r\nTrailer: x\r\n\r\n'
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with Publisher(raw(head, body)) as publisher:
        answer = await fetch(publisher.url())

    assert isinstance(answer, Fetched)
    assert answer.body == b"<rss/>"


@pytest.mark.parametrize("status", ["203 Non-Authoritative Information", "206 Partial Content"])
async def test_a_body_that_a_proxy_has_changed_and_a_part_that_is_the_whole_are_taken(fetch, status):
    head = f"HTTP/1.1 {status}\r\nContent-Range: bytes 0-5/6\r\nContent-Length: 6\r\n\r\n"
    async with Publisher(raw(head.encode(), b"<rss/>")) as publisher:
        assert isinstance(await fetch(publisher.url()), Fetched)


# -- limits -----------------------------------------------------------------------------------------


async def test_a_body_that_says_it_is_too_large_is_not_begun(fetch):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"
    async with Publisher(drip(head)) as publisher:
        assert await fetch(publisher.url(), max_bytes=1000) == Unreached(
            reason="larger than 1000 bytes", answered=True
        )


async def test_a_body_without_an_end_is_cut_short(fetch):
    async with Publisher(endless(b"x" * 65536)) as publisher:
        assert await fetch(publisher.url(), max_bytes=10**6) == Unreached(
            reason="larger than 1000000 bytes", answered=True
        )


async def test_a_body_of_just_the_size_is_taken(fetch):
    async with Publisher(say(200, b"x" * 1000)) as publisher:
        assert isinstance(await fetch(publisher.url(), max_bytes=1000), Fetched)


@pytest.mark.parametrize("coding", PACKED)
async def test_a_bomb_is_not_unpacked(fetch, coding):
    """100 MB of zeros in at most 100 kB: not even a tenth of them is ever in memory."""
    bomb = PACKED[coding](bytes(100_000_000))
    async with Publisher(say(200, bomb, Content_Encoding=coding)) as publisher:
        tracemalloc.start()
        try:
            answer = await fetch(publisher.url(), max_bytes=10**6)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert answer == Unreached(reason="larger than 1000000 bytes", answered=True)
    assert peak < 10**7


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"HTTP/1.1 200",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"<rss>"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"5\r\n<rss>\r\n"),
    ],
)
async def test_a_server_that_falls_silent_is_waited_for_so_long_and_no_longer(fetch, pieces):
    async with Publisher(drip(*pieces)) as publisher:
        assert await fetch(publisher.url(), timeout=LIMIT) == Unreached(reason="no whole answer within 0.3 s")


async def test_redirects_share_one_time_limit(fetch):
    """Each hop would be in time; twenty together are not."""

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(LIMIT.total_seconds() / 2)
        await say(302, Location="/feed")(reader, writer)

    async with Publisher(late) as publisher:
        assert isinstance(await fetch(publisher.url(), timeout=LIMIT, max_redirects=20), Unreached)

    assert publisher.connections <= 3


USUAL = timedelta(seconds=30)
PART = PACE * 30  # bytes that must come in the usual time
LARGE = Large(size=100_000_000, time=timedelta(minutes=4))


class Skips:
    """Time that passes without anybody waiting: the loop's clock jumps ahead."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.ahead, ticks = 0.0, loop.time
        monkeypatch.setattr(loop, "time", lambda: ticks() + self.ahead)

    async def __call__(self, seconds: float) -> None:
        for _ in range(200):  # all other tasks that are ready run first
            await asyncio.sleep(0)
        self.ahead += seconds


def slow_line(skips: Skips, *sizes: int, seconds: float) -> Act:
    """A body in pieces of these sizes, with a time between them."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % sum(sizes)

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await raw(head)(reader, writer)
        for size in sizes:
            await skips(seconds)
            await raw(b"x" * size)(reader, writer)

    return act


@pytest.fixture
def fetch_large(fetcher: Callable[..., HttpFetcher], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A fetch of a file over a slow line; `silent` are the seconds before its server says anything."""

    async def once(*sizes: int, seconds: float, silent: float = 0, large: Large | None = LARGE) -> Outcome:
        skips = Skips(monkeypatch)
        body = slow_line(skips, *sizes, seconds=seconds)

        async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await skips(silent)
            await body(reader, writer)

        async with Publisher(act) as publisher, fetcher(timeout=USUAL) as it:
            return await it.fetch(publisher.url(), large=large)

    return once


async def test_a_large_file_on_a_slow_line_is_read_to_its_end(fetch_large):
    answer = await fetch_large(*[PART + 1] * 6, seconds=20)

    assert isinstance(answer, Fetched)
    assert len(answer.body) == 6 * (PART + 1)
    assert answer.took is not None
    assert answer.took.time >= timedelta(minutes=2)
    assert answer.took.allowed == LARGE.time


async def test_a_page_on_the_same_line_is_given_up(fetch_large):
    answer = await fetch_large(*[PART + 1] * 6, seconds=20, large=None)

    assert answer == Unreached(reason="no whole answer within 30 s")


async def test_a_large_file_that_drips_is_given_up_after_its_first_part(fetch_large):
    answer = await fetch_large(*[PART // 10] * 60, seconds=20)

    assert answer == Unreached(reason="the file came more slowly than 50 kB a second")


async def test_a_large_file_does_not_hold_its_poll_for_longer_than_the_whole_may_take(fetch_large):
    answer = await fetch_large(*[PART + 1] * 15, seconds=20)

    assert answer == Unreached(reason="the file did not come in time")


async def test_a_large_file_whose_server_says_nothing_is_waited_for_no_longer_than_a_page(fetch_large):
    answer = await fetch_large(PART, seconds=0, silent=31)

    assert answer == Unreached(reason="no whole answer within 30 s")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"220 mail.example.org ESMTP\r\n",
        b"\x00\x01\x02\x03" * 100,
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(50_000)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip",
        b"HTTP/1.1 9999 What\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_unreached_and_told_in_one_line(fetch, answer):
    async with Publisher(raw(answer)) as publisher:
        outcome = await fetch(publisher.url())

    assert isinstance(outcome, Unreached)
    assert outcome.reason.isprintable()


async def test_a_content_length_that_is_too_short_is_not_half_a_feed(fetch):
    async with Publisher(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<rss></rss>")) as publisher:
        assert isinstance(await fetch(publisher.url()), Unreached)
