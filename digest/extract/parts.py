"""Parts: whether words speak of a part of a body, whose grade is not the body's own."""

from __future__ import annotations

import re
from typing import Final

from digest.extract.template import NAME

# "The boarding house at X", "the breakfast club run by X": a part of X.
_PART_WORDS: Final = r"(?:(?!(?:the|an?|of|at|in|for|by|to|from|on|with|and|or|but|was|were|is|are|has|have|had|that|which|who|it|inspectors|said|says)\b)[a-z']+ ){0,5}"
_OF_A_PART: Final = re.compile(
    rf"(?:^\W*(?:for |on )?|\b(?:the|an?|its|their|only the|on|of|into|about|for) )(?P<part>{_PART_WORDS}[a-z']{{3,}}),? (?:which belongs to|belonging to|which is part of|part of|run by|managed by|based at|"
    rf"attached to|at|within|inside|in|of) (?:the )?(?:{NAME}|<o\d+>)(?! (?:was|were|is|are) (?:rated|judged|graded|given|found|inspected)\b.{{0,20}}<)(?:'s)?[^<]*$"
)
_A_PART_OF: Final = re.compile(
    rf"{NAME}'s? (?P<part>(?:(?!(?:was|were|is|are|has|have|had|new|own|latest|overall|first|second|last|previous|former|rating|report)\b)[a-z]+ ){{0,3}}"
    r"(?:department|ward|wards|unit|maternity|clinic|clinics|wing|annexe|annex|sixth form|boarding|nursery class|emergency|a and e|surgery|services?|centre|club|premises|scheme|dispensary|hub))\b[^<]*$"
)
# Words that, before "at X", are no part of it.
_NO_PARTS: Final = frozenset(
    "rating ratings grade grades judgement judgment verdict inspection inspections report reports visit visits review quality performance effectiveness "
    "standard standards staff pupils children people residents patients parents governors leaders managers bosses work care teaching leadership staffing "
    "prisoners detainees offenders men women boys girls learners students adults users clients families visitors inmates inspectors future running part head chief manager headteacher director outcome outcomes result findings news improvement improvements progress failings "
    "problems concerns conditions life name owner owners operator overall whole south north east west town village city county borough area region heart day "
    "time end start middle week month year everyone everybody somebody all both each most round lives living cheers joy celebrations safety respect activity "
    "improvements workload workloads services edge outskirts change centre coast hills shores banks".split()
)
_BODIES: Final = frozenset(
    "council school schools home homes hospital hospitals prison prisons college academy surgery practice provider trust force unit pdu crc yjs yos probation "
    "justice offending nursery service authority police jail team partnership company division".split()
)
# Words for what is a body of its own, whatever is said of it: "an award-winning hospital in Swanmere".
_WHOLE: Final = frozenset(
    "council school schools home homes hospital hospitals prison prisons college academy surgery practice force crc jail police".split()
)
_OF_A_BODY: Final = frozenset(
    "maternity breakfast boarding lower upper prep preparatory sixth acute surgical dementia day night summer holiday forest satellite".split()
)
_PLAIN_WORDS: Final = frozenset(
    "care nursing residential primary secondary high grammar junior infant village local city county probation delivery youth justice offending community "
    "private public whole entire only other new first gp dental medical mental health nhs hospital children's adult social police fire rescue general "
    "services rural historic large small busy overall independent special free".split()
)


def speaks_of_a_part(text: str) -> bool:
    """Whether words speak of a part of a body, in the form of a template: "the boarding house at <p0>"."""
    found = _OF_A_PART.search(text) or _A_PART_OF.search(text)
    if found is None:
        return False
    *before, head = found["part"].split()
    if head in _WHOLE:
        return bool(set(before) & _OF_A_BODY)
    if head in _BODIES:
        return bool(set(before) - _PLAIN_WORDS)
    return head not in _NO_PARTS


_SUBJECT: Final = re.compile(
    r"^\W*(?:at <[po]\d+>,? )?(?:the|its|their|<p\d+>'?s) (?P<what>(?:[a-z']+ ){1,4})(?:was|were|has been|have been|had been|is) (?:also |now |then |again |since )?(?:rated|graded|judged|upgraded|downgraded|raised|lowered|given|found)\b[^;<]*$"
)


def speaks_of_something_else(text: str) -> bool:
    """Whether a sentence's subject is a thing that is no body: "the kitchen was upgraded", "the maternity unit was"."""
    found = _SUBJECT.match(text)
    if found is None:
        return False
    *before, head = found["what"].split()
    if head in _BODIES and head not in _WHOLE:
        return bool(set(before) - _PLAIN_WORDS)
    return head in _ROOMS or bool(before and set(before) & _OF_A_BODY)


_ROOMS: Final = frozenset(
    "club scheme clinic pool cafe hub project programme kitchen kitchens canteen ward wards wing boarding maternity unit department library garden building buildings".split()
)

_PART: Final = re.compile(
    # "Priory Surgery" is a practice.
    r"\b(?:urgent|emergency|accident|medical care|medicine|surgical|(?:^|\b(?:general|day|elective|oral|spinal|and|of|for|in) )"
    r"surgery|surgery (?:services?|at|and|for)\b|critical care|intensive care|maternity|"
    r"gynaecology|children and young people|services for children|end of life|outpatients?|diagnostic|imaging|wards?|"
    r"community (?:health|mental|dental|end)|mental health|inpatients?|older people|long term conditions|families|"
    r"working age people|dementia|learning disabilit\w+|substance misuse|crisis|forensic|rehabilitation|psychiatric|"
    r"camhs|core service|population group|people whose circumstances|dialysis|theatres?)\b"
)
# Reports of care homes are headed so.
_SORTS_OF_HOME: Final = ("care homes for ", "care home for ", "care homes (")


def is_part(words: str) -> bool:
    """Whether words name a part of a service, whose grade is not the service's own."""
    plain_words = words.replace("-", " ").casefold()
    return _PART.search(plain_words) is not None and not plain_words.startswith(_SORTS_OF_HOME)
