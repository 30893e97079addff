"""One grade word in its sentence, and what the words on both sides of it say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from digest.extract import cues
from digest.extract.cast import Form, Named
from digest.extract.parts import speaks_of_a_part
from digest.extract.phrases import last_end
from digest.extract.prose import Place
from digest.extract.template import DESCRIBED, NAME, OTHER, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a sentence stands."""

    sentence: str
    heading: bool  # it is one itself
    under: str  # the heading above it, in the form of `comparable`
    place: Place = Place.BODY
    block: int = 0
    ours: bool = False  # "we" are the inspectorate


_BOUNDARY: Final = re.compile(r"[;:(]| - |\b(?:while|whereas|but|although|though|yet)\b")
_NO_MORE: Final = re.compile(r"[ .;]*|(?: - | ?\()\d\)?[ .;]*")  # its own number may follow: "good - 2"
# "Rose from 3 (adequate)": the bracket only says the number in a word.
_POINTS: Final = re.compile(r" ?\((?:meaning |classed as |or )?$")
# "Rehabilitation and release planning (RRP) were": initials part nothing.
_INITIALS: Final = re.compile(
    r"(?P<words>(?:\b[a-z]+ ){2,7})\((?P<short>[a-z]{2,6})\)(?= (?:was|were|is|are|has|have|had|remains?|remained)\b)"
)
_BRACKETS: Final = re.compile(
    r" \((?:see|as well as|including|in|part of|also|formerly|which|also known as) [^()<;:]{2,60}\)"
)
_GOES_ON: Final = re.compile(r"\s*(?:was|were|is|are|has|have|had|all|each|both|got|received|as)\b")
# "Rated all four of the standards - this, that and the other - as ...".
_PARTS_LISTED: Final = re.compile(rf"\b(?:all|each|both)\b[^;:<]{{0,60}}\b{cues.PARTS}$")
_VERB: Final = re.compile(
    r"\b(?:was|were|is|are|has|have|had|got|gets|received|receives|earned|gained|achieved|remains?|remained|stays?|"
    r"rated|scored|requires?|needs?|dropped|fell|rose|slipped|moved|went)\b"
)
_PREPOSITION: Final = re.compile(
    r"\b(?:in|at|by|from|of|to|for|with|near|on|under|against|said|says|after|before|since|during|via|through|into|"
    r"between|within|across|around|outside|off|per|as|than|told|and) (?:the |a |an |its |their )?(?:(?:edge|outskirts|heart|centre|middle|north|south|east|west|side) of )?(?:the )?$"
)
# A subject of the grade's own clause: what was named before it is not rated.
_OWN_SUBJECT: Final = re.compile(
    r"\b(?:it|they|which|we|the (?!rating|grade|report|inspection|overall|same|lowest|highest|second|latest|\w+ rating)[a-z]+)"
    r" (?:\w+ ){0,3}?(?:was|were|is|are|has|have|had|got|received|remains?|remained|requires?|needs?)\b"
)
# "A spokesman for X, which was rated good": X's grade, and X is no body of this text.
_WHICH_OF_OTHER: Final = re.compile(r"<[ox]\d+>(?: \([^)<]{0,40}\))?,? (?:which|who|that) [^<;]{0,80}$")


# "Services in the west of the county were graded": others.
_ELSEWHERE: Final = re.compile(
    r"^\W*(?:by|in) contrast\b[^;]*$|"
    r"\b(?:services|units|homes|schools|teams|colleagues) (?:in|to|across|for) the (?:north|south|east|west|rest)(?:ern)? (?:of|part|half)\b[^;<]{0,60}$"
    r"|^\W*(?:an?|another|one) (?:nearby|neighbouring|second|different|rival|sister) [a-z ]{3,40}(?:was|were|has been|is) [^;<]{0,30}$"
    r"|^\W*(?:an?|another) [a-z ]{3,30} in the same (?:street|road|town|village|area|county|city) (?:was|were|has been|is) [^;<]{0,30}$"
)
# "With one awarded <g> and a second going up to <g>": of several bodies, and we do not know which.
_ONE_OF_SEVERAL: Final = re.compile(
    r"\b(?:one|another|two|three|four|a second|a third|the (?:other|second|third)|others) (?:(?:was|were|being|having|has|have|had|been|is|are|also|now|just) )*"
    r"(?:awarded|given|rated|graded|judged|branded|handed|deemed|received|receiving|got|getting|slipped|slipping|dropped|dropping|going|went|gone|moved|moving|fell|fallen|falling|rose|rising|"
    r"risen|improved|improving)\b[^;:<]{0,60}$"
)
# "Its owner, Bellwood, was rated", "the group that runs it was rated".
_WHO_RUNS_IT: Final = re.compile(
    r"\b(?:its|their|the (?:home|school|nursery|hospital|surgery|practice|prison|college|academy)'s) (?:owners?|operators?|parents?|sponsors?|landlords?|providers?)(?: (?:company|group|trust|charity))?(?: ?,|\b)[^;:<]{0,30}(?:<[ox]\d+>[^;:<]{0,20})?(?:was|were|has been|have been|is|are) (?:[a-z]+ ){0,3}$"
    r"|\b(?:group|company|trust|charity|firm|chain|federation|council|organisation) (?:that|which|who) (?:runs?|owns?|operates?|manages?|sponsors?) (?:it|them|both|the [a-z ]{3,30}?),? (?:<[a-z]\d+>,? )?(?:was|were|has been|have been|is|are) (?:[a-z]+ ){0,3}$"
)
_ITS_OWN: Final = re.compile(rf"{NAME}(?: \([a-z ]{{2,20}}\))?(?:'s)? $")


