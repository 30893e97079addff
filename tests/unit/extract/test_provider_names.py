"""Provider names as texts write them, and as the register knows them."""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

from digest.adapters.config.files import load
from digest.adapters.config.packaged import packaged
from digest.extract.blocks import Block, BlockKind, sentences
from digest.extract.cast import Form, Role
from digest.extract.names import cast_of
from digest.providers import Provider, Register

WRITTEN = [
    ("HMI Probation inspected Durham Tees Valley Community Rehabilitation Company (CRC) in May.", ["Durham Tees Valley CRC"]),
    ("The Kent, Surrey and Sussex CRC has been praised.", ["Kent, Surrey and Sussex CRC"]),
    ("Cumbria & Lancashire CRC has been praised.", ["Cumbria and Lancashire CRC"]),
    ("Portsmouth and the Isle of Wight Probation Delivery Unit (PDU) has slipped.", ["Portsmouth and the Isle of Wight PDU"]),
    ("Newham PDU and Barking, Dagenham and Havering PDU were seen.", ["Newham PDU", "Barking, Dagenham and Havering PDU"]),
    ("Inspectors of Manchester North, Tameside and Wigan PDUs reported.", ["Manchester North PDU", "Tameside PDU", "Wigan PDU"]),
    ("The Director of Kirklees PDU said so.", ["Kirklees PDU"]),
    ("Cardiff's Youth Justice Service (YJS) is better.", ["Cardiff Youth Justice Service"]),
    ("Gwynedd and Ynys Môn Youth Justice Service has done well.", ["Gwynedd and Ynys Môn Youth Justice Service"]),
    ("Reading Borough Council’s youth offending service was visited.", ["Reading Youth Offending Service"]),
    ("The London Borough of Lambeth's Youth Justice Service grew.", ["Lambeth Youth Justice Service"]),
    ("The youth justice service for South Tees has had praise.", ["South Tees Youth Justice Service"]),
    ("An inspection of youth justice services in Reading.", ["Reading Youth Justice Service"]),
    ("The North West Division of the National Probation Service (NPS) is good.", ["NPS North West division"]),
    ("The National Probation Service’s South West division did well.", ["NPS South West division"]),
    ("NPS Wales was visited.", ["NPS Wales"]),
    ("The CRC and National Probation Service in Cumbria were seen.", ["Cumbria CRC", "NPS Cumbria"]),
    ("Merseyside Probation Trust was visited.", ["Merseyside Probation Trust"]),
    ("The Kent, Surrey and Sussex (KSS) region of the Probation Service is strained.", ["Kent, Surrey and Sussex region"]),
    ("Probation services in the East of England must improve.", ["East of England Probation Service"]),
    ("Youth justice services across England and Wales are good.", []),
    ("HM Prison and Probation Service said so.", []),
    ("The Youth Justice Service is good.", []),
]  # fmt: skip


INSPECTORATES = load(packaged("config")).inspectorates
PROBATION = INSPECTORATES.named("hmi-probation")


def cast(text, register=None, kind=BlockKind.PARAGRAPH):
    return [
        n.name for n in cast_of((Block(kind=kind, text=text),), register or Register(), PROBATION.bodies).all
    ]


@pytest.mark.parametrize(("text", "expected"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_a_name_is_found_and_tidied(text, expected):
    assert cast(text) == expected


def test_the_registers_name_is_preferred():
    register = Register(
        [
            Provider(
                id="x",
                name="Durham Tees Valley",
                kind="CRC",
                inspectorate="hmi-probation",
                aliases=("Durham Tees Valley Community Rehabilitation Company",),
            )
        ]
    )

    assert cast("Durham Tees Valley CRC was seen.", register) == ["Durham Tees Valley"]


def test_an_area_of_another_kind_of_body_is_not_the_registers():
    register = Register([Provider(id="x", name="Surrey", kind="YJS", inspectorate="hmi-probation")])

    assert cast("Surrey PDU was seen.", register) == ["Surrey PDU"]
    assert cast("Surrey Youth Justice Service was seen.", register) == ["Surrey"]


def test_a_body_without_a_sure_form_is_found_by_the_register():
    register = Register([Provider(id="x", name="Oak House", kind="care home", inspectorate="cqc")])

    assert cast("Inspectors went to Oak House in May.", register) == ["Oak House"]


def test_a_headline_gives_a_name_only_where_the_text_gives_none():
    assert cast("Praise For Ambledon PDU", kind=BlockKind.HEADING) == ["Ambledon PDU"]


def test_an_area_alone_counts_once_its_body_was_named():
    found = cast_of(
        (Block(kind=BlockKind.PARAGRAPH, text="Bridgend Youth Justice Service grew."),),
        Register(),
        PROBATION.bodies,
    )

    assert [m.named.name for m in found.mentions("Bridgend itself was new.")] == [
        "Bridgend Youth Justice Service"
    ]
    assert found.mentions("Bridgendshire was not.") == ()


def troupe(key, text, register=None):
    judge = INSPECTORATES.named(key)
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=part) for part in text.split("\n"))
    return cast_of(blocks, register or Register(), judge.bodies, judge)


