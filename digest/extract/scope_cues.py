"""The words by which English says what a grade is for: a whole service or some aspects, one of many or another.

Tables of patterns over templates (`template.py`), of bounded repetition like those of `cues.py`.
"""

from __future__ import annotations

import re
from typing import Final

from digest.extract.cues import RATED_VERB, RATING_NOUN, SMALL, WORD, before

_NUMBER: Final = (
    r"(?:\d{1,3}(?!\d)|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|twenty)"
)
_SHARE: Final = (
    rf"(?:{_NUMBER}|half|most|many|several|some|all|none|both|each|every|any|majority|per cent|percent|third|"
    r"thirds|quarter|quarters|few|fewer|more than \w+|no)"
)

NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), start=2
    )
    for word in (words, str(number))
}
OVERALL_WORD: Final = re.compile(
    r"\boverall\b|\bas a (?:whole|trust|service|school|force|provider|council)\b|\b(?:headline|whole service|service as a whole)\b"
)
NOT_THE_WHOLE: Final = re.compile(r"\boverall (?:standard|quality|effectiveness of|management)\b")
# The label of a whole inspection's grade: "Previous inspection: good".
WHOLE_LABEL: Final = re.compile(
    r"^(?:the |its |our )?(?:overall |previous |last |this |current |latest |new )*"
    r"(?:inspection|rating|grade|judge?ment|overall|outcome|effectiveness|(?:full|short) inspection result|(?:inspection |overall )(?:outcome|result))"
    r"(?: grade| rating| judge?ment)? ?[:|-] ?$"
)
FOR: Final = re.compile(
    rf"^,? ?(?:overall )?(?:{RATING_NOUN} )?(?:was |were |is |are )?(?:(?:given|awarded|handed|achieved|received) )?"
    r"(?:for|against|when it (?:comes|came) to|in (?:terms|respect) of|in relation to|with regard to) (?P<what>[^;.()<]{1,200})"
)
FOR_WHOLE: Final = re.compile(
    r"^(?:the (?:\w+ )?(?:time|year|inspection)\b|(?:a |an |the )?(?:first|second|third|fourth|\d+\w*) "
    r"(?:consecutive |successive |straight )?(?:time|year|inspection)|(?:the|this|that|its|a) "
    r"(?:overall )?(?:service|unit|pdu|crc|trust|region|division|team|school|home|force|provider|company|"
    r"quality of (?:its|the) (?:work|service))\b|its (?:overall )?(?:work|performance|provision)\b|overall)"
)
ACROSS_ALL: Final = re.compile(
    r"^(?: ?\(\d\))?,? ?(?:(?:overall|rating|ratings) )?(?:in|across|for|on|against) (?:all|every|each)\b(?! but)(?: single)?(?: one)?"
    r"(?: of)?(?: the| its| our| their| \w+){0,3} "
    r"(?:aspects?|areas?|standards?|domains?|categor(?:y|ies)|measures?|fields?|strands?|criteria|counts?|tests?|themes?|"
    r"indicators?|sections?|evaluations?|pillars?|judge?ments?|outcomes?)\b"
    r"|^(?: ?\(\d\))?(?: -)?,? ?(?:across the board|throughout)\b"
)
PARTS: Final = (
    r"(?:aspects?|areas?|standards?|domains?|categor(?:y|ies)|elements?|criteria|(?<!special )measures?|strands?|sections?|"
    r"themes?|dimensions?|questions?|indicators?|pillars?|key judge?ments?|outcomes?|parts|tests?|evaluations?)"
)
# "the areas rated as 'good'": some of them, and nobody says which.
PARTS_RATED: Final = before(
    rf"\b{PARTS}(?: (?:that|which|were|was|are|is|have|been|being|we|it))* {RATED_VERB} {SMALL}{{0,3}}",
    rf"\b{PARTS} (?:that|which) {WORD}{{1,5}}",
)
# "in almost every category, including teaching and behaviour": those that are named.
PARTS_NAMED: Final = re.compile(
    rf"^(?: ?\(\d\))?(?: -)?,?(?: {RATING_NOUN})?(?: to (?:the|this|our) [a-z]+)? (?:in|for|across|on) (?:almost |nearly |virtually )?(?:all|each|every|most|many|several)(?: of)?(?: the| its)?"
    rf"(?: [^\s;:()<,]+){{0,3}} (?:{PARTS}|fronts),? (?:including|among them|such as|notably|covering|namely) (?P<what>[^;:.()<]{{1,200}})"
    rf"|^,? ?(?:(?:ratings?|grades?|gradings?|marks?) )?(?:in|for|across|on) (?:the |its |these )?(?:following )?(?:(?!of\b)[a-z]+ ){{0,2}}{PARTS}(?: (?:inspected|assessed|examined|graded|covered)(?: for)?)?(?: of|,|:| -| :)* (?P<list>[^;.()<]{{3,260}})"
    rf"|^(?: ?\(\d\))?(?: -)?,? across the board(?: for| in|,|:| -| including)+ (?P<board>[^;.()<]{{3,260}})"
)
# "The <g> areas included ...", "areas rated as <g> were ...": they are named behind it.
PARTS_ARE: Final = re.compile(
    rf"^ (?:[a-z]+ )?{PARTS} (?:included?|includes|were|are|being|was|is)(?: in| for| as follows)?:? (?P<what>[^;:.()<]{{4,260}})"
)
SOME_PARTS_RATED: Final = before(
    rf"\b{PARTS}(?: of [a-z' ]{{3,40}}?)?(?: (?:that|which|were|was|are|is|have|been|being|it))* {RATED_VERB} {SMALL}{{0,3}}"
)
# "The areas requiring improvement are ...", where the grade is a verb itself.
THE_PARTS: Final = re.compile(
    rf"\b(?:the|those|its) (?:[a-z]+ ){{0,2}}{PARTS} (?:that |which |found to |judged to )?$"
)
PARTS_RATED_ARE: Final = re.compile(
    r"^(?:,? (?:including|such as|among them|notably)| (?:included?|were|are)):? (?P<what>[^;:.()<]{4,260})"
)
PARTS_COUNTED: Final = re.compile(
    rf"\b{_SHARE}(?: of)?(?: the| its| our| their)?(?: [^\s;:()<]+){{0,4}} {PARTS}\b"
)
PARTS_AFTER: Final = re.compile(
    rf"^,? ?(?:{RATING_NOUN} )?(?:(?:was |were )?(?:given )?)(?:in|for|across|on|against|at) (?:just |only |at least |all |the (?:remaining|other) )?"
    rf"{_SHARE}(?: of)?(?: the| its| our| their)?(?: (?!(?:and|but|which|with)\b)[^\s;:()<]+){{0,5}} {PARTS}\b|^,? ?(?:{RATING_NOUN} )?in parts\b|"
    rf"^,? ?(?:in|for|across|on) (?:just |only )?{_SHARE} of (?:them|these|those|\d+|{_NUMBER})\b"
)
BODIES: Final = (
    r"(?:services|units|pdus|crcs|yjss|yoss|yots|regions|providers|teams|companies|divisions|trusts|schools|homes|"
    r"hospitals|prisons|forces|councils|authorities|surgeries|practices|nurseries|colleges|academies|childminders|settings|organisations|jails|reports|inspections|partnerships|areas inspected)"
)
BODIES_COUNTED: Final = re.compile(
    rf"\b(?:{_SHARE}|of (?:all|{_NUMBER})|proportion)(?: of)?(?: the| our| its| all| these| those)?(?: \d+)?"
    rf"(?: [^\s,;:()<]+){{0,4}} {BODIES}\b|\b(?:one|no|every|any) (?:[a-z]+ ){{0,3}}(?:service|unit|pdu|crc|region|provider)\b"
    rf"|\b{_SHARE} of (?:the |those |these )?(?:other |others|remaining |{_NUMBER}\b|them\b)|\bthe (?:remaining|rest|others?)\b"
    r"|\b(?:of|all) (?:those |services )?inspected\b"
)
# "One of the largest hospitals", "in all four areas inspected", "after four previous inspections": no number of bodies.
_NO_NUMBER: Final = re.compile(
    r"\bone of (?:the|our|its|only|just|a) (?:[a-z']+ ){0,3}?(?:[a-z]{3,}est|best|most|few|first|leading|top|only|handful|oldest)\b"
    r"|\b(?:in|across|for|on) (?:all|each|every)(?: of)?(?: the| its)?(?: (?:two|three|four|five|six|\d))?(?: [a-z]+)? areas inspected\b"
    rf"|\bthe other (?:possible |available |[a-z]+ )?{RATING_NOUN}\b"
    rf"|\b{_NUMBER} (?:previous|earlier|past|consecutive|successive|further|more) (?:inspections|reports)\b"
)
ONE_BODY: Final = re.compile(
    r"\b(?:each|every|any|one|another|the first|the second|the third|the only|no other)(?: [^\s;:()<]+){0,3} "
    r"(?:service|unit|pdu|crc|yjs|region|provider|team|company|division|trust|school|home)\b"
)


