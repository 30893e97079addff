"""What answers to a confirmation mean: nobody who objects, asks or is a machine is taken to confirm."""

from __future__ import annotations

import pytest
from recorded_messages import OURS
from written_answers import WrittenAnswer, answers_of, near_misses, the_confirmation, words, written_answers

from digest.inbound import AutoReply, Command, Inbound, Letter, Quotable, Says, read_message
from digest.inbound.kinds import Action

TO = "confirm+token@digest.example.org"
MINA = "mina@council.example"
MEANS = {Says.NOTHING: "confirm", Says.YES: "confirm", Says.NO: "leave", Says.OTHER: "help"}


def read(octets: bytes, *, to: str = TO) -> Command:
    letter = the_confirmation().quotable
    found = read_message(octets, sent_to=to, sent_from=MINA, ours=OURS, letters=(letter,))
    assert isinstance(found, Command)
    return found


def an_answer(plain: str | None = None, html: str | None = None, subject: str = "Re: {subject}") -> bytes:
    written = WrittenAnswer(name="a", means="", subject=subject, plain=plain, html=html, writer="Mina Osei")
    return written.to_letter(the_confirmation(), TO)


@pytest.mark.parametrize("answer", written_answers(), ids=lambda answer: answer.name)
def test_an_answer_means_what_its_writer_says(answer: WrittenAnswer) -> None:
    found = read(answer.to_letter(the_confirmation(), TO))

    assert MEANS[found.says] == answer.means
    assert found.action is Action.CONFIRM
    assert found.has_other_words or answer.means != "help"


def test_the_answers_are_as_many_as_promised() -> None:
    assert len(written_answers()) >= 60
    assert len(answers_of("first-look")) >= 25
    assert len(answers_of("second-look")) >= 75
    assert {answer.means for answer in written_answers()} == {"confirm", "leave", "help"}


def test_an_answer_of_more_parts_than_are_read_confirms_nothing() -> None:
    head = an_answer("").replace(b"text/plain", b"multipart/mixed; boundary=b").partition(b"\r\n\r\n")[0]
    part = b"\r\n--b\r\nContent-Type: text/plain\r\n\r\n"

    found = read(head + b"\r\n" + part * 120 + b"STOP\r\n--b--\r\n")

    assert found.says is Says.OTHER


@pytest.mark.parametrize("language", near_misses())
def test_a_phrase_confirms_and_what_only_begins_like_it_does_not(language: str) -> None:
    phrases = near_misses()[language]
    for yes in phrases["yes"]:
        assert MEANS[read(an_answer(plain=yes)).says] == "confirm", yes
        for miss in phrases["misses"]:
            said = miss.replace("{yes}", yes)
            assert MEANS[read(an_answer(plain=said)).says] != "confirm", said


