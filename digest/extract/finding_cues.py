"""The words that announce findings, and those that tell praise from blame.

Patterns over the form of `simple`, of bounded repetition like those of `cues.py`.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from digest.extract.aspects import comparable
from digest.extract.blocks import sentences
from digest.reports import FindingKind


class Sense(Enum):
    """What a line says will follow it."""

    STRENGTH = auto()
    IMPROVEMENT = auto()
    RECOMMENDATION = auto()
    EITHER = auto()  # findings, and the line does not say of which kind
    TURN = auto()  # the opposite of what came before
    OTHER = auto()  # nothing of these
    SILENT = auto()  # what is no finding of this inspection: a rating, the last visit, the provider's answer
    FORMER = auto()  # what the last inspection asked for: silent, with the headings right below


KINDS: Final = {
    Sense.STRENGTH: FindingKind.STRENGTH,
    Sense.IMPROVEMENT: FindingKind.IMPROVEMENT,
    Sense.RECOMMENDATION: FindingKind.RECOMMENDATION,
}
OPPOSITE: Final = {Sense.STRENGTH: Sense.IMPROVEMENT, Sense.IMPROVEMENT: Sense.STRENGTH}


def simple(text: str) -> str:
    """Words as they are compared, without numbering in front and punctuation at the ends."""
    words = comparable(text.replace("’", "'").replace("‘", "'").replace("(s)", "s"))
    return _NUMBERING.sub("", words).strip(" :?.!–—-•|*")


_NUMBERING: Final = re.compile(r"^(?:section )?\(?\d{1,2}(?:[.)]\d{0,2}){0,3}[.):]? ")

GRADE: Final = (
    r"(?:outstanding|excellent|very good|reasonably good|not sufficiently good|good|adequate|satisfactory|"
    r"requir(?:es?|ed|ing) improvement|needs (?:\w+ )?improvement|inadequate|weak|unsatisfactory|poor|"
    r"strong standard|expected standard|urgent improvement|needs attention|exceptional)"
)

# -- the words of a finding -------------------------------------------------------------------------------

_NO_FINDING: Final = re.compile(
    r"^(?:none|n/a|not applicable|nil|not met|met|yes|no)$|"
    r"\b(?:no|not any|not made any|not identified any) (?:\w+ ){0,3}(?:areas? (?:for|of)|recommendations?|requirements?|concerns|breaches|actions|causes of)\b|"
    r"\b(?:we|inspectors|this inspection|the inspection|the report|it)\b[^.]{0,40}\b(?:identified|found|made|praised|named|highlighted|set out|raised|listed|includes?|contains?) "
    r"(?:a (?:number|total|range|series) of |some |several |the following |\w+ )?(?:\w+ ){0,3}(?:concerns|recommendations?|areas|strengths|examples|priorities)\b|"
    r"\b(?:concerns|recommendations?|areas for improvement|strengths|examples) (?:were|are|have been|was) (?:identified|made|found|listed|set out|given|raised)\b|"
    r"^(?:you can |please |to )?(?:read|view|download|see|find)\b[^.]{0,30}\b(?:report|more|here|letter|website|page)\b|\bplease (?:see|read)\b|\bhttps?:|\bwww\.|\b[\w.]{1,64}@[\w.]|"
    r"\b(?:further information|more information|press office|media enquir\w+|contact (?:us|our|details|the (?:press|media|team)))\b|^contact\b|"
    r"\b(?:phone|tel|telephone|email|e mail) ?:? ?[\d+(]|^(?:phone|tel|telephone|email|e mail)\b|"
    r"\b(?:is|are) (?:available|published) (?:on|at|here|from)\b|^(?:published|updated|posted)\b|^in this section\b|"
    r"^this (?:will|would|should) (?:help|ensure|mean|make|allow|enable)\b|^(?:this|which) (?:is|was) (?:to|in order to|so that|because|required) |^to be completed by\b|\bhealth and social care standards\b|^(?:which|these standards) states?\b|"
    r"^the (?:school|provider|provision|setting|college) (?:meets|has met|complies with) (?:the |all )|"
    r"^these (?:are|include|should|must|will)\b|^(?:this|the) (?:section|page|list)\b|\bfollow us\b|^areas for improvement have been\b|"
    r"^under the [^.]{3,80} act\b|^(?:in [^,.]{1,60}, )?(?:we|hm inspectors|inspectors) (?:have a duty|co-? ?operate)\b|"
    r"^(?:this|these) (?:concerns?|recommendations?|areas?)\b|^(?:key|priority) concerns (?:are|should)\b"
)
_QUOTED_GRADE: Final = re.compile(rf"['\"‘’“”]{GRADE}['\"‘’“”]", re.IGNORECASE)
_RATING_TOLD: Final = re.compile(
    rf"^(?:is |was |are |were |it is |it was )?{GRADE}\b(?: (?:at|in|for|on)\b|$)|\b(?:is|was|are|were) {GRADE} (?:at|in)\b|[:–—-] ?(?:\d ?[-–—] ?)?{GRADE}$|"
    rf"\b(?:rated|graded|judged|rating of|evaluated) [^.;]{{0,40}}\b{GRADE}\b|^(?:(?!(?:is|are|was|were|be|seem|felt)\b)[a-z-]+,? ){{0,4}}{GRADE}$|\b(?:quality|effectiveness|standard)\b.{{0,80}}\b(?:is|are|was|were|remains?) (?:now |still |also )?{GRADE}$"
)


_WHOLE_SENTENCE: Final = re.compile(
    r"\w+ \w+ .{0,80}\b(?:is|are) [a-z]|\b(?:is|are) (?:outstanding|good|exceptional)\b"
)


def is_finding(text: str, *, graded: bool = False) -> bool:
    """Whether a piece under an announcement may be a finding: no link, no rating, no word that there is none.

    Under a grade that the pieces give reasons for, a sentence such as "Teaching is outstanding." is one of these.
    """
    words = simple(text)
    return (
        any(c.isalpha() for c in words)
        and not _NO_FINDING.search(words)
        and not _QUOTED_GRADE.search(text)
        and (
            not _RATING_TOLD.search(words)
            or (graded and text.endswith(".") and bool(_WHOLE_SENTENCE.search(words)))
        )
    )


_GOOD_WORD: Final = (
    r"(?:good|strong|strongly|effective|effectively|well|excellent|outstanding|positive|positively|impressive|clear|clearly|robust|kind|"
    r"kindly|kindness|caring|compassionate|compassion|supportive|supported|respect|respectful|respected|safe|safely|dedicated|committed|"
    r"skilled|skilful|knowledgeable|innovative|happy|enjoy|thorough|thoroughly|praised|confident|confidently|proactive|high quality|"
    r"welcoming|timely|prompt|promptly|responsive|ambitious|consistent|consistently|determined|valued|proud|improved|determination|patient and|"
    r"calm|(?:is|are|was|were|been|being|always|fully) met|met (?:all |their |the |people's |patients' |children's |pupils' ){1,2}needs|embedded|visible|creative|understood|tailored|meaningful|dignity|appropriate|appropriately|easily|quickly|sufficient|"
    r"sufficiently|enough|satisfied|satisfaction|best practice|in line with|listened|treated with|protected|knew (?:how|the|what)|improvements? (?:had|have|has) been made|in place|available|equipped|embraced|exemplary|exceptional|complied|complies|"
    r"fulfilled|hygienic|tidy|high levels? of satisfaction|above (?:the )?(?:local |national |average)|friendly|approachable|attentive|reflect(?:s|ed)? (?:current|published|national|recognised) guidance|thrive|thriving|warm|always|adequate|adequately|robustly|reliable|reliably|regular|regularly|properly|suitable|suitably|accurate|accurately)"
)
_NOT: Final = r"(?:not|never|rarely|seldom|isn't|aren't|wasn't|weren't|don't|doesn't|didn't|cannot|can't|could not|couldn't|hadn't|haven't|hasn't)"
_NEGATED_GOOD: Final = re.compile(
    rf"\b{_NOT}\b(?: \w+){{0,4}}? {_GOOD_WORD}\b|\b(?:no|little|without|lack of|lacked|lacking|too few|insufficiently|less) (?:\w+ ){{0,2}}?"
    rf"(?:{_GOOD_WORD}|evidence|plan|plans|system|systems|oversight|process|processes|strategy|training|support|assurance|records?|checks?|access)\b|"
    rf"\b{_NOT} (?:always|consistently|routinely|sufficiently|fully|adequately) \w+|"
    rf"\bfail(?:s|ed|ing|ures?)? to (?:\w+ ){{0,6}}?{_GOOD_WORD}\b|"
    rf"\b{_NOT} (?:yet |fully |always |consistently |sufficiently |routinely )?(?:meet|check|checked|support|supported|provide|provided|manage|managed|promote|promoted|ensure|ensured|assess|assessed|identify|identified|follow|followed|protect|protected|address|addressed|know|"
    r"reported|recorded|monitored|challenge|challenged|reviewed|trained|completed?|receive|received|contain|contained|include|included|demonstrate|demonstrated|reflect|reflected|have|had|make|made|been|understand|used?|shared?|done|implemented|picked up|addressed|scrutinised?)\b"
)
_BAD: Final = re.compile(
    r"\b(?:lack(?:s|ed|ing)?|fail(?:s|ed|ing|ings|ures?)?|poor|poorly|insufficient|insufficiently|inadequate|inadequately|inconsistent|inconsistently|"
    r"inconsistenc(?:y|ies)|ineffective|unsafe|unsafely|weak|weaknesses|weaker|too (?:few|many|long|often|little|much|slow|late|high|low)|unclear|delays?|delayed|shortages?|gaps|"
    r"absence of|deteriorated|deteriorating|declined|worsened|out of date|outdated|overdue|underestimated|missed|neglect(?:ed)?|unacceptabl[ey]|concerning|disappointing|(?:very|too|extremely) low|missed|fractured|need(?:s|ed)? to be (?:strengthened|stronger|better)|"
    r"breach(?:es|ed)?|high levels of (?:violence|self harm|drug)|rising (?:violence|levels)|fell short|falls short|worryingly|disappointingly|slow|ignored|dirty|unclean|squalid|unhygienic|shabby|cramped|overcrowded|rarely|seldom|"
    r"at risk of (?:harm|avoidable)|risk of harm from|limited|no longer|struggled?|unable|vacanc(?:y|ies)|backlogs?|disjointed|patchy|"
    r"unmanageable|excessive|unsuitable|inappropriate|inappropriately|understaffed|short staffed|varies|variable|not enough|weren't enough|need(?:s|ed)? (?:to (?:be )?)?improv(?:ed?|ing|ements?)|improvements? (?:was|were|is|are) (?:still )?(?:needed|required))\b"
)
_DEMANDED: Final = re.compile(r"\b(?:should|must|needs? to|needed to|further work|more work|more needs)\b")
_HOPED: Final = re.compile(
    r"\b(?:could be(?! (?:booked|seen|made|reached))|would|will|may|might|aims?|hopes?|(?:they|it|leaders|provider|school|service|trust) plans? to|"
    r"despite|although|though|but|however|while|whilst|except|unless|nevertheless|yet|until)\b"
)
_GOOD: Final = re.compile(rf"(?<!\bas )\b{_GOOD_WORD}\b(?! as\b)")
_NOT_AT_ALL: Final = re.compile(
    rf"\b(?:{_NOT[3:-1]}|no|nobody|none|nothing|neither|nor|without|less|fewer|only|reduced|fell|fallen|rose|risen|increased)\b"
)
_SOMEBODY_SAID: Final = re.compile(
    r"\b(?:said|says|told|commented|added)\b[^“\"]{0,80}[“\"]|[”\"],? (?:said|says|added|told)\b"
)


# What leads into a sentence and says nothing of it.
_OPENS: Final = re.compile(
    r"^(?:(?:however|but|nevertheless|overall|for example|in addition|also|and),? |despite [^,.;]{1,80}, ){1,2}"
)
# A share of people or of cases is no judgement.
COUNTED: Final = re.compile(
    r"\d ?%|\bper ?cent\b|\b(?:more|fewer|less) than (?:half|a (?:third|quarter))\b|\b\d+ out of \d",
    re.IGNORECASE,
)


_IN_SPITE: Final = re.compile(r",? despite [^,.;]{1,80}$")
_MILD: Final = re.compile(
    r"\bless likely\b|\bno never events\b|\b(?:reduced?|lessen(?:ed)?) (?:the )?risks?\b"
)
_BELOW: Final = re.compile(
    r"\b(?:had|has|have) to be (?:made )?(?:strengthened|stronger|better|improved|reviewed)\b"
    r"|\b(?:below|under|lower than|behind|short of) (?:\w+ ){0,2}(?:averages?|targets?|minimum|standards?)\b"
)
_DENIES: Final = re.compile(rf"\b{_NOT}\b")


def names_fault(text: str) -> bool:
    """Whether a sentence names a fault, whatever good it names beside it."""
    words = simple(text)
    return bool(_BAD.search(words) or _NEGATED_GOOD.search(words)) and not _DEMANDED.search(
        _BAD.sub(" ", words)
    )


def denies(text: str) -> bool:
    """Whether a sentence says that something was not so, or names a fault."""
    return _DENIES.search(simple(text)) is not None or names_fault(text)


def faults(text: str) -> bool:
    """Whether a piece denies, demands or names a fault, whatever good it names beside it."""
    words = simple(text)
    return denies(text) or bool(_DEMANDED.search(words) or _BELOW.search(words))


def doubts(text: str) -> bool:
    """Whether a piece names a fault, denies, hopes or demands: others do not speak for it."""
    words = simple(_MILD.sub("", text))
    return any(p.search(words) for p in (_BAD, _NEGATED_GOOD, _HOPED, _NOT_AT_ALL, _DEMANDED, COUNTED))


def tone(text: str) -> Sense | None:
    """Whether a sentence praises or blames, where its words leave no doubt."""
    if _SOMEBODY_SAID.search(text):
        return None
    words = _IN_SPITE.sub(
        "",
        _MILD.sub("", _OPENS.sub("", simple(" ".join(s for s in sentences(text) if not COUNTED.search(s))))),
    )
    negated = bool(_NEGATED_GOOD.search(words))
    rest = _NEGATED_GOOD.sub(" ", words)
    bad = negated or bool(_BAD.search(rest))
    good = bool(_GOOD.search(_BAD.sub(" ", rest)))
    if _HOPED.search(words):
        return None
    if bad:
        return None if good and not negated else Sense.IMPROVEMENT
    return Sense.STRENGTH if good and not _NOT_AT_ALL.search(rest) and not _DEMANDED.search(words) else None


# -- running text -----------------------------------------------------------------------------------------

_JUDGES: Final = (
    r"(?:inspectors?|inspectorate|inspection team|the report|(?:the|this) (?:inspection|review)|(?:the|a) watchdog|regulator|ofsted|cqc|care quality commission|"
    r"care inspectorate|estyn|hmi|hmicfrs|rqia|ciw)"
)
PRAISES: Final = re.compile(
    rf"\b{_JUDGES}\b[^.;]{{0,60}}\b(?:praised|praises|commended|commends|complimented|applauded|(?:was|were) (?:\w+ )?impressed (?:by|with|that))\b|"
    rf"\b(?:was|were) (?:also )?(?:praised|commended) by {_JUDGES}\b"
)
_FAULTS: Final = r"(?:problems?|concerns?|weakness(?:es)?|failings?|shortcomings?)"
BLAMES: Final = re.compile(
    rf"\b(?:{_FAULTS}) (?:(?:was|were|also) ){{0,2}}(?:identified|noted|highlighted) (?:by {_JUDGES}|at|with)\b|"
    rf"\b{_JUDGES}\b[^.;,]{{0,20}}\b(?:found|observed|identified|saw) (?:a (?:number|range|series) of |several |many |some )(?:\w+ ){{0,2}}(?:risks|hazards|failings|weaknesses|shortcomings)\b|"
    rf"\b{_JUDGES}\b[^.;]{{0,60}}\b(?:(?:was|were) (?:\w+ )?(?:concerned|worried|critical|disappointed)|criticised|criticises|raised (?:\w+ )?concerns?|"
    r"warned that)\b|"
    rf"\b(?:was|were) (?:also )?criticised by {_JUDGES}\b"
)
FINDS: Final = re.compile(
    rf"\b{_JUDGES}\b[^.;,]{{0,40}}\b(?:found|noted|observed|said|showed|revealed|identified that|highlights|highlighted)\b|"
    r"^(?:in contrast, |however, |but )?(?:we|they) (?:also )?found\b|\bin the report, it is noted\b|\b(?:was|were) found to be\b"
)
# Written so, a grade is what an inspectorate gave: "found it Outstanding".
CAPITAL_GRADE: Final = re.compile(
    r"[a-z,:] ['\"‘“]?(?:Outstanding|Excellent|Very Good|Good|Adequate|Satisfactory|Requir(?:es?|ing) [Ii]mprovement|Inadequate|Weak|Unsatisfactory|Poor)\b"
)
STANDING: Final = re.compile(
    r"\b(?:to be (?:providing )?(?:an? )?"
    + GRADE
    + r"|requir(?:es|ed) improvement|providing an? "
    + GRADE
    + r"|special measures|monitoring|overall|safe, effective, caring|needs? to improve its|rat(?:ed|es|ings?)|grade[sd]?|(?:has|have|had) (?:\w+ )?improved|upgraded|downgraded)\b"
)
PART: Final = re.compile(r",? \b(?:but|however|although|though|while|whilst|yet)\b,? ", re.IGNORECASE)
GOES_ON: Final = re.compile(
    r"^(?:also )?(?:they |it |inspectors |the report )?(?:also )?(?:were |was )?(?:found|said|noted|warned|criticised|concerned|raised|identified|praised|commended|impressed)\b"
)
ANOTHER_TIME: Final = re.compile(
    r"\b(?:previous(?:ly)?|last (?:inspection|visit|time|year|report)|earlier (?:\w+ )?(?:inspections?|visits?|reports?|years?|findings)|former|at the time|years? ago|the (?:19|20)\d\d (?:inspection|report|visit)|in (?:19|20)\d\d|nationally|across (?:the country|england|wales|scotland)|"
    r"other (?:services|homes|schools|prisons|forces)|annual report|previously|(?:at|during|following) (?:the|that|an|our|its) (?:\w+ ){0,2}(?:inspection|visit) (?:in|on|of) (?:\d{1,2} )?[a-z]{3,9} (?:19|20)\d\d)\b"
)

# "The service manager should:" says who is asked, and not what.
WHO_IS_ASKED: Final = re.compile(r"\b(?:should|must|needs? to|(?:is|are) (?:asked|required) to)$")

# -- a finding told in running text -----------------------------------------------------------------------

SINCE_LAST: Final = re.compile(r"\bsince (?:the|our|its) (?:last|previous) inspection\b")
OPENING: Final = re.compile(
    r"(?:However|But|Overall|In contrast|Nevertheless|Elsewhere in the report),? |that "
)
_JUDGES_FOUND: Final = r"(?:(?:during|at) [^,.]{1,50}? )?(?:our |hmi )?(?:inspectors|the report|(?:the|this) (?:inspection(?: team)?|review)|ofsted|cqc|estyn|hmicfrs|the inspectorate|we|they|it (?:is|was))"
# What was found stands behind it.
FOUND_THAT: Final = re.compile(
    rf"{_JUDGES_FOUND} (?:also |further )?(?:(?:found|noted|observed|showed|revealed|identified|highlights|highlighted)(?: that)?|"
    r"(?:was|were) (?:\w+ )?(?:concerned|worried) (?:that|about|by|with|at)|(?:was|were) (?:\w+ )?impressed (?:by|with|that)) ",
    re.IGNORECASE,
)
INCLUDING_TO: Final = re.compile(
    r"\brecommendations? (?:is|are|was|were)\b[^.;“”]{0,120}\bincluding (?=to [a-z])", re.IGNORECASE
)
# It explains the sentence before, and adds nothing.
EXPLAINS: Final = re.compile(
    r"^(?:this|that|these|those|such|it|as a result|for example|consequently|therefore|in one|one)\b"
)
SUMMED_UP: Final = re.compile(
    r"^(?:overall,? )?(?:[a-z' ]{1,30}\bwork|planning|delivery|assess\w{1,6}|partnership|leadership|governance|management|resettlement|staffing|training|work|information)\b"
    r"[^.;,]{0,90}? (?:was|were) (?:also |consistently |generally |undertaken |particularly ){0,3}"
    r"(?:a (?:\w+ )?strength|strong|collaborative|effectively|effective|impressive|evident in)\b"
)
