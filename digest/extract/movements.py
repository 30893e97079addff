"""Movements that a text states in words, without two grades: upgraded, the same again, a first inspection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from digest.extract import cues
from digest.extract.aspects import AspectWords
from digest.extract.cast import Named
from digest.extract.grade_context import GradeInContext
from digest.extract.template import GRADE, NAME, Template
from digest.extract.times import is_the_same_as_before
from digest.reports import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementClaim:
    """A movement of the service as a whole, in the words of one sentence."""

    direction: Direction
    who: tuple[Named, ...]  # empty: the body that the text is about
    sentence: str
    everyone: bool = False  # of each of several services that the text is about
    again: bool = False  # only "again": the same as before is as likely as the same as once
    parts: bool = False  # of some aspects: "improved in two of the tests"
    aspects: tuple[str, ...] = ()  # those that stayed, by their names: "respect remained the same"


_EVERYONE: Final = re.compile(
    r"\b(?:two|three|four|both|all|each)\b(?: \w+){0,2} (?:services|units|hospitals|homes|schools|prisons|forces|sites)\b"
    r"[^;:]{0,80}\b(?:were|have been|had been|both|all|each)\b"
)
_SELVES: Final = "service|services|unit|pdu|crc|yjs|trust|company|division|region|team|partnership|provider|school|home|force|rating"
_ITSELF: Final = rf"(?:{_SELVES})"
_ONE: Final = rf"(?:{NAME}|(?:the|this|our) (?:[a-z]+ ){{0,2}}(?:{_SELVES}|college|academy|nursery|hospital|practice|surgery|prison|centre|childminder|agency|location|setting))"
_RATING: Final = r"(?:overall )?(?:performance )?(?:rating|grade)"
# What an inspectorate's own report calls the whole: "Our rating of this service improved".
_OURS: Final = r"(?:(?:this|the) (?:[a-z]+ ){0,2}(?:service|trust|hospital|location|practice|provider|home|agency|clinic)|services|it)"
_BEGUN: Final = (
    r"(?:established|created|formed|set up|founded|launched|opened|opening|registered|registration|registering|"
    r"came into (?:being|existence|effect|force)|came about|it began|(?:its |the )?(?:creation|formation|launch|establishment|inception|foundation|opening|registration|unification|merger))"
)

# "Went up a grade": a body, not its pupils' results.
_WENT: Final = rf"(?:{_ONE}|\b(?:it|they|we|which|that|who))(?: (?:has|have|had|also|now|since|managed|to|just|recently))* "
_BY_GRADES: Final = r"(?: up| down)?(?: by)? (?:an?|one|two|three) (?:whole |full )?(?:ofsted |cqc )?(?:grades?|ratings?|rating bands?)\b"

_CLAIMS: Final = (
    (
        Direction.FIRST,
        re.compile(
            rf"\bfirst (?:ever )?(?:full )?(?:inspection|rating|report)\b[^;<]{{0,40}}(?:{NAME})?[^;<]{{0,20}}"
            rf"\b(?:since|after|following) (?:it |they |the \w+ |{NAME} |its )?(?:was |were |had been )?(?:re)?{_BEGUN}\b"
        ),
    ),
    (
        Direction.FIRST,
        re.compile(
            r"\b(?:its|their|the (?:service|unit|pdu|team|home|school|region)'s) (?:very )?first(?: ever)? (?:(?:full|graded|ofsted|cqc|estyn) )?(?:inspection|rating|inspection report|report)\b(?=[,.;]|$| and\b)"
        ),
    ),
    (
        Direction.FIRST,
        re.compile(
            rf"\b(?:inspected|rated) for the (?:very )?first time\b(?=[,.;]|$| and\b)|\bfirst ever (?:inspection|rating) (?:of|for) (?:the |this )?(?:{NAME}|{_ITSELF})"
        ),
    ),
    (
        Direction.FIRST,
        re.compile(
            rf"\bfirst (?:full |graded |ofsted |cqc )*(?:inspection|assessment|rating|report)(?: (?:ever|undertaken|carried out|conducted|made|published))* (?:of|at|for|into|on) {_ONE}"
            rf"(?=[,.;]|$| and\b| (?:following|after|since) [^.;]{{0,60}}?\b{_BEGUN}\b)"
        ),
    ),
    (
        Direction.FIRST,
        re.compile(
            rf"\bfirst time (?:that )?(?:we|inspectors|ofsted|(?:the )?cqc|the (?:commission|regulator|inspectorate|watchdog)) (?:have |has |had )?(?:ever )?(?:inspected|rated|assessed|visited) (?:{_ONE}|it)(?=[,.;]|$| and\b)"
            rf"|(?:{_ONE}|\bit) (?:had|has|have|was|were) (?:never|not) (?:previously |yet |ever )*(?:been )?(?:inspected|rated|assessed)(?: or (?:rated|inspected))? (?:before|previously)\b(?! (?:in|at|under|for|as)\b)"
            rf"|(?:{_ONE}|\bit) (?:had|has|have|was|were) not previously (?:been )?(?:inspected|rated)(?=[,.;]|$| and\b| before\b| by\b)"
            rf"|\bno (?:previous |earlier )?inspection of {_ONE} (?:has|had) (?:ever |yet )?(?:been (?:made|carried out|done)|taken place) (?:before|since [^.;]{{0,20}}\b{_BEGUN})\b"
            r"|^previous inspection ?:? ?not previously inspected\b"
        ),
    ),
    (
        Direction.UNCHANGED,
        re.compile(
            rf"\b(?:the|its|their) same (?:overall )?(?:rating|grade)s?\b(?=,?(?: [^;<]{{0,30}})?\b(?:again|as (?:before|last|previously|at|in|it)|once more|for|in (?:19|20)\d\d|last time)\b)"
            rf"|\b{_RATING} (?:is |was |has |remains |remained |stays |stayed |(?:has|have|had) (?:remained|stayed|been) )?(?:unchanged|the same|no higher|no better)\b"
            rf"|\b(?:retain(?:s|ed)|kept|keeps|maintain(?:s|ed)) (?:its|their|the same) {_RATING}\b"
            r"|\b(?:the|a) (?:same )?rating (?:that )?(?:we|it|they|the \w+) (?:already|also|previously) had\b"
            r"|\b(?:again|once more) (?:been )?(?:rated|graded|judged|branded|deemed|labelled|given)\b"
            rf"|\b(?:rated|graded|judged|awarded|given|received|achieved|earned|gained|secured)\b[^;,<]{{0,30}}{GRADE}(?: (?:rating|grade|status|overall))*,? (?:once again|once more)\b"
            rf"|\b(?:again|once more) (?:been )?(?:awarded|received|achieved|earned|gained|secured) (?:an?|the|its) (?:[a-z]+ ){{0,2}}{GRADE}"
            rf"|\b(?:judged|found|rated|deemed|considered|declared) (?:that )?(?:{_ONE}|it|us|them) (?:to be |as |was |were |is )*still (?:an? )?{GRADE}(?= overall\b| and we\b| ?[,.;]|$)"
            rf"|(?:{_ONE}|\bit) (?:was|has been|had been) still (?:judged|rated|graded|found|deemed) (?:to be |as |an? )*{GRADE}(?= overall\b| by\b| ?[,.;]|$)"
            rf"|(?:{_ONE}|\bit) (?:was|has been|had been) (?:judged|found|deemed|considered) to be still (?:an? )?{GRADE}(?= overall\b| by\b| ?[,.;]|$)"
            r"|\bfor the (?:second|third|fourth|fifth) (?:time|inspection|report|year|visit) (?:running|in a row|in succession)\b"
            r"|\b(?:achieve[ds]?|retain(?:s|ed)?|receive[ds]?|get|got|given|earn(?:s|ed)?|hold) (?:the|this|that) (?:same )?(?:top |highest )?(?:grade|grading|rating)(?: for)? (?:two|three|four|five|six) (?:years?|times|inspections) (?:in a row|running|in succession)\b"
            r"|\bfor the (?:second|third|fourth|fifth) (?:consecutive|successive|straight) (?:time|inspection)\b"
            r"|\b(?:rated|rating|judged|graded)\b[^;]{0,60}\btime (?:in a row|running|in succession)\b"
            rf"|\b(?:second|third|fourth|fifth|sixth) (?:consecutive|successive|straight) (?:overall )?(?:{GRADE}|rating)"
            rf"|\bour (?:overall )?rating of {_OURS} (?:stayed|stays|remained|remains|is|was) the same\b"
            rf"|\b(?:no|not any) change (?:in|to) (?:its|the) {_RATING}\b|\bbut not (?:its )?rating\b"
        ),
    ),
    (
        Direction.UPGRADE,
        re.compile(
            rf"{GRADE}[^;:]{{0,80}}, an improvement (?:on|from) (?:its |the |our )?(?:last|previous|(?:19|20)\d\d)\b|"
            rf"(?:{NAME}|\b(?:the|this|its|overall) {_ITSELF}|^rating) (?:is |was |has been |been |being )?upgraded\b(?=[.,;:]|$| by| after| in| from| to| as)"
            r"|\bratings? (?:for|of|at) [^;:]{3,110}\b(?:have|has|had) been upgraded\b"
            rf"|\bour (?:overall )?rating of {_OURS} (?:has )?(?:improved|went up|gone up|increased)\b(?! (?:from|for|in)\b)"
            rf"|{_WENT}(?:(?:go|goes|gone|went|moved?|moves|jump(?:ed|s)?|climb(?:ed|s)?|step(?:ped|s)?|shot) up|jump(?:ed|s)?|climb(?:ed|s)?|rises?|rose|risen|improved?|improves|leapt|leaps|upgraded){_BY_GRADES}"
            rf"|\bupgrades? (?:the |its |of |for )?(?:overall )?(?:rating|{NAME})|\b(?:improved|raised|increased) (?:its|the) overall rating\b"
        ),
    ),
    (
        Direction.DOWNGRADE,
        re.compile(
            rf"(?:{NAME}|\b(?:the|this|its|overall) {_ITSELF}|^rating) (?:is |was |has been |been |being )?downgraded\b(?=[.,;:]|$| by| after| in| from| to| as)"
            r"|\bratings? (?:for|of|at) [^;:]{3,110}\b(?:have|has|had) been downgraded\b"
            rf"|\bour (?:overall )?rating of {_OURS} (?:has )?(?:went down|gone down|dropped|declined|deteriorated|got worse)\b(?! (?:from|for|in)\b)"
            rf"|{_WENT}(?:(?:go|goes|gone|went|moved?|moves) down|dropp?(?:ed|s)?|fall(?:en|s)?|fell|slip(?:ped|s)?|plunge[ds]?|plummet(?:ed|s)?|crash(?:ed|es)?|slump(?:ed|s)?|tumble[ds]?|sank|sunk|downgraded){_BY_GRADES}"
            rf"|\bdowngrades? (?:the |its |of |for )?(?:overall )?(?:rating|{NAME})"
        ),
    ),
)
_AGAIN: Final = re.compile(
    r"\b(?:again|once more) (?:been )?(?:rated|graded|judged|branded|deemed|labelled|given|awarded|received|achieved|earned|gained|secured)\b|\bonce (?:again|more)\b"
)
# Every claim has one of these words: most sentences need no closer look.
_HINT: Final = re.compile(
    r"first|again|once more|still|previously|never|not been|no (?:previous |earlier )?inspection|consecutive|successive|straight|same|retain|kept|keeps|maintain|chang|rating|grade|rated|grading|time|upgrad|downgrad|improvement"
)
_NOT_CLAIMED: Final = re.compile(
    r"\b(?:not (?:been )?(?:upgraded|downgraded)|avoid\w*|could|would|should|might|if|hopes?|aims?|appeal|challenge|"
    r"its aspects?|none|no (?:services|units)|how to|in order)\b"
)


# "Outcomes had improved in two tests": movements of aspects, on scales that grade nothing else.
_OUTCOMES: Final = r"(?:outcomes(?: for [a-z]+)?|scores?|gradings?|grades?|assessments?|judge?ments?|ratings?|(?:healthy prison|healthy establishment) [a-z]+)"
_BODY: Final = (
    rf"(?:{NAME}|\b(?:the|this) (?:prison|jail|centre|establishment|force|constabulary|service|brigade|home|nursery|school|"
    r"young offender institution|institution)|\b(?:it|there))"
)
_COUNT: Final = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
_HOW_MANY: Final = rf"(?:{_COUNT}|all|both|each)(?: of)?(?: (?:the|our|its|these|those))?(?: {_COUNT})?(?: of)?(?: (?:the|our|its))?"
# Whatever improves "in three areas" need not be graded; tests and graded areas are.
_TESTS: Final = rf"(?:in|for|against|across|on) {_HOW_MANY}(?: (?:graded|healthy|prison|establishment|main|key|other))* (?:tests?|graded areas|gradings|graded judge?ments|healthy (?:prison|establishment) areas)\b"
_AREAS: Final = rf"(?:in|for|against|across|on) {_HOW_MANY}(?: (?:graded|healthy|prison|establishment|inspected|inspection|assessed|main|key|other))* (?:tests?|areas?|categories|judge?ments|themes|aspects|indicators)\b(?! (?:of|at|around|where|such|within)\b)"
_PART: Final = rf"(?:{_TESTS}|{_AREAS})"
_ROSE: Final = r"(?:improved|risen|rose|increased|got better|gone up|went up|been (?:upgraded|raised)|made (?:an? )?improvements?|(?:been |was |were )?(?:an? |some )?improvements?(?: (?:had been |has been |have been |was |were )?(?:made|found|seen))?)"
_FELL: Final = r"(?:declined|deteriorated|worsened|fallen|fell|dropped|slipped|got worse|gone down|went down|been (?:downgraded|lowered)|(?:been |was |were )?(?:an? |some )?(?:declines?|deteriorations?))"
_AUX: Final = r"(?: (?:have|has|had|also|since|both|all|clearly|significantly|markedly|now|further))*"
_MOVED_PARTS: Final = tuple(
    (direction, re.compile(rf"\b{_OUTCOMES}{_AUX} {verb},? {_AREAS}|{_BODY}{_AUX} {verb},? {_TESTS}"))
    for direction, verb in ((Direction.UPGRADE, _ROSE), (Direction.DOWNGRADE, _FELL))
)
_IMPROVEMENTS: Final = re.compile(
    r"\bimprovements (?:had|have|has) (?:also )?been (?:made|found|seen) in (?:two|three|four|five|six|seven|all)(?: of (?:the|our|its))?(?: (?:four|five))? "
    r"(?:healthy (?:prison|establishment) )(?:tests|areas)\b"
)
# "... and risen in one": the other half of such a sentence.
_AND_MOVED: Final = tuple(
    (
        direction,
        re.compile(
            rf"{verb} {_PART}[^.;:]{{0,60}}?\b(?:and|but|while|although)(?: (?:had|have|has|it|they|also))* {other} (?:in|for|against) (?!its|the (?:last|previous))"
        ),
    )
    for direction, verb, other in ((Direction.DOWNGRADE, _ROSE, _FELL), (Direction.UPGRADE, _FELL, _ROSE))
)
_OUTCOMES_FOR: Final = tuple(
    (
        direction,
        re.compile(
            rf"\b(?:outcomes(?: for (?:prisoners|children|detainees|women|men|young people))?|scores|grades|gradings|ratings|judgements){_AUX} {verb} (?:in|for|against) (?P<what>[^;:.<]{{3,120}})"
        ),
    )
    for direction, verb in ((Direction.UPGRADE, _ROSE), (Direction.DOWNGRADE, _FELL))
)
_BUT_MOVED: Final = re.compile(
    rf"\b(?:and|but|while|although|yet)(?: (?:had|have|has|they|also))* (?:(?P<up>{_ROSE})|(?P<down>{_FELL})) (?:in|for|against) (?P<what>[^;:.<]{{3,80}})"
)
_BUT: Final = re.compile(r"\b(?:but|while|although)\b")
_PART_HINT: Final = re.compile(
    r"\b(?:improve|rise|risen|rose|increas|better|gone|went|upgraded|raised|declin|deteriorat|worse|fall|fell|drop|slip|downgraded|lowered)"
)
_THEN: Final = re.compile(
    r"^\W*(?:but |and )?(?:at|in|during|by) (?:(?:our|its|the|their) (?:last|previous|earlier)|(?:19|20)\d\d)\b|\bhad previously\b|\b(?:last|previous) (?:inspection|report|visit) (?:had )?(?:found|said|noted|concluded)\b"
)
_NO_MOVE: Final = re.compile(
    r"\b(?:no|not|never|little|without|nor|could|would|should|must|needs?|hopes?|expects?|will|if|whether|unless)\b"
)


def _other_half(text: str, aspects: AspectWords) -> set[Direction]:
    """The movement of the other aspects in a sentence about some that moved: "but fallen in one"."""
    found = {direction for direction, pattern in _AND_MOVED if pattern.search(text)}
    if (m := _BUT_MOVED.search(text)) and aspects.named(m["what"]):
        found.add(Direction.UPGRADE if m["up"] else Direction.DOWNGRADE)
    return found


# "Safety and respect remained the same": as at the inspection before.
_STAYED: Final = re.compile(
    r"(?:^\W*|[,;:] |\b(?:and|but|while|although|that) )(?:(?:the |our |its )?(?:assessments?|outcomes|grades?|gradings?|judge?ments?|scores?|ratings?) (?:for|in|of) )?"
    r"(?P<what>[^;:.<]{3,120}?) (?:(?:had|has|have) )?(?:all |both )?(?:remained|stayed|were|was|are|is) (?:both |all )?"
    r"(?P<hedge>(?:much|largely|broadly) )?(?:the same(?! (?:as|time|for all))|unchanged)\b"
)


def stayed_claims(template: Template, sentence: str, aspects: AspectWords) -> tuple[MovementClaim, ...]:
    """The aspects that a sentence says have the grade that they had."""
    text = template.text
    if "same" not in text and "unchanged" not in text:
        return ()
    found = _STAYED.search(text)
    if found is None or found["hedge"] is not None or _THEN.search(text) or not aspects.fills(found["what"]):
        return ()
    return (
        MovementClaim(
            direction=Direction.UNCHANGED,
            who=template.names,
            sentence=sentence,
            parts=True,
            aspects=aspects.named(found["what"]),
        ),
    )


def part_claims(template: Template, sentence: str, aspects: AspectWords) -> tuple[MovementClaim, ...]:
    """The movements that a sentence claims of aspects without their grades: "improved in two of the tests"."""
    text = template.text
    if not _PART_HINT.search(text) or _THEN.search(text):
        return ()
    moved = {direction: m.start() for direction, p in _MOVED_PARTS if (m := p.search(text))}
    if m := _IMPROVEMENTS.search(text):
        moved[Direction.UPGRADE] = m.start()
    for direction, pattern in _OUTCOMES_FOR:
        if (m := pattern.search(text)) and aspects.named(_BUT.split(m["what"], maxsplit=1)[0]):
            moved[direction] = m.start()
    if not moved:
        return ()
    start = max(moved.values())
    if _NO_MOVE.search(text[:start] + text[start:].split(",")[0]):
        return ()
    found = {*moved, *_other_half(text, aspects)}
    return tuple(
        MovementClaim(
            direction=direction,
            who=template.names,
            sentence=sentence,
            everyone=not template.names and bool(_EVERYONE.search(text)),
            parts=True,
        )
        for direction in sorted(found)
    )


def movement_claims(template: Template, sentence: str) -> tuple[MovementClaim, ...]:
    """The movements that a sentence claims of a service as a whole."""
    if not _HINT.search(template.text) or _NOT_CLAIMED.search(template.text):
        return ()
    return tuple(
        MovementClaim(
            direction=direction,
            who=template.names[:1],
            sentence=sentence,
            everyone=not template.names and bool(_EVERYONE.search(template.text)),
            again=direction is Direction.UNCHANGED and bool(_AGAIN.search(template.text)),
        )
        for direction, pattern in _CLAIMS
        if pattern.search(template.text)
    )


_AGAIN_RATED: Final = re.compile(
    r"\b(?:again|once more|once again) (?:been )?(?:re )?(?:rated|graded|judged|found|deemed|assessed)\b[^;:<]{0,60}$"
    r"|\b(?:rated|graded|judged|found|deemed|assessed) (?:again|once more|once again) (?:as )?(?:an? |to be )?$"
)
_UP: Final = re.compile(
    r"\b(?:upgrad\w+|rais(?:ed|es|ing)|lift(?:ed|s|ing)|promoted|improv\w+|climb\w*|jump\w*|leapt|leaps?|risen|rises?|"
    r"rose|rising|moved up|up)\b"
)
_DOWN: Final = re.compile(
    r"\b(?:downgrad\w+|dropp\w+|drops?|fell|fall\w*|slipp\w+|slips?|slump\w*|sank|sunk|plummeted|plunged|declined|"
    r"deteriorated|lowered|relegated|demoted|tumbled|slid|down)\b"
)


def is_given_again(m: GradeInContext) -> bool:
    """Whether it was given "again", as at the inspection before."""
    return bool(_AGAIN_RATED.search(m.before))


def direction_of(m: GradeInContext, *, kept: bool, moved: bool) -> Direction | None:
    """The movement that is claimed by the words that lead up to it, or of keeping it by those that follow."""
    if kept or cues.AS_BEFORE.search(m.behind) or is_the_same_as_before(m):
        return Direction.UNCHANGED
    moves = cues.MOVES.findall(m.left)
    if not moved or not moves or cues.DRAGGED.search(m.left):
        return None
    if _UP.fullmatch(moves[-1]):
        return Direction.UPGRADE
    return Direction.DOWNGRADE if _DOWN.fullmatch(moves[-1]) else None
