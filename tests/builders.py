"""Builders that name only what matters: every other field gets a plausible value.

The trade they show: HM Inspectorate of Probation rates delivery units, HMI Prisons judges by aspects alone,
the Care Inspectorate counts upwards, and Ofsted changed its framework.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from digest.admission import Admission, Admitted, Fate, Memory
from digest.changes import Certainty, Change, Movement
from digest.edition import Candidate, Comment, Edition, Section, SectionKind, Story, StoryKey
from digest.identity import Fresh
from digest.letter_kinds import AlertedStory
from digest.providers import Provider
from digest.ratings import OVERALL, Aspect, Grade, Inspectorate, Inspectorates, Licence, Rating, Scale
from digest.reports import Claim, Direction, Judgement, Kind, Report
from digest.schedule import Timetable
from digest.sources import Authority, Polled, Source
from digest.subscriptions import Standing, Subscription, Wishes

DAY: Final = date(2026, 3, 10)
"""A Tuesday far from any clock change: the day of the edition unless a test says otherwise."""

MORNING: Final = datetime(2026, 3, 10, 9, tzinfo=UTC)
"""Found then, a candidate enters `DAY`'s edition."""

KENT: Final = "kent-pdu"
PROBATION: Final = "hmi-probation-4"
PRISONS: Final = "hmip-hpt-4"


# -- sources --------------------------------------------------------------------------------------------


def admitting(
    polled: Polled, fresh: Sequence[Fresh], *, known: Sequence[Fresh] = (), held: Sequence[Fresh] = ()
) -> Callable[[Memory], Admission]:
    """Admits every item as news but those that are only known or held, whatever is remembered."""
    fates = dict.fromkeys(known, Fate.KNOWN) | dict.fromkeys(held, Fate.HELD)
    items = tuple(
        Admitted(fresh=one, fate=fates.get(one, Fate.NEWS), why="too many" if one in held else None)
        for one in fresh
    )
    return lambda _: Admission(polled=polled, items=items)


def a_source_of(inspectorate: str | None, **facts: Any) -> Source:
    """An inspectorate's own feed; a blog or another source by its facts."""
    usual = {
        "id": inspectorate or "anybody",
        "name": f"The feed of {inspectorate or 'anybody'}",
        "url": f"https://{inspectorate or 'anybody'}.example/feed/",
        "authority": Authority.OFFICIAL,
        "inspectorate": inspectorate,
        "every": timedelta(minutes=30),
        "recent": timedelta(days=14),
        "pages": 20,
    }
    return Source(**(usual | facts))


# -- the scales -----------------------------------------------------------------------------------------


def a_scale(key: str, *grades: str | tuple[str, ...], **facts: Any) -> Scale:
    """A scale of grades, best first; a grade is its name, or its name and aliases."""
    named = [(grade,) if isinstance(grade, str) else grade for grade in grades]
    steps = tuple(Grade(name=n, rank=r, aliases=tuple(a)) for r, (n, *a) in enumerate(named, start=1))
    return Scale(key=key, grades=steps, **facts)


def hmi_probation() -> Inspectorate:
    """One scale with an overall grade, and standards below it."""
    scale = a_scale(
        PROBATION,
        ("outstanding", "excellent"),
        "good",
        "requires improvement",
        ("inadequate", "poor"),
        aspects=(Aspect(name="leadership", aliases=("governance and leadership",)), Aspect(name="staff")),
    )
    terms = Licence(
        name="A licence", link="https://licence.example/", attribution="Contains what A licence covers."
    )
    return Inspectorate(
        key="hmi-probation", name="HM Inspectorate of Probation", scales=(scale,), licence=terms
    )


def hmi_prisons() -> Inspectorate:
    """A scale without an overall grade, whose fourth test was renamed."""
    scale = a_scale(
        PRISONS,
        "good",
        "reasonably good",
        ("not sufficiently good", "insufficiently good"),
        "poor",
        has_overall=False,
        aspects=(
            Aspect(name="safety"),
            Aspect(name="respect"),
            Aspect(name="purposeful activity"),
            Aspect(name="preparation for release", aliases=("resettlement", "release planning")),
        ),
    )
    return Inspectorate(key="hmi-prisons", name="HM Inspectorate of Prisons", scales=(scale,))


