"""The capitalised words before or after a kind of body: where it works, or what it is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from digest.providers import Words, is_capital, normal_name
from digest.ratings import Body

# No name begins with these, whatever their capitals.
_NO_NAME: Final = frozenset(
    "a an this that these those their its his her my your in at on of for to from by with and but or nor while when "
    "where after before since although though yet as if it is was were has have had inspectors inspector inspection "
    "inspections inspectorate ofsted cqc estyn hmicfrs ciw hiw rqia hm hmi hmip chief report reports published "
    "foreword overall today yesterday each every no not only also another latest hmpps mr mrs ms watchdog regulator "
    "la gp gps county should could would transcription download former whether how what who why both two three four five six seven eight nine ten announcement news press "
    "release media statement call praise update summary background probation youth justice service services "
    "nps pdu crc yjs yos yot during following despite like unlike near nearby neighbouring elsewhere now meanwhile however about under over between "
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday staff pupils pupil residents patients leaders "
    "teachers parents bosses managers headteacher couple "
    # words of headlines that are printed with capitals throughout
    "rated rates rate rating upgraded downgraded finds find found improves improve improved improvement requires "
    "require requiring inadequate failing fails says said must needs more still visit visited better worse "
    "better-performing praised slammed criticised urgent action performance raised raises inspecting regulating "
    "improving running protecting supporting changing making keeping raising makes make progress change remains "
    "failed struggling told celebrates celebrating "
    # words of captions
    "image photo photograph picture pictured pictures credit caption copyright source getty google".split()
)
# A name may begin with these, but at the start of a sentence or in a headline they seldom belong to one.
_SOFT: Final = frozenset(
    "the our all one first second third new national local private public government council good outstanding "
    "excellent poor weak will would does did can".split()
)
# Houses and homes whose name is an article and one word: "The Grange".
_WITH_ARTICLE: Final = frozenset(
    "grange willows limes laurels beeches hollies cedars elms oaks firs poplars pines chestnuts sycamores birches "
    "orchard orchards priory meadows meadow croft spinney mount vicarage rectory gables".split()
)
_JOINING: Final = frozenset({"and", "upon", "under", "y", "a'r", "le", "on", "super", "by", "next"})
# "of" joins only after such words: "East of England", but not "Head of Leeds".
_BEFORE_OF: Final = frozenset(
    "isle isles city vale east west north south borough county forest bank royal".split()
)
_BEFORE_OF_IN_NAMES: Final = _BEFORE_OF | frozenset(
    "church c lady francis thomas john catherine heart hospital hospitals university school college academy "
    "bishop duke earl king queen prince princess house friends sisters diocese star".split()
)
_BEHIND_THE: Final = frozenset("baptist divine evangelist apostle martyr worker king great".split())
_OWNERS: Final = frozenset(
    "king queen prince princess bishop archbishop lord lady duke earl abbot nun children boys girls women cardinal "
    "saint st ss saints our sir dame dr holy".split()
)
_ROADS: Final = frozenset(
    "road street lane avenue close drive way crescent terrace place square gardens hill row court walk "
    "parade grove rise mews".split()
)
# "The Acme-owned CRC": words after a hyphen that describe, and do not name.
BEHIND_HYPHEN: Final = frozenset("owned run based led managed operated funded wide area born".split())
_OWN: Final = frozenset("'’")
_CLOSING: Final = re.compile(r"%|['’](?=\s+[^\W\d_])")  # "100% Care", "Boys' School"
# The council that runs a youth service is not part of the service's name.
_COUNCIL: Final = re.compile(
    r"(?:\s+(?:City|County|Borough|Metropolitan|District|Unitary))*\s+(?:Council|Authority)$|^(?:London|Royal) Borough of\s+"
)
_NATIONS: Final = frozenset(
    {"england", "england and wales", "britain", "great britain", "uk", "united kingdom", "scotland"}
)
# Words that do not distinguish a body from others of its kind.
_GENERAL: Final = frozenset(
    "local authority authorities regional primary secondary adult adults childrens children many most other own "
    "home homes care school schools main single whole small large independent state community category "
    "university hospital hospitals trust nhs council board healthy gp fe further higher general annual trusts acute "
    "mental maternity magistrates crown world church england catholic roman rc ce cofe methodist jewish muslim islamic christian hindu sikh anglican orthodox".split()
)
# Churches that have schools everywhere: "a Church of England school".
_CHURCHES: Final = frozenset((
    "church of england", "church in wales", "church of scotland", "c of e", "roman catholic", "catholic", "methodist",
    "anglican",
))  # fmt: skip
# Words to write small again in a name that a paper prints all in capitals.
_SMALL: Final = frozenset({"of", "the", "and", "in", "at", "for", "on"})
_PARTS_OF_COUNTRY: Final = frozenset(
    "north south east west eastern western northern southern midlands central london wales england of the and".split()
)
_POSTAL: Final = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?")  # the first half of a postcode
# Counties as headlines shorten them; both forms may only describe a body by where it is.
SHORTENED: Final = {
    "beds": "bedfordshire", "berks": "berkshire", "bucks": "buckinghamshire", "cambs": "cambridgeshire",
    "derbys": "derbyshire", "glos": "gloucestershire", "hants": "hampshire", "herts": "hertfordshire",
    "lancs": "lancashire", "leics": "leicestershire", "lincs": "lincolnshire", "mids": "midlands",
    "northants": "northamptonshire", "notts": "nottinghamshire", "oxon": "oxfordshire", "salop": "shropshire",
    "staffs": "staffordshire", "warks": "warwickshire", "wilts": "wiltshire", "worcs": "worcestershire",
    "yorks": "yorkshire",
}  # fmt: skip
_COUNTIES: Final = frozenset(
    {*SHORTENED, *SHORTENED.values()}
    | set(
        "kent essex cornwall devon dorset somerset suffolk norfolk sussex surrey cheshire cumbria durham rutland "
        "merseyside teesside tyneside northumberland avon middlesex fife moray angus borders highlands gwent powys "
        "gwynedd anglesey dyfed clwyd antrim armagh down fermanagh tyrone london scotland wales england jersey "
        "guernsey midlands yorkshire isle isles wight wirral scilly orkney shetland hebrides cotswolds".split()
    )
)


def owns(word: str) -> bool:
    """Whether a word is a possessive: "Kent's"."""
    return word[-2:-1] in _OWN and word[-1] in "sS"


def opens(words: Words, i: int) -> bool:
    """Whether a word begins a sentence or a quotation, so that its capital says nothing."""
    return i == 0 or words.gap(i).rstrip().endswith((":", "“", '"', "‘", " '", "|", "•", ".", "?", "!", "–"))


def run_before(words: Words, end: int, low: int, body: Body, *, plural: bool, heading: bool) -> int:
    """Where the name that leads up to word `end` begins, at `low` at the earliest; `end` where there is none."""
    first, joined, inside = end, False, False
    listed = body.form is not None or plural or (body.capitals and not body.loose)
    for i in range(end - 1, low - 1, -1):
        gap = _joint(words.gap(i + 1))
        if gap == ")" and not inside and i + 1 <= end:
            inside = True
        elif gap == "(" and inside:
            inside = False
        elif not _linked(words, i, gap, listed=listed and joined):
            break
        if (
            words.plain[i] in _NO_NAME
            and not words.written[i][-1:].isdigit()
            and not (inside or _in_compound(words, i))
        ):
            if not (words.plain[i] in _JOINING or words.plain[i] in {"of", "in", "c"}):
                break
        if _is_name(words, i, end):
            if owns(words.written[i]) and i < end - 1 and not _belongs(words, i, low, body):
                break
            first = i
        elif not (low < i < end and _joins(words, i, end, body)):
            break
        joined = joined or (words.plain[i] == "and" and not inside)
    first = _tidied(words, _behind_a_bracket(words, first, end), end, body, heading=heading)
    return _after_a_place(words, first, end, low, body, plural=plural)


def _behind_a_bracket(words: Words, first: int, end: int) -> int:
    """The first word after a bracket that only closes in the name: "(Unannounced) Elm Hospital"."""
    closed = [i for i in range(first + 1, end) if ")" in words.gap(i)]
    opened = any("(" in words.gap(i) for i in range(first + 1, end))
    return closed[-1] if closed and not opened else first


def _joint(gap: str) -> str:
    """What stands between two words; a dash with spaces around it is not a hyphen."""
    return gap.strip() if gap.strip() != "-" or gap == "-" else "–"


def _linked(words: Words, i: int, gap: str, *, listed: bool) -> bool:
    """Whether a word and the next, with `gap` between them, may belong to one name."""
    if gap in {"", "-", "‑", "%"} or (gap == "/" and words.written[i][0].isupper()):
        return True
    if gap == ".":
        return len(words.written[i]) <= 2 or words.plain[i] in {"drs", "sts"}
    if gap in _OWN:
        return words.written[i].endswith("s")
    return gap == "," and listed


def _in_compound(words: Words, i: int) -> bool:
    return words.gap(i) == "-" or (i + 1 < len(words) and words.gap(i + 1) == "-")


def _is_name(words: Words, i: int, end: int) -> bool:
    word = words.written[i]
    if word.isdigit():
        # "100% Care", "Care 4 You"
        return (
            i + 1 < len(words)
            and len(word) <= 3
            and (words.gap(i + 1).startswith("%") or (i > 0 and words.written[i - 1][0].isupper()))
        )
    if is_capital(word):
        return not (word.isupper() and words.plain[i] in _SMALL)
    if words.gap(i) in {"-", "‑"} and words.plain[i] in {"east", "west"}:
        return True  # "North-east England"
    return (
        i < end - 1
        and words.gap(i + 1) in {"-", "‑"}
        and words.plain[i] in _JOINING | {"the", "in", "le", "la"}
    )


def _joins(words: Words, i: int, end: int, body: Body) -> bool:
    """Whether a small word joins the name's words on either side of it."""
    word, before = words.plain[i], words.plain[i - 1]
    after = words.written[i + 1] if i + 1 < end else ""
    if word == "of":
        return (
            before in (_BEFORE_OF if body.form else _BEFORE_OF_IN_NAMES) and words.written[i - 1][0].isupper()
        )
    if word == "the":
        return before in {"and", "of", "on", "in", "under"} or words.plain[i + 1] in _BEHIND_THE
    if word in _JOINING:
        return (
            is_capital(words.written[i - 1]) or words.gap(i).strip() == "," or words.gap(i).strip() == ")"
        ) and (bool(after) or "partners" in words.plain[end : end + 2])
    if word == "in" and before == "church" and words.plain[i + 1 : i + 2] == ["wales"]:
        return True
    return word == "in" and after == "the" and words.written[i - 1][0].isupper()


