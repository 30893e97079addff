"""Alerts and the weekly proof of life, as they are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from sample_editions import (
    LEAVE,
    SENDER,
    a_change,
    a_downgrade,
    a_late_story,
    a_story,
    hostile,
)
from test_mail_words import folded, reading

from digest.adapters.templates import TemplateRenderer, plural
from digest.changes import Certainty, Change, Movement
from digest.compose import Correspondence, alerted
from digest.edition import Story
from digest.letter_kinds import Alert, CoverageChanged, Help, ProofOfLife, QuietWeek, UnreadSource, Welcome
from digest.letters import Letter
from digest.present.links import LetterLinks, SignedLinks
from digest.ratings import Precision
from digest.tokens import LinkTokens, Purpose

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
MANAGE = "https://digest.example.org/manage/abc"
COVERAGE = "https://digest.example.org/coverage"
STOP = "https://digest.example.org/stop-alerts/abc"
PAGES = {"leave_url": LEAVE, "manage_url": MANAGE, "coverage_url": COVERAGE, "stop_url": STOP}
LINKS = {"sender": SENDER, **PAGES}

Read = Callable[..., tuple[str, str, str]]


def lowest(change: Change) -> bool:
    return change.after in {"inadequate", "poor"}


def an_alert(story: Story, *, successor: bool = False) -> Alert:
    told = alerted(story, lowest, edition=date(2026, 3, 4), successor=successor)
    assert told is not None
    return Alert(subscriber=7, generation=1, about=story.key, story=told)


def a_proof(*troubled: UnreadSource, narrowed: bool = False, sources: int = 7) -> ProofOfLife:
    week = QuietWeek(sources=sources, troubled=troubled, first=date(2026, 2, 28), last=date(2026, 3, 6))
    return ProofOfLife(subscriber=7, generation=1, week=week, narrowed=narrowed)


@pytest.fixture
def read(renderer: TemplateRenderer) -> Read:
    """Subject, text and the words of the HTML; the content has been through JSON, as the ledger keeps it."""

    def read(content: Alert | ProofOfLife) -> tuple[str, str, str]:
        values = {**LINKS, **json.loads(json.dumps(content.as_json()))}
        subject, text, html = (
            renderer.render(f"mail/{content.kind}/{part}", values)
            for part in ("subject.txt", "body.txt", "body.html")
        )
        return subject.strip(), text, html

    return read


def words(html: str) -> str:
    return folded("".join(reading(html).words))


@pytest.mark.parametrize("content", [an_alert(a_downgrade()), a_proof()], ids=lambda content: content.kind)
def test_what_recurs_can_be_left_alone_or_with_all_else(
    renderer: TemplateRenderer, content: Alert | ProofOfLife
) -> None:
    """The button of a mail program stops this kind of letter; the text has both ways."""
    letter = Letter(content=content, address="mina@example.org", expires_at=NOW)
    links = SignedLinks("https://digest.example.org", LinkTokens([b"a secret for tests"]))
    composing = Correspondence(
        sender=replace(SENDER, bounces="bounces@bücher.example"),
        renderer=renderer,
        links=LetterLinks(links=links, mail_domain=SENDER.commands, mailbox_seal=str),
        zone=ZoneInfo("Europe/London"),
        key=b"letters",
    )

    composed = composing.compose(letter, NOW, 1)
    message = message_from_bytes(composed.content, policy=policy.default)

    assert composed.envelope.bounce_to.endswith("@xn--bcher-kva.example")
    assert message["List-Id"] == f"<{content.kind}.{SENDER.address.partition('@')[2]}>"
    assert "/stop-" in message["List-Unsubscribe"]
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None
        text = body.get_content()
        assert links.link(Purpose.LEAVE, 7, 1) in text
        assert links.link(Purpose.MANAGE, 7, 1) in text


HOSTILE = ("<b>Leeds</b>", "prison")
TO = {"subscriber": 7, "generation": 1}


@pytest.mark.parametrize(
    "content",
    [
        replace(a_proof(), uncovered=HOSTILE),
        CoverageChanged(**TO, occasion="1", uncovered=HOSTILE),
        CoverageChanged(**TO, occasion="1", covered=HOSTILE),
        Welcome(**TO, uncovered=HOSTILE),
        Help(reference="0ab1", occasion="1", uncovered=HOSTILE),
    ],
    ids=lambda content: content.kind,
)
def test_a_name_from_the_register_is_text_wherever_coverage_is_told(
    renderer: TemplateRenderer, content: ProofOfLife | CoverageChanged | Welcome | Help
) -> None:
    """It is a publisher's word."""
    pages = {"home_url": COVERAGE, "fresh_link_url": COVERAGE}
    values = {**LINKS, **pages, **json.loads(json.dumps(content.as_json()))}

    assert "&lt;b&gt;Leeds&lt;/b&gt; and prison" in renderer.render(f"mail/{content.kind}/body.html", values)
    assert "<b>Leeds</b> and prison" in folded(renderer.render(f"mail/{content.kind}/body.txt", values))