def ofsted() -> Inspectorate:
    """Two frameworks that do not compare, and a third that inherits the words of the second."""
    old = a_scale("ofsted-4", "outstanding", "good", ("requires improvement", "satisfactory"), "inadequate")
    new = a_scale(
        "ofsted-reportcard-5", "exceptional", "strong standard", "good", "needs attention", "urgent"
    )
    heir = a_scale(
        "ofsted-care-4",
        "outstanding",
        "good",
        "requires improvement to be good",
        "inadequate",
        compares_with=("ofsted-4",),
    )
    return Inspectorate(key="ofsted", name="Ofsted", scales=(new, heir, old))


def care_inspectorate() -> Inspectorate:
    """Numbers that run up: its own 6 is the best grade, and so our rank 1."""
    words = ("excellent", "very good", "good", "adequate", "weak", "unsatisfactory")
    steps = [(word, str(number)) for word, number in zip(words, range(6, 0, -1), strict=True)]
    return Inspectorate(key="care", name="Care Inspectorate", scales=(a_scale("ci-6", *steps),))


def inspectorates() -> Inspectorates:
    """All four of them."""
    return Inspectorates(all=(hmi_probation(), hmi_prisons(), ofsted(), care_inspectorate()))


# -- what is rated --------------------------------------------------------------------------------------


def a_provider(id: str = KENT, name: str = "Kent PDU", **facts: Any) -> Provider:
    """A probation delivery unit in the register."""
    return Provider(**({"id": id, "name": name, "kind": "PDU", "inspectorate": "hmi-probation"} | facts))


def a_rating(grade: str = "good", published_on: date | None = date(2024, 3, 5), **facts: Any) -> Rating:
    """An overall rating of Kent, as kept in the history."""
    usual: dict[str, Any] = {
        "provider": KENT,
        "aspect": OVERALL,
        "scale": PROBATION,
        "inspected_on": None,
        "evidence": f"Kent was rated {grade}.",
        "link": "https://inspectorate.example/kent-2024",
    }
    return Rating(**(usual | {"grade": grade, "published_on": published_on} | facts))


def a_judgement(aspect: str, grade: str, previous: str | None = None) -> Judgement:
    """A grade with a sentence of its own."""
    return Judgement(aspect=aspect, grade=grade, previous=previous, evidence=f"{aspect} was {grade}.")


def a_report(
    grade: str | None = "good",
    *,
    previous: str | None = None,
    direction: Direction | None = None,
    aspects: Mapping[str, str] | None = None,
    **facts: Any,
) -> Report:
    """What one inspection of Kent found: its overall grade, and the grades of aspects."""
    usual: dict[str, Any] = {
        "provider": "Kent PDU",
        "scale": PROBATION,
        "overall": grade and Claim(value=grade, evidence=f"Kent was rated {grade}."),
        "previous": previous and Claim(value=previous, evidence=f"It was {previous} before."),
        "direction": direction and Claim(value=direction, evidence=f"That is an {direction}."),
        "judgements": tuple(a_judgement(aspect, own) for aspect, own in (aspects or {}).items()),
    }
    return Report(**(usual | facts))


def a_change(movement: Movement = Movement.UPGRADE, after: str | None = "good", **facts: Any) -> Change:
    """What became of Kent's overall grade."""
    usual: dict[str, Any] = {
        "provider": KENT,
        "aspect": OVERALL,
        "scale": PROBATION,
        "before": None if movement is Movement.FIRST_RATING else "requires improvement",
        "before_on": None,
        "certainty": Certainty.STATED,
    }
    return Change(**(usual | {"movement": movement, "after": after} | facts))


# -- what is told ---------------------------------------------------------------------------------------


def a_candidate(
    item: int = 1,
    place: int = 0,
    *,
    grade: str | None = "good",
    movement: Movement = Movement.UPGRADE,
    aspects: Mapping[str, tuple[str, Movement]] | None = None,
    **facts: Any,
) -> Candidate:
    """An official candidate of Kent's inspection, found this morning.

    It has a change for its overall grade, which is `movement`, and one for each of its `aspects`.
    """
    provider = facts.get("provider", KENT)
    stated = {aspect: own for aspect, (own, _) in (aspects or {}).items()}
    moved = {OVERALL: movement} if grade else {}
    moved |= {aspect: own for aspect, (_, own) in (aspects or {}).items()}
    grades = {OVERALL: grade} | stated
    changes = (a_change(m, grades[a], aspect=a, provider=provider) for a, m in moved.items())
    usual: dict[str, Any] = {
        "source": "hmi-probation",
        "source_name": "HM Inspectorate of Probation",
        "authority": Authority.OFFICIAL,
        "kind": Kind.INSPECTION,
        "inspectorate": "hmi-probation",
        "inspectorate_name": "HM Inspectorate of Probation",
        "provider": provider,
        "provider_name": provider and provider.replace("-", " ").title(),
        "title": f"Release {item}",
        "link": f"https://inspectorate.example/{item}",
        "published": DAY,
        "found_at": MORNING,
        "report": a_report(grade, aspects=stated),
        "changes": tuple(changes) if provider else (),
    }
    return Candidate(**({"key": StoryKey(item=item, place=place)} | usual | facts))


