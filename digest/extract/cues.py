"""The words by which English says that a grade was given, to what, and which way it moved.

Tables of patterns over templates (`template.py`). Every repetition is bounded, so that a hostile text costs
linear time.
"""

from __future__ import annotations

import re
from typing import Final

from digest.extract.template import GRADE, NAME

_NUMBER: Final = (
    r"(?:\d{1,3}(?!\d)|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|twenty)"
)
_SHARE: Final = (
    rf"(?:{_NUMBER}|half|most|many|several|some|all|none|both|each|every|any|majority|per cent|percent|third|"
    r"thirds|quarter|quarters|few|fewer|more than \w+|no)"
)


def _before(*patterns: str) -> re.Pattern[str]:
    """Patterns for what leads up to a grade."""
    return re.compile("(?:" + "|".join(f"(?:{pattern})" for pattern in patterns) + r")\s?$")


# A word that may stand between a verb and its grade; a new verb or clause may not.
_WORD: Final = (
    r"(?:(?!(?:was|were|is|are|has|had|have|been|but|while|whereas|although|because|which|who|that|when|found|"
    rf"said|says|and then|{GRADE})\b)(?!<g)[^\s;:()]+ )"
)
_SMALL: Final = (
    r"(?:(?:as|to be|being|overall|a|an|the|its|their|at|only|just|now|still|again|officially|also) )"
)

RATED_VERB: Final = r"(?:rated|graded|ranked|branded|judged|adjudged|deemed|labelled|labeled|classed|classified|scored|marked)"
RATING_NOUN: Final = r"(?:ratings?|verdicts?|marks?|grades?|gradings?|judge?ments?|rankings?|scores?)"

