"""What stands at the end of an edition: the moves of a week, and a line from our records."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from mailed import as_sent, message_of, part_of
from sample_editions import LONDON, a_downgrade, a_heavy_day, an_edition, an_opinion, durham
from shelf import (
    LONG_NAME,
    REGISTER,
    a_closing_line,
    a_friday,
    a_proof,
    a_week,
    each_claim,
    with_closing_line,
)

from digest.adapters.config.packaged_scales import packaged_scales
from digest.compose.message import BUDGET
from digest.edition import ClosingLine, Edition, WeekMove, in_sections
from digest.present.layout import EditionView, whole_view
from digest.schedule import Weekday
from digest.subscriptions import EVERYTHING, Wishes
from digest.wishes import personal_edition

SENTENCES = (
    "Kent West PDU is the first of the 12 PDUs in Kent in our records to be rated Inadequate "
    "since March 2019.",
    "Kent West PDU is the only one of the 12 PDUs in Kent in our records that is rated Inadequate.",
    "None of the 12 PDUs in Kent in our records is rated Inadequate any more: Kent West PDU was the last.",
    "Kent West PDU is the last of the 12 regions in our records to be rated.",
    "Kent West PDU is the third PDU rated Inadequate in our editions since 1 January.",
    "Kent West PDU is one of three PDUs rated Inadequate in our editions since 1 January.",
    "Kent West PDU is the fifth PDU rated Inadequate in our editions of 2026.",
    "Kent West PDU is rated Inadequate for the first time: we hold five ratings of it, back to 2012.",
    "Kent West PDU is rated Inadequate again. In our records, the last time was in 2019.",
    "Kent West PDU is rated Inadequate again. In our records, the last time was on 20 June 2019.",
    "Kent West PDU is rated Inadequate for the third time in a row in our records, since June 2019.",
)


def parts(edition: Edition, wishes: Wishes = EVERYTHING) -> tuple[str, str]:
    """What is read in the two parts, in one line each."""
    message = message_of(edition, wishes, register=REGISTER, known=packaged_scales())
    page = re.sub(
        r"<[^>]+>", " ", re.sub(r"<style.*?</style>", "", part_of(message, "html"), flags=re.DOTALL)
    )
    text = " ".join(html.unescape(page).split())
    return re.sub(r" ([.,:”])", r"\1", text), " ".join(part_of(message, "plain").split())


@pytest.mark.parametrize(("line", "sentence"), list(zip(each_claim(), SENTENCES, strict=True)), ids=SENTENCES)
def test_each_claim_is_said_in_the_same_words_in_both_parts(line: ClosingLine, sentence: str) -> None:
    for part in parts(replace(an_edition(a_downgrade()), closing=(line,))):
        assert sentence in part
        assert "How we know" in part


def test_a_line_that_is_taken_back_is_quoted_with_its_day() -> None:
    said = "our edition of Monday 2 March ended with “Durham Tees Valley CRC is rated Outstanding again."

    for part in parts(with_closing_line()):
        assert said in part
        assert "That was wrong: see the correction above." in part


def test_nothing_is_taken_back_where_its_correction_is_not_shown() -> None:
    edition = with_closing_line()
    (back,) = edition.lines_taken_back
    others = in_sections(story for story in edition.stories if story.key != back.story)

    def view(shown: Edition) -> EditionView:
        return whole_view(shown, known=packaged_scales(), register=REGISTER, zone=LONDON)

    assert view(edition).taken_back == (back,)
    assert view(replace(edition, sections=others)).taken_back == ()


def test_one_line_is_told_and_a_second_only_on_a_quiet_day_with_another_claim() -> None:
    third, row = each_claim()[4], each_claim()[-1]
    few = replace(an_edition(a_downgrade(), durham()), closing=(third, each_claim()[5], row))
    many = replace(
        an_edition(a_downgrade(), durham(), an_opinion(), a_heavy_day(3).stories[0]), closing=few.closing
    )

    for part in parts(few):
        assert (SENTENCES[4] in part, SENTENCES[5] in part, SENTENCES[-1] in part) == (True, False, True)
    for part in parts(many):
        assert (SENTENCES[4] in part, SENTENCES[-1] in part) == (True, False)


def test_a_reader_who_does_not_get_the_story_does_not_get_its_line() -> None:
    rise = replace(durham(), inspectorate="other")
    edition = replace(an_edition(a_downgrade(), rise), closing=(a_closing_line(a_downgrade()),))
    wishes = Wishes(inspectorates=("other",))
    own = personal_edition(edition, (), wishes, REGISTER)

    assert own is not None
    for part in parts(own, wishes):
        assert "Kent West" not in part
        assert "From our records".casefold() not in part.casefold()


def test_the_week_is_counted_in_words_that_say_whose_it_is() -> None:
    page, text = parts(a_friday())
    limits = "Ratings that moved in our editions from Saturday 28 February to Friday 6 March"

    for part in (page, text):
        assert f"{limits}." in part
        assert "HMP Eastmoor" in part
    assert "Ofsted 6 14 0 1 HM Inspectorate of Probation 2 2 0 0" in page
    assert "- Ofsted: 6 down, 14 up, 1 withdrawn - HM Inspectorate of Probation: 2 down, 2 up" in text
    assert "- Down: Barking, Dagenham and Havering PDU, Good to Inadequate" in text
    follows = parts(a_friday(), Wishes(inspectorates=("hmi-probation",)))
    assert all(f"{limits} by the inspectorates that you follow." in part for part in follows)
    assert all("Low Meadow" not in part[part.index(limits) :] for part in follows)
    in_kent = parts(a_friday(), Wishes(areas=("kent",)))
    assert all(
        f"{limits} by all inspectorates, also of services that you do not follow." in p for p in in_kent
    )


def test_the_table_of_the_week_has_headings_and_needs_no_colour() -> None:
    page = part_of(message_of(a_friday(), EVERYTHING, register=REGISTER, known=packaged_scales()), "html")
    week = page[page.index("The week</h2>") : page.index("From our records")]

    assert len(re.findall(r'<th [^>]*scope="col"', week)) == 5
    assert len(re.findall(r'<th [^>]*scope="row"', week)) == 4
    assert re.findall(r'role="img" aria-label="(\w+)"', week) == [
        "Down",
        "Down",
        "Down",
        "Withdrawn",
        "Mixed",
    ]


def test_weekly_readers_are_not_told_the_week_twice() -> None:
    for part in parts(a_friday(), Wishes(weekly=Weekday.FRIDAY)):
        assert "Ratings that moved in our editions" not in part


def test_an_edition_without_an_ending_says_nothing_of_one() -> None:
    for part in parts(an_edition(a_downgrade())):
        assert "from our records" not in part.casefold()
        assert "the week" not in part.casefold()


def hostile(move: WeekMove, name: str) -> WeekMove:
    return replace(move, name=name, inspectorate_name=name)


def test_names_in_it_cannot_become_markup() -> None:
    bad = "<script>alert(1)</script>"
    week = a_week()
    week = replace(
        week,
        tallies=tuple(replace(one, name=bad) for one in week.tallies),
        moves=tuple(hostile(one, bad) for one in week.moves),
    )
    lines = tuple(replace(one, name=bad, kind=bad, area=bad) for one in each_claim())
    for line in lines:
        edition = replace(an_edition(a_downgrade()), closing=(line,), scoreboard=week)
        page = part_of(message_of(edition, EVERYTHING, register=REGISTER, known=packaged_scales()), "html")
        assert "<script" not in page


def test_the_heaviest_day_fits_with_the_longest_ending() -> None:
    week = a_week()
    tallies = tuple(
        replace(week.tallies[0], inspectorate=f"i{n}", name=f"{LONG_NAME} {n}") for n in range(40)
    )
    moves = tuple(hostile(one, "界" * 600) for one in week.moves)
    story = a_heavy_day(300).stories[0]
    long = a_closing_line(story, rarity=each_claim()[0].rarity, area="界" * 600, kind="界" * 600)
    line = replace(long, name="界" * 600, proof=tuple(a_proof(LONG_NAME) for _ in range(40)))
    edition = replace(
        a_heavy_day(300), scoreboard=replace(week, tallies=tallies, moves=moves), closing=(line,)
    )
    sent = message_of(edition, EVERYTHING, register=REGISTER, known=packaged_scales())

    assert as_sent(sent) <= BUDGET
