"""Headings and lines before lists: which kind of findings they announce."""

from __future__ import annotations

import re
from typing import Final

from digest.extract.finding_cues import GRADE, Sense, simple

# -- headings ---------------------------------------------------------------------------------------------

_BEFORE: Final = (
    r"(?:(?:our|the|its|their|key|main|major|particular|significant|overall|other|further|some|any|summary of|list of|"
    r"priority|additional|headline|examples? of|areas? of|and|identified|most important|following|inspectors'|"
    r"inspection|specific|current|immediate|these|[a-z]{2,20}'s?) ){0,5}"
)
_AFTER: Final = (
    r"(?: (?:\d{1,2}|(?:of|in|for|at|found|identified|noted|include|included|including|are|were|about|within|on|across|"
    r"by|seen|from|and|to|as|that|made|we)\b.{0,80}))?"
)
_WHO: Final = r"[a-z' ]{1,50}?"
_STRENGTH_NOUN: Final = (
    r"(?:strengths?|positives?|positive (?:findings|points|features|aspects|practices?)|achievements|successes|"
    r"(?:good|best|outstanding|notable(?: positive)?|effective|promising|innovative|exemplary|sector leading) practices?)"
)
_STRENGTH_ASKED: Final = (
    rf"what (?:{_WHO} )?(?:does|did|do|is doing|are doing|was doing|were doing|has done) (?:particularly |really |very )?well"
    rf"|what does {_WHO} do (?:particularly |really |very )?well"
    rf"|(?:this is )?what (?:{_WHO} )?did well"
    r"|what (?:is |was |has |had )?(?:went|gone|going|works|worked|working|done) well"
    r"|what (?:the )?inspectors (?:liked|praised)\b.{0,80}"
    rf"|how (?:{_WHO} )?(?:is|are) doing well"
)
_IMPROVEMENT_NOUN: Final = (
    r"(?:(?:areas?|points?|aspects?|room|scope|priorities|opportunities) (?:for|of|requiring|needing|that needs?|that needed|that require|"
    r"that required|in need of|where|which need) (?:further |more |continued |focused )?(?:improvements?|development|concern|attention)"
    r"|areas to (?:improve|develop)|weaknesses|shortcomings|failings|shortfalls|causes? (?:of|for) concern|concerns?|areas? for [a-z' ]{1,40}? to (?:develop|improve|work on|consider)|"
    r"breaches(?: of regulations?)?|improvements? (?:is |are |was |were )?(?:needed|required|necessary|to be made))"
)
_IMPROVEMENT_ASKED: Final = (
    rf"(?:what|how) (?:does |do |did )?(?:{_WHO} )?(?:could|should|can|must|needs?(?: to)?|needed to)(?: to)? (?:be )?(?:do |done |go |work )?"
    rf"(?:to )?(?:be )?(?:better|improved?|work on|focus on|address)(?: further| next)?"
    rf"|what does {_WHO} need to (?:do|be) better.{{0,60}}"
    r"|where (?:further )?improvements? (?:can|could|should|must) be made"
    r"|what (?:is |was |are )?not (?:working|going|done|gone) well|what (?:works|worked) less well"
    rf"|(?:this is )?what we (?:recommend|said) {_WHO} (?:can|could|should|needs to) improve|immediate (?:assurances?|improvements?).{{0,40}}"
)
_RECOMMENDATION_NOUN: Final = (
    r"(?:recommendations?|recommended (?:next steps|actions?)|(?:statutory )?requirements?|required actions?|compliance actions?"
    r"|(?:points|areas|priorities) for action|agreed next steps)"
)
_RECOMMENDATION_ASKED: Final = (
    rf"(?!what you)(?:actions?|improvements?|steps|what) (?:that |which )?(?:{_WHO} )?(?:must|should|needs? to|(?:is|are) (?:required|told|asked) to)"
    r" (?:take|make|do|be taken|be made)\b.{0,60}|actions? required\b.{0,60}"
)
# "What does the school need to do to improve further?" lists what its inspectors ask of it.
_ASKED_TO_IMPROVE: Final = re.compile(
    rf"what (?:does |do |should |must )?(?:{_WHO} )?(?:needs?|has|have|should|must|is required)(?: to)? (?:do )?(?:next )?"
    r"(?:to )?(?:improve|develop)(?: further)?(?:,? .{0,60})?"
    rf"|what (?:should|must) {_WHO} do to improve(?: further)?|what (?:must |needs to |should )(?:be )?improved?(?: further)?"
    r"|compliance with (?:regulatory|statutory) requirements\b.{0,80}"
)
# What a regulator says must be done stands for a fault; what should be done is its advice.
_MUST_DO: Final = re.compile(
    rf"(?:actions?|improvements?|steps|what) (?:that |which )?(?:{_WHO} )?must (?:take|make|do|be taken|be made)\b.{{0,60}}"
)
_EITHER_NOUN: Final = (
    r"(?:(?:[a-z' ]{1,60} and )?what (?:we|inspectors|the inspectors|the report|the inspection|they) (?:found|says|said|highlighted)"
    r"|findings|(?:key|main) (?:messages|points)|points to note|people's experiences? of (?:using )?(?:this|the) services?(?: .{0,60})?)"
)


