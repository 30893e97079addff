"""What readers read, in the text and in the HTML."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import Enum
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from builders import a_provider, inspectorates
from sample_editions import (
    CUTOFF,
    SENDER,
    TEMPLATES,
    a_change,
    a_downgrade,
    a_first_rating,
    a_full_day,
    a_heavy_day,
    a_late_story,
    a_news_item,
    a_not_comparable,
    a_rating_alone,
    a_retelling,
    a_stand_in,
    a_story,
    a_subscription,
    a_thematic,
    an_edition,
    an_opinion,
    an_unchanged,
    durham,
    hostile,
)

from digest.changes import Certainty, Movement
from digest.edition import Correction, SectionKind, SourceNote, StoryKey, UnopenedPage
from digest.present.layout import UNOPENED
from digest.providers import Register
from digest.ratings import Precision
from digest.subscriptions import Wishes


class Reader(HTMLParser):
    """What a screen reader makes of a page: its words, its tags with their attributes, its headings."""

    VOID = frozenset({"meta", "br", "img", "link", "hr", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open or "title" in self.open:
            return
        self.words.append(data)
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)


def reading(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def both(text_of, html_of):
    """The words of both parts, white space folded."""

    def words(edition, **named):
        text = folded(text_of(edition, **named))
        html = folded("".join(reading(html_of(edition, **named)).words))
        return text, html

    return words


# -- what is said -----------------------------------------------------------------------------------------


def test_an_upgrade_shows_both_ratings_the_sentence_and_the_link(text_of, html_of):
    text, html = folded(text_of(an_edition(durham()))), html_of(an_edition(durham()))

    assert "Moved up from Requires improvement (November 2018) to Good." in text
    assert "“The service has earned an overall rating of ‘Good’, one step up from last time.”" in text
    assert "https://inspectorate.example.gov.uk/releases/1/" in text
    words = folded("".join(reading(html).words))
    assert "Was, Nov 2018Requires improvement" in words.replace("\n", "")
    assert "Now, Mar 2026" in words
    assert 'href="https://inspectorate.example.gov.uk/releases/1/"' in html


def test_an_upgrade_tells_findings_aspects_quote_and_commentary(both):
    for words in both(an_edition(durham())):
        assert "Leaders set out a plan that staff know" in words
        assert "Training on the risk of harm" in words
        assert "And 19 more findings in the report." in words
        assert re.search("Through the gate.*Inadequate.*Outstanding", words)
        assert "This is a service that listened to us." in words
        assert "Inspected: November and December" in words
        assert "Caseload: more than 3,600 people" in words
        assert "Probation Notebook: A northern service climbs the table" in words


def test_a_downgrade_says_down(both):
    text, html = both(an_edition(a_downgrade()))

    assert "Moved down from Good (June 2023) to Inadequate." in text
    assert "Good (2023) to Inadequate" in html


def test_an_unchanged_rating_says_since_when(both):
    text, html = both(an_edition(an_unchanged()))

    assert "Still Good (was Good, June 2019)." in text
    assert "Still Good" in html
    assert "Last rated Jun 2019" in folded(html)


@pytest.mark.parametrize(
    ("precision", "known"),
    [
        (Precision.DAY, "November 2018"),
        (Precision.MONTH, "November 2018"),
        (Precision.YEAR, "2018"),
        (Precision.ROUND, "2018/2019"),
    ],
)
def test_a_date_of_the_register_is_shown_as_far_as_it_is_known(both, precision, known):
    for movement in (Movement.UPGRADE, Movement.NOT_COMPARABLE, Movement.UNCHANGED):
        change = a_change(movement, before_precision=precision)
        for words in both(an_edition(a_story(change=change, aspects=(), judgements=()))):
            cell = known.replace("November", "Nov")
            said = folded(words)
            assert re.search(rf"Was, {cell}|\({known}\)|, {cell}\b|, {known}\)|Last rated {cell}", said)
            assert ("2018/2019" in words) == ("/" in known)
            assert ("Nov" in words) == ("Nov" in known)


def test_a_date_that_is_only_a_bound_is_not_shown(both):
    change = a_change(before_precision=Precision.NOT_BEFORE)
    for words in both(an_edition(a_story(change=change, aspects=(), judgements=()))):
        assert "2018" not in words
        assert "()" not in words


def test_a_first_rating_is_called_so_only_when_somebody_vouches_for_it(both):
    for words in both(an_edition(a_first_rating())):
        assert "First rating" in words
    for words in both(an_edition(a_rating_alone())):
        assert "First rating" not in words
        assert "No earlier rating known to us" in words


def test_ratings_that_do_not_compare_are_not_called_a_move(both):
    for words in both(an_edition(a_not_comparable())):
        assert re.search(r"(The two|These ratings) cannot be compared", folded(words))
        assert "The earlier rating is from our own records." in words
        told = words.partition("About this")[0].partition("ABOUT THIS")[0]
        assert "oved" not in told


def test_a_withdrawn_rating_says_what_it_was(both):
    story = a_story(
        section=SectionKind.WITHDRAWN,
        change=a_change(Movement.WITHDRAWN, after=None),
        evidence="We have withdrawn our rating of the service.",
    )

    for words in both(an_edition(story)):
        assert "1 rating withdrawn" in words
        assert "Rating withdrawn" in words
        assert "equires improvement" in words
        assert "“We have withdrawn our rating of the service.”" in words


def test_a_move_from_an_unnamed_grade_names_the_new_one_alone(both):
    story = a_story(change=a_change(before=None, before_on=None, certainty=Certainty.STATED))

    for words in both(an_edition(story)):
        assert re.search("Moved up to ?Good", words)
        assert "None" not in words


def test_a_stand_in_names_the_blog_and_what_we_have_not_seen(both):
    for words in both(an_edition(a_stand_in())):
        assert "As reported by Probation Notebook; we have not seen the inspectorate’s own report." in words
        assert "Probation Notebook, posted 3 March 2026." in folded(words)


def test_a_story_from_a_feed_says_that_its_page_could_not_be_read(both):
    for words in both(an_edition(a_story(source_name="Probation news", from_feed=True))):
        assert (
            "We read this in the list of new reports by Probation news. We could not open the report itself."
            in words
        )


def test_a_rating_that_only_a_blog_reports_is_called_reported_and_counted_apart(both):
    change = a_change(Movement.NOT_COMPARABLE, before=None, before_on=None)
    story = replace(a_stand_in(), section=SectionKind.ELSEWHERE, change=change, evidence="It was rated good.")
    other = replace(story, key=StoryKey(item=98, place=0))

    for words in both(an_edition(a_story(), story, other)):
        assert "2 ratings that only blogs report." in words
        assert len(re.findall("reported now ?good|notebook reports good", words.casefold())) == 2
        assert words.casefold().rindex("reported elsewhere") > words.casefold().rindex("what moved")


def test_a_late_story_says_which_edition_it_belonged_to(both):
    for words in both(an_edition(a_late_story())):
        assert "Late: this was missing from our edition of Monday 2 March." in words


def test_an_inspection_told_before_says_when(both):
    for words in both(an_edition(a_story(first_told=date(2026, 3, 2)))):
        assert "We first told you of this inspection on Monday 2 March." in words
    for words in both(an_edition(a_retelling())):
        assert "About the inspection in our edition of Friday 27 February." in words


def test_a_scale_without_an_overall_grade_is_told_aspect_by_aspect(both):
    for words in both(an_edition(a_late_story())):
        assert "Safety: Poor (2023) to Reasonably good" in words
        assert "Purposeful activity: Reasonably good (2023) to Poor" in words
        assert words.count("Safety was now reasonably good") == 1


def test_a_thematic_report_is_told_by_its_own_first_sentences(both):
    for words in both(an_edition(a_thematic())):
        assert "Resettlement across England and Wales" in words
        assert "Inspectors visited nine areas" in words


def test_commentary_and_news_are_a_line_each(both):
    text, html = both(an_edition(an_opinion(), a_news_item()))

    for words in (text, html):
        assert "The Cell Window: Why I stopped counting league tables" in words
        assert "HM Inspectorate of Probation: Consultation opens" in words


def test_a_heavy_day_says_how_much_is_told_in_short(both):
    for words in both(a_heavy_day()):
        assert re.search(
            r"A busy day: of 40 stories, \d+ are told in full below and \d+ in short\.", folded(words)
        )
        assert words.count("Northern Service") >= 40


def test_a_story_in_short_still_carries_its_sentence(text_of):
    short = text_of(a_heavy_day()).split("In short")[1]

    assert "Moved up from Requires improvement (November 2018) to Good." in folded(short)
    assert "“The service has earned an overall rating" in folded(short)


def test_silence_can_be_told_from_a_broken_source(both):
    broken = SourceNote(name="Inspectorate of Schools", checked_at=CUTOFF - timedelta(days=2), trouble="503")
    unread = SourceNote(name="A new blog", checked_at=None, trouble=None)
    paused = SourceNote(name="A paused blog", checked_at=CUTOFF, trouble=None, paused=True)
    edition = an_edition(durham())

    for words in both(replace(edition, sources=(*edition.sources, broken, unread, paused))):
        assert "Sources read in the last day: HM Inspectorate of Probation, HM Inspectorate" in words
        assert "Inspectorate of Schools was last read on Sunday 1 March at 11:45am. Its news may" in words
        assert "We have not been able to read A new blog yet." in words
        assert "We have paused reading A paused blog." in words
        assert "503" not in words


def test_unusually_many_items_are_told_while_they_are_checked(both):
    moved = SourceNote(name="Ofsted", checked_at=CUTOFF, trouble=None, held=120)

    for words in both(replace(an_edition(durham()), sources=(moved,))):
        assert "Ofsted lists unusually many new items (120). We check them before we tell" in words


@pytest.mark.parametrize(
    ("official", "count", "said"),
    [
        (True, 1, "1 report by Ofsted is listed but could not be opened:"),
        (True, 2, "2 reports by Ofsted are listed but could not be opened:"),
        (False, 7, "7 posts by Ofsted are listed but could not be opened:"),
    ],
)
def test_pages_that_could_not_be_opened_are_named(both, official, count, said):
    pages = tuple(
        UnopenedPage(item=n, title=f"Page <{n}>", link=f"https://www.gov.uk/{n}") for n in range(count)
    )
    note = SourceNote(name="Ofsted", checked_at=CUTOFF, trouble=None, official=official, unopened=pages)

    for words in both(replace(an_edition(durham()), sources=(note,))):
        assert said in words
        assert [n for n in range(count) if f"Page <{n}>" in words] == list(range(min(count, UNOPENED)))
        assert ("And 2 more." in words) is (count == 7)


def test_a_link_that_is_not_fit_for_readers_is_left_out(both):
    page = UnopenedPage(item=1, title="Report", link="javascript:alert(1)")
    note = SourceNote(name="Ofsted", checked_at=CUTOFF, trouble=None, unopened=(page,))

    for words in both(replace(an_edition(durham()), sources=(note,))):
        assert "Report" in words
        assert "javascript" not in words


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(), "you asked for everything we find."),
        (Wishes(movements_only=True), "you asked for all inspectorates, only when a rating moves."),
        (Wishes(commentary=False), "you asked for all inspectorates, without commentary."),
        (Wishes(inspectorates=("ofsted",)), "you asked for Ofsted."),
        (
            Wishes(inspectorates=("ofsted",), providers=("x", "y")),
            "1 inspectorate and 2 services of your choice.",
        ),
        (Wishes(providers=("x",)), "you asked for 1 service of your choice."),
        (Wishes(areas=("Kent",), kinds=("prison",)), "you asked for Kent; prisons."),
        (
            Wishes(inspectorates=("nobody",), areas=("Kent", "Surrey"), kinds=("PDU",), providers=("x",)),
            "1 inspectorate, 2 areas, 1 kind of service and 1 service of your choice.",
        ),
        (
            Wishes(movements_only=True, watched=("durham-tees-valley-crc",)),
            "only when a rating moves. You watch Durham Tees Valley CRC, and get everything about it.",
        ),
        (
            Wishes(watched=("x", "y")),
            "you asked for everything we find. You watch 2 services, and get everything about them.",
        ),
    ],
)
def test_why_it_came(both, wishes, said):
    register = Register([a_provider("durham-tees-valley-crc", "Durham Tees Valley CRC")])
    for words in both(
        an_edition(durham()),
        subscription=a_subscription(wishes=wishes),
        known=inspectorates(),
        register=register,
    ):
        assert said in words


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(areas=("Durham",)), "You follow Durham."),
        (Wishes(areas=("Durham",), kinds=("CRC",)), "You follow Durham; CRCs."),
        (
            Wishes(areas=("Kent",), watched=("durham-tees-valley-crc",)),
            "You watch Durham Tees Valley CRC.",
        ),
        (
            Wishes(areas=("Durham",), watched=("durham-tees-valley-crc",)),
            "You watch Durham Tees Valley CRC. You follow Durham.",
        ),
        (
            Wishes(inspectorates=("hmi-probation",)),
            "You follow HM Inspectorate of Probation.",
        ),
    ],
)
def test_a_story_says_which_wish_brought_it(both, wishes, said):
    for words in both(an_edition(durham()), subscription=a_subscription(wishes=wishes)):
        story = words.split("About this email")[0].split("ABOUT THIS EMAIL")[0]
        assert story.count(said) == 1


def test_a_story_in_short_says_which_wish_brought_it(both):
    for words in both(a_heavy_day(30), subscription=a_subscription(wishes=Wishes(areas=("Northern",)))):
        assert words.count("You follow Northern.") >= 30


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(movements_only=True), Wishes(commentary=False)])
def test_who_chose_nothing_by_name_is_not_told_why(both, wishes):
    for words in both(an_edition(durham()), subscription=a_subscription(wishes=wishes)):
        assert "You follow" not in words
        assert "You watch" not in words


def test_a_readers_own_words_are_shown_and_never_obeyed(html_of):
    wishes = Wishes(areas=("Durham <b onclick=x>",), kinds=("<script>",))
    story = durham()
    page = reading(
        html_of(
            an_edition(replace(story, provider_name="Durham <b onclick=x> <script>")),
            subscription=a_subscription(wishes=wishes),
        )
    )

    assert "script" not in {tag for tag, _ in page.tags}
    assert not any("onclick" in attrs for _, attrs in page.tags)
    assert "You follow Durham <b onclick=x>; <script>s." in folded("".join(page.words))


def test_the_foot_says_who_writes_and_where_to_ask(both):
    for words in both(an_edition(durham())):
        assert "Questions? hello@digest.example.org" in words
        assert "1 Market Place, Durham DH1 3NJ" in words
    for words in both(an_edition(durham()), sender=replace(SENDER, postal_address=None)):
        assert "None" not in words


# -- how it is said ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", [a_full_day(), a_heavy_day()])
def test_text_lines_are_short_unless_they_are_an_address(text_of, edition):
    for line in text_of(edition).splitlines():
        assert len(line) <= 72 or "://" in line
        assert line == line.rstrip()


def test_text_is_never_laid_out_with_spaces(text_of):
    assert not re.search(r"\S {2,}\S", text_of())
    assert "\n\n\n" not in text_of()


@pytest.mark.parametrize(
    "edition", [a_full_day(), a_heavy_day(), an_edition(an_opinion()), hostile("<b>&'\"")]
)
def test_html_is_made_for_screen_readers(html_of, edition):
    page = reading(html_of(edition))

    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(text.strip() for _, text in page.headings)
    assert ("html", {"lang": "en-GB"}) in page.tags
    tables = [attrs for tag, attrs in page.tags if tag == "table"]
    assert tables
    assert all(attrs.get("role") == "presentation" or attrs["class"] == "aspects" for attrs in tables)


@pytest.mark.parametrize("edition", [a_full_day(), hostile("<img src=x onerror=alert(1)>")])
def test_html_fetches_nothing_and_runs_nothing(html_of, edition):
    html = html_of(edition)
    page = reading(html)

    names = {tag for tag, _ in page.tags}
    assert not names & {"img", "script", "link", "iframe", "object", "form", "svg", "video", "base"}
    assert not re.search(r"url\(|@import|src=", html.partition("</style>")[0])
    for _, attrs in page.tags:
        assert not any(name.startswith("on") or name in {"src", "background", "srcset"} for name in attrs)
        assert "url(" not in (attrs.get("style") or "")


def test_a_move_does_not_hang_on_colour_or_arrow_alone(html_of):
    page = reading(html_of(an_edition(durham(), a_downgrade())))

    labels = [attrs["aria-label"] for _, attrs in page.tags if "aria-label" in attrs]
    assert {"Down", "Up", "down to", "up to"} <= set(labels)


def test_the_dark_and_narrow_rules_reach_the_reader(html_of):
    style = html_of().partition("<style>")[2].partition("</style>")[0]

    assert "prefers-color-scheme: dark" in style
    assert "max-width" in style


# -- hostile words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title><script>",
        "<!--",
        "{{ sender }}{% raw %}",
        "&lt;script&gt;",
        "' onmouseover='x",
    ],
)
def test_foreign_words_are_shown_and_never_obeyed(html_of, word):
    page = reading(html_of(hostile(word)))

    sober = reading(html_of(hostile("7 sober")))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in sober.tags]
    assert [set(attrs) for _, attrs in page.tags] == [set(attrs) for _, attrs in sober.tags]
    assert folded("".join(page.words)).count(word) == folded("".join(sober.words)).count("7 sober")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil.example.org", "https://a@b/"]
)
def test_only_web_addresses_become_links(html_of, link):
    for tag, attrs in reading(html_of(hostile(link))).tags:
        if tag == "a":
            assert urlsplit(attrs["href"] or "").hostname == "digest.example.org"


def test_no_template_switches_escaping_off():
    for template in TEMPLATES.rglob("*"):
        if template.is_file():
            text = template.read_text(encoding="utf-8")
            assert not re.search(r"\|\s*safe\b|autoescape|Markup", text), template


# -- what nobody sees ---------------------------------------------------------------------------------------

HIDDEN = "\U000e0069\U000e0067\ufe01\u200b\u202e\u200d" + "\u0307" * 9


def with_hidden(value):
    """The value, in which every text of a source, or of an operator about it, hides something."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value if value.startswith("https://") else f"{HIDDEN}{value[:1]}{HIDDEN}{value[1:]}"
    if isinstance(value, tuple):
        return tuple(map(with_hidden, value))
    if is_dataclass(value) and not isinstance(value, StoryKey):
        return replace(value, **{f.name: with_hidden(getattr(value, f.name)) for f in fields(value)})
    return value


