"""Sample stories and editions: one of each kind, a heavy day, and a day on which every word is hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from digest.changes import Certainty, Change, Movement
from digest.compose import Sender, Tokens
from digest.edition import Comment, Edition, Section, SectionKind, SourceNote, Story, StoryKey
from digest.ratings import OVERALL
from digest.records import Cause, Origin, Place
from digest.reports import Finding, FindingKind, Judgement, Quote
from digest.subscriptions import Standing, Subscription, Wishes

LONDON = ZoneInfo("Europe/London")
DAY = date(2026, 3, 3)
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
CUTOFF = datetime(2026, 3, 3, 11, 45, tzinfo=UTC)
TOKENS = Tokens(
    leave="AAAAAAAAAAcAAAABc2lnbmVkLXRvLWxlYXZlMDAx",
    one_click="AAAAAAAAAAcAAAABb25lLWNsaWNrLXNpZ25lZDAx",
    manage="AAAAAAAAAAcAAAABbWFuYWdlLXNpZ25lZC0tLTAx",
)
LEAVE_PAGE = "https://digest.example.org/leave/"
ONE_CLICK_ADDRESS = "https://digest.example.org/one-click/"
MANAGE_PAGE = "https://digest.example.org/manage/"
SHARE_PAGE = "https://digest.example.org/edition/2026-03-03"
LEAVE = LEAVE_PAGE + TOKENS.leave
MANAGE = MANAGE_PAGE + TOKENS.manage
ONE_CLICK = ONE_CLICK_ADDRESS + TOKENS.one_click


def service_page(id: str, inspectorate: str) -> str:
    return f"https://digest.example.org/services/{quote(inspectorate, safe='')}/{quote(id, safe='')}"


def own_watch_page(id: str) -> str:
    return f"watch?service={quote(id, safe='')}"


def watch_page(id: str) -> str:
    return f"https://digest.example.org/join?watch={quote(id, safe='')}"


TEMPLATES = Path(__file__).parents[1] / "templates"

SENDER = Sender(
    name="Inspections at Noon",
    address="noon@digest.example.org",
    reply_to="hello@digest.example.org",
    bounces="bounces@digest.example.org",
    service_name="Inspections at Noon",
    service_url="https://digest.example.org/",
    contact="hello@digest.example.org",
    postal_address="Inspections at Noon, 1 Market Place, Durham DH1 3NJ",
)


def a_change(movement: Movement = Movement.UPGRADE, **fields: Any) -> Change:
    given: dict[str, Any] = {
        "provider": "durham-tees-valley-crc",
        "aspect": OVERALL,
        "scale": "hmi-probation-4",
        "movement": movement,
        "before": "requires improvement",
        "before_on": date(2018, 11, 30),
        "after": "good",
        "certainty": Certainty.AGREED,
    }
    return Change(**given | fields)


def a_story(number: int = 1, **fields: Any) -> Story:
    given: dict[str, Any] = {
        "key": StoryKey(item=number, place=0),
        "section": SectionKind.UPGRADES,
        "title": "Probation service in the North East raised to ‘Good’",
        "link": f"https://inspectorate.example.gov.uk/releases/{number}/",
        "source_name": "HM Inspectorate of Probation",
        "inspectorate": "hmi-probation",
        "inspectorate_name": "HM Inspectorate of Probation",
        "provider": "durham-tees-valley-crc",
        "provider_name": "Durham Tees Valley CRC",
        "published": date(2026, 3, 3),
        "found_at": datetime(2026, 3, 3, 9, 30, tzinfo=UTC),
        "change": a_change(),
        "evidence": "The service has earned an overall rating of ‘Good’, one step up from last time.",
    }
    return Story(**given | fields)


def an_edition(*stories: Story, **fields: Any) -> Edition:
    groups = ((kind, tuple(s for s in stories if s.section is kind)) for kind in SectionKind)
    sections = tuple(Section(kind=kind, stories=group) for kind, group in groups if group)
    sources = (
        SourceNote(name="HM Inspectorate of Probation", checked_at=CUTOFF, trouble=None),
        SourceNote(name="HM Inspectorate of Prisons", checked_at=CUTOFF, trouble=None),
        SourceNote(name="Ofsted", checked_at=CUTOFF, trouble=None),
        SourceNote(name="Probation Notebook", checked_at=CUTOFF, trouble=None),
        SourceNote(name="The Cell Window", checked_at=CUTOFF, trouble=None),
    )
    given: dict[str, Any] = {"day": DAY, "cutoff": CUTOFF, "sections": sections, "sources": sources}
    return Edition(**given | fields)


def a_subscription(**fields: Any) -> Subscription:
    given: dict[str, Any] = {
        "subscriber": 7,
        "address": "mina@example.org",
        "standing": Standing.ACTIVE,
        "generation": 1,
        "wishes": Wishes(),
        "since": datetime(2026, 1, 5, 10, 0, tzinfo=UTC),
    }
    return Subscription(**given | fields)


_STRENGTHS = {
    "Leading the organisation": (
        "Leaders set out a plan that staff know, believe in and can explain.",
        "Senior managers have built trust with police, councils and local charities.",
        "Checks on the quality of work are regular and change what people do.",
        "People who were once supervised now mentor others, and are well supported.",
        "Staff meet people close to their homes, so fewer appointments are missed.",
    ),
    "Supervising people": (
        "Staff listen to the people they supervise and plan around their lives.",
        "Plans name what lies behind the offending and what could help.",
        "Plans to keep others safe say which agency will do what.",
        "Staff speak to other agencies more often than at our last visit.",
    ),
    "Unpaid work": (
        "Projects suit people’s health, faith, caring duties and working hours.",
        "Local people can see the work that is done, and say that it matters.",
        "Training offered during the hours leads to certificates, and some to jobs.",
        "Those who finish may stay as volunteers.",
    ),
    "Leaving prison": (
        "People help to write their own plan for the first weeks outside.",
        "Plans for release take proper account of risks to others.",
        "The most urgent needs are met first.",
        "Mentors meet people at the gate and stay in touch.",
    ),
}
_IMPROVEMENTS = {
    "Leading the organisation": (
        "Training on the risk of harm does not yet show in every case.",
        "Too few people are sent to the programmes on offer.",
    ),
    "Supervising people": (
        "Work to protect the public, though better, still falls short.",
        "Staff take what they are told about past behaviour too readily on trust.",
        "Help promised in the plan is often late or never comes.",
    ),
    "Unpaid work": (
        "Notes on who may work where are patchy and hard to follow.",
        "Project supervisors are not always told about risks.",
    ),
    "Leaving prison": ("Nobody checks whether the plan was followed once a person is out.",),
}


def durham() -> Story:
    """An upgrade with 17 strengths and 8 areas for improvement."""
    findings = [
        Finding(heading=heading, kind=kind, text=text)
        for heading in _STRENGTHS
        for kind, texts in ((FindingKind.STRENGTH, _STRENGTHS), (FindingKind.IMPROVEMENT, _IMPROVEMENTS))
        for text in texts[heading]
    ]
    return a_story(
        findings=tuple(findings),
        aspects=(
            a_change(Movement.UNCHANGED, aspect="leadership", before="outstanding", after="outstanding"),
            a_change(aspect="through the gate", before="inadequate", after="outstanding"),
        ),
        judgements=(
            Judgement(
                aspect="leadership",
                grade="outstanding",
                evidence="Leadership has kept its ‘Outstanding’ rating.",
            ),
            Judgement(
                aspect="through the gate",
                grade="outstanding",
                evidence="Work with people leaving prison climbed furthest, to ‘Outstanding’.",
            ),
        ),
        quotes=(
            Quote(speaker="A person on the scheme", text="They stood by me when it counted."),
            Quote(
                speaker="The Chief Inspector of Probation",
                text="This is a service that listened to us. Half of what we looked at is better now.",
            ),
        ),
        inspected="November and December",
        caseload="more than 3,600 people",
        commentary=(
            Comment(
                key=StoryKey(item=90, place=0),
                source_name="Probation Notebook",
                title="A northern service climbs the table",
                link="https://notebook.example.org/a-northern-service-climbs/",
            ),
        ),
    )


def a_record_story(number: int = 20, cause: Cause | None = Cause.INSPECTION, **fields: Any) -> Story:
    """An upgrade that a row of a publisher's file states."""
    place = Place(
        publisher="Ofsted",
        document="State-funded schools as at 28 February 2026",
        dated=date(2026, 2, 28),
        row="line 17",
    )
    given: dict[str, Any] = {
        "title": "Low Meadow Primary School",
        "provider": "ofsted:900017",
        "provider_name": "Low Meadow Primary School",
        "inspectorate": "ofsted",
        "inspectorate_name": "Ofsted",
        "source_name": "Ofsted",
        "link": "https://reports.example.gov.uk/provider/21/900017",
        "evidence": "Overall effectiveness: Good",
        "origin": Origin(
            place=place,
            key="900017",
            cause=cause,
            inherited_from="900003" if cause is Cause.INHERITED else None,
        ),
    }
    return a_story(number, **given | fields)