_BODY: Final = r"(?:school|provi(?:der|sion)|setting|nursery|childminder|college|academy|service|home|centre|pre-?school|sixth form|agency|registered provision)"
# "This is a good school", "The provision is outstanding" over the list of its reasons.
_GRADED: Final = re.compile(
    rf"(?:this|it) is (?:an? )?(?:{_BODY} (?:that is |that |which is |which ))?(?P<first>{GRADE})(?: {_BODY})?"
    rf"|(?:this|the) {_BODY} (?:is (?:an? )?)?(?P<second>{GRADE})"
)


def _heads(*options: str) -> re.Pattern[str]:
    return re.compile("|".join(options))


_STRENGTH_HEAD: Final = _heads(
    rf"{_BEFORE}{_STRENGTH_NOUN}{_AFTER}", _STRENGTH_ASKED, r".{0,60}\bthe following strengths"
)
_IMPROVEMENT_HEAD: Final = _heads(
    rf"{_BEFORE}{_IMPROVEMENT_NOUN}{_AFTER}",
    _IMPROVEMENT_ASKED,
    rf"areas (?:of|in) [a-z ]{{1,40}} (?:requiring|needing|for) improvement{_AFTER}",
)
_RECOMMENDATION_HEAD: Final = _heads(rf"{_BEFORE}{_RECOMMENDATION_NOUN}{_AFTER}", _RECOMMENDATION_ASKED)
_EITHER_HEAD: Final = _heads(rf"{_BEFORE}{_EITHER_NOUN}{_AFTER}")
_LONGEST_HEAD: Final = 16  # words
_LONGEST_FORMER: Final = (
    24  # "What the service has done to meet any areas for improvement we made at or since ..."
)

# What stands around the findings of a page, and goes on to the next heading.
_ASIDE: Final = re.compile(
    r"about (?!organisational|our findings)\b.{0,80}|(?:press |media )?contacts?\b.{0,60}|(?:for )?(?:further|more) (?:information|details)\b.{0,60}|"
    r"background|media (?:enquiries|contacts?)|read (?:the|more|our|full)\b.{0,60}|download\b.{0,60}|related\b.{0,40}|"
    r"how (?:to|we|can i|do we)\b.{0,60}|why we (?:inspected|carried|did)\b.{0,60}|information about (?:this|the|our)\b.{0,60}|"
    r"what happens\b.{0,60}|next steps|follow us\b.{0,40}|(?:our|the) inspection team|glossary|acknowledgements|the role of\b.{0,80}|"
    r"enforcement(?: action)?|our response|(?:the )?(?:provider|council|trust|service|school)'?s? response\b.{0,60}|"
    r"response (?:from|by|to)\b.{0,60}|what we are doing\b.{0,60}|our (?:action|improvement) plan\b.{0,40}|(?:action|improvement) plan"
)
# From here on a press release speaks to the press.
END: Final = re.compile(r"notes? (?:to|for) (?:the )?editors?|editors?'? notes?|ends|media notes|notes")

