"""The day of publication, told from the days of visits, of other reports, of events and of updates."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.extract.blocks import Block, BlockKind, plain_blocks
from digest.extract.dates import inspected, only_dates, published_on
from digest.extract.maintext import MainText, main_text
from digest.items import Page

LABELLED = Path(__file__).parents[2] / "labelled"


def published(text: str) -> date | None:
    blocks = plain_blocks(text)
    return published_on((), blocks[0].text, blocks)


@pytest.mark.parametrize(
    "text",
    [
        "Kelby School\n\nDate of last inspection: 3 May 2023\n\nNext inspection by: 3 May 2027\n\n"
        "It was judged good.",
        "Kelby School\n\nDate of last inspection:\n\n3 May 2023\n\nIt was judged good.",
        "Kelby School\n\nKelby School was inspected by Ofsted on 3 May 2023\n\nIt was judged good.",
        "Fernbank\n\nThe inspection of Fernbank Care Home was carried out on 14 May 2021.",
        "Report on Fernbank\n\nUnannounced inspection\n\n6 July 2015\n\nThe home is calm.",
        "Fernbank\n\n6 July 2015\n\nInspectors visited the home on 6 July 2015. It is calm.",
        "Reports on Fernbank Care\n\n3 May 2023\n\nDuring a routine inspection\n\nIt was rated good.",
        "3 May 2023 – full inspection\n\nIt is calm.",
    ],
)
def test_the_day_of_a_visit_is_no_day_of_publication(text):
    assert published(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Kelby School\n\nLast inspection report published 30 June 2021\n\nIt was judged good.",
        "Kelby School\n\nLast report published: 30 June 2021\n\nIt was judged good.",
        "Kelby School\n\nThe previous report, published on 7 July 2022, was poor.",
        "Kelby School\n\nThe last rating was good (report published 12 March 2020).",
        "Kelby School\n\nThe framework was published on 1 May 2018.",
    ],
)
def test_the_day_of_another_report_is_no_day_of_publication(text):
    assert published(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Open day\n\nDate: 9 May 2023\n\nTime: 10am\n\nCome in.",
        "Kelby\n\nA meeting will be held on 9 May 2023.",
        "Kelby\n\nIt works.\n\nWell.\n\nMore.\n\nAgain.\n\nAnd so.\n\nOn.\n\nPosted on 9 May 2023 at 10:15",
        "Kelby\n\nLast updated: 12 June 2024\n\nWords.",
    ],
)
def test_the_day_of_an_event_a_comment_or_a_last_update_is_no_day_of_publication(text):
    assert published(text) is None


def test_a_page_of_dated_inspections_has_no_day_of_its_own():
    text = (
        "All inspections\n\nFernbank\n\n23 February 2022\n\nDuring an inspection looking at part of "
        "the service\n\n"
        "The home is clean.\n\n16 May 2019\n\nDuring a routine inspection\n\nThe home was cold."
    )

    assert published(text) is None


def test_a_page_of_dated_news_has_no_day_of_its_own():
    parts = [f"Story {n}\n\n{n} May 2023\n\nInspectors were there, and wrote a report." for n in (9, 8, 7)]

    assert published("News\n\n" + "\n\n".join(parts)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Kelby\n\nPublished 3 May 2023\n\nLast updated 4 June 2023\n\nWords.",
        "Kelby\n\nLast updated 4 June 2023\n\nPublished 3 May 2023\n\nWords.",
        "Kelby\n\nPublished: 3 May 2023 Page last updated: 4 June 2023\n\nWords.",
        "Kelby\n\nDate of publication: 3 May 2023\n\nThe last rating was good (published 12 March 2020).",
        "Kelby\n\nBy Ann Smith, 3 May 2023\n\nInspectors praised the team after a visit on 1 March 2023.",
        "Kelby\n\n03/05/2023\n\nThe inspection was carried out on 14 January 2023.",
        "Kelby\n\nIn a report published today (3 May 2023), inspectors praise the team.",
        "Kelby\n\nIt was rated on the day on which others were (also published on 3 May 2023).",
        "Kelby\n\nWords - updated 3 May 2023. More words.",
        "Kelby\n\nA.\n\nB.\n\nC.\n\nD.\n\nE.\n\nF.\n\nPublished on 3 May 2023",
    ],
)
def test_the_day_of_first_publication_is_the_pages_own(text):
    assert published(text) == date(2023, 5, 3)


def test_an_inspectorates_page_is_as_old_as_its_newest_report():
    text = (
        "Fernbank\n\nReport published: 5 June 2023\n\nDate of inspection: 2 May 2023\n\nIt is calm.\n\n"
        "Report published: 5 April 2018\n\nIt was calm."
    )

    assert published(text) == date(2023, 6, 5)


def test_a_line_of_an_update_is_a_date_and_nothing_else():
    assert only_dates("Last updated 4 June 2023")
    assert not only_dates("Inspected on 4 June 2023")


OTHER_DAYS = [
    "The inspection took place on {day}.",
    "Inspectors visited on {day} and spoke to staff.",
    "The last report was published on {day}.",
    "It was last inspected on {day}, when it was rated good.",
    "The last rating for this service was good (published {day}).",
    "Date of last inspection: {day}",
    "Last inspection report published {day}",
    "The next inspection is due by {day}.",
    "The board will meet on {day} to talk about the report.",
    "The guidance was published on {day} by another body.",
    "The page on ratings was last updated on {day}.",
    "Comments close on {day}.",
]


@lru_cache(maxsize=1)
def labelled() -> tuple[MainText, ...]:
    return tuple(
        main_text(
            Page(
                url=label["url"],
                body=(LABELLED / label["file"]).read_bytes(),
                content_type="text/plain; charset=utf-8",
                fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
        for label in map(json.loads, (LABELLED / "labels.jsonl").read_text(encoding="utf-8").splitlines())
    )


@settings(max_examples=400)
@given(
    number=st.integers(0, 10_000),
    sentence=st.sampled_from(OTHER_DAYS),
    place=st.floats(0, 1),
    day=st.dates(date(2005, 1, 1), date(2030, 12, 31)),
)
def test_the_day_of_something_else_never_changes_the_day_of_publication(number, sentence, place, day):
    texts = labelled()
    text = texts[number % len(texts)]
    known = published_on(text.dates, text.title, text.blocks)
    said = sentence.format(day=f"{day.day} {day:%B %Y}")
    at = 1 + int(place * (len(text.blocks) - 1))
    while any(re.fullmatch(r"\d{1,2} \w+ \d{4}", block.text) for block in text.blocks[at - 1 : at + 1]):
        at += 1  # never between a day and its label, above or below
    added = Block(kind=BlockKind.PARAGRAPH, text=said)

    found = published_on(text.dates, text.title, (*text.blocks[:at], added, *text.blocks[at:]))

    assert found == known or day == known


@pytest.mark.parametrize(
    ("sentence", "words", "day"),
    [
        ("Inspectors visited the home on 3 and 4 May 2023.", "3 and 4 May 2023", date(2023, 5, 4)),
        (
            "It was inspected between 30 July and 13 September 2023.",
            "30 July and 13 September 2023",
            date(2023, 9, 13),
        ),
        ("Inspection dates: 6 to 17 March 2023", "6 to 17 March 2023", date(2023, 3, 17)),
        ("The inspection was carried out on 14 May 2021.", "14 May 2021", date(2021, 5, 14)),
        ("In January inspectors looked at 12 aspects.", "January", None),
        ("It was given the rating following a visit in June.", "June", None),
    ],
)
def test_the_last_day_of_the_visit_is_read_where_the_text_has_it(sentence, words, day):
    claim, last_day = inspected([sentence])

    assert claim is not None
    assert (claim.value, last_day) == (words, day)


@pytest.mark.parametrize(
    "sentence",
    [
        "At the previous inspection, on 3 May 2019, it was good.",
        "Inspectors will visit again in May 2027.",
        "The next inspection is due by June 2027.",
        "Ofsted inspected the school in May 2019 and judged it inadequate at that time.",
        "The inspection report came out in June 2023.",
        "Date of last inspection: 3 May 2019",
        "The Chief Inspector wrote on Wednesday 26 July to give notice, after an inspection.",
        "A finance inspection on 22 April 2015 had found problems.",
    ],
)
def test_the_time_of_another_visit_is_not_this_ones(sentence):
    assert inspected([sentence]) == (None, None)


def test_a_text_that_dates_two_inspections_far_apart_dates_neither():
    told = ["Inspectors visited in May 2021 and found it poor.", "Inspectors visited in June 2023."]

    assert inspected(told) == (None, None)


@pytest.mark.parametrize(
    "unit",
    [
        "published 3 May 2023 ",
        "inspected in May 2020 report visited ",
        "by by ",
        "3 May 2023\n\n",
        "read the report ",
        "[2017] EWHC ",
    ],
)
def test_dates_in_a_text_twice_as_long_take_about_twice_as_long(unit):
    def seconds(size: int) -> float:
        blocks = plain_blocks("Kelby\n\n" + unit * (size // len(unit)))
        began = time.process_time()
        published_on((), "Kelby", blocks)
        inspected([block.text for block in blocks])
        return time.process_time() - began

    assert seconds(96_000) < 30 * seconds(12_000) + 0.5


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Kelby\n\nPublication: 09/06/20\n\nWords.", date(2020, 6, 9)),
        ("Kelby\n\nPublished on 3.5.23\n\nWords.", date(2023, 5, 3)),
        ("Kelby\n\ndate 2018-03-15 “I like it here,” one parent told inspectors.", date(2018, 3, 15)),
        ("Kelby\n\nPublication: 06/30/20\n\nWords.", None),
        ("Kelby\n\nPublished: 3.5.23.1\n\nWords.", None),
        ("Kelby\n\n24.07.25\n\nWords.", None),  # it stands by no title of more than a word or two
        ("Kelby\n\nUpdated 8 February 2024\n\nWords.", None),
    ],
)
def test_a_short_year_is_read_behind_a_label_alone(text, day):
    assert published(text) == day


TITLE = "Kelby School rated good by Ofsted"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (
            f"{TITLE}\n\nPUBLISHED: 08:30 30 January 2020 | UPDATED: 14:46 31 January 2020\n\nWords.",
            date(2020, 1, 30),
        ),
        (f"{TITLE}\n\n16:29 Friday 14 February 2014\n\n{TITLE}\n\nWords.", date(2014, 2, 14)),
        (f"{TITLE}\n\n17 Oct 2025 3 minute read\n\nWords.", date(2025, 10, 17)),
        (f"{TITLE}\n\nMay 15, 2017 10.46 am This story is over 85 months old\n\nWords.", date(2017, 5, 15)),
        (
            "Kelby\n\nKelby Inspection date: 21 May 2019 Publication date: 22 August 2019 Words.",
            date(2019, 8, 22),
        ),
        ("Kelby\n\nIn its report published today [Tuesday 6 August 2019] it is good.", date(2019, 8, 6)),
        ("Kelby\n\nToday’s (22 May, 2024) report is grim.", date(2024, 5, 22)),
        ("Kelby\n\nHIW has issued a report (10th November 2022) on the ward.", date(2022, 11, 10)),
        (
            "Kelby v Ofsted\n\nThis judgment was handed down remotely at 10.00am on Thursday 18 July 2024.",
            date(2024, 7, 18),
        ),
        ("Kelby v Ofsted [2017] EWHC 2097 (Admin) (11 August 2017)\n\nWords.", date(2017, 8, 11)),
        ("Kelby College 13 June 2014 A report by HM Inspectors\n\nWords.", date(2014, 6, 13)),
        ("Headteacher blog 15/9/23\n\nWords.", date(2023, 9, 15)),
        (
            "Kelby\n\nWords.\n\n- Read the Kelby review of progress, published on 27 September 2022.",
            date(2022, 9, 27),
        ),
        ("Kelby\n\nWords.\n\n- Read the last Kelby report, published on 27 September 2021.", None),
    ],
)
def test_a_day_of_publication_is_read_in_the_words_of_papers_courts_and_inspectorates(text, day):
    assert published(text) == day


@pytest.mark.parametrize("line", ["15 Feb 2016", "15/02/16", "15.02.16"])
@pytest.mark.parametrize("behind", [True, False])
def test_a_day_alone_beside_the_title_is_the_pages_own(line, behind):
    menu = "\n\n".join(f"Part {n}" for n in "abcdefgh")
    pair = f"{TITLE.replace('Kelby', '‘Kelby’')}\n\n{line}" if behind else f"{line}\n\n{TITLE}"

    assert published(f"{TITLE}\n\n{menu}\n\n{pair}\n\nWords.") == date(2016, 2, 15)
    assert published(f"{TITLE}\n\n{menu}\n\n{line}\n\nPart i\n\nWords.") is None


@pytest.mark.parametrize(
    "menu", ["Text size: A A A", "Subscriptions | Jobs | Property", "Home Page Contact US", "Search"]
)
def test_todays_day_above_a_menu_is_no_day_of_publication(menu):
    assert published(f"{TITLE}\n\nSaturday, 30 May 2015\n\n{menu}\n\n{TITLE}\n\nWords.") is None


@pytest.mark.parametrize("line", ["Home is calm", "Jobs go at school", "Search for a head"])
def test_a_text_that_begins_with_a_menus_word_is_no_menu(line):
    assert published(f"{TITLE}\n\nSaturday, 30 May 2015\n\n{line}\n\nWords.") == date(2015, 5, 30)


@pytest.mark.parametrize(
    "text",
    [
        "13 September 2018 - PPG meeting\n\nPresent: ten members\n\nWords.",
        "Elm Nursery\n\nInspection completed on\n\n5 June 2013\n\nWords.",
        "Kelby\n\nReport on short scrutiny visits to prisons by HM Chief Inspector\n\n12 May 2020\n\nWords.",
        "Our blog\n\nOne.\n\nPublished: 25 March 2024\n\nTwo.\n\nPublished: 14 November 2023\n\nThree.\n\n"
        "Published: 30 May 2023",
    ],
)
def test_the_day_of_a_meeting_a_visit_or_a_listed_post_is_no_day_of_publication(text):
    assert published(text) is None


def test_a_page_may_list_others_below_its_own_day():
    others = "\n\n".join(f"Other\n\nPublished: {day} May 2023" for day in (3, 4, 5))

    assert published(f"Our blog\n\nPublished: 25 March 2024\n\nOne.\n\n{others}") == date(2024, 3, 25)
