"""What sort of text a page is, who it is about, and whether it announces a rating or only mentions one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from digest.extract import cues
from digest.extract.cast import Cast, Named, NameMention, Role
from digest.extract.dates import dated_title
from digest.extract.prose import Place, Sentence
from digest.extract.statements import Binding, Statement, fits
from digest.extract.statements_of_text import StatementsOfText
from digest.extract.times import When
from digest.providers import normal_name
from digest.reports import Kind

_OTHER_TITLE: Final = re.compile(
    r"\b(?:(?<!address )(?<!staff )(?<!of )(?<!by )(?<!with )(?<!over )vacanc(?:y|ies)|role details|job|recruit\w*|consultation|webinar|conference|event|podcast|"
    r"how we inspect|when and how we inspect|our standards|standards and ratings|about us|who we are|contact|"
    r"^latest news|news with #|tagged|archives?|league tables?|how to|handbook|appointment|appointed|news page|blog|guidance|framework|inspection programme)\b",
    re.IGNORECASE,
)
# A court's decision, or a debate: both retell what an inspection found.
_COURT_TITLE: Final = re.compile(
    r"\b(?:EWHC|EWCA|UKSC|UKUT|UKFTT|CSOH|NIQB)\b|\bHansard\b|\bDebate\b|, R \(on the application of\)"
)
# "Every Kent school rated inadequate", "the 12 homes that are rated outstanding": a list of how things stand.
_INVENTORY: Final = re.compile(
    r"^\W*(?:(?:here are|see|full list:?|list of|revealed:?) )?(?:every (?:[\w’'-]+ ){0,5}(?:school|home|nursery|hospital|surgery|practice|college|service|provider)|"
    r"(?:all|the|these)(?: [\w’'-]+){0,5} (?:schools|homes|nurseries|hospitals|surgeries|practices|colleges|services|providers|primaries|secondaries))"
    r"(?: in [\w ]{2,30}?)? (?:(?:that|which) (?:are|is) |currently |still )*(?:rated|judged|graded|ranked)\b",
    re.IGNORECASE,
)
# Somebody leaves, or something is sold: the rating beside it is known already.
_FAREWELL: Final = re.compile(
    r"\b(?:says?|saying|bids?|to say) (?:goodbye|farewell)|\bfarewell\b|\bretir(?:es?|ing|ement)\b|\b(?:steps?|stepping|stepped|to step|stands?|standing|stood) (?:down|aside)\b|"
    r"\b(?:headteacher|head|principal|manager|chief executive|chief|boss|governor|chair\w{0,6}|director|leader) (?:to leave|leaves|leaving|quits?|resigns?|resigned|departs?|departing|departed)\b|\b(?:inquest|coroner|suicide|killed (?:him|her|them)sel(?:f|ves))\b|\b(?:for sale|to let)\b",
    re.IGNORECASE,
)
# Notes to sources, "... in 2015.[7]", and an address of a wiki: an encyclopedia tells of the past.
_NOTES: Final = re.compile(r"(?:^|[.,!?][\"'”’)]?)[^\S\n]?\[\d{1,3}\](?=\s|\[|$)", re.MULTILINE)
_WIKI: Final = re.compile(r"^[a-z]+://[^/]*wiki|/wiki/", re.IGNORECASE)
_LEAST_NOTES: Final = 2
# Lines of a thread in which people talk: the day and the hour of one after the other.
_SAID_AT: Final = re.compile(
    r"(?:(?:[A-Z][a-z]{2,8},? )?\d{1,2}[-/. ](?:\d{1,2}|[A-Z][a-z]{2,8})[-/. ]\d{2,4},?(?: at)? \d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?)"
)
_LONGEST_STAMP: Final = 40  # characters
_A_THREAD: Final = 3  # such lines
_MEETING_TITLE: Final = re.compile(r"\b(?:minutes|agenda)\b", re.IGNORECASE)
_THEMATIC: Final = re.compile(
    r"\b(?:annual (?:\w+ )?report|thematic|national (?:inspection|level|arrangements|thematic)|nationally|"
    r"(?:research|effective practice) (?:bulletin|guide)|across england and wales|joint inspection of)\b",
    re.IGNORECASE,
)
_OWN: Final = re.compile(r"\b(?:we|our)\b", re.IGNORECASE)
_ASKING: Final = re.compile(
    r"^(?:how|when|why|what|who|inspections\b\W(?!mark|f(?:i|ou)nd|rate|judge|reveal|show|highlight|praise|brand|leave|put|place|see))",
    re.IGNORECASE,
)
# "A third of schools": the sector's state. "Three units" may be these three.
_SHARE_OF_ALL: Final = re.compile(
    rf"\b(?:half|thirds?|quarters?|most|majority|per cent|one in \w+|\w+ (?:of|in) (?:the )?\d+|fewer|more than \w+)\b"
    rf"[^.;:]{{0,30}}\b{cues.BODIES}\b",
    re.IGNORECASE,
)
_REPORTED: Final = re.compile(r"\b(?:inspections?|inspected|reports?|review(?:ed)?)\b", re.IGNORECASE)
_NATIONWIDE: Final = re.compile(
    r"\b(?:the Probation Service|probation services?|youth (?:justice|offending) services|cases|services)\b",
    re.IGNORECASE,
)
_JUDGES: Final = (
    r"(?:inspect\w*|re-?inspect\w*|ofsted|cqc|care quality commission|commission|estyn|hmi\w*|hiw|ciw|rqia|watchdogs?|regulators?|"
    r"inspectorate|care inspectorate|education scotland)"
)
# That a judgement was just published, or that inspectors just came: what a retelling's opening says.
_ACT: Final = re.compile(
    rf"\b{_JUDGES}\b|\b(?:reports?|ratings?|grades?|verdict|judge?ment)\b[^.;]{{0,60}}\b(?:publish\w+|released?|out|issued|found|prais\w+|"
    r"criticis\w+|said|says|revealed?|highlight\w*|conclud\w+|latest|today|yesterday|this week)\b|\b(?:rated|rating|upgraded|downgraded)\b",
    re.IGNORECASE,
)
_JUST_NOW: Final = re.compile(
    rf"\b(?:reports?|ratings?|findings|verdict|results?)\b[^.;]{{0,40}}\b(?:out|published|released|issued|announced)\b"
    rf"|\b(?:published|released|issued|publishes|out) [^.;]{{0,30}}\b(?:reports?|ratings?|findings|inspection)\b"
    rf"|\b(?:following|after|at|in|during) (?:an?|its|the|their|this|one of) (?:\w+ ){{0,4}}(?:inspection|visit)\b(?! in (?:19|20)\d\d)"
    rf"|\b{_JUDGES}(?: of \w+)? (?:who )?(?:has |have |had )?(?:\w+ )?(?:visited|(?:was|were|been) (?:at|in|to)|went (?:in)?to|came to|found|said|says|rated|judged|gave|given|praised|criticised|inspected|returned|ruled|recorded|branded|called|concluded|placed|awarded|told|published|recognised|upgraded|downgraded|confirmed|moved|lifted|raised|lowered|graded|commended|hailed)\b"
    r"|\binspectors (?:to|at|visiting|who (?:visited|went to|came to|were at)) [^.;]{3,90}?,? (?:found|saw|heard|praised|judged|rated)\b"
    rf"|\b(?:slammed|criticised|praised|rapped|hailed|commended|inspected|visited|blasted|lauded|(?:been|was|were) (?:rated|judged|graded)|(?<!had )(?:been|was|were) (?:rated|judged|graded)(?: (?:as )?[\w’'‘\"“”-]+){{1,2}}) by (?:[\w’'-]+ ){{0,4}}{_JUDGES}\b"
    rf"|\b{_JUDGES} (?:have |has )?(?:marks?|marked|brands?|hands?|handed|slams?|slammed|hails?|deems?|deemed|blasts?|blasted|raps?|rapped) \b"
    rf"|\b(?:received|awarded|given|achieved|earned|gained|secured|retained|handed|scooped|bagged) (?:an?|its|the|their|another) [^.;]{{0,40}}\b(?:ratings?|grades?|gradings?|verdict) (?:\w+ )?(?:by|from) (?:[\w’'-]+ ){{0,4}}{_JUDGES}\b"
    rf"|\b(?:latest|new|recent) (?:\w+ ){{0,2}}(?:inspection|report|rating|ofsted|cqc)\b",
    re.IGNORECASE,
)
_ON_INSPECTION: Final = re.compile(
    rf"\b(?:{_JUDGES}|ratings?|rated|grade[ds]?|reports?|special measures|prais\w+|improv\w+|inadequate|outstanding|requires|good|"
    r"fail\w*|concerns?|celebrat\w+|success\w*|joy|top marks|thumbs up|verdict|measures|slammed|damning|glowing|upgraded?|downgraded?|"
    r"poor(?:ly)?|weak|change|needed|falls? short|at risk|excellent|performance|standards|judged|unsafe|struggling|turnaround|better|worse)\b",
    re.IGNORECASE,
)
_REPORT_TITLE: Final = re.compile(r"\b(?:inspections?|reports?)\b", re.IGNORECASE)
_A_BLOCK: Final = 3  # grades of a layout: fewer may be an example
_INSPECTED: Final = re.compile(
    r"\b(?:inspection|inspected|practice|service|home|school|provider|trust|unit|prison|force)\b",
    re.IGNORECASE,
)
_ON_RATING: Final = re.compile(
    rf"\b(?:{_JUDGES}|ratings?|rated|grade[ds]?|upgraded?|downgraded?|verdict)\b", re.IGNORECASE
)
# What a title says of an inspection's result without the word.
_RESULT: Final = re.compile(
    r"\b(?:special measures|told (?:it|to|that|they)|failing|unsafe|we (?:are|re) an? \W?(?:good|outstanding|excellent))\b",
    re.IGNORECASE,
)
_SOMETHING_ELSE: Final = re.compile(
    r"\b(?:for sale|to let|bungalow|cottage|house prices?|catchments?|property|bedroom\w*|taken over|tak(?:es?|ing) over|renam\w+|change (?:its )?name|clos(?:e|es|ed|ing|ure)|shut\w*|fundrais\w*|"
    r"warning notice|government warning|ombudsman|prosecut\w+|fined|sacked|resign\w*|quits?|suspended|investigat\w+|inquiry|calls for|"
    r"campaign\w*|protest\w*|debate|letter|sued|tribunal|academy order|planning|plans?|extension|expansion|expand\w*|merg\w+|takeover|petition|strike|strikes|court|inquest|died?|death|jailed|sentenced|killed|murder\w*|"
    r"crash|fire at|blaze|vacanc\w+|headteacher (?:of|to|appointed|leaves|retires)|new head|retir\w+|appointed|anniversary|opens|opening|"
    r"fayre|fair|fete|match|cup|concert|festival|choir|museum|farm shop|cafe|recipe|walk|guide to|best places|things to do|places to live)\b",
    re.IGNORECASE,
)
# "Ofsted removes the school's rating", "report withdrawn": what stands in the story is no longer its rating.
_WITHDRAWN: Final = re.compile(
    r"\b(?:remov|withdr[ae]w|scrap|quash|overturn|retract|delet|rescind|annul|set(?:s|ting)? aside)\w*\b(?! from\b)"
    r"(?:(?! from\b)[^.;:]){0,50}\b(?:rating|report|grade|judge?ment|verdict|inspection)s?\b"
    r"|\b(?:rating|report|grade|judge?ment|verdict|inspection)s? (?:is |are |was |were |to be )?(?:removed|withdrawn|scrapped|quashed|overturned|retracted|deleted|rescinded|annulled|set aside)\b"
    r"|\b(?:to|will) re-?inspect\b|\b(?:legal|court) (?:threat|action|challenge|bid|battle)\b|\bjudicial review\b",
    re.IGNORECASE,
)
_ROUND_UP: Final = re.compile(r"\b(?:round ?-?up|in brief|bulletin|newsletter|latest)\b", re.IGNORECASE)
_SEVERAL: Final = re.compile(rf"\b{cues.BODIES}\b", re.IGNORECASE)
_ONE_OF_THEM: Final = re.compile(
    r"\b(?:an?|the|this|its|our|one|another|\b[A-Z][\w'’]{1,40}) (?:[\w'’-]+ ){0,3}?(?:school|academy|college|university|nursery|pre-?school|playgroup|childminder|home|hospice|agency|hospital|"
    r"practice|surgery|clinic|prison|jail|unit|service|services|provider|trust|council|force|constabulary|team|authority|setting|centre)\b(?! (?:inspections?|reports?|standards|sector|system)\b)"
)
# How many bodies the opening says were inspected.
_COUNTED: Final = re.compile(
    rf"\b(?P<count>two|three|four|five|six|seven|eight)(?: [a-z-]+){{0,3}} (?:{cues.BODIES}|areas|units|homes|schools|hospitals|prisons|surgeries|practices)\b",
    re.IGNORECASE,
)
_COUNTED_HOUSES: Final = re.compile(
    r"^[^.]{0,60}?\b(?P<count>two|three|four|five|six|seven|eight)(?: [a-z-]+){0,3} (?:homes|schools|hospitals|prisons|surgeries|practices|nurseries|colleges|PDUs)\b",
    re.IGNORECASE,
)
# "The home is rated good by the CQC": how it stands, and no news.
_STANDING: Final = re.compile(r"\b(?:is|are) (?:currently |also |already )?(?:rated|graded|judged)\b")
_TELLING_NEWS: Final = re.compile(
    r"\b(?:has|have|had)(?: now| just| again| also)? been\b|\b(?:announce\w*|received|achieved|awarded|given|gave|just|latest|recent\w*|following|after|"
    r"retain\w*|maintain\w*|remain\w*|again|inspected|visited|inspection|report|judged|delighted|pleased|proud)\b",
    re.IGNORECASE,
)


_MOST_TITLED: Final = 20  # bodies in a title; where more are named, it is a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a text is, and who it is about: nobody, unless it tells of an inspection."""

    kind: Kind
    providers: tuple[Named, ...]
    more: bool = False  # the title counts more bodies than the text names


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a text opens with."""

    title: str
    lead: str  # its first sentences of running text
    in_title: tuple[Named, ...]
    in_lead: tuple[Named, ...]


def opening_of(title: str, lead: str, cast: Cast) -> Opening:
    """The title and the lead, and who they name as inspected."""
    return Opening(
        title=title,
        lead=lead,
        in_title=_distinct(m.named for m in _plain(cast, title, heading=True)),
        in_lead=_distinct(m.named for m in _plain(cast, lead)),
    )


def subject_of(
    opening: Opening,
    prose: Sequence[Sentence],
    cast: Cast,
    stated: StatementsOfText,
    *,
    official: bool = False,
) -> Subject:
    """The kind of text, from its title and opening, the names in it, and how many services it counts."""
    title, lead, in_title = opening.title, opening.lead, opening.in_title
    asserted = stated.asserted
    meeting = _MEETING_TITLE.search(title) and not _ACT.search(title)
    if (
        _INVENTORY.match(title)
        or _OTHER_TITLE.search(title)
        or _COURT_TITLE.search(title)
        or meeting
        or dated_title(title)
    ):
        return Subject(kind=Kind.OTHER, providers=())
    if sum(len(s.text) < _LONGEST_STAMP and bool(_SAID_AT.fullmatch(s.text)) for s in prose) >= _A_THREAD:
        return Subject(kind=Kind.OTHER, providers=())
    if (_ASKING.search(title) or title.rstrip("\"'”’ ").endswith("?")) and not in_title:
        return Subject(kind=Kind.OTHER, providers=())
    if _inspected_speak(lead, asserted) and not in_title:
        return Subject(kind=Kind.INSPECTION, providers=_told_of(cast, asserted, lead, prose))
    if _SHARE_OF_ALL.search(title) and not in_title and not cast.mentions(lead):
        return Subject(kind=Kind.THEMATIC, providers=())
    whole = [m.named for m in cast.mentions(title, heading=True) if m.whole]
    national = bool(_THEMATIC.search(title)) or (not in_title and bool(_THEMATIC.search(lead)))
    if national and not whole:
        return Subject(kind=Kind.THEMATIC, providers=())
    if (
        stated.counted
        and not in_title
        and not any(s.place is Place.TITLE and not s.aspects for s in asserted)
        and not _rated_first(asserted, cast, lead, prose, stated.counts)
        and not _of_one(asserted, official=official)
        and not (official and _rates_aspects(asserted))
    ):
        return Subject(kind=Kind.THEMATIC, providers=())
    named_now = _distinct(n for s in asserted if _is_now(s) and not s.aspects for n in s.who)
    if len(named_now) > 1 and not set(named_now) & set(in_title):
        in_title = ()  # "West Yorkshire units rated", and then each by its name
    providers = _sharing(in_title, cast) or _told_of(cast, asserted, lead, prose)
    if not providers:
        return _without_provider(title, lead, asserted, official=official)
    counted = _COUNTED_HOUSES.search(title) or _COUNTED_HOUSES.search(lead)
    more = counted is not None and cues.NUMBERS[counted["count"].casefold()] > len(providers)
    return Subject(
        kind=Kind.MULTI if len(providers) > 1 else Kind.INSPECTION,
        providers=providers,
        more=more,
    )


def is_of_an_encyclopedia(url: str, text: str) -> bool:
    """Whether a page is of an encyclopedia, by its address or its notes to sources."""
    return bool(_WIKI.search(url)) or ("]" in text and len(_NOTES.findall(text)) >= _LEAST_NOTES)


def is_on_an_inspection(opening: Opening, prose: Sequence[Sentence]) -> bool:
    """Whether an inspectorate's own page is about an inspection, by its title or its first sentences."""
    lead = " ".join(s.text for s in prose if s.place in {Place.FIRST, Place.LEAD})
    return bool(
        opening.in_title
        or opening.in_lead
        or _ON_INSPECTION.search(opening.title)
        or _ACT.search(lead)
        or _INSPECTED.search(lead)
    )