_LAST_TIME: Final = (
    r"(?:(?:previous|last|earlier|former|prior|first) (?:\w+ )?(?:inspections?|visits?|reports?|review|time)|previous (?:recommendation|requirement|area)s?|"
    r"made (?:at or )?since|since (?:the|our|its|then|that|their)\b|^previously\b)"
)
_ASKED_LAST_TIME: Final = re.compile(
    rf"\b(?:(?:requirement|recommendation|improvement|concern|action)s?\b.{{0,80}}\b{_LAST_TIME}|"
    r"previous (?:requirement|recommendation|area|concern)s?|.{0,60}made at or since)",
)
_SPOKEN_OF_LAST_TIME: Final = re.compile(_LAST_TIME)
_RATED_LINE: Final = re.compile(
    rf"^(?:(?:overall|rating|rated|grade|judgement|effectiveness)[ :,-]{{0,3}}){{0,3}}['\"]?{GRADE}['\"]?(?: overall| rating)?$"
)
_ANY_GRADE: Final = re.compile(rf"\b{GRADE}\b")
_AREAS_THAT_REQUIRE: Final = re.compile(
    r"\b(?:areas?|aspects?|points?)\b.{0,40}\b(?:requir(?:e|ing)|need(?:ing)?) (?:further )?improvement\b|\b(?:good|outstanding|effective) practices?\b"
)
_GRADE_AT_END: Final = re.compile(
    rf"\s{{0,3}}[-–—:|(]?\s{{0,3}}\b(?:\d\s{{0,3}}[-–—]\s{{0,3}})?['\"‘’“”]?{GRADE}['\"‘’“”]?\)?$",
    re.IGNORECASE,
)


def is_rating(heading: str) -> bool:
    """Whether a heading states a rating, and announces neither strengths nor improvements."""
    words = simple(heading)
    return bool(_RATED_LINE.match(words)) or bool(_ANY_GRADE.search(_AREAS_THAT_REQUIRE.sub("", words)))


def without_grade(heading: str) -> str:
    """A section's heading without the grade that stands behind it: "Leadership: Good"."""
    return _GRADE_AT_END.sub("", heading).strip(" :–—-|(")


def is_bare_rating(heading: str) -> bool:
    """Whether a heading is a grade and nothing else."""
    return bool(_RATED_LINE.match(simple(heading)))


def of_graded(text: str) -> Sense:
    """What a list under "This is a good school" holds: the reasons of the grade."""
    found = _GRADED.fullmatch(simple(text))
    if found is None:
        return Sense.OTHER
    good = (found["first"] or found["second"]) in _GOOD_GRADES
    return Sense.STRENGTH if good else Sense.IMPROVEMENT


def of_heading(text: str) -> Sense:
    """What a heading announces: only one that says it in the words that headings use."""
    words = simple(text)
    if len(words.split()) <= _LONGEST_FORMER and _ASKED_LAST_TIME.search(words):
        return Sense.FORMER
    if len(words.split()) > _LONGEST_HEAD:
        return Sense.OTHER
    if END.fullmatch(words) or _ASIDE.fullmatch(words) or _SPOKEN_OF_LAST_TIME.search(words):
        return Sense.SILENT
    because = _because(words)
    if because is not None:
        return because
    return Sense.OTHER if is_rating(text) else _announced(words)


def _announced(words: str) -> Sense:
    if _MUST_DO.fullmatch(words) and not _TO_MEET.search(words):
        return Sense.IMPROVEMENT
    praised, blamed = bool(_STRENGTH_HEAD.fullmatch(words)), bool(_IMPROVEMENT_HEAD.fullmatch(words))
    if _both(words):
        return Sense.EITHER
    if _ASKED_TO_IMPROVE.fullmatch(words):
        return Sense.RECOMMENDATION
    if praised or blamed:
        return Sense.STRENGTH if praised and not blamed else Sense.IMPROVEMENT
    if _RECOMMENDATION_HEAD.fullmatch(words):
        return Sense.RECOMMENDATION
    return Sense.EITHER if _EITHER_HEAD.fullmatch(words) else Sense.OTHER


