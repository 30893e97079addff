"""A shelf of editions: a day of each kind, and the worst that may come, in names, numbers and scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from builders import a_provider
from sample_editions import (
    CUTOFF,
    DAY,
    a_change,
    a_downgrade,
    a_first_rating,
    a_full_day,
    a_heavy_day,
    a_late_story,
    a_news_item,
    a_not_comparable,
    a_rating_alone,
    a_record_story,
    a_retelling,
    a_stand_in,
    a_story,
    a_thematic,
    an_edition,
    an_opinion,
    an_unchanged,
    durham,
    hostile,
)

from digest.changes import Certainty, Movement
from digest.compose import alerted
from digest.edition import (
    ClosingLine,
    Correction,
    Earlier,
    Edition,
    Proof,
    Rarity,
    Scoreboard,
    SectionKind,
    SourceNote,
    Story,
    StoryKey,
    TakenBack,
    Tally,
    UnopenedPage,
    WeekMove,
)
from digest.letter_kinds import Alert, Confirm, Content, ProofOfLife, QuietWeek, UnreadSource, Welcome
from digest.providers import Register
from digest.ratings import Precision
from digest.records import Cause
from digest.reports import Finding, FindingKind, Judgement
from digest.schedule import Weekday
from digest.subscriptions import Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """An edition, and the reader whose it is."""

    edition: Edition
    wishes: Wishes = field(default_factory=Wishes)


FALL: Final = a_change(Movement.DOWNGRADE, before="good", after="inadequate", before_on=date(2023, 6, 20))
LONG_NAME: Final = (
    "The Worshipful Company of Saddlers’ and Loriners’ Charitable Foundation Nursing Home for Retired "
    "Persons of the County"
)
"""120 characters."""

ONE_WORD: Final = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogochysgolgynradd"


def _prison(number: int, name: str, grades: Mapping[str, tuple[str, str]], **fields: Any) -> Story:
    """A prison, with the grades before and now of its four tests."""
    order = ("poor", "not sufficiently good", "reasonably good", "good")

    def movement(before: str, after: str) -> Movement:
        steps = order.index(after) - order.index(before)
        return Movement.UNCHANGED if not steps else Movement.UPGRADE if steps > 0 else Movement.DOWNGRADE

    said = f"Outcomes at {name} were mixed: " + ", ".join(f"{t} was {now}" for t, (_, now) in grades.items())
    return a_story(
        number,
        section=SectionKind.STEADY,
        provider=f"prison-{number}",
        provider_name=name,
        inspectorate="hmi-prisons",
        inspectorate_name="HM Inspectorate of Prisons",
        source_name="HM Inspectorate of Prisons",
        change=None,
        evidence=None,
        aspects=tuple(
            a_change(
                movement(was, now),
                provider=f"prison-{number}",
                aspect=test,
                scale="hmip-hpt-4",
                before=was,
                after=now,
                before_on=date(2023, 1, 20),
            )
            for test, (was, now) in grades.items()
        ),
        judgements=tuple(
            Judgement(aspect=test, grade=now, evidence=f"{said}.") for test, (_, now) in grades.items()
        ),
        **fields,
    )


def a_mixed_prison() -> Story:
    return _prison(
        21,
        "HMP Eastmoor",
        {
            "safety": ("poor", "reasonably good"),
            "respect": ("reasonably good", "reasonably good"),
            "purposeful activity": ("reasonably good", "poor"),
            "preparation for release": ("good", "not sufficiently good"),
        },
        title="HMP Eastmoor: safer, but two in three prisoners are locked up all day",
        findings=(
            Finding(
                heading=None,
                kind=FindingKind.IMPROVEMENT,
                text="Two in three prisoners were locked up during the working day.",
            ),
            Finding(
                heading=None,
                kind=FindingKind.STRENGTH,
                text="Violence had fallen by a third since our last visit.",
            ),
        ),
    )


def a_report_card() -> Story:
    """A school with a grade for each area, first on this framework, one of them the lowest."""
    grades = {
        "achievement": "urgent improvement",
        "attendance and behaviour": "needs attention",
        "curriculum and teaching": "urgent improvement",
        "early years": "expected standard",
        "inclusion": "expected standard",
        "leadership and governance": "needs attention",
        "personal development and well-being": "strong standard",
    }
    return a_story(
        22,
        section=SectionKind.STEADY,
        provider="ofsted:900021",
        provider_name="Low Meadow Primary School",
        inspectorate="ofsted",
        inspectorate_name="Ofsted",
        source_name="Ofsted",
        title="Low Meadow Primary School requires special measures",
        change=None,
        evidence=None,
        aspects=tuple(
            a_change(
                Movement.FIRST_RATING,
                aspect=area,
                scale="ofsted-reportcard-5",
                before=None,
                before_on=None,
                after=grade,
                certainty=Certainty.STATED,
            )
            for area, grade in grades.items()
        ),
        judgements=tuple(
            Judgement(aspect=area, grade=grade, evidence=f"{area.capitalize()}: {grade}.")
            for area, grade in grades.items()
        ),
        findings=(
            Finding(
                heading=None,
                kind=FindingKind.IMPROVEMENT,
                text="Pupils who fall behind in reading are not helped to catch up.",
            ),
        ),
    )


def _with_history(story: Story) -> Story:
    """A service that has been up and down before."""
    return replace(
        story,
        earlier=(
            Earlier(grade="good", since=date(2016, 5, 1)),
            Earlier(grade="requires improvement", since=date(2019, 1, 1)),
            Earlier(grade="good", since=date(2023, 6, 20)),
        ),
    )


def ten() -> Edition:
    return an_edition(
        _with_history(a_downgrade()),
        durham(),
        a_mixed_prison(),
        a_record_story(24, provider="ofsted:24", title="Hill Top School", provider_name="Hill Top School"),
        an_unchanged(),
        a_first_rating(),
        a_not_comparable(),
        a_thematic(),
        a_retelling(),
        an_opinion(),
    )


def sixty() -> Edition:
    """Sixty stories of 25 findings each, with names of about 120 characters."""
    heavy = a_heavy_day(60)
    named = [
        replace(one, provider_name=f"{LONG_NAME[:112]} No {number:03}")
        for number, one in enumerate(heavy.stories)
    ]
    return an_edition(*named)


def three_hundred() -> Edition:
    return a_heavy_day(300)


def corrected() -> Edition:
    wrong = Correction(
        told_on=date(2026, 3, 2),
        told=FALL,
        why="The table of the report was read in the wrong order. Kent West was rated Good.",
    )
    ours = replace(
        a_downgrade(),
        section=SectionKind.CORRECTIONS,
        correction=wrong,
        published=wrong.told_on,
        change=a_change(Movement.UNCHANGED, before="good", after="good", before_on=date(2023, 6, 20)),
        evidence="Kent West remains ‘Good’.",
        title="Kent West holds steady",
    )
    theirs = a_record_story(
        31,
        Cause.CORRECTION,
        section=SectionKind.CORRECTIONS,
        title="Hill Top School",
        provider_name="Hill Top School",
    )
    return an_edition(ours, theirs, durham())


def late() -> Edition:
    missed = replace(a_downgrade(), published=date(2026, 3, 2), late_from=date(2026, 3, 2))
    return an_edition(a_late_story(), missed, an_opinion())


def withdrawn() -> Edition:
    gone = replace(
        a_downgrade(),
        section=SectionKind.WITHDRAWN,
        change=a_change(Movement.WITHDRAWN, before="good", after=None, before_on=date(2023, 6, 20)),
        evidence="We have withdrawn our rating of Kent West while we look at what we were told.",
    )
    return an_edition(gone, an_unchanged())


def stood_in() -> Edition:
    return an_edition(a_stand_in(), replace(a_downgrade(), from_feed=True))


_KINDS: Final = (FindingKind.IMPROVEMENT, FindingKind.STRENGTH)  # why a service falls, and why it rises


def _in_script(*facts: tuple[str, str, str, str]) -> Edition:
    """One story that fell and one that rose for each: name, sentence, finding and title."""
    stories = []
    for number, (name, sentence, finding, title) in enumerate(facts):
        base = a_downgrade(40 + number) if number % 2 == 0 else a_story(40 + number)
        stories.append(
            replace(
                base,
                provider=f"provider-{number}",
                provider_name=name,
                title=title,
                evidence=sentence,
                findings=(Finding(heading=None, kind=_KINDS[number % 2], text=finding),),
            )
        )
    blog = facts[-1]
    return an_edition(*stories, replace(an_opinion(), source_name=blog[0], title=blog[3]))


def welsh() -> Edition:
    return _in_script(
        (
            "Ysgol Gynradd Gymraeg Llanfairpwll",
            "Mae’r arolygwyr wedi barnu bod angen mesurau arbennig ar yr ysgol.",
            "Nid yw’r disgyblion yn gwneud cynnydd digonol mewn darllen.",
            "Ysgol Gynradd Gymraeg Llanfairpwll: angen gwella",
        ),
        (
            "Gwasanaeth Cyfiawnder Ieuenctid Ynys Môn a Gwynedd",
            "Mae’r gwasanaeth wedi gwella ers ein hymweliad diwethaf.",
            "Mae staff yn adnabod y plant yn dda ac yn cynllunio gyda nhw.",
            "Gwasanaeth y gogledd yn gwella",
        ),
    )


def arabic() -> Edition:
    return _in_script(
        (
            "مدرسة النور الإسلامية (لندن)",
            "وجد المفتشون أن المدرسة لا تلبي المعايير المطلوبة.",
            "لا يتقدم التلاميذ في القراءة بما يكفي.",
            "مدرسة النور: غير كافٍ",
        ),
        (
            "دار الأمل 24",
            "تحسنت الدار منذ زيارتنا الأخيرة في عام 2018.",
            "الموظفون يعرفون المقيمين جيدًا.",
            "دار الأمل تتحسن",
        ),
    )


def chinese() -> Edition:
    return _in_script(
        (
            "倫敦華人社區護理中心",
            "督察認為該中心未達到所要求的標準。",
            "三分之一的職位空缺，工作量一年內翻了一番。",
            "倫敦華人社區護理中心：不合格",
        ),
        (
            "曼徹斯特中文學校",
            "自上次視察以來，學校有所改善。",
            "教師非常了解學生。",
            "曼徹斯特中文學校有所改善",
        ),
    )


def markup() -> Edition:
    return hostile('"><script>alert(1)</script><img src=x onerror=alert(1)> {{ sender }} &lt;b&gt;')


def one_long_word() -> Edition:
    """Words without a place to break them, in every field."""
    name, word = ONE_WORD, "unbrechbar" * 30
    fall = replace(
        a_downgrade(),
        provider_name=name,
        title=word,
        evidence=word,
        findings=(Finding(heading=None, kind=FindingKind.IMPROVEMENT, text=word),),
        aspects=(a_change(aspect=word[:80], before=word[:60], after=word[:60]),),
        judgements=(Judgement(aspect=word[:80], grade=word[:60], evidence=word),),
    )
    grade = a_change(before=word[:80], after=word[80:160])
    return an_edition(
        fall, replace(durham(), provider_name=word, change=grade), replace(a_thematic(), title=word)
    )


def quiet() -> Edition:
    return an_edition(an_unchanged(), a_first_rating(), a_rating_alone(), a_not_comparable())


def opinions() -> Edition:
    return an_edition(an_opinion(), a_news_item(), a_thematic())


def by_data() -> Edition:
    falls = [
        a_record_story(
            50 + number,
            cause,
            provider=f"ofsted:5{number}",
            title=name,
            provider_name=name,
            section=SectionKind.DOWNGRADES,
            change=replace(FALL, scale="ofsted-4"),
            evidence="Overall effectiveness: Inadequate",
        )
        for number, (name, cause) in enumerate(
            (
                ("Low Meadow Primary School", Cause.INSPECTION),
                ("Hill Top School", Cause.REGRADED),
                ("Priory Academy", Cause.INSPECTION),
            )
        )
    ]
    return an_edition(*falls)


def lowest_first() -> Edition:
    change = a_change(
        Movement.FIRST_RATING, before=None, before_on=None, after="inadequate", certainty=Certainty.STATED
    )
    return an_edition(
        replace(a_first_rating(), change=change, evidence="At its first inspection Gwent was ‘Inadequate’."),
        a_report_card(),
    )


def sources_down() -> Edition:
    pages = (
        UnopenedPage(item=1, title="Medway: a report", link="https://example.org/medway"),
        UnopenedPage(item=2, title="Essex North: a report", link="https://example.org/essex"),
    )
    notes = (
        SourceNote(name="HM Inspectorate of Probation", checked_at=CUTOFF, trouble=None, unopened=pages),
        SourceNote(
            name="HM Inspectorate of Prisons", checked_at=CUTOFF - timedelta(days=3), trouble="timeout"
        ),
        SourceNote(name="Probation Notebook", checked_at=None, trouble="no such host", official=False),
        SourceNote(name="Care Inspectorate", checked_at=CUTOFF, trouble=None, held=412),
    )
    return replace(an_edition(a_downgrade()), sources=notes)


REGISTER: Final = Register([a_provider("oldham-yjs", "Oldham YJS", kind="YJS")])

WATCHING: Final = Wishes(watched=("oldham-yjs",))

WEEKLY: Final = Wishes(weekly=Weekday.FRIDAY)


def a_proof(name: str = "Kent West PDU", grade: str = "inadequate", **facts: Any) -> Proof:
    usual: dict[str, Any] = {
        "provider": name.replace(" ", "-").lower(),
        "inspectorate": "hmi-probation",
        "since": DAY,
        "link": "https://inspectorate.example.gov.uk/releases/2/",
    }
    return Proof(name=name, grade=grade, **usual | facts)


def a_closing_line(about: Story, **facts: Any) -> ClosingLine:
    """The third of its kind this quarter, about a story."""
    name = about.provider_name or about.title
    others = ("Essex North PDU", date(2026, 2, 12)), ("Barking, Dagenham and Havering PDU", date(2026, 1, 8))
    before = (
        a_proof(other, since=day, told_on=day, key=StoryKey(item=500 + n, place=0))
        for n, (other, day) in enumerate(others)
    )
    usual: dict[str, Any] = {
        "rarity": Rarity.IN_QUARTER,
        "story": about.key,
        "counts": (about.key,),
        "name": name,
        "kind": "PDU",
        "grade": "inadequate",
        "number": 3,
        "since": date(2026, 1, 1),
        "proof": (a_proof(name, told_on=DAY, key=about.key), *before),
    }
    return ClosingLine(**usual | facts)


def each_claim() -> tuple[ClosingLine, ...]:
    """A line of each claim, about the same story."""
    story, kent = a_downgrade(), {"area": "Kent", "number": 12}
    return (
        a_closing_line(
            story, rarity=Rarity.FIRST_SINCE, since=date(2019, 3, 1), precision=Precision.MONTH, **kent
        ),
        a_closing_line(story, rarity=Rarity.ONLY, **kent),
        a_closing_line(story, rarity=Rarity.NONE_LEFT, **kent),
        a_closing_line(story, rarity=Rarity.LAST_RATED, kind="region", number=12),
        a_closing_line(story),
        a_closing_line(story, counts=(story.key, StoryKey(item=3, place=0))),
        a_closing_line(story, rarity=Rarity.IN_YEAR, number=5),
        a_closing_line(story, rarity=Rarity.FIRST_OF_ITS_OWN, number=5, since=date(2012, 1, 1)),
        a_closing_line(story, rarity=Rarity.AGAIN, since=date(2019, 1, 1), precision=Precision.YEAR),
        a_closing_line(story, rarity=Rarity.AGAIN, since=date(2019, 6, 20)),
        a_closing_line(story, rarity=Rarity.IN_A_ROW, since=date(2019, 6, 20)),
    )


def with_closing_line() -> Edition:
    """A quiet day, on which two lines are told, and one is taken back."""
    story = _with_history(a_downgrade())
    wrong = a_closing_line(durham(), rarity=Rarity.AGAIN, grade="outstanding", since=date(2016, 5, 1))
    told_on = OUR_MISTAKE.told_on
    fixed = replace(durham(), section=SectionKind.CORRECTIONS, correction=OUR_MISTAKE, published=told_on)
    back = TakenBack(story=fixed.key, day=OUR_MISTAKE.told_on, line=wrong)
    first = a_closing_line(story, rarity=Rarity.FIRST_OF_ITS_OWN, number=4, since=date(2016, 1, 1))
    lines = (a_closing_line(story), first)
    return replace(an_edition(story, fixed), closing=lines, lines_taken_back=(back,))


OUR_MISTAKE: Final = Correction(
    told_on=date(2026, 3, 2),
    told=a_change(after="outstanding"),
    why="The table of the report was read in the wrong order.",
)


def a_week() -> Scoreboard:
    hmip = {"inspectorate": "hmi-probation", "inspectorate_name": "HM Inspectorate of Probation"}
    ofsted = {"inspectorate": "ofsted", "inspectorate_name": "Ofsted"}
    prisons = {"inspectorate": "hmi-prisons", "inspectorate_name": "HM Inspectorate of Prisons"}

    def move(n: int, name: str, move: str, before: str | None, after: str | None, of: Any) -> WeekMove:
        key, provider = StoryKey(item=600 + n, place=0), f"{of['inspectorate']}-{n}"
        return WeekMove(
            day=date(2026, 3, 4),
            key=key,
            provider=provider,
            name=name,
            move=move,
            before=before,
            after=after,
            **of,
        )

    return Scoreboard(
        since=date(2026, 2, 28),
        until=date(2026, 3, 6),
        tallies=(
            Tally(inspectorate="hmi-probation", name="HM Inspectorate of Probation", up=2, down=2),
            Tally(inspectorate="hmi-prisons", name="HM Inspectorate of Prisons", mixed=1),
            Tally(inspectorate="ofsted", name="Ofsted", up=14, down=6, withdrawn=1),
        ),
        moves=(
            move(0, "Kent West PDU", "down", "good", "inadequate", hmip),
            move(1, "Barking, Dagenham and Havering PDU", "down", "good", "inadequate", hmip),
            move(2, "Low Meadow Primary School", "down", "outstanding", "requires improvement", ofsted),
            move(3, "Priory Academy", "withdrawn", "good", None, ofsted),
            move(4, "HMP Eastmoor", "mixed", None, None, prisons),
            move(5, LONG_NAME, "up", "requires improvement", "good", hmip),
        ),
    )


def a_friday() -> Edition:
    """A day on which daily readers get a scoreboard, and weekly ones their week."""
    line = a_closing_line(a_downgrade())
    return replace(ten(), day=date(2026, 3, 6), scoreboard=a_week(), closing=(line,))


SHELF: Final[Mapping[str, Callable[[], Shelved]]] = MappingProxyType(
    {
        "one-down": lambda: Shelved(edition=an_edition(_with_history(a_downgrade()))),
        "one-up": lambda: Shelved(edition=an_edition(durham())),
        "mixed-prison": lambda: Shelved(edition=an_edition(a_mixed_prison())),
        "report-card": lambda: Shelved(edition=an_edition(a_report_card())),
        "full-day": lambda: Shelved(edition=a_full_day()),
        "ten": lambda: Shelved(edition=ten()),
        "watched": lambda: Shelved(edition=ten(), wishes=WATCHING),
        "friday": lambda: Shelved(edition=a_friday()),
        "closing-line": lambda: Shelved(edition=with_closing_line()),
        "weekly": lambda: Shelved(edition=a_friday(), wishes=WEEKLY),
        "brief": lambda: Shelved(edition=ten(), wishes=Wishes(brief=True)),
        "brief-weekly": lambda: Shelved(edition=a_friday(), wishes=replace(WEEKLY, brief=True)),
        "sixty": lambda: Shelved(edition=sixty()),
        "three-hundred": lambda: Shelved(edition=three_hundred()),
        "corrected": lambda: Shelved(edition=corrected()),
        "late": lambda: Shelved(edition=late()),
        "withdrawn": lambda: Shelved(edition=withdrawn()),
        "stood-in": lambda: Shelved(edition=stood_in()),
        "welsh": lambda: Shelved(edition=welsh()),
        "arabic": lambda: Shelved(edition=arabic()),
        "chinese": lambda: Shelved(edition=chinese()),
        "markup": lambda: Shelved(edition=markup()),
        "one-long-word": lambda: Shelved(edition=one_long_word()),
        "quiet": lambda: Shelved(edition=quiet()),
        "opinions": lambda: Shelved(edition=opinions()),
        "by-data": lambda: Shelved(edition=by_data()),
        "lowest-first": lambda: Shelved(edition=lowest_first()),
        "sources-down": lambda: Shelved(edition=sources_down()),
    }
)
"""By name, in the order of pictures."""


def letters() -> tuple[Content, ...]:
    """A letter that asks, one that answers, an alert, and a quiet week in which a source was not read."""
    to: Any = {"subscriber": 7, "generation": 1}
    story = alerted(a_downgrade(), lambda _: True, edition=date(2026, 3, 4), successor=False)
    assert story is not None
    blog = UnreadSource(name="Probation Notebook", checked_at=CUTOFF - timedelta(days=3))
    week = QuietWeek(sources=7, troubled=(blog,), first=date(2026, 2, 28), last=date(2026, 3, 6))
    return (
        Confirm(**to, occasion="now", code="123456"),
        Welcome(**to),
        Alert(**to, about=StoryKey(item=2, place=0), story=story),
        ProofOfLife(**to, week=week, narrowed=False),
    )