def _belongs(words: Words, i: int, low: int, body: Body) -> bool:
    """Whether a possessive belongs to the name after it: "King's Stanley", not "Coggeshall's Honywood"."""
    if body.form is not None:
        return False
    owner = sought_owner(words.written[i])
    return owner in _OWNERS or (
        i - 1 >= low and words.plain[i - 1] in _OWNERS and not words.gap(i).strip(" .")
    )


def sought_owner(word: str) -> str:
    return normal_name(word[:-2])


def _tidied(words: Words, first: int, end: int, body: Body, *, heading: bool) -> int:
    """The first word that belongs to the name, of those with a capital."""
    while first < end:
        word, plain = words.written[first], words.plain[first]
        bare = sought_owner(word) if owns(word) else plain
        soft = (
            bare in _SOFT
            and words.plain[first : first + 2] != ["our", "lady"]
            and (opens(words, first) or heading or body.form is not None)
        )
        if soft and plain == "the" and first + 2 == end and words.plain[first + 1] in _WITH_ARTICLE:
            soft = False
        if soft and bare in {"new", "good", "national"} and not heading and first + 1 < end:
            soft = words.plain[first + 1] in _NO_NAME
        if (
            soft
            or plain in _JOINING
            or bare in _NO_NAME
            or (plain in {"of", "the", "in"} and word[0].islower())
        ):
            if not (plain == "y" and word == "Y"):  # a place in Wales
                first += 1
                continue
        break
    return first