_BOTH_PRAISE: Final = re.compile(
    rf"\b(?:strengths|good practice|do(?:es|ing)? well|positives|{_STRENGTH_NOUN})\b"
)
_BOTH_BLAME: Final = re.compile(rf"\b(?:{_IMPROVEMENT_NOUN}|do better|to improve|weaknesses)\b")


def _both(words: str) -> bool:
    return bool(_BOTH_PRAISE.search(words) and _BOTH_BLAME.search(words))


_BECAUSE: Final = re.compile(
    r"\b(?P<not>not (?:yet )?(?:an? )?)?(?P<grade>" + GRADE + r")\b[^.;]{0,40}? because$"
)
_GOOD_GRADES: Final = frozenset(
    ("outstanding", "excellent", "very good", "good", "reasonably good", "exceptional", "strong standard")
)


def _because(words: str) -> Sense | None:
    """The kind that follows from a grade with its reasons: "This is a good school because", "It is not good because"."""
    found = _BECAUSE.search(words[-120:])
    if found is None:
        return None
    return Sense.STRENGTH if found["grade"] in _GOOD_GRADES and not found["not"] else Sense.IMPROVEMENT


def gives_middling(text: str) -> bool:
    """Whether a line gives the reasons of a grade that good and bad add up to: "rated requires improvement because"."""
    found = _BECAUSE.search(simple(text)[-120:])
    return found is not None and found["grade"].startswith("requir")


# -- lines before a list ----------------------------------------------------------------------------------