def a_downgrade(number: int = 2) -> Story:
    return a_story(
        number,
        section=SectionKind.DOWNGRADES,
        provider="kent-west-pdu",
        provider_name="Kent West PDU",
        title="Staff shortages drag Kent West down",
        change=a_change(Movement.DOWNGRADE, before="good", after="inadequate", before_on=date(2023, 6, 20)),
        evidence="We have rated Kent West ‘Inadequate’, two steps below our last inspection.",
        findings=(
            Finding(
                heading=None,
                kind=FindingKind.IMPROVEMENT,
                text="One post in three stands empty, and caseloads have doubled in a year.",
            ),
            Finding(
                heading=None, kind=FindingKind.STRENGTH, text="New recruits speak well of their first weeks."
            ),
        ),
    )


def an_unchanged(number: int = 3) -> Story:
    return a_story(
        number,
        section=SectionKind.STEADY,
        provider="oldham-yjs",
        provider_name="Oldham YJS",
        title="Oldham holds steady",
        change=a_change(Movement.UNCHANGED, before="good", after="good", before_on=date(2019, 6, 12)),
        evidence="Oldham remains a ‘Good’ service overall.",
    )


def a_first_rating(number: int = 4) -> Story:
    """That it is the first one, the report says."""
    return a_story(
        number,
        section=SectionKind.STEADY,
        provider="gwent-pdu",
        provider_name="Gwent PDU",
        title="Gwent inspected for the first time",
        change=a_change(Movement.FIRST_RATING, before=None, before_on=None, certainty=Certainty.STATED),
        evidence="At its first inspection Gwent was rated ‘Good’.",
    )