def announces(
    opening: Opening,
    prose: Sequence[Sentence],
    about: Sequence[Statement],
    *,
    laid_out: bool,
    named: bool = True,
    general_first: bool = False,
    alone: bool = False,
) -> bool:
    """Whether a retelling announces what it states, and does not merely mention it.

    It does where a rating stands in its title, in its first sentence, in a block of ratings, or where its opening
    tells of an inspection. `about` are the statements of one body that are asserted and bound. `general_first`: the
    first sentence only tells of services in general, and the next ones take its place. `alone`: no other body's
    inspection is told.
    """
    known_title = _finds(_ON_RATING, opening.title) or _finds(_REPORT_TITLE, opening.title)
    known_then = any(s.passing and s.place is Place.TITLE for s in about)
    news = [
        s
        for s in about
        if not s.passing
        and s.when is not When.THEN
        and not (known_then and s.when is When.AFTER)
        and (
            s.laid_out
            or s.aspects
            or s.place is Place.TITLE
            or not _STANDING.search(s.sentence)
            or known_title
        )
    ]
    opening_words = " ".join(s.text for s in prose if s.place in {Place.FIRST, Place.LEAD})
    known = any(
        s.own or (s.binding is Binding.REFERRED and s.noun and s.place is not Place.BODY) for s in news
    )
    known = known or sum(s.laid_out for s in news) >= _A_BLOCK
    known = known or (_finds(_OWN, opening_words) and _finds(_REPORT_TITLE, opening.title))
    if not named and not known and not _finds(_JUST_NOW, opening_words):
        return False  # of nobody: what explains a grade reads like this
    told_now = any(s.when is When.NOW and s.place in {Place.FIRST, Place.LEAD} for s in news)
    if _finds(_WITHDRAWN, opening.title) and not told_now:
        return False
    if alone and _is_of_several(opening, opening_words, news):
        return False
    if laid_out or any(s.place is Place.TITLE and not s.own for s in news):
        return True
    if _finds(_FAREWELL, opening.title):
        return False
    first_told = {Place.FIRST, Place.LEAD} if general_first else {Place.FIRST}
    if any(
        s.place in first_told
        and (not s.own or _TELLING_NEWS.search(s.sentence))
        and not _finds(_FAREWELL, s.sentence)
        for s in news
    ):
        return True
    if _is_of_something_else(opening):
        return False
    first = next((s.text for s in prose if s.place is Place.FIRST), "")
    fits_title = bool(opening.in_title) or _finds(_ON_INSPECTION, opening.title)
    opens_on_it = fits_title or bool(opening.in_lead) or _finds(_ON_INSPECTION, first)
    told_there = any(s.place is Place.LEAD and (s.explicit or s.who) for s in news)
    if opens_on_it and told_there and _finds(_JUST_NOW, opening_words):
        return True
    names_it = any(_within(opening.title, n.name) for n in opening.in_title)
    if not (names_it or _finds(_ON_INSPECTION, opening.title)):
        return fits_title and bool(news) and _finds(_JUST_NOW, opening_words)
    tells_result = known_title or _finds(_RESULT, opening.title) or _finds(_JUST_NOW, opening_words)
    return bool(news) and tells_result and _finds(_ACT, opening_words)