BARE_TURN: Final = re.compile(r"(?:but|however|on the other hand|in contrast|conversely|yet)(?: also)?")
_TURN: Final = re.compile(
    r"^(?:but|however|on the other hand|in contrast|conversely|yet|nevertheless|nonetheless|despite this)\b"
)
_TURNS_WITHIN: Final = re.compile(r"\b(?:but|however|although|though|yet|nevertheless)\b")
_PRAISE: Final = re.compile(
    rf"\b{_STRENGTH_NOUN}\b|\b(?:working|works|worked|going|went|done|doing|does|do) (?:particularly |really |very )?well\b|"
    r"\b(?:pleased|impressed|encouraged|heartened) (?:that|to|by|with)\b|\bprais(?:e[ds]?|ing)\b|\bcommend(?:s|ed|ing)?\b|"
    r"\bcompliment(?:ed|s|ing)\b|\bapplaud(?:s|ed)?\b|\bcelebrat\w{1,5}\b|\bwhat inspectors liked\b|\bon the (?:plus|positive|bright) side\b|\bgood (?:features|points|aspects|work|examples)\b|\bwelcom(?:ed|es) (?:that|the)\b"
)
_BLAME: Final = re.compile(
    rf"\b{_IMPROVEMENT_NOUN}\b|\bareas?\b[^.]{{0,40}}\b(?:for|requiring|needing|in need of|needed|where) (?:further )?improvements?\b|"
    r"\bneed(?:s|ed|ing)? (?:to|improvement|improving)\b|\bconcern(?:s|ed|ing)?\b|\bworr(?:ied|ying|ies)\b|\bcriticis\w{1,5}\b|"
    r"\bdisappoint\w{2,4}\b|\bfail(?:s|ed|ing|ings)\b|\bbreach(?:es|ed|ing)?\b|\bgaps\b|\bdeficienc(?:y|ies)\b|\bcould (?:do|be) better\b|"
    r"\b(?:further|more) work (?:is|was) (?:needed|required)\b|\bmore (?:needs|needed|must) (?:to )?be done\b|\bproblems\b|"
    r"\bless (?:effective|well|positive)\b|\bnot (?:working|going|done|doing|so) well\b|\bcritical of\b|"
    r"\bon the (?:negative|down|minus) ?side\b|\bareas?\b[^.]{0,40}\bfor (?:further |more )?(?:development|attention)\b"
)
_REGULATED: Final = r"(?:they|provider|practice|trust|service|hospital|location|surgery|registered (?:person|manager|provider)|home|clinic|dentist)"
_REGULATOR_SAYS: Final = re.compile(
    rf"\b{_REGULATED}s? (?P<how>must|should)(?: also| now)?(?: (?:ensure|make|take) (?:the following )?(?:improvements?|action|that))?"
    r"(?: to improve)?(?: (?:is|are|include|includes|including|as follows|the following))?(?: to)?$"
)
_TO_MEET: Final = re.compile(r"\b(?:requirements? of|early years|regulations?|standards?|statutory|comply)\b")
_DEMAND: Final = re.compile(
    r"\brecommendations?\b|\brecommend(?:s|ed)?(?: that)?\b|\b(?:should|must)(?: also| now)?(?: (?:ensure|make sure|work))?(?: that| to)?$|"
    r"\b(?:told|required|ordered|asked|instructed|directed) (?:to|that)(?: \w+){0,3}$|\b(?:told|instructed|directed|ordered) (?:the )?(?:\w+ ){1,3}to$|"
    r"\bmust (?:take|make)\b|\bactions? required\b|\brequirements?\b"
)
_SPOKEN: Final = re.compile(
    r"\b(?:inspectors?|inspectorate|report|inspection(?: team)?|review|watchdog|regulator|we|they|it|ofsted|cqc|commission|estyn|"
    r"hm\w{1,6}|rqia|ciw|team)\b[^:]{0,60}\b(?:found|finds|find|highlight(?:s|ed)?|noted?s?|identified|identifies|observed|saw|concluded|"
    r"reported|revealed|showed|shows)\b|\b(?:inspectors|report|inspection)\b[^:]{0,30}\b(?:said|says|stated|states)\b|"
    r"\b(?:findings|messages)\b[^:]{0,60}\b(?:are|were|include[ds]?|including|follows?|were that)\b|^(?:key|main|our|the) (?:key |main )?findings\b"
)
# The provider's answer, and what was found before.
_ANSWERED: Final = re.compile(
    r"^(?:if|please|you|to (?:make|report|raise|contact|read|find))\b|\bcontact (?:us|the|our)\b|\bprompted by\b|\b(?:because of|(?<!the )following|due to|as a result of|received|responding to) (?:\w+ ){0,3}concerns\b|\b(?:in response|(?:has|have) (?:already|since|now)|since then|we (?:are|have|will|plan)\b(?! (?:\w+ )?(?:made|found|identified|recommend\w{0,3}|asked|told|required|concerned|raised))|actions? taken|to address|"
    r"(?:is|are) already|will (?:now|be)|plans? to|no (?:\w+ ){0,3}(?:concerns|recommendations|areas|improvements|breaches))\b"
)
_RATES: Final = re.compile(
    rf"\b(?:rated|graded|judged|assessed|deemed|ranked|is|was|are|were|as|remains|rating of|ratings?)\b[^.;:]{{0,30}}['\"]?\b{GRADE}\b|^\W*{GRADE}\b|"
    r"\brequires improvement\b|\bratings? (?:are|were|is|was|include|as)\b"
)


_WHAT_WAS_GOOD: Final = re.compile(r"^what (?:is|was|were) good$")
# "Inspectors found good features. These included:" is announced by the sentence before.
REFERS_BACK: Final = re.compile(r"^(?:these|they|this|those|among (?:these|them|those|the \w{1,20} ones))\b")


# "We will issue a notice requiring the provider to:"
_REQUIRING: Final = re.compile(
    r"\brequir(?:ing|es) (?:the |this )?(?:\w+ ){1,3}to(?: take the following actions?)?$"
)
_NEEDS_TO: Final = re.compile(
    rf"^(?:(?:in order )?to improve(?: further)?,? |(?:in addition|importantly|additionally|also),? )?(?:the |this )?{_BODY}(?: also| now)? needs? to(?: \w+)?$"
)