_OF_THE_OTHER: Final = re.compile(
    r"\b(?:(?:inspections?|reports?|ratings?|visits?|reviews?|verdict|grades?|judge?ments?) (?:of|on|to|at|into|for)|gave|given|rated|judged|awarded|graded|handed|found) (?:the )?(?:(?:newly|recently|new|merged|combined|joint|expanded) ){0,3}$"
)
_NAMES_LISTED: Final = re.compile(r"<x\d+>: ?(?:<[a-z]\d+>(?:, and | and |, )){0,5}$")
_OTHER_SAYS: Final = re.compile(
    r"^[^;:.<]{0,40}\b(?:told|said|says|learned|learnt|heard|hopes|knows|announced|insists|insisted)(?: that)? (?:it|they) "
)
_OF_A_PART_AFTER: Final = re.compile(
    rf"^(?: rating)? (?:for|to) (?:the|its) (?:[a-z]+ ){{1,4}}(?:at|in|of|run by) {NAME}"
)
_ONLY: Final = re.compile(
    r"\b(?:only|just) (?:the|its|one|at the) [a-z' ]{3,60} (?:was|were|had been) (?:inspected|visited|looked at|assessed)\b|\blooked only at\b"
)
_GIVEN_TO_OTHER: Final = re.compile(
    rf"^(?: (?:rating|overall|ratings))*(?: (?:was|is|has been|been|were))?(?: (?:given|awarded|handed|went|goes))? ?"
    rf"(?:for|to|at|by) (?:both |the )?{OTHER}"
)
# "Elm House in Kent, Oak Lodge, near Leeds, and Ash Court": where each stands does not part them.
_PLACED: Final = r"(?:,? (?:in|near|at|from|based in) (?:the )?(?:(?:north|south|east|west|mid|central|greater|nearby) )?<[ox]\d+>(?:,? (?:in )?<[ox]\d+>)?)?"
_GROUP_OF: Final = rf"{NAME}(?:{_PLACED}(?:, and|,| and| &) (?:the |both )?{NAME})*"
_AND_BACK: Final = re.compile(
    r"(?: rating)?,? (?:and |but |then |now |is |was |again )*back (?:down |up )?(?:to|at) (?:an? )?"
)
# "... as have A and B", "three homes were rated good by the CQC: A, B and C".
_AS_HAVE: Final = re.compile(
    rf"^[^<;.]{{0,80}}, as (?:have|has|did|were|was|are) (?:both |the )?(?P<group>{_GROUP_OF})"
)
_LISTED_AFTER: Final = re.compile(rf"^[^<;.]{{0,80}}?(?: ?:| -|,) (?P<group>{_GROUP_OF})[ .]*$")
_GROUP: Final = re.compile(_GROUP_OF)
_AFTERWARDS: Final = re.compile(
    rf"^(?: (?:rating|overall|ratings))*(?: (?:was|is|has been|been|were))?(?: (?:given|awarded|handed|went|goes))?,? ?"
    rf"(?:(?:for|to|at|by) (?:both |the )?|: ?|\((?:both |the )?|(?<= ))(?P<group>{_GROUP.pattern})"
)
_ITS_TAIL: Final = re.compile(
    r"^(?: (?:rating|ratings|rated|overall|across the board|(?:in|across|for) (?:all|every|each)(?: of)?(?: the| its)?(?: (?:two|three|four|five|six))?(?: (?:key|inspected|main))? "
    r"(?:areas?|categor(?:y|ies)|aspects?|domains?|fields?|standards?|questions?)(?= (?:following|after|having|from|up from|down from)\b)))+"
)
_LABEL: Final = re.compile(r"^(?:\d{1,2} ?[.:)] ?)?[^<.;:|]{1,70} ?[:|-] ?$")