def mentions(key, text):
    """Who is mentioned in a text: their names, or the words themselves where those only describe."""
    found = troupe(key, text)
    return [
        (m.named.name or sentence[m.start : m.end], m.form, m.role)
        for part in text.split("\n")
        for sentence in sentences(part)
        for m in found.all_mentions(sentence)
    ]


WHOLE = [
    ("ofsted", "Inspectors visited St. Mary's C of E Primary School in Leeds.", "St. Mary's C of E Primary School"),
    ("ofsted", "Oasis Academy: Brightstowe has been rated good by Ofsted.", "Oasis Academy: Brightstowe"),
    ("ofsted", "Oasis Academy Brightstowe has been rated good by Ofsted.", "Oasis Academy Brightstowe"),
    ("ofsted", "Bourne Westfield (Aided) Primary School is good.", "Bourne Westfield (Aided) Primary School"),
    ("ofsted", "King’s Stanley Primary School is good.", "King’s Stanley Primary School"),
    ("ofsted", "Coggeshall’s Honywood School is good.", "Honywood School"),
    ("cqc", "It has wards at The Larches Centre in Shrewsbury and St Bride's Hospital in Stafford.", "St Bride's Hospital"),
    ("cqc", "St Bride's University Hospitals NHS Foundation Trust was rated good.", "St Bride's University Hospitals NHS Foundation Trust"),
    ("ofsted", "Great Smeaton Academy Primary School was rated good.", "Great Smeaton Academy Primary School"),
    ("ofsted", "Our Lady of Lourdes Catholic Primary School is good.", "Our Lady of Lourdes Catholic Primary School"),
    ("ofsted", "St Joseph's Boys' School is good.", "St Joseph's Boys' School"),
    ("ofsted", "Ofsted criticised The Grange Nursery on Doctors Lane.", "The Grange Nursery"),
    ("ofsted", "STAFF of GODDARD Park Primary School are glad.", "Goddard Park Primary School"),
    ("ofsted", "Thurrock Council was good.", "Thurrock Council"),
    ("cqc", "100% Homecare is good.", "100% Homecare"),
    ("cqc", "The Grange Care Home is good.", "The Grange Care Home"),
    ("cqc", "In May The Willows Care Home was good.", "The Willows Care Home"),
    ("cqc", "Dr Smith & Partners is good.", "Dr Smith & Partners"),
    ("cqc", "St Mary’s Hospital, Isle of Wight, is good.", "St Mary’s Hospital"),
    ("cqc", "East Kent Hospitals University NHS Foundation Trust is good.", "East Kent Hospitals University NHS Foundation Trust"),
    ("cqc", "University Hospitals Dunmere NHS Foundation Trust is good.", "University Hospitals Dunmere NHS Foundation Trust"),
    ("cqc", "Our House was awarded a 'good' rating after an inspection.", "Our House"),
    ("cqc", "On February 1, Nak Centre was judged to be 'good'.", "Nak Centre"),
    ("ofsted", "Inspectors went to Saint Osyth in Mill Lane in May.", "Saint Osyth"),
    ("hmi-probation", "Leeds (East) PDU is good.", "Leeds (East) PDU"),
    ("cqc", "The College Surgery Partnership in Cullompton is good.", "College Surgery Partnership"),
    ("cqc", "East Anglia Domiciliary Care Branch supports people.", "East Anglia Domiciliary Care Branch"),
    ("cqc", "West Midlands Ambulance Service University NHS Foundation Trust is good.", "West Midlands Ambulance Service University NHS Foundation Trust"),
    ("cqc", "We went to Dr Gordon Jones (Ashover Medical Centre) in May.", "Dr Gordon Jones (Ashover Medical Centre)"),
    ("ofsted", "In May the Oldham Academy North was good.", "Oldham Academy North"),
    ("ofsted", "Exeter Royal Academy for Deaf Education is poor.", "Exeter Royal Academy for Deaf Education"),
    ("ofsted", "Trafford College Group is good.", "Trafford College Group"),
    ("ofsted", "Little Acorns Baby Unit is good.", "Little Acorns Baby Unit"),
    ("ofsted", "Harrow-based Academy Training Group was branded ‘inadequate’ by Ofsted.", "Academy Training Group"),
    ("ofsted", "Grimsby Institute Group* earned its grade-one report from Ofsted.", "Grimsby Institute Group"),
    ("ofsted", "Birmingham City University, which has many apprentices, maintained its grade two in its latest Ofsted report.", "Birmingham City University"),
    ("ofsted", "Leaders at Wakefield Metropolitan District Council’s adult and community learning service were praised.", "Wakefield Metropolitan District Council’s adult and community learning service"),
    ("ofsted", "Bradford children's services are poor.", "Bradford children's services"),
    ("estyn", "Llangors Church in Wales Primary School was inspected.", "Llangors Church in Wales Primary School"),
    ("estyn", "Ysgol y Graig was inspected.", "Ysgol y Graig"),
    ("hiw", "Inspectors went to Ysbyty Gwynedd in April.", "Ysbyty Gwynedd"),
    ("care-inspectorate", "St Mungo's Nursery Class is good.", "St Mungo's Nursery Class"),
    ("care-inspectorate", "Robert Douglas Memorial Home achieved 6 out of 6.", "Robert Douglas Memorial Home"),
    ("hmi-prisons", "Campsfield House Immigration Removal Centre was seen.", "Campsfield House Immigration Removal Centre"),
    ("cjini", "Ash House women’s prison was seen.", "Ash House women’s prison"),
    ("hmicfrs", "Inspectors congratulate Avon and Somerset Constabulary.", "Avon and Somerset Constabulary"),
    ("hmicfrs", "London Fire Brigade is good.", "London Fire Brigade"),
    ("hmicfrs", "Image Kent Police is good.", "Kent Police"),
    ("hmi-probation", "The Kent, Surrey and Sussex CRC is good.", "Kent, Surrey and Sussex CRC"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "name"), WHOLE, ids=[name for _, _, name in WHOLE])