ATTRIBUTION = "On Tue, 24 Nov 2026 at 09:02, Inspections at Noon <noon@digest.example.org> wrote:"
HEADER = (
    "From: Inspections at Noon <noon@digest.example.org>\nSent: 24 November 2026 09:02\n"
    "To: Mina Osei <mina@council.example>\nSubject: {subject}"
)
HEADER_IN_HTML = "<div id=divRplyFwdMsg>" + HEADER.replace("<", "&lt;").replace("\n", "<br>") + "</div>"
LEGAL = (
    "This email and any attachments are confidential and intended solely for the addressee. If you have "
    "received it in error, please notify the sender and delete it."
)
PLACES = {
    "alone": "{own}",
    "above marked quotes": "{own}\n\n" + ATTRIBUTION.replace(" wrote", "\nwrote") + "\n\n{quoted}",
    "next to marked quotes": "{own}\n" + ATTRIBUTION + "\n{quoted}",
    "below marked quotes": ATTRIBUTION + "\n{quoted}\n{own}",
    "between marked quotes": ATTRIBUTION + "\n> One more tap\n{own}\n> more\n{quoted}",
    "above unmarked quotes": "{own}\n\n________________________________\n" + HEADER + "\n\n{letter}",
    "next to unmarked quotes": "{own}\n" + HEADER + "\n\n{letter}",
    "at the top of unmarked quotes": HEADER + "\n{own}\n\n{letter}",
    "below unmarked quotes": HEADER + "\n\n{letter}\n\n{own}",
    "below an attribution without marks": " " + ATTRIBUTION + "\n\n{letter}\n{own}",
    "below a sign-off": "Kind regards\nMina\n{own}",
    "below thanks": "Thanks\n{own}",
    "below a signature": "Mina Osei\nHead of Quality\n{own}",
    "below dashes": "-- \nMina Osei\n{own}",
    "below a telephone's words": "Sent from my iPhone\n\n{own}",
    "between a greeting and a sign-off": "Dear Noon team,\n\n{own}\n\nRegards,\nMina",
    "above a legal footer": "{own}\n\n" + LEGAL,
    "next to a legal footer": LEGAL + "\n{own}",
}
PLACES_IN_HTML = {
    "above Gmail's quote": (
        '<div dir="ltr">{own}</div><div class="gmail_quote"><div class="gmail_attr">On Tue wrote:</div>'
        '<blockquote class="gmail_quote">{html}</blockquote></div>'
    ),
    "below Gmail's quote": (
        '<div class="gmail_quote"><div class="gmail_attr">On Tue wrote:</div>'
        '<blockquote class="gmail_quote">{html}</blockquote><div>{own}</div></div>'
    ),
    "below Outlook's quote": "<div><br></div>" + HEADER_IN_HTML + "<div>{html}</div><p>{own}</p>",
    "below a marked signature": '<div class="gmail_signature">Mina Osei<br>Head</div><div>{own}</div>',
    "set in": '<blockquote style="margin:0 0 0 40px">{own}</blockquote>',
}
EVERYWHERE = [(place, text, False) for place, text in PLACES.items()]
EVERYWHERE += [(place, text, True) for place, text in PLACES_IN_HTML.items()]


@pytest.mark.parametrize(("number", "place"), list(enumerate(EVERYWHERE)), ids=[one[0] for one in EVERYWHERE])
def test_words_mean_the_same_wherever_they_stand(number: int, place: tuple[str, str, bool]) -> None:
    """A fifth of the words in each place, and all of them alone."""
    _, text, in_html = place
    for means, said in words().items():
        for own in said if number == 0 else said[number % 5 :: 5]:
            body = text.replace("{own}", own)
            found = read(an_answer(html=body) if in_html else an_answer(plain=body))
            quoted_number = own == "123" and "quotes" in place[0]  # the letter's own code looks like that
            assert MEANS[found.says] == means or quoted_number, own


def test_both_texts_of_a_message_must_agree() -> None:
    both = an_answer(plain="Yes", html="<p>Yes</p>")

    assert read(both).says is Says.YES
    assert read(both.replace(b"<p>Yes</p>", b"<p>No!</p>")).says is Says.NO
    assert read(both.replace(b"<p>Yes</p>", b"<p>Hm</p>")).says is Says.OTHER


@pytest.mark.parametrize(
    "part",
    [
        'Content-Type: application/pdf; name="a.pdf"',
        'Content-Type: text/plain; name="a.txt"\r\nContent-Disposition: attachment',
        "Content-Type: audio/mp4",
        "Content-Type: message/rfc822",
        "Content-Type: application/pkcs7-mime",
        "Content-Type: image/png\r\nContent-ID: <screenshot@phone>",
    ],
)
def test_what_cannot_be_read_is_no_empty_answer(part: str) -> None:
    message = (
        f"From: {MINA}\r\nSubject: Re: {the_confirmation().subject}\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n\r\n--b\r\n{part}\r\n\r\nSubject: x\r\n\r\nNo\r\n--b--\r\n"
    )

    assert read(message.encode()).says is Says.OTHER


def test_a_picture_alone_is_no_empty_answer() -> None:
    message = (
        f"From: {MINA}\r\nSubject: Re: {the_confirmation().subject}\r\n"
        "Content-Type: image/jpeg\r\nContent-ID: <a@phone>\r\n\r\nx\r\n"
    )

    assert read(message.encode()).says is Says.OTHER


