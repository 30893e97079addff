"""Mail to operators: what it says, and that no mail program answers it or offers to leave a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from sample_editions import SENDER
from test_mail_words import folded, reading

from digest.adapters.templates import TemplateRenderer
from digest.changes import Movement
from digest.compose import Correspondence
from digest.health import Health
from digest.letter_kinds import (
    ForOperators,
    OperatorCall,
    OperatorPreview,
    OperatorWeek,
    PreviewedStory,
    SourcesTurned,
    SourceWeek,
    TurnedSource,
)
from digest.letters import Letter
from digest.present.links import LetterLinks, SignedLinks
from digest.tokens import LinkTokens

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
WHO = {"reference": "ops", "occasion": "1"}
HOSTILE = "<script>alert(1)</script> & “503”"

Sent = Callable[[ForOperators], tuple[EmailMessage, str, str]]


@pytest.fixture
def sent(renderer: TemplateRenderer) -> Sent:
    """The message, its text, and the words of its HTML."""
    links = SignedLinks("https://digest.example.org", LinkTokens([b"a secret for tests"]))
    composing = Correspondence(
        sender=SENDER,
        renderer=renderer,
        links=LetterLinks(links=links, mail_domain=SENDER.commands, mailbox_seal=str),
        zone=ZoneInfo("Europe/London"),
        key=b"letters",
    )

    def sent(content: ForOperators) -> tuple[EmailMessage, str, str]:
        letter = Letter(content=content, address="ops@example.org", expires_at=NOW)
        message = message_from_bytes(composing.compose(letter, NOW, 1).content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
        assert text is not None
        assert html is not None
        return message, folded(text.get_content()), folded("".join(reading(html.get_content()).words))

    return sent


def a_turn(now: Health, before: Health = Health.OK, **facts: object) -> TurnedSource:
    values: dict[str, object] = {
        "name": "Inspectorate of Schools",
        "source": "schools",
        "before": before,
        "now": now,
        "since": NOW - timedelta(hours=2),
        "checked_at": NOW - timedelta(days=1),
        "why": None,
    }
    return TurnedSource(**(values | facts))  # type: ignore[arg-type]


def turned(*turns: TurnedSource) -> SourcesTurned:
    return SourcesTurned(**WHO, turned=turns)


def a_week(*sources: SourceWeek, **counts: int) -> OperatorWeek:
    return OperatorWeek(
        **WHO,
        first=date(2026, 2, 25),
        last=date(2026, 3, 3),
        sources=sources,
        **{"editions": 0, "cases": 0, "mail": 0} | counts,
    )


A_BLOG = SourceWeek(
    name="A blog", state=Health.OK, checked_at=NOW, new=2, stories=1, parked=0, held=0, why=None
)
CALL = OperatorCall(**WHO, what="sending is paused: the relay refuses us")


A_STORY = PreviewedStory(
    number="12.1",
    name=HOSTILE,
    title="An inspection",
    link="https://inspectorate.example.org/12/",
    movement=Movement.DOWNGRADE,
    before="good",
    after="inadequate",
    evidence="It fell from good to inadequate.",
)
PREVIEW = OperatorPreview(
    **WHO, day=date(2026, 3, 3), noon=NOW, hold_end=NOW + timedelta(hours=3), stories=(A_STORY,)
)


def test_a_preview_has_each_storys_number_and_its_evidence_and_says_what_may_be_done(sent: Sent) -> None:
    message, *bodies = sent(replace(PREVIEW, stories=(A_STORY, replace(A_STORY, number="13", dropped=True))))

    assert "preview of Tuesday 3 March, 2 stories" in message["Subject"]
    for body in bodies:
        assert HOSTILE in body
        assert "12.1" in body
        assert "from good to inadequate" in body
        assert "It fell from good to inadequate." in body
        assert "(dropped)" in body
        assert "It goes at 2:00pm. You need not answer." in body
        assert "digest edition drop" in body


def test_a_preview_links_to_the_pages_and_says_that_the_edition_is_held(sent: Sent) -> None:
    held = replace(PREVIEW, held=True, pages=True, note="Nothing of Ofsted today.", more=3)
    for body in sent(held)[1:]:
        assert "is held" in body
        assert "it goes by itself at 5:00pm" in body
        assert "Nothing of Ofsted today." in body
        assert "And 3 more." in body
    assert "https://digest.example.org/operators" in sent(held)[1]


@pytest.mark.parametrize(
    "content",
    [CALL, turned(a_turn(Health.FAILING)), a_week(A_BLOG), PREVIEW],
    ids=lambda content: content.kind,
)
def test_machines_do_not_answer_it_and_there_is_no_list_to_leave(sent: Sent, content: ForOperators) -> None:
    message, _, _ = sent(content)

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"] == "ops@example.org"
    assert [name for name in message if name.lower().startswith("list-")] == []


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        (a_turn(Health.FAILING, why="503"), "cannot be read since Tuesday 3 March at midday. Reason: 503"),
        (a_turn(Health.FAILING), "It was last read on Monday 2 March at 2:00pm."),
        (a_turn(Health.BLOCKED, checked_at=None), "refuses us since Tuesday 3 March at midday. It was never"),
        (a_turn(Health.OVERDUE), "was not polled for more than a day."),
        (a_turn(Health.EMPTY), "can be read, but lists nothing since Tuesday"),
        (a_turn(Health.HELD, count=120), "120 items are held until you decide. digest sources show schools"),
        (a_turn(Health.QUIET), "has listed nothing new for longer than its history makes likely."),
        (a_turn(Health.SLOW), "answers, but takes much longer than usual"),
        (a_turn(Health.UNCHANGED, Health.BLOCKED), "is well again (it refused us)."),
        (a_turn(Health.FAILING, name="", source="*"), "No source has answered since Tuesday 3 March"),
        (a_turn(Health.OK, Health.FAILING, name="", source="*"), "Our own line is back"),
    ],
)
def test_a_turn_is_told_in_plain_words(sent: Sent, turn: TurnedSource, said: str) -> None:
    _, text, html = sent(turned(turn))

    assert said in text
    assert said.replace(" Reason", "Reason").split(". ")[0] in html


@pytest.mark.parametrize("before", [health for health in Health if not health.well])
def test_every_illness_can_heal(sent: Sent, before: Health) -> None:
    assert "is well again" in sent(turned(a_turn(Health.OK, before)))[1]


@pytest.mark.parametrize(
    ("turns", "subject"),
    [
        ([a_turn(Health.FAILING)], "1 source needs you"),
        (
            [a_turn(Health.FAILING), a_turn(Health.EMPTY), a_turn(Health.OK, Health.SLOW)],
            "2 sources need you, 1 is well again",
        ),
        ([a_turn(Health.OK, Health.SLOW)], "1 source is well again"),
        ([a_turn(Health.FAILING, name="", source="*")], "No source answers"),
        ([a_turn(Health.OK, Health.FAILING, name="", source="*")], "Our own line is back"),
    ],
)
def test_the_subject_counts_the_turns(sent: Sent, turns: list[TurnedSource], subject: str) -> None:
    assert sent(turned(*turns))[0]["Subject"] == f"{SENDER.service_name}: {subject}"


def test_what_a_server_says_is_shown_as_it_is_and_never_as_markup(sent: Sent) -> None:
    for content in (
        turned(a_turn(Health.FAILING, why=HOSTILE)),
        OperatorCall(**WHO, what=HOSTILE),
        a_week(replace(A_BLOG, state=Health.FAILING, why=HOSTILE)),
    ):
        _, text, html = sent(content)
        assert HOSTILE in text
        assert HOSTILE in html


def test_the_week_says_what_each_source_brought_and_what_waits(sent: Sent) -> None:
    ill = replace(A_BLOG, name="Schools", state=Health.QUIET, new=0, stories=0, parked=3, held=12)
    message, text, html = sent(a_week(A_BLOG, ill, editions=4, cases=5, mail=1))

    assert message["Subject"].endswith("the week to Tuesday 3 March; 1 of 2 sources needs you")
    for said in (text, html):
        assert "A blog: well. 2 new items, 1 story." in said
        assert "Schools: quiet. 0 new items, 0 stories. 3 pages could not be read. 12 items are held." in said
        assert "5 reports in doubt" in said
        assert "1 received message" in said


def test_a_week_with_nothing_to_do_says_so(sent: Sent) -> None:
    message, text, _ = sent(a_week(A_BLOG))

    assert message["Subject"].endswith("all sources are well")
    assert "WAITING FOR YOU Nothing." in text
