"""The message as a relay and a mail program get it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_editions import (
    DAY,
    LEAVE,
    LEAVE_PAGE,
    MANAGE_PAGE,
    ONE_CLICK,
    ONE_CLICK_ADDRESS,
    SENDER,
    SHARE_PAGE,
    TEMPLATES,
    TOKENS,
    a_full_day,
    a_heavy_day,
    a_story,
    a_subscription,
    an_edition,
    durham,
    hostile,
)

from digest.adapters.templates import TemplateRenderer
from digest.compose import Addresses, Tokens
from digest.compose.message import BUDGET
from digest.errors import ComposeError
from digest.present.shortening import plain
from digest.schedule import Weekday
from digest.subscriptions import Wishes
from digest.tokens import read_return_path


def test_text_comes_before_html(parsed):
    message = parsed()

    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in message.iter_parts()] == ["utf-8", "utf-8"]


def test_each_message_has_one_recipient(parsed, composed):
    message = parsed()

    assert message.get_all("To") == ["mina@example.org"]
    assert message["Cc"] is None
    assert message["Bcc"] is None
    assert composed().envelope.recipient == "mina@example.org"


def test_bounces_go_to_their_own_address(composed):
    """One for each delivery (VERP): what comes back names whose message it was, and cannot be made up."""
    key = b"a key for tests"
    paths = [composed(subscription=a_subscription(subscriber=n)).envelope.bounce_to for n in (7, 8, 2**39)]

    assert all(re.fullmatch(r"bounces\+[0-9a-f]{30}@digest\.example\.org", path) for path in paths)
    assert [read_return_path(path.partition("@")[0], key) for path in paths] == [
        (DAY, 7),
        (DAY, 8),
        (DAY, 2**39),
    ]
    assert read_return_path(paths[0].partition("@")[0].upper(), key) == (DAY, 7)
    assert read_return_path(paths[0].partition("@")[0], b"another key") is None


def test_a_return_path_at_a_domain_that_is_not_ascii_is_written_as_the_dns_knows_it(composed):
    composing = composed(sender=replace(SENDER, bounces="bounces@bücher.example"))

    assert composing.envelope.bounce_to.endswith("@xn--bcher-kva.example")


@given(
    subscriber=st.integers(1, 2**40 - 1),
    local=st.from_regex(r"[a-z0-9.+_-]{1,40}", fullmatch=True),
    leave=st.from_regex(r"[A-Za-z0-9_-]{40}", fullmatch=True),
    one_click=st.from_regex(r"[A-Za-z0-9_-]{40}", fullmatch=True),
    manage=st.from_regex(r"[A-Za-z0-9_-]{40}", fullmatch=True),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_copy_is_what_a_message_laid_out_for_its_reader_would_be(
    composed, subscriber, local, leave, one_click, manage
):
    """Whatever stands in the gaps: the octets around them are those of every other copy."""
    address = f"{local}@example.org"
    reader = replace(a_subscription(subscriber=subscriber), address=address)
    tokens = Tokens(leave=leave, one_click=one_click, manage=manage)

    copy = composed(subscription=reader, tokens=tokens)

    message = message_from_bytes(copy.content, policy=policy.default)
    assert not message.defects
    assert message["Message-ID"] == copy.message_id
    assert message["List-Unsubscribe"].startswith(f"<{ONE_CLICK_ADDRESS}{one_click}>")
    assert f"\r\nTo: {address}\r\n".encode() in copy.content
    for kind in ("plain", "html"):
        assert message.get_body((kind,)).get_content().count(LEAVE_PAGE + leave) == 2
        text = message.get_body((kind,)).get_content()
        to_watch = [f"{MANAGE_PAGE}{manage}/{page}" for page in ("watch?", "wishes#find")]
        assert text.count(MANAGE_PAGE + manage) == 1 + sum(map(text.count, to_watch))
    assert all(len(line) <= 998 for line in copy.content.split(b"\r\n"))
    assert copy.wire.endswith(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in copy.wire[:-5]


def test_what_others_got_before_changes_nothing_of_a_message(composed) -> None:
    """The renderer keeps what it said of a story, for readers with other wishes."""
    wishes = [Wishes(), Wishes(watched=("oldham-yjs",)), Wishes(weekly=Weekday.of(a_full_day().day))]
    copies = [composed(subscription=a_subscription(wishes=one)) for one in wishes]

    fresh = TemplateRenderer([TEMPLATES])

    assert len(set(copies)) == 3
    for one, copy in zip(reversed(wishes), reversed(copies), strict=True):
        assert composed(subscription=a_subscription(wishes=one), renderer=fresh) == copy


def test_a_text_that_guesses_at_the_gaps_is_not_filled_in(composed):
    """Else a feed could have each reader's own link sent to its author."""
    at = composed(an_edition(a_story(title="%b %s %(leave)s leave {leave}")))

    assert TOKENS.leave.encode() not in at.content.split(b"leave {leave}")[0].rpartition(b"%b")[2]
    assert b"%b %s %(leave)s" in at.content.replace(b"=\r\n", b"")


