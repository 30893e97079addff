"""Roles: what a body is named for in its sentence, by the words on either side of its name."""

from __future__ import annotations

import re
from typing import Final

from digest.extract.cast import Role

_REACH: Final = 90  # characters on either side
_THE: Final = r"(?:the |a |an |its |their |his |her )?"
_OWNER_BEFORE: Final = re.compile(
    r"\b(?:(?:run|owned|managed|operated|provided|overseen|governed|controlled|administered|"
    r"commissioned)(?: \w+ly)?(?: and \w+)? by|part of|belong(?:s|ed|ing)? to|member of|subsidiary of|arm of|"
    rf"on behalf of|in the hands of|parent company|owners?,?|proprietors?,?|(?:provider|operator|landlord),?) {_THE}$",
    re.IGNORECASE,
)
_OWNER_AFTER: Final = re.compile(
    r"^(?:['’]s? (?:spokes\w+|representative)\b|(?:,? (?:which|who|that))? (?:also |currently |jointly )?(?:runs|owns|operates|manages) |"
    r", (?:the |its )?(?:owner|operator|provider|parent|company|charity|trust|group) (?:that|which|behind|of)\b|"
    r"['’]?-(?:owned|run|managed|operated)\b)",
    re.IGNORECASE,
)
_FORMER_BEFORE: Final = re.compile(
    r"\b(?:former(?:ly|)(?: known as| called)?|previously(?: known as| called| part of)?|once called|"
    r"replac(?:es|ed|ing)|(?:was|were|had been|been)(?: then| once)? part of|predecessors?(?: body| service| school|,)?|"
    r"took over from|taken over from|succe(?:eds|eded|ssor to)|used to be(?: called)?|then (?:called|known as)|"
    rf"in place of|instead of|mergers? of|merg(?:ed|ing) (?:with|of)|broke up|split from) {_THE}$",
    re.IGNORECASE,
)
_FORMER_AFTER: Final = re.compile(
    r"^(?:, (?:its|the|their) (?:predecessor|former)\b|,? which it replaced\b| (?:was|were) (?:replaced by|abolished|dissolved)\b)",
    re.IGNORECASE,
)
_NEIGHBOUR_BEFORE: Final = re.compile(
    r"\b(?:nearby|neighbouring|unlike|(?<!services )(?<!schools )(?<!homes )like|compared (?:with|to)|in contrast to|similar to|"
    r"sister (?:home|school|site|service|company|hospital|prison|unit)s?,?|its sister|near(?: to)?|next (?:door )?to|close to|"
    r"adjacent to|walk from|minutes from|opposite|rivals?(?: at)?|(?:better|worse|higher|lower|more|less)[\w -]{0,20} than|"
    rf"in the catchment (?:area )?(?:of|for)|along with|alongside|as well as) {_THE}$",
    re.IGNORECASE,
)
_NEIGHBOUR_AFTER: Final = re.compile(
    r"^,? (?:nearby|next door|down the road)\b|^, (?:a|its|the|another) (?:nearby|neighbouring|sister|neighbour)\b",
    re.IGNORECASE,
)
_SAYING: Final = (
    r"(?:said|says|say|added|told(?! to\b)|confirmed|insisted|responded|apologi[sz]ed|admitted|stated|commented|argued|claimed|"
    r"declined to|has been (?:contacted|approached)|was (?:contacted|approached)|welcomed|disputed)"
)
_SPEAKER_BEFORE: Final = re.compile(
    rf"\b(?:said|says|added|commented|according to|spokes\w+ (?:for|from|of|at)|told|statement (?:from|by)) {_THE}$",
    re.IGNORECASE,
)
_SPEAKER_AFTER: Final = re.compile(rf"^(?: also| later| then| has| have)? {_SAYING}\b")
_SAID_PASSIVE: Final = re.compile(r"\b(?:was|were|been|be|is|are|being) $", re.IGNORECASE)
_PARTS: Final = (
    r"(?:(?:maternity|emergency|urgent|surgical|surgery|medical|children['’]?s|outpatients?|diagnostic|critical|intensive|"
    r"end of life|end-of-life|community|mental health|inpatient|early years|sixth[ -]form|boarding|residential|adult|"
    r"nursery|pre-school|apprenticeship|midwifery|dental|stroke|cancer|neonatal|gynaecology|ambulance|healthcare|"
    r"segregation|reception|specialist|rehabilitation|psychiatric|forensic|dementia|surgical|young people['’]?s) )"
)
_PART: Final = (
    rf"(?:{_PARTS}(?:and \w+ )?(?:services?|care|departments?|units?|wards?|provision|teams?|centres?|wings?|block)"
    r"|(?:accident and emergency|a ?& ?e|a&e|maternity|sixth[ -]form|early years|nursery class|casualty|outpatients)(?: (?:department|unit|ward|services?|provision))?"
    r"|(?-i:[A-Z][\w'’-]{0,30})(?: (?-i:[A-Z])[\w'’-]{0,30})?,? (?:ward|unit|wing|house ?block|suite|department|clinic)s?"
    r"|(?:ward|unit|wing) \w{1,10})"
)
_PART_BEFORE: Final = re.compile(rf"\b(?P<part>{_PART}) (?:at|in|of|within|run by) {_THE}$", re.IGNORECASE)
_PART_AFTER: Final = re.compile(rf"^['’]?s? (?P<part>{_PART})\b", re.IGNORECASE)
_PART_LABEL: Final = re.compile(rf"^ \((?P<part>{_PART})\)|^(?:,| -| –|:) (?P<other>{_PART})$", re.IGNORECASE)
_PLACE_BEFORE: Final = re.compile(
    r"\b(?:in|across|around|near|from|outside|throughout|to|at|into|within|over|for|off|on|of|council|mayor of|people of|city of|town of) "
    r"(?:the (?:city|town|village|county) of |nearby |central |north |south |east |west )?(?:the )?$",
    re.IGNORECASE,
)