# -- alerts -------------------------------------------------------------------------------------------------


def test_an_alert_says_what_moved_with_the_sentence_and_the_link(read: Read) -> None:
    subject, text, html = read(an_alert(a_downgrade()))

    assert subject == "Alert: Kent West PDU down to Inadequate"
    assert "Moved down from Good (June 2023) to Inadequate, the lowest grade." in folded(text)
    assert "“We have rated Kent West ‘Inadequate’, two steps below our last inspection.”" in folded(text)
    assert "https://inspectorate.example.gov.uk/releases/2/" in text
    assert "Was, Jun 2023Good" in folded(words(html).replace("\n", ""))
    assert "The lowest grade" in words(html)
    assert "“We have rated Kent West ‘Inadequate’, two steps below our last inspection.”" in words(html)
    assert 'href="https://inspectorate.example.gov.uk/releases/2/"' in html


def test_an_alert_says_why_it_came_and_how_to_stop_it(read: Read) -> None:
    _, text, html = read(an_alert(a_downgrade()))

    for said in (folded(text), words(html)):
        assert "You asked for alerts about Kent West PDU." in said
        assert "Your email of Wednesday 4 March will say more." in said
    for part in (text, html):
        assert MANAGE in part
        assert LEAVE in part
    _, text, _ = read(an_alert(a_downgrade(), successor=True))
    assert "You asked for alerts about Kent West PDU or a service that it followed." in folded(text)


def test_an_alert_of_a_scale_without_overall_grade_tells_its_aspects(read: Read) -> None:
    subject, text, html = read(an_alert(a_late_story()))

    assert subject == "Alert: HMP Eastmoor down in 1 area, up in 1"
    for said in (folded(text), words(html)):
        assert "oved up from Poor (January 2023) to Reasonably good" in said
        assert "oved down from Reasonably good (January 2023) to Poor, the lowest grade" in said
        assert said.count("Safety was now reasonably good") == 1


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        (a_change(), "Alert: Durham Tees Valley CRC up to Good"),
        (
            a_change(Movement.NOT_COMPARABLE, after="inadequate"),
            "Alert: Durham Tees Valley CRC rated Inadequate",
        ),
        (a_change(before=None, before_on=None), "Alert: Durham Tees Valley CRC up to Good"),
        (a_change(certainty=Certainty.HELD), "Alert: Durham Tees Valley CRC up to Good"),
    ],
)
def test_an_alert_claims_no_more_than_is_known(read: Read, change: Change, subject: str) -> None:
    said, text, html = read(an_alert(a_story(change=change)))

    assert said == subject
    for part in (folded(text), words(html)):
        assert "None" not in part
        assert ("from our own records" in part) == (change.certainty is Certainty.HELD)
        assert ("Requires improvement" in part) == (
            change.before is not None and change.movement is Movement.UPGRADE
        )


def test_an_alert_can_tell_of_a_rating_that_is_withdrawn(read: Read) -> None:
    gone = a_change(Movement.WITHDRAWN, before="good", after=None)
    subject, text, html = read(an_alert(a_story(change=gone)))

    assert subject == "Alert: Durham Tees Valley CRC: rating withdrawn"
    assert "Rating withdrawn, was Good." in folded(text)
    assert "Was Good" in words(html)