def test_the_headers_of_a_list(parsed):
    message = parsed()

    assert message["From"] == "Inspections at Noon <noon@digest.example.org>"
    assert message["Reply-To"] == "hello@digest.example.org"
    assert message["List-Id"] == "<edition.digest.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Archive"] == "<https://digest.example.org/archive>"
    assert message["List-Help"] == "<mailto:hello@digest.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    assert message["Content-Language"] == "en-GB"
    assert message["MIME-Version"] == "1.0"
    assert message["In-Reply-To"] is None
    assert message["References"] is None


def test_complaints_are_counted_by_day_and_kind_and_never_by_reader(composed):
    """The sender's name has 5 to 15 characters and never changes, as Gmail asks."""
    told = {composed(subscription=a_subscription(subscriber=n)).content for n in (7, 8)}

    assert len(told) == 2
    for content in told:
        assert b"\r\nFeedback-ID: 20260303:edition:digest-example\r\n" in content


def test_a_reader_can_file_editions_by_what_is_in_them(parsed):
    assert (
        parsed()["X-Digest-Sections"]
        == "moved, steady, elsewhere, reports, commentary, news, down, up, mixed"
    )
    assert parsed(an_edition(durham()))["X-Digest-Sections"] == "moved, up"
    watching = a_subscription(wishes=Wishes(watched=("durham-tees-valley-crc",)))
    assert parsed(an_edition(durham()), subscription=watching)["X-Digest-Sections"] == "watched, up"


@pytest.mark.parametrize(
    ("contact", "help_at"),
    [
        ("https://digest.example.org/help", "<https://digest.example.org/help>"),
        ("https://digest.example.org/über", "<https://digest.example.org/%C3%BCber>"),
        ("hällo@digest.example.org", "<mailto:h%C3%A4llo@digest.example.org>"),
    ],
)
def test_any_contact_fits_a_header(parsed, contact, help_at):
    assert parsed(sender=replace(SENDER, contact=contact))["List-Help"] == help_at


def test_no_header_stands_twice(parsed):
    names = [name.lower() for name in parsed()]

    assert len(names) == len(set(names))


def test_a_long_unsubscribe_link_is_not_touched_on_the_wire(composed):
    """The standard library would turn it into encoded words, and no mail program would show its button."""
    tokens = Tokens(leave=TOKENS.leave * 9, one_click="t0ken-" * 60, manage=TOKENS.manage * 9)
    link = ONE_CLICK_ADDRESS + tokens.one_click

    head = composed(tokens=tokens, token_length=360).content.split(b"\r\n\r\n")[0]

    assert f"List-Unsubscribe: <{link}>,\r\n <mailto:".encode() in head


def test_who_has_no_mailbox_for_answers_offers_the_link_alone(parsed):
    message = parsed(sender=replace(SENDER, reply_to=None))

    assert message["List-Unsubscribe"] == f"<{ONE_CLICK}>"
    assert message["Reply-To"] is None


def test_who_reads_commands_by_mail_offers_an_address_that_knows_whose_it_is(composed, renderer):
    """The token is hexadecimal: no mail server's case folding can harm it."""
    ways = Addresses(
        leave=LEAVE_PAGE,
        one_click=ONE_CLICK_ADDRESS,
        manage=MANAGE_PAGE,
        share=SHARE_PAGE,
        leave_mail=("mail.digest.example.org", 44),
    )
    tokens = TOKENS._replace(leave_mail="0123456789abcdef" * 2 + "0123456789ab")

    copy = composed(addresses=ways, tokens=tokens)

    message = message_from_bytes(copy.content, policy=policy.default)
    assert message["List-Unsubscribe"] == (
        f"<{ONE_CLICK}>, <mailto:leave+{tokens.leave_mail}@mail.digest.example.org>"
    )


def test_the_link_to_share_is_the_same_in_every_copy(composed):
    """Forwarding must not hand over the right to leave."""
    bodies = [
        message_from_bytes(composed(subscription=a_subscription(subscriber=n)).content, policy=policy.default)
        for n in (7, 8)
    ]

    for body in bodies:
        for kind in ("plain", "html"):
            assert SHARE_PAGE in body.get_body((kind,)).get_content()