def test_nothing_hidden_in_a_text_reaches_a_reader(parsed):
    corrected = replace(
        durham(), checked="It was so.", correction=Correction(told_on=date(2026, 3, 2), told=None, why="No.")
    )
    sources = tuple(SourceNote(name=f"{HIDDEN}A", checked_at=None, trouble=None) for _ in "ab")
    full = an_edition(with_hidden(corrected), with_hidden(an_opinion()), with_hidden(a_stand_in()))
    edition = replace(full, sources=sources)
    message = parsed(edition)

    parts = [message.get_body((kind,)).get_content() for kind in ("plain", "html")]
    assert all("Durham Tees Valley CRC" in folded(text.replace("\u0307", "")) for text in parts)
    for text in (message["Subject"], *parts):
        assert not set(text) & set(HIDDEN) - {"\u0307"}
        assert "\u0307" * 4 not in text


def test_of_many_sources_that_were_not_read_a_few_are_named_inspectorates_first(both):
    page = UnopenedPage(item=1, title="Kent", link="https://example.org/kent")
    long_ago = CUTOFF - timedelta(days=2)
    down = [
        SourceNote(name=f"Source {n}", checked_at=long_ago, trouble="no route", official=n > 200)
        for n in range(300)
    ]
    up = [
        SourceNote(name=f"Well {n}", checked_at=CUTOFF, trouble=None, unopened=(page, page))
        for n in range(20)
    ]

    for words in both(replace(an_edition(durham()), sources=(*down, *up))):
        assert "Source 201 was" in words
        assert "Source 1 was" not in words
        assert "288 more sources were not read in the last day." in words
        assert "16 pages of other sources could not be opened." in words