def a_rating_alone(number: int = 14) -> Story:
    """The first one that we know: the report does not say what was before."""
    return a_story(
        number,
        section=SectionKind.STEADY,
        provider="swansea-pdu",
        provider_name="Swansea PDU",
        title="Swansea’s plans are clear, and its courts trust them",
        change=a_change(Movement.FIRST_RATING, before=None, before_on=None, certainty=Certainty.ALONE),
        evidence="Swansea was rated ‘Good’.",
    )


def a_not_comparable(number: int = 5) -> Story:
    return a_story(
        number,
        section=SectionKind.STEADY,
        provider="st-brides-academy",
        provider_name="St Bride’s Academy",
        inspectorate="ofsted",
        inspectorate_name="Ofsted",
        source_name="Ofsted",
        title="St Bride’s Academy: pupils settle quickly and learn well",
        change=a_change(
            Movement.NOT_COMPARABLE,
            before="good",
            before_on=date(2021, 5, 4),
            after="expected standard",
            certainty=Certainty.HELD,
        ),
        evidence="Overall, the school meets the ‘expected standard’.",
    )


def a_retelling(number: int = 6) -> Story:
    """A blog on an inspection that an earlier edition told."""
    return a_story(
        number,
        section=SectionKind.COMMENTARY,
        source_name="Probation Notebook",
        title="What Essex North tells us about recruitment",
        link="https://notebook.example.org/essex-north/",
        change=None,
        evidence=None,
        first_told=date(2026, 2, 27),
    )


def a_stand_in(number: int = 7) -> Story:
    """A blog's telling of a report whose official text we have not seen."""
    return a_story(
        number,
        section=SectionKind.ELSEWHERE,
        provider="surrey-pdu",
        provider_name="Surrey PDU",
        source_name="Probation Notebook",
        reported_by="Probation Notebook",
        title="Surrey probation goes up a grade",
        link="https://notebook.example.org/surrey-goes-up/",
        evidence="Inspectors have moved Surrey up from ‘Requires improvement’ to ‘Good’.",
        change=a_change(certainty=Certainty.STATED, before_on=None),
    )


def a_thematic(number: int = 8) -> Story:
    return a_story(
        number,
        section=SectionKind.REPORTS,
        provider=None,
        provider_name=None,
        title="Resettlement across England and Wales: a joint inspection",
        change=None,
        evidence=None,
        lead="Inspectors visited nine areas and spoke to 112 people who had left prison that spring. "
        "They found that most had nowhere settled to live.",
    )


