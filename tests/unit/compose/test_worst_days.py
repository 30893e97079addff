"""No day is too much for a mail program: not by its size, its names, its scripts, nor its words."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from mailed import as_sent, message_of, part_of
from sample_editions import LEAVE, SHARE_PAGE, a_story, an_edition
from shelf import LONG_NAME, REGISTER, SHELF, arabic, chinese
from test_mail_words import folded, reading

from digest.adapters.config.packaged_scales import packaged_scales
from digest.compose.message import BUDGET
from digest.edition import StoryKey
from digest.present.layout import PLANS, plans_for


def message(edition, **named):
    return message_of(edition, register=REGISTER, known=packaged_scales(), **named)


def many_of(edition, count):
    """An edition of so many stories like the first of this one."""
    story = edition.stories[0]
    return an_edition(*(replace(story, key=StoryKey(item=100 + n, place=0)) for n in range(count)))


WORST = {
    "sixty of 25 findings with names of 120 characters": SHELF["sixty"]().edition,
    "three hundred": SHELF["three-hundred"]().edition,
    "two hundred in Chinese": many_of(chinese(), 200),
    "two hundred in Arabic": many_of(arabic(), 200),
    "one word without end": SHELF["one-long-word"]().edition,
}


@pytest.mark.parametrize("edition", WORST.values(), ids=WORST.keys())
def test_the_worst_day_fits_and_says_where_the_rest_is(edition):
    sent = message(edition)
    html, text = part_of(sent, "html"), part_of(sent, "plain")

    assert as_sent(sent) <= BUDGET == 80_000
    words = folded("".join(reading(html).words))
    left_out = re.search(r"and (\d+) are only on the web\.", folded(words))
    assert (len(edition.stories) > 60) <= (left_out is not None)
    if left_out:
        assert re.search(f'href="{SHARE_PAGE}"[^>]*>Read on the web', html)
        assert left_out[0] in folded(text)
    assert html.count(LEAVE) == 2


def test_few_stories_have_no_two_plans_that_show_the_same():
    assert [(plan.told, plan.rows) for plan in plans_for(3)] == [(20, 40), (2, 14), (1, 12), (0, 0)]
    assert plans_for(500) == PLANS


def test_a_heavy_day_uses_most_of_the_room_there_is():
    """A step between two plans costs stories: of sixty, a few are told in full, and each is named."""
    sent = message(SHELF["sixty"]().edition)
    html = part_of(sent, "html")

    assert as_sent(sent) > BUDGET * 0.7
    assert html.count('class="grades"') >= 3


def test_a_name_of_120_characters_is_whole_in_its_row_and_in_its_card():
    """Of ten services with one beginning, a cut name could be any."""
    html = part_of(message(an_edition(a_story(provider_name=LONG_NAME))), "html")

    row = re.search(r'<a[^>]*class="name"[^>]*>([^<]*)</a>', html)
    assert row
    assert row[1] == LONG_NAME
    assert f">{LONG_NAME}</h3>" in html


@pytest.mark.parametrize(
    ("edition", "marks"), [(arabic(), ['dir="rtl"', 'lang="ar"']), (chinese(), ['lang="zh"'])]
)
def test_a_text_in_another_script_is_marked_wherever_it_stands(edition, marks):
    """Else it is read out as English, and Arabic has its full stops and numbers on the wrong side."""
    html = part_of(message(edition), "html")
    story = edition.stories[0]

    for said, times in ((story.provider_name, 4), (story.evidence, 1), (story.findings[0].text, 2)):
        tags = re.findall(f"(<[^>]*>)“?{re.escape(said)}”?<", html)
        assert len(tags) >= times
        assert [tag for tag in tags for mark in marks if mark not in tag] == []