def test_a_name_is_taken_whole_word_for_word(key, text, name):
    assert [n.name for n in troupe(key, text).all] == [name]


FORMS = [
    ("cqc", "Fernbank Care Home is good. Fernbank is in Leeds.", "Fernbank Care Home"),
    ("hmi-prisons", "Leeds prison was seen. HMP Leeds is good. Leeds Prison is old.", "HMP Leeds"),
    ("hmi-probation", "Thornely Youth Justice Service (YJS) is good. Thornely YJS grew.", "Thornely Youth Justice Service"),
    ("hmi-probation", "Dunmere and Corran CRC (DIOC CRC) is good. DIOC grew.", "Dunmere and Corran CRC"),
    ("ofsted", "Bedfield Church of England Primary School is good. Bedfield Primary grew.", "Bedfield Church of England Primary School"),
    ("ofsted", "The Grange Nursery is good. Ofsted saw The Grange Nursery.", "The Grange Nursery"),
    ("cqc", "Dunmurry Manor Care Home is good. Dunmurry Manor grew.", "Dunmurry Manor Care Home"),
    ("cqc", "Mid-Cornwall Surgery (MCS) is good. Staff at MCS are glad.", "Mid-Cornwall Surgery"),
    ("hmi-probation", "Corran Youth Justice Service (CYJS) is good. CYJS grew.", "Corran Youth Justice Service"),
    ("cqc", "Leonard Cheshire House is good. Cheshire House grew.", "Leonard Cheshire House"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "name"), FORMS, ids=[name for _, _, name in FORMS])
def test_the_forms_of_one_body_are_one(key, text, name):
    assert {n.name for n in troupe(key, text).all} == {name}
    assert {found for found, form, _ in mentions(key, text) if form is not Form.OTHER} == {name}