def an_opinion(number: int = 9) -> Story:
    return a_story(
        number,
        section=SectionKind.COMMENTARY,
        source_name="The Cell Window",
        inspectorate=None,
        inspectorate_name=None,
        provider=None,
        provider_name=None,
        title="Why I stopped counting league tables",
        link="https://cellwindow.example.org/counting/",
        change=None,
        evidence=None,
    )


def a_late_story(number: int = 10) -> Story:
    return a_story(
        number,
        section=SectionKind.STEADY,
        provider="hmp-eastmoor",
        provider_name="HMP Eastmoor",
        inspectorate="hmi-prisons",
        inspectorate_name="HM Inspectorate of Prisons",
        source_name="HM Inspectorate of Prisons",
        title="HMP Eastmoor: safer, but idle",
        change=None,
        evidence=None,
        aspects=(
            a_change(
                aspect="safety",
                scale="hmip-hpt-4",
                before="poor",
                after="reasonably good",
                before_on=date(2023, 1, 20),
            ),
            a_change(
                Movement.DOWNGRADE,
                aspect="purposeful activity",
                scale="hmip-hpt-4",
                before="reasonably good",
                after="poor",
                before_on=date(2023, 1, 20),
            ),
        ),
        judgements=(
            Judgement(
                aspect="safety",
                grade="reasonably good",
                evidence="Safety was now reasonably good, but purposeful activity had fallen to poor.",
            ),
            Judgement(
                aspect="purposeful activity",
                grade="poor",
                evidence="Safety was now reasonably good, but purposeful activity had fallen to poor.",
            ),
        ),
        published=date(2026, 3, 2),
        late_from=date(2026, 3, 2),
    )


def a_news_item(number: int = 11) -> Story:
    return a_story(
        number,
        section=SectionKind.NEWS,
        provider=None,
        provider_name=None,
        title="Consultation opens on how youth justice services are inspected",
        change=None,
        evidence=None,
    )


def a_full_day() -> Edition:
    """One of each kind."""
    return an_edition(
        durham(),
        a_stand_in(),
        a_downgrade(),
        an_unchanged(),
        a_first_rating(),
        a_rating_alone(),
        a_not_comparable(),
        a_late_story(),
        a_thematic(),
        a_retelling(),
        an_opinion(),
        a_news_item(),
    )


def a_heavy_day(stories: int = 40) -> Edition:
    """Many long stories, one in four a downgrade."""
    return an_edition(
        *(
            replace(
                durham(),
                key=StoryKey(item=100 + i, place=0),
                provider_name=f"Northern Service {i + 1}",
                **(
                    {
                        "section": SectionKind.DOWNGRADES,
                        "change": a_change(Movement.DOWNGRADE, before="good", after="inadequate"),
                        "evidence": "The service is ‘Inadequate’ overall, two steps below last time.",
                    }
                    if i % 4 == 3
                    else {}
                ),
            )
            for i in range(stories)
        )
    )


def hostile(text: str) -> Edition:
    """An edition in which every word that comes from outside is `text`."""
    story = replace(
        durham(),
        title=text,
        link=text,
        source_name=text,
        inspectorate_name=text,
        provider_name=text,
        evidence=text,
        change=a_change(before=text, after=text),
        aspects=(a_change(aspect=text, before=text, after=text),),
        judgements=(Judgement(aspect=text, grade=text, evidence=text + " again"),),
        findings=(Finding(heading=text, kind=FindingKind.STRENGTH, text=text),),
        quotes=(Quote(speaker=text, text=text + " once more"),),
        inspected=text,
        caseload=text,
        commentary=(Comment(key=StoryKey(item=91, place=0), source_name=text, title=text, link=text),),
    )
    opinion = replace(an_opinion(), title=text, source_name=text, link=text)
    stand_in = replace(a_stand_in(), title=text, reported_by=text, lead=text, link=text)
    thematic = replace(a_thematic(), title=text, lead=text, link=text)
    note = SourceNote(name=text, checked_at=CUTOFF - timedelta(days=3), trouble=text)
    record = a_record_story(
        title=text,
        link=text,
        source_name=text,
        inspectorate_name=text,
        provider_name=text,
        predecessors=(text,),
        evidence=text,
        origin=Origin(
            place=Place(publisher=text, document=text, row=text),
            key=text,
            cause=Cause.INHERITED,
            inherited_from=text,
        ),
    )
    edition = an_edition(story, opinion, stand_in, thematic, record)
    return replace(edition, sources=(*edition.sources, note))