def _after_a_place(words: Words, first: int, end: int, low: int, body: Body, *, plural: bool) -> int:
    """The first word of a name, after the rest of a place that comes before it: "in Kent and Maple Lodge"."""
    if (
        body.form is not None
        or plural
        or not low
        or first == 0
        or words.plain[first - 1] not in {"in", "near", "from"}
    ):
        return first
    ands = [i for i in range(first, end) if words.plain[i] == "and"]
    return ands[-1] + 1 if ands else first


def run_after(words: Words, start: int, stop: int, *, several: bool = False) -> int:
    """Where the name that begins at word `start` ends: the word behind it, `stop` at the latest."""
    end = start
    for i in range(start, stop):
        gap = _joint(words.gap(i)) if i > start else ""
        word, plain = words.written[i], words.plain[i]
        if gap not in {"", "-", "‑", ","} or (gap == "," and not _in_list(words, i, stop)):
            break
        if _POSTAL.fullmatch(word):
            break
        if (is_capital(word) and plain not in _NO_NAME) or (gap == "-" and plain in _JOINING):
            end = i + 1
            if owns(word):
                break
        elif not _leads_on(words, i, stop, several=several):
            break
    return end


def _leads_on(words: Words, i: int, stop: int, *, several: bool) -> bool:
    plain = words.plain[i]
    following = words.written[i + 1] if i + 1 < stop and not words.gap(i + 1).strip(" -") else ""
    named = bool(following) and is_capital(following) and words.plain[i + 1] not in _NO_NAME
    if plain == "and":
        return named or (following == "the" and i + 2 < stop and is_capital(words.written[i + 2]))
    if plain == "of":
        return named and words.plain[i - 1] in _BEFORE_OF
    return plain == "the" and i > 0 and words.plain[i - 1] in {"and", "of"} and named