def test_schools_named_after_one_saint_are_different_schools():
    text = "St Mary's Primary School is good. St Mary's High School is not. St Mary's is near."

    assert [n.name for n in troupe("ofsted", text).all] == [
        "St Mary's Primary School",
        "St Mary's High School",
    ]
    assert "St Mary's" not in [name for name, form, _ in mentions("ofsted", text) if form is Form.AREA]


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("cqc", "A Kent care home is poor.", "Kent care home"),
        ("cqc", "An Allerton Bywater nursing home is poor.", "Allerton Bywater nursing home"),
        ("ofsted", "The first Herts school was seen.", "Herts school"),
        ("cqc", "Cornwall nursing home is poor.", "Cornwall nursing home"),
        ("cqc", "Yorkshire hospital trust told to improve.", "Yorkshire hospital trust"),
        ("hmi-probation", "Inspectors rated the Acme-owned CRC.", "Acme-owned CRC"),
        ("ofsted", "Exmouth primary school is good. It is in Exmouth.", "Exmouth primary school"),
    ],
)
def test_words_that_only_describe_are_no_name(key, text, words):
    assert troupe(key, text).all == ()
    assert (words, Form.DESCRIPTOR, Role.PLAIN) in mentions(key, text)


ROLES = [
    ("cqc", "Elm Care Home, run by Oak Care Home, is good.", Role.OWNER),
    ("cqc", "Elm Care Home is part of Oak Care Home.", Role.OWNER),
    ("cqc", "Elm is good. Oak Care Home also runs Elm Lodge.", Role.OWNER),
    ("cqc", "Oak Care Home's spokesman said so.", Role.OWNER),
    ("cqc", "Maternity services at Oak Hospital fell.", Role.PART),
    ("cqc", "Oak Hospital's A&E fell.", Role.PART),
    ("cqc", "The Rowan ward at Oak Hospital fell.", Role.PART),
    ("cqc", "Urgent care at Oak Hospital fell.", Role.PART),
    ("cqc", "Standards of care at Oak Hospital fell.", Role.PLAIN),
    ("ofsted", "The sixth form of Oak College fell.", Role.PART),
    ("cqc", "Nearby Oak Care Home is poor.", Role.NEIGHBOUR),
    ("cqc", "Unlike Oak Care Home, it is good.", Role.NEIGHBOUR),
    ("cqc", "Compared with Oak Care Home, it is good.", Role.NEIGHBOUR),
    ("cqc", "Its sister home, Oak Care Home, is good.", Role.NEIGHBOUR),
    ("ofsted", "The shop is near Oak School.", Role.NEIGHBOUR),
    ("cqc", "The home, formerly Oak Care Home, is good.", Role.PREDECESSOR),
    ("hmi-probation", "It replaced Oak CRC last year.", Role.PREDECESSOR),
    ("hmi-probation", "The unit, which was part of Oak CRC, is good.", Role.PREDECESSOR),
    ("hmi-probation", "Its predecessor Oak CRC was poor.", Role.PREDECESSOR),
    ("cqc", "Oak Care Home said it was glad.", Role.SPEAKER),
    ("cqc", "A spokesman for Oak Care Home spoke.", Role.SPEAKER),
    ("cqc", "The CQC said Oak Care Home was poor.", Role.PLAIN),
    ("cqc", "The minor injuries service at Oak Medical Centre fell.", Role.PART),
    ("cqc", "At Oak Hospital, only the dementia unit was seen.", Role.PART),
    ("cqc", "Those who went to Oak Hospital looked only at the respite wing.", Role.PART),
    ("ofsted", "The holiday club, which belongs to Oak Nursery, fell.", Role.PART),
    ("cqc", "The overall service at Oak Hospital fell.", Role.PLAIN),
    ("cqc", "Its neighbour Oak Care Home is poor.", Role.NEIGHBOUR),
    ("cqc", "Oak Care Home, also in York, is poor.", Role.NEIGHBOUR),
    ("cqc", "Three miles up the road, Oak Care Home is poor.", Role.NEIGHBOUR),
    ("cqc", "Among others in the area, Oak Care Home is poor.", Role.NEIGHBOUR),
    ("cqc", "Elsewhere, Oak Care Home is poor.", Role.NEIGHBOUR),
    ("ofsted", "Elm College merged with the ‘inadequate’ Oak College.", Role.PREDECESSOR),
    ("ofsted", "Elm School is good. Oak City Council, which runs Elm School, is glad.", Role.OWNER),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "role"), ROLES, ids=[text for _, text, _ in ROLES])
