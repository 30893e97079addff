"""When a grade was given, as its sentence says: now, at an earlier inspection, or in a year.

Tables of patterns over templates (`template.py`), of bounded repetition like those of `cues.py`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from digest.extract import cues
from digest.extract.dates import MONTH, YEAR
from digest.extract.grade_context import GradeInContext
from digest.extract.phrases import last_end


class When(StrEnum):
    """What a sentence itself says of the inspection that gave a grade."""

    BARE = "bare"  # nothing: the sentences before it tell
    NOW = "now"  # the one announced
    THEN = "then"  # an earlier one
    AFTER = "after"  # "after being rated X": now for those who celebrate it, before for those who moved on
    DATED = "dated"  # the whole text decides, by the year where the sentence names one


_SEASON: Final = r"spring|summer|autumn|winter"
_MONTH: Final = rf"(?:{MONTH}|{_SEASON}|early|late|mid)"
_LAST: Final = (
    rf"(?:january|february|march|april|may|june|july|august|september|october|november|december|{_SEASON})"
)
_PAST: Final = re.compile(
    r"\b(?:previous(?:ly)?|formerly|former (?:overall )?(?:rating|grade)|earlier(?! today| this)|originally|initially|"
    r"(?:when|was|were) (?:it was |we )?last (?:inspected|rated|visited|there|here|assessed|seen)|"
    r"last (?:inspected|rated|rating|visited|inspection|visit|time|report|year|came)|"
    rf"(?:reports?|ratings?|rated|judged|graded|published|publication) last {_LAST}|"
    r"first (?:inspected|visited|rated|assessed)(?= (?:in|on|back|by))|"
    r"had (?:been |previously |once |also |only )?(?:rated|given|received|been|judged|awarded|found|an? $)|"
    r"having previously|(?<!^)having been|when (?:it|they|the \w+) (?:was|were) (?:also )?(?:rated|given|found|judged|graded|assessed|deemed|ranked|classed|awarded)|"
    r"(?:report|inspection|visit) before\b|earlier (?:report|inspection|visit)|"
    r"year before|years? ago|years? earlier|once(?= $)|years? after being|months? after being|improvement (?:on|from) (?:the|its|their)(?= $)|after (?:[a-z]+ ){0,2}(?:decades|years) (?:of|as|at|on|with)|dating back to|inspection before|since then|lost (?:its|their|the)|losing (?:its|their|the)|"
    r"sh(?:akes?|aking|ook|aken) off|stripped of|back in|already had|"
    r"once (?:rated|judged)|before (?:that|this|being|it)|from being|since being|since (?:it|they|the \w+) (?:was|were) (?:last |first )?(?:rated|given|found|judged|graded|assessed|deemed|ranked|classed|awarded)|until (?:now|recently)|"
    r"after (?:an? [^,;<]{0,30}rating|a rating)|(?:rating|grade) then|then (?:rated|judged|graded)|back then|"
    r"(?:last|previous|earlier|first) (?:full |ofsted |cqc )?(?:inspection|report|visit)[^.;:<]{0,40}\b(?:which|that|when|where) (?=[^.;:<]{0,60}$)|"
    r"(?:comes?|came) after|improv\w* (?:up)?on|compared (?:with|to)|better than|worse than|in contrast (?:to|with))\b"
)
# "She said it had been given ..." only puts into the past what was said: no telling which inspection it was.
_REPORTED: Final = re.compile(
    r"\b(?:said|told|announced|revealed|reported|added|explained|confirmed|learn\w+|heard|emerged|stated|noted|claimed)\b"
    r"[^;:]{0,120}?\bhad (?:been |also been )?(?:rated|given|received|judged|awarded|found|an?)\b"
)
# "Everyone was delighted to learn that inspectors had rated the home good."
_GLAD: Final = re.compile(
    r"\b(?:delighted|pleased|thrilled|proud|overjoyed|happy|glad|jubilant|celebrat\w+) (?:to (?:learn|hear|read|see|be told|find)|that|when|after)\b[^;]{0,80}\bhad (?:been )?(?:rated|judged|graded|given|awarded)\b[^;]{0,40}$"
)
_PRESENT: Final = re.compile(
    r"\b(?:now|this time|latest|today|currently|new(?:est)?|has been|have been|this year|most recent|"
    r"(?:at|in|during|on) (?:this|our latest|the latest|the current|our current) (?:inspection|visit|occasion|report)|"
    r"reinspection|re inspection|upgraded|raised|since been|later|has now|is rated|are rated)\b"
)
_PAST_AFTER: Final = re.compile(
    r"^[^;<]{0,40}?\b(?:previously|the (?:time|year|inspection) before|"
    rf"at (?:its|the|our|their) (?:last|previous|first|earlier)|(?:at|on|in) (?:its|all its|each of its|all of its) (?:\w+ )?(?:previous|earlier)|last (?:time|year|month|week|{_LAST})|"
    r"when (?:it was )?last inspected|as recently as|in the previous|at that time|years? (?:ago|earlier|before))\b"
)
# A year on either side of a grade dates it, but does not tell whether a later grade came.
_YEAR_AFTER: Final = re.compile(
    rf"^(?: (?:rating|rated|overall|one|mark|grade))*,? ?(?:at|in|during|from|on \d{{1,2}})?(?: (?:its|our|the|an?))?"
    rf"(?: (?:last|previous|earlier))?(?: inspections?)?(?: in)?(?: {_MONTH})*,? ?\(?(?P<year>(?:19|20)\d\d)\b"
)
# "Rated good following an inspection in 2019": the visit's year, not the rating's age.
_VISIT_AFTER: Final = re.compile(
    rf"^(?: (?:rating|rated|overall|one|mark|grade|in all areas))*(?: by [^,;:.<]{{2,60}}?)?,? (?:after|following|at|from|on the back of) (?:an?|its|the|their|this|two) (?:[^\s,;:.<]+ ){{0,4}}?"
    rf"(?:inspections?|visits?|reviews?)[^,;:.<]{{0,40}}?(?: {_MONTH})*,? ?(?P<year>(?:19|20)\d\d)\b"
)
# "Following an inspection in May 2017 the surgery was found ..."
_VISIT_BEFORE: Final = re.compile(
    rf"^\W*(?:following|after|at|during|on) (?:an?|its|the|their) (?:[^\s,;:.<]+ ){{0,3}}?(?:inspections?|visits?|reviews?|assessments?) (?:[a-z]+ ){{0,3}}?(?:in|of|on|from) (?:\d{{1,2}} )?(?:{_MONTH} )?(?:and {_MONTH} )?(?P<year>(?:19|20)\d\d)\b"
)
# "We had a new inspection in May 2022 which found us to be ...": this one, whatever it gave.
_NEW_VISIT: Final = re.compile(
    rf"\b(?:(?:had|have had|received) (?:an?|our|its|the|their) new|(?:our|its|the|their) (?:latest|newest|most recent)) (?:[a-z]+ ){{0,2}}?(?:inspection|visit) "
    rf"(?:took place |was carried out |was )?(?:in|on|during) (?:\d{{1,2}} )?(?:{_MONTH} )?(?P<year>(?:19|20)\d\d),? (?:which |that |and )?(?:[a-z]+ ){{0,6}}$"
)
_YEAR_SOON: Final = re.compile(
    rf"^(?:(?!\band\b)[^,;:.<]){{0,60}}? (?:in|from|during|back in) (?:{_MONTH} )?(?P<year>(?:19|20)\d\d)\b"
)
_DATED_LEFT: Final = re.compile(
    r"\b(?:19|20)\d\d,? (?:the|a) year (?:in which|when|that)\b|"
    rf"\b(?:reports?|findings|results) (?:published|released|issued|from) (?:back )?in (?:{_MONTH} )?(?:19|20)\d\d\b|"
    r"\b(?:at|in|during|after|since|from|following) (?:our|its|their|the|a|an) (?:first |last |prior |initial |\w+ )?"
    r"(?:19|20)\d\d\b|\b(?:19|20)\d\d (?:visit|inspection|report|rating|review)\b|"
    rf"\b(?:inspection|visit|report|review)s? (?:in|of|from|during) (?:{_MONTH} )?(?:19|20)\d\d (?=[^<]{{0,12}}\b(?:rated|judged|graded|found|gave))|"
    rf"(?:^|, )(?:at|during|following|after) (?:an|the|this|our) (?:(?:un)?announced |full |short )?(?:inspection|visit) (?:in|of) (?:{_MONTH} )?(?:19|20)\d\d,|"
    r"\b(?:inspect\w+|visit\w*)\b[^;<]{0,60}\b(?:19|20)\d\d,? (?:when|where|at which) (?:we|it|the [a-z]+)\b|"
    r"(?:^|\b(?:and|but|then) |, |^ )in (?:19|20)\d\d\b|\bwhen (?:[^\s,;<]+ ){1,8}?(?:19|20)\d\d\b|"
    rf"(?<!since )(?<!formed )(?<!opened )(?<!founded )(?<!established )(?<!built )\bin (?:{_MONTH} )?(?:19|20)\d\d\b(?=[^;<]{{0,70}}\b(?:said|rated|judged|graded|found|gave|given|was|were|visit\w*|inspect\w*|scor\w+)\b)"
)


_LONG_AFTER: Final = re.compile(
    r"\b(?:days|weeks?|months?|years?|terms?|decades?) (?:after|since) (?:being |(?:it|they|the [a-z]+(?: [a-z]+)?|<p\d+>) (?:was |were |had been |had ))[^,;<]{0,40}$"
)
_SINCE: Final = re.compile(r" since (?P<year>(?:19|20)\d\d)\b(?=[^.;]{0,40}\b(?:has|is|was|now)\b)")
_HELD_SINCE: Final = re.compile(r"^(?: rating)? (?:ever )?since (?:[a-z]+ )?(?P<year>(?:19|20)\d\d)\b")
_LEAD_IN: Final = 90  # characters, of words that a colon parts from the sentence they lead in
# "After it was classed as inadequate last year": no news.
_LONG_AGO: Final = re.compile(
    r"^[^;<]{0,40}?\b(?:last year|years? ago|the year before|(?:two|three|four|five) years)\b"
)
_LONGEST_ASIDE: Final = 120  # characters
_IN_AN_ASIDE: Final = re.compile(r", (?:which|who) [^,;<]{2,80}<g\d+>$")
# "We inspected to follow up on the inadequate ratings for ...": those of the inspection before.
_TO_FOLLOW_UP: Final = re.compile(r"\b(?:to follow up|following up|follow up inspection of)\b[^.;]{0,240}$")
_BACKDROP: Final = re.compile(
    r"\b(?:since|compared (?:with|to)|than (?:at|in)?|(?:improve\w*|better|progress) (?:on|from|over)) "
    r"(?:its|our|the|their) (?:last|previous|earlier|\d{4}) (?:inspection|visit|report|year|time|review)s?\b"
    r"|\bas (?:previously|earlier|first|already) (?:reported|revealed|announced|mentioned|noted)\b"
)
# "Since the last inspection, in 2013, which led to a good rating".
_WHICH_THEN: Final = re.compile(
    r"\b(?:last|previous|earlier|first) (?:\w+ )?(?:inspection|report|visit)\b[^.;:<]{0,40}\b(?:which|that|when|where)\b(?! (?:is|has)\b)[^.;:<]{0,60}$"
)
_CARRIES_ON: Final = re.compile(r"\b(?:was|is|has|were|are|been|had|now)\b")
_ONCE_MORE: Final = re.compile(r"^ (?:once more|once again|again|now)\b")
_IS: Final = re.compile(r"\b(?:is|are|has been|have been)(?: now)? $")
_BUT: Final = re.compile(r",? \bbut\b")
_YEARS_OWN: Final = re.compile(r"\b(?P<year>(?:19|20)\d\d)'s $")
_AFTER: Final = re.compile(
    r"\bafter (?:being|having been|having|receiving|getting|earning|achieving|gaining|securing|scoring|winning|obtaining|"
    r"landing|attaining|(?:it|they|the \w+) (?:was|were|had been|has been|have been)|inspectors|ofsted|cqc|the cqc|estyn|the care quality commission|the care inspectorate|hm inspectorate of [a-z]+|the \w+ inspectorate)\b"
    r"(?! previously| formerly| originally| initially| last| once)[^;:<]{0,90}$"
    r"|\bfollowing (?:an?|its|the|their) $"
    r"|^\W*having been (?!previously|formerly|originally|initially|last|once)[^;:<]{0,60}$"
)
# "After its latest inspection last month": the month dates the visit that is the news.
_LATEST_VISIT: Final = re.compile(
    r"^[^;:.<]{0,30}\b(?:after|following|at|in|during|from) (?:its|an?|the|their) (?:(?:latest|new|recent|most recent|full|unannounced|announced|routine|short|ofsted|cqc|two day|reinspection) )*(?:inspection|visit|report|assessment)(?: which took place| carried out| in [a-z]+)? last (?:month|week|[a-z]+day)\b"
)
# "Shook off its <g> rating, going up to <g>": where it went.
_GOING_TO: Final = re.compile(
    r"\b(?:going|moving|rising|climbing|jumping|leaping|improving|dropping|falling|slipping|sinking|plunging) (?:[a-z]+ ){0,3}?to (?:an? )?(?:rating of )?$"
)


def time_of(  # noqa: C901, PLR0912 -- the words of time in their order of strength
    m: GradeInContext, *, moved_from: bool, before: tuple[When, int | None] | None
) -> tuple[When, int | None]:
    """Whether it is the rating of this inspection, and the year that is named with it."""
    if is_the_same_as_before(m):
        return When.NOW, None
    visit = _VISIT_AFTER.search(m.behind)
    dated = None if visit else _YEAR_AFTER.search(m.behind)
    if not (visit or dated or m.is_moved_to):
        dated = _YEAR_SOON.search(m.behind)
    year = int(dated["year"]) if dated else None
    if _ONCE_MORE.search(m.right) and _IS.search(m.left):
        return When.NOW, None  # "is 'good' once more"
    if own := _YEARS_OWN.search(m.left):
        return When.THEN, int(own["year"])
    if moved_from or _TO_FOLLOW_UP.search(m.left):
        return When.THEN, year
    if not m.is_moved_to and (since := _SINCE.match(m.behind)):
        return When.THEN, int(since["year"])  # "rated 'outstanding' since 2009 has been told ..."
    if not m.is_moved_to and (held := _HELD_SINCE.match(m.behind)):
        return When.DATED, int(held["year"])
    stretch = m.before_the_pair() if m.is_moved_to else m.before
    opening = stretch.partition(":")[0] if ":" in stretch[:_LEAD_IN] else ""
    if _PAST.search(opening) and not _PRESENT.search(opening):
        return When.THEN, year  # "The report before: the force was found ..."
    whole = stretch[max(0, last_end(cues.CLAUSE_END, stretch)) :]
    if _WHICH_THEN.search(whole):
        years = [int(y) for y in YEAR.findall(whole)]
        return When.THEN, year or (years[-1] if years else None)
    if _stands_behind_an_aside(m) and "," in stretch:
        # "rated the home, which received a good rating in 2019, as inadequate"
        stretch, before = stretch[stretch.index(",") :], None
    left = _BACKDROP.sub(" ", _without_others_past(m, stretch[max(0, last_end(cues.CLAUSE_END, stretch)) :]))
    now_before = before is not None and before[0] in {When.NOW, When.BARE}
    if now_before and m.template.grades[0].grade != m.grade.grade and _LONG_AFTER.search(left):
        return When.THEN, year  # "rated <g>, two years after it was <g>"
    if (after := _AFTER.search(left)) and last_end(_PRESENT, left) <= after.start():
        return (When.THEN if _LONG_AGO.match(m.behind) else When.AFTER), year
    if _GLAD.search(left):
        return When.AFTER, year
    reported = _REPORTED.search(left)
    if reported and last_end(_PAST, left[: reported.start()] + left[reported.end() :]) < 0:
        return When.DATED, year
    past, present = last_end(_PAST, left), last_end(_PRESENT, left)
    years = [int(y) for y in YEAR.findall(left)]
    if past > present:
        return When.THEN, year or (years[-1] if years else None)
    if _past_follows(m):
        return When.THEN, year
    if year is not None:
        return When.DATED, year
    if fresh := _NEW_VISIT.search(left):
        return When.NOW, int(fresh["year"])
    left = left[max(0, last_end(_BUT, left)) :]
    years = [int(y) for y in YEAR.findall(left)]
    present, soft = last_end(_PRESENT, left), last_end(_DATED_LEFT, left)
    if soft > present:
        return When.DATED, years[-1] if years else None
    if (
        before is not None
        and not (m.is_moved_to or _GOING_TO.search(m.before))
        and before[0] not in {When.NOW, When.BARE}
        and not _CARRIES_ON.search(m.before)
    ):
        return before
    now = When.NOW if present >= 0 or m.is_moved_to else When.BARE
    visited = _VISIT_BEFORE.search(left) if visit is None else visit
    return now, int(visited["year"]) if visited else None


def is_the_same_as_before(m: GradeInContext) -> bool:
    return bool(" the same" in m.behind and cues.SAME_AS.search(m.behind)) and not (_PAST.search(m.before))


def _stands_behind_an_aside(m: GradeInContext) -> bool:
    """Whether the grade before it stands in a relative clause of its own, which ends between the two."""
    if not m.index:
        return False
    end = m.template.grade_at[m.index - 1][1]
    return _IN_AN_ASIDE.search(m.template.text, max(0, end - _LONGEST_ASIDE), end) is not None


def _without_others_past(m: GradeInContext, left: str) -> str:
    """The words before it, without "at its last inspection," where that dates the grade before."""
    found = _PAST_AFTER.match(left) if m.index else None
    end = re.search(r"[,;]| and | but ", left[found.end() :]) if found else None
    return left[found.end() + end.start() :] if found and end else left


def _past_follows(m: GradeInContext) -> bool:
    """Whether "at its last inspection" or the like follows, for this grade and not for the next."""
    found = None if _LATEST_VISIT.match(m.behind) else _PAST_AFTER.search(m.behind)
    is_last = m.index + 1 == len(m.template.grades)
    return bool(found and (is_last or re.search(r"[,;]| and | but ", m.behind[found.end() :])))
