"""Posts to webhooks end in time, go to nobody else, and tell why they failed without the address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clocks import Clock
from servers.certificates import Authority
from servers.publisher import Publisher, drop, raw
from servers.receiver import Receiver, hang, status

from digest.adapters.http.hook_post import HttpPost
from digest.webhooks import Answer

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


async def posted(url: str, *, seconds: float = 60.0, private: bool = True, **facts: Any) -> Answer:
    post = HttpPost(contact="https://digest.example.org/about", clock=Clock(NOON), seconds=seconds)
    return await post(url, {"webhook-id": "crm_1"}, b"{}", private=private, **facts)


async def test_a_post_says_what_it_is_and_who_we_are() -> None:
    async with Receiver() as receiver:
        assert await posted(receiver.url) == Answer(status=204, said="204 No Content")

    [post] = receiver.posts
    assert (post.path, post.body, post.headers["webhook-id"]) == ("/hooks/a-secret-path", b"{}", "crm_1")
    assert post.headers["content-type"] == "application/json"
    assert post.headers["user-agent"].endswith("(+https://digest.example.org/about)")


@pytest.mark.parametrize(
    ("asked", "wait"),
    [("120", timedelta(minutes=2)), ("Tue, 10 Mar 2026 12:05:00 GMT", timedelta(minutes=5)), ("soon", None)],
)
async def test_what_a_server_asks_for_is_told(asked: str, wait: timedelta | None) -> None:
    async with Receiver(status(503, Retry_After=asked)) as receiver:
        answer = await posted(receiver.url)

    assert (answer.status, answer.wait) == (503, wait)


async def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    async with Receiver(tls=Authority(tmp_path).server_context()) as receiver:
        answer = await posted(receiver.url)

    assert receiver.posts == []
    assert answer.status is None
    assert "certificate" in answer.said
    assert "name it in ca_file" in answer.said


async def test_a_host_whose_authority_is_the_operators_own_gets_its_posts(tmp_path: Path) -> None:
    own, other = Authority(_made(tmp_path / "own")), Authority(_made(tmp_path / "other"))
    async with Receiver(tls=own.server_context()) as receiver:
        assert (await posted(receiver.url, ca_file=own.ca_file)).status == 204
        refused = await posted(receiver.url, ca_file=other.ca_file)
        wrong_name = await posted(receiver.url.replace("127.0.0.1", "127.0.0.2"), ca_file=own.ca_file)

    assert len(receiver.posts) == 1
    assert (refused.status, "certificate" in refused.said) == (None, True)
    assert wrong_name.status is None


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
async def test_a_file_of_authorities_that_is_gone_or_broken_is_said_without_the_address(
    tmp_path: Path, content: bytes | None
) -> None:
    own = Authority(tmp_path)
    if content is None:
        own.ca_file.unlink()
    else:
        own.ca_file.write_bytes(content)
    async with Receiver(tls=own.server_context()) as receiver:
        answer = await posted(receiver.url, ca_file=own.ca_file)

    assert receiver.posts == []
    assert (answer.status, "ca_file cannot be used" in answer.said) == (None, True)
    assert "a-secret-path" not in answer.said


async def test_own_authorities_open_no_private_network(tmp_path: Path) -> None:
    own = Authority(tmp_path)
    async with Receiver(tls=own.server_context()) as receiver:
        answer = await posted(receiver.url, private=False, ca_file=own.ca_file)

    assert (answer.status, "private: true" in answer.said) == (None, True)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize("act", [drop(), raw(b"220 mail.example.org ESMTP\r\n\r\n"), raw(b"")])
async def test_a_server_that_breaks_off_is_said_without_its_address(act: Any) -> None:
    async with Publisher(act) as publisher:
        answer = await posted(publisher.url("/a-secret-path"))

    assert answer.status is None
    assert answer.said
    assert "a-secret-path" not in answer.said


async def test_a_server_that_hangs_is_given_up() -> None:
    async with Receiver(hang()) as receiver:
        assert await posted(receiver.url, seconds=0.1) == Answer(status=None, said="no answer within 0.1 s")


@pytest.mark.parametrize("url", ["https://[half/a-secret-path", "https://a..b/a-secret-path", "https:///x"])
async def test_an_address_that_cannot_be_used_is_not_told(url: str) -> None:
    answer = await posted(url)

    assert answer.status is None
    assert "a-secret-path" not in answer.said