def test_the_words_around_a_name_say_in_which_role_it_is_named(key, text, role):
    assert [r for name, _, r in mentions(key, text) if name.startswith("Oak")] == [role]


NO_BODY = [
    ("cqc", "The Chief Inspector of General Practice spoke."),
    ("cqc", "The GP surgery is good."),
    ("cqc", "The Trust's surgery is good."),
    ("cqc", "Leeds Crown Court and Cirencester Magistrates Court heard it."),
    ("cqc", "It is World Hospice Day."),
    ("ofsted", "The only FE college is good."),
    ("ofsted", "Local Authority Children's Services were rated good."),
    ("ofsted", "It breaks the Education Act 2005 and the Regulated Activities Regulations."),
    ("ofsted", "The Register of Apprenticeship Training Providers was rated good."),
    ("ofsted", "England has been rated good by Ofsted."),
    ("ofsted", "Jane Moor was rated good by Ofsted."),
    ("hmicfrs", "Kent Police and Crime Commissioner spoke."),
    ("hmicfrs", "England's police force is good."),
    ("hmi-probation", "The annual probation report is out."),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text"), NO_BODY, ids=[text for _, text in NO_BODY])
def test_words_with_capitals_that_are_no_body(key, text):
    assert troupe(key, text).all == ()


def page(key, *lines):
    """Who is named where the lines that begin with "#" stand alone, as headings do."""
    judge = INSPECTORATES.named(key)
    blocks = [
        Block(kind=BlockKind.HEADING if line.startswith("#") else BlockKind.PARAGRAPH, text=line.lstrip("# "))
        for line in lines
    ]
    return [n.name for n in cast_of(blocks, Register(), judge.bodies, judge).all]


HEADS = [
    ("cqc", ("# Lowenva", "For extracts, read the latest CQC inspection for Lowenva."), "Lowenva"),
    ("cqc", ("# The Grange", "Read the latest CQC inspection for The Grange."), "The Grange"),
    ("cqc", ("# Quality Lifestyle Ltd", "Staff of Quality Lifestyle Ltd are kind. Quality Lifestyle is small."), "Quality Lifestyle Ltd"),
    ("cqc", ("# Capital Homecare (UK) Limited", "Capital Homecare (UK) Limited is an agency."), "Capital Homecare (UK) Limited"),
    ("cqc", ("# Key inspection report", "Name: Address: Victoria Lodge 138 Thorne Road Doncaster DN3 2LU"), "Victoria Lodge"),
    ("ofsted", ("# School report", "# The Oldham Academy North", "Broadway, Oldham, OL2 5BF", "It is good."), "The Oldham Academy North"),
    ("ofsted", ("# Toddler's University", "# Inspection report for early years provision", "It is good."), "Toddler's University"),
    ("ofsted", ("# Failures see Newham downgraded to 'inadequate'", "The council is poor."), "Newham"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "lines", "name"), HEADS, ids=[name for _, _, name in HEADS])
def test_a_line_that_is_nothing_but_a_name_says_whom_a_report_is_about(key, lines, name):
    assert page(key, *lines) == [name]


@pytest.mark.parametrize(
    "lines",
    [
        ("# Jane Moor", "Jane Moor is a manager. Staff like Jane Moor."),
        ("# Good Practice", "We saw Good Practice in it."),
        ("# Latest Inspection", "The Latest Inspection was in May."),
        ("# Annual Report", "The National Archives, Kew, London TW9 4DU"),
    ],
)
def test_a_line_that_names_nobody_who_is_inspected_gives_no_name(lines):
    assert page("cqc", *lines) == []


def test_hospitals_are_not_the_trust_that_runs_them():
    text = "The trust which runs Kent's hospitals is good.\nOak Hospital and Elm Hospital were seen.\nKent Hospitals NHS Trust is glad."

    assert [n.name for n in troupe("cqc", text).all] == ["Kent Hospitals NHS Trust"]


def test_a_text_about_several_inspections_is_recognised():
    one = "Sunny Farm was rated good by Ofsted."

    assert not troupe("ofsted", one).several
    assert troupe("ofsted", f"{one}\nGrimsby Institute Group was rated poor by Ofsted.").several


def test_the_words_for_a_part_are_kept():
    found = troupe("cqc", "Maternity services at Oak Hospital fell.").all_mentions(
        "Maternity services at Oak Hospital fell."
    )

    assert [m.part for m in found] == ["Maternity services"]


def test_a_council_in_a_text_about_its_school_is_the_owner_unless_it_was_inspected_itself():
    school = "Elm School is good.\nIn all this Oak City Council helps."
    itself = "Oak City Council has been rated good. Elm School is good.\nIn all this Oak City Council helps."

    assert [r for n, _, r in mentions("ofsted", school) if n.startswith("Oak")] == [Role.OWNER]
    assert [r for n, _, r in mentions("ofsted", itself) if n.startswith("Oak")] == [Role.PLAIN] * 2


def test_each_of_a_list_is_mentioned():
    kinds = [
        ("hmi-probation", "Kent and Essex PDUs are good.", ["Kent PDU", "Essex PDU"]),
        ("hmi-prisons", "Lewes and Ford prisons are good.", ["Lewes prison", "Ford prison"]),
        ("hmi-prisons", "HMPs Lewes and Ford are good.", ["HMP Lewes", "HMP Ford"]),
        (
            "hmi-probation",
            "Kent PDU, Essex PDU and Fife PDU are good.",
            ["Kent PDU", "Essex PDU", "Fife PDU"],
        ),
    ]
    for key, text, names in kinds:
        assert [name for name, _, _ in mentions(key, text)] == names


def test_a_stranger_is_somebody_else_and_people_and_places_are_no_bodies():
    text = "Elm Care Home is good.\nThe village is small. It is old. It is far away. Sunny Farm Shop was rated poor. Jane Moor said so. It is in Mill Lane."

    assert mentions("cqc", text)[1:] == [
        ("Sunny Farm Shop", Form.OTHER, Role.PLAIN),
        ("Jane Moor", Form.OTHER, Role.SPEAKER),
        ("Mill Lane", Form.OTHER, Role.PLACE),
    ]


def test_a_places_name_is_not_the_body_that_works_there():
    found = mentions(
        "hmi-probation", "Kent PDU is good. Kent Police helped. It rained in Kent. Kent's council was glad."
    )

    assert found[0] == ("Kent PDU", Form.NAME, Role.PLAIN)
    assert found[1] == ("Kent Police", Form.OTHER, Role.PLAIN)
    assert [role for _, _, role in found[2:]] == [Role.PLACE, Role.PLACE]


def home(id, *names):
    return Provider(id=id, name=names[0], kind="care home", inspectorate="cqc", aliases=names[1:])


def test_the_registers_name_and_id_are_given_whatever_the_spelling():
    known = Provider(id="s", name="St Mary's CofE Primary School", kind="school", inspectorate="ofsted")
    (named,) = troupe(
        "ofsted", "Saint Mary’s Church of England Primary School is good.", Register([known])
    ).all

    assert (named.name, named.provider_id) == (known.name, "s")


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Oak House in York is good.", "oak-house-york"),
        ("Oak House is good. It lies in Leeds.", "oak-house-leeds"),
        ("Oak House is good.\nIt stands at LS1 4AB.", "oak-house-leeds"),
        ("Oak House is good.", None),
        ("Oak House is between York and Leeds.", None),
    ],
)
def test_of_two_homes_of_one_name_the_one_whose_town_or_postcode_is_near_is_meant(text, id):
    register = Register(
        [home("oak-house-leeds", "Oak House", "LS1 4AB"), home("oak-house-york", "Oak House")]
    )
    (named,) = troupe("cqc", text, register).all

    assert (named.name, named.provider_id) == ("Oak House", id)