# Licences: what makes a grade word a rating. The name tells which kind of evidence it is.
RATED: Final = _before(
    rf"\b(?:{RATED_VERB}|rating|grading|judging|rates?|judges?) {_WORD}{{0,9}}",
    r"\b(?:rated|deemed|judged|graded|found) [^;:.<]{3,160}\b(?:all|both|each)(?: to be| as)?",
    rf"\b(?:found|considered|assessed|declared|described) {_WORD}{{0,6}}(?:to be|as) {_SMALL}{{0,3}}",
)
GIVEN: Final = _before(
    rf"\b(?:found|assessed|declared|given|awarded|handed|received|receiving|achieved|achieving|earned|gained|"
    rf"secured|obtained|got|gets|gave|awards?|scores?|hands|gives|won|brands|deems|labels|grades|ranks|reached|holds?|held|puts?|placed|places) {_WORD}{{0,6}}",
)
# The prisons inspectorate's own formula, and its two-word grades after the verb.
OUTCOMES: Final = _before(
    rf"\boutcomes for (?:[a-z]+ ){{1,3}}(?:[^;:.<]{{0,40}} )?(?:was|were|is|are|remained|remain) {_SMALL}{{0,2}}"
)
IT_IS: Final = _before(rf"\b(?:it|{NAME}) is(?: now| today| again| currently)?")
IS: Final = _before(r"\b(?:was|were|is|are|remained|remains|had been)(?: now| still| also| only| again)?")
RATING_OF: Final = _before(
    rf"\b{RATING_NOUN} {_WORD}{{0,9}}(?:of|as|is|was|at|remains|remained|stays|stayed|became|being|to|from|has been)"
    rf" {_SMALL}{{0,3}}",
    rf"\b(?:highest|lowest|top|bottom) (?:possible |available )?{RATING_NOUN}(?: possible| available)? ?[(,:-] ?{_SMALL}{{0,2}}",
    rf"\b{RATING_NOUN} (?:again|once more|as before|as last time) ?[:-] ?",
    rf"\b{RATING_NOUN} (?:is|was|has been|remains|remained|stays|stayed) (?:unchanged|the same|kept|confirmed)(?:,| at| as)* ",
    rf"\b{RATING_NOUN}(?: (?:upgraded|downgraded|raised|lowered|unchanged))?(?: for [^;:]{{0,60}})? ?[:|=-] {_SMALL}{{0,2}}",
)
A_RATING: Final = re.compile(
    rf"^ (?:(?:overall|performance|headline|inspection|overall performance) )?{RATING_NOUN}\b|^ rated\b"
    rf"|^ (?:is|was) (?:the|its|their) (?:\w+ )?{RATING_NOUN}\b"
)
OVERALL_AFTER: Final = re.compile(
    r"^,? (?:rating )?overall\b(?! effectiveness)|^,? as a (?:whole|trust|service|school|force|provider|council)\b"
)
OVERALL_LABEL: Final = _before(
    r"\boverall(?: effectiveness| grade| judgement| performance)?(?: is| was)?(?: [:|=-])? ?:?"
)
GLOSS_AFTER: Final = re.compile(
    r"^,? ?(?:[-(] ?|which is |which means |meaning )?(?:the|its|one step|a step|just|only)? ?"
    r"(?:second )?(?:highest|lowest|top|bottom|best|worst|second|one step|above the bottom|below the top)\b"
)
KEPT: Final = _before(
    r"\b(?:remain|remains|remained|remaining|stays?|stayed|continues? to be|continued to be)"
    rf"(?: {_WORD}{{0,2}}| ){_SMALL}{{0,3}}"
)
KEEPS: Final = _before(
    r"\b(?:retains?|retained|retaining|keeps?|kept|keeping|maintains?|maintained|maintaining|holds? on to|held on to)"
    rf"(?:,)? {_WORD}{{0,5}}"
)
MOVED: Final = (
    r"(?:upgraded|upgrades?|upgrading|raised|raises?|raising|lifted|lifts?|lifting|promoted|bumped|climbed|climbs?|"
    r"climbing|climb|jumped|jumps?|leapt|leaps?|risen|rises?|rose|rising|moved|moves?|moving|improved|improves?|"
    r"improving|improvement|progressed|progress|went|gone|goes|going|increased|shot|journey|turned|turnaround|"
    r"downgraded|downgrades?|downgrading|dropped|drops?|dropping|fell|falls?|fallen|falling|slipped|slips?|slumped|"
    r"slumps?|sank|sunk|plummeted|plunged|declined|deteriorated|reduced|cut|lowered|relegated|demoted|tumbled|slid|"
    r"changed|changes?|up|down)"
)
MOVES: Final = re.compile(rf"\b{MOVED}\b")
TO: Final = _before(rf"\b{MOVED} {_WORD}{{0,8}}to {_SMALL}{{0,2}}(?:{RATING_NOUN} of )?{_SMALL}{{0,1}}")
FROM: Final = _before(
    rf"\bfrom {_SMALL}{{0,2}}(?:{RATED_VERB} (?:as )?)?(?:{RATING_NOUN} of )?{_SMALL}{{0,1}}",
)
UP_FROM: Final = _before(
    rf"\b{MOVED} [^<;:]{{0,40}}\bfrom {_SMALL}{{0,2}}(?:{RATED_VERB} (?:as )?)?(?:{RATING_NOUN} of )?{_SMALL}{{0,1}}"
    r"(?:previous |earlier |former |last )?(?:rating of )?",
)
TO_AFTER_FROM: Final = re.compile(
    r"^ (?:rating |overall |in \d{4},? |\(\d{4}\) )?to (?:(?:a|an|overall|being|the|its|now) ){0,2}(?:rating of )?$"
)
# "A has become B".
BECOME: Final = re.compile(
    r"^ (?:rating )?(?:has|had|have|is) (?:now )?(?:become|turned (?:in)?to|given way to|been replaced (?:by|with)|"
    r"been swapped for|made way for)(?: a| an)? $"
)
FROM_AFTER_TO: Final = re.compile(
    rf"^(?: (?:rating|overall|one|in \d{{4}}))*,? (?:(?:up|down|{MOVED}) )?from (?:(?:a|an|overall|its|the|previous|earlier|"
    r"former|last|rating of) ){0,4}$"
)
PREDICATE: Final = _before(
    rf"(?:{NAME}(?: in [a-z ]{{2,30}}?)?|\b(?:service|services|unit|pdu|crc|trust|company|division|region|team|partnership|it|school|home|"
    r"hospital|force|provider|performance))(?: (?:still|now|again|overall|also))?"
)
EARLIER_WORD: Final = _before(
    r"\b(?:formerly|previously|before that|once|earlier|was|were|had been|having been|being)"
    rf" {_SMALL}{{0,3}}",
    r"\bimprovement (?:on|from) (?:the|its|their) ",
)
LIST_GO_ON: Final = _before(
    r"\b(?:both|all|each|as|also|again|and|is|was|were|are)(?: (?:as|rated|now|again|still))?(?: in (?:19|20)\d\d)?"
)
STANDARD: Final = re.compile(r"^ standards? (?:overall|across)\b")
STANDARD_BEFORE: Final = _before(
    r"\b(?:performing|performs|performed|delivering|working|works|operating) (?:to|at) an? (?:overall )?"
)
HOLLOW: Final = _before(
    r"\b(?:very|reasonably|sufficiently|generally|mostly|particularly|really|equally|pretty|some|many|several|more|much)"
)

# The noun that a mere adjective stands before: "found 'good' practice" rates nothing.
ADJECTIVE: Final = re.compile(
    r"^ (?:practices?|work|working|standards?|levels?|quality|services?|leadership|leaders|staff|progress|relationships?|"
    r"arrangements?|support|outcomes?|examples?|management|supervision|partnerships?|communication|knowledge|use|results?|"
    r"opportunities|access|culture|delivery|planning|assessments?|engagement|start|foundations?|features|resources|training)\b"
)

