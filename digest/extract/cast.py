"""The cast of a text: the providers that it names, where a sentence names them, and in which role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from digest.ratings import Body


class Form(StrEnum):
    """In which form a text names somebody."""

    NAME = "name"  # whole, with its kind of body or as the register has it
    ALIAS = "alias"  # a shorter or another name of the same body
    AREA = "area"  # the area alone: "Bridgend itself"
    DESCRIPTOR = "descriptor"  # no name: "a Kent care home"
    OTHER = "other"  # a capitalised name that belongs to no provider of the text


class Role(StrEnum):
    """What a body is named for."""

    PLAIN = "plain"
    OWNER = "owner"  # who runs, owns or manages the body spoken of
    PART = "part"  # only a part of it is spoken of: "maternity services at X"
    NEIGHBOUR = "neighbour"  # named for comparison only
    PLACE = "place"  # only where something is
    SPEAKER = "speaker"  # who said something
    PREDECESSOR = "predecessor"  # what stood there before


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One provider as this text names it."""

    name: str  # the register's where it knows it, else the text's longest form; empty for a descriptor
    area: str  # the name without the kind of body; the whole name where the register's is known by itself
    body: Body | None  # None for a name without any words for a kind of body
    words: str = ""  # the form of its name as the text has it
    provider_id: str | None = None  # the register's; None where it has no provider of this name, or several

    @property
    def loose(self) -> bool:
        return self.body is not None and self.body.loose


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMention:
    start: int
    end: int
    named: Named
    whole: bool  # with its kind of body, not the area alone
    form: Form = Form.NAME
    role: Role = Role.PLAIN
    part: str | None = None  # the words for the part, where the role is one


_OURS = frozenset({Form.NAME, Form.ALIAS, Form.AREA})


class Cast:
    """The providers that a text names, and how to find them again in any part of it."""

    __slots__ = ("_find", "_found", "all", "several")

    def __init__(
        self,
        all: Iterable[Named],
        find: Callable[[str, bool], tuple[NameMention, ...]] | None = None,
        *,
        several: bool = False,
    ) -> None:
        """`several`: the text is about the inspections of several bodies, one after the other."""
        self.all = tuple(all)
        self.several = several
        self._find = find
        self._found: dict[tuple[str, bool], tuple[NameMention, ...]] = {}

    def mentions(self, text: str, *, heading: bool = False) -> tuple[NameMention, ...]:
        """Where `text` names a provider of the cast, whatever its role there, from left to right."""
        return tuple(m for m in self.all_mentions(text, heading=heading) if m.form in _OURS)

    def all_mentions(self, text: str, *, heading: bool = False) -> tuple[NameMention, ...]:
        """Every mention of anybody, from left to right, without overlaps: also descriptors and strangers.

        An area alone counts too ("Bridgend itself"); a heading's capitals are not relied on.
        """
        key = (text, heading)
        if key not in self._found:
            self._found[key] = self._find(text, heading) if self._find else ()
        return self._found[key]


