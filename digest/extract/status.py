"""Whether a sentence asserts the grade it names, or denies it, hopes for it or speaks of grades in general.

In the manner of ConText (Harkema and others, 2009): each row of the table is a cue, where it stands to the grade,
and how far it reaches. Patterns are over templates (`template.py`) and of bounded repetition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from digest.extract import cues
from digest.extract.grade_context import GradeInContext
from digest.extract.phrases import last_end


class Status(StrEnum):
    """Why a grade that stands in a sentence is not asserted by it, as operators read it."""

    NEGATED = "denied"
    HYPOTHETICAL = "only possible, hoped for or still to come"
    GENERIC = "said of services in general"
    OTHER_JUDGE = "given by somebody other than the inspectorate"
    CORRECTED = "a mistake that is being corrected"
    OPINION = "an opinion"


class Side(StrEnum):
    LEFT = "left"  # ends somewhere before the grade, in its clause
    RIGHT = "right"  # begins right behind it
    CLAUSE = "clause"  # anywhere in its clause
    SENTENCE = "sentence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One cue."""

    status: Status
    side: Side
    pattern: re.Pattern[str]


def _row(status: Status, side: Side, *patterns: str) -> Row:
    return Row(status=status, side=side, pattern=re.compile("|".join(f"(?:{p})" for p in patterns)))


_BREAK: Final = re.compile(
    r"[;]| : |\b(?:but|while|whereas|although|though|however|(?<!has )(?<!have )(?<!had )(?<!is )(?<!are )(?<!not )yet)\b|, and (?:it|they|<p\d+>|the \w+) (?:was|were|has|have|is|are)\b"
)
_OF_ONE: Final = (
    r"(?:service|school|home|provider|college|nursery|trust|hospital|practice|force|prison|council|unit|pdu|crc|team|"
    r"setting|organisation|academy|body|place|establishment|surgery|authority)"
)
_OF_MANY: Final = (
    r"(?:services|schools|homes|providers|colleges|nurseries|trusts|hospitals|practices|forces|prisons|councils|units|"
    r"pdus|crcs|teams|settings|organisations|academies|places|establishments|surgeries|authorities|childminders|"
    r"facilities|specialities|specialties|departments|wards|companies|institutions|primaries|secondaries|jails|agencies|operators|bodies|areas|regions|ones)"
)
_GRADING: Final = rf"(?:{cues.RATED_VERB}|found|assessed|given|awarded|considered|declared)"
_DETERMINED: Final = re.compile(
    r"<[pdox]\d+>|\b(?:the|these|both|two|three|four|five|six|seven|eight|nine|ten|\d+|our|its|their|his|her|all|each)\b"
)
_PEOPLE: Final = (
    r"(?:staff|parents|pupils|students|patients|residents|relatives|people|families|customers|members|carers|children|"
    r"respondents|clients|users|workers|officers|employees|visitors|reviewers|readers|guests|tenants|learners|leaders|governors)"
)
_OTHERS_WHO: Final = (
    r"(?:managers?|secretary|advis[eo]rs?|partners?|consultants?|head|headteacher|governors?|trustees?|directors?|chief|users|union|branch|company|owners?|"
    r"operators?|councillors?|mp|mps|minister|ministers|readers|customers|campaigners|critics|website|websites|newspaper|magazine|guide|survey|panel|"
    r"committee|auditors?|audit|bank|analysts|academics|researchers|university|students|colleagues|peers|neighbours|friends|mother|father|daughter|son|"
    r"relatives?|residents?|patients?|pupils?|parents?|staff|visitors|commissioners|peer review|review team|mock inspection|visitors?|families|members|public|locals|villagers)"
)
_MODAL: Final = r"(?:(?<!in )(?<!of )(?<!on )(?<!since )(?<!last )(?<!during )(?<!early )(?<!late )(?<!mid )(?<!\d )(?<!st )(?<!nd )(?<!rd )(?<!th )may(?! (?:19|20)?\d)|might|could|would|should|can|must|will|shall)"