# What takes a licence away.
NEGATED: Final = _before(
    r"\b(?:not|never|nor)(?: yet| ever)?(?: been| be)? (?:[a-z]+ ){0,3}",
    r"\b(?:a|any) (?:lower|higher) grade\b[^;:]{0,30} (?:from|to) ",
    rf"\b(?:no|none|nor|without|neither|cannot|isn't|wasn't|aren't|weren't|no longer|nearly|almost|close to|"
    rf"short of|just below|far from|rather than|instead of|avoid(?:ed|s|ing)?|miss(?:ed|es|ing)?|denied|than) {_WORD}{{0,5}}",
)
ONLY_WISHED: Final = _before(
    r"\b(?:can|could|would|should|might|may (?=be|have|get|become)|must|will|if|unless|until|wants?|wanted|aims?|aimed|aiming|hopes?|hoped|"
    r"hoping|ambition|expects?|expected|likely|plans?|target|strives?|striving|needs?|need|in order|how|path|road|"
    rf"towards?|able|wish|wishes|next)(?:,)? {_WORD}{{0,5}}(?:have )?(?:be |been |become |becoming |is |get |getting |move |reach |"
    rf"to |of |a |an )?{_WORD}{{0,3}}"
)
RANGE_AFTER: Final = re.compile(
    rf"^(?: or| and/or|/| ?to ?\b(?= <g\d+> range)) ?(?:{GRADE}|better|above|below|worse|higher)"
)
RANGE_BEFORE: Final = re.compile(rf"{GRADE}(?: or| and/or|/) ?$")
LISTED: Final = re.compile(
    rf"{GRADE}(?:,? (?:(?:and|or|then) )?(?:the |a |an )?{GRADE}|\s?[,/|>;-]\s?{GRADE}){{2,}}"
)
DRAGGED: Final = re.compile(
    r"\b(?:drag(?:s|ged|ging)?|pull(?:s|ed|ing)?|bring(?:s|ing)?|brought|weigh(?:s|ed|ing)?|push(?:es|ed|ing)?|tip(?:s|ped)?)\b"
)

