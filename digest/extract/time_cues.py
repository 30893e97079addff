"""The words by which English says when a grade was given: now, at an inspection before, or in a year.

Tables of patterns over templates (`template.py`), of bounded repetition like those of `cues.py`.
"""

from __future__ import annotations

import re
from typing import Final

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|spring|summer|autumn|winter|early|late|mid)"
)
PAST: Final = re.compile(
    r"\b(?:previous(?:ly)?|formerly|former (?:overall )?(?:rating|grade)|earlier(?! today| this)|originally|initially|"
    r"(?:when|was|were) (?:it was |we )?last (?:inspected|rated|visited|there|here|assessed|seen)|"
    r"last (?:inspected|rated|rating|visited|inspection|visit|time|report|year|came)|"
    r"(?:reports?|ratings?|rated|judged|graded|published|publication) last (?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|winter)|"
    r"first (?:inspected|visited|rated|assessed)(?= (?:in|on|back|by))|"
    r"had (?:been |previously |once |also |only )?(?:rated|given|received|been|judged|awarded|found|an? $)|"
    r"having previously|(?<!^)having been|when (?:it|they|the \w+) (?:was|were) (?:also )?(?:rated|given|found|judged|graded|assessed|deemed|ranked|classed|awarded)|"
    r"(?:report|inspection|visit) before\b|earlier (?:report|inspection|visit)|"
    r"year before|years? ago|years? earlier|once(?= $)|years? after being|months? after being|improvement (?:on|from) (?:the|its|their)(?= $)|after (?:[a-z]+ ){0,2}(?:decades|years) (?:of|as|at|on|with)|dating back to|inspection before|since then|lost (?:its|their|the)|losing (?:its|their|the)|"
    r"sh(?:akes?|aking|ook|aken) off|stripped of|back in|already had|"
    r"once (?:rated|judged)|before (?:that|this|being|it)|from being|since being|since (?:it|they|the \w+) (?:was|were) (?:last |first )?(?:rated|given|found|judged|graded|assessed|deemed|ranked|classed|awarded)|until (?:now|recently)|"
    r"after (?:an? [^,;<]{0,30}rating|a rating)|(?:rating|grade) then|then (?:rated|judged|graded)|back then|"
    r"(?:last|previous|earlier|first) (?:full |ofsted |cqc )?(?:inspection|report|visit)[^.;:<]{0,40}\b(?:which|that|when|where) (?=[^.;:<]{0,60}$)|"
    r"(?:comes?|came) after|improv\w* (?:up)?on|compared (?:with|to)|better than|worse than|in contrast (?:to|with))\b"
)
# "She said it had been given ..." only puts into the past what was said: no telling which inspection it was.
REPORTED: Final = re.compile(
    r"\b(?:said|told|announced|revealed|reported|added|explained|confirmed|learn\w+|heard|emerged|stated|noted|claimed)\b"
    r"[^;:]{0,120}?\bhad (?:been |also been )?(?:rated|given|received|judged|awarded|found|an?)\b"
)
# "Everyone was delighted to learn that inspectors had rated the home good."
GLAD: Final = re.compile(
    r"\b(?:delighted|pleased|thrilled|proud|overjoyed|happy|glad|jubilant|celebrat\w+) (?:to (?:learn|hear|read|see|be told|find)|that|when|after)\b[^;]{0,80}\bhad (?:been )?(?:rated|judged|graded|given|awarded)\b[^;]{0,40}$"
)
PRESENT: Final = re.compile(
    r"\b(?:now|this time|latest|today|currently|new(?:est)?|has been|have been|this year|most recent|"
    r"(?:at|in|during|on) (?:this|our latest|the latest|the current|our current) (?:inspection|visit|occasion|report)|"
    r"reinspection|re inspection|upgraded|raised|since been|later|has now|is rated|are rated)\b"
)
PAST_AFTER: Final = re.compile(
    r"^[^;<]{0,40}?\b(?:previously|the (?:time|year|inspection) before|"
    r"at (?:its|the|our|their) (?:last|previous|first|earlier)|(?:at|on|in) (?:its|all its|each of its|all of its) (?:\w+ )?(?:previous|earlier)|last (?:time|year|month|week|january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|winter)|"
    r"when (?:it was )?last inspected|as recently as|in the previous|at that time|years? (?:ago|earlier|before))\b"
)
# A year on either side of a grade dates it, but does not tell whether a later grade came.
YEAR_AFTER: Final = re.compile(
    rf"^(?: (?:rating|rated|overall|one|mark|grade))*,? ?(?:at|in|during|from|on \d{{1,2}})?(?: (?:its|our|the|an?))?"
    rf"(?: (?:last|previous|earlier))?(?: inspections?)?(?: in)?(?: {_MONTH})*,? ?\(?(?P<year>(?:19|20)\d\d)\b"
)
# "Rated good following an inspection in 2019": the visit's year, not the rating's age.
VISIT_AFTER: Final = re.compile(
    rf"^(?: (?:rating|rated|overall|one|mark|grade|in all areas))*(?: by [^,;:.<]{{2,60}}?)?,? (?:after|following|at|from|on the back of) (?:an?|its|the|their|this|two) (?:[^\s,;:.<]+ ){{0,4}}?"
    rf"(?:inspections?|visits?|reviews?)[^,;:.<]{{0,40}}?(?: {_MONTH})*,? ?(?P<year>(?:19|20)\d\d)\b"
)
# "Following an inspection in May 2017 the surgery was found ..."
VISIT_BEFORE: Final = re.compile(
    rf"^\W*(?:following|after|at|during|on) (?:an?|its|the|their) (?:[^\s,;:.<]+ ){{0,3}}?(?:inspections?|visits?|reviews?|assessments?) (?:[a-z]+ ){{0,3}}?(?:in|of|on|from) (?:\d{{1,2}} )?(?:{_MONTH} )?(?:and {_MONTH} )?(?P<year>(?:19|20)\d\d)\b"
)
# "We had a new inspection in May 2022 which found us to be ...": this one, whatever it gave.
NEW_VISIT: Final = re.compile(
    rf"\b(?:(?:had|have had|received) (?:an?|our|its|the|their) new|(?:our|its|the|their) (?:latest|newest|most recent)) (?:[a-z]+ ){{0,2}}?(?:inspection|visit) "
    rf"(?:took place |was carried out |was )?(?:in|on|during) (?:\d{{1,2}} )?(?:{_MONTH} )?(?P<year>(?:19|20)\d\d),? (?:which |that |and )?(?:[a-z]+ ){{0,6}}$"
)
YEAR_SOON: Final = re.compile(
    rf"^(?:(?!\band\b)[^,;:.<]){{0,60}}? (?:in|from|during|back in) (?:{_MONTH} )?(?P<year>(?:19|20)\d\d)\b"
)
DATED_LEFT: Final = re.compile(
    r"\b(?:19|20)\d\d,? (?:the|a) year (?:in which|when|that)\b|"
    rf"\b(?:reports?|findings|results) (?:published|released|issued|from) (?:back )?in (?:{_MONTH} )?(?:19|20)\d\d\b|"
    r"\b(?:at|in|during|after|since|from|following) (?:our|its|their|the|a|an) (?:first |last |prior |initial |\w+ )?"
    r"(?:19|20)\d\d\b|\b(?:19|20)\d\d (?:visit|inspection|report|rating|review)\b|"
    rf"\b(?:inspection|visit|report|review)s? (?:in|of|from|during) (?:{_MONTH} )?(?:19|20)\d\d (?=[^<]{{0,12}}\b(?:rated|judged|graded|found|gave))|"
    rf"(?:^|, )(?:at|during|following|after) (?:an|the|this|our) (?:(?:un)?announced |full |short )?(?:inspection|visit) (?:in|of) (?:{_MONTH} )?(?:19|20)\d\d,|"
    r"\b(?:inspect\w+|visit\w*)\b[^;<]{0,60}\b(?:19|20)\d\d,? (?:when|where|at which) (?:we|it|the [a-z]+)\b|"
    r"(?:^|\b(?:and|but|then) |, |^ )in (?:19|20)\d\d\b|\bwhen (?:[^\s,;<]+ ){1,8}?(?:19|20)\d\d\b|"
    rf"(?<!since )(?<!formed )(?<!opened )(?<!founded )(?<!established )(?<!built )\bin (?:{_MONTH} )?(?:19|20)\d\d\b(?=[^;<]{{0,70}}\b(?:said|rated|judged|graded|found|gave|given|was|were|visit\w*|inspect\w*|scor\w+)\b)"
)
YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
