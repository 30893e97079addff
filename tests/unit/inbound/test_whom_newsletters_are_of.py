"""Whom a newsletter is of, by what our own mail server says of it, and what it links to."""

from __future__ import annotations

import pytest

from digest.inbound.newsletters import LinkInLetter, Newsletter, NotBelieved, legible, read_newsletter

OURS = "mx.example.org"
SENDER = "News <news@inspectorate.example>"
HTML = "Content-Type: text/html\r\n\r\n"


def a_letter(*results: str, sender: str = SENDER, body: str = f"{HTML}<p>News</p>") -> bytes:
    """A message with the results of mail servers above it, the last one's first."""
    above = "".join(f"Authentication-Results: {one}\r\n" for one in results)
    return f"{above}From: {sender}\r\nSubject: News\r\nMessage-ID: <1@x.example>\r\n{body}".encode()


def read(letter: bytes, server: str | None = OURS) -> Newsletter | NotBelieved:
    return read_newsletter(letter, senders=("inspectorate.example",), server=server)


@pytest.mark.parametrize(
    "result",
    [
        "dmarc=pass (p=reject) header.from=inspectorate.example",
        "dkim=fail header.d=other.example; dkim=pass header.d=inspectorate.example header.s=a",
        "dkim=pass header.i=@inspectorate.example",
        "spf=pass smtp.mailfrom=bounce@inspectorate.example",
    ],
)
def test_a_message_is_believed_if_our_server_vouches_for_its_domain(result: str) -> None:
    assert isinstance(read(a_letter(f"{OURS}; {result}")), Newsletter)


def test_a_senders_part_of_a_domain_is_covered_by_its_owner() -> None:
    sender = "news@mail.inspectorate.example"
    letter = a_letter(f"{OURS}; dkim=pass header.d=inspectorate.example", sender=sender)
    found = read_newsletter(letter, senders=(sender,), server=OURS)
    assert isinstance(found, Newsletter)


PASS = "dkim=pass header.d=inspectorate.example"


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(a_letter(), id="no results"),
        pytest.param(a_letter(f"mx.evil.example; {PASS}"), id="another server's results"),
        pytest.param(a_letter(f"{OURS}; dkim=none", f"{OURS}; {PASS}"), id="results below our own"),
        pytest.param(a_letter(f"{OURS}; dkim=pass header.d=evil.example"), id="somebody else's signature"),
        pytest.param(a_letter(f"{OURS}; dkim=pass header.d=example"), id="a domain of all"),
        pytest.param(a_letter(f"{OURS}; dkim=fail header.d=inspectorate.example"), id="a broken signature"),
        pytest.param(a_letter(f"{OURS}; dmarc=pass header.from=evil.example"), id="another From"),
        pytest.param(
            a_letter(f'{OURS}; spf=pass smtp.mailfrom="a; {PASS}"@evil.example'), id="within a quoted name"
        ),
        pytest.param(a_letter(f"{OURS}; none (x; {PASS})"), id="within a comment"),
        pytest.param(a_letter(f"{OURS}; spf=fail {PASS}"), id="as a property of another method"),
        pytest.param(
            a_letter(f"{OURS}; {PASS}", sender="<news@inspectorate.example.evil.example>"), id="a like name"
        ),
        pytest.param(
            a_letter(f"{OURS}; {PASS}", sender="<news@inspectorate.example>, <me@evil.example>"), id="two"
        ),
        pytest.param(
            a_letter(f"{OURS}; {PASS}", sender='"news@inspectorate.example" <me@evil.example>'), id="a name"
        ),
        pytest.param(
            a_letter(f"{OURS}; {PASS}", sender=f"{SENDER}\r\nFrom: me@evil.example"), id="two fields"
        ),
    ],
)
def test_a_forged_message_is_not_believed(letter: bytes) -> None:
    assert isinstance(read(letter), NotBelieved)


def test_only_a_senders_address_counts_where_nobody_vouches() -> None:
    assert isinstance(read(a_letter(), server=None), Newsletter)
    assert isinstance(read(a_letter(sender="me@evil.example"), server=None), NotBelieved)


def test_a_link_without_telling_words_is_called_by_the_heading_above_it() -> None:
    body = (
        '<h2>Oakshire</h2><a href="https://x.example/oak">Read more</a><h2>Elm</h2>'
        '<a href="https://x.example/elm">Elm was visited</a><a href="https://x.example/elm">Here</a>'
        '<a href="https://x.example/u">Unsubscribe</a><a href="mailto:a@x.example">Write</a>'
    )
    letter = read(a_letter(f"{OURS}; {PASS}", body=HTML + body))
    assert isinstance(letter, Newsletter)
    assert letter.links == (
        LinkInLetter(url="https://x.example/oak", words="Oakshire"),
        LinkInLetter(url="https://x.example/elm", words="Elm was visited"),
    )


def test_links_of_a_plain_text_are_called_by_the_words_before_them() -> None:
    body = "\r\nOur report on Oakshire:\r\nhttps://x.example/oak.\r\n\r\nElm: https://x.example/elm"
    letter = read(a_letter(f"{OURS}; {PASS}", body=body))
    assert isinstance(letter, Newsletter)
    assert [(link.url[-3:], link.words) for link in letter.links] == [
        ("oak", "Our report on Oakshire"),
        ("elm", "Elm"),
    ]


def test_a_message_that_asks_to_confirm_is_told_from_news() -> None:
    def asks(subject: str, *words: str) -> bool:
        links = "".join(f'<a href="https://x.example/{n}">{said}</a>' for n, said in enumerate(words))
        letter = f"From: {SENDER}\r\nSubject: {subject}\r\n{HTML}{links}".encode()
        found = read(letter, server=None)
        assert isinstance(found, Newsletter)
        return found.asks_to_confirm

    assert asks("Please confirm your subscription")
    assert asks("Welcome", "Verify my email address")
    assert asks("Welcome", "Yes, subscribe me to this list.")
    assert not asks("Inspectors confirm that care is good", "Read the report")
    assert not asks("News", "Confirm your subscription", *(f"Report {n}" for n in range(6)))


def test_an_operator_reads_the_text_and_every_link_whoever_wrote_it() -> None:
    body = f'{HTML}<p>Hello</p><a href="https://x.example/unsubscribe">Unsubscribe</a>'
    found = legible(a_letter(sender="anybody", body=body))

    assert "Hello" in found.text
    assert [link.url for link in found.links] == ["https://x.example/unsubscribe"]