def _without_initials(found: re.Match[str]) -> str:
    letters = "".join(word[0] for word in found["words"].split() if word not in {"and", "of", "for", "the"})
    return found["words"].rstrip() if letters.endswith(found["short"]) else found[0]


class GradeInContext:
    """One grade word in its sentence, and what stands on either side of it."""

    def __init__(self, template: Template, index: int, setting: Setting) -> None:
        start, end = template.grade_at[index]
        self.template = template
        self.index = index
        self.setting = setting
        self.grade = template.grades[index]
        self.left = template.text[:start]
        self.right = template.text[end:]
        previous = template.grade_at[index - 1][1] if index else 0
        following = (
            template.grade_at[index + 1][0] if index + 1 < len(template.grades) else len(template.text)
        )
        # Since the grade before it, without the words that still belong to that one.
        self.before = _ITS_TAIL.sub("", template.text[previous:start]) if index else self.left
        self.behind = template.text[end:following]  # up to the next
        # A capital sets a grade apart from an adjective, but not in a headline nor as a sentence's first letter.
        self.formal = self.grade.quoted or (self.grade.capital and not setting.heading and start > 0)

    @cached_property
    def clause(self) -> str:
        """What stands before it in its own clause; the label, where it is a label's value."""
        if not self.index and _LABEL.search(self.left):
            return self.left
        if self.index and (self._from_to(self.index - 1) or self._to_from(self.index - 1)):
            # "from A to B", "B, down from A": what moved stands before the first of them.
            return GradeInContext(self.template, self.index - 1, self.setting).clause
        before = _POINTS.sub(" ", self.before)
        if "(" in before:
            before = _BRACKETS.sub("", _INITIALS.sub(_without_initials, before))
        cut = last_end(_BOUNDARY, before)
        clause = before[cut:] if cut >= 0 else before
        if self.before[:cut].endswith(" - ") and (on := _GOES_ON.match(clause)):
            # "Four areas - this, that and the other - were rated ...": the list is what was rated.
            opening = self.before[: cut - 3].rfind(" - ")
            if on[0].strip() != "as" or _PARTS_LISTED.search(self.before[:opening]):
                return self.before[opening + 3 if opening >= 0 else 0 :]
        return clause

    def is_value_of_label(self) -> bool:
        """Whether the whole line is a label and this grade: "Leadership: good"."""
        return bool(_NO_MORE.fullmatch(self.right) and _LABEL.search(self.left))

    @cached_property
    def is_called_rating(self) -> bool:
        found = cues.A_RATING.search(self.right)
        return bool(found and (self.formal or "rat" in found[0]) and not self._is_plural_of_others())

    def _is_plural_of_others(self) -> bool:
        return bool(cues.bodies_counted(self.clause))

    @cached_property
    def is_moved_from(self) -> bool:
        if self._is_left_again():
            return True
        return self._from_to(self.index) or (self.index > 0 and self._to_from(self.index - 1))

    @cached_property
    def is_moved_to(self) -> bool:
        if self._is_left_again():
            return False
        return (
            self._to_from(self.index)
            or (self.index > 0 and self._from_to(self.index - 1))
            or (self.index > 0 and bool(_AND_BACK.fullmatch(self.before)))
        )

    def _is_left_again(self) -> bool:
        """Whether it is the middle of "from A to B and back to A"."""
        following = self._around(self.index)[1]
        return following is not None and bool(_AND_BACK.fullmatch(following))

    def moved_to(self) -> GradeInContext | None:
        """The second grade of "from A to B", of the first."""
        return (
            GradeInContext(self.template, self.index + 1, self.setting) if self._from_to(self.index) else None
        )

    def _from_to(self, i: int) -> bool:
        """Whether grades `i` and the next are "from A to B"."""
        left, between = self._around(i)
        if between is not None and (
            cues.BECOME.search(between) or (cues.INTO.search(between) and cues.TURNED.search(left))
        ):
            return True
        return bool(
            cues.FROM.search(left) and between is not None and cues.TO_AFTER_FROM.search(between)
        ) and (self._speaks_of_moving)

    def _to_from(self, i: int) -> bool:
        """Whether grades `i` and the next are "to B from A" or "B, up from A"."""
        left, between = self._around(i)
        return bool(
            between is not None
            and cues.FROM_AFTER_TO.search(between)
            and not cues.FROM.search(left)
            and self._speaks_of_moving
        )

    def _around(self, i: int) -> tuple[str, str | None]:
        places, text = self.template.grade_at, self.template.text
        between = text[places[i][1] : places[i + 1][0]] if i + 1 < len(places) else None
        return text[: places[i][0]], between

    @cached_property
    def _speaks_of_moving(self) -> bool:
        text = self.template.text
        return not re.search(r"\brang(?:e|es|ed|ing) from\b", text) and bool(
            re.search(rf"\b{cues.MOVED}\b|\b{cues.RATING_NOUN}\b", text)
        )

    @cached_property
    def names_before(self) -> tuple[Named, ...]:
        """The last providers named since the grade before, together where they are joined by "and"."""
        groups = list(_GROUP.finditer(self.before))
        return self._named(groups[-1][0]) if groups else ()

    def is_of_somebody_else(self) -> bool:  # noqa: C901 -- one question after another, each a line
        """Whether the nearest subject before it, or the one that it is given to, is no body of the text."""
        if self.index and (self._from_to(self.index - 1) or self._to_from(self.index - 1)):
            return GradeInContext(self.template, self.index - 1, self.setting).is_of_somebody_else()
        if (
            _WHICH_OF_OTHER.search(self.before)
            or _OF_A_PART_AFTER.search(self.behind)
            or _ONLY.search(self.before)
        ):
            return True
        if _ONE_OF_SEVERAL.search(self.before) and not re.search(NAME, self.before):
            return True
        if _ELSEWHERE.search(self.before) or _WHO_RUNS_IT.search(self.before):
            return True
        if speaks_of_a_part(self.before):
            return True
        given_to = _AFTERWARDS.search(self.behind)
        if given_to is None and _GIVEN_TO_OTHER.search(self.behind):
            return True
        # "The X Youth Justice Service (YJS) Management Board": its own board.
        others = [m for m in re.finditer(OTHER, self.before) if not _ITS_OWN.search(self.before[: m.start()])]
        if not others or given_to:
            return False
        since = self.before[others[-1].end() :]
        left = self.before[: others[-1].start()]
        run = _NAMES_LISTED.search(left)  # "Acorn Care: Kent, Surrey and" before "Sussex"
        if _OF_THE_OTHER.search(left[: run.start()] if run else left):
            return True
        if self.template.mentions[int(others[-1][0][2:-1])].form is Form.OTHER and _PREPOSITION.search(left):
            return False  # "near X", "in X": a place
        if _OTHER_SAYS.match(since):
            return True
        if re.search(rf"{NAME}|{DESCRIBED}", since) or _OWN_SUBJECT.search(since):
            return False
        mention = self.template.mentions[int(others[-1][0][2:-1])]
        if mention.form is not Form.OTHER:
            return True
        return bool(_VERB.search(since)) and not _PREPOSITION.search(left)

    def is_described(self) -> bool:
        """Whether the nearest subject before it is a description: "a Kent care home"."""
        found = list(re.finditer(DESCRIBED, self.before))
        return bool(found) and not re.search(NAME, self.before[found[-1].end() :])

    @cached_property
    def is_of_everyone(self) -> bool:
        """Whether it is said of "both services" or "each", without their names."""
        clause = self.clause
        return bool(cues.EVERYONE.search(clause)) and not re.search(NAME, clause)

    def speaks_of_somebody_else(self) -> bool:
        """Whether the providers before it are named for comparison only."""
        groups = list(_GROUP.finditer(self.before))
        return bool(groups and cues.SOMEBODY_ELSE.search(self.before[: groups[-1].start()]))

    @cached_property
    def names_after(self) -> tuple[Named, ...]:
        """The providers that the grade is said to be of, after it."""
        found = _AFTERWARDS.search(self.behind)
        if found:
            return self._named(found["group"])
        if also := _AS_HAVE.search(self.behind):
            return (*self.names_before, *self._named(also["group"]))
        return self.names_listed()

    def names_listed(self) -> tuple[Named, ...]:
        """The providers of "three homes have been rated good: A, B and C", where their number is right."""
        counted = cues.bodies_counted(self.clause)
        listed = _LISTED_AFTER.search(self.behind) if counted else None
        named = self._named(listed["group"]) if listed else ()
        numbers = [
            cues.NUMBERS[word] for word in (counted[0].split() if counted else ()) if word in cues.NUMBERS
        ]
        return named if len(named) > 1 and (not numbers or numbers[0] == len(named)) else ()

    def _named(self, group: str) -> tuple[Named, ...]:
        return tuple(self.template.mentions[int(n)].named for n in re.findall(r"<p(\d+)>", group))

    def before_the_pair(self) -> str:
        """What stands before "from A to this": the former grade says nothing of the time."""
        first = self.index - 1 if self.index and self._from_to(self.index - 1) else self.index
        start = self.template.grade_at[first - 1][1] if first else 0
        return cues.FROM.sub("", self.template.text[start : self.template.grade_at[first][0]])