def test_an_answer_that_is_too_long_to_be_read_whole_confirms_nothing() -> None:
    letter = the_confirmation()
    quoted = "".join(f"> {n}\r\n" for n in range(60_000))
    message = f"From: {MINA}\r\nSubject: Re: {letter.subject}\r\n\r\nYes\r\n{quoted}No\r\n"

    assert read(message.encode()).says is Says.OTHER


def test_a_letter_that_we_did_not_send_is_no_quote_of_ours() -> None:
    outlook = an_answer(plain=HEADER + "\n\n{letter}")

    assert read(outlook).says is Says.NOTHING
    found = read_message(outlook, sent_to=TO, sent_from=MINA, ours=OURS, letters=())
    assert isinstance(found, Command)
    assert found.says is Says.OTHER


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (HEADER, True),
        (" " + ATTRIBUTION, True),
        ("Feladó: Inspections at Noon\nTárgy: {subject}", True),
        (HEADER, False),
        (" " + ATTRIBUTION, False),
    ],
)
def test_the_words_of_a_quoted_letter_are_no_objection(header: str, *, known: bool) -> None:
    """It says itself how to be written to no more; and perhaps other templates made it."""
    mailed = the_confirmation().quotable
    letters = (mailed,) if known else (Quotable(subject=mailed.subject, texts=("Once upon a time",)),)
    button = "" if known else "Never write to me again\n"
    content = an_answer(plain=f"Hmm\n\n{header}\n\n{{letter}}\n{button}")

    found = read_message(content, sent_to=TO, sent_from=MINA, ours=OURS, letters=letters)

    assert isinstance(found, Command)
    assert found.says is Says.OTHER


def test_an_absence_without_its_header_is_known_by_its_subject_as_before() -> None:
    found = read_message(
        an_answer(plain="", subject="Automatic reply: {subject}"), sent_to=TO, sent_from=MINA, ours=OURS
    )

    assert isinstance(found, AutoReply)


NOTICES = [
    "",
    "I am out of the office until 30 November with limited access to email.\n\nMina Osei\nHead of Quality",
    "Thank you for your email. I am on annual leave. For urgent matters please contact 01632 960100.",
    "Ich bin bis zum 30. November nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.",
    "Je suis absente jusqu'au 30 novembre. En cas d'urgence, contactez l'accueil.",
    "Ik ben afwezig tot 30 november en lees mijn mail niet.",
    "Olen lomalla 30.11. asti.",
    "只今不在にしております。",
]
SAID_UNDER_A_NOTICE = [
    "I am on leave until Monday. Please remove me from your list.",
    "I am out of the office. Which areas do you cover?",
    "I am on holiday and will confirm when I am back.",
    "Yes please",
    "Ich bin im Urlaub. Ich habe das nicht bestellt.",
    "Please ring Anna about this.",
]


@pytest.mark.parametrize("to", [TO, "help@digest.example.org", "join@digest.example.org"])
@pytest.mark.parametrize("subject", ["Out of office", "Automatic reply: {subject}"])
def test_an_absence_notice_without_its_header_is_dropped_only_if_it_is_nothing_else(
    to: str, subject: str
) -> None:
    letters = (the_confirmation().quotable,)

    def kind(plain: str) -> type[Inbound]:
        content = an_answer(plain=plain, subject=subject)
        return type(read_message(content, sent_to=to, sent_from=MINA, ours=OURS, letters=letters))

    assert {said: kind(said) for said in NOTICES} == dict.fromkeys(NOTICES, AutoReply)
    assert {said: kind(said) for said in SAID_UNDER_A_NOTICE} == dict.fromkeys(SAID_UNDER_A_NOTICE, Letter)


@pytest.mark.parametrize(
    "condition",
    ["but only if it is free", "Unless it costs something", "aber nur freitags", "Interesting", "这是什么"],
)
def test_a_condition_below_a_name_is_no_part_of_the_signature(condition: str) -> None:
    for above in (
        "Yes\n\nMina Osei\n",
        "Yes\n\nRegards\nMina Osei\nHead of Quality\n",
        "\nMina Osei\nHead\n",
    ):
        assert read(an_answer(plain=above + condition)).says is Says.OTHER