def test_a_registers_name_within_a_longer_one_is_somebody_else():
    register = Register([home("oak", "Oak House"), home("kent", "Kent PDU")])

    assert [n.provider_id for n in troupe("cqc", "Royal Oak House is good.", register).all] == [None]
    assert [n.provider_id for n in troupe("hmi-probation", "East Kent PDU is good.", register).all] == [None]


def test_a_name_of_the_register_that_is_written_as_common_words_is_none():
    register = Register([home("days", "Better Days")])

    assert troupe("cqc", "They hope for better days.", register).all == ()
    assert [n.provider_id for n in troupe("cqc", "Better Days is good.", register).all] == ["days"]


def test_a_kind_written_out_and_by_its_initials_is_one_body():
    told = "Inspectors went to Hampden Lodge PRU. Hampden Lodge Pupil Referral Unit is good."

    assert [n.name for n in troupe("ofsted", told).all] == ["Hampden Lodge Pupil Referral Unit"]


def test_a_trust_that_runs_services_owns_no_body_of_the_text():
    told = "Fenland NHS Foundation Trust, which runs mental health services, was seen. Elm Lodge, which Acorn Care runs, was not."

    assert {role for name, _, role in mentions("cqc", told) if name == "Fenland NHS Foundation Trust"} == {
        Role.PLAIN
    }


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("hiw", "Follow-up Inspection (Unannounced) Wrexham Maelor Hospital", "Wrexham Maelor Hospital"),
        ("hiw", "Inspection (announced): Elm Park Surgery was visited.", "Elm Park Surgery"),
        ("ciw", "Inspectors visited Cylch Meithrin Cei Newydd before it moved.", "Cylch Meithrin Cei Newydd"),
        ("estyn", "Meithrinfa Pontnewydd was visited in May.", "Meithrinfa Pontnewydd"),
        ("care-inspectorate", "Inspectors visited Elm Daycare in May.", "Elm Daycare"),
    ],
)
def test_nurseries_and_hospitals_have_their_names_without_what_stands_before(key, text, expected):
    judge = INSPECTORATES.named(key)
    found = cast_of((Block(kind=BlockKind.PARAGRAPH, text=text),), Register(), judge.bodies, judge)

    assert [n.name for n in found.all] == [expected]