_ITS_OWN: Final = re.compile(
    r"^['’]s (?:\w+ )?(?:council|police|mps?|mayor|residents|streets|schools|hospitals|homes|cabinet|population|people|"
    r"only|largest|biggest|first|last|latest)\b",
    re.IGNORECASE,
)


def role_of(text: str, start: int, end: int, *, area_alone: bool = False) -> tuple[Role, str | None]:
    """The role of the name that stands at `start`, and for a part of a body the words for it.

    `area_alone`: without its kind of body, a name may be just a place.
    """
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    if _OWNER_AFTER.search(after) or _OWNER_BEFORE.search(before):
        former = _FORMER_BEFORE.search(before)
        return (Role.PREDECESSOR if former else Role.OWNER), None
    if _FORMER_BEFORE.search(before) or _FORMER_AFTER.search(after):
        return Role.PREDECESSOR, None
    if _NEIGHBOUR_BEFORE.search(before) or _NEIGHBOUR_AFTER.search(after):
        return Role.NEIGHBOUR, None
    if (part := _PART_BEFORE.search(before)) or (part := _PART_AFTER.search(after)):
        return Role.PART, part["part"]
    if part := _PART_LABEL.search(after):
        return Role.PART, part["part"] or part["other"]
    if _SPEAKER_AFTER.search(after) or (_SPEAKER_BEFORE.search(before) and not _told(before, after)):
        return Role.SPEAKER, None
    if area_alone and (_PLACE_BEFORE.search(before) or _ITS_OWN.search(after)):
        return Role.PLACE, None
    return Role.PLAIN, None


def _told(before: str, after: str) -> bool:
    """Whether somebody was told or said to be something: "inspectors said X was good", "inspectors told X that"."""
    words = before.rstrip().rsplit(" ", 2)
    verb = words[-1].casefold() if words else ""
    if verb in {"told", "the"}:
        return True
    return bool(
        re.match(
            r"(?: \([^)]{1,30}\))?,? (?:had|has|have|was|were|is|are|needs?|must|requires?|should|did|could|failed|provided?s?)\b",
            after,
        )
    )
