"""Kinds of letters: what the database holds of each, literally, and that it is read back as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

import pytest

from digest.changes import Certainty, Movement
from digest.edition import SectionKind, StoryKey
from digest.health import Health
from digest.letter_kinds import (
    Alert,
    AlertedAspects,
    AlertedChange,
    AlertedStory,
    Confirm,
    ConfirmMove,
    Content,
    CoverageChanged,
    FreshLink,
    Help,
    Left,
    Moved,
    OperatorCall,
    OperatorPreview,
    OperatorWeek,
    OwnLink,
    PreviewedStory,
    ProofOfLife,
    QuietWeek,
    Reminder,
    Reported,
    SourcesTurned,
    SourceWeek,
    TurnedSource,
    Unconfirmed,
    Unreadable,
    UnreadSource,
    Welcome,
    in_minute,
    of_request,
    on_day,
    read,
)
from digest.subscriptions import Request, Wishes

NOW: Final = datetime(2026, 7, 3, 14, 0, 5, 250_000, tzinfo=UTC)
LOCAL: Final = NOW.astimezone(ZoneInfo("Europe/London"))
TO: Final[dict[str, Any]] = {"subscriber": 7, "generation": 2}
DOWN: Final = AlertedChange(
    aspect="overall",
    movement=Movement.DOWNGRADE,
    before="good",
    before_on=date(2023, 6, 20),
    after="inadequate",
    certainty=Certainty.AGREED,
    lowest=True,
)
STORY: Final = AlertedStory(
    provider="Kent West PDU",
    inspectorate="HM Inspectorate of Probation",
    title="Kent West down",
    link="https://inspectorate.example.gov.uk/releases/2/",
    published=date(2026, 3, 3),
    inspected=None,
    section=SectionKind.DOWNGRADES,
    change=DOWN,
    evidence="We have rated it.",
    aspects=(),
    edition=date(2026, 3, 4),
    successor=False,
)
ASPECTS: Final = AlertedAspects(
    changes=(replace(DOWN, aspect="safety", before=None, before_on=None),), evidence="Safety was poor."
)
WEEK: Final = QuietWeek(
    sources=7,
    troubled=(
        UnreadSource(name="A blog", checked_at=None),
        UnreadSource(name="Inspectorate of Schools", checked_at=LOCAL),
    ),
    first=date(2025, 12, 27),
    last=date(2026, 1, 2),
)

TURNED: Final = (
    TurnedSource(
        name="Inspectorate of Schools",
        source="schools",
        before=Health.OK,
        now=Health.FAILING,
        since=LOCAL,
        checked_at=None,
        why="503 Service Unavailable",
    ),
    TurnedSource(
        name="",
        source="*",
        before=Health.FAILING,
        now=Health.OK,
        since=LOCAL,
        checked_at=None,
        why=None,
    ),
)

STORED: Final[tuple[tuple[Content, str, str], ...]] = (
    (
        Confirm(**TO, occasion=of_request(NOW), code="123456"),
        "confirm 7 2 2026-07-03T14:00:05.250000+00:00",
        '{"generation": 2, "code": "123456"}',
    ),
    (
        Confirm(**TO, occasion=on_day(NOW.date()), code="123456", answer=True, reminder=True, invited=True),
        "confirm 7 2 on 2026-07-03",
        '{"generation": 2, "code": "123456", "answer": true, "reminder": true, "invited": true}',
    ),
    (
        Confirm(**TO, occasion=of_request(NOW), code="123456", uncovered=("Prisons",), silent=True),
        "confirm 7 2 2026-07-03T14:00:05.250000+00:00",
        '{"generation": 2, "code": "123456", "uncovered": ["Prisons"], "silent": true}',
    ),
    (
        Left(**TO, wishes=Wishes(areas=("Kent",))),
        "left 7 2",
        '{"generation": 2, "wishes": {"areas": ["Kent"]}}',
    ),
    (
        Reported(**TO, wishes=Wishes()),
        "reported 7 2",
        '{"generation": 2, "wishes": {}}',
    ),
    (
        Reminder(**TO, code="123456", until=LOCAL),
        "reminder 7 2",
        '{"generation": 2, "code": "123456", "until": "2026-07-03T15:00:05.250000+01:00"}',
    ),
    (Welcome(**TO), "welcome 7 2", '{"generation": 2}'),
    (
        Welcome(**TO, uncovered=("HM Inspectorate of Prisons",), silent=True),
        "welcome 7 2",
        '{"generation": 2, "uncovered": ["HM Inspectorate of Prisons"], "silent": true}',
    ),
    (
        CoverageChanged(
            **TO, occasion=on_day(NOW.date()), uncovered=("Oak House",), covered=("prison", "Ofsted")
        ),
        "coverage 7 2 on 2026-07-03",
        '{"generation": 2, "uncovered": ["Oak House"], "covered": ["prison", "Ofsted"]}',
    ),
    (Left(**TO), "left 7 2", '{"generation": 2}'),
    (Reported(**TO), "reported 7 2", '{"generation": 2}'),
    (
        Unconfirmed(**TO, occasion=on_day(NOW.date()), answer=True),
        "unconfirmed 7 2 on 2026-07-03",
        '{"generation": 2, "answer": true}',
    ),
    (
        FreshLink(**TO, occasion=in_minute(NOW), leaving=True, answer=True),
        "fresh-link 7 2 2026-07-03T14:00",
        '{"generation": 2, "leaving": true, "answer": true}',
    ),
    (
        OwnLink(**TO, occasion=in_minute(NOW), to="erase", until=NOW),
        "own-link erase 7 2 2026-07-03T14:00",
        '{"generation": 2, "to": "erase", "until": "2026-07-03T14:00:05.250000+00:00"}',
    ),
    (
        ConfirmMove(**TO, asked_at=NOW, occasion=in_minute(NOW), old="m…@example.org"),
        "confirm-move 7 2 2026-07-03T14:00:05.250000+00:00 2026-07-03T14:00",
        '{"generation": 2, "move": 1783087205, "old": "m\\u2026@example.org"}',
    ),
    (
        Moved(**TO, asked_at=NOW, new="m…@example.org"),
        "moved 7 2 2026-07-03T14:00:05.250000+00:00",
        '{"generation": 2, "new": "m\\u2026@example.org"}',
    ),
    (
        Alert(**TO, about=StoryKey(item=12, place=3), story=STORY),
        "alert 12.3 7",
        '{"provider": "Kent West PDU", "inspectorate": "HM Inspectorate of Probation", '
        '"title": "Kent West down", "link": "https://inspectorate.example.gov.uk/releases/2/", '
        '"published": "2026-03-03", "inspected": null, "section": "downgrades", '
        '"change": {"aspect": "overall", "movement": "downgrade", "before": "good", '
        '"before_on": "2023-06-20", "after": "inadequate", "certainty": "agreed", "lowest": true}, '
        '"evidence": "We have rated it.", "aspects": [], "edition": "2026-03-04", "successor": false, '
        '"generation": 2}',
    ),
    (
        Alert(
            **TO,
            about=StoryKey(item=12, place=3),
            story=replace(STORY, change=None, evidence=None, aspects=(ASPECTS,), published=None),
        ),
        "alert 12.3 7",
        '{"provider": "Kent West PDU", "inspectorate": "HM Inspectorate of Probation", '
        '"title": "Kent West down", "link": "https://inspectorate.example.gov.uk/releases/2/", '
        '"published": null, "inspected": null, "section": "downgrades", "change": null, '
        '"evidence": null, "aspects": [{"changes": [{"aspect": "safety", "movement": "downgrade", '
        '"before": null, "before_on": null, "after": "inadequate", "certainty": "agreed", '
        '"lowest": true}], "evidence": "Safety was poor."}], "edition": "2026-03-04", '
        '"successor": false, "generation": 2}',
    ),
    (
        ProofOfLife(**TO, week=WEEK, narrowed=False),
        "proof 2026-W01 7",
        '{"sources": 7, "troubled": [{"name": "A blog", "checked_at": null}, '
        '{"name": "Inspectorate of Schools", "checked_at": "2026-07-03T15:00:05.250000+01:00"}], '
        '"first": "2025-12-27", "last": "2026-01-02", "narrowed": false, "generation": 2}',
    ),
    (
        ProofOfLife(**TO, week=replace(WEEK, troubled=()), narrowed=True, uncovered=("Ofsted",)),
        "proof 2026-W01 7",
        '{"sources": 7, "troubled": [], "first": "2025-12-27", "last": "2026-01-02", "narrowed": true, '
        '"generation": 2, "uncovered": ["Ofsted"]}',
    ),
    (Help(reference="0ab1", occasion=on_day(NOW.date())), "help 0ab1 on 2026-07-03", "{}"),
    (
        Help(reference="0ab1", occasion=in_minute(NOW), answer=True, unknown=True),
        "help with what is unknown 0ab1 2026-07-03T14:00",
        '{"answer": true, "unknown": true}',
    ),
    (
        Help(reference="0ab1", occasion=in_minute(NOW), uncovered=("prison",), offered=("cqc", "ofsted")),
        "help with what is not covered 0ab1 2026-07-03T14:00",
        '{"uncovered": ["prison"], "offered": ["cqc", "ofsted"]}',
    ),
    (
        OperatorCall(reference="0ab1", occasion="77ff on 2026-07-03", what="sending is paused"),
        "operator-call 0ab1 77ff on 2026-07-03",
        '{"what": "sending is paused"}',
    ),
    (
        SourcesTurned(reference="0ab1", occasion=NOW.isoformat(), turned=TURNED),
        "sources-turned 0ab1 2026-07-03T14:00:05.250000+00:00",
        '{"turned": [{"name": "Inspectorate of Schools", "source": "schools", "before": "ok", '
        '"now": "failing", "since": "2026-07-03T15:00:05.250000+01:00", "checked_at": null, '
        '"why": "503 Service Unavailable"}, {"name": "", "source": "*", "before": "failing", '
        '"now": "ok", "since": "2026-07-03T15:00:05.250000+01:00", "checked_at": null, "why": null}]}',
    ),
    (
        OperatorWeek(
            reference="0ab1",
            occasion="2026-W01",
            first=date(2025, 12, 27),
            last=date(2026, 1, 2),
            sources=(
                SourceWeek(
                    name="A blog",
                    state=Health.QUIET,
                    checked_at=LOCAL,
                    new=2,
                    stories=1,
                    parked=3,
                    held=0,
                    why=None,
                ),
            ),
            editions=4,
            cases=5,
            mail=6,
        ),
        "operator-week 0ab1 2026-W01",
        '{"first": "2025-12-27", "last": "2026-01-02", "sources": [{"name": "A blog", "state": "quiet", '
        '"checked_at": "2026-07-03T15:00:05.250000+01:00", "new": 2, "stories": 1, "parked": 3, '
        '"held": 0, "why": null}], "editions": 4, "cases": 5, "mail": 6}',
    ),
    (
        OperatorPreview(
            reference="0ab1",
            occasion="2026-07-03",
            day=date(2026, 7, 3),
            noon=LOCAL,
            hold_end=LOCAL,
            stories=(
                PreviewedStory(
                    number="12",
                    name="Kent PDU",
                    title="An inspection",
                    link=None,
                    movement=Movement.DOWNGRADE,
                    before="good",
                    after="inadequate",
                    evidence="It fell.",
                    dropped=True,
                ),
            ),
            pages=True,
        ),
        "operator-preview 0ab1 2026-07-03",
        '{"day": "2026-07-03", "noon": "2026-07-03T15:00:05.250000+01:00", '
        '"hold_end": "2026-07-03T15:00:05.250000+01:00", "stories": [{"number": "12", "name": "Kent PDU", '
        '"title": "An inspection", "link": null, "movement": "downgrade", "before": "good", '
        '"after": "inadequate", "evidence": "It fell.", "dropped": true}], "pages": true}',
    ),
)


@pytest.mark.parametrize(("content", "key", "stored"), STORED, ids=lambda one: getattr(one, "kind", ""))
def test_a_letter_is_stored_as_before_and_read_back_as_it_was(
    content: Content, key: str, stored: str
) -> None:
    assert (content.key, json.dumps(content.as_json())) == (key, stored)
    assert read(content.kind, key, content.subscriber, json.loads(stored)) == content


def test_every_kind_has_a_stored_example() -> None:
    assert {type(content) for content, _, _ in STORED} | {Unreadable} == set(get_args(Content))


@pytest.mark.parametrize(
    ("kind", "key", "subscriber", "stored"),
    [
        ("horoscope", "horoscope 7 2", 7, {"generation": 2}),
        ("help", "help 0ab1 on 2026-07-03", 7, {}),
        ("welcome", "welcome 7 2", None, {"generation": 2}),
        ("welcome", "welcome 7 3", 7, {"generation": 2}),
        ("welcome", "erased 12", 7, {}),
        ("reminder", "reminder 7 2", 7, {"generation": 2, "code": "123456", "until": "soon"}),
        ("confirm", "confirm 7 2", 7, {"generation": 2, "code": "123456"}),
        ("alert", "alert twelve 7", 7, {"generation": 2}),
    ],
)
def test_what_another_version_wrote_is_kept_as_it_is(
    kind: str, key: str, subscriber: int | None, stored: dict[str, Any]
) -> None:
    found = read(kind, key, subscriber, stored)

    assert found == Unreadable(
        kind=kind, key=key, subscriber=subscriber, generation=stored.get("generation"), stored=stored
    )
    assert found.as_json() == stored


def test_what_a_later_version_adds_to_a_content_is_left_out() -> None:
    stored = {"generation": 2, "mood": "cheerful"}

    assert read("welcome", "welcome 7 2", 7, stored) == Welcome(**TO)


def test_a_letter_names_the_request_that_it_asked_to_confirm() -> None:
    request = Request(
        subscriber=7, generation=2, address="a@example.org", code="1", asked_at=NOW, expires_at=NOW
    )
    letter = ConfirmMove(**TO, asked_at=NOW, occasion=in_minute(NOW), old="")

    assert ConfirmMove.asked_for(request, letter.key)
    assert not ConfirmMove.asked_for(replace(request, asked_at=NOW + timedelta(seconds=1)), letter.key)
    assert not ConfirmMove.asked_for(replace(request, generation=3), letter.key)
    assert not ConfirmMove.asked_for(request, Moved(**TO, asked_at=NOW, new="").key)