def a_post(item: int = 9, place: int = 0, **facts: Any) -> Candidate:
    """A blog's retelling of the same inspection."""
    usual: dict[str, Any] = {
        "source": "notebook",
        "source_name": "The Casework Notebook",
        "authority": Authority.BLOG,
        "title": f"Post {item}",
        "link": f"https://notebook.example/{item}",
    }
    return a_candidate(item, place, **(usual | facts))


def an_opinion(item: int = 9, **facts: Any) -> Candidate:
    """A blog's text that reports no inspection, though it may link to one."""
    usual: dict[str, Any] = {"kind": Kind.OTHER, "provider": None, "report": None, "lead": f"Lead {item}."}
    return a_post(item, **(usual | facts))


def a_notice(item: int = 1, **facts: Any) -> Candidate:
    """What an inspectorate published that is no report."""
    usual: dict[str, Any] = {"kind": Kind.OTHER, "provider": None, "report": None, "lead": f"Lead {item}."}
    return a_candidate(item, **(usual | facts))


def a_comment(item: int = 9) -> Comment:
    """A blog's comment under a story."""
    return Comment(
        key=StoryKey(item=item, place=0),
        source_name="The Casework Notebook",
        title=f"Post {item}",
        link=f"https://notebook.example/{item}",
    )


def a_story(item: int = 1, section: SectionKind = SectionKind.UPGRADES, **facts: Any) -> Story:
    """Kent's story; in a section for movements it has the change that belongs there."""
    movements = {
        SectionKind.UPGRADES: Movement.UPGRADE,
        SectionKind.DOWNGRADES: Movement.DOWNGRADE,
        SectionKind.STEADY: Movement.FIRST_RATING,
    }
    movement = movements.get(section)
    usual: dict[str, Any] = {
        "title": f"Release {item}",
        "link": f"https://inspectorate.example/{item}",
        "source_name": "HM Inspectorate of Probation",
        "inspectorate": "hmi-probation",
        "inspectorate_name": "HM Inspectorate of Probation",
        "provider": KENT,
        "provider_name": "Kent PDU",
        "published": DAY,
        "found_at": MORNING,
        "change": movement and a_change(movement),
        "evidence": movement and "Kent was rated good.",
    }
    return Story(**({"key": StoryKey(item=item, place=0), "section": section} | usual | facts))


def an_alerted_story(**facts: Any) -> AlertedStory:
    """What an alert says of Kent."""
    usual: dict[str, Any] = {
        "provider": "Kent PDU",
        "inspectorate": "HM Inspectorate of Probation",
        "title": "Release 1",
        "link": "https://inspectorate.example/1",
        "published": DAY,
        "inspected": None,
        "section": SectionKind.UPGRADES,
        "change": None,
        "evidence": None,
        "aspects": (),
        "edition": DAY,
        "successor": False,
    }
    return AlertedStory(**(usual | facts))


def an_edition(*stories: Story, day: date = DAY) -> Edition:
    """The day's edition with these stories, each in its section."""
    groups = {kind: tuple(s for s in stories if s.section is kind) for kind in SectionKind}
    sections = tuple(Section(kind=kind, stories=group) for kind, group in groups.items() if group)
    return Edition(day=day, cutoff=a_timetable().cutoff_of(day), sections=sections)


# -- when, and to whom ----------------------------------------------------------------------------------


def a_timetable(zone: str = "Europe/London", **facts: Any) -> Timetable:
    """Closed at a quarter to noon, sent from noon, given up six hours later."""
    usual: dict[str, Any] = {"cutoff": time(11, 45), "noon": time(12), "lateness": timedelta(hours=6)}
    return Timetable(**({"zone": ZoneInfo(zone)} | usual | facts))


def a_subscription(subscriber: int = 1, **facts: Any) -> Subscription:
    """An active subscription to everything."""
    usual: dict[str, Any] = {
        "address": f"reader{subscriber}@example.org",
        "standing": Standing.ACTIVE,
        "generation": 1,
        "wishes": Wishes(),
        "since": MORNING - timedelta(days=30),
    }
    return Subscription(**({"subscriber": subscriber} | usual | facts))