# What a grade is for.
OVERALL_WORD: Final = re.compile(
    r"\boverall\b|\bas a (?:whole|trust|service|school|force|provider|council)\b|\b(?:headline|whole service|service as a whole)\b"
)
NOT_THE_WHOLE: Final = re.compile(r"\boverall (?:standard|quality|effectiveness of|management)\b")
# The label of a whole inspection's grade: "Previous inspection: good".
WHOLE_LABEL: Final = re.compile(
    r"^(?:the |its |our )?(?:overall |previous |last |this |current |latest |new )*"
    r"(?:inspection|rating|grade|judge?ment|overall|outcome|effectiveness|(?:inspection |overall )(?:outcome|result))"
    r"(?: grade| rating| judge?ment)? ?[:|-] ?$"
)
FOR: Final = re.compile(
    rf"^,? ?(?:overall )?(?:{RATING_NOUN} )?(?:was |were |is |are )?(?:(?:given|awarded|handed|achieved|received) )?"
    r"(?:for|against) (?P<what>[^;.()<]{1,120})"
)
FOR_WHOLE: Final = re.compile(
    r"^(?:the (?:\w+ )?(?:time|year|inspection)\b|(?:a |an |the )?(?:first|second|third|fourth|\d+\w*) "
    r"(?:consecutive |successive |straight )?(?:time|year|inspection)|(?:the|this|that|its|a) "
    r"(?:overall )?(?:service|unit|pdu|crc|trust|region|division|team|school|home|force|provider|company|"
    r"quality of (?:its|the) (?:work|service))\b|its (?:overall )?(?:work|performance|provision)\b|overall)"
)
ACROSS_ALL: Final = re.compile(
    r"^,? ?(?:(?:overall|rating|ratings) )?(?:in|across|for|on|against) (?:all|every|each)\b(?! but)(?: single)?(?: one)?"
    r"(?: of)?(?: the| its| our| their| \w+){0,3} "
    r"(?:aspects?|areas?|standards?|domains?|categor(?:y|ies)|measures?|fields?|strands?|criteria|counts?)\b"
    r"|^,? ?across the board\b"
)
PARTS: Final = (
    r"(?:aspects?|areas?|standards?|domains?|categor(?:y|ies)|elements?|criteria|measures?|strands?|sections?|"
    r"themes?|dimensions?|questions?|indicators?|pillars?|key judge?ments?|outcomes?|parts)"
)
# "the areas rated as 'good'": some of them, and nobody says which.
PARTS_RATED: Final = _before(
    rf"\b{PARTS}(?: (?:that|which|were|was|are|is|have|been|being|we|it))* {RATED_VERB} {_SMALL}{{0,3}}",
    rf"\b{PARTS} (?:that|which) {_WORD}{{1,5}}",
)
# "in almost every category, including teaching and behaviour": those that are named.
PARTS_NAMED: Final = re.compile(
    rf"^,? (?:in|for|across|on) (?:almost |nearly |virtually )?(?:all|each|every|most|many|several)(?: of)?(?: the| its)?"
    rf"(?: [^\s;:()<,]+){{0,3}} {PARTS},? (?:including|among them|such as|notably) (?P<what>[^;:.()<]{{1,200}})"
)
PARTS_COUNTED: Final = re.compile(
    rf"\b{_SHARE}(?: of)?(?: the| its| our| their)?(?: [^\s;:()<]+){{0,4}} {PARTS}\b"
)
PARTS_AFTER: Final = re.compile(
    rf"^,? ?(?:{RATING_NOUN} )?(?:(?:was |were )?(?:given )?)(?:in|for|across|on|against|at) (?:just |only |at least |all )?"
    rf"{_SHARE}(?: of)?(?: the| its| our| their)?(?: [^\s;:()<]+){{0,5}} {PARTS}\b|^,? ?(?:{RATING_NOUN} )?in parts\b|"
    rf"^,? ?(?:in|for|across|on) (?:just |only )?{_SHARE} of (?:them|these|those|\d+|{_NUMBER})\b"
)
BODIES: Final = (
    r"(?:services|units|pdus|crcs|yjss|yoss|yots|regions|providers|teams|companies|divisions|trusts|schools|homes|"
    r"hospitals|prisons|forces|councils|authorities|reports|inspections|partnerships|areas inspected)"
)
BODIES_COUNTED: Final = re.compile(
    rf"\b(?:{_SHARE}|of (?:all|{_NUMBER})|proportion)(?: of)?(?: the| our| its| all| these| those)?(?: \d+)?"
    rf"(?: [^\s,;:()<]+){{0,4}} {BODIES}\b|\b(?:one|no|every|any) (?:[a-z]+ ){{0,3}}(?:service|unit|pdu|crc|region|provider)\b"
    rf"|\b{_SHARE} of (?:the |those |these )?(?:other |others|remaining |{_NUMBER}\b|them\b)|\bthe (?:remaining|rest|others?)\b"
    r"|\b(?:of|all) (?:those |services )?inspected\b"
)
ONE_BODY: Final = re.compile(
    r"\b(?:each|every|any|one|another|the first|the second|the third|the only|no other)(?: [^\s;:()<]+){0,3} "
    r"(?:service|unit|pdu|crc|yjs|region|provider|team|company|division|trust|school|home)\b"
)
# The next of several grades in a row: "inadequate in 2015 and requires improvement in 2019".
NEXT_OF_ROW: Final = re.compile(
    r"^(?: (?:in|at|from|during) [^<;,]{0,24})?(?:,| and| then| but){1,3} (?:(?:in \d{4}|now|then|as|to|again|currently|only),? ){0,3}$"
)
# Several services at once: each of them, whoever they are.
EVERYONE: Final = re.compile(
    rf"\b(?:both|each|all)(?: (?:two|three|four|five|six))?(?: of)?(?: the| these| those)?(?: \w+){{0,2}} {BODIES} (?:were|was|have|has|are|got|received)\b"
    r"|\b(?:have|were|are|was|has) (?:both|each|all)\b|^each (?:was|has|received|got)\b"
)
COUNT_RIGHT_BEFORE: Final = _before(
    rf"\b{_NUMBER}(?: (?:were|was|as|are|is|rated|services?|others?|more)){{0,3}}"
)
# What stands before the name of a service that the text is not about.
SOMEBODY_ELSE: Final = _before(
    r"\b(?:neighbouring|nearby|unlike|compared (?:with|to)|in contrast to|like|follows?|followed|following|join(?:s|ed|ing)|"
    r"replac(?:es|ed|ing)|predecessor|forerunner|sister|elsewhere|than|alongside)"
    r"(?: (?:the|its|of|to|reports? (?:on|into|about)|ratings? (?:of|for)|inspections? (?:of|at)|former|old|service|body|unit|"
    r"pdu|crc|similar|last|earlier|other|units|services|both))*(?: [:,-])?"
)

BEFORE_IT: Final = re.compile(
    r"\b(?:predecessors?|forerunner|(?:former|old|previous|earlier|then|merged|combined|joint) (?:joint |merged |regional )?"
    r"(?:service|crc|company|unit|trust|yot|yos|yjs|body|region|division|team|partnership|arrangements?)|"
    r"before (?:the )?(?:merger|reunification|unification|split)|replaced|(?:was|were|been|when|as|then) (?:a )?part of|"
    r"split (?:up|from)|disbanded|dissolved|broken up)\b"
)