def test_the_date_is_the_given_instant_in_the_readers_zone(parsed):
    summer = datetime(2026, 7, 1, 11, 0, tzinfo=UTC)

    assert parsed(at=summer)["Date"] == "Wed, 01 Jul 2026 12:00:00 +0100"


def test_every_attempt_has_the_same_message_id_and_the_same_octets(composed):
    assert composed() == composed()


def test_a_later_attempt_keeps_its_message_id(composed):
    later = composed(at=datetime(2026, 3, 3, 15, 0, tzinfo=UTC))

    assert later.message_id == composed().message_id


def test_message_ids_differ_by_day_by_subscriber_and_by_key(composed):
    story = a_story()
    ids = [
        composed(an_edition(story)).message_id,
        composed(an_edition(story, day=DAY.replace(day=4))).message_id,
        composed(an_edition(story), subscription=a_subscription(subscriber=8)).message_id,
        composed(an_edition(story), key=b"another").message_id,
    ]

    assert len(set(ids)) == 4


def test_message_ids_of_two_days_do_not_show_that_they_went_to_the_same_subscriber(composed):
    story = a_story()
    ids = [composed(an_edition(story, day=DAY.replace(day=n))).message_id for n in (3, 4)]

    seals = [message_id.split("@")[0].split(".")[1] for message_id in ids]
    assert seals[0] != seals[1]


def test_the_message_id_is_at_our_domain_and_does_not_name_the_subscriber(composed, parsed):
    message_id = composed().message_id

    assert re.fullmatch(r"<2026-03-03\.[0-9a-f]{30}@digest\.example\.org>", message_id)
    assert parsed()["Message-ID"] == message_id


def wire_lines(content: bytes) -> list[bytes]:
    lines = content.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    return lines


@pytest.mark.parametrize("edition", [None, a_heavy_day(), hostile("é\r\nBcc: x@example.org\r\n\r\n")])
def test_the_octets_suit_any_relay(composed, edition):
    """CRLF and nothing else, seven bits, body lines of 76 octets."""
    content = composed(edition).content
    head, _, body = content.partition(b"\r\n\r\n")

    assert content.isascii()
    assert all(len(line) <= 998 for line in wire_lines(head))
    assert all(len(line) <= 76 for line in wire_lines(body) if not line.startswith(b"Content-"))


@settings(max_examples=25)
@given(foreign=st.text(min_size=1, max_size=120))
def test_no_foreign_text_can_add_or_break_a_header(composed, foreign):
    content = composed(hostile(foreign + "\r\nBcc: everyone@example.org\r\nX: " + foreign)).content

    message = message_from_bytes(content, policy=policy.default)
    assert not message.defects
    assert message["Bcc"] is None
    assert message["X"] is None
    assert message["To"] == "mina@example.org"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_an_address_that_no_header_can_carry_is_refused(composed):
    with pytest.raises(ComposeError):
        composed(subscription=a_subscription(address="a@example.org\r\nBcc: b@example.org"))


def test_an_empty_edition_is_refused(composed):
    with pytest.raises(ComposeError):
        composed(an_edition())


@pytest.mark.parametrize("stories", [1, 15, 40, 400])
def test_no_day_is_too_heavy_for_a_mail_program(composed, html_of, stories):
    """Gmail would cut the message off and hide the way out."""
    day = a_heavy_day(stories)

    assert len(composed(day).wire) <= BUDGET
    assert html_of(day).count(LEAVE) == 2


def test_the_way_out_stands_near_the_top_as_well(html_of, text_of):
    html, text = html_of(a_heavy_day()), text_of(a_heavy_day())

    assert html.index(LEAVE) < html.index("What moved</h2>")
    assert text.index(LEAVE) < text.index("WHAT MOVED")
    assert text.count(LEAVE) == 2


def test_a_story_as_large_as_a_book_does_not_stop_the_edition(composed):
    book = "chapter and verse " * 20_000
    edition = hostile(book)

    assert len(composed(edition).wire) <= BUDGET


@pytest.mark.parametrize(
    "name",
    [
        "Ynys Môn a Gwynedd – YJS",
        "A service with a very long name that goes on " * 12,
        "🎉👩‍👩‍👧 Rainbow House 🏳️‍🌈",
        'Quotes " and <angles>',
        "=?utf-8?q?tricky?=",
    ],
)
def test_a_subject_survives_its_name(parsed, name):
    story = replace(durham(), provider_name=name)

    subject = parsed(an_edition(story))["Subject"]

    assert subject.startswith(plain(" ".join(name.split()))[:9])
    assert subject.endswith(": RI to Good")