def bodies_counted(text: str) -> re.Match[str] | None:
    """Where a text speaks of a number of bodies, of whom nobody is named."""
    found = BODIES_COUNTED.search(text)
    if found is None or not _NO_NUMBER.search(text):
        return found
    return BODIES_COUNTED.search(_NO_NUMBER.sub(" ", text))


# Several services at once, named or not: each of them.
EVERYONE: Final = re.compile(
    rf"\b(?:both|each|all)(?: (?:two|three|four|five|six))?(?: of)?(?: the| these| those)?(?: \w+){{0,2}} {BODIES} (?:were|was|have|has|are|got|received)\b"
    r"|^\W*(?:both|all(?: (?:two|three|four|five|six|seven|eight))?|each)(?: of (?:them|these|those))? (?:were|was|have|has|are|got|received)\b"
    r"|\b(?:have|were|are|was|has) (?:both|each|all)\b|^each (?:was|has|received|got)\b"
)
COUNT_RIGHT_BEFORE: Final = before(
    rf"\b{_NUMBER}(?: (?:were|was|as|are|is|rated|services?|others?|more|which|that|who|homes?|schools?|trusts?|care|providers?|practices?)){{0,4}}"
)
# What stands before the name of a service that the text is not about.
SOMEBODY_ELSE: Final = before(
    r"\b(?:neighbouring|nearby|unlike|compared (?:with|to)|in contrast to|like|follows?|followed|following|join(?:s|ed|ing)|"
    r"replac(?:es|ed|ing)|predecessor|forerunner|sister|elsewhere|than|alongside)"
    r"(?: (?:the|its|of|to|reports? (?:on|into|about)|ratings? (?:of|for)|inspections? (?:of|at)|former|old|service|body|unit|"
    r"pdu|crc|similar|last|earlier|other|units|services|both))*(?: [:,-])?"
)

BEFORE_IT: Final = re.compile(
    r"\b(?:predecessors?|forerunner|(?:former|old|previous|earlier|then|merged|combined|joint) (?:joint |merged |regional )?"
    r"(?:service|crc|company|unit|trust|yot|yos|yjs|body|region|division|team|partnership|arrangements?)|"
    r"before (?:the )?(?:merger|reunification|unification|split)|replaced|(?:was|were|been|when|as|then) (?:a )?part of|"
    r"registered (?:with (?:the )?(?:\w+ ){0,3})?previously|under (?:an?|its|the) (?:previous|different|former|old) (?:provider|registration|owner|ownership|management|name)|"
    r"split (?:up|from)|disbanded|dissolved|broken up)\b"
)