_TABLE: Final = (
    _row(
        Status.OTHER_JUDGE,
        Side.CLAUSE,
        r"\bself (?:assess|evaluat|rat|review|grad|apprais)\w*",
        r"\b(?:rat|assess|grad|judg|evaluat|scor|mark|apprais)(?:ed|es|ing|s|e) (?:itself|themselves|ourselves|himself|herself|its own|our own|their own|my own)\b",
        r"\b(?:own|internal|in house) (?:\w+ )?(?:assessment|evaluation|view|audit|estimate|review|appraisal|inspection|judge?ment|opinion)\b",
        r"\b(?:dashboards?|own quality team)\b|\b(?:i|we|he|she|they)(?:'d| would) (?:rate|give|mark|judge|grade)\b",
        r"\b(?:mock|practice|dummy|trial|pretend) (?:\w+ )?(?:inspection|ofsted|cqc|report|visit|exercise)\b",
        r"\bpeer (?:review\w*|challenge\w*|assess\w*|inspect\w*|evaluat\w*|led)\b|\b(?:dry|trial) run\b",
        r"\b(?:leaked|draft|drafts|unpublished|provisional|provisionally|indicative|interim (?:grade|rating|judge?ment))\b",
        r"\b(?:survey\w*|poll|polled|polls|questionnaires?|focus groups?|consultants?|petition|feedback forms?)\b",
        rf"(?:\bper cent|\bpercent|%|\bproportion|\bmajority|\bmost|\bmany|\ball|\bsome|\bnumber|\bhalf|\bthirds?|\bquarters?|\bout) of (?:the |our |its |those )?(?:\w+ ){{0,2}}{_PEOPLE}\b",
        rf"\b(?:\d+|most|many|some) {_PEOPLE} (?:\w+ ){{0,2}}(?:rate|rated|said|say|gave|give|judged|scored|graded|describ\w+)\b",
        rf"\b{_PEOPLE} (?:have |has |had |who |also ){{0,2}}(?:rate|rates|rated|score|scored|graded|grade|ranked|rank|gave|give|judged|voted|call|calls|called|describ\w+)\b",
        r"\b(?:tripadvisor|google|trustpilot|carehome co uk|facebook|feefo|glassdoor|which\? )\b",
        r"\b(?:food (?:hygiene|standards|safety)|hygiene|energy (?:rating|performance|efficiency)|epc|good schools guide|credit (?:rating|score)|moody's|star rating of \d|teaching excellence|breeam|water quality|air quality|bathing)\b",
        rf"\b{_OTHERS_WHO}(?:'s? (?:\w+ ){{0,2}}\w+)? (?:who [^,;]{{3,60}}? )?(?:has |have |had |also |then |now )*(?:rate|rates|rated|score|scores|scored|grade|grades|graded|gave|gives|give|judge|judges|"
        r"judged|awarded|awards|ranked|ranks|marked|marks|found|put|puts|called|calls|describes|described) (?=<[pdx]\d|it\b|the\b|its\b|our\b|this\b|that\b|them\b|us\b|their\b)",
        rf"\b(?:rated|graded|judged|scored|ranked|marked|deemed|described|given|awarded|found|<g>)\b[^;]{{0,60}}\bby (?:an? |the |its |their |our |his |her |some |most |many |independent |outside |external )*(?:\w+ ){{0,2}}{_OTHERS_WHO}\b",
        r"\b(?:view|opinion|assessment|estimate|feeling|impression|verdict) (?:was|is|remains) (?:that|of)\b|\b(?:in house|in the company's|in our own|in its own|in their own|company's own|trust's own)\b",
        r"\b(?:internal|in house|company|group|provider|commissioners?'?|council) (?:\w+ )?(?:scheme|audit|review|visit|check|scorecard|dashboard|survey)\b",
        r"\b(?:awarded|given) by (?:its|our|their|the) (?:own|head|headteacher|owner|manager|board|governors)\b",
    ),
    _row(
        Status.OTHER_JUDGE,
        Side.LEFT,
        # What people say of a service themselves, without any word for a rating.
        rf"\b(?:{_PEOPLE}|victims|witnesses|prisoners|detainees|young people|governor|headteacher|head teacher|chief constable|chief fire officer|commissioner) "
        rf"(?:[a-z]+ ){{0,2}}(?:said|say|says|felt|feel|thought|think|believed|believe|told (?:us|inspectors))\b"
        rf"(?:(?!\b(?:{cues.RATED_VERB}|awarded|given|received|inspectors?|inspectorate)\b)[^;<]){{0,80}}$",
        rf"\b{_PEOPLE} (?:have |had |has )?(?:evaluate[ds]?|assess(?:ed|es)?|judge[ds]?) [^;:<]{{0,60}}$",
    ),
    _row(
        Status.OTHER_JUDGE,
        Side.RIGHT,
        rf"^(?: overall)? by (?:the |its |our |their |some |many |most )?{_PEOPLE}\b",
    ),
    _row(
        Status.HYPOTHETICAL,
        Side.SENTENCE,
        r"\? ?$",
    ),
    _row(
        Status.GENERIC,
        Side.SENTENCE,
        r"^\W*(?:a total of |some |about |around |nearly |almost |more than |over |just )?[\d,]{2,} (?:(?:[a-z]+|<[a-z]\d+>) ){1,3}(?:were|are|have|had|got|received)\b",
        r"\b(?:a few|some|many|most) <g\d+> (?:grades|ratings|judge?ments|scores)\b",
        r"\ban? <g\d+> (?:scores?|ratings?|grades?) (?:shows?|indicates?)\b",
        rf"^\W*(?:[a-z ]{{1,40}} said ?: )?for an? (?:[a-z]+ ){{0,3}}{_OF_ONE} to (?:be|get|go|have|receive|achieve)\b",
        rf"\bone (?:[a-z]+ ){{0,3}}{_OF_ONE} in (?:every )?(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|\d+)\b",
        rf"^\W*no (?:[a-z]+ ){{0,3}}{_OF_ONE} (?:likes|wants|enjoys|expects|can|could|should|will|would|is happy)\b",
        r"\bis the (?:second )?(?:highest|lowest|top|bottom|best|worst) (?:mark|grade|rating|step|score)s? (?:on|of|in) (?:the|its|an?) (?:[a-z' -]+ )?scale\b",
        r"\bseparates? <g\d+> from <g\d+>",
        rf"^\W*(?:some|many|most|few|other|several) (?:[a-z]+ )?{_OF_MANY} (?:may|might|can|could|will|would)\b",
        rf"\b(?:rating|grade|judge?ment) of <g\d+>(?: - [^<]*(?:<g\d+>)? -)? (?:is|can be|may be|means) [^<]*\b(?:a|any|every) {_OF_ONE}\b",
    ),
    _row(
        Status.GENERIC,
        Side.LEFT,
        rf"\b(?:most|many|some|other|several|few|fewer) (?:of the |other |the |police |fire )*(?:\d+ )?{_OF_MANY} (?:are|were|have been|remain|remained) (?:[a-z]+ ){{0,2}}$",
    ),
    _row(
        Status.CORRECTED,
        Side.SENTENCE,
        r"\b(?:earlier|previous|original|first|initial|former) (?:published )?(?:version|edition|draft|headline|heading) (?:of|said|had|gave|showed|stated|originally|wrongly)\b",
        r"\b(?:our|that|the) (?:statement|article|headline|caption|post)\b.{0,160}\b(?:was|were|is) (?:inaccurate|wrong|incorrect|mistaken|false|untrue)\b|\bwe accept that\b|\bused here earlier\b",
        r"\b(?:wrongly|incorrectly|mistakenly|erroneously|inaccurately|misleadingly|falsely)\b",
        r"\b(?:in|editing|production|typing|printing|clerical|subbing|an?) error\b|\b(?:by|was a|our) mistake\b|\berrat(?:um|a)\b|^\W*(?:corrections?|amendment|clarification)\b",
        r"\bwe apologi[sz]e\b|\b(?:paper|newspaper|editor|website|page) apologi[sz]es\b|\b(?:article|story|page|report|post|release|piece|item) (?:has been|had been|was) (?:amended|corrected|changed|first published)\b",
        r"\bwrong (?:overall )?(?:rating|grade|judge?ment)\b|\b(?:first|originally|initially) (?:described|gave|said|stated|reported|published|listed)\b|\bdid not reflect\b",
        r"\b(?:headline|heading|tweet|caption|chart|graphic|cover|print edition|version|this (?:article|page|story)) (?:to|of|linked|originally|of this|had|said|gave|showed|stated|that)?[^;]{0,30}\b(?:said|gave|showed|stated|carried|had|rating)\b",
        r"\b(?:last week|yesterday|on [a-z]+day|earlier|previously|on \d{1,2} [a-z]+) we (?:said|reported|wrote|stated|published|told)\b|\bwe published a (?:story|report|piece|article)\b|^\W*it had (?:said|stated|described|given|called)\b",
        r"\b(?:misreported|misstated|misprinted|misprint|mistyped|reprinted)\b",
    ),
    _row(
        Status.NEGATED,
        Side.LEFT,
        r"\b(?:den(?:y|ies|ied|ying)|refut(?:es?|ed)) [^;]{0,160}$",
        rf"\b(?:none|neither|no (?:[a-z]+ ){{0,3}}{_OF_ONE})(?: (?:of|in|at|across) (?:the )?(?:[a-z]+|<[a-z]\d+>)(?: [a-z]+)?)? (?:has|have|had|is|are|was|were) (?:yet |ever |so far |now |currently |been |to be )*(?:{_GRADING}|received|achieved)\b[^;,<]{{0,60}}$",
        r"\b(?:never(?: been)?|refus\w+ to(?: be)?|fail\w* to(?: be)?|declin\w+ to|yet to(?: be)?|missed out on)(?: being)? (?:an? |the )?(?:rat\w+|judg\w+|grad\w+|award\w*|giv\w+|get|receiv\w+|achiev\w+|reach\w*|win|secur\w+|obtain\w*|earn\w*)?\b(?:(?!\b(?:and|but)\b)[^;,]){0,60}$",
        r"\b(?:rescued|saved|spared|prevented|kept|stopped) [^;<]{0,30}?\bfrom (?:an? |being |getting )?(?:overall |rated )?$",
        r"\b(?:remov|withdr[ae]w|scrap|quash|overturn|retract|delet|rescind|annul|set(?:s|ting)? aside)\w{0,4} (?:(?!from\b)[^\s;<]+ ){0,5}$",
        r"\b(?:escap\w+|narrowly (?:missed|avoided)|avoid\w*) (?:an? |being |getting )?(?:overall |rated )?$",
        r"\b(?:reject|dismiss|disput|contest|question)(?:s|es|ed|ing)? (?:\w+ ){0,3}(?:that|claims?|reports?|suggestions?|rumou?rs?)\b[^;]{0,140}$",
        r"\b(?:not true|untrue|not the case|no truth|not correct|incorrect|a myth|false claims?|false reports?|no suggestion|not (?:to say|say|mean|claim)|nothing to suggest|no evidence)\b[^;]{0,140}$",
        r"\b(?:contrary to|despite) (?:\w+ ){0,2}(?:claims?|reports?|rumou?rs?|suggestions?)\b[^;,]{0,100}$",
        r"\b(?:nobody|no one|no inspectors?|no report|nowhere|at no (?:time|point|stage)|in no way)\b[^;]{0,120}$",
        r"\b(?:stop(?:s|ped)? short of|f(?:e|a)ll(?:s|en)? short of|miss(?:ed|es|ing)? out on|narrowly miss\w+)\b(?:(?!\b(?:and|but)\b)[^;,]){0,60}$",
        r"\b(?:did|does|do|has|have|had|was|were|is|are|could|would)(?: not|n't) (?:[^\s,;<]+ ){0,3}?(?:find|found|rate|rated|judge|judged|grade|graded|give|given|award|awarded|been|be|get|receive|call|called)\b[^;,]{0,60}$",
    ),
    _row(
        Status.NEGATED,
        Side.SENTENCE,
        r"\b(?:claims?|reports?|rumou?rs?|suggestions?|statements?|remarks?|allegations?|talk) (?:that|of)\b[^;]{0,200}\b(?:is|are|was|were|as|be|been) (?:\w+ )?(?:false|wrong|untrue|incorrect|unfounded|baseless|a lie|nonsense|mistaken|fake|withdrawn|denied|without foundation)\b",
        r"\b(?:adverts?|advertisements?|posters?|leaflets?|banners?|brochures?)\b.{0,160}\b(?:banned|misleading|withdrawn|taken down)\b",
        r"\b(?:hoax|spoof|bogus)\b",
        r"\b(?:withdrawn|withdrew|withdraws|struck out|retracted|taken back|took back|disowned) (?:his|her|its|their|the|a|an|my|our) (?:\w+ )?(?:remark|statement|claim|comment|allegation|story|report|post)s?\b",
    ),
    _row(
        Status.HYPOTHETICAL,
        Side.LEFT,
        r"\b(?:may|might|could|would|should|will) (?:well |still |yet |also |now |then |soon )?(?:rate|judge|grade|award|give|mark)\b[^;]{0,80}$",
        r"^\W*should [^,;]{1,80} be\b[^,;]{0,40}$",
        rf"\b{_MODAL} (?:(?!\b(?:but|and|who|which|after|since|when|where|because)\b)[^\s;,<]+ ){{0,6}}(?:be|been|have|become|get|reach|achieve|receive|earn|gain|secure|remain|keep|retain|lose|drop|fall|slip|rise|move|go|see|rate|judge|grade|give|award|find|face|win|stay|obtain|lead|result) (?:(?!\b(?:has|had|was|were|is|are|after|following|when|because)\b)[^;,<]){{0,50}}$",
        r"\b(?:set|due|expected|likely|unlikely|about|going|believed|understood|thought|rumou?red|feared|tipped|poised|bound|said|reported|predicted|forecast|in line|on course|on track|hoping|aiming|determined|keen|eager|working|striving|able|ready|yet|in danger of|at risk of|our eyes on|our sights on|its sights on|their sights on|happy|needed|needs|need|wants?|wanted|wishes|wish|hopes?|hoped|aims?|aimed|plans?|planned|trying|tries|tried|how) (?:to |of )(?:[^\s;,<]+ ){0,6}?(?:be|being|become|becoming|get|getting|reach|reaching|achieve|achieving|receive|receiving|earn|gain|secure|retain|keep|lose|drop|fall|rise|move|go|obtain|win|make) (?:(?!\b(?:has|had|was|were|is|are)\b)[^;,<]){0,50}$",
        r"\b(?:is|are) to be (?:\w+ ){0,3}$",
        r"^\W*(?:were|should) [^,;]{1,80} to (?:be|get|become|receive|have)\b[^,;]{0,40}$",
        r"\b(?:one|an?|two|just|only|single) (?:step|steps|whisker|inch|points?|mark|marks|grades?) (?:(?:away |short |shy )(?:from|of)|(?<!down two grades )(?<!down one grade )from(?! (?:its|the|their|an?|our) (?:previous|former|last|earlier|old)\b)|below|off)\b(?! overall)[^;,]{0,40}$",
        r"\b(?:if|unless|whether|in case|supposing|provided(?! (?:to|by|for|in|at|with|through|was|were|is|are|and)\b)|until|lest|as though|as if|were it|had it|should it)\b(?! only\b)[^;<]{0,120}$",
        r"(?<!achieved )(?<!achieved her )(?<!achieved his )(?<!achieved its )(?<!achieved our )(?<!achieved their )\b(?:risk(?:s|ed|ing)?|fear(?:s|ed|ing)?|threat|prospect|danger|chance|hope|hopes|ambition|goal|target|aim|aims|dream|dreams|vision|aspiration|aspirations|journey|path|road|route|way|bid|drive|effort|efforts|quest|pressure|push) (?:of|to|towards?|for|on)\b[^;,<]{0,70}$",
        r"\b(?:wait(?:s|ing|ed)? (?:for|to)|look(?:s|ing)? forward|next (?:inspection|report|rating|visit|time)|seeks?|seeking|want(?:s|ed)? an?)\b[^;,<]{0,70}$",
        r"\b(?:our|its|their|his|her|my) (?:eyes?|sights?|hearts?|minds?) (?:firmly |now |set |fixed )*on (?:an? |being |getting |becoming |achieving |reaching |the )[^;,<]{0,50}$",
    ),
    _row(
        Status.HYPOTHETICAL,
        Side.SENTENCE,
        r"^\W*(?:our |the |its |their |my )?(?:main |key |next |new )?(?:goal|aim|target|ambition|objective|hope|mission|vision)s?\b[^;:]{0,50}:",
    ),
    _row(
        Status.GENERIC,
        Side.LEFT,
        r"\b(?:above|below|better than|worse than) the (?:very )?(?:lowest|highest|top|bottom|worst|best) (?:possible )?(?:ratings?|grades?|marks?|judge?ments?)(?: of|,| -| \(| :)* $",
        rf"\b(?:liv(?:e|es|ing)|mov(?:e|es|ing)|homes?(?! care\b)|houses?|propert(?:y|ies)|near|nearest|close to|next to|catchments?(?: areas?)? (?:of|for)|streets?|minutes from|walk from) (?:[a-z]+ ){{0,3}}(?:{_OF_ONE}|{_OF_MANY}|primary|secondary),? (?:that |which )?(?:is |are |was |were )?(?:{_GRADING}) (?:[^\s;:.<]+ ){{0,2}}$",
        rf"\b(?:when|where|if|once|whenever|after|before|unless|until) (?:an?|any|every) (?:[a-z]+ ){{0,3}}{_OF_ONE}\b[^;<]{{0,60}}$",
        rf"\b(?:any|every|no|each) (?:[a-z]+ ){{0,3}}{_OF_ONE} (?:that |which )?(?:is |was |has been |had been |being )?(?:{_GRADING} )?[^;<]{{0,30}}$",
        rf"\b(?:we|they|it|cqc|ofsted|inspectors|inspectorate|regulator|watchdog) (?:only |usually |normally |generally |always |can |will |may )?(?:rate|rates|grade|grades|judge|judges|award|awards|give|gives|use|uses|have|has(?! [a-z]+ed\b)) (?![a-z]+ed (?:our|its|their|a|the)\b)(?:an? |the )?(?:[a-z]+ ){{0,2}}(?:{_OF_MANY}|four|five|six|ratings?|grades?|scale|one of)\b[^;<]{{0,80}}$",
        r"\b(?:on|using) an? (?:[a-z]+ ){0,3}scale\b(?:(?!, (?:it|they|the \w+|<p\d+>) (?:was|were|has|got|received)\b)[^;]){0,60}$",
        r"\b(?:possible|available|different|following|(?<!two of )(?<!three of )(?<!all )(?<!two of the )(?<!three of the )(?<!all of the )(?:four|five|six)|top two|bottom two) (?:overall |inspection |quality )?(?:ratings?|grades?|gradings?|judge?ments?|outcomes?|categories|levels?|words)\b[^;]{0,60}$",
        r"\b(?:rating|grade|grading|scoring) (?:system|scale|framework|scheme)\b[^;]{0,100}$",
        r"\b(?:ratings?|grades?|gradings?|judge?ments?|outcomes?|rankings?|scores?) (?:can|may|could|will|go|run|range\w*|rang\w+)\b[^;]{0,60}$",
        r"\b(?:definition|meaning) of\b[^;]{0,40}$|\bmeans? that [^;<]{0,60}$",
        r"\b(?:terms?|words?|phrase|labels?|descriptors?|criteria|threshold|bar)(?: for| of)? $|\bdefin(?:es?|ed|ing) $|(?:^|[.:;] )by $|\bseparat(?:es|ed|ing) (?:<g\d+> from )?$",
        r"(?:^|[.:;] )to (?:be |get |achieve |receive |earn |gain |reach |secure |merit |become |win )(?:rated |judged |graded |given )?(?:as )?(?:an? )?$",
    ),
    _row(
        Status.GENERIC,
        Side.RIGHT,
        rf"^ (?:\w+ )?{_OF_ONE}s? (?:is|are|will|must|may|can|has to|have to|should|gets?|faces?|needs?) (?:a|an|one|those|usually|normally|re ?inspected|inspected|expected|allowed|not)\b",
        r"^,? (?:rating )?(?:is|are|will be|must be|can be|should be|may be|has to be|get|gets) (?:\w+ )?(?:re ?inspected|inspected|visited|monitored|allowed|exempt)\b",
    ),
    _row(
        Status.GENERIC,
        Side.RIGHT,
        r"^(?: rating| overall)? (?:when|if|where|once|only when|only if) (?:an?|its|their|the|two|three|one|any|most|all|every|at least)\b",
        r"^ from <g\d+> on the\b",
    ),
    _row(
        Status.OPINION,
        Side.LEFT,
        r"\b(?:i|we) (?:personally |still |honestly |really )?(?:think|believe|feel|would say|consider|reckon|guess|suspect|know|argue)\b[^;<]{0,100}$",
        r"\bin (?:my|our|his|her|their|your) (?:view|opinion|book|eyes|mind|experience)\b[^;<]{0,100}$",
        r"\b(?:deserv\w+|merits?|merited|ought to|feels? like|seems? like|looks? like|let us call|more like|worthy of|warrants?|"
        r"as far as|describ(?:es?|ed|ing) (?:himself|herself|it|them|the))\b[^;<]{0,80}$",
    ),
)