@pytest.mark.parametrize(
    ("judge", "text", "names"),
    [
        ("ofsted", "The Ipswich college was praised by Ofsted.", []),  # a town and what is there
        ("ofsted", "Ipswich College was praised by Ofsted.", ["Ipswich College"]),
        ("ofsted", "It is a Church of England school. Ofsted praised it.", []),
        ("hmi-probation", "Leeds (East) PDU is good.", ["Leeds (East) PDU"]),
    ],
)
def test_towns_beliefs_and_brackets_before_a_name_are_no_part_of_it(judge, text, names):
    assert [n.name for n in troupe(judge, text).all] == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Fern's Academy Nursery Day Care of Children Ferntower Road Crieff PH7 3AN",
            "Fern's Academy Nursery",
        ),
        ("Bright Horizons Day Care Centre Day Care of Children", "Bright Horizons Day Care Centre"),
        ("Fern Lodge School Care Accommodation Service 3 High Street Perth PH1 1AA", "Fern Lodge"),
    ],
)
def test_a_name_ends_where_the_sort_of_service_begins(text, expected):
    judge = INSPECTORATES.named("care-inspectorate")
    blocks = (
        Block(kind=BlockKind.HEADING, text="Inspectionreport"),
        Block(kind=BlockKind.PARAGRAPH, text=text),
    )

    assert [n.name for n in cast_of(blocks, Register(), judge.bodies, judge).all] == [expected]


def test_a_garbled_name_that_stands_whole_as_well_is_one_body():
    told = "Norfolkolk University Hospitals NHS Foundation Trust. Norfolk University Hospitals NHS Foundation Trust was seen."

    assert [n.name for n in troupe("cqc", told).all] == ["Norfolk University Hospitals NHS Foundation Trust"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Two hospices in south west London have been rated good by the CQC.", []),
        ("Lincolnshire Community Health Services NHS Trust is good.", ["Lincolnshire Community Health Services NHS Trust"]),
        ("Woodspeen Care, which has a base in Mill Street, Huddersfield, has been rated good by the CQC.", ["Woodspeen Care"]),
    ],
)  # fmt: skip
def test_a_town_alone_is_no_body_and_an_aside_does_not_separate_a_name_from_its_rating(text, names):
    assert [n.name for n in troupe("cqc", text).all] == names


def test_a_page_that_rates_its_heading_is_on_that_body():
    blocks = (
        Block(kind=BlockKind.HEADING, text="Urgent Care Service"),
        Block(kind=BlockKind.PARAGRAPH, text="Overall: Good"),
        Block(kind=BlockKind.PARAGRAPH, text="St Mary's Hospital, Park Road, PO30 5TG"),
    )
    judge = INSPECTORATES.named("cqc")

    assert "Urgent Care Service" in [n.name for n in cast_of(blocks, Register(), judge.bodies, judge).all]
