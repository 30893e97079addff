"""What replies mean: laws first, then the words that relays really use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.adapters.smtp.replies import RULES, Phase, Reply, agrees, answer, in_step, judge, plain
from digest.deliveries import Event

phases = st.sampled_from(Phase)
texts = st.one_of(st.text(max_size=40), st.from_regex(r"\A[245]\.\d\.\d{1,2} [a-z ]{0,20}\Z"))
noise = st.one_of(
    st.none(),
    st.integers(max_value=199),
    st.integers(min_value=600),
    st.integers(min_value=200, max_value=399),
)


@given(phases, st.integers(min_value=400, max_value=499), texts)
def test_4yz_always_puts_off(phase: Phase, code: int, text: str) -> None:
    """Whatever the phase and the wording, 421 included."""
    assert judge(phase, Reply(code=code, text=text)).event is Event.PUT_OFF


@given(phases, st.integers(min_value=500, max_value=599), texts)
def test_a_5yz_is_always_certain(phase: Phase, code: int, text: str) -> None:
    assert judge(phase, Reply(code=code, text=text)).event in {Event.PUT_OFF, Event.REJECTED}


@given(phases, noise, texts)
def test_silence_and_noise_are_lost_after_the_content_and_certain_before(
    phase: Phase, code: int | None, text: str
) -> None:
    event = judge(phase, Reply(code=code, text=text)).event

    assert event is (Event.LOST if phase is Phase.CONTENT else Event.PUT_OFF)


@given(phases, noise, texts)
def test_no_connection_goes_on_after_silence_or_noise(phase: Phase, code: int | None, text: str) -> None:
    reply = Reply(code=code, text=text)

    assert agrees(phase, reply) or not in_step(reply)


@given(st.integers(min_value=500, max_value=599), texts)
def test_before_a_recipient_is_named_nobody_is_refused_for_what_is_about_us(code: int, text: str) -> None:
    for phase in (Phase.CONNECT, Phase.MAIL):
        reply = Reply(code=code, text=text)
        too_big = reply.status in {"2.3", "3.4"} or (phase is Phase.MAIL and code == 552)
        assert judge(phase, reply).event is (
            Event.REJECTED if too_big and reply.status != "2.2" else Event.PUT_OFF
        )


@pytest.mark.parametrize(
    ("phase", "said", "event"),
    [
        (Phase.RCPT, "550 5.1.1 <x@y.test>: Recipient address rejected: User unknown", Event.REJECTED),
        (Phase.RCPT, "550 5.1.10 null MX", Event.REJECTED),
        (Phase.RCPT, "550 5.4.1 Recipient address rejected: Access denied", Event.REJECTED),
        (Phase.RCPT, "550 5.5.0 mailbox unavailable", Event.REJECTED),
        (Phase.RCPT, "550 no such user, see 5.7.1 of our terms", Event.REJECTED),
        (Phase.RCPT, "501 5.1.3 Bad recipient address syntax", Event.REJECTED),
        (Phase.RCPT, "556 5.1.10 domain takes no mail", Event.REJECTED),
        (Phase.RCPT, "550 5.1.8 Sender address rejected: Domain not found", Event.PUT_OFF),
        (Phase.RCPT, "554 5.7.1 Relay access denied", Event.PUT_OFF),
        (Phase.RCPT, "550 5.7.26 unauthenticated sender", Event.PUT_OFF),
        (Phase.RCPT, "503 5.5.1 need MAIL before RCPT", Event.PUT_OFF),
        (Phase.RCPT, "538 5.7.11 Encryption required", Event.PUT_OFF),
        (Phase.RCPT, "552 too many recipients", Event.PUT_OFF),
        (Phase.RCPT, "552 5.2.3 over this mailbox's message size", Event.REJECTED),
        (Phase.MAIL, "552 5.3.4 Message size exceeds fixed limit", Event.REJECTED),
        (Phase.MAIL, "553 5.7.1 Sender address rejected: not owned by user", Event.PUT_OFF),
        (Phase.DATA, "503 5.5.1 need RCPT", Event.PUT_OFF),
        (Phase.DATA, "550 5.7.1 refused by policy", Event.PUT_OFF),
        (Phase.CONTENT, "552 5.3.4 too much mail data", Event.REJECTED),
        (Phase.CONTENT, "552 too much mail data", Event.REJECTED),
        (Phase.CONTENT, "550 5.7.1 content refused by policy", Event.REJECTED),
        (Phase.CONTENT, "554 5.2.2 over quota", Event.PUT_OFF),
    ],
)
def test_a_refusal_means_what_relays_mean_by_it(phase: Phase, said: str, event: Event) -> None:
    """Policy is our trouble; the code and the enhanced status decide, by a table."""
    assert judge(phase, Reply(code=int(said[:3]), text=said[4:])).event is event


@pytest.mark.parametrize("status", ["5.7.1", "5.7.26", "5.7.0"])
@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DATA, Phase.CONTENT])
def test_a_refusal_by_policy_is_about_us_even_after_the_content(phase: Phase, status: str) -> None:
    """Many relays judge sender and text only then; the text is settled, and so would everybody's be."""
    said = judge(phase, Reply(code=550, text=f"{status} unauthenticated mail is not taken"))

    assert said.about_us
    assert said.event is (Event.REJECTED if phase is Phase.CONTENT else Event.PUT_OFF)


@given(
    phases, st.integers(min_value=500, max_value=599), st.sampled_from(["5.1.1", "5.2.2", "5.4.1", "5.6.0"])
)
def test_a_refusal_of_a_recipient_or_a_text_is_not_about_us(phase: Phase, code: int, status: str) -> None:
    about_speaking = code in {500, 502, 503, 504, 530, 534, 535, 538, 555} and phase is not Phase.CONTENT
    if phase not in {Phase.CONNECT, Phase.MAIL} and not about_speaking:
        assert not judge(phase, Reply(code=code, text=f"{status} no")).about_us


def test_every_rule_has_its_reason() -> None:
    assert all(rule.why for rule in RULES)


def test_an_answer_without_a_reply_has_no_code() -> None:
    assert answer(Event.LOST, Reply(code=None, text="timed out")).code is None
    assert answer(Event.LOST, Reply(code=-1, text="noise")).code is None
    assert answer(Event.LOST, Reply(code=354, text="go on")).code == 354


@given(st.binary(max_size=2000))
def test_whatever_a_relay_says_can_be_stored(octets: bytes) -> None:
    text = plain(octets.decode("utf-8", "surrogateescape"))

    assert text.isprintable()
    assert len(text) <= 500
    assert "\x00" not in text.encode("utf-8").decode()


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=500))
def test_plain_words_are_kept_as_they_are(text: str) -> None:
    assert plain(text) == text