def _in_list(words: Words, i: int, stop: int) -> bool:
    """Whether a comma stands within a list that an "and" closes."""
    for n in range(i, min(stop, i + 12)):
        if words.plain[n] == "and":
            return n > i and n + 1 < stop and is_capital(words.written[n + 1])
        if not is_capital(words.written[n]) or words.gap(n).strip() not in {"", ",", "-"}:
            return False
    return False


def area_of(words: Words, first: int, last: int, body: Body) -> str:
    """The words from `first` up to `last` as an area; empty for a nation, and where no area is left."""
    if first >= last:
        return ""
    stretch = words.text[words.starts[first] : words.ends[last - 1]]
    closing = _CLOSING.match(words.text, words.ends[last - 1])
    stretch += closing[0] if closing and body.form is None else ""
    stretch = re.sub(r"\s*\([A-Z]{2,6}$", "", stretch) if stretch.count("(") > stretch.count(")") else stretch
    stretch = re.sub(r"\s*\([A-Z]{2,6}\)", "", stretch) if body.form else stretch
    if stretch.count("(") > stretch.count(")"):
        stretch += ")"
    area = " ".join(stretch.split())
    shout = area.split(" ")[0]
    if len(shout) > 4 and shout.isupper() and not area.isupper():
        area = shout.capitalize() + area[len(shout) :]  # a paper's first word
    if body.form is not None:
        area = re.sub(r"\s*&\s*", " and ", area)
        area = _COUNCIL.sub("", re.sub(r"['’]s?$", "", area))
        if {"Prison", "Prisons"} & set(area.split()):
            return ""
    plain = normal_name(re.sub(r"['’]s?$", "", area))
    general = plain in _CHURCHES or all(word in _GENERAL or is_common(word) for word in plain.split())
    return "" if general or plain in _NATIONS else area


def is_part_of_country(area: str) -> bool:
    """Whether an area is only a part of the country: "South West probation" may be any body there."""
    return _PARTS_OF_COUNTRY.issuperset(normal_name(area).split())


def is_county(area: str) -> bool:
    """Whether an area is a county or nation, so that it describes a body rather than names it."""
    return set(normal_name(area).split()) <= _COUNTIES | _PARTS_OF_COUNTRY | {"shire", "mid"}


def is_town(area: str) -> bool:
    """Whether an area is a UK town, so that with a common noun it describes a body: "Ipswich college"."""
    return normal_name(area) in _towns()


@cache
def _towns() -> frozenset[str]:
    lines = files("digest.extract").joinpath("towns.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(normal_name(line) for line in lines if not line.startswith("#"))


def is_house(plain: Sequence[str]) -> bool:
    """Whether the words are an article and one more, as in a house's name: "The Grange"."""
    return len(plain) == 2 and plain[0] == "the" and plain[1] in _WITH_ARTICLE


def is_road(word: str) -> bool:
    return word in _ROADS


def is_common(word: str) -> bool:
    """Whether a word (in its plain form) is never a name by itself, even with a capital."""
    return word in _NO_NAME or word in _SOFT or word in _JOINING