_REACH: Final = 90  # characters on either side
_THE: Final = r"(?:the |a |an |its |their |his |her )?"
_OWNER_BEFORE: Final = re.compile(
    r"\b(?:(?:run|owned|managed|operated|provided|overseen|governed|controlled|administered|"
    r"commissioned)(?: \w+ly)?(?: and \w+)? by|part of|belong(?:s|ed|ing)? to|member of|subsidiary of|arm of|"
    rf"on behalf of|in the hands of|parent company|owners?,?|proprietors?,?|(?:provider|operator|landlord),?) {_THE}$",
    re.IGNORECASE,
)
_OWNER_AFTER: Final = re.compile(
    r"^(?:['’]s? (?:spokes\w+|representative)\b|(?:,? (?:which|who|that))? (?:also |currently |jointly )?(?:runs|owns|operates|manages) (?!(?:[a-z-]+,? ){0,8}services\b(?! at\b))|"
    r", (?:the |its )?(?:owner|operator|provider|parent|company|charity|trust|group) (?:that|which|behind|of)\b|"
    r"['’]?-(?:owned|run|managed|operated)\b)",
    re.IGNORECASE,
)
_FORMER_BEFORE: Final = re.compile(
    r"\b(?:former(?:ly|)(?: known as| called)?|previously(?: known as| called| part of)?|once called|"
    r"replac(?:es|ed|ing)|(?:was|were|had been|been)(?: then| once)? part of|predecessors?(?: body| service| school|,)?|"
    r"merg(?:ed|ing) with (?:the |an? )?[‘'\"“][\w -]{3,25}[’'\"”]|took (?:on|over)(?: the)?(?: [\w‘’'-]+){0,3}|took over from|taken over from|succe(?:eds|eded|ssor to)|used to be(?: called)?|then (?:called|known as)|"
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
    r"in the catchment (?:area )?(?:of|for)|along with|alongside|as well as|its (?:nearest )?neighbours?,?|"
    r"(?:help|support|advice|mentoring|leadership|guidance) (?:(?:is|was|has been|will be|have been) )?(?:arranged|offered|given|provided|coming|received)?\s?(?:with|from|by)|"
    rf"elsewhere(?: in [\w ]{{1,30}})?,(?: an? (?:earlier|recent|separate) (?:inspection|report|review) (?:of|on|at|into))?|"
    r"among (?:the )?others[\w ]{0,30},|(?:\w+|half a|a few|several) (?:miles?|minutes?|doors?|streets?) (?:up|down|along|away|from)(?: (?:the|this|that) road)?,|"
    r"different (?:picture|story) (?:at|in|for)|(?:a)?round the corner(?: is| from)?|(?:arranged|twinned|linked) with|down the road is|"
    rf"(?:up|down|across|along|over) the (?:road|street|way)(?: at)?,?) {_THE}$",
    re.IGNORECASE,
)
_NEIGHBOUR_AFTER: Final = re.compile(
    r"^(?: \([^()]{0,60}\))?,? (?:(?:lies|is|stands|sits) (?:just )?(?:across|over|beyond|behind)|nearby|next door|down the road|(?:has|have|had) offered (?:to help|help|support|its))\b|^, also (?:in|at|on|near) |^, (?:a|its|the|another) (?:nearby|neighbouring|sister|neighbour)\b",
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
# A part by its last word, with words before that tell it from the whole: "the minor injuries service at X".
_PART_NOUN: Final = (
    r"(?:service|club|cent(?:re|er)|dispensary|premises|unit|wing|beds|clinic|ward|hostel|pharmacy|playgroup|pre-?school|nursery|kitchen|annexe|"
    r"boarding house|block|workshops?|farm|hub|team|bungalow|flats|suite|lounge|crèche|creche|sixth form|department|provision|programme|course)"
)
_NO_PART: Final = (
    r"(?:overall|whole|entire|same|good|outstanding|inadequate|excellent|poor|adequate|new|old|current|latest|rated|local|probation|youth|justice|"
    r"offending|care|nursing|residential|health|medical|delivery|rescue|police|prison|school|primary|nhs|gp|general|public|this|that|these|those|all|"
    r"every|each|both|no|any|other|children's|children’s|social|home|independent|private|its|their|of|at|in|on|to|for|by|with|and|is|was|were|are|has|"
    r"had|an?|the|management|leadership|inspection|quality|standard|standards)"
)
_OTHER_PART: Final = rf"(?:(?:(?!{_NO_PART}\b)[a-z][a-z'’-]+ ){{1,3}}(?:of (?:school|hours) )?{_PART_NOUN}|dispensary|boarding house|sixth form|breakfast club|pharmacy)"
_PART_BEFORE: Final = re.compile(
    rf"\b(?P<part>{_PART}) (?:at|in|of|within|run by|based at) {_THE}$|"
    rf"(?:\b(?i:the|its|a|an|for|of|from|new|rated|at|on) |^)(?P<other>(?:(?i:the|a|an|its) )?(?-i:{_OTHER_PART})) (?:at|within|run by|based at|inside) {_THE}$|"
    rf"(?:\b(?i:the|its|a|an|of|from) )(?P<owned>(?-i:{_OTHER_PART})),? (?:which|that) (?:belongs to|is part of|is run by|is based at|is at) {_THE}$",
    re.IGNORECASE,
)
_PART_ONLY: Final = re.compile(
    rf"^,? only (?:the |its )?(?P<part>{_PART}|{_OTHER_PART}) (?:was|were)\b|^[^.;:]{{0,30}}? (?:looked|focused|reported|looking)(?: only| just)? (?:at|on) (?:only |just )?(?:the |its )?(?P<other>{_PART}|{_OTHER_PART})\b",
    re.IGNORECASE,
)
_PART_AFTER: Final = re.compile(
    rf"^['’]?s? (?P<part>{_PART})\b|^['’]s (?P<other>(?-i:{_OTHER_PART}))\b", re.IGNORECASE
)
_PART_LABEL: Final = re.compile(rf"^ \((?P<part>{_PART})\)|^(?:,| -| –|:) (?P<other>{_PART})$", re.IGNORECASE)
_WITHIN_BEFORE: Final = re.compile(
    rf"\b(?:which|that|and) (?:operates?|is (?:based|housed|located|held)|runs|meets) (?:within|in|at|from|inside|on the site of) {_THE}$",
    re.IGNORECASE,
)
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

# "The merged Acorn Care: Kent, Surrey and Sussex": the areas are of its name.
_NAME_GOES_ON: Final = re.compile(
    r"\b[a-z]{2,20} (?:[A-Z][\w'’-]{1,20} (?:and |of |for )?){0,3}(?!Ofsted|CQC|Estyn)[A-Z][\w'’-]{1,20}: (?:[A-Z][\w'’-]{1,20}(?:, and | and |, )){0,4}$"
)


def role_of(text: str, start: int, end: int, *, area_alone: bool = False) -> tuple[Role, str | None]:
    """The role of the name that stands at `start`, and for a part of a body the words for it.

    `area_alone`: without its kind of body, a name may be just a place.
    """
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    part = (
        _PART_BEFORE.search(before)
        or _PART_AFTER.search(after)
        or _PART_LABEL.search(after)
        or _PART_ONLY.search(after)
    )
    if part:
        groups = part.groupdict()
        return Role.PART, next((words for words in groups.values() if words), None)
    if _WITHIN_BEFORE.search(before):
        return Role.PLACE, None
    if _OWNER_AFTER.search(after) or _OWNER_BEFORE.search(before):
        former = _FORMER_BEFORE.search(before)
        return (Role.PREDECESSOR if former else Role.OWNER), None
    if _FORMER_BEFORE.search(before) or _FORMER_AFTER.search(after):
        return Role.PREDECESSOR, None
    if _NEIGHBOUR_BEFORE.search(before) or _NEIGHBOUR_AFTER.search(after):
        return Role.NEIGHBOUR, None
    if _SPEAKER_AFTER.search(after) or (
        _SPEAKER_BEFORE.search(before) and not _is_told_or_said_of(before, after)
    ):
        return Role.SPEAKER, None
    if area_alone and (
        _PLACE_BEFORE.search(before)
        or _ITS_OWN.search(after)
        or (": " in before and _NAME_GOES_ON.search(before))
    ):
        return Role.PLACE, None
    return Role.PLAIN, None


def _is_told_or_said_of(before: str, after: str) -> bool:
    """Whether somebody was told or said to be something: "inspectors said X was good", "inspectors told X that"."""
    words = before.rstrip().rsplit(" ", 2)
    verb = words[-1].casefold() if words else ""
    if verb in {"told", "the"}:
        return True
    return bool(
        re.match(
            r"['’]s? (?:\w+ ){0,2}(?:ratings?|grades?|performance|services?|work)\b|(?: \([^)]{1,30}\))?,? (?:had|has|have|was|were|is|are|needs?|must|requires?|should|did|could|failed|provided?s?)\b",
            after,
        )
    )
