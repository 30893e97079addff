"""The demo's mailboxes: what was answered 250 lies in the right folder, as it came."""

from __future__ import annotations

import asyncio
import shutil
from email.message import EmailMessage

import aiosmtplib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.demo.mailboxes import Mailboxes, folder


@pytest.fixture
async def mailboxes(tmp_path):
    async with Mailboxes(tmp_path / "mail") as mailboxes:
        yield mailboxes


def a_message(to, text="Durham Tees Valley moved up.\n.\n..a line that starts with dots\n"):
    message = EmailMessage()
    message["From"] = "digest@example.org"
    message["To"] = to
    message["Subject"] = "The noon digest"
    message.set_content(text)
    return message


async def submit(mailboxes, *recipients, message=None):
    message = message or a_message(recipients[0])
    return await aiosmtplib.send(
        message,
        sender="digest@example.org",
        recipients=list(recipients),
        hostname=mailboxes.host,
        port=mailboxes.port,
        use_tls=False,
        start_tls=False,
    )


async def test_each_recipient_finds_their_own_messages_in_order(mailboxes):
    for text in ("first", "second"):
        await submit(mailboxes, "ann@example.org", message=a_message("ann@example.org", text))
    await submit(mailboxes, "ben@example.net")

    assert [f.name for f in mailboxes.of("ann@example.org")] == ["001.eml", "002.eml"]
    assert [f.read_bytes().split()[-1] for f in mailboxes.of("ann@example.org")] == [b"first", b"second"]
    assert len(mailboxes.of("ben@example.net")) == 1
    assert mailboxes.of("cleo@example.org") == []


async def test_a_message_is_filed_byte_for_byte(mailboxes):
    message = a_message("ann@example.org")
    await submit(mailboxes, "ann@example.org", message=message)

    (filed,) = mailboxes.of("ann@example.org")
    assert filed.read_bytes() == message.as_bytes().replace(b"\n", b"\r\n")


async def test_a_message_to_two_is_filed_for_each(mailboxes):
    await submit(mailboxes, "ann@example.org", "ben@example.net")

    assert len(mailboxes.of("ann@example.org")) == len(mailboxes.of("ben@example.net")) == 1


async def test_messages_that_come_together_all_find_a_number(mailboxes):
    await asyncio.gather(*(submit(mailboxes, "ann@example.org") for _ in range(12)))

    assert [f.name for f in mailboxes.of("ann@example.org")] == [f"{n:03}.eml" for n in range(1, 13)]


async def test_numbers_go_on_after_a_restart_and_past_three_digits(tmp_path):
    async with Mailboxes(tmp_path) as first:
        await submit(first, "ann@example.org")
    (tmp_path / folder("ann@example.org") / "999.eml").write_bytes(b"an old one")
    async with Mailboxes(tmp_path) as second:
        await submit(second, "ann@example.org")

    assert [f.name for f in second.of("ann@example.org")] == ["001.eml", "999.eml", "1000.eml"]


async def test_a_message_that_cannot_be_filed_is_put_off_and_not_taken(mailboxes, tmp_path):
    await submit(mailboxes, "ben@example.net")
    shutil.rmtree(tmp_path / "mail")
    (tmp_path / "mail").write_bytes(b"a file where the folders should be")

    with pytest.raises(aiosmtplib.SMTPDataError) as caught:
        await submit(mailboxes, "ann@example.org")

    assert caught.value.code == 451


async def test_the_server_goes_even_while_a_client_stays(tmp_path):
    async with Mailboxes(tmp_path) as mailboxes:
        reader, writer = await asyncio.open_connection(mailboxes.host, mailboxes.port)
        assert (await reader.readline()).startswith(b"220 ")
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(mailboxes.host, mailboxes.port)


@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_no_address_names_a_folder_outside_or_one_too_long(address):
    name = folder(f"{address}@example.org")

    assert not {"/", "\\", "\0"} & set(name)
    assert not name.startswith(".")
    assert len(name.encode()) <= 200


@given(st.emails(), st.emails())
def test_two_addresses_share_a_folder_only_where_case_alone_tells_them_apart(one, other):
    assert (folder(one) == folder(other)) == (one.lower() == other.lower())


def test_plain_addresses_keep_their_names():
    assert folder("I.Penrose+digest@example.org") == "i.penrose+digest@example.org"
    assert folder("../../etc/passwd") == "%2E./../etc/passwd".replace("/", "%2F")


def test_two_long_addresses_that_begin_alike_have_folders_of_their_own():
    one, other = (f"{'a' * 300}{end}@example.org" for end in "xy")

    assert folder(one) != folder(other)
    assert len(folder(one)) <= 200


def test_a_leading_dot_hides_no_folder():
    assert folder(".ann@example.org") == "%2Eann@example.org"