@pytest.mark.parametrize(
    ("precision", "known"),
    [(Precision.MONTH, "November 2018"), (Precision.YEAR, "2018"), (Precision.NOT_BEFORE, "")],
)
def test_an_alert_shows_a_date_as_far_as_it_is_known(read: Read, precision: Precision, known: str) -> None:
    _, text, html = read(an_alert(a_story(change=a_change(before_precision=precision))))

    for part in (folded(text), words(html)):
        assert ("2018" in part) == bool(known)
        assert known in part or known.replace("November", "Nov") in folded(part)
        assert ("Nov" in part) == ("Nov" in known)


def test_there_is_no_alert_without_a_sentence_or_a_link() -> None:
    for story in (
        a_story(evidence=None),
        a_story(link="javascript:alert(1)"),
        a_story(change=None, evidence=None),
    ):
        assert alerted(story, lowest, edition=date(2026, 3, 4), successor=False) is None


@pytest.mark.parametrize(
    "word", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ sender }}"]
)
def test_foreign_words_in_an_alert_are_shown_and_never_obeyed(read: Read, word: str) -> None:
    link = "https://inspectorate.example.gov.uk/1/"
    foreign, sober = (
        reading(read(an_alert(replace(hostile(own).stories[0], link=link)))[2]) for own in (word, "7 sober")
    )

    assert [tag for tag, _ in foreign.tags] == [tag for tag, _ in sober.tags]
    assert [set(attrs) for _, attrs in foreign.tags] == [set(attrs) for _, attrs in sober.tags]


# -- the weekly proof of life -------------------------------------------------------------------------------


def test_a_quiet_week_says_that_all_sources_are_working(read: Read) -> None:
    subject, text, html = read(a_proof())

    assert subject == "Nothing new this week; all 7 sources are working"
    for said in (folded(text), words(html)):
        assert "From Saturday 28 February to Friday 6 March we found nothing new, so" in said
        assert "All 7 sources are working, and we read each of them within the last day." in said
        assert "you asked to hear from us once a week" in said
    for part in (text, html):
        assert MANAGE in part
        assert LEAVE in part


def test_one_source_is_spoken_of_as_one(read: Read) -> None:
    subject, text, _ = read(a_proof(sources=1))

    assert subject == "Nothing new this week; the source is working"
    assert "Our one source is working, and we read it" in folded(text)


def test_a_quiet_week_names_what_could_not_be_read(read: Read) -> None:
    schools = UnreadSource(
        name="Inspectorate of Schools", checked_at=datetime(2026, 3, 2, 11, 45, tzinfo=UTC)
    )
    subject, text, html = read(a_proof(schools, UnreadSource(name="A blog", checked_at=None)))

    assert subject == "Nothing new this week; 2 of 7 sources not read"
    for said in (folded(text), words(html)):
        assert "working" not in said
        assert "Not read: Inspectorate of Schools. We last read it on Monday 2 March at 11:45am." in said
        assert "Not read: A blog. We have not been able to read it yet." in said


def test_who_follows_a_part_is_told_of_that_part(read: Read) -> None:
    subject, text, html = read(a_proof(narrowed=True))

    assert subject.startswith("Nothing new for you this week;")
    for said in (folded(text), words(html)):
        assert "we found nothing new of what you follow, so" in said


# -- both ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        an_alert(a_downgrade()),
        an_alert(a_late_story()),
        a_proof(),
        a_proof(UnreadSource(name="A blog", checked_at=None)),
    ],
)
def test_they_are_made_for_screen_readers_and_fetch_nothing(read: Read, content: Alert | ProofOfLife) -> None:
    _, text, html = read(content)
    page = reading(html)

    assert [level for level, _ in page.headings] == [1]
    assert all(attrs.get("role") == "presentation" for tag, attrs in page.tags if tag == "table")
    assert not {"img", "script", "link", "iframe"} & {tag for tag, _ in page.tags}
    assert "prefers-color-scheme: dark" in html
    for line in text.splitlines():
        assert len(line) <= 72 or "://" in line
        assert line == line.rstrip()
    assert "\n\n\n" not in text


def test_several_of_a_kind() -> None:
    said = [
        plural(kind) for kind in ("prison", "PDU", "YJS", "nursery", "children's services", "home by name")
    ]

    assert said == ["prisons", "PDUs", "YJS", "nurseries", "children's services", "homes by name"]
    assert plural("") == ""