# "'Inadequate' means ...": the grade itself is what the sentence is about.
_AS_A_WORD_LEFT: Final = re.compile(
    r"(?:^|[.:;] |\b(?:and|or|that|but|while|whereas|because|where|so|says|said) )(?:an? |the |any |where |under |getting |being |to be |"
    r"receiving |to get |to receive |having )?"
    r"(?:overall )?(?:ratings? of |grades? of |judge?ments? of |rated |judged |graded |verdict of |scores? of |term |word |phrase )?$"
)
_AS_A_WORD_RIGHT: Final = re.compile(
    r"^(?: (?:overall|inspection|quality|performance|ofsted|cqc))?(?: (?:rating|grade|grading|judge?ment|verdict|outcome|category|label|"
    r"schools?|homes?|services?|providers?|trusts?))?s?"
    r"(?:,? (?:which|that))? ?(?: : |: | - )?(?:means?|indicates?|signif\w+|describes|applies|denotes|refers|represents|reflects|shows? that|tells|says that|"
    r"is (?:given|awarded|used|reserved|defined|when|where|for (?:a )?(?:services?|schools?|those)|one of|usually|normally|generally|the (?:\w+ )?(?:highest|lowest|best|worst|top|bottom|second|third|next|middle)|"
    r"a (?:rating|grade|judge?ment)|not (?:a|the)|less|more|better|worse|no longer (?:used|given|enough))|are (?:given|awarded|used|reserved|defined|those|inspected|re ?inspected|usually|placed|put|exempt)|"
    r"can|could|would|may|might|will|must|should|usually|normally|generally|automatically|triggers?|leads? to|does not|do not|doesn't|don't|carries|carry|brings?|opens?|entitles?)\b"
)
# "Good: there is evidence of this in most of the work": one line of a key to the scale.
_EXPLAINED: Final = re.compile(
    r"^ ?: (?:there|the|this|these|we|it|they|an?|service|services|most|all|few|people|pupils|children|provider|performance|work)\b[^<]*$"
)
_FOR_MEANS: Final = re.compile(
    r"^ (?:for|in|at) [^,;.:<]{3,60} (?:means|indicates|describes|signifies|shows that)\b"
)
_MANY_GRADED: Final = re.compile(
    rf"(?P<before>(?:[^\s;:.,()]+ ){{0,4}})\b(?P<noun>{_OF_MANY})(?: in [a-z ]{{3,30}}?)?,? (?:that |which |who )?(?:are |were |have been |is |being |currently |already |previously |once |still |now |first |originally |initially |formerly |recently |newly )*"
    rf"(?:{_GRADING}|with|receiving|holding|getting|(?<=which )(?:receive|get|hold|achieve|earn)|(?<=that )(?:receive|get|hold|achieve|earn)) (?:[^\s;:.<]+ ){{0,4}}$"
)
_GRADED_MANY: Final = re.compile(
    rf"\b{_GRADING} (?P<before>(?:[a-z]+ ){{0,3}})(?P<noun>{_OF_MANY}) (?:as |to be )?$"
)
_ONE_GRADED: Final = re.compile(
    rf"\b(?:an?|any|every|each|the average|the typical) (?:[a-z]+ ){{0,3}}{_OF_ONE},? (?:(?:that|which) )?(?:is |has been |was )?(?:{_GRADING}|with) (?:[^\s;:.<]+ ){{0,4}}$"
)
_HABIT: Final = re.compile(
    r"^(?: (?:rating|overall|grade))?,? (?:is|are|will|must|may|can|has to|should|gets?|faces?|needs?|is not|has|should|tends?|would|cannot) "
)
# A council's or a county's services are one body: "children's services in Kent have been rated".
_ONE_BODY: Final = re.compile(
    r"\b(?:children's|social|social care|adult|probation|justice|offending|ambulance|fire|rescue|emergency|care) $"
)
_THEY_WERE: Final = re.compile(r"\b(?:is|are|was|were|has|have|had)\b")
_COUNTED: Final = re.compile(
    r"\b(?:number|proportion|share|percentage|total|list|count|per cent|percent|%) of "
)
# "The process for schools judged ...": the process is one, the schools are any.
_OF_WHOM: Final = re.compile(r"\b(?:for|with|about|into|to|in|at|catchments? of|areas? of) ")
_THOSE: Final = re.compile(
    rf"\b(?:those(?! days| times| years)|anyone|anything|ones) (?:\w+ ){{0,3}}(?:{_GRADING}|with) [^;<]{{0,30}}$"
)