@pytest.mark.parametrize(
    "words",
    [
        "Registered charity number 1234567 wants to pay for this",
        "Please ring 01632 960123 before you send anything",
        "Detta meddelande är inte till mig",
        "Von meinem Konto nicht gesendet",
        "Company number 7 is wrong",
        "Según la protección de datos deben decir de dónde tienen la dirección de correo que usan para esto",
        "Hi, call reception",
        "We report suspicious emails",
    ],
)
def test_what_only_looks_like_a_footer_or_signature_confirms_nothing(words: str) -> None:
    for text in (
        "{}",
        "Kind regards\nMina Osei\n{}",
        "{}\n\nKind regards\nMina Osei",
        "Mina Osei\n\n{}\n\n" + LEGAL,
    ):
        assert MEANS[read(an_answer(plain=text.format(words))).says] != "confirm", text


@pytest.mark.parametrize(
    "body", ["", "anything at all", "This message was sent by a program.", "No, keep me!"]
)
def test_a_message_to_leave_by_its_token_needs_no_words(body: str) -> None:
    found = read(an_answer(plain=body, subject="unsubscribe"), to="leave+token@digest.example.org")

    assert found.action is Action.LEAVE
    assert found.detail == "token"
    assert not found.has_other_words


@pytest.mark.parametrize("to", ["join", "join+kent", "help", "noon", "hello"])
def test_an_objection_is_one_wherever_it_is_sent(to: str) -> None:
    found = read(an_answer(plain="Stop! I never asked for this."), to=f"{to}@digest.example.org")

    assert (found.action, found.detail) == (Action.LEAVE, "")


@pytest.mark.parametrize(
    ("markup", "means"),
    [
        ('<img src="cid:1">', "help"),  # a picture may be one of a word
        ('<img src="cid:1" alt="STOP">', "leave"),
        ('<p>Mina Osei<br><img src="cid:1" alt="Kent Council"></p>', "confirm"),  # a signature's logo
        ("<p><s>Yes</s></p>", "help"),
        ("<p><del>Yes</del> No</p>", "help"),
        ('<p><span style="Text-Decoration: Line-Through">Yes</span></p>', "help"),
    ],
)
def test_a_picture_or_words_struck_through_are_no_yes(markup: str, means: str) -> None:
    assert MEANS[read(an_answer(html=markup)).says] == means


@pytest.mark.parametrize("mark", ["?", "??", "!!!", " ?!"])
def test_a_mark_that_is_put_to_our_subject_is_the_writers(mark: str) -> None:
    assert read(an_answer(plain="", subject=f"Re: {{subject}}{mark}")).says is Says.OTHER


def test_a_picture_that_the_text_shows_is_a_signatures() -> None:
    message = (
        f"From: Mina Osei <{MINA}>\r\nSubject: Re: {the_confirmation().subject}\r\n"
        'Content-Type: multipart/related; boundary="b"\r\n\r\n'
        '--b\r\nContent-Type: text/html\r\n\r\n<p>Mina Osei<br><img src="cid:logo@x" alt="Kent"></p>\r\n'
        "--b\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\n\r\nx\r\n--b--\r\n"
    )

    assert read(message.encode()).says is Says.NOTHING
    assert read(message.replace("cid:logo@x", "cid:other").encode()).says is Says.OTHER


@pytest.mark.parametrize(
    "protest",
    [
        "Regards\nThe Ombudsman Will Hear",
        "-- \nReported to the ICO",
        "Sent from my iPhone, stop",
        "Kind regards\nMina\nQuality",
        "Mina\nFor the children",
        "Report suspicious\n\nMina Osei",
        "External\nKind regards\nMina Osei",
    ],
)
def test_a_protest_that_looks_like_a_signature_or_banner_confirms_nothing(protest: str) -> None:
    assert read(an_answer(plain=protest)).says in {Says.NO, Says.OTHER}