def _is_of_something_else(opening: Opening) -> bool:
    """Whether a title is about something else than a rating; "Barn Close" is not, where it is a home's name."""
    if not _finds(_SOMETHING_ELSE, opening.title) or _finds(_ON_RATING, opening.title):
        return False
    return normal_name(opening.title) not in {normal_name(n.name) for n in opening.in_title}


def _is_of_several(opening: Opening, words: str, news: Sequence[Statement]) -> bool:
    """Whether a text opens on nobody in particular, "several schools' reports": a body further down is an example."""
    if opening.in_title or opening.in_lead or _finds(_ROUND_UP, opening.title):
        return False
    if any(s.place is not Place.BODY or s.laid_out for s in news):
        return False
    return _finds(_SEVERAL, words) and not _finds(_ONE_OF_THEM, f"{opening.title}. {words}")


@lru_cache(maxsize=16)
def _finds(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern stands in an opening: asked once, of however many bodies the text is."""
    return pattern.search(text) is not None


def _is_now(s: Statement) -> bool:
    return s.when in {When.NOW, When.BARE}


def bound(s: Statement, provider: Named | None, *, alone: bool, lead_only: bool = True) -> bool:
    """Whether a statement is of this body: by its name, or by words that can mean no other body of the text."""
    if s.binding is Binding.ELSE:
        return False
    if s.who:
        if provider is None or normal_name(provider.name) not in {normal_name(n.name) for n in s.who}:
            return False
        return len(s.who) > 1 or fits(s.noun, provider)
    if not alone or not fits(s.noun, provider):
        return False
    if s.binding is Binding.DESCRIBED and lead_only:
        return s.place in {Place.TITLE, Place.FIRST, Place.LEAD}
    return True


def _sharing(in_title: tuple[Named, ...], cast: Cast) -> tuple[Named, ...]:
    """The providers of a title, and the one of another body whose area is theirs: "the CRC and the NPS in Cumbria"."""
    beside = (
        other
        for other in cast.all
        for one in in_title[:_MOST_TITLED]
        if one.body
        and other.body
        and one.body.leads_to_parts != other.body.leads_to_parts
        and not (_within(one.name, other.name) or _within(other.name, one.name))  # a division of it
        and (_within(one.area, other.area) or _within(other.area, one.area))
    )
    return _distinct((*in_title, *beside))


def _within(area: str, other: str) -> bool:
    return f" {normal_name(area)} " in f" {normal_name(other)} "


def _rated_first(
    statements: Sequence[Statement], cast: Cast, lead: str, prose: Sequence[Sentence], counts: frozenset[int]
) -> bool:
    """Whether the opening itself names a provider, or the text rates the one it keeps coming back to.

    Named once, the only provider of a text is a passing example.
    """
    if cast.mentions(lead):
        return True
    rated = _distinct(n for s in statements if _is_now(s) and not s.aspects for n in s.who)
    if len(rated) in counts:
        return True  # "two schools were rated", and then both by their names
    if len(rated) > 1 and len({s.sentence for s in statements if s.who}) > 1:
        return True  # a round-up of several inspections
    spoken_of = sum(bool(cast.mentions(s.text, heading=s.heading)) for s in prose)
    return len(cast.all) == 1 and rated == cast.all and spoken_of > 1


def _distinct(named: Iterable[Named]) -> tuple[Named, ...]:
    return tuple({normal_name(n.name): n for n in named}.values())


def _told_of(
    cast: Cast, statements: Sequence[Statement], lead: str, prose: Sequence[Sentence]
) -> tuple[Named, ...]:
    """The providers that the text rates now, else those its opening names, else the one most spoken of.

    A provider that the opening does not name is another's comparison, if the opening names one that is rated. One
    that is named a single time, and rated in the past there, is a neighbour.
    """
    if len(each := _laid_out_each(statements)) > 1:
        return each
    whole = [s for s in statements if not s.aspects]
    rated = _distinct(n for s in whole if _is_now(s) and not s.passing for n in s.who)
    before = _distinct(
        n for s in whole if (not _is_now(s) or s.passing) and s.binding is Binding.NAMED for n in s.who
    )
    counts = Counter(
        m.named for s in prose for m in {m.named: m for m in _plain(cast, s.text, heading=s.heading)}.values()
    )
    late = {
        n
        for s in whole
        for n in s.who
        if s.place is Place.BODY or (s.place is Place.FIRST and s.year and s.when is When.DATED)
    }
    now_too = any(_is_now(s) and not s.who for s in whole)
    neighbours = {
        n
        for n in before
        if n not in rated and counts[n] <= 1 and (len(counts) > 1 or (n in late and now_too))
    }
    opening = _distinct(m.named for m in _plain(cast, lead) if m.named not in neighbours)
    if not whole:  # "the CRC and NPS in Cumbria": two bodies share the area
        areas = {normal_name(n.area) for n in opening}
        opening = tuple(n for n in cast.all if normal_name(n.area) in areas)
    if len(opening) > 1 and any(s.everyone for s in whole):
        return opening
    counted = _COUNTED.search(lead)
    each = _distinct(n for s in whole if _is_now(s) and s.binding is Binding.NAMED for n in s.who)
    if counted and cues.NUMBERS.get(counted["count"].casefold()) == len(each) > 1:
        return each  # "services in two areas were rated", and then each by its name
    if any(n in opening for n in rated):
        return tuple(n for n in rated if n in opening)
    often = tuple(n for n in rated if counts[n] > 1)
    if opening and often and not any(n in before for n in opening):
        return often  # the opening names only the region that they are in
    if opening:
        left = tuple(n for n in opening if n not in before) or opening
        return left[:1] if whole else left
    if rated:
        return rated
    if not counts and len(cast.all) == 1 and any(s.laid_out and s.explicit and not s.who for s in whole):
        return cast.all  # "Name: Ashgrove House" in a table, and its rating below
    return tuple(named for named, _ in counts.most_common() if named not in neighbours)[:1]


def _laid_out_each(statements: Sequence[Statement]) -> tuple[Named, ...]:
    """The providers that each have a block of grades by aspects under their own name, as round-ups set them out."""
    counts = Counter(
        n
        for s in statements
        if s.laid_out and s.aspects and s.binding is Binding.NAMED
        for n in s.who
        if _is_now(s)
    )
    return tuple(n for n, count in counts.items() if count >= _A_BLOCK)


def _plain(cast: Cast, text: str, *, heading: bool = False) -> tuple[NameMention, ...]:
    """Who a text names as more than an owner, a neighbour or a forerunner."""
    return tuple(
        m
        for m in cast.mentions(text, heading=heading)
        if m.role in {Role.PLAIN, Role.PLACE, Role.SPEAKER} or (m.role is Role.PART and heading)
    )


def _of_one(statements: Sequence[Statement], *, official: bool) -> bool:
    """Whether a rating of the whole is said of one body that the text does not name: "the practice is rated".

    An inspectorate's own report says it shorter: "the service has been rated", "we rated it".
    """
    return any(_is_now(s) and _refers_to_one(s, official=official) for s in statements)


def _refers_to_one(s: Statement, *, official: bool) -> bool:
    if s.binding is not Binding.REFERRED or s.aspects:
        return False
    opening = official and not s.passing and s.place in {Place.FIRST, Place.LEAD}
    return opening or (s.explicit and s.noun is not None)


def _rates_aspects(statements: Sequence[Statement]) -> bool:
    """Whether an inspectorate's own report of one body grades its aspects: "we rated safe and effective as good"."""
    return any(s.aspects and s.own and _is_now(s) and s.binding is not Binding.ELSE for s in statements)


def _inspected_speak(lead: str, statements: Sequence[Statement]) -> bool:
    """Whether the inspected themselves tell their rating: "our rating as a trust"."""
    whole = [s for s in statements if _is_now(s) and not s.aspects]
    own = [s for s in whole if s.own and (s.explicit or s.direction)]
    answer = bool(_OWN.search(lead) and _REPORTED.search(lead)) and len({s.grade for s in whole}) == 1
    return bool(own) or answer


def _without_provider(title: str, lead: str, statements: Sequence[Statement], *, official: bool) -> Subject:
    opening = f"{title}. {lead}"
    whole = [s for s in statements if _is_now(s) and not s.aspects]
    rated = {s.grade for s in whole if s.explicit or _refers_to_one(s, official=official)}
    if (
        _REPORTED.search(opening)
        and _NATIONWIDE.search(opening)
        and not _of_one(statements, official=official)
        and not (official and _rates_aspects(statements))
    ):
        return Subject(kind=Kind.THEMATIC, providers=())
    by_aspects = not rated and (
        (any(s.aspects and _is_now(s) for s in statements) and bool(_JUST_NOW.search(opening)))
        or (official and _rates_aspects(statements))
    )
    on_one_body = len(rated) == 1 or by_aspects or _opens_on_one(title, opening, statements)
    return Subject(kind=Kind.INSPECTION if on_one_body else Kind.OTHER, providers=())


def _opens_on_one(title: str, opening: str, statements: Sequence[Statement]) -> bool:
    """Whether a text opens on the rating just given to one body, and knows no other grade: "a school has been rated"."""
    whole = [
        s
        for s in statements
        if not (s.aspects or s.passing)
        and s.when not in {When.THEN, When.DATED}
        and s.binding is not Binding.ELSE
    ]
    opens = any(s.place in {Place.TITLE, Place.FIRST} for s in whole) and not _SOMETHING_ELSE.search(title)
    return opens and len({s.grade for s in whole}) == 1 and bool(_JUST_NOW.search(opening))