# "We rated the food as good": customers do, and so does an inspectorate in its own reports.
_WE_RATED: Final = re.compile(
    r"\b(?:i|we) (?:would |have |had )?(?:rate|rated|grade|graded|score|scored) (?:ourselves|it|them"
    r"|(?:the|this)(?! (?:practice|service|provider|trust|hospital|location|surgery|key question)(?: in [a-z ]{3,30})? (?:as |as being |to be )?<g\d*> (?:for|in)\b)|our)\b"
)
# "We could not be prouder to have been rated": so they were.
_FEELS: Final = re.compile(
    r"\b(?:could(?: not|n't) be (?:[a-z]+er|(?:more|any) [a-z]+)|will (?:(?:understandably|rightly|also|no doubt|be) )*be (?:disappointed|dismayed|upset|frustrated)(?= (?:to (?:be|have)|with|by|that)\b))"
)
# "The report said the trust would remain ...": it does.
_JUDGE_SAID_WOULD: Final = re.compile(
    r"\b(?P<said>(?:ofsted|cqc|estyn|commission|inspectors?|inspectorate|watchdog|regulator|report|letter)\b(?:,[^,;<]{3,40},)? (?:said|says|confirmed|found|concluded|ruled|announced) [^;:.]{0,80}?)"
    r"\bwould (?=(?:still |now )?(?:remain|keep|retain|stay|continue)\b)"
)