def of_demand(text: str) -> Sense | None:
    """What a regulator's "must" (a fault) or "should" (advice) announces; a "must" to meet a standard is asked for."""
    words = simple(text)
    found = _REGULATOR_SAYS.search(words)
    if found is None:
        return None
    asked = found["how"] == "should" or _TO_MEET.search(words)
    return Sense.RECOMMENDATION if asked else Sense.IMPROVEMENT


# "At this inspection we found that improvements had been made since the last one, for example:"
_IMPROVED: Final = re.compile(
    r"\b(?:found|saw|noted|identified|confirmed)\b(?: (?!not\b|no\b|that no\b)\w+){0,6}? (?:improvements?|progress) (?:had|have|has) (?:now |also |already )?been made\b"
)


def of_lead(text: str) -> Sense:
    """What a line before a list announces."""
    words = simple(text)
    if BARE_TURN.fullmatch(words.rstrip(",")):
        return Sense.TURN
    if _IMPROVED.search(words):
        return Sense.STRENGTH
    if _SPOKEN_OF_LAST_TIME.search(words):
        return Sense.SILENT
    if _REQUIRING.search(words):
        return Sense.RECOMMENDATION
    if _ANSWERED.search(words):
        return Sense.SILENT
    plainly = _because(words) or of_demand(words)
    return plainly or _spoken(words)


def _spoken(words: str) -> Sense:
    if _WHAT_WAS_GOOD.search(words):
        return Sense.STRENGTH
    if _NEEDS_TO.search(words):
        return Sense.RECOMMENDATION
    if _RATES.search(_AREAS_THAT_REQUIRE.sub("", words)):
        return Sense.SILENT
    praise, blame = _last(_PRAISE, words), _last(_BLAME, words)
    if praise >= 0 and blame >= 0 and not _TURNS_WITHIN.search(words):
        return Sense.EITHER
    if praise >= 0 or blame >= 0:
        return Sense.STRENGTH if praise > blame else Sense.IMPROVEMENT
    if _DEMAND.search(words):
        return Sense.RECOMMENDATION
    if _SPOKEN.search(words):
        return Sense.TURN if _TURN.search(words) else Sense.EITHER
    return Sense.OTHER


def turns(text: str) -> bool:
    """Whether a line sets what follows against what came before."""
    return bool(_TURN.search(simple(text)))


def _last(pattern: re.Pattern[str], words: str) -> int:
    return max((m.start() for m in pattern.finditer(words)), default=-1)


AS_FOLLOWS: Final = re.compile(r"\b(?:as follows|the following)\W*$")
# Said with a full stop, these still announce the list below them.
ANNOUNCED: Final = re.compile(
    r"\bthe following (?:\w+ ){0,3}(?:strengths?|areas?|recommendations?|concerns?|improvements?|points|findings|practice|requirements?)\b"
    r"|\binspectors (?:also )?(?:found|saw|identified|noted) (?:\w+ ){1,3}(?:areas|examples) of (?:good|outstanding|effective) practice\W*$"
)
# A line that names one of these speaks of an inspection; other lines before a list are the page's own.
SPEAKS: Final = re.compile(
    r"\b(?:inspectors?|inspectorate|report|inspection|ofsted|cqc|estyn|hmi\w{0,5}|rqia|ciw|commission)\b|\b(?:must|should|needs? to)$"
)
# "We saw one area of outstanding practice:" has one paragraph below it.
ONE: Final = re.compile(
    r"\b(?:one|an) (?:\w+ ){0,3}(?:area|example|feature|strength|recommendation|concern|practice)\b"
)
# What a recommendation without a bullet begins with.
DEMANDS: Final = re.compile(
    r"(?:to )?(?:ensur|improv|review|develop|continu|mak|tak|strengthen|provid|increas|reduc|establish|introduc|implement|address|rais|embed|extend|"
    r"maintain|monitor|consider|updat|complet|work|put|set|build|support|giv|us|carry|record|refin|shar|clarif|prioritis|accelerat|rectif|further)(?:e|y|ing|s)?\b"
)
AGREED: Final = re.compile(
    r"\bthis is what we agreed\b|\bwe agreed (?:with \w+ )?(?:the following )?areas for improvement\b"
)
