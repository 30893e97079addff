"""The kinds of bodies that stories are told of, with the words people use of them; all names are invented."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One kind of inspected body."""

    kind: str  # "care home"
    kinds: str
    inspectorate: str
    scale: str
    watchdog: str  # as a sentence names it, with its article
    site: str  # the inspectorate's own page about one body
    names: tuple[str, ...]
    head: str  # who runs one
    parts: tuple[str, ...]  # parts of one that no scale names as an aspect
    filler: tuple[str, ...]  # what a story says besides, without any grade word
    aspects: tuple[str, ...]  # a few of the scale's
    overall: bool = True
    marks: tuple[str, ...] = ()  # words in a name that tell the kind among an inspectorate's others


PLACES = (
    "Marlingham",
    "Hexworth",
    "Coldbeck",
    "Swanmere",
    "Tarrowby",
    "Wexcombe",
    "Penmarrow",
    "Ouseborough",
    "Little Stainforth",
    "Ardenbridge",
)

TRADES = (
    Trade(
        kind="care home",
        kinds="care homes",
        inspectorate="cqc",
        scale="cqc-4",
        watchdog="the Care Quality Commission",
        site="https://www.cqc.org.uk/location/1-{number}",
        names=(
            "Larkrise Care Home",
            "Bramley Court Care Home",
            "The Willows Nursing Home",
            "Ashgrove Residential Home",
            "Millstream Care Home",
            "St Agatha's Nursing Home",
        ),
        head="manager",
        parts=("dementia unit", "day centre", "respite wing", "intermediate care beds"),
        filler=(
            "The home in Station Road has 42 rooms and looks after people living with dementia.",
            "Relatives told the visiting team that staff knew each resident by name.",
            "Medicines are now counted twice a day, and a second nurse works at weekends.",
        ),
        aspects=("safe", "effective", "caring", "responsive", "well-led"),
        marks=("home", "care", "lodge", "house", "court"),
    ),
    Trade(
        kind="hospital",
        kinds="hospitals",
        inspectorate="cqc",
        scale="cqc-4",
        watchdog="the Care Quality Commission",
        site="https://www.cqc.org.uk/location/R{number}",
        names=(
            "Marlingham General Hospital",
            "St Bride's Hospital",
            "Swanmere Community Hospital",
            "Ouseborough Infirmary",
            "Princess Adelaide Hospital",
        ),
        head="chief executive",
        parts=("maternity services", "urgent and emergency care", "the stroke ward", "critical care"),
        filler=(
            "The hospital serves about 300,000 people on both sides of the river.",
            "Patients said nurses came quickly when called, even at night.",
            "Two wards have been rebuilt since the winter, and a scanner has been bought.",
        ),
        aspects=("safe", "effective", "caring", "responsive", "well-led"),
        marks=("hospital", "infirmary", "trust", "nhs"),
    ),
    Trade(
        kind="GP surgery",
        kinds="GP surgeries",
        inspectorate="cqc",
        scale="cqc-4",
        watchdog="the CQC",
        site="https://www.cqc.org.uk/location/2-{number}",
        names=("Coldbeck Surgery", "Hexworth Medical Centre", "Tarrowby Health Centre", "The Priory Surgery"),
        head="practice manager",
        parts=("minor injuries service", "dispensary", "travel clinic"),
        filler=(
            "The surgery has 9,400 registered patients and four partners.",
            "Patients can now book online, and the telephone queue has shortened.",
            "A pharmacist joined the team in the spring.",
        ),
        aspects=("safe", "effective", "caring", "responsive", "well-led"),
        marks=("surgery", "medical", "health centre", "practice", "dental"),
    ),
    Trade(
        kind="primary school",
        kinds="primary schools",
        inspectorate="ofsted",
        scale="ofsted-4",
        watchdog="Ofsted",
        site="https://reports.ofsted.gov.uk/provider/21/{number}",
        names=(
            "Tarrowby Primary School",
            "St Wilfrid's Primary School",
            "Hexworth Church of England Primary School",
            "Fern Hill Infant School",
            "Marlingham Junior School",
        ),
        head="headteacher",
        parts=("breakfast club", "specially resourced provision", "forest school"),
        filler=(
            "The school in Church Lane has 210 pupils on its roll.",
            "Pupils read to an adult every day, and a new library has opened in the old hall.",
            "Parents praised the way in which children are welcomed at the gate.",
        ),
        aspects=(
            "quality of education",
            "behaviour and attitudes",
            "personal development",
            "leadership and management",
        ),
        marks=("primary", "infant", "junior"),
    ),
    Trade(
        kind="secondary school",
        kinds="secondary schools",
        inspectorate="ofsted",
        scale="ofsted-4",
        watchdog="Ofsted",
        site="https://reports.ofsted.gov.uk/provider/23/{number}",
        names=(
            "Ouseborough High School",
            "Swanmere Academy",
            "Ardenbridge Grammar School",
            "Sir Thomas Pell School",
        ),
        head="headteacher",
        parts=("boarding house", "alternative provision centre", "hearing support unit"),
        filler=(
            "The school teaches 1,140 pupils between 11 and 16.",
            "Attendance has risen in every year group, and lessons start on time.",
            "A new science block is to open after the summer holidays.",
        ),
        aspects=(
            "quality of education",
            "behaviour and attitudes",
            "personal development",
            "leadership and management",
        ),
        marks=("school", "academy", "college", "high"),
    ),
    Trade(
        kind="nursery",
        kinds="nurseries",
        inspectorate="ofsted",
        scale="ofsted-4",
        watchdog="Ofsted",
        site="https://reports.ofsted.gov.uk/provider/16/EY{number}",
        names=(
            "Little Acorns Day Nursery",
            "Penmarrow Pre-School",
            "Busy Beavers Nursery",
            "Puddle Lane Nursery",
        ),
        head="manager",
        parts=("holiday club", "out of school club"),
        filler=(
            "The nursery cares for 60 children under five in two converted barns.",
            "Children grow their own beans, and staff talk with parents every evening.",
            "A new garden was opened last autumn.",
        ),
        aspects=(
            "quality of education",
            "behaviour and attitudes",
            "personal development",
            "leadership and management",
        ),
        marks=("nursery", "pre-school", "preschool", "playgroup"),
    ),
    Trade(
        kind="probation unit",
        kinds="probation units",
        inspectorate="hmi-probation",
        scale="hmi-probation-4",
        watchdog="HM Inspectorate of Probation",
        site="https://hmiprobation.justiceinspectorates.gov.uk/document/{number}",
        names=("Marlingham PDU", "Hexworth and Coldbeck PDU", "Penmarrow PDU", "North Wexcombe PDU"),
        head="head of the unit",
        parts=("approved premises", "the women's team", "the bail information scheme"),
        filler=(
            "The unit supervises about 1,900 people from two offices.",
            "New officers have been recruited, yet one post in five stands empty.",
            "People on probation said that they are seen on time and in private.",
        ),
        aspects=("leadership", "staffing", "services", "assessment", "planning"),
        marks=("pdu", "probation", "crc", "nps", "region", "division"),
    ),
    Trade(
        kind="youth justice service",
        kinds="youth justice services",
        inspectorate="hmi-probation",
        scale="hmi-probation-4",
        watchdog="HM Inspectorate of Probation",
        site="https://hmiprobation.justiceinspectorates.gov.uk/document/yjs{number}",
        names=(
            "Swanmere Youth Justice Service",
            "Tarrowby Youth Justice Service",
            "Ardenbridge Youth Justice Service",
        ),
        head="head of service",
        parts=("the junior attendance centre", "the girls' project", "the prevention team"),
        filler=(
            "The service works with about 90 children and their families.",
            "A speech therapist and a nurse sit with the case managers.",
            "Board members visit the team twice a year.",
        ),
        aspects=("assessment", "planning", "implementation and delivery", "reviewing"),
        marks=("youth", "yjs", "yot", "yos"),
    ),
    Trade(
        kind="prison",
        kinds="prisons",
        inspectorate="hmi-prisons",
        scale="hmip-hpt-4",
        watchdog="HM Inspectorate of Prisons",
        site="https://hmiprisons.justiceinspectorates.gov.uk/hmipris_reports/{number}",
        names=("HMP Coldbeck", "HMP Ouseborough", "HMP Hexworth", "HMYOI Swanmere"),
        head="governor",
        parts=("the segregation unit", "the health care wing", "the open unit"),
        filler=(
            "The prison holds about 640 men, most of them on remand.",
            "Men were unlocked for five hours a day, and the workshops were half full.",
            "A new kitchen had been built.",
        ),
        aspects=("safety", "respect", "purposeful activity", "preparation for release"),
        overall=False,
    ),
    Trade(
        kind="police force",
        kinds="police forces",
        inspectorate="hmicfrs",
        scale="hmicfrs-5",
        watchdog="HMICFRS",
        site="https://hmicfrs.justiceinspectorates.gov.uk/publications/peel-{number}",
        names=("Wexshire Police", "Ardenshire Constabulary", "West Marland Police"),
        head="chief constable",
        parts=("the dog section", "the firearms licensing unit", "the custody suite"),
        filler=(
            "The force has 2,300 officers and covers three counties.",
            "Callers wait less long than they did, and neighbourhood teams are at full strength.",
            "A new control room opened in the autumn.",
        ),
        aspects=(
            "responding to the public",
            "investigating crime",
            "protecting vulnerable people",
            "recording data about crime",
        ),
        overall=False,
        marks=("police", "constabulary"),
    ),
    Trade(
        kind="fire and rescue service",
        kinds="fire and rescue services",
        inspectorate="hmicfrs",
        scale="hmicfrs-5",
        watchdog="HMICFRS",
        site="https://hmicfrs.justiceinspectorates.gov.uk/publications/frs-{number}",
        names=("Wexshire Fire and Rescue Service", "Marland Fire and Rescue Service"),
        head="chief fire officer",
        parts=("the training centre", "the control room", "the museum"),
        filler=(
            "The service has 22 stations and 540 firefighters.",
            "Home visits have been doubled since the spring.",
            "A new training ground was opened last year.",
        ),
        aspects=(
            "understanding fire and risk",
            "preventing fire and risk",
            "responding to major incidents",
            "promoting values and culture",
        ),
        overall=False,
        marks=("fire",),
    ),
    Trade(
        kind="care home",
        kinds="care homes",
        inspectorate="care-inspectorate",
        scale="ci-6",
        watchdog="the Care Inspectorate",
        site="https://www.careinspectorate.com/index.php/care-services?detail={number}",
        names=("Glenavon Care Home", "Kirkbrae House Care Home", "Strathbeg Nursing Home"),
        head="manager",
        parts=("the day service", "the respite unit"),
        filler=(
            "The home has 38 rooms on two floors, above the harbour.",
            "Residents helped to plan the garden, and meals were unhurried.",
            "Agency staff are seldom needed now.",
        ),
        aspects=("wellbeing", "leadership", "setting", "planning"),
        overall=False,
    ),
)
RATED = tuple(trade for trade in TRADES if trade.overall)


def trade_of(inspectorate: str | None, provider: str | None) -> Trade | None:
    """The trade of a body that a labelled text names; None where no trade is of its inspectorate."""
    own = [trade for trade in TRADES if trade.inspectorate == inspectorate]
    called = (provider or "").casefold()
    trade = next((t for t in own if any(word in called for word in t.marks)), own[0] if own else None)
    if trade and trade.kind == "probation unit" and "pdu" not in called:
        return replace(trade, kind="probation service", kinds="probation services")
    return trade