def status_of(m: GradeInContext) -> Status | None:
    """Why the grade is not asserted; None where it is."""
    left, right = _clause(m)
    if not m.setting.ours and _WE_RATED.search(f"{left}<g>{right}"):
        return Status.OTHER_JUDGE
    left = _FEELS.sub("feels", left)
    whole = m.left
    if "would " in left:
        left, whole = (_JUDGE_SAID_WOULD.sub(r"\g<said>", text) for text in (left, whole))
    for row in _TABLE:
        match row.side:
            case Side.LEFT:
                found = row.pattern.search(left)
            case Side.RIGHT:
                found = row.pattern.search(m.right)
            case Side.CLAUSE:
                found = row.pattern.search(f"{left}<g>{right}")
            case _:
                found = row.pattern.search(m.template.text)
        if found:
            return row.status
    if _is_general(m, left):
        return Status.GENERIC
    own_clause = _FEELS.sub("feels", whole[max(0, last_end(cues.CLAUSE_END, whole)) :])
    if cues.NEGATED.search(own_clause):
        return Status.NEGATED
    return Status.HYPOTHETICAL if cues.ONLY_WISHED.search(own_clause) else None


def _is_general(m: GradeInContext, left: str) -> bool:
    """Whether the grade is spoken of as a step of the scale, or of services that nobody counts or names."""
    if not m.left and _EXPLAINED.match(m.right):
        return True
    if _AS_A_WORD_LEFT.search(left) and (_AS_A_WORD_RIGHT.search(m.right) or _FOR_MEANS.search(m.right)):
        return True
    if many := _MANY_GRADED.search(left) or _GRADED_MANY.search(left):
        counted = _COUNTED.search(many["before"])
        own = many["before"][counted.end() :] if counted else many["before"]
        own = own[max(0, last_end(_OF_WHOM, own)) :]
        if not _DETERMINED.search(own) and not (
            many["noun"] == "services"
            and counted is None
            and _ONE_BODY.search(many["before"])
            and _THEY_WERE.search(left, many.end("noun"))
        ):
            return not cues.EVERYONE.search(left)
    if _THOSE.search(left):
        return True
    return bool(_ONE_GRADED.search(left) and _HABIT.search(m.right))


def _clause(m: GradeInContext) -> tuple[str, str]:
    """What stands on either side of the grade in its own clause; a condition or a denial reaches over commas."""
    start = max(0, last_end(_BREAK, m.left))
    end = _BREAK.search(m.right)
    return m.left[start:], m.right[: end.start()] if end else m.right
